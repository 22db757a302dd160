// The demo estate: what it is made of holds by itself, what it wrote into a real database holds together, and whenever it is
// filled – late in December, too, when next year's working days are not known – it is filled whole or not at all.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { App, Log } from '../src/app/app.ts'
import { openImports } from '../src/app/imports/imports.ts'
import { openSettlement } from '../src/app/settlement/settlement.ts'
import { startApp } from '../src/app/start.ts'
import { banner, columnsOf, startScreen } from '../src/demo/banner.ts'
import type { DemoActor } from '../src/demo/credentials.ts'
import { makeEstate } from '../src/demo/estate.ts'
import { fillDemo, type DemoSummary } from '../src/demo/fill.ts'
import { handIn } from '../src/demo/three-records.ts'
import { tradeOfTerminal } from '../src/demo/trade.ts'
import { clearanceOf, type ClearanceItem, type Transaction } from '../src/domain/clearance.ts'
import { checkMcc, checkMid, checkPhone, checkTid, checkTusn, checkUscc } from '../src/domain/identity.ts'
import { applicationStates, roles, services, transactionClasses, words, type Mode, type Service, type TransactionClass } from '../src/domain/vocabulary.ts'
import { gateBeside } from '../src/gate/beside.ts'
import { actorOfKey, keyHash } from '../src/store/people.ts'
import { at, freshDatabase, startServer } from './world.ts'

describe('the register', () => {
  const estate = makeEstate('2026-11-22')

  test('carries numbers that every check accepts without a warning', () => {
    const checked = [
      ...estate.merchants.flatMap((m) => [checkUscc(m.uscc), checkMid(m.mid), checkMcc(m.mcc), checkPhone(m.phone)]),
      ...estate.terminals.map((t) => checkTid(t.tid)), ...estate.devices.map((d) => checkTusn(d.serial)),
    ]
    expect(checked.filter((c) => !('value' in c) || c.warnings.length > 0)).toEqual([])
    // 3 acquirer + 4 area + 4 MCC + 4 serial.
    expect(estate.merchants.every((m) => m.mid.slice(7, 11) === m.mcc)).toBe(true)
    for (const numbers of [estate.merchants.map((m) => m.mid), estate.merchants.map((m) => m.uscc), estate.terminals.map((t) => t.tid), estate.devices.map((d) => d.serial)])
      expect(new Set(numbers).size).toBe(numbers.length)
  })

  test('is a hundred merchants with three hundred terminals, some of them with two providers', () => {
    expect([estate.merchants.length, estate.terminals.length]).toEqual([100, 300])
    expect(estate.merchants.filter((m) => m.providers.length === 2).length).toBeGreaterThan(3)
    expect(new Set(estate.terminals.map((t) => t.provider))).toEqual(new Set(['yunhui', 'chengfutong', 'hairun']))
  })

  test('is the same on every day, and so is the trade of a day whenever one looks back at it', () => {
    const other = makeEstate('2026-03-01')
    expect(other.terminals.map((t) => [t.tid, t.mid, t.serial])).toEqual(estate.terminals.map((t) => [t.tid, t.mid, t.serial]))
    const till = estate.terminals[0]!
    const first = tradeOfTerminal(till, '2026-11-01', '2026-11-22', at('2026-11-22T13:00'))
    const later = tradeOfTerminal(till, '2026-11-01', '2026-12-10', at('2026-12-10T13:00')).filter((r) => r.at <= at('2026-11-22T13:00'))
    expect(first.length).toBeGreaterThan(30)
    expect(later.map((r) => [r.at, r.amountFen, r.reference])).toEqual(first.map((r) => [r.at, r.amountFen, r.reference]))
  })
})

const actor = (login: string, role: DemoActor['role']): DemoActor =>
  ({ name: '林秀英', role, party: { kind: 'merchant', id: '861290058120001', name: '上海阿婆小笼餐饮管理有限公司' }, login, password: 'bako-mefa-roto-4172', apiKey: 'tq_x' })

