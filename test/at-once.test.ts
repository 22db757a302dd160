// Many hands at once, on the real database: one effect for one key however often it is sent, one case for one terminal
// whoever is quicker, and nothing at all from a trial or a refusal but what the journal says of it.
import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commandCase, fileCase, type Filing, type Telling } from '../src/app/cases.ts'
import type { Reply } from '../src/app/execute.ts'
import { startApp } from '../src/app/start.ts'
import type { CaseCommand } from '../src/domain/application/decide.ts'
import type { Actor } from '../src/domain/authority.ts'
import * as acts from './acts.ts'
import { isTorture } from './model/random.ts'
import { at, makeWorld, people, person, startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
const tids = Array.from({ length: 24 }, (_, i) => String(10_000_001 + i))
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())
beforeEach(async () => { world = await makeWorld(server.url, { now: '2026-11-02T10:00', policy: { straightThrough: [], secondApproval: [] }, terminals: tids }) })
afterEach(() => world.close())

/** Replies as bytes, with everything in them that could differ between two. */
const bytes: Telling = {
  view: ({ dossier }) => ({ status: 201, body: JSON.stringify({ no: dossier.case?.case.no, state: dossier.case?.case.state, version: dossier.case?.version }), headers: { etag: `"${dossier.case?.version}"` } }),
  refusal: ({ refused, with: w }) => ({ status: 409, body: JSON.stringify({ refused, with: w }), headers: {} }),
}
const suspension = (tid: string, more: Partial<Filing> = {}): Filing => ({ kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: at('2026-11-20T15:00'), submit: true, ...more })
const keyed = (key: string, body: unknown, route = 'POST /applications') => ({ idempotency: { key, route, bodyHash: createHash('sha256').update(JSON.stringify(body)).digest() } })
const fileAs = (app: World['app'], actor: Actor, filing: Filing, key?: string): Promise<Reply> => fileCase(app, { actor, ...(key ? keyed(key, filing) : {}) }, filing, bytes)
const count = async (sql: string): Promise<number> => Number((await world.sql<{ n: number }>(`select count(*)::int as n from ${sql}`))[0]!.n)

const secondProgram = (): ReturnType<typeof startApp> =>
  startApp({ url: world.url, secret: 'x'.repeat(40), home: world.app.home, publicUrl: '', isDemo: true, log: world.app.log, manualClockFrom: world.clock.now(), connections_max: 4 })

describe('one key, one effect', () => {
  const rounds = isTorture ? 1_000 : 3
  test(`the same request fifty times at once, ${rounds} times over: one case, fifty identical replies`, async () => {
    for (let n = 1; n <= rounds; n++) {
      const replies = await Promise.all(Array.from({ length: 50 }, () => fileAs(world.app, people.owner, suspension('10000001'), `k${n}`)))
      expect(new Set(replies.map(({ status, body, headers }) => JSON.stringify([status, body, headers]))).size).toBe(1)
      expect(replies[0]!.status).toBe(201)
      expect(await count('application')).toBe(n)
      expect(await count(`journal where body like '%"command":"file"%'`)).toBe(n)
      await acts.command(world, people.owner, JSON.parse(replies[0]!.body).no, { command: 'withdraw' })
    }
  })

  test('the same, through two programs', async () => {
    const other = await secondProgram()
    try {
      const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => fileAs(i % 2 ? world.app : other, people.owner, suspension('10000001'), 'k1')))
      expect(new Set(replies.map(({ status, body, headers }) => JSON.stringify([status, body, headers]))).size).toBe(1)
      expect(await count('application')).toBe(1)
      expect(await count('idempotency')).toBe(1)
    } finally {
      await other.close()
    }
  })

  test('the same key with another body, or for another request, is refused and changes nothing', async () => {
    const first = await fileAs(world.app, people.owner, suspension('10000001'), 'k1')
    expect((await fileAs(world.app, people.owner, suspension('10000002'), 'k1')).body).toContain('idempotency_mismatch')
    const other = await fileCase(world.app, { actor: people.owner, ...keyed('k1', suspension('10000001'), 'POST /elsewhere') }, suspension('10000001'), bytes)
    expect(other.body).toContain('idempotency_mismatch')
    expect(await count('application')).toBe(1)
    expect(await fileAs(world.app, people.owner, suspension('10000001'), 'k1')).toEqual(first)
  })

  test('the key belongs to its party', async () => {
    await fileAs(world.app, people.owner, suspension('10000001'), 'k1')
    const agents = await fileAs(world.app, people.agent, suspension('10000002', { proof: 'recording 17' }), 'k1')
    expect(agents.status).toBe(201)
  })

  test('a refusal is kept under its key too, and stays what it was', async () => {
    await fileAs(world.app, people.owner, suspension('10000001'))
    const refused = await fileAs(world.app, people.owner, suspension('10000001'), 'k2')
    expect(refused.body).toContain('case_open_already')
    await acts.command(world, people.owner, (JSON.parse(refused.body) as { with: { no: string } }).with.no, { command: 'withdraw' })
    expect(await fileAs(world.app, people.owner, suspension('10000001'), 'k2')).toEqual(refused)
    expect((await fileAs(world.app, people.owner, suspension('10000001'), 'k3')).status).toBe(201)
  })

  test('a refusal that may pass later is not', async () => {
    const next = suspension('10000001', { effectiveFrom: at('2027-06-01T15:00') })
    expect((await fileAs(world.app, people.owner, next, 'k4')).body).toContain('calendar_unknown')
    expect(await count('idempotency')).toBe(0)
  })
})

