import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import {
  addDays,
  addMonths,
  addWorkdays,
  countWorkdays,
  type DueMoments,
  type DueRule,
  dateOf,
  dueAt,
  dueRuleSchema,
  dueTimes,
  firstWorkdayOfNextMonth,
  instantOf,
  isDate,
  isTime,
  isUnknownYear,
  isWorkday,
  libraryTables,
  makeCalendar,
  monthEnds,
  parseCalendarTable,
  parseOffset,
  reviewWindow,
  SHANGHAI,
} from './calendar.ts'

const cal = makeCalendar()
/** '2026-11-27 15:00' on the wall in Shanghai (or that zone) → instant. */
const on = (wall: string, zone = SHANGHAI): number => instantOf(wall.slice(0, 10), wall.slice(11), zone)
const wall = (instant: number, zone = SHANGHAI): string =>
  Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' })
    .replace('T', ' ')
const dues = (rule: DueRule, moments: DueMoments, zone = SHANGHAI): unknown => {
  const times = dueTimes(dueRuleSchema.parse(rule), moments, cal, zone)
  return isUnknownYear(times) ? times : times.map((time) => wall(time, zone))
}

describe('the scenarios of the domain', () => {
  test('1. Friday at three: the checkpoint is two working days before, at nine', () => {
    const moments = { submittedAt: on('2026-11-23 10:00'), effectiveFrom: on('2026-11-27 15:00') }
    expect(dues({ from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, moments)).toEqual(['2026-11-25 09:00:00'])
    expect(dues({ from: 'effectiveFrom', offset: '-2wd' }, moments)).toEqual(['2026-11-25 15:00:00'])
  })

  test('2. Spring Festival', () => {
    const moments = { effectiveFrom: on('2026-02-14 22:00'), expectedUntil: on('2026-02-24 09:00') }
    expect(isWorkday(cal, '2026-02-14')).toBe(true)
    expect(dues({ from: 'effectiveFrom', offset: '-7d', at: '09:00' }, moments)).toEqual(['2026-02-07 09:00:00'])
    expect(dues({ from: 'expectedUntil', offset: '-1d', at: '10:00' }, moments)).toEqual(['2026-02-23 10:00:00'])
    expect(addWorkdays(cal, '2026-02-14', 1)).toBe('2026-02-24')
  })

  test('3. Review in 3 to 7 working days over the National Day holiday', () => {
    expect(reviewWindow(cal, on('2026-09-30 16:20'), { fromWorkingDays: 3, toWorkingDays: 7 })).toEqual({
      earliest: '2026-10-10',
      latest: '2026-10-15',
    })
    expect(reviewWindow(cal, on('2026-12-28 16:20'), { fromWorkingDays: 3, toWorkingDays: 7 })).toEqual({
      unknownYear: 2027,
    })
  })

  test.each(['2026-09-01 08:00', '2026-09-18 15:00', '2026-09-30 23:59'])(
    '4. stopped %s: notice to the bank by 8 October',
    (stopped) => {
      expect(
        dues(
          { from: 'effectiveFrom', rule: 'firstWorkingDayOfNextMonth', at: '17:00' },
          { effectiveFrom: on(stopped) },
        ),
      ).toEqual(['2026-10-08 17:00:00'])
      expect(
        dues({ from: 'effectiveFrom', rule: 'firstWorkingDayOfNextMonth' }, { effectiveFrom: on(stopped) }),
      ).toEqual(['2026-10-08 23:59:59'])
    },
  )

  test('5. Month-end backups while stopped', () => {
    const moments = { effectiveFrom: on('2026-01-20 15:00'), expectedUntil: on('2026-03-10 09:00') }
    expect(dues({ from: 'effectiveFrom', rule: 'monthEnd', at: '18:00' }, moments)).toEqual([
      '2026-01-31 18:00:00',
      '2026-02-28 18:00:00',
    ])
  })

  test.each([
    ['2025-11-30', 3, '2026-02-28'], // 12. asked
    ['2025-11-30', 12, '2026-11-30'], // 12. stopped
    ['2026-01-31', 3, '2026-04-30'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2025-08-22', 12, '2026-08-22'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-01-15', -13, '2024-12-15'],
    ['2026-11-30', 0, '2026-11-30'],
  ])('12. %s and %i months: %s', (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected)
    const offset = `${months < 0 ? '-' : '+'}${Math.abs(months)}mo`
    expect(dues({ from: 'effectiveFrom', offset }, { effectiveFrom: on(`${date} 12:30`) })).toEqual([
      `${expected} 12:30:00`,
    ])
  })
})

