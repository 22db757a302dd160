// Devices that come back when a terminal is closed, and the deposits on them: listed, looked at, and moved on.
import {
  acceptDeduction,
  confirmRefund,
  disputeDeduction,
  getReturn,
  inspectDevice,
  listReturns,
  loseDevice,
  proposeDeduction,
  receiveDevice,
  restockDevice,
  retireDevice,
  shipDevice,
} from '../../client/generated/sdk.gen.ts'
import type { Return } from '../../client/generated/types.gen.ts'
import { depositStates, deviceParts, ownerships, partConditions, returnStates } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group } from '../command.ts'
import { halves, present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import type { Session, Told } from '../session.ts'
import { instant, instantOr, money, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'
import { allowedLines } from './allowed-lines.ts'

const columns = ({ say, language, screen }: Session): readonly Column<Return>[] => [
  { title: say('退机编号', 'RMA'), cell: (r) => r.rma },
  { title: say('终端号', 'terminal'), cell: (r) => r.tid },
  { title: say('序列号', 'serial'), cell: (r) => r.serial },
  { title: say('产权', 'owned'), cell: (r) => wordIn(ownerships, r.ownership, language) },
  { title: say('机具', 'device'), cell: (r) => wordIn(returnStates, r.state, language) },
  { title: say('押金', 'deposit'), cell: (r) => (r.deposit ? money(r.deposit.amount) : '–'), align: 'right' },
  { title: say('押金状态', 'its state'), cell: (r) => (r.deposit ? wordIn(depositStates, r.deposit.state, language) : '') },
  {
    title: say('须在', 'due'),
    cell: (r) => instantOr(r.deposit?.dueAt),
    finish: (text, r) => (r.deposit?.overdue ? screen.paint('bad', text) : text),
  },
]

type Lines = NonNullable<Return['deposit']>['deduction']
const takenLines = (session: Session, taken: Pick<NonNullable<Lines>, 'lines' | 'amount'>): string[] =>
  taken.lines.map((l) => `  ${l.words}  ${session.screen.paint('faint', l.rule)}`)

function depositLines(session: Session, { deposit: d, monthsLent }: Return): string[] {
  const { say, language } = session
  if (d === null) return []
  return [
    ...pairs(
      [
        [say('押金', 'deposit'), `${money(d.amount)}  ${wordIn(depositStates, d.state, language)}`],
        [say('借用', 'lent'), say(`${monthsLent} 个月`, `${monthsLent} months`)],
        [say('退还期限', 'due'), d.dueAt ? instant(d.dueAt) : undefined],
        [say('按表应扣', 'by the table'), d.byTable && !d.deduction ? money(d.byTable.amount) : undefined],
        [say('拟扣', 'deducted'), d.deduction ? money(d.deduction.amount) : undefined],
        [say('异议截止', 'objections until'), d.deduction && !d.settled ? instant(d.deduction.disputeUntil) : undefined],
        [say('异议', 'objection'), d.dispute ?? undefined],
        [say('已退', 'refunded'), d.settled ? `${money(d.settled.refund)}  ${instant(d.settled.at)}  ${d.settled.reference}` : undefined],
      ],
      (name) => session.screen.paint('faint', name),
    ),
    ...takenLines(session, d.deduction ?? d.byTable ?? { lines: [], amount: { fen: 0, currency: 'CNY' } }),
  ]
}

export function returnLines(session: Session, one: Return): string[] {
  const { say, language, screen } = session
  return [
    `${screen.paint('strong', one.rma)}  ${wordIn(returnStates, one.state, language)}  ${one.serial}`,
    one.sentence,
    '',
    ...pairs(
      [
        [say('终端号', 'terminal'), one.tid],
        [say('办件', 'case'), one.application],
        [say('寄出', 'shipped'), one.shipped ? `${instant(one.shipped.at)}  ${one.shipped.carrier} ${one.shipped.tracking}` : undefined],
        [say('收到', 'received'), one.receivedAt ? instant(one.receivedAt) : undefined],
      ],
      (name) => screen.paint('faint', name),
    ),
    ...(one.inspected?.parts ?? []).map(
      (p) => `  ${wordIn(deviceParts, p.part, language)}  ${wordIn(partConditions, p.condition, language)}${p.photo ? `  ${p.photo}` : ''}${p.note ? `  ${p.note}` : ''}`,
    ),
    ...depositLines(session, one),
    '',
    screen.paint('strong', say('可做的事', 'What may be done')),
    ...allowedLines(session, one.allowed),
  ]
}

type Asked = { client: Session['client']; path: { rma: string }; query: Session['rehearsal'] }
type Row = Pick<Command, 'says' | 'options'> & { usage: string; ask(session: Session, asked: Asked, given: Given): Promise<Told<Return>> }
const wording = (given: Given): { words: string } => ({ words: given.text('words') ?? '' })

/** `printer_cover=broken:IMG_2041`: the part, its condition, and the photo where something is wrong. */
function partsOf(given: Given) {
  return given.list('part').map((text) => {
    const [part, rest] = halves(text)
    const [condition = '', photo] = (rest ?? '').split(/:(.*)/s)
    return present({ part: wordFrom(part, deviceParts, '--part '), condition: wordFrom(condition, partConditions, '--part '), photo })
  })
}

const rows: readonly Row[] = [
  {
    usage: 'device ship <rma>',
    says: ['寄出机具', 'the device is on its way back'],
    options: [
      { flags: '--carrier <name>', says: ['承运人', 'carrier'], isRequired: true },
      { flags: '--tracking <number>', says: ['运单号', 'tracking number'], isRequired: true },
    ],
    ask: (session, asked, given) =>
      session.ask(shipDevice({ ...asked, body: { carrier: given.text('carrier') ?? '', tracking: given.text('tracking') ?? '' } })),
  },
  { usage: 'device receive <rma>', says: ['收到机具', 'the device has arrived'], ask: (session, asked) => session.ask(receiveDevice({ ...asked, body: {} })) },
  {
    usage: 'device inspect <rma>',
    says: ['验机', 'what the device is like'],
    options: [
      { flags: '--part <part=condition>', says: ['部件=状况，损坏或缺失的加 :照片（可重复）', 'part=condition, with :photo where broken or missing (may be repeated)'], isRequired: true, isMany: true },
    ],
    ask: (session, asked, given) => session.ask(inspectDevice({ ...asked, body: { parts: partsOf(given) } })),
  },
  { usage: 'device restock <rma>', says: ['机具入库', 'back on the shelf'], ask: (session, asked) => session.ask(restockDevice({ ...asked, body: {} })) },
  { usage: 'device retire <rma>', says: ['机具报废', 'written off'], options: [wordsOption(true)], ask: (session, asked, given) => session.ask(retireDevice({ ...asked, body: wording(given) })) },
  { usage: 'device lose <rma>', says: ['登记无法退还', 'it will not come back'], options: [wordsOption(true)], ask: (session, asked, given) => session.ask(loseDevice({ ...asked, body: wording(given) })) },
  {
    usage: 'deposit propose <rma>',
    says: ['提出退还，按表扣款', 'propose the refund; the table says what is deducted'],
    options: [{ flags: '--without <line>', says: ['不扣的条目（可重复）', 'a line of the table left out (may be repeated)'], isMany: true }, wordsOption()],
    ask: (session, asked, given) => {
      const without = given.list('without')
      return session.ask(proposeDeduction({ ...asked, body: present({ without: without.length > 0 ? without : undefined, words: given.text('words') }) }))
    },
  },
  { usage: 'deposit accept <rma>', says: ['同意扣款', 'accept the deduction'], ask: (session, asked) => session.ask(acceptDeduction({ ...asked, body: {} })) },
  { usage: 'deposit dispute <rma>', says: ['对扣款提出异议', 'dispute the deduction'], options: [wordsOption(true)], ask: (session, asked, given) => session.ask(disputeDeduction({ ...asked, body: wording(given) })) },
  {
    usage: 'deposit confirm <rma>',
    says: ['确认退还（另一人）', 'confirm the refund, as a second person'],
    options: [{ flags: '--reference <number>', says: ['付款凭证', 'reference of the payment'], isRequired: true }],
    ask: (session, asked, given) => session.ask(confirmRefund({ ...asked, body: { reference: given.text('reference') ?? '' } })),
  },
]

export const devices: Group = {
  says: ['退机与押金', 'Devices coming back, and their deposits'],
  commands: [
    {
      usage: 'returns',
      dryRun: 'reads',
      says: ['退机列表', 'devices on their way back'],
      options: [
        { flags: '--state <state>', says: ['只看这一状态', 'in this state only'] },
        { flags: '--deposit <state>', says: ['只看押金在这一状态的', 'whose deposit is in this state'] },
        limit,
        many,
      ],
      run: (session, given) =>
        list(
          session,
          given,
          (paging) =>
            session.ask(
              listReturns({
                client: session.client,
                query: present({ ...paging, state: given.wordOf('state', returnStates), deposit: given.wordOf('deposit', depositStates) }),
              }),
            ),
          columns(session),
        ),
    },
    {
      usage: 'device show <rma>',
      dryRun: 'reads',
      says: ['一台退还中的机具', 'one device on its way back'],
      async run(session, given) {
        const told = await session.ask(getReturn({ client: session.client, path: { rma: given.arg(0) } }))
        session.show(told, (one) => returnLines(session, one))
        return 0
      },
    },
    ...rows.map(({ usage, says, options, ask }): Command => ({
      usage,
      says,
      ...(options ? { options } : {}),
      dryRun: 'rehearsed',
      async run(session, given) {
        const told = await ask(session, { client: session.client, path: { rma: given.arg(0) }, query: session.rehearsal }, given)
        session.show(told, (one) => returnLines(session, one))
        return 0
      },
    })),
  ],
}
