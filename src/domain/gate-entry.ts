// The entry a gate holds for a terminal: made from the terminal's holds (`entryOf`), checked before it is believed
// (`faultOf`), and, where two versions contradict each other, both obeyed (`tighterOf`).
// An entry looks forward only: it begins with the mode of one instant, taken back to minus infinity, and ends with the last
// change known. Leaving the past out keeps a terminal without holds at one interval, which a snapshot stores in a few
// bytes.
import { inEffect, modeAt, schedule, type Stretch, type Terminal } from './terminal.ts'
import { intervalAt, isStop, type GateEntry, type GateHold, type GateInterval } from './gate.ts'
import type { Mode } from './vocabulary.ts'

export const intervals_per_entry_max = 256
export const holds_per_entry_max = 64
export const serial_characters_max = 50

/** What the register says of the terminal beside its holds. */
export type Registered = Pick<
  GateEntry, 'mid' | 'provider' | 'serial' | 'longitude' | 'latitude' | 'merchantStopped' | 'version'
>

/** When the unbroken stop around an instant began; a second hold that outlives the first does not move it. */
const stopAround = (history: readonly Stretch[], at: number): number | undefined => {
  let i = history.findLastIndex((stretch) => stretch.from <= at)
  if (i < 0 || !isStop(history[i]!.mode)) return undefined
  while (i > 0 && isStop(history[i - 1]!.mode)) i -= 1
  return history[i]!.from
}

const sameHolds = (a: GateInterval, b: GateInterval): boolean =>
  a.holds.length === b.holds.length && a.holds.every((id, i) => id === b.holds[i])

/**
 * The entry to publish at `now`. Pass the terminal with its lifted holds where they are at hand: they tell when an
 * unbroken stop began. Holds still to come are published with their moments.
 */
export const entryOf = (terminal: Terminal, registered: Registered, now: number): GateEntry => {
  const history = schedule(terminal, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  const turns = [
    ...history.map((stretch) => stretch.from), ...terminal.holds.flatMap((h) => [h.effectiveFrom, h.liftedAt]),
  ]
  const points = [now, ...new Set(turns.filter((at) => at !== undefined && at > now))] as number[]
  const intervals: GateInterval[] = []
  for (const at of points.toSorted((a, b) => a - b)) {
    const next: GateInterval = {
      from: intervals.length === 0 ? Number.NEGATIVE_INFINITY : at,
      to: undefined,
      mode: modeAt(terminal, at),
      holds: inEffect(terminal, at).map((h) => h.id),
      stopAt: stopAround(history, at),
    }
    const last = intervals.at(-1)
    if (last !== undefined && last.mode === next.mode && last.stopAt === next.stopAt && sameHolds(last, next)) continue
    if (last !== undefined) intervals[intervals.length - 1] = { ...last, to: at }
    intervals.push(next)
  }
  const named = new Set(intervals.flatMap((interval) => interval.holds))
  const holds = terminal.holds.filter((h) => named.has(h.id)).map(
    ({ id, reason, owner, effectiveFrom, expectedUntil, caseNo }): GateHold =>
      ({ id, reason, owner, effectiveFrom, expectedUntil, caseNo }),
  )
  return {
    tid: terminal.tid, ...registered, signOnRequired: terminal.signOnRequired,
    openWork: terminal.closedAt !== undefined && !terminal.clear, intervals, holds,
  }
}

/**
 * The instant as of which the entry of a terminal is made, whoever makes it and whenever: that of the commit that last
 * changed it. Where only the register is at hand, the latest fact in it.
 */
export const settledAt = ({ installedAt, closedAt, holds }: Terminal, committedAt: number | undefined): number => {
  const facts = holds.flatMap((h) => [h.startedAt, h.shutAt, h.clearedAt, h.liftedAt])
  return committedAt ?? Math.max(Number.NEGATIVE_INFINITY, ...[installedAt, closedAt, ...facts].filter((at) => at !== undefined))
}

export type EntryFault =
  | 'tid_format' | 'mid_format' | 'serial_format' | 'position_range' | 'version_invalid' | 'intervals_gap'
  | 'hold_unknown' | 'too_many'

const within = (value: number | undefined, bound: number): boolean => value !== undefined && Math.abs(value) <= bound

/** Why an entry must not be believed; undefined when it may. */
export const faultOf = (entry: GateEntry): EntryFault | undefined => {
  const { intervals, holds, serial, longitude, latitude } = entry
  if (!/^[0-9A-Z]{8}$/.test(entry.tid)) return 'tid_format'
  if (!/^[0-9A-Z]{15}$/.test(entry.mid)) return 'mid_format'
  if (serial !== undefined && (serial.length > serial_characters_max || !/^[!-~]+$/.test(serial)))
    return 'serial_format'
  if ((longitude !== undefined || latitude !== undefined) && !(within(longitude, 180) && within(latitude, 90)))
    return 'position_range'
  if (!Number.isSafeInteger(entry.version) || entry.version < 0) return 'version_invalid'
  if (intervals.length > intervals_per_entry_max || holds.length > holds_per_entry_max) return 'too_many'
  let end: number | undefined = Number.NEGATIVE_INFINITY
  for (const { from, to, holds: ids } of intervals) {
    if (from !== end || (to !== undefined && !(to > from))) return 'intervals_gap'
    if (!ids.every((id) => holds.some((h) => h.id === id))) return 'hold_unknown'
    end = to
  }
  return intervals.length > 0 && (end === undefined || end === Number.POSITIVE_INFINITY) ? undefined : 'intervals_gap'
}

/** How little a mode permits. A test lets no customer's money through, but it is nearer to opening than a stop is. */
export const strictness: Readonly<Record<Mode, number>> = {
  open: 0, restrict: 1, drain: 2, test: 3, shut: 4, closed: 5, unknown: 6,
}
const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : Math.min(a, b)

/**
 * The tighter of two contradicting entries, instant by instant: no new money passes at a moment at which either of them
 * forbids it. Who and where the terminal is, is taken from `held`; so is its version, so that only a newer one undoes
 * this.
 */
export const tighterOf = (held: GateEntry, other: GateEntry): GateEntry => {
  const turns = new Set([...held.intervals, ...other.intervals].map((interval) => interval.from))
  const cuts = [...turns].toSorted((a, b) => a - b)
  const intervals = cuts.map((from, i): GateInterval => {
    const a = held.intervals[intervalAt(held.intervals, from)]!
    const b = other.intervals[intervalAt(other.intervals, from)]!
    const { mode, holds, stopAt } = strictness[b.mode] > strictness[a.mode] ? b : a
    const stop = isStop(a.mode) && isStop(b.mode) ? earlier(a.stopAt, b.stopAt) : stopAt
    return { from, to: cuts[i + 1] ?? Number.POSITIVE_INFINITY, mode, holds, stopAt: stop }
  })
  return {
    ...held,
    intervals,
    holds: [...held.holds, ...other.holds.filter((theirs) => !held.holds.some((ours) => ours.id === theirs.id))],
    signOnRequired: held.signOnRequired || other.signOnRequired,
    signedOnAt: earlier(held.signedOnAt, other.signedOnAt),
    merchantStopped: held.merchantStopped === true || other.merchantStopped === true,
    openWork: held.openWork === true && other.openWork === true,
  }
}
