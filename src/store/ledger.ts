// The ledger in the database. Entries and lines go in together, in one statement with whatever brought them about: the first
// part inserts the entries that are not there yet, the second the lines of just those. Reading sums lines; no balance is kept.
import type { Entry } from '../domain/ledger.ts'
import { totalOf } from '../domain/ledger.ts'
import type { ContractVersion } from '../domain/contract.ts'
import type { Fen } from '../domain/money.ts'
import type { Posted } from '../domain/receivables.ts'
import type { Account, EntryKind } from '../domain/vocabulary.ts'
import { instantParam, parseInstant, type Tx } from './db.ts'

const part = (name: string, table: string): string => `jsonb_populate_recordset(null::${table}, $1::jsonb->'${name}')`

/** Parts of a statement whose $1 holds `ledgerRows`; the second refers to the first by its name. */
export const ledgerParts = {
  ledger_entries: `insert into ledger_entry select r.* from ${part('ledger_entries', 'ledger_entry')} r on conflict (id) do nothing returning id`,
  ledger_lines: `insert into ledger_line select l.* from ${part('ledger_lines', 'ledger_line')} l where l.entry in (select id from p_ledger_entries) returning 1`,
} as const

export const ledgerRows = (entries: readonly Entry[]): Record<keyof typeof ledgerParts, object[]> => ({
  ledger_entries: entries.map((e) => ({
    id: e.id, kind: e.kind, provider: e.provider, mid: e.mid, tid: e.tid ?? null, serial: e.serial ?? null, case_no: e.caseNo ?? null,
    at: instantParam(e.at), month: e.month ?? null, reverses: e.reverses ?? null, total_fen: totalOf(e), words_zh: e.words[0], words_en: e.words[1],
    formula_zh: e.formula?.[0] ?? null, formula_en: e.formula?.[1] ?? null, first_line: 1,
  })),
  ledger_lines: entries.flatMap((e) => e.lines.map((l, i) => ({
    entry: e.id, ordinal: i + 1, provider: e.provider, mid: e.mid, account: l.account, debit_fen: l.debitFen, credit_fen: l.creditFen,
  }))),
})

const postSql = `with p_ledger_entries as (${ledgerParts.ledger_entries}), p_ledger_lines as (${ledgerParts.ledger_lines}) select id from p_ledger_entries`

/** Posts entries in this transaction; answers the ids of those that were not there before. */
export async function postEntries(tx: Tx, entries: readonly Entry[]): Promise<string[]> {
  if (entries.length === 0) return []
  return (await tx.many<{ id: string }>(postSql, [JSON.stringify(ledgerRows(entries))])).map((r) => r.id)
}

// ── What a decision knows of an account ─────────────────────────────────────────────────────────────────────────────
/** As one value of a statement (its own tables are named so that they hide none of the statement's). A case's own debt is looked at only where it has a fee to pay. */
export const accountSql = (mid: string, provider: string, tids: string, no: string): string => `json_build_object(
  'balance', (select coalesce(sum(of_line.debit_fen - of_line.credit_fen), 0) from ledger_line of_line
    where of_line.mid = ${mid} and of_line.provider = ${provider} and of_line.account = 'receivable'),
  'case', case when exists (select from step of_step where of_step.no = ${no} and of_step.kind = 'pay_fee') then ledger_case_owed(${no}, ${mid}, ${provider}) else 0 end,
  'charged', (select coalesce(json_agg(to_jsonb(of_entry) || jsonb_build_object('lines', (select jsonb_agg(its order by its.ordinal) from ledger_line its where its.entry = of_entry.id))
    order by of_entry.id), '[]') from ledger_entry of_entry
    where of_entry.case_no = ${no} and of_entry.kind = 'charge' and not exists (select from ledger_entry back where back.reverses = of_entry.id)),
  'contracts', (select coalesce(json_agg(json_build_object('version', agreed.version, 'effectiveFrom', agreed.effective_from, 'contract', agreed.document)), '[]')
    from contract agreed where agreed.mid = ${mid} and agreed.provider = ${provider}),
  'through', (select coalesce(json_object_agg(counted.tid, counted.through_month), '{}') from accrual counted where counted.tid = any(${tids})))`

