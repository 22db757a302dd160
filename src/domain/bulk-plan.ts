// A plan: a dated list of steps over many terminals. A maintenance window stops them at one moment, gives them free for their
// test at another, and names by its end those that are not open. A campaign finds terminals by what they stand on and stops
// them wave by wave, each until its requirement is met. Tasks are what people do beside that, due by rules that count from the
// stop and its end.
import { dueAt, isUnknownYear, type Calendar, type DueRule } from './calendar.ts'
import { isRefusal, refuse, refuseField, type Refusal } from './refusals.ts'
import { ownerOf, planKinds, planStages, reasons, type PlanKind, type PlanStage, type Reason, type Role, type Words } from './vocabulary.ts'

export type Wave = {
  name: string
  /** When its terminals are stopped; by then the requirement should be met. */
  at: number
  /** Only stores whose address has this part. */
  region?: string | undefined
  /** At most so many; the last wave takes the rest. */
  max?: number | undefined
}
export type PlanTask = { id: string; title: string; assignee: Role; dueAt: number }
export type TaskAsked = { id: string; title: string; assignee: Role; due: DueRule }

export type PlanAsked = {
  kind: PlanKind
  reason: Reason
  effectiveFrom?: number | undefined
  drainUntil?: number | undefined
  testFrom?: number | undefined
  expectedUntil?: number | undefined
  waves?: readonly Wave[] | undefined
}
export type PlanTimes = { effectiveFrom: number; drainUntil: number | undefined; testFrom: number | undefined; expectedUntil: number | undefined; waves: readonly Wave[] }

/** The moments of a plan, in their order; a window without a time for tests tests at its end. */
export function timesOf(asked: PlanAsked, now: number): PlanTimes | Refusal {
  const { kind, effectiveFrom, drainUntil, testFrom, expectedUntil } = asked
  if (!ofPlan[kind](asked.reason)) return refuseField('/reason', 'reason_not_yours', { reason: asked.reason })
  if (kind === 'campaign') {
    const waves = asked.waves ?? []
    if (waves.length === 0) return refuseField('/waves', 'plan_times')
    const first = Math.min(...waves.map((w) => w.at))
    if (first < now) return refuseField('/waves', 'plan_times')
    if (expectedUntil !== undefined && expectedUntil <= Math.max(...waves.map((w) => w.at))) return refuseField('/expectedUntil', 'plan_times')
    return { effectiveFrom: first, drainUntil: undefined, testFrom: undefined, expectedUntil, waves }
  }
  if (expectedUntil === undefined) return refuseField('/expectedUntil', 'until_required')
  const from = effectiveFrom ?? now
  const tests = testFrom ?? expectedUntil
  const drained = drainUntil ?? from
  if (from < now || drained < from || tests < drained || expectedUntil < tests || expectedUntil <= from) return refuse('plan_times')
  return { effectiveFrom: from, drainUntil, testFrom: tests, expectedUntil, waves: [{ name: '', at: from }] }
}

const ofPlan: Readonly<Record<PlanKind, (reason: Reason) => boolean>> = {
  maintenance: (reason) => reason === 'P01' || reason === 'P02',
  campaign: (reason) => ownerOf(reason) === 'operations' || ownerOf(reason) === 'compliance',
}

/** The wave each terminal belongs to: the first that takes its region and has room, else the last. */
export function assignWaves(waves: readonly Wave[], addresses: readonly (string | null)[]): number[] {
  const taken = waves.map(() => 0)
  return addresses.map((address) => {
    const fits = waves.findIndex((w, i) => (w.max === undefined || taken[i]! < w.max) && (w.region === undefined || (address ?? '').includes(w.region)))
    const wave = fits === -1 ? waves.length - 1 : fits
    taken[wave]! += 1
    return wave
  })
}

/** The tasks with their dates; refused where a year's working days are not known. */
export function tasksOf(asked: readonly TaskAsked[], { effectiveFrom, expectedUntil }: PlanTimes, now: number, calendar: Calendar, zone: string): PlanTask[] | Refusal {
  const dated = asked.map(({ due, ...task }): PlanTask | Refusal => {
    const at = dueAt(due, { effectiveFrom, expectedUntil, submittedAt: now, approvedAt: now }, calendar, zone)
    if (isUnknownYear(at)) return refuse('calendar_unknown', { year: at.unknownYear })
    return at === undefined ? refuseField('/tasks', 'until_required') : { ...task, dueAt: at }
  })
  return dated.find(isRefusal) ?? (dated as PlanTask[])
}

