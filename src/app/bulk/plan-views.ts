// Plans as people see them: moments, waves, how many are how far – and by name, one by one –, tasks, and what may be done now.
import { mayHold, mayNot, type Right } from '../../domain/authority.ts'
import { planSentence, type PlanCounts } from '../../domain/bulk-plan.ts'
import { secondNeeded, type TestGiven } from '../../domain/bulk.ts'
import { when } from '../../domain/effects.ts'
import { sentenceOf, type RefusalCode } from '../../domain/refusals.ts'
import { ownerOf, planKinds, planStages, say, words, type Language, type PlanKind, type PlanStage, type Role } from '../../domain/vocabulary.ts'
import { list_total_exact_max } from '../../limits.ts'
import { bulksOfPlan } from '../../store/bulk.ts'
import { countNewcomers, countStages, readTasks, type MemberRow, type StoredPlan } from '../../store/bulk-plans.ts'
import type { Selection } from '../../store/bulk-selection.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { isoOrNull, type Asker } from './views.ts'

export const planActs = ['start', 'confirm', 'test', 'open', 'met', 'look', 'add', 'finish-task', 'end'] as const
export type PlanAct = (typeof planActs)[number]
type Stages = Partial<Record<PlanStage, number>>

export type PlanView = {
  id: string; kind: PlanKind; kindWords: string; name: string; reason: string; words: string; selection: Selection; requirement: 'device' | 'confirmed'
  effectiveFrom: string; testFrom: string | null; expectedUntil: string | null
  begunAt: string | null; releasedAt: string | null; missedAt: string | null; endedAt: string | null
  createdBy: string; createdAt: string
  progress: { total: number; done: number; failed: number; running: number }
  stages: Stages
  waves: { name: string; at: string; region: string | null; total: number; met: number; overdue: number; stages: Stages }[]
  newcomers: number; met: number; overdue: number
  tasks: { id: string; title: string; assignee: Role; dueAt: string; overdue: boolean; doneAt: string | null; note: string | null }[]
  bulks: { id: string; name: string; act: string; state: string; total: number; done: number; refused: number; unable: number }[]
  needsSecond: boolean; sentence: string; allowed: Record<PlanAct, true | RefusalCode>; version: number
}
export type MemberView = {
  tid: string; mid: string; merchant: string; wave: number; stage: PlanStage; stageWords: string; hold: string | null
  tested: (TestGiven & { passed: boolean; at: string }) | null; metAt: string | null; overdueAt: string | null; code: RefusalCode | null; sentence: string | null
}

/** Whether every list that places the plan's stops is done. */
export const isPlaced = async (tx: Tx, plan: string): Promise<boolean> =>
  (await bulksOfPlan(tx, plan)).filter((b) => b.act.act === 'place_hold').every((b) => b.state === 'done' || b.state === 'cancelled')

