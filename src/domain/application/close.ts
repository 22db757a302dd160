// A closure, which always waits. At its moment no new sale – its own stop, or the merchant's that stands already –, the devices
// are called back, and then each terminal is closed as soon as nothing is left to wait for: never because a date has come. What
// it waits for is one list, from which the decision and the sentence people read are both made.
//   Holds of other desks are waited for, too: a hold is lifted by its owner alone, and closing over it would lift it – the
// evidence and the way out would be gone with the terminal. One that its owner has released ends with the terminal.
//   Until the device is handed over, a reactivation that is approved undoes a closure; from then on nothing does.
import type { ClearanceItem } from '../clearance.ts'
import { addDays, dateOf, instantOf } from '../calendar.ts'
import { isSettled, refundDue } from '../deposit.ts'
import { isBack, isLookedAt, isUndoable, openReturn, type Return } from '../device.ts'
import { returnMachine } from '../lifecycle.ts'
import { closeTerminal, isInEffect, placeHold, tickTerminal, type Hold } from '../terminal.ts'
import { isRefusal, type Refusal } from '../refusals.ts'
import type { StepKind, TerminalResult } from '../vocabulary.ts'
import type { Case, Step } from './case.ts'
import type { KindRules } from './kinds.ts'
import { holdOf, merchantHold, openSteps, setResult, terminalsOf } from './sheet.ts'
import type { CaseTerminalFacts, OpenCase, Sheet } from './unfold.ts'

/** What stands between a terminal and its closing, in the order people are told. */
export type Wait = { tid: string } & (
  | { for: 'clearance'; items: readonly ClearanceItem[] }
  | { for: 'hold'; hold: Hold }
  | { for: 'case'; no: string }
  | { for: 'return' | 'inspection' | 'deposit'; line: Return }
  | { for: 'drain' | 'gates'; hold: Hold }
)
export type ClosureWaits = { terminals: readonly Wait[]; steps: readonly Step[] }

/** Steps that are seen on each terminal by itself; the others are ticked for the whole case. */
const seenOnTerminals: readonly StepKind[] = ['clearance', 'device_return', 'inspection', 'deposit_refund']
/** Of a closure, what nobody waives: it would be closed over something open. */
export const neverWaived: readonly StepKind[] = [...seenOnTerminals, 'three_record_match']

const final: readonly TerminalResult[] = ['closed', 'withdrawn', 'failed']
const isFinal = (c: Pick<Case, 'terminals'>, id: string): boolean => final.includes(c.terminals.find((t) => t.id === id)!.result)

/** When a closure begins: at its moment, though not before it was approved. */
export const closureBegins = (c: Pick<Case, 'effectiveFrom' | 'decidedAt'>): number => Math.max(c.effectiveFrom ?? c.decidedAt!, c.decidedAt!)

type Facts = { case: Case; terminals: readonly CaseTerminalFacts[]; returns: readonly Return[]; others: readonly OpenCase[]; now: number }

function waitsOf(terminal: CaseTerminalFacts, { case: c, returns, others, now }: Facts): Wait[] {
  const { tid } = terminal
  const hold = terminal.holds.find((h) => h.id === c.terminals.find((t) => t.id === terminal.id)?.hold)
  const line = returns.find((r) => r.terminal === terminal.id && r.caseNo === c.no)
  const waits: Wait[] = []
  if (terminal.open.length > 0 || !terminal.clear) waits.push({ for: 'clearance', tid, items: terminal.open })
  for (const other of terminal.holds) if (other.id !== hold?.id && isInEffect(other, now) && other.clearedAt === undefined) waits.push({ for: 'hold', tid, hold: other })
  // A draft is nobody's wish yet.
  for (const o of others) if (o.terminal === terminal.id && o.state !== 'draft') waits.push({ for: 'case', tid, no: o.no })
  const isInspected = c.steps.some((s) => s.kind === 'inspection' && s.requirement === 'required') || line?.deposit !== undefined
  if (line && !isBack(line)) waits.push({ for: 'return', tid, line })
  else if (line && isInspected && !isLookedAt(line)) waits.push({ for: 'inspection', tid, line })
  else if (line && !isSettled(line.deposit)) waits.push({ for: 'deposit', tid, line })
  if (hold && hold.shutAt === undefined) waits.push({ for: 'drain', tid, hold })
  else if (hold && terminal.hostBlockedAt === undefined) waits.push({ for: 'gates', tid, hold })
  return waits
}

