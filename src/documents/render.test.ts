import { inflateSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { fleetLetter, reopeningLetter, stopLetter } from './letter.fixtures.ts'
import type { LetterFacts } from './letter.ts'
import { openLetterRenderer } from './render.ts'

const renderer = openLetterRenderer()
afterAll(() => renderer.close())

// ── What is printed, read back from the finished file: strings of glyph numbers → characters, by each font's own map ─

type Objects = Map<number, { text: string; stream: string | undefined }>

const objectsOf = (pdf: Uint8Array): Objects => {
  const file = Buffer.from(pdf)
  const table = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(file.toString('latin1'))![1])
  const objects: Objects = new Map()
  for (const [, offset] of file.toString('latin1', table).matchAll(/^(\d{10}) 00000 n/gm)) {
    const from = Number(offset)
    const text = file.toString('latin1', from, file.indexOf('endobj', from))
    const start = /stream\r?\n/.exec(text)
    const length = Number(/\/Length (\d+)/.exec(text)?.[1])
    const bytes = start ? file.subarray(from + start.index + start[0].length).subarray(0, length) : undefined
    const stream = bytes && text.includes('/FlateDecode') ? inflateSync(bytes) : bytes
    const no = Number(/^\d+/.exec(text)![0])
    objects.set(no, { text: text.slice(0, start?.index), stream: stream?.toString('latin1') })
  }
  return objects
}

const utf16 = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le')

