// The answering mode: the gate is itself the host of a test estate. There are no accounts behind it, so what the gate
// permits is approved – unless it contradicts what this host remembers: a void of nothing, an original undone before,
// another amount, a trace used twice. One function per class says what a permitted request brings about.
import type { TransactionClass } from '../../domain/vocabulary.ts'
import type { Door } from '../door.ts'
import { answeredWith, readSettlement, writeSettlement, type Settlement } from '../iso8583/f48.ts'
import { isKeySet } from '../iso8583/keys.ts'
import { encodeField } from '../iso8583/message.ts'
import { writeBcd, type OwnFields } from '../iso8583/rewrite.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import { batchOf, close, createLedger, knownBatch, type About, type Batch, type Book, type Kept } from './ledger.ts'
import { sixDigits, twelveDigits, writeSix } from './numbers.ts'
import { cardMaskedIn, fieldOf, originalOf, type Request } from './request.ts'
import { saidBy, type DeviceWord } from './status.ts'
import type { TerminalKeys } from './terminal-keys.ts'

/** What the host says; the record is used again for the next answer. */
export type Said = { code: string; reference: number; own: OwnFields | undefined }

export type Host = {
  /** A request of that class which the gate permits. */
  answer(door: Door, request: Request, kind: TransactionClass, confirms: boolean): Said
  /** Whether the terminal was given a key here that it should use. */
  isKeyed(tid: string): boolean
}

/** F39 of a host that looks up originals (UnionPay's table). */
const code = {
  approved: '00', invalid: '12', not_found: '25', format: '30', unsupported: '40', amount_differs: '64', repeated: '94',
} as const

/** Of no acquirer: the test estate's own. */
const acquirer = '00000000'

const ownFields = (fields: Readonly<Record<number, string>>): OwnFields =>
  new Map(Object.entries(fields).map(([field, value]) => [Number(field), encodeField(unionpay, Number(field), value) as Buffer]))

