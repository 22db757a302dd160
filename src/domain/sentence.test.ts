// What people are told, situation by situation, as they read it.
import { describe, expect, it } from 'vitest'
import { terminalSentence, type Audience, type TerminalFacts } from './sentence.ts'
import { at, checkpoint, february, friday, hold, now, provider, terminal } from './view.fixtures.ts'
import type { ClearanceItem } from './clearance.ts'

const unsettled = (count: number): ClearanceItem => ({ kind: 'unsettled', count, amountFen: 17_600, owner: 'merchant', dueBy: at('2026-11-25 23:00') })
const preauth: ClearanceItem = { kind: 'preauth_open', count: 1, amountFen: 50_000, owner: 'merchant' }
const dispute: ClearanceItem = { kind: 'dispute_open', count: 1, amountFen: 9_900, owner: 'provider' }

const monday = at('2026-11-23 15:00')
const planned = hold({ reason: 'M02', expectedUntil: february })
const begun = { startedAt: monday, effectiveFrom: monday, drainUntil: at('2026-11-26 15:00') }
const closed = { ...begun, shutAt: monday + 3_600_000 }
const renovation = hold({ reason: 'M02', expectedUntil: february, ...closed })
const account = hold({ reason: 'A03', ...closed })
const rule = hold({ reason: 'R09', ...closed, drainUntil: monday })

type Row = [what: string, facts: Partial<TerminalFacts> & Parameters<typeof terminal>[0], audience: Audience, zh: string, en: string, when?: number]
const blocked = { hostBlockedAt: monday }

