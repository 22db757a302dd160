// What the tables of routes share: parameters, paging, words, and how a command's outcome becomes a reply.
import { z } from 'zod'
import type { Telling } from '../../app/cases.ts'
import { parseCaseNumber } from '../../domain/number.ts'
import { testItems, words } from '../../domain/vocabulary.ts'
import { list_limit_default, list_limit_max, words_length_max } from '../../limits.ts'
import { replyOf } from '../reply.ts'
import type { Ask } from '../route.ts'
import { viewCase, viewTerminalAfter } from '../views.ts'

export const tid = z
  .string()
  .max(20)
  .meta({ description: '终端号 terminal number', examples: ['10000001'] })
/** As people type it: any case, with or without hyphens. */
export const caseNo = z
  .string()
  .max(40)
  .meta({ description: '办件编号 case number' })
  .transform((text) => parseCaseNumber(text)?.no ?? text)
export const said = z.string().max(words_length_max)
export const paging = {
  cursor: z.string().max(500).optional().meta({ description: '`next` of the page before' }),
  limit: z.coerce.number<number>().int().min(1).max(list_limit_max).default(list_limit_default),
}
export const testedItems = z
  .array(
    z.strictObject({
      item: z.enum(words(testItems)),
      passed: z.boolean(),
      note: z.string().max(500).optional(),
    }),
  )
  .min(1)
  .max(words(testItems).length)

/** Versioned views say their version; the entity tag follows it. */
const versionOf = (view: object): number | undefined =>
  'version' in view && typeof view.version === 'number' ? view.version : undefined
export const versioned = (view: object, status = 200, location?: string) =>
  replyOf(status, view, { etagVersion: versionOf(view), location })

/** The case as it is after the command. */
export const tellCase = (ask: Ask, status = 200): Telling => ({
  view(after) {
    const view = viewCase(after, ask.asker)
    return versioned(view, status, status === 201 ? `/api/v1/applications/${after.dossier.case?.case.no}` : undefined)
  },
  refusal: ask.refusal,
})

/** The terminal as it is after the command. */
export const tellTerminal = (ask: Ask, status = 200): Telling => ({
  view: (after) => versioned(viewTerminalAfter(after, ask.asker), status),
  refusal: ask.refusal,
})
