// A provider's rules as one versioned document. Lists of rules are ordered, first match wins, and the id of the rule that
// matched is the explanation given to people. Where a list says "every match counts" it is a union (materials, steps).
// Durations say their unit in the name; wd = working days.
import { z } from 'zod'
import { dueRuleSchema } from './calendar.ts'
import { careSchema } from './care-policy.ts'
import { ratesSchema } from './contract.ts'
import {
  applicationKinds, channels, deviceParts, materialTypes, noticeKinds, partConditions, reasons, requirements, responseCodes, roles, stepKinds, stepMoments, testItems, terms,
  words, type ApplicationKind, type Channel, type ClearanceKind, type HoldOwner, type MaterialType, type Reason, type Term,
} from './vocabulary.ts'

const kind = z.enum(words(applicationKinds))
const reason = z.enum(words(reasons))
const role = z.enum(words(roles))
const fen = z.int().min(0).max(10_000_000_00)
const scope = { kinds: z.array(kind).min(1), reasons: z.array(reason).optional() }

/** What a straight-through or second-approval rule looks at; an absent condition always holds. */
const conditions = z.strictObject({
  term: z.enum(words(terms)).optional(),
  daysMax: z.int().positive().optional().describe('length of a temporary stop in days, at most'),
  terminalsMax: z.int().positive().optional(),
  terminalsMin: z.int().positive().optional(),
  clearance: z.enum(['clear', 'drainable']).optional().describe('drainable: only items the drain window can finish'),
  goodStanding: z.boolean().optional().describe('no hold of risk, finance or compliance on any terminal of the merchant'),
  openFenMin: fen.optional().describe('money still open on the terminals, at least'),
})

