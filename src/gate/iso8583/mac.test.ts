// Published MACs and keys, and what is made here.
import { createCipheriv } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkValue, isKeySet, keySets, newWorkingKeys, unwrapKeys, wrapKeys, type KeySet } from './keys.ts'
import { blockKey, isMacRight, mac_bytes, writeMac } from './mac.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const macOf = (key: Buffer, message: Buffer): string => {
  const out = Buffer.alloc(mac_bytes)
  writeMac(blockKey(key)!, message, 0, message.length, out, 0)
  return out.toString('latin1')
}

// A message published with its MAC, and one published with its keys.
const published = bytes(
  '02003020048000C08015000000000000001234000002030099303030303030303139353237313831383232313738373531353600192600000100060000000000435F01123238343431323334353637383930313233345F03063136303033365F04063230303832365C023031',
)
const mak = bytes('0723C80DB5F4CD3D')

describe('MAC', () => {
  test('of a published message', () => {
    expect(macOf(mak, published)).toBe('B3A092AE')
    expect(macOf(Buffer.concat([mak, mak]), published)).toBe('B3A092AE')
  })
  test('the same key makes the same MAC after any others', () => {
    const key = blockKey(mak)!
    const out = Buffer.alloc(mac_bytes)
    for (let n = 0; n < 20; n++) {
      writeMac(key, published, 0, published.length - n, out, 0)
      expect(out.toString('latin1')).toBe(macOf(mak, published.subarray(0, published.length - n)))
    }
  })
  test('step by step, by another way', () => {
    const folded = Buffer.alloc(8)
    published.forEach((byte, i) => (folded[i % 8]! ^= byte))
    const letters = Buffer.from(folded.toString('hex').toUpperCase())
    const des = (block: Buffer): Buffer =>
      createCipheriv('des-ede3', Buffer.concat([mak, mak, mak]), null)
        .setAutoPadding(false)
        .update(block)
    const once = des(letters.subarray(0, 8))
    const twice = des(Buffer.from(once.map((byte, i) => byte ^ letters[8 + i]!)))
    expect(twice.toString('hex').toUpperCase().slice(0, 8)).toBe('B3A092AE')
  })
  test('one bit in the message or in the MAC is found', () => {
    const key = blockKey(mak)!
    const signed = Buffer.concat([published, Buffer.from('B3A092AE')])
    expect(isMacRight(key, signed, 0, published.length)).toBe(true)
    for (let bit = 0; bit < signed.length * 8; bit++) {
      const wrong = Buffer.from(signed)
      wrong[bit >> 3]! ^= 1 << (bit & 7)
      expect(isMacRight(key, wrong, 0, published.length)).toBe(false)
    }
    expect(isMacRight(key, published, 0, published.length)).toBe(false)
  })
  test('keys are of 8 or 16 bytes', () => {
    expect([0, 7, 9, 15, 17, 24].map((size) => blockKey(Buffer.alloc(size)))).toEqual(Array(6).fill(undefined))
  })
})

describe('working keys', () => {
  const master = bytes('70F2A84CCBC2AE8625CBB0F2C22AB923')
  test('as published: wrapped, and by its check value', () => {
    const mac = bytes('C24A8FB57AA20123')
    expect(checkValue(mac).toString('hex').toUpperCase()).toBe('0547DB3E')
    const wrapped = wrapKeys(master, 1, { pin: mac, mac })!
    expect(wrapped.toString('hex').toUpperCase()).toBe('96D605EA176B7E9E0547DB3E'.repeat(2))
  })
  test.each([
    [1, 24],
    [3, 40],
    [4, 60],
  ] as const)('set %i has %i bytes, and a terminal can use them', (set, size) => {
    const keys = newWorkingKeys(set)
    const wrapped = wrapKeys(master, set, keys)!
    expect(wrapped.length).toBe(size)
    expect(keySets[set].f62_bytes).toBe(size)
    expect(unwrapKeys(master, wrapped)).toEqual(keys)
    if (set !== 1) expect(wrapped.subarray(28, 36)).toEqual(Buffer.alloc(8))
    for (const key of [keys.pin, keys.mac, keys.track ?? keys.pin])
      for (const byte of key) expect(byte.toString(2).replaceAll('0', '').length % 2).toBe(1)
  })
  test('another master key, a bit lost, or another length: no keys', () => {
    const wrapped = wrapKeys(master, 3, newWorkingKeys(3))!
    expect(unwrapKeys(bytes('70F2A84CCBC2AE8625CBB0F2C22AB9FF'), wrapped)).toBeUndefined()
    expect(unwrapKeys(master, wrapped.subarray(1))).toBeUndefined()
    for (const at of [0, 17, 21, 37]) {
      const lost = Buffer.from(wrapped)
      lost[at]! ^= 0x10
      expect(unwrapKeys(master, lost)).toBeUndefined()
    }
    expect(wrapKeys(Buffer.alloc(10), 3, newWorkingKeys(3))).toBeUndefined()
    expect(wrapKeys(master, 4, newWorkingKeys(3))).toBeUndefined()
  })
  test('what a terminal may ask for', () => {
    expect([1, 3, 4].every(isKeySet)).toBe(true)
    expect([0, 2, 5, 301].some((network) => isKeySet(network))).toBe(false)
    expect(Object.keys(keySets).map(Number) satisfies number[] as KeySet[]).toEqual([1, 3, 4])
  })
})
