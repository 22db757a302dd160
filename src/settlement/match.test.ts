// The engine finds what is not plain; a slow computation that judges every group must come to the same. And what a caller
// sees: bounds, stopping, contracts by kind of card, several files.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatYuan, rateOf } from '../domain/money.ts'
import { coverageOf } from './coverage.ts'
import { intake } from './intake.ts'
import { match } from './match.ts'
import { type Group, judge, type RecordLine, type SlipLine } from './pair.ts'
import { readSettlementFile } from './read.ts'
import { bankCsv, mid, type SlipFields, slipsCsv, tid, type ZmFields, zmFile, zmRecord } from './settlement.fixtures.ts'
import type { Contract, Matched, Taken } from './types.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tingqi-match-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const take = async (source: string | Uint8Array, name?: string): Promise<Taken> => {
  const taken = await intake({ source: Buffer.from(source), folder: home, ...(name ? { name } : {}) })
  if (Array.isArray(taken)) throw new Error(JSON.stringify(taken))
  return taken
}
const ppm = 6_000
const run = (files: readonly Taken[], contracts: readonly Contract[] = [{ mid, ppm }]): Promise<Matched> =>
  match({ files, register: [{ mid, name: '长青酒楼', mcc: '5812', tids: [tid] }], contracts, folder: home })
const kinds = ({ breaks }: Matched): string => breaks.map(({ kind }) => kind).join(' ')

type Made = {
  reference: number
  kind: 'sale' | 'void' | 'refund'
  yuan: number
  trace: number
  day: number
  name: boolean
  fee: boolean
  terminal: number
}
const made: fc.Arbitrary<Made> = fc.record({
  reference: fc.integer({ min: 1, max: 6 }),
  kind: fc.constantFrom('sale', 'sale', 'sale', 'void', 'refund'),
  yuan: fc.integer({ min: 1, max: 3 }),
  trace: fc.integer({ min: 1, max: 3 }),
  day: fc.integer({ min: 1, max: 4 }),
  name: fc.boolean(),
  fee: fc.boolean(),
  terminal: fc.integer({ min: 1, max: 2 }),
})
const slipOf = (one: Made): SlipFields => ({
  tid: `9842804${one.terminal}`,
  reference: `50882120889${one.reference}`,
  class: one.kind,
  amountYuan: `${one.yuan}.00`,
  trace: `00000${one.trace}`,
  at: `2026-09-0${one.day}T12:00:00+08:00`,
  merchantName: one.name ? '长青酒楼' : '',
})
const zmOf = (one: Made): ZmFields => {
  const fen = one.yuan * 100
  const fee = rateOf(fen, ppm) + (one.fee ? 0 : 1)
  const [code, type, taken, given] =
    one.kind === 'sale' ? ['S22', '01', 'D', 'C'] : ['S30', one.kind === 'void' ? '31' : '04', 'C', 'D']
  const net = `${given}${String(fen - fee).padStart(12, '0')}`
  return {
    tradeCode: code,
    txnType: type,
    termId: `9842804${one.terminal}`,
    orderId: `50882120889${one.reference}`,
    txnAmt: String(fen).padStart(12, '0'),
    traceNo: `00000${one.trace}`,
    txnTime: `090${one.day}120000`,
    queryId: `2026090${one.day}1200000000000`,
    merCharge: `${taken}${String(fee).padStart(12, '0')}`,
    settleAmt: net,
    netAmt: net,
    subMerAbbr: one.name ? '长青酒楼' : '别家',
  }
}

/** Every group judged, without the engine. */
const slowly = async (slips: Uint8Array, records: Uint8Array, files: readonly Taken[]) => {
  const groups = new Map<string, Group & { slips: SlipLine[]; records: RecordLine[] }>()
  for (const [file, source] of [slips, records].entries()) {
    for await (const { rows } of readSettlementFile(source)) {
      for (const row of rows as (SlipLine | RecordLine)[]) {
        const key = `${row.tid} ${row.reference}`
        const group = groups.get(key) ?? { mid, tid: row.tid, reference: row.reference, slips: [], records: [] }
        groups.set(key, group)
        if ('card' in row) group.records.push({ ...row, file })
        else group.slips.push({ ...row, file })
      }
    }
  }
  const rules = {
    coverage: coverageOf(files),
    registered: () => ({ name: '长青酒楼', mcc: '5812' }),
    feeOf: (_mid: string, _card: unknown, fen: number) => rateOf(fen, ppm),
  }
  const all = [...groups.values()].map((group) => judge(group, rules))
  const sum = (of: 'matched' | 'pending') => all.reduce((n, one) => n + one[of].count, 0)
  const fen = (of: 'matched' | 'pending') => all.reduce((n, one) => n + one[of].fen, 0)
  return {
    breaks: all
      .flatMap(({ breaks }) => breaks)
      .map(said)
      .sort(),
    matched: sum('matched'),
    matchedFen: fen('matched'),
    pending: sum('pending'),
    pendingFen: fen('pending'),
  }
}
const said = ({
  kind,
  tid: terminal,
  reference,
  settledOn,
  expectedFen,
  actualFen,
}: Partial<Matched['breaks'][number]>): string =>
  JSON.stringify([kind, terminal, reference, settledOn, expectedFen, actualFen])

