// Devices and their hand-overs, read for people: what a device is, in whose hands, what it was on, and how it got there.
import type { App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import type { Custodian } from '../domain/custody.ts'
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import { say, type HandoverState, type DeviceState } from '../domain/vocabulary.ts'
import { custodians } from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, totalOf } from '../store/cursor.ts'
import { chainOf, countHandovers, listHandovers, namesOf, readHandover, type StoredHandover } from '../store/handovers.ts'
import { bindingsOf, countDevices, listDevices, registrationsOf, stockDevice, swapsOf, type ShelfDevice } from '../store/stock.ts'
import type { Asker, Paging } from './services.ts'
import type { Page } from './shapes.ts'
import type { DeviceRow, DeviceView, HandoverView } from './view-device.ts'
import { iso, isoOrNull } from './view-terminal.ts'

export type DevicesQuery = Paging & { state?: DeviceState | undefined; model?: string | undefined; terminal?: string | undefined; q?: string | undefined; free?: boolean | undefined }

/** People of the provider have no name towards a merchant. */
const holderOf = ({ kind, id }: Custodian, names: ReadonlyMap<string, string>, { actor, language }: Asker): DeviceRow['custodian'] => ({
  kind, words: say(custodians[kind], language), merchant: kind === 'merchant' ? id : null,
  name: kind === 'field' && actor.party.kind !== 'merchant' ? names.get(id) ?? id : null,
})
const personsIn = (all: readonly (Custodian | string | null | undefined)[]): string[] =>
  all.flatMap((one) => (one == null ? [] : typeof one === 'string' ? [one] : one.kind === 'field' ? [one.id] : []))

const rowOf = (d: ShelfDevice, names: ReadonlyMap<string, string>, asker: Asker): DeviceRow => ({
  serial: d.serial, provider: d.provider, model: d.model, type: d.type, state: d.state, ownership: d.ownership, deposit: { fen: d.depositFen, currency: 'CNY' }, firmware: d.firmware,
  accessories: [...d.accessories], condition: d.condition.map((p) => ({ part: p.part, condition: p.condition, photo: p.photo ?? null, note: p.note ?? null })),
  custodian: holderOf(d.custodian, names, asker), terminal: d.tid ?? null, boundAt: d.tid === undefined ? null : isoOrNull(d.boundAt), handover: d.isHandedOver,
})

/** By serial. */
export async function pageOfDevices(app: App, asker: Asker, { cursor, limit, free, ...filters }: DevicesQuery): Promise<Page<DeviceRow> | Refusal> {
  const list = listOf('devices', { ...filters, free })
  const place = placeOf(list, cursor, ['string'])
  if (isRefusal(place)) return place
  const asked = { ...filters, isFree: free }
  return app.db.transaction(scopeOf(asker.actor), async (tx) => {
    const rows = await listDevices(tx, { ...asked, after: place?.key[0] as string | undefined, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const total = place?.total ?? await totalOf(await countDevices(tx, asked, list_total_exact_max + 1), () => list_total_exact_max)
    const names = await namesOf(tx, personsIn(shown.map((d) => d.custodian)))
    const last = shown.at(-1)
    return { items: shown.map((d) => rowOf(d, names, asker)), total, next: rows.length > limit && last ? cursorAt(list, { key: [last.serial], total }) : null }
  }, { readOnly: true })
}

export const oneDevice = (app: App, asker: Asker, serial: string): Promise<DeviceView | undefined> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
  const device = await stockDevice(tx, serial)
  if (device === undefined) return undefined
  const [chain, bindings, swaps, registrations] = [await chainOf(tx, serial), await bindingsOf(tx, serial), await swapsOf(tx, serial), await registrationsOf(tx, serial)]
  const names = await namesOf(tx, personsIn([device.custodian, ...chain.flatMap((l) => [l.from, l.to, l.givenBy, l.takenBy])]))
  const isMerchant = asker.actor.party.kind === 'merchant'
  const signed = (id: string | null): string | null => id === null || isMerchant ? null : names.get(id) ?? id
  return {
    ...rowOf(device, names, asker),
    custody: chain.map((l) => ({
      at: iso(l.at), handover: l.handover, from: holderOf(l.from, names, asker), to: holderOf(l.to, names, asker), given: signed(l.givenBy), taken: signed(l.takenBy), drawn: l.isDrawn,
      condition: l.condition.map((p) => ({ part: p.part, condition: p.condition, photo: p.photo ?? null, note: p.note ?? null })), accessories: l.accessories,
    })),
    terminals: [
      ...(device.tid === undefined ? [] : [{ tid: device.tid, from: isoOrNull(device.boundAt), to: null, application: swaps.find((s) => s.tid === device.tid && s.new === serial)?.no ?? null }]),
      ...bindings.map((b) => ({ tid: b.tid, from: iso(b.boundAt), to: isoOrNull(b.unboundAt), application: b.caseNo ?? null })),
    ],
    swaps: swaps.filter((s) => s.old !== null && s.new !== null).map((s) => ({ application: s.no, tid: s.tid, replaced: s.new === serial ? s.old : null, replacedBy: s.old === serial ? s.new : null })),
    registrations: registrations.map((r) => ({ tid: r.tid, mid: r.mid, serial, model: r.model, position: { longitude: r.longitude, latitude: r.latitude }, photo: r.photo, application: r.case_no, at: iso(r.at) })),
  }
}, { readOnly: true })

