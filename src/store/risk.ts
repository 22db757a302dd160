// What a reviewer wants on one page before deciding: how the merchant stands with this provider, as its rows say it. Read under
// the looker's own policy, so that one provider never learns of another's cases, sales or holds.
import type { ApplicationKind, ApplicationState, HoldOwner, Effect, Reason, Service, TransactionClass } from '../domain/vocabulary.ts'
import type { Tx } from './db.ts'

export type RiskFacts = {
  mid: string
  name: string
  mcc: string
  licenceUntil: string | null
  since: number
  terminals: { service: Service; count: number }[]
  holds: { tid: string; reason: Reason; owner: HoldOwner; effect: Effect; from: number; clearedAt: number | null; liftedAt: number | null }[]
  chargebacks: { count: number; fen: number; open: number; openFen: number }
  attempts: { tid: string; day: string; class: TransactionClass; count: number }[]
  months: { month: string; sales: number; salesFen: number; refunds: number; refundsFen: number }[]
  decisions: { no: string; kind: ApplicationKind; state: ApplicationState; reason: Reason; decidedAt: number | null; endedAt: number | null }[]
  owedFen: number
}

const rows_max = 100
/** Figures of a year, and of the month begun. */
const months_looked_at = 12

export async function readRisk(tx: Tx, no: string, now: number, zone: string): Promise<RiskFacts | undefined> {
  const about = await tx.one<{ mid: string; provider: string }>('select mid, provider from application where no = $1', [no])
  if (about === undefined) return undefined
  const { mid, provider } = about
  const of = [mid, provider]
  const instant = new Date(now).toISOString()
  const merchant = await tx.one<{ name: string; mcc: string; licence: string | null; since: number; owed: number }>(
    `select m.name, m.mcc, m.licence_until::text as licence, m.created_at as since,
       (select coalesce(sum(l.debit_fen - l.credit_fen), 0)::float8 from ledger_line l where l.mid = m.mid and l.provider = $2 and l.account = 'receivable') as owed
     from merchant m where m.mid = $1`, of,
  )
  const terminals = await tx.many<{ service: Service; count: number }>('select service, count(*)::int as count from terminal where mid = $1 and provider = $2 group by 1 order by 1', of)
  const holds = await tx.many<{ tid: string; reason: Reason; owner: HoldOwner; effect: Effect; from: number; cleared: number | null; lifted: number | null }>(
    `select tid, reason, owner, effect, effective_from as from, cleared_at as cleared, lifted_at as lifted from hold
     where mid = $1 and provider = $2 and owner <> 'merchant' and withdrawn_at is null order by effective_from desc, id limit ${rows_max}`, of,
  )
  // What is disputed now, and what of the year's sales is.
  const chargebacks = (await tx.one<RiskFacts['chargebacks']>(
    `select count(*) filter (where at > $3::timestamptz - interval '${months_looked_at} months')::int as count,
       coalesce(sum(amount_fen) filter (where at > $3::timestamptz - interval '${months_looked_at} months'), 0)::float8 as fen, count(*)::int as open, coalesce(sum(amount_fen), 0)::float8 as "openFen"
     from transaction where mid = $1 and provider = $2 and status = 'disputed'`, [...of, instant],
  ))!
  const attempts = await tx.many<RiskFacts['attempts'][number]>(
    `select tid, day::text as day, class, count from gate_attempt where mid = $1 and provider = $2 order by day desc, tid, class limit ${rows_max}`, of,
  )
  const months = await tx.many<{ month: string; sales: number; sales_fen: number; refunds: number; refunds_fen: number }>(
    `select to_char(at at time zone $4, 'YYYY-MM') as month,
       count(*) filter (where class in ('sale', 'preauth_completion'))::int as sales, coalesce(sum(amount_fen) filter (where class in ('sale', 'preauth_completion')), 0)::float8 as sales_fen,
       count(*) filter (where class in ('refund', 'void'))::int as refunds, coalesce(sum(amount_fen) filter (where class in ('refund', 'void')), 0)::float8 as refunds_fen
     from transaction where mid = $1 and provider = $2 and status in ('approved', 'disputed') and at > $3::timestamptz - interval '${months_looked_at} months'
     group by 1 order by 1 desc`, [...of, instant, zone],
  )
  const decisions = await tx.many<{ no: string; kind: ApplicationKind; state: ApplicationState; reason: Reason; decided: number | null; ended: number | null }>(
    `select no, kind, state, reason, decided_at as decided, ended_at as ended from application
     where mid = $1 and provider = $2 and no <> $3 and (decided_at is not null or ended_at is not null) order by created_at desc, no limit ${rows_max}`, [...of, no],
  )
  return {
    mid, name: merchant?.name ?? '', mcc: merchant?.mcc ?? '', licenceUntil: merchant?.licence ?? null, since: merchant?.since ?? now, owedFen: merchant?.owed ?? 0, terminals,
    holds: holds.map(({ cleared, lifted, ...h }) => ({ ...h, clearedAt: cleared, liftedAt: lifted })), chargebacks, attempts,
    months: months.map((m) => ({ month: m.month, sales: m.sales, salesFen: m.sales_fen, refunds: m.refunds, refundsFen: m.refunds_fen })),
    decisions: decisions.map(({ decided, ended, ...d }) => ({ ...d, decidedAt: decided, endedAt: ended })),
  }
}
