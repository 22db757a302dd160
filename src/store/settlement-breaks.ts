// Breaks as rows: listed, looked at side by side, worked. Rows come in the order of their settlement dates, newest first.
import type { WorkedBreak } from '../domain/break-work.ts'
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import type { BreakEvent, BreakKind, BreakState, Role } from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, totalOf, type Total } from './cursor.ts'
import { instantParam, type Tx } from './db.ts'

/** What the records say, as matched; `file` is the id of the settlement file. */
export type StoredContent = {
  slip?: StoredSide
  unionpay?: StoredSide
  bank?: { netFen: number; bookedOn: string | null; reference: string | null; lines: number; file: string | null; line: number }
  expectedFen?: number
  actualFen?: number
}
export type StoredSide = {
  amountFen: number; class: string; name: string | null; mcc: string | null; feeFen?: number; at: number; batch?: string; trace?: string
  file: string | null; line: number
}
export type StoredBreak = WorkedBreak & {
  provider: string
  mid: string
  merchantName: string
  tid: string | undefined
  kind: BreakKind
  reference: string | undefined
  settledOn: string
  content: StoredContent
  dueAt: number
  foundAt: number
  run: string
  explainedAt: number | undefined
  resolvedAt: number | undefined
  resolvedBy: { id: string; fileName: string } | undefined
  wrappedKey: Buffer | undefined
}

const columns = `b.id, b.provider, b.mid, m.name as "merchantName", b.tid, b.kind, b.reference, b.settled_on as "settledOn", b.amount_fen as "amountFen",
  b.content, b.state, b.due_at as "dueAt", b.assignee, b.found_at as "foundAt", b.run, b.explained_at as "explainedAt", b.proposed_by as "proposedBy",
  b.accepted_by as "acceptedBy", b.resolved_at as "resolvedAt", b.version, m.wrapped_key as "wrappedKey",
  (select json_build_object('id', f.id, 'fileName', f.file_name) from settlement_file f where f.id = b.resolved_by) as "resolvedBy"`
const source = 'settlement_break b join merchant m on m.mid = b.mid'

type Nulls<T> = { [K in keyof T]: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] }
const breakOf = (r: Nulls<StoredBreak>): StoredBreak =>
  Object.fromEntries(Object.entries(r).map(([key, value]) => [key, value ?? undefined])) as StoredBreak

export async function readBreak(tx: Tx, id: string): Promise<StoredBreak | undefined> {
  const row = await tx.one<Nulls<StoredBreak>>(`select ${columns} from ${source} where b.id = $1`, [id])
  return row && breakOf(row)
}
export async function lockBreak(tx: Tx, id: string): Promise<StoredBreak | undefined> {
  const row = await tx.one('select id from settlement_break where id = $1 for update', [id])
  return row && readBreak(tx, id)
}

export type BreaksAsked = {
  cursor?: string | undefined
  limit: number
  kind?: BreakKind | undefined
  state?: BreakState | undefined
  merchant?: string | undefined
  terminal?: string | undefined
  provider?: string | undefined
  assignee?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

/** Conditions of a list with their values; `$` marks a value, and what was not asked for says nothing. */
function whereOf(asked: Omit<BreaksAsked, 'cursor' | 'limit'>, scope: Tx['scope'], after?: readonly unknown[]): { sql: string; values: unknown[] } {
  const said: [string, ...unknown[]][] = [
    ...(scope === '*' ? [] : [[`b.${scope.startsWith('p:') ? 'provider' : 'mid'} = $`, scope.slice(2)] as [string, unknown]]),
    ...(asked.kind === undefined ? [] : [['b.kind = $', asked.kind] as [string, unknown]]),
    ...(asked.state === undefined ? [] : [['b.state = $', asked.state] as [string, unknown]]),
    ...(asked.merchant === undefined ? [] : [['b.mid = $', asked.merchant] as [string, unknown]]),
    ...(asked.terminal === undefined ? [] : [['b.tid = $', asked.terminal] as [string, unknown]]),
    ...(asked.provider === undefined ? [] : [['b.provider = $', asked.provider] as [string, unknown]]),
    ...(asked.assignee === undefined ? [] : [['b.assignee = $', asked.assignee] as [string, unknown]]),
    ...(asked.from === undefined ? [] : [['b.settled_on >= $', asked.from] as [string, unknown]]),
    ...(asked.to === undefined ? [] : [['b.settled_on <= $', asked.to] as [string, unknown]]),
    ...(after === undefined ? [] : [['(b.settled_on, b.id) < ($, $)', ...after] as [string, ...unknown[]]]),
  ]
  return { sql: said.length === 0 ? 'true' : said.map(([sql]) => sql).join(' and '), values: said.flatMap(([, ...values]) => values) }
}
const numbered = (sql: string): string => {
  let n = 0
  return sql.replaceAll('$', () => `$${++n}`)
}

export type BreakPage = { items: StoredBreak[]; next: string | undefined; total: Total }

export async function listBreaks(tx: Tx, { cursor, limit, ...asked }: BreaksAsked): Promise<BreakPage | Refusal> {
  const list = listOf('breaks', asked)
  const place = placeOf(list, cursor, ['string', 'string'])
  if (isRefusal(place)) return place
  const where = whereOf(asked, tx.scope, place?.key)
  const rows = (await tx.many<Nulls<StoredBreak>>(
    numbered(`select ${columns} from ${source} where ${where.sql} order by b.settled_on desc, b.id desc limit $`), [...where.values, limit + 1],
  )).map(breakOf)
  const total = place?.total ?? (await countBreaks(tx, asked))
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit), next: last && cursorAt(list, { key: [last.settledOn, last.id], total }), total }
}

