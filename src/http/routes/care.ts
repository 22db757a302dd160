// The provider's stops worked off – faults and breaches – and what is looked after while a terminal is stopped.
import { z } from 'zod'
import type { CareTelling } from '../../app/care/door.ts'
import { commandDuty } from '../../app/care/duties.ts'
import { letterOfHold } from '../../app/care/letter.ts'
import { papersOf } from '../../app/care/papers.ts'
import { careOf, oneDuty, oneTicket, pageOfDuties, pageOfTickets } from '../../app/care/reading.ts'
import type { DutySeen, TicketSeen } from '../../app/care/seen-by.ts'
import { commandTicket, reportFault, reportLoss } from '../../app/care/tickets.ts'
import type { DutyCommand } from '../../domain/care.ts'
import { isRefusal, type RefusalCode } from '../../domain/refusals.ts'
import { rightOf, type TicketCommand, type TicketCommandName } from '../../domain/ticket.ts'
import {
  careAnswers, deviceParts, dutyKinds, lossKinds, materialTypes, partConditions, payers, reasons, responsibilities, ticketKinds, ticketStates, wakeUpItems, words, type Words,
} from '../../domain/vocabulary.ts'
import { material_bytes_max } from '../../limits.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { instantIn, instantText, pageOf } from '../shapes.ts'
import { careView, dutyView, paperView, ticketView, viewCare, viewDuty, viewPaper, viewTicket } from '../view-care.ts'
import { caseNo, paging, said, tid } from './common.ts'

const ofTerminal = { tag: 'care', params: z.strictObject({ tid }) } as const
const ofTicket = { tag: 'care', params: z.strictObject({ ticket: z.string().max(40).meta({ description: '单号 number of the ticket', examples: ['TQ-G2026-112700001-4'] }).transform((text) => text.trim().toUpperCase()) }) } as const
const ofDuty = { tag: 'care', params: z.strictObject({ duty: z.uuid() }) } as const

const tellTicket = (ask: Ask, status = 200): CareTelling<TicketSeen> => ({
  view: (seen) => replyOf(status, viewTicket(ask.app, seen, ask.asker), status === 201 ? { location: `/api/v1/tickets/${seen.stored.ticket.no}` } : {}), refusal: ask.refusal,
})
const tellDuty = (ask: Ask): CareTelling<DutySeen> => ({ view: (seen) => replyOf(200, viewDuty(ask.app, seen, ask.asker)), refusal: ask.refusal })

const wording = said.default('').meta({ description: '说明 what, in words' })
const minutes = z.int().min(0).max(100_000).optional()
const work = {
  words: wording, minutes, parts: z.array(z.strictObject({ name: z.string().min(1).max(100), count: z.int().min(1).max(1_000) })).max(50).optional(),
  cost: z.strictObject({ fen: z.int().min(0).max(10_000_000_00), currency: z.literal('CNY').optional() }).optional(),
  payer: z.enum(words(payers)).optional().meta({ description: '谁承担 who pays' }),
}
type Row = { summary: Words; body: z.ZodObject; example?: unknown; refusals?: readonly RefusalCode[] }
const ticketCommands: Readonly<Record<TicketCommandName, Row>> = {
  diagnose: { summary: ['检测', 'What is wrong with it'], body: z.strictObject({ words: wording, minutes, stop: z.boolean().optional().meta({ description: '停用终端 stop the terminal for it' }) }), example: { words: '打印头损坏', minutes: 20 }, refusals: ['hold_exists'] },
  repair: { summary: ['维修', 'Repaired: what was done'], body: z.strictObject(work), example: { words: '更换打印头', minutes: 35, parts: [{ name: '打印头', count: 1 }], cost: { fen: 8_000 }, payer: 'provider' } },
  reinstall: { summary: ['重装', 'Reinstalled'], body: z.strictObject(work), example: { words: '重刷固件 3.1.2', minutes: 40 } },
  swap: { summary: ['换机', 'Another device took its place, by a replacement case'], body: z.strictObject({ ...work, application: caseNo }), refusals: ['device_replaced_unknown'] },
  ready: { summary: ['提交测试', 'Put right: ready for its test'], body: z.strictObject({ words: said.optional() }) },
  dismiss: { summary: ['撤销', 'Nothing was wrong'], body: z.strictObject({ words: wording }), refusals: ['test_needed'] },
  demand: { summary: ['要求整改', 'Demand that it is put right: what, and by when'], body: z.strictObject({ words: wording, dueBy: instantIn.optional() }), example: { words: '停止拆分交易，提交近三十天签购单。', dueBy: '2027-01-08T18:00:00+08:00' }, refusals: ['effect_in_past'] },
  'hand-in': { summary: ['提交整改', 'Hand in the rectification'], body: z.strictObject({ words: wording }), example: { words: '已停止拆分交易，凭证见附件。' } },
  judge: {
    summary: ['审定整改', 'Judge the rectification, and who was responsible'], body: z.strictObject({ accepted: z.boolean(), words: wording, responsibility: z.enum(words(responsibilities)).optional() }),
    example: { accepted: true, words: '凭证齐全，认可。', responsibility: 'staff' },
  },
  note: { summary: ['备注', 'A line on the ticket'], body: z.strictObject({ words: wording }) },
}

