// Three settlement files of so many rows each, made without holding them: slips by terminal, UnionPay's records by day, a
// bank line for every record. One row in some thousand is wrong in one of seven ways; how many of each is known.
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { formatYuan, rateOf } from '../src/domain/money.ts'
import type { BreakKind } from '../src/domain/vocabulary.ts'

const days = 30
const per_merchant = 2_000
const ppm = 6_000
const record_bytes = 609
/** No file may exceed 2 GiB. */
const records_per_file = 3_000_000
const wrong_every = 7_001
const wrongs = [
  'slip_only', 'unionpay_only', 'amount_differs', 'merchant_name_differs', 'mcc_differs', 'fee_differs', 'duplicate_unionpay',
] as const satisfies BreakKind[]
type Wrong = (typeof wrongs)[number]
const wrongOf = (i: number): Wrong | undefined => (i % wrong_every < wrongs.length ? wrongs[i % wrong_every] : undefined)

const digits = (value: number, width: number): string => String(value).padStart(width, '0')
/** Spreads numbers without meaning over the whole range of 32 bits. */
const mixed = (i: number): number => {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
const merchantOf = (i: number): number => Math.floor(i / per_merchant)
const midOf = (m: number): string => `8480${digits(m, 11)}`
const tidOf = (i: number): string => digits(merchantOf(i) * 10 + (i % 2), 8)
const dayOf = (i: number): number => i % days
/** Between 08:00 and 22:00, so that a day is a settlement date. */
const clockOf = (i: number): string => {
  const seconds = 8 * 3_600 + (mixed(i + 7) % (14 * 3_600))
  return digits(Math.floor(seconds / 3_600), 2) + digits(Math.floor(seconds / 60) % 60, 2) + digits(seconds % 60, 2)
}
const amountOf = (i: number): number => 100 + (mixed(i) % 500_000)
const referenceOf = (i: number): string => digits((i * 7_919 + 13) % 1_000_000_000_000, 12)
const nameOf = (m: number): string => `SHOP ${m}`

const open = (path: string): { write: (bytes: Buffer | string) => Promise<void>; close: () => Promise<void> } => {
  const stream: WriteStream = createWriteStream(path)
  return {
    write: async (bytes) => {
      if (!stream.write(bytes)) await once(stream, 'drain')
    },
    close: async () => {
      stream.end()
      await once(stream, 'finish')
    },
  }
}

async function writeSlips(path: string, rows: number): Promise<void> {
  const file = open(path)
  let text = 'tid,mid,merchantName,mcc,batch,trace,reference,authCode,class,amountYuan,at,cardMasked\n'
  for (let i = 0; i < rows; i++) {
    if (wrongOf(i) === 'unionpay_only') continue
    const m = merchantOf(i)
    const clock = clockOf(i)
    const at = `2026-09-${digits(dayOf(i) + 1, 2)}T${clock.slice(0, 2)}:${clock.slice(2, 4)}:${clock.slice(4)}+08:00`
    const amount = formatYuan(amountOf(i)).replaceAll(',', '')
    text += `${tidOf(i)},${midOf(m)},${nameOf(m)},5812,000243,${digits(i % 1_000_000, 6)},${referenceOf(i)},710797,sale,${amount},${at},621234******0001\n`
    if (text.length > 1 << 18) {
      await file.write(text)
      text = ''
    }
  }
  await file.write(text)
  await file.close()
}

/** The record of a sale, all but what differs from one to the next. */
const template = (): Buffer => {
  const record = Buffer.alloc(record_bytes, ' ')
  const put = (at: number, text: string) => record.write(text, at, 'latin1')
  for (const [at, text] of [
    [0, 'S22'], [4, '00049992'], [16, '00049992'], [46, '621234******0001'], [79, '5812'], [84, '01'], [109, '01'], [145, '01'],
    [194, '0201'], [215, '01'], [218, '01'], [221, '000000'], [228, '01'], [269, '0'], [607, '\r\n'],
  ] as const) put(at, text)
  return record
}

/** UnionPay's records and the bank's lines for them. */
async function writeSettled(folder: string, rows: number): Promise<string[]> {
  const bank = open(join(folder, 'bank.csv'))
  await bank.write('bookedOn,settledOn,mid,creditYuan,reference,narrative\n')
  const record = template()
  const put = (at: number, text: string) => record.write(text, at, 'latin1')
  const paths: string[] = []
  let file: ReturnType<typeof open> | undefined
  let written = 0
  let buffer = Buffer.alloc(record_bytes * 2_000)
  let filled = 0
  let lines = ''
  const add = async (): Promise<void> => {
    record.copy(buffer, filled)
    filled += record_bytes
    written += 1
    if (filled < buffer.length) return
    await file!.write(buffer)
    buffer = Buffer.alloc(buffer.length)
    filled = 0
  }
  const end = async (): Promise<void> => {
    await file?.write(buffer.subarray(0, filled))
    await file?.close()
    buffer = Buffer.alloc(buffer.length)
    filled = 0
  }
  for (let day = 0; day < days; day++) {
    for (let i = day; i < rows; i += days) {
      if (dayOf(i) !== day) throw new Error('a record out of its day')
      if (!file || written >= records_per_file) {
        await end()
        paths.push(join(folder, `unionpay-${paths.length}.txt`))
        file = open(paths.at(-1)!)
        written = 0
      }
      const wrong = wrongOf(i)
      if (wrong === 'slip_only') continue
      const amount = amountOf(i) + (wrong === 'amount_differs' ? 100 : 0)
      const fee = rateOf(amount, ppm) + (wrong === 'fee_differs' ? 30 : 0)
      const net = `C${digits(amount - fee, 12)}`
      const m = merchantOf(i)
      const date = `09${digits(day + 1, 2)}${clockOf(i)}`
      put(28, digits(i % 1_000_000, 6))
      put(35, date)
      put(66, digits(amount, 12))
      put(79, wrong === 'mcc_differs' ? '8398' : '5812')
      put(87, `2026${date}${digits(i % 10_000_000, 7)}`)
      put(112, referenceOf(i))
      put(166, `D${digits(fee, 12)}`)
      put(180, net)
      put(293, midOf(m))
      put(327, (wrong === 'merchant_name_differs' ? 'ANOTHER SHOP' : nameOf(m)).padEnd(32))
      put(374, net)
      put(388, tidOf(i))
      const on = `2026-09-${digits(day + 1, 2)}`
      for (let times = wrong === 'duplicate_unionpay' ? 2 : 1; times > 0; times--) {
        await add()
        lines += `2026-10-01,${on},${midOf(m)},${formatYuan(amount - fee).replaceAll(',', '')},R${i},\n`
      }
      if (lines.length > 1 << 18) {
        await bank.write(lines)
        lines = ''
      }
    }
  }
  await end()
  await bank.write(lines)
  await bank.close()
  return paths
}

export type Files = {
  slips: string
  unionpay: string[]
  bank: string
  ppm: number
  mids: string[]
  /** How many breaks of each kind were put in. */
  expected: Partial<Record<BreakKind, number>>
}

export async function makeFiles(folder: string, rows: number): Promise<Files> {
  const slips = join(folder, 'slips.csv')
  await writeSlips(slips, rows)
  const unionpay = await writeSettled(folder, rows)
  const expected: Partial<Record<BreakKind, number>> = {}
  for (let i = 0; i < rows; i++) {
    const wrong = wrongOf(i)
    if (wrong) expected[wrong] = (expected[wrong] ?? 0) + 1
  }
  const merchants = Math.ceil(rows / per_merchant)
  return { slips, unionpay, bank: join(folder, 'bank.csv'), ppm, mids: Array.from({ length: merchants }, (_, m) => midOf(m)), expected }
}
