// A verification code is 80 random bits in Crockford base32 (no I, L, O, U), written 4-4-4-4 so that it can be read out
// on the phone. What people type is forgiven: case, spaces, dashes, full-width digits, O for 0, I and L for 1.

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const verificationCodePattern = /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}$/
/** 16 characters × 5 bits. */
export const verificationCodeRandom_bytes = 10
/** Longer input is not a code someone typed. */
const typed_chars_max = 64

const grouped = (characters: string): string => characters.match(/.{4}/g)!.join('-')

/** A code from at least 10 random bytes; the caller brings the randomness. */
export const newVerificationCode = (random: Uint8Array): string => {
  if (random.length < verificationCodeRandom_bytes) throw new RangeError('a verification code needs 10 random bytes')
  let bits = 0n
  for (const byte of random.subarray(0, verificationCodeRandom_bytes)) bits = (bits << 8n) | BigInt(byte)
  return grouped(Array.from({ length: 16 }, (_, i) => alphabet[Number((bits >> BigInt(75 - 5 * i)) & 31n)]).join(''))
}

/** What somebody typed or scanned, in the one written form; undefined when it cannot be a code. */
export const normaliseVerificationCode = (typed: string): string | undefined => {
  if (typed.length > typed_chars_max) return undefined
  const characters = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  const code = characters.length === 16 ? grouped(characters) : ''
  return verificationCodePattern.test(code) ? code : undefined
}
