import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkIdNumber,
  checkLatitude,
  checkLongitude,
  checkMcc,
  checkMid,
  checkPan,
  checkPhone,
  checkTid,
  checkTusn,
  checkUscc,
  luhnHolds,
  maskPan,
  scrubPans,
} from './identity.ts'
import { isMcc, mccName, mccs } from './mcc.ts'

const today = '2026-11-22'
/** What a check answers, in one word: the value, '!' before a warning, or the code. */
const said = (answer: { value: string; warnings: string[] } | { code: string }): string =>
  'code' in answer ? answer.code : [answer.value, ...answer.warnings.map((w) => `!${w}`)].join(' ')

describe('unified social credit code', () => {
  test.each([
    ['91350100M000100Y43', '91350100M000100Y43', 'worked example of the standard: Σ = 1640, 31 - 28 = 3'],
    ['91350100M000100Y4Z', 'uscc_charset', 'its counter-example; Z is not in the alphabet'],
    ['91350100M000100Y44', 'uscc_check_digit', 'the same, one off'],
    ['91110000600037341L', '91110000600037341L', ''],
    ['91110000600037342L', 'uscc_check_digit', ''],
    ['A1110000600037341L', 'uscc_charset', 'no such registering authority'],
    ['12345678', 'uscc_length', ''],
    ['914403001922038216', '914403001922038216', 'digits only'],
    ['91110108551385082Q', '91110108551385082Q', ''],
    ['91440300708461136T', '91440300708461136T', ''],
    ['91330100799655058B', '91330100799655058B', ''],
    ['91110000802100433B', '91110000802100433B', ''],
    ['911101051000000080', '911101051000000080', 'check value 31 is 0'],
    ['91110105100000120Y', '91110105100000120Y', 'check value 30 is Y'],
    ['91110105100000075X', '91110105100000075X', 'check X'],
    ['9111010510000018XY', '9111010510000018XY', 'inner check digit X'],
    ['91310115MA1H8R7C6D', 'uscc_check_digit', 'a published example that is wrong; 7 would be right'],
    ['91350100m000100y43', '91350100M000100Y43', 'letters are raised'],
    ['91350100M000100Y43 ', '91350100M000100Y43', ''],
    ['9135 0100 M000 100Y 43', '91350100M000100Y43', ''],
    ['9135-0100-M000-100Y-43', '91350100M000100Y43', ''],
    ['９１３５０１００Ｍ０００１００Ｙ４３', 'uscc_charset', 'full width'],
    ['', 'uscc_length', ''],
  ])('%s → %s %s', (text, expected) => {
    expect(said(checkUscc(text))).toBe(expected)
  })

  test('a wrong inner check digit only warns', () => {
    expect(said(checkUscc('91350100M000100Y56'))).toBe('91350100M000100Y56 !uscc_organisation_digit')
  })

  test('every single wrong character is found', () => {
    const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
    const right = '91350100M000100Y43'
    for (let place = 0; place < right.length; place++)
      for (const other of alphabet)
        if (other !== right[place])
          expect('code' in checkUscc(right.slice(0, place) + other + right.slice(place + 1))).toBe(true)
  })
})

describe('citizen identity number', () => {
  test.each([
    ['11010519491231002X', '11010519491231002X'],
    ['440524188001010014', '440524188001010014'], // born 1880: age is no part of the check
    ['360426199101010071', '360426199101010071'],
    ['120103198806018241', '120103198806018241'],
    ['360426199101010072', 'id_check_digit'],
    ['12345678', 'id_length'],
    ['11010519491231002x', '11010519491231002X'],
    ['110105194912310021', 'id_check_digit'],
    ['110101200002290018', '110101200002290018'], // 2000-02-29 exists
    ['110101190002290011', 'id_birth_date'], // 1900 was no leap year
    ['110101202302290019', 'id_birth_date'],
    ['110101199013010012', 'id_birth_date'],
    ['110101209912310015', 'id_birth_future'],
    ['990101199003070015', 'id_province'],
    ['110101199003070011', '110101199003070011'],
    ['810000199003070015', '810000199003070015'],
    ['830000199003070019', '830000199003070019'],
    ['110105491231002', 'id_old_format'],
    ['110105 19491231 002X', '11010519491231002X'],
    ['１１０１０５１９４９１２３１００２Ｘ', 'id_charset'],
    ['1101051949123100XX', 'id_charset'],
  ])('%s → %s', (text, expected) => {
    expect(said(checkIdNumber(text, today))).toBe(expected)
  })
})

