// The other side of the line: what a terminal sends and how it reads the answer. The command line, the bench and the tests
// speak through this as real terminals do; a card is only ever the test estate's.
import { reconciliations, writeSettlement, type Totals } from '../iso8583/f48.ts'
import { writeDevice, type DeviceWords } from '../iso8583/f59.ts'
import { frameOf, header_bytes, length_bytes, messageStart, tpdu_bytes } from '../iso8583/frame.ts'
import { unwrapKeys, type WorkingKeys } from '../iso8583/keys.ts'
import { blockKey, isMacRight, mac_bytes, writeMac, type BlockKey } from '../iso8583/mac.ts'
import { decode, encode, type Fields } from '../iso8583/message.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import { displayed } from './display.ts'
import { statusOf, type DeviceWord } from './status.ts'

/** What a terminal can ask for; the names are those of the command line. */
export const asks = {
  'sign-on': { mti: '0800', kind: '00', network: '003' },
  'sign-off': { mti: '0820', kind: '00', network: '002' },
  echo: { mti: '0820', kind: '00', network: '301' },
  status: { mti: '0820', kind: '00', network: '362' },
  parameters: { mti: '0800', kind: '00', network: '364' },
  balance: { mti: '0200', kind: '01', network: '000', processing: '310000', condition: '00' },
  sale: { mti: '0200', kind: '22', network: '000', processing: '000000', condition: '00' },
  void: { mti: '0200', kind: '23', network: '000', processing: '200000', condition: '00' },
  refund: { mti: '0220', kind: '25', network: '000', processing: '200000', condition: '00' },
  preauth: { mti: '0100', kind: '10', network: '000', processing: '030000', condition: '06' },
  'preauth-cancel': { mti: '0100', kind: '11', network: '000', processing: '200000', condition: '06' },
  complete: { mti: '0200', kind: '20', network: '000', processing: '000000', condition: '06' },
  offline: { mti: '0220', kind: '30', network: '000', processing: '000000', condition: '00' },
  reversal: { mti: '0400', kind: '22', network: '000', processing: '000000', condition: '00' },
  settle: { mti: '0500', kind: '00', network: '201' },
  'upload-end': { mti: '0320', kind: '00', network: '202' },
} as const satisfies Record<string, { mti: string; kind: string; network: string; processing?: string; condition?: string }>
export type Ask = keyof typeof asks

export type Said = {
  readonly tid: string
  readonly mid: string
  readonly batch: number
  readonly trace: number
  readonly amountFen?: number | undefined
  readonly card?: string | undefined
  /** Of the transaction it is about. */
  readonly original?: { readonly batch: number; readonly trace: number; readonly date?: string | undefined } | undefined
  readonly authCode?: string | undefined
  readonly reference?: string | undefined
  readonly totals?: Pick<Totals, 'debitFen' | 'debits' | 'creditFen' | 'credits'> | undefined
  readonly word?: DeviceWord | undefined
  readonly device?: DeviceWords | undefined
  /** hhmmss and MMDD when the cardholder paid, of what is uploaded later. */
  readonly paid?: { readonly time: string; readonly date: string } | undefined
  readonly mac?: BlockKey | undefined
}

/** A card of the test estate. */
export const test_card = '6212340000000001'
const tpdu = Buffer.from('6000030000', 'hex')
const header = Buffer.from('603100310000', 'hex')
const none = { debitFen: 0, debits: 0, creditFen: 0, credits: 0, answer: 'none' } as const
const digits = (number: number, count: number): string => String(number).padStart(count, '0')

