// What each command brings about in a case. `decide` is pure: a case, a command and a setting in – facts or one refusal out.
// The order of checks is the order of refusals.ts: who, then what, then when.
import { mayBeAssigned, mayNot, mayStart, type Right } from '../authority.ts'
import { addWorkdays, countWorkdays, dateOf, dueTimes, instantOf } from '../calendar.ts'
import { applicationMachine, commandWords, materialMachine, type ApplicationCommand } from '../lifecycle.ts'
import { formatYuan } from '../money.ts'
import { proofFault, proofKindOf } from '../proofs.ts'
import { secondApprovalRule, straightThroughRule } from '../policy.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../refusals.ts'
import { heldBy, isOver, uncleared, type Place, type TestedItem } from '../terminal.ts'
import {
  applicationKinds, applicationStates, directionOf, initiatorOf, isClosing, isForGood, isMerchantReason, materialStates, materialTypes, roles,
  type ApplicationKind, type Channel, type MaterialType, type ProofKind, type Reason, type Role,
} from '../vocabulary.ts'
import { advance, carryOut } from './advance.ts'
import { checkAppeal } from './appeal.ts'
import type { Case, Fact, Material, Wish, SubmittedFacts } from './case.ts'
import { agreementOf, findingsOf, missingMaterials, openCount, openFen, subjectOf } from './findings.ts'
import { besideClosure, closureBegins } from './close.ts'
import { rulesOf } from './kinds.ts'
import { planSteps } from './plan.ts'
import { merchantHold, openSteps, stepsOpen, terminalsOf } from './sheet.ts'
import { bindDevice, completeStep, recordTests, unbindDevice, waiveStep } from './steps.ts'
import { openSheet, type Setting, type Sheet } from './unfold.ts'

export type NewCase = {
  no: string
  kind: ApplicationKind
  provider: string
  merchant: string
  reason: Reason
  words?: string | undefined
  channel: Channel
  proof?: string | undefined
  proofKind?: ProofKind | undefined
  onBehalf: boolean
  effectiveFrom?: number | undefined
  expectedUntil?: number | undefined
  /** Of an appeal: the hold it is against. */
  hold?: string | undefined
  /** Of an installation: what is to be installed. */
  wish?: Wish | undefined
}

export type CaseCommand =
  | { command: 'submit' }
  | { command: 'withdraw'; words?: string | undefined }
  | { command: 'claim' }
  /** `roles` are those that person has at the provider, as the register says. */
  | { command: 'assign'; to: string; roles?: readonly Role[] | undefined }
  | { command: 'return'; words: string; materials?: readonly { type: MaterialType; words: string }[] | undefined }
  | { command: 'approve'; words?: string | undefined }
  | { command: 'reject'; words: string }
  | { command: 'add-material'; material: Material }
  | { command: 'accept-material'; material: string }
  | { command: 'return-material'; material: string; words: string }
  | { command: 'complete-step'; step: string; evidence?: string | undefined }
  | { command: 'waive-step'; step: string; words: string }
  | { command: 'bind-device'; terminal?: string | undefined; serial: string; position: Place; photo?: string | undefined }
  | { command: 'unbind-device'; terminal?: string | undefined }
  | { command: 'record-test'; terminal?: string | undefined; items: readonly TestedItem[] }
  | { command: 'tick' }

export type Decision = { facts: readonly Fact[]; sheet: Sheet }

