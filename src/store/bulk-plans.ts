// Plans and who belongs to them. How far a terminal is in its plan is read from its hold, its test and the clock, wherever it is
// asked: a hold that was lifted by hand, or a test somebody recorded on the terminal itself, needs no telling here.
import type { Actor } from '../domain/authority.ts'
import type { TestGiven } from '../domain/bulk.ts'
import type { PlanTask, Wave } from '../domain/bulk-plan.ts'
import { isRefusal, type Refusal, type RefusalCode } from '../domain/refusals.ts'
import type { PlanKind, PlanStage, Reason, Role } from '../domain/vocabulary.ts'
import { deviceWhere, selectionSql, type Selection } from './bulk-selection.ts'
import { isUuid } from './bulk.ts'
import { instantParam, type Tx } from './db.ts'
import { numbered } from './lists.ts'

export type StoredPlan = {
  id: string
  provider: string
  kind: PlanKind
  name: string
  reason: Reason
  wordsSealed: Buffer
  selection: Selection
  waves: readonly Wave[]
  requirement: 'device' | 'confirmed'
  effectiveFrom: number
  testFrom: number | undefined
  expectedUntil: number | undefined
  actor: Actor
  createdBy: string
  createdAt: number
  begunAt: number | undefined
  releasedAt: number | undefined
  missedAt: number | undefined
  endedAt: number | undefined
  endedBy: string | undefined
  dueAt: number | undefined
  version: number
}
type PlanRow = {
  id: string; provider: string; kind: PlanKind; name: string; reason: Reason; words_sealed: Buffer; selection: Selection; waves: Wave[]
  requirement: 'device' | 'confirmed'; effective_from: number; test_from: number | null; expected_until: number | null; actor: Actor; created_by: string
  created_at: number; begun_at: number | null; released_at: number | null; missed_at: number | null; ended_at: number | null; ended_by: string | null
  due_at: number | null; version: number
}
const planOf = (r: PlanRow): StoredPlan => ({
  id: r.id, provider: r.provider, kind: r.kind, name: r.name, reason: r.reason, wordsSealed: r.words_sealed, selection: r.selection, waves: r.waves,
  requirement: r.requirement, effectiveFrom: r.effective_from, testFrom: r.test_from ?? undefined, expectedUntil: r.expected_until ?? undefined, actor: r.actor,
  createdBy: r.created_by, createdAt: r.created_at, begunAt: r.begun_at ?? undefined, releasedAt: r.released_at ?? undefined, missedAt: r.missed_at ?? undefined,
  endedAt: r.ended_at ?? undefined, endedBy: r.ended_by ?? undefined, dueAt: r.due_at ?? undefined, version: r.version,
})

