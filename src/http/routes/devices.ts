// Devices that come back and the deposits on them: read, and what is done to one – a row per command of the two machines. Each
// moves the case it belongs to, and answers with the line as it is then.
import { z } from 'zod'
import { commandReturn } from '../../app/devices.ts'
import type { LineCommand } from '../../domain/device.ts'
import { isRefusal, type RefusalCode } from '../../domain/refusals.ts'
import { depositStates, deviceParts, partConditions, returnStates, words, type Words } from '../../domain/vocabulary.ts'
import type { Telling } from '../../app/cases.ts'
import { replyOf } from '../reply.ts'
import { oneReturn, pageOfReturns } from '../returns.ts'
import { route, type Ask, type Route } from '../route.ts'
import { pageOf } from '../shapes.ts'
import { viewReturn } from '../view-return.ts'
import { returnView } from '../views.ts'
import { paging, said } from './common.ts'

const params = z.strictObject({
  rma: z.string().max(60).meta({ description: '退机编号 RMA', examples: ['TQ-261123-00042-7-R1'] }).transform((text) => text.trim().toUpperCase()),
})

type Row = { summary: Words; body: z.ZodObject; refusals: readonly RefusalCode[]; example?: unknown }
const wording = said.default('').meta({ description: '说明 why, in words' })
const parts = z.array(z.strictObject({
  part: z.enum(words(deviceParts)), condition: z.enum(words(partConditions)),
  photo: z.string().max(200).optional().meta({ description: '照片：本办件的材料编号，或档案编号 a material of the case, or the archive’s reference' }),
  note: z.string().max(500).optional(),
})).min(1).max(words(deviceParts).length)

const commands: Readonly<Record<LineCommand['command'], Row>> = {
  'ship-device': {
    summary: ['寄出机具', 'The device is on its way back'], refusals: ['words_required'],
    body: z.strictObject({ carrier: z.string().max(60), tracking: z.string().max(60) }), example: { carrier: '顺丰', tracking: 'SF1420099887766' },
  },
  'receive-device': { summary: ['收到机具', 'The device has arrived'], body: z.strictObject({}), refusals: [] },
  'inspect-device': {
    summary: ['验机', 'What it is like'], body: z.strictObject({ parts }), refusals: ['photo_required'],
    example: { parts: [{ part: 'printer_cover', condition: 'broken', photo: 'IMG_2041', note: '卡扣断裂' }, { part: 'screen', condition: 'fine' }] },
  },
  'restock-device': { summary: ['机具入库', 'Back on the shelf'], body: z.strictObject({}), refusals: [] },
  'retire-device': { summary: ['机具报废', 'Written off'], body: z.strictObject({ words: wording }), refusals: ['words_required'] },
  'lose-device': { summary: ['登记无法退还', 'It will not come back'], body: z.strictObject({ words: wording }), refusals: ['words_required'] },
  'propose-deduction': {
    summary: ['提出退还与扣款', 'Propose the refund, and what the table deducts'], refusals: ['deduction_rule_unknown', 'words_required', 'return_not_in_this_state'],
    body: z.strictObject({ without: z.array(z.string().max(60)).max(50).optional().meta({ description: '不扣的条目 lines of the table left out' }), words: said.optional() }),
  },
  'accept-deduction': { summary: ['同意扣款', 'Accept the deduction'], body: z.strictObject({}), refusals: [] },
  'dispute-deduction': { summary: ['对扣款提出异议', 'Dispute the deduction'], body: z.strictObject({ words: wording }), refusals: ['words_required', 'dispute_answered'] },
  'confirm-refund': {
    summary: ['确认退还', 'Confirm the refund, as a second person'], refusals: ['refund_second_person', 'clearance_open', 'deduction_waits', 'words_required'],
    body: z.strictObject({ reference: z.string().max(100).meta({ description: '付款凭证 reference of the payment' }) }), example: { reference: '网银 20261127-0091' },
  },
}

const tellReturn = (ask: Ask, rma: string): Telling => ({
  view: (after) => replyOf(200, viewReturn(after, ask.asker, after.dossier.returns!.find((r) => r.rma === rma)!)),
  refusal: ask.refusal,
})

const isOfDeposit = (command: string): boolean => /deduction|refund/.test(command)
const commandRoutes: readonly Route[] = Object.entries(commands).map(([command, row]) =>
  route({
    method: 'POST',
    path: `/api/v1/returns/{rma}/${command}`,
    id: command.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    tag: 'devices',
    right: command as LineCommand['command'],
    isCommand: true,
    summary: row.summary,
    params,
    body: row.body,
    ...(row.example === undefined ? {} : { example: row.example }),
    replies: { 200: returnView },
    refusals: [...new Set<RefusalCode>([isOfDeposit(command) ? 'deposit_not_in_this_state' : 'return_not_in_this_state', ...row.refusals, 'return_not_in_this_state'])],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      return commandReturn(ask.app, asking, ask.params.rma, { command, ...ask.body } as LineCommand, tellReturn(ask, ask.params.rma))
    },
  }),
)

export const deviceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/returns',
    id: 'listReturns',
    tag: 'devices',
    right: 'read',
    summary: ['退机列表', 'Devices on their way back, the newest first'],
    query: z.strictObject({ ...paging, state: z.enum(words(returnStates)).optional(), deposit: z.enum(words(depositStates)).optional() }),
    replies: { 200: pageOf(returnView) },
    refusals: [],
    async answer({ app, asker, query }) {
      const page = await pageOfReturns(app, asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/returns/{rma}',
    id: 'getReturn',
    tag: 'devices',
    right: 'read',
    summary: ['退机详情', 'One device on its way back, and its deposit'],
    params,
    replies: { 200: returnView },
    refusals: [],
    async answer({ app, asker, params }) {
      const view = await oneReturn(app, asker, params.rma)
      return view && replyOf(200, view)
    },
  }),
  ...commandRoutes,
]
