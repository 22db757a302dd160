// npm run walk -- friday: plays a scenario against the running program, over HTTP and in virtual time, and tells it as it goes.
// Every claim is checked; the first one that is not true ends the walk with exit code 1.
import { parseArgs } from 'node:util'
import { isColoured, paintFor } from './paint.ts'
import { openStage, type Scene } from './walk/scene.ts'
import { actorsIn, startOwn, type Running } from './walk/running.ts'
import { scenes } from './walk/scenes/index.ts'
import { openStory, WalkEnded, type Tongue } from './walk/story.ts'
import { padEnd } from './width.ts'

const usage = `npm run walk -- <scene> | list | all
  --lang=both|zh|en       the story's language (default both)
  --url=URL --credentials=FILE   play against a program that runs on a manual clock (else one is started and ended)
  --keep                  leave the started program's folder`

const options = {
  lang: { type: 'string', default: 'both' },
  url: { type: 'string' },
  credentials: { type: 'string', default: 'data/demo-credentials.json' },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
const write = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const paint = paintFor(isColoured(process.stdout, process.env))

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true })
  const [name] = positionals
  const tongue = (['zh', 'en', 'both'] as const).find((t) => t === values.lang)
  if (values.help || name === undefined || tongue === undefined) {
    write(usage)
    return values.help ? 0 : 1
  }
  const chosen =
    name === 'all' || name === 'list' ? scenes : scenes.filter((s) => s.name === name || String(s.number) === name)
  if (name === 'list' || chosen.length === 0) {
    if (name !== 'list') write(`没有这个场景 no such scene: ${name}`)
    list()
    return name === 'list' ? 0 : 1
  }
  const began_ms = performance.now()
  const claims = await playAll(
    chosen.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt)),
    tongue,
    values,
  )
  if (claims === undefined) return 1
  write('')
  write(
    `${paint('good', '✓')} ${chosen.length} 个场景、${claims} 项断言全部成立 scene(s), ${claims} claims, all true (${Math.round((performance.now() - began_ms) / 1_000)} s)`,
  )
  return 0
}

const list = (): void => {
  for (const s of scenes)
    write(`  ${padEnd(s.name, 18)}${padEnd(`${s.number}.`, 4)}${padEnd(s.title[0], 32)}${s.title[1]}`)
}

type Values = { url?: string | undefined; credentials: string; keep: boolean }

/**
 * A program of our own plays on as long as its clock has not passed the next scene's beginning and its estate has not gone
 * quiet: nobody buys anything in the demo after its first day, and after three months every merchant would be asked why.
 */
const estate_lively_ms = 80 * 86_400_000

/** Plays scenes in order of time; answers how many claims were true, or nothing where one was not. */
async function playAll(
  chosen: readonly Scene[],
  tongue: Tongue,
  { url, credentials, keep }: Values,
): Promise<number | undefined> {
  let running: Running | undefined
  let begun = 0
  let claims = 0
  try {
    for (const scene of chosen) {
      const start = Date.parse(scene.startsAt)
      const story = openStory(write, paint, tongue)
      story.title([`${scene.number}. ${scene.title[0]}`, `${scene.number}. ${scene.title[1]}`])
      try {
        if (url !== undefined) running ??= { url, actors: actorsIn(credentials), close: async () => {} }
        else if (
          running &&
          (start - begun > estate_lively_ms || (await openStage(running, story, tongue).clock()) > start)
        ) {
          await running.close()
          running = undefined
        }
        if (!running) {
          running = await startOwn(scene.startsAt, (line) => write(paint('faint', `  ${line}`)), keep)
          begun = start
        }
        const stage = openStage(running, story, tongue)
        await stage.comeTo(start)
        await scene.play(stage)
        claims += story.claims
      } catch (error) {
        if (!(error instanceof WalkEnded) || error.message !== '')
          write(`  ${paint('bad', '✗')} ${(error as Error).message}`)
        write(`  ${paint('bad', '走查中止 the walk ends here')}: ${scene.name}`)
        return undefined
      }
    }
    return claims
  } finally {
    await running?.close()
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    write(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 1
  },
)
