// Many at once on a real database: who can and who cannot, carried out once each whatever happens in between, and plans from
// their first notice to the names of those that did not come back.
import { spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { carryOut, roundOf } from '../src/app/bulk/batch.ts'
import { openBulks } from '../src/app/bulk/bulk.ts'
import type { BulkAsked } from '../src/app/bulk/commands.ts'
import type { PlanMade } from '../src/app/bulk/plans.ts'
import type { PlanView } from '../src/app/bulk/plan-views.ts'
import type { BulkView } from '../src/app/bulk/views.ts'
import type { Actor } from '../src/domain/authority.ts'
import type { BulkCommand } from '../src/domain/bulk.ts'
import type { Refusal } from '../src/domain/refusals.ts'
import { readBulk } from '../src/store/bulk.ts'
import { readerOf } from '../src/http/reader.ts'
import { journalChecker, type JournalHead, type JournalRow } from '../src/journal/chain.ts'
import * as acts from './acts.ts'
import { at, makeWorld, mid, people, person, startServer, type World } from './world.ts'

const operations = person('operations', 'operations', { kind: 'provider', id: 'yunhui' })
const admin = person('admin', 'provider_admin', { kind: 'provider', id: 'yunhui' })
const foreign = person('foreign', 'operations', { kind: 'provider', id: 'chengfutong' })
const midB = '102290058120009'
const tidOf = (i: number): string => String(10_000_001 + i)
const tids = (n: number): string[] => Array.from({ length: n }, (_, i) => tidOf(i))

let server: Awaited<ReturnType<typeof startServer>>
let world: World
beforeAll(async () => { server = await startServer() })
afterEach(async () => { await world.close() })
afterAll(async () => { await server?.stop() })

async function open(n: number, policy: object = {}): Promise<void> {
  world = await makeWorld(server.url, { now: '2026-11-23T10:00', terminals: tids(n), policy: { straightThrough: [], ...policy } })
  // Every third terminal belongs to another merchant.
  await world.sql('insert into merchant (mid, name, uscc, mcc, wrapped_key) values ($1, $2, $3, $4, $5)', [midB, '永和豆浆', '91350100M000100Y51', '5812', world.app.vault.newKey(midB)])
  await world.sql('insert into merchant_provider (mid, provider) values ($1, $2)', [midB, 'yunhui'])
  await world.sql('update terminal set mid = $1 where tid::bigint % 3 = 0', [midB])
}

type Heard<V> = { view?: V; refusal?: Refusal }
const hear = async <V>(act: (telling: { view: (view: V) => never; refusal: (refusal: Refusal) => never }) => Promise<unknown>): Promise<Heard<V>> => {
  const heard: Heard<V> = {}
  const reply = { status: 200, body: '{}', headers: {} } as never
  await act({ view(view) { heard.view = view; return reply }, refusal(refusal) { heard.refusal = refusal; return reply } })
  return heard
}
const by = (actor: Actor) => ({ actor, language: 'en' as const })
const make = (asked: BulkAsked, actor: Actor = operations) => hear<BulkView>((telling) => world.bulks.bulks.make(by(actor), asked, telling))
const give = (id: string, command: BulkCommand, actor: Actor = operations) => hear<BulkView>((telling) => world.bulks.bulks.command(by(actor), id, command, telling))
const look = async (id: string, actor: Actor = operations): Promise<BulkView> => (await world.bulks.bulks.get(by(actor), id))!
const settled = (): Promise<void> => world.moveTo(new Date(world.clock.now() + 8 * 3_600_000).toISOString().slice(0, -1))
const stop = (part: Partial<BulkAsked> = {}): BulkAsked => ({
  name: 'tonight', act: { act: 'place_hold', reason: 'P01', effect: 'stop' }, words: 'system upgrade', select: {}, ...part,
})
const services = async (): Promise<Record<string, number>> =>
  Object.fromEntries((await world.sql<{ service: string; n: number }>('select service, count(*)::int as n from terminal group by 1 order by 1')).map((r) => [r.service, r.n]))
/** Every row of the journal covers the one before, and the head is the last of them. */
async function verifyChain({ sql }: World): Promise<boolean> {
  const hex = `encode(hash, 'hex') as hash`
  const checker = journalChecker()
  checker.take(await sql<JournalRow>(`select seq::int, body, encode(previous, 'hex') as previous, ${hex} from journal order by seq`))
  const [head] = await sql<JournalHead>(`select seq::int, ${hex} from journal_head`)
  return checker.close([], head).faults.length === 0
}
const count = async (sql: string): Promise<number> => (await world.sql<{ n: number }>(`select count(*)::int as n ${sql}`))[0]!.n

describe('a bulk', () => {
  beforeEach(async () => { await open(30) })

  test('is frozen and rehearsed without changing anything, then carried out, item by item', async () => {
    await acts.place(world, operations, tidOf(4), { reason: 'P01', words: 'already' })
    const made = (await make(stop())).view!
    expect(made).toMatchObject({ state: 'checking', progress: { total: 30, done: 0, failed: 0, running: 0 }, needsSecond: false })
    await settled()
    const ready = await look(made.id)
    expect(ready).toMatchObject({ state: 'ready', rehearsal: { able: 29, unable: 1, isOver: true }, refusals: [{ code: 'hold_exists', count: 1 }], allowed: { start: true, pause: 'bulk_not_in_this_state' } })
    expect(ready.sentence).toContain('29 can, 1 cannot')
    expect(await count('from hold')).toBe(1)

    // A terminal that comes later is not in it: the list is frozen.
    await world.sql(`insert into device (serial, provider, model, type, ownership) values ('LATE', 'yunhui', 'A920', 'smart', 'lent')`)
    await world.sql(`insert into terminal (tid, mid, provider, serial, installed_at, service, gate_seq) values ('19999999', $1, 'yunhui', 'LATE', '2024-01-01', 'active', 1)`, [mid])
    await give(made.id, 'start')
    await settled()
    expect(await look(made.id)).toMatchObject({ state: 'done', progress: { total: 30, done: 29, failed: 1, running: 0 }, refusals: [{ code: 'hold_exists', count: 1 }] })
    expect(await services()).toEqual({ active: 1, suspended: 30 })
    expect(await count('from hold')).toBe(30)
    const page = (await world.bulks.bulks.items(by(operations), made.id, { limit: 200, state: 'refused' }))!
    expect(page).toMatchObject({ total: 1, items: [{ tid: tidOf(4), code: 'hold_exists', sentence: expect.stringContaining(tidOf(4)) }] })
    for (const tid of [tidOf(0), tidOf(29)]) expect(world.gate.door.decide({ tid, mid: tid === tidOf(29) ? midB : mid, class: 'sale' }).decision).toBe('decline')
  })

  test('tells each merchant once, and each sees its own in its timeline and no other’s', async () => {
    const { id } = (await make(stop())).view!
    await settled()
    await give(id, 'start')
    await settled()
    const notices = await world.sql<{ mid: string; kind: string; audience: string; words_zh: string }>('select mid, kind, audience, words_zh from notice order by kind, mid')
    expect(notices.map((n) => `${n.kind} ${n.mid} ${n.audience}`)).toEqual([
      `hold_placed ${mid} merchant`, `hold_placed ${midB} merchant`, `stopped ${mid} merchant`, `stopped ${midB} merchant`])
    expect(notices[1]!.words_zh).toContain('10 台终端（10000002、')
    const owner = { actor: people.owner, language: 'en' as const }
    const timeline = await readerOf(world.app).terminals.timeline(owner, tidOf(0), { limit: 50 })
    expect(timeline).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ fact: 'hold_placed' })]) })
    const [row] = await world.sql<{ tids: string[] }>(`select tids from journal where mid = $1 and tids @> array['10000001'] order by seq limit 1`, [mid])
    expect(row!.tids).toHaveLength(20)
    expect(await count(`from event where kind = 'terminal.stopped'`)).toBe(30)
    expect(await verifyChain(world)).toBe(true)
    const sealed = await world.app.db.transaction('*', (tx) => tx.many<{ tid: string; words_sealed: Buffer; wrapped_key: Buffer; mid: string }>('select h.tid, h.words_sealed, m.wrapped_key, m.mid from hold h join merchant m on m.mid = h.mid'))
    for (const s of sealed) expect(world.app.vault.openKey(s.wrapped_key, s.mid)!.open(s.words_sealed, `hold.words:${s.tid}`).toString()).toBe('system upgrade')
  })

  test('means what the list of terminals means: by merchant, model, firmware, region, numbers', async () => {
    await world.sql(`update device set model = 'N5', firmware = case when serial like '%10' then '3.9' else '3.10' end where serial like '%10' or serial like '%20'`)
    await world.sql(`with s as (insert into store (mid, name, address) values ($1, '总店', '上海市静安区南京西路 1 号') returning id) update terminal set store_id = (select id from s) where tid in ('10000001', '10000003')`, [mid])
    const size = async (select: object): Promise<number | string> => {
      const { view, refusal } = await make(stop({ select }))
      return view?.progress.total ?? refusal!.refused
    }
    expect(await size({ merchant: midB })).toBe(10)
    expect(await size({ q: '永和' })).toBe(10)
    expect(await size({ model: 'N5' })).toBe(await count(`from device where model = 'N5'`))
    expect(await size({ model: 'N5', firmwareBelow: 'V3.10' })).toBe(await count(`from device where firmware = '3.9'`))
    expect(await size({ firmwareBelow: '3.10' })).toBe('bulk_model_needed')
    expect(await size({ region: '静安' })).toBe(2)
    expect(await size({ service: 'suspended' })).toBe('bulk_none')
    const pasted = (await make(stop({ select: { tids: [tidOf(1), tidOf(2), '99999999'] } }))).view!
    expect(pasted).toMatchObject({ progress: { total: 2 }, unknown: ['99999999'] })
    expect(await size({ tids: ['20000001'] })).toBe('bulk_none')
  })

  test('is nobody else’s, and only theirs who may do it one by one', async () => {
    const { id } = (await make(stop())).view!
    expect(await world.bulks.bulks.get(by(foreign), id)).toBeUndefined()
    expect((await give(id, 'cancel', foreign)).refusal?.refused).toBe('not_found')
    expect((await make(stop(), people.owner)).refusal?.refused).toBe('role_missing')
    expect((await make(stop({ act: { act: 'place_hold', reason: 'R02', effect: 'stop' } }))).refusal?.refused).toBe('hold_place_not_yours')
    expect((await make(stop({ act: { act: 'place_hold', reason: 'M02', effect: 'stop' } }))).refusal?.refused).toBe('reason_not_yours')
    const { words: _, ...silent } = stop()
    expect((await make(silent)).refusal?.refused).toBe('words_required')
    // Somebody else's numbers are unknown, not refused one by one.
    expect((await make(stop({ select: { tids: [tidOf(0)] } }), foreign)).refusal?.refused).toBe('bulk_none')
  })

  test('is lifted, tested and opened the same way; a failed test is tried again', async () => {
    const { id } = (await make(stop())).view!
    await settled()
    await give(id, 'start')
    await settled()
    const lift = (await make(stop({ act: { act: 'lift_hold', reason: 'P01' } }))).view!
    await settled()
    await give(lift.id, 'start')
    await settled()
    expect(await services()).toEqual({ testing: 30 })
    const results = tids(30).map((tid, i) => ({ tid, failed: i === 7 ? (['print'] as const) : [], ...(i === 7 ? { note: 'jam' } : {}) }))
    const tests = (await make({ name: 'tests', act: { act: 'record_test' }, results }, people.field)).view!
    await settled()
    await give(tests.id, 'start', people.field)
    await settled()
    const seen = await look(tests.id)
    expect(seen).toMatchObject({ state: 'done', progress: { done: 29, failed: 1 }, refusals: [{ code: 'test_failed', sentence: expect.stringContaining('printer') }], allowed: { retry: true } })
    expect(await services()).toEqual({ active: 29, testing: 1 })
    expect(await count(`from notice where kind = 'test_failed' and tid = '${tidOf(7)}'`)).toBe(2)
    await give(tests.id, 'retry', people.field)
    await settled()
    expect(await look(tests.id)).toMatchObject({ progress: { done: 29, failed: 1 } })
    expect(await count('from device_test')).toBe(31)
    let file = ''
    for await (const piece of (await world.bulks.bulks.csv(by(operations), tests.id))!) file += piece
    expect(file.split('\r\n')).toHaveLength(32)
    expect(file).toContain(`${tidOf(7)},${midB},refused,test_failed,`)
  })
})

