// Three records from the command line: files in, matched, and what they disagree on worked.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  acceptBreak,
  assignBreak,
  confirmBreak,
  explainBreak,
  exportBreaks,
  getBreak,
  getImport,
  getSettlementRun,
  listBreaks,
  reopenBreak,
  startImport,
  startSettlementRun,
  stopSettlementRun,
} from '../../client/generated/sdk.gen.ts'
import type { Break, BreakRow, Import, SettlementRun } from '../../client/generated/types.gen.ts'
import { breakEvents, breakKinds, breakStates, importErrors, transactionClasses } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group, type Option } from '../command.ts'
import { fileAt, saveTo } from '../files.ts'
import { present, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { progress } from '../progress.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, money, wordIn } from '../show.ts'
import type { Column } from '../table.ts'

const poll_ms = 200
const page_rows = 200

/** Files given, and those of folders given; names that no settlement file has are passed by in folders. */
async function filesIn(paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const about = await stat(path).catch(() => {
      throw wrong(`没有文件或文件夹 ${path}。`, `There is no file or folder ${path}.`)
    })
    if (!about.isDirectory()) found.push(path)
    else
      for (const name of (await readdir(path)).toSorted())
        if (/\.(csv|xlsx|txt|zip|gz|xml|dat)$/i.test(name)) found.push(join(path, name))
  }
  return found
}

async function takeIn(session: Session, path: string, place: string): Promise<Import> {
  const bar = progress(session.screen)
  const { client } = session
  try {
    const file = await fileAt(path)
    let { value } = await session.ask(
      startImport({ client, body: { kind: 'settlement', file, dryRun: 'false', partial: 'false' } }),
    )
    while (value.endedAt === null) {
      bar.draw(value.progress, `${place} ${value.fileName}`)
      await sleep(poll_ms)
      value = (await session.ask(getImport({ client, path: { id: value.id } }))).value
    }
    return value
  } finally {
    bar.clear()
  }
}

/** Asks for a run and waits for it; Ctrl-C asks the program to stop it. */
async function matched(session: Session, asked: { provider?: string; from?: string; to?: string }): Promise<SettlementRun> {
  const bar = progress(session.screen)
  const { client } = session
  let { value } = await session.ask(startSettlementRun({ client, body: asked }))
  const stop = (): void => void stopSettlementRun({ client, path: { run: value.id }, body: {} })
  process.once('SIGINT', stop)
  try {
    while (value.endedAt === null) {
      bar.draw(value.progress, session.say('核对中', 'matching'))
      await sleep(poll_ms)
      value = (await session.ask(getSettlementRun({ client, path: { run: value.id } }))).value
    }
    return value
  } finally {
    process.off('SIGINT', stop)
    bar.clear()
  }
}

/** Breaks that are not settled, all of them. */
async function standing(session: Session, query: Record<string, string>): Promise<BreakRow[]> {
  const all: BreakRow[] = []
  for (const state of ['open', 'proposed'] as const)
    for (let cursor: string | undefined; ; ) {
      const { value } = await session.ask(
        listBreaks({ client: session.client, query: { ...query, state, limit: page_rows, ...(cursor === undefined ? {} : { cursor }) } }),
      )
      all.push(...value.items)
      if (value.next === null) break
      cursor = value.next
    }
  return all
}

const refusedLines = (session: Session, taken: Import): string[] => [
  session.say(`${taken.fileName} 未导入：`, `${taken.fileName} was not taken:`),
  ...taken.errors.map((e) => `  ${session.say(`第 ${e.line} 行`, `line ${e.line}`)} ${e.column} ${e.detail || wordIn(importErrors, e.code, session.language)}`),
]

const breakColumns = (session: Session): Column<BreakRow>[] => [
  { title: session.say('编号', 'id'), cell: (b) => b.id.slice(0, 12) },
  { title: session.say('种类', 'kind'), cell: (b) => wordIn(breakKinds, b.kind, session.language) },
  { title: session.say('状态', 'state'), cell: (b) => wordIn(breakStates, b.state, session.language) },
  { title: session.say('商户', 'merchant'), cell: (b) => b.mid },
  { title: session.say('终端', 'terminal'), cell: (b) => b.tid ?? '–' },
  { title: session.say('参考号', 'reference'), cell: (b) => b.reference ?? '–' },
  { title: session.say('清算日期', 'settled on'), cell: (b) => b.settledOn },
  { title: session.say('金额', 'amount'), cell: (b) => money(b.amount), align: 'right' },
  { title: session.say('限期', 'due'), cell: (b) => instant(b.dueBy).slice(0, 16) },
]

