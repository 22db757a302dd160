import { describe, expect, test } from 'vitest'
import { isColoured, paintFor } from './paint.ts'
import { strip } from './strip.ts'
import { widthOf } from './width.ts'

const plain = paintFor(false)

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
    const lines = strip(
      [
        { from: '2026-11-01T00:00:00Z', to: '2026-11-29T00:00:00Z', mode: 'open' },
        { from: '2026-11-29T00:00:00Z', to: '2026-11-30T00:00:00Z', mode: 'shut' },
      ],
      '2026-11-28T00:00:00Z',
      look,
    )!
    expect(lines.slice(0, 3)).toEqual([
      `${' '.repeat(31)}现在 ▼`,
      `${'█'.repeat(38)}░░`,
      `${' '.repeat(22)}11-29 08:00 停机╵`,
    ])
  })

  test('what comes is said before what is past, where there is not room for both', () => {
    const day = (n: number): string => new Date(Date.UTC(2026, 10, 1) + n * 86_400_000).toISOString()
    const many = Array.from({ length: 12 }, (_, i) => ({
      from: day(i),
      to: day(i + 1),
      mode: i % 2 === 0 ? ('open' as const) : ('shut' as const),
    }))
    const lines = strip(many, day(9), { ...look, columns: 36 })!.slice(2, -1)
    expect(lines).toHaveLength(4)
    expect(lines.join('\n')).toContain('11-11 08:00 可交易')
    expect(lines.join('\n')).toContain('11-12 08:00 停机')
    expect(lines.join('\n')).not.toContain('11-02 08:00')
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(36)
  })

  test('nothing planned and nothing past is nothing drawn', () =>
    expect(strip([], '2026-11-27T00:00:00Z', look)).toBeUndefined())

  test('colour only on a terminal, and not where nobody wants it', () => {
    expect(isColoured({ isTTY: true }, {})).toBe(true)
    expect(isColoured({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(isColoured({}, {})).toBe(false)
    expect(strip(schedule, '2026-11-27T00:00:00Z', { ...look, paint: paintFor(true) })![1]).toContain('\u001b[32m')
  })
})
