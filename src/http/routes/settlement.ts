// Three records matched: files in and what they took the place of, runs, and breaks worked.
import { z } from 'zod'
import type { BreakCommand } from '../../domain/break-work.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { breakKinds, breakStates, settlementFileStates, words } from '../../domain/vocabulary.ts'
import { breakRow, breakView, recordKinds, settlementFile, settlementRun } from '../settlement.ts'
import { instantText, pageOf } from '../shapes.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { paging, said, tid, versioned } from './common.ts'

const file = z.strictObject({ file: z.uuid() })
const run = z.strictObject({ run: z.uuid() })
const day = z.iso.date().meta({ examples: ['2026-09-01'] })
const mappingsShape = z.object({
  items: z.array(
    z.object({
      provider: z.string(),
      kind: z.enum(['slips', 'bank']),
      name: z.string(),
      columns: z.record(z.string(), z.string()).describe('our column → theirs'),
      savedAt: instantText,
    }),
  ),
})

const breakId = z.strictObject({ break: z.string().regex(/^[0-9a-f]{64}$/).meta({ examples: ['3f'.repeat(32)] }) })
const filters = {
  kind: z.enum(words(breakKinds)).optional(),
  state: z.enum(words(breakStates)).optional(),
  merchant: z.string().max(20).optional().meta({ examples: ['104110045110012'] }),
  terminal: tid.optional(),
  provider: z.string().max(31).optional(),
  assignee: z.string().max(100).optional(),
  from: day.optional(),
  to: day.optional(),
}

const tellRun = (ask: Ask, status: number) => ({
  view: (view: { id: string }) => replyOf(status, view, status === 202 ? { location: `/api/v1/settlement/runs/${view.id}` } : {}),
  refusal: ask.refusal,
})

/** One way of working a break: a row of the table below. */
const working = (
  command: BreakCommand['command'], summary: Route['summary'], right: Route['right'], body: z.ZodObject, refusals: Route['refusals'],
): Route =>
  route({
    method: 'POST',
    path: `/api/v1/settlement/breaks/{break}/${command}`,
    id: `${command}Break`,
    tag: 'settlement',
    right,
    isCommand: true,
    versioned: true,
    summary,
    params: breakId,
    body,
    replies: { 200: breakView },
    refusals: ['break_not_in_this_state', ...refusals],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      return ask.services.settlement.breaks.command(
        { ...asking, language: ask.language }, ask.params.break, { command, ...(ask.body as object) } as BreakCommand,
        { view: (view) => versioned(view), refusal: ask.refusal },
      )
    },
  })
const withWords = z.strictObject({ words: said.min(1) })