export function createHost(keys: TerminalKeys, entries_max: number): Host {
  const ledger = createLedger(entries_max)
  const said: Said = { code: code.approved, reference: 0, own: undefined }
  const nextReference = referenceNumbers()
  const settlesOn = settlementDates()

  const say = (code: string, own?: OwnFields, reference = 0): Said => {
    said.code = code
    said.own = own
    said.reference = reference
    return said
  }
  const bookOf = (door: Door, tid: string): Book => ledger.book(tid) ?? ledger.open(tid, door.entry(tid)?.provider ?? '')

  // F15, F37 and F38 of an approval, written over for each.
  const settlementDate = Buffer.alloc(2)
  const referenceDigits = Buffer.alloc(12)
  const authorisation = Buffer.alloc(6)
  const approvalFields: OwnFields = new Map([
    [F.settlementDate, settlementDate], [F.reference, referenceDigits], [F.authorisation, authorisation],
  ])

  const observe = (
    door: Door, request: Request, book: Book, batch: Batch, kind: TransactionClass, amountFen: number, reference: string, authCode: string,
  ): void => {
    const { now: at, tid, mid, peek: { trace } } = request
    const cardMasked = cardMaskedIn(request)
    const { provider } = book
    const status = 'approved'
    // One object each way and no copying: this is done for every transaction.
    if (cardMasked === undefined)
      door.observe({
        kind: 'transaction', at, tid, mid, provider, class: kind, amountFen, batch: batch.text, trace: sixDigits(trace), reference,
        authCode, status,
      })
    else
      door.observe({
        kind: 'transaction', at, tid, mid, provider, class: kind, amountFen, batch: batch.text, trace: sixDigits(trace), reference,
        authCode, status, cardMasked,
      })
  }

  /** Approves and remembers; what it is about gives it its reference. */
  const approve = (door: Door, request: Request, book: Book, batch: Batch, kind: TransactionClass, about: About | undefined): Said => {
    const { peek, now } = request
    const reference = nextReference(now)
    writeBcd(settlementDate, 0, 2, settlesOn(now))
    const high = Math.floor(reference / 1_000_000)
    const low = reference - high * 1_000_000
    writeSix(referenceDigits, 0, high)
    writeSix(referenceDigits, 6, low)
    referenceDigits.copy(authorisation, 0, 6)
    ledger.approve(book, batch, peek.trace, kind, peek.amountFen, reference, about)
    if (about === undefined) {
      const lowText = sixDigits(low)
      observe(door, request, book, batch, kind, peek.amountFen, sixDigits(high) + lowText, lowText)
    } else observe(door, request, book, batch, kind, peek.amountFen, about.reference, about.authCode)
    return say(code.approved, approvalFields)
  }

  const money = (door: Door, request: Request, kind: TransactionClass): Said => {
    const { peek, tid } = request
    if (peek.amountFen < 0 || peek.trace <= 0 || peek.batch < 0) return say(code.format)
    const book = bookOf(door, tid)
    const batch = batchOf(book, peek.batch)
    if (ledger.isRepeated(book, batch, peek.trace)) return say(code.repeated)
    switch (kind) {
      case 'void': {
        const named = originalOf(request)
        const original = named && ledger.find(book, named.batch, named.trace)
        const fault = original === undefined ? code.not_found
          : faultOf(original, peek.kind === completion_void_kind ? completions : sales, peek.amountFen)
        return fault === undefined ? approve(door, request, book, batch, kind, original) : say(fault)
      }
      case 'preauth_cancel':
      case 'preauth_completion': {
        // A pre-authorisation lives for 30 days and may be older than this memory: one we do not know is the bank's word.
        const original = ledger.preauth(book, fieldOf(request, F.authorisation) ?? '')
        const isCancel = kind === 'preauth_cancel'
        const fault = original && faultOf(original, preauths, isCancel ? peek.amountFen : original.amountFen)
        if (fault !== undefined) return say(fault)
        return approve(door, request, book, batch, kind, original ?? namedBy(request))
      }
      default: return approve(door, request, book, batch, kind, undefined)
    }
  }

  /** The original has the same batch and trace. One nobody knows, or one reversed before, is answered 00 as well. */
  const reversal = (door: Door, request: Request): Said => {
    const { peek, tid, now } = request
    const book = ledger.book(tid)
    const batch = book && knownBatch(book, peek.batch)
    const found = book && ledger.find(book, peek.batch, peek.trace)
    if (book && batch && found && ledger.reverse(batch, found))
      observe(door, request, book, batch, 'reversal', found.amountFen, found.reference, found.authCode)
    return say(code.approved, undefined, nextReference(now))
  }

  const signOn = (door: Door, request: Request): Said => {
    const { tid, peek, now } = request
    const book = bookOf(door, tid)
    // The terminal's own batch unless we know that it was settled: nothing it has open is left behind.
    const batch = batchOf(book, Math.max(1, peek.batch, book.nextBatch))
    const set = isKeySet(peek.network) ? peek.network : undefined
    book.isKeyed = set !== undefined
    batch.signOns += 1
    const reference = nextReference(now)
    const fields: Record<number, string> = {
      [F.acquirer]: acquirer, [F.reference]: twelveDigits(reference), [F.kind]: `00${batch.text}${String(peek.network).padStart(3, '0')}`,
    }
    if (set !== undefined) fields[F.keys] = keys.wrapped(tid, batch.number, set).toString('hex')
    door.observe({ kind: 'signed_on', at: now, tid })
    return say(code.approved, ownFields(fields), reference)
  }

  const settle = (door: Door, request: Request, book: Book, batch: Batch, balanced: boolean): void => {
    const { tid, mid, now } = request
    door.observe({ kind: 'settled', at: now, tid, mid, provider: book.provider, batch: batch.text, balanced })
    close(book, batch)
  }
  const settlement = (door: Door, request: Request): Said => {
    const told = readSettlement(fieldOf(request, F.totals) ?? '')
    if (told === undefined) return say(code.format)
    const book = bookOf(door, request.tid)
    const batch = batchOf(book, Math.max(0, request.peek.batch))
    const isBalanced = isSame(told, batch)
    if (isBalanced) settle(door, request, book, batch, true)
    const answer = writeSettlement(answeredWith(told, isBalanced ? 'balanced' : 'unbalanced'))!
    return say(code.approved, ownFields({ [F.totals]: answer }))
  }
  /** The terminal sends its batch line by line and then says that it is done; after a settlement that balanced, only that. */
  const batchUpload = (door: Door, request: Request): Said => {
    const book = bookOf(door, request.tid)
    if (request.peek.network === upload_done_unbalanced)
      settle(door, request, book, batchOf(book, Math.max(0, request.peek.batch)), false)
    return say(code.approved)
  }

  const status = (door: Door, { now: at, tid }: Request, word: DeviceWord | undefined, confirms: boolean): Said => {
    if (word) door.observe({ kind: 'device_said', at, tid, said: word, by: confirms ? 'confirmation' : 'status' })
    return say(code.approved)
  }

  return {
    isKeyed: (tid) => ledger.book(tid)?.isKeyed === true,
    answer(door, request, kind, confirms) {
      switch (kind) {
        case 'sign_on': return signOn(door, request)
        case 'sign_off': {
          door.observe({ kind: 'device_said', at: request.now, tid: request.tid, said: 'signed_off', by: 'sign_off' })
          return say(code.approved)
        }
        case 'status': return status(door, request, saidBy(fieldOf(request, F.keys) ?? ''), confirms)
        case 'reversal': return reversal(door, request)
        case 'settlement': return settlement(door, request)
        case 'batch_upload': return batchUpload(door, request)
        case 'echo':
        case 'parameter_download': return say(code.approved)
        // No accounts, so no balance.
        case 'balance': return say(code.unsupported)
        default: return money(door, request, kind)
      }
    },
  }
}

