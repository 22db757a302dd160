// What is read of tickets and duties for people: with the names behind them, the evidence handed in, and what the reader may
// do now – found by really trying, as everywhere.
import { mayNot, type Actor } from '../../domain/authority.ts'
import { decideDuty, type Duty, type DutyCommand } from '../../domain/care.ts'
import { isRefusal, type RefusalCode } from '../../domain/refusals.ts'
import type { Setting } from '../../domain/application/unfold.ts'
import { decideTicket, isTicketOpen, type TicketCommand, type TicketCommandName } from '../../domain/ticket.ts'
import { evidenceOf, type Evidence, type StoredTicket } from '../../store/care-tickets.ts'
import type { StoredDuty } from '../../store/care-duties.ts'
import { readDossier, type Dossier } from '../../store/dossier.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { settingOf } from '../settle.ts'

export type Verdict = true | RefusalCode
const some = '…'
const attempts: { readonly [K in TicketCommandName]: Extract<TicketCommand, { command: K }> } = {
  diagnose: { command: 'diagnose', words: some }, repair: { command: 'repair', words: some }, reinstall: { command: 'reinstall', words: some },
  swap: { command: 'swap', words: some, caseNo: some }, ready: { command: 'ready' }, dismiss: { command: 'dismiss', words: some }, demand: { command: 'demand', words: some },
  'hand-in': { command: 'hand-in', words: some }, judge: { command: 'judge', accepted: true, words: some }, note: { command: 'note', words: some },
} as { readonly [K in TicketCommandName]: Extract<TicketCommand, { command: K }> }
export const ticketCommands = Object.keys(attempts) as [TicketCommandName, ...TicketCommandName[]]
const dutyAttempts: { readonly [K in DutyCommand['command']]: (duty: Duty) => DutyCommand } = {
  check: () => ({ command: 'check', position: { longitude: 0, latitude: 0 }, metres: undefined }),
  complete: (duty) => ({ command: 'complete', checks: duty.items.slice(0, 1).map((item) => ({ item, ok: true })) }),
  answer: (duty) => ({ command: 'answer', answer: duty.kind === 'moved' ? 'moved_back' : 'extend' }),
  settle: () => ({ command: 'settle', words: some }),
  call: () => ({ command: 'call', reached: true }),
}
export const dutyCommandNames = Object.keys(dutyAttempts) as [DutyCommand['command'], ...DutyCommand['command'][]]

const verdict = (answer: unknown): Verdict => (isRefusal(answer) ? answer.refused : true)
export type TicketSeen = {
  stored: StoredTicket; evidence: readonly Evidence[]; people: Readonly<Record<string, string>>; dossier: Dossier
  allowed: Readonly<Record<TicketCommandName | 'evidence', Verdict>>
}
export type DutySeen = { stored: StoredDuty; evidence: readonly Evidence[]; people: Readonly<Record<string, string>>; dossier: Dossier; allowed: Readonly<Record<DutyCommand['command'], Verdict>> }
/** Whoever looks, and when. */
export type Looking = { app: App; actor: Actor; setting: Setting; before: Dossier }

export async function lookingAt(app: App, tx: Tx, actor: Actor, tid: string): Promise<Looking> {
  const before = await readDossier(tx, undefined, [tid])
  return { app, actor, before, setting: settingOf(app, before, actor, app.clock.now()) }
}

async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const rows = await tx.many<{ id: string; name: string }>('select id, name from person where id = any($1)', [[...new Set(ids)]])
  return Object.fromEntries(rows.map((r) => [r.id, r.name]))
}

export async function ticketSeen(tx: Tx, stored: StoredTicket, { actor, setting, before }: Looking): Promise<TicketSeen> {
  const { ticket } = stored
  const trial = { now: setting.now, actor, terminal: setting.terminals[0]!, rectifyBy: setting.now + 1, isReplacement: () => true }
  return {
    stored, dossier: before, evidence: await evidenceOf(tx, { tickets: [ticket.no] }), people: await namesOf(tx, [ticket.openedBy, ...ticket.entries.map((e) => e.by)]),
    allowed: {
      ...(Object.fromEntries(ticketCommands.map((name) => [name, verdict(decideTicket(ticket, attempts[name], trial))])) as Record<TicketCommandName, Verdict>),
      evidence: mayNot(actor, 'add-evidence')?.refused ?? (isTicketOpen(ticket) ? true : 'ticket_not_in_this_state'),
    },
  }
}

export async function dutySeen(tx: Tx, stored: StoredDuty, { actor, setting, before }: Looking): Promise<DutySeen> {
  const { duty } = stored
  const trial = { actor, now: setting.now, zone: setting.zone, care: setting.policy.care }
  return {
    stored, dossier: before, evidence: await evidenceOf(tx, { duties: [duty.id] }), people: await namesOf(tx, [duty.doneBy ?? '', ...duty.calls.map((c) => c.by), ...duty.checks.map((c) => c.by)]),
    allowed: Object.fromEntries(dutyCommandNames.map((name) => [name, verdict(decideDuty(duty, dutyAttempts[name](duty), trial))])) as DutySeen['allowed'],
  }
}
