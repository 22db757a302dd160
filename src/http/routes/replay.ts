// A draft of the rules tried on past cases: asked for, watched, stopped, read case by case.
import { z } from 'zod'
import { isRefusal } from '../../domain/refusals.ts'
import { replayDifferences, words } from '../../domain/vocabulary.ts'
import { parsedPolicyId } from '../policies.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { instantIn, pageOf, replayShape } from '../shapes.ts'
import { paging } from './common.ts'

const policy = z.strictObject({ id: z.string().max(50).meta({ description: '机构-版本 provider-version', examples: ['yunhui-3'] }) })
const replay = z.strictObject({ replay: z.string().max(40) })
const difference = z.object({ what: z.enum(words(replayDifferences)), from: z.string(), to: z.string(), words: z.string() })
const tell = (ask: Ask, status: number) => ({
  view: (view: { id: string }) => replyOf(status, view, status === 202 ? { location: `/api/v1/replays/${view.id}` } : {}), refusal: ask.refusal,
})

export const replayRoutes: readonly Route[] = [
  route({
    method: 'POST', path: '/api/v1/policies/{id}/replay', id: 'replayPolicy', tag: 'rules', right: 'write-policy', isCommand: true,
    summary: ['重放规则', 'Try a policy on past cases: how would each have been decided?'], params: policy,
    body: z.strictObject({
      since: instantIn.optional().meta({ description: '此刻起提交的 submitted from then on' }), until: instantIn.optional().meta({ description: '此刻前提交的 submitted before' }),
    }),
    example: {}, replies: { 202: replayShape }, refusals: ['replay_running', 'days_reversed'],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      const named = parsedPolicyId(ask.params.id) ?? { provider: '', version: 1 }
      return ask.services.replays.start({ ...asking, language: ask.language }, { ...named, ...ask.body }, tell(ask as Ask, 202))
    },
  }),
  route({
    method: 'GET', path: '/api/v1/policies/{id}/replays', id: 'listReplays', tag: 'rules', right: 'read-policy',
    summary: ['规则的重放', 'Replays of a policy, the newest first'], params: policy, replies: { 200: z.object({ items: z.array(replayShape) }) }, refusals: [],
    async answer({ services, asker, params }) {
      const named = parsedPolicyId(params.id)
      const found = named && (await services.replays.list(asker, named.provider, named.version))
      return found && replyOf(200, found)
    },
  }),
  route({
    method: 'GET', path: '/api/v1/replays/{replay}', id: 'getReplay', tag: 'rules', right: 'read-policy',
    summary: ['一次重放', 'One replay: how far it is, and what it found'], params: replay, replies: { 200: replayShape }, refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.replays.one(asker, params.replay)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'GET', path: '/api/v1/replays/{replay}/cases', id: 'listReplayedCases', tag: 'rules', right: 'read-policy',
    summary: ['有差别的办件', 'Cases that differ, in order of their number'], params: replay,
    query: z.strictObject({ ...paging, what: z.enum(words(replayDifferences)).optional(), otherwise: z.enum(['true', 'false']).optional().meta({ description: 'only those decided otherwise' }) }),
    replies: { 200: pageOf(z.object({ no: z.string(), otherwise: z.boolean(), differences: z.array(difference) })) }, refusals: [],
    async answer({ services, asker, params, query: { otherwise, ...query } }) {
      const page = await services.replays.cases(asker, params.replay, { ...query, otherwise: otherwise === 'true' })
      return page === undefined || isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'POST', path: '/api/v1/replays/{replay}/stop', id: 'stopReplay', tag: 'rules', right: 'write-policy', isCommand: true,
    summary: ['停止重放', 'Stop a replay'], params: replay, body: z.strictObject({}), replies: { 200: replayShape }, refusals: ['replay_not_stoppable'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.replays.stop({ ...asking, language: ask.language }, ask.params.replay, tell(ask as Ask, 200))
    },
  }),
]
