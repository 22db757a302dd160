// What time and facts bring about in a case without anybody deciding: called after every command and whenever something
// falls due, it moves the case as far as it goes. Everything here may run twice or late with the same outcome.
import { addWorkdays, dateOf, dueTimes, instantOf } from '../calendar.ts'
import { clearHold, isOver, moveHold, placeHold, remindersOf, tickTerminal, type Hold } from '../terminal.ts'
import { recordsAgree } from '../clearance.ts'
import { isRefusal, type Refusal } from '../refusals.ts'
import { isEnded } from '../vocabulary.ts'
import type { Step } from './case.ts'
import { accountAfter } from './fees.ts'
import { agreementOf, openCount, openFen } from './findings.ts'
import { rulesOf } from './kinds.ts'
import { dateSteps } from './plan.ts'
import { complete, holdOf, judgeReopening, merchantHold, openSteps, setResult, terminalsOf } from './sheet.ts'
import type { CaseTerminalFacts, Sheet } from './unfold.ts'

/** Carries out an approval: places the holds, or begins what must end in them being lifted. */
export function carryOut(sheet: Sheet): Refusal | undefined {
  const { setting } = sheet
  const c = sheet.case
  const rules = rulesOf[c.kind]
  if (rules) return rules.carryOut(sheet)
  if (c.kind === 'suspend')
    for (const terminal of terminalsOf(sheet)) {
      const placed = placeHold(terminal, {
        id: setting.mint(), reason: c.reason, owner: 'merchant', effect: 'stop', effectiveFrom: c.effectiveFrom,
        drainUntil: undefined, drainHours: setting.policy.drainHours, expectedUntil: c.expectedUntil, caseNo: c.no,
        placedBy: c.decidedBy ?? setting.actor.person, reminderDaysBeforeReturn: setting.policy.reminderDaysBeforeReturn,
        deviceConfirmHours: setting.policy.deviceConfirmHours,
      }, setting.now)
      if (isRefusal(placed)) return placed
      sheet.add(...placed)
      const hold = placed.find((f) => f.fact === 'hold_placed')!
      setResult(sheet, terminal.id, 'pending', hold.hold.id)
    }
  else
    for (const terminal of terminalsOf(sheet)) {
      const hold = merchantHold(terminal)
      sheet.add({ fact: 'result', terminal: terminal.id, result: 'pending', hold: hold?.id })
      if (c.kind === 'extend' && hold && c.expectedUntil !== undefined)
        sheet.add({
          fact: 'expected_until_set', terminal: terminal.id, hold: hold.id, expectedUntil: c.expectedUntil,
          reminders: remindersOf(c.expectedUntil, setting.policy.reminderDaysBeforeReturn, setting.now),
        })
    }
  return undefined
}

/** By which run and which files: 'run 0199ad3c: slips.csv, bank.csv'. */
function recordsEvidence(terminals: readonly CaseTerminalFacts[]): string {
  const run = terminals.find((t) => t.records?.run !== undefined)?.records?.run
  const files = [...new Set(terminals.flatMap((t) => t.records?.files ?? []))]
  return run === undefined ? 'nothing to match' : `run ${run}: ${files.join(', ')}`
}

/** Machine-checked steps follow the facts, both ways; ticks by hand are never touched. */
function checkSteps(sheet: Sheet): void {
  const { now } = sheet.setting
  const agreed = agreementOf(sheet.case)
  const settle = (step: Step, done: boolean, evidence: string): void => {
    if (done && (step.state === 'open' || step.state === 'failed'))
      sheet.add({ fact: 'step_settled', step: step.id, state: 'done', at: now, by: 'system', evidence })
    else if (!done && step.state === 'done') sheet.add({ fact: 'step_reopened', step: step.id })
  }
  for (const step of sheet.case.steps) {
    if (step.state === 'waived') continue
    const seen = rulesOf[sheet.case.kind]?.seen?.(sheet, step.kind)
    if (seen) { settle(step, seen.done, seen.evidence); continue }
    if (step.kind === 'settlement_agreement') settle(step, agreed !== undefined, `material ${agreed}`)
    if (step.kind === 'clearance') settle(step, openCount(terminalsOf(sheet)) === 0 || agreed !== undefined, openCount(terminalsOf(sheet)) === 0 ? 'clear' : `settlement_agreement ${agreed}`)
    if (step.kind === 'three_record_match') {
      const agree = terminalsOf(sheet).every((t) => recordsAgree(t.records))
      settle(step, agree || agreed !== undefined, agree ? recordsEvidence(terminalsOf(sheet)) : `settlement_agreement ${agreed}`)
    }
    if (step.kind === 'fees_settled' || step.kind === 'pay_fee') {
      const account = accountAfter(sheet)
      // At the end nothing may be owed either way; before, credit is no debt.
      if (account && step.kind === 'fees_settled') settle(step, sheet.case.kind === 'close' ? account.balanceFen === 0 : account.balanceFen <= 0, 'paid')
      // Owed from the decision on. Finance's own tick is never touched.
      else if (account && sheet.case.decidedAt !== undefined && (step.state !== 'done' || step.settledBy === 'system')) settle(step, account.caseFen <= 0, 'paid')
    }
    // A terminal that stays held by somebody else is tested when that hold is lifted, not in this case.
    if (step.kind === 'device_test' && sheet.case.kind === 'reactivate' && sheet.case.state === 'in_progress')
      settle(step, sheet.case.terminals.every((t) => ['reopened', 'still_held', 'withdrawn'].includes(t.result)), 'tested')
  }
}

