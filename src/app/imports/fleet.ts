// The fleet file: terminals with their merchants, stores and devices. It registers and corrects; it never lifts a hold,
// opens a terminal that waits for its installation, or revives a closed one. Contacts are personal: they pass from the
// sealed file to the merchant's own key in memory, and no staging table sees them.
import { dateOf } from '../../domain/calendar.ts'
import { formatYuan } from '../../domain/money.ts'
import type { Words } from '../../domain/vocabulary.ts'
import { atLine, finding, type Finding } from '../../files/fault.ts'
import { checkFleetFile, fleetColumns, type FleetColumn, type FleetRow } from '../../files/fleet.ts'
import type { Cells } from '../../files/table.ts'
import type { Tx } from '../../store/db.ts'
import {
  applyFleet,
  compareFleet,
  fleetClashes,
  fleetLayout,
  knownMerchants,
  lockChanged,
  stagedFleetRows,
  tellMerchants,
  type Clash,
  type KnownMerchant,
  type StagedFleetRow,
  type ToldMerchant,
} from '../../store/imports-fleet.ts'
import { analyse, makeStaging, stage, stagingTable, unstage, type StoredImport } from '../../store/imports.ts'
import type { App } from '../app.ts'
import { sealed_merchants_per_turn, staged_rows_max } from './bounds.ts'
import { Overtaken, type Importer } from './importer.ts'
import { faultAt, rejectRow, takeBatch, type Report } from './report.ts'

const columns = Object.keys(fleetColumns) as FleetColumn[]

/** What a file says of a merchant, the first time it names it. */
type Told = Pick<FleetRow, 'merchantName' | 'uscc' | 'mcc' | 'contactName' | 'contactPhone'> & { line: number }
const merchantColumns = ['merchantName', 'uscc', 'mcc', 'contactName', 'contactPhone'] as const

const clashHints: Readonly<Record<NonNullable<Clash['hint']>, Words>> = {
  closed: ['已注销，终端号不再启用', 'closed; a terminal number is never used again'],
  other_provider: ['另有机构登记', 'registered by another provider'],
  unusable: ['机具遗失、被盗、隔离或报废', 'the device is lost, stolen, quarantined or retired'],
}

