// Decisions per second of one gate in process, on one core: a million terminals, random ones asked, every mode among them.
// Also what the million costs in memory, how long it takes to load, and whether anything a decision builds survives it.
// The queries lie in memory in the order they are asked, as a parser would leave them; the terminals they name do not.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { alwaysOpen, type GateEntry, type GateInterval, type GateQuery, type GateRules } from '../src/domain/gate.ts'
import { words, transactionClasses, type Mode, type TransactionClass } from '../src/domain/vocabulary.ts'
import { createSnapshot, decideFor, type Snapshot } from '../src/gate/snapshot.ts'

const terminals = 1_000_000
const queries_per_round = 1_000_000
const rounds = 9
const reach_per_second = 3_000_000
const now = Date.UTC(2026, 10, 27, 7)
const day_ms = 86_400_000

export type Result = {
  name: string
  value: number
  unit: string
  reference?: number
  ratio?: number
  detail: Record<string, string | number | boolean>
}

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
  const hold = { id: `h${n}`, reason: 'M02', owner: 'merchant', effectiveFrom: now - day_ms, caseNo: 'TQ-261127-00042-7' } as const
  const intervals: GateInterval[] = mode === 'scheduled'
    ? [
        { from: -Infinity, to: now + day_ms, mode: 'open', holds: [] },
        { from: now + day_ms, to: now + 2 * day_ms, mode: 'drain', holds: [hold.id], stopAt: now + day_ms },
        { from: now + 2 * day_ms, mode: 'shut', holds: [hold.id], stopAt: now + day_ms },
      ]
    : [{ from: -Infinity, mode, holds: [hold.id], stopAt: now - day_ms }]
  return {
    tid: tidOf(n), mid: midOf(n), provider: rules.provider, serial: serialOf(n), longitude: 100 + (n % 2000) / 100,
    latitude: 25 + (n % 1000) / 100, signOnRequired: n % 1000 === 0, version: 1, intervals: mode === 'open' ? alwaysOpen : intervals,
    holds: mode === 'open' ? [] : [hold],
  }
}

const load = (): Snapshot => {
  const snapshot = createSnapshot({ terminals })
  const roll = dice(1)
  snapshot.apply({ kind: 'rules', epoch: 1, seq: 1, rules })
  for (let n = 0; n < terminals; n++)
    snapshot.apply({ kind: 'upsert', epoch: 1, seq: 1, entry: entryFor(n, roll(1000)) })
  return snapshot
}

/** Mostly sales; one in four carries the serial, one in ten the position, one in a hundred names no terminal of ours. */
const ask = (): GateQuery[] => {
  const roll = dice(2)
  const classes = words(transactionClasses)
  return Array.from({ length: queries_per_round }, (): GateQuery => {
    const n = roll(terminals)
    const transaction: TransactionClass = roll(10) < 7 ? 'sale' : classes[roll(classes.length)]!
    return JSON.parse(JSON.stringify({
      tid: roll(100) === 0 ? `Z${tidOf(n).slice(1)}` : tidOf(n), mid: midOf(n), class: transaction,
      serial: roll(4) === 0 ? serialOf(n) : undefined,
      position: roll(10) === 0 ? { longitude: 100 + (n % 2000) / 100, latitude: 25 + (n % 1000) / 100 } : undefined,
      amount: 58_800,
    }))
  })
}

const round = (snapshot: Snapshot, queries: readonly GateQuery[]): { seconds: number; approved: number } => {
  let approved = 0
  const start = performance.now()
  for (let i = 0; i < queries.length; i++)
    if (decideFor(snapshot, queries[i]!, now).decision === 'approve') approved += 1
  return { seconds: (performance.now() - start) / 1000, approved }
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

export const run = async (): Promise<Result> => {
  const gc = collector()
  const before = heldBytes(gc)
  const rssBefore = process.memoryUsage.rss()
  const started = performance.now()
  const snapshot = load()
  const loadSeconds = (performance.now() - started) / 1000
  const snapshotBytes = heldBytes(gc) - before
  const rssBytes = process.memoryUsage.rss() - rssBefore

  const queries = ask()
  for (let i = 0; i < 2; i++) round(snapshot, queries)
  const heldBefore = heldBytes(gc)
  const cpuBefore = process.cpuUsage()
  const measured = Array.from({ length: rounds }, () => round(snapshot, queries))
  const cpu = process.cpuUsage(cpuBefore)
  const survivingBytes = heldBytes(gc) - heldBefore

  const seconds = measured.map((each) => each.seconds).toSorted((a, b) => a - b)
  const perSecond = (s: number): number => Math.round(queries_per_round / s)
  const value = perSecond(seconds[Math.floor(rounds / 2)]!)
  const millions = terminals / 1e6
  return {
    name: 'gate-decide', value, unit: 'decisions/s',
    detail: {
      terminals, decisions: rounds * queries_per_round, best: perSecond(seconds[0]!), worst: perSecond(seconds.at(-1)!),
      perCpuSecond: Math.round((rounds * queries_per_round) / ((cpu.user + cpu.system) / 1e6)),
      approvedShare: measured[0]!.approved / queries_per_round,
      survivingBytesPerDecision: Math.max(0, survivingBytes) / (rounds * queries_per_round),
      memoryPerMillionMB: mb(snapshotBytes / millions), rssPerMillionMB: mb(rssBytes / millions),
      loadSecondsPerMillion: Math.round((loadSeconds / millions) * 100) / 100,
      reached: value >= reach_per_second && snapshotBytes / millions <= 250e6,
    },
  }
}
