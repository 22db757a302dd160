import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dateOf, SHANGHAI } from './calendar.ts'
import { chargeEntry, chargesOf, historyOf, prorated, terminationCharge, type ChargeEvent, type History } from './charges.ts'
import { contractOn, percent, rateWords, scheduleOf, termsOf, termsOn, type ContractVersion, type PolicyFees, type Schedule, type Terms } from './contract.ts'
import { balances } from './ledger.ts'

const at = (local: string): number => Date.parse(`${local}:00+08:00`)
const fees: PolicyFees = { monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 1_500, freeSuspendedDays: 0, reopeningFen: 5_000, earlyTerminationFen: 10_000, restockingFen: 2_000 }
const schedule = (part: Partial<PolicyFees> = {}): Schedule => [termsOf({ ...fees, ...part }, '1000-01-01')]
const history = (stops: [string, string?][], until = '2027-01-01', closed?: string): History => historyOf(
  { installedAt: at('2026-01-01T00:00'), closedAt: closed === undefined ? undefined : at(closed), stops: stops.map(([from, to]) => ({ from: at(from), to: to === undefined ? undefined : at(to) })) },
  until, (ms) => dateOf(ms, SHANGHAI),
)
const told = (h: History, from: string, to: string, s = schedule()): string[] => chargesOf(h, s, { from, to }).map((l) => `${l.kind} ${l.from}..${l.to} ${l.fen}`)

describe('a month is charged to the day', () => {
  test.each<[string, [string, string?][], string, string, string[]]>([
    ['all of it in service', [], '2026-11-01', '2026-12-01', ['service 2026-11-01..2026-11-30 3000']],
    ['a long and a short month cost the same', [], '2026-01-01', '2026-03-01', ['service 2026-01-01..2026-01-31 3000', 'service 2026-02-01..2026-02-28 3000']],
    ['the day of the stop is in service, the day of the reopening still stopped', [['2026-11-27T15:00', '2026-12-24T09:00']], '2026-11-01', '2027-01-01',
      ['service 2026-11-01..2026-11-27 2700', 'suspended 2026-11-28..2026-11-30 150', 'suspended 2026-12-01..2026-12-24 1161', 'service 2026-12-25..2026-12-31 677']],
    ['a stop at midnight counts that day', [['2026-11-10T00:00', '2026-11-20T00:00']], '2026-11-01', '2026-12-01',
      ['service 2026-11-01..2026-11-30 2000', 'suspended 2026-11-10..2026-11-19 500']],
    ['a stop within one day is none', [['2026-11-10T09:00', '2026-11-10T18:00']], '2026-11-01', '2026-12-01', ['service 2026-11-01..2026-11-30 3000']],
    ['two stops of two owners are one', [['2026-11-10T00:00', '2026-11-20T00:00'], ['2026-11-15T00:00', '2026-11-25T00:00']], '2026-11-01', '2026-12-01',
      ['service 2026-11-01..2026-11-30 1500', 'suspended 2026-11-10..2026-11-24 750']],
  ])('%s', (_, stops, from, to, lines) => expect(told(history(stops), from, to)).toEqual(lines))

  test('the days of every kind add up to the month, so that equal fees cost one month however it is split', () => {
    for (const day of ['02', '09', '17', '31']) {
      const h = history([[`2026-12-${day}T00:00`]])
      const days = chargesOf(h, schedule({ monthlyWhileSuspendedFen: 3_100, monthlyInServiceFen: 3_100 }), { from: '2026-12-01', to: '2027-01-01' })
      expect(days.reduce((sum, l) => sum + l.fen, 0)).toBe(3_100)
    }
  })
  test('free days are the first of each stop, over the end of a month too', () => {
    const h = history([['2026-10-26T12:00', '2026-11-15T12:00'], ['2026-11-20T12:00']])
    expect(chargesOf(h, schedule({ freeSuspendedDays: 10 }), { from: '2026-10-01', to: '2026-12-01' }).filter((l) => l.kind === 'suspended').map((l) => [l.fen, l.formula[0]])).toEqual([
      [0, '¥15.00 × 停机 0 天 ÷ 当月 31 天 = ¥0.00（另 5 天在免费期内）'],
      // 1 to 15 November: five free, ten charged; from 21 November all ten free.
      [500, '¥15.00 × 停机 10 天 ÷ 当月 30 天 = ¥5.00（另 15 天在免费期内）'],
    ])
  })
  test('an agreement that begins within a month splits it', () => {
    const agreed: ContractVersion = { version: 2, effectiveFrom: '2026-11-16', contract: { from: '2026-11-16', monthlyInServiceFen: 1_000 } }
    expect(told(history([]), '2026-11-01', '2026-12-01', scheduleOf([{ from: '2020-01-01', fees }], [agreed]))).toEqual(['service 2026-11-01..2026-11-15 1500', 'service 2026-11-16..2026-11-30 500'])
  })
  test('a closed terminal costs nothing from the day after', () => {
    expect(told(history([], '2027-01-01', '2026-11-15T10:00'), '2026-11-01', '2027-01-01')).toEqual(['service 2026-11-01..2026-11-15 1500'])
  })
  test('once a year, and with what happens', () => {
    const h: History = { ...history([['2026-03-01T00:00', '2026-03-11T00:00']]), events: [{ on: '2026-03-11', event: 'reopened' }, { on: '2026-03-12', event: 'swapped' }, { on: '2026-03-20', event: 'closed' }] }
    expect(told(h, '2026-03-01', '2026-04-01', schedule({ monthlyInServiceFen: 0, monthlyWhileSuspendedFen: 0 }))).toEqual(['reopening 2026-03-11..2026-03-11 5000', 'restocking 2026-03-12..2026-03-12 2000', 'termination 2026-03-20..2026-03-20 10000'])
    const old = historyOf({ installedAt: at('2024-02-29T10:00'), stops: [] }, '2027-01-01', (ms) => dateOf(ms))
    expect(chargesOf(old, schedule({ monthlyInServiceFen: 0, annualFen: 12_000 }), { from: '2025-01-01', to: '2027-01-01' }).map((l) => [l.from, l.fen, l.words[1]])).toEqual([['2025-02-28', 12_000, 'annual fee (year 2)'], ['2026-02-28', 12_000, 'annual fee (year 3)']])
  })
})