describe('carried out once, whatever happens', () => {
  test('above the limit a second person confirms, and not the maker', async () => {
    await open(12, { bulk: { aloneTerminalsMax: 10, windowOpensByItself: true } })
    const { id } = (await make(stop())).view!
    await settled()
    expect((await give(id, 'start')).view).toMatchObject({ state: 'confirming', allowed: { confirm: 'bulk_second_person' } })
    await settled()
    expect(await count('from hold')).toBe(0)
    expect((await give(id, 'confirm')).refusal?.refused).toBe('bulk_second_person')
    // The same person with another account is the same person.
    expect((await give(id, 'confirm', { ...admin, person: 'operations' })).refusal?.refused).toBe('bulk_second_person')
    expect((await give(id, 'confirm', { ...admin, via: 'session' })).refusal?.refused).toBe('step_up_required')
    expect((await give(id, 'confirm', admin)).view).toMatchObject({ state: 'running', confirmedBy: 'admin' })
    await settled()
    expect(await look(id)).toMatchObject({ state: 'done', progress: { done: 12 } })
  })

  test('paused between batches, gone on with, cancelled: what is done stays, the rest is untouched', async () => {
    await open(2_300)
    await world.bulks.close()
    world.bulks = openBulks(world.app, { carries: false })
    const asked = (await make(stop())).view!
    const carries = openBulks(world.app)
    await carries.run()
    await carries.close()
    await give(asked.id, 'start', operations)
    expect((await give(asked.id, 'confirm', admin)).view?.state).toBe('running')
    const bulk = (await world.app.db.transaction('*', (tx) => readBulk(tx, asked.id)))!
    const round = roundOf(bulk, false)
    expect(await carryOut(world.app, bulk, round)).toBe('more')
    await give(asked.id, 'pause')
    expect(await carryOut(world.app, bulk, round)).toBe('stopped')
    const paused = await look(asked.id)
    expect(paused).toMatchObject({ state: 'paused', allowed: { resume: true, cancel: true } })
    expect(paused.progress.done).toBe(1_000)
    await give(asked.id, 'resume')
    expect(await carryOut(world.app, bulk, round)).toBe('more')
    await give(asked.id, 'cancel')
    expect(await carryOut(world.app, bulk, round)).toBe('stopped')
    // The first merchant has more than a batch takes; the second batch ended where its terminals do.
    const { done } = (await look(asked.id)).progress
    expect(done).toBe(1_533)
    expect(await count('from hold')).toBe(done)
    expect(await count(`from bulk_item where state = 'waiting'`)).toBe(2_300 - done)
  })

  test('a terminal somebody else has in hand is passed by, and not forgotten', async () => {
    await open(9)
    const { id } = (await make(stop())).view!
    await settled()
    let release = (): void => {}
    const held = world.app.db.transaction('*', async (tx) => {
      await tx.run('select from terminal where tid = $1 for update', [tidOf(3)])
      await new Promise<void>((resolve) => { release = resolve })
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await give(id, 'start')
    for (const until = Date.now() + 5_000; (await look(id)).progress.done < 8 && Date.now() < until;) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await look(id)).toMatchObject({ state: 'running', progress: { done: 8, failed: 0 } })
    release()
    await held
    await settled()
    expect(await look(id)).toMatchObject({ state: 'done', progress: { done: 9, failed: 0 } })
  })

  test('beside single commands on the same terminals nothing is lost and nothing done twice', async () => {
    await open(300)
    const { id } = (await make(stop())).view!
    await settled()
    const chosen = tids(300).filter((_, i) => i % 7 === 0)
    const singles = Promise.all(chosen.map((tid) => acts.place(world, operations, tid, { reason: 'P01', words: 'one by one' })))
    await give(id, 'start')
    const heard = await singles
    await settled()
    const won = heard.filter((h) => h.refusal === undefined).length
    expect(heard.every((h) => h.refusal === undefined || h.refusal.refused === 'hold_exists')).toBe(true)
    expect(await look(id)).toMatchObject({ state: 'done', progress: { total: 300, done: 300 - won, failed: won } })
    expect(await world.sql(`select tid from hold group by tid having count(*) <> 1`)).toEqual([])
    expect(await services()).toEqual({ suspended: 300 })
    expect(await count(`from terminal where host_blocked_at is null`)).toBe(0)
    expect(await verifyChain(world)).toBe(true)
  }, 60_000)

  test('killed in the middle, another run finishes it: each item once', async () => {
    await open(6_000)
    await world.bulks.close()
    world.bulks = openBulks(world.app, { carries: false })
    const { id } = (await make(stop())).view!
    const rehearsing = openBulks(world.app)
    await rehearsing.run()
    await rehearsing.close()
    await give(id, 'start')
    await give(id, 'confirm', admin)
    const program = `
      import { startApp } from ${JSON.stringify(new URL('../src/app/start.ts', import.meta.url).href)}
      import { openBulks } from ${JSON.stringify(new URL('../src/app/bulk/bulk.ts', import.meta.url).href)}
      const log = { info() {}, warn() {}, error: (f, m) => console.error(m, f) }
      const app = await startApp({ url: process.argv[1], secret: 'x'.repeat(40), home: process.argv[2], publicUrl: 'http://localhost', isDemo: true, log, manualClockFrom: Number(process.argv[3]), connections_max: 4 })
      await openBulks(app).run()`
    let kills = 0
    for (let begun = 0; kills < 2;) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, world.url, world.app.home, String(world.clock.now())], { stdio: 'inherit' })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      for (const until = Date.now() + 20_000; Date.now() < until && child.exitCode === null;) {
        const { done } = (await look(id)).progress
        if (done > begun) { begun = done; break }
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      child.kill('SIGKILL')
      await ended
      kills++
    }
    const between = await look(id)
    expect(between.progress.done).toBeGreaterThan(0)
    expect(await count('from hold')).toBe(between.progress.done)
    const again = openBulks(world.app)
    for (const until = Date.now() + 20_000; (await look(id)).state !== 'done' && Date.now() < until;) await again.run()
    await again.close()
    expect(await look(id)).toMatchObject({ state: 'done', progress: { total: 6_000, done: 6_000, failed: 0 } })
    expect(await world.sql('select tid from hold group by tid having count(*) <> 1')).toEqual([])
    expect(await count('from hold')).toBe(6_000)
    expect(await verifyChain(world)).toBe(true)
  }, 90_000)
})

