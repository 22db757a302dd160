// A draft of a policy tried on past cases, purely: each case as rules saw it when it was submitted, once under the version it
// was submitted under and once under the draft, by the same function. What differs is due to the rules alone. Facts no rule
// looks at, and fees a contract agreed otherwise, are left out of both; what people decided afterwards is not judged.
import { dueTimes, type Calendar } from './calendar.ts'
import type { Case, SubmittedFacts } from './application/case.ts'
import { checkLeadTime, firstDeadline } from './application/decide.ts'
import { missingMaterials } from './application/findings.ts'
import { rulesOf } from './application/kinds.ts'
import { planSteps } from './application/plan.ts'
import { openSheet, type CaseTerminalFacts, type Setting } from './application/unfold.ts'
import { systemActor } from './authority.ts'
import { materialsFor, secondApprovalRule, straightThroughRule, type Policy } from './policy.ts'
import { isRefusal, type RefusalCode } from './refusals.ts'
import type { MaterialType, ReplayDifference } from './vocabulary.ts'

export type PastCase = { no: string; submittedAt: number; version: number; with: SubmittedFacts }
export type Ground = { calendar: Calendar; zone: string }

/** What becomes of a case at its submission, as far as rules say it. */
export type Outcome = {
  refused: RefusalCode | undefined
  /** The rule under which it passes at once, or that demands a second person. */
  straightThrough: string | undefined
  secondApproval: string | undefined
  materials: readonly MaterialType[]
  /** Id of its rule → when it is due; undated ones as 0. */
  steps: ReadonlyMap<string, number>
  deadlineAt: number | undefined
  checkpointAt: number | undefined
}

export type Difference = { what: ReplayDifference; from: string; to: string }
/** A case is decided otherwise where it is taken, passes, is looked at twice or needs papers, and did not, or the other way round. */
export const decidesOtherwise: readonly ReplayDifference[] = ['accepted', 'straight_through', 'second_approval', 'materials']

const day_ms = 86_400_000
const digest = (): string => ''

function caseOf({ no, submittedAt, with: w }: PastCase): Case {
  const { subject } = w
  return {
    no, kind: subject.kind, state: 'draft', provider: '', merchant: '', reason: subject.reason, words: undefined, channel: 'online', proof: undefined, onBehalf: false,
    effectiveFrom: w.effectiveFrom, expectedUntil: w.expectedUntil, policyVersion: undefined, createdAt: submittedAt, createdBy: '', submittedAt, submittedBy: '',
    makers: [], assignee: undefined, reviewedBy: undefined, reviewedDigest: undefined, decidedAt: undefined, decidedBy: undefined, rule: undefined, deadline: undefined,
    daysLeft: undefined, answerBy: undefined, escalatedAt: undefined, checkpointAt: undefined, checkpointTakenAt: undefined, begunAt: undefined, endedAt: undefined,
    terminals: Array.from({ length: subject.terminals }, (_, i) => ({ id: String(i), tid: String(i), result: 'pending', hold: undefined })), steps: [], findings: [],
    materials: w.materials.map((type, i) => ({ id: String(i), type, state: 'uploaded', sha256: '', addedAt: submittedAt, words: undefined })),
  } as Case
}

