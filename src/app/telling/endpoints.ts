// Endpoints of a party's machines: made, their secret changed, stopped, started, tried, removed. A secret is shown once, in the
// reply that makes it; the reply is stored, for whoever sends the same request again, sealed with the program's own secret.
import { randomUUID } from 'node:crypto'
import { mayNot, type Actor } from '../../domain/authority.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import type { EventKind } from '../../domain/vocabulary.ts'
import { urlFault, type Allowance } from '../../telling/address.ts'
import { newSecret } from '../../telling/signing.ts'
import { giveUp, readDelivery, type DeliveryRow } from '../../store/telling.ts'
import {
  disableWebhook, enableWebhook, insertTest, insertWebhook, listWebhooks, lockWebhook, readWebhook, removeWebhook, rotateSecret, type Owner, type WebhookRow,
} from '../../store/telling-endpoints.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'

export type EndpointTelling = { view: (webhook: WebhookRow, secret?: string) => Reply; refusal: (refusal: Refusal) => Reply }
export type DeliveryTelling = { view: (delivery: DeliveryRow) => Reply; refusal: (refusal: Refusal) => Reply }
export type WantedWebhook = { url: string; name: string; kinds: readonly EventKind[] | undefined }

export const webhooks_per_party_max = 20
/** How long both secrets are good after one took the other's place. */
const overlap_ms = 24 * 3_600_000

export const ownerOf = ({ party }: Actor): Owner => ({ provider: party.kind === 'provider' ? party.id : null, mid: party.kind === 'merchant' ? party.id : null })

export const partyOutcome = (actor: Actor, facts: readonly object[], reply: Reply): Outcome => {
  const { provider, mid } = ownerOf(actor)
  return { changes: undefined, before: undefined, tids: [], provider: provider ?? undefined, mid: mid ?? undefined, facts, reply }
}

export const endpointsOf = (app: App, actor: Actor): Promise<WebhookRow[]> => app.db.transaction(scopeOf(actor), (tx) => listWebhooks(tx, ownerOf(actor)), { readOnly: true })
export const endpointOf = (app: App, actor: Actor, id: string): Promise<WebhookRow | undefined> =>
  app.db.transaction(scopeOf(actor), (tx) => readWebhook(tx, ownerOf(actor), id), { readOnly: true })

const secretOf = (id: string): string => `webhook.secret:${id}`

export function createWebhook(app: App, asking: Asking, wanted: WantedWebhook, allowed: Allowance, telling: EndpointTelling): Promise<Reply> {
  const { actor } = asking
  return shownOnce(app, asking, (own, sealed) => execute(app, own, {
    // Addresses may carry a token of their own: the journal keeps the host.
    command: 'create-webhook', input: { host: hostIn(wanted.url), kinds: wanted.kinds ?? null },
    refusal: telling.refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const fault = urlFault(wanted.url, allowed)
      const refusal = mayNot(actor, 'manage-webhooks') ?? (fault && refuseField('/url', 'webhook_url_refused', { why: fault }))
      if (refusal) return refusal
      const owner = ownerOf(actor)
      if ((await listWebhooks(tx, owner)).length >= webhooks_per_party_max) return refuse('too_many', { max: webhooks_per_party_max })
      const [id, secret] = [randomUUID(), newSecret()]
      await insertWebhook(tx, { id, ...owner, url: wanted.url, name: wanted.name, kinds: wanted.kinds ?? null, secret: app.vault.seal(secret, secretOf(id)), by: actor.person }, now)
      const reply = telling.view((await readWebhook(tx, owner, id))!, secret)
      return partyOutcome(actor, [{ fact: 'webhook_made', webhook: id, host: hostIn(wanted.url) }], sealed(reply))
    },
  }))
}

const hostIn = (url: string): string => (URL.canParse(url) ? new URL(url).host : '')

