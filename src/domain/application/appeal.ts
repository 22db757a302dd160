// An appeal (申诉) against one hold of the provider's: the merchant's words and papers, decided by a person who did not place the
// hold. Granted, the hold is given free as its owner would have done it – what must be tested is still tested –; refused, it
// stays, with the reason on record. When the hold is given free by its owner meanwhile, there is nothing left to decide.
import { dateOf } from '../calendar.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../refusals.ts'
import { clearHold, isOver, type Hold } from '../terminal.ts'
import { mayAppeal, waysOut } from '../vocabulary.ts'
import type { KindRules } from './kinds.ts'
import { holdOf, setResult } from './sheet.ts'
import type { Setting, Sheet } from './unfold.ts'

const day_ms = 86_400_000
const isFree = (hold: Hold): boolean => isOver(hold) || hold.clearedAt !== undefined

/** Until when an appeal against this hold may be filed. */
export const appealUntil = (hold: Hold, { policy }: Pick<Setting, 'policy'>): number => hold.effectiveFrom + policy.appeal.withinDays * day_ms

/** May this hold be appealed against: one terminal, one hold of the provider's that still stands and lets itself be argued with. */
export function checkAppeal(setting: Setting, holdId: string | undefined, isNew: boolean): Refusal | undefined {
  const [terminal, second] = setting.terminals
  const hold = terminal?.holds.find((h) => h.id === holdId)
  if (terminal === undefined || second !== undefined || hold === undefined) return refuseField('/hold', 'not_found')
  if (hold.owner === 'merchant' || !mayAppeal(hold.reason)) return refuse('appeal_not_possible', { reason: hold.reason, wayOut: waysOut[hold.owner] })
  if (isFree(hold)) return refuse('hold_lifted')
  const other = setting.others.find((o) => o.direction === 'plea' && o.hold === holdId)
  if (other) return refuse('case_open_already', { tid: terminal.tid, no: other.no })
  const until = appealUntil(hold, setting)
  return isNew && setting.now > until ? refuse('appeal_too_late', { until: dateOf(until, setting.zone) }) : undefined
}

const holdIn = (sheet: Sheet): Hold => holdOf(sheet, sheet.case.terminals[0]!.id)!

function carryOut(sheet: Sheet): Refusal | undefined {
  const { setting, case: c } = sheet
  const [{ id }] = c.terminals as [Sheet['case']['terminals'][number]]
  const cleared = clearHold(sheet.terminals.get(id)!, holdIn(sheet).id, c.decidedBy ?? setting.actor.person, setting.now)
  if (isRefusal(cleared)) return cleared
  sheet.add(...cleared)
  setResult(sheet, id, 'released')
  return undefined
}

export const appeal: KindRules = {
  isReviewed: true, carryOut, due: () => [], neverWaived: [],
  bring() {},
  end(sheet) {
    if (sheet.case.state === 'approved') sheet.add({ fact: 'completed', at: sheet.setting.now, letter: undefined })
  },
  anytime(sheet) {
    if (sheet.case.decidedAt !== undefined || !isFree(holdIn(sheet))) return
    sheet.add({ fact: 'withdrawn', by: 'system', at: sheet.setting.now })
  },
  deciding: (sheet) => holdIn(sheet).placedBy === sheet.setting.actor.person ? refuse('appeal_own_hold') : undefined,
}
