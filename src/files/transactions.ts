// The transaction file: one transaction a row, as a provider's host tells it. The same transaction may stand in a file
// twice, or in two files; it is known by merchant, terminal, batch, trace, reference and class. Said again in the same
// words it counts once; said differently it is refused, because nobody here can know which telling is true.
// Whether the terminal is known, and what was imported before, the caller decides with the rows it gets.
import { instantOf, isDate, isTime } from '../domain/calendar.ts'
import { checkMid, checkTid } from '../domain/identity.ts'
import { cardKinds, transactionClasses, transactionStatuses } from '../domain/vocabulary.ts'
import {
  checkCells,
  checked,
  date,
  filled,
  optional,
  type Read,
  type Reader,
  type Row,
  shaped,
  word,
  yuan,
} from './cells.ts'
import { atLine, type Finding, finding } from './fault.ts'
import { type Across, type CheckedBatch, checkFile } from './rows.ts'
import type { Cells } from './table.ts'
import type { Source } from './text.ts'

const wall = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2}) (\d{1,2}:\d{2}:\d{2})$/
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

/** Milliseconds since 1970: from RFC 3339, or from yyyy-MM-dd HH:mm:ss as the wall clock of Shanghai shows it. */
export const instant: Reader<number> = (value) => {
  const [, day = '', clock = '', fraction = '', zone = ''] = rfc3339.exec(value) ?? []
  if (isDate(day) && isTime(clock)) {
    const ms = Date.parse(`${day}T${clock}${fraction}${zone}`)
    return Number.isNaN(ms) ? { code: 'time_invalid' } : { value: ms }
  }
  const [, year, month = '', dayOfMonth = '', time = ''] = wall.exec(value) ?? []
  const date = `${year}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`
  const padded = time.padStart(8, '0')
  if (isDate(date) && isTime(padded)) return { value: instantOf(date, padded) }
  return { code: 'time_invalid', hint: ['如 2026-09-01 09:08:28', 'such as 2026-09-01 09:08:28'] }
}

const masked = /^(\d{0,6})[*xX#•●]+(\d{0,4})$/
const pan_digits_min = 11

/** At most the first six and the last four digits may stand; everything between them is kept as asterisks. */
export const cardMasked: Reader<string | null> = (value): Read<string> => {
  const plain = value.normalize('NFKC').replace(/[\s-]/g, '')
  if (masked.test(plain)) return { value: plain.replace(/[^\d]/g, '*') }
  const digits = plain.replace(/\D/g, '').length
  // Ten digits or fewer cannot hide more than the six and four that may be seen, but only where they stand apart.
  return digits >= pan_digits_min || /\d{7}/.test(plain)
    ? { code: 'card_number_exposed', hint: ['至多前六后四', 'at most first six and last four'] }
    : { code: 'value_unknown', hint: ['如 621234******0001', 'such as 621234******0001'] }
}

const six_digits = shaped(/^\d{6}$/, ['6 位数字', '6 digits'])

export const transactionColumns = {
  tid: filled('终端号', checked(checkTid)),
  mid: filled('商户号', checked(checkMid)),
  batch: filled('批次号', six_digits),
  trace: filled('凭证号', six_digits),
  reference: filled('检索参考号', shaped(/^[0-9A-Za-z]{12}$/, ['12 位数字或字母', '12 digits or letters'])),
  class: filled('交易类型', word(transactionClasses)),
  amountYuan: filled('金额', yuan),
  at: filled('交易时间', instant),
  // A cell may be empty (not settled yet), but a file without the column would unsettle everything.
  settledOn: { zh: '清算日期', required: true, read: date as Reader<string | null>, empty: null },
  cardKind: filled('卡类型', word(cardKinds)),
  cardMasked: optional<string | null>('卡号', cardMasked, null),
  authCode: optional<string | null>(
    '授权码',
    shaped(/^[0-9A-Za-z]{6}$/, ['6 位数字或字母', '6 digits or letters']),
    null,
  ),
  status: filled('状态', word(transactionStatuses)),
} as const

export type TransactionColumn = keyof typeof transactionColumns
/** As read, but that the amount is in fen; `at` in milliseconds since 1970. */
export type TransactionRow = Omit<Row<typeof transactionColumns>, 'amountYuan'> & { amountFen: number }

export const checkTransactionRow = (
  cells: Cells<TransactionColumn>,
): { row: TransactionRow } | { errors: Finding<TransactionColumn>[] } => {
  const read = checkCells(transactionColumns, cells)
  if ('errors' in read) return read
  const { amountYuan, ...row } = read.row
  return { row: { ...row, amountFen: amountYuan } }
}

/** Checks a transaction file as it is read; a transaction said again in the same words is counted as repeated. */
export const checkTransactionFile = (source: Source): AsyncGenerator<CheckedBatch<TransactionRow, TransactionColumn>> =>
  checkFile(source, transactionColumns, checkTransactionRow, saidOnce())

/** What two tellings of the same transaction agree on. */
export const transactionKey = (row: TransactionRow): string =>
  `${row.mid} ${row.tid} ${row.batch} ${row.trace} ${row.reference} ${row.class}`

/** What else a telling says, value and the column it comes from. */
const telling = (row: TransactionRow): readonly (readonly [string, TransactionColumn])[] => [
  [String(row.amountFen), 'amountYuan'],
  [String(row.at), 'at'],
  [row.settledOn ?? '', 'settledOn'],
  [row.cardKind, 'cardKind'],
  [row.cardMasked ?? '', 'cardMasked'],
  [row.authCode ?? '', 'authCode'],
  [row.status, 'status'],
]

/** Every transaction of the file is remembered to its end, and so as one short text. */
const saidOnce = (): Across<TransactionRow, TransactionColumn> => {
  const seen = new Map<string, string>()
  return (line, cells, _errors, row) => {
    if (!row) return 'new'
    const key = transactionKey(row)
    const said = telling(row)
    const first = seen.get(key)
    if (first === undefined) {
      seen.set(key, [...said.map(([value]) => value), line].join(' '))
      return 'new'
    }
    const before = first.split(' ')
    const column = said.find(([value], place) => value !== before[place])?.[1]
    if (column === undefined) return 'repeated'
    return { errors: [finding(column, 'transaction_differs', cells[column], atLine(Number(before.at(-1))))] }
  }
}