const plan = (part: Partial<PlanMade> = {}): PlanMade => ({
  kind: 'maintenance', name: 'core upgrade', reason: 'P01', words: 'from one to five', select: {}, effectiveFrom: at('2026-11-24T01:00'),
  drainUntil: at('2026-11-24T01:30'), testFrom: at('2026-11-24T04:00'), expectedUntil: at('2026-11-24T05:00'), ...part,
})
const makePlan = (asked: PlanMade, actor: Actor = operations) => hear<PlanView>((telling) => world.bulks.plans.make(by(actor), asked, telling))
const seePlan = async (id: string): Promise<PlanView> => (await world.bulks.plans.get(by(operations), id))!
const startPlan = (id: string) => hear<PlanView>((telling) => world.bulks.plans.start(by(operations), id, telling))
const names = async (id: string, stage: PlanView extends never ? never : 'failed' | 'testing' | 'stopped' | 'open'): Promise<string[]> =>
  (await world.bulks.plans.members(by(operations), id, { limit: 200, stage }))!.items.map((m) => m.tid)

describe('a maintenance window', () => {
  test('drains, shuts, tests, opens; those that failed or were not tested stay shut, by name', async () => {
    await open(20)
    await acts.sell(world, tidOf(2), '000001', false)
    const { id } = (await makePlan(plan({ tasks: [{ id: 'call', title: 'call the big ones', assignee: 'agent', due: { from: 'effectiveFrom', offset: '-1d', at: '18:00' } }] }))).view!
    await settled()
    expect(await seePlan(id)).toMatchObject({ allowed: { start: true, open: true }, stages: { waiting: 20 }, tasks: [{ id: 'call', dueAt: '2026-11-23T10:00:00.000Z', overdue: false }] })
    expect((await startPlan(id)).view).toMatchObject({ progress: { total: 20 } })
    await settled()
    expect(await seePlan(id)).toMatchObject({ stages: { told: 20 } })
    expect(await services()).toEqual({ active: 20 })
    await world.moveTo('2026-11-24T01:00')
    expect(await services()).toEqual({ draining: 1, suspended: 19 })
    await world.moveTo('2026-11-24T01:30')
    expect(await services()).toEqual({ suspended: 20 })
    // Results that come before the window lets them wait for it.
    const results = (of: readonly string[], failed: readonly string[] = []) => of.map((tid) => ({ tid, failed: failed.includes(tid) ? (['print'] as const) : [] }))
    const tested = (r: readonly { tid: string; failed: readonly 'print'[] }[]) => hear<PlanView>((telling) => world.bulks.plans.test(by(people.field), id, r, telling))
    await tested(results(tids(10), [tidOf(5)]))
    await settled()
    expect(await services()).toEqual({ suspended: 20 })
    await world.moveTo('2026-11-24T04:00')
    expect(await seePlan(id)).toMatchObject({ stages: { open: 9, failed: 1, testing: 10 } })
    expect(await services()).toEqual({ active: 9, testing: 11 })
    // Ten are still to be tested: eight pass one by one or together, one fails, one nobody tests.
    await tested(results(tids(18).slice(10), [tidOf(12)]))
    await acts.testOf(world, people.field, tidOf(18), acts.items())
    await settled()
    expect(await seePlan(id)).toMatchObject({ stages: { open: 17, failed: 2, testing: 1 }, missedAt: null, progress: { total: 20, done: 17, failed: 2, running: 1 } })
    await world.moveTo('2026-11-24T05:00')
    const over = await seePlan(id)
    expect(over).toMatchObject({ missedAt: '2026-11-23T21:00:00.000Z', endedAt: null })
    expect(over.sentence).toContain('17 open, still stopped: 1 waiting for its test, 2 failed its test')
    expect(await names(id, 'failed')).toEqual([tidOf(5), tidOf(12)])
    expect(await names(id, 'testing')).toEqual([tidOf(19)])
    const missed = await world.sql<{ words_zh: string }>(`select words_zh from notice where kind = 'plan_missed' order by words_zh`)
    for (const tid of [tidOf(5), tidOf(12), tidOf(19)]) expect(missed.filter((n) => n.words_zh.includes(tid))).toHaveLength(2)
    for (const tid of [tidOf(5), tidOf(19)]) expect(world.gate.door.decide({ tid, mid: Number(tid) % 3 === 0 ? midB : mid, class: 'sale' }).decision).toBe('decline')
    // Put right the next day: the same way opens it.
    await world.moveTo('2026-11-25T10:00')
    await tested(results([tidOf(5), tidOf(12), tidOf(19)]))
    await settled()
    expect(await services()).toEqual({ active: 20 })
    expect(await seePlan(id)).toMatchObject({ stages: { open: 20 } })
    expect(await count('from hold where lifted_at is null')).toBe(0)
  }, 60_000)

  test('never opens what somebody else holds, nor by itself where the policy does not say so', async () => {
    await open(6, { bulk: { aloneTerminalsMax: 100, windowOpensByItself: false } })
    const { id } = (await makePlan(plan())).view!
    await settled()
    await startPlan(id)
    await acts.place(world, people.risk, tidOf(1), { reason: 'R09', words: 'rule breach' })
    await hear<PlanView>((telling) => world.bulks.plans.test(by(people.field), id, tids(6).map((tid) => ({ tid, failed: [] })), telling))
    await world.moveTo('2026-11-24T04:30')
    expect(await services()).toEqual({ suspended: 6 })
    expect((await hear<PlanView>((telling) => world.bulks.plans.open(by(people.risk), id, telling))).refusal?.refused).toBe('plan_owner')
    await hear<PlanView>((telling) => world.bulks.plans.open(by(operations), id, telling))
    await settled()
    expect(await services()).toEqual({ active: 5, suspended: 1 })
    expect(await seePlan(id)).toMatchObject({ stages: { open: 5, held: 1 } })
    const [member] = (await world.bulks.plans.members(by(operations), id, { limit: 10, stage: 'held' }))!.items
    expect(member).toMatchObject({ tid: tidOf(1), code: 'held_by_another', sentence: expect.stringContaining('R09') })
    expect((await hear<PlanView>((telling) => world.bulks.plans.end(by(operations), id, 'done', telling))).view?.endedAt).not.toBeNull()
    expect((await startPlan(id)).refusal?.refused).toBe('plan_ended')
  }, 60_000)

  test('asks for its times in order and for its owner', async () => {
    await open(3)
    const code = async (part: Partial<PlanMade>, actor?: Actor) => (await makePlan(plan(part), actor)).refusal?.refused
    expect(await code({ expectedUntil: undefined })).toBe('until_required')
    expect(await code({ testFrom: at('2026-11-24T06:00') })).toBe('plan_times')
    expect(await code({ drainUntil: at('2026-11-24T00:30') })).toBe('plan_times')
    expect(await code({ reason: 'P03' })).toBe('reason_not_yours')
    expect(await code({}, people.risk)).toBe('plan_owner')
    expect(await code({ select: { tids: ['99999999'] } })).toBe('bulk_none')
  })
})

