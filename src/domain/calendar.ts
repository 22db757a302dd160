// Days and due times. Three kinds of time, never mixed:
// – a *date* is a string 'yyyy-mm-dd' on the wall calendar of its place; dates compare as strings;
// – an *instant* is a number: milliseconds since 1970-01-01T00:00Z;
// – a *zone* (default Asia/Shanghai) turns one into the other.
// A working day is what the State Council's yearly notice says, else Monday to Friday – but only within a year whose
// notice is known. Any other year gives `{ unknownYear }`: the system refuses to compute rather than guess. Those
// values are objects, hence truthy: ask `isUnknownYear` first. The start day is never counted, and a month without the
// day ends on its last one (民法典 201, 202). Years 2004-2026 come with chinese-days, later ones by import.
import chineseDays from 'chinese-days/dist/chinese-days.json' with { type: 'json' }
import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'
import type { ImportError } from './vocabulary.ts'

export const SHANGHAI = 'Asia/Shanghai'
const DAY_ms = 86_400_000
/** Shanghai is UTC+8 without summer time since September 1991; before 1992 the time zone database is asked. */
const SHANGHAI_ahead_ms = 8 * 3_600_000
const SHANGHAI_fixed_from_ms = Date.UTC(1992, 0, 1)
/** A year has four digits, in every zone. */
const YEAR_min = 1000
const YEAR_max = 9999
const INSTANT_min_ms = Date.UTC(YEAR_min, 0, 2)
const INSTANT_max_ms = Date.UTC(YEAR_max, 11, 31)

// ── Dates and instants ──────────────────────────────────────────────────────────────────────────────────────────────

const dateText = /^[1-9]\d{3}-\d{2}-\d{2}$/
const timeText = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/
const utcOf = (date: string): number => Date.parse(`${date}T00:00:00Z`)
const dateOfUtc = (ms: number): string => {
  const date = new Date(ms).toISOString().slice(0, 10)
  if (!dateText.test(date)) throw new RangeError(`beyond the years ${YEAR_min} to ${YEAR_max}: ${ms}`)
  return date
}

/** Is this a day that exists, written 'yyyy-mm-dd'? 2026-02-30 is not. */
export const isDate = (text: string): boolean => {
  const ms = dateText.test(text) ? utcOf(text) : Number.NaN
  return !Number.isNaN(ms) && dateOfUtc(ms) === text
}

/** Is this a wall-clock time, 'HH:mm' or 'HH:mm:ss', 00:00 to 23:59:59? */
export const isTime = (text: string): boolean => timeText.test(text)

function assertDate(date: string): void {
  if (!isDate(date)) throw new RangeError(`not a date: ${date}`)
}

/** The date on the wall at that instant. */
export function dateOf(instant_ms: number, zone: string = SHANGHAI): string {
  return wallOf(instant_ms, zone).slice(0, 10)
}

/** 'yyyy-mm-ddTHH:mm:ss.SSS' on the wall at that instant. */
function wallOf(instant_ms: number, zone: string): string {
  if (!(instant_ms >= INSTANT_min_ms && instant_ms <= INSTANT_max_ms))
    throw new RangeError(`not an instant: ${instant_ms}`)
  if (zone === SHANGHAI && instant_ms >= SHANGHAI_fixed_from_ms)
    return new Date(instant_ms + SHANGHAI_ahead_ms).toISOString().slice(0, 23)
  const wall = Temporal.Instant.fromEpochMilliseconds(instant_ms).toZonedDateTimeISO(zone).toPlainDateTime()
  return wall.toString({ smallestUnit: 'millisecond' })
}

/**
 * The instant at which the wall shows that date and time ('HH:mm', 'HH:mm:ss' or with milliseconds). Where summer time
 * skips it, the same distance after the gap; where it comes twice, the first.
 */
export function instantOf(date: string, time: string, zone: string = SHANGHAI): number {
  if (!isDate(date) || !isTime(time.split('.', 1)[0]!)) throw new RangeError(`not a wall time: ${date} ${time}`)
  if (zone === SHANGHAI) {
    const instant = Date.parse(`${date}T${time}+08:00`)
    if (instant >= SHANGHAI_fixed_from_ms) return instant
  }
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(zone).epochMilliseconds
}

export function addDays(date: string, days: number): string {
  assertDate(date)
  return dateOfUtc(utcOf(date) + days * DAY_ms)
}

/** Calendar months on; 2025-11-30 + 3 = 2026-02-28, the month's last day where it has no such day (民法典 202). */
export function addMonths(date: string, months: number): string {
  assertDate(date)
  const end_ms = endOfMonth_ms(date, months)
  const daysToSpare = Math.max(new Date(end_ms).getUTCDate() - Number(date.slice(8)), 0)
  return dateOfUtc(end_ms - daysToSpare * DAY_ms)
}

