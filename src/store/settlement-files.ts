// Settlement files as rows: what was taken, of which merchants and days, and which later file took whose place. A file's
// place is taken part by part – a merchant and a day –, so that one that repeats only a Tuesday leaves the rest standing.
import type { SettlementFileState } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

export type RecordKind = 'slips' | 'unionpay' | 'bank'
/** One merchant and day of a file. */
export type Part = { mid: string; madeOn: string; settledOn: string; tids: readonly string[]; rows: number }
export type NewSettlementFile = {
  id: string
  import: string
  kind: RecordKind
  layout: string
  series: string
  fileName: string
  sha256: string
  /** As the reader gave it, without its place on the disk. */
  taken: object
  takenAt: number
  takenBy: string
}
export type Named = { id: string; fileName: string }

/** The current file with these very bytes, if there is one. */
export const sameFile = (tx: Tx, kind: RecordKind, sha256: string): Promise<Named | undefined> =>
  tx.one<Named>(
    `select id, file_name as "fileName" from settlement_file where kind = $1 and sha256 = $2 and state = 'current'`,
    [kind, sha256],
  )

/** Terminal numbers among these that are not the merchant's. */
export const strangeTerminals = (tx: Tx, parts: readonly Part[]): Promise<{ mid: string; tid: string }[]> =>
  tx.many(
    `select distinct x.mid, x.tid from (select p.mid, unnest(p.tids) as tid from jsonb_to_recordset($1) p(mid text, tids text[])) x
     where not exists (select from terminal t where t.tid = x.tid and t.mid = x.mid) order by 1, 2`,
    [JSON.stringify(parts.map(({ mid, tids }) => ({ mid, tids })))],
  )

/**
 * Writes a file with its parts. `provider` is who imports, if not the platform: then every provider of the merchant has its
 * part.
 */
