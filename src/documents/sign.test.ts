import {
  createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, webcrypto, X509Certificate,
} from 'node:crypto'
import * as asn1 from 'asn1js'
import { AttributeTypeAndValue, Certificate, CryptoEngine, Time } from 'pkijs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleetLetter, stopLetter } from './letter.fixtures.ts'
import { openLetterRenderer } from './render.ts'
import type { Signer, SigningIdentity } from './sign.ts'
import { createSigningIdentity, makeSigner } from './sign.ts'
import { contents_bytes_max } from './signature-field.ts'
import { verifiedPdf_bytes_max, verifyPdf } from './verify.ts'

const signerOf = (identity: SigningIdentity): Signer =>
  makeSigner({ key: identity.privateKeyPem, certificate: identity.certificatePem })
const letter = { ...stopLetter, signedAt: stopLetter.issuedAt }
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const latin1 = (pdf: Uint8Array): string => Buffer.from(pdf).toString('latin1')

let unsigned: Uint8Array
let fleet: Uint8Array
let ours: SigningIdentity
let theirs: SigningIdentity
let pdf: Uint8Array<ArrayBuffer>
let trusted: string[]
const renderer = openLetterRenderer()

beforeAll(async () => {
  ;[unsigned, fleet] = [await renderer.render(stopLetter), await renderer.render(fleetLetter(60))]
  ;[ours, theirs] = [await createSigningIdentity('云汇支付 函件签章'), await createSigningIdentity('云汇支付 函件签章')]
  pdf = signerOf(ours).sign(unsigned, letter)
  trusted = [ours.certificatePem]
})
afterAll(() => renderer.close())

describe('a signing identity', () => {
  test('is a self-signed P-256 certificate for ten years, with its key', async () => {
    const from = new Date('2026-11-22T00:00:00Z')
    const identity = await createSigningIdentity('云汇支付 函件签章', from)
    const certificate = new X509Certificate(identity.certificatePem)
    expect(certificate.subject).toBe('CN=云汇支付 函件签章')
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(identity.privateKeyPem))).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(certificate.validFrom).toBe('Nov 22 00:00:00 2026 GMT')
    expect(certificate.validTo).toBe('Nov 22 00:00:00 2036 GMT')
    expect(certificate.ca).toBe(false)
  })

  test('with another curve does not sign letters', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(() => makeSigner({ key, certificate: ours.certificatePem })).toThrow('P-256 or RSA')
  })

  test('with a key that is not the certificate\'s does not sign letters', () => {
    expect(() => makeSigner({ key: theirs.privateKeyPem, certificate: ours.certificatePem })).toThrow('does not belong')
  })
})

