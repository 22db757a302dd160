// What the tests of a gate as a node stand on: a PostgreSQL that can be taken away and put back – as it was, or as it was some
// time ago – the primary beside it, and gates in processes of their own, asked over HTTP.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { startDue, type Due } from '../../src/app/due.ts'
import { watchGates, type Gates } from '../../src/app/gates.ts'
import { startApp } from '../../src/app/start.ts'
import type { Policy } from '../../src/domain/policy.ts'
import type { TransactionClass } from '../../src/domain/vocabulary.ts'
import { startPostgres, type Postgres } from '../../src/postgres/start.ts'
import { keyHash } from '../../src/store/people.ts'
import { migrate } from '../../src/store/migrate.ts'
import * as acts from '../acts.ts'
import { fillEstate, mid, people } from '../world.ts'
import type { GateLine, GateOrders } from './child.ts'

export const key = `tq_${'k'.repeat(43)}`
export const secret = 'x'.repeat(40)
export { mid }
const quiet = { info() {}, warn() {}, error() {} }

export const until = async <T>(what: () => Promise<T | undefined | false> | T | undefined | false, within_ms = 10_000): Promise<T> => {
  for (const end = Date.now() + within_ms; ; await pause(20)) {
    const found = await what()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error('it never came true')
  }
}

const freePort = (): Promise<number> => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as { port: number }
    probe.close(() => resolve(port))
  })
})

export type Reply = { decision: string; code: string; reason: string; basis: string; epoch: number; seq: number; ageMs: number; mode: string; asOf: string }
export type GateProcess = {
  id: string
  readonly port: number
  pid: number
  lines: GateLine[]
  /** `refused`: nobody listens. */
  ask(kind: TransactionClass, tid?: string, fen?: number): Promise<Reply | 'refused'>
  signal(name: NodeJS.Signals): void
  ended: Promise<void>
}

