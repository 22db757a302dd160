// The journal against its worst enemy: the database's superuser, who switches the trigger off and writes what he likes. He may
// make the chain whole again; he cannot sign a head, nor reach those that were kept. Every way of tampering is found.
import { generateKeyPairSync, sign } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { headKeeper, readHead, readHeads, readRows } from '../src/app/journal.ts'
import { genesis, hashOf, headBytes, journalChecker, type JournalFault, type JournalRow, type SignedHead } from '../src/journal/chain.ts'
import * as acts from './acts.ts'
import { isTorture, makeRandom, seedOfRun, type Random } from './model/random.ts'
import { at, makeWorld, people, startServer, type World } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let keeper: ReturnType<typeof headKeeper>

const rows_min = 120
beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-02T10:00' })
  keeper = headKeeper(world.app)
  await keeper.keep()
  const filed = await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: at('2026-11-03T10:00'), submit: true })
  for (let i = 0; i < rows_min; i++) {
    await acts.command(world, i % 3 ? people.reviewer : people.owner, filed.after!.dossier.case!.case.no, { command: 'reject', words: '门店装修 “3” 层' })
    if (i % 17 === 0) await keeper.keep()
  }
  await world.moveTo('2026-11-04T10:00')
  await keeper.keep()
}, 120_000)
afterAll(async () => {
  await world.close()
  await server.stop()
})

/** From before the first row on, as a verifier reads it, a page at a time. */
async function judge(heads: readonly SignedHead[] = keeper.heads()): Promise<{ rows: number; faults: JournalFault[] }> {
  const checker = journalChecker(keeper.publicKeyPem)
  let after = Number.MIN_SAFE_INTEGER
  for (;;) {
    const page = await world.sql<JournalRow & { seq: string }>(
      `select seq, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal where seq > $1 order by seq limit 37`, [after])
    if (page.length === 0) break
    checker.take(page.map((r) => ({ ...r, seq: Number(r.seq) })))
    after = Number(page.at(-1)!.seq)
  }
  const [claimed] = await world.sql<{ seq: string; hash: string }>(`select seq, encode(hash, 'hex') as hash from journal_head`)
  return checker.close(heads, { seq: Number(claimed!.seq), hash: claimed!.hash })
}

test('an untouched journal has no fault, through the program’s own readers too', async () => {
  const whole = await judge()
  expect(whole.faults).toEqual([])
  expect(whole.rows).toBeGreaterThan(rows_min)
  expect(keeper.heads().length).toBeGreaterThan(5)
  const again = await world.app.db.transaction('*', async (tx) => {
    const checker = journalChecker(keeper.publicKeyPem)
    checker.take(await readRows(tx, 0, 10_000))
    return checker.close(keeper.heads(), await readHead(tx))
  })
  expect(again).toEqual(whole)
})

test('the database and the verifier hash alike, whatever a body holds', async () => {
  const texts = ['', '漢字 “”\u2028', '\\x00', "'; drop table journal; --", 'é'.normalize('NFD'), '😀'.repeat(300), '\n\t"']
  for (const body of ['{}', '{"a":1}\n', ...texts.map((text) => JSON.stringify({ text }))]) {
    await world.sql('begin')
    await world.sql(`select journal_append(null, null, null, '{}', $1)`, [body])
    const [row] = await world.sql<JournalRow>(`select seq, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal order by seq desc limit 1`)
    await world.sql('rollback')
    expect(hashOf(row!.previous, Number(row!.seq), row!.body)).toBe(row!.hash)
  }
})