describe('working days', () => {
  test('the library knows 2004 to 2026 and nothing else', () => {
    expect(cal.years).toEqual(Array.from({ length: 23 }, (_, index) => 2004 + index))
    expect(libraryTables.at(-1)!.off).toContain('2026-10-07')
    expect(libraryTables.at(-1)!.work).toEqual([
      '2026-01-04',
      '2026-02-14',
      '2026-02-28',
      '2026-05-09',
      '2026-09-20',
      '2026-10-10',
    ])
  })

  test.each([
    ['2026-11-27', true],
    ['2026-11-28', false],
    ['2026-02-28', true],
    ['2026-10-01', false],
    ['2026-12-31', true],
    ['2027-01-01', { unknownYear: 2027 }],
    ['2027-06-14', { unknownYear: 2027 }],
    ['2003-12-31', { unknownYear: 2003 }],
  ])('%s: %o', (date, expected) => {
    expect(isWorkday(cal, date)).toEqual(expected)
  })

  test.each([
    ['2026-12-30', 1, '2026-12-31'],
    ['2026-12-31', 1, { unknownYear: 2027 }],
    ['2026-12-30', 200, { unknownYear: 2027 }],
    ['2027-01-04', -1, { unknownYear: 2027 }],
    ['2004-01-05', -5, { unknownYear: 2003 }],
    ['2026-10-03', 0, '2026-10-03'],
    ['2026-10-03', 1, '2026-10-08'],
    ['2026-10-03', -1, '2026-09-30'],
    ['2026-10-10', -1, '2026-10-09'],
  ])('%s and %i working days: %o', (date, n, expected) => {
    expect(addWorkdays(cal, date, n)).toEqual(expected)
  })

  test.each([
    ['2026-09-30', '2026-10-08', 1],
    ['2026-10-08', '2026-09-30', -1],
    ['2026-10-01', '2026-10-07', 0],
    ['2025-12-31', '2026-12-31', 248],
    ['2026-12-01', '2027-01-04', { unknownYear: 2027 }],
    ['2027-01-04', '2026-12-01', { unknownYear: 2027 }],
  ])('from %s to %s: %o working days', (from, to, expected) => {
    expect(countWorkdays(cal, from, to)).toEqual(expected)
  })

  test('counting, adding and asking agree with walking day by day', () => {
    const day = fc.integer({ min: 0, max: 18 * 365 }).map((n) => addDays('2006-01-01', n))
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: -300, max: 300 }).filter((n) => n !== 0),
        (start, n) => {
          let walked = start
          for (let left = Math.abs(n); left > 0; ) {
            walked = addDays(walked, Math.sign(n))
            if (isWorkday(cal, walked) === true) left--
          }
          expect(addWorkdays(cal, start, n)).toBe(walked)
          if (n > 0) expect(countWorkdays(cal, start, walked)).toBe(n)
        },
      ),
    )
  })

  test.each([
    ['2026-09-10', '2026-10-08'],
    ['2025-12-31', '2026-01-04'],
    ['2026-01-31', '2026-02-02'],
    ['2026-12-01', { unknownYear: 2027 }],
  ])('first working day of the month after %s: %o', (date, expected) => {
    expect(firstWorkdayOfNextMonth(cal, date)).toEqual(expected)
  })
})

