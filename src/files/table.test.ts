import { expect, test } from 'vitest'
import { columns_max, rows_max } from './bounds.ts'
import { openTable, type TableRow } from './table.ts'
import type { Source } from './text.ts'

const columns = {
  tid: { zh: '终端号', required: true },
  contactPhone: { zh: '联系电话', required: true },
  mcc: { zh: 'mcc', required: false },
  note: { zh: '备注', required: false },
} as const
type Name = keyof typeof columns

const read = async (source: Source) => {
  const opened = await openTable<Name>(source, columns)
  if ('faults' in opened) return { faults: opened.faults.map(({ line, column, code }) => [line, column, code]) }
  const rows: TableRow<Name>[] = []
  let stop: unknown
  let behind = 0
  for await (const batch of opened.table.batches) {
    expect(batch.read).toBeGreaterThanOrEqual(behind)
    behind = batch.read
    rows.push(...batch.rows)
    stop = batch.stop && [batch.stop.line, batch.stop.code]
  }
  const warnings = opened.table.warnings.map(({ line, code, detail }) => [line, code, detail[1]])
  return { rows, warnings, stop, kind: opened.table.kind, encoding: opened.table.encoding }
}
const csv = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`)

test.each([
  ['tid,contactPhone'],
  ['contactPhone,tid'],
  ['终端号,联系电话'],
  ['联系电话 , 终端号 '],
  ['TID,Contact Phone'],
  ['tid,contact_phone'],
  ['*终端号（必填）,联系电话(手机)'],
  ['"tid","contactPhone"'],
  ['tid 终端号,contactPhone联系电话'],
  ['\uFEFFtid,contactPhone'],
  ['ｔｉｄ,联系 电话'],
])('header %s', async (header) => {
  const isPhoneFirst = /^联系|^contactPhone/.test(header)
  const result = await read(csv(header, isPhoneFirst ? '138, 1 ' : '1,138'))
  expect(result).toMatchObject({
    rows: [{ line: 2, cells: { tid: '1', contactPhone: '138', mcc: '', note: '' } }],
    warnings: [],
  })
})

test.each<[string, Buffer, unknown]>([
  ['no file at all', Buffer.alloc(0), [[0, null, 'file_empty']]],
  ['blank lines', csv('', '', ' , '), [[0, null, 'file_empty']]],
  ['a required column missing', csv('tid,mcc', '1,2'), [[1, 'contactPhone', 'column_missing']]],
  [
    'no header',
    csv('', '1,138'),
    [
      [2, 'tid', 'column_missing'],
      [2, 'contactPhone', 'column_missing'],
    ],
  ],
  ['a column twice', csv('tid,终端号,联系电话', '1,1,138'), [[1, 'tid', 'column_unknown']]],
  ['too many columns', csv(`tid,contactPhone,${'x,'.repeat(columns_max)}`), [[1, null, 'too_long']]],
  ['a quote in the header', csv('tid,"contactPhone', '1,138'), [[1, null, 'quote_unclosed']]],
  ['UTF-16', Buffer.from('tid,contactPhone\n1,138', 'utf16le'), [[0, null, 'encoding_invalid']]],
  [
    'a picture',
    Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(64)]),
    [[0, null, 'file_format']],
  ],
  [
    'an old workbook',
    Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(512)]),
    [[0, null, 'file_format']],
  ],
  ['a ZIP that is no workbook', Buffer.from('PK\x03\x04 and nothing'), [[0, null, 'file_format']]],
])('%s', async (_name, bytes, faults) => {
  expect(await read(bytes)).toEqual({ faults })
})

test('rows of the wrong shape are told one by one, blank rows are passed over', async () => {
  const result = await read(csv('tid,contactPhone', '1,138', '', ' , ', '2', '3,138,x', '4,"1\n2"', '5,138'))
  expect(result.rows?.map(({ line, cells, fault }) => [line, cells.tid, fault?.code, fault?.detail[1]])).toEqual([
    [2, '1', undefined, undefined],
    [5, '2', 'row_shape', 'number of columns differs from the header (1, header 2)'],
    [6, '3', 'row_shape', 'number of columns differs from the header (3, header 2)'],
    [7, '4', undefined, undefined],
    [9, '5', undefined, undefined],
  ])
})

test('an unknown column is a warning', async () => {
  const result = await read(csv('tid,contactPhone,颜色,', '1,138,red,'))
  expect(result.warnings).toEqual([[1, 'column_unknown', 'unknown column: 颜色']])
  expect(result.rows).toHaveLength(1)
})

test('a header alone is an empty file', async () => {
  expect(await read(csv('tid,contactPhone'))).toMatchObject({ rows: [], stop: [0, 'file_empty'] })
})

test('a quote left open stops the reading after what was whole', async () => {
  expect(await read(csv('tid,contactPhone', '1,138', '2,"138', '3,138'))).toMatchObject({
    rows: [{ line: 2 }],
    stop: [3, 'quote_unclosed'],
  })
})

test('GB18030 is recognised by the last row', async () => {
  const rows = Buffer.from(`tid,contactPhone,note\n${'1,138,\n'.repeat(20_000)}`)
  const result = await read(Buffer.concat([rows, Buffer.from('1,138,'), Buffer.from([0xfe, 0x9f, 0x0a])]))
  expect(result).toMatchObject({ kind: 'csv', encoding: 'gb18030' })
  expect(result.rows?.at(-1)).toEqual({ line: 20_002, cells: { tid: '1', contactPhone: '138', mcc: '', note: '䶮' } })
})

test('rows have a limit', async () => {
  const block = '1,1\n'.repeat(1_000)
  const source = async function* () {
    yield Buffer.from('tid,contactPhone\n')
    for (let n = 0; n <= rows_max / 1_000; n++) yield Buffer.from(block)
  }
  const opened = await openTable<Name>(source, columns)
  if ('faults' in opened) throw new Error('refused')
  let count = 0
  let stop: unknown
  for await (const batch of opened.table.batches) {
    count += batch.rows.length
    stop = batch.stop
  }
  expect(count).toBeLessThanOrEqual(rows_max)
  expect(stop).toMatchObject({ line: rows_max + 2, code: 'too_long' })
})
