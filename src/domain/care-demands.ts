// What a hold of the provider's asks of the merchant: what to do in plain words, which papers to hand in, by when, who decides,
// whether an appeal exists. Screen, notice, letter and the terminal itself say it in the same words (care-asked.ts).
import { addWorkdays, dateOf, instantOf, type Calendar } from './calendar.ts'
import type { Hold } from './terminal.ts'
import type { Policy } from './policy.ts'
import { askedFor, capital, listOf } from './care-asked.ts'
import { holdOwners, mayAppeal, waysOut, type HoldOwner, type MaterialType, type Reason, type Words } from './vocabulary.ts'

export type Demand = {
  reason: Reason
  /** What is asked, in one sentence. */
  words: Words
  materials: readonly MaterialType[]
  /** By when; absent where no time runs, or where the calendar of the year is not known. */
  dueBy: number | undefined
  decidedBy: HoldOwner
  wayOut: Words
  appeal: boolean
}
const close_of_business = '18:00'
/** What a hold asks; none for the merchant's own. `demandedBy` is the day a formal demand names. */
export function demandOf(
  hold: Pick<Hold, 'reason' | 'owner' | 'effectiveFrom'>, policy: Pick<Policy, 'care'>, calendar: Calendar, zone: string, demandedBy?: number,
): Demand | undefined {
  const table = askedFor(hold.reason)
  if (table === undefined || hold.owner === 'merchant') return undefined
  const days = policy.care.demandDays[hold.reason] ?? table.workingDays
  const day = days === undefined ? undefined : addWorkdays(calendar, dateOf(hold.effectiveFrom, zone), days)
  return {
    reason: hold.reason, words: table.words, materials: table.materials, dueBy: demandedBy ?? (typeof day === 'string' ? instantOf(day, close_of_business, zone) : undefined),
    decidedBy: hold.owner, wayOut: waysOut[hold.owner], appeal: mayAppeal(hold.reason),
  }
}

/** '请更正结算账户…。请在 2026-12-03 18:00 前提交：开户证明。' `at` writes the moment for its reader. */
export function askWords({ words, dueBy, materials }: Pick<Demand, 'words' | 'dueBy' | 'materials'>, at: (instant: number) => Words): Words {
  const [zh, en] = [`${words[0]}。`, `${capital(words[1])}.`]
  if (materials.length === 0) return [zh, en]
  return dueBy === undefined ? [`${zh}需提交：${listOf(materials, 0)}。`, `${en} To hand in: ${listOf(materials, 1)}.`]
    : [`${zh}请在 ${at(dueBy)[0]} 前提交：${listOf(materials, 0)}。`, `${en} Hand in by ${at(dueBy)[1]}: ${listOf(materials, 1)}.`]
}

/** The same, and who decides: '…由财务决定，可以申诉。' */
export function demandWords(d: Demand, at: (instant: number) => Words): Words {
  const [zh, en] = askWords(d, at)
  return [`${zh}由${holdOwners[d.decidedBy][0]}决定${d.appeal ? '，可以申诉' : ''}。`, `${en} Decided by ${holdOwners[d.decidedBy][1]}${d.appeal ? '; an appeal is possible' : ''}.`]
}
