// Rows to a CSV file that people open in a spreadsheet. There a cell that begins with = + - or @ runs as a formula, so
// it gets an apostrophe in front: what a merchant typed into a form never runs on a clerk's machine. Excel takes a file
// for UTF-8 only where it begins with a byte order mark. On the way in such cells are plain data and kept as they are.
import { type Options, stringify } from 'csv-stringify/sync'
import { type Language, say } from '../domain/vocabulary.ts'
import type { Rejected } from './rows.ts'

// A lone CR or LF is not our record delimiter, so csv-stringify would leave it bare and readers would see a new row.
const layout: Options = { record_delimiter: '\r\n', escape_formulas: true, quoted_match: /[\r\n]/ }
const byte_order_mark = '\uFEFF'

/** One cell as it stands in a CSV file: quoted where it must be, and never a formula. */
export const toCsvCell = (value: string): string => stringify([[value]], { ...layout, eof: false })

/** A CSV file in pieces: byte order mark, header, rows. */
export function* csvFile(header: readonly string[], rows: Iterable<readonly string[]>): Generator<string> {
  yield byte_order_mark + stringify([[...header]], layout)
  for (const row of rows) yield stringify([[...row]], layout)
}

/** The rows refused, as a file to put right and send again: the columns by their names, then line and faults. */
export function* rejectedFile<C extends string>(
  columns: readonly C[],
  rows: Iterable<Rejected<C>>,
  language: Language,
): Generator<string> {
  const rowsOut = (function* () {
    for (const { line, cells, faults } of rows) {
      const told = faults.map((fault) => `${fault.column ?? ''} ${say(fault.detail, language)}`.trim()).join('; ')
      yield [...columns.map((column) => cells[column]), String(line), told]
    }
  })()
  yield* csvFile([...columns, ...(language === 'zh' ? ['行号', '问题'] : ['line', 'faults'])], rowsOut)
}
