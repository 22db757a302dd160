import { expect, test } from 'vitest'
import { attendantSentence } from './gate-sentence.ts'
import {
  alwaysOpen, decide, gateReasons, type Answer, type GateEntry, type GateHold, type GateQuery, type GateReason, type GateRules,
} from './gate.ts'
import type { Mode, TransactionClass } from './vocabulary.ts'

const now = Date.parse('2026-02-15T10:00:00+08:00')
const rules: GateRules = {
  provider: 'yunhui', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24,
  signOnAfterReopening: true, positionToleranceMetres: 500, hotline: '400-820-1234',
}
const hold = (part: Partial<GateHold>): GateHold => ({
  id: part.reason ?? 'M02', reason: 'M02', owner: 'merchant', effectiveFrom: now - 1000, ...part,
})
const entry = (mode: Mode, holds: GateHold[], part: Partial<GateEntry> = {}): GateEntry => ({
  tid: '10000001', mid: '848059372301022', provider: 'yunhui', signOnRequired: false, holds, version: 1,
  intervals: mode === 'open' ? alwaysOpen : [{ from: -Infinity, mode, holds: holds.map((h) => h.id) }], ...part,
})
const read = (e: GateEntry | undefined, part: Partial<GateQuery> = {}, r = rules): [zh: string, en: string] => {
  const answer = decide(e, { tid: '10000001', mid: '848059372301022', class: 'sale', ...part }, now, r)
  return [attendantSentence(answer, e, r, 'zh'), attendantSentence(answer, e, r, 'en')]
}
const at = (text: string): number => Date.parse(`${text}+08:00`)
const renovation = hold({ expectedUntil: at('2026-02-24T00:00'), caseNo: 'TQ-260201-00042-7' })

