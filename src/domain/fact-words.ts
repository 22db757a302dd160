// Every fact of the journal as one line of a timeline. Facts come as they were written down: instants are numbers, what people
// wrote is only there as a digest and is not shown. A fact nobody has words for yet is shown by its name.
import type { Fact } from './application/case.ts'
import { returnTellers } from './device-words.ts'
import { gateReasons } from './gate.ts'
import { formatYuan } from './money.ts'
import { listed, momentsAt, type Moments } from './sentence-words.ts'
import {
  careAnswers, custodians, deviceWords, dutyKinds, breakKinds, dormancyAnswers, paymentMethods, letterKinds, materialTypes, reasons, say, stepKinds, terminalResults, testItems, ticketActs, ticketStates, transactionClasses,
  type Language, type Reason, type Words,
} from './vocabulary.ts'

export type FactReader = {
  now: number
  zone: string
  language: Language
  /** Reasons of the terminal's holds, by their id. */
  holds: ReadonlyMap<string, Reason>
  /** Kinds of the steps the journal spoke of before, by their id. */
  steps?: ReadonlyMap<string, keyof typeof stepKinds> | undefined
}
type Told = FactReader & { moments: Moments }
type Teller<F extends Fact['fact']> = (fact: Extract<Fact, { fact: F }>, told: Told) => Words

const holdWords = (id: string, told: Told): Words => {
  const reason = told.holds.get(id)
  return reason === undefined ? ['停用项', 'The hold'] : [`停用项 ${reason}（${reasons[reason][0]}）`, `Hold ${reason} (${reasons[reason][1]})`]
}
const aboutHold = (zh: string, en: string): ((fact: { hold: string }, told: Told) => Words) => (fact, told) => {
  const [z, e] = holdWords(fact.hold, told)
  return [`${z}${zh}`, `${e} ${en}`]
}
const plain = (zh: string, en: string) => (): Words => [zh, en]
const stepWords = (id: string, told: Told): Words => {
  const kind = told.steps?.get(id)
  return kind === undefined ? ['事项', 'A step'] : [`「${stepKinds[kind][0]}」`, `"${stepKinds[kind][1]}"`]
}
const settledAs: Readonly<Record<string, Words>> = { done: ['已办好', 'is done'], waived: ['已豁免', 'was waived'], failed: ['未通过', 'failed'], open: ['重新打开', 'is open again'] }

