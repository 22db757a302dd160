// UnionPay's merchant detail file (ZM): records of fixed width in bytes of GBK, one space between fields. The first forty
// fields have stood since 2014; what follows them grew by year. A layout is recognised by what stands where – the spaces
// between fields, digits where digits belong – because two of them have the same length. The file itself carries no
// version, header or summary.

/**
 * How a field is written: digits; all digits or blank; digits from the left, blanks after them; C or D (to or from the
 * merchant) and twelve digits, or blank; capital letters and digits; anything.
 */
export type Writing = 'digits' | 'digits?' | 'left' | 'signed?' | 'letters' | 'any'
export type Field = readonly [name: string, bytes: number, writing: Writing]

export const common = [
  ['tradeCode', 3, 'letters'],
  ['acqInsCode', 11, 'left'],
  ['sendInsCode', 11, 'left'],
  ['traceNo', 6, 'digits'],
  ['txnTime', 10, 'digits'],
  ['payCardNo', 19, 'any'],
  ['txnAmt', 12, 'digits'],
  ['merCatCode', 4, 'digits?'],
  ['termType', 2, 'any'],
  ['queryId', 21, 'any'],
  ['oldPayType', 2, 'any'],
  ['orderId', 32, 'any'],
  ['payCardType', 2, 'digits?'],
  ['origTraceNo', 6, 'digits?'],
  ['origTradeTime', 10, 'digits?'],
  ['merCharge', 13, 'signed?'],
  ['settleAmt', 13, 'signed?'],
  ['payType', 4, 'any'],
  ['groupMerCode', 15, 'any'],
  ['txnType', 2, 'any'],
  ['txnSubType', 2, 'any'],
  ['bizType', 6, 'any'],
  ['accType', 2, 'any'],
  ['billType', 4, 'any'],
  ['billNo', 32, 'any'],
  ['interactMode', 1, 'any'],
  ['origQryId', 21, 'any'],
  ['merId', 15, 'letters'],
  ['subAcctMode', 1, 'any'],
  ['subMerId', 15, 'any'],
  ['subMerAbbr', 32, 'any'],
  ['subMerAmt', 13, 'signed?'],
  ['netAmt', 13, 'signed?'],
  ['termId', 8, 'any'],
  ['merReserved', 32, 'any'],
  ['discountAmt', 13, 'any'],
  ['invoiceAmt', 13, 'any'],
  ['installCharge', 12, 'any'],
  ['installNum', 2, 'any'],
  ['tradeMedia', 1, 'any'],
] as const satisfies readonly Field[]
export type FieldName = (typeof common)[number][0]

/** Newest knowledge last; where the ends of all records are blank, the usual one (2017) is meant. */
const tails = {
  '2014': [['reserved', 131, 'any']],
  '2017': [
    ['reserved1', 32, 'any'],
    ['reserved2', 98, 'any'],
  ],
  '2024': [
    ['origOrderId', 32, 'any'],
    ['subsidyAmt', 13, 'signed?'],
    ['extraType', 2, 'digits?'],
    ['extraFlag', 1, 'any'],
    ['extraAmt', 12, 'digits?'],
    ['reserved', 67, 'any'],
  ],
} as const satisfies Record<string, readonly Field[]>
export type Year = keyof typeof tails

export type Layout = {
  year: Year
  bytes: number
  /** Fits what follows the common fields, beginning with the space before it. */
  tail: RegExp
}

const written: Readonly<Record<Writing, (bytes: number) => string>> = {
  digits: (bytes) => `\\d{${bytes}}`,
  'digits?': (bytes) => `(?:\\d{${bytes}}| {${bytes}})`,
  left: (bytes) =>
    `(?:${Array.from({ length: bytes + 1 }, (_, blanks) => `\\d{${bytes - blanks}} {${blanks}}`).join('|')})`,
  'signed?': (bytes) => `(?:[CD]\\d{${bytes - 1}}| {${bytes}})`,
  letters: (bytes) => `[0-9A-Z]{${bytes}}`,
  any: (bytes) => `.{${bytes}}`,
}
const pattern = (fields: readonly Field[]): string =>
  fields.map(([, bytes, writing]) => written[writing](bytes)).join(' ')
const widthOf = (fields: readonly Field[]): number => fields.reduce((sum, [, bytes]) => sum + bytes + 1, -1)

/** Fits the common fields of a record, one character a byte. */
export const commonFields = new RegExp(`^${pattern(common)}`, 's')
/** Where each common field is. */
export const places = (() => {
  let at = 0
  const from = common.map(([name, bytes]) => {
    const place = [name, { from: at, to: at + bytes }] as const
    at += bytes + 1
    return place
  })
  return Object.fromEntries(from) as Readonly<Record<FieldName, { from: number; to: number }>>
})()
export const common_bytes = widthOf(common)

/** In the order of preference where a file fits several. */
export const layouts: readonly Layout[] = (['2017', '2024', '2014'] as const).map((year) => ({
  year,
  bytes: common_bytes + 1 + widthOf(tails[year]),
  tail: new RegExp(`^ ${pattern(tails[year])}$`, 's'),
}))

/** The first thing about a record that does not fit the common fields: a field's name, or '' for a missing space. */
export const misfit = (record: string): string | undefined => {
  let at = 0
  for (const [name, bytes, writing] of common) {
    if (at > 0 && record[at++] !== ' ') return ''
    if (!new RegExp(`^${written[writing](bytes)}$`, 's').test(record.slice(at, at + bytes))) return name
    at += bytes
  }
  return undefined
}

/** How a detail record begins: trade code, two institutions, trace number, time. ZME's records begin so too. */
export const beginsLikeZm = /^[A-Z]\d{2} [\d ]{11} [\d ]{11} \d{6} \d{10} /
/** UnionPay's difference file: not what is matched. */
export const zme_bytes = 339

/** 'INN26090100ZM_848046458120439.txt': settlement date, serial of the day, merchant. */
export const zmName = /INN(\d{2})(\d{2})(\d{2})\d{2}ZM_([0-9A-Z]{15})/