test.each<[string, [string, string], string, string]>([
  ['the owner\'s own stop', read(entry('shut', [renovation])),
    '已停机，不能收款（58）。店主申请停机：装修。预计 2月24日 测试后恢复。可以办理冲正、批结算。办件 TQ-260201-00042-7。客服 400-820-1234。',
    "Stopped: no payments (58). Stopped at the owner's request: renovation. Expected back on 24 February, after a test. "
    + 'Still possible: reversal, settlement. Case TQ-260201-00042-7. Call 400-820-1234.'],
  ['draining', read(entry('drain', [renovation])),
    '停机清算中，不能收款（58）。店主申请停机：装修。预计 2月24日 测试后恢复。'
    + '可以办理预授权完成、预授权撤销、消费撤销、退货、冲正、批结算。办件 TQ-260201-00042-7。客服 400-820-1234。',
    "Stopping: no new payments (58). Stopped at the owner's request: renovation. Expected back on 24 February, after a test. "
    + 'Still possible: pre-authorisation completion, pre-authorisation cancellation, void, refund, reversal, settlement. '
    + 'Case TQ-260201-00042-7. Call 400-820-1234.'],
  ['a time of day, another year', read(entry('shut', [hold({ expectedUntil: at('2027-01-04T09:30') })])),
    '已停机，不能收款（58）。店主申请停机：装修。预计 2027年1月4日 09:30 测试后恢复。可以办理冲正、批结算。客服 400-820-1234。',
    "Stopped: no payments (58). Stopped at the owner's request: renovation. Expected back on 4 January 2027 09:30, after a test. "
    + 'Still possible: reversal, settlement. Call 400-820-1234.'],
  ['the date has passed', read(entry('shut', [hold({ expectedUntil: at('2026-02-14T00:00') })])),
    '已停机，不能收款（58）。店主申请停机：装修。原定 2月14日 恢复，尚未办结。可以办理冲正、批结算。客服 400-820-1234。',
    "Stopped: no payments (58). Stopped at the owner's request: renovation. Was expected back on 14 February; not yet done. "
    + 'Still possible: reversal, settlement. Call 400-820-1234.'],
  ['the provider\'s stop', read(entry('shut', [hold({ reason: 'A03', owner: 'finance' })])),
    '已停机，不能收款（58）。支付机构停用：结算账户异常（A03）。请更正结算账户，10 个工作日内提交开户证明。恢复时间未定，需缴清欠费或账户恢复正常，由财务解除。'
    + '可以办理冲正、批结算。客服 400-820-1234。',
    'Stopped: no payments (58). Stopped by the provider: settlement account abnormal (A03). Please put the settlement account right; hand in within 10 working days: proof of settlement account. No date yet; needed: the account put '
    + 'right or paid, lifted by finance. Still possible: reversal, settlement. Call 400-820-1234.'],
  ['two holds, the risk one without its words', read(entry('shut', [renovation, hold({ reason: 'R01', owner: 'risk' })])),
    '已停机，不能收款（58）。店主申请停机：装修。支付机构停用：核查中（R01）。恢复时间未定，需整改或申诉，由风控解除。'
    + '可以办理冲正、批结算。办件 TQ-260201-00042-7。客服 400-820-1234。',
    "Stopped: no payments (58). Stopped at the owner's request: renovation. Stopped by the provider: under review (R01). "
    + 'No date yet; needed: rectification or appeal, lifted by the risk officer. Still possible: reversal, settlement. '
    + 'Case TQ-260201-00042-7. Call 400-820-1234.'],
  ['restricted', read(entry('restrict', [hold({ reason: 'P01', owner: 'operations', expectedUntil: at('2026-02-16T00:00') })])),
    '终端受限，只退不收（58）。支付机构停用：计划维护（P01）。预计 2月16日 恢复。'
    + '可以办理预授权完成、预授权撤销、消费撤销、退货、冲正、批结算。客服 400-820-1234。',
    'Restricted: refunds and completions only (58). Stopped by the provider: planned maintenance (P01). Expected back on 16 February. '
    + 'Still possible: pre-authorisation completion, pre-authorisation cancellation, void, refund, reversal, settlement. '
    + 'Call 400-820-1234.'],
  ['under test', read(entry('test', [])),
    '复机测试中，只能做测试消费（58）。可以办理冲正、批结算、测试消费。客服 400-820-1234。',
    'Under test: test sales only (58). Still possible: reversal, settlement, test sale. Call 400-820-1234.'],
  ['reopened', read(entry('open', [], { signOnRequired: true })),
    '请先签到（77）。客服 400-820-1234。', 'Sign on first (77). Call 400-820-1234.'],
  ['closed', read(entry('closed', [])), '终端已注销（97）。客服 400-820-1234。', 'This terminal is closed (97). Call 400-820-1234.'],
  ['unknown, no telephone', read(undefined, {}, { ...rules, hotline: undefined }),
    '终端未登记（97）。', 'This terminal is not registered (97).'],
  ['a mapped code', read(entry('open', []), { mid: '1' }, { ...rules, responseCodes: { '97': '03' } }),
    '终端号与商户号不符（03）。客服 400-820-1234。', 'This terminal is not registered for this merchant (03). Call 400-820-1234.'],
  ['yes', read(entry('open', [])), '可以办理（00）。', 'Approved (00).'],
  ['yes, a stop to come', read(entry('open', [renovation], { intervals: [
    { from: -Infinity, to: at('2026-02-16T15:00'), mode: 'open', holds: [] },
    { from: at('2026-02-16T15:00'), mode: 'drain', holds: ['M02'] }] })),
    '可以办理（00）。2月16日 15:00 起清算中。', 'Approved (00). From 16 February 15:00: draining.'],
  ['refund by policy', read(entry('shut', []), { class: 'void' as TransactionClass }, { ...rules, refundWhileShut: true }),
    '已停机，不能收款（58）。可以办理退货、冲正、批结算。客服 400-820-1234。',
    'Stopped: no payments (58). Still possible: refund, reversal, settlement. Call 400-820-1234.'],
])('%s', (_, [zh, en], expectedZh, expectedEn) => {
  expect(zh).toBe(expectedZh)
  expect(en).toBe(expectedEn)
})

test('every reason has its own words in both languages, and never another hold\'s', () => {
  const sentences = Object.keys(gateReasons).map((reason) => {
    const answer: Answer = {
      decision: 'decline', code: '58', reason: reason as GateReason, holds: [], mode: 'shut', asOf: now, until: undefined,
      securityEvent: undefined,
    }
    return attendantSentence(answer, entry('shut', [renovation]), rules, 'en')
  })
  expect(new Set(sentences).size).toBe(sentences.length)
  expect(sentences.filter((s) => s.includes('renovation'))).toEqual([])
})
