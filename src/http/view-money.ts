// Money as its reader sees it: shapes of the contract and how stored facts become them. Amounts are { fen, currency }; every
// charge carries in words how it came about.
import { z } from 'zod'
import { channelSchema, type Channel, type Compared } from '../domain/alternatives.ts'
import { contractSchema } from '../domain/contract.ts'
import { formatYuan, type Fen } from '../domain/money.ts'
import {
  cardKinds, channelKinds, entryKinds, invoiceStates, paymentMethods, say, severities, words, type Language,
} from '../domain/vocabulary.ts'
import type { Agreed } from '../app/ledger/contracts.ts'
import type { Invoice } from '../app/ledger/invoices.ts'
import type { Preview } from '../app/ledger/options.ts'
import type { Payment } from '../app/ledger/payments.ts'
import type { AccountStanding, StatementEntry } from '../app/ledger/standing.ts'
import type { Waiver } from '../app/ledger/waivers.ts'
import type { Comparison } from '../app/ledger/alternatives.ts'
import type { StoredChannel } from '../store/contracts.ts'
import { instantText, type OptionsView } from './shapes.ts'

const iso = (at: number): string => new Date(at).toISOString()
export const cost = (fen: Fen): { fen: number; currency: 'CNY' } => ({ fen, currency: 'CNY' })
export const moneyShape = z.object({ fen: z.int(), currency: z.literal('CNY') })
const day = z.string().meta({ format: 'date', examples: ['2026-11-27'] })

// ── Options ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const rule_words = [
  '按当月实际天数折算，每行四舍五入到分；停机当日仍按在用计，恢复当日仍按停机计（民法典 201：开始当日不计）。',
  'Counted by the days each month really has, every line rounded half up to the fen; the day of the stop is still in service, the day of the reopening still stopped.',
] as const

export const viewOptions = (p: Preview, language: Language): OptionsView => ({
  days: p.days, from: p.from, until: p.until, rule: say(rule_words, language), owed: cost(p.owedFen), deposit: cost(p.depositFen), contract: p.contract ?? null,
  options: p.options.map((o) => ({
    option: o.option, offered: o.offered, cost: cost(o.fen),
    lines: o.lines.map((l) => ({ words: say(l.words, language), amount: cost(l.fen), formula: say(l.formula, language) })),
  })),
})

// ── Contracts ───────────────────────────────────────────────────────────────────────────────────────────────────────
const fenShape = z.int().min(0)
const rateShape = z.object({ card: z.enum(words(cardKinds)), ppm: z.int().min(0), capFen: fenShape.nullable() })
export const agreedView = z.object({
  provider: z.string(),
  merchant: z.string(),
  contract: z.object({ version: z.int().min(1), effectiveFrom: day, document: contractSchema }).nullable().describe('in force today'),
  versions: z.array(z.object({ version: z.int().min(1), effectiveFrom: day, createdBy: z.string(), createdAt: instantText })),
  terms: z.object({
    policyVersion: z.int().min(1), monthlyInServiceFen: fenShape, monthlyWhileSuspendedFen: fenShape, freeSuspendedDays: z.int().min(0), dataMonthlyFen: fenShape, annualFen: fenShape,
    reopeningFen: fenShape, restockingFen: fenShape, rates: z.array(rateShape),
    earlyTermination: z.object({ flatFen: fenShape, perMonthLeftFen: fenShape, capFen: fenShape.nullable(), until: day.nullable() }),
  }).describe('what holds today: the contract, and the policy where it is silent'),
})
export function viewAgreed({ provider, mid, versions, terms, policyVersion }: Agreed): z.infer<typeof agreedView> {
  const { earlyTermination: end } = terms
  const inForce = versions.find((v) => v.version === terms.contract)
  return {
    provider, merchant: mid,
    contract: inForce ? { version: inForce.version, effectiveFrom: inForce.effectiveFrom, document: inForce.contract } : null,
    versions: versions.map((v) => ({ version: v.version, effectiveFrom: v.effectiveFrom, createdBy: v.createdBy, createdAt: iso(v.createdAt) })),
    terms: {
      policyVersion, monthlyInServiceFen: terms.monthlyInServiceFen, monthlyWhileSuspendedFen: terms.monthlyWhileSuspendedFen, freeSuspendedDays: terms.freeSuspendedDays,
      dataMonthlyFen: terms.dataMonthlyFen, annualFen: terms.annualFen, reopeningFen: terms.reopeningFen, restockingFen: terms.restockingFen,
      rates: terms.rates.map((r) => ({ card: r.card, ppm: r.ppm, capFen: r.capFen ?? null })),
      earlyTermination: { flatFen: end.flatFen, perMonthLeftFen: end.perMonthLeftFen, capFen: Number.isFinite(end.capFen) ? end.capFen : null, until: end.until ?? null },
    },
  }
}

