// Tickets, duties and what surrounds a stopped terminal, as their readers see them. A merchant is told what the provider did, not
// which of its people; words come out of their envelope for the two parties they are between, and for nobody else.
import { z } from 'zod'
import type { DutySeen, TicketSeen } from '../app/care/seen-by.ts'
import { dutyCommandNames, ticketCommands } from '../app/care/seen-by.ts'
import type { CareSeen } from '../app/care/reading.ts'
import type { Paper } from '../app/care/papers.ts'
import type { App } from '../app/app.ts'
import { answersOf, dutyAsks, dutyWords } from '../domain/care.ts'
import { cleanUps, guides } from '../domain/care-guide.ts'
import { when } from '../domain/effects.ts'
import { sumFen } from '../domain/money.ts'
import { keptFrom } from '../domain/retention.ts'
import {
  careAnswers, deviceTypes, dutyKinds, dutyStates, materialTypes, paperKinds, payers, reasons, responsibilities, roles, say, ticketActs, ticketKinds, ticketStates,
  upstreamSystems, wakeUpItems, words, type Language, type Role, type Words,
} from '../domain/vocabulary.ts'
import type { Evidence } from '../store/care-tickets.ts'
import { instantText } from './shapes.ts'
import { audienceOf, iso, isoOrNull, type Viewer } from './view-terminal.ts'
import { allowedTo } from './views.ts'

const at = instantText.nullable()
const amount = z.object({ fen: z.int().min(0), currency: z.literal('CNY') })
const cny = (fen: number): { fen: number; currency: 'CNY' } => ({ fen, currency: 'CNY' })
const by = z.object({ role: z.enum(words(roles)), name: z.string().nullable().describe('the provider’s people are not named to the merchant') })

const evidenceView = z.object({
  id: z.uuid(), type: z.enum(words(materialTypes)), name: z.string().nullable(), mediaType: z.string(), sizeBytes: z.int().min(1),
  sha256: z.string().describe('of the file as it came; the same stands in the journal'), addedAt: instantText, href: z.string(),
})

export const ticketView = z.object({
  no: z.string(), kind: z.enum(words(ticketKinds)), tid: z.string(), serial: z.string().nullable(), reason: z.enum(words(reasons)), reasonWords: z.string(),
  hold: z.string().nullable(), state: z.enum(words(ticketStates)), stateWords: z.string(), openedAt: instantText, openedBy: by, closedAt: at,
  dueBy: at.describe('by when the rectification is to be handed in'), responsibility: z.enum(words(responsibilities)).nullable(), failedTests: z.int().min(0),
  entries: z.array(z.object({
    at: instantText, act: z.enum(words(ticketActs)), actWords: z.string(), by, words: z.string().nullable(), minutes: z.int().min(0).nullable(),
    parts: z.array(z.object({ name: z.string(), count: z.int().min(1) })), cost: amount.nullable(), payer: z.enum(words(payers)).nullable(),
    application: z.string().nullable(), dueBy: at,
  })),
  total: z.object({ minutes: z.int().min(0), merchant: amount, provider: amount, warranty: amount }).describe('time spent, and cost by who pays it'),
  evidence: z.array(evidenceView),
  allowed: allowedTo(...ticketCommands, 'evidence'),
  version: z.int().min(1),
})
export const dutyView = z.object({
  id: z.uuid(), kind: z.enum(words(dutyKinds)), kindWords: z.string(), tid: z.string(), hold: z.string().nullable(), ticket: z.string().nullable(),
  state: z.enum(words(dutyStates)), sentence: z.string(), dueAt: instantText, overdue: z.boolean(), needed: z.string(),
  nextReminderAt: at, escalatedAt: at,
  items: z.array(z.object({ item: z.enum(words(wakeUpItems)), words: z.string(), ok: z.boolean().nullable(), note: z.string().nullable(), at })),
  answers: z.array(z.object({ answer: z.enum(words(careAnswers)), words: z.string() })), answer: z.enum(words(careAnswers)).nullable(), words: z.string().nullable(),
  position: z.object({ longitude: z.number(), latitude: z.number(), metres: z.int().min(0).nullable().describe('from the shop, where its place is known') }).nullable(),
  calls: z.array(z.object({ at: instantText, reached: z.boolean() })), doneAt: at, evidence: z.array(evidenceView),
  allowed: allowedTo(...dutyCommandNames),
  version: z.int().min(1),
})
export const careView = z.object({
  tid: z.string(), tickets: z.array(ticketView), duties: z.array(dutyView),
  guide: z.object({ type: z.enum(words(deviceTypes)), model: z.string().nullable(), before: z.array(z.string()), while: z.array(z.string()), return: z.array(z.string()) }).nullable(),
  cleanUp: z.array(z.object({ system: z.enum(words(upstreamSystems)), systemWords: z.string(), when: z.enum(['stop', 'close']), words: z.string() })).nullable()
    .describe('what the provider withdraws elsewhere; not told to the merchant'),
})
export const paperView = z.object({
  kind: z.enum(words(paperKinds)), kindWords: z.string(), what: z.string(), madeAt: instantText, years: z.int().min(1), from: z.string(),
  keptUntil: at.describe('null while what the years count from has not ended'),
})
// ── Made ────────────────────────────────────────────────────────────────────────────────────────────────────────────
type Seen = Pick<TicketSeen, 'dossier' | 'people'>
const keyOf = (app: App, { dossier: { merchant } }: Seen, { actor }: Viewer) =>
  merchant === undefined || actor.party.kind === 'platform' ? undefined : app.vault.openKey(merchant.wrappedKey, merchant.mid)
