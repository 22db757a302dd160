// What stands inside F39, F48 and F59.
import { describe, expect, test } from 'vitest'
import { answeredWith, readSettlement, writeSettlement, type Settlement } from './f48.ts'
import { meaningOf, responseMeanings } from './f39.ts'
import { readDevice, writeDevice } from './f59.ts'
import { readHostHeader } from './host-header.ts'

describe('F39', () => {
  test('the codes of the gate mean what the gate means', () => {
    expect(['00', '03', '58', '77', '97', 'A0'].map((code) => [code, meaningOf(code).category, meaningOf(code).display[0]])).toEqual([
      ['00', 'A', '交易成功'],
      ['03', 'C', '商户未登记'],
      ['58', 'C', '终端无效，请联系收单行或银联'],
      ['77', 'D', '请向网络中心签到'],
      ['97', 'D', '终端未登记，请联系收单行或银联'],
      ['A0', 'B', '校验错，请重新签到'],
    ])
    expect(Object.keys(responseMeanings)).toHaveLength(65)
  })
  test('what is not in the table has failed', () => {
    expect(['ZZ', '', '__proto__', 'constructor'].map((code) => meaningOf(code).display[0])).toEqual(Array(4).fill('交易失败'))
  })
})

describe('F48', () => {
  const digits = `00000003000000200000001000000100${'0'.repeat(30)}`
  const settlement: Settlement = {
    domestic: { debitFen: 30_000, debits: 2, creditFen: 10_000, credits: 1, answer: 'none' },
    foreign: { debitFen: 0, debits: 0, creditFen: 0, credits: 0, answer: 'none' },
  }
  test('totals there and back', () => {
    expect(readSettlement(digits)).toEqual(settlement)
    expect(writeSettlement(settlement)).toBe(digits)
  })
  test('the host answers in two digits', () => {
    expect(writeSettlement(answeredWith(settlement, 'unbalanced'))).toBe('00000003000000200000001000000120000000000000000000000000000001')
    expect(writeSettlement(answeredWith(settlement, 'balanced'))).toBe('00000003000000200000001000000110000000000000000000000000000001')
  })
  test.each(['', '0'.repeat(61), '0'.repeat(63), `${'0'.repeat(30)}4${'0'.repeat(31)}`, `A${'0'.repeat(61)}`])(
    'no settlement: %s',
    (text) => expect(readSettlement(text)).toBeUndefined(),
  )
  test('more than it can hold is not cut', () => {
    const { domestic, foreign } = settlement
    for (const wrong of [{ debits: 1_000 }, { credits: -1 }, { debitFen: 1e12 }, { creditFen: 0.5 }])
      expect(writeSettlement({ domestic: { ...domestic, ...wrong }, foreign })).toBeUndefined()
  })
})

describe('F59', () => {
  test('device and position', () => {
    expect(readDevice('1723BD30.621555,114.361954A239010204021600000204000001200000030612345605080000001A')).toEqual({})
    expect(readDevice('1722BD30.621555,114.361954A24801020402160000020400000120030612345605081.0.0   ')).toEqual({
      position: { latitude: 30.621555, longitude: 114.361954, from: 'BD' },
      deviceType: '04',
      serial: '0000020400000120',
      version: '1.0.0',
    })
  })
  test('there and back', () => {
    const words = {
      serial: '0000020400000120',
      deviceType: '04',
      version: '1.2',
      position: { latitude: -33.5, longitude: 106.784833, from: '' },
    }
    expect(readDevice(writeDevice(words)!)).toEqual(words)
    expect(writeDevice({ serial: '1'.repeat(100) })).toBeUndefined()
  })
  test.each(['', 'A2', 'A299', 'A2051234', '1705BD1;2', 'EF013368747470733A', '17xxBD1,2', '1710BD99.1,999', '1707BD,1.5.'])(
    'says nothing: %s',
    (text) => expect(readDevice(text)).toEqual({}),
  )
})

test('the header between hosts', () => {
  const header = Buffer.from('2E023034303730333035303030312020203030303130303030202020414139013030303030303030003030303030', 'hex')
  expect(readHostHeader(header)).toEqual({
    flagAndVersion: '02',
    messageBytes: 407,
    destination: '03050001   ',
    source: '00010000   ',
    reserved: '414139',
    batch: '01',
    transaction: '00000000',
    user: '00',
    rejectCode: '00000',
  })
  expect(readHostHeader(header.subarray(1))).toBeUndefined()
  expect(readHostHeader(Buffer.alloc(46, 0x2e))).toBeUndefined()
})
