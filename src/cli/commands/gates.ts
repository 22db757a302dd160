// Operations of gates: how each stands, fencing one that must not answer any more, and what gates refused.
import { setTimeout as pause } from 'node:timers/promises'
import { fenceGate, listAttempts, listGateMinutes, listGates, readmitGate } from '../../client/generated/sdk.gen.ts'
import type { Attempt, Gate, GateMinute } from '../../client/generated/types.gen.ts'
import { gateStates, transactionClasses, type GateState } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group } from '../command.ts'
import { present, type Given } from '../given.ts'
import { list } from '../pages.ts'
import type { Style } from '../paint.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, wordIn } from '../show.ts'
import type { Column } from '../table.ts'

const lamps: Readonly<Record<GateState, { shape: string; style: Style }>> = {
  live: { shape: '●', style: 'good' },
  standin: { shape: '▲', style: 'bad' },
  expired: { shape: '×', style: 'faint' },
  fenced: { shape: '■', style: 'stopped' },
  left: { shape: '○', style: 'faint' },
}

const doorsOf = ({ doors }: Gate): string =>
  Object.entries(doors)
    .map(([door, where]) => `${door} ${typeof where === 'object' ? JSON.stringify(where) : String(where)}`)
    .join(', ')

const columns = ({ say, language, screen }: Session): Column<Gate>[] => [
  { title: say('闸口', 'gate'), cell: (g) => g.id },
  {
    title: say('状态', 'state'),
    cell: (g) => `${lamps[g.state].shape} ${wordIn(gateStates, g.state, language)}`,
    finish: (text, g) => screen.paint(g.alarm === null ? lamps[g.state].style : 'bad', text),
  },
  { title: say('落后', 'behind'), cell: (g) => String(g.behind), align: 'right' },
  { title: say('时延毫秒', 'lag ms'), cell: (g) => String(g.lagMs), align: 'right' },
  { title: say('每秒判定', 'decisions/s'), cell: (g) => g.decisionsPerSecond.toFixed(1), align: 'right' },
  { title: say('终端数', 'terminals'), cell: (g) => String(g.size), align: 'right' },
  { title: 'epoch', cell: (g) => String(g.epoch), align: 'right' },
  { title: 'seq', cell: (g) => String(g.seq), align: 'right' },
  { title: say('时钟偏差毫秒', 'skew ms'), cell: (g) => String(g.skewMs), align: 'right' },
  { title: say('租期至', 'lease until'), cell: (g) => instant(g.leaseUntil) },
  { title: say('接入', 'doors'), cell: doorsOf, width_min: 8 },
  { title: say('说明', 'says'), cell: (g) => g.fenced?.words ?? g.alarm?.words ?? g.sentence, width_min: 12 },
]
const gateLines = (session: Session, gates: readonly Gate[]): string[] =>
  gates.length === 0 ? [session.say('还没有闸口登记。', 'No gate has registered yet.')] : session.table(columns(session), gates)

const minuteColumns = ({ say }: Session): Column<GateMinute>[] => [
  { title: say('分钟', 'minute'), cell: (m) => instant(m.at) },
  { title: say('判定', 'decisions'), cell: (m) => String(m.decisions), align: 'right' },
  { title: say('通过', 'approved'), cell: (m) => String(m.approved), align: 'right' },
  { title: say('拒绝代码', 'refused by code'), cell: (m) => Object.entries(m.codes).map(([code, n]) => `${code}×${n}`).join(' ') },
]
const attemptColumns = ({ say, language }: Session): Column<Attempt>[] => [
  { title: say('日期', 'day'), cell: (a) => a.day },
  { title: say('终端', 'terminal'), cell: (a) => a.tid },
  { title: say('商户', 'merchant'), cell: (a) => a.mid },
  { title: say('交易', 'transaction'), cell: (a) => wordIn(transactionClasses, a.class, language) },
  { title: say('次数', 'times'), cell: (a) => String(a.count), align: 'right' },
  { title: say('首次', 'first'), cell: (a) => instant(a.firstAt) },
  { title: say('末次', 'last'), cell: (a) => instant(a.lastAt) },
  { title: say('已通知', 'told'), cell: (a) => instantOr(a.toldAt) },
]

