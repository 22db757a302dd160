// Runs as rows, and what one run changes: a whole set of breaks against the set that is stored, in one transaction.
import type { SettlementRunState } from '../domain/vocabulary.ts'
import type { ImportActor } from './imports.ts'
import { instantParam, type Tx } from './db.ts'

export type RunResult = {
  rows: { slips: number; unionpay: number; bank: number }
  matched: number
  matchedFen: number
  pending: number
  breaks: number
  breaksLeftOut: number
  found: number
  changed: number
  resolved: number
  files: { id: string; fileName: string }[]
}
export type StoredRun = {
  id: string
  provider: string | undefined
  from: string | undefined
  to: string | undefined
  cause: 'asked' | 'file'
  state: SettlementRunState
  progress: number
  stopRequested: boolean
  actor: ImportActor
  createdAt: number
  begunAt: number | undefined
  appliedAt: number | undefined
  endedAt: number | undefined
  result: RunResult | undefined
}

const columns = `id, provider, day_from::text as "from", day_to::text as "to", cause, state, progress, stop_requested as "stopRequested", actor,
  created_at as "createdAt", begun_at as "begunAt", applied_at as "appliedAt", ended_at as "endedAt", result`
type Nulls<T> = { [K in keyof T]: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] }
const runOf = (r: Nulls<StoredRun>): StoredRun => ({
  ...r, provider: r.provider ?? undefined, from: r.from ?? undefined, to: r.to ?? undefined, begunAt: r.begunAt ?? undefined,
  appliedAt: r.appliedAt ?? undefined, endedAt: r.endedAt ?? undefined, result: r.result ?? undefined,
})

export const insertRun = (tx: Tx, r: StoredRun): Promise<number> =>
  tx.run(
    `insert into settlement_run (id, provider, day_from, day_to, cause, state, actor, requested_by, created_at)
     values ($1, $2, $3, $4, 'asked', 'queued', $5, $6, $7)`,
    [r.id, r.provider ?? null, r.from ?? null, r.to ?? null, JSON.stringify(r.actor), r.actor.person, instantParam(r.createdAt)],
  )

/** A file was taken: its days are matched soon, together with those of other files that wait. */
export const queueRunForFile = (
  tx: Tx, id: string, { provider, from, to, actor, now }: { provider: string | undefined; from: string; to: string; actor: ImportActor; now: number },
): Promise<number> =>
  tx.run(
    `insert into settlement_run (id, provider, day_from, day_to, cause, state, actor, requested_by, created_at)
     values ($1, $2, $3, $4, 'file', 'queued', $5, $6, $7)
     on conflict (coalesce(provider, '*')) where state = 'queued' and cause = 'file'
       do update set day_from = least(settlement_run.day_from, excluded.day_from), day_to = greatest(settlement_run.day_to, excluded.day_to)`,
    [id, provider ?? null, from, to, JSON.stringify(actor), actor.person, instantParam(now)],
  )

/** One that waits because of a file, and looks at no more than this one will, has nothing left to do. */
export const absorbWaiting = (tx: Tx, r: StoredRun, now: number): Promise<number> =>
  tx.run(
    `update settlement_run set state = 'stopped', ended_at = $4 where state = 'queued' and cause = 'file'
       and ($1::text is null or provider = $1) and ($2::date is null or day_from >= $2) and ($3::date is null or day_to <= $3)`,
    [r.provider ?? null, r.from ?? null, r.to ?? null, instantParam(now)],
  )

const one = (lock: string) => async (tx: Tx, id: string): Promise<StoredRun | undefined> => {
  const row = await tx.one<Nulls<StoredRun>>(`select ${columns} from settlement_run where id = $1${lock}`, [id])
  return row && runOf(row)
}
export const readRun = one('')
export const lockRun = one(' for update')

/** Not ended, oldest first. */
export const unfinishedRuns = async (tx: Tx): Promise<StoredRun[]> =>
  (await tx.many<Nulls<StoredRun>>(`select ${columns} from settlement_run where ended_at is null order by created_at, id`)).map(runOf)

/** Whether files are being taken in that a run would have to be run again for. */
export const filesUnderWay = async (tx: Tx): Promise<boolean> =>
  (await tx.one(`select from import where ended_at is null and kind in ('slips', 'unionpay', 'bank', 'settlement') limit 1`)) !== undefined

