import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeWorld, people, startServer, type World } from '../../../test/world.ts'
import { admin, csv, run, start, terminal, text, yunhuiAdmin } from './imports.fixtures.ts'
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

const stopTelling = {
  view: () => ({ status: 202, body: '', headers: {} }),
  refusal: (r: { refused: string }) => ({ status: 409, body: r.refused, headers: {} }),
}

test('a dry run tells what would change and changes nothing', async () => {
  expect(await run(imports, 'fleet', csv(fleet(5)), { dryRun: true })).toMatchObject({
    state: 'done',
    rows: { accepted: 5, changed: 5 },
  })
  expect(await terminals()).toEqual([])
  expect(await world.sql('select mid from merchant')).toHaveLength(1)
})

test('rejected rows can be put right and sent again: their cells, what is wrong, no formula', async () => {
  const view = await run(
    imports,
    'fleet',
    csv([terminal(0, { storeName: '=1+1', mcc: '0000', tid: 'x' }), terminal(1)]),
  )
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

test('who may', async () => {
  const refusalOf = async (...given: Parameters<typeof start>) => (await start(...given)).refusal?.refused
  expect(await refusalOf(imports, 'fleet', csv(fleet(1)), { actor: people.agent })).toBe('role_missing')
  expect(await refusalOf(imports, 'calendar', Buffer.from('{}'), { actor: yunhuiAdmin })).toBe('role_missing')
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

test('an import is stopped while it waits and while it runs, and not when it is over', async () => {
  const running = await start(imports, 'fleet', csv(fleet(20_000)))
  const waiting = await start(imports, 'fleet', csv([terminal(1)]))
  expect((await imports.stop({ actor: yunhuiAdmin }, waiting.id, stopTelling)).body).toBe('not_found')
  expect((await imports.stop({ actor: admin }, waiting.id, stopTelling)).status).toBe(202)
  expect((await imports.stop({ actor: admin }, running.id, stopTelling)).status).toBe(202)
  await imports.idle()
  const asker = { actor: admin, language: 'en' } as const
  expect(await imports.get(asker, waiting.id)).toMatchObject({
    state: 'stopped',
    stopRequested: true,
    rows: { total: 0 },
  })
  expect(await imports.get(asker, running.id)).toMatchObject({ state: 'stopped', rows: { changed: 0 } })
  expect(await terminals()).toEqual([])
  expect(sealedFiles()).toEqual([])
  expect((await imports.stop({ actor: admin }, running.id, stopTelling)).body).toBe('import_not_stoppable')
})

test('the file is sealed while it waits; a program that died is taken up again', async () => {
  await imports.close()
  const { id } = await start(imports, 'fleet', csv(fleet(3)))
  const path = join(world.app.home, 'imports', id)
  expect(readFileSync(path).includes(terminal(0).mid!)).toBe(false)
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
  await world.sql(
    `insert into import_outbox (kind, tid, provider) select 'publish', tid, provider from terminal where tid like '5%'`,
  )
  await imports.resume()
  await imports.idle()
  expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({
    state: 'done',
    progress: 1,
    rows: { changed: 3 },
  })
  expect((await terminals()).every((t) => Number(t.gate_seq) > 0 && t.version === 1)).toBe(true)
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
  for (const { id } of [cut, gone])
    expect(await imports.get({ actor: admin, language: 'en' }, id)).toMatchObject({ state: 'failed' })
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
  expect(JSON.parse(rows[0]!.body)).toMatchObject({
    outcome: 'accepted',
    input: { kind: 'fleet', rows: { total: 2, accepted: 2 } },
    facts: [{ fact: 'imported', changed: 2 }],
  })
  expect(JSON.parse(rows[0]!.body).input.sha256).toMatch(/^[0-9a-f]{64}$/)
})
