// An account as a file for a spreadsheet: one row per entry, amounts in yuan as text.
import type { StatementEntry } from '../app/ledger/standing.ts'
import { when } from '../domain/effects.ts'
import { formatYuan, type Fen } from '../domain/money.ts'
import { entryKinds, say, type Language } from '../domain/vocabulary.ts'
import { csvFile } from '../files/export.ts'

const header = {
  zh: ['时间', '类别', '摘要', '计算', '终端号', '办件编号', '所属月份', '应收增加（元）', '应收减少（元）', '押金增加（元）', '押金减少（元）', '机构', '流水号', '冲回'],
  en: ['at', 'kind', 'what for', 'how it came about', 'terminal', 'application', 'month', 'charged (yuan)', 'paid (yuan)', 'deposit taken (yuan)', 'deposit given back (yuan)', 'provider', 'entry', 'takes back'],
} as const

/** Each direction has its column: a cell that begins with a minus could be taken for a formula. */
const above = (fen: Fen): string => (fen > 0 ? formatYuan(fen) : '')

const rowOf = (e: StatementEntry, language: Language): string[] => [
  when(e.at, 'Asia/Shanghai'), say(entryKinds[e.kind], language), say(e.words, language), e.formula === undefined ? '' : say(e.formula, language), e.tid ?? '', e.caseNo ?? '',
  e.month ?? '', above(e.fen), above(-e.fen), above(e.depositFen), above(-e.depositFen), e.provider, e.id, e.reverses ?? '',
]

export async function* csvStatement(pages: AsyncIterable<StatementEntry[]>, language: Language): AsyncGenerator<string> {
  yield* csvFile(header[language], [])
  for await (const page of pages) {
    const [, ...rows] = csvFile([], page.map((e) => rowOf(e, language)))
    yield rows.join('')
  }
}
