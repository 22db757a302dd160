// Legal holds and disposals as rows; what is known of a merchant over all its providers; and the removal itself, table by
// table as disposal-holdings.ts says. What is asked over all providers needs the system's eye: `seeAll` widens a transaction.
import type { DisposalState, DisposedPart } from '../domain/vocabulary.ts'
import type { Standing } from '../domain/disposal.ts'
import { instantParam, type Tx } from './db.ts'
import { holdings } from './disposal-holdings.ts'

const removal_ms_max = 600_000

/** From here on the transaction sees every party: for counts over all providers, which are told as counts only. */
export const seeAll = (tx: Tx): Promise<unknown> => tx.client.query(`set local tingqi.scope = '*'`)

// ── Legal holds ─────────────────────────────────────────────────────────────────────────────────────────────────────
export type LegalHold = {
  id: string
  mid: string
  provider: string | null
  reference: string
  words: string
  placedBy: string
  placedAt: number
  liftedBy: string | null
  liftedAt: number | null
  liftedWords: string | null
}
const legalHoldColumns = `id, mid, provider, reference, words, placed_by as "placedBy", placed_at as "placedAt", lifted_by as "liftedBy", lifted_at as "liftedAt",
  lifted_words as "liftedWords"`

export const insertLegalHold = (tx: Tx, h: Pick<LegalHold, 'id' | 'mid' | 'provider' | 'reference' | 'words' | 'placedBy' | 'placedAt'>): Promise<number> =>
  tx.run('insert into legal_hold (id, mid, provider, reference, words, placed_by, placed_at) values ($1, $2, $3, $4, $5, $6, $7)',
    [h.id, h.mid, h.provider, h.reference, h.words, h.placedBy, instantParam(h.placedAt)])
export const readLegalHold = (tx: Tx, id: string, lock = false): Promise<LegalHold | undefined> =>
  tx.one<LegalHold>(`select ${legalHoldColumns} from legal_hold where id = $1 ${lock ? 'for update' : ''}`, [id])
export const liftLegalHold = (tx: Tx, id: string, by: string, words: string, now: number): Promise<LegalHold | undefined> =>
  tx.one<LegalHold>(`update legal_hold set lifted_by = $2, lifted_words = $3, lifted_at = $4 where id = $1 returning ${legalHoldColumns}`, [id, by, words, instantParam(now)])

export type Before = { at: number; id: string } | undefined
/** Newest first; with `open`, those that still stand. */
export const listLegalHolds = (tx: Tx, { mid, open, before, limit }: { mid?: string | undefined; open?: boolean | undefined; before: Before; limit: number }): Promise<LegalHold[]> =>
  tx.many<LegalHold>(
    `select ${legalHoldColumns} from legal_hold where ($1::text is null or mid = $1) and (not $2 or lifted_at is null)
       and ($3::timestamptz is null or (placed_at, id) < ($3, $4::uuid)) order by placed_at desc, id desc limit $5`,
    [mid ?? null, open ?? false, instantParam(before?.at), before?.id ?? null, limit],
  )
export const countLegalHolds = async (tx: Tx, { mid, open }: { mid?: string | undefined; open?: boolean | undefined }, most: number): Promise<number> =>
  (await tx.one<{ count: number }>(
    'select count(*) as count from (select from legal_hold where ($1::text is null or mid = $1) and (not $2 or lifted_at is null) limit $3) x', [mid ?? null, open ?? false, most + 1],
  ))!.count

// ── Disposals ───────────────────────────────────────────────────────────────────────────────────────────────────────
export type Counts = Partial<Record<DisposedPart, number>>
export type StoredDisposal = {
  id: string
  mid: string
  provider: string
  state: DisposalState
  words: string
  dueOn: string
  basis: { kind: string; until: string }[]
  proposedBy: string
  proposedAt: number
  confirmedBy: string | null
  confirmedAt: number | null
  withdrawnAt: number | null
  doneAt: number | null
  counts: Counts
  letter: string | null
}
const disposalColumns = `id, mid, provider, state, words, due_on as "dueOn", basis, proposed_by as "proposedBy", proposed_at as "proposedAt", confirmed_by as "confirmedBy",
  confirmed_at as "confirmedAt", withdrawn_at as "withdrawnAt", done_at as "doneAt", counts, letter`

