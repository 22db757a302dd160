// The three records as rows: what every reader of files gives and what the Parquet files hold. Money is whole fen with
// its sign (refunds, voids and reversals negative), so that sums are sums; instants are milliseconds; dates 'yyyy-mm-dd'.
import { dateOf } from '../domain/calendar.ts'
import type { Fen } from '../domain/money.ts'
import type { CardKind, TransactionClass } from '../domain/vocabulary.ts'
import type { Fault } from '../files/fault.ts'
import type { RecordKind } from './types.ts'

/** Classes that move money, and which of them are one to the other side: a reversal undoes as a void does. */
export const kins = {
  sale: 'sale',
  offline_upload: 'sale',
  preauth_completion: 'completion',
  void: 'undo',
  reversal: 'undo',
  refund: 'refund',
} as const satisfies Partial<Record<TransactionClass, string>>
export type MoneyClass = keyof typeof kins
export type Kin = (typeof kins)[MoneyClass]
export const movesMoney = (name: TransactionClass): name is MoneyClass => Object.hasOwn(kins, name)
export const signOf = (name: MoneyClass): 1 | -1 => (kins[name] === 'undo' || kins[name] === 'refund' ? -1 : 1)

type Common = {
  line: number
  mid: string
  tid: string
  /** 检索参考号 (field 37); in UnionPay's files the order number carries it. */
  reference: string
  class: MoneyClass
  amountFen: Fen
  at: number
  /** UnionPay: of its file. Slip: the date its record is due on. */
  settledOn: string
  name: string | null
  /** The name cut to 32 bytes of GBK, as both sides are compared. */
  cut: string | null
  mcc: string | null
  trace: string | null
}
export type SlipRow = Common & { batch: string | null }
export type UnionPayRow = Common & {
  card: CardKind | null
  /** What the merchant pays, negative where it gets a fee back; null where the file leaves it blank. */
  feeFen: Fen | null
  netFen: Fen
}
export type BankRow = {
  line: number
  mid: string
  settledOn: string
  netFen: Fen
  bookedOn: string | null
  reference: string | null
}
export type RowOf = { slips: SlipRow; unionpay: UnionPayRow; bank: BankRow }

/** What a reader hands on at a time; after a batch with faults nothing more need be kept, but more faults may follow. */
export type Batch<K extends RecordKind = RecordKind> = {
  rows: RowOf[K][]
  faults: Fault[]
  /** What refuses nothing. */
  warnings: Fault[]
  ignored: number
}

const HOUR_ms = 3_600_000
/** Hours whose date is remembered: a file has few days, and asking the calendar a million times is slow. */
const hours_max = 10_000
const dates = new Map<number, string>()
/** UnionPay's day ends at 23:00 in Shanghai: the settlement date is the calendar date one hour later. */
export const settlementDate = (at: number): string => {
  const hour = Math.floor(at / HOUR_ms)
  const known = dates.get(hour)
  if (known !== undefined) return known
  if (dates.size >= hours_max) dates.clear()
  const date = dateOf(at + HOUR_ms)
  dates.set(hour, date)
  return date
}