/** The body in the domain's words: money as fen, a case by its number, a day as an instant. */
function commandOf(command: TicketCommandName, body: Record<string, unknown>): TicketCommand {
  const { cost, application, dueBy, ...rest } = body as { cost?: { fen: number }; application?: string; dueBy?: number }
  return {
    command, ...rest, ...(cost ? { costFen: cost.fen } : {}), ...(application === undefined ? {} : { caseNo: application }), ...(dueBy === undefined ? {} : { dueAt: dueBy }),
  } as TicketCommand
}

const ticketRoutes: readonly Route[] = (Object.entries(ticketCommands) as [TicketCommandName, Row][]).map(([command, row]) => route({
  ...ofTicket, method: 'POST', path: `/api/v1/tickets/{ticket}/${command}`, id: `${command.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Ticket`, right: rightOf[command], isCommand: true,
  summary: row.summary, body: row.body, ...(row.example === undefined ? {} : { example: row.example }), replies: { 200: ticketView },
  refusals: ['ticket_not_in_this_state', 'words_required', ...(row.refusals ?? [])],
  answer(ask) {
    const asking = ask.asking()
    return isRefusal(asking) ? asking : commandTicket(ask.app, asking, ask.params.ticket, commandOf(command, ask.body), tellTicket(ask))
  },
}))

const dutyRoute = <B extends z.ZodObject>(
  name: Exclude<DutyCommand['command'], 'check'>, right: Route['right'], summary: Words, body: B, commandFrom: (body: z.output<B>) => DutyCommand, refusals: readonly RefusalCode[] = [], example?: unknown,
): Route => route({
  ...ofDuty, method: 'POST', path: `/api/v1/duties/{duty}/${name}`, id: `${name}Duty`, right, isCommand: true, summary, body, ...(example === undefined ? {} : { example }), replies: { 200: dutyView },
  refusals: ['duty_not_in_this_state', 'duty_asks_otherwise', ...refusals],
  answer(ask) {
    const asking = ask.asking()
    return isRefusal(asking) ? asking : commandDuty(ask.app, asking, { id: ask.params.duty, command: commandFrom(ask.body as z.output<B>) }, tellDuty(ask))
  },
})

const holdLetter = z.object({ no: z.string(), issuedAt: instantText, href: z.string(), verifyHref: z.string() })
const file_types = ['application/pdf', 'image/jpeg', 'image/png'] as const
const file_refusals: readonly RefusalCode[] = ['file_type', 'file_unsafe', 'file_damaged', 'image_too_large', 'material_disposed']
const degrees = (max: number) => z.coerce.number<string>().min(-max).max(max)

