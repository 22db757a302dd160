import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { makeWorld, mid, startServer, type World } from '../../../test/world.ts'
import { admin, csv, faults, run, start, terminal, uscc, yunhuiAdmin } from './imports.fixtures.ts'
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

type Row = { tid: string; serial: string; version: number; gate_seq: string; service: string; state: string }
const terminals = () =>
  world.sql<Row>(
    `select t.tid, t.serial, t.version, t.gate_seq, t.service, d.state from terminal t left join device d using (serial)
     where tid like '5%' order by tid`,
  )
const fleet = (count: number) => Array.from({ length: count }, (_, n) => terminal(n))
const sealedFiles = () => readdirSync(join(world.app.home, 'imports'))

test('a fleet is registered, reaches the gate, and said again changes nothing', async () => {
  const rows = [...fleet(6), terminal(6, { mid, merchantName: '老盛昌汤包', uscc: '91350100M000100Y43', mcc: '5812' })]
  const ask = () => world.ask('sale', terminal(6).tid!)
  expect(ask()).toMatchObject({ decision: 'decline', code: '97' })
  expect(await run(imports, 'fleet', csv(rows))).toMatchObject({
    state: 'done',
    progress: 1,
    rows: { total: 7, accepted: 7, rejected: 0, changed: 7 },
  })
  await world.moveTo('2026-11-20T16:01')
  expect(ask()).toMatchObject({ decision: 'approve' })
  const before = await terminals()
  expect(before).toHaveLength(7)
  expect(before.every((t) => t.service === 'active' && t.version === 1 && Number(t.gate_seq) > 0)).toBe(true)
  expect(await run(imports, 'fleet', csv(rows))).toMatchObject({ state: 'done', rows: { changed: 0 } })
  expect(await terminals()).toEqual(before)
  expect(sealedFiles()).toEqual([])
  expect(await world.sql(`select tablename from pg_tables where schemaname = 'staging'`)).toEqual([])
})

test('what a row corrects moves its version and its place in the feed, and nothing else moves', async () => {
  await run(imports, 'fleet', csv(fleet(6)))
  const before = await terminals()
  const view = await run(
    imports,
    'fleet',
    csv([
      terminal(0, { firmware: '2.0.0' }),
      terminal(1),
      terminal(2),
      terminal(3, { contactPhone: '13800000000' }),
      terminal(4, { contactPhone: '13800000000' }),
      terminal(5, { contactPhone: '13800000000' }),
    ]),
  )
  expect(view.rows.changed).toBe(4)
  const after = await terminals()
  expect(after.map((t) => t.version)).toEqual([2, 1, 1, 2, 2, 2])
  expect(after.map((t, i) => Number(t.gate_seq) > Number(before[i]!.gate_seq))).toEqual([
    true,
    false,
    false,
    true,
    true,
    true,
  ])
  const [merchant] = await world.sql<{ wrapped_key: Buffer; phone_sealed: Buffer }>(
    'select wrapped_key, phone_sealed from merchant where mid = $1',
    [terminal(3).mid],
  )
  const key = world.app.vault.openKey(merchant!.wrapped_key, terminal(3).mid!)!
  expect(key.open(merchant!.phone_sealed, `merchant.phone:${terminal(3).mid}`).toString()).toBe('13800000000')
  const [all] = await world.sql<{ all: string }>('select string_agg(m::text, chr(10)) as all from merchant m')
  expect(all!.all).not.toContain('马晓燕')
})

test('a store that moved moves all its terminals, also those the file does not name', async () => {
  await run(imports, 'fleet', csv(fleet(3)))
  expect((await run(imports, 'fleet', csv([terminal(0, { longitude: '107.5' })]))).rows.changed).toBe(1)
  expect((await terminals()).map((t) => t.version)).toEqual([2, 2, 2])
})

test('devices: a new serial is bound, two are exchanged, the one given up stays without terminal', async () => {
  await run(imports, 'fleet', csv(fleet(3)))
  const [a, b, c] = fleet(3).map((t) => t.serial!)
  const view = await run(
    imports,
    'fleet',
    csv([terminal(0, { serial: b! }), terminal(1, { serial: a! }), terminal(2, { serial: '0000020499999999' })]),
  )
  expect(view).toMatchObject({ state: 'done', rows: { changed: 3 } })
  expect((await terminals()).map((t) => [t.serial, t.state])).toEqual([
    [b, 'deployed'],
    [a, 'deployed'],
    ['0000020499999999', 'deployed'],
  ])
  expect(await world.sql('select state from device where serial = $1', [c])).toEqual([{ state: 'swapped_out' }])
})

