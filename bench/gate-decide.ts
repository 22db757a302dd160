// Decisions per second of one gate in process, on one core: a million terminals (--rows), random ones asked, every mode among
// them. Also what the million costs in memory, how long it takes to load, and whether anything a decision builds
// survives it. Queries come 128 at a time, fresh from JSON as at the door, so they are in the cache and the terminals
// they name are not. Turn about they are decided one by one (`oneByOne`) and as a batch (`value`, as arrays and
// pipelined frames arrive); parsing is not in the time, building the answers is. The median over all chunks is
// reported, since a chunk during which another program had the core says nothing; the mean is there beside it.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  alwaysOpen, type Answer, type GateEntry, type GateInterval, type GateQuery, type GateRules,
} from '../src/domain/gate.ts'
import { words, transactionClasses, type Mode, type TransactionClass } from '../src/domain/vocabulary.ts'
import { createSnapshot, decideFor, type Snapshot } from '../src/gate/snapshot.ts'
import type { Options, Result } from './result.ts'

const rows_default = 1_000_000
const queries_per_chunk = 128
const chunks = 8_000
const warm_up_chunks = 800
const reach_per_second = 3_000_000
const memory_per_million_bytes_max = 250e6
const now = Date.UTC(2026, 10, 27, 7)
const day_ms = 86_400_000

/** Park and Miller's generator: the same estate and the same questions in every run. */
const dice = (seed: number) => (sides: number): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % sides
}

/** Of a thousand terminals: 930 untouched, 20 with a stop to come, and 50 in the other modes. */
const modeShares: readonly (readonly [share: number, mode: Mode])[] = [
  [930, 'open'], [10, 'drain'], [25, 'shut'], [5, 'restrict'], [5, 'test'], [5, 'closed'],
]
const modeFor = (roll: number): Mode | 'scheduled' => {
  let left = roll
  for (const [share, mode] of modeShares) {
    if (left < share) return mode
    left -= share
  }
  return 'scheduled'
}

const rules: GateRules = {
  provider: 'benchpay', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24,
  signOnAfterReopening: true, positionToleranceMetres: 500, hotline: '400-000-0000',
}
const tidOf = (n: number): string => String(10_000_000 + n * 7).padStart(8, '0')
const midOf = (n: number): string => `84805937${String(1_000_000 + Math.floor(n / 2)).padStart(7, '0')}`
const serialOf = (n: number): string => `00001204${String(40_000_000 + n * 3)}`

const entryFor = (n: number, roll: number): GateEntry => {
  const mode = modeFor(roll)
  const caseNo = 'TQ-261127-00042-7'
  const hold = { id: `h${n}`, reason: 'M02', owner: 'merchant', effectiveFrom: now - day_ms, caseNo } as const
  const intervals: GateInterval[] = mode === 'scheduled'
    ? [
        { from: -Infinity, to: now + day_ms, mode: 'open', holds: [] },
        { from: now + day_ms, to: now + 2 * day_ms, mode: 'drain', holds: [hold.id], stopAt: now + day_ms },
        { from: now + 2 * day_ms, mode: 'shut', holds: [hold.id], stopAt: now + day_ms },
      ]
    : [{ from: -Infinity, mode, holds: [hold.id], stopAt: now - day_ms }]
  return {
    tid: tidOf(n), mid: midOf(n), provider: rules.provider, serial: serialOf(n), longitude: 100 + (n % 2000) / 100,
    latitude: 25 + (n % 1000) / 100, signOnRequired: n % 1000 === 0, version: 1,
    intervals: mode === 'open' ? alwaysOpen : intervals, holds: mode === 'open' ? [] : [hold],
  }
}

const load = (terminals: number): Snapshot => {
  const snapshot = createSnapshot({ terminals })
  const roll = dice(1)
  snapshot.apply({ kind: 'rules', epoch: 1, seq: 1, rules })
  for (let n = 0; n < terminals; n++)
    snapshot.apply({ kind: 'upsert', epoch: 1, seq: 1, entry: entryFor(n, roll(1000)) })
  return snapshot
}

