// Duties as rows: planned a provider at a time from the holds in effect, found by the clock where `next_at` has come.
import type { Call, Check, Duty } from '../domain/care.ts'
import type { CareAnswer, DeviceType, DutyKind, DutyState, HoldOwner, WakeUpItem } from '../domain/vocabulary.ts'
import { instantParam, type Scope, type Tx } from './db.ts'

export type StoredDuty = { duty: Duty; provider: string; mid: string; wordsSealed: Buffer | undefined }
type DutyRow = {
  id: string; kind: DutyKind; state: DutyState; tid: string; provider: string; mid: string; hold: string | null; ticket: string | null; due_at: number; about_at: number | null
  rung: number; next_at: number | null; items: WakeUpItem[]; checks: Check[]; calls: Call[]; answer: CareAnswer | null; words_sealed: Buffer | null
  position: Duty['position'] | null; done_at: number | null; done_by: string | null; escalated_at: number | null; version: number
}
const maybe = <T>(value: T | null): T | undefined => value ?? undefined
const dutyFrom = (r: DutyRow): StoredDuty => ({
  provider: r.provider, mid: r.mid, wordsSealed: maybe(r.words_sealed),
  duty: {
    id: r.id, kind: r.kind, terminal: r.tid, hold: maybe(r.hold), ticket: maybe(r.ticket), state: r.state, dueAt: r.due_at, about: maybe(r.about_at), rung: r.rung,
    nextAt: maybe(r.next_at), items: r.items, checks: r.checks, calls: r.calls, answer: maybe(r.answer), position: r.position ?? undefined, doneAt: maybe(r.done_at),
    doneBy: maybe(r.done_by), escalatedAt: maybe(r.escalated_at), version: r.version,
  },
})

export const readDuty = async (tx: Tx, id: string): Promise<StoredDuty | undefined> => {
  const row = await tx.one<DutyRow>('select * from care_duty where id = $1', [id])
  return row && dutyFrom(row)
}
/** Where a duty is, before its terminal is locked; with `dueBy` only where the clock has something to do. */
export const terminalOfDuty = async (tx: Tx, id: string, dueBy?: number): Promise<string | undefined> =>
  (await tx.one<{ tid: string }>('select tid from care_duty where id = $1 and ($2::timestamptz is null or next_at <= $2)', [id, instantParam(dueBy)]))?.tid

export const dutiesOf = async (tx: Tx, tid: string, count_max: number): Promise<StoredDuty[]> =>
  (await tx.many<DutyRow>(`select * from care_duty where tid = $1 order by (state in ('open', 'answered')) desc, due_at desc limit $2`, [tid, count_max])).map(dutyFrom)
export const openDutiesOf = async (tx: Tx, tid: string): Promise<StoredDuty[]> =>
  (await tx.many<DutyRow>(`select * from care_duty where tid = $1 and state in ('open', 'answered') order by due_at, id`, [tid])).map(dutyFrom)

export type DutiesAsked = { kind?: DutyKind | undefined; after?: { at: number; id: string } | undefined; limit: number }
const ofScope = (scope: Scope): string => (scope === '*' ? `$1 = ''` : `${scope.startsWith('p:') ? 'provider' : 'mid'} = $1`)
/** What is open, the first due first. */
export const listDuties = async (tx: Tx, { kind, after, limit }: DutiesAsked): Promise<StoredDuty[]> => (await tx.many<DutyRow>(
  `select * from care_duty where state in ('open', 'answered') and ${ofScope(tx.scope)} and ($2::text is null or kind = $2)
     and ($3::timestamptz is null or (due_at, id) > ($3, $4::uuid)) order by due_at, id limit $5`,
  [tx.scope === '*' ? '' : tx.scope.slice(2), kind ?? null, instantParam(after?.at), after?.id ?? null, limit],
)).map(dutyFrom)
export const countDuties = async (tx: Tx, { kind }: Pick<DutiesAsked, 'kind'>, count_max: number): Promise<number> => (await tx.one<{ n: number }>(
  `select count(*)::int as n from (select from care_duty where state in ('open', 'answered') and ${ofScope(tx.scope)} and ($2::text is null or kind = $2) limit $3) x`,
  [tx.scope === '*' ? '' : tx.scope.slice(2), kind ?? null, count_max],
))!.n

