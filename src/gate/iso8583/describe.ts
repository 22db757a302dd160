// A message for people: each field as its format allows it to be shown. Card numbers are masked, tracks, PIN, chip data
// and keys are only counted. Where a message breaks off or runs over, nobody knows that its bytes stand under the right
// name – a bit of the bitmap lost, and a card number is read as an amount. Then only what stands before a terminal and a
// merchant number that read properly is shown, since nothing before them can have slipped; the rest is counted.
import { faultAt, type Fault, type Words } from './fault.ts'
import { header_bytes, length_bytes, messageStart, tpdu_bytes, type HeaderMode } from './frame.ts'
import { isIn, isThere, locate, newLocated, type Located } from './located.ts'
import { card_digits_min, cardOfTrack, hiddenText, isCardLike, maskCard, maskText } from './mask.ts'
import { mtiText, fieldText } from './message.ts'
import { settlement_digits } from './f48.ts'
import { isRequest } from './answer.ts'
import { host_header_bytes, readHostHeader } from './host-header.ts'
import { fields_max, type Field, type Spec } from './spec.ts'
import { F, unionpay } from './spec-unionpay.ts'
import { international, internationalHex, internationalPacked } from './spec-international.ts'

export const dialects = {
  unionpay: [unionpay],
  international: [internationalHex, international, internationalPacked],
} as const satisfies Readonly<Record<string, readonly Spec[]>>
export type Dialect = keyof typeof dialects

export type ShownField = {
  readonly field: number
  readonly name: Words
  /** As it may be shown. */
  readonly shown: string
  readonly isHidden: boolean
}

export type Description = {
  readonly mti: string
  readonly bitmap: string
  /** Of the frame, where the bytes have one; in hexadecimal. */
  readonly tpdu?: string
  readonly header?: string
  readonly rows: readonly ShownField[]
  readonly fault?: Fault
}

// ── Around the message ──────────────────────────────────────────────────────────────────────────────────────────────
type Place = { message: number; tpdu?: number; header?: number; fault?: Fault }

const looksLikeTpdu = (byte: number | undefined): boolean => byte === 0x60

/** Where the message begins in bytes that may have a length, a TPDU and a header before it, or may not. */
function placeOf(bytes: Buffer, mode: HeaderMode): Place {
  const says = bytes.length >= length_bytes ? bytes.readUInt16BE(0) : -1
  const isLong = says === bytes.length - length_bytes
  // No message type begins with 00 in a byte; a length nearly always does.
  const hasLength = isLong || (bytes[0] === 0 && looksLikeTpdu(bytes[length_bytes]))
  const tpdu = hasLength ? length_bytes : 0
  if (!looksLikeTpdu(bytes[tpdu]) && mode !== 'present') return { message: tpdu }
  const message = messageStart(bytes, tpdu, bytes.length, mode)
  const fault = hasLength && !isLong ? { fault: faultAt('length_differs', 0) } : {}
  if (message < 0) return { message: bytes.length, ...(looksLikeTpdu(bytes[tpdu]) ? { tpdu } : {}), ...fault }
  return { message, tpdu, ...(message - tpdu > tpdu_bytes ? { header: tpdu + tpdu_bytes } : {}), ...fault }
}

const printable = /^[ -~]*$/

// ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────
type Looking = {
  /** What F62 holds cannot be keys: a host's answer would say so in F39. */
  readonly isFromTerminal: boolean
  /** Card numbers that were read as such. */
  readonly cards: readonly string[]
  /** The last field that surely is what it is called. */
  readonly trustedTo: number
}

/** Bytes in hexadecimal that are letters, digits and signs, and no card among them. */
function isHarmless(hex: string, cards: readonly string[]): boolean {
  const text = Buffer.from(hex, 'hex').toString('latin1')
  return printable.test(text) && maskText(text, cards) === text && !cards.some((card) => hex.includes(card))
}

/** Undefined: it is hidden. */
function shownOf({ shown }: Field, value: string, { isFromTerminal, cards }: Looking): string | undefined {
  switch (shown) {
    case 'never':
      return undefined
    case 'card':
      return maskCard(value)
    case 'totals':
      return value.length === settlement_digits || value.length <= 4 ? value : undefined
    case 'request':
      return isFromTerminal && isHarmless(value, cards) ? value : undefined
    case 'text':
      return maskText(value, cards)
    default:
      return cards.some((card) => value.includes(card)) ? undefined : value
  }
}

const trackFields: readonly number[] = [F.track2, F.track3, 45]

/** Values by field, and the fault among them that comes first. */
function read(spec: Spec, bytes: Buffer, located: Located, first: Fault | undefined): [Map<number, string>, Fault | undefined] {
  const values = new Map<number, string>()
  let fault = first
  for (let field = 2; field <= fields_max; field++) {
    if (!isThere(located, field)) continue
    const value = fieldText(spec, bytes, located, field)
    if (value !== undefined) values.set(field, value)
    else if (fault === undefined || located.at[field]! < fault.offset)
      fault = faultAt(spec.fields[field]!.kind === 'n' ? 'digit_invalid' : 'text_invalid', located.at[field]!, field)
  }
  return [values, fault]
}

function cardsOf(values: ReadonlyMap<number, string>): string[] {
  const tracks = trackFields.map((field) => cardOfTrack(values.get(field) ?? ''))
  return [values.get(F.card), ...tracks].filter((card): card is string => card !== undefined && card.length >= card_digits_min)
}