/** Everything a closure that has begun still waits for; nothing left means that it is closed. */
export const closureWaits = (facts: Facts): ClosureWaits => ({
  terminals: facts.terminals.filter((t) => !isFinal(facts.case, t.id)).flatMap((t) => waitsOf(t, facts)),
  steps: openSteps(facts, 'completion', seenOnTerminals),
})

const factsOf = (sheet: Sheet): Facts => ({
  case: sheet.case, terminals: terminalsOf(sheet), returns: [...sheet.returns.values()], others: sheet.setting.others, now: sheet.setting.now,
})

/** Carries out the approval of a closure: the merchant's stop that stands goes on, else one is placed. */
export function carryOutClosure(sheet: Sheet): Refusal | undefined {
  const { setting, case: c } = sheet
  for (const terminal of terminalsOf(sheet)) {
    const own = merchantHold(terminal)
    if (own) { setResult(sheet, terminal.id, 'pending', own.id); continue }
    const placed = placeHold(terminal, {
      id: setting.mint(), reason: c.reason, owner: 'merchant', effect: 'stop', effectiveFrom: c.effectiveFrom, drainUntil: undefined,
      drainHours: setting.policy.drainHours, expectedUntil: undefined, caseNo: c.no, placedBy: c.decidedBy ?? setting.actor.person,
      reminderDaysBeforeReturn: [], deviceConfirmHours: setting.policy.deviceConfirmHours,
    }, setting.now)
    if (isRefusal(placed)) return placed
    sheet.add(...placed)
    setResult(sheet, terminal.id, 'pending', placed.find((f) => f.fact === 'hold_placed')!.hold.id)
  }
  return undefined
}

/** At its moment: whatever return was promised is off, and the devices are called back. */
function begin(sheet: Sheet): void {
  const { setting, case: c } = sheet
  const at = closureBegins(c)
  if (c.state !== 'approved' || at > setting.now) return
  sheet.add({ fact: 'begun', at })
  for (const [i, terminal] of terminalsOf(sheet).entries()) {
    const hold = holdOf(sheet, terminal.id)
    if (hold?.expectedUntil !== undefined) sheet.add({ fact: 'made_final', terminal: terminal.id, hold: hold.id })
    if (terminal.device) sheet.add(openReturn(c, terminal, terminal.device, i + 1, setting.now))
  }
}

/** A reactivation of the terminal that was granted undoes its closure. */
const isUndone = (hold: Hold | undefined, terminal: string, others: readonly OpenCase[]): boolean =>
  hold === undefined || hold.withdrawnAt !== undefined || hold.clearedAt !== undefined
  || others.some((o) => o.terminal === terminal && o.kind === 'reactivate' && (o.state === 'approved' || o.state === 'in_progress'))

function follow(sheet: Sheet, terminal: CaseTerminalFacts): void {
  const { now, others } = sheet.setting
  const hold = holdOf(sheet, terminal.id)
  const line = sheet.returns.get(terminal.id)
  if (isUndone(hold, terminal.id, others)) {
    setResult(sheet, terminal.id, 'withdrawn')
    if (line && (returnMachine.cancel as readonly string[]).includes(line.state)) sheet.add({ fact: 'return_cancelled', terminal: terminal.id, rma: line.rma, at: now })
    return
  }
  if (hold!.startedAt !== undefined) setResult(sheet, terminal.id, hold!.shutAt !== undefined && terminal.hostBlockedAt !== undefined ? 'stopped' : 'draining')
  if (line) followDeposit(sheet, line, terminal.open.length === 0)
}

/** The deposit's clock: it runs from when the device is back and nothing is open, and stands still when something opens again. */
export function followDeposit(sheet: Sheet, { rma, terminal, deposit, ...line }: Return, isClear: boolean): void {
  const { now, policy, zone } = sheet.setting
  if (deposit === undefined) return
  const isDue = isClear && isBack({ rma, terminal, deposit, ...line })
  if (deposit.state === 'held' && isDue) sheet.add({ fact: 'deposit_due', terminal, rma, at: now, dueAt: refundDue(now, policy, zone) })
  else if (deposit.state === 'release_due' && !isDue) sheet.add({ fact: 'deposit_held', terminal, rma, at: now })
  else if (deposit.dueAt !== undefined && deposit.dueAt <= now && deposit.lateAt === undefined && deposit.settledAt === undefined)
    sheet.add({ fact: 'deposit_late', terminal, rma, at: now })
}

