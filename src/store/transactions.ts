// Transactions as rows: a staged file against what is stored, its merge, and what may still be open on terminals. A
// later telling may move a transaction on – pending → answered, approved → disputed, not settled → settled – and
// nothing else: where two tellings contradict each other nobody here can know which is true. What a gate saw is completed by
// the first file that tells of it.
import type { ClearanceItem, Records, Transaction } from '../domain/clearance.ts'
import type { CardKind, ImportError, TransactionClass, TransactionStatus } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'
import type { StagingColumns } from './imports.ts'

export const transactionLayout = [
  ['line', 'int'],
  ['tid', 'text'],
  ['mid', 'text'],
  ['batch', 'text'],
  ['trace', 'text'],
  ['reference', 'text'],
  ['class', 'text'],
  ['amount_fen', 'bigint'],
  ['at', 'timestamptz'],
  ['settled_on', 'date'],
  ['card_kind', 'text'],
  ['card_masked', 'text'],
  ['auth_code', 'text'],
  ['status', 'text'],
] as const satisfies StagingColumns

export type StagedTransaction = {
  line: number
  tid: string
  mid: string
  batch: string
  trace: string
  reference: string
  class: TransactionClass
  amount_fen: string
  at: Date
  settled_on: string | null
  card_kind: CardKind
  card_masked: string | null
  auth_code: string | null
  status: TransactionStatus
}
export type TransactionClash = { line: number; column: string; code: ImportError; value: string }

const sameKey = '(x.tid, x.batch, x.trace, x.reference, x.class) = (s.tid, s.batch, s.trace, s.reference, s.class)'
/** A gate and a host look at their own clocks: what a gate saw and a file tells may be this far apart. */
const observed_apart_s = 600
/** Which status may follow which. A dispute may be decided for the merchant; an answer is never taken back. */
export const follows = (x: string, s: string): string => `(${x}.status = ${s}.status or ${x}.status = 'pending' or (${x}.status, ${s}.status) in
  (('approved', 'reversed'), ('approved', 'disputed'), ('disputed', 'approved'), ('disputed', 'reversed')))`

/** What the registers refuse; `provider` is who imports, if not the platform, and sees its own terminals only. */
export async function transactionClashes(tx: Tx, s: string, provider: string | undefined): Promise<TransactionClash[]> {
  const { rows } = await tx.client.query<TransactionClash>(
    `
    select s.line, 'tid' as "column", 'tid_unknown' as code, s.tid as value
      from ${s} s left join terminal t using (tid) where t.tid is null or t.provider <> coalesce($1, t.provider)
    union all
    select s.line, 'mid', 'merchant_differs', s.mid from ${s} s join terminal t using (tid)
      where t.mid <> s.mid and t.provider = coalesce($1, t.provider)
    union all
    select s.line, d."column", 'transaction_differs', d.value
    from ${s} s join terminal t on t.tid = s.tid and t.mid = s.mid and t.provider = coalesce($1, t.provider) join transaction x on ${sameKey}
    cross join lateral (select case
        when x.amount_fen <> s.amount_fen then array['amountYuan', (s.amount_fen / 100.0)::numeric(14, 2)::text]
        when abs(extract(epoch from x.at - s.at)) > case when x.observed then ${observed_apart_s} else 0 end then array['at', to_char(s.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')]
        when x.card_kind <> s.card_kind then array['cardKind', s.card_kind]
        when x.card_masked <> s.card_masked and not x.observed then array['cardMasked', s.card_masked]
        when x.auth_code <> s.auth_code then array['authCode', s.auth_code]
        when x.settled_on is not null and s.settled_on is null and not x.observed then array['settledOn', '']
        when not ${follows('x', 's')} then array['status', s.status]
      end as differs) c
    cross join lateral (select c.differs[1] as "column", c.differs[2] as value) d
    where c.differs is not null
    order by line, "column"`,
    [provider ?? null],
  )
  return rows
}

