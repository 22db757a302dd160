// Letters as files: rendered from the facts stored with them, signed once, kept, and recognised again. A letter without its
// PDF is itself the note that one is to be made; whoever finds it first makes it, and the first one stored stays.
import { systemActor, type Actor } from '../domain/authority.ts'
import { parseLetterNumber } from '../domain/number.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import type { LetterKind, LetterState } from '../domain/vocabulary.ts'
import { letterFactsSchema, type LetterFacts } from '../documents/letter.ts'
import { normaliseVerificationCode } from '../documents/verification-code.ts'
import type { App } from './app.ts'
import { scopeOf } from './execute.ts'

/** Makes and recognises signed PDFs; the worker and the signing identity live behind it. */
export type Press = {
  print(facts: LetterFacts, signedAt: number): Promise<{ pdf: Buffer; sha256: string }>
  recognise(pdf: Buffer): Promise<{ ok: true; sha256: string } | { ok: false; code: string }>
}

/** What the public may know of a letter: no more than the letter says. */
export type Verification =
  | { result: 'valid' | 'superseded'; no: string; kind: LetterKind; code: string; issuedAt: number; facts: LetterFacts }
  | { result: LetterState; no: string; kind: LetterKind }
  | { result: 'unknown' | 'altered'; reason: string }

export type Letters = {
  pdf(actor: Actor, no: string): Promise<{ no: string; pdf: Buffer } | Refusal>
  byCode(code: string): Promise<Verification>
  byPdf(pdf: Buffer): Promise<Verification>
  /** Prints every letter that has no PDF yet; resolves when none is left. */
  printAll(): Promise<void>
}

type Stored = { no: string; provider: string; mid: string; kind: LetterKind; code: string; state: LetterState; facts: unknown; issued_at: number }
const print_batch = 20

export function letters(app: App, press: Press): Letters {
  const print = async (row: Stored): Promise<Buffer> => {
    const { pdf, sha256 } = await press.print(letterFactsSchema.parse(row.facts), row.issued_at)
    return app.db.transaction('*', async (tx) => {
      // Two printers of one letter: the first stored is the letter, the other copy is thrown away.
      await tx.run(
        'insert into letter_pdf (no, provider, mid, pdf, sha256, signed_at) values ($1, $2, $3, $4, $5, $6) on conflict (no) do nothing',
        [row.no, row.provider, row.mid, pdf, sha256, new Date(row.issued_at).toISOString()],
      )
      return (await tx.one<{ pdf: Buffer }>('select pdf from letter_pdf where no = $1', [row.no]))!.pdf
    })
  }
  const find = (sql: string, params: unknown[], actor: Actor = systemActor): Promise<Stored | undefined> =>
    app.db.transaction(scopeOf(actor), (tx) => tx.one<Stored>(`select l.no, l.provider, l.mid, l.kind, l.code, l.state, l.facts, l.issued_at from letter l ${sql}`, params), { readOnly: true })
  const told = (row: Stored): Verification => row.state === 'disposed' ? { result: row.state, no: row.no, kind: row.kind } : ({
    result: row.state, no: row.no, kind: row.kind, code: row.code, issuedAt: row.issued_at, facts: letterFactsSchema.parse(row.facts),
  })
  let printing: Promise<void> | undefined

  const printEach = async (): Promise<void> => {
    for (;;) {
      const rows = await app.db.transaction('*', (tx) => tx.many<Stored>(
        `select l.no, l.provider, l.mid, l.kind, l.code, l.state, l.facts, l.issued_at from letter l
         where l.state <> 'disposed' and not exists (select from letter_pdf p where p.no = l.no) order by l.issued_at limit $1`, [print_batch],
      ), { readOnly: true })
      if (rows.length === 0) return
      for (const row of rows) await print(row)
    }
  }

  return {
    async pdf(actor, no) {
      const row = await find('where l.no = $1', [no], actor)
      if (!row) return refuse('not_found')
      if (row.state === 'disposed') return refuse('material_disposed')
      const stored = await app.db.transaction(scopeOf(actor), (tx) => tx.one<{ pdf: Buffer }>('select pdf from letter_pdf where no = $1', [no]), { readOnly: true })
      return { no, pdf: stored?.pdf ?? (await print(row)) }
    },
    async byCode(code) {
      const normal = normaliseVerificationCode(code)
      const row = normal === undefined ? undefined : await find('where l.code = $1', [normal])
      if (row) return told(row)
      // Numbers can be guessed: a number alone tells that there is such a letter, not what it says.
      const no = parseLetterNumber(code)?.no
      const named = no === undefined ? undefined : await find('where l.no = $1', [no])
      return named ? { result: named.state, no: named.no, kind: named.kind } : { result: 'unknown', reason: 'code_unknown' }
    },
    async byPdf(pdf) {
      const seen = await press.recognise(pdf)
      if (!seen.ok) return { result: seen.code === 'foreign' || seen.code === 'not_signed' || seen.code === 'not_pdf' ? 'unknown' : 'altered', reason: seen.code }
      // Signed by us is not enough: it must be the very file we issued.
      const row = await find('join letter_pdf p on p.no = l.no where p.sha256 = $1', [seen.sha256])
      return row ? told(row) : { result: 'unknown', reason: 'not_issued' }
    },
    printAll() {
      printing ??= printEach().finally(() => { printing = undefined })
      return printing
    },
  }
}
