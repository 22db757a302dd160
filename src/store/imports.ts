// Imports as rows: where each stands, what was wrong with its file, and the staging tables their rows pass through.
// Staging tables have names of their own, so their statements are not prepared under one.
import type { ImportError, ImportKind, ImportState, PartyKind, Role, Words } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

export type ImportActor = {
  person: string
  account: string
  name: string
  role: Role
  party: { kind: PartyKind; id: string }
  via: 'session' | 'key' | 'system'
}
export type StoredImport = {
  id: string
  kind: ImportKind
  provider: string | undefined
  state: ImportState
  dryRun: boolean
  partial: boolean
  fileName: string
  sizeBytes: number
  sha256: string
  total: number
  accepted: number
  rejected: number
  changed: number
  progress: number
  actor: ImportActor
  createdAt: number
  endedAt: number | undefined
  appliedAt: number | undefined
  stopRequested: boolean
}
export type Counts = Pick<StoredImport, 'total' | 'accepted' | 'rejected' | 'changed'>
export type StoredFault = { line: number; column: string; code: ImportError; words: Words }

const columns = `id, kind, provider, state, dry_run as "dryRun", partial, file_name as "fileName", size_bytes as "sizeBytes", sha256,
  rows_total as total, rows_accepted as accepted, rows_rejected as rejected, rows_changed as changed, progress, actor,
  created_at as "createdAt", ended_at as "endedAt", applied_at as "appliedAt", stop_requested as "stopRequested"`

type Nulls<T> = { [K in keyof T]: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] }
const importOf = (row: Nulls<StoredImport>): StoredImport => ({
  ...row,
  provider: row.provider ?? undefined,
  endedAt: row.endedAt ?? undefined,
  appliedAt: row.appliedAt ?? undefined,
})