describe('ending a term early', () => {
  const terms = (until: string | undefined, capFen?: number): Terms => termsOf(fees, '2026-01-01', { version: 1, effectiveFrom: '2026-01-01', contract: { from: '2026-01-01', ...(until ? { until } : {}), earlyTermination: { flatFen: 10_000, perMonthLeftFen: 2_000, ...(capFen === undefined ? {} : { capFen }) } } })
  test.each<[string, string | undefined, number | undefined, number]>([
    ['2026-11-15', undefined, undefined, 10_000],
    ['2026-11-15', '2026-12-31', undefined, 14_000],
    ['2026-11-15', '2026-11-16', undefined, 12_000],
    ['2026-11-15', '2027-11-15', undefined, 34_000],
    ['2026-11-15', '2027-11-15', 30_000, 30_000],
    ['2026-11-15', '2026-11-15', undefined, 0],
  ])('on %s, term until %s, at most %s: %d', (on, until, cap, fen) => {
    expect(terminationCharge(terms(until, cap), on).reduce((sum, l) => sum + l.fen, 0)).toBe(fen)
  })
})

describe('what was agreed', () => {
  test('is the version that counts latest, the newest of a day', () => {
    const v = (version: number, effectiveFrom: string): ContractVersion => ({ version, effectiveFrom, contract: { from: effectiveFrom } })
    const all = [v(1, '2026-01-01'), v(2, '2026-06-01'), v(3, '2026-03-01'), v(4, '2026-06-01')]
    expect(['2025-12-31', '2026-02-01', '2026-04-01', '2026-06-01'].map((d) => contractOn(all, d)?.version)).toEqual([undefined, 1, 3, 4])
  })
  test('leaves the rest to the policy, rates kind by kind', () => {
    const rates = [{ card: 'credit', ppm: 6_000 }, { card: 'qr', ppm: 3_800 }] as const
    const t = termsOf({ ...fees, rates }, 'x', { version: 1, effectiveFrom: '2026-01-01', contract: { from: '2026-01-01', rates: [{ card: 'credit', ppm: 5_500 }] } })
    expect(t.rates).toEqual([{ card: 'credit', ppm: 5_500 }, { card: 'qr', ppm: 3_800 }])
    expect(t.reopeningFen).toBe(5_000)
  })
  test.each([[6_000, '0.6 %'], [3_800, '0.38 %'], [325, '0.0325 %'], [10_000, '1 %'], [0, '0 %'], [125_000, '12.5 %']])('%d ppm is %s', (ppm, text) => expect(percent(ppm)).toBe(text))
  test('a cap is said with its rate', () => expect(rateWords({ ppm: 5_000, capFen: 2_000 })).toEqual(['0.5 %，每笔最高 ¥20.00', '0.5 %, at most ¥20.00 each']))
})

