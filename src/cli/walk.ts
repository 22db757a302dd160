// npm run walk -- friday: plays a scenario against the running program, over HTTP and in virtual time, and tells it as it goes.
// Every claim is checked; the first one that is not true ends the walk with exit code 1.
import { parseArgs } from 'node:util'
import { isColoured, paintFor } from './paint.ts'
import { openStage, type Scene } from './walk/scene.ts'
import { actorsIn, startOwn, type Running } from './walk/running.ts'
import { scenes } from './walk/scenes/index.ts'
import { openStory, WalkEnded, wallText, type Story, type Tongue } from './walk/story.ts'
import { padEnd } from './width.ts'

const usage = `npm run walk -- <scene> | list | all
  --lang=both|zh|en       the story's language (default both)
  --url=URL --credentials=FILE   play against a program that runs on a manual clock (else one is started and ended)
  --keep                  leave the started program's folder`

const options = {
  lang: { type: 'string', default: 'both' }, url: { type: 'string' }, credentials: { type: 'string', default: 'data/demo-credentials.json' },
  keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
} as const
const write = (line: string): void => { process.stdout.write(`${line}\n`) }
const paint = paintFor(isColoured(process.stdout, process.env))

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true })
  const [name] = positionals
  if (values.help || name === undefined) return write(usage), values.help ? 0 : 1
  if (name === 'list') return list(), 0
  const chosen = name === 'all' ? scenes : scenes.filter((s) => s.name === name || String(s.number) === name)
  if (chosen.length === 0) return write(`没有这个场景 no such scene: ${name}`), list(), 1
  const tongue = (['zh', 'en', 'both'] as const).find((t) => t === values.lang)
  if (tongue === undefined) return write(usage), 1
  const began_ms = performance.now()
  let claims = 0
  for (const scene of chosen) {
    const story = openStory(write, paint, tongue)
    story.title([`${scene.number}. ${scene.title[0]}`, `${scene.number}. ${scene.title[1]}`])
    if (!(await playOne(scene, story, tongue, values))) return 1
    claims += story.claims
  }
  write('')
  write(`${paint('good', '✓')} ${chosen.length} 个场景、${claims} 项断言全部成立 scene(s), ${claims} claims, all true (${Math.round((performance.now() - began_ms) / 1_000)} s)`)
  return 0
}

const list = (): void => {
  for (const s of scenes) write(`  ${padEnd(s.name, 18)}${padEnd(`${s.number}.`, 4)}${padEnd(s.title[0], 32)}${s.title[1]}`)
}

type Values = { url?: string | undefined; credentials: string; keep: boolean }

async function playOne(scene: Scene, story: Story, tongue: Tongue, { url, credentials, keep }: Values): Promise<boolean> {
  let running: Running | undefined
  try {
    running = url === undefined ? await startOwn(scene.startsAt, (line) => write(paint('faint', `  ${line}`)), keep) : { url, actors: actorsIn(credentials), close: async () => {} }
    const stage = openStage(running, story, tongue)
    if (url !== undefined) await stage.comeTo(Date.parse(scene.startsAt))
    await scene.play(stage)
    return true
  } catch (error) {
    if (!(error instanceof WalkEnded)) write(`  ${paint('bad', '✗')} ${(error as Error).message}`)
    else if (error.message !== '') write(`  ${paint('bad', '✗')} ${error.message}`)
    write(`  ${paint('bad', '走查中止 the walk ends here')}: ${scene.name}${running ? '' : `, ${wallText(Date.parse(scene.startsAt))}`}`)
    return false
  } finally {
    await running?.close()
  }
}

main(process.argv.slice(2)).then((code) => { process.exitCode = code }, (error: unknown) => {
  write(`${(error as Error).message}\n\n${usage}`)
  process.exitCode = 1
})
