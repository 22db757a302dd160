// Which fact tells whom what, and which fact makes which letter – one table. Effects become rows in the transaction of their
// fact; carrying them further (mail, print, webhook) is the jobs' business and may be retried as often as it takes.
import type { Case, Fact } from './application/case.ts'
import { dateOf, instantOf } from './calendar.ts'
import type { Entry } from './ledger.ts'
import { formatYuan } from './money.ts'
import { askWords, type Demand } from './care-demands.ts'
import { holdOwners, materialTypes, mayAppeal, reasons, testItems, waysOut, type LetterKind, type ApplicationKind, type NoticeKind, type Words } from './vocabulary.ts'
import { depositGiven, depositTaken, lineWords } from './deposit.ts'
import type { Return, ReturnFact } from './device.ts'
import { inEffect, isOfReplacement, type Hold, type Terminal } from './terminal.ts'

export type Effect =
  | { effect: 'notice'; kind: NoticeKind; to: 'merchant' | 'provider'; tid?: string; words: Words }
  | { effect: 'letter'; kind: LetterKind }
  | { effect: 'plan_backup'; tid: string; from: number }
  | { effect: 'post'; entries: readonly Entry[] }

/** The question a merchant is asked when a terminal has not sold for months. */
export const dormancyWords = (tid: string, months: number, answerBy: number, zone: string, hotline: string): Words => [
  `终端 ${tid} 已 ${months} 个月没有交易。请在 ${when(answerBy, zone)} 前答复：继续使用、重新核实、停机或注销；逾期未核实将停用。电话 ${hotline}。`,
  `Terminal ${tid} has had no transaction for ${months} months. Please answer by ${when(answerBy, zone)}: keep, re-verify, suspend or close; unanswered it will be stopped. Call ${hotline}.`,
]

export type Around = {
  case: Case | undefined
  terminals: ReadonlyMap<string, Terminal>
  /** Devices on their way back in this case, by their terminal. */
  returns?: ReadonlyMap<string, Return> | undefined
  now: number
  zone: string
  hotline: string
  providerName: Words
  /** What a hold of the provider's asks of the merchant. */
  demand?: ((hold: Hold) => Demand | undefined) | undefined
}

