// Reads a UnionPay detail file: bytes → records → rows. Records end with LF or CRLF; a record is looked at as one
// character a byte, and only names are decoded. The settlement date is the file's, from its name; without one, the date
// each transaction falls on (the day ends at 23:00). Times carry no year: the query number begins with it.
import { instantOf, isDate } from '../domain/calendar.ts'
import { scrubPans } from '../domain/identity.ts'
import type { CardKind, ImportError, Words } from '../domain/vocabulary.ts'
import { type Fault, finding } from '../files/fault.ts'
import { readBytes, type Source } from '../files/text.ts'
import { batch_rows, faults_max, record_bytes_max } from './bounds.ts'
import { cutName, decodeField, gbkLength } from './gbk.ts'
import { type Batch, type MoneyClass, settlementDate, signOf, type UnionPayRow } from './records.ts'
import {
  commonFields,
  common_bytes,
  type FieldName,
  type Layout,
  layouts,
  misfit,
  places,
  zme_bytes,
  zmName,
} from './zm-layout.ts'

type Finding = { field: string | null; code: ImportError; value?: string; hint?: Words }

/** Settlement date and merchant as the name of a file tells them. */
export const readZmName = (name: string | undefined): { settledOn: string; mid: string } | undefined => {
  const [, year, month, day, mid = ''] = zmName.exec(name ?? '') ?? []
  const settledOn = `20${year}-${month}-${day}`
  return isDate(settledOn) ? { settledOn, mid } : undefined
}

/** Debits and credits of a cardholder, told apart further by the type of transaction where the file has it. */
const directions: Readonly<Record<string, 1 | -1>> = { S22: 1, S30: -1 }
const classes: Readonly<Record<string, MoneyClass>> = {
  '01': 'sale',
  '03': 'preauth_completion',
  '04': 'refund',
  '31': 'void',
  '33': 'void',
}
const cards: Readonly<Record<string, CardKind>> = { '01': 'debit', '02': 'credit', '03': 'credit' }

const classOf = (tradeCode: string, txnType: string): MoneyClass | undefined => {
  const direction = directions[tradeCode]
  if (direction === undefined) return undefined
  if (txnType.trim() === '') return direction === 1 ? 'sale' : 'refund'
  const named = classes[txnType]
  return named && signOf(named) === direction ? named : undefined
}

/** 'D000000000038' → 38 with D counting for `sign`; undefined where blank. */
const signed = (text: string, plus: 'C' | 'D'): number | undefined =>
  text.trim() === '' ? undefined : Number(text.slice(1)) * (text[0] === plus ? 1 : -1) + 0

const masked = /^(?:\d{0,6}\*+\d{0,4})? *$/
const reference_shape = /^[0-9A-Za-z]+$/
const tid_shape = /^[0-9A-Z]{8}$/
/** Where a person may have written something: no card number in full may stand there. */
const free = ['orderId', 'billNo', 'merReserved'] as const satisfies FieldName[]
const may_hold_pan = /\d(?:[^\d]?\d){12}/
const exposes = (text: string): boolean => may_hold_pan.test(text) && scrubPans(text) !== text

type Reader = { row: (record: string, line: number) => { row: UnionPayRow } | { findings: Finding[] } }

