import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDevice } from '../iso8583/f59.ts'
import { readDeviceAt, type Device } from './device.ts'

const read = (text: string): Device => {
  const bytes = Buffer.from(`..${text}..`, 'latin1')
  const device: Device = { serial: 'before', position: { longitude: 1, latitude: 1 } }
  readDeviceAt(bytes, 2, bytes.length - 2, device)
  return device
}
const asWireFormatReads = (text: string): Device => {
  const { serial, position } = readDevice(text)
  return { serial, position: position && { longitude: position.longitude, latitude: position.latitude } }
}

test.each<[text: string, serial: string | undefined, longitude: number | undefined]>([
  ['1722BD30.621555,114.361954', undefined, 114.361954],
  ['A230010204022000001204000000000123', '00001204000000000123', undefined],
  ['A206020212', '12', undefined],
  ['', undefined, undefined],
  ['what a vendor puts here', undefined, undefined],
])('%s', (text, serial, longitude) => {
  expect(read(text)).toEqual(asWireFormatReads(text))
  expect([read(text).serial, read(text).position?.longitude]).toEqual([serial, longitude])
})

test('reads what the wire format reads, whatever stands there', () => {
  const element = (tag: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(tag, value).map(([t, v]) => `${t}${String(v.length).padStart(2, '0')}${v}`)
  const text = fc.string({ maxLength: 24, unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
  const near = fc.stringMatching(/^ ?[A-Za-z]{0,5}[+-]?\d{0,3}\.?\d{0,11}[,/] ?[+-]?\d{0,4}\.?\d{0,11} ?$/)
  const position = fc.oneof(
    fc.tuple(fc.double({ min: -95, max: 95, noNaN: true }), fc.double({ min: -185, max: 185, noNaN: true }))
      .map(([latitude, longitude]) => `BD${latitude.toFixed(6)},${longitude.toFixed(6)}`),
    near, text,
  )
  const inner = fc.array(element(fc.constantFrom('01', '02', '05', '0x'), text), { maxLength: 3 }).map((all) => all.join(''))
  const whole = fc.array(fc.oneof(
    element(fc.constant('17'), position), element(fc.constant('A2'), fc.oneof(inner.filter((t) => t.length < 100), text)),
    element(fc.constant('EF'), text), fc.string({ maxLength: 3 }),
  ), { maxLength: 4 }).map((all) => all.join(''))
  fc.assert(fc.property(whole, (said) => { expect(read(said)).toEqual(asWireFormatReads(said)) }), { numRuns: 3_000 })
})
