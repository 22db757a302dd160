// What people and programs are shown of a device and of a hand-over: the shapes of the contract.
import { z } from 'zod'
import { accessories, custodians, deviceParts, deviceStates, deviceTypes, handoverStates, ownerships, partConditions, words } from '../domain/vocabulary.ts'
import { instantText } from './shapes.ts'

const at = instantText.nullable()
const holder = z.object({
  kind: z.enum(words(custodians)), words: z.string(), merchant: z.string().nullable().describe('merchant number, where a merchant has it'),
  name: z.string().nullable().describe('the engineer who has it; not told to merchants'),
})
const condition = z.array(z.object({ part: z.enum(words(deviceParts)), condition: z.enum(words(partConditions)), photo: z.string().nullable(), note: z.string().nullable() }))
const comesWith = z.array(z.enum(words(accessories)))

export const deviceRow = z.object({
  serial: z.string(), provider: z.string(), model: z.string(), type: z.enum(words(deviceTypes)), state: z.enum(words(deviceStates)), ownership: z.enum(words(ownerships)),
  deposit: z.object({ fen: z.int().min(0), currency: z.literal('CNY') }), firmware: z.string(), accessories: comesWith, condition,
  custodian: holder.describe('in whose hands it is'), terminal: z.string().nullable().describe('it is on now'), boundAt: at, handover: z.boolean().describe('it is being handed over'),
})
export const deviceView = deviceRow.extend({
  custody: z.array(z.object({
    at: instantText, handover: z.string(), from: holder, to: holder, given: z.string().nullable(), taken: z.string().nullable(), drawn: z.boolean().describe('one signature was drawn on the spot'),
    condition, accessories: comesWith,
  })).describe('from hand to hand, the latest first'),
  terminals: z.array(z.object({ tid: z.string(), from: at, to: at.describe('null: still on it'), application: z.string().nullable() })).describe('it is or was on, the latest first'),
  swaps: z.array(z.object({ application: z.string(), tid: z.string(), replaced: z.string().nullable(), replacedBy: z.string().nullable() })).describe('which device it replaced, and which replaced it'),
  registrations: z.array(z.object({
    tid: z.string(), mid: z.string(), serial: z.string(), model: z.string(), position: z.object({ longitude: z.number(), latitude: z.number() }), photo: z.string().nullable(),
    application: z.string(), at: instantText,
  })).describe('the five elements, each time they were registered'),
})
const signature = z.object({ kind: z.enum(['person', 'drawn']), name: z.string().nullable() }).nullable()
export const handoverView = z.object({
  id: z.string(), provider: z.string(), merchant: z.string().nullable(), application: z.string().nullable(), state: z.enum(words(handoverStates)), from: holder, to: holder,
  proposedAt: instantText, endedAt: at, words: z.string().nullable(), given: signature, taken: signature,
  devices: z.array(z.object({ serial: z.string(), accessories: comesWith, condition })),
})
export type DeviceRow = z.infer<typeof deviceRow>
export type DeviceView = z.infer<typeof deviceView>
export type HandoverView = z.infer<typeof handoverView>
