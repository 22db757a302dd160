import { expect, test } from 'vitest'
import { demoProviders } from '../demo/policies.ts'
import { optionsOf, type Question } from './options.ts'

const policy = {
  ...demoProviders[0]!.policy,
  fees: { monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 1_500, freeSuspendedDays: 60, reopeningFen: 5_000, earlyTerminationFen: 10_000, restockingFen: 2_000 },
}
const cases: [Question, Record<string, number>][] = [
  // The sketch's own example: ¥30 a month over 88 days is ¥88.00.
  [{ days: 88, terminals: 1, depositFen: 30_000 }, { keep: 8_800, suspend: 28 * 50 + 5_000, swap: 10_800, close: 10_000 - 30_000 }],
  [{ days: 30, terminals: 2, depositFen: 0 }, { keep: 6_000, suspend: 10_000, swap: 10_000, close: 20_000 }],
  [{ days: 1, terminals: 1, depositFen: 0 }, { keep: 100, suspend: 5_000, swap: 2_100, close: 10_000 }],
]
test.each(cases)('%j', (question, expected) => {
  const options = optionsOf(policy, question)
  expect(Object.fromEntries(options.map((o) => [o.option, o.fen]))).toEqual(expected)
  for (const o of options) expect(o.lines.reduce((sum, line) => sum + line.fen, 0)).toBe(o.fen)
})

test('a line is rounded half up by itself', () => {
  const odd = { ...policy, fees: { ...policy.fees, monthlyInServiceFen: 1_001 } }
  expect(optionsOf(odd, { days: 15, terminals: 1, depositFen: 0 })[0]!.fen).toBe(501)
})

test('what the provider does not take yet is said, not hidden', () => {
  expect(optionsOf(policy, { days: 1, terminals: 1, depositFen: 0 }).map((o) => [o.option, o.offered])).toEqual([['keep', true], ['suspend', true], ['swap', false], ['close', false]])
})