export const stagedTransactions = async (tx: Tx, s: string, lines: readonly number[]): Promise<StagedTransaction[]> =>
  (
    await tx.client.query<StagedTransaction>(
      `select s.*, s.settled_on::text as settled_on from ${s} s where line = any($1) order by line`,
      [lines],
    )
  ).rows

/** What another telling would change of a stored transaction. */
const moved = `(x.observed or (x.status, x.settled_on, x.card_masked, x.auth_code) is distinct from
  (s.status, s.settled_on, coalesce(s.card_masked, x.card_masked), coalesce(s.auth_code, x.auth_code)))`

export async function countChanged(tx: Tx, s: string): Promise<number> {
  const { rows } = await tx.client.query<{ count: number }>(
    `select count(*)::int as count from ${s} s left join transaction x on ${sameKey} where x.tid is null or ${moved}`,
  )
  return rows[0]!.count
}

/** Classes whose approval shows that a terminal is in use. */
export const usingClasses = `('sale', 'preauth', 'preauth_completion', 'offline_upload', 'refund', 'void')`

/**
 * Merges the staged rows and writes down whose clearance is to be looked at again. Returns how many rows it changed.
 */
export async function mergeTransactions(tx: Tx, s: string): Promise<number> {
  const updated = await tx.client.query<{ tid: string }>(`
    with u as (
      update transaction x set status = s.status, settled_on = coalesce(s.settled_on, x.settled_on), card_masked = coalesce(s.card_masked, x.card_masked),
        auth_code = coalesce(s.auth_code, x.auth_code), card_kind = coalesce(x.card_kind, s.card_kind),
        at = case when x.observed then s.at else x.at end, observed = false
      from ${s} s where ${sameKey} and ${moved} returning s.line)
    select line from u`)
  const inserted = await tx.client.query(`
    insert into transaction (tid, mid, provider, batch, trace, reference, class, amount_fen, at, settled_on, card_kind,
      card_masked, auth_code, status)
    select s.tid, s.mid, t.provider, s.batch, s.trace, s.reference, s.class, s.amount_fen, s.at, s.settled_on, s.card_kind,
      s.card_masked, s.auth_code, s.status
    from ${s} s join terminal t using (tid) where not exists (select from transaction x where ${sameKey}) order by s.tid, s.at`)
  // Every terminal of the file, also where its rows said nothing new: time may have settled what was open.
  await tx.client.query(`
    insert into import_outbox (kind, tid, provider, at)
    select 'clearance', s.tid, t.provider, max(s.at) filter (where s.status in ('approved', 'disputed') and s.class in ${usingClasses})
    from ${s} s join terminal t using (tid) group by s.tid, t.provider
    on conflict (kind, provider, tid) do update set at = greatest(import_outbox.at, excluded.at)`)
  return (updated.rowCount ?? 0) + (inserted.rowCount ?? 0)
}

// ── Clearance ───────────────────────────────────────────────────────────────────────────────────────────────────────
export type ClearanceState = {
  tid: string
  provider: string
  clear: boolean
  records: Records | undefined
  clearance: ClearanceItem[]
  dueAt: number | undefined
  isClosed: boolean
}

/**
 * Locks terminals in order of their number, their open cases before them, and tells what is known of their clearance.
 */
export async function lockClearance(tx: Tx, tids: readonly string[]): Promise<ClearanceState[]> {
  await tx.run(
    'select no from application where no in (select no from application_terminal where tid = any($1) and open) order by no for update',
    [tids],
  )
  const rows = await tx.many<{
    tid: string
    provider: string
    clear: boolean
    records: Records | null
    clearance: ClearanceItem[]
    due: number | null
    closed: boolean
  }>(
    `select tid, provider, clear, clearance, records, clearance_due_at as due, closed_at is not null as closed
     from terminal where tid = any($1) order by tid for update`,
    [tids],
  )
  return rows.map((r) => ({
    tid: r.tid,
    provider: r.provider,
    clear: r.clear,
    records: r.records ?? undefined,
    clearance: r.clearance,
    dueAt: r.due ?? undefined,
    isClosed: r.closed,
  }))
}

