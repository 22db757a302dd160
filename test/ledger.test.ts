// The crash tests believe their ledger; here it is shown half-done work, one kind at a time, and must object to each.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from './crash/hands.ts'
import { halfDone, lost, notOnce, type Client } from './crash/ledger.ts'
import { twoParties } from './parties.ts'
import { startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let client: Client
beforeAll(async () => {
  server = await startServer()
  world = await twoParties(server.url)
  client = { query: async (text, params) => ({ rows: await world.sql(text, params as unknown[]) }) }
}, 120_000)
afterAll(async () => {
  await world.close()
  await server.stop()
})

const down = `(select no from application where kind = 'suspend' order by no limit 1)`
const up = `(select no from application where kind = 'reactivate' order by no limit 1)`
async function withBroken<T>(statements: readonly string[], look: () => Promise<T>): Promise<T> {
  await world.sql('begin')
  try {
    await world.sql('set local session_replication_role = replica')
    for (const statement of statements) await world.sql(statement)
    return await look()
  } finally {
    await world.sql('rollback')
  }
}

test('nothing is half done in an untouched database, and every stop began once', async () => {
  expect(await halfDone(client)).toEqual([])
  expect(await notOnce(client, world.clock.now())).toEqual([])
})

test.each<[string, string[]]>([
  ['a case without terminals', [`delete from application_terminal where no = ${down}`]],
  ['an approved stop without its hold', [`delete from hold where case_no = ${down}`]],
  ['a hold of a case that is not approved', [`update application set decided_at = null, decided_by = null where no = ${down}`]],
  ['a withdrawn case with a live hold', [`update application set state = 'withdrawn' where no = ${down}`]],
  ['a case whose versions are not its journal rows', [`update application set version = version + 1 where no = ${down}`]],
  ['a case whose versions are not its journal rows', [`delete from journal where seq = (select max(seq) from journal where case_no = ${down})`]],
  ['a case that ended and stands open, or the other way round', [`update application_terminal set open = true where no = ${down}`]],
  ['a completed stop without its one letter', [`delete from letter where case_no = ${down}`]],
  ['a completed stop without its one letter', [`insert into letter select (jsonb_populate_record(l, '{"no": "x", "code": "x"}')).* from letter l where case_no = ${down}`]],
  ['a completed reopening without its one letter', [`delete from letter where case_no = ${up}`]],
  ['a lifted hold without a passed test', ['delete from device_test']],
  ['a stored reply without its effect', [`insert into idempotency values ('p', 'k', 'r', '\\x00', 201, '{"headers":{},"body":"{\\"no\\":\\"TQ-X\\"}"}', now())`]],
  ['a journal row that was skipped', ['update journal_head set seq = seq + 1']],
  ['a journal row that was skipped', ['delete from journal where seq = 3']],
])('%s', async (what, statements) => {
  expect((await withBroken(statements, () => halfDone(client))).map((found) => found.split(':')[0])).toContain(what)
})

test.each<[string, string[]]>([
  ['a stop that never began', ['update hold set started_at = null', `delete from journal where body like '%hold_started%'`]],
  ['a stop that began twice', [
    `insert into journal (seq, body, previous, hash) select seq + 1000, body, previous, hash from journal where body like '%hold_started%' limit 1`]],
  ['a stop that began at another moment', [`update hold set effective_from = effective_from + interval '1 ms', started_at = effective_from + interval '1 ms'`]],
  ['a stop of which no journal row tells', [`delete from journal where body like '%hold_started%'`]],
])('%s', async (_, statements) => {
  expect((await withBroken(statements, () => notOnce(client, world.clock.now()))).length).toBeGreaterThan(0)
})

test('what was acknowledged and is not there, or stands less far', async () => {
  const [c] = await world.sql<{ no: string; version: number }>(`select no, version from application where no = ${down}`)
  await world.sql(`insert into idempotency values ('p', 'kept', 'r', '\\x00', 200, '', now())`)
  const said = (part: Partial<Answer>): Answer => ({ of: { key: 'kept', who: 'owner' }, no: c!.no, state: 'completed', version: c!.version, ...part })
  expect(await lost(client, [said({}), said({ state: 'submitted', version: 1 }), said({ no: undefined })])).toEqual([])
  expect(await lost(client, [said({ no: 'TQ-X' })])).toHaveLength(1)
  expect(await lost(client, [said({ version: c!.version + 1 })])).toHaveLength(1)
  expect(await lost(client, [said({ state: 'rejected' })])).toHaveLength(1)
  expect(await lost(client, [said({ of: { key: 'never kept', who: 'owner' } })])).toHaveLength(1)
})
