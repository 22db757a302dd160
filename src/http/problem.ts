// The only place where a status code is chosen for a no: a refusal or an error of ours becomes one RFC 9457 document in the
// asker's language. What an error says may quote what people sent, so only its kind and its place go to the log.
import type { Reply } from '../app/execute.ts'
import { refuse, refusals, sentenceOf, type Refusal } from '../domain/refusals.ts'
import { say, type Language, type Words } from '../domain/vocabulary.ts'
import { constraintOf, sqlState } from '../store/db.ts'

export const problem_media_type = 'application/problem+json; charset=utf-8'
/** When to try again, where waiting helps and nothing better is known. */
const retry_after_s = 1

const titles: Readonly<Record<number, Words>> = {
  400: ['请求格式有误', 'Malformed request'],
  401: ['未登录', 'Not signed in'],
  403: ['没有权限', 'Not allowed'],
  404: ['没有找到', 'Not found'],
  409: ['现在不能办理', 'Not possible now'],
  410: ['已销毁', 'Gone'],
  412: ['内容已更新', 'Changed meanwhile'],
  413: ['内容过大', 'Too large'],
  415: ['类型不支持', 'Type not supported'],
  422: ['需要更正', 'Something to correct'],
  429: ['请求过于频繁', 'Too many requests'],
  500: ['系统出错', 'Our fault'],
  503: ['暂时无法处理', 'Not available now'],
}

export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail: string
  errors: { pointer: string; code: string; detail: string }[]
  retry: boolean
  requestId: string
}

export function problemOf(refusal: Refusal, language: Language, requestId: string): Problem {
  const { status, retry } = refusals[refusal.refused]
  return {
    type: `/problems/${refusal.refused}`,
    title: say(titles[status]!, language),
    status,
    code: refusal.refused,
    detail: sentenceOf(refusal, language),
    errors: (refusal.fields ?? []).map((f) => ({ pointer: f.pointer, code: f.code, detail: say(f.words, language) })),
    retry,
    requestId,
  }
}

/** A refusal in its final bytes. */
export function problemReply(refusal: Refusal, language: Language, requestId: string): Reply {
  const problem = problemOf(refusal, language, requestId)
  return {
    status: problem.status,
    body: JSON.stringify(problem),
    headers: {
      'content-type': problem_media_type,
      'content-language': language === 'zh' ? 'zh-CN' : 'en',
      ...(problem.retry ? { 'retry-after': String(retry_after_s) } : {}),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="tingqi"' } : {}),
    },
  }
}

const mebibyte = 1_048_576
export const tooLarge = (bytes_max: number): Refusal =>
  refuse('too_large', {
    max: bytes_max >= mebibyte ? `${Math.floor(bytes_max / mebibyte)} MB` : `${Math.floor(bytes_max / 1024)} KB`,
  })

/** Connections that died, a server that starts, stops or has no room left, and statements that took too long. */
const passing = (state: string | undefined): boolean =>
  state !== undefined &&
  (/^(08|53|57)/.test(state) || ['55P03', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'].includes(state))

/** What fastify, its plugins and the database throw, as a refusal; `bytes_max` is the route's own limit. */
export function refusalOf(error: unknown, bytes_max: number): Refusal {
  const code = sqlState(error)
  const status = (error as { statusCode?: number } | undefined)?.statusCode
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || code === 'FST_REQ_FILE_TOO_LARGE' || status === 413)
    return tooLarge(bytes_max)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || code === 'FST_INVALID_MULTIPART_CONTENT_TYPE' || status === 415)
    return refuse('media_unsupported')
  if (status === 429) return refuse('rate_limited')
  if (status !== undefined && status >= 400 && status < 500) return refuse('request_malformed')
  return passing(code) ? refuse('unavailable') : refuse('internal')
}

/** What may be written to the log about an error: its kind and where it happened, never its words. */
export function traceOf(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error }
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
  return { error: error.name, code: sqlState(error), constraint: constraintOf(error), at: frames }
}