/**
 * Of these terminals, every transaction whose reference has one that may be open on a day: what is settled by then, answered
 * or long expired stays unread. A pre-authorisation made before `preauthsFrom` has expired.
 */
export async function maybeOpen(
  tx: Tx,
  tids: readonly string[],
  day: string,
  preauthsFrom: number,
): Promise<Map<string, Transaction[]>> {
  const rows = await tx.many<{
    tid: string
    class: TransactionClass
    status: TransactionStatus
    amount: number
    at: number
    settled: string | null
    reference: string
  }>(
    `with candidate as (
       select tid, reference from transaction where tid = any($1) and status = 'approved' and coalesce(settled_on, 'infinity'::date) > $2
         and (class in ('sale', 'preauth_completion', 'offline_upload', 'refund') or (class = 'preauth' and at > $3))
       union select tid, reference from transaction where tid = any($1) and status in ('pending', 'disputed'))
     select x.tid, x.class, x.status, x.amount_fen as amount, x.at, x.settled_on as settled, x.reference
     from transaction x join candidate c on c.tid = x.tid and c.reference = x.reference`,
    [tids, day, instantParam(preauthsFrom)],
  )
  const byTerminal = new Map<string, Transaction[]>(tids.map((tid) => [tid, []]))
  for (const r of rows)
    byTerminal.get(r.tid)!.push({
      class: r.class,
      status: r.status,
      amountFen: r.amount,
      at: r.at,
      settledOn: r.settled ?? undefined,
      reference: r.reference,
    })
  return byTerminal
}

export type NewClearance = {
  tid: string
  clear: boolean
  items: readonly ClearanceItem[]
  records: Records
  dueAt: number | undefined
  /** What is open changed: the terminal is another. */
  isChanged: boolean
  /** Its open cases look at themselves: that, or what the three records say of it. */
  isNews: boolean
}

/**
 * Stores clearance. Where it changed, the terminal's version moves, its open cases look at themselves again, and so does a
 * terminal whose drain ends because nothing is open any more; the gates hear of a closed one, which may only clear.
 */
export async function writeClearance(tx: Tx, rows: readonly NewClearance[], now: number): Promise<void> {
  await tx.run(
    `with r as (select * from jsonb_to_recordset($1) r(tid text, clear boolean, items jsonb, records jsonb, due timestamptz, changed boolean, news boolean)),
     t as (update terminal t set clear = r.clear, clearance = r.items, records = r.records, clearance_due_at = r.due,
         version = t.version + r.changed::int,
         due_at = case when r.changed and r.clear and exists (
           select from hold h where h.tid = t.tid and h.effect = 'stop' and h.effective_from <= $2
           and h.shut_at is null and h.cleared_at is null and h.lifted_at is null and h.withdrawn_at is null) then least(t.due_at, $2) else t.due_at end
       from r where t.tid = r.tid returning t.tid, t.provider, t.closed_at is not null and r.changed as publish),
     a as (update application a set due_at = least(a.due_at, $2) from application_terminal x join r on r.tid = x.tid and r.news
       where x.open and a.no = x.no returning 1)
     insert into import_outbox (kind, tid, provider) select 'publish', tid, provider from t where publish on conflict do nothing`,
    [
      JSON.stringify(
        rows.map((r) => ({
          tid: r.tid,
          clear: r.clear,
          items: r.items,
          records: r.records,
          due: instantParam(r.dueAt),
          changed: r.isChanged,
          news: r.isNews,
        })),
      ),
      instantParam(now),
    ],
  )
}

/** Terminals whose clearance time itself has changed. */
export const clearanceDue = async (tx: Tx, now: number, most: number): Promise<string[]> =>
  (
    await tx.many<{ tid: string }>(
      'select tid from terminal where clearance_due_at <= $1 order by clearance_due_at, tid limit $2',
      [instantParam(now), most],
    )
  ).map((r) => r.tid)
