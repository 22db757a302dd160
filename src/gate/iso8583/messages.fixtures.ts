// For tests: messages of a test estate with cards nobody holds, what must never be seen of them, and ways to break bytes.
import { frameOf } from './frame.ts'
import { encode, type Fields } from './message.ts'
import type { Spec } from './spec.ts'
import { unionpay } from './spec-unionpay.ts'
import { international, internationalHex } from './spec-international.ts'

/** No stretch of these is like another, so that a part that is seen is known. */
export const card = '6217850283714692'
export const longCard = '6228431957260384157'
export const secrets = {
  track2: `${card}D30122015839274160`,
  track3: `99${card}D1561583719462058317415978231654`,
  pin: '7CB9E3A15D42F806',
  chip: '9F2608C20428A3FF53F0AD9F2701809F101307020103AB8060109F37040B7FBD48',
  keys: '24EDB7BEEC305B69648E03B4BC3A5A86A895281C37BB7BC79C51BA740000000000000000719C22F9',
} as const

const where: Fields = { 41: '10000161', 42: '898110248990001' }
const money: Fields = { ...where, 3: '000000', 4: '000000012345', 11: '000003', 49: '156' }
const sale: Fields = { ...money, 25: '00', 60: '22000001000500' }
const preauth: Fields = { ...money, 3: '030000', 25: '06', 60: '10000001000500' }

export const requests: Readonly<Record<string, readonly [mti: string, fields: Fields]>> = {
  signOn: ['0800', { ...where, 11: '000001', 60: '00000001003', 62: '53657175656E6365204E6F3038504158303030303031', 63: '01 ' }],
  signOff: ['0820', { ...where, 11: '000002', 60: '00000001002' }],
  echo: ['0820', { ...where, 60: '00000001301' }],
  status: ['0820', { ...where, 60: '00000001362', 62: '303131303231303331303431303531' }],
  saleOfTrack: [
    '0200',
    {
      ...sale,
      14: '3012',
      22: '021',
      26: '06',
      35: secrets.track2,
      36: secrets.track3,
      52: secrets.pin,
      53: '2600000000000000',
      64: '0000000000000000',
    },
  ],
  saleOfChip: [
    '0200',
    {
      ...sale,
      2: card,
      14: '3012',
      22: '051',
      23: '001',
      35: secrets.track2,
      55: secrets.chip,
      59: 'A21502110000020412345',
      64: '3841394539314238',
    },
  ],
  saleOfLongCard: ['0200', { ...sale, 2: longCard, 22: '012', 64: '3841394539314238' }],
  preauth: ['0100', { ...preauth, 2: card, 22: '051', 55: secrets.chip }],
  refund: ['0220', { ...sale, 2: card, 3: '200000', 60: '25000001000', 61: '0000000000000901', 63: 'CUP' }],
  reversal: ['0400', { ...sale, 2: card, 39: '98', 61: '0000010000030901', 64: '3841394539314238' }],
  settlement: [
    '0500',
    { ...where, 11: '000010', 48: `00000003000000200000001000000100${'0'.repeat(30)}`, 49: '156', 60: '00000001201', 63: '01 ' },
  ],
  upload: ['0320', { ...where, 11: '000011', 48: `01000000030000${card}000000012345`, 60: '00000001201' }],
  notice: [
    '0320',
    { ...where, 2: card, 4: '000000012345', 11: '000012', 22: '051', 55: secrets.chip, 60: '00000001203', 62: '303030303031' },
  ],
}
export const answers: Readonly<Record<string, readonly [mti: string, fields: Fields]>> = {
  signOn: [
    '0810',
    { ...where, 11: '000001', 12: '093000', 13: '0901', 32: '03200000', 37: '000000000001', 39: '00', 60: '00000002003', 62: secrets.keys },
  ],
  sale: [
    '0210',
    {
      ...sale,
      2: card,
      12: '101500',
      13: '0901',
      37: '000000000003',
      38: '650852',
      39: '00',
      43: '墨文哲有限公司                          ',
      44: '0309       4843       ',
      56: '成功',
    },
  ],
}

const packed = (spec: Spec, [mti, fields]: readonly [string, Fields]): Buffer => {
  const made = encode(spec, { mti, fields })
  if ('fault' in made) throw new Error(`${mti}: ${JSON.stringify(made.fault)}`)
  return made.bytes
}
const around = { tpdu: Buffer.from('6000030000', 'hex'), header: Buffer.from('603100310000', 'hex') }

