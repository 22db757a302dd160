// What a merchant agreed with a provider: term, fees, rates per kind of card, how it ends. What a contract leaves out is as
// the provider's policy says. Contracts are versions with the day they count from; a schedule puts those days in order, so
// that each day is charged by what was agreed on that day. A change of policy counts from the first of a month.
import { z } from 'zod'
import { isDate } from './calendar.ts'
import { formatYuan, type Fen, type Ppm } from './money.ts'
import { cardKinds, words, type CardKind, type Words } from './vocabulary.ts'

const fen = z.int().min(0).max(10_000_000_00)
const day = (example: string) => z.string().refine(isDate, 'a date such as 2026-11-27').meta({ format: 'date', examples: [example] })

export const rateSchema = z.strictObject({
  card: z.enum(words(cardKinds)),
  ppm: z.int().min(0).max(100_000).describe('parts per million: 6000 is 0.6 %'),
  capFen: fen.optional().describe('at most, per transaction'),
})
export type Rate = z.infer<typeof rateSchema>

/** One rate for a kind of card, at most. */
export const ratesSchema = z.array(rateSchema).max(words(cardKinds).length)
  .refine((rates) => new Set(rates.map((r) => r.card)).size === rates.length, 'one rate per kind of card')

export const contractSchema = z.strictObject({
  from: day('2026-01-01').describe('first day of the term'),
  until: day('2028-12-31').optional().describe('last day of the term; without one it has no end'),
  monthlyInServiceFen: fen.optional(),
  monthlyWhileSuspendedFen: fen.optional(),
  freeSuspendedDays: z.int().min(0).max(3_660).optional().describe('of each stop, the first days without a fee'),
  dataMonthlyFen: fen.optional().describe('data traffic, per month in service'),
  annualFen: fen.optional().describe('on every anniversary of the installation'),
  reopeningFen: fen.optional(),
  restockingFen: fen.optional(),
  earlyTermination: z.strictObject({
    flatFen: fen, perMonthLeftFen: fen.optional().describe('for every month of the term left, begun ones too'), capFen: fen.optional(),
  }).optional(),
  rates: ratesSchema.optional(),
  crossBank: z.boolean().optional().describe('cards of other banks are taken'),
  accessories: z.array(z.string().min(1).max(100)).max(50).optional().describe('lent with the device'),
  exitTerms: z.string().max(2_000).optional(),
}).refine((c) => c.until === undefined || c.until > c.from, { path: ['until'], message: 'the term ends after it begins' })
export type Contract = z.infer<typeof contractSchema>
export type ContractVersion = { version: number; effectiveFrom: string; contract: Contract }

/** Fees of a policy; what it does not name costs nothing. */
export type PolicyFees = {
  monthlyInServiceFen: Fen; monthlyWhileSuspendedFen: Fen; freeSuspendedDays: number; reopeningFen: Fen; earlyTerminationFen: Fen; restockingFen: Fen
  dataMonthlyFen?: Fen | undefined; annualFen?: Fen | undefined; rates?: readonly Rate[] | undefined
}

/** What holds from a day on. */
export type Terms = {
  from: string
  monthlyInServiceFen: Fen; monthlyWhileSuspendedFen: Fen; freeSuspendedDays: number; dataMonthlyFen: Fen; annualFen: Fen
  reopeningFen: Fen; restockingFen: Fen
  /** Without an end of the term the flat fee is always due; after that end nothing is. */
  earlyTermination: { flatFen: Fen; perMonthLeftFen: Fen; capFen: Fen; until: string | undefined }
  rates: readonly Rate[]
  /** The contract's version, none where the policy alone speaks. */
  contract: number | undefined
}
/** By day, the earliest first; its first terms hold since ever. */
export type Schedule = readonly Terms[]

const ever = '1000-01-01'

export function termsOf(fees: PolicyFees, from: string, agreed?: ContractVersion): Terms {
  const c = agreed?.contract
  const end = c?.earlyTermination
  return {
    from,
    monthlyInServiceFen: c?.monthlyInServiceFen ?? fees.monthlyInServiceFen,
    monthlyWhileSuspendedFen: c?.monthlyWhileSuspendedFen ?? fees.monthlyWhileSuspendedFen,
    freeSuspendedDays: c?.freeSuspendedDays ?? fees.freeSuspendedDays,
    dataMonthlyFen: c?.dataMonthlyFen ?? fees.dataMonthlyFen ?? 0,
    annualFen: c?.annualFen ?? fees.annualFen ?? 0,
    reopeningFen: c?.reopeningFen ?? fees.reopeningFen,
    restockingFen: c?.restockingFen ?? fees.restockingFen,
    earlyTermination: {
      flatFen: end?.flatFen ?? fees.earlyTerminationFen, perMonthLeftFen: end?.perMonthLeftFen ?? 0,
      capFen: end?.capFen ?? Number.POSITIVE_INFINITY, until: c?.until,
    },
    rates: [...(c?.rates ?? []), ...(fees.rates ?? []).filter((r) => !c?.rates?.some((own) => own.card === r.card))],
    contract: agreed?.version,
  }
}

/** The version in force on a day: of those that count by then, the one that counts latest, the newest of them. */
export const contractOn = (versions: readonly ContractVersion[], date: string): ContractVersion | undefined =>
  versions.filter((v) => v.effectiveFrom <= date)
    .toSorted((a, b) => (a.effectiveFrom === b.effectiveFrom ? a.version - b.version : a.effectiveFrom < b.effectiveFrom ? -1 : 1)).at(-1)

/** Policies by the first day they count from (any order; the earliest also counts before), and the contract's versions. */
export function scheduleOf(policies: readonly { from: string; fees: PolicyFees }[], versions: readonly ContractVersion[]): Schedule {
  const byDay = policies.toSorted((a, b) => (a.from < b.from ? -1 : 1))
  const days = [...new Set([ever, ...byDay.slice(1).map((p) => p.from), ...versions.map((v) => v.effectiveFrom)])].toSorted()
  return days.map((from) => termsOf((byDay.findLast((p) => p.from <= from) ?? byDay[0]!).fees, from, contractOn(versions, from)))
}

export const termsOn = (schedule: Schedule, date: string): Terms => schedule.findLast((t) => t.from <= date) ?? schedule[0]!

export const rateFor = (rates: readonly Rate[], card: CardKind): Rate | undefined => rates.find((r) => r.card === card)

/** 6000 → '0.6 %'. Exact: digits are moved, nothing is divided. */
export function percent(ppm: Ppm): string {
  const digits = String(ppm).padStart(5, '0')
  const part = digits.slice(-4).replace(/0+$/, '')
  return `${digits.slice(0, -4)}${part === '' ? '' : `.${part}`} %`
}
export const rateWords = ({ ppm, capFen }: Pick<Rate, 'ppm' | 'capFen'>): Words => capFen === undefined ? [percent(ppm), percent(ppm)]
  : [`${percent(ppm)}，每笔最高 ¥${formatYuan(capFen)}`, `${percent(ppm)}, at most ¥${formatYuan(capFen)} each`]