test('what the registers refuse, row by row; nothing of the file is taken', async () => {
  await run(imports, 'fleet', csv(fleet(4)))
  await world.sql(`update terminal set closed_at = '2026-01-01', serial = null where tid = $1`, [terminal(3).tid])
  await world.sql(
    `insert into device (serial, provider, model, type, ownership, state) values ('0000020455555555', 'hairun', 'X', 'smart', 'lent', 'in_stock')`,
  )
  await world.sql(
    `insert into device (serial, provider, model, type, ownership, state) values ('0000020466666666', 'yunhui', 'X', 'smart', 'lent', 'stolen')`,
  )
  const before = await terminals()
  const view = await run(
    imports,
    'fleet',
    csv([
      terminal(10),
      terminal(11, { tid: terminal(0).tid! }),
      terminal(3),
      terminal(20, { mid: terminal(0).mid!, uscc: uscc(6) }),
      terminal(21, { serial: terminal(1).serial! }),
      terminal(22, { serial: '0000020455555555' }),
      terminal(23, { serial: '0000020466666666' }),
      terminal(24, { installedOn: '2026-11-21' }),
      terminal(26, { merchantName: '另一家' }),
    ]),
  )
  expect(view.state).toBe('refused')
  expect(faults(view)).toEqual([
    '3 tid tid_taken',
    '4 tid tid_taken',
    '5 uscc merchant_differs',
    '6 serial serial_already_bound',
    '7 serial serial_already_bound',
    '8 serial value_unknown',
    '9 installedOn date_invalid',
    '10 merchantName merchant_differs',
  ])
  expect(view.rows).toEqual({ total: 9, accepted: 1, rejected: 8, changed: 0 })
  expect(await terminals()).toEqual(before)
})

test('partly: the good rows are taken, and what leaned on a bad one falls with it', async () => {
  await run(imports, 'fleet', csv(fleet(2)))
  const [a, b] = fleet(2).map((t) => t.serial!)
  // The second terminal's serial would be free if the second row were good.
  const rows = [
    terminal(0, { serial: b! }),
    terminal(1, {
      serial: a!,
      mid: terminal(30).mid!,
      merchantName: '䶮记10',
      uscc: uscc(10),
      contactPhone: '17500000010',
    }),
    terminal(5),
  ]
  const view = await run(imports, 'fleet', csv(rows), { partial: true })
  expect(view).toMatchObject({ state: 'done', rows: { total: 3, accepted: 1, rejected: 2, changed: 1 } })
  expect(faults(view)).toEqual(['2 serial serial_already_bound', '3 tid tid_taken'])
  expect((await terminals()).map((t) => t.serial)).toEqual([a, b, terminal(5).serial])
  expect(await world.sql('select mid from merchant where mid = $1', [terminal(30).mid])).toEqual([])
})

test("a provider imports its own terminals only, and cannot rewrite a merchant that is another's too", async () => {
  const own = await run(imports, 'fleet', csv([terminal(0), terminal(1, { provider: '海润银行' })]), {
    actor: yunhuiAdmin,
  })
  expect(faults(own)).toEqual(['3 provider provider_not_yours'])
  await run(imports, 'fleet', csv([terminal(0), terminal(1, { provider: '海润银行' })]))
  const renamed = await run(imports, 'fleet', csv([terminal(0, { merchantName: '改名' })]), { actor: yunhuiAdmin })
  expect(faults(renamed)).toEqual(['2 merchantName merchant_differs'])
  const recalled = await run(imports, 'fleet', csv([terminal(0, { contactPhone: '13900000000' })]), {
    actor: yunhuiAdmin,
  })
  expect(recalled.rows.changed).toBe(0)
  expect(
    (
      await run(
        imports,
        'fleet',
        csv([terminal(0, { merchantName: '改名' }), terminal(1, { merchantName: '改名', provider: '海润银行' })]),
      )
    ).rows.changed,
  ).toBe(2)
})

test('what somebody changed between the check and the change is looked at again', async () => {
  await run(imports, 'fleet', csv(fleet(2)))
  const other = new pg.Client({ connectionString: world.url })
  await other.connect()
  try {
    await other.query(`begin; update terminal set version = version + 1 where tid = '${terminal(0).tid}'`)
    const { id } = await start(imports, 'fleet', csv([terminal(0, { firmware: '9.9.9' }), terminal(1)]))
    const waits = async () =>
      world.sql(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%from terminal t join touched%'`,
      )
    await vi.waitUntil(async () => (await waits()).length > 0, { timeout: 20_000 })
    await other.query('commit')
    await imports.idle()
    expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({
      state: 'done',
      rows: { changed: 1 },
    })
    expect((await terminals()).map((t) => t.version)).toEqual([3, 1])
  } finally {
    await other.end()
  }
})
