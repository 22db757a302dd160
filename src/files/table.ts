// A file of rows, whatever it is: CSV (UTF-8 or GB18030) or XLSX, told apart by content. Its first line names the
// columns, in English or Chinese and in any order; each following row becomes { line, cells }, one text per column,
// '' for a column the file does not have. Line is what an editor shows: the physical line a CSV record begins on, the
// row number of a sheet. Nothing is judged here but the shape; what a value must be is the columns' own affair.
import { fileTypeFromBuffer } from 'file-type'
import type { Words } from '../domain/vocabulary.ts'
import { columns_max, rows_max, text_file_bytes_max } from './bounds.ts'
import { readCsv } from './csv.ts'
import { type Fault, finding } from './fault.ts'
import { readSheet } from './sheet.ts'
import { type Encoding, firstBytes, readText, recogniseEncoding, type Source } from './text.ts'

/** The columns of a kind of file: English name → Chinese name and whether the file must have it. */
export type Columns = Readonly<Record<string, { zh: string; required: boolean }>>
export type Cells<C extends string = string> = Record<C, string>
/**
 * `fault`: the row has more or fewer cells than the header. `rest`: the cells of columns nobody knows, where asked for.
 * `isTotal`: the row is no row but adds up those before it, where asked for.
 */
export type TableRow<C extends string = string> = {
  line: number
  cells: Cells<C>
  rest?: string[]
  isTotal?: true
  fault?: Fault
}
/** What a kind of file may ask for besides. */
export type TableOptions = {
  bytes_max?: number
  rows_max?: number
  /** Our column → the heading it has in this file; it counts before our own names. */
  mapping?: Readonly<Record<string, string>> | undefined
  /** A row whose first word this is adds up those before it. */
  total?: RegExp
  /** Hands over the cells of unknown columns too. */
  withRest?: boolean
}
/** `read` is how much of the file lies behind, 0 to 1. After a batch with `stop` nothing more is read. */
export type TableBatch<C extends string = string> = { rows: TableRow<C>[]; read: number; stop?: Fault }
export type Table<C extends string = string> = {
  kind: 'csv' | 'xlsx'
  encoding: Encoding | null
  warnings: Fault[]
  batches: AsyncIterable<TableBatch<C>>
}
export type Opened<C extends string = string> = { table: Table<C> } | { faults: Fault[] }

type Row = { line: number; cells: string[] }
type Chunk = { records: Row[]; read: number; stop?: Fault }
/** Where each column's cell is in a row (-1: nowhere), and how many cells a row of the file has. */
type Shape<C extends string> = {
  layout: readonly (readonly [C, number])[]
  unknown: readonly number[]
  width: number
  isSheet: boolean
  options: TableOptions
}

const zip_signature = Buffer.from([0x50, 0x4b, 0x03, 0x04])
const sniffed_bytes = 4_100

export const openTable = async <C extends string>(
  source: Source,
  columns: Columns & Record<C, unknown>,
  options: TableOptions = {},
): Promise<Opened<C>> => {
  const beginning = await firstBytes(source, sniffed_bytes)
  const isZip = beginning.subarray(0, 4).equals(zip_signature)
  const opened = isZip ? await openSheet(source) : await openText(source, beginning, options.bytes_max)
  if ('fault' in opened) return { faults: [opened.fault] }
  const chunks = opened.chunks[Symbol.asyncIterator]()
  const header = await firstRecord(chunks)
  if ('fault' in header) {
    await chunks.return?.(undefined)
    return { faults: [header.fault] }
  }
  const read = readHeader<C>(header.record, columns, options.mapping)
  if (read.faults.length > 0) {
    await chunks.return?.(undefined)
    return { faults: read.faults }
  }
  const layout = Object.keys(columns).map((name) => [name as C, read.places.get(name as C) ?? -1] as const)
  const width = header.record.cells.length
  const known = new Set(read.places.values())
  const unknown = options.withRest ? [...Array(width).keys()].filter((place) => !known.has(place)) : []
  const batches = readRows(header.rest, chunks, { layout, unknown, width, isSheet: isZip, options })
  return { table: { kind: isZip ? 'xlsx' : 'csv', encoding: opened.encoding, warnings: read.warnings, batches } }
}

const wholeFile = (code: Fault['code'], hint?: Words): Fault => ({ line: 0, ...finding(null, code, '', hint) })

const atMost = (max: number, zh: string, en: string): Words => [`至多 ${max} ${zh}`, `at most ${max} ${en}`]

type Chunks = { chunks: AsyncGenerator<Chunk>; encoding: Encoding | null } | { fault: Fault }

const openSheet = async (source: Source): Promise<Chunks> => {
  const sheet = await readSheet(source)
  if ('refused' in sheet) return { fault: wholeFile(sheet.refused, sheet.why) }
  async function* chunks(batches: AsyncIterable<string[][]>, total: number): AsyncGenerator<Chunk> {
    let line = 0
    for await (const rows of batches) {
      const records = rows.map((cells) => ({ line: ++line, cells }))
      yield { records, read: line / total }
    }
  }
  return { chunks: chunks(sheet.batches, sheet.total), encoding: null }
}

