// What the page says, from the facts: every sentence, column and date as finished words, so that the template only has
// to set type. All of it is data to the template – text from people is never read as markup – and all text from people
// passes through `say`, which keeps one line of printable characters.

import { disposedParts, letterKinds, ownerOf, waysOut } from '../domain/vocabulary.ts'
import { clockOf, dayEn, dayZh, momentEn, momentZh } from './instants.ts'
import type { LetterFacts, LetterTerminal, TerminalLetterKind } from './letter.ts'
import type { Strip } from './strip.ts'
import { stripOf } from './strip.ts'

type Cell = { main: string; sub: string; tone: 'plain' | 'strong' | 'quiet' }
type Column = { zh: string; en: string; width_mm: number; align: 'left' | 'right' }
type Moment = { zh: string; en: string; day: string; clock: string; dayEn: string; note: string }
type LetterView = {
  title: { zh: string; en: string }
  no: string
  code: string
  keywords: string[]
  provider: { name: string; licence: string; hotline: string }
  /** The provider's name as separate characters, for the ring of the seal. */
  sealRing: string[]
  salutation: string
  sentences: { zh: string[]; en: string[] }
  moments: Moment[]
  tableTitle: { zh: string; en: string }
  columns: Column[]
  rows: Cell[][]
  strip: Strip | undefined
  basis: { zh: string; en: string; value: string; valueEn: string }[]
  issued: { zh: string; en: string }
  verifyUrl: string
  verifyUrlShown: string
  qr: string
}
type Say = (text: string) => string

// A run without a space or a Chinese character that is longer than its place may break every few characters, so that
// nothing overflows: in a cell soon, in a line of the page hardly ever – a number there stays whole.
const longInCell = /[^\s\p{Script=Han}]{15,}/gu
const longInLine = /[^\s\p{Script=Han}]{48,}/gu
/** Where the template may break a line; it prints nothing and is not in the file's text. */
const mayBreak = '\u200b'
const breakable = (text: string, long = longInLine): string =>
  text.replace(long, run => run.match(/.{1,6}/gu)!.join(mayBreak))

/** `¥1,234.50` */
export const yuan = (fen: number): string => {
  const [sign, whole] = [fen < 0 ? '−' : '', Math.trunc(Math.abs(fen) / 100)]
  return `${sign}¥${whole.toLocaleString('en-US')}.${String(Math.abs(fen) % 100).padStart(2, '0')}`
}

const plain = (main: string, sub = ''): Cell =>
  ({ main: breakable(main, longInCell), sub: breakable(sub, longInCell), tone: 'plain' })
const strong = (main: string, sub = ''): Cell => ({ ...plain(main, sub), tone: 'strong' })
const quiet = (main: string, sub = ''): Cell => ({ ...plain(main, sub), tone: 'quiet' })
const momentCell = (at: number | undefined, missing: string, missingEn: string): Cell =>
  at === undefined ? quiet(missing, missingEn) : plain(dayZh(at), clockOf(at))
const openCell = ({ openItems, openAmount_fen }: LetterTerminal): Cell =>
  openItems === 0 ? quiet('无', 'none') : strong(`${openItems} 笔`, yuan(openAmount_fen))

type TableColumn = Column & { cell: (terminal: LetterTerminal, say: Say) => Cell }
const column = (
  zh: string, en: string, width_mm: number, cell: TableColumn['cell'], align: Column['align'] = 'left',
): TableColumn => ({ zh, en, width_mm, align, cell })

const identity = column('终端', 'Terminal', 37, (t, say) =>
  strong(say(t.tid), [t.storeName, `${t.model} · ${t.serial}`].map(say).join('\n')))
