// Files in: uploaded, worked off by the program while a bar shows how far it is, and summed up with every fault at its place.
import { getImport, getRejectedRows, listImports, startImport, stopImport } from '../../client/generated/sdk.gen.ts'
import type { Import, ImportRow } from '../../client/generated/types.gen.ts'
import { importErrors, importKinds, importStates } from '../../domain/vocabulary.ts'
import { limit, many, type Group } from '../command.ts'
import { fileAt, saveTo } from '../files.ts'
import type { Given } from '../given.ts'
import { list } from '../pages.ts'
import { progress } from '../progress.ts'
import type { Session, Told } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import type { Column } from '../table.ts'

const poll_ms = 250
/** More faults than this are better read in the file of rejected rows. */
const faults_shown_max = 50

const ended: readonly Import['state'][] = ['done', 'refused', 'stopped', 'failed']
const stateOf = ({ language }: Session, state: string): string => wordIn(importStates, state, language)

/** Asks until the import has ended. Ctrl-C asks the program to stop it, once more leaves it to itself. */
async function untilEnded(session: Session, first: Told<Import>): Promise<Told<Import>> {
  const bar = progress(session.screen)
  const { client } = session
  const path = { id: first.value.id }
  let isStopping = false
  const stop = (): void => {
    if (isStopping) process.exit(130)
    isStopping = true
    session.note(
      '正在停止导入…（再按一次 Ctrl-C 离开，不再等待）',
      'Stopping the import… (Ctrl-C once more leaves it to itself)',
    )
    // Where it has just ended there is nothing to stop; the next look says so.
    void stopImport({ client, path, body: {} })
  }
  process.on('SIGINT', stop)
  try {
    for (let told = first; ; told = await session.ask(getImport({ client, path }))) {
      const { state, progress: share, rows } = told.value
      bar.draw(share, `${stateOf(session, state)}  ${session.say(`${rows.total} 行`, `${rows.total} rows`)}`)
      if (ended.includes(state)) return told
      await new Promise((resolve) => setTimeout(resolve, poll_ms))
    }
  } finally {
    bar.clear()
    process.off('SIGINT', stop)
  }
}

const faultColumns = (session: Session): Column<Import['errors'][number]>[] => [
  { title: session.say('行', 'line'), cell: (e) => String(e.line), align: 'right' },
  { title: session.say('列', 'column'), cell: (e) => e.column },
  { title: session.say('代码', 'code'), cell: (e) => e.code },
  {
    title: session.say('说明', 'what is wrong'),
    cell: (e) => e.detail || wordIn(importErrors, e.code, session.language),
    width_min: 20,
  },
]

function summary(session: Session, { id, fileName, kind, state, dryRun, rows, errors }: Import): string[] {
  const style = state === 'done' ? 'good' : ended.includes(state) ? 'bad' : 'waiting'
  const rehearsal = dryRun ? session.say('（只校验，未写入）', ' (checked only, nothing changed)') : ''
  const lines = [
    `${session.screen.paint(style, stateOf(session, state))}${rehearsal}  ${wordIn(importKinds, kind, session.language)}  ${fileName}  ${id}`,
    session.say(
      `共 ${rows.total} 行：接受 ${rows.accepted}，拒绝 ${rows.rejected}，变更 ${rows.changed}。`,
      `${rows.total} rows: ${rows.accepted} accepted, ${rows.rejected} rejected, ${rows.changed} changed.`,
    ),
  ]
  if (errors.length === 0) return lines
  const left = Math.max(rows.rejected, errors.length) - faults_shown_max
  const more =
    left > 0
      ? [
          session.say(
            '还有更多；--rejected 文件 可下载被拒的行与原因。',
            'There are more; --rejected FILE saves the rejected rows with their reasons.',
          ),
        ]
      : []
  return [...lines, '', ...session.table(faultColumns(session), errors.slice(0, faults_shown_max)), ...more]
}

/** Tells how an import stands, saves what was rejected, and says whether it went in. */
async function finish(session: Session, given: Given, told: Told<Import>): Promise<0 | 1> {
  session.show(told, (view) => summary(session, view))
  const { id, state, rows } = told.value
  const file = given.text('rejected')
  if (file !== undefined && rows.rejected > 0) {
    const { value } = await session.ask(getRejectedRows({ client: session.client, path: { id }, parseAs: 'stream' }))
    await saveTo(session, file, value as unknown as ReadableStream<Uint8Array>)
  } else if (file !== undefined) session.note('没有被拒的行。', 'No row was rejected.')
  return state === 'done' || !ended.includes(state) ? 0 : 1
}

const rejected = { flags: '--rejected <file>', says: ['把被拒的行存到文件', 'save the rejected rows'] } as const

const importColumns = (session: Session): Column<ImportRow>[] => [
  { title: session.say('编号', 'id'), cell: (i) => i.id },
  { title: session.say('种类', 'kind'), cell: (i) => wordIn(importKinds, i.kind, session.language) },
  {
    title: session.say('状态', 'state'),
    cell: (i) => `${stateOf(session, i.state)}${i.dryRun ? session.say('（校验）', ' (dry run)') : ''}`,
  },
  { title: session.say('行', 'rows'), cell: (i) => String(i.rows.total), align: 'right' },
  { title: session.say('拒绝', 'rejected'), cell: (i) => String(i.rows.rejected), align: 'right' },
  { title: session.say('变更', 'changed'), cell: (i) => String(i.rows.changed), align: 'right' },
  { title: session.say('开始', 'begun'), cell: (i) => instant(i.createdAt) },
  { title: session.say('结束', 'ended'), cell: (i) => instantOr(i.endedAt) },
  { title: session.say('文件', 'file'), cell: (i) => i.fileName, width_min: 12 },
]

export const imports: Group = {
  says: ['导入', 'Files in'],
  commands: [
    {
      usage: 'import <kind> <file>',
      dryRun: 'rehearsed',
      says: [
        '导入文件：fleet、transactions、slips、unionpay、bank、calendar',
        'take a file in: fleet, transactions, slips, unionpay, bank, calendar',
      ],
      options: [
        { flags: '--partial', says: ['有误的行除外，其余导入', 'take the good rows although others are bad'] },
        { flags: '--no-wait', says: ['上传后不等结果', 'do not wait for it to be worked off'] },
        rejected,
      ],
      async run(session, given) {
        const kind = given.argOf(0, importKinds)
        const file = await fileAt(given.arg(1))
        const bar = progress(session.screen)
        bar.draw(0, session.say('上传中', 'uploading'))
        const started = await session
          .ask(
            startImport({
              client: session.client,
              body: {
                kind,
                file,
                dryRun: session.isDry ? 'true' : 'false',
                partial: given.flag('partial') ? 'true' : 'false',
              },
            }),
          )
          .finally(bar.clear)
        if (given.flag('wait')) return finish(session, given, await untilEnded(session, started))
        return finish(session, given, started)
      },
    },
    {
      usage: 'imports [id]',
      dryRun: 'reads',
      says: ['导入列表，或一次导入的结果', 'imports, or how one of them went'],
      options: [limit, many, rejected],
      async run(session, given) {
        const { client } = session
        const id = given.arg(0)
        if (id !== '') return finish(session, given, await session.ask(getImport({ client, path: { id } })))
        return list(session, given, (query) => session.ask(listImports({ client, query })), importColumns(session))
      },
    },
  ],
}
