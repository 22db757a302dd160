// The header of UnionPay's host-to-host messages (CUPS), 46 bytes before the MTI; terminals never send it.
export const host_header_bytes = 46

export type HostHeader = {
  /** Two hexadecimal digits. */
  readonly flagAndVersion: string
  /** Header and message, in bytes. */
  readonly messageBytes: number
  readonly destination: string
  readonly source: string
  /** Six hexadecimal digits. */
  readonly reserved: string
  /** Two hexadecimal digits, as is what follows. */
  readonly batch: string
  readonly transaction: string
  readonly user: string
  readonly rejectCode: string
}

/** Undefined where the bytes do not begin with such a header. */
export function readHostHeader(bytes: Buffer): HostHeader | undefined {
  if (bytes.length < host_header_bytes || bytes[0] !== host_header_bytes) return undefined
  const text = (from: number, to: number): string => bytes.toString('latin1', from, to)
  const hex = (from: number, to: number): string => bytes.toString('hex', from, to).toUpperCase()
  const length = text(2, 6)
  if (!/^\d{4}$/.test(length)) return undefined
  return {
    flagAndVersion: hex(1, 2), messageBytes: Number(length), destination: text(6, 17), source: text(17, 28),
    reserved: hex(28, 31), batch: hex(31, 32), transaction: text(32, 40), user: hex(40, 41), rejectCode: text(41, 46),
  }
}