const stoppedAt = column('停止收款', 'No new sales', 23.5, t => momentCell(t.effectiveFrom, '', ''))
const hostStopped = column('主机确认', 'Host refuses', 23.5, t => momentCell(t.hostBlockedAt, '待确认', 'pending'))
const deviceSaid = column('机具确认', 'Device confirms', 23.5, t => momentCell(t.deviceConfirmedAt, '待上报', 'pending'))
const drained = column('结清', 'Settled', 23.5, t => momentCell(t.drainedAt, '未结清', 'pending'))
const returns = column('预计恢复', 'Expected return', 23.5, t => momentCell(t.expectedUntil, '未约定', 'open-ended'))
const stillOpen = column('未结清', 'Still open', 20, openCell, 'right')
const tested = column('开机测试通过', 'Test passed', 23.5, t => momentCell(t.testedAt, '免测试', 'not required'))
const reopened = column('恢复收款', 'Sales resumed', 23.5, t => momentCell(t.reopenedAt, '待恢复', 'pending'))
const closed = column('注销', 'Closed', 23.5, t => momentCell(t.closedAt, '', ''))
const chargebacks = column('拒付追溯至', 'Chargebacks until', 23.5, t => momentCell(t.chargebackUntil, '无', 'none'))
const device = column('机具', 'Device', 30, (t, say) =>
  (t.device === undefined ? quiet('无', 'none') : plain(say(t.device.zh), say(t.device.en))))
const bound = column('机具启用', 'Device in place', 23.5, t => momentCell(t.boundAt, '', ''))
const former = column('换下机具', 'Device taken off', 38, (t, say) => (t.formerSerial === undefined ? quiet('无', 'none') : plain(say(t.formerSerial))))
const deposit = column('押金', 'Deposit', 32.5, ({ deposit: d }) =>
  (d === undefined ? quiet('无', 'none') : plain(`退 ${yuan(d.refundedFen)}`, `${yuan(d.heldFen)} − ${yuan(d.deductedFen)}`)), 'right')

// One terminal: its moments stand large above the table, which then only identifies it. Many: the table holds all.
const alone = {
  stop_confirmation: [
    column('终端号', 'Terminal', 24, (t, say) => strong(say(t.tid))),
    column('门店', 'Store', 42, (t, say) => plain(say(t.storeName))),
    column('机型与序列号', 'Model, serial', 38, (t, say) => plain(say(t.model), say(t.serial))),
    drained, returns, { ...stillOpen, width_mm: 19 },
  ],
  reopening_confirmation: [
    column('终端号', 'Terminal', 26, (t, say) => strong(say(t.tid))),
    column('门店', 'Store', 48, (t, say) => plain(say(t.storeName))),
    column('机型与序列号', 'Model, serial', 48, (t, say) => plain(say(t.model), say(t.serial))),
    { ...stoppedAt, zh: '停机起', en: 'Stopped from', width_mm: 28 }, stillOpen,
  ],
  closure_certificate: [
    column('终端号', 'Terminal', 22, (t, say) => strong(say(t.tid))),
    column('门店', 'Store', 36, (t, say) => plain(say(t.storeName))),
    column('机型与序列号', 'Model, serial', 38, (t, say) => plain(say(t.model), say(t.serial))),
    { ...device, width_mm: 36 }, { ...deposit, width_mm: 38 },
  ],
  handover_list: [
    column('终端号', 'Terminal', 24, (t, say) => strong(say(t.tid))),
    column('门店', 'Store', 46, (t, say) => plain(say(t.storeName))),
    column('现用机型与序列号', 'Model, serial now', 48, (t, say) => plain(say(t.model), say(t.serial))),
    { ...former, width_mm: 52 },
  ],
  hold_notice: [
    column('终端号', 'Terminal', 26, (t, say) => strong(say(t.tid))),
    column('门店', 'Store', 50, (t, say) => plain(say(t.storeName))),
    column('机型与序列号', 'Model, serial', 50, (t, say) => plain(say(t.model), say(t.serial))),
    { ...returns, width_mm: 24 }, { ...stillOpen, width_mm: 20 },
  ],
} as const satisfies Record<TerminalLetterKind, readonly TableColumn[]>
const together = {
  stop_confirmation: [
    identity, stoppedAt, hostStopped, deviceSaid, drained, returns, { ...stillOpen, width_mm: 15.5 },
  ],
  reopening_confirmation: [
    { ...identity, width_mm: 56 }, { ...stoppedAt, zh: '停机起', en: 'Stopped from' },
    tested, reopened, deviceSaid, stillOpen,
  ],
  closure_certificate: [identity, stoppedAt, closed, device, deposit, chargebacks],
  handover_list: [{ ...identity, width_mm: 46 }, bound, tested, reopened, { ...former, width_mm: 45.5 }],
  hold_notice: [{ ...identity, width_mm: 76 }, { ...stoppedAt, width_mm: 38 }, { ...returns, width_mm: 34 }, { ...stillOpen, width_mm: 22 }],
} as const satisfies Record<TerminalLetterKind, readonly TableColumn[]>