export const settlementRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/settlement/files',
    id: 'listSettlementFiles',
    tag: 'settlement',
    right: 'read-settlement',
    summary: ['对账文件列表', 'Settlement files that were taken, the newest first'],
    query: z.strictObject({ ...paging, kind: recordKinds.optional(), merchant: filters.merchant, state: z.enum(words(settlementFileStates)).optional() }),
    replies: { 200: pageOf(settlementFile) },
    refusals: [],
    async answer({ services, asker, query }) {
      const page = await services.settlement.files.list(asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/files/{file}',
    id: 'getSettlementFile',
    tag: 'settlement',
    right: 'read-settlement',
    summary: ['对账文件', 'A settlement file, and whose place it took'],
    params: file,
    replies: { 200: settlementFile },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.settlement.files.one(asker, params.file)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/mappings',
    id: 'listMappings',
    tag: 'settlement',
    right: 'reconcile',
    summary: ['列对应关系', 'How the columns of unknown CSV files are read'],
    replies: { 200: mappingsShape },
    refusals: [],
    answer: async ({ services, asker }) => replyOf(200, await services.settlement.files.mappings(asker)),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/settlement/mappings',
    id: 'saveMapping',
    tag: 'settlement',
    right: 'reconcile',
    isCommand: true,
    summary: ['保存列对应关系', 'Save how a provider’s CSV names its columns; `columns: null` forgets it'],
    body: z.strictObject({
      provider: z.string().max(31).optional().describe('said by the platform only'),
      kind: z.enum(['slips', 'bank']),
      name: z.string().min(1).max(100),
      columns: z.record(z.string().max(40), z.string().min(1).max(100)).nullable().describe('our column → theirs'),
    }),
    example: { kind: 'slips', name: '收银系统导出', columns: { tid: '设备号', mid: '商户编号', reference: '流水号', amountYuan: '实收金额' } },
    replies: { 200: mappingsShape },
    refusals: ['mapping_provider', 'not_found', 'too_large'],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      return ask.services.settlement.files.saveMapping(asking, ask.body, { view: (view) => replyOf(200, view), refusal: ask.refusal })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/settlement/runs',
    id: 'startSettlementRun',
    tag: 'settlement',
    right: 'reconcile',
    isCommand: true,
    summary: ['三单核对', 'Match the three records; it is worked off afterwards'],
    body: z.strictObject({
      provider: z.string().max(31).optional(),
      from: day.optional().describe('first settlement date; all days without'),
      to: day.optional(),
    }),
    example: { from: '2026-09-01', to: '2026-09-03' },
    replies: { 202: settlementRun },
    refusals: ['days_reversed', 'not_found'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.settlement.runs.start(asking, ask.body, tellRun(ask, 202))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/runs',
    id: 'listSettlementRuns',
    tag: 'settlement',
    right: 'reconcile',
    summary: ['核对记录', 'Runs, the newest first'],
    query: z.strictObject(paging),
    replies: { 200: pageOf(settlementRun) },
    refusals: [],
    answer: async ({ services, asker, query }) => replyOf(200, await services.settlement.runs.list(asker, query)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/runs/{run}',
    id: 'getSettlementRun',
    tag: 'settlement',
    right: 'reconcile',
    summary: ['核对进度', 'How far a run has come, and what it found'],
    params: run,
    replies: { 200: settlementRun },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.settlement.runs.get(asker, params.run)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/settlement/runs/{run}/stop',
    id: 'stopSettlementRun',
    tag: 'settlement',
    right: 'reconcile',
    isCommand: true,
    checks: 'route',
    summary: ['停止核对', 'Stop a run; the result before it stands'],
    params: run,
    body: z.strictObject({}),
    replies: { 200: settlementRun },
    refusals: ['run_not_stoppable'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.settlement.runs.stop(asking, ask.params.run, tellRun(ask, 200))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/breaks',
    id: 'listBreaks',
    tag: 'settlement',
    right: 'read-settlement',
    summary: ['三单不符', 'What the three records disagree on, by settlement date, the newest first'],
    query: z.strictObject({ ...paging, ...filters }),
    replies: { 200: pageOf(breakRow) },
    refusals: [],
    async answer({ services, asker, query }) {
      const page = await services.settlement.breaks.list(asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/breaks.csv',
    id: 'exportBreaks',
    tag: 'settlement',
    right: 'read-settlement',
    summary: ['导出三单不符', 'The same as a spreadsheet'],
    query: z.strictObject(filters),
    replies: { 200: { mediaType: 'text/csv' } },
    refusals: [],
    answer: ({ services, asker, query }) => ({
      file: services.settlement.breaks.exported(asker, query),
      mediaType: 'text/csv; charset=utf-8',
      fileName: 'breaks.csv',
    }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/settlement/breaks/{break}',
    id: 'getBreak',
    tag: 'settlement',
    right: 'read-settlement',
    versioned: true,
    summary: ['三单并列', 'One break side by side: slip, UnionPay, bank'],
    params: breakId,
    replies: { 200: breakView },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.settlement.breaks.one(asker, params.break)
      return view && versioned(view)
    },
  }),
  working('assign', ['转办', 'Hand a break to somebody'], 'assign-break', z.strictObject({ to: z.string().min(1).max(100) }), []),
  working('explain', ['说明', 'Explain a break; merchants may explain theirs'], 'explain-break', withWords, ['words_required']),
  working('accept', ['认可', 'Accept a break with a reason; above the policy’s limit it waits for a second person'], 'accept-break', withWords, ['words_required']),
  working('confirm', ['复核', 'Confirm an acceptance as the second person'], 'accept-break', z.strictObject({ words: said.optional() }), ['acceptance_second_person']),
  working('reopen', ['重新打开', 'Take an acceptance back'], 'accept-break', withWords, ['words_required']),
]