const rowOf = (d: Duty, { provider, mid }: { provider: string; mid: string }): object => ({
  id: d.id, kind: d.kind, state: d.state, tid: d.terminal, provider, mid, hold: d.hold ?? null, ticket: d.ticket ?? null, due_at: instantParam(d.dueAt),
  about_at: instantParam(d.about), rung: d.rung, next_at: instantParam(d.nextAt), items: d.items, checks: d.checks, calls: d.calls, answer: d.answer ?? null, words_sealed: null,
  position: d.position ?? null, done_at: instantParam(d.doneAt), done_by: d.doneBy ?? null, escalated_at: instantParam(d.escalatedAt), version: d.version,
})

/** Adds duties; one that is open already of the same kind stays alone. How many were new. */
export const insertDuties = (tx: Tx, duties: readonly { duty: Duty; provider: string; mid: string }[]): Promise<number> => duties.length === 0 ? Promise.resolve(0) : tx.run(
  'insert into care_duty select r.* from jsonb_populate_recordset(null::care_duty, $1) r on conflict do nothing', [JSON.stringify(duties.map((d) => rowOf(d.duty, d)))],
)

export const saveDuty = (tx: Tx, d: Duty, wordsSealed?: Buffer): Promise<number> => tx.run(
  `update care_duty set state = $2, due_at = $3, rung = $4, next_at = $5, checks = $6, calls = $7, answer = $8, position = $9, done_at = $10, done_by = $11,
     escalated_at = $12, version = $13, words_sealed = coalesce($14, words_sealed) where id = $1`,
  [d.id, d.state, instantParam(d.dueAt), d.rung, instantParam(d.nextAt), JSON.stringify(d.checks), JSON.stringify(d.calls), d.answer ?? null,
    d.position ? JSON.stringify(d.position) : null, instantParam(d.doneAt), d.doneBy ?? null, instantParam(d.escalatedAt), d.version, wordsSealed ?? null],
)

// ── Planning ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type StopRow = {
  id: string; tid: string; mid: string; owner: HoldOwner; effective_from: number; expected_until: number | null; type: DeviceType | null
  /** The terminal's longest stop in effect: the device is looked at for this one only. */
  leads: boolean
  /** When the device was last looked at under it. */
  looked_at: number | null
  /** Kinds this stop has a duty of: with the return date it was reckoned from where there is one. */
  known: { kind: DutyKind; about: string | null; open: boolean }[]
}
/** What was reckoned from a return date that is another one now is reckoned anew. */
export const dropStale = (tx: Tx, provider: string): Promise<number> => tx.run(
  `update care_duty c set state = 'cancelled', next_at = null, version = c.version + 1 from hold h
   where c.provider = $1 and c.state in ('open', 'answered') and c.about_at is not null and h.id = c.hold and h.expected_until is distinct from c.about_at`, [provider],
)
/** Stops in effect of one provider with what is planned for each, a batch at a time. */
export const stopsInEffect = (tx: Tx, provider: string, after: string, count_max: number): Promise<StopRow[]> => tx.many<StopRow>(
  `select h.id, h.tid, h.mid, h.owner, h.effective_from, h.expected_until, d.type,
     not exists (select from hold o where o.tid = h.tid and o.id <> h.id and o.effect = 'stop' and o.started_at is not null and o.lifted_at is null and o.withdrawn_at is null
       and o.cleared_at is null and (o.effective_from, o.id) < (h.effective_from, h.id)) as leads,
     (select max(c.done_at) from care_duty c where c.tid = h.tid and c.kind = 'custody_check' and c.state = 'done' and c.done_at >= h.effective_from) as looked_at,
     (select coalesce(json_agg(json_build_object('kind', c.kind, 'about', c.about_at, 'open', c.state in ('open', 'answered'))), '[]') from care_duty c
       where c.hold = h.id or (c.tid = h.tid and c.kind = 'custody_check' and c.state = 'open')) as known
   from hold h join terminal t on t.tid = h.tid left join device d on d.serial = t.serial
   where h.provider = $1 and h.effect = 'stop' and h.started_at is not null and h.lifted_at is null and h.withdrawn_at is null and h.cleared_at is null
     and t.closed_at is null and h.id::text > $2 order by h.id::text limit $3`, [provider, after, count_max],
)

