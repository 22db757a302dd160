// The demo's merchants, stores, devices and terminals: the same ones in every installation, installed relative to today.
// The first merchants are written out by hand, because stories are told about them; the rest is thrown with dice. Numbers
// that carry check digits are found by asking the very checks that will judge them.
import { addDays, addMonths, instantOf } from '../domain/calendar.ts'
import { checkUscc } from '../domain/identity.ts'
import type { Connectivity, DeviceState, DeviceType, Ownership, Service } from '../domain/vocabulary.ts'
import { diceOf, type Dice } from './dice.ts'
import { written, type Written } from './merchants.ts'
import { personNames, places, tradeOf, trades, type Place, type Trade } from './places.ts'

export type DemoStore = { mid: string; name: string; address: string; longitude: number; latitude: number }
export type DemoDevice = {
  serial: string
  provider: string
  model: string
  type: DeviceType
  ownership: Ownership
  depositFen: number
  firmware: string
  state: DeviceState
}
export type DemoTerminal = {
  tid: string
  mid: string
  provider: string
  store: string
  serial: string | undefined
  installedAt: number | undefined
  closedAt: number | undefined
  service: Service & ('active' | 'pending_setup' | 'closed')
  connectivity: Connectivity
  trade: Trade
  /** How busy this till is beside its trade's mean. */
  pace: number
  /** True where sales are only scanned. */
  qrOnly: boolean
}
export type DemoMerchant = {
  /** Name by which stories and people speak of it; absent where nobody does. */
  key: string | undefined
  mid: string
  name: string
  uscc: string
  mcc: string
  licenceUntil: string
  contact: string
  phone: string
  legalPerson: string
  account: string
  providers: readonly string[]
  createdAt: number
}
export type Estate = {
  merchants: DemoMerchant[]
  stores: DemoStore[]
  devices: DemoDevice[]
  terminals: DemoTerminal[]
}

const merchants_wanted = 100
const terminals_wanted = 300
/** Closed for good long ago, delivered but not installed yet, and devices on the shelf, per provider. */
const closed_per_provider = 3
const waiting_per_provider = 3
const spare_per_provider = 4

const acquirers: Readonly<Record<string, string>> = { yunhui: '861', chengfutong: '863', hairun: '313' }
const tidLead: Readonly<Record<string, string>> = { yunhui: '1', chengfutong: '2', hairun: '3' }
const makers = ['000002', '000012', '000031']
const models: readonly (readonly [{ model: string; type: DeviceType; code: string }, number])[] = [
  [{ model: 'A920', type: 'smart', code: '04' }, 4],
  [{ model: 'X990', type: 'smart', code: '04' }, 3],
  [{ model: 'S90', type: 'traditional', code: '02' }, 2],
  [{ model: 'D210', type: 'traditional', code: '02' }, 2],
  [{ model: 'ME31', type: 'epos', code: '03' }, 1],
  [{ model: 'QR65', type: 'qrbox', code: '05' }, 1],
]
const firmwares = ['2.8.1', '3.0.4', '3.1.0', '3.2.2', '4.0.1']

export const nameOf = (dice: Dice): string => dice.pick(personNames.surnames) + dice.pick(personNames.given)
const mobile = (dice: Dice): string =>
  `1${dice.pick(['35', '36', '37', '38', '39', '50', '58', '77', '86', '99'])}${dice.digits(8)}`

/** An enterprise code of this district: both check digits are the ones its check accepts. */
function uscc(dice: Dice, lead: string, districtCode: string): string {
  const body = `${lead}${districtCode}${dice.pick(['M', ''])}${dice.digits(8)}`.slice(0, 16)
  for (const organisation of '0123456789X')
    for (const check of '0123456789ABCDEFGHJKLMNPQRTUWXY') {
      const found = checkUscc(body + organisation + check)
      if ('value' in found && found.warnings.length === 0) return found.value
    }
  throw new Error(`no check digits for ${body}`)
}

type Draft = {
  key: string | undefined
  name: string
  brand: string
  trade: Trade
  place: Place
  terminals: Readonly<Record<string, number>>
  stores: number
  contact: string
  lead: string
}

const writtenDraft = (w: Written): Draft => ({
  ...w,
  trade: tradeOf(w.mcc),
  place: places.find((p) => p.city === w.at[0] && p.district === w.at[1])!,
  lead: '91',
})

/** So many merchants and terminals that the whole comes out as wanted; most merchants have one or two tills. */
function thrownDrafts(): Draft[] {
  const drafts: Draft[] = []
  const taken = new Set(written.map((w) => w.name))
  let left = terminals_wanted - written.reduce((n, w) => n + Object.values(w.terminals).reduce((a, b) => a + b, 0), 0)
  for (let i = 0; drafts.length < merchants_wanted - written.length; i++) {
    const dice = diceOf(`merchant ${i}`)
    const [trade, place] = [dice.pick(trades), dice.pick(places)]
    const brand = dice.pick(trade.brands)
    const isCompany = dice.chance(0.6)
    const name = isCompany
      ? `${place.city}${brand}${trade.company}`
      : `${place.city}市${place.district}${brand}${trade.shop}`
    if (taken.has(name)) continue
    taken.add(name)
    const others = merchants_wanted - written.length - drafts.length - 1
    const fair = left / (others + 1)
    const count =
      others === 0
        ? left
        : Math.max(
            1,
            Math.min(
              left - others,
              dice.weighted([
                [1, 4],
                [2, 4],
                [Math.round(fair), 5],
                [Math.round(fair * 2), 2],
              ]),
            ),
          )
    left -= count
    const provider = dice.weighted([
      ['yunhui', 5],
      ['chengfutong', 3],
      ['hairun', 2],
    ])
    const second =
      count > 3 && dice.chance(0.25)
        ? dice.pick(['yunhui', 'chengfutong', 'hairun'].filter((p) => p !== provider))
        : undefined
    drafts.push({
      key: undefined,
      name,
      brand,
      trade,
      place,
      lead: isCompany ? '91' : '92',
      contact: nameOf(dice),
      stores: Math.ceil(count / 3),
      terminals: second ? { [provider]: count - 1, [second]: 1 } : { [provider]: count },
    })
  }
  return drafts
}

