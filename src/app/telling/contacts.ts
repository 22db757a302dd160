// People of a party who want to hear of things by mail, SMS, a group robot or on paper; and what is done about single
// deliveries: sent once more, or – printed and posted by hand – confirmed.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { mayNot, type Actor } from '../../domain/authority.ts'
import { maskedAddress } from '../../domain/telling.ts'
import { isRefusal, refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { contactChannels, deliveryChannels, type ContactChannel, type DeliveryChannel, type Language, type NoticeKind } from '../../domain/vocabulary.ts'
import type { Tx } from '../../store/db.ts'
import { confirmPrinted, giveUp, lockDelivery, readDelivery, sendAgain, type DeliveryRow } from '../../store/telling.ts'
import { insertContact, keyOfMerchant, listContacts, removeContact, type ContactRow } from '../../store/telling-endpoints.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Reply } from '../execute.ts'
import { addressOf } from './carry.ts'
import { ownerOf, partyOutcome, type DeliveryTelling } from './endpoints.ts'

export type Topic = NoticeKind | 'letter'
export type WantedContact = { channel: ContactChannel; address: string; language: Language; about: readonly Topic[] | undefined }
export type Contact = { id: string; channel: ContactChannel; address: string | null; language: Language; about: string[] | null; createdAt: number }
export type ContactTelling = { view: (contact: Contact) => Reply; refusal: (refusal: Refusal) => Reply }

export const contacts_per_party_max = 20

const text = (min: number, max: number): z.ZodType<string> => z.string().trim().min(min).max(max)
/** What an address must look like. */
const addresses: Readonly<Record<ContactChannel, z.ZodType<string>>> = {
  mail: z.email().max(254),
  sms: z.string().regex(/^1[3-9]\d{9}$/),
  robot: text(1, 200),
  print: text(5, 500),
}

/** Masked: one recognises one's own; null where it was disposed of. */
const shown = (app: App, row: ContactRow): Contact => {
  const open = addressOf(app, { address: row.address_sealed, contact: row.id, mid: row.mid, wrappedKey: row.wrapped_key })
  return { id: row.id, channel: row.channel, language: row.language, about: row.about, createdAt: row.created_at, address: open === undefined ? null : maskedAddress(row.channel, open) }
}

export const contactsOf = (app: App, actor: Actor): Promise<Contact[]> =>
  app.db.transaction(scopeOf(actor), async (tx) => (await listContacts(tx, ownerOf(actor))).map((row) => shown(app, row)), { readOnly: true })

export function addContact(app: App, asking: Asking, wanted: WantedContact, telling: ContactTelling): Promise<Reply> {
  const { actor } = asking
  return execute(app, asking, {
    command: 'add-contact', input: { channel: wanted.channel, language: wanted.language, about: wanted.about ?? null },
    refusal: telling.refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const role = mayNot(actor, 'manage-contacts')
      if (role) return role
      const address = addresses[wanted.channel].safeParse(wanted.address)
      if (!address.success) return refuseField('/address', 'contact_address', { channel: contactChannels[wanted.channel] })
      const owner = ownerOf(actor)
      const all = await listContacts(tx, owner)
      if (all.length >= contacts_per_party_max) return refuse('too_many', { max: contacts_per_party_max })
      const id = randomUUID()
      const sealed = await sealedFor(app, tx, owner.mid, `contact.address:${id}`, address.data)
      if (sealed === undefined) return refuse('material_disposed')
      await insertContact(tx, { id, ...owner, channel: wanted.channel, address: sealed, language: wanted.language, about: wanted.about ?? null, by: actor.person }, now)
      const row = (await listContacts(tx, owner)).find((c) => c.id === id)!
      return partyOutcome(actor, [{ fact: 'contact_added', contact: id, channel: wanted.channel }], telling.view(shown(app, row)))
    },
  })
}

async function sealedFor(app: App, tx: Tx, mid: string | null, what: string, address: string): Promise<Buffer | undefined> {
  return mid === null ? app.vault.seal(address, what) : app.vault.openKey(await keyOfMerchant(tx, mid), mid)?.seal(address, what)
}

export function dropContact(app: App, asking: Asking, id: string, telling: ContactTelling): Promise<Reply> {
  const { actor } = asking
  return execute(app, asking, {
    command: 'remove-contact', input: { contact: id }, refusal: telling.refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const role = mayNot(actor, 'manage-contacts')
      if (role) return role
      const row = (await listContacts(tx, ownerOf(actor))).find((c) => c.id === id)
      if (!row || (await removeContact(tx, ownerOf(actor), id, now)) === 0) return refuse('not_found')
      await giveUp(tx, { contact: id }, 'contact_removed', now)
      return partyOutcome(actor, [{ fact: 'contact_removed', contact: id }], telling.view(shown(app, row)))
    },
  })
}

// ── Single deliveries ───────────────────────────────────────────────────────────────────────────────────────────────
type Act = (tx: Tx, now: number, row: DeliveryRow) => Promise<string | Refusal>
const onDelivery = (app: App, asking: Asking, id: string, right: 'redeliver' | 'confirm-print', telling: DeliveryTelling, act: Act): Promise<Reply> =>
  execute(app, asking, {
    command: right, input: { delivery: id }, refusal: telling.refusal,
    lock: async (tx) => mayNot(asking.actor, right) ?? ((await lockDelivery(tx, id)) ? undefined : refuse('not_found')),
    async decide(tx, now) {
      const before = (await readDelivery(tx, id))!
      const fact = await act(tx, now, before)
      if (isRefusal(fact)) return fact
      return {
        changes: undefined, before: undefined, tids: [], provider: before.provider ?? undefined, mid: before.mid ?? undefined,
        facts: [{ fact, delivery: id, at: now, by: asking.actor.person }], reply: telling.view((await readDelivery(tx, id))!),
      }
    },
  })

/** Once more from the beginning, under the same id: whoever had it already can tell. */
export const redeliver = (app: App, asking: Asking, id: string, carriers: ReadonlySet<DeliveryChannel>, telling: DeliveryTelling): Promise<Reply> =>
  onDelivery(app, asking, id, 'redeliver', telling, async (tx, now, row) => {
    if (row.channel !== 'print' && !carriers.has(row.channel)) return refuse('carrier_missing', { channel: deliveryChannels[row.channel] })
    if (row.webhook !== null && (await tx.one('select 1 from webhook where id = $1 and (disabled_at is not null or removed_at is not null)', [row.webhook]))) return refuse('webhook_disabled')
    return (await sendAgain(tx, id, now)) === 0 ? refuse('delivery_waiting') : 'delivery_repeated'
  })

/** Printed and posted: the number of the parcel is its proof. */
export const confirmPrint = (app: App, asking: Asking, id: string, reference: string, telling: DeliveryTelling): Promise<Reply> =>
  onDelivery(app, asking, id, 'confirm-print', telling, async (tx, now, row) => {
    if (row.channel !== 'print' || row.state !== 'waiting') return refuse('delivery_not_printed')
    await confirmPrinted(tx, id, { reference, by: asking.actor.person }, now)
    return 'delivery_posted'
  })
