// The signature inside the PDF: CMS SignedData, detached, as PAdES baseline B-B wants it (ETSI EN 319 142-1): SHA-256,
// one signer, its certificate inside, signed attributes content-type, message-digest and signing-certificate-v2, and no
// signing-time (the PDF's own /M holds it). Everything in it follows from three things – the document's digest, the
// certificate and the signature value – so a reader rebuilds it and compares bytes: nothing else can hide inside.

import { createHash, sign, verify, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import * as asn1 from 'asn1js'
import {
  AlgorithmIdentifier, Attribute, Certificate, ContentInfo, EncapsulatedContentInfo, IssuerAndSerialNumber, SignedData,
  SignedAndUnsignedAttributes, SignerInfo,
} from 'pkijs'

const oid = {
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
}

/** A certificate ready to sign or to be compared with. */
type SigningCertificate = {
  der: Buffer<ArrayBuffer>
  fingerprint: string
  parsed: Certificate
  publicKey: KeyObject
}

export const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export const readCertificate = (pem: string): SigningCertificate => {
  const { raw, publicKey } = new X509Certificate(pem)
  const der = Buffer.from(raw)
  return { der, fingerprint: sha256(der).toString('hex'), parsed: Certificate.fromBER(der), publicKey }
}

const attribute = (type: string, value: asn1.BaseBlock): Attribute => new Attribute({ type, values: [value] })

/** Already in DER order (shorter encodings first), as a SET must be. */
const signedAttributes = (digest: Buffer, certificate: SigningCertificate): Attribute[] => {
  const certificateHash = new asn1.OctetString({ valueHex: sha256(certificate.der) })
  // SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }; SHA-256 is the default and left out.
  const essCertificate = new asn1.Sequence({ value: [certificateHash] })
  return [
    attribute(oid.contentType, new asn1.ObjectIdentifier({ value: oid.data })),
    attribute(oid.messageDigest, new asn1.OctetString({ valueHex: digest })),
    attribute(oid.signingCertificateV2, new asn1.Sequence({ value: [new asn1.Sequence({ value: [essCertificate] })] })),
  ]
}

const toSign = (attributes: Attribute[]): Buffer =>
  Buffer.from(new asn1.Set({ value: attributes.map(a => a.toSchema()) }).toBER())

const algorithmOf = (key: KeyObject): AlgorithmIdentifier =>
  key.asymmetricKeyType === 'ec'
    ? new AlgorithmIdentifier({ algorithmId: oid.ecdsaWithSha256 })
    : new AlgorithmIdentifier({ algorithmId: oid.sha256WithRsa, algorithmParams: new asn1.Null() })

const assemble = (digest: Buffer, certificate: SigningCertificate, signature: Uint8Array): Buffer => {
  const sha256Algorithm = new AlgorithmIdentifier({ algorithmId: oid.sha256, algorithmParams: new asn1.Null() })
  const { issuer, serialNumber } = certificate.parsed
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: [sha256Algorithm],
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: oid.data }),
    certificates: [certificate.parsed],
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer, serialNumber }),
        digestAlgorithm: sha256Algorithm,
        signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes: signedAttributes(digest, certificate) }),
        signatureAlgorithm: algorithmOf(certificate.publicKey),
        signature: new asn1.OctetString({ valueHex: Buffer.from(signature) }),
      }),
    ],
  })
  const content = new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signed.toSchema(true) })
  return Buffer.from(content.toSchema().toBER())
}

/** The CMS over a document of this digest. ECDSA takes a random number, so two calls differ. */
export const signDigest = (digest: Buffer, certificate: SigningCertificate, key: KeyObject): Buffer =>
  assemble(digest, certificate, sign('sha256', toSign(signedAttributes(digest, certificate)), key))

/** How many bytes the DER value at the start of `padded` takes; 0 when it is none of a signature's length. */
export const derLength = (padded: Uint8Array): number => {
  const [tag, form, high, low] = padded
  if (tag !== 0x30 || form !== 0x82 || high === undefined || low === undefined) return 0
  const length = 4 + high * 256 + low
  return length <= padded.length ? length : 0
}

type CmsVerdict = 'ours' | 'altered' | 'foreign'

/** Whether `der` is exactly what one of `trusted` would have signed over a document of this digest. */
export const judgeCms = (
  der: Buffer<ArrayBuffer>, digest: Buffer, trusted: readonly SigningCertificate[],
): CmsVerdict => {
  let signature: Buffer
  let certificate: SigningCertificate | undefined
  try {
    const signed = new SignedData({ schema: ContentInfo.fromBER(der).content })
    const inside = (signed.certificates ?? [])
      .filter(item => item instanceof Certificate)
      .map(item => sha256(Buffer.from(item.toSchema().toBER())).toString('hex'))
    certificate = trusted.find(({ fingerprint }) => inside.includes(fingerprint))
    signature = Buffer.from(signed.signerInfos[0]!.signature.valueBlock.valueHexView)
  } catch {
    return 'altered'
  }
  if (!certificate) return 'foreign'
  const isSigned = verify('sha256', toSign(signedAttributes(digest, certificate)), certificate.publicKey, signature)
  return isSigned && assemble(digest, certificate, signature).equals(der) ? 'ours' : 'altered'
}
