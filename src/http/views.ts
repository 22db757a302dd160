// What people and programs are shown of a terminal, a case, a notice and themselves: the shapes of the contract. Each object
// carries what its reader may do with it now (`allowed`: true, or the code of the refusal) and one plain sentence in the
// reader's language, so that no screen works out a rule or a wording of its own. Instants are RFC 3339 text, UTC.
import { z } from 'zod'
import { lineActs } from '../domain/allowed.ts'
import { authority, type Right } from '../domain/authority.ts'
import { refusals, type RefusalCode } from '../domain/refusals.ts'
import {
  applicationKinds, applicationStates, channels, clearanceKinds, depositStates, deviceParts, deviceStates, deviceTypes, directions, dormancyAnswers, effects, gateWaits, holdOwners,
  letterKinds, materialStates, materialTypes, modes, noticeKinds, ownerships, partConditions, proofKinds, partyKinds, reasons, requirements, returnStates, roles, services, severities,
  stepKinds, stepMoments, stepStates, terminalResults, terms, words,
} from '../domain/vocabulary.ts'
import { instantText } from './shapes.ts'
import { demandView } from './view-demand.ts'

export { viewCase, viewCaseRow } from './view-case.ts'
export { viewTerminal, viewTerminalAfter, viewTerminalRow } from './view-terminal.ts'

// ── Pieces ──────────────────────────────────────────────────────────────────────────────────────────────────────────
const verdict = z.union([z.literal(true), z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]])])
  .meta({ description: '现在可以，或拒绝的原因 true, or the code of the refusal' })
export const allowedTo = <K extends string>(...acts: readonly K[]) =>
  z.object(Object.fromEntries(acts.map((act) => [act, verdict])) as Record<K, typeof verdict>)

const at = instantText.nullable()
const person = z.object({ id: z.string(), name: z.string() })
const provider = z.object({ id: z.string(), name: z.string(), hotline: z.string() })
const merchant = z.object({ mid: z.string(), name: z.string() })
/** Only its own parties see whom to call, and the number only in part. */
const merchantWithContact = merchant.extend({
  contact: z.object({ name: z.string().nullable(), phone: z.string().nullable().meta({ examples: ['138****1234'] }) }).nullable(),
})
const amount = z.object({ fen: z.int().min(0), currency: z.literal('CNY') })
const reason = z.enum(words(reasons))

// ── Terminals ───────────────────────────────────────────────────────────────────────────────────────────────────────
const stretch = z.object({ from: instantText, to: instantText, mode: z.enum(words(modes)), hold: z.string().nullable() })
const hold = z.object({
  id: z.string(), reason, reasonWords: z.string(), owner: z.enum(words(holdOwners)), effect: z.enum(words(effects)),
  effectiveFrom: instantText, drainUntil: instantText, expectedUntil: at,
  startedAt: at, shutAt: at, clearedAt: at.describe('released by its owner; the test may still be to come'), liftedAt: at, withdrawnAt: at,
  application: z.string().nullable(),
  demands: demandView.nullable().describe('what the provider’s stop asks of the merchant; null for its own, and once it is given free'),
  appeal: z.object({
    by: z.string().describe('who decides it, in the reader’s language'), until: instantText.describe('by when it is to be filed'),
    workingDays: z.int().describe('within how many it is decided'), application: z.string().nullable().describe('the appeal under way'),
  }).nullable().describe('null where there is no appeal against such a hold'),
  allowed: allowedTo('lift', 'appeal'),
})
const clearanceItem = z.object({
  kind: z.enum(words(clearanceKinds)), amount, count: z.int().min(1), dueBy: at, owner: z.enum(['merchant', 'provider']),
  toDo: z.string().describe('what is to be done about it, in the reader’s language'),
})

