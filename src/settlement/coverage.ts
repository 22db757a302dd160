// Which record is on file for which day. What is not there is missing only where its file is; otherwise it is pending.
//   UnionPay's record of a slip: the slip's settlement date (its day ends at 23:00) and merchant have a detail file. A
//     file whose name tells date and merchant covers just those, even when empty; one without covers its merchants from
//     its first settlement date to its last.
//   The slip of UnionPay's record: it was made on a calendar day from the first to the last of a slip file of that
//     merchant.
//   The bank's credit: the settlement date lies between the first and the last of a bank file of that merchant.
// A slip or bank file that names several merchants speaks for all of them – a merchant with no line at all is what one
// wants to hear of; one that names a single merchant is that merchant's own and speaks for it alone.
import { addDays } from '../domain/calendar.ts'
import type { Taken } from './types.ts'

export type Coverage = {
  /** Is UnionPay's file for that merchant and settlement date among the files? */
  hasUnionPay: (mid: string, settledOn: string) => boolean
  /** Are the slips of that merchant and calendar day? */
  hasSlips: (mid: string, madeOn: string) => boolean
  /** Is the bank's line for that merchant and settlement date? */
  hasBank: (mid: string, settledOn: string) => boolean
}

type Stretch = { from: string; to: string; mids: ReadonlySet<string> }
const within =
  (stretches: readonly Stretch[]) =>
  (mid: string, day: string): boolean =>
    stretches.some(({ from, to, mids }) => day >= from && day <= to && (mids.size > 1 || mids.has(mid)))

const stretchesOf = (
  files: readonly Taken[],
  from: 'settledFrom' | 'madeFrom',
  to: 'settledTo' | 'madeTo',
): Stretch[] =>
  files.flatMap((file) => {
    const [first, last] = [file[from], file[to]]
    return first === null || last === null ? [] : [{ from: first, to: last, mids: new Set(file.mids) }]
  })

export const coverageOf = (files: readonly Taken[]): Coverage => {
  const of = (kind: Taken['kind']): Taken[] => files.filter((file) => file.kind === kind)
  // Many small files, each of one merchant and day: looked up, not searched.
  const days = new Set<string>()
  for (const { from, to, mids } of stretchesOf(of('unionpay'), 'settledFrom', 'settledTo'))
    for (let day = from; day <= to; day = addDays(day, 1)) for (const mid of mids) days.add(`${mid} ${day}`)
  return {
    hasUnionPay: (mid, settledOn) => days.has(`${mid} ${settledOn}`),
    hasSlips: within(stretchesOf(of('slips'), 'madeFrom', 'madeTo')),
    hasBank: within(stretchesOf(of('bank'), 'settledFrom', 'settledTo')),
  }
}
