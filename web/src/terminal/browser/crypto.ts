// Of node:crypto what the codec of the gate asks for: triple DES, block by block or chained, without padding.
import { Buffer } from 'buffer'
import { CBC, EDE, type Cipher } from 'des.js'

const Chained = CBC.instantiate(EDE)

type Streaming = { setAutoPadding(on: boolean): Streaming; update(bytes: Uint8Array): Buffer }

function streaming(type: 'encrypt' | 'decrypt', name: string, key: Uint8Array, iv: Uint8Array | null): Streaming {
  const options = { type, key: [...key], padding: false }
  const cipher: Cipher = name === 'des-ede3-cbc' ? Chained.create({ ...options, iv: [...iv!] }) : EDE.create(options)
  const one: Streaming = {
    setAutoPadding: () => one,
    // Deciphering, it keeps the last block back until it is told that it was the last.
    update: (bytes) => Buffer.from(type === 'encrypt' ? cipher.update([...bytes]) : [...cipher.update([...bytes]), ...cipher.final()]),
  }
  return one
}

export const createCipheriv = (name: string, key: Uint8Array, iv: Uint8Array | null): Streaming => streaming('encrypt', name, key, iv)
export const createDecipheriv = (name: string, key: Uint8Array, iv: Uint8Array | null): Streaming => streaming('decrypt', name, key, iv)
/** @public Not named here, but the codec imports it. */
export const randomBytes = (count: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(count)))