export function fleetImporter(app: App, running: StoredImport): Importer {
  const table = stagingTable(running.id)
  const ownProvider = running.actor.party.kind === 'provider' ? running.actor.party.id : undefined
  const providers = new Map(
    app.providers().flatMap(
      (p) =>
        [
          [p.name, p.id],
          [p.nameEn, p.id],
        ] as const,
    ),
  )
  const providerNames = new Map(app.providers().map((p) => [p.id, p.name]))
  const told = new Map<string, Told>()
  const today = dateOf(app.clock.now(), app.zone)

  /** What no reader can know of a row by itself. */
  const faultsOf = (row: FleetRow, line: number): Finding<FleetColumn>[] => {
    const found: Finding<FleetColumn>[] = []
    if (ownProvider !== undefined && providers.get(row.provider) !== ownProvider)
      found.push(finding('provider', 'provider_not_yours', row.provider))
    if (row.installedOn !== null && row.installedOn > today)
      found.push(finding('installedOn', 'date_invalid', row.installedOn, ['晚于今天', 'after today']))
    const first = told.get(row.mid)
    if (first === undefined) told.set(row.mid, { ...row, line })
    else
      for (const column of merchantColumns)
        if (first[column] !== row[column])
          found.push(finding(column, 'merchant_differs', row[column], atLine(first.line)))
    return found
  }

  const staged = (row: FleetRow, line: number): unknown[] => [
    line,
    row.mid,
    row.merchantName,
    row.uscc,
    row.mcc,
    row.storeName,
    row.storeAddress,
    row.longitude,
    row.latitude,
    providers.get(row.provider)!,
    row.tid,
    row.serial,
    row.model,
    row.deviceType,
    row.ownership,
    row.depositFen,
    row.installedOn,
    row.firmware,
  ]

  const cellsOf = (row: StagedFleetRow): Cells<FleetColumn> => {
    const merchant = told.get(row.mid)!
    return {
      mid: row.mid,
      merchantName: row.merchant_name,
      uscc: row.uscc,
      mcc: row.mcc,
      contactName: merchant.contactName,
      contactPhone: merchant.contactPhone,
      storeName: row.store_name,
      storeAddress: row.store_address,
      longitude: String(row.longitude ?? ''),
      latitude: String(row.latitude ?? ''),
      provider: providerNames.get(row.provider)!,
      tid: row.tid,
      serial: row.serial,
      model: row.model,
      deviceType: row.device_type,
      ownership: row.ownership,
      depositYuan: formatYuan(Number(row.deposit_fen)),
      installedOn: row.installed_on ?? '',
      firmware: row.firmware ?? '',
    }
  }

  return {
    columns,
    async read(source, report, pace) {
      told.clear()
      await app.db.transaction('*', (tx) => makeStaging(tx, table, fleetLayout))
      let waiting: unknown[][] = []
      const send = async (): Promise<void> => {
        await app.db.transaction('*', (tx) => stage(tx, table, fleetLayout, waiting))
        waiting = []
      }
      for await (const batch of checkFleetFile(source, { providers: new Set(providers.keys()) })) {
        takeBatch(report, batch)
        for (const { line, row } of batch.rows) {
          const faults = faultsOf(row, line)
          if (faults.length === 0) waiting.push(staged(row, line))
          else rejectRow(report, { line, cells: cellsAsRead(row), faults: faults.map((f) => ({ line, ...f })) })
        }
        if (waiting.length >= staged_rows_max) await send()
        await pace(batch.read)
      }
      await send()
      await app.db.transaction('*', (tx) => analyse(tx, table))
    },
    check: (report) =>
      app.db.transaction('*', async (tx) => {
        const clashes = await fleetClashes(tx, table, ownProvider)
        await rejectClashes(tx, clashes, report)
        return clashes.length
      }),
    async apply(tx, dryRun) {
      if ((await fleetClashes(tx, table, ownProvider)).length > 0) throw new Overtaken()
      const known = await knownMerchants(tx, table, ownProvider)
      await tellMerchants(tx, await merchantsTold(app, known, told, ownProvider !== undefined))
      const changed = await compareFleet(tx, table)
      if (dryRun || changed === 0) return changed
      if (!(await lockChanged(tx))) throw new Overtaken()
      await applyFleet(tx, table, new Date(app.clock.now()))
      return changed
    },
    async applied() {},
  }

  async function rejectClashes(tx: Tx, clashes: readonly Clash[], report: Report): Promise<void> {
    if (clashes.length === 0) return
    const byLine = Map.groupBy(clashes, (clash) => clash.line)
    const lines = [...byLine.keys()]
    for (const row of await stagedFleetRows(tx, table, lines)) {
      const faults = byLine
        .get(row.line)!
        .map((c) => faultAt(row.line, c.column, c.code, c.value, c.hint ? clashHints[c.hint] : undefined))
      rejectRow(report, { line: row.line, cells: cellsOf(row), faults })
    }
    await unstage(tx, table, lines)
  }
}

const cellsAsRead = (row: FleetRow): Cells<FleetColumn> => ({
  ...row,
  longitude: String(row.longitude ?? ''),
  latitude: String(row.latitude ?? ''),
  depositYuan: formatYuan(row.depositFen),
  installedOn: row.installedOn ?? '',
  firmware: row.firmware ?? '',
})

/**
 * The merchants that are new or said differently, contacts sealed. Where somebody else looks after a merchant too, a provider
 * leaves it as it is; one whose key was destroyed keeps no contact.
 */
async function merchantsTold(
  app: App,
  known: readonly KnownMerchant[],
  told: ReadonlyMap<string, Told>,
  isProvider: boolean,
): Promise<ToldMerchant[]> {
  const changed: ToldMerchant[] = []
  for (const [i, before] of known.entries()) {
    if (i % sealed_merchants_per_turn === sealed_merchants_per_turn - 1) await new Promise(setImmediate)
    if (before.known && before.shared && isProvider) continue
    const { mid } = before
    const { merchantName: name, uscc, mcc, contactName, contactPhone } = told.get(mid)!
    const wrappedKey = before.known ? before.wrapped_key : app.vault.newKey(mid)
    const key = app.vault.openKey(wrappedKey ?? undefined, mid)
    const same = (sealed: Buffer | null, what: string, text: string): boolean =>
      key === undefined || (sealed !== null && key.open(sealed, `${what}:${mid}`).toString() === text)
    const contact = same(before.contact_sealed, 'merchant.contact', contactName)
      ? null
      : key!.seal(contactName, `merchant.contact:${mid}`)
    const phone = same(before.phone_sealed, 'merchant.phone', contactPhone)
      ? null
      : key!.seal(contactPhone, `merchant.phone:${mid}`)
    if (before.known && before.name === name && before.mcc === mcc && contact === null && phone === null) continue
    changed.push({ mid, name, uscc, mcc, isNew: !before.known, wrappedKey, contact, phone })
  }
  return changed
}
