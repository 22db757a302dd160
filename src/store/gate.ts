// What the gates pull: where the primary's journal stands, and every terminal changed after a sequence number, in commit
// order. A terminal row carries the sequence of its last change only, so the feed is always compact.
import type { Registered } from '../domain/gate-entry.ts'
import type { Terminal } from '../domain/terminal.ts'
import type { Tx } from './db.ts'
import { terminalOf } from './dossier.ts'

export type Head = { epoch: number; seq: number }
export type GateRow = { seq: number; terminal: Terminal; registered: Registered }

export const readHead = async (tx: Tx): Promise<Head> =>
  (await tx.one<Head>('select i.epoch, h.seq from journal_head h, installation i'))!

// biome-ignore lint/suspicious/noExplicitAny: a row as PostgreSQL's JSON.
type Raw = Record<string, any>

const columns = `t.tid, t.mid, t.provider, t.serial, t.version, t.gate_seq, t.installed_at, t.closed_at, t.sign_on_required, t.clear,
  '[]'::jsonb as clearance, t.host_blocked_at, s.longitude, s.latitude,
  coalesce((select jsonb_agg(to_jsonb(h) - 'words_sealed') from hold h where h.tid = t.tid
    and h.withdrawn_at is null and (h.lifted_at is null or h.lifted_at >= t.installed_at)), '[]') as holds`

const rowOf = (r: Raw): GateRow => ({
  seq: r['gate_seq'] as number,
  // Columns come through the driver here, not as JSON: instants are numbers already.
  terminal: {
    ...terminalOf({ ...r, installed_at: undefined, closed_at: undefined, host_blocked_at: undefined }),
    installedAt: (r['installed_at'] as number | null) ?? undefined, closedAt: (r['closed_at'] as number | null) ?? undefined,
  },
  registered: {
    mid: r['mid'] as string, provider: r['provider'] as string, serial: (r['serial'] as string | null) ?? undefined,
    longitude: (r['longitude'] as number | null) ?? undefined, latitude: (r['latitude'] as number | null) ?? undefined,
    merchantStopped: false, version: r['version'] as number,
  },
})

/** Terminals changed after `after`, whole commits at a time: the last sequence number is never split. */
export async function changedAfter(tx: Tx, after: number, count_max: number): Promise<GateRow[]> {
  const rows = await tx.many<Raw>(
    `select ${columns} from terminal t left join store s on s.id = t.store_id
     where t.gate_seq > $1 order by t.gate_seq fetch first ${Math.trunc(count_max)} rows with ties`, [after],
  )
  return rows.map(rowOf)
}
