import { readdirSync, readFileSync, truncateSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ear, makeWorld, mid, people, startServer, type World } from '../../../test/world.ts'
import { placeHoldOn } from '../terminals.ts'
import { clearByTime } from './clearance.ts'
import { admin, csv, faults, run, sale, start, terminal, text, uscc, yunhuiAdmin } from './imports.fixtures.ts'
import { openImports, type Imports } from './imports.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let imports: Imports
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())
beforeEach(async () => {
  world = await makeWorld(server.url, { now: '2026-11-20T16:00' })
  imports = openImports(world.app)
}, 60_000)
afterEach(async () => {
  await imports.close()
  await world.close()
})

type Row = { tid: string; serial: string; version: number; gate_seq: string; service: string; state: string; clear: boolean }
const terminals = () => world.sql<Row>(`select t.tid, t.serial, t.version, t.gate_seq, t.service, d.state, t.clear from terminal t left join device d using (serial)
  where tid like '5%' order by tid`)
const fleet = (count: number) => Array.from({ length: count }, (_, n) => terminal(n))
const sealedFiles = () => readdirSync(join(world.app.home, 'imports'))

test('a fleet is registered, reaches the gate, and said again changes nothing', async () => {
  const rows = [...fleet(6), terminal(6, { mid, merchantName: '老盛昌汤包', uscc: '91350100M000100Y43', mcc: '5812' })]
  const ask = () => world.ask('sale', terminal(6)['tid']!)
  expect(ask()).toMatchObject({ decision: 'decline', code: '97' })
  expect(await run(imports, 'fleet', csv(rows))).toMatchObject({ state: 'done', progress: 1, rows: { total: 7, accepted: 7, rejected: 0, changed: 7 } })
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
  const view = await run(imports, 'fleet', csv([
    terminal(0, { firmware: '2.0.0' }), terminal(1), terminal(2), terminal(3, { contactPhone: '13800000000' }), terminal(4, { contactPhone: '13800000000' }),
    terminal(5, { contactPhone: '13800000000' }),
  ]))
  expect(view.rows.changed).toBe(4)
  const after = await terminals()
  expect(after.map((t) => t.version)).toEqual([2, 1, 1, 2, 2, 2])
  expect(after.map((t, i) => Number(t.gate_seq) > Number(before[i]!.gate_seq))).toEqual([true, false, false, true, true, true])
  const [merchant] = await world.sql<{ wrapped_key: Buffer; phone_sealed: Buffer }>('select wrapped_key, phone_sealed from merchant where mid = $1', [terminal(3)['mid']])
  const key = world.app.vault.openKey(merchant!.wrapped_key, terminal(3)['mid']!)!
  expect(key.open(merchant!.phone_sealed, `merchant.phone:${terminal(3)['mid']}`).toString()).toBe('13800000000')
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
  const [a, b, c] = fleet(3).map((t) => t['serial']!)
  const view = await run(imports, 'fleet', csv([terminal(0, { serial: b! }), terminal(1, { serial: a! }), terminal(2, { serial: '0000020499999999' })]))
  expect(view).toMatchObject({ state: 'done', rows: { changed: 3 } })
  expect((await terminals()).map((t) => [t.serial, t.state])).toEqual([[b, 'deployed'], [a, 'deployed'], ['0000020499999999', 'deployed']])
  expect(await world.sql('select state from device where serial = $1', [c])).toEqual([{ state: 'swapped_out' }])
})

test('what the registers refuse, row by row; nothing of the file is taken', async () => {
  await run(imports, 'fleet', csv(fleet(4)))
  await world.sql(`update terminal set closed_at = '2026-01-01' where tid = $1`, [terminal(3)['tid']])
  await world.sql(`insert into device (serial, provider, model, type, ownership, state) values ('0000020455555555', 'hairun', 'X', 'smart', 'lent', 'in_stock')`)
  await world.sql(`insert into device (serial, provider, model, type, ownership, state) values ('0000020466666666', 'yunhui', 'X', 'smart', 'lent', 'stolen')`)
  const before = await terminals()
  const view = await run(imports, 'fleet', csv([
    terminal(10),
    terminal(11, { tid: terminal(0)['tid']! }),
    terminal(3),
    terminal(20, { mid: terminal(0)['mid']!, uscc: uscc(6) }),
    terminal(21, { serial: terminal(1)['serial']! }),
    terminal(22, { serial: '0000020455555555' }),
    terminal(23, { serial: '0000020466666666' }),
    terminal(24, { installedOn: '2026-11-21' }),
    terminal(26, { merchantName: '另一家' }),
  ]))
  expect(view.state).toBe('refused')
  expect(faults(view)).toEqual([
    '3 tid tid_taken', '4 tid tid_taken', '5 uscc merchant_differs', '6 serial serial_already_bound',
    '7 serial serial_already_bound', '8 serial value_unknown', '9 installedOn date_invalid', '10 merchantName merchant_differs',
  ])
  expect(view.rows).toEqual({ total: 9, accepted: 1, rejected: 8, changed: 0 })
  expect(await terminals()).toEqual(before)
})