function checkpoint(sheet: Sheet): void {
  const { setting } = sheet
  const c = sheet.case
  if (c.checkpointAt === undefined || c.checkpointAt > setting.now || c.checkpointTakenAt !== undefined) return
  const terminals = terminalsOf(sheet)
  const count = openCount(terminals)
  // Once the stop itself is due it no longer waits: a checkpoint seen late only records what was open.
  const stopDue = (c.effectiveFrom ?? setting.now) <= setting.now
  const later = count > 0 && !stopDue && agreementOf(c) === undefined && setting.policy.checkpoint.ifOpen === 'postpone' ? postponedMoment(sheet) : undefined
  sheet.add({
    fact: 'checkpoint_taken', at: setting.now, openCount: count, openFen: openFen(terminals), outcome: later === undefined ? 'proceed' : 'postpone',
  })
  if (later !== undefined) postpone(sheet, later)
}

const waitingHolds = (sheet: Sheet): { terminal: CaseTerminalFacts; hold: Hold }[] => terminalsOf(sheet).flatMap((terminal) => {
  const hold = holdOf(sheet, terminal.id)
  return hold && !isOver(hold) ? [{ terminal, hold }] : []
})

/**
 * The same time of day some working days later. None across a year whose calendar is unknown, nor past a return that was
 * promised: then the stop goes on as promised.
 */
function postponedMoment(sheet: Sheet): number | undefined {
  const { setting } = sheet
  const from = sheet.case.effectiveFrom!
  const date = addWorkdays(setting.calendar, dateOf(from, setting.zone), setting.policy.checkpoint.postponeWorkingDays)
  if (typeof date !== 'string') return undefined
  const timeOfDay = from - instantOf(dateOf(from, setting.zone), '00:00', setting.zone)
  const moment = instantOf(date, '00:00', setting.zone) + timeOfDay
  return waitingHolds(sheet).every(({ hold }) => hold.expectedUntil === undefined || hold.expectedUntil > moment) ? moment : undefined
}

function postpone(sheet: Sheet, effectiveFrom: number): void {
  const { setting } = sheet
  const at = dueTimes(setting.policy.checkpoint.due, { effectiveFrom }, setting.calendar, setting.zone)
  sheet.add({ fact: 'postponed', effectiveFrom, checkpointAt: Array.isArray(at) ? at[0] : undefined })
  for (const { terminal, hold } of waitingHolds(sheet)) sheet.add(...moveHold(terminal, hold, effectiveFrom))
}

function advanceSuspend(sheet: Sheet): void {
  const { now } = sheet.setting
  if (sheet.case.state === 'approved') checkpoint(sheet)
  for (const terminal of terminalsOf(sheet)) sheet.add(...tickTerminal(terminal, now))
  const holds = sheet.case.terminals.map((t) => holdOf(sheet, t.id))
  // The merchant took it back through a reactivation before it began.
  if (sheet.case.state === 'approved' && holds.length > 0 && holds.every((h) => h?.withdrawnAt !== undefined)) {
    for (const t of sheet.case.terminals) setResult(sheet, t.id, 'withdrawn')
    sheet.add({ fact: 'withdrawn', by: 'system', at: now })
    return
  }
  if (sheet.case.state === 'approved') {
    const begun = holds.filter((h) => h?.startedAt !== undefined).map((h) => h!.startedAt!)
    if (begun.length > 0) sheet.add({ fact: 'begun', at: Math.min(...begun) })
  }
  if (sheet.case.state !== 'in_progress') return
  for (const [i, t] of sheet.case.terminals.entries()) {
    const hold = holds[i]
    if (hold?.withdrawnAt !== undefined) setResult(sheet, t.id, 'withdrawn')
    // Stopped means that it is: shut, and refused by every gate.
    else if (hold?.clearedAt !== undefined || (hold?.shutAt !== undefined && sheet.terminals.get(t.id)!.hostBlockedAt !== undefined))
      setResult(sheet, t.id, 'stopped')
    else if (hold?.startedAt !== undefined) setResult(sheet, t.id, 'draining')
  }
  complete(sheet, ['stopped', 'withdrawn'], sheet.case.terminals.some((t) => t.result === 'stopped') ? 'stop_confirmation' : undefined)
}

