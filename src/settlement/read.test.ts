// Files as they come, right and wrong: what is read from them, and what is said of each fault at its line.
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import type { Source } from '../files/text.ts'
import { type ReadOptions, readSettlementFile } from './read.ts'
import type { BankRow, RowOf, SlipRow, UnionPayRow } from './records.ts'
import { bankCsv, camt053, gbk, mid, slipsCsv, tid, zmFile, zmName, zmRecord } from './settlement.fixtures.ts'
import type { RecordKind } from './types.ts'

const read = async <K extends RecordKind>(source: Source | string, options: ReadOptions = {}) => {
  const rows: RowOf[K][] = []
  const faults: string[] = []
  let [ignored, warnings] = [0, 0]
  const reading = readSettlementFile(typeof source === 'string' ? Buffer.from(source) : source, options)
  for (;;) {
    const next = await reading.next()
    if (next.done) return { rows, faults, ignored, warnings, layout: next.value?.layout, kind: next.value?.kind }
    rows.push(...(next.value.rows as RowOf[K][]))
    faults.push(...next.value.faults.map(({ line, column, code }) => `${line} ${column ?? '-'} ${code}`))
    ignored += next.value.ignored
    warnings += next.value.warnings.length
  }
}

const sale: UnionPayRow = {
  line: 1,
  mid,
  tid,
  reference: '508821208897',
  class: 'sale',
  amountFen: 58_800,
  at: Date.parse('2026-09-01T09:16:11+08:00'),
  settledOn: '2026-09-01',
  name: '长青酒楼',
  cut: '长青酒楼',
  mcc: '5812',
  trace: '000181',
  card: 'debit',
  feeFen: 353,
  netFen: 58_447,
}
const slip: SlipRow = {
  line: 2,
  mid,
  tid,
  reference: '508821208897',
  class: 'sale',
  amountFen: 58_800,
  at: sale.at,
  settledOn: '2026-09-01',
  name: '长青酒楼',
  cut: '长青酒楼',
  mcc: '5812',
  trace: '000001',
  batch: '000243',
}
const credit: BankRow = {
  line: 2,
  mid,
  settledOn: '2026-09-01',
  netFen: 58_447,
  bookedOn: '2026-09-02',
  reference: `SETT20260901${mid}`,
}
const refund = {
  tradeCode: 'S30',
  txnType: '04',
  txnAmt: '000000010000',
  merCharge: 'C000000000060',
  settleAmt: 'D000000009940',
  netAmt: 'D000000009940',
}

test('a UnionPay detail file: sale and refund, signs and all', async () => {
  const { rows, faults, layout, kind } = await read<'unionpay'>(zmFile(zmRecord(), zmRecord(refund)), { name: zmName })
  expect(faults).toEqual([])
  expect({ layout, kind }).toEqual({ layout: 'unionpay.zm-2017', kind: 'unionpay' })
  expect(rows).toEqual([sale, { ...sale, line: 2, class: 'refund', amountFen: -10_000, feeFen: -60, netFen: -9_940 }])
})

test('without a name the settlement date is that of the transaction; the day ends at 23:00', async () => {
  const late = zmRecord({ txnTime: '0901230500', queryId: '202609012305000001818' })
  const { rows } = await read<'unionpay'>(zmFile(zmRecord(), late))
  expect(rows.map(({ settledOn }) => settledOn)).toEqual(['2026-09-01', '2026-09-02'])
})

test('without a query number the year is that before the settlement date', async () => {
  const file = zmFile(zmRecord({ txnTime: '1231233000', queryId: '' }))
  const { rows, faults } = await read<'unionpay'>(file, { name: `INN26010100ZM_${mid}.txt` })
  expect(faults).toEqual([])
  expect(rows[0]!.at).toBe(Date.parse('2025-12-31T23:30:00+08:00'))
  expect((await read(file)).faults).toEqual(['1 txnTime time_invalid'])
})

test.each([
  ['2014', { reserved: `${'x'.repeat(40)}y` }, 'unionpay.zm-2014'],
  ['2017', { reserved1: '508821208800', reserved2: 'x' }, 'unionpay.zm-2017'],
  ['2014', {}, 'unionpay.zm-2017'],
  ['2024', { subsidyAmt: 'C000000000100', extraType: '01' }, 'unionpay.zm-2024'],
] as const)('the layout of %s, recognised by %j', async (year, tail, expected) => {
  const { rows, faults, layout } = await read<'unionpay'>(zmFile(zmRecord(), zmRecord(tail, year)).subarray(609), {
    name: zmName,
  })
  expect(faults).toEqual([])
  expect(layout).toBe(expected)
  expect(rows).toEqual([sale])
})

