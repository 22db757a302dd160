// What is known of a merchant that asks for a new terminal: itself, and the store it is for.
import type { Dossier } from './dossier.ts'
import type { Tx } from './db.ts'

/** Undefined where the merchant is not there or not the looker's; `store` is undefined where it has none of that name. */
export async function merchantAndStore(tx: Tx, mid: string, store: string): Promise<{ merchant: Dossier['merchant']; store: string | undefined } | undefined> {
  const row = await tx.one<{ mid: string; name: string; key: Buffer | null; good: boolean; store: string | null }>(
    `select m.mid, m.name, m.wrapped_key as key, not exists (select from hold h where h.mid = m.mid and h.lifted_at is null and h.withdrawn_at is null
        and h.owner in ('risk', 'finance', 'compliance')) as good, (select s.id::text from store s where s.mid = m.mid and s.name = $2) as store
     from merchant m where m.mid = $1`, [mid, store],
  )
  return row && { merchant: { mid: row.mid, name: row.name, goodStanding: row.good, wrappedKey: row.key ?? undefined }, store: row.store ?? undefined }
}
