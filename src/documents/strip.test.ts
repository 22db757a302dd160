import { describe, expect, test } from 'vitest'
import { at, stopLetter } from './letter.fixtures.ts'
import type { Segment } from './strip.ts'
import { stripOf } from './strip.ts'

const hour_ms = 3_600_000

describe('the printed time strip', () => {
  const strip = stripOf(stopLetter.schedule, stopLetter.issuedAt)!

  test('fills the bar from end to end, and every stretch can be seen', () => {
    expect(strip.bars.map(bar => bar.mode)).toEqual(['open', 'drain', 'shut', 'test', 'open'])
    let x = 0
    for (const bar of strip.bars) {
      expect(bar.x).toBeCloseTo(x, 9)
      expect(bar.width).toBeGreaterThanOrEqual(0.024)
      x += bar.width
    }
    expect(x).toBeCloseTo(1, 9)
  })

  test('puts the words of close changes to either side', () => {
    expect(strip.marks.map(({ when, word, anchor, row }) => [when, word, anchor, row])).toEqual([
      ['11-27 15:00', '停止收款', 'end', 0],
      ['11-27 16:41', '停机', 'start', 0],
      ['02-23 09:00', '开机测试', 'end', 0],
      ['02-24 09:00', '恢复收款', 'start', 0],
    ])
  })

  test('points at the moment of issue, in the stretch it belongs to', () => {
    const shut = strip.bars[2]!
    expect(strip.needleX).toBeGreaterThan(shut.x)
    expect(strip.needleX).toBeLessThan(shut.x + shut.width / 10)
    expect(stripOf(stopLetter.schedule, at('2029-01-01T00:00:00'))!.needleX).toBeUndefined()
  })

  test('has a twin in words', () => {
    expect(strip.twinZh).toBe(
      '可交易；2026年11月27日 15:00:00 起清算中；2026年11月27日 16:41:08 起停机；'
      + '2027年2月23日 09:00:00 起测试；2027年2月24日 09:00:00 起可交易。',
    )
    expect(strip.twinEn).toContain('draining from 27 Nov 2026, 15:00:00; stopped from')
    expect(strip.legend.map(entry => entry.mode)).toEqual(['open', 'drain', 'shut', 'test'])
  })

  test('joins neighbours of one mode', () => {
    const from = at('2026-01-01T00:00:00')
    const halves: Segment[] = [
      { from, to: from + hour_ms, mode: 'shut' },
      { from: from + hour_ms, to: from + 2 * hour_ms, mode: 'shut' },
    ]
    const joined = stripOf(halves, from)!
    expect(joined.bars).toEqual([{ x: 0, width: 1, mode: 'shut' }])
    expect(joined.marks).toEqual([])
  })

  test('with more changes than paper, leaves them to the words', () => {
    const from = at('2026-01-01T00:00:00')
    const restless = Array.from({ length: 64 }, (_, i): Segment => ({
      from: from + i * hour_ms, to: from + (i + 1) * hour_ms, mode: i % 2 === 0 ? 'open' : 'shut',
    }))
    const strip = stripOf(restless, from)!
    expect(strip.marks).toEqual([])
    expect(strip.bars.reduce((sum, bar) => sum + bar.width, 0)).toBeCloseTo(1, 9)
    expect(strip.twinZh.split('；')).toHaveLength(64)
  })

  test('of an empty schedule is no strip', () => {
    expect(stripOf([], 0)).toBeUndefined()
  })
})
