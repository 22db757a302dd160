// What the three records say of terminals: their open breaks, and how far files cover the days on which they did something.
import type { Records } from '../domain/clearance.ts'
import { instantParam, type Tx } from './db.ts'

export type Unmatched = { count: number; amountFen: number; dueBy: number }

/**
 * Open breaks by terminal. Money is booked per merchant and day, for all its terminals together: while such a credit is in
 * question none of them is proven settled, so the break counts on every terminal that is not closed.
 */
export async function openBreaksOf(tx: Tx, tids: readonly string[]): Promise<Map<string, Unmatched>> {
  const rows = await tx.many<{ tid: string; count: number; amount: number; due: number }>(
    `select tid, count(*)::int as count, sum(amount_fen)::bigint as amount, min(due_at) as due from (
       select b.tid, b.amount_fen, b.due_at from settlement_break b where b.tid = any($1) and b.state in ('open', 'proposed')
       union all
       select t.tid, b.amount_fen, b.due_at from terminal t join settlement_break b on b.mid = t.mid and b.provider = t.provider
       where t.tid = any($1) and t.closed_at is null and b.tid is null and b.state in ('open', 'proposed')) x group by tid`,
    [tids],
  )
  return new Map(rows.map((r) => [r.tid, { count: r.count, amountFen: r.amount, dueBy: r.due }]))
}

const files_named_max = 4

/** How far the records cover the terminals of one provider since an instant. */
export async function coverageOf(tx: Tx, tids: readonly string[], since: number): Promise<Map<string, Omit<Records, 'openBreaks'>>> {
  const rows = await tx.many<{ tid: string; days: number; uncovered: number; on: string | null; what: 'slips' | 'unionpay' | 'bank' | null; run: string | null; files: string[] }>(
    `with t as (select tid, mid, provider from terminal where tid = any($1)),
     did as (
       select x.tid, t.mid, t.provider, (x.at at time zone 'Asia/Shanghai')::date as made,
         -- UnionPay's day ends at 23:00.
         coalesce(x.settled_on, (x.at at time zone 'Asia/Shanghai' + interval '1 hour')::date) as settled
       from transaction x join t using (tid) where x.at >= $2 and x.status in ('approved', 'disputed')
         and x.class in ('sale', 'preauth_completion', 'offline_upload', 'refund')
         -- Not in, not "not exists": looked up in a hash, whatever the planner thinks of so many terminals.
         and (x.tid, x.reference) not in (select v.tid, v.reference from transaction v
           where v.tid = any($1) and v.at >= $2 and v.class in ('void', 'reversal') and v.status = 'approved')
       union
       select s.tid, t.mid, t.provider, p.made_on, p.settled_on from t
         join settlement_part p on p.mid = t.mid and p.provider = t.provider and p.superseded_by is null
         cross join unnest(p.tids) s(tid) where s.tid = t.tid and p.made_on >= ($2 at time zone 'Asia/Shanghai')::date),
     day as (select d.tid, d.settled, s.run, case
         when not exists (select from settlement_part p where p.mid = d.mid and p.kind = 'slips' and p.made_on = d.made and p.superseded_by is null) then 'slips'
         when s.settled_on is null or (s.state = 'pending' and s.unionpay_fen is null) then 'unionpay'
         when s.state = 'pending' then 'bank' end as missing
       from did d left join settlement_day s on s.mid = d.mid and s.provider = d.provider and s.settled_on = d.settled)
     select t.tid, count(day.*)::int as days, count(day.missing)::int as uncovered,
       (min(day.settled) filter (where day.missing is not null))::text as "on",
       (array_agg(day.missing order by day.settled) filter (where day.missing is not null))[1] as what,
       (array_agg(day.run order by day.settled desc) filter (where day.run is not null))[1] as run,
       array(select f.file_name from settlement_file f where f.id in (select p.file from settlement_part p where p.mid = t.mid and p.superseded_by is null)
         order by f.ordinal desc limit $3) as files
     from t left join day using (tid) group by t.tid, t.mid`,
    [tids, instantParam(since), files_named_max],
  )
  return new Map(rows.map((r) => [r.tid, {
    days: r.days, uncovered: r.uncovered, files: r.files,
    ...(r.on === null ? {} : { missing: { on: r.on, what: r.what! } }), ...(r.run === null ? {} : { run: r.run }),
  }]))
}