describe('a campaign', () => {
  test('finds by model and firmware, stops wave by wave, spares and lifts those that meet it, shows who came later', async () => {
    await open(9)
    await world.sql(`update device set model = 'N5', firmware = '3.9.1' where serial in (select serial from terminal where tid <= '10000006')`)
    const { id } = (await makePlan(plan({
      kind: 'campaign', name: 'recall N5', reason: 'P03', select: { model: 'N5', firmwareBelow: '3.10' }, effectiveFrom: undefined, drainUntil: undefined, testFrom: undefined, expectedUntil: undefined,
      waves: [{ name: 'first', at: at('2026-11-25T02:00'), max: 2 }, { name: 'second', at: at('2026-11-27T02:00') }],
    }))).view!
    await settled()
    expect(await seePlan(id)).toMatchObject({ waves: [{ total: 2 }, { total: 4 }], requirement: 'device', newcomers: 0 })
    await startPlan(id)
    await settled()
    expect(await seePlan(id)).toMatchObject({ stages: { told: 6 }, met: 0 })
    // One of each wave is brought up to date before its day: it is not stopped at all.
    const members = (await world.bulks.plans.members(by(operations), id, { limit: 10 }))!.items
    const [first, second] = [members.filter((m) => m.wave === 0).map((m) => m.tid), members.filter((m) => m.wave === 1).map((m) => m.tid)]
    const update = (tid: string): Promise<unknown> => world.sql(`update device set firmware = '3.10.0' where serial = (select serial from terminal where tid = $1)`, [tid])
    await update(first[0]!)
    await hear<PlanView>((telling) => world.bulks.plans.look(by(operations), id, telling))
    await settled()
    expect(await seePlan(id)).toMatchObject({ stages: { told: 5, spared: 1 }, met: 1 })
    expect(await count(`from notice where kind = 'hold_lifted'`)).toBe(1)
    await world.moveTo('2026-11-25T02:00')
    expect(await services()).toEqual({ active: 8, suspended: 1 })
    expect(await seePlan(id)).toMatchObject({ overdue: 1, stages: { stopped: 1, told: 4, spared: 1 } })
    expect(await count(`from notice where kind = 'plan_overdue' and audience = 'provider'`)).toBe(1)
    // Updated after its stop, seen by the clock: free for its test, and open once it passed.
    await update(first[1]!)
    await world.moveTo('2026-11-25T09:00')
    expect(await seePlan(id)).toMatchObject({ met: 2, overdue: 0, stages: { testing: 1 } })
    await acts.testOf(world, people.field, first[1]!, acts.items())
    expect(await services()).toEqual({ active: 9 })
    // Somebody says so: by hand, with the words kept.
    await hear<PlanView>((telling) => world.bulks.plans.met(by(operations), id, [second[0]!], 'swapped on site', telling))
    await settled()
    expect(await seePlan(id)).toMatchObject({ met: 3, stages: { spared: 2 } })
    // A terminal that matches later is shown, and joins when it is taken in.
    await world.sql(`update device set model = 'N5', firmware = '3.1' where serial = (select serial from terminal where tid = '10000009')`)
    expect(await seePlan(id)).toMatchObject({ newcomers: 1, allowed: { add: true } })
    await hear<PlanView>((telling) => world.bulks.plans.add(by(operations), id, 1, telling))
    await settled()
    await startPlan(id)
    await settled()
    expect(await seePlan(id)).toMatchObject({ newcomers: 0, waves: [{ total: 2 }, { total: 5, stages: { told: 4, spared: 1 } }] })
    await world.moveTo('2026-11-27T02:00')
    expect(await services()).toEqual({ active: 5, suspended: 4 })
  }, 60_000)
})

