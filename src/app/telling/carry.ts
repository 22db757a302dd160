// The loop that carries deliveries: takes what is due under a lease, hands each to its carrier beside the others, writes down
// what came of it. Sent and not yet written down – the program died in between – it goes once more under the same id; that is
// the only way anything goes twice. What nobody configured a carrier for waits a few days, and is then given up.
import { setTimeout as pause } from 'node:timers/promises'
import { systemActor } from '../../domain/authority.ts'
import { letterMessage, noticeMessage, type Message } from '../../domain/telling.ts'
import type { ContactChannel, WebhookStop } from '../../domain/vocabulary.ts'
import type { Allowance, Resolve } from '../../telling/address.ts'
import type { Carried, Carrier } from '../../telling/carrier.ts'
import { post } from '../../telling/post.ts'
import { signedHeaders } from '../../telling/signing.ts'
import {
  contentOf, endpointFailed, endpointSucceeded, giveUp, settleDelivery, takeDue, type Content, type Taken,
} from '../../store/telling.ts'
import { disableWebhook, lockWebhook } from '../../store/telling-endpoints.ts'
import { payloadOf } from '../../store/telling-events.ts'
import { providerWords, type App } from '../app.ts'
import { execute } from '../execute.ts'
import { settledBy } from './schedule.ts'

export type Carriers = Partial<Record<Exclude<ContactChannel, 'print'>, Carrier>>
export type TellingOptions = {
  carriers: Carriers
  /** What endpoints may be besides the open Internet. */
  allowed: Allowance
  resolve?: Resolve | undefined
  timeout_ms?: number | undefined
  random?: (() => number) | undefined
  /** Looks by itself, every second and after every commit; else only when run. */
  polls: boolean
}
export type Telling = {
  /** Carries everything due; resolves when nothing is left and nothing is under way. */
  run(): Promise<void>
  close(): Promise<void>
}

const under_way_max = 32
const under_way_per_endpoint_max = 8
/** Longer than any attempt can last. */
const lease_s = 120
const poll_ms = 1_000
const stirred_ms = 50
const close_ms_max = 3_000
const day_ms = 86_400_000
const sweep_every_ms = 3_600_000
const unconfigured_kept_ms = 3 * day_ms
/** An endpoint to which nothing got through for so long is disabled. */
export const webhook_failing_ms_max = 3 * day_ms

export function openTelling(app: App, options: TellingOptions): Telling {
  const underWay = new Map<string, Promise<void>>()
  let isClosed = false
  let looking: Promise<void> | undefined
  let again = false
  let sweptAt = Number.NEGATIVE_INFINITY

  const look = (): Promise<void> => {
    if (looking) { again = true; return looking }
    looking = (async () => {
      do {
        again = false
        if (performance.now() - sweptAt > sweep_every_ms) {
          sweptAt = performance.now()
          await giveUpUnconfigured(app, options.carriers)
        }
        const room = under_way_max - underWay.size
        if (room <= 0 || isClosed) return
        const taken = await app.db.transaction('*', (tx) => takeDue(tx, app.clock.now(), {
          channels: Object.keys(options.carriers), count_max: room, perEndpoint_max: under_way_per_endpoint_max, lease_s,
        }))
        for (const one of taken) begin(one)
      } while (again && !isClosed)
    })().catch((error: Error) => app.log.warn({ error: error.message }, 'could not look for what is to be delivered')).finally(() => { looking = undefined })
    return looking
  }

  const begin = (one: Taken): void => {
    const carried = attempt(app, options, one).catch((error: Error) => {
      // Its lease ends by itself, and it is tried again.
      app.log.error({ delivery: one.id, error: error.message }, 'what came of a delivery could not be written down')
    }).finally(() => {
      underWay.delete(one.id)
      if (!isClosed) void look()
    })
    underWay.set(one.id, carried)
  }

  const timer = options.polls ? setInterval(() => void look(), poll_ms) : undefined
  // Commits come in bursts: one look for all of them.
  let soon: NodeJS.Timeout | undefined
  const off = options.polls ? app.onStir(() => { soon ??= setTimeout(() => { soon = undefined; void look() }, stirred_ms) }) : undefined
  if (options.polls) void look()
  return {
    async run() {
      await look()
      while (underWay.size > 0) {
        await Promise.all(underWay.values())
        await look()
      }
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      clearTimeout(soon)
      off?.()
      await looking
      // What is still under way then is given back by its lease, and sent again under its id.
      await Promise.race([Promise.all(underWay.values()), pause(close_ms_max, undefined, { ref: false })])
      for (const carrier of Object.values(options.carriers)) carrier.close()
    },
  }
}

/** Words that nobody could carry for days would only mislead. */
async function giveUpUnconfigured(app: App, carriers: Carriers): Promise<void> {
  const missing = (['mail', 'sms', 'robot'] as const).filter((channel) => carriers[channel] === undefined)
  const now = app.clock.now()
  if (missing.length > 0) await app.db.transaction('*', (tx) => giveUp(tx, { channels: missing, before: now - unconfigured_kept_ms }, 'not_configured', now))
}

