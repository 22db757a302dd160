// The reference estate's four days, through the API and the command line: exactly the breaks that were put in, and a second
// time nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineAt } from '../src/cli/run.fixtures.ts'
import { startBare, type Bare } from './bare-program.ts'
import { startServer } from './world.ts'

const estate = join(process.env.TINGQI_SHARED ?? resolve(import.meta.dirname, '../../shared/data'), 'estate')
const folder = join(estate, 'reconciliation')
type Expected = { kind: string; mid: string; tid?: string; reference?: string; settledOn?: string }
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { breaks: Expected[]; feePpmByMid: Record<string, number> }
const names = readdirSync(folder).filter((name) => !name.endsWith('.json')).toSorted()
const kindOf = (name: string): string => (name.endsWith('.txt') ? 'unionpay' : name.split('.')[0]!)

/** As the reference says it: a bank's break by its day, any other by terminal and reference. */
const said = (b: Expected): string => (b.tid ? [b.kind, b.mid, b.tid, b.reference] : [b.kind, b.mid, b.settledOn]).join(' ')
const wanted = expected.breaks.map(said).toSorted()

let server: Awaited<ReturnType<typeof startServer>>
let bare: Bare
beforeAll(async () => {
  server = await startServer()
  bare = await startBare(server.url, { now: '2026-11-20T16:00:00+08:00' })
  expect(await bare.import('admin', 'fleet', readFileSync(join(estate, 'fleet.csv')))).toMatchObject({ state: 'done' })
  for (const [mid, ppm] of Object.entries(expected.feePpmByMid)) {
    const [of] = await bare.sql<{ provider: string }>('select provider from merchant_provider where mid = $1', [mid])
    const rates = (['credit', 'debit', 'qr'] as const).map((card) => ({ card, ppm }))
    const told = await bare.ask('PUT', `/api/v1/merchants/${mid}/contract`, `${of!.provider}.finance`, {
      body: { effectiveFrom: '2026-01-01', contract: { from: '2026-01-01', rates } },
    })
    expect(told.status, told.text).toBe(200)
  }
}, 240_000)
afterAll(async () => {
  await bare?.close()
  await server?.stop()
})

describe('through the API', () => {
  test('every file is taken, and exactly the breaks of the reference are found', async () => {
    for (const name of names) {
      const view = await bare.import('admin', kindOf(name), readFileSync(join(folder, name)), name)
      expect([name, view.state, view.errors], name).toEqual([name, 'done', []])
    }
    await bare.settled()
    const run = await bare.settle('admin')
    expect(run).toMatchObject({ state: 'done', result: { rows: { slips: 716, unionpay: 720, bank: 31 }, breaks: wanted.length, breaksLeftOut: 0 } })
    expect((await bare.breaks('admin', '&state=open')).map(said).toSorted()).toEqual(wanted)
  }, 240_000)

  test('the same again changes nothing', async () => {
    for (const name of names.slice(-3)) {
      const view = await bare.import('admin', kindOf(name), readFileSync(join(folder, name)), name)
      expect(view).toMatchObject({ state: 'done', rows: { changed: 0 } })
    }
    const before = await bare.sql('select id, version, state from settlement_break order by id')
    expect(await bare.settle('admin')).toMatchObject({ state: 'done', changed: 0, result: { found: 0, changed: 0, resolved: 0 } })
    expect(await bare.sql('select id, version, state from settlement_break order by id')).toEqual(before)
  }, 120_000)

  test('each party sees its own', async () => {
    const all = await bare.breaks('admin')
    for (const provider of ['yunhui', 'chengfutong', 'hairun'])
      expect((await bare.breaks(`${provider}.finance`)).length, provider).toBe(all.filter((b) => b.provider === provider).length)
  })
})

describe('through the command line', () => {
  test('a folder settled: the breaks as JSON, and no change', async () => {
    const tingqi = lineAt(bare.program.url, bare.home)
    const ran = await tingqi('settle', 'run', folder, '--json', '--key', bare.keyOf('admin'))
    expect([ran.code, ran.err]).toEqual([0, ''])
    const told = JSON.parse(ran.out) as { matched: number; breaks: Expected[]; changed: number }
    expect(told.changed).toBe(0)
    expect(told.breaks.map(said).toSorted()).toEqual(wanted)
    expect(told.matched).toBeGreaterThan(600)
  }, 240_000)
})