// ── Balance and statement ───────────────────────────────────────────────────────────────────────────────────────────
export const balanceView = z.object({
  provider: z.string(), merchant: z.string(),
  owed: moneyShape, overdue: moneyShape, credit: moneyShape.describe('paid more than was charged; stays until it is used or paid back'),
  deposits: moneyShape, openCharges: z.int().min(0), oldestOpenAt: instantText.nullable(),
  waiversWaiting: z.array(z.object({ id: z.uuid(), amount: moneyShape, words: z.string(), proposedBy: z.string(), proposedAt: instantText })),
  sentence: z.string(),
})
const yuan = (fen: Fen): string => `¥${formatYuan(fen)}`
const sentenceOn = (s: AccountStanding, language: Language): string => {
  if (s.owedFen > 0) return language === 'zh'
    ? `还欠 ${s.openCharges} 笔费用共 ${yuan(s.owedFen)}${s.overdueFen > 0 ? `，其中 ${yuan(s.overdueFen)} 已逾期` : ''}。`
    : `${s.openCharges} charge${s.openCharges === 1 ? '' : 's'} of ${yuan(s.owedFen)} in all are still to be paid${s.overdueFen > 0 ? `, ${yuan(s.overdueFen)} of it overdue` : ''}.`
  if (s.creditFen > 0) return language === 'zh' ? `费用已付清，多付 ${yuan(s.creditFen)}，留作余额。` : `Everything is paid; ${yuan(s.creditFen)} more than was charged stays as credit.`
  return language === 'zh' ? '费用已付清，互不相欠。' : 'Everything is paid; nothing is owed either way.'
}
export const viewBalance = (s: AccountStanding, language: Language): z.infer<typeof balanceView> => ({
  provider: s.provider, merchant: s.mid, owed: cost(s.owedFen), overdue: cost(s.overdueFen), credit: cost(s.creditFen), deposits: cost(s.depositsFen),
  openCharges: s.openCharges, oldestOpenAt: s.oldestOpenAt === undefined ? null : iso(s.oldestOpenAt),
  waiversWaiting: s.waiversWaiting.map((w) => ({ id: w.id, amount: cost(w.amountFen), words: w.words, proposedBy: w.proposedBy, proposedAt: iso(w.proposedAt) })),
  sentence: sentenceOn(s, language),
})

export const statementRow = z.object({
  id: z.string(), at: instantText, kind: z.enum(words(entryKinds)), provider: z.string(), terminal: z.string().nullable(), application: z.string().nullable(),
  month: z.string().nullable(), words: z.string(), formula: z.string().nullable(), reverses: z.string().nullable(),
  amount: moneyShape.describe('above 0 adds to what is owed, below 0 pays'), deposit: moneyShape.describe('what it changes of the deposits held'),
})
export const viewStatementRow = (e: StatementEntry, language: Language): z.infer<typeof statementRow> => ({
  id: e.id, at: iso(e.at), kind: e.kind, provider: e.provider, terminal: e.tid ?? null, application: e.caseNo ?? null, month: e.month ?? null, words: say(e.words, language),
  formula: e.formula === undefined ? null : say(e.formula, language), reverses: e.reverses ?? null, amount: cost(e.fen), deposit: cost(e.depositFen),
})

// ── Invoices, payments, waivers ─────────────────────────────────────────────────────────────────────────────────────
export const invoiceView = z.object({
  no: z.string(), provider: z.string(), merchant: z.string(), issuedAt: instantText, dueOn: day, state: z.enum(words(invoiceStates)), total: moneyShape, open: moneyShape,
  lines: z.array(z.object({ words: z.string(), formula: z.string().nullable(), terminal: z.string().nullable(), application: z.string().nullable(), month: z.string().nullable(), amount: moneyShape, open: moneyShape })),
})
export const viewInvoice = (i: Invoice, language: Language): z.infer<typeof invoiceView> => ({
  no: i.no, provider: i.provider, merchant: i.mid, issuedAt: iso(i.issuedAt), dueOn: i.dueOn, state: i.state, total: cost(i.totalFen), open: cost(i.openFen),
  lines: i.lines.map((l) => ({
    words: say(l.words, language), formula: l.formula === undefined ? null : say(l.formula, language), terminal: l.tid ?? null, application: l.caseNo ?? null,
    month: l.month ?? null, amount: cost(l.fen), open: cost(l.openFen),
  })),
})