export type AccountKnown = { balanceFen: Fen; caseFen: Fen; charged: readonly Entry[]; contracts: readonly ContractVersion[]; through: Readonly<Record<string, string>> }
export type AccountRow = { balance: number; case: number; charged: (Omit<EntryRow, 'at'> & { at: string; lines: LineRow[] })[]; contracts: ContractVersion[]; through: Record<string, string> }
export const accountOf = (row: AccountRow | null | undefined): AccountKnown | undefined =>
  row ? { balanceFen: row.balance, caseFen: row.case, charged: row.charged.map((e) => entryFrom({ ...e, at: parseInstant(e.at) }, e.lines)), contracts: row.contracts, through: row.through } : undefined

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type EntryRow = {
  id: string; kind: EntryKind; provider: string; mid: string; tid: string | null; serial: string | null; case_no: string | null; at: number; month: string | null
  reverses: string | null; total_fen: number; words_zh: string; words_en: string; formula_zh: string | null; formula_en: string | null
}
const onSql = (account: Account): string =>
  `coalesce((select sum(l.debit_fen - l.credit_fen) from ledger_line l where l.entry = e.id and l.account = '${account}'), 0)::bigint`

/** Whatever moves the receivable of one merchant at one provider, in no order. */
export const readPosted = async (tx: Tx, mid: string, provider: string): Promise<Posted[]> =>
  (await tx.many<EntryRow & { fen: number }>(
    `select e.*, l.debit_fen - l.credit_fen as fen from ledger_line l join ledger_entry e on e.id = l.entry
     where l.mid = $1 and l.provider = $2 and l.account = 'receivable'`, [mid, provider],
  )).map((r) => ({ ...postedOf(r), fen: r.fen }))

export const wordsOf = (r: EntryRow): Pick<Posted, 'words' | 'formula'> => ({
  words: [r.words_zh, r.words_en], ...(r.formula_zh === null ? {} : { formula: [r.formula_zh, r.formula_en!] as const }),
})
const postedOf = (r: EntryRow): Omit<Posted, 'fen'> => ({
  id: r.id, kind: r.kind, at: r.at, caseNo: r.case_no ?? undefined, tid: r.tid ?? undefined, month: r.month ?? undefined, reverses: r.reverses ?? undefined, ...wordsOf(r),
})

/** What a merchant owes a provider; below 0 where it has credit. */
export const balanceOf = async (tx: Tx, mid: string, provider: string): Promise<Fen> =>
  (await tx.one<{ fen: number }>('select ledger_balance($1, $2) as fen', [mid, provider]))!.fen

/** What is held on a device `d`: as the ledger says, or as the register does where nothing was posted about it yet. */
const heldOnDevice = `coalesce((select sum(l.credit_fen - l.debit_fen) from ledger_entry e join ledger_line l on l.entry = e.id
  where e.serial = d.serial and l.account = 'deposit_liability'), d.deposit_fen)`
/** Deposits held on the devices of these terminals. */
export const depositsOn = async (tx: Tx, tids: readonly string[]): Promise<Fen> =>
  (await tx.one<{ fen: number }>(`select coalesce(sum(${heldOnDevice}), 0)::bigint as fen from terminal t join device d on d.serial = t.serial where t.tid = any($1)`, [tids]))!.fen
/** Deposits held of a merchant by a provider: on its devices, and on the ledger of devices that are with it no more. */
export const depositsHeld = async (tx: Tx, mid: string, provider: string): Promise<Fen> =>
  (await tx.one<{ fen: number }>(
    `select (coalesce((select sum(${heldOnDevice}) from terminal t join device d on d.serial = t.serial where t.mid = $1 and t.provider = $2), 0)
      + coalesce((select sum(l.credit_fen - l.debit_fen) from ledger_line l join ledger_entry e on e.id = l.entry
        where l.mid = $1 and l.provider = $2 and l.account = 'deposit_liability'
          and not exists (select from terminal t where t.mid = $1 and t.provider = $2 and t.serial = e.serial)), 0))::bigint as fen`, [mid, provider],
  ))!.fen

