// Tickets and evidence as rows. A ticket is read with its lines, whose words stay sealed; lines and evidence are only ever
// added. Whoever changes a ticket holds its terminal's row, so tickets need no lock of their own.
import type { Part, Ticket, TicketEntry, TicketFact } from '../domain/ticket.ts'
import type { MaterialType, Reason, TicketKind, TicketState } from '../domain/vocabulary.ts'
import { instantParam, type Scope, type Tx } from './db.ts'

/** `words` are sealed bytes on this side of the vault. */
export type StoredEntry = Omit<TicketEntry, 'words'> & { wordsSealed: Buffer | undefined }
export type StoredTicket = { ticket: Ticket; provider: string; mid: string; sealed: readonly StoredEntry[] }

type TicketRow = {
  no: string; kind: TicketKind; state: TicketState; tid: string; provider: string; mid: string; serial: string | null; reason: Reason; hold: string | null
  opened_at: number; opened_by: string; opened_role: Ticket['openedRole']; closed_at: number | null; responsibility: Ticket['responsibility'] | null
  due_at: number | null; failed_tests: number; version: number
}
type EntryRow = {
  ticket: string; act: TicketEntry['act']; at: number; by: string; role: TicketEntry['role']; words_sealed: Buffer | null; minutes: number | null; parts: Part[] | null
  cost_fen: number | null; payer: TicketEntry['payer'] | null; case_no: string | null; due_at: number | null
}
const maybe = <T>(value: T | null): T | undefined => value ?? undefined

const entryFrom = (r: EntryRow): StoredEntry => ({
  act: r.act, at: r.at, by: r.by, role: r.role, wordsSealed: maybe(r.words_sealed), minutes: maybe(r.minutes), parts: maybe(r.parts), costFen: maybe(r.cost_fen),
  payer: maybe(r.payer) as TicketEntry['payer'], caseNo: maybe(r.case_no), dueAt: maybe(r.due_at),
})
function ticketFrom(r: TicketRow, entries: readonly StoredEntry[]): StoredTicket {
  return {
    provider: r.provider, mid: r.mid, sealed: entries,
    ticket: {
      no: r.no, kind: r.kind, state: r.state, terminal: r.tid, serial: maybe(r.serial), reason: r.reason, hold: maybe(r.hold), openedAt: r.opened_at, openedBy: r.opened_by,
      openedRole: r.opened_role, closedAt: maybe(r.closed_at), responsibility: maybe(r.responsibility) as Ticket['responsibility'], dueAt: maybe(r.due_at),
      failedTests: r.failed_tests, version: r.version, entries: entries.map(({ wordsSealed: _, ...e }) => e),
    },
  }
}

async function withEntries(tx: Tx, rows: readonly TicketRow[]): Promise<StoredTicket[]> {
  if (rows.length === 0) return []
  const entries = await tx.many<EntryRow>('select * from ticket_entry where ticket = any($1) order by ticket, ordinal', [rows.map((r) => r.no)])
  const of = Map.groupBy(entries, (e) => e.ticket)
  return rows.map((r) => ticketFrom(r, (of.get(r.no) ?? []).map(entryFrom)))
}

export const readTicket = async (tx: Tx, no: string): Promise<StoredTicket | undefined> =>
  (await withEntries(tx, await tx.many<TicketRow>('select * from ticket where no = $1', [no])))[0]
export const ticketsOf = async (tx: Tx, tid: string, count_max: number): Promise<StoredTicket[]> =>
  withEntries(tx, await tx.many<TicketRow>('select * from ticket where tid = $1 order by opened_at desc, no desc limit $2', [tid, count_max]))
export const openTicketsOf = async (tx: Tx, tids: readonly string[]): Promise<StoredTicket[]> =>
  withEntries(tx, await tx.many<TicketRow>('select * from ticket where tid = any($1) and closed_at is null order by opened_at, no', [tids]))

export type TicketsAsked = { kind?: TicketKind | undefined; state?: TicketState | undefined; open?: boolean | undefined; before?: { at: number; no: string } | undefined; limit: number }
const listSql = (scope: Scope): string => `from ticket where ${scope === '*' ? `$1 = ''` : `${scope.startsWith('p:') ? 'provider' : 'mid'} = $1`}
  and ($2::text is null or kind = $2) and ($3::text is null or state = $3) and (not $4 or closed_at is null)`
const listed = (tx: Tx, { kind, state, open }: Omit<TicketsAsked, 'limit'>): unknown[] => [tx.scope === '*' ? '' : tx.scope.slice(2), kind ?? null, state ?? null, open ?? false]

/** Newest first. */
export const listTickets = async (tx: Tx, asked: TicketsAsked): Promise<StoredTicket[]> => withEntries(tx, await tx.many<TicketRow>(
  `select * ${listSql(tx.scope)} and ($5::timestamptz is null or (opened_at, no) < ($5, $6)) order by opened_at desc, no desc limit $7`,
  [...listed(tx, asked), instantParam(asked.before?.at), asked.before?.no ?? '', asked.limit],
))
export const countTickets = async (tx: Tx, asked: Omit<TicketsAsked, 'limit'>, count_max: number): Promise<number> =>
  (await tx.one<{ n: number }>(`select count(*)::int as n from (select ${listSql(tx.scope)} limit $5) x`, [...listed(tx, asked), count_max]))!.n

// ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type Party = { provider: string; mid: string }
type SealWords = (words: string) => Buffer | undefined

