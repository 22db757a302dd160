// One act on many terminals. What a bulk does to each of them is what the single command would do, decided by the same
// functions on the same facts; a refusal belongs to its terminal and stops nobody else. A bulk lives: rehearsed (checking →
// ready), perhaps confirmed by a second person, carried out (running ⇄ paused), done – and those that failed may be tried
// again. A plan's own act, `open`, gives the plan's hold free and opens the terminal where its test is known and passed:
// nothing opens without one.
import { mayHold, type Actor } from './authority.ts'
import type { Policy } from './policy.ts'
import { isRefusal, refuse, type Refusal } from './refusals.ts'
import { clearHold, evolveAll, isOfReplacement, isOver, isTesting, placeHold, recordTest, testedInCase, type Terminal, type TerminalFact, type TestedItem } from './terminal.ts'
import {
  bulkActs, bulkStates, ownerOf, testItems, type BulkActKind, type BulkState, type Effect, type Reason, type TestItem, type Words,
} from './vocabulary.ts'

export type BulkAct =
  | { act: 'place_hold'; reason: Reason; effect: Effect; effectiveFrom?: number | undefined; drainUntil?: number | undefined; expectedUntil?: number | undefined }
  | { act: 'lift_hold'; reason: Reason }
  | { act: 'record_test' }
  | { act: 'open' }

/** A device test as it comes for many: what failed, everything else the policy demands having passed. */
export type TestGiven = { failed: readonly TestItem[]; note?: string | undefined }
/** What is known of one item beside its terminal. */
export type ItemGiven = {
  test?: TestGiven | undefined
  /** Who tested, where that is somebody else than the maker. */
  testedBy?: string | undefined
  /** The hold its plan placed. */
  hold?: string | undefined
}

export type ItemSetting = {
  now: number
  actor: Actor
  policy: Policy
  /** A plan's holds remind nobody: the plan itself says when they end, and opens them. */
  isPlanned: boolean
  mint(): string
}
/** What happens to the terminal, and why the act is not done – both where a hold was given free and another one remains. */
export type ItemDecision = { facts: readonly TerminalFact[]; refusal?: Refusal | undefined }

const no = (refusal: Refusal): ItemDecision => ({ facts: [], refusal })
const orRefused = (facts: TerminalFact[] | Refusal): ItemDecision => (isRefusal(facts) ? no(facts) : { facts })

export const itemsTested = ({ failed, note }: TestGiven, demanded: readonly TestItem[]): TestedItem[] =>
  [...new Set([...demanded, ...failed])].map((item) => failed.includes(item) ? { item, passed: false, ...(note ? { note } : {}) } : { item, passed: true })

export const failedWords = (failed: readonly TestItem[]): Words => [
  failed.map((item) => testItems[item][0]).join('、'), failed.map((item) => testItems[item][1]).join(', '),
]

/** What the act does to one terminal. */
export function decideItem(act: BulkAct, terminal: Terminal, given: ItemGiven, setting: ItemSetting): ItemDecision {
  switch (act.act) {
    case 'place_hold': return orRefused(placed(act, terminal, setting))
    case 'lift_hold': return orRefused(lifted(act.reason, terminal, setting))
    case 'record_test': return tested(terminal, given, setting)
    case 'open': return opened(terminal, given, setting)
  }
}

const mayOwn = ({ actor, policy }: ItemSetting, reason: Reason): boolean => mayHold(actor, ownerOf(reason), policy)

function placed(act: Extract<BulkAct, { act: 'place_hold' }>, terminal: Terminal, setting: ItemSetting): TerminalFact[] | Refusal {
  const { policy, actor, now } = setting
  const { reason, effect, effectiveFrom, drainUntil, expectedUntil } = act
  if (!mayOwn(setting, reason)) return refuse('hold_place_not_yours', { reason })
  // It may have waited for its second person until after its own end.
  if (expectedUntil !== undefined && expectedUntil <= Math.max(effectiveFrom ?? now, now)) return refuse('until_before_from')
  const facts = placeHold(terminal, {
    id: setting.mint(), reason, owner: ownerOf(reason), effect, effectiveFrom, drainUntil, expectedUntil, caseNo: undefined, placedBy: actor.person,
    drainHours: policy.drainHours, reminderDaysBeforeReturn: policy.reminderDaysBeforeReturn, deviceConfirmHours: policy.deviceConfirmHours,
  }, now)
  if (isRefusal(facts) || !setting.isPlanned) return facts
  return facts.map((f) => (f.fact === 'hold_placed' ? { ...f, hold: { ...f.hold, reminders: [] } } : f))
}

function lifted(reason: Reason, terminal: Terminal, setting: ItemSetting): TerminalFact[] | Refusal {
  const hold = terminal.holds.find((h) => h.reason === reason && h.owner !== 'merchant' && !isOver(h) && h.clearedAt === undefined)
  if (hold === undefined) return refuse('hold_none', { tid: terminal.tid, reason })
  if (isOfReplacement(hold)) return refuse('hold_by_replacement')
  if (!mayHold(setting.actor, hold.owner, setting.policy)) return refuse('hold_place_not_yours', { reason })
  return clearHold(terminal, hold.id, setting.actor.person, setting.now)
}

function tested(terminal: Terminal, { test, testedBy }: ItemGiven, { policy, actor, now }: ItemSetting): ItemDecision {
  const given = test ?? { failed: [] }
  const facts = testedInCase(terminal) ?? recordTest(terminal, itemsTested(given, policy.deviceTests), policy.deviceTests, policy.gate.signOnAfterReopening, testedBy ?? actor.person, now)
  if (isRefusal(facts)) return no(facts)
  // A failed test is a fact, and the reason why this terminal is not open.
  return given.failed.length === 0 ? { facts } : { facts, refusal: refuse('test_failed', { items: failedWords(given.failed) }) }
}

