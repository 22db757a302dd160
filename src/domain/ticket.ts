// A ticket is the work behind one hold of the provider's. A fault: diagnose, then repair, reinstall or swap, then test – and
// a passed test is its only way out. A violation: what must be put right and by when, what was handed in, how it was judged,
// who was responsible – and its hold ends by an accepted rectification or a granted appeal. Every line of what was done stays;
// the machines are in lifecycle.ts. What a line says in words is sealed by whoever stores it.
import { mayNot, type Actor, type Right } from './authority.ts'
import { faultMachine, violationMachine, type FaultCommand, type ViolationCommand } from './lifecycle.ts'
import type { Fen } from './money.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import { clearHold, isOver, type Terminal, type TerminalFact } from './terminal.ts'
import {
  initiatorOf, ticketActs, ticketStates, type Payer, type Reason, type Responsibility, type Role, type TicketAct, type TicketKind, type TicketState,
} from './vocabulary.ts'

export type Part = { name: string; count: number }
/** One line of what was done. */
export type TicketEntry = {
  act: TicketAct; at: number; by: string; role: Role
  words?: string | undefined
  minutes?: number | undefined
  parts?: readonly Part[] | undefined
  costFen?: Fen | undefined
  payer?: Payer | undefined
  /** The replacement case of a swap, the case of an appeal. */
  caseNo?: string | undefined
  /** By when a rectification is demanded. */
  dueAt?: number | undefined
}

export type Ticket = {
  no: string
  kind: TicketKind
  state: TicketState
  terminal: string
  /** The device it was on when the ticket was opened. */
  serial: string | undefined
  reason: Reason
  hold: string | undefined
  openedAt: number
  openedBy: string
  openedRole: Role
  closedAt: number | undefined
  responsibility: Responsibility | undefined
  dueAt: number | undefined
  failedTests: number
  entries: readonly TicketEntry[]
  version: number
}

export type TicketFact =
  | { fact: 'ticket_opened'; terminal: string; ticket: Ticket }
  | { fact: 'ticket_moved'; terminal: string; no: string; state: TicketState; entry: TicketEntry; hold?: string; responsibility?: Responsibility; dueAt?: number }

/** Which ticket stands behind a hold for this reason, if any: the regulator's own order is not for us to judge. */
export function ticketKindOf(reason: Reason): TicketKind | undefined {
  const initiator = initiatorOf(reason)
  return initiator === 'device' ? 'fault' : initiator === 'security' || (initiator === 'risk' && reason !== 'R10') ? 'violation' : undefined
}
const endStates: readonly TicketState[] = ['closed', 'dismissed']
export const isTicketOpen = (ticket: Pick<Ticket, 'state'>): boolean => !endStates.includes(ticket.state)

export function openTicket(
  about: Pick<Ticket, 'no' | 'terminal' | 'serial' | 'reason' | 'hold'>, { actor, now, words }: { actor: Actor; now: number; words?: string | undefined },
): Ticket {
  const kind = ticketKindOf(about.reason)!
  return {
    ...about, kind, state: kind === 'fault' ? 'reported' : 'opened', openedAt: now, openedBy: actor.person, openedRole: actor.role, closedAt: undefined,
    responsibility: undefined, dueAt: undefined, failedTests: 0, version: 1, entries: [{ act: 'opened', at: now, by: actor.person, role: actor.role, words }],
  }
}

export function evolveTicket(ticket: Ticket, fact: Extract<TicketFact, { fact: 'ticket_moved' }>): Ticket {
  return {
    ...ticket, state: fact.state, entries: [...ticket.entries, fact.entry], version: ticket.version + 1, hold: fact.hold ?? ticket.hold,
    responsibility: fact.responsibility ?? ticket.responsibility, dueAt: fact.dueAt ?? ticket.dueAt,
    failedTests: ticket.failedTests + (fact.entry.act === 'fail' ? 1 : 0),
    closedAt: endStates.includes(fact.state) ? fact.entry.at : undefined,
  }
}

