import fc from 'fast-check'
import { expect, test } from 'vitest'
import { standingOf, type Posted } from './receivables.ts'

const words = ['费用', 'a fee'] as const
const charge = (id: string, fen: number, caseNo?: string): Posted => ({ id, kind: 'charge', at: Number(id.slice(1)), fen, words, caseNo })
const payment = (id: string, fen: number, caseNo?: string): Posted => ({ ...charge(id, -fen, caseNo), kind: 'payment' })
const open = (posted: Posted[]): [Record<string, number>, number, number] => {
  const s = standingOf(posted)
  return [Object.fromEntries(s.charges.map((c) => [c.id, c.openFen])), s.owedFen, s.creditFen]
}

test.each<[string, Posted[], [Record<string, number>, number, number]]>([
  ['nothing', [], [{}, 0, 0]],
  ['in part, the oldest first', [charge('c2', 300), charge('c1', 200), payment('p3', 250)], [{ c1: 0, c2: 250 }, 250, 0]],
  ['more than owed stays as credit', [charge('c1', 200), payment('p2', 250)], [{ c1: 0 }, 0, 50]],
  ['a payment for a case pays that case first, then the oldest', [charge('c1', 200), charge('c2', 300, 'A'), payment('p3', 350, 'A')], [{ c1: 150, c2: 0 }, 150, 0]],
  ['a charge taken back is gone, and what paid it is credit', [charge('c1', 200), payment('p2', 200), { ...charge('r3', -200), kind: 'reversal', reverses: 'c1' }], [{}, 0, 200]],
  ['a payment that bounced is gone', [charge('c1', 200), payment('p2', 200), { ...charge('r3', 200), kind: 'reversal', reverses: 'p2' }], [{ c1: 200 }, 200, 0]],
  ['credit paid back is no charge', [charge('c1', 200), payment('p2', 250), { ...charge('o3', 50), kind: 'payout' }], [{ c1: 0 }, 0, 0]],
])('%s', (_, posted, expected) => expect(open(posted)).toEqual(expected))

test('owed less credit is the sum of everything, and one of them is nothing unless money was paid back', () => {
  const some = fc.array(fc.record({ kind: fc.constantFrom('charge', 'payment', 'waiver'), fen: fc.integer({ min: 1, max: 10_000 }), caseNo: fc.option(fc.constantFrom('A', 'B'), { nil: undefined }), back: fc.boolean() }), { maxLength: 30 })
  fc.assert(fc.property(some, (all) => {
    const posted = all.flatMap(({ kind, fen, caseNo, back }, i): Posted[] => {
      const one: Posted = { id: `e${i}`, kind: kind as 'charge', at: i, fen: kind === 'charge' ? fen : -fen, words, caseNo }
      return back && i % 3 === 0 ? [one, { ...one, id: `e${i}/back`, kind: 'reversal', fen: -one.fen, reverses: one.id, at: i + 100 }] : [one]
    })
    const s = standingOf(posted)
    expect(s.owedFen - s.creditFen).toBe(posted.reduce((sum, p) => sum + p.fen, 0))
    expect(Math.min(s.owedFen, s.creditFen)).toBe(0)
    for (const c of s.charges) expect(c.openFen >= 0 && c.openFen <= c.fen).toBe(true)
  }), { numRuns: 1_000 })
})
