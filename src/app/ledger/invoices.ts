// An invoice is a numbered set of what was charged and not on an invoice yet. What is open of it follows from the ledger like
// everything else: nothing about it is ever updated.
import { addDays, dateOf } from '../../domain/calendar.ts'
import type { Fen } from '../../domain/money.ts'
import { letterNumber } from '../../domain/number.ts'
import { standingOf, type Posted } from '../../domain/receivables.ts'
import { refuse } from '../../domain/refusals.ts'
import type { InvoiceState } from '../../domain/vocabulary.ts'
import { instantParam, type Tx } from '../../store/db.ts'
import { readPosted } from '../../store/ledger.ts'
import type { App } from '../app.ts'
import { scopeOf, type Asking, type Reply } from '../execute.ts'
import type { Actor } from '../../domain/authority.ts'
import { onAccount, type AccountTelling } from './account.ts'

const invoice_due_days = 30
/** 账单. */
const invoice_letter = 'B'

export type Invoice = {
  no: string; provider: string; mid: string; issuedAt: number; dueOn: string; totalFen: Fen; openFen: Fen; state: InvoiceState
  lines: readonly (Posted & { openFen: Fen })[]
}
type Row = { no: string; provider: string; mid: string; issued_at: number; due_on: string; total_fen: number; entries: string[] }

const stateOf = (openFen: Fen, totalFen: Fen, dueOn: string, today: string): InvoiceState =>
  openFen <= 0 ? 'paid' : dueOn < today ? 'overdue' : openFen < totalFen ? 'part_paid' : 'open'

/** Charges not on an invoice, without those that were taken back before they came on one. */
function toInvoice(posted: readonly Posted[], invoiced: ReadonlySet<string>): Posted[] {
  const isPayment = new Set(posted.filter((p) => p.kind === 'payment' || p.kind === 'payout').map((p) => p.id))
  const fresh = posted.filter((p) => !invoiced.has(p.id) && !isPayment.has(p.id) && !(p.reverses !== undefined && isPayment.has(p.reverses)))
  const ids = new Set(fresh.map((p) => p.id))
  const back = new Set(fresh.flatMap((p) => (p.reverses !== undefined && ids.has(p.reverses) ? [p.id, p.reverses] : [])))
  return fresh.filter((p) => !back.has(p.id)).toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
}

export const issueInvoice = (app: App, asking: Asking, mid: string, asked: { provider?: string | undefined }, telling: AccountTelling<Invoice>): Promise<Reply> =>
  onAccount(app, asking, {
    mid, provider: asked.provider, right: 'issue-invoice', command: 'issue-invoice', input: { mid, ...asked },
    async decide({ tx, now, provider, policy }) {
      const posted = await readPosted(tx, mid, provider)
      const invoiced = new Set((await tx.many<{ entry: string }>('select entry from invoice_line where mid = $1 and provider = $2', [mid, provider])).map((r) => r.entry))
      const lines = toInvoice(posted, invoiced)
      const totalFen = lines.reduce((sum, l) => sum + l.fen, 0)
      if (totalFen <= 0) return refuse('nothing_to_invoice')
      const today = dateOf(now, app.zone)
      const no = letterNumber(app.provider(provider).prefix, invoice_letter, Number(today.slice(0, 4)), await nextSerial(tx, provider, `${today.slice(0, 4)}-01-01`))
      const dueOn = addDays(today, policy.fees.invoiceDueDays ?? invoice_due_days)
      await tx.run('insert into invoice (no, provider, mid, issued_at, due_on, total_fen, issued_by) values ($1, $2, $3, $4, $5, $6, $7)',
        [no, provider, mid, instantParam(now), dueOn, totalFen, asking.actor.person])
      await tx.run('insert into invoice_line (entry, invoice, provider, mid) select e, $2, $3, $4 from unnest($1::text[]) e', [lines.map((l) => l.id), no, provider, mid])
      return {
        value: invoiceFrom({ no, provider, mid, issued_at: now, due_on: dueOn, total_fen: totalFen, entries: lines.map((l) => l.id) }, posted, today),
        entries: [], facts: [{ fact: 'invoice_issued', invoice: no, totalFen, lines: lines.length, dueOn, at: now }],
      }
    },
  }, telling)

/** Without gaps: the counter moves in the invoice's own transaction. */
const nextSerial = async (tx: Tx, provider: string, day: string): Promise<number> =>
  (await tx.one<{ last: number }>(
    `insert into case_counter values ($1, 'invoice', $2, 1) on conflict (provider, series, day) do update set last = case_counter.last + 1 returning last`, [provider, day],
  ))!.last

function invoiceFrom(r: Row, posted: readonly Posted[], today: string): Invoice {
  const open = new Map(standingOf(posted).charges.map((c) => [c.id, c.openFen]))
  const on = new Set(r.entries)
  const lines = posted.filter((p) => on.has(p.id)).map((p) => ({ ...p, openFen: open.get(p.id) ?? 0 })).toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const openFen = Math.min(lines.reduce((sum, l) => sum + l.openFen, 0), r.total_fen)
  return { no: r.no, provider: r.provider, mid: r.mid, issuedAt: r.issued_at, dueOn: r.due_on, totalFen: r.total_fen, openFen, state: stateOf(openFen, r.total_fen, r.due_on, today), lines }
}

const invoicesSql = `select i.*, array(select l.entry from invoice_line l where l.invoice = i.no) as entries from invoice i`
const invoices_shown_max = 200

/** Invoices of a merchant, the newest first; undefined where the merchant is not theirs. */
export const invoicesOf = (app: App, actor: Actor, mid: string, provider?: string): Promise<Invoice[] | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    if (!(await tx.one('select from merchant_provider where mid = $1 and ($2::text is null or provider = $2)', [mid, provider ?? null]))) return undefined
    const rows = await tx.many<Row>(`${invoicesSql} where i.mid = $1 and ($2::text is null or i.provider = $2) order by i.issued_at desc, i.no desc limit $3`, [mid, provider ?? null, invoices_shown_max])
    return withMoney(app, tx, rows)
  }, { readOnly: true })

export const invoiceByNo = (app: App, actor: Actor, no: string): Promise<Invoice | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => (await withMoney(app, tx, await tx.many<Row>(`${invoicesSql} where i.no = $1`, [no])))[0], { readOnly: true })

async function withMoney(app: App, tx: Tx, rows: readonly Row[]): Promise<Invoice[]> {
  const posted = new Map<string, Posted[]>()
  for (const { mid, provider } of rows)
    if (!posted.has(`${mid} ${provider}`)) posted.set(`${mid} ${provider}`, await readPosted(tx, mid, provider))
  return rows.map((r) => invoiceFrom(r, posted.get(`${r.mid} ${r.provider}`)!, dateOf(app.clock.now(), app.zone)))
}

/** The invoices of one account that are past their day, in the transaction that reads it. */
export const overdueFen = async (app: App, tx: Tx, mid: string, provider: string): Promise<Fen> =>
  (await withMoney(app, tx, await tx.many<Row>(`${invoicesSql} where i.mid = $1 and i.provider = $2 and i.due_on < $3`, [mid, provider, dateOf(app.clock.now(), app.zone)])))
    .reduce((sum, i) => sum + i.openFen, 0)

