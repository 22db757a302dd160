// One sound row of each kind of file, as text, for tests to start from.
import type { FleetColumn } from './fleet.ts'
import type { Cells } from './table.ts'
import type { TransactionColumn } from './transactions.ts'

export const fleetCells: Cells<FleetColumn> = {
  mid: '848337359449722',
  merchantName: '百色市䶮记珠宝行',
  uscc: '91350100M000100Y43',
  mcc: '5944',
  contactName: '马晓燕',
  contactPhone: '17532999603',
  storeName: '䶮记总店',
  storeAddress: '人民路487号',
  longitude: '106.784833',
  latitude: '33.588282',
  provider: '云汇支付',
  tid: '05418911',
  serial: '0000020437161130',
  model: 'A920',
  deviceType: 'smart',
  ownership: 'lent',
  depositYuan: '300.00',
  installedOn: '2022-10-22',
  firmware: '1.7.3',
}

export const transactionCells: Cells<TransactionColumn> = {
  tid: '66585402',
  mid: '848059372301022',
  batch: '000293',
  trace: '000003',
  reference: '552014961775',
  class: 'sale',
  amountYuan: '549.02',
  at: '2026-10-21T21:14:54+08:00',
  settledOn: '2026-10-22',
  cardKind: 'credit',
  cardMasked: '621234******0001',
  authCode: '306499',
  status: 'approved',
}