// ── Commands ────────────────────────────────────────────────────────────────────────────────────────────────────────
type Work = { words: string; minutes?: number | undefined; parts?: readonly Part[] | undefined; costFen?: Fen | undefined; payer?: Payer | undefined }
export type TicketCommand =
  | { command: 'diagnose'; words: string; minutes?: number | undefined; stop?: boolean | undefined }
  | ({ command: 'repair' | 'reinstall' } & Work)
  | ({ command: 'swap'; caseNo: string } & Work)
  | { command: 'ready'; words?: string | undefined }
  | { command: 'dismiss'; words: string }
  | { command: 'demand'; words: string; dueAt?: number | undefined }
  | { command: 'hand-in'; words: string }
  | { command: 'judge'; accepted: boolean; words: string; responsibility?: Responsibility | undefined }
  | { command: 'note'; words: string }
export type TicketCommandName = TicketCommand['command']

export const rightOf: Readonly<Record<TicketCommandName, Right>> = {
  diagnose: 'repair-device', repair: 'repair-device', reinstall: 'repair-device', swap: 'repair-device', ready: 'repair-device', dismiss: 'repair-device',
  demand: 'demand-rectification', judge: 'demand-rectification', 'hand-in': 'hand-in-rectification', note: 'add-evidence',
}

export type TicketSetting = {
  now: number
  actor: Actor
  terminal: Terminal
  /** By when a rectification is due where nobody names a day. */
  rectifyBy: number | undefined
  /** Whether a replacement case of this terminal has that number. */
  isReplacement(no: string): boolean
}
export type TicketDecision = { facts: readonly TicketFact[]; terminalFacts: readonly TerminalFact[]; /** The fault is to stop the terminal first. */ stop?: boolean }

const notNow = (ticket: Ticket, act: TicketAct): Refusal => refuse('ticket_not_in_this_state', { state: ticketStates[ticket.state], command: ticketActs[act] })
const legal = (ticket: Ticket, act: FaultCommand | ViolationCommand): boolean => {
  const machine: Readonly<Record<string, readonly TicketState[]>> = ticket.kind === 'fault' ? faultMachine : violationMachine
  return machine[act]?.includes(ticket.state) ?? false
}
/** The state an act leads to. */
const leadsTo: Readonly<Record<FaultCommand | ViolationCommand, TicketState>> = {
  diagnose: 'diagnosed', repair: 'working', reinstall: 'working', swap: 'working', ready: 'testing', pass: 'closed', fail: 'diagnosed', dismiss: 'dismissed',
  demand: 'demanded', 'hand-in': 'handed_in', accept: 'accepted', refuse: 'demanded', appeal: 'accepted', end: 'closed',
}

const holdIn = (ticket: Ticket, { terminal }: TicketSetting) => terminal.holds.find((h) => h.id === ticket.hold && !isOver(h))

/** What a person's command brings about. `judge` is accept or refuse; what ends a ticket by itself is in `followed`. */
export function decideTicket(ticket: Ticket, command: TicketCommand, setting: TicketSetting): TicketDecision | Refusal {
  const { now: at, actor } = setting
  const right = mayNot(actor, rightOf[command.command])
  if (right) return right
  const act = command.command === 'judge' ? (command.accepted ? 'accept' : 'refuse') : command.command
  if (act === 'note' ? !isTicketOpen(ticket) : !legal(ticket, act)) return notNow(ticket, act)
  if (command.command !== 'ready' && !command.words.trim()) return refuseField('/words', 'words_required')
  const { command: _, ...said } = command
  const moved = (state: TicketState, more: Partial<TicketEntry> = {}, of: Pick<Extract<TicketFact, { fact: 'ticket_moved' }>, 'responsibility' | 'dueAt'> = {}): TicketFact => ({
    fact: 'ticket_moved', terminal: ticket.terminal, no: ticket.no, state, entry: { act, at, by: actor.person, role: actor.role, words: said.words, ...more }, ...of,
  })
  if (act === 'note') return { facts: [moved(ticket.state)], terminalFacts: [] }
  const state = leadsTo[act]
  switch (command.command) {
    case 'diagnose': return { facts: [moved(state, { minutes: command.minutes })], terminalFacts: [], stop: command.stop === true && ticket.hold === undefined }
    case 'swap': {
      if (!setting.isReplacement(command.caseNo)) return refuseField('/application', 'device_replaced_unknown')
      return { facts: [moved(state, workOf(command))], terminalFacts: [] }
    }
    case 'repair':
    case 'reinstall': return command.costFen !== undefined && command.costFen > 0 && command.payer === undefined ? refuseField('/payer', 'words_required')
      : { facts: [moved(state, workOf(command))], terminalFacts: [] }
    case 'ready': return given(ticket, moved(state), setting)
    case 'dismiss': return holdIn(ticket, setting) ? refuse('test_needed') : { facts: [moved(state)], terminalFacts: [] }
    case 'demand': {
      const dueAt = command.dueAt ?? setting.rectifyBy
      if (dueAt !== undefined && dueAt <= at) return refuseField('/dueBy', 'effect_in_past', { at: new Date(dueAt).toISOString() })
      return { facts: [moved(state, { dueAt }, dueAt === undefined ? {} : { dueAt })], terminalFacts: [] }
    }
    case 'judge': {
      // What was not accepted is demanded once more, with a time of its own.
      const again = command.accepted || setting.rectifyBy === undefined ? {} : { dueAt: setting.rectifyBy }
      const judged = moved(state, again, { ...again, ...(command.responsibility === undefined ? {} : { responsibility: command.responsibility }) })
      return command.accepted ? given(ticket, judged, setting) : { facts: [judged], terminalFacts: [] }
    }
    default: return { facts: [moved(state)], terminalFacts: [] }
  }
}

