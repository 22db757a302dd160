// Every closed set of words, once: identifier → [zh, en]. Types, SQL checks, OpenAPI enums, labels and the documentation
// are all read from here; a word that is not in one of these tables does not exist in Tingqi.

/** A word as people read it: Chinese first, English second. */
export type Words = readonly [zh: string, en: string]
type Table = Readonly<Record<string, Words>>
export type Word<T extends Table> = keyof T & string

/** The identifiers of a table, as the non-empty tuple zod and SQL checks want. */
export const words = <T extends Table>(table: T): [Word<T>, ...Word<T>[]] =>
  Object.keys(table) as [Word<T>, ...Word<T>[]]

export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]
export const say = (entry: Words, language: Language): string => entry[language === 'zh' ? 0 : 1]

// ── Parties and people ──────────────────────────────────────────────────────────────────────────────────────────────
export const partyKinds = {
  platform: ['平台', 'platform'],
  provider: ['支付机构', 'provider'],
  merchant: ['商户', 'merchant'],
} as const satisfies Table
export type PartyKind = Word<typeof partyKinds>

export const roles = {
  platform_admin: ['平台管理员', 'platform administrator'],
  auditor: ['审计', 'auditor'],
  agent: ['客服', 'agent'],
  reviewer: ['审核', 'reviewer'],
  approver: ['复核', 'approver'],
  finance: ['财务', 'finance'],
  field: ['外勤', 'field engineer'],
  risk: ['风控', 'risk officer'],
  operations: ['运维', 'operations'],
  provider_admin: ['机构管理员', 'provider administrator'],
  merchant_owner: ['商户负责人', 'merchant owner'],
  merchant_staff: ['店员', 'merchant staff'],
  integrator: ['接入系统', 'integrator'],
  system: ['系统', 'system'],
} as const satisfies Table
export type Role = Word<typeof roles>

// ── Five status lines of a terminal ─────────────────────────────────────────────────────────────────────────────────
export const services = {
  pending_setup: ['待装机', 'waiting for installation'],
  active: ['正常', 'active'],
  restricted: ['受限', 'restricted'],
  draining: ['停机清算中', 'draining'],
  suspended: ['停机', 'suspended'],
  testing: ['复机测试', 'testing'],
  closed: ['注销', 'closed'],
} as const satisfies Table
export type Service = Word<typeof services>

export const terms = {
  temporary: ['停机（有恢复日）', 'temporary'],
  open_ended: ['停用（无恢复日）', 'open-ended'],
} as const satisfies Table
export type Term = Word<typeof terms>

export const deviceStates = {
  in_stock: ['在库', 'in stock'],
  in_transit: ['在途', 'in transit'],
  deployed: ['布放', 'deployed'],
  stored_by_merchant: ['商户保管', 'stored by the merchant'],
  in_custody: ['机构保管', 'in custody'],
  under_inspection: ['检测中', 'under inspection'],
  in_repair: ['维修中', 'in repair'],
  spare: ['备机', 'spare'],
  swapped_out: ['已换下', 'swapped out'],
  lost: ['遗失', 'lost'],
  stolen: ['被盗', 'stolen'],
  quarantined: ['隔离', 'quarantined'],
  retired: ['报废', 'retired'],
} as const satisfies Table
export type DeviceState = Word<typeof deviceStates>

export const deviceTypes = {
  traditional: ['传统 POS', 'traditional POS'],
  smart: ['智能 POS', 'smart POS'],
  epos: ['电签 POS', 'e-signature POS'],
  qrbox: ['扫码盒', 'QR box'],
} as const satisfies Table
export type DeviceType = Word<typeof deviceTypes>

export const ownerships = { owned: ['自有', 'owned'], lent: ['借用', 'lent'] } as const satisfies Table
export type Ownership = Word<typeof ownerships>

export const connectivities = {
  online: ['在线', 'online'],
  offline: ['离线', 'offline'],
  missing: ['失联', 'missing'],
  unknown: ['未知', 'unknown'],
} as const satisfies Table
export type Connectivity = Word<typeof connectivities>

// ── Holds ───────────────────────────────────────────────────────────────────────────────────────────────────────────
export const effects = {
  restrict: ['受限（只退不收）', 'refunds and completions only'],
  stop: ['停机', 'stop'],
} as const satisfies Table
export type Effect = Word<typeof effects>

/** Who owns a hold: only this desk may clear it, through its own way out. */
export const holdOwners = {
  merchant: ['商户', 'merchant'],
  service_desk: ['客服（机具故障）', 'service desk'],
  risk: ['风控', 'risk'],
  finance: ['财务', 'finance'],
  operations: ['运维', 'operations'],
  compliance: ['合规', 'compliance'],
} as const satisfies Table
export type HoldOwner = Word<typeof holdOwners>

/** How a hold of that owner ends; said in every refusal that names the hold. */
export const waysOut: Readonly<Record<HoldOwner, Words>> = {
  merchant: ['提交复机申请并通过测试', 'a reactivation application and a passed test'],
  service_desk: ['维修并通过测试', 'repair and a passed test'],
  risk: ['整改或申诉，由风控解除', 'rectification or appeal, lifted by the risk officer'],
  finance: ['缴清欠费或账户恢复正常，由财务解除', 'the account put right or paid, lifted by finance'],
  operations: ['维护结束并通过测试', 'the maintenance window ends and the test passes'],
  compliance: ['满足监管要求后由机构解除', 'the requirement is met, lifted by the provider'],
}

export const initiators = {
  merchant: ['商户', 'merchant'],
  device: ['机具', 'device'],
  security: ['安全', 'security'],
  risk: ['风险', 'risk'],
  account: ['账户', 'account'],
  inactivity: ['长期未动', 'inactivity'],
  provider: ['机构', 'provider'],
  other: ['其他', 'other'],
} as const satisfies Table
export type Initiator = Word<typeof initiators>

