import { describe, expect, test } from 'vitest'
import { gateHand, gateTime } from './time.ts'

/** Two clocks moved by hand; both run on together unless one is stepped. */
const clocks = (wall = 1_000_000) => {
  const at = { mono: 500, wall }
  const time = gateTime(() => at.mono, () => at.wall)
  return {
    time, at,
    run(ms: number) { at.mono += ms; at.wall += ms },
    /** The primary says what time it is, over a line that takes `ms` there and back. */
    hear(primary: number, ms = 0) {
      const sent = time.mark()
      at.mono += ms
      at.wall += ms
      time.heard(primary, sent, time.mark())
    },
  }
}

describe('what time it is', () => {
  test('the wall clock’s before anything was heard, the primary’s from then on', () => {
    const { time, run, hear } = clocks()
    run(10)
    expect(time.now()).toBe(1_000_010)
    hear(2_000_000, 20)
    expect(time.now()).toBe(2_000_010)
    run(5_000)
    expect(time.now()).toBe(2_005_010)
    expect(time.skewMs()).toBe(-999_980)
  })
  test('this machine’s clock steps back: nothing moves', () => {
    const { time, at, run, hear } = clocks()
    hear(1_000_000)
    at.wall -= 3_600_000
    run(1_000)
    expect(time.now()).toBe(1_001_000)
  })
  test('it slept: time went on with the wall clock', () => {
    const { time, at, hear } = clocks()
    hear(1_000_000)
    at.wall += 600_000
    expect(time.now()).toBe(1_600_000)
  })
  test('a slow answer says less than the quick one before it', () => {
    const { time, at, run, hear } = clocks()
    hear(2_000_000, 2)
    run(1_000)
    // Asked, held up for three seconds on the way back, and only then heard.
    const sent = time.mark()
    run(3_000)
    time.heard(2_001_002, sent, time.mark())
    expect(Math.abs(time.now() - 2_004_001)).toBeLessThanOrEqual(4)
    expect(at.mono).toBe(4_502)
  })
  test('where nothing sharper is known, it is rather later than earlier: a stop is not late', () => {
    const { time, run } = clocks()
    const sent = time.mark()
    run(2_000)
    time.heard(2_000_000, sent, time.mark())
    expect(time.now()).toBe(2_001_990)
  })
  test('the primary’s clock is set: from then on it counts', () => {
    const { time, run, hear } = clocks()
    hear(2_000_000, 2)
    run(1_000)
    hear(2_900_000, 2)
    expect(time.now()).toBe(2_900_001)
  })
  test('never back behind what was approved, whatever the primary says', () => {
    const { time, run, hear } = clocks()
    hear(1_500_000)
    expect(time.now()).toBe(1_500_000)
    time.approved(1_500_000)
    hear(1_400_000)
    expect(time.now()).toBe(1_500_000)
    run(100_001)
    expect(time.now()).toBe(1_500_001)
  })
  test('never back by a little', () => {
    const { time, hear } = clocks()
    hear(1_500_000)
    expect(time.now()).toBe(1_500_000)
    hear(1_499_500)
    expect(time.now()).toBe(1_500_000)
  })
  test('set an hour ahead and put right before anything was approved: no hour is lost', () => {
    const { time, at, run, hear } = clocks()
    hear(1_000_000)
    at.wall += 3_600_000
    expect(time.now()).toBe(4_600_000)
    run(250)
    hear(1_000_250)
    expect(time.now()).toBe(1_000_250)
  })
})

describe('how long ago', () => {
  test.each([
    ['both clocks ran', 0, 0, 1_000], ['the wall clock stepped back', 0, -3_600_000, 1_000], ['it stepped ahead', 0, 3_600_000, 3_601_000],
    ['the machine slept', -500, 60_000, 61_000],
  ] as const)('%s', (_, mono, wall, expected) => {
    const { time, at, run } = clocks()
    const mark = time.mark()
    run(1_000)
    at.mono += mono
    at.wall += wall
    expect(time.since(mark)).toBe(expected)
  })
})

test('a hand is only moved forward', () => {
  const hand = gateHand()
  hand.set(10)
  hand.set(5)
  expect(hand.now()).toBe(10)
})
