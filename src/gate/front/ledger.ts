// What the answering host remembers of a terminal: its batch – enough to tell a duplicate, to find the original of a void
// or reversal, and to compare totals at settlement – and whether it signed on here. It is memory, not record: gone with the
// process (a batch begun before is then settled as "not balanced" and uploaded, which is what batch upload is for), and
// bounded: transactions lie in a ring of columns where the oldest are written over, so that hundreds of thousands of them
// are no work for the collector. Totals outlive them. Money goes one of two ways: debit is what the cardholder pays, credit
// what comes back; a pre-authorisation moves none.
import { transactionClasses, words, type TransactionClass } from '../../domain/vocabulary.ts'
import { sixDigits, twelveDigits } from './numbers.ts'
import { createRecent } from './recent.ts'

export type Totals = { debitFen: number; debits: number; creditFen: number; credits: number }

export type Batch = Totals & {
  readonly number: number
  /** Six digits. */
  readonly text: string
  signOns: number
  /** Trace → slot of the ring. */
  readonly slots: Map<number, number>
}

export type Book = {
  readonly id: number
  /** The terminal's provider, as the gate knew it when the book was opened. */
  readonly provider: string
  batch: Batch
  before: Batch | undefined
  /** Authorisation code → slot, whatever batch they were made in. */
  preauths: Map<number, number> | undefined
  /** Signed on here with keys. */
  isKeyed: boolean
  /** What its next batch is numbered at least. */
  nextBatch: number
}

const states = ['approved', 'undone', 'reversed'] as const
export type State = (typeof states)[number]

/** One transaction, read out of the ring. */
export type Kept = {
  readonly slot: number
  readonly class: TransactionClass
  readonly amountFen: number
  readonly reference: string
  readonly authCode: string
  readonly state: State
}

/** What a new transaction is about: itself where there is none. */
export type About = { readonly reference: string; readonly authCode: string; readonly slot?: number }

export type Ledger = {
  book(tid: string): Book | undefined
  open(tid: string, provider: string): Book
  /** A trace used before the last sign-on may be used again, for that is what the answer 94 asks the cashier to do. */
  isRepeated(book: Book, batch: Batch, trace: number): boolean
  /** `reference` is F37 as a number; F38 is its last six digits. */
  approve(
    book: Book, batch: Batch, trace: number, kind: TransactionClass, amountFen: number, reference: number, about: About | undefined,
  ): void
  find(book: Book, batch: number, trace: number): Kept | undefined
  preauth(book: Book, authCode: string): Kept | undefined
  /** Takes it out of the totals; what it undid stands again. False where that was done before. */
  reverse(batch: Batch, kept: Kept): boolean
}

type Way = 'debit' | 'credit'
const wayOf: Readonly<Partial<Record<TransactionClass, Way>>> = {
  sale: 'debit', test_sale: 'debit', preauth_completion: 'debit', offline_upload: 'debit', void: 'credit', refund: 'credit',
}
const classes = words(transactionClasses)
const classNumbers = Object.fromEntries(classes.map((kind, i) => [kind, i])) as Readonly<Record<TransactionClass, number>>
const [approved, undone, reversed] = [0, 1, 2]

/** Field 48 counts with three digits each way: no terminal settles more than this in one batch. */
const entries_per_batch_max = 2_000
const preauths_per_terminal_max = 200
const books_max = 100_000
const none = -1

const newBatch = (number: number): Batch => ({
  number, text: sixDigits(number), debitFen: 0, debits: 0, creditFen: 0, credits: 0, signOns: 0, slots: new Map(),
})

export const knownBatch = (book: Book, number: number): Batch | undefined =>
  book.batch.number === number ? book.batch : book.before?.number === number ? book.before : undefined

/** The batch of that number, begun where it is not known; the terminal's last two are remembered. */
export function batchOf(book: Book, number: number): Batch {
  const known = knownBatch(book, number)
  if (known !== undefined) return known
  book.before = book.batch
  book.batch = newBatch(number)
  return book.batch
}

