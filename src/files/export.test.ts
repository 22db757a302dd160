import { expect, test } from 'vitest'
import { rejectedFile, toCsvCell } from './export.ts'
import { finding } from './fault.ts'
import { openTable } from './table.ts'

test.each([
  ['', ''],
  ['abc', 'abc'],
  ['䶮记', '䶮记'],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\nb', '"a\nb"'],
  ['a\r=1', '"a\r=1"'],
  ['=1+1', "'=1+1"],
  ['+86', "'+86"],
  ['-5', "'-5"],
  ['@x', "'@x"],
  ['＝1', "'＝1"],
  ['\t=1', "'\t=1"],
  ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  ['1=1', '1=1'],
])('%j → %j', (value, cell) => {
  expect(toCsvCell(value)).toBe(cell)
})

test('refused rows come back as a file that can be put right and read again', async () => {
  const cells = { tid: '1234567', note: '=cmd()' }
  const faults = [{ line: 7, ...finding('tid', 'tid_format', '1234567') }]
  const file = [...rejectedFile(['tid', 'note'], [{ line: 7, cells, faults }], 'zh')].join('')
  expect(file).toBe("\uFEFFtid,note,行号,问题\r\n1234567,'=cmd(),7,tid 终端号应为 8 位数字或大写字母：1234567\r\n")
  const opened = await openTable<'tid' | 'note'>(Buffer.from(file), {
    tid: { zh: '终端号', required: true },
    note: { zh: '备注', required: false },
  })
  expect('table' in opened && opened.table.warnings).toHaveLength(2)
})