async function countBreaks(tx: Tx, asked: Omit<BreaksAsked, 'cursor' | 'limit'>): Promise<Total> {
  const where = whereOf(asked, tx.scope)
  const row = await tx.one<{ count: number }>(
    numbered(`select count(*) as count from (select from settlement_break b where ${where.sql} limit $) x`), [...where.values, list_total_exact_max + 1],
  )
  return totalOf(row!.count, () => row!.count)
}

export type StoredEvent = { event: BreakEvent; at: number; by: string; role: Role; words: Buffer | null; run: string | null; file: { id: string; fileName: string } | null }
export const eventsOf = (tx: Tx, id: string): Promise<StoredEvent[]> =>
  tx.many<StoredEvent>(
    `select event, at, by, role, words_sealed as words, run,
       (select json_build_object('id', f.id, 'fileName', f.file_name) from settlement_file f where f.id = e.file) as file
     from settlement_break_event e where break = $1 order by ordinal`,
    [id],
  )

/** Names of files, by their ids. */
export const fileNames = async (tx: Tx, ids: readonly string[]): Promise<Map<string, string>> =>
  new Map((await tx.many<{ id: string; name: string }>('select id, file_name as name from settlement_file where id::text = any($1)', [ids])).map((f) => [f.id, f.name]))

export type NewEvent = { event: BreakEvent; by: string; role: Role; words: Buffer | undefined }

/** Stores a break as it is after a command, and what was done. */
export async function writeBreak(tx: Tx, before: StoredBreak, after: StoredBreak, event: NewEvent, now: number): Promise<void> {
  const at = instantParam(now)
  await tx.run(
    `update settlement_break set state = $2, assignee = $3, version = $4, proposed_by = $5,
       proposed_at = case when $5::text is null then null when proposed_by is null then $6 else proposed_at end,
       accepted_by = $7, accepted_at = case when $7::text is null then null else coalesce(accepted_at, $6) end,
       explained_at = case when $8 then $6 else explained_at end
     where id = $1`,
    [before.id, after.state, after.assignee ?? null, after.version, after.proposedBy ?? null, at, after.acceptedBy ?? null, event.event === 'explained'],
  )
  await tx.run(
    `insert into settlement_break_event (break, ordinal, provider, mid, event, at, by, role, words_sealed)
     select $1, coalesce(max(ordinal), 0) + 1, $2, $3, $4, $5, $6, $7, $8 from settlement_break_event where break = $1`,
    [before.id, before.provider, before.mid, event.event, at, event.by, event.role, event.words ?? null],
  )
}

/** Terminals whose clearance a break is part of. */
export const terminalsOfBreak = async (tx: Tx, b: Pick<StoredBreak, 'tid' | 'mid' | 'provider'>): Promise<string[]> =>
  (await tx.many<{ tid: string }>(
    `select tid from terminal where ($1::text is not null and tid = $1) or ($1::text is null and mid = $2 and provider = $3 and closed_at is null) order by tid`,
    [b.tid ?? null, b.mid, b.provider],
  )).map((r) => r.tid)

export type Overdue = { mid: string; merchant: string; due_at: number; count: number; fen: number }
/** Open breaks of a provider whose day has passed, by merchant and day. */
export const overdueBreaks = (tx: Tx, provider: string, now: number, zone: string): Promise<Overdue[]> =>
  tx.many<Overdue>(
    `select b.mid, m.name as merchant, max(b.due_at) as due_at, count(*)::int as count, sum(b.amount_fen)::float8 as fen
     from settlement_break b join merchant m using (mid)
     where b.provider = $1 and b.state in ('open', 'proposed') and b.due_at <= $2 group by b.mid, m.name, (b.due_at at time zone $3)::date order by 3, 1`,
    [provider, instantParam(now), zone],
  )