export const paymentView = z.object({
  id: z.uuid(), provider: z.string(), merchant: z.string(), direction: z.enum(['in', 'out']), method: z.enum(words(paymentMethods)), reference: z.string(), amount: moneyShape,
  receivedOn: day, application: z.string().nullable(), recordedAt: instantText, returned: z.boolean(),
})
export const viewPayment = (p: Payment): z.infer<typeof paymentView> => ({
  id: p.id, provider: p.provider, merchant: p.mid, direction: p.direction, method: p.method, reference: p.reference, amount: cost(p.amountFen), receivedOn: p.receivedOn,
  application: p.caseNo ?? null, recordedAt: iso(p.recordedAt), returned: p.isReturned,
})

export const waiverView = z.object({
  id: z.uuid(), provider: z.string(), merchant: z.string(), application: z.string().nullable(), amount: moneyShape, words: z.string(), posted: z.boolean(),
  proposedBy: z.string(), proposedAt: instantText, confirmedBy: z.string().nullable(), confirmedAt: instantText.nullable(),
})
export const viewWaiver = (w: Waiver): z.infer<typeof waiverView> => ({
  id: w.id, provider: w.provider, merchant: w.mid, application: w.caseNo ?? null, amount: cost(w.amountFen), words: w.words, posted: w.isPosted,
  proposedBy: w.proposedBy, proposedAt: iso(w.proposedAt), confirmedBy: w.confirmedBy ?? null, confirmedAt: w.confirmedAt === undefined ? null : iso(w.confirmedAt),
})

// ── Channels and what they would cost ───────────────────────────────────────────────────────────────────────────────
export const channelView = channelSchema.extend({ id: z.string(), provider: z.string(), updatedAt: instantText, version: z.int().min(1) })
export const viewChannel = ({ updatedAt, ...channel }: StoredChannel): z.infer<typeof channelView> => ({ ...channel, updatedAt: iso(updatedAt) })

const flagShape = z.object({ code: z.string(), severity: z.enum(words(severities)), card: z.enum(words(cardKinds)).nullable(), words: z.string() })
const wayShape = z.object({
  name: z.string(), kind: z.enum(words(channelKinds)), source: z.enum(['today', 'channel', 'offer']), id: z.string().nullable(),
  perMonth: moneyShape, once: moneyShape, firstYear: moneyShape, difference: moneyShape.nullable().describe('per month against today; below 0 is cheaper'),
  lines: z.array(z.object({ words: z.string(), amount: moneyShape, formula: z.string() })), flags: z.array(flagShape),
  notTaken: z.array(z.enum(words(cardKinds))).describe('kinds of card in the mix that this way does not take'), settlesAfterDays: z.int().min(0).nullable(),
})
export const alternativesView = z.object({
  mix: z.object({
    basis: z.enum(['own', 'typed']), months: z.int().min(1), from: day.nullable(), until: day.nullable(),
    items: z.array(z.object({ card: z.enum(words(cardKinds)), amount: moneyShape, count: z.int().min(0).nullable() })),
  }),
  ways: z.array(wayShape).describe('today first, then by cost per month'),
  thresholds: z.array(z.object({ card: z.enum(words(cardKinds)), costPpm: z.int().min(0), costCapFen: fenShape.nullable(), regulatedPpm: z.int().min(0) }))
    .describe('发改价格〔2016〕557号: below the cost is abnormal'),
  sentence: z.string(),
})

export type Way = { name: string; source: 'today' | 'channel' | 'offer'; id: string | undefined; channel: Channel; compared: Compared }
const viewWay = ({ name, source, id, channel, compared: c }: Way, today: Compared | undefined, language: Language): z.infer<typeof wayShape> => ({
  name, kind: channel.kind, source, id: id ?? null, perMonth: cost(c.perMonthFen), once: cost(c.onceFen), firstYear: cost(c.firstYearFen),
  difference: today === undefined ? null : cost(c.perMonthFen - today.perMonthFen),
  lines: c.lines.map((l) => ({ words: say(l.words, language), amount: cost(l.fen), formula: say(l.formula, language) })),
  flags: c.flags.map((f) => ({ code: f.code, severity: f.severity, card: f.card ?? null, words: say(f.words, language) })),
  notTaken: [...c.notTaken], settlesAfterDays: channel.settlesAfterDays ?? null,
})
export const viewComparison = (c: Comparison, language: Language): z.infer<typeof alternativesView> => {
  const today = c.ways.find((w) => w.source === 'today')?.compared
  return {
    mix: {
      basis: c.basis, months: c.mix.months, from: c.from ?? null, until: c.until ?? null,
      items: c.mix.items.map((i) => ({ card: i.card, amount: cost(i.amountFen), count: i.count ?? null })),
    },
    ways: c.ways.map((w) => viewWay(w, today, language)),
    thresholds: c.thresholds.map((t) => ({ card: t.card, costPpm: t.costPpm, costCapFen: t.costCapFen ?? null, regulatedPpm: t.regulatedPpm })),
    sentence: say(c.sentence, language),
  }
}
