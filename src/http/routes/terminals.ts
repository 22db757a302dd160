// Terminals: what they are, what they may do and when, and what a provider does to one directly.
import { z } from 'zod'
import { search_length_max } from '../../store/search.ts'
import { answerDormancy, liftHold, placeHoldOn, testTerminal } from '../../app/terminals.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { dormancyAnswers, effects, reasons, services, words } from '../../domain/vocabulary.ts'
import { replyOf } from '../reply.ts'
import { route, type Route } from '../route.ts'
import { backupView, instantIn, pageOf, timelineRow } from '../shapes.ts'
import { terminalRow, terminalView } from '../views.ts'
import { paging, said, tellTerminal, testedItems, tid, versioned } from './common.ts'

const onTerminal = { tag: 'terminals', params: z.strictObject({ tid }) } as const

export const terminalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/terminals',
    id: 'listTerminals',
    tag: 'terminals',
    right: 'read',
    summary: ['终端列表', 'Terminals, by number'],
    query: z.strictObject({
      ...paging,
      q: z
        .string()
        .max(search_length_max)
        .optional()
        .meta({ description: '终端号、序列号、商户号或名称、办件编号 terminal, serial, merchant or case' }),
      service: z.enum(words(services)).optional(),
      provider: z.string().max(40).optional(),
      merchant: z.string().max(40).optional(),
      reason: z.enum(words(reasons)).optional(),
    }),
    replies: { 200: pageOf(terminalRow) },
    refusals: [],
    async answer({ services, asker, query }) {
      const page = await services.terminals.list(asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    ...onTerminal,
    method: 'GET',
    path: '/api/v1/terminals/{tid}',
    id: 'getTerminal',
    right: 'read',
    versioned: true,
    summary: ['终端详情', 'One terminal'],
    replies: { 200: terminalView },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.terminals.one(asker, params.tid)
      return view && versioned(view)
    },
  }),
  route({
    ...onTerminal,
    method: 'GET',
    path: '/api/v1/terminals/{tid}/backups',
    id: 'listBackups',
    right: 'read',
    summary: ['交易数据备份', 'Backups made while it was stopped, and whether each was proven by restoring'],
    replies: { 200: z.object({ items: z.array(backupView) }) },
    refusals: [],
    async answer({ services, asker, params }) {
      const items = await services.backups.list(asker, params.tid)
      return items && replyOf(200, { items })
    },
  }),
  route({
    ...onTerminal,
    method: 'GET',
    path: '/api/v1/terminals/{tid}/timeline',
    id: 'getTimeline',
    right: 'read',
    summary: ['终端时间线', 'Every fact about a terminal, newest first'],
    query: z.strictObject(paging),
    replies: { 200: pageOf(timelineRow) },
    refusals: [],
    async answer({ services, asker, params, query }) {
      const page = await services.terminals.timeline(asker, params.tid, query)
      return page === undefined || isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    ...onTerminal,
    method: 'POST',
    path: '/api/v1/terminals/{tid}/holds',
    id: 'placeHold',
    right: 'place-hold',
    isCommand: true,
    versioned: true,
    summary: ['机构停用', "The provider's own stop"],
    body: z.strictObject({
      reason: z.enum(words(reasons)),
      effect: z.enum(words(effects)).optional(),
      effectiveFrom: instantIn.optional(),
      drainUntil: instantIn.optional(),
      expectedUntil: instantIn.optional(),
      words: said,
    }),
    example: { reason: 'A03', words: '结算账户户名与商户名称不符，请更正后由财务解除。' },
    replies: { 201: terminalView },
    refusals: [
      'terminal_not_installed',
      'terminal_closed',
      'reason_not_yours',
      'words_required',
      'effect_in_past',
      'until_before_from',
      'hold_place_not_yours',
      'hold_exists',
    ],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : placeHoldOn(ask.app, asking, ask.params.tid, ask.body, tellTerminal(ask, 201))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/holds/{id}/lift',
    id: 'liftHold',
    tag: 'terminals',
    right: 'lift-hold',
    isCommand: true,
    versioned: true,
    summary: ['解除停用项', 'Lift a hold, by its owner'],
    params: z.strictObject({ id: z.uuid() }),
    body: z.strictObject({ words: said, evidence: said.optional() }),
    replies: { 200: terminalView },
    refusals: ['words_required', 'hold_not_yours', 'hold_lifted', 'hold_by_case', 'hold_by_replacement', 'account_not_good', 'demand_first', 'rectification_open'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : liftHold(ask.app, asking, ask.params.id, ask.body, tellTerminal(ask))
    },
  }),
  route({
    ...onTerminal,
    method: 'POST',
    path: '/api/v1/terminals/{tid}/tests',
    id: 'testTerminal',
    right: 'record-test',
    isCommand: true,
    versioned: true,
    summary: ['登记开机测试', 'Record a device test outside a case'],
    body: z.strictObject({ items: testedItems }),
    replies: { 201: terminalView },
    refusals: ['held_by_another', 'test_in_case', 'test_not_due', 'test_items_missing'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking)
        ? asking
        : testTerminal(ask.app, asking, ask.params.tid, ask.body.items, tellTerminal(ask, 201))
    },
  }),
  route({
    ...onTerminal,
    method: 'POST',
    path: '/api/v1/terminals/{tid}/dormancy',
    id: 'answerDormancy',
    right: 'answer-dormancy',
    isCommand: true,
    versioned: true,
    summary: ['答复长期无交易核实', 'Answer the dormancy question'],
    body: z.strictObject({ answer: z.enum(words(dormancyAnswers)) }),
    replies: { 200: terminalView },
    refusals: ['dormancy_not_asked'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking)
        ? asking
        : answerDormancy(ask.app, asking, ask.params.tid, ask.body.answer, tellTerminal(ask))
    },
  }),
]
