// One POST to somebody else's machine, and what came of it. Nothing that machine does can hold us up or lead us elsewhere: there
// is one deadline over everything, at most so much of its answer is read, and a redirect is an answer like any other.
import { request as overHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as overHttps } from 'node:https'
import { isIP } from 'node:net'
import type { DeliveryFailure } from '../domain/vocabulary.ts'
import { hostOf, isOpenAddress, judgedLookup, resolveName, type Allowance, type Resolve } from './address.ts'

export type Posted =
  | { answered: true; status: number; body: string; retryAfter_s: number | undefined; took_ms: number }
  | { answered: false; failure: DeliveryFailure; detail: string; took_ms: number }

export type PostOptions = {
  headers: Readonly<Record<string, string>>
  body: string
  /** What is allowed of the address; 'any' for one the operator has set. */
  allowed: Allowance | 'any'
  resolve?: Resolve | undefined
  timeout_ms?: number | undefined
}

export const post_timeout_ms = 15_000
/** More of an answer than this is not read. */
export const answer_bytes_max = 65_536
const header_bytes_max = 16_384

const failureOf = (code: string | undefined): DeliveryFailure => {
  if (code === 'ADDRESS_FORBIDDEN') return 'address_forbidden'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'name_unknown'
  if (code !== undefined && /^(ERR_TLS|CERT_|UNABLE_|SELF_SIGNED|DEPTH_ZERO|ERR_SSL|EPROTO)/.test(code)) return 'tls_failed'
  return 'unreachable'
}

/** Resolves always: a receiver's fault is a value. */
export function post(address: string, { headers, body, allowed, resolve = resolveName, timeout_ms = post_timeout_ms }: PostOptions): Promise<Posted> {
  const begun = performance.now()
  const took = (): number => Math.round(performance.now() - begun)
  const url = new URL(address)
  const failed = (failure: DeliveryFailure, detail: string): Posted => ({ answered: false, failure, detail, took_ms: took() })
  // A name is judged by the lookup; an address never comes by it.
  if (allowed !== 'any' && isIP(hostOf(url)) !== 0 && !isOpenAddress(hostOf(url), allowed)) return Promise.resolve(failed('address_forbidden', hostOf(url)))
  const options: RequestOptions = {
    method: 'POST', agent: false, maxHeaderSize: header_bytes_max,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), 'user-agent': 'Tingqi/1 (webhooks)' },
    ...(allowed === 'any' ? {} : { lookup: judgedLookup(resolve, allowed) }),
  }
  return new Promise((done) => {
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, options)
    const end = (posted: Posted): void => {
      clearTimeout(deadline)
      request.destroy()
      done(posted)
    }
    const deadline = setTimeout(() => end(failed('timed_out', `${timeout_ms} ms`)), timeout_ms)
    request.on('error', (error: NodeJS.ErrnoException) => end(failed(failureOf(error.code), error.code ?? error.name)))
    request.on('response', (response) => {
      // Its status is the answer; what it says besides is read only so far, and nothing waits for the rest.
      void readSome(response).then((text) => end({
        answered: true, status: response.statusCode ?? 0, body: text, retryAfter_s: secondsOf(response.headers['retry-after']), took_ms: took(),
      }))
    })
    request.end(body)
  })
}

function readSome(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((done) => {
    const end = (): void => done(Buffer.concat(chunks).subarray(0, answer_bytes_max).toString())
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size >= answer_bytes_max) end()
    })
    for (const event of ['end', 'error', 'close']) response.on(event, end)
  })
}

const secondsOf = (header: string | undefined): number | undefined => (header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined)
