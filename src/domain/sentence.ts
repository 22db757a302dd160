// One plain sentence for a terminal: what is, what comes, what is asked of the reader – from facts, in both languages. The
// same words go to the screen, the mail and the machine. What is said first is what the terminal may do now (its mode); one
// function per mode writes that, and a few shared ones what comes and what is asked. For a case see sentence-case.ts.
import { askWords, type Demand } from './care-demands.ts'
import type { ClearanceItem } from './clearance.ts'
import { inEffect, isFuture, leadingHold, modeAt, serviceAt, uncleared, type Hold, type Terminal } from './terminal.ts'
import { joined, listed, momentsAt, openOf, type Moments } from './sentence-words.ts'
import {
  holdOwners, mayAppeal, reasons, say, testItems, waysOut, type Direction, type Language, type Mode, type TestItem, type Words,
} from './vocabulary.ts'

/** Who reads: the merchant is asked to do things, the provider is told what they wait for. */
export type Audience = 'merchant' | 'provider'
export type Reader = { now: number; zone: string; language: Language; audience: Audience }
export type Told = Reader & { moments: Moments; provider: Words; hotline: string; demand?: TerminalFacts['demand'] }

export type TerminalFacts = {
  terminal: Terminal & { open: readonly ClearanceItem[] }
  provider: { name: Words; hotline: string }
  /** The checkpoint before the stop that comes, while it is still ahead. */
  settleBy?: number | undefined
  /** Cases under way on this terminal. */
  cases?: readonly { no: string; direction: Direction }[] | undefined
  /** What a hold of the provider's asks of the merchant. */
  demand?: ((hold: Hold) => Demand | undefined) | undefined
  /** A dormancy question that waits for its answer. */
  answerBy?: number | undefined
  /** The last device test, where it failed and no later one passed. */
  failedTest?: { at: number; items: readonly TestItem[] } | undefined
}

export function terminalSentence(facts: TerminalFacts, reader: Reader): string {
  const { now, zone, language } = reader
  const told: Told = { ...reader, moments: momentsAt(now, zone), provider: facts.provider.name, hotline: facts.provider.hotline, demand: facts.demand }
  if (serviceAt(facts.terminal, now) === 'pending_setup') return say(waiting(told), language)
  return say(saidIn[modeAt(facts.terminal, now)](facts, told), language)
}

/** `merchant` for the one who acts, `provider` for the one who waits. */
export const pick = (told: Reader, merchant: Words, provider: Words): Words => (told.audience === 'merchant' ? merchant : provider)

const waiting = (told: Told): Words => pick(told,
  ['待装机，装好并测试后才能收款。', 'Waiting for installation; it can take payments once it is installed and tested.'],
  ['待装机，请安排装机和测试。', 'Waiting for installation; please arrange it and its test.'])

const saidIn: Readonly<Record<Mode, (facts: TerminalFacts, told: Told) => Words>> = {
  open,
  restrict: (facts, told) => joined(restricted(facts, told), coming(facts, told)),
  drain,
  shut,
  test,
  closed: ({ terminal }, { moments }) => {
    const [zh, en] = moments.day(terminal.closedAt!)
    return [`${zh} 已注销，这个终端号不再使用。`, `Closed ${en}; this terminal number will not be used again.`]
  },
  unknown: (_, told) => waiting(told),
}

// ── Open ────────────────────────────────────────────────────────────────────────────────────────────────────────────
function open(facts: TerminalFacts, told: Told): Words {
  const next = coming(facts, told)
  const signOn = facts.terminal.signOnRequired ? pick(told,
    ['已恢复，请先签到再收款。', 'Open again; sign on before the first sale.'],
    ['已恢复，等待终端签到。', 'Open again, waiting for the terminal to sign on.']) : undefined
  const asked = facts.answerBy === undefined ? undefined : dormant(facts.answerBy, told)
  const under = next === undefined ? underWay(facts) : undefined
  if (next ?? signOn ?? asked ?? under) return joined(signOn ?? (next ? undefined : normal), next, asked, under)
  const openItems = openOf(facts.terminal.open, 'merchant')
  return openItems === undefined || told.audience === 'merchant' ? nothingToDo
    : ['正常，没有停机安排。', 'Open, no stop is planned.']
}
const normal: Words = ['正常。', 'Open.']
const nothingToDo: Words = ['正常，没有待办。', 'Open, nothing to do.']

