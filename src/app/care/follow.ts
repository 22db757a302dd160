// What happens to a terminal happens to the tickets on it, in the same transaction: a hold for a fault or a breach opens one,
// its being given free, a test, its end move it on. Holds placed by many at once get theirs the next morning.
import type { Actor } from '../../domain/authority.ts'
import { dateOf } from '../../domain/calendar.ts'
import { letterNumber } from '../../domain/number.ts'
import type { TerminalFact } from '../../domain/terminal.ts'
import { evolveTicket, followed, isTicketOpen, openTicket, ticketKindOf, type Ticket, type TicketFact } from '../../domain/ticket.ts'
import type { Reason } from '../../domain/vocabulary.ts'
import type { Tx } from '../../store/db.ts'
import type { StoredTerminal } from '../../store/dossier.ts'
import { insertTicket, openTicketsOf, saveTicket, type StoredTicket } from '../../store/care-tickets.ts'
import type { App } from '../app.ts'

type Moved = Extract<TicketFact, { fact: 'ticket_moved' }>
const letterOfKind = { fault: 'G', violation: 'W' } as const
/** Words of a ticket that follows by itself are the hold's, sealed beside it. */
const noWords = (): undefined => undefined

export async function nextTicketNo(app: App, provider: string, reason: Reason, now: number): Promise<string> {
  const date = dateOf(now, app.zone)
  const serial = await app.nextSerial(provider, 'ticket', date)
  // The day stands in front of the serial, so that numbers of one year do not meet: 1127 and 00042.
  return letterNumber(app.provider(provider).prefix, letterOfKind[ticketKindOf(reason)!], Number(date.slice(0, 4)), Number(`${date.slice(5, 7)}${date.slice(8)}${String(serial).padStart(5, '0')}`))
}

const concernsTickets = (fact: TerminalFact): boolean => {
  switch (fact.fact) {
    case 'hold_placed': return ticketKindOf(fact.hold.reason) !== undefined
    case 'hold_cleared': case 'hold_lifted': case 'hold_withdrawn': case 'tested': case 'closed': return true
    default: return false
  }
}

/** `terminals` as they are after the facts; `appeal` names the case whose granted appeal gave a hold free. */
export async function followTickets(
  app: App, tx: Tx, { actor, now, facts, terminals, appeal }: { actor: Actor; now: number; facts: readonly TerminalFact[]; terminals: readonly StoredTerminal[]; appeal?: string | undefined },
): Promise<void> {
  const about = terminals.filter((t) => t.holds.some((h) => ticketKindOf(h.reason) !== undefined) && facts.some((f) => f.terminal === t.id && concernsTickets(f)))
  if (about.length === 0) return
  const known = Map.groupBy(await openTicketsOf(tx, about.map((t) => t.tid)), (t) => t.ticket.terminal)
  for (const terminal of about) {
    const party = { provider: terminal.provider, mid: terminal.mid }
    const open: { ticket: Ticket; moved: Moved[] }[] = (known.get(terminal.tid) ?? []).map(({ ticket }: StoredTicket) => ({ ticket, moved: [] }))
    for (const fact of facts.filter((f) => f.terminal === terminal.id)) {
      if (fact.fact === 'hold_placed' && ticketKindOf(fact.hold.reason) !== undefined) {
        const same = open.find((t) => isTicketOpen(t.ticket) && (t.ticket.hold === fact.hold.id || t.ticket.reason === fact.hold.reason))
        if (same) { if (same.ticket.hold !== fact.hold.id) attach(same, fact.hold.id, actor, now) }
        else {
          const no = await nextTicketNo(app, terminal.provider, fact.hold.reason, now)
          const ticket = openTicket({ no, terminal: terminal.tid, serial: terminal.serial, reason: fact.hold.reason, hold: fact.hold.id }, { actor, now })
          await insertTicket(tx, ticket, party, noWords)
          open.push({ ticket, moved: [] })
        }
      }
      for (const t of open) {
        const next = followed(t.ticket, fact, { actor, now, appeal })
        if (next?.fact === 'ticket_moved') { t.moved.push(next); t.ticket = evolveTicket(t.ticket, next) }
      }
    }
    for (const { ticket, moved } of open) if (moved.length > 0) await saveTicket(tx, ticket, party, moved, noWords)
  }
}

/** The fault is there again, or now stops the terminal: the same ticket stands behind the new hold. */
function attach(open: { ticket: Ticket; moved: Moved[] }, hold: string, actor: Actor, now: number): void {
  const state = open.ticket.state === 'testing' ? 'diagnosed' : open.ticket.state
  const fact: Moved = { fact: 'ticket_moved', terminal: open.ticket.terminal, no: open.ticket.no, state, hold, entry: { act: 'note', at: now, by: actor.person, role: actor.role } }
  open.moved.push(fact)
  open.ticket = evolveTicket(open.ticket, fact)
}