const glyphMap = (cmap: string): Map<string, string> => {
  const map = new Map<string, string>()
  for (const [, glyph, character] of cmap.matchAll(/^<([0-9A-F]{4})> <([0-9A-F]+)>$/gim)) {
    map.set(glyph!.toLowerCase(), utf16(character!))
  }
  return map
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** The string that opens at `at`, with its escapes undone and its nested brackets kept, and where it ends. */
const literal = (content: string, at: number): { bytes: string; end: number } => {
  let bytes = ''
  for (let i = at + 1, depth = 0; i < content.length; i++) {
    const c = content[i]!
    if (c === '\\') {
      const octal = /^[0-7]{1,3}/.exec(content.slice(i + 1, i + 4))?.[0]
      const next = content[i + 1]!
      bytes += octal ? String.fromCharCode(Number.parseInt(octal, 8)) : (escapes[next] ?? next)
      i += octal ? octal.length : 1
      continue
    }
    if (c === ')' && depth === 0) return { bytes, end: i + 1 }
    if (c === '(') depth++
    if (c === ')') depth--
    bytes += c
  }
  throw new Error('string not closed')
}

const printedBy = (content: string, fonts: Map<string, Map<string, string>>): string => {
  let printed = ''
  let font: Map<string, string> | undefined
  // A font, a dictionary (of marked content: its strings are not printed), a string of either kind.
  const token = /\/(f\d+) [-\d.]+ Tf|<<(?:[^>(]|\((?:\\[^]|[^\\)])*\)|<[0-9a-fA-F]*>)*>>|\(|<([0-9a-fA-F]+)>/g
  for (let found = token.exec(content); found; found = token.exec(content)) {
    if (found[1]) font = fonts.get(found[1])
    if (found[0] === '(') {
      const { bytes, end } = literal(content, found.index)
      printed += Buffer.from(bytes, 'latin1').toString('hex').replace(/.{4}/g, glyph => font?.get(glyph) ?? '?')
      token.lastIndex = end
    } else if (found[2]) {
      printed += found[2].toLowerCase().replace(/.{4}/g, glyph => font?.get(glyph) ?? '?')
    }
  }
  return printed
}

const pagesOf = (pdf: Uint8Array): string[] => {
  const objects = objectsOf(pdf)
  const reference = (text: string, pattern: RegExp): number => Number(pattern.exec(text)![1])
  const pages = [...objects.values()].filter(({ text }) => /\/Type \/Page\n/.test(text))
  return pages.map(({ text }) => {
    const fonts = new Map([...text.matchAll(/\/(f\d+) (\d+) 0 R/g)].map(([, name, no]) => {
      const font = objects.get(Number(no))!
      return [name!, glyphMap(objects.get(reference(font.text, /\/ToUnicode (\d+) 0 R/))!.stream!)]
    }))
    return printedBy(objects.get(reference(text, /\/Contents (\d+) 0 R/))!.stream!, fonts)
  })
}
const textOf = async (facts: LetterFacts): Promise<string> => pagesOf(await renderer.render(facts)).join('\n')

describe('a letter on paper', () => {
  test('says who, what, when and how to verify it', async () => {
    const text = await textOf(stopLetter)
    for (const words of [
      '云汇支付有限公司', 'TQ-L261127-00042-7', '停机确认函', 'Confirmation of stop', '上海老盛昌汤包有限公司（商户号 898310058120027）：',
      '2026年11月27日 15:00:00', '15:02:11', '主机确认', '机具确认', '0000020381446356', 'TQ-261123-00042-7',
      '7KQ2-M9XD-4TFA-0WZR', 'https://tingqi.example.cn/verify/7KQ2-M9XD-4TFA-0WZR', '1 / 1', '客服 400-800-0000',
    ]) expect(text).toContain(words)
    expect(await textOf(reopeningLetter)).toContain('复机确认函')
  })

  test.each([
    '#eval("1+1")', '*bold* _x_ `raw`', ']', '[', '\\', '$x^2$', '@ref <label>', '// no comment', '---', '"; #panic()',
    '${x} {{y}} %s', '= 标题', '😀', '䶮', '𰻞', 'Ünïcödé', 'ﬁ',
  ])('prints %s as it is', async name => {
    const text = await textOf({ ...stopLetter, merchant: { ...stopLetter.merchant, name } })
    expect(text).toContain(`${name}（商户号 `)
  })

  test.each([
    ['a line\nbreak and\ta tab', 'a line break and a tab'],
    ['甲\u202e乙\u0000丙', '甲乙丙'],
    ['\ud800孤', '[U+FFFD]孤'],
    ['𪛖𠮷', '[U+2A6D6][U+20BB7]'],
  ])('writes %j as %s', async (name, printed) => {
    const text = await textOf({ ...stopLetter, merchant: { ...stopLetter.merchant, name } })
    expect(text).toContain(`${printed}（商户号 `)
  })

  test('of many terminals repeats the header of the table and counts its pages', async () => {
    const facts = fleetLetter(60)
    const pages = pagesOf(await renderer.render(facts))
    expect(pages.length).toBeGreaterThan(3)
    pages.forEach((page, i) => expect(page).toContain(`${i + 1} / ${pages.length}`))
    for (const page of pages.slice(0, -1)) expect(page).toContain('终端Terminal停止收款No new sales主机确认')
    for (const { tid } of facts.terminals) expect(pages.join('')).toContain(tid)
  })

  test('is PDF/A-2a, in fonts of its own, small', async () => {
    const pdf = await renderer.render({ ...stopLetter, merchant: { ...stopLetter.merchant, name: '😀 Ω ж あ 한' } })
    const file = Buffer.from(pdf).toString('latin1')
    expect(file).toContain('<pdfaid:part>2</pdfaid:part>')
    expect(file).toContain('<pdfaid:conformance>A</pdfaid:conformance>')
    const fonts = new Set([...file.matchAll(/\/BaseFont \/[A-Z]{6}\+([\w-]+)/g)].map(([, name]) => name))
    expect(fonts).toEqual(new Set(['NotoSansSC-Regular', 'NotoSansSC-Bold', 'NotoEmoji-Regular']))
    expect(pdf.length).toBeLessThan(150_000)
  })
})

describe('setting letters', () => {
  test('the same facts give the same bytes, whoever was set before and in whichever thread', async () => {
    const first = await renderer.render(stopLetter)
    await renderer.render(fleetLetter(5))
    expect(Buffer.from(await renderer.render(stopLetter)).equals(first)).toBe(true)
    const other = openLetterRenderer()
    try {
      expect(Buffer.from(await other.render(stopLetter)).equals(first)).toBe(true)
    } finally {
      await other.close()
    }
  })

  test('letters asked for together come back each to its own asker', async () => {
    const numbers = Array.from({ length: 8 }, (_, i) => `TQ-L261127-0010${i}-0`)
    const texts = await Promise.all(numbers.map(no => textOf({ ...stopLetter, no })))
    texts.forEach((text, i) => expect(numbers.filter(no => text.includes(no))).toEqual([numbers[i]]))
  })

  test('facts that break the schema are refused before they reach the thread', async () => {
    await expect(renderer.render({ ...stopLetter, code: 'nonsense' })).rejects.toThrow()
  })

  test('closing refuses what was not finished', async () => {
    const closing = openLetterRenderer()
    const letter = closing.render(fleetLetter(200))
    const refused = expect(letter).rejects.toThrow('the letter thread ended')
    await closing.close()
    await refused
    await expect(closing.render(stopLetter)).rejects.toThrow('closed')
  })
})