const merchantRoles: readonly Role[] = ['merchant_owner', 'merchant_staff', 'integrator']

const nameOf = (id: string, role: Role, seen: Seen, viewer: Viewer): string | null =>
  id === 'system' ? null : audienceOf(viewer) === 'merchant' && !merchantRoles.includes(role) ? null : seen.people[id] ?? (id === viewer.actor.person ? viewer.actor.name : id)

const viewEvidence = (app: App, e: Evidence, seen: Seen, viewer: Viewer): z.infer<typeof evidenceView> => ({
  id: e.id, type: e.type, name: keyOf(app, seen, viewer)?.open(e.nameSealed, `evidence.name:${e.id}`).toString() ?? null, mediaType: e.mediaType, sizeBytes: e.sizeBytes, sha256: e.sha256,
  addedAt: iso(e.addedAt), href: `/api/v1/evidence/${e.id}`,
})

export function viewTicket(app: App, seen: TicketSeen, viewer: Viewer): z.infer<typeof ticketView> {
  const { stored: { ticket, sealed }, evidence } = seen
  const key = keyOf(app, seen, viewer)
  const spent = (payer: string): { fen: number; currency: 'CNY' } => cny(sumFen(sealed.filter((e) => e.payer === payer).map((e) => e.costFen ?? 0)))
  const of = (id: string, role: Role) => ({ role, name: nameOf(id, role, seen, viewer) })
  return {
    no: ticket.no, kind: ticket.kind, tid: ticket.terminal, serial: ticket.serial ?? null, reason: ticket.reason, reasonWords: say(reasons[ticket.reason], viewer.language),
    hold: ticket.hold ?? null, state: ticket.state, stateWords: say(ticketStates[ticket.state], viewer.language), openedAt: iso(ticket.openedAt),
    openedBy: of(ticket.openedBy, ticket.openedRole), closedAt: isoOrNull(ticket.closedAt), dueBy: isoOrNull(ticket.dueAt), responsibility: ticket.responsibility ?? null,
    failedTests: ticket.failedTests,
    entries: sealed.map((e) => ({
      at: iso(e.at), act: e.act, actWords: say(ticketActs[e.act], viewer.language), by: of(e.by, e.role),
      words: e.wordsSealed === undefined ? null : key?.open(e.wordsSealed, `care.words:${ticket.terminal}`).toString() ?? null, minutes: e.minutes ?? null,
      parts: (e.parts ?? []).map(({ name, count }) => ({ name, count })), cost: e.costFen === undefined ? null : cny(e.costFen), payer: e.payer ?? null, application: e.caseNo ?? null,
      dueBy: isoOrNull(e.dueAt),
    })),
    total: { minutes: sumFen(sealed.map((e) => e.minutes ?? 0)), merchant: spent('merchant'), provider: spent('provider'), warranty: spent('warranty') },
    evidence: evidence.map((e) => viewEvidence(app, e, seen, viewer)), allowed: seen.allowed, version: ticket.version,
  }
}

