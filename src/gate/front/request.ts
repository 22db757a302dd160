// One request as the desk holds it while it is answered: the bytes, where its fields lie, what it asks for. One record,
// used again for the next request. What is read here of card data is the first six and last four digits.
import type { TransactionClass } from '../../domain/vocabulary.ts'
import { classify } from '../iso8583/classify.ts'
import type { Fault } from '../iso8583/fault.ts'
import { messageStart, type HeaderMode } from '../iso8583/frame.ts'
import { isThere } from '../iso8583/located.ts'
import { fieldText } from '../iso8583/message.ts'
import { digitsIn, newPeek, peek, type Peek } from '../iso8583/peek.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import { readDeviceAt, type Device } from './device.ts'

export type Request = {
  bytes: Buffer
  /** Of the TPDU. */
  start: number
  end: number
  readonly peek: Peek
  /** As the terminal calls it; undefined where no such thing is known. */
  class: TransactionClass | undefined
  tid: string
  mid: string
  now: number
}

export const newRequest = (): Request => ({
  bytes: Buffer.alloc(0), start: 0, end: 0, peek: newPeek(), class: undefined, tid: '', mid: '', now: 0,
})

const space = 32
const trimmed = (text: string): string => (text.charCodeAt(text.length - 1) === space ? text.trimEnd() : text)

/** Reads a frame into the request. A fault where the message is broken; `no_message` where there is none at all. */
export function read(request: Request, bytes: Buffer, start: number, end: number, header: HeaderMode): Fault | undefined {
  const seen = request.peek
  request.bytes = bytes
  request.start = start
  request.end = end
  const at = messageStart(bytes, start, end, header)
  if (at < 0) return { kind: 'no_message', offset: start }
  const fault = peek(unionpay, bytes, at, end, seen)
  request.tid = trimmed(seen.tid)
  request.mid = trimmed(seen.mid)
  request.class = fault === undefined ? classify(seen) : undefined
  return fault
}

const field = ({ bytes, peek: { located } }: Request, number: number): string | undefined =>
  isThere(located, number) ? fieldText(unionpay, bytes, located, number) : undefined
export const fieldOf = field

export const has = ({ peek: { located } }: Request, number: number): boolean => isThere(located, number)

const device: Device = { serial: undefined, position: undefined }
/** Serial number and position, where the terminal sends them; of the request asked about last. */
export function deviceOf({ bytes, peek: { located } }: Request): Device {
  if (isThere(located, F.device)) readDeviceAt(bytes, located.at[F.device]!, located.at[F.device]! + located.bytes[F.device]!, device)
  else device.serial = device.position = undefined
  return device
}

const card_digits_min = 13
const card_digits_max = 19
const shown_first = 6
const shown_last = 4
const star = 42
const masked = Buffer.alloc(card_digits_max)
const nibbleAt = (bytes: Buffer, at: number, i: number): number => {
  const byte = bytes[at + (i >> 1)]!
  return (i & 1) === 0 ? byte >> 4 : byte & 15
}
/** First six and last four digits of the card, from F2 or from the beginning of the track. */
export function cardMaskedIn({ bytes, peek: { located } }: Request): string | undefined {
  const field = isThere(located, F.card) ? F.card : isThere(located, F.track2) ? F.track2 : undefined
  if (field === undefined) return undefined
  const at = located.at[field]!
  const size = Math.min(located.sizes[field]!, card_digits_max + 1)
  let digits = 0
  while (digits < size && nibbleAt(bytes, at, digits) < 10) digits += 1
  if (digits < card_digits_min || digits > card_digits_max) return undefined
  for (let i = 0; i < digits; i++) masked[i] = i < shown_first || i >= digits - shown_last ? 48 + nibbleAt(bytes, at, i) : star
  return masked.toString('latin1', 0, digits)
}

/** F61: batch, trace and date of the original; undefined where it does not say. */
export function originalOf({ bytes, peek: { located } }: Request): { batch: number; trace: number } | undefined {
  const batch = digitsIn(unionpay, bytes, located, F.original, 0, 6)
  const trace = digitsIn(unionpay, bytes, located, F.original, 6, 6)
  return batch >= 0 && trace > 0 ? { batch, trace } : undefined
}

const shanghai_ms = 8 * 3_600_000
const day_ms = 86_400_000

/**
 * When the cardholder paid, of a transaction uploaded later: F13 and F12 on Shanghai's clock. The year is not sent; it is
 * the one that puts the moment last before tomorrow.
 */
export function madeAtOf(request: Request): number | undefined {
  const { bytes, now, peek: { located } } = request
  const time = digitsIn(unionpay, bytes, located, F.time, 0, 6)
  const date = digitsIn(unionpay, bytes, located, F.date, 0, 4)
  if (time < 0 || date < 0) return undefined
  const [month, day] = [Math.floor(date / 100), date % 100]
  const [hour, minute, second] = [Math.floor(time / 10_000), Math.floor(time / 100) % 100, time % 100]
  const at = (year: number): number => Date.UTC(year, month - 1, day, hour, minute, second) - shanghai_ms
  const year = new Date(now + shanghai_ms).getUTCFullYear()
  const thisYear = at(year)
  return thisYear <= now + day_ms ? thisYear : at(year - 1)
}
