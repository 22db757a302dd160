// Operations of gates, and what gates refused on stopped terminals.
import { z } from 'zod'
import { fenceGate, readmitGate, type GateTelling } from '../../app/gate-operations.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { attemptsOf, attemptView, gateMinute, gatesOf, gateView, minutesOf, viewGate } from '../gates.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { instantIn, pageOf } from '../shapes.ts'
import { paging, said, tid } from './common.ts'

const gateId = z
  .string()
  .max(63)
  .meta({ description: '闸口编号 gate', examples: ['gate-1'] })
const onGate = { tag: 'gate', params: z.strictObject({ id: gateId }) } as const
const minutes_max = 1_440

/** The gate as it is after the command. */
const tellGate = (ask: Ask): GateTelling => ({
  view: (gate) => replyOf(200, viewGate(gate, ask.asker)),
  refusal: ask.refusal,
})

export const gatesRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/gates',
    id: 'listGates',
    tag: 'gate',
    right: 'read-gates',
    summary: ['闸口列表', 'Gates: lease, lag, rate, alarms'],
    replies: { 200: z.object({ items: z.array(gateView) }) },
    refusals: [],
    async answer({ app, asker }) {
      return replyOf(200, await gatesOf(app, asker))
    },
  }),
  route({
    ...onGate,
    method: 'GET',
    path: '/api/v1/gates/{id}/minutes',
    id: 'listGateMinutes',
    right: 'read-gates',
    summary: ['闸口每分钟判定', 'What a gate answered, minute by minute, newest first'],
    query: z.strictObject({
      before: instantIn.optional(),
      limit: z.coerce.number<number>().int().min(1).max(minutes_max).default(60),
    }),
    replies: { 200: z.object({ items: z.array(gateMinute) }) },
    refusals: [],
    async answer({ app, asker, params, query }) {
      const minutes = await minutesOf(app, asker, params.id, query)
      return minutes && replyOf(200, minutes)
    },
  }),
  route({
    ...onGate,
    method: 'POST',
    path: '/api/v1/gates/{id}/fence',
    id: 'fenceGate',
    right: 'run-gates',
    isCommand: true,
    summary: ['隔离闸口', 'Fence a gate: an operator vouches that it is off'],
    body: z.strictObject({ words: said }),
    example: { words: '机房 B 断电，该闸口所在主机已确认关机。' },
    replies: { 200: gateView },
    refusals: ['words_required'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : fenceGate(ask.app, asking, ask.params.id, ask.body.words, tellGate(ask))
    },
  }),
  route({
    ...onGate,
    method: 'POST',
    path: '/api/v1/gates/{id}/readmit',
    id: 'readmitGate',
    right: 'run-gates',
    isCommand: true,
    summary: ['重新接纳闸口', 'Readmit a gate'],
    body: z.strictObject({ words: said }),
    example: { words: '主机已恢复供电，闸口重新上线。' },
    replies: { 200: gateView },
    refusals: ['words_required'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : readmitGate(ask.app, asking, ask.params.id, ask.body.words, tellGate(ask))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/attempts',
    id: 'listAttempts',
    tag: 'gate',
    right: 'read',
    summary: ['停机后的交易尝试', 'Attempts on stopped terminals, counted by day, newest first'],
    query: z.strictObject({
      ...paging,
      terminal: tid.optional(),
      provider: z.string().max(40).optional(),
      merchant: z.string().max(40).optional(),
      since: z.iso.date().optional().meta({ description: '自哪天起 from this day' }),
    }),
    replies: { 200: pageOf(attemptView) },
    refusals: [],
    async answer({ app, asker, query }) {
      const page = await attemptsOf(app, asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
]
