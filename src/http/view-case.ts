// A case as its reader sees it: the stored facts, the findings and the list of what is missing as they are now, and what the
// reader may do. A merchant is told that its provider decided, not which of the provider's people.
import { providerWords } from '../app/app.ts'
import { allowedOnCase, allowedOnStep } from '../domain/allowed.ts'
import { findingsOf, missingMaterials } from '../domain/application/findings.ts'
import type { Case } from '../domain/application/case.ts'
import { countWorkdays, dateOf } from '../domain/calendar.ts'
import { caseSentence } from '../domain/sentence-case.ts'
import { isEnded, reasons, say } from '../domain/vocabulary.ts'
import { nothingBeside } from '../store/reads.ts'
import { viewReturn } from './view-return.ts'
import type { ApplicationRow, ApplicationView } from './views.ts'
import { audienceOf, contactOf, iso, isoOrNull, providerView, type Seen, type Viewer } from './view-terminal.ts'

type KeyOf = NonNullable<ReturnType<Seen['app']['vault']['openKey']>> | undefined
const keyOf = ({ app, dossier: { merchant } }: Seen): KeyOf => (merchant === undefined ? undefined : app.vault.openKey(merchant.wrappedKey, merchant.mid))

const waitsForDecision = (c: Case): boolean => ['submitted', 'in_review', 'second_review'].includes(c.state)

function deadlineOf(c: Case, { app, setting }: Seen): ApplicationRow['deadline'] {
  if (c.deadline === undefined) return null
  const paused = c.state === 'returned'
  const left = paused ? (c.daysLeft ?? null) : countWorkdays(setting.calendar, dateOf(setting.now, app.zone), dateOf(c.deadline.at, app.zone))
  return {
    at: iso(c.deadline.at), earliestAt: iso(c.deadline.earliestAt), workingDays: typeof left === 'number' ? left : null,
    overdue: waitsForDecision(c) && setting.now > c.deadline.at, paused,
  }
}

/** As long as a case is open its findings are looked at afresh; an ended one keeps those it ended with. */
const findingsNow = (c: Case, seen: Seen): Case['findings'] =>
  c.state === 'returned' || c.state === 'draft' || waitsForDecision(c) ? findingsOf(c, seen.dossier.terminals, seen.setting) : c.findings

