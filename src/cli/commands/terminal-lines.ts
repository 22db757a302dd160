// A terminal as people read it: the sentence first, the strip, the status lines, what stops it, what comes, what is still
// open and what may be done – all of it the server's own words, nothing concluded here.
import type { Terminal, TerminalRow } from '../../client/generated/types.gen.ts'
import {
  clearanceKinds,
  deviceStates,
  deviceTypes,
  directions,
  dormancyAnswers,
  effects,
  holdOwners,
  modes,
  ownerships,
  services,
  terms,
} from '../../domain/vocabulary.ts'
import { providersLamp, serviceLamps, type Style } from '../paint.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, money, wordIn } from '../show.ts'
import { strip } from '../strip.ts'
import { pairs, type Column } from '../table.ts'
import { clean } from '../width.ts'
import { allowedLines } from './allowed-lines.ts'

const strip_columns_max = 100
/** The strip begins so long before now, by the contract; that is how the server's own clock is known. */
const schedule_past_ms = 30 * 86_400_000

type Hold = Terminal['holds'][number]
const isOver = (hold: Hold): boolean => hold.liftedAt !== null || hold.withdrawnAt !== null

/** Shape and colour of its service; a stop that is not the merchant's own has a lamp of its own. */
function lampOf({ service, holds }: Pick<TerminalRow, 'service' | 'holds'>): { shape: string; style: Style } {
  const isProviders =
    service === 'suspended' && holds.some((h) => !isOver(h) && h.startedAt !== null && h.owner !== 'merchant')
  return isProviders ? providersLamp : (serviceLamps[service] ?? serviceLamps.closed)
}

export const terminalColumns = ({ say, language, screen }: Session): Column<TerminalRow>[] => [
  { title: say('终端号', 'terminal'), cell: (t) => t.tid },
  {
    title: say('状态', 'service'),
    cell: (t) => `${lampOf(t).shape} ${wordIn(services, t.service, language)}`,
    finish: (text, t) => screen.paint(lampOf(t).style, text),
  },
  { title: say('商户', 'merchant'), cell: (t) => t.merchant.name, width_min: 12 },
  {
    title: say('停用项', 'holds'),
    cell: (t) => [...new Set(t.holds.filter((h) => !isOver(h)).map((h) => h.reason))].join(' '),
  },
  {
    title: say('下一变化', 'next change'),
    width_min: 22,
    cell: ({ upcoming: [next] }) => (next ? `${instant(next.at)} ${wordIn(modes, next.mode, language)}` : ''),
  },
  { title: say('说明', 'sentence'), cell: (t) => t.sentence, width_min: 20 },
]

function deviceLine({ device }: Terminal, { language }: Session): string {
  if (!device) return '–'
  const { state, model, type, ownership, serial } = device
  return [
    wordIn(deviceStates, state, language),
    model,
    wordIn(deviceTypes, type, language),
    wordIn(ownerships, ownership, language),
    serial,
  ].join('  ')
}

/** That every gate refuses and that the device said so are two facts, both shown. */
function stopLine({ hostBlockedAt, deviceConfirmedAt, deviceSilentSince, gates, attempts }: Terminal, { say }: Session): string {
  const host =
    hostBlockedAt === null
      ? say('主机未拦截', 'host does not refuse')
      : say(`主机自 ${instant(hostBlockedAt)} 拒绝`, `host refuses since ${instant(hostBlockedAt)}`)
  const device =
    deviceConfirmedAt === null
      ? deviceSilentSince === null
        ? say('机具未确认', 'device has not confirmed')
        : say(`机具自 ${instant(deviceSilentSince)} 逾期未确认`, `device overdue to confirm since ${instant(deviceSilentSince)}`)
      : say(`机具于 ${instant(deviceConfirmedAt)} 确认`, `device confirmed ${instant(deviceConfirmedAt)}`)
  const waiting = gates?.outstanding.map((o) => `${o.id} ${o.reasonWords}`).join(say('、', ', '))
  const known = gates === null ? '' : say(`  闸口 ${gates.acknowledged}/${gates.required}`, `  gates ${gates.acknowledged}/${gates.required}`)
  const tried = attempts === null ? '' : say(`  停机后尝试 ${attempts.count} 次`, `  tried ${attempts.count} time${attempts.count === 1 ? '' : 's'} since`)
  return `${host}${known}${waiting ? say(`（${waiting}）`, ` (${waiting})`) : ''}  ${device}${tried}`
}