function opened(terminal: Terminal, given: ItemGiven, setting: ItemSetting): ItemDecision {
  const hold = terminal.holds.find((h) => h.id === given.hold)
  // Ended meanwhile by its own way out: there is nothing left to do.
  if (hold === undefined || isOver(hold)) return { facts: [] }
  const cleared = hold.clearedAt === undefined ? clearHold(terminal, hold.id, setting.actor.person, setting.now) : []
  if (isRefusal(cleared)) return no(cleared)
  const after = evolveAll(terminal, cleared)
  if (cleared.some((f) => f.fact === 'hold_withdrawn')) return { facts: cleared }
  if (!isTesting(after, setting.now)) {
    const other = recordTest(after, [], [], false, setting.actor.person, setting.now)
    return isRefusal(other) ? { facts: cleared, refusal: other } : { facts: cleared }
  }
  if (given.test === undefined) return { facts: cleared, refusal: refuse('test_awaited') }
  const { facts, refusal } = tested(after, given, setting)
  return { facts: [...cleared, ...facts], refusal }
}

// ── Its life ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const bulkCommands = {
  start: ['执行', 'start'],
  confirm: ['复核确认', 'confirm'],
  pause: ['暂停', 'pause'],
  resume: ['继续', 'resume'],
  cancel: ['取消', 'cancel'],
  retry: ['重试未办成的', 'try the failed again'],
} as const satisfies Record<string, Words>
export type BulkCommand = keyof typeof bulkCommands

/** A missing cell refuses. */
const machine: Readonly<Record<BulkCommand, readonly BulkState[]>> = {
  start: ['ready'],
  confirm: ['confirming'],
  pause: ['running'],
  resume: ['paused', 'failed'],
  cancel: ['checking', 'ready', 'confirming', 'running', 'paused', 'failed'],
  retry: ['done', 'cancelled'],
}

export type Bulk = {
  state: BulkState
  total: number
  done: number
  refused: number
  createdBy: string
  confirmedBy: string | undefined
}

/** The state a command leads to, or why not. `retry` and `resume` go on with what was confirmed already. */
export function commandBulk(bulk: Bulk, command: BulkCommand, { actor, policy }: Pick<ItemSetting, 'actor' | 'policy'>): BulkState | Refusal {
  if (!machine[command].includes(bulk.state)) return refuse('bulk_not_in_this_state', { state: bulkStates[bulk.state], command: bulkCommands[command] })
  const needsSecond = secondNeeded(bulk, policy)
  switch (command) {
    case 'start': return needsSecond ? 'confirming' : 'running'
    case 'confirm': return actor.person === bulk.createdBy ? refuse('bulk_second_person', { limit: policy.bulk.aloneTerminalsMax }) : 'running'
    case 'pause': return 'paused'
    case 'resume': return 'running'
    case 'cancel': return 'cancelled'
    case 'retry':
      if (bulk.refused === 0) return refuse('bulk_nothing_failed')
      // Cancelled before anybody confirmed it: what was never begun is not tried again.
      return needsSecond && bulk.confirmedBy === undefined ? 'confirming' : 'running'
  }
}

export const secondNeeded = ({ total }: Pick<Bulk, 'total'>, policy: Policy): boolean => total > policy.bulk.aloneTerminalsMax

/** Who may make a bulk of this kind: the right its single command needs. */
export const rightOf: Readonly<Record<BulkActKind, 'place-hold' | 'lift-hold' | 'record-test'>> =
  { place_hold: 'place-hold', lift_hold: 'lift-hold', record_test: 'record-test', open: 'lift-hold' }

type Standing = Pick<Bulk, 'state' | 'total' | 'done' | 'refused'> & { act: BulkAct; name: string; checked: number; unable: number; fault: string | undefined }
/** What is, and what is asked of the reader. */
export function bulkSentence({ state, total, done, refused, checked, unable, act, name, fault }: Standing, policy: Policy): Words {
  const head: Words = [`「${name}」（${bulkActs[act.act][0]}），${total} 台。`, `"${name}" (${bulkActs[act.act][1]}), ${total} terminal(s).`]
  const went: Words = [`已办 ${done} 台${refused > 0 ? `，未办 ${refused} 台` : ''}`, `${done} done${refused > 0 ? `, ${refused} refused` : ''}`]
  const rest: Readonly<Record<BulkState, Words>> = {
    checking: [`预演中，已看 ${checked} 台。`, `Being rehearsed: ${checked} looked at.`],
    ready: [`预演完成：可办 ${total - unable} 台，不可办 ${unable} 台。请执行${total > policy.bulk.aloneTerminalsMax ? '，之后由另一人复核' : ''}。`,
      `Rehearsed: ${total - unable} can, ${unable} cannot. Please start it${total > policy.bulk.aloneTerminalsMax ? '; a second person then confirms' : ''}.`],
    confirming: ['等待另一人复核。', 'It waits for a second person.'],
    running: [`执行中：${went[0]}。`, `Being carried out: ${went[1]}.`],
    paused: [`已暂停：${went[0]}。`, `Paused: ${went[1]}.`],
    failed: [`中断（${fault ?? ''}）：${went[0]}。请继续或取消。`, `Broken off (${fault ?? ''}): ${went[1]}. Please resume or cancel.`],
    done: [`已完成：${went[0]}。${refused > 0 ? '未办的可重试。' : ''}`, `Finished: ${went[1]}.${refused > 0 ? ' The refused may be tried again.' : ''}`],
    cancelled: [`已取消：${went[0]}。`, `Cancelled: ${went[1]}.`],
  }
  return [`${head[0]}${rest[state][0]}`, `${head[1]} ${rest[state][1]}`]
}