function fieldsOf(ask: Ask, said: Said): Record<number, string | undefined> {
  const row: { mti: string; kind: string; network: string; processing?: string; condition?: string } = asks[ask]
  const { tid, mid, batch, trace, amountFen, original, device } = said
  const common = { [F.terminal]: tid, [F.merchant]: mid, [F.kind]: row.kind + digits(batch, 6) + row.network }
  const numbered = { ...common, [F.trace]: digits(trace, 6) }
  switch (ask) {
    case 'echo':
    case 'parameters': return common
    case 'status': return { ...common, [F.keys]: statusOf(said.word ?? 'operating') }
    case 'sign-on': return { ...numbered, [F.operator]: '01 ' }
    case 'sign-off': return numbered
    case 'upload-end': return { ...numbered, [F.totals]: digits(said.totals ? said.totals.debits + said.totals.credits : 0, 4) }
    case 'settle': {
      const domestic = { ...none, ...said.totals }
      return { ...numbered, [F.totals]: writeSettlement({ domestic, foreign: none }), [F.currency]: '156', [F.operator]: '01 ' }
    }
    default: return {
      ...numbered,
      [F.card]: said.card, [F.processing]: row.processing, [F.amount]: digits(amountFen ?? 0, 12), [F.time]: said.paid?.time,
      [F.date]: said.paid?.date, [F.entryMode]: '012', [F.condition]: row.condition, [F.reference]: said.reference,
      [F.authorisation]: said.authCode, [F.response]: ask === 'reversal' ? '98' : undefined, [F.currency]: '156',
      [F.device]: device && writeDevice(device), [F.kind]: `${common[F.kind]}50`,
      [F.original]: original && digits(original.batch, 6) + digits(original.trace, 6) + (original.date ?? ''),
    }
  }
}

/** A whole frame, its length in front. What does not fit the format is a fault of the caller's. */
export function requestFrame(ask: Ask, said: Said): Buffer {
  const fields = Object.fromEntries(Object.entries(fieldsOf(ask, said)).filter(([, value]) => value !== undefined)) as Fields
  const withMac = said.mac ? { ...fields, [F.mac]: '00'.repeat(mac_bytes) } : fields
  const made = encode(unionpay, { mti: asks[ask].mti, fields: withMac })
  if ('fault' in made) throw new Error(`field ${made.fault.field}: ${made.fault.kind}`)
  const { bytes } = made
  if (said.mac) writeMac(said.mac, bytes, 0, bytes.length - mac_bytes, bytes, bytes.length - mac_bytes)
  return frameOf({ tpdu, header }, bytes)
}

export type Heard = {
  readonly mti: string
  readonly fields: Fields
  /** F39. */
  readonly code: string
  /** The sentence for the cashier, where the gate sent one. */
  readonly sentence: string
  /** 处理要求 of the header: 3 asks for a sign-on. */
  readonly command: number
  readonly batch: number
}

/** Undefined where the frame is no message. */
export function heard(frame: Buffer): Heard | undefined {
  const at = messageStart(frame, length_bytes, frame.length, 'recognised')
  if (at < 0) return undefined
  const { mti, fields, fault } = decode(unionpay, frame, at)
  if (fault) return undefined
  const hasHeader = at - length_bytes === tpdu_bytes + header_bytes
  return {
    mti, fields, code: fields[F.response] ?? '', sentence: displayed(fields[F.operator]),
    command: hasHeader ? frame[length_bytes + tpdu_bytes + 2]! & 15 : 0,
    batch: Number(fields[F.kind]?.slice(2, 8) ?? 0),
  }
}

/** The working keys of a sign-on's answer; undefined where they do not open under this master key. */
export const keysIn = ({ fields }: Heard, master: Buffer): (WorkingKeys & { macKey: BlockKey }) | undefined => {
  const keys = unwrapKeys(master, Buffer.from(fields[F.keys] ?? '', 'hex'))
  return keys && { ...keys, macKey: blockKey(keys.mac)! }
}

export const isAnswerMacRight = (key: BlockKey, frame: Buffer): boolean =>
  isMacRight(key, frame, messageStart(frame, length_bytes, frame.length, 'recognised'), frame.length - mac_bytes)

/** What the host said to the totals; undefined where the answer has none. */
export const balancedIn = ({ fields }: Heard): boolean | undefined => {
  const said = fields[F.totals]
  return said === undefined || said.length < 62 ? undefined : Number(said[30]) === reconciliations.balanced && Number(said[61]) <= 1
}