export const terminalRow = z.object({
  tid: z.string(),
  mid: z.string(),
  provider,
  merchant,
  store: z.object({ name: z.string(), address: z.string() }).nullable(),
  device: z.object({
    serial: z.string(), model: z.string(), type: z.enum(words(deviceTypes)), ownership: z.enum(words(ownerships)), state: z.enum(words(deviceStates)),
  }).nullable(),
  service: z.enum(words(services)),
  term: z.enum(words(terms)).nullable().describe('of the stop in effect: with a return date or without'),
  mode: z.enum(words(modes)).describe('what the gate lets it do now'),
  sentence: z.string(),
  schedule: z.array(stretch).describe('what it may do, from 30 days ago to 180 days ahead, without gaps'),
  holds: z.array(hold),
  upcoming: z.array(z.object({ at: instantText, mode: z.enum(words(modes)), hold: z.string().nullable() })),
  hostBlockedAt: at.describe('since when every gate refuses sales'),
  deviceConfirmedAt: at.describe('since when the device says so, too'),
  deviceSilentSince: at.describe('since when it is overdue to say so'),
  gates: z.object({
    required: z.int().min(0), acknowledged: z.int().min(0),
    outstanding: z.array(z.object({ id: z.string(), since: instantText, reason: z.enum(words(gateWaits)), reasonWords: z.string() })),
  }).nullable().describe('how far the gates are with a stop that not all of them are known to refuse; not told to the merchant'),
  attempts: z.object({ count: z.int().min(1), lastAt: instantText }).nullable().describe('tried under the stop in effect, and refused'),
  clearance: z.object({ clear: z.boolean(), items: z.array(clearanceItem) }),
  signOnRequired: z.boolean(),
  cases: z.array(z.object({ no: z.string(), direction: z.enum(words(directions)) })).describe('under way on it'),
  allowed: allowedTo('suspend', 'reactivate', 'extend', 'close', 'replace', 'hold', 'test', 'answerDormancy'),
  version: z.int().min(1),
})
export const terminalView = terminalRow.extend({
  merchant: merchantWithContact,
  installedAt: at,
  closedAt: at,
  chargebackUntil: at.describe('of a closed terminal: until when a chargeback of an earlier sale may still come in'),
  dormancy: z.object({ askedAt: instantText, answerBy: at, answer: z.enum(words(dormancyAnswers)).nullable() }).nullable(),
})

// ── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────
const step = z.object({
  id: z.string(), kind: z.enum(words(stepKinds)), requirement: z.enum(words(requirements)), before: z.enum(words(stepMoments)), dueAt: at,
  overdue: z.boolean(), assignee: z.enum(words(roles)), state: z.enum(words(stepStates)), evidence: z.string().nullable(), settledAt: at,
  settledBy: z.string().nullable(), waiverProposedBy: z.string().nullable(),
  allowed: allowedTo('complete', 'waive'),
})
const material = z.object({
  id: z.string(), type: z.enum(words(materialTypes)), state: z.enum(words(materialStates)), name: z.string().nullable(),
  mediaType: z.string().nullable(), sizeBytes: z.int().min(0).nullable(), addedAt: instantText, words: z.string().nullable(), href: z.string(),
})
const caseAllowed = allowedTo(
  'submit', 'withdraw', 'claim', 'assign', 'return', 'approve', 'reject', 'add-material', 'accept-material', 'return-material', 'complete-step',
  'waive-step', 'bind-device', 'unbind-device', 'record-test',
)

