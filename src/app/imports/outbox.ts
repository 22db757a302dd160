// After the changes of an import are committed, others are told in small transactions: clearance is recomputed under
// the terminals' locks, and the gates are told under the journal's. One transaction for both would hold the journal's
// head, which every commit needs, for as long as 100,000 terminals take. Until it is published a new terminal sells
// nothing.
import { randomUUID } from 'node:crypto'
import { systemActor } from '../../domain/authority.ts'
import { sqlState, type Tx } from '../../store/db.ts'
import {
  countOwed,
  noteLastTransactions,
  publishTerminals,
  takeOwed,
  type Kind,
  type Owed,
} from '../../store/imports-outbox.ts'
import type { App } from '../app.ts'
import { cleared_terminals_max, published_terminals_max } from './bounds.ts'
import { recomputeClearance } from './clearance.ts'
import type { Pace } from './importer.ts'

type Chunk = (tx: Tx, provider: string, owed: readonly Owed[]) => Promise<void>

/** Does everything owed, clearance before gates: a closed terminal that cleared is published with what it became. */
export async function tellOthers(app: App, pace: Pace): Promise<void> {
  const count = await app.db.transaction('*', countOwed, { readOnly: true })
  let told = 0
  const drain = async (kind: Kind, most: number, chunk: Chunk): Promise<void> => {
    for (const { id: provider } of app.providers()) {
      for (let after = ''; ; ) {
        const owed = await patiently(() =>
          app.db.transaction('*', async (tx) => {
            const taken = await takeOwed(tx, kind, provider, after, most)
            if (taken.length > 0) await chunk(tx, provider, taken)
            return taken
          }),
        )
        if (owed.length === 0) break
        // Cases and terminals that have something to do now are looked at now, and the gates pull.
        app.stirred(app.clock.now())
        after = owed.at(-1)!.tid
        told += owed.length
        await pace(Math.min(1, told / count))
      }
    }
  }
  await drain('clearance', cleared_terminals_max, async (tx, _, owed) => {
    await recomputeClearance(
      app,
      tx,
      owed.map((o) => o.tid),
    )
    await noteLastTransactions(tx, owed, app.clock.now())
  })
  await drain('publish', published_terminals_max, (tx, provider, owed) =>
    publishTerminals(
      tx,
      provider,
      owed.map((o) => o.tid),
      publishedBody(app, owed.length),
    ),
  )
}

/** As execute.ts writes its rows; the terminals are named beside the body. */
const publishedBody = (app: App, terminals: number): string => {
  const { person, account, role, party, via } = systemActor
  return JSON.stringify({
    at: new Date(app.clock.now()).toISOString(),
    id: randomUUID(),
    actor: { person, account, role, party: `${party.kind}:${party.id}`, via },
    command: 'publish',
    input: { terminals },
    outcome: 'accepted',
    facts: [],
  })
}

const attempts_max = 5

/** Somebody may hold one of many terminals for a while, or come the other way. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await work()
    } catch (error) {
      const passes = ['40P01', '40001', '55P03'].includes(sqlState(error) ?? '')
      if (!passes || n === attempts_max) throw error
    }
  }
}
