// A gate as a process of its own: the gate, its HTTP door and its ISO 8583 front, over a database it is told of. It needs
// nothing else of the program and answers on when all the rest is gone. Ended, it stops taking what is new, answers what is
// under way, sends what it saw, and signs off.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type { Log } from './app/app.ts'
import { ConfigRefused, type Config, type GateConfig, type PortWish } from './config.ts'
import { startFront, type Front } from './gate/front/start.ts'
import { openHttpDoor, type Manners } from './gate/http-door.ts'
import { startGate } from './gate/start.ts'
import { checked } from './http/fields.ts'
import { preferred } from './http/language.ts'
import { problemReply } from './http/problem.ts'
import { decisionsBody, queriesOf } from './http/routes/gate.ts'
import { isRefusal } from './domain/refusals.ts'

export type GateDoors = { http?: number; iso8583?: number }
export type GateProgram = { id: string; doors: GateDoors; close(): Promise<void> }

/** Callers of a gate are spoken to as on the main port. */
export const manners: Manners = {
  language: preferred,
  read(body) {
    const read = checked(decisionsBody, body)
    return isRefusal(read) ? read : queriesOf(read.value)
  },
  problem: problemReply,
}

export async function startGateProgram(config: Config, signal?: AbortSignal, onOver: (error: Error) => void = () => {}): Promise<GateProgram> {
  const { gate: wanted, databaseUrl, home } = config
  if (wanted === undefined || databaseUrl === undefined) throw new ConfigRefused('A gate alone needs DATABASE_URL: the database of the program it answers for.')
  const folder = join(home, 'gate')
  const id = wanted.id ?? gateName(folder)
  const log: Log = pino({ level: config.logLevel ?? 'info' }, pino.destination({ dest: join(folder, id, 'gate.log'), sync: false, mkdir: true }))
  const doors: GateDoors = {}
  const gate = await startGate({ id, url: databaseUrl, folder, secret: config.secret, log, signal, onOver, doors: () => ({ ...doors, host: config.host, pid: process.pid }) })
  const ends: (() => Promise<void>)[] = []
  let front: Front | undefined
  const close = async (): Promise<void> => {
    gate.drain()
    await Promise.all(ends.map((end) => end()))
    await gate.close()
  }
  try {
    const http = await listening(wanted.http, 'TINGQI_GATE_PORT', (port) => openHttpDoor(gate, {
      port, host: config.host, manners, nexo: wanted.nexo, front: () => front && { ...front.figures(), linksUp: front.desk.linksUp() },
    }))
    ends.push(http.close)
    doors.http = http.port
    if (opensFront(config, wanted)) {
      front = await listening(wanted.iso8583, 'TINGQI_ISO8583_PORT', (port) =>
        startFront(gate.door, { port, host: config.host, secret: config.secret, upstream: wanted.upstream, log }))
      ends.push(front.close)
      doors.iso8583 = front.port
    } else log.info({ gate: id }, 'no ISO 8583 front: outside the demo it needs a host behind it (TINGQI_ISO8583_UPSTREAM)')
    return { id, doors, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Outside the demo a gate is never itself the host: it has no accounts. */
const opensFront = ({ isDemo }: Config, { upstream }: GateConfig): boolean => isDemo || upstream !== undefined

/** A port nobody asked for gives way to a free one. */
async function listening<T>({ port, isAsked }: PortWish, name: string, open: (port: number) => Promise<T>): Promise<T> {
  try {
    return await open(port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    if (!isAsked) return open(0)
    throw new ConfigRefused(`Port ${port} ${code === 'EACCES' ? 'may not be used by this user' : 'is taken'}. Give the gate another with ${name}, or 0 for any.`)
  }
}

/** One name per data folder, by which the gate comes back after a restart. */
export function gateName(folder: string): string {
  const file = join(folder, 'name')
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const host = hostname().replace(/[^0-9A-Za-z-]/g, '').replace(/^-+/, '').slice(0, 30) || 'gate'
    try {
      writeFileSync(file, `${host}-${randomBytes(3).toString('hex')}`, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return readFileSync(file, 'utf8')
}