/** Opens a draft. Nothing is promised yet; what cannot be right at submission either is refused now. */
export function openCase(wanted: NewCase, setting: Setting): Decision | Refusal {
  const refusal = mayNot(setting.actor, 'create') ?? checkNew(wanted, setting)
  if (refusal) return refusal
  const c: Case = {
    no: wanted.no, kind: wanted.kind, state: 'draft', provider: wanted.provider, merchant: wanted.merchant, reason: wanted.reason,
    words: wanted.words, channel: wanted.channel, proof: wanted.proof, proofKind: proofKindOf(wanted), onBehalf: wanted.onBehalf,
    effectiveFrom: wanted.effectiveFrom, expectedUntil: wanted.expectedUntil, ...(wanted.wish && { wish: wanted.wish }),
    policyVersion: undefined, createdAt: setting.now, createdBy: setting.actor.person, submittedAt: undefined,
    submittedBy: undefined, makers: [setting.actor.person], assignee: undefined, reviewedBy: undefined, reviewedDigest: undefined, decidedAt: undefined,
    decidedBy: undefined, rule: undefined, deadline: undefined, daysLeft: undefined, answerBy: undefined, escalatedAt: undefined,
    checkpointAt: undefined, checkpointTakenAt: undefined, begunAt: undefined, endedAt: undefined,
    terminals: setting.terminals.map((t) => ({ id: t.id, tid: t.tid, result: 'pending', hold: wanted.hold })),
    steps: [], materials: [], findings: [],
  }
  const sheet = openSheet(c, setting)
  sheet.add({ fact: 'opened', case: c }, { fact: 'found', findings: findingsOf(c, setting.terminals, setting) })
  return { facts: sheet.facts, sheet }
}

function checkNew(wanted: NewCase, setting: Setting): Refusal | undefined {
  if (!mayStart(setting.actor, wanted.kind, setting.policy))
    return refuseField('/kind', 'kind_not_offered', { provider: setting.providerName, kind: applicationKinds[wanted.kind] })
  if (!reasonFits(wanted)) return refuseField('/reason', 'reason_not_yours', { reason: wanted.reason })
  if ((wanted.reason === 'X99' || wanted.kind === 'appeal') && !wanted.words) return refuseField('/words', 'words_required')
  return proofFault(wanted) ?? checkTerminals(wanted.kind, setting, wanted.hold, true) ?? checkTimes(wanted, setting)
}

/** Reasons for good close, or stop without a return; the others stop for a time. What is reopened keeps the reason it was stopped for. */
function reasonFits({ kind, reason, expectedUntil }: NewCase): boolean {
  // An appeal speaks of the reason of its hold.
  if (reason === 'X99' || kind === 'appeal') return true
  if (kind === 'install') return reason === 'X04'
  if (kind === 'replace') return initiatorOf(reason) === 'device' || reason === 'X01' || reason === 'M08'
  if (kind === 'close') return isClosing(reason)
  if (isMerchantReason(reason)) return !(kind === 'suspend' && isForGood(reason)) || expectedUntil === undefined
  return kind === 'reactivate' && isClosing(reason)
}

function checkTerminals(kind: ApplicationKind, setting: Setting, hold?: string | undefined, isNew = false): Refusal | undefined {
  if (kind === 'install' && isNew && setting.terminals.length > 0) return refuseField('/terminals', 'install_names_none')
  for (const t of setting.terminals) {
    const tid = t.tid
    if (t.closedAt !== undefined) return refuse('terminal_closed', { tid })
    if (t.installedAt === undefined) return refuse('terminal_not_installed', { tid })
    // An appeal stands beside anything, and anything beside it; a closure waits for it.
    for (const other of setting.others.filter((o) => o.terminal === t.id && o.direction !== 'plea' && kind !== 'appeal')) {
      const clash = other.direction === directionOf[kind] ? 'case_open_already' : besideClosure(kind, other, setting.returns ?? [])
      if (clash) return refuse(clash, { tid, no: other.no })
    }
    const own = merchantHold(t)
    if (kind === 'suspend' && own) return refuse('already_stopped', { tid, no: own.caseNo ?? '' })
    if ((kind === 'reactivate' || kind === 'extend') && !own) {
      // Nothing of the merchant's own: then what keeps it shut is named, with whose it is and the way out.
      const other = uncleared(t, setting.now)[0]
      return other ? heldBy(t, other) : refuse('nothing_to_lift', { tid })
    }
  }
  return kind === 'appeal' ? checkAppeal(setting, hold, isNew) : undefined
}