/** '2026-11-27 15:00' in the zone of the people who read it. */
export function when(at: number, zone: string): string {
  const date = dateOf(at, zone)
  const minutes = Math.floor((at - instantOf(date, '00:00', zone)) / 60_000)
  return `${date} ${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

const both = (kind: NoticeKind, words: Words, tid?: string): Effect[] => [notice(kind, 'merchant', words, tid), notice(kind, 'provider', words, tid)]
const notice = (kind: NoticeKind, to: 'merchant' | 'provider', words: Words, tid?: string): Effect =>
  tid === undefined ? { effect: 'notice', kind, to, words } : { effect: 'notice', kind, to, tid, words }

const holdOf = (around: Around, fact: { terminal: string; hold: string }): { terminal: Terminal; hold: Hold } => {
  const terminal = around.terminals.get(fact.terminal)!
  return { terminal, hold: terminal.holds.find((h) => h.id === fact.hold)! }
}

/** Names every hold that still keeps the terminal shut, who can lift it, and how. */
export function remainingWords(terminal: Terminal, now: number, around: Pick<Around, 'hotline'>): Words {
  const left = inEffect(terminal, now).filter((h) => h.clearedAt === undefined)
  const one = (h: Hold, i: 0 | 1): string => i === 0
    ? `${reasons[h.reason][0]}（${h.reason}），由${holdOwners[h.owner][0]}负责：${waysOut[h.owner][0]}${mayAppeal(h.reason) ? '，可申诉' : ''}`
    : `${reasons[h.reason][1]} (${h.reason}), owned by ${holdOwners[h.owner][1]}: ${waysOut[h.owner][1]}${mayAppeal(h.reason) ? '; an appeal is possible' : ''}`
  return [
    `终端 ${terminal.tid} 仍停机：${left.map((h) => one(h, 0)).join('；')}。请致电 ${around.hotline}。`,
    `Terminal ${terminal.tid} stays stopped: ${left.map((h) => one(h, 1)).join('; ')}. Call ${around.hotline}.`,
  ]
}

/** A stop of the provider's: since when, why, what is asked and by when, who decides, the way out, whom to call. */
function placedWords({ hold, terminal }: { hold: Hold; terminal: string }, { providerName, zone, hotline, demand }: Around): Words {
  const asked = demand?.(hold)
  const [zhAsk, enAsk] = asked === undefined ? ['', ''] : askWords(asked, (at) => [when(at, zone), when(at, zone)])
  const from = when(hold.effectiveFrom, zone)
  const isPartial = hold.effect === 'restrict'
  const appeal = mayAppeal(hold.reason)
  return [
    `${providerName[0]}自 ${from} 起${isPartial ? `限制终端 ${terminal} 只能退货和完成预授权` : `停用终端 ${terminal}`}：${reasons[hold.reason][0]}（${hold.reason}）。${zhAsk}由${holdOwners[hold.owner][0]}决定，办法：${waysOut[hold.owner][0]}${appeal ? '，可申诉' : ''}。请致电 ${hotline}。`,
    `${providerName[1]} ${isPartial ? `allows terminal ${terminal} only refunds and completions` : `stops terminal ${terminal}`} from ${from}: ${reasons[hold.reason][1]} (${hold.reason}). ${enAsk ? `${enAsk} ` : ''}Decided by ${holdOwners[hold.owner][1]}. Way out: ${waysOut[hold.owner][1]}${appeal ? '; an appeal is possible' : ''}. Call ${hotline}.`,
  ]
}

type Teller<F extends Fact['fact']> = (fact: Extract<Fact, { fact: F }>, around: Around) => Effect[]

/** What becomes of a device and its deposit: who is told, and what the ledger says of it. */
const returnEffects: { [F in ReturnFact['fact']]?: Teller<F> } = {
  return_opened({ return: r, terminal }, { case: c }) {
    const deposit = r.deposit === undefined ? '' : `¥${formatYuan(r.deposit.fen)}`
    const asked = r.state !== 'requested' ? [] : [notice('device_return', 'merchant', [
      `请退还终端 ${terminal} 的机具 ${r.serial}（含电源等配件），退机编号 ${r.rma}，请写在包裹上。${deposit && `押金 ${deposit} 在机具退回、交易结清后退还。`}`,
      `Please return the device ${r.serial} of terminal ${terminal}, with its accessories; write RMA ${r.rma} on the parcel.${deposit && ` The deposit of ${deposit} is refunded once it is back and everything is settled.`}`,
    ], terminal)]
    return [...asked, ...posted(depositTaken({ provider: c!.provider, mid: c!.merchant }, r))]
  },
  device_received: (f) => [notice('device_return', 'merchant', [`已收到终端 ${f.terminal} 的机具（${f.rma}），接下来验机。`, `The device of terminal ${f.terminal} (${f.rma}) has arrived and will be inspected.`], f.terminal)],
  device_lost: (f) => both('device_return', [`终端 ${f.terminal} 的机具（${f.rma}）登记为无法退还，押金按扣款表处理。`, `The device of terminal ${f.terminal} (${f.rma}) will not come back; the deposit goes by the table of deductions.`], f.terminal),
  deduction_proposed({ deduction: d, terminal }, { returns, zone }) {
    const refund = `¥${formatYuan(returns!.get(terminal)!.deposit!.fen - d.fen)}`
    const [zh, en] = ([0, 1] as const).map((i) => d.lines.map((l) => lineWords(l)[i]).join(i === 0 ? '、' : ', '))
    return [notice('deposit', 'merchant', d.fen === 0
      ? [`终端 ${terminal} 的押金拟全额退还 ${refund}，待另一人确认。`, `The whole deposit of terminal ${terminal}, ${refund}, is to be refunded once a second person confirms it.`]
      : [`终端 ${terminal} 的押金拟扣 ¥${formatYuan(d.fen)}（${zh}），退还 ${refund}。如有异议，请在 ${when(d.disputeUntil, zone)} 前提出。`,
        `Of the deposit of terminal ${terminal}, ¥${formatYuan(d.fen)} is to be deducted (${en}) and ${refund} refunded. If you disagree, say so by ${when(d.disputeUntil, zone)}.`], terminal)]
  },
  deduction_disputed: (f) => [notice('deposit', 'provider', [`商户对终端 ${f.terminal} 的押金扣款（${f.rma}）提出异议，请答复。`, `The merchant disputes the deduction from the deposit of terminal ${f.terminal} (${f.rma}); please answer.`], f.terminal)],
  deposit_late: (f) => [notice('deadline_near', 'provider', [`终端 ${f.terminal} 的押金（${f.rma}）已到退还期限，尚未退还。`, `The deposit of terminal ${f.terminal} (${f.rma}) is due for refund and has not been refunded.`], f.terminal)],
  deposit_settled: (f, { case: c, returns }) => [
    ...both('deposit', f.refundFen === 0
      ? [`终端 ${f.terminal} 的押金 ¥${formatYuan(f.deductionFen)} 已全部抵扣。`, `The whole deposit of terminal ${f.terminal}, ¥${formatYuan(f.deductionFen)}, was deducted.`]
      : [`终端 ${f.terminal} 的押金已退 ¥${formatYuan(f.refundFen)}${f.deductionFen > 0 ? `（扣 ¥${formatYuan(f.deductionFen)}）` : ''}，凭证 ${f.reference}。`,
        `¥${formatYuan(f.refundFen)} of the deposit of terminal ${f.terminal} was refunded${f.deductionFen > 0 ? ` (¥${formatYuan(f.deductionFen)} deducted)` : ''}, reference ${f.reference}.`], f.terminal),
    ...posted(depositGiven({ provider: c!.provider, mid: c!.merchant }, returns!.get(f.terminal)!, f)),
  ],
}
function posted(entries: readonly Entry[]): Effect[] {
  return entries.length === 0 ? [] : [{ effect: 'post', entries }]
}

/** What an approval means, where it means more than that something goes ahead. */
const grantedAs: { [K in ApplicationKind]?: (c: Case, zone: string) => Words | undefined } = {
  install: (c) => [
    `装机申请 ${c.no} 已批准，终端号 ${c.terminals.map((t) => t.tid).join('、')}；外勤将上门装机，测试并签到后开通。`,
    `Installation ${c.no} is approved, terminal ${c.terminals.map((t) => t.tid).join(', ')}; the engineer puts it in place, and it is in service once tested and signed on.`,
  ],
  replace: (c, zone) => c.effectiveFrom === undefined ? undefined : [
    `换机申请 ${c.no} 已批准，${when(c.effectiveFrom, zone)} 起停止收款并换装。`, `Replacement ${c.no} is approved: no new sales from ${when(c.effectiveFrom, zone)}, when the device is changed.`,
  ],
  appeal: (c) => [
    `申诉 ${c.no} 成立：终端 ${c.terminals[0]!.tid} 的停用项 ${c.reason}（${reasons[c.reason][0]}）放行，通过测试后恢复收款。`,
    `Appeal ${c.no} is upheld: hold ${c.reason} (${reasons[c.reason][1]}) on terminal ${c.terminals[0]!.tid} is released; sales resume after a passed test.`,
  ],
}

const tellers: { [F in Fact['fact']]?: Teller<F> } = {
  submitted: (_, { case: c }) => both('application_submitted', [`申请 ${c!.no} 已提交。`, `Application ${c!.no} was submitted.`]),
  returned: (f, { case: c, zone }) => [notice('application_returned', 'merchant', [
    `申请 ${c!.no} 需要补件：${f.words}${f.materials.map((m) => `；${materialTypes[m.type][0]}：${m.words}`).join('')}。请在 ${when(f.answerBy, zone)} 前补交。`,
    `Application ${c!.no} needs more: ${f.words}${f.materials.map((m) => `; ${materialTypes[m.type][1]}: ${m.words}`).join('')}. Please answer by ${when(f.answerBy, zone)}.`,
  ])],
  approved: (_, { case: c, zone }) => [notice('application_decided', 'merchant', grantedAs[c!.kind]?.(c!, zone) ?? ((c!.kind === 'suspend' || c!.kind === 'close') && c!.effectiveFrom !== undefined
    ? [`申请 ${c!.no} 已批准，${when(c!.effectiveFrom, zone)} 停机。`, `Application ${c!.no} is approved; the stop is at ${when(c!.effectiveFrom, zone)}.`]
    : [`申请 ${c!.no} 已批准。`, `Application ${c!.no} is approved.`]))],
  begun: (_, { case: c }) => c!.kind === 'replace' ? both('device_changed', [
    `换机 ${c!.no} 开始办理：终端停止收款，结清后换装新机具，测试通过后恢复。终端号和历史不变。`,
    `Replacement ${c!.no} has begun: no new sales; once settled the new device is put on, and the terminal opens again when it passed its test. Number and history stay.`,
  ]) : c!.kind !== 'close' ? [] : both('closing', [
    `注销 ${c!.no} 开始办理：终端不再收款；交易结清、机具退还、押金退清之后才注销，不会到期自动注销。`,
    `Closure ${c!.no} has begun: no new sales. It is closed once everything is settled, the device is back and the deposit refunded – never by a date alone.`,
  ]),
  withdrawn: (f, { case: c }) => c!.kind === 'appeal' && f.by === 'system' ? both('appeal', [
    `申诉 ${c!.no} 无需再决定：停用项已由责任方放行。`, `There is nothing left to decide in appeal ${c!.no}: the hold was released by its owner.`,
  ]) : c!.kind !== 'close' || f.by !== 'system' ? [] : both('application_decided', [
    `注销 ${c!.no} 已取消，终端按复机申请恢复。`, `Closure ${c!.no} is undone; the terminal comes back by its reactivation.`,
  ]),
  rejected: (f, { case: c }) => [notice('application_decided', 'merchant', [`申请 ${c!.no} 被驳回：${f.words}`, `Application ${c!.no} was rejected: ${f.words}`])],
  expired: (_, { case: c }) => [notice('application_decided', 'merchant', [`申请 ${c!.no} 逾期未补，已失效。`, `Application ${c!.no} has lapsed unanswered.`])],
  escalated: (_, { case: c }) => [notice('deadline_near', 'provider', [`申请 ${c!.no} 已到承诺时限，尚未办结。`, `Application ${c!.no} has reached its deadline undecided.`])],
  checkpoint_taken: (f, { case: c, zone }) => f.openCount === 0
    ? both('checkpoint', [`申请 ${c!.no}：停机前核对，交易全部结清。`, `Application ${c!.no}: checked before the stop, everything is settled.`])
    : both('checkpoint', [
      `申请 ${c!.no}：还有 ${f.openCount} 笔未结清（¥${formatYuan(f.openFen)}）。${f.outcome === 'postpone' ? '停机已顺延。' : `停机不等待，请在 ${when(c!.effectiveFrom!, zone)} 前结清。`}`,
      `Application ${c!.no}: ${f.openCount} item(s) still open (¥${formatYuan(f.openFen)}). ${f.outcome === 'postpone' ? 'The stop was put off.' : `The stop does not wait; please settle by ${when(c!.effectiveFrom!, zone)}.`}`,
    ]),
  completed: (f) => (f.letter ? [{ effect: 'letter', kind: f.letter }] : []),
  hold_placed: (f, around) => f.hold.owner === 'merchant' || isOfReplacement(f.hold) ? [] : [notice('hold_placed', 'merchant', placedWords(f, around), f.terminal)],
  hold_started: (f) => [{ effect: 'plan_backup', tid: f.terminal, from: f.at }],
  hold_shut: (f, around) => {
    const { hold } = holdOf(around, f)
    const at = when(f.at, around.zone)
    const told = both('stopped', [`终端 ${f.terminal} 已于 ${at} 停机（${reasons[hold.reason][0]}）。`, `Terminal ${f.terminal} was stopped at ${at} (${reasons[hold.reason][1]}).`], f.terminal)
    return f.stillOpen ? [...told, ...both('still_open', [
      `终端 ${f.terminal} 停机时仍有未结清交易，请尽快处理。`, `Terminal ${f.terminal} was stopped with transactions still open; please settle them soon.`,
    ], f.terminal)] : told
  },
  hold_lifted: (f, around) => {
    const { terminal, hold } = holdOf(around, f)
    // Ended by the closing, which is told by itself.
    if (terminal.closedAt !== undefined) return []
    const lifted: Words = [`终端 ${f.terminal} 的停用项 ${hold.reason}（${reasons[hold.reason][0]}）已解除。`, `Hold ${hold.reason} (${reasons[hold.reason][1]}) on terminal ${f.terminal} is lifted.`]
    const left = inEffect(terminal, around.now).some((h) => h.clearedAt === undefined)
    return left ? [notice('hold_lifted', 'merchant', lifted, f.terminal), ...both('still_held', remainingWords(terminal, around.now, around), f.terminal)]
      : [notice('hold_lifted', 'merchant', lifted, f.terminal)]
  },
  tested: (f) => {
    if (f.passed) return []
    const failed = (i: 0 | 1): string => f.items.filter((t) => !t.passed).map((t) => `${testItems[t.item][i]}${t.note ? `（${t.note}）` : ''}`).join(i === 0 ? '、' : ', ')
    return both('test_failed', [`终端 ${f.terminal} 测试未通过：${failed(0)}。终端保持停机。`, `Terminal ${f.terminal} failed its test: ${failed(1)}. It stays stopped.`], f.terminal)
  },
  reopened: (f) => both('reopened', [
    `终端 ${f.terminal} 已恢复${f.signOnRequired ? '，请先签到再收款' : ''}。`, `Terminal ${f.terminal} is open again${f.signOnRequired ? '; sign on before the first sale' : ''}.`,
  ], f.terminal),
  device_bound: (f) => both('device_changed', [
    `终端 ${f.terminal} 已装上机具 ${f.device.serial}（${f.model}），测试通过后可以收款。`, `Device ${f.device.serial} (${f.model}) is on terminal ${f.terminal}; sales start once it passed its test.`,
  ], f.terminal),
  installed: (f) => both('reopened', [
    `终端 ${f.terminal} 已开通${f.signOnRequired ? '，请先签到再收款' : ''}。`, `Terminal ${f.terminal} is in service${f.signOnRequired ? '; sign on before the first sale' : ''}.`,
  ], f.terminal),
  device_silent: (f, around) => {
    const { hold } = holdOf(around, f)
    return [notice('device_silent', 'provider', [
      `终端 ${f.terminal} 自 ${when(hold.effectiveFrom, around.zone)} 停机，机具至今没有确认。请外勤或运维查看。`,
      `Terminal ${f.terminal} is stopped since ${when(hold.effectiveFrom, around.zone)} and its device has not said so yet. Field or operations should look.`,
    ], f.terminal)]
  },
  closed: (f, { zone }) => both('closed', [
    `终端 ${f.terminal} 已于 ${when(f.at, zone)} 注销，终端号不再启用${f.serial === undefined ? '' : `，机具 ${f.serial} 已解除绑定`}。拒付追溯期至 ${when(f.chargebackUntil, zone).slice(0, 10)}。`,
    `Terminal ${f.terminal} was closed for good at ${when(f.at, zone)}; its number is never used again${f.serial === undefined ? '' : ` and device ${f.serial} is no longer bound`}. Chargebacks may still come in until ${when(f.chargebackUntil, zone).slice(0, 10)}.`,
  ], f.terminal),
  ...returnEffects,
  reminded: (f, { zone }) => both('return_due', [
    `终端 ${f.terminal} 计划于 ${when(f.expectedUntil, zone)} 恢复。到时不会自动开机，请提前申请复机并测试。`,
    `Terminal ${f.terminal} is due back at ${when(f.expectedUntil, zone)}. It does not wake by itself: please ask for reactivation and its test in time.`,
  ], f.terminal),
}

/** The effects of facts, in their order. */
export const effectsOf = (facts: readonly Fact[], around: Around): Effect[] =>
  facts.flatMap((fact) => (tellers[fact.fact] as ((f: Fact, a: Around) => Effect[]) | undefined)?.(fact, around) ?? [])