/** Midnight, UTC, of the last day of the month so many months after the date's. */
const endOfMonth_ms = (date: string, months: number): number =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) + months, 0)

/** The last days of the months from one date to another, both counted: 01-20 to 03-10 → 01-31, 02-28. */
export function monthEnds(from: string, to: string): string[] {
  assertDate(from)
  assertDate(to)
  const ends: string[] = []
  for (let months = 0; endOfMonth_ms(from, months) <= utcOf(to); months++)
    ends.push(dateOfUtc(endOfMonth_ms(from, months)))
  return ends
}

// ── Working days ────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * One year's notice: the days off it names and the weekend days it makes working days. A notice may also reach into the
 * December before (元旦).
 */
export type CalendarTable = { year: number; off: string[]; work: string[] }
/** This year's notice is not known, so nothing that touches the year can be said; importing its table mends it. */
export type UnknownYear = { unknownYear: number }
export type Calendar = {
  /** The years whose notice is known, ascending. */
  readonly years: readonly number[]
  /** Every working day of the known years, ascending. */
  readonly workdays: readonly string[]
  /** Every date of the known years → how many of `workdays` are at or before it. */
  readonly rank: ReadonlyMap<string, number>
}

export const isUnknownYear = (answer: unknown): answer is UnknownYear =>
  typeof answer === 'object' && answer !== null && 'unknownYear' in answer

/**
 * Is this the whole notice, or a placeholder or fragment of one? A whole one closes 1 January, 1 May, 1 October and
 * some day of Spring Festival (its first day falls from 21 January to 20 February).
 */
function isWhole({ year, off }: CalendarTable): boolean {
  const fixed = ['01-01', '05-01', '10-01'].every((day) => off.includes(`${year}-${day}`))
  return fixed && off.some((date) => date >= `${year}-01-21` && date <= `${year}-02-20`)
}

/** The notices chinese-days knows. Its `holidays` hold every day off, weekends within a holiday included. */
export const libraryTables: readonly CalendarTable[] = tablesOfLibrary()

function tablesOfLibrary(): CalendarTable[] {
  const off = Object.keys(chineseDays.holidays)
  const work = Object.keys(chineseDays.workdays)
  const years = [...new Set(off.map((date) => Number(date.slice(0, 4))))].sort((a, b) => a - b)
  const ofYear = (dates: string[], year: number) => dates.filter((date) => date.startsWith(`${year}-`)).sort()
  return years.map((year) => ({ year, off: ofYear(off, year), work: ofYear(work, year) })).filter(isWhole)
}

/** The library's years and these; of two tables for one year the later in the list counts, whole. */
export function makeCalendar(tables: readonly CalendarTable[] = []): Calendar {
  const byYear = new Map([...libraryTables, ...tables].map((table) => [table.year, table]))
  const years = [...byYear.keys()].sort((a, b) => a - b)
  // A later year's notice was published later, so where it reaches into the December before, it has the last word.
  const said = new Map<string, boolean>()
  for (const year of years) {
    for (const date of byYear.get(year)!.off) said.set(date, false)
    for (const date of byYear.get(year)!.work) said.set(date, true)
  }
  const workdays: string[] = []
  const rank = new Map<string, number>()
  for (const year of years) {
    for (let ms = Date.UTC(year, 0, 1); ms < Date.UTC(year + 1, 0, 1); ms += DAY_ms) {
      const date = dateOfUtc(ms)
      const weekday = new Date(ms).getUTCDay()
      if (said.get(date) ?? (weekday >= 1 && weekday <= 5)) workdays.push(date)
      rank.set(date, workdays.length)
    }
  }
  return { years, workdays, rank }
}

export type CalendarRefusal = { code: ImportError & 'calendar_invalid'; detail: string }

const dateSchema = z.string().refine(isDate)
const ourTable = z.object({
  year: z.int().min(1950).max(YEAR_max),
  off: z.array(dateSchema),
  work: z.array(dateSchema),
})
/** The format of github.com/NateScarlet/holiday-cn, which names the notice it was read from. */
const holidayCnTable = z
  .object({ year: ourTable.shape.year, days: z.array(z.object({ date: dateSchema, isOffDay: z.boolean() })) })
  .transform(({ year, days }): CalendarTable => {
    const dates = (off: boolean) => days.filter((day) => day.isOffDay === off).map((day) => day.date)
    return { year, off: dates(true), work: dates(false) }
  })

