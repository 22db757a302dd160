// Working keys, as a host hands them out at sign-on in F62: each encrypted under the terminal's master key, followed by
// the first four bytes of zeros encrypted with it (its check value). What the terminal asks for is in F60.3.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { block_bytes, isKeyLength, tripled } from './mac.ts'

export const check_bytes = 4

/** F60.3 of the sign-on: how long each key is, in bytes. The MAC key is always of one block; where others are of two it
 * stands in a place of two, the second left zero. */
export const keySets = {
  1: { pin: 8, macPlace: 8, track: 0, f62_bytes: 24 },
  3: { pin: 16, macPlace: 16, track: 0, f62_bytes: 40 },
  4: { pin: 16, macPlace: 16, track: 16, f62_bytes: 60 },
} as const
export type KeySet = keyof typeof keySets
export const isKeySet = (network: number): network is KeySet => Object.hasOwn(keySets, network)

export type WorkingKeys = { readonly pin: Buffer; readonly mac: Buffer; readonly track?: Buffer | undefined }

/** Sets the last bit of each byte so that its ones are odd in number, as DES keys have them. */
export function withParity(key: Buffer): Buffer {
  for (let i = 0; i < key.length; i++) {
    let ones = key[i]! >> 1
    ones ^= ones >> 4
    ones ^= ones >> 2
    ones ^= ones >> 1
    key[i] = (key[i]! & 0xfe) | (~ones & 1)
  }
  return key
}

export function newWorkingKeys(set: KeySet, random: (bytes: number) => Buffer = randomBytes): WorkingKeys {
  const { pin, track } = keySets[set]
  const key = (bytes: number): Buffer => withParity(random(bytes))
  return { pin: key(pin), mac: key(block_bytes), track: track > 0 ? key(track) : undefined }
}

const encrypt = (key: Buffer, plain: Buffer): Buffer =>
  createCipheriv('des-ede3', tripled(key), null).setAutoPadding(false).update(plain)
const decrypt = (key: Buffer, wrapped: Buffer): Buffer =>
  createDecipheriv('des-ede3', tripled(key), null).setAutoPadding(false).update(wrapped)

export const checkValue = (key: Buffer): Buffer => encrypt(key, Buffer.alloc(block_bytes)).subarray(0, check_bytes)

/** The content of F62. Undefined where the master key is none, or a key is not as long as the set asks. */
export function wrapKeys(master: Buffer, set: KeySet, { pin, mac, track }: WorkingKeys): Buffer | undefined {
  const sizes = keySets[set]
  if (!isKeyLength(master.length) || pin.length !== sizes.pin || mac.length !== block_bytes) return undefined
  if ((track?.length ?? 0) !== sizes.track) return undefined
  const parts = [encrypt(master, pin), checkValue(pin)]
  parts.push(encrypt(master, mac), Buffer.alloc(sizes.macPlace - block_bytes), checkValue(mac))
  if (track) parts.push(encrypt(master, track), checkValue(track))
  return Buffer.concat(parts)
}

/** What a terminal does with F62. Undefined where its length is of no set, or a check value does not agree. */
export function unwrapKeys(master: Buffer, f62: Buffer): WorkingKeys | undefined {
  const sizes = Object.values(keySets).find(({ f62_bytes }) => f62_bytes === f62.length)
  if (!sizes || !isKeyLength(master.length)) return undefined
  let at = 0
  const next = (bytes: number, place = bytes): Buffer | undefined => {
    const key = decrypt(master, f62.subarray(at, at + bytes))
    const check = f62.subarray(at + place, at + place + check_bytes)
    at += place + check_bytes
    return checkValue(key).equals(check) ? key : undefined
  }
  const pin = next(sizes.pin)
  const mac = next(block_bytes, sizes.macPlace)
  const track = sizes.track > 0 ? next(sizes.track) : undefined
  return pin && mac && (track || sizes.track === 0) ? { pin, mac, track } : undefined
}
