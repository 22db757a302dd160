// Looking after what is stopped. What is due – a look at the device, care before the return, a word about a pause that grows
// long, an answer about a device found elsewhere, a rectification – is a duty: due at a moment, reminded of by the policy's
// ladder rung by rung until it is done, raised above the desk at the last. Done, answered and then confirmed, or no longer
// needed because its stop ended: the machine is in lifecycle.ts. Which duties a stop brings is `wantedFor`.
import { mayNot, type Actor, type Right } from './authority.ts'
import { addDays, dateOf, dueAt as dueOf, instantOf, type Calendar } from './calendar.ts'
import { dutyMachine } from './lifecycle.ts'
import type { Policy } from './policy.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import { isInEffect, isOver, type Hold, type Terminal } from './terminal.ts'
import {
  careAnswers, dutyKinds, dutyStates, type CareAnswer, type DeviceType, type DutyKind, type DutyState, type WakeUpItem, type Words,
} from './vocabulary.ts'

export type Position = { longitude: number; latitude: number }
export type Check = { item: WakeUpItem; ok: boolean; note?: string | undefined; at: number; by: string }
export type Call = { at: number; by: string; reached: boolean }

export type Duty = {
  id: string
  kind: DutyKind
  terminal: string
  hold: string | undefined
  ticket: string | undefined
  state: DutyState
  dueAt: number
  /** The return date it was reckoned from: another one reckons it anew. */
  about: number | undefined
  /** The next rung of the ladder, and when the clock looks at it; none when every rung was climbed. */
  rung: number
  nextAt: number | undefined
  items: readonly WakeUpItem[]
  checks: readonly Check[]
  calls: readonly Call[]
  answer: CareAnswer | undefined
  position: (Position & { metres: number | undefined }) | undefined
  doneAt: number | undefined
  doneBy: string | undefined
  escalatedAt: number | undefined
  version: number
}

/** How each kind is done, by whom it is answered, and with which words. */
type Asks = 'photo' | 'checklist' | 'answer' | 'nothing'
export const dutyAsks: Readonly<Record<DutyKind, { asks: Asks; answers: readonly CareAnswer[]; needed: Words }>> = {
  custody_check: { asks: 'photo', answers: [], needed: ['机具照片和所在位置', 'a photo of the device and where it is'] },
  wake_up: { asks: 'checklist', answers: [], needed: ['逐项检查结果', 'the result of each item'] },
  longest_pause: { asks: 'answer', answers: ['extend', 'reactivate', 'close'], needed: ['答复：延期、复机或注销', 'an answer: extend, reactivate or close'] },
  overdue_return: { asks: 'answer', answers: ['extend', 'reactivate', 'close'], needed: ['答复：延期、复机或注销', 'an answer: extend, reactivate or close'] },
  moved: { asks: 'answer', answers: ['moved_back', 'new_address', 'not_us'], needed: ['答复：已移回、变更地址或不是本店', 'an answer: moved back, new address or not us'] },
  rectification: { asks: 'nothing', answers: [], needed: ['在整改单上提交整改', 'the rectification, handed in on its ticket'] },
}

export type DutyFact =
  | { fact: 'duty_reminded'; terminal: string; duty: string; kind: DutyKind; at: number; rung: string; to: Rung['to']; nextAt: number | undefined; next: number }
  | { fact: 'duty_waits'; terminal: string; duty: string; kind: DutyKind; at: number; nextAt: number; state: DutyState }
  | { fact: 'duty_done'; terminal: string; duty: string; kind: DutyKind; at: number; by: string; position?: Duty['position'] }
  | { fact: 'duty_checked'; terminal: string; duty: string; kind: DutyKind; at: number; checks: readonly Check[] }
  | { fact: 'duty_answered'; terminal: string; duty: string; kind: DutyKind; at: number; by: string; answer: CareAnswer; nextAt: number }
  | { fact: 'duty_called'; terminal: string; duty: string; kind: DutyKind; at: number; by: string; reached: boolean }
  | { fact: 'duty_cancelled'; terminal: string; duty: string; kind: DutyKind; at: number }

export function evolveDuty(duty: Duty, fact: DutyFact): Duty {
  const next = { ...duty, version: duty.version + 1 }
  switch (fact.fact) {
    case 'duty_reminded': return { ...next, rung: fact.next, nextAt: fact.nextAt, state: 'open', escalatedAt: fact.to === 'escalate' ? fact.at : duty.escalatedAt }
    case 'duty_waits': return { ...next, nextAt: fact.nextAt, state: fact.state }
    case 'duty_done': return { ...next, state: 'done', nextAt: undefined, doneAt: fact.at, doneBy: fact.by, position: fact.position ?? duty.position }
    case 'duty_checked': return { ...next, checks: fact.checks }
    case 'duty_answered': return { ...next, state: 'answered', answer: fact.answer, nextAt: fact.nextAt }
    case 'duty_called': return { ...next, calls: [...duty.calls, { at: fact.at, by: fact.by, reached: fact.reached }] }
    case 'duty_cancelled': return { ...next, state: 'cancelled', nextAt: undefined }
  }
}