function clearanceLine({ clearance }: Terminal, { say, language, screen }: Session): string {
  if (clearance.clear) return screen.paint('good', say('已结清', 'clear'))
  return clearance.items
    .map((i) => {
      const due = i.dueBy === null ? '' : say(`（${instant(i.dueBy)} 前）`, ` (by ${instant(i.dueBy)})`)
      return `${wordIn(clearanceKinds, i.kind, language)} ${i.count} ${say('笔', '×')} ${money(i.amount)}${due}`
    })
    .join(say('；', '; '))
}

function serviceLine(terminal: Terminal, { language, screen }: Session): string {
  const { shape, style } = lampOf(terminal)
  const term = terminal.term === null ? '' : `  ${wordIn(terms, terminal.term, language)}`
  return `${screen.paint(style, `${shape} ${wordIn(services, terminal.service, language)}`)}${term}`
}

function statusLines(terminal: Terminal, session: Session): string[] {
  const { say, language, screen } = session
  const { cases, dormancy } = terminal
  return pairs(
    [
      [say('服务', 'service'), serviceLine(terminal, session)],
      [say('机具', 'device'), clean(deviceLine(terminal, session))],
      [say('拦截', 'blocked'), stopLine(terminal, session)],
      [
        say('办件', 'cases'),
        cases.length === 0 ? '–' : cases.map((c) => `${c.no} ${wordIn(directions, c.direction, language)}`).join('  '),
      ],
      [say('清算', 'clearance'), clearanceLine(terminal, session)],
      ...(terminal.signOnRequired ? [[say('签到', 'sign-on'), say('须先签到', 'must sign on first')] as const] : []),
      ...(dormancy
        ? [
            [
              say('长期无交易', 'dormancy'),
              dormancy.answer === null
                ? say(
                    `${instant(dormancy.askedAt)} 起待答复，期限 ${instantOr(dormancy.answerBy)}`,
                    `asked ${instant(dormancy.askedAt)}, answer by ${instantOr(dormancy.answerBy)}`,
                  )
                : wordIn(dormancyAnswers, dormancy.answer, language),
            ] as const,
          ]
        : []),
    ],
    (name) => screen.paint('faint', name),
  )
}

function holdLines(holds: readonly Hold[], session: Session): string[] {
  const { say, language } = session
  const stateOf = (h: Hold): string =>
    h.liftedAt !== null
      ? say(`已解除 ${instant(h.liftedAt)}`, `lifted ${instant(h.liftedAt)}`)
      : h.withdrawnAt !== null
        ? say('已撤回', 'withdrawn')
        : h.clearedAt !== null
          ? say('已放行，待测试', 'released, test to come')
          : h.startedAt === null
            ? say('未到时间', 'still to come')
            : say('生效中', 'in effect')
  return session.table<Hold>(
    [
      { title: say('停用项', 'hold'), cell: (h) => `${h.reason} ${h.reasonWords}`, width_min: 12 },
      { title: say('归属', 'owner'), cell: (h) => wordIn(holdOwners, h.owner, language) },
      { title: say('效果', 'effect'), cell: (h) => wordIn(effects, h.effect, language), width_min: 6 },
      { title: say('起', 'from'), cell: (h) => instant(h.effectiveFrom) },
      { title: say('恢复日', 'return'), cell: (h) => instantOr(h.expectedUntil) },
      { title: say('状态', 'state'), cell: stateOf },
      { title: say('办件', 'case'), cell: (h) => h.application ?? '–' },
      { title: 'id', cell: (h) => h.id },
    ],
    holds,
  )
}

export function terminalLines(session: Session, terminal: Terminal): string[] {
  const { say, language, screen } = session
  const { tid, merchant, store, provider, schedule, holds, sentence } = terminal
  const start = schedule[0]?.from
  const now =
    start === undefined ? new Date().toISOString() : new Date(Date.parse(start) + schedule_past_ms).toISOString()
  const drawn = strip(schedule, now, {
    language,
    paint: screen.paint,
    columns: Math.min(strip_columns_max, screen.columns ?? strip_columns_max),
  })
  const coming = terminal.upcoming.map(({ at, mode }) => `${instant(at)}  ${wordIn(modes, mode, language)}`)
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', screen.paint('strong', title), ...lines]
  return [
    `${screen.paint('strong', tid)}  ${clean(merchant.name)}${store ? `  ${clean(store.name)}` : ''}  ${terminal.mid}  ${clean(provider.name)} ${provider.hotline}`,
    clean(sentence),
    ...(drawn ? ['', ...drawn] : []),
    '',
    ...statusLines(terminal, session),
    ...section(say('停用项', 'Holds'), holds.length === 0 ? [] : holdLines(holds, session)),
    ...section(say('将来的变化', 'What comes'), coming),
    ...section(say('可做的事', 'What may be done'), allowedLines(session, terminal.allowed)),
  ]
}
