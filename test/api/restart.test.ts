// Started and ended as people start and end it: a process of its own, on the real clock, in a folder of its own. What it was
// told before it ended is there when it comes again; and it says in one sentence why it will not start.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const secret = 'a secret of at least thirty-two characters'
/** Ready again, and gone, within this time. */
const within_ms = 10_000
/** A first PostgreSQL, and the demo's past. */
const first_within_ms = 120_000
const poll_ms = 50

type Running = { url: string; child: ChildProcess; said(): string; ended: Promise<number | null>; ready_ms: number }
const folders: string[] = []
const children: ChildProcess[] = []
const folder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'tingqi-restart-')))
  return folders.at(-1)!
}
afterAll(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  await Promise.all(
    children.map((child) =>
      child.exitCode === null && child.signalCode === null ? new Promise((done) => child.on('exit', done)) : undefined,
    ),
  )
  for (const one of folders) rmSync(one, { recursive: true, force: true, maxRetries: 3 })
}, 60_000)

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const server = createServer()
      .on('error', failed)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number }
        server.close(() => done(port))
      })
  })

function launch(
  home: string,
  port: number,
  args: readonly string[],
  env: Record<string, string>,
): Omit<Running, 'url' | 'ready_ms'> {
  const { DATABASE_URL: _, TINGQI_SECRET: __, TINGQI_ROLES: ___, ...inherited } = process.env
  const child = spawn(process.execPath, [main, `--port=${port}`, ...args], {
    env: { ...inherited, TINGQI_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text.toString()
    })
  return { child, said: () => said, ended: new Promise((done) => child.on('exit', done)) }
}

async function start(
  home: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  by_ms = within_ms,
): Promise<Running> {
  const begun = performance.now()
  const port = await freePort()
  const running = launch(home, port, args, env)
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok)
      return { ...running, url, ready_ms: performance.now() - begun }
    if (running.child.exitCode !== null) throw new Error(`it ended before it was ready:\n${running.said()}`)
    if (performance.now() - begun > by_ms) throw new Error(`not ready within ${by_ms} ms:\n${running.said()}`)
    await sleep(poll_ms)
  }
}

/** Starts what must not start: its exit code and what it said. */
async function refused(
  home: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; said: string }> {
  const { ended, said } = launch(home, await freePort(), args, env)
  return { code: await ended, said: said() }
}

async function end(
  running: Running,
  signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM',
): Promise<{ code: number | null; took_ms: number }> {
  const begun = performance.now()
  running.child.kill(signal)
  return { code: await running.ended, took_ms: performance.now() - begun }
}

const cluster = (home: string): string => join(home, 'postgres', 'cluster')
/** Everything in a folder, with its size: to see that nothing was made or touched. */
const inside = (home: string): string[] => readdirSync(home, { recursive: true, encoding: 'utf8' }).toSorted()

describe('without the demo', () => {
  test.each([
    ['no secret', {}, 'TINGQI_SECRET must be set'],
    ['an empty one', { TINGQI_SECRET: '' }, 'TINGQI_SECRET must be set'],
    ['a short one', { TINGQI_SECRET: 'short' }, 'at least 32 characters'],
  ])('%s is refused, in one sentence and before anything is made', async (_, env, sentence) => {
    const home = folder()
    const { code, said } = await refused(home, ['--no-demo'], env as Record<string, string>)
    expect(code).toBe(1)
    expect(said).toContain(sentence)
    expect(said.trim().split('\n')).toHaveLength(1)
    expect(inside(home)).toEqual([])
  })

  test('with a secret it starts empty; a clock moved by hand stays with its folder', async () => {
    const home = folder()
    const manual = ['--no-demo', '--clock=manual', '--now=2026-11-23T09:00:00+08:00']
    const first = await start(home, manual, { TINGQI_SECRET: secret }, first_within_ms)
    expect(existsSync(join(home, 'demo-credentials.json'))).toBe(false)
    expect(existsSync(join(home, 'demo-secret'))).toBe(false)
    expect((await fetch(`${first.url}/api/v1/me`)).status).toBe(401)
    expect(await end(first, 'SIGINT')).toMatchObject({ code: 0 })
    // The other kind of clock is refused, and nothing of the folder is hurt by trying.
    const { code, said } = await refused(home, ['--no-demo'], { TINGQI_SECRET: secret })
    expect([code, said.trim().split('\n').at(-1)!.trim()]).toEqual([
      1,
      'This data was made with --clock=manual and stays so. Start with --clock=manual, or give another folder with TINGQI_HOME.',
    ])
    expect(existsSync(join(cluster(home), 'postmaster.pid'))).toBe(false)
    const again = await start(home, manual, { TINGQI_SECRET: secret })
    expect(await end(again)).toMatchObject({ code: 0 })
  }, 180_000)

  test.each([
    [['--clock=sundial'], 'Unknown clock sundial'],
    [['--now=2026-11-23T09:00:00+08:00'], '--now needs --clock=manual'],
    [['--clock=manual', '--now=soon'], 'Not a time: soon'],
    [['--port=x'], 'Not a port: x'],
    [['--roles=http,cook'], 'Unknown role cook'],
    [['--unknown'], "Unknown option '--unknown'"],
  ])('%j is refused by name', async (args, sentence) => {
    const { code, said } = await refused(folder(), args)
    expect([code, said]).toEqual([1, expect.stringContaining(sentence)])
  })
})

