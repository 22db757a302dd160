// A file in, or refused whole: whatever happens, the folder holds one Parquet file for a file that was taken and nothing
// for one that was not.
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { intake } from './intake.ts'
import { camt053, mid, slipsCsv, zmFile, zmName, zmRecord } from './settlement.fixtures.ts'

let home: string
let folder: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tingqi-intake-'))
  folder = mkdtempSync(join(home, 'kept-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('what is known of a file that was taken', async () => {
  const bytes = zmFile(
    zmRecord(),
    zmRecord({ txnTime: '0831230500', queryId: '202608312305000001818', orderId: '508821208898' }),
  )
  const taken = await intake({ source: bytes, name: zmName, folder })
  expect(taken).toEqual({
    kind: 'unionpay',
    layout: 'unionpay.zm-2017',
    parquet: join(folder, readdirSync(folder)[0]!),
    rows: 2,
    sha256: sha256(bytes),
    mids: [mid],
    settledFrom: '2026-09-01',
    settledTo: '2026-09-01',
    madeFrom: '2026-08-31',
    madeTo: '2026-09-01',
    ignored: 0,
    faults: [],
  })
  expect(
    readFileSync(join(folder, readdirSync(folder)[0]!))
      .subarray(0, 4)
      .toString(),
  ).toBe('PAR1')
})

test('by path, by bytes and by a function that opens them, progress told', async () => {
  const bytes = gzipSync(slipsCsv({}, { reference: '508821208898' }))
  const path = join(home, 'slips.gz')
  writeFileSync(path, bytes)
  const shares: number[] = []
  for (const source of [path, bytes, () => createReadStream(path, { highWaterMark: 7 })]) {
    const taken = await intake({ source, folder, progress: (share) => shares.push(share) })
    expect(taken).toMatchObject({ kind: 'slips', rows: 2, sha256: sha256(bytes), settledFrom: '2026-09-01' })
  }
  expect(readdirSync(folder)).toHaveLength(3)
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true)
})

test('a day without transactions', async () => {
  const taken = await intake({ source: Buffer.alloc(0), name: zmName, folder })
  expect(taken).toMatchObject({ kind: 'unionpay', rows: 0, mids: [mid], settledFrom: '2026-09-01', madeFrom: null })
})

const sparse = (bytes: number): string => {
  const path = join(home, 'large.txt')
  const file = openSync(path, 'w')
  ftruncateSync(file, bytes)
  closeSync(file)
  return path
}
test.each([
  [
    'a fault in its last row',
    () => slipsCsv(...Array(5_000).fill({}), { amountYuan: '?' }),
    ['5002 amountYuan amount_format'],
  ],
  ['a record cut short', () => Buffer.concat([zmFile(zmRecord()), zmRecord().subarray(0, 99)]), ['2 - record_length']],
  ['no row that concerns a settlement', () => camt053([{ text: 'RENT' }]), ['0 - file_empty']],
  ['nothing', () => '', ['0 - file_empty']],
  ['a header and nothing else', () => slipsCsv(), ['0 - file_empty']],
  ['a bomb', () => gzipSync(Buffer.alloc(50_000_000, 'a,b\n')), ['0 - archive_bomb']],
  ['more than 2 GiB', () => sparse(2 * 1024 ** 3 + 1), ['0 - file_too_large']],
])('refused with %s, and nothing stays', async (_what, make, faults) => {
  const made = make()
  const source = typeof made === 'string' && made.startsWith(home) ? made : Buffer.from(made)
  const refused = await intake({ source, folder })
  if (!Array.isArray(refused)) throw new Error('taken')
  expect(refused.map(({ line, column, code }) => `${line} ${column ?? '-'} ${code}`)).toEqual(faults)
  expect(refused.every(({ detail }) => detail[0] !== '' && detail[1] !== '')).toBe(true)
  expect(readdirSync(folder)).toEqual([])
})

test('a file full of faults says a thousand of them', async () => {
  const refused = await intake({ source: Buffer.from(slipsCsv(...Array(3_000).fill({ tid: '?' }))), folder })
  expect(refused).toHaveLength(1_000)
})

test('stopped, it throws the reason and leaves nothing; a source that fails says so', async () => {
  const endless = async function* () {
    yield Buffer.from(slipsCsv({}))
    const line = slipsCsv({}).split('\n')[1]!
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      yield Buffer.from(`${line}\n`.repeat(50))
    }
  }
  const stopper = new AbortController()
  const running = intake({ source: endless, folder, signal: stopper.signal })
  setTimeout(() => stopper.abort(new Error('enough')), 300)
  await expect(running).rejects.toThrow('enough')
  expect(readdirSync(folder)).toEqual([])
  const broken = async function* () {
    yield Buffer.from('tid,')
    throw new Error('the sealed file is cut short')
  }
  await expect(intake({ source: broken, folder })).rejects.toThrow('cut short')
  expect(readdirSync(folder)).toEqual([])
})
