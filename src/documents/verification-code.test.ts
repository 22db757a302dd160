import { describe, expect, test } from 'vitest'
import { newVerificationCode, normaliseVerificationCode, verificationCodePattern } from './verification-code.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('a verification code', () => {
  test.each([
    ['00000000000000000000', '0000-0000-0000-0000'],
    ['ffffffffffffffffffff', 'ZZZZ-ZZZZ-ZZZZ-ZZZZ'],
    // 0, 1, 2 … 15 as five bits each
    ['00443214c74254b635cf', '0123-4567-89AB-CDEF'],
    ['8465 3a56d7c675be77df'.replace(' ', ''), 'GHJK-MNPQ-RSTV-WXYZ'],
  ])('of the bytes %s is %s', (random, code) => {
    expect(newVerificationCode(bytes(random))).toBe(code)
    expect(code).toMatch(verificationCodePattern)
  })

  test('asks for ten random bytes', () => {
    expect(() => newVerificationCode(new Uint8Array(9))).toThrow(RangeError)
  })

  test.each([
    ['7kq2m9xd4tfa0wzr', '7KQ2-M9XD-4TFA-0WZR'],
    [' 7KQ2 M9XD–4TFA—owzr ', '7KQ2-M9XD-4TFA-0WZR'],
    ['７ＫＱ２－Ｍ９ＸＤ－４ＴＦＡ－０ＷＺＲ', '7KQ2-M9XD-4TFA-0WZR'],
    ['IL1O-0000-0000-0000', '1110-0000-0000-0000'],
    ['7KQ2-M9XD-4TFA-0WZ', undefined],
    ['7KQ2-M9XD-4TFA-0WZRR', undefined],
    ['7KQ2-M9XD-4TFA-0WZU', undefined],
    ['', undefined],
    ['7'.repeat(1_000_000), undefined],
  ])('typed as %s reads %s', (typed, code) => {
    expect(normaliseVerificationCode(typed)).toBe(code)
  })
})
