// The journal read back, and its head signed from time to time and kept outside the database, so that a cut end is found.
// What makes the chain and how it is checked stands in src/journal/chain.ts, which needs nothing of ours.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { headBytes, headsIn, type JournalHead, type JournalRow, type SignedHead } from '../journal/chain.ts'
import type { Tx } from '../store/db.ts'
import type { App } from './app.ts'

export const readRows = (tx: Tx, after: number, count_max: number): Promise<JournalRow[]> =>
  tx.many<JournalRow>(
    `select seq, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal where seq > $1 order by seq limit $2`, [after, count_max],
  )
export const readHead = async (tx: Tx): Promise<JournalHead> =>
  (await tx.one<JournalHead>(`select seq, encode(hash, 'hex') as hash from journal_head`))!

/** Signs the journal's head from time to time and keeps it in `<home>/journal`, where the database cannot reach it. */
export function headKeeper(app: App): { keep(): Promise<SignedHead | undefined>; heads(): SignedHead[]; publicKeyPem: string } {
  const folder = join(app.home, 'journal')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'heads.jsonl')
  const { privateKey, publicKeyPem } = keyIn(app, folder)
  publish(join(folder, 'public-key.pem'), publicKeyPem)
  let last = existsSync(file) ? readHeads(file).at(-1)?.seq ?? -1 : -1
  // A line that was cut short stays alone: the next head begins a line of its own.
  let torn = existsSync(file) && !readFileSync(file, 'utf8').endsWith('\n')
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
        const line = `${torn ? '\n' : ''}${JSON.stringify(signed)}\n`
        torn = true
        writeSync(fd, line)
        fsyncSync(fd)
        torn = false
      } finally {
        closeSync(fd)
      }
      last = head.seq
      return signed
    },
  }
}

export const readHeads = (file: string): SignedHead[] => headsIn(readFileSync(file, 'utf8'))

function keyIn(app: App, folder: string): { privateKey: KeyObject; publicKeyPem: string } {
  const sealedFile = join(folder, 'signing-key.sealed')
  if (!existsSync(sealedFile)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    // Whole or not there: a key cut short by a crash would keep every later start from signing.
    writeFileSync(`${sealedFile}.new`, app.vault.seal(pem, 'journal-signing-key'), { mode: 0o600, flush: true })
    renameSync(`${sealedFile}.new`, sealedFile)
  }
  const privateKey = createPrivateKey(app.vault.open(readFileSync(sealedFile), 'journal-signing-key'))
  return { privateKey, publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string }
}

/** The key others check our heads with; whoever keeps a copy elsewhere need not believe this folder. */
function publish(file: string, publicKeyPem: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === publicKeyPem) return
  writeFileSync(`${file}.new`, publicKeyPem, { mode: 0o644, flush: true })
  renameSync(`${file}.new`, file)
}