async function run(session: Session, given: Given): Promise<0 | 1> {
  const paths = await filesIn(given.args(0))
  const taken: Import[] = []
  for (const [i, path] of paths.entries()) taken.push(await takeIn(session, path, `${i + 1}/${paths.length}`))
  const refused = taken.filter((t) => t.state !== 'done')
  const asked = present<{ provider?: string; from?: string; to?: string }>({ provider: given.text('provider'), from: given.text('from'), to: given.text('to') })
  const ran = await matched(session, asked)
  const breaks = await standing(session, asked)
  const { result } = ran
  const changed = taken.reduce((sum, t) => sum + t.rows.changed, 0) + (ran.changed ?? 0)
  if (session.isJson) {
    session.screen.write(`${JSON.stringify({
      matched: result?.matched ?? 0,
      breaks: breaks.map((b) => ({ kind: b.kind, mid: b.mid, tid: b.tid, reference: b.reference, settledOn: b.settledOn })),
      changed, pending: result?.pending ?? 0, run: ran.id, state: ran.state,
      files: taken.map((t) => ({ fileName: t.fileName, kind: t.kind, state: t.state, rows: t.rows.total, changed: t.rows.changed, supersedes: t.settlement?.supersedes ?? [], errors: t.errors })),
    })}\n`)
  } else
    session.lines([
      ...taken.flatMap((t) => (t.settlement?.supersedes ?? []).map((s) => session.say(`${t.fileName} 取代了 ${s.fileName}。`, `${t.fileName} takes the place of ${s.fileName}.`))),
      ...refused.flatMap((t) => refusedLines(session, t)),
      session.say(
        `${result?.matched ?? 0} 笔三单一致，${breaks.length} 条不符，${result?.pending ?? 0} 笔待另一方到齐。${changed === 0 ? '与上次相比没有变化。' : ''}`,
        `${result?.matched ?? 0} transactions agree, ${breaks.length} break(s), ${result?.pending ?? 0} wait for their other record.${changed === 0 ? ' Nothing changed since the last time.' : ''}`,
      ),
      ...(breaks.length === 0 ? [] : ['', ...session.table(breakColumns(session), breaks)]),
    ])
  return refused.length === 0 && ran.state === 'done' ? 0 : 1
}

/** Ids are long: their beginning is enough where it is only one break's. */
async function idOf(session: Session, typed: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(typed)) return typed
  if (!/^[0-9a-f]{6,63}$/.test(typed))
    throw wrong(`「${typed}」不是三单不符的编号。`, `"${typed}" is no id of a break.`)
  const found: string[] = []
  for (let cursor: string | undefined; ; ) {
    const { value } = await session.ask(listBreaks({ client: session.client, query: { limit: page_rows, ...(cursor === undefined ? {} : { cursor }) } }))
    found.push(...value.items.map((b) => b.id).filter((id) => id.startsWith(typed)))
    if (value.next === null) break
    cursor = value.next
  }
  if (found.length !== 1)
    throw wrong(`以「${typed}」开头的有 ${found.length} 条。`, `${found.length} breaks begin with "${typed}".`)
  return found[0]!
}

type Side = Break['sides']['slip']
function sideLines(session: Session, b: Break): string[] {
  const { slip, unionpay, bank } = b.sides
  const row = (name: string, field: string, of: (s: NonNullable<Side>) => string): string[] => [
    `${b.differs.includes(field) ? '≠ ' : '  '}${name}`, slip ? of(slip) : '–', unionpay ? of(unionpay) : '–',
  ]
  const place = (s: { file: { fileName: string } | null; line: number }): string => (s.file ? `${s.file.fileName}:${s.line}` : '–')
  const rows = [
    row(session.say('金额', 'amount'), 'amount', (s) => money(s.amount)),
    row(session.say('类型', 'type'), 'class', (s) => wordIn(transactionClasses, s.class, session.language)),
    row(session.say('商户名称', 'merchant'), 'name', (s) => s.name ?? '–'),
    row('MCC', 'mcc', (s) => s.mcc ?? '–'),
    row(session.say('手续费', 'fee'), 'fee', (s) => (s.fee ? money(s.fee) : '–')),
    row(session.say('时间', 'made at'), 'at', (s) => instant(s.at)),
    row(session.say('出处', 'from'), 'file', place),
  ]
  const columns: Column<string[]>[] = [
    { title: '', cell: (r) => r[0]! }, { title: session.say('签购单', 'slip'), cell: (r) => r[1]! }, { title: session.say('银联', 'UnionPay'), cell: (r) => r[2]! },
  ]
  return [
    ...(slip || unionpay ? session.table(columns, rows) : []),
    ...(bank ? [`${session.say('银行入账', 'bank credit')}  ${money(bank.net)}  ${place(bank)}`] : []),
    ...(b.expected && b.actual ? [session.say(`应为 ${money(b.expected)}，实为 ${money(b.actual)}`, `expected ${money(b.expected)}, was ${money(b.actual)}`)] : []),
  ]
}

function breakLines(session: Session, b: Break): string[] {
  return [
    `${session.screen.paint(b.state === 'open' || b.state === 'proposed' ? 'bad' : 'good', wordIn(breakStates, b.state, session.language))}  ${b.kindWords}  ${money(b.amount)}  ${b.id}`,
    b.sentence,
    '',
    ...sideLines(session, b),
    '',
    ...b.events.map((e) => `${instant(e.at)}  ${wordIn(breakEvents, e.event, session.language)}  ${e.by}${e.file ? `  ${e.file.fileName}` : ''}${e.words ? `  ${e.words}` : ''}`),
  ]
}