/** Where the clock must next look at a plan: its tests begin, it ends, a wave is over. Campaigns look at devices now and then. */
export function planDue(
  plan: { kind: PlanKind; begunAt?: number | undefined; endedAt?: number | undefined; testFrom?: number | undefined; releasedAt?: number | undefined; expectedUntil?: number | undefined; missedAt?: number | undefined; waves: readonly Wave[] },
  now: number, look_every_ms: number,
): number | undefined {
  if (plan.begunAt === undefined || plan.endedAt !== undefined) return undefined
  if (plan.kind === 'maintenance') return plan.releasedAt === undefined ? plan.testFrom : plan.missedAt === undefined ? plan.expectedUntil : undefined
  return Math.min(now + look_every_ms, ...plan.waves.map((w) => w.at).filter((at) => at > now))
}

/** Stages in which a terminal is not back, though its plan is over. */
export const notBack: readonly PlanStage[] = ['stopped', 'testing', 'failed', 'held']

export type PlanCounts = Readonly<Partial<Record<PlanStage, number>>>
export type PlanStanding = {
  kind: PlanKind; reason: Reason; name: string; total: number; counts: PlanCounts
  isConfirming: boolean; begunAt: number | undefined; missedAt: number | undefined; endedAt: number | undefined
  effectiveFrom: number; testFrom: number | undefined; expectedUntil: number | undefined
  newcomers: number; met: number; overdue: number
}

/** What is, what comes, and what is asked of the reader. `at` puts an instant in words. */
export function planSentence(p: PlanStanding, at: (instant: number) => string): Words {
  const n = (stage: PlanStage): number => p.counts[stage] ?? 0
  const [zh, en] = planKinds[p.kind]
  const head: Words = [`${zh}「${p.name}」（${reasons[p.reason][0]}），${p.total} 台。`, `${en[0]!.toUpperCase()}${en.slice(1)} "${p.name}" (${reasons[p.reason][1]}), ${p.total} terminal(s).`]
  const rest = p.endedAt !== undefined ? ended(p) : p.isConfirming ? ['等待另一人复核。', 'It waits for a second person.'] as const
    : p.begunAt === undefined ? ['尚未下达。', 'It has not been started.'] as const
    : p.kind === 'maintenance' ? windowWords(p, n, at) : campaignWords(p, n)
  return [`${head[0]}${rest[0]}`, `${head[1]} ${rest[1]}`]
}

const left = (p: PlanStanding): Words => {
  const parts = notBack.filter((s) => (p.counts[s] ?? 0) > 0)
  return [parts.map((s) => `${planStages[s][0]} ${p.counts[s]} 台`).join('、'), parts.map((s) => `${p.counts[s]} ${planStages[s][1]}`).join(', ')]
}
const ended = (p: PlanStanding): Words => {
  const [zh, en] = left(p)
  return zh === '' ? ['已结束，全部恢复。', 'It has ended; all are open.'] : [`已结束，仍未恢复：${zh}。`, `It has ended; not open: ${en}.`]
}
function windowWords(p: PlanStanding, n: (stage: PlanStage) => number, at: (instant: number) => string): Words {
  const [zh, en] = left(p)
  if (p.missedAt !== undefined) return [`窗口已过，已恢复 ${n('open')} 台，仍停机：${zh}。请逐台处理。`, `The window is over: ${n('open')} open, still stopped: ${en}. Each needs somebody.`]
  if (n('told') > 0) return [`${at(p.effectiveFrom)} 停机，已通知 ${n('told')} 台。`, `The stop is at ${at(p.effectiveFrom)}; ${n('told')} are told.`]
  return [`已恢复 ${n('open')} 台${zh ? `，${zh}` : ''}；${at(p.testFrom!)} 起测试，${at(p.expectedUntil!)} 前应全部恢复。`,
    `${n('open')} open${en ? `, ${en}` : ''}; tests begin at ${at(p.testFrom!)}, all should be open by ${at(p.expectedUntil!)}.`]
}
function campaignWords(p: PlanStanding, n: (stage: PlanStage) => number): Words {
  const news: Words = p.newcomers === 0 ? ['', ''] : [`另有 ${p.newcomers} 台符合条件，尚未列入。`, ` ${p.newcomers} more match and are not in it yet.`]
  return [`已达要求 ${p.met} 台，已通知 ${n('told')} 台，已停机 ${n('stopped') + n('testing') + n('failed')} 台，逾期 ${p.overdue} 台。${news[0]}`,
    `${p.met} meet the requirement, ${n('told')} are told, ${n('stopped') + n('testing') + n('failed')} are stopped, ${p.overdue} are overdue.${news[1]}`]
}