export const reasons = {
  M01: ['歇业放假', 'seasonal closure'],
  M02: ['装修', 'renovation'],
  M03: ['搬迁', 'relocation'],
  M04: ['业务量低或成本', 'low volume or cost'],
  M05: ['人员外出', 'absence'],
  M06: ['服务纠纷', 'service dispute'],
  M07: ['活动结束', 'event ended'],
  M08: ['自有系统升级', 'own system upgrade'],
  M21: ['停业', 'business closed'],
  M22: ['转让', 'transferred'],
  M23: ['更换服务商', 'other provider'],
  M24: ['合同到期', 'contract ended'],
  M25: ['终端富余', 'surplus terminal'],
  M26: ['改用移动支付', 'other way of being paid'],
  D01: ['机具损坏', 'broken'],
  D02: ['遗失', 'lost'],
  D03: ['被盗', 'stolen'],
  D04: ['超过使用年限', 'end of life'],
  D05: ['读卡器故障', 'card reader'],
  D06: ['电源或电池', 'power or battery'],
  D07: ['密钥故障', 'keys'],
  D08: ['机具锁定', 'locked'],
  D09: ['系统崩溃', 'system crash'],
  D10: ['证书过期', 'certificate expired'],
  D11: ['打印机', 'printer'],
  D12: ['屏幕', 'screen'],
  D13: ['网络', 'network'],
  S01: ['疑似被拆改', 'suspected tampering'],
  S02: ['被拆改', 'tampered'],
  S03: ['失陷', 'compromised'],
  S04: ['擅自换机', 'unauthorised swap'],
  S05: ['擅自移机', 'moved without permission'],
  S06: ['序列号不符', 'serial mismatch'],
  R01: ['疑似套现', 'suspected cash-out'],
  R02: ['欺诈', 'fraud'],
  R03: ['洗钱', 'laundering'],
  R04: ['拒付过多', 'chargebacks'],
  R05: ['PCI 违规', 'PCI breach'],
  R06: ['非法交易', 'illegal trade'],
  R07: ['证照过期', 'identity expired'],
  R08: ['数据泄露', 'data leak'],
  R09: ['违规操作', 'rule breach'],
  R10: ['主管机关要求', 'order of an authority'],
  A01: ['欠费', 'unpaid fees'],
  A02: ['扣款被退', 'debit returned'],
  A03: ['结算账户异常', 'settlement account abnormal'],
  A04: ['余额或押金不足', 'balance or deposit short'],
  I01: ['联系不上', 'no contact'],
  I02: ['三个月无交易', 'no transactions for 3 months'],
  I03: ['十二个月无交易', 'no transactions for 12 months'],
  I04: ['低于最低交易量', 'below minimum'],
  P01: ['计划维护', 'planned maintenance'],
  P02: ['主机迁移', 'host migration'],
  P03: ['召回', 'recall'],
  P04: ['机型停用', 'model withdrawn'],
  P05: ['退出区域', 'area exit'],
  P06: ['规则或监管变化', 'rule or regulation changed'],
  X01: ['已换机', 'replaced'],
  X02: ['已退回', 'returned'],
  X03: ['录入有误', 'entered in error'],
  X04: ['新装终端', 'new installation'],
  X99: ['其他（请说明）', 'other (words required)'],
} as const satisfies Table
export type Reason = Word<typeof reasons>

const initiatorOfLetter: Readonly<Record<string, Initiator>> = {
  M: 'merchant', D: 'device', S: 'security', R: 'risk', A: 'account', I: 'inactivity', P: 'provider', X: 'other',
}
const ownerOfInitiator: Readonly<Record<Initiator, HoldOwner>> = {
  merchant: 'merchant', device: 'service_desk', security: 'risk', risk: 'risk', account: 'finance',
  inactivity: 'compliance', provider: 'operations', other: 'service_desk',
}
export const initiatorOf = (reason: Reason): Initiator => initiatorOfLetter[reason[0]!]!
/** The desk that owns a hold with this reason. P06 (regulation) belongs to compliance, the rest follows the group. */
export const ownerOf = (reason: Reason): HoldOwner =>
  reason === 'P06' ? 'compliance' : ownerOfInitiator[initiatorOf(reason)]
/** A stop for security or risk is shut at once: it has no drain window (domain section 3). */
export const stopsAtOnce = (reason: Reason): boolean => ['security', 'risk'].includes(initiatorOf(reason))
/** Reasons against which the merchant may appeal. */
export const mayAppeal = (reason: Reason): boolean =>
  ['security', 'risk', 'account', 'inactivity'].includes(initiatorOf(reason))
/** Reasons a merchant may give: M01-M08 stop for a time, M21-M26 for good. */
export const isMerchantReason = (reason: Reason): boolean => initiatorOf(reason) === 'merchant'
export const isForGood = (reason: Reason): boolean => /^M2[1-6]$/.test(reason)
/** Reasons for which a terminal is closed: the merchant's own for good, the device is back already, it should never have been. */
export const isClosing = (reason: Reason): boolean => isForGood(reason) || reason === 'X02' || reason === 'X03'

// ── The gate ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const modes = {
  open: ['可交易', 'open'],
  restrict: ['受限', 'restricted'],
  drain: ['清算中', 'draining'],
  shut: ['停机', 'stopped'],
  test: ['测试', 'testing'],
  closed: ['注销', 'closed'],
  unknown: ['未登记', 'unknown'],
} as const satisfies Table
export type Mode = Word<typeof modes>

export const transactionClasses = {
  sign_on: ['签到', 'sign-on'],
  sign_off: ['签退', 'sign-off'],
  echo: ['回响', 'echo'],
  sale: ['消费', 'sale'],
  preauth: ['预授权', 'pre-authorisation'],
  preauth_completion: ['预授权完成', 'pre-authorisation completion'],
  preauth_cancel: ['预授权撤销', 'pre-authorisation cancellation'],
  void: ['消费撤销', 'void'],
  refund: ['退货', 'refund'],
  reversal: ['冲正', 'reversal'],
  settlement: ['批结算', 'settlement'],
  batch_upload: ['批上送', 'batch upload'],
  offline_upload: ['离线上送', 'offline upload'],
  balance: ['余额查询', 'balance'],
  parameter_download: ['参数下载', 'parameter download'],
  status: ['状态上送', 'status'],
  test_sale: ['测试消费', 'test sale'],
} as const satisfies Table
export type TransactionClass = Word<typeof transactionClasses>

export const decisions = { approve: ['通过', 'approve'], decline: ['拒绝', 'decline'] } as const satisfies Table
export type GateDecision = Word<typeof decisions>

/** ISO 8583 field 39 answers the gate gives by default (UnionPay); a provider may map them to others. */
export const responseCodes = {
  '00': ['承兑或交易成功', 'approved'],
  '03': ['商户未登记或已停用', 'merchant unknown or stopped'],
  '30': ['报文格式错误', 'format error'],
  '58': ['终端已停机', 'not permitted to this terminal'],
  '77': ['请先签到', 'sign on again'],
  '91': ['暂时无法受理', 'issuer or switch unavailable'],
  '96': ['系统异常，无法判定', 'cannot decide'],
  '97': ['终端未登记或已注销', 'terminal unknown or closed'],
  A0: ['MAC 校验错', 'MAC wrong'],
} as const satisfies Table
export type ResponseCode = Word<typeof responseCodes>

export const bases = {
  fresh: ['最新', 'fresh'],
  leased: ['租期内', 'leased'],
  standin: ['代授权', 'stand-in'],
  expired: ['已过期', 'expired'],
} as const satisfies Table
export type Basis = Word<typeof bases>

/** How a gate stands with the primary. */
export const gateStates = {
  live: ['在线', 'live'],
  standin: ['失联，代授权中', 'silent, in stand-in'],
  expired: ['失联，已停止授权', 'silent, approves nothing any more'],
  fenced: ['已隔离', 'fenced'],
  left: ['已退出', 'signed off'],
} as const satisfies Table
export type GateState = Word<typeof gateStates>

/** Why a stop still waits for a gate. */
export const gateWaits = {
  behind: ['尚未确认', 'has not acknowledged yet'],
  silent: ['失联，仍可能代授权', 'silent, may still approve in stand-in'],
  fencing: ['已隔离，等租期结束', 'fenced; its lease has still to end'],
} as const satisfies Table
export type GateWait = Word<typeof gateWaits>

