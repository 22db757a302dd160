// The facts of a letter: what is stored with it, and all that its pages are made from. The same facts give the same
// bytes (before signing), so a letter can be made again at any time and compared. Instants are epoch milliseconds,
// money is fen; words are kept as they were when the letter was issued, because a letter proves what was said then.

import { z } from 'zod'
import { disposedParts, letterKinds, modes, reasons, words, type LetterKind } from '../domain/vocabulary.ts'
import { verificationCodePattern } from './verification-code.ts'

export const letterTerminals_max = 200
export const letterSchedule_segments_max = 64
export const letterName_chars_max = 120
export const letterWord_chars_max = 60
export const letterUrl_chars_max = 300
export const letterDemand_chars_max = 600

/** 2000-01-01 … 2100-01-01: inside it Asia/Shanghai is UTC+8 without exception. */
const instant = z.int().min(946_684_800_000).max(4_102_444_800_000)
const word = z.string().min(1).max(letterWord_chars_max)
const name = z.string().min(1).max(letterName_chars_max)
const bilingual = z.strictObject({ zh: name, en: name })

const letterTerminalSchema = z.strictObject({
  tid: word,
  storeName: name,
  model: word,
  serial: word,
  /** No new sale from here. */
  effectiveFrom: instant,
  /** Every gate refuses since. */
  hostBlockedAt: instant.optional(),
  /** Nothing was open any more. */
  drainedAt: instant.optional(),
  /** The device said so itself: of the stop in a stop letter, of the reopening in a reopening letter. */
  deviceConfirmedAt: instant.optional(),
  expectedUntil: instant.optional(),
  reopenedAt: instant.optional(),
  testedAt: instant.optional(),
  /** Of a certificate of closure: closed for good, and until when a chargeback may still come in for earlier sales. */
  closedAt: instant.optional(),
  /** Of a hand-over list: since when the device named here is on the terminal, and the serial of the one it replaced. */
  boundAt: instant.optional(),
  formerSerial: word.optional(),
  chargebackUntil: instant.optional(),
  /** What became of the device, and of the deposit on it. */
  device: bilingual.optional(),
  deposit: z.strictObject({ heldFen: z.int().min(0), deductedFen: z.int().min(0), refundedFen: z.int().min(0) }).optional(),
  /** Still open when the letter was issued. */
  openItems: z.int().min(0).max(1_000_000),
  openAmount_fen: z.int().min(-1e14).max(1e14),
})

const facts = z.strictObject({
  no: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._/-]{2,39}$/),
  kind: z.enum(words(letterKinds)),
  code: z.string().regex(verificationCodePattern),
  issuedAt: instant,
  provider: z.strictObject({ name, licenceNo: word.optional(), hotline: word }),
  merchant: z.strictObject({ name, mid: word }),
  /** Absent for a stop the provider placed without a case. */
  caseNo: word.optional(),
  terminals: z.array(letterTerminalSchema).max(letterTerminals_max),
  /** Of a notice of a stop: what is asked, by when, and who decides – the words of the notice itself. */
  demand: z.strictObject({ zh: z.string().min(1).max(letterDemand_chars_max), en: z.string().min(1).max(letterDemand_chars_max) }).optional(),
  /** Of a certificate of disposal: what was destroyed, in numbers only. */
  disposal: z.strictObject({
    keyDestroyedAt: instant,
    clearedAt: instant,
    rows: z.array(z.strictObject({ part: z.enum(words(disposedParts)), count: z.int().min(0) })).min(1).max(words(disposedParts).length),
    /** From which day on, and which rules had run out. */
    dueOn: word,
    basis: z.array(z.strictObject({ zh: name, en: name, until: word })).max(20),
    proposedBy: word,
    confirmedBy: word,
  }).optional(),
  reason: z.strictObject({ code: z.enum(words(reasons)), zh: name, en: name }),
  policyVersion: word,
  decidedBy: bilingual,
  /** What the terminals may do, past to future, without gaps; empty when they differ – then no strip is printed. */
  schedule: z
    .array(z.strictObject({ from: instant, to: instant, mode: z.enum(words(modes)) }))
    .max(letterSchedule_segments_max)
    .refine(
      segments => segments.every((s, i) => s.from < s.to && (i === 0 || segments[i - 1]!.to === s.from)),
      'segments follow each other without gaps',
    ),
  verifyUrl: z.url({ protocol: /^https?$/ }).max(letterUrl_chars_max),
})

/** A certificate of disposal names no terminal; every other letter confirms something of each of its terminals. */
export type TerminalLetterKind = Exclude<LetterKind, 'disposal_certificate'>
const confirms = {
  stop_confirmation: 'effectiveFrom', reopening_confirmation: 'reopenedAt', closure_certificate: 'closedAt', handover_list: 'boundAt', hold_notice: 'effectiveFrom',
} as const satisfies Record<TerminalLetterKind, keyof z.infer<typeof letterTerminalSchema>>

/** A letter confirms what has happened, so nothing it confirms lies ahead of it. */
export const letterFactsSchema = facts.superRefine(({ kind, issuedAt, terminals, disposal }, check) => {
  if ((kind === 'disposal_certificate') !== (disposal !== undefined) || (terminals.length === 0) !== (disposal !== undefined))
    check.addIssue({ code: 'custom', path: ['terminals'], message: 'terminals, or what was disposed of' })
  // A notice tells of a stop that is still to come, too.
  if (kind === 'disposal_certificate' || kind === 'hold_notice') return
  const confirmed = confirms[kind]
  for (const [i, terminal] of terminals.entries()) {
    const at = terminal[confirmed]
    if (at !== undefined && at <= issuedAt) continue
    check.addIssue({ code: 'custom', path: ['terminals', i, confirmed], message: 'must have happened before issue' })
  }
})

export type LetterFacts = z.infer<typeof letterFactsSchema>
export type LetterTerminal = z.infer<typeof letterTerminalSchema>
