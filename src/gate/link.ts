// A gate's line to the primary: one connection of its own, and one loop on it. A heartbeat renews the lease, says how far we
// are and hears where the primary stands; what is newer is pulled, put on disk, and acknowledged with the next beat, which
// follows at once where a terminal changed. A lease counts from when its beat was sent, and only once we know everything the
// primary knew then – so that a gate which was cut off answers nothing from before. Notifications only make a pull sooner.
// Whatever fails ends the connection; another is opened, and until then the lease runs down.
import type { Log } from '../app/app.ts'
import { gate_pull_apart_ms } from '../limits.ts'
import { acknowledgedAt } from '../domain/gates.ts'
import type { GateAlarm } from '../domain/vocabulary.ts'
import { beat, gateRole, readHead, readKeys, register, sayDoors, signOff, type Head, type Heard, type RulesFrom, type Said } from '../store/gate.ts'
import { openSingle, type Single } from '../store/single.ts'
import type { Judge, Known } from './judge.ts'
import { renewedBefore, type Keep, type Position } from './keep.ts'
import type { Keys } from './keys.ts'
import { createAlarms, createLevel } from './level.ts'
import type { Observed } from './observed.ts'
import { createScrub } from './scrub.ts'
import type { Mark } from './time.ts'

/** Another gate bears our name and its word may still count, or came after us under it. */
export class NameTaken extends Error {}

export type LinkOptions = {
  id: string
  run: string
  token: string
  url: string
  startedAt: number
  doors: () => object
  lease_ms: number
  poll_ms: number
  known: Known
  keep: Keep | undefined
  observed: Observed
  keys: Keys
  velocity: Judge['velocity']
  /** Continues where what was kept ended. */
  kept: { position: Position; rules: readonly RulesFrom[] } | undefined
  clocks: {
    now(): number
    mark(): Mark
    since(mark: Mark): number
    skewMs(): number
    /** The primary's clock, or the manual hand. */
    heard(heard: Heard, sent: Mark, received: Mark): void
    /** Where the manual clock stands here, if one rules. */
    hand(): number | undefined
  }
  log: Log
  /** The loop ended for good. */
  onOver(error: Error): void
}

export type Link = {
  /** Resolves with where we stand once everything committed before the call is known here. */
  pull(): Promise<number>
  wake(): void
  /** Since when everything up to a sequence number has been known here; undefined while it is not. */
  knownAt(seq: number): number | undefined
  onPulled(listener: () => void): () => void
  /** Resolves when the first lease holds. */
  readonly live: Promise<void>
  /** Looks for a key nobody knew a moment ago. */
  lookForKeys(): Promise<void>
  figures(): { position: Position; alarm: GateAlarm | undefined; isTightened: boolean; lag_ms: number }
  close(): Promise<void>
}

const connect_ms_max = 2_000
/** Less than a lease: a connection that hangs is given up while the lease still runs. */
const statement_ms_max = 3_000
/** The whole register at once. */
const load_statement_ms_max = 120_000
const retry_ms_min = 50
const retry_ms_max = 2_000
/** An acknowledgement of commits that concern no terminal waits this long for others. */
const acknowledge_within_ms = 25
const mark_every_ms = 1_000
const skew_ms_max = 2_000
const acknowledgements_max = 10_000

