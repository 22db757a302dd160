// Whom to ask and as whom: from options, else from the environment, else what a demo on this machine has.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { languages, type Language } from '../domain/vocabulary.ts'
import { Refused, wrong } from './refused.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type GlobalOptions = { url?: string; key?: string; as?: string; lang?: string; json?: boolean; dryRun?: boolean }
export type Settings = {
  url: string
  key: string | undefined
  home: string
  language: Language
  isJson: boolean
  isDry: boolean
}

const url_default = 'http://127.0.0.1:8080'

export function settingsOf(options: GlobalOptions, env: Environment): Settings {
  const home = resolve(env['TINGQI_HOME'] || 'data')
  return {
    url: urlOf(options.url ?? (env['TINGQI_URL'] || url_default)),
    key: options.key ?? (options.as === undefined ? env['TINGQI_KEY'] || undefined : keyOfActor(home, options.as)),
    home,
    language: languageOf(options.lang),
    isJson: options.json === true,
    isDry: options.dryRun === true,
  }
}

function languageOf(text = 'zh'): Language {
  const language = languages.find((one) => one === text)
  if (language === undefined)
    throw wrong(`--lang 应为 ${languages.join('、')}。`, `--lang should be one of ${languages.join(', ')}.`)
  return language
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw wrong(`--url 应为网址，如 ${url_default}。`, `--url should be a web address such as ${url_default}.`)
  return url.href.replace(/\/+$/, '')
}

type DemoActor = { name: string; role: string; login?: string | null; apiKey?: string | null }

/** A login names one; a role names the first who has it. */
function keyOfActor(home: string, who: string): string {
  const file = join(home, 'demo-credentials.json')
  const actors = actorsIn(file).filter((a): a is DemoActor & { apiKey: string } => typeof a.apiKey === 'string')
  const actor =
    actors.find((a) => a.login === who) ?? actors.find((a) => a.role === who) ?? actors.find((a) => a.name === who)
  if (actor) return actor.apiKey
  const names = [...new Set(actors.flatMap((a) => [a.role, a.login ?? a.name]))].join(', ')
  throw wrong(`${file} 里没有 ${who}。可用：${names}。`, `Nobody in ${file} is ${who}. There are: ${names}.`)
}

function actorsIn(file: string): DemoActor[] {
  try {
    const { actors } = JSON.parse(readFileSync(file, 'utf8')) as { actors: DemoActor[] }
    if (Array.isArray(actors)) return actors
  } catch (error) {
    if (error instanceof Refused) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw wrong(
        `没有 ${file}：--as 只用于演示数据，程序的数据目录用 TINGQI_HOME 指明；否则请用 --key。`,
        `There is no ${file}: --as works with the demo only, whose folder TINGQI_HOME names; otherwise use --key.`,
      )
  }
  throw wrong(`${file} 读不懂。`, `${file} cannot be read.`)
}
