// What a terminal costs, to the day: pure, from the history of its states in local days, what was agreed on each day, and a
// period. Three rules, said wherever a charge is shown:
// – a day is charged by the state in which it began (00:00): the day of the stop is still in service, the day of the
//   reopening still stopped – the start day is not counted (民法典 201);
// – a part of a month is days over the days that month really has, so that any split of a month adds up to one monthly fee
//   and a whole month always costs exactly that; thirtieths would charge 31/30 for a long month and 28/30 for February;
// – every line is rounded half up by itself. The first days of each stop are free where agreed.
import { addMonths } from './calendar.ts'
import { termsOn, type Schedule, type Terms } from './contract.ts'
import { entryOf, type Entry } from './ledger.ts'
import { formatYuan, type Fen } from './money.ts'
import type { Account, Words } from './vocabulary.ts'

export type DayState = 'in_service' | 'stopped'
/** Whole local days: `from` counts, `to` does not. */
export type Span = { from: string; to: string; state: DayState }
export type ChargeEvent = { on: string; event: 'reopened' | 'swapped' | 'closed' }
/** Spans in order, touching or apart; in between the terminal is not there. */
export type History = { installedOn: string; spans: readonly Span[]; events: readonly ChargeEvent[] }

export type ChargeKind = 'service' | 'suspended' | 'data' | 'annual' | 'reopening' | 'restocking' | 'termination'
/** `from` and `to` are the first and the last day it counts. */
export type ChargeLine = { kind: ChargeKind; month: string; from: string; to: string; fen: Fen; words: Words; formula: Words }

const day_ms = 86_400_000
const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / day_ms
const dateOfDay = (day: number): string => new Date(day * day_ms).toISOString().slice(0, 10)
const monthOf = (date: string): string => date.slice(0, 7)
const firstOf = (month: string): string => `${month}-01`
export const nextMonth = (month: string): string => monthOf(addMonths(firstOf(month), 1))
export const daysOfMonth = (month: string): number => dayNumber(firstOf(nextMonth(month))) - dayNumber(firstOf(month))

/** Half up, in whole numbers. */
export const prorated = (monthlyFen: Fen, days: number, monthDays: number): Fen =>
  Math.floor((monthlyFen * days * 2 + monthDays) / (monthDays * 2))

/**
 * A terminal's days from its instants. `stops` are those that shut it (not those that only restrict), in any order and
 * overlapping as they like; one without an end lasts.
 */
export function historyOf(
  { installedAt, closedAt, stops }: { installedAt: number; closedAt?: number | undefined; stops: readonly { from: number; to?: number | undefined }[] },
  until: string, dateOf: (at: number) => string,
): History {
  // The day after the one in which it happened is the first that begins so.
  const firstDay = (at: number): number => dayNumber(dateOf(at - 1)) + 1
  const end = Math.min(dayNumber(until), closedAt === undefined ? Number.POSITIVE_INFINITY : firstDay(closedAt))
  const spans: Span[] = []
  let day = firstDay(installedAt)
  const add = (to: number, state: DayState): void => {
    const last = Math.min(to, end)
    if (last <= day) return
    const before = spans.at(-1)
    if (before?.state === state && before.to === dateOfDay(day)) before.to = dateOfDay(last)
    else spans.push({ from: dateOfDay(day), to: dateOfDay(last), state })
    day = last
  }
  for (const stop of stops.toSorted((a, b) => a.from - b.from)) {
    add(firstDay(stop.from), 'in_service')
    add(stop.to === undefined ? end : firstDay(stop.to), 'stopped')
  }
  add(end, 'in_service')
  return { installedOn: dateOf(installedAt), spans, events: [] }
}

type Piece = { kind: 'service' | 'suspended' | 'data'; month: string; terms: Terms; from: number; to: number; days: number; free: number }

