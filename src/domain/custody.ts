// Devices apart from terminals: whether one is free to be put on a terminal, and how it goes from hand to hand. A hand-over
// names the devices, what comes with each and what it is like; one side signs when it is drawn up, the other side afterwards
// – a person signed in on that side, or a merchant's signature drawn on the spot. Only when both have signed does it count,
// and each device's chain grows by one link that nobody changes any more.
import type { Actor } from './authority.ts'
import type { InspectedPart } from './device.ts'
import type { Policy } from './policy.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import type { BoundDevice } from './terminal.ts'
import {
  custodians, deviceParts, deviceStates, handoverStates, type Accessory, type CustodianKind, type DeviceState, type DeviceType, type HandoverState, type Words,
} from './vocabulary.ts'

/** Who has a device; `id` names the merchant or the field engineer. */
export type Custodian = { kind: CustodianKind; id: string }

/** A device as the register and the shelf know it. */
export type StockDevice = BoundDevice & {
  provider: string
  model: string
  type: DeviceType
  state: DeviceState
  custodian: Custodian
  /** The live terminal it is on. */
  tid: string | undefined
  /** It is on its way back from somebody. */
  isReturning: boolean
}

const free: readonly DeviceState[] = ['in_stock', 'spare']

/** Why this device cannot be put on this terminal; a device that is on it already may stay. */
export function whyNotFree(device: StockDevice | undefined, serial: string, on: { tid: string; provider: string; mid: string }, policy: Policy): Refusal | undefined {
  if (device === undefined || device.provider !== on.provider) return refuseField('/serial', 'device_unknown', { serial })
  if (device.tid === on.tid) return undefined
  if (device.tid !== undefined) return refuseField('/serial', 'device_bound_already', { serial, tid: device.tid })
  // What the merchant owns itself it keeps itself.
  const isOwn = device.ownership === 'owned' && device.state === 'stored_by_merchant' && device.custodian.kind === 'merchant' && device.custodian.id === on.mid
  const isShelved = free.includes(device.state) && (device.custodian.kind === 'warehouse' || device.custodian.kind === 'field')
  if (device.isReturning || !(isOwn || isShelved))
    return refuseField('/serial', 'device_not_in_stock', { serial, state: deviceStates[device.state] })
  const { certifiedModels } = policy.installation
  return certifiedModels !== undefined && !certifiedModels.includes(device.model) ? refuseField('/serial', 'model_not_certified', { model: device.model }) : undefined
}

// ── Hand-overs ──────────────────────────────────────────────────────────────────────────────────────────────────────
export type HandedDevice = { serial: string; condition: readonly InspectedPart[]; accessories: readonly Accessory[] }
export type Handover = {
  id: string
  provider: string
  mid: string | undefined
  caseNo: string | undefined
  from: Custodian
  to: Custodian
  items: readonly HandedDevice[]
  state: HandoverState
  proposedAt: number
  endedAt: number | undefined
  /** Persons signed in, or a drawing that was handed in with it. */
  givenBy: string | undefined
  isGivenDrawn: boolean
  takenBy: string | undefined
  isTakenDrawn: boolean
}
export type HandoverCommand = 'sign' | 'refuse' | 'withdraw'
export const handoverWords: Readonly<Record<HandoverCommand, Words>> = { sign: ['签收', 'sign for it'], refuse: ['拒收', 'refuse it'], withdraw: ['撤回', 'withdraw it'] }
/** What may be done with a hand-over, and when. */
export const handoverMachine: Readonly<Record<HandoverCommand, readonly HandoverState[]>> = { sign: ['proposed'], refuse: ['proposed'], withdraw: ['proposed'] }

const isAt = (actor: Actor, { kind, id }: Custodian): boolean => kind === 'merchant' ? actor.party.kind === 'merchant' && actor.party.id === id
  : actor.party.kind === 'provider' && (kind !== 'field' || actor.person === id)
const sameHands = (a: Custodian, b: Custodian): boolean => a.kind === b.kind && a.id === b.id

export type Proposal = Pick<Handover, 'id' | 'provider' | 'mid' | 'caseNo' | 'from' | 'to' | 'items'> & { isDrawn: boolean }

/** Draws up a hand-over, signed by the side of whoever draws it up; with a merchant's drawn signature it is done at once. */
export function proposeHandover(
  wanted: Proposal, devices: readonly (StockDevice & { isHandedOver: boolean })[], actor: Actor, now: number,
): Handover | Refusal {
  const { from, to, items, isDrawn } = wanted
  const [gives, takes] = [isAt(actor, from), isAt(actor, to)]
  const other = gives ? to : from
  if ((!gives && !takes) || sameHands(from, to) || (isDrawn && other.kind !== 'merchant')) return refuse('handover_other_side')
  for (const { serial, condition } of items) {
    const device = devices.find((d) => d.serial === serial)
    if (device === undefined || device.provider !== wanted.provider) return refuseField('/devices', 'device_unknown', { serial })
    if (device.isHandedOver) return refuseField('/devices', 'handover_under_way', { serial })
    if (!sameHands(device.custodian, from)) return refuseField('/devices', 'handover_not_holder', { serial, holder: custodians[device.custodian.kind] })
    const dark = condition.filter((p) => (p.condition === 'broken' || p.condition === 'missing') && !p.photo?.trim())
    const named = (i: 0 | 1): string => dark.map((p) => deviceParts[p.part][i]).join(i === 0 ? '、' : ', ')
    if (dark.length > 0) return refuseField('/devices', 'photo_required', { parts: [named(0), named(1)] })
  }
  const { isDrawn: _, ...about } = wanted
  return {
    ...about, state: isDrawn ? 'done' : 'proposed', proposedAt: now, endedAt: isDrawn ? now : undefined,
    givenBy: gives ? actor.person : undefined, isGivenDrawn: !gives && isDrawn, takenBy: gives ? undefined : actor.person, isTakenDrawn: gives && isDrawn,
  }
}

/** The other side's word: only somebody of that side, and never the person who signed first. */
export function answerHandover(handover: Handover, command: HandoverCommand, actor: Actor, now: number): Handover | Refusal {
  if (!handoverMachine[command].includes(handover.state))
    return refuse('handover_not_in_this_state', { state: handoverStates[handover.state], command: handoverWords[command] })
  const isGiven = handover.givenBy !== undefined
  const first = handover.givenBy ?? handover.takenBy
  if (command === 'withdraw')
    return isAt(actor, isGiven ? handover.from : handover.to) ? { ...handover, state: 'withdrawn', endedAt: now } : refuse('handover_other_side')
  if (!isAt(actor, isGiven ? handover.to : handover.from) || actor.person === first) return refuse('handover_other_side')
  if (command === 'refuse') return { ...handover, state: 'refused', endedAt: now }
  return { ...handover, state: 'done', endedAt: now, ...(isGiven ? { takenBy: actor.person } : { givenBy: actor.person }) }
}
