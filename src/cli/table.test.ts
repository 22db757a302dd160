import { describe, expect, test } from 'vitest'
import { instant, money, readInstant, readYuan } from './show.ts'
import { pairs, table } from './table.ts'
import { clean, cut, widthOf } from './width.ts'

describe('width', () => {
  test.each([
    ['abc', 3],
    ['停机', 4],
    ['¥1,234.50', 9],
    ['（全角）', 8],
    ['é', 1],
    ['👍', 2],
    ['\u001b[32m正常\u001b[39m', 4],
    ['', 0],
    ['●', 1],
  ])('%j takes %i columns', (text, width) => expect(widthOf(text)).toBe(width))

  test('a cut never halves a character and never exceeds its columns', () => {
    expect(cut('老盛昌汤包', 10)).toBe('老盛昌汤包')
    expect(cut('老盛昌汤包', 9)).toBe('老盛昌汤…')
    expect(cut('老盛昌汤包', 8)).toBe('老盛昌…')
    expect(cut('老盛昌汤包', 1)).toBe('…')
    expect(cut('老盛昌汤包', 0)).toBe('')
    for (let width = 1; width < 12; width++) expect(widthOf(cut('a老b盛c昌d', width))).toBeLessThanOrEqual(width)
  })

  test('what comes from elsewhere cannot move the cursor or turn text around', () => {
    expect(clean('a\u001b[2Jb\r\nc\u202ed\te')).toBe('a [2Jb c d e')
  })
})

describe('table', () => {
  const rows = [
    { tid: '10000001', name: '老盛昌汤包', fen: 58800 },
    { tid: '10000002', name: 'Corner', fen: 123450 },
  ]
  const columns = [
    { title: '终端号', cell: (r: (typeof rows)[number]) => r.tid },
    { title: '商户', cell: (r: (typeof rows)[number]) => r.name, width_min: 6 },
    { title: '金额', cell: (r: (typeof rows)[number]) => money(r), align: 'right' as const },
  ]

  test('columns stand under each other, counted in terminal columns', () => {
    expect(table(columns, rows)).toEqual([
      '终端号    商户             金额',
      '10000001  老盛昌汤包    ¥588.00',
      '10000002  Corner      ¥1,234.50',
    ])
  })

  test('on a narrow screen only what may give way is cut', () => {
    const lines = table(columns, rows, 29)
    expect(lines).toEqual([
      '终端号    商户           金额',
      '10000001  老盛昌…     ¥588.00',
      '10000002  Corner    ¥1,234.50',
    ])
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(29)
  })

  test('what may not be cut stays whole, however narrow the screen', () => {
    expect(table(columns, rows, 5)[1]).toBe('10000001  老盛…     ¥588.00')
  })

  test('pairs stand in two columns, empty ones are left out', () => {
    expect(
      pairs([
        ['商户', 'a'],
        ['mid', 'b'],
        ['x', undefined],
        ['y', ''],
      ]),
    ).toEqual(['商户  a', 'mid   b'])
  })
})

describe('instants and money', () => {
  test.each([
    ['2026-11-27T07:00:00.000Z', '2026-11-27 15:00:00'],
    ['2026-12-31T16:00:00Z', '2027-01-01 00:00:00'],
    ['nonsense', 'nonsense'],
  ])('%s is shown as %s', (at, shown) => expect(instant(at)).toBe(shown))

  test.each([
    ['2026-11-27 15:00', '2026-11-27T15:00:00+08:00'],
    ['2026-11-27', '2026-11-27T00:00:00+08:00'],
    ['2026-11-27T15:00:30Z', '2026-11-27T15:00:30Z'],
    ['2026-11-27t15:00:00.5+09:00', '2026-11-27T15:00:00.5+09:00'],
    ['2026-02-30', undefined],
    ['2026-02-28 24:00', undefined],
    ['2026-11-27 15:60', undefined],
    ['tomorrow', undefined],
    ['2026-13-01', undefined],
  ])('%s is read as %s', (typed, at) => expect(readInstant(typed)).toBe(at))

  test.each([
    [0, '¥0.00'],
    [5, '¥0.05'],
    [123450, '¥1,234.50'],
    [-100000000, '-¥1,000,000.00'],
  ])('%i fen are %s', (fen, shown) => expect(money({ fen })).toBe(shown))

  test.each([
    ['588', 58800],
    ['588.5', 58850],
    ['1,234.50', 123450],
    ['1,23', undefined],
    ['-1', undefined],
    ['1.234', undefined],
  ])('%s yuan are %s fen', (typed, fen) => expect(readYuan(typed)).toBe(fen))
})
