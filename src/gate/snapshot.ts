// What one gate knows, in memory: a line of 64 bytes per terminal (slots.ts), and beside it objects only for the few
// that carry holds or changes to come. Changes arrive in the order of (epoch, seq) and only ever replace an entry by a
// newer version of it; where versions contradict each other – a write lost in a failover – the tighter of the two is
// kept and the caller is told, so that nothing stale opens a terminal. Apply all changes of one commit in one turn of
// the event loop. Decisions run over one borrowed entry that is filled from the line, so that `decide` of the domain
// stays the only truth and nothing survives it on the heap.
import { faultOf, tighterOf } from '../domain/gate-entry.ts'
import {
  alwaysOpen, decide, type Answer, type GateEntry, type GateHold, type GateInterval, type GateQuery, type GateRules,
} from '../domain/gate.ts'
import { digestOfEntry, digestOfRules, digestText, microDegrees, type Lanes } from './digest.ts'
import {
  claimLine, createSlots, flags_word, latitude_word, line_words, lineOf, lineOfTouched, longitude_word, midAt, midIs,
  isSerialInline, no_position, serialAt, serialIs, slotAt, stretches_word, tidAt, touch, touched_at_once_max, writeMid, writeSerial,
} from './slots.ts'
import { imageOf, restoreImage } from './image.ts'
import { borrowStretches, copyStretches, createStretches, dropStretches, keepStretches } from './stretches.ts'

export type Head = { readonly epoch: number; readonly seq: number }
export type Change = Head & (
  | { readonly kind: 'upsert'; readonly entry: GateEntry }
  | { readonly kind: 'remove'; readonly tid: string; readonly version: number }
  | { readonly kind: 'rules'; readonly rules: GateRules }
)

/**
 * What became of a change. `kept_tighter`: its version is not newer than the one held and says something else; both are
 * now obeyed – raise an alarm. `out_of_order`, `malformed` (see `faultOf`), `rules_missing`: not applied and the head
 * not advanced, so it must not be acknowledged.
 */
export type Applied = 'applied' | 'unchanged' | 'kept_tighter' | 'out_of_order' | 'malformed' | 'rules_missing'

export type Snapshot = {
  apply(change: Change): Applied
  /** As `apply`, in place of whatever is held: for one that is being loaded and answers nobody yet. */
  replace(change: Change & { kind: 'upsert' }): Applied
  /** As `apply`, believing nothing that opens anything, whatever its version: for a primary that lost history. */
  tighten(change: Change): Applied
  /** Moves the head past a commit that concerns no terminal; false where that would be going back. */
  advance(head: Head): boolean
  readonly head: Head
  /** Terminals known. */
  readonly size: number
  /** 16 hexadecimal digits over all entries and rules, whatever order they came in. */
  digest(): string
  decide(query: GateQuery, now: number): Answer
  /** The same for many, in their order, and about twice as fast for each. */
  decideAll(queries: readonly GateQuery[], now: number): Answer[]
  /** A copy of what is known of a terminal. */
  find(tid: string): GateEntry | undefined
  /** The rules of a provider, or the house's own. */
  rulesOf(provider: string | undefined): GateRules
  /** Whether it is a terminal of that provider ('p:…') or merchant ('m:…'); '*' is everybody. */
  isWithin(tid: string, scope: string): boolean
  /** Whether a terminal of this merchant is held for risk, now or to come. */
  isRisky(mid: string): boolean
  /** Fingerprint of what is held of a terminal; without its last sign-on. */
  digestOf(tid: string): string | undefined
  /** A sign-on was accepted here: it counts until the feed sends a newer entry. */
  signedOn(tid: string, at: number): void
  /** Everything, as changes that rebuild it. */
  changes(): Generator<Change>
  /** Everything, in pieces of bounded size that cost well under a millisecond each; see image.ts. */
  image(): Generator<Uint8Array>
  /** Takes in a piece of an image; false where it cannot be one. Only into a snapshot that was empty before the first. */
  restore(piece: Uint8Array): boolean
}

/** For terminals nobody registered: UnionPay's own codes, nothing beyond the table. */
export const houseRules: GateRules = {
  provider: '', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 0,
  signOnAfterReopening: true,
}

const noHolds: readonly GateHold[] = []

// Of the flags word.
const sign_on_flag = 1
const merchant_stopped_flag = 2
const open_work_flag = 4
const removed_flag = 8
const signed_on_flag = 16
/** Above the flags: how many stretches (none = open for good), and above those the index of the rules. */
const stretches_shift = 5
const stretches_mask = 0x3ff
const rules_shift = 15

const isPlain = ({ intervals, holds }: GateEntry): boolean =>
  holds.length === 0 && intervals.length === 1 && intervals[0]!.mode === 'open'