export const insertPlan = async (tx: Tx, p: StoredPlan): Promise<void> => {
  await tx.run(
    `insert into plan (id, provider, kind, name, reason, words_sealed, selection, waves, requirement, effective_from, test_from, expected_until, actor, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [p.id, p.provider, p.kind, p.name, p.reason, p.wordsSealed, JSON.stringify(p.selection), JSON.stringify(p.waves), p.requirement, instantParam(p.effectiveFrom),
      instantParam(p.testFrom), instantParam(p.expectedUntil), JSON.stringify(p.actor), p.createdBy, instantParam(p.createdAt)],
  )
}
/** What changes of a plan as it goes on. */
export const savePlan = (tx: Tx, p: StoredPlan): Promise<number> => tx.run(
  `update plan set begun_at = $2, released_at = $3, missed_at = $4, ended_at = $5, ended_by = $6, due_at = $7, version = version + 1 where id = $1`,
  [p.id, instantParam(p.begunAt), instantParam(p.releasedAt), instantParam(p.missedAt), instantParam(p.endedAt), p.endedBy ?? null, instantParam(p.dueAt)],
)

const one = async (tx: Tx, sql: string, id: string): Promise<StoredPlan | undefined> => {
  const row = isUuid(id) ? await tx.one<PlanRow>(sql, [id]) : undefined
  return row && planOf(row)
}
export const readPlan = (tx: Tx, id: string): Promise<StoredPlan | undefined> => one(tx, 'select * from plan where id = $1', id)
export const lockPlan = (tx: Tx, id: string): Promise<StoredPlan | undefined> => one(tx, 'select * from plan where id = $1 for update', id)
/** A plan on which time has something to bring about, taken before others take it. */
export const lockDuePlan = async (tx: Tx, now: number, passed: readonly string[]): Promise<StoredPlan | undefined> => {
  const row = await tx.one<PlanRow>('select * from plan where due_at <= $1 and id <> all($2) order by due_at, id limit 1 for update skip locked', [instantParam(now), passed])
  return row && planOf(row)
}
export const listPlans = async (tx: Tx, after: { at: number; id: string } | undefined, max: number): Promise<StoredPlan[]> => (await tx.many<PlanRow>(
  'select * from plan where (created_at, id) < ($1::timestamptz, $2::uuid) order by created_at desc, id desc limit $3',
  [after ? instantParam(after.at) : 'infinity', after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', max],
)).map(planOf)
export const countPlans = async (tx: Tx, max: number): Promise<number> =>
  (await tx.one<{ n: number }>('select count(*)::int as n from (select from plan limit $1) c', [max + 1]))!.n

// ── Members ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type Found = { tid: string; mid: string; address: string | null }
/** Terminals the selection means now that are not in the plan, in the order of their merchants. */
export async function foundFor(tx: Tx, { id, selection }: Pick<StoredPlan, 'id' | 'selection'>, max: number): Promise<Found[] | Refusal> {
  const meant = await selectionSql(tx, selection)
  if (isRefusal(meant)) return meant
  return tx.many<Found>(...numbered(
    `select t.tid, t.mid, s.address from terminal t left join store s on s.id = t.store_id
     where t.tid in (${meant.sql}) and not exists (select from plan_terminal m where m.plan = $::uuid and m.tid = t.tid) order by t.mid, t.tid limit $`, [...meant.values, id, max],
  ))
}
export async function countNewcomers(tx: Tx, { id, selection }: Pick<StoredPlan, 'id' | 'selection'>, max: number): Promise<number> {
  const meant = await selectionSql(tx, selection)
  if (isRefusal(meant)) return 0
  return (await tx.one<{ n: number }>(...numbered(
    `select count(*)::int as n from (select from (${meant.sql}) x where not exists (select from plan_terminal m where m.plan = $::uuid and m.tid = x.tid) limit $) c`,
    [...meant.values, id, max],
  )))!.n
}
export const addMembers = (tx: Tx, plan: Pick<StoredPlan, 'id' | 'provider'>, found: readonly Found[], waves: readonly number[]): Promise<number> => tx.run(
  `insert into plan_terminal (plan, tid, provider, mid, wave) select $1, x.tid, $2, x.mid, x.wave from unnest($3::text[], $4::text[], $5::int[]) x(tid, mid, wave)`,
  [plan.id, plan.provider, found.map((f) => f.tid), found.map((f) => f.mid), waves],
)
export const countMembers = async (tx: Tx, plan: string): Promise<number> =>
  (await tx.one<{ n: number }>('select count(*)::int as n from plan_terminal where plan = $1', [plan]))!.n

/** $1 the plan, $2 now, $3 whether its stops are all placed. */
const stage = `case
  when m.hold is null then case when $3 then 'refused' else 'waiting' end
  when h.withdrawn_at is not null then 'spared'
  when h.lifted_at is not null then case when t.service in ('active', 'restricted', 'closed') then 'open' else 'held' end
  when h.effective_from > $2::timestamptz then 'told'
  when h.cleared_at is null then 'stopped'
  when (select not d.passed from device_test d where d.tid = m.tid and d.at >= h.cleared_at order by d.at desc limit 1) then 'failed'
  else 'testing' end`
const members = `plan_terminal m left join hold h on h.id = m.hold join terminal t on t.tid = m.tid where m.plan = $1`

export type StageCount = { stage: PlanStage; wave: number; n: number; met: number; overdue: number }
export const countStages = (tx: Tx, plan: string, now: number, isPlaced: boolean): Promise<StageCount[]> => tx.many<StageCount>(
  `select stage, wave, count(*)::int as n, count(met_at)::int as met, count(overdue_at) filter (where met_at is null)::int as overdue
   from (select ${stage} as stage, m.wave, m.met_at, m.overdue_at from ${members}) x group by stage, wave`, [plan, instantParam(now), isPlaced],
)
export type MemberRow = {
  tid: string; mid: string; name: string; wave: number; stage: PlanStage; hold: string | null; tested: TestGiven | null; tested_by: string | null; tested_at: number | null
  met_at: number | null; met_by: string | null; overdue_at: number | null; code: RefusalCode | null; particulars: Refusal['with'] | null
}
/** Members in order of their number, after one; of one stage or wave where asked for, with what their list said last. */
export const readMembers = (
  tx: Tx, plan: string, { after, stage: wanted, wave }: { after: string; stage?: PlanStage | undefined; wave?: number | undefined }, now: number, isPlaced: boolean, max: number,
): Promise<MemberRow[]> => tx.many<MemberRow>(
  `select x.*, c.name, r.code, r.particulars from (select m.tid, m.mid, m.wave, ${stage} as stage, m.hold, m.tested, m.tested_by, m.tested_at, m.met_at, m.met_by, m.overdue_at
     from ${members} and m.tid > $4 and ($5::int is null or m.wave = $5)) x
   join merchant c on c.mid = x.mid
   left join lateral (select i.code, i.particulars from bulk b join bulk_item i on i.bulk = b.id where b.plan = $1 and i.tid = x.tid and i.code is not null
     order by b.created_at desc limit 1) r on x.stage in ('refused', 'testing', 'failed', 'held')
   where $6::text is null or x.stage = $6 order by x.tid limit $7`,
  [plan, instantParam(now), isPlaced, after, wave ?? null, wanted ?? null, max],
)

/** Results as they come; returns the numbers that belong to the plan. */
export const noteTests = async (tx: Tx, plan: string, results: readonly ({ tid: string } & TestGiven)[], by: string, now: number): Promise<string[]> => (await tx.many<{ tid: string }>(
  `update plan_terminal m set tested = r.tested, tested_by = $3, tested_at = $4 from jsonb_to_recordset($2::jsonb) r(tid text, tested jsonb)
   where m.plan = $1 and m.tid = r.tid returning m.tid`,
  [plan, JSON.stringify(results.map(({ tid, failed, note }) => ({ tid, tested: { failed, ...(note ? { note } : {}) } }))), by, instantParam(now)],
)).map((r) => r.tid)

/** Somebody says that terminals meet the requirement; returns those of the plan. */
export const noteMet = async (tx: Tx, plan: string, tids: readonly string[], by: string, now: number): Promise<string[]> => (await tx.many<{ tid: string }>(
  'update plan_terminal set met_at = coalesce(met_at, $4), met_by = coalesce(met_by, $3) where plan = $1 and tid = any($2) returning tid', [plan, tids, by, instantParam(now)],
)).map((r) => r.tid)
/** Members whose device is not what was looked for any more – another version, another device – or none at all. */
export async function noteMetByDevice(tx: Tx, { id, selection }: StoredPlan, now: number): Promise<string[]> {
  const matches = deviceWhere(selection)
  if (matches === undefined) return []
  return (await tx.many<{ tid: string }>(...numbered(
    `update plan_terminal m set met_at = $, met_by = 'system' from terminal t where m.plan = $ and m.met_at is null and t.tid = m.tid and not coalesce((${matches.sql}), false) returning m.tid`,
    [instantParam(now), id, ...matches.values],
  ))).map((r) => r.tid)
}
/** Members of waves that are over and have not met the requirement, named once. */
export const noteOverdue = (tx: Tx, plan: string, waves: readonly number[], now: number): Promise<{ tid: string; mid: string }[]> => tx.many(
  `update plan_terminal set overdue_at = $3 where plan = $1 and wave = any($2) and met_at is null and overdue_at is null and hold is not null returning tid, mid`,
  [plan, waves, instantParam(now)],
)
/** Members whose stop may end now: the plan's hold is not over, and – in a campaign – the requirement is met. */
export const releasable = async (tx: Tx, plan: StoredPlan): Promise<string[]> => (await tx.many<{ tid: string }>(
  `select m.tid from plan_terminal m join hold h on h.id = m.hold where m.plan = $1 and h.lifted_at is null and h.withdrawn_at is null and ($2 or m.met_at is not null)`,
  [plan.id, plan.kind === 'maintenance'],
)).map((r) => r.tid)

// ── Tasks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
export const insertTasks = async (tx: Tx, { id, provider }: Pick<StoredPlan, 'id' | 'provider'>, tasks: readonly PlanTask[]): Promise<void> => {
  for (const t of tasks) await tx.run(
    'insert into plan_task (plan, id, provider, title, assignee, due_at) values ($1, $2, $3, $4, $5, $6)', [id, t.id, provider, t.title, t.assignee, instantParam(t.dueAt)],
  )
}
export type TaskRow = { id: string; title: string; assignee: Role; due_at: number; done_at: number | null; done_by: string | null; note: string | null }
export const readTasks = (tx: Tx, plan: string): Promise<TaskRow[]> =>
  tx.many<TaskRow>('select id, title, assignee, due_at, done_at, done_by, note from plan_task where plan = $1 order by due_at, id', [plan])
export const doneTask = (tx: Tx, plan: string, task: string, by: string, note: string | undefined, now: number): Promise<number> =>
  tx.run('update plan_task set done_at = $4, done_by = $3, note = $5 where plan = $1 and id = $2 and done_at is null', [plan, task, by, instantParam(now), note ?? null])

/** A notice to many merchants: one row each. */
export const insertNotices = (tx: Tx, rows: readonly { id: string; kind: string; provider: string; mid: string; audience: string; tid: string | null; zh: string; en: string }[], now: number): Promise<number> => tx.run(
  `insert into notice (id, kind, provider, mid, audience, tid, words_zh, words_en, at)
   select r.id, r.kind, r.provider, r.mid, r.audience, r.tid, r.zh, r.en, $2 from jsonb_to_recordset($1::jsonb) r(id uuid, kind text, provider text, mid text, audience text, tid text, zh text, en text)`,
  [JSON.stringify(rows), instantParam(now)],
)