function dormant(answerBy: number, told: Told): Words {
  const [zh, en] = told.moments.by(answerBy)
  return pick(told,
    [`长期没有交易，请在 ${zh}答复：继续使用、重新核实、停机或注销，否则停用。`, `No sale for months: please answer ${en} – keep, re-verify, suspend or close – or it will be stopped.`],
    [`长期没有交易，等待商户在 ${zh}答复。`, `No sale for months; the merchant has to answer ${en}.`])
}

const underWay = ({ cases = [] }: TerminalFacts): Words | undefined => {
  if (cases.length === 0) return undefined
  const nos = cases.map((c) => c.no).join(', ')
  return [`办件 ${nos} 正在办理。`, `Case ${nos} is under way.`]
}

/** The first stop to come, when it ends, and what must be settled before. */
function coming(facts: TerminalFacts, told: Told): Words | undefined {
  const { terminal } = facts
  const ahead = terminal.holds.filter((h) => isFuture(h, told.now)).toSorted((a, b) => a.effectiveFrom - b.effectiveFrom)
  const hold = ahead[0]
  if (hold === undefined) return undefined
  const settleBy = facts.settleBy !== undefined && facts.settleBy > told.now ? facts.settleBy : hold.effectiveFrom
  const more: Words | undefined = ahead.length === 1 ? undefined
    : [`之后还有 ${ahead.length - 1} 项停用。`, `${ahead.length - 1} more hold${ahead.length === 2 ? ' follows' : 's follow'}.`]
  return joined(plannedStop(hold, told), more, stillOpen(terminal.open, settleBy, told))
}

/** '周五 15:00 停机，2月24日 恢复。' – a stop of the provider's says who and why. */
export function plannedStop(hold: Pick<Hold, 'owner' | 'reason' | 'effect' | 'effectiveFrom' | 'expectedUntil'>, told: Told): Words {
  const [zhAt, enAt] = told.moments.at(hold.effectiveFrom)
  const back = hold.expectedUntil === undefined ? undefined : told.moments.day(hold.expectedUntil)
  if (hold.owner === 'merchant')
    return back ? [`${zhAt} 停机，${back[0]} 恢复。`, `Stops ${enAt}, back ${back[1]}.`]
      : [`${zhAt} 停用，没有恢复日期。`, `Stops ${enAt}, with no return date.`]
  const [why, whyEn] = whyOf(hold)
  const until: Words = back ? [`，预计 ${back[0]} 恢复`, `, expected back ${back[1]}`] : ['', '']
  return hold.effect === 'restrict'
    ? [`${told.provider[0]}因${why}自 ${zhAt} 起只许退货和完成预授权${until[0]}。`, `${told.provider[1]} will allow only refunds and completions from ${told.moments.hour(hold.effectiveFrom)[1]}: ${whyEn}${until[1]}.`]
    : [`${told.provider[0]}因${why}将于 ${zhAt} 停用${until[0]}。`, `${told.provider[1]} will stop it ${enAt}: ${whyEn}${until[1]}.`]
}

const whyOf = (hold: Pick<Hold, 'reason'>): Words => [`${reasons[hold.reason][0]}（${hold.reason}）`, `${reasons[hold.reason][1]} (${hold.reason})`]

/** What the merchant has to settle and by when, and what is with the provider. */
export function stillOpen(items: readonly ClearanceItem[], by: number | undefined, told: Told): Words | undefined {
  const own = openOf(items, 'merchant')
  const theirs = openOf(items, 'provider')
  const [zh, en] = by === undefined ? ['', 'soon'] : told.moments.by(by)
  const them = own?.count === 1 ? 'it' : 'them'
  const asked: Words | undefined = own && pick(told,
    [`还有 ${own.words[0]}，${zh === '' ? '请尽快结清' : `${zh}请结清`}。`, `${own.words[1]}; please settle ${them} ${en}.`],
    [`还有 ${own.words[0]}（${own.amount}），商户${zh === '' ? '应尽快结清' : `应于 ${zh}结清`}。`, `${own.words[1]} (${own.amount}); the merchant has to settle ${them} ${en}.`])
  const others: Words | undefined = theirs && pick(told,
    [`${own ? '另有' : '还有'} ${theirs.words[0]}，由${told.provider[0]}处理。`, `${theirs.words[1]}; ${told.provider[1]} is handling ${theirs.count === 1 ? 'it' : 'them'}.`],
    [`${own ? '另有' : '还有'} ${theirs.words[0]}（${theirs.amount}），由我方处理。`, `${theirs.words[1]} (${theirs.amount}), ours to handle.`])
  return asked || others ? joined(asked, others) : undefined
}