const moment = (zh: string, en: string, at: number | undefined, note: string, missing: [string, string]): Moment =>
  at === undefined
    ? { zh, en, day: missing[0], clock: '', dayEn: missing[1], note }
    : { zh, en, day: dayZh(at), clock: clockOf(at), dayEn: momentEn(at), note }

const momentsIn: Readonly<Record<TerminalLetterKind, (t: LetterTerminal) => Moment[]>> = {
  stop_confirmation: t => [
    moment('停止收款', 'No new sales', t.effectiveFrom, '自此刻起不再受理新的消费', ['', '']),
    moment('主机确认', 'Host refuses', t.hostBlockedAt, '所有受理主机均已拒绝', ['待确认', 'pending']),
    moment('机具确认', 'Device confirms', t.deviceConfirmedAt, '机具自行上报已停机', ['待上报', 'pending']),
  ],
  reopening_confirmation: t => [
    moment('开机测试通过', 'Test passed', t.testedAt, '全部必测项目通过', ['免测试', 'not required']),
    moment('恢复收款', 'Sales resumed', t.reopenedAt, '主机自此刻起受理消费', ['待恢复', 'pending']),
    moment('机具确认', 'Device confirms', t.deviceConfirmedAt, '机具自行上报已恢复', ['待上报', 'pending']),
  ],
  handover_list: t => [
    moment('机具启用', 'Device in place', t.boundAt, '终端号、商户号、序列号、位置、型号已登记', ['', '']),
    moment('开机测试通过', 'Test passed', t.testedAt, '全部必测项目通过', ['待测试', 'pending']),
    moment('开始收款', 'Sales from', t.reopenedAt, '首次签到后受理消费', ['另有停用项', 'held otherwise']),
  ],
  hold_notice: t => [
    moment('停止收款', 'No new sales', t.effectiveFrom, '自此刻起不再受理新的消费', ['', '']),
    moment('主机确认', 'Host refuses', t.hostBlockedAt, '所有受理主机均已拒绝', ['待确认', 'pending']),
  ],
  closure_certificate: t => [
    moment('停止收款', 'No new sales', t.effectiveFrom, '自此刻起不再受理新的消费', ['', '']),
    moment('注销', 'Closed', t.closedAt, '终端号不再启用，序列号已解绑', ['', '']),
    // A day, not a moment: its hour says nothing.
    {
      ...moment('拒付追溯至', 'Chargebacks until', t.chargebackUntil, '此前的交易仍可能被拒付', ['无', 'none']),
      clock: '', ...(t.chargebackUntil === undefined ? {} : { dayEn: dayEn(t.chargebackUntil) }),
    },
  ],
}

/** The one value all terminals share, or undefined when they differ or lack it. */
const shared = <T>(terminals: readonly LetterTerminal[], of: (terminal: LetterTerminal) => T): T | undefined => {
  const first = of(terminals[0]!)
  return terminals.every(t => of(t) === first) ? first : undefined
}

const subject = ({ terminals }: LetterFacts, say: Say): { zh: string; en: string; isOne: boolean } => {
  const first = terminals[0]!
  return terminals.length === 1
    ? { zh: `贵商户名下终端 ${say(first.tid)}（${say(first.storeName)}）`, en: `terminal ${say(first.tid)}`, isOne: true }
    : { zh: `贵商户名下 ${terminals.length} 台终端`, en: `${terminals.length} terminals`, isOne: false }
}

const openSentence = ({ terminals }: LetterFacts): { zh: string; en: string } => {
  const [count, amount] = [
    terminals.reduce((sum, t) => sum + t.openItems, 0),
    terminals.reduce((sum, t) => sum + t.openAmount_fen, 0),
  ]
  return count === 0
    ? { zh: '签发时没有未结清的交易。', en: 'Nothing was open at the time of issue.' }
    : {
        zh: `签发时仍有 ${count} 笔未结清，合计 ${yuan(amount)}；停机期间仍可冲正与结算。`,
        en: `${count === 1 ? '1 item was' : `${count} items were`} still open, ${yuan(amount)} in all; `
          + 'reversals and settlement remain possible.',
      }
}

