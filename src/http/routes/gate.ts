// The gate's question over HTTP: may this terminal do this, now? Answered from memory.
import { z } from 'zod'
import { scopeOf } from '../../app/execute.ts'
import type { GateQuery } from '../../domain/gate.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { transactionClasses, words } from '../../domain/vocabulary.ts'
import { gate_queries_per_request_max } from '../../limits.ts'
import { replyOf } from '../reply.ts'
import { route, type Route } from '../route.ts'
import { gateAnswer, gateTerminal, instantIn } from '../shapes.ts'
import { tid } from './common.ts'

const query = z.strictObject({
  tid,
  mid: z.string().max(20),
  class: z.enum(words(transactionClasses)),
  serial: z.string().max(64).optional(),
  position: z
    .strictObject({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) })
    .optional(),
  madeAt: instantIn.optional(),
  amount: z.strictObject({ fen: z.int().min(0), currency: z.literal('CNY') }).optional(),
})

/** One question, or a list of them. */
export const decisionsBody = z.union([query, z.array(query).min(1).max(gate_queries_per_request_max)])
/** As the gate takes them: every field there, in one order. */
export const queriesOf = (body: z.output<typeof decisionsBody>): { queries: GateQuery[]; many: boolean } => ({
  many: Array.isArray(body),
  queries: (Array.isArray(body) ? body : [body]).map(({ tid, mid, class: kind, serial, position, madeAt, amount }) =>
    ({ tid, mid, class: kind, serial, position, madeAt, amount: amount?.fen })),
})

export const gateRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/gate/decisions',
    id: 'decide',
    tag: 'gate',
    right: 'ask-gate',
    summary: ['交易判定', 'May these terminals do this, now? One question or a list'],
    example: { tid: '10000001', mid: '104110045110012', class: 'sale', amount: { fen: 58800, currency: 'CNY' } },
    body: decisionsBody,
    replies: { 200: z.union([gateAnswer, z.array(gateAnswer)]) },
    refusals: [],
    answer({ services, actor, body, language }) {
      const { queries, many } = queriesOf(body)
      const answers = services.gate.decide(queries, scopeOf(actor), language)
      return isRefusal(answers) ? answers : replyOf(200, many ? answers : answers[0]!)
    },
  }),
  route({
    method: 'GET',
    path: '/gate/terminals/{tid}',
    id: 'getGateTerminal',
    tag: 'gate',
    right: 'ask-gate',
    summary: ['闸口所知', 'What the gate knows of a terminal'],
    params: z.strictObject({ tid }),
    replies: { 200: gateTerminal },
    refusals: [],
    answer({ services, actor, params, language }) {
      const known = services.gate.terminal(params.tid, scopeOf(actor), language)
      return known && replyOf(200, known)
    },
  }),
]
