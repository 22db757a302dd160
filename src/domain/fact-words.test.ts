// Every kind of fact as a line of a timeline.
import { expect, it } from 'vitest'
import { factSentence } from './fact-words.ts'
import { at, caseOf, february, friday, hold, material, now, step } from './view.fixtures.ts'

const due = { earliestAt: now, at: at('2026-12-02 18:00') }
const of = { terminal: '66585402', hold: 'h' }
const rows: [fact: { fact: string; [key: string]: unknown }, zh: string, en: string][] = [
  [{ fact: 'opened', case: caseOf() }, '建立申请 TQ-261123-00042-7', 'Application TQ-261123-00042-7 opened'],
  [{ fact: 'submitted', deadline: due }, '已提交，最晚 12月2日 18:00 前答复', 'Submitted; the answer is due by 18:00 on 2 Dec'],
  [{ fact: 'found', findings: [] }, '完成预检', 'Checked'],
  [{ fact: 'steps_planned', steps: [step({ kind: 'backup' })] }, '安排了 1 个事项', '1 step planned'],
  [{ fact: 'claimed', by: 'rita' }, '已领取', 'Claimed'],
  [{ fact: 'assigned', to: 'rob' }, '已转办', 'Assigned to somebody else'],
  [{ fact: 'returned', materials: [], answerBy: due.at }, '退回补件，12月2日 18:00 前补交', 'Returned, to be answered by 18:00 on 2 Dec'],
  [{ fact: 'returned', materials: [{ type: 'business_licence', words: 'sha256:0' }], answerBy: due.at }, '退回补件：营业执照，12月2日 18:00 前补交', 'Returned for business licence, to be answered by 18:00 on 2 Dec'],
  [{ fact: 'reviewed', rule: 'many' }, '初审通过，按规则 many 须由另一人复核', 'Passed the first review; rule many asks for a second person'],
  [{ fact: 'review_voided' }, '材料有变动，初审作废', 'The file changed: the first review is void'],
  [{ fact: 'approved', by: 'policy', rule: 'short' }, '按规则 short 直通批准', 'Approved straight through by rule short'],
  [{ fact: 'approved', by: 'rita' }, '已批准', 'Approved'],
  [{ fact: 'rejected' }, '已驳回', 'Rejected'],
  [{ fact: 'withdrawn' }, '已撤回', 'Withdrawn'],
  [{ fact: 'expired' }, '逾期失效', 'Lapsed'],
  [{ fact: 'escalated' }, '到承诺时限尚未办结，已升级', 'Reached its deadline undecided; escalated'],
  [{ fact: 'material_added', material: material({ type: 'id_card' }) }, '收到材料：负责人身份证', 'Material received: identity card of the person in charge'],
  [{ fact: 'material_accepted' }, '材料已采信', 'A material was accepted'],
  [{ fact: 'material_returned' }, '材料已退回', 'A material was returned'],
  [{ fact: 'step_settled', step: 's', state: 'done' }, '「缴纳费用」已办好', '"fee paid" is done'],
  [{ fact: 'step_settled', step: 'unknown', state: 'failed' }, '事项未通过', 'A step failed'],
  [{ fact: 'step_reopened', step: 's' }, '「缴纳费用」重新打开', '"fee paid" is open again'],
  [{ fact: 'waiver_proposed', step: 's' }, '「缴纳费用」申请豁免，待第二人确认', 'A waiver of "fee paid" waits for a second person'],
  [{ fact: 'step_due', step: 's', dueAt: due.at }, '「缴纳费用」须在 12月2日 18:00 前办好', '"fee paid" is due by 18:00 on 2 Dec'],
  [{ fact: 'checkpoint_taken', openCount: 0, openFen: 0, outcome: 'proceed' }, '停机前核对：全部结清', 'Checked before the stop: everything is settled'],
  [{ fact: 'checkpoint_taken', openCount: 2, openFen: 17_600, outcome: 'postpone' }, '停机前核对：还有 2 笔未结清（¥176.00），停机顺延', 'Checked before the stop: 2 still open (¥176.00); the stop is put off'],
  [{ fact: 'postponed', effectiveFrom: friday }, '停机顺延到 周五 15:00', 'The stop is put off to 15:00 on Friday'],
  [{ fact: 'begun' }, '开始办理', 'Carrying it out began'],
  [{ fact: 'result', result: 'stopped' }, '结果：已停', 'Result: stopped'],
  [{ fact: 'completed', letter: 'stop_confirmation' }, '已办结，出具停机确认函', 'Completed; confirmation of stop issued'],
  [{ fact: 'completed' }, '已办结', 'Completed'],
  [{ fact: 'hold_placed', hold: hold({ reason: 'A03' }) }, '停用项 A03（结算账户异常），周五 15:00 生效', 'Hold A03 (settlement account abnormal) placed, from 15:00 on Friday'],
  [{ fact: 'hold_withdrawn', ...of }, '停用项 M02（装修）在生效前撤回', 'Hold M02 (renovation) was withdrawn before it began'],
  [{ fact: 'hold_started', ...of }, '停用项 M02（装修）生效，停止收款', 'Hold M02 (renovation) began: no new sales'],
  [{ fact: 'hold_shut', ...of, stillOpen: true }, '停用项 M02（装修）：已停机，仍有未结清', 'Hold M02 (renovation): shut, with something still open'],
  [{ fact: 'hold_shut', ...of, hold: 'gone', stillOpen: false }, '停用项：已停机', 'The hold: shut'],
  [{ fact: 'hold_cleared', ...of }, '停用项 M02（装修）由责任方放行', 'Hold M02 (renovation) was released by its owner'],
  [{ fact: 'hold_lifted', ...of }, '停用项 M02（装修）已解除', 'Hold M02 (renovation) was lifted'],
  [{ fact: 'hold_moved', ...of, effectiveFrom: friday }, '停用项 M02（装修）改到 周五 15:00 生效', 'Hold M02 (renovation) moved to 15:00 on Friday'],
  [{ fact: 'expected_until_set', ...of, expectedUntil: february }, '恢复日期改为 2月24日', 'Return date set: 24 Feb'],
  [{ fact: 'reminded', ...of, expectedUntil: february }, '提醒：计划 2月24日 恢复', 'Reminded: due back on 24 Feb'],
  [{ fact: 'tested', passed: true, items: [] }, '测试通过', 'The test passed'],
  [{ fact: 'tested', passed: false, items: [{ item: 'print', passed: true }, { item: 'test_sale', passed: false }] }, '测试未通过：测试消费', 'The test failed: test sale'],
  [{ fact: 'reopened', signOnRequired: true }, '已恢复，须先签到', 'Open again; a sign-on comes first'],
  [{ fact: 'signed_on' }, '已签到，可以收款', 'Signed on: it may sell'],
  [{ fact: 'host_blocked' }, '全部闸口已拒绝收款', 'Every gate refuses sales'],
  [{ fact: 'backed_up', rows: 12 }, '交易数据已备份，试恢复核对一致（12 行）', 'Transaction data backed up and proven by restoring it (12 rows)'],
  [{ fact: 'backup_failed' }, '备份未成功，将重试', 'The backup failed and will be tried again'],
  [{ fact: 'imported' }, '按导入的文件更新', 'Updated from an imported file'],
  [{ fact: 'dormancy', askedAt: now, answerBy: due.at }, '长期没有交易，已询问商户，12月2日 18:00 前答复', 'No sale for months: the merchant was asked, to answer by 18:00 on 2 Dec'],
  [{ fact: 'dormancy', askedAt: now, answerBy: due.at, answer: 'keep' }, '商户答复长期无交易核实：继续使用', 'The merchant answered the dormancy question: keep'],
  [{ fact: 'something_new' }, 'something_new', 'something_new'],
]

it.each(rows)('%o', (fact, zh, en) => {
  const told = (language: 'zh' | 'en') => factSentence(fact, { now, zone: 'Asia/Shanghai', language, holds: new Map([['h', 'M02']]), steps: new Map([['s', 'pay_fee']]) })
  expect([told('zh'), told('en')]).toEqual([zh, en])
})
