// One history: a primary with its database, gates in processes of their own behind lines that fail, people who stop and reopen
// terminals, clients who ask all along. The lease is 0.6 s and the stand-in time 2 s; nothing else differs from the real thing.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { startDue } from '../../src/app/due.ts'
import { watchGates, type Gates } from '../../src/app/gates.ts'
import { startApp } from '../../src/app/start.ts'
import { keyHash } from '../../src/store/people.ts'
import { makeRandom } from '../model/random.ts'
import { fillEstate, freshDatabase } from '../world.ts'
import { createHistory, type History, type Stretch, type Terms } from './history.ts'
import type { Break, Orders, Told, Word } from './history-child.ts'
import { startLine, type Line } from './history-line.ts'
import { readReported, readStretches, type Sql } from './history-truth.ts'
import { openReaders } from './history-readers.ts'
import { openWriters, watchTold } from './history-writers.ts'
import type { Fault } from './history-schedule.ts'
import { key, secret, until } from './node.ts'

export const lease_ms = 600
export const standin_s = 2
const terminals_count = 96
const writers = 4
const quiet = { info() {}, warn() {}, error() {} }

export type RunOptions = {
  seed: number
  gates: number
  clients: number
  faults: readonly Fault[]
  duration_ms: number
  /** It goes on until so many answers are there. */
  answers_min?: number | undefined
  /** One rule of the gates broken. */
  breaks?: readonly Break[] | undefined
  /** One rule of the primary broken. */
  knownAt?: ((gates: Gates) => (seq: number) => number | undefined) | undefined
  /** Looked at now and then; the run ends early when it says so. */
  isEnough?: ((history: History, stretches: readonly Stretch[], terms: Terms) => boolean) | undefined
  /** Done once, in the middle of it. */
  midway?: ((sql: Sql) => Promise<void>) | undefined
}
export type Ran = {
  history: History
  stretches: Stretch[]
  terms: Terms
  /** What did not come right again once everything was well; empty where all did. */
  unwell: string[]
  figures: { answers: number; commands: number; stops: number; confirmed: number; standins: number; faults: number; seconds: number; settled_s: number; cpu_s: number; lost: number }
}

type GateHere = { readonly id: string; child: ChildProcess; port: number; line: Line; over: string | undefined }

