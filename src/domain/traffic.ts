// A merchant's own trade as an advisor: when it is quietest, what a pause is likely to cost, and what one did cost. Counted are
// sales that went through, by weekday and hour on the clock of the shop. Means are per day of that weekday; an expectation is
// their sum over the days away, which is what "about" in its sentence means.
import { addDays, dateOf, instantOf } from './calendar.ts'
import type { Fen } from './money.ts'

/** Monday is 1. */
export type Cell = { weekday: number; hour: number; count: number; fen: Fen }
/** `days`: how many days were looked at, ending with `to` ('yyyy-mm-dd'). */
export type Traffic = { to: string; days: number; cells: readonly Cell[] }
export type Sum = { count: number; fen: Fen }

export const traffic_days = 56
/** Less than this of a weekday's sales is an exception, not business. */
const exception_share = 0.01
/** How far ahead a best moment is looked for. */
const ahead_days = 14

export const weekdayOf = (date: string): number => ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1
const summed = (cells: readonly Cell[]): Sum => cells.reduce((sum, c) => ({ count: sum.count + c.count, fen: sum.fen + c.fen }), { count: 0, fen: 0 })

/** How many days of each weekday lie in the days that were looked at. */
const daysOf = ({ to, days }: Traffic, weekday: number): number =>
  Array.from({ length: days }, (_, i) => weekdayOf(addDays(to, -i))).filter((d) => d === weekday).length

/** The usual Monday, Tuesday … ; fractions of a sale are meant as such. */
export const usualDays = (traffic: Traffic): (Sum & { weekday: number })[] =>
  [1, 2, 3, 4, 5, 6, 7].map((weekday) => {
    const days = daysOf(traffic, weekday)
    const { count, fen } = summed(traffic.cells.filter((c) => c.weekday === weekday))
    return { weekday, count: days === 0 ? 0 : count / days, fen: days === 0 ? 0 : Math.round(fen / days) }
  })

/** What the days from one instant to another usually bring; hours of a day that is only touched count by their share. */
export function expectedIn(traffic: Traffic, from: number, until: number, zone: string): Sum {
  let sum: Sum = { count: 0, fen: 0 }
  for (let date = dateOf(from, zone); instantOf(date, '00:00', zone) < until; date = addDays(date, 1)) {
    const [weekday, midnight] = [weekdayOf(date), instantOf(date, '00:00', zone)]
    const days = daysOf(traffic, weekday)
    if (days === 0) continue
    for (const cell of traffic.cells.filter((c) => c.weekday === weekday)) {
      const begins = midnight + cell.hour * 3_600_000
      const share = Math.max(0, Math.min(until, begins + 3_600_000) - Math.max(from, begins)) / 3_600_000
      sum = { count: sum.count + (cell.count / days) * share, fen: sum.fen + (cell.fen / days) * share }
    }
  }
  return { count: Math.round(sum.count), fen: Math.round(sum.fen) }
}

export type BestStop = { at: number; quiet: Sum & { weekday: number } }

/**
 * The best moment to stop in the next fortnight: after the last usual sale of the day before the quietest weekday. Undefined
 * where nothing was sold, or nothing is quieter than the rest.
 */
export function bestStop(traffic: Traffic, now: number, zone: string): BestStop | undefined {
  const usual = usualDays(traffic)
  const quiet = usual.toSorted((a, b) => a.fen - b.fen || a.weekday - b.weekday)[0]!
  if (usual.every((d) => d.fen === quiet.fen)) return undefined
  const today = dateOf(now, zone)
  for (let i = 1; i <= ahead_days; i++) {
    const date = addDays(today, i)
    if (weekdayOf(date) !== quiet.weekday) continue
    const at = instantOf(addDays(date, -1), '00:00', zone) + closingHour(traffic, weekdayOf(addDays(date, -1))) * 3_600_000
    if (at > now) return { at, quiet }
  }
  return undefined
}

/** The hour (1 to 24) by which the usual day of that weekday is over; 18 where there is none. */
function closingHour({ cells }: Traffic, weekday: number): number {
  const own = cells.filter((c) => c.weekday === weekday)
  const all = summed(own).count
  const last = own.filter((c) => c.count >= all * exception_share).map((c) => c.hour)
  return all === 0 ? 18 : Math.max(...last) + 1
}
