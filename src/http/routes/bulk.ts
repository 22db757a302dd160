// Many at once: a list frozen and rehearsed, carried out, looked at item by item; plans over many terminals; figures.
import { z } from 'zod'
import type { BulkCommand } from '../../domain/bulk.ts'
import { isRefusal, type RefusalCode } from '../../domain/refusals.ts'
import { bulkItemStates, bulkStates, planKinds, planStages, reasons, words, type Words } from '../../domain/vocabulary.ts'
import { bulk_listed_max } from '../../limits.ts'
import type { PlanView } from '../../app/bulk/plan-views.ts'
import type { BulkAsking, Telling } from '../../app/bulk/commands.ts'
import type { Reply } from '../../app/execute.ts'
import { actIn, bulkItemView, bulkView, planMemberView, planView, results, selection, statisticsView, taskIn, waveIn } from '../bulk.ts'
import { replyOf } from '../reply.ts'
import { route, type Ask, type Route } from '../route.ts'
import { instantIn, pageOf } from '../shapes.ts'
import { paging, said, versioned } from './common.ts'

const bulk = z.strictObject({ bulk: z.uuid() })
const plan = z.strictObject({ plan: z.uuid() })
const refusedBulks = ['bulk_none', 'bulk_too_many', 'bulk_model_needed', 'hold_place_not_yours', 'reason_not_yours', 'words_required', 'effect_in_past', 'until_before_from'] as const satisfies RefusalCode[]
const large_body_bytes_max = 4 * 1_048_576

const tell = (ask: Ask, path: string, status = 200): Telling<{ id: string }> => ({
  view: (view) => versioned(view, status, status === 201 ? `${path}/${view.id}` : undefined), refusal: ask.refusal,
})
const bulks = '/api/v1/bulks'
const plans = '/api/v1/plans'

/** A command on a bulk: a row of the table below. */
const working = (command: BulkCommand, summary: Words, right: Route['right'], refusals: readonly RefusalCode[] = []): Route => route({
  method: 'POST', path: `${bulks}/{bulk}/${command}`, id: `${command}Bulk`, tag: 'bulk', right, isCommand: true, versioned: true, summary, params: bulk, body: z.strictObject({}),
  replies: { 200: bulkView }, refusals: ['bulk_not_in_this_state', ...refusals],
  answer(ask) {
    const asking = ask.asking()
    return isRefusal(asking) ? asking : ask.services.bulk.bulks.command({ ...asking, language: ask.language }, ask.params.bulk, command, tell(ask as Ask, bulks))
  },
})

type Plans = Ask['services']['bulk']['plans']
/** A command on a plan, likewise. */
const planning = <B extends z.ZodObject>(
  command: string, id: string, summary: Words, right: Route['right'], body: B, refusals: readonly RefusalCode[],
  run: (plans: Plans, asking: BulkAsking, plan: string, body: z.output<B>, telling: Telling<PlanView>) => Promise<Reply>, example?: unknown,
): Route => route({
  method: 'POST', path: `${plans}/{plan}/${command}`, id, tag: 'bulk', right, isCommand: true, versioned: true, summary, params: plan, body, body_bytes_max: large_body_bytes_max,
  ...(example === undefined ? {} : { example }), replies: { 200: planView }, refusals: ['plan_ended', ...refusals],
  answer(ask) {
    const asking = ask.asking()
    return isRefusal(asking) ? asking : run(ask.services.bulk.plans, { ...asking, language: ask.language }, ask.params.plan, ask.body as z.output<B>, tell(ask as unknown as Ask, plans))
  },
})
const nothing = z.strictObject({})

