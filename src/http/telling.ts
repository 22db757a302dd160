// Endpoints, contacts, deliveries and complaints as their readers see them. Of an address only so much is shown that one
// recognises one's own; a secret stands in the reply that makes it and nowhere else.
import { z } from 'zod'
import type { App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import { openPart } from '../app/telling/complaints.ts'
import type { Contact } from '../app/telling/contacts.ts'
import { mayNot, type Actor } from '../domain/authority.ts'
import { dateOf } from '../domain/calendar.ts'
import { complaintMachine } from '../domain/complaint.ts'
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import {
  channels, complaintKinds, complaintStates, complaintTopics, contactChannels, deliveryChannels, deliveryFailures, deliveryStates, eventKinds, languages,
  noticeKinds, say, webhookStops, words, type DeliveryChannel, type EventKind, type Language,
} from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../store/cursor.ts'
import { countDeliveries, listDeliveries, readDelivery, type DeliveriesAsked, type DeliveryRow } from '../store/telling.ts'
import { countComplaints, listComplaints, readComplaint, type ComplaintsAsked, type StoredComplaint } from '../store/telling-complaints.ts'
import type { WebhookRow } from '../store/telling-endpoints.ts'
import type { Asker, Paging } from './services.ts'
import { instantText, type Page } from './shapes.ts'
import { audienceOf, iso, isoOrNull } from './view-terminal.ts'
import { allowedTo } from './views.ts'

const at = instantText.nullable()

// ── Endpoints ───────────────────────────────────────────────────────────────────────────────────────────────────────
export const webhookView = z.object({
  id: z.uuid(),
  url: z.string(),
  name: z.string(),
  events: z.array(z.enum(words(eventKinds))).nullable().describe('null: every event'),
  state: z.enum(['active', 'failing', 'disabled']),
  disabled: z.object({ at: instantText, why: z.enum(words(webhookStops)), words: z.string() }).nullable(),
  failingSince: at,
  succeededAt: at.describe('when something last got through'),
  waiting: z.int().min(0).describe('deliveries that still have to go'),
  oldSecretUntil: at.describe('until then both secrets sign'),
  createdAt: instantText,
  version: z.int().min(1),
})
export const webhookMade = webhookView.extend({ secret: z.string().describe('shown this once') })
export type WebhookView = z.infer<typeof webhookView>

export const viewWebhook = (w: WebhookRow, language: Language): WebhookView => ({
  id: w.id, url: w.url, name: w.name, events: w.kinds,
  state: w.disabled_at !== null ? 'disabled' : w.failing_since !== null ? 'failing' : 'active',
  disabled: w.disabled_at === null ? null : { at: iso(w.disabled_at), why: w.disabled_why!, words: say(webhookStops[w.disabled_why!], language) },
  failingSince: isoOrNull(w.failing_since ?? undefined), succeededAt: isoOrNull(w.succeeded_at ?? undefined), waiting: w.waiting,
  oldSecretUntil: isoOrNull(w.old_until ?? undefined), createdAt: iso(w.created_at), version: w.version,
})

// ── Contacts ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const topics = [...words(noticeKinds), 'letter'] as const
export const contactView = z.object({
  id: z.uuid(),
  channel: z.enum(words(contactChannels)),
  address: z.string().nullable().describe('masked; null once it was disposed of'),
  language: z.enum(languages),
  about: z.array(z.enum(topics)).nullable().describe('kinds of notice, and letters; null: everything'),
  createdAt: instantText,
})
export const contactList = z.object({
  items: z.array(contactView),
  carriers: z.object({ mail: z.boolean(), sms: z.boolean(), robot: z.boolean(), print: z.boolean() }).describe('what can be carried here; false: not configured'),
})
export const viewContact = (c: Contact): z.infer<typeof contactView> => ({
  id: c.id, channel: c.channel, address: c.address, language: c.language, about: c.about as z.infer<typeof contactView>['about'], createdAt: iso(c.createdAt),
})
export const carriersView = (carriers: ReadonlySet<DeliveryChannel>): z.infer<typeof contactList>['carriers'] =>
  ({ mail: carriers.has('mail'), sms: carriers.has('sms'), robot: carriers.has('robot'), print: true })

// ── Deliveries ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const deliveryView = z.object({
  id: z.uuid().describe('also the message’s own id, the same however often it is sent'),
  channel: z.enum(words(deliveryChannels)),
  about: z.object({ kind: z.enum(['notice', 'letter', 'event', 'test']), name: z.string(), words: z.string() }),
  tid: z.string().nullable(),
  application: z.string().nullable(),
  state: z.enum(words(deliveryStates)),
  sentence: z.string(),
  attempts: z.int().min(0),
  nextAt: at.describe('when it is tried next'),
  createdAt: instantText,
  doneAt: at,
  failure: z.object({ code: z.enum(words(deliveryFailures)), words: z.string() }).nullable(),
  proof: z.record(z.string(), z.unknown()).nullable().describe('what the other side said: HTTP status, SMTP response, receipt, number of the parcel'),
  webhook: z.uuid().nullable(),
  contact: z.uuid().nullable().describe('null for an SMS to the telephone in the register'),
  allowed: allowedTo('redeliver', 'confirm-print'),
})
export type DeliveryView = z.infer<typeof deliveryView>

