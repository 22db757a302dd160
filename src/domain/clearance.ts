// What is still open on a terminal. A transaction is open from when it is made until its money has moved, it is
// completed, answered or undone; clear = nothing is open. `clearanceRules` says which class is what while open and how
// it closes. In SQL, set-based: a row keeps `open_kind` and `open_until`, as `openOfReference` gives them, recomputed
// for the (tid, reference) groups that new rows touch – or, where no void or reversal is among them, by the predicate
//   status = 'disputed' OR status IN ('approved', 'pending') AND CASE closes_by
//     WHEN 'settlement' THEN settled_on IS NULL OR settled_on > date :as_of
//     WHEN 'completion' THEN at + 30 days > :as_of AND NOT EXISTS (approved closer, same tid and reference, later)
//     WHEN 'answer' THEN status = 'pending' END
// Breaks of reconciliation (`unmatched`) are counted by the matcher of settlement files and passed in.
import { addDays, dateOf, instantOf } from './calendar.ts'
import { type Fen, sumFen } from './money.ts'
import {
  type ClearanceKind,
  clearanceKinds,
  type TransactionClass,
  type TransactionStatus,
  type Words,
  words,
} from './vocabulary.ts'

/** One transaction of one terminal, as the gate journalled or a file brought it. */
export type Transaction = {
  class: TransactionClass
  status: TransactionStatus
  /** As sent, never negative: the class says which way the money goes. */
  amountFen: Fen
  /** Instant, ms. */
  at: number
  /** 清算日期, 'yyyy-mm-dd': the day its money moved; absent until then. */
  settledOn?: string | undefined
  /** 检索参考号 (field 37): a completion, cancellation, void or reversal carries that of the transaction it is about. */
  reference: string
}

export type ClearanceItem = {
  kind: ClearanceKind
  /** Sum over its transactions. */
  amountFen: Fen
  count: number
  /** Instant, ms, of the earliest deadline among them; absent where no rule sets one (disputes). */
  dueBy?: number
  /** Who has to act. */
  owner: 'merchant' | 'provider'
}
export type Clearance = { clear: boolean; items: ClearanceItem[] }

/** How far the three records cover what a terminal did, and how many of their disagreements are still open. */
export type Records = {
  /** Days on which it did something, as far back as the policy asks. */
  days: number
  /** Days of those on which a record has not come yet. */
  uncovered: number
  /** The first of them, and which record is missing. */
  missing?: { on: string; what: 'slips' | 'unionpay' | 'bank' } | undefined
  openBreaks: number
  /** The run that says so, and the files it was about. */
  run?: string | undefined
  files: readonly string[]
}
/** Nothing is missing and nothing disagrees; a terminal that did nothing has nothing to match. */
export const recordsAgree = (records: Records | undefined): boolean =>
  records === undefined || (records.uncovered === 0 && records.openBreaks === 0)

export type ClearancePolicy = {
  /** How long a pre-authorisation holds the cardholder's money. */
  preauthDays: number
  /**
   * By when a refund must have been settled: 30 calendar days is the latest any settlement may take (2013 No. 9, art.
   * 29).
   */
  refundDays: number
}
export const defaultClearancePolicy: ClearancePolicy = { preauthDays: 30, refundDays: 30 }

/** Open until its settlement date has come; until completed, cancelled or expired; or until the host has answered. */
type ClosesBy = 'settlement' | 'completion' | 'answer'
type Rule = { closesBy: ClosesBy; pending: ClearanceKind; approved?: ClearanceKind }

/** Class → the item it opens while pending and once approved. A class that is not here moves no money. */
export const clearanceRules: Readonly<Partial<Record<TransactionClass, Rule>>> = {
  sale: { closesBy: 'settlement', pending: 'unsettled', approved: 'unsettled' },
  preauth_completion: { closesBy: 'settlement', pending: 'unsettled', approved: 'unsettled' },
  offline_upload: { closesBy: 'settlement', pending: 'offline_pending', approved: 'unsettled' },
  // An approved refund is still pending for the cardholder until it settles.
  refund: { closesBy: 'settlement', pending: 'refund_pending', approved: 'refund_pending' },
  preauth: { closesBy: 'completion', pending: 'preauth_open', approved: 'preauth_open' },
  void: { closesBy: 'answer', pending: 'reversal_pending' },
  preauth_cancel: { closesBy: 'answer', pending: 'reversal_pending' },
  reversal: { closesBy: 'answer', pending: 'reversal_pending' },
}
export const preauthClosers = ['preauth_completion', 'preauth_cancel'] as const satisfies TransactionClass[]
/** What an undoing class can undo: a void takes back money taken, a reversal whatever came last. */
const undoes: Readonly<Partial<Record<TransactionClass, readonly TransactionClass[]>>> = {
  void: ['sale', 'preauth_completion', 'offline_upload'],
  reversal: ['sale', 'preauth', 'preauth_completion', 'preauth_cancel', 'void', 'refund', 'offline_upload'],
}