export function rotateWebhook(app: App, asking: Asking, id: string, telling: EndpointTelling): Promise<Reply> {
  return shownOnce(app, asking, (own, sealed) => onWebhook(app, own, id, 'rotate-webhook', telling, async (tx, now) => {
    const secret = newSecret()
    await rotateSecret(tx, id, app.vault.seal(secret, secretOf(id)), now + overlap_ms)
    return { fact: 'webhook_rotated', reply: (row) => sealed(telling.view(row, secret)) }
  }))
}

/** A reply that shows a secret: its own account's only, and sealed where it is stored. */
async function shownOnce(app: App, asking: Asking, work: (own: Asking, sealed: (reply: Reply) => Reply) => Promise<Reply>): Promise<Reply> {
  const { actor, idempotency } = asking
  const what = `webhook-reply:${actor.account}`
  const own = { ...asking, idempotency: idempotency && { ...idempotency, route: `${idempotency.route} ${actor.account}` } }
  const reply = await work(own, (open) => ({ ...open, body: app.vault.seal(open.body, what).toString('base64') }))
  return reply.status < 300 ? { ...reply, body: app.vault.open(Buffer.from(reply.body, 'base64'), what).toString() } : reply
}

type Act = { fact: string; reply?: (row: WebhookRow) => Reply }
const onWebhook = (app: App, asking: Asking, id: string, command: string, telling: EndpointTelling, act: (tx: Tx, now: number, before: WebhookRow) => Promise<Act | Refusal>): Promise<Reply> =>
  execute(app, asking, {
    command, input: { webhook: id }, refusal: telling.refusal,
    lock: async (tx) => mayNot(asking.actor, 'manage-webhooks') ?? ((await lockWebhook(tx, id)) ? undefined : refuse('not_found')),
    async decide(tx, now) {
      const { actor } = asking
      const before = await readWebhook(tx, ownerOf(actor), id)
      if (!before) return refuse('not_found')
      const done = await act(tx, now, before)
      if (isRefusal(done)) return done
      const after = (await readWebhook(tx, ownerOf(actor), id)) ?? before
      return partyOutcome(actor, [{ fact: done.fact, webhook: id, at: now, by: actor.person }], (done.reply ?? telling.view)(after))
    },
  })

export const setWebhookState = (app: App, asking: Asking, id: string, to: 'enable' | 'disable', telling: EndpointTelling): Promise<Reply> =>
  onWebhook(app, asking, id, `${to}-webhook`, telling, async (tx, now, before) => {
    if ((before.disabled_at === null) === (to === 'enable')) return refuse('webhook_state')
    if (to === 'enable') await enableWebhook(tx, id)
    else {
      await disableWebhook(tx, id, 'by_hand', now)
      await giveUp(tx, { webhook: id }, 'endpoint_disabled', now)
    }
    return { fact: `webhook_${to}d` }
  })

export const deleteWebhook = (app: App, asking: Asking, id: string, telling: EndpointTelling): Promise<Reply> =>
  onWebhook(app, asking, id, 'remove-webhook', telling, async (tx, now) => {
    await removeWebhook(tx, id, now)
    await giveUp(tx, { webhook: id }, 'endpoint_removed', now)
    return { fact: 'webhook_removed' }
  })

/** Sends something that means nothing, so that both sides see whether it arrives. */
export const testWebhook = (app: App, asking: Asking, id: string, telling: DeliveryTelling): Promise<Reply> =>
  onWebhook(app, asking, id, 'test-webhook', { view: () => { throw new Error('answers with its delivery') }, refusal: telling.refusal }, async (tx, now, before) => {
    if (before.disabled_at !== null) return refuse('webhook_disabled')
    const delivery = randomUUID()
    await insertTest(tx, { id: delivery, provider: before.provider, mid: before.mid, webhook: id }, now)
    const row = (await readDelivery(tx, delivery))!
    return { fact: 'webhook_tested', reply: () => telling.view(row) }
  })
