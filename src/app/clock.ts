// What time it is. Everything that asks – commands, what falls due, the gate – asks this one clock. The manual clock stands
// still until it is moved, forward only, and its hand is kept in the database so that a restart does not turn it back.
export type Clock = {
  readonly kind: 'real' | 'manual'
  /** Epoch milliseconds. */
  now(): number
}
export type ManualClock = Clock & { readonly kind: 'manual'; set(now: number): void }

export const realClock: Clock = { kind: 'real', now: () => Date.now() }

export function manualClock(start: number): ManualClock {
  let hand = start
  return {
    kind: 'manual',
    now: () => hand,
    set(now) {
      if (now < hand) throw new RangeError('a manual clock only moves forward')
      hand = now
    },
  }
}