describe('a signed letter', () => {
  test('verifies and names itself', () => {
    expect(verifyPdf(pdf, trusted)).toEqual({
      ok: true, letterNo: stopLetter.no, code: stopLetter.code, signedAt: letter.signedAt, sha256: sha256(pdf),
    })
  })

  test('of many pages verifies too, also where one of several certificates is the one', () => {
    const signed = signerOf(ours).sign(fleet, letter)
    expect(verifyPdf(signed, [theirs.certificatePem, ours.certificatePem])).toMatchObject({ ok: true })
  })

  test('has one revision, whose table points at every object', () => {
    for (const signed of [pdf, signerOf(ours).sign(fleet, letter)]) {
      const text = latin1(signed)
      expect(text.match(/startxref/g)).toHaveLength(1)
      expect(text).not.toContain('/Prev')
      const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
      const entries = [...text.slice(table).matchAll(/^(\d{10}) 00000 n\r$/gm)]
      expect(Number(/\/Size (\d+)/.exec(text.slice(table))![1])).toBe(entries.length + 1)
      entries.forEach(([, offset], i) => expect(text.startsWith(`${i + 1} 0 obj\n`, Number(offset))).toBe(true))
      expect(text.match(/\/Annots \[/g)).toHaveLength(signed === pdf ? 1 : 2)
    }
  })

  test('covers the whole file but the digits of the signature', () => {
    const text = latin1(pdf)
    const range = /\/ByteRange \[0 (\d+) (\d+) (\d+) *\]/.exec(text)!
    const [a, b, c] = range.slice(1).map(Number) as [number, number, number]
    expect(b + c).toBe(pdf.length)
    expect(text.slice(a, b)).toMatch(/^<[0-9a-f]+>$/)
    expect(b - a).toBe(2 * contents_bytes_max + 2)
    expect(text).toContain('/SubFilter /ETSI.CAdES.detached')
  })

  test('leaves the unsigned file alone, and refuses to sign twice', () => {
    const before = sha256(unsigned)
    signerOf(ours).sign(unsigned, letter)
    expect(sha256(unsigned)).toBe(before)
    expect(() => signerOf(ours).sign(pdf, letter)).toThrow('signed already')
  })

  test('can be signed with RSA', async () => {
    const identity = await rsaIdentity()
    const signed = signerOf(identity).sign(unsigned, letter)
    expect(verifyPdf(signed, [identity.certificatePem])).toMatchObject({ ok: true, letterNo: stopLetter.no })
    expect(verifyPdf(signed, trusted)).toEqual({ ok: false, code: 'foreign' })
  })
})

describe('a file that is not one of our letters', () => {
  const refused = (bytes: Uint8Array, code: string): void => {
    expect(verifyPdf(bytes, trusted)).toEqual({ ok: false, code })
  }
  const joined = (...parts: (Uint8Array | string)[]): Uint8Array =>
    Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))

  test('no PDF, no signature, too large', () => {
    refused(new Uint8Array(0), 'not_pdf')
    refused(randomBytes(4096), 'not_pdf')
    refused(unsigned, 'not_signed')
    refused(joined(pdf, new Uint8Array(verifiedPdf_bytes_max)), 'not_pdf')
  })

  test('signed by another key in the same name', () => {
    refused(signerOf(theirs).sign(unsigned, letter), 'foreign')
    expect(verifyPdf(pdf, [])).toEqual({ ok: false, code: 'foreign' })
  })

  test('something appended: a byte, a revision, a second signature', () => {
    refused(joined(pdf, '\n'), 'appended')
    refused(joined(pdf, '%'), 'appended')
    const update = '1 0 obj\n<< /Type /Pages /Count 0 /Kids [] >>\nendobj\n'
      + `xref\n1 1\n${String(pdf.length).padStart(10, '0')} 00000 n\r\n`
      + `trailer\n<< /Size 2 /Root 2 0 R /Prev ${pdf.length - 100} >>\nstartxref\n${pdf.length + 60}\n%%EOF\n`
    refused(joined(pdf, update), 'appended')
    refused(joined(pdf, signerOf(ours).sign(unsigned, letter)), 'appended')
    refused(joined(pdf, signerOf(theirs).sign(unsigned, letter)), 'appended')
  })

  test('something put before it, or a foreign revision below', () => {
    refused(joined('%PDF-1.7\n', pdf), 'altered')
    refused(joined(signerOf(theirs).sign(unsigned, letter), pdf), 'foreign')
  })

  test('cut short anywhere', () => {
    for (let length = 0; length < pdf.length; length += 997) {
      expect(verifyPdf(pdf.subarray(0, length), trusted).ok).toBe(false)
    }
    refused(pdf.subarray(0, pdf.length - 1), 'altered')
  })

  test('the signature of another letter, or an older one, moved over', () => {
    const text = latin1(pdf)
    const other = latin1(signerOf(ours).sign(unsigned, { ...letter, no: 'TQ-L261127-00042-8' }))
    const contents = /\/Contents <([0-9a-f]+)>/
    const moved = text.replace(contents.exec(text)![1]!, contents.exec(other)![1]!)
    refused(Buffer.from(moved, 'latin1'), 'altered')
  })

  test('the same digits in capitals, or a range that covers less', () => {
    const text = latin1(pdf)
    const digits = /\/Contents <([0-9a-f]+)>/.exec(text)![1]!
    refused(Buffer.from(text.replace(digits, digits.toUpperCase()), 'latin1'), 'altered')
    for (const range of ['0 10 20 30', '0 0 0 0', '5 10 20 30', '0 99999999999 1 1', '0 -1 2 3']) {
      const moved = text.replace(/\/ByteRange \[[^\]]*\]/, `/ByteRange [${range.padEnd(40)}]`)
      refused(Buffer.from(moved, 'latin1'), 'altered')
    }
  })

  test('any byte changed: all of the structure, all of the signature, and a comb over the rest', () => {
    const text = latin1(pdf)
    const gap = text.indexOf('/Contents <') + '/Contents <'.length
    const cmsEnd = gap + /0*>/.exec(text.slice(gap, gap + 2 * contents_bytes_max + 1))!.index
    const signatureAt = text.lastIndexOf(' 0 obj', gap)
    const table = text.lastIndexOf('\nxref\n')
    const range = (from: number, to: number, step: number): number[] =>
      Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step)
    const positions = [
      ...range(0, 16, 1),
      ...range(16, signatureAt, Math.ceil(signatureAt / 700)),
      ...range(signatureAt, gap, 1),
      ...range(gap, cmsEnd, 3),
      ...range(cmsEnd, gap + 2 * contents_bytes_max, 97),
      ...range(gap + 2 * contents_bytes_max, table + 40, 1),
      ...range(table + 40, text.lastIndexOf('trailer'), 61),
      ...range(text.lastIndexOf('trailer'), pdf.length, 1),
    ]
    expect(positions.length).toBeGreaterThan(1900)
    const damaged = Uint8Array.from(pdf)
    const passed = positions.filter((at, i) => {
      const was = damaged[at]!
      // The bit that turns a small letter into a capital, the lowest, the highest – in turn.
      damaged[at] = was ^ [0x20, 0x01, 0x80][i % 3]!
      const verdict = verifyPdf(damaged, trusted)
      damaged[at] = was
      return verdict.ok
    })
    expect(passed).toEqual([])
    expect(verifyPdf(damaged, trusted).ok).toBe(true)
  }, 120_000)
})

const rsaIdentity = async (): Promise<SigningIdentity> => {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto })
  const publicExponent = Uint8Array.of(1, 0, 1)
  const rsa = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent, hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
  const certificate = new Certificate({ version: 2, serialNumber: new asn1.Integer({ value: 7 }) })
  for (const party of [certificate.issuer, certificate.subject]) {
    const value = new asn1.Utf8String({ value: 'RSA' })
    party.typesAndValues.push(new AttributeTypeAndValue({ type: '2.5.4.3', value }))
  }
  certificate.notBefore = new Time({ type: 0, value: new Date('2026-01-01T00:00:00Z') })
  certificate.notAfter = new Time({ type: 0, value: new Date('2036-01-01T00:00:00Z') })
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as CryptoKey, engine)
  await certificate.sign(keys.privateKey as CryptoKey, 'SHA-256', engine)
  const pem = (label: string, der: ArrayBuffer): string =>
    `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`
  const identity = {
    privateKeyPem: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    certificatePem: pem('CERTIFICATE', certificate.toSchema(true).toBER()),
  }
  expect(createPublicKey(identity.privateKeyPem).asymmetricKeyType).toBe('rsa')
  return identity
}
