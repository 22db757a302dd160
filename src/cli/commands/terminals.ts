// Terminals: found, looked at, looked back on, and tested.
import { getTerminal, getTimeline, listTerminals, recordTest, testTerminal } from '../../client/generated/sdk.gen.ts'
import type { RecordTestBody, TimelineRow } from '../../client/generated/types.gen.ts'
import { reasons, roles, services, testItems, words } from '../../domain/vocabulary.ts'
import { limit, many, type Group } from '../command.ts'
import { halves, present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, wordIn } from '../show.ts'
import type { Column } from '../table.ts'
import { caseLines } from './case-lines.ts'
import { terminalColumns, terminalLines } from './terminal-lines.ts'

const timelineColumns = ({ say, language }: Session): Column<TimelineRow>[] => [
  { title: '#', cell: (f) => String(f.seq), align: 'right' },
  { title: say('时间', 'at'), cell: (f) => instant(f.at) },
  { title: say('事实', 'fact'), cell: (f) => f.fact },
  { title: say('由', 'by'), cell: (f) => (f.by ? wordIn(roles, f.by.role, language) : '–') },
  { title: say('办件', 'case'), cell: (f) => f.application ?? '' },
  { title: say('说明', 'sentence'), cell: (f) => f.sentence, width_min: 20 },
]

/** A terminal's number has eight characters; a case's has more, with or without its hyphens. */
const isTid = (text: string): boolean => /^[0-9A-Za-z]{8}$/.test(text)

/** Every item passes but those named with --fail; a device test is never half told. */
function testedItems(given: Given): RecordTestBody['items'] {
  const failed = new Map(
    given.list('fail').map((text) => {
      const [item, note] = halves(text)
      return [wordFrom(item, testItems, '--fail '), note] as const
    }),
  )
  if (given.flag('allPass') === failed.size > 0)
    throw wrong(
      '请写 --all-pass，或用 --fail 项目=说明 逐项写明未通过的。',
      'Say --all-pass, or name what failed with --fail item=words.',
    )
  return words(testItems).map((item) => ({
    item,
    passed: !failed.has(item),
    ...(failed.get(item) ? { note: failed.get(item)! } : {}),
  }))
}

export const terminals: Group = {
  says: ['终端', 'Terminals'],
  commands: [
    {
      usage: 'terminals',
      dryRun: 'reads',
      says: ['终端列表', 'the terminals'],
      options: [
        { flags: '--q <text>', says: ['终端号、序列号、商户号或名称、办件编号', 'terminal, serial, merchant or case'] },
        {
          flags: '--service <service>',
          says: [`状态：${words(services).join('、')}`, `one of: ${words(services).join(', ')}`],
        },
        { flags: '--provider <id>', says: ['服务商', 'provider'] },
        { flags: '--merchant <mid>', says: ['商户号', 'merchant number'] },
        {
          flags: '--reason <code>',
          says: ['停用原因，见 tingqi words reasons', 'reason it is held for, see tingqi words reasons'],
        },
        limit,
        many,
      ],
      run(session, given) {
        const { client } = session
        const filter = present({
          q: given.text('q'),
          service: given.wordOf('service', services),
          provider: given.text('provider'),
          merchant: given.text('merchant'),
          reason: given.wordOf('reason', reasons),
        })
        return list(
          session,
          given,
          (paging) => session.ask(listTerminals({ client, query: { ...filter, ...paging } })),
          terminalColumns(session),
        )
      },
    },
    {
      usage: 'terminal <tid>',
      dryRun: 'reads',
      says: [
        '一台终端：状态、时间条、停用项、可做的事',
        'one terminal: its state, time strip, holds, and what may be done',
      ],
      async run(session, given) {
        session.show(
          await session.ask(getTerminal({ client: session.client, path: { tid: given.arg(0) } })),
          (terminal) => terminalLines(session, terminal),
        )
        return 0
      },
    },
    {
      usage: 'timeline <tid>',
      dryRun: 'reads',
      says: ['终端时间线，从新到旧', 'every fact about a terminal, newest first'],
      options: [limit, many],
      run(session, given) {
        const path = { tid: given.arg(0) }
        return list(
          session,
          given,
          (query) => session.ask(getTimeline({ client: session.client, path, query })),
          timelineColumns(session),
        )
      },
    },
    {
      usage: 'test <noOrTid>',
      dryRun: 'rehearsed',
      says: ['登记开机测试：办件编号，或终端号', 'record a device test, for a case or for a terminal'],
      options: [
        { flags: '--all-pass', says: ['各项都通过', 'every item passed'] },
        {
          flags: '--fail <item=words>',
          says: [
            `未通过的项目（可重复）：${words(testItems).join('、')}`,
            `what failed (may be repeated): ${words(testItems).join(', ')}`,
          ],
          isMany: true,
        },
        { flags: '--terminal <tid>', says: ['办件中的哪一台', 'which terminal of the case'] },
      ],
      async run(session, given) {
        const { client, rehearsal: query } = session
        const items = testedItems(given)
        const what = given.arg(0)
        if (isTid(what)) {
          const told = await session.ask(
            testTerminal({ client, path: { tid: what.toUpperCase() }, query, body: { items } }),
          )
          session.show(told, (terminal) => terminalLines(session, terminal))
        } else {
          const told = await session.ask(
            recordTest({
              client,
              path: { no: what },
              query,
              body: present({ items, terminal: given.text('terminal') }),
            }),
          )
          session.show(told, (one) => caseLines(session, one))
        }
        return 0
      },
    },
  ],
}
