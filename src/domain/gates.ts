// When a stop may be called effective: every gate that could still approve has acknowledged it, or can approve nothing any
// more. A gate is known by what the register says of it, read at one instant; between two readings nothing is guessed. Late
// is safe, early never: an acknowledgement counts from when it was seen, a silent gate until its lease and its stand-in time
// have both run out, a fenced one until its lease has – the operator vouches for the stand-in that would follow.
import type { GateState, GateWait } from './vocabulary.ts'

/** What the register says of a gate (epoch ms). */
export type GateTerms = {
  leaseUntil: number
  /** How long after its lease it may go on approving ordinary terminals. */
  standin_ms: number
  fencedAt: number | undefined
  /** Signed off cleanly: it answers nothing. */
  leftAt: number | undefined
}

/** How a gate stands at an instant. */
export function gateState({ leaseUntil, standin_ms, fencedAt, leftAt }: GateTerms, at: number): GateState {
  if (leftAt !== undefined) return 'left'
  if (fencedAt !== undefined) return 'fenced'
  if (at < leaseUntil) return 'live'
  return at < leaseUntil + standin_ms ? 'standin' : 'expired'
}

/** Since when a gate approves nothing any more, if that is so by `at`. */
export function goneSince({ leaseUntil, standin_ms, fencedAt, leftAt }: GateTerms, at: number): number | undefined {
  const ends = [leftAt, fencedAt === undefined ? undefined : Math.max(fencedAt, leaseUntil), leaseUntil + standin_ms]
    .filter((end): end is number => end !== undefined && end <= at)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** Everything up to a sequence number is obeyed, since when at the latest. */
export type Acknowledgement = { readonly seq: number; readonly at: number }

/** A gate as a stop sees it: what it acknowledged, in order, and since when it approves nothing. */
export type Witness = {
  id: string
  acknowledged: readonly Acknowledgement[]
  goneAt: number | undefined
  hasLeft: boolean
  /** Why it would still be waited for, and since when. */
  wait: GateWait
  since: number
}

/** When a gate acknowledged everything up to `seq`; acknowledgements that were forgotten count as late as the oldest kept. */
export function acknowledgedAt(acknowledged: readonly Acknowledgement[], seq: number): number | undefined {
  if (seq > (acknowledged.at(-1)?.seq ?? Number.NEGATIVE_INFINITY)) return undefined
  let low = 0
  let high = acknowledged.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (acknowledged[middle]!.seq >= seq) high = middle
    else low = middle + 1
  }
  return acknowledged[low]!.at
}

/** Since when a gate cannot approve against `seq`: it knows it, or it is gone. */
export function safeSince({ acknowledged, goneAt }: Pick<Witness, 'acknowledged' | 'goneAt'>, seq: number): number | undefined {
  const known = acknowledgedAt(acknowledged, seq)
  return known === undefined || goneAt === undefined ? known ?? goneAt : Math.min(known, goneAt)
}

/**
 * Since when no gate can approve against `seq`; undefined while one still can, and where no gate is registered. A gate that
 * left or was fenced meanwhile may have approved until then, so it is counted, too.
 */
export function allSafeSince(gates: readonly Witness[], seq: number): number | undefined {
  if (gates.every((g) => g.hasLeft)) return undefined
  let latest = Number.NEGATIVE_INFINITY
  for (const gate of gates) {
    const since = safeSince(gate, seq)
    if (since === undefined) return undefined
    latest = Math.max(latest, since)
  }
  return latest
}

/** How far the gates are with a stop, as people are told. */
export type Standing = { required: number; acknowledged: number; outstanding: { id: string; since: number; reason: GateWait }[] }

export function standingOf(gates: readonly Witness[], seq: number): Standing {
  const counted = gates.filter((g) => g.goneAt === undefined)
  const outstanding = counted.filter((g) => acknowledgedAt(g.acknowledged, seq) === undefined)
  return {
    required: counted.length, acknowledged: counted.length - outstanding.length,
    outstanding: outstanding.map(({ id, since, wait }) => ({ id, since, reason: wait })),
  }
}

/** Why a gate that has not acknowledged is still waited for. */
export const waitOf = ({ leaseUntil, fencedAt }: GateTerms, at: number): GateWait =>
  fencedAt !== undefined ? 'fencing' : at < leaseUntil ? 'behind' : 'silent'