function checkTimes(wanted: Pick<NewCase, 'kind' | 'effectiveFrom' | 'expectedUntil'>, setting: Setting): Refusal | undefined {
  const { now, policy } = setting
  const iso = (at: number): string => dateOf(at, setting.zone)
  if (wanted.kind === 'extend' && wanted.expectedUntil === undefined) return refuseField('/expectedUntil', 'until_required')
  if (hasNoReturn.has(wanted.kind) && wanted.expectedUntil !== undefined) return refuseField('/expectedUntil', 'closing_has_no_return')
  if ((stops(wanted.kind) || wanted.kind === 'replace') && wanted.effectiveFrom !== undefined && wanted.effectiveFrom < now)
    return refuseField('/effectiveFrom', 'effect_in_past', { at: iso(wanted.effectiveFrom) })
  const refusal = checkReturn(wanted, setting)
  if (refusal || wanted.expectedUntil === undefined) return refusal
  if (wanted.expectedUntil - Math.min(...beginnings(wanted, setting)) > policy.longestTemporaryDays * 86_400_000)
    return refuseField('/expectedUntil', 'stop_too_long', { days: policy.longestTemporaryDays })
  return undefined
}

const hasNoReturn: ReadonlySet<ApplicationKind> = new Set(['close', 'replace', 'install', 'appeal'])
const stops = (kind: ApplicationKind): boolean => kind === 'suspend' || kind === 'close'

/** When the stop of each terminal begins: as asked, or for an extension as it stands. */
const beginnings = ({ kind, effectiveFrom }: Pick<NewCase, 'kind' | 'effectiveFrom'>, { now, terminals }: Setting): number[] =>
  kind === 'extend' ? terminals.map((t) => merchantHold(t)?.effectiveFrom ?? now) : [effectiveFrom ?? now]

/** The return lies ahead, and after every stop it ends; looked at again by the approval, which may come too late for it. */
const checkReturn = (wanted: Pick<NewCase, 'kind' | 'effectiveFrom' | 'expectedUntil'>, setting: Setting): Refusal | undefined =>
  wanted.expectedUntil !== undefined && wanted.expectedUntil <= Math.max(setting.now, ...beginnings(wanted, setting))
    ? refuseField('/expectedUntil', 'until_before_from') : undefined

const rightOf: Readonly<Partial<Record<ApplicationCommand, Right>>> = { tick: 'read' }

/** Decides one command on an existing case. */
export function decide(c: Case, command: CaseCommand, setting: Setting): Decision | Refusal {
  const right = rightOf[command.command] ?? (command.command as Right)
  const role = mayNot(setting.actor, right)
  if (role) return role
  if (!applicationMachine[command.command].includes(c.state)) return illegal(c, command, setting)
  const sheet = openSheet(c, setting)
  const refusal = (commands[command.command] as (sheet: Sheet, command: CaseCommand) => Refusal | undefined)(sheet, command)
  if (refusal) return refusal
  advance(sheet)
  return { facts: sheet.facts, sheet }
}

function illegal(c: Case, command: CaseCommand, setting: Setting): Refusal {
  if (command.command === 'record-test')
    for (const t of setting.terminals) {
      const other = uncleared(t, setting.now)[0]
      if (other && c.terminals.find((x) => x.id === t.id)?.result === 'still_held') return heldBy(t, other)
    }
  if (command.command === 'withdraw' && c.state === 'in_progress' && (stops(c.kind) || c.kind === 'replace')) return refuse(begunAs(c.kind))
  return refuse('not_in_this_state', { state: applicationStates[c.state], command: commandWords[command.command] })
}

const begunAs = (kind: ApplicationKind): 'closure_begun' | 'replacement_begun' | 'stop_begun' =>
  kind === 'close' ? 'closure_begun' : kind === 'replace' ? 'replacement_begun' : 'stop_begun'

type Command<K extends CaseCommand['command']> = Extract<CaseCommand, { command: K }>