describe('with the demo, on the real clock', () => {
  const home = folder()
  let running: Running
  let credentials: string
  let filed: { no: string; text: string }
  const key = (login: string): string =>
    (JSON.parse(credentials) as { actors: { login: string; apiKey: string }[] }).actors.find((a) => a.login === login)!
      .apiKey
  const ask = async (path: string, login: string, body?: object): Promise<{ status: number; text: string }> => {
    const answer = await fetch(running.url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${key(login)}`,
        ...(body ? { 'content-type': 'application/json', 'idempotency-key': 'before the end' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const filing = (tid: string): object => ({
    kind: 'suspend',
    terminals: [tid],
    reason: 'M04',
    words: '生意清淡，停一台。',
    submit: true,
  })
  let tid: string

  beforeAll(async () => {
    running = await start(home, [], {}, first_within_ms)
    credentials = readFileSync(join(home, 'demo-credentials.json'), 'utf8')
  }, first_within_ms + 10_000)

  test('it keeps its secrets to itself', () => {
    for (const file of ['demo-credentials.json', 'demo-secret'])
      expect((statSync(join(home, file)).mode & 0o077).toString(8), file).toBe('0')
    const log = readFileSync(join(home, 'tingqi.log'), 'utf8')
    for (const { apiKey, password } of (
      JSON.parse(credentials) as { actors: { apiKey: string; password: string | null }[] }
    ).actors) {
      expect(log).not.toContain(apiKey)
      if (password) expect(log).not.toContain(password)
    }
  })

  test('a second one on the same folder is refused and does not disturb the first', async () => {
    const { code, said } = await refused(home, [])
    expect(code).toBe(1)
    expect(said).toContain(`Another Tingqi, process ${running.child.pid}, runs on ${join(home, 'postgres')}.`)
    expect(said).toContain('TINGQI_HOME')
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200)
  })

  test('the clock cannot be moved, not even by the platform administrator', async () => {
    const answer = await fetch(`${running.url}/api/v1/demo/clock`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${key('platform.admin')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ now: '2030-01-01T00:00:00Z' }),
    })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'clock_not_manual'])
  })

  test('asked to end, it ends cleanly and soon', async () => {
    const { items } = JSON.parse((await ask('/api/v1/terminals?service=active&limit=200', 'apo.owner')).text) as {
      items: { tid: string; cases: object[]; upcoming: object[] }[]
    }
    tid = items.find((t) => t.cases.length === 0 && t.upcoming.length === 0)!.tid
    const told = await ask('/api/v1/applications', 'apo.owner', filing(tid))
    expect(told.status).toBe(201)
    filed = { no: (JSON.parse(told.text) as { no: string }).no, text: told.text }
    // A request that has begun is answered first.
    const body = JSON.stringify({ reason: 'D11', words: '打印卡纸。' })
    const late = new Promise<number>((done, failed) => {
      const request = httpRequest(
        `${running.url}/api/v1/terminals/${tid}/holds?dryRun=true`,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${key('yunhui.agent')}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (reply) => {
          reply.resume().on('end', () => done(reply.statusCode!))
        },
      ).on('error', failed)
      request.write(body.slice(0, 10))
      setTimeout(() => request.end(body.slice(10)), 600)
    })
    await sleep(300)
    const [status, ended] = await Promise.all([late, end(running)])
    expect([status, ended.code]).toEqual([201, 0])
    expect(ended.took_ms).toBeLessThan(within_ms)
    expect(existsSync(join(cluster(home), 'postmaster.pid'))).toBe(false)
    await expect(fetch(`${running.url}/healthz`)).rejects.toThrow()
  })

  test('a manual clock is refused over it', async () => {
    const { code, said } = await refused(home, ['--clock=manual', '--now=2026-11-23T09:00:00+08:00'])
    expect([code, said.trim().split('\n').at(-1)!.trim()]).toEqual([
      1,
      'This data was started with the real clock; a manual clock cannot be switched on over it. Give another folder with TINGQI_HOME.',
    ])
    expect(existsSync(join(cluster(home), 'postmaster.pid'))).toBe(false)
  })

  test('started again it is soon ready and knows everything', async () => {
    running = await start(home)
    expect(running.ready_ms).toBeLessThan(within_ms)
    expect(readFileSync(join(home, 'demo-credentials.json'), 'utf8')).toBe(credentials)
    expect(JSON.parse((await ask(`/api/v1/applications/${filed.no}`, 'apo.owner')).text)).toMatchObject({
      no: filed.no,
      state: 'submitted',
      words: '生意清淡，停一台。',
    })
    // Also what it answered: the same request is the same case, to the byte.
    expect(await ask('/api/v1/applications', 'apo.owner', filing(tid))).toEqual({ status: 201, text: filed.text })
  })

  test('killed, it comes back as well', async () => {
    running.child.kill('SIGKILL')
    await running.ended
    running = await start(home)
    expect(running.ready_ms).toBeLessThan(within_ms)
    expect(await ask('/api/v1/applications', 'apo.owner', filing(tid))).toEqual({ status: 201, text: filed.text })
    expect(await end(running, 'SIGINT')).toMatchObject({ code: 0 })
  })
})
