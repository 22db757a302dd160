// What stands in for node:crypto in a browser makes the very bytes that node:crypto makes.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as browser from './crypto.ts'

const key = fc.uint8Array({ minLength: 24, maxLength: 24 })
const blocks = fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 5 }).map((parts) => Buffer.concat(parts))
const iv = fc.uint8Array({ minLength: 8, maxLength: 8 })

test('triple DES, there and back', () => {
  fc.assert(fc.property(key, blocks, (key, plain) => {
    const made = browser.createCipheriv('des-ede3', key, null).setAutoPadding(false).update(plain)
    expect(made.equals(createCipheriv('des-ede3', key, null).setAutoPadding(false).update(plain))).toBe(true)
    expect(browser.createDecipheriv('des-ede3', key, null).setAutoPadding(false).update(made).equals(plain)).toBe(true)
    expect(createDecipheriv('des-ede3', key, null).setAutoPadding(false).update(made).equals(plain)).toBe(true)
  }), { numRuns: 50 })
})

test('chained from one message to the next, as MACs are made', () => {
  fc.assert(fc.property(key, iv, blocks, blocks, (key, iv, first, second) => {
    const [ours, theirs] = [browser.createCipheriv('des-ede3-cbc', key, iv), createCipheriv('des-ede3-cbc', key, iv).setAutoPadding(false)]
    for (const plain of [first, second]) expect(ours.update(plain).equals(theirs.update(plain))).toBe(true)
  }), { numRuns: 50 })
})