export const frame = (message: readonly [string, Fields], isWithHeader = true): Buffer =>
  frameOf(isWithHeader ? around : { tpdu: around.tpdu }, packed(unionpay, message))
export const frames: Readonly<Record<string, Buffer>> = Object.fromEntries([
  ...Object.entries(requests).map(([name, message]) => [name, frame(message)]),
  ...Object.entries(requests).map(([name, message]) => [`${name} without header`, frame(message, false)]),
  ...Object.entries(answers).map(([name, message]) => [`answer to ${name}`, frame(message)]),
])

const between: readonly [string, Fields] = [
  '0200',
  {
    ...where,
    2: card,
    3: '000000',
    4: '000000012345',
    7: '0901101500',
    11: '000003',
    35: `${card}=30122015839274160`,
    52: secrets.pin,
    100: '03050001',
    128: '3044363132303134',
  },
]
export const hostMessages: readonly Buffer[] = [packed(international, between), packed(internationalHex, between)]

// ── What must not be seen ───────────────────────────────────────────────────────────────────────────────────────────
const windows = (text: string, size: number): string[] =>
  Array.from({ length: Math.max(0, text.length - size + 1) }, (_, i) => text.slice(i, i + size))

/** First six and last four may be seen; any eleven digits in a row of a card are more than that. */
const parts: readonly string[] = [
  ...windows(card, 11),
  ...windows(longCard, 11),
  ...windows('30122015839274160', 9),
  ...windows('1561583719462058317415978231654', 12),
  secrets.pin,
  ...windows(secrets.chip, 16),
  ...windows(secrets.keys, 16).filter((part) => !part.includes('0000')),
]
const matcher = new RegExp([...new Set(parts)].join('|'))
/** What of the cards can be seen in a text; undefined where nothing can. */
export const seenIn = (text: string): string | undefined => matcher.exec(text)?.[0]
/** The same where it was cut into pieces; digits that are masked still stand between what is shown. */
export const seenInPieces = (pieces: readonly string[]): string | undefined => seenIn(pieces.join('').replace(/[^\dA-F*]/g, ''))

// ── Ways to break bytes ─────────────────────────────────────────────────────────────────────────────────────────────
type Dice = { below(below: number): number; pick<T>(of: readonly T[]): T }

const breaks: readonly ((bytes: Buffer, dice: Dice) => Buffer)[] = [
  // Bits, bytes, and what lengths and digits never are.
  (bytes, dice) => ((bytes[dice.below(bytes.length)]! ^= 1 << dice.below(8)), bytes),
  (bytes, dice) => ((bytes[dice.below(bytes.length)] = dice.below(256)), bytes),
  (bytes, dice) => ((bytes[dice.below(bytes.length)] = dice.pick([0x00, 0x99, 0xff, 0x0a, 0xa0, 0x16, 0x19, 0x37, 0x7f, 0x80])), bytes),
  // The length, the type, the bitmap.
  (bytes, dice) => ((bytes[dice.below(Math.min(2, bytes.length))] = dice.below(256)), bytes),
  (bytes, dice) => ((bytes[Math.min(13 + dice.below(10), bytes.length - 1)]! ^= 1 << dice.below(8)), bytes),
  // Cut, drawn out, cut out, doubled.
  (bytes, dice) => bytes.subarray(0, 1 + dice.below(bytes.length)),
  (bytes, dice) => Buffer.concat([bytes, Buffer.alloc(1 + dice.below(9), dice.below(256))]),
  (bytes, dice) => {
    const at = dice.below(bytes.length)
    const rest = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(4))])
    return rest.length > 0 ? rest : bytes
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(dice.below(bytes.length))]).subarray(0, 4_000)
  },
]

/** One to three things wrong. The length in front is put right every other time, so that what is behind it is reached. */
export function broken(bytes: Buffer, dice: Dice): Buffer {
  let made: Buffer = Buffer.from(bytes)
  for (let times = 1 + dice.below(3); times > 0; times--) made = dice.pick(breaks)(made, dice)
  if (made.length === 0) return Buffer.alloc(1)
  if (made.length > 2 && dice.below(2) === 0) made.writeUInt16BE(made.length - 2)
  return made
}