async function attempt(app: App, options: TellingOptions, taken: Taken): Promise<void> {
  const content = await app.db.transaction('*', (tx) => contentOf(tx, taken.id), { readOnly: true })
  if (!content) return
  let carried: Carried
  try {
    carried = content.webhook ? await toEndpoint(app, options, content, content.webhook) : await toPerson(app, options, content)
  } catch (error) {
    app.log.error({ delivery: taken.id, error: (error as Error).message }, 'a delivery could not be made')
    carried = { sent: false, failure: 'broken', isFinal: false }
  }
  const stop = await app.db.transaction('*', async (tx): Promise<WebhookStop | undefined> => {
    const now = app.clock.now()
    await settleDelivery(tx, taken, settledBy(taken.channel, taken.attempts, carried, now, (options.random ?? Math.random)()), now)
    if (!content.webhook || content.webhook.disabled || content.webhook.removed) return undefined
    if (carried.sent) {
      await endpointSucceeded(tx, content.webhook.id, now)
      return undefined
    }
    const since = await endpointFailed(tx, content.webhook.id, now)
    return carried.failure === 'endpoint_gone' ? 'gone' : now - since >= webhook_failing_ms_max ? 'failing' : undefined
  })
  if (stop) await stopEndpoint(app, content.webhook!.id, stop)
}

const never = (failure: Extract<Carried, { sent: false }>['failure'], proof?: Record<string, string | number>): Carried => ({ sent: false, failure, isFinal: true, proof })

// ── Machines ────────────────────────────────────────────────────────────────────────────────────────────────────────
async function toEndpoint(app: App, { allowed, resolve, timeout_ms }: TellingOptions, content: Content, webhook: NonNullable<Content['webhook']>): Promise<Carried> {
  if (webhook.removed) return never('endpoint_removed')
  if (webhook.disabled) return never('endpoint_disabled')
  const what = `webhook.secret:${webhook.id}`
  const isOldGood = webhook.oldSecret !== null && webhook.oldUntil! > app.clock.now()
  const secrets = [webhook.secret, ...(isOldGood ? [webhook.oldSecret!] : [])].map((sealed) => app.vault.open(sealed, what).toString())
  const payload = content.event ? payloadOf(content.event) : { type: 'webhook.test', timestamp: new Date(app.clock.now()).toISOString(), data: {} }
  const body = JSON.stringify(payload)
  const told = await post(webhook.url, { headers: signedHeaders(`msg_${content.id}`, new Date(), body, secrets), body, allowed, resolve, timeout_ms })
  if (!told.answered)
    return { sent: false, failure: told.failure, isFinal: told.failure === 'address_forbidden', proof: { detail: told.detail, took_ms: told.took_ms } }
  const proof = { status: told.status, took_ms: told.took_ms }
  if (told.status >= 200 && told.status < 300) return { sent: true, proof }
  if (told.status >= 300 && told.status < 400) return { sent: false, failure: 'redirect_refused', isFinal: false, proof }
  if (told.status === 410) return never('endpoint_gone', proof)
  return { sent: false, failure: 'status', isFinal: false, proof, retryAfter_s: told.retryAfter_s }
}

/** Stops an endpoint for good reason, in the journal; what waited for it is given up. */
const stopEndpoint = (app: App, id: string, why: WebhookStop): Promise<unknown> => {
  let owner: { provider: string | null; mid: string | null } | undefined
  return execute(app, { actor: systemActor }, {
    command: 'disable-webhook', input: { webhook: id }, quiet: true,
    refusal: () => ({ status: 409, body: '', headers: {} }),
    async lock(tx) {
      await lockWebhook(tx, id)
      owner = await tx.one('select provider, mid from webhook where id = $1', [id])
      return undefined
    },
    async decide(tx, now) {
      const isNew = (await disableWebhook(tx, id, why, now)) > 0
      if (isNew) {
        await giveUp(tx, { webhook: id }, 'endpoint_disabled', now)
        app.log.warn({ webhook: id, why }, 'an endpoint was disabled')
      }
      return {
        changes: undefined, before: undefined, tids: [], provider: owner?.provider ?? undefined, mid: owner?.mid ?? undefined,
        facts: isNew ? [{ fact: 'webhook_disabled', webhook: id, why, at: now }] : [], reply: { status: 204, body: '', headers: {} },
      }
    },
  })
}

// ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────
async function toPerson(app: App, { carriers }: TellingOptions, content: Content): Promise<Carried> {
  const carrier = carriers[content.channel as keyof Carriers]
  if (!carrier) return { sent: false, failure: 'not_configured', isFinal: false }
  if (content.contactRemoved) return never('contact_removed')
  const to = addressOf(app, content)
  if (to === undefined) return never('address_disposed')
  const about = content.notice?.kind ?? 'letter'
  return carrier.carry({
    id: content.id, to, language: content.language ?? 'zh', about, ...messageOf(app, content),
    ...(content.letter && content.pdf ? { attachment: { name: `${content.letter.no}.pdf`, pdf: content.pdf } } : {}),
  })
}

/** The address out of its envelope; undefined where its merchant's key was destroyed. */
export function addressOf(app: App, { address, contact, mid, wrappedKey }: Pick<Content, 'address' | 'contact' | 'mid' | 'wrappedKey'>): string | undefined {
  const what = contact === null ? `merchant.phone:${mid}` : `contact.address:${contact}`
  if (mid === null) return app.vault.open(address!, what).toString()
  return app.vault.openKey(wrappedKey ?? undefined, mid)?.open(address!, what).toString()
}

function messageOf(app: App, { notice, letter, language }: Content): Message {
  const provider = app.provider((notice ?? letter)!.provider)
  const sender = { name: providerWords(provider), hotline: provider.hotline, publicUrl: app.publicUrl }
  return notice
    ? noticeMessage(notice.kind, notice.words, { caseNo: notice.caseNo ?? undefined, tid: notice.tid ?? undefined }, sender, language ?? 'zh')
    : letterMessage(letter!.no, letter!.kind, sender, language ?? 'zh')
}
