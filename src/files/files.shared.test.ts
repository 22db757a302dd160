import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import { checkFleetFile, type FleetColumn, type FleetRow, fleetColumns } from './fleet.ts'
import type { CheckedBatch } from './rows.ts'
import { checkTransactionFile } from './transactions.ts'

const shared = process.env.TINGQI_SHARED ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))
const estate = (name: string) => `${shared}/estate/${name}`
const known = { providers: new Set(['云汇支付', '诚付通', '海润银行']) }

const read = async <R, C extends string>(batches: AsyncIterable<CheckedBatch<R, C>>) => {
  const out = { rows: [] as R[], faults: [] as { line: number; column: string | null; code: string }[], repeated: 0 }
  for await (const batch of batches) {
    out.rows.push(...batch.rows.map(({ row }) => row))
    out.repeated += batch.repeated
    for (const { line, column, code } of [
      ...batch.faults,
      ...batch.warnings,
      ...batch.rejected.flatMap(({ faults }) => faults),
    ])
      out.faults.push({ line, column, code })
  }
  return out
}

test('the fleet file: 1,500 rows, no fault', async () => {
  const { rows, faults } = await read(checkFleetFile(estate('fleet.csv'), known))
  expect(faults).toEqual([])
  expect(rows).toHaveLength(1_500)
  expect(new Set(rows.map(({ tid }) => tid)).size).toBe(1_500)
})

test('the fleet file in Chinese and GB18030: 60 rows of the same shape', async () => {
  const { rows, faults } = await read(checkFleetFile(estate('fleet-zh-gb18030.csv'), known))
  const [english] = (await read(checkFleetFile(estate('fleet.csv'), known))).rows
  const shape = (row: FleetRow | undefined) =>
    Object.entries(row ?? {}).map(([name, value]) => `${name} ${typeof value}`)
  expect(faults).toEqual([])
  expect(rows).toHaveLength(60)
  for (const row of rows) expect(shape(row)).toEqual(shape(english))
  expect(rows[0]).toMatchObject({
    merchantName: '百色市田东县䶮记珠宝行',
    tid: '05418911',
    depositFen: 0,
    ownership: 'owned',
  })
})

test('the bad fleet file: exactly the faults expected, each at its line and column', async () => {
  const expected = JSON.parse(readFileSync(estate('fleet-bad.expected.json'), 'utf8')) as unknown[]
  const { rows, faults } = await read(checkFleetFile(estate('fleet-bad.csv'), known))
  expect(faults).toEqual(expected)
  expect(rows).toHaveLength(26)
})

test('the transaction file: 25,515 rows, no fault, none said twice', async () => {
  const { rows, faults, repeated } = await read(checkTransactionFile(estate('transactions.csv')))
  expect(faults).toEqual([])
  expect(rows).toHaveLength(25_515)
  expect(repeated).toBe(0)
  expect(rows[0]).toMatchObject({ tid: '66585402', amountFen: 79_607, at: Date.parse('2026-10-21T19:11:51+08:00') })
})

test('the fleet file as XLSX, and in Chinese with days and amounts as such, reads the same', async () => {
  const lines = readFileSync(estate('fleet.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  const { rows } = await read(checkFleetFile(estate('fleet.csv'), known))
  const asText = await writeXlsxFile(lines.map((line) => line.map((value) => ({ value })))).toBuffer()
  expect(await read(checkFleetFile(asText, known))).toEqual({ rows, faults: [], repeated: 0 })

  const names = lines[0] as FleetColumn[]
  const typed = lines.slice(1).map((line) =>
    line.map((value, place) => {
      if (names[place] === 'depositYuan') return { value: Number(value), type: Number }
      if (names[place] !== 'installedOn') return { value }
      return { value: new Date(`${value}T00:00:00Z`), type: Date, format: 'yyyy/m/d' }
    }),
  )
  const chinese = names.map((name) => ({ value: fleetColumns[name].zh }))
  expect(await read(checkFleetFile(await writeXlsxFile([chinese, ...typed]).toBuffer(), known))).toEqual({
    rows,
    faults: [],
    repeated: 0,
  })
})
