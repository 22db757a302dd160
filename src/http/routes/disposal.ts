// What is kept for an authority, and what is disposed of when its time is over. A merchant sees none of it.
import { z } from 'zod'
import { isRefusal } from '../../domain/refusals.ts'
import { disposalStates, disposedParts, paperKinds, words } from '../../domain/vocabulary.ts'
import { list_limit_default, list_limit_max } from '../../limits.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { instantText, pageOf } from '../shapes.ts'
import { allowedTo } from '../views.ts'
import { paging, said } from './common.ts'

const merchant = z.strictObject({ mid: z.string().max(20).meta({ description: '商户号 merchant number', examples: ['104110045110012'] }) })
const holdId = z.strictObject({ legalHold: z.string().max(40) })
const disposalId = z.strictObject({ disposal: z.string().max(40) })

export const legalHoldShape = z.object({
  id: z.uuid(), mid: z.string(), provider: z.string().nullable().describe('null: placed by the platform'),
  reference: z.string().describe('the number of the authority’s paper'), words: z.string(),
  placedBy: z.string(), placedAt: instantText, liftedBy: z.string().nullable(), liftedAt: instantText.nullable(), liftedWords: z.string().nullable(),
})
const kept = z.object({ kind: z.enum(words(paperKinds)), words: z.string(), until: z.string().meta({ format: 'date' }) })
export const disposalShape = z.object({
  id: z.uuid(), mid: z.string(), provider: z.string(), state: z.enum(words(disposalStates)), words: z.string(),
  dueOn: z.string().meta({ format: 'date' }).describe('kept until this day'), basis: z.array(kept),
  proposedBy: z.string(), proposedAt: instantText, confirmedBy: z.string().nullable(),
  confirmedAt: instantText.nullable().describe('from then on nothing sealed under the merchant’s key can be read'),
  withdrawnAt: instantText.nullable(), doneAt: instantText.nullable(),
  destroyed: z.array(z.object({ part: z.enum(words(disposedParts)), words: z.string(), count: z.int().min(0) })),
  letter: z.string().nullable().describe('number of the certificate'),
  allowed: allowedTo('confirm', 'withdraw'),
})
const eligibilityShape = z.object({
  mid: z.string(), dueOn: z.string().meta({ format: 'date' }), kept: z.array(kept),
  allowed: allowedTo('propose').shape.propose, sentence: z.string().nullable().describe('why not'),
})

const tell = (ask: Ask, status: number, path: string) => ({
  view: (view: { id: string }) => replyOf(status, view, status === 201 ? { location: `${path}/${view.id}` } : {}),
  refusal: ask.refusal,
})

const step = (command: 'confirm' | 'withdraw', summary: Route['summary'], refusals: Route['refusals']): Route =>
  route({
    method: 'POST', path: `/api/v1/disposals/{disposal}/${command}`, id: `${command}Disposal`, tag: 'disposal', right: 'dispose', isCommand: true,
    summary, params: disposalId, body: z.strictObject({}), replies: { 200: disposalShape }, refusals: ['disposal_not_in_this_state', ...refusals],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking
        : ask.services.disposal.disposals.command(command, { ...asking, language: ask.language }, ask.params.disposal, tell(ask as Ask, 200, ''))
    },
  })

