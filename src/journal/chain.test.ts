import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { headAt, journalOf, pem, rehashed } from './chain.fixtures.ts'
import { genesis, hashOf, headBytes, journalChecker, type JournalRow } from './chain.ts'

const whole = journalOf(12)
const heads = [3, 7, 12].map((seq) => headAt(whole, seq))
const check = (rows: readonly JournalRow[], claimed = { seq: 12, hash: whole[11]!.hash }) => {
  const checker = journalChecker(pem)
  checker.take(rows)
  return checker.close(heads, claimed)
}

describe('journal', () => {
  test('the chain is the one the database makes: sha256(previous ‖ seq ‖ newline ‖ body)', () => {
    expect(genesis).toBe(createHash('sha256').update('tingqi').digest('hex'))
    expect(hashOf(genesis, 1, '{}')).toBe(
      createHash('sha256').update(Buffer.from(genesis, 'hex')).update('1\n{}').digest('hex'),
    )
  })

  test('a whole journal has no fault', () => expect(check(whole)).toEqual({ rows: 12, faults: [] }))

  const seqs = whole.map((r) => r.seq)
  test.each(seqs)('row %i: edited, deleted, inserted, moved, cut – with and without the chain made again', (seq) => {
    const i = seq - 1
    const edited = whole.with(i, { ...whole[i]!, body: whole[i]!.body.replace('approve', 'reject') })
    const inserted = whole.toSpliced(i, 0, {
      body: '{"command":"approve"}',
      seq,
      previous: whole[i]!.previous,
      hash: hashOf(whole[i]!.previous, seq, '{"command":"approve"}'),
    })
    const moved =
      i === 0 ? whole.with(0, whole[1]!).with(1, whole[0]!) : whole.with(i, whole[i - 1]!).with(i - 1, whole[i]!)
    const tampered = {
      edited,
      deleted: whole.toSpliced(i, 1),
      inserted,
      moved,
      cut: whole.slice(0, i),
      'cut in front': whole.slice(seq),
    }
    for (const [how, rows] of Object.entries(tampered)) {
      expect([how, check(rows).faults.length > 0]).toEqual([how, true])
      expect([how, 'made again', check(rehashed(rows)).faults.length > 0]).toEqual([how, 'made again', true])
      // Even where the head that came with it was made to agree.
      const chain = rehashed(rows)
      expect([how, 'with its head', check(chain, chain.at(-1) ?? { seq: 0, hash: genesis }).faults.length > 0]).toEqual(
        [how, 'with its head', true],
      )
    }
  })

  test('a fault is named by its place', () => {
    expect(check(whole.toSpliced(4, 1)).faults).toEqual([{ fault: 'missing', seq: 5 }])
    expect(check(whole.slice(0, 9)).faults).toContainEqual({ fault: 'cut', seq: 9, expected: 12 })
    expect(check(whole.with(4, { ...whole[4]!, body: '{}' })).faults).toEqual([{ fault: 'edited', seq: 5 }])
  })

  test('a head somebody else signed, or moved to another time, is forged', () => {
    const checker = journalChecker(pem)
    checker.take(whole)
    const other = generateKeyPairSync('ed25519').privateKey
    const own = { seq: 7, hash: whole[6]!.hash, at: '2026-11-27T07:00:07.000Z' }
    expect(
      checker.close([
        { ...own, signature: sign(null, headBytes(own), other).toString('base64') },
        { ...heads[1]!, at: '2026-01-01T00:00:00.000Z' },
      ]).faults,
    ).toEqual([
      { fault: 'head_forged', seq: 7 },
      { fault: 'head_forged', seq: 7 },
    ])
  })

  test('of a part, the rows that are there are checked', () => {
    const seen = [whole[1]!, whole[4]!, whole[5]!]
    const part = (rows: readonly JournalRow[]) => {
      const checker = journalChecker(pem, { partial: true })
      checker.take(rows)
      return checker.close(heads, { seq: 12, hash: whole[11]!.hash }).faults
    }
    expect(part(seen)).toEqual([])
    expect(part(seen.with(2, { ...seen[2]!, body: '{}' }))).toEqual([{ fault: 'edited', seq: 6 }])
    expect(part([seen[0]!, seen[2]!, seen[1]!])).toEqual([{ fault: 'reordered', seq: 5 }])
  })
})
