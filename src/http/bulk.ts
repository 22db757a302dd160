// Shapes of many at once: bulks with their items, plans with their members, figures of the fleet.
import { z } from 'zod'
import { dueRuleSchema } from '../domain/calendar.ts'
import { bulkCommands } from '../domain/bulk.ts'
import { planActs } from '../app/bulk/plan-views.ts'
import { refusals, type RefusalCode } from '../domain/refusals.ts'
import { bulkActs, bulkItemStates, bulkStates, effects, planKinds, planStages, reasons, roles, services, testItems, words } from '../domain/vocabulary.ts'
import { bulk_listed_max } from '../limits.ts'
import { search_length_max } from '../store/search.ts'
import { instantIn, instantText } from './shapes.ts'
import { allowedTo } from './views.ts'

const at = instantText.nullable()
const reason = z.enum(words(reasons))
const code = z.enum(Object.keys(refusals) as [RefusalCode, ...RefusalCode[]])
const count = z.int().min(0)

/** Which terminals: what the list of terminals is asked, what they stand on, or numbers that were pasted. */
export const selection = z.strictObject({
  q: z.string().max(search_length_max).optional().meta({ examples: ['10000001 10000002'] }),
  service: z.enum(words(services)).optional(),
  merchant: z.string().max(40).optional(),
  reason: reason.optional(),
  model: z.string().min(1).max(100).optional().meta({ examples: ['A920'] }),
  firmwareBelow: z.string().min(1).max(50).optional().meta({ description: '低于此软件版本 versions before this one; needs a model', examples: ['3.10'] }),
  region: z.string().min(1).max(100).optional().meta({ description: '门店地址包含 a part of the store’s address', examples: ['上海'] }),
  tids: z.array(z.string().max(20)).max(bulk_listed_max).optional(),
  serials: z.array(z.string().max(50)).max(bulk_listed_max).optional(),
})
export const result = z.strictObject({
  tid: z.string().max(20),
  failed: z.array(z.enum(words(testItems))).default([]).describe('what did not pass; everything else demanded did'),
  note: z.string().max(500).optional(),
})
export const results = z.array(result).min(1).max(bulk_listed_max)
export const actIn = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('place_hold'), reason, effect: z.enum(words(effects)).default('stop'), effectiveFrom: instantIn.optional(), drainUntil: instantIn.optional(), expectedUntil: instantIn.optional(),
  }),
  z.strictObject({ act: z.literal('lift_hold'), reason }),
  z.strictObject({ act: z.literal('record_test') }),
])
const progress = z.object({ total: count, done: count, failed: count, running: count })

export const bulkView = z.object({
  id: z.uuid(), name: z.string(), plan: z.uuid().nullable(), act: z.enum(words(bulkActs)), actWords: z.string(),
  particulars: z.object({ reason: z.string().nullable(), effect: z.string().nullable(), effectiveFrom: at, drainUntil: at, expectedUntil: at }),
  words: z.string().nullable(), selection: selection, unknown: z.array(z.string()).describe('numbers that were given and are not yours'),
  state: z.enum(words(bulkStates)), stateWords: z.string(),
  progress, rehearsal: z.object({ checked: count, able: count, unable: count, isOver: z.boolean() }),
  refusals: z.array(z.object({ code, sentence: z.string(), count })).describe('why terminals cannot, or could not, the most frequent first'),
  needsSecond: z.boolean(), confirmedBy: z.string().nullable(), confirmedAt: at, createdBy: z.string(), createdAt: instantText, startedAt: at, endedAt: at,
  fault: z.string().nullable(), sentence: z.string(), allowed: allowedTo(...words(bulkCommands)), version: z.int().min(1),
})
export const bulkItemView = z.object({
  ordinal: z.int().min(1), tid: z.string(), mid: z.string(), merchant: z.string(), state: z.enum(words(bulkItemStates)), stateWords: z.string(), code: code.nullable(), sentence: z.string().nullable(), at,
})

const stages = z.partialRecord(z.enum(words(planStages)), count)
export const waveIn = z.strictObject({
  name: z.string().min(1).max(100), at: instantIn, region: z.string().min(1).max(100).optional(), max: z.int().min(1).optional().describe('at most so many; the last wave takes the rest'),
})
export const taskIn = z.strictObject({ id: z.string().regex(/^[a-z0-9-]{1,40}$/), title: z.string().min(1).max(200), assignee: z.enum(words(roles)), due: dueRuleSchema })
export const planView = z.object({
  id: z.uuid(), kind: z.enum(words(planKinds)), kindWords: z.string(), name: z.string(), reason, words: z.string(), selection, requirement: z.enum(['device', 'confirmed']),
  effectiveFrom: instantText, testFrom: at, expectedUntil: at, begunAt: at, releasedAt: at.describe('since when terminals are free for their test'),
  missedAt: at.describe('when those not open at the end were named'), endedAt: at, createdBy: z.string(), createdAt: instantText,
  progress, stages, newcomers: count.describe('match and are not in the campaign yet'), met: count, overdue: count,
  waves: z.array(z.object({ name: z.string(), at: instantText, region: z.string().nullable(), total: count, met: count, overdue: count, stages })),
  tasks: z.array(z.object({ id: z.string(), title: z.string(), assignee: z.enum(words(roles)), dueAt: instantText, overdue: z.boolean(), doneAt: at, note: z.string().nullable() })),
  bulks: z.array(z.object({ id: z.uuid(), name: z.string(), act: z.enum(words(bulkActs)), state: z.enum(words(bulkStates)), total: count, done: count, refused: count, unable: count })),
  needsSecond: z.boolean(), sentence: z.string(), allowed: allowedTo(...planActs), version: z.int().min(1),
})
export const planMemberView = z.object({
  tid: z.string(), mid: z.string(), merchant: z.string(), wave: count, stage: z.enum(words(planStages)), stageWords: z.string(), hold: z.string().nullable(),
  tested: z.object({ failed: z.array(z.enum(words(testItems))), note: z.string().optional(), passed: z.boolean(), at: instantText }).nullable(),
  metAt: at, overdueAt: at, code: code.nullable(), sentence: z.string().nullable(),
})

const figure = z.number().min(0).nullable()
const spread = z.object({ median: figure, ninety: figure.describe('nine of ten took no longer') })
export const statisticsView = z.object({
  provider: z.string(), from: z.iso.date(), to: z.iso.date(),
  cases: z.array(z.object({
    kind: z.string(), words: z.string(), submitted: count, decided: count, straightThrough: count, straightShare: figure, returned: count, returnShare: figure,
    rejected: count, withdrawn: count, late: count, hours: z.object({ toDecision: spread, toBegin: figure, toEnd: spread }),
  })),
  faults: z.array(z.object({
    model: z.string(), terminals: count, faults: count, repeated: count, repeatShare: figure, reasons: z.array(z.object({ reason: z.string(), words: z.string(), count })),
  })),
  stops: z.array(z.object({ reason: z.string(), words: z.string(), stops: count, returned: count, returnShare: figure, daysToReturn: figure })),
})