export const disposalRoutes: readonly Route[] = [
  route({
    method: 'GET', path: '/api/v1/legal-holds', id: 'listLegalHolds', tag: 'disposal', right: 'read-disposal',
    summary: ['法定保全列表', 'What authorities want kept, the newest first'],
    query: z.strictObject({ ...paging, merchant: z.string().max(20).optional(), open: z.enum(['true', 'false']).optional() }),
    replies: { 200: pageOf(legalHoldShape) }, refusals: [],
    async answer({ services, asker, query: { merchant: mid, open, ...rest } }) {
      const page = await services.disposal.legalHolds.list(asker, { ...rest, mid, open: open === 'true' })
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'POST', path: '/api/v1/merchants/{mid}/legal-holds', id: 'placeLegalHold', tag: 'disposal', right: 'place-legal-hold', isCommand: true,
    summary: ['下达法定保全', 'Keep a merchant’s data for an authority'], params: merchant,
    body: z.strictObject({ reference: z.string().min(1).max(200), words: said.min(1) }),
    example: { reference: '公经侦调字〔2026〕118 号', words: '配合调查，资料不得销毁。' },
    replies: { 201: legalHoldShape }, refusals: ['disposed_already'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking
        : ask.services.disposal.legalHolds.place(asking, { mid: ask.params.mid, ...ask.body }, tell(ask as Ask, 201, '/api/v1/legal-holds'))
    },
  }),
  route({
    method: 'POST', path: '/api/v1/legal-holds/{legalHold}/lift', id: 'liftLegalHold', tag: 'disposal', right: 'place-legal-hold', isCommand: true,
    summary: ['解除法定保全', 'Lift a legal hold, as another person'], params: holdId,
    body: z.strictObject({ words: said.min(1) }), replies: { 200: legalHoldShape }, refusals: ['legal_hold_lifted', 'legal_hold_by_two'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.disposal.legalHolds.lift(asking, ask.params.legalHold, ask.body.words, tell(ask as Ask, 200, ''))
    },
  }),
  route({
    method: 'GET', path: '/api/v1/merchants/{mid}/disposal', id: 'getDisposability', tag: 'disposal', right: 'read-disposal',
    summary: ['能否销毁', 'Until when a merchant’s data is kept, and whether it may be disposed of'], params: merchant,
    replies: { 200: eligibilityShape }, refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.disposal.disposals.eligibility(asker, params.mid)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'POST', path: '/api/v1/merchants/{mid}/disposals', id: 'proposeDisposal', tag: 'disposal', right: 'dispose', isCommand: true,
    summary: ['提出销毁', 'Propose that a merchant’s data be disposed of'], params: merchant, body: z.strictObject({ words: said.optional() }),
    replies: { 201: disposalShape }, refusals: ['disposed_already', 'disposal_exists', 'disposal_held', 'disposal_open', 'disposal_too_early'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking
        : ask.services.disposal.disposals.propose({ ...asking, language: ask.language }, { mid: ask.params.mid, ...ask.body }, tell(ask as Ask, 201, '/api/v1/disposals'))
    },
  }),
  route({
    method: 'GET', path: '/api/v1/disposals', id: 'listDisposals', tag: 'disposal', right: 'read-disposal',
    summary: ['销毁列表', 'Disposals, the newest first'], query: z.strictObject({ ...paging, state: z.enum(words(disposalStates)).optional() }),
    replies: { 200: pageOf(disposalShape) }, refusals: [],
    async answer({ services, asker, query }) {
      const page = await services.disposal.disposals.list(asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET', path: '/api/v1/disposals/due', id: 'listDueDisposals', tag: 'disposal', right: 'read-disposal',
    summary: ['到期可销毁的商户', 'Merchants whose time has come, the longest ago first'],
    query: z.strictObject({ limit: z.coerce.number<number>().int().min(1).max(list_limit_max).default(list_limit_default) }),
    replies: { 200: z.object({ items: z.array(z.object({ mid: z.string(), endedAt: instantText, dueOn: z.string().meta({ format: 'date' }) })) }) }, refusals: [],
    answer: async ({ services, asker, query }) => replyOf(200, await services.disposal.disposals.due(asker, query)),
  }),
  route({
    method: 'GET', path: '/api/v1/disposals/{disposal}', id: 'getDisposal', tag: 'disposal', right: 'read-disposal', summary: ['一次销毁', 'One disposal'],
    params: disposalId, replies: { 200: disposalShape }, refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.disposal.disposals.one(asker, params.disposal)
      return view && replyOf(200, view)
    },
  }),
  step('confirm', ['确认销毁', 'Confirm a disposal, as another person who signed in a moment ago: the key is destroyed'],
    ['disposal_second_person', 'step_up_required', 'disposed_already', 'disposal_held', 'disposal_open', 'disposal_too_early']),
  step('withdraw', ['撤回销毁', 'Withdraw a disposal that is not confirmed'], []),
]
