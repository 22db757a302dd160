// Settlement files nobody meant, wrapped or not: whatever comes, reading ends soon, throws nothing and says what is wrong.
// A failing case prints its seed and is shrunk. TINGQI_TORTURE=1 runs a million instead of some thousands.
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { breakKinds, importErrors } from '../domain/vocabulary.ts'
import { change, changes, inTime } from '../files/damage.fixtures.ts'
import { explain } from '../domain/breaks.ts'
import { judge, type RecordLine, type SlipLine } from './pair.ts'
import { readSettlementFile } from './read.ts'
import { kins, type MoneyClass, signOf } from './records.ts'
import { bankCsv, camt053, gbk, mid, slipsCsv, tid, zmFile, zmName, zmRecord } from './settlement.fixtures.ts'
import { settlementNamedIn } from './settlement-reference.ts'

const isTorture = process.env.TINGQI_TORTURE === '1'
/** Together 20,000 and a million. */
const runs = (quick: number) => ({ numRuns: isTorture ? quick * 50 : quick })
const test_ms = isTorture ? 4 * 3_600_000 : 120_000

/** Reads a file to its end; it must have said something sensible, and shown no card number. */
const judged = async (bytes: Uint8Array): Promise<void> => {
  let said = 0
  for await (const { rows, faults, warnings, ignored } of readSettlementFile(bytes, { name: zmName })) {
    said += rows.length + faults.length + ignored
    for (const fault of [...faults, ...warnings])
      if (!(fault.code in importErrors) || fault.line < 0 || fault.detail.some((words) => words === ''))
        throw new Error(`not a clear refusal: ${JSON.stringify(fault)}`)
    for (const row of rows) {
      const numbers = 'netFen' in row ? [row.netFen, row.line] : [row.amountFen, row.at, row.line]
      if (!numbers.every(Number.isSafeInteger)) throw new Error(`not a number: ${JSON.stringify(row)}`)
    }
    if (JSON.stringify({ rows, faults, warnings }).includes('6212340000000001')) throw new Error('card number shown')
  }
  if (said === 0 && bytes.length > 0) throw new Error('nothing said')
}

const records = zmFile(
  zmRecord(),
  zmRecord({ tradeCode: 'S30', txnType: '04', merCharge: 'C000000000353' }),
  zmRecord({}, '2014'),
)
const whole: readonly (readonly [name: string, quick: number, bytes: Uint8Array])[] = [
  ['a detail file', 5_000, records],
  ['slips', 3_000, Buffer.from(slipsCsv({}, { merchantName: '"长青""酒楼"' }, { class: 'refund' }))],
  ['slips in GB18030', 1_500, gbk(slipsCsv({}, {}))],
  ['bank lines', 1_500, Buffer.from(bankCsv({}, { creditYuan: '-5.00' }))],
  ['a statement', 3_000, Buffer.from(camt053([{}, { sign: 'DBIT' }, { text: 'RENT &amp; <![CDATA[x]]>' }]))],
  ['a ZIP file', 1_500, zipSync({ [zmName]: records })],
  ['gzip', 1_000, gzipSync(records)],
  ['base64 of deflate', 1_000, Buffer.from(deflateSync(records).toString('base64'))],
]
test.each(whole)('%s, damaged', { timeout: test_ms }, async (_name, quick, bytes) => {
  await fc.assert(
    fc.asyncProperty(changes, (list) => inTime(() => judged(change(bytes, list)))),
    runs(quick),
  )
})

test('bytes of any kind', { timeout: test_ms }, async () => {
  const start = fc.constantFrom(
    '',
    'S22 ',
    '<',
    '<?xml version="1.0"?><Document ',
    'PK\x03\x04',
    '\x1f\x8b\x08\x00',
    'x\x9c',
    '﻿',
  )
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 2_000 }), (beginning, rest) =>
      inTime(() => judged(Buffer.concat([Buffer.from(beginning, 'latin1'), rest]))),
    ),
    runs(1_000),
  )
})

const classes = Object.keys(kins) as MoneyClass[]
const line = fc.record({
  class: fc.constantFrom(...classes),
  size: fc.integer({ min: 0, max: 3 }),
  at: fc.integer({ min: 0, max: 3 }).map((hours) => Date.parse('2026-09-01T21:00:00+08:00') + hours * 3_600_000),
  trace: fc.constantFrom('000001', '000002', null),
  name: fc.constantFrom('长青酒楼', null),
})
type Given = typeof line extends fc.Arbitrary<infer T> ? T : never
const common = ({ size, ...given }: Given, place: number) => ({
  ...given,
  mid,
  tid,
  reference: '508821208897',
  amountFen: signOf(given.class) * size * 100 + 0,
  settledOn: '2026-09-01',
  cut: null,
  mcc: '5812',
  file: 0,
  line: place,
})
test('groups of any kind are judged, every line once, whatever the order', { timeout: test_ms }, () => {
  const coverage = fc.record({ hasUnionPay: fc.boolean(), hasSlips: fc.boolean() })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.array(line, { maxLength: 5 }), coverage, (left, right, on) => {
      const slips: SlipLine[] = left.map((one, place) => ({ ...common(one, place), batch: '000243' }))
      const lines: RecordLine[] = right.map((one, place) => ({
        ...common(one, place),
        card: null,
        feeFen: null,
        netFen: 0,
      }))
      const rules = {
        coverage: { hasUnionPay: () => on.hasUnionPay, hasSlips: () => on.hasSlips, hasBank: () => true },
        registered: () => undefined,
        feeOf: () => undefined,
      }
      const group = { mid, tid, reference: '508821208897', slips, records: lines }
      const out = judge(group, rules)
      const turned = judge({ ...group, slips: slips.toReversed(), records: lines.toReversed() }, rules)
      const kinds = (one: typeof out) => one.breaks.map(({ kind }) => kind)
      expect(kinds(turned)).toEqual(kinds(out))
      const { matched, unmatched, pending } = out
      const told = matched.count + unmatched.count + pending.count
      // A pair is told once for two lines; a slip that was undone in time is not told at all.
      expect(told).toBeLessThanOrEqual(slips.length + lines.length)
      expect(told).toBeGreaterThanOrEqual(lines.length === 0 ? 0 : Math.ceil(lines.length / 2))
      const ofRecords = out.breaks.flatMap(({ kind, unionpay }) =>
        kind === 'duplicate_unionpay' || kind === 'unionpay_only' ? [unionpay!.line] : [],
      )
      expect(new Set(ofRecords).size).toBe(ofRecords.length)
      for (const one of out.breaks)
        if (!(one.kind in breakKinds) || !explain({ id: 'x', ...one }, 'zh')) throw new Error('not a break')
    }),
    runs(1_000),
  )
})

test('words of any kind name a settlement or none', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 80 })),
      fc.stringMatching(/^SETT\d{0,9}[0-9A-Z]{0,17}$/),
      (texts, reference) => {
        const named = settlementNamedIn([...texts, reference])
        expect(named === undefined || /^\d{4}-\d\d-\d\d$/.test(named.settledOn)).toBe(true)
      },
    ),
    runs(500),
  )
})