const stopSentences = (facts: LetterFacts, say: Say): LetterView['sentences'] => {
  const { zh, en, isOne } = subject(facts, say)
  const at = shared(facts.terminals, t => t.effectiveFrom)
  const until = shared(facts.terminals, t => t.expectedUntil ?? 0)
  const reason = `${say(facts.reason.zh)}（${facts.reason.code}）`
  const back = until === undefined ? ['各终端的恢复时间见下表', 'expected returns are listed below']
    : until === 0 ? ['未约定恢复时间', 'no return date is set']
    : [`预计 ${momentZh(until)} 恢复`, `the expected return is ${momentEn(until)}`]
  const open = openSentence(facts)
  const owner = ownerOf(facts.reason.code)
  const way = waysOut[owner]
  // Only a maintenance window may end by itself, where its policy says so and its test passed.
  const staysShut = owner === 'operations' ? ['', ''] : ['停机不会自行解除；', ' A stop never ends by itself.']
  const since = at === undefined ? 'since the moments listed below' : `since ${momentEn(at)}`
  return {
    zh: [
      at === undefined
        ? `兹确认：${zh}已停止收款，各终端的时刻见下表；停机原因为${reason}，${back[0]}。`
        : `兹确认：${zh}已于 ${momentZh(at)} 停止收款；停机原因为${reason}，${back[0]}。`,
      `${open.zh}${staysShut[0]}恢复方式：${way[0]}。`,
    ],
    en: [
      `We confirm that ${en} ${isOne ? 'has' : 'have'} taken no new sales ${since} (reason: ${say(facts.reason.en)}); `
        + `${back[1]}. ${open.en}${staysShut[1]} The way back: ${way[1]}.`,
    ],
  }
}

const reopeningSentences = (facts: LetterFacts, say: Say): LetterView['sentences'] => {
  const { zh, en, isOne } = subject(facts, say)
  const at = shared(facts.terminals, t => t.reopenedAt)
  const testedAll = facts.terminals.every(t => t.testedAt !== undefined)
  return {
    zh: [
      `兹确认：${zh}${testedAll ? '已通过开机测试，' : '已'}`
        + (at === undefined ? '恢复收款，各终端的时刻见下表' : `于 ${momentZh(at)} 恢复收款`)
        + `；原停机原因为${say(facts.reason.zh)}（${facts.reason.code}）。`,
      '机具如提示签到，请先签到再收款。',
    ],
    en: [
      `We confirm that ${en} ${isOne ? 'has' : 'have'} ${testedAll ? 'passed the device test and ' : ''}resumed sales `
        + `${at === undefined ? 'at the moments listed below' : `on ${momentEn(at)}`}`
        + ` (stopped for: ${say(facts.reason.en)}). If the device asks for it, sign on before the first sale.`,
    ],
  }
}

const closureSentences = (facts: LetterFacts, say: Say): LetterView['sentences'] => {
  const { zh, en, isOne } = subject(facts, say)
  const at = shared(facts.terminals, t => t.closedAt)
  const until = shared(facts.terminals, t => t.chargebackUntil ?? 0)
  const open = openSentence(facts)
  const deposits = facts.terminals.flatMap(t => t.deposit ?? [])
  const sum = (of: 'heldFen' | 'deductedFen' | 'refundedFen'): string => yuan(deposits.reduce((n, d) => n + d[of], 0))
  const money = deposits.length === 0 ? ['', '']
    : [`押金 ${sum('heldFen')}，扣 ${sum('deductedFen')}，已退 ${sum('refundedFen')}。`,
      ` Of the deposit of ${sum('heldFen')}, ${sum('deductedFen')} was deducted and ${sum('refundedFen')} refunded.`]
  const tail = until === 0 ? ['', '']
    : until === undefined ? ['拒付追溯期见下表。', ' Until when chargebacks may still come in is listed below.']
    : [`拒付追溯期至 ${dayZh(until)}，此前的交易如被拒付仍由贵商户承担。`,
      ` Until ${dayEn(until)} chargebacks of earlier sales may still come in; they remain with the merchant.`]
  return {
    zh: [
      `兹证明：${zh}已${at === undefined ? '注销（时刻见下表）' : `于 ${momentZh(at)} 注销`}，终端号不再启用，机具序列号已解除绑定；`
        + `注销原因为${say(facts.reason.zh)}（${facts.reason.code}）。`,
      `${open.zh}${money[0]}${tail[0]}`,
    ],
    en: [
      `We certify that ${en} ${isOne ? 'was' : 'were'} closed for good ${at === undefined ? 'at the moments listed below' : `on ${momentEn(at)}`}`
        + ` (reason: ${say(facts.reason.en)}); the number${isOne ? ' is' : 's are'} never used again and the serial number${isOne ? ' is' : 's are'}`
        + ` no longer bound. ${open.en}${money[1]}${tail[1]}`,
    ],
  }
}