test('partly: the good rows are taken, and what leaned on a bad one falls with it', async () => {
  await run(imports, 'fleet', csv(fleet(2)))
  const [a, b] = fleet(2).map((t) => t['serial']!)
  // The second terminal's serial would be free if the second row were good.
  const rows = [terminal(0, { serial: b! }), terminal(1, { serial: a!, mid: terminal(30)['mid']!, merchantName: '䶮记10', uscc: uscc(10), contactPhone: '17500000010' }), terminal(5)]
  const view = await run(imports, 'fleet', csv(rows), { partial: true })
  expect(view).toMatchObject({ state: 'done', rows: { total: 3, accepted: 1, rejected: 2, changed: 1 } })
  expect(faults(view)).toEqual(['2 serial serial_already_bound', '3 tid tid_taken'])
  expect((await terminals()).map((t) => t.serial)).toEqual([a, b, terminal(5)['serial']])
  expect(await world.sql('select mid from merchant where mid = $1', [terminal(30)['mid']])).toEqual([])
})

test('a provider imports its own terminals only, and cannot rewrite a merchant that is another\'s too', async () => {
  const own = await run(imports, 'fleet', csv([terminal(0), terminal(1, { provider: '海润银行' })]), { actor: yunhuiAdmin })
  expect(faults(own)).toEqual(['3 provider provider_not_yours'])
  await run(imports, 'fleet', csv([terminal(0), terminal(1, { provider: '海润银行' })]))
  const renamed = await run(imports, 'fleet', csv([terminal(0, { merchantName: '改名' })]), { actor: yunhuiAdmin })
  expect(faults(renamed)).toEqual(['2 merchantName merchant_differs'])
  const recalled = await run(imports, 'fleet', csv([terminal(0, { contactPhone: '13900000000' })]), { actor: yunhuiAdmin })
  expect(recalled.rows.changed).toBe(0)
  expect((await run(imports, 'fleet', csv([terminal(0, { merchantName: '改名' }), terminal(1, { merchantName: '改名', provider: '海润银行' })]))).rows.changed).toBe(2)
})

test('a dry run tells what would change and changes nothing', async () => {
  expect(await run(imports, 'fleet', csv(fleet(5)), { dryRun: true })).toMatchObject({ state: 'done', rows: { accepted: 5, changed: 5 } })
  expect(await terminals()).toEqual([])
  expect(await world.sql('select mid from merchant')).toHaveLength(1)
})

test('rejected rows can be put right and sent again: their cells, what is wrong, no formula', async () => {
  const view = await run(imports, 'fleet', csv([terminal(0, { storeName: '=1+1', mcc: '0000', tid: 'x' }), terminal(1)]))
  const found = await text(await imports.rejected({ actor: admin, language: 'en' }, view.id))
  const [header, row, rest] = found.slice(1).split('\r\n')
  expect(header).toMatch(/^mid,merchantName,.*,firmware,line,column,code,words$/)
  expect(row).toContain(`'=1+1`)
  expect(row).toContain(',2,mcc; tid,mcc_unknown; tid_format,')
  expect(rest).toBe('')
  expect(await imports.rejected({ actor: yunhuiAdmin, language: 'en' }, view.id)).toBeUndefined()
  expect(await imports.get({ actor: yunhuiAdmin, language: 'en' }, view.id)).toBeUndefined()
  expect(await imports.get({ actor: admin, language: 'en' }, randomUUID())).toBeUndefined()
  expect(await imports.get({ actor: admin, language: 'en' }, 'x')).toBeUndefined()
})

test('many rejected rows come in order, under one header', async () => {
  const view = await run(imports, 'fleet', csv(Array.from({ length: 1_200 }, (_, n) => terminal(n, { mcc: '0000' }))))
  const lines = (await text(await imports.rejected({ actor: admin, language: 'zh' }, view.id))).slice(1).split('\r\n')
  expect(lines).toHaveLength(1_202)
  expect(lines.filter((line) => line.startsWith('mid,'))).toHaveLength(1)
  expect(lines[1_200]).toContain(',1201,mcc,mcc_unknown,')
  expect(view.errors).toHaveLength(1_000)
})

test('who may, and what is not offered', async () => {
  const refusalOf = async (...given: Parameters<typeof start>) => (await start(...given)).refusal?.refused
  expect(await refusalOf(imports, 'fleet', csv(fleet(1)), { actor: people.agent })).toBe('role_missing')
  expect(await refusalOf(imports, 'calendar', Buffer.from('{}'), { actor: yunhuiAdmin })).toBe('role_missing')
  for (const kind of ['slips', 'unionpay', 'bank'] as const) expect(await refusalOf(imports, kind, csv(fleet(1)))).toBe('kind_not_offered')
  expect(await world.sql('select id from import')).toEqual([])
})

