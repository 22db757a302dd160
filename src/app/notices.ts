// Notices that no fact of a case or terminal causes: told by what the program itself came upon.
import { createHash, randomUUID } from 'node:crypto'
import type { NoticeKind, Words } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from '../store/db.ts'

export type Notice = {
  kind: NoticeKind
  provider: string
  mid: string
  audience: 'merchant' | 'provider'
  tid?: string | undefined
  words: Words
  at: number
}

/** Tells somebody; of notices with the same key the first stays alone. True where it is new. */
export const notify = async (tx: Tx, n: Notice, key?: string): Promise<boolean> =>
  (await tx.run(
    `insert into notice (id, kind, provider, mid, audience, tid, words_zh, words_en, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do nothing`,
    [key === undefined ? randomUUID() : uuidOf(`${n.kind} ${n.audience} ${key}`), n.kind, n.provider, n.mid, n.audience, n.tid ?? null, n.words[0], n.words[1], instantParam(n.at)],
  )) > 0

/** The same words give the same id (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