const tellers: { [F in Fact['fact']]: Teller<F> } = {
  opened: (f) => [`建立申请 ${f.case.no}`, `Application ${f.case.no} opened`],
  submitted: (f, { moments }) => [`已提交，最晚 ${moments.by(f.deadline.at)[0]}答复`, `Submitted; the answer is due ${moments.by(f.deadline.at)[1]}`],
  found: plain('完成预检', 'Checked'),
  steps_planned: (f) => [`安排了 ${f.steps.length} 个事项`, `${f.steps.length} step${f.steps.length === 1 ? '' : 's'} planned`],
  claimed: plain('已领取', 'Claimed'),
  assigned: plain('已转办', 'Assigned to somebody else'),
  returned: (f, { moments }) => f.materials.length === 0
    ? [`退回补件，${moments.by(f.answerBy)[0]}补交`, `Returned, to be answered ${moments.by(f.answerBy)[1]}`]
    : [`退回补件：${listed(f.materials.map((m) => materialTypes[m.type]))[0]}，${moments.by(f.answerBy)[0]}补交`,
      `Returned for ${listed(f.materials.map((m) => materialTypes[m.type]))[1]}, to be answered ${moments.by(f.answerBy)[1]}`],
  reviewed: (f) => [`初审通过，按规则 ${f.rule} 须由另一人复核`, `Passed the first review; rule ${f.rule} asks for a second person`],
  review_voided: plain('材料有变动，初审作废', 'The file changed: the first review is void'),
  approved: (f) => f.by === 'policy' ? [`按规则 ${f.rule ?? ''} 直通批准`, `Approved straight through by rule ${f.rule ?? ''}`] : ['已批准', 'Approved'],
  rejected: plain('已驳回', 'Rejected'),
  withdrawn: plain('已撤回', 'Withdrawn'),
  expired: plain('逾期失效', 'Lapsed'),
  escalated: plain('到承诺时限尚未办结，已升级', 'Reached its deadline undecided; escalated'),
  material_added: (f) => [`收到材料：${materialTypes[f.material.type][0]}`, `Material received: ${materialTypes[f.material.type][1]}`],
  material_accepted: plain('材料已采信', 'A material was accepted'),
  material_returned: plain('材料已退回', 'A material was returned'),
  step_settled: (f, told) => [`${stepWords(f.step, told)[0]}${settledAs[f.state]![0]}`, `${stepWords(f.step, told)[1]} ${settledAs[f.state]![1]}`],
  step_reopened: (f, told) => [`${stepWords(f.step, told)[0]}重新打开`, `${stepWords(f.step, told)[1]} is open again`],
  waiver_proposed: (f, told) => [`${stepWords(f.step, told)[0]}申请豁免，待第二人确认`, `A waiver of ${stepWords(f.step, told)[1]} waits for a second person`],
  step_due: (f, told) => [`${stepWords(f.step, told)[0]}须在 ${told.moments.by(f.dueAt)[0]}办好`, `${stepWords(f.step, told)[1]} is due ${told.moments.by(f.dueAt)[1]}`],
  checkpoint_taken: (f) => f.openCount === 0 ? ['停机前核对：全部结清', 'Checked before the stop: everything is settled']
    : [`停机前核对：还有 ${f.openCount} 笔未结清（¥${formatYuan(f.openFen)}）${f.outcome === 'postpone' ? '，停机顺延' : ''}`,
      `Checked before the stop: ${f.openCount} still open (¥${formatYuan(f.openFen)})${f.outcome === 'postpone' ? '; the stop is put off' : ''}`],
  postponed: (f, { moments }) => [`停机顺延到 ${moments.at(f.effectiveFrom)[0]}`, `The stop is put off to ${moments.hour(f.effectiveFrom)[1]}`],
  begun: plain('开始办理', 'Carrying it out began'),
  result: (f) => [`结果：${terminalResults[f.result][0]}`, `Result: ${terminalResults[f.result][1]}`],
  completed: (f) => f.letter === undefined ? ['已办结', 'Completed'] : [`已办结，出具${letterKinds[f.letter][0]}`, `Completed; ${letterKinds[f.letter][1]} issued`],
  hold_placed: (f, { moments }) => [`停用项 ${f.hold.reason}（${reasons[f.hold.reason][0]}），${moments.at(f.hold.effectiveFrom)[0]} 生效`,
    `Hold ${f.hold.reason} (${reasons[f.hold.reason][1]}) placed, from ${moments.hour(f.hold.effectiveFrom)[1]}`],
  hold_withdrawn: aboutHold('在生效前撤回', 'was withdrawn before it began'),
  hold_started: aboutHold('生效，停止收款', 'began: no new sales'),
  hold_shut: (f, told) => {
    const [zh, en] = holdWords(f.hold, told)
    return f.stillOpen ? [`${zh}：已停机，仍有未结清`, `${en}: shut, with something still open`] : [`${zh}：已停机`, `${en}: shut`]
  },
  hold_cleared: aboutHold('由责任方放行', 'was released by its owner'),
  hold_lifted: aboutHold('已解除', 'was lifted'),
  hold_reclaimed: aboutHold('的放行已收回：机具又拆下', 'is not released after all: the device came off again'),
  hold_moved: (f, told) => [`${holdWords(f.hold, told)[0]}改到 ${told.moments.at(f.effectiveFrom)[0]} 生效`, `${holdWords(f.hold, told)[1]} moved to ${told.moments.hour(f.effectiveFrom)[1]}`],
  expected_until_set: (f, { moments }) => [`恢复日期改为 ${moments.day(f.expectedUntil)[0]}`, `Return date set: ${moments.day(f.expectedUntil)[1].replace(/^on /, '')}`],
  reminded: (f, { moments }) => [`提醒：计划 ${moments.day(f.expectedUntil)[0]} 恢复`, `Reminded: due back ${moments.day(f.expectedUntil)[1]}`],
  tested: (f) => {
    const [zh, en] = listed(f.items.filter((i) => !i.passed).map((i) => testItems[i.item]))
    return f.passed ? ['测试通过', 'The test passed'] : [`测试未通过：${zh}`, `The test failed: ${en}`]
  },
  reopened: (f) => [`已恢复${f.signOnRequired ? '，须先签到' : ''}`, `Open again${f.signOnRequired ? '; a sign-on comes first' : ''}`],
  signed_on: plain('已签到，可以收款', 'Signed on: it may sell'),
  host_blocked: plain('全部闸口已拒绝收款', 'Every gate refuses sales'),
  device_confirmed: (f) => [`机具已确认停机（${deviceWords[f.by][0]}）`, `The device says that it stopped (${deviceWords[f.by][1]})`],
  device_operating: (f) => [`机具又在工作（${deviceWords[f.by][0]}），确认作废`, `The device works again (${deviceWords[f.by][1]}): its confirmation is void`],
  device_silent: plain('机具到时仍未确认停机，已通知外勤和运维', 'The device has not confirmed in time: field and operations were told'),
  reserved: (f) => [`预留终端号 ${f.tid}`, `Terminal number ${f.tid} reserved`],
  unreserved: plain('装机取消，终端号作废', 'The installation was taken back; its number is used by nobody'),
  device_unbound: (f) => [`拆下机具 ${f.serial}，此序列号不再受理`, `Device ${f.serial} taken off; its serial is not accepted any more`],
  device_bound: (f) => [`装上机具 ${f.device.serial}（${f.model}），五要素已登记`, `Device ${f.device.serial} (${f.model}) put on; its five elements are registered`],
  installed: (f) => [`测试通过，已开通${f.signOnRequired ? '，须先签到' : ''}`, `Tested and in service${f.signOnRequired ? '; a sign-on comes first' : ''}`],
  made_final: (f, told) => [`${holdWords(f.hold, told)[0]}改为注销，不再有恢复日期`, `${holdWords(f.hold, told)[1]} became part of a closure: it has no return any more`],
  closed: (f, { moments }) => [`已注销，终端号不再启用；拒付追溯至 ${moments.day(f.chargebackUntil)[0]}`,
    `Closed for good; chargebacks may still come in until ${moments.day(f.chargebackUntil)[1].replace(/^on /, '')}`],
  ...returnTellers,
}

