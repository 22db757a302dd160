// The estate's three records: exactly the breaks that were put into them, in whatever order and wrapping the files come.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explain } from '../domain/breaks.ts'
import { intake } from './intake.ts'
import { match } from './match.ts'
import type { Break, Contract, Matched, RegisteredMerchant, Taken } from './types.ts'

const shared = process.env.TINGQI_SHARED ?? new URL('../../../shared/data', import.meta.url).pathname
const folder = join(shared, 'estate', 'reconciliation')
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
  feePpmByMid: Record<string, number>
  slips: number
  unionpay: number
  bank: number
  breaks: { kind: string; mid: string; tid?: string; reference?: string; settledOn?: string }[]
}
const contracts: Contract[] = Object.entries(expected.feePpmByMid).map(([mid, ppm]) => ({ mid, ppm }))
const register: RegisteredMerchant[] = readFileSync(join(shared, 'estate', 'fleet.csv'), 'utf8')
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => line.split(','))
  .map(([mid, name, , mcc, , , , , , , , tid]) => ({ mid: mid!, name: name!, mcc: mcc!, tids: [tid!] }))

const names = readdirSync(folder).filter((name) => !name.endsWith('.json'))
let home: string
let files: Taken[]
const take = async (name: string, source: string | Uint8Array = join(folder, name)): Promise<Taken> => {
  const taken = await intake({ source, name, folder: home, mids: register.map(({ mid }) => mid) })
  if (Array.isArray(taken)) throw new Error(`${name}: ${JSON.stringify(taken)}`)
  return taken
}
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tingqi-estate-'))
  files = []
  for (const name of names) files.push(await take(name))
}, 120_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

const run = (given: readonly Taken[]): Promise<Matched> => match({ files: given, register, contracts, folder: home })
const told = ({ kind, mid, tid, reference, settledOn }: Break) =>
  tid === undefined ? { kind, mid, settledOn } : { kind, mid, tid, reference }
const sorted = (all: readonly object[]): string[] => all.map((one) => JSON.stringify(one)).sort()
/** What a run says but for the places of files and lines. */
const said = ({ breaks, ...rest }: Matched) => ({
  ...rest,
  breaks: breaks.map(({ slip, unionpay, bank, ...one }) => ({
    ...one,
    sides: [slip, unionpay, bank].map((side) => side && { ...side, file: 0, line: 0 }),
  })),
})

test('every file is taken, all rows of it', () => {
  const rows = (kind: string) => files.filter((file) => file.kind === kind).reduce((sum, file) => sum + file.rows, 0)
  expect({ slips: rows('slips'), unionpay: rows('unionpay'), bank: rows('bank') }).toEqual({
    slips: expected.slips,
    unionpay: expected.unionpay,
    bank: expected.bank,
  })
  expect(new Set(files.map(({ layout }) => layout))).toEqual(new Set(['slips.csv', 'unionpay.zm-2017', 'bank.csv']))
  expect(readdirSync(home)).toHaveLength(names.length)
})

test('exactly the breaks expected, none missing, none more', async () => {
  const found = await run(files)
  expect(sorted(found.breaks.map(told))).toEqual(sorted(expected.breaks))
  expect(new Set(found.breaks.map(({ id }) => id)).size).toBe(found.breaks.length)
  expect(found).toMatchObject({ matched: 696, pending: 0, breaksLeftOut: 0 })
  expect(found.perTerminal.reduce((sum, one) => sum + one.unmatched, 0)).toBe(28)
  expect(found.perDay.filter(({ state }) => state === 'break')).toHaveLength(2)
  for (const one of found.breaks)
    for (const language of ['zh', 'en'] as const) expect(explain(one, language)).not.toMatch(/undefined|NaN|「」/)
})

test('again, and in another order: the same breaks with the same numbers in the same order', async () => {
  const [once, again, turned] = [await run(files), await run(files), await run(files.toReversed())]
  expect(again).toEqual(once)
  expect(said(turned)).toEqual(said(once))
})

test('the same records wrapped as the interface gives them', async () => {
  const wrapped = await Promise.all(
    names.map((name) => {
      const bytes = readFileSync(join(folder, name))
      const packed = deflateSync(zipSync({ [name]: bytes })).toString('base64')
      return take('download', Buffer.from(packed))
    }),
  )
  expect(said(await run(wrapped))).toEqual(said(await run(files)))
})

test('before the files of the last day have come, its slips are pending and nothing is missing', async () => {
  const early = files.filter(({ kind, settledFrom }) => kind !== 'unionpay' || settledFrom! < '2026-09-04')
  const found = await run(early)
  expect(sorted(found.breaks.map(told))).toEqual(sorted(expected.breaks))
  expect(found).toMatchObject({ pending: 8, matched: 688 })
})

test('the corrected file of one day takes its breaks away and brings none', async () => {
  const name = 'INN26090200ZM_848046458120439.txt'
  const bytes = readFileSync(join(folder, name))
  // The slip that UnionPay did not have: its record is added, made from one beside it.
  const missing = expected.breaks.find(({ kind, mid }) => kind === 'slip_only' && mid === '848046458120439')!
  const [line] = readFileSync(join(folder, 'slips.csv'), 'utf8')
    .split(/\r?\n/)
    .filter((row) => row.includes(missing.reference!))
  const amount_fen = Math.round(Number(line!.split(',')[9]) * 100)
  const fee_fen = Math.floor((amount_fen * 6_000 + 500_000) / 1_000_000)
  const record = Buffer.from(bytes.subarray(0, 609))
  const put = (at: number, text: string) => record.write(text, at, 'latin1')
  put(35, '0902111014')
  put(66, String(amount_fen).padStart(12, '0'))
  put(87, '20260902111014')
  put(112, missing.reference!)
  put(166, `D${String(fee_fen).padStart(12, '0')}`)
  put(180, `C${String(amount_fen - fee_fen).padStart(12, '0')}`)
  put(374, `C${String(amount_fen - fee_fen).padStart(12, '0')}`)
  const corrected = await take(name, Buffer.concat([bytes, record]))
  const found = await run([
    ...files.filter(
      ({ mids, settledFrom, kind }) =>
        !(kind === 'unionpay' && settledFrom === '2026-09-02' && mids[0] === missing.mid),
    ),
    corrected,
  ])
  const left = found.breaks.map(told).filter((one) => one.mid === missing.mid)
  // The bank paid what UnionPay had said before: that is the one thing still open.
  expect(left).toEqual([{ kind: 'bank_amount_differs', mid: missing.mid, settledOn: '2026-09-02' }])
})
