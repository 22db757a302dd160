// Every reason Tingqi says no, in order of precedence: when several apply, the one that stands higher is given.
// A refusal is a value, not an exception. `status` is the HTTP status, `retry` whether the same request may succeed later
// without being changed, `words` one plain sentence; {name} marks what the refusal's own particulars fill in.
import type { Language, Words } from './vocabulary.ts'
import { say } from './vocabulary.ts'

type Entry = { status: number; retry: boolean; words: Words }
const no = (status: number, zh: string, en: string, retry = false): Entry => ({ status, retry, words: [zh, en] })

export const refusals = {
  // who is asking
  unauthenticated: no(401, '请先登录，或提供有效的密钥。', 'Please sign in, or send a valid key.'),
  totp_required: no(403, '机构人员须先启用动态口令。', 'Provider staff must set up a one-time password first.'),
  rate_limited: no(429, '请求过于频繁，请稍后再试。', 'Too many requests. Please try again in a moment.', true),
  not_found: no(404, '没有找到，或不属于您。', 'Not found, or not yours.'),
  role_missing: no(403, '您的角色（{role}）不能做这件事，需要：{needed}。', 'Your role ({role}) may not do this; needed: {needed}.'),
  // how it is asked
  request_malformed: no(400, '请求格式有误。', 'The request is malformed.'),
  fields_invalid: no(422, '有 {count} 处填写有误，请看各项说明。', '{count} field(s) are wrong; each is explained.'),
  too_large: no(413, '内容过大，上限 {max}。', 'Too large; the limit is {max}.'),
  media_unsupported: no(415, '不支持这种内容类型。', 'This content type is not supported.'),
  idempotency_mismatch: no(422, '同一个幂等键已用于不同的请求。', 'This idempotency key was used for a different request.'),
  still_running: no(409, '同一个请求正在处理，请稍后再试。', 'The same request is still running. Please try again shortly.', true),
  version_stale: no(412, '内容已被他人更新，请刷新后再试。', 'Someone changed this meanwhile. Please reload and try again.'),
  clock_not_manual: no(403, '只有以手动时钟启动时才能拨动时间。', 'Time can be moved only when started with a manual clock.'),
  clock_backwards: no(409, '时间只能向前，现在是 {now}。', 'Time only moves forward; it is {now}.'),
  // what is asked
  kind_not_offered: no(422, '{provider} 暂不受理「{kind}」。', '{provider} does not take this kind of case yet: {kind}.'),
  terminal_unknown: no(404, '终端 {tid} 没有找到。', 'Terminal {tid} was not found.'),
  terminals_mixed: no(422, '一份申请里的终端须属于同一商户、同一机构。', 'All terminals of one case must belong to one merchant and one provider.'),
  terminal_closed: no(409, '终端 {tid} 已注销。', 'Terminal {tid} is closed.'),
  terminal_not_installed: no(409, '终端 {tid} 尚未装机。', 'Terminal {tid} is not installed yet.'),
  case_open_already: no(409, '终端 {tid} 已有未办结的申请 {no}。', 'Terminal {tid} already has an open case: {no}.'),
  already_stopped: no(409, '终端 {tid} 已申请停机，见 {no}。', 'Terminal {tid} is already stopped by its merchant, see {no}.'),
  nothing_to_lift: no(409, '终端 {tid} 没有商户停机，无需复机。', 'Terminal {tid} has no stop of its merchant to lift.'),
  held_by_another: no(409, '终端 {tid} 另有停用项 {reason}，由{owner}负责，办法：{wayOut}。', 'Terminal {tid} is also held for {reason}; it belongs to {owner}. Way out: {wayOut}.'),
  reason_not_yours: no(422, '原因 {reason} 不能用于这类申请。', 'Reason {reason} cannot be used here.'),
  words_required: no(422, '请用几句话说明。', 'Please say why in words.'),
  effect_in_past: no(422, '停机时间 {at} 已经过去。', 'The stop time {at} has already passed.'),
  lead_time_short: no(422, '最早可以停机的时间是 {earliest}。', 'The earliest possible stop is {earliest}.'),
  until_before_from: no(422, '恢复时间须晚于停机时间。', 'The return must come after the stop.'),
  closing_has_no_return: no(422, '注销没有恢复日期；只停一段时间请办停机。', 'A closure has no return date; to stop for a time, ask for a suspension.'),
  until_required: no(422, '请填写恢复日期。', 'A return date is needed.'),
  stop_too_long: no(422, '临时停机最长 {days} 天；更长请办停用。', 'A temporary stop may last {days} days at most; for longer, deactivate.'),
  calendar_unknown: no(409, '{year} 年的节假日安排尚未导入，无法计算工作日。', 'The working-day calendar of {year} is not known yet; import it first.', true),
  consent_required: no(422, '代商户办理须附商户同意的凭证。', 'Filing on behalf of a merchant needs proof of its consent.'),
  channel_not_yours: no(422, '「{channel}」是代商户登记的渠道，您是本人办理，请用线上或机具。', 'The channel {channel} is for filing on behalf of a merchant; you file yourself: use online or device.'),
  proof_kind_wrong: no(422, '「{channel}」办理须附：{needed}。', 'Filed by {channel}, the case needs as proof: {needed}.'),
  materials_incomplete: no(409, '材料还缺：{missing}。', 'Materials still missing: {missing}.'),
  clearance_open: no(409, '还有 {count} 笔未结清（{amount}），结清后才能办理。', '{count} item(s) are still open ({amount}); they must be settled first.'),
  // may this happen now
  not_in_this_state: no(409, '办件现在是「{state}」，不能{command}。', 'The case is {state}; it cannot be changed this way: {command}.'),
  claimed_by_another: no(409, '办件已由 {name} 领取。', 'The case is being handled by {name}.'),
  assignee_unknown: no(422, '本机构没有这位经办人：{name}。', 'Nobody of this name works for the provider: {name}.'),
  assignee_cannot: no(422, '{name} 的角色不能办理这一件。', 'The role of {name} cannot work this case.'),
  maker_is_checker: no(403, '提交或审核过这份申请的人不能再批准它，须由另一人办理。', 'Whoever submitted or reviewed a case may not approve it; another person must.'),
  dossier_changed: no(409, '审核后材料有变动，须重新审核。', 'The file changed after it was reviewed; it must be reviewed again.'),
  stop_begun: no(409, '停机已经开始，不能撤回；请办复机。', 'The stop has begun and cannot be withdrawn; ask for reactivation instead.'),
  stop_not_begun: no(409, '停机还没有开始，没有可以比较的。', 'The stop has not begun: there is nothing to compare yet.', true),
  step_machine_checked: no(409, '「{step}」由系统核对，不能手工勾选。', '"{step}" is checked by the system and cannot be ticked by hand.'),
  step_unknown: no(404, '没有这个事项。', 'There is no such step.'),
  step_settled: no(409, '这个事项已经办好。', 'This step is already settled.'),
  steps_open: no(409, '还有必办事项：{steps}。', 'Required steps are still open: {steps}.'),
  second_person: no(409, '涉及资金的豁免须由另一人确认。', 'A waiver about money must be confirmed by a second person.'),
  material_unknown: no(404, '没有这份材料。', 'There is no such material.'),
  material_settled: no(409, '这份材料已经是「{state}」。', 'This material is already {state}.'),
  hold_not_yours: no(403, '停用项 {reason} 由{owner}负责，只能由其解除：{wayOut}。', 'The hold {reason} belongs to {owner} and can be lifted only by: {wayOut}.'),
  hold_place_not_yours: no(403, '您的角色不能以 {reason} 停用终端。', 'Your role may not stop a terminal for {reason}.'),
  hold_lifted: no(409, '这个停用项已经解除。', 'This hold is already lifted.'),
  hold_exists: no(409, '终端 {tid} 已有同类停用项 {reason}。', 'Terminal {tid} already carries this hold: {reason}.'),
  hold_by_case: no(409, '商户停机只能通过复机申请解除。', 'A merchant\'s stop is lifted only by a reactivation case.'),
  account_not_good: no(409, '账上还欠 {amount}，缴清后自动解除，不能手工解除。', 'The account still owes {amount}; once paid, this hold ends by itself and not by hand.'),
  rectification_open: no(409, '整改单 {no} 尚未审结，先审结再解除。', 'Rectification {no} has not been judged yet; judge it first.'),
  demand_first: no(409, '因 {reason} 停用，须先在 {no} 中正式要求整改并认可，才能解除。', 'A hold for {reason} ends only after a formal demand in {no} was met.'),
  ticket_exists: no(409, '终端 {tid} 已有同类故障单 {no}。', 'Terminal {tid} already has a ticket for this fault: {no}.'),
  ticket_not_in_this_state: no(409, '这张单现在是「{state}」，不能{command}。', 'The ticket is {state}; this cannot be done now: {command}.'),
  test_needed: no(409, '终端已因这张故障单停用，只能由测试通过来结案。', 'The terminal is stopped for this fault: only a passed test closes the ticket.'),
  duty_not_in_this_state: no(409, '这件事现在是「{state}」，不能{command}。', 'This is {state}; it cannot be done now: {command}.'),
  duty_asks_otherwise: no(422, '「{duty}」不是这样办的，需要：{needed}。', '"{duty}" is not done this way; needed: {needed}.'),
  device_absent: no(409, '终端 {tid} 没有绑定机具。', 'No device is bound to terminal {tid}.'),
  device_replaced_unknown: no(422, '换机要注明本终端换机办件的编号。', 'A swap names a replacement case of this terminal.'),
  test_in_case: no(409, '终端 {tid} 的复机申请正在办理，请在该办件中登记测试。', 'A reactivation of terminal {tid} is under way; record the test in that case.'),
  test_not_due: no(409, '终端 {tid} 现在不在测试阶段。', 'Terminal {tid} is not being tested now.'),
  test_items_missing: no(422, '测试项目不全，还缺：{missing}。', 'Test items missing: {missing}.'),
  closure_begun: no(409, '注销已经开始，不能撤回；机具交出前，可申请复机来取消注销。', 'The closure has begun and cannot be withdrawn; until the device is handed over, a reactivation undoes it.'),
  closure_past_return: no(409, '终端 {tid} 的机具已经交出，或押金已开始退还，注销不能再取消。', 'The device of terminal {tid} has been handed over, or its deposit is being refunded: the closure can no longer be undone.'),
  replacement_begun: no(409, '换机已经开始，不能撤回；装回机具并通过测试后恢复收款。', 'The replacement has begun and cannot be withdrawn; the terminal opens again once a device is on it and tested.'),
  hold_by_replacement: no(409, '换机期间的停用项随换机解除：新机具装好并通过测试。', 'A replacement\'s own hold ends with it: once the new device is on the terminal and tested.'),
  device_unknown: no(404, '没有找到机具 {serial}。', 'There is no device {serial}.'),
  device_bound_already: no(409, '机具 {serial} 已绑定终端 {tid}（一机一码）。', 'Device {serial} is bound to terminal {tid} already.'),
  device_not_in_stock: no(409, '机具 {serial} 现在是「{state}」，不能装机。', 'Device {serial} is not free to be put on a terminal: {state}.'),
  model_not_certified: no(409, '机型 {model} 不在认证清单内。', 'Model {model} is not certified.'),
  device_on_it: no(409, '终端 {tid} 已经装好机具 {serial}。', 'Terminal {tid} has its device already: {serial}.'),
  device_not_on_it: no(409, '终端 {tid} 还没有装好机具。', 'Terminal {tid} has no device on it yet.'),
  swap_not_due: no(409, '终端 {tid} 尚未停止收款并由全部闸口确认，不能拆机。', 'Terminal {tid} is not shut at every gate yet; its device stays on it.', true),
  appeal_not_possible: no(409, '停用项 {reason} 不设申诉，办法：{wayOut}。', 'The hold {reason} cannot be appealed against. Way out: {wayOut}.'),
  appeal_too_late: no(409, '申诉期限已过（{until}）。', 'The time for an appeal is over ({until}).'),
  appeal_own_hold: no(403, '停用是您本人作出的，申诉须由另一人决定。', 'You placed this hold; another person decides the appeal against it.'),
  install_names_none: no(422, '装机申请不填终端号，批准后分配。', 'An installation names no terminal; its number is given with the approval.'),
  store_unknown: no(422, '没有这家门店：{store}。', 'There is no such store: {store}.'),
  handover_not_in_this_state: no(409, '这次交接现在是「{state}」，不能{command}。', 'This hand-over is {state}; this cannot be done now: {command}.'),
  handover_other_side: no(403, '须由对方签收，交出的人不能自己签。', 'The other side signs for it; whoever hands over cannot.'),
  handover_not_holder: no(409, '机具 {serial} 现在由{holder}保管，不能由此交出。', 'Device {serial} is with {holder} and cannot be handed over from here.'),
  handover_under_way: no(409, '机具 {serial} 正在另一次交接中。', 'Device {serial} is in another hand-over already.'),
  return_not_in_this_state: no(409, '这台机具现在是「{state}」，不能{command}。', 'The device is {state}; this cannot be done now: {command}.'),
  photo_required: no(422, '损坏或缺失的部件须附照片：{parts}。', 'A broken or missing part needs a photo: {parts}.'),
  deposit_not_in_this_state: no(409, '押金现在是「{state}」，不能{command}。', 'The deposit is {state}; this cannot be done now: {command}.'),
  deduction_rule_unknown: no(422, '扣款表里没有这一项：{rule}。', 'The table of deductions has no such line here: {rule}.'),
  dispute_answered: no(409, '异议已经答复过，不能再次提出。', 'The dispute has been answered and cannot be raised again.'),
  deduction_waits: no(409, '商户尚未同意扣款，{until} 前可以提出异议，届时再确认。', 'The merchant has not accepted the deduction and may dispute it until {until}; it is confirmed after that.', true),
  refund_second_person: no(403, '押金的扣款与退还须由另一人确认，提出的人不能自己确认。', 'A deduction and its refund must be confirmed by a second person, not by the one who proposed it.'),
  dormancy_not_asked: no(409, '没有待答复的长期无交易核实。', 'No dormancy question is waiting for an answer.'),
  mapping_provider: no(422, '请说明是哪家机构的列对应关系。', 'Please say whose mapping this is.'),
  days_reversed: no(422, '结束日期早于开始日期。', 'The last day lies before the first.'),
  break_not_in_this_state: no(409, '这条三单不符现在是「{state}」，不能{command}。', 'This break is {state}; it cannot be changed this way: {command}.'),
  acceptance_second_person: no(403, '超过限额的认可须由另一人复核，提请的人不能自己确认。', 'An acceptance above the limit must be confirmed by a second person.'),
  run_not_stoppable: no(409, '这次核对已经结束。', 'This run has already ended.'),
  // kept and disposed of
  legal_hold_by_two: no(403, '法定保全须由另一人解除，下达的人不能自己解除。', 'A legal hold is lifted by another person than the one who placed it.'),
  legal_hold_lifted: no(409, '这项法定保全已经解除。', 'This legal hold is already lifted.'),
  disposed_already: no(409, '商户 {mid} 的资料已经销毁。', 'The data of merchant {mid} has been disposed of already.'),
  disposal_exists: no(409, '商户 {mid} 已有销毁申请。', 'A disposal of the data of merchant {mid} is already under way.'),
  disposal_held: no(409, '主管机关要求保全，不得销毁。', 'An authority wants the data kept: it must not be disposed of.'),
  disposal_open: no(409, '还不能销毁：{what}。', 'It cannot be disposed of yet: {what}.'),
  disposal_too_early: no(409, '保存期限未满，须保存至 {until}。', 'The data must be kept until {until}.'),
  disposal_second_person: no(403, '销毁须由另一人复核，提出的人不能自己确认。', 'A disposal is confirmed by a second person, not by the one who proposed it.'),
  disposal_not_in_this_state: no(409, '销毁申请现在是「{state}」，不能{command}。', 'The disposal is {state}; it cannot be changed this way: {command}.'),
  step_up_required: no(403, '这一步不能撤销：请重新登录，{minutes} 分钟内在网页上确认。', 'This cannot be undone: sign in again and confirm it within {minutes} minutes; a key does not do.'),
  replay_running: no(409, '这份规则正在重放。', 'This policy is being replayed already.'),
  replay_not_stoppable: no(409, '这次重放已经结束。', 'This replay has already ended.'),
  // money
  payment_known: no(409, '这笔款项（{reference}）已经登记过。', 'This payment ({reference}) is recorded already.'),
  payment_returned: no(409, '这笔款项已经退回过。', 'This payment was returned already.'),
  more_than_owed: no(409, '最多 {amount}，这是现在的欠款。', 'At most {amount}: that is what is owed now.'),
  more_than_credit: no(409, '最多可退 {amount}，这是现在的余额。', 'At most {amount} can be paid back: that is the credit now.'),
  nothing_to_invoice: no(409, '没有未出账的费用。', 'There is no charge that is not on an invoice yet.'),
  waiver_settled: no(409, '这项减免已经确认。', 'This waiver is confirmed already.'),
  merchant_needed: no(422, '请指明商户号、终端号或办件编号。', 'Please name the merchant, the terminal or the case.'),
  provider_needed: no(422, '该商户有几家机构，请指明机构。', 'The merchant has several providers; please name one.'),
  mix_unknown: no(422, '最近 {days} 天没有交易，请填写各类交易的金额。', 'There was no sale in the last {days} days; please give the amounts per kind of card.'),
  // telling
  webhook_url_refused: no(422, '接收地址不可用：{why}。', 'This address cannot be used: {why}.'),
  webhook_disabled: no(409, '接收地址已停用，请先启用。', 'The endpoint is disabled; enable it first.'),
  webhook_state: no(409, '接收地址已经是这个状态。', 'The endpoint is in this state already.'),
  delivery_waiting: no(409, '这条通知还在发送中，请等它结束。', 'This delivery is still under way; please wait until it has ended.'),
  delivery_not_printed: no(409, '只有待寄送的打印件可以登记寄出。', 'Only what waits to be printed and posted can be confirmed so.'),
  contact_address: no(422, '地址与通道不符：{channel}。', 'The address does not fit the channel: {channel}.'),
  carrier_missing: no(409, '没有配置这个通道（{channel}），现在发不出去。', 'No carrier is configured for this channel ({channel}); nothing can be sent.'),
  too_many: no(409, '最多 {max} 个，请先删除不用的。', 'There may be {max} at most; remove what is not used.'),
  complaint_not_in_this_state: no(409, '这件投诉现在是「{state}」，不能{command}。', 'The complaint is {state}; this cannot be done now: {command}.'),
  complaint_reopened_before: no(409, '这件投诉已经重新办理过一次，请另行提出。', 'This complaint was reopened once already; please file another.'),
  // many at once
  range_too_long: no(422, '最长 {days} 天。', 'The range may be {days} days at most.'),
  bulk_none: no(422, '没有符合条件的终端。', 'No terminal matches.'),
  bulk_too_many: no(422, '符合条件的终端超过 {max} 台，请缩小范围。', 'More than {max} terminals match; please narrow the selection.'),
  bulk_model_needed: no(422, '按软件版本筛选须指明机型。', 'A firmware version means something within one model only; please name the model.'),
  bulk_not_in_this_state: no(409, '这批操作现在是「{state}」，不能{command}。', 'This bulk is {state}; this cannot be done now: {command}.'),
  bulk_of_plan: no(409, '这批操作属于计划「{name}」，请在计划里办理。', 'This bulk belongs to the plan "{name}"; it is started and confirmed there.'),
  bulk_second_person: no(403, '超过 {limit} 台须由另一人复核，提交的人不能自己确认。', 'More than {limit} terminals need a second person: whoever made the bulk cannot confirm it.'),
  bulk_nothing_failed: no(409, '没有未办成的终端，无需重试。', 'Nothing failed, so there is nothing to try again.'),
  test_failed: no(409, '测试未通过（{items}），终端保持停机。', 'The test failed ({items}); the terminal stays stopped.'),
  test_awaited: no(409, '还没有测试结果，终端保持停机。', 'There is no test result yet; the terminal stays stopped.'),
  hold_none: no(409, '终端 {tid} 没有可由您解除的停用项 {reason}。', 'Terminal {tid} carries no hold {reason} that you could lift.'),
  plan_times: no(422, '时间须依次为：停机、清算截止、开始测试、窗口结束。', 'Times must follow each other: stop, end of draining, begin of tests, end of the window.'),
  plan_kind: no(409, '「{kind}」没有这一步。', 'A {kind} has no such step.'),
  plan_ended: no(409, '这个计划已经结束。', 'This plan has ended.'),
  plan_task_unknown: no(404, '计划里没有这个事项。', 'The plan has no such task.'),
  plan_task_done: no(409, '这个事项已经办好。', 'This task is done already.'),
  plan_owner: no(403, '原因 {reason} 的停用项由{owner}负责，须由其制定计划。', 'Holds for {reason} belong to {owner}; the plan must be theirs.'),
  // the gate
  key_of_host: no(409, '这里不是收单主机，终端的密钥不在这里。', 'This is not the acquirer\'s host: the keys of terminals are not here.'),
  // files
  import_not_stoppable: no(409, '导入已经结束。', 'The import has already ended.'),
  file_type: no(422, '只接受 PDF、JPEG、PNG（按内容识别）。', 'Only PDF, JPEG and PNG are taken (by content, not name).'),
  file_unsafe: no(422, '文件含有脚本、附件或加密，不能接收。', 'The file carries scripts, attachments or encryption and cannot be taken.'),
  file_damaged: no(422, '文件已损坏，无法读取。', 'The file is damaged and cannot be read.'),
  image_too_large: no(422, '图片像素过大，上限 {max} 百万像素。', 'The picture has too many pixels; the limit is {max} megapixels.'),
  letter_not_ready: no(503, '函件正在生成，请稍后再试。', 'The letter is being made. Please try again in a moment.', true),
  material_disposed: no(410, '材料已按规定销毁。', 'The material has been disposed of by rule.'),
  // us
  unavailable: no(503, '系统暂时无法处理，请稍后再试。', 'We cannot do this right now. Please try again shortly.', true),
  internal: no(500, '系统出错，已记录，请凭请求号联系我们。', 'Something went wrong on our side; it is recorded. Please quote the request id.'),
} as const satisfies Record<string, Entry>