/** What is remembered from record to record: names decoded, times of days. */
const openReader = (named: { settledOn: string; mid: string } | undefined): Reader => {
  const names = new Map<string, { name: string; cut: string } | undefined>()
  const nameOf = (field: string): { name: string; cut: string } | null | undefined => {
    if (field.trim() === '') return null
    if (!names.has(field)) {
      const name = decodeField(Buffer.from(field, 'latin1'))
      if (names.size >= names_max) names.clear()
      names.set(field, name === undefined ? undefined : { name, cut: cutName(name) })
    }
    return names.get(field)
  }
  const days = new Map<string, number | undefined>()
  const startOf = (day: string): number | undefined => {
    if (!days.has(day)) days.set(day, isDate(day) ? instantOf(day, '00:00') : undefined)
    return days.get(day)
  }
  const instant = (txnTime: string, queryId: string): number | undefined => {
    const day = `${txnTime.slice(0, 2)}-${txnTime.slice(2, 4)}`
    const year = queryId.slice(4, 14) === txnTime ? queryId.slice(0, 4) : yearBefore(day, named?.settledOn)
    const start = startOf(`${year}-${day}`)
    const [h, m, s] = [Number(txnTime.slice(4, 6)), Number(txnTime.slice(6, 8)), Number(txnTime.slice(8))]
    if (start === undefined || h > 23 || m > 59 || s > 59) return undefined
    return start + ((h * 60 + m) * 60 + s) * 1_000
  }

  const row: Reader['row'] = (record, line) => {
    if (!commonFields.test(record)) {
      const field = misfit(record) ?? ''
      return { findings: [{ field: field || null, code: 'record_malformed' }] }
    }
    const findings: Finding[] = []
    const say = (field: string, code: ImportError, value = '', hint?: Words): void => {
      findings.push(hint ? { field, code, value, hint } : { field, code, value })
    }
    const field = (name: FieldName): string => record.slice(places[name].from, places[name].to)
    const [tradeCode, txnType, merId, termId, txnTime] = [
      field('tradeCode'),
      field('txnType'),
      field('merId'),
      field('termId'),
      field('txnTime'),
    ]
    const kind = classOf(tradeCode, txnType)
    if (!kind) say('tradeCode', 'value_unknown', `${tradeCode} ${txnType}`, ['S22、S30', 'S22, S30'])
    if (!masked.test(field('payCardNo'))) say('payCardNo', 'card_number_exposed', field('payCardNo').trim())
    for (const name of free) if (exposes(field(name))) say(name, 'card_number_exposed', field(name).trim())
    const tail = record.slice(common_bytes)
    if (exposes(tail)) say('reserved', 'card_number_exposed', tail.trim())
    if (named && merId !== named.mid) say('merId', 'merchant_not_yours', merId)
    if (!tid_shape.test(termId)) say('termId', 'tid_format', termId.trim())
    const reference = field('orderId').trim()
    if (!reference_shape.test(reference)) say('orderId', reference === '' ? 'required' : 'record_malformed', reference)
    const name = nameOf(field('subMerAbbr'))
    if (name === undefined) say('subMerAbbr', 'encoding_invalid', '', ['应为 GBK', 'must be GBK'])
    else if (name && exposes(name.name)) say('subMerAbbr', 'card_number_exposed', name.name)
    const at = instant(txnTime, field('queryId'))
    const settledOn = named?.settledOn ?? (at === undefined ? '' : settlementDate(at))
    if (at === undefined) say('txnTime', 'time_invalid', txnTime)
    // UnionPay's clock decides about a transaction near 23:00; but none settles before the day it was made.
    else if (at >= startOf(settledOn)! + DAY_ms) say('txnTime', 'settlement_date_differs', txnTime)
    const netFen = signed(field('netAmt'), 'C') ?? signed(field('settleAmt'), 'C')
    if (netFen === undefined) say('netAmt', 'required')
    if (findings.length > 0 || !kind || at === undefined || netFen === undefined) return { findings }
    return {
      row: {
        line,
        mid: merId,
        tid: termId,
        reference,
        class: kind,
        amountFen: signOf(kind) * Number(field('txnAmt')) + 0,
        at,
        settledOn,
        name: name?.name ?? null,
        cut: name?.cut ?? null,
        mcc: field('merCatCode').trim() || null,
        trace: field('traceNo'),
        card: cards[field('payCardType')] ?? null,
        feeFen: signed(field('merCharge'), 'D') ?? null,
        netFen,
      },
    }
  }
  return { row }
}
const names_max = 100_000
const DAY_ms = 86_400_000

/** The year in which 'MM-dd' last came before or on the settlement date. */
const yearBefore = (day: string, settledOn: string | undefined): string | undefined => {
  if (settledOn === undefined) return undefined
  const year = Number(settledOn.slice(0, 4))
  return String(day <= settledOn.slice(5) ? year : year - 1)
}

