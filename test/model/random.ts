// Numbers that look random and come again from the same seed (mulberry32).
export type Random = {
  /** In [0, 1). */
  next(): number
  /** A whole number below `below`. */
  below(below: number): number
  chance(probability: number): boolean
  pick<T>(of: readonly T[]): T
}

export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return { next, below, chance: (p) => next() < p, pick: (of) => of[below(of.length)]! }
}

/** The seed of this run: TINGQI_SEED where one is to be replayed. */
export const seedOfRun = (): number => Number(process.env['TINGQI_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
export const isTorture = process.env['TINGQI_TORTURE'] === '1'