export async function run(serverUrl: string, options: RunOptions): Promise<Ran> {
  const { seed, gates: count, faults, duration_ms, answers_min = 0, breaks = [] } = options
  const home = mkdtempSync(join(tmpdir(), 'tingqi-history-'))
  const url = await freshDatabase(serverUrl)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const sql: Sql = async <T extends object>(text: string, params: unknown[] = []) => (await client.query(text, params)).rows as T[]
  const app = await startApp({ url, secret, home, publicUrl: 'http://localhost', isDemo: true, log: quiet, connections_max: 10 })
  const terminals = Array.from({ length: terminals_count }, (_, i) => String(10_000_000 + i))
  const standin = { seconds: standin_s, floorLimitFen: 1_000, countMax: 10_000, totalFenMax: 100_000_000, afterwards: 'decline' } as const
  const gate = { responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: false, standin }
  await fillEstate(client, app, { policy: { gate }, terminals })
  await sql(`update policy set document = jsonb_set(document, '{gate}', $1)`, [JSON.stringify(gate)])
  await sql(`insert into person (id, name) values ('p', 'p')`)
  await sql(`insert into account (id, person, name, role, party_kind, party_id) values ('a', 'p', 'p', 'platform_admin', 'platform', 'platform')`)
  await sql(`insert into api_key (hash, account, hint, created_at) values ($1, 'a', 'tq', now())`, [keyHash(key)])
  await app.reload()
  const watched = await watchGates(app)
  app.setGates(options.knownAt?.(watched) ?? watched.knownAt, () => watched.level(50), watched.standing)
  const due = startDue(app, { ...watched, onPulled: watched.onHeard })

  const here: GateHere[] = []
  const startOne = (id: string, line: Line, port: number): GateHere => {
    const orders: Orders = { id, url: line.url, folder: join(home, 'gate'), secret, lease_ms, patience_ms: 300, port, breaks }
    const child = fork(new URL('./history-child.ts', import.meta.url), [JSON.stringify(orders)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [], env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'tingqi-history-compiled') },
    })
    const made: GateHere = { id, child, port, line, over: undefined }
    child.on('message', (word: Word) => { if ('port' in word) made.port = word.port; else made.over = word.over })
    return made
  }
  for (let i = 0; i < count; i++) here.push(startOne(`g${i}`, await startLine(url), 0))
  const failed = (): string | undefined => here.map((g) => g.over).find((over) => over !== undefined)
  const close = async (): Promise<void> => {
    for (const { child, line } of here) {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      line.close()
    }
    await due.close()
    await watched.close()
    await app.close()
    await client.end()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await until(() => failed() !== undefined || here.every((g) => g.port > 0), 30_000)
    if (failed() !== undefined) throw new Error(failed())
    return await live()
  } finally {
    await close()
  }

  async function live(): Promise<Ran> {
    const random = makeRandom(seed)
    const history = createHistory(terminals)
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    const terms: Terms = { lease_ms, standin_ms: standin_s * 1_000 }
    const told = watchTold(app.db.url)
    const readers = openReaders(history, here.map((g) => () => g.port), options.clients, random)
    const people = openWriters(app, terminals, writers, random, told.seen)
    const suffering = faults.map((fault) => suffer(fault, began))
    const truth = async (): Promise<Stretch[]> => readStretches(sql, terminals, told.seen, people.asks)
    let [midwayDone, isOver] = [options.midway === undefined, false]
    const isDone = (): boolean => performance.now() - began >= duration_ms && history.count >= answers_min
    while (!isDone() && !isOver) {
      await pause(500)
      if (!midwayDone && performance.now() - began > duration_ms / 3) {
        midwayDone = true
        await options.midway!(sql)
      }
      if (options.isEnough) isOver = options.isEnough(history, await truth(), terms)
    }
    await people.close()
    const asked_s = Math.round((performance.now() - began) / 1_000)
    const unwell: string[] = []
    if (!isOver) {
      await Promise.all(suffering)
      unwell.push(...(await settled()))
    }
    for (const { child, line } of here) {
      line.mend()
      child.kill('SIGCONT')
    }
    await readers.close()
    await told.close()
    const stretches = await truth()
    if (!isOver) await Promise.all(here.map(end))
    const reported = await readReported(sql)
    const seconds = Math.round((performance.now() - began) / 1_000)
    const { user, system } = process.cpuUsage(cpu)
    const standins = [...reported.values()].reduce((sum, each) => sum + each, 0)
    return {
      history, stretches, terms: isOver ? terms : { ...terms, reported }, unwell,
      figures: {
        answers: history.count, commands: people.commands(), stops: stretches.length, confirmed: stretches.filter((s) => s.blockedAt !== undefined).length,
        standins, faults: faults.length, seconds: asked_s, settled_s: seconds - asked_s, cpu_s: Math.round((user + system) / 1e6), lost: readers.lost(),
      },
    }
  }

  /** One fault, from its moment on; resolves when it is over. */
  async function suffer({ at_ms, gate: n, kind, for_ms, by_ms = 0, cut_ms = 0 }: Fault, began: number): Promise<void> {
    await pause(Math.max(0, began + at_ms - performance.now()))
    const { line } = here[n]!
    switch (kind) {
      case 'kill': {
        const { id, child, port } = here[n]!
        if (cut_ms > 0) line.cut()
        const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()) })
        child.kill('SIGKILL')
        await ended
        await pause(for_ms)
        here[n] = startOne(id, line, port)
        await pause(cut_ms)
        return line.mend()
      }
      case 'pause': {
        here[n]!.child.kill('SIGSTOP')
        await pause(for_ms)
        here[n]!.child.kill('SIGCONT')
        return
      }
      case 'cut': line.cut(); break
      case 'stall': line.stall(); break
      case 'reset': return line.reset()
      case 'deaf': line.deaf(true); break
      case 'step': here[n]!.child.send({ step_ms: by_ms } satisfies Told); return
    }
    await pause(for_ms)
    line.mend()
    line.deaf(false)
  }

  /** Everything is well again: all gates know all, hold the same, and every stop that stands is effective. */
  async function settled(): Promise<string[]> {
    const isLevel = async (): Promise<boolean> => (await sql<{ level: boolean }>(
      `select bool_and(g.acknowledged_seq = h.seq and g.lease_until > now()) and count(distinct g.digest) = 1 and count(*) = $1 as level from gate g, journal_head h where g.left_at is null`, [count],
    ))[0]!.level
    const unwell: string[] = []
    const within = async (what: string, truth: () => Promise<boolean>): Promise<void> => {
      await until(truth, 75_000).catch(() => { unwell.push(what) })
    }
    await within('the gates are level, on a lease, and hold the same', isLevel)
    await within('every stop in effect is effective', async () => (await sql(
      `select t.tid from terminal t where t.host_blocked_at is null and exists (
         select from hold h where h.tid = t.tid and h.effective_from <= now() and h.lifted_at is null and h.withdrawn_at is null)`,
    )).length === 0)
    const alarms = await sql<{ id: string; alarm: string }>(`select id, alarm from gate where alarm is not null and alarm <> 'clock_skewed'`)
    return [...unwell, ...alarms.map(({ id, alarm }) => `${id} says ${alarm}`)]
  }

  async function end({ child }: GateHere): Promise<void> {
    if (child.exitCode !== null) return
    const ended = new Promise<void>((resolve) => { child.once('exit', () => resolve()) })
    child.send('end' satisfies Told)
    await Promise.race([ended, pause(10_000)])
  }
}
