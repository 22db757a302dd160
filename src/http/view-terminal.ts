// A terminal as its reader sees it. Everything is worked out from the dossier – by the same functions that decide – and from
// what the register says beside it; a part that was not read is null, never guessed.
import { providerWords, type App } from '../app/app.ts'
import type { After } from '../app/cases.ts'
import { allowedOnHold, allowedOnTerminal } from '../domain/allowed.ts'
import { appealUntil } from '../domain/application/appeal.ts'
import type { Actor } from '../domain/authority.ts'
import { demandOf } from '../domain/care-demands.ts'
import { toDoOf } from '../domain/clearance.ts'
import { terminalSentence, type Audience } from '../domain/sentence.ts'
import { inEffect, isOver, leadingHold, modeAt, schedule, serviceAt, termOf, upcoming, type Hold } from '../domain/terminal.ts'
import { gateWaits, mayAppeal, reasons, say, type DormancyAnswer, type Language, type Words } from '../domain/vocabulary.ts'
import type { StoredTerminal } from '../store/dossier.ts'
import { nothingBeside, type Beside } from '../store/reads.ts'
import { viewDemand } from './view-demand.ts'
import type { TerminalRow, TerminalView } from './views.ts'

/** Who reads. The platform reads as a provider does. */
export type Viewer = { actor: Actor; language: Language; audience?: Audience | undefined }
/** The outcome of a command, or what was read; with what stands beside it, where that was read. */
export type Seen = After & { beside?: Beside | undefined }

const day_ms = 86_400_000
const past_days = 30
const ahead_days = 180

export const iso = (at: number): string => new Date(at).toISOString()
export const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : iso(at))
export const audienceOf = (viewer: Viewer): Audience => viewer.audience ?? (viewer.actor.party.kind === 'merchant' ? 'merchant' : 'provider')

export function providerView(app: App, id: string, language: Language): TerminalRow['provider'] {
  const p = app.provider(id)
  return { id, name: say(providerWords(p), language), hotline: p.hotline }
}

/** 13812341234 → 138****1234: enough to recognise one's own, too little to call a stranger's. */
export const maskedPhone = (phone: string): string => (phone.length < 7 ? '****' : `${phone.slice(0, 3)}****${phone.slice(-4)}`)

/** Whom to call at the merchant, for the merchant itself and its provider; null where the key was destroyed. */
export function contactOf({ app, dossier, beside }: Seen, { actor }: Viewer): { name: string | null; phone: string | null } | null {
  const { merchant } = dossier
  if (merchant === undefined || beside?.contact === undefined || actor.party.kind === 'platform') return null
  const key = app.vault.openKey(merchant.wrappedKey, merchant.mid)
  if (key === undefined) return null
  const { name, phone } = beside.contact
  return {
    name: name === undefined ? null : key.open(name, `merchant.contact:${merchant.mid}`).toString(),
    phone: phone === undefined ? null : maskedPhone(key.open(phone, `merchant.phone:${merchant.mid}`).toString()),
  }
}

/** Holds people are shown in a list: those that are not over, and those the time strip still reaches back to. */
const isShown = (hold: Hold, now: number): boolean => !isOver(hold) || (hold.liftedAt !== undefined && hold.liftedAt > now - past_days * day_ms)