export async function listRuns(tx: Tx, before: { at: number; id: string } | undefined, limit: number): Promise<StoredRun[]> {
  const rows = await tx.many<Nulls<StoredRun>>(
    `select ${columns} from settlement_run where $1::timestamptz is null or (created_at, id) < ($1, $2::uuid) order by created_at desc, id desc limit $3`,
    [instantParam(before?.at), before?.id ?? null, limit],
  )
  return rows.map(runOf)
}
export const countRuns = async (tx: Tx, most: number): Promise<number> =>
  (await tx.one<{ count: number }>('select count(*) as count from (select from settlement_run limit $1) x', [most + 1]))!.count

/** Writes down how far it is, never back; answers whether somebody asked for a stop. */
export const noteRun = async (tx: Tx, id: string, state: SettlementRunState, progress: number, now: number): Promise<boolean> =>
  (await tx.one<{ stop: boolean }>(
    `update settlement_run set state = $2, progress = greatest(progress, $3), begun_at = coalesce(begun_at, $4)
     where id = $1 and ended_at is null returning stop_requested as stop`,
    [id, state, progress, instantParam(now)],
  ))?.stop ?? true

/** In the transaction of its changes: after it a run cannot be stopped. False where a stop came first. */
export const markRunApplied = async (tx: Tx, id: string, result: RunResult, now: number): Promise<boolean> =>
  (await tx.run(
    `update settlement_run set state = 'applying', applied_at = $3, result = $2 where id = $1 and ended_at is null and not stop_requested`,
    [id, JSON.stringify(result), instantParam(now)],
  )) === 1

export const endRun = (tx: Tx, id: string, state: 'done' | 'stopped' | 'failed', now: number): Promise<number> =>
  tx.run(
    `update settlement_run set state = $2, ended_at = $3, progress = case when $2 = 'done' then 1 else progress end where id = $1 and ended_at is null`,
    [id, state, instantParam(now)],
  )

/** One that has not begun is stopped by that. */
export const requestRunStop = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run(
    `update settlement_run set stop_requested = true, state = case when state = 'queued' then 'stopped' else state end,
       ended_at = case when state = 'queued' then $2::timestamptz end where id = $1`,
    [id, instantParam(now)],
  )

// ── What matching is given ──────────────────────────────────────────────────────────────────────────────────────────
export type Registered = { mid: string; name: string; mcc: string; tids: string[] }

/** The provider's merchants these files speak of, with all their terminals there, also closed ones. */
export const registerOf = (tx: Tx, provider: string, files: readonly string[]): Promise<Registered[]> =>
  tx.many<Registered>(
    `select m.mid, m.name, m.mcc, coalesce(array_agg(t.tid order by t.tid) filter (where t.tid is not null), '{}') as tids
     from merchant m left join terminal t on t.mid = m.mid and t.provider = $1
     where m.mid in (select mid from settlement_part where file = any($2) and provider = $1) group by m.mid`,
    [provider, files],
  )

/**
 * What each merchant agreed on with the provider, as in force on a day; where nothing was agreed by then, what was agreed
 * first after it.
 */
export const ratesOf = (tx: Tx, provider: string, mids: readonly string[], day: string): Promise<{ mid: string; rates: { card: 'credit' | 'debit' | 'qr'; ppm: number; capFen?: number }[] }[]> =>
  tx.many(
    `select distinct on (c.mid) c.mid, c.document -> 'rates' as rates from contract c
     where c.provider = $1 and c.mid = any($2) and c.document ? 'rates'
     order by c.mid, c.effective_from > $3, case when c.effective_from <= $3 then c.effective_from end desc, c.effective_from, c.version desc`,
    [provider, mids, day],
  )

// ── What a run changes ──────────────────────────────────────────────────────────────────────────────────────────────
export type FoundBreak = {
  id: string
  provider: string
  mid: string
  tid: string | null
  kind: string
  reference: string | null
  settledOn: string
  amountFen: number
  content: object
}
export type FoundDay = { provider: string; mid: string; settledOn: string; unionpayFen: number | null; bankFen: number | null; state: string }

