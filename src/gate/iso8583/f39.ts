// Field 39, the answer of UnionPay's hosts: what it means and what the terminal shows. A code that is not here is shown as
// 交易失败; letters of one acquirer's own are never sent to a terminal whose table is unknown.
import type { Words } from './fault.ts'

export const categories = {
  A: ['成功', 'approved'],
  B: ['失败，可重试', 'failed, may be tried again'],
  C: ['失败，不再重试', 'failed, not to be tried again'],
  D: ['失败，须操作员处理', 'failed, for the operator to act'],
  E: ['失败，系统故障', 'failed, a fault of the system'],
} as const satisfies Readonly<Record<string, Words>>
export type Category = keyof typeof categories

const shown = {
  approved: ['交易成功', 'Approved'],
  askIssuer: ['交易失败，请联系发卡行', 'Failed, please ask the issuer'],
  askHolderBank: ['交易失败，请联系发卡方', 'Failed, please ask the issuer'],
  askAcquirer: ['交易失败，请联系收单行或银联', 'Failed, please ask the acquirer or UnionPay'],
  again: ['交易失败，请重试', 'Failed, please try again'],
  later: ['交易失败，请稍后重试', 'Failed, please try again later'],
  keepCard: ['没收卡，请联系收单行', 'Keep the card, please ask the acquirer'],
  kept: ['没收卡', 'Keep the card'],
  notTaken: ['此卡不能受理', 'This card is not accepted'],
  expired: ['过期卡，请联系发卡行', 'Expired card, please ask the issuer'],
  pinTries: ['密码错误次数超限', 'Too many wrong PINs'],
  timeout: ['交易超时，请重试', 'Timed out, please try again'],
  signOnAgain: ['校验错，请重新签到', 'Check failed, please sign on again'],
  unregisteredMerchant: ['商户未登记', 'The merchant is not registered'],
  amountOver: ['交易金额超限，请重试', 'Amount over the limit, please try again'],
  invalidCard: ['无效卡号，请联系发卡行', 'Invalid card, please ask the issuer'],
  operation: ['操作有误，请重试', 'Wrong operation, please try again'],
  otherCard: ['此卡有误，请换卡重试', 'Faulty card, please use another'],
  balance: ['余额不足，请查询', 'Not enough money, please check'],
  wrongPin: ['密码错，请重试', 'Wrong PIN, please try again'],
  invalidTerminal: ['终端无效，请联系收单行或银联', 'Invalid terminal, please ask the acquirer or UnionPay'],
  tooMuch: ['金额太大', 'The amount is too large'],
  tooOften: ['超出取款次数限制', 'Too many withdrawals'],
  signOn: ['请向网络中心签到', 'Please sign on'],
  sendAgain: ['POS终端重传脱机数据', 'Send the offline transactions again'],
  unregisteredTerminal: ['终端未登记，请联系收单行或银联', 'The terminal is not registered, please ask the acquirer or UnionPay'],
} as const satisfies Readonly<Record<string, Words>>

