// Dice that fall the same way every time: a stream of numbers made from a text. Every part of the estate throws its own –
// one per merchant, one per terminal and day – so that a change to one part moves no other.
export type Dice = {
  /** 0 ≤ x < 1 */
  next(): number
  /** A whole number from `min` to `max`, both counted. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** One of a list, each as likely as its weight. */
  weighted<T>(list: readonly (readonly [T, number])[]): T
  /** `count` different ones, in their order of the list. */
  some<T>(list: readonly T[], count: number): T[]
  digits(count: number): string
  /** Mean 0, deviation 1. */
  normal(): number
  poisson(mean: number): number
}

/** xmur3 hash → four words → sfc32, a small generator with a period beyond anything thrown here. */
function stream(seed: string): () => number {
  let h = 1_779_033_703 ^ seed.length
  for (const character of seed) {
    h = Math.imul(h ^ character.codePointAt(0)!, 3_432_918_353)
    h = (h << 13) | (h >>> 19)
  }
  const word = (): number => {
    h = Math.imul(h ^ (h >>> 16), 2_246_822_507)
    h = Math.imul(h ^ (h >>> 13), 3_266_489_909)
    h ^= h >>> 16
    return h >>> 0
  }
  let a = word()
  let b = word()
  let c = word()
  let d = word()
  return () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4_294_967_296
  }
}

/** One throw has 32 bits: enough for so many decimal digits. */
const six = 6

export function diceOf(seed: string): Dice {
  const next = stream(seed)
  const digits = (count: number): string =>
    count > six ? digits(six) + digits(count - six) : String(Math.floor(next() * 10 ** count)).padStart(count, '0')
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    int,
    digits,
    chance: (probability) => next() < probability,
    pick: (list) => list[int(0, list.length - 1)]!,
    weighted(list) {
      let rest = next() * list.reduce((sum, [, weight]) => sum + weight, 0)
      return (list.find(([, weight]) => (rest -= weight) < 0) ?? list.at(-1)!)[0]
    },
    some(list, count) {
      let wanted = Math.min(count, list.length)
      return list.filter((_, i) => {
        const taken = next() * (list.length - i) < wanted
        if (taken) wanted--
        return taken
      })
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    poisson(mean) {
      const floor = Math.exp(-mean)
      let count = 0
      for (let product = next(); product > floor; product *= next()) count++
      return count
    },
  }
}