test('a layout that changes inside a file is none', async () => {
  const file = zmFile(zmRecord({ reserved: 'x'.repeat(60) }, '2014'), zmRecord({}, '2024'))
  expect((await read(file, { name: zmName })).faults).toEqual(['2 - record_malformed'])
})

test('an empty detail file is a day without transactions, if its name says whose', async () => {
  expect(await read(Buffer.alloc(0), { name: zmName })).toMatchObject({
    faults: [],
    layout: 'unionpay.zm-2017',
    rows: [],
  })
  expect((await read(Buffer.alloc(0))).faults).toEqual(['0 - file_empty'])
})

const wrong = (fields: Record<string, string>) => zmFile(zmRecord(), zmRecord(fields))
test.each([
  ['a record cut short', zmFile(zmRecord(), zmRecord().subarray(0, 300)), ['2 - record_length']],
  ['the last record cut in its last byte', zmRecord().subarray(0, 606), ['1 - record_length']],
  ['saved as UTF-8', Buffer.from(gb(zmFile(zmRecord(), zmRecord()))), ['1 - encoding_invalid', '2 - encoding_invalid']],
  ['saved as UTF-16', Buffer.from(gb(zmRecord()), 'utf16le'), ['0 - encoding_invalid']],
  ['letters in an amount', wrong({ txnAmt: '00000005880x' }), ['2 txnAmt record_malformed']],
  ['fields shifted by a byte', wrong({ merCatCode: ' 581' }), ['2 merCatCode record_malformed']],
  [
    'no space between fields',
    zmFile(Buffer.from(zmRecord().map((b, at) => (at === 111 ? 0x31 : b)))),
    ['1 - record_malformed'],
  ],
  ['a code nobody knows', wrong({ tradeCode: 'X99' }), ['2 tradeCode value_unknown']],
  ['a sale that is called a refund', wrong({ txnType: '04' }), ['2 tradeCode value_unknown']],
  ['a card number in full', wrong({ payCardNo: '6212340000000001' }), ['2 payCardNo card_number_exposed']],
  ['a card number in a free field', wrong({ merReserved: '6212340000000001' }), ['2 merReserved card_number_exposed']],
  [
    'a card number in the reserved end',
    wrong({ reserved2: 'card 6212340000000001' }),
    ['2 reserved card_number_exposed'],
  ],
  ['no order number', wrong({ orderId: '' }), ['2 orderId required']],
  ['half a terminal number', wrong({ termId: '9842' }), ['2 termId tid_format']],
  ['a day that does not exist', wrong({ txnTime: '0931091611' }), ['2 txnTime time_invalid']],
  [
    'made after it was settled',
    wrong({ txnTime: '0902091611', queryId: '202609020916110001818' }),
    ['2 txnTime settlement_date_differs'],
  ],
  ['no net amount', wrong({ netAmt: '', settleAmt: '' }), ['2 netAmt required']],
  ["another merchant's", wrong({ merId: '102177158120941' }), ['2 merId merchant_not_yours']],
  ['a difference file', Buffer.concat([zmRecord().subarray(0, 339), Buffer.from('\n')]), ['1 - layout_differs']],
])('a detail file with %s', async (_what, file, faults) => {
  const found = await read(file, { name: zmName })
  expect(found.faults).toEqual(faults)
  expect(JSON.stringify(found)).not.toContain('6212340000000001')
})
function gb(bytes: Uint8Array): string {
  return new TextDecoder('gb18030').decode(bytes)
}

test('slips under Chinese names in GB18030, and columns under the names of a mapping', async () => {
  const chinese = gbk(
    `终端号,商户号,商户名称,检索参考号,交易类型,金额,交易时间,备注\n${tid},${mid},长青酒楼,508821208897,消费,"588.00",2026-09-01 09:16:11,=1\n`,
  )
  expect(await read<'slips'>(chinese)).toMatchObject({
    rows: [{ ...slip, mcc: null, batch: null, trace: null }],
    faults: [],
    warnings: 1,
    layout: 'slips.csv',
  })
  const theirs = slipsCsv({}).replace('reference', '流水').replace('amountYuan', '实收')
  expect((await read(theirs)).faults).toEqual(['1 reference column_missing', '1 amountYuan column_missing'])
  expect((await read<'slips'>(theirs, { mapping: { reference: '流水', amountYuan: ' 实收 ' } })).rows).toEqual([slip])
})

test('slips that move no money are left out; refunds, voids and reversals count negative', async () => {
  const { rows, ignored } = await read<'slips'>(
    slipsCsv(
      {},
      { class: 'refund' },
      { class: 'void' },
      { class: 'reversal' },
      { class: 'preauth' },
      { class: 'balance' },
    ),
  )
  expect(rows.map(({ amountFen }) => amountFen)).toEqual([58_800, -58_800, -58_800, -58_800])
  expect(ignored).toBe(2)
})

