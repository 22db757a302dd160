// The page a reviewer decides from (D6): what the register, the books and the gate know of a merchant, each figure from its table.
import { z } from 'zod'
import type { App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import { dateOf } from '../domain/calendar.ts'
import { mccName } from '../domain/mcc.ts'
import { applicationKinds, applicationStates, effects, holdOwners, reasons, say, services, transactionClasses, words } from '../domain/vocabulary.ts'
import { readRisk } from '../store/risk.ts'
import type { Asker } from './services.ts'
import { instantText } from './shapes.ts'
import { iso } from './view-terminal.ts'

const money = z.object({ fen: z.int(), currency: z.literal('CNY') })
const at = instantText.nullable()
export const riskView = z.object({
  merchant: z.object({ mid: z.string(), name: z.string(), mcc: z.string(), trade: z.string().nullable(), since: instantText }),
  standing: z.object({
    good: z.boolean().describe('no hold of risk, finance or compliance in effect'), licenceUntil: z.string().nullable(), licenceExpired: z.boolean(),
    owed: money, terminals: z.array(z.object({ service: z.enum(words(services)), count: z.int() })),
  }),
  holds: z.array(z.object({
    tid: z.string(), reason: z.enum(words(reasons)), reasonWords: z.string(), owner: z.enum(words(holdOwners)), effect: z.enum(words(effects)), from: instantText, clearedAt: at, liftedAt: at,
  })).describe('of the provider’s desks, past and present, the latest first'),
  chargebacks: z.object({ count: z.int(), amount: money, open: z.int(), openAmount: money, ppm: z.int().nullable().describe('of the sales of the last twelve months, by number, in parts per million') }),
  attempts: z.array(z.object({ tid: z.string(), day: z.string(), class: z.enum(words(transactionClasses)), count: z.int() })).describe('tried on stopped terminals, and refused'),
  months: z.array(z.object({ month: z.string(), sales: z.int(), salesAmount: money, refunds: z.int(), refundsAmount: money })).describe('the last twelve, the latest first'),
  decisions: z.array(z.object({
    application: z.string(), kind: z.enum(words(applicationKinds)), state: z.enum(words(applicationStates)), reason: z.enum(words(reasons)), decidedAt: at, endedAt: at,
  })).describe('earlier cases that were decided'),
})
export type RiskView = z.infer<typeof riskView>

const cny = (fen: number): { fen: number; currency: 'CNY' } => ({ fen, currency: 'CNY' })
const maybe = (instant: number | null): string | null => (instant === null ? null : iso(instant))

export const riskOf = (app: App, { actor, language }: Asker, no: string): Promise<RiskView | undefined> => app.db.transaction(scopeOf(actor), async (tx) => {
  const now = app.clock.now()
  const facts = await readRisk(tx, no, now, app.zone)
  if (facts === undefined) return undefined
  const sales = facts.months.reduce((n, m) => n + m.sales, 0)
  return {
    merchant: { mid: facts.mid, name: facts.name, mcc: facts.mcc, trade: mccName(facts.mcc, language) ?? null, since: iso(facts.since) },
    standing: {
      good: !facts.holds.some((h) => h.liftedAt === null && ['risk', 'finance', 'compliance'].includes(h.owner)), licenceUntil: facts.licenceUntil,
      licenceExpired: facts.licenceUntil !== null && facts.licenceUntil < dateOf(now, app.zone), owed: cny(facts.owedFen), terminals: facts.terminals,
    },
    holds: facts.holds.map((h) => ({
      tid: h.tid, reason: h.reason, reasonWords: say(reasons[h.reason], language), owner: h.owner, effect: h.effect, from: iso(h.from), clearedAt: maybe(h.clearedAt), liftedAt: maybe(h.liftedAt),
    })),
    chargebacks: {
      count: facts.chargebacks.count, amount: cny(facts.chargebacks.fen), open: facts.chargebacks.open, openAmount: cny(facts.chargebacks.openFen),
      ppm: sales === 0 ? null : Math.round((facts.chargebacks.count * 1_000_000) / sales),
    },
    attempts: facts.attempts,
    months: facts.months.map((m) => ({ month: m.month, sales: m.sales, salesAmount: cny(m.salesFen), refunds: m.refunds, refundsAmount: cny(m.refundsFen) })),
    decisions: facts.decisions.map((d) => ({ application: d.no, kind: d.kind, state: d.state, reason: d.reason, decidedAt: maybe(d.decidedAt), endedAt: maybe(d.endedAt) })),
  }
}, { readOnly: true })
