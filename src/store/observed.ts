// What gates reported: read in their order, and marked as taken in the transaction that does what it asks for, so that each
// counts once however often a program dies. Transactions and attempts come in masses and are merged as sets.
import type { TransactionClass } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'
import { follows, usingClasses } from './transactions.ts'

export type Report = {
  gate: string
  ordinal: number
  kind: string
  at: number
  tid: string | null
  provider: string | null
  mid: string | null
  body: Record<string, unknown>
}

/** Gates that have something to be taken. */
export const waitingGates = async (tx: Tx): Promise<string[]> =>
  (await tx.many<{ id: string }>('select id from gate g where exists (select from gate_report r where r.gate = g.id and r.taken_at is null) order by id')).map((g) => g.id)

export const waitingReports = (tx: Tx, gate: string, count_max: number): Promise<Report[]> =>
  tx.many<Report>(
    'select gate, ordinal, kind, at, tid, provider, mid, body from gate_report where gate = $1 and taken_at is null order by ordinal limit $2', [gate, count_max],
  )

/** Marks reports as taken; answers those that nobody had taken before. */
export const takeReports = async (tx: Tx, gate: string, ordinals: readonly number[], now: number): Promise<Set<number>> =>
  new Set((await tx.many<{ ordinal: number }>(
    'update gate_report set taken_at = $3 where gate = $1 and ordinal = any($2) and taken_at is null returning ordinal', [gate, ordinals, instantParam(now)],
  )).map((r) => r.ordinal))

export const merchantOf = async (tx: Tx, tid: string): Promise<string | undefined> =>
  (await tx.one<{ mid: string }>('select mid from terminal where tid = $1', [tid]))?.mid

// ── Attempts ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type AttemptCount = { tid: string; day: string; class: string; provider: string; mid: string; count: number; first_at: string; last_at: string }

/** The stop a terminal is under: since when, or since when it is closed. */
const stopSql = (tid: string, now: string): string => `(select coalesce(min(h.effective_from), (select t.closed_at from terminal t where t.tid = ${tid}))
  from hold h where h.tid = ${tid} and h.effective_from <= ${now} and h.lifted_at is null and h.withdrawn_at is null)`

/**
 * Adds to what was counted. A line of which people have heard since the stop began stays told; under a later stop of the same
 * day it is to be told anew.
 */
export const countAttempts = (tx: Tx, rows: readonly AttemptCount[], now: number): Promise<number> =>
  tx.run(
    `insert into gate_attempt (tid, day, class, provider, mid, count, first_at, last_at, told_at)
     select r.tid, r.day, r.class, r.provider, r.mid, r.count, r.first_at, r.last_at,
       (select max(a.told_at) from gate_attempt a where a.tid = r.tid and a.day = r.day and a.told_at >= ${stopSql('r.tid', '$2::timestamptz')})
     from jsonb_to_recordset($1) r(tid text, day date, class text, provider text, mid text, count integer, first_at timestamptz, last_at timestamptz)
     order by r.tid, r.day, r.class
     on conflict (tid, day, class) do update set count = gate_attempt.count + excluded.count, first_at = least(gate_attempt.first_at, excluded.first_at),
       last_at = greatest(gate_attempt.last_at, excluded.last_at), told_at = excluded.told_at`,
    [JSON.stringify(rows), instantParam(now)],
  )

export type Untold = { tid: string; day: string; provider: string; mid: string }
/** Terminals and days of whose attempts nobody has heard yet. */
export const untoldAttempts = (tx: Tx, since: string, count_max: number): Promise<Untold[]> =>
  tx.many<Untold>(
    'select distinct tid, day, provider, mid from gate_attempt where told_at is null and day >= $1 order by day, tid limit $2', [since, count_max],
  )

export type ToldAttempt = { class: TransactionClass; count: number; first_at: number; stopped: number | null }
/** Marks the attempts of a terminal and day as told; answers them, the first made first, with the stop they ran into. */
export const tellAttempts = async (tx: Tx, tid: string, day: string, now: number): Promise<ToldAttempt[]> =>
  (await tx.many<ToldAttempt>(
    `update gate_attempt set told_at = $3 where tid = $1 and day = $2 and told_at is null
     returning class, count, first_at, ${stopSql('$1', '$3::timestamptz')} as stopped`, [tid, day, instantParam(now)],
  )).toSorted((a, b) => a.first_at - b.first_at)

// ── Transactions ────────────────────────────────────────────────────────────────────────────────────────────────────
export type ObservedTransaction = {
  ordinal: number; tid: string; mid: string; batch: string; trace: string; reference: string; class: string; amount_fen: number; at: string
  card_kind: string | null; card_masked: string | null; auth_code: string | null; status: string
}
export type ObservedSettlement = { tid: string; batch: string; at: string; settled_on: string }

/**
 * Merges what gates saw: the last word on each counts, as long as no file has told of it. Whose clearance it may have changed
 * is written down beside it, as an import does.
 */
