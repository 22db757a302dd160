// Serial number and position out of F59, read from the bytes as they are: terminals send them with every sale. It reads
// what readDevice of the wire format reads, without taking the rest apart.
import type { GatePosition } from '../../domain/gate.ts'

/** Of the message read last. */
export type Device = { serial: string | undefined; position: GatePosition | undefined }

/** As `trim` has it. */
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13) || byte === 160
const digitAt = (bytes: Buffer, at: number): number => bytes[at]! - 48
const isDigit = (digit: number): boolean => digit >= 0 && digit <= 9
const isTag = (bytes: Buffer, at: number, first: string, second: string): boolean =>
  bytes[at] === first.charCodeAt(0) && bytes[at + 1] === second.charCodeAt(0)

/** Length of the element at `at`; -1 where there is none that ends by `end`. */
function lengthAt(bytes: Buffer, at: number, end: number): number {
  if (at + 4 > end) return -1
  const tens = digitAt(bytes, at + 2)
  const ones = digitAt(bytes, at + 3)
  const length = tens * 10 + ones
  return isDigit(tens) && isDigit(ones) && at + 4 + length <= end ? length : -1
}
/** Whether [at, end) is made of elements to its end. */
function isWhole(bytes: Buffer, at: number, end: number): boolean {
  for (let to = at; to < end; ) {
    const length = lengthAt(bytes, to, end)
    if (length < 0) return false
    to += 4 + length
  }
  return true
}

function serialIn(bytes: Buffer, at: number, end: number): string | undefined {
  if (!isWhole(bytes, at, end)) return undefined
  let serial: string | undefined
  for (let to = at; to < end; ) {
    const length = lengthAt(bytes, to, end)
    if (isTag(bytes, to, '0', '2')) serial = bytes.toString('latin1', to + 4, to + 4 + length)
    to += 4 + length
  }
  const isPadded = serial !== undefined && (isSpace(serial.charCodeAt(0)) || isSpace(serial.charCodeAt(serial.length - 1)))
  return (isPadded ? serial!.trim() : serial) || undefined
}

const powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]
const minus = 45
const plus = 43
const dot = 46
let readTo = 0
/** Degrees at `at`, with at most so many digits before the point and ten behind it; NaN where they are not. Sets `readTo`. */
function degreesAt(bytes: Buffer, at: number, end: number, whole_digits_max: number): number {
  let to = at
  const isNegative = bytes[to] === minus
  if (isNegative || bytes[to] === plus) to += 1
  let value = 0
  const from = to
  for (; to < end && isDigit(digitAt(bytes, to)); to++) value = value * 10 + digitAt(bytes, to)
  if (to === from || to - from > whole_digits_max) return Number.NaN
  let decimals = 0
  if (to < end && bytes[to] === dot) {
    to += 1
    for (; to < end && isDigit(digitAt(bytes, to)); to++, decimals++) value = value * 10 + digitAt(bytes, to)
    if (decimals === 0 || decimals >= powers.length) return Number.NaN
  }
  readTo = to
  // One division of whole numbers, rounded once: the same number as its text.
  const degrees = value / powers[decimals]!
  return isNegative ? -degrees : degrees
}

const isLetter = (byte: number): boolean => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
const source_letters_max = 4
const comma = 44
const slash = 47
function positionIn(bytes: Buffer, start: number, stop: number): GatePosition | undefined {
  let at = start
  let end = stop
  while (at < end && isSpace(bytes[at]!)) at += 1
  while (end > at && isSpace(bytes[end - 1]!)) end -= 1
  const from = at
  while (at < end && isLetter(bytes[at]!)) at += 1
  if (at - from > source_letters_max) return undefined
  const latitude = degreesAt(bytes, at, end, 2)
  if (Number.isNaN(latitude) || (bytes[readTo] !== comma && bytes[readTo] !== slash) || readTo >= end) return undefined
  at = isSpace(bytes[readTo + 1]!) ? readTo + 2 : readTo + 1
  const longitude = degreesAt(bytes, at, end, 3)
  if (Number.isNaN(longitude) || readTo !== end || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined
  return { longitude, latitude }
}

/** What F59 in [start, end) says; nothing where it does not read as elements, since vendors put other things here. */
export function readDeviceAt(bytes: Buffer, start: number, end: number, into: Device): void {
  into.serial = undefined
  into.position = undefined
  if (!isWhole(bytes, start, end)) return
  for (let at = start; at < end; ) {
    const length = lengthAt(bytes, at, end)
    const from = at + 4
    const to = from + length
    if (isTag(bytes, at, 'A', '2')) into.serial = serialIn(bytes, from, to)
    else if (isTag(bytes, at, '1', '7')) into.position = positionIn(bytes, from, to)
    at = to
  }
}