/** What matching found goes beside what is stored. */
export async function stageFound(tx: Tx, breaks: readonly FoundBreak[], days: readonly FoundDay[]): Promise<void> {
  await tx.client.query(
    `create temp table found_break (id text primary key, provider text, mid text, tid text, kind text, reference text, settled_on date, amount_fen bigint,
       content jsonb) on commit drop`,
  )
  await tx.client.query('create temp table found_day (provider text, mid text, settled_on date, unionpay_fen bigint, bank_fen bigint, state text) on commit drop')
  for (const rows of chunks(breaks))
    await tx.client.query(
      `insert into found_break select x.id, x.provider, x.mid, x.tid, x.kind, x.reference, x."settledOn", x."amountFen", x.content
       from jsonb_to_recordset($1) x(id text, provider text, mid text, tid text, kind text, reference text, "settledOn" date, "amountFen" bigint, content jsonb)
       -- A merchant may have terminals of two providers: what is booked per merchant is told by both.
       on conflict do nothing`,
      [JSON.stringify(rows)],
    )
  for (const rows of chunks(days))
    await tx.client.query(
      `insert into found_day select x.provider, x.mid, x."settledOn", x."unionpayFen", x."bankFen", x.state
       from jsonb_to_recordset($1) x(provider text, mid text, "settledOn" date, "unionpayFen" bigint, "bankFen" bigint, state text)`,
      [JSON.stringify(rows)],
    )
  for (const table of ['found_break', 'found_day']) await tx.client.query(`analyze ${table}`)
}
const rows_per_statement = 5_000
function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += rows_per_statement) yield all.slice(at, at + rows_per_statement)
}

/** What is compared between runs: where in which file a record stood may change without the break changing. */
const substance = (content: string): string =>
  `(${content} #- '{slip,file}' #- '{slip,line}' #- '{unionpay,file}' #- '{unionpay,line}' #- '{bank,file}' #- '{bank,line}')`
const isDifferent = `(b.amount_fen, ${substance('b.content')}) is distinct from (f.amount_fen, ${substance('f.content')})`

export type Scope = { run: string; provider: string | undefined; from: string | undefined; to: string | undefined; files: readonly string[]; now: number }
export type Applied = { found: number; changed: number; resolved: number; standing: number }

/**
 * Puts what was found in the place of what is stored: new breaks are opened, those that changed lose an acceptance that was
 * about something else, and those not found any more are resolved – by the newest file about their merchant. What is the same
 * stays untouched, with all that people did about it.
 */
export async function applyFound(tx: Tx, s: Scope, dueAt: Readonly<Record<string, number>>, isWhole: boolean): Promise<Applied> {
  const at = instantParam(s.now)
  const query = async (sql: string, params: readonly unknown[]): Promise<number> => (await tx.client.query(sql, params as unknown[])).rowCount ?? 0
  await tx.client.query('create temp table touched_break (id text, event text, file uuid) on commit drop')
  // Locked in one order, whoever else works on them.
  await query(
    `select id from settlement_break b where b.id in (select id from found_break) or (b.state <> 'resolved' and ($1::text is null or b.provider = $1)
       and ($2::date is null or b.settled_on >= $2) and ($3::date is null or b.settled_on <= $3)) order by id for update`,
    [s.provider ?? null, s.from ?? null, s.to ?? null],
  )
  const found = await query(
    `with i as (insert into settlement_break (id, provider, mid, tid, kind, reference, settled_on, amount_fen, content, state, due_at, found_at, run)
       select id, provider, mid, tid, kind, reference, settled_on, amount_fen, content, 'open', to_timestamp(($3::jsonb ->> provider)::float8 / 1000), $1, $2
       from found_break f where not exists (select from settlement_break b where b.id = f.id) returning id)
     insert into touched_break select id, 'found' from i`,
    [at, s.run, JSON.stringify(dueAt)],
  )
  const again = await query(
    `with u as (update settlement_break b set state = 'open', resolved_at = null, resolved_by = null, proposed_by = null, proposed_at = null, accepted_by = null,
         accepted_at = null, found_at = $1, run = $2, amount_fen = f.amount_fen, content = f.content, version = b.version + 1,
         due_at = to_timestamp(($3::jsonb ->> b.provider)::float8 / 1000)
       from found_break f where f.id = b.id and b.state = 'resolved' returning b.id)
     insert into touched_break select id, 'found' from u`,
    [at, s.run, JSON.stringify(dueAt)],
  )
  const changed = await query(
    `with u as (update settlement_break b set state = 'open', proposed_by = null, proposed_at = null, accepted_by = null, accepted_at = null,
         amount_fen = f.amount_fen, content = f.content, version = b.version + 1
       from found_break f where f.id = b.id and b.state <> 'resolved' and ${isDifferent}
         and not exists (select from touched_break t where t.id = b.id) returning b.id)
     insert into touched_break select id, 'changed' from u`,
    [],
  )
  // The same break, told in another line or by a corrected file: shown where it stands now.
  await query('update settlement_break b set content = f.content from found_break f where f.id = b.id and b.content <> f.content', [])
  const resolved = !isWhole ? 0 : await query(
    `with u as (update settlement_break b set state = 'resolved', resolved_at = $1, proposed_by = null, proposed_at = null, version = b.version + 1,
         resolved_by = (select f.id from settlement_file f where f.id = any($5) and f.taken_at >= b.found_at
           and exists (select from settlement_part p where p.file = f.id and p.mid = b.mid) order by f.ordinal desc limit 1)
       where b.state <> 'resolved' and ($2::text is null or b.provider = $2) and ($3::date is null or b.settled_on >= $3)
         and ($4::date is null or b.settled_on <= $4) and not exists (select from found_break f where f.id = b.id) returning b.id, b.resolved_by)
     insert into touched_break select id, 'resolved', resolved_by from u`,
    [at, s.provider ?? null, s.from ?? null, s.to ?? null, s.files],
  )
  await query(
    `insert into settlement_break_event (break, ordinal, provider, mid, event, at, by, role, run, file)
     select b.id, coalesce((select max(ordinal) from settlement_break_event e where e.break = b.id), 0) + 1, b.provider, b.mid, t.event, $1, 'system', 'system', $2, t.file
     from touched_break t join settlement_break b on b.id = t.id`,
    [at, s.run],
  )
  await applyDays(query, s)
  await query(oweAfterRun, [])
  const { rows } = await tx.client.query<{ count: string }>('select count(*) as count from found_break')
  return { found: found + again, changed, resolved, standing: Number(rows[0]!.count) }
}