type Row = readonly [category: Category, zh: string, en: string, shown: keyof typeof shown]
const rows: Readonly<Record<string, Row>> = {
  '00': ['A', '承兑或交易成功', 'approved', 'approved'],
  '01': ['C', '查发卡行', 'refer to the issuer', 'askIssuer'],
  '02': ['C', '查发卡行的特殊条件', 'refer to the issuer, special condition', 'askIssuer'],
  '03': ['C', '无效商户', 'invalid merchant', 'unregisteredMerchant'],
  '04': ['D', '没收卡', 'pick up the card', 'keepCard'],
  '05': ['C', '不予承兑', 'do not honour', 'askIssuer'],
  '06': ['E', '出错', 'error', 'askIssuer'],
  '07': ['D', '特殊条件下没收卡', 'pick up the card, special condition', 'keepCard'],
  '09': ['B', '请求正在处理中', 'request in progress', 'again'],
  12: ['C', '无效交易', 'invalid transaction', 'again'],
  13: ['B', '无效金额', 'invalid amount', 'amountOver'],
  14: ['B', '无效卡号', 'invalid card number', 'invalidCard'],
  15: ['C', '无此发卡行', 'no such issuer', 'notTaken'],
  19: ['C', '重新送入交易', 'enter the transaction again', 'askIssuer'],
  20: ['C', '无效应答', 'invalid response', 'askIssuer'],
  21: ['C', '不做任何处理', 'no action taken', 'askIssuer'],
  22: ['C', '怀疑操作有误', 'suspected malfunction', 'operation'],
  23: ['C', '不可接受的交易费', 'unacceptable fee', 'askIssuer'],
  25: ['C', '未能找到文件上记录', 'record not found', 'askIssuer'],
  30: ['C', '格式错误', 'format error', 'again'],
  31: ['C', '银联不支持的银行', 'bank not supported', 'notTaken'],
  33: ['D', '过期的卡', 'expired card, pick up', 'expired'],
  34: ['D', '有作弊嫌疑', 'suspected fraud, pick up', 'keepCard'],
  35: ['D', '受卡方与安全保密部门联系', 'contact the security department, pick up', 'keepCard'],
  36: ['D', '受限制的卡', 'restricted card, pick up', 'otherCard'],
  37: ['D', '受卡方呼受理方安全保密部门(没收卡)', 'call acquirer security, pick up', 'keepCard'],
  38: ['D', '超过允许的PIN试输入', 'PIN tries exceeded, pick up', 'pinTries'],
  39: ['C', '无此信用卡账户', 'no credit account', 'askIssuer'],
  40: ['C', '请求的功能尚不支持', 'function not supported', 'askIssuer'],
  41: ['D', '丢失卡', 'lost card', 'keepCard'],
  42: ['B', '无此账户', 'no such account', 'askHolderBank'],
  43: ['D', '被窃卡', 'stolen card', 'keepCard'],
  44: ['C', '无此投资账户', 'no investment account', 'askIssuer'],
  51: ['C', '无足够的存款', 'insufficient funds', 'balance'],
  52: ['C', '无此支票账户', 'no cheque account', 'askIssuer'],
  53: ['C', '无此储蓄卡账户', 'no savings account', 'askIssuer'],
  54: ['C', '过期的卡', 'expired card', 'expired'],
  55: ['C', '不正确的PIN', 'wrong PIN', 'wrongPin'],
  56: ['C', '无此卡记录', 'no card record', 'askIssuer'],
  57: ['C', '不允许持卡人进行的交易', 'not permitted to the cardholder', 'askIssuer'],
  58: ['C', '不允许终端进行的交易', 'not permitted to the terminal', 'invalidTerminal'],
  59: ['C', '有作弊嫌疑', 'suspected fraud', 'askIssuer'],
  60: ['C', '受卡方与安全保密部门联系', 'contact the security department', 'askIssuer'],
  61: ['C', '超出取款金额限制', 'exceeds the amount limit', 'tooMuch'],
  62: ['C', '受限制的卡', 'restricted card', 'askIssuer'],
  63: ['C', '违反安全保密规定', 'security violation', 'askIssuer'],
  64: ['C', '原始金额不正确', 'original amount incorrect', 'askIssuer'],
  65: ['C', '超出取款次数限制', 'exceeds the number of withdrawals', 'tooOften'],
  66: ['C', '受卡方呼受理方安全保密部门', 'call acquirer security', 'askAcquirer'],
  67: ['C', '捕捉（没收卡）', 'hard capture, pick up', 'kept'],
  68: ['C', '收到的回答太迟', 'response received too late', 'timeout'],
  75: ['C', '允许的输入PIN次数超限', 'PIN tries exceeded', 'pinTries'],
  77: ['D', '需要向网络中心签到', 'sign on required', 'signOn'],
  79: ['C', '脱机交易对账不平', 'offline transactions do not balance', 'sendAgain'],
  90: ['C', '日期切换正在处理', 'cut-off in progress', 'later'],
  91: ['C', '发卡行或银联不能操作', 'issuer or switch inoperative', 'later'],
  92: ['C', '金融机构或中间网络设施找不到或无法达到', 'institution or network not reachable', 'later'],
  93: ['C', '交易违法、不能完成', 'violation of law', 'askIssuer'],
  94: ['C', '重复交易', 'duplicate transaction', 'later'],
  95: ['C', '调节控制错', 'reconciliation error', 'later'],
  96: ['C', '系统异常、失效', 'system malfunction', 'later'],
  97: ['D', 'POS终端号找不到', 'terminal not found', 'unregisteredTerminal'],
  98: ['E', '银联收不到发卡行应答', 'no answer from the issuer', 'timeout'],
  99: ['B', 'PIN格式错', 'PIN format error', 'signOnAgain'],
  A0: ['B', 'MAC校验错', 'MAC wrong', 'signOnAgain'],
}

export type ResponseMeaning = {
  readonly category: Category
  readonly meaning: Words
  /** What the terminal shows. */
  readonly display: Words
}

export const responseMeanings: Readonly<Record<string, ResponseMeaning>> = Object.fromEntries(
  Object.entries(rows).map(([code, [category, zh, en, display]]) => [code, { category, meaning: [zh, en], display: shown[display] }]),
)

const unknownMeaning: ResponseMeaning = {
  category: 'C',
  meaning: ['未知应答码', 'unknown response code'],
  display: ['交易失败', 'Failed'],
}
export const meaningOf = (code: string): ResponseMeaning =>
  (Object.hasOwn(responseMeanings, code) ? responseMeanings[code] : undefined) ?? unknownMeaning
