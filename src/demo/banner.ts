// What people see when the program has started: where it is, who may sign in to the demo, and what to try next. Written for a
// plain terminal of a hundred columns, in which a Chinese character takes two.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { dateOf, instantOf } from '../domain/calendar.ts'
import { roles, say } from '../domain/vocabulary.ts'
import { credentialsFile, type DemoActor } from './credentials.ts'

export type StartScreen = {
  url: string
  /** Folder of the data, as the operator named it. */
  home: string
  isDemo: boolean
  isNew: boolean
  isManualClock: boolean
  now: number
  actors: readonly DemoActor[]
  /** Ports of the gate in a process of its own. */
  gate?: { http?: number; iso8583?: number } | undefined
}

const columns_max = 100
/** Blocks drawn two columns wide (Unicode East Asian Width W and F), as far as names and labels here reach. */
const isWide = (character: string): boolean =>
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/.test(
    character,
  )
export const columnsOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0)
const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  let kept = ''
  for (const character of text) {
    if (columnsOf(kept + character) > columns - 1) break
    kept += character
  }
  return `${kept}…`
}

/** Columns as wide as their widest cell, two apart; the last one ends where it ends. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => columnsOf(row[i]!))))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

const clockText = (now: number): string => {
  const date = dateOf(now)
  const minutes = Math.floor((now - instantOf(date, '00:00')) / 60_000)
  return `${date} ${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Whom people try first: the platform, one provider's desk, and the merchants; the others are in the file. */
const shown = (actor: DemoActor): boolean =>
  actor.login !== null &&
  (actor.party.kind !== 'provider' || (actor.party.id === 'yunhui' && !actor.login.endsWith('_reviewing')))
const name_columns_max = 16

function signIns({ actors, home }: StartScreen): string[] {
  const rows = actors
    .filter(shown)
    .map((a) => [
      cut(a.party.name, name_columns_max),
      `${say(roles[a.role], 'zh')} ${say(roles[a.role], 'en')}`,
      a.login!,
      a.password!,
    ])
  return [
    `演示登录 demo sign-ins；全部及密钥 all of them, with keys: ${join(home, credentialsFile)}`,
    '',
    ...table([['所属 of', '角色 role', '登录名 login', '密码 password'], ...rows]).map((line) => `  ${line}`),
  ]
}

const next = (url: string, isNew: boolean): string[] => [
  `接下来 what next${isNew ? '（演示数据刚刚生成 the demo data is fresh）' : ''}`,
  ...table([
    ['1.', `${url}/home`, '用 apo.owner 登录，申请停机 sign in, ask for a stop'],
    ['2.', 'npm run walk -- friday', '看一台终端周五三点准时停机 watch a stop on Friday at three'],
    ['3.', `${url}/docs`, '用上面的账号或密钥试接口 try the API'],
    ['4.', 'npm run cli -- --help', '命令行 the command line；Ctrl-C 停止 ends it, data stays'],
  ]).map((line) => `  ${line}`),
]

/** The same host under another port. */
const at = (url: string, port: number): string => Object.assign(new URL(url), { port: String(port), pathname: '' }).origin

/** The start screen; no line is wider than a hundred columns but one that carries a long path. */
export function startScreen(screen: StartScreen): string {
  const { url, isDemo, isManualClock, now, gate } = screen
  const kind = [isDemo ? '演示 demo' : '', isManualClock ? '手动时钟 manual clock' : '', clockText(now)]
    .filter((t) => t !== '')
    .join(' · ')
  const addresses = table([
    ['首页 home', `${url}/`],
    ['虚拟终端 card machine', `${url}/terminal`],
    ['接口文档 API docs', `${url}/docs`],
    ['函件核验 verify a letter', `${url}/verify`],
    ['办件进度 track a case', `${url}/track`],
    ['闸口 gate', `POST ${url}/gate/decisions`],
    ...(gate?.http === undefined ? [] : [['独立闸口 its own process', `POST ${at(url, gate.http)}/gate/decisions`]]),
    ...(gate?.iso8583 === undefined ? [] : [['ISO 8583', `${new URL(url).hostname}:${gate.iso8583}`]]),
  ]).map((line) => `  ${line}`)
  const name = '停启 Tingqi  POS 终端停机与复机'
  const head = `${pad(name, columns_max - 2 - columnsOf(kind))}${kind}`
  const parts = [[head], addresses, ...(screen.actors.length > 0 ? [signIns(screen)] : []), next(url, screen.isNew)]
  return `\n${parts.map((lines) => lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')).join('\n\n')}\n\n`
}

/** The start screen of a program that has just started; whoever may sign in is read from the file beside its data. */
export function banner({
  config,
  url,
  isNew,
  now,
  gate,
}: {
  config: Pick<Config, 'home' | 'isDemo' | 'manualClockFrom'>
  url: string
  isNew: boolean
  now: number
  gate?: StartScreen['gate']
}): string {
  const file = join(config.home, credentialsFile)
  const actors =
    config.isDemo && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { actors: DemoActor[] }).actors : []
  return startScreen({
    url,
    home: config.home,
    isDemo: config.isDemo,
    isNew,
    isManualClock: config.manualClockFrom !== undefined,
    now,
    actors,
    gate,
  })
}