const commands: { [K in CaseCommand['command']]: (sheet: Sheet, command: Command<K>) => Refusal | undefined } = {
  submit,
  withdraw(sheet) {
    const { now, actor } = sheet.setting
    const { case: c } = sheet
    // A closure may have taken over a stop that stands already: then its own moment counts.
    if (c.kind === 'close' && c.state === 'approved' && closureBegins(c) <= now) return refuse('closure_begun')
    const holds = terminalsOf(sheet).flatMap((t) => t.holds.filter((h) => h.caseNo === sheet.case.no && !isOver(h)).map((h) => ({ t, h })))
    if (holds.some(({ h }) => h.effectiveFrom <= now)) return refuse(begunAs(c.kind))
    rulesOf[c.kind]?.withdraw?.(sheet)
    for (const { t, h } of holds) sheet.add({ fact: 'hold_withdrawn', terminal: t.id, hold: h.id, at: now })
    sheet.add({ fact: 'withdrawn', by: actor.person, at: now })
    return undefined
  },
  claim(sheet) {
    const { actor } = sheet.setting
    if (sheet.case.assignee !== undefined && sheet.case.assignee !== actor.person)
      return refuse('claimed_by_another', { name: sheet.case.assignee })
    sheet.add({ fact: 'claimed', by: actor.person })
    return undefined
  },
  assign(sheet, { to, roles: held }) {
    if (held !== undefined && held.length === 0) return refuseField('/to', 'assignee_unknown', { name: to })
    const isReviewed = applicationMachine.claim.includes(sheet.case.state)
    if (held !== undefined && !mayBeAssigned(held, isReviewed)) return refuseField('/to', 'assignee_cannot', { name: to })
    sheet.add({ fact: 'assigned', to })
    return undefined
  },
  return: returnCase,
  approve,
  reject(sheet, { words }) {
    if (!words) return refuseField('/words', 'words_required')
    const refusal = rulesOf[sheet.case.kind]?.deciding?.(sheet)
    if (refusal) return refusal
    sheet.add({ fact: 'rejected', by: sheet.setting.actor.person, at: sheet.setting.now, words })
    return undefined
  },
  'add-material'(sheet, { material }) {
    sheet.add({ fact: 'material_added', material })
    // An approval binds the dossier that was reviewed: a later paper voids the review.
    if (sheet.case.state === 'second_review') sheet.add({ fact: 'review_voided' })
    sheet.add({ fact: 'found', findings: findingsOf(sheet.case, terminalsOf(sheet), sheet.setting) })
    return undefined
  },
  'accept-material'(sheet, { material }) {
    const refusal = checkMaterial(sheet.case, material, 'accept')
    if (refusal) return refusal
    const wasReturned = sheet.case.materials.some((m) => m.id === material && m.state === 'returned')
    sheet.add({ fact: 'material_accepted', material, by: sheet.setting.actor.person })
    // A settlement agreement changes what open items mean.
    if (agreementOf(sheet.case) === material) sheet.add({ fact: 'found', findings: findingsOf(sheet.case, terminalsOf(sheet), sheet.setting) })
    if (sheet.case.state === 'second_review' && wasReturned) sheet.add({ fact: 'review_voided' })
    return undefined
  },
  'return-material'(sheet, { material, words }) {
    const refusal = checkMaterial(sheet.case, material, 'return')
    if (refusal) return refusal
    if (!words) return refuseField('/words', 'words_required')
    sheet.add({ fact: 'material_returned', material, by: sheet.setting.actor.person, words })
    if (sheet.case.state === 'second_review') sheet.add({ fact: 'review_voided' })
    sheet.add({ fact: 'found', findings: findingsOf(sheet.case, terminalsOf(sheet), sheet.setting) })
    return undefined
  },
  'complete-step': completeStep,
  'waive-step': waiveStep,
  'record-test': recordTests,
  'bind-device': bindDevice,
  'unbind-device': unbindDevice,
  tick: () => undefined,
}

function checkMaterial(c: Case, id: string, act: keyof typeof materialMachine): Refusal | undefined {
  const material = c.materials.find((m) => m.id === id)
  if (!material) return refuse('material_unknown')
  return materialMachine[act].includes(material.state) ? undefined : refuse('material_settled', { state: materialStates[material.state] })
}

