// What three records of a payment disagree on: the sales slip, UnionPay's record, the bank's credit. A break carries what
// each side says, so that it can be shown side by side and said in one sentence.
import { dateOf, instantOf } from './calendar.ts'
import { mccName } from './mcc.ts'
import { type Fen, formatYuan } from './money.ts'
import { type BreakKind, type Language, type TransactionClass, transactionClasses, type Words } from './vocabulary.ts'

/** One transaction as the slips or UnionPay tell it. */
export type Side = {
  /** As sent, never negative: the class says which way the money goes. */
  amountFen: Fen
  class: TransactionClass
  name: string | null
  mcc: string | null
  /** What the merchant is charged for it; negative where a fee is given back. UnionPay only. */
  feeFen?: Fen
  /** Instant, ms. */
  at: number
  batch?: string
  trace?: string
  /** Which file (its place in the files given) and which line of it. */
  file: number
  line: number
}

/** What the bank credited to one merchant for one settlement date; negative where it took money. */
export type BankSide = {
  netFen: Fen
  /** The day it was booked, the last one of several; null where the file does not say. */
  bookedOn: string | null
  reference: string | null
  /** How many bank lines add up to it; the file and line are those of the first. */
  lines: number
  file: number
  line: number
}

export type Break = {
  /** The same for the same break in every run: SHA-256 of kind, mid, tid, reference, settlement date, ordinal. */
  id: string
  kind: BreakKind
  mid: string
  tid?: string
  reference?: string
  /** 'yyyy-mm-dd': UnionPay's where it has a record, else the date its record was due on. */
  settledOn?: string
  slip?: Side
  unionpay?: Side
  bank?: BankSide
  /** What it should be and what it is, where the break is about money; refunds negative. */
  expectedFen?: Fen
  actualFen?: Fen
}

// ── One sentence ────────────────────────────────────────────────────────────────────────────────────────────────────

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec']
const dayWords = (date: string): Words => {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number]
  return [`${year}年${month}月${day}日`, `${day} ${months[month - 1]} ${year}`]
}
const momentWords = (at: number): Words => {
  const [zh, en] = dayWords(dateOf(at))
  const minutes = Math.floor((at - instantOf(dateOf(at), '00:00')) / MINUTE_ms)
  const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return [`${zh} ${clock}`, `${en} ${clock}`]
}
const MINUTE_ms = 60_000

const yuan = (fen: Fen | undefined): string => `¥${formatYuan(fen ?? 0)}`
/** '消费 ¥588.00', 'sale of ¥588.00'. */
const moneyOf = (side: Side | undefined): Words => {
  const [zh, en] = side ? transactionClasses[side.class] : ['', '']
  const amount = yuan(side?.amountFen)
  return [`${zh} ${amount}`, `${en} of ${amount}`]
}
const nameOf = (side: Side | undefined): Words =>
  side?.name ? [`「${side.name}」`, `"${side.name}"`] : ['未写商户名称', 'no name']
const mccOf = (side: Side | undefined): Words => {
  const code = side?.mcc
  if (!code) return ['未写类别码', 'no MCC']
  const [zh, en] = [mccName(code, 'zh'), mccName(code, 'en')]
  return [zh ? `${code}（${zh}）` : code, en ? `${code} (${en})` : code]
}
/** Which transaction: '2026年9月2日 20:27 的交易（参考号 028068727939）', with the amount where it is not said otherwise. */
const which = ({ slip, unionpay, reference = '' }: Break, amount = ''): Words => {
  const side = slip ?? unionpay
  const [zh, en] = side ? momentWords(side.at) : ['', '']
  return [
    `${zh} 的交易（参考号 ${reference}${amount && `，${amount}`}）`,
    `The transaction of ${en} (reference ${reference}${amount && `, ${amount}`})`,
  ]
}
const day = ({ settledOn = '' }: Break): Words => (settledOn ? dayWords(settledOn) : ['', ''])

