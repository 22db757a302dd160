// Double entry, in fen. An entry is made of transfers from one account to another, so its debits equal its credits by
// construction; the database looks once more. Nothing is ever edited: what was wrong is taken back by a reversal and said
// anew. Accounts are counted per provider and merchant, from the provider's side of the table: a positive receivable is
// owed by the merchant, a negative one is credit the merchant has. The same id posted twice is one entry.
import { sumFen, type Fen } from './money.ts'
import type { Account, EntryKind, Words } from './vocabulary.ts'

/** One side is 0, the other above it. */
export type Line = { account: Account; debitFen: Fen; creditFen: Fen }

export type Entry = {
  /** Says what it is for, so that doing something twice posts it once: 'suspended/10000001/2026-11/1'. */
  id: string
  kind: EntryKind
  provider: string
  mid: string
  tid?: string | undefined
  serial?: string | undefined
  caseNo?: string | undefined
  at: number
  /** The month it counts for ('2026-11'), where it counts for one. */
  month?: string | undefined
  /** The entry this one takes back; each is taken back at most once. */
  reverses?: string | undefined
  lines: readonly Line[]
  words: Words
  /** How the amount came about, in words. */
  formula?: Words | undefined
}

/** Which side makes an account grow. */
export const sides: Readonly<Record<Account, 'debit' | 'credit'>> = {
  receivable: 'debit', cash: 'debit', written_off: 'debit', deposit_liability: 'credit',
  revenue_service: 'credit', revenue_suspended: 'credit', revenue_data: 'credit', revenue_annual: 'credit', revenue_reopening: 'credit',
  revenue_termination: 'credit', revenue_restocking: 'credit', revenue_damage: 'credit', revenue_other: 'credit',
}

export type Transfer = { debit: Account; credit: Account; fen: Fen }

/** An entry out of transfers; lines of one account and side are one line. Amounts are above 0, or there is nothing to post. */
export function entryOf(head: Omit<Entry, 'lines'>, transfers: readonly Transfer[]): Entry {
  if (transfers.length === 0) throw new RangeError(`an entry without an amount: ${head.id}`)
  const debits = new Map<Account, Fen[]>()
  const credits = new Map<Account, Fen[]>()
  for (const { debit, credit, fen } of transfers) {
    if (!Number.isSafeInteger(fen) || fen <= 0) throw new RangeError(`not an amount to post: ${fen} (${head.id})`)
    debits.set(debit, [...(debits.get(debit) ?? []), fen])
    credits.set(credit, [...(credits.get(credit) ?? []), fen])
  }
  return {
    ...head,
    lines: [
      ...[...debits].map(([account, fen]) => ({ account, debitFen: sumFen(fen), creditFen: 0 })),
      ...[...credits].map(([account, fen]) => ({ account, debitFen: 0, creditFen: sumFen(fen) })),
    ],
  }
}

/** Takes an entry back: the same lines, sides changed. */
export const reversalOf = (entry: Entry, at: number, words?: Words): Entry => ({
  ...entry, id: `${entry.id}/back`, kind: 'reversal', at, reverses: entry.id,
  words: words ?? [`冲回：${entry.words[0]}`, `taken back: ${entry.words[1]}`],
  lines: entry.lines.map((l) => ({ account: l.account, debitFen: l.creditFen, creditFen: l.debitFen })),
})

/** What an entry adds to an account, on the side that makes it grow. */
export const effectOn = (entry: Pick<Entry, 'lines'>, account: Account): Fen =>
  sumFen(entry.lines.filter((l) => l.account === account).map((l) => (sides[account] === 'debit' ? l.debitFen - l.creditFen : l.creditFen - l.debitFen)))

/** The sum of one side: what the entry is about. */
export const totalOf = (entry: Pick<Entry, 'lines'>): Fen => sumFen(entry.lines.map((l) => l.debitFen))

export const balances = (entries: readonly Pick<Entry, 'lines'>[]): Partial<Record<Account, Fen>> => {
  const found: Partial<Record<Account, Fen>> = {}
  for (const entry of entries)
    for (const account of new Set(entry.lines.map((l) => l.account))) found[account] = sumFen([found[account] ?? 0, effectOn(entry, account)])
  return found
}