const filterOptions: readonly Option[] = [
  { flags: '--kind <kind>', says: ['种类', 'kind'] },
  { flags: '--state <state>', says: ['状态：open、proposed、accepted、resolved', 'state: open, proposed, accepted, resolved'] },
  { flags: '--merchant <mid>', says: ['商户号', 'merchant number'] },
  { flags: '--terminal <tid>', says: ['终端号', 'terminal number'] },
  { flags: '--provider <id>', says: ['支付机构', 'provider'] },
  { flags: '--assignee <person>', says: ['经办人', 'assignee'] },
  { flags: '--from <date>', says: ['清算日期从', 'settlement date from'] },
  { flags: '--to <date>', says: ['清算日期至', 'settlement date to'] },
]
const filtersOf = (given: Given) =>
  present<NonNullable<NonNullable<Parameters<typeof listBreaks>[0]>['query']>>({
    kind: given.wordOf('kind', breakKinds), state: given.wordOf('state', breakStates), merchant: given.text('merchant'),
    terminal: given.text('terminal'), provider: given.text('provider'), assignee: given.text('assignee'), from: given.text('from'), to: given.text('to'),
  })

/** One way of working a break, by the call that carries it out. */
const working = (name: string, says: Command['says'], options: readonly Option[], call: (session: Session, given: Given, id: string) => Parameters<typeof acceptDone>[1]): Command => ({
  usage: `settle ${name} <id>`,
  dryRun: 'rehearsed',
  says,
  options,
  run: async (session, given) => acceptDone(session, call(session, given, await idOf(session, given.arg(0)))),
})
async function acceptDone(session: Session, answer: Promise<{ data?: Break | undefined; error?: unknown; response?: Response }>): Promise<0> {
  session.show(await session.ask(answer), (b) => breakLines(session, b))
  return 0
}
const words = (given: Given): string => given.text('words') ?? ''

export const settle: Group = {
  says: ['三单核对', 'Three records matched'],
  commands: [
    {
      usage: 'settle run [files...]',
      dryRun: 'cannot',
      says: ['导入给出的文件或文件夹（按内容识别），核对，列出不符', 'take in the files or folders given (recognised by content), match, list what disagrees'],
      options: filterOptions.filter((o) => /--(provider|from|to) /.test(o.flags)),
      run,
    },
    {
      usage: 'settle breaks [id]',
      dryRun: 'reads',
      says: ['三单不符，或其中一条并列来看', 'breaks, or one of them side by side'],
      options: [...filterOptions, limit, many],
      async run(session, given) {
        const { client } = session
        if (given.arg(0) !== '') {
          const told = await session.ask(getBreak({ client, path: { break: await idOf(session, given.arg(0)) } }))
          session.show(told, (b) => breakLines(session, b))
          return 0
        }
        const filters = filtersOf(given)
        return list(session, given, (paging) => session.ask(listBreaks({ client, query: { ...filters, ...paging } })), breakColumns(session))
      },
    },
    working('assign', ['转办', 'hand a break to somebody'], [{ flags: '--to <person>', says: ['给谁', 'to whom'], isRequired: true }],
      ({ client, rehearsal }, given, id) => assignBreak({ client, path: { break: id }, query: rehearsal, body: { to: given.text('to') ?? '' } })),
    working('explain', ['说明', 'explain a break'], [wordsOption(true)],
      ({ client, rehearsal }, given, id) => explainBreak({ client, path: { break: id }, query: rehearsal, body: { words: words(given) } })),
    working('accept', ['认可；超过限额须另一人 confirm', 'accept a break; above the limit another person confirms'], [wordsOption(true)],
      ({ client, rehearsal }, given, id) => acceptBreak({ client, path: { break: id }, query: rehearsal, body: { words: words(given) } })),
    working('confirm', ['复核他人提请的认可', 'confirm what somebody else accepted'], [],
      ({ client, rehearsal }, _, id) => confirmBreak({ client, path: { break: id }, query: rehearsal, body: {} })),
    working('reopen', ['重新打开', 'take an acceptance back'], [wordsOption(true)],
      ({ client, rehearsal }, given, id) => reopenBreak({ client, path: { break: id }, query: rehearsal, body: { words: words(given) } })),
    {
      usage: 'settle export <file>',
      dryRun: 'reads',
      says: ['导出为 CSV，- 为标准输出', 'save as CSV, - for the standard output'],
      options: filterOptions,
      async run(session, given) {
        const { value } = await session.ask(exportBreaks({ client: session.client, query: filtersOf(given), parseAs: 'stream' }))
        await saveTo(session, given.arg(0), value as unknown as ReadableStream<Uint8Array>)
        return 0
      },
    },
  ],
}
