// Devices apart from terminals, and how they go from hand to hand: read, drawn up by one side, answered by the other.
import { z } from 'zod'
import { answerTo, drawUpHandover, type HandoverTelling } from '../../app/handovers.ts'
import type { Custodian, HandoverCommand } from '../../domain/custody.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { accessories, custodians, deviceParts, deviceStates, handoverStates, partConditions, words, type CustodianKind, type Words } from '../../domain/vocabulary.ts'
import { handover_devices_max } from '../../limits.ts'
import { oneDevice, oneHandover, pageOfDevices, pageOfHandovers, viewHandover } from '../devices.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { pageOf } from '../shapes.ts'
import { deviceRow, deviceView, handoverView } from '../view-device.ts'
import { caseNo, paging, said } from './common.ts'

const serial = z.string().min(1).max(50).meta({ description: '机具序列号 serial number', examples: ['0000120412345678'] })
const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const hands = (zh: string, en: string) => z.strictObject({
  kind: z.enum(words(custodians)), id: z.string().max(60).optional().meta({ description: '商户号；外勤人员编号 merchant number; person of the engineer' }),
}).meta({ description: `${zh} ${en}` })
const condition = z.array(z.strictObject({
  part: z.enum(words(deviceParts)), condition: z.enum(words(partConditions)),
  photo: z.string().max(200).optional().meta({ description: '照片：办件的材料编号，或档案编号 a material of the case, or the archive’s reference' }), note: z.string().max(500).optional(),
})).max(words(deviceParts).length).default([])

/** Whoever names no merchant or engineer means oneself. */
const custodianOf = ({ kind, id }: { kind: CustodianKind; id?: string | undefined }, { actor }: Ask): Custodian => ({
  kind, id: kind === 'warehouse' || kind === 'repair' ? '' : id ?? (kind === 'merchant' ? actor.party.id : actor.person),
})
const telling = (ask: Ask, status = 200): HandoverTelling => ({
  // What was drawn is opened by reading it again; here its name is the one just given.
  view: (h) => replyOf(status, viewHandover(ask.app, ask.asker, { ...h, drawing: undefined }, new Map([[ask.actor.person, ask.actor.name]]), undefined)),
  refusal: ask.refusal,
})

const answers: Readonly<Record<HandoverCommand, Words>> = {
  sign: ['签收机具交接', 'Sign for a hand-over'], refuse: ['拒收机具交接', 'Refuse a hand-over'], withdraw: ['撤回机具交接', 'Withdraw a hand-over'],
}

export const custodyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/devices',
    id: 'listDevices',
    tag: 'devices',
    right: 'read',
    summary: ['机具列表', 'Devices, by serial'],
    query: z.strictObject({
      ...paging, state: z.enum(words(deviceStates)).optional(), model: z.string().max(60).optional(), terminal: z.string().max(20).optional(),
      q: z.string().max(50).optional().meta({ description: '序列号开头 beginning of the serial' }), free: flag.optional().meta({ description: '只看可装机的 only what can be put on a terminal' }),
    }),
    replies: { 200: pageOf(deviceRow) },
    refusals: [],
    async answer({ app, asker, query }) {
      const page = await pageOfDevices(app, asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/devices/{serial}',
    id: 'getDevice',
    tag: 'devices',
    right: 'read',
    summary: ['机具详情', 'One device: what it is, in whose hands, and what it was on'],
    params: z.strictObject({ serial }),
    replies: { 200: deviceView },
    refusals: [],
    async answer({ app, asker, params }) {
      const view = await oneDevice(app, asker, params.serial)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/handovers',
    id: 'listHandovers',
    tag: 'devices',
    right: 'read',
    summary: ['机具交接列表', 'Hand-overs of devices, the newest first'],
    query: z.strictObject({ ...paging, state: z.enum(words(handoverStates)).optional(), serial: serial.optional() }),
    replies: { 200: pageOf(handoverView) },
    refusals: [],
    async answer({ app, asker, query }) {
      const page = await pageOfHandovers(app, asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/handovers/{id}',
    id: 'getHandover',
    tag: 'devices',
    right: 'read',
    summary: ['机具交接详情', 'One hand-over'],
    params: z.strictObject({ id: z.uuid() }),
    replies: { 200: handoverView },
    refusals: [],
    async answer({ app, asker, params }) {
      const view = await oneHandover(app, asker, params.id)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/handovers',
    id: 'handOver',
    tag: 'devices',
    right: 'hand-over',
    isCommand: true,
    summary: ['交接机具', 'Hand devices over: signed by one side now, by the other afterwards – or drawn on the spot'],
    body: z.strictObject({
      from: hands('交出方', 'who gives'), to: hands('接收方', 'who takes'),
      devices: z.array(z.strictObject({ serial, condition, accessories: z.array(z.enum(words(accessories))).max(words(accessories).length).default([]) })).min(1).max(handover_devices_max),
      application: caseNo.optional(), words: said.optional(),
      signature: z.strictObject({ name: z.string().min(1).max(60), png: z.base64().max(360_000).meta({ description: '手写签名图片 PNG 或 JPEG the drawn signature, as a picture' }) }).optional(),
    }),
    example: { from: { kind: 'warehouse' }, to: { kind: 'field' }, devices: [{ serial: '0000120412345678', condition: [{ part: 'body', condition: 'fine' }], accessories: ['charger'] }] },
    replies: { 201: handoverView },
    refusals: ['not_found', 'device_unknown', 'photo_required', 'handover_other_side', 'handover_not_holder', 'handover_under_way', 'file_type', 'file_damaged', 'file_unsafe', 'image_too_large', 'material_disposed'],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      const { from, to, devices, application, words: why, signature } = ask.body
      return drawUpHandover(ask.app, asking, {
        from: custodianOf(from, ask), to: custodianOf(to, ask), items: devices, caseNo: application, words: why,
        signature: signature && { name: signature.name, png: Buffer.from(signature.png, 'base64') },
      }, telling(ask, 201))
    },
  }),
  ...(Object.keys(answers) as HandoverCommand[]).map((command) =>
    route({
      method: 'POST',
      path: `/api/v1/handovers/{id}/${command}`,
      id: `${command}Handover`,
      tag: 'devices',
      right: 'hand-over',
      isCommand: true,
      summary: answers[command],
      params: z.strictObject({ id: z.uuid() }),
      body: z.strictObject({}),
      replies: { 200: handoverView },
      refusals: ['handover_not_in_this_state', 'handover_other_side'],
      answer(ask) {
        const asking = ask.asking()
        return isRefusal(asking) ? asking : answerTo(ask.app, asking, ask.params.id, command, telling(ask))
      },
    }),
  ),
]