/** We do not tell domestic from foreign cards, so the sums are compared. */
const isSame = ({ domestic, foreign }: Settlement, { debitFen, debits, creditFen, credits }: Batch): boolean =>
  domestic.debitFen + foreign.debitFen === debitFen && domestic.debits + foreign.debits === debits
  && domestic.creditFen + foreign.creditFen === creditFen && domestic.credits + foreign.credits === credits

/** F60.1 of the void of a completion. */
const completion_void_kind = 21
/** F60.3 of the end of an upload after a settlement that did not balance. */
const upload_done_unbalanced = 202
const sales: readonly TransactionClass[] = ['sale', 'test_sale', 'offline_upload']
const completions: readonly TransactionClass[] = ['preauth_completion']
const preauths: readonly TransactionClass[] = ['preauth']

function faultOf(original: Kept, classes: readonly TransactionClass[], amountFen: number): string | undefined {
  if (!classes.includes(original.class)) return code.not_found
  if (original.state !== 'approved') return code.invalid
  return original.amountFen === amountFen ? undefined : code.amount_differs
}

/** The pre-authorisation as the request names it. */
function namedBy(request: Request): About | undefined {
  const reference = fieldOf(request, F.reference)?.trim()
  return reference ? { reference, authCode: fieldOf(request, F.authorisation) ?? '' } : undefined
}

const shanghai_ms = 8 * 3_600_000
const hour_ms = 3_600_000
const day_ms = 24 * hour_ms
/** F37: the year's last digit, the day of the year, and eight digits that only grow: milliseconds of the day, or one more. */
function referenceNumbers(): (now: number) => number {
  let day = Number.NaN
  let base = 0
  let last = 0
  return (now) => {
    const there = now + shanghai_ms
    const today = Math.floor(there / day_ms)
    if (today !== day) {
      day = today
      const date = new Date(there)
      const first = Date.UTC(date.getUTCFullYear(), 0, 1)
      base = ((date.getUTCFullYear() % 10) * 1_000 + Math.floor((there - first) / day_ms) + 1) * 1e8
      last = 0
    }
    last = Math.max(last + 1, there % day_ms)
    return base + Math.floor(last)
  }
}

/** F15 as a number, month and day: UnionPay's day ends an hour early, at 23:00. */
function settlementDates(): (now: number) => number {
  let day = Number.NaN
  let date = 0
  return (now) => {
    const ahead = now + shanghai_ms + hour_ms
    const today = Math.floor(ahead / day_ms)
    if (today !== day) {
      day = today
      const on = new Date(ahead)
      date = (on.getUTCMonth() + 1) * 100 + on.getUTCDate()
    }
    return date
  }
}
