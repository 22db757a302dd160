// The answers a gate gives, byte for byte where they are known, and what they repeat of the request.
import { describe, expect, test } from 'vitest'
import { createAnswers, isRequest, type Answer } from './answer.ts'
import { messageStart } from './frame.ts'
import { blockKey, isMacRight } from './mac.ts'
import { decode, encodeField } from './message.ts'
import { card, frame, frames, requests, secrets } from './messages.fixtures.ts'
import { newPeek, peek } from './peek.ts'
import { reversalOf } from './reversal.ts'
import { unionpay } from './spec-unionpay.ts'

const look = newPeek()
const write = createAnswers()
const out = Buffer.alloc(8_192)
// 10:15:00 on 1 September in Shanghai.
const at = Date.UTC(2026, 8, 1, 2, 15)
const declined: Answer = { code: '58', at, reference: 3 }

function answerTo(bytes: Buffer, answer: Answer): Buffer {
  peek(unionpay, bytes, messageStart(bytes, 2, bytes.length, 'recognised'), bytes.length, look)
  const end = write(out, 0, bytes, 2, look.located, answer)
  return Buffer.from(out.subarray(0, Math.max(0, end)))
}
const read = (bytes: Buffer): Record<number, string> => {
  const { fault, fields } = decode(unionpay, bytes, messageStart(bytes, 2, bytes.length, 'recognised'))
  expect(fault).toBeUndefined()
  return fields
}
const own = (fields: Record<number, string>): Map<number, Buffer> =>
  new Map(Object.entries(fields).map(([field, value]) => [Number(field), encodeField(unionpay, Number(field), value) as Buffer]))

describe('an answer', () => {
  test('to a sale on a stopped terminal, to the byte', () => {
    const sale = frame([
      '0200',
      {
        3: '000000',
        4: '000000000100',
        11: '000003',
        14: '3012',
        22: '021',
        25: '00',
        35: '6212340000000001D30122011234567890',
        41: '10000161',
        42: '898110248990001',
        49: '156',
        53: '0600000000000000',
        60: '22000001000500',
        64: '0000000000000000',
      },
    ])
    expect(answerTo(sale, declined).toString('hex').toUpperCase()).toBe(
      '005860000000036031003100000210303800800AC0801000000000000000010000000310150009010030303030303030303030303335383130303030313631383938313130323438393930303031313536001422000001000500',
    )
  })

  test('repeats the card and nothing else of it', () => {
    const fields = read(answerTo(frames.saleOfChip!, declined))
    expect(Object.keys(fields).map(Number)).toEqual([2, 3, 4, 11, 12, 13, 23, 25, 37, 39, 41, 42, 49, 60])
    expect(fields[2]).toBe(card)
  })

  test.each(Object.entries(requests))('to %s, with and without a header', (name, [mti]) => {
    for (const bytes of [frames[name]!, frames[`${name} without header`]!]) {
      const answer = answerTo(bytes, declined)
      expect(answer.subarray(2, 7).toString('hex')).toBe('6000000003')
      expect(decode(unionpay, answer, messageStart(answer, 2, answer.length, 'recognised')).mti).toBe(
        String(Number(mti) + 10).padStart(4, '0'),
      )
      const fields = read(answer)
      expect(fields).toMatchObject({ 12: '101500', 13: '0901', 39: '58', 41: '10000161', 42: '898110248990001' })
      expect(answer.includes(Buffer.from(secrets.chip, 'hex')) || answer.includes(Buffer.from(secrets.pin, 'hex'))).toBe(false)
    }
  })

  test('carries what the host adds, in its place, and the host’s command', () => {
    const keys = own({ 60: '00000002003', 62: secrets.keys, 37: '000000000009', 32: '03200000' })
    const answer = answerTo(frames.signOn!, { ...declined, code: '00', own: keys, command: 'tms' })
    expect(read(answer)).toMatchObject({ 32: '03200000', 37: '000000000009', 39: '00', 60: '00000002003', 62: secrets.keys })
    expect(answer.subarray(7, 13).toString('hex')).toBe('603106310000')
    expect(
      answerTo(frames['signOn without header']!, { ...declined, command: 'tms' })
        .subarray(7, 9)
        .toString('hex'),
    ).toBe('0810')
  })

  test('is signed where there is a key', () => {
    const key = blockKey(Buffer.from('0723C80DB5F4CD3D', 'hex'))!
    const answer = answerTo(frames.saleOfChip!, { ...declined, mac: key })
    expect(isMacRight(key, answer, 13, answer.length - 8)).toBe(true)
    expect(read(answer)[64]).toBeDefined()
  })

  test('keeps the clock of each answer', () => {
    for (const [ms, time, date] of [
      [0, '101500', '0901'],
      [999, '101500', '0901'],
      [1_000, '101501', '0901'],
      [50_000_000, '000820', '0902'],
      [0, '101500', '0901'],
    ] as const)
      expect(read(answerTo(frames.echo!, { ...declined, at: at + ms }))).toMatchObject({ 12: time, 13: date })
  })

  test('to a message that breaks off: what could be read', () => {
    const cut = Buffer.from(frames.saleOfTrack!.subarray(0, 60))
    expect(peek(unionpay, cut, 13, cut.length, look)).toBeDefined()
    expect(read(answerTo(cut, { ...declined, code: '30' }))).toEqual({
      3: '000000',
      4: '000000012345',
      11: '000003',
      12: '101500',
      13: '0901',
      25: '00',
      37: '000000000003',
      39: '30',
    })
  })

  test('is not given to answers, nor where there is no room', () => {
    expect(answerTo(frames['answer to sale']!, declined)).toHaveLength(0)
    peek(unionpay, frames.echo!, 13, frames.echo!.length, look)
    expect(write(Buffer.alloc(60), 0, frames.echo!, 2, look.located, declined)).toBe(-1)
    expect([100, 200, 220, 320, 400, 500, 800, 820].every(isRequest)).toBe(true)
    expect([-1, 110, 210, 230, 330, 410, 510, 810, 830, 1_200, 202].some(isRequest)).toBe(false)
  })
})

describe('a reversal', () => {
  test('repeats the request without track, PIN and security data', () => {
    const bytes = frames.saleOfTrack!
    peek(unionpay, bytes, 13, bytes.length, look)
    const key = blockKey(Buffer.from('0723C80DB5F4CD3D', 'hex'))!
    const made = reversalOf(bytes, 2, look.located, { reason: 'late', original: '0000010000030901', mac: key })!
    expect(made.readUInt16BE(0)).toBe(made.length - 2)
    expect(made.subarray(2, 13)).toEqual(bytes.subarray(2, 13))
    expect(isMacRight(key, made, 13, made.length - 8)).toBe(true)
    const { 64: _, ...fields } = read(made)
    expect(fields).toEqual({
      3: '000000',
      4: '000000012345',
      11: '000003',
      14: '3012',
      22: '021',
      25: '00',
      39: '98',
      41: '10000161',
      42: '898110248990001',
      49: '156',
      60: '22000001000500',
      61: '0000010000030901',
    })
  })
  test('of what moves no money there is none', () => {
    peek(unionpay, frames.echo!, 13, frames.echo!.length, look)
    expect(reversalOf(frames.echo!, 2, look.located, { reason: 'other' })).toBeUndefined()
  })
})