/** How a device told that it stopped, or that it works. */
export const deviceWords = {
  sign_off: ['签退', 'sign-off'],
  status: ['状态上送', 'status report'],
  confirmation: ['在机具上确认', 'confirmed on the device'],
} as const satisfies Table
export type DeviceWord = Word<typeof deviceWords>

/** What a gate tells the primary of what it saw. */
export const reportKinds = {
  attempt: ['停机终端尝试交易', 'attempt on a stopped terminal'],
  standin: ['代授权批准', 'approved in stand-in'],
  security: ['安全事件', 'security event'],
  signed_on: ['签到', 'signed on'],
  device_said: ['终端自报状态', 'what the device said'],
  transaction: ['交易', 'transaction'],
  settled: ['结账', 'settled'],
  lost: ['未能保存的记录', 'reports that could not be kept'],
} as const satisfies Table
export type ReportKind = Word<typeof reportKinds>

/** What is wrong with a gate, the gravest first. */
export const gateAlarms = {
  history_lost: ['主库内容比闸口所知的旧，可能恢复了旧备份：只收紧、不放开，等待人工确认', 'the database knows less than this gate did, perhaps an older copy was restored: it only tightens until readmitted'],
  contradiction: ['有终端的新旧记录互相矛盾，按较严的执行', 'records of a terminal contradict each other; the tighter is obeyed'],
  change_refused: ['有变更无法采纳', 'a change could not be taken'],
  digest_differs: ['所存内容与主库不一致，已改正', 'what it held differed from the database and was put right'],
  reports_lost: ['有记录未能保存', 'reports could not be kept'],
  clock_skewed: ['本机时钟与主库相差过大', 'its clock is far from the database’s'],
} as const satisfies Table
export type GateAlarm = Word<typeof gateAlarms>

// ── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────
export const applicationKinds = {
  suspend: ['停机申请', 'suspension'],
  reactivate: ['复机申请', 'reactivation'],
  extend: ['延期申请', 'extension'],
  close: ['注销申请', 'closure'],
  replace: ['换机申请', 'replacement'],
  install: ['装机申请', 'installation'],
  appeal: ['申诉', 'appeal'],
} as const satisfies Table
export type ApplicationKind = Word<typeof applicationKinds>

/** The way a case moves a terminal; at most one open case per terminal and direction. */
export const directions = { down: ['停', 'down'], up: ['启', 'up'], aside: ['其他', 'aside'], plea: ['申诉', 'appeal'] } as const satisfies Table
export type Direction = Word<typeof directions>
export const directionOf: Readonly<Record<ApplicationKind, Direction>> = {
  suspend: 'down', close: 'down', reactivate: 'up', install: 'up', extend: 'aside', replace: 'aside', appeal: 'plea',
}

export const applicationStates = {
  draft: ['草稿', 'draft'],
  submitted: ['已提交', 'submitted'],
  in_review: ['审核中', 'in review'],
  returned: ['待补件', 'returned'],
  second_review: ['复核中', 'second review'],
  approved: ['已批准', 'approved'],
  in_progress: ['办理中', 'in progress'],
  completed: ['已办结', 'completed'],
  rejected: ['已驳回', 'rejected'],
  withdrawn: ['已撤回', 'withdrawn'],
  expired: ['已失效', 'expired'],
  failed: ['办理失败', 'failed'],
} as const satisfies Table
export type ApplicationState = Word<typeof applicationStates>
export const endStates = ['completed', 'rejected', 'withdrawn', 'expired', 'failed'] as const satisfies ApplicationState[]
export const isEnded = (state: ApplicationState): boolean => (endStates as readonly string[]).includes(state)

export const channels = {
  online: ['线上', 'online'],
  phone: ['电话', 'phone'],
  email: ['电子邮件', 'e-mail'],
  fax: ['传真', 'fax'],
  post: ['邮寄', 'post'],
  counter: ['柜面', 'counter'],
  device: ['机具', 'on the device'],
} as const satisfies Table
export type Channel = Word<typeof channels>

/** What proves that somebody who came another way than by signing in really asked. */
export const proofKinds = {
  consent: ['授权凭证编号', 'reference of the consent'],
  recording: ['录音编号', 'number of the recording'],
  message: ['邮件编号', 'identifier of the e-mail'],
  fax: ['传真编号', 'number of the fax'],
  parcel: ['挂号或快递单号', 'number of the registered letter or parcel'],
  signature: ['签字申请书编号', 'number of the signed form'],
  device: ['机具确认', 'confirmed on the device'],
} as const satisfies Table
export type ProofKind = Word<typeof proofKinds>

export const terminalResults = {
  pending: ['待办', 'pending'],
  draining: ['清算中', 'draining'],
  stopped: ['已停', 'stopped'],
  testing: ['测试中', 'testing'],
  reopened: ['已恢复', 'reopened'],
  still_held: ['本项已解除，仍有其他停用项', 'this hold lifted, another remains'],
  extended: ['已延期', 'extended'],
  closed: ['已注销', 'closed'],
  installed: ['已开通', 'in service'],
  released: ['停用项已放行', 'its hold was released'],
  withdrawn: ['已撤回', 'withdrawn'],
  failed: ['失败', 'failed'],
} as const satisfies Table
export type TerminalResult = Word<typeof terminalResults>

export const stepKinds = {
  clearance: ['交易结清', 'transactions settled'],
  three_record_match: ['三单核对', 'three records matched'],
  fees_settled: ['费用结清', 'fees settled'],
  backup: ['数据备份', 'data backed up'],
  device_check: ['机具检查', 'device checked'],
  notify_parties: ['通知相关方', 'parties notified'],
  customer_notice: ['顾客公告', 'customers told'],
  fallback_payment: ['替代收款方式', 'another way to be paid'],
  filing: ['备案', 'filing'],
  settlement_agreement: ['延期结算协议', 'settlement agreement'],
  device_guide: ['停机指引', 'device guide'],
  upstream_cleanup: ['上游清理', 'upstream clean-up'],
  custody_check: ['保管检查', 'custody check'],
  pay_fee: ['缴纳费用', 'fee paid'],
  software_update: ['软件更新', 'software updated'],
  device_test: ['开机测试', 'device test'],
  training: ['人员培训', 'staff trained'],
  device_return: ['退还机具', 'device returned'],
  inspection: ['验机', 'inspection'],
  deposit_refund: ['退还押金', 'deposit refunded'],
  account_close: ['账户销户', 'account closed'],
  finance_system: ['财务系统更新', 'finance system told'],
  data_disposal: ['数据处置', 'data disposed of'],
  site_cleanup: ['现场清理', 'site cleaned up'],
  evaluation: ['评估', 'evaluation'],
  installation: ['上门装机', 'device put in place'],
} as const satisfies Table
export type StepKind = Word<typeof stepKinds>
/** Steps whose truth the system sees for itself; nobody ticks them. */
export const machineChecked = [
  'clearance', 'three_record_match', 'fees_settled', 'backup', 'device_test', 'device_return', 'inspection', 'deposit_refund', 'settlement_agreement',
  'installation',
] as const satisfies StepKind[]
export const isMachineChecked = (kind: StepKind): boolean => (machineChecked as readonly string[]).includes(kind)
/** Steps about money: a waiver needs a second person. */
export const isMoneyStep = (kind: StepKind): boolean =>
  ['clearance', 'three_record_match', 'fees_settled', 'settlement_agreement', 'pay_fee', 'deposit_refund'].includes(kind)

