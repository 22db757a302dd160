// Stale may only tighten: what a gate does when it has not heard from the primary for a while. The primary grants a lease
// of L, measured here from when its renewal was sent; after it an ordinary terminal may still be served within limits for
// H, the provider's stand-in time; after that, what needs permission is declined. What must always be taken – reversals,
// settlement, batch upload, sign-off, echo – is taken all along, stops fall due by the clock, and a reopening that fell
// due after the lease is not believed. Pure: the table, and the decision under it.
import { strictness } from '../domain/gate-entry.ts'
import {
  codeOf, decide, isAlwaysAccepted, standinDefaults, type Answer, type GateEntry, type GateInterval, type GateQuery, type GateReason,
  type GateRules,
} from '../domain/gate.ts'
import type { Basis } from '../domain/vocabulary.ts'
import { gate_lease_ms } from '../limits.ts'

/** Of a lease, how long an answer counts as fresh: some heartbeats. */
export const fresh_ms = 1_000
/** A stop due within this time makes a terminal one that is not approved without the primary. */
export const stop_ahead_ms = 24 * 3_600_000

export type Situation = 'stopped' | 'active' | 'flagged' | 'unknown' | 'stop_due' | 'reopening_due'
export type Consequence =
  | 'approve' | 'decline' | 'applied' | 'not_applied'
  /** Within floor limit and velocity, and journalled; else 91. */
  | 'within_limits'
  /** 91: cannot be asked now. */
  | 'out_of_touch'
  /** The provider's written choice: 91, or still within limits. */
  | 'as_written'

/** gate.md section 2, to the letter. */
export const leaseTable: Readonly<Record<Basis, Readonly<Record<Situation, Consequence>>>> = {
  fresh: {
    stopped: 'decline', active: 'approve', flagged: 'approve', unknown: 'decline', stop_due: 'applied', reopening_due: 'applied',
  },
  leased: {
    stopped: 'decline', active: 'approve', flagged: 'approve', unknown: 'decline', stop_due: 'applied', reopening_due: 'applied',
  },
  standin: {
    stopped: 'decline', active: 'within_limits', flagged: 'out_of_touch', unknown: 'decline', stop_due: 'applied',
    reopening_due: 'not_applied',
  },
  expired: {
    stopped: 'decline', active: 'as_written', flagged: 'out_of_touch', unknown: 'decline', stop_due: 'applied',
    reopening_due: 'not_applied',
  },
}

/** All in milliseconds, `age` since the last renewal was sent. */
export const conditionOf = (age: number, standin: number, lease = gate_lease_ms): Basis =>
  age <= Math.min(fresh_ms, lease) ? 'fresh' : age <= lease ? 'leased' : age <= lease + standin ? 'standin' : 'expired'

/** How long a provider lets its gates go on by themselves; for good where it wrote so. */
export const standinMsOf = ({ standin = standinDefaults }: GateRules): number => standin.seconds * 1_000
export const goesOnForGood = ({ standin = standinDefaults }: GateRules): boolean => standin.afterwards === 'approve_within_limits'

/** The intervals as far as they may be believed that were last confirmed at `sureUntil`: later turns may only be tighter. */
export const onlyTighter = (intervals: readonly GateInterval[], sureUntil: number): readonly GateInterval[] => {
  const kept: GateInterval[] = []
  for (const next of intervals) {
    const last = kept.at(-1)
    const isLooser = last !== undefined && next.from > sureUntil && strictness[next.mode] < strictness[last.mode]
    if (isLooser) kept[kept.length - 1] = { ...last, to: next.to }
    else kept.push(next)
  }
  return kept
}

/** Whether anything that is not simply open begins within the next 24 hours. */
export const hasStopAhead = (intervals: readonly GateInterval[], now: number): boolean =>
  intervals.some(({ from, mode }) => mode !== 'open' && from > now && from <= now + stop_ahead_ms)

/** How sure a gate is of what it knows, once its lease is over or it was fenced. */
export type Unsure = {
  readonly condition: Basis
  /** Up to when turns of the clock are believed that open something: the end of the lease (epoch ms). */
  readonly sureUntil: number
  /** The merchant is held for risk, here or on another of its terminals. */
  readonly isRisky: boolean
  readonly isFenced: boolean
}
/** `within_limits`: yes, if the limits let it pass and it can be journalled – the caller's part. */
export type Ruling = { readonly answer: Answer; readonly consequence: Consequence }

const declined = (answer: Answer, reason: GateReason, rules: GateRules): Answer => {
  const code = codeOf[reason]
  return { ...answer, decision: 'decline', code: rules.responseCodes[code] ?? code, reason }
}
export const overLimit = (answer: Answer, rules: GateRules): Answer => declined(answer, 'over_standin_limit', rules)

/** The answer of a gate that may not simply answer from what it knows. */
export const decideUnsure = (entry: GateEntry | undefined, query: GateQuery, now: number, rules: GateRules, unsure: Unsure): Ruling => {
  const table = leaseTable[unsure.condition]
  const believed = entry === undefined || table.reopening_due === 'applied' ? entry
    : { ...entry, intervals: onlyTighter(entry.intervals, unsure.sureUntil) }
  const answer = decide(believed, query, now, rules)
  const situation = situationOf(answer, believed, now, unsure)
  const consequence = table[situation]
  if (answer.decision === 'decline') return { answer, consequence: 'decline' }
  if (isAlwaysAccepted(query.class)) return { answer, consequence: 'approve' }
  if (unsure.isFenced) return { answer: declined(answer, 'gate_fenced', rules), consequence: 'decline' }
  // While the lease holds, what is known decides; also what a terminal that is not open may still do.
  if (unsure.condition === 'fresh' || unsure.condition === 'leased') return { answer, consequence: 'approve' }
  if (consequence === 'within_limits') return { answer, consequence }
  if (consequence === 'as_written' && goesOnForGood(rules)) return { answer, consequence: 'within_limits' }
  // A terminal that is not open and would be served in part – a void while it drains – waits for the primary too.
  return { answer: declined(answer, 'out_of_touch', rules), consequence: 'out_of_touch' }
}

const situationOf = (answer: Answer, entry: GateEntry | undefined, now: number, { isRisky }: Unsure): Situation => {
  if (entry === undefined || answer.mode === 'unknown') return 'unknown'
  if (answer.mode !== 'open') return 'stopped'
  return isRisky || hasStopAhead(entry.intervals, now) ? 'flagged' : 'active'
}
