// What committed imports still owe others: gates that must hear of terminals, clearance that must be looked at again. A
// row is deleted in the transaction that does what it asks for, so each is done once however often the program dies.
import { instantParam, type Tx } from './db.ts'

export type Kind = 'publish' | 'clearance'
export type Owed = { tid: string; at: number | undefined }

/** Takes rows of one provider, in order of their terminals, after one; they are gone when the transaction commits. */
export async function takeOwed(tx: Tx, kind: Kind, provider: string, after: string, most: number): Promise<Owed[]> {
  // By row address: however little the planner knows of a table that was filled a moment ago, it reads these rows only.
  const rows = await tx.many<{ tid: string; at: number | null }>(
    `delete from import_outbox where ctid = any(array(
       select ctid from import_outbox where kind = $1 and provider = $2 and tid > $3 order by tid limit $4 for update skip locked))
     returning tid, at`,
    [kind, provider, after, most],
  )
  return rows.map((r) => ({ tid: r.tid, at: r.at ?? undefined })).sort((a, b) => (a.tid < b.tid ? -1 : 1))
}

export const countOwed = async (tx: Tx): Promise<number> =>
  (await tx.one<{ count: number }>('select count(*) as count from import_outbox'))!.count

export const noteLastTransactions = (tx: Tx, owed: readonly Owed[], now: number): Promise<number> => {
  const told = owed.filter((o) => o.at !== undefined)
  return tx.run(
    `update terminal t set last_transaction_at = x.at from (select tid, least(at, $3) as at from unnest($1::text[], $2::timestamptz[]) x(tid, at)) x
     where t.tid = x.tid and (t.last_transaction_at is null or t.last_transaction_at < x.at)`,
    [told.map((o) => o.tid), told.map((o) => instantParam(o.at)), instantParam(now)],
  )
}

/**
 * Gives terminals a place in the journal's order, by which the gates pull them. The head is locked for this statement
 * only.
 */
export async function publishTerminals(tx: Tx, provider: string, tids: readonly string[], body: string): Promise<void> {
  await tx.run('select tid from terminal where tid = any($1) order by tid for update', [tids])
  await tx.run(
    `with j as materialized (select journal_append($1, null, null, $2, $3) as seq)
     update terminal set gate_seq = (select seq from j) where tid = any($2)`,
    [provider, tids, body],
  )
}