/** Devices that stories are told about: lent for so many months, against so much. */
const lentTo: Readonly<Record<string, { months: number; depositFen: number }>> = {
  'apo.yunhui.8': { months: 14, depositFen: 30_000 },
  'haitian.yunhui.3': { months: 20, depositFen: 30_000 },
}

/** The estate as it stands on `today` ('yyyy-mm-dd'). */
export function makeEstate(today: string): Estate {
  const estate: Estate = { merchants: [], stores: [], devices: [], terminals: [] }
  const used = {
    mid: new Map<string, number>(),
    tid: new Map<string, number>(),
    closed: new Map<string, number>(),
    waiting: new Map<string, number>(),
  }
  const count = (of: Map<string, number>, key: string, by = 1): number => of.set(key, (of.get(key) ?? 0) + by).get(key)!
  for (const draft of [...written.map(writtenDraft), ...thrownDrafts()]) {
    const dice = diceOf(`estate ${draft.name}`)
    const providers = Object.keys(draft.terminals)
    const numbered = `${acquirers[providers[0]!]}${draft.place.areaCode}${draft.trade.mcc}`
    const mid = numbered + String(count(used.mid, numbered)).padStart(4, '0')
    const since = dice.int(200, 1_400)
    const stores = storesOf(draft, mid, dice)
    estate.stores.push(...stores)
    estate.merchants.push({
      key: draft.key,
      mid,
      name: draft.name,
      uscc: uscc(dice, draft.lead, draft.place.districtCode),
      mcc: draft.trade.mcc,
      licenceUntil: addDays(today, dice.int(90, 2_500)),
      contact: draft.contact,
      phone: mobile(dice),
      legalPerson: dice.chance(0.6) ? draft.contact : nameOf(dice),
      account: `${draft.place.areaCode}${dice.digits(13)}`,
      providers,
      createdAt: instantOf(addDays(today, -since), '10:00'),
    })
    for (const [provider, number] of Object.entries(draft.terminals))
      for (let i = 0; i < number; i++) {
        const lent = lentTo[`${draft.key}.${provider}.${i + 1}`]
        const device: DemoDevice = {
          ...deviceOf(provider, dice, draft.key === undefined ? models : models.filter(([m]) => m.type !== 'qrbox')),
          ...(lent && { ownership: 'lent', depositFen: lent.depositFen }),
        }
        const shelved = draft.key === undefined && number > 1 && i === number - 1
        const closed = shelved && count(used.closed, provider) <= closed_per_provider
        const waiting = shelved && !closed && count(used.waiting, provider) <= waiting_per_provider
        const thrown = addDays(today, -dice.int(125, since))
        const installedOn = lent ? addMonths(today, -lent.months) : thrown
        estate.devices.push({ ...device, state: closed ? 'in_stock' : waiting ? 'in_transit' : 'deployed' })
        estate.terminals.push({
          tid:
            tidLead[provider] +
            String(count(used.tid, provider, draft.key === undefined ? dice.int(1, 40) : 1)).padStart(7, '0'),
          mid,
          provider,
          store: stores[i % stores.length]!.name,
          serial: closed ? undefined : device.serial,
          installedAt: waiting ? undefined : instantOf(installedOn, '14:30'),
          closedAt: closed ? instantOf(addDays(today, -dice.int(70, 110)), '16:00') : undefined,
          service: closed ? 'closed' : waiting ? 'pending_setup' : 'active',
          connectivity:
            closed || waiting
              ? 'unknown'
              : dice.weighted([
                  ['online', 20],
                  ['offline', 3],
                  ['missing', 1],
                ]),
          trade: draft.trade,
          pace: draft.key === undefined ? dice.int(40, 150) / 100 : dice.int(120, 200) / 100,
          qrOnly: device.type === 'qrbox',
        })
      }
  }
  for (const provider of Object.keys(acquirers))
    for (let i = 0; i < spare_per_provider; i++)
      estate.devices.push({ ...deviceOf(provider, diceOf(`spare ${provider} ${i}`)), state: 'spare' })
  return estate
}

function storesOf(draft: Draft, mid: string, dice: Dice): DemoStore[] {
  const near = (degrees: number): number => Number((degrees + dice.normal() * 0.008).toFixed(6))
  const names = ['总店', '二店', '三店', '四店', '五店', '六店']
  return Array.from({ length: Math.max(draft.stores, 1) }, (_, i) => ({
    mid,
    name: draft.stores > 1 ? `${draft.brand}${names[i] ?? `${i + 1}店`}` : draft.brand,
    address: `${draft.place.city}市${draft.place.district}${dice.pick(draft.place.streets)}${dice.int(2, 899)}号`,
    longitude: near(draft.place.longitude),
    latitude: near(draft.place.latitude),
  }))
}

function deviceOf(provider: string, dice: Dice, choice = models): DemoDevice {
  const { model, type, code } = dice.weighted(choice)
  const lent = dice.chance(0.65)
  return {
    serial: `${dice.pick(makers)}${code}${dice.digits(8)}`,
    provider,
    model,
    type,
    ownership: lent ? 'lent' : 'owned',
    depositFen: lent ? dice.pick([9_900, 19_900, 30_000]) : 0,
    firmware: dice.pick(firmwares),
    state: 'deployed',
  }
}
