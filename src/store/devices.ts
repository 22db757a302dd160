// Devices on their way back: rows of device_return as the domain's lines and the other way round, and what is read of them.
import type { Deduction, Deposit } from '../domain/deposit.ts'
import type { Return } from '../domain/device.ts'
import type { DepositState, ReturnState } from '../domain/vocabulary.ts'
import { instantParam, parseInstant, type Scope, type Tx } from './db.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows come as the JSON PostgreSQL made of them; the mapper gives them types.
type Raw = Record<string, any>
const at = (value: unknown): number | undefined => (typeof value === 'string' ? parseInstant(value) : undefined)
const maybe = <T>(value: T | null | undefined): T | undefined => value ?? undefined

const depositOf = (r: Raw): Deposit | undefined => r['deposit_fen'] === null ? undefined : {
  fen: r['deposit_fen'], state: r['deposit_state'], releasedAt: at(r['released_at']), dueAt: at(r['due_at']), lateAt: at(r['late_at']),
  deduction: r['deduction'] === null ? undefined : (r['deduction'] as Deduction), acceptedAt: at(r['accepted_at']), disputedAt: at(r['disputed_at']),
  disputeWords: maybe(r['dispute_sealed']), settledAt: at(r['settled_at']), settledBy: maybe(r['settled_by']), refundFen: maybe(r['refund_fen']),
  reference: maybe(r['reference']),
}

export const returnOf = (r: Raw): Return => ({
  rma: r['rma'], caseNo: r['case_no'], terminal: r['tid'], serial: r['serial'], ownership: r['ownership'], lentSince: at(r['lent_since']), state: r['state'],
  openedAt: at(r['opened_at'])!, carrier: maybe(r['carrier']), tracking: maybe(r['tracking']), shippedAt: at(r['shipped_at']), receivedAt: at(r['received_at']),
  inspectedAt: at(r['inspected_at']), inspectedBy: maybe(r['inspected_by']), parts: r['parts'], endedAt: at(r['ended_at']), deposit: depositOf(r),
})

export const returnRow = (line: Return, party: { provider: string; mid: string }): Raw => {
  const { deposit: d } = line
  return {
    rma: line.rma, case_no: line.caseNo, tid: line.terminal, ...party, serial: line.serial, ownership: line.ownership, lent_since: instantParam(line.lentSince),
    state: line.state, opened_at: instantParam(line.openedAt), carrier: line.carrier ?? null, tracking: line.tracking ?? null,
    shipped_at: instantParam(line.shippedAt), received_at: instantParam(line.receivedAt), inspected_at: instantParam(line.inspectedAt),
    inspected_by: line.inspectedBy ?? null, parts: line.parts, ended_at: instantParam(line.endedAt), deposit_fen: d?.fen ?? null, deposit_state: d?.state ?? null,
    released_at: instantParam(d?.releasedAt), due_at: instantParam(d?.dueAt), late_at: instantParam(d?.lateAt), deduction: d?.deduction ?? null,
    proposed_by: d?.deduction?.by ?? null, accepted_at: instantParam(d?.acceptedAt), disputed_at: instantParam(d?.disputedAt),
    dispute_sealed: d?.disputeWords ?? null, settled_at: instantParam(d?.settledAt), settled_by: d?.settledBy ?? null, refund_fen: d?.refundFen ?? null,
    deducted_fen: d?.refundFen === undefined ? null : d.fen - d.refundFen, reference: d?.reference ?? null,
  }
}

const changing = [
  'state', 'carrier', 'tracking', 'shipped_at', 'received_at', 'inspected_at', 'inspected_by', 'parts', 'ended_at', 'deposit_state', 'released_at', 'due_at', 'late_at',
  'deduction', 'proposed_by', 'accepted_at', 'disputed_at', 'dispute_sealed', 'settled_at', 'settled_by', 'refund_fen', 'deducted_fen', 'reference',
] as const
/** A part of the one statement that stores an outcome. */
export const returnsPart = `insert into device_return select r.* from jsonb_populate_recordset(null::device_return, $1::jsonb->'returns') r
  on conflict (rma) do update set (${changing.join(', ')}) = (${changing.map((c) => `excluded.${c}`).join(', ')}) returning 1`

/** Lines of the terminals `tids` (a SQL expression), oldest first. */
export const returnsSql = (tids: string): string =>
  `(select json_agg(r order by r.opened_at, r.rma) from device_return r where r.tid = any(${tids}))`
/** Devices bound to these terminals, by terminal. */
export const devicesSql = (tids: string): string =>
  `(select json_object_agg(t.tid, json_build_object('serial', d.serial, 'ownership', d.ownership, 'depositFen', d.deposit_fen, 'since', t.bound_at))
    from terminal t join device d on d.serial = t.serial where t.tid = any(${tids}))`

/** The case a line belongs to, if it is there and the looker's. */
export const caseOfReturn = async (tx: Tx, rma: string): Promise<string | undefined> =>
  (await tx.one<{ case_no: string }>('select case_no from device_return where rma = $1', [rma]))?.case_no

export type ReturnsAsked = { state?: ReturnState | undefined; deposit?: DepositState | undefined; before?: { at: number; rma: string } | undefined; limit: number }

/** Numbers of lines with their case, newest first. */
export function listReturns(tx: Tx, { state, deposit, before, limit }: ReturnsAsked): Promise<{ rma: string; case_no: string; opened_at: number }[]> {
  return tx.many(
    `select rma, case_no, opened_at from device_return
     where ${ofScope(tx.scope)} and ($2::text is null or state = $2) and ($3::text is null or deposit_state = $3)
       and ($4::timestamptz is null or (opened_at, rma) < ($4, $5)) order by opened_at desc, rma desc limit $6`,
    [tx.scope.slice(2), state ?? null, deposit ?? null, instantParam(before?.at), before?.rma ?? '', limit],
  )
}
export async function countReturns(tx: Tx, { state, deposit }: Pick<ReturnsAsked, 'state' | 'deposit'>, max: number): Promise<number> {
  return (await tx.one<{ n: number }>(
    `select count(*)::int as n from (select from device_return where ${ofScope(tx.scope)} and ($2::text is null or state = $2)
       and ($3::text is null or deposit_state = $3) limit $4) x`, [tx.scope.slice(2), state ?? null, deposit ?? null, max],
  ))!.n
}
/** Said beside the policy, so that the index of the looker's own rows is found. */
const ofScope = (scope: Scope): string => scope === '*' ? `$1 = ''` : `${scope.startsWith('p:') ? 'provider' : 'mid'} = $1`
