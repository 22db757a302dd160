// Running fees, month by month: once a day whatever month has ended and is not posted yet is posted from the stored history of
// each terminal, and whatever was posted from a history that changed since – a hold that began late, a date put right, a
// contract from the past – is counted anew: what differs is taken back by a reversal and posted again, never edited. Doing it
// twice does nothing the second time. A terminal's account begins with the month in which it is first seen here.
import { systemActor } from '../../domain/authority.ts'
import { accrualId } from '../../domain/application/fees.ts'
import { addDays, addMonths, dateOf } from '../../domain/calendar.ts'
import { accountOf, chargeEntry, chargesOf, historyOf, nextMonth, type ChargeKind, type ChargeLine } from '../../domain/charges.ts'
import type { Schedule } from '../../domain/contract.ts'
import { effectOn, reversalOf, type Entry } from '../../domain/ledger.ts'
import { refuse } from '../../domain/refusals.ts'
import { parseInstant, type Tx } from '../../store/db.ts'
import { casesOnMoney, readRunningFees } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { execute, type Outcome } from '../execute.ts'
import { schedulesOf } from './contracts.ts'

/** Terminals counted in one transaction. */
const accrual_batch_max = 500
/** Any constant: one program counts at a time. */
const accrual_lock_id = 7_464_770_007
/** The month through which a terminal is done that no longer costs anything. */
const for_good = '9999-12'

const monthBefore = (date: string): string => addMonths(`${date.slice(0, 7)}-01`, -1).slice(0, 7)

type Row = {
  tid: string; mid: string; version: number; from_month: string; through_month: string; installed_at: number; closed_at: number | null; closing_at: number | null
  stops: { from: string; to: string | null }[]
}

/**
 * Terminals that are behind, or were counted from what has changed since. A closure ends the fees with the day on which it
 * begins, however long it takes; while it is under way the terminal is looked at every day.
 */
const dueSql = `
  select a.tid, a.mid, t.version, a.from_month, a.through_month, t.installed_at, t.closed_at,
    (select min(c.begun_at) from application_terminal x join application c using (no)
     where x.tid = a.tid and x.result <> 'withdrawn' and c.kind = 'close' and c.state in ('in_progress', 'completed')) as closing_at,
    (select coalesce(json_agg(json_build_object('from', h.effective_from, 'to', h.lifted_at)), '[]') from hold h
     where h.tid = a.tid and h.effect = 'stop' and h.started_at is not null) as stops
  from accrual a join terminal t using (tid)
  where a.provider = $1 and t.installed_at is not null
    and (a.through_month < $2 or a.version <> t.version or (a.through_month > $2 and a.through_month <> '${for_good}')) and a.tid > $3
  order by a.tid limit $4`

/** What one terminal should have been charged in the months that are over, its end included. */
function wanted(row: Row, schedule: Schedule, lastMonth: string, zone: string): { lines: ChargeLine[]; through: string } {
  const on = (at: number): string => dateOf(at, zone)
  const firstOver = `${nextMonth(lastMonth)}-01`
  const closingOn = row.closing_at === null ? undefined : on(row.closing_at)
  const until = closingOn === undefined ? firstOver : addDays(closingOn, 1)
  const history = historyOf({
    installedAt: row.installed_at, closedAt: row.closed_at ?? undefined,
    stops: row.stops.map((s) => ({ from: parseInstant(s.from), to: s.to === null ? undefined : parseInstant(s.to) })),
  }, until, on)
  const lines = chargesOf(history, schedule, { from: `${row.from_month}-01`, to: until }).filter((l) => l.fen > 0)
  const isOver = row.closed_at !== null && on(row.closed_at) < firstOver
  return { lines, through: isOver ? for_good : closingOn !== undefined && closingOn.slice(0, 7) > lastMonth ? closingOn.slice(0, 7) : lastMonth }
}

const kindOf = (entry: Entry): ChargeKind | undefined =>
  (['service', 'suspended', 'data', 'annual'] as const).find((kind) => effectOn(entry, accountOf(kind)) > 0)

/** Entries that make what stands into what should: what agrees is left alone. */
export function corrections(
  row: { tid: string; mid: string; provider: string }, lines: readonly ChargeLine[], standing: readonly Entry[], used: readonly string[], at: number,
): Entry[] {
  const same = (e: Entry, l: ChargeLine): boolean =>
    kindOf(e) === l.kind && e.month === l.month && effectOn(e, 'receivable') === l.fen && e.id.split('/')[2] === l.from && e.formula?.[0] === l.formula[0]
  const left = standing.filter((e) => kindOf(e) !== undefined)
  const missing = lines.filter((l) => {
    const i = left.findIndex((e) => same(e, l))
    if (i !== -1) left.splice(i, 1)
    return i === -1
  })
  return [
    ...left.map((e) => reversalOf(e, at)),
    ...missing.flatMap((l) => {
      const revision = used.filter((id) => id.startsWith(`${l.kind}/${row.tid}/${l.from}/`)).length + 1
      return chargeEntry(l, row, accrualId(l, row.tid, revision), at)
    }),
  ]
}