/** One terminal of what was read. `all` also shows holds long over. */
function rowOf(seen: Seen, viewer: Viewer, terminal: StoredTerminal, all: boolean): TerminalRow {
  const { app, dossier, beside = nothingBeside } = seen
  const { language } = viewer
  const { now } = seen.setting
  // After a command the facts it brought about are in the dossier, no longer in the setting it was decided in.
  const setting = { ...seen.setting, actor: viewer.actor, terminals: dossier.terminals, others: dossier.others, returns: dossier.returns }
  const registered = beside.terminals.get(terminal.tid)
  const cases = dossier.others.filter((o) => o.terminal === terminal.id)
  const leading = leadingHold(inEffect(terminal, now), now)
  const provider = app.provider(terminal.provider)
  const { askedAt, answer, answerBy } = terminal.dormancy
  return {
    tid: terminal.tid,
    mid: terminal.mid,
    provider: providerView(app, terminal.provider, language),
    merchant: { mid: terminal.mid, name: dossier.merchant?.name ?? '' },
    store: registered?.store ?? null,
    device: registered?.device ?? null,
    service: serviceAt(terminal, now),
    term: leading === undefined ? null : termOf(leading),
    mode: modeAt(terminal, now),
    sentence: terminalSentence({
      terminal, provider: { name: providerWords(provider), hotline: provider.hotline }, settleBy: registered?.settleBy ?? checkpointOf(seen), cases,
      failedTest: registered?.failedTest, demand: (h) => demandOf(h, setting.policy, setting.calendar, app.zone, registered?.tickets.find((t) => t.hold === h.id)?.dueAt), answerBy: askedAt !== undefined && answer === undefined ? answerBy : undefined,
    }, { now, zone: app.zone, language, audience: audienceOf(viewer) }),
    schedule: schedule(terminal, now - past_days * day_ms, now + ahead_days * day_ms)
      .map((s) => ({ from: iso(s.from), to: iso(s.to!), mode: s.mode, hold: s.hold ?? null })),
    holds: terminal.holds.filter((h) => all || isShown(h, now)).map((h) => ({
      id: h.id, reason: h.reason, reasonWords: say(reasons[h.reason], language), owner: h.owner, effect: h.effect, effectiveFrom: iso(h.effectiveFrom),
      drainUntil: iso(h.drainUntil), expectedUntil: isoOrNull(h.expectedUntil), startedAt: isoOrNull(h.startedAt), shutAt: isoOrNull(h.shutAt),
      clearedAt: isoOrNull(h.clearedAt), liftedAt: isoOrNull(h.liftedAt), withdrawnAt: isoOrNull(h.withdrawnAt), application: h.caseNo ?? null,
      demands: viewDemand(h, { setting, language, ticket: registered?.tickets.find((t) => t.hold === h.id) }),
      appeal: appealOf(h, seen, language), allowed: allowedOnHold(terminal, h, setting),
    })),
    upcoming: upcoming(terminal, now).map((u) => ({ at: iso(u.at), mode: u.mode, hold: u.hold ?? null })),
    hostBlockedAt: isoOrNull(terminal.hostBlockedAt),
    deviceConfirmedAt: isoOrNull(terminal.deviceConfirmedAt),
    deviceSilentSince: isoOrNull(terminal.deviceSilentAt),
    gates: gatesView(app, terminal, viewer),
    attempts: registered?.attempts ? { count: registered.attempts.count, lastAt: iso(registered.attempts.lastAt) } : null,
    clearance: {
      clear: terminal.clear,
      items: terminal.open.map((i) => ({
        kind: i.kind, amount: { fen: i.amountFen, currency: 'CNY' }, count: i.count, dueBy: isoOrNull(i.dueBy), owner: i.owner, toDo: say(toDoOf(i.kind), language),
      })),
    },
    signOnRequired: terminal.signOnRequired,
    cases: cases.map(({ no, direction }) => ({ no, direction })),
    allowed: allowedOnTerminal(terminal, setting),
    version: terminal.version,
  }
}

/** Whether and by when a hold may be appealed against, who decides, and the appeal under way. */
function appealOf(hold: Hold, { dossier, setting }: Seen, language: Language): TerminalRow['holds'][number]['appeal'] {
  if (hold.owner === 'merchant' || !mayAppeal(hold.reason)) return null
  return {
    by: say(appealDecidedBy, language), until: iso(appealUntil(hold, setting)), workingDays: setting.policy.review.appeal?.toWorkingDays ?? 7,
    application: dossier.others.find((o) => o.hold === hold.id && o.direction === 'plea')?.no ?? null,
  }
}
const appealDecidedBy: Words = ['审核人员，且不是作出停用的人', 'a reviewer, never the person who placed the hold']

/** While a stop waits for its gates, or is still to come: which of them know it. Merchants are not told of gates. */
function gatesView(app: App, terminal: StoredTerminal, viewer: Viewer): TerminalRow['gates'] {
  const isWaiting = terminal.hostBlockedAt === undefined && terminal.holds.some((h) => h.effect === 'stop' && !isOver(h))
  const standing = isWaiting && audienceOf(viewer) === 'provider' ? app.gatesStanding(terminal.gateSeq) : undefined
  return standing === undefined ? null : {
    required: standing.required, acknowledged: standing.acknowledged,
    outstanding: standing.outstanding.map((o) => ({ id: o.id, since: iso(o.since), reason: o.reason, reasonWords: say(gateWaits[o.reason], viewer.language) })),
  }
}

/** Within a case its own checkpoint is at hand. */
const checkpointOf = ({ dossier }: Seen): number | undefined => {
  const c = dossier.case?.case
  return c?.state === 'approved' && c.checkpointTakenAt === undefined ? c.checkpointAt : undefined
}

export const viewTerminalRow = (seen: Seen, viewer: Viewer): TerminalRow => rowOf(seen, viewer, seen.dossier.terminals[0]!, false)

export function viewTerminal(seen: Seen, viewer: Viewer, terminal: StoredTerminal = seen.dossier.terminals[0]!): TerminalView {
  const row = rowOf(seen, viewer, terminal, true)
  const { askedAt, answerBy, answer } = terminal.dormancy
  return {
    ...row,
    merchant: { ...row.merchant, contact: contactOf(seen, viewer) },
    installedAt: isoOrNull(terminal.installedAt),
    closedAt: isoOrNull(terminal.closedAt),
    chargebackUntil: isoOrNull(terminal.chargebackUntil),
    dormancy: askedAt === undefined ? null : { askedAt: iso(askedAt), answerBy: isoOrNull(answerBy), answer: (answer ?? null) as DormancyAnswer | null },
  }
}

/** The terminal a command was about, as it is afterwards. */
export const viewTerminalAfter = (after: Seen, viewer: Viewer): TerminalView => viewTerminal(after, viewer)
