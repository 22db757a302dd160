// Money: what is owed and why, contracts, invoices, payments; what a stop would cost; what being paid another way would cost.
import { readFile } from 'node:fs/promises'
import {
  compareAlternatives, confirmWaiver, getBalance, getContract, getOptions, getStatementFile, getTerminalOptions, issueInvoice, listChannels, listInvoices, listStatement,
  payBack, putContract, recordPayment, returnPayment, waiveFee,
} from '../../client/generated/sdk.gen.ts'
import type { CompareAlternativesBody, CompareAlternativesReply, GetBalanceReply, GetContractReply, GetInvoiceReply, GetTerminalOptionsReply, ListStatementReply, PutContractBody } from '../../client/generated/types.gen.ts'
import { cardKinds, channelKinds, entryKinds, invoiceStates, paymentMethods, words, type CardKind } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group, type Option } from '../command.ts'
import { saveTo } from '../files.ts'
import { present, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { wrong } from '../refused.ts'
import type { Session } from '../session.ts'
import { instant, money, readYuan, wordIn } from '../show.ts'
import { pairs, type Column } from '../table.ts'

const providerOption = { flags: '--provider <id>', says: ['机构', 'the provider'] } as const satisfies Option
const amountOption = { flags: '--amount <yuan>', says: ['金额（元）', 'the amount in yuan'], isRequired: true } as const satisfies Option
const methodOption = { flags: '--method <method>', says: ['方式：transfer、debit、card、qr、cash（默认 transfer）', 'transfer, debit, card, qr or cash (transfer unless told)'] } as const satisfies Option
const referenceOption = { flags: '--reference <text>', says: ['回单号', 'the number on the slip'], isRequired: true } as const satisfies Option
const caseOption = { flags: '--case <no>', says: ['专为某办件', 'for a case'] } as const satisfies Option

function amountIn(given: Given, name = 'amount'): { fen: number } {
  const fen = readYuan(given.text(name) ?? '')
  if (fen === undefined || fen <= 0) throw wrong(`--${name} 应为金额，如 50 或 1,234.50。`, `--${name} should be an amount such as 50 or 1,234.50.`)
  return { fen }
}
const of = (given: Given): { provider?: string } => present<{ provider?: string }>({ provider: given.text('provider') })
const faint = (session: Session) => (name: string) => session.screen.paint('faint', name)

const balanceLines = (session: Session, { items }: GetBalanceReply): string[] => items.flatMap((b, i) => [
  ...(i === 0 ? [] : ['']),
  `${session.screen.paint('strong', b.provider)}  ${b.sentence}`,
  ...pairs([
    [session.say('欠款', 'owed'), `${money(b.owed)}${b.overdue.fen > 0 ? session.say(`（逾期 ${money(b.overdue)}）`, ` (overdue ${money(b.overdue)})`) : ''}`],
    [session.say('余额', 'credit'), b.credit.fen > 0 ? money(b.credit) : undefined],
    [session.say('押金', 'deposits'), money(b.deposits)],
    [session.say('最早欠款', 'oldest'), b.oldestOpenAt === null ? undefined : instant(b.oldestOpenAt)],
    ...b.waiversWaiting.map((w): [string, string] => [session.say('待复核减免', 'waiver to confirm'), `${money(w.amount)}  ${w.words}  ${w.id}`]),
  ], faint(session)),
])

type Row = ListStatementReply['items'][number]
const statementColumns = ({ say, language }: Session): Column<Row>[] => [
  { title: say('时间', 'at'), cell: (e) => instant(e.at).slice(0, 16) },
  { title: say('类别', 'kind'), cell: (e) => wordIn(entryKinds, e.kind, language) },
  { title: say('金额', 'amount'), cell: (e) => money(e.amount), align: 'right' },
  { title: say('终端', 'terminal'), cell: (e) => e.terminal ?? e.application ?? '–' },
  { title: say('摘要', 'what for'), cell: (e) => e.formula ?? e.words, width_min: 20 },
]

const contractLines = (session: Session, { items }: GetContractReply): string[] => items.flatMap((a, i) => {
  const { terms: t } = a
  const yuan = (fen: number): string => money({ fen })
  const head = a.contract === null ? session.say(`按规则第 ${t.policyVersion} 版`, `by policy version ${t.policyVersion}`)
    : session.say(`合同第 ${a.contract.version} 版，${a.contract.effectiveFrom} 起`, `contract version ${a.contract.version}, from ${a.contract.effectiveFrom}`)
  return [
    ...(i === 0 ? [] : ['']),
    `${session.screen.paint('strong', a.provider)}  ${head}`,
    ...pairs([
      [session.say('在用月费', 'in service'), yuan(t.monthlyInServiceFen)],
      [session.say('停机月费', 'while stopped'), `${yuan(t.monthlyWhileSuspendedFen)}${t.freeSuspendedDays > 0 ? session.say(`（每次前 ${t.freeSuspendedDays} 天免）`, ` (first ${t.freeSuspendedDays} days free)`) : ''}`],
      [session.say('流量费', 'data traffic'), t.dataMonthlyFen > 0 ? yuan(t.dataMonthlyFen) : undefined],
      [session.say('年费', 'annual'), t.annualFen > 0 ? yuan(t.annualFen) : undefined],
      [session.say('复机费', 'reopening'), yuan(t.reopeningFen)],
      [session.say('换机费', 'restocking'), yuan(t.restockingFen)],
      [session.say('提前终止', 'early end'), `${yuan(t.earlyTermination.flatFen)}${t.earlyTermination.perMonthLeftFen > 0 ? ` + ${yuan(t.earlyTermination.perMonthLeftFen)} × ${session.say('剩余月数', 'months left')}` : ''}${t.earlyTermination.until === null ? '' : session.say(`（至 ${t.earlyTermination.until}）`, ` (until ${t.earlyTermination.until})`)}`],
      ...t.rates.map((r): [string, string] => [wordIn(cardKinds, r.card, session.language), `${r.ppm / 10_000} %${r.capFen === null ? '' : session.say(`，每笔最高 ${yuan(r.capFen)}`, `, at most ${yuan(r.capFen)} each`)}`]),
    ], faint(session)),
  ]
})

const invoiceLines = (session: Session, i: GetInvoiceReply): string[] => [
  `${session.screen.paint('strong', i.no)}  ${wordIn(invoiceStates, i.state, session.language)}  ${money(i.total)}${i.open.fen > 0 ? session.say(`，未付 ${money(i.open)}，${i.dueOn} 前付清`, `, ${money(i.open)} open, due ${i.dueOn}`) : ''}`,
  ...i.lines.map((l) => `  ${money(l.amount).padStart(12)}  ${l.words}${l.terminal === null ? '' : `  ${l.terminal}`}${l.formula === null ? '' : `  ${session.screen.paint('faint', l.formula)}`}`),
]

const optionLines = (session: Session, view: GetTerminalOptionsReply): string[] => {
  const names = { keep: session.say('继续用', 'keep'), suspend: session.say('停机', 'suspend'), swap: session.say('换机', 'swap'), close: session.say('注销', 'close') } as const
  return [
    session.say(`${view.from} 起 ${view.days} 天：`, `${view.days} days from ${view.from}:`),
    ...view.options.flatMap((o) => [
      `${session.screen.paint('strong', names[o.option].padEnd(8))} ${money(o.cost)}${o.offered ? '' : session.say('（机构暂不受理）', ' (not taken yet)')}`,
      ...o.lines.map((l) => `  ${money(l.amount).padStart(12)}  ${l.words}  ${session.screen.paint('faint', l.formula)}`),
    ]),
    ...(view.owed.fen > 0 ? [session.say(`无论怎样选，已欠 ${money(view.owed)}。`, `Owed already, whatever is chosen: ${money(view.owed)}.`)] : []),
    session.screen.paint('faint', view.rule),
  ]
}

// ── Comparing ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** '0.38' (per cent) → 3800 ppm, digit by digit. */
export function readPercent(text: string): number | undefined {
  const [, whole, part = ''] = /^(\d{1,2})(?:\.(\d{1,4}))?$/.exec(text.trim()) ?? []
  return whole === undefined ? undefined : Number(whole + part.padEnd(4, '0'))
}

type Offer = NonNullable<CompareAlternativesBody['offers']>[number]
/** 'X 银行:credit=0.6,debit=0.5/20,qr=0.38,monthly=10,device=299' */
export function readOffer(text: string): Offer {
  const at = text.search(/[:：]/)
  const bad = (): never => {
    throw wrong(`--offer 应如 'X 银行:credit=0.6,debit=0.5/20,qr=0.38,monthly=10,device=299'，不是「${text}」。`, `--offer should be like 'Bank X:credit=0.6,debit=0.5/20,qr=0.38,monthly=10,device=299', not "${text}".`)
  }
  if (at <= 0) bad()
  const offer: Offer = { kind: 'other', name: text.slice(0, at).trim(), rates: [] }
  for (const part of text.slice(at + 1).split(/[,，]/)) {
    const [name = '', value = ''] = part.split('=').map((s) => s.trim())
    const fen = readYuan(value)
    if (name === 'monthly' && fen !== undefined) offer.monthlyFen = fen
    else if (name === 'device' && fen !== undefined) offer.deviceFen = fen
    else if ((words(cardKinds) as string[]).includes(name)) {
      const [rate = '', cap] = value.split('/')
      const ppm = readPercent(rate)
      const capFen = cap === undefined ? undefined : readYuan(cap)
      if (ppm === undefined || (cap !== undefined && capFen === undefined)) bad()
      offer.rates.push({ card: name as CardKind, ppm: ppm!, ...(capFen === undefined ? {} : { capFen }) })
    } else bad()
  }
  return offer.rates.length === 0 ? bad() : offer
}

const wayLines = (session: Session, view: CompareAlternativesReply): string[] => {
  const { say, language, screen } = session
  const mix = view.mix.items.map((i) => `${wordIn(cardKinds, i.card, language)} ${money(i.amount)}`).join(say('、', ', '))
  return [
    `${view.mix.basis === 'own' ? say(`最近九十天（${view.mix.from} 至 ${view.mix.until}）：`, `the last ninety days (${view.mix.from} to ${view.mix.until}): `) : say('每月：', 'a month: ')}${mix}`,
    '',
    ...view.ways.flatMap((w) => [
      `${screen.paint('strong', w.name)}${w.source === 'today' ? say('（现在）', ' (today)') : ''}  ${wordIn(channelKinds, w.kind, language)}  ${say('每月', 'a month')} ${money(w.perMonth)}${w.difference === null || w.source === 'today' ? '' : `  ${w.difference.fen > 0 ? '+' : ''}${money(w.difference)}`}`,
      ...w.lines.map((l) => `  ${money(l.amount).padStart(12)}  ${l.words}  ${screen.paint('faint', l.formula)}`),
      ...(w.once.fen > 0 ? [`  ${money(w.once).padStart(12)}  ${say('机具，一次', 'device, once')}`] : []),
      ...(w.notTaken.length > 0 ? [`  ${screen.paint('bad', say('不受理：', 'does not take: ') + w.notTaken.map((c) => wordIn(cardKinds, c, language)).join(say('、', ', ')))}`] : []),
      ...w.flags.map((f) => `  ${screen.paint(f.severity === 'fine' ? 'good' : 'bad', f.severity === 'fine' ? '✓' : '!')} ${f.words}`),
    ]),
    '',
    view.sentence,
  ]
}

const compareCommands: readonly Command[] = [
  {
    usage: 'compare', dryRun: 'reads',
    says: ['换一种收款方式要花多少', 'what being paid another way would cost'],
    options: [
      { flags: '--merchant <mid>', says: ['商户号', 'the merchant'] }, providerOption,
      { flags: '--credit <yuan>', says: ['每月贷记卡金额；都省略则按最近九十天', 'credit a month; the last ninety days where none is given'] },
      { flags: '--debit <yuan>', says: ['每月借记卡金额', 'debit a month'] }, { flags: '--qr <yuan>', says: ['每月扫码金额', 'QR a month'] },
      { flags: '--offer <offer>', isMany: true, says: ["别人的报价：'X 银行:credit=0.6,debit=0.5/20,qr=0.38,monthly=10,device=299'", "an offer: 'Bank X:credit=0.6,debit=0.5/20,qr=0.38,monthly=10,device=299'"] },
    ],
    async run(session, given) {
      const mix = words(cardKinds).filter((card) => given.text(card) !== undefined).map((card) => ({ card, amountFen: amountIn(given, card).fen }))
      const body = present<CompareAlternativesBody>({
        merchant: given.text('merchant'), provider: given.text('provider'), mix: mix.length === 0 ? undefined : mix, offers: given.list('offer').map(readOffer),
      })
      session.show(await session.ask(compareAlternatives({ client: session.client, body })), (view) => wayLines(session, view))
      return 0
    },
  },
  {
    usage: 'channels', dryRun: 'reads', says: ['机构登记的收款渠道', 'the channels kept for comparison'],
    async run(session) {
      const { say, language } = session
      session.show(await session.ask(listChannels({ client: session.client })), ({ items }) => session.table([
        { title: say('名称', 'name'), cell: (c) => c.name, width_min: 10 }, { title: say('类别', 'kind'), cell: (c) => wordIn(channelKinds, c.kind, language) },
        { title: say('费率', 'rates'), cell: (c) => c.rates.map((r) => `${r.card} ${r.ppm / 10_000} %`).join(', ') }, { title: say('月费', 'monthly'), cell: (c) => money({ fen: c.monthlyFen ?? 0 }) },
        { title: say('机具', 'device'), cell: (c) => money({ fen: c.deviceFen ?? 0 }) }, { title: say('机构', 'kept by'), cell: (c) => c.provider }, { title: 'id', cell: (c) => c.id },
      ], items))
      return 0
    },
  },
]

const reading: readonly Command[] = [
  {
    usage: 'money balance <mid>', dryRun: 'reads', says: ['往来余额', 'what is owed either way'], options: [providerOption],
    async run(session, given) {
      session.show(await session.ask(getBalance({ client: session.client, path: { mid: given.arg(0) }, query: of(given) })), (view) => balanceLines(session, view))
      return 0
    },
  },
  {
    usage: 'money statement <mid>', dryRun: 'reads', says: ['账务明细；-o 存为 CSV', 'every entry of the account; -o saves it as CSV'],
    options: [providerOption, limit, many, { flags: '-o, --output <file>', says: ['存为 CSV（- 为标准输出）', 'save as CSV (- is the standard output)'] }],
    async run(session, given) {
      const { client } = session
      const path = { mid: given.arg(0) }
      const output = given.text('output')
      if (output === undefined) return list(session, given, (paging) => session.ask(listStatement({ client, path, query: { ...paging, ...of(given) } })), statementColumns(session))
      const { value } = await session.ask(getStatementFile({ client, path, query: of(given), parseAs: 'stream' }))
      await saveTo(session, output, value as unknown as ReadableStream<Uint8Array>)
      return 0
    },
  },
  {
    usage: 'money contract <mid>', dryRun: 'reads', says: ['合同与费率', 'what was agreed'], options: [providerOption],
    async run(session, given) {
      session.show(await session.ask(getContract({ client: session.client, path: { mid: given.arg(0) }, query: of(given) })), (view) => contractLines(session, view))
      return 0
    },
  },
  {
    usage: 'money invoices <mid>', dryRun: 'reads', says: ['账单', 'invoices'], options: [providerOption],
    async run(session, given) {
      session.show(await session.ask(listInvoices({ client: session.client, path: { mid: given.arg(0) }, query: of(given) })), ({ items }) =>
        (items.length === 0 ? [session.say('没有账单。', 'No invoice.')] : items.flatMap((i) => invoiceLines(session, i))))
      return 0
    },
  },
  {
    usage: 'money options <tidOrCase>', dryRun: 'reads', says: ['停之前算一算：继续用、停机、换机、注销各要多少', 'what keeping, suspending, swapping or closing would cost'],
    options: [{ flags: '--from <day>', says: ['首日，如 2026-11-28', 'first day, such as 2026-11-28'] }, { flags: '--until <day>', says: ['恢复日', 'day of the return'] }],
    async run(session, given) {
      const { client } = session
      const what = given.arg(0)
      const told = await session.ask(/^[0-9A-Za-z]{8}$/.test(what)
        ? getTerminalOptions({ client, path: { tid: what.toUpperCase() }, query: present<{ from?: string; until?: string }>({ from: given.text('from'), until: given.text('until') }) })
        : getOptions({ client, path: { no: what } }))
      session.show(told, (view) => optionLines(session, view))
      return 0
    },
  },
]

const writing: readonly Command[] = [
  {
    usage: 'money agree <mid>', dryRun: 'rehearsed', says: ['登记合同（JSON 文件）', 'write a contract, from a JSON file'],
    options: [{ flags: '--from <day>', says: ['从哪天起按此计费', 'the day it counts from'], isRequired: true }, { flags: '--file <file>', says: ['合同内容', 'the contract'], isRequired: true }, providerOption],
    async run(session, given) {
      const contract = await jsonAt(given.text('file')!)
      const told = await session.ask(putContract({
        client: session.client, path: { mid: given.arg(0) }, query: { ...of(given), ...session.rehearsal }, body: { effectiveFrom: given.text('from')!, contract } as PutContractBody,
      }))
      session.show(told, (view) => contractLines(session, { items: [view] }))
      return 0
    },
  },
  {
    usage: 'money invoice <mid>', dryRun: 'rehearsed', says: ['出账', 'put what is on no invoice yet on one'], options: [providerOption],
    async run(session, given) {
      const told = await session.ask(issueInvoice({ client: session.client, path: { mid: given.arg(0) }, query: session.rehearsal, body: of(given) }))
      session.show(told, (i) => invoiceLines(session, i))
      return 0
    },
  },
  {
    usage: 'money pay <mid>', dryRun: 'rehearsed', says: ['登记收款', 'record a payment'], options: [amountOption, referenceOption, methodOption, caseOption, providerOption],
    async run(session, given) {
      const told = await session.ask(recordPayment({
        client: session.client, path: { mid: given.arg(0) }, query: session.rehearsal,
        body: { ...of(given), amount: amountIn(given), method: given.wordOf('method', paymentMethods) ?? 'transfer', reference: given.text('reference')!, ...present<{ application?: string }>({ application: given.text('case') }) },
      }))
      session.show(told, (p) => [`${money(p.amount)}  ${wordIn(paymentMethods, p.method, session.language)} ${p.reference}  ${p.id}`])
      return 0
    },
  },
  {
    usage: 'money return <payment>', dryRun: 'rehearsed', says: ['收款退回', 'the bank took a payment back'], options: [wordsOption(true)],
    async run(session, given) {
      const told = await session.ask(returnPayment({ client: session.client, path: { payment: given.arg(0) }, query: session.rehearsal, body: { words: given.text('words')! } }))
      session.show(told, (p) => [session.say(`${p.reference} 的 ${money(p.amount)} 已退回，恢复欠款。`, `${money(p.amount)} of ${p.reference} was returned and is owed again.`)])
      return 0
    },
  },
  {
    usage: 'money back <mid>', dryRun: 'rehearsed', says: ['退还余额', 'pay credit back'], options: [amountOption, referenceOption, methodOption, providerOption],
    async run(session, given) {
      const told = await session.ask(payBack({
        client: session.client, path: { mid: given.arg(0) }, query: session.rehearsal,
        body: { ...of(given), amount: amountIn(given), method: given.wordOf('method', paymentMethods) ?? 'transfer', reference: given.text('reference')! },
      }))
      session.show(told, (p) => [session.say(`已退还 ${money(p.amount)}。`, `${money(p.amount)} paid back.`)])
      return 0
    },
  },
  {
    usage: 'money waive <mid>', dryRun: 'rehearsed', says: ['减免费用；超过限额须另一人复核', 'waive a fee; above the limit a second person confirms'], options: [amountOption, wordsOption(true), caseOption, providerOption],
    async run(session, given) {
      const told = await session.ask(waiveFee({
        client: session.client, path: { mid: given.arg(0) }, query: session.rehearsal,
        body: { ...of(given), amount: amountIn(given), words: given.text('words')!, ...present<{ application?: string }>({ application: given.text('case') }) },
      }))
      session.show(told, (w) => [w.posted ? session.say(`已减免 ${money(w.amount)}。`, `${money(w.amount)} waived.`)
        : session.say(`减免 ${money(w.amount)} 待另一人复核：tingqi money confirm ${w.id}`, `The waiver of ${money(w.amount)} waits for a second person: tingqi money confirm ${w.id}`)])
      return 0
    },
  },
  {
    usage: 'money confirm <waiver>', dryRun: 'rehearsed', says: ['复核减免', 'confirm a waiver, as a second person'],
    async run(session, given) {
      const told = await session.ask(confirmWaiver({ client: session.client, path: { waiver: given.arg(0) }, query: session.rehearsal, body: {} }))
      session.show(told, (w) => [session.say(`已减免 ${money(w.amount)}。`, `${money(w.amount)} waived.`)])
      return 0
    },
  },
]

async function jsonAt(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => { throw wrong(`打不开文件 ${path}。`, `The file ${path} cannot be opened.`) })
  try {
    return JSON.parse(text)
  } catch {
    throw wrong(`${path} 不是 JSON。`, `${path} is not JSON.`)
  }
}

export const moneyGroup: Group = { says: ['费用、合同与比较', 'Money'], commands: [...reading, ...writing, ...compareCommands] }
