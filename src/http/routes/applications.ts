// Cases: filed, read, and whatever is done to one – a row per command of the lifecycle.
import { z } from 'zod'
import { search_length_max } from '../../store/search.ts'
import { commandCase, fileCase } from '../../app/cases.ts'
import { fileInstallation } from '../../app/installs.ts'
import type { CaseCommand } from '../../domain/application/decide.ts'
import type { Right } from '../../domain/authority.ts'
import type { ApplicationCommand } from '../../domain/lifecycle.ts'
import { isRefusal, refuseField, type RefusalCode } from '../../domain/refusals.ts'
import {
  applicationKinds,
  applicationStates,
  channels,
  deviceTypes,
  materialTypes,
  proofKinds,
  reasons,
  words,
  type MaterialType,
  type Words,
} from '../../domain/vocabulary.ts'
import { installation_terminals_max, material_bytes_max, terminals_per_case_max, words_length_max } from '../../limits.ts'
import { queues } from '../../store/lists.ts'
import { replyOf } from '../reply.ts'
import { riskOf, riskView } from '../risk.ts'
import { route, type Ask, type Route } from '../route.ts'
import { instantIn, optionsView, pageOf } from '../shapes.ts'
import { applicationRow, applicationView } from '../views.ts'
import { caseNo, paging, said, tellCase, testedItems, tid, versioned } from './common.ts'

const params = z.strictObject({ no: caseNo })

const filing = z.strictObject({
  kind: z.enum(words(applicationKinds)),
  terminals: z.array(tid).max(terminals_per_case_max).meta({ description: '装机申请为空，批准时分配终端号 none for an installation: its number comes with the approval' }),
  reason: z
    .enum(words(reasons))
    .optional()
    .meta({ description: '省略时沿用停机的原因 left out: the reason of the stop' }),
  effectiveFrom: instantIn.optional(),
  expectedUntil: instantIn
    .optional()
    .meta({ description: '恢复日；没有即为停用 return date; without one the stop is open-ended' }),
  words: said.optional(),
  channel: z.enum(words(channels)).optional(),
  onBehalfOf: z.string().max(20).optional().meta({ description: '代办的商户号 merchant an agent files for' }),
  proof: z.string().max(words_length_max).optional().meta({ description: '商户同意的凭证 proof of consent' }),
  proofKind: z.enum(words(proofKinds)).optional().meta({ description: '凭证种类，省略时按渠道 what the proof is; left out: what its channel demands' }),
  submit: z.boolean().optional().meta({ description: '同时提交 submit in the same breath' }),
  hold: z.uuid().optional().meta({ description: '申诉所针对的停用项 of an appeal: the hold it is against' }),
  provider: z.string().max(40).optional().meta({ description: '装机：向哪家机构申请 of an installation: the provider that is asked' }),
  store: z.string().max(200).optional().meta({ description: '装机：门店名称 of an installation: the name of the store' }),
  count: z.int().min(1).max(installation_terminals_max).optional().meta({ description: '装机台数 how many' }),
  deviceType: z.enum(words(deviceTypes)).optional().meta({ description: '想要的机具类型 the type of device wished for' }),
}).superRefine(({ kind, terminals, store, hold }, check) => {
  if (kind !== 'install' && terminals.length === 0) check.addIssue({ code: 'custom', path: ['terminals'], message: 'at least one terminal' })
  if (kind === 'install' && store === undefined) check.addIssue({ code: 'custom', path: ['store'], message: 'the store it is for' })
  if (kind === 'appeal' && hold === undefined) check.addIssue({ code: 'custom', path: ['hold'], message: 'the hold it is against' })
})

const filingRefusals: readonly RefusalCode[] = [
  'terminal_unknown',
  'kind_not_offered',
  'terminals_mixed',
  'terminal_closed',
  'terminal_not_installed',
  'case_open_already',
  'already_stopped',
  'nothing_to_lift',
  'held_by_another',
  'reason_not_yours',
  'words_required',
  'effect_in_past',
  'lead_time_short',
  'until_before_from',
  'until_required',
  'closing_has_no_return',
  'closure_past_return',
  'stop_too_long',
  'calendar_unknown',
  'channel_not_yours',
  'consent_required',
  'proof_kind_wrong',
  'materials_incomplete',
  'install_names_none',
  'store_unknown',
  'provider_needed',
  'appeal_not_possible',
  'appeal_too_late',
  'hold_lifted',
  'hold_exists',
  'not_found',
]