export const stepStates = {
  open: ['待办', 'open'],
  done: ['已完成', 'done'],
  waived: ['已豁免', 'waived'],
  failed: ['未通过', 'failed'],
} as const satisfies Table
export type StepState = Word<typeof stepStates>

export const stepMoments = {
  approval: ['批准前', 'approval'],
  stop: ['停机前', 'stop'],
  completion: ['办结前', 'completion'],
  reopening: ['复机前', 'reopening'],
} as const satisfies Table
export type StepMoment = Word<typeof stepMoments>

export const requirements = { required: ['必办', 'required'], advised: ['建议', 'advised'] } as const satisfies Table
export type Requirement = Word<typeof requirements>

export const testItems = {
  software: ['软件版本', 'software version'],
  battery: ['电池', 'battery'],
  network: ['网络', 'network'],
  screen: ['屏幕', 'screen'],
  scan: ['扫码', 'scanner'],
  print: ['打印', 'printer'],
  card_reader: ['读卡器', 'card reader'],
  test_sale: ['测试消费', 'test sale'],
} as const satisfies Table
export type TestItem = Word<typeof testItems>

export const materialTypes = {
  application_letter: ['盖章申请书', 'stamped application letter'],
  business_licence: ['营业执照', 'business licence'],
  id_card: ['负责人身份证', 'identity card of the person in charge'],
  authorisation: ['授权书', 'authorisation'],
  account_licence: ['开户证明', 'proof of settlement account'],
  settlement_agreement: ['延期结算协议', 'settlement agreement'],
  renovation_proof: ['装修证明', 'proof of renovation'],
  relocation_proof: ['新址证明', 'proof of the new address'],
  device_photo: ['机具照片', 'photo of the device'],
  recording: ['来电记录', 'record of the call'],
  rectification_report: ['整改说明', 'statement of rectification'],
  transaction_vouchers: ['交易凭证（签购单、发票等）', 'vouchers of the transactions'],
  payment_proof: ['缴费凭证', 'proof of payment'],
  police_report: ['报案回执', 'police report'],
  other: ['其他', 'other'],
} as const satisfies Table
export type MaterialType = Word<typeof materialTypes>

export const materialStates = {
  uploaded: ['已上传', 'uploaded'],
  accepted: ['已采信', 'accepted'],
  returned: ['已退回', 'returned'],
} as const satisfies Table
export type MaterialState = Word<typeof materialStates>

export const severities = {
  blocking: ['阻断', 'blocking'],
  warning: ['提示', 'warning'],
  fine: ['正常', 'fine'],
} as const satisfies Table
export type Severity = Word<typeof severities>

export const letterKinds = {
  stop_confirmation: ['停机确认函', 'confirmation of stop'],
  reopening_confirmation: ['复机确认函', 'confirmation of reopening'],
  closure_certificate: ['注销证明', 'certificate of closure'],
  handover_list: ['业务交接清单', 'hand-over list'],
  disposal_certificate: ['数据销毁证明', 'certificate of disposal'],
  hold_notice: ['停用通知书', 'notice of a stop'],
} as const satisfies Table
export type LetterKind = Word<typeof letterKinds>

export const letterStates = {
  valid: ['有效', 'valid'],
  superseded: ['已被取代', 'superseded'],
  disposed: ['内容已按规定销毁', 'its content was disposed of'],
} as const satisfies Table
export type LetterState = Word<typeof letterStates>

export const noticeKinds = {
  application_submitted: ['申请已提交', 'application submitted'],
  application_returned: ['请补件', 'materials needed'],
  application_decided: ['审核结果', 'decision'],
  checkpoint: ['停机前核对', 'check before the stop'],
  stop_due: ['即将停机', 'stop coming'],
  stopped: ['已停机', 'stopped'],
  still_open: ['停机时仍有未结清', 'open items at the stop'],
  return_due: ['即将恢复', 'return coming'],
  reopened: ['已恢复', 'reopened'],
  still_held: ['仍有其他停用项', 'another hold remains'],
  test_failed: ['测试未通过', 'test failed'],
  hold_placed: ['机构停用通知', 'stopped by the provider'],
  hold_lifted: ['停用项已解除', 'hold lifted'],
  dormancy_asked: ['长期无交易核实', 'dormancy check'],
  deadline_near: ['即将超时', 'deadline near'],
  closing: ['注销办理中', 'closure under way'],
  closed: ['已注销', 'closed'],
  device_return: ['退还机具', 'device return'],
  device_changed: ['机具变更', 'device changed'],
  handover: ['机具交接', 'device hand-over'],
  appeal: ['申诉', 'appeal'],
  deposit: ['押金', 'deposit'],
  attempt_refused: ['停机后仍有交易尝试', 'attempts on a stopped terminal'],
  security_event: ['机具安全事件', 'security event on a device'],
  device_silent: ['机具未确认停机', 'the device has not confirmed its stop'],
  gate_behind: ['闸口未确认停机安排', 'a gate has not acknowledged a stop'],
  plan_missed: ['计划到期仍未恢复', 'not open at the end of its plan'],
  plan_overdue: ['到期未达要求', 'requirement not met in time'],
  fault_ticket: ['机具维修', 'device repair'],
  rectification: ['违规整改', 'rectification'],
  account_good: ['账户已恢复', 'account put right'],
  care_due: ['停机期间待办', 'due while stopped'],
  care_overdue: ['停机期间待办逾期', 'overdue while stopped'],
  device_loss: ['机具遗失或损坏', 'device lost or damaged'],
  end_of_day: ['日终提醒', 'end-of-day reminder'],
  complaint_filed: ['收到投诉或建议', 'complaint or feedback'],
  complaint_assigned: ['投诉已有人办理', 'complaint taken up'],
  complaint_answered: ['投诉已答复', 'complaint answered'],
  complaint_late: ['投诉逾期未答复', 'complaint unanswered in time'],
  complaint_closed: ['投诉已结案', 'complaint closed'],
} as const satisfies Table
export type NoticeKind = Word<typeof noticeKinds>

// ── Many at once ────────────────────────────────────────────────────────────────────────────────────────────────────
/** What is done to every terminal of a list; `open` is a plan's own: its stop ends, where the test allows. */
export const bulkActs = {
  place_hold: ['停机', 'stop'],
  lift_hold: ['解除停用项', 'lift the hold'],
  record_test: ['登记开机测试', 'record the device test'],
  open: ['按计划恢复', 'open by the plan'],
} as const satisfies Table
export type BulkActKind = Word<typeof bulkActs>

export const bulkStates = {
  checking: ['预演中', 'rehearsing'],
  ready: ['待执行', 'ready'],
  confirming: ['待复核', 'waiting for a second person'],
  running: ['执行中', 'running'],
  paused: ['已暂停', 'paused'],
  failed: ['中断', 'broken off'],
  done: ['已完成', 'done'],
  cancelled: ['已取消', 'cancelled'],
} as const satisfies Table
export type BulkState = Word<typeof bulkStates>