describe('card number', () => {
  test.each([
    ['79927398713', true],
    ['79927398710', false],
    ['4242424242424242', true],
    ['4761739001010010', true],
    ['4276555555555555', false],
    ['6221558812340000', false],
    ['6221558812340005', true],
  ])('Luhn %s: %s', (digits, holds) => {
    expect(luhnHolds(digits)).toBe(holds)
  })

  test.each([
    ['4242424242424242', '4242424242424242'],
    ['4761739001010010', '4761739001010010'],
    ['4276555555555555', '4276555555555555 !pan_luhn'],
    ['6251880000005168', '6251880000005168 !pan_luhn'],
    ['6224242300000069', '6224242300000069'],
    ['6224242900000113', '6224242900000113'],
    ['6258190620000039', '6258190620000039'],
    ['6216261000000000018', '6216261000000000018'],
    ['6221558812340000', '6221558812340000 !pan_luhn'],
    ['6212340000000001', '6212340000000001'],
    ['6250940000000001', '6250940000000001'],
    ['6212340000000000004', '6212340000000000004'],
    ['62123400000000011', '62123400000000011 !pan_luhn'], // 17 digits: a length UnionPay has
    ['6212 3400 0000 0001', '6212340000000001'],
    ['621234000000000a', 'pan_charset'],
    ['621234000000', 'pan_length'],
    ['62123400000000', 'pan_length'], // 14 digits are too few for UnionPay
    ['62123400000000000042', 'pan_length'],
    ['６２１２３４０００００００００１', 'pan_charset'],
  ])('%s → %s', (text, expected) => {
    expect(said(checkPan(text))).toBe(expected)
  })

  test.each([
    ['6212340000000001', '621234******0001'],
    ['6212340000000000004', '621234*********0004'],
    ['378282246310005', '378282*****0005'],
    ['6212 3400 0000 0001', '621234******0001'],
    ['12345678', '********'],
  ])('mask %s → %s', (pan, masked) => {
    expect(maskPan(pan)).toBe(masked)
  })
})

