// Shapes of the contract that are not about a terminal or a case (those are in views.ts): pages of lists, imports, public
// look-ups, the gate, journal, policies, keys and people. Instants are RFC 3339 text, money is { fen, currency }.
import { z } from 'zod'
import { optionKinds } from '../domain/options.ts'
import { policySchema } from '../domain/policy.ts'
import { refusals, type RefusalCode } from '../domain/refusals.ts'
import {
  applicationKinds,
  applicationStates,
  bases,
  decisions,
  importErrors,
  importKinds,
  importStates,
  letterKinds,
  letterStates,
  replayDifferences,
  replayStates,
  modes,
  partyKinds,
  reasons,
  roles,
  words,
} from '../domain/vocabulary.ts'

/** RFC 3339 with an offset, as replies give it. */
export const instantText = z.iso.datetime({ offset: true }).meta({ examples: ['2026-11-27T07:00:00.000Z'] })
/** RFC 3339 with an offset, as requests give it; epoch milliseconds inside. */
export const instantIn = z.iso
  .datetime({ offset: true })
  .meta({ examples: ['2026-11-27T15:00:00+08:00'] })
  .transform((text) => Date.parse(text))

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    /** Ask again with `cursor` set to this for what comes next; null at the end. */
    next: z.string().nullable().describe('send as `cursor` for the next page; null at the end'),
    total: z.union([z.int().min(0), z.object({ about: z.int().min(0) })]).describe('exact to 10,000, then about'),
  })
export type Page<T> = { items: T[]; next: string | null; total: number | { about: number } }

export const partyShape = z.object({ kind: z.enum(words(partyKinds)), id: z.string() })

export const importRow = z.object({
  id: z.uuid(),
  kind: z.enum(words(importKinds)),
  state: z.enum(words(importStates)),
  fileName: z.string(),
  sizeBytes: z.int().min(0),
  dryRun: z.boolean(),
  partial: z.boolean(),
  rows: z.object({
    total: z.int().min(0),
    accepted: z.int().min(0),
    rejected: z.int().min(0),
    changed: z.int().min(0),
  }),
  progress: z.number().min(0).max(1),
  stopRequested: z.boolean(),
  createdAt: instantText,
  endedAt: instantText.nullable(),
})
export const importView = importRow.extend({
  errors: z
    .array(
      z.object({ line: z.int().min(0), column: z.string(), code: z.enum(words(importErrors)), detail: z.string() }),
    )
    .describe('the first of them; all are in rejected.csv'),
  settlement: z
    .object({ file: z.uuid(), supersedes: z.array(z.object({ id: z.uuid(), fileName: z.string() })) })
    .optional()
    .describe('a settlement file that was taken, and whose place it took, wholly or for some merchants and days'),
})

export const timelineRow = z.object({
  seq: z.int().min(0).describe('journal sequence number'),
  at: instantText,
  fact: z.string().describe('name of the fact, past tense'),
  sentence: z.string(),
  by: z.object({ role: z.enum(words(roles)), party: partyShape }).nullable(),
  application: z.string().nullable(),
  hold: z.string().nullable(),
})

/** What anyone may learn of a case with its number and the last four digits of the merchant's telephone. */
export const trackView = z.object({
  no: z.string(),
  kind: z.enum(words(applicationKinds)),
  state: z.enum(words(applicationStates)),
  provider: z.object({ name: z.string(), hotline: z.string() }),
  submittedAt: instantText.nullable(),
  deadline: z.object({ at: instantText, workingDays: z.int(), overdue: z.boolean() }).nullable(),
  sentence: z.string(),
})

/** What anyone may learn of a letter: nothing more than the letter itself says. */
export const letterShown = z.object({
  no: z.string(),
  kind: z.enum(words(letterKinds)),
  issuedAt: instantText,
  provider: z.string(),
  merchant: z.string(),
  caseNo: z.string().nullable(),
  reason: z.object({ code: z.enum(words(reasons)), words: z.string() }),
  terminals: z.array(
    z.object({
      tid: z.string(),
      storeName: z.string(),
      effectiveFrom: instantText,
      hostBlockedAt: instantText.nullable().describe('every gate refuses since'),
      deviceConfirmedAt: instantText.nullable(),
      expectedUntil: instantText.nullable(),
      reopenedAt: instantText.nullable(),
      closedAt: instantText.nullable(),
      chargebackUntil: instantText.nullable(),
    }),
  ),
})
export const verifyView = z.object({
  state: z.enum([...words(letterStates), 'unknown']),
  /** Only where a file was handed in: whether it is, to the byte, what we issued. */
  file: z.enum(['genuine', 'not_pdf', 'not_signed', 'altered', 'foreign', 'appended']).optional(),
  letter: letterShown.optional(),
  sentence: z.string(),
})

