// The primary side of the gates, over a real database: gates are played by rows of the register, renewed by hand, so that
// each can be late, silent, fenced or gone at will. What is seen is when a stop may be called effective, who is told of a gate
// that is behind, and what becomes of that which gates saw.
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startDue, type Due } from '../src/app/due.ts'
import { fenceGate, readmitGate } from '../src/app/gate-operations.ts'
import { watchGates, type Gates } from '../src/app/gates.ts'
import { observed } from '../src/app/observed.ts'
import { startApp } from '../src/app/start.ts'
import type { Role } from '../src/domain/vocabulary.ts'
import { buildHttp } from '../src/http/serve.ts'
import { readerOf } from '../src/http/reader.ts'
import type { Services } from '../src/http/services.ts'
import { createAccount, createKey, createPerson } from '../src/store/people.ts'
import { mergeTransactions, transactionClashes } from '../src/store/transactions.ts'
import * as acts from './acts.ts'
import { at, fillEstate, freshDatabase, makeWorld, mid, people, person, startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

const operations = person('operations', 'operations', { kind: 'provider', id: 'yunhui' })
const quiet = { info() {}, warn() {}, error() {} }
type Sql = <T extends object>(text: string, params?: unknown[]) => Promise<T[]>

/** Gates as rows: registered, acknowledging, silent. Instants are the database's. */
function gatesBy(sql: Sql) {
  const head = async (): Promise<{ epoch: number; seq: number }> => (await sql<{ epoch: number; seq: number }>('select epoch, seq::int from head_now()'))[0]!
  return {
    head,
    async register(id: string, part: { standin_s?: number } = {}): Promise<void> {
      const { epoch } = await head()
      await sql(
        `insert into gate (id, token, run, started_at, epoch, acknowledged_seq, acknowledged_at, lease_until, heard_at, standin_ms)
         values ($1, 'token', gen_random_uuid(), now(), $2, 0, now(), now() + interval '5 s', now(), $3)`, [id, epoch, (part.standin_s ?? 900) * 1_000],
      )
    },
    /** Renews the lease and acknowledges everything committed, or up to a number. */
    async beat(id: string, upTo?: number): Promise<void> {
      const { epoch, seq } = await head()
      await sql(
        `update gate set heard_at = now(), lease_until = case when fenced_at is null then now() + interval '5 s' else lease_until end, epoch = $2,
         acknowledged_at = case when acknowledged_seq < $3 then clock_timestamp() else acknowledged_at end, acknowledged_seq = greatest(acknowledged_seq, $3) where id = $1`,
        [id, epoch, upTo ?? seq],
      )
      await sql(`select pg_notify('tingqi_gate', $1)`, [id])
    },
    /** As if it had not been heard of for so long. */
    silent: (id: string, seconds: number): Promise<object[]> =>
      sql(`update gate set lease_until = now() - make_interval(secs => $2) + interval '5 s', heard_at = now() - make_interval(secs => $2) where id = $1`, [id, seconds]),
    leave: (id: string): Promise<object[]> => sql('update gate set left_at = clock_timestamp() where id = $1', [id]),
  }
}

const until = async (truth: () => Promise<boolean> | boolean, within_ms = 3_000): Promise<void> => {
  for (const end = Date.now() + within_ms; !(await truth()); await pause(20)) if (Date.now() > end) throw new Error('it never came true')
}

describe('when a stop is effective, on the real clock', () => {
  let app: Awaited<ReturnType<typeof startApp>>
  let client: pg.Client
  let gates: Gates
  let due: Due
  let play: ReturnType<typeof gatesBy>
  const sql: Sql = async <T extends object>(text: string, params: unknown[] = []) => (await client.query(text, params)).rows as T[]
  const blockedAt = async (tid: string): Promise<number | undefined> =>
    (await sql<{ at: Date | null }>('select host_blocked_at as at from terminal where tid = $1', [tid]))[0]!.at?.getTime()
  const view = async (tid: string, actor = operations) => (await readerOf(app).terminals.one({ actor, language: 'en' }, tid))!
  const stop = (tid: string, effectiveFrom?: number) => acts.place({ app }, people.risk, tid, { reason: 'R09', words: 'looked into', effectiveFrom })
  const tids = Array.from({ length: 12 }, (_, i) => `1000000${i.toString(16).toUpperCase()}`)

  beforeAll(async () => {
    const url = await freshDatabase(server.url)
    client = new pg.Client({ connectionString: url })
    await client.connect()
    app = await startApp({ url, secret: 'x'.repeat(40), home: '/nowhere', publicUrl: 'http://localhost', isDemo: true, log: quiet, connections_max: 6 })
    await fillEstate(client, app, { policy: {}, terminals: tids })
    await app.reload()
    gates = await watchGates(app)
    app.setGates(gates.knownAt, () => gates.level(100), gates.standing)
    due = startDue(app, { onPulled: gates.onHeard, late: gates.late, standing: gates.standing })
    play = gatesBy(sql)
  }, 60_000)
  afterAll(async () => {
    await due.close()
    await gates.close()
    await app.close()
    await client.end()
  })

  test('no gate is registered: nothing is effective', async () => {
    await stop(tids[0]!)
    await pause(700)
    expect(await blockedAt(tids[0]!)).toBeUndefined()
    expect((await view(tids[0]!)).gates).toEqual({ required: 0, acknowledged: 0, outstanding: [] })
  })

  test('every gate acknowledges: effective from the last of them; the reply waits for those that are late, a moment at most', async () => {
    await play.register('a')
    await play.register('b')
    for (const id of ['a', 'b']) await play.beat(id)
    await until(async () => (await blockedAt(tids[0]!)) !== undefined)
    const began = performance.now()
    const placed = await stop(tids[1]!)
    const took = performance.now() - began
    expect(took).toBeGreaterThan(95)
    expect(took).toBeLessThan(5_000)
    // The reply itself cannot know: what it committed has its number only now.
    expect(placed.after!.dossier.terminals[0]!.hostBlockedAt).toBeUndefined()
    await play.beat('a')
    await gates.look()
    expect((await view(tids[1]!)).gates).toMatchObject({ required: 2, acknowledged: 1, outstanding: [{ id: 'b', reason: 'behind', reasonWords: 'has not acknowledged yet' }] })
    expect((await view(tids[1]!, people.owner)).gates).toBeNull()
    expect((await view(tids[1]!)).sentence).toContain('Not every gate has confirmed yet.')
    await pause(700)
    await play.beat('a')
    expect(await blockedAt(tids[1]!)).toBeUndefined()
    const before = Date.now()
    await play.beat('b')
    await until(async () => (await blockedAt(tids[1]!)) !== undefined)
    expect(await blockedAt(tids[1]!)).toBeGreaterThanOrEqual(before)
    expect(await view(tids[1]!)).toMatchObject({ gates: null, deviceConfirmedAt: null })
  })

  test('known to all before its moment: effective at it, to the millisecond', async () => {
    const moment = Date.now() + 900
    await stop(tids[2]!, moment)
    for (const id of ['a', 'b']) await play.beat(id)
    await until(async () => (await blockedAt(tids[2]!)) !== undefined)
    expect(await blockedAt(tids[2]!)).toBe(moment)
    // Nobody hears or beats after the moment: it is the clock alone.
    expect(Date.now()).toBeGreaterThanOrEqual(moment)
  })

  test('a program that starts later than the moment reads from the register that all knew before', async () => {
    const moment = Date.now() + 600
    await stop(tids[3]!, moment)
    for (const id of ['a', 'b']) await play.beat(id)
    await gates.look()
    const { seq } = await play.head()
    await pause(700)
    const later = await watchGates(app)
    try {
      expect(later.knownAt(seq)).toBeLessThan(moment)
      expect(later.knownAt(seq + 1)).toBeUndefined()
    } finally {
      await later.close()
    }
  })

  test('one gate is silent: nothing until its lease and stand-in have run out, by a reading that saw it', async () => {
    await stop(tids[4]!)
    await play.beat('a')
    await play.silent('b', 300)
    await gates.look()
    expect((await view(tids[4]!)).gates?.outstanding).toMatchObject([{ id: 'b', reason: 'silent' }])
    await pause(700)
    expect(await blockedAt(tids[4]!)).toBeUndefined()
    await play.silent('b', 904)
    await gates.look()
    expect(gates.knownAt((await play.head()).seq)).toBeUndefined()
    const ranOut = Date.now() + 1_000
    await until(async () => (await blockedAt(tids[4]!)) !== undefined, 4_000)
    expect(Math.abs((await blockedAt(tids[4]!))! - ranOut)).toBeLessThan(1_500)
  })

  test('it comes back and acknowledges: it counts again', async () => {
    await stop(tids[5]!)
    await play.beat('a')
    await play.beat('b', 1)
    await gates.look()
    const [row] = await sql<{ seq: string }>('select gate_seq as seq from terminal where tid = $1', [tids[5]])
    expect(gates.standing(Number(row!.seq)).outstanding.map((o) => o.id)).toEqual(['b'])
    await play.beat('b')
    await until(async () => (await blockedAt(tids[5]!)) !== undefined)
  })

  test('fenced: counts until its lease is over, then the operator vouches; who and why is kept', async () => {
    await stop(tids[6]!)
    await play.beat('a')
    await play.silent('b', 3)
    const told: object[] = []
    const telling = { view: (gate: object) => { told.push(gate); return { status: 200, body: '', headers: {} } }, refusal: (r: object) => { told.push(r); return { status: 409, body: '', headers: {} } } }
    await fenceGate(app, { actor: people.reviewer }, 'b', 'power is out', telling)
    await fenceGate(app, { actor: operations }, 'b', ' ', telling)
    await fenceGate(app, { actor: operations }, 'nowhere', 'power is out', telling)
    expect(told.splice(0)).toMatchObject([{ refused: 'role_missing' }, { refused: 'words_required' }, { refused: 'not_found' }])
    await fenceGate(app, { actor: operations }, 'b', 'power is out', telling)
    await fenceGate(app, { actor: operations }, 'b', 'power is out', telling)
    expect(told.splice(0)).toMatchObject([{ id: 'b', fencedBy: 'operations', fencedWords: 'power is out' }, { fencedBy: 'operations' }])
    await gates.look()
    expect((await view(tids[6]!)).gates?.outstanding).toMatchObject([{ id: 'b', reason: 'fencing' }])
    await play.beat('a')
    await until(async () => (await blockedAt(tids[6]!)) !== undefined, 4_000)
    const facts = await sql<{ facts: { fact: string; why: string; by: string }[] }>(`select (body::jsonb)->'facts' as facts from journal where (body::jsonb)->>'command' = 'fence-gate' and (body::jsonb)->>'outcome' = 'accepted' order by seq`)
    expect(facts.map((f) => f.facts)).toMatchObject([[{ fact: 'gate_fenced', gate: 'b', by: 'operations', why: 'power is out' }], []])
    await play.beat('b')
    expect((await sql('select lease_until > now() as live from gate where id = $1', ['b']))[0]).toEqual({ live: false })
    await readmitGate(app, { actor: operations }, 'b', 'power is back', telling)
    await play.beat('a')
    await play.beat('b')
    expect((await sql('select lease_until > now() as live, fenced_at, readmitted_by from gate where id = $1', ['b']))[0]).toEqual({ live: true, fenced_at: null, readmitted_by: 'operations' })
  })

  test('one leaves in order: it is not waited for', async () => {
    await stop(tids[7]!)
    await play.beat('a')
    await play.leave('b')
    await until(async () => (await blockedAt(tids[7]!)) !== undefined)
    expect(gates.standing(1)).toMatchObject({ required: 1, acknowledged: 1 })
  })

  test('the database is restored from an older copy: what gates acknowledged of the other history says nothing', async () => {
    await play.beat('a')
    await gates.look()
    const { seq } = await play.head()
    expect(gates.knownAt(seq)).toBeDefined()
    await sql('update installation set epoch = epoch + 1')
    await gates.look()
    expect(gates.knownAt(seq)).toBeUndefined()
    await play.beat('a')
    await gates.look()
    expect(gates.knownAt(seq)).toBeDefined()
  })

  test('commits wake the gates, many with one call', async () => {
    const listener = new pg.Client({ connectionString: app.db.url })
    await listener.connect()
    let calls = 0
    listener.on('notification', () => { calls += 1 })
    await listener.query('listen tingqi_commit')
    for (let i = 0; i < 50; i++) app.stirred()
    await pause(300)
    expect(calls).toBeGreaterThanOrEqual(1)
    expect(calls).toBeLessThanOrEqual(3)
    await listener.end()
  })

  test('a connection that listens is cut: it is heard again, and what was missed is read', async () => {
    await sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tingqi-listen' and datname = current_database()`)
    await stop(tids[8]!)
    await sql('update gate set acknowledged_seq = (select seq from journal_head), acknowledged_at = clock_timestamp(), lease_until = now() + interval $$5 s$$ where id = $$a$$')
    // No notification: only the reading that somebody who waits brings about.
    await until(async () => (await blockedAt(tids[8]!)) !== undefined)
  })
})

describe('a minute before a stop', () => {
  let world: World
  beforeAll(async () => { world = await makeWorld(server.url, { now: '2026-11-23T10:00' }) }, 60_000)
  afterAll(() => world?.close())

  test('a gate that is silent and does not know it is named to operations, once', async () => {
    const play = gatesBy(world.sql)
    for (const id of ['a', 'b']) { await play.register(id); await play.beat(id) }
    await acts.place(world, people.risk, '10000001', { reason: 'R09', words: 'looked into', effectiveFrom: at('2026-11-27T15:00') })
    await acts.place(world, people.risk, '10000002', { reason: 'R09', words: 'looked into', effectiveFrom: at('2026-11-27T15:00') })
    await acts.place(world, people.risk, '10000003', { reason: 'R09', words: 'looked into', effectiveFrom: at('2026-11-28T15:00') })
    await play.beat('a')
    await play.silent('b', 60)
    const gates = await watchGates(world.app)
    const due = startDue(world.app, { onPulled: gates.onHeard, late: gates.late, standing: gates.standing })
    try {
      expect(await due.next()).toBeLessThan(at('2026-11-27T14:59'))
      const alarms = () => world.sql<{ words_en: string; audience: string }>(`select words_en, audience from notice where kind = 'gate_behind'`)
      world.clock.set(at('2026-11-27T14:58:59'))
      await due.run()
      expect(await alarms()).toEqual([])
      expect(await due.next()).toBe(at('2026-11-27T14:59'))
      world.clock.set(at('2026-11-27T14:59'))
      await due.run()
      await due.run()
      expect(await alarms()).toEqual([{
        audience: 'provider',
        words_en: 'Gate b has not acknowledged the stop at 2026-11-27 15:00 (2 terminals: 10000001, 10000002). Bring it back at once, or make sure that it is off and fence it.',
      }])
      const [row] = await world.sql<{ facts: object[]; tids: string[] }>(`select (body::jsonb)->'facts' as facts, tids from journal where (body::jsonb)->>'command' = 'alarm'`)
      expect(row).toMatchObject({ facts: [{ fact: 'gate_behind', gate: 'b' }], tids: ['10000001', '10000002'] })
    } finally {
      await due.close()
      await gates.close()
    }
  })
})

describe('what gates saw', () => {
  let world: World
  let ordinal = 0
  const saw = async (kind: string, when: string, body: object, tid = '10000001', gate = 'a'): Promise<void> => {
    const has = !['signed_on', 'device_said'].includes(kind)
    await world.sql('insert into gate_report (gate, ordinal, kind, at, tid, provider, mid, body) values ($1, $2, $3, $4, $5, $6, $7, $8)',
      [gate, ++ordinal, kind, new Date(at(when)).toISOString(), tid, has ? 'yunhui' : null, has ? mid : null, JSON.stringify(body)])
  }
  const take = () => observed(world.app).run()
  const terminal = async (tid = '10000001', actor = operations) => (await readerOf(world.app).terminals.one({ actor, language: 'en' }, tid))!
  const notices = (kind: string) => world.sql<{ audience: string; words_en: string }>('select audience, words_en from notice where kind = $1 order by at, audience', [kind])
  const timeline = async (tid: string, actor = operations) =>
    ((await readerOf(world.app).terminals.timeline({ actor, language: 'en' }, tid, { limit: 50 })) as { items: { fact: string; sentence: string }[] }).items

  beforeAll(async () => {
    world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { deviceConfirmHours: 48, straightThrough: [] } })
    await gatesBy(world.sql).register('a')
    await acts.place(world, people.risk, '10000001', { reason: 'R09', words: 'looked into' })
    await world.moveTo('2026-11-23T10:01')
  }, 60_000)
  afterAll(() => world?.close())

  test('attempts are counted, and raised once per stop and day to both parties', async () => {
    const attempt = { class: 'sale', code: '58', reason: 'stopped' }
    for (const second of ['10', '20', '30']) await saw('attempt', `2026-11-23T10:02:${second}`, attempt)
    await saw('attempt', '2026-11-23T10:03', { ...attempt, class: 'preauth' })
    await take()
    await saw('attempt', '2026-11-23T10:04', attempt)
    await take()
    expect(await world.sql('select class, count, told_at is not null as told from gate_attempt order by class')).toEqual([
      { class: 'preauth', count: 1, told: true }, { class: 'sale', count: 4, told: true },
    ])
    expect((await notices('attempt_refused')).map((n) => `${n.audience}: ${n.words_en}`)).toEqual([
      'merchant: Terminal 10000001 is stopped, and at 2026-11-23 10:02 a sale was tried, 4 times so far; every one was refused. If it was not you, call 400-021-6688.',
      'provider: Terminal 10000001 is stopped, and from 2026-11-23 10:02 a sale was tried, 4 times so far; every one was refused. Please find out where the device is.',
    ].map((words) => words.replace('400-021-6688', world.app.provider('yunhui').hotline)))
    expect((await terminal()).attempts).toEqual({ count: 5, lastAt: '2026-11-23T02:04:00.000Z' })
    expect((await terminal('10000002')).attempts).toBeNull()
    expect((await timeline('10000001', people.owner)).map((f) => f.sentence)).toContain('4 attempts (sale) although it is stopped, all refused')
    await world.moveTo('2026-11-24T10:00')
    await saw('attempt', '2026-11-24T09:59', attempt)
    await take()
    expect(await notices('attempt_refused')).toHaveLength(4)
  })

  test('a later stop of the same day is raised anew; an attempt on a terminal that is open again is only counted', async () => {
    await acts.place(world, people.risk, '10000003', { reason: 'R09', words: 'first' })
    await saw('attempt', '2026-11-24T10:00:01', { class: 'sale', code: '58' }, '10000003')
    await take()
    expect(await notices('attempt_refused')).toHaveLength(6)
    await world.moveTo('2026-11-24T10:10')
    const [hold] = await world.sql<{ id: string }>(`select id from hold where tid = '10000003'`)
    await acts.lift(world, people.risk, hold!.id)
    await acts.testOf(world, people.field, '10000003', acts.items())
    await saw('attempt', '2026-11-24T10:09', { class: 'refund', code: '58' }, '10000003')
    await take()
    await world.moveTo('2026-11-24T10:20')
    await acts.place(world, people.risk, '10000003', { reason: 'R02', words: 'second' })
    await world.moveTo('2026-11-24T10:21')
    await saw('attempt', '2026-11-24T10:21', { class: 'sale', code: '58' }, '10000003')
    await take()
    expect(await notices('attempt_refused')).toHaveLength(8)
  })

  test('stand-in approvals and security events stand in the journal; risk is told once a day', async () => {
    await saw('standin', '2026-11-24T10:21:01', { class: 'sale', amountFen: 58_800, epoch: 1, seq: 3 }, '10000002')
    await saw('security', '2026-11-24T10:21:02', { event: 'serial_mismatch' }, '10000002')
    await saw('security', '2026-11-24T10:21:03', { event: 'serial_mismatch' }, '10000002')
    await take()
    await saw('security', '2026-11-24T10:21:04', { event: 'serial_mismatch' }, '10000002')
    await take()
    expect((await timeline('10000002')).map((f) => f.sentence)).toEqual(expect.arrayContaining([
      'A gate in stand-in approved a sale ¥588.00', 'Security event: The serial number differs from the register',
    ]))
    expect(await notices('security_event')).toHaveLength(1)
    // The merchant's timeline says nothing of either.
    expect((await timeline('10000002', people.owner)).map((f) => f.fact)).not.toContain('security_event')
  })

  test('the device’s own word: confirmed, taken back, overdue', async () => {
    expect(await terminal()).toMatchObject({ deviceConfirmedAt: null, hostBlockedAt: expect.any(String) })
    await saw('device_said', '2026-11-23T09:59', { said: 'signed_off', by: 'sign_off' })
    await take()
    expect((await terminal()).deviceConfirmedAt).toBeNull()
    await saw('device_said', '2026-11-24T10:21:10', { said: 'stopped', by: 'confirmation' })
    await take()
    expect(await terminal()).toMatchObject({ deviceConfirmedAt: '2026-11-24T02:21:10.000Z', sentence: expect.stringContaining('Host and device have both confirmed.') })
    await saw('device_said', '2026-11-24T10:22:10', { said: 'operating', by: 'status' })
    await take()
    expect((await terminal()).deviceConfirmedAt).toBeNull()
    await world.moveTo('2026-11-25T10:00')
    expect(await terminal()).toMatchObject({ deviceSilentSince: '2026-11-25T02:00:00.000Z', sentence: expect.stringContaining('overdue to confirm') })
    expect((await notices('device_silent')).map((n) => n.audience)).toEqual(['provider'])
    await world.moveTo('2026-11-26T10:00')
    expect(await notices('device_silent')).toHaveLength(1)
    expect((await timeline('10000001')).map((f) => f.fact)).toEqual(expect.arrayContaining(['device_confirmed', 'device_operating', 'device_silent', 'host_blocked']))
  })

  test('a sign-on reaches the register, once, in the order of its gate', async () => {
    await world.sql(`update terminal set sign_on_required = true where tid = '10000002'`)
    await saw('signed_on', '2026-11-26T10:00:01', {}, '10000002')
    await saw('signed_on', '2026-11-26T10:00:02', {}, '99999999')
    await take()
    expect((await terminal('10000002')).signOnRequired).toBe(false)
    expect(await world.sql('select count(*)::int as n from gate_report where taken_at is null')).toEqual([{ n: 0 }])
  })

  const sale = { class: 'sale', amountFen: 12_300, batch: '000001', trace: '000007', reference: '240000000007', cardMasked: '621234******0001', cardKind: 'debit', authCode: 'A1', status: 'approved' }
  test('a transaction becomes a clearance fact, its batch settles it, and a file completes it without a quarrel', async () => {
    await saw('transaction', '2026-11-26T09:59:03', sale, '10000002')
    await saw('transaction', '2026-11-26T09:59:03', sale, '10000002')
    await take()
    expect((await terminal('10000002')).clearance).toMatchObject({ clear: false, items: [{ kind: 'unsettled', amount: { fen: 12_300 }, count: 1 }] })
    expect(await world.sql(`select last_transaction_at from terminal where tid = '10000002'`)).toEqual([{ last_transaction_at: new Date(at('2026-11-26T09:59:03')) }])
    await saw('settled', '2026-11-26T09:59:04', { batch: '000001', balanced: false }, '10000002')
    await take()
    expect((await terminal('10000002')).clearance.clear).toBe(false)
    await saw('settled', '2026-11-26T09:59:05', { batch: '000001', balanced: true }, '10000002')
    await world.moveTo('2026-11-26T10:01')
    await take()
    expect((await terminal('10000002')).clearance).toEqual({ clear: true, items: [] })
    // The host's file: its own second, its own way of masking, not settled by it yet – then settled.
    const file = (settled: string | null, amount = 12_300): string => `(select 1 as line, '10000002'::text as tid, '${mid}'::text as mid, '000001'::text as batch, '000007'::text as trace,
      '240000000007'::text as reference, 'sale'::text as class, ${amount}::bigint as amount_fen, '2026-11-26T10:00:00+08'::timestamptz as at, ${settled === null ? 'null' : `'${settled}'`}::date as settled_on,
      'debit'::text as card_kind, '621234*********0001'::text as card_masked, 'A1'::text as auth_code, 'approved'::text as status)`
    const say = (s: string) => world.app.db.transaction('*', async (tx) => { const clashes = await transactionClashes(tx, s, undefined); if (clashes.length === 0) await mergeTransactions(tx, s); return clashes.map((c) => c.column) })
    expect(await say(file(null, 12_400))).toEqual(['amountYuan'])
    expect(await say(file(null))).toEqual([])
    expect(await world.sql(`select observed, settled_on::text, card_masked, at from transaction where trace = '000007'`))
      .toEqual([{ observed: false, settled_on: '2026-11-26', card_masked: '621234*********0001', at: new Date(at('2026-11-26T10:00')) }])
    expect(await say(file('2026-11-25'))).toEqual([])
    // From now on it is the file's: a gate's late word changes nothing.
    await saw('transaction', '2026-11-26T09:59:09', { ...sale, status: 'reversed' }, '10000002')
    await take()
    expect(await world.sql(`select status from transaction where trace = '000007'`)).toEqual([{ status: 'approved' }])
  })

  test('a transaction on a draining terminal ends its drain when it is settled', async () => {
    await saw('transaction', '2026-11-26T10:01:00', { ...sale, trace: '000008', reference: '240000000008', batch: '000002' }, '10000002')
    await take()
    await acts.place(world, people.finance, '10000002', { reason: 'A03', words: 'returned twice' })
    await world.moveTo('2026-11-26T10:05')
    expect((await terminal('10000002')).service).toBe('draining')
    await saw('settled', '2026-11-26T10:05', { batch: '000002', balanced: true }, '10000002')
    await take()
    await world.moveTo('2026-11-26T10:06')
    expect((await terminal('10000002')).service).toBe('suspended')
  })

  test('what nobody understands is put aside; what was taken is never taken again', async () => {
    await saw('transaction', '2026-11-26T10:06', { class: 'sale' })
    await saw('lost', '2026-11-26T10:06', { count: 3 })
    const before = await world.sql('select count, class from gate_attempt order by tid, day, class')
    await Promise.all([take(), take()])
    expect(await world.sql('select count(*)::int as n from gate_report where taken_at is null')).toEqual([{ n: 0 }])
    expect(await world.sql('select count, class from gate_attempt order by tid, day, class')).toEqual(before)
  })
})

