// Where each field of a message lies. Nothing is decoded: the bitmap is walked once, lengths are read, and places are
// written into arrays that are used again for the next message. Deciding and answering need no more than this.
import { faultAt, type Fault } from './fault.ts'
import { fields_max, type Spec } from './spec.ts'

export type Located = {
  /** As a number: 200, 810. -1 where it could not be read. */
  mti: number
  /** Of the MTI. */
  start: number
  /** One past the message. */
  end: number
  bitmapAt: number
  bodyAt: number
  /** The bitmap, 32 fields in each: field 1 is the highest bit of the first. */
  readonly words: Int32Array
  /** The last field whose place is known; those before it in the bitmap are known too. */
  reached: number
  /** Content of a field, after its length; only of fields that are there. */
  readonly at: Int32Array
  readonly bytes: Int32Array
  /** Digits or bytes, as the format counts them. */
  readonly sizes: Int32Array
}

const byField = (): Int32Array => new Int32Array(fields_max + 1)
export const newLocated = (): Located => ({
  mti: -1, start: 0, end: 0, bitmapAt: 0, bodyAt: 0, words: new Int32Array(4), reached: 0,
  at: byField(), bytes: byField(), sizes: byField(),
})

export const isIn = (words: Int32Array, field: number): boolean =>
  (words[(field - 1) >> 5]! & (0x80000000 >>> ((field - 1) & 31))) !== 0
export const isThere = ({ words, reached }: Located, field: number): boolean => field <= reached && isIn(words, field)

const hexNibble = (byte: number): number =>
  byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x41 && byte <= 0x46 ? byte - 55 : byte >= 0x61 && byte <= 0x66 ? byte - 87 : -1

/** A number of BCD bytes or ASCII digits; -1 where one is no digit. */
export function numberAt(bytes: Buffer, at: number, count: number, isBcd: boolean): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const byte = bytes[i]!
    if (isBcd) {
      const high = byte >> 4
      const low = byte & 15
      if (high > 9 || low > 9) return -1
      value = value * 100 + high * 10 + low
    } else {
      if (byte < 0x30 || byte > 0x39) return -1
      value = value * 10 + byte - 0x30
    }
  }
  return value
}

/** 32 fields of the bitmap; NaN where its letters are not hexadecimal. */
function wordAt(bytes: Buffer, at: number, isHex: boolean): number {
  if (!isHex) return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  let word = 0
  for (let i = at; i < at + 8; i++) {
    const nibble = hexNibble(bytes[i]!)
    if (nibble < 0) return Number.NaN
    word = (word << 4) | nibble
  }
  return word
}

/** Reads MTI and bitmap; the body begins at `bodyAt`. A second bitmap is there where field 1 says so. */
function locateHead(spec: Spec, bytes: Buffer, into: Located): Fault | undefined {
  const { start, end } = into
  const isBcd = spec.mti === 'bcd'
  const mtiBytes = isBcd ? 2 : 4
  if (start >= end) return faultAt('no_message', start)
  if (end - start < mtiBytes) return faultAt('cut', end)
  into.mti = numberAt(bytes, start, mtiBytes, isBcd)
  if (into.mti < 0) return faultAt('mti_invalid', start)
  const isHex = spec.bitmap === 'hex'
  const wordBytes = isHex ? 8 : 4
  into.bitmapAt = start + mtiBytes
  into.bodyAt = into.bitmapAt
  for (let i = 0, count = 2; i < count; i++) {
    if (end - into.bodyAt < wordBytes) return faultAt('cut', end)
    const word = wordAt(bytes, into.bodyAt, isHex)
    if (Number.isNaN(word)) return faultAt('bitmap_invalid', into.bodyAt)
    into.words[i] = word
    into.bodyAt += wordBytes
    if (i === 0 && word < 0) count = 4
  }
  return undefined
}

/** Finds every field of the message at [start, end). What was found before a fault stays found. */
export function locate(spec: Spec, bytes: Buffer, start: number, end: number, into: Located): Fault | undefined {
  const { words } = into
  into.mti = -1
  into.start = start
  into.end = end
  into.reached = 0
  into.bitmapAt = into.bodyAt = start
  words[0] = words[1] = words[2] = words[3] = 0
  const fault = locateHead(spec, bytes, into)
  if (fault) return fault
  let at = into.bodyAt
  const last = words[0]! < 0 ? 4 : 2
  for (let w = 0; w < last; w++) {
    // Field 1 is the second bitmap itself.
    let bits = w === 0 ? words[0]! & 0x7fffffff : words[w]!
    while (bits !== 0) {
      const zeros = Math.clz32(bits)
      bits &= ~(0x80000000 >>> zeros)
      const next = locateField(spec, bytes, at, w * 32 + zeros + 1, into)
      if (typeof next !== 'number') return next
      at = next
    }
  }
  into.reached = fields_max
  return at === end ? undefined : faultAt('trailing', at)
}

/** Where the next field begins, or what is wrong. */
function locateField(spec: Spec, bytes: Buffer, at: number, field: number, into: Located): number | Fault {
  const fixedBytes = spec.fixedBytes[field]!
  let size = spec.sizes[field]!
  let content = fixedBytes
  let contentAt = at
  if (fixedBytes < 0) return faultAt('field_unknown', at, field)
  if (fixedBytes === 0) {
    const prefixBytes = spec.prefixBytes[field]!
    if (into.end - at < prefixBytes) return faultAt('cut', into.end, field)
    const length = numberAt(bytes, at, prefixBytes, spec.digits === 'bcd')
    if (length < 0) return faultAt('length_invalid', at, field)
    if (length > size) return faultAt('length_too_large', at, field)
    size = length
    content = spec.packed[field] === 1 ? (length + 1) >> 1 : length
    contentAt = at + prefixBytes
  }
  if (into.end - contentAt < content) return faultAt('cut', into.end, field)
  into.at[field] = contentAt
  into.bytes[field] = content
  into.sizes[field] = size
  into.reached = field
  return contentAt + content
}