describe('a year’s table brought in', () => {
  const notice = {
    year: 2027,
    papers: ['https://www.gov.cn/'],
    days: [
      { name: '元旦', date: '2027-01-01', isOffDay: true },
      { name: '元旦', date: '2026-12-27', isOffDay: false },
      { name: '春节', date: '2027-02-05', isOffDay: true },
      { name: '春节', date: '2027-02-08', isOffDay: true },
      { name: '春节', date: '2027-02-14', isOffDay: false },
      { name: '劳动节', date: '2027-05-01', isOffDay: true },
      { name: '国庆节', date: '2027-10-01', isOffDay: true },
    ],
  }
  const ours = {
    year: 2027,
    off: ['2027-01-01', '2027-02-05', '2027-02-08', '2027-05-01', '2027-10-01'],
    work: ['2026-12-27', '2027-02-14'],
  }
  const days = (change: (day: (typeof notice.days)[number]) => object | undefined) => ({
    ...notice,
    days: notice.days.flatMap((day) => change(day) ?? []),
  })

  test('either format', () => {
    expect(parseCalendarTable(notice)).toEqual(ours)
    expect(parseCalendarTable({ ...ours, off: ours.off.toReversed() })).toEqual(ours)
  })

  test('makes the year known, weekends too, and reaches into the December before', () => {
    const with2027 = makeCalendar([ours])
    expect(with2027.years.at(-1)).toBe(2027)
    expect(addWorkdays(with2027, '2026-12-31', 1)).toBe('2027-01-04')
    expect(isWorkday(with2027, '2027-02-06')).toBe(false)
    expect(isWorkday(with2027, '2027-02-14')).toBe(true)
    expect(isWorkday(with2027, '2026-12-27')).toBe(true)
    expect(isWorkday(cal, '2026-12-27')).toBe(false)
    expect(isWorkday(with2027, '2028-01-03')).toEqual({ unknownYear: 2028 })
  })

  test('replaces an older table of its year whole', () => {
    const again = { ...ours, work: [] }
    expect(isWorkday(makeCalendar([ours, again]), '2027-02-14')).toBe(false)
    expect(isWorkday(makeCalendar([again, ours]), '2027-02-14')).toBe(true)
  })

  test('a hole between known years is not stepped over', () => {
    const only2028 = makeCalendar([
      { year: 2028, off: ['2028-01-01', '2028-01-26', '2028-05-01', '2028-10-01'], work: [] },
    ])
    expect(isWorkday(only2028, '2028-01-03')).toBe(true)
    expect(addWorkdays(only2028, '2026-12-31', 1)).toEqual({ unknownYear: 2027 })
    expect(addWorkdays(only2028, '2028-01-03', -1)).toEqual({ unknownYear: 2027 })
    expect(countWorkdays(only2028, '2026-12-31', '2028-01-03')).toEqual({ unknownYear: 2027 })
  })

  test.each([
    ['nothing', null],
    ['no year', { days: notice.days }],
    ['a placeholder for a year not yet published', { year: 2027, papers: [], days: [] }],
    ['a fragment', { ...notice, days: notice.days.slice(0, 2) }],
    ['no Spring Festival', days((day) => (day.name === '春节' ? undefined : day))],
    ['a day that does not exist', days((day) => (day.date === '2027-02-14' ? { ...day, date: '2027-02-30' } : day))],
    ['a day of another year', days((day) => (day.date === '2027-02-14' ? { ...day, date: '2028-02-14' } : day))],
    [
      'an earlier month of the year before',
      days((day) => (day.date === '2026-12-27' ? { ...day, date: '2026-11-29' } : day)),
    ],
    ['a day named off and on', { ...ours, work: ['2027-05-01'] }],
    ['words for booleans', days((day) => ({ ...day, isOffDay: String(day.isOffDay) }))],
  ])('refuses %s', (_, json) => {
    expect(parseCalendarTable(json)).toMatchObject({ code: 'calendar_invalid', detail: expect.stringMatching(/./) })
  })

  test('takes anything without falling over', () => {
    const json = fc.oneof(
      fc.anything(),
      fc.record({ year: fc.integer(), days: fc.array(fc.anything()) }),
      fc.record({ year: fc.integer(), off: fc.array(fc.string()), work: fc.array(fc.string()) }),
    )
    fc.assert(
      fc.property(json, (value) => {
        parseCalendarTable(value)
      }),
    )
  })
})

