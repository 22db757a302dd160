// What is deducted from a deposit, by whom it is decided and what the ledger says of it.
import { describe, expect, it } from 'vitest'
import { depositGiven, depositTaken, deductionLines, openingDeposit, wholeMonths } from './deposit.ts'
import type { Return } from './device.ts'
import { balances, effectOn } from './ledger.ts'
import type { Policy } from './policy.ts'
import { policySchema } from './policy.ts'

const at = (local: string): number => Date.parse(`${local}:00+08:00`)
const table: Policy['closure']['deductions'] = [
  { id: 'lost', notReturned: true, ppm: 1_000_000 },
  { id: 'cover-new', part: 'printer_cover', condition: 'broken', toMonths: 12, fen: 12_000 },
  { id: 'cover', part: 'printer_cover', condition: 'broken', fromMonths: 12, toMonths: 36, fen: 8_000 },
  { id: 'screen', part: 'screen', condition: 'broken', ppm: 333_333 },
  { id: 'early', toMonths: 6, ppm: 200_000 },
]
const cover = { part: 'printer_cover', condition: 'broken' } as const
const screen = { part: 'screen', condition: 'broken' } as const

describe('the table', () => {
  it.each<[string, Parameters<typeof deductionLines>[1], [string, number][]]>([
    ['14 months, the cover broken', { parts: [cover, { part: 'screen', condition: 'fine' }], months: 14, depositFen: 30_000, lost: false }, [['cover', 8_000]]],
    ['11 months, the cover broken', { parts: [cover], months: 11, depositFen: 30_000, lost: false }, [['cover-new', 12_000]]],
    ['exactly 12 months', { parts: [cover], months: 12, depositFen: 30_000, lost: false }, [['cover', 8_000]]],
    ['36 months: too old to charge', { parts: [cover], months: 36, depositFen: 30_000, lost: false }, []],
    ['two parts, and given back early', { parts: [cover, screen], months: 5, depositFen: 30_000, lost: false }, [['cover-new', 12_000], ['screen', 10_000], ['early', 6_000]]],
    ['half a fen is rounded up, per line', { parts: [screen], months: 20, depositFen: 9_900, lost: false }, [['screen', 3_300]]],
    ['worn is not broken', { parts: [{ part: 'printer_cover', condition: 'worn' }], months: 14, depositFen: 30_000, lost: false }, []],
    ['never came back: that alone counts', { parts: [], months: 3, depositFen: 30_000, lost: true }, [['lost', 30_000]]],
  ])('%s', (_, what, expected) => {
    expect(deductionLines(table, what).map((l) => [l.rule, l.fen])).toEqual(expected)
  })

  it('names either a sum or a share, and a part with its condition', () => {
    const rules = policySchema.shape.closure
    const closure = { ifOpenAtApproval: 'wait', underHold: {}, refundWithinDays: 15, disputeWithinDays: 5, chargebackTailDays: 180 }
    for (const wrong of [{ id: 'x', fen: 1, ppm: 1 }, { id: 'x' }, { id: 'x', part: 'screen', fen: 1 }, { id: 'x', condition: 'broken', ppm: 1 }])
      expect(rules.safeParse({ ...closure, deductions: [wrong] }).success, JSON.stringify(wrong)).toBe(false)
    expect(rules.safeParse({ ...closure, deductions: table }).success).toBe(true)
    // A policy of before closures parses, and gets what is usual.
    expect(rules.parse(undefined)).toMatchObject({ refundWithinDays: 15, deductions: [] })
  })
})

it.each([
  ['2025-09-22T14:30', '2026-11-22T00:00', 14], ['2025-09-22T14:30', '2026-11-21T23:59', 13], ['2025-11-30T10:00', '2026-02-28T10:00', 3],
  ['2025-11-30T10:00', '2026-02-27T10:00', 2], ['2026-11-22T10:00', '2026-11-22T11:00', 0], ['2026-12-01T10:00', '2026-11-22T10:00', 0],
])('whole months from %s to %s: %i', (from, to, months) => {
  expect(wholeMonths(at(from), at(to), 'Asia/Shanghai')).toBe(months)
})

describe('on the ledger', () => {
  const head = { provider: 'yunhui', mid: '102290058120001' }
  const line = (fen: number): Return => ({
    rma: 'TQ-261123-00001-0-R1', caseNo: 'TQ-261123-00001-0', terminal: '10000001', serial: 'S1', ownership: 'lent', lentSince: at('2025-09-22T14:30'), state: 'inspected',
    openedAt: at('2026-11-27T15:00'), carrier: undefined, tracking: undefined, shippedAt: undefined, receivedAt: undefined, inspectedAt: undefined, inspectedBy: undefined,
    parts: [], endedAt: undefined, deposit: openingDeposit(fen),
  })
  it.each([[30_000, 8_000], [30_000, 0], [30_000, 30_000], [1, 1], [1, 0], [9_999_999, 3_333_333]])('%i held, %i deducted: nothing is left of it, whatever the split', (held, off) => {
    const entries = [...depositTaken(head, line(held)), ...depositGiven(head, line(held), { at: at('2026-12-10T10:00'), refundFen: held - off, deductionFen: off })]
    const after = balances(entries)
    expect([after.deposit_liability, after.revenue_damage ?? 0, after.cash ?? 0]).toEqual([0, off, off])
    for (const entry of entries) expect(entry.lines.reduce((n, l) => n + l.debitFen - l.creditFen, 0)).toBe(0)
    expect(entries.map((e) => e.kind)).toEqual(['deposit_held', ...(off === 0 ? [] : [off === held ? 'deposit_forfeited' : 'deposit_deducted']), ...(off === held ? [] : ['deposit_refunded'])])
    expect(effectOn(entries[0]!, 'deposit_liability')).toBe(held)
  })
  it('nothing where no deposit was taken', () => {
    expect(depositTaken(head, line(0))).toEqual([])
  })
})