function submit(sheet: Sheet): Refusal | undefined {
  const { setting } = sheet
  const { now, policy, calendar, zone, actor } = setting
  const c = sheet.case
  const again = c.submittedAt !== undefined
  const refusal = checkTerminals(c.kind, setting, c.terminals[0]?.hold, !again) ?? checkTimes(c, setting)
  if (refusal) return refusal
  const missing = missingMaterials(c, setting)
  if (missing.length > 0 && (again || policy.materialsAtSubmission === 'demand')) return materialsIncomplete(missing)
  // A closure is never approved straight through, because it cannot be taken back; nor is what must be weighed.
  const rule = again || rulesOf[c.kind]?.isReviewed ? undefined : straightThroughRule(policy, subjectOf(c, setting.terminals, setting))
  const deadline = again ? resumedDeadline(c, setting) : firstDeadline(c, setting)
  if (isRefusal(deadline)) return deadline
  const checkpoints = c.kind === 'suspend' && c.effectiveFrom !== undefined
    ? dueTimes(policy.checkpoint.due, { effectiveFrom: c.effectiveFrom }, calendar, zone) : []
  if (!Array.isArray(checkpoints)) return refuse('calendar_unknown', { year: checkpoints.unknownYear })
  sheet.add({
    fact: 'submitted', at: now, by: actor.person, policyVersion: setting.policyVersion, deadline, checkpointAt: checkpoints[0],
    with: again ? undefined : submittedFacts(c, setting),
  })
  if (!again) {
    const steps = planSteps(sheet)
    if (isRefusal(steps)) return steps
    sheet.add({ fact: 'steps_planned', steps })
  }
  sheet.add({ fact: 'found', findings: findingsOf(sheet.case, setting.terminals, setting) })
  const mayPass = rule !== undefined && missing.length === 0
  if (mayPass) advance(sheet)
  if (!mayPass || openSteps(sheet, 'approval').length > 0) return again ? undefined : checkLeadTime(c, setting)
  sheet.add({ fact: 'approved', by: 'policy', at: now, rule, policyVersion: setting.policyVersion })
  return carryOut(sheet)
}

/** What a later draft of the rules is tried on. */
const submittedFacts = (c: Case, setting: Setting): SubmittedFacts => ({
  subject: subjectOf(c, setting.terminals, setting),
  materials: [...new Set(c.materials.filter((m) => m.state !== 'returned').map((m) => m.type))],
  effectiveFrom: c.effectiveFrom, expectedUntil: c.expectedUntil, begins: Math.min(...beginnings(c, setting)),
})

/** Only what is approved straight through may come sooner. */
export function checkLeadTime(c: Case, setting: Setting): Refusal | undefined {
  const earliest = setting.now + setting.policy.leadTimeHours * 3_600_000
  return stops(c.kind) && c.effectiveFrom !== undefined && c.effectiveFrom < earliest
    ? refuseField('/effectiveFrom', 'lead_time_short', { earliest: whenWords(earliest, setting) }) : undefined
}

const materialsIncomplete = (missing: readonly MaterialType[]): Refusal => {
  const named = (i: 0 | 1): string => missing.map((m) => materialTypes[m][i]).join(i === 0 ? '、' : ', ')
  return refuse('materials_incomplete', { missing: [named(0), named(1)] },
    missing.map((m) => ({ pointer: `/materials/${m}`, code: 'material_missing', words: materialTypes[m] })))
}