type Book = { rows: JournalRow[]; head: { seq: number; hash: string } }
/** Makes the chain whole again from a row on, and the head with it: numbers without gaps, every hash right. */
function mend({ rows }: Book): Book {
  let previous = genesis
  const mended = rows.map(({ body }, i) => {
    const row = { seq: i + 1, body, previous, hash: hashOf(previous, i + 1, body) }
    previous = row.hash
    return row
  })
  return { rows: mended, head: { seq: mended.length, hash: previous } }
}
const at_ = (r: Random, { rows }: Book): number => r.below(rows.length)
const without = (book: Book, i: number): Book => ({ ...book, rows: book.rows.filter((_, k) => k !== i) })
const withRow = (book: Book, i: number, change: (row: JournalRow) => JournalRow): Book => ({ ...book, rows: book.rows.map((row, k) => (k === i ? change(row) : row)) })
const garble = (r: Random, body: string): string => {
  const i = r.below(body.length)
  return body.slice(0, i) + (body[i] === 'x' ? 'y' : 'x') + body.slice(i + 1)
}
const forged = { seq: 0, body: '{"at":"2026-11-02T02:00:00.000Z","command":"lift-hold","outcome":"accepted"}', previous: genesis, hash: genesis }
const swapped = (book: Book, a: number, b: number): Book => ({ ...book, rows: book.rows.map((row, k) => (k === a ? { ...row, body: book.rows[b]!.body } : k === b ? { ...row, body: book.rows[a]!.body } : row)) })

const tamperings: Record<string, (r: Random, book: Book) => Book> = {
  'a body edited': (r, book) => withRow(book, at_(r, book), (row) => ({ ...row, body: garble(r, row.body) })),
  'a body emptied': (r, book) => withRow(book, at_(r, book), (row) => ({ ...row, body: '' })),
  'a hash edited': (r, book) => withRow(book, at_(r, book), (row) => ({ ...row, hash: hashOf(row.previous, row.seq, 'x') })),
  'a body edited and its own hash made right': (r, book) => withRow(book, at_(r, book), (row) => {
    const body = garble(r, row.body)
    return { ...row, body, hash: hashOf(row.previous, row.seq, body) }
  }),
  'a body edited and the whole chain made right': (r, book) => mend(withRow(book, at_(r, book), (row) => ({ ...row, body: garble(r, row.body) }))),
  'a row deleted': (r, book) => without(book, at_(r, book)),
  'a row deleted and the chain made right': (r, book) => mend(without(book, at_(r, book))),
  'several rows deleted': (r, book) => [0, 1, 2].reduce((b) => without(b, at_(r, b)), book),
  'a row inserted and the chain made right': (r, book) => mend({ ...book, rows: book.rows.toSpliced(at_(r, book), 0, forged) }),
  'a row inserted before the first': (_, book) => ({ ...book, rows: [{ ...forged, hash: hashOf(genesis, 0, forged.body) }, ...book.rows] }),
  'a row added without the head': (_, book) => {
    const last = book.rows.at(-1)!
    return { ...book, rows: [...book.rows, { seq: last.seq + 1, body: forged.body, previous: last.hash, hash: hashOf(last.hash, last.seq + 1, forged.body) }] }
  },
  'two rows reordered': (r, book) => {
    const [a, b] = twoOf(r, book)
    return swapped(book, a, b)
  },
  'two rows reordered and the chain made right': (r, book) => {
    const [a, b] = twoOf(r, book)
    return mend(swapped(book, a, b))
  },
  'the end cut off': (r, book) => ({ ...book, rows: book.rows.slice(0, -1 - r.below(20)) }),
  'the end cut off and the head rewritten': (r, book) => mend({ ...book, rows: book.rows.slice(0, -1 - r.below(20)) }),
  'the beginning cut off and the chain made right': (r, book) => mend({ ...book, rows: book.rows.slice(1 + r.below(20)) }),
  'everything deleted, as if nothing had been': () => ({ rows: [], head: { seq: 0, hash: genesis } }),
  'the head set back': (r, book) => ({ ...book, head: { seq: book.rows[at_(r, without(book, 0))]!.seq, hash: book.rows[0]!.hash } }),
  'the head’s hash edited': (_, book) => ({ ...book, head: { ...book.head, hash: genesis } }),
}
/** Two rows that differ, so that exchanging them changes something. */
function twoOf(r: Random, book: Book): [number, number] {
  for (;;) {
    const [a, b] = [at_(r, book), at_(r, book)]
    if (book.rows[a]!.body !== book.rows[b]!.body) return [a, b]
  }
}

