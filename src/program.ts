// The whole program as one value: database, app, gate, due work, jobs and HTTP, started in order and ended in reverse. Used
// by main.ts, and by tests that want the real thing.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pino from 'pino'
import { backups } from './app/backups.ts'
import type { App, Log } from './app/app.ts'
import type { ManualClock } from './app/clock.ts'
import { startDue, type Due } from './app/due.ts'
import { watchGates, type Gates } from './app/gates.ts'
import { openImports } from './app/imports/imports.ts'
import { openBulks } from './app/bulk/bulk.ts'
import { openDisposal } from './app/disposal/disposal.ts'
import { openReplays } from './app/replay/replays.ts'
import { openSettlement } from './app/settlement/settlement.ts'
import { headKeeper } from './app/journal.ts'
import { letters } from './app/letters.ts'
import { openCareFiles } from './app/care/evidence.ts'
import { openMaterials } from './app/materials.ts'
import { observed } from './app/observed.ts'
import { openPress } from './app/press.ts'
import { startApp } from './app/start.ts'
import { openTelling } from './app/telling/carry.ts'
import { carriersOf, channelsOf } from './app/telling/carriers.ts'
import { openLive } from './app/telling/live.ts'
import { signedOn } from './app/terminals.ts'
import type { Config, ProgramRole } from './config.ts'
import { fillDemo } from './demo/fill.ts'
import { handIn, type Morning } from './demo/three-records.ts'
import { gateBeside } from './gate/beside.ts'
import { openLines } from './gate/front/lines.ts'
import type { Gate } from './gate/start.ts'
import { keepGate, type GateChild } from './gate-child.ts'
import { gateName } from './gate-program.ts'
import { serve } from './http/serve.ts'
import { services } from './services.ts'
import { startPostgres } from './postgres/start.ts'
import { gatesBehindClock } from './store/gate.ts'
import { migrate } from './store/migrate.ts'

/** `gate`: the process beside this one and what it listens on, where there is one; it is ready a little later. */
export type Program = {
  url: string; app: App; isNew: boolean; gate: Omit<GateChild, 'close'> | undefined
  close(): Promise<void>
}
type Step = (text: string) => void

/** How often work that waits in rows (letters, backups, journal heads) is looked for, besides right after a commit. */
const errand_ms = 1_000

export async function startProgram(config: Config, say: Step = () => {}, onLost: (why: string) => void = () => {}): Promise<Program> {
  mkdirSync(config.home, { recursive: true, mode: 0o700 })
  const log: Log = pino({ level: config.logLevel ?? 'info' }, pino.destination({ dest: join(config.home, 'tingqi.log'), sync: false, mkdir: true }))
  const ends: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => { for (const end of ends.splice(0).toReversed()) await end() }
  try {
    let url = config.databaseUrl
    if (url === undefined) {
      say('正在启动数据库 starting PostgreSQL')
      const server = await startPostgres({ dataDir: join(config.home, 'postgres'), log: (line) => log.info({ postgres: line }, 'postgres'), onExit: (how) => onLost(`PostgreSQL ended (${how})`) })
      ends.push(server.stop)
      url = server.superuserUrl
    }
    const applied = await migrate(url)
    if (applied.length > 0) say(`数据库结构就绪 schema ready: ${applied.join(', ')}`)
    const app = await startApp({
      url, secret: config.secret, home: config.home, publicUrl: config.publicUrl, isDemo: config.isDemo, log,
      manualClockFrom: config.manualClockFrom, connections_max: config.connections_max,
    })
    ends.push(app.close)
    const isNew = app.providers().length === 0
    let morning: Morning | undefined
    if (isNew && config.isDemo) {
      say('正在生成演示数据 filling the demo estate')
      morning = (await fillDemo(app, { log: say })).morning
      await app.reload()
    }
    return await run(config, app, ends, close, isNew, morning)
  } catch (error) {
    await close()
    throw error
  }
}

type Running = Awaited<ReturnType<typeof startApp>>