/** One shape for all, and nothing that hangs on to the message it came in. */
const holdOf = ({ id, reason, owner, effectiveFrom, expectedUntil, caseNo }: GateHold): GateHold =>
  ({ id, reason, owner, effectiveFrom, expectedUntil, caseNo })

/** `terminals` expected, so that loading does not grow the buffers over and over; `house` answers for unknown ones. */
export const createSnapshot = (options: { terminals?: number; house?: GateRules } = {}): Snapshot => {
  const slots = createSlots(options.terminals ?? 0)
  const house = options.house ?? houseRules
  const pool = createStretches()
  const holds = new Map<number, readonly GateHold[]>()
  const rules: GateRules[] = []
  const rulesIndex = new Map<string, number>()
  const rulesDigests: Lanes[] = []
  const signOns = new Map<number, number>()
  /** How many terminals of a merchant carry a hold for risk. */
  const risky = new Map<string, number>()
  const sum: Lanes = [0, 0]
  let head: Head = { epoch: 0, seq: 0 }
  let size = 0

  const isInOrder = ({ epoch, seq }: Head): boolean => epoch > head.epoch || (epoch === head.epoch && seq >= head.seq)
  const add = (lanes: Lanes, sign: 1 | -1): void => {
    sum[0] = (sum[0] + sign * lanes[0]) | 0
    sum[1] = (sum[1] + sign * lanes[1]) | 0
  }
  const digestAt = (line: number): Lanes => {
    const at = slotAt(slots, line) * 2
    return [slots.digests[at]!, slots.digests[at + 1]!]
  }
  const writeDigest = (line: number, lanes: Lanes): void => {
    add(digestAt(line), -1)
    add(lanes, 1)
    slots.digests.set(lanes, slotAt(slots, line) * 2)
  }
  const versionAt = (line: number): number => slots.versions[slotAt(slots, line)]!
  const writeVersion = (line: number, version: number): void => { slots.versions[slotAt(slots, line)] = version }
  const rulesAt = (line: number): GateRules => rules[slots.words[line + flags_word]! >>> rules_shift]!
  const isRemoved = (line: number): boolean => (slots.words[line + flags_word]! & removed_flag) !== 0
  const live = (line: number): number => (line >= 0 && !isRemoved(line) ? line : -1)

  const entryAt = (line: number): GateEntry => {
    const { words } = slots
    const flags = words[line + flags_word]!
    const positioned = words[line + longitude_word] !== no_position
    return {
      tid: tidAt(slots, line), mid: midAt(slots, line), provider: rulesAt(line).provider,
      serial: serialAt(slots, line),
      longitude: positioned ? words[line + longitude_word]! / 1e6 : undefined,
      latitude: positioned ? words[line + latitude_word]! / 1e6 : undefined,
      signOnRequired: (flags & sign_on_flag) !== 0,
      signedOnAt: signOns.get(slotAt(slots, line)),
      merchantStopped: (flags & merchant_stopped_flag) !== 0,
      openWork: (flags & open_work_flag) !== 0,
      intervals: intervalsAt(line, copyStretches),
      holds: holds.get(slotAt(slots, line)) ?? noHolds,
      version: versionAt(line),
    }
  }

  const countAt = (line: number): number => (slots.words[line + flags_word]! >>> stretches_shift) & stretches_mask
  const intervalsAt = (line: number, read: typeof borrowStretches): readonly GateInterval[] => {
    const count = countAt(line)
    return count === 0 ? alwaysOpen : read(pool, slots.words[line + stretches_word]!, count)
  }
  const clearIntervals = (line: number): void => {
    const count = countAt(line)
    if (count > 0) dropStretches(pool, slots.words[line + stretches_word]!, count)
    holds.delete(slotAt(slots, line))
  }
  const countRisk = (line: number, by: 1 | -1): void => {
    if (holds.get(slotAt(slots, line))?.some((hold) => hold.owner === 'risk') !== true) return
    const mid = midAt(slots, line)
    const count = (risky.get(mid) ?? 0) + by
    if (count > 0) risky.set(mid, count)
    else risky.delete(mid)
  }

  const write = (line: number, entry: GateEntry, lanes: Lanes): void => {
    const { words } = slots
    writeDigest(line, lanes)
    writeVersion(line, entry.version)
    countRisk(line, -1)
    writeMid(slots, line, entry.mid)
    writeSerial(slots, line, entry.serial)
    clearIntervals(line)
    const count = isPlain(entry) ? 0 : entry.intervals.length
    if (count > 0) words[line + stretches_word] = keepStretches(pool, entry.intervals)
    if (entry.holds.length > 0) holds.set(slotAt(slots, line), entry.holds.map(holdOf))
    countRisk(line, 1)
    words[line + longitude_word] = entry.longitude === undefined ? no_position : microDegrees(entry.longitude)
    words[line + latitude_word] = entry.latitude === undefined ? no_position : microDegrees(entry.latitude)
    words[line + flags_word] = (entry.signOnRequired ? sign_on_flag : 0)
      | (entry.merchantStopped === true ? merchant_stopped_flag : 0) | (entry.openWork === true ? open_work_flag : 0)
      | (entry.signedOnAt !== undefined ? signed_on_flag : 0) | (count << stretches_shift)
      | (rulesIndex.get(entry.provider)! << rules_shift)
    if (entry.signedOnAt === undefined) signOns.delete(slotAt(slots, line))
    else signOns.set(slotAt(slots, line), entry.signedOnAt)
  }

  const upsert = (entry: GateEntry, onlyTighten: boolean): Applied => {
    if (faultOf(entry) !== undefined) return 'malformed'
    if (!rulesIndex.has(entry.provider)) return 'rules_missing'
    const line = lineOf(slots, entry.tid)
    if (onlyTighten) return tightenAt(live(line), entry)
    const lanes = digestOfEntry(entry)
    if (line < 0) {
      size += 1
      write(claimLine(slots, entry.tid), entry, lanes)
      return 'applied'
    }
    if (entry.version > versionAt(line)) {
      if (isRemoved(line)) size += 1
      write(line, entry, lanes)
      return 'applied'
    }
    if (isRemoved(line)) return 'kept_tighter'
    const held = digestAt(line)
    if (entry.version === versionAt(line) && lanes[0] === held[0] && lanes[1] === held[1]) return 'unchanged'
    const both = tighterOf(entryAt(line), entry)
    write(line, both, digestOfEntry(both))
    return 'kept_tighter'
  }

  const tightenAt = (line: number, entry: GateEntry): Applied => {
    if (line < 0) return 'kept_tighter'
    const both = tighterOf(entryAt(line), entry)
    const [lanes, held] = [digestOfEntry(both), digestAt(line)]
    if (lanes[0] === held[0] && lanes[1] === held[1]) return 'unchanged'
    write(line, both, lanes)
    return 'kept_tighter'
  }

  /** Nothing is tighter than unknown, so a removal always counts; the line stays behind to hold its version. */
  const remove = (tid: string, version: number): Applied => {
    if (!/^[0-9A-Z]{8}$/.test(tid)) return 'malformed'
    const known = lineOf(slots, tid)
    const line = known < 0 ? claimLine(slots, tid) : known
    if (isRemoved(line)) {
      writeVersion(line, Math.max(version, versionAt(line)))
      return 'unchanged'
    }
    const stale = known >= 0 && version <= versionAt(line)
    if (known >= 0) size -= 1
    countRisk(line, -1)
    writeDigest(line, [0, 0])
    writeVersion(line, Math.max(version, versionAt(line)))
    clearIntervals(line)
    signOns.delete(slotAt(slots, line))
    slots.words[line + flags_word] = removed_flag
    return stale ? 'kept_tighter' : 'applied'
  }

  const setRules = (changed: GateRules): Applied => {
    const at = rulesIndex.get(changed.provider) ?? rules.length
    const lanes = digestOfRules(changed)
    if (rulesDigests[at] !== undefined) add(rulesDigests[at], -1)
    add(lanes, 1)
    rules[at] = changed
    rulesDigests[at] = lanes
    rulesIndex.set(changed.provider, at)
    return 'applied'
  }

  // The one entry decisions run over. Numbers and serial are read out only when the query brings one to compare, and
  // text that equals the register is the query's own: nothing is built.
  const borrowed: { -readonly [K in keyof GateEntry]: GateEntry[K] } = {
    tid: '', mid: '', provider: '', serial: undefined, longitude: undefined, latitude: undefined, signOnRequired: false,
    signedOnAt: undefined, merchantStopped: false, openWork: false, intervals: alwaysOpen, holds: noHolds, version: 0,
  }
  const borrow = (line: number, query: GateQuery): GateEntry => {
    const { words } = slots
    const flags = words[line + flags_word]!
    borrowed.tid = query.tid
    borrowed.mid = midIs(slots, line, query.mid) ? query.mid : midAt(slots, line)
    const { serial } = query
    borrowed.serial = serial === undefined || serialIs(slots, line, serial) ? serial : serialAt(slots, line)
    const compared = query.position !== undefined && words[line + longitude_word] !== no_position
    borrowed.longitude = compared ? words[line + longitude_word]! / 1e6 : undefined
    borrowed.latitude = compared ? words[line + latitude_word]! / 1e6 : undefined
    borrowed.signOnRequired = (flags & sign_on_flag) !== 0
    borrowed.signedOnAt = (flags & signed_on_flag) !== 0 ? signOns.get(slotAt(slots, line)) : undefined
    borrowed.merchantStopped = (flags & merchant_stopped_flag) !== 0
    borrowed.openWork = (flags & open_work_flag) !== 0
    borrowed.intervals = intervalsAt(line, borrowStretches)
    return borrowed
  }

  const decideAt = (line: number, query: GateQuery, now: number): Answer =>
    line < 0 ? decide(undefined, query, now, house) : decide(borrow(line, query), query, now, rulesAt(line))

  const take = (change: Change, onlyTighten: boolean): Applied => {
    if (!onlyTighten && !isInOrder(change)) return 'out_of_order'
    const applied = change.kind === 'upsert' ? upsert(change.entry, onlyTighten)
      : change.kind === 'remove' ? remove(change.tid, change.version)
      : onlyTighten && rulesIndex.has(change.rules.provider) ? 'kept_tighter' : setRules(change.rules)
    if (!onlyTighten && applied !== 'malformed' && applied !== 'rules_missing') head = { epoch: change.epoch, seq: change.seq }
    return applied
  }
  /** Open for good, no holds, nothing that does not lie in the line. */
  const isBare = (line: number): boolean =>
    (slots.words[line + flags_word]! & (removed_flag | signed_on_flag)) === 0 && countAt(line) === 0
    && !holds.has(slotAt(slots, line)) && isSerialInline(slots, line)
  const changeAt = (line: number, at: Head): Change => (isRemoved(line)
    ? { ...at, kind: 'remove', tid: tidAt(slots, line), version: versionAt(line) }
    : { ...at, kind: 'upsert', entry: entryAt(line) })
  const rulesAsOf = (at: Head): Change[] => rules.map((each) => ({ ...at, kind: 'rules', rules: each }))

  return {
    apply: (change) => take(change, false),
    tighten: (change) => take(change, true),
    replace(change) {
      const line = lineOf(slots, change.entry.tid)
      if (line >= 0) writeVersion(line, -1)
      return take(change, false)
    },
    advance(to) {
      if (!isInOrder(to)) return false
      head = { epoch: to.epoch, seq: to.seq }
      return true
    },
    get head() { return head },
    get size() { return size },
    digest: () => digestText(sum),
    decide: (query, now) => decideAt(live(lineOf(slots, query.tid)), query, now),
    decideAll(queries, now) {
      const answers = new Array<Answer>(queries.length)
      for (let from = 0; from < queries.length; from += touched_at_once_max) {
        const end = Math.min(queries.length, from + touched_at_once_max)
        touch(slots, queries, from, end)
        for (let i = from; i < end; i++) answers[i] = decideAt(live(lineOfTouched(slots, i - from)), queries[i]!, now)
      }
      return answers
    },
    find(tid) {
      const line = live(lineOf(slots, tid))
      return line < 0 ? undefined : entryAt(line)
    },
    rulesOf: (provider) => rules[rulesIndex.get(provider ?? '') ?? -1] ?? house,
    isWithin(tid, scope) {
      const line = live(lineOf(slots, tid))
      if (line < 0 || scope === '*') return line >= 0
      return scope.startsWith('p:') ? scope.endsWith(rulesAt(line).provider) && scope.length === rulesAt(line).provider.length + 2
        : scope.startsWith('m:') && midIs(slots, line, scope.slice(2))
    },
    isRisky: (mid) => risky.has(mid),
    digestOf(tid) {
      const line = live(lineOf(slots, tid))
      return line < 0 ? undefined : digestText(digestAt(line))
    },
    signedOn(tid, at) {
      const line = live(lineOf(slots, tid))
      if (line < 0) return
      const owes = (slots.words[line + flags_word]! & sign_on_flag) !== 0 || countAt(line) > 0
      if (!owes) return
      signOns.set(slotAt(slots, line), at)
      slots.words[line + flags_word]! |= signed_on_flag
    },
    * changes() {
      yield* rulesAsOf(head)
      for (let line = 0; line < slots.words.length; line += line_words) {
        if (slotAt(slots, line) < 0) continue
        yield changeAt(line, head)
      }
    },
    image: () => imageOf({ slots, head, rules: rulesAsOf(head), rulesDigests, isBare, changeAt, digestAt }),
    restore: (piece) => restoreImage(piece, {
      slots, take: (change) => take(change, false), rulesCount: rules.length, digest: () => digestText(sum),
      bare(lanes) {
        size += 1
        add(lanes, 1)
      },
    }),
  }
}

export const decideFor = (snapshot: Snapshot, query: GateQuery, now: number): Answer => snapshot.decide(query, now)