export function viewCaseRow(seen: Seen, viewer: Viewer): ApplicationRow {
  const { app, dossier, beside = nothingBeside } = seen
  const { case: c, version } = dossier.case!
  const { language } = viewer
  const isMerchant = audienceOf(viewer) === 'merchant'
  // After a command the facts it brought about are in the dossier, no longer in the setting it was decided in.
  const setting = { ...seen.setting, actor: viewer.actor, terminals: dossier.terminals, others: dossier.others, returns: dossier.returns }
  const provider = app.provider(c.provider)
  const nameOf = (id: string): string => beside.people.get(id) ?? dossier.people?.[id] ?? (id === viewer.actor.person ? viewer.actor.name : id)
  /** People of the provider have no name towards a merchant. */
  const towards = (id: string | undefined): string | null => id === undefined ? null
    : id === 'policy' || id === 'system' ? id : isMerchant && id !== viewer.actor.person && (c.onBehalf || id !== c.createdBy) ? say(providerWords(provider), language) : nameOf(id)
  const missing = isEnded(c.state) ? [] : missingMaterials(c, setting)
  const deadline = deadlineOf(c, seen)
  const key = c.materials.length > 0 ? keyOf(seen) : undefined
  return {
    no: c.no,
    kind: c.kind,
    state: c.state,
    provider: providerView(app, c.provider, language),
    merchant: { mid: c.merchant, name: dossier.merchant?.name ?? '' },
    applicant: { name: towards(c.createdBy)!, onBehalf: c.onBehalf },
    assignee: c.assignee === undefined || isMerchant ? null : { id: c.assignee, name: nameOf(c.assignee) },
    channel: c.channel,
    terminals: c.terminals.map((t) => ({ tid: t.tid, result: t.result, hold: t.hold ?? null, from: t.from ?? null, to: t.to ?? null })),
    wish: c.wish === undefined ? null : { store: c.wish.storeName, count: c.wish.count, deviceType: c.wish.deviceType ?? null },
    reason: c.reason,
    reasonWords: say(reasons[c.reason], language),
    effectiveFrom: isoOrNull(c.effectiveFrom),
    checkpointAt: isoOrNull(c.checkpointAt),
    checkpointTakenAt: isoOrNull(c.checkpointTakenAt),
    expectedUntil: isoOrNull(c.expectedUntil),
    createdAt: iso(c.createdAt),
    submittedAt: isoOrNull(c.submittedAt),
    endedAt: isoOrNull(c.endedAt),
    deadline,
    answerBy: isoOrNull(c.answerBy),
    steps: c.steps.map((s) => ({
      id: s.id, kind: s.kind, requirement: s.requirement, before: s.before, dueAt: isoOrNull(s.dueAt),
      overdue: s.state === 'open' && s.dueAt !== undefined && s.dueAt < setting.now && !isEnded(c.state), assignee: s.assignee, state: s.state,
      evidence: s.evidence ?? null, settledAt: isoOrNull(s.settledAt), settledBy: towards(s.settledBy), waiverProposedBy: towards(s.waiverBy),
      allowed: allowedOnStep(c, s, setting),
    })),
    materials: c.materials.map((m) => {
      const file = beside.files.get(m.id)
      return {
        id: m.id, type: m.type, state: m.state, name: file && key ? key.open(file.name, `material.name:${m.id}`).toString() : null,
        mediaType: file?.mediaType ?? null, sizeBytes: file?.sizeBytes ?? null, addedAt: iso(m.addedAt), words: m.words ?? null,
        href: `/api/v1/materials/${m.id}`,
      }
    }),
    missing,
    findings: findingsNow(c, { ...seen, setting }).map((f) => ({ code: f.code, severity: f.severity, detail: say(f.detail, language) })),
    decision: { by: towards(c.decidedBy), at: isoOrNull(c.decidedAt), rule: c.rule ?? null, policyVersion: c.policyVersion ?? null },
    letters: dossier.letters.map((l) => ({
      no: l.no, kind: l.kind, href: `/api/v1/letters/${l.no}.pdf`, verifyHref: `${app.publicUrl}/verify/${l.code}`,
    })),
    sentence: caseSentence({
      case: c, terminals: dossier.terminals, returns: dossier.returns, others: dossier.others, provider: { name: providerWords(provider), hotline: provider.hotline }, missing,
      workingDaysLeft: deadline?.workingDays ?? undefined, said: beside.said && say(beside.said.words, language), asked: beside.said?.materials, letters: dossier.letters,
      unpaidFen: setting.money?.caseFen,
    }, { now: setting.now, zone: app.zone, language, audience: audienceOf(viewer) }),
    allowed: allowedOnCase(c, setting),
    version,
  }
}

export function viewCase(seen: Seen, viewer: Viewer): ApplicationView {
  const row = viewCaseRow(seen, viewer)
  return {
    ...row,
    returns: (seen.dossier.returns ?? []).filter((r) => r.caseNo === row.no).map((line) => viewReturn(seen, viewer, line)),
    merchant: { ...row.merchant, contact: contactOf(seen, viewer) },
    words: wordsOf(seen, viewer),
    proof: proofOf(seen, viewer),
    said: seen.beside?.said === undefined ? null : say(seen.beside.said.words, viewer.language),
    asked: (seen.beside?.said?.materials ?? []).map(({ type, words }) => ({ type, words })),
  }
}

const sealedText = /^\\x((?:[0-9a-f]{2})+)$/

/** Where the proof is kept that the merchant asked for what an agent filed; a merchant's own filing needs none. */
function proofOf(seen: Seen, { actor }: Viewer): ApplicationView['proof'] {
  const { proof, proofKind, no } = seen.dossier.case!.case
  if (proof === undefined || proofKind === undefined || actor.party.kind === 'platform') return null
  const sealed = sealedText.exec(proof)?.[1]
  return { kind: proofKind, reference: sealed === undefined ? proof : (keyOf(seen)?.open(Buffer.from(sealed, 'hex'), `application.proof:${no}`).toString() ?? null) }
}

/** What the applicant wrote: as filed a moment ago, or out of its envelope; the platform does not read it. */
function wordsOf(seen: Seen, { actor }: Viewer): string | null {
  const { words, no } = seen.dossier.case!.case
  if (words === undefined || actor.party.kind === 'platform') return null
  const sealed = sealedText.exec(words)?.[1]
  if (sealed === undefined) return words
  return keyOf(seen)?.open(Buffer.from(sealed, 'hex'), `application.words:${no}`).toString() ?? null
}
