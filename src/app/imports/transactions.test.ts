import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ear, makeWorld, mid, people, startServer, type World } from '../../../test/world.ts'
import { placeHoldOn } from '../terminals.ts'
import { clearByTime } from './clearance.ts'
import { csv, faults, run, sale, yunhuiAdmin } from './imports.fixtures.ts'
import { openImports, type Imports } from './imports.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let imports: Imports
beforeAll(async () => {
  server = await startServer()
}, 120_000)
afterAll(() => server.stop())
beforeEach(async () => {
  world = await makeWorld(server.url, { now: '2026-11-20T16:00' })
  imports = openImports(world.app)
}, 60_000)
afterEach(async () => {
  await imports.close()
  await world.close()
})

const tid = '10000001'
const at10 = (n: number, changed: Record<string, string> = {}) =>
  sale({
    tid,
    mid,
    trace: String(n).padStart(6, '0'),
    reference: String(n).padStart(12, '0'),
    at: '2026-11-20 10:00:00',
    settledOn: '',
    ...changed,
  })
const clearanceOf = async () =>
  (
    await world.sql<{
      clear: boolean
      clearance: { kind: string; count: number; amountFen: number }[]
      version: number
      last_transaction_at: Date
    }>('select clear, clearance, version, last_transaction_at from terminal where tid = $1', [tid])
  )[0]!

test('transactions move on and never contradict themselves; clearance follows', async () => {
  expect((await run(imports, 'transactions', csv([at10(1), at10(2, { status: 'pending' })]))).rows.changed).toBe(2)
  expect(await clearanceOf()).toMatchObject({
    clear: false,
    version: 2,
    clearance: [{ kind: 'unsettled', count: 2, amountFen: 109_804 }],
  })
  expect((await clearanceOf()).last_transaction_at.toISOString()).toBe('2026-11-20T02:00:00.000Z')
  expect((await run(imports, 'transactions', csv([at10(1), at10(2, { status: 'pending' })]))).rows.changed).toBe(0)
  expect((await clearanceOf()).version).toBe(2)
  expect(
    (await run(imports, 'transactions', csv([at10(1, { settledOn: '2026-11-20' }), at10(2, { status: 'declined' })])))
      .rows.changed,
  ).toBe(2)
  expect(await clearanceOf()).toMatchObject({ clear: true, clearance: [], version: 3 })
  const view = await run(
    imports,
    'transactions',
    csv([
      at10(1, { amountYuan: '1.00', settledOn: '2026-11-20' }),
      at10(2, { status: 'approved' }),
      at10(3, { tid: '99999999' }),
      at10(4, { mid: '102290058120009' }),
    ]),
  )
  expect(faults(view)).toEqual([
    '2 amountYuan transaction_differs',
    '3 status transaction_differs',
    '4 tid tid_unknown',
    '5 mid merchant_differs',
  ])
  expect(faults(await run(imports, 'transactions', csv([at10(1)])))).toEqual(['2 settledOn transaction_differs'])
  const others = await run(imports, 'transactions', csv([at10(7)]), {
    actor: { ...yunhuiAdmin, party: { kind: 'provider', id: 'hairun' } },
  })
  expect(faults(others)).toEqual(['2 tid tid_unknown'])
  expect((await clearanceOf()).version).toBe(3)
})

test('what settles tomorrow is open today and clears by itself', async () => {
  await run(imports, 'transactions', csv([at10(1, { settledOn: '2026-11-21' })]))
  expect((await clearanceOf()).clear).toBe(false)
  expect(await clearByTime(world.app)).toBe(0)
  world.clock.set(Date.parse('2026-11-21T00:00:00+08:00'))
  expect(await clearByTime(world.app)).toBe(1)
  expect(await clearanceOf()).toMatchObject({ clear: true, version: 3 })
  expect(await clearByTime(world.app)).toBe(0)
})

test('a terminal that drains is shut as soon as its last transaction settles', async () => {
  await run(imports, 'transactions', csv([at10(1)]))
  const { telling, heard } = ear()
  await placeHoldOn(world.app, { actor: people.finance }, tid, { reason: 'A03', words: '账户异常' }, telling)
  expect(heard.refusal).toBeUndefined()
  await world.moveTo('2026-11-20T16:05')
  expect(await world.sql('select service from terminal where tid = $1', [tid])).toEqual([{ service: 'draining' }])
  await run(imports, 'transactions', csv([at10(1, { settledOn: '2026-11-20' })]))
  await world.moveTo('2026-11-20T16:06')
  expect(await world.sql('select service from terminal where tid = $1', [tid])).toEqual([{ service: 'suspended' }])
})

test("a year's notice is known as soon as it is imported", async () => {
  const off = ['2027-01-01', '2027-02-06', '2027-05-01', '2027-10-01']
  const bytes = Buffer.from(JSON.stringify({ year: 2027, off, work: ['2027-02-13'] }))
  expect(world.app.calendar().years).not.toContain(2027)
  expect(await run(imports, 'calendar', bytes)).toMatchObject({ state: 'done', rows: { total: 5, changed: 5 } })
  expect(world.app.calendar().years).toContain(2027)
  expect(await run(imports, 'calendar', bytes)).toMatchObject({ state: 'done', rows: { changed: 0 } })
  for (const [bad, code] of [
    ['{', 'calendar_invalid'],
    ['{"year":2027,"off":[],"work":[]}', 'calendar_invalid'],
    ['\xff', 'encoding_invalid'],
  ] as const) {
    const view = await run(imports, 'calendar', Buffer.from(bad, 'latin1'))
    expect([view.state, faults(view)]).toEqual(['refused', [`0  ${code}`]])
  }
})
