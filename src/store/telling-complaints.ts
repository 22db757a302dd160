// Complaints as rows. What people wrote stays sealed here; whoever may read it opens it with the merchant's key.
import type { Complaint } from '../domain/complaint.ts'
import type { ComplaintState } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

export type Sealed = { words?: Buffer | undefined; proof?: Buffer | undefined; answer?: Buffer | undefined; remark?: Buffer | undefined }
export type StoredComplaint = { complaint: Complaint; version: number; sealed: { [K in keyof Required<Sealed>]: Buffer | undefined }; wrappedKey: Buffer | undefined }

type Raw = {
  no: string; provider: string; mid: string; tid: string | null; case_no: string | null; kind: Complaint['kind']; topic: Complaint['topic']; state: ComplaintState
  channel: Complaint['channel']; on_behalf: boolean; words_sealed: Buffer | null; proof_sealed: Buffer | null; answer_sealed: Buffer | null; remark_sealed: Buffer | null
  filed_at: number; filed_by: string; deadline_at: number; late_at: number | null; assignee: string | null; answered_at: number | null; answered_by: string | null
  satisfaction: number | null; closed_at: number | null; closed_by: string | null; reopened_at: number | null; due_at: number | null; version: number; wrapped_key: Buffer | null
}
const select = 'select c.*, m.wrapped_key from complaint c left join merchant m on m.mid = c.mid'

const storedOf = (r: Raw): StoredComplaint => ({
  version: r.version,
  wrappedKey: r.wrapped_key ?? undefined,
  sealed: { words: r.words_sealed ?? undefined, proof: r.proof_sealed ?? undefined, answer: r.answer_sealed ?? undefined, remark: r.remark_sealed ?? undefined },
  complaint: {
    no: r.no, provider: r.provider, mid: r.mid, tid: r.tid ?? undefined, caseNo: r.case_no ?? undefined, kind: r.kind, topic: r.topic, state: r.state, channel: r.channel,
    onBehalf: r.on_behalf, filedAt: r.filed_at, filedBy: r.filed_by, deadlineAt: r.deadline_at, lateAt: r.late_at ?? undefined, assignee: r.assignee ?? undefined,
    answeredAt: r.answered_at ?? undefined, answeredBy: r.answered_by ?? undefined, satisfaction: r.satisfaction ?? undefined, closedAt: r.closed_at ?? undefined,
    closedBy: r.closed_by ?? undefined, reopenedAt: r.reopened_at ?? undefined, dueAt: r.due_at ?? undefined,
  },
})

export const lockComplaint = (tx: Tx, no: string): Promise<object | undefined> => tx.one('select no from complaint where no = $1 for update', [no])
/** Locks one that is due, unless somebody has it already. */
export const lockDueComplaint = (tx: Tx, no: string, now: number): Promise<object | undefined> =>
  tx.one('select no from complaint where no = $1 and due_at <= $2 for update skip locked', [no, instantParam(now)])
export async function readComplaint(tx: Tx, no: string): Promise<StoredComplaint | undefined> {
  const row = await tx.one<Raw>(`${select} where c.no = $1`, [no])
  return row && storedOf(row)
}

const moments = (c: Complaint): unknown[] => [
  c.state, instantParam(c.deadlineAt), instantParam(c.lateAt), c.assignee ?? null, instantParam(c.answeredAt), c.answeredBy ?? null, c.satisfaction ?? null,
  instantParam(c.closedAt), c.closedBy ?? null, instantParam(c.reopenedAt), instantParam(c.dueAt),
]
export const insertComplaint = (tx: Tx, c: Complaint, sealed: Sealed): Promise<number> =>
  tx.run(
    `insert into complaint (state, deadline_at, late_at, assignee, answered_at, answered_by, satisfaction, closed_at, closed_by, reopened_at, due_at,
       no, provider, mid, tid, case_no, kind, topic, channel, on_behalf, filed_at, filed_by, words_sealed, proof_sealed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
    [...moments(c), c.no, c.provider, c.mid, c.tid ?? null, c.caseNo ?? null, c.kind, c.topic, c.channel, c.onBehalf, instantParam(c.filedAt), c.filedBy, sealed.words ?? null, sealed.proof ?? null],
  )
/** Words that are given replace those that were there. */
export const updateComplaint = (tx: Tx, c: Complaint, sealed: Sealed): Promise<number> =>
  tx.run(
    `update complaint set state = $1, deadline_at = $2, late_at = $3, assignee = $4, answered_at = $5, answered_by = $6, satisfaction = $7, closed_at = $8, closed_by = $9,
       reopened_at = $10, due_at = $11, answer_sealed = coalesce($13, answer_sealed), remark_sealed = coalesce($14, remark_sealed), version = version + 1
     where no = $12`, [...moments(c), c.no, sealed.answer ?? null, sealed.remark ?? null],
  )

export type ComplaintsAsked = { state?: ComplaintState | undefined; late?: boolean | undefined }
const asked = `($1::text is null or c.state = $1) and ($2::boolean is null or (c.late_at is not null) = $2)`
const ofLooker = (tx: Tx): string => tx.scope === '*' ? '$3::text is null' : `c.${tx.scope.startsWith('p:') ? 'provider' : 'mid'} = $3`
const own = (tx: Tx): string | null => (tx.scope === '*' ? null : tx.scope.slice(2))

/** Newest first. */
export const listComplaints = async (tx: Tx, { state, late }: ComplaintsAsked, before: { at: number; no: string } | undefined, count_max: number): Promise<StoredComplaint[]> =>
  (await tx.many<Raw>(
    `${select} where ${asked} and ${ofLooker(tx)} and ($4::timestamptz is null or (c.filed_at, c.no) < ($4, $5)) order by c.filed_at desc, c.no desc limit $6`,
    [state ?? null, late ?? null, own(tx), instantParam(before?.at), before?.no ?? null, count_max],
  )).map(storedOf)
export const countComplaints = async (tx: Tx, { state, late }: ComplaintsAsked, count_max: number): Promise<number> =>
  (await tx.one<{ n: number }>(`select count(*) as n from (select from complaint c where ${asked} and ${ofLooker(tx)} limit $4) x`, [state ?? null, late ?? null, own(tx), count_max]))!.n

export type About = { provider: string; mid: string }
/** Whose a terminal or a case is, where the looker may see it. */
export const aboutTerminal = (tx: Tx, tid: string): Promise<About | undefined> => tx.one<About>('select provider, mid from terminal where tid = $1', [tid])
export const aboutCase = (tx: Tx, no: string): Promise<About | undefined> => tx.one<About>('select provider, mid from application where no = $1', [no])
export const providersOf = async (tx: Tx, mid: string): Promise<string[]> =>
  (await tx.many<{ provider: string }>('select provider from merchant_provider where mid = $1 order by provider', [mid])).map((r) => r.provider)