test.each([
  ['an amount in words', slipsCsv({}, { amountYuan: '五元' }), ['3 amountYuan amount_format']],
  ['a cell too many', `${slipsCsv({})}a,b\n`, ['3 - row_shape']],
  ['a card number', slipsCsv({ cardMasked: '6212340000000001' }), ['2 cardMasked card_number_exposed']],
  [
    'a card number in an unknown column',
    slipsCsv({}).replace('authCode', 'memo').replace('710797', '6212340000000001'),
    ['2 - card_number_exposed'],
  ],
  ['two faults in one row', slipsCsv({ tid: '1', at: 'soon' }), ['2 tid tid_format', '2 at time_invalid']],
  ['a total that is not theirs', `${slipsCsv({})}合计,,,,,,,,,588.01,,\n`, ['3 amountYuan total_differs']],
  ['a total that is', `${slipsCsv({}, { class: 'refund', amountYuan: '88.00' })}合计,,,,,,,,,500.00,,\n`, []],
])('slips with %s', async (_what, file, faults) => {
  const found = await read(file)
  expect(found.faults).toEqual(faults)
  expect(JSON.stringify(found)).not.toContain('6212340000000001')
})

test('a file of another merchant, and of another kind, is not taken', async () => {
  expect((await read(slipsCsv({}), { mids: ['102177158120941'] })).faults).toEqual(['2 mid merchant_not_yours'])
  expect((await read(slipsCsv({}), { kind: 'unionpay' })).faults).toEqual(['0 - layout_unknown'])
  expect((await read(zmFile(zmRecord()), { kind: 'slips' })).faults).toEqual(['0 - layout_differs'])
})

test('bank lines: by columns, by the reference alone, and other money left out', async () => {
  expect((await read<'bank'>(bankCsv({}))).rows).toEqual([credit])
  const plain = `记账日期,贷方金额,借方金额,摘要\n2026-09-02,584.47,,银联清算 SETT20260901${mid}\n2026/9/3,,100.00,房租\n2026-09-03,,12.00,清算 2026-09-02 商户${mid}\n`
  const { rows, ignored, kind } = await read<'bank'>(plain)
  expect(kind).toBe('bank')
  expect(rows.map(({ netFen, settledOn, bookedOn }) => [netFen, settledOn, bookedOn])).toEqual([
    [58_447, '2026-09-01', '2026-09-02'],
    [-1_200, '2026-09-02', '2026-09-03'],
  ])
  expect(ignored).toBe(1)
})

test('camt.053: entries that name a settlement, debits negative, pending and other money left out', async () => {
  const file = camt053([{}, { sign: 'DBIT', amount: '12.5' }, { text: 'RENT' }, { status: 'PDNG' }], {
    closing: '2156.44',
  })
  const { rows, ignored, faults, layout } = await read<'bank'>(file)
  expect(faults).toEqual([])
  expect(layout).toBe('bank.camt.053')
  expect(rows).toEqual([
    { ...credit, line: 5 },
    { ...credit, line: 6, netFen: -1_250 },
  ])
  expect(ignored).toBe(2)
})

test('camt.054: one credit for several settlements is a line for each', async () => {
  const part = (amount: string, date: string) =>
    `<TxDtls><Refs><EndToEndId>SETT${date}${mid}</EndToEndId></Refs><Amt Ccy="CNY">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>`
  const details = `<NtryDtls>${part('84.47', '20260831')}${part('500.00', '20260901')}</NtryDtls>`
  const notify = (text: string) =>
    text
      .replace('camt.053.001.12', 'camt.054.001.02')
      .replaceAll('BkToCstmrStmt', 'BkToCstmrDbtCdtNtfctn')
      .replaceAll('Stmt>', 'Ntfctn>')
  const { rows, faults, layout } = await read<'bank'>(notify(camt053([{ text: 'X', details }])))
  expect(faults).toEqual([])
  expect(layout).toBe('bank.camt.054')
  expect(rows.map(({ netFen, settledOn }) => [netFen, settledOn])).toEqual([
    [8_447, '2026-08-31'],
    [50_000, '2026-09-01'],
  ])
  expect((await read(notify(camt053([{ text: 'X', details: details.replace('84.47', '84.48') }])))).faults).toEqual([
    '5 TxDtls total_differs',
  ])
})