describe('who is quicker', () => {
  test('twenty keys on one terminal at once: exactly one case, the others are told its number', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => fileAs(world.app, people.owner, suspension('10000001'), `k${i}`)))
    const won = replies.filter((r) => r.status === 201)
    expect(won).toHaveLength(1)
    const { no } = JSON.parse(won[0]!.body) as { no: string }
    for (const r of replies) if (r !== won[0]) expect(JSON.parse(r.body)).toEqual({ refused: 'case_open_already', with: { tid: '10000001', no } })
    expect(await count('application')).toBe(1)
  })

  test('more filings at once than there are connections: each gets its number, none waits for another', async () => {
    const began = performance.now()
    const replies = await Promise.all(tids.map((tid) => fileAs(world.app, people.owner, suspension(tid))))
    expect(replies.map((r) => r.status)).toEqual(tids.map(() => 201))
    expect(new Set(replies.map((r) => JSON.parse(r.body).no)).size).toBe(tids.length)
    // A connection waited for would be given up after seconds only.
    expect(performance.now() - began).toBeLessThan(4_000)
  })

  test('overlapping sets of terminals, taken in any order, do not lock one another out', async () => {
    const sets = Array.from({ length: 16 }, (_, i) => [tids[i % 5]!, tids[(i * 3 + 1) % 5]!, tids[(i * 2 + 2) % 5]!])
    const replies = await Promise.all(sets.map((terminals) => fileAs(world.app, people.owner, suspension('', { terminals: [...new Set(terminals)] }))))
    for (const r of replies) if (r.status !== 201) expect(r.body).toContain('case_open_already')
    expect(await count('(select tid from application_terminal where open group by tid, direction having count(*) > 1) x')).toBe(0)
  })

  const open = async (policyTid = '10000001'): Promise<string> => (JSON.parse((await fileAs(world.app, people.owner, suspension(policyTid))).body) as { no: string }).no
  const act = (actor: Actor, no: string, command: CaseCommand): Promise<Reply> => commandCase(world.app, { actor }, no, command, bytes)

  test('two reviewers approve at once: one approval, one hold', async () => {
    for (const tid of tids.slice(0, 8)) {
      const no = await open(tid)
      const replies = await Promise.all([act(people.reviewer, no, { command: 'approve' }), act(people.approver, no, { command: 'approve' })])
      expect(replies.map((r) => r.status).toSorted()).toEqual([201, 409])
      expect(await count(`hold where case_no = '${no}'`)).toBe(1)
    }
  })

  test('approve and withdraw at once: whoever comes first, case and hold agree', async () => {
    const seen = new Set<string>()
    for (const [i, tid] of tids.slice(0, 16).entries()) {
      const no = await open(tid)
      const both = [() => act(people.reviewer, no, { command: 'approve' }), () => act(people.owner, no, { command: 'withdraw' })]
      const [approve, withdraw] = i % 2 ? (await Promise.all(both.toReversed().map((go) => go()))).toReversed() : await Promise.all(both.map((go) => go()))
      seen.add(`${approve!.status} ${withdraw!.status}`)
      expect(withdraw!.status).toBe(201)
      const [row] = await world.sql<{ state: string; live: number }>(
        `select a.state, (select count(*)::int from hold h where h.case_no = a.no and h.withdrawn_at is null) as live from application a where no = $1`, [no])
      expect(row).toEqual({ state: 'withdrawn', live: 0 })
    }
    expect([...seen].every((s) => s === '201 201' || s === '409 201')).toBe(true)
  })

  test('lift and test at once: nothing opens before its owner has said so', async () => {
    for (const tid of tids.slice(0, 8)) {
      await acts.place(world, people.risk, tid, { reason: 'R09', words: 'told' })
      const [{ id }] = await world.sql<{ id: string }>('select id from hold where tid = $1', [tid]) as [{ id: string }]
      const [tested] = await Promise.all([acts.testOf(world, people.field, tid, acts.items()), acts.lift(world, people.risk, id)])
      const [row] = await world.sql<{ open: boolean }>('select lifted_at is not null as open from hold where id = $1', [id])
      expect(row!.open).toBe(tested.refusal === undefined)
    }
  })

  test('what a case waits for is not lost while somebody else holds its row', async () => {
    // It waits for its drain to end, which is the terminal's own affair.
    await acts.sell(world, '10000001', '000001', false)
    await acts.file(world, people.owner, suspension('10000001', { effectiveFrom: undefined }))
    const [{ no: down }] = await world.sql<{ no: string }>('select no from application') as [{ no: string }]
    await acts.command(world, people.reviewer, down, { command: 'approve' })
    await world.moveTo('2026-11-02T10:01')
    expect(await world.sql('select state from application where no = $1', [down])).toEqual([{ state: 'in_progress' }])
    const client = new pg.Client({ connectionString: world.url })
    await client.connect()
    try {
      // As a command that is about to be refused would hold it.
      await client.query('begin')
      await client.query('select from application where no = $1 for update', [down])
      await world.moveTo('2026-11-04T10:02')
      expect(await world.sql(`select service from terminal where tid = '10000001'`)).toEqual([{ service: 'suspended' }])
      await client.query('rollback')
    } finally {
      await client.end()
    }
    await expect.poll(async () => {
      await world.moveTo('2026-11-04T10:03')
      return world.sql('select state from application where no = $1', [down])
    }, { timeout: 10_000 }).toEqual([{ state: 'completed' }])
  })
})

