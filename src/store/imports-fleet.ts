// A staged fleet against the registers, all of it set by set: what contradicts them, what would change, and the change.
// The statements run in one transaction in the order of this file; the temporary tables between them live as long as it
// does.
import type { ImportError, Ownership, DeviceType } from '../domain/vocabulary.ts'
import type { StagingColumns } from './imports.ts'
import type { Tx } from './db.ts'

export const fleetLayout = [
  ['line', 'int'],
  ['mid', 'text'],
  ['merchant_name', 'text'],
  ['uscc', 'text'],
  ['mcc', 'text'],
  ['store_name', 'text'],
  ['store_address', 'text'],
  ['longitude', 'float8'],
  ['latitude', 'float8'],
  ['provider', 'text'],
  ['tid', 'text'],
  ['serial', 'text'],
  ['model', 'text'],
  ['device_type', 'text'],
  ['ownership', 'text'],
  ['deposit_fen', 'bigint'],
  ['installed_on', 'date'],
  ['firmware', 'text'],
] as const satisfies StagingColumns

export type StagedFleetRow = {
  line: number
  mid: string
  merchant_name: string
  uscc: string
  mcc: string
  store_name: string
  store_address: string
  longitude: number | null
  latitude: number | null
  provider: string
  tid: string
  serial: string
  model: string
  device_type: DeviceType
  ownership: Ownership
  deposit_fen: string
  installed_on: string | null
  firmware: string | null
}

/** Why a staged row is refused by the registers; `hint` names a hint of the caller's. */
export type Clash = {
  line: number
  column: string
  code: ImportError
  value: string
  hint: 'closed' | 'other_provider' | 'unusable' | null
}

const many = async <T>(tx: Tx, text: string, params: readonly unknown[] = []): Promise<T[]> =>
  (await tx.client.query(text, params as unknown[])).rows as T[]
const run = async (tx: Tx, text: string, params: readonly unknown[] = []): Promise<number> =>
  (await tx.client.query(text, params as unknown[])).rowCount ?? 0

/**
 * What contradicts the registers. `provider` is who imports, if not the platform: it may not rewrite a merchant that another
 * provider looks after too. A serial that its terminal gives up in the same file is free.
 */
export const fleetClashes = (tx: Tx, s: string, provider: string | undefined): Promise<Clash[]> =>
  many(
    tx,
    `
  select s.line, 'tid' as "column", 'tid_taken' as code, s.tid as value, case when t.closed_at is not null then 'closed' end as hint
    from ${s} s join terminal t using (tid) where t.mid <> s.mid or t.provider <> s.provider or t.closed_at is not null
  union all
  select s.line, 'uscc', 'merchant_differs', s.uscc, null from ${s} s join merchant m using (mid) where m.uscc <> s.uscc
  union all
  select s.line, case when m.name <> s.merchant_name then 'merchantName' else 'mcc' end, 'merchant_differs',
      case when m.name <> s.merchant_name then s.merchant_name else s.mcc end, 'other_provider'
    from ${s} s join merchant m using (mid)
    where m.uscc = s.uscc and (m.name <> s.merchant_name or m.mcc <> s.mcc)
      and exists (select from merchant_provider p where p.mid = s.mid and p.provider <> $1)
  union all
  select s.line, 'serial', 'serial_already_bound', s.serial, null
    from ${s} s join terminal t on t.serial = s.serial and t.closed_at is null and t.tid <> s.tid
    where not exists (select from ${s} o where o.tid = t.tid and o.serial <> t.serial)
  union all
  select s.line, 'serial', 'serial_already_bound', s.serial, 'other_provider'
    from ${s} s join device d using (serial) where d.provider <> s.provider
  union all
  select s.line, 'serial', 'value_unknown', s.serial, 'unusable'
    from ${s} s join device d using (serial) left join terminal t on t.tid = s.tid
    where d.provider = s.provider and t.serial is distinct from s.serial and (d.state in ('lost', 'stolen', 'quarantined', 'retired')
      or exists (select from device_return r where r.serial = s.serial and r.ended_at is null))
  order by line, "column"`,
    [provider ?? null],
  )

export const stagedFleetRows = (tx: Tx, s: string, lines: readonly number[]): Promise<StagedFleetRow[]> =>
  many(tx, `select s.*, s.installed_on::text as installed_on from ${s} s where line = any($1) order by line`, [lines])

