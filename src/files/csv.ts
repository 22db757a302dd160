// RFC 4180 records with the physical line each begins on. csv-parse does the splitting; it counts LF only, which is
// why text.ts hands it nothing else, and it reports the line a record ends on, so the breaks inside its cells are
// taken off again. A quote that opens and never closes swallows the rest of the file: reading stops there and says
// on which line the record began. What was complete before it is still yielded.
// csv-parse bounds the characters of a record but not its cells: a line of nothing but commas is stopped before it.
// Up to the first quote of a file a record is a line and a cell what stands between commas, so until then lines are split
// here: large files hold no quotes at all, and that is five times as fast.
import { CsvError, parse } from 'csv-parse'
import { line_chars_max, record_bytes_max } from './bounds.ts'

export type CsvRecord = { line: number; cells: string[] }
export type CsvStop = { line: number; code: 'quote_unclosed' | 'too_long' }
export type CsvBatch = { records: CsvRecord[]; stop?: CsvStop; bytes: number }

/** Records piece by piece; a batch with `stop` is the last. */
export async function* readCsv(pieces: AsyncIterable<{ text: string; bytes: number }>): AsyncGenerator<CsvBatch> {
  let records: CsvRecord[] = []
  let ended = { lines: 0, empty_lines: 0 }
  let plain: { line: number; rest: string } | undefined = { line: 0, rest: '' }
  /** Lines that were split before the parser took over. */
  let before = 0
  const parser = parse({
    bom: false,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: record_bytes_max,
    on_record: (cells: string[], { lines, empty_lines }) => {
      records.push({ line: before + lines - breaksIn(cells), cells })
      ended = { lines, empty_lines }
      return undefined
    },
  })
  // The error reaches us through the callback of the write; the event only must not go unheard.
  parser.on('error', () => {})
  const take = (bytes: number, error: Error | null | undefined): CsvBatch => {
    const batch: CsvBatch = { records, bytes }
    records = []
    if (error) batch.stop = stopOf(error, ended, before)
    return batch
  }
  const longLine = lineRuler()
  let bytes = 0
  try {
    for await (const piece of pieces) {
      bytes = piece.bytes
      const long = longLine(piece.text)
      const text: string = long ? piece.text.slice(0, long.from + lookahead_chars) : piece.text
      let error: Error | null | undefined
      let stop: CsvStop | undefined
      if (plain && !text.includes('"')) stop = splitLines(plain, text, records)
      else {
        const rest: string = plain?.rest ?? ''
        before = plain?.line ?? before
        plain = undefined
        error = await new Promise<Error | null | undefined>((resolve) => parser.write(rest + text, resolve))
      }
      const batch = take(bytes, error)
      if (stop) batch.stop = stop
      if (long && !batch.stop) batch.stop = { line: long.line, code: 'too_long' }
      if (batch.records.length > 0 || batch.stop) yield batch
      if (batch.stop) return
    }
    if (plain) {
      const stop = splitLines(plain, '\n', records)
      const batch = take(bytes, undefined)
      return yield stop ? { ...batch, stop } : batch
    }
    const error = await new Promise<Error | null | undefined>((resolve) => parser.end(resolve))
    yield take(bytes, error)
  } finally {
    parser.destroy()
  }
}

/** Takes whole lines, without any quote, as records; what follows the last line break waits in `plain`. */
const splitLines = (plain: { line: number; rest: string }, text: string, records: CsvRecord[]): CsvStop | undefined => {
  const lines = (plain.rest + text).split('\n')
  plain.rest = lines.pop()!
  for (const line of lines) {
    plain.line += 1
    if (line === '') continue
    if (line.length * utf8_bytes_max > record_bytes_max && Buffer.byteLength(line) > record_bytes_max)
      return { line: plain.line, code: 'too_long' }
    records.push({ line: plain.line, cells: line.split(',') })
  }
  return undefined
}
/** Of one UTF-16 unit. */
const utf8_bytes_max = 3

/** What csv-parse wants to see behind a record before it takes it for ended, and more. */
const lookahead_chars = 16

/** Finds, over all pieces of a text, the first line that is too long: its number from 1, where it begins in the piece. */
const lineRuler = (): ((text: string) => { line: number; from: number } | undefined) => {
  let line = 1
  let length = 0
  return (text) => {
    let from = 0
    for (;;) {
      const at = text.indexOf('\n', from)
      length += (at < 0 ? text.length : at) - from
      if (length > line_chars_max) return { line, from }
      if (at < 0) return undefined
      line += 1
      length = 0
      from = at + 1
    }
  }
}

const breaksIn = (cells: readonly string[]): number => {
  let breaks = 0
  for (const cell of cells) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks += 1
  return breaks
}

/** The record at fault began after the last one that ended, and after the empty lines between them. */
const stopOf = (error: Error, ended: { lines: number; empty_lines: number }, before: number): CsvStop => {
  if (!(error instanceof CsvError)) throw error
  const [lines, empty_lines] = [Number(error.lines), Number(error.empty_lines)]
  const line = ended.lines + 1 + (empty_lines - ended.empty_lines)
  // A record far too long that also runs over several lines is a quote nobody closed.
  const code = error.code === 'CSV_MAX_RECORD_SIZE' && lines === line ? 'too_long' : 'quote_unclosed'
  return { line: before + line, code }
}