export const bulkRoutes: readonly Route[] = [
  route({
    method: 'POST', path: bulks, id: 'makeBulk', tag: 'bulk', right: 'run-bulk', isCommand: true, body_bytes_max: large_body_bytes_max,
    summary: ['批量操作：冻结名单并预演', 'Freeze a list of terminals and rehearse one act on all of them; nothing is carried out yet'],
    body: z.strictObject({
      name: z.string().min(1).max(100), act: actIn, words: said.optional(), select: selection.optional(), results: results.optional().describe('instead of a selection, for record_test'),
    }),
    example: { name: '上海 A920 今夜升级', act: { act: 'place_hold', reason: 'P01', effectiveFrom: '2026-11-28T01:00:00+08:00', expectedUntil: '2026-11-28T05:00:00+08:00' }, words: '今夜一点起系统升级，五点前恢复。', select: { model: 'A920', region: '上海', service: 'active' } },
    replies: { 201: bulkView }, refusals: refusedBulks,
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.bulk.bulks.make({ ...asking, language: ask.language }, ask.body, tell(ask as Ask, bulks, 201))
    },
  }),
  route({
    method: 'GET', path: bulks, id: 'listBulks', tag: 'bulk', right: 'read-bulk', summary: ['批量操作列表', 'Bulks, the newest first'],
    query: z.strictObject({ ...paging, state: z.enum(words(bulkStates)).optional() }), replies: { 200: pageOf(bulkView) }, refusals: [],
    answer: async ({ services, asker, query }) => replyOf(200, await services.bulk.bulks.list(asker, query)),
  }),
  route({
    method: 'GET', path: `${bulks}/{bulk}`, id: 'getBulk', tag: 'bulk', right: 'read-bulk', versioned: true, summary: ['批量操作进度', 'How far a bulk is, and why terminals could not'],
    params: bulk, replies: { 200: bulkView }, refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.bulk.bulks.get(asker, params.bulk)
      return view && versioned(view)
    },
  }),
  route({
    method: 'GET', path: `${bulks}/{bulk}/items`, id: 'listBulkItems', tag: 'bulk', right: 'read-bulk', summary: ['逐台结果', 'Every terminal of a bulk and how it ended'],
    params: bulk, query: z.strictObject({ ...paging, state: z.enum(words(bulkItemStates)).optional(), code: z.string().max(60).optional() }),
    replies: { 200: pageOf(bulkItemView) }, refusals: [],
    async answer({ services, asker, params, query }) {
      const page = await services.bulk.bulks.items(asker, params.bulk, query)
      return page && replyOf(200, page)
    },
  }),
  route({
    method: 'GET', path: `${bulks}/{bulk}/items.csv`, id: 'getBulkCsv', tag: 'bulk', right: 'read-bulk', summary: ['逐台结果文件', 'The same as a file for a spreadsheet'],
    params: bulk, replies: { 200: { mediaType: 'text/csv' } }, refusals: [],
    async answer({ services, asker, params }) {
      const file = await services.bulk.bulks.csv(asker, params.bulk)
      return file && { file, mediaType: 'text/csv; charset=utf-8', fileName: `bulk-${params.bulk}.csv` }
    },
  }),
  working('start', ['执行', 'Carry a bulk out; above the policy’s limit it waits for a second person'], 'run-bulk', ['bulk_of_plan']),
  working('confirm', ['复核确认', 'Confirm a bulk as the second person'], 'confirm-bulk', ['bulk_of_plan', 'bulk_second_person', 'step_up_required']),
  working('pause', ['暂停', 'Stop after the batch under way'], 'run-bulk'),
  working('resume', ['继续', 'Go on with what is left'], 'run-bulk'),
  working('cancel', ['取消', 'Leave the rest undone; what is done stays done'], 'run-bulk'),
  working('retry', ['重试未办成的', 'Try those that failed again'], 'run-bulk', ['bulk_nothing_failed']),

  route({
    method: 'POST', path: plans, id: 'makePlan', tag: 'bulk', right: 'run-bulk', isCommand: true, body_bytes_max: large_body_bytes_max,
    summary: ['停机计划：维护窗口或专项行动', 'A plan over many terminals: a maintenance window, or a campaign in waves; nothing is stopped yet'],
    body: z.strictObject({
      kind: z.enum(words(planKinds)), name: z.string().min(1).max(100), reason: z.enum(words(reasons)), words: said.min(1), select: selection,
      effectiveFrom: instantIn.optional(), drainUntil: instantIn.optional(), testFrom: instantIn.optional().describe('from when terminals are free for their test; the end without'),
      expectedUntil: instantIn.optional(), waves: z.array(waveIn).max(52).optional(),
      requirement: z.enum(['device', 'confirmed']).optional().describe('of a campaign: the device is another or has another version, or somebody says so'),
      tasks: z.array(taskIn).max(50).optional(),
    }),
    example: {
      kind: 'maintenance', name: '核心系统升级', reason: 'P01', words: '今夜一点至五点升级，期间不能收款。', select: { service: 'active', region: '上海' },
      effectiveFrom: '2026-11-28T01:00:00+08:00', drainUntil: '2026-11-28T01:30:00+08:00', testFrom: '2026-11-28T04:00:00+08:00', expectedUntil: '2026-11-28T05:00:00+08:00',
      tasks: [{ id: 'tell-merchants', title: '电话通知重点商户', assignee: 'agent', due: { from: 'effectiveFrom', offset: '-1d', at: '18:00' } }],
    },
    replies: { 201: planView }, refusals: ['bulk_none', 'bulk_too_many', 'bulk_model_needed', 'plan_owner', 'plan_times', 'reason_not_yours', 'until_required', 'calendar_unknown'],
    answer(ask) {
      const asking = ask.asking()
      return isRefusal(asking) ? asking : ask.services.bulk.plans.make({ ...asking, language: ask.language }, ask.body, tell(ask as Ask, plans, 201))
    },
  }),
  route({
    method: 'GET', path: plans, id: 'listPlans', tag: 'bulk', right: 'read-bulk', summary: ['计划列表', 'Plans, the newest first'], query: z.strictObject(paging),
    replies: { 200: pageOf(planView) }, refusals: [], answer: async ({ services, asker, query }) => replyOf(200, await services.bulk.plans.list(asker, query)),
  }),
  route({
    method: 'GET', path: `${plans}/{plan}`, id: 'getPlan', tag: 'bulk', right: 'read-bulk', versioned: true, summary: ['计划详情', 'A plan: moments, waves, how many are how far'],
    params: plan, replies: { 200: planView }, refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.bulk.plans.get(asker, params.plan)
      return view && versioned(view)
    },
  }),
  route({
    method: 'GET', path: `${plans}/{plan}/terminals`, id: 'listPlanTerminals', tag: 'bulk', right: 'read-bulk', summary: ['计划内终端', 'The terminals of a plan, by name, with how far each is'],
    params: plan, query: z.strictObject({ ...paging, stage: z.enum(words(planStages)).optional(), wave: z.coerce.number<number>().int().min(0).max(51).optional() }),
    replies: { 200: pageOf(planMemberView) }, refusals: [],
    async answer({ services, asker, params, query }) {
      const page = await services.bulk.plans.members(asker, params.plan, query)
      return page && replyOf(200, page)
    },
  }),
  planning('start', 'startPlan', ['执行计划', 'Start a plan; above the policy’s limit it waits for a second person'], 'run-bulk', nothing, ['bulk_not_in_this_state'],
    (p, asking, id, _, telling) => p.start(asking, id, telling)),
  planning('confirm', 'confirmPlan', ['复核计划', 'Confirm a plan as the second person'], 'confirm-bulk', nothing, ['bulk_not_in_this_state', 'bulk_second_person', 'step_up_required'],
    (p, asking, id, _, telling) => p.confirm(asking, id, telling)),
  planning('tests', 'testPlan', ['登记测试结果', 'Test results of a plan’s terminals; those that passed open when the plan lets them'], 'record-test', z.strictObject({ results }), ['terminal_unknown'],
    (p, asking, id, body, telling) => p.test(asking, id, body.results, telling), { results: [{ tid: '10000001' }, { tid: '10000002', failed: ['print'], note: '缺纸传感器失灵' }] }),
  planning('open', 'openPlan', ['开始测试', 'Give the plan’s terminals free for their test now'], 'lift-hold', nothing, ['plan_kind', 'plan_owner'],
    (p, asking, id, _, telling) => p.open(asking, id, telling)),
  planning('met', 'meetPlan', ['登记已达要求', 'Say which terminals meet what a campaign asks for'], 'run-bulk',
    z.strictObject({ tids: z.array(z.string().max(20)).min(1).max(bulk_listed_max), words: said.min(1) }), ['plan_kind', 'terminal_unknown'],
    (p, asking, id, body, telling) => p.met(asking, id, body.tids, body.words, telling), { tids: ['10000001'], words: '已现场换机' }),
  planning('look', 'lookPlan', ['核对达标情况', 'Look at the devices of a campaign now'], 'run-bulk', nothing, ['plan_kind'],
    (p, asking, id, _, telling) => p.look(asking, id, telling)),
  planning('add', 'addToPlan', ['列入后来的终端', 'Take in terminals that match and came later'], 'run-bulk', z.strictObject({ wave: z.int().min(0).max(51) }), ['plan_kind', 'plan_times', 'bulk_none'],
    (p, asking, id, body, telling) => p.add(asking, id, body.wave, telling)),
  planning('finish-task', 'finishPlanTask', ['办好一件事项', 'A task of a plan is done'], 'run-bulk', z.strictObject({ task: z.string().max(40), note: said.optional() }), ['plan_task_unknown', 'plan_task_done'],
    (p, asking, id, body, telling) => p.finishTask(asking, id, body.task, body.note, telling), { task: 'tell-merchants', note: '已电话通知 12 家' }),
  planning('end', 'endPlan', ['结束计划', 'End a plan; what is stopped stays stopped until somebody opens it'], 'run-bulk', z.strictObject({ words: said.min(1) }), [],
    (p, asking, id, body, telling) => p.end(asking, id, body.words, telling)),

  route({
    method: 'GET', path: '/api/v1/statistics', id: 'getStatistics', tag: 'bulk', right: 'read-statistics', summary: ['运营统计', 'Figures of the fleet over a range of days'],
    query: z.strictObject({ provider: z.string().max(31).optional(), from: z.iso.date().optional().describe('30 days without'), to: z.iso.date().optional() }),
    replies: { 200: statisticsView }, refusals: ['provider_needed', 'days_reversed', 'range_too_long'],
    async answer({ services, asker, query }) {
      const view = await services.bulk.statistics(asker, query)
      return isRefusal(view) ? view : replyOf(200, view)
    },
  }),
]