// ── Held ────────────────────────────────────────────────────────────────────────────────────────────────────────────
function restricted({ terminal }: TerminalFacts, told: Told): Words {
  const held = inEffect(terminal, told.now)
  const hold = leadingHold(held, told.now)!
  const [why, whyEn] = whyOf(hold)
  return joined([`受限：只能退货和完成预授权，不能收款，原因是${why}。`, `Refunds and completions only, no sales: ${whyEn}.`], wayOut(hold, told), besides(held, hold))
}

function drain(facts: TerminalFacts, told: Told): Words {
  const { terminal } = facts
  const stops = inEffect(terminal, told.now).filter((h) => h.effect === 'stop' && h.clearedAt === undefined)
  const hold = leadingHold(stops, told.now)!
  const end = Math.min(...stops.map((h) => h.drainUntil))
  const [zhFrom, enFrom] = told.moments.hour(hold.effectiveFrom)
  const [zhEnd, enEnd] = told.moments.at(end)
  const back = hold.expectedUntil === undefined ? undefined : told.moments.day(hold.expectedUntil)
  const [zhWhy, enWhy] = hold.owner === 'merchant' ? ['', ''] : [`${told.provider[0]}因${whyOf(hold)[0]}停用：`, `${told.provider[1]} stops it (${reasons[hold.reason][1]}, ${hold.reason}): `]
  return joined(
    [`${zhWhy}${zhFrom} 起停止收款，正在清算，最晚 ${zhEnd} 关闭${back ? `，${back[0]} 恢复` : ''}。`,
      `${enWhy}${enWhy ? 'no' : 'No'} new sales since ${enFrom}; it is finishing what was begun and shuts ${enEnd} at the latest${back ? `, back ${back[1]}` : ''}.`],
    stillOpen(terminal.open, end, told),
  )
}

function shut(facts: TerminalFacts, told: Told): Words {
  const { terminal } = facts
  const held = uncleared(terminal, told.now)
  const hold = leadingHold(held, told.now)!
  const said = hold.owner === 'merchant' ? stoppedByMerchant(hold, facts, told) : stoppedByProvider(hold, told)
  return joined(said, besides(held, hold), stillOpen(terminal.open, undefined, told), told.audience === 'provider' ? confirmedBy(terminal) : undefined)
}

/** The two facts about a stop, kept apart: that every gate refuses, and that the device says so. */
function confirmedBy({ hostBlockedAt, deviceConfirmedAt, deviceSilentAt }: Terminal): Words {
  if (hostBlockedAt === undefined)
    return deviceConfirmedAt === undefined ? ['尚有闸口未确认。', 'Not every gate has confirmed yet.'] : ['机具已确认，尚有闸口未确认。', 'The device has confirmed; not every gate has yet.']
  if (deviceConfirmedAt !== undefined) return ['主机与机具均已确认。', 'Host and device have both confirmed.']
  return deviceSilentAt === undefined ? ['主机已拒绝，机具尚未确认。', 'The host refuses; the device has not confirmed yet.']
    : ['主机已拒绝，机具逾期未确认，请查看机具。', 'The host refuses; the device is overdue to confirm, please look at it.']
}

