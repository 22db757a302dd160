// What was so, as the primary's journal has it: every stop with its commit, moment, confirmation and end; and what gates
// reported of their stand-in.
import { standinKey, type Stretch } from './history.ts'
import { seenKey, type Seen } from './history-writers.ts'

export type Sql = <T extends object>(text: string, params?: unknown[]) => Promise<T[]>

type Fact =
  | { fact: 'hold_placed'; hold: { id: string; effectiveFrom: number; effect: string } }
  | { fact: 'hold_lifted' | 'hold_withdrawn'; hold: string; at: number }
  | { fact: 'host_blocked' | 'reopened'; at: number }
  | { fact: 'other' }

/** `asks`: when lifting a hold was first asked for. */
export async function readStretches(sql: Sql, terminals: readonly string[], seen: Seen, asks: ReadonlyMap<string, number>): Promise<Stretch[]> {
  const rows = await sql<{ seq: string; tid: string; facts: Fact[] }>(
    `select j.seq, j.tids[1] as tid, (j.body::jsonb)->'facts' as facts from journal j where cardinality(j.tids) = 1 and (j.body::jsonb)->>'outcome' = 'accepted' order by j.seq`,
  )
  const [head] = await sql<{ epoch: number }>('select epoch from head_now()')
  const all: Stretch[] = []
  const open = new Map<string, Map<string, Stretch>>()
  const blocked = new Map<string, number>()
  for (const { seq, tid, facts } of rows) {
    const holds = open.get(tid) ?? open.set(tid, new Map()).get(tid)!
    const block = (stop: Stretch, at: number): void => {
      stop.blockedAt ??= Math.max(at, stop.from)
      stop.toldAt ??= seen.get(seenKey(tid, at))
      // Called effective before its moment because another stop was: nobody was told of this one before it.
      if (stop.toldAt !== undefined) stop.toldAt = Math.max(stop.toldAt, stop.from)
    }
    for (const fact of facts) {
      if (fact.fact === 'hold_placed') {
        if (fact.hold.effect !== 'stop') continue
        const stop: Stretch = { terminal: terminals.indexOf(tid), epoch: head!.epoch, seq: Number(seq), from: fact.hold.effectiveFrom, reopenAskedAt: asks.get(fact.hold.id) }
        holds.set(fact.hold.id, stop)
        all.push(stop)
      } else if (fact.fact === 'hold_lifted' || fact.fact === 'hold_withdrawn') {
        const stop = holds.get(fact.hold)
        if (stop) stop.reopenedAt = fact.at
        holds.delete(fact.hold)
        // Placed while the terminal was stopped already: from now on it is this one that is called effective.
        const at = blocked.get(tid)
        if (at !== undefined) for (const other of holds.values()) if (other.from <= fact.at) block(other, at)
      } else if (fact.fact === 'host_blocked') {
        blocked.set(tid, fact.at)
        for (const stop of holds.values()) if (stop.from <= fact.at) block(stop, fact.at)
      } else if (fact.fact === 'reopened') blocked.delete(tid)
    }
  }
  return all
}

/** Stand-in approvals that arrived, by gate and terminal. */
export async function readReported(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ gate: string; tid: string; count: number }>(`select gate, tid, count(*)::int as count from gate_report where kind = 'standin' group by gate, tid`)
  return new Map(rows.map(({ gate, tid, count }) => [standinKey(Number(gate.slice(1)), tid), count]))
}
