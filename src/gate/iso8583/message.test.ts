// Packed and unpacked, field by field, as the format has them; and the faults with their places.
import { describe, expect, test } from 'vitest'
import { locate, newLocated } from './located.ts'
import { decode, encode, encodeField } from './message.ts'
import { frames, requests } from './messages.fixtures.ts'
import { newPeek, peek } from './peek.ts'
import { compileSpec, fields_max } from './spec.ts'
import { unionpay } from './spec-unionpay.ts'
import { international } from './spec-international.ts'

const hex = (field: number, value: string, spec = unionpay): unknown => {
  const made = encodeField(spec, field, value)
  return Buffer.isBuffer(made) ? made.toString('hex').toUpperCase() : made.kind
}

describe('a field on the wire', () => {
  test.each([
    ['digits, two in a byte', 4, '000000012345', '000000012345'],
    ['an odd number of them, filled up on the right', 22, '021', '0210'],
    ['or on the left', 23, '001', '0001'],
    ['with their length in digits', 2, '6217850283714692', '166217850283714692'],
    ['an odd length', 60, '00000001003', '0011000000010030'],
    ['a track', 35, '6217850283714692D3012', '216217850283714692D30120'],
    ['a track as cards write it', 35, '6217850283714692=3012', '216217850283714692D30120'],
    ['letters', 41, '10000161', '3130303030313631'],
    ['letters with their length in bytes', 63, '01 ', '0003303120'],
    ['Chinese', 56, '成功', '0004B3C9B9A6'],
    ['the euro, which GBK writes in one byte', 56, '€', '000180'],
    ['bytes', 64, '4233413039324145', '4233413039324145'],
    ['bytes with their length', 62, '0102', '00020102'],
  ])('%s', (_, field, value, bytes) => expect(hex(field, value)).toBe(bytes))

  test.each([
    ['too short', 3, '00000', 'value_invalid'],
    ['too long', 3, '0000000', 'value_invalid'],
    ['too long for its length', 2, '9'.repeat(20), 'length_too_large'],
    ['letters among digits', 4, '00000001234A', 'value_invalid'],
    ['half a byte', 64, '423341303932414', 'value_invalid'],
    ['a character GBK does not have', 56, '😀', 'value_invalid'],
    ['a field the format does not have', 5, '1', 'field_unknown'],
    ['nor this one', 129, '1', 'field_unknown'],
  ])('refused: %s', (_, field, value, kind) => expect(hex(field, value)).toBe(kind))

  test('in ASCII every digit is a byte', () => {
    expect(hex(2, '6217850283714692', international)).toBe(Buffer.from('166217850283714692').toString('hex').toUpperCase())
    expect(hex(120, 'x', international)).toBe('30303178')
  })
})

