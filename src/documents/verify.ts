// Is this file, to the byte, a letter of ours? A letter is signed over everything but the digits of its signature, and
// those follow from the signature value alone (cms.ts). So there is nothing to interpret: no PDF is parsed before the
// signature is known to be ours, and no trick with revisions, shadow objects or padding has a place to live. The
// certificates are our own and pinned; a letter stays true after its certificate has run out.

import { derLength, judgeCms, readCertificate, sha256 } from './cms.ts'
import { fromPdfDate } from './instants.ts'
import { readReason } from './sign.ts'
import { contents_bytes_max, fromPdfText } from './signature-field.ts'

export type PdfVerdict =
  | { ok: true; letterNo?: string; code?: string; sha256: string; signedAt?: number }
  | { ok: false; code: 'not_pdf' | 'not_signed' | 'altered' | 'foreign' | 'appended' }

export const verifiedPdf_bytes_max = 20 * 1024 * 1024
/** A signature dictionary's words before its byte range: names, reason and date, with room to spare. */
const signatureWords_bytes_max = 4096

const refusal = (code: Extract<PdfVerdict, { ok: false }>['code']): PdfVerdict => ({ ok: false, code })

/** The gap and the end of what is signed; undefined when the range does not leave out exactly /Contents. */
const readRange = (pdf: Buffer, at: number): { from: number; to: number; end: number } | undefined => {
  const numbers = /^\/ByteRange ?\[ ?0 +(\d{1,9}) +(\d{1,9}) +(\d{1,9}) *\]/.exec(pdf.toString('latin1', at, at + 80))
  if (!numbers) return undefined
  const [from, to, length] = [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])]
  const isGap = at < from && from + 2 < to && to + length <= pdf.length && pdf[from] === 0x3c && pdf[to - 1] === 0x3e
  const isContents = isGap && /\/Contents ?$/.test(pdf.toString('latin1', from - 12, from))
  return isContents ? { from, to, end: to + length } : undefined
}

const wordsOf = (pdf: Buffer, rangeAt: number): { letterNo?: string; code?: string; signedAt?: number } => {
  const text = pdf.toString('latin1', Math.max(0, rangeAt - signatureWords_bytes_max), rangeAt)
  const dictionary = text.slice(text.lastIndexOf(' 0 obj'))
  const signedAt = fromPdfDate(/\/M \(([^)]*)\)/.exec(dictionary)?.[1] ?? '')
  return {
    ...readReason(fromPdfText(/\/Reason <([0-9a-f]*)>/.exec(dictionary)?.[1] ?? '')),
    ...(signedAt === undefined ? {} : { signedAt }),
  }
}

const isOneRevision = (pdf: Buffer): boolean => {
  const table = pdf.indexOf('\nstartxref\n')
  return table === pdf.lastIndexOf('\nstartxref\n') && /^\nstartxref\n\d+\n%%EOF\n$/.test(pdf.toString('latin1', table))
}

/** Judges a file somebody handed in. A file above the size limit is not looked at and counts as no letter. */
export const verifyPdf = (bytes: Uint8Array, trustedCertificatesPem: readonly string[]): PdfVerdict => {
  if (bytes.length > verifiedPdf_bytes_max) return refusal('not_pdf')
  const pdf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!/^%PDF-\d\.\d/.test(pdf.toString('latin1', 0, 8))) return refusal('not_pdf')
  // The first range is the first revision's: whatever was added behind it, even another signature, is added.
  const rangeAt = pdf.indexOf('/ByteRange')
  if (rangeAt === -1) return refusal('not_signed')
  const range = readRange(pdf, rangeAt)
  if (!range) return refusal('altered')

  const digits = pdf.toString('latin1', range.from + 1, range.to - 1)
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return refusal('altered')
  const padded = Buffer.from(digits, 'hex')
  const cms = padded.subarray(0, derLength(padded))
  const digest = sha256(pdf.subarray(0, range.from), pdf.subarray(range.to, range.end))
  const verdict = judgeCms(cms, digest, trustedCertificatesPem.map(readCertificate))
  if (verdict !== 'ours') return refusal(verdict)
  // Ours are written one way only: small digits, zeros after the signature, one fixed length.
  if (digits !== cms.toString('hex').padEnd(2 * contents_bytes_max, '0')) return refusal('altered')

  const isOneSignature = pdf.indexOf('/ByteRange', rangeAt + 1) === -1
  if (range.end !== pdf.length || !isOneSignature || !isOneRevision(pdf)) return refusal('appended')
  return { ok: true, ...wordsOf(pdf, rangeAt), sha256: sha256(pdf).toString('hex') }
}