export const bulkItemStates = {
  waiting: ['待办', 'waiting'],
  unable: ['预演不可办', 'cannot, says the rehearsal'],
  done: ['已办', 'done'],
  refused: ['未办', 'refused'],
} as const satisfies Table
export type BulkItemState = Word<typeof bulkItemStates>

export const planKinds = {
  maintenance: ['维护窗口', 'maintenance window'],
  campaign: ['专项行动', 'campaign'],
} as const satisfies Table
export type PlanKind = Word<typeof planKinds>

/** How far a terminal is in its plan; read from its hold and its test, never written down beside them. */
export const planStages = {
  waiting: ['待下达', 'not yet placed'],
  refused: ['未能停机', 'could not be stopped'],
  told: ['已通知，待停机', 'told, not yet stopped'],
  stopped: ['已停机', 'stopped'],
  testing: ['待测试', 'waiting for its test'],
  failed: ['测试未通过', 'failed its test'],
  held: ['另有停用项', 'held by somebody else'],
  open: ['已恢复', 'open again'],
  spared: ['已达要求，未停机', 'met the requirement before its stop'],
} as const satisfies Table
export type PlanStage = Word<typeof planStages>

export const dormancyAnswers = {
  keep: ['继续使用', 'keep'],
  verify: ['重新核实', 're-verify'],
  suspend: ['停机', 'suspend'],
  close: ['注销', 'close'],
} as const satisfies Table
export type DormancyAnswer = Word<typeof dormancyAnswers>

// ── Telling people and machines ─────────────────────────────────────────────────────────────────────────────────────
/** How people are reached. */
export const contactChannels = {
  mail: ['电子邮件', 'e-mail'],
  sms: ['短信', 'SMS'],
  robot: ['群机器人', 'group robot'],
  print: ['打印寄送', 'print and post'],
} as const satisfies Table
export type ContactChannel = Word<typeof contactChannels>

export const deliveryChannels = { ...contactChannels, webhook: ['Webhook', 'webhook'] } as const satisfies Table
export type DeliveryChannel = Word<typeof deliveryChannels>

export const deliveryStates = {
  waiting: ['待发送', 'waiting'],
  sent: ['已送达', 'delivered'],
  failed: ['被拒收', 'refused'],
  given_up: ['未能送达', 'given up'],
} as const satisfies Table
export type DeliveryState = Word<typeof deliveryStates>

/** Why something was not delivered, the last time it was tried. */
export const deliveryFailures = {
  not_configured: ['未配置发送通道', 'no carrier is configured for this channel'],
  address_disposed: ['收件地址已按规定销毁', 'the address was disposed of by rule'],
  contact_removed: ['联系人已删除', 'the contact was removed'],
  endpoint_disabled: ['接收地址已停用', 'the endpoint is disabled'],
  endpoint_removed: ['接收地址已删除', 'the endpoint was removed'],
  endpoint_gone: ['接收方答复已不存在（410）', 'the receiver says it is gone (410)'],
  address_forbidden: ['接收地址指向内部网络，不予连接', 'the address leads into a private network and was not connected to'],
  name_unknown: ['域名无法解析', 'the name could not be looked up'],
  unreachable: ['连接不上', 'could not connect'],
  tls_failed: ['TLS 证书或握手有误', 'certificate or TLS handshake failed'],
  timed_out: ['超时没有答复', 'no answer in time'],
  redirect_refused: ['接收方要求跳转，不予跟随', 'the receiver redirects, which is not followed'],
  status: ['接收方答复不成功', 'the receiver answered with an error'],
  mail_deferred: ['邮件服务器暂不受理', 'the mail server asks to try later'],
  mail_refused: ['邮件服务器拒绝受理', 'the mail server refused it'],
  mail_login_refused: ['邮件服务器拒绝登录', 'the mail server refused our login'],
  recipient_refused: ['收件人被拒', 'the recipient was refused'],
  broken: ['无法生成内容', 'its content could not be made'],
} as const satisfies Table
export type DeliveryFailure = Word<typeof deliveryFailures>

/** Why nothing goes to an endpoint any more. */
export const webhookStops = {
  by_hand: ['由人停用', 'disabled by a person'],
  failing: ['长期无法送达，自动停用', 'disabled after failing for long'],
  gone: ['接收方答复已不存在，自动停用', 'disabled because the receiver said it is gone'],
} as const satisfies Table
export type WebhookStop = Word<typeof webhookStops>

const applicationEvents = Object.fromEntries(
  Object.entries(applicationStates).map(([state, [zh, en]]) => [`application.${state}`, [`办件：${zh}`, `case: ${en}`]]),
) as unknown as { readonly [S in ApplicationState as `application.${S}`]: Words }

/** What machines are told of: webhooks and the live feed. */
export const eventKinds = {
  'terminal.stop_scheduled': ['终端已安排停机', 'a stop is scheduled'],
  'terminal.stopped': ['终端已停机', 'terminal stopped'],
  'terminal.reopened': ['终端已恢复', 'terminal reopened'],
  'terminal.closed': ['终端已注销', 'terminal closed'],
  'terminal.attempt_refused': ['停机后仍有交易尝试', 'attempt on a stopped terminal'],
  'hold.placed': ['停用项已生效登记', 'hold placed'],
  'hold.lifted': ['停用项已解除', 'hold lifted'],
  'letter.issued': ['函件已出具', 'letter issued'],
  ...applicationEvents,
} as const satisfies Table
export type EventKind = Word<typeof eventKinds>

// ── Complaints and feedback ─────────────────────────────────────────────────────────────────────────────────────────
export const complaintKinds = { complaint: ['投诉', 'complaint'], feedback: ['建议', 'feedback'] } as const satisfies Table
export type ComplaintKind = Word<typeof complaintKinds>

export const complaintTopics = {
  stop: ['停机', 'the stop'],
  reopening: ['复机', 'the reopening'],
  fee: ['费用或押金', 'fees or deposit'],
  device: ['机具', 'the device'],
  service: ['服务', 'the service'],
  other: ['其他', 'something else'],
} as const satisfies Table
export type ComplaintTopic = Word<typeof complaintTopics>

export const complaintStates = {
  filed: ['已受理', 'filed'],
  assigned: ['办理中', 'being handled'],
  answered: ['已答复', 'answered'],
  closed: ['已结案', 'closed'],
} as const satisfies Table
export type ComplaintState = Word<typeof complaintStates>

// ── Money still open ────────────────────────────────────────────────────────────────────────────────────────────────
export const clearanceKinds = {
  unsettled: ['未结算交易', 'unsettled transactions'],
  preauth_open: ['未完成预授权', 'open pre-authorisations'],
  refund_pending: ['退款处理中', 'refunds pending'],
  reversal_pending: ['冲正处理中', 'reversals pending'],
  dispute_open: ['争议处理中', 'disputes open'],
  offline_pending: ['离线交易未上送', 'offline transactions not uploaded'],
  unmatched: ['三单不符', 'records that do not match'],
} as const satisfies Table
export type ClearanceKind = Word<typeof clearanceKinds>

