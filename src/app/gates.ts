// The gates as the primary sees them: the register read again and again, and every acknowledgement kept with the moment from
// which it counts. A notification makes a reading sooner; while something waits for a gate the register is read ten times a
// second anyway. What the memory does not hold – after a restart – falls back to what the register says, which is later and
// therefore safe. Nothing is concluded from a reading older than the commit in question, nor from a silence not yet read.
import { allSafeSince, goneSince, standingOf, waitOf, acknowledgedAt, type Acknowledgement, type Standing, type Witness } from '../domain/gates.ts'
import { readRegister, type Register, type RegisteredGate } from '../store/gates.ts'
import { gate_channel, openListener } from '../store/signals.ts'
import { gate_lease_ms } from '../limits.ts'
import type { App } from './app.ts'

export type Gates = {
  /** Since when no gate can approve against a journal number; undefined while one can. */
  knownAt(seq: number): number | undefined
  standing(seq: number): Standing
  /** Reads the register; resolves when a reading begun after the call is done. */
  look(): Promise<void>
  /** Resolves when every gate that can hear has acknowledged everything committed by now, or when time is up. */
  level(within_ms: number): Promise<void>
  /** Gates that have not acknowledged what was committed a lease ago, or are silent. */
  late(): readonly Witness[]
  /** Tells when any gate acknowledged, came, or went. */
  onHeard(listener: () => void): () => void
  close(): Promise<void>
}

/** Acknowledgements kept of each gate; what is older counts as acknowledged with the oldest kept. */
const acknowledgements_max = 10_000
const waiting_poll_ms = 100
const idle_poll_ms = 1_000
/** Somebody asked for what was not acknowledged: others will ask again for as long. */
const waited_for_ms = 2_000

type Seen = { life: string; acknowledged: Acknowledgement[]; wentAt: number | undefined; isGone: boolean; behindSince: number | undefined }

type Watched = Pick<App, 'db' | 'clock' | 'log'>

