// The program's own API through the client generated from its contract. A refusal (RFC 9457) is thrown as `Refused`, whose
// words the server made in the reader's language; screens show them as they are.
import { client } from '../../src/client/generated/client.gen.ts'
import type { Language } from './words.ts'

export type Problem = {
  type: string; title: string; status: number; code: string; detail: string; retry: boolean; requestId: string
  errors?: { pointer: string; code: string; detail: string }[]
}

export class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    // The one thing that is wrong says more than "one thing is wrong".
    super((problem.errors?.length === 1 ? problem.errors[0]!.detail : undefined) ?? (problem.detail || problem.title))
    this.problem = problem
  }
}

const unreachable = (language: Language): Problem => ({
  type: 'about:blank', title: '', status: 0, code: 'unreachable', retry: true, requestId: '',
  detail: language === 'zh' ? '连不上服务器，请检查网络后重试。' : 'The server cannot be reached; check the network and try again.',
})

let language: Language = 'zh'

export function openClient(chosen: Language): void {
  language = chosen
  client.setConfig({ baseUrl: location.origin, credentials: 'same-origin', headers: { 'accept-language': chosen === 'zh' ? 'zh-CN' : 'en' } })
}

/** The data of a call, or its refusal thrown. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response?: Response }>): Promise<T> {
  let reply: Awaited<typeof call>
  try {
    reply = await call
  } catch {
    throw new Refused(unreachable(language))
  }
  const { data, error, response } = reply
  if (response?.ok) return data as T
  throw new Refused(isProblem(error) ? error : { ...unreachable(language), status: response?.status ?? 0 })
}

const isProblem = (value: unknown): value is Problem => typeof value === 'object' && value !== null && 'code' in value && 'detail' in value

/** One key for one intention: a button pressed twice does nothing twice. */
export const onceKey = (): string => crypto.randomUUID()
/** Once, and only upon the version that was seen: `"v7"`, as its ETag names it. */
export const onSeen = ({ version }: { version: number }) => ({ 'Idempotency-Key': onceKey(), 'If-Match': `"v${version}"` })
