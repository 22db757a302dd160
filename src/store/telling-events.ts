// Events as rows: written beside the journal row of their facts, under its sequence number, so that they stand in the order
// of commits. Each terminal counts its own; the counter's row lock is held to the commit, so its numbers have no gap either.
import type { Happening } from '../domain/telling.ts'
import type { EventKind } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

export type NewEvents = { provider: string; mid: string; caseNo: string | undefined; happenings: readonly (Happening & { id: string })[] }

const recordset = (name: string): string =>
  `jsonb_to_recordset($1::jsonb->'${name}') r(ordinal smallint, id uuid, kind text, provider text, mid text, tid text, behind bigint, case_no text, at timestamptz, body jsonb)`
const columns = 'journal_seq, ordinal, id, kind, provider, mid, tid, seq, case_no, at, body'

/** Parts of the one statement that stores an outcome. */
export const eventParts: Readonly<Record<string, string>> = {
  event_counts: `insert into event_counter (tid, provider, mid, last)
    select r.tid, r.provider, r.mid, r.count from jsonb_to_recordset($1::jsonb->'event_counts') r(tid text, provider text, mid text, count bigint) order by r.tid
    on conflict (tid) do update set last = event_counter.last + excluded.last returning tid, last`,
  terminal_events: `insert into event (${columns}) select (select seq from j), r.ordinal, r.id, r.kind, r.provider, r.mid, r.tid, c.last - r.behind, r.case_no, r.at, r.body
    from ${recordset('terminal_events')} join p_event_counts c on c.tid = r.tid returning 1`,
  case_events: `insert into event (${columns}) select (select seq from j), r.ordinal, r.id, r.kind, r.provider, r.mid, null, null, r.case_no, r.at, r.body
    from ${recordset('case_events')} returning 1`,
}

export function eventRows({ provider, mid, caseNo, happenings }: NewEvents): Record<string, unknown[]> {
  const counts = new Map<string, number>()
  for (const { tid } of happenings) if (tid !== undefined) counts.set(tid, (counts.get(tid) ?? 0) + 1)
  const left = new Map(counts)
  const rows = happenings.map((h, i) => {
    if (h.tid !== undefined) left.set(h.tid, left.get(h.tid)! - 1)
    return {
      ordinal: i + 1, id: h.id, kind: h.kind, provider, mid, tid: h.tid ?? null, behind: h.tid === undefined ? null : left.get(h.tid)!,
      case_no: caseNo ?? null, at: instantParam(h.at), body: h.body,
    }
  })
  return {
    event_counts: [...counts].map(([tid, count]) => ({ tid, provider, mid, count })),
    terminal_events: rows.filter((r) => r.tid !== null),
    case_events: rows.filter((r) => r.tid === null),
  }
}

export type EventRow = {
  journal_seq: number; ordinal: number; id: string; kind: EventKind; provider: string; mid: string; tid: string | null; seq: number | null
  case_no: string | null; at: number; body: Record<string, unknown>
}
export type EventPlace = { seq: number; ordinal: number }

/** What a machine gets of an event, by whichever way. */
export const payloadOf = (e: Pick<EventRow, 'id' | 'kind' | 'provider' | 'mid' | 'tid' | 'seq' | 'case_no' | 'at' | 'body'>): Record<string, unknown> => ({
  type: e.kind,
  timestamp: new Date(e.at).toISOString(),
  data: {
    id: e.id, provider: e.provider, mid: e.mid, ...(e.tid === null ? {} : { tid: e.tid, seq: e.seq }), ...(e.case_no === null ? {} : { application: e.case_no }), ...e.body,
  },
})

/** Events after a place that the looker may see, in the order of commits. */
export const eventsAfter = (tx: Tx, { seq, ordinal }: EventPlace, count_max: number): Promise<EventRow[]> => {
  // Said in words too, so that the index of the party is found.
  const own = tx.scope === '*' ? 'true' : `${tx.scope.startsWith('p:') ? 'provider' : 'mid'} = $4`
  return tx.many<EventRow>(
    `select ${columns} from event where (journal_seq, ordinal) > ($1, $2) and ${own} order by journal_seq, ordinal limit $3`,
    tx.scope === '*' ? [seq, ordinal, count_max] : [seq, ordinal, count_max, tx.scope.slice(2)],
  )
}
