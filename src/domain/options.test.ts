import { expect, test } from 'vitest'
import type { History } from './charges.ts'
import { scheduleOf, type PolicyFees } from './contract.ts'
import { optionsOf, type Question } from './options.ts'

const fees: PolicyFees = { monthlyInServiceFen: 3_000, monthlyWhileSuspendedFen: 1_500, freeSuspendedDays: 60, reopeningFen: 5_000, earlyTerminationFen: 10_000, restockingFen: 2_000 }
const schedule = scheduleOf([{ from: '', fees }], [])
const serving: History = { installedOn: '2024-01-01', spans: [{ from: '2024-01-01', to: '2026-12-01', state: 'in_service' }], events: [] }
/** Stopped since 2 October: on 1 December its sixty free days are used up. */
const stopped: History = { installedOn: '2024-01-01', spans: [{ from: '2024-01-01', to: '2026-10-02', state: 'in_service' }, { from: '2026-10-02', to: '2026-12-01', state: 'stopped' }], events: [] }
const ask = (part: Partial<Question>): Question => ({ from: '2026-12-01', until: '2027-03-01', terminals: [serving], schedule, depositFen: 0, kindsOffered: ['suspend'], ...part })
const costs = (question: Question): Record<string, number> => Object.fromEntries(optionsOf(question).map((o) => [o.option, o.fen]))

test.each<[string, Question, Record<string, number>]>([
  // Three whole months; stopped, sixty days are free and thirty of the last months cost ¥15: 2 of January (97) and February (1500).
  ['three months', ask({ depositFen: 30_000 }), { keep: 9_000, suspend: 97 + 1_500 + 5_000, swap: 11_000, close: 10_000 - 30_000 }],
  ['a month, two terminals', ask({ until: '2027-01-01', terminals: [serving, serving] }), { keep: 6_000, suspend: 10_000, swap: 10_000, close: 20_000 }],
  ['one day of a month of 31', ask({ until: '2026-12-02' }), { keep: 97, suspend: 5_000, swap: 2_097, close: 10_000 }],
  ['stopped already: free days are used up, and keeping it means to open it again', ask({ until: '2027-01-01', terminals: [stopped] }), { keep: 8_000, suspend: 6_500, swap: 10_000, close: 10_000 }],
])('%s', (_, question, expected) => {
  expect(costs(question)).toEqual(expected)
  for (const o of optionsOf(question)) expect(o.lines.reduce((sum, line) => sum + line.fen, 0)).toBe(o.fen)
})

test('every line says how it came about', () => {
  expect(optionsOf(ask({ until: '2027-01-11' }))[0]!.lines).toEqual([
    { words: ['在用月费 2026-12', 'monthly fee in service, 2026-12'], fen: 3_000, formula: ['¥30.00 × 在用 31 天 ÷ 当月 31 天 = ¥30.00', '¥30.00 × 31 days in service ÷ 31 days of the month = ¥30.00'] },
    { words: ['在用月费 2027-01', 'monthly fee in service, 2027-01'], fen: 968, formula: ['¥30.00 × 在用 10 天 ÷ 当月 31 天 = ¥9.68', '¥30.00 × 10 days in service ÷ 31 days of the month = ¥9.68'] },
  ])
  expect(optionsOf(ask({ terminals: [serving, serving] }))[3]!.lines[0]!.formula).toEqual(['每台 ¥100.00，× 2 台', '¥100.00 per terminal, × 2 terminals'])
})

test('a contract stands before the policy, from its day', () => {
  const agreed = scheduleOf([{ from: '', fees }], [{ version: 1, effectiveFrom: '2027-01-01', contract: { from: '2026-01-01', until: '2027-05-31', monthlyInServiceFen: 1_000, earlyTermination: { flatFen: 0, perMonthLeftFen: 1_000 } } }])
  expect(costs(ask({ schedule: agreed }))).toMatchObject({ keep: 5_000 })
  expect(costs(ask({ schedule: agreed, from: '2027-01-01' }))).toMatchObject({ close: 5_000 })
})

test('what the provider does not take yet is said, not hidden', () => {
  expect(optionsOf(ask({})).map((o) => [o.option, o.offered])).toEqual([['keep', true], ['suspend', true], ['swap', false], ['close', false]])
})
