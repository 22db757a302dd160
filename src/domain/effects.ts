// Which fact tells whom what, and which fact makes which letter – one table. Effects become rows in the transaction of their
// fact; carrying them further (mail, print, webhook) is the jobs' business and may be retried as often as it takes.
import type { Case, Fact } from './application/case.ts'
import { dateOf, instantOf } from './calendar.ts'
import { formatYuan } from './money.ts'
import { holdOwners, materialTypes, mayAppeal, reasons, testItems, waysOut, type LetterKind, type NoticeKind, type Words } from './vocabulary.ts'
import { inEffect, type Hold, type Terminal } from './terminal.ts'

export type Effect =
  | { effect: 'notice'; kind: NoticeKind; to: 'merchant' | 'provider'; tid?: string; words: Words }
  | { effect: 'letter'; kind: LetterKind }
  | { effect: 'plan_backup'; tid: string; from: number }

/** The question a merchant is asked when a terminal has not sold for months. */
export const dormancyWords = (tid: string, months: number, answerBy: number, zone: string, hotline: string): Words => [
  `终端 ${tid} 已 ${months} 个月没有交易。请在 ${when(answerBy, zone)} 前答复：继续使用、重新核实、停机或注销；逾期未核实将停用。电话 ${hotline}。`,
  `Terminal ${tid} has had no transaction for ${months} months. Please answer by ${when(answerBy, zone)}: keep, re-verify, suspend or close; unanswered it will be stopped. Call ${hotline}.`,
]

export type Around = {
  case: Case | undefined
  terminals: ReadonlyMap<string, Terminal>
  now: number
  zone: string
  hotline: string
  providerName: Words
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

type Teller<F extends Fact['fact']> = (fact: Extract<Fact, { fact: F }>, around: Around) => Effect[]

const tellers: { [F in Fact['fact']]?: Teller<F> } = {
  submitted: (_, { case: c }) => both('application_submitted', [`申请 ${c!.no} 已提交。`, `Application ${c!.no} was submitted.`]),
  returned: (f, { case: c, zone }) => [notice('application_returned', 'merchant', [
    `申请 ${c!.no} 需要补件：${f.words}${f.materials.map((m) => `；${materialTypes[m.type][0]}：${m.words}`).join('')}。请在 ${when(f.answerBy, zone)} 前补交。`,
    `Application ${c!.no} needs more: ${f.words}${f.materials.map((m) => `; ${materialTypes[m.type][1]}: ${m.words}`).join('')}. Please answer by ${when(f.answerBy, zone)}.`,
  ])],
  approved: (_, { case: c, zone }) => [notice('application_decided', 'merchant', c!.kind === 'suspend' && c!.effectiveFrom !== undefined
    ? [`申请 ${c!.no} 已批准，${when(c!.effectiveFrom, zone)} 停机。`, `Application ${c!.no} is approved; the stop is at ${when(c!.effectiveFrom, zone)}.`]
    : [`申请 ${c!.no} 已批准。`, `Application ${c!.no} is approved.`])],
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
  hold_placed: (f, around) => f.hold.owner === 'merchant' ? [] : [notice('hold_placed', 'merchant', [
    `${around.providerName[0]}自 ${when(f.hold.effectiveFrom, around.zone)} 起停用终端 ${f.terminal}：${reasons[f.hold.reason][0]}（${f.hold.reason}）。办法：${waysOut[f.hold.owner][0]}${mayAppeal(f.hold.reason) ? '，可申诉' : ''}。请致电 ${around.hotline}。`,
    `${around.providerName[1]} stops terminal ${f.terminal} from ${when(f.hold.effectiveFrom, around.zone)}: ${reasons[f.hold.reason][1]} (${f.hold.reason}). Way out: ${waysOut[f.hold.owner][1]}${mayAppeal(f.hold.reason) ? '; an appeal is possible' : ''}. Call ${around.hotline}.`,
  ], f.terminal)],
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
  reminded: (f, { zone }) => both('return_due', [
    `终端 ${f.terminal} 计划于 ${when(f.expectedUntil, zone)} 恢复。到时不会自动开机，请提前申请复机并测试。`,
    `Terminal ${f.terminal} is due back at ${when(f.expectedUntil, zone)}. It does not wake by itself: please ask for reactivation and its test in time.`,
  ], f.terminal),
}

/** The effects of facts, in their order. */
export const effectsOf = (facts: readonly Fact[], around: Around): Effect[] =>
  facts.flatMap((fact) => (tellers[fact.fact] as ((f: Fact, a: Around) => Effect[]) | undefined)?.(fact, around) ?? [])
