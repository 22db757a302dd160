// What a provider's policy says about its own stops and about looking after what is stopped. Everything has a default that
// asks for little, so that a policy written before this part existed still reads; the demo's providers show the rest.
import { z } from 'zod'
import { dueRuleSchema } from './calendar.ts'
import { deviceTypes, paperKinds, reasons, wakeUpItems, words } from './vocabulary.ts'

const days = z.int().min(-60).max(366)
const hour = z.string().regex(/^\d\d:\d\d$/)
const fen = z.int().min(0).max(10_000_000_00)
const reason = z.enum(words(reasons))
const item = z.enum(words(wakeUpItems))

export const careSchema = z.strictObject({
  at: hour.default('08:00').describe('the hour at which people are reminded'),
  custody: z.strictObject({
    everyDays: z.int().min(1).max(366),
    toleranceMetres: z.int().positive().default(500).describe('how far from its shop a device may be found'),
  }).optional().describe('how often a stopped device is looked at, by photo and position; absent asks for nothing'),
  wakeUp: z.strictObject({
    due: dueRuleSchema,
    items: z.record(z.enum(words(deviceTypes)), z.array(item).min(1)),
  }).optional().describe('care before the return date, by type of device'),
  longestPause: z.strictObject({
    openEndedDays: z.int().min(1).max(3_660).describe('of a stop without a return date; with one, longestTemporaryDays is the limit'),
    askDaysBefore: z.int().min(0).max(90).default(14),
    unanswered: z.enum(['escalate', 'hold']).default('escalate').describe('when nobody answers: the provider is told, or compliance holds it (I01)'),
  }).optional(),
  ladder: z.array(z.strictObject({
    id: z.string().min(1).max(40),
    days: days.describe('from the day it is due; below 0 before it'),
    to: z.enum(['merchant', 'agent', 'escalate']).describe('a message to the merchant, a call by the agent, or raised above the desk'),
  })).min(1).default([
    { id: 'due', days: 0, to: 'merchant' }, { id: 'first', days: 3, to: 'merchant' }, { id: 'second', days: 6, to: 'merchant' },
    { id: 'call', days: 8, to: 'agent' }, { id: 'escalate', days: 10, to: 'escalate' },
  ]).refine((rungs) => rungs.every((r, i) => i === 0 || r.days >= rungs[i - 1]!.days), 'rungs go forward in time')
    .describe('what happens to whatever is due and not done, rung by rung'),
  faults: z.strictObject({
    holdOnReport: z.array(reason).default(['D01', 'D05', 'D07', 'D08', 'D09', 'D10', 'D12']).describe('faults a shop reports that stop the terminal at once'),
    repeatDays: z.int().min(1).max(3_660).default(180),
    repeatCount: z.int().min(2).max(50).default(3).describe('so many faults of one device within that time are raised'),
  }).prefault({}),
  violations: z.strictObject({
    rectifyWorkingDays: z.int().min(1).max(60).default(10),
    demandFirst: z.array(reason).default([]).describe('reasons whose hold is never given free without a formal demand'),
  }).prefault({}),
  seen: z.strictObject({
    serialMismatch: z.enum(['alarm', 'hold']).default('alarm'),
    positionMismatch: z.enum(['alarm', 'ask', 'hold']).default('alarm').describe('ask: the merchant is asked first, and held where it does not put it right'),
    answerDays: z.int().min(1).max(60).default(3),
  }).prefault({}).describe('what follows when a gate finds another serial number or place than the register'),
  lossFen: z.partialRecord(z.enum(words(deviceTypes)), fen).default({}).describe('price of a lent device that is lost; the deposit is taken first'),
  topUpFen: fen.default(0).describe('credit an account must show before a hold for a short balance (A04) ends'),
  demandDays: z.partialRecord(reason, z.int().min(1).max(250)).default({}).describe('working days to hand in what a hold asks for, where the table of reasons is not followed'),
  watch: z.strictObject({
    at: hour, unusedDays: z.int().min(1).max(60).default(3),
  }).optional().describe('end of day: left signed on, batch not settled, unused for so many days'),
  retentionYears: z.partialRecord(z.enum(words(paperKinds)), z.int().min(1).max(30)).default({}).describe('longer than the table of papers, never shorter'),
})
export type CarePolicy = z.infer<typeof careSchema>
