// A gate's two clocks. What time it is: the primary's, carried on between heartbeats by the monotonic clock, so that a step
// of this machine's clock moves nothing; and by this machine's clock too where that went further, since a machine that
// slept stood still in monotonic time. How old the last word of the primary is: whichever of the two says more. A clock
// that jumps ahead therefore makes a gate unsure, never bold, and time never goes back.
export type Time = {
  now(): number
  /** Milliseconds since `mark`. */
  since(mark: Mark): number
  /** The primary said it was `at` (epoch ms) between these two marks. */
  heard(at: number, sent: Mark, received: Mark): void
  mark(): Mark
  /** This machine's clock minus the primary's, in ms. */
  skewMs(): number
}
/** An instant by both clocks of this machine. */
export type Mark = { readonly mono: number; readonly wall: number }

export const gateTime = (mono: () => number = () => performance.now(), wall: () => number = () => Date.now()): Time => {
  let fromMono = wall() - mono()
  let fromWall = 0
  let last = Number.NEGATIVE_INFINITY
  return {
    now() {
      const at = Math.floor(Math.max(mono() + fromMono, wall() + fromWall))
      if (at > last) last = at
      return last
    },
    since: (mark) => Math.max(mono() - mark.mono, wall() - mark.wall),
    heard(at, sent, received) {
      // The middle is what is known best; the error is half of the way there and back.
      const half = (received.mono - sent.mono) / 2
      fromMono = at - (sent.mono + half)
      fromWall = at - (received.wall - half)
    },
    mark: () => ({ mono: mono(), wall: wall() }),
    skewMs: () => Math.round(-fromWall),
  }
}

/** The demo's hand: moved by the primary only, forward only. */
export type Hand = { now(): number; set(now: number): void }
export const gateHand = (): Hand => {
  let at = Number.NEGATIVE_INFINITY
  return { now: () => at, set(now) { if (now > at) at = now } }
}
