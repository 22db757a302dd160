// Journals for tests: whole ones, and the chain made again over a tampered one.
import { generateKeyPairSync, sign } from 'node:crypto'
import { genesis, hashOf, headBytes, type JournalRow, type SignedHead } from './chain.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
export const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
/** The head after row `seq`, signed by the keeper of the journal. */
export const headAt = (rows: readonly JournalRow[], seq: number): SignedHead => {
  const head = { seq, hash: rows[seq - 1]!.hash, at: `2026-11-27T07:00:0${seq % 10}.000Z` }
  return { ...head, signature: sign(null, headBytes(head), privateKey).toString('base64') }
}
/** A whole journal of `count` rows. */
export function journalOf(count: number): JournalRow[] {
  const rows: JournalRow[] = []
  for (let seq = 1; seq <= count; seq++) {
    const body = JSON.stringify({ at: '2026-11-27T07:00:00.000Z', command: 'approve', n: seq, 说明: '装修' })
    const previous = rows.at(-1)?.hash ?? genesis
    rows.push({ seq, body, previous, hash: hashOf(previous, seq, body) })
  }
  return rows
}
/** The rest of the chain made again over what was tampered with, as somebody would who has the database. */
export const rehashed = (rows: readonly Pick<JournalRow, 'body'>[]): JournalRow[] => {
  const chain: JournalRow[] = []
  for (const [i, { body }] of rows.entries()) {
    const previous = chain.at(-1)?.hash ?? genesis
    chain.push({ seq: i + 1, body, previous, hash: hashOf(previous, i + 1, body) })
  }
  return chain
}
