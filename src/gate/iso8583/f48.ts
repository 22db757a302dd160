// Settlement totals, F48: for domestic and then for foreign cards, what the terminal counted – debit amount and number,
// credit amount and number – and one digit for the host's answer: 62 digits in all.

/** The host's digit: 0 in a request. */
export const reconciliations = { none: 0, balanced: 1, unbalanced: 2, failed: 3 } as const
export type Reconciliation = keyof typeof reconciliations

export type Totals = {
  readonly debitFen: number
  readonly debits: number
  readonly creditFen: number
  readonly credits: number
  readonly answer: Reconciliation
}
export type Settlement = { readonly domestic: Totals; readonly foreign: Totals }

const totals_digits = 31
export const settlement_digits = 2 * totals_digits
const answers = Object.keys(reconciliations) as Reconciliation[]

function totalsIn(digits: string): Totals | undefined {
  const answer = answers[Number(digits[30])]
  if (answer === undefined) return undefined
  return {
    debitFen: Number(digits.slice(0, 12)),
    debits: Number(digits.slice(12, 15)),
    creditFen: Number(digits.slice(15, 27)),
    credits: Number(digits.slice(27, 30)),
    answer,
  }
}

/** Undefined where it is no settlement: of another length, or answered by an unknown digit. */
export function readSettlement(f48: string): Settlement | undefined {
  if (f48.length !== settlement_digits || !/^\d+$/.test(f48)) return undefined
  const domestic = totalsIn(f48.slice(0, totals_digits))
  const foreign = totalsIn(f48.slice(totals_digits))
  return domestic && foreign && { domestic, foreign }
}

const amount_max_fen = 999_999_999_999
const count_max = 999
const isFitting = ({ debitFen, debits, creditFen, credits }: Totals): boolean =>
  [debitFen, creditFen].every((fen) => Number.isInteger(fen) && fen >= 0 && fen <= amount_max_fen) &&
  [debits, credits].every((count) => Number.isInteger(count) && count >= 0 && count <= count_max)

const digitsOf = ({ debitFen, debits, creditFen, credits, answer }: Totals): string =>
  String(debitFen).padStart(12, '0') + String(debits).padStart(3, '0') +
  String(creditFen).padStart(12, '0') + String(credits).padStart(3, '0') + String(reconciliations[answer])

/** Undefined where a figure has no place: more than 999 transactions, or an amount of more than twelve digits. */
export const writeSettlement = ({ domestic, foreign }: Settlement): string | undefined =>
  isFitting(domestic) && isFitting(foreign) ? digitsOf(domestic) + digitsOf(foreign) : undefined

/** The request's totals with the host's word on them. */
export const answeredWith = ({ domestic, foreign }: Settlement, answer: Reconciliation): Settlement => ({
  domestic: { ...domestic, answer },
  foreign: { ...foreign, answer: foreign.debits + foreign.credits === 0 ? 'balanced' : answer },
})