describe('a message', () => {
  test.each(Object.entries(requests))('%s comes out as it went in', (_, [mti, fields]) => {
    const made = encode(unionpay, { mti, fields })
    if ('fault' in made) throw new Error(made.fault.kind)
    const read = decode(unionpay, made.bytes)
    expect(read.fault).toBeUndefined()
    expect([read.mti, read.fields]).toEqual([mti, fields])
  })

  test('a second bitmap comes and goes with the fields beyond 64', () => {
    const made = encode(international, { mti: '0800', fields: { 7: '1125161336', 11: '000255', 70: '301' } })
    expect(made).toEqual({
      bytes: Buffer.concat([
        Buffer.from('0800'),
        Buffer.from('82200000000000000400000000000000', 'hex'),
        Buffer.from('1125161336000255301'),
      ]),
    })
  })

  test.each([
    ['nothing', '', { kind: 'no_message', offset: 0 }],
    ['half a type', '02', { kind: 'cut', offset: 1 }],
    ['a type that is no number', '0A00', { kind: 'mti_invalid', offset: 0 }],
    ['half a bitmap', '020020000000', { kind: 'cut', offset: 6 }],
    ['the second bitmap missing', '0200A000000000000000', { kind: 'cut', offset: 10 }],
    ['a field that is not of this format', '02000800000000000000', { kind: 'field_unknown', offset: 10, field: 5 }],
    ['a field cut off', '0800002000000000000000', { kind: 'cut', offset: 11, field: 11 }],
    ['a length cut off', '0800000000000000001000', { kind: 'cut', offset: 11, field: 60 }],
    ['a length that is no number', '020040000000000000001A', { kind: 'length_invalid', offset: 10, field: 2 }],
    ['a length beyond the format', '0200400000000000000020', { kind: 'length_too_large', offset: 10, field: 2 }],
    ['digits that are none', '0800002000000000000000000A', { kind: 'digit_invalid', offset: 10, field: 11 }],
    ['letters that are none', '0210000000000000010000018F', { kind: 'text_invalid', offset: 12, field: 56 }],
    ['something left over', '0800002000000000000000000100', { kind: 'trailing', offset: 13 }],
  ])('%s: the fault and its place', (_, bytes, fault) => expect(decode(unionpay, Buffer.from(bytes, 'hex')).fault).toEqual(fault))

  test('letters for bits, where the bitmap is written in them', () => {
    const spec = compileSpec({ ...international, bitmap: 'hex' })
    expect(decode(spec, Buffer.from('0200400000000000000G')).fault).toEqual({ kind: 'bitmap_invalid', offset: 12 })
    expect(decode(spec, Buffer.from('02004000000000000000101234567890')).fields).toEqual({ 2: '1234567890' })
  })

  test('what is wrong in one field does not hide the others', () => {
    const bytes = Buffer.from('0800002000000000000200000A003303', 'hex')
    expect(decode(unionpay, Buffer.concat([bytes.subarray(0, 10), Buffer.from('00000A0003303120', 'hex')]))).toEqual({
      mti: '0800',
      bitmap: '0020000000000002',
      fields: { 63: '01 ' },
      fault: { kind: 'digit_invalid', offset: 10, field: 11 },
    })
  })

  test('places are found again and again in the same record', () => {
    const located = newLocated()
    for (let times = 0; times < 3; times++)
      for (const bytes of Object.values(frames)) {
        const at = bytes[7]! > 15 ? 13 : 7
        expect(locate(unionpay, bytes, at, bytes.length, located)).toBeUndefined()
        expect(located.reached).toBe(fields_max)
      }
  })
})

describe('a peek', () => {
  const look = newPeek()
  test('reads what deciding needs', () => {
    const bytes = frames.saleOfTrack!
    expect(peek(unionpay, bytes, 13, bytes.length, look)).toBeUndefined()
    expect(look).toMatchObject({
      mti: 200,
      processing: 0,
      amountFen: 12_345,
      trace: 3,
      condition: 0,
      kind: 22,
      batch: 1,
      network: 0,
      tid: '10000161',
      mid: '898110248990001',
    })
  })
  test('says what is not there', () => {
    const bytes = frames.echo!
    expect(peek(unionpay, bytes, 13, bytes.length, look)).toBeUndefined()
    expect(look).toMatchObject({ mti: 820, processing: -1, amountFen: -1, trace: -1, condition: -1, network: 301 })
  })
  test.each([
    ['no terminal', { 42: '898110248990001', 60: '00000001301' }, 41],
    ['no merchant', { 41: '10000161', 60: '00000001301' }, 42],
  ])('%s: a fault', (_, fields, field) => {
    const made = encode(unionpay, { mti: '0820', fields })
    if ('fault' in made) throw new Error(made.fault.kind)
    expect(peek(unionpay, made.bytes, 0, made.bytes.length, look)).toMatchObject({ kind: 'field_missing', field })
  })
  test.each([
    [3, 24],
    [4, 27],
    [11, 33],
    [60, -1],
  ])('letters among the digits of field %i: a fault', (field, at) => {
    const bytes = Buffer.from(frames.saleOfTrack!)
    bytes[at === -1 ? bytes.length - 8 - 7 : at] = 0xaa
    expect(peek(unionpay, bytes, 13, bytes.length, look)).toMatchObject({ kind: 'digit_invalid', field })
  })
})
