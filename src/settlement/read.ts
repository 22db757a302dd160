// From a file, however wrapped, to rows of one of the three records. What it is its content says: fixed-width records,
// XML, or a table whose headings are a slip's or a bank line's. Pure reading: nothing is written, and whatever is wrong
// is a fault with its line; only what is no fault of the file is thrown.
import type { Words } from '../domain/vocabulary.ts'
import { type Fault, finding } from '../files/fault.ts'
import { type Columns, openTable } from '../files/table.ts'
import { readBytes, type Source } from '../files/text.ts'
import { faults_max, file_bytes_max } from './bounds.ts'
import { isXml, readCamt } from './camt.ts'
import type { Batch } from './records.ts'
import { bankColumns, readBankLines, readSlips, slipColumns } from './sheets.ts'
import type { ColumnMapping, RecordKind } from './types.ts'
import { Damaged, type Unwrapped, unwrap } from './unwrap.ts'
import { readZm, readZmName } from './zm.ts'
import { beginsLikeZm } from './zm-layout.ts'

export type ReadOptions = {
  name?: string | undefined
  kind?: RecordKind | undefined
  mapping?: ColumnMapping | undefined
  mids?: readonly string[] | undefined
}
/** What a file turned out to be; `layout` and `named` are known when all is read. */
export type Read = { kind: RecordKind; layout: string; named: { settledOn: string; mid: string } | undefined }

/** `kind` is missing where the file could not be recognised; it has no rows then. */
export type ToldBatch = Batch & { kind?: RecordKind }

const whole = (code: Fault['code'], value = '', hint?: Words): Fault => ({
  line: 0,
  ...finding(null, code, value, hint),
})
const nothing = { rows: [], warnings: [], ignored: 0 }

type Recognised = { kind: RecordKind; read: AsyncGenerator<Batch, string>; named?: Read['named'] } | { fault: Fault }

const recognise = async ({ source, name, beginning }: Unwrapped, options: ReadOptions): Promise<Recognised> => {
  const named = readZmName(name)
  if (beginning.length === 0) {
    // A day without transactions: UnionPay sends an empty file, and its name says whose and which.
    if (named && (options.kind ?? 'unionpay') === 'unionpay')
      return { kind: 'unionpay', read: none('unionpay.zm-2017'), named }
    return { fault: whole('file_empty') }
  }
  if (beginsLikeZm.test(beginning.toString('latin1', 0, 64)))
    return { kind: 'unionpay', read: readZm(source, name), named }
  if (isXml(beginning)) return { kind: 'bank', read: readCamt(source) }
  const kind = options.kind === 'unionpay' ? undefined : (options.kind ?? (await kindOfTable(source, options.mapping)))
  if (kind === undefined) return { fault: whole('layout_unknown') }
  return { kind, read: kind === 'slips' ? readSlips(source, options.mapping) : readBankLines(source, options.mapping) }
}

async function* none(layout: string): AsyncGenerator<Batch, string> {
  yield* []
  return layout
}

/** Whose headings the table has more of. */
const kindOfTable = async (source: Source, mapping: ColumnMapping | undefined): Promise<'slips' | 'bank'> => {
  const missing = async (columns: Columns): Promise<number> => {
    const opened = await openTable(beginningOf(source), columns, { bytes_max: file_bytes_max, mapping })
    return 'table' in opened ? 0 : opened.faults.filter(({ code }) => code === 'column_missing').length
  }
  return (await missing(slipColumns)) <= (await missing(bankColumns)) ? 'slips' : 'bank'
}
/** Enough of a text to see its headings: whole lines, so that no character is cut. A workbook is read whole. */
const beginningOf = (source: Source) =>
  async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of readBytes(source)) {
      const isArchive = chunk[0] === 0x50 && chunk[1] === 0x4b
      const end = chunk.lastIndexOf(10)
      if (isArchive || end < 0) yield* readBytes(source)
      else yield chunk.subarray(0, end + 1)
      return
    }
  }

/** Batches of rows; the returned value says what was read, or nothing where the file could not be recognised. */
export async function* readSettlementFile(
  source: Source,
  options: ReadOptions = {},
): AsyncGenerator<ToldBatch, Read | undefined> {
  try {
    const unwrapped = await unwrap(source, options.name)
    const recognised = await recognise(unwrapped, options)
    if ('fault' in recognised) {
      yield { ...nothing, faults: [recognised.fault] }
      return undefined
    }
    const { kind, read, named } = recognised
    if (options.kind !== undefined && options.kind !== kind) {
      yield { ...nothing, faults: [whole('layout_differs')] }
      return undefined
    }
    const known = options.mids && new Set(options.mids)
    const column = kind === 'unionpay' ? 'merId' : 'mid'
    let told = 0
    try {
      for (let next = await read.next(); ; next = await read.next()) {
        if (next.done) return { kind, layout: next.value, named }
        const batch = next.value
        for (const { line, mid } of known ? batch.rows : [])
          if (!known!.has(mid)) batch.faults.push({ line, ...finding(column, 'merchant_not_yours', mid) })
        told += batch.faults.length
        yield { ...batch, kind }
        if (told >= faults_max) return { kind, layout: kind, named }
      }
    } finally {
      await read.return('')
    }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error
    yield { ...nothing, faults: [whole(error.code, '', error.hint)] }
    return undefined
  }
}