const workOf = (w: Work & { caseNo?: string }): Partial<TicketEntry> => ({ minutes: w.minutes, parts: w.parts, costFen: w.costFen, payer: w.payer, caseNo: w.caseNo })

/** The ticket gives its hold free; where it has none in effect, the ticket alone moves. */
function given(ticket: Ticket, moved: TicketFact, setting: TicketSetting): TicketDecision | Refusal {
  const hold = holdIn(ticket, setting)
  if (hold === undefined || hold.clearedAt !== undefined) return ticket.kind === 'fault' && hold === undefined ? notNow(ticket, 'ready') : { facts: [moved], terminalFacts: [] }
  const cleared = clearHold(setting.terminal, hold.id, setting.actor.person, setting.now)
  return 'refused' in cleared ? cleared : { facts: [moved], terminalFacts: cleared }
}

/**
 * Whether a hold with this ticket may be given free by its desk without more: a fault goes to its test; a breach counts as
 * put right on the spot, unless something was formally demanded, or must be.
 */
export function mayGiveFree(ticket: Pick<Ticket, 'no' | 'kind' | 'state' | 'reason'> | undefined, demandFirst: readonly Reason[]): Refusal | undefined {
  if (ticket?.kind !== 'violation' || ticket.state === 'accepted') return undefined
  if (ticket.state === 'opened') return demandFirst.includes(ticket.reason) ? refuse('demand_first', { reason: ticket.reason, no: ticket.no }) : undefined
  return refuse('rectification_open', { no: ticket.no })
}

// ── What follows from the terminal's own facts ──────────────────────────────────────────────────────────────────────
/** What a terminal's fact does to a ticket on it; nothing where it is not about this one. */
export function followed(ticket: Ticket, fact: TerminalFact, { actor, now, appeal }: { actor: Actor; now: number; appeal?: string | undefined }): TicketFact | undefined {
  if (!isTicketOpen(ticket)) return undefined
  const moved = (act: FaultCommand | ViolationCommand, more: Partial<TicketEntry> = {}): TicketFact | undefined => !legal(ticket, act) ? undefined : {
    fact: 'ticket_moved', terminal: ticket.terminal, no: ticket.no, state: leadsTo[act], entry: { act, at: now, by: actor.person, role: actor.role, ...more },
  }
  const isOwn = 'hold' in fact && fact.hold === ticket.hold
  switch (fact.fact) {
    case 'hold_cleared': return !isOwn ? undefined : ticket.kind === 'fault' ? moved('ready') : appeal === undefined ? moved('accept') : moved('appeal', { caseNo: appeal })
    case 'hold_lifted': return isOwn && ticket.kind === 'violation' ? moved('end') : undefined
    case 'hold_withdrawn': return isOwn ? moved('dismiss') : undefined
    case 'tested': return ticket.kind !== 'fault' || ticket.hold === undefined ? undefined : fact.passed ? moved('pass') : moved('fail')
    case 'closed': return isTicketOpen(ticket) ? { ...endOf(ticket, now, actor) } : undefined
    default: return undefined
  }
}
/** The terminal is closed for good: whatever was open on it is over. */
const endOf = (ticket: Ticket, at: number, actor: Actor): TicketFact => ({
  fact: 'ticket_moved', terminal: ticket.terminal, no: ticket.no, state: 'dismissed', entry: { act: 'dismiss', at, by: actor.person, role: actor.role },
})
