// Processes the benches of the gate measure: gates as `npm start -- --roles=gate` starts them, and what Linux says each used.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type pg from 'pg'
import type { ChildWord } from '../src/gate-child.ts'
import { keyHash } from '../src/store/people.ts'
import { secret } from './world.ts'

export const key = `tq_${'b'.repeat(43)}`
/** A key that may ask about every terminal. */
export async function addKey(client: pg.Client): Promise<void> {
  await client.query(`insert into person (id, name) values ('bench', 'bench')`)
  await client.query(`insert into account (id, person, name, role, party_kind, party_id) values ('bench', 'bench', 'bench', 'platform_admin', 'platform', 'platform')`)
  await client.query(`insert into api_key (hash, account, hint, created_at) values ($1, 'bench', 'tq', now())`, [keyHash(key)])
}

export type Measured = { readonly child: ChildProcess; readonly pid: number; readonly port: number; /** From its start until it listened. */ readonly ready_ms: number; end(): Promise<void> }

async function until(child: ChildProcess, began: number, port: number): Promise<Measured> {
  return {
    child, pid: child.pid!, port, ready_ms: performance.now() - began,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

export async function startGate({ url, home, id }: { url: string; home: string; id: string }): Promise<Measured> {
  const began = performance.now()
  const child = fork(new URL('../src/main.ts', import.meta.url), ['--roles=gate', '--host=127.0.0.1', `--gate-id=${id}`, '--no-demo'], {
    env: { ...process.env, DATABASE_URL: url, TINGQI_HOME: home, TINGQI_SECRET: secret, TINGQI_GATE_PORT: '0' }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [],
  })
  const [word] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => { throw new Error('the gate ended') })])) as [ChildWord]
  if ('refused' in word) throw new Error(word.refused)
  return until(child, began, word.ready.doors.http!)
}

/** A server of the benches' own; it says its port. */
export async function startServer(file: URL, args: readonly string[]): Promise<Measured> {
  const began = performance.now()
  const child = fork(file, args, { execArgv: [] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return until(child, began, port)
}

const ticks_per_second = 100
/** Processor time so far, of all its threads. */
export const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / ticks_per_second) * 1_000
}
/** Memory it has in use now, and at its most. */
export const memoryBytes = (pid: number): { now: number; peak: number } => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1_024
  return { now: of('VmRSS'), peak: of('VmHWM') }
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
/** At a share of the sorted values. */
export const at = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!
export const three = (value: number): number => Number(value.toPrecision(3))
