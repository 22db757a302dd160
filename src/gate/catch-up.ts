// Brings a gate's memory level with the primary: what changed, in commit order, or everything. What cannot be taken as it
// is becomes what opens nothing, and is alarmed; so that one bad row neither stops the rest nor lets anything through.
// Where the database does not know the history this gate knows – an older copy was restored, writes were lost – everything
// it says is taken only as far as it tightens.
import { setImmediate as turn } from 'node:timers/promises'
import { entryOf } from '../domain/gate-entry.ts'
import { alwaysOpen, type GateEntry } from '../domain/gate.ts'
import type { GateAlarm } from '../domain/vocabulary.ts'
import { changedAfter, countTerminals, plainCursor, plainFetch, readHead, readRules, storiedTerminals, type GateRow, type Head, type RulesFrom } from '../store/gate.ts'
import type { Single } from '../store/single.ts'
import { createSnapshot, type Change, type Snapshot } from './snapshot.ts'

const rows_per_page = 1_000
/** Rows taken before others get a turn. */
const rows_per_turn = 100
const plain_per_fetch = 2_000

export type Alarmed = (alarm: GateAlarm, facts: object) => void

/** Takes one row; what came to be held of it, for the disk. The head follows when all rows of a commit are there. */
export function takeRow(snapshot: Snapshot, row: GateRow, epoch: number, isTightened: boolean, alarm: Alarmed): Change | undefined {
  const { tid } = row.terminal
  const at = { epoch: Math.max(epoch, snapshot.head.epoch), seq: snapshot.head.seq }
  const change: Change = { ...at, kind: 'upsert', entry: entryOf(row.terminal, row.registered, row.asOf) }
  const applied = isTightened ? snapshot.tighten(change) : snapshot.apply(change)
  if (applied === 'unchanged') return undefined
  if (applied === 'kept_tighter' && !isTightened) alarm('contradiction', { tid, seq: row.seq })
  if (applied === 'malformed' || applied === 'rules_missing' || applied === 'out_of_order') {
    alarm('change_refused', { tid, seq: row.seq, applied })
    // Nothing is tighter than unknown.
    const removal: Change = { ...snapshot.head, kind: 'remove', tid, version: row.seq }
    snapshot.apply(removal)
    return removal
  }
  const entry = snapshot.find(tid)
  return entry && { ...snapshot.head, kind: 'upsert', entry }
}

/** What a page of rows brought; `to`: how far it reaches, in whole commits. */
export type Taken = { changes: Change[]; to: number; isThere: boolean }

/** Takes everything after a sequence number, up to the primary's head at least, a page at a time. */
export async function* takeAfter(db: Single, snapshot: Snapshot, after: number, head: Head, isTightened: boolean, alarm: Alarmed): AsyncGenerator<Taken> {
  for (let to = after; ;) {
    const rows = await changedAfter(db, to, rows_per_page)
    const changes: Change[] = []
    for (const [i, row] of rows.entries()) {
      const change = takeRow(snapshot, row, head.epoch, isTightened, alarm)
      if (change) changes.push(change)
      if (i % rows_per_turn === rows_per_turn - 1) await turn()
    }
    to = rows.at(-1)?.seq ?? to
    // Rows of later commits may have come along: what they say is held, and acknowledged with the beat that hears of them.
    const isThere = rows.length < rows_per_page || to >= head.seq
    if (!isTightened) snapshot.advance({ epoch: head.epoch, seq: isThere ? head.seq : to })
    yield { changes, to: isThere ? Math.max(to, head.seq) : to, isThere }
    if (isThere) return
  }
}

/** The rules in force at an instant, of every provider: the last that began, or the first there is. */
export function rulesAt(all: readonly RulesFrom[], at: number): RulesFrom[] {
  const each = Map.groupBy(all, ({ rules }) => rules.provider)
  return [...each.values()].map((own) => own.findLast(({ from }) => from <= at) ?? own[0]!)
}

// ── Everything ──────────────────────────────────────────────────────────────────────────────────────────────────────
export type Loaded = { snapshot: Snapshot; head: Head; rules: RulesFrom[] }

/**
 * The whole register as one instant of the database has it. Most terminals were never held and are read as one text each;
 * those with a story are then read whole.
 */
export async function loadAll(db: Single, now: () => number, alarm: Alarmed): Promise<Loaded> {
  const rules = await readRules(db)
  // Counts the epoch on, if the database was started anew: not possible once we only read.
  await readHead(db)
  await db.say('begin isolation level repeatable read read only')
  const head = await readHead(db)
  const snapshot = createSnapshot({ terminals: await countTerminals(db) })
  for (const { rules: own } of rulesAt(rules, now())) snapshot.apply({ epoch: head.epoch, seq: 0, kind: 'rules', rules: own })
  await db.say(plainCursor)
  let coming = db.rows(plainFetch(plain_per_fetch))
  for (;;) {
    const rows = await coming
    if (rows.length === 0) break
    // The next are on their way while these are taken.
    coming = db.rows(plainFetch(plain_per_fetch))
    coming.catch(() => {})
    for (const [text] of rows) takePlain(snapshot, text as string, head.epoch, alarm)
  }
  await db.say('close plain')
  for (let tid = ''; ;) {
    const rows = await storiedTerminals(db, tid, rows_per_page)
    for (const row of rows) {
      // Over what was read as if it had no story: the newer of two that are of one version.
      const { tid: own } = row.terminal
      const applied = snapshot.replace({ epoch: head.epoch, kind: 'upsert', seq: head.seq, entry: entryOf(row.terminal, row.registered, row.asOf) })
      if (applied === 'applied') continue
      alarm('change_refused', { tid: own, applied })
      snapshot.apply({ epoch: head.epoch, seq: head.seq, kind: 'remove', tid: own, version: row.seq })
    }
    if (rows.length < rows_per_page) break
    tid = rows.at(-1)!.terminal.tid
  }
  await db.say('commit')
  snapshot.advance(head)
  return { snapshot, head, rules }
}

function takePlain(snapshot: Snapshot, text: string, epoch: number, alarm: Alarmed): void {
  const [tid, mid, provider, serial, seq, signOn, longitude, latitude] = text.split('\t') as [string, string, string, string, string, string, string, string]
  const positioned = longitude !== '' && latitude !== ''
  const entry: GateEntry = {
    tid, mid, provider, serial: serial === '' ? undefined : serial,
    longitude: positioned ? Number(longitude) : undefined, latitude: positioned ? Number(latitude) : undefined,
    signOnRequired: signOn === '1', signedOnAt: undefined, merchantStopped: false, openWork: false, intervals: alwaysOpen, holds: noHolds, version: Number(seq),
  }
  const applied = snapshot.apply({ epoch, seq: 0, kind: 'upsert', entry })
  if (applied !== 'applied') alarm('change_refused', { tid, applied })
}
const noHolds: GateEntry['holds'] = []
