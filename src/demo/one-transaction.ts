// The program in miniature inside one database transaction: the demo's whole past is lived through real commands, and either
// all of it is there afterwards or none. Each command's own transaction becomes a savepoint; they take turns, because there
// is one connection. The clock is a manual one that walks from the past to now; no gate exists yet that a stop would have to
// wait for, so that every stop is known to all of them at once.
import type { App } from '../app/app.ts'
import type { ManualClock } from '../app/clock.ts'
import { policySchema } from '../domain/policy.ts'
import { Rollback, type Db, type Scope, type Tx } from '../store/db.ts'
import { demoProviders } from './policies.ts'

/** Runs what it is given one after another, in the order of asking. */
export function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

const everyGate_known_since = 0

export function pastApp(app: App, tx: Tx, clock: ManualClock): App {
  const providers = demoProviders.map(({ id, name, nameEn, prefix, hotline, hotlineHours, licenceNo }) => ({
    id,
    name,
    nameEn,
    prefix,
    hotline,
    hotlineHours,
    licenceNo,
  }))
  const inForce = new Map(demoProviders.map((p) => [p.id, { policy: policySchema.parse(p.policy), version: 1 }]))
  const known = <T>(found: T | undefined): T => {
    if (found === undefined) throw new Error('no such provider in the demo')
    return found
  }
  return {
    ...app,
    db: savepoints(app.db, tx),
    clock,
    providers: () => providers,
    provider: (id) => known(providers.find((p) => p.id === id)),
    policyAt: (id) => known(inForce.get(id)),
    policyVersion: (id) => known(inForce.get(id)),
    reload: async () => {},
    // Asked for in the middle of a command, whose turn it is.
    nextSerial: async (provider, series, day) =>
      known(
        await tx.one<{ last: number }>(
          `insert into case_counter values ($1, $2, $3, 1)
       on conflict (provider, series, day) do update set last = case_counter.last + 1 returning last`,
          [provider, series, day],
        ),
      ).last,
    gatesKnowAt: () => everyGate_known_since,
    stirred() {},
    onStir: () => () => {},
  }
}

function savepoints(db: Db, tx: Tx): Db {
  const { client } = tx
  const turn = turns()
  let looking: Scope = tx.scope
  const look = async (scope: Scope, before = ''): Promise<void> => {
    const set = scope === looking ? '' : `set local tingqi.scope = '${scope}'`
    if (before + set !== '') await client.query(`${before}${set}`)
    looking = scope
  }
  return {
    url: db.url,
    pool: db.pool,
    transaction: (scope, work, { readOnly = false } = {}) =>
      turn(async () => {
        if (readOnly) {
          await look(scope)
          return work({ ...tx, scope })
        }
        const outside = looking
        await look(scope, 'savepoint command; ')
        try {
          const value = await work({ ...tx, scope })
          await client.query('release savepoint command')
          return value
        } catch (error) {
          await client.query('rollback to savepoint command; release savepoint command')
          looking = outside
          if (error instanceof Rollback) return error.value as never
          throw error
        }
      }),
    close: async () => {},
  }
}