describe('dates and instants', () => {
  test.each([
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-04-31', false],
    ['2026-13-01', false],
    ['2026-1-01', false],
    ['0999-01-01', false],
    ['2026-01-01T00:00', false],
    ['２０２６-01-01', false],
    ['9999-12-31', true],
  ])('%s is a date: %s', (text, expected) => {
    expect(isDate(text)).toBe(expected)
  })
  test.each([
    ['00:00', true],
    ['23:59:59', true],
    ['24:00', false],
    ['9:00', false],
    ['09:60', false],
    ['09:00:60', false],
  ])('%s is a time: %s', (text, expected) => {
    expect(isTime(text)).toBe(expected)
  })

  test('Shanghai by arithmetic is Shanghai by the time zone database, summers before 1992 included', () => {
    const instant = fc.integer({ min: Date.UTC(1940, 0, 1), max: Date.UTC(2200, 0, 1) })
    fc.assert(
      fc.property(instant, (ms) => {
        const zoned = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(SHANGHAI)
        expect(dateOf(ms)).toBe(zoned.toPlainDate().toString())
        const time = zoned.toPlainTime().toString({ smallestUnit: 'second' })
        const again = zoned.toPlainDate().toZonedDateTime({ timeZone: SHANGHAI, plainTime: time }).epochMilliseconds
        expect(instantOf(dateOf(ms), time)).toBe(again)
      }),
      { numRuns: 1_000 },
    )
    expect(instantOf('1990-07-01', '12:00')).toBe(Date.UTC(1990, 6, 1, 3)) // summer time, UTC+9
    expect(dateOf(Date.UTC(1990, 6, 1, 15, 30))).toBe('1990-07-02')
    expect(instantOf('2026-11-27', '15:00')).toBe(Date.UTC(2026, 10, 27, 7))
  })

  test('the edge of the day', () => {
    expect(dateOf(Date.UTC(2026, 10, 26, 15, 59, 59, 999))).toBe('2026-11-26')
    expect(dateOf(Date.UTC(2026, 10, 26, 16))).toBe('2026-11-27')
    expect(dateOf(Date.UTC(2026, 10, 26, 18), 'Asia/Urumqi')).toBe('2026-11-27')
    expect(dateOf(Date.UTC(2026, 10, 26, 17), 'Asia/Urumqi')).toBe('2026-11-26')
  })

  test('a time that summer time skips comes after the gap; one that comes twice, the first time', () => {
    expect(instantOf('2026-03-29', '02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30)) // 03:30 summer time
    expect(instantOf('2026-10-25', '02:30', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 0, 30))
  })

  test.each([
    ['2026-01-20', '2026-03-10', ['2026-01-31', '2026-02-28']],
    ['2026-01-31', '2026-02-28', ['2026-01-31', '2026-02-28']],
    ['2026-02-01', '2026-02-27', []],
    ['2024-02-10', '2024-03-01', ['2024-02-29']],
    ['2026-12-31', '2026-12-01', []],
    ['9999-12-01', '9999-12-31', ['9999-12-31']],
  ])('month ends from %s to %s: %o', (from, to, expected) => {
    expect(monthEnds(from, to)).toEqual(expected)
  })

  test('what is no date, time or instant is a bug and says so', () => {
    for (const wrong of [
      () => addDays('2026-02-30', 1),
      () => addMonths('26-02-01', 1),
      () => isWorkday(cal, '2026-2-1'),
      () => dateOf(Number.NaN),
      () => dateOf(9e15),
      () => instantOf('2026-01-01', '24:00'),
      () => addDays('9999-12-31', 1),
      () => addWorkdays(cal, '2026-01-05', 1.5),
    ])
      expect(wrong).toThrow(RangeError)
  })
})

describe('due rules', () => {
  const moments = { effectiveFrom: on('2026-11-27 15:00'), submittedAt: on('2026-11-23 10:00') }

  test.each([
    ['+3h', '2026-11-27 18:00:00'],
    ['+30min', '2026-11-27 15:30:00'],
    ['-30min', '2026-11-27 14:30:00'],
    ['+0d', '2026-11-27 15:00:00'],
    ['+1mo', '2026-12-27 15:00:00'],
    ['+1wd', '2026-11-30 15:00:00'],
    ['-7d', '2026-11-20 15:00:00'],
  ])('effectiveFrom %s is %s', (offset, expected) => {
    expect(dues({ from: 'effectiveFrom', offset }, moments)).toEqual([expected])
  })

  test('keeps the milliseconds of its moment', () => {
    const effectiveFrom = on('2026-11-27 15:00') + 123
    expect(dueAt({ from: 'effectiveFrom', offset: '+1d' }, { effectiveFrom }, cal)).toBe(effectiveFrom + 86_400_000)
  })

  test('a day is a day on the wall, an hour is an hour, across a change of summer time', () => {
    const berlin = { effectiveFrom: on('2026-03-28 12:00', 'Europe/Berlin') }
    expect(dues({ from: 'effectiveFrom', offset: '+1d' }, berlin, 'Europe/Berlin')).toEqual(['2026-03-29 12:00:00'])
    expect(dues({ from: 'effectiveFrom', offset: '+24h' }, berlin, 'Europe/Berlin')).toEqual(['2026-03-29 13:00:00'])
  })

  test('a moment that is not known yet makes nothing due', () => {
    expect(dueTimes({ from: 'approvedAt', offset: '+3h' }, moments, cal)).toEqual([])
    expect(dueAt({ from: 'approvedAt', offset: '+3h' }, { approvedAt: undefined }, cal)).toBeUndefined()
    expect(dues({ from: 'effectiveFrom', rule: 'monthEnd' }, moments)).toEqual([])
  })

  test('month ends of an open-ended stop are listed to the horizon; those outside the stop are not', () => {
    const monthEnd: DueRule = { from: 'effectiveFrom', rule: 'monthEnd' }
    expect(dues(monthEnd, { ...moments, horizon: on('2027-02-10 00:00') })).toEqual([
      '2026-11-30 23:59:59',
      '2026-12-31 23:59:59',
      '2027-01-31 23:59:59',
    ])
    const short = { effectiveFrom: on('2026-11-30 20:00'), expectedUntil: on('2026-12-31 09:00') }
    expect(dues({ ...monthEnd, at: '18:00' }, short)).toEqual([])
    expect(dueAt(monthEnd, short, cal)).toBe(on('2026-11-30 23:59:59'))
  })

  test('across an unknown year it names the year', () => {
    expect(dues({ from: 'effectiveFrom', offset: '+30wd' }, moments)).toEqual({ unknownYear: 2027 })
    expect(
      dues({ from: 'effectiveFrom', rule: 'firstWorkingDayOfNextMonth' }, { effectiveFrom: on('2026-12-03 09:00') }),
    ).toEqual({ unknownYear: 2027 })
    expect(dueAt({ from: 'effectiveFrom', offset: '+30wd' }, moments, cal)).toEqual({ unknownYear: 2027 })
  })

  test.each([
    ['-2wd', { amount: -2, unit: 'wd' }],
    ['+30min', { amount: 30, unit: 'min' }],
    ['+1mo', { amount: 1, unit: 'mo' }],
    ['+0d', { amount: 0, unit: 'd' }],
    ['+0h', { amount: 0, unit: 'h' }],
    ['+250wd', { amount: 250, unit: 'wd' }],
  ])('offset %s', (text, expected) => {
    expect(parseOffset(text)).toEqual(expected)
  })
  test.each([
    '',
    '2wd',
    '-2',
    'wd',
    '-0d',
    '+0wd',
    '-02d',
    '+1.5d',
    '+ 1d',
    '+1D',
    '+1y',
    '+1m',
    '--1d',
    '+1d ',
    '+251wd',
    '+121mo',
    '+99999d',
    '+1e3d',
    '+１d',
    '+1d\n',
  ])('refuses the offset %j', (text) => {
    expect(parseOffset(text)).toBeUndefined()
  })

  test.each([
    { from: 'effectiveFrom' },
    { from: 'effectiveFrom', offset: '+3h', at: '09:00' },
    { from: 'effectiveFrom', offset: '-2wd', at: '24:00' },
    { from: 'effectiveFrom', offset: '-2wd', rule: 'monthEnd' },
    { from: 'effectiveFrom', rule: 'monthStart' },
    { from: 'expectedUntil', rule: 'monthEnd' },
    { from: 'bornAt', offset: '+1d' },
    { from: 'effectiveFrom', offset: '+1d', zone: 'UTC' },
    { offset: '+1d' },
  ])('refuses %o', (rule) => {
    expect(dueRuleSchema.safeParse(rule).success).toBe(false)
  })

  test('whatever is parsed means what it says, and everything else is refused', () => {
    const alphabet = fc.constantFrom(...'+-0123456789wdmohin .eE')
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: alphabet, maxLength: 9 }), fc.string()), (text) => {
        const offset = parseOffset(text)
        if (offset) expect(`${offset.amount < 0 ? '' : '+'}${offset.amount}${offset.unit}`).toBe(text)
        expect(dueRuleSchema.safeParse({ from: 'effectiveFrom', offset: text }).success).toBe(offset !== undefined)
      }),
      { numRuns: 5_000 },
    )
  })

  test('every rule the schema lets through is computed: ascending instants or the missing year, in any zone', () => {
    const at = fc.option(fc.constantFrom('00:00', '09:00', '23:59:59'), { nil: undefined })
    const from = fc.constantFrom('effectiveFrom', 'submittedAt', 'approvedAt', 'completedAt', 'expectedUntil')
    const offset = fc
      .tuple(fc.constantFrom('+', '-'), fc.nat({ max: 12_000 }), fc.constantFrom('wd', 'd', 'mo', 'h', 'min'))
      .map((parts) => parts.join(''))
    const rule = fc.oneof(
      fc.record({ from, offset, at }),
      fc.record({ from, offset }),
      fc.record({ from, rule: fc.constantFrom('monthEnd', 'firstWorkingDayOfNextMonth'), at }),
    )
    const instant = fc.option(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2029, 0, 1) }), { nil: undefined })
    const known = fc.record({
      effectiveFrom: instant,
      submittedAt: instant,
      approvedAt: instant,
      completedAt: instant,
      expectedUntil: instant,
    })
    let computed = 0
    fc.assert(
      fc.property(
        rule,
        known,
        fc.constantFrom(SHANGHAI, 'Europe/Berlin', 'America/St_Johns', 'Pacific/Kiritimati'),
        (given, times, zone) => {
          const parsed = dueRuleSchema.safeParse(given)
          if (!parsed.success) return
          const due = dueTimes(parsed.data, times, cal, zone)
          if (isUnknownYear(due)) return void expect(cal.years).not.toContain(due.unknownYear)
          computed += due.length
          expect(due).toEqual(due.toSorted((a, b) => a - b))
          expect(due.every(Number.isSafeInteger)).toBe(true)
        },
      ),
      { numRuns: 2_000 },
    )
    expect(computed).toBeGreaterThan(100)
  })
})
