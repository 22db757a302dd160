// Figures of a provider's fleet over a range of days: from cases and holds as they stand, nothing kept beside them.
import type { ApplicationKind, Reason } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

export type Range = { provider: string; from: number; to: number }
const params = ({ provider, from, to }: Range): unknown[] => [provider, instantParam(from), instantParam(to)]

export type StageTimes = {
  kind: ApplicationKind; submitted: number; decided: number; straight: number; returned: number; rejected: number; withdrawn: number
  to_decision_p50: number | null; to_decision_p90: number | null; to_begin_p50: number | null; to_end_p50: number | null; to_end_p90: number | null; late: number
}
const seconds = (to: string, from: string): string => `extract(epoch from ${to} - ${from})`
const part = (share: number, of: string): string => `percentile_cont(${share}) within group (order by ${of})`

/** Of the cases submitted in the range: how long each stage took, and how they were decided. */
export const stageTimes = (tx: Tx, range: Range): Promise<StageTimes[]> => tx.many<StageTimes>(
  `select kind, count(*)::int as submitted, count(decided_at)::int as decided,
     count(*) filter (where decided_by = 'policy')::int as straight,
     count(r.case_no)::int as returned,
     count(*) filter (where state = 'rejected')::int as rejected, count(*) filter (where state = 'withdrawn')::int as withdrawn,
     ${part(0.5, seconds('decided_at', 'submitted_at'))} as to_decision_p50, ${part(0.9, seconds('decided_at', 'submitted_at'))} as to_decision_p90,
     ${part(0.5, seconds('begun_at', 'decided_at'))} as to_begin_p50,
     ${part(0.5, seconds('ended_at', 'submitted_at'))} as to_end_p50, ${part(0.9, seconds('ended_at', 'submitted_at'))} as to_end_p90,
     count(*) filter (where escalated_at is not null)::int as late
   from application left join (select distinct case_no from notice where provider = $1 and kind = 'application_returned' and audience = 'merchant' and at >= $2) r on r.case_no = no
   where provider = $1 and submitted_at >= $2 and submitted_at < $3 group by kind order by count(*) desc, kind`, params(range),
)

export type FaultRow = { model: string; terminals: number; faults: number; repeated: number; reasons: { reason: Reason; count: number }[] }
/** Faults by model: how many terminals had one, and how many had another within the range. */
export const faultsByModel = (tx: Tx, range: Range): Promise<FaultRow[]> => tx.many<FaultRow>(
  `with f as (select coalesce(d.model, '') as model, h.tid, h.reason from hold h join terminal t on t.tid = h.tid left join device d on d.serial = t.serial
     where h.provider = $1 and h.reason like 'D%' and h.withdrawn_at is null and h.effective_from >= $2 and h.effective_from < $3),
   each as (select model, tid, count(*) as n from f group by model, tid)
   select e.model, count(*)::int as terminals, sum(e.n)::int as faults, count(*) filter (where e.n > 1)::int as repeated,
     (select json_agg(json_build_object('reason', r.reason, 'count', r.n) order by r.n desc, r.reason) from (select reason, count(*)::int as n from f where f.model = e.model group by reason) r) as reasons
   from each e group by e.model order by sum(e.n) desc, e.model limit 100`, params(range),
)

export type StopsRow = { reason: Reason; stops: number; returned: number; days_p50: number | null }
/** Stops begun in the range by reason: how many came back, and after how many days. */
export const stopsByReason = (tx: Tx, range: Range): Promise<StopsRow[]> => tx.many<StopsRow>(
  `select reason, count(*)::int as stops, count(lifted_at)::int as returned, ${part(0.5, `extract(epoch from lifted_at - effective_from) / 86400`)} as days_p50
   from hold where provider = $1 and effect = 'stop' and withdrawn_at is null and effective_from >= $2 and effective_from < $3 group by reason order by count(*) desc, reason`, params(range),
)