const handoverSentences = (facts: LetterFacts, say: Say): LetterView['sentences'] => {
  const { zh, en, isOne } = subject(facts, say)
  const swapped = facts.terminals.some(t => t.formerSerial !== undefined)
  return {
    zh: [
      `兹确认：${zh}${swapped ? '已更换机具，终端号、历史与停用项不变' : '已装机开通'}，机具清单如下；原因为${say(facts.reason.zh)}（${facts.reason.code}）。`,
      `终端号、商户号、机具序列号、位置、型号已按新机具登记${swapped ? '，换下的序列号不再受理' : ''}。首次收款前请先签到。`,
    ],
    en: [
      `We confirm that ${en} ${swapped ? `${isOne ? 'has' : 'have'} a new device; the number, the history and every hold stay as they were` : `${isOne ? 'was' : 'were'} installed`}`
        + ` (${say(facts.reason.en)}). Terminal number, merchant number, serial, position and model are registered for the device listed below`
        + `${swapped ? '; the serial taken off is not accepted any more' : ''}. Sign on before the first sale.`,
    ],
  }
}

const noticeSentences = (facts: LetterFacts, say: Say): LetterView['sentences'] => {
  const { zh, en } = subject(facts, say)
  const at = facts.terminals[0]!.effectiveFrom
  const owner = ownerOf(facts.reason.code)
  const asked = facts.demand
  return {
    zh: [
      `现通知：${zh}自 ${momentZh(at)} 起停用，原因为${say(facts.reason.zh)}（${facts.reason.code}）。${asked === undefined ? '' : say(asked.zh)}`,
      `恢复方式：${waysOut[owner][0]}。停用不会自行解除；如有疑问请致电 ${say(facts.provider.hotline)}。`,
    ],
    en: [
      `We give notice that ${en} is stopped from ${momentEn(at)} (reason: ${say(facts.reason.en)}, ${facts.reason.code}).${asked === undefined ? '' : ` ${say(asked.en)}`} `
        + `The way back: ${waysOut[owner][1]}. A stop never ends by itself; call ${say(facts.provider.hotline)}.`,
    ],
  }
}

const sentencesOf: Readonly<Record<TerminalLetterKind, (facts: LetterFacts, say: Say) => LetterView['sentences']>> = {
  stop_confirmation: stopSentences, reopening_confirmation: reopeningSentences, closure_certificate: closureSentences, handover_list: handoverSentences, hold_notice: noticeSentences,
}

const basisOf = (facts: LetterFacts, say: Say): LetterView['basis'] => [
  ...(facts.caseNo === undefined ? [] : [{ zh: '办件编号', en: 'Case', value: say(facts.caseNo), valueEn: '' }]),
  { zh: facts.kind === 'closure_certificate' ? '注销原因' : facts.kind === 'handover_list' ? '办理原因' : '停机原因', en: 'Reason', value: `${facts.reason.code} ${say(facts.reason.zh)}`, valueEn: say(facts.reason.en) },
  { zh: '依据规则', en: 'Policy', value: say(facts.policyVersion), valueEn: '' },
  { zh: '决定', en: 'Decided by', value: say(facts.decidedBy.zh), valueEn: say(facts.decidedBy.en) },
]

/** The finished words of a letter. `say` makes one printable line of any text; `qr` is an SVG image. */
export const letterView = (facts: LetterFacts, say: Say, qr: string): LetterView =>
  pageOf(facts, say, qr, facts.kind === 'disposal_certificate' ? disposalPart(facts, say) : terminalPart({ ...facts, kind: facts.kind }, say))

type Part = Pick<LetterView, 'sentences' | 'moments' | 'tableTitle' | 'columns' | 'rows' | 'strip'> & { basis: LetterView['basis'] }

