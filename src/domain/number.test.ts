import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  caseNumber,
  isCaseNumber,
  isLetterNumber,
  letterNumber,
  mod11_10,
  parseCaseNumber,
  parseLetterNumber,
} from './number.ts'

const prefix = fc.stringMatching(/^[A-Z]{2}$/)
const date = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))
const serial = fc.integer({ min: 0, max: 9_999_999 })
const number = fc.oneof(
  fc.tuple(prefix, date, serial).map((parts) => caseNumber(...parts)),
  fc
    .tuple(prefix, fc.stringMatching(/^[A-Z]$/), fc.integer({ min: 2020, max: 2099 }), serial)
    .map((parts) => letterNumber(...parts)),
)
const isNumber = (text: string): boolean => isCaseNumber(text) || isLetterNumber(text)

test('ISO 7064 MOD 11,10', () => {
  expect(mod11_10('0794')).toBe(5) // the standard's example: 07945
  expect(mod11_10('')).toBe(1)
})

test.each([
  ['TQ', '2026-11-27', 42, 'TQ-261127-00042-7'],
  ['TQ', '2026-11-27', 123_456, 'TQ-261127-123456-'],
  ['ZA', '2000-02-29', 0, 'ZA-000229-00000-'],
])('case %s %s %i is %s', (provider, day, count, expected) => {
  const no = caseNumber(provider, day, count)
  expect(no.startsWith(expected)).toBe(true)
  expect(parseCaseNumber(no)).toEqual({ no, prefix: provider, date: day, serial: count })
})

test('letter', () => {
  const no = letterNumber('TQ', 'S', 2026, 42)
  expect(no).toBe('TQ-S2026-00042-7')
  expect(parseLetterNumber(no)).toEqual({ no, prefix: 'TQ', kindLetter: 'S', year: 2026, serial: 42 })
  expect(isCaseNumber(no)).toBe(false)
  expect(isLetterNumber('TQ-261127-00042-7')).toBe(false)
})

test.each([
  'tq-261127-00042-7',
  ' TQ 261127 00042 7 ',
  'TQ261127000427',
  'ＴＱ－２６１１２７－０００４２－７',
  'TQ–261127–00042–7',
])('%s is read as meant', (text) => {
  expect(parseCaseNumber(text)?.no).toBe('TQ-261127-00042-7')
})
test.each([
  '',
  'TQ-261127-00042',
  'TQ-261127-00042-8',
  'T-261127-00042-7',
  'TQ-261127-0042-7',
  '261127-00042-7',
  'TQ-261127-00042-7x',
  'TQ-S2026-00042-8',
])('%s is no number', (text) => {
  expect(isNumber(text)).toBe(false)
})
test('a day that does not exist and a serial with a zero too many are refused although their check digit is right', () => {
  const check = (body: string): string =>
    `${body}${mod11_10(body.replace(/[A-Z]/g, (letter) => letter.charCodeAt(0).toString(8)))}`
  expect(isCaseNumber(check('TQ26112700042'))).toBe(true)
  expect(isCaseNumber(check('TQ26022900042'))).toBe(false)
  expect(isCaseNumber(check('TQ261127000042'))).toBe(false)
  expect(isLetterNumber(check('TQS2026000042'))).toBe(false)
})

describe('mistakes of the ear and the hand', () => {
  const digitPlaces = (no: string): number[] => [...no].flatMap((c, place) => (/\d/.test(c) ? [place] : []))

  test('round trip', () => {
    fc.assert(
      fc.property(number, (no) => {
        expect((parseCaseNumber(no) ?? parseLetterNumber(no))?.no).toBe(no)
      }),
    )
  })

  test('every single wrong digit is found', () => {
    fc.assert(
      fc.property(number, (no) => {
        for (const place of digitPlaces(no))
          for (const other of '0123456789')
            if (other !== no[place]) expect(isNumber(no.slice(0, place) + other + no.slice(place + 1))).toBe(false)
      }),
    )
  })

  test('two neighbours that changed places are found, check digit included, unless they differ by one', () => {
    fc.assert(
      fc.property(number, (no) => {
        const plain = no.replaceAll('-', '')
        for (let place = 0; place + 1 < plain.length; place++) {
          const [a, b] = [plain[place]!, plain[place + 1]!]
          const apart = Math.abs(Number(a) - Number(b))
          if (!/\d\d/.test(a + b) || [0, 1, 9].includes(apart)) continue
          expect(isNumber(plain.slice(0, place) + b + a + plain.slice(place + 2))).toBe(false)
        }
      }),
    )
  })

  test('of those that differ by one, nine in ten', () => {
    let [missed, tried] = [0, 0]
    for (let head = 0; head < 1_000; head++)
      for (let a = 0; a < 10; a++) {
        const b = (a + 1) % 10
        tried++
        if (mod11_10(`${head}${a}${b}`) === mod11_10(`${head}${b}${a}`)) missed++
      }
    expect(missed / tried).toBeGreaterThan(0.05)
    expect(missed / tried).toBeLessThan(0.12)
  })

  test('of wrong letters, nine in ten', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    let [missed, tried] = [0, 0]
    for (const right of letters)
      for (const wrong of letters)
        for (const make of [(x: string) => `${x}Q`, (x: string) => `T${x}`]) {
          if (right === wrong) continue
          tried++
          if (caseNumber(make(right), '2026-11-27', 42).at(-1) === caseNumber(make(wrong), '2026-11-27', 42).at(-1))
            missed++
        }
    expect(missed / tried).toBeLessThan(0.1)
  })

  test('anything is taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        isNumber(text)
      }),
    )
  })
})

test.each([
  () => caseNumber('T', '2026-11-27', 1),
  () => caseNumber('tq', '2026-11-27', 1),
  () => caseNumber('TQ', '2026-11-31', 1),
  () => caseNumber('TQ', '1999-11-30', 1),
  () => caseNumber('TQ', '2026-11-27', -1),
  () => caseNumber('TQ', '2026-11-27', 1.5),
  () => caseNumber('TQ', '2026-11-27', 10_000_000_000),
  () => letterNumber('TQ', 'SS', 2026, 1),
  () => letterNumber('TQ', 'S', 26, 1),
])('%o is a bug', (wrong) => {
  expect(wrong).toThrow(RangeError)
})
