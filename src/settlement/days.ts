// UnionPay's records of one merchant and settlement date against what the bank credited: n to 1, by net amount, exactly.
// A record that UnionPay's file holds twice may have been paid once or twice; the duplicate is told as such, and neither
// of the two sums is a break of its own.
import type { BankSide } from '../domain/breaks.ts'
import type { Fen } from '../domain/money.ts'
import type { Coverage } from './coverage.ts'
import type { Found } from './pair.ts'
import type { DayTally } from './types.ts'

export type Day = { mid: string; settledOn: string; unionpayFen: Fen | null; bank: BankSide | null }

export const judgeDay = (
  { mid, settledOn, unionpayFen, bank }: Day,
  duplicateFen: Fen,
  coverage: Coverage,
): { state: DayTally['state']; found?: Found } => {
  const expectedFen = unionpayFen ?? 0
  const actualFen = bank?.netFen ?? 0
  if (expectedFen === actualFen || expectedFen - duplicateFen === actualFen) return { state: 'matched' }
  const day = { mid, settledOn, expectedFen, actualFen }
  if (unionpayFen === null) {
    if (!coverage.hasUnionPay(mid, settledOn)) return { state: 'pending' }
    return { state: 'break', found: { kind: 'bank_extra', ...day, bank: bank! } }
  }
  if (bank) return { state: 'break', found: { kind: 'bank_amount_differs', ...day, bank } }
  if (!coverage.hasBank(mid, settledOn)) return { state: 'pending' }
  return { state: 'break', found: { kind: 'bank_missing', ...day } }
}