export const policySchema = z.strictObject({
  kindsOffered: z.array(kind).min(1),
  leadTimeHours: z.int().min(0).max(24 * 60).describe('least time from submission to the stop, unless approved straight through'),
  checkpoint: z.strictObject({
    due: dueRuleSchema,
    ifOpen: z.enum(['proceed', 'postpone']).describe('what happens when something is still open at the checkpoint'),
    postponeWorkingDays: z.int().min(1).max(30),
  }),
  drainHours: z.int().min(0).max(24 * 14),
  deviceConfirmHours: z.int().min(0).max(24 * 30).optional()
    .describe('hours after a stop within which the device should say itself that it stopped; absent or 0 asks for nothing'),
  longestTemporaryDays: z.int().min(1).max(366),
  review: z.record(kind, z.strictObject({ fromWorkingDays: z.int().min(0), toWorkingDays: z.int().min(1).max(60) })),
  returnedAnswerWorkingDays: z.int().min(1).max(60),
  draftKeptDays: z.int().min(1).max(366),
  straightThrough: z.array(z.strictObject({ id: z.string(), ...scope, when: conditions })),
  secondApproval: z.array(z.strictObject({ id: z.string(), ...scope, when: conditions })),
  materials: z.array(z.strictObject({ id: z.string(), ...scope, types: z.array(z.enum(words(materialTypes))).min(1) }))
    .describe('every match counts'),
  channelMaterials: z.partialRecord(z.enum(words(channels)), z.array(z.enum(words(materialTypes))).min(1)).default({})
    .describe('scans a case must carry because of the way it came, besides the others'),
  materialsAtSubmission: z.enum(['demand', 'may_follow']),
  steps: z.array(z.strictObject({
    id: z.string(), ...scope,
    step: z.enum(words(stepKinds)),
    requirement: z.enum(words(requirements)),
    before: z.enum(words(stepMoments)),
    due: dueRuleSchema,
    assignee: role,
  })).describe('every match counts'),
  fees: z.strictObject({
    monthlyInServiceFen: fen, monthlyWhileSuspendedFen: fen, freeSuspendedDays: z.int().min(0), reopeningFen: fen, earlyTerminationFen: fen, restockingFen: fen,
    dataMonthlyFen: fen.optional(), annualFen: fen.optional(),
    rates: ratesSchema.optional().describe('per transaction, where a contract says nothing else'),
    waiverAloneMaxFen: fen.optional().describe('what one person may waive; above it a second person confirms'),
    invoiceDueDays: z.int().min(0).max(366).optional(),
  }),
  deviceTests: z.array(z.enum(words(testItems))).min(1),
  reminderDaysBeforeReturn: z.array(z.int().min(1).max(60)),
  settlement: z.strictObject({
    acceptAloneFenMax: fen.describe('a break up to this amount may be accepted by one person; above, a second one confirms'),
    breakDueWorkingDays: z.int().min(1).max(30).describe('by when a break should be settled, from when it was found'),
    recordsDays: z.int().min(1).max(400).describe('how far back the three records must cover a terminal’s transactions'),
  }).default({ acceptAloneFenMax: 10_000, breakDueWorkingDays: 3, recordsDays: 90 }),
  closure: z.strictObject({
    ifOpenAtApproval: z.enum(['wait', 'refuse']).describe('a closure waits until nothing is open; or it is not even approved before'),
    underHold: z.partialRecord(z.enum(['service_desk', 'risk', 'finance', 'operations', 'compliance'] as const satisfies HoldOwner[]), z.enum(['wait', 'refuse']))
      .describe('a closure waits for holds of other desks, which is what happens where nothing is said; or is not approved under them'),
    refundWithinDays: z.int().min(0).max(365).describe('a deposit is refunded within so many days of the device being back and nothing open'),
    disputeWithinDays: z.int().min(0).max(90).describe('a deduction the merchant has not accepted waits so long for its dispute'),
    chargebackTailDays: z.int().min(0).max(1_100).describe('after the last sale, how long a chargeback may still come in'),
    deductions: z.array(z.strictObject({
      id: z.string(),
      part: z.enum(words(deviceParts)).optional(),
      condition: z.enum(words(partConditions)).optional(),
      notReturned: z.literal(true).optional().describe('for a device that never came back'),
      fromMonths: z.int().min(0).optional().describe('lent for at least so many whole months'),
      toMonths: z.int().positive().optional().describe('and for fewer than so many'),
      fen: fen.optional(),
      ppm: z.int().min(0).max(1_000_000).optional().describe('of the deposit'),
    }).refine((rule) => (rule.fen === undefined) !== (rule.ppm === undefined), 'either fen or ppm')
      .refine((rule) => (rule.part === undefined) === (rule.condition === undefined), 'a part and its condition go together'))
      .describe('for each part inspected the first match counts; of the rules that name no part, the first'),
  }).default({ ifOpenAtApproval: 'wait', underHold: {}, refundWithinDays: 15, disputeWithinDays: 5, chargebackTailDays: 180, deductions: [] }),
  complaints: z.strictObject({
    answerWorkingDays: z.int().min(1).max(60).describe('a complaint is answered within so many working days'),
    closeWorkingDays: z.int().min(1).max(60).describe('an answer nobody objected to closes it after so many working days'),
  }).default({ answerWorkingDays: 5, closeWorkingDays: 10 }),
  telling: z.strictObject({
    registeredPhone: z.array(z.enum(words(noticeKinds)))
      .describe('notices that go by SMS to the telephone in the register, unless the merchant named contacts of its own; none: none'),
  }).default({ registeredPhone: [] }),
  care: careSchema.prefault({}),
  bulk: z.strictObject({
    aloneTerminalsMax: z.int().min(1).max(200_000).describe('so many terminals at once one person may stop, lift or test; above it a second person confirms'),
    windowOpensByItself: z.boolean().describe('at the end of a maintenance window terminals whose test passed are opened without a further word of operations'),
  }).default({ aloneTerminalsMax: 500, windowOpensByItself: true }),
  installation: z.strictObject({
    tidLead: z.string().regex(/^[0-9A-Z]{0,4}$/).describe('first characters of the numbers new terminals get; the rest is counted'),
    certifiedModels: z.array(z.string().max(60)).optional().describe('models that may be put on a terminal; absent: any in stock'),
  }).default({ tidLead: '' }),
  appeal: z.strictObject({
    withinDays: z.int().min(1).max(366).describe('an appeal is taken within so many days of the hold taking effect'),
  }).default({ withinDays: 30 }),
  backup: z.strictObject({ every: z.enum(['none', 'month_end']), at: z.string().regex(/^\d\d:\d\d$/) }),
  dormancy: z.strictObject({
    askAfterMonths: z.int().min(1), answerWithinWorkingDays: z.int().min(1), stopAfterMonths: z.int().min(1),
  }),
  gate: z.strictObject({
    responseCodes: z.partialRecord(z.enum(words(responseCodes)), z.string().regex(/^[0-9A-Z]{2}$/)),
    refundWhileShut: z.boolean(),
    completionWhileShut: z.boolean(),
    offlineUploadHours: z.int().min(0).max(24 * 30),
    signOnAfterReopening: z.boolean(),
    positionToleranceMetres: z.int().positive().optional(),
    standin: z.strictObject({
      seconds: z.int().min(0).max(4 * 3_600).describe('how long a gate that lost the primary may approve ordinary terminals by itself'),
      floorLimitFen: fen.describe('one such approval, at most'),
      countMax: z.int().min(0).max(10_000).describe('such approvals per terminal, at most'),
      totalFenMax: fen.describe('their sum per terminal, at most'),
      afterwards: z.enum(['decline', 'approve_within_limits']).describe('after that time, for ordinary terminals'),
    }).optional().describe('absent: 15 minutes, 1,000.00 each, 10 times and 5,000.00 per terminal, then declined'),
  }),
  mayPlaceHold: z.partialRecord(
    z.enum(['merchant', 'service_desk', 'risk', 'finance', 'operations', 'compliance'] as const satisfies HoldOwner[]),
    z.array(role),
  ).describe('which roles may place and lift a hold owned by that desk'),
})
export type Policy = z.infer<typeof policySchema>