test.each([
  ['a document type', camt053([{}], { prologue: '<!DOCTYPE Document [<!ENTITY x "y">]>' }), ['1 - xml_invalid']],
  ['an entity of its own', camt053([{ text: '&x;' }]), ['5 - xml_invalid']],
  ['a tag left open', camt053([{}]).replace('</Sts>', ''), ['5 - xml_invalid']],
  ['its end missing', camt053([{}]).slice(0, -40), ['5 - xml_invalid']],
  ['another number of entries than it says', camt053([{}], { count: 2 }), ['3 TtlNtries total_differs']],
  ['another closing balance', camt053([{}], { closing: '1.00' }), ['3 Bal total_differs']],
  ['another currency', camt053([{ ccy: 'USD' }]), ['5 Ccy currency_unsupported']],
  ['no amount', camt053([{}]).replace('<Amt Ccy="CNY">584.47</Amt>', ''), ['5 Amt required']],
  ['another message', camt053([{}]).replace('camt.053.001.12', 'pain.001.001.12'), ['2 Document layout_unknown']],
  ['a card number', camt053([{ text: '6212340000000001' }]), ['5 AcctSvcrRef card_number_exposed']],
])('camt with %s', async (_what, file, faults) => {
  const found = await read(file)
  expect(found.faults.slice(0, 1)).toEqual(faults)
  expect(JSON.stringify(found)).not.toContain('6212340000000001')
})

test('a workbook is read as what it is, not unpacked; a table that begins like a compressed file is none', async () => {
  const lines = slipsCsv({})
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((value) => ({ value })))
  const { rows, layout, faults } = await read<'slips'>(await writeXlsxFile(lines).toBuffer())
  expect({ rows, layout, faults }).toEqual({ rows: [slip], layout: 'slips.xlsx', faults: [] })
  const spare = slipsCsv({})
    .replace(/^/gm, 'HK,')
    .replace(/\nHK,$/, '\n')
  expect((await read<'slips'>(spare)).rows).toEqual([slip])
})

const whole = zmFile(zmRecord())
const zipped = zipSync({ [zmName]: whole })
test.each([
  ['plain', whole],
  ['ZIP', zipped],
  ['gzip', gzipSync(whole)],
  ['deflate', deflateSync(whole)],
  ['deflate without header', deflateRawSync(whole)],
  ['base64', Buffer.from(whole.toString('base64'))],
  ['base64 of deflate of ZIP, as the interface gives it', Buffer.from(deflateSync(zipped).toString('base64'))],
  ['base64 in lines', Buffer.from(deflateSync(whole).toString('base64').replace(/.{76}/g, '$&\r\n'))],
  [
    'gzip of ZIP with a Mac folder and the difference file beside it',
    gzipSync(
      zipSync({
        '__MACOSX/._x': new Uint8Array(4),
        [`INN26090100ZME_${mid}.txt`]: new Uint8Array(3),
        [`a/${zmName}`]: whole,
      }),
    ),
  ],
  ['four layers', Buffer.from(gzipSync(Buffer.from(deflateSync(zipped).toString('base64'))))],
])('wrapped: %s', async (_what, bytes) => {
  expect(await read<'unionpay'>(bytes)).toMatchObject({ faults: [], rows: [sale] })
})

const nest = (bytes: Uint8Array, layers: number): Uint8Array =>
  layers === 0 ? bytes : nest(gzipSync(bytes), layers - 1)
const crcWrong = Buffer.from(zipped)
crcWrong[crcWrong.indexOf(Buffer.from('PK\x01\x02')) + 16]! ^= 1
test.each([
  ['five layers', nest(whole, 5), ['0 - archive_nested']],
  ['a bomb', gzipSync(Buffer.alloc(40_000_000, 'a,b\n')), ['0 - archive_bomb']],
  ['a ZIP bomb', zipSync({ 'a.txt': Buffer.alloc(40_000_000, 'a,b\n') }), ['0 - archive_bomb']],
  ['a gzip cut short', gzipSync(Buffer.concat(Array(200).fill(whole))).subarray(0, -9), ['0 - archive_damaged']],
  ['a ZIP cut short', zipped.subarray(0, -9), ['0 - archive_damaged']],
  ['a wrong checksum', crcWrong, ['0 - archive_damaged']],
  ['two files in a ZIP', zipSync({ 'a.txt': whole, 'b.txt': whole }), ['0 - archive_damaged']],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), ['0 - file_format']],
])('wrapped wrongly: %s', async (_what, bytes, faults) => {
  const found = await read(bytes)
  expect(found.faults.slice(-1)).toEqual(faults)
})

test('a year before and after: names of archives count before the name of what they came in', async () => {
  const { rows } = await read<'unionpay'>(zipped, { name: `INN26090500ZM_${mid}.txt` })
  expect(rows[0]!.settledOn).toBe('2026-09-01')
})
