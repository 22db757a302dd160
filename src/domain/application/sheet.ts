// What every part that moves a case along asks of its sheet.
import type { Hold } from '../terminal.ts'
import type { TerminalResult } from '../vocabulary.ts'
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
