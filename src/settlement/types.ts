// What goes into reading and matching settlement files, and what comes out. Both run in a thread of their own; a caller
// sees progress, may stop them with an AbortSignal (they then throw its reason and leave nothing on the disk), and gets
// plain values back. What a person can cause – a malformed file – is a list of faults, never an exception.
import type { Break } from '../domain/breaks.ts'
import type { Fen, Ppm } from '../domain/money.ts'
import type { BreakKind, CardKind } from '../domain/vocabulary.ts'
import type { Fault } from '../files/fault.ts'
import type { Source } from '../files/text.ts'

export type { Break } from '../domain/breaks.ts'

/** The three records; words of vocabulary.importKinds. */
export const recordKinds = ['slips', 'unionpay', 'bank'] as const
export type RecordKind = (typeof recordKinds)[number]

/** Line (of the text inside all wrappings, 1 = first; 0 = the file as a whole), column or field, code, words. */
export type FileFault = Fault

/** Our column → theirs, as the header spells it: { reference: '流水号' }. For slips and bank CSV. */
export type ColumnMapping = Readonly<Record<string, string>>

export type IntakeOptions = {
  /** Path, bytes, or a function that opens the bytes from the start (it is called more than once). */
  source: Source
  /** What the file was called: UnionPay's names carry the settlement date. A name inside an archive counts before it. */
  name?: string
  /** What the file must be; left out, its content says. */
  kind?: RecordKind
  /** An existing folder; the Parquet file is put there under a name of its own. */
  folder: string
  mapping?: ColumnMapping
  /** The merchants whose files these may be; a row of any other refuses the file. Left out: any. */
  mids?: readonly string[]
  progress?: (share: number) => void
  signal?: AbortSignal
}

/** A file that was read, checked and kept; plain JSON, to be stored whole and handed to `match`. */
export type Taken = {
  kind: RecordKind
  /** Which layout it was recognised as: 'slips.csv', 'unionpay.zm-2017', 'bank.camt.053' … */
  layout: string
  /** The Parquet file, an absolute path. */
  parquet: string
  rows: number
  /** Of the bytes as they came, in hex: the same file is known by it. */
  sha256: string
  mids: string[]
  /** First and last settlement date; null in a file without rows whose name tells none. */
  settledFrom: string | null
  settledTo: string | null
  /** First and last calendar day of its transactions (slips and UnionPay). */
  madeFrom: string | null
  madeTo: string | null
  /** Rows that were read and concern no settlement: bank lines of other money, slips that move none. */
  ignored: number
  /** What refused nothing: columns nobody knows. */
  faults: FileFault[]
}

export type Intake = (options: IntakeOptions) => Promise<Taken | FileFault[]>

export type RegisteredMerchant = { mid: string; name: string; mcc: string; tids: readonly string[] }
/** What a merchant pays; a row that names a kind of card counts before one that does not. */
export type Contract = { mid: string; ppm: Ppm; capFen?: Fen; card?: CardKind }

export type MatchOptions = {
  /** In any order; no file twice, none that was superseded. */
  files: readonly Taken[]
  register: readonly RegisteredMerchant[]
  contracts: readonly Contract[]
  /** An existing folder for what does not fit into memory; nothing stays there. */
  folder: string
  progress?: (share: number) => void
  signal?: AbortSignal
}

/** Of one terminal; refunds count negative in sums. */
export type TerminalTally = {
  mid: string
  tid: string
  /** Slips that agree with UnionPay's record in everything. */
  matched: number
  matchedFen: Fen
  /** Transactions with at least one break. */
  unmatched: number
  /** Sum of their amounts without sign: what is in question. */
  unmatchedFen: Fen
  /** Transactions whose other record has not come yet. */
  pending: number
  pendingFen: Fen
}

/** Of one merchant and settlement date: what UnionPay says and what the bank booked (null: nothing yet). */
export type DayTally = {
  mid: string
  settledOn: string
  unionpayFen: Fen | null
  bankFen: Fen | null
  state: 'matched' | 'pending' | 'break'
}

export type Matched = {
  rows: Record<RecordKind, number>
  matched: number
  matchedFen: Fen
  pending: number
  pendingFen: Fen
  /** In a fixed order; at most `breaks_max` of them. */
  breaks: Break[]
  /** All of them by kind, also those beyond the bound. */
  counts: Partial<Record<BreakKind, number>>
  /** How many breaks did not fit into `breaks`. */
  breaksLeftOut: number
  perTerminal: TerminalTally[]
  /** At most `days_max` of them. */
  perDay: DayTally[]
  daysLeftOut: number
}

export type Match = (options: MatchOptions) => Promise<Matched>