/** What was destroyed, a row each, with its number; no name and no word of anybody. */
function disposalPart(facts: LetterFacts, say: Say): Part {
  const { keyDestroyedAt, clearedAt, rows, dueOn, basis, proposedBy, confirmedBy } = facts.disposal!
  return {
    sentences: {
      zh: [
        `兹证明：商户号 ${say(facts.merchant.mid)} 的个人信息与档案已于 ${momentZh(keyDestroyedAt)} 通过销毁其专用密钥而不可恢复，`
          + `未加密的部分已于 ${momentZh(clearedAt)} 清除完毕。`,
        '依法继续保存：账簿与凭证（仅金额与编号）、交易记录（卡号仅前六后四）、日志（仅摘要）。',
      ],
      en: [
        `We certify that the personal data and the file of merchant ${say(facts.merchant.mid)} became unreadable on ${momentEn(keyDestroyedAt)} by the destruction `
          + `of its own key, and that what was not under it was removed by ${momentEn(clearedAt)}. Kept by law: ledger and vouchers (amounts and numbers), `
          + 'records of transactions (first six and last four digits of cards), the journal (digests).',
      ],
    },
    moments: [
      moment('销毁密钥', 'Key destroyed', keyDestroyedAt, '其加密的内容自此不可读取', ['', '']),
      moment('清理完毕', 'Cleared', clearedAt, '未加密的部分已清除', ['', '']),
    ],
    tableTitle: { zh: '销毁内容', en: 'What was disposed of' },
    columns: [{ zh: '内容', en: 'What', width_mm: 120, align: 'left' }, { zh: '数量', en: 'Number', width_mm: 50, align: 'right' }],
    rows: rows.map(({ part, count }) => [strong(disposedParts[part][0], disposedParts[part][1]), plain(String(count))]),
    strip: undefined,
    basis: [
      { zh: '可销毁日', en: 'Due from', value: say(dueOn), valueEn: '' },
      ...basis.map((b) => ({ zh: '保存期限', en: 'Retention', value: `${say(b.zh)}，至 ${say(b.until)}`, valueEn: say(b.en) })),
      { zh: '提出', en: 'Proposed by', value: say(proposedBy), valueEn: '' },
      { zh: '复核', en: 'Confirmed by', value: say(confirmedBy), valueEn: '' },
    ],
  }
}

function terminalPart(facts: LetterFacts & { kind: TerminalLetterKind }, say: Say): Part {
  const { kind, terminals } = facts
  const isOne = terminals.length === 1
  const columns: readonly TableColumn[] = isOne ? alone[kind] : together[kind]
  return {
    sentences: sentencesOf[kind](facts, say),
    moments: isOne ? momentsIn[kind](terminals[0]!) : [],
    tableTitle: isOne ? { zh: '终端', en: 'Terminal' } : { zh: `终端明细（${terminals.length} 台）`, en: 'Terminals' },
    columns: columns.map(({ cell, ...shown }) => shown),
    rows: terminals.map(terminal => columns.map(({ cell }) => cell(terminal, say))),
    strip: stripOf(facts.schedule, facts.issuedAt),
    basis: basisOf(facts, say),
  }
}

function pageOf(facts: LetterFacts, say: Say, qr: string, { sentences, basis, ...part }: Part): LetterView {
  const title = letterKinds[facts.kind]
  const providerName = say(facts.provider.name)
  return {
    ...part,
    title: { zh: title[0], en: title[1].replace(/^./, c => c.toUpperCase()) },
    no: facts.no,
    code: facts.code,
    keywords: [facts.no, facts.code],
    provider: {
      name: providerName,
      licence: facts.provider.licenceNo === undefined ? '' : say(facts.provider.licenceNo),
      hotline: `客服 ${say(facts.provider.hotline)}`,
    },
    sealRing: [...providerName].filter(c => c !== ' ').slice(0, 24),
    salutation: breakable(`${say(facts.merchant.name)}（商户号 ${say(facts.merchant.mid)}）：`),
    sentences: { zh: sentences.zh.map(s => breakable(s)), en: sentences.en.map(s => breakable(s)) },
    basis: basis.map(({ value, valueEn, ...label }) =>
      ({ ...label, value: breakable(value), valueEn: breakable(valueEn) })),
    issued: { zh: dayZh(facts.issuedAt), en: dayEn(facts.issuedAt) },
    verifyUrl: facts.verifyUrl,
    verifyUrlShown: say(facts.verifyUrl),
    qr,
  }
}
