import { expect, test } from 'vitest'
import { checkFleetFile, checkFleetRow, type FleetColumn, type FleetRow, fleetColumns } from './fleet.ts'
import type { Rejected } from './rows.ts'
import { fleetCells } from './samples.ts'
import type { Cells } from './table.ts'

const names = Object.keys(fleetColumns) as FleetColumn[]
const row: FleetRow = {
  mid: '848337359449722',
  merchantName: '百色市䶮记珠宝行',
  uscc: '91350100M000100Y43',
  mcc: '5944',
  contactName: '马晓燕',
  contactPhone: '17532999603',
  storeName: '䶮记总店',
  storeAddress: '人民路487号',
  longitude: 106.784833,
  latitude: 33.588282,
  provider: '云汇支付',
  tid: '05418911',
  serial: '0000020437161130',
  model: 'A920',
  deviceType: 'smart',
  ownership: 'lent',
  depositFen: 30_000,
  installedOn: '2022-10-22',
  firmware: '1.7.3',
}
const known = { providers: new Set(['云汇支付', '诚付通']) }
const faultsOf = (change: Partial<Cells<FleetColumn>>) => {
  const answer = checkFleetRow({ ...fleetCells, ...change }, known)
  return 'errors' in answer ? answer.errors.map(({ column, code }) => `${column} ${code}`) : 'row'
}
const rowOf = (change: Partial<Cells<FleetColumn>>) => {
  const answer = checkFleetRow({ ...fleetCells, ...change }, known)
  return 'row' in answer ? answer.row : answer.errors
}

test('a sound row', () => {
  expect(rowOf({})).toEqual(row)
})

test.each<[Partial<Cells<FleetColumn>>, Partial<FleetRow>]>([
  [
    { longitude: '', latitude: '', depositYuan: '', installedOn: '', firmware: '' },
    { longitude: null, latitude: null, depositFen: 0, installedOn: null, firmware: null },
  ],
  [{ deviceType: '智能 POS', ownership: '借用' }, {}],
  [{ deviceType: 'Smart POS', ownership: 'LENT' }, {}],
  [
    { deviceType: '电签POS', ownership: ' 自有 ' },
    { deviceType: 'epos', ownership: 'owned' },
  ],
  [{ depositYuan: '1,300.5' }, { depositFen: 130_050 }],
  [{ installedOn: '2022/10/2' }, { installedOn: '2022-10-02' }],
  [{ installedOn: '2022年1月2日' }, { installedOn: '2022-01-02' }],
  [{ contactPhone: '+86 175-3299-9603' }, {}],
  [{ uscc: '91350100m000100y43' }, {}],
  // Formulas are data on the way in.
  [
    { merchantName: '=1+1', storeName: '+总店', storeAddress: '-1', contactName: '@x' },
    { merchantName: '=1+1', storeName: '+总店', storeAddress: '-1', contactName: '@x' },
  ],
  [{ merchantName: '𠮷'.repeat(100) }, { merchantName: '𠮷'.repeat(100) }],
])('%j', (change, expected) => {
  expect(rowOf(change)).toEqual({ ...row, ...expected })
})

