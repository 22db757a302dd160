// One run of the command line: the client that asks, and where answers go. Replies are kept as they came, so that programs
// (--json) get the very bytes; people get what a command makes of them.
import { createClient, createConfig, type Client } from '../client/generated/client/index.ts'
import type { Problem } from '../client/generated/types.gen.ts'
import { say, type Words } from '../domain/vocabulary.ts'
import type { Paint } from './paint.ts'
import { Refused } from './refused.ts'
import type { Settings } from './settings.ts'
import { table, type Column } from './table.ts'

export type Screen = {
  write(text: string): void
  note(text: string): void
  /** Columns of the screen; undefined where there is none. */
  columns: number | undefined
  /** Whether progress can be drawn (on the error stream). */
  isLive: boolean
  paint: Paint
}

export type Told<T> = { value: T; text: string; response: Response }
type Answer<T> = Promise<{ data?: T | undefined; error?: unknown; response?: Response }>

export type Session = Settings & {
  client: Client
  screen: Screen
  /** Waits for a reply of the client; a refusal, or no reply at all, ends the command. */
  ask<T>(answer: Answer<T>): Promise<Told<NonNullable<T>>>
  /** In the asker's language. */
  say(zh: string, en: string): string
  words(pair: Words): string
  /** The reply as it came, or the lines made of it. */
  show<T>(told: Told<T>, lines: (value: T) => readonly string[]): void
  lines(lines: readonly string[]): void
  table<T>(columns: readonly Column<T>[], rows: readonly T[]): string[]
  /** A short word to a person, not part of the answer. */
  note(zh: string, en: string): void
  /** Send as `query` with what may be rehearsed. */
  rehearsal: { dryRun?: 'true' }
}

export function openSession(settings: Settings, screen: Screen): Session {
  const { language, isJson } = settings
  const texts = new WeakMap<Response, string>()
  const client = createClient(
    createConfig({
      baseUrl: settings.url,
      auth: ({ scheme }: { scheme?: string }) => (scheme === 'bearer' ? settings.key : undefined),
      headers: { 'accept-language': language === 'zh' ? 'zh-CN' : 'en' },
    }),
  )
  client.interceptors.response.use(async (response: Response) => {
    if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) texts.set(response, await response.clone().text())
    return response
  })
  const write = (text: string): void => screen.write(`${text}\n`)
  return {
    ...settings,
    client,
    screen,
    async ask<T>(answer: Answer<T>) {
      const { data, error, response } = await answer
      if (!response) throw unreachable(settings.url, error)
      if (data === undefined || data === null || !response.ok)
        throw refusalOf(response, error, texts.get(response), settings)
      return { value: data as NonNullable<T>, text: texts.get(response) ?? '', response }
    },
    say: (zh, en) => say([zh, en], language),
    words: (pair) => say(pair, language),
    show: (told, lines) => write(isJson ? told.text : lines(told.value).join('\n')),
    lines: (lines) => {
      if (lines.length > 0) write(lines.join('\n'))
    },
    table: (columns, rows) => table(columns, rows, screen.columns, (title) => screen.paint('strong', title)),
    note: (zh, en) => {
      if (!isJson) screen.note(`${say([zh, en], language)}\n`)
    },
    rehearsal: settings.isDry ? { dryRun: 'true' } : {},
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Problem).detail === 'string' &&
  typeof (value as Problem).code === 'string'

const twice = (text: string): Words => [text, text]

function refusalOf(
  response: Response,
  error: unknown,
  text: string | undefined,
  { url, key, language }: Settings,
): Refused {
  if (!isProblem(error))
    return new Refused({
      code: 'answer_not_understood',
      says: [
        `${url} 的回答看不懂（HTTP ${response.status}）。那里运行的是停启吗？`,
        `${url} answered what we do not understand (HTTP ${response.status}). Is it Tingqi that runs there?`,
      ],
    })
  const hint =
    error.code === 'unauthenticated' && key === undefined
      ? say(['（用 --key 或 --as 说明您是谁。）', ' (Say who you are with --key or --as.)'], language)
      : ''
  const request =
    error.code === 'internal' ? say([`请求号 ${error.requestId}。`, ` Request id ${error.requestId}.`], language) : ''
  return new Refused({
    code: error.code,
    says: twice(`${error.detail}${request}${hint}`),
    fields: error.errors ?? [],
    ...(text === undefined ? {} : { raw: text }),
  })
}

const causes: Readonly<Record<string, Words>> = {
  ECONNREFUSED: ['没有程序在那里应答', 'nothing answers there'],
  ENOTFOUND: ['没有这个主机', 'there is no such host'],
  EAI_AGAIN: ['域名解析失败', 'the name could not be looked up'],
  ECONNRESET: ['连接被中断', 'the connection was cut'],
  UND_ERR_SOCKET: ['连接被中断', 'the connection was cut'],
  UND_ERR_CONNECT_TIMEOUT: ['连接超时', 'it took too long to connect'],
  UND_ERR_HEADERS_TIMEOUT: ['等待回答超时', 'it took too long to answer'],
}

function unreachable(url: string, error: unknown): Refused {
  const code = codeOf((error as { cause?: unknown } | undefined)?.cause) ?? codeOf(error)
  const [zh, en] = (code === undefined ? undefined : causes[code]) ?? ['连接失败', 'the connection failed']
  return new Refused({ code: 'unreachable', says: [`连不上 ${url}：${zh}。`, `Cannot reach ${url}: ${en}.`] })
}

/** The system's name of what went wrong; several addresses of one host fail together. */
function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown[] }
  return typeof code === 'string' ? code : errors && codeOf(errors[0])
}