export const careRoutes: readonly Route[] = [
  route({
    ...ofTerminal, method: 'GET', path: '/api/v1/terminals/{tid}/care', id: 'getCare', right: 'read',
    summary: ['停机看护', 'What is looked after on a terminal: tickets, duties, what to do with the device'], replies: { 200: careView }, refusals: [],
    async answer({ app, actor, asker, params }) {
      const found = await careOf(app, actor, params.tid)
      return found && replyOf(200, viewCare(app, found, asker))
    },
  }),
  route({
    ...ofTerminal, method: 'GET', path: '/api/v1/terminals/{tid}/papers', id: 'listPapers', right: 'read',
    summary: ['档案与保存期', 'Papers of a terminal, and until when each is kept'], replies: { 200: z.object({ items: z.array(paperView) }) }, refusals: [],
    async answer({ app, actor, language, params }) {
      const found = await papersOf(app, actor, params.tid)
      return found && replyOf(200, { items: found.map((p) => viewPaper(p, language)) })
    },
  }),
  route({
    ...ofTerminal, method: 'POST', path: '/api/v1/terminals/{tid}/faults', id: 'reportFault', right: 'report-fault', isCommand: true,
    summary: ['报修', 'Report a fault; the policy says whether it stops the terminal at once'],
    body: z.strictObject({ reason: z.enum(words(reasons)).meta({ description: 'D01–D13' }), words: wording }), example: { reason: 'D11', words: '打印卡纸，打不出小票。' },
    replies: { 201: ticketView }, refusals: ['terminal_closed', 'reason_not_yours', 'words_required', 'ticket_exists', 'hold_exists', 'terminal_not_installed'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : reportFault(ask.app, asking, ask.params.tid, ask.body, tellTicket(ask, 201))
    },
  }),
  route({
    ...ofTerminal, method: 'POST', path: '/api/v1/terminals/{tid}/losses', id: 'reportLoss', right: 'report-loss', isCommand: true,
    summary: ['报失或报损', 'Report the device lost, stolen or damaged: stopped at once, charged by the table'],
    body: z.strictObject({
      what: z.enum(words(lossKinds)), words: wording,
      parts: z.array(z.strictObject({ part: z.enum(words(deviceParts)), condition: z.enum(words(partConditions)), photo: z.string().max(200).optional(), note: z.string().max(500).optional() })).max(words(deviceParts).length).optional(),
    }), example: { what: 'lost', words: '搬店时遗失。' },
    replies: { 201: ticketView }, refusals: ['terminal_closed', 'words_required', 'ticket_exists', 'hold_exists', 'device_absent', 'terminal_not_installed'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : reportLoss(ask.app, asking, ask.params.tid, ask.body, tellTicket(ask, 201))
    },
  }),
  route({
    method: 'GET', path: '/api/v1/tickets', id: 'listTickets', tag: 'care', right: 'read', summary: ['故障与违规单', 'Tickets, the newest first'],
    query: z.strictObject({ ...paging, kind: z.enum(words(ticketKinds)).optional(), state: z.enum(words(ticketStates)).optional(), open: z.enum(['true']).optional().meta({ description: '未结的 open ones only' }) }),
    replies: { 200: pageOf(ticketView) }, refusals: [],
    async answer({ app, actor, asker, query }) {
      const page = await pageOfTickets(app, actor, { ...query, open: query.open === 'true' })
      return isRefusal(page) ? page : replyOf(200, { ...page, items: page.items.map((t) => viewTicket(app, t, asker)) })
    },
  }),
  route({
    ...ofTicket, method: 'GET', path: '/api/v1/tickets/{ticket}', id: 'getTicket', right: 'read', summary: ['单据详情', 'One ticket'], replies: { 200: ticketView }, refusals: [],
    async answer({ app, actor, asker, params }) {
      const found = await oneTicket(app, actor, params.ticket)
      return found && replyOf(200, viewTicket(app, found, asker))
    },
  }),
  ...ticketRoutes,
  route({
    tag: 'care', method: 'POST', path: '/api/v1/holds/{id}/letter', id: 'letterOfHold', right: 'read', isCommand: true, summary: ['停用通知书', 'The provider’s stop on paper: a signed notice, one per hold'],
    params: z.strictObject({ id: z.uuid() }), body: z.strictObject({}), replies: { 201: holdLetter }, refusals: ['hold_by_case', 'hold_lifted'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : letterOfHold(ask.app, asking, ask.params.id, {
        view: ({ no, code, issuedAt }) => replyOf(201, { no, issuedAt: new Date(issuedAt).toISOString(), href: `/api/v1/letters/${no}.pdf`, verifyHref: `/verify/${code}` }), refusal: ask.refusal,
      })
    },
  }),
  route({
    ...ofTicket, method: 'POST', path: '/api/v1/tickets/{ticket}/evidence', id: 'addEvidence', right: 'add-evidence', isCommand: true,
    summary: ['提交证据', 'Hand in evidence; sealed, and never altered'],
    upload: { fields: z.strictObject({ type: z.enum(words(materialTypes)), words: said.optional() }), file_bytes_max: material_bytes_max, mediaTypes: file_types },
    replies: { 201: ticketView }, refusals: ['ticket_not_in_this_state', ...file_refusals],
    async answer(ask) {
      const upload = await ask.upload()
      if (isRefusal(upload)) return upload
      const asking = ask.asking(upload.hash)
      if (isRefusal(asking)) return asking
      const fields = upload.fields as { type: 'other'; words?: string }
      return ask.services.careFiles.add(asking, ask.params.ticket, { ...fields, fileName: upload.file.name, bytes: upload.file.bytes }, tellTicket(ask as Ask, 201))
    },
  }),
  route({
    method: 'GET', path: '/api/v1/evidence/{evidence}', id: 'getEvidence', tag: 'care', right: 'read', summary: ['下载证据', 'Evidence, to be saved'], params: z.strictObject({ evidence: z.uuid() }),
    replies: { 200: { mediaType: 'application/octet-stream' } }, refusals: ['material_disposed'],
    async answer({ services, actor, params }) {
      const found = await services.careFiles.read(actor, params.evidence)
      return isRefusal(found) ? found : { file: found.bytes, mediaType: found.mediaType, fileName: found.fileName }
    },
  }),
  route({
    method: 'GET', path: '/api/v1/duties', id: 'listDuties', tag: 'care', right: 'read', summary: ['停机待办', 'What is due while terminals are stopped, the first due first'],
    query: z.strictObject({ ...paging, kind: z.enum(words(dutyKinds)).optional() }), replies: { 200: pageOf(dutyView) }, refusals: [],
    async answer({ app, actor, asker, query }) {
      const page = await pageOfDuties(app, actor, query)
      return isRefusal(page) ? page : replyOf(200, { ...page, items: page.items.map((d) => viewDuty(app, d, asker)) })
    },
  }),
  route({
    ...ofDuty, method: 'GET', path: '/api/v1/duties/{duty}', id: 'getDuty', right: 'read', summary: ['待办详情', 'One duty'], replies: { 200: dutyView }, refusals: [],
    async answer({ app, actor, asker, params }) {
      const found = await oneDuty(app, actor, params.duty)
      return found && replyOf(200, viewDuty(app, found, asker))
    },
  }),
  route({
    ...ofDuty, method: 'POST', path: '/api/v1/duties/{duty}/check', id: 'checkDuty', right: 'keep-custody', isCommand: true, checks: 'route',
    summary: ['保管检查', 'A look at the device: its photo and where it is'],
    upload: { fields: z.strictObject({ longitude: degrees(180), latitude: degrees(90), words: said.optional() }), file_bytes_max: material_bytes_max, mediaTypes: file_types },
    replies: { 200: dutyView }, refusals: ['duty_not_in_this_state', 'duty_asks_otherwise', ...file_refusals],
    async answer(ask) {
      const upload = await ask.upload()
      if (isRefusal(upload)) return upload
      const asking = ask.asking(upload.hash)
      if (isRefusal(asking)) return asking
      const { longitude, latitude, words: text } = upload.fields as { longitude: number; latitude: number; words?: string }
      return ask.services.careFiles.check(asking, ask.params.duty, { position: { longitude, latitude }, words: text, fileName: upload.file.name, bytes: upload.file.bytes }, tellDuty(ask as Ask))
    },
  }),
  dutyRoute('complete', 'keep-custody', ['唤醒保养', 'Care before the return: item by item'],
    z.strictObject({ items: z.array(z.strictObject({ item: z.enum(words(wakeUpItems)), ok: z.boolean(), note: z.string().max(500).optional() })).min(1).max(words(wakeUpItems).length) }),
    (body) => ({ command: 'complete', checks: body.items }), [], { items: [{ item: 'battery', ok: true }] }),
  dutyRoute('answer', 'answer-care', ['答复', 'The merchant’s answer'], z.strictObject({ answer: z.enum(words(careAnswers)), words: said.optional() }), (body) => ({ command: 'answer', ...body }), [], { answer: 'extend', words: '装修延期。' }),
  dutyRoute('settle', 'settle-care', ['确认办妥', 'The provider confirms that it is settled'], z.strictObject({ words: wording }), (body) => ({ command: 'settle', ...body }), ['words_required']),
  dutyRoute('call', 'settle-care', ['登记通话', 'The merchant was called'], z.strictObject({ reached: z.boolean(), words: said.optional() }), (body) => ({ command: 'call', ...body }), [], { reached: false, words: '无人接听。' }),
]