export const transactionStatuses = {
  approved: ['成功', 'approved'],
  pending: ['处理中', 'pending'],
  declined: ['拒绝', 'declined'],
  reversed: ['已冲正', 'reversed'],
  disputed: ['争议中', 'disputed'],
} as const satisfies Table
export type TransactionStatus = Word<typeof transactionStatuses>

export const cardKinds = {
  credit: ['贷记卡', 'credit card'],
  debit: ['借记卡', 'debit card'],
  qr: ['扫码', 'QR'],
} as const satisfies Table
export type CardKind = Word<typeof cardKinds>

// ── Devices coming back ─────────────────────────────────────────────────────────────────────────────────────────────
/** A line of return: one device of one closure. A device of the merchant's own is kept and only unbound. */
export const returnStates = {
  requested: ['待退还', 'to be returned'],
  shipped: ['已寄出', 'shipped'],
  received: ['已收到', 'received'],
  inspected: ['已验机', 'inspected'],
  restocked: ['已入库', 'restocked'],
  retired: ['已报废', 'retired'],
  kept: ['商户自留', 'kept by its owner'],
  lost: ['无法退还', 'not returned'],
  cancelled: ['已取消', 'cancelled'],
} as const satisfies Table
export type ReturnState = Word<typeof returnStates>

export const depositStates = {
  held: ['在押', 'held'],
  release_due: ['待退', 'release due'],
  deduction_proposed: ['拟退，待确认', 'deduction proposed'],
  disputed: ['有异议', 'disputed'],
  refunded: ['已退', 'refunded'],
  forfeited: ['已抵扣完', 'forfeited'],
} as const satisfies Table
export type DepositState = Word<typeof depositStates>

/** What is looked at when a device comes back. */
export const deviceParts = {
  body: ['机身', 'body'],
  screen: ['屏幕', 'screen'],
  printer_cover: ['打印机盖', 'printer cover'],
  printer: ['打印机', 'printer'],
  card_reader: ['读卡器', 'card reader'],
  keypad: ['键盘', 'keypad'],
  battery: ['电池', 'battery'],
  charger: ['电源', 'charger'],
  base: ['底座', 'base'],
  seal: ['防拆标签', 'tamper seal'],
} as const satisfies Table
export type DevicePart = Word<typeof deviceParts>

export const partConditions = {
  fine: ['完好', 'fine'],
  worn: ['磨损', 'worn'],
  broken: ['损坏', 'broken'],
  missing: ['缺失', 'missing'],
} as const satisfies Table
export type PartCondition = Word<typeof partConditions>

// ── Looking after what is stopped ───────────────────────────────────────────────────────────────────────────────────
/** Work behind a hold of the provider's: a device put right, or a breach of rules put right. */
export const ticketKinds = { fault: ['故障单', 'fault'], violation: ['违规单', 'violation'] } as const satisfies Table
export type TicketKind = Word<typeof ticketKinds>

export const ticketStates = {
  reported: ['已报修', 'reported'],
  diagnosed: ['已检测', 'diagnosed'],
  working: ['处理中', 'being put right'],
  testing: ['待测试', 'waiting for its test'],
  opened: ['已立案', 'opened'],
  demanded: ['待整改', 'rectification demanded'],
  handed_in: ['整改待审', 'rectification handed in'],
  accepted: ['整改已认可', 'rectification accepted'],
  closed: ['已办结', 'closed'],
  dismissed: ['已撤销', 'dismissed'],
} as const satisfies Table
export type TicketState = Word<typeof ticketStates>

/** What was done on a ticket, one line each. */
export const ticketActs = {
  opened: ['开单', 'opened'],
  diagnose: ['检测', 'diagnosed'],
  repair: ['维修', 'repaired'],
  reinstall: ['重装', 'reinstalled'],
  swap: ['换机', 'device swapped'],
  ready: ['提交测试', 'ready for its test'],
  pass: ['测试通过', 'test passed'],
  fail: ['测试未通过', 'test failed'],
  demand: ['要求整改', 'rectification demanded'],
  'hand-in': ['提交整改', 'rectification handed in'],
  accept: ['认可整改', 'rectification accepted'],
  refuse: ['整改未通过', 'rectification refused'],
  appeal: ['申诉成立', 'appeal granted'],
  evidence: ['补充证据', 'evidence added'],
  note: ['备注', 'noted'],
  dismiss: ['撤销', 'dismissed'],
  end: ['停用项解除，结案', 'the hold ended'],
} as const satisfies Table
export type TicketAct = Word<typeof ticketActs>

export const responsibilities = {
  merchant: ['商户责任', 'the merchant'],
  staff: ['店员个人', 'a member of staff'],
  provider: ['机构责任', 'the provider'],
  third_party: ['第三方', 'a third party'],
  none: ['无责任', 'nobody'],
} as const satisfies Table
export type Responsibility = Word<typeof responsibilities>

export const payers = { merchant: ['商户', 'merchant'], provider: ['机构', 'provider'], warranty: ['保修', 'warranty'] } as const satisfies Table
export type Payer = Word<typeof payers>

export const lossKinds = { lost: ['遗失', 'lost'], stolen: ['被盗', 'stolen'], damaged: ['损坏', 'damaged'] } as const satisfies Table
export type LossKind = Word<typeof lossKinds>

/** What is due while a terminal is stopped, or asked about one. */
export const dutyKinds = {
  custody_check: ['保管检查', 'custody check'],
  wake_up: ['唤醒保养', 'wake-up care'],
  longest_pause: ['停机到期商议', 'longest pause reached'],
  overdue_return: ['逾期未恢复', 'return overdue'],
  moved: ['移机核实', 'moved without permission'],
  rectification: ['限期整改', 'rectification'],
} as const satisfies Table
export type DutyKind = Word<typeof dutyKinds>

export const dutyStates = {
  open: ['待办', 'open'],
  answered: ['已答复，待核', 'answered, to be confirmed'],
  done: ['已完成', 'done'],
  cancelled: ['已取消', 'cancelled'],
} as const satisfies Table
export type DutyState = Word<typeof dutyStates>

export const wakeUpItems = {
  battery: ['充电并检查电池', 'battery charged and checked'],
  certificate: ['更新证书', 'certificate renewed'],
  firmware: ['升级固件', 'firmware updated'],
  sim: ['检查 SIM 卡与流量', 'SIM card and data checked'],
  keys: ['更新密钥', 'keys renewed'],
} as const satisfies Table
export type WakeUpItem = Word<typeof wakeUpItems>

export const careAnswers = {
  extend: ['延期', 'extend'],
  reactivate: ['复机', 'reactivate'],
  close: ['注销', 'close'],
  moved_back: ['已移回', 'moved back'],
  new_address: ['变更地址', 'new address'],
  not_us: ['不是本店', 'not us'],
} as const satisfies Table
export type CareAnswer = Word<typeof careAnswers>

/** Papers, by the rule under which they are kept. */
export const paperKinds = {
  transaction_records: ['交易记录', 'transaction records'],
  backup: ['交易数据备份', 'backup of transactions'],
  voucher: ['签购单与对账文件', 'sales slips and settlement files'],
  contract: ['合同', 'contract'],
  invoice: ['账单与收付凭证', 'invoices and payments'],
  case_material: ['办件材料', 'materials of a case'],
  letter: ['函件', 'letters'],
  evidence: ['违规证据', 'evidence of a breach'],
  fault: ['维修记录', 'repairs'],
  custody_photo: ['保管照片', 'custody photos'],
  recording: ['来电记录', 'records of calls'],
  identity: ['商户身份资料', 'identity of the merchant'],
  journal: ['日志', 'journal'],
} as const satisfies Table
export type PaperKind = Word<typeof paperKinds>

