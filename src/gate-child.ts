// The gate beside the program, in a process of its own: started with it, started again when it dies, ended with it. The child
// holds one end of a channel; when the program is gone, however it went, the channel closes and the child ends itself.
import { fork, type ChildProcess } from 'node:child_process'
import type { Log } from './app/app.ts'
import { ConfigRefused, type Config } from './config.ts'
import type { GateDoors } from './gate-program.ts'

/** What the child says over the channel. */
export type ChildWord = { ready: { id: string; doors: GateDoors } } | { refused: string }

export type GateChild = {
  readonly id: string
  readonly doors: GateDoors
  readonly pid: number | undefined
  /** Resolves when it listens, or has taken too long; rejects with what an operator asked for and cannot have. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

const again_ms_min = 200
const again_ms_max = 10_000
/** Whoever lived for so long was well. */
const well_after_ms = 60_000
const end_within_ms = 12_000
/** A large register takes some seconds to read; the program does not wait for ever. */
const ready_within_ms = 30_000

export function keepGate(config: Config, url: string, log: Log): GateChild {
  const gate = config.gate!
  let child: ChildProcess | undefined
  let ready: { id: string; doors: GateDoors } | undefined
  let isClosed = false
  let again_ms = again_ms_min
  let timer: NodeJS.Timeout | undefined

  const args = [
    '--roles=gate', `--host=${config.host}`, ...(gate.id === undefined ? [] : [`--gate-id=${gate.id}`]), ...(config.isDemo ? [] : ['--no-demo']),
  ]
  /** A child that comes back takes the ports it had, where they are still free. */
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env, DATABASE_URL: url, TINGQI_HOME: config.home, TINGQI_SECRET: config.secret, TINGQI_ROLES: 'gate', TINGQI_HTTP_PORT: '0',
    TINGQI_GATE_PORT: gate.http.isAsked ? String(gate.http.port) : '', TINGQI_ISO8583_PORT: gate.iso8583.isAsked ? String(gate.iso8583.port) : '',
    ...(gate.nexo ? { TINGQI_NEXO: '1' } : {}),
    TINGQI_GATE_WISH: `${ready?.doors.http ?? gate.http.port},${ready?.doors.iso8583 ?? gate.iso8583.port}`,
    ...(config.logLevel === undefined ? {} : { TINGQI_LOG: config.logLevel }),
  })

  let firstWord: (word: ChildWord) => void = () => {}
  const heard = new Promise<ChildWord>((resolve) => { firstWord = resolve })

  const start = (): void => {
    const began = performance.now()
    const fresh = fork(new URL('./main.ts', import.meta.url), args, { env: env(), stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
    child = fresh
    let lastWords = ''
    fresh.stderr?.on('data', (bytes: Buffer) => { lastWords = (lastWords + bytes.toString()).slice(-2_000) })
    fresh.on('message', (word: ChildWord) => {
      if ('ready' in word) ready = word.ready
      firstWord(word)
    })
    fresh.on('error', (error) => { lastWords += error.message })
    fresh.on('exit', (code, signal) => {
      if (isClosed) return
      log.error({ code, signal, lastWords }, 'the gate beside the program ended and is started again')
      if (performance.now() - began > well_after_ms) again_ms = again_ms_min
      timer = setTimeout(start, again_ms)
      again_ms = Math.min(again_ms_max, again_ms * 2)
    })
  }

  const close = async (): Promise<void> => {
    isClosed = true
    clearTimeout(timer)
    const last = child
    if (!last || last.exitCode !== null || last.signalCode !== null) return
    const ended = new Promise<void>((resolve) => { last.once('exit', () => resolve()) })
    last.kill('SIGTERM')
    const impatience = setTimeout(() => last.kill('SIGKILL'), end_within_ms)
    await ended
    clearTimeout(impatience)
  }

  start()
  const firstReady = async (): Promise<void> => {
    const late = new Promise<undefined>((resolve) => { setTimeout(() => resolve(undefined), ready_within_ms).unref() })
    const word = await Promise.race([heard, late])
    // What an operator asked for and cannot have is said; whatever else is wrong may pass, and it is tried again.
    if (word && 'refused' in word) throw new ConfigRefused(word.refused)
    if (!word && !isClosed) log.error({ after_ms: ready_within_ms }, 'the gate beside the program is not ready yet')
  }
  const isReady = firstReady()
  isReady.catch(() => {})
  return {
    ready: isReady,
    get id() { return ready?.id ?? gate.id ?? '' },
    get doors() { return ready?.doors ?? {} },
    get pid() { return child?.pid },
    close,
  }
}