type Written = { fact: string; [key: string]: unknown }
/** '三单不符「MCC 不符」（参考号 …）已认可'. */
const aboutBreak = (zh: string, en: string) => ({ kind, reference }: Written): Words => {
  const words = breakKinds[kind as keyof typeof breakKinds] ?? ['三单不符', 'break']
  const [ref, refEn] = typeof reference === 'string' ? [`（参考号 ${reference}）`, ` (reference ${reference})`] : ['', '']
  return [`三单不符「${words[0]}」${ref}${zh}`, `The break "${words[1]}"${refEn} ${en}`]
}
/** A word as the journal wrote it; one we do not know is shown as it is. */
const wordOf = (table: Readonly<Record<string, Words>>, word: unknown): Words => table[String(word)] ?? [String(word), String(word)]
const yuanOf = (fen: unknown): string => (typeof fen === 'number' ? `¥${formatYuan(fen)}` : '–')
const listOf = (serials: unknown): string => (Array.isArray(serials) ? serials.join(', ') : '')
const handsIn = (hands: unknown): Words => wordOf(custodians, (hands as { kind?: string } | undefined)?.kind)
/** Facts the program writes beside the domain's. */
const besides: Readonly<Record<string, (fact: Written, told: Told) => Words>> = {
  backed_up: ({ rows }) => [`交易数据已备份，试恢复核对一致（${rows} 行）`, `Transaction data backed up and proven by restoring it (${rows} rows)`],
  backup_failed: plain('备份未成功，将重试', 'The backup failed and will be tried again'),
  payment_recorded: ({ amountFen, method }) => [`收到款项 ${yuanOf(amountFen)}（${wordOf(paymentMethods, method)[0]}）`, `${yuanOf(amountFen)} received (${wordOf(paymentMethods, method)[1]})`],
  invoice_issued: ({ invoice, totalFen, dueOn }) => [`已出账单 ${invoice}（${yuanOf(totalFen)}，${dueOn} 前付）`, `Invoice ${invoice} issued (${yuanOf(totalFen)}, due by ${dueOn})`],
  accrued: ({ terminals, charges }) => [`计费：${terminals} 台终端，${charges} 笔`, `Charged: ${terminals} terminal(s), ${charges} charge(s)`],
  contract_agreed: ({ version }) => [`登记合同第 ${version} 版`, `Contract version ${version} recorded`],
  mapping_saved: plain('保存了对账文件的列对应', 'How the columns of settlement files are read was kept'),
  policy_drafted: ({ version }) => [`起草规则第 ${version} 版`, `Version ${version} of the rules drafted`],
  policy_approved: ({ version }) => [`批准规则第 ${version} 版`, `Version ${version} of the rules approved`],
  key_made: ({ hint }) => [`新建密钥 ${hint}…`, `Key ${hint}… made`],
  key_revoked: ({ hint }) => [`吊销密钥 ${hint}…`, `Key ${hint}… revoked`],
  gate_fenced: ({ gate }) => [`闸口 ${gate} 已隔离`, `Gate ${gate} fenced`],
  gate_readmitted: ({ gate }) => [`闸口 ${gate} 重新接纳`, `Gate ${gate} readmitted`],
  payment_returned: ({ amountFen }) => [`款项 ${yuanOf(amountFen)} 被退回，恢复欠款`, `The payment of ${yuanOf(amountFen)} was returned and is owed again`],
  paid_back: ({ amountFen }) => [`退还余额 ${yuanOf(amountFen)}`, `Credit of ${yuanOf(amountFen)} paid back`],
  fee_waived: ({ amountFen }) => [`减免费用 ${yuanOf(amountFen)}`, `${yuanOf(amountFen)} of fees waived`],
  fee_waiver_proposed: ({ amountFen }) => [`申请减免 ${yuanOf(amountFen)}，待第二人确认`, `A waiver of ${yuanOf(amountFen)} waits for a second person`],
  handover_proposed: ({ serials }) => [`机具 ${listOf(serials)} 待对方签收`, `Device ${listOf(serials)}: a hand-over waits for the other signature`],
  handed_over: ({ serials, from, to }) => [`机具 ${listOf(serials)} 已由${handsIn(from)[0]}交给${handsIn(to)[0]}，双方已签`, `Device ${listOf(serials)} went from the ${handsIn(from)[1]} to the ${handsIn(to)[1]}, signed by both`],
  handover_refused: ({ serials }) => [`机具 ${listOf(serials)} 的交接被拒收`, `The hand-over of device ${listOf(serials)} was refused`],
  handover_withdrawn: ({ serials }) => [`机具 ${listOf(serials)} 的交接已撤回`, `The hand-over of device ${listOf(serials)} was withdrawn`],
  ticket_opened: ({ no, reason }) => [`开单 ${String(no)}（${wordOf(reasons, reason)[0]}）`, `Ticket ${String(no)} opened (${wordOf(reasons, reason)[1]})`],
  ticket_moved: ({ no, state, entry }) => {
    const act = wordOf(ticketActs, (entry as { act?: string } | undefined)?.act)
    return [`单 ${String(no)}：${act[0]}，${wordOf(ticketStates, state)[0]}`, `Ticket ${String(no)}: ${act[1]}; it is ${wordOf(ticketStates, state)[1]}`]
  },
  evidence_added: ({ no }) => [`单 ${String(no)} 收到证据`, `Evidence added to ticket ${String(no)}`],
  faults_repeated: ({ count, days }) => [`${String(days)} 天内第 ${String(count)} 次故障`, `Fault number ${String(count)} within ${String(days)} days`],
  loss_reported: ({ chargeFen }) => typeof chargeFen === 'number' ? [`机具报失，赔偿 ${yuanOf(chargeFen)}`, `Device reported missing; ${yuanOf(chargeFen)} to pay`] : ['机具报失，按注销办理', 'Device reported missing during its closure'],
  damage_reported: ({ estimateFen }) => [`机具报损，估 ${yuanOf(estimateFen)}`, `Device reported damaged, about ${yuanOf(estimateFen)}`],
  account_good: plain('账款已结清，停用项自动解除', 'The account is settled: the hold ended by itself'),
  moved_asked: plain('机具不在登记地址，已询问商户', 'The device is not where it is registered: the merchant was asked'),
  seen_elsewhere: ({ event }) => [`闸口发现${wordOf(gateReasons, event)[0]}，按规则停用`, `Stopped by rule: ${wordOf(gateReasons, event)[1]}`],
  duty_reminded: ({ kind }) => [`提醒：${wordOf(dutyKinds, kind)[0]}`, `Reminded: ${wordOf(dutyKinds, kind)[1]}`],
  duty_done: ({ kind }) => [`${wordOf(dutyKinds, kind)[0]}已完成`, `Done: ${wordOf(dutyKinds, kind)[1]}`],
  duty_checked: ({ kind }) => [`${wordOf(dutyKinds, kind)[0]}有新结果`, `Results came in: ${wordOf(dutyKinds, kind)[1]}`],
  duty_answered: ({ kind, answer }) => [`${wordOf(dutyKinds, kind)[0]}：商户答复${wordOf(careAnswers, answer)[0]}`, `${wordOf(dutyKinds, kind)[1]}: the merchant answered ${wordOf(careAnswers, answer)[1]}`],
  duty_called: ({ kind, reached }) => [`${wordOf(dutyKinds, kind)[0]}：已致电${reached === true ? '' : '，未接通'}`, `${wordOf(dutyKinds, kind)[1]}: the merchant was called${reached === true ? '' : ', not reached'}`],
  duty_cancelled: ({ kind }) => [`${wordOf(dutyKinds, kind)[0]}不再需要`, `No longer needed: ${wordOf(dutyKinds, kind)[1]}`],
  duty_waits: ({ kind }) => [`${wordOf(dutyKinds, kind)[0]}：已在办理，暂不提醒`, `${wordOf(dutyKinds, kind)[1]}: under way, no reminder for now`],
  letter_issued: ({ letter }) => [`出具停用通知书 ${String(letter)}`, `Notice of the stop issued: ${String(letter)}`],
  evening_watched: plain('日终提醒', 'End-of-day reminder'),
  imported: plain('按导入的文件更新', 'Updated from an imported file'),
  records_matched: ({ found, changed, resolved }) => found === 0 && changed === 0 && resolved === 0 ? ['三单核对，没有变化', 'Three records matched: nothing changed']
    : [`三单核对：新增不符 ${found} 条，变化 ${changed} 条，消除 ${resolved} 条`, `Three records matched: ${found} break(s) found, ${changed} changed, ${resolved} resolved`],
  break_assigned: aboutBreak('已转办', 'was handed to somebody'),
  break_explained: aboutBreak('有了说明', 'was explained'),
  break_proposed: aboutBreak('提请认可，待第二人复核', 'is to be accepted; a second person must confirm'),
  break_accepted: aboutBreak('已认可', 'was accepted'),
  break_reopened: aboutBreak('重新打开', 'is open again'),
  attempted: ({ class: kind, count }) => {
    const [zh, en] = wordOf(transactionClasses, kind)
    return count === 1 ? [`停机后仍尝试${zh}，已拒绝`, `A ${en} was tried although it is stopped, and refused`]
      : [`停机后仍尝试${zh}等 ${count} 次，均已拒绝`, `${count} attempts (${en}) although it is stopped, all refused`]
  },
  approved_in_standin: ({ class: kind, amountFen }) => {
    const yuan = typeof amountFen === 'number' ? ` ¥${formatYuan(amountFen)}` : ''
    return [`闸口失联期间代授权${wordOf(transactionClasses, kind)[0]}${yuan}`, `A gate in stand-in approved a ${wordOf(transactionClasses, kind)[1]}${yuan}`]
  },
  security_event: ({ event }) => [`安全事件：${wordOf(gateReasons, event)[0]}`, `Security event: ${wordOf(gateReasons, event)[1]}`],
  gate_behind: ({ gate }) => [`闸口 ${gate} 到停机前一分钟仍未确认，已告警`, `Gate ${gate} had not acknowledged the stop a minute before it: an alarm was raised`],
  dormancy({ answer, answerBy }, { moments }) {
    const given = dormancyAnswers[answer as keyof typeof dormancyAnswers]
    if (given) return [`商户答复长期无交易核实：${given[0]}`, `The merchant answered the dormancy question: ${given[1]}`]
    if (typeof answerBy !== 'number') return ['长期没有交易，已询问商户', 'No sale for months: the merchant was asked']
    const [zh, en] = moments.by(answerBy)
    return [`长期没有交易，已询问商户，${zh}答复`, `No sale for months: the merchant was asked, to answer ${en}`]
  },
}

/** `fact` as the journal holds it. */
export function factSentence(fact: Written, reader: FactReader): string {
  const told: Told = { ...reader, moments: momentsAt(reader.now, reader.zone) }
  const teller = besides[fact.fact] ?? (tellers as unknown as Record<string, (f: Written, t: Told) => Words>)[fact.fact]
  return teller === undefined ? fact.fact : say(teller(fact, told), reader.language)
}
