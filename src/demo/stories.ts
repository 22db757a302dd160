// What happened before today, told as lists of who did what when. Terminals are named `<merchant>.<provider>.<number>`.
// Together the stories leave a case in every state a case can be in, and a terminal in every service state.
import { accounts } from './accounts.ts'
import type { Story, When } from './stage.ts'
import { answer, byPhone, confirms, device, file, hold, lift, on, paper, reactivate, signOn, suspend, test, testDevice } from './stage.ts'

const approve = { command: 'approve' } as const
const claim = { command: 'claim' } as const

/** 云汇支付: decides at once where it may, else the same day. */
const yunhui = (w: When): Story[] => [
  { name: ['阿婆小笼装修停机并延期', 'renovation stop, extended once'], steps: [
    [w.day(-12, '10:20'), 'apo.owner', file('stop', suspend(['apo.yunhui.1'], 'M02', w.day(-9, '15:00'), w.day(10, '09:00'), '一楼前厅装修，前台这台先停。'))],
    [w.day(-9, '15:02'), 'system', confirms('apo.yunhui.1')],
    [w.day(-3, '16:40'), 'apo.owner', file('longer', { kind: 'extend', terminals: ['apo.yunhui.1'], expectedUntil: w.day(25, '09:00'), words: '地砖到货晚了，延两周。' })],
  ] },
  { name: ['阿婆小笼停机、测试失败、再测通过、恢复', 'there and back, with one failed test'], steps: [
    [w.day(-20, '09:15'), 'apo.owner', file('stop', suspend(['apo.yunhui.2'], 'M01', w.day(-17, '22:00'), w.day(-4, '09:00'), '店休，全体外出培训。'))],
    [w.day(-6, '10:05'), 'apo.owner', file('back', reactivate(['apo.yunhui.2'], '培训提前结束，申请复机。'))],
    [w.day(-6, '14:30'), 'yunhui.reviewer', on('back', approve)],
    [w.day(-5, '11:00'), 'yunhui.field', test('back', 'print', '打印无墨，已换热敏纸')],
    [w.day(-4, '08:30'), 'yunhui.field', test('back')],
    [w.day(-4, '08:41'), 'system', signOn('apo.yunhui.2')],
  ] },
  { name: ['阿婆小笼下周五三点停机', 'stop next Friday at three'], steps: [
    [w.day(-2, '14:05'), 'apo.owner', file('stop', suspend(['apo.yunhui.3'], 'M02', w.next(5, 3, '15:00'), w.next(5, 24, '09:00'), '二楼包间装修。'))],
  ] },
  { name: ['阿婆小笼正在清算', 'draining now'], steps: [[w.ago(1.5), 'apo.owner', file('stop', suspend(['apo.yunhui.4'], 'M08', undefined, w.day(6, '09:00'), '收银系统升级，尽快停。'))]] },
  { name: ['阿婆小笼草稿', 'a draft of the shop assistant'], steps: [
    [w.day(-1, '20:10'), 'apo.staff', file('draft', { ...suspend(['apo.yunhui.5'], 'M05', undefined, w.day(15, '09:00'), '店长出差，待确认。'), submit: false })],
  ] },
  { name: ['新月百货三台待复核', 'three terminals wait for a second approval'], steps: [
    [w.day(-2, '11:30'), 'yuexiu.owner', file('stop', suspend(['yuexiu.yunhui.1', 'yuexiu.yunhui.2', 'yuexiu.yunhui.3'], 'M02', undefined, undefined, '三层女装区撤柜。'))],
    [w.day(-1, '09:40'), 'yunhui.reviewer', on('stop', claim)],
    [w.day(-1, '10:10'), 'yunhui.reviewer', on('stop', approve)],
  ] },
  { name: ['新月百货电话停用审核中', 'filed by telephone, in review'], steps: [
    [w.day(-1, '15:20'), 'yunhui.agent', file('stop', byPhone(suspend(['yuexiu.yunhui.4'], 'M04', undefined, undefined, '负一层客流少，停用一台。'), '来电录音 20231，主叫与登记一致'))],
    [w.day(-1, '17:05'), 'yunhui.reviewer', on('stop', claim)],
  ] },
  { name: ['新月百货刚提交', 'submitted just now'], steps: [[w.ago(0.7), 'yuexiu.owner', file('stop', suspend(['yuexiu.yunhui.5'], 'M04', undefined, undefined, '四层收银台合并。'))]] },
  { name: ['新月百货被驳回', 'rejected'], steps: [
    [w.day(-8, '10:00'), 'yuexiu.owner', file('stop', suspend(['yuexiu.yunhui.6'], 'M06', undefined, undefined, '费率没有按约定执行。'))],
    [w.day(-7, '11:45'), 'yunhui.reviewer', on('stop', { command: 'reject', words: '费率争议已由客户经理受理，处理期间无需停机。' })],
  ] },
  { name: ['桂花书店批准后撤回', 'approved, then withdrawn'], steps: [
    [w.day(-10, '13:00'), 'guihua.owner', file('stop', suspend(['guihua.yunhui.1'], 'M03', w.day(-5, '18:00'), w.day(20, '09:00'), '搬到对面。'), true)],
    [w.day(-8, '09:30'), 'guihua.owner', on('stop', { command: 'withdraw', words: '房东续租，不搬了。' })],
  ] },
  { name: ['绣娘服饰草稿过期', 'a draft that lapsed'], steps: [[w.day(-33, '15:00'), 'xiuniang.owner', file('draft', { ...suspend(['xiuniang.yunhui.1'], 'M07', undefined, undefined, '展会结束。'), submit: false })]] },
  { name: ['绣娘服饰待补件', 'returned for materials'], steps: [
    [w.day(-4, '10:50'), 'xiuniang.owner', file('stop', suspend(['xiuniang.yunhui.2'], 'M03', undefined, undefined, '平江路店搬迁。'))],
    [w.day(-3, '09:25'), 'yunhui.reviewer', on('stop', { command: 'return', words: '请补新址证明', materials: [{ type: 'relocation_proof', words: '租赁合同或房产证复印件' }] })],
  ] },
  { name: ['绣娘服饰补件逾期失效', 'returned and never answered'], steps: [
    [w.workday(-14, '10:00'), 'xiuniang.owner', file('stop', suspend(['xiuniang.yunhui.3'], 'M05', undefined, undefined, '老板外出。'))],
    [w.workday(-13, '15:00'), 'yunhui.reviewer', on('stop', { command: 'return', words: '请写明恢复日期，或改办停用' })],
  ] },
  { name: ['望湖大酒店复机测试中', 'reopening, the device test is due'], steps: [
    [w.day(-21, '16:00'), 'wanghu.owner', file('stop', suspend(['wanghu.yunhui.1'], 'M02', w.day(-19, '12:00'), w.day(2, '09:00'), '大堂改造。'))],
    [w.ago(20), 'wanghu.owner', file('back', reactivate(['wanghu.yunhui.1'], '大堂完工。'))],
    [w.ago(18), 'yunhui.reviewer', on('back', approve)],
  ] },
  { name: ['望湖大酒店两个停用项', 'two holds: the merchant\'s is lifted, that of risk stays'], steps: [
    [w.day(-16, '11:00'), 'wanghu.owner', file('stop', suspend(['wanghu.yunhui.2'], 'M02', w.day(-14, '15:00'), w.day(-2, '09:00'), '西餐厅改造。'))],
    [w.day(-14, '15:20'), 'system', confirms('wanghu.yunhui.2')],
    [w.day(-7, '10:15'), 'yunhui.risk', hold('risk', 'wanghu.yunhui.2', { reason: 'R09', words: '停机期间发现以该终端号上送交易，疑似借机。' })],
    [w.day(-5, '09:20'), 'wanghu.owner', file('back', reactivate(['wanghu.yunhui.2'], '西餐厅完工。'))],
    [w.day(-5, '15:10'), 'yunhui.reviewer', on('back', approve)],
  ] },
  { name: ['海天一家结算账户异常', 'settlement account abnormal'], steps: [[w.day(-2, '10:00'), 'yunhui.finance', hold('account', 'haitian.yunhui.1', { reason: 'A03', words: '结算款连续两次被退，账户状态异常，请更新账户。' })]] },
  { name: ['海天一家注销中，一笔拒付未了结', 'a closure that waits for a chargeback'], steps: [
    [w.day(-12, '10:15'), 'haitian.owner', file('close', { kind: 'close', terminals: ['haitian.yunhui.3'], reason: 'M25', effectiveFrom: w.day(-9, '22:00'), words: '三店撤掉一个收银口，这台不再用了。' })],
    [w.day(-11, '15:20'), 'yunhui.reviewer', on('close', approve)],
    [w.day(-7, '11:00'), 'haitian.owner', device('close', { command: 'ship-device', carrier: '顺丰', tracking: 'SF1420099887766' })],
    [w.day(-5, '10:40'), 'yunhui.field', device('close', { command: 'receive-device' })],
    [w.day(-5, '14:10'), 'yunhui.field', device('close', { command: 'inspect-device', parts: [{ part: 'printer_cover', condition: 'broken', photo: 'IMG_2041', note: '卡扣断裂' }, { part: 'screen', condition: 'fine' }, { part: 'charger', condition: 'fine' }] })],
    [w.day(-4, '16:30'), 'yunhui.operations', on('close', { command: 'complete-step', step: 'close-upstream', evidence: '主机终端号、密钥、TMS 已删除；银联、微信、支付宝报备已撤' })],
  ] },
  { name: ['海天一家押金不足，只退不收', 'deposit short, refunds only'], steps: [
    [w.day(-1, '10:30'), 'yunhui.finance', hold('deposit', 'haitian.yunhui.2', { reason: 'A04', effect: 'restrict', words: '押金不足，补足前只办退货。' })],
  ] },
  { name: ['半亩花店计划维护', 'a maintenance window that is over'], steps: [
    ...[1, 2].flatMap((n): Story['steps'] => [
      [w.day(-8, '10:00'), 'yunhui.operations', hold(`window ${n}`, `banmu.yunhui.${n}`, { reason: 'P01', effectiveFrom: w.day(-6, '02:00'), expectedUntil: w.day(-6, '05:00'), words: '密钥体系升级。' })],
      [w.day(-6, '05:00'), 'yunhui.operations', lift(`window ${n}`, '升级完成。')],
      [w.day(-6, '05:10'), 'yunhui.operations', testDevice(`banmu.yunhui.${n}`)],
      [w.day(-6, '08:30'), 'system', signOn(`banmu.yunhui.${n}`)],
    ]),
    [w.day(-1, '10:00'), 'yunhui.operations', hold('next', 'banmu.yunhui.3', { reason: 'P02', effectiveFrom: w.day(3, '02:00'), expectedUntil: w.day(3, '06:00'), words: '主机迁移。' })],
  ] },
  { name: ['桂花书店打印机修好待测', 'printer repaired, test due'], steps: [
    [w.day(-3, '09:50'), 'yunhui.agent', hold('printer', 'guihua.yunhui.3', { reason: 'D11', words: '打印卡纸，已派单。' })],
    [w.ago(5), 'yunhui.agent', lift('printer', '已换打印模组。')],
  ] },
  { name: ['新月百货擅自移机', 'moved without permission'], steps: [[w.ago(3), 'yunhui.risk', hold('moved', 'yuexiu.yunhui.9', { reason: 'S05', words: '定位偏离登记门店 12 公里。' })]] },
  { name: ['山城影城长期无交易核实', 'dormancy kept by its merchant'], steps: [[w.day(-8, '11:00'), 'shancheng.owner', answer('shancheng.yunhui.3', 'keep')]] },
]

