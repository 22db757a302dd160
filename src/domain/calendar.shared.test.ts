// Working days against the vectors computed from two agreeing tables, and those tables against the library's.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  addDays,
  addMonths,
  addWorkdays,
  type CalendarTable,
  countWorkdays,
  isWorkday,
  libraryTables,
  makeCalendar,
  parseCalendarTable,
} from './calendar.ts'

const shared = process.env.TINGQI_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname
const read = (name: string): unknown => JSON.parse(readFileSync(join(shared, 'holidays', name), 'utf8'))
const vectors = read('workday-vectors.json') as {
  singleDays: { date: string; isWorkday: boolean; why: string }[]
  add: { start: string; addWorkdays: number; expect: string }[]
  workdaysPerMonth: { month: string; workdays: number }[]
  workdaysPerYear: Record<string, number>
}
const cal = makeCalendar()

describe('vectors', () => {
  test('are all there', () => {
    expect([vectors.singleDays.length, vectors.add.length, vectors.workdaysPerMonth.length]).toEqual([23, 34, 36])
  })
  test.each(vectors.singleDays)('$date: $isWorkday ($why)', ({ date, isWorkday: expected }) => {
    expect(isWorkday(cal, date)).toBe(expected)
  })
  test.each(vectors.add)(
    '$start and $addWorkdays working days: $expect',
    ({ start, addWorkdays: n, expect: expected }) => {
      expect(addWorkdays(cal, start, n)).toBe(expected)
    },
  )
  test.each(vectors.workdaysPerMonth)('$month has $workdays', ({ month, workdays }) => {
    const first = `${month}-01`
    expect(countWorkdays(cal, addDays(first, -1), addDays(addMonths(first, 1), -1))).toBe(workdays)
  })
  test.each(Object.entries(vectors.workdaysPerYear))('%s has %i', (year, workdays) => {
    expect(countWorkdays(cal, `${Number(year) - 1}-12-31`, `${year}-12-31`)).toBe(workdays)
  })
})

test.each([2024, 2025, 2026])('holiday-cn’s table of %i says the same of every day as the library', (year) => {
  const table = parseCalendarTable(read(`holiday-cn-${year}.json`)) as CalendarTable
  expect(table.year).toBe(year)
  const imported = makeCalendar([table])
  expect(imported.workdays).toEqual(cal.workdays)
  expect(libraryTables.find((known) => known.year === year)!.work).toEqual(table.work)
})
