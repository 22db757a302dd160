// What is known of a camt file while it is read, and what a closed entry or statement comes to: rows, and whether the
// statement's own numbers – count and sum of entries, balances – are those of what it holds.
import type sax from 'sax'
import { scrubPans } from '../domain/identity.ts'
import { type Fen, formatYuan } from '../domain/money.ts'
import type { ImportError, Words } from '../domain/vocabulary.ts'
import { type Fault, finding } from '../files/fault.ts'
import { file_total_fen_max } from './bounds.ts'
import type { BankRow } from './records.ts'
import { settlementNamedIn } from './settlement-reference.ts'

/** One entry, or one transaction of it. */
type Money = { amountFen?: Fen; currency?: string; sign?: 1 | -1; texts: string[] }
export type Entry = Money & { line: number; status?: string; bookedOn?: string; transactions: Money[] }
export type Sum = { count: number; fen: Fen }
/** Of one statement: what it says of itself and what was counted. */
export type Statement = {
  line: number
  said: { all: Partial<Sum>; credits: Partial<Sum>; debits: Partial<Sum>; opening?: Fen; closing?: Fen }
  counted: { all: Sum; credits: Sum; debits: Sum; bookedFen: Fen }
  balance: { code?: string; amountFen?: Fen; sign?: 1 | -1 }
  isPart: boolean
}

/** All state of one file: where the parser is, what is open, what was found. */
export type State = {
  parser: sax.SAXParser
  path: string[]
  text: string
  /** The currency of the amount that is open. */
  currency: string | undefined
  message: { root: string; holder: string } | undefined
  statement: Statement | undefined
  entry: Entry | undefined
  transaction: Money | undefined
  layout: string
  rows: BankRow[]
  faults: Fault[]
  ignored: number
}

export const openStatement = (line: number): Statement => {
  const zero = (): Sum => ({ count: 0, fen: 0 })
  return {
    line,
    said: { all: {}, credits: {}, debits: {} },
    counted: { all: zero(), credits: zero(), debits: zero(), bookedFen: 0 },
    balance: {},
    isPart: false,
  }
}

export const lineOf = ({ parser }: State): number => parser.line + 1
export const say = (
  state: State,
  column: string | null,
  code: ImportError,
  value = '',
  hint?: Words,
  line = lineOf(state),
): void => {
  state.faults.push({ line, ...finding(column, code, value, hint) })
}

export const closeEntry = (state: State, { counted }: Statement, entry: Entry): void => {
  const { amountFen, sign, line, status } = entry
  if (amountFen === undefined || sign === undefined)
    return say(state, amountFen === undefined ? 'Amt' : 'CdtDbtInd', 'required', '', undefined, line)
  if (counted.all.fen + amountFen > file_total_fen_max) return say(state, 'Amt', 'too_long', '', undefined, line)
  for (const sum of [counted.all, sign === 1 ? counted.credits : counted.debits]) {
    sum.count += 1
    sum.fen += amountFen
  }
  const isBooked = status === undefined || status === 'BOOK'
  if (isBooked) counted.bookedFen += sign * amountFen
  const parts = isBooked ? partsOf(state, { ...entry, amountFen, sign }) : []
  const rows = parts.flatMap((part) => rowsOf(state, entry, part))
  state.rows.push(...rows)
  if (rows.length === 0) state.ignored += 1
}

type Whole = Entry & { amountFen: Fen; sign: 1 | -1 }
type Part = { amountFen: Fen; currency: string | undefined; texts: string[] }

/** One credit may hold several settlements: each transaction is a line then, and together they are the entry. */
const partsOf = (state: State, entry: Whole): Part[] => {
  const { sign, line, transactions, currency } = entry
  const lines = transactions.flatMap((one): Part[] =>
    one.amountFen === undefined || !settlementNamedIn(one.texts)
      ? []
      : [{ amountFen: (one.sign ?? sign) * one.amountFen, currency: one.currency ?? currency, texts: one.texts }],
  )
  const amountFen = sign * entry.amountFen
  const isSplit = lines.length > 1 || (lines.length === 1 && transactions.length > 1 && !settlementNamedIn(entry.texts))
  if (!isSplit) return [{ amountFen, currency, texts: [...entry.texts, ...transactions.flatMap(({ texts }) => texts)] }]
  const together = lines.reduce((sum, one) => sum + one.amountFen, 0)
  if (lines.length === transactions.length && together !== amountFen)
    say(state, 'TxDtls', 'total_differs', formatYuan(together), undefined, line)
  return lines
}

const rowsOf = (state: State, { line, bookedOn }: Entry, { amountFen, currency, texts }: Part): BankRow[] => {
  const named = settlementNamedIn(texts)
  if (!named) return []
  if (currency !== 'CNY') say(state, 'Ccy', 'currency_unsupported', currency, undefined, line)
  const reference = texts.find((text) => settlementNamedIn([text]) !== undefined) ?? null
  return [
    {
      line,
      ...named,
      netFen: amountFen + 0,
      bookedOn: bookedOn ?? null,
      reference: reference && scrubPans(reference.slice(0, reference_chars_max)),
    },
  ]
}
const reference_chars_max = 64

export const closeBalance = (statement: Statement): void => {
  const { code, amountFen, sign } = statement.balance
  if (amountFen !== undefined && sign !== undefined) {
    if (code === 'OPBD') statement.said.opening = amountFen * sign
    if (code === 'CLBD') statement.said.closing = amountFen * sign
  }
  statement.balance = {}
}

const totals = [
  ['all', 'TtlNtries'],
  ['credits', 'TtlCdtNtries'],
  ['debits', 'TtlDbtNtries'],
] as const

export const closeStatement = (state: State, { line, said, counted, isPart }: Statement): void => {
  if (isPart) return
  const differ = (column: string, told: string, found: string): void =>
    say(state, column, 'total_differs', `${told} ≠ ${found}`, undefined, line)
  for (const [which, column] of totals) {
    const { count, fen } = said[which]
    if (count !== undefined && count !== counted[which].count)
      differ(column, String(count), String(counted[which].count))
    if (fen !== undefined && fen !== counted[which].fen) differ(column, formatYuan(fen), formatYuan(counted[which].fen))
  }
  const { opening, closing } = said
  if (opening === undefined || closing === undefined || opening + counted.bookedFen === closing) return
  differ('Bal', formatYuan(closing), formatYuan(opening + counted.bookedFen))
}
