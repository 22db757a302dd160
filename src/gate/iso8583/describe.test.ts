// What people see of a message, and what nobody ever sees.
import { describe as suite, expect, test } from 'vitest'
import { describe, shownFields } from './describe.ts'
import { card, frame, frames, hostMessages, longCard, requests, seenIn } from './messages.fixtures.ts'
import { maskCard, maskText } from './mask.ts'

suite('a message as it is shown', () => {
  test('each field as its format allows', () => {
    const description = describe(frames.saleOfTrack!)
    expect(description).toMatchObject({ mti: '0200', bitmap: '302404C030C09811', tpdu: '6000030000', header: '603100310000' })
    expect(shownFields(description)).toEqual({
      3: '000000',
      4: '000000012345',
      11: '000003',
      14: '3012',
      22: '021',
      25: '00',
      26: '06',
      35: '*** (34)',
      36: '*** (50)',
      41: '10000161',
      42: '898110248990001',
      49: '156',
      52: '*** (8)',
      53: '2600000000000000',
      60: '22000001000500',
      64: '0000000000000000',
    })
    expect(description.fault).toBeUndefined()
  })

  test('a card is its first six and last four digits', () => {
    expect(shownFields(describe(frames.saleOfChip!))).toMatchObject({ 2: '621785******4692', 55: '*** (33)' })
    expect(shownFields(describe(frames.saleOfLongCard!))).toMatchObject({ 2: '622843*********4157' })
  })

  test('keys are not shown, nor cards in an upload; totals and a serial number are', () => {
    expect(shownFields(describe(frames['answer to signOn']!))).toMatchObject({ 62: '*** (40)' })
    expect(shownFields(describe(frames.upload!))).toMatchObject({ 48: '*** (42)' })
    expect(shownFields(describe(frames.settlement!))).toMatchObject({ 48: requests.settlement![1][48] })
    expect(shownFields(describe(frames.signOn!))).toMatchObject({ 62: requests.signOn![1][62] })
  })

  test('a card among words is masked there', () => {
    const [mti, fields] = requests.saleOfChip!
    const description = describe(frame([mti, { ...fields, 63: `CUP ${card} ${longCard}`, 59: `A0${card}` }]))
    expect(shownFields(description)).toMatchObject({ 63: 'CUP 621785******4692 622843*********4157', 59: 'A0621785******4692' })
  })

  test('with or without what stands around it', () => {
    const whole = frames.signOn!
    for (const from of [0, 2, 13]) expect(describe(whole.subarray(from))).toMatchObject({ mti: '0800', bitmap: '0020000000C00016' })
    expect(describe(whole.subarray(13)).tpdu).toBeUndefined()
    const bare = frames['signOn without header']!
    expect(describe(bare)).toMatchObject({ mti: '0800', tpdu: '6000030000' })
    expect(describe(bare).header).toBeUndefined()
    expect(describe(bare, 'unionpay', 'absent').fault).toBeUndefined()
    expect(describe(bare, 'unionpay', 'present').fault).toBeDefined()
    expect(describe(whole, 'unionpay', 'absent').fault).toBeDefined()
  })

  test('between hosts, whichever way the bitmap is written', () => {
    for (const bytes of hostMessages) {
      const description = describe(bytes, 'international')
      expect(description.fault).toBeUndefined()
      expect(shownFields(description)).toMatchObject({ 2: '621785******4692', 35: '*** (34)', 52: '*** (8)', 100: '03050001' })
    }
  })
})

suite('a broken message', () => {
  test('shows what stands before a terminal and a merchant that read properly, and where it breaks', () => {
    const bytes = frames.saleOfChip!
    const cut = describe(bytes.subarray(0, bytes.length - 12))
    expect(cut.fault).toEqual({ kind: 'cut', offset: bytes.length - 12, field: 60 })
    expect(shownFields(cut)).toMatchObject({
      2: '621785******4692',
      4: '000000012345',
      41: '10000161',
      42: '898110248990001',
      49: '*** (3)',
    })
  })
  test('before them everything is only counted: a lost bit makes a card an amount', () => {
    const lost = Buffer.from(frames.saleOfChip!)
    lost[15]! &= ~0x40
    const description = describe(lost)
    expect(description.fault).toBeDefined()
    expect(shownFields(description)).toMatchObject({ 3: '*** (6)', 4: '*** (12)' })
    expect(seenIn(JSON.stringify(description))).toBeUndefined()
  })
  test('that is longer than it says is still shown', () => {
    const bytes = Buffer.from(frames.echo!)
    bytes[1]! -= 1
    expect(describe(bytes)).toMatchObject({ mti: '0820', fault: { kind: 'length_differs', offset: 0 } })
    expect(shownFields(describe(bytes))).toMatchObject({ 41: '10000161', 60: '00000001301' })
  })
  test.each(['', '00', '60', '6000', '0000', '600003000060310031', '2e02'])('of next to nothing: %s', (hex) => {
    for (const dialect of ['unionpay', 'international'] as const) expect(describe(Buffer.from(hex, 'hex'), dialect).fault).toBeDefined()
  })
})

suite('masking', () => {
  test.each([
    [card, '621785******4692'],
    [longCard, '622843*********4157'],
    ['6222021234567', '622202***4567'],
    ['123456789012', '************'],
    ['', ''],
  ])('%s', (number, shown) => expect(maskCard(number)).toBe(shown))
  test('in text: what passes the check digit, or is UnionPay’s, and what is known', () => {
    expect(maskText('4242424242424242 4242424242424241', [])).toBe('424242******4242 4242424242424241')
    expect(maskText('no 6251880000005168', [])).toBe('no 625188******5168')
    expect(maskText('x98765432109876543210x', ['9876543210987654'])).toBe('x987654******76543210x')
    expect(maskText('898110248990001 00000001201', [])).toBe('898110248990001 00000001201')
    expect(maskText('SIMULATOR 5479D3112999 x=30122011', [])).toBe('SIMULATOR *** (12) x*** (9)')
  })
})
