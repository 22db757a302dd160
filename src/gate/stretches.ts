// The intervals of those terminals that are not simply open for good, as plain numbers in one pool: 32 bytes each,
// those of a terminal side by side. As objects they would lie scattered, and a decision on a stopped terminal would
// wait for memory half a dozen times. A reader borrows them through objects that are filled anew for every decision.
import type { GateInterval } from '../domain/gate.ts'
import { modes, words } from '../domain/vocabulary.ts'

const stretch_numbers = 4 // from, to, stopAt (NaN = not known), mode + modes_max × index of the holds
const modes_max = 8
const modeWords = words(modes)
const noHolds: readonly string[] = []

export type Stretches = {
  numbers: Float64Array
  /** In stretches; those before are in use or free. */
  used: number
  /** Starts of free places, by how many stretches they have room for. */
  free: number[][]
  holds: (readonly string[])[]
  freeHolds: number[]
  views: GateInterval[][]
}

export const createStretches = (): Stretches => ({
  numbers: new Float64Array(stretch_numbers * 256), used: 0, free: [], holds: [noHolds], freeHolds: [], views: [],
})

const keepHolds = (pool: Stretches, ids: readonly string[]): number => {
  if (ids.length === 0) return 0
  const at = pool.freeHolds.pop() ?? pool.holds.length
  pool.holds[at] = ids
  return at
}

/** Where they were put; `count` = intervals.length finds them again. */
export const keepStretches = (pool: Stretches, intervals: readonly GateInterval[]): number => {
  const start = pool.free[intervals.length]?.pop() ?? pool.used
  if (start === pool.used) pool.used += intervals.length
  if (pool.used * stretch_numbers > pool.numbers.length) {
    const larger = new Float64Array(Math.max(pool.numbers.length * 1.5, pool.used * stretch_numbers))
    larger.set(pool.numbers)
    pool.numbers = larger
  }
  intervals.forEach(({ from, to, mode, holds, stopAt }, i) => {
    const modeAndHolds = modeWords.indexOf(mode) + modes_max * keepHolds(pool, holds)
    pool.numbers.set(
      [from, to ?? Number.POSITIVE_INFINITY, stopAt ?? Number.NaN, modeAndHolds], (start + i) * stretch_numbers,
    )
  })
  return start
}

export const dropStretches = (pool: Stretches, start: number, count: number): void => {
  for (let i = start; i < start + count; i++) {
    const at = Math.floor(pool.numbers[i * stretch_numbers + 3]! / modes_max)
    if (at === 0) continue
    pool.holds[at] = noHolds
    pool.freeHolds.push(at)
  }
  ;(pool.free[count] ??= []).push(start)
}

type Filled = { -readonly [K in keyof GateInterval]: GateInterval[K] }
const fill = (interval: Filled, { numbers, holds }: Stretches, stretch: number): void => {
  const at = stretch * stretch_numbers
  const stopAt = numbers[at + 2]!
  const packed = numbers[at + 3]! | 0
  interval.from = numbers[at]!
  interval.to = numbers[at + 1]!
  interval.mode = modeWords[packed & (modes_max - 1)]!
  interval.holds = holds[packed >>> 3]!
  interval.stopAt = Number.isNaN(stopAt) ? undefined : stopAt
}
const blank = (): Filled => ({ from: Number.NaN, to: Number.NaN, mode: 'unknown', holds: noHolds, stopAt: undefined })

/** Valid until the next call. */
export const borrowStretches = (pool: Stretches, start: number, count: number): readonly GateInterval[] => {
  const view = (pool.views[count] ??= Array.from({ length: count }, blank))
  for (let i = 0; i < count; i++) fill(view[i]!, pool, start + i)
  return view
}

export const copyStretches = (pool: Stretches, start: number, count: number): readonly GateInterval[] =>
  Array.from({ length: count }, (_, i) => {
    const interval = blank()
    fill(interval, pool, start + i)
    return interval
  })