/** The batch is over: its number and traces are free again, should the terminal come back to them. */
export function close(book: Book, batch: Batch): void {
  if (book.batch === batch) book.batch = newBatch(batch.number)
  else book.before = undefined
  book.nextBatch = Math.max(book.nextBatch, (batch.number + 1) % 1_000_000)
}

function count(batch: Batch, kind: TransactionClass, amountFen: number, sign: 1 | -1): void {
  const way = wayOf[kind]
  if (way === 'debit') {
    batch.debitFen += sign * amountFen
    batch.debits += sign
  } else if (way === 'credit') {
    batch.creditFen += sign * amountFen
    batch.credits += sign
  }
}

export function createLedger(entries_max: number): Ledger {
  const books = createRecent<string, Book>(books_max)
  let lastBook = 0
  // The ring. A slot belongs to the book and trace written in it last.
  const owners = new Int32Array(entries_max)
  const traces = new Int32Array(entries_max)
  const signOns = new Int32Array(entries_max)
  const kinds = new Uint8Array(entries_max)
  const stateOf = new Uint8Array(entries_max)
  const undoes = new Int32Array(entries_max)
  const amounts = new Float64Array(entries_max)
  const references = new Float64Array(entries_max)
  /** Names that somebody else gave, by slot: few. */
  const named = new Map<number, About>()
  let next = 0

  const isOf = (slot: number | undefined, book: Book, trace: number): slot is number =>
    slot !== undefined && owners[slot] === book.id && traces[slot] === trace
  const read = (slot: number): Kept => {
    const reference = references[slot]!
    const own = { reference: twelveDigits(reference), authCode: sixDigits(reference % 1_000_000) }
    const { reference: name, authCode } = named.get(slot) ?? own
    return { slot, class: classes[kinds[slot]!]!, amountFen: amounts[slot]!, reference: name, authCode, state: states[stateOf[slot]!]! }
  }

  return {
    book: (tid) => books.get(tid),
    open(tid, provider) {
      const book: Book = {
        id: (lastBook = (lastBook + 1) | 0), provider, batch: newBatch(0), before: undefined, preauths: undefined, isKeyed: false,
        nextBatch: 1,
      }
      books.set(tid, book)
      return book
    },
    isRepeated(book, batch, trace) {
      const slot = batch.slots.get(trace)
      return isOf(slot, book, trace) && signOns[slot] === batch.signOns
    },
    approve(book, batch, trace, kind, amountFen, reference, about) {
      count(batch, kind, amountFen, 1)
      if (batch.slots.size >= entries_per_batch_max) return
      const slot = next
      next = slot + 1 === entries_max ? 0 : slot + 1
      if (named.size > 0) named.delete(slot)
      owners[slot] = book.id
      traces[slot] = trace
      signOns[slot] = batch.signOns
      kinds[slot] = classNumbers[kind]
      stateOf[slot] = approved
      amounts[slot] = amountFen
      references[slot] = reference
      undoes[slot] = about?.slot ?? none
      batch.slots.set(trace, slot)
      if (about !== undefined) {
        named.set(slot, about)
        if (about.slot !== undefined) stateOf[about.slot] = undone
      }
      if (kind !== 'preauth') return
      book.preauths ??= new Map()
      if (book.preauths.size < preauths_per_terminal_max) book.preauths.set(reference % 1_000_000, slot)
    },
    find(book, batch, trace) {
      const slot = knownBatch(book, batch)?.slots.get(trace)
      return isOf(slot, book, trace) ? read(slot) : undefined
    },
    preauth(book, authCode) {
      const slot = /^\d{6}$/.test(authCode) ? book.preauths?.get(Number(authCode)) : undefined
      return slot !== undefined && owners[slot] === book.id && classes[kinds[slot]!] === 'preauth' ? read(slot) : undefined
    },
    reverse(batch, { slot, class: kind, amountFen }) {
      if (stateOf[slot] === reversed) return false
      stateOf[slot] = reversed
      count(batch, kind, amountFen, -1)
      const original = undoes[slot]!
      if (original !== none && owners[original] === owners[slot] && stateOf[original] === undone) stateOf[original] = approved
      return true
    },
  }
}