type Seen = { asker: Asker; carriers: ReadonlySet<DeliveryChannel> }

function aboutOf(d: DeliveryRow, language: Language): DeliveryView['about'] {
  if (d.notice !== null) return { kind: 'notice', name: d.notice_kind!, words: say(noticeKinds[d.notice_kind!], language) }
  if (d.letter !== null) return { kind: 'letter', name: d.letter, words: language === 'zh' ? `函件 ${d.letter}` : `letter ${d.letter}` }
  if (d.event_kind !== null) return { kind: 'event', name: d.event_kind, words: say(eventKinds[d.event_kind as EventKind], language) }
  return { kind: 'test', name: 'webhook.test', words: language === 'zh' ? '测试' : 'a test' }
}

export function viewDelivery(d: DeliveryRow, { asker: { actor, language }, carriers }: Seen): DeliveryView {
  const isStuck = d.state === 'waiting' && d.channel !== 'print' && !carriers.has(d.channel)
  const failure = isStuck ? 'not_configured' : d.failure
  const no = mayNot(actor, 'redeliver')?.refused
  return {
    id: d.id, channel: d.channel, about: aboutOf(d, language), tid: d.tid, application: d.case_no, state: d.state,
    sentence: deliverySentence(d, failure, language), attempts: d.attempts, nextAt: d.state === 'waiting' && d.channel !== 'print' && !isStuck ? iso(d.next_at) : null,
    createdAt: iso(d.created_at), doneAt: isoOrNull(d.done_at ?? undefined),
    failure: failure === null ? null : { code: failure, words: say(deliveryFailures[failure], language) }, proof: d.proof, webhook: d.webhook, contact: d.contact,
    allowed: {
      redeliver: no ?? (d.channel !== 'print' && !carriers.has(d.channel) ? 'carrier_missing' : true),
      'confirm-print': mayNot(actor, 'confirm-print')?.refused ?? (d.channel === 'print' && d.state === 'waiting' ? true : 'delivery_not_printed'),
    },
  }
}

function deliverySentence(d: DeliveryRow, failure: DeliveryRow['failure'], language: Language): string {
  const zh = language === 'zh'
  const [way, why] = [say(deliveryChannels[d.channel], language), failure === null ? '' : say(deliveryFailures[failure], language)]
  if (d.state === 'sent') return zh ? `已由${way}送达。` : `Delivered by ${way}.`
  if (d.state === 'failed') return zh ? `对方拒收（${way}）：${why}。` : `Refused by the other side (${way}): ${why}.`
  if (d.state === 'given_up') return zh ? `试了 ${d.attempts} 次未能送达（${way}）：${why}。` : `Not delivered after ${d.attempts} attempt(s) (${way}): ${why}.`
  if (d.channel === 'print') return zh ? '待打印寄送。' : 'Waits to be printed and posted.'
  if (failure === null) return zh ? `待发送（${way}）。` : `Waits to be sent (${way}).`
  return zh ? `还没有送达（${way}）：${why}${failure === 'not_configured' ? '' : '，会再试'}。` : `Not delivered yet (${way}): ${why}${failure === 'not_configured' ? '' : '; it will be tried again'}.`
}

export const oneDelivery = async (app: App, seen: Seen, id: string): Promise<DeliveryView | undefined> => {
  const row = await app.db.transaction(scopeOf(seen.asker.actor), (tx) => readDelivery(tx, id), { readOnly: true })
  return row && viewDelivery(row, seen)
}

/** Newest first. */
export const pageOfDeliveries = (app: App, seen: Seen, { cursor, limit, ...asked }: Paging & DeliveriesAsked): Promise<Page<DeliveryView> | Refusal> =>
  app.db.transaction(scopeOf(seen.asker.actor), async (tx) => {
    const list = listOf('deliveries', asked)
    const place = placeOf(list, cursor, ['number'])
    if (isRefusal(place)) return place
    const rows = await listDeliveries(tx, asked, place?.key[0] as number | undefined, limit + 1)
    const total = place?.total ?? await totalOf(await countDeliveries(tx, asked, list_total_exact_max + 1), () => list_total_exact_max)
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return { items: rows.slice(0, limit).map((row) => viewDelivery(row, seen)), total, next: last ? cursorAt(list, { key: [last.ordinal], total }) : null }
  }, { readOnly: true })

