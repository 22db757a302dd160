// Slips and bank lines as tables (CSV in UTF-8 or GB18030, or XLSX): columns under our names, Chinese or English, or
// under theirs by a saved mapping. What every cell must be is said by its column; a row that adds up the others is held
// against them. Cells of columns nobody knows are not kept, and still may hold no card number.
import { checkMid, checkTid, scrubPans } from '../domain/identity.ts'
import { type Fen, parseYuan } from '../domain/money.ts'
import { type ImportError, transactionClasses } from '../domain/vocabulary.ts'
import {
  type Column,
  checkCells,
  checked,
  date,
  filled,
  maskedOnly,
  optional,
  type Read,
  type Reader,
  type Row,
  shaped,
  text,
  word,
  yuan,
} from '../files/cells.ts'
import { finding } from '../files/fault.ts'
import { openTable } from '../files/table.ts'
import type { Source } from '../files/text.ts'
import { cardMasked, instant } from '../files/transactions.ts'
import { faults_max, file_bytes_max, file_rows_max } from './bounds.ts'
import { cutName } from './gbk.ts'
import { type Batch, movesMoney, type RowOf, settlementDate, signOf } from './records.ts'
import { settlementNamedIn } from './settlement-reference.ts'
import type { ColumnMapping } from './types.ts'

const digits = (count: number): Reader<string> =>
  shaped(new RegExp(`^\\d{${count}}$`), [`${count} 位数字`, `${count} digits`])
const orNull = <T>(read: Reader<T>): Reader<T | null> => read

/** Values of one column that are remembered with their answer: merchants, terminals and names come again and again. */
const values_max = 50_000
const remembered = <T>(read: Reader<T>): Reader<T> => {
  const known = new Map<string, Read<T>>()
  return (value) => {
    const answer = known.get(value) ?? read(value)
    if (known.size >= values_max) known.clear()
    known.set(value, answer)
    return answer
  }
}

const usual_instant = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\+08:00|Z)$/
const startOfDay = remembered<number>((day) => instant(`${day}T00:00:00Z`))
/** As `instant`, quicker for the spelling that files mostly have. */
const instantQuickly: Reader<number> = (value) => {
  const [, day = '', hours, minutes, seconds] = usual_instant.exec(value) ?? []
  const start = day === '' ? undefined : startOfDay(day)
  if (!start || 'code' in start) return instant(value)
  const utc = start.value + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
  return { value: value.endsWith('Z') ? utc : utc - SHANGHAI_ahead_ms }
}
const SHANGHAI_ahead_ms = 8 * 3_600_000

export const slipColumns = {
  tid: filled('终端号', remembered(checked(checkTid))),
  mid: filled('商户号', remembered(checked(checkMid))),
  merchantName: optional('商户名称', orNull(remembered(text(100))), null),
  mcc: optional('商户类别码', orNull(digits(4)), null),
  batch: optional('批次号', orNull(digits(6)), null),
  trace: optional('凭证号', orNull(digits(6)), null),
  // Twelve characters on a slip; what a file has instead may be as long as UnionPay's order number.
  reference: filled(
    '检索参考号',
    maskedOnly(shaped(/^[0-9A-Za-z]{6,32}$/, ['6 至 32 位数字或字母', '6 to 32 digits or letters'])),
  ),
  class: filled('交易类型', remembered(word(transactionClasses))),
  amountYuan: filled('金额', yuan),
  at: filled('交易时间', instantQuickly),
  authCode: optional('授权码', orNull(shaped(/^[0-9A-Za-z]{6}$/, ['6 位数字或字母', '6 digits or letters'])), null),
  cardMasked: optional('卡号', orNull(remembered(cardMasked)), null),
} as const

const signedYuan: Reader<Fen> = (value) => {
  const fen = parseYuan(value)
  return fen === undefined ? { code: 'amount_format' } : { value: fen }
}
export const bankColumns = {
  bookedOn: filled('记账日期', remembered(date)),
  settledOn: optional('清算日期', orNull(remembered(date)), null),
  mid: optional('商户号', orNull(remembered(checked(checkMid))), null),
  creditYuan: { zh: '贷方金额', required: true, read: signedYuan, empty: 0 },
  debitYuan: optional('借方金额', yuan, 0),
  reference: optional('流水号', orNull(text(64)), null),
  narrative: optional('摘要', orNull(text(200)), null),
} as const