const wording = said.default('').meta({ description: '说明 why, in words' })
const optionalWords = z.strictObject({ words: said.optional() })
type Row = { summary: Words; body: z.ZodObject; refusals: readonly RefusalCode[] }

/** Every command people give a case: what it says, and what may stand in its way. Each is a route of its own. */
const commands: Readonly<Record<Exclude<ApplicationCommand, 'add-material' | 'tick'>, Row>> = {
  submit: { summary: ['提交', 'Submit'], body: z.strictObject({}), refusals: filingRefusals.slice(3) },
  withdraw: { summary: ['撤回', 'Withdraw'], body: optionalWords, refusals: ['stop_begun', 'closure_begun', 'replacement_begun'] },
  claim: { summary: ['领取', 'Claim'], body: z.strictObject({}), refusals: ['claimed_by_another'] },
  assign: { summary: ['转办', 'Assign'], body: z.strictObject({ to: z.string().min(1).max(100).describe('a person, or the login of one') }), refusals: ['assignee_unknown', 'assignee_cannot'] },
  return: {
    summary: ['退回补件', 'Return for materials'],
    refusals: ['words_required', 'calendar_unknown'],
    body: z.strictObject({
      words: wording,
      materials: z
        .array(z.strictObject({ type: z.enum(words(materialTypes)), words: said.min(1) }))
        .max(words(materialTypes).length)
        .optional(),
    }),
  },
  approve: {
    summary: ['批准', 'Approve'],
    body: optionalWords,
    refusals: [
      'maker_is_checker',
      'materials_incomplete',
      'steps_open',
      'clearance_open',
      'dossier_changed',
      'case_open_already',
      'closure_past_return',
      'terminal_closed',
      'already_stopped',
      'nothing_to_lift',
      'held_by_another',
      'until_before_from',
      'appeal_own_hold',
      'hold_lifted',
      'hold_exists',
    ],
  },
  reject: { summary: ['驳回', 'Reject'], body: z.strictObject({ words: wording }), refusals: ['words_required', 'appeal_own_hold'] },
  'complete-step': {
    summary: ['完成事项', 'Complete a step'],
    body: z.strictObject({ step: z.string().min(1).max(200), evidence: said.optional() }),
    refusals: ['step_unknown', 'step_machine_checked', 'step_settled', 'device_not_on_it'],
  },
  'waive-step': {
    summary: ['豁免事项', 'Waive a step'],
    body: z.strictObject({ step: z.string().min(1).max(200), words: wording }),
    refusals: ['step_unknown', 'step_machine_checked', 'step_settled', 'words_required', 'second_person'],
  },
  'bind-device': {
    summary: ['装上机具', 'Put a device on a terminal, and register its five elements'],
    body: z.strictObject({
      terminal: tid.optional(),
      serial: z.string().min(1).max(50).meta({ description: '机具序列号 serial number', examples: ['0000120412345678'] }),
      position: z.strictObject({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) }),
      photo: z.string().max(200).optional().meta({ description: '照片：本办件的材料编号，或档案编号 a material of the case, or the archive’s reference' }),
    }),
    refusals: ['terminal_unknown', 'device_unknown', 'device_bound_already', 'device_not_in_stock', 'model_not_certified', 'device_on_it', 'swap_not_due', 'steps_open', 'photo_required'],
  },
  'unbind-device': {
    summary: ['拆下机具', 'Take the device off a terminal that is being changed'],
    body: z.strictObject({ terminal: tid.optional() }),
    refusals: ['terminal_unknown', 'device_not_on_it', 'swap_not_due', 'steps_open'],
  },
  'record-test': {
    summary: ['登记测试', 'Record a device test'],
    body: z.strictObject({ terminal: tid.optional(), items: testedItems }),
    refusals: ['steps_open', 'terminal_unknown', 'held_by_another', 'test_not_due', 'test_items_missing'],
  },
  'accept-material': {
    summary: ['采信材料', 'Accept a material'],
    body: z.strictObject({ material: z.string().max(40) }),
    refusals: ['material_unknown'],
  },
  'return-material': {
    summary: ['退回材料', 'Return a material'],
    body: z.strictObject({ material: z.string().max(40), words: wording }),
    refusals: ['material_unknown', 'words_required'],
  },
}