export type RefusalCode = keyof typeof refusals
export type FieldError = { pointer: string; code: string; words: Words }
export type Refusal = {
  refused: RefusalCode
  with: Readonly<Record<string, string | number | Words>>
  fields?: readonly FieldError[]
}

/** Says no: `code` from the catalogue, `particulars` fill the marks of its sentence (a `Words` pair is said in the reader's language). */
export const refuse = (code: RefusalCode, particulars: Refusal['with'] = {}, fields?: readonly FieldError[]): Refusal =>
  fields ? { refused: code, with: particulars, fields } : { refused: code, with: particulars }

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value

/** Refuses one field: `pointer` is a JSON pointer into the body (RFC 6901). */
export const refuseField = (pointer: string, code: RefusalCode, particulars: Refusal['with'] = {}): Refusal =>
  refuse(code, particulars, [{ pointer, code, words: fillBoth(code, particulars) }])

const fillBoth = (code: RefusalCode, particulars: Refusal['with']): Words => [
  sentenceOf({ refused: code, with: particulars }, 'zh'),
  sentenceOf({ refused: code, with: particulars }, 'en'),
]

/** The refusal's sentence with its particulars filled in. */
export function sentenceOf(refusal: Refusal, language: Language): string {
  return say(refusals[refusal.refused].words, language).replace(/\{(\w+)\}/g, (mark, name: string) => {
    const value = refusal.with[name]
    if (value === undefined) return mark
    return typeof value === 'object' ? say(value, language) : String(value)
  })
}

const order = Object.keys(refusals) as RefusalCode[]
/** Of several refusals, the one that stands first in the catalogue. */
export const foremost = (all: readonly Refusal[]): Refusal | undefined =>
  all.toSorted((a, b) => order.indexOf(a.refused) - order.indexOf(b.refused))[0]
