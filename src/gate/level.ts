// Being level with the primary: what this gate holds, how far that brings it in the primary's own counting, and which
// history that belongs to. Whatever comes to be held is on disk before anybody acknowledges it. The whole is taken anew,
// beside what answers meanwhile, when an operator says that a lost history is in order, or when what is held was found to
// differ from the database.
import type { Log } from '../app/app.ts'
import type { GateAlarm } from '../domain/vocabulary.ts'
import { countOnFrom, hasHistory, readHead, readRules, type Head, type RulesFrom } from '../store/gate.ts'
import type { Single } from '../store/single.ts'
import { loadAll, rulesAt, takeAfter, type Alarmed, type Loaded } from './catch-up.ts'
import { standinOf, type Known } from './judge.ts'
import type { Keep, Position } from './keep.ts'
import type { Change } from './snapshot.ts'

export type Level = {
  readonly position: Position
  /** H as the primary must reckon with it: the longest of any provider, now or by what is already decided. */
  standinMs(): number
  /** Puts the rules of now in force. */
  applyRules(): Change[]
  takeRules(db: Single): Promise<void>
  /** Whether what is known is part of what the database knows. */
  isOfThisHistory(db: Single): Promise<boolean>
  /** From here on everything the database says is taken only as far as it tightens. */
  loseHistory(db: Single): Promise<void>
  isBehind(head: Head): boolean
  /** Pulls until everything up to this head is held; how many terminals changed by it. */
  pull(db: Single, head: Head): Promise<number>
  /** Takes everything anew, if that is not under way. */
  reload(): void
  /** Everything for the first time. */
  load(): Promise<void>
  /**
   * What was taken anew is what answers from now on; true where that was so. It was read beside what answered meanwhile, so
   * what was committed since is taken first: nothing that was acknowledged is forgotten for a moment.
   */
  adopt(db: Single): Promise<boolean>
  readonly isReloading: boolean
}

const nowhere: Position = { epoch: 0, seq: -1, hash: '', isTightened: false }
export type LevelOptions = {
  id: string
  known: Known
  keep: Keep | undefined
  kept: { position: Position; rules: readonly RulesFrom[] } | undefined
  now(): number
  /** A connection for the whole register at once. */
  openForAll(): Promise<Single>
  alarm: Alarmed
  log: Log
}

export function createLevel({ id, known, keep, kept, now, openForAll, alarm, log }: LevelOptions): Level {
  let position = kept?.position ?? nowhere
  /** Rows up to here were pulled; where the position cannot follow yet, this goes ahead of it. */
  let pulledTo = Math.max(0, position.seq)
  let rules: readonly RulesFrom[] = kept?.rules ?? []
  let loading: Promise<void> | undefined
  let loaded: Loaded | undefined

  const applyRules = (): Change[] => {
    const { snapshot } = known
    if (!snapshot) return []
    return rulesAt(rules, now()).flatMap(({ rules: own }): Change[] => {
      if (JSON.stringify(snapshot.rulesOf(own.provider)) === JSON.stringify(own)) return []
      const change: Change = { ...snapshot.head, kind: 'rules', rules: own }
      return (position.isTightened ? snapshot.tighten(change) : snapshot.apply(change)) === 'applied' ? [change] : []
    })
  }
  const anew = async (): Promise<Loaded> => {
    const db = await openForAll()
    return loadAll(db, now, alarm).finally(() => db.close())
  }
  const take = async ({ snapshot, head, rules: all }: Loaded): Promise<void> => {
    known.snapshot = snapshot
    rules = all
    position = { epoch: head.epoch, seq: head.seq, hash: head.hash, isTightened: false }
    pulledTo = head.seq
    await keep?.whole(snapshot, position)
    keep?.put('rules', rules)
    tell()
  }
  /** Answers may say what is on disk. */
  const tell = (): void => {
    const { epoch, seq, isTightened } = position
    const { told } = known
    if (!isTightened && (epoch > told.epoch || (epoch === told.epoch && seq > told.seq))) known.told = { epoch, seq }
  }

  return {
    get position() { return position },
    standinMs: () => Math.max(0, ...[...rules, ...rulesAt(rules, now())].map((r) => standinOf(r.rules))),
    applyRules,
    async takeRules(db) {
      rules = await readRules(db)
      keep?.put('rules', rules)
      const changes = applyRules()
      if (changes.length > 0) await keep?.append(changes, position)
    },
    isOfThisHistory: async (db) => position.seq < 0 || hasHistory(db, position),
    async loseHistory(db) {
      if (!position.isTightened) alarm('history_lost', { knownEpoch: position.epoch, knownSeq: position.seq })
      await countOnFrom(db, Math.max(position.epoch, known.snapshot!.head.epoch))
      position = { ...nowhere, isTightened: true }
      pulledTo = 0
      await keep?.append([], position)
    },
    isBehind: ({ epoch, seq }) => epoch !== position.epoch || seq > position.seq,
    async pull(db, head) {
      const { isTightened } = position
      let changed = 0
      for await (const { changes, to, isThere } of takeAfter(db, known.snapshot!, pulledTo, head, isTightened, alarm)) {
        const reached = isThere ? { epoch: head.epoch, seq: head.seq, hash: head.hash, isTightened } : position
        await keep?.append(changes, reached)
        position = reached
        pulledTo = to
        changed += changes.length
      }
      tell()
      return changed
    },
    reload() {
      if (loading || loaded) return
      loading = anew().then((all) => { loaded = all }, (error: Error) => log.warn({ gate: id, error: error.message }, 'the register could not be read anew'))
        .finally(() => { loading = undefined })
    },
    load: async () => take(await anew()),
    async adopt(db) {
      if (!loaded) return false
      const { snapshot, head } = loaded
      loaded = undefined
      if (!(await hasHistory(db, head))) return false
      const now = await readHead(db)
      for await (const _ of takeAfter(db, snapshot, head.seq, now, false, alarm)) { /* a page at a time */ }
      await take({ snapshot, head: now, rules: await readRules(db) })
      applyRules()
      return true
    },
    get isReloading() { return loading !== undefined || loaded !== undefined },
  }
}

// ── Alarms ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** How long an alarm about something that happened stays up. */
const alarm_stands_ms = 600_000
const alarm_order: readonly GateAlarm[] = ['history_lost', 'contradiction', 'change_refused', 'digest_differs', 'reports_lost', 'clock_skewed']

export type Alarms = { raise: Alarmed; clear(alarm: GateAlarm): void; /** The gravest that stands; `also` are those that are so now. */ now(also: readonly (GateAlarm | undefined)[]): GateAlarm | undefined }
export function createAlarms(id: string, log: Log): Alarms {
  const until = new Map<GateAlarm, number>()
  return {
    raise(alarm, facts) {
      until.set(alarm, performance.now() + alarm_stands_ms)
      log.error({ gate: id, alarm, ...facts }, 'gate alarm')
    },
    clear: (alarm) => { until.delete(alarm) },
    now: (also) => alarm_order.find((each) => also.includes(each) || (until.get(each) ?? 0) > performance.now()),
  }
}