// ── Merchants ───────────────────────────────────────────────────────────────────────────────────────────────────────
export type KnownMerchant = {
  mid: string
  known: boolean
  name: string
  mcc: string
  wrapped_key: Buffer | null
  contact_sealed: Buffer | null
  phone_sealed: Buffer | null
  /** Another provider looks after it too. */
  shared: boolean
}

/** The merchants of the staged rows, with what is registered of them. */
export const knownMerchants = (tx: Tx, s: string, provider: string | undefined): Promise<KnownMerchant[]> =>
  many(
    tx,
    `
  select mid, m.mid is not null as known, m.name, m.mcc, m.wrapped_key, m.contact_sealed, m.phone_sealed,
    exists (select from merchant_provider p where p.mid = s.mid and p.provider <> $1) as shared
  from (select distinct mid from ${s}) s left join merchant m using (mid) order by mid`,
    [provider ?? null],
  )

export type ToldMerchant = {
  mid: string
  name: string
  uscc: string
  mcc: string
  isNew: boolean
  wrappedKey: Buffer | null
  contact: Buffer | null
  phone: Buffer | null
}

/** New and changed merchants go beside the staged rows; the rest of them stays untouched. */
export async function tellMerchants(tx: Tx, told: readonly ToldMerchant[]): Promise<void> {
  await run(
    tx,
    `create temp table told_merchant (mid text primary key, name text, uscc text, mcc text, is_new boolean,
    wrapped_key bytea, contact bytea, phone bytea) on commit drop`,
  )
  await run(
    tx,
    `insert into told_merchant select * from
     unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bytea[], $7::bytea[], $8::bytea[])`,
    [
      told.map((m) => m.mid),
      told.map((m) => m.name),
      told.map((m) => m.uscc),
      told.map((m) => m.mcc),
      told.map((m) => m.isNew),
      told.map((m) => m.wrappedKey),
      told.map((m) => m.contact),
      told.map((m) => m.phone),
    ],
  )
  await run(tx, 'analyze told_merchant')
}

// ── What would change ───────────────────────────────────────────────────────────────────────────────────────────────
/**
 * Of several rows about one store the last counts. A row changes something when it is new, or its merchant, store, device or
 * terminal differs from the registers; where a cell is empty (position, date, firmware) what is registered stays.
 */
export async function compareFleet(tx: Tx, s: string): Promise<number> {
  await run(
    tx,
    `
    create temp table told_store on commit drop as
    select *, id is null as is_new, id is not null and (moved or address <> old_address) as changed from (
      select distinct on (s.mid, s.store_name) s.mid, s.store_name as name, st.id, s.store_address as address, st.address as old_address,
        s.longitude, s.latitude,
        st.id is not null and s.longitude is not null and (st.longitude, st.latitude) is distinct from (s.longitude, s.latitude) as moved
      from ${s} s left join store st on st.mid = s.mid and st.name = s.store_name order by s.mid, s.store_name, s.line desc) x`,
  )
  await run(
    tx,
    `
    create temp table told_row on commit drop as
    select s.line, s.tid, t.version, t.serial as old_serial, t.tid is null as is_new, t.serial is distinct from s.serial as rebound,
      d.serial is null as device_is_new,
      d.serial is not null and (
        (d.model, d.type, d.ownership, d.deposit_fen) is distinct from (s.model, s.device_type, s.ownership, s.deposit_fen)
        or d.firmware <> coalesce(s.firmware, d.firmware)) as device_changed,
      t.tid is null or t.serial is distinct from s.serial or t.store_id is distinct from st.id or st.is_new or st.changed or m.mid is not null
      or (d.model, d.type, d.ownership, d.deposit_fen) is distinct from (s.model, s.device_type, s.ownership, s.deposit_fen)
      or d.firmware <> coalesce(s.firmware, d.firmware)
      or coalesce((t.installed_at at time zone 'Asia/Shanghai')::date <> s.installed_on, false) as changed
    from ${s} s join told_store st on st.mid = s.mid and st.name = s.store_name
      left join told_merchant m on m.mid = s.mid left join terminal t on t.tid = s.tid left join device d on d.serial = s.serial`,
  )
  await run(tx, 'analyze told_store')
  await run(tx, 'analyze told_row')
  const [row] = await many<{ count: number }>(tx, 'select count(*)::int as count from told_row where changed')
  return row!.count
}

