// The MAC of a UnionPay message ("ECB"): all bytes from the MTI to the end of field 63 XORed in blocks of eight, the
// result written as sixteen hexadecimal letters, the first eight encrypted, XORed with the last eight, encrypted again;
// field 64 is the first eight letters of that, in ASCII. OpenSSL 3 has no single DES left: DES is triple DES with equal
// keys. Encrypt, XOR, encrypt is what chaining two blocks does, so one call makes a MAC; the cipher is kept for the next
// message (making one costs twenty times as much), whose first block takes back what was chained to it.
import { createCipheriv, type Cipheriv } from 'node:crypto'

export const block_bytes = 8
export const mac_bytes = 8

/** One key of 8 bytes (DES) or 16 (triple DES with two keys), ready for use. */
export type BlockKey = {
  readonly cipher: Cipheriv
  /** The last block it made, which it will chain to the next. */
  readonly last: Buffer
}

export const tripled = (key: Buffer): Buffer =>
  Buffer.concat(key.length === block_bytes ? [key, key, key] : [key, key.subarray(0, block_bytes)])

export const isKeyLength = (bytes: number): boolean => bytes === block_bytes || bytes === 2 * block_bytes

/** Undefined where the key is not of 8 or 16 bytes. */
export function blockKey(key: Buffer): BlockKey | undefined {
  if (!isKeyLength(key.length)) return undefined
  const last = Buffer.alloc(block_bytes)
  return { cipher: createCipheriv('des-ede3-cbc', tripled(key), last).setAutoPadding(false), last: Buffer.from(last) }
}

const letters = Buffer.from('0123456789ABCDEF')
const folded = Buffer.alloc(block_bytes)
const spelt = Buffer.alloc(2 * block_bytes)

function writeLetters(from: Buffer, at: number, count: number, out: Buffer, outAt: number): void {
  for (let i = 0; i < count; i++) {
    const byte = from[at + i]!
    out[outAt + 2 * i] = letters[byte >> 4]!
    out[outAt + 2 * i + 1] = letters[byte & 15]!
  }
}

/** Writes the eight letters for the bytes [start, end) – MTI to field 63 – at `outAt`. */
export function writeMac({ cipher, last }: BlockKey, bytes: Buffer, start: number, end: number, out: Buffer, outAt: number): void {
  folded.fill(0)
  for (let i = start; i < end; i++) folded[(i - start) & 7]! ^= bytes[i]!
  writeLetters(folded, 0, 8, spelt, 0)
  for (let i = 0; i < block_bytes; i++) spelt[i]! ^= last[i]!
  const made = cipher.update(spelt)
  made.copy(last, 0, block_bytes)
  writeLetters(last, 0, 4, out, outAt)
}

const expected = Buffer.alloc(mac_bytes)
/** Whether the eight bytes at `macAt` are the MAC of the message that begins at `start` and ends before them. */
export function isMacRight(key: BlockKey, bytes: Buffer, start: number, macAt: number): boolean {
  if (macAt + mac_bytes > bytes.length) return false
  writeMac(key, bytes, start, macAt, expected, 0)
  let differ = 0
  for (let i = 0; i < mac_bytes; i++) differ |= expected[i]! ^ bytes[macAt + i]!
  return differ === 0
}