describe('the start screen', () => {
  const facts = { url: 'http://127.0.0.1:8080', home: 'data', isDemo: true, isNew: true, isManualClock: true, now: at('2026-11-23T09:05') }
  const screen = startScreen({ ...facts, actors: [actor('apo.owner', 'merchant_owner'), actor('apo.staff', 'merchant_staff'), { ...actor('x', 'integrator'), login: null, password: null }] })

  test('fits a hundred columns and stands in columns', () => {
    const lines = screen.split('\n')
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(100)
    const starts = lines.filter((l) => /apo\..*-\d{4}/.test(l)).map((l) => columnsOf(l.slice(0, l.indexOf('apo.'))))
    expect(starts).toHaveLength(2)
    expect(new Set(starts).size).toBe(1)
  })

  test('says where things are, who may sign in and what the clock says', () => {
    for (const text of ['http://127.0.0.1:8080/docs', '/verify', '/gate/decisions', 'bako-mefa-roto-4172', '2026-11-23 09:05', '手动时钟', 'npm run walk -- friday'])
      expect(screen).toContain(text)
    expect(screen).not.toContain('tq_x')
    expect(startScreen({ ...facts, actors: [] })).not.toContain('登录名')
  })
})

// ── In a database ───────────────────────────────────────────────────────────────────────────────────────────────────
type Filled = { app: App; summary: DemoSummary; faults: string[]; home: string; sql<T extends object>(text: string, params?: unknown[]): Promise<T[]>; close(): Promise<void> }
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())

async function openFor(now: string): Promise<Omit<Filled, 'summary'>> {
  const url = await freshDatabase(server.url)
  const home = mkdtempSync(join(tmpdir(), 'tingqi-demo-'))
  const faults: string[] = []
  const log: Log = { info() {}, warn(facts, message) { faults.push(`${message} ${JSON.stringify(facts)}`) }, error(facts, message) { faults.push(`${message} ${JSON.stringify(facts)}`) } }
  const app = await startApp({ url, secret: 'x'.repeat(40), home, publicUrl: 'http://localhost', isDemo: true, log, manualClockFrom: at(now), connections_max: 4 })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return {
    app, faults, home,
    async sql<T extends object>(text: string, params: unknown[] = []) { return (await client.query(text, params)).rows as T[] },
    async close() { await client.end(); await app.close(); rmSync(home, { recursive: true, force: true }) },
  }
}

