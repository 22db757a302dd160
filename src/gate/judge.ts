// Answers from what the gate knows and how sure it is of it. While the lease runs this is the snapshot's own decision and
// one comparison; after that each question goes through the lease table, limits and journal. What was seen on the way –
// attempts on stopped terminals, stand-in approvals, terminals that are not as registered – is noted here, for every door.
import { isAlwaysAccepted, type Answer, type GateQuery, type GateReason, type GateRules } from '../domain/gate.ts'
import type { Basis } from '../domain/vocabulary.ts'
import type { Door, GateReply } from './door.ts'
import { conditionOf, decideUnsure, fresh_ms, goesOnForGood, overLimit, standinMsOf } from './lease.ts'
import type { Observed } from './observed.ts'
import type { Head, Snapshot } from './snapshot.ts'
import type { Mark } from './time.ts'
import { createVelocity, type Velocity } from './velocity.ts'

/** What the gate knows and how sure it is; written by its link to the primary, read by every decision. */
export type Known = {
  snapshot: Snapshot | undefined
  /** How far an answer says that we are: on disk, and never back. What is held may be ahead of it. */
  told: Head
  /** When the renewal of the lease that holds was sent. */
  renewed: Mark | undefined
  /** Up to when what the clock opens is believed: the end of that lease, by the gate's clock. */
  sureUntil: number
  /** When the primary was last heard of. */
  heard: Mark | undefined
  /** H as the primary was told of it, at the most. */
  standinMs: number
  isFenced: boolean
  /** It may approve nothing before it hears from the primary again: it signed off, or another took its name. */
  isOut: boolean
  isDraining: boolean
}

/** What the clocks say. */
export type Clocks = { now(): number; since(mark: Mark): number; approved(at: number): void }

const stopped: ReadonlySet<GateReason> = new Set<GateReason>([
  'restricted', 'draining', 'stopped', 'testing', 'made_after_stop', 'upload_too_late', 'closed', 'merchant_stopped',
])
/** Longer than anything is waited for. */
const for_good_ms = 10 * 365 * 86_400_000
/** H of a provider as the primary must reckon with it. */
export const standinOf = (rules: GateRules): number => (goesOnForGood(rules) ? for_good_ms : standinMsOf(rules))

export type Judge = Pick<Door, 'decide' | 'decideAll'> & {
  /** What would be answered to a sale, without noting that anybody asked. */
  look(tid: string, mid: string): GateReply
  /** How sure we are, for a provider that lets us go on as long as any. */
  condition(): Basis
  velocity: Velocity
}

/** Of what was sent instead, only what no card number fits into: the end of a serial, a place to some ten metres. */
const seenOf = ({ serial, position }: GateQuery): { serial?: string; position?: { longitude: number; latitude: number } } => {
  const near = (degrees: number): number => Math.round(degrees * 10_000) / 10_000
  const isPlace = position !== undefined && Math.abs(position.longitude) <= 180 && Math.abs(position.latitude) <= 90
  return {
    ...(serial === undefined ? {} : { serial: `…${serial.slice(-4)}` }),
    ...(isPlace ? { position: { longitude: near(position.longitude), latitude: near(position.latitude) } } : {}),
  }
}

const nobody = { decision: 'decline', code: '96', reason: 'cannot_decide', holds: [], mode: 'unknown', until: undefined, securityEvent: undefined } as const