type Duty = {
  owner: ClearanceItem['owner']
  toDo: Words
  due?: (at: number, policy: ClearancePolicy) => number
}
/** Who acts on an item, what is to be done, and by when for a transaction made at `at`. */
const duties: Readonly<Record<ClearanceKind, Duty>> = {
  unsettled: {
    owner: 'merchant',
    toDo: ['在终端上做批结算，等清算日到账', 'Settle the batch on the terminal and wait for the settlement date'],
    due: (at) => settlementCut(at),
  },
  offline_pending: {
    owner: 'merchant',
    toDo: ['联网上送离线交易，再做批结算', 'Bring the terminal online, upload the offline transactions, then settle the batch'],
    due: (at) => settlementCut(at),
  },
  preauth_open: {
    owner: 'merchant',
    toDo: ['做预授权完成或撤销', 'Complete or cancel the pre-authorisation'],
    due: (at, policy) => at + policy.preauthDays * DAY_ms,
  },
  refund_pending: {
    owner: 'provider',
    toDo: ['跟进退货入账', 'See to it that the refund is settled'],
    due: (at, policy) => at + policy.refundDays * DAY_ms,
  },
  reversal_pending: {
    owner: 'provider',
    toDo: ['查明冲正结果并回复终端', 'Find out how the reversal ended and answer the terminal'],
    due: (at) => settlementCut(at),
  },
  dispute_open: {
    owner: 'provider',
    toDo: ['按时限提交凭证，了结争议', 'Hand in the evidence in time and bring the dispute to its end'],
  },
  unmatched: {
    owner: 'provider',
    toDo: ['逐条处理三单不符：补正文件，或说明并认可', 'Work each break: bring the corrected file, or explain and accept it'],
  },
}
/** What is to be done about an item, in words. */
export const toDoOf = (kind: ClearanceKind): Words => duties[kind].toDo

const DAY_ms = 86_400_000
/** UnionPay's day ends at 23:00 in Shanghai: what is made later belongs to the next settlement date. */
const SETTLEMENT_CUT = '23:00'
function settlementCut(at: number): number {
  const day = dateOf(at)
  const cut = instantOf(day, SETTLEMENT_CUT)
  return at < cut ? cut : instantOf(addDays(day, 1), SETTLEMENT_CUT)
}

/**
 * The undoings of one reference that took hold: transaction → the one that undid it. An undoing that is undone
 * restores.
 */
function undoings(inOrder: readonly Transaction[]): Map<Transaction, Transaction> {
  const undoneBy = new Map<Transaction, Transaction>()
  const isUndone = (t: Transaction): boolean => {
    const by = undoneBy.get(t)
    return by !== undefined && !isUndone(by)
  }
  for (const [index, t] of inOrder.entries()) {
    const classes = t.status === 'approved' ? undoes[t.class] : undefined
    // One that its own status already calls reversed is what this row is about: it must not undo an older one instead.
    const target =
      classes &&
      inOrder.slice(0, index).findLast((u) => classes.includes(u.class) && u.status !== 'declined' && !isUndone(u))
    if (target) undoneBy.set(target, t)
  }
  for (const t of inOrder) if (undoneBy.has(t) && !isUndone(t)) undoneBy.delete(t)
  return undoneBy
}

/** A transaction that is open from when it was made until `until` (instant, ms), or until something else happens. */
export type OpenTransaction = { transaction: Transaction; kind: ClearanceKind; until: number | undefined }

/**
 * Which of the transactions of one terminal and reference are open, and until when; they come in order of time. It
 * depends on nothing but them, so that a store keeps kind and `until` beside the row and does this again only for
 * references that new rows touch: open at an instant is then `until` absent or later.
 */
export function openOfReference(inOrder: readonly Transaction[], policy = defaultClearancePolicy): OpenTransaction[] {
  const undoneBy = undoings(inOrder)
  const closes = (t: Transaction): boolean =>
    isPreauthCloser(t.class) && (t.status === 'approved' || t.status === 'disputed') && !undoneBy.has(t)
  return inOrder.flatMap((transaction, index): OpenTransaction[] => {
    const { status, at, settledOn } = transaction
    const rule = clearanceRules[transaction.class]
    if (!rule || status === 'declined' || status === 'reversed') return []
    // A dispute ends when it is decided, which shows in the status.
    if (status === 'disputed') return [{ transaction, kind: 'dispute_open', until: undefined }]
    const kind = rule[status]
    if (!kind) return []
    const ends = [undoneBy.get(transaction)?.at]
    if (rule.closesBy === 'settlement' && settledOn !== undefined) ends.push(instantOf(settledOn, '00:00'))
    if (rule.closesBy === 'completion')
      ends.push(inOrder.slice(index + 1).find(closes)?.at, at + policy.preauthDays * DAY_ms)
    const known = ends.filter((end) => end !== undefined)
    return [{ transaction, kind, until: known.length > 0 ? Math.min(...known) : undefined }]
  })
}
const isPreauthCloser = (name: TransactionClass): boolean =>
  (preauthClosers as readonly TransactionClass[]).includes(name)

/**
 * What is open on a terminal at an instant, from its transactions in any order; what was made after it is not looked
 * at. At most one item per kind, in the order of the vocabulary; `unmatched` adds what reconciliation found.
 */
export function clearanceOf(
  transactions: Iterable<Transaction>,
  asOf: number,
  policy: ClearancePolicy = defaultClearancePolicy,
  unmatched: { count: number; amountFen: Fen; dueBy?: number } = { count: 0, amountFen: 0 },
): Clearance {
  const made = [...transactions].filter((t) => t.at <= asOf).sort((a, b) => a.at - b.at)
  // A row without a reference is about nothing but itself.
  const open = [...Map.groupBy(made, (t) => t.reference || t).values()]
    .flatMap((inOrder) => openOfReference(inOrder, policy))
    .filter(({ until }) => until === undefined || until > asOf)
  const items = words(clearanceKinds).flatMap((kind): ClearanceItem[] => {
    const { owner, due } = duties[kind]
    if (kind === 'unmatched') return unmatched.count > 0 ? [{ kind, ...unmatched, owner }] : []
    const rows = open.filter((row) => row.kind === kind).map((row) => row.transaction)
    if (rows.length === 0) return []
    const item = { kind, amountFen: sumFen(rows.map((t) => t.amountFen)), count: rows.length, owner }
    return [due ? { ...item, dueBy: Math.min(...rows.map((t) => due(t.at, policy))) } : item]
  })
  return { clear: items.length === 0, items }
}