export const applicationRow = z.object({
  no: z.string(),
  kind: z.enum(words(applicationKinds)),
  state: z.enum(words(applicationStates)),
  provider,
  merchant,
  applicant: z.object({ name: z.string(), onBehalf: z.boolean() }),
  assignee: person.nullable().describe('who handles it; not told to the merchant'),
  channel: z.enum(words(channels)),
  terminals: z.array(z.object({ tid: z.string(), result: z.enum(words(terminalResults)), hold: z.string().nullable(),
    from: z.string().nullable().describe('serial of the device a replacement took off'), to: z.string().nullable().describe('serial of the device put on') })),
  wish: z.object({ store: z.string(), count: z.int().min(1), deviceType: z.enum(words(deviceTypes)).nullable() }).nullable().describe('of an installation'),
  reason,
  reasonWords: z.string(),
  effectiveFrom: at,
  checkpointAt: at,
  checkpointTakenAt: at,
  expectedUntil: at,
  createdAt: instantText,
  submittedAt: at,
  endedAt: at,
  deadline: z.object({
    at: instantText, earliestAt: instantText, workingDays: z.int().nullable().describe('left; negative when overdue; null where the calendar is not known'),
    overdue: z.boolean(), paused: z.boolean().describe('the clock stands still while the case is returned'),
  }).nullable(),
  answerBy: at.describe('by when a returned case must be answered'),
  steps: z.array(step),
  materials: z.array(material),
  missing: z.array(z.enum(words(materialTypes))).describe('materials still to be handed in'),
  findings: z.array(z.object({ code: z.string(), severity: z.enum(words(severities)), detail: z.string() })),
  decision: z.object({
    by: z.string().nullable().describe('policy, or who decided'), at, rule: z.string().nullable().describe('of the policy: why it passed, or why two must look'),
    policyVersion: z.int().nullable(),
  }),
  letters: z.array(z.object({ no: z.string(), kind: z.enum(words(letterKinds)), href: z.string(), verifyHref: z.string() })),
  sentence: z.string(),
  allowed: caseAllowed,
  version: z.int().min(1),
})
const deductionLines = z.array(z.object({
  rule: z.string(), part: z.enum(words(deviceParts)).nullable(), condition: z.enum(words(partConditions)).nullable(), words: z.string(), amount,
}))
/** A device on its way back, and the deposit on it. */
export const returnView = z.object({
  rma: z.string(),
  application: z.string(),
  tid: z.string(),
  serial: z.string(),
  ownership: z.enum(words(ownerships)),
  state: z.enum(words(returnStates)),
  sentence: z.string(),
  openedAt: instantText,
  lentSince: at,
  monthsLent: z.int().min(0).describe('whole months, until it was handed over'),
  shipped: z.object({ at: instantText, carrier: z.string(), tracking: z.string() }).nullable(),
  receivedAt: at,
  inspected: z.object({
    at: instantText, by: z.string().nullable(),
    parts: z.array(z.object({ part: z.enum(words(deviceParts)), condition: z.enum(words(partConditions)), photo: z.string().nullable(), note: z.string().nullable() })),
  }).nullable(),
  endedAt: at,
  deposit: z.object({
    amount, state: z.enum(words(depositStates)), releasedAt: at, dueAt: at.describe('by when it is to be refunded'), overdue: z.boolean(),
    byTable: z.object({ amount, lines: deductionLines }).nullable().describe('what the table of deductions says, once it was inspected'),
    deduction: z.object({ amount, lines: deductionLines, by: z.string().nullable(), at: instantText, disputeUntil: instantText, words: z.string().nullable() }).nullable(),
    acceptedAt: at, disputedAt: at, dispute: z.string().nullable().describe('what the merchant objected'),
    settled: z.object({ at: instantText, by: z.string().nullable(), refund: amount, deducted: amount, reference: z.string() }).nullable(),
  }).nullable(),
  allowed: allowedTo(...lineActs),
})
export const applicationView = applicationRow.extend({
  returns: z.array(returnView).describe('devices of a closure on their way back, with their deposits'),
  merchant: merchantWithContact,
  words: z.string().nullable().describe('what the applicant wrote'),
  proof: z.object({ kind: z.enum(words(proofKinds)), reference: z.string().nullable() }).nullable().optional()
    .describe('of a case filed on behalf: what proves that the merchant asked'),
  said: z.string().nullable().describe('what the reviewer wrote when returning or rejecting'),
  asked: z.array(z.object({ type: z.enum(words(materialTypes)), words: z.string() })).describe('materials the reviewer asked for by name'),
})

// ── Notices and me ──────────────────────────────────────────────────────────────────────────────────────────────────
export const noticeView = z.object({
  id: z.string(), kind: z.enum(words(noticeKinds)), at: instantText, readAt: at, sentence: z.string(),
  application: z.string().nullable(), terminal: z.string().nullable(), merchant: z.string().describe('merchant number'),
})

export const meView = z.object({
  person: person,
  account: z.string(),
  role: z.enum(words(roles)),
  via: z.enum(['session', 'key', 'system']),
  party: z.object({ kind: z.enum(words(partyKinds)), id: z.string(), name: z.string() }),
  rights: z.array(z.enum(Object.keys(authority) as [Right, ...Right[]])),
  now: instantText,
  clock: z.enum(['real', 'manual']),
  zone: z.string(),
})

export type TerminalRow = z.infer<typeof terminalRow>
export type TerminalView = z.infer<typeof terminalView>
export type ReturnView = z.infer<typeof returnView>
export type ApplicationRow = z.infer<typeof applicationRow>
export type ApplicationView = z.infer<typeof applicationView>
export type NoticeView = z.infer<typeof noticeView>
