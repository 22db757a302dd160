// What a Parquet file of each record holds: column, declared type, and where its value comes from. Rows wait as lines of
// text for the engine, which gives them their types; a name holds neither tab nor line break by then. `key` is added by
// the engine: 128 bits of merchant, terminal and reference, so that ten million of them are joined as numbers.
import { createHash } from 'node:crypto'
import type { Kin, RowOf } from './records.ts'
import { kins } from './records.ts'
import type { RecordKind } from './types.ts'

type Value = string | number | null
type Columns<R> = Readonly<Record<string, readonly [type: string, of: (row: R) => Value]>>

/** Classes that are one to the other side have one number. */
const kinNumbers: Readonly<Record<Kin, number>> = { sale: 1, completion: 2, undo: 3, refund: 4 }
const oneLine = (text: string | null): string | null =>
  text !== null && /\s/.test(text) ? text.replace(/\s+/g, ' ') : text

const labels = new Map<string, string>()
const labels_max = 50_000
/** Name and MCC as one number, to be compared as one: 64 bits of their SHA-256. Null where either is missing. */
const labelOf = ({ cut, mcc }: { cut: string | null; mcc: string | null }): string | null => {
  if (cut === null || mcc === null) return null
  const said = `${mcc} ${cut}`
  const known = labels.get(said)
  if (known !== undefined) return known
  if (labels.size >= labels_max) labels.clear()
  const label = String(createHash('sha256').update(said).digest().readBigInt64BE())
  labels.set(said, label)
  return label
}

type Transaction = RowOf['slips'] | RowOf['unionpay']
const transaction = {
  line: ['INTEGER', (row: Transaction) => row.line],
  mid: ['VARCHAR', (row: Transaction) => row.mid],
  tid: ['VARCHAR', (row: Transaction) => row.tid],
  reference: ['VARCHAR', (row: Transaction) => row.reference],
  class: ['VARCHAR', (row: Transaction) => row.class],
  kin: ['TINYINT', (row: Transaction) => kinNumbers[kins[row.class]]],
  amount: ['BIGINT', (row: Transaction) => row.amountFen],
  made_at: ['BIGINT', (row: Transaction) => row.at],
  settled_on: ['DATE', (row: Transaction) => row.settledOn],
  name: ['VARCHAR', (row: Transaction) => oneLine(row.name)],
  cut: ['VARCHAR', (row: Transaction) => oneLine(row.cut)],
  mcc: ['VARCHAR', (row: Transaction) => row.mcc],
  label: ['BIGINT', labelOf],
  // Six digits; quicker as a number.
  trace: ['INTEGER', (row: Transaction) => row.trace],
} as const satisfies Columns<Transaction>

export const columns: { [K in RecordKind]: Columns<RowOf[K]> } = {
  slips: { ...transaction, batch: ['INTEGER', (row) => row.batch] },
  unionpay: {
    ...transaction,
    card: ['VARCHAR', (row) => row.card],
    fee: ['BIGINT', (row) => row.feeFen],
    net: ['BIGINT', (row) => row.netFen],
  },
  bank: {
    line: ['INTEGER', (row) => row.line],
    mid: ['VARCHAR', (row) => row.mid],
    settled_on: ['DATE', (row) => row.settledOn],
    net: ['BIGINT', (row) => row.netFen],
    booked_on: ['DATE', (row) => row.bookedOn],
    reference: ['VARCHAR', (row) => oneLine(row.reference)],
  },
}

/** Rows as lines of text, and the declaration the engine reads them by. */
export const textOf = <K extends RecordKind>(kind: K): ((row: RowOf[K]) => string) => {
  const values = Object.values(columns[kind] as Columns<RowOf[K]>).map(([, of]) => of)
  return (row) => {
    let text = ''
    for (const of of values) {
      const value = of(row)
      text += value === null ? '\t' : `${value}\t`
    }
    return `${text.slice(0, -1)}\n`
  }
}
export const keyOf = (kind: RecordKind): string =>
  kind === 'bank' ? '' : ', md5(mid || tid || reference)::uuid as key'
export const declared = (kind: RecordKind): string =>
  `{${Object.entries(columns[kind])
    .map(([name, [type]]) => `'${name}': '${type}'`)
    .join(', ')}}`
