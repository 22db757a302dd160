// What a terminal asks for: its MTI, F3, F25 and F60 together name the class of the transaction, by a table. All must
// agree – a sale that calls itself a void has no class, and what has none is refused (40). Whether a sale is a test sale
// is not on the wire: the gate's mode says so.

/** Classes of the product's vocabulary that a UnionPay terminal can ask for. */
export type WireClass =
  | 'sign_on' | 'sign_off' | 'echo' | 'sale' | 'preauth' | 'preauth_completion' | 'preauth_cancel' | 'void' | 'refund'
  | 'reversal' | 'settlement' | 'batch_upload' | 'offline_upload' | 'balance' | 'parameter_download' | 'status'

export type Asked = {
  readonly mti: number
  readonly processing: number
  readonly condition: number
  /** F60.1 */
  readonly kind: number
  /** F60.3 */
  readonly network: number
}

/** F25 of everything about a pre-authorisation, and of nothing else. */
const preauth_condition = 6
/** Stands for every value. */
const any = -9

type Row = readonly [mti: number, kind: number, network: number, processing: number, is: WireClass]

/** Messages that move or ask for money: F60.3 is 000 and says nothing. */
const money: readonly Row[] = [
  [200, 1, any, 310000, 'balance'],
  [100, 10, any, 30000, 'preauth'],
  [100, 11, any, 200000, 'preauth_cancel'],
  [200, 20, any, 0, 'preauth_completion'],
  [200, 21, any, 200000, 'void'],
  [220, 24, any, 0, 'preauth_completion'],
  [200, 22, any, 0, 'sale'],
  [200, 23, any, 200000, 'void'],
  [220, 25, any, 200000, 'refund'],
  // Paid by a code: seen in published messages, not in the book.
  [200, 26, any, 0, 'sale'],
  [220, 30, any, 0, 'offline_upload'],
  [220, 32, any, 0, 'offline_upload'],
  [220, 34, any, 0, 'offline_upload'],
]

/** Messages about the terminal: F60.3 says which. */
const management: readonly Row[] = [
  [800, 0, 1, any, 'sign_on'],
  [800, 0, 3, any, 'sign_on'],
  [800, 0, 4, any, 'sign_on'],
  // Of a vendor: published, with device data in F46.
  [800, 0, 5, any, 'sign_on'],
  [820, 0, 2, any, 'sign_off'],
  [820, 0, 301, any, 'echo'],
  [820, 0, 362, any, 'status'],
  ...[364, 370, 371, 380, 381, 390, 420, 960].map((network): Row => [800, 0, network, any, 'parameter_download']),
  ...[372, 382].map((network): Row => [820, 0, network, any, 'parameter_download']),
  [500, 0, 201, any, 'settlement'],
  ...[201, 202, 203, 205, 206, 207].map((network): Row => [320, 0, network, any, 'batch_upload']),
]

export const classTable: readonly Row[] = [...money, ...management]

/** Kinds whose F25 must be 06; all other kinds of money must not have it. */
const preauthKinds: ReadonlySet<number> = new Set([10, 11, 20, 21, 24])

const keyOf = (mti: number, kind: number, network: number): number => (mti * 100 + kind) * 1000 + network
const moneyRows = new Map(money.map((row) => [keyOf(row[0], row[1], 0), row]))
const managementClasses = new Map(management.map(([mti, kind, network, , is]) => [keyOf(mti, kind, network), is]))

/** Undefined: nothing we know. */
export function classify({ mti, processing, condition, kind, network }: Asked): WireClass | undefined {
  // A reversal is honoured whatever it reverses.
  if (mti === 400) return 'reversal'
  if (kind === 0) return managementClasses.get(keyOf(mti, 0, network))
  const row = moneyRows.get(keyOf(mti, kind, 0))
  if (row === undefined || row[3] !== processing) return undefined
  return preauthKinds.has(kind) === (condition === preauth_condition) ? row[4] : undefined
}
