// What may this actor do now: for every act `true`, or the code of the refusal that stands in the way. Nothing is decided
// here. Each act is put to the very function that would carry it out, with particulars that cannot be at fault, and the
// answer is thrown away; what still refuses is a real obstacle. Where an act needs something to be done to (a step, a
// material, a terminal of the case), it is allowed when it is on any of them.
import { decide, openCase, type CaseCommand } from './application/decide.ts'
import { decideOnReturn } from './application/returns.ts'
import type { LineCommand } from './device.ts'
import { merchantHold } from './application/sheet.ts'
import type { Case, Material, Step } from './application/case.ts'
import type { CaseTerminalFacts, Setting } from './application/unfold.ts'
import { mayHold, mayNot, systemActor } from './authority.ts'
import { materialsFor } from './policy.ts'
import { foremost, isRefusal, refuse, type Refusal, type RefusalCode } from './refusals.ts'
import { clearHold, isOfReplacement, placeHold, recordTest, testedInCase, type Hold } from './terminal.ts'
import {
  holdOwners, ownerOf, reasons, waysOut, words, type ApplicationKind, type HoldOwner, type MaterialType, type Reason,
} from './vocabulary.ts'

export type Verdict = true | RefusalCode
export type CaseAct = Exclude<CaseCommand['command'], 'tick'>
export type TerminalAct = 'suspend' | 'reactivate' | 'extend' | 'close' | 'replace' | 'hold' | 'test' | 'answerDormancy'
export type StepAct = 'complete' | 'waive'
export type Allowed<Act extends string> = Readonly<Record<Act, Verdict>>
export type Dormancy = { askedAt: number | undefined; answer: string | undefined }

/** Stands in for what a person would have written or brought. */
const some = '…'
const verdict = (answer: unknown): Verdict => (isRefusal(answer) ? answer.refused : true)

/** True when one of the attempts would succeed, else the refusal that stands first in the catalogue. */
function anyOf<T>(attempts: readonly T[], attempt: (one: T) => unknown): Verdict {
  const refused: Refusal[] = []
  for (const one of attempts) {
    const answer = attempt(one)
    if (!isRefusal(answer)) return true
    refused.push(answer)
  }
  return foremost(refused)!.refused
}

const orOne = <T>(all: readonly T[], otherwise: T): readonly T[] => (all.length > 0 ? all : [otherwise])
const material = (type: MaterialType, at: number): Material =>
  ({ id: some, type, state: 'accepted', sha256: some, addedAt: at, words: undefined })
const stepIds = (c: Case): readonly string[] => orOne(c.steps.map((s) => s.id), '')
const materialIds = (c: Case): readonly string[] => orOne(c.materials.map((m) => m.id), '')
const allPassed = (setting: Setting) => setting.policy.deviceTests.map((item) => ({ item, passed: true }))

// ── On a case ───────────────────────────────────────────────────────────────────────────────────────────────────────
const attempts: { readonly [K in CaseAct]: (c: Case, setting: Setting) => readonly CaseCommand[] } = {
  submit: () => [{ command: 'submit' }],
  withdraw: () => [{ command: 'withdraw' }],
  claim: () => [{ command: 'claim' }],
  assign: (_, { actor }) => [{ command: 'assign', to: actor.person }],
  return: () => [{ command: 'return', words: some }],
  approve: () => [{ command: 'approve' }],
  reject: () => [{ command: 'reject', words: some }],
  'add-material': (_, { now }) => [{ command: 'add-material', material: material('other', now) }],
  'accept-material': (c) => materialIds(c).map((id) => ({ command: 'accept-material', material: id })),
  'return-material': (c) => materialIds(c).map((id) => ({ command: 'return-material', material: id, words: some })),
  'complete-step': (c) => stepIds(c).map((step) => ({ command: 'complete-step', step, evidence: some })),
  'waive-step': (c) => stepIds(c).map((step) => ({ command: 'waive-step', step, words: some })),
  'bind-device': (c) => [{ command: 'bind-device', terminal: (c.terminals.find((t) => t.to === undefined) ?? c.terminals[0])?.tid, serial: some, position: { longitude: 0, latitude: 0 }, photo: some }],
  'unbind-device': (c) => [{ command: 'unbind-device', terminal: (c.terminals.find((t) => t.from === undefined) ?? c.terminals[0])?.tid }],
  // Of many terminals the one in test is the one to record for; the others would only say that theirs is not due.
  'record-test': (c, setting) => {
    const terminal = (c.terminals.find((t) => t.result === 'testing') ?? c.terminals[0])?.tid
    return [{ command: 'record-test', terminal, items: allPassed(setting) }]
  },
}

