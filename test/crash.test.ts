// Programs are killed at random moments while stops fall due and cases are filed, approved and tested; in some rounds the
// database server is killed with them. What was acknowledged is there, nothing is half done, every stop begins once, at its
// moment, and the next program is at work again within seconds.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { headKeeper, readHeads } from '../src/app/journal.ts'
import { startApp } from '../src/app/start.ts'
import { startPostgres, type Postgres } from '../src/postgres/start.ts'
import { migrate } from '../src/store/migrate.ts'
import type { Orders } from './crash/child.ts'
import type { Answer, Line, Request } from './crash/hands.ts'
import { chainWatch, halfDone, lost, notOnce } from './crash/ledger.ts'
import { isTorture, makeRandom, seedOfRun } from './model/random.ts'
import { fillEstate } from './world.ts'

const kills = isTorture ? 2_000 : 50
const restart_ms_max = 3_000
/** Of so many kills one takes the database server along. */
const server_every = 10
const room = mkdtempSync(join(tmpdir(), 'tingqi-crash-'))
const tids = Array.from({ length: 48 }, (_, i) => String(10_000_001 + i))
const children = new Set<ChildProcess>()
let server: Postgres | undefined
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await server?.stop()
  rmSync(room, { recursive: true, force: true })
})

type Program = { child: ChildProcess; begin(orders: Orders): Promise<number>; asked: Map<string, Request>; acks: Answer[]; broken: string[]; ended: Promise<unknown> }

/** A program that has loaded and waits for its orders; the next is made ready while one works. */
function load(): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash/child.ts')], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(room, 'compiled') },
  })
  children.add(child)
  const asked = new Map<string, Request>()
  const acks: Answer[] = []
  const broken: string[] = []
  let isReady: (ms: number) => void
  const ready = new Promise<number>((done) => { isReady = done })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => broken.push(text))
  const lines = createInterface({ input: child.stdout! })
  lines.on('line', (text) => {
    // The last line of a program that was killed may be cut short: then it was not said.
    let line: Line
    try { line = JSON.parse(text) as Line } catch { return }
    if ('ready' in line) isReady(line.ready)
    else if ('ask' in line) asked.set(line.ask.key, line.ask)
    else if ('ack' in line) { asked.delete(line.ack.key); acks.push({ ...line.answer, of: line.ack }) }
    else broken.push(line.broken)
  })
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]).finally(() => children.delete(child))
  return {
    child, asked, acks, broken, ended,
    begin(orders) {
      child.stdin!.on('error', () => {})
      child.stdin!.end(`${JSON.stringify(orders)}\n`)
      return Promise.race([ready, ended.then(() => { throw new Error(`ended before it was ready: ${broken.join('\n')}`) })])
    },
  }
}

const dataDir = join(room, 'postgres')
let serverEnded: Promise<unknown> = Promise.resolve()
function startServer(): Promise<Postgres> {
  let onExit = (): void => {}
  serverEnded = new Promise<void>((done) => { onExit = done })
  return startPostgres({ dataDir, log: () => {}, onExit })
}
const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}
/** Refusals that time alone explains when a request is sent again after a crash. */
const explained = ['effect_in_past', 'stop_begun']

test(`${kills} kills: nothing acknowledged is lost, nothing is half done, every stop begins once`, { timeout: isTorture ? 6 * 3_600_000 : 240_000 }, async () => {
  const seed = seedOfRun()
  console.log(`crash: seed ${seed}`)
  const r = makeRandom(seed)
  server = await startServer()
  await migrate(server.superuserUrl)
  const home = join(room, 'home')
  const setup = await startApp({ url: server.superuserUrl, secret: 'x'.repeat(40), home, publicUrl: '', isDemo: true, log: { info() {}, warn() {}, error() {} } })
  let client = await connect(server.superuserUrl)
  await fillEstate(client, setup, { policy: { straightThrough: [], secondApproval: [], leadTimeHours: 0, drainHours: 1 }, terminals: tids })
  const chain = chainWatch(headKeeper(setup).publicKeyPem)
  await setup.close()
  const heads = () => (existsSync(join(home, 'journal/heads.jsonl')) ? readHeads(join(home, 'journal/heads.jsonl')) : [])

  const all: Answer[] = []
  const starts: number[] = []
  let again: Request[] = []
  let standby = load()
  for (let n = 1; n <= kills; n++) {
    const program = standby
    starts.push(await program.begin({ url: server.superuserUrl, home, seed: r.below(2 ** 31), tids, hands: 6, again }))
    standby = load()
    await new Promise((done) => { setTimeout(done, r.below(r.chance(0.2) ? 60 : 900)) })
    const takesServer = n % server_every === 0
    if (takesServer && r.chance(0.5)) process.kill(server.pid, 'SIGKILL')
    program.child.kill('SIGKILL')
    await program.ended
    // Without its database a program may say that it is broken; else it must not be.
    expect(takesServer ? [] : program.broken).toEqual([])
    if (takesServer) {
      try { process.kill(server.pid, 'SIGKILL') } catch { /* it was killed before the program was */ }
      await Promise.all([client.end().catch(() => {}), serverEnded])
      const began = performance.now()
      server = await startServer()
      starts.push(performance.now() - began)
      client = await connect(server.superuserUrl)
    }
    for (const answer of program.acks)
      if (answer.refused && again.some((request) => request.key === answer.of!.key)) expect(explained, JSON.stringify(answer)).toContain(answer.refused)
    again = [...program.asked.values()]
    all.push(...program.acks)
    expect(await lost(client, program.acks), `kill ${n}`).toEqual([])
    expect(await halfDone(client), `kill ${n}`).toEqual([])
    if (takesServer) expect(await chain(client, heads()), `kill ${n}`).toEqual([])
  }

  const last = standby
  await last.begin({ url: server.superuserUrl, home, seed: 1, tids, hands: 0, again })
  // What falls due in the last moments is given the time to.
  await expect.poll(async () => (await client.query(`select from hold where started_at is null and withdrawn_at is null and effective_from <= now()`)).rowCount, { timeout: 10_000 }).toBe(0)
  await new Promise((done) => { setTimeout(done, 2_500) })
  expect(await lost(client, all)).toEqual([])
  expect(await halfDone(client)).toEqual([])
  expect(await notOnce(client, Date.now() - 2_000)).toEqual([])
  expect(await chain(client, heads())).toEqual([])
  const begun = (await client.query(`select from hold where started_at is not null`)).rowCount!
  console.log(`crash: ${all.length} acknowledged, ${begun} stops begun, ${heads().length} heads kept, slowest start ${Math.round(Math.max(...starts))} ms`)
  // There was something to lose.
  expect(all.length).toBeGreaterThan(kills * 2)
  expect(begun).toBeGreaterThan(kills / 2)
  expect(starts.toSorted((a, b) => a - b)[Math.floor(starts.length * 0.9)]!).toBeLessThan(restart_ms_max)
  last.child.kill('SIGKILL')
  await client.end()
})
