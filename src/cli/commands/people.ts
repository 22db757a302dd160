// Oneself, one's keys, the words of the contract, and the clock of a practice estate.
import { getMe, getVocabulary, listKeys, makeKey, moveClock, revokeKey } from '../../client/generated/sdk.gen.ts'
import type { Key, Me } from '../../client/generated/types.gen.ts'
import { partyKinds, roles } from '../../domain/vocabulary.ts'
import type { Group } from '../command.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, readInstant, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'

const keyColumns = ({ say }: Session): Column<Key>[] => [
  { title: say('密钥', 'key'), cell: (k) => k.hint },
  { title: say('名称', 'name'), cell: (k) => k.name, width_min: 10 },
  { title: say('建于', 'made'), cell: (k) => instant(k.createdAt) },
  { title: say('吊销', 'revoked'), cell: (k) => instantOr(k.revokedAt) },
  { title: 'id', cell: (k) => k.id },
]

const clockWords = ({ say }: Session, { now, clock, zone }: Me): string =>
  `${instant(now)}  ${clock === 'manual' ? say('手动时钟', 'manual clock') : say('实际时钟', 'real clock')}  ${zone}`

const meLines = (session: Session, me: Me): string[] =>
  pairs(
    [
      [session.say('我是', 'I am'), `${me.person.name}  ${wordIn(roles, me.role, session.language)}`],
      [
        session.say('代表', 'of'),
        `${me.party.name}  ${wordIn(partyKinds, me.party.kind, session.language)}  ${me.party.id}`,
      ],
      [session.say('可以', 'may'), me.rights.join(', ')],
      [session.say('时间', 'time'), clockWords(session, me)],
    ],
    (name) => session.screen.paint('faint', name),
  )

export const people: Group = {
  says: ['我与系统', 'Oneself and the system'],
  commands: [
    {
      usage: 'me',
      dryRun: 'reads',
      says: ['我是谁，可以做什么', 'who I am and what I may do'],
      async run(session) {
        session.show(await session.ask(getMe({ client: session.client })), (me) => meLines(session, me))
        return 0
      },
    },
    {
      usage: 'keys list',
      dryRun: 'reads',
      says: ['我的密钥', 'my keys'],
      async run(session) {
        session.show(await session.ask(listKeys({ client: session.client })), ({ items }) =>
          session.table(keyColumns(session), items),
        )
        return 0
      },
    },
    {
      usage: 'keys create [name]',
      dryRun: 'rehearsed',
      says: ['新建密钥，只显示这一次', 'make a key; it is shown this once'],
      async run(session, given) {
        const told = await session.ask(
          makeKey({ client: session.client, body: { name: given.arg(0) }, query: session.rehearsal }),
        )
        session.show(told, (made) => [made.key])
        session.note('请妥善保存，之后无法再查看。', 'Keep it safe: it cannot be shown again.')
        return 0
      },
    },
    {
      usage: 'keys revoke <key>',
      dryRun: 'rehearsed',
      says: ['吊销密钥，按 id 或开头几位', 'revoke a key, by its id or its first characters'],
      async run(session, given) {
        const told = await session.ask(
          revokeKey({ client: session.client, path: { key: given.arg(0) }, query: session.rehearsal }),
        )
        session.show(told, (key) => session.table(keyColumns(session), [key]))
        return 0
      },
    },
    {
      usage: 'words [set]',
      dryRun: 'reads',
      says: ['词汇表：代码与含义', 'the words of the contract, with what they mean'],
      async run(session, given) {
        const told = await session.ask(getVocabulary({ client: session.client }))
        const set = given.arg(0)
        if (set === '') {
          session.show(told, (sets) =>
            Object.entries(sets).map(([name, words]) => `${name}  (${Object.keys(words).length})`),
          )
          return 0
        }
        const words = Object.hasOwn(told.value, set) ? told.value[set] : undefined
        const names = Object.keys(told.value).join(', ')
        if (!words)
          throw wrong(`没有词汇表「${set}」；有：${names}。`, `There is no set of words "${set}"; there are: ${names}.`)
        session.show({ ...told, text: JSON.stringify(words) }, () =>
          session.table(
            [
              { title: session.say('代码', 'code'), cell: ([code]) => code },
              { title: '中文', cell: ([, word]) => word.zh },
              { title: 'English', cell: ([, word]) => word.en },
            ],
            Object.entries(words),
          ),
        )
        return 0
      },
    },
    {
      usage: 'clock show',
      dryRun: 'reads',
      says: ['程序的时间', 'what time it is for the program'],
      async run(session) {
        const told = await session.ask(getMe({ client: session.client }))
        const { now, clock, zone } = told.value
        session.show({ ...told, text: JSON.stringify({ now, clock, zone }) }, (me) => [clockWords(session, me)])
        return 0
      },
    },
    {
      usage: 'clock set <time>',
      dryRun: 'cannot',
      says: ['向前拨动手动时钟，到期的事随之发生', 'move a manual clock forward; everything due falls due'],
      async run(session, given) {
        const now = readInstant(given.arg(0))
        if (now === undefined)
          throw wrong('时间应如 2026-11-27 15:00（上海时间）。', 'The time should be like 2026-11-27 15:00 (Shanghai).')
        session.show(await session.ask(moveClock({ client: session.client, body: { now } })), (moved) => [
          instant(moved.now),
        ])
        return 0
      },
    },
  ],
}