describe('nothing but what is said', () => {
  const digests = async (but: readonly string[] = []): Promise<Record<string, string>> => {
    const tables = await world.sql<{ name: string }>(
      `select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and relkind = 'r'
       -- Gates renew their leases all the time.
       and relname <> 'gate' order by 1`)
    const all: Record<string, string> = {}
    for (const { name } of tables)
      if (!but.includes(name)) all[name] = (await world.sql<{ d: string }>(`select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as d from ${name} t`))[0]!.d
    return all
  }

  test('a trial changes nothing in any table, whatever it would do', async () => {
    const no = JSON.parse((await fileAs(world.app, people.owner, suspension('10000001'))).body).no as string
    await acts.place(world, people.risk, '10000003', { reason: 'R09', words: 'told' })
    const [{ id }] = await world.sql<{ id: string }>(`select id from hold where tid = '10000003'`) as [{ id: string }]
    const trial = { dryRun: true }
    const before = await digests()
    const tries: [string, () => Promise<acts.Heard>][] = [
      ['file', () => acts.file(world, people.owner, suspension('10000002'), trial)],
      ['file with a key', () => acts.file(world, people.owner, suspension('10000002'), { ...trial, ...keyed('k9', 1) })],
      ['approve', () => acts.command(world, people.reviewer, no, { command: 'approve' }, trial)],
      ['withdraw', () => acts.command(world, people.owner, no, { command: 'withdraw' }, trial)],
      ['place', () => acts.place(world, people.finance, '10000002', { reason: 'A03', words: 'told' }, trial)],
      ['lift', () => acts.lift(world, people.risk, id, trial)],
      ['refused: approve by the owner', () => acts.command(world, people.owner, no, { command: 'approve' }, trial)],
      ['refused: file again', () => acts.file(world, people.owner, suspension('10000001'), trial)],
    ]
    for (const [name, go] of tries) {
      const heard = await go()
      expect(heard.refusal !== undefined, name).toBe(name.startsWith('refused'))
      expect(await digests(), name).toEqual(before)
    }
    // And what it promised is what then happens.
    expect((await acts.command(world, people.reviewer, no, { command: 'approve' })).after?.dossier.case?.case.state).toBe('approved')
  })

  test('a refused command is in the journal and nowhere else', async () => {
    const no = JSON.parse((await fileAs(world.app, people.owner, suspension('10000001'))).body).no as string
    await acts.place(world, people.risk, '10000003', { reason: 'R09', words: 'told' })
    const [{ id }] = await world.sql<{ id: string }>(`select id from hold where tid = '10000003'`) as [{ id: string }]
    const stranger = person('stranger', 'merchant_owner', { kind: 'merchant', id: '102290058120999' })
    const refusals: [string, string, () => Promise<acts.Heard>][] = [
      ['approve', 'role_missing', () => acts.command(world, people.owner, no, { command: 'approve' })],
      ['claim', 'not_found', () => acts.command(world, people.reviewer, 'TQ-000000-00000-0', { command: 'claim' })],
      ['withdraw', 'not_found', () => acts.command(world, stranger, no, { command: 'withdraw' })],
      ['record-test', 'not_in_this_state', () => acts.command(world, people.field, no, { command: 'record-test', items: acts.items() })],
      ['file', 'terminal_unknown', () => acts.file(world, stranger, suspension('10000001'))],
      ['file', 'effect_in_past', () => acts.file(world, people.owner, suspension('10000002', { effectiveFrom: 0 }))],
      ['place-hold', 'hold_place_not_yours', () => acts.place(world, people.finance, '10000002', { reason: 'R09', words: 'told' })],
      ['lift-hold', 'hold_not_yours', () => acts.lift(world, people.finance, id)],
      ['record-test', 'held_by_another', () => acts.testOf(world, people.field, '10000003', acts.items())],
    ]
    const journalled = ['journal', 'journal_head', 'case_counter']
    for (const [command, code, go] of refusals) {
      const before = await digests(journalled)
      const rows = await count('journal')
      expect((await go()).refusal?.refused, command).toBe(code)
      expect(await digests(journalled), code).toEqual(before)
      expect(await count('journal')).toBe(rows + 1)
      const [last] = await world.sql<{ body: string }>('select body from journal order by seq desc limit 1')
      expect(JSON.parse(last!.body)).toMatchObject({ command, outcome: 'refused', code })
    }
  })
})
