import { expect, test } from 'vitest'
import { firstBytes, readText, recogniseEncoding, type Source } from './text.ts'

const encoding = async (source: Source) => {
  const recognised = await recogniseEncoding(source)
  return 'refused' in recognised ? recognised.refused : recognised.encoding
}
const read = async (source: Source) => {
  const recognised = await recogniseEncoding(source)
  if ('refused' in recognised) return recognised.refused
  let text = ''
  for await (const piece of readText(source, recognised.encoding)) text += piece.text
  return text
}
/** The same bytes cut at every given place. */
const pieces = (bytes: Uint8Array, ...cuts: number[]): Source =>
  async function* () {
    const ends = [...cuts, bytes.length]
    for (const [n, end] of ends.entries()) yield bytes.subarray(ends[n - 1] ?? 0, end)
  }
const gb = (...bytes: number[]) => Buffer.from(bytes)
const utf16 = (text: string) => Buffer.from(text, 'utf16le')

// 䶮 is FE9F; 㐀, 𠮷 and é take four, four and two bytes.
const gb_sample = gb(0xfe, 0x9f, 0x61, 0x81, 0x39, 0xee, 0x39, 0x95, 0x34, 0xb2, 0x35, 0xa8, 0xa6, 0x0a, 0xd6, 0xd0)

test.each<[string, string, Source]>([
  ['nothing', 'utf-8', Buffer.alloc(0)],
  ['ASCII', 'utf-8', Buffer.from('tid,mid\n')],
  ['UTF-8', 'utf-8', Buffer.from('终端号,䶮𠮷')],
  ['UTF-8 with a mark', 'utf-8', Buffer.from('\uFEFFtid')],
  ['GB18030', 'gb18030', gb_sample],
  ['GB18030 in the last bytes only', 'gb18030', Buffer.concat([Buffer.from('a'.repeat(200_000)), gb_sample])],
  ['neither', 'encoding_invalid', gb(0xff, 0xff)],
  ['UTF-8 with a mark, cut in a character', 'encoding_invalid', Buffer.from('\uFEFF终端').subarray(0, 7)],
  [
    'UTF-8 with one byte lost',
    'encoding_invalid',
    Buffer.concat([Buffer.from('终').subarray(0, 2), Buffer.from(',终端号,')]),
  ],
  ['GB18030 cut in a character', 'encoding_invalid', gb_sample.subarray(0, 6)],
  ['UTF-8 and then neither', 'encoding_invalid', Buffer.concat([Buffer.from('a终端号'), gb(0x0a, 0xff)])],
  ['overlong UTF-8', 'encoding_invalid', gb(0xc0, 0x2c)],
  ['UTF-16 little end first', 'encoding_invalid', Buffer.concat([gb(0xff, 0xfe), utf16('tid,终端')])],
  ['UTF-16 big end first', 'encoding_invalid', Buffer.concat([gb(0xfe, 0xff), utf16('tid').swap16()])],
  ['UTF-16 without a mark', 'encoding_invalid', utf16('tid,终端')],
  ['UTF-16 without a mark, Chinese but for the comma', 'encoding_invalid', utf16('终端,商户')],
  ['a NUL', 'encoding_invalid', Buffer.from('a\0b')],
])('%s: %s', async (_name, expected, source) => {
  expect(await encoding(source)).toBe(expected)
})

test('rare characters come out right, wherever the bytes are cut', async () => {
  for (let i = 0; i <= gb_sample.length; i++) {
    for (let j = i; j <= gb_sample.length; j++) expect(await read(pieces(gb_sample, i, j))).toBe('䶮a㐀𠮷é\n中')
  }
  const utf8 = Buffer.from('\uFEFF䶮a\r\n𠮷\r\r\n终\r')
  for (let i = 0; i <= utf8.length; i++) {
    for (let j = i; j <= utf8.length; j++) expect(await read(pieces(utf8, i, j))).toBe('䶮a\n𠮷\n\n终\n')
  }
})

test('a mark is dropped at the start only', async () => {
  expect(await read(Buffer.from('\uFEFFa\uFEFFb'))).toBe('a\uFEFFb')
  expect(await read(gb(0x84, 0x31, 0x95, 0x33, 0xd6, 0xd0))).toBe('中')
})

test('the last byte decides over a large file', async () => {
  const large = Buffer.concat([Buffer.from('0123456789,\n'.repeat(50_000)), Buffer.from('终端')])
  expect(await encoding(large)).toBe('utf-8')
  expect(await encoding(Buffer.concat([large, gb(0xd6, 0xd0)]))).toBe('gb18030')
})

test('the first bytes are as many as there are', async () => {
  expect(await firstBytes(pieces(Buffer.from('abcdef'), 1, 2, 3), 4)).toEqual(Buffer.from('abcd'))
  expect(await firstBytes(Buffer.from('ab'), 4)).toEqual(Buffer.from('ab'))
})

test('a file that cannot be opened is an error, not a bad file', async () => {
  await expect(recogniseEncoding('/nowhere/at/all.csv')).rejects.toThrow('ENOENT')
})
