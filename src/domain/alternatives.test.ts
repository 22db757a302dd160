import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capFrom, compare, feeTable, type Channel, type Mix } from './alternatives.ts'
import { rateOf } from './money.ts'

const channel = (credit: number, debit: number, qr: number, part: Partial<Channel> = {}): Channel => ({
  kind: 'payment_institution', name: '某支付', licenceNo: 'Z2000131000017', licenceUntil: '2028-06-30', directSettlement: true,
  rates: [{ card: 'credit', ppm: credit }, { card: 'debit', ppm: debit, capFen: 2_000 }, { card: 'qr', ppm: qr }], ...part,
})
/** Scenario 10: 30,000 credit, 20,000 debit, 50,000 QR a month. */
const mix: Mix = { months: 1, items: [{ card: 'credit', amountFen: 3_000_000 }, { card: 'debit', amountFen: 2_000_000 }, { card: 'qr', amountFen: 5_000_000 }] }
const at = { today: '2026-11-23', nonProfit: false }
const warnings = (c: Channel, nonProfit = false): string[] => compare(c, mix, { ...at, nonProfit }).flags.filter((f) => f.severity === 'warning').map((f) => [f.code, f.card].filter(Boolean).join(' '))

test('what instead: 180.00 + 100.00 + 190.00 = 470.00', () => {
  const told = compare(channel(6_000, 5_000, 3_800), mix, at)
  expect(told.lines.map((l) => [l.fen, l.formula[0]])).toEqual([
    [18_000, '¥30,000.00 × 0.6 % = ¥180.00'], [10_000, '¥20,000.00 × 0.5 % = ¥100.00'], [19_000, '¥50,000.00 × 0.38 % = ¥190.00'],
  ])
  expect(told).toMatchObject({ perMonthFen: 47_000, firstYearFen: 12 * 47_000, notTaken: [] })
  expect(warnings(channel(6_000, 5_000, 3_800))).toEqual([])
})

test('monthly fees and the device count, each on its line', () => {
  const told = compare(channel(5_500, 5_000, 3_800, { monthlyFen: 2_000, deviceFen: 29_900 }), mix, at)
  expect(told).toMatchObject({ perMonthFen: 16_500 + 10_000 + 19_000 + 2_000, onceFen: 29_900, firstYearFen: 12 * 47_500 + 29_900 })
})

describe('can it be true?', () => {
  test.each<[string, Channel, string[]]>([
    ['0.25 % on credit is abnormal', channel(2_500, 5_000, 3_800), ['rate_too_low credit']],
    ['just below the cost', channel(4_824, 3_824, 3_800), ['rate_too_low credit', 'rate_too_low debit']],
    ['at the cost', channel(4_825, 3_825, 3_800), []],
    ['nothing on QR', channel(6_000, 5_000, 0), ['rate_too_low qr']],
    ['more than half to the acquirer', channel(10_301, 8_301, 3_800), ['rate_high credit', 'rate_high debit']],
    ['debit without a cap', channel(6_000, 5_000, 3_800, { rates: [{ card: 'debit', ppm: 5_000 }] }), ['debit_uncapped debit']],
    ['a cap below the cost’s', channel(6_000, 5_000, 3_800, { rates: [{ card: 'debit', ppm: 5_000, capFen: 1_624 }] }), ['cap_too_low debit']],
    ['no licence, not direct, not certified', { ...channel(6_000, 5_000, 3_800), licenceNo: undefined, licenceUntil: undefined, directSettlement: false, unionpayCertified: false } as Channel, ['licence_missing', 'not_direct', 'not_certified']],
    ['a licence that ran out', channel(6_000, 5_000, 3_800, { licenceUntil: '2026-11-22' }), ['licence_expired']],
  ])('%s', (_, c, expected) => expect(warnings(c)).toEqual(expected))
  test('why is said with both figures', () => {
    const [flag] = compare(channel(2_500, 5_000, 3_800), mix, at).flags
    expect(flag!.words[0]).toContain('0.25 % 低于成本 0.4825 %（发卡行 0.45 % + 网络 0.0325 %）')
    expect(flag!.words[1]).toContain('below the cost of 0.4825 %')
  })
  test('a school or hospital that is exempt may pay that little', () => expect(warnings(channel(2_500, 1_000, 3_800), true)).toEqual([]))
  test('the costs are those of the regulation', () => expect(feeTable).toMatchObject({ credit: { costPpm: 4_825, regulatedPpm: 5_150 }, debit: { costPpm: 3_825, costCapFen: 1_625, regulatedPpm: 4_150 } }))
})

test('a way that does not take a kind of card says so', () => {
  const told = compare(channel(6_000, 5_000, 3_800, { rates: [{ card: 'qr', ppm: 3_800 }] }), mix, at)
  expect(told).toMatchObject({ perMonthFen: 19_000, notTaken: ['credit', 'debit'] })
})

describe('caps', () => {
  const rate = { card: 'debit', ppm: 5_000, capFen: 2_000 } as const
  test('count for single sales, after rounding', () => {
    expect(capFrom(rate)).toBe(400_000)
    const item = { card: 'debit', amountFen: 1_500_000, count: 6, above: [{ fromFen: 400_000, amountFen: 1_000_000, count: 2 }] } as const
    const told = compare(channel(0, 0, 0, { rates: [rate] }), { months: 1, items: [item] }, at)
    expect(told.lines[0]).toMatchObject({ fen: 2_500 + 2 * 2_000, formula: ['（¥5,000.00 × 0.5 % + 2 笔封顶 × ¥20.00） = ¥65.00', '(¥5,000.00 × 0.5 % + 2 capped × ¥20.00) = ¥65.00'] })
  })
  test('by the average sale where single ones are not known', () => {
    const of = (count: number): number => compare(channel(0, 0, 0, { rates: [rate] }), { months: 1, items: [{ card: 'debit', amountFen: 1_200_000, count }] }, at).perMonthFen
    expect([of(1), of(3), of(4)]).toEqual([2_000, 6_000, 6_000])
  })
  test('however sales are made up, the sum is that of single sales but for rounding', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 5_000 }), (sales, ppm, capFen) => {
      const from = capFrom({ ppm, capFen })!
      const over = sales.filter((s) => s >= from)
      const sum = (all: number[]): number => all.reduce((a, b) => a + b, 0)
      const told = compare(channel(0, 0, 0, { rates: [{ card: 'debit', ppm, capFen }] }),
        { months: 1, items: [{ card: 'debit', amountFen: sum(sales), count: sales.length, above: [{ fromFen: from, amountFen: sum(over), count: over.length }] }] }, at)
      expect(Math.abs(told.perMonthFen - sum(sales.map((s) => rateOf(s, ppm, capFen))))).toBeLessThanOrEqual(sales.length / 2 + 1)
    }), { numRuns: 1_000 })
  })
  test('ninety days are divided by three, half up', () => {
    expect(compare(channel(6_000, 5_000, 3_800), { months: 3, items: [{ card: 'credit', amountFen: 9_000_100 }] }, at).lines[0]).toMatchObject({ fen: 18_000, formula: ['¥90,001.00 × 0.6 % ÷ 3 个月 = ¥180.00', '¥90,001.00 × 0.6 % ÷ 3 months = ¥180.00'] })
  })
})