// ── The same, slowly: day by day, straight from instants; nothing is shared but the rules ───────────────────────────
type Told = { installedAt: number; closedAt: number | undefined; stops: { from: number; to: number | undefined }[] }
const ms = 86_400_000
function slowly({ installedAt, closedAt, stops }: Told, terms: Schedule, events: readonly ChargeEvent[], from: string, to: string): Map<string, number> {
  const midnight = (date: string): number => Date.parse(`${date}T00:00:00+08:00`)
  const after = (date: string): string => new Date(Date.parse(date) + ms).toISOString().slice(0, 10)
  const there = (t: number): boolean => installedAt <= t && (closedAt === undefined || t < closedAt)
  const stopped = (t: number): boolean => stops.some((s) => s.from <= t && (s.to === undefined || t < s.to))
  const days = new Map<string, { fee: bigint; days: bigint; of: bigint }>()
  const sums = new Map<string, number>()
  const count = (kind: string, date: string, termsFrom: string, fee: number): void => {
    const month = date.slice(0, 7)
    const of = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate()
    const key = `${kind} ${month} ${termsFrom}`
    const seen = days.get(key) ?? days.set(key, { fee: BigInt(fee), days: 0n, of: BigInt(of) }).get(key)!
    seen.days += 1n
  }
  for (let date = from; date < to; date = after(date)) {
    const now = midnight(date)
    let agreed = terms[0]!
    for (const t of terms) if (t.from <= date) agreed = t
    if (there(now)) {
      if (!stopped(now)) {
        count('service', date, agreed.from, agreed.monthlyInServiceFen)
        count('data', date, agreed.from, agreed.dataMonthlyFen)
      } else {
        let run = 0
        for (let back = now; there(back) && stopped(back); back -= ms) run++
        if (run > agreed.freeSuspendedDays) count('suspended', date, agreed.from, agreed.monthlyWhileSuspendedFen)
      }
    }
    for (const e of events) {
      if (e.on !== date) continue
      const fen = { reopened: agreed.reopeningFen, swapped: agreed.restockingFen, closed: agreed.earlyTermination.flatFen }[e.event]
      const key = `${{ reopened: 'reopening', swapped: 'restocking', closed: 'termination' }[e.event]} ${date.slice(0, 7)} ${agreed.from}`
      sums.set(key, (sums.get(key) ?? 0) + fen)
    }
  }
  for (const [key, { fee, days: n, of }] of days) sums.set(key, Number((2n * fee * n + of) / (2n * of)))
  return new Map([...sums].filter(([, fen]) => fen > 0).toSorted())
}

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
const histories_max = 10_000
const epoch = at('2025-06-01T00:00')
/** An instant near the period; every third on a midnight, where mistakes live. */
const instant = fc.tuple(fc.integer({ min: -200, max: 500 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: ms - 1 })).map(([day, edge, rest]) => epoch + day * ms + (edge === 0 ? 0 : rest))
const date = fc.integer({ min: -100, max: 400 }).map((day) => dateOf(epoch + day * ms))
const someFees: fc.Arbitrary<Omit<Terms, 'from'>> = fc.record({
  monthlyInServiceFen: fc.integer({ min: 0, max: 100_000 }), monthlyWhileSuspendedFen: fc.integer({ min: 0, max: 100_000 }), freeSuspendedDays: fc.integer({ min: 0, max: 120 }),
  dataMonthlyFen: fc.integer({ min: 0, max: 10_000 }), annualFen: fc.constant(0), reopeningFen: fc.integer({ min: 0, max: 10_000 }), restockingFen: fc.integer({ min: 0, max: 10_000 }),
  earlyTermination: fc.record({ flatFen: fc.integer({ min: 0, max: 50_000 }), perMonthLeftFen: fc.constant(0), capFen: fc.constant(Number.POSITIVE_INFINITY), until: fc.constant(undefined) }),
  rates: fc.constant([]), contract: fc.constant(undefined),
})
const someSchedule = fc.tuple(fc.array(someFees, { minLength: 1, maxLength: 3 }), fc.uniqueArray(date, { minLength: 2, maxLength: 2 })).map(([all, days]): Schedule => {
  const begins = ['1000-01-01', ...days.toSorted()]
  return all.map((t, i) => ({ ...t, from: begins[i]! }))
})
const someTold: fc.Arbitrary<Told> = fc.record({
  installedAt: instant, closedAt: fc.option(instant, { nil: undefined, freq: 3 }),
  stops: fc.array(fc.tuple(instant, fc.option(fc.integer({ min: 1, max: 150 * ms }), { nil: undefined, freq: 6 })).map(([from, length]) => ({ from, to: length === undefined ? undefined : from + length })), { maxLength: 5 }),
})
const someEvents = fc.array(fc.record({ on: date, event: fc.constantFrom<ChargeEvent['event'][]>('reopened', 'swapped', 'closed') }), { maxLength: 3 })