export const insertDisposal = (tx: Tx, d: StoredDisposal): Promise<number> =>
  tx.run(
    `insert into disposal (id, mid, provider, state, words, due_on, basis, proposed_by, proposed_at) values ($1, $2, $3, 'proposed', $4, $5, $6, $7, $8)`,
    [d.id, d.mid, d.provider, d.words, d.dueOn, JSON.stringify(d.basis), d.proposedBy, instantParam(d.proposedAt)],
  )
export const readDisposal = (tx: Tx, id: string, lock = false): Promise<StoredDisposal | undefined> =>
  tx.one<StoredDisposal>(`select ${disposalColumns} from disposal where id = $1 ${lock ? 'for update' : ''}`, [id])
export const openDisposalOf = (tx: Tx, mid: string): Promise<StoredDisposal | undefined> =>
  tx.one<StoredDisposal>(`select ${disposalColumns} from disposal where mid = $1 and state <> 'withdrawn'`, [mid])
export const withdrawDisposal = (tx: Tx, id: string, by: string, now: number): Promise<number> =>
  tx.run(`update disposal set state = 'withdrawn', withdrawn_by = $2, withdrawn_at = $3 where id = $1`, [id, by, instantParam(now)])
/** Confirms it and destroys the key: from the commit on nothing sealed under it can be read. */
export async function destroyKey(tx: Tx, { id, mid }: { id: string; mid: string }, by: string, now: number): Promise<void> {
  await tx.run(`update disposal set state = 'confirmed', confirmed_by = $2, confirmed_at = $3 where id = $1`, [id, by, instantParam(now)])
  await tx.run('update merchant set wrapped_key = null, backup_key_sealed = null, disposed_at = $2 where mid = $1', [mid, instantParam(now)])
}
export const listDisposals = (tx: Tx, { state, before, limit }: { state?: DisposalState | undefined; before: Before; limit: number }): Promise<StoredDisposal[]> =>
  tx.many<StoredDisposal>(
    `select ${disposalColumns} from disposal where ($1::text is null or state = $1) and ($2::timestamptz is null or (proposed_at, id) < ($2, $3::uuid))
     order by proposed_at desc, id desc limit $4`,
    [state ?? null, instantParam(before?.at), before?.id ?? null, limit],
  )
export const countDisposals = async (tx: Tx, state: DisposalState | undefined, most: number): Promise<number> =>
  (await tx.one<{ count: number }>('select count(*) as count from (select from disposal where $1::text is null or state = $1 limit $2) x', [state ?? null, most + 1]))!.count
/** Key destroyed, the rest still to be removed; the oldest first. */
export const waitingDisposals = (tx: Tx): Promise<StoredDisposal[]> =>
  tx.many<StoredDisposal>(`select ${disposalColumns} from disposal where state = 'confirmed' order by confirmed_at, id`)
export const endDisposal = (tx: Tx, id: string, counts: Counts, letter: string, now: number): Promise<number> =>
  tx.run(`update disposal set state = 'done', done_at = $2, counts = $3, letter = $4 where id = $1`, [id, instantParam(now), JSON.stringify(counts), letter])

// ── What is known of a merchant ─────────────────────────────────────────────────────────────────────────────────────
/** Locks the merchant: whoever places a hold on it, opens something for it or disposes of it waits. False where it is not the looker's. */
export const lockMerchant = async (tx: Tx, mid: string): Promise<boolean> =>
  (await tx.one('select mid from merchant where mid = $1 for update', [mid])) !== undefined

