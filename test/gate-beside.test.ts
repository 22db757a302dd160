// The gate in a process of its own beside the program: started with it, on its clock, started again when it dies, ended with
// it – also when nobody could end it.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigRefused, programRoles, readConfig, type Config } from '../src/config.ts'
import { openVault } from '../src/store/vault.ts'
import { startProgram, type Program } from '../src/program.ts'
import { keyHash } from '../src/store/people.ts'
import { until } from './gate/node.ts'
import { at, fillEstate, freshDatabase, mid, startServer } from './world.ts'

const key = `tq_${'k'.repeat(43)}`
const secret = 'x'.repeat(40)
const free = { port: 0, isAsked: false } as const

let server: Awaited<ReturnType<typeof startServer>>
let url: string
let client: pg.Client
const homes: string[] = []
const home = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'tingqi-beside-'))
  homes.push(made)
  return made
}
beforeAll(async () => {
  server = await startServer()
  url = await freshDatabase(server.url)
  client = new pg.Client({ connectionString: url })
  await client.connect()
  await fillEstate(client, { vault: openVault(secret) }, { policy: {}, terminals: ['10000001', '10000002', '10000003'] })
  for (const [id, role, kind, party] of [['admin', 'platform_admin', 'platform', 'platform'], ['finance', 'finance', 'provider', 'yunhui']] as const) {
    await client.query('insert into person (id, name) values ($1, $1)', [id])
    await client.query('insert into account (id, person, name, role, party_kind, party_id) values ($1, $1, $1, $2, $3, $4)', [id, role, kind, party])
    await client.query('insert into api_key (hash, account, hint, created_at) values ($1, $2, $2, now())', [keyHash(keyOf(id)), id])
  }
}, 120_000)
afterAll(async () => {
  await client.end()
  await server.stop()
  for (const each of homes) rmSync(each, { recursive: true, force: true, maxRetries: 5 })
})
const keyOf = (name: string): string => (name === 'admin' ? key : `tq_${name.padEnd(43, '0')}`)