/** Cuts a span where a month or other terms begin. */
function* cuts(from: number, to: number, schedule: Schedule): Generator<{ from: number; to: number; month: string; terms: Terms }> {
  for (let at = from; at < to; ) {
    const date = dateOfDay(at)
    const month = monthOf(date)
    const terms = termsOn(schedule, date)
    const other = schedule.find((t) => t.from > date)
    const next = Math.min(to, dayNumber(firstOf(nextMonth(month))), other === undefined ? to : dayNumber(other.from))
    yield { from: at, to: next, month, terms }
    at = next
  }
}

function pieces(history: History, schedule: Schedule, from: number, to: number): Piece[] {
  const found = new Map<string, Piece>()
  const add = (piece: Piece): void => {
    const key = `${piece.month} ${piece.kind} ${piece.terms.from}`
    const before = found.get(key)
    if (before) Object.assign(before, { to: piece.to, days: before.days + piece.days, free: before.free + piece.free })
    else found.set(key, piece)
  }
  for (const span of history.spans) {
    const begun = dayNumber(span.from)
    for (const cut of cuts(Math.max(begun, from), Math.min(dayNumber(span.to), to), schedule)) {
      const days = cut.to - cut.from
      if (span.state === 'in_service') {
        add({ kind: 'service', ...cut, days, free: 0 })
        add({ kind: 'data', ...cut, days, free: 0 })
      } else {
        const free = Math.min(days, Math.max(0, begun + cut.terms.freeSuspendedDays - cut.from))
        add({ kind: 'suspended', ...cut, days: days - free, free })
      }
    }
  }
  return [...found.values()]
}

const yuan = (fen: Fen): string => `¥${formatYuan(fen)}`
const monthly: Readonly<Record<Piece['kind'], { fee(terms: Terms): Fen; words: Words; day: Words }>> = {
  service: { fee: (t) => t.monthlyInServiceFen, words: ['在用月费', 'monthly fee in service'], day: ['在用', 'in service'] },
  suspended: { fee: (t) => t.monthlyWhileSuspendedFen, words: ['停机月费', 'monthly fee while stopped'], day: ['停机', 'stopped'] },
  data: { fee: (t) => t.dataMonthlyFen, words: ['流量费', 'data-traffic fee'], day: ['在用', 'in service'] },
}

function monthlyLine({ kind, month, terms, from, to, days, free }: Piece): ChargeLine[] {
  const { fee, words, day } = monthly[kind]
  const monthlyFen = fee(terms)
  if (monthlyFen === 0) return []
  const of = daysOfMonth(month)
  const fen = prorated(monthlyFen, days, of)
  const freeWords: Words = free === 0 ? ['', ''] : [`（另 ${free} 天在免费期内）`, ` (${free} more in the free period)`]
  return [{
    kind, month, from: dateOfDay(from), to: dateOfDay(to - 1), fen, words: [`${words[0]} ${month}`, `${words[1]}, ${month}`],
    formula: [
      `${yuan(monthlyFen)} × ${day[0]} ${days} 天 ÷ 当月 ${of} 天 = ${yuan(fen)}${freeWords[0]}`,
      `${yuan(monthlyFen)} × ${days} days ${day[1]} ÷ ${of} days of the month = ${yuan(fen)}${freeWords[1]}`,
    ],
  }]
}

const onDay = (kind: ChargeKind, on: string, fen: Fen, words: Words, formula: Words): ChargeLine[] =>
  fen === 0 ? [] : [{ kind, month: monthOf(on), from: on, to: on, fen, words, formula }]

const oncePer = (fen: Fen, zh: string, en: string): Words => [`每台${zh} ${yuan(fen)}`, `${yuan(fen)} per terminal ${en}`]

/** Months of the term left on a day, a begun one counted as whole. */
function monthsLeft(on: string, until: string): number {
  let months = 0
  while (addMonths(on, months) < until) months++
  return months
}