function advanceReactivate(sheet: Sheet): void {
  const { now, actor } = sheet.setting
  if (sheet.case.state === 'approved') sheet.add({ fact: 'begun', at: now })
  const ready = openSteps(sheet, 'reopening', ['device_test']).length === 0
  for (const t of sheet.case.terminals) {
    const hold = holdOf(sheet, t.id)
    if (hold === undefined) setResult(sheet, t.id, 'failed')
    else if (ready && hold.clearedAt === undefined && hold.withdrawnAt === undefined) {
      const facts = clearHold(sheet.terminals.get(t.id)!, hold.id, sheet.case.decidedBy ?? actor.person, now)
      if (!isRefusal(facts)) sheet.add(...facts)
    }
    judgeReopening(sheet, t.id)
  }
  checkSteps(sheet)
  const reopened = sheet.case.terminals.some((t) => t.result === 'reopened')
  complete(sheet, ['reopened', 'still_held', 'withdrawn', 'failed'], reopened ? 'reopening_confirmation' : undefined)
}

function expire(sheet: Sheet): void {
  const { now, policy } = sheet.setting
  const c = sheet.case
  if (c.state === 'draft' && now >= c.createdAt + policy.draftKeptDays * 86_400_000) sheet.add({ fact: 'expired', at: now })
  if (c.state === 'returned' && c.answerBy !== undefined && now >= c.answerBy) sheet.add({ fact: 'expired', at: now })
  const waiting = c.state === 'submitted' || c.state === 'in_review' || c.state === 'second_review'
  if (waiting && c.deadline && now >= c.deadline.at && c.escalatedAt === undefined) sheet.add({ fact: 'escalated', at: now })
}

/** Moves the case on as far as time and facts allow. */
export function advance(sheet: Sheet): void {
  if (isEnded(sheet.case.state)) return
  bringOn(sheet)
  if (sheet.case.decidedAt !== undefined) dateSteps(sheet)
}

function bringOn(sheet: Sheet): void {
  const rules = rulesOf[sheet.case.kind]
  expire(sheet)
  if (isEnded(sheet.case.state)) return
  rules?.anytime?.(sheet)
  if (isEnded(sheet.case.state)) return
  if (sheet.case.state !== 'draft') checkSteps(sheet)
  if (sheet.case.state !== 'approved' && sheet.case.state !== 'in_progress') return
  if (sheet.case.kind === 'suspend') advanceSuspend(sheet)
  else if (rules) {
    rules.bring(sheet)
    checkSteps(sheet)
    rules.end(sheet)
  }
  else if (sheet.case.kind === 'reactivate') advanceReactivate(sheet)
  else if (sheet.case.kind === 'extend') {
    for (const t of sheet.case.terminals) setResult(sheet, t.id, 'extended')
    sheet.add({ fact: 'completed', at: sheet.setting.now, letter: undefined })
  }
}

/** The next instant the clock must look at this case by itself (epoch ms), or none. */
export function nextCaseDue(sheet: Sheet): number | undefined {
  const c = sheet.case
  if (isEnded(c.state)) return undefined
  const due: (number | undefined)[] = []
  if (c.state === 'draft') due.push(c.createdAt + sheet.setting.policy.draftKeptDays * 86_400_000)
  if (c.state === 'returned') due.push(c.answerBy)
  if (c.escalatedAt === undefined && ['submitted', 'in_review', 'second_review'].includes(c.state)) due.push(c.deadline?.at)
  const rules = rulesOf[c.kind]
  if (rules) due.push(...rules.due(sheet))
  else if (c.state === 'approved') {
    if (c.checkpointTakenAt === undefined) due.push(c.checkpointAt)
    for (const t of c.terminals) due.push(holdOf(sheet, t.id)?.effectiveFrom)
  }
  if (c.state === 'in_progress' && c.kind === 'suspend')
    for (const t of c.terminals) {
      const hold = holdOf(sheet, t.id)
      if (t.result === 'draining') due.push(hold?.shutAt === undefined ? hold?.drainUntil : hold.shutAt)
    }
  const known = due.filter((d) => d !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