describe('scrubbing card numbers out of text', () => {
  test.each([
    ['card 6212340000000001 failed', 'card 621234******0001 failed'],
    ['6212-3400-0000-0001', '621234******0001'],
    ['6212 3400 0000 0000 004', '621234*********0004'],
    ['621234 0000000000004', '621234*********0004'],
    ['62123400 00000001', '621234******0001'],
    ['6212340000000001D30122011234567890', '621234******0001D*****************'],
    ['6212340000000001=30122011234567890', '621234******0001=*****************'],
    ['%B6212340000000001^ZHANG/SAN^30122010000?', '%B621234******0001^*********************?'],
    ['{"pan":6212340000000001,"n":1}', '{"pan":621234******0001,"n":1}'],
    ['卡号６２１２３４０００００００００１。', '卡号621234******0001。'],
    ['卡号6212　3400　0000　0001', '卡号621234******0001'],
    ['6221558812340000', '622155******0000'], // UnionPay although Luhn fails
    ['4242 4242 4242 4242', '424242******4242'],
    ['2026-11-20 4242-4242-4242-4242 and 378282246310005', '2026-11-20 424242******4242 and 378282*****0005'],
    ['3782 822463 10005', '378282*****0005'],
    ['166212340000000001', '16621234******0001'], // a length before it
    [
      '0200702006212340000000001000000000000001234',
      '020070200621234********01000000000000001234',
    ] /* Luhn holds for 18 of them */,
    ['6212340000000006212340000000001', '621234*********621234******0001'], // the second begins where Luhn ends the first
    ['6212340000000001 4242424242424242', '621234******0001 424242******4242'],
  ])('%s → %s', (text, clean) => {
    expect(scrubPans(text)).toBe(clean)
  })

  test.each([
    '',
    '102581083986056',
    '898016541116010',
    '848059372301022 61453040',
    '0000020381446356',
    '0000120456305412',
    '2026-11-20T16:00:00.000+08:00',
    '2026-11-20 16:00:00',
    '20261120160000',
    '20261120160000123',
    '1795161600000',
    '1795161600000000000',
    '550e8400-e29b-41d4-a716-446655440000',
    '41111111-1111-4111-8111-111111111111',
    '62123400-0000-0001-8000-000000000000', // its first sixteen digits are a card number

    '621234******0001',
    'TQ-261127-00042-7',
    '66585402 61453040',
    '62612951 62612951',
    '66585402 000293 000001 923447730644',
    '4276555555555555',
    '914403001922038216',
    '5812 91420581252139324J',
    '13812345678 13912345678',
    '010-65551234',
    '{"fen":58800,"currency":"CNY"}',
  ])('leaves %s', (text) => {
    expect(scrubPans(text)).toBe(text)
  })

  test('merchant numbers, serial numbers, times and UUIDs of every kind stay', () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`))
    const mid = digits(15).filter((text) => !/^3[47]/.test(text))
    const kept = fc.oneof(
      mid,
      digits(12).map((rest) => `0000${rest}`),
      fc
        .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
        .map((d) => d.toISOString()),
      fc
        .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
        .map((d) => d.toISOString().replace(/\D/g, '')),
      fc.integer({ min: 1e12, max: 2e12 - 1 }).map(String), // milliseconds since 1970
      fc.uuid(),
      fc
        .tuple(digits(8), digits(8))
        .map((pair) => pair.join(' '))
        .filter((pair) => !pair.startsWith('62')),
    )
    fc.assert(
      fc.property(fc.array(kept, { maxLength: 6 }), (parts) => {
        const text = parts.join(', ')
        expect(scrubPans(text)).toBe(text)
      }),
    )
  })

  test('no card number survives, whatever stands around it', () => {
    const brands = [
      ['62', 16],
      ['62', 17],
      ['62', 18],
      ['62', 19],
      ['4', 16],
      ['51', 16],
      ['2221', 16],
      ['34', 15],
      ['37', 15],
      ['36', 14],
      ['3528', 16],
      ['6011', 16],
      ['4', 13],
      ['955880', 19],
    ] as const
    const pan = fc.tuple(fc.constantFrom(...brands), fc.stringMatching(/^\d{19}$/)).map(([[prefix, length], rest]) => {
      const body = (prefix + rest).slice(0, length - 1)
      return body + [...'0123456789'].find((check) => luhnHolds(body + check))!
    })
    const grouped = (text: string, separator: string): string => text.match(/.{1,4}/g)!.join(separator)
    const spelling = fc
      .tuple(pan, fc.constantFrom('', ' ', '-'))
      .map(([text, separator]) => ({ pan: text, text: separator ? grouped(text, separator) : text }))
    const around = fc.oneof(
      fc.constantFrom(' ', '', ': ', '"', '卡号', 'PAN=', '\n', ', '),
      fc.string({ maxLength: 5 }).map((text) => `${text}|`),
    )
    const after = fc.oneof(
      fc.constantFrom('', ' ', '"', '。', 'D3012201', ',12.34'),
      fc.string({ maxLength: 5 }).map((text) => `|${text}`),
    )
    fc.assert(
      fc.property(spelling, around, after, ({ pan: number, text }, before, behind) => {
        const clean = scrubPans(before + text + behind)
        const left = clean.normalize('NFKC').replace(/[ -]/g, '')
        expect(left).not.toContain(number)
        expect(left).toContain(maskPan(number))
      }),
      { numRuns: 2_000 },
    )
  })

  test('any text is taken, and long ones quickly', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => typeof scrubPans(text) === 'string'))
    for (const text of [
      '6'.repeat(500_000),
      '62 '.repeat(200_000),
      '6212340000000001'.repeat(30_000),
      '4-'.repeat(250_000),
      '^9'.repeat(200_000),
    ])
      expect(scrubPans(text).length).toBeLessThanOrEqual(text.length)
  })
})

describe('merchant category', () => {
  test.each(['0742', '5411', '5812', '5541', '8062', '8211', '9399'])('%s is known', (code) => {
    expect(said(checkMcc(code))).toBe(code)
  })
  test.each(['3998', '4458', '4733', '5398', '7013', '7295', '8399', '8912', '9400', '9498'])(
    '%s is UnionPay’s own',
    (code) => {
      expect(said(checkMcc(` ${code} `))).toBe(code)
      expect(mccName(code, 'zh')).toMatch(/\p{Script=Han}/u)
    },
  )
  test.each(['0000', '581', '58120', '5A12', '9999', '742', '', 'constructor', '５４１１'])('%s is unknown', (code) => {
    expect(said(checkMcc(code))).toBe('mcc_unknown')
    expect(isMcc(code)).toBe(false)
    expect(mccName(code, 'en')).toBeUndefined()
  })
  test('names', () => {
    expect(mccName('5944', 'zh')).toBe('银器店')
    expect(mccName('5411', 'zh')).toBe('超市、食品杂货店')
    expect(mccName('5411', 'en')).toBe('Grocery Stores, Supermarkets')
    expect(mccName('3504', 'zh')).toBe('HILTON HOTELS') // no settled Chinese name
    for (const [code, [, english]] of Object.entries(mccs))
      expect([code, english.trim()]).toEqual([expect.stringMatching(/^\d{4}$/), expect.stringMatching(/^\S.+/)])
  })
})

test.each([
  [checkTid, '10000161', '10000161'],
  [checkTid, '0000002A', '0000002A'],
  [checkTid, ' 66585402 ', '66585402'],
  [checkTid, '1234567', 'tid_format'],
  [checkTid, '0000002a', 'tid_format'],
  [checkTid, '1000016１', 'tid_format'],
  [checkMid, '102581083986056', '102581083986056'],
  [checkMid, '84329004582000B', '84329004582000B'],
  [checkMid, '111111111111111', '111111111111111'],
  [checkMid, '89812', 'mid_format'],
  [checkTusn, '0000290210015708', '0000290210015708'],
  [checkTusn, '00002402106870', '00002402106870'],
  [checkTusn, '00000204ab7F', '00000204ab7F'],
  [checkTusn, '00000204123', 'serial_format'],
  [checkTusn, '0'.repeat(51), 'serial_format'],
  [checkTusn, '0000-0204-1234', 'serial_format'],
  [checkPhone, '13812345678', '13812345678'],
  [checkPhone, '138 1234 5678', '13812345678'],
  [checkPhone, '+86 138-1234-5678', '13812345678'],
  [checkPhone, '008613812345678', '13812345678'],
  [checkPhone, '8613812345678', '13812345678'],
  [checkPhone, '010-65551234', '010-65551234'],
  [checkPhone, '(0571) 8765 4321', '0571-87654321'],
  [checkPhone, '+86 10 6555 1234', '010-65551234'],
  [checkPhone, '0991 2345678', '0991-2345678'],
  [checkPhone, '400-123-4567', '4001234567'],
  [checkPhone, '8001234567', '8001234567'],
  [checkPhone, '12345', 'phone_format'],
  [checkPhone, '12812345678', 'phone_format'],
  [checkPhone, '1381234567', 'phone_format'],
  [checkPhone, '138123456789', 'phone_format'],
  [checkPhone, '65551234', 'phone_format'], // no area code
  [checkPhone, '+852 2345 6789', 'phone_format'],
  [checkPhone, '', 'phone_format'],
  [checkLongitude, '119.536636', '119.536636'],
  [checkLongitude, '-180', '-180'],
  [checkLongitude, '180.1', 'position_range'],
  [checkLongitude, '1e2', 'position_range'],
  [checkLatitude, '29.491590', '29.491590'],
  [checkLatitude, '95.1', 'position_range'],
  [checkLatitude, '', 'position_range'],
  [checkLatitude, '30,5', 'position_range'],
])('%o %s → %s', (check, text, expected) => {
  expect(said(check(text))).toBe(expected)
})
