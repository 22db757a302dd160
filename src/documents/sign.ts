// Signing a letter: PAdES baseline B-B in the file's only revision. The number and the verification code stand in the
// signature's reason, so a file dropped on the verify page names its own letter, and cannot name another.

import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import * as asn1 from 'asn1js'
import { AttributeTypeAndValue, BasicConstraints, Certificate, CryptoEngine, Extension, Time } from 'pkijs'
import { letterKinds } from '../domain/vocabulary.ts'
import { readCertificate, sha256, signDigest } from './cms.ts'
import { pdfDate } from './instants.ts'
import type { LetterFacts } from './letter.ts'
import { contents_bytes_max, withSignatureField } from './signature-field.ts'

const commonName = '2.5.4.3'

export type SigningIdentity = { privateKeyPem: string; certificatePem: string }
export type SignedLetter = Pick<LetterFacts, 'no' | 'code' | 'kind'> & {
  /** Epoch milliseconds; written to the second. */
  signedAt: number
}
export type Signer = {
  certificatePem: string
  /** The signed file. Signing the same letter twice gives two files that differ in the signature only. */
  sign: (unsigned: Uint8Array, letter: SignedLetter) => Uint8Array<ArrayBuffer>
}

const reasonOf = ({ kind, no, code }: Pick<SignedLetter, 'kind' | 'no' | 'code'>): string =>
  `${letterKinds[kind][0]} 编号 ${no} 核验码 ${code}`
export const readReason = (reason: string): { letterNo: string; code: string } | undefined => {
  const parts = /^\S+ 编号 (\S+) 核验码 (\S+)$/.exec(reason)
  return parts ? { letterNo: parts[1]!, code: parts[2]! } : undefined
}

/** A signer from a PEM key (EC P-256 or RSA) and its PEM certificate. */
export const makeSigner = ({ key, certificate: pem }: { key: string; certificate: string }): Signer => {
  const [privateKey, certificate] = [createPrivateKey(key), readCertificate(pem)]
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey
  const isP256 = type === 'ec' && details?.namedCurve === 'prime256v1'
  if (!isP256 && type !== 'rsa') throw new Error('letters are signed with EC P-256 or RSA keys')
  if (!new X509Certificate(pem).checkPrivateKey(privateKey)) {
    throw new Error('the key does not belong to the certificate')
  }
  const name = certificate.parsed.subject.typesAndValues.find(({ type }) => type === commonName)?.value.valueBlock.value
  return {
    certificatePem: pem,
    sign: (unsigned, letter) => {
      const { pdf, gap } = withSignatureField(unsigned, {
        name: name ?? '', reason: reasonOf(letter), date: pdfDate(letter.signedAt),
      })
      const digest = sha256(pdf.subarray(0, gap.from), pdf.subarray(gap.to))
      const cms = signDigest(digest, certificate, privateKey)
      if (cms.length > contents_bytes_max) throw new Error(`the signature needs ${cms.length} bytes`)
      pdf.write(cms.toString('hex'), gap.from + 1, 'latin1')
      return new Uint8Array(pdf.buffer as ArrayBuffer, pdf.byteOffset, pdf.length)
    },
  }
}

const certificate_years = 10

const pemOf = (label: string, der: ArrayBuffer): string => {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g)!
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const extension = (extnID: string, critical: boolean, value: asn1.BaseBlock): Extension =>
  new Extension({ extnID, critical, extnValue: value.toBER() })

/** A new P-256 key with a self-signed certificate in that name, valid for ten years from `from`. */
export const createSigningIdentity = async (name: string, from = new Date()): Promise<SigningIdentity> => {
  const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto })
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const certificate = new Certificate({ version: 2 })
  // A positive number of 127 random bits, as RFC 5280 asks.
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x40
  certificate.serialNumber = new asn1.Integer({ valueHex: serial })
  for (const party of [certificate.issuer, certificate.subject]) {
    const value = new asn1.Utf8String({ value: name })
    party.typesAndValues.push(new AttributeTypeAndValue({ type: commonName, value }))
  }
  const until = new Date(from)
  until.setUTCFullYear(from.getUTCFullYear() + certificate_years)
  certificate.notBefore = new Time({ type: 0, value: from })
  certificate.notAfter = new Time({ type: 0, value: until })
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as CryptoKey, engine)
  const keyId = sha256(certificate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView).subarray(0, 20)
  certificate.extensions = [
    extension('2.5.29.19', true, new BasicConstraints({ cA: false }).toSchema()),
    // digitalSignature and contentCommitment
    extension('2.5.29.15', true, new asn1.BitString({ valueHex: Uint8Array.of(0xc0), unusedBits: 6 })),
    extension('2.5.29.14', false, new asn1.OctetString({ valueHex: keyId })),
  ]
  await certificate.sign(keys.privateKey as CryptoKey, 'SHA-256', engine)
  return {
    privateKeyPem: pemOf('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    certificatePem: pemOf('CERTIFICATE', certificate.toSchema(true).toBER()),
  }
}