type Nulls<T> = { [K in keyof T]: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] }
/** Over all providers: the transaction must see them (`seeAll`). */
export async function standingOf(tx: Tx, mid: string): Promise<(Standing & { lastProvider: string; providers: string[] }) | undefined> {
  const row = await tx.one<Nulls<Standing & { lastProvider: string; providers: string[] }>>(
    `select m.mid, m.disposed_at as "disposedAt", m.created_at as "registeredAt", t.open as "terminalsOpen", t.closed as "lastClosedAt",
       t.sold as "lastTransactionAt", t.tail as "chargebackUntil",
       (select count(*) from application a where a.mid = m.mid and a.ended_at is null and a.state not in ('completed', 'rejected', 'withdrawn', 'expired', 'failed'))
         + (select count(*) from ticket k where k.mid = m.mid and k.closed_at is null)
         + (select count(*) from complaint c where c.mid = m.mid and c.closed_at is null) as "casesOpen",
       (select count(*) from merchant_provider p where p.mid = m.mid and ledger_balance(m.mid, p.provider) <> 0) as "balancesOpen",
       (select count(*) from device_return r where r.mid = m.mid and r.deposit_fen is not null and r.settled_at is null and r.state <> 'cancelled') as "depositsHeld",
       (select count(*) from legal_hold l where l.mid = m.mid and l.lifted_at is null) as "legalHolds",
       coalesce((select x.provider from terminal x where x.mid = m.mid order by x.closed_at desc nulls last, x.tid limit 1),
         (select p.provider from merchant_provider p where p.mid = m.mid order by p.provider limit 1)) as "lastProvider",
       array(select p.provider from merchant_provider p where p.mid = m.mid order by p.provider) as providers
     from merchant m cross join lateral (select count(*) filter (where closed_at is null) as open, max(closed_at) as closed, max(last_transaction_at) as sold,
       max(chargeback_until) as tail from terminal x where x.mid = m.mid) t where m.mid = $1`, [mid],
  )
  return row && {
    ...row, disposedAt: row.disposedAt ?? undefined, lastClosedAt: row.lastClosedAt ?? undefined, lastTransactionAt: row.lastTransactionAt ?? undefined,
    chargebackUntil: row.chargebackUntil ?? undefined,
  }
}

/** Merchants nothing of which is open any more, the longest ago first, from the one after `after` on: what may be due. */
export const endedMerchants = (tx: Tx, { before, after, limit }: { before: number; after: Before; limit: number }): Promise<{ mid: string; endedAt: number }[]> =>
  tx.many(
    `select mid, ended as "endedAt" from (
       select m.mid, max(t.closed_at) as ended from merchant m join terminal t on t.mid = m.mid where m.disposed_at is null group by m.mid having bool_and(t.closed_at is not null)) e
     where ended < $1 and ($2::timestamptz is null or (ended, mid) > ($2, $3)) order by ended, mid limit $4`,
    [instantParam(before), instantParam(after?.at), after?.id ?? null, limit],
  )

// ── Removing ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type FilesOfMerchant = { materials: string[]; evidence: string[]; backups: string[]; parquet: { id: string; isAlone: boolean }[] }
/** What lies beside the database and is (also) this merchant's. */
export async function filesOfMerchant(tx: Tx, mid: string): Promise<FilesOfMerchant> {
  const ids = async (sql: string): Promise<string[]> => (await tx.many<{ id: string }>(sql, [mid])).map((r) => r.id)
  return {
    materials: await ids('select m.id from material m join application a using (no) where a.mid = $1'),
    evidence: await ids('select e.id from evidence e where e.mid = $1'),
    backups: await ids('select b.id from backup b join terminal t using (tid) where t.mid = $1'),
    parquet: await tx.many<{ id: string; isAlone: boolean }>(
      `select distinct p.file as id, not exists (select from settlement_part o where o.file = p.file and o.mid <> $1) as "isAlone" from settlement_part p where p.mid = $1`, [mid],
    ),
  }
}

export type RejectedLine = { import: string; line: number; cells: Buffer }
/** Rejected rows of imports since an instant, page by page: sealed for the installation, so each is looked into. */
export const rejectedLines = (tx: Tx, after: { import: string; line: number }, limit: number): Promise<RejectedLine[]> =>
  tx.many<RejectedLine>(
    'select import, line, cells_sealed as cells from import_rejected where (import, line) > ($1::uuid, $2) order by import, line limit $3', [after.import, after.line, limit],
  )