// ── The ladder ──────────────────────────────────────────────────────────────────────────────────────────────────────
type Care = Policy['care']
type Rung = Care['ladder'][number]

const rungAt = (dueAt: number, rung: Rung, care: Care, zone: string): number => instantOf(addDays(dateOf(dueAt, zone), rung.days), care.at, zone)
/** The first rung people are to meet; a return that is late was reminded of before and on its day already. */
export const firstRung = (kind: DutyKind, care: Care): number => kind !== 'overdue_return' ? 0 : Math.max(0, care.ladder.findIndex((r) => r.days > 0))
export const nextRungAt = (dueAt: number, rung: number, care: Care, zone: string): number | undefined => {
  const next = care.ladder[rung]
  return next === undefined ? undefined : rungAt(dueAt, next, care, zone)
}

export const newDuty = (
  about: Pick<Duty, 'id' | 'kind' | 'terminal' | 'dueAt'> & Partial<Pick<Duty, 'hold' | 'ticket' | 'about' | 'items'>>, care: Care, zone: string,
): Duty => {
  const rung = firstRung(about.kind, care)
  return {
    hold: undefined, ticket: undefined, about: undefined, items: [], ...about, state: 'open', rung, nextAt: nextRungAt(about.dueAt, rung, care, zone), checks: [], calls: [],
    answer: undefined, position: undefined, doneAt: undefined, doneBy: undefined, escalatedAt: undefined, version: 1,
  }
}

// ── Which duties a stop brings ──────────────────────────────────────────────────────────────────────────────────────
export type Stop = Pick<Hold, 'id' | 'owner' | 'effectiveFrom' | 'expectedUntil'>
export type Wanted = { kind: DutyKind; dueAt: number; hold: string; about?: number | undefined; items?: readonly WakeUpItem[] }

/** `since` is the last look at the device, if it was looked at under this stop. */
export function wantedFor(
  stop: Stop, { policy, calendar, zone, now, type, since }: { policy: Policy; calendar: Calendar; zone: string; now: number; type: DeviceType | undefined; since?: number | undefined },
): Wanted[] {
  const { care } = policy
  const { id: hold, expectedUntil: about } = stop
  const later = (from: number, days: number): number => instantOf(addDays(dateOf(from, zone), days), care.at, zone)
  const wanted: Wanted[] = []
  // A look that was missed while nobody asked for any is due today, not long ago.
  if (care.custody && type !== undefined)
    wanted.push({ kind: 'custody_check', hold, dueAt: Math.max(later(since ?? stop.effectiveFrom, care.custody.everyDays), instantOf(dateOf(now, zone), care.at, zone)) })
  if (stop.owner !== 'merchant') return wanted
  if (care.wakeUp && about !== undefined && type !== undefined) {
    const due = dueOf(care.wakeUp.due, { expectedUntil: about, effectiveFrom: stop.effectiveFrom }, calendar, zone)
    if (typeof due === 'number') wanted.push({ kind: 'wake_up', hold, dueAt: due, about, items: care.wakeUp.items[type] })
  }
  if (care.longestPause) {
    const days = about === undefined ? care.longestPause.openEndedDays : policy.longestTemporaryDays
    wanted.push({ kind: 'longest_pause', hold, dueAt: later(stop.effectiveFrom, Math.max(0, days - care.longestPause.askDaysBefore)) })
  }
  if (about !== undefined) wanted.push({ kind: 'overdue_return', hold, dueAt: about, about })
  return wanted
}

// ── What time brings ────────────────────────────────────────────────────────────────────────────────────────────────
export type DutySetting = {
  now: number; zone: string; policy: Policy; terminal: Terminal
  /** A case that brings it back, or closes it, is under way. */
  isBeingSettled: boolean
  /** Its ticket was met, or is over. */
  isTicketMet: boolean
}
const day_ms = 86_400_000