// ── Hand-overs ──────────────────────────────────────────────────────────────────────────────────────────────────────
export function viewHandover(app: App, asker: Asker, h: StoredHandover, names: ReadonlyMap<string, string>, merchantKey: Buffer | undefined): HandoverView {
  const isMerchant = asker.actor.party.kind === 'merchant'
  const drawn = h.drawing === undefined || h.mid === undefined || asker.actor.party.kind === 'platform' ? undefined
    : app.vault.openKey(merchantKey, h.mid)?.open(h.drawing, `handover.signature:${h.id}`)
  const { name } = drawn === undefined ? { name: null } : JSON.parse(drawn.toString()) as { name: string }
  const side = (by: string | undefined, isDrawn: boolean): HandoverView['given'] => by === undefined && !isDrawn ? null
    : { kind: isDrawn ? 'drawn' : 'person', name: isDrawn ? name : isMerchant && by !== asker.actor.person ? null : names.get(by!) ?? by! }
  return {
    id: h.id, provider: h.provider, merchant: h.mid ?? null, application: h.caseNo ?? null, state: h.state, from: holderOf(h.from, names, asker), to: holderOf(h.to, names, asker),
    proposedAt: iso(h.proposedAt), endedAt: isoOrNull(h.endedAt), words: h.words ?? null, given: side(h.givenBy, h.isGivenDrawn), taken: side(h.takenBy, h.isTakenDrawn),
    devices: h.items.map((i) => ({ serial: i.serial, accessories: [...i.accessories], condition: i.condition.map((p) => ({ part: p.part, condition: p.condition, photo: p.photo ?? null, note: p.note ?? null })) })),
  }
}
const peopleOf = (h: StoredHandover): string[] => personsIn([h.from, h.to, h.givenBy, h.takenBy])
const keySql = 'select mid, wrapped_key as key from merchant where mid = any($1)'

export const oneHandover = (app: App, asker: Asker, id: string): Promise<HandoverView | undefined> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
  const found = await readHandover(tx, id)
  if (found === undefined) return undefined
  const key = found.mid === undefined ? undefined : (await tx.one<{ key: Buffer | null }>(keySql, [[found.mid]]))?.key ?? undefined
  return viewHandover(app, asker, found, await namesOf(tx, peopleOf(found)), key)
}, { readOnly: true })

/** Newest first. */
export async function pageOfHandovers(app: App, asker: Asker, { cursor, limit, ...filters }: Paging & { state?: HandoverState | undefined; serial?: string | undefined }): Promise<Page<HandoverView> | Refusal> {
  const list = listOf('handovers', filters)
  const place = placeOf(list, cursor, ['number', 'string'])
  if (isRefusal(place)) return place
  const [at, id] = (place?.key ?? []) as [number, string]
  return app.db.transaction(scopeOf(asker.actor), async (tx) => {
    const rows = await listHandovers(tx, { ...filters, before: place && { at, id }, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const total = place?.total ?? await totalOf(await countHandovers(tx, filters, list_total_exact_max + 1), () => list_total_exact_max)
    const names = await namesOf(tx, shown.flatMap(peopleOf))
    const keys = new Map((await tx.many<{ mid: string; key: Buffer | null }>(keySql, [shown.flatMap((h) => h.mid ?? [])])).map((m) => [m.mid, m.key ?? undefined]))
    const last = shown.at(-1)
    return {
      items: shown.map((h) => viewHandover(app, asker, h, names, h.mid === undefined ? undefined : keys.get(h.mid))), total,
      next: rows.length > limit && last ? cursorAt(list, { key: [last.proposedAt, last.id], total }) : null,
    }
  }, { readOnly: true })
}
