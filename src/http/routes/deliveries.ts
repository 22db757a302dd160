// People who want to hear, and what became of everything sent to people and machines: proof, or why not.
import { z } from 'zod'
import { addContact, confirmPrint, contactsOf, dropContact, redeliver, type ContactTelling } from '../../app/telling/contacts.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { contactChannels, deliveryChannels, deliveryStates, languages, words } from '../../domain/vocabulary.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { pageOf } from '../shapes.ts'
import { carriersView, contactList, contactView, deliveryView, oneDelivery, pageOfDeliveries, topics, viewContact } from '../telling.ts'
import { paging } from './common.ts'
import { tellDelivery } from './webhooks.ts'

const params = z.strictObject({ id: z.uuid() })
const seen = ({ asker, services }: Ask) => ({ asker, carriers: services.telling.carriers })
const tellContact = (ask: Ask, status = 200): ContactTelling => ({ view: (contact) => replyOf(status, viewContact(contact)), refusal: ask.refusal })

export const deliveryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/contacts',
    id: 'listContacts',
    tag: 'telling',
    right: 'manage-contacts',
    summary: ['通知联系人', 'Who of my party is told, and what can be carried here'],
    replies: { 200: contactList },
    refusals: [],
    async answer({ app, asker, services }) {
      return replyOf(200, { items: (await contactsOf(app, asker.actor)).map(viewContact), carriers: carriersView(services.telling.carriers) })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/contacts',
    id: 'addContact',
    tag: 'telling',
    right: 'manage-contacts',
    isCommand: true,
    summary: ['新增联系人', 'Somebody more is told'],
    body: z.strictObject({
      channel: z.enum(words(contactChannels)),
      address: z.string().max(500).meta({ description: '邮箱、手机号、机器人名或寄送地址 mail address, mobile number, name of the robot, or where it is posted to' }),
      language: z.enum(languages).default('zh'),
      about: z.array(z.enum(topics)).min(1).optional().meta({ description: '省略即全部 left out: everything' }),
    }),
    example: { channel: 'mail', address: 'shop@example.com', language: 'zh', about: ['stopped', 'reopened', 'letter'] },
    replies: { 201: contactView },
    refusals: ['contact_address', 'too_many', 'material_disposed'],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      const { channel, address, language, about } = ask.body
      return addContact(ask.app, asking, { channel, address, language, about }, tellContact(ask, 201))
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/contacts/{id}',
    id: 'removeContact',
    tag: 'telling',
    right: 'manage-contacts',
    isCommand: true,
    summary: ['删除联系人', 'Somebody is told no more'],
    params,
    replies: { 200: contactView },
    refusals: [],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : dropContact(ask.app, asking, ask.params.id, tellContact(ask))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/deliveries',
    id: 'listDeliveries',
    tag: 'telling',
    right: 'read-deliveries',
    summary: ['发送记录', 'Everything sent, the newest first, with its proof or its failure'],
    query: z.strictObject({ ...paging, state: z.enum(words(deliveryStates)).optional(), channel: z.enum(words(deliveryChannels)).optional(), webhook: z.uuid().optional() }),
    replies: { 200: pageOf(deliveryView) },
    refusals: [],
    async answer(ask) {
      const page = await pageOfDeliveries(ask.app, seen(ask), ask.query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/deliveries/{id}',
    id: 'getDelivery',
    tag: 'telling',
    right: 'read-deliveries',
    summary: ['一条发送记录', 'One delivery'],
    params,
    replies: { 200: deliveryView },
    refusals: [],
    async answer(ask) {
      const view = await oneDelivery(ask.app, seen(ask), ask.params.id)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/deliveries/{id}/redeliver',
    id: 'redeliver',
    tag: 'telling',
    right: 'redeliver',
    isCommand: true,
    summary: ['重新发送', 'Send it once more, under the same id'],
    params,
    body: z.strictObject({}),
    replies: { 200: deliveryView },
    refusals: ['carrier_missing', 'webhook_disabled', 'delivery_waiting'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : redeliver(ask.app, asking, ask.params.id, ask.services.telling.carriers, tellDelivery(ask))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/deliveries/{id}/confirm-print',
    id: 'confirmPrint',
    tag: 'telling',
    right: 'confirm-print',
    isCommand: true,
    summary: ['登记寄出', 'It was printed and posted'],
    params,
    body: z.strictObject({ reference: z.string().trim().min(1).max(100).meta({ description: '运单号 number of the parcel' }) }),
    example: { reference: 'EMS 1098 2233 4455 6' },
    replies: { 200: deliveryView },
    refusals: ['delivery_not_printed'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : confirmPrint(ask.app, asking, ask.params.id, ask.body.reference, tellDelivery(ask))
    },
  }),
]