function stoppedByMerchant(hold: Hold, { cases = [] }: TerminalFacts, told: Told): Words {
  const why = reasons[hold.reason]
  const lead = `Stopped at ${told.audience === 'merchant' ? 'your' : 'the merchant’s'} request (${why[1]})`
  const up = cases.find((c) => c.direction === 'up')
  const ask: Words = up ? [`复机申请 ${up.no} 正在办理。`, `Reactivation ${up.no} is under way.`] : pick(told,
    ['要恢复，请先申请复机并通过测试。', 'To open it again, ask for reactivation and pass its test.'],
    ['等待商户申请复机。', 'Waiting for the merchant to ask for reactivation.'])
  if (hold.expectedUntil === undefined)
    return joined([`已停用（${why[0]}），没有恢复日期。`, `${lead}, with no return date.`], ask)
  const [zh, en] = told.moments.day(hold.expectedUntil)
  if (hold.expectedUntil <= told.now)
    return joined([`已停机（${why[0]}），原定 ${zh} 恢复，尚未恢复。`, `${lead}; it was due back ${en} and is not back yet.`], ask)
  const inTime: Words = up ? ask : pick(told,
    ['不会自动开机，请提前申请复机。', 'It does not wake by itself: please ask for reactivation in time.'],
    ['等待商户申请复机。', 'Waiting for the merchant to ask for reactivation.'])
  return joined([`已停机（${why[0]}），${zh} 测试后恢复。`, `${lead}, due back ${en} after a test.`], inTime)
}

function stoppedByProvider(hold: Hold, told: Told): Words {
  const [why, whyEn] = whyOf(hold)
  const back = hold.expectedUntil === undefined ? undefined : told.moments.day(hold.expectedUntil)
  const isLate = hold.expectedUntil !== undefined && hold.expectedUntil <= told.now
  const until: Words = !back ? ['', ''] : isLate ? [`，原定 ${back[0]} 恢复`, `; it was due back ${back[1]}`] : [`，预计 ${back[0]} 恢复`, `; expected back ${back[1]}`]
  const who: Words = pick(told, told.provider, ['', ''])
  return joined(
    [`${who[0]}因${why}停用${until[0]}。`, told.audience === 'merchant' ? `${who[1]} stopped it: ${whyEn}${until[1]}.` : `Stopped: ${whyEn}${until[1]}.`],
    wayOut(hold, told),
  )
}

/** Who can lift it and how; the merchant also hears that it may appeal, and whom to call. */
function wayOut(hold: Hold, told: Told): Words {
  const owner = holdOwners[hold.owner]
  const way = waysOut[hold.owner]
  if (told.audience === 'provider' || hold.owner === 'merchant')
    return [`由${owner[0]}负责，办法：${way[0]}。`, `It belongs to ${owner[1]}; way out: ${way[1]}.`]
  const asked = told.demand?.(hold)
  const ask: Words | undefined = asked && askWords(asked, (instant) => [told.moments.at(instant)[0], told.moments.at(instant)[1].replace(/^at /, '')])
  return joined(ask, mayAppeal(hold.reason)
    ? [`由${owner[0]}负责，办法：${way[0]}；可以申诉，客服 ${told.hotline}。`, `It belongs to ${owner[1]}; way out: ${way[1]}. You may appeal; call ${told.hotline}.`]
    : [`由${owner[0]}负责，办法：${way[0]}；客服 ${told.hotline}。`, `It belongs to ${owner[1]}; way out: ${way[1]}. Call ${told.hotline}.`])
}

/** The other holds, named, so that nobody expects one of them to open it. */
function besides(held: readonly Hold[], leading: Hold): Words | undefined {
  const others = held.filter((h) => h.id !== leading.id)
  if (others.length === 0) return undefined
  const [zh, en] = listed(others.map((h): Words => [`${reasons[h.reason][0]}（${h.reason}）`, `${reasons[h.reason][1]} (${h.reason})`]))
  return [`另有 ${others.length} 项停用未解除：${zh}。`, `${others.length} other hold${others.length === 1 ? '' : 's'} on it: ${en}.`]
}

// ── Testing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
function test({ failedTest }: TerminalFacts, told: Told): Words {
  if (failedTest === undefined) return pick(told,
    ['停用项已全部解除，正在等测试，通过后恢复收款。', 'Every hold is released; it opens when its test has passed.'],
    ['停用项已全部解除，请登记测试，通过后恢复收款。', 'Every hold is released; please record its test, and it opens once passed.'])
  const [zhAt, enAt] = told.moments.at(failedTest.at)
  const [zh, en] = listed(failedTest.items.map((item) => testItems[item]))
  return joined([`${zhAt} 测试未通过：${zh}，仍停机。`, `The test ${enAt} failed: ${en}; it stays stopped.`],
    ['修好后再次测试，通过后恢复收款。', 'Put it right and test again; it opens once passed.'])
}