/** Per kind: what is wrong, with what each side says, and what to do about it. */
const tellers: Readonly<Record<BreakKind, (one: Break) => readonly [what: Words, toDo: Words]>> = {
  slip_only: (one) => {
    const [[zh, en], [money, moneyEn]] = [which(one), moneyOf(one.slip)]
    return [
      [
        `${zh}有签购单（${money}），银联对账文件里没有，这笔钱没有清算`,
        `${en} has a slip (${moneyEn}) but no record in UnionPay's file, so its money was not settled`,
      ],
      ['请向收单机构查询，补记这笔交易或确认它没有成功', 'ask the acquirer to record it or to confirm that it failed'],
    ]
  },
  unionpay_only: (one) => {
    const [[zh, en], [money, moneyEn]] = [which(one), moneyOf(one.unionpay)]
    return [
      [`${zh}银联已清算（${money}），但没有签购单`, `${en} was settled by UnionPay (${moneyEn}) but there is no slip`],
      [
        '请找出签购单并补传；找不到就向收单机构核实这笔交易',
        'find the slip and hand it in, or have the acquirer verify the transaction',
      ],
    ]
  },
  amount_differs: (one) => {
    const [zh, en] = which(one)
    const [slip, unionpay] = [yuan(one.slip?.amountFen), yuan(one.unionpay?.amountFen)]
    const apart = yuan(Math.abs((one.unionpay?.amountFen ?? 0) - (one.slip?.amountFen ?? 0)))
    return [
      [
        `${zh}签购单为 ${slip}，银联记录为 ${unionpay}，相差 ${apart}`,
        `${en} is ${slip} on the slip and ${unionpay} at UnionPay, ${apart} apart`,
      ],
      [
        '请与收单机构核对，以持卡人签字的金额为准更正',
        'check with the acquirer and correct it to what the cardholder signed',
      ],
    ]
  },
  type_differs: (one) => {
    const [[zh, en], slip, unionpay] = [which(one), moneyOf(one.slip), moneyOf(one.unionpay)]
    return [
      [
        `${zh}签购单是${slip[0]}，银联记录是${unionpay[0]}`,
        `${en} is a ${slip[1]} on the slip and a ${unionpay[1]} at UnionPay`,
      ],
      ['请与收单机构核对交易类型，错的一方更正', 'check the type with the acquirer and have the wrong side corrected'],
    ]
  },
  merchant_name_differs: (one) => {
    const [[zh, en], slip, unionpay] = [
      which(one, yuan(one.unionpay?.amountFen)),
      nameOf(one.slip),
      nameOf(one.unionpay),
    ]
    return [
      [
        `${zh}签购单上的商户是${slip[0]}，银联记录是${unionpay[0]}`,
        `${en} names ${slip[1]} on the slip and ${unionpay[1]} at UnionPay`,
      ],
      ['请收单机构说明为什么用了别的商户名称并更正', 'have the acquirer explain the other name and correct it'],
    ]
  },
  mcc_differs: (one) => {
    const [[zh, en], slip, unionpay] = [which(one, yuan(one.unionpay?.amountFen)), mccOf(one.slip), mccOf(one.unionpay)]
    return [
      [
        `${zh}签购单的商户类别是 ${slip[0]}，银联记录是 ${unionpay[0]}，属于跳码`,
        `${en} is filed under ${slip[1]} on the slip and ${unionpay[1]} at UnionPay`,
      ],
      ['请收单机构说明并更正商户类别码', 'have the acquirer explain it and correct the merchant category code'],
    ]
  },
  fee_differs: (one) => {
    const [zh, en] = which(one, yuan(one.unionpay?.amountFen))
    const [due, taken] = [yuan(one.expectedFen), yuan(one.actualFen)]
    return [
      [
        `${zh}按合同手续费应为 ${due}，银联记录为 ${taken}`,
        `${en} should cost ${due} by the contract and was charged ${taken}`,
      ],
      [
        '请收单机构按合同费率更正，差额退补',
        'have the acquirer charge what the contract says and settle the difference',
      ],
    ]
  },
  duplicate_slip: (one) => {
    const [[zh, en], [money, moneyEn]] = [which(one), moneyOf(one.slip)]
    return [
      [`${zh}有重复的签购单（${money}）`, `${en} has a slip twice (${moneyEn})`],
      [
        '请核对是重打还是重复刷卡；重复刷卡的要退给持卡人',
        'see whether it was printed twice or charged twice; give back what was charged twice',
      ],
    ]
  },
  duplicate_unionpay: (one) => {
    const [[zh, en], [money, moneyEn]] = [which(one), moneyOf(one.unionpay)]
    return [
      [`${zh}在银联对账文件里出现了两次（${money}）`, `${en} stands in UnionPay's file twice (${moneyEn})`],
      [
        '请收单机构核实是否重复清算，多收的退回',
        'have the acquirer see whether it was settled twice and give back what was too much',
      ],
    ]
  },
  bank_missing: (one) => {
    const [zh, en] = day(one)
    const due = yuan(one.expectedFen)
    return [
      [
        `清算日期 ${zh} 的清算款 ${due} 银行还没有入账`,
        `The settlement of ${en}, ${due}, has not reached the bank account`,
      ],
      ['请向收单机构和开户银行查询这笔款项', 'ask the acquirer and the bank where it is'],
    ]
  },
  bank_amount_differs: (one) => {
    const [zh, en] = day(one)
    const [due, paid, apart] = [
      yuan(one.expectedFen),
      yuan(one.actualFen),
      yuan((one.actualFen ?? 0) - (one.expectedFen ?? 0)),
    ]
    const isLess = (one.actualFen ?? 0) < (one.expectedFen ?? 0)
    const size = apart.replace('-', '')
    return [
      [
        `清算日期 ${zh} 应入账 ${due}，银行入账 ${paid}，${isLess ? '少' : '多'} ${size}`,
        `The settlement of ${en} should be ${due}; the bank booked ${paid}, ${size} too ${isLess ? 'little' : 'much'}`,
      ],
      ['请收单机构说明差额并补齐或冲回', 'have the acquirer explain the difference and make it good'],
    ]
  },
  bank_extra: (one) => {
    const [zh, en] = day(one)
    const paid = yuan(one.actualFen)
    return [
      [
        `银行为清算日期 ${zh} 入账 ${paid}，银联对账文件里那天没有交易`,
        `The bank booked ${paid} for the settlement of ${en}, on which UnionPay's file has no transaction`,
      ],
      [
        '请收单机构说明这笔款项的来源，不属于本商户的退回',
        'have the acquirer say where it came from and give back what is not yours',
      ],
    ]
  },
  reversed_but_settled: (one) => {
    const [[zh, en], [slip, slipEn], [unionpay, unionpayEn]] = [which(one), moneyOf(one.slip), moneyOf(one.unionpay)]
    return [
      [
        `${zh}已经撤销（${slip}），银联仍按${unionpay}清算`,
        `${en} was undone (${slipEn}), yet UnionPay settled the ${unionpayEn}`,
      ],
      [
        '请收单机构把这笔钱退给持卡人并冲回',
        'have the acquirer give the money back to the cardholder and reverse the settlement',
      ],
    ]
  },
}

/** One plain sentence: what is wrong, with both sides' figures and words, and what to do. */
export const explain = (one: Break, language: Language): string => {
  const [what, toDo] = tellers[one.kind](one)
  return language === 'zh' ? `${what[0]}；${toDo[0]}。` : `${what[1]}; ${toDo[1]}.`
}

/** What is in question, without sign: for the clearance of a terminal. */
export const inQuestionFen = ({ slip, unionpay, expectedFen = 0, actualFen = 0 }: Break): Fen =>
  (unionpay ?? slip)?.amountFen ?? Math.abs(expectedFen - actualFen)