const openText = async (
  source: Source,
  beginning: Buffer,
  bytes_max: number = text_file_bytes_max,
): Promise<Chunks> => {
  const recognised = await recogniseEncoding(source, bytes_max)
  if ('refused' in recognised) {
    if (recognised.refused === 'too_long') {
      return { fault: wholeFile('too_long', atMost(bytes_max, '字节', 'bytes')) }
    }
    // A picture or a PDF is not a badly encoded CSV.
    const type = await fileTypeFromBuffer(beginning)
    return { fault: type ? wholeFile('file_format', [type.ext, type.ext]) : wholeFile('encoding_invalid') }
  }
  const { encoding, bytes } = recognised
  async function* chunks(): AsyncGenerator<Chunk> {
    for await (const batch of readCsv(readText(source, encoding))) {
      const chunk: Chunk = { records: batch.records, read: bytes === 0 ? 1 : batch.bytes / bytes }
      if (batch.stop) chunk.stop = { line: batch.stop.line, ...finding(null, batch.stop.code) }
      yield chunk
    }
  }
  return { chunks: chunks(), encoding }
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '')

/** The first row with something in it, and what came with it. */
const firstRecord = async (chunks: AsyncIterator<Chunk>): Promise<{ record: Row; rest: Chunk } | { fault: Fault }> => {
  for (;;) {
    const next = await chunks.next()
    if (next.done) return { fault: wholeFile('file_empty') }
    const at = next.value.records.findIndex(({ cells }) => !isBlank(cells))
    const record = next.value.records[at]
    if (record) return { record, rest: { ...next.value, records: next.value.records.slice(at + 1) } }
    if (next.value.stop) return { fault: next.value.stop }
  }
}

/** 'Contact Phone', 'contact_phone' and '*联系电话（必填）' are contactPhone: case, spaces, brackets, marks do not count. */
const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\([^()]*\)|\[[^[\]]*\]|[\s_*"'.:/-]/g, '')

const names = (columns: Columns): Map<string, string> =>
  new Map(
    Object.entries(columns).flatMap(([name, { zh }]) => {
      const [english, chinese] = [plainName(name), plainName(zh)]
      return [
        [english, name],
        [chinese, name],
        [english + chinese, name],
        [chinese + english, name],
      ] as const
    }),
  )

type Header<C extends string> = { places: Map<C, number>; faults: Fault[]; warnings: Fault[] }

const readHeader = <C extends string>(
  { line, cells }: Row,
  columns: Columns,
  mapping: TableOptions['mapping'] = {},
): Header<C> => {
  const known = names(columns)
  for (const [name, heading] of Object.entries(mapping)) {
    if (!Object.hasOwn(columns, name)) continue
    for (const [own, column] of known) if (column === name) known.delete(own)
    known.set(plainName(heading), name)
  }
  const header: Header<C> = { places: new Map(), faults: [], warnings: [] }
  const say = (column: string | null, code: Fault['code'], hint?: Words): Fault => ({
    line,
    ...finding(column, code, column ?? '', hint),
  })
  if (cells.length > columns_max) {
    header.faults.push(say(null, 'too_long', atMost(columns_max, '列', 'columns')))
    return header
  }
  for (const [place, cell] of cells.entries()) {
    const column = known.get(plainName(cell)) as C | undefined
    if (column === undefined) {
      if (cell.trim() !== '') header.warnings.push({ line, ...finding(null, 'column_unknown', cell) })
    } else if (header.places.has(column)) header.faults.push(say(column, 'column_unknown', ['重复', 'occurs twice']))
    else header.places.set(column, place)
  }
  for (const [name, { zh, required }] of Object.entries(columns)) {
    if (required && !header.places.has(name as C)) {
      const label = zh === name ? name : `${zh} ${name}`
      header.faults.push({ line, ...finding(name, 'column_missing', label) })
    }
  }
  return header
}

async function* readRows<C extends string>(
  first: Chunk,
  rest: AsyncIterator<Chunk>,
  shape: Shape<C>,
): AsyncGenerator<TableBatch<C>> {
  let count = 0
  const max = shape.options.rows_max ?? rows_max
  try {
    for (let chunk: Chunk | undefined = first; chunk; chunk = await nextOf(rest)) {
      const batch: TableBatch<C> = { rows: [], read: chunk.read }
      for (const record of chunk.records) {
        if (isBlank(record.cells)) continue
        count += 1
        if (count > max) {
          const stop = { line: record.line, ...finding(null, 'too_long', '', atMost(max, '行', 'rows')) }
          return yield { ...batch, stop }
        }
        const row: TableRow<C> = { line: record.line, cells: cellsOf(record.cells, shape.layout) }
        // A sheet has no shape to get wrong: it is a rectangle, and its reader leaves out what is empty at the ends.
        if (shape.options.total?.test(firstWord(record.cells))) row.isTotal = true
        else if (!shape.isSheet && record.cells.length !== shape.width) row.fault = shapeFault(record, shape.width)
        if (shape.options.withRest) row.rest = shape.unknown.flatMap((place) => record.cells[place] ?? [])
        batch.rows.push(row)
      }
      if (chunk.stop) return yield { ...batch, stop: chunk.stop }
      if (batch.rows.length > 0) yield batch
    }
    if (count === 0) yield { rows: [], read: 1, stop: wholeFile('file_empty') }
  } finally {
    await rest.return?.(undefined)
  }
}

const firstWord = (cells: readonly string[]): string => cells.find((cell) => cell.trim() !== '')?.trim() ?? ''

const shapeFault = ({ line, cells }: Row, width: number): Fault => {
  const hint: Words = [`${cells.length} 列，表头 ${width} 列`, `${cells.length}, header ${width}`]
  return { line, ...finding(null, 'row_shape', '', hint) }
}

const nextOf = async (chunks: AsyncIterator<Chunk>): Promise<Chunk | undefined> => {
  const next = await chunks.next()
  return next.done ? undefined : next.value
}

const cellsOf = <C extends string>(cells: readonly string[], layout: readonly (readonly [C, number])[]): Cells<C> => {
  const named = {} as Cells<C>
  for (const [name, place] of layout) named[name] = cells[place]?.trim() ?? ''
  return named
}