test(`agrees with a slow computation over ${histories_max} random histories (seed ${seed})`, () => {
  fc.assert(fc.property(someTold, someSchedule, someEvents, date, fc.integer({ min: 1, max: 150 }), (told, terms, events, from, length) => {
    const to = new Date(Date.parse(from) + length * ms).toISOString().slice(0, 10)
    const known = { ...historyOf(told, to, (t) => dateOf(t, SHANGHAI)), events }
    const fast = new Map<string, number>()
    for (const l of chargesOf(known, terms, { from, to })) {
      const key = `${l.kind} ${l.month} ${termsOn(terms, l.from).from}`
      if (l.fen > 0) fast.set(key, (fast.get(key) ?? 0) + l.fen)
    }
    expect(new Map([...fast].toSorted())).toEqual(slowly(told, terms, events, from, to))
  }), { seed, numRuns: histories_max })
}, 60_000)

test('charged month by month or all at once, it is the same', () => {
  fc.assert(fc.property(someTold, someSchedule, (told, terms) => {
    const h = historyOf(told, '2026-01-01', (t) => dateOf(t, SHANGHAI))
    const months = ['2025-09', '2025-10', '2025-11', '2025-12', '2026-01'].map((m) => `${m}-01`)
    const apart = months.slice(0, -1).flatMap((m, i) => chargesOf(h, terms, { from: m, to: months[i + 1]! }))
    expect(apart).toEqual(chargesOf(h, terms, { from: months[0]!, to: months.at(-1)! }))
  }), { seed, numRuns: 500 })
})

test.each([[1_001, 15, 30, 501], [1_000, 1, 3, 333], [1_000, 2, 3, 667], [3_000, 31, 31, 3_000], [1, 1, 2, 1], [1, 14, 31, 0]])('%d fen × %d ÷ %d = %d', (fee, days, of, fen) => expect(prorated(fee, days, of)).toBe(fen))

test('every charge is posted as it was computed, and one of nothing is not', () => {
  const lines = chargesOf(history([['2026-11-10T00:00']]), schedule({ freeSuspendedDays: 30 }), { from: '2026-11-01', to: '2026-12-01' })
  const entries = lines.flatMap((l) => chargeEntry(l, { provider: 'yunhui', mid: '102290058120001', tid: '10000001' }, `${l.kind}/10000001/${l.from}/1`, 0))
  expect(lines).toHaveLength(2)
  expect(balances(entries)).toEqual({ receivable: 900, revenue_service: 900 })
})
