// A wire format as data. A field says of what its content is made (n digits, z a track, ans text, b bytes), how long it
// may be, and how it may be shown; a format says how digits, lengths and the bitmap are written. `compileSpec` lays the
// lengths out in typed arrays, so that finding a field in a message is reading numbers.
import type { Words } from './fault.ts'

/** n: digits · z: track digits with D for the separator · ans: text · b: bytes. */
export type Kind = 'n' | 'z' | 'ans' | 'b'

/**
 * How a field may be shown. clear: as it is · card: first six and last four · text: as it is, card numbers in it masked ·
 * request: only letters that a terminal sent (a host sends keys there) · totals: settlement totals and counts, nothing else
 * (an upload carries cards there) · never: only how long it is.
 */
export type Shown = 'clear' | 'card' | 'text' | 'request' | 'totals' | 'never'

export type Field = {
  readonly name: Words
  readonly kind: Kind
  /** Digits for n and z, bytes for the others: exactly as many, or the most where a length is sent. */
  readonly size: number
  /** Digits of the length that is sent before the content; 0 where none is. */
  readonly lengthDigits: 0 | 2 | 3
  /** On which side digits stand where their number is odd; the other side has a pad nibble. */
  readonly align: 'left' | 'right'
  readonly shown: Shown
  /** Two digits in a byte although the format writes one. */
  readonly isPacked?: boolean
}

export type Format = {
  readonly title: Words
  readonly mti: 'bcd' | 'ascii'
  readonly bitmap: 'binary' | 'hex'
  /** Digits, tracks and lengths: two in a byte, or one. */
  readonly digits: 'bcd' | 'ascii'
  readonly fields: Readonly<Record<number, Field>>
}

export const fields_max = 128

/** Numbers by field, 0 to 128. */
type ByField = Int32Array

export type Spec = Format & {
  /** Bytes of the content where no length is sent; 0 otherwise, -1 for a field the format does not have. */
  readonly fixedBytes: ByField
  /** Bytes of the length before the content. */
  readonly prefixBytes: ByField
  /** The most digits or bytes. */
  readonly sizes: ByField
  /** 1 where two of them share a byte. */
  readonly packed: ByField
}

export const isPacked = (format: Format, { kind, isPacked }: Field): boolean =>
  isPacked === true || (format.digits === 'bcd' && (kind === 'n' || kind === 'z'))

export function compileSpec(format: Format): Spec {
  const byField = (fill: number): ByField => new Int32Array(fields_max + 1).fill(fill)
  const spec = { ...format, fixedBytes: byField(-1), prefixBytes: byField(0), sizes: byField(0), packed: byField(0) }
  for (const [key, field] of Object.entries(format.fields)) {
    const number = Number(key)
    const packed = isPacked(format, field)
    spec.packed[number] = packed ? 1 : 0
    spec.sizes[number] = field.size
    spec.prefixBytes[number] = format.digits === 'bcd' ? (field.lengthDigits + 1) >> 1 : field.lengthDigits
    spec.fixedBytes[number] = field.lengthDigits > 0 ? 0 : packed ? (field.size + 1) >> 1 : field.size
  }
  return spec
}

type Row = (kind: Kind, size: number, zh: string, en: string, more?: Partial<Pick<Field, 'align' | 'shown' | 'isPacked'>>) => Field
const row = (lengthDigits: Field['lengthDigits']): Row => (kind, size, zh, en, more) =>
  ({ name: [zh, en], kind, size, lengthDigits, align: 'left', shown: 'clear', ...more })
export const fixed = row(0)
export const ll = row(2)
export const lll = row(3)
