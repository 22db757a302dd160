import { describe, expect, test } from 'vitest'
import { Refused } from '../refused.ts'
import { readOffer, readPercent } from './money.ts'

test.each([['0.6', 6_000], ['0.38', 3_800], ['1', 10_000], ['0.0325', 325], ['0', 0], ['0.00325', undefined], ['-1', undefined], ['x', undefined], ['100', undefined], ['', undefined]])('%s per cent are %s ppm', (text, ppm) => {
  expect(readPercent(text)).toBe(ppm)
})

describe('an offer as people type it', () => {
  test('with caps, monthly fee and device', () => {
    expect(readOffer('X 银行:credit=0.6, debit=0.5/20,qr=0.38,monthly=10,device=299.50')).toEqual({
      kind: 'other', name: 'X 银行', monthlyFen: 1_000, deviceFen: 29_950,
      rates: [{ card: 'credit', ppm: 6_000 }, { card: 'debit', ppm: 5_000, capFen: 2_000 }, { card: 'qr', ppm: 3_800 }],
    })
  })
  test('in full width', () => expect(readOffer('某支付：qr=0.3，monthly=12')).toMatchObject({ name: '某支付', monthlyFen: 1_200, rates: [{ card: 'qr', ppm: 3_000 }] }))
  test.each(['no colon', ':credit=0.6', 'x:', 'x:credit=', 'x:credit=abc', 'x:debit=0.5/x', 'x:monthly=10', 'x:gold=1'])('%s means nothing', (text) => {
    expect(() => readOffer(text)).toThrow(Refused)
  })
})
