// npm start: reads what was asked, starts the program, says where it is, and ends it cleanly.
import { banner } from './demo/banner.ts'
import { ConfigRefused, readConfig, usage } from './config.ts'
import { CannotOpen } from './app/start.ts'
import { StartRefused } from './postgres/refused.ts'
import { startProgram, type Program } from './program.ts'

const say = (text: string): void => { process.stdout.write(`  ${text}\n`) }

/** Ctrl-C reaches us from the terminal and once more through npm: within this time it is the same wish. */
const same_wish_ms = 1_000
const close_within_ms = 20_000

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env)
  if (config === 'help') return say(usage)
  let program: Program | undefined
  let ending: Promise<void> | undefined
  let asked_at = 0
  const end = (code: number): void => {
    if (ending && Date.now() - asked_at > same_wish_ms) process.exit(code || 1)
    if (ending) return
    asked_at = Date.now()
    setTimeout(() => process.exit(code || 1), close_within_ms).unref()
    ending = (program?.close() ?? Promise.resolve()).then(() => process.exit(code), () => process.exit(1))
  }
  process.on('SIGINT', () => end(0))
  process.on('SIGTERM', () => end(0))
  process.on('uncaughtException', (error) => { console.error(error); end(1) })
  process.on('unhandledRejection', (error) => { console.error(error); end(1) })
  program = await startProgram(config, say, (why) => { console.error(why); end(1) })
  process.stdout.write(banner({ config, url: program.url, isNew: program.isNew, now: program.app.clock.now() }))
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigRefused || error instanceof CannotOpen || error instanceof StartRefused
  console.error(known ? `\n  ${(error as Error).message}\n` : error)
  process.exit(1)
})