/** Where a provider's terminal is known outside this system. */
export const upstreamSystems = {
  host: ['收单主机', 'acquirer host'],
  keys: ['密钥系统', 'key management'],
  tms: ['终端管理系统', 'terminal management'],
  sim: ['物联网卡', 'SIM card'],
  unionpay: ['银联报备', 'UnionPay registration'],
  wechat: ['微信报备', 'WeChat registration'],
  alipay: ['支付宝报备', 'Alipay registration'],
} as const satisfies Table
export type UpstreamSystem = Word<typeof upstreamSystems>

// ── Devices from hand to hand ───────────────────────────────────────────────────────────────────────────────────────
/** Who may have a device. A merchant and a field engineer are named beside it; a provider's warehouse is one. */
export const custodians = {
  warehouse: ['仓库', 'warehouse'],
  field: ['外勤', 'field engineer'],
  merchant: ['商户', 'merchant'],
  repair: ['维修点', 'repair shop'],
} as const satisfies Table
export type CustodianKind = Word<typeof custodians>

export const handoverStates = {
  proposed: ['待对方签收', 'waiting for the other signature'],
  done: ['已交接', 'handed over'],
  refused: ['对方拒收', 'refused'],
  withdrawn: ['已撤回', 'withdrawn'],
} as const satisfies Table
export type HandoverState = Word<typeof handoverStates>

/** What comes with a device. */
export const accessories = {
  charger: ['电源', 'charger'],
  base: ['底座', 'base'],
  cable: ['数据线', 'cable'],
  keypad: ['密码键盘', 'PIN pad'],
  sim: ['物联网卡', 'SIM card'],
  paper: ['打印纸', 'paper'],
  manual: ['说明书', 'manual'],
} as const satisfies Table
export type Accessory = Word<typeof accessories>

// ── The ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** Accounts, one set per provider and merchant, seen from the provider's side. */
export const accounts = {
  receivable: ['应收款', 'receivable'],
  cash: ['收付款', 'cash'],
  deposit_liability: ['押金', 'deposits held'],
  revenue_service: ['在用月费', 'monthly fee in service'],
  revenue_suspended: ['停机月费', 'monthly fee while stopped'],
  revenue_data: ['流量费', 'data-traffic fee'],
  revenue_annual: ['年费', 'annual fee'],
  revenue_reopening: ['复机费', 'reopening fee'],
  revenue_termination: ['提前终止费', 'early termination fee'],
  revenue_restocking: ['换机费', 'restocking fee'],
  revenue_damage: ['机具赔偿', 'compensation for devices'],
  revenue_other: ['其他费用', 'other charges'],
  written_off: ['减免核销', 'written off'],
} as const satisfies Table
export type Account = Word<typeof accounts>

/** What an entry on the ledger is for. */
export const entryKinds = {
  charge: ['计费', 'charge'],
  reversal: ['冲回', 'reversal'],
  payment: ['收款', 'payment'],
  payout: ['退款', 'paid back'],
  waiver: ['减免', 'waiver'],
  deposit_held: ['收取押金', 'deposit taken'],
  deposit_deducted: ['押金抵扣', 'deducted from the deposit'],
  deposit_refunded: ['退还押金', 'deposit refunded'],
  deposit_forfeited: ['没收押金', 'deposit forfeited'],
} as const satisfies Table
export type EntryKind = Word<typeof entryKinds>

export const paymentMethods = {
  transfer: ['银行转账', 'bank transfer'],
  debit: ['代扣', 'automatic debit'],
  card: ['刷卡', 'card'],
  qr: ['扫码', 'QR'],
  cash: ['现金', 'cash'],
} as const satisfies Table
export type PaymentMethod = Word<typeof paymentMethods>

export const invoiceStates = {
  open: ['未付', 'open'],
  part_paid: ['部分已付', 'paid in part'],
  paid: ['已付清', 'paid'],
  overdue: ['已逾期', 'overdue'],
} as const satisfies Table
export type InvoiceState = Word<typeof invoiceStates>

/** Ways of being paid that a merchant may choose instead. */
export const channelKinds = {
  bank_acquirer: ['银行收单', 'acquiring bank'],
  payment_institution: ['支付机构', 'payment institution'],
  qr_aggregator: ['聚合支付', 'QR aggregator'],
  wallet: ['钱包直连', 'wallet, directly'],
  other: ['其他', 'other'],
} as const satisfies Table
export type ChannelKind = Word<typeof channelKinds>

// ── Settlement, worked ──────────────────────────────────────────────────────────────────────────────────────────────
export const settlementFileStates = {
  current: ['有效', 'current'],
  superseded: ['已被取代', 'superseded'],
} as const satisfies Table
export type SettlementFileState = Word<typeof settlementFileStates>

export const settlementRunStates = {
  queued: ['排队中', 'queued'],
  matching: ['核对中', 'matching'],
  applying: ['写入中', 'applying'],
  done: ['完成', 'done'],
  stopped: ['已停止', 'stopped'],
  failed: ['失败', 'failed'],
} as const satisfies Table
export type SettlementRunState = Word<typeof settlementRunStates>

export const breakStates = {
  open: ['待处理', 'open'],
  proposed: ['待复核', 'waiting for a second person'],
  accepted: ['已认可', 'accepted'],
  resolved: ['已消除', 'resolved'],
} as const satisfies Table
export type BreakState = Word<typeof breakStates>

/** What happened to a break, one line each. */
export const breakEvents = {
  found: ['核对发现', 'found by matching'],
  changed: ['内容有变', 'changed by a later file'],
  assigned: ['转办', 'assigned'],
  explained: ['说明', 'explained'],
  proposed: ['提请认可，待复核', 'acceptance proposed'],
  accepted: ['认可', 'accepted'],
  reopened: ['重新打开', 'reopened'],
  resolved: ['自行消除', 'resolved by itself'],
} as const satisfies Table
export type BreakEvent = Word<typeof breakEvents>

/** What three records of one transaction, or of one day's money, can disagree on. */
export const breakKinds = {
  slip_only: ['只有签购单', 'slip only'],
  unionpay_only: ['只有银联记录', 'UnionPay record only'],
  amount_differs: ['金额不符', 'amount differs'],
  type_differs: ['交易类型不符', 'transaction type differs'],
  merchant_name_differs: ['商户名称不符', 'merchant name differs'],
  mcc_differs: ['商户类别码不符（跳码）', 'MCC differs'],
  fee_differs: ['手续费不符', 'fee differs'],
  duplicate_slip: ['签购单重复', 'duplicate slip'],
  duplicate_unionpay: ['银联记录重复', 'duplicate UnionPay record'],
  bank_missing: ['银行未入账', 'bank credit missing'],
  bank_amount_differs: ['银行入账金额不符', 'bank amount differs'],
  bank_extra: ['银行多入账', 'bank credit without transactions'],
  reversed_but_settled: ['已撤销仍清算', 'reversed but settled'],
} as const satisfies Table
export type BreakKind = Word<typeof breakKinds>

