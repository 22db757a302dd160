// What goes wrong, and when: a list made from a seed, the same for the same seed. Each gate suffers one thing at a time; what
// the others suffer meanwhile is no business of its own, so now and then all of them are in trouble together.
import { makeRandom } from '../model/random.ts'

export const faultKinds = {
  kill: 'ended as by the power button, started again over the same folder',
  pause: 'stopped for a while and continued',
  cut: 'its line to the primary carries nothing, and neither end hears of it',
  stall: 'its line holds back what it carries, and delivers it later',
  reset: 'its line is torn down',
  deaf: 'its line loses notifications',
  step: 'its machine’s clock is set',
} as const
export type FaultKind = keyof typeof faultKinds
/** `for_ms`: how long it lasts – of a kill, until it is started again; `by_ms` of a clock; `cut_ms`: and its line is cut for so long after. */
export type Fault = { at_ms: number; gate: number; kind: FaultKind; for_ms: number; by_ms?: number; cut_ms?: number }

const kinds: readonly (readonly [FaultKind, share: number, ms_min: number, ms_max: number])[] = [
  ['kill', 3, 0, 1_500], ['pause', 3, 100, 4_000], ['cut', 4, 200, 5_000], ['stall', 3, 100, 2_500], ['reset', 1, 0, 0], ['deaf', 2, 1_000, 4_000], ['step', 2, 0, 0],
]
const steps_ms = [800, 2_500, 60_000, -2_000, -60_000] as const
const first_ms = 500
const between_ms = 1_500

export function scheduleOf(seed: number, gates: number, duration_ms: number): Fault[] {
  const random = makeRandom(seed)
  const dice = kinds.flatMap((kind) => Array.from({ length: kind[1] }, () => kind))
  const faults: Fault[] = []
  for (let gate = 0; gate < gates; gate++)
    for (let at_ms = first_ms + random.below(between_ms); ;) {
      const [kind, , ms_min, ms_max] = random.pick(dice)
      const for_ms = ms_min + random.below(ms_max - ms_min + 1)
      const cut_ms = kind === 'kill' && random.chance(0.5) ? random.below(3_500) : 0
      if (at_ms + for_ms + cut_ms > duration_ms) break
      faults.push({ at_ms, gate, kind, for_ms, ...(kind === 'step' ? { by_ms: random.pick(steps_ms) } : {}), ...(cut_ms > 0 ? { cut_ms } : {}) })
      at_ms += for_ms + cut_ms + random.below(between_ms)
    }
  return faults.toSorted((a, b) => a.at_ms - b.at_ms)
}
