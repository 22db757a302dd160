// What must be true of a database after any crash: asked in SQL of everything there is, and of what programs had acknowledged.
import { journalChecker, type JournalFault, type JournalRow, type SignedHead } from '../../src/journal/chain.ts'
import { applicationMoves } from '../../src/domain/lifecycle.ts'
import { applicationStates, words, type ApplicationState } from '../../src/domain/vocabulary.ts'
import type { Answer } from './hands.ts'

/** Whatever answers SQL. */
export type Client = { query<T extends object>(text: string, params?: unknown[]): Promise<{ rows: T[] }> }

/** Every state a case can still reach from another, itself included. */
const reach = new Map(words(applicationStates).map((from) => {
  const seen = new Set<ApplicationState>([from])
  for (const state of seen) for (const next of applicationMoves[state]) seen.add(next)
  return [from, seen]
}))

/** Acknowledged cases that are missing, or stand less far than was said. */
export async function lost(client: Client, acks: readonly Answer[]): Promise<string[]> {
  const { rows } = await client.query<{ no: string; state: ApplicationState; version: number }>(
    'select no, state, version from application where no = any($1)', [acks.map((a) => a.no)])
  const kept = new Map(rows.map((r) => [r.no, r]))
  const keys = await client.query<{ key: string }>('select key from idempotency where key = any($1)', [acks.map((a) => a.of!.key)])
  const replies = new Set(keys.rows.map((r) => r.key))
  return acks.flatMap(({ of, no, state, version, refused }) => {
    if (!replies.has(of!.key) && refused !== 'still_running') return [`the reply under ${of!.key} is gone`]
    if (no === undefined) return []
    const found = kept.get(no)
    if (!found) return [`${no} is gone`]
    return found.version < version! || !reach.get(state!)!.has(found.state) ? [`${no} was ${state} (${version}) and is ${found.state} (${found.version})`] : []
  })
}

const accepted = `body like '%"outcome":"accepted"%'`
/** Half of a case, or a trace of one command without the rest of it. Each row found is one. */
const halves: Record<string, string> = {
  'a case without terminals': 'select no from application a where not exists (select from application_terminal x where x.no = a.no)',
  'an approved stop without its hold': `select a.no from application a join application_terminal x using (no)
    where a.kind = 'suspend' and a.state in ('approved', 'in_progress', 'completed') and not exists (select from hold h where h.id = x.hold and h.case_no = a.no)`,
  'a hold of a case that is not approved': `select h.id::text as no from hold h left join application a on a.no = h.case_no
    where h.case_no is not null and (a.no is null or a.decided_at is null)`,
  'a withdrawn case with a live hold': `select a.no from application a join hold h on h.case_no = a.no where a.state = 'withdrawn' and h.withdrawn_at is null`,
  'a case whose versions are not its journal rows': `select a.no from application a where a.version <> (select count(*) from journal j where j.case_no = a.no and ${accepted})`,
  'a case that ended and stands open, or the other way round': 'select no from application_terminal x join application a using (no) where x.open <> (a.ended_at is null)',
  'a completed stop without its one letter': `select no from application a where a.kind = 'suspend' and a.state = 'completed'
    and (select count(*) from letter l where l.case_no = a.no and l.kind = 'stop_confirmation') <> 1`,
  'a completed reopening without its one letter': `select no from application a where a.kind = 'reactivate' and a.state = 'completed'
    and exists (select from application_terminal x where x.no = a.no and x.result = 'reopened') and (select count(*) from letter l where l.case_no = a.no) <> 1`,
  'a lifted hold without a passed test': `select h.id::text as no from hold h where h.lifted_at is not null
    and not exists (select from device_test d where d.tid = h.tid and d.passed and d.at = h.lifted_at)`,
  'a stored reply without its effect': `select i.key as no from idempotency i where i.status = 201
    and not exists (select from application a where a.no = (i.reply::jsonb->>'body')::jsonb->>'no')`,
  'a journal row that was skipped': 'select seq::text as no from journal_head h where h.seq <> (select count(*) from journal) or h.seq <> (select max(seq) from journal)',
}
export async function halfDone(client: Client): Promise<string[]> {
  const found: string[] = []
  for (const [what, sql] of Object.entries(halves)) {
    const { rows } = await client.query<{ no: string }>(`${sql} limit 3`)
    if (rows.length > 0) found.push(`${what}: ${rows.map((r) => r.no).join(', ')}`)
  }
  return found
}

const started = `select f->>'hold' as id, count(*)::int as times, min(f->>'at')::bigint as at
  from journal j, jsonb_array_elements(j.body::jsonb->'facts') f where ${accepted} and f->>'fact' = 'hold_started' group by 1`
/** Stops whose moment came by an instant (epoch ms) and that did not begin exactly once, at that moment. */
export async function notOnce(client: Client, by: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string; times: number | null; at: string | null; from: Date }>(
    `with s as (${started}) select h.id, s.times, s.at, h.effective_from as from from hold h left join s on s.id = h.id::text
     where h.withdrawn_at is null and h.effective_from <= $1
       and (s.times is distinct from 1 or s.at <> (extract(epoch from h.effective_from) * 1000)::bigint or h.started_at is distinct from h.effective_from)`, [new Date(by).toISOString()])
  return rows.map((r) => `${r.id} began ${r.times ?? 0} times, at ${r.at} instead of ${r.from.getTime()}`)
}

/** The chain from where it was last checked, with every head that was kept outside. */
export function chainWatch(publicKeyPem: string): (client: Client, heads: readonly SignedHead[]) => Promise<JournalFault[]> {
  return async (client, heads) => {
    const checker = journalChecker(publicKeyPem)
    for (let after = 0; ; ) {
      const { rows } = await client.query<JournalRow & { seq: string }>(
        `select seq, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal where seq > $1 order by seq limit 5000`, [after])
      if (rows.length === 0) break
      checker.take(rows.map((row) => ({ ...row, seq: Number(row.seq) })))
      after = Number(rows.at(-1)!.seq)
    }
    const { rows: [head] } = await client.query<{ seq: string; hash: string }>(`select seq, encode(hash, 'hex') as hash from journal_head`)
    return checker.close(heads, { seq: Number(head!.seq), hash: head!.hash }).faults
  }
}