const moments = (zone: string) => (instant: number): Words => [when(instant, zone), when(instant, zone)]
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export function viewDuty(app: App, seen: DutySeen, viewer: Viewer): z.infer<typeof dutyView> {
  const { stored: { duty, wordsSealed }, evidence } = seen
  const { language } = viewer
  return {
    id: duty.id, kind: duty.kind, kindWords: say(dutyKinds[duty.kind], language), tid: duty.terminal, hold: duty.hold ?? null, ticket: duty.ticket ?? null, state: duty.state,
    sentence: `${capital(say(dutyWords(duty, moments(app.zone)), language))}${language === 'zh' ? '。' : '.'}`, dueAt: iso(duty.dueAt),
    overdue: (duty.state === 'open' || duty.state === 'answered') && duty.dueAt < app.clock.now(), needed: say(dutyAsks[duty.kind].needed, language),
    nextReminderAt: isoOrNull(duty.nextAt), escalatedAt: isoOrNull(duty.escalatedAt),
    items: duty.items.map((item) => {
      const check = duty.checks.find((c) => c.item === item)
      return { item, words: say(wakeUpItems[item], language), ok: check?.ok ?? null, note: check?.note ?? null, at: isoOrNull(check?.at) }
    }),
    answers: answersOf(duty.kind).map(({ answer, words: w }) => ({ answer, words: say(w, language) })), answer: duty.answer ?? null,
    words: wordsSealed === undefined ? null : keyOf(app, seen, viewer)?.open(wordsSealed, `care.words:${duty.terminal}`).toString() ?? null,
    position: duty.position === undefined ? null : { longitude: duty.position.longitude, latitude: duty.position.latitude, metres: duty.position.metres ?? null },
    calls: duty.calls.map((c) => ({ at: iso(c.at), reached: c.reached })), doneAt: isoOrNull(duty.doneAt), evidence: evidence.map((e) => viewEvidence(app, e, seen, viewer)),
    allowed: seen.allowed, version: duty.version,
  }
}

export function viewCare(app: App, care: CareSeen, viewer: Viewer): z.infer<typeof careView> {
  const { language } = viewer
  const lines = (all: readonly Words[]): string[] => all.map((w) => capital(say(w, language)))
  const guide = care.deviceType && guides[care.deviceType]
  return {
    tid: care.tid, tickets: care.tickets.map((t) => viewTicket(app, t, viewer)), duties: care.duties.map((d) => viewDuty(app, d, viewer)),
    guide: guide === undefined ? null : { type: care.deviceType!, model: care.model ?? null, before: lines(guide.before), while: lines(guide.while), return: lines(guide.return) },
    cleanUp: audienceOf(viewer) === 'merchant' ? null : cleanUps.map((c) => ({ system: c.system, systemWords: say(upstreamSystems[c.system], language), when: c.when, words: capital(say(c.words, language)) })),
  }
}

export const viewPaper = (p: Paper, language: Language): z.infer<typeof paperView> => ({
  kind: p.kind, kindWords: say(paperKinds[p.kind], language), what: p.what, madeAt: iso(p.madeAt), years: p.years, from: say(keptFrom[p.from], language), keptUntil: isoOrNull(p.keptUntil),
})
