// What deciding needs of a message, and nothing else: a dozen numbers and two names, read into a record that is used
// again. Every field is located (so a broken message is a fault), a handful is read, none is decoded.
import { faultAt, type Fault } from './fault.ts'
import { isThere, locate, newLocated, type Located } from './located.ts'
import type { Spec } from './spec.ts'
import { F } from './spec-unionpay.ts'

export type Peek = {
  mti: number
  /** F3, F4 (fen), F11, F25 as numbers; -1 where the message has none. */
  processing: number
  amountFen: number
  trace: number
  condition: number
  /** F60.1 kind of message, 60.2 batch, 60.3 network management; -1 where absent. */
  kind: number
  batch: number
  network: number
  tid: string
  mid: string
  readonly located: Located
}

export const newPeek = (): Peek => ({
  mti: -1, processing: -1, amountFen: -1, trace: -1, condition: -1, kind: -1, batch: -1, network: -1, tid: '', mid: '',
  located: newLocated(),
})

/** Two packed digits by their byte; where one is no digit, so much less than nothing that any number made of it is. */
const pairs = Float64Array.from({ length: 256 }, (_, byte) =>
  byte >> 4 > 9 || (byte & 15) > 9 ? Number.NEGATIVE_INFINITY : (byte >> 4) * 10 + (byte & 15))

/** Digits [from, from + count) of a field of digits; -1 where the field is absent or shorter, -2 where one is no digit. */
export function digitsIn(spec: Spec, bytes: Buffer, located: Located, field: number, from: number, count: number): number {
  if (!isThere(located, field) || located.sizes[field]! < from + count) return -1
  const at = located.at[field]!
  let value = 0
  if (spec.packed[field] === 1 && (from & 1) === 0) {
    const last = at + ((from + count) >> 1)
    for (let i = at + (from >> 1); i < last; i++) value = value * 100 + pairs[bytes[i]!]!
    if ((count & 1) === 1) value = value * 10 + (bytes[last]! >> 4 > 9 ? Number.NEGATIVE_INFINITY : bytes[last]! >> 4)
    return value < 0 ? -2 : value
  }
  for (let i = from; i < from + count; i++) {
    const digit = spec.packed[field] === 1 ? (bytes[at + (i >> 1)]! >> ((i & 1) === 0 ? 4 : 0)) & 15 : bytes[at + i]! - 0x30
    if (digit < 0 || digit > 9) return -2
    value = value * 10 + digit
  }
  return value
}

/** A field's bytes as they are, one character each; empty where it is absent. */
export const textIn = (bytes: Buffer, located: Located, field: number): string => {
  if (!isThere(located, field)) return ''
  const at = located.at[field]!
  return bytes.toString('latin1', at, at + located.bytes[field]!)
}

// Names are read for every message: made of their letters at once they cost a third of a call into the runtime.
const letters8 = (b: Buffer, i: number): string =>
  String.fromCharCode(b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!)
const letters15 = (b: Buffer, i: number): string =>
  String.fromCharCode(
    b[i]!, b[i + 1]!, b[i + 2]!, b[i + 3]!, b[i + 4]!, b[i + 5]!, b[i + 6]!, b[i + 7]!, b[i + 8]!, b[i + 9]!, b[i + 10]!, b[i + 11]!,
    b[i + 12]!, b[i + 13]!, b[i + 14]!,
  )

const numbersRead = [F.processing, F.amount, F.trace, F.condition, F.kind] as const

/**
 * Reads the message at [start, end). Terminal and merchant must be there: without them nobody is asked for. After a
 * fault, `into` holds what could be read, the message type first of all.
 */
export function peek(spec: Spec, bytes: Buffer, start: number, end: number, into: Peek): Fault | undefined {
  const { located } = into
  const fault = locate(spec, bytes, start, end, located)
  into.mti = located.mti
  into.processing = digitsIn(spec, bytes, located, F.processing, 0, 6)
  into.amountFen = digitsIn(spec, bytes, located, F.amount, 0, 12)
  into.trace = digitsIn(spec, bytes, located, F.trace, 0, 6)
  into.condition = digitsIn(spec, bytes, located, F.condition, 0, 2)
  into.kind = digitsIn(spec, bytes, located, F.kind, 0, 2)
  into.batch = digitsIn(spec, bytes, located, F.kind, 2, 6)
  into.network = digitsIn(spec, bytes, located, F.kind, 8, 3)
  into.tid = isThere(located, F.terminal) ? letters8(bytes, located.at[F.terminal]!) : ''
  into.mid = isThere(located, F.merchant) ? letters15(bytes, located.at[F.merchant]!) : ''
  if (fault) return fault
  if (
    into.processing === -2 || into.amountFen === -2 || into.trace === -2 || into.condition === -2 ||
    into.kind === -2 || into.batch === -2 || into.network === -2
  ) return notDigits(into)
  if (into.tid === '') return faultAt('field_missing', end, F.terminal)
  if (into.mid === '') return faultAt('field_missing', end, F.merchant)
  return undefined
}

function notDigits({ processing, amountFen, trace, condition, located }: Peek): Fault {
  const wrong = [processing, amountFen, trace, condition].indexOf(-2)
  const field = wrong === -1 ? F.kind : numbersRead[wrong]!
  return faultAt('digit_invalid', located.at[field]!, field)
}