export async function insertSettlementFile(tx: Tx, f: NewSettlementFile, parts: readonly Part[], provider: string | undefined): Promise<void> {
  await tx.run(
    `insert into settlement_file (id, import, kind, layout, file_name, sha256, taken, taken_at, taken_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [f.id, f.import, f.kind, f.layout, f.fileName, f.sha256, JSON.stringify(f.taken), instantParam(f.takenAt), f.takenBy],
  )
  await tx.run(
    `insert into settlement_part (file, provider, mid, made_on, settled_on, kind, series, tids, rows_count)
     select $1, m.provider, p.mid, p.made, p.settled, $2, $3, p.tids, p.rows
     from jsonb_to_recordset($4) p(mid text, made date, settled date, tids text[], rows int)
     join merchant_provider m on m.mid = p.mid and ($5::text is null or m.provider = $5)`,
    [f.id, f.kind, f.series, JSON.stringify(parts.map((p) => ({ mid: p.mid, made: p.madeOn, settled: p.settledOn, tids: p.tids, rows: p.rows }))), provider ?? null],
  )
}

/**
 * Lets a new file take the place of earlier ones: of the same kind, merchant and day – for slips also of one of its terminals,
 * because each may be handed in by itself. A file about the very same days of a merchant goes as a whole, also where the new
 * one has nothing on a day. Returns the files that lost a part.
 */
export async function supersede(tx: Tx, file: string): Promise<(Named & { isWhole: boolean })[]> {
  const lost = await tx.many<{ id: string }>(
    `with n as (select *, case kind when 'slips' then made_on else settled_on end as day from settlement_part where file = $1),
     o as (select o.*, case o.kind when 'slips' then o.made_on else o.settled_on end as day from settlement_part o
       where o.file <> $1 and o.superseded_by is null and o.mid in (select mid from n)
         and o.kind = (select kind from n limit 1) and o.series = (select series from n limit 1)),
     span as (select mid, min(day) as first, max(day) as last, array_agg(distinct t.tid) as tids
       from n left join lateral unnest(n.tids) t(tid) on true group by mid),
     before as (select o.file, o.mid, min(o.day) as first, max(o.day) as last from o group by o.file, o.mid),
     gone as (select distinct o.file, o.provider, o.mid, o.made_on, o.settled_on from o
       join span s on s.mid = o.mid join before b on b.file = o.file and b.mid = o.mid
       where (o.kind <> 'slips' or o.tids && s.tids)
         and ((b.first, b.last) = (s.first, s.last) or exists (select from n where n.mid = o.mid and n.day = o.day and (o.kind <> 'slips' or n.tids && o.tids))))
     update settlement_part p set superseded_by = $1 from gone g
     where (p.file, p.provider, p.mid, p.made_on, p.settled_on) = (g.file, g.provider, g.mid, g.made_on, g.settled_on)
     returning p.file as id`,
    [file],
  )
  const ids = [...new Set(lost.map((l) => l.id))]
  if (ids.length === 0) return []
  return tx.many<Named & { isWhole: boolean }>(
    `with whole as (update settlement_file f set state = 'superseded' where id = any($1)
       and not exists (select from settlement_part p where p.file = f.id and p.superseded_by is null) returning id)
     select f.id, f.file_name as "fileName", f.id in (select id from whole) as "isWhole" from settlement_file f where f.id = any($1) order by ordinal`,
    [ids],
  )
}

/** Terminals of the merchants a file speaks of look at their clearance again. */
export const oweClearance = (tx: Tx, file: string): Promise<number> =>
  tx.run(
    `insert into import_outbox (kind, tid, provider)
     select distinct 'clearance', t.tid, t.provider from settlement_part p join terminal t on t.mid = p.mid and t.provider = p.provider
     where p.file = $1 and t.closed_at is null on conflict do nothing`,
    [file],
  )

// ── For a run ───────────────────────────────────────────────────────────────────────────────────────────────────────
export type CurrentFile = {
  id: string
  kind: RecordKind
  fileName: string
  taken: object
  takenAt: number
  /** What of it is current and that provider's; undefined where all of it is. */
  kept: { mid: string; madeOn: string; settledOn: string }[] | undefined
}

export type Days = { from?: string | undefined; to?: string | undefined }

/** Providers with current parts of these days. */
export const providersWithFiles = async (tx: Tx, { from, to }: Days): Promise<string[]> =>
  (await tx.many<{ provider: string }>(
    `select distinct provider from settlement_part where superseded_by is null and ($1::date is null or settled_on >= $1::date - 1)
       and ($2::date is null or settled_on <= $2::date + 1) order by 1`,
    [from ?? null, to ?? null],
  )).map((r) => r.provider)

/** A provider's files with a current part of these days, in the order they came. The day before and after count too. */
export async function currentFiles(tx: Tx, provider: string, { from, to }: Days): Promise<CurrentFile[]> {
  const rows = await tx.many<Omit<CurrentFile, 'kept'> & { kept: CurrentFile['kept'] | null }>(
    `select f.id, f.kind, f.file_name as "fileName", f.taken, f.taken_at as "takenAt",
       case when exists (select from settlement_part s where s.file = f.id and (s.superseded_by is not null or s.provider <> $1)) then
         (select jsonb_agg(jsonb_build_object('mid', k.mid, 'madeOn', k.made_on, 'settledOn', k.settled_on))
          from settlement_part k where k.file = f.id and k.superseded_by is null and k.provider = $1) end as kept
     from settlement_file f where f.id in (
       select p.file from settlement_part p where p.superseded_by is null and p.provider = $1
         and ($2::date is null or p.settled_on >= $2::date - 1) and ($3::date is null or p.settled_on <= $3::date + 1))
     order by f.ordinal`,
    [provider, from ?? null, to ?? null],
  )
  return rows.map((r) => ({ ...r, kept: r.kept ?? undefined }))
}

/** First and last day a file's parts speak of, widened by none; what a run about it must look at. */
export const daysOf = async (tx: Tx, file: string): Promise<{ from: string; to: string }> =>
  (await tx.one<{ from: string; to: string }>(
    'select min(least(made_on, settled_on))::text as from, max(settled_on)::text as to from settlement_part where file = $1', [file],
  ))!

// ── As people see them ──────────────────────────────────────────────────────────────────────────────────────────────
export type SettlementFileRow = {
  id: string
  import: string
  kind: RecordKind
  layout: string
  fileName: string
  sha256: string
  state: SettlementFileState
  /** Of the parts the looker may see. */
  rows: number
  mids: string[]
  from: string
  to: string
  takenAt: number
  ordinal: number
  supersedes: Named[]
  supersededBy: Named[]
}

const shown = `
  select f.id, f.import, f.kind, f.layout, f.file_name as "fileName", f.sha256, f.state, f.taken_at as "takenAt", f.ordinal,
    p.rows, p.mids, p.first as "from", p.last as "to",
    coalesce((select jsonb_agg(distinct jsonb_build_object('id', o.id, 'fileName', o.file_name)) from settlement_part s
      join settlement_file o on o.id = s.file where s.superseded_by = f.id), '[]') as supersedes,
    coalesce((select jsonb_agg(distinct jsonb_build_object('id', o.id, 'fileName', o.file_name)) from settlement_part s
      join settlement_file o on o.id = s.superseded_by where s.file = f.id), '[]') as "supersededBy"
  from settlement_file f cross join lateral (
    select coalesce(sum(rows_count), 0)::int as rows, coalesce(array_agg(distinct mid), '{}') as mids, min(settled_on)::text as first, max(settled_on)::text as last
    from (select distinct mid, made_on, settled_on, rows_count from settlement_part where file = f.id) d) p`

export const readSettlementFile = (tx: Tx, id: string): Promise<SettlementFileRow | undefined> =>
  tx.one<SettlementFileRow>(`${shown} where f.id = $1`, [id])
export const fileOfImport = (tx: Tx, id: string): Promise<SettlementFileRow | undefined> =>
  tx.one<SettlementFileRow>(`${shown} where f.import = $1`, [id])

/** Newest first, after the one whose ordinal is `before`. */
export const listSettlementFiles = (
  tx: Tx, { before, limit, kind, merchant, state }: {
    before: number | undefined; limit: number; kind?: RecordKind | undefined; merchant?: string | undefined; state?: SettlementFileState | undefined
  },
): Promise<SettlementFileRow[]> =>
  tx.many<SettlementFileRow>(
    `${shown} where ($1::bigint is null or f.ordinal < $1) and ($2::text is null or f.kind = $2) and ($3::text is null or f.state = $3)
       and ($4::text is null or exists (select from settlement_part p where p.file = f.id and p.mid = $4))
     order by f.ordinal desc limit $5`,
    [before ?? null, kind ?? null, state ?? null, merchant ?? null, limit],
  )
export const countSettlementFiles = async (
  tx: Tx, { kind, merchant, state }: { kind?: RecordKind | undefined; merchant?: string | undefined; state?: SettlementFileState | undefined }, most: number,
): Promise<number> =>
  (await tx.one<{ count: number }>(
    `select count(*) as count from (select from settlement_file f where ($1::text is null or f.kind = $1) and ($2::text is null or f.state = $2)
       and ($3::text is null or exists (select from settlement_part p where p.file = f.id and p.mid = $3)) limit $4) x`,
    [kind ?? null, state ?? null, merchant ?? null, most + 1],
  ))!.count

/** Ids among these that are files. */
export const filesAmong = async (tx: Tx, ids: readonly string[]): Promise<Set<string>> =>
  new Set((await tx.many<{ id: string }>('select id from settlement_file where id::text = any($1)', [ids])).map((r) => r.id))

/** Imports and runs that have not ended: their working folders are somebody's. */
export const workUnderWay = async (tx: Tx): Promise<Set<string>> =>
  new Set(
    (await tx.many<{ id: string }>('select id from import where ended_at is null union all select id from settlement_run where ended_at is null')).map((r) => r.id),
  )

// ── Columns of unknown CSVs ─────────────────────────────────────────────────────────────────────────────────────────
export type Mapping = { provider: string; kind: 'slips' | 'bank'; name: string; columns: Record<string, string>; savedAt: number }

export const listMappings = (tx: Tx, kind?: string): Promise<Mapping[]> =>
  tx.many<Mapping>(
    `select provider, kind, name, columns, saved_at as "savedAt" from settlement_mapping where $1::text is null or kind = $1
     order by provider, kind, name limit 1000`,
    [kind ?? null],
  )
export const saveMapping = (tx: Tx, m: Omit<Mapping, 'savedAt'>, by: string, now: number): Promise<number> =>
  tx.run(
    `insert into settlement_mapping (provider, kind, name, columns, saved_by, saved_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (provider, kind, name) do update set columns = excluded.columns, saved_by = excluded.saved_by, saved_at = excluded.saved_at`,
    [m.provider, m.kind, m.name, JSON.stringify(m.columns), by, instantParam(now)],
  )
export const dropMapping = (tx: Tx, m: Pick<Mapping, 'provider' | 'kind' | 'name'>): Promise<number> =>
  tx.run('delete from settlement_mapping where (provider, kind, name) = ($1, $2, $3)', [m.provider, m.kind, m.name])
