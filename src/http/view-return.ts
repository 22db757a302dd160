// A device on its way back, and the deposit on it, as its reader sees it. A merchant is told what the provider decided, not
// which of the provider's people; what it objected itself comes out of its envelope.
import { allowedOnReturn } from '../domain/allowed.ts'
import { deductionLines, lineWords, monthsLent, type DeductionLine } from '../domain/deposit.ts'
import { isLookedAt, type Return } from '../domain/device.ts'
import { sumFen } from '../domain/money.ts'
import { returnSentence } from '../domain/sentence-return.ts'
import { say } from '../domain/vocabulary.ts'
import { nothingBeside } from '../store/reads.ts'
import { audienceOf, iso, isoOrNull, type Seen, type Viewer } from './view-terminal.ts'
import type { ReturnView } from './views.ts'

const cny = (fen: number): { fen: number; currency: 'CNY' } => ({ fen, currency: 'CNY' })

export function viewReturn(seen: Seen, viewer: Viewer, line: Return): ReturnView {
  const { app, dossier, setting, beside = nothingBeside } = seen
  const { language } = viewer
  const { deposit } = line
  const isMerchant = audienceOf(viewer) === 'merchant'
  const nameOf = (id: string | undefined): string | null => id === undefined || isMerchant ? null
    : beside.people.get(id) ?? dossier.people?.[id] ?? (id === viewer.actor.person ? viewer.actor.name : id)
  const months = monthsLent(line, setting.now, app.zone)
  const lines = (all: readonly DeductionLine[]) => all.map((l) => ({ rule: l.rule, part: l.part ?? null, condition: l.condition ?? null, words: say(lineWords(l), language), amount: cny(l.fen) }))
  const table = deposit && isLookedAt(line) ? deductionLines(setting.policy.closure.deductions, { parts: line.parts, months, depositFen: deposit.fen, lost: line.state === 'lost' }) : undefined
  const c = dossier.case!.case
  return {
    rma: line.rma,
    application: line.caseNo,
    tid: dossier.terminals.find((t) => t.id === line.terminal)?.tid ?? line.terminal,
    serial: line.serial,
    ownership: line.ownership,
    state: line.state,
    sentence: returnSentence(line, { now: setting.now, zone: app.zone, language, audience: audienceOf(viewer) }),
    openedAt: iso(line.openedAt),
    lentSince: isoOrNull(line.lentSince),
    monthsLent: months,
    shipped: line.shippedAt === undefined ? null : { at: iso(line.shippedAt), carrier: line.carrier!, tracking: line.tracking! },
    receivedAt: isoOrNull(line.receivedAt),
    inspected: line.inspectedAt === undefined ? null : {
      at: iso(line.inspectedAt), by: nameOf(line.inspectedBy),
      parts: line.parts.map((p) => ({ part: p.part, condition: p.condition, photo: p.photo ?? null, note: p.note ?? null })),
    },
    endedAt: isoOrNull(line.endedAt),
    deposit: deposit === undefined ? null : {
      amount: cny(deposit.fen), state: deposit.state, releasedAt: isoOrNull(deposit.releasedAt), dueAt: isoOrNull(deposit.dueAt),
      overdue: deposit.settledAt === undefined && deposit.dueAt !== undefined && deposit.dueAt < setting.now,
      byTable: table === undefined ? null : { amount: cny(Math.min(sumFen(table.map((l) => l.fen)), deposit.fen)), lines: lines(table) },
      deduction: deposit.deduction === undefined ? null : {
        amount: cny(deposit.deduction.fen), lines: lines(deposit.deduction.lines), by: nameOf(deposit.deduction.by), at: iso(deposit.deduction.at),
        disputeUntil: iso(deposit.deduction.disputeUntil), words: deposit.deduction.words ?? null,
      },
      acceptedAt: isoOrNull(deposit.acceptedAt), disputedAt: isoOrNull(deposit.disputedAt), dispute: disputeOf(seen, viewer, line),
      settled: deposit.settledAt === undefined ? null : {
        at: iso(deposit.settledAt), by: nameOf(deposit.settledBy), refund: cny(deposit.refundFen!), deducted: cny(deposit.fen - deposit.refundFen!), reference: deposit.reference!,
      },
    },
    allowed: allowedOnReturn(c, line.rma, { ...setting, actor: viewer.actor, terminals: dossier.terminals, others: dossier.others, returns: dossier.returns }),
  }
}

const sealedText = /^\\x((?:[0-9a-f]{2})+)$/
function disputeOf({ app, dossier: { merchant } }: Seen, { actor }: Viewer, { rma, deposit }: Return): string | null {
  const sealed = sealedText.exec(deposit?.disputeWords ?? '')?.[1]
  if (sealed === undefined || merchant === undefined || actor.party.kind === 'platform') return null
  return app.vault.openKey(merchant.wrappedKey, merchant.mid)?.open(Buffer.from(sealed, 'hex'), `return.dispute:${rma}`).toString() ?? null
}