test('every tampering with the tables is found', { timeout: isTorture ? 6 * 3_600_000 : 120_000 }, async () => {
  const seed = seedOfRun()
  console.log(`journal: seed ${seed}`)
  const r = makeRandom(seed)
  const rows = await world.sql<JournalRow>(`select seq::int, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal order by seq`)
  const book: Book = { rows, head: { seq: rows.length, hash: rows.at(-1)!.hash } }
  const heads = keeper.heads()
  const missed: string[] = []
  for (let n = 0; n < (isTorture ? 400 : 10); n++)
    for (const [name, tamper] of Object.entries(tamperings)) {
      const after = tamper(r, book)
      await world.sql('begin')
      await world.sql('alter table journal disable trigger journal_append_only')
      await world.sql('alter table journal drop constraint journal_seq_check, drop constraint journal_body_check')
      await world.sql('delete from journal')
      await world.sql(
        `insert into journal (seq, body, previous, hash) select seq, body, decode(previous, 'hex'), decode(hash, 'hex')
         from jsonb_to_recordset($1) x(seq bigint, body text, previous text, hash text)`, [JSON.stringify(after.rows)])
      await world.sql(`update journal_head set seq = $1, hash = decode($2, 'hex')`, [after.head.seq, after.head.hash])
      if ((await judge(heads)).faults.length === 0) missed.push(name)
      await world.sql('rollback')
    }
  expect(missed).toEqual([])
  expect((await judge()).faults).toEqual([])
})

// Whom a row is about is read out of its body, which the hash covers: the columns cannot be changed by themselves.
test.each(['mid', 'provider', 'case_no', 'tids'])('the %s of a row cannot be changed beside its body', async (column) => {
  await world.sql('begin')
  await world.sql('alter table journal disable trigger journal_append_only')
  const change = world.sql(`update journal set ${column} = ${column === 'tids' ? `'{99999999}'` : `'somebody else'`} where case_no is not null`)
  await expect(change).rejects.toThrow(/can only be updated to DEFAULT/)
  await world.sql('rollback')
})

test('a forged head is found, whatever of it was changed, and so is one of another signer', async () => {
  const heads = keeper.heads()
  const other = generateKeyPairSync('ed25519').privateKey
  const resigned = (head: SignedHead): SignedHead => ({ ...head, signature: sign(null, headBytes(head), other).toString('base64') })
  const forgeries: Record<string, (head: SignedHead) => SignedHead> = {
    'its number': (head) => ({ ...head, seq: head.seq - 1 }),
    'its hash': (head) => ({ ...head, hash: genesis }),
    'its time': (head) => ({ ...head, at: new Date(Date.parse(head.at) + 1).toISOString() }),
    'its signature': (head) => ({ ...head, signature: Buffer.alloc(64).toString('base64') }),
    'no signature': (head) => ({ ...head, signature: '' }),
    'another signer': resigned,
    'another signer and another hash': (head) => resigned({ ...head, hash: genesis }),
  }
  for (const [i, head] of heads.entries())
    for (const [name, forge] of Object.entries(forgeries))
      expect((await judge(heads.with(i, forge(head)))).faults, name).toContainEqual(expect.objectContaining({ fault: 'head_forged' }))
})

test('a head torn while it was written is no head; those before it still count, and the next is kept behind it', async () => {
  const file = join(world.app.home, 'journal', 'heads.jsonl')
  const whole = readFileSync(file, 'utf8')
  const before = readHeads(file)
  for (const torn of ['{"seq":9', '{"seq":99999,"hash":"ab","at":"2026', '\u0000\u0000\u0000']) {
    appendFileSync(file, torn)
    expect(readHeads(file)).toEqual(before)
    const again = headKeeper(world.app)
    await acts.command(world, people.owner, 'TQ-000000-00000-0', { command: 'claim' })
    const kept = await again.keep()
    expect(again.heads(), 'the head after a torn line is kept').toContainEqual(kept)
    expect((await judge(again.heads())).faults).toEqual([])
    writeFileSync(file, whole)
  }
})

test('a program started again signs with the same key, and one that was killed while making its key makes another', () => {
  expect(headKeeper(world.app).publicKeyPem).toBe(keeper.publicKeyPem)
  const home = join(world.app.home, 'another')
  mkdirSync(join(home, 'journal'), { recursive: true })
  writeFileSync(join(home, 'journal', 'signing-key.sealed.new'), 'half a k')
  const another = headKeeper({ ...world.app, home })
  expect(headKeeper({ ...world.app, home }).publicKeyPem).toBe(another.publicKeyPem)
})