/** Days as matched now; days of the run that nobody speaks of any more go. */
async function applyDays(query: (sql: string, params: readonly unknown[]) => Promise<number>, s: Scope): Promise<void> {
  await query('create temp table touched_day (mid text, provider text) on commit drop', [])
  await query(
    `with d as (delete from settlement_day d where ($1::text is null or d.provider = $1) and ($2::date is null or d.settled_on >= $2)
         and ($3::date is null or d.settled_on <= $3) and not exists (select from found_day f where f.mid = d.mid and f.provider = d.provider and f.settled_on = d.settled_on)
       returning d.mid, d.provider) insert into touched_day select * from d`,
    [s.provider ?? null, s.from ?? null, s.to ?? null],
  )
  await query(
    `with u as (insert into settlement_day as d (provider, mid, settled_on, unionpay_fen, bank_fen, state, run)
       select provider, mid, settled_on, unionpay_fen, bank_fen, state, $1 from found_day
       on conflict (provider, mid, settled_on) do update set unionpay_fen = excluded.unionpay_fen, bank_fen = excluded.bank_fen, state = excluded.state, run = excluded.run
         where (d.unionpay_fen, d.bank_fen, d.state) is distinct from (excluded.unionpay_fen, excluded.bank_fen, excluded.state)
       returning mid, provider) insert into touched_day select * from u`,
    [s.run],
  )
}

/** Who looks at its clearance again: the terminal of a break; where it names none, every open terminal of the merchant there. */
const oweAfterRun = `
  insert into import_outbox (kind, tid, provider)
  select 'clearance', t.tid, t.provider from terminal t where t.tid in (select b.tid from touched_break x join settlement_break b on b.id = x.id)
  union
  select 'clearance', t.tid, t.provider from terminal t where t.closed_at is null and (t.mid, t.provider) in (
    select b.mid, b.provider from touched_break x join settlement_break b on b.id = x.id where b.tid is null union select mid, provider from touched_day)
  on conflict do nothing`

/** For the journal: terminals whose breaks changed, the first thousand of them. */
export const touchedTerminals = async (tx: Tx): Promise<string[]> =>
  (await tx.client.query<{ tid: string }>('select distinct b.tid from touched_break x join settlement_break b on b.id = x.id where b.tid is not null order by 1 limit 1000')).rows.map((r) => r.tid)
