// Reading what is looked after: one ticket, lists of tickets and duties, and everything about one terminal – under the row
// level security of whoever asks.
import type { Actor } from '../../domain/authority.ts'
import { isRefusal, type Refusal } from '../../domain/refusals.ts'
import type { DeviceType } from '../../domain/vocabulary.ts'
import { list_total_exact_max } from '../../limits.ts'
import { countDuties, dutiesOf, listDuties, readDuty, type DutiesAsked } from '../../store/care-duties.ts'
import { countTickets, listTickets, readTicket, ticketsOf, type TicketsAsked } from '../../store/care-tickets.ts'
import { cursorAt, listOf, placeOf, totalOf, type Total } from '../../store/cursor.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { scopeOf } from '../execute.ts'
import { dutySeen, lookingAt, ticketSeen, type DutySeen, type Looking, type TicketSeen } from './seen-by.ts'

export type CareSeen = { tid: string; provider: string; deviceType: DeviceType | undefined; model: string | undefined; tickets: TicketSeen[]; duties: DutySeen[] }
export type PageOf<T> = { items: T[]; next: string | null; total: Total }
const shown_max = 100

const reading = <T>(app: App, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> => app.db.transaction(scopeOf(actor), work, { readOnly: true })

/** What a page of rows needs beside them, a terminal at a time and each once. */
function lookers(app: App, tx: Tx, actor: Actor): (tid: string) => Promise<Looking> {
  const known = new Map<string, Looking>()
  return async (tid) => {
    let found = known.get(tid)
    if (found === undefined) known.set(tid, found = await lookingAt(app, tx, actor, tid))
    return found
  }
}

export const oneTicket = (app: App, actor: Actor, no: string): Promise<TicketSeen | undefined> => reading(app, actor, async (tx) => {
  const stored = await readTicket(tx, no)
  return stored && ticketSeen(tx, stored, await lookingAt(app, tx, actor, stored.ticket.terminal))
})
export const oneDuty = (app: App, actor: Actor, id: string): Promise<DutySeen | undefined> => reading(app, actor, async (tx) => {
  const stored = await readDuty(tx, id)
  return stored && dutySeen(tx, stored, await lookingAt(app, tx, actor, stored.duty.terminal))
})

export const careOf = (app: App, actor: Actor, tid: string): Promise<CareSeen | undefined> => reading(app, actor, async (tx) => {
  const row = await tx.one<{ provider: string; type: DeviceType | null; model: string | null }>(
    'select t.provider, d.type, d.model from terminal t left join device d on d.serial = t.serial where t.tid = $1', [tid],
  )
  if (row === undefined) return undefined
  const looking = await lookingAt(app, tx, actor, tid)
  const [tickets, duties]: [TicketSeen[], DutySeen[]] = [[], []]
  for (const t of await ticketsOf(tx, tid, shown_max)) tickets.push(await ticketSeen(tx, t, looking))
  for (const d of await dutiesOf(tx, tid, shown_max)) duties.push(await dutySeen(tx, d, looking))
  return { tid, provider: row.provider, deviceType: row.type ?? undefined, model: row.model ?? undefined, tickets, duties }
})

type Paged = { cursor?: string | undefined; limit: number }
/** Newest first. */
export const pageOfTickets = (app: App, actor: Actor, { cursor, limit, ...filters }: Paged & Pick<TicketsAsked, 'kind' | 'state' | 'open'>): Promise<PageOf<TicketSeen> | Refusal> =>
  reading(app, actor, async (tx) => {
    const list = listOf('tickets', filters)
    const place = placeOf(list, cursor, ['number', 'string'])
    if (isRefusal(place)) return place
    const [at, no] = (place?.key ?? []) as [number, string]
    const rows = await listTickets(tx, { ...filters, before: place && { at, no }, limit: limit + 1 })
    const total = place?.total ?? await totalOf(await countTickets(tx, filters, list_total_exact_max + 1), () => list_total_exact_max)
    const [looker, items]: [ReturnType<typeof lookers>, TicketSeen[]] = [lookers(app, tx, actor), []]
    for (const row of rows.slice(0, limit)) items.push(await ticketSeen(tx, row, await looker(row.ticket.terminal)))
    const last = rows[limit - 1]?.ticket
    return { items, total, next: rows.length > limit && last ? cursorAt(list, { key: [last.openedAt, last.no], total }) : null }
  })

/** What is open, the first due first. */
export const pageOfDuties = (app: App, actor: Actor, { cursor, limit, ...filters }: Paged & Pick<DutiesAsked, 'kind'>): Promise<PageOf<DutySeen> | Refusal> =>
  reading(app, actor, async (tx) => {
    const list = listOf('duties', filters)
    const place = placeOf(list, cursor, ['number', 'string'])
    if (isRefusal(place)) return place
    const [at, id] = (place?.key ?? []) as [number, string]
    const rows = await listDuties(tx, { ...filters, after: place && { at, id }, limit: limit + 1 })
    const total = place?.total ?? await totalOf(await countDuties(tx, filters, list_total_exact_max + 1), () => list_total_exact_max)
    const [looker, items]: [ReturnType<typeof lookers>, DutySeen[]] = [lookers(app, tx, actor), []]
    for (const row of rows.slice(0, limit)) items.push(await dutySeen(tx, row, await looker(row.duty.terminal)))
    const last = rows[limit - 1]?.duty
    return { items, total, next: rows.length > limit && last ? cursorAt(list, { key: [last.dueAt, last.id], total }) : null }
  })
