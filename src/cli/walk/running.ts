// The program a walk is played against: one of its own, started on a clock that stands at the scene's beginning and in a
// folder that is thrown away; or one that runs already on a manual clock that has not passed the beginning.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type Actor = {
  name: string
  role: string
  party: { kind: string; id: string; name: string }
  login: string | null
  apiKey: string
}
export type Running = { url: string; actors: readonly Actor[]; close(): Promise<void> }

const main = fileURLToPath(new URL('../../main.ts', import.meta.url))
/** A fresh machine installs nothing any more, but a first PostgreSQL and the demo take their time. */
const ready_within_ms = 180_000
const ask_every_ms = 150
const end_within_ms = 20_000

export const actorsIn = (file: string): readonly Actor[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { actors: Actor[] }).actors

export async function startOwn(now: string, note: (line: string) => void, keep: boolean): Promise<Running> {
  const home = mkdtempSync(join(tmpdir(), 'tingqi-walk-'))
  const url = `http://127.0.0.1:${await freePort()}`
  note(`${url}  TINGQI_HOME=${home}`)
  // Its own database and secrets, whatever the caller's environment names.
  const { DATABASE_URL: _, TINGQI_SECRET: __, TINGQI_ROLES: ___, ...env } = process.env
  const child = spawn(process.execPath, [main, '--clock=manual', `--now=${now}`, `--port=${new URL(url).port}`], {
    env: { ...env, TINGQI_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-4_000)
    })
  const close = async (): Promise<void> => {
    await end(child)
    if (!keep) rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  }
  const passOn = (): void => {
    void close().then(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, passOn)
  try {
    await ready(url, child, () => said)
    return {
      url,
      actors: actorsIn(join(home, 'demo-credentials.json')),
      async close() {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, passOn)
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const server = createServer()
    server.on('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })

async function ready(url: string, child: ChildProcess, said: () => string): Promise<void> {
  for (const until = Date.now() + ready_within_ms; Date.now() < until; await sleep(ask_every_ms)) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the program ended before it was ready:\n${said()}`)
    const answered = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answered?.ok) return
  }
  throw new Error(`the program was not ready after ${ready_within_ms / 1_000} s:\n${said()}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), end_within_ms)
  await ended
  clearTimeout(late)
}