export function openLink(options: LinkOptions): Link {
  const { id, run, url, known, keep, kept, observed, keys, clocks, log, lease_ms } = options
  const open = (statement_ms: number): Promise<Single> =>
    openSingle(url, { role: gateRole, scope: '*', application_name: `tingqi-gate ${id}`.slice(0, 60), connect_ms_max, statement_ms_max: statement_ms })
  const alarms = createAlarms(id, log)
  const level = createLevel({ id, known, keep, kept, now: clocks.now, openForAll: () => open(load_statement_ms_max), alarm: alarms.raise, log })
  const scrub = createScrub()
  const acknowledged: { seq: number; at: number }[] = []
  const listeners = new Set<() => void>()
  let waiting: { asked: number; resolve: (seq: number) => void; reject: (error: Error) => void }[] = []
  let isLive: () => void = () => {}
  const live = new Promise<void>((resolve) => { isLive = resolve })
  let [isClosed, hasLeft, isRegistered, isConnected] = [false, false, false, false]
  /** What the primary has been told, and what it said last. */
  let [told, doorsTold, rulesStamp, keysStamp] = ['', '', '', '']
  let [pulledAt, restedAt, markedAt, lag_ms] = [0, 0, 0, 0]
  /** When the next beat is due. */
  let beatAt = 0
  let counted = { at: performance.now(), decisions: 0, perSecond: 0 }
  let wakeUp: (() => void) | undefined
  let isWoken = false

  const alarmNow = (): GateAlarm | undefined =>
    alarms.now([level.position.isTightened ? 'history_lost' : undefined, Math.abs(clocks.skewMs()) > skew_ms_max ? 'clock_skewed' : undefined])
  /** When the lease was renewed and how far we are, for whoever starts again without the primary. */
  const note = (): void => {
    markedAt = performance.now()
    keep?.mark({
      position: level.position, renewed: known.renewed && renewedBefore(clocks.since(known.renewed)), standinMs: known.standinMs, hasLeft,
      isFenced: known.isFenced, hand: clocks.hand(),
    })
  }

  // ── One beat ──────────────────────────────────────────────────────────────────────────────────────────────────────
  const said = (): Said => {
    const { epoch, seq, isTightened } = level.position
    return {
      id, run, epoch, acknowledgedSeq: seq, acknowledgedAt: clocks.hand() === undefined ? clocks.now() : undefined,
      digest: known.snapshot?.digest() ?? '', size: known.snapshot?.size ?? 0, clockAt: clocks.hand(), lease_ms, standin_ms: level.standinMs(),
      skew_ms: clocks.skewMs(), lag_ms, decisionsPerSecond: counted.perSecond, alarm: alarmNow(), isTightened, isNews: told !== `${epoch} ${seq}`,
    }
  }
  const count = (): void => {
    const { decisions } = observed.figures()
    const seconds = (performance.now() - counted.at) / 1_000
    if (seconds >= 1) counted = { at: performance.now(), decisions, perSecond: Math.round((decisions - counted.decisions) / seconds) }
  }
  /** `ahead`: how far our clock went before the primary's. By our decision times, too, the lease ends when the primary says. */
  const renew = ({ mono, wall }: Mark, asOf: number, ahead: number): void => {
    if (known.isFenced) return
    const sent = { mono: mono - ahead, wall: wall - ahead }
    const wasWithoutLease = known.renewed === undefined || performance.now() - known.renewed.mono > lease_ms
    if (wasWithoutLease) options.velocity.forget()
    known.renewed = sent
    known.isOut = false
    known.sureUntil = clocks.hand() === undefined ? asOf - ahead + lease_ms : asOf
    isLive()
  }
  const acknowledge = (): void => {
    const { seq } = level.position
    if (acknowledged.length > 0 && acknowledged.at(-1)!.seq >= seq) return
    acknowledged.push({ seq, at: clocks.now() })
    if (acknowledged.length > acknowledgements_max) acknowledged.shift()
  }
  const arrived = (asked: number): void => {
    const done = waiting.filter((w) => w.asked <= asked)
    if (done.length > 0) waiting = waiting.filter((w) => w.asked > asked)
    for (const { resolve } of done) resolve(level.position.seq)
    for (const listener of listeners) listener()
  }

  const once = async (db: Single): Promise<void> => {
    beatAt = performance.now() + options.poll_ms
    if (await level.adopt(db)) alarms.clear('digest_differs')
    count()
    level.applyRules()
    const asked = performance.now()
    const [sent, asOf, telling, hand] = [clocks.mark(), clocks.now(), said(), clocks.hand()]
    // Whether or not its reply arrives, the primary may reckon with this from now on.
    known.standinMs = Math.min(known.standinMs, telling.standin_ms)
    const heard = await beat(db, telling)
    if (!heard) throw new Error('the database is not set up yet')
    if (heard.isDisplaced) throw new NameTaken(`another run of gate ${id} has taken its name`)
    clocks.heard(heard, sent, clocks.mark())
    known.heard = sent
    if (heard.fenced === null) {
      await enrol(db)
      beatAt = 0
      return
    }
    told = `${telling.epoch} ${telling.acknowledgedSeq}`
    known.standinMs = telling.standin_ms
    if (known.isFenced !== heard.fenced) {
      known.isFenced = heard.fenced
      note()
    }
    await takeWhatChanged(db, heard)
    const { position } = level
    const isElsewhere = (heard.epoch !== position.epoch || heard.seq < position.seq) && !(await level.isOfThisHistory(db))
    if (isElsewhere) {
      await loseHistory(db)
      beatAt = 0
      return
    }
    const isBehind = level.isBehind(heard)
    if (isBehind) await catchUp(db, heard)
    renew(sent, asOf, hand === undefined ? Math.max(0, asOf - heard.at) : 0)
    acknowledge()
    arrived(asked)
    if (clocks.hand() !== hand) beatAt = 0
    if (!isBehind || performance.now() - restedAt > options.poll_ms) await rest(db)
  }
  /** Between two beats: whether there is anything to pull. What is unusual is the next beat's matter. */
  const glance = async (db: Single): Promise<void> => {
    const head = await readHead(db)
    if (head.epoch !== level.position.epoch || head.seq < level.position.seq) beatAt = 0
    else if (level.isBehind(head)) await catchUp(db, head)
  }
  const takeWhatChanged = async (db: Single, heard: Heard): Promise<void> => {
    if (heard.rules !== rulesStamp) {
      await level.takeRules(db)
      rulesStamp = heard.rules
    }
    if (heard.keys !== keysStamp) {
      keys.take(await readKeys(db))
      keysStamp = heard.keys
      keep?.put('keys', keys.all())
    }
    if (level.position.isTightened && heard.readmitted === true) level.reload()
  }
  /**
   * Commits come in bursts: those that follow the last pull closely are pulled together. A changed terminal is acknowledged
   * at once, since somebody may be waiting for it.
   */
  const catchUp = async (db: Single, head: Head): Promise<void> => {
    const early = pulledAt + gate_pull_apart_ms - performance.now()
    if (early > 0) await pause(early)
    const began = performance.now()
    const changed = await level.pull(db, head)
    pulledAt = performance.now()
    lag_ms = Math.round(pulledAt - began)
    beatAt = Math.min(beatAt, changed > 0 ? 0 : pulledAt + acknowledge_within_ms)
  }
  const loseHistory = async (db: Single): Promise<void> => {
    await level.loseHistory(db)
    acknowledged.length = 0
    note()
  }
  /** What can wait until there is nothing new. */
  const rest = async (db: Single): Promise<void> => {
    restedAt = performance.now()
    const doors = JSON.stringify(options.doors())
    if (doors !== doorsTold) {
      await sayDoors(db, id, run, options.doors())
      doorsTold = doors
    }
    for (const end = performance.now() + options.poll_ms / 2; performance.now() < end && (await observed.flush(db, clocks.now()));) { /* a batch at a time */ }
    if (!level.position.isTightened && !level.isReloading) {
      const differs = await scrub.look(db, known.snapshot!, level.position.seq)
      if (differs.length > 0) {
        alarms.raise('digest_differs', { tids: differs.slice(0, 10), terminals: differs.length })
        level.reload()
      }
    }
    if (observed.takeLost() > 0) alarms.raise('reports_lost', {})
    if (performance.now() - markedAt > mark_every_ms) note()
    if (keep?.isLong()) keep.whole(known.snapshot!, level.position).catch((error: Error) => log.error({ gate: id, error: error.message }, 'the snapshot could not be written'))
  }

  // ── The loop ──────────────────────────────────────────────────────────────────────────────────────────────────────
  const enrol = async (db: Single): Promise<void> => {
    const { epoch, seq } = level.position
    const isOurs = await register(db, {
      id, token: options.token, run, startedAt: options.startedAt, doors: options.doors(), epoch, acknowledgedSeq: seq, lease_ms, standin_ms: level.standinMs(),
    })
    if (!isOurs) throw new NameTaken(`Another gate is registered as ${id}. Give this one another name with --gate-id, or fence that one.`)
    isRegistered = true
  }
  const enter = async (db: Single): Promise<void> => {
    await db.say('listen tingqi_commit')
    db.onNotification(wake)
    if ((await readHead(db)).epoch === null) throw new Error('the database is not set up yet')
    if (!known.snapshot) await level.load()
    // What is known must be part of what the database knows, before a word of ours counts there.
    if (!(await level.isOfThisHistory(db))) await loseHistory(db)
    // A new run registers; whoever was only cut off is still known, unless the beat says otherwise.
    if (!isRegistered) await enrol(db)
    rulesStamp = keysStamp = ''
  }
  const lost = async (error: Error, isFirst: boolean): Promise<void> => {
    if (isFirst) log.warn({ gate: id, error: error.message }, 'the gate has lost the primary')
    for (const { reject } of waiting.splice(0)) reject(error)
    await observed.spill().catch(() => {})
    level.applyRules()
    note()
  }
  const serve = async (): Promise<void> => {
    let retry_ms = retry_ms_min
    while (!isClosed) {
      let db: Single | undefined
      try {
        db = await open(statement_ms_max)
        await enter(db)
        isConnected = true
        retry_ms = retry_ms_min
        beatAt = 0
        while (!isClosed) {
          if (waiting.length > 0 || performance.now() >= beatAt) await once(db)
          else if (isWoken) {
            isWoken = false
            await glance(db)
          } else await idle(beatAt - performance.now())
        }
        await leave(db)
      } catch (error) {
        if (error instanceof NameTaken) {
          known.isOut = isClosed = true
          options.onOver(error)
        }
        await lost(error as Error, isConnected || retry_ms === retry_ms_min)
        isConnected = false
      } finally {
        await db?.close()
      }
      if (isClosed) break
      await idle(retry_ms * (0.5 + Math.random()))
      retry_ms = Math.min(retry_ms_max, retry_ms * 2)
    }
  }
  const leave = async (db: Single): Promise<void> => {
    known.isOut = true
    while (await observed.flush(db, Number.POSITIVE_INFINITY)) { /* a batch at a time */ }
    // Written down first: whether or not the answer arrives, the primary may no longer wait for us.
    hasLeft = true
    note()
    await signOff(db, id, run)
  }
  const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })
  /** Until the time is up or somebody wants us. */
  const idle = (ms: number): Promise<void> => new Promise((resolve) => {
    const go = (): void => { clearTimeout(timer); wakeUp = undefined; resolve() }
    const timer = setTimeout(go, Math.max(0, ms))
    wakeUp = go
  })
  const wake = (): void => {
    isWoken = true
    wakeUp?.()
  }
  const pull = (): Promise<number> => new Promise((resolve, reject) => {
    if (isClosed) return reject(new Error('closed'))
    waiting.push({ asked: performance.now(), resolve, reject })
    wake()
  })

  level.applyRules()
  const running = serve().catch((error: Error) => { log.error({ gate: id, error: error.stack }, 'the gate’s link ended'); options.onOver(error) })

  return {
    wake, live, pull,
    knownAt: (seq) => acknowledgedAt(acknowledged, seq),
    onPulled(listener) { listeners.add(listener); return () => listeners.delete(listener) },
    async lookForKeys() {
      keysStamp = ''
      await pull().catch(() => {})
    },
    figures: () => ({ position: level.position, alarm: alarmNow(), isTightened: level.position.isTightened, lag_ms }),
    async close() {
      isClosed = true
      known.isOut = true
      wake()
      await running
      for (const { reject } of waiting.splice(0)) reject(new Error('closed'))
      await observed.spill().catch(() => {})
    },
  }
}