test('lists go newest first, page by page, each party its own', async () => {
  for (let n = 0; n < 3; n++) await run(imports, 'fleet', csv([terminal(n)]))
  await run(imports, 'fleet', csv([terminal(9)]), { actor: yunhuiAdmin })
  const asker = { actor: admin, language: 'en' } as const
  const first = await imports.list(asker, { limit: 3 })
  const second = await imports.list(asker, { limit: 3, cursor: first.next! })
  expect([first.items.length, first.total, second.items.length, second.next]).toEqual([3, 4, 1, null])
  expect(new Set([...first.items, ...second.items].map((i) => i.id)).size).toBe(4)
  expect((await imports.list({ ...asker, actor: yunhuiAdmin }, { limit: 10 })).items).toHaveLength(1)
})

const stopTelling = { view: () => ({ status: 202, body: '', headers: {} }), refusal: (r: { refused: string }) => ({ status: 409, body: r.refused, headers: {} }) }

test('an import is stopped while it waits and while it runs, and not when it is over', async () => {
  const running = await start(imports, 'fleet', csv(fleet(20_000)))
  const waiting = await start(imports, 'fleet', csv([terminal(1)]))
  expect((await imports.stop({ actor: yunhuiAdmin }, waiting.id, stopTelling)).body).toBe('not_found')
  expect((await imports.stop({ actor: admin }, waiting.id, stopTelling)).status).toBe(202)
  expect((await imports.stop({ actor: admin }, running.id, stopTelling)).status).toBe(202)
  await imports.idle()
  const asker = { actor: admin, language: 'en' } as const
  expect(await imports.get(asker, waiting.id)).toMatchObject({ state: 'stopped', stopRequested: true, rows: { total: 0 } })
  expect(await imports.get(asker, running.id)).toMatchObject({ state: 'stopped', rows: { changed: 0 } })
  expect(await terminals()).toEqual([])
  expect(sealedFiles()).toEqual([])
  expect((await imports.stop({ actor: admin }, running.id, stopTelling)).body).toBe('import_not_stoppable')
})

test('the file is sealed while it waits; a program that died is taken up again', async () => {
  await imports.close()
  const { id } = await start(imports, 'fleet', csv(fleet(3)))
  const path = join(world.app.home, 'imports', id)
  expect(readFileSync(path).includes(terminal(0)['mid']!)).toBe(false)
  imports = openImports(world.app)
  await imports.resume()
  await imports.idle()
  expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({ state: 'done', rows: { changed: 3 } })
  expect(sealedFiles()).toEqual([])
})

test('a program that died after the change was committed only tells the gates', async () => {
  const { id } = await run(imports, 'fleet', csv(fleet(3)))
  await world.sql(`update import set state = 'applying', ended_at = null, progress = 0.8 where id = $1`, [id])
  await world.sql(`update terminal set gate_seq = 0 where tid like '5%'`)
  await world.sql(`insert into import_outbox (kind, tid, provider) select 'publish', tid, provider from terminal where tid like '5%'`)
  await imports.resume()
  await imports.idle()
  expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({ state: 'done', progress: 1, rows: { changed: 3 } })
  expect((await terminals()).every((t) => Number(t.gate_seq) > 0 && t.version === 1)).toBe(true)
})

test('what somebody changed between the check and the change is looked at again', async () => {
  await run(imports, 'fleet', csv(fleet(2)))
  const other = new pg.Client({ connectionString: world.url })
  await other.connect()
  try {
    await other.query(`begin; update terminal set version = version + 1 where tid = '${terminal(0)['tid']}'`)
    const { id } = await start(imports, 'fleet', csv([terminal(0, { firmware: '9.9.9' }), terminal(1)]))
    const waits = async () => world.sql(`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%from terminal t join touched%'`)
    await vi.waitUntil(async () => (await waits()).length > 0, { timeout: 20_000 })
    await other.query('commit')
    await imports.idle()
    expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({ state: 'done', rows: { changed: 1 } })
    expect((await terminals()).map((t) => t.version)).toEqual([3, 1])
  } finally {
    await other.end()
  }
})

test('a file cut short or gone fails the import and changes nothing', async () => {
  await imports.close()
  const cut = await start(imports, 'fleet', csv(fleet(3)))
  const path = join(world.app.home, 'imports', cut.id)
  truncateSync(path, statSync(path).size - 5)
  const gone = await start(imports, 'fleet', csv(fleet(3)))
  await world.sql(`update import set state = 'reading' where id = $1`, [gone.id])
  truncateSync(join(world.app.home, 'imports', gone.id), 0)
  const { log } = world.app
  const app = { ...world.app, log: { ...log, error() {} } }
  imports = openImports(app)
  await imports.resume()
  await imports.idle()
  for (const { id } of [cut, gone]) expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({ state: 'failed' })
  expect(await terminals()).toEqual([])
})

