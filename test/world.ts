// A small real world for tests: an embedded PostgreSQL, one estate made by hand, a manual clock, a gate and what
// falls due – everything the program has but HTTP. Each world is a database of its own on one server per test file.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { App, Log } from '../src/app/app.ts'
import type { ManualClock } from '../src/app/clock.ts'
import type { After, Telling } from '../src/app/cases.ts'
import { openBulks, type Bulks } from '../src/app/bulk/bulk.ts'
import { startDue } from '../src/app/due.ts'
import { startApp } from '../src/app/start.ts'
import { demoProviders } from '../src/demo/policies.ts'
import type { Actor } from '../src/domain/authority.ts'
import type { Policy } from '../src/domain/policy.ts'
import type { Refusal } from '../src/domain/refusals.ts'
import type { Role, TransactionClass } from '../src/domain/vocabulary.ts'
import { gateBeside } from '../src/gate/beside.ts'
import type { Gate } from '../src/gate/start.ts'
import { attendantSentence } from '../src/domain/gate-sentence.ts'
import { startPostgres, type Postgres } from '../src/postgres/start.ts'
import { migrate } from '../src/store/migrate.ts'

export const at = (local: string): number => Date.parse(`${local}${local.length <= 16 ? ':00' : ''}+08:00`)
export const mid = '102290058120001'
const quiet: Log = { info() {}, warn() {}, error(facts, message) { console.error(message, facts) } }

export async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  if (process.env['TINGQI_TEST_DATABASE_URL']) return { url: process.env['TINGQI_TEST_DATABASE_URL'], stop: async () => {} }
  const home = mkdtempSync(join(tmpdir(), 'tingqi-test-'))
  const server: Postgres = await startPostgres({ dataDir: join(home, 'postgres'), log: () => {} })
  return { url: server.superuserUrl, async stop() { await server.stop(); rmSync(home, { recursive: true, force: true }) } }
}

const templates = new Map<string, Promise<string>>()

/** An empty, migrated database beside the server's own: a copy of one that was migrated once. */
export async function freshDatabase(url: string): Promise<string> {
  if (!templates.has(url)) templates.set(url, makeDatabase(url).then(async (made) => { await migrate(made.href); return made.pathname.slice(1) }))
  return (await makeDatabase(url, await templates.get(url))).href
}

async function makeDatabase(url: string, template = 'template1'): Promise<URL> {
  const name = `t_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create database ${name} template ${template}`)
  await client.end()
  const fresh = new URL(url)
  fresh.pathname = `/${name}`
  return fresh
}

export const person = (name: string, role: Role, party: Actor['party']): Actor => ({ person: name, account: `${name}-account`, name, role, party, via: 'key' })
const provider = { kind: 'provider', id: 'yunhui' } as const

export const people = {
  owner: person('owner', 'merchant_owner', { kind: 'merchant', id: mid }),
  agent: person('agent', 'agent', provider),
  reviewer: person('reviewer', 'reviewer', provider),
  approver: person('approver', 'approver', provider),
  field: person('field', 'field', provider),
  risk: person('risk', 'risk', provider),
  finance: person('finance', 'finance', provider),
}

export type Told = { refusal?: Refusal; after?: After; status: number }
/** A telling that hands back what happened instead of bytes. */
export function ear(): { telling: Telling; heard: Told } {
  const heard: Told = { status: 0 }
  return {
    heard,
    telling: {
      view(after) { heard.after = after; heard.status = 200; return { status: 200, body: '{}', headers: {} } },
      refusal(refusal) { heard.refusal = refusal; heard.status = 409; return { status: 409, body: refusal.refused, headers: {} } },
    },
  }
}

export type World = {
  app: App
  gate: Gate
  clock: ManualClock
  /** Many terminals at once; carried out where the clock is moved, and in the background. */
  bulks: Bulks
  url: string
  moveTo(local: string): Promise<void>
  ask(transaction: TransactionClass, tid?: string): { decision: string; code: string; reason: string }
  /** What a cashier reads on the terminal when a sale is tried. */
  cashierReads(tid: string, language: 'zh' | 'en'): string
  sql<T extends object>(text: string, params?: unknown[]): Promise<T[]>
  close(): Promise<void>
}

/** Three providers, one merchant and its terminals, laid down as a first import would. */
export async function fillEstate(client: pg.Client, app: Pick<App, 'vault'>, { policy, terminals }: { policy: Partial<Policy>; terminals: readonly string[] }): Promise<void> {
  for (const p of demoProviders) {
    await client.query('insert into provider (id, name, name_en, prefix, hotline) values ($1, $2, $3, $4, $5)', [p.id, p.name, p.nameEn, p.prefix, p.hotline])
    await client.query('insert into policy values ($1, 1, $2, $3, $4, $3, $5)', [p.id, JSON.stringify({ ...p.policy, ...(p.id === 'yunhui' ? policy : {}) }), '2020-01-01T00:00:00Z', 'maker', 'checker'])
  }
  await client.query('insert into merchant (mid, name, uscc, mcc, wrapped_key) values ($1, $2, $3, $4, $5)', [mid, '老盛昌汤包', '91350100M000100Y43', '5812', app.vault.newKey(mid)])
  await client.query('insert into merchant_provider values ($1, $2)', [mid, 'yunhui'])
  const serials = terminals.map((_, i) => `0000120400000${i}0`)
  await client.query(`insert into device (serial, provider, model, type, ownership) select s, 'yunhui', 'A920', 'smart', 'lent' from unnest($1::text[]) s`, [serials])
  await client.query(
    `insert into terminal (tid, mid, provider, serial, installed_at, service, gate_seq)
     select t, $2, 'yunhui', s, '2024-01-01', 'active', 1 from unnest($1::text[], $3::text[]) x(t, s)`, [terminals, mid, serials],
  )
  await client.query(`select journal_append(null, null, null, '{}', '{"setup":true}')`)
}

export async function makeWorld(serverUrl: string, { now, policy = {}, terminals = ['10000001', '10000002', '10000003'] }: { now: string; policy?: Partial<Policy>; terminals?: string[] }): Promise<World> {
  const url = await freshDatabase(serverUrl)
  const home = mkdtempSync(join(tmpdir(), 'tingqi-home-'))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const setup = await startApp({ url, secret: 'x'.repeat(40), home, publicUrl: 'http://localhost', isDemo: true, log: quiet, manualClockFrom: at(now), connections_max: 4 })
  await fillEstate(client, setup, { policy, terminals })
  await setup.reload()
  const gate = await gateBeside(setup, { id: 'test' })
  setup.setGates((seq) => gate.knownAt(seq))
  const bulks = openBulks(setup)
  const due = startDue(setup, undefined, bulks.run)
  const clock = setup.clock as ManualClock
  return {
    app: setup, gate, clock, bulks, url,
    async moveTo(local) {
      const target = at(local)
      for (;;) {
        await gate.pull()
        await due.run()
        await gate.pull()
        await due.run()
        const next = await due.next()
        if (next === undefined || next > target) break
        clock.set(next)
      }
      clock.set(target)
      await gate.pull()
      await due.run()
    },
    ask: (transaction, tid = terminals[0]!) => gate.door.decide({ tid, mid, class: transaction }),
    cashierReads: (tid, language) => attendantSentence(gate.look(tid, mid), gate.door.entry(tid), gate.door.rulesOf('yunhui'), language),
    async sql<T extends object>(text: string, params: unknown[] = []) { return (await client.query(text, params)).rows as T[] },
    async close() {
      await gate.close()
      await bulks.close()
      await due.close()
      await setup.close()
      await client.end()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
