// The command line: what it draws, what it reads, and – started as people start it, against a small server – what it asks,
// prints and exits with.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { paintFor, isColoured } from '../src/cli/paint.ts'
import { strip } from '../src/cli/strip.ts'
import { instant, money, readInstant, readYuan } from '../src/cli/show.ts'
import { pairs, table } from '../src/cli/table.ts'
import { clean, cut, padEnd, widthOf } from '../src/cli/width.ts'
import { genesis, hashOf, headBytes, journalChecker, type JournalRow } from '../src/journal/chain.ts'

const plain = paintFor(false)

describe('width', () => {
  test.each([
    ['abc', 3], ['停机', 4], ['¥1,234.50', 9], ['（全角）', 8], ['é', 1], ['👍', 2], ['\u001b[32m正常\u001b[39m', 4], ['', 0], ['●', 1],
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
  const rows = [{ tid: '10000001', name: '老盛昌汤包', fen: 58800 }, { tid: '10000002', name: 'Corner', fen: 123450 }]
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
    expect(pairs([['商户', 'a'], ['mid', 'b'], ['x', undefined], ['y', '']])).toEqual(['商户  a', 'mid   b'])
  })
})

describe('instants and money', () => {
  test.each([
    ['2026-11-27T07:00:00.000Z', '2026-11-27 15:00:00'], ['2026-12-31T16:00:00Z', '2027-01-01 00:00:00'], ['nonsense', 'nonsense'],
  ])('%s is shown as %s', (at, shown) => expect(instant(at)).toBe(shown))

  test.each([
    ['2026-11-27 15:00', '2026-11-27T15:00:00+08:00'], ['2026-11-27', '2026-11-27T00:00:00+08:00'],
    ['2026-11-27T15:00:30Z', '2026-11-27T15:00:30Z'], ['2026-11-27t15:00:00.5+09:00', '2026-11-27T15:00:00.5+09:00'],
    ['2026-02-30', undefined], ['2026-02-28 24:00', undefined], ['2026-11-27 15:60', undefined], ['tomorrow', undefined], ['2026-13-01', undefined],
  ])('%s is read as %s', (typed, at) => expect(readInstant(typed)).toBe(at))

  test.each([
    [0, '¥0.00'], [5, '¥0.05'], [123450, '¥1,234.50'], [-100000000, '-¥1,000,000.00'],
  ])('%i fen are %s', (fen, shown) => expect(money({ fen })).toBe(shown))

  test.each([['588', 58800], ['588.5', 58850], ['1,234.50', 123450], ['1,23', undefined], ['-1', undefined], ['1.234', undefined]])(
    '%s yuan are %s fen', (typed, fen) => expect(readYuan(typed)).toBe(fen),
  )
})