export type StatementRow = EntryRow & { fen: number; deposit_fen: number }
/** Entries of a merchant, the newest first, below a place; of one provider where named. */
export const readStatement = (tx: Tx, mid: string, provider: string | undefined, below: { at: number; id: string } | undefined, max: number): Promise<StatementRow[]> =>
  tx.many<StatementRow>(
    `select e.*, ${onSql('receivable')} as fen, -${onSql('deposit_liability')} as deposit_fen from ledger_entry e
     where e.mid = $1 and ($2::text is null or e.provider = $2) and (e.at, e.id) < ($3::timestamptz, $4) order by e.at desc, e.id desc limit $5`,
    [mid, provider ?? null, below ? instantParam(below.at) : 'infinity', below?.id ?? '', max],
  )
export const countStatement = async (tx: Tx, mid: string, provider: string | undefined, max: number): Promise<number> =>
  (await tx.one<{ n: number }>(
    'select count(*)::int as n from (select from ledger_entry where mid = $1 and ($2::text is null or provider = $2) limit $3) x', [mid, provider ?? null, max],
  ))!.n

/** One entry with its lines, as it was posted. */
export async function readEntry(tx: Tx, id: string): Promise<Entry | undefined> {
  const row = await tx.one<EntryRow>('select * from ledger_entry where id = $1', [id])
  return row && entryFrom(row, await tx.many<LineRow>('select entry, account, debit_fen, credit_fen from ledger_line where entry = $1 order by ordinal', [id]))
}
type LineRow = { entry: string; account: Account; debit_fen: number; credit_fen: number }
const entryFrom = (r: EntryRow, lines: readonly LineRow[]): Entry => ({
  id: r.id, kind: r.kind, provider: r.provider, mid: r.mid, tid: r.tid ?? undefined, serial: r.serial ?? undefined, caseNo: r.case_no ?? undefined, at: r.at,
  month: r.month ?? undefined, reverses: r.reverses ?? undefined, ...wordsOf(r),
  lines: lines.map((l) => ({ account: l.account, debitFen: l.debit_fen, creditFen: l.credit_fen })),
})

/** Running fees of terminals as they stand in months: not taken back; and how often each first part of an id was used. */
export async function readRunningFees(tx: Tx, tids: readonly string[], fromMonth: string): Promise<{ standing: Entry[]; used: string[] }> {
  const rows = await tx.many<EntryRow & { back: boolean }>(
    `select e.*, exists (select from ledger_entry r where r.reverses = e.id) as back from ledger_entry e
     where e.tid = any($1) and e.month >= $2 and e.kind = 'charge' and e.case_no is null and split_part(e.id, '/', 2) = e.tid`, [tids, fromMonth],
  )
  const standing = rows.filter((r) => !r.back)
  const lines = Map.groupBy(standing.length === 0 ? [] : await tx.many<LineRow>(
    'select entry, account, debit_fen, credit_fen from ledger_line where entry = any($1) order by entry, ordinal', [standing.map((r) => r.id)],
  ), (l) => l.entry)
  return { standing: standing.map((r) => entryFrom(r, lines.get(r.id) ?? [])), used: rows.map((r) => r.id) }
}

/** Open cases of a merchant that wait for its money: they must look at themselves when something is charged or paid. */
export const casesOnMoney = async (tx: Tx, parties: readonly { mid: string; provider: string }[]): Promise<string[]> =>
  (await tx.many<{ no: string }>(
    `select distinct a.no from application a join step s on s.no = a.no and s.kind in ('fees_settled', 'pay_fee')
     where a.ended_at is null and a.state <> 'draft' and (a.mid, a.provider) in (select * from unnest($1::text[], $2::text[]))`,
    [parties.map((p) => p.mid), parties.map((p) => p.provider)],
  )).map((r) => r.no)
