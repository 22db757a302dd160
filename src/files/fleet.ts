// The fleet file: one terminal a row, with its device, its store and its merchant. `checkFleetRow` judges a row by
// itself; `checkFleetFile` also sees that no terminal number and no serial number comes twice in the file, at the later
// line. What only the registers know - numbers taken, serials bound elsewhere, a merchant that differs - the caller
// decides with the rows it gets.
import {
  checkLatitude,
  checkLongitude,
  checkMcc,
  checkMid,
  checkPhone,
  checkTid,
  checkTusn,
  checkUscc,
} from '../domain/identity.ts'
import { deviceTypes, ownerships } from '../domain/vocabulary.ts'
import {
  checkCells,
  checked,
  date,
  filled,
  maskedOnly,
  optional,
  type Reader,
  type Row,
  text,
  word,
  yuan,
} from './cells.ts'
import { atLine, type Finding, finding } from './fault.ts'
import { type Across, type CheckedBatch, checkFile } from './rows.ts'
import type { Cells } from './table.ts'
import type { Source } from './text.ts'

const degrees =
  (check: (value: string) => { value: string } | { code: 'position_range' }): Reader<number | null> =>
  (value) => {
    const answer = check(value)
    return 'code' in answer ? answer : { value: Number(answer.value) }
  }

export const fleetColumns = {
  mid: filled('商户号', checked(checkMid)),
  merchantName: filled('商户名称', text(100)),
  uscc: filled('统一社会信用代码', checked(checkUscc)),
  mcc: filled('mcc', checked(checkMcc)),
  contactName: filled('联系人', text(50)),
  contactPhone: filled('联系电话', checked(checkPhone)),
  storeName: filled('门店', text(100)),
  storeAddress: filled('地址', text(200)),
  longitude: optional('经度', degrees(checkLongitude), null),
  latitude: optional('纬度', degrees(checkLatitude), null),
  provider: filled('服务商', text(100)),
  tid: filled('终端号', checked(checkTid)),
  serial: filled('机具序列号', maskedOnly(checked(checkTusn))),
  model: filled('型号', text(50)),
  deviceType: filled('机具类型', word(deviceTypes)),
  ownership: filled('产权', word(ownerships)),
  depositYuan: optional('押金', yuan, 0),
  installedOn: optional<string | null>('装机日期', date, null),
  firmware: optional<string | null>('软件版本', text(50), null),
} as const

export type FleetColumn = keyof typeof fleetColumns
/** As read, but that a deposit is in fen. Degrees are null together or not at all. */
export type FleetRow = Omit<Row<typeof fleetColumns>, 'depositYuan'> & { depositFen: number }
export type FleetKnown = {
  /** The names of the providers there are; a row of another is provider_unknown. Left out: not checked. */
  providers?: ReadonlySet<string>
}

export const checkFleetRow = (
  cells: Cells<FleetColumn>,
  known: FleetKnown = {},
): { row: FleetRow } | { errors: Finding<FleetColumn>[] } => {
  const read = checkCells(fleetColumns, cells)
  const errors = 'errors' in read ? read.errors : []
  const provider = cells.provider.trim()
  const isFaulty = (column: FleetColumn) => errors.some((error) => error.column === column)
  if (known.providers && provider && !isFaulty('provider') && !known.providers.has(provider)) {
    errors.push(finding('provider', 'provider_unknown', provider))
  }
  for (const [one, other] of [
    ['longitude', 'latitude'],
    ['latitude', 'longitude'],
  ] as const) {
    if (!cells[one] && cells[other]) errors.push(finding(one, 'required'))
  }
  if ('errors' in read || errors.length > 0) return { errors }
  const { depositYuan, ...row } = read.row
  return { row: { ...row, depositFen: depositYuan } }
}

/** Checks a fleet file as it is read; batches come in the order of the file, none after one with `faults`. */
export const checkFleetFile = (
  source: Source,
  known: FleetKnown = {},
): AsyncGenerator<CheckedBatch<FleetRow, FleetColumn>> =>
  checkFile(source, fleetColumns, (cells) => checkFleetRow(cells, known), neverTwice())

/** Terminal numbers and serials at most once in a file. A row refused for something else still counts. */
const neverTwice = (): Across<FleetRow, FleetColumn> => {
  const lineOfTid = new Map<string, number>()
  const seenSerials = new Map<string, { tid: string; line: number }>()
  return (line, cells, errors) => {
    const { tid, serial } = cells
    const isSound = (column: FleetColumn) => !errors.some((error) => error.column === column)
    const found: Finding<FleetColumn>[] = []
    if (isSound('tid')) {
      const first = lineOfTid.get(tid)
      if (first === undefined) lineOfTid.set(tid, line)
      else found.push(finding('tid', 'tid_duplicate', tid, atLine(first)))
    }
    if (isSound('serial')) {
      const first = seenSerials.get(serial)
      if (first === undefined) seenSerials.set(serial, { tid, line })
      // The same terminal on both lines is one fault, not two: its number is already a duplicate.
      else if (first.tid !== tid) found.push(finding('serial', 'serial_already_bound', serial, atLine(first.line)))
    }
    return found.length > 0 ? { errors: found } : 'new'
  }
}