// ── Complaints ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const complaintView = z.object({
  no: z.string(),
  kind: z.enum(words(complaintKinds)),
  topic: z.enum(words(complaintTopics)),
  state: z.enum(words(complaintStates)),
  sentence: z.string(),
  provider: z.string(),
  mid: z.string(),
  tid: z.string().nullable(),
  application: z.string().nullable(),
  channel: z.enum(words(channels)),
  words: z.string().nullable().describe('what was written; null once it was disposed of'),
  proof: z.string().nullable(),
  answer: z.string().nullable(),
  remark: z.string().nullable().describe('what the one who wrote said at the end, or when reopening'),
  filedAt: instantText,
  deadline: z.object({ at: instantText, overdue: z.boolean() }),
  lateAt: at.describe('since when it has been raised as late'),
  assignee: z.string().nullable().describe('not told to the merchant'),
  answeredAt: at,
  satisfaction: z.int().min(1).max(5).nullable(),
  closedAt: at,
  allowed: allowedTo('assign', 'answer', 'close', 'reopen'),
  version: z.int().min(1),
})
export type ComplaintView = z.infer<typeof complaintView>

export function viewComplaint(app: App, stored: StoredComplaint, { actor, language }: Asker): ComplaintView {
  const c = stored.complaint
  const now = app.clock.now()
  const isMerchant = audienceOf({ actor, language }) === 'merchant'
  // The platform oversees clocks, not what people wrote.
  const part = (name: 'words' | 'proof' | 'answer' | 'remark'): string | null => (actor.party.kind === 'platform' ? null : openPart(app, stored, name))
  return {
    no: c.no, kind: c.kind, topic: c.topic, state: c.state, sentence: complaintSentence(stored, now, app.zone, language), provider: c.provider, mid: c.mid, tid: c.tid ?? null,
    application: c.caseNo ?? null, channel: c.channel, words: part('words'), proof: part('proof'), answer: part('answer'), remark: part('remark'), filedAt: iso(c.filedAt),
    deadline: { at: iso(c.deadlineAt), overdue: isOpen(c.state) && c.deadlineAt < now }, lateAt: isoOrNull(c.lateAt), assignee: isMerchant ? null : (c.assignee ?? null),
    answeredAt: isoOrNull(c.answeredAt), satisfaction: c.satisfaction ?? null, closedAt: isoOrNull(c.closedAt), allowed: allowedOn(stored, actor), version: stored.version,
  }
}

const isOpen = (state: StoredComplaint['complaint']['state']): boolean => state === 'filed' || state === 'assigned'
function allowedOn({ complaint: c }: StoredComplaint, actor: Actor): ComplaintView['allowed'] {
  const may = (command: 'assign' | 'answer' | 'close' | 'reopen') =>
    mayNot(actor, `${command}-complaint`)?.refused ?? (complaintMachine[command].includes(c.state) ? true as const : 'complaint_not_in_this_state' as const)
  return {
    assign: may('assign'), close: may('close'),
    answer: may('answer') === true && actor.person === c.filedBy ? 'maker_is_checker' : may('answer'),
    reopen: may('reopen') === true && c.reopenedAt !== undefined ? 'complaint_reopened_before' : may('reopen'),
  }
}

function complaintSentence({ complaint: c }: StoredComplaint, now: number, zone: string, language: Language): string {
  const zh = language === 'zh'
  const day = dateOf(c.deadlineAt, zone)
  if (c.state === 'closed') return zh ? `已结案${c.satisfaction === undefined ? '' : `，满意度 ${c.satisfaction}/5`}。` : `Closed${c.satisfaction === undefined ? '' : `, rated ${c.satisfaction} of 5`}.`
  if (c.state === 'answered') return zh ? '已答复，等待商户评价。' : 'Answered; the merchant is to say whether it helped.'
  if (c.deadlineAt < now) return zh ? '已过答复期限，已上报督办。' : 'Past its time; it has been raised.'
  return zh ? `须在 ${day} 前答复。` : `To be answered by ${day}.`
}

export const oneComplaint = async (app: App, asker: Asker, no: string): Promise<{ view: ComplaintView; version: number } | undefined> => {
  const found = await app.db.transaction(scopeOf(asker.actor), (tx) => readComplaint(tx, no), { readOnly: true })
  return found && { view: viewComplaint(app, found, asker), version: found.version }
}

/** Newest first. */
export const pageOfComplaints = (app: App, asker: Asker, { cursor, limit, ...asked }: Paging & ComplaintsAsked): Promise<Page<ComplaintView> | Refusal> =>
  app.db.transaction(scopeOf(asker.actor), async (tx) => {
    const list = listOf('complaints', asked)
    const place = placeOf(list, cursor, ['number', 'string'])
    if (isRefusal(place)) return place
    const [filedAt, no] = (place?.key ?? []) as [number, string]
    const rows = await listComplaints(tx, asked, place && { at: filedAt, no }, limit + 1)
    const total = place?.total ?? await totalOf(await countComplaints(tx, asked, list_total_exact_max + 1), () => list_total_exact_max)
    const last = rows.length > limit ? rows[limit - 1]!.complaint : undefined
    return { items: rows.slice(0, limit).map((r) => viewComplaint(app, r, asker)), total, next: last ? cursorAt(list, { key: [last.filedAt, last.no], total }) : null }
  }, { readOnly: true })

