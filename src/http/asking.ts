// How a request is to be carried out: once per Idempotency-Key, only over the version its sender saw, or not at all (dry run).
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Asking } from '../app/execute.ts'
import { scrubPans } from '../domain/identity.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { idempotency_key_length_max } from '../limits.ts'
import { fieldInvalid } from './fields.ts'

const printable = new RegExp(`^[\\x21-\\x7e]([\\x20-\\x7e]{0,${idempotency_key_length_max - 2}}[\\x21-\\x7e])?$`)

/** Digest of a body as it was sent; its parser notes it, an upload says it itself. */
export const bodyHashes = new WeakMap<FastifyRequest['raw'], Buffer>()
export const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const nothing = sha256('')

/** The key with what it is bound to: method, path, query (but for language and dry run) and body. */
export function idempotencyOf(request: FastifyRequest, bodyHash?: Buffer): Asking['idempotency'] | Refusal {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !printable.test(key))
    return fieldInvalid('/header/Idempotency-Key', 'format', [
      `应为 1 至 ${idempotency_key_length_max} 个可打印的 ASCII 字符。`,
      `Should be 1 to ${idempotency_key_length_max} printable ASCII characters.`,
    ])
  // Masked, two keys could become one.
  if (scrubPans(key) !== key)
    return fieldInvalid('/header/Idempotency-Key', 'card_number', [
      '不能含有银行卡号。',
      'Must not contain a card number.',
    ])
  const url = new URL(request.url, 'http://localhost')
  for (const name of ['lang', 'dryRun']) url.searchParams.delete(name)
  return {
    key,
    route: scrubPans(`${request.method} ${url.pathname}${url.search}`),
    bodyHash: bodyHash ?? bodyHashes.get(request.raw) ?? nothing,
  }
}

const entityTag = /^(W\/)?"([\x21\x23-\x7e]*)"$/
const versionTag = /^v([1-9]\d{0,9})$/

/**
 * The version an If-Match header insists on; undefined where it insists on none. Versions only grow, so of a list only the
 * highest can still be true. If-Match compares strongly (RFC 9110 13.1.1): a weak tag, or one that is not ours, matches nothing.
 */
export function ifVersionOf(header: string | undefined): number | Refusal | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const versions: number[] = []
  for (const part of header.split(',')) {
    const [, weak, tag] = entityTag.exec(part.trim()) ?? []
    const version = versionTag.exec(tag ?? '')?.[1]
    if (!weak && version !== undefined) versions.push(Number(version))
  }
  return versions.length === 0 ? refuse('version_stale') : Math.max(...versions)
}
