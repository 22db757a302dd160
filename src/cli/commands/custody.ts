// Devices apart from terminals: on the shelf, on a terminal, in somebody's hands – and how they are handed over.
import { bindDevice, getDevice, getRisk, handOver, listDevices, listHandovers, refuseHandover, signHandover, unbindDevice, withdrawHandover } from '../../client/generated/sdk.gen.ts'
import type { GetDeviceReply, GetRiskReply, HandOverReply, ListDevicesReply, ListHandoversReply } from '../../client/generated/types.gen.ts'
import { accessories, applicationKinds, applicationStates, custodians, deviceStates, handoverStates, ownerships, partConditions, deviceParts, words, type CustodianKind } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group } from '../command.ts'
import { halves, present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, instantOr, money, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'
import { caseLines } from './case-lines.ts'

type Device = ListDevicesReply['items'][number]
type Handover = ListHandoversReply['items'][number]
type Holder = Device['custodian']
const holder = ({ words: said, merchant, name }: Holder): string => [said, merchant ?? name].filter(Boolean).join(' ')

const columns = ({ say, language }: Session): readonly Column<Device>[] => [
  { title: say('序列号', 'serial'), cell: (d) => d.serial },
  { title: say('型号', 'model'), cell: (d) => d.model },
  { title: say('产权', 'owned'), cell: (d) => wordIn(ownerships, d.ownership, language) },
  { title: say('状态', 'state'), cell: (d) => wordIn(deviceStates, d.state, language) },
  { title: say('在谁手里', 'in whose hands'), cell: (d) => holder(d.custodian) },
  { title: say('终端号', 'terminal'), cell: (d) => d.terminal ?? '–' },
]

function deviceLines(session: Session, d: GetDeviceReply): string[] {
  const { say, language, screen } = session
  const faint = (text: string): string => screen.paint('faint', text)
  return [
    `${screen.paint('strong', d.serial)}  ${d.model}  ${wordIn(deviceStates, d.state, language)}`,
    ...pairs([
      [say('产权', 'owned'), wordIn(ownerships, d.ownership, language)],
      [say('押金', 'deposit'), d.deposit.fen > 0 ? money(d.deposit) : undefined],
      [say('在谁手里', 'in whose hands'), holder(d.custodian)],
      [say('配件', 'accessories'), d.accessories.map((a) => wordIn(accessories, a, language)).join(say('、', ', ')) || undefined],
      [say('状况', 'condition'), d.condition.map((p) => `${wordIn(deviceParts, p.part, language)} ${wordIn(partConditions, p.condition, language)}`).join(say('、', ', ')) || undefined],
    ], faint),
    ...(d.terminals.length > 0 ? ['', screen.paint('strong', say('用在哪些终端', 'On which terminals'))] : []),
    ...d.terminals.map((t) => `  ${t.tid}  ${instantOr(t.from)} – ${t.to ? instant(t.to) : say('至今', 'now')}  ${faint(t.application ?? '')}`),
    ...d.swaps.map((s) => `  ${s.replaced ? say(`替换 ${s.replaced}`, `replaced ${s.replaced}`) : say(`被 ${s.replacedBy} 替换`, `replaced by ${s.replacedBy}`)}  ${faint(s.application)}`),
    ...(d.custody.length > 0 ? ['', screen.paint('strong', say('交接', 'From hand to hand'))] : []),
    ...d.custody.map((l) => `  ${instant(l.at)}  ${holder(l.from)} → ${holder(l.to)}  ${faint(l.drawn ? say('当场签字', 'signed on the spot') : '')}`),
  ]
}

const handoverLines = (session: Session, h: HandOverReply): string[] => [
  `${session.screen.paint('strong', h.id)}  ${wordIn(handoverStates, h.state, session.language)}`,
  `${holder(h.from)} → ${holder(h.to)}`,
  ...h.devices.map((d) => `  ${d.serial}  ${d.accessories.map((a) => wordIn(accessories, a, session.language)).join(session.say('、', ', '))}`),
]
const handoverColumns = ({ say, language }: Session): readonly Column<Handover>[] => [
  { title: say('交接', 'hand-over'), cell: (h) => h.id },
  { title: say('状态', 'state'), cell: (h) => wordIn(handoverStates, h.state, language) },
  { title: say('交出', 'from'), cell: (h) => holder(h.from) },
  { title: say('接收', 'to'), cell: (h) => holder(h.to) },
  { title: say('台数', 'devices'), cell: (h) => String(h.devices.length), align: 'right' },
  { title: say('时间', 'at'), cell: (h) => instant(h.endedAt ?? h.proposedAt) },
]

/** `merchant=102…`, `field=<person>`, `warehouse`; without an id oneself. */
function handsOf(text: string | undefined, name: string): { kind: CustodianKind; id?: string } {
  const [kind, id] = halves(text ?? '')
  return present({ kind: wordFrom(kind, custodians, `${name} `), id })
}
/** `121.4737,31.2304`: degrees east and north. */
function positionOf(given: Given): { longitude: number; latitude: number } {
  const [longitude, latitude] = (given.text('at') ?? '').split(',').map(Number)
  if (longitude === undefined || latitude === undefined || !Number.isFinite(longitude) || !Number.isFinite(latitude))
    throw wrong('--at 应写成 经度,纬度，如 121.4737,31.2304。', '--at should be longitude,latitude, such as 121.4737,31.2304.')
  return { longitude, latitude }
}

function riskLines(session: Session, r: GetRiskReply): string[] {
  const { say, language, screen } = session
  const head = (text: string): string[] => ['', screen.paint('strong', text)]
  return [
    `${screen.paint('strong', r.merchant.name)}  ${r.merchant.mid}  ${r.merchant.trade ?? r.merchant.mcc}`,
    ...pairs([
      [say('信用', 'standing'), r.standing.good ? say('良好', 'good') : say('有风控、财务或合规停用', 'a hold of risk, finance or compliance')],
      [say('证照有效期', 'licence until'), r.standing.licenceUntil === null ? undefined : `${r.standing.licenceUntil}${r.standing.licenceExpired ? say('（已过期）', ' (expired)') : ''}`],
      [say('欠费', 'owed'), money(r.standing.owed)],
      [say('拒付', 'chargebacks'), `${r.chargebacks.count}  ${money(r.chargebacks.amount)}`],
    ], (text) => screen.paint('faint', text)),
    ...(r.holds.length > 0 ? head(say('停用记录', 'Holds')) : []),
    ...r.holds.map((h) => `  ${h.tid}  ${h.reason} ${h.reasonWords}  ${instant(h.from)} – ${h.liftedAt ? instant(h.liftedAt) : say('至今', 'now')}`),
    ...(r.attempts.length > 0 ? head(say('停机后尝试', 'Attempts on stopped terminals')) : []),
    ...r.attempts.map((a) => `  ${a.day}  ${a.tid}  ${a.class} × ${a.count}`),
    ...(r.months.length > 0 ? head(say('按月', 'By month')) : []),
    ...r.months.map((m) => `  ${m.month}  ${m.sales}  ${money(m.salesAmount)}`),
    ...(r.decisions.length > 0 ? head(say('过往办件', 'Earlier cases')) : []),
    ...r.decisions.map((d) => `  ${d.application}  ${wordIn(applicationKinds, d.kind, language)}  ${wordIn(applicationStates, d.state, language)}`),
  ]
}

const answers: readonly [string, typeof signHandover | typeof refuseHandover | typeof withdrawHandover, Command['says']][] = [
  ['sign', signHandover, ['签收', 'sign for a hand-over']],
  ['refuse', refuseHandover, ['拒收', 'refuse a hand-over']],
  ['withdraw', withdrawHandover, ['撤回交接', 'withdraw a hand-over']],
]

export const custody: Group = {
  says: ['机具与交接', 'Devices and who has them'],
  commands: [
    {
      usage: 'stock list',
      dryRun: 'reads',
      says: ['机具列表', 'devices'],
      options: [
        { flags: '--state <state>', says: ['只看这一状态', 'in this state only'] }, { flags: '--model <model>', says: ['只看这一型号', 'of this model only'] },
        { flags: '--free', says: ['只看可装机的', 'only what can be put on a terminal'] }, limit, many,
      ],
      run: (session, given) => list(session, given, (paging) => session.ask(listDevices({
        client: session.client, query: present({ ...paging, state: given.wordOf('state', deviceStates), model: given.text('model'), free: given.flag('free') ? ('true' as const) : undefined }),
      })), columns(session)),
    },
    {
      usage: 'stock show <serial>',
      dryRun: 'reads',
      says: ['一台机具及其来历', 'one device and where it was'],
      async run(session, given) {
        session.show(await session.ask(getDevice({ client: session.client, path: { serial: given.arg(0) } })), (d) => deviceLines(session, d))
        return 0
      },
    },
    {
      usage: 'handover list',
      dryRun: 'reads',
      says: ['机具交接列表', 'hand-overs of devices'],
      options: [{ flags: '--state <state>', says: ['只看这一状态', 'in this state only'] }, limit, many],
      run: (session, given) => list(session, given, (paging) => session.ask(listHandovers({ client: session.client, query: present({ ...paging, state: given.wordOf('state', handoverStates) }) })), handoverColumns(session)),
    },
    {
      usage: 'handover give <serials...>',
      dryRun: 'rehearsed',
      says: ['交接机具，一次可多台', 'hand devices over, as many as there are'],
      options: [
        { flags: '--from <hands>', says: [`交出方：${words(custodians).join('、')}，可加 =编号`, `who gives: ${words(custodians).join(', ')}, with =id`], isRequired: true },
        { flags: '--to <hands>', says: ['接收方，写法相同', 'who takes, written the same way'], isRequired: true },
        { flags: '--with <accessory>', says: ['配件（可重复）', 'what comes with them (may be repeated)'], isMany: true }, wordsOption(),
      ],
      async run(session, given) {
        const comesWith = given.list('with').map((a) => wordFrom(a, accessories, '--with '))
        const told = await session.ask(handOver({
          client: session.client, query: session.rehearsal,
          body: present({ from: handsOf(given.text('from'), '--from'), to: handsOf(given.text('to'), '--to'), devices: given.args(0).map((serial) => ({ serial, accessories: comesWith })), words: given.text('words') }),
        }))
        session.show(told, (h) => handoverLines(session, h))
        return 0
      },
    },
    ...answers.map(([name, ask, says]): Command => ({
      usage: `handover ${name} <id>`,
      dryRun: 'rehearsed',
      says,
      async run(session, given) {
        session.show(await session.ask(ask({ client: session.client, path: { id: given.arg(0) }, query: session.rehearsal, body: {} })), (h) => handoverLines(session, h))
        return 0
      },
    })),
    {
      usage: 'bind <no> <serial>',
      dryRun: 'rehearsed',
      says: ['给换机或装机的终端装上机具', 'put a device on a terminal that is changed or new'],
      options: [
        { flags: '--at <position>', says: ['位置：经度,纬度', 'position: longitude,latitude'], isRequired: true }, { flags: '--photo <reference>', says: ['照片编号', 'reference of the picture'] },
        { flags: '--terminal <tid>', says: ['终端号，办件只有一台时可省略', 'which terminal, where the case has several'] },
      ],
      async run(session, given) {
        const body = present({ serial: given.arg(1), position: positionOf(given), photo: given.text('photo'), terminal: given.text('terminal') })
        session.show(await session.ask(bindDevice({ client: session.client, path: { no: given.arg(0) }, query: session.rehearsal, body })), (one) => caseLines(session, one))
        return 0
      },
    },
    {
      usage: 'unbind <no>',
      dryRun: 'rehearsed',
      says: ['拆下换机终端的旧机具', 'take the old device off a terminal that is changed'],
      options: [{ flags: '--terminal <tid>', says: ['终端号，办件只有一台时可省略', 'which terminal, where the case has several'] }],
      async run(session, given) {
        session.show(await session.ask(unbindDevice({ client: session.client, path: { no: given.arg(0) }, query: session.rehearsal, body: present({ terminal: given.text('terminal') }) })), (one) => caseLines(session, one))
        return 0
      },
    },
    {
      usage: 'risk <no>',
      dryRun: 'reads',
      says: ['一个办件的风控核查', 'what is known of the merchant of a case'],
      async run(session, given) {
        session.show(await session.ask(getRisk({ client: session.client, path: { no: given.arg(0) } })), (r) => riskLines(session, r))
        return 0
      },
    },
  ],
}