const rows: Row[] = [
  ['not installed', { installedAt: undefined }, 'merchant', '待装机，装好并测试后才能收款。', 'Waiting for installation; it can take payments once it is installed and tested.'],
  ['not installed, to the provider', { installedAt: undefined }, 'provider', '待装机，请安排装机和测试。', 'Waiting for installation; please arrange it and its test.'],
  ['installation still to come', { installedAt: friday }, 'merchant', '待装机，装好并测试后才能收款。', 'Waiting for installation; it can take payments once it is installed and tested.'],
  ['open', {}, 'merchant', '正常，没有待办。', 'Open, nothing to do.'],
  ['open with the day’s sales unsettled: nothing to do', { open: [unsettled(3)] }, 'merchant', '正常，没有待办。', 'Open, nothing to do.'],
  ['open, to the provider', { open: [unsettled(3)] }, 'provider', '正常，没有停机安排。', 'Open, no stop is planned.'],
  ['a case under way', { cases: [{ no: 'TQ-261123-00042-7', direction: 'down' }] }, 'merchant', '正常。办件 TQ-261123-00042-7 正在办理。', 'Open. Case TQ-261123-00042-7 is under way.'],
  ['reopened, sign-on to come', { signOnRequired: true }, 'merchant', '已恢复，请先签到再收款。', 'Open again; sign on before the first sale.'],
  ['reopened, to the provider', { signOnRequired: true }, 'provider', '已恢复，等待终端签到。', 'Open again, waiting for the terminal to sign on.'],
  ['dormant and asked', { answerBy: at('2026-12-02 18:00') }, 'merchant', '正常。长期没有交易，请在 12月2日 18:00 前答复：继续使用、重新核实、停机或注销，否则停用。', 'Open. No sale for months: please answer by 18:00 on 2 Dec – keep, re-verify, suspend or close – or it will be stopped.'],
  ['dormant, to the provider', { answerBy: at('2026-12-02 18:00') }, 'provider', '正常。长期没有交易，等待商户在 12月2日 18:00 前答复。', 'Open. No sale for months; the merchant has to answer by 18:00 on 2 Dec.'],

  ['stops on Friday, back in February', { holds: [planned] }, 'merchant', '周五 15:00 停机，2月24日 恢复。', 'Stops Friday at 15:00, back on 24 Feb.'],
  ['… with two sales unsettled before the checkpoint', { holds: [planned], open: [unsettled(2)], settleBy: checkpoint }, 'merchant', '周五 15:00 停机，2月24日 恢复。还有 2 笔交易未结清，今天 09:00 前请结清。', 'Stops Friday at 15:00, back on 24 Feb. 2 transactions are still unsettled; please settle them by 09:00 today.'],
  ['… to the provider', { holds: [planned], open: [unsettled(2)], settleBy: checkpoint }, 'provider', '周五 15:00 停机，2月24日 恢复。还有 2 笔交易未结清（¥176.00），商户应于 今天 09:00 前结清。', 'Stops Friday at 15:00, back on 24 Feb. 2 transactions are still unsettled (¥176.00); the merchant has to settle them by 09:00 today.'],
  ['… after the checkpoint: by the stop', { holds: [planned], open: [unsettled(1)], settleBy: checkpoint }, 'merchant', '明天 15:00 停机，2月24日 恢复。还有 1 笔交易未结清，明天 15:00 前请结清。', 'Stops tomorrow at 15:00, back on 24 Feb. 1 transaction is still unsettled; please settle it by 15:00 tomorrow.', at('2026-11-26 10:00')],
  ['… with several kinds open', { holds: [planned], open: [unsettled(2), preauth], settleBy: checkpoint }, 'merchant', '周五 15:00 停机，2月24日 恢复。还有 2 笔交易未结清、1 笔预授权未完成，今天 09:00 前请结清。', 'Stops Friday at 15:00, back on 24 Feb. 2 transactions are still unsettled and 1 pre-authorisation is still open; please settle them by 09:00 today.'],
  ['… with a dispute the provider handles', { holds: [planned], open: [dispute] }, 'merchant', '周五 15:00 停机，2月24日 恢复。还有 1 笔争议未了结，由云汇支付处理。', 'Stops Friday at 15:00, back on 24 Feb. 1 dispute is still open; Yunhui Pay is handling it.'],
  ['… with both', { holds: [planned], open: [unsettled(1), dispute] }, 'provider', '周五 15:00 停机，2月24日 恢复。还有 1 笔交易未结清（¥176.00），商户应于 周五 15:00 前结清。另有 1 笔争议未了结（¥99.00），由我方处理。', 'Stops Friday at 15:00, back on 24 Feb. 1 transaction is still unsettled (¥176.00); the merchant has to settle it by 15:00 on Friday. 1 dispute is still open (¥99.00), ours to handle.'],
  ['on the day itself', { holds: [planned] }, 'merchant', '今天 15:00 停机，2月24日 恢复。', 'Stops today at 15:00, back on 24 Feb.', at('2026-11-27 09:00')],
  ['more than a week ahead', { holds: [planned] }, 'merchant', '11月27日 15:00 停机，2月24日 恢复。', 'Stops on 27 Nov at 15:00, back on 24 Feb.', at('2026-11-16 09:00')],
  ['back within the week', { holds: [hold({ reason: 'M05', expectedUntil: at('2026-11-30 09:00') })] }, 'merchant', '周五 15:00 停机，周一 09:00 恢复。', 'Stops Friday at 15:00, back Monday at 09:00.'],
  ['back in another year, far away', { holds: [hold({ reason: 'M05', expectedUntil: at('2027-11-20 00:00') })] }, 'merchant', '周五 15:00 停机，2027年11月20日 恢复。', 'Stops Friday at 15:00, back on 20 Nov 2027.'],
  ['stops without a return date', { holds: [hold({ reason: 'M21' })] }, 'merchant', '周五 15:00 停用，没有恢复日期。', 'Stops Friday at 15:00, with no return date.'],
  ['maintenance to come', { holds: [hold({ reason: 'P01', effectiveFrom: at('2026-11-28 23:00'), expectedUntil: at('2026-11-29 06:00') })] }, 'merchant', '云汇支付因计划维护（P01）将于 周六 23:00 停用，预计 周日 06:00 恢复。', 'Yunhui Pay will stop it Saturday at 23:00: planned maintenance (P01), expected back Sunday at 06:00.'],
  ['a restriction to come', { holds: [hold({ reason: 'A01', effect: 'restrict' })] }, 'merchant', '云汇支付因欠费（A01）自 周五 15:00 起只许退货和完成预授权。', 'Yunhui Pay will allow only refunds and completions from 15:00 on Friday: unpaid fees (A01).'],
  ['two stops to come', { holds: [planned, hold({ reason: 'A03', effectiveFrom: at('2026-11-30 09:00') })] }, 'merchant', '周五 15:00 停机，2月24日 恢复。之后还有 1 项停用。', 'Stops Friday at 15:00, back on 24 Feb. 1 more hold follows.'],

  ['draining', { holds: [hold({ reason: 'M02', expectedUntil: february, ...begun })], open: [preauth] }, 'merchant', '11月23日 15:00 起停止收款，正在清算，最晚 明天 15:00 关闭，2月24日 恢复。还有 1 笔预授权未完成，明天 15:00 前请结清。', 'No new sales since 15:00 on 23 Nov; it is finishing what was begun and shuts tomorrow at 15:00 at the latest, back on 24 Feb. 1 pre-authorisation is still open; please settle it by 15:00 tomorrow.'],
  ['draining since yesterday, no return date, to the provider', { holds: [hold({ reason: 'M21', startedAt: at('2026-11-24 15:00'), effectiveFrom: at('2026-11-24 15:00') })], open: [unsettled(2)] }, 'provider', '昨天 15:00 起停止收款，正在清算，最晚 今天 15:00 关闭。还有 2 笔交易未结清（¥176.00），商户应于 今天 15:00 前结清。', 'No new sales since 15:00 yesterday; it is finishing what was begun and shuts today at 15:00 at the latest. 2 transactions are still unsettled (¥176.00); the merchant has to settle them by 15:00 today.'],
  ['draining for the provider', { holds: [hold({ reason: 'A03', ...begun })], open: [unsettled(1)] }, 'merchant', '云汇支付因结算账户异常（A03）停用：11月23日 15:00 起停止收款，正在清算，最晚 明天 15:00 关闭。还有 1 笔交易未结清，明天 15:00 前请结清。', 'Yunhui Pay stops it (settlement account abnormal, A03): no new sales since 15:00 on 23 Nov; it is finishing what was begun and shuts tomorrow at 15:00 at the latest. 1 transaction is still unsettled; please settle it by 15:00 tomorrow.'],

  ['stopped with a return date', { holds: [renovation], ...blocked }, 'merchant', '已停机（装修），2月24日 测试后恢复。不会自动开机，请提前申请复机。', 'Stopped at your request (renovation), due back on 24 Feb after a test. It does not wake by itself: please ask for reactivation in time.'],
  ['… to the provider', { holds: [renovation], ...blocked }, 'provider', '已停机（装修），2月24日 测试后恢复。等待商户申请复机。主机已拒绝，机具尚未确认。', 'Stopped at the merchant’s request (renovation), due back on 24 Feb after a test. Waiting for the merchant to ask for reactivation. The host refuses; the device has not confirmed yet.'],
  ['… when the device has confirmed, too', { holds: [renovation], ...blocked, deviceConfirmedAt: monday }, 'provider', '已停机（装修），2月24日 测试后恢复。等待商户申请复机。主机与机具均已确认。', 'Stopped at the merchant’s request (renovation), due back on 24 Feb after a test. Waiting for the merchant to ask for reactivation. Host and device have both confirmed.'],
  ['… when the device is overdue', { holds: [renovation], ...blocked, deviceSilentAt: monday }, 'provider', '已停机（装修），2月24日 测试后恢复。等待商户申请复机。主机已拒绝，机具逾期未确认，请查看机具。', 'Stopped at the merchant’s request (renovation), due back on 24 Feb after a test. Waiting for the merchant to ask for reactivation. The host refuses; the device is overdue to confirm, please look at it.'],
  ['… when only the device has confirmed', { holds: [renovation], deviceConfirmedAt: monday }, 'provider', '已停机（装修），2月24日 测试后恢复。等待商户申请复机。机具已确认，尚有闸口未确认。', 'Stopped at the merchant’s request (renovation), due back on 24 Feb after a test. Waiting for the merchant to ask for reactivation. The device has confirmed; not every gate has yet.'],
  ['… while a gate has not confirmed', { holds: [renovation] }, 'provider', '已停机（装修），2月24日 测试后恢复。等待商户申请复机。尚有闸口未确认。', 'Stopped at the merchant’s request (renovation), due back on 24 Feb after a test. Waiting for the merchant to ask for reactivation. Not every gate has confirmed yet.'],
  ['… with reactivation asked for', { holds: [renovation], ...blocked, cases: [{ no: 'TQ-261125-00003-1', direction: 'up' }] }, 'merchant', '已停机（装修），2月24日 测试后恢复。复机申请 TQ-261125-00003-1 正在办理。', 'Stopped at your request (renovation), due back on 24 Feb after a test. Reactivation TQ-261125-00003-1 is under way.'],
  ['… past its return date', { holds: [renovation], ...blocked }, 'merchant', '已停机（装修），原定 2月24日 恢复，尚未恢复。要恢复，请先申请复机并通过测试。', 'Stopped at your request (renovation); it was due back on 24 Feb and is not back yet. To open it again, ask for reactivation and pass its test.', at('2027-03-01 09:00')],
  ['… shut with something still open', { holds: [renovation], ...blocked, open: [unsettled(2)] }, 'merchant', '已停机（装修），2月24日 测试后恢复。不会自动开机，请提前申请复机。还有 2 笔交易未结清，请尽快结清。', 'Stopped at your request (renovation), due back on 24 Feb after a test. It does not wake by itself: please ask for reactivation in time. 2 transactions are still unsettled; please settle them soon.'],
  ['stopped without a return date', { holds: [hold({ reason: 'M21', ...closed })], ...blocked }, 'merchant', '已停用（停业），没有恢复日期。要恢复，请先申请复机并通过测试。', 'Stopped at your request (business closed), with no return date. To open it again, ask for reactivation and pass its test.'],
  ['stopped for the account', { holds: [account], ...blocked }, 'merchant', '云汇支付因结算账户异常（A03）停用。由财务负责，办法：缴清欠费或账户恢复正常，由财务解除；可以申诉，客服 400-800-0000。', 'Yunhui Pay stopped it: settlement account abnormal (A03). It belongs to finance; way out: the account put right or paid, lifted by finance. You may appeal; call 400-800-0000.'],
  ['… to the provider', { holds: [account], ...blocked }, 'provider', '因结算账户异常（A03）停用。由财务负责，办法：缴清欠费或账户恢复正常，由财务解除。主机已拒绝，机具尚未确认。', 'Stopped: settlement account abnormal (A03). It belongs to finance; way out: the account put right or paid, lifted by finance. The host refuses; the device has not confirmed yet.'],
  ['stopped for a fault: no appeal', { holds: [hold({ reason: 'D11', ...closed, expectedUntil: at('2026-11-30 00:00') })], ...blocked }, 'merchant', '云汇支付因打印机（D11）停用，预计 周一 恢复。由客服（机具故障）负责，办法：维修并通过测试；客服 400-800-0000。', 'Yunhui Pay stopped it: printer (D11); expected back Monday. It belongs to service desk; way out: repair and a passed test. Call 400-800-0000.'],
  ['maintenance that ran over', { holds: [hold({ reason: 'P01', ...closed, expectedUntil: at('2026-11-24 06:00') })], ...blocked }, 'merchant', '云汇支付因计划维护（P01）停用，原定 昨天 06:00 恢复。由运维负责，办法：维护结束并通过测试；客服 400-800-0000。', 'Yunhui Pay stopped it: planned maintenance (P01); it was due back yesterday at 06:00. It belongs to operations; way out: the maintenance window ends and the test passes. Call 400-800-0000.'],
  ['two holds: the provider’s leads', { holds: [renovation, rule], ...blocked }, 'merchant', '云汇支付因违规操作（R09）停用。由风控负责，办法：整改或申诉，由风控解除；可以申诉，客服 400-800-0000。另有 1 项停用未解除：装修（M02）。', 'Yunhui Pay stopped it: rule breach (R09). It belongs to risk; way out: rectification or appeal, lifted by the risk officer. You may appeal; call 400-800-0000. 1 other hold on it: renovation (M02).'],
  ['three holds, to the provider', { holds: [renovation, rule, account], ...blocked }, 'provider', '因违规操作（R09）停用。由风控负责，办法：整改或申诉，由风控解除。另有 2 项停用未解除：装修（M02）、结算账户异常（A03）。主机已拒绝，机具尚未确认。', 'Stopped: rule breach (R09). It belongs to risk; way out: rectification or appeal, lifted by the risk officer. 2 other holds on it: renovation (M02) and settlement account abnormal (A03). The host refuses; the device has not confirmed yet.'],
  ['the merchant’s hold lifted, the risk hold left', { holds: [{ ...renovation, clearedAt: now - 1, liftedAt: now - 1 }, rule], ...blocked }, 'merchant', '云汇支付因违规操作（R09）停用。由风控负责，办法：整改或申诉，由风控解除；可以申诉，客服 400-800-0000。', 'Yunhui Pay stopped it: rule breach (R09). It belongs to risk; way out: rectification or appeal, lifted by the risk officer. You may appeal; call 400-800-0000.'],
  ['restricted', { holds: [hold({ reason: 'A01', effect: 'restrict', ...begun })] }, 'merchant', '受限：只能退货和完成预授权，不能收款，原因是欠费（A01）。由财务负责，办法：缴清欠费或账户恢复正常，由财务解除；可以申诉，客服 400-800-0000。', 'Refunds and completions only, no sales: unpaid fees (A01). It belongs to finance; way out: the account put right or paid, lifted by finance. You may appeal; call 400-800-0000.'],
  ['restricted now and stopped on Friday', { holds: [hold({ reason: 'A01', effect: 'restrict', ...begun }), planned] }, 'provider', '受限：只能退货和完成预授权，不能收款，原因是欠费（A01）。由财务负责，办法：缴清欠费或账户恢复正常，由财务解除。周五 15:00 停机，2月24日 恢复。', 'Refunds and completions only, no sales: unpaid fees (A01). It belongs to finance; way out: the account put right or paid, lifted by finance. Stops Friday at 15:00, back on 24 Feb.'],

  ['testing', { holds: [{ ...renovation, clearedAt: now - 1 }], ...blocked }, 'merchant', '停用项已全部解除，正在等测试，通过后恢复收款。', 'Every hold is released; it opens when its test has passed.'],
  ['testing, to the provider', { holds: [{ ...renovation, clearedAt: now - 1 }], ...blocked }, 'provider', '停用项已全部解除，请登记测试，通过后恢复收款。', 'Every hold is released; please record its test, and it opens once passed.'],
  ['test failed', { holds: [{ ...renovation, clearedAt: now - 1 }], ...blocked, failedTest: { at: at('2026-11-24 16:20'), items: ['test_sale'] } }, 'merchant', '昨天 16:20 测试未通过：测试消费，仍停机。修好后再次测试，通过后恢复收款。', 'The test yesterday at 16:20 failed: test sale; it stays stopped. Put it right and test again; it opens once passed.'],
  ['closed', { closedAt: at('2026-11-20 11:00') }, 'merchant', '11月20日 已注销，这个终端号不再使用。', 'Closed on 20 Nov; this terminal number will not be used again.'],
]

describe('one plain sentence for a terminal', () => {
  it.each(rows)('%s', (_, { settleBy, cases, answerBy, failedTest, ...part }, audience, zh, en, when = now) => {
    const facts = { terminal: terminal(part), provider, settleBy, cases, answerBy, failedTest }
    const said = (language: 'zh' | 'en') => terminalSentence(facts, { now: when, zone: 'Asia/Shanghai', language, audience })
    expect([said('zh'), said('en')]).toEqual([zh, en])
  })

  it('says the same moment in the reader’s own zone', () => {
    const said = terminalSentence({ terminal: terminal({ holds: [planned] }), provider }, { now, zone: 'Europe/London', language: 'en', audience: 'merchant' })
    expect(said).toBe('Stops Friday at 07:00, back on 23 Feb.')
  })
})
