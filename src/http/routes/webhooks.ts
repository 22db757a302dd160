// Endpoints of a party's own machines (Standard Webhooks 1.0): made, tried, their secret changed, stopped and removed.
import { z } from 'zod'
import {
  createWebhook, deleteWebhook, endpointOf, endpointsOf, rotateWebhook, setWebhookState, testWebhook, type DeliveryTelling, type EndpointTelling,
} from '../../app/telling/endpoints.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { eventKinds, words } from '../../domain/vocabulary.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { deliveryView, viewDelivery, viewWebhook, webhookMade, webhookView } from '../telling.ts'

const params = z.strictObject({ id: z.uuid() })
const on = { tag: 'telling', right: 'manage-webhooks', params } as const

const tell = (ask: Ask, status = 200): EndpointTelling => ({
  view: (webhook, secret) => replyOf(status, { ...viewWebhook(webhook, ask.language), ...(secret === undefined ? {} : { secret }) },
    status === 201 ? { location: `/api/v1/webhooks/${webhook.id}` } : {}),
  refusal: ask.refusal,
})
export const tellDelivery = (ask: Ask, status = 200): DeliveryTelling => ({
  view: (delivery) => replyOf(status, viewDelivery(delivery, { asker: ask.asker, carriers: ask.services.telling.carriers }), status === 202 ? { location: `/api/v1/deliveries/${delivery.id}` } : {}),
  refusal: ask.refusal,
})

export const webhookRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/webhooks',
    id: 'listWebhooks',
    tag: 'telling',
    right: 'manage-webhooks',
    summary: ['接收地址', 'Endpoints of my party'],
    replies: { 200: z.object({ items: z.array(webhookView) }) },
    refusals: [],
    async answer({ app, asker }) {
      return replyOf(200, { items: (await endpointsOf(app, asker.actor)).map((w) => viewWebhook(w, asker.language)) })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/webhooks',
    id: 'createWebhook',
    tag: 'telling',
    right: 'manage-webhooks',
    isCommand: true,
    summary: ['新建接收地址', 'Make an endpoint; its secret is shown this once'],
    body: z.strictObject({
      url: z.string().max(2_000).meta({ description: '接收地址，须为 https where events are posted to' }),
      name: z.string().max(100).default(''),
      events: z.array(z.enum(words(eventKinds))).min(1).optional().meta({ description: '省略即全部 left out: every event' }),
    }),
    example: { url: 'https://pos.example.com/tingqi', name: '收银系统', events: ['terminal.stopped', 'terminal.reopened'] },
    replies: { 201: webhookMade },
    refusals: ['webhook_url_refused', 'too_many'],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      const { url, name, events } = ask.body
      return createWebhook(ask.app, asking, { url, name, kinds: events }, ask.services.telling.allowed, tell(ask, 201))
    },
  }),
  route({
    ...on,
    method: 'GET',
    path: '/api/v1/webhooks/{id}',
    id: 'getWebhook',
    summary: ['接收地址详情', 'One endpoint'],
    replies: { 200: webhookView },
    refusals: [],
    async answer({ app, asker, params }) {
      const found = await endpointOf(app, asker.actor, params.id)
      return found && replyOf(200, viewWebhook(found, asker.language))
    },
  }),
  route({
    ...on,
    method: 'POST',
    path: '/api/v1/webhooks/{id}/rotate',
    id: 'rotateWebhook',
    isCommand: true,
    summary: ['更换签名密钥', 'A new secret, shown this once; the old one signs beside it for a day'],
    body: z.strictObject({}),
    replies: { 200: webhookMade },
    refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : rotateWebhook(ask.app, asking, ask.params.id, tell(ask))
    },
  }),
  ...(['disable', 'enable'] as const).map((to) => route({
    ...on,
    method: 'POST' as const,
    path: `/api/v1/webhooks/{id}/${to}`,
    id: `${to}Webhook`,
    isCommand: true,
    summary: to === 'disable' ? ['停用接收地址', 'Stop sending to an endpoint'] as const : ['启用接收地址', 'Send to an endpoint again'] as const,
    body: z.strictObject({}),
    replies: { 200: webhookView },
    refusals: ['webhook_state'] as const,
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : setWebhookState(ask.app, asking, ask.params.id, to, tell(ask))
    },
  })),
  route({
    ...on,
    method: 'POST',
    path: '/api/v1/webhooks/{id}/test',
    id: 'testWebhook',
    isCommand: true,
    summary: ['发送测试', 'Send a test; how it went stands in its delivery'],
    body: z.strictObject({}),
    replies: { 202: deliveryView },
    refusals: ['webhook_disabled'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : testWebhook(ask.app, asking, ask.params.id, tellDelivery(ask, 202))
    },
  }),
  route({
    ...on,
    method: 'DELETE',
    path: '/api/v1/webhooks/{id}',
    id: 'removeWebhook',
    isCommand: true,
    summary: ['删除接收地址', 'Remove an endpoint; what waits for it is given up'],
    replies: { 200: webhookView },
    refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : deleteWebhook(ask.app, asking, ask.params.id, tell(ask))
    },
  }),
]
