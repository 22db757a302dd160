import { describe, expect, test } from 'vitest'
import { addDays, dateOf, instantOf } from './calendar.ts'
import { bestStop, expectedIn, traffic_days, usualDays, weekdayOf, type Cell, type Sum, type Traffic } from './traffic.ts'

const zone = 'Asia/Shanghai'
const to = '2026-11-22' // a Sunday
/** Eight weeks: ten sales of 20.00 an hour from 9 to 21, three on Tuesdays, and a night owl on Mondays. */
const cells: Cell[] = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
  Array.from({ length: 12 }, (_, i) => ({ weekday, hour: 9 + i, count: (weekday === 2 ? 3 : 10) * 8, fen: (weekday === 2 ? 3 : 10) * 8 * 2_000 })))
const traffic: Traffic = { to, days: traffic_days, cells: [...cells, { weekday: 1, hour: 23, count: 1, fen: 9_900 }] }
const at = (date: string, time: string): number => instantOf(date, time, zone)

describe('a usual week', () => {
  test('counts days, not weeks', () => {
    expect(['2026-11-22', '2026-11-23', '2026-11-24'].map(weekdayOf)).toEqual([7, 1, 2])
    const usual = usualDays(traffic)
    expect(usual.map((d) => d.count)).toEqual([120.125, 36, 120, 120, 120, 120, 120])
    expect(usual[1]).toEqual({ weekday: 2, count: 36, fen: 72_000 })
    // Ten days: Friday to Sunday come twice.
    expect(usualDays({ ...traffic, days: 10 })[6]).toEqual({ weekday: 7, count: 480, fen: 960_000 })
    expect(usualDays({ to, days: 0, cells: [] }).every((d) => d.count === 0 && d.fen === 0)).toBe(true)
  })
})

describe('what a pause costs', () => {
  test('is the sum of its days, and of the hours of those it touches', () => {
    const week = expectedIn(traffic, at('2026-11-23', '00:00'), at('2026-11-30', '00:00'), zone)
    expect(week).toEqual({ count: 756, fen: Math.round(6 * 240_000 + 72_000 + 9_900 / 8) })
    expect(expectedIn(traffic, at('2026-11-25', '12:30'), at('2026-11-25', '14:00'), zone)).toEqual({ count: 15, fen: 30_000 })
    expect(expectedIn(traffic, at('2026-11-25', '22:00'), at('2026-11-26', '09:00'), zone)).toEqual({ count: 0, fen: 0 })
    expect(expectedIn(traffic, at('2026-11-25', '12:00'), at('2026-11-25', '12:00'), zone)).toEqual({ count: 0, fen: 0 })
  })

  test('two halves cost what the whole costs', () => {
    const [from, middle, until] = [at('2026-11-23', '10:00'), at('2026-11-27', '16:40'), at('2026-12-04', '11:00')]
    const [whole, first, second] = [[from, until], [from, middle], [middle, until]].map(([a, b]) => expectedIn(traffic, a!, b!, zone)) as unknown as [Sum, Sum, Sum]
    expect(Math.abs(whole.fen - first.fen - second.fen)).toBeLessThanOrEqual(1)
  })
})

describe('the best moment', () => {
  test('is the evening before the quietest day, after the last usual sale', () => {
    const best = bestStop(traffic, at('2026-11-22', '13:00'), zone)!
    // Monday evening: its one sale at 23 o'clock is an exception.
    expect([dateOf(best.at, zone), best.at - at('2026-11-23', '00:00')]).toEqual(['2026-11-23', 21 * 3_600_000])
    expect(best.quiet).toEqual({ weekday: 2, count: 36, fen: 72_000 })
  })

  test('never lies behind: on the day itself it is the next week', () => {
    expect(bestStop(traffic, at('2026-11-23', '21:30'), zone)!.at).toBe(at(addDays('2026-11-23', 7), '21:00'))
    expect(bestStop(traffic, at('2026-11-24', '08:00'), zone)!.at).toBe(at('2026-11-30', '21:00'))
  })

  test('is not made up where every day is the same, or nothing was sold', () => {
    expect(bestStop({ to, days: 56, cells: [] }, at('2026-11-22', '13:00'), zone)).toBeUndefined()
  })
})
