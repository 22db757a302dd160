// "Do you really need to?" – keep, suspend, swap or close, each with what it costs over the same days, line by line with the
// formula that gave it. Monthly fees count to the day as thirtieths of a month; every line is rounded half up by itself.
import { formatYuan, type Fen } from './money.ts'
import type { Policy } from './policy.ts'
import type { ApplicationKind, Words } from './vocabulary.ts'

export const optionKinds = ['keep', 'suspend', 'swap', 'close'] as const
export type OptionKind = (typeof optionKinds)[number]
/** An amount to pay, negative where it is paid back. */
export type CostLine = { words: Words; fen: Fen; formula: string }
export type Option = { option: OptionKind; offered: boolean; fen: Fen; lines: readonly CostLine[] }

export type Question = {
  /** Whole days over which the ways are compared. */
  days: number
  terminals: number
  /** Deposits held on the devices in question. */
  depositFen: Fen
}

const days_per_month = 30

function perDay(words: Words, monthlyFen: Fen, days: number, terminals: number): CostLine[] {
  if (monthlyFen === 0 || days <= 0) return []
  // Integers throughout: half up is adding half the divisor before the division.
  const fen = Math.floor((monthlyFen * days * terminals + days_per_month / 2) / days_per_month)
  return [{ words, fen, formula: `¥${formatYuan(monthlyFen)} × ${days} ÷ ${days_per_month} × ${terminals}` }]
}
const once = (words: Words, fen: Fen, terminals: number): CostLine[] =>
  fen === 0 ? [] : [{ words, fen: fen * terminals, formula: `¥${formatYuan(fen)} × ${terminals}` }]

type Costs = (fees: Policy['fees'], q: Question) => CostLine[]
const inService: Costs = (fees, q) => perDay(['在用月费', 'monthly fee in service'], fees.monthlyInServiceFen, q.days, q.terminals)

/** Which case an option would be, and what it costs. */
const costs: Readonly<Record<OptionKind, { kind: ApplicationKind | undefined; lines: Costs }>> = {
  keep: { kind: undefined, lines: inService },
  suspend: {
    kind: 'suspend',
    lines: (fees, q) => [
      ...perDay([`停机月费（前 ${fees.freeSuspendedDays} 天免）`, `monthly fee while stopped (first ${fees.freeSuspendedDays} days free)`],
        fees.monthlyWhileSuspendedFen, q.days - fees.freeSuspendedDays, q.terminals),
      ...once(['复机费', 'reopening fee'], fees.reopeningFen, q.terminals),
    ],
  },
  swap: { kind: 'replace', lines: (fees, q) => [...inService(fees, q), ...once(['换机费', 'restocking fee'], fees.restockingFen, q.terminals)] },
  close: {
    kind: 'close',
    lines: (fees, q) => [
      ...once(['提前终止费', 'early termination fee'], fees.earlyTerminationFen, q.terminals),
      ...(q.depositFen === 0 ? [] : [{ words: ['退还押金', 'deposit refunded'] as const, fen: -q.depositFen, formula: `− ¥${formatYuan(q.depositFen)}` }]),
    ],
  },
}

/** The four ways, in the order people weigh them; one that the provider does not take yet says so. */
export const optionsOf = (policy: Policy, question: Question): Option[] =>
  optionKinds.map((option) => {
    const { kind, lines } = costs[option]
    const all = lines(policy.fees, question)
    return { option, offered: kind === undefined || policy.kindsOffered.includes(kind), fen: all.reduce((sum, line) => sum + line.fen, 0), lines: all }
  })
