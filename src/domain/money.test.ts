import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate, formatYuan, highestFees, parseYuan, rateOf, sumFen } from './money.ts'

const anyFen = fc.maxSafeInteger()

describe('yuan as text', () => {
  test.each([
    ['12.34', 1_234],
    ['0.00', 0],
    ['300.00', 30_000],
    ['12', 1_200],
    ['12.3', 1_230],
    ['1,234.50', 123_450],
    ['12,345,678.90', 1_234_567_890],
    ['-5.00', -500],
    ['-0.00', 0],
    [' 0.29 ', 29],
    ['1.15', 115],
    ['007.00', 700],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
  ])('%s is %i fen', (text, fen) => {
    expect(parseYuan(text)).toBe(fen)
  })
  test.each([
    '',
    '12.345',
    '12.',
    '.5',
    '1e3',
    '¥12',
    '12元',
    '+1',
    '--1',
    '1,23',
    '1234,567',
    ',123',
    '1 234',
    '0x10',
    'NaN',
    '１２',
    '12.3.4',
    '90071992547409.92',
    '9'.repeat(400),
  ])('%s is no amount', (text) => {
    expect(parseYuan(text)).toBeUndefined()
  })
  test.each([
    [0, '0.00'],
    [5, '0.05'],
    [-5, '-0.05'],
    [123_450, '1,234.50'],
    [100_000, '1,000.00'],
    [99_999, '999.99'],
    [-123_456_789, '-1,234,567.89'],
  ])('%i fen is %s', (fen, text) => {
    expect(formatYuan(fen)).toBe(text)
  })
  test('what is written is read back', () => {
    fc.assert(
      fc.property(anyFen, (fen) => {
        expect(parseYuan(formatYuan(fen))).toBe(fen)
      }),
    )
  })
  test('anything is taken', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const fen = parseYuan(text)
        expect(fen === undefined || Number.isSafeInteger(fen)).toBe(true)
      }),
    )
  })
})

describe('rates', () => {
  test.each([
    // 470.00 a month for 30,000 credit at 0.6 %, 20,000 debit at 0.5 %, 50,000 QR at 0.38 %
    [3_000_000, 6_000, 18_000],
    [2_000_000, 5_000, 10_000],
    [5_000_000, 3_800, 19_000],
    [50, 10_000, 1], // 0.5 fen goes up
    [49, 10_000, 0],
    [-50, 10_000, -1], // and back by as much
    [-49, 10_000, 0],
    [0, 6_000, 0],
    [Number.MAX_SAFE_INTEGER, 1_000_000, Number.MAX_SAFE_INTEGER],
    [Number.MAX_SAFE_INTEGER, 500_000, 4_503_599_627_370_496], // 4503599627370495.5
  ])('%i fen at %i ppm: %i', (fen, ppm, expected) => {
    expect(rateOf(fen, ppm)).toBe(expected)
  })
  test('agrees with exact fractions', () => {
    fc.assert(
      fc.property(anyFen, fc.integer({ min: 0, max: 1_000_000 }), (fen, ppm) => {
        const twice = BigInt(Math.abs(fen)) * BigInt(ppm) * 2n + 1_000_000n
        expect(Math.abs(rateOf(fen, ppm))).toBe(Number(twice / 2_000_000n))
        expect(rateOf(-fen, ppm) + rateOf(fen, ppm)).toBe(0)
      }),
    )
  })
  test('the cap comes after rounding', () => {
    expect(rateOf(371_428, 3_500, 1_300)).toBe(1_300) // 1299.998 → 1300
    expect(rateOf(5_000_000, 3_500, 1_300)).toBe(1_300)
    expect(rateOf(-5_000_000, 3_500, 1_300)).toBe(-1_300)
  })
  test.each([
    [1.5, 1],
    [Number.MAX_SAFE_INTEGER + 1, 1],
    [1, -1],
    [1, 1_000_001],
    [1, 0.5],
    [Number.NaN, 1],
  ])('%d fen at %d ppm is a bug', (fen, ppm) => {
    expect(() => rateOf(fen, ppm)).toThrow(RangeError)
  })
})

describe('the lawful caps of 2016 No. 557', () => {
  // yuan, the unrounded formula values of debit, credit and network beside them
  test.each([
    ['100.00', '0.35', '0.45', '0.03'], // 0.0325
    ['3,714.28', '13.00', '16.71', '1.21'], // 12.99998, 16.71426, 1.207141
    ['3,714.29', '13.00', '16.71', '1.21'], // capped, 16.714305, 1.20714425
    ['10,000.00', '13.00', '45.00', '3.25'],
    ['50,000.00', '13.00', '225.00', '3.25'],
  ])('%s: debit %s, credit %s, network %s each side', (amount, debit, credit, network) => {
    const fen = parseYuan(amount)!
    expect(highestFees(fen, 'debit')).toEqual({ issuerFen: parseYuan(debit), networkEachSideFen: parseYuan(network) })
    expect(highestFees(fen, 'credit')).toEqual({ issuerFen: parseYuan(credit), networkEachSideFen: parseYuan(network) })
    expect(highestFees(fen, 'credit', true)).toEqual({ issuerFen: 0, networkEachSideFen: 0 })
  })
})

describe('splitting and adding', () => {
  test.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [5, [3, 7], [1, 4]],
    [101, [0, 1, 1], [0, 51, 50]],
    [0, [1, 2], [0, 0]],
  ])('%i fen by %o: %o', (fen, ratios, parts) => {
    expect(allocate(fen, ratios)).toEqual(parts)
  })
  test('nothing is lost, and no part is off by more than a fen', () => {
    const ratios = fc
      .array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 12 })
      .filter((list) => list.some((ratio) => ratio > 0))
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), ratios, (fen, list) => {
        const parts = allocate(fen, list)
        const whole = sumFen(list)
        expect(sumFen(parts)).toBe(fen)
        for (const [index, part] of parts.entries())
          expect(Math.abs(part - (fen * list[index]!) / whole)).toBeLessThanOrEqual(1)
      }),
    )
  })
  test.each([
    [1, []],
    [1, [0, 0]],
    [1, [-1, 2]],
    [1, [0.5, 0.5]],
    [1.5, [1]],
    [Number.MAX_SAFE_INTEGER, [2, 3]],
  ])('%d by %o is a bug', (fen, ratios) => {
    expect(() => allocate(fen, ratios)).toThrow(RangeError)
  })
  test('a sum beyond exact numbers is a bug', () => {
    expect(sumFen([1, 2, 3])).toBe(6)
    expect(() => sumFen([Number.MAX_SAFE_INTEGER, 1])).toThrow(RangeError)
  })
})