const addEntry = (tx: Tx, no: string, { provider, mid }: Party, e: TicketEntry, seal: SealWords): Promise<number> => tx.run(
  `insert into ticket_entry (ticket, ordinal, provider, mid, act, at, by, role, words_sealed, minutes, parts, cost_fen, payer, case_no, due_at)
   select $1, coalesce(max(ordinal), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 from ticket_entry where ticket = $1`,
  [no, provider, mid, e.act, instantParam(e.at), e.by, e.role, e.words ? seal(e.words) ?? null : null, e.minutes ?? null, e.parts ? JSON.stringify(e.parts) : null,
    e.costFen ?? null, e.payer ?? null, e.caseNo ?? null, instantParam(e.dueAt)],
)

/** A new ticket with its first line. */
export async function insertTicket(tx: Tx, ticket: Ticket, party: Party, seal: SealWords): Promise<void> {
  await tx.run(
    `insert into ticket (no, kind, state, tid, provider, mid, serial, reason, hold, opened_at, opened_by, opened_role)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [ticket.no, ticket.kind, ticket.state, ticket.terminal, party.provider, party.mid, ticket.serial ?? null, ticket.reason, ticket.hold ?? null,
      instantParam(ticket.openedAt), ticket.openedBy, ticket.openedRole],
  )
  for (const entry of ticket.entries) await addEntry(tx, ticket.no, party, entry, seal)
}

/** The ticket as it is after the facts, and a line for each of them. */
export async function saveTicket(tx: Tx, ticket: Ticket, party: Party, facts: readonly Extract<TicketFact, { fact: 'ticket_moved' }>[], seal: SealWords): Promise<void> {
  for (const fact of facts) await addEntry(tx, ticket.no, party, fact.entry, seal)
  await tx.run(
    `update ticket set state = $2, hold = $3, closed_at = $4, responsibility = $5, due_at = $6, failed_tests = $7, version = $8 where no = $1`,
    [ticket.no, ticket.state, ticket.hold ?? null, instantParam(ticket.closedAt), ticket.responsibility ?? null, instantParam(ticket.dueAt), ticket.failedTests, ticket.version],
  )
}

/** Faults of one device opened since then, this one included. */
export const faultsOfDevice = async (tx: Tx, serial: string, since: number): Promise<number> =>
  (await tx.one<{ n: number }>(
    `select count(*)::int as n from ticket where serial = $1 and kind = 'fault' and opened_at >= $2 and state <> 'dismissed'`, [serial, instantParam(since)],
  ))!.n

/** Holds in effect that should have a ticket and have none: placed before there were tickets, or by many at once. */
export const holdsWithoutTicket = (tx: Tx, provider: string, count_max: number): Promise<{ tid: string; hold: string }[]> => tx.many(
  `select h.tid, h.id as hold from hold h where h.provider = $1 and h.owner in ('service_desk', 'risk') and h.lifted_at is null and h.withdrawn_at is null
     and h.cleared_at is null and (h.reason ~ '^[DS]' or (h.reason ~ '^R' and h.reason <> 'R10')) and not exists (select from ticket t where t.hold = h.id) limit $2`,
  [provider, count_max],
)

// ── Evidence ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type Evidence = {
  id: string; tid: string; provider: string; mid: string; ticket: string | undefined; duty: string | undefined; type: MaterialType; sha256: string; mediaType: string
  sizeBytes: number; nameSealed: Buffer; addedAt: number; addedBy: string
}
type EvidenceRow = {
  id: string; tid: string; provider: string; mid: string; ticket: string | null; duty: string | null; type: MaterialType; sha256: string; media_type: string; size_bytes: number
  name_sealed: Buffer; added_at: number; added_by: string
}
const evidenceFrom = (r: EvidenceRow): Evidence => ({
  id: r.id, tid: r.tid, provider: r.provider, mid: r.mid, ticket: maybe(r.ticket), duty: maybe(r.duty), type: r.type, sha256: r.sha256, mediaType: r.media_type,
  sizeBytes: r.size_bytes, nameSealed: r.name_sealed, addedAt: r.added_at, addedBy: r.added_by,
})

export const insertEvidence = (tx: Tx, e: Evidence): Promise<number> => tx.run(
  `insert into evidence (id, tid, provider, mid, ticket, duty, type, sha256, media_type, size_bytes, name_sealed, added_at, added_by)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
  [e.id, e.tid, e.provider, e.mid, e.ticket ?? null, e.duty ?? null, e.type, e.sha256, e.mediaType, e.sizeBytes, e.nameSealed, instantParam(e.addedAt), e.addedBy],
)
export const evidenceOf = async (tx: Tx, { tickets = [], duties = [] }: { tickets?: readonly string[]; duties?: readonly string[] }): Promise<Evidence[]> =>
  (await tx.many<EvidenceRow>('select * from evidence where ticket = any($1) or duty = any($2) order by added_at, id', [tickets, duties])).map(evidenceFrom)
export const readEvidence = async (tx: Tx, id: string): Promise<(Evidence & { wrappedKey: Buffer | undefined }) | undefined> => {
  const row = await tx.one<EvidenceRow & { key: Buffer | null }>('select e.*, m.wrapped_key as key from evidence e join merchant m on m.mid = e.mid where e.id = $1', [id])
  return row && { ...evidenceFrom(row), wrappedKey: row.key ?? undefined }
}
export const evidenceAmong = async (tx: Tx, ids: readonly string[]): Promise<Set<string>> =>
  new Set((await tx.many<{ id: string }>('select id from evidence where id::text = any($1)', [ids])).map((r) => r.id))