const commandRoutes: readonly Route[] = Object.entries(commands).map(([command, row]) =>
  route({
    method: 'POST',
    path: `/api/v1/applications/{no}/${command}`,
    tag: 'applications',
    right: command as Right,
    isCommand: true,
    versioned: true,
    id:
      command.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) +
      (command.includes('-') ? '' : 'Application'),
    summary: row.summary,
    params,
    body: row.body,
    replies: { 200: applicationView },
    refusals: ['not_in_this_state', ...row.refusals],
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      return commandCase(ask.app, asking, ask.params.no, { command, ...ask.body } as CaseCommand, tellCase(ask))
    },
  }),
)

const addMaterial = async (ask: Ask<{ no: string }>) => {
  const upload = await ask.upload()
  if (isRefusal(upload)) return upload
  const asking = ask.asking(upload.hash)
  if (isRefusal(asking)) return asking
  const { type } = upload.fields as { type: MaterialType }
  return ask.services.materials.add(
    asking,
    ask.params.no,
    { type, fileName: upload.file.name, bytes: upload.file.bytes },
    tellCase(ask, 201),
  )
}

export const applicationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/applications',
    id: 'fileApplication',
    tag: 'applications',
    right: 'create',
    isCommand: true,
    summary: ['申请', 'File a case'],
    body: filing,
    example: {
      kind: 'suspend',
      terminals: ['10000001'],
      reason: 'M02',
      effectiveFrom: '2026-11-27T15:00:00+08:00',
      expectedUntil: '2027-03-01T09:00:00+08:00',
      words: '店面装修，三月恢复营业。',
      submit: true,
    },
    replies: { 201: applicationView },
    refusals: filingRefusals,
    answer(ask) {
      const asking = ask.asking()
      if (isRefusal(asking)) return asking
      const { kind, terminals, store, hold, provider, count, deviceType, ...said } = ask.body
      if (kind !== 'install') return fileCase(ask.app, asking, { kind, terminals, hold, ...said }, tellCase(ask, 201))
      if (terminals.length > 0) return refuseField('/terminals', 'install_names_none')
      const { effectiveFrom: _, expectedUntil: __, ...wanted } = said
      return fileInstallation(ask.app, asking, { ...wanted, store: store!, provider, count, deviceType }, tellCase(ask, 201))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/applications',
    id: 'listApplications',
    tag: 'applications',
    right: 'read',
    summary: ['办件列表', 'Cases, the newest first; a queue by deadline'],
    query: z.strictObject({
      ...paging,
      queue: z.enum(queues).optional(),
      state: z.enum(words(applicationStates)).optional(),
      kind: z.enum(words(applicationKinds)).optional(),
      q: z
        .string()
        .max(search_length_max)
        .optional()
        .meta({ description: '办件编号、终端号、商户号或名称 case, terminal or merchant' }),
    }),
    replies: { 200: pageOf(applicationRow) },
    refusals: [],
    async answer({ services, asker, query }) {
      const page = await services.applications.list(asker, query)
      return isRefusal(page) ? page : replyOf(200, page)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/applications/{no}',
    id: 'getApplication',
    tag: 'applications',
    right: 'read',
    versioned: true,
    summary: ['办件详情', 'One case'],
    params,
    replies: { 200: applicationView },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.applications.one(asker, params.no)
      return view && versioned(view)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/applications/{no}/options',
    id: 'getOptions',
    tag: 'applications',
    right: 'read',
    summary: ['费用比较', 'Keep, suspend, swap or close: each with its cost to the day'],
    params,
    replies: { 200: optionsView },
    refusals: [],
    async answer({ services, asker, params }) {
      const view = await services.applications.options(asker, params.no)
      return view && replyOf(200, view)
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/applications/{no}/risk',
    id: 'getRisk',
    tag: 'applications',
    right: 'read-risk',
    summary: ['风险核查', 'What is known of the merchant, on one page'],
    params,
    replies: { 200: riskView },
    refusals: [],
    async answer({ app, asker, params }) {
      const view = await riskOf(app, asker, params.no)
      return view && replyOf(200, view)
    },
  }),
  ...commandRoutes,
  route({
    method: 'POST',
    path: '/api/v1/applications/{no}/materials',
    id: 'addMaterial',
    tag: 'applications',
    right: 'add-material',
    isCommand: true,
    versioned: true,
    summary: ['提交材料', 'Hand in a material; checked by content, sealed'],
    params,
    upload: {
      fields: z.strictObject({ type: z.enum(words(materialTypes)) }),
      file_bytes_max: material_bytes_max,
      mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'],
    },
    replies: { 201: applicationView },
    refusals: ['not_in_this_state', 'file_type', 'file_unsafe', 'file_damaged', 'image_too_large'],
    answer: addMaterial,
  }),
]
