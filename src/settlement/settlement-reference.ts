// Which settlement a bank line is about, where the bank gives it only as words: UnionPay's reference 'SETT', date, merchant
// number; or a remark that names both. What names none is other money on the same account.
import { isDate } from '../domain/calendar.ts'

/** SETT20260901848046458120439. */
const reference = /SETT(\d{4})(\d{2})(\d{2})([0-9A-Z]{15})(?![0-9A-Z])/
const remark = /(?:清算|结算|settle)/i
const dateWord = /(?<!\d)(20\d{2})[-/年]?(\d{2})[-/月]?(\d{2})(?!\d)/
const midWord = /(?<![0-9A-Z])(?=[0-9A-Z]*\d{6})[0-9A-Z]{15}(?![0-9A-Z])/

export const settlementNamedIn = (texts: readonly string[]): { mid: string; settledOn: string } | undefined => {
  for (const text of texts) {
    const [, year, month, day, mid] = reference.exec(text) ?? []
    const settledOn = `${year}-${month}-${day}`
    if (mid !== undefined && isDate(settledOn)) return { mid, settledOn }
  }
  for (const text of texts.filter((one) => remark.test(one))) {
    const [mid] = midWord.exec(text) ?? []
    const [, year, month, day] = dateWord.exec(text.replace(mid ?? '', '')) ?? []
    const settledOn = `${year}-${month}-${day}`
    if (mid !== undefined && isDate(settledOn)) return { mid, settledOn }
  }
  return undefined
}
/** The same texts without the reference, whose digits are no card number. */
export const withoutReference = (text: string): string => text.replace(reference, '')
