// A replacement (换机): another device on the same terminal. At its moment no new sale – a stop of its own, which belongs to the
// service desk and which nobody lifts by hand –, what the old device still owes the books is waited for, and only when every
// gate refuses is it taken off. From then on its serial is nobody's. The new one comes from the shelf, its five elements are
// registered, it is tested, and only that opens the terminal; number, history, holds and stops to come stay as they were.
//   A device of the provider's comes back by a line of return of its own, with its own deposit; the case waits for that, too.
import type { ClearanceKind, StepKind, TerminalResult } from '../vocabulary.ts'
import { whyNotFree } from '../custody.ts'
import { isSettled } from '../deposit.ts'
import { isBack, isLookedAt, openReturn } from '../device.ts'
import { isRefusal, refuse, type Refusal } from '../refusals.ts'
import { clearHold, placeHold, reclaimHold, recordTest, tickTerminal } from '../terminal.ts'
import type { CaseTerminal } from './case.ts'
import { followDeposit } from './close.ts'
import type { Binding, KindRules } from './kinds.ts'
import { complete, holdOf, judgeReopening, openSteps, setResult, stepsOpen, terminalsOf, unfile } from './sheet.ts'
import type { CaseTerminalFacts, Sheet } from './unfold.ts'

const final: readonly TerminalResult[] = ['reopened', 'still_held', 'withdrawn']
/** What lies in the old device itself and would be lost with it; everything else is the terminal's and goes on. */
const inTheDevice: readonly ClearanceKind[] = ['unsettled', 'offline_pending', 'reversal_pending']
const neverWaived: readonly StepKind[] = ['installation', 'device_test', 'device_return', 'inspection', 'deposit_refund']

const mine = (sheet: Sheet, id: string): CaseTerminal => sheet.case.terminals.find((t) => t.id === id)!

function carryOut(sheet: Sheet): Refusal | undefined {
  const { setting, case: c } = sheet
  for (const terminal of terminalsOf(sheet)) {
    const placed = placeHold(terminal, {
      id: setting.mint(), reason: 'X01', owner: 'service_desk', effect: 'stop', effectiveFrom: c.effectiveFrom, drainUntil: undefined, drainHours: setting.policy.drainHours,
      expectedUntil: undefined, caseNo: c.no, placedBy: c.decidedBy ?? setting.actor.person, reminderDaysBeforeReturn: [],
    }, setting.now)
    if (isRefusal(placed)) return placed
    sheet.add(...placed)
    setResult(sheet, terminal.id, 'pending', placed.find((f) => f.fact === 'hold_placed')!.hold.id)
  }
  return undefined
}

function bring(sheet: Sheet): void {
  const { now } = sheet.setting
  for (const terminal of terminalsOf(sheet)) if (terminal.closedAt === undefined) sheet.add(...tickTerminal(terminal, now))
  const begun = sheet.case.terminals.flatMap((t) => holdOf(sheet, t.id)?.startedAt ?? [])
  if (sheet.case.state === 'approved' && begun.length > 0) sheet.add({ fact: 'begun', at: Math.min(...begun) })
  if (sheet.case.state === 'in_progress') for (const t of sheet.case.terminals) follow(sheet, t)
}

function follow(sheet: Sheet, { id, to }: CaseTerminal): void {
  const { setting, case: c } = sheet
  const terminal = sheet.terminals.get(id)!
  const hold = holdOf(sheet, id)
  const line = sheet.returns.get(id)
  // What is open on the terminal is the new device's; the old one owes nothing any more.
  if (line) followDeposit(sheet, line, true)
  if (hold === undefined) return
  if (to === undefined) {
    if (hold.startedAt !== undefined && hold.clearedAt === undefined) setResult(sheet, id, hold.shutAt !== undefined && terminal.hostBlockedAt !== undefined ? 'stopped' : 'draining')
    return
  }
  if (hold.clearedAt === undefined && openSteps(sheet, 'reopening', ['device_test']).length === 0) {
    const cleared = clearHold(terminal, hold.id, c.decidedBy ?? setting.actor.person, setting.now)
    if (!isRefusal(cleared)) sheet.add(...cleared)
  }
  judgeReopening(sheet, id)
}

/** Its terminal sells again, or another hold keeps it: tested here or at the terminal itself, there is nothing left to change. */
const isDone = (sheet: Sheet, id: string): boolean => final.includes(mine(sheet, id).result) || holdOf(sheet, id)?.liftedAt !== undefined

/** Nothing is touched before every gate refuses. */
function tooSoon(sheet: Sheet, { id, tid }: CaseTerminalFacts): Refusal | undefined {
  const { from, to, result } = mine(sheet, id)
  return from === undefined && to === undefined && result !== 'stopped' ? refuse('swap_not_due', { tid }) : undefined
}

