import { describe, expect, test } from 'vitest'
import type { Carried } from '../../telling/carrier.ts'
import { settledBy, waitsOf } from './schedule.ts'

const again: Carried = { sent: false, failure: 'status', isFinal: false, proof: { status: 500 } }
const middle = 0.5

describe('what an attempt leaves behind', () => {
  test('to a machine it is tried ten times over three days, as Standard Webhooks advises', () => {
    const waits = Array.from({ length: 9 }, (_, i) => settledBy('webhook', i + 1, again, 0, middle).nextAt! / 1_000)
    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
    expect(waits.reduce((a, b) => a + b, 0) / 86_400).toBeCloseTo(3.15, 1)
    expect(settledBy('webhook', 10, again, 0, middle)).toEqual({ state: 'given_up', failure: 'status', proof: { status: 500 }, nextAt: undefined })
  })
  test('to people eight times over two days', () => {
    expect(waitsOf('mail')).toHaveLength(7)
    expect(settledBy('sms', 8, again, 0, middle).state).toBe('given_up')
  })
  test('retries come back a tenth sooner or later, never all at once', () => {
    expect(settledBy('webhook', 2, again, 1_000, 0).nextAt).toBe(1_000 + 270_000)
    expect(settledBy('webhook', 2, again, 1_000, 1).nextAt).toBe(1_000 + 330_000)
  })
  test.each<[string, Carried, object]>([
    ['delivered', { sent: true, proof: { status: 204 } }, { state: 'sent', failure: undefined, proof: { status: 204 } }],
    ['refused for good', { sent: false, failure: 'recipient_refused', isFinal: true }, { state: 'failed', failure: 'recipient_refused', nextAt: undefined }],
    ['asked to wait longer than we would', { ...again, retryAfter_s: 3_600 } as Carried, { state: 'waiting', nextAt: 3_600_000 }],
    ['asked to wait less', { ...again, retryAfter_s: 1 } as Carried, { state: 'waiting', nextAt: 5_000 }],
    ['asked to wait for ever', { ...again, retryAfter_s: 999_999 } as Carried, { state: 'waiting', nextAt: 86_400_000 }],
  ])('%s', (_, carried, expected) => {
    expect(settledBy('webhook', 1, carried, 0, middle)).toMatchObject(expected)
  })
})
