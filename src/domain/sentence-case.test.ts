// What people are told about a case, state by state, as they read it.
import { describe, expect, it } from 'vitest'
import type { Case } from './application/case.ts'
import type { ClearanceItem } from './clearance.ts'
import { openingDeposit, type Deposit } from './deposit.ts'
import type { Return } from './device.ts'
import { caseSentence } from './sentence-case.ts'
import type { CaseFacts } from './sentence-steps.ts'
import type { Audience } from './sentence.ts'
import { at, caseOf, checkpoint, february, friday, hold, material, now, provider, step, submitted, terminal } from './view.fixtures.ts'

const unsettled: ClearanceItem = { kind: 'unsettled', count: 2, amountFen: 17_600, owner: 'merchant' }
const monday = at('2026-11-23 15:00')
const own = (part: Partial<Parameters<typeof hold>[0]> = {}) => hold({ reason: 'M02', caseNo: 'TQ-261123-00042-7', effectiveFrom: monday, startedAt: monday, ...part })
const results = (...all: Case['terminals'][number]['result'][]) => all.map((result, i) => ({ id: `t${i}`, tid: `t${i}`, result, hold: undefined }))
const running: Partial<Case> = { ...submitted, state: 'in_progress', begunAt: monday, decidedAt: monday }
const reopening: Partial<Case> = { ...running, kind: 'reactivate', effectiveFrom: undefined, expectedUntil: undefined }
const closing: Partial<Case> = { ...running, kind: 'close', reason: 'M21', expectedUntil: undefined, terminals: [{ id: '66585402', tid: '66585402', result: 'stopped', hold: 'hold-M21' }] }
const dispute: ClearanceItem = { kind: 'dispute_open', count: 1, amountFen: 58_800, owner: 'provider' }
const deposit = openingDeposit(30_000)!
const proposed: Deposit = { ...deposit, state: 'deduction_proposed', deduction: { lines: [], fen: 8_000, by: 'fay', at: now, disputeUntil: at('2026-11-30 18:00'), words: undefined } }
const line = (part: Partial<Return> = {}): Return => ({
  rma: 'TQ-261123-00042-7-R1', caseNo: 'TQ-261123-00042-7', terminal: '66585402', serial: '00001204000010', ownership: 'lent', lentSince: monday, state: 'requested', openedAt: monday,
  carrier: undefined, tracking: undefined, shippedAt: undefined, receivedAt: undefined, inspectedAt: undefined, inspectedBy: undefined, parts: [], endedAt: undefined, deposit, ...part,
})
const letter = { no: 'TQ-T2026-00042-7', kind: 'stop_confirmation' as const }