export const insertImport = (tx: Tx, i: StoredImport): Promise<number> =>
  tx.run(
    `insert into import (id, kind, provider, state, dry_run, partial, file_name, size_bytes, sha256, actor, requested_by, role, created_at)
   values ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      i.id,
      i.kind,
      i.provider ?? null,
      i.dryRun,
      i.partial,
      i.fileName,
      i.sizeBytes,
      i.sha256,
      JSON.stringify(i.actor),
      i.actor.person,
      i.actor.role,
      instantParam(i.createdAt),
    ],
  )

export async function readImport(tx: Tx, id: string): Promise<StoredImport | undefined> {
  const row = await tx.one<Nulls<StoredImport>>(`select ${columns} from import where id = $1`, [id])
  return row && importOf(row)
}

export async function lockImport(tx: Tx, id: string): Promise<StoredImport | undefined> {
  const row = await tx.one<Nulls<StoredImport>>(`select ${columns} from import where id = $1 for update`, [id])
  return row && importOf(row)
}

/** Newest first, after the one named by `before`. */
export async function listImports(
  tx: Tx,
  before: { at: number; id: string } | undefined,
  limit: number,
): Promise<StoredImport[]> {
  const rows = await tx.many<Nulls<StoredImport>>(
    `select ${columns} from import where $1::timestamptz is null or (created_at, id) < ($1, $2::uuid)
     order by created_at desc, id desc limit $3`,
    [instantParam(before?.at), before?.id ?? null, limit],
  )
  return rows.map(importOf)
}

export const countImports = async (tx: Tx, most: number): Promise<number> =>
  (await tx.one<{ count: number }>('select count(*) as count from (select from import limit $1) x', [most + 1]))!.count

/** Not ended, oldest first: to be run, or run again. */
export async function unfinishedImports(tx: Tx): Promise<StoredImport[]> {
  return (
    await tx.many<Nulls<StoredImport>>(`select ${columns} from import where ended_at is null order by created_at, id`)
  ).map(importOf)
}

export const unfinishedAmong = async (tx: Tx, ids: readonly string[]): Promise<Set<string>> =>
  new Set(
    (await tx.many<{ id: string }>('select id from import where ended_at is null and id::text = any($1)', [ids])).map(
      (r) => r.id,
    ),
  )

/** Writes down how far it is, never back; answers whether somebody asked for a stop. */
export async function noteProgress(
  tx: Tx,
  id: string,
  state: ImportState,
  progress: number,
  rows?: Counts,
): Promise<boolean> {
  const row = await tx.one<{ stop: boolean }>(
    `update import set state = $2, progress = greatest(progress, $3), rows_total = coalesce($4, rows_total),
       rows_accepted = coalesce($5, rows_accepted), rows_rejected = coalesce($6, rows_rejected)
     where id = $1 returning stop_requested and applied_at is null as stop`,
    [id, state, progress, rows?.total ?? null, rows?.accepted ?? null, rows?.rejected ?? null],
  )
  return row?.stop ?? true
}

/**
 * The moment after which an import cannot be stopped: in the transaction of its changes. False where a stop came first.
 */
export const markApplied = async (tx: Tx, id: string, rows: Counts, now: number): Promise<boolean> =>
  (await tx.run(
    `update import set applied_at = $2, rows_total = $3, rows_accepted = $4, rows_rejected = $5, rows_changed = $6
     where id = $1 and not stop_requested`,
    [id, instantParam(now), rows.total, rows.accepted, rows.rejected, rows.changed],
  )) === 1

export const endImport = (tx: Tx, id: string, state: ImportState, now: number, rows?: Counts): Promise<number> =>
  tx.run(
    `update import set state = $2, ended_at = $3, progress = case when $2 = 'done' then 1 else progress end,
     rows_total = coalesce($4, rows_total), rows_accepted = coalesce($5, rows_accepted), rows_rejected = coalesce($6, rows_rejected),
     rows_changed = coalesce($7, rows_changed)
   where id = $1`,
    [
      id,
      state,
      instantParam(now),
      rows?.total ?? null,
      rows?.accepted ?? null,
      rows?.rejected ?? null,
      rows?.changed ?? null,
    ],
  )

/** Asks for a stop; one that has not begun is stopped by that. */
export const requestStop = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run(
    `update import set stop_requested = true, state = case when state = 'queued' then 'stopped' else state end,
     ended_at = case when state = 'queued' then $2::timestamptz end
   where id = $1`,
    [id, instantParam(now)],
  )

// ── What was wrong ──────────────────────────────────────────────────────────────────────────────────────────────────
export async function saveFaults(
  tx: Tx,
  id: string,
  provider: string | undefined,
  faults: readonly StoredFault[],
  rows: readonly { line: number; sealed: Buffer }[],
): Promise<void> {
  await tx.run('delete from import_error where import = $1', [id])
  await tx.run('delete from import_rejected where import = $1', [id])
  await tx.run(
    `insert into import_error (import, provider, ordinal, line, "column", code, detail_zh, detail_en)
     select $1, $2, row_number() over (), x.* from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::text[]) x`,
    [
      id,
      provider ?? null,
      faults.map((f) => f.line),
      faults.map((f) => f.column),
      faults.map((f) => f.code),
      faults.map((f) => f.words[0]),
      faults.map((f) => f.words[1]),
    ],
  )
  await tx.run(
    'insert into import_rejected (import, provider, line, cells_sealed) select $1, $2, x.* from unnest($3::int[], $4::bytea[]) x',
    [id, provider ?? null, rows.map((r) => r.line), rows.map((r) => r.sealed)],
  )
}

type FaultRow = { line: number; column: string; code: ImportError; zh: string; en: string }
const faultOf = ({ zh, en, ...fault }: FaultRow): StoredFault => ({ ...fault, words: [zh, en] })

export const readFaults = async (tx: Tx, id: string, limit: number): Promise<StoredFault[]> =>
  (
    await tx.many<FaultRow>(
      `select line, "column", code, detail_zh as zh, detail_en as en from import_error where import = $1 order by ordinal limit $2`,
      [id, limit],
    )
  ).map(faultOf)

export type RejectedRow = { line: number; sealed: Buffer | undefined; faults: StoredFault[] }

/** Lines at fault after `after`, in order, each with its row where it is one. */
export async function rejectedAfter(tx: Tx, id: string, after: number, limit: number): Promise<RejectedRow[]> {
  const rows = await tx.many<{ line: number; sealed: Buffer | null; faults: FaultRow[] }>(
    `select e.line, r.cells_sealed as sealed,
       jsonb_agg(jsonb_build_object('line', e.line, 'column', e."column", 'code', e.code, 'zh', e.detail_zh, 'en', e.detail_en)
         order by e.ordinal) as faults
     from import_error e left join import_rejected r on r.import = e.import and r.line = e.line
     where e.import = $1 and e.line > $2 group by e.line, r.cells_sealed order by e.line limit $3`,
    [id, after, limit],
  )
  return rows.map((r) => ({ line: r.line, sealed: r.sealed ?? undefined, faults: r.faults.map(faultOf) }))
}

// ── Staging ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type StagingColumns = readonly (readonly [name: string, type: string])[]
export const stagingTable = (id: string): string => `staging.i_${id.replaceAll('-', '')}`

export async function makeStaging(tx: Tx, table: string, layout: StagingColumns): Promise<void> {
  await tx.client.query(`drop table if exists ${table}`)
  await tx.client.query(
    `create unlogged table ${table} (${layout.map(([name, type]) => `${name} ${type}`).join(', ')})`,
  )
}

/** Sends rows column by column: one statement, whatever their number. */
export async function stage(
  tx: Tx,
  table: string,
  layout: StagingColumns,
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  if (rows.length === 0) return
  await tx.client.query(
    `insert into ${table} (${layout.map(([name]) => name).join(', ')})
     select * from unnest(${layout.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')})`,
    layout.map((_, i) => rows.map((row) => row[i])),
  )
}

export const analyse = (tx: Tx, table: string): Promise<unknown> => tx.client.query(`analyze ${table}`)
export const unstage = (tx: Tx, table: string, lines: readonly number[]): Promise<unknown> =>
  tx.client.query(`delete from ${table} where line = any($1)`, [lines])
export const dropStaging = (tx: Tx, table: string): Promise<unknown> => tx.client.query(`drop table if exists ${table}`)

/** Staging tables that a crash left behind. */
export const stagingTables = async (tx: Tx): Promise<string[]> =>
  (
    await tx.many<{ name: string }>(
      `select 'staging.' || tablename as name from pg_tables where schemaname = 'staging'`,
    )
  ).map((r) => r.name)