function unbind(sheet: Sheet, terminal: CaseTerminalFacts): Refusal | undefined {
  const { now, actor } = sheet.setting
  const { device, id, tid } = terminal
  const soon = tooSoon(sheet, terminal)
  if (soon) return soon
  if (device === undefined || isDone(sheet, id)) return refuse('device_not_on_it', { tid })
  const { from, to } = mine(sheet, id)
  if (from === undefined && to === undefined) {
    const open = openSteps(sheet, 'stop')
    if (open.length > 0) return stepsOpen(open)
  }
  const isFirst = to === undefined ? from === undefined : to === from
  if (isFirst) sheet.add(openReturn(sheet.case, terminal, device, sheet.case.terminals.findIndex((t) => t.id === id) + 1, now))
  // One that was put on in this case and is no good goes back to the shelf with the engineer who brought it; nothing is tested
  // and nothing filed without it.
  const hold = holdOf(sheet, id)
  if (to !== undefined && hold) sheet.add(...reclaimHold(terminal, hold, now))
  unfile(sheet)
  sheet.add({ fact: 'device_unbound', terminal: id, at: now, by: actor.person, serial: device.serial })
  return undefined
}

function bind(sheet: Sheet, terminal: CaseTerminalFacts, { serial, position, photo }: Binding): Refusal | undefined {
  const { now, actor, policy, device } = sheet.setting
  const { id, tid } = terminal
  const { to } = mine(sheet, id)
  if (isDone(sheet, id) || to === serial) return refuse('device_on_it', { tid, serial: to ?? serial })
  const refusal = tooSoon(sheet, terminal) ?? whyNotFree(device, serial, { tid, provider: sheet.case.provider, mid: sheet.case.merchant }, policy)
  if (refusal) return refusal
  // Repaired on the spot, the old device may go on: off and on again, and nothing is called back.
  if (terminal.device?.serial === serial) sheet.add({ fact: 'device_unbound', terminal: id, at: now, by: actor.person, serial })
  else if (terminal.device !== undefined) {
    const still = unbind(sheet, terminal)
    if (still) return still
  }
  const { ownership, depositFen, model } = device!
  sheet.add({ fact: 'device_bound', terminal: id, at: now, by: actor.person, device: { serial, ownership, depositFen, since: now }, model, position, photo })
  return undefined
}

function seen(sheet: Sheet, kind: StepKind): { done: boolean; evidence: string } | undefined {
  const { case: c } = sheet
  const lines = [...sheet.returns.values()]
  const isSwapped = c.terminals.every((t) => t.to !== undefined)
  switch (kind) {
    case 'clearance': return {
      done: c.terminals.every((t) => t.from !== undefined || t.to !== undefined || !sheet.terminals.get(t.id)!.open.some((i) => inTheDevice.includes(i.kind))), evidence: 'clear',
    }
    case 'installation': return { done: isSwapped, evidence: c.terminals.map((t) => t.to).join(', ') }
    case 'device_test': return { done: c.terminals.every((t) => final.includes(t.result)), evidence: 'tested' }
    case 'device_return': return { done: isSwapped && lines.every(isBack), evidence: 'returned' }
    case 'inspection': return { done: isSwapped && lines.every(isLookedAt), evidence: 'inspected' }
    case 'deposit_refund': return { done: isSwapped && lines.every((r) => isSettled(r.deposit)), evidence: 'refunded' }
    default: return undefined
  }
}

function due(sheet: Sheet): number[] {
  return sheet.case.terminals.flatMap((t) => {
    const hold = holdOf(sheet, t.id)
    const deposit = sheet.returns.get(t.id)?.deposit
    const waits = hold !== undefined && t.to === undefined && t.result !== 'stopped' && ['approved', 'in_progress'].includes(sheet.case.state)
    return [
      ...(waits ? [hold.startedAt === undefined ? hold.effectiveFrom : hold.shutAt ?? hold.drainUntil] : []),
      ...(deposit?.dueAt !== undefined && deposit.lateAt === undefined && deposit.settledAt === undefined ? [deposit.dueAt] : []),
    ]
  })
}

export const replacement: KindRules = {
  isReviewed: false, carryOut, bring, due, seen, bind, unbind, neverWaived,
  end: (sheet) => complete(sheet, final, 'handover_list'),
  test: ({ setting: { policy, actor, now } }, terminal, items) => recordTest(terminal, items, policy.deviceTests, policy.gate.signOnAfterReopening, actor.person, now),
}