const config = (part: Partial<Config> = {}): Config => ({
  home: home(), databaseUrl: url, host: '127.0.0.1', port: 0, publicUrl: 'http://tingqi.test', roles: programRoles, isDemo: true,
  manualClockFrom: at('2026-11-23T10:00'), secret, connections_max: 8, gate: { id: undefined, http: free, iso8583: free, upstream: undefined }, ...part,
})
const ask = async (base: string, method: string, path: string, body?: object, who = 'admin') => {
  const answer = await fetch(base + path, {
    method, headers: { authorization: `Bearer ${keyOf(who)}`, ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}
const registered = async (): Promise<{ id: string; clock_at: Date; left_at: Date | null; doors: { http?: number; iso8583?: number; pid?: number } }[]> =>
  (await client.query('select id, clock_at, left_at, doors from gate order by id')).rows
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('beside the program', () => {
  let program: Program
  let door: string
  const sale = (tid = '10000001') => ask(door, 'POST', '/gate/decisions', { tid, mid, class: 'sale' })
  beforeAll(async () => {
    program = await startProgram(config())
    await program.gate!.ready
    door = `http://127.0.0.1:${program.gate!.doors.http}`
  }, 120_000)

  test('it is registered beside the one in the program, with its doors', async () => {
    const gates = await registered()
    expect(gates.map((g) => g.id)).toEqual([program.gate!.id, `${program.gate!.id}-http`])
    await until(async () => (await registered())[0]!.doors.http === program.gate!.doors.http)
    expect(program.gate!.doors.iso8583).toBeGreaterThan(0)
    expect((await sale()).body).toMatchObject({ decision: 'approve', asOf: '2026-11-23T02:00:00.000Z' })
  })

  test('its ISO 8583 front counts what it sees', async () => {
    const socket = connect(program.gate!.doors.iso8583!, '127.0.0.1')
    await new Promise((resolve) => { socket.once('connect', resolve) })
    // A frame that is none: it is taken, and the connection cut off.
    socket.on('error', () => {}).write(Buffer.from('00056000030000', 'hex'))
    await new Promise((resolve) => { socket.once('close', resolve) })
    const figures = await (await fetch(`${door}/metrics`)).text()
    for (const name of ['tingqi_iso8583_frames_total', 'tingqi_iso8583_connections', 'tingqi_iso8583_host_links']) expect(figures).toContain(`${name}{gate="${program.gate!.id}"}`)
    expect(figures).toMatch(/tingqi_iso8583_cut_off_total\{.*why="not_iso8583".*\} 1|tingqi_iso8583_cut_off_total\{why="not_iso8583".*\} 1/)
  })

  test('the clock is moved when every gate has taken it over; a stop on the way has happened at every door', async () => {
    const stop = await ask(program.url, 'POST', '/api/v1/terminals/10000001/holds', { reason: 'A01', words: 'account', effectiveFrom: '2026-11-23T15:00:00+08:00' }, 'finance')
    expect(stop.status).toBe(201)
    expect((await sale()).body['code']).toBe('00')
    expect((await ask(program.url, 'PUT', '/api/v1/demo/clock', { now: '2026-11-23T15:00:00+08:00' })).status).toBe(200)
    expect((await registered()).map((g) => g.clock_at.toISOString())).toEqual(['2026-11-23T07:00:00.000Z', '2026-11-23T07:00:00.000Z'])
    expect((await sale()).body).toMatchObject({ code: '58', asOf: '2026-11-23T07:00:00.000Z' })
    const terminal = await ask(program.url, 'GET', '/api/v1/terminals/10000001')
    expect(terminal.body['hostBlockedAt']).toBe('2026-11-23T07:00:00.000Z')
  }, 60_000)

  test('killed, it comes back where it was and knows what it knew', async () => {
    const { pid, doors } = program.gate!
    process.kill(pid!, 'SIGKILL')
    await until(() => program.gate!.pid !== pid && isAlive(program.gate!.pid!))
    await until(() => sale().then(({ body }) => body['code'] === '58', () => false), 20_000)
    expect(program.gate!.doors).toEqual(doors)
    expect((await registered()).length).toBe(2)
  }, 60_000)

  test('ends with the program, and signs off', async () => {
    const { pid } = program.gate!
    await program.close()
    expect(isAlive(pid!)).toBe(false)
    expect((await registered()).map((g) => g.left_at !== null)).toEqual([true, true])
  }, 60_000)
})

test('a port that was asked for and is taken is said, one that was not gives way', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => { other.once('listening', resolve) })
  const { port } = other.address() as { port: number }
  const asked = config({ gate: { id: 'ports', http: { port, isAsked: true }, iso8583: free, upstream: undefined } })
  const first = await startProgram(asked)
  const refused = await first.gate!.ready.catch((error: Error) => error)
  expect(refused).toBeInstanceOf(ConfigRefused)
  expect((refused as Error).message).toContain(`Port ${port} is taken`)
  await first.close()
  const program = await startProgram(config({ gate: { id: 'ports2', http: { port, isAsked: false }, iso8583: free, upstream: undefined } }))
  await program.gate!.ready
  expect(program.gate!.doors.http).toBeGreaterThan(0)
  expect(program.gate!.doors.http).not.toBe(port)
  await program.close()
  other.close()
}, 120_000)

test('it ends itself when the program is killed', async () => {
  const own = home()
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url)), '--port=0', '--gate-id=orphan', '--clock=manual', '--roles=http,gate'], {
    env: { ...process.env, DATABASE_URL: url, TINGQI_HOME: own, TINGQI_SECRET: secret }, stdio: 'ignore',
  })
  const { pid } = (await until(async () => (await registered()).find((g) => g.id === 'orphan' && g.doors.http !== undefined), 60_000)).doors
  expect(isAlive(pid!)).toBe(true)
  child.kill('SIGKILL')
  await until(() => !isAlive(pid!), 20_000)
}, 120_000)

test('a gate alone needs a database, and a name that can be one', () => {
  const refused = (argv: string[], env = {}): string => {
    try {
      readConfig(argv, { TINGQI_HOME: home(), TINGQI_SECRET: secret, ...env })
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(refused(['--roles=gate'])).toContain('needs DATABASE_URL')
  expect(refused(['--roles=gate', '--gate-id=../x'], { DATABASE_URL: 'x' })).toContain('Not a name for a gate')
  expect(refused(['--roles=gate', '--gate-port=x'], { DATABASE_URL: 'x' })).toContain('Not a port')
  expect(refused([], { TINGQI_ISO8583_UPSTREAM: 'nowhere' })).toContain('Not an address')
  expect(refused(['--roles=gate'], { DATABASE_URL: 'x', TINGQI_ISO8583_UPSTREAM: '10.0.0.5:8583' })).toBe('taken')
})
