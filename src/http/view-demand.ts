// What a hold of the provider's asks of the merchant, as its reader sees it: the same words as in notice, letter and on the terminal.
import { z } from 'zod'
import type { Setting } from '../domain/application/unfold.ts'
import { demandOf, demandWords, type Demand } from '../domain/care-demands.ts'
import { when } from '../domain/effects.ts'
import type { Hold } from '../domain/terminal.ts'
import { holdOwners, materialTypes, say, words, type Language, type Words } from '../domain/vocabulary.ts'
import { instantText } from './shapes.ts'

export const demandView = z.object({
  words: z.string().describe('what to do, in plain words – the same in notice, letter and on the terminal'),
  materials: z.array(z.object({ type: z.enum(words(materialTypes)), words: z.string() })), dueBy: instantText.nullable(),
  decidedBy: z.object({ owner: z.enum(words(holdOwners)), words: z.string() }), wayOut: z.string(), appeal: z.boolean(), ticket: z.string().nullable(),
})
export type DemandView = z.infer<typeof demandView>

const told = ({ zone }: Setting) => (instant: number): Words => [when(instant, zone), when(instant, zone)]

/** What a hold in effect, or still to come, asks of the merchant; nothing once it is given free. */
export function viewDemand(hold: Hold, { setting, language, ticket }: { setting: Setting; language: Language; ticket?: { no: string; dueAt: number | undefined } | undefined }): DemandView | null {
  if (hold.clearedAt !== undefined || hold.withdrawnAt !== undefined) return null
  const demand: Demand | undefined = demandOf(hold, setting.policy, setting.calendar, setting.zone, ticket?.dueAt)
  return demand === undefined ? null : {
    words: say(demandWords(demand, told(setting)), language), materials: demand.materials.map((type) => ({ type, words: say(materialTypes[type], language) })),
    dueBy: demand.dueBy === undefined ? null : new Date(demand.dueBy).toISOString(), decidedBy: { owner: demand.decidedBy, words: say(holdOwners[demand.decidedBy], language) }, wayOut: say(demand.wayOut, language),
    appeal: demand.appeal, ticket: ticket?.no ?? null,
  }
}