/** What the rules of a policy are matched against. */
export type Subject = {
  kind: ApplicationKind
  reason: Reason
  term: Term | undefined
  days: number | undefined
  terminals: number
  open: { kinds: readonly ClearanceKind[]; fen: number }
  goodStanding: boolean
}

/** Open items that finishing what was begun can clear while the terminal drains. */
const drainable: readonly ClearanceKind[] = ['unsettled', 'preauth_open', 'reversal_pending', 'offline_pending']

type Scoped = { kinds: ApplicationKind[]; reasons?: Reason[] | undefined }
const inScope = (rule: Scoped, subject: Pick<Subject, 'kind' | 'reason'>): boolean =>
  rule.kinds.includes(subject.kind) && (rule.reasons === undefined || rule.reasons.includes(subject.reason))

function holds(when: z.infer<typeof conditions>, subject: Subject): boolean {
  if (when.term !== undefined && when.term !== subject.term) return false
  if (when.daysMax !== undefined && (subject.days === undefined || subject.days > when.daysMax)) return false
  if (when.terminalsMax !== undefined && subject.terminals > when.terminalsMax) return false
  if (when.terminalsMin !== undefined && subject.terminals < when.terminalsMin) return false
  if (when.clearance === 'clear' && subject.open.kinds.length > 0) return false
  if (when.clearance === 'drainable' && !subject.open.kinds.every((k) => drainable.includes(k))) return false
  if (when.goodStanding !== undefined && when.goodStanding !== subject.goodStanding) return false
  if (when.openFenMin !== undefined && subject.open.fen < when.openFenMin) return false
  return true
}

/** The first rule under which the case is approved at submission, or none. */
export const straightThroughRule = (policy: Policy, subject: Subject): string | undefined =>
  policy.straightThrough.find((rule) => inScope(rule, subject) && holds(rule.when, subject))?.id

/** The first rule that demands a second approval, or none. */
export const secondApprovalRule = (policy: Policy, subject: Subject): string | undefined =>
  policy.secondApproval.find((rule) => inScope(rule, subject) && holds(rule.when, subject))?.id

/** Every material the case must carry, each named once. */
export const materialsFor = (policy: Policy, subject: Pick<Subject, 'kind' | 'reason'> & { channel?: Channel | undefined }): MaterialType[] => [
  ...new Set([
    ...policy.materials.filter((rule) => inScope(rule, subject)).flatMap((rule) => rule.types),
    ...(subject.channel === undefined ? [] : (policy.channelMaterials[subject.channel] ?? [])),
  ]),
]

export const stepsFor = (policy: Policy, subject: Pick<Subject, 'kind' | 'reason'>): Policy['steps'] =>
  policy.steps.filter((rule) => inScope(rule, subject))