describe('filled on a November day', () => {
  const now = '2026-11-22T13:00'
  let filled: Filled
  beforeAll(async () => {
    const open = await openFor(now)
    filled = { ...open, summary: await fillDemo(open.app, { log() {} }) }
  }, 120_000)
  afterAll(() => filled.close())

  test('leaves a case in every state that is reached by anything, and a terminal in every service state', async () => {
    expect(filled.summary.skipped).toEqual([])
    const states = await filled.sql<{ state: string }>('select distinct state from application')
    // Nothing fails yet: see applicationMoves.
    expect(new Set(states.map((r) => r.state))).toEqual(new Set(words(applicationStates).filter((s) => s !== 'failed')))
    expect(new Set((await filled.sql<{ service: string }>('select distinct service from terminal')).map((r) => r.service))).toEqual(new Set(words(services)))
    const letters = await filled.sql<{ kind: string; n: number; early: boolean }>(
      'select kind, count(*)::int as n, bool_or(issued_at < (select min(made_at) from signing_identity)) as early from letter group by kind order by kind')
    expect(letters.map((l) => l.kind)).toEqual(['reopening_confirmation', 'stop_confirmation'])
    expect(letters.some((l) => l.early)).toBe(false)
  })

  test('has a closure under way: its device is back, a chargeback is what it waits for, and the deposit is still held', async () => {
    const [closing, ...more] = await filled.sql(`select a.state, r.state as device, r.deposit_state as deposit, t.service, t.clearance->0->>'kind' as open, d.state as stands
      from application a join device_return r on r.case_no = a.no join terminal t on t.tid = r.tid join device d on d.serial = r.serial where a.kind = 'close'`)
    expect(more).toEqual([])
    expect(closing).toEqual({ state: 'in_progress', device: 'inspected', deposit: 'held', service: 'suspended', open: 'dispute_open', stands: 'in_custody' })
  })

  test('has somebody for every role, whose key is theirs, with policies made and approved by two', async () => {
    const { actors } = filled.summary
    expect(new Set(actors.map((a) => a.role))).toEqual(new Set(words(roles).filter((r) => r !== 'system')))
    for (const role of ['agent', 'reviewer', 'approver', 'finance', 'field', 'risk', 'operations', 'provider_admin', 'integrator'])
      expect(actors.some((a) => a.role === role && a.party.id === 'yunhui'), role).toBe(true)
    expect(new Set(actors.filter((a) => a.role === 'merchant_staff').map((a) => a.party.id)).size).toBeGreaterThanOrEqual(2)
    expect(actors.filter((a) => a.role === 'integrator').map((a) => a.party.kind).toSorted()).toEqual(['merchant', 'provider'])
    await filled.app.db.transaction('*', async (tx) => {
      for (const a of actors) expect(await actorOfKey(tx, keyHash(a.apiKey))).toMatchObject({ name: a.name, role: a.role, party: { kind: a.party.kind, id: a.party.id } })
    })
    const policies = await filled.sql<{ two: boolean; past: boolean }>('select created_by <> approved_by as two, effective_from < $1 as past from policy', [new Date(at(now))])
    expect(policies).toEqual(Array.from({ length: 3 }, () => ({ two: true, past: true })))
  })

  test('keeps the sign-ins where only the owner reads them', () => {
    const file = join(filled.home, 'demo-credentials.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ actors: filled.summary.actors })
    const passwords = filled.summary.actors.flatMap((a) => a.password ?? [])
    expect(new Set(passwords).size).toBe(passwords.length)
    for (const password of passwords) expect(password).toMatch(/^([a-z]{4}-){3}\d{4}$/)
    const shown = banner({ config: { home: filled.home, isDemo: true, manualClockFrom: undefined }, url: 'http://localhost', isNew: true, now: at(now) })
    expect(shown).toContain(passwords[0])
    expect(shown.split('\n').filter((l) => !l.includes(filled.home)).every((l) => columnsOf(l) <= 100)).toBe(true)
  })

  test('books clearance as the rows say, with something open of every kind that trade brings', async () => {
    const rows = await filled.sql<{ tid: string; class: TransactionClass; status: Transaction['status']; fen: string; at: Date; settled: string | null; reference: string }>(
      'select tid, class, status, amount_fen as fen, at, settled_on::text as settled, reference from transaction')
    const byTerminal = Map.groupBy(rows, (r) => r.tid)
    const wrong: string[] = []
    const kinds = new Set<string>()
    for (const t of await filled.sql<{ tid: string; clear: boolean; clearance: ClearanceItem[]; last: Date | null }>('select tid, clear, clearance, last_transaction_at as last from terminal')) {
      const own = byTerminal.get(t.tid) ?? []
      const { clear, items } = clearanceOf(own.map((r) => ({
        class: r.class, status: r.status, amountFen: Number(r.fen), at: r.at.getTime(), settledOn: r.settled ?? undefined, reference: r.reference,
      })), at(now))
      for (const item of items) kinds.add(item.kind)
      const said = (all: readonly ClearanceItem[]): string => JSON.stringify(all.map((i) => [i.kind, i.amountFen, i.count, i.owner]))
      if (clear !== t.clear || said(items) !== said(t.clearance)) wrong.push(t.tid)
      const last = Math.max(0, ...own.filter((r) => ['approved', 'disputed'].includes(r.status) && !['reversal', 'preauth_cancel'].includes(r.class)).map((r) => r.at.getTime()))
      if (last !== (t.last?.getTime() ?? 0)) wrong.push(`${t.tid} last`)
    }
    expect(wrong).toEqual([])
    expect(kinds).toEqual(new Set(['unsettled', 'preauth_open', 'refund_pending', 'dispute_open']))
    expect(rows.every((r) => r.at.getTime() <= at(now) && r.class in transactionClasses)).toBe(true)
    const silent = await filled.sql('select tid from terminal where last_transaction_at < $1', [new Date(at('2026-08-22T13:00'))])
    expect(silent.length).toBeGreaterThanOrEqual(1)
  })

  test('hands in yesterday’s settlement files, which are matched but for the faults that were planted', async () => {
    const [imports, settlement] = [openImports(filled.app), openSettlement(filled.app)]
    try {
      await handIn(filled.summary.morning, imports, settlement)
      expect(await filled.sql('select distinct state from import')).toEqual([{ state: 'done' }])
      const breaks = await filled.sql<{ kind: string }>('select kind from settlement_break order by kind')
      expect(breaks.map((b) => b.kind)).toEqual(['amount_differs', 'bank_amount_differs', 'mcc_differs', 'merchant_name_differs', 'slip_only'])
    } finally {
      await settlement.close()
      await imports.close()
    }
  })

  test('has no sale made while the terminal was stopped, nothing due left undone, and a journal whose chain holds', async () => {
    const sold = await filled.sql(`select x.tid, x.at from transaction x join hold h using (tid)
      where x.class in ('sale', 'preauth') and h.effect = 'stop' and h.withdrawn_at is null and x.at >= h.effective_from and x.at < coalesce(h.lifted_at, 'infinity')`)
    expect(sold).toEqual([])
    const due = await filled.sql(`select no as id from application where due_at <= $1 union all select tid from terminal where due_at <= $1
      union all select tid from terminal where clearance_due_at <= $1 union all select tid from backup where due_at <= $1 and verified_at is null`, [new Date(at(now))])
    expect(due).toEqual([])
    const [chain] = await filled.sql<{ holds: boolean; ordered: boolean; last: string; rows: number }>(`
      select bool_and(hash = sha256(previous || convert_to(seq || E'\\n' || body, 'UTF8')) and previous = before) as holds,
        bool_and(at >= coalesce(earlier, at)) as ordered, max(at)::text as last, count(*)::int as rows
      from (select seq, hash, previous, body, (body::jsonb->>'at')::timestamptz as at, lag(hash, 1, sha256('tingqi'::bytea)) over w as before,
        lag((body::jsonb->>'at')::timestamptz) over w as earlier from journal window w as (order by seq)) j`)
    expect(chain).toMatchObject({ holds: true, ordered: true })
    expect(Date.parse(chain!.last)).toBe(at(now))
    expect(chain!.rows).toBeGreaterThan(150)
    expect(filled.faults).toEqual([])
  })

  test('is taken by a gate as it is', async () => {
    const gate = await gateBeside(filled.app, { id: 'demo' })
    const service: Partial<Record<Mode, Service>> = { open: 'active', restrict: 'restricted', drain: 'draining', shut: 'suspended', test: 'testing', closed: 'closed' }
    const terminals = await filled.sql<{ tid: string; mid: string; service: Service }>('select tid, mid, service from terminal')
    const differing = terminals.filter((t) => {
      const { mode } = gate.look(t.tid, t.mid)
      return service[mode] !== (t.service === 'pending_setup' ? 'suspended' : t.service)
    })
    await gate.close()
    expect(differing).toEqual([])
    expect(filled.faults).toEqual([])
  })

  test('is filled once', async () => {
    await expect(fillDemo(filled.app, { log() {} })).rejects.toThrow(/empty database/)
  })
})

describe('filled late in December, after being cut short', () => {
  const now = '2026-12-28T10:00'
  test('nothing is left of the first attempt; the second says which year is missing', async () => {
    const open = await openFor(now)
    try {
      let lines = 0
      await expect(fillDemo(open.app, { log() { if (++lines === 2) throw new Error('cut short') } })).rejects.toThrow('cut short')
      const [left] = await open.sql(`select (select count(*)::int from provider) as providers, (select count(*)::int from terminal) as terminals,
        (select count(*)::int from account) as accounts, (select seq::int from journal_head) as seq`)
      expect(left).toEqual({ providers: 0, terminals: 0, accounts: 0, seq: 0 })

      const summary = await fillDemo(open.app, { log() {} })
      expect(summary.skipped.length).toBeGreaterThan(0)
      expect(new Set(summary.skipped.map((s) => s.year))).toEqual(new Set([2027]))
      expect(summary.cases).toBeGreaterThan(15)
      expect(open.app.providers()).toHaveLength(3)
      expect(open.faults).toEqual([])
    } finally {
      await open.close()
    }
  }, 120_000)
})
