// An exported journal: one JSON text a line, every row as the API gave it, then the head. What is checked is each row's exact
// `text`; its readable `body` must say the same.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import type { JournalPage } from '../client/generated/types.gen.ts'
import type { Words } from '../domain/vocabulary.ts'
import type { JournalChecker, JournalFault, JournalHead, JournalRow } from '../journal/chain.ts'

export type Row = JournalPage['rows'][number]
/** The lines of an export, from the pages it is made of. */
export async function* exportLines(pages: AsyncIterable<JournalPage>): AsyncGenerator<string> {
  let head: JournalHead = { seq: 0, hash: '' }
  for await (const page of pages) {
    head = page.head
    if (page.rows.length > 0) yield `${page.rows.map((row) => JSON.stringify(row)).join('\n')}\n`
  }
  yield `${JSON.stringify({ head })}\n`
}

export type Fault = JournalFault | { fault: 'unreadable'; line: number } | { fault: 'unfinished' }

export const faultWords: Readonly<Record<Fault['fault'], Words>> = {
  edited: ['被改动', 'edited'],
  reordered: ['次序不对或被插入', 'out of order, or inserted'],
  missing: ['缺失', 'missing'],
  cut: [
    '末尾被截断（或导出早于链头，见 --old）',
    'the end was cut off (or the export is older than the heads, see --old)',
  ],
  head_forged: ['链头签名不符', 'a signed head is forged'],
  unreadable: ['这一行读不懂', 'this line cannot be read'],
  unfinished: ['文件没有结尾（导出未完成，或被截断）', 'the file has no end (not written to its end, or cut)'],
}

const rowOf = (row: Row): JournalRow => ({ seq: row.seq, body: row.text, previous: row.previous, hash: row.hash })

/** A row whose readable body says something else than its text was edited to deceive its reader. */
const isTwoFaced = (row: Row): boolean => {
  try {
    return row.body !== undefined && !isDeepStrictEqual(JSON.parse(row.text), row.body)
  } catch {
    return true
  }
}

const hex32 = /^[0-9a-f]{64}$/
function lineOf(text: string): { row: Row } | { head: JournalHead } | undefined {
  try {
    const value = JSON.parse(text) as Partial<Row> & { head?: Partial<JournalHead> }
    const { head } = value
    if (head !== undefined)
      return Number.isSafeInteger(head.seq) && hex32.test(head.hash ?? '') ? { head: head as JournalHead } : undefined
    const isRow =
      Number.isSafeInteger(value.seq) &&
      typeof value.text === 'string' &&
      hex32.test(value.hash ?? '') &&
      hex32.test(value.previous ?? '')
    return isRow ? { row: value as Row } : undefined
  } catch {
    return undefined
  }
}

export type Feeding = { checker: JournalChecker; faults: Fault[] }
export const take = ({ checker, faults }: Feeding, rows: readonly Row[]): void => {
  faults.push(...rows.filter(isTwoFaced).map((row): Fault => ({ fault: 'edited', seq: row.seq })))
  checker.take(rows.map(rowOf))
}

/** Feeds an exported file; answers the head at its end. */
export async function feedFile(file: string, feeding: Feeding): Promise<JournalHead | undefined> {
  let head: JournalHead | undefined
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    const read = text === '' ? undefined : lineOf(text)
    // Nothing may stand after the head.
    if (read === undefined || head !== undefined) feeding.faults.push({ fault: 'unreadable', line })
    else if ('head' in read) head = read.head
    else take(feeding, [read.row])
  }
  if (head === undefined) feeding.faults.push({ fault: 'unfinished' })
  return head
}
