// Money that came in, came back, or was paid back: recorded by finance, each once by its method and reference.
import { randomUUID } from 'node:crypto'
import { dateOf } from '../../domain/calendar.ts'
import { entryOf, reversalOf } from '../../domain/ledger.ts'
import { formatYuan, type Fen } from '../../domain/money.ts'
import { refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { paymentMethods, type PaymentMethod } from '../../domain/vocabulary.ts'
import { instantParam, type Tx } from '../../store/db.ts'
import { readEntry } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { scopeOf, type Asking, type Reply } from '../execute.ts'
import { onAccount, type AccountTelling, type At, type Done } from './account.ts'

export type PaymentAsked = {
  amountFen: Fen; method: PaymentMethod; reference: string; receivedOn?: string | undefined
  /** The case it is for; its charges are paid first. */
  caseNo?: string | undefined
  provider?: string | undefined
}
export type Payment = {
  id: string; provider: string; mid: string; direction: 'in' | 'out'; method: PaymentMethod; reference: string; amountFen: Fen; receivedOn: string
  caseNo: string | undefined; recordedAt: number; isReturned: boolean
}

export const recordPayment = (app: App, asking: Asking, mid: string, asked: PaymentAsked, telling: AccountTelling<Payment>): Promise<Reply> =>
  onAccount(app, asking, {
    mid, provider: asked.provider, right: 'record-payment', command: 'record-payment', input: { mid, ...asked },
    decide: (at) => recorded(app, asking, at, asked, 'in'),
  }, telling)

/** Credit paid back to the merchant: never more than there is. */
export const payBack = (app: App, asking: Asking, mid: string, asked: Omit<PaymentAsked, 'caseNo'>, telling: AccountTelling<Payment>): Promise<Reply> =>
  onAccount(app, asking, {
    mid, provider: asked.provider, right: 'record-payment', command: 'pay-back', input: { mid, ...asked },
    async decide(at) {
      const { creditFen } = await at.standing()
      if (asked.amountFen > creditFen) return refuseField('/amount', 'more_than_credit', { amount: `¥${formatYuan(creditFen)}` })
      return recorded(app, asking, at, asked, 'out')
    },
  }, telling)

async function recorded(app: App, { actor }: Asking, { tx, now, provider, mid }: At, asked: PaymentAsked, direction: 'in' | 'out'): Promise<Done<Payment> | Refusal> {
  const { amountFen, method, reference, caseNo } = asked
  const receivedOn = asked.receivedOn ?? dateOf(now, app.zone)
  if (caseNo !== undefined && !(await tx.one('select from application where no = $1 and mid = $2 and provider = $3', [caseNo, mid, provider])))
    return refuseField('/application', 'not_found')
  if (await tx.one('select from payment where provider = $1 and method = $2 and reference = $3 and direction = $4', [provider, method, reference, direction]))
    return refuseField('/reference', 'payment_known', { reference })
  const id = randomUUID()
  const [zh, en] = paymentMethods[method]
  const entry = entryOf(
    { id: `payment/${id}`, kind: direction === 'in' ? 'payment' : 'payout', provider, mid, caseNo, at: now, words: direction === 'in' ? [`收款（${zh}）`, `payment (${en})`] : [`退还余额（${zh}）`, `credit paid back (${en})`] },
    [direction === 'in' ? { debit: 'cash', credit: 'receivable', fen: amountFen } : { debit: 'receivable', credit: 'cash', fen: amountFen }],
  )
  const payment: Payment = { id, provider, mid, direction, method, reference, amountFen, receivedOn, caseNo, recordedAt: now, isReturned: false }
  await insert(tx, payment, entry.id, actor.person)
  return {
    value: payment, entries: [entry], caseNo,
    facts: [{ fact: direction === 'in' ? 'payment_recorded' : 'paid_back', payment: id, method, reference, amountFen, receivedOn, at: now }],
  }
}

const insert = (tx: Tx, p: Payment, entry: string, by: string): Promise<number> => tx.run(
  `insert into payment (id, provider, mid, entry, direction, method, reference, amount_fen, received_on, case_no, recorded_by, recorded_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
  [p.id, p.provider, p.mid, entry, p.direction, p.method, p.reference, p.amountFen, p.receivedOn, p.caseNo ?? null, by, instantParam(p.recordedAt)],
)

type Row = {
  id: string; provider: string; mid: string; entry: string; direction: 'in' | 'out'; method: PaymentMethod; reference: string; amount_fen: number; received_on: string
  case_no: string | null; recorded_at: number; returned: boolean
}
const paymentFrom = (r: Row): Payment => ({
  id: r.id, provider: r.provider, mid: r.mid, direction: r.direction, method: r.method, reference: r.reference, amountFen: r.amount_fen, receivedOn: r.received_on,
  caseNo: r.case_no ?? undefined, recordedAt: r.recorded_at, isReturned: r.returned,
})
const rowSql = `select p.*, exists (select from ledger_entry e where e.reverses = p.entry) as returned from payment p`

/** A payment the bank took back: its entry is reversed, and what it paid is owed again. */
export async function returnPayment(app: App, asking: Asking, id: string, words: string, telling: AccountTelling<Payment>): Promise<Reply> {
  const found = await app.db.transaction(scopeOf(asking.actor), (tx) => tx.one<Row>(`${rowSql} where p.id = $1`, [id]), { readOnly: true })
  return onAccount(app, asking, {
    // Nobody's merchant where there is no such payment: refused like one that is not theirs.
    mid: found?.mid ?? '', provider: found?.provider, right: 'record-payment', command: 'return-payment', input: { payment: id, words },
    async decide({ tx, now }) {
      const row = (await tx.one<Row>(`${rowSql} where p.id = $1`, [id]))!
      if (row.returned) return refuse('payment_returned')
      if (!words) return refuseField('/words', 'words_required')
      const entry = (await readEntry(tx, row.entry))!
      return {
        value: { ...paymentFrom(row), isReturned: true }, caseNo: row.case_no ?? undefined,
        entries: [reversalOf(entry, now, [`退回：${entry.words[0]}`, `returned: ${entry.words[1]}`])],
        facts: [{ fact: 'payment_returned', payment: id, amountFen: row.amount_fen, at: now, words }],
      }
    },
  }, telling)
}
