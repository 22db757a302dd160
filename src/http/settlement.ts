// Shapes of settlement: files, runs and breaks as the contract has them.
import { z } from 'zod'
import {
  breakEvents,
  breakKinds,
  breakStates,
  roles,
  settlementFileStates,
  settlementRunStates,
  transactionClasses,
  words,
} from '../domain/vocabulary.ts'
import { instantText } from './shapes.ts'
import { allowedTo } from './views.ts'

const money = z.object({ fen: z.int(), currency: z.literal('CNY') })
const named = z.object({ id: z.uuid(), fileName: z.string() })
export const recordKinds = z.enum(['slips', 'unionpay', 'bank'])

export const settlementFile = z.object({
  id: z.uuid(),
  import: z.uuid(),
  kind: recordKinds,
  layout: z.string(),
  fileName: z.string(),
  sha256: z.string(),
  state: z.enum(words(settlementFileStates)),
  rows: z.int().min(0).describe('of the merchants the reader may see'),
  mids: z.array(z.string()),
  from: z.string().nullable().describe('first settlement date'),
  to: z.string().nullable(),
  takenAt: instantText,
  supersedes: z.array(named).describe('files whose place it took, wholly or for some merchants and days'),
  supersededBy: z.array(named),
})
export const settlementRun = z.object({
  id: z.uuid(),
  provider: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  cause: z.enum(['asked', 'file']).describe('file: it started by itself after a file was taken'),
  state: z.enum(words(settlementRunStates)),
  progress: z.number().min(0).max(1),
  stopRequested: z.boolean(),
  createdAt: instantText,
  beganAt: instantText.nullable(),
  endedAt: instantText.nullable(),
  changed: z.int().min(0).nullable().describe('breaks found, changed or resolved by this run; 0 says that nothing changed'),
  result: z
    .object({
      rows: z.object({ slips: z.int(), unionpay: z.int(), bank: z.int() }),
      matched: z.int().min(0).describe('transactions that agree in everything'),
      matchedAmount: money,
      pending: z.int().min(0).describe('transactions whose other record has not come yet'),
      breaks: z.int().min(0),
      breaksLeftOut: z.int().min(0),
      found: z.int().min(0),
      changed: z.int().min(0),
      resolved: z.int().min(0),
      files: z.array(named),
    })
    .nullable(),
})
export const breakRow = z.object({
  id: z.string(),
  kind: z.enum(words(breakKinds)),
  kindWords: z.string(),
  state: z.enum(words(breakStates)),
  stateWords: z.string(),
  provider: z.string(),
  mid: z.string(),
  merchant: z.object({ mid: z.string(), name: z.string() }),
  tid: z.string().nullable().describe('null where money is booked per merchant, not per terminal'),
  reference: z.string().nullable(),
  settledOn: z.string(),
  amount: money.describe('what is at stake'),
  sentence: z.string(),
  assignee: z.string().nullable(),
  explained: z.boolean(),
  dueBy: instantText,
  foundAt: instantText,
  resolvedAt: instantText.nullable(),
  resolvedBy: named.nullable().describe('the file by which it resolved itself'),
  allowed: allowedTo('assign', 'explain', 'accept', 'confirm', 'reopen'),
  version: z.int().positive(),
})
const sideShape = z
  .object({
    amount: money,
    class: z.enum(words(transactionClasses)),
    name: z.string().nullable(),
    mcc: z.string().nullable(),
    fee: money.nullable(),
    at: instantText,
    batch: z.string().nullable(),
    trace: z.string().nullable(),
    file: named.nullable(),
    line: z.int().min(0),
  })
  .nullable()
export const breakView = breakRow.extend({
  sides: z.object({
    slip: sideShape,
    unionpay: sideShape,
    bank: z
      .object({
        net: money,
        bookedOn: z.string().nullable(),
        reference: z.string().nullable(),
        lines: z.int(),
        file: named.nullable(),
        line: z.int().min(0),
      })
      .nullable(),
  }),
  differs: z.array(z.string()).describe('fields in which the sides do not agree'),
  expected: money.nullable(),
  actual: money.nullable(),
  events: z.array(
    z.object({
      event: z.enum(words(breakEvents)),
      at: instantText,
      by: z.string(),
      role: z.enum(words(roles)),
      words: z.string().nullable(),
      run: z.uuid().nullable(),
      file: named.nullable(),
    }),
  ),
})
