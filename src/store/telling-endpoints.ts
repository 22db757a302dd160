// Who wants to hear, as rows: endpoints of machines and addresses of people, each a party's own.
import type { ContactChannel, EventKind, Language, WebhookStop } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

/** Whose it is: a provider's, a merchant's, or – neither – the platform's. */
export type Owner = { provider: string | null; mid: string | null }

export type WebhookRow = Owner & {
  id: string; url: string; name: string; kinds: EventKind[] | null
  secret_sealed: Buffer; old_secret_sealed: Buffer | null; old_until: number | null
  created_at: number; created_by: string; succeeded_at: number | null; failing_since: number | null
  disabled_at: number | null; disabled_why: WebhookStop | null; version: number; waiting: number
}
const webhookSql = `select id, provider, mid, url, name, kinds, secret_sealed, old_secret_sealed, old_until, created_at, created_by, succeeded_at, failing_since,
  disabled_at, disabled_why, version, (select count(*) from delivery d where d.webhook = w.id and d.state = 'waiting') as waiting from webhook w`
/** The platform sees every row; an endpoint is managed by its owner only. */
const owned = 'removed_at is null and w.provider is not distinct from $1 and w.mid is not distinct from $2'

export const listWebhooks = (tx: Tx, { provider, mid }: Owner): Promise<WebhookRow[]> =>
  tx.many<WebhookRow>(`${webhookSql} where ${owned} order by created_at, id`, [provider, mid])
export const readWebhook = (tx: Tx, { provider, mid }: Owner, id: string): Promise<WebhookRow | undefined> =>
  tx.one<WebhookRow>(`${webhookSql} where ${owned} and id = $3`, [provider, mid, id])
export const lockWebhook = (tx: Tx, id: string): Promise<object | undefined> => tx.one('select id from webhook where id = $1 and removed_at is null for update', [id])

export const insertWebhook = (tx: Tx, w: Owner & { id: string; url: string; name: string; kinds: readonly string[] | null; secret: Buffer; by: string }, now: number): Promise<number> =>
  tx.run('insert into webhook (id, provider, mid, url, name, kinds, secret_sealed, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [w.id, w.provider, w.mid, w.url, w.name, w.kinds, w.secret, instantParam(now), w.by])
export const rotateSecret = (tx: Tx, id: string, secret: Buffer, oldUntil: number): Promise<number> =>
  tx.run('update webhook set old_secret_sealed = secret_sealed, old_until = $3, secret_sealed = $2, version = version + 1 where id = $1', [id, secret, instantParam(oldUntil)])
export const disableWebhook = (tx: Tx, id: string, why: WebhookStop, now: number): Promise<number> =>
  tx.run('update webhook set disabled_at = $2, disabled_why = $3, version = version + 1 where id = $1 and disabled_at is null and removed_at is null', [id, instantParam(now), why])
export const enableWebhook = (tx: Tx, id: string): Promise<number> =>
  tx.run('update webhook set disabled_at = null, disabled_why = null, failing_since = null, version = version + 1 where id = $1', [id])
export const removeWebhook = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run('update webhook set removed_at = $2, version = version + 1 where id = $1', [id, instantParam(now)])
export const insertTest = (tx: Tx, w: Owner & { id: string; webhook: string }, now: number): Promise<number> =>
  tx.run(`insert into delivery (id, provider, mid, channel, webhook, next_at, created_at) values ($1, $2, $3, 'webhook', $4, $5, $5)`, [w.id, w.provider, w.mid, w.webhook, instantParam(now)])

// ── Contacts ────────────────────────────────────────────────────────────────────────────────────────────────────────
export type ContactRow = Owner & { id: string; channel: ContactChannel; address_sealed: Buffer; language: Language; about: string[] | null; created_at: number; wrapped_key: Buffer | null }

export const listContacts = (tx: Tx, { provider, mid }: Owner): Promise<ContactRow[]> =>
  tx.many<ContactRow>(
    `select c.id, c.provider, c.mid, c.channel, c.address_sealed, c.language, c.about, c.created_at, m.wrapped_key from contact c left join merchant m on m.mid = c.mid
     where c.removed_at is null and c.provider is not distinct from $1 and c.mid is not distinct from $2 order by c.created_at, c.id`, [provider, mid],
  )
export const insertContact = (tx: Tx, c: Owner & { id: string; channel: ContactChannel; address: Buffer; language: Language; about: readonly string[] | null; by: string }, now: number): Promise<number> =>
  tx.run('insert into contact (id, provider, mid, channel, address_sealed, language, about, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [c.id, c.provider, c.mid, c.channel, c.address, c.language, c.about, instantParam(now), c.by])
export const removeContact = (tx: Tx, { provider, mid }: Owner, id: string, now: number): Promise<number> =>
  tx.run('update contact set removed_at = $4 where id = $3 and removed_at is null and provider is not distinct from $1 and mid is not distinct from $2', [provider, mid, id, instantParam(now)])
export const keyOfMerchant = async (tx: Tx, mid: string): Promise<Buffer | undefined> =>
  (await tx.one<{ wrapped_key: Buffer | null }>('select wrapped_key from merchant where mid = $1', [mid]))?.wrapped_key ?? undefined