/** Nothing of it is needed any more. */
function isOverFor(duty: Duty, { terminal, isTicketMet, now }: DutySetting): boolean {
  if (terminal.closedAt !== undefined) return true
  // A device is looked at while anything still stops its terminal.
  if (duty.kind === 'custody_check') return !terminal.holds.some((h) => h.effect === 'stop' && isInEffect(h, now) && h.clearedAt === undefined)
  if (duty.ticket !== undefined && isTicketMet) return true
  if (duty.hold === undefined) return false
  const hold = terminal.holds.find((h) => h.id === duty.hold)
  if (hold === undefined || isOver(hold)) return true
  // The device is woken and tested once its stop is given free; what was asked about the stop itself is answered by that.
  if (hold.clearedAt !== undefined) return true
  return duty.about !== undefined && hold.expectedUntil !== duty.about
}

/** The pause was made longer since somebody was asked about it. */
const isExtended = (duty: Duty, { terminal }: DutySetting): boolean => {
  const until = terminal.holds.find((h) => h.id === duty.hold)?.expectedUntil
  return duty.kind === 'longest_pause' && duty.answer === 'extend' && until !== undefined && until > duty.dueAt
}

export function tickDuty(duty: Duty, setting: DutySetting): DutyFact[] {
  const { now: at, policy: { care }, zone } = setting
  const of = { terminal: duty.terminal, duty: duty.id, kind: duty.kind, at }
  if (duty.state === 'done' || duty.state === 'cancelled') return []
  if (isOverFor(duty, setting)) return [{ fact: 'duty_cancelled', ...of }]
  if (isExtended(duty, setting)) return [{ fact: 'duty_done', ...of, by: 'system' }]
  if (duty.nextAt === undefined || duty.nextAt > at) return []
  // Whoever has begun what is asked for is not nagged.
  if (setting.isBeingSettled && dutyAsks[duty.kind].asks === 'answer' && duty.kind !== 'moved')
    return [{ fact: 'duty_waits', ...of, nextAt: instantOf(addDays(dateOf(at, zone), 1), care.at, zone), state: duty.state }]
  // Several rungs passed while nobody looked: the highest is climbed, the others are not said after it.
  const passed = care.ladder.findLastIndex((rung) => rungAt(duty.dueAt, rung, care, zone) <= at)
  const index = Math.max(duty.rung, passed)
  const rung = care.ladder[index]
  if (rung === undefined) return [{ fact: 'duty_waits', ...of, nextAt: at + day_ms, state: 'open' }]
  return [{ fact: 'duty_reminded', ...of, rung: rung.id, to: rung.to, next: index + 1, nextAt: nextRungAt(duty.dueAt, index + 1, care, zone) }]
}

/** Which hold follows when a question came to the top of its ladder unanswered. */
export function holdAfter(kind: DutyKind, care: Care): 'I01' | 'S05' | undefined {
  if (kind === 'longest_pause') return care.longestPause?.unanswered === 'hold' ? 'I01' : undefined
  return kind === 'moved' ? 'S05' : undefined
}

// ── Commands ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type DutyCommand =
  | { command: 'check'; position: Position; metres: number | undefined }
  | { command: 'complete'; checks: readonly { item: WakeUpItem; ok: boolean; note?: string | undefined }[] }
  | { command: 'answer'; answer: CareAnswer; words?: string | undefined }
  | { command: 'settle'; words: string }
  | { command: 'call'; reached: boolean; words?: string | undefined }
export const dutyRights: Readonly<Record<DutyCommand['command'], Right>> = {
  check: 'keep-custody', complete: 'keep-custody', answer: 'answer-care', settle: 'settle-care', call: 'settle-care',
}
const commandWords: Readonly<Record<DutyCommand['command'], Words>> = {
  check: ['提交保管检查', 'hand in a custody check'], complete: ['提交检查结果', 'hand in the checklist'], answer: ['答复', 'answer'], settle: ['确认办妥', 'confirm that it is settled'],
  call: ['登记来电', 'record a call'],
}
const asksFor: Readonly<Record<DutyCommand['command'], readonly Asks[]>> = {
  check: ['photo'], complete: ['checklist'], answer: ['answer'], settle: ['answer'], call: ['photo', 'checklist', 'answer', 'nothing'],
}

