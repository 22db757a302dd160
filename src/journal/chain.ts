// The journal as anybody can check it, without us. Each row's hash covers the row before it, so an edited, deleted, inserted
// or moved row breaks the chain; a cut end is found against heads that were signed and kept outside the database as the
// journal grew. What is hashed is the exact text of a row, never something read from it and written again.
// Whoever sees only part of the journal (a party sees its own rows) can check those rows, but not that none is missing.
import { createHash, createPublicKey, verify } from 'node:crypto'

export type JournalRow = { seq: number; body: string; previous: string; hash: string }
export type JournalHead = { seq: number; hash: string }
export type SignedHead = JournalHead & { at: string; signature: string }
export type JournalFault =
  | { fault: 'edited' | 'reordered' | 'missing'; seq: number }
  | { fault: 'cut'; seq: number; expected: number }
  | { fault: 'head_forged'; seq: number }

export const genesis = createHash('sha256').update('tingqi').digest('hex')

/** sha256(previous ‖ seq ‖ newline ‖ body), the same as the database's journal_append. */
export const hashOf = (previous: string, seq: number, body: string): string =>
  createHash('sha256').update(Buffer.from(previous, 'hex')).update(`${seq}\n${body}`).digest('hex')

export const headBytes = (head: Omit<SignedHead, 'signature'>): Buffer =>
  Buffer.from(`tingqi-journal-head\n${head.seq}\n${head.hash}\n${head.at}`)

export type JournalChecker = {
  take(rows: readonly JournalRow[]): void
  /** `claimed` is the head that came with the rows; it proves nothing by itself, the signed heads do. */
  close(heads: readonly SignedHead[], claimed?: JournalHead): { rows: number; faults: JournalFault[] }
}

/**
 * Checks rows as they come, in order; feed it pages, then close it with the heads that were kept. Without a public key the
 * heads' signatures are not looked at. `partial`: rows may be absent, because the reader may not see them.
 */
export function journalChecker(publicKeyPem?: string, { partial = false }: { partial?: boolean } = {}): JournalChecker {
  const faults: JournalFault[] = []
  const hashAt = new Map<number, string>()
  let seq = 0
  let hash = genesis
  const key = publicKeyPem === undefined ? undefined : createPublicKey(publicKeyPem)
  const isSigned = (head: SignedHead): boolean =>
    !key || verify(null, headBytes(head), key, Buffer.from(head.signature, 'base64'))
  return {
    take(rows) {
      for (const row of rows) {
        if (row.seq > seq + 1 && !partial) faults.push({ fault: 'missing', seq: seq + 1 })
        else if (row.seq <= seq) faults.push({ fault: 'reordered', seq: row.seq })
        if (row.previous !== hash && row.seq === seq + 1) faults.push({ fault: 'edited', seq: row.seq })
        else if (hashOf(row.previous, row.seq, row.body) !== row.hash) faults.push({ fault: 'edited', seq: row.seq })
        seq = row.seq
        hash = row.hash
        hashAt.set(seq, hash)
      }
    },
    close(heads, claimed) {
      for (const head of heads) {
        const known = hashAt.get(head.seq)
        if (!isSigned(head)) faults.push({ fault: 'head_forged', seq: head.seq })
        else if (head.seq > seq && !partial) faults.push({ fault: 'cut', seq, expected: head.seq })
        else if (head.seq > 0 && known !== head.hash && !(partial && known === undefined))
          faults.push({ fault: 'edited', seq: head.seq })
      }
      if (claimed && !partial) {
        if (claimed.seq > seq) faults.push({ fault: 'cut', seq, expected: claimed.seq })
        else if (claimed.seq < seq) faults.push({ fault: 'reordered', seq: claimed.seq })
        else if (claimed.hash !== hash) faults.push({ fault: 'edited', seq: claimed.seq })
      }
      return { rows: hashAt.size, faults }
    },
  }
}

/** Signed heads as they are kept, one JSON text a line. A line torn by a crash while it was written is no head. */
export const headsIn = (text: string): SignedHead[] =>
  text.split('\n').flatMap((line) => {
    try {
      const head: unknown = JSON.parse(line)
      return isHead(head) ? [head] : []
    } catch {
      return []
    }
  })

const isHead = (value: unknown): value is SignedHead => {
  const { seq, hash, at, signature } = (value ?? {}) as Partial<SignedHead>
  return Number.isSafeInteger(seq) && [hash, at, signature].every((one) => typeof one === 'string')
}
