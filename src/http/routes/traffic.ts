// A merchant's own trade: the best moment to stop, and what a stop did.
import { z } from 'zod'
import { effectOf, trafficOf } from '../../app/traffic.ts'
import { isRefusal, refuse } from '../../domain/refusals.ts'
import { replyOf } from '../reply.ts'
import { route, type Route } from '../route.ts'
import { instantIn } from '../shapes.ts'
import { effectView, trafficView, viewEffect, viewTraffic } from '../view-traffic.ts'
import { caseNo, tid } from './common.ts'

export const trafficRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/terminals/{tid}/traffic',
    id: 'getTraffic',
    tag: 'terminals',
    right: 'read-money',
    summary: ['近八周流水与最佳停机时间', 'Eight weeks of trade by weekday and hour, and the best moment to stop'],
    params: z.strictObject({ tid }),
    query: z.strictObject({ from: instantIn.optional(), until: instantIn.optional() }),
    replies: { 200: trafficView },
    refusals: ['until_before_from', 'stop_too_long'],
    async answer({ app, asker, params, query }) {
      const found = await trafficOf(app, asker.actor, params.tid, query)
      return found === undefined || isRefusal(found) ? found : replyOf(200, viewTraffic(found, asker.language))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/applications/{no}/effect',
    id: 'getEffect',
    tag: 'applications',
    right: 'read-money',
    summary: ['停机影响：之前、期间、之后', 'What a stop did: before, during and after'],
    params: z.strictObject({ no: caseNo }),
    replies: { 200: effectView },
    refusals: ['stop_not_begun'],
    async answer({ app, asker, params }) {
      const found = await effectOf(app, asker.actor, params.no)
      return found === undefined ? undefined : found === 'not_yet' ? refuse('stop_not_begun') : replyOf(200, viewEffect(found, asker.language))
    },
  }),
]