/** 诚付通: looks twice where money or number is large, puts a stop off while something is open, and charges for reopening. */
const chengfutong = (w: When): Story[] => [
  { name: ['锦官老火锅装修停机', 'renovation stop, reviewed'], steps: [
    [w.day(-13, '14:00'), 'jinguan.owner', file('stop', suspend(['jinguan.chengfutong.1'], 'M02', w.day(-8, '15:00'), w.day(20, '09:00'), '后厨改造。'))],
    [w.day(-12, '10:30'), 'chengfutong.reviewer', on('stop', claim)],
    [w.day(-12, '10:55'), 'chengfutong.reviewer', on('stop', approve)],
    [w.day(-8, '15:04'), 'system', confirms('jinguan.chengfutong.1')],
  ] },
  { name: ['锦官老火锅复机待缴费', 'reopening, the fee is due'], steps: [
    [w.day(-18, '09:00'), 'jinguan.owner', file('stop', suspend(['jinguan.chengfutong.2'], 'M02', w.day(-14, '16:00'), w.day(5, '09:00'), '外摆区停用。'))],
    [w.day(-17, '09:30'), 'chengfutong.reviewer', on('stop', approve)],
    [w.day(-2, '10:00'), 'jinguan.owner', file('back', reactivate(['jinguan.chengfutong.2'], '外摆区恢复。'))],
    [w.day(-2, '10:06'), 'jinguan.owner', paper('back', 'application_letter')],
    [w.day(-1, '11:20'), 'chengfutong.reviewer', on('back', approve)],
  ] },
  { name: ['锦官老火锅缴费、测试、恢复', 'fee paid, tested, open again'], steps: [
    [w.day(-19, '10:00'), 'jinguan.owner', file('stop', suspend(['jinguan.chengfutong.3'], 'M01', w.day(-15, '22:00'), w.day(-5, '09:00'), '设备检修歇业。'))],
    [w.day(-18, '09:45'), 'chengfutong.reviewer', on('stop', approve)],
    [w.day(-8, '10:00'), 'jinguan.owner', file('back', reactivate(['jinguan.chengfutong.3'], '检修完毕。'))],
    [w.day(-8, '10:04'), 'jinguan.owner', paper('back', 'application_letter')],
    [w.day(-7, '09:50'), 'chengfutong.reviewer', on('back', approve)],
    [w.day(-7, '15:00'), 'chengfutong.finance', on('back', { command: 'complete-step', step: 'reopening-fee', evidence: '收款回单 20881，¥50.00' })],
    [w.day(-6, '10:30'), 'chengfutong.field', test('back')],
    [w.day(-6, '10:36'), 'system', signOn('jinguan.chengfutong.3')],
  ] },
  { name: ['秦风面馆超时未审', 'past its deadline, nobody decided'], steps: [[w.workday(-9, '09:30'), 'qinfeng.owner', file('stop', suspend(['qinfeng.chengfutong.1'], 'M04', undefined, undefined, '生意清淡，停一台。'))]] },
  { name: ['秦风面馆六天后停机', 'approved, six days ahead'], steps: [
    [w.day(-2, '15:30'), 'chengfutong.agent', file('stop', byPhone(suspend(['qinfeng.chengfutong.2'], 'M01', w.day(6, '21:00'), w.day(16, '09:00'), '返乡歇业。'), '来电录音 7716'))],
    [w.day(-1, '09:10'), 'chengfutong.reviewer', on('stop', approve)],
  ] },
  { name: ['鹭水药房有争议，停机顺延', 'a dispute is open, the stop is put off'], steps: [
    [w.day(-9, '10:40'), 'lushui.owner', file('stop', suspend(['lushui.chengfutong.1'], 'M02', w.day(-3, '15:00'), w.day(15, '09:00'), '门店翻新。'))],
    [w.day(-8, '10:20'), 'chengfutong.reviewer', on('stop', approve)],
  ] },
  { name: ['鹭水药房拒付过多', 'too many chargebacks'], steps: [[w.day(-5, '16:00'), 'chengfutong.risk', hold('risk', 'lushui.chengfutong.2', { reason: 'R04', words: '近三十天拒付 9 笔，超过阈值。' })]] },
]

