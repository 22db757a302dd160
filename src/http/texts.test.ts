import { describe, expect, test } from 'vitest'
import { caseNumber } from '../domain/number.ts'
import { unkeepableIn, withoutPans } from './texts.ts'

describe('what no database can keep is found where it stands', () => {
  test.each([
    ['plain', undefined],
    [{ words: '停机 💥', list: [1, null, true, { a: '' }] }, undefined],
    ['a\0b', []],
    [{ words: '\ud83d' }, ['words']],
    [{ items: [{ note: 'x' }, { note: '\udfff x' }] }, ['items', '1', 'note']],
  ])('%j', (value, path) => expect(unkeepableIn(value)).toEqual(path))
})

describe('card numbers are masked at any depth, and nothing else is', () => {
  test.each([
    [{ words: '卡号6212340000000001。' }, { words: '卡号621234******0001。' }],
    [{ items: [{ note: '6212 3400 0000 0001' }] }, { items: [{ note: '621234******0001' }] }],
    [['6212340000000001=30122010000012345'], ['621234******0001=*****************']],
  ])('%j', (value, masked) => expect(withoutPans(value)).toEqual(masked))

  test.each([
    'TQ-261123-00042-1',
    // Its digits pass Luhn's check like a card's.
    caseNumber('TQ', '2026-11-27', 100_015),
    '861290058120001',
    '0000120400000010',
    'c0ffee00-6212-3400-0000-000000000001',
    '2026-11-27T15:00:00+08:00',
  ])('%s stays', (text) =>
    expect(withoutPans({ text, at: 1_795_000_000_000 })).toEqual({ text, at: 1_795_000_000_000 }),
  )
})
