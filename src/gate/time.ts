// A gate's two clocks. What time it is: the primary's, carried on between heartbeats by the monotonic clock, so that a step
// of this machine's clock moves nothing; and by this machine's clock too where that went further, since a machine that
// slept stood still in monotonic time. How old the last word of the primary is: whichever of the two says more. A clock
// that jumps ahead therefore makes a gate unsure, never bold, and time never goes back – but for a clock that was set wrongly
// and put right before anything was approved by it. A word of the primary says only that
// it was that time somewhere between question and answer: what quick answers told is kept against slow ones, and where even
// the best is not sharp the later end counts, so that no stop is late.
export type Time = {
  now(): number
  /** Milliseconds since `mark`. */
  since(mark: Mark): number
  /** Something was approved as of this instant: no word of the primary takes us back before it. */
  approved(at: number): void
  /** The primary said it was `at` (epoch ms) between these two marks. */
  heard(at: number, sent: Mark, received: Mark): void
  mark(): Mark
  /** This machine's clock minus the primary's, in ms. */
  skewMs(): number
}
/** An instant by both clocks of this machine. */
export type Mark = { readonly mono: number; readonly wall: number }

/** What goes ahead of the primary's clock by less is made up for by waiting. */
const set_wrongly_ms_min = 1_000
/** The primary tells whole milliseconds. */
const told_in_ms = 1
/** How fast two clocks of machines drift apart, at most. */
const drift_share_max = 0.0005
/** So much too early a clock may be called, where it is not known better. */
const ahead_ms_max = 10

export const gateTime = (mono: () => number = () => performance.now(), wall: () => number = () => Date.now()): Time => {
  let fromMono = wall() - mono()
  let fromWall = 0
  /** The primary's clock minus ours lies between these, as of `at` in our monotonic time. */
  let bounds = { early: Number.NEGATIVE_INFINITY, late: Number.POSITIVE_INFINITY, at: 0 }
  let last = Number.NEGATIVE_INFINITY
  let approvedTo = Number.NEGATIVE_INFINITY
  const told = (): number => Math.floor(Math.max(mono() + fromMono, wall() + fromWall))
  return {
    now() {
      const at = told()
      if (at > last) last = at
      return last
    },
    approved(at) { if (at > approvedTo) approvedTo = at },
    since: (mark) => Math.max(mono() - mark.mono, wall() - mark.wall),
    heard(at, sent, received) {
      const widened = (received.mono - bounds.at) * drift_share_max
      const said = { early: at - received.mono, late: at + told_in_ms - sent.mono }
      const early = Math.max(said.early, bounds.early - widened)
      const late = Math.min(said.late, bounds.late + widened)
      // Where they contradict each other one of the clocks was set: what was said before counts no more.
      bounds = { ...(early <= late ? { early, late } : said), at: received.mono }
      fromMono = Math.max((bounds.early + bounds.late) / 2, bounds.late - told_in_ms - ahead_ms_max)
      fromWall = fromMono + received.mono - received.wall
      if (last > told() + set_wrongly_ms_min) last = Math.max(approvedTo, told())
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