export const mergeObserved = (tx: Tx, rows: readonly ObservedTransaction[]): Promise<number> =>
  tx.run(
    `with s as (
       select distinct on (tid, batch, trace, reference, class) * from jsonb_to_recordset($1) s(ordinal bigint, tid text, mid text, batch text, trace text,
         reference text, class text, amount_fen bigint, at timestamptz, card_kind text, card_masked text, auth_code text, status text)
       order by tid, batch, trace, reference, class, ordinal desc),
     merged as (
       insert into transaction as x (tid, mid, provider, batch, trace, reference, class, amount_fen, at, card_kind, card_masked, auth_code, status, observed)
       select s.tid, t.mid, t.provider, s.batch, s.trace, s.reference, s.class, s.amount_fen, s.at, s.card_kind, s.card_masked, s.auth_code, s.status, true
       from s join terminal t on t.tid = s.tid and t.mid = s.mid
       on conflict (tid, batch, trace, reference, class) do update set status = excluded.status, card_kind = coalesce(x.card_kind, excluded.card_kind),
         card_masked = coalesce(x.card_masked, excluded.card_masked), auth_code = coalesce(excluded.auth_code, x.auth_code)
       where x.observed and x.amount_fen = excluded.amount_fen and ${follows('x', 'excluded')}
       returning x.tid, x.provider, x.at, x.class, x.status)
     insert into import_outbox (kind, tid, provider, at)
     select 'clearance', tid, provider, max(at) filter (where status in ('approved', 'disputed') and class in ${usingClasses}) from merged group by tid, provider
     on conflict (kind, provider, tid) do update set at = greatest(import_outbox.at, excluded.at)`, [JSON.stringify(rows)],
  )

/** A batch closed in balance settles what gates saw of it up to then, until a file tells better. */
export const settleObserved = (tx: Tx, rows: readonly ObservedSettlement[]): Promise<number> =>
  tx.run(
    `with settled as (
       update transaction x set settled_on = s.settled_on from jsonb_to_recordset($1) s(tid text, batch text, at timestamptz, settled_on date)
       where x.tid = s.tid and x.batch = s.batch and x.observed and x.settled_on is null and x.status = 'approved' and x.at <= s.at
       returning x.tid, x.provider)
     insert into import_outbox (kind, tid, provider) select distinct 'clearance', tid, provider from settled on conflict (kind, provider, tid) do nothing`,
    [JSON.stringify(rows)],
  )

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type AttemptRow = { tid: string; mid: string; provider: string; day: string; class: TransactionClass; count: number; first_at: number; last_at: number; told_at: number | null }
export type AttemptsAsked = { terminal?: string | undefined; provider?: string | undefined; merchant?: string | undefined; since?: string | undefined }
export type AttemptPlace = { day: string; tid: string; class: string }

/** Attempts the looker may see, newest day first. */
export function listAttempts(tx: Tx, asked: AttemptsAsked, after: AttemptPlace | undefined, count_max: number): Promise<AttemptRow[]> {
  const { sql, values } = attemptsWhere(tx, asked)
  if (after) {
    values.push(after.day, after.tid, after.class)
    const [d, t, c] = [values.length - 2, values.length - 1, values.length]
    sql.push(`day <= $${d}::date and (day < $${d}::date or (tid, class) > ($${t}, $${c}))`)
  }
  values.push(count_max)
  return tx.many<AttemptRow>(
    `select tid, mid, provider, day, class, count, first_at, last_at, told_at from gate_attempt where ${sql.join(' and ')}
     order by day desc, tid, class limit $${values.length}`, values,
  )
}

export async function countAttemptRows(tx: Tx, asked: AttemptsAsked, most: number): Promise<number> {
  const { sql, values } = attemptsWhere(tx, asked)
  return (await tx.one<{ n: number }>(
    `select count(*)::int as n from (select from gate_attempt where ${sql.join(' and ')} limit $${values.length + 1}) c`, [...values, most],
  ))!.n
}

function attemptsWhere(tx: Tx, { terminal, provider, merchant, since }: AttemptsAsked): { sql: string[]; values: unknown[] } {
  const values: unknown[] = []
  const sql = ['true']
  const add = (condition: string, value: string | undefined): void => {
    if (value === undefined) return
    values.push(value)
    sql.push(condition.replace('$', `$${values.length}`))
  }
  // Said beside row level security, so that the party's index is found.
  if (tx.scope !== '*') add(tx.scope.startsWith('p:') ? 'provider = $' : 'mid = $', tx.scope.slice(2))
  add('tid = $', terminal)
  add('provider = $', provider)
  add('mid = $', merchant)
  add('day >= $::date', since)
  return { sql, values }
}

/** Reports taken, and minutes, older than this are not needed any more. */
export const forgetReports = async (tx: Tx, takenBefore: number, minutesBefore: number, count_max: number): Promise<void> => {
  await tx.run(
    'delete from gate_report where (gate, ordinal) in (select gate, ordinal from gate_report where taken_at < $1 order by taken_at limit $2)',
    [instantParam(takenBefore), count_max],
  )
  await tx.run('delete from gate_minute where (gate, at) in (select gate, at from gate_minute where at < $1 order by at limit $2)', [instantParam(minutesBefore), count_max])
}
