import { deflateRawSync } from 'node:zlib'
import { strToU8, type Zippable, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import writeXlsxFile, { type SheetData } from 'write-excel-file/node'
import { columns_max, sheet_file_bytes_max, sheet_rows_max } from './bounds.ts'
import { readSheet } from './sheet.ts'
import { unzip } from './unzip.ts'
import { readWorkbook } from './workbook.ts'

const written = (rows: SheetData) => writeXlsxFile(rows).toBuffer()
const rowsOf = async (bytes: Uint8Array) => {
  const read = await readWorkbook(bytes)
  return 'rows' in read ? read.rows : read.refused
}

/** A workbook by hand: what stands inside <sheetData>, and parts to add. */
const workbook = (sheetData: string, more: Zippable = {}, level: 0 | 9 = 9) =>
  zipSync(
    {
      'xl/workbook.xml': strToU8('<workbook><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>'),
      'xl/_rels/workbook.xml.rels': strToU8(
        '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" ' +
          'Target="worksheets/sheet1.xml"/></Relationships>',
      ),
      'xl/worksheets/sheet1.xml': strToU8(`<worksheet><sheetData>${sheetData}</sheetData></worksheet>`),
      ...more,
    },
    { level },
  )
const inline = (address: string, text: string) => `<c r="${address}" t="inlineStr"><is><t>${text}</t></is></c>`

test('cells are what was stored: text as it is, numbers without what they lost, days and times', async () => {
  const bytes = await written([
    [{ value: '终端号' }, { value: '䶮𠮷' }, null],
    [{ value: '05418911' }, { value: 5418911, type: Number }, { value: 848059372301022, type: Number }],
    [
      { value: 0.1, type: Number },
      { value: 199.99, type: Number },
      { value: true, type: Boolean },
    ],
    [
      { value: new Date('2026-02-14T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
      { value: new Date('2026-10-21T19:11:51Z'), type: Date, format: 'yyyy/m/d h:mm:ss' },
      { value: '=1+1' },
    ],
  ])
  expect(await rowsOf(bytes)).toEqual([
    ['终端号', '䶮𠮷', ''],
    ['05418911', '5418911', '848059372301022'],
    ['0.1', '199.99', 'true'],
    ['2026-02-14', '2026-10-21 19:11:51', '=1+1'],
  ])
})

test('a time of day comes back to the second, though a sheet stores it as a fraction of a day', async () => {
  const times = Array.from({ length: 400 }, (_, n) => Date.UTC(2026, 9, 21) + (n * 211 + 1) * 1_000)
  const cells = times.map((ms) => [{ value: new Date(ms), type: Date, format: 'yyyy/m/d h:mm:ss' }])
  const shown = times.map((ms) => [new Date(ms).toISOString().slice(0, 19).replace('T', ' ')])
  expect(await rowsOf(await written(cells))).toEqual(shown)
})

test('rows and columns left out are empty, and row numbers stay', async () => {
  const sheet = `<row r="2">${inline('B2', 'b')}</row><row r="4">${inline('A4', 'a')}</row>`
  expect(await rowsOf(workbook(sheet))).toEqual([
    ['', ''],
    ['', 'b'],
    ['', ''],
    ['a', ''],
  ])
})

test('text that spans many pieces of the reader comes out whole', async () => {
  const rows = Array.from({ length: 3_000 }, (_, n) => [`${n}`.padStart(8, '0'), '䶮记珠宝行'.repeat(8) + n])
  expect(await rowsOf(await written(rows.map((row) => row.map((value) => ({ value })))))).toEqual(rows)
})

test.each<[string, string, string]>([
  ['a row far away', `<row r="999999999">${inline('A999999999', 'x')}</row>`, 'file_format'],
  ['a row beyond what a sheet has', '<row r="1048577"/>', 'file_format'],
  ['an empty last row', `<row r="1">${inline('A1', 'x')}</row><row r="1048576"/>`, '[["x"]]'],
  [
    'more rows than may be',
    `<row r="${sheet_rows_max + 1}">${inline(`A${sheet_rows_max + 1}`, 'x')}</row>`,
    'too_long',
  ],
  ['a cell far to the right', `<row r="1">${inline('XFD1', 'x')}</row>`, 'too_long'],
  ['an empty cell far to the right', `<row r="1">${inline('A1', 'x')}<c r="XFD1"/></row>`, '[["x"]]'],
  [
    'more cells than may be',
    `<row r="1">${inline('BZ1', 'x')}</row><row r="190000">${inline('A190000', 'x')}</row>`,
    'too_long',
  ],
  ['an address that is none', '<row r="x"><c r="A1"/></row>', 'file_format'],
  ['an address hidden in an entity', '<row r="1"><c r="&#65;999999999"><v>1</v></c></row>', 'file_format'],
  ['two addresses', '<row r="1" r="99999999"><c r="A1"><v>1</v></c></row>', 'file_format'],
  ['an address behind a >', '<row x=">" r="99999999"><c r="A1"><v>1</v></c></row>', 'file_format'],
  ['an address behind a prefix', '<row x:r="99999999"><c r="A1"><v>1</v></c></row>', 'file_format'],
  ['an address that does not come first', `<row ht="15" r='2'><c t="n" r="A2"><v>7</v></c></row>`, '[[""],["7"]]'],
  ['rows out of order', `<row r="2">${inline('A2', 'x')}</row><row r="1">${inline('A1', 'x')}</row>`, 'file_format'],
  ['tags not closed', '<row r="1"><c r="A1"><v>1', 'file_format'],
  ['a date out of time', '<row r="1"><c r="A1" t="d"><v>+275760-09-13T00:00:00Z</v></c></row>', '[["invalid date"]]'],
  ['nothing', '', '[]'],
])('%s', async (_name, sheet, expected) => {
  const read = await rowsOf(workbook(sheet))
  expect(typeof read === 'string' ? read : JSON.stringify(read)).toBe(expected)
})

const refusal = async (bytes: Uint8Array) => {
  const read = await readWorkbook(bytes)
  return 'refused' in read ? `${read.refused}: ${read.why[1]}` : 'read'
}

/** The workbook with one 32-bit field of every entry of its directory changed. */
const altered = (honest: Uint8Array, field: number, change: (value: number) => number) => {
  const bytes = Buffer.from(honest)
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 1)) {
    bytes.writeUInt32LE(change(bytes.readUInt32LE(at + field)) >>> 0, at + field)
  }
  return bytes
}

test('a bomb is refused before it grows', async () => {
  const zeros = new Uint8Array(16 * 1024 * 1024)
  expect(await refusal(workbook('', { 'xl/bomb.xml': zeros }))).toMatch(/^too_long: unpacks more than/)
  expect(await refusal(altered(workbook(''), 24, () => 100_000_000))).toMatch(/^too_long: unpacks to 300000000 bytes/)
  // Parts nobody reads are not unpacked.
  expect(await refusal(workbook(`<row r="1">${inline('A1', 'x')}</row>`, { 'xl/media/image.png': zeros }))).toBe('read')
})

test('a part that lies about its size is damaged, and so is one whose checksum is wrong', async () => {
  const honest = workbook(`<row r="1">${inline('A1', 'x'.repeat(500))}</row>`)
  const lie = (field: number, change: (value: number) => number) => altered(honest, field, change)
  expect(await refusal(lie(24, (size) => size - 1))).toMatch(/^file_format: a part is damaged/)
  expect(await refusal(lie(24, (size) => size + 1))).toMatch(/^file_format: a part is damaged/)
  expect(await refusal(lie(24, () => 0xffffffff))).toMatch(/^too_long/)
  expect(await refusal(lie(20, () => 0xffffffff))).toMatch(/^file_format: parts overlap/)
  expect(await refusal(lie(16, (crc) => crc ^ 1))).toMatch(/^file_format: a part is damaged/)
  expect(await refusal(lie(42, () => 0xfffffff0))).toMatch(/^file_format: a part is damaged/)
  expect(await refusal(lie(8, () => 1))).toBe('file_format: the file is encrypted')
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['four bytes', Buffer.from('PK\x03\x04')],
  ['a ZIP of something else', Buffer.from(zipSync({ 'a.txt': strToU8('a') }))],
  ['an empty ZIP', Buffer.from(zipSync({}))],
  ['a cut file', Buffer.from(workbook('<row r="1"/>')).subarray(0, 300)],
  ['a deflate stream', deflateRawSync('x')],
])('%s is no workbook', async (_name, bytes) => {
  expect(await refusal(bytes)).toMatch(/^file_format/)
})

test('a part that occurs twice is refused', () => {
  const once = Buffer.from(zipSync({ 'a.xml': strToU8('1'), 'b.xml': strToU8('2') }, { level: 0 }))
  for (let at = once.indexOf('b.xml'); at >= 0; at = once.indexOf('b.xml', at + 1)) once.write('a', at)
  expect(unzip(once, () => true)).toEqual({ refused: 'file_format', why: ['部件重复', 'a part occurs twice'] })
})

test('a sheet read in its own thread is the same, in batches; and it has a deadline', async () => {
  const rows = Array.from({ length: 2_500 }, (_, n) => [String(n), 'x'])
  const bytes = await written(rows.map((row) => row.map((value) => ({ value }))))
  const sheet = await readSheet(async function* () {
    yield bytes.subarray(0, 1_000)
    yield bytes.subarray(1_000)
  })
  if ('refused' in sheet) throw new Error(sheet.why[1])
  const read: string[][] = []
  for await (const batch of sheet.batches) read.push(...batch)
  expect(read).toEqual(rows)
  expect(sheet.total).toBe(2_500)
  expect(await readSheet(bytes, 1)).toMatchObject({ refused: 'too_long' })
  expect(await readSheet(Buffer.from('PK\x03\x04'))).toMatchObject({ refused: 'file_format' })
  expect(await readSheet(new Uint8Array(sheet_file_bytes_max + 1))).toMatchObject({ refused: 'too_long' })
})

test('a sheet may have as many columns as a table', async () => {
  const row = Array.from({ length: columns_max }, (_, n) => ({ value: `c${n}` }))
  expect(await rowsOf(await written([row]))).toEqual([row.map(({ value }) => value)])
})