test('figures: how cases went, which models fail again, how many stops came back', async () => {
  await open(6)
  for (const i of [0, 2]) {
    const filed = await acts.file(world, people.owner, { kind: 'suspend', terminals: [tidOf(i)], reason: 'M02', effectiveFrom: at('2026-11-24T10:00'), submit: true })
    const no = filed.after!.dossier.case!.case.no
    if (i === 0) await acts.command(world, people.reviewer, no, { command: 'return', words: 'photo' })
    else { await world.moveTo('2026-11-23T14:00'); await acts.command(world, people.reviewer, no, { command: 'approve' }) }
  }
  for (const reason of ['D11', 'D05'] as const) {
    const told = await acts.place(world, people.agent, tidOf(3), { reason, words: 'broken' })
    expect(told.refusal).toBeUndefined()
  }
  await acts.place(world, people.agent, tidOf(4), { reason: 'D11', words: 'broken' })
  const view = await world.bulks.statistics(by(operations), { from: '2026-11-01', to: '2026-11-30' })
  expect(view).toMatchObject({
    cases: [{ kind: 'suspend', submitted: 2, decided: 1, straightThrough: 0, straightShare: 0, returned: 1, returnShare: 0.5, hours: { toDecision: { median: 4, ninety: 4 } } }],
    faults: [{ model: 'A920', terminals: 2, faults: 3, repeated: 1, repeatShare: 0.5, reasons: [{ reason: 'D11', count: 2 }, { reason: 'D05', count: 1 }] }],
    stops: expect.arrayContaining([expect.objectContaining({ reason: 'D11', stops: 2, returned: 0 })]),
  })
  expect(await world.bulks.statistics(by(foreign), { from: '2026-11-01', to: '2026-11-30' })).toMatchObject({ cases: [], faults: [], stops: [] })
  expect(await world.bulks.statistics(by(foreign), { provider: 'yunhui' })).toMatchObject({ cases: [], faults: [], stops: [] })
  expect(await world.bulks.statistics(by(operations), { from: '2024-01-01', to: '2026-11-30' })).toMatchObject({ refused: 'range_too_long' })
})
