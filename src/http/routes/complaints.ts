// Complaints and feedback: filed, taken up, answered within their time, closed by whoever wrote.
import { z } from 'zod'
import { commandComplaint, complain, type ComplaintTelling } from '../../app/telling/complaints.ts'
import type { ComplaintCommand } from '../../domain/complaint.ts'
import { isRefusal, type RefusalCode } from '../../domain/refusals.ts'
import { channels, complaintKinds, complaintStates, complaintTopics, words, type Words } from '../../domain/vocabulary.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { pageOf } from '../shapes.ts'
import { complaintView, oneComplaint, pageOfComplaints, viewComplaint } from '../telling.ts'
import { caseNo, paging, said, tid, versioned } from './common.ts'

const params = z.strictObject({
  no: z.string().max(40).meta({ description: '投诉编号 number of the complaint', examples: ['TQ-K2026-00042-5'] }).transform((text) => text.trim().toUpperCase()),
})
const tell = (ask: Ask, status = 200): ComplaintTelling => ({
  view: (stored) => versioned(viewComplaint(ask.app, stored, ask.asker), status, status === 201 ? `/api/v1/complaints/${stored.complaint.no}` : undefined),
  refusal: ask.refusal,
})

type Command = Exclude<ComplaintCommand['command'], 'tick'>
type Row = { summary: Words; body: z.ZodObject; refusals: readonly RefusalCode[]; example: unknown }
const wording = said.default('').meta({ description: '说明 in words' })
const commands: Readonly<Record<Command, Row>> = {
  assign: {
    summary: ['分派投诉', 'Give a complaint to somebody'], body: z.strictObject({ to: z.string().min(1).max(100).meta({ description: '人员编号 person' }) }), refusals: [],
    example: { to: 'person-wang' },
  },
  answer: {
    summary: ['答复投诉', 'Answer a complaint'], body: z.strictObject({ words: wording }), refusals: ['words_required', 'maker_is_checker', 'calendar_unknown', 'material_disposed'],
    example: { words: '费用多收一个月，已冲回 30 元，下月账单可见。' },
  },
  close: {
    summary: ['结案并评价', 'Close a complaint, and say whether it helped'], refusals: ['material_disposed'],
    body: z.strictObject({ satisfaction: z.int().min(1).max(5).optional().meta({ description: '1 不满意 … 5 满意' }), words: said.optional() }),
    example: { satisfaction: 4, words: '已退费，谢谢。' },
  },
  reopen: {
    summary: ['要求重新办理', 'Have a complaint taken up again, once'], body: z.strictObject({ words: wording }),
    refusals: ['complaint_reopened_before', 'words_required', 'calendar_unknown', 'material_disposed'], example: { words: '还是没有退费。' },
  },
}

const commandRoutes: readonly Route[] = (Object.entries(commands) as [Command, Row][]).map(([command, row]) =>
  route({
    method: 'POST',
    path: `/api/v1/complaints/{no}/${command}`,
    id: `${command}Complaint`,
    tag: 'complaints',
    right: `${command}-complaint`,
    isCommand: true,
    versioned: true,
    summary: row.summary,
    params,
    body: row.body,
    example: row.example,
    replies: { 200: complaintView },
    refusals: ['complaint_not_in_this_state', ...row.refusals],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : commandComplaint(ask.app, asking, ask.params.no, { command, ...ask.body } as Exclude<ComplaintCommand, { command: 'tick' }>, tell(ask))
    },
  }),
)

export const complaintRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/complaints',
    id: 'listComplaints',
    tag: 'complaints',
    right: 'read-complaints',
    summary: ['投诉与建议', 'Complaints and feedback, the newest first'],
    query: z.strictObject({
      ...paging, state: z.enum(words(complaintStates)).optional(), late: z.enum(['true', 'false']).optional().transform((text) => (text === undefined ? undefined : text === 'true')),
    }),
    replies: { 200: pageOf(complaintView) },
    refusals: [],
    async answer({ app, asker, query }) {
      const page = await pageOfComplaints(app, asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/complaints',
    id: 'fileComplaint',
    tag: 'complaints',
    right: 'file-complaint',
    isCommand: true,
    summary: ['提出投诉或建议', 'Complain, or say what would be better'],
    body: z.strictObject({
      kind: z.enum(words(complaintKinds)),
      topic: z.enum(words(complaintTopics)),
      words: wording,
      terminal: tid.optional(),
      application: caseNo.optional(),
      provider: z.string().max(40).optional().meta({ description: '有多家机构时指明 where there are several' }),
      onBehalfOf: z.string().max(20).optional().meta({ description: '代办的商户号 merchant an agent files for' }),
      channel: z.enum(words(channels)).optional(),
      proof: said.optional().meta({ description: '凭证编号 where its proof is kept' }),
    }),
    example: { kind: 'complaint', topic: 'fee', words: '停机期间仍被收了月费。', terminal: '10000001' },
    replies: { 201: complaintView },
    refusals: [
      'words_required', 'terminal_unknown', 'terminals_mixed', 'merchant_needed', 'provider_needed', 'consent_required', 'channel_not_yours', 'proof_kind_wrong',
      'calendar_unknown', 'material_disposed', 'not_found',
    ],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : complain(ask.app, asking, ask.body, tell(ask, 201))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/complaints/{no}',
    id: 'getComplaint',
    tag: 'complaints',
    right: 'read-complaints',
    versioned: true,
    summary: ['投诉详情', 'One complaint'],
    params,
    replies: { 200: complaintView },
    refusals: [],
    async answer({ app, asker, params }) {
      const found = await oneComplaint(app, asker, params.no)
      return found && replyOf(200, found.view, { etagVersion: found.version })
    },
  }),
  ...commandRoutes,
]
