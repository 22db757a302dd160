// Whole suspensions – file and submit, approve, stop (by the clock), ask back, approve, test, sign on – per second, through
// the one door, by as many clients as pgbench uses, beside pgbench's TPC-B-like load on the same server. Counted are
// commands, the clock's among them. Then the same with a hundred times the terminals: it must stay flat.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import pg from 'pg'
import { commandCase, fileCase, type Telling } from '../src/app/cases.ts'
import { startDue } from '../src/app/due.ts'
import { signedOn } from '../src/app/terminals.ts'
import type { Actor } from '../src/domain/authority.ts'
import { testItems, words } from '../src/domain/vocabulary.ts'
import { gateBeside } from '../src/gate/beside.ts'
import type { Bench, Result } from './result.ts'
import { makeBenchWorld, midOf, tidOf, type BenchWorld } from './world.ts'

const clients = 8
const look_every_ms = 5
const pgbench = '/usr/bin/pgbench'
const few = 10_000
const many = 1_000_000

const staff = (name: string, role: Actor['role']): Actor =>
  ({ person: name, account: name, name, role, party: { kind: 'provider', id: 'yunhui' }, via: 'key' })
const [reviewer, field] = [staff('reviewer', 'reviewer'), staff('field', 'field')]
const tests = words(testItems).map((item) => ({ item, passed: true }))

async function suspensions(world: BenchWorld, seconds: number, terminals: number): Promise<{ perSecond: number; commands: number }> {
  const { app } = world
  const gate = await gateBeside(app, { id: 'bench' })
  app.setGates((seq) => gate.knownAt(seq))
  const due = startDue(app, gate)
  const watch = watchStops(app)
  let completed = 0
  const until = performance.now() + seconds * 1_000
  const seqBefore = (await world.client.query('select seq from journal_head')).rows[0].seq as string
  const began = performance.now()
  let next = 0
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const i = next++ % terminals
      await one(app, i, watch)
      completed++
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const elapsed = (performance.now() - began) / 1_000
  const seqAfter = (await world.client.query('select seq from journal_head')).rows[0].seq as string
  watch.close()
  await due.close()
  await gate.close()
  return { perSecond: completed / elapsed, commands: (Number(seqAfter) - Number(seqBefore)) / elapsed }
}

type Watch = { stopped(no: string): Promise<void>; close(): void }

/** One look for everybody who waits for a stop, as a merchant's page would be told rather than ask again and again. */
function watchStops(app: BenchWorld['app']): Watch {
  const waiting = new Map<string, () => void>()
  let closed = false
  const look = async (): Promise<void> => {
    while (!closed) {
      await new Promise((r) => setTimeout(r, look_every_ms))
      if (waiting.size === 0) continue
      const done = await app.db.transaction('*', (tx) => tx.many<{ no: string }>(`select no from application where no = any($1) and state = 'completed'`, [[...waiting.keys()]]), { readOnly: true })
      for (const { no } of done) { waiting.get(no)?.(); waiting.delete(no) }
    }
  }
  void look()
  return { stopped: (no) => new Promise((resolve) => waiting.set(no, resolve)), close() { closed = true } }
}

async function one(app: BenchWorld['app'], i: number, { stopped }: Watch): Promise<void> {
  const tid = tidOf(i)
  const owner: Actor = { person: `owner-${i}`, account: 'o', name: 'o', role: 'merchant_owner', party: { kind: 'merchant', id: midOf(i) }, via: 'key' }
  let no = ''
  let state = ''
  const telling: Telling = {
    view({ dossier }) { no = dossier.case!.case.no; state = dossier.case!.case.state; return { status: 200, body: '{}', headers: {} } },
    refusal(refusal) { throw new Error(JSON.stringify(refusal)) },
  }
  await fileCase(app, { actor: owner }, { kind: 'suspend', terminals: [tid], reason: 'M02', expectedUntil: app.clock.now() + 30 * 86_400_000, submit: true }, telling)
  await commandCase(app, { actor: reviewer }, no, { command: 'approve' }, telling)
  await stopped(no)
  await fileCase(app, { actor: owner }, { kind: 'reactivate', terminals: [tid], submit: true }, telling)
  await commandCase(app, { actor: reviewer }, no, { command: 'approve' }, telling)
  await commandCase(app, { actor: field }, no, { command: 'record-test', items: tests }, telling)
  if (state !== 'completed') throw new Error(`reactivation ended ${state}`)
  await signedOn(app, tid)
}

/** TPC-B-like transactions per second: pgbench itself, same server, same clients. */
function reference(world: BenchWorld, seconds: number): number {
  const url = new URL(world.url)
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) }
  const at = ['-h', url.hostname, '-p', url.port, '-U', decodeURIComponent(url.username), 'pgbench']
  const init = spawnSync(pgbench, ['-i', '-q', '-s', '10', ...at], { env, encoding: 'utf8' })
  if (init.status !== 0) throw new Error(init.stderr)
  const run = spawnSync(pgbench, ['-c', String(clients), '-j', '2', '-T', String(seconds), '-M', 'prepared', ...at], { env, encoding: 'utf8' })
  return Number(/tps = ([\d.]+)/.exec(run.stdout)?.[1] ?? Number.NaN)
}

export const run: Bench = async ({ seconds = 8, rows }) => {
  if (!existsSync(pgbench)) throw new Error('The reference is pgbench: apt-get install -y postgresql-15')
  const results: Result[] = []
  const rates: number[] = []
  for (const terminals of rows === undefined ? [few, many] : [rows]) {
    const world = await makeBenchWorld(terminals, { policy: { straightThrough: [] } })
    try {
      const admin = new pg.Client({ connectionString: world.url })
      await admin.connect()
      await admin.query('create database pgbench')
      await admin.end()
      await suspensions(world, 2, terminals)
      const before = reference(world, seconds)
      const measured = await suspensions(world, seconds, terminals)
      const after = reference(world, seconds)
      const tps = (before + after) / 2
      rates.push(measured.commands / tps)
      results.push({
        name: `lifecycle ${terminals.toLocaleString('en')}`, value: measured.commands, unit: 'commands/s', reference: tps, ratio: measured.commands / tps,
        reach: '≥ 0.25 per pgbench transaction', detail: { suspensionsPerSecond: measured.perSecond, clients, pgbenchBefore: before, pgbenchAfter: after },
      })
    } finally {
      await world.close()
    }
  }
  if (rates.length === 2)
    results.push({ name: 'lifecycle flatness', value: rates[1]! / rates[0]!, unit: 'ratio 1 M : 10 k', reach: '0.8 to 1.2' })
  return results
}