/** 海润银行: papers first, two pairs of eyes always. */
const hairun = (w: When): Story[] => {
  const papers = (as: string, at: number, who: string): Story['steps'] =>
    (['application_letter', 'business_licence', 'id_card'] as const).map((type, i) => [at + (i + 1) * 120_000, who, paper(as, type)] as const)
  const filed = (as: string, at: number, who: string, asked: Parameters<typeof file>[1]): Story['steps'] => [
    [at, who, file(as, { ...asked, submit: false })], ...papers(as, at, who), [at + 600_000, who, on(as, { command: 'submit' })],
  ]
  return [
    { name: ['同兴金银首饰停机', 'a stop with papers and two approvals'], steps: [
      ...filed('stop', w.day(-14, '09:30'), 'tongxing.owner', suspend(['tongxing.hairun.1'], 'M02', w.day(-7, '20:00'), w.day(30, '10:00'), '二号柜台翻新。')),
      [w.day(-13, '10:00'), 'hairun.reviewer', on('stop', claim)],
      [w.day(-13, '10:40'), 'hairun.reviewer', on('stop', approve)],
      [w.day(-12, '14:15'), 'hairun.approver', on('stop', approve)],
      [w.day(-7, '20:06'), 'system', confirms('tongxing.hairun.1')],
    ] },
    { name: ['同兴金银首饰材料未齐', 'a draft whose papers are not complete'], steps: [
      [w.day(-1, '17:30'), 'tongxing.owner', file('draft', { ...suspend(['tongxing.hairun.2'], 'M05', w.day(7, '20:00'), w.day(21, '10:00'), '店员休假。'), submit: false })],
      [w.day(-1, '17:36'), 'tongxing.owner', paper('draft', 'application_letter')],
    ] },
    { name: ['望湖大酒店待复核', 'reviewed, waits for the approver'], steps: [
      ...filed('stop', w.day(-3, '10:00'), 'wanghu.owner', suspend(['wanghu.hairun.1'], 'M02', undefined, undefined, '会议中心停用一台。')),
      [w.day(-2, '10:30'), 'hairun.reviewer', on('stop', approve)],
    ] },
    { name: ['海天一家待审核', 'submitted, complete'], steps: filed('stop', w.day(-1, '09:00'), 'haitian.owner', suspend(['haitian.hairun.1'], 'M04', undefined, undefined, '二店关一个收银口。')) },
    { name: ['云岭旅行社被驳回', 'rejected'], steps: [
      ...filed('stop', w.day(-6, '11:00'), 'yunling.owner', suspend(['yunling.hairun.1'], 'M06', undefined, undefined, '到账慢。')),
      [w.day(-5, '14:00'), 'hairun.reviewer', on('stop', { command: 'reject', words: '到账延迟系节假日清算安排，已当面说明。' })],
    ] },
    { name: ['云岭旅行社即将到期', 'stopped, its return is near'], steps: [
      ...filed('stop', w.day(-24, '09:00'), 'yunling.owner', suspend(['yunling.hairun.2'], 'M01', w.day(-16, '18:00'), w.day(1, '09:00'), '淡季歇业。')),
      [w.day(-23, '10:00'), 'hairun.reviewer', on('stop', approve)],
      [w.day(-22, '10:00'), 'hairun.approver', on('stop', approve)],
    ] },
    { name: ['同兴金银首饰召回', 'a recall'], steps: [[w.day(-1, '09:30'), 'hairun.risk', hold('rule', 'tongxing.hairun.3', { reason: 'P06', words: '按监管要求重新核验终端布放地址。' })]] },
  ]
}

export const stories = (w: When): Story[] => [...accounts(w), ...yunhui(w), ...chengfutong(w), ...hairun(w)]