export function createJudge(known: Known, clocks: Clocks, observed: Observed, lease_ms: number): Judge {
  const velocity = createVelocity()
  const fresh_until_ms = Math.min(fresh_ms, lease_ms)

  const ageOf = (mark: Mark | undefined): number => (mark === undefined ? Number.POSITIVE_INFINITY : clocks.since(mark))
  const replyOf = (a: Answer, basis: Basis, { epoch, seq }: { epoch: number; seq: number }, age: number): GateReply => ({
    decision: a.decision, code: a.code, reason: a.reason, holds: a.holds, mode: a.mode, asOf: a.asOf, until: a.until,
    securityEvent: a.securityEvent, basis, epoch, seq, ageMs: Math.round(Math.max(0, age)),
  })
  /** JSON has no infinity; nobody was heard of at all. */
  const heardAge = (): number => Math.min(ageOf(known.heard), for_good_ms)

  const note = (answer: Answer, query: GateQuery, snapshot: Snapshot): void => {
    const { tid, class: kind } = query
    // Terminals call their test sale a sale: the ISO 8583 front asks again for it as what it is.
    const isTestSale = answer.reason === 'testing' && kind === 'sale'
    const isAttempt = answer.decision === 'decline' && stopped.has(answer.reason) && !isTestSale
    if (!isAttempt && answer.securityEvent === undefined) return
    // As registered, never as sent: what is noted belongs to the terminal's own merchant, and anything may have been sent.
    const entry = snapshot.find(tid)
    if (entry === undefined) return
    const { mid, provider } = entry
    if (isAttempt) observed.note({ kind: 'attempt', at: answer.asOf, tid, mid, provider, class: kind, code: answer.code, reason: answer.reason })
    if (answer.securityEvent !== undefined) observed.note({ kind: 'security', at: answer.asOf, tid, mid, provider, event: answer.securityEvent, ...seenOf(query) })
  }
  const counted = (answer: Answer, query: GateQuery, snapshot: Snapshot): void => {
    observed.count(answer, answer.asOf)
    if (answer.decision === 'approve' && !isAlwaysAccepted(query.class)) clocks.approved(answer.asOf)
    if (answer.decision === 'decline' || answer.securityEvent !== undefined) note(answer, query, snapshot)
  }

  /** Within limits, and written down, or not at all. */
  const withinLimits = (answer: Answer, query: GateQuery, rules: GateRules): Answer => {
    if (!velocity.take(query, rules)) return overLimit(answer, rules)
    const { tid, mid, class: kind, amount } = query
    const isKept = observed.standin({
      kind: 'standin', at: answer.asOf, tid, mid, provider: rules.provider, class: kind, amountFen: amount ?? 0, ...known.told,
    })
    if (isKept) return answer
    velocity.giveBack(query)
    return overLimit(answer, rules)
  }

  const rule = (query: GateQuery, now: number, age: number, snapshot: Snapshot, isReal: boolean): { answer: Answer; basis: Basis } => {
    const entry = snapshot.find(query.tid)
    const rules = entry === undefined ? snapshot.rulesOf(undefined) : snapshot.rulesOf(entry.provider)
    const isFenced = known.isFenced || known.isOut
    const basis = isFenced ? 'expired' : conditionOf(age, Math.min(standinOf(rules), known.standinMs), lease_ms)
    const { answer, consequence } = decideUnsure(entry, query, now, rules, {
      condition: basis, sureUntil: known.sureUntil, isRisky: entry !== undefined && snapshot.isRisky(entry.mid), isFenced,
    })
    return { answer: consequence === 'within_limits' && isReal ? withinLimits(answer, query, rules) : answer, basis }
  }

  const isSure = (age: number): boolean => age <= lease_ms && !known.isFenced && !known.isOut
  const basisOf = (age: number): Basis => (age <= fresh_until_ms ? 'fresh' : 'leased')

  const decideOne = (query: GateQuery, isReal: boolean): GateReply => {
    const { snapshot } = known
    const now = clocks.now()
    if (snapshot === undefined) return replyOf({ ...nobody, asOf: now }, 'expired', { epoch: 0, seq: 0 }, heardAge())
    const age = ageOf(known.renewed)
    const told_age = isSure(age) ? age : heardAge()
    const { answer, basis } = isSure(age) ? { answer: snapshot.decide(query, now), basis: basisOf(age) } : rule(query, now, age, snapshot, isReal)
    if (isReal) counted(answer, query, snapshot)
    return replyOf(answer, basis, known.told, told_age)
  }

  return {
    velocity,
    decide: (query) => decideOne(query, true),
    look: (tid, mid) => decideOne({ tid, mid, class: 'sale' }, false),
    decideAll(queries) {
      const { snapshot } = known
      // The time first: whoever is stopped in between is found to be unsure, and does not answer for an instant it slept through.
      const now = clocks.now()
      const age = ageOf(known.renewed)
      if (snapshot === undefined || !isSure(age)) return queries.map((query) => decideOne(query, true))
      const basis = basisOf(age)
      return snapshot.decideAll(queries, now).map((answer, i) => {
        counted(answer, queries[i]!, snapshot)
        return replyOf(answer, basis, known.told, age)
      })
    },
    condition: () => (known.isFenced || known.isOut ? 'expired' : conditionOf(ageOf(known.renewed), known.standinMs, lease_ms)),
  }
}
