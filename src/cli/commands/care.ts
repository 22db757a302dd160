// Faults, breaches, and what is looked after while a terminal is stopped: reported, worked, handed in, answered.
import {
  addEvidence, answerDuty, callDuty, checkDuty, completeDuty, demandTicket, diagnoseTicket, dismissTicket, getCare, getTicket, handInTicket, judgeTicket, listDuties, listPapers,
  listTickets, noteTicket, readyTicket, reinstallTicket, repairTicket, reportFault, reportLoss, settleDuty, swapTicket,
} from '../../client/generated/sdk.gen.ts'
import type { Duty, GetCareReply, Ticket } from '../../client/generated/types.gen.ts'
import {
  careAnswers, dutyKinds, dutyStates, lossKinds, materialTypes, payers, reasons, responsibilities, roles, ticketKinds, ticketStates, wakeUpItems,
} from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group, type Option } from '../command.ts'
import { fileAt } from '../files.ts'
import { halves, present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import type { Session, Told } from '../session.ts'
import { instant, instantOr, money, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'
import { allowedLines } from './allowed-lines.ts'

// ── As people read them ─────────────────────────────────────────────────────────────────────────────────────────────
const ticketColumns = ({ say, language }: Session): readonly Column<Ticket>[] => [
  { title: say('单号', 'ticket'), cell: (t) => t.no },
  { title: say('类别', 'kind'), cell: (t) => wordIn(ticketKinds, t.kind, language) },
  { title: say('终端号', 'terminal'), cell: (t) => t.tid },
  { title: say('原因', 'reason'), cell: (t) => `${t.reason} ${t.reasonWords}` },
  { title: say('状态', 'state'), cell: (t) => wordIn(ticketStates, t.state, language) },
  { title: say('开单', 'opened'), cell: (t) => instant(t.openedAt) },
  { title: say('整改期限', 'due'), cell: (t) => instantOr(t.dueBy) },
]

function ticketLines(session: Session, t: Ticket): string[] {
  const { say, language, screen } = session
  const cost = (['merchant', 'provider', 'warranty'] as const).filter((p) => t.total[p].fen > 0).map((p) => `${wordIn(payers, p, language)} ${money(t.total[p])}`)
  return [
    `${screen.paint('strong', t.no)}  ${t.reason} ${t.reasonWords}  ${t.stateWords}`,
    '',
    ...pairs([
      [say('终端号', 'terminal'), t.tid], [say('机具', 'device'), t.serial ?? undefined], [say('停用项', 'hold'), t.hold ?? undefined],
      [say('整改期限', 'due'), t.dueBy ? instant(t.dueBy) : undefined],
      [say('责任', 'responsible'), t.responsibility ? wordIn(responsibilities, t.responsibility, language) : undefined],
      [say('用时', 'time'), t.total.minutes > 0 ? say(`${t.total.minutes} 分钟`, `${t.total.minutes} minutes`) : undefined],
      [say('费用', 'cost'), cost.length > 0 ? cost.join('  ') : undefined],
    ], (name) => screen.paint('faint', name)),
    ...t.entries.map((e) => [
      `  ${instant(e.at)}  ${e.actWords}`, e.by.name ?? wordIn(roles, e.by.role, language), e.words, e.minutes === null ? null : say(`${e.minutes} 分钟`, `${e.minutes} min`),
      e.parts.map((p) => `${p.name}×${p.count}`).join(' '), e.cost ? money(e.cost) : null, e.application,
    ].filter(Boolean).join('  ')),
    ...t.evidence.map((e) => `  ${screen.paint('faint', e.sha256.slice(0, 12))}  ${wordIn(materialTypes, e.type, language)}  ${e.name ?? ''}  ${e.id}`),
    '',
    screen.paint('strong', say('可做的事', 'What may be done')),
    ...allowedLines(session, t.allowed),
  ]
}

const dutyColumns = ({ say, language, screen }: Session): readonly Column<Duty>[] => [
  { title: say('期限', 'due'), cell: (d) => instant(d.dueAt), finish: (text, d) => (d.overdue ? screen.paint('bad', text) : text) },
  { title: say('终端号', 'terminal'), cell: (d) => d.tid },
  { title: say('事项', 'what'), cell: (d) => wordIn(dutyKinds, d.kind, language) },
  { title: say('状态', 'state'), cell: (d) => wordIn(dutyStates, d.state, language) },
  { title: say('编号', 'id'), cell: (d) => d.id },
]

function dutyLines(session: Session, d: Duty): string[] {
  const { say, language, screen } = session
  return [
    `${screen.paint('strong', d.kindWords)}  ${wordIn(dutyStates, d.state, language)}  ${d.tid}`, d.sentence, '',
    ...pairs([
      [say('编号', 'id'), d.id], [say('期限', 'due'), instant(d.dueAt)], [say('需要', 'needed'), d.needed], [say('答复', 'answer'), d.answer ? wordIn(careAnswers, d.answer, language) : undefined],
      [say('下次提醒', 'reminded next'), d.nextReminderAt ? instant(d.nextReminderAt) : undefined], [say('办结', 'done'), d.doneAt ? instant(d.doneAt) : undefined],
      [say('位置', 'place'), d.position ? `${d.position.longitude}, ${d.position.latitude}${d.position.metres === null ? '' : say(`  距门店 ${d.position.metres} 米`, `  ${d.position.metres} m from the shop`)}` : undefined],
    ], (name) => screen.paint('faint', name)),
    ...d.items.map((i) => `  ${i.ok === null ? '○' : i.ok ? '✓' : '✗'} ${i.words}${i.note ? `  ${i.note}` : ''}`),
    '',
    screen.paint('strong', say('可做的事', 'What may be done')),
    ...allowedLines(session, d.allowed),
  ]
}

function careLines(session: Session, care: GetCareReply): string[] {
  const { say, screen } = session
  const part = (zh: string, en: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [screen.paint('strong', say(zh, en)), ...lines.map((l) => `  ${l}`), ''])
  return [
    ...part('待办', 'Due', care.duties.filter((d) => d.state === 'open' || d.state === 'answered').map((d) => `${instant(d.dueAt)}  ${d.kindWords}  ${d.id}`)),
    ...part('单据', 'Tickets', care.tickets.map((t) => `${t.no}  ${t.reason} ${t.reasonWords}  ${t.stateWords}`)),
    ...(care.guide ? [...part('停机前', 'Before the stop', care.guide.before), ...part('停机期间', 'While it is stopped', care.guide.while), ...part('恢复前', 'Before the return', care.guide.return)] : []),
    ...part('上游清理', 'Upstream clean-up', (care.cleanUp ?? []).map((c) => `${c.when === 'stop' ? say('停机', 'stop') : say('注销', 'close')}  ${c.systemWords}  ${c.words}`)),
  ]
}

// ── Commands ────────────────────────────────────────────────────────────────────────────────────────────────────────
type Row<T> = Pick<Command, 'says' | 'options'> & { usage: string; ask(session: Session, given: Given): Promise<Told<T>> }
const commandOf = <T>(lines: (session: Session, one: T) => string[]) => ({ usage, says, options, ask }: Row<T>): Command => ({
  usage, says, ...(options ? { options } : {}), dryRun: 'rehearsed',
  async run(session, given) {
    session.show(await ask(session, given), (one) => lines(session, one))
    return 0
  },
})
const wording = (given: Given): { words: string } => ({ words: given.text('words') ?? '' })
const ofTicket = (session: Session, given: Given) => ({ client: session.client, path: { ticket: given.arg(0) }, query: session.rehearsal })
const ofDuty = (session: Session, given: Given) => ({ client: session.client, path: { duty: given.arg(0) }, query: session.rehearsal })

const workOptions: readonly Option[] = [
  wordsOption(true),
  { flags: '--minutes <n>', says: ['用时（分钟）', 'minutes spent'] },
  { flags: '--part <name=count>', says: ['用料=数量（可重复）', 'part=count (may be repeated)'], isMany: true },
  { flags: '--cost <fen>', says: ['费用（分）', 'cost in fen'] },
  { flags: '--payer <who>', says: ['谁承担：merchant、provider、warranty', 'who pays: merchant, provider, warranty'] },
]
const workOf = (given: Given) => {
  const parts = given.list('part').map((text) => { const [name, count] = halves(text); return { name, count: Number(count ?? 1) } })
  const fen = given.count('cost')
  return present({ ...wording(given), minutes: given.count('minutes'), parts: parts.length > 0 ? parts : undefined, cost: fen === undefined ? undefined : { fen }, payer: given.wordOf('payer', payers) })
}

const ticketRows: readonly Row<Ticket>[] = [
  {
    usage: 'fault report <tid>', says: ['报修', 'report a fault'], options: [{ flags: '--reason <code>', says: ['D01–D13', 'D01 to D13'], isRequired: true }, wordsOption(true)],
    ask: (s, g) => s.ask(reportFault({ client: s.client, path: { tid: g.arg(0) }, query: s.rehearsal, body: { ...wording(g), reason: wordFrom(g.text('reason') ?? '', reasons, '--reason ') } })),
  },
  {
    usage: 'fault loss <tid> <what>', says: ['报失或报损：lost、stolen、damaged', 'report it lost, stolen or damaged'], options: [wordsOption(true)],
    ask: (s, g) => s.ask(reportLoss({ client: s.client, path: { tid: g.arg(0) }, query: s.rehearsal, body: { ...wording(g), what: g.argOf(1, lossKinds) } })),
  },
  {
    usage: 'ticket diagnose <ticket>', says: ['检测', 'what is wrong'], options: [wordsOption(true), { flags: '--minutes <n>', says: ['用时（分钟）', 'minutes spent'] }, { flags: '--stop', says: ['停用终端', 'stop the terminal for it'] }],
    ask: (s, g) => s.ask(diagnoseTicket({ ...ofTicket(s, g), body: present({ ...wording(g), minutes: g.count('minutes'), stop: g.flag('stop') || undefined }) })),
  },
  { usage: 'ticket repair <ticket>', says: ['维修', 'what was repaired'], options: workOptions, ask: (s, g) => s.ask(repairTicket({ ...ofTicket(s, g), body: workOf(g) })) },
  { usage: 'ticket reinstall <ticket>', says: ['重装', 'it was reinstalled'], options: workOptions, ask: (s, g) => s.ask(reinstallTicket({ ...ofTicket(s, g), body: workOf(g) })) },
  {
    usage: 'ticket swap <ticket> <case>', says: ['换机，注明换机办件', 'another device, by its replacement case'], options: workOptions,
    ask: (s, g) => s.ask(swapTicket({ ...ofTicket(s, g), body: { ...workOf(g), application: g.arg(1) } })),
  },
  { usage: 'ticket ready <ticket>', says: ['提交测试', 'ready for its test'], options: [wordsOption()], ask: (s, g) => s.ask(readyTicket({ ...ofTicket(s, g), body: present({ words: g.text('words') }) })) },
  { usage: 'ticket dismiss <ticket>', says: ['撤销', 'nothing was wrong'], options: [wordsOption(true)], ask: (s, g) => s.ask(dismissTicket({ ...ofTicket(s, g), body: wording(g) })) },
  {
    usage: 'ticket demand <ticket>', says: ['要求整改', 'demand that it is put right'], options: [wordsOption(true), { flags: '--by <time>', says: ['期限', 'by when'] }],
    ask: (s, g) => s.ask(demandTicket({ ...ofTicket(s, g), body: present({ ...wording(g), dueBy: g.instant('by') }) })),
  },
  { usage: 'ticket hand-in <ticket>', says: ['提交整改', 'hand in the rectification'], options: [wordsOption(true)], ask: (s, g) => s.ask(handInTicket({ ...ofTicket(s, g), body: wording(g) })) },
  {
    usage: 'ticket judge <ticket>', says: ['审定整改', 'judge the rectification'],
    options: [{ flags: '--refuse', says: ['不认可', 'not accepted'] }, { flags: '--responsible <who>', says: ['责任方', 'who was responsible'] }, wordsOption(true)],
    ask: (s, g) => s.ask(judgeTicket({ ...ofTicket(s, g), body: present({ ...wording(g), accepted: !g.flag('refuse'), responsibility: g.wordOf('responsible', responsibilities) }) })),
  },
  { usage: 'ticket note <ticket>', says: ['备注', 'a line on it'], options: [wordsOption(true)], ask: (s, g) => s.ask(noteTicket({ ...ofTicket(s, g), body: wording(g) })) },
  {
    usage: 'ticket evidence <ticket> <file>', says: ['提交证据', 'hand in evidence'], options: [{ flags: '--type <type>', says: ['材料类别（默认 other）', 'kind of material (other unless told)'] }, wordsOption()],
    ask: async (s, g) => s.ask(addEvidence({ ...ofTicket(s, g), body: present({ type: g.wordOf('type', materialTypes) ?? 'other', file: await fileAt(g.arg(1)), words: g.text('words') }) })),
  },
]
const dutyRows: readonly Row<Duty>[] = [
  {
    usage: 'care check <duty> <photo>', says: ['保管检查', 'a look at the device'],
    options: [{ flags: '--longitude <degrees>', says: ['经度', 'longitude'], isRequired: true }, { flags: '--latitude <degrees>', says: ['纬度', 'latitude'], isRequired: true }],
    ask: async (s, g) => s.ask(checkDuty({ ...ofDuty(s, g), body: { file: await fileAt(g.arg(1)), longitude: Number(g.text('longitude')), latitude: Number(g.text('latitude')) } })),
  },
  {
    usage: 'care done <duty>', says: ['唤醒保养', 'care before the return'], options: [{ flags: '--item <item=ok>', says: ['事项=ok 或 fail（可重复）', 'item=ok or fail (may be repeated)'], isRequired: true, isMany: true }],
    ask: (s, g) => s.ask(completeDuty({ ...ofDuty(s, g), body: { items: g.list('item').map((text) => { const [item, ok] = halves(text); return { item: wordFrom(item, wakeUpItems, '--item '), ok: ok !== 'fail' } }) } })),
  },
  {
    usage: 'care answer <duty> <answer>', says: ['答复', 'the merchant’s answer'], options: [wordsOption()],
    ask: (s, g) => s.ask(answerDuty({ ...ofDuty(s, g), body: present({ answer: g.argOf(1, careAnswers), words: g.text('words') }) })),
  },
  { usage: 'care settle <duty>', says: ['确认办妥', 'confirm that it is settled'], options: [wordsOption(true)], ask: (s, g) => s.ask(settleDuty({ ...ofDuty(s, g), body: wording(g) })) },
  {
    usage: 'care call <duty>', says: ['登记通话', 'the merchant was called'], options: [{ flags: '--reached', says: ['已接通', 'somebody answered'] }, wordsOption()],
    ask: (s, g) => s.ask(callDuty({ ...ofDuty(s, g), body: present({ reached: g.flag('reached'), words: g.text('words') }) })),
  },
]

export const care: Group = {
  says: ['故障、违规与停机看护', 'Faults, breaches, and care while stopped'],
  commands: [
    {
      usage: 'tickets', dryRun: 'reads', says: ['故障与违规单', 'tickets'],
      options: [{ flags: '--kind <kind>', says: ['fault 或 violation', 'fault or violation'] }, { flags: '--state <state>', says: ['只看这一状态', 'in this state only'] }, { flags: '--open', says: ['未结的', 'open ones'] }, limit, many],
      run: (session, given) => list(session, given, (paging) => session.ask(listTickets({
        client: session.client, query: present({ ...paging, kind: given.wordOf('kind', ticketKinds), state: given.wordOf('state', ticketStates), open: given.flag('open') ? ('true' as const) : undefined }),
      })), ticketColumns(session)),
    },
    {
      usage: 'ticket show <ticket>', dryRun: 'reads', says: ['一张单', 'one ticket'],
      async run(session, given) {
        session.show(await session.ask(getTicket({ client: session.client, path: { ticket: given.arg(0) } })), (one) => ticketLines(session, one))
        return 0
      },
    },
    ...ticketRows.map(commandOf(ticketLines)),
    {
      usage: 'care due', dryRun: 'reads', says: ['停机待办', 'what is due while stopped'], options: [{ flags: '--kind <kind>', says: ['只看这一类', 'of this kind only'] }, limit, many],
      run: (session, given) => list(session, given, (paging) => session.ask(listDuties({ client: session.client, query: present({ ...paging, kind: given.wordOf('kind', dutyKinds) }) })), dutyColumns(session)),
    },
    {
      usage: 'care show <tid>', dryRun: 'reads', says: ['一台终端的看护', 'what is looked after on a terminal'],
      async run(session, given) {
        session.show(await session.ask(getCare({ client: session.client, path: { tid: given.arg(0) } })), (one) => careLines(session, one))
        return 0
      },
    },
    {
      usage: 'care papers <tid>', dryRun: 'reads', says: ['档案与保存期', 'papers, and until when each is kept'],
      async run(session, given) {
        session.show(await session.ask(listPapers({ client: session.client, path: { tid: given.arg(0) } })), ({ items }) =>
          items.map((p) => `${instant(p.madeAt)}  ${p.kindWords}  ${p.what}  ${p.keptUntil ? session.say(`保存至 ${instant(p.keptUntil)}`, `kept until ${instant(p.keptUntil)}`) : session.say(`${p.from}起 ${p.years} 年`, `${p.years} years ${p.from}`)}`))
        return 0
      },
    },
    ...dutyRows.map(commandOf(dutyLines)),
  ],
}