/** Records as they come, one character a byte, without their line ends. */
async function* readRecords(source: Source): AsyncGenerator<{ line: number; record: string }[]> {
  let line = 0
  let rest: Uint8Array = Buffer.alloc(0)
  for await (const piece of readBytes(source)) {
    const chunk =
      rest.length > 0 ? Buffer.concat([rest, piece]) : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    const records: { line: number; record: string }[] = []
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      records.push({ line: ++line, record: textOf(chunk, from, end) })
      from = end + 1
    }
    rest = chunk.subarray(from)
    if (rest.length > record_bytes_max) {
      records.push({ line: line + 1, record: textOf(chunk, from, from + record_bytes_max) })
      yield records
      return
    }
    if (records.length > 0) yield records
  }
  if (rest.length > 0) yield [{ line: line + 1, record: textOf(Buffer.from(rest), 0, rest.length) }]
}
const textOf = (chunk: Buffer, from: number, end: number): string =>
  chunk.toString('latin1', from, end > from && chunk[end - 1] === 13 ? end - 1 : end)

/** Why a record that has no layout's length is none. */
const lengthFinding = (record: string): Finding => {
  const bytes = Buffer.from(record, 'latin1')
  if (record.includes('\0')) return { field: null, code: 'encoding_invalid', hint: gbkWanted }
  const text = bytes.toString('utf8')
  // The same record saved as UTF-8 is longer by a byte for each Chinese character.
  if (
    !text.includes('\ufffd') &&
    layouts.some((layout) => layout.bytes === gbkLength(text)) &&
    text.length < bytes.length
  )
    return { field: null, code: 'encoding_invalid', hint: gbkWanted }
  if (record.length === zme_bytes)
    return {
      field: null,
      code: 'layout_differs',
      hint: ['这是差错文件 ZME，需要明细文件 ZM', 'a difference file (ZME), not the detail file (ZM)'],
    }
  const known = [...new Set(layouts.map((layout) => layout.bytes))].sort()
  return {
    field: null,
    code: 'record_length',
    hint: [
      `${record.length} 字节，应为 ${known.join(' 或 ')}`,
      `${record.length} bytes, must be ${known.join(' or ')}`,
    ],
  }
}
const gbkWanted: Words = ['应为 GBK', 'must be GBK']

/** Rows of a detail file; the layout is known when all is read. */
export async function* readZm(source: Source, name: string | undefined): AsyncGenerator<Batch<'unionpay'>, string> {
  const reader = openReader(readZmName(name))
  let candidates: readonly Layout[] = layouts
  let told = 0
  const narrow = (record: string): boolean => {
    const tail = record.slice(common_bytes)
    const fits = candidates.filter(
      (layout) => record.length === layout.bytes && (tail.trim() === '' || layout.tail.test(tail)),
    )
    if (fits.length > 0) candidates = fits
    return fits.length > 0
  }
  for await (const records of readRecords(source)) {
    for (let from = 0; from < records.length; from += batch_rows) {
      const batch: Batch<'unionpay'> = { rows: [], faults: [], warnings: [], ignored: 0 }
      for (const { line, record } of records.slice(from, from + batch_rows)) {
        if (record === '') continue
        const answer = !layouts.some((layout) => layout.bytes === record.length)
          ? { findings: [lengthFinding(record)] }
          : reader.row(record, line)
        if ('findings' in answer) batch.faults.push(...answer.findings.map((one) => faultAt(line, one)))
        else if (!narrow(record))
          batch.faults.push(
            faultAt(line, {
              field: null,
              code: 'record_malformed',
              hint: ['与前面的记录格式不同', 'another layout than the records before'],
            }),
          )
        else batch.rows.push(answer.row)
      }
      told += batch.faults.length
      yield batch
      if (told >= faults_max) return 'unionpay.zm'
    }
  }
  return `unionpay.zm-${candidates[0]!.year}`
}

const faultAt = (line: number, { field, code, value, hint }: Finding): Fault => ({
  line,
  ...finding(field, code, value ?? '', hint),
})