/** Mostly sales; half carry the serial, one in ten the position, one in a hundred names no terminal of ours. */
const asker = (terminals: number): (() => GateQuery[]) => {
  const roll = dice(2)
  const classes = words(transactionClasses)
  const ask = (): GateQuery => {
    const n = roll(terminals)
    const transaction: TransactionClass = roll(10) < 7 ? 'sale' : classes[roll(classes.length)]!
    return {
      tid: roll(100) === 0 ? `Z${tidOf(n).slice(1)}` : tidOf(n), mid: midOf(n), class: transaction,
      serial: roll(2) === 0 ? serialOf(n) : undefined,
      position: roll(10) === 0 ? { longitude: 100 + (n % 2000) / 100, latitude: 25 + (n % 1000) / 100 } : undefined,
      amount: 58_800,
    }
  }
  // Fresh text, and every field there, as a door leaves a query it has checked.
  return () => (JSON.parse(JSON.stringify(Array.from({ length: queries_per_chunk }, ask))) as GateQuery[])
    .map(({ tid, mid, class: transaction, serial, position, madeAt, amount }) =>
      ({ tid, mid, class: transaction, serial, position, madeAt, amount }))
}

type Way = (queries: readonly GateQuery[]) => number
const isYes = (answer: Answer): number => (answer.decision === 'approve' ? 1 : 0)

/** Microseconds one chunk takes. */
const time = (queries: readonly GateQuery[], way: Way, count: (approved: number) => void): number => {
  const start = performance.now()
  const approved = way(queries)
  const end = performance.now()
  count(approved)
  return (end - start) * 1000
}

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
const heldBytes = (gc: () => void): number => {
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
const mb = (bytes: number): number => Math.round(bytes / 1e5) / 10

export const run = async ({ rows: terminals = rows_default }: Options): Promise<Result> => {
  const gc = collector()
  const before = heldBytes(gc)
  const rssBefore = process.memoryUsage.rss()
  const started = performance.now()
  const snapshot = load(terminals)
  const loadSeconds = (performance.now() - started) / 1000
  const snapshotBytes = heldBytes(gc) - before
  const rssBytes = process.memoryUsage.rss() - rssBefore

  const oneByOne: Way = (queries) => {
    let approved = 0
    for (let i = 0; i < queries.length; i++) approved += isYes(decideFor(snapshot, queries[i]!, now))
    return approved
  }
  const batched: Way = (queries) => {
    let approved = 0
    const answers = snapshot.decideAll(queries, now)
    for (let i = 0; i < answers.length; i++) approved += isYes(answers[i]!)
    return approved
  }
  const ask = asker(terminals)
  let approved = 0
  const count = (more: number): void => { approved += more }
  // Filled in place: what the measurement itself keeps must not look like what a decision keeps.
  const times = { single: new Float64Array(chunks), batch: new Float64Array(chunks) }
  for (let i = 0; i < warm_up_chunks; i++) for (const way of [oneByOne, batched]) time(ask(), way, count)
  approved = 0
  const heldBefore = heldBytes(gc)
  for (let i = 0; i < chunks; i++) {
    times.single[i] = time(ask(), oneByOne, count)
    times.batch[i] = time(ask(), batched, count)
  }
  const survivingBytes = heldBytes(gc) - heldBefore

  const decisions = chunks * queries_per_chunk * 2
  const perSecond = (microseconds: number): number => Math.round((queries_per_chunk / microseconds) * 1e6)
  const rates = (all: Float64Array): { median: number; mean: number; slowestTenth: number } => {
    const sorted = all.toSorted()
    const mean = all.reduce((sum, each) => sum + each, 0) / chunks
    const [median, slow] = [sorted[chunks / 2]!, sorted[chunks * 0.9]!]
    return { median: perSecond(median), mean: perSecond(mean), slowestTenth: perSecond(slow) }
  }
  const [batch, single] = [rates(times.batch), rates(times.single)]
  const millions = terminals / 1e6
  return {
    name: 'gate-decide', value: batch.median, unit: 'decisions/s',
    reach: '≥ 3 M/s on one core, nothing that survives a decision, ≤ 250 MB per million terminals',
    detail: {
      terminals, decisions, mean: batch.mean, slowestTenth: batch.slowestTenth,
      oneByOne: single.median, oneByOneMean: single.mean, oneByOneSlowestTenth: single.slowestTenth,
      approvedShare: Math.round((approved / decisions) * 1000) / 1000,
      survivingBytesPerDecision: Math.round((Math.max(0, survivingBytes) / decisions) * 1000) / 1000,
      memoryPerMillionMB: mb(snapshotBytes / millions), rssPerMillionMB: mb(rssBytes / millions),
      loadSecondsPerMillion: Math.round((loadSeconds / millions) * 100) / 100,
      reached: batch.median >= reach_per_second && snapshotBytes / millions <= memory_per_million_bytes_max,
    },
  }
}
