// Made-up settlement files for tests: UnionPay records byte for byte, slips and bank lines as CSV, camt as XML.
import { layoutBytes } from './zm-layout.fixtures.ts'

export const mid = '848046458120439'
export const tid = '98428041'

/** Text as bytes of GBK; what it does not have is left out. */
export const gbk = (() => {
  const decoder = new TextDecoder('gb18030')
  const bytesOf = new Map<string, number[]>()
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++)
      bytesOf.set(decoder.decode(new Uint8Array([lead, trail])), [lead, trail])
  return (text: string): Buffer =>
    Buffer.from([...text].flatMap((one) => (one <= '\x7f' ? [one.charCodeAt(0)] : (bytesOf.get(one) ?? []))))
})()

const sale = {
  tradeCode: 'S22',
  acqInsCode: '00049992',
  sendInsCode: '00049992',
  traceNo: '000181',
  txnTime: '0901091611',
  payCardNo: '621234******0001',
  txnAmt: '000000058800',
  merCatCode: '5812',
  termType: '01',
  queryId: '202609010916110001818',
  orderId: '508821208897',
  payCardType: '01',
  merCharge: 'D000000000353',
  settleAmt: 'C000000058447',
  payType: '0201',
  txnType: '01',
  txnSubType: '01',
  bizType: '000000',
  accType: '01',
  interactMode: '0',
  merId: mid,
  subMerAbbr: '长青酒楼',
  netAmt: 'C000000058447',
  termId: tid,
}
export type ZmFields = Partial<Record<string, string>>

/** One record of a detail file, without its line end; fields as given, the rest those of a sale of 588.00. */
export const zmRecord = (fields: ZmFields = {}, year: '2014' | '2017' | '2024' = '2017'): Buffer => {
  const all: ZmFields = { ...sale, ...fields }
  return Buffer.concat(
    layoutBytes[year].flatMap(([name, bytes], place) => {
      const value = Buffer.alloc(bytes, ' ')
      gbk(all[name] ?? '').copy(value)
      return place === 0 ? [value] : [Buffer.from(' '), value]
    }),
  )
}
export const zmFile = (...records: readonly Uint8Array[]): Buffer =>
  Buffer.concat(records.flatMap((record) => [record, Buffer.from('\r\n')]))
export const zmName = `INN26090100ZM_${mid}.txt`

const slip = {
  tid,
  mid,
  merchantName: '长青酒楼',
  mcc: '5812',
  batch: '000243',
  trace: '000001',
  reference: '508821208897',
  authCode: '710797',
  class: 'sale',
  amountYuan: '588.00',
  at: '2026-09-01T09:16:11+08:00',
  cardMasked: '621234******0001',
}
export type SlipFields = Partial<Record<keyof typeof slip, string>>
export const slipsCsv = (...rows: readonly SlipFields[]): string =>
  [Object.keys(slip), ...rows.map((row) => Object.values({ ...slip, ...row }))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('')

const bankLine = {
  bookedOn: '2026-09-02',
  settledOn: '2026-09-01',
  mid,
  creditYuan: '584.47',
  reference: `SETT20260901${mid}`,
  narrative: '银联商户清算款',
}
export type BankFields = Partial<Record<keyof typeof bankLine, string>>
export const bankCsv = (...rows: readonly BankFields[]): string =>
  [Object.keys(bankLine), ...rows.map((row) => Object.values({ ...bankLine, ...row }))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('')

export type CamtEntry = {
  amount?: string
  sign?: 'CRDT' | 'DBIT'
  text?: string
  status?: string
  ccy?: string
  details?: string
}
/** A camt.053 statement with its totals right unless told otherwise. */
export const camt053 = (
  entries: readonly CamtEntry[],
  {
    count = entries.length,
    version = '12',
    prologue = '',
    closing,
  }: { count?: number; version?: string; prologue?: string; closing?: string } = {},
): string => {
  const fen = (one: CamtEntry): number =>
    Math.round(Number(one.amount ?? '584.47') * 100) * (one.sign === 'DBIT' ? -1 : 1)
  const end = closing ?? ((100_000 + entries.reduce((sum, one) => sum + fen(one), 0)) / 100).toFixed(2)
  const balance = (code: string, amount: string): string =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-09-02</Dt></Dt></Bal>`
  return `<?xml version="1.0" encoding="UTF-8"?>${prologue}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId><CreDtTm>2026-09-02T10:00:00</CreDtTm></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><Othr><Id>1001</Id></Othr></Id></Acct>${balance('OPBD', '1000.00')}${balance('CLBD', end)}
<TxsSummry><TtlNtries><NbOfNtries>${count}</NbOfNtries></TtlNtries></TxsSummry>
${entries
  .map(
    ({ amount = '584.47', sign = 'CRDT', text = `SETT20260901${mid}`, status = 'BOOK', ccy = 'CNY', details = '' }) =>
      `<Ntry><Amt Ccy="${ccy}">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd><Sts><Cd>${status}</Cd></Sts><BookgDt><Dt>2026-09-02</Dt></BookgDt>` +
      `<AcctSvcrRef>${text}</AcctSvcrRef><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd>${details}</Ntry>`,
  )
  .join('\n')}
</Stmt></BkToCstmrStmt></Document>
`
}