export function decideDuty(duty: Duty, command: DutyCommand, { actor, now: at, zone, care }: { actor: Actor; now: number; zone: string; care: Care }): DutyFact[] | Refusal {
  const refusal = mayNot(actor, dutyRights[command.command])
  if (refusal) return refusal
  const named = dutyKinds[duty.kind]
  if (!asksFor[command.command].includes(dutyAsks[duty.kind].asks)) return refuse('duty_asks_otherwise', { duty: named, needed: dutyAsks[duty.kind].needed })
  if (!dutyMachine[command.command].includes(duty.state)) return refuse('duty_not_in_this_state', { state: dutyStates[duty.state], command: commandWords[command.command] })
  const of = { terminal: duty.terminal, duty: duty.id, kind: duty.kind, at }
  const by = actor.person
  switch (command.command) {
    case 'check': return [{ fact: 'duty_done', ...of, by, position: { ...command.position, metres: command.metres } }]
    case 'complete': {
      const foreign = command.checks.find((c) => !duty.items.includes(c.item))
      if (foreign) return refuseField('/items', 'duty_asks_otherwise', { duty: named, needed: dutyAsks[duty.kind].needed })
      const fresh = new Map(command.checks.map((c) => [c.item, { ...c, at, by }]))
      const checks = [...duty.checks.filter((c) => !fresh.has(c.item)), ...fresh.values()]
      const all = duty.items.every((item) => checks.some((c) => c.item === item && c.ok))
      return [{ fact: 'duty_checked', ...of, checks }, ...(all ? [{ fact: 'duty_done', ...of, by } as const] : [])]
    }
    case 'answer': {
      const { answers, needed } = dutyAsks[duty.kind]
      if (!answers.includes(command.answer)) return refuseField('/answer', 'duty_asks_otherwise', { duty: named, needed })
      const nextAt = instantOf(addDays(dateOf(at, zone), care.seen.answerDays), care.at, zone)
      return [{ fact: 'duty_answered', ...of, by, answer: command.answer, nextAt }]
    }
    case 'settle': return command.words.trim() ? [{ fact: 'duty_done', ...of, by }] : refuseField('/words', 'words_required')
    case 'call': return [{ fact: 'duty_called', ...of, by, reached: command.reached }]
  }
}

// ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────
/** What is due, as one clause: '请于 2026-12-27 前拍照并报告机具位置'. */
export function dutyWords(duty: Pick<Duty, 'kind' | 'terminal' | 'dueAt' | 'items'>, at: (instant: number) => Words): Words {
  const [zh, en] = at(duty.dueAt)
  const tid = duty.terminal
  switch (duty.kind) {
    case 'custody_check': return [`终端 ${tid} 停机期间的保管检查 ${zh} 到期，请拍照并报告机具所在位置`, `the custody check of stopped terminal ${tid} is due ${en}: please hand in a photo and where the device is`]
    case 'wake_up': return [`终端 ${tid} 即将恢复，请于 ${zh} 前做好：${duty.items.length} 项唤醒保养`, `terminal ${tid} is to come back: please do its ${duty.items.length} items of wake-up care by ${en}`]
    case 'longest_pause': return [`终端 ${tid} 停机即将到达最长期限，请答复：延期、复机或注销`, `terminal ${tid} is about to reach its longest pause: please answer – extend, reactivate or close`]
    case 'overdue_return': return [`终端 ${tid} 原定 ${zh} 恢复，尚未恢复，请答复：延期、复机或注销`, `terminal ${tid} was due back ${en} and is not back: please answer – extend, reactivate or close`]
    case 'moved': return [`终端 ${tid} 的机具不在登记地址，请在 ${zh} 前说明：已移回、变更地址或不是本店`, `the device of terminal ${tid} is not where it is registered: please answer by ${en} – moved back, new address or not us`]
    case 'rectification': return [`终端 ${tid} 的整改请于 ${zh} 前提交`, `the rectification for terminal ${tid} is to be handed in by ${en}`]
  }
}

/** The words of a rung: a message to the merchant, a call for the desk, or raised above it. */
export function rungWords(duty: Duty, to: Rung['to'], at: (instant: number) => Words, hotline: string): Words {
  const [zh, en] = dutyWords(duty, at)
  const first = en.charAt(0).toUpperCase() + en.slice(1)
  if (to === 'merchant') return [`${zh}。电话 ${hotline}。`, `${first}. Call ${hotline}.`]
  if (to === 'agent') return [`请致电商户：${zh}。`, `Please call the merchant: ${en}.`]
  return [`已多次提醒无果，请机构管理员处理：${zh}。`, `Reminded again and again without answer; somebody above the desk must act: ${en}.`]
}

export const answersOf = (kind: DutyKind): readonly { answer: CareAnswer; words: Words }[] => dutyAsks[kind].answers.map((answer) => ({ answer, words: careAnswers[answer] }))

/** Metres between two places on the globe (haversine, mean radius). */
export function metresBetween(a: Position, b: Position): number {
  const rad = Math.PI / 180
  const half = (x: number): number => Math.sin((x * rad) / 2) ** 2
  const h = half(b.latitude - a.latitude) + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * half(b.longitude - a.longitude)
  return Math.round(2 * 6_371_008.8 * Math.asin(Math.sqrt(Math.min(1, h))))
}
