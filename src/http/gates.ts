// Gates as operations see them, what they answered minute by minute, and attempts on stopped terminals as their parties see
// them. What a gate is doing is worked out from the register by the same rule that says when a stop is effective.
import { z } from 'zod'
import type { App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import { mayNot, type Actor } from '../domain/authority.ts'
import { gateState } from '../domain/gates.ts'
import { isRefusal, type Refusal, type RefusalCode } from '../domain/refusals.ts'
import { gateAlarms, gateStates, say, transactionClasses, words, type Language } from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../store/cursor.ts'
import { listGates, readGate, readMinutes, type GateRow } from '../store/gates.ts'
import { countAttemptRows, listAttempts, type AttemptsAsked } from '../store/observed.ts'
import type { Asker, Paging } from './services.ts'
import { instantText, type Page } from './shapes.ts'
import { iso, isoOrNull } from './view-terminal.ts'
import { allowedTo } from './views.ts'

const at = instantText.nullable()

export const gateView = z.object({
  id: z.string(),
  state: z.enum(words(gateStates)),
  sentence: z.string(),
  doors: z.record(z.string(), z.unknown()).describe('how it is asked, and where'),
  startedAt: instantText,
  registeredAt: instantText,
  heardAt: instantText,
  leaseUntil: instantText,
  standinUntil: instantText.describe('until when it may approve ordinary terminals although it hears nothing'),
  epoch: z.int().min(0),
  seq: z.int().min(0).describe('everything up to here is obeyed'),
  behind: z.int().min(0).describe('commits it has not acknowledged'),
  acknowledgedAt: instantText,
  lagMs: z.int(),
  skewMs: z.int().describe("its clock minus the database's"),
  decisionsPerSecond: z.number().min(0),
  size: z.int().min(0).describe('terminals it knows'),
  digest: z.string(),
  alarm: z.object({ code: z.enum(words(gateAlarms)), words: z.string(), at }).nullable(),
  tightenedAt: at.describe('since when it opens nothing because the database lost history'),
  readmitted: z.object({ at: instantText, by: z.string() }).nullable(),
  fenced: z.object({ at: instantText, by: z.string(), words: z.string() }).nullable(),
  leftAt: at,
  allowed: allowedTo('fence', 'readmit'),
})
export type GateView = z.infer<typeof gateView>

export const gateMinute = z.object({
  at: instantText,
  decisions: z.int().min(0),
  approved: z.int().min(0),
  codes: z.record(z.string(), z.int().min(0)).describe('refusals by code'),
})
export const attemptView = z.object({
  tid: z.string(),
  mid: z.string(),
  provider: z.string(),
  day: z.iso.date(),
  class: z.enum(words(transactionClasses)),
  count: z.int().min(1),
  firstAt: instantText,
  lastAt: instantText,
  toldAt: at.describe('when its parties were told of that day'),
})
type AttemptView = z.infer<typeof attemptView>

/** What operations read first: how it stands, and what is asked of them. */
function sentenceOf(gate: GateRow, language: Language): string {
  const state = gateState(gate, gate.asOf)
  const behind = gate.headSeq - gate.acknowledgedSeq
  const zh = language === 'zh'
  switch (state) {
    case 'live':
      if (gate.alarm !== undefined) return say(gateAlarms[gate.alarm], language)
      if (behind > 0) return zh ? `在线，还有 ${behind} 项变更未确认。` : `Live; ${behind} change${behind === 1 ? '' : 's'} not acknowledged yet.`
      return zh ? '在线，已知全部变更。' : 'Live, and level with the primary.'
    case 'standin':
      return zh ? '失联，仍可在限额内代授权。请恢复它，或确认已关闭后隔离。' : 'Silent, and may still approve within limits. Bring it back, or make sure that it is off and fence it.'
    case 'expired': return zh ? '失联，已不再批准任何交易。' : 'Silent; it approves nothing any more.'
    case 'fenced': return zh ? '已隔离，重新接纳后才能工作。' : 'Fenced; it works again once readmitted.'
    case 'left': return zh ? '已正常退出。' : 'Signed off in order.'
  }
}

/** Fenced already, or nothing to readmit it from: the command would change nothing. */
function allowedOnGate(gate: GateRow, actor: Actor): GateView['allowed'] {
  const no = mayNot(actor, 'run-gates')?.refused
  const isOut = gate.fencedAt !== undefined || (gate.tightenedAt !== undefined && (gate.readmittedAt ?? 0) < gate.tightenedAt)
  const when = (may: boolean): true | RefusalCode => no ?? (may || 'not_in_this_state')
  return { fence: when(gate.fencedAt === undefined), readmit: when(isOut) }
}

export const viewGate = (gate: GateRow, { actor, language }: Pick<Asker, 'actor' | 'language'>): GateView => ({
  id: gate.id, state: gateState(gate, gate.asOf), sentence: sentenceOf(gate, language), doors: gate.doors,
  startedAt: iso(gate.startedAt), registeredAt: iso(gate.registeredAt), heardAt: iso(gate.heardAt), leaseUntil: iso(gate.leaseUntil),
  standinUntil: iso(gate.leaseUntil + gate.standin_ms), epoch: gate.epoch, seq: Math.max(0, gate.acknowledgedSeq),
  behind: Math.max(0, gate.headSeq - gate.acknowledgedSeq), acknowledgedAt: iso(gate.acknowledgedAt), lagMs: gate.lag_ms, skewMs: gate.skew_ms,
  decisionsPerSecond: gate.decisionsPerSecond, size: gate.size, digest: gate.digest,
  alarm: gate.alarm === undefined ? null : { code: gate.alarm, words: say(gateAlarms[gate.alarm], language), at: isoOrNull(gate.alarmAt) },
  tightenedAt: isoOrNull(gate.tightenedAt),
  readmitted: gate.readmittedAt === undefined ? null : { at: iso(gate.readmittedAt), by: gate.readmittedBy ?? '' },
  fenced: gate.fencedAt === undefined ? null : { at: iso(gate.fencedAt), by: gate.fencedBy ?? '', words: gate.fencedWords ?? '' },
  leftAt: isoOrNull(gate.leftAt), allowed: allowedOnGate(gate, actor),
})

const gates_listed_max = 1_000

export const gatesOf = async (app: App, { actor, language }: Asker): Promise<{ items: GateView[] }> => {
  const rows = await app.db.transaction(scopeOf(actor), (tx) => listGates(tx, gates_listed_max), { readOnly: true })
  return { items: rows.map((row) => viewGate(row, { actor, language })) }
}

export const minutesOf = (
  app: App, { actor }: Asker, id: string, { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ items: z.infer<typeof gateMinute>[] } | undefined> => app.db.transaction(scopeOf(actor), async (tx) => {
  if (!(await readGate(tx, id))) return undefined
  const rows = await readMinutes(tx, id, before, limit)
  return { items: rows.map((m) => ({ at: iso(m.at), decisions: m.decisions, approved: m.approved, codes: m.codes })) }
}, { readOnly: true })

export const attemptsOf = (
  app: App, { actor }: Asker, { cursor, limit, ...asked }: Paging & AttemptsAsked,
): Promise<Page<AttemptView> | Refusal> => app.db.transaction(scopeOf(actor), async (tx) => {
  const list = listOf('attempts', asked)
  const place = placeOf(list, cursor, ['string', 'string', 'string'])
  if (isRefusal(place)) return place
  const [day, tid, kind] = (place?.key ?? []) as [string, string, string]
  const rows = await listAttempts(tx, asked, place && { day, tid, class: kind }, limit + 1)
  const total = place?.total ?? await totalOf(await countAttemptRows(tx, asked, list_total_exact_max + 1), () => list_total_exact_max)
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map((r): AttemptView => ({
      tid: r.tid, mid: r.mid, provider: r.provider, day: r.day, class: r.class, count: r.count, firstAt: iso(r.first_at), lastAt: iso(r.last_at), toldAt: isoOrNull(r.told_at ?? undefined),
    })),
    next: last ? cursorAt(list, { key: [last.day, last.tid, last.class], total }) : null, total,
  }
}, { readOnly: true })