/** An attempt leaves nothing behind, so its new things need no names of their own. */
const idle = (setting: Setting): Setting => ({ ...setting, mint: () => some, device: anyDevice(setting) })
/** One from the shelf that nothing stands against. */
const anyDevice = ({ policy, actor }: Setting): Setting['device'] => ({
  serial: some, provider: actor.party.id, model: policy.installation.certifiedModels?.[0] ?? some, type: 'smart', ownership: 'lent', depositFen: 0, state: 'in_stock',
  custodian: { kind: 'warehouse', id: '' }, tid: undefined, isReturning: false,
})

export function allowedOnCase(c: Case, setting: Setting): Allowed<CaseAct> {
  const trial = idle(setting)
  const entry = (act: CaseAct): [CaseAct, Verdict] =>
    [act, anyOf(attempts[act](c, trial), (command) => decide(c, command, trial))]
  return Object.fromEntries((Object.keys(attempts) as CaseAct[]).map(entry)) as Allowed<CaseAct>
}

export function allowedOnStep(c: Case, step: Step, setting: Setting): Allowed<StepAct> {
  const trial = idle(setting)
  return {
    complete: verdict(decide(c, { command: 'complete-step', step: step.id, evidence: some }, trial)),
    waive: verdict(decide(c, { command: 'waive-step', step: step.id, words: some }, trial)),
  }
}

// ── On a device that is on its way back ─────────────────────────────────────────────────────────────────────────────
export type LineAct = LineCommand['command']
const lineAttempts: { readonly [K in LineAct]: Extract<LineCommand, { command: K }> } = {
  'ship-device': { command: 'ship-device', carrier: some, tracking: some },
  'receive-device': { command: 'receive-device' },
  'inspect-device': { command: 'inspect-device', parts: [{ part: 'body', condition: 'fine' }] },
  'restock-device': { command: 'restock-device' },
  'retire-device': { command: 'retire-device', words: some },
  'lose-device': { command: 'lose-device', words: some },
  'propose-deduction': { command: 'propose-deduction' },
  'accept-deduction': { command: 'accept-deduction' },
  'dispute-deduction': { command: 'dispute-deduction', words: some },
  'confirm-refund': { command: 'confirm-refund', reference: some },
}
export const lineActs = Object.keys(lineAttempts) as [LineAct, ...LineAct[]]

export const allowedOnReturn = (c: Case, rma: string, setting: Setting): Allowed<LineAct> => {
  const trial = idle(setting)
  return Object.fromEntries(lineActs.map((act) => [act, verdict(decideOnReturn(c, rma, lineAttempts[act], trial))])) as Allowed<LineAct>
}

// ── On a terminal ───────────────────────────────────────────────────────────────────────────────────────────────────
const likelyReason: Readonly<Partial<Record<ApplicationKind, Reason>>> = { close: 'M21', replace: 'D01' }

/**
 * May a case of this kind be started: opened by the actor, and – whoever submits it – accepted with every paper there. A
 * provider may refuse to approve a closure over money or holds, so that it is asked what its approval would say, too.
 */