export async function startNode({ policy = {}, tids }: { policy?: Partial<Policy>; tids: readonly string[] }) {
  const home = mkdtempSync(join(tmpdir(), 'tingqi-node-'))
  const port = await freePort()
  const dataDir = join(home, 'postgres')
  const folder = join(home, 'gate')
  let server: Postgres | undefined
  let primary: { app: Awaited<ReturnType<typeof startApp>>; gates: Gates; due: Due; client: pg.Client } | undefined
  const children = new Set<ChildProcess>()

  const openPrimary = async (): Promise<void> => {
    const url = server!.superuserUrl
    await migrate(url)
    const app = await startApp({ url, secret, home, publicUrl: 'http://localhost', isDemo: true, log: quiet, connections_max: 6 })
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    if (app.providers().length === 0) {
      await fillEstate(client, app, { policy, terminals: tids })
      // The longest stand-in time of all providers counts.
      if (policy.gate) await client.query(`update policy set document = jsonb_set(document, '{gate}', $1)`, [JSON.stringify(policy.gate)])
      await client.query(`insert into person (id, name) values ('p', 'p')`)
      await client.query(`insert into account (id, person, name, role, party_kind, party_id) values ('a', 'p', 'p', 'platform_admin', 'platform', 'platform')`)
      await client.query(`insert into api_key (hash, account, hint, created_at) values ($1, 'a', 'tq', now())`, [keyHash(key)])
      await app.reload()
    }
    const gates = await watchGates(app)
    app.setGates(gates.knownAt, () => gates.level(1_000), gates.standing)
    primary = { app, gates, due: startDue(app, { ...gates, onPulled: gates.onHeard }), client }
  }
  const closePrimary = async (): Promise<void> => {
    const open = primary
    primary = undefined
    if (!open) return
    await open.due.close()
    await open.gates.close()
    await open.app.close()
    await open.client.end().catch(() => {})
  }
  const up = async (): Promise<void> => {
    if (server) return
    server = await startPostgres({ dataDir, log: () => {}, port })
    await openPrimary()
  }
  const down = async (): Promise<void> => {
    await closePrimary()
    await server?.stop()
    server = undefined
  }

  const startGate = async (orders: Partial<GateOrders> & { id: string }): Promise<GateProcess> => {
    const url = server?.superuserUrl ?? lastUrl
    lastUrl = url
    const own: GateOrders = { url, folder, secret, lease_ms: 600, patience_ms: 500, port: 0, ...orders }
    const child = spawn(process.execPath, [new URL('./child.ts', import.meta.url).pathname, JSON.stringify(own)], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.add(child)
    const ended = new Promise<void>((resolve) => { child.once('exit', () => { children.delete(child); resolve() }) })
    const agent = new Agent({ keepAlive: true })
    const lines: GateLine[] = []
    const ready = new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const said = JSON.parse(line) as GateLine
        lines.push(said)
        if ('port' in said) resolve(said.port)
        if ('over' in said) reject(new Error(said.over))
      })
      void ended.then(() => reject(new Error('it ended')))
    })
    ready.catch(() => {})
    let listening = 0
    const gate: GateProcess = {
      id: own.id, get port() { return listening }, pid: child.pid!, lines, ended, signal: (name) => { child.kill(name) },
      ask: (kind, tid = tids[0]!, fen = 100) => ask(agent, listening, { tid, mid, class: kind, amount: { fen, currency: 'CNY' } }),
    }
    starting.set(gate, ready)
    listening = await Promise.race([ready, pause(15_000).then(() => { throw new Error('it does not listen') })])
    return gate
  }
  let lastUrl = ''
  const starting = new WeakMap<GateProcess, Promise<number>>()

  await up()
  lastUrl = server!.superuserUrl
  return {
    home, folder, up, down, startGate, port,
    get url() { return server!.superuserUrl },
    get app() { return primary!.app },
    get gates() { return primary!.gates },
    sql: async <T extends object>(text: string, params: unknown[] = []): Promise<T[]> => (await primary!.client.query(text, params)).rows as T[],
    /** The provider stops it, now or at an instant. */
    stop: (tid: string, effectiveFrom?: number, reason: 'R09' | 'A01' = 'A01') =>
      acts.place({ app: primary!.app }, reason === 'R09' ? people.risk : people.finance, tid, { reason, words: 'looked into', effectiveFrom }),
    blockedAt: async (tid: string): Promise<number | undefined> =>
      ((await primary!.client.query('select host_blocked_at as at from terminal where tid = $1', [tid])).rows[0].at as Date | null)?.getTime(),
    /** The server's files as they are now; `server` must be down. */
    copy: (name: string): void => { execFileSync('cp', ['-a', dataDir, join(home, name)]) },
    restore: (name: string): void => {
      rmSync(dataDir, { recursive: true, force: true })
      execFileSync('cp', ['-a', join(home, name), dataDir])
    },
    async close(): Promise<void> {
      for (const child of children) child.kill('SIGKILL')
      await down()
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
export type Node = Awaited<ReturnType<typeof startNode>>

/** A line to the server that can be cut without either end hearing of it. */
export async function startLine(url: string): Promise<{ url: string; cut(): void; mend(): void; close(): void }> {
  const to = new URL(url)
  const pairs = new Set<readonly [Socket, Socket]>()
  let isCut = false
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('data', (bytes) => { if (!isCut) other.write(bytes) }).on('error', () => {}).on('close', () => { pairs.delete(pair); if (!isCut) other.destroy() })
    }
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const through = new URL(url)
  through.port = String((server.address() as { port: number }).port)
  return {
    url: through.href,
    cut() { isCut = true },
    mend() {
      isCut = false
      // What was under way is lost for good.
      for (const [near, far] of pairs) { near.destroy(); far.destroy() }
    },
    close() { server.close(); for (const [near, far] of pairs) { near.destroy(); far.destroy() } },
  }
}

function ask(agent: Agent, port: number, body: object): Promise<Reply | 'refused'> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const req = request({
      host: '127.0.0.1', port, path: '/gate/decisions', method: 'POST', agent,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    }, (res) => {
      let got = ''
      res.setEncoding('utf8').on('data', (chunk: string) => { got += chunk }).on('end', () => {
        if (res.statusCode !== 200) reject(new Error(`${res.statusCode} ${got}`))
        else resolve(JSON.parse(got) as Reply)
      })
    })
    req.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNREFUSED' ? resolve('refused') : reject(error)))
    req.end(text)
  })
}