export async function viewPlan(app: App, tx: Tx, plan: StoredPlan, { actor, language }: Asker): Promise<PlanView> {
  const now = app.clock.now()
  const { policy } = app.policyAt(plan.provider, now)
  const bulks = await bulksOfPlan(tx, plan.id)
  const stops = bulks.filter((b) => b.act.act === 'place_hold')
  const counted = await countStages(tx, plan.id, now, stops.every((b) => b.state === 'done' || b.state === 'cancelled'))
  const sum = (of: typeof counted, what: 'n' | 'met' | 'overdue' = 'n'): number => of.reduce((n, c) => n + c[what], 0)
  const stagesOf = (of: typeof counted): Stages =>
    Object.fromEntries(words(planStages).map((s) => [s, sum(of.filter((c) => c.stage === s))]).filter(([, n]) => n !== 0)) as Stages
  const stages = stagesOf(counted)
  const total = sum(counted)
  const tasks = await readTasks(tx, plan.id)
  const newcomers = plan.kind === 'campaign' && plan.endedAt === undefined ? await countNewcomers(tx, plan, list_total_exact_max) : 0
  const isConfirming = stops.some((b) => b.state === 'confirming')
  const done = (stages.open ?? 0) + (stages.spared ?? 0)
  const failed = (stages.failed ?? 0) + (stages.refused ?? 0) + (stages.held ?? 0)
  const states = { plan, newcomers, isConfirming, isReady: stops.some((b) => b.state === 'ready'), hasTasks: tasks.some((t) => t.done_at === null) }
  const allowed = (act: PlanAct): true | RefusalCode => {
    const role = mayNot(actor, rights[act]) ?? (act === 'open' && !mayHold(actor, ownerOf(plan.reason), policy) ? { refused: 'plan_owner' as const } : undefined)
    return role?.refused ?? (plan.endedAt === undefined ? obstacle[act](states, actor.person) : 'plan_ended') ?? true
  }
  return {
    id: plan.id, kind: plan.kind, kindWords: say(planKinds[plan.kind], language), name: plan.name, reason: plan.reason,
    words: app.vault.open(plan.wordsSealed, `plan.words:${plan.id}`).toString(), selection: plan.selection, requirement: plan.requirement,
    effectiveFrom: isoOrNull(plan.effectiveFrom)!, testFrom: isoOrNull(plan.testFrom), expectedUntil: isoOrNull(plan.expectedUntil), begunAt: isoOrNull(plan.begunAt),
    releasedAt: isoOrNull(plan.releasedAt), missedAt: isoOrNull(plan.missedAt), endedAt: isoOrNull(plan.endedAt), createdBy: plan.actor.name, createdAt: isoOrNull(plan.createdAt)!,
    progress: { total, done, failed, running: plan.begunAt === undefined || plan.endedAt !== undefined ? 0 : total - done - failed },
    stages,
    waves: plan.waves.map((w, i) => {
      const of = counted.filter((c) => c.wave === i)
      return { name: w.name, at: isoOrNull(w.at)!, region: w.region ?? null, total: sum(of), met: sum(of, 'met'), overdue: sum(of, 'overdue'), stages: stagesOf(of) }
    }),
    newcomers, met: sum(counted, 'met'), overdue: sum(counted, 'overdue'),
    tasks: tasks.map((t) => ({ id: t.id, title: t.title, assignee: t.assignee, dueAt: isoOrNull(t.due_at)!, overdue: t.done_at === null && t.due_at < now, doneAt: isoOrNull(t.done_at), note: t.note })),
    bulks: bulks.map((b) => ({ id: b.id, name: b.name, act: b.act.act, state: b.state, total: b.total, done: b.done, refused: b.refused, unable: b.unable })),
    needsSecond: secondNeeded({ total }, policy),
    sentence: say(planSentence({ ...plan, total, counts: stages as PlanCounts, isConfirming, newcomers, met: sum(counted, 'met'), overdue: sum(counted, 'overdue') }, (at) => when(at, app.zone)), language),
    allowed: Object.fromEntries(planActs.map((act) => [act, allowed(act)])) as PlanView['allowed'], version: plan.version,
  }
}

const rights: Readonly<Record<PlanAct, Right>> = {
  start: 'run-bulk', confirm: 'confirm-bulk', test: 'record-test', open: 'lift-hold', met: 'run-bulk', look: 'run-bulk', add: 'run-bulk', 'finish-task': 'run-bulk', end: 'run-bulk',
}
type States = { plan: StoredPlan; newcomers: number; isConfirming: boolean; isReady: boolean; hasTasks: boolean }
const inCampaign = ({ plan }: States): RefusalCode | undefined => (plan.kind === 'campaign' ? undefined : 'plan_kind')
const obstacle: Readonly<Record<PlanAct, (s: States, person: string) => RefusalCode | undefined>> = {
  start: (s) => (s.isReady ? undefined : 'bulk_not_in_this_state'),
  confirm: (s, person) => (!s.isConfirming ? 'bulk_not_in_this_state' : s.plan.createdBy === person ? 'bulk_second_person' : undefined),
  test: () => undefined,
  open: (s) => (s.plan.kind === 'maintenance' ? undefined : 'plan_kind'),
  met: inCampaign,
  look: inCampaign,
  add: (s) => inCampaign(s) ?? (s.newcomers > 0 ? undefined : 'bulk_none'),
  'finish-task': (s) => (s.hasTasks ? undefined : 'plan_task_unknown'),
  end: () => undefined,
}

// Of a merchant that was disposed of nothing is left of a test but that there was one.
const testOf = ({ tested, tested_at }: MemberRow): MemberView['tested'] => {
  const failed = tested?.failed ?? []
  return tested && { ...tested, failed, passed: failed.length === 0, at: isoOrNull(tested_at)! }
}
export const viewMember = (m: MemberRow, language: Language): MemberView => ({
  tid: m.tid, mid: m.mid, merchant: m.name, wave: m.wave, stage: m.stage, stageWords: say(planStages[m.stage], language), hold: m.hold,
  tested: testOf(m),
  metAt: isoOrNull(m.met_at), overdueAt: isoOrNull(m.overdue_at), code: m.code,
  sentence: m.code === null ? null : sentenceOf({ refused: m.code, with: m.particulars ?? {} }, language),
})