const watch_every_s = 1
const second_ms = 1_000

/** Draws over what was drawn before, where a person watches; else one after another. */
async function watch(session: Session, given: Given): Promise<0> {
  const every_s = given.count('every') ?? watch_every_s
  if (every_s < 1) throw wrong('--every 至少 1 秒。', '--every is at least 1 second.')
  const times = given.count('times') ?? Number.POSITIVE_INFINITY
  let drawn = 0
  for (let n = 0; n < times; n++) {
    if (n > 0) await pause(every_s * second_ms)
    const told = await session.ask(listGates({ client: session.client }))
    if (drawn > 0 && session.screen.isLive && !session.isJson) session.screen.write(`\u001b[${drawn}A\u001b[J`)
    session.show(told, ({ items }) => {
      const lines = [instant(new Date().toISOString()), ...gateLines(session, items)]
      drawn = lines.length
      return lines
    })
  }
  return 0
}

const act = (verb: 'fence' | 'readmit', says: Command['says']): Command => ({
  usage: `gates ${verb} <id>`,
  dryRun: 'rehearsed',
  says,
  options: [wordsOption(true)],
  async run(session, given) {
    const asked = { client: session.client, path: { id: given.arg(0) }, query: session.rehearsal, body: { words: given.text('words') ?? '' } }
    const told = await session.ask(verb === 'fence' ? fenceGate(asked) : readmitGate(asked))
    session.show(told, (gate) => gateLines(session, [gate]))
    return 0
  },
})

export const gates: Group = {
  says: ['闸口运维', 'Operations of gates'],
  commands: [
    {
      usage: 'gates list',
      dryRun: 'reads',
      says: ['各闸口的租期、时延与速率', 'lease, lag and rate of every gate'],
      async run(session) {
        session.show(await session.ask(listGates({ client: session.client })), ({ items }) => gateLines(session, items))
        return 0
      },
    },
    {
      usage: 'gates watch',
      dryRun: 'reads',
      says: ['持续查看各闸口', 'the same, again and again'],
      options: [
        { flags: '--every <seconds>', says: ['每几秒一次（默认 1）', 'seconds between looks (1 unless told)'] },
        { flags: '--times <n>', says: ['看几次后结束', 'end after so many looks'] },
      ],
      run: watch,
    },
    {
      usage: 'gates minutes <id>',
      dryRun: 'reads',
      says: ['闸口每分钟的判定', 'what a gate answered, minute by minute'],
      options: [{ flags: '--limit <n>', says: ['最多几分钟（默认 60）', 'how many minutes at most (60 unless told)'] }],
      async run(session, given) {
        const told = await session.ask(
          listGateMinutes({ client: session.client, path: { id: given.arg(0) }, query: present({ limit: given.count('limit') }) }),
        )
        session.show(told, ({ items }) => session.table(minuteColumns(session), items))
        return 0
      },
    },
    act('fence', ['隔离一个已确认关闭的闸口', 'fence a gate that you know to be off']),
    act('readmit', ['重新接纳闸口', 'readmit a gate']),
    {
      usage: 'attempts [tid]',
      dryRun: 'reads',
      says: ['停机后的交易尝试', 'attempts on stopped terminals'],
      options: [limit, many, { flags: '--since <day>', says: ['自哪天起，如 2026-11-27', 'from this day, such as 2026-11-27'] }],
      run: (session, given) =>
        list(
          session,
          given,
          (paging) =>
            session.ask(
              listAttempts({
                client: session.client,
                query: present({ ...paging, terminal: given.arg(0) || undefined, since: given.text('since') }),
              }),
            ),
          attemptColumns(session),
        ),
    },
  ],
}
