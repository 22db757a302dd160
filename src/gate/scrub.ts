// Compares what a gate holds with what the database says, a few terminals at a time, round and round: what was lost, damaged
// or taken wrongly is found without anybody asking. A row may be ahead of its publication for a moment – an import changes
// it first and publishes it after – so a difference counts only when it is still the same a minute later.
import { digestOfEntry, digestText } from './digest.ts'
import { entryOf } from '../domain/gate-entry.ts'
import { terminalsAfter, terminalsNamed, type GateRow } from '../store/gate.ts'
import type { Single } from '../store/single.ts'
import type { Snapshot } from './snapshot.ts'

const every_ms = 2_000
const per_look = 200
const believed_after_ms = 60_000
const suspects_max = 1_000

type Suspect = { since: number; seq: number; digest: string }

export type Scrub = {
  /** Looks at the next few, if it is time; terminals that certainly differ. `upTo`: rows changed later are not ours yet. */
  look(db: Single, snapshot: Snapshot, upTo: number): Promise<string[]>
}

export function createScrub(apart_ms = every_ms, believed_ms = believed_after_ms): Scrub {
  const suspects = new Map<string, Suspect>()
  let lookedAt = performance.now()
  let cursor = ''
  /** What the row says, where that is not what is held. */
  const differing = ({ terminal, registered, asOf }: GateRow, snapshot: Snapshot): string | undefined => {
    const said = digestText(digestOfEntry(entryOf(terminal, registered, asOf)))
    return said === snapshot.digestOf(terminal.tid) ? undefined : said
  }
  return {
    async look(db, snapshot, upTo) {
      const now = performance.now()
      if (now - lookedAt < apart_ms) return []
      lookedAt = now
      const rows = await terminalsAfter(db, cursor, per_look)
      cursor = rows.length < per_look ? '' : rows.at(-1)!.terminal.tid
      for (const row of rows) {
        const digest = row.seq > upTo ? undefined : differing(row, snapshot)
        if (digest !== undefined && suspects.size < suspects_max && !suspects.has(row.terminal.tid))
          suspects.set(row.terminal.tid, { since: now, seq: row.seq, digest })
      }
      const due = [...suspects].filter(([, { since }]) => now - since >= believed_ms).map(([tid]) => tid).slice(0, per_look)
      if (due.length === 0) return []
      const again = await terminalsNamed(db, due)
      return again.flatMap((row) => {
        const { tid } = row.terminal
        const before = suspects.get(tid)!
        suspects.delete(tid)
        return row.seq === before.seq && differing(row, snapshot) === before.digest ? [tid] : []
      })
    },
  }
}