describe('time strip', () => {
  const schedule = [
    { from: '2026-10-28T00:00:00Z', to: '2026-11-27T07:00:00Z', mode: 'open' },
    { from: '2026-11-27T07:00:00Z', to: '2026-11-28T07:00:00Z', mode: 'drain' },
    { from: '2026-11-28T07:00:00Z', to: '2026-12-20T01:00:00Z', mode: 'shut' },
    { from: '2026-12-20T01:00:00Z', to: '2027-05-26T00:00:00Z', mode: 'shut' },
  ] as const
  const look = { language: 'zh', paint: plain, columns: 40 } as const

  test('stretches in order, the short one visible, needle and marks in their places', () => {
    const lines = strip(schedule, '2026-11-27T00:00:00Z', look)!
    expect(lines).toEqual([
      '     ▼ 现在',
      '██████▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░',
      '      ╵11-27 15:00 清算中',
      '        ╵11-28 15:00 停机',
      '█ 可交易  ▒ 清算中  ░ 停机',
    ])
    expect(widthOf(lines[1]!)).toBe(40)
  })

  test('every width is filled exactly, and every stretch is seen', () => {
    for (let columns = 3; columns < 130; columns++) {
      const bar = strip(schedule, '2020-01-01T00:00:00Z', { ...look, columns })![0]!
      expect([columns, bar.length]).toEqual([columns, columns])
      expect(bar).toMatch(/^█+▒+░+$/)
    }
  })

  test('a change at the right edge is said to its left', () => {
    const lines = strip([
      { from: '2026-11-01T00:00:00Z', to: '2026-11-29T00:00:00Z', mode: 'open' }, { from: '2026-11-29T00:00:00Z', to: '2026-11-30T00:00:00Z', mode: 'shut' },
    ], '2026-11-28T00:00:00Z', look)!
    expect(lines.slice(0, 3)).toEqual([
      `${' '.repeat(31)}现在 ▼`,
      `${'█'.repeat(38)}░░`,
      `${' '.repeat(23)}11-29 08:00 停机╵`,
    ])
  })

  test('nothing planned and nothing past is nothing drawn', () => expect(strip([], '2026-11-27T00:00:00Z', look)).toBeUndefined())

  test('colour only on a terminal, and not where nobody wants it', () => {
    expect(isColoured({ isTTY: true }, {})).toBe(true)
    expect(isColoured({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(isColoured({}, {})).toBe(false)
    expect(strip(schedule, '2026-11-27T00:00:00Z', { ...look, paint: paintFor(true) })![1]).toContain('\u001b[32m')
  })
})

// ── The journal ─────────────────────────────────────────────────────────────────────────────────────────────────────
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const headAt = (rows: readonly JournalRow[], seq: number) => {
  const head = { seq, hash: rows[seq - 1]!.hash, at: `2026-11-27T07:00:0${seq % 10}.000Z` }
  return { ...head, signature: sign(null, headBytes(head), privateKey).toString('base64') }
}
/** A whole journal of `count` rows. */
function journalOf(count: number): JournalRow[] {
  const rows: JournalRow[] = []
  for (let seq = 1; seq <= count; seq++) {
    const body = JSON.stringify({ at: '2026-11-27T07:00:00.000Z', command: 'approve', n: seq, 说明: '装修' })
    const previous = rows.at(-1)?.hash ?? genesis
    rows.push({ seq, body, previous, hash: hashOf(previous, seq, body) })
  }
  return rows
}
/** The rest of the chain made again over what was tampered with, as somebody would who has the database. */
const rehashed = (rows: readonly Pick<JournalRow, 'body'>[]): JournalRow[] => {
  const chain: JournalRow[] = []
  for (const [i, { body }] of rows.entries()) {
    const previous = chain.at(-1)?.hash ?? genesis
    chain.push({ seq: i + 1, body, previous, hash: hashOf(previous, i + 1, body) })
  }
  return chain
}
const whole = journalOf(12)
const heads = [3, 7, 12].map((seq) => headAt(whole, seq))
const check = (rows: readonly JournalRow[], claimed = { seq: 12, hash: whole[11]!.hash }) => {
  const checker = journalChecker(pem)
  checker.take(rows)
  return checker.close(heads, claimed)
}

describe('journal', () => {
  test('the chain is the one the database makes: sha256(previous ‖ seq ‖ newline ‖ body)', () => {
    expect(genesis).toBe(createHash('sha256').update('tingqi').digest('hex'))
    expect(hashOf(genesis, 1, '{}')).toBe(createHash('sha256').update(Buffer.from(genesis, 'hex')).update('1\n{}').digest('hex'))
  })

  test('a whole journal has no fault', () => expect(check(whole)).toEqual({ rows: 12, faults: [] }))

  const seqs = whole.map((r) => r.seq)
  test.each(seqs)('row %i: edited, deleted, inserted, moved, cut – with and without the chain made again', (seq) => {
    const i = seq - 1
    const edited = whole.with(i, { ...whole[i]!, body: whole[i]!.body.replace('approve', 'reject') })
    const inserted = whole.toSpliced(i, 0, { body: '{"command":"approve"}', seq, previous: whole[i]!.previous, hash: hashOf(whole[i]!.previous, seq, '{"command":"approve"}') })
    const moved = i === 0 ? whole.with(0, whole[1]!).with(1, whole[0]!) : whole.with(i, whole[i - 1]!).with(i - 1, whole[i]!)
    const tampered = { edited, deleted: whole.toSpliced(i, 1), inserted, moved, cut: whole.slice(0, i), 'cut in front': whole.slice(seq) }
    for (const [how, rows] of Object.entries(tampered)) {
      expect([how, check(rows).faults.length > 0]).toEqual([how, true])
      expect([how, 'made again', check(rehashed(rows)).faults.length > 0]).toEqual([how, 'made again', true])
      // Even where the head that came with it was made to agree.
      const chain = rehashed(rows)
      expect([how, 'with its head', check(chain, chain.at(-1) ?? { seq: 0, hash: genesis }).faults.length > 0]).toEqual([how, 'with its head', true])
    }
  })

  test('a fault is named by its place', () => {
    expect(check(whole.toSpliced(4, 1)).faults).toEqual([{ fault: 'missing', seq: 5 }])
    expect(check(whole.slice(0, 9)).faults).toContainEqual({ fault: 'cut', seq: 9, expected: 12 })
    expect(check(whole.with(4, { ...whole[4]!, body: '{}' })).faults).toEqual([{ fault: 'edited', seq: 5 }])
  })

  test('a head somebody else signed, or moved to another time, is forged', () => {
    const checker = journalChecker(pem)
    checker.take(whole)
    const other = generateKeyPairSync('ed25519').privateKey
    const own = { seq: 7, hash: whole[6]!.hash, at: '2026-11-27T07:00:07.000Z' }
    expect(checker.close([{ ...own, signature: sign(null, headBytes(own), other).toString('base64') }, { ...heads[1]!, at: '2026-01-01T00:00:00.000Z' }]).faults)
      .toEqual([{ fault: 'head_forged', seq: 7 }, { fault: 'head_forged', seq: 7 }])
  })

  test('of a part, the rows that are there are checked', () => {
    const seen = [whole[1]!, whole[4]!, whole[5]!]
    const part = (rows: readonly JournalRow[]) => {
      const checker = journalChecker(pem, { partial: true })
      checker.take(rows)
      return checker.close(heads, { seq: 12, hash: whole[11]!.hash }).faults
    }
    expect(part(seen)).toEqual([])
    expect(part(seen.with(2, { ...seen[2]!, body: '{}' }))).toEqual([{ fault: 'edited', seq: 6 }])
    expect(part([seen[0]!, seen[2]!, seen[1]!])).toEqual([{ fault: 'reordered', seq: 5 }])
  })
})