/** Posts and puts right what is due of all providers; how many entries that took. */
export async function accrue(app: App): Promise<number> {
  let posted = 0
  for (const { id } of app.providers()) {
    await openAccounts(app, id)
    for (let after: string | undefined = ''; after !== undefined; ) {
      const done: { posted: number; last: string | undefined } = await batch(app, id, after)
      posted += done.posted
      after = done.last
    }
  }
  return posted
}

/** Terminals nobody counted yet: their account begins with this month. */
const openAccounts = (app: App, provider: string): Promise<void> => app.db.transaction('*', async (tx) => {
  const before = monthBefore(dateOf(app.clock.now(), app.zone))
  await tx.run(
    `insert into accrual (tid, provider, mid, from_month, through_month, version)
     select t.tid, t.provider, t.mid, $2, $3, t.version from terminal t
     where t.provider = $1 and t.installed_at is not null and t.closed_at is null and not exists (select from accrual a where a.tid = t.tid)
     on conflict do nothing`, [provider, nextMonth(before), before],
  )
})

async function batch(app: App, provider: string, after: string): Promise<{ posted: number; last: string | undefined }> {
  let told: { posted: number; last: string | undefined } = { posted: 0, last: undefined }
  await execute(app, { actor: systemActor }, {
    command: 'accrue',
    input: { provider, after },
    quiet: true,
    refusal: () => ({ status: 409, body: '', headers: {} }),
    async lock(tx) {
      const mine = await tx.one<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [accrual_lock_id])
      return mine!.locked ? undefined : refuse('still_running')
    },
    async decide(tx, now) {
      const { rows, entries } = await due(app, tx, provider, after, now)
      told = { posted: entries.length, last: rows.length === accrual_batch_max ? rows.at(-1)!.tid : undefined }
      const poke = entries.length === 0 ? [] : await casesOnMoney(tx, [...new Set(entries.map((e) => e.mid))].map((mid) => ({ mid, provider })))
      const isBack = (e: Entry): boolean => e.kind === 'reversal'
      const outcome: Outcome = {
        changes: entries.length === 0 ? undefined : { provider, mid: '', entries, poke }, before: undefined, provider, mid: undefined, tids: [],
        facts: entries.length === 0 ? [] : [{
          fact: 'accrued', at: now, terminals: new Set(entries.map((e) => e.tid)).size, charges: entries.filter((e) => !isBack(e)).length,
          takenBack: entries.filter(isBack).length, fen: entries.reduce((sum, e) => sum + effectOn(e, 'receivable'), 0),
        }],
        reply: { status: 204, body: '', headers: {} },
      }
      return outcome
    },
  })
  return told
}

async function due(app: App, tx: Tx, provider: string, after: string, now: number): Promise<{ rows: Row[]; entries: Entry[] }> {
  const today = dateOf(now, app.zone)
  const lastMonth = monthBefore(today)
  const rows = await tx.many<Row>(dueSql, [provider, lastMonth, after, accrual_batch_max])
  if (rows.length === 0) return { rows, entries: [] }
  const from = rows.map((r) => r.from_month).toSorted()[0]!
  const schedule = await schedulesOf(app, tx, provider, [...new Set(rows.map((r) => r.mid))], `${from}-01`, addDays(today, 1))
  const fees = await readRunningFees(tx, rows.map((r) => r.tid), from)
  const standing = Map.groupBy(fees.standing, (e) => e.tid)
  const used = Map.groupBy(fees.used, (id) => id.split('/')[1])
  const counted = rows.map((row) => {
    const { lines, through } = wanted(row, schedule(row.mid), lastMonth, app.zone)
    return { row, through, entries: corrections({ tid: row.tid, mid: row.mid, provider }, lines, standing.get(row.tid) ?? [], used.get(row.tid) ?? [], now) }
  })
  await tx.run(
    `update accrual a set through_month = x.through, version = x.version from unnest($1::text[], $2::text[], $3::int[]) x(tid, through, version) where a.tid = x.tid`,
    [counted.map((c) => c.row.tid), counted.map((c) => c.through), counted.map((c) => c.row.version)],
  )
  return { rows, entries: counted.flatMap((c) => c.entries) }
}
