// Personal data, settlement accounts and files are sealed with a key of the merchant's own, itself wrapped under the
// program's secret. Destroying the wrapped key makes everything sealed with it unreadable: that is how data is disposed of.
// Envelope: version (1 byte) ‖ nonce (12) ‖ ciphertext ‖ tag (16), AES-256-GCM; what it belongs to is authenticated with it.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const version = 1
const nonce_bytes = 12
const tag_bytes = 16
const key_bytes = 32
/** A secret shorter than this is refused: it could be guessed. */
export const secret_length_min = 32

export type Vault = {
  /** A fresh merchant key, wrapped. `owner` is the merchant number it belongs to. */
  newKey(owner: string): Buffer
  /** Opens a wrapped key; undefined where it was destroyed. */
  openKey(wrapped: Buffer | undefined, owner: string): MerchantKey | undefined
  /** Seals with the program's own key, for what belongs to no merchant (import files, signing key). */
  seal(bytes: Buffer | string, what: string): Buffer
  open(sealed: Buffer, what: string): Buffer
  /** A keyed digest that cannot be recomputed outside, for look-ups over secrets. */
  digest(text: string, what: string): Buffer
}
export type MerchantKey = { seal(text: Buffer | string, what: string): Buffer; open(sealed: Buffer, what: string): Buffer }

function sealWith(key: Buffer, bytes: Buffer | string, what: string): Buffer {
  const nonce = randomBytes(nonce_bytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(what))
  const body = Buffer.concat([cipher.update(typeof bytes === 'string' ? Buffer.from(bytes) : bytes), cipher.final()])
  return Buffer.concat([Buffer.from([version]), nonce, body, cipher.getAuthTag()])
}

function openWith(key: Buffer, sealed: Buffer, what: string): Buffer {
  if (sealed[0] !== version || sealed.length < 1 + nonce_bytes + tag_bytes) throw new Error('not a sealed envelope')
  const nonce = sealed.subarray(1, 1 + nonce_bytes)
  const body = sealed.subarray(1 + nonce_bytes, sealed.length - tag_bytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(what)).setAuthTag(sealed.subarray(sealed.length - tag_bytes))
  return Buffer.concat([decipher.update(body), decipher.final()])
}

export function openVault(secret: string): Vault {
  if (secret.length < secret_length_min) throw new Error(`TINGQI_SECRET must have at least ${secret_length_min} characters`)
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'tingqi', use, key_bytes))
  const wrapping = derive('wrap-merchant-keys')
  const own = derive('seal-own')
  const digesting = derive('digest')
  return {
    newKey: (owner) => sealWith(wrapping, randomBytes(key_bytes), `merchant:${owner}`),
    openKey(wrapped, owner) {
      if (wrapped === undefined) return undefined
      const key = openWith(wrapping, wrapped, `merchant:${owner}`)
      return { seal: (text, what) => sealWith(key, text, what), open: (sealed, what) => openWith(key, sealed, what) }
    },
    seal: (bytes, what) => sealWith(own, bytes, what),
    open: (sealed, what) => openWith(own, sealed, what),
    digest: (text, what) => createHmac('sha256', digesting).update(`${what}\n${text}`).digest(),
  }
}