export const gateAnswer = z.object({
  decision: z.enum(words(decisions)),
  code: z.string().describe('ISO 8583 field 39, as the provider maps it'),
  reason: z.string(),
  sentence: z.string().describe('what the cashier reads'),
  mode: z.enum(words(modes)),
  holds: z.array(z.string()),
  basis: z.enum(words(bases)),
  asOf: instantText,
  until: instantText.nullable(),
  epoch: z.int().min(0),
  seq: z.int().min(0),
  ageMs: z.number().min(0),
})
export const gateTerminal = z.object({
  tid: z.string(),
  mid: z.string(),
  mode: z.enum(words(modes)),
  sentence: z.string(),
  signOnRequired: z.boolean(),
  intervals: z.array(
    z.object({
      from: instantText.nullable(),
      to: instantText.nullable(),
      mode: z.enum(words(modes)),
      holds: z.array(z.string()),
    }),
  ),
  version: z.int().min(0),
  basis: z.enum(words(bases)),
  epoch: z.int().min(0),
  seq: z.int().min(0),
  ageMs: z.number().min(0),
})

const costShape = z.object({ fen: z.int(), currency: z.literal('CNY') }).describe('negative where money is paid back')
export const optionsView = z.object({
  days: z.int().min(0).describe('whole days over which the ways are compared'),
  from: z.string().meta({ format: 'date' }).describe('first of those days'),
  until: z.string().meta({ format: 'date' }).describe('the day after the last'),
  rule: z.string().describe('how days are counted'),
  owed: costShape.describe('owed already, whatever is chosen'),
  deposit: costShape.describe('held on the devices in question'),
  contract: z.int().min(1).nullable().describe('version of the contract it is reckoned by; null where the policy alone speaks'),
  options: z.array(z.object({
    option: z.enum(optionKinds), offered: z.boolean().describe('whether the provider takes such a case yet'), cost: costShape,
    lines: z.array(z.object({ words: z.string(), amount: costShape, formula: z.string() })),
  })),
})
export type OptionsView = z.infer<typeof optionsView>

export const backupView = z.object({
  dueAt: instantText,
  madeAt: instantText.nullable(),
  verifiedAt: instantText.nullable().describe('restored and compared'),
  rows: z.int().nullable(),
  sha256: z.string().nullable(),
  failure: z.string().nullable(),
})
export type BackupView = z.infer<typeof backupView>

const hex32 = z.string().regex(/^[0-9a-f]{64}$/)
export const journalPage = z.object({
  rows: z.array(
    z.object({
      seq: z.int().positive(),
      body: z.record(z.string(), z.unknown()),
      text: z.string().describe('the body to the byte, as it was hashed: sha256(previous, seq, newline, text)'),
      hash: hex32,
      previous: hex32,
    }),
  ),
  head: z.object({ seq: z.int().min(0), hash: hex32 }),
})

export const policyRow = z.object({
  provider: z.string(),
  version: z.int().positive(),
  state: z.enum(['draft', 'approved']),
  effectiveFrom: instantText.nullable(),
  createdBy: z.string(),
  createdAt: instantText,
  approvedBy: z.string().nullable(),
})
export const replayShape = z.object({
  id: z.uuid(),
  policy: z.string().describe('provider-version'),
  document: z.string().describe('SHA-256 of the document that was tried'),
  state: z.enum(words(replayStates)),
  since: instantText.nullable(),
  until: instantText.nullable(),
  progress: z.number().min(0).max(1),
  cases: z.object({
    total: z.int().min(0),
    looked: z.int().min(0),
    unknown: z.int().min(0).describe('submitted before their facts were kept'),
    differing: z.int().min(0).describe('anything differs, were it a date'),
    otherwise: z.int().min(0).describe('taken, passed, looked at twice or asked for papers otherwise'),
  }),
  groups: z.array(
    z.object({ what: z.enum(words(replayDifferences)), from: z.string(), to: z.string(), count: z.int().positive(), words: z.string() }),
  ),
  sentence: z.string(),
  stopRequested: z.boolean(),
  requestedBy: z.string(),
  createdAt: instantText,
  beganAt: instantText.nullable(),
  endedAt: instantText.nullable(),
})
export const policyView = policyRow.extend({
  document: policySchema,
  replayed: replayShape.nullable().describe('the newest finished replay of this very document; null: nobody tried it'),
  allowed: z.object({ approve: z.union([z.literal(true), z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]])]) }),
})

export const keyRow = z.object({
  id: z.uuid(),
  hint: z.string(),
  name: z.string(),
  createdAt: instantText,
  revokedAt: instantText.nullable(),
})
export const newKey = keyRow.extend({ key: z.string().describe('shown this once; it cannot be read again') })
export const personRow = z.object({
  person: z.string(),
  account: z.string(),
  name: z.string(),
  login: z.string().nullable(),
  role: z.enum(words(roles)),
  party: partyShape,
  disabled: z.boolean(),
  totp: z.boolean(),
})

export const wordEntry = z.object({ zh: z.string(), en: z.string() })

export type ImportRow = z.infer<typeof importRow>
export type ImportView = z.infer<typeof importView>
export type TimelineRow = z.infer<typeof timelineRow>
export type TrackView = z.infer<typeof trackView>
export type VerifyView = z.infer<typeof verifyView>
export type LetterShown = z.infer<typeof letterShown>
export type GateAnswerView = z.infer<typeof gateAnswer>
export type GateTerminalView = z.infer<typeof gateTerminal>
export type JournalPage = z.infer<typeof journalPage>
export type PolicyRow = z.infer<typeof policyRow>
export type PolicyView = z.infer<typeof policyView>