const terminalLike = /^[\dA-Z]{8}$/
const merchantLike = /^[\dA-Z]{15}$/
const cardLike = /^\d{13,19}$/
/** What is asked for, then two kinds of account, which go by tens. Digits of a card that slipped here seldom do. */
const processingLike = /^\d\d(?:\d0){2}$/
const letterFields = [F.reference, F.authorisation, F.response, F.terminal, F.merchant, F.currency] as const

/** A card number with its length where the body begins, although the bitmap knows of none: a bit was lost. */
function hasLostCard(spec: Spec, bytes: Buffer, { words, bodyAt, end }: Located): boolean {
  if (isIn(words, F.card)) return false
  const text = bytes.toString(spec.digits === 'bcd' ? 'hex' : 'latin1', bodyAt, Math.min(end, bodyAt + 21))
  const length = Number(/^1[3-9]/.exec(text)?.[0] ?? 0)
  return length > 0 && isCardLike(text.slice(2, 2 + length))
}

/**
 * Nothing of a message whose card is no card or was lost, whose processing code is none, or whose letters are none. Else all of one that is whole; of a
 * broken one what stands before terminal and merchant: in packed digits they are letters between bytes that are none, and
 * cannot slip. Where every digit is a letter anything can, so the least fault there leaves nothing.
 */
function trustedTo(
  spec: Spec, bytes: Buffer, located: Located, values: ReadonlyMap<number, string>, found: Fault | undefined, first: Fault | undefined,
): number {
  const has = (field: number, like: RegExp): boolean => like.test(values.get(field) ?? '')
  const isPacked = spec.digits === 'bcd'
  if ((isThere(located, F.card) && !has(F.card, cardLike)) || hasLostCard(spec, bytes, located)) return 0
  if (isThere(located, F.processing) && !has(F.processing, processingLike)) return 0
  if (!letterFields.every((field) => has(field, printable))) return 0
  if (!isPacked && isThere(located, F.track2) && cardOfTrack(values.get(F.track2) ?? '') === undefined) return 0
  if ((isPacked ? found : first) === undefined) return fields_max
  return isPacked && has(F.terminal, terminalLike) && has(F.merchant, merchantLike) ? F.merchant : 0
}

function rowsOf(spec: Spec, located: Located, values: ReadonlyMap<number, string>, looking: Looking): ShownField[] {
  return [...values].map(([field, value]) => {
    const format = spec.fields[field]!
    const shown = field <= looking.trustedTo ? shownOf(format, value, looking) : undefined
    return { field, name: format.name, shown: shown ?? hiddenText(located.sizes[field]!), isHidden: shown === undefined }
  })
}

/** Bytes that slipped into the place of the bitmap ask for fields there are not. */
const isBitmap = (spec: Spec, { words }: Located): boolean => {
  for (let field = 2; field <= fields_max; field++) if (isIn(words, field) && !Object.hasOwn(spec.fields, field)) return false
  return true
}

/** Used for one message after another. */
const located = newLocated()

function describeAs(spec: Spec, bytes: Buffer, place: Place): Description {
  const found = locate(spec, bytes, place.message, bytes.length, located)
  const [values, first] = read(spec, bytes, located, found)
  const fault = first ?? place.fault
  const trusted = trustedTo(spec, bytes, located, values, found, first)
  const rows = rowsOf(spec, located, values, {
    isFromTerminal: isRequest(located.mti) && (located.mti === 400 || !values.has(F.response)),
    cards: cardsOf(values), trustedTo: trusted,
  })
  const hex = (start: number, end: number): string => bytes.toString('hex', start, end).toUpperCase()
  const { bitmapAt, bodyAt } = located
  const bitmap = spec.bitmap === 'hex' ? bytes.toString('latin1', bitmapAt, bodyAt).toUpperCase() : hex(bitmapAt, bodyAt)
  const isFramed = trusted > 0
  return {
    mti: mtiText(located.mti),
    // Of a broken message only where a frame says that it is one: else it may be digits of a card that slipped.
    bitmap: isBitmap(spec, located) && (trusted > 0 || place.tpdu !== undefined) ? bitmap : hiddenText(bodyAt - bitmapAt),
    ...(isFramed && place.tpdu !== undefined ? { tpdu: hex(place.tpdu, place.tpdu + tpdu_bytes) } : {}),
    ...(isFramed && place.header !== undefined ? { header: hex(place.header, place.header + header_bytes) } : {}),
    rows,
    ...(fault ? { fault } : {}),
  }
}

/** Of several dialects the one that understands the bytes, or gets farthest into them. */
export function describe(bytes: Buffer, dialect: Dialect = 'unionpay', header: HeaderMode = 'recognised'): Description {
  const place = dialect === 'unionpay' ? placeOf(bytes, header) : { message: readHostHeader(bytes) ? host_header_bytes : 0 }
  const [one, ...others] = dialects[dialect].map((spec) => describeAs(spec, bytes, place))
  return others.reduce(
    (best, next) => (best.fault && (!next.fault || next.fault.offset > best.fault.offset) ? next : best),
    one!,
  )
}

/** The shape programs read. */
export const shownFields = ({ rows }: Description): Record<string, string> =>
  Object.fromEntries(rows.map(({ field, shown }) => [String(field), shown]))
