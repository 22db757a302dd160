import { expect, test } from 'vitest'
import { line_chars_max, record_bytes_max } from './bounds.ts'
import { type CsvRecord, type CsvStop, readCsv } from './csv.ts'
import { readText } from './text.ts'

const read = async (text: string, cut = text.length || 1): Promise<{ records: CsvRecord[]; stop?: CsvStop }> => {
  const bytes = Buffer.from(text)
  const source = async function* () {
    for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut)
  }
  const records: CsvRecord[] = []
  for await (const batch of readCsv(readText(source, 'utf-8'))) {
    records.push(...batch.records)
    if (batch.stop) return { records, stop: batch.stop }
  }
  return { records }
}
const lines = (records: CsvRecord[]) => records.map(({ line, cells }) => `${line}:${cells.join('|')}`)

test.each<[string, string[]]>([
  ['', []],
  ['\n\n', []],
  ['a,b', ['1:a|b']],
  ['a,b\n', ['1:a|b']],
  ['a,b\r\n1,2\r\n', ['1:a|b', '2:1|2']],
  ['a,b\r1,2\r', ['1:a|b', '2:1|2']],
  ['a,b\r\n1,2\n3,4\r5,6', ['1:a|b', '2:1|2', '3:3|4', '4:5|6']],
  ['a\n\n\r\nb\n', ['1:a', '4:b']],
  ['a,"x\ny"\nb,c\n', ['1:a|x\ny', '3:b|c']],
  ['a,"x\r\ny"\r\nb,c\r\n', ['1:a|x\ny', '3:b|c']],
  ['\n"x\n\ny","z\n"\n\nb,c', ['2:x\n\ny|z\n', '7:b|c']],
  ['"a""b",",",""\n', ['1:a"b|,|']],
  [' a , b \n', ['1: a | b ']],
  ['a,,\n', ['1:a||']],
  ['""\n', ['1:']],
  ['=1+1,+86,-5,@x\n', ['1:=1+1|+86|-5|@x']],
  ['#no comment,1\n', ['1:#no comment|1']],
  ['\u2028,\u0085\n', ['1:\u2028|\u0085']],
])('%j', async (text, expected) => {
  expect(lines((await read(text)).records)).toEqual(expected)
  expect(lines((await read(text, 1)).records)).toEqual(expected)
})

test.each<[string, string, CsvStop, number]>([
  ['a quote never closed', 'a,b\n1,2\n\n3,"x\n5,6\n', { line: 4, code: 'quote_unclosed' }, 2],
  ['a quote closed by the next one', 'a,b\n1,"x\n2,"y"\n', { line: 2, code: 'quote_unclosed' }, 1],
  ['text after a closing quote', 'a,b\n1,"x"y\n', { line: 2, code: 'quote_unclosed' }, 1],
  ['a quote inside a bare cell', 'a,b\n1,x"y\n', { line: 2, code: 'quote_unclosed' }, 1],
  [
    'a quote never closed in a large file',
    `a,b\n1,"x\n${'2,3\n'.repeat(50_000)}`,
    { line: 2, code: 'quote_unclosed' },
    1,
  ],
  ['a record too long', `a,b\n1,${'x'.repeat(record_bytes_max + 1)}\n`, { line: 2, code: 'too_long' }, 1],
  ['a line of nothing but commas', `a,b\n1,2\n${','.repeat(3 * line_chars_max)}\n`, { line: 3, code: 'too_long' }, 2],
])('%s stops there', async (_name, text, stop, before) => {
  for (const cut of [text.length, 1_000, 7]) {
    const read_ = await read(text, cut)
    expect(read_.stop).toEqual(stop)
    expect(read_.records).toHaveLength(before)
  }
})

test('what was complete before the stop is kept', async () => {
  const { records } = await read('a,b\n1,2\n3,"x')
  expect(lines(records)).toEqual(['1:a|b', '2:1|2'])
})