test('the same request twice is one import, and the journal knows it by its digest', async () => {
  const idempotency = { key: 'k1', route: 'POST /imports', bodyHash: Buffer.alloc(32, 7) }
  const one = await start(imports, 'fleet', csv(fleet(2)), { idempotency })
  const two = await start(imports, 'fleet', csv(fleet(2)), { idempotency })
  expect(two.reply).toEqual(one.reply)
  await imports.idle()
  expect(await world.sql('select id from import')).toHaveLength(1)
  expect(sealedFiles()).toEqual([])
  const rows = await world.sql<{ body: string }>(`select body from journal where body like '%"command":"import"%'`)
  expect(rows).toHaveLength(1)
  expect(JSON.parse(rows[0]!.body)).toMatchObject({ outcome: 'accepted', input: { kind: 'fleet', rows: { total: 2, accepted: 2 } }, facts: [{ fact: 'imported', changed: 2 }] })
  expect(JSON.parse(rows[0]!.body).input.sha256).toMatch(/^[0-9a-f]{64}$/)
})

// ── Transactions ────────────────────────────────────────────────────────────────────────────────────────────────────
const tid = '10000001'
const at10 = (n: number, changed: Record<string, string> = {}) =>
  sale({ tid, mid, trace: String(n).padStart(6, '0'), reference: String(n).padStart(12, '0'), at: '2026-11-20 10:00:00', settledOn: '', ...changed })
const clearanceOf = async () => (await world.sql<{ clear: boolean; clearance: { kind: string; count: number; amountFen: number }[]; version: number; last_transaction_at: Date }>(
  'select clear, clearance, version, last_transaction_at from terminal where tid = $1', [tid]))[0]!

test('transactions move on and never contradict themselves; clearance follows', async () => {
  expect((await run(imports, 'transactions', csv([at10(1), at10(2, { status: 'pending' })]))).rows.changed).toBe(2)
  expect(await clearanceOf()).toMatchObject({ clear: false, version: 2, clearance: [{ kind: 'unsettled', count: 2, amountFen: 109_804 }] })
  expect((await clearanceOf()).last_transaction_at.toISOString()).toBe('2026-11-20T02:00:00.000Z')
  expect((await run(imports, 'transactions', csv([at10(1), at10(2, { status: 'pending' })]))).rows.changed).toBe(0)
  expect((await clearanceOf()).version).toBe(2)
  expect((await run(imports, 'transactions', csv([at10(1, { settledOn: '2026-11-20' }), at10(2, { status: 'declined' })]))).rows.changed).toBe(2)
  expect(await clearanceOf()).toMatchObject({ clear: true, clearance: [], version: 3 })
  const view = await run(imports, 'transactions', csv([
    at10(1, { amountYuan: '1.00', settledOn: '2026-11-20' }), at10(2, { status: 'approved' }), at10(3, { tid: '99999999' }), at10(4, { mid: '102290058120009' }),
  ]))
  expect(faults(view)).toEqual(['2 amountYuan transaction_differs', '3 status transaction_differs', '4 tid tid_unknown', '5 mid merchant_differs'])
  expect(faults(await run(imports, 'transactions', csv([at10(1)])))).toEqual(['2 settledOn transaction_differs'])
  const others = await run(imports, 'transactions', csv([at10(7)]), { actor: { ...yunhuiAdmin, party: { kind: 'provider', id: 'hairun' } } })
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

// ── Calendar ────────────────────────────────────────────────────────────────────────────────────────────────────────
test('a year\'s notice is known as soon as it is imported', async () => {
  const off = ['2027-01-01', '2027-02-06', '2027-05-01', '2027-10-01']
  const bytes = Buffer.from(JSON.stringify({ year: 2027, off, work: ['2027-02-13'] }))
  expect(world.app.calendar().years).not.toContain(2027)
  expect(await run(imports, 'calendar', bytes)).toMatchObject({ state: 'done', rows: { total: 5, changed: 5 } })
  expect(world.app.calendar().years).toContain(2027)
  expect(await run(imports, 'calendar', bytes)).toMatchObject({ state: 'done', rows: { changed: 0 } })
  for (const [bad, code] of [['{', 'calendar_invalid'], ['{"year":2027,"off":[],"work":[]}', 'calendar_invalid'], ['\xff', 'encoding_invalid']] as const) {
    const view = await run(imports, 'calendar', Buffer.from(bad, 'latin1'))
    expect([view.state, faults(view)]).toEqual(['refused', [`0  ${code}`]])
  }
})