/** A kind of sheet: its columns, which of them the sum of a total row stands in, and what a sound row becomes. */
type Sheet<K extends 'slips' | 'bank', L extends Record<string, Column<unknown>>> = {
  columns: L
  amount: keyof L & string
  fenOf: (row: RowOf[K]) => Fen
  /** Undefined: it concerns no settlement. */
  take: (row: Row<L>, line: number) => RowOf[K] | undefined
}

const slipSheet: Sheet<'slips', typeof slipColumns> = {
  columns: slipColumns,
  amount: 'amountYuan',
  fenOf: (row) => row.amountFen,
  take: (row, line) => {
    const { tid, mid, merchantName: name, mcc, batch, trace, reference, at } = row
    if (!movesMoney(row.class)) return undefined
    const amountFen = signOf(row.class) * row.amountYuan + 0
    const cut = name === null ? null : cutName(name)
    const settledOn = settlementDate(at)
    return { line, mid, tid, reference, class: row.class, amountFen, at, settledOn, name, cut, mcc, batch, trace }
  },
}

const bankSheet: Sheet<'bank', typeof bankColumns> = {
  columns: bankColumns,
  amount: 'creditYuan',
  fenOf: (row) => row.netFen,
  take: (row, line) => {
    const named = settlementNamedIn([row.reference ?? '', row.narrative ?? ''])
    const [mid, settledOn] = [row.mid ?? named?.mid, row.settledOn ?? named?.settledOn]
    if (mid === undefined || settledOn === undefined) return undefined
    const { bookedOn, reference } = row
    return { line, mid, settledOn, netFen: row.creditYuan - row.debitYuan, bookedOn, reference }
  },
}

type SheetReader<K extends 'slips' | 'bank'> = (
  source: Source,
  mapping?: ColumnMapping,
) => AsyncGenerator<Batch<K>, string>
export const readSlips: SheetReader<'slips'> = (source, mapping) => readSheet(slipSheet, source, mapping, 'slips.csv')
export const readBankLines: SheetReader<'bank'> = (source, mapping) => readSheet(bankSheet, source, mapping, 'bank.csv')

const total_words = /^(?:合计|总计|total)\s*[:：]?$/i
const may_hold_pan = /(?:[0-9０-９][^0-9０-９]?){13}/
const exposes = (cell: string): boolean => may_hold_pan.test(cell) && scrubPans(cell) !== cell

async function* readSheet<K extends 'slips' | 'bank', L extends Record<string, Column<unknown>>>(
  { columns, amount, fenOf, take }: Sheet<K, L>,
  source: Source,
  mapping: ColumnMapping | undefined,
  layout: string,
): AsyncGenerator<Batch<K>, string> {
  const opened = await openTable<keyof L & string>(source, columns, {
    bytes_max: file_bytes_max,
    rows_max: file_rows_max,
    mapping,
    total: total_words,
    withRest: true,
  })
  if ('faults' in opened) {
    yield { rows: [], faults: opened.faults, warnings: [], ignored: 0 }
    return layout
  }
  let { warnings } = opened.table
  let told = 0
  const sums = { netFen: 0, grossFen: 0 }
  for await (const { rows, stop } of opened.table.batches) {
    const batch: Batch<K> = { rows: [], faults: [], warnings, ignored: 0 }
    warnings = []
    for (const { line, cells, rest = [], isTotal, fault } of rows) {
      const say = (column: string | null, code: ImportError, value: string): void => {
        batch.faults.push({ line, ...finding(column, code, value) })
      }
      if (fault) batch.faults.push(fault)
      else if (isTotal) {
        const fen = parseYuan(cells[amount])
        // A total may count what is given back, or only how much was moved.
        if (cells[amount] !== '' && fen !== sums.netFen && fen !== sums.grossFen)
          say(amount, 'total_differs', cells[amount])
      } else {
        const exposed = rest.find(exposes)
        if (exposed !== undefined) say(null, 'card_number_exposed', exposed)
        const answer = checkCells(columns, cells)
        if ('errors' in answer) batch.faults.push(...answer.errors.map((error) => ({ line, ...error })))
        else {
          const row = take(answer.row, line)
          if (!row) batch.ignored += 1
          else {
            batch.rows.push(row)
            sums.netFen += fenOf(row)
            sums.grossFen += Math.abs(fenOf(row))
          }
        }
      }
    }
    if (stop) batch.faults.push(stop)
    told += batch.faults.length
    yield batch
    if (told >= faults_max) break
  }
  return opened.table.kind === 'xlsx' ? layout.replace('csv', 'xlsx') : layout
}
