// The thread side of `intake`: one file read, checked and written as Parquet. Rows go to a text file first – only fields
// that were checked, no card numbers – which the engine reads by declared types. Every file made here is inside the
// scratch folder until the very end, when the Parquet file moves out of it; whatever happens, the scratch folder is
// removed by the caller, and with it everything of a file that was refused.
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { dateOf } from '../domain/calendar.ts'
import { finding } from '../files/fault.ts'
import type { Source } from '../files/text.ts'
import { buffer_chars_max, faults_max, file_total_fen_max, intake_memory_mb } from './bounds.ts'
import { declared, keyOf, textOf } from './columns.ts'
import { openEngine, quoted, type Watch } from './engine.ts'
import { type Read, type ReadOptions, readSettlementFile, type ToldBatch } from './read.ts'
import type { RowOf } from './records.ts'
import type { FileFault, RecordKind, Taken } from './types.ts'
import { Damaged, openBytes } from './unwrap.ts'

export type TakeOptions = ReadOptions & {
  source: Source
  /** Where the Parquet file ends up, and where everything is made. */
  folder: string
  scratch: string
}

/** What is known of a file's rows besides the rows. */
type Span = {
  rows: number
  /** What the rows move, without sign. */
  totalFen: number
  mids: Set<string>
  settledFrom: string | null
  settledTo: string | null
  /** Instants, ms. */
  madeFrom: number | null
  madeTo: number | null
}
const smaller = <T extends string | number>(a: T | null, b: T): T => (a === null || b < a ? b : a)
const larger = <T extends string | number>(a: T | null, b: T): T => (a === null || b > a ? b : a)

const spanned = (span: Span, row: RowOf[RecordKind]): void => {
  span.rows += 1
  span.totalFen += Math.abs('at' in row ? row.amountFen : row.netFen)
  span.mids.add(row.mid)
  span.settledFrom = smaller(span.settledFrom, row.settledOn)
  span.settledTo = larger(span.settledTo, row.settledOn)
  if (!('at' in row)) return
  span.madeFrom = smaller(span.madeFrom, row.at)
  span.madeTo = larger(span.madeTo, row.at)
}

export const take = async (options: TakeOptions, watch: Watch = {}): Promise<Taken | FileFault[]> => {
  const { scratch, folder } = options
  const hashed = await digest(options.source, watch)
  if ('fault' in hashed) return [hashed.fault]
  const lines = join(scratch, 'rows.txt')
  const found = await readRows({ ...options, source: paced(options.source, hashed.bytes, watch) }, lines, watch)
  const { faults, span, read } = found
  if (faults.length > 0 || !read) return faults.slice(0, faults_max)
  const { kind, layout, named } = read
  if (span.rows === 0 && !named) return [found.ignored > 0 ? nothingOurs : { line: 0, ...finding(null, 'file_empty') }]
  if (named) span.mids.add(named.mid)
  const made = join(scratch, 'rows.parquet')
  await toParquet(kind, lines, made, scratch, watch)
  // In the order of their content, so that which of a day's bank lines is the first does not depend on when they came.
  const parquet = join(folder, `${hashed.sha256.slice(0, 32)}-${randomUUID().slice(0, 8)}.parquet`)
  await rename(made, parquet)
  return {
    kind,
    layout,
    parquet,
    rows: span.rows,
    sha256: hashed.sha256,
    mids: [...span.mids].sort(),
    settledFrom: named?.settledOn ?? span.settledFrom,
    settledTo: named?.settledOn ?? span.settledTo,
    madeFrom: span.madeFrom === null ? null : dateOf(span.madeFrom),
    madeTo: span.madeTo === null ? null : dateOf(span.madeTo),
    ignored: found.ignored,
    faults: found.warnings,
  }
}

type Found = { read: Read | undefined; faults: FileFault[]; warnings: FileFault[]; span: Span; ignored: number }

/** Reads the file to its end; its rows go to `lines` as long as nothing is wrong with it. */
const readRows = async (options: TakeOptions, lines: string, { signal }: Watch): Promise<Found> => {
  const span: Span = {
    rows: 0,
    totalFen: 0,
    mids: new Set(),
    settledFrom: null,
    settledTo: null,
    madeFrom: null,
    madeTo: null,
  }
  const found: Found = { read: undefined, faults: [], warnings: [], span, ignored: 0 }
  const file = await open(lines, 'wx', 0o600)
  const reading = readSettlementFile(options.source, options)
  try {
    const write = openWriter(file)
    for (let next = await reading.next(); ; next = await reading.next()) {
      signal?.throwIfAborted()
      if (next.done) {
        found.read = next.value
        await write(undefined)
        return found
      }
      const { rows, faults, warnings, ignored } = next.value
      found.faults.push(...faults)
      found.warnings.push(...warnings)
      found.ignored += ignored
      for (const row of rows) spanned(span, row)
      if (span.totalFen > file_total_fen_max && found.faults.length === 0)
        found.faults.push({ line: rows.at(-1)!.line, ...finding('amount', 'too_long') })
      if (found.faults.length === 0) await write(next.value)
    }
  } finally {
    await reading.return(undefined)
    await file.close()
  }
}

const nothingOurs: FileFault = {
  line: 0,
  ...finding(null, 'file_empty', '', ['没有与清算有关的行', 'no row concerns a settlement']),
}

const digest = async (
  source: Source,
  { signal }: Watch,
): Promise<{ sha256: string; bytes: number } | { fault: FileFault }> => {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of openBytes(source)) {
      signal?.throwIfAborted()
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (error) {
    if (error instanceof Damaged) return { fault: { line: 0, ...finding(null, error.code, '', error.hint) } }
    throw error
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Text is read twice, to recognise its encoding and to decode it; the rest of the work is the engine's. */
const passes = 2
const share_of_reading = 0.85
/** The source, telling how far it was read and ending when it is stopped. */
const paced = (source: Source, bytes: number, { progress, signal }: Watch): Source => {
  let read = 0
  return async function* () {
    for await (const chunk of openBytes(source)) {
      signal?.throwIfAborted()
      read += chunk.length
      progress?.(Math.min(1, read / Math.max(1, bytes * passes)) * share_of_reading)
      yield chunk
    }
  }
}

/** Writes rows as text; undefined writes what is left. */
const openWriter = (file: FileHandle): ((batch: ToldBatch | undefined) => Promise<void>) => {
  let text = ''
  let lineOf: ((row: RowOf[RecordKind]) => string) | undefined
  return async (batch) => {
    if (batch?.kind) lineOf ??= textOf<RecordKind>(batch.kind)
    for (const row of batch?.rows ?? []) text += lineOf!(row)
    if (text.length < buffer_chars_max && batch) return
    await file.writeFile(text)
    text = ''
  }
}

const toParquet = async (
  kind: RecordKind,
  lines: string,
  parquet: string,
  scratch: string,
  { signal }: Watch,
): Promise<void> => {
  const engine = await openEngine(scratch, intake_memory_mb, signal ? { signal } : {})
  const csv = `auto_detect = false, header = false, delim = '\t', quote = '', escape = '', encoding = 'utf-8'`
  try {
    await engine.run(
      `copy (select *${keyOf(kind)} from read_csv(${quoted(lines)}, ${csv}, columns = ${declared(kind)}))
       to ${quoted(parquet)} (format parquet, compression lz4_raw)`,
    )
  } finally {
    engine.close()
  }
}
