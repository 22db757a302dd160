// Rules by which cases are decided, the journal of what was decided, and the clock of a practice estate.
import { z } from 'zod'
import { isRefusal } from '../../domain/refusals.ts'
import { policySchema } from '../../domain/policy.ts'
import { journal_rows_max } from '../bounds.ts'
import { approvePolicy, draftPolicy, listPolicies, onePolicy } from '../policies.ts'
import { replyOf } from '../reply.ts'
import { route, type Route } from '../route.ts'
import { instantIn, instantText, journalPage, policyRow, policyView } from '../shapes.ts'
import { caseNo, tid } from './common.ts'

const params = z.strictObject({
  id: z
    .string()
    .max(50)
    .meta({ description: '机构-版本 provider-version', examples: ['yunhui-3'] }),
})

export const ruleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/policies',
    id: 'listPolicies',
    tag: 'rules',
    right: 'read-policy',
    summary: ['规则版本', 'Policy versions, the newest first'],
    replies: { 200: z.object({ items: z.array(policyRow) }) },
    refusals: [],
    async answer({ app, actor }) {
      return replyOf(200, { items: await listPolicies(app, actor) })
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/policies/{id}',
    id: 'getPolicy',
    tag: 'rules',
    right: 'read-policy',
    summary: ['规则内容', 'One policy'],
    params,
    replies: { 200: policyView },
    refusals: [],
    async answer({ app, asker, params }) {
      const view = await onePolicy(app, asker, params.id)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/policies',
    id: 'draftPolicy',
    tag: 'rules',
    right: 'write-policy',
    isCommand: true,
    summary: ['起草规则', 'Draft the next version'],
    body: z.strictObject({ document: policySchema }),
    replies: { 201: policyView },
    refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : draftPolicy(ask.app, { ...asking, language: ask.language }, ask.body.document, ask.refusal)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/policies/{id}/approve',
    id: 'approvePolicy',
    tag: 'rules',
    right: 'write-policy',
    isCommand: true,
    summary: ['批准规则', 'Approve a draft, as a second person'],
    params,
    body: z.strictObject({
      effectiveFrom: instantIn.optional().meta({ description: '省略即立即生效 left out: from now' }),
    }),
    replies: { 200: policyView },
    refusals: ['maker_is_checker', 'not_in_this_state', 'effect_in_past'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking)
        ? asking
        : approvePolicy(ask.app, { ...asking, language: ask.language }, ask.params.id, ask.body.effectiveFrom, ask.refusal)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/journal',
    id: 'readJournal',
    tag: 'rules',
    right: 'read-journal',
    summary: ['日志', 'The journal, oldest first, with its chain of hashes'],
    query: z.strictObject({
      after: z.coerce.number<number>().int().min(0).default(0),
      terminal: tid.optional(),
      application: caseNo.optional(),
      limit: z.coerce.number<number>().int().min(1).max(journal_rows_max).default(100),
    }),
    replies: { 200: journalPage },
    refusals: [],
    async answer({ services, asker, query }) {
      return replyOf(200, await services.journal.list(asker, query))
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/demo/clock',
    id: 'moveClock',
    tag: 'system',
    right: 'move-clock',
    summary: ['拨动时钟', 'Move a manual clock forward; everything due falls due'],
    body: z.strictObject({ now: instantIn }),
    replies: { 200: z.object({ now: instantText }) },
    refusals: ['clock_not_manual', 'clock_backwards'],
    async answer({ services, asker, body }) {
      const moved = await services.clock.set(asker, body.now)
      return isRefusal(moved) ? moved : replyOf(200, { now: new Date(moved.now).toISOString() })
    },
  }),
]