function startable(kind: ApplicationKind, terminal: CaseTerminalFacts, setting: Setting): Verdict {
  const { now, actor } = setting
  const alone = { ...setting, terminals: [terminal] }
  const after = Math.max(now, merchantHold(terminal)?.effectiveFrom ?? now)
  const opened = openCase({
    no: some, kind, provider: some, merchant: some, reason: likelyReason[kind] ?? 'M02', words: some, channel: 'online', proof: some,
    onBehalf: actor.party.kind === 'provider', effectiveFrom: undefined, expectedUntil: kind === 'extend' ? after + 1 : undefined,
  }, alone)
  if (isRefusal(opened)) return opened.refused
  const bySystem = { ...alone, actor: systemActor }
  const complete = { ...opened.sheet.case, materials: materialsFor(setting.policy, opened.sheet.case).map((type) => material(type, now)) }
  const submitted = decide(complete, { command: 'submit' }, bySystem)
  if (isRefusal(submitted)) return submitted.refused
  if (kind !== 'close') return true
  const approved = decide({ ...complete, state: 'submitted' }, { command: 'approve' }, bySystem)
  return isRefusal(approved) && (approved.refused === 'clearance_open' || approved.refused === 'held_by_another') ? approved.refused : true
}

/** Of each desk, one reason with which it would stop a terminal that carries no stop of that reason yet. */
function stopReason(owner: HoldOwner, terminal: CaseTerminalFacts): Reason {
  const taken = new Set(terminal.holds.filter((h) => h.liftedAt === undefined && h.withdrawnAt === undefined).map((h) => h.reason))
  const own = words(reasons).filter((reason) => ownerOf(reason) === owner)
  return own.find((reason) => !taken.has(reason)) ?? own[0]!
}

function holdable(terminal: CaseTerminalFacts, setting: Setting): Verdict {
  const { actor, policy, now } = setting
  const refusal = mayNot(actor, 'place-hold')
  if (refusal) return refusal.refused
  const desks = words(holdOwners).filter((owner) => owner !== 'merchant' && mayHold(actor, owner, policy))
  if (desks.length === 0) return 'hold_place_not_yours'
  return anyOf(desks, (owner) => placeHold(terminal, {
    id: some, reason: stopReason(owner, terminal), owner, effect: 'stop', effectiveFrom: undefined, drainUntil: undefined,
    expectedUntil: undefined, caseNo: undefined, placedBy: actor.person, drainHours: policy.drainHours, reminderDaysBeforeReturn: [],
  }, now))
}

export function allowedOnTerminal(terminal: CaseTerminalFacts & { dormancy?: Dormancy }, setting: Setting): Allowed<TerminalAct> {
  const { actor, policy, now } = setting
  const trial = idle(setting)
  const isAsked = terminal.dormancy?.askedAt !== undefined && terminal.dormancy.answer === undefined
  return {
    suspend: startable('suspend', terminal, trial),
    reactivate: startable('reactivate', terminal, trial),
    extend: startable('extend', terminal, trial),
    close: startable('close', terminal, trial),
    replace: startable('replace', terminal, trial),
    hold: holdable(terminal, trial),
    test: verdict(mayNot(actor, 'record-test') ?? testedInCase(terminal) ?? recordTest(
      terminal, allPassed(trial), policy.deviceTests, policy.gate.signOnAfterReopening, actor.person, now,
    )),
    answerDormancy: verdict(mayNot(actor, 'answer-dormancy') ?? (isAsked ? [] : refuse('dormancy_not_asked'))),
  }
}

/** May this actor give this hold free: only its owner may, and the merchant's own ends through a case. */
export function allowedOnHold(terminal: CaseTerminalFacts, hold: Hold, setting: Setting): { lift: Verdict; appeal: Verdict } {
  const { actor, policy, now } = setting
  const lift = mayNot(actor, 'lift-hold')
    ?? (hold.owner === 'merchant' ? refuse('hold_by_case') : undefined)
    ?? (isOfReplacement(hold) ? refuse('hold_by_replacement') : undefined)
    ?? (mayHold(actor, hold.owner, policy) ? undefined
      : refuse('hold_not_yours', { reason: hold.reason, owner: holdOwners[hold.owner], wayOut: waysOut[hold.owner] }))
    ?? clearHold(terminal, hold.id, actor.person, now)
  const appealed = openCase({
    no: some, kind: 'appeal', provider: some, merchant: some, reason: hold.reason, words: some, channel: 'online', proof: some, onBehalf: actor.party.kind === 'provider', hold: hold.id,
  }, { ...idle(setting), terminals: [terminal] })
  return { lift: verdict(lift), appeal: verdict(appealed) }
}