type Row = [what: string, part: Partial<Case>, facts: Partial<CaseFacts>, audience: Audience, zh: string, en: string, when?: number]
const rows: Row[] = [
  ['draft, something missing', {}, { missing: ['business_licence', 'renovation_proof'] }, 'merchant', '尚未提交，还缺营业执照、装修证明，补齐后请提交。', 'Not submitted yet; still missing: business licence and proof of renovation. Please add and submit it.'],
  ['draft, complete', {}, {}, 'merchant', '尚未提交，材料已齐，请核对后提交。', 'Not submitted yet; everything is there, please check and submit it.'],
  ['draft, to the provider', {}, { missing: ['business_licence'] }, 'provider', '尚未提交，还缺营业执照。', 'Not submitted yet; still missing: business licence.'],
  ['submitted', submitted, { workingDaysLeft: 5 }, 'merchant', '已提交，等待审核，最晚 12月2日 18:00 前答复（还有 5 个工作日）。批准后 周五 15:00 停机，2月24日 恢复。您现在无需操作。', 'Submitted, waiting for review; the answer comes by 18:00 on 2 Dec (5 working days left). Once approved: stops Friday at 15:00, back on 24 Feb. Nothing to do for you now.'],
  ['submitted, to the provider', submitted, { workingDaysLeft: 1 }, 'provider', '待审核，最晚 12月2日 18:00 前答复（还有 1 个工作日）。批准后 周五 15:00 停机，2月24日 恢复。', 'Waiting for review; the answer comes by 18:00 on 2 Dec (1 working day left). Once approved: stops Friday at 15:00, back on 24 Feb.'],
  ['submitted, a paper to follow', { ...submitted, kind: 'extend' }, { workingDaysLeft: 5, missing: ['business_licence'] }, 'merchant', '已提交，等待审核，最晚 12月2日 18:00 前答复（还有 5 个工作日）。还缺营业执照，请补交。', 'Submitted, waiting for review; the answer comes by 18:00 on 2 Dec (5 working days left). Still missing: business licence; please hand it in.'],
  ['submitted, calendar unknown so far', { ...submitted, kind: 'extend' }, {}, 'provider', '待审核，最晚 12月2日 18:00 前答复。', 'Waiting for review; the answer comes by 18:00 on 2 Dec.'],
  ['in review on the last day', { ...submitted, state: 'in_review', kind: 'reactivate' }, { workingDaysLeft: 0 }, 'merchant', '云汇支付正在审核，最晚 今天 18:00 前答复。您现在无需操作。', 'Yunhui Pay is reviewing it; the answer comes by 18:00 today. Nothing to do for you now.', at('2026-12-02 09:00')],
  ['in review, overdue', { ...submitted, state: 'in_review', kind: 'reactivate' }, { workingDaysLeft: -1 }, 'merchant', '云汇支付正在审核，已过承诺时限（昨天 18:00），可致电 400-800-0000 催办。', 'Yunhui Pay is reviewing it; the promised answer was due yesterday at 18:00, please call 400-800-0000.', at('2026-12-03 09:00')],
  ['in review, overdue, to the provider', { ...submitted, state: 'in_review', kind: 'reactivate' }, { workingDaysLeft: -1 }, 'provider', '审核中，已过承诺时限（昨天 18:00），请尽快办理。', 'In review; the promised answer was due yesterday at 18:00, please decide now.', at('2026-12-03 09:00')],
  ['returned', { ...submitted, state: 'returned', answerBy: at('2026-12-01 18:00'), materials: [material({ type: 'business_licence', state: 'returned', words: '已过期' })] }, { missing: ['business_licence', 'renovation_proof'], said: '请补新证' }, 'merchant', '需要补件：营业执照（已过期）、装修证明。审核意见：请补新证。请在 周二 18:00 前补交并重新提交，逾期失效。', 'More is needed: business licence (已过期) and proof of renovation. The reviewer says: 请补新证. Please hand it in and submit again by 18:00 on Tuesday, or the case lapses.', at('2026-11-26 09:00')],
  ['returned, to the provider', { ...submitted, state: 'returned', answerBy: at('2026-12-02 18:00') }, { missing: ['business_licence'] }, 'provider', '已退回，等待商户补件：营业执照。最晚 12月2日 18:00 前，逾期失效。', 'Returned; the merchant has to hand in: business licence. It lapses unless answered by 18:00 on 2 Dec.'],
  ['returned for words only', { ...submitted, state: 'returned', answerBy: at('2026-12-02 18:00') }, { said: '请说明装修起止日期。' }, 'merchant', '需要补件。审核意见：请说明装修起止日期。请在 12月2日 18:00 前补交并重新提交，逾期失效。', 'More is needed. The reviewer says: 请说明装修起止日期。 Please hand it in and submit again by 18:00 on 2 Dec, or the case lapses.'],
  ['returned, a paper asked for by name', { ...submitted, state: 'returned', answerBy: at('2026-12-02 18:00') }, { asked: [{ type: 'renovation_proof', words: '缺章' }] }, 'merchant', '需要补件：装修证明（缺章）。请在 12月2日 18:00 前补交并重新提交，逾期失效。', 'More is needed: proof of renovation (缺章). Please hand it in and submit again by 18:00 on 2 Dec, or the case lapses.'],
  ['returned, everything there again', { ...submitted, state: 'returned', answerBy: at('2026-12-02 18:00') }, { asked: [{ type: 'business_licence', words: '过期' }], said: '请换新证' }, 'merchant', '补件已齐，请在 12月2日 18:00 前重新提交。', 'Everything asked for is there; please submit it again by 18:00 on 2 Dec.'],
  ['second review', { ...submitted, state: 'second_review' }, { workingDaysLeft: 5 }, 'merchant', '初审已通过，正由另一人复核，最晚 12月2日 18:00 前答复（还有 5 个工作日）。', 'Passed the first review; a second person is looking at it; the answer comes by 18:00 on 2 Dec (5 working days left).'],
  ['second review, to the provider', { ...submitted, state: 'second_review' }, { workingDaysLeft: 5 }, 'provider', '初审已通过，须由另一人复核，最晚 12月2日 18:00 前答复（还有 5 个工作日）。', 'Passed the first review; another person must approve it; the answer comes by 18:00 on 2 Dec (5 working days left).'],
  ['approved', { ...submitted, state: 'approved', checkpointAt: checkpoint }, {}, 'merchant', '已批准，周五 15:00 停机，2月24日 恢复。', 'Approved: stops Friday at 15:00, back on 24 Feb.'],
  ['approved with something open', { ...submitted, state: 'approved', checkpointAt: checkpoint }, { terminals: [terminal({ open: [unsettled] })] }, 'merchant', '已批准，周五 15:00 停机，2月24日 恢复。还有 2 笔交易未结清，今天 09:00 前请结清。', 'Approved: stops Friday at 15:00, back on 24 Feb. 2 transactions are still unsettled; please settle them by 09:00 today.'],
  ['approved with steps before the stop', { ...submitted, state: 'approved', steps: [step({ kind: 'customer_notice', before: 'stop', assignee: 'merchant_owner' }), step({ kind: 'backup', before: 'stop', assignee: 'operations' })] }, {}, 'merchant', '已批准，周五 15:00 停机，2月24日 恢复。停机前请办：顾客公告。', 'Approved: stops Friday at 15:00, back on 24 Feb. Still needed before the stop: customers told.'],
  ['… to the provider', { ...submitted, state: 'approved', steps: [step({ kind: 'customer_notice', before: 'stop', assignee: 'merchant_owner' }), step({ kind: 'backup', before: 'stop', assignee: 'operations' })] }, {}, 'provider', '已批准，周五 15:00 停机，2月24日 恢复。停机前请办：数据备份。', 'Approved: stops Friday at 15:00, back on 24 Feb. Still needed before the stop: data backed up.'],
  ['approved, open-ended', { ...submitted, state: 'approved', expectedUntil: undefined }, {}, 'merchant', '已批准，周五 15:00 停用，没有恢复日期。', 'Approved: stops Friday at 15:00, with no return date.'],
  ['approved, another kind', { ...submitted, state: 'approved', kind: 'replace', effectiveFrom: undefined }, {}, 'merchant', '已批准。等待办理。', 'Approved. It is about to be carried out.'],
  ['draining', { ...running, terminals: results('draining') }, { terminals: [terminal({ open: [unsettled], holds: [own()] })] }, 'merchant', '昨天 15:00 起停止收款，正在清算，最晚 今天 15:00 关闭。还有 2 笔交易未结清，今天 15:00 前请结清。', 'No new sales since 15:00 yesterday; it is finishing what was begun and shuts today at 15:00 at the latest. 2 transactions are still unsettled; please settle them by 15:00 today.', at('2026-11-24 08:00')],
  ['shut, gates still to confirm', { ...running, terminals: results('draining') }, { terminals: [terminal({ holds: [own({ shutAt: monday })] })] }, 'provider', '昨天 15:00 起停止收款，等待全部闸口确认。', 'No new sales since 15:00 yesterday; waiting for every gate to confirm.', at('2026-11-24 08:00')],
  ['three terminals, two stopped', { ...running, terminals: results('stopped', 'draining', 'stopped') }, { terminals: [terminal({ holds: [own()] })] }, 'merchant', '昨天 15:00 起停止收款：2 台已停，1 台清算中。', 'No new sales since 15:00 yesterday: 2 stopped, 1 still draining.', at('2026-11-24 08:00')],
  ['stopped, a step before completion', { ...running, terminals: results('stopped'), steps: [step({ kind: 'device_guide', before: 'completion', assignee: 'field' })] }, { terminals: [terminal()] }, 'merchant', '昨天 15:00 起已停机。办结前还要等：停机指引。', 'Stopped since 15:00 yesterday. Before completion it waits for: device guide.', at('2026-11-24 08:00')],
  ['reopening, a fee to pay', { ...reopening, terminals: results('pending'), steps: [step({ kind: 'pay_fee', assignee: 'merchant_owner' }), step({ kind: 'device_test', assignee: 'field' })] }, {}, 'merchant', '已批准复机。复机前请办：缴纳费用。', 'Reactivation approved. Still needed before reopening: fee paid.'],
  ['reopening, a fee to pay, its amount known', { ...reopening, terminals: results('pending'), steps: [step({ kind: 'pay_fee', assignee: 'finance' }), step({ kind: 'software_update', assignee: 'field' })] }, { unpaidFen: 5_000 }, 'merchant', '已批准复机。请缴费 ¥50.00，到账后自动继续。复机前还要等：软件更新。', 'Reactivation approved. Please pay the fee of ¥50.00; it goes on by itself once received. Before reopening it waits for: software updated.'],
  ['… to the provider', { ...reopening, terminals: results('pending'), steps: [step({ kind: 'pay_fee', assignee: 'finance' })] }, { unpaidFen: 5_000 }, 'provider', '已批准复机。等待商户缴费 ¥50.00，登记到账后自动继续。', "Reactivation approved. Waiting for the merchant's ¥50.00; it goes on by itself once the payment is recorded."],
  ['reopening, waiting for the provider', { ...reopening, terminals: results('pending'), steps: [step({ kind: 'software_update', assignee: 'field' })] }, {}, 'merchant', '已批准复机。复机前还要等：软件更新。', 'Reactivation approved. Before reopening it waits for: software updated.'],
  ['waiting for the test', { ...reopening, terminals: results('testing') }, {}, 'merchant', '停用项已解除，正在等测试，通过后恢复收款。', 'The hold is released; it opens when its test has passed.'],
  ['waiting for the test, to the provider', { ...reopening, terminals: results('testing') }, {}, 'provider', '停用项已解除，请登记测试，通过后恢复收款。', 'The hold is released; please record the test, and it opens once passed.'],
  ['test failed', { ...reopening, terminals: results('testing'), steps: [step({ kind: 'device_test', state: 'failed', evidence: 'test_sale: 超时; print' })] }, {}, 'merchant', '测试未通过：测试消费（超时）、打印，仍停机；修好后再次测试，通过后恢复收款。', 'The test failed: test sale (超时) and printer; it stays stopped until it is put right and tested again.'],
  ['some open, one held by another', { ...reopening, terminals: results('reopened', 'testing', 'still_held') }, {}, 'merchant', '1 台已恢复，1 台等测试。1 台另有停用项，仍停机。', '1 open again, 1 waiting for the test. 1 terminal stays stopped by another hold.'],
  ['closure under way, nothing left', { ...closing }, {}, 'merchant', '11月23日 15:00 起停止收款，注销办理中。', 'No new sales since 15:00 on 23 Nov; the closure is being carried out.'],
  ['closure, a chargeback and the device', closing, { terminals: [terminal({ open: [dispute], hostBlockedAt: monday, holds: [own({ shutAt: monday, reason: 'M21' })] })], returns: [line()] }, 'merchant', '11月23日 15:00 起停止收款，注销办理中，以下办妥才注销。还有 1 笔争议未了结，由云汇支付处理。请退还机具 00001204000010，退机编号 TQ-261123-00042-7-R1。押金 ¥300.00 在机具退回、交易结清后退还。', 'No new sales since 15:00 on 23 Nov; it is closed once the following is done. 1 dispute is still open; Yunhui Pay is handling it. Please return device 00001204000010, RMA TQ-261123-00042-7-R1. The deposit of ¥300.00 is refunded once the device is back and everything is settled.'],
  ['closure, a hold of risk', closing, { terminals: [terminal({ hostBlockedAt: monday, holds: [own({ shutAt: monday, reason: 'M21' }), hold({ reason: 'R09', effectiveFrom: monday, startedAt: monday, shutAt: monday })] })] }, 'merchant', '11月23日 15:00 起停止收款，注销办理中，以下办妥才注销。终端 66585402 另有停用项违规操作（R09），须由风控解除：整改或申诉，由风控解除。', 'No new sales since 15:00 on 23 Nov; it is closed once the following is done. Terminal 66585402 is also held for rule breach (R09), which only risk lifts: rectification or appeal, lifted by the risk officer.'],
  ['closure, steps of either side', { ...closing, steps: [step({ kind: 'fees_settled', before: 'completion', assignee: 'merchant_owner' }), step({ kind: 'upstream_cleanup', before: 'completion', assignee: 'operations' })] }, {}, 'merchant', '11月23日 15:00 起停止收款，注销办理中，以下办妥才注销。请办：费用结清。还要等运维：上游清理。', 'No new sales since 15:00 on 23 Nov; it is closed once the following is done. Please see to: fees settled. Waiting for operations: upstream clean-up.'],
  ['closure, a refund that waits for its second person', closing, { terminals: [terminal({ hostBlockedAt: monday, holds: [own({ shutAt: monday, reason: 'M21' })] })], returns: [line({ state: 'inspected', deposit: proposed })] }, 'provider', '11月23日 15:00 起停止收款，注销办理中，以下办妥才注销。机具 00001204000010 已验机。押金拟退 ¥220.00，扣 ¥80.00，须由另一人确认。', 'No new sales since 15:00 on 23 Nov; it is closed once the following is done. Device 00001204000010 was inspected. A refund of ¥220.00 (¥300.00 less ¥80.00) waits for a second person.'],
  ['closed', { ...closing, state: 'completed', endedAt: now, terminals: results('closed') }, { terminals: [terminal({ closedAt: now, chargebackUntil: at('2027-05-22 00:00') })], letters: [{ no: 'TQ-Z2026-00003-4', kind: 'closure_certificate' }] }, 'merchant', '已办结，今天 08:30 注销，终端号不再启用。拒付追溯至 5月22日。注销证明 TQ-Z2026-00003-4。', 'Done, closed for good today at 08:30; the number is never used again. Chargebacks may still come in until 22 May. Proof: certificate of closure TQ-Z2026-00003-4.'],
  ['closure undone', { ...closing, state: 'withdrawn' }, {}, 'merchant', '注销已取消，终端按复机申请恢复。', 'The closure is undone; the terminal comes back by its reactivation.'],
  ['completed stop', { ...running, state: 'completed', begunAt: friday, endedAt: friday }, { letters: [letter] }, 'merchant', '已办结，今天 15:00 起停机（装修）。停机确认函 TQ-T2026-00042-7。', 'Done, stopped since 15:00 today for renovation. Proof: confirmation of stop TQ-T2026-00042-7.', at('2026-11-27 16:00')],
  ['completed reopening', { ...reopening, state: 'completed' }, { terminals: [terminal({ signOnRequired: true })], letters: [{ no: 'TQ-F2027-00001-3', kind: 'reopening_confirmation' }] }, 'merchant', '已办结，终端已恢复，请先签到再收款。复机确认函 TQ-F2027-00001-3。', 'Done, open again; sign on before the first sale. Proof: confirmation of reopening TQ-F2027-00001-3.'],
  ['completed, still held', { ...reopening, state: 'completed', terminals: results('still_held') }, {}, 'merchant', '已办结：1 台另有停用项，仍停机。', 'Done: 1 still stopped by another hold.'],
  ['extended', { ...submitted, state: 'completed', kind: 'extend', expectedUntil: february }, {}, 'merchant', '已办结，恢复日期改为 2月24日。', 'Done, it is now due back on 24 Feb.'],
  ['rejected', { ...submitted, state: 'rejected' }, { said: '营业执照与登记不符' }, 'merchant', '已驳回：营业执照与登记不符。改正后可以重新申请。', 'Rejected: 营业执照与登记不符. You may apply again once it is put right.'],
  ['rejected, words not at hand', { ...submitted, state: 'rejected' }, {}, 'provider', '已驳回，理由见通知。', 'Rejected; the notice says why.'],
  ['withdrawn', { ...submitted, state: 'withdrawn' }, {}, 'merchant', '已撤回，终端不停机。', 'Withdrawn; the terminal is not stopped.'],
  ['withdrawn reactivation', { ...reopening, state: 'withdrawn' }, {}, 'provider', '已撤回，终端不受影响。', 'Withdrawn; nothing changes on the terminal.'],
  ['lapsed draft', { state: 'expired' }, {}, 'merchant', '草稿过期未提交，已失效。需要时请重新申请。', 'The draft was never submitted and has lapsed. Please apply again if needed.'],
  ['lapsed unanswered', { ...submitted, state: 'expired' }, {}, 'provider', '逾期未补件，已失效。', 'It was not answered in time and has lapsed.'],
  ['failed', { ...submitted, state: 'failed' }, {}, 'merchant', '办理失败，请致电 400-800-0000。', 'It could not be carried out; please call 400-800-0000.'],
  ['failed, to the provider', { ...submitted, state: 'failed' }, {}, 'provider', '办理失败，请查明原因。', 'It could not be carried out; please find out why.'],
]

describe('one plain sentence for a case', () => {
  it.each(rows)('%s', (_, part, facts, audience, zh, en, when = now) => {
    const all: CaseFacts = { case: caseOf(part), terminals: [terminal()], provider, missing: [], ...facts }
    const said = (language: 'zh' | 'en') => caseSentence(all, { now: when, zone: 'Asia/Shanghai', language, audience })
    expect([said('zh'), said('en')]).toEqual([zh, en])
  })
})