// ── What was seen ───────────────────────────────────────────────────────────────────────────────────────────────────
export type Seen = { id: number; tid: string; event: 'serial_mismatch' | 'position_mismatch'; at: number; gate: string; seen: Record<string, unknown> }
export const noteSeen = (tx: Tx, tid: string, event: string, at: number, gate: string, seen: object): Promise<number> => tx.run(
  `insert into care_seen (tid, provider, mid, event, at, gate, seen) select tid, provider, mid, $2, $3, $4, $5 from terminal where tid = $1 and closed_at is null`,
  [tid, event, instantParam(at), gate, JSON.stringify(seen)],
)
export const waitingSeen = (tx: Tx, count_max: number): Promise<Seen[]> => tx.many<Seen>('select id, tid, event, at, gate, seen from care_seen order by id limit $1', [count_max])
export const takeSeen = (tx: Tx, id: number): Promise<number> => tx.run('delete from care_seen where id = $1', [id])

/** Holds for money whose books changed since they were looked at last, and the looks that will then be done with. */
export const accountsMoved = (tx: Tx, count_max: number): Promise<{ provider: string; mid: string; through: number }[]> => tx.many(
  'select provider, mid, max(id) as through from care_account group by provider, mid order by 3 limit $1', [count_max],
)
export const holdsForMoney = (tx: Tx, provider: string, mid: string): Promise<{ id: string; tid: string }[]> => tx.many(
  `select id, tid from hold where provider = $1 and mid = $2 and reason in ('A01', 'A02', 'A04') and cleared_at is null and withdrawn_at is null order by tid, id`, [provider, mid],
)
export const accountLooked = (tx: Tx, provider: string, mid: string, through: number): Promise<number> =>
  tx.run('delete from care_account where provider = $1 and mid = $2 and id <= $3', [provider, mid, through])

// ── Sessions ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const noteSession = (tx: Tx, tid: string, at: number, isOn: boolean): Promise<number> => tx.run(
  `insert into care_session (tid, provider, mid, ${isOn ? 'signed_on_at' : 'signed_off_at'}) select tid, provider, mid, $2 from terminal where tid = $1
   on conflict (tid) do update set ${isOn ? 'signed_on_at = greatest(care_session.signed_on_at, $2)' : 'signed_off_at = greatest(care_session.signed_off_at, $2)'}`,
  [tid, instantParam(at)],
)

export type Evening = { mid: string; left_on: string[]; unsettled: string[]; unused: string[] }
/** Of one provider, merchant by merchant: terminals left signed on today, with a batch not settled, or unused since that day. */
export const eveningOf = (tx: Tx, provider: string, dayStart: number, unusedDay: readonly [from: number, to: number], after: string, count_max: number): Promise<Evening[]> => tx.many(
  `with found as (
     select t.mid, t.tid, 'left_on' as what from care_session s join terminal t using (tid)
       where s.provider = $1 and t.service = 'active' and s.signed_on_at >= $2 and (s.signed_off_at is null or s.signed_off_at < s.signed_on_at)
     union all select t.mid, t.tid, 'unsettled' from terminal t where t.provider = $1 and t.service = 'active' and not t.clear and t.clearance @> '[{"kind": "unsettled"}]'
     union all select t.mid, t.tid, 'unused' from terminal t where t.provider = $1 and t.service = 'active' and t.last_transaction_at >= $3 and t.last_transaction_at < $4
   )
   select mid, coalesce(array_agg(tid order by tid) filter (where what = 'left_on'), '{}') as left_on,
     coalesce(array_agg(tid order by tid) filter (where what = 'unsettled'), '{}') as unsettled, coalesce(array_agg(tid order by tid) filter (where what = 'unused'), '{}') as unused
   from found where mid > $5 group by mid order by mid limit $6`,
  [provider, instantParam(dayStart), instantParam(unusedDay[0]), instantParam(unusedDay[1]), after, count_max],
)
