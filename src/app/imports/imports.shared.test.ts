// The reference estate through the front door: 1,500 terminals, 25,515 transactions, and the clearance written down for
// them.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeWorld, startServer, type World } from '../../../test/world.ts'
import { faults, run } from './imports.fixtures.ts'
import { openImports, type Imports } from './imports.ts'

const estate = join(process.env.TINGQI_SHARED ?? resolve(import.meta.dirname, '../../../../shared/data'), 'estate')
const file = (name: string): Buffer => readFileSync(join(estate, name))
const expectedOf = <T>(name: string): T => JSON.parse(file(name).toString()) as T

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let imports: Imports
beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-20T16:00', terminals: [] })
  imports = openImports(world.app)
}, 120_000)
afterAll(async () => {
  await imports.close()
  await world.close()
  await server.stop()
})

test('the bad fleet is refused whole, each fault at its line', async () => {
  const view = await run(imports, 'fleet', file('fleet-bad.csv'))
  const expected = expectedOf<{ line: number; column: string; code: string }[]>('fleet-bad.expected.json')
  expect(faults(view)).toEqual(expected.map((e) => `${e.line} ${e.column} ${e.code}`))
  expect(view).toMatchObject({ state: 'refused', rows: { changed: 0 } })
  expect(await world.sql('select tid from terminal')).toEqual([])
})

test('the fleet, then its transactions: clearance is what the reference says', async () => {
  expect(await run(imports, 'fleet', file('fleet.csv'))).toMatchObject({
    state: 'done',
    rows: { total: 1500, accepted: 1500, rejected: 0, changed: 1500 },
  })
  expect(await run(imports, 'fleet', file('fleet.csv'))).toMatchObject({ state: 'done', rows: { changed: 0 } })
  const view = await run(imports, 'transactions', file('transactions.csv'))
  expect(view).toMatchObject({ state: 'done', errors: [], rows: { total: 25_515, rejected: 0 } })
  const expected = expectedOf<{ terminals: Record<string, { clear: boolean; items: Record<string, number> }> }>(
    'transactions.expected.json',
  ).terminals
  const rows = await world.sql<{ tid: string; clear: boolean; clearance: { kind: string; count: number }[] }>(
    'select tid, clear, clearance from terminal',
  )
  const found = Object.fromEntries(
    rows
      .filter((r) => r.tid in expected)
      .map((r) => [r.tid, { clear: r.clear, items: Object.fromEntries(r.clearance.map((i) => [i.kind, i.count])) }]),
  )
  expect(found).toEqual(expected)
  expect(Object.keys(found)).toHaveLength(120)
  expect(await run(imports, 'transactions', file('transactions.csv'))).toMatchObject({
    state: 'done',
    rows: { changed: 0 },
  })
}, 120_000)

test('the same fleet in Chinese and GB18030 says nothing new of what it shares', async () => {
  expect(await run(imports, 'fleet', file('fleet-zh-gb18030.csv'))).toMatchObject({ state: 'done', errors: [] })
})
