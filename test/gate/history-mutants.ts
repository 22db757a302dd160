// Gates – and a primary – with one rule broken on purpose, and trouble that brings it out. What a gate does differently is a piece
// of its own source replaced as it is loaded: if the source changes so that it is not there any more, the gate says so.
import type { Gates } from '../../src/app/gates.ts'
import type { Law } from './history.ts'
import type { Break } from './history-child.ts'
import type { Fault } from './history-schedule.ts'

export type Mutant = {
  breaks?: readonly Break[]
  knownAt?: (gates: Gates) => (seq: number) => number | undefined
  faults: readonly Fault[]
  /** The law it breaks; others may be broken besides. */
  law: Law
}

/** What was acknowledged was read a moment ago. */
const read_before_ms = 20

const cut = (at_ms: number, for_ms: number): Fault => ({ at_ms, gate: 0, kind: 'cut', for_ms })
const kill = (at_ms: number): Fault => ({ at_ms, gate: 0, kind: 'kill', for_ms: 0, cut_ms: 3_000 })
const killed = [kill(2_500), kill(7_000), kill(11_500), kill(16_000)]

export const mutants: Readonly<Record<string, Mutant>> = {
  'a gate answers as if its lease never ended': {
    breaks: [{ file: 'gate/judge.ts', find: 'age <= lease_ms && !known.isFenced', put: '!known.isFenced' }], faults: [cut(1_000, 15_000)], law: 'effective',
  },
  'stand-in never ends': {
    breaks: [{ file: 'gate/lease.ts', find: "age <= lease + standin ? 'standin'", put: "age >= 0 ? 'standin'" }], faults: [cut(1_000, 15_000)], law: 'effective',
  },
  'the primary calls a stop effective when the first gate has acknowledged it': {
    knownAt: (gates) => (seq) => (gates.standing(seq).acknowledged > 0 ? Date.now() - read_before_ms : gates.knownAt(seq)), faults: [cut(2_000, 4_000), cut(8_000, 4_000), cut(14_000, 4_000)], law: 'effective',
  },
  'a gate goes by a clock that is late': {
    breaks: [{ file: 'gate/time.ts', find: 'Math.floor(Math.max(', put: 'Math.floor(-1_500 + Math.max(' }], faults: [], law: 'told',
  },
  'a gate acknowledges some changes without having taken them': {
    breaks: [{ file: 'gate/catch-up.ts', find: 'const change = takeRow(', put: 'const change = row.seq % 5 === 0 ? undefined : takeRow(' }], faults: [], law: 'known',
  },
  'started again, a gate has forgotten what it wrote down since its last base': {
    breaks: [{ file: 'gate/keep.ts', find: 'for (const change of read.changes)', put: 'for (const change of [])' }], faults: killed, law: 'effective',
  },
  'started again, a gate counts from the beginning': {
    breaks: [{ file: 'gate/start.ts', find: 'told: kept?.snapshot.head ?? { epoch: 0, seq: 0 }', put: 'told: { epoch: 0, seq: 0 }' }], faults: killed, law: 'back',
  },
  'what was approved in stand-in is not written down': {
    breaks: [{ file: 'gate/observed.ts', find: 'if (spoolBytes + line.length > spool_bytes_max) return false', put: 'return true' }], faults: [cut(1_000, 2_500)], law: 'unwritten',
  },
}