export function outcomeUnder(policy: Policy, past: PastCase, { calendar, zone }: Ground): Outcome {
  const { subject, effectiveFrom, expectedUntil, begins } = past.with
  const c = caseOf(past)
  const setting: Setting = {
    now: past.submittedAt, zone, calendar, policy, policyVersion: past.version, actor: systemActor, providerName: ['', ''], goodStanding: subject.goodStanding,
    terminals: [] as CaseTerminalFacts[], others: [], mint: digest, digest,
  }
  const demanded = materialsFor(policy, subject)
  const none: Outcome = {
    refused: undefined, straightThrough: undefined, secondApproval: undefined, materials: demanded, steps: new Map(), deadlineAt: undefined, checkpointAt: undefined,
  }
  const no = (refused: RefusalCode): Outcome => ({ ...none, refused })
  if (!policy.kindsOffered.includes(subject.kind)) return no('kind_not_offered')
  if (expectedUntil !== undefined && expectedUntil - begins > policy.longestTemporaryDays * day_ms) return no('stop_too_long')
  const missing = missingMaterials(c, setting)
  if (missing.length > 0 && policy.materialsAtSubmission === 'demand') return no('materials_incomplete')
  const deadline = firstDeadline(c, setting)
  if (isRefusal(deadline)) return no(deadline.refused)
  const checkpoints = subject.kind === 'suspend' && effectiveFrom !== undefined ? dueTimes(policy.checkpoint.due, { effectiveFrom }, calendar, zone) : []
  if (!Array.isArray(checkpoints)) return no('calendar_unknown')
  const steps = planSteps(openSheet(c, setting))
  if (isRefusal(steps)) return no(steps.refused)
  // Of what must be done before an approval the machine sees at once only that nothing is open.
  const waits = steps.some((s) => s.requirement === 'required' && s.before === 'approval' && !(s.kind === 'clearance' && subject.open.kinds.length === 0))
  const rule = rulesOf[subject.kind]?.isReviewed ? undefined : straightThroughRule(policy, subject)
  const passes = rule !== undefined && missing.length === 0 && !waits
  const late = passes ? undefined : checkLeadTime(c, setting)
  if (late) return no(late.refused)
  return {
    ...none, straightThrough: passes ? rule : undefined, secondApproval: passes ? undefined : secondApprovalRule(policy, subject),
    steps: new Map(steps.map((s) => [`${s.id}${s.requirement === 'required' ? '*' : ''}`, s.dueAt ?? 0])), deadlineAt: deadline.at, checkpointAt: checkpoints[0],
  }
}

const instant = (at: number | undefined): string => (at === undefined || at === 0 ? '' : new Date(at).toISOString())

/** What differs between two outcomes of one case, the gravest first; nothing where one of them is not taken at all. */
export function differencesOf(before: Outcome, after: Outcome): Difference[] {
  const found: Difference[] = []
  const differ = (what: ReplayDifference, from: string, to: string): void => { if (from !== to) found.push({ what, from, to }) }
  differ('accepted', before.refused ?? '', after.refused ?? '')
  if (before.refused !== undefined || after.refused !== undefined) return found
  differ('straight_through', before.straightThrough ?? '', after.straightThrough ?? '')
  differ('second_approval', before.secondApproval ?? '', after.secondApproval ?? '')
  differ('materials', [...before.materials].toSorted().join(' '), [...after.materials].toSorted().join(' '))
  const [gone, come] = [[...before.steps.keys()].filter((id) => !after.steps.has(id)), [...after.steps.keys()].filter((id) => !before.steps.has(id))]
  const moved = [...before.steps].filter(([id, due]) => after.steps.has(id) && after.steps.get(id) !== due).map(([id]) => id)
  if (gone.length + come.length + moved.length > 0)
    found.push({ what: 'steps', from: gone.map((id) => `-${id}`).join(' '), to: [...come.map((id) => `+${id}`), ...moved.map((id) => `~${id}`)].join(' ') })
  differ('deadline', instant(before.deadlineAt), instant(after.deadlineAt))
  differ('checkpoint', instant(before.checkpointAt), instant(after.checkpointAt))
  return found
}

/** One rule taking the place of another leaves the decision as it was; coming or going, it does not. */
export const isOtherwise = ({ what, from, to }: Difference): boolean =>
  what === 'straight_through' || what === 'second_approval' ? (from === '') !== (to === '') : decidesOtherwise.includes(what)

export type Group = Difference & { count: number }
/** Days differ case by case; of them only how many is told. */
const keyOf = (d: Difference): Difference => (d.what === 'deadline' || d.what === 'checkpoint' ? { what: d.what, from: '', to: '' } : d)

/** Adds differences to groups, one per kind of difference with its before and after. */
export function group(groups: Map<string, Group>, differences: readonly Difference[]): void {
  for (const d of differences.map(keyOf)) {
    const id = JSON.stringify([d.what, d.from, d.to])
    const known = groups.get(id)
    if (known) known.count += 1
    else groups.set(id, { ...d, count: 1 })
  }
}
