// What a cell must be, column by column. A reader takes a cell's text, trimmed and not empty, and answers the value we
// keep or the code of what is wrong. `checkCells` runs all readers of a row, so that a person sees every fault of it at
// once. A reader accepts nothing that could be a card number in full: most by their shape, the others by looking.
import { isDate } from '../domain/calendar.ts'
import { scrubPans } from '../domain/identity.ts'
import { type Fen, parseYuan } from '../domain/money.ts'
import type { ImportError, Words } from '../domain/vocabulary.ts'
import { cell_chars_max } from './bounds.ts'
import { type Finding, finding } from './fault.ts'
import type { Cells } from './table.ts'

export type Read<T> = { value: T } | { code: ImportError; hint?: Words }
export type Reader<T> = (text: string) => Read<T>
/** A column: its Chinese heading, whether a file must have it, its reader, and what an empty cell stands for if it may be. */
export type Column<T> = { zh: string; required: boolean; read: Reader<T>; empty?: T }
export type Row<Layout> = { [Name in keyof Layout]: Layout[Name] extends Column<infer T> ? T : never }

/** A column whose cells must be filled in. */
export const filled = <T>(zh: string, read: Reader<T>): Column<T> => ({ zh, required: true, read })
/** A column a file may lack and a cell may leave empty. */
export const optional = <T>(zh: string, read: Reader<T>, empty: T): Column<T> => ({ zh, required: false, read, empty })

/** Control characters but tab and line break, and what stands for a character somebody lost. */
const unreadable = /(?![\t\n])[\p{Cc}\ufffd\ufffe\uffff]/u

export const checkCells = <Layout extends Record<string, Column<unknown>>>(
  layout: Layout,
  cells: Cells<keyof Layout & string>,
): { row: Row<Layout> } | { errors: Finding<keyof Layout & string>[] } => {
  const row: Record<string, unknown> = {}
  const errors: Finding<keyof Layout & string>[] = []
  for (const name in layout) {
    const text = cells[name].trim()
    const read = readCell(layout[name]!, text)
    if ('code' in read) errors.push(finding(name, read.code, text, read.hint))
    else row[name] = read.value
  }
  return errors.length > 0 ? { errors } : { row: row as Row<Layout> }
}

const readCell = (column: Column<unknown>, text: string): Read<unknown> => {
  if (text === '') return 'empty' in column ? { value: column.empty } : { code: 'required' }
  if (text.length > cell_chars_max) return tooLong(cell_chars_max)
  if (unreadable.test(text) || !text.isWellFormed()) return { code: 'encoding_invalid' }
  return column.read(text)
}

const tooLong = (max: number): Read<never> => ({
  code: 'too_long',
  hint: [`至多 ${max} 字`, `at most ${max} characters`],
})

/** Thirteen digits, whatever stands between them: quick to see that most words cannot hold a card number. */
const may_hold_pan = /(?:[0-9０-９][^0-9０-９]?){13}/

/** What the reader accepts, unless a card number in full is in it. */
export const maskedOnly =
  (read: Reader<string>): Reader<string> =>
  (value) =>
    may_hold_pan.test(value) && scrubPans(value) !== value ? { code: 'card_number_exposed' } : read(value)

/** Words as they are, up to a number of characters (not UTF-16 units: 䶮 and 𠮷 count one each). */
export const text = (chars_max: number): Reader<string> =>
  maskedOnly((value) => (value.length > chars_max && [...value].length > chars_max ? tooLong(chars_max) : { value }))

/** What matches, as it is. There is no code for each shape; the hint says what was expected. */
export const shaped =
  (pattern: RegExp, hint: Words): Reader<string> =>
  (value) =>
    pattern.test(value) ? { value } : { code: 'value_unknown', hint }

/** A check of domain/identity: the one spelling we keep. */
export const checked =
  <Code extends ImportError>(check: (text: string) => { value: string } | { code: Code }): Reader<string> =>
  (value) => {
    const answer = check(value)
    return 'code' in answer ? { code: answer.code } : { value: answer.value }
  }

const plain = (word: string): string =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]/g, '')

/** A word of a closed set: its identifier, its Chinese or its English label; case, spaces and hyphens do not count. */
export const word = <W extends string>(table: Readonly<Record<W, Words>>): Reader<W> => {
  const known = new Map<string, W>()
  for (const id of Object.keys(table) as W[]) for (const label of [...table[id], id]) known.set(plain(label), id)
  const hint: Words = [Object.keys(table).join('、'), Object.keys(table).join(', ')]
  return (value) => {
    const id = known.get(plain(value))
    return id === undefined ? { code: 'value_unknown', hint } : { value: id }
  }
}

/** Yuan, not negative: the class of a transaction says which way money goes. */
export const yuan: Reader<Fen> = (value) => {
  const fen = parseYuan(value)
  return fen === undefined || fen < 0 ? { code: 'amount_format' } : { value: fen }
}

const date_parts =
  /^(\d{4})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)$/

/** yyyy-mm-dd, also as Chinese spreadsheets save it: 2026/2/6, 2026.2.6, 2026年2月6日. */
export const date: Reader<string> = (value) => {
  const [, year, ...parts] = date_parts.exec(value) ?? []
  const [month = '', day = ''] = parts.filter((part) => part !== undefined)
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return isDate(iso) ? { value: iso } : { code: 'date_invalid' }
}
