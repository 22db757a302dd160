import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { balances, effectOn, entryOf, reversalOf, sides, totalOf, type Entry, type Transfer } from './ledger.ts'
import { accounts, words } from './vocabulary.ts'

const head = { kind: 'charge', provider: 'yunhui', mid: '102290058120001', at: 0, words: ['费用', 'a fee'] } as const
const account = fc.constantFrom(...words(accounts))
const transfer: fc.Arbitrary<Transfer> = fc.record({ debit: account, credit: account, fen: fc.integer({ min: 1, max: 1_000_000_00 }) })
const entry = (id: string): fc.Arbitrary<Entry> => fc.array(transfer, { minLength: 1, maxLength: 6 }).map((all) => entryOf({ ...head, id }, all))
const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0)

describe('an entry', () => {
  test('debits equal credits, whatever it is made of', () => {
    fc.assert(fc.property(entry('e'), (e) => {
      expect(sum(e.lines.map((l) => l.debitFen))).toBe(sum(e.lines.map((l) => l.creditFen)))
      expect(totalOf(e)).toBeGreaterThan(0)
      for (const l of e.lines) expect([l.debitFen === 0, l.creditFen === 0]).toContain(true)
    }), { numRuns: 2_000 })
  })
  test('and its reversal leave every account as it was', () => {
    fc.assert(fc.property(entry('e'), (e) => {
      const back = reversalOf(e, 1)
      expect(back).toMatchObject({ id: 'e/back', kind: 'reversal', reverses: 'e', at: 1 })
      for (const fen of Object.values(balances([e, back]))) expect(fen).toBe(0)
    }))
  })
  test('grows the side its account has', () => {
    const e = entryOf({ ...head, id: 'x/1' }, [{ debit: 'receivable', credit: 'revenue_suspended', fen: 1_050 }])
    expect(balances([e])).toEqual({ receivable: 1_050, revenue_suspended: 1_050 })
    expect(effectOn(entryOf({ ...head, id: 'x/2' }, [{ debit: 'cash', credit: 'receivable', fen: 1_050 }]), 'receivable')).toBe(-1_050)
  })
  test.each([[0], [-1], [0.5], [Number.MAX_SAFE_INTEGER + 1]])('of %j fen is a fault', (fen) => {
    expect(() => entryOf({ ...head, id: 'x/3' }, [{ debit: 'cash', credit: 'receivable', fen }])).toThrow(RangeError)
  })
  test('without a transfer is a fault', () => expect(() => entryOf({ ...head, id: 'x/4' }, [])).toThrow(RangeError))
})

test('over any set of accounts, what is owned equals what is owed', () => {
  fc.assert(fc.property(fc.array(entry('e'), { maxLength: 20 }), (all) => {
    const total = balances(all)
    const side = (which: 'debit' | 'credit'): number => sum(words(accounts).filter((a) => sides[a] === which).map((a) => total[a] ?? 0))
    expect(side('debit')).toBe(side('credit'))
  }))
})
