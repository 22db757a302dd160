// npm start: reads what was asked, starts the program, says where it is, and ends it cleanly.
import { banner } from './demo/banner.ts'
import { ConfigRefused, isGateAlone, readConfig, usage, type Config } from './config.ts'
import { CannotOpen } from './app/start.ts'
import { StartRefused } from './postgres/refused.ts'
import type { ChildWord } from './gate-child.ts'
import { startGateProgram, type GateProgram } from './gate-program.ts'
import { NameTaken } from './gate/link.ts'
import { GateFolderTaken } from './gate/start.ts'
import type { Program } from './program.ts'

const say = (text: string): void => { process.stdout.write(`  ${text}\n`) }

/** Ctrl-C reaches us from the terminal and once more through npm: within this time it is the same wish. */
const same_wish_ms = 1_000
const close_within_ms = 20_000

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env)
  if (config === 'help') return say(usage)
  const starting = new AbortController()
  let program: Program | GateProgram | undefined
  /** A gate that is ended while it starts takes its name out of the register first. */
  let going: Promise<void> | undefined
  let ending: Promise<void> | undefined
  let asked_at = 0
  const end = (code: number): void => {
    if (ending && Date.now() - asked_at > same_wish_ms) process.exit(code || 1)
    if (ending) return
    asked_at = Date.now()
    setTimeout(() => process.exit(code || 1), close_within_ms).unref()
    starting.abort()
    ending = (program?.close() ?? going ?? Promise.resolve()).then(() => process.exit(code), () => process.exit(1))
  }
  process.on('SIGINT', () => end(0))
  process.on('SIGTERM', () => end(0))
  // Of a gate beside a program: the program is gone, however it went.
  process.on('disconnect', () => end(0))
  process.on('uncaughtException', (error) => { console.error(error); end(1) })
  process.on('unhandledRejection', (error) => { console.error(error); end(1) })
  if (isGateAlone(config)) {
    const gate = gateAlone(config, starting.signal, (error) => { console.error(`\n  ${error.message}\n`); end(1) })
    going = gate.then(() => {}, () => {})
    program = await gate
    return
  }
  // A gate alone does not load the rest.
  const { startProgram } = await import('./program.ts')
  const whole = await startProgram(config, say, (why) => { console.error(why); end(1) })
  program = whole
  await whole.gate?.ready.catch(async (error: Error) => { await whole.close(); throw error })
  process.stdout.write(banner({ config, url: whole.url, isNew: whole.isNew, now: whole.app.clock.now(), gate: whole.gate?.doors }))
}

const tell = (word: ChildWord): void => { process.send?.(word) }

async function gateAlone(config: Config, signal: AbortSignal, onOver: (error: Error) => void): Promise<GateProgram> {
  try {
    const gate = await startGateProgram(config, signal, onOver)
    const { http, iso8583 } = gate.doors
    say(`闸口 gate ${gate.id}  HTTP http://${config.host}:${http}${iso8583 === undefined ? '' : `  ISO 8583 ${config.host}:${iso8583}`}`)
    tell({ ready: { id: gate.id, doors: gate.doors } })
    return gate
  } catch (error) {
    if (error instanceof ConfigRefused || error instanceof NameTaken) tell({ refused: error.message })
    throw error
  }
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigRefused || error instanceof CannotOpen || error instanceof StartRefused
    || error instanceof NameTaken || error instanceof GateFolderTaken
  console.error(known ? `\n  ${(error as Error).message}\n` : error)
  process.exit(1)
})