describe('over HTTP', () => {
  let world: World
  let http: FastifyInstance
  let play: ReturnType<typeof gatesBy>
  const keys: Record<string, string> = {}
  const ask = async (method: 'GET' | 'POST', url: string, who: string, body?: object) => {
    const answer = await http.inject({ method, url, headers: { authorization: `Bearer ${keys[who]}`, 'accept-language': 'en' }, ...(body ? { payload: body } : {}) })
    return { status: answer.statusCode, body: answer.json() }
  }
  beforeAll(async () => {
    world = await makeWorld(server.url, { now: '2026-11-23T10:00' })
    http = await buildHttp({ app: world.app, services: {} as Services, config: { port: 0, host: '127.0.0.1', publicUrl: 'http://tingqi.test', isDemo: false, checkReplies: true } })
    await world.app.db.transaction('*', async (tx) => {
      const make = async (name: string, role: Role, kind: 'provider' | 'merchant' | 'platform', id: string): Promise<void> => {
        const account = await createAccount(tx, { person: await createPerson(tx, { id: name, name }), name, role, party: { kind, id }, login: `${name}.login`, password: `${name} has a password` })
        keys[name] = (await createKey(tx, account, 'test', world.clock.now())).key
      }
      await make('operations', 'operations', 'provider', 'yunhui')
      await make('elsewhere', 'operations', 'provider', 'hairun')
      await make('agent', 'agent', 'provider', 'yunhui')
      await make('owner', 'merchant_owner', 'merchant', mid)
      await make('root', 'platform_admin', 'platform', 'platform')
      await make('auditor', 'auditor', 'platform', 'platform')
    })
    await world.sql(`update auth."user" set "twoFactorEnabled" = true`).catch(() => {})
    play = gatesBy(world.sql)
    await play.register('a')
    await play.register('b', { standin_s: 0 })
    await play.beat('a')
    await play.silent('b', 60)
    await world.sql(`insert into gate_minute values ('a', '2026-11-23T02:00Z', 120, 100, '{"58": 15, "97": 5}'), ('a', '2026-11-23T02:01Z', 60, 60, '{}')`)
    for (const [day, tid] of [['2026-11-22', '10000001'], ['2026-11-23', '10000001'], ['2026-11-23', '10000002']])
      await world.sql(`insert into gate_attempt values ($1, $2, 'sale', 'yunhui', $3, 2, $2::date + interval '1 h', $2::date + interval '2 h', null)`, [tid, day, mid])
    await world.sql(`insert into gate_attempt values ('20000001', '2026-11-23', 'sale', 'hairun', '102290058120009', 9, now(), now(), null)`)
  }, 60_000)
  afterAll(async () => { await http?.close(); await world?.close() })

  beforeEach(() => play.beat('a'))

  test('operations see how each gate stands; merchants and the rest of the desk do not', async () => {
    const { status, body } = await ask('GET', '/api/v1/gates', 'operations')
    expect(status).toBe(200)
    expect(body.items.filter((g: { id: string }) => g.id !== 'test')).toMatchObject([
      { id: 'a', state: 'live', behind: 0, sentence: 'Live, and level with the primary.', fenced: null, alarm: null },
      { id: 'b', state: 'expired', sentence: 'Silent; it approves nothing any more.' },
    ])
    expect((await ask('GET', '/api/v1/gates', 'auditor')).status).toBe(200)
    for (const who of ['owner', 'agent']) expect(await ask('GET', '/api/v1/gates', who)).toMatchObject({ status: 403, body: { code: 'role_missing' } })
  })

  test('figures name gates, never terminals', async () => {
    const { payload } = await http.inject({ method: 'GET', url: '/metrics', headers: { authorization: `Bearer ${keys['root']}` } })
    for (const line of [
      'tingqi_gates{state="live"} 2', 'tingqi_gates{state="expired"} 1', 'tingqi_gates_behind_commits{gate="a"} 0', 'tingqi_attempts_today 13',
      'tingqi_stops_outstanding 0', 'tingqi_standin_approvals_today 0', 'tingqi_gates_reports_waiting 0',
    ]) expect(payload).toContain(line)
    expect(payload).not.toContain('10000001')
  })

  test('minutes, newest first', async () => {
    expect((await ask('GET', '/api/v1/gates/a/minutes', 'operations')).body.items).toEqual([
      { at: '2026-11-23T02:01:00.000Z', decisions: 60, approved: 60, codes: {} },
      { at: '2026-11-23T02:00:00.000Z', decisions: 120, approved: 100, codes: { 58: 15, 97: 5 } },
    ])
    expect((await ask('GET', '/api/v1/gates/a/minutes?before=2026-11-23T02:01:00Z&limit=1', 'operations')).body.items).toMatchObject([{ decisions: 120 }])
    expect((await ask('GET', '/api/v1/gates/x/minutes', 'operations')).status).toBe(404)
  })

  test('fenced and readmitted, by operations and the platform only', async () => {
    for (const who of ['owner', 'agent', 'auditor']) expect(await ask('POST', '/api/v1/gates/b/fence', who, { words: 'off' })).toMatchObject({ status: 403 })
    expect(await ask('POST', '/api/v1/gates/b/fence?dryRun=true', 'operations', { words: 'off' })).toMatchObject({ status: 200, body: { state: 'fenced' } })
    expect((await ask('GET', '/api/v1/gates', 'operations')).body.items.find((g: { id: string }) => g.id === 'b').state).toBe('expired')
    expect(await ask('POST', '/api/v1/gates/b/fence', 'operations', { words: 'off' })).toMatchObject({ status: 200, body: { state: 'fenced', fenced: { by: 'operations', words: 'off' } } })
    expect(await ask('POST', '/api/v1/gates/b/readmit', 'root', { words: 'on again' })).toMatchObject({ status: 200, body: { fenced: null, readmitted: { by: 'root' } } })
    expect(await ask('POST', '/api/v1/gates/b/fence', 'operations', { words: '' })).toMatchObject({ status: 422, body: { code: 'words_required' } })
  })

  test('attempts page by page, each party its own', async () => {
    const first = await ask('GET', '/api/v1/attempts?limit=2', 'owner')
    expect(first.body).toMatchObject({ total: 3, items: [{ day: '2026-11-23', tid: '10000001', count: 2 }, { day: '2026-11-23', tid: '10000002' }] })
    expect((await ask('GET', `/api/v1/attempts?limit=2&cursor=${first.body.next}`, 'owner')).body).toMatchObject({ items: [{ day: '2026-11-22' }], next: null, total: 3 })
    expect((await ask('GET', '/api/v1/attempts?terminal=10000002', 'operations')).body.items).toHaveLength(1)
    expect((await ask('GET', '/api/v1/attempts', 'elsewhere')).body.items).toMatchObject([{ tid: '20000001' }])
    expect((await ask('GET', '/api/v1/attempts?since=2026-11-23', 'root')).body.items).toHaveLength(3)
  })
})