const whenWords = (at: number, { zone }: Setting): string => {
  const date = dateOf(at, zone)
  const minutes = Math.ceil((at - instantOf(date, '00:00', zone)) / 60_000)
  return `${date} ${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Close of business of a working day: when a promise counted in working days ends. */
const closeOfBusiness = '18:00'

export function firstDeadline(c: Case, { now, policy, calendar, zone }: Setting): { earliestAt: number; at: number } | Refusal {
  const review = policy.review[c.kind] ?? { fromWorkingDays: 3, toWorkingDays: 7 }
  const today = dateOf(now, zone)
  const earliest = addWorkdays(calendar, today, review.fromWorkingDays)
  const latest = addWorkdays(calendar, today, review.toWorkingDays)
  if (typeof earliest !== 'string') return refuse('calendar_unknown', { year: earliest.unknownYear })
  if (typeof latest !== 'string') return refuse('calendar_unknown', { year: latest.unknownYear })
  return { earliestAt: instantOf(earliest, '00:00', zone), at: instantOf(latest, closeOfBusiness, zone) }
}

/** The clock stood still while the case was returned: what was left then is left now. */
function resumedDeadline(c: Case, { now, calendar, zone }: Setting): { earliestAt: number; at: number } | Refusal {
  const latest = addWorkdays(calendar, dateOf(now, zone), Math.max(c.daysLeft ?? 1, 1))
  if (typeof latest !== 'string') return refuse('calendar_unknown', { year: latest.unknownYear })
  return { earliestAt: now, at: instantOf(latest, closeOfBusiness, zone) }
}

function returnCase(sheet: Sheet, { words, materials = [] }: Command<'return'>): Refusal | undefined {
  const { now, policy, calendar, zone, actor } = sheet.setting
  if (!words) return refuseField('/words', 'words_required')
  const today = dateOf(now, zone)
  const left = countWorkdays(calendar, today, dateOf(sheet.case.deadline!.at, zone))
  if (typeof left !== 'number') return refuse('calendar_unknown', { year: left.unknownYear })
  const answer = addWorkdays(calendar, today, policy.returnedAnswerWorkingDays)
  if (typeof answer !== 'string') return refuse('calendar_unknown', { year: answer.unknownYear })
  sheet.add({
    fact: 'returned', by: actor.person, at: now, words, materials, daysLeft: left, answerBy: instantOf(answer, closeOfBusiness, zone),
  })
  sheet.add({ fact: 'found', findings: findingsOf(sheet.case, terminalsOf(sheet), sheet.setting) })
  return undefined
}

/** What an approval binds: any difference between the first and the second look voids the first. */
const dossierOf = (c: Case): string => JSON.stringify([
  c.kind, c.reason, c.words, c.effectiveFrom, c.expectedUntil, c.terminals.map((t) => t.id),
  c.materials.map((m) => [m.id, m.type, m.sha256, m.state === 'returned']), ...(c.wish === undefined ? [] : [c.wish]),
])

function approve(sheet: Sheet): Refusal | undefined {
  const { setting } = sheet
  const { now, actor } = setting
  const c = sheet.case
  const second = c.state === 'second_review'
  // The person counts, not the account or key: makers and first reviewers never approve.
  if ([...c.makers, c.createdBy, c.submittedBy, ...(second ? [c.reviewedBy] : [])].includes(actor.person)) return refuse('maker_is_checker')
  if (second && actor.role !== 'approver') return refuse('role_missing', { role: roles[actor.role], needed: roles.approver })
  const missing = missingMaterials(c, setting)
  if (missing.length > 0) return materialsIncomplete(missing)
  const open = openSteps(sheet, 'approval')
  if (open.length > 0) return stepsOpen(open)
  const refusal = rulesOf[c.kind]?.deciding?.(sheet) ?? (c.kind === 'close' ? checkClosure(sheet) : undefined) ?? checkTerminals(c.kind, setting, c.terminals[0]?.hold)
    ?? checkReturn(c, setting)
  if (refusal) return refusal
  const digest = setting.digest(dossierOf(c))
  const rule = secondApprovalRule(setting.policy, subjectOf(c, terminalsOf(sheet), setting))
  if (!second && rule !== undefined) {
    sheet.add({ fact: 'reviewed', by: actor.person, at: now, digest, rule })
    return undefined
  }
  if (second && digest !== c.reviewedDigest) return refuse('dossier_changed')
  sheet.add({ fact: 'approved', by: actor.person, at: now, rule: undefined, policyVersion: setting.policyVersion })
  return carryOut(sheet)
}

/** A closure waits by itself for what is open and for holds of other desks; a provider may refuse to approve it before. */
function checkClosure(sheet: Sheet): Refusal | undefined {
  const { now, policy: { closure } } = sheet.setting
  const terminals = terminalsOf(sheet)
  if (closure.ifOpenAtApproval === 'refuse' && openCount(terminals) > 0)
    return refuse('clearance_open', { count: openCount(terminals), amount: `¥${formatYuan(openFen(terminals))}` })
  for (const t of terminals) {
    const hold = uncleared(t, now).find((h) => h.owner !== 'merchant' && closure.underHold[h.owner] === 'refuse')
    if (hold) return heldBy(t, hold)
  }
  return undefined
}
