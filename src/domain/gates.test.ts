import { describe, expect, test } from 'vitest'
import { acknowledgedAt, allSafeSince, gateState, goneSince, standingOf, waitOf, type GateTerms, type Witness } from './gates.ts'

// One stop, committed at second 100 with sequence number 7; leases of 5 s, stand-in of 900 s.
const seq = 7
const terms = (part: Partial<GateTerms> = {}): GateTerms => ({ leaseUntil: 105, standin_ms: 900, fencedAt: undefined, leftAt: undefined, ...part })
type Seen = Partial<GateTerms> & { acked?: [number, number][] }
const witness = (id: string, { acked = [], ...part }: Seen, at: number): Witness => {
  const t = terms(part)
  return {
    id, acknowledged: acked.map(([s, on]) => ({ seq: s, at: on })), goneAt: goneSince(t, at), hasLeft: t.leftAt !== undefined,
    wait: waitOf(t, at), since: at,
  }
}

describe('since when a stop may be called effective', () => {
  const knows: Seen = { acked: [[5, 50], [7, 101]], leaseUntil: 10_000 }
  const rows: [what: string, gates: Seen[], asOf: number, since: number | undefined, outstanding: string[]][] = [
    ['no gate at all', [], 200, undefined, []],
    ['the only gate acknowledged', [knows], 102, 101, []],
    ['two did: the later counts', [knows, { acked: [[9, 103]], leaseUntil: 10_000 }], 104, 103, []],
    ['it was known long before', [{ acked: [[7, 20]], leaseUntil: 10_000 }], 104, 20, []],
    ['one is late and has its lease', [knows, { acked: [[6, 99]], leaseUntil: 10_000 }], 104, undefined, ['2 behind']],
    ['one is silent within its lease', [knows, { acked: [[6, 99]] }], 104, undefined, ['2 behind']],
    ['one is silent in stand-in', [knows, { acked: [[6, 99]] }], 105, undefined, ['2 silent']],
    ['… to the last millisecond', [knows, { acked: [[6, 99]] }], 1_004, undefined, ['2 silent']],
    ['one ran out', [knows, { acked: [[6, 99]] }], 1_005, 1_005, []],
    ['one ran out long before the stop', [knows, { acked: [[2, 1]], leaseUntil: -2_000 }], 102, 101, []],
    ['one ran out, without stand-in', [knows, { acked: [[6, 99]], standin_ms: 0 }], 105, 105, []],
    ['one came back and acknowledged', [knows, { acked: [[6, 99], [8, 700]], leaseUntil: 704 }], 701, 700, []],
    ['one is fenced and may still have its lease', [knows, { acked: [[6, 99]], fencedAt: 102 }], 104, undefined, ['2 fencing']],
    ['one is fenced, its lease over', [knows, { acked: [[6, 99]], fencedAt: 102 }], 105, 105, []],
    ['one is fenced in stand-in: the operator vouches', [knows, { acked: [[6, 99]], fencedAt: 300 }], 301, 300, []],
    ['one had acknowledged before it was fenced', [knows, { acked: [[7, 101]], fencedAt: 300 }], 301, 101, []],
    ['one left without having heard', [knows, { acked: [[6, 99]], leftAt: 103 }], 104, 103, []],
    ['one left before the stop', [knows, { acked: [[6, 99]], leftAt: 60 }], 104, 101, []],
    ['all have left', [{ acked: [[7, 101]], leftAt: 103 }], 104, undefined, []],
    ['all are fenced', [{ acked: [[6, 99]], fencedAt: 110 }], 120, 110, []],
    ['all ran out', [{ acked: [[6, 99]] }, { acked: [[1, 9]], leaseUntil: 0 }], 2_000, 1_005, []],
    ['one just registered and knows nothing', [knows, { leaseUntil: 10_000 }], 104, undefined, ['2 behind']],
  ]
  test.each(rows)('%s', (_, seen, asOf, since, outstanding) => {
    const gates = seen.map((s, i) => witness(String(i + 1), s, asOf))
    expect(allSafeSince(gates, seq)).toBe(since)
    expect(standingOf(gates, seq).outstanding.map((o) => `${o.id} ${o.reason}`)).toEqual(outstanding)
  })

  test('the screens are told how many are asked and how many have answered', () => {
    const gates = [witness('a', knows, 104), witness('b', { acked: [[6, 99]] }, 104), witness('c', { leftAt: 50 }, 104)]
    expect(standingOf(gates, seq)).toEqual({ required: 2, acknowledged: 1, outstanding: [{ id: 'b', since: 104, reason: 'behind' }] })
  })

  test('of many acknowledgements the first that covers it counts', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => ({ seq: i * 3, at: i * 10 }))
    for (const s of [0, 1, 2, 3, 4, 1_500, 2_997]) expect(acknowledgedAt(many, s)).toBe(many.find((a) => a.seq >= s)!.at)
    expect(acknowledgedAt(many, 2_998)).toBeUndefined()
    expect(acknowledgedAt([], 0)).toBeUndefined()
  })
})

test('how a gate stands', () => {
  const at = (part: Partial<GateTerms>, now: number): string => gateState(terms(part), now)
  expect([at({}, 104), at({}, 105), at({}, 1_004), at({}, 1_005)]).toEqual(['live', 'standin', 'standin', 'expired'])
  expect([at({ fencedAt: 3 }, 4), at({ fencedAt: 3, leftAt: 4 }, 5)]).toEqual(['fenced', 'left'])
})
