// The journal read back and checked. Each row's hash covers the row before it, so an edited, deleted, inserted or moved row
// breaks the chain; a cut end is found against heads that were signed and kept outside the database as the journal grew.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Tx } from '../store/db.ts'
import type { App } from './app.ts'

export type JournalRow = { seq: number; body: string; previous: string; hash: string }
export type SignedHead = { seq: number; hash: string; at: string; signature: string }
export type JournalFault =
  | { fault: 'edited' | 'reordered' | 'missing'; seq: number }
  | { fault: 'cut'; seq: number; expected: number }
  | { fault: 'head_forged'; seq: number }

export const genesis = createHash('sha256').update('tingqi').digest('hex')

/** sha256(previous ‖ seq ‖ newline ‖ body), the same as the database's journal_append. */
export const hashOf = (previous: string, seq: number, body: string): string =>
  createHash('sha256').update(Buffer.from(previous, 'hex')).update(`${seq}\n${body}`).digest('hex')

/** Checks rows as they come, in order; feed it pages, then close it with the heads that were kept. */
export function journalChecker(publicKeyPem?: string): {
  take(rows: readonly JournalRow[]): void
  close(heads: readonly SignedHead[], claimed?: { seq: number; hash: string }): { rows: number; faults: JournalFault[] }
} {
  const faults: JournalFault[] = []
  const hashAt = new Map<number, string>()
  let seq = 0
  let hash = genesis
  const key = publicKeyPem === undefined ? undefined : createPublicKey(publicKeyPem)
  return {
    take(rows) {
      for (const row of rows) {
        if (row.seq > seq + 1) faults.push({ fault: 'missing', seq: seq + 1 })
        else if (row.seq <= seq) faults.push({ fault: 'reordered', seq: row.seq })
        if (row.previous !== hash && row.seq === seq + 1) faults.push({ fault: 'edited', seq: row.seq })
        if (hashOf(row.previous, row.seq, row.body) !== row.hash) faults.push({ fault: 'edited', seq: row.seq })
        seq = row.seq
        hash = row.hash
        hashAt.set(seq, hash)
      }
    },
    close(heads, claimed) {
      for (const head of heads) {
        if (key && !verify(null, headBytes(head), key, Buffer.from(head.signature, 'base64'))) faults.push({ fault: 'head_forged', seq: head.seq })
        else if (head.seq > seq) faults.push({ fault: 'cut', seq, expected: head.seq })
        else if (head.seq > 0 && hashAt.get(head.seq) !== head.hash) faults.push({ fault: 'edited', seq: head.seq })
      }
      if (claimed && claimed.seq > seq) faults.push({ fault: 'cut', seq, expected: claimed.seq })
      if (claimed && claimed.seq < seq) faults.push({ fault: 'reordered', seq: claimed.seq })
      return { rows: hashAt.size, faults }
    },
  }
}

const headBytes = (head: Omit<SignedHead, 'signature'>): Buffer => Buffer.from(`tingqi-journal-head\n${head.seq}\n${head.hash}\n${head.at}`)

export const readRows = (tx: Tx, after: number, count_max: number): Promise<JournalRow[]> =>
  tx.many<JournalRow>(
    `select seq, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal where seq > $1 order by seq limit $2`, [after, count_max],
  )
export const readHead = async (tx: Tx): Promise<{ seq: number; hash: string }> =>
  (await tx.one<{ seq: number; hash: string }>(`select seq, encode(hash, 'hex') as hash from journal_head`))!

/** Signs the journal's head from time to time and keeps it in `<home>/journal`, where the database cannot reach it. */
export function headKeeper(app: App): { keep(): Promise<SignedHead | undefined>; heads(): SignedHead[]; publicKeyPem: string } {
  const folder = join(app.home, 'journal')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'heads.jsonl')
  const { privateKey, publicKeyPem } = keyIn(app, folder)
  let last = existsSync(file) ? readHeads(file).at(-1)?.seq ?? -1 : -1
  return {
    publicKeyPem,
    heads: () => (existsSync(file) ? readHeads(file) : []),
    async keep() {
      const head = await app.db.transaction('*', readHead, { readOnly: true })
      if (head.seq <= last) return undefined
      const unsigned = { ...head, at: new Date(app.clock.now()).toISOString() }
      const signed: SignedHead = { ...unsigned, signature: sign(null, headBytes(unsigned), privateKey).toString('base64') }
      const fd = openSync(file, 'a', 0o600)
      try {
        writeSync(fd, `${JSON.stringify(signed)}\n`)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      last = head.seq
      return signed
    },
  }
}

/** A line torn by a crash while it was written is no head; everything before it is. */
export const readHeads = (file: string): SignedHead[] =>
  readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as SignedHead]
    } catch {
      return []
    }
  })

function keyIn(app: App, folder: string): { privateKey: KeyObject; publicKeyPem: string } {
  const sealedFile = join(folder, 'signing-key.sealed')
  if (!existsSync(sealedFile)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const fd = openSync(sealedFile, 'wx', 0o600)
    writeSync(fd, app.vault.seal(pem, 'journal-signing-key'))
    fsyncSync(fd)
    closeSync(fd)
  }
  const privateKey = createPrivateKey(app.vault.open(readFileSync(sealedFile), 'journal-signing-key'))
  return { privateKey, publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string }
}
