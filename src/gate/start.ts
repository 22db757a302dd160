// One gate as one value: what it knows, how sure it is, what it saw, and its line to the primary. The same value is a process
// of its own with doors to the network, and lives beside the calls in the program's own process; both register, hold leases,
// acknowledge, and can be fenced. It is handed out once it may answer: with a lease, or – the primary being away – with
// what it knew, as far as its last lease lets it.
import { mkdirSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { takeLock } from '../../scripts/owner-lock.js'
import type { Log } from '../app/app.ts'
import type { Basis } from '../domain/vocabulary.ts'
import { gate_poll_ms, gate_lease_ms } from '../limits.ts'
import type { RulesFrom, GateKey } from '../store/gate.ts'
import type { Door, GateReply } from './door.ts'
import { createJudge, type Known } from './judge.ts'
import { ageOf, openKeep, tokenOf, type Keep, type Kept } from './keep.ts'
import { createKeys, type Keys } from './keys.ts'
import { openLink, type Link } from './link.ts'
import { openObserved, type Observed } from './observed.ts'
import { houseRules } from './snapshot.ts'
import { gateHand, gateTime } from './time.ts'

export type GateOptions = {
  id: string
  url: string
  /** `<home>/gate`; what this gate keeps lies in a folder of its own name in it. */
  folder: string
  /** Given: what is known is kept on disk, signed with a key derived from it, to be known after a restart without the primary. */
  secret?: string | undefined
  log: Log
  /** The program's own manual clock, where the gate lives beside it. */
  clock?: { now(): number } | undefined
  /** What is listened on, for the register. */
  doors?: () => object
  lease_ms?: number | undefined
  poll_ms?: number | undefined
  /** How long a gate that has something to go by waits for the primary first. */
  patience_ms?: number | undefined
  /** Takes sign-ons where they can be kept at once; else they are reported as everything else. */
  onSignedOn?: ((tid: string, at: number) => void) | undefined
  /** The gate ended for good: another bears its name. */
  onOver?: ((error: Error) => void) | undefined
  signal?: AbortSignal | undefined
}

export type Gate = Pick<Link, 'pull' | 'wake' | 'knownAt' | 'onPulled' | 'lookForKeys'> & {
  readonly id: string
  readonly door: Door
  readonly keys: Keys
  /** Whether it is a terminal of that provider or merchant; nothing else is told to them. */
  isWithin(tid: string, scope: string): boolean
  /** What a sale would be answered now; nobody is noted to have asked. */
  look(tid: string, mid: string): GateReply
  condition(): Basis
  /** Since the primary was last heard of. */
  ageMs(): number
  figures(): Figures
  /** Takes nothing new; what is asked all the same is still answered. */
  drain(): void
  /** Sends what it saw, signs off and ends. */
  close(): Promise<void>
}
export type Figures = ReturnType<Observed['figures']> & ReturnType<Link['figures']> & { size: number; digest: string; head: { epoch: number; seq: number }; skew_ms: number }

/** Another gate of this machine uses this folder. */
export class GateFolderTaken extends Error {}

const patience_ms_default = 3_000

export async function startGate(options: GateOptions): Promise<Gate> {
  const { id, log, lease_ms = gate_lease_ms } = options
  const folder = join(options.folder, id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = takeLock(join(folder, 'lock'))
  if ('heldBy' in lock) throw new GateFolderTaken(`Process ${lock.heldBy} already runs gate ${id} in ${folder}. Give this one another name with --gate-id.`)
  try {
    return await begin(options, folder, lease_ms, lock.release)
  } catch (error) {
    lock.release()
    log.error({ gate: id, error: (error as Error).message }, 'the gate could not start')
    throw error
  }
}

async function begin(options: GateOptions, folder: string, lease_ms: number, release: () => void): Promise<Gate> {
  const { id, log } = options
  const keep = options.secret === undefined ? undefined : openKeep(folder, id, options.secret)
  const kept = keep && (await keptBy(keep, id, log))
  const observed = openObserved(folder, id)
  const keys = createKeys()
  const time = gateTime()
  const hand = gateHand()
  let isManual = options.clock !== undefined || kept?.mark.hand !== undefined
  if (kept?.mark.hand !== undefined) hand.set(kept.mark.hand)
  if (kept) keys.take((keep!.get('keys') ?? []) as GateKey[])
  const now = (): number => (options.clock ?? (isManual ? hand : time)).now()
  const known = knownFrom(kept, lease_ms)
  const judge = createJudge(known, { now, since: time.since, approved: time.approved }, observed, lease_ms)
  for (const { tid, at, amountFen } of observed.standins()) if (at >= known.sureUntil) judge.velocity.recall(tid, amountFen)

  let over: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => { over = reject })
  failed.catch(() => {})
  const link = openLink({
    id, run: randomUUID(), token: tokenOf(folder), url: options.url, startedAt: Date.now(), doors: options.doors ?? (() => ({})), lease_ms,
    poll_ms: options.poll_ms ?? gate_poll_ms, known, keep, observed, keys, velocity: judge.velocity,
    kept: kept && { position: kept.mark.position, rules: (keep!.get('rules') ?? []) as RulesFrom[] },
    clocks: {
      now, mark: time.mark, since: time.since, skewMs: time.skewMs,
      heard(heard, sent, received) {
        isManual = heard.clock === 'manual'
        if (isManual && heard.hand !== null) hand.set(heard.hand)
        if (!isManual) time.heard(heard.at, sent, received)
      },
      hand: () => (isManual ? now() : undefined),
    },
    log,
    onOver(error) { over(error); options.onOver?.(error) },
  })

  const close = async (): Promise<void> => {
    known.isDraining = true
    await link.close()
    await keep?.close()
    release()
  }
  const aborted = new Promise<never>((_, reject) => { options.signal?.addEventListener('abort', () => reject(new Error('ended while starting')), { once: true }) })
  const patience = new Promise<void>((resolve) => { if (kept) setTimeout(resolve, options.patience_ms ?? patience_ms_default).unref() })
  try {
    await Promise.race([link.live, failed, aborted, patience])
  } catch (error) {
    await close()
    throw error
  }

  const door: Door = {
    now, decide: judge.decide, decideAll: judge.decideAll,
    entry: (tid) => known.snapshot?.find(tid),
    rulesOf: (provider) => known.snapshot?.rulesOf(provider) ?? houseRules,
    observe(o) {
      if (o.kind === 'signed_on') {
        known.snapshot?.signedOn(o.tid, o.at)
        if (options.onSignedOn) return options.onSignedOn(o.tid, o.at)
      }
      observed.note(o)
    },
    accepting: () => known.snapshot !== undefined && !known.isDraining,
  }
  return {
    id, door, keys, look: judge.look, isWithin: (tid, scope) => known.snapshot?.isWithin(tid, scope) ?? false, condition: judge.condition,
    pull: link.pull, wake: link.wake, knownAt: link.knownAt, onPulled: link.onPulled, lookForKeys: link.lookForKeys,
    ageMs: () => (known.heard === undefined ? Number.POSITIVE_INFINITY : Math.round(time.since(known.heard))),
    figures: () => ({
      ...observed.figures(), ...link.figures(), size: known.snapshot?.size ?? 0, digest: known.snapshot?.digest() ?? '',
      head: known.told, skew_ms: time.skewMs(),
    }),
    drain() { known.isDraining = true },
    close,
  }
}

async function keptBy(keep: Keep, id: string, log: Log): Promise<Kept | undefined> {
  const kept = await keep.load()
  if (kept === 'nothing') return undefined
  if (!('fault' in kept)) return kept
  log.error({ gate: id, folder: keep.folder }, `what this gate kept is not believed: ${kept.fault}; it waits for the primary`)
  return undefined
}

/** A gate that comes back is as sure as its last lease lets it be, and by no clock surer than before. */
function knownFrom(kept: Kept | undefined, lease_ms: number): Known {
  const age = ageOf(kept?.mark.renewed)
  const renewed = Number.isFinite(age) ? { mono: performance.now() - age, wall: Date.now() - age } : undefined
  return {
    snapshot: kept?.snapshot, told: kept?.snapshot.head ?? { epoch: 0, seq: 0 }, renewed, heard: renewed,
    sureUntil: kept?.mark.hand ?? (kept?.mark.renewed === undefined ? Number.NEGATIVE_INFINITY : kept.mark.renewed.wall + lease_ms),
    standinMs: kept?.mark.standinMs ?? 0, isFenced: kept?.mark.isFenced ?? false, isOut: kept?.mark.hasLeft ?? false, isDraining: false,
  }
}
