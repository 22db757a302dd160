// A message as people and programs read it, and back into bytes. Values are text: digits for n, digits with D for tracks,
// text for ans, hexadecimal in capitals for b. `decode` answers with what could be read, and with the fault where it
// could not read on; a value that is not of its kind does not hide the fields after it.
import { faultAt, type Fault, type FaultKind } from './fault.ts'
import { isThere, locate, newLocated, type Located } from './located.ts'
import { fields_max, isPacked, type Field, type Spec } from './spec.ts'
import { textAt, textBytes } from './text.ts'

export type Fields = Readonly<Record<number, string>>
export type Message = {
  /** Four digits; empty where it could not be read. */
  readonly mti: string
  readonly fields: Fields
}
export type Decoded = Message & {
  /** As it was sent, in hexadecimal. */
  readonly bitmap: string
  /** The first thing that is wrong; undefined where every byte was understood. */
  readonly fault?: Fault
}

const nibbles = '0123456789ABCDEF'

/** Two digits in a byte. Undefined where a digit field holds what is no digit. */
function packedAt(bytes: Buffer, at: number, { kind, align }: Field, size: number): string | undefined {
  let value = ''
  const skip = align === 'right' ? size & 1 : 0
  for (let i = skip; i < skip + size; i++) {
    const byte = bytes[at + (i >> 1)]!
    const nibble = (i & 1) === 0 ? byte >> 4 : byte & 15
    if (nibble > 9 && kind === 'n') return undefined
    value += nibbles[nibble]
  }
  return value
}

const digitsOnly = /^\d*$/
/** The content of a field that was located, as text; undefined where it is not of the field's kind. */
export function fieldText(spec: Spec, bytes: Buffer, { at, bytes: lengths, sizes }: Located, number: number): string | undefined {
  const field = spec.fields[number]!
  const start = at[number]!
  const end = start + lengths[number]!
  if (isPacked(spec, field)) return packedAt(bytes, start, field, sizes[number]!)
  if (field.kind === 'b') return bytes.toString('hex', start, end).toUpperCase()
  const text = textAt(bytes, start, end)
  return text !== undefined && (field.kind !== 'n' || digitsOnly.test(text)) ? text : undefined
}

const wrongKind: Readonly<Record<Field['kind'], FaultKind>> = {
  n: 'digit_invalid', z: 'digit_invalid', ans: 'text_invalid', b: 'value_invalid',
}

export const mtiText = (mti: number): string => (mti < 0 ? '' : String(mti).padStart(4, '0'))

/** Used for one message after another: nothing waits in between. */
const located = newLocated()

export function decode(spec: Spec, bytes: Buffer, start = 0, end = bytes.length): Decoded {
  let fault = locate(spec, bytes, start, end, located)
  const fields: Record<number, string> = {}
  for (let field = 2; field <= fields_max; field++) {
    if (!isThere(located, field)) continue
    const value = fieldText(spec, bytes, located, field)
    if (value !== undefined) fields[field] = value
    else {
      const offset = located.at[field]!
      if (fault === undefined || offset < fault.offset) fault = faultAt(wrongKind[spec.fields[field]!.kind], offset, field)
    }
  }
  const { bitmapAt, bodyAt } = located
  const bitmap = bytes.toString(spec.bitmap === 'hex' ? 'latin1' : 'hex', bitmapAt, bodyAt).toUpperCase()
  const read = { mti: mtiText(located.mti), bitmap, fields }
  return fault === undefined ? read : { ...read, fault }
}

// ── Back into bytes ─────────────────────────────────────────────────────────────────────────────────────────────────
const fitting: Readonly<Record<Field['kind'], RegExp>> = {
  n: digitsOnly, z: /^[\dA-F=]*$/, ans: /^/, b: /^(?:[\dA-Fa-f]{2})*$/,
}

function packed(value: string, { align }: Field): Buffer {
  const odd = (value.length & 1) === 1
  return Buffer.from(odd ? (align === 'left' ? `${value}0` : `0${value}`) : value, 'hex')
}

/** The content of a field without its length; undefined where the value does not fit its kind. */
function contentOf(spec: Spec, field: Field, value: string): { content: Buffer; size: number } | undefined {
  if (!fitting[field.kind].test(value)) return undefined
  if (isPacked(spec, field)) {
    const digits = value.replaceAll('=', 'D')
    return { content: packed(digits, field), size: digits.length }
  }
  const content = field.kind === 'b' ? Buffer.from(value, 'hex') : textBytes(value)
  return content && { content, size: content.length }
}

/** A field as it stands in a message, its length before it. */
export function encodeField(spec: Spec, number: number, value: string): Buffer | Fault {
  const field = Object.hasOwn(spec.fields, number) ? spec.fields[number] : undefined
  if (!field) return faultAt('field_unknown', 0, number)
  const made = contentOf(spec, field, value)
  if (!made || (field.lengthDigits === 0 && made.size !== field.size)) return faultAt('value_invalid', 0, number)
  const { content, size } = made
  if (size > field.size) return faultAt('length_too_large', 0, number)
  if (field.lengthDigits === 0) return content
  const length = String(size).padStart(field.lengthDigits, '0')
  const prefix = spec.digits === 'bcd' ? Buffer.from(length.padStart((length.length + 1) & ~1, '0'), 'hex') : Buffer.from(length)
  return Buffer.concat([prefix, content])
}

export type Encoded = { readonly bytes: Buffer } | { readonly fault: Fault }

/** The bytes of a message from its MTI on. The bitmap follows from the fields. */
export function encode(spec: Spec, { mti, fields }: Message): Encoded {
  if (!/^\d{4}$/.test(mti)) return { fault: faultAt('mti_invalid', 0) }
  const numbers = Object.keys(fields).map(Number).sort((a, b) => a - b)
  const isSecond = numbers.some((number) => number > 64)
  const bitmap = Buffer.alloc(isSecond ? 16 : 8)
  if (isSecond) bitmap[0] = 0x80
  const parts: Buffer[] = []
  for (const number of numbers) {
    const part = encodeField(spec, number, fields[number]!)
    if (!Buffer.isBuffer(part)) return { fault: part }
    bitmap[(number - 1) >> 3]! |= 0x80 >> ((number - 1) & 7)
    parts.push(part)
  }
  const hex = bitmap.toString('hex').toUpperCase()
  return {
    bytes: Buffer.concat([
      spec.mti === 'bcd' ? Buffer.from(mti, 'hex') : Buffer.from(mti),
      spec.bitmap === 'hex' ? Buffer.from(hex) : bitmap,
      ...parts,
    ]),
  }
}
