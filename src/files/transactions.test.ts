import { expect, test } from 'vitest'
import type { Rejected } from './rows.ts'
import { transactionCells } from './samples.ts'
import type { Cells } from './table.ts'
import {
  checkTransactionFile,
  checkTransactionRow,
  type TransactionColumn,
  type TransactionRow,
  transactionColumns,
} from './transactions.ts'

const names = Object.keys(transactionColumns) as TransactionColumn[]
const row: TransactionRow = {
  tid: '66585402',
  mid: '848059372301022',
  batch: '000293',
  trace: '000003',
  reference: '552014961775',
  class: 'sale',
  amountFen: 54_902,
  at: Date.UTC(2026, 9, 21, 13, 14, 54),
  settledOn: '2026-10-22',
  cardKind: 'credit',
  cardMasked: '621234******0001',
  authCode: '306499',
  status: 'approved',
}
const check = (change: Partial<Cells<TransactionColumn>>) => {
  const answer = checkTransactionRow({ ...transactionCells, ...change })
  return 'row' in answer ? answer.row : answer.errors.map(({ column, code }) => `${column} ${code}`)
}

test.each<[Partial<Cells<TransactionColumn>>, Partial<TransactionRow>]>([
  [{}, {}],
  [
    { settledOn: '', cardMasked: '', authCode: '' },
    { settledOn: null, cardMasked: null, authCode: null },
  ],
  [{ class: '消费', status: '成功', cardKind: '贷记卡' }, {}],
  [
    { class: 'Pre-authorisation completion', status: 'Disputed', cardKind: '扫码' },
    { class: 'preauth_completion', status: 'disputed', cardKind: 'qr' },
  ],
  [{ class: '预授权完成' }, { class: 'preauth_completion' }],
  [{ at: '2026-10-21 21:14:54' }, {}],
  [{ at: '2026/10/21 9:14:54' }, { at: Date.UTC(2026, 9, 21, 1, 14, 54) }],
  [{ at: '2026-10-21T13:14:54Z' }, {}],
  [{ at: '2026-10-21T13:14:54.250z' }, { at: row.at + 250 }],
  [{ at: '2026-10-21 13:14:54.5+00:00' }, { at: row.at + 500 }],
  [{ amountYuan: '0' }, { amountFen: 0 }],
  [{ cardMasked: '6212 34XX XXXX 0001' }, {}],
  [{ cardMasked: '****0001' }, { cardMasked: '****0001' }],
])('%j', (change, expected) => {
  expect(check(change)).toEqual({ ...row, ...expected })
})

test.each<[Partial<Cells<TransactionColumn>>, string[]]>([
  [{ tid: '6658540' }, ['tid tid_format']],
  [{ mid: '' }, ['mid required']],
  [{ batch: '293' }, ['batch value_unknown']],
  [{ trace: '3' }, ['trace value_unknown']],
  [{ reference: '5520149617751' }, ['reference value_unknown']],
  [{ class: 'buy' }, ['class value_unknown']],
  [{ amountYuan: '1.999' }, ['amountYuan amount_format']],
  [{ amountYuan: '-1.00' }, ['amountYuan amount_format']],
  [{ at: '2026-02-30 10:00:00' }, ['at time_invalid']],
  [{ at: '2026-02-28 24:00:00' }, ['at time_invalid']],
  [{ at: '2026-10-21T21:14:54+25:00' }, ['at time_invalid']],
  [{ at: '2026-10-21' }, ['at time_invalid']],
  [{ at: '46316.8' }, ['at time_invalid']],
  [{ settledOn: '2026-13-01' }, ['settledOn date_invalid']],
  [{ cardKind: 'cash' }, ['cardKind value_unknown']],
  [{ status: 'ok' }, ['status value_unknown']],
  [{ authCode: '30649' }, ['authCode value_unknown']],
  [{ cardMasked: '6212340000000001' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '6212 3400 0000 0001' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '６２１２３４００００００００１１' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '62123400****0001' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '621234*****00001' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '621234**00000001' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '6212*3400*0000*0001' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: '6212340*' }, ['cardMasked card_number_exposed']],
  [{ cardMasked: 'visa' }, ['cardMasked value_unknown']],
  [{ cardMasked: '0001' }, ['cardMasked value_unknown']],
])('%j: %j', (change, faults) => {
  expect(check(change)).toEqual(faults)
})

const file = async (lines: Partial<Cells<TransactionColumn>>[], columns = names) => {
  const text = lines.map((change) => columns.map((name) => ({ ...transactionCells, ...change })[name]).join(','))
  const out = {
    accepted: [] as number[],
    repeated: 0,
    rejected: [] as Rejected<TransactionColumn>[],
    faults: [] as string[],
  }
  for await (const batch of checkTransactionFile(Buffer.from([columns.join(','), ...text].join('\n')))) {
    out.accepted.push(...batch.rows.map(({ line }) => line))
    out.repeated += batch.repeated
    out.rejected.push(...batch.rejected)
    out.faults.push(...batch.faults.map(({ column, code }) => `${column} ${code}`))
  }
  return out
}

test('a transaction said again counts once, said differently it is refused', async () => {
  const read = await file([
    {},
    {},
    { at: '2026-10-21 21:14:54', class: '消费' },
    { amountYuan: '549.03' },
    { class: 'reversal' },
    { status: 'reversed' },
    { tid: '66585403' },
    { amountYuan: 'x' },
    {},
    { cardMasked: '' },
  ])
  expect(read).toMatchObject({ accepted: [2, 6, 8], repeated: 3 })
  expect(
    read.rejected.map(({ line, faults }) => [line, ...faults.map(({ column, code }) => `${column} ${code}`)]),
  ).toEqual([
    [5, 'amountYuan transaction_differs'],
    [7, 'status transaction_differs'],
    [9, 'amountYuan amount_format'],
    [11, 'cardMasked transaction_differs'],
  ])
  expect(read.rejected[0]?.faults[0]?.detail[1]).toBe(
    'differs from the transaction imported before (see line 2): 549.03',
  )
})

test('a file must have the column that says what is settled, though its cells may be empty', async () => {
  const without = (...gone: TransactionColumn[]) => names.filter((name) => !gone.includes(name))
  expect((await file([{}], without('settledOn'))).faults).toEqual(['settledOn column_missing'])
  expect((await file([{}], without('cardMasked', 'authCode'))).accepted).toEqual([2])
})

test('no card number leaves by a rejected row', async () => {
  const pan = '6212340000000001'
  const read = await file([{ cardMasked: pan, reference: pan, tid: pan, authCode: pan }])
  expect(JSON.stringify(read)).not.toContain(pan)
  expect(read.rejected[0]?.cells.reference).toBe('621234******0001')
})