/** What ending on that day costs; nothing once the term is over. */
export function terminationCharge({ earlyTermination: { flatFen, perMonthLeftFen, capFen, until } }: Terms, on: string): ChargeLine[] {
  if (until !== undefined && on >= until) return []
  const left = until === undefined ? 0 : monthsLeft(on, until)
  const full = flatFen + perMonthLeftFen * left
  const fen = Math.min(full, capFen)
  const most: Words = full > capFen ? [`，最高 ${yuan(capFen)}`, `, at most ${yuan(capFen)}`] : ['', '']
  const perMonth = perMonthLeftFen === 0 || left === 0 ? '' : ` + ${yuan(perMonthLeftFen)} × ${left}`
  return onDay('termination', on, fen, ['提前终止费', 'early termination fee'], until === undefined
    ? [`每台 ${yuan(flatFen)}`, `${yuan(flatFen)} per terminal`]
    : [`合同至 ${until}，还剩 ${left} 个月：${yuan(flatFen)}${perMonth} = ${yuan(full)}${most[0]}`, `the term ends ${until}, ${left} month(s) left: ${yuan(flatFen)}${perMonth} = ${yuan(full)}${most[1]}`])
}

const eventCharges: Readonly<Record<ChargeEvent['event'], (terms: Terms, on: string) => ChargeLine[]>> = {
  reopened: ({ reopeningFen: fen }, on) => onDay('reopening', on, fen, ['复机费', 'reopening fee'], oncePer(fen, '复机', 'reopened')),
  swapped: ({ restockingFen: fen }, on) => onDay('restocking', on, fen, ['换机费', 'restocking fee'], oncePer(fen, '换机', 'swapped')),
  closed: terminationCharge,
}
export const eventCharge = (event: ChargeEvent, schedule: Schedule): ChargeLine[] => eventCharges[event.event](termsOn(schedule, event.on), event.on)

function anniversaries({ installedOn, spans }: History, schedule: Schedule, from: string, to: string): ChargeLine[] {
  if (schedule.every((t) => t.annualFen === 0)) return []
  const lines: ChargeLine[] = []
  const years = Math.max(1, Number(from.slice(0, 4)) - Number(installedOn.slice(0, 4)))
  for (let year = years; ; year++) {
    const on = addMonths(installedOn, 12 * year)
    if (on >= to) return lines
    const { annualFen: fen } = termsOn(schedule, on)
    if (on >= from && spans.some((s) => s.from <= on && on < s.to))
      lines.push(...onDay('annual', on, fen, [`年费（第 ${year + 1} 年）`, `annual fee (year ${year + 1})`], [`装机满 ${year} 年：${yuan(fen)}`, `${year} year(s) since installation: ${yuan(fen)}`]))
  }
}

/**
 * Every charge of the days from `from` until before `to`, by month. A line of 0 says that the days were free.
 */
export function chargesOf(history: History, schedule: Schedule, { from, to }: { from: string; to: string }): ChargeLine[] {
  const lines = [
    ...pieces(history, schedule, dayNumber(from), dayNumber(to)).flatMap(monthlyLine),
    ...anniversaries(history, schedule, from, to),
    ...history.events.filter((e) => e.on >= from && e.on < to).flatMap((e) => eventCharge(e, schedule)),
  ]
  return lines.toSorted((a, b) => (a.from === b.from ? 0 : a.from < b.from ? -1 : 1))
}

export type Debtor = { provider: string; mid: string; tid?: string | undefined; serial?: string | undefined; caseNo?: string | undefined }

export const accountOf = (kind: ChargeKind): Account => `revenue_${kind}`

/** A line as it goes on the ledger; a line of 0 is not posted. */
export const chargeEntry = (line: ChargeLine, debtor: Debtor, id: string, at: number): Entry[] => line.fen === 0 ? [] : [entryOf(
  { ...debtor, id, kind: 'charge', at, month: line.month, words: line.words, formula: line.formula },
  [{ debit: 'receivable', credit: accountOf(line.kind), fen: line.fen }],
)]