// ── The change ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** Locks the terminals that change, in order; false where one of them is no longer what was compared. */
export async function lockChanged(tx: Tx): Promise<boolean> {
  await run(
    tx,
    `
    create temp table touched on commit drop as
    select t.tid, t.version, t.provider from terminal t join told_row r using (tid) where r.changed and not r.is_new
    union
    select t.tid, t.version, t.provider from terminal t join told_store st on st.id = t.store_id where st.moved and t.closed_at is null`,
  )
  await run(tx, 'select t.tid from terminal t join touched using (tid) order by t.tid for update of t')
  const [row] = await many<{ stale: boolean }>(
    tx,
    `
    select exists (select from touched join terminal t using (tid) where t.version <> touched.version or t.closed_at is not null)
      or exists (select from told_row r join terminal t using (tid) where r.is_new) as stale`,
  )
  return !row!.stale
}

/**
 * Writes everything the staged rows changed and what the gates must be told. Runs after compareFleet and lockChanged.
 */
export async function applyFleet(tx: Tx, s: string, now: Date): Promise<void> {
  await run(
    tx,
    `insert into merchant (mid, name, uscc, mcc, wrapped_key, contact_sealed, phone_sealed, created_at)
    select mid, name, uscc, mcc, wrapped_key, contact, phone, $1 from told_merchant where is_new`,
    [now],
  )
  await run(
    tx,
    `update merchant m set name = t.name, mcc = t.mcc, contact_sealed = coalesce(t.contact, m.contact_sealed),
      phone_sealed = coalesce(t.phone, m.phone_sealed) from told_merchant t where t.mid = m.mid and not t.is_new`,
  )
  await run(tx, `insert into merchant_provider select distinct mid, provider from ${s} on conflict do nothing`)
  await run(
    tx,
    `insert into store (mid, name, address, longitude, latitude)
    select mid, name, address, longitude, latitude from told_store where is_new`,
  )
  await run(
    tx,
    `update store st set address = t.address, longitude = coalesce(t.longitude, st.longitude), latitude = coalesce(t.latitude, st.latitude)
    from told_store t where t.id = st.id and t.changed`,
  )
  await run(
    tx,
    `insert into device (serial, provider, model, type, ownership, deposit_fen, firmware)
    select s.serial, s.provider, s.model, s.device_type, s.ownership, s.deposit_fen, coalesce(s.firmware, '')
    from ${s} s join told_row r using (line) where r.device_is_new`,
  )
  await run(
    tx,
    `update device d set model = s.model, type = s.device_type, ownership = s.ownership, deposit_fen = s.deposit_fen,
      firmware = coalesce(s.firmware, d.firmware), state = case when r.rebound then 'deployed' else d.state end
    from ${s} s join told_row r using (line) where d.serial = s.serial and (r.device_changed or r.rebound and not r.device_is_new)`,
  )
  // The device a terminal gave up stays without one, unless the file gives it to another.
  await run(
    tx,
    `update device d set state = 'swapped_out' from told_row r
    where d.serial = r.old_serial and r.rebound and d.state = 'deployed' and not exists (select from ${s} o where o.serial = d.serial)`,
  )
  // Given up first and taken second: two terminals may exchange their devices in one file.
  await run(
    tx,
    'update terminal t set serial = null from told_row r where t.tid = r.tid and r.rebound and not r.is_new and r.old_serial is not null',
  )
  await run(
    tx,
    `update terminal t set serial = s.serial, store_id = st.id, version = t.version + 1,
      installed_at = case when (t.installed_at at time zone 'Asia/Shanghai')::date <> s.installed_on
        then s.installed_on::timestamp at time zone 'Asia/Shanghai' else t.installed_at end
    from ${s} s join told_row r using (line) join store st on st.mid = s.mid and st.name = s.store_name
    where t.tid = s.tid and r.changed and not r.is_new`,
  )
  await run(
    tx,
    `update terminal t set version = t.version + 1 from touched where t.tid = touched.tid
    and not exists (select from told_row r where r.tid = t.tid and r.changed)`,
  )
  // Known to no gate until it is published: its gate_seq stays 0 and no gate approves anything on it.
  await run(
    tx,
    `insert into terminal (tid, mid, provider, store_id, serial, installed_at, service)
    select s.tid, s.mid, s.provider, st.id, s.serial, coalesce(s.installed_on::timestamp at time zone 'Asia/Shanghai', $1), 'active'
    from ${s} s join told_row r using (line) join store st on st.mid = s.mid and st.name = s.store_name where r.is_new order by s.tid`,
    [now],
  )
  await run(
    tx,
    `insert into import_outbox (kind, tid, provider)
    select 'publish', tid, provider from touched union select 'publish', s.tid, s.provider from ${s} s join told_row r using (line) where r.is_new
    on conflict do nothing`,
  )
}