export async function removeRejected(tx: Tx, lines: readonly { import: string; line: number }[]): Promise<void> {
  const params = [lines.map((l) => l.import), lines.map((l) => l.line)]
  for (const table of ['import_error', 'import_rejected'])
    await tx.run(`delete from ${table} t using unnest($1::uuid[], $2::int[]) x(import, line) where t.import = x.import and t.line = x.line`, params)
}
/** Rejected rows hold names and telephones, and nobody needs them once the file was put right. */
export async function forgetRejected(tx: Tx, before: number): Promise<void> {
  for (const table of ['import_error', 'import_rejected'])
    await tx.run(`delete from ${table} r using import i where i.id = r.import and i.created_at < $1`, [instantParam(before)])
}

/** Removes and writes over everything in clear, table by table; answers how much there was of each part. */
export async function removeRows(tx: Tx, mid: string): Promise<Counts> {
  await tx.client.query(`set local statement_timeout = ${removal_ms_max}; set local idle_in_transaction_session_timeout = ${removal_ms_max}`)
  const counts: Counts = {}
  const count = (part: DisposedPart | undefined, n: number): void => { if (part) counts[part] = (counts[part] ?? 0) + n }
  const alone = (await tx.many<{ id: string }>(
    `update settlement_file f set file_name = '-', taken = taken - 'faults' where f.id in (select file from settlement_part where mid = $1)
       and not exists (select from settlement_part o where o.file = f.id and o.mid <> $1) returning f.id`, [mid],
  )).map((f) => f.id)
  await tx.run(
    `update settlement_run r set result = jsonb_set(result, '{files}', (select coalesce(jsonb_agg(case when f ->> 'id' = any ($1) then f || '{"fileName":"-"}' else f end), '[]')
       from jsonb_array_elements(result -> 'files') f)) where exists (select from jsonb_array_elements(r.result -> 'files') f where f ->> 'id' = any ($1))`, [alone],
  )
  await tx.run(`update import i set file_name = '-' where i.id in (select f.import from settlement_file f join settlement_part p on p.file = f.id where p.mid = $1)
    and not exists (select from settlement_file f join settlement_part o on o.file = f.id where f.import = i.id and o.mid <> $1)`, [mid])
  for (const [table, { of = 'mid = $1', part, erased, removed }] of Object.entries(holdings)) {
    if (removed) count(part, await tx.run(`delete from ${table} where ${of}`, [mid]))
    else if (erased) count(part, await tx.run(`update ${table} set ${Object.entries(erased).map(([column, to]) => `${column} = ${to}`).join(', ')} where ${of}`, [mid]))
  }
  // Cases and holds whose words were under the key are counted too: with it they went.
  counts.words = (await tx.one<{ n: number }>(
    `select (select count(*) from application where mid = $1 and (words_sealed is not null or proof_sealed is not null))
      + (select count(*) from hold where mid = $1 and words_sealed is not null) as n`, [mid],
  ))!.n
  count('people', await removePeople(tx, mid))
  // Replies kept for who asks twice say what was said to them.
  await tx.run(`delete from idempotency where party = 'merchant:' || $1 or strpos(reply, $1) > 0`, [mid])
  return counts
}

/** Accounts of the merchant's people: sign-in, names and keys go; the ids by which the journal names them stay. */
async function removePeople(tx: Tx, mid: string): Promise<number> {
  const mine = `select id from account where party_kind = 'merchant' and party_id = $1`
  await tx.run(`delete from auth."twoFactor" where "userId" in (select auth_user from account where party_kind = 'merchant' and party_id = $1)`, [mid])
  const users = (await tx.many<{ id: string }>(`select auth_user as id from account where party_kind = 'merchant' and party_id = $1 and auth_user is not null`, [mid])).map((u) => u.id)
  await tx.run(`update api_key set name = '', hint = '', revoked_at = coalesce(revoked_at, clock_timestamp()) where account in (${mine})`, [mid])
  const count = await tx.run(
    `update account set name = '-', login = null, auth_user = null, disabled_at = coalesce(disabled_at, clock_timestamp()) where party_kind = 'merchant' and party_id = $1`, [mid],
  )
  await tx.run('delete from auth."user" where id = any($1)', [users])
  // Somebody who also works elsewhere keeps the name there.
  await tx.run(
    `update person set name = '-' where id in (select person from account where party_kind = 'merchant' and party_id = $1)
       and not exists (select from account a where a.person = person.id and a.disabled_at is null)`, [mid],
  )
  return count
}
