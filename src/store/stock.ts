// Devices on the shelf and numbers to give out: what a device is and whose hands it is in, where it was before, and terminal
// numbers nobody ever had.
import type { StockDevice } from '../domain/custody.ts'
import type { Accessory, CustodianKind, DeviceState, DeviceType, Ownership } from '../domain/vocabulary.ts'
import type { InspectedPart } from '../domain/device.ts'
import type { Tx } from "./db.ts"

/** Counted on within the provider's lead; none that is or was a terminal. */
export const reserveNumbers = async (tx: Tx, provider: string, lead: string, count: number): Promise<string[]> =>
  (await tx.one<{ tids: string[] }>('select reserve_tids($1, $2, $3) as tids', [provider, lead, count]))!.tids

/**
 * Whose hands a device is in: those of the last hand-over, unless it was put on a terminal or called back since. A merchant
 * keeps its own device; everything else nobody signed for is in the warehouse.
 */
const custodianSql = `case
    when c.at is not null and c.at >= coalesce(t.bound_at, t.installed_at, '-infinity') and c.at >= coalesce(b.unbound_at, '-infinity') then json_build_object('kind', c.to_kind, 'id', c.to_id)
    when t.tid is not null then json_build_object('kind', 'merchant', 'id', t.mid)
    when r.state in ('requested', 'shipped') then json_build_object('kind', 'merchant', 'id', r.mid)
    when d.state = 'stored_by_merchant' then json_build_object('kind', 'merchant', 'id', coalesce(b.mid, ''))
    when d.state = 'in_repair' then json_build_object('kind', 'repair', 'id', '')
    else json_build_object('kind', 'warehouse', 'id', '') end`
const fromSql = `device d
  left join terminal t on t.serial = d.serial and t.closed_at is null
  left join lateral (select x.mid, x.state from device_return x where x.serial = d.serial and x.ended_at is null limit 1) r on true
  left join lateral (select x.mid, x.unbound_at from device_binding x where x.serial = d.serial order by x.unbound_at desc, x.id desc limit 1) b on true
  left join lateral (select x.at, x.to_kind, x.to_id from custody x where x.serial = d.serial order by x.id desc limit 1) c on true`
const columnsSql = `d.serial, d.provider, d.model, d.type, d.ownership, d.deposit_fen::float8 as deposit_fen, d.firmware, d.state, d.accessories, d.condition, t.tid, t.mid,
  coalesce(t.bound_at, t.installed_at) as bound_at, r.state is not null as is_returning, ${custodianSql} as custodian,
  exists (select from handover_device h where h.serial = d.serial and h.open) as is_handed_over`

type Row = {
  serial: string; provider: string; model: string; type: DeviceType; ownership: Ownership; deposit_fen: number; firmware: string; state: DeviceState
  accessories: Accessory[]; condition: InspectedPart[]; tid: string | null; mid: string | null; bound_at: number | null; is_returning: boolean; is_handed_over: boolean
  custodian: { kind: CustodianKind; id: string }
}
/** A device with everything the register and its chain of custody say of it. */
export type ShelfDevice = StockDevice & {
  firmware: string
  accessories: readonly Accessory[]
  condition: readonly InspectedPart[]
  mid: string | undefined
  boundAt: number | undefined
  isHandedOver: boolean
}
const deviceOf = (r: Row): ShelfDevice => ({
  serial: r.serial, provider: r.provider, model: r.model, type: r.type, ownership: r.ownership, depositFen: r.deposit_fen, firmware: r.firmware, state: r.state,
  accessories: r.accessories, condition: r.condition, tid: r.tid ?? undefined, mid: r.mid ?? undefined, boundAt: r.bound_at ?? undefined, isReturning: r.is_returning,
  isHandedOver: r.is_handed_over, custodian: r.custodian,
})

export const stockDevice = async (tx: Tx, serial: string): Promise<ShelfDevice | undefined> => {
  const row = await tx.one<Row>(`select ${columnsSql} from ${fromSql} where d.serial = $1`, [serial])
  return row && deviceOf(row)
}
export const stockDevices = async (tx: Tx, serials: readonly string[]): Promise<ShelfDevice[]> =>
  (await tx.many<Row>(`select ${columnsSql} from ${fromSql} where d.serial = any($1) order by d.serial`, [serials])).map(deviceOf)

export type DevicesAsked = {
  state?: DeviceState | undefined; model?: string | undefined; terminal?: string | undefined; q?: string | undefined; isFree?: boolean | undefined
  after?: string | undefined; limit: number
}
const whereSql = `($1::text is null or d.state = $1) and ($2::text is null or d.model = $2) and ($3::text is null or t.tid = $3)
  and ($4::text is null or starts_with(d.serial, $4)) and (not $5::boolean or (d.state in ('in_stock', 'spare') and t.tid is null))`
const paramsOf = (a: Omit<DevicesAsked, 'limit' | 'after'>): unknown[] => [a.state ?? null, a.model ?? null, a.terminal ?? null, a.q ?? null, a.isFree ?? false]

/** By serial. */
export const listDevices = async (tx: Tx, asked: DevicesAsked): Promise<ShelfDevice[]> => (await tx.many<Row>(
  `select ${columnsSql} from ${fromSql} where ${whereSql} and d.serial > $6 order by d.serial limit $7`, [...paramsOf(asked), asked.after ?? '', asked.limit],
)).map(deviceOf)
export const countDevices = async (tx: Tx, asked: Omit<DevicesAsked, 'limit' | 'after'>, max: number): Promise<number> => (await tx.one<{ n: number }>(
  `select count(*)::int as n from (select from device d left join terminal t on t.serial = d.serial and t.closed_at is null where ${whereSql} limit $6) x`, [...paramsOf(asked), max],
))!.n

export type Bound = { tid: string; mid: string; boundAt: number; unboundAt: number | undefined; caseNo: string | undefined }
/** Terminals it was on before, the latest first. */
export const bindingsOf = async (tx: Tx, serial: string): Promise<Bound[]> => (await tx.many<{ tid: string; mid: string; bound_at: number; unbound_at: number; case_no: string | null }>(
  `select b.tid, b.mid, b.bound_at, b.unbound_at,
     (select a.no from application_terminal a where a.tid = b.tid and (a.old_serial = b.serial or a.new_serial = b.serial) order by a.no desc limit 1) as case_no
   from device_binding b where b.serial = $1 order by b.unbound_at desc, b.id desc limit 200`, [serial],
)).map((r) => ({ tid: r.tid, mid: r.mid, boundAt: r.bound_at, unboundAt: r.unbound_at, caseNo: r.case_no ?? undefined }))

/** What it was swapped for, or put on instead of: by which case, on which terminal. */
export const swapsOf = async (tx: Tx, serial: string): Promise<{ no: string; tid: string; old: string | null; new: string | null }[]> => tx.many(
  `select a.no, a.tid, a.old_serial as old, a.new_serial as new from application_terminal a where $1 in (a.old_serial, a.new_serial) order by a.no desc limit 50`, [serial],
)

export type Registered = { tid: string; mid: string; model: string; longitude: number; latitude: number; photo: string | null; case_no: string; at: number }
/** The five elements, each time they were registered with this device. */
export const registrationsOf = (tx: Tx, serial: string): Promise<Registered[]> =>
  tx.many('select tid, mid, model, longitude, latitude, photo, case_no, at from terminal_registration where serial = $1 order by at desc, id desc limit 50', [serial])