/** Reads a year's table in holiday-cn's format (`{ year, papers, days: [{ name, date, isOffDay }] }`) or in ours. */
export function parseCalendarTable(json: unknown): CalendarTable | CalendarRefusal {
  const refuse = (detail: string): CalendarRefusal => ({ code: 'calendar_invalid', detail })
  const parsed = z.union([ourTable, holidayCnTable]).safeParse(json)
  if (!parsed.success) return refuse('not a table of { year, off, work } or { year, days }')
  const { year } = parsed.data
  const [off, work] = [parsed.data.off.toSorted(), parsed.data.work.toSorted()]
  const all = [...off, ...work]
  const stray = all.find((date) => !date.startsWith(`${year}-`) && !date.startsWith(`${year - 1}-12-`))
  if (stray) return refuse(`${stray} is not in ${year}`)
  const twice = all.find((date, index) => all.indexOf(date) !== index)
  if (twice) return refuse(`${twice} is named twice`)
  const table = { year, off, work }
  return isWhole(table) ? table : refuse(`not the whole notice for ${year}: a statutory holiday is missing`)
}

const yearOf = (date: string): number => Number(date.slice(0, 4))

/** The date's place in the list of working days, or the year nobody has told us about. */
function rankOf(cal: Calendar, date: string): number | UnknownYear {
  const rank = cal.rank.get(date)
  if (rank !== undefined) return rank
  assertDate(date)
  return { unknownYear: yearOf(date) }
}

/** The first year without a table from one year to another, whichever comes first. */
function gapBetween(cal: Calendar, from: number, to: number): UnknownYear | undefined {
  for (let year = from; year !== to; year += Math.sign(to - from)) {
    if (!cal.years.includes(year)) return { unknownYear: year }
  }
  return undefined
}

export function isWorkday(cal: Calendar, date: string): boolean | UnknownYear {
  const rank = rankOf(cal, date)
  return isUnknownYear(rank) ? rank : cal.workdays[rank - 1] === date
}

/**
 * The n-th working day after the date, or before it where n is negative; n = 0 is the date itself, working day or not.
 */
export function addWorkdays(cal: Calendar, date: string, n: number): string | UnknownYear {
  if (!Number.isSafeInteger(n)) throw new RangeError(`not a number of days: ${n}`)
  const rank = rankOf(cal, date)
  if (isUnknownYear(rank)) return rank
  if (n === 0) return date
  // workdays[rank - 1] is the last one at or before the date; going back, the date itself does not count.
  const index = n > 0 ? rank - 1 + n : rank + n - (cal.workdays[rank - 1] === date ? 1 : 0)
  const found = cal.workdays[index]
  const target = found === undefined ? (n > 0 ? cal.years.at(-1)! + 1 : cal.years[0]! - 1) : yearOf(found)
  const gap = gapBetween(cal, yearOf(date), target)
  return gap ?? found ?? { unknownYear: target }
}

/**
 * Working days after `from` up to and including `to`, so that addWorkdays(from, count) reaches `to` when `to` is one;
 * negative when `to` is earlier (a deadline that many working days overdue).
 */
export function countWorkdays(cal: Calendar, from: string, to: string): number | UnknownYear {
  const start = rankOf(cal, from)
  if (isUnknownYear(start)) return start
  const gap = gapBetween(cal, yearOf(from), yearOf(to))
  if (gap) return gap
  const end = rankOf(cal, to)
  return isUnknownYear(end) ? end : end - start
}

export const firstWorkdayOfNextMonth = (cal: Calendar, date: string): string | UnknownYear =>
  addWorkdays(cal, dateOfUtc(endOfMonth_ms(date, 0)), 1)

/** When an answer may be expected: submitted 2026-09-30, 3 to 7 working days → 2026-10-10 to 2026-10-15. */
export function reviewWindow(
  cal: Calendar,
  submittedAt_ms: number,
  { fromWorkingDays, toWorkingDays }: { fromWorkingDays: number; toWorkingDays: number },
  zone: string = SHANGHAI,
): { earliest: string; latest: string } | UnknownYear {
  const submitted = dateOf(submittedAt_ms, zone)
  const earliest = addWorkdays(cal, submitted, fromWorkingDays)
  if (isUnknownYear(earliest)) return earliest
  const latest = addWorkdays(cal, submitted, toWorkingDays)
  return isUnknownYear(latest) ? latest : { earliest, latest }
}

// ── Due rules ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The moments of a case that a rule may count from. */
export const moments = ['effectiveFrom', 'submittedAt', 'approvedAt', 'completedAt', 'expectedUntil'] as const
export type Moment = (typeof moments)[number]
/** Instants; absent while not known. `horizon` is how far to list for a stop without a return date. */
export type DueMoments = { readonly [name in Moment | 'horizon']?: number | undefined }

