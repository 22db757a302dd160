// A message made out of another: fields are copied as they stand in the bytes, some are left out, some are put in. This
// is how answers and reversals are made without decoding anything; only UnionPay's packed format is written this way.
import { mac_bytes, writeMac, type BlockKey } from './mac.ts'
import type { Located } from './located.ts'
import type { Spec } from './spec.ts'
import { length_bytes } from './frame.ts'

/** Fields as they stand in a message, their length before them (`encodeField` makes them). */
export type OwnFields = ReadonlyMap<number, Buffer>

/** A field's bit in its word of the bitmap. */
const bitOf = (field: number): number => 0x80000000 >>> ((field - 1) & 31)

export const maskOf = (fields: readonly number[]): Int32Array => {
  const words = new Int32Array(2)
  for (const field of fields) words[(field - 1) >> 5]! |= bitOf(field)
  return words
}

/** Two digits of each byte; `value` below 100 to the power of `count`. */
export function writeBcd(out: Buffer, at: number, count: number, value: number): void {
  let left = value
  for (let i = at + count - 1; i >= at; i--) {
    const pair = left % 100
    left = (left - pair) / 100
    out[i] = ((pair / 10) << 4) | (pair % 10)
  }
}

function writeWord(out: Buffer, at: number, word: number): void {
  out[at] = word >>> 24
  out[at + 1] = word >>> 16
  out[at + 2] = word >>> 8
  out[at + 3] = word
}

/** Digits in ASCII. */
export function writeDigits(out: Buffer, at: number, count: number, value: number): void {
  let left = value
  for (let i = at + count - 1; i >= at; i--) {
    const digit = left % 10
    out[i] = 0x30 + digit
    left = (left - digit) / 10
  }
}

/** Below this many bytes copying one by one is faster than asking for a copy. */
const small_bytes = 64
export function copyInto(out: Buffer, outAt: number, bytes: Buffer, start: number, end: number): number {
  if (end - start > small_bytes) bytes.copy(out, outAt, start, end)
  else for (let i = start; i < end; i++) out[outAt + i - start] = bytes[i]!
  return outAt + end - start
}

/** Puts a field's content into `out` at `at` and answers where it ends. */
export type WriteField = (field: number, out: Buffer, at: number) => number

/** Bytes a made message can be longer than the one it is made of, apart from its own fields. */
const room_bytes = 64

/** Whether there is room for a message made of `located`, whose frame begins at `frameStart`. */
export const hasRoom = (out: Buffer, outAt: number, frameStart: number, { end }: Located, own?: OwnFields): boolean => {
  let ownBytes = 0
  if (own !== undefined) for (const part of own.values()) ownBytes += part.length
  return out.length - outAt >= end - frameStart + ownBytes + room_bytes
}

/**
 * Writes MTI, bitmap and the fields of `words` at `at`: those of `put` by `write`, those of `own` as they are, the others
 * copied from the message. With a key, the MAC is added. Answers where the message ends.
 */
export function writeMessage(
  spec: Spec, out: Buffer, at: number, bytes: Buffer, located: Located, mti: number,
  words: Int32Array, put: Int32Array, write: WriteField, own: OwnFields | undefined, mac: BlockKey | undefined,
): number {
  writeBcd(out, at, 2, mti)
  let to = at + 10
  // Fields that stand side by side in the message are copied together.
  let from = 0
  let until = 0
  if (mac !== undefined) words[1]! |= 1
  else words[1]! &= ~1
  for (let w = 0; w < 2; w++) {
    let bits = words[w]!
    writeWord(out, at + 2 + 4 * w, bits)
    if (w === 1) bits &= ~1
    while (bits !== 0) {
      const zeros = Math.clz32(bits)
      const bit = 0x80000000 >>> zeros
      bits &= ~bit
      const field = w * 32 + zeros + 1
      const mine = own === undefined ? undefined : own.get(field)
      if (mine === undefined && (put[w]! & bit) === 0) {
        const content = located.at[field]!
        const start = content - spec.prefixBytes[field]!
        if (start !== until) {
          to = copyInto(out, to, bytes, from, until)
          from = start
        }
        until = content + located.bytes[field]!
        continue
      }
      to = copyInto(out, to, bytes, from, until)
      from = until = 0
      to = mine === undefined ? write(field, out, to) : copyInto(out, to, mine, 0, mine.length)
    }
  }
  to = copyInto(out, to, bytes, from, until)
  if (mac !== undefined) {
    writeMac(mac, out, at, to, out, to)
    to += mac_bytes
  }
  return to
}

/** Copies what stands before the message and leaves room for the length; answers where the message begins. */
export const writeAround = (out: Buffer, outAt: number, bytes: Buffer, frameStart: number, messageStart: number): number =>
  copyInto(out, outAt + length_bytes, bytes, frameStart, messageStart)

export function writeLength(out: Buffer, outAt: number, end: number): void {
  const size = end - outAt - length_bytes
  out[outAt] = size >> 8
  out[outAt + 1] = size & 255
}

/** The bits of `words` whose fields were found in the message. */
export function foundOf({ words, reached }: Located, into: Int32Array): void {
  into[0] = words[0]! & 0x7fffffff
  into[1] = words[1]!
  for (let field = reached + 1; field <= 64; field++) into[(field - 1) >> 5]! &= ~bitOf(field)
}

export const addOwn = (words: Int32Array, own: OwnFields | undefined): void => {
  if (own !== undefined) for (const field of own.keys()) words[(field - 1) >> 5]! |= bitOf(field)
}