// ── Kept, and disposed of ───────────────────────────────────────────────────────────────────────────────────────────
export const disposalStates = {
  proposed: ['待复核', 'waiting for a second person'],
  confirmed: ['密钥已销毁，清理中', 'key destroyed, being cleared'],
  done: ['已销毁', 'disposed of'],
  withdrawn: ['已撤回', 'withdrawn'],
} as const satisfies Table
export type DisposalState = Word<typeof disposalStates>

/** What a disposal destroys, as its certificate counts it. */
export const disposedParts = {
  personal: ['联系人、法人与结算账户', 'contacts, legal person, settlement account'],
  people: ['登录账户与密钥', 'accounts and machine keys'],
  stores: ['门店名称与地址', 'names and addresses of stores'],
  words: ['申请与停用的说明', 'words of cases and holds'],
  papers: ['材料与影像', 'papers and pictures'],
  evidence: ['事项凭据与测试备注', 'evidence of steps, notes of tests'],
  letters: ['函件', 'letters'],
  notices: ['通知', 'notices'],
  records: ['对账记录（行）', 'settlement records, rows'],
  backups: ['交易备份', 'backups of transactions'],
  devices: ['退机与闸口留言', 'what returns and gates noted'],
  imports: ['导入时被拒的行', 'rejected rows of imports'],
} as const satisfies Table
export type DisposedPart = Word<typeof disposedParts>

/** How a draft of a policy decides a past case otherwise than the version it was submitted under. */
export const replayStates = {
  queued: ['排队中', 'queued'],
  running: ['重放中', 'replaying'],
  done: ['完成', 'done'],
  stopped: ['已停止', 'stopped'],
  failed: ['失败', 'failed'],
} as const satisfies Table
export type ReplayState = Word<typeof replayStates>

export const replayDifferences = {
  accepted: ['是否受理', 'whether it is taken at all'],
  straight_through: ['是否直通', 'whether it passes straight through'],
  second_approval: ['是否复核', 'whether a second person approves'],
  materials: ['材料', 'materials'],
  steps: ['事项', 'steps'],
  deadline: ['承诺时限', 'deadline'],
  checkpoint: ['停机前核对', 'checkpoint'],
} as const satisfies Table
export type ReplayDifference = Word<typeof replayDifferences>

// ── Files in ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const importKinds = {
  fleet: ['终端台账', 'fleet'],
  transactions: ['交易流水', 'transactions'],
  slips: ['签购单', 'sales slips'],
  unionpay: ['银联对账文件', 'UnionPay file'],
  bank: ['银行流水', 'bank lines'],
  settlement: ['对账文件（按内容识别）', 'settlement file, recognised by content'],
  calendar: ['节假日安排', 'working-day calendar'],
} as const satisfies Table
export type ImportKind = Word<typeof importKinds>

export const importStates = {
  queued: ['排队中', 'queued'],
  reading: ['读取中', 'reading'],
  checking: ['校验中', 'checking'],
  applying: ['写入中', 'applying'],
  done: ['完成', 'done'],
  refused: ['未导入', 'refused'],
  stopped: ['已停止', 'stopped'],
  failed: ['失败', 'failed'],
} as const satisfies Table
export type ImportState = Word<typeof importStates>

export const importErrors = {
  required: ['必填', 'required'],
  column_missing: ['缺少列', 'column missing'],
  column_unknown: ['未知列', 'unknown column'],
  encoding_invalid: ['编码错误，请用 UTF-8 或 GB18030', 'not valid UTF-8 or GB18030'],
  file_empty: ['文件没有数据行', 'the file has no rows'],
  file_format: ['不是 CSV 或 XLSX 文件', 'not a CSV or XLSX file'],
  row_shape: ['列数与表头不符', 'number of columns differs from the header'],
  quote_unclosed: ['引号未闭合', 'quote not closed'],
  too_long: ['过长', 'too long'],
  tid_format: ['终端号应为 8 位数字或大写字母', 'terminal number must be 8 digits or capital letters'],
  tid_duplicate: ['终端号在文件中重复', 'terminal number occurs twice in the file'],
  tid_taken: ['终端号已属于其他商户或机构', 'terminal number belongs to another merchant or provider'],
  tid_unknown: ['终端号未登记', 'terminal number not registered'],
  mid_format: ['商户号应为 15 位数字或大写字母', 'merchant number must be 15 digits or capital letters'],
  merchant_differs: ['与已登记的商户信息不一致', 'differs from the registered merchant'],
  serial_format: ['序列号格式错误', 'serial number malformed'],
  serial_already_bound: ['序列号已绑定其他终端（一机一码）', 'serial number is bound to another terminal'],
  uscc_length: ['统一社会信用代码应为 18 位', 'USCC must have 18 characters'],
  uscc_charset: ['统一社会信用代码含非法字符', 'USCC has an illegal character'],
  uscc_check_digit: ['统一社会信用代码校验位错误', 'USCC check digit wrong'],
  mcc_unknown: ['未知商户类别码', 'unknown MCC'],
  phone_format: ['电话格式错误', 'phone number malformed'],
  amount_format: ['金额格式错误（元，最多两位小数）', 'amount malformed (yuan, at most two decimals)'],
  date_invalid: ['日期无效', 'invalid date'],
  time_invalid: ['时间无效', 'invalid time'],
  provider_unknown: ['未知服务商', 'unknown provider'],
  provider_not_yours: ['不能导入其他机构的终端', 'not your own provider'],
  position_range: ['经纬度超出范围', 'position out of range'],
  value_unknown: ['取值不在允许范围', 'value not allowed'],
  card_number_exposed: ['卡号未屏蔽', 'card number is not masked'],
  transaction_differs: ['与已导入的同一交易不一致', 'differs from the transaction imported before'],
  calendar_invalid: ['节假日文件无效', 'calendar file invalid'],
  layout_unknown: ['无法识别的文件格式', 'no layout we know'],
  layout_differs: ['不是所选类别的文件', 'not a file of the kind asked for'],
  record_length: ['记录长度与格式不符', 'record length does not fit the layout'],
  record_malformed: ['记录与格式不符', 'record does not fit the layout'],
  merchant_not_yours: ['属于其他商户', 'belongs to another merchant'],
  file_too_large: ['文件过大', 'file too large'],
  archive_damaged: ['压缩文件损坏', 'compressed file damaged'],
  archive_bomb: ['解压后异常膨胀', 'unpacks to far too much'],
  archive_nested: ['压缩层数过多', 'packed too many times over'],
  xml_invalid: ['XML 文件无效', 'not valid XML'],
  currency_unsupported: ['仅支持人民币', 'currency must be CNY'],
  total_differs: ['合计与明细不符', 'total differs from the rows'],
  settlement_date_unknown: ['清算日期不明', 'settlement date unknown'],
  settlement_date_differs: ['清算日期与交易时间不符', 'settlement date does not fit the transaction'],
} as const satisfies Table
export type ImportError = Word<typeof importErrors>