/** What an offset may count in, and how many at most: working days, days, months, hours, minutes. */
const offset_max = { wd: 250, d: 3_660, mo: 120, h: 8_760, min: 10_080 } as const
export type OffsetUnit = keyof typeof offset_max
const exact_ms: Partial<Record<OffsetUnit, number>> = { h: 3_600_000, min: 60_000 }
const offsetText = /^([+-])(0|[1-9]\d{0,4})(wd|d|mo|h|min)$/

/**
 * '-2wd' → { amount: -2, unit: 'wd' }. No '-0', no '+0wd' (the day may not be a working day), nothing beyond the
 * bounds.
 */
export function parseOffset(text: string): { amount: number; unit: OffsetUnit } | undefined {
  const match = offsetText.exec(text)
  if (!match) return undefined
  const [, sign, digits] = match
  const size = Number(digits)
  const unit = match[3] as OffsetUnit
  if (size > offset_max[unit] || (size === 0 && (sign === '-' || unit === 'wd'))) return undefined
  return { amount: sign === '-' ? -size : size, unit }
}

const isExact = (offset: string): boolean => exact_ms[parseOffset(offset)?.unit ?? 'd'] !== undefined
const moment = z.enum(moments)
const wallTime = z.string().regex(timeText).describe('wall-clock time, HH:mm or HH:mm:ss')
const offset = z
  .string()
  .regex(offsetText)
  .refine((text) => parseOffset(text) !== undefined, 'offset out of bounds')

export const dueRuleSchema = z.union([
  z
    .strictObject({ from: moment, offset, at: wallTime.optional() })
    .refine(
      (rule) => rule.at === undefined || !isExact(rule.offset),
      'hours and minutes leave no room for a time of day',
    ),
  z.strictObject({ from: moment.exclude(['expectedUntil']), rule: z.literal('monthEnd'), at: wallTime.optional() }),
  z.strictObject({ from: moment, rule: z.literal('firstWorkingDayOfNextMonth'), at: wallTime.optional() }),
])
/**
 * When something falls due. An offset in days or months keeps the time of day of its moment unless `at` names one; the
 * other two rules mean the end of their day unless `at` says otherwise.
 */
export type DueRule = z.infer<typeof dueRuleSchema>

const END_OF_DAY = '23:59:59'

function offsetFrom(
  start_ms: number,
  text: string,
  time: string | undefined,
  cal: Calendar,
  zone: string,
): number | UnknownYear {
  const parsed = parseOffset(text)
  if (!parsed) throw new RangeError(`not an offset: ${text}`)
  const { amount, unit } = parsed
  const unit_ms = exact_ms[unit]
  if (unit_ms !== undefined) return start_ms + amount * unit_ms
  const date = dateOf(start_ms, zone)
  const due =
    unit === 'wd' ? addWorkdays(cal, date, amount) : unit === 'd' ? addDays(date, amount) : addMonths(date, amount)
  return isUnknownYear(due) ? due : instantOf(due, time ?? wallOf(start_ms, zone).slice(11), zone)
}

/**
 * Every instant at which the rule falls due, ascending. None while its moment is not known; `monthEnd` gives the month
 * ends from its moment until the return (or `horizon`), every other rule one.
 */
export function dueTimes(
  rule: DueRule,
  known: DueMoments,
  cal: Calendar,
  zone: string = SHANGHAI,
): number[] | UnknownYear {
  const start_ms = known[rule.from]
  if (start_ms === undefined) return []
  if ('offset' in rule) {
    const due = offsetFrom(start_ms, rule.offset, rule.at, cal, zone)
    return isUnknownYear(due) ? due : [due]
  }
  const time = rule.at ?? END_OF_DAY
  if (rule.rule === 'firstWorkingDayOfNextMonth') {
    const date = firstWorkdayOfNextMonth(cal, dateOf(start_ms, zone))
    return isUnknownYear(date) ? date : [instantOf(date, time, zone)]
  }
  const until_ms = known.expectedUntil ?? known.horizon
  if (until_ms === undefined) return []
  return monthEnds(dateOf(start_ms, zone), dateOf(until_ms, zone))
    .map((date) => instantOf(date, time, zone))
    .filter((due) => due >= start_ms && due < until_ms)
}

/** The first instant at which the rule falls due; undefined where there is none. */
export function dueAt(
  rule: DueRule,
  known: DueMoments,
  cal: Calendar,
  zone: string = SHANGHAI,
): number | undefined | UnknownYear {
  const due = dueTimes(rule, known, cal, zone)
  return isUnknownYear(due) ? due : due[0]
}