test('the engine and the slow way agree', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(made, { minLength: 1, maxLength: 14 }),
      fc.array(made, { minLength: 1, maxLength: 14 }),
      async (slips, records) => {
        const sources = [
          Buffer.from(slipsCsv(...slips.map(slipOf))),
          zmFile(...records.map((one) => zmRecord(zmOf(one)))),
        ] as const
        const files = [await take(sources[0]), await take(sources[1])]
        const found = await run(files)
        const { breaks, matched, matchedFen, pending, pendingFen } = found
        const days = breaks.filter(({ kind }) => kind.startsWith('bank'))
        expect({
          breaks: breaks
            .filter((one) => !days.includes(one))
            .map(said)
            .sort(),
          matched,
          matchedFen,
          pending,
          pendingFen,
        }).toEqual(await slowly(...sources, files))
        expect(new Set(breaks.map(({ id }) => id)).size).toBe(breaks.length)
        expect(found.perTerminal.reduce((n, one) => n + one.matched, 0)).toBe(matched)
      },
    ),
    { numRuns: process.env.TINGQI_TORTURE === '1' ? 2_000 : 40 },
  )
})

test('a transaction that two days’ files both hold is there twice', async () => {
  const day = (n: number) => take(zmFile(zmRecord()), `INN26090${n}00ZM_${mid}.txt`)
  const found = await run([await take(slipsCsv({})), await day(1), await day(2)])
  expect(kinds(found)).toBe('duplicate_unionpay')
  expect(found).toMatchObject({
    matched: 1,
    perTerminal: [{ mid, tid, matched: 1, matchedFen: 58_800, unmatched: 1, unmatchedFen: 58_800 }],
  })
})

test('what the bank paid is held against the net of the day; other days wait for their file', async () => {
  const slips = await take(slipsCsv({}))
  const records = await take(zmFile(zmRecord()), `INN26090100ZM_${mid}.txt`)
  expect(kinds(await run([slips, records, await take(bankCsv({}))]))).toBe('')
  const less = await run([slips, records, await take(bankCsv({ creditYuan: '584.46' }))])
  expect(less.breaks).toMatchObject([
    {
      kind: 'bank_amount_differs',
      settledOn: '2026-09-01',
      expectedFen: 58_447,
      actualFen: 58_446,
      bank: { bookedOn: '2026-09-02', lines: 1, file: 2, line: 2 },
    },
  ])
  const otherDay = await run([slips, records, await take(bankCsv({ settledOn: '2026-09-02' }))])
  expect(kinds(otherDay)).toBe('')
  expect(otherDay.perDay.map(({ settledOn, state }) => `${settledOn} ${state}`)).toEqual([
    '2026-09-01 pending',
    '2026-09-02 pending',
  ])
  expect(kinds(await run([slips, records, await take(bankCsv({}, { creditYuan: formatYuan(-1) }))]))).toBe(
    'bank_amount_differs',
  )
})

test('a contract by kind of card, and its cap', async () => {
  const files = [await take(slipsCsv({})), await take(zmFile(zmRecord()))]
  expect(kinds(await run(files, [{ mid, ppm: 3_800 }]))).toBe('fee_differs')
  expect(
    kinds(
      await run(files, [
        { mid, ppm: 3_800 },
        { mid, ppm, card: 'debit' },
      ]),
    ),
  ).toBe('')
  expect(kinds(await run(files, [{ mid, ppm, card: 'credit' }]))).toBe('')
  expect((await run(files, [{ mid, ppm, capFen: 100 }])).breaks).toMatchObject([
    { kind: 'fee_differs', expectedFen: 100, actualFen: 353 },
  ])
})

test('a reference that stands in a file a thousand times is a thousand breaks, not a day of work', async () => {
  const slips = await take(slipsCsv(...Array(1_000).fill({})))
  const found = await run([slips, await take(zmFile(...Array(1_000).fill(zmRecord())))])
  expect(found.counts).toEqual({ duplicate_slip: 999, duplicate_unionpay: 999 })
  expect(found).toMatchObject({ matched: 1, breaksLeftOut: 1_600, perTerminal: [{ matched: 1, unmatched: 1_998 }] })
})

test('nothing but one kind of file, or none: nothing is matched and nothing missing', async () => {
  expect(await run([])).toMatchObject({ matched: 0, breaks: [], rows: { slips: 0, unionpay: 0, bank: 0 } })
  expect(await run([await take(slipsCsv({}))])).toMatchObject({
    matched: 0,
    pending: 1,
    pendingFen: 58_800,
    breaks: [],
  })
  expect(await run([await take(zmFile(zmRecord()))])).toMatchObject({ pending: 1, breaks: [] })
})

test('stopped, it throws the reason and leaves nothing', async () => {
  const files = [await take(slipsCsv({})), await take(zmFile(zmRecord()))]
  const before = readdirSync(home)
  const stopper = new AbortController()
  const running = match({ files, register: [], contracts: [], folder: home, signal: stopper.signal })
  stopper.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  expect(readdirSync(home)).toEqual(before)
  expect(kinds(await run(files))).toBe('')
})