export async function watchGates(app: Watched): Promise<Gates> {
  const seen = new Map<string, Seen>()
  const listeners = new Set<() => void>()
  let witnesses: Witness[] = []
  let late: Witness[] = []
  let head = { epoch: 0, seq: -1 }
  let reading: Promise<void> | undefined
  let next: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let wantedUntil = 0
  let isClosed = false

  /** An instant of the register on the program's clock: never earlier than it was. A manual clock knows only its hand. */
  const clocked = (at: number, offset: number): number => (app.clock.kind === 'manual' ? app.clock.now() : at + offset)

  const lifeOf = (gate: RegisteredGate): Seen => {
    const known = seen.get(gate.id)
    if (known?.life === gate.life) return known
    const fresh: Seen = { life: gate.life, acknowledged: [], wentAt: undefined, isGone: false, behindSince: undefined }
    seen.set(gate.id, fresh)
    return fresh
  }

  /** What one reading adds to what is remembered of a gate; true where that changes anything for who waits. */
  const take = (gate: RegisteredGate, register: Register, offset: number): boolean => {
    const life = lifeOf(gate)
    const last = life.acknowledged.at(-1)
    let isNews = false
    // What it acknowledged of another history says nothing of this one.
    if (gate.epoch === register.epoch && gate.acknowledgedSeq > (last?.seq ?? -1)) {
      life.acknowledged.push({ seq: gate.acknowledgedSeq, at: clocked(gate.acknowledgedAt, offset) })
      if (life.acknowledged.length > acknowledgements_max) life.acknowledged.shift()
      isNews = true
    }
    const went = goneSince(gate, gate.asOf)
    if ((went !== undefined) !== life.isGone) {
      life.isGone = went !== undefined
      life.wentAt = went === undefined ? undefined : clocked(went, offset)
      isNews = true
    }
    const isBehind = !life.isGone && (life.acknowledged.at(-1)?.seq ?? -1) < register.seq
    life.behindSince = isBehind ? life.behindSince ?? performance.now() : undefined
    return isNews
  }

  const witnessOf = (gate: RegisteredGate, offset: number): Witness => {
    const life = seen.get(gate.id)!
    const wait = waitOf(gate, gate.asOf)
    const since = wait === 'fencing' ? gate.fencedAt! : wait === 'silent' ? gate.heardAt : gate.acknowledgedAt
    return { id: gate.id, acknowledged: life.acknowledged, goneAt: life.wentAt, hasLeft: gate.leftAt !== undefined, wait, since: clocked(since, offset) }
  }

  const read = async (): Promise<void> => {
    if (isClosed) return
    const register = await app.db.transaction('*', readRegister)
    // A restored database numbers other commits alike: nothing remembered of the other history counts.
    if (register.epoch !== head.epoch || register.seq < head.seq) seen.clear()
    head = { epoch: register.epoch, seq: register.seq }
    const offset = app.clock.now() - (register.gates[0]?.asOf ?? 0)
    let isNews = register.gates.length !== witnesses.length
    for (const gate of register.gates) if (take(gate, register, offset)) isNews = true
    const there = new Set(register.gates.map((g) => g.id))
    for (const id of seen.keys()) if (!there.has(id)) seen.delete(id)
    witnesses = register.gates.map((gate) => witnessOf(gate, offset))
    const long = performance.now() - gate_lease_ms
    late = witnesses.filter((w) => {
      const since = seen.get(w.id)!.behindSince
      return since !== undefined && (w.wait !== 'behind' || since <= long)
    })
    if (isNews) for (const listener of listeners) listener()
  }

  const schedule = (): void => {
    clearTimeout(timer)
    if (isClosed) return
    timer = setTimeout(() => { void look().catch(quiet) }, performance.now() < wantedUntil ? waiting_poll_ms : idle_poll_ms)
    timer.unref()
  }
  const quiet = (error: Error): void => { if (!isClosed) app.log.warn({ error: error.message }, 'the register of gates could not be read') }

  const begin = (): Promise<void> => {
    reading = read().finally(() => { reading = undefined; schedule() })
    return reading
  }
  const look = (): Promise<void> => {
    if (!reading) return begin()
    // The reading under way may have begun too early for who asks now: one more follows it.
    next ??= reading.catch(() => {}).then(() => { next = undefined; return begin() })
    return next
  }
  const hurry = (): void => {
    const wasHurrying = performance.now() < wantedUntil
    wantedUntil = performance.now() + waited_for_ms
    if (!wasHurrying && !reading) schedule()
  }
  const knownAt = (seq: number): number | undefined => {
    // A reading that knows less of the journal may know less of the gates, too.
    const since = seq > head.seq ? undefined : allSafeSince(witnesses, seq)
    if (since === undefined && witnesses.length > 0) hurry()
    return since
  }

  await look()
  const listener = openListener(app.db.url, gate_channel, () => { void look().catch(quiet) })

  return {
    knownAt, look,
    standing: (seq) => standingOf(witnesses, seq),
    late: () => late,
    async level(within_ms) {
      const until = performance.now() + within_ms
      await look()
      const seq = head.seq
      const lags = (): boolean => witnesses.some((w) => w.goneAt === undefined && w.wait === 'behind' && acknowledgedAt(w.acknowledged, seq) === undefined)
      while (lags() && !isClosed && performance.now() < until) {
        const heard = await heardWithin(listeners, Math.min(waiting_poll_ms, until - performance.now()))
        if (!heard) await look()
      }
    },
    onHeard(hears) { listeners.add(hears); return () => listeners.delete(hears) },
    async close() {
      isClosed = true
      clearTimeout(timer)
      await listener.close()
      await reading?.catch(() => {})
    },
  }
}

/** True when something is heard in time. */
const heardWithin = (listeners: Set<() => void>, within_ms: number): Promise<boolean> => new Promise((resolve) => {
  const done = (heard: boolean): void => { clearTimeout(timer); listeners.delete(listener); resolve(heard) }
  const listener = (): void => done(true)
  const timer = setTimeout(() => done(false), within_ms)
  listeners.add(listener)
})