/** Begins a closure and follows its terminals; its steps are looked at next, and then it may end. */
export function beginClosure(sheet: Sheet): void {
  for (const t of terminalsOf(sheet)) if (t.closedAt === undefined) sheet.add(...tickTerminal(t, sheet.setting.now))
  begin(sheet)
  if (sheet.case.state === 'in_progress') for (const t of terminalsOf(sheet)) if (!isFinal(sheet.case, t.id)) follow(sheet, t)
}

export function endClosure(sheet: Sheet): void {
  const { now, policy, zone } = sheet.setting
  if (sheet.case.state !== 'in_progress') return
  const facts = factsOf(sheet)
  if (closureWaits(facts).steps.length === 0)
    for (const terminal of facts.terminals) {
      if (isFinal(sheet.case, terminal.id) || waitsOf(terminal, facts).length > 0) continue
      const hold = holdOf(sheet, terminal.id)!
      const until = instantOf(addDays(dateOf(hold.startedAt!, zone), policy.closure.chargebackTailDays), '00:00', zone)
      const serial = sheet.returns.get(terminal.id)?.serial
      sheet.add(...closeTerminal(terminal, hold.id, sheet.case.decidedBy!, serial, until, now))
      setResult(sheet, terminal.id, 'closed')
    }
  const results = sheet.case.terminals.map((t) => t.result)
  if (!results.every((r) => final.includes(r))) return
  if (results.includes('closed')) sheet.add({ fact: 'completed', at: now, letter: 'closure_certificate' })
  else sheet.add({ fact: 'withdrawn', by: 'system', at: now })
}

/** Whether the machine sees this step of a closure done; undefined where it is not for it to say. */
export function seenInClosure(sheet: Sheet, kind: StepKind): { done: boolean; evidence: string } | undefined {
  if (!seenOnTerminals.includes(kind)) return undefined
  const active = terminalsOf(sheet).filter((t) => !isFinal(sheet.case, t.id))
  const lines = active.map((t) => sheet.returns.get(t.id))
  const begun = sheet.case.begunAt !== undefined
  switch (kind) {
    case 'clearance': return { done: active.every((t) => t.clear && t.open.length === 0), evidence: 'clear' }
    case 'device_return': return { done: begun && lines.every((r) => r === undefined || isBack(r)), evidence: 'returned' }
    case 'inspection': return { done: begun && lines.every((r) => r === undefined || isLookedAt(r)), evidence: 'inspected' }
    default: return { done: begun && lines.every((r) => r === undefined || isSettled(r.deposit)), evidence: 'refunded' }
  }
}

/** When the clock must look at a closure by itself. */
export function closureDue(sheet: Sheet): number[] {
  const { case: c } = sheet
  if (c.state === 'approved') return [closureBegins(c)]
  if (c.state !== 'in_progress') return []
  return c.terminals.filter((t) => !final.includes(t.result)).flatMap((t) => {
    const hold = holdOf(sheet, t.id)
    const deposit = sheet.returns.get(t.id)?.deposit
    return [
      ...(hold && t.result !== 'stopped' ? [hold.startedAt === undefined ? hold.effectiveFrom : hold.shutAt ?? hold.drainUntil] : []),
      ...(deposit?.dueAt !== undefined && deposit.lateAt === undefined && deposit.settledAt === undefined ? [deposit.dueAt] : []),
    ]
  })
}

/** Why a case of this kind cannot be opened beside a closure of the same terminal, or a closure beside it; undefined where it can. */
export function besideClosure(kind: Case['kind'], other: OpenCase, returns: readonly Return[]): 'case_open_already' | 'closure_past_return' | undefined {
  if (kind === 'close') return 'case_open_already'
  if (other.kind !== 'close') return undefined
  if (kind !== 'reactivate' || other.state !== 'in_progress') return 'case_open_already'
  const line = returns.find((r) => r.caseNo === other.no && r.terminal === other.terminal)
  return line === undefined || isUndoable(line) ? undefined : 'closure_past_return'
}

export const closure: KindRules = {
  isReviewed: true, carryOut: carryOutClosure, bring: beginClosure, end: endClosure, due: closureDue, seen: seenInClosure, neverWaived,
}