test.each<[Partial<Cells<FleetColumn>>, string[]]>([
  [{ mid: '' }, ['mid required']],
  [{ merchantName: ' ' }, ['merchantName required']],
  [{ latitude: '' }, ['latitude required']],
  [{ longitude: '' }, ['longitude required']],
  [{ mid: '89812' }, ['mid mid_format']],
  [{ tid: '5418911' }, ['tid tid_format']],
  [{ tid: '0541891a' }, ['tid tid_format']],
  [{ tid: '０５４１８９１１' }, ['tid tid_format']],
  [{ serial: '123' }, ['serial serial_format']],
  [{ uscc: '9135' }, ['uscc uscc_length']],
  [{ uscc: '91350100I000100Y43' }, ['uscc uscc_charset']],
  [{ uscc: '91350100M000100Y44' }, ['uscc uscc_check_digit']],
  [{ mcc: '0000' }, ['mcc mcc_unknown']],
  [{ contactPhone: '12345' }, ['contactPhone phone_format']],
  [{ longitude: '181' }, ['longitude position_range']],
  [{ latitude: '-90.1' }, ['latitude position_range']],
  [{ depositYuan: '12.345' }, ['depositYuan amount_format']],
  [{ depositYuan: '-1' }, ['depositYuan amount_format']],
  [{ depositYuan: '￥300' }, ['depositYuan amount_format']],
  [{ installedOn: '2025-02-30' }, ['installedOn date_invalid']],
  [{ installedOn: '45000' }, ['installedOn date_invalid']],
  [{ deviceType: 'fax' }, ['deviceType value_unknown']],
  [{ ownership: 'rented' }, ['ownership value_unknown']],
  [{ provider: '不存在支付' }, ['provider provider_unknown']],
  [{ merchantName: '长'.repeat(101) }, ['merchantName too_long']],
  [{ firmware: 'x'.repeat(10_000) }, ['firmware too_long']],
  [{ merchantName: '缺\ufffd字' }, ['merchantName encoding_invalid']],
  [{ merchantName: 'a\u0007' }, ['merchantName encoding_invalid']],
  [{ storeName: '\ud800' }, ['storeName encoding_invalid']],
  [{ contactName: '6212340000000001' }, ['contactName card_number_exposed']],
  [{ storeAddress: '卡号 6212-3400 0000 0001 号' }, ['storeAddress card_number_exposed']],
  [{ serial: '6212340000000001' }, ['serial card_number_exposed']],
  [
    { tid: '', uscc: 'x', provider: '', latitude: '99', depositYuan: 'x' },
    ['uscc uscc_length', 'latitude position_range', 'provider required', 'tid required', 'depositYuan amount_format'],
  ],
])('%j: %j', (change, faults) => {
  expect(faultsOf(change)).toEqual(faults)
})

test('a detail shows the value, short and without card numbers', () => {
  const answer = checkFleetRow({
    ...fleetCells,
    deviceType: 'fax',
    contactPhone: '6212340000000001',
    model: '长'.repeat(60),
  })
  expect('errors' in answer && answer.errors.map(({ detail }) => detail)).toEqual([
    ['电话格式错误：621234******0001', 'phone number malformed: 621234******0001'],
    [`过长（至多 50 字）：${'长'.repeat(40)}…`, `too long (at most 50 characters): ${'长'.repeat(40)}…`],
    [
      '取值不在允许范围（traditional、smart、epos、qrbox）：fax',
      'value not allowed (traditional, smart, epos, qrbox): fax',
    ],
  ])
})

const file = async (...rows: Partial<Cells<FleetColumn>>[]) => {
  const lines = rows.map((change) => names.map((name) => ({ ...fleetCells, ...change })[name]).join(','))
  const accepted: number[] = []
  const rejected: Rejected<FleetColumn>[] = []
  for await (const batch of checkFleetFile(Buffer.from([names.join(','), ...lines, ''].join('\n')), known)) {
    expect(batch.faults).toEqual([])
    accepted.push(...batch.rows.map(({ line }) => line))
    rejected.push(...batch.rejected)
  }
  const faults = rejected.flatMap((each) => each.faults.map(({ line, column, code }) => `${line} ${column} ${code}`))
  return { accepted, faults, rejected }
}

test('numbers come once in a file, and the later line is at fault, whatever else is wrong with either', async () => {
  const { accepted, faults } = await file(
    {},
    { tid: '00000002' },
    { serial: '0000020437161131' },
    { tid: '00000004', serial: '0000020437161132', mcc: '0000' },
    { tid: '00000004', serial: '0000020437161133' },
    { tid: '00000006', serial: '0000020437161132', mcc: '0000' },
    {},
    { tid: 'bad', serial: 'bad' },
    { tid: 'bad', serial: 'bad' },
    { tid: '00000010', serial: '0000020437161134' },
  )
  expect(accepted).toEqual([2, 11])
  expect(faults).toEqual([
    '3 serial serial_already_bound',
    '4 tid tid_duplicate',
    '5 mcc mcc_unknown',
    '6 tid tid_duplicate',
    '7 mcc mcc_unknown',
    '7 serial serial_already_bound',
    '8 tid tid_duplicate',
    '9 tid tid_format',
    '9 serial serial_format',
    '10 tid tid_format',
    '10 serial serial_format',
  ])
})

test('a rejected row keeps its cells, but no card number', async () => {
  const { rejected } = await file({ contactName: '6212340000000001', storeName: '=总店' })
  expect(rejected[0]?.cells).toEqual({ ...fleetCells, contactName: '621234******0001', storeName: '=总店' })
})