async function run(config: Config, app: Running, ends: (() => Promise<void>)[], close: () => Promise<void>, isNew: boolean, morning?: Morning): Promise<Program> {
  const does = (role: ProgramRole): boolean => config.roles.includes(role)
  const toSignedOn = signOns(app)
  // The gate beside the calls: it answers on the main port and for virtual terminals.
  const gate = does('http') ? await gateBeside(app, { id: `${gateName(join(app.home, 'gate'))}-http`, onSignedOn: toSignedOn.note }) : undefined
  if (gate) ends.push(gate.close)
  const gates = await watchGates(app)
  ends.push(gates.close)
  app.setGates(gates.knownAt, async () => { await Promise.all([gate?.pull(), gates.level(gates_level_ms_max)]) }, gates.standing)
  const press = await openPress(app)
  ends.push(press.close)
  const print = letters(app, press)
  const disposal = openDisposal(app)
  const replays = openReplays(app)
  ends.push(replays.close)
  const settlement = openSettlement(app, { matches: does('jobs') })
  ends.push(settlement.close)
  const errands = startErrands(app, does('jobs') ? [print.printAll, backups(app).run, disposal.clear, replays.look, keepHeads(app), observed(app).run, settlement.look] : [])
  ends.push(errands.close)
  const bulks = openBulks(app, { carries: does('due') })
  ends.push(bulks.close)
  const due = does('due') ? startDue(app, { ...gates, onPulled: gates.onHeard }, bulks.run) : undefined
  if (due) ends.push(due.close)
  const files = openImports(app)
  ends.push(files.close)
  const carriers = carriersOf(config.telling)
  const allowed = config.telling?.allowed ?? {}
  if (does('jobs')) ends.push(openTelling(app, { carriers, allowed, polls: true }).close)
  const materials = openMaterials(app)
  await materials.sweep()
  const careFiles = openCareFiles(app)
  await careFiles.sweep()
  await files.resume()
  await settlement.resume()
  if (morning && does('jobs')) await handIn(morning, files, settlement)
  const settle = (target: number): Promise<void> => settleTo(app, target, { gate, gates, due, errands, signOns: toSignedOn })
  let url = ''
  if (gate) {
    const lines = config.isDemo || config.gate?.upstream
      ? openLines(gate.door, { secret: config.secret, upstream: config.gate?.upstream, log: app.log }) : undefined
    if (lines) ends.push(lines.close)
    const telling = { carriers: channelsOf(carriers), allowed, live: openLive(app) }
    const web = await serve({ app, config, services: services(app, { gate, lines, telling, letters: print, imports: files, settlement, disposal, replays, bulk: bulks, materials, careFiles, settle }) })
    ends.push(web.close)
    url = web.url
  }
  const child = does('gate') && config.gate ? keepGate(config, app.db.url, app.log) : undefined
  if (child) ends.push(child.close)
  return { url, app, isNew, gate: child, close }
}

/** Sign-ons the gate accepted, told to the register in the background; the gate itself already knows. */
function signOns(app: App): { note(tid: string, at: number): void; done(): Promise<void> } {
  const running = new Set<Promise<unknown>>()
  return {
    note(tid) {
      const told = signedOn(app, tid).catch((error: Error) => app.log.warn({ tid, error: error.message }, 'sign-on could not be kept'))
      running.add(told)
      void told.finally(() => running.delete(told))
    },
    done: async () => { await Promise.all(running) },
  }
}

type Errands = { run(): Promise<void>; close(): Promise<void> }

/** Work that waits in rows: looked for after every commit and every second, one look at a time. */
function startErrands(app: App, each: readonly (() => Promise<unknown>)[]): Errands {
  let running: Promise<void> | undefined
  let again = false
  let closed = false
  const run = (): Promise<void> => {
    if (running) { again = true; return running }
    running = (async () => {
      do {
        again = false
        for (const errand of each)
          await errand().catch((error: Error) => app.log.error({ error: error.message }, 'an errand failed and will be tried again'))
      } while (again && !closed)
    })().finally(() => { running = undefined })
    return running
  }
  // On a manual clock errands run where the clock is moved, so that their times are the clock's.
  const look = (): void => { if (!closed) void run() }
  const timer = setInterval(look, errand_ms)
  look()
  return { run, async close() { closed = true; clearInterval(timer); await running } }
}

const keepHeads = (app: App): (() => Promise<unknown>) => {
  const keeper = headKeeper(app)
  return keeper.keep
}

type Moving = { gate: Gate | undefined; gates: Gates; due: Due | undefined; errands: Errands; signOns: { done(): Promise<void> } }

/** A gate that does not hear has lost its lease by then, and nobody waits for it any more. */
const gates_level_ms_max = 6_000
const gates_look_ms = 20

/** Walks a manual clock to an instant, stopping wherever something falls due, and returns when all of it is done. */
async function settleTo(app: App, target: number, { gate, gates, due, errands, signOns }: Moving): Promise<void> {
  const clock = app.clock as ManualClock
  const quiesce = async (): Promise<void> => {
    await signOns.done()
    // Twice: what fell due may have to reach the gate before the rest of it can be done.
    for (let i = 0; i < 2; i++) {
      await gate?.pull()
      await gates.level(gates_level_ms_max)
      await due?.run()
    }
    await errands.run()
    await gate?.pull()
    await gates.level(gates_level_ms_max)
  }
  /** The hand is moved in the database, where every gate sees it, and believed once every gate that lives has taken it over. */
  const moveTo = async (at: number): Promise<void> => {
    clock.set(at)
    await app.db.transaction('*', (tx) => tx.run('update installation set now = $1', [new Date(at).toISOString()]))
    for (const until = performance.now() + gates_level_ms_max; performance.now() < until; await pause(gates_look_ms)) {
      app.stirred()
      await gate?.pull()
      const behind = await app.db.transaction('*', (tx) => gatesBehindClock(tx, at), { readOnly: true })
      if (behind.length === 0) break
    }
  }
  for (;;) {
    await quiesce()
    const next = await due?.next()
    if (next === undefined || next > target) break
    await moveTo(next)
  }
  await moveTo(target)
  await quiesce()
}
