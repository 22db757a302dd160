// What every part that moves a case along asks of its sheet.
import { refuse, type Refusal } from '../refusals.ts'
import { isInEffect, isTesting, uncleared, type Hold } from '../terminal.ts'
import { stepKinds, type LetterKind, type TerminalResult } from '../vocabulary.ts'
import type { Step } from './case.ts'
import type { CaseTerminalFacts, Sheet } from './unfold.ts'

export const terminalsOf = (sheet: Sheet): CaseTerminalFacts[] => sheet.case.terminals.map((t) => sheet.terminals.get(t.id)!)

/** The hold a case placed or took over on one of its terminals. */
export const holdOf = (sheet: Pick<Sheet, 'case' | 'terminals'>, terminalId: string): Hold | undefined => {
  const id = sheet.case.terminals.find((t) => t.id === terminalId)?.hold
  return sheet.terminals.get(terminalId)?.holds.find((h) => h.id === id)
}

/** The merchant's own hold on a terminal that is not over: what a reactivation lifts, an extension moves, a closure takes over. */
export const merchantHold = (terminal: CaseTerminalFacts): Hold | undefined =>
  terminal.holds.find((h) => h.owner === 'merchant' && h.liftedAt === undefined && h.withdrawnAt === undefined)

export function setResult(sheet: Sheet, terminal: string, result: TerminalResult, hold?: string): void {
  const now = sheet.case.terminals.find((t) => t.id === terminal)!
  if (now.result !== result || (hold !== undefined && hold !== now.hold))
    sheet.add({ fact: 'result', terminal, result, hold: hold ?? now.hold })
}

export const isSettledStep = (step: Step): boolean => step.state === 'done' || step.state === 'waived'
/** Required steps of a moment that are not settled. */
export const openSteps = (sheet: Pick<Sheet, 'case'>, before: Step['before'], but: readonly string[] = []): Step[] =>
  sheet.case.steps.filter((s) => s.requirement === 'required' && s.before === before && !isSettledStep(s) && !but.includes(s.kind))

/** Elements are filed of the device that is there: another one is filed anew. */
export function unfile(sheet: Sheet): void {
  for (const step of sheet.case.steps) if (step.kind === 'filing' && step.state === 'done') sheet.add({ fact: 'step_reopened', step: step.id })
}

export const stepsOpen = (open: readonly Step[]): Refusal => {
  const named = (i: 0 | 1): string => [...new Set(open.map((s) => stepKinds[s.kind][i]))].join(i === 0 ? '、' : ', ')
  return refuse('steps_open', { steps: [named(0), named(1)] })
}

/** Where a terminal stands whose hold of this case its owner gave free, or is about to. */
export function judgeReopening(sheet: Sheet, terminalId: string): void {
  const { now } = sheet.setting
  const terminal = sheet.terminals.get(terminalId)!
  const hold = holdOf(sheet, terminalId)
  if (hold === undefined) return
  if (hold.withdrawnAt !== undefined) setResult(sheet, terminalId, 'withdrawn')
  else if (hold.liftedAt !== undefined)
    setResult(sheet, terminalId, terminal.holds.some((h) => isInEffect(h, now) && h.effect === 'stop') ? 'still_held' : 'reopened')
  else if (isTesting(terminal, now)) setResult(sheet, terminalId, 'testing')
  else if (hold.clearedAt !== undefined && uncleared(terminal, now).length > 0) setResult(sheet, terminalId, 'pending')
}

/** A case that is being carried out ends with its last terminal and its last required step. */
export function complete(sheet: Sheet, final: readonly TerminalResult[], letter: LetterKind | undefined): void {
  if (sheet.case.state !== 'in_progress') return
  if (!sheet.case.terminals.every((t) => final.includes(t.result))) return
  if (openSteps(sheet, 'completion').length > 0) return
  sheet.add({ fact: 'completed', at: sheet.setting.now, letter })
}
