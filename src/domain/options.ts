// "Do you really need to?" – keep, suspend, swap or close, each with what it costs over the same days: the charges that would
// be posted (charges.ts), from what was agreed and from each terminal's own history, so that free days already used are used.
// Every line carries the formula that gave it. What is owed already is owed either way and stands beside the options.
import { chargesOf, eventCharge, type ChargeEvent, type ChargeLine, type DayState, type History } from './charges.ts'
import type { Schedule } from './contract.ts'
import { formatYuan, type Fen } from './money.ts'
import type { ApplicationKind, Words } from './vocabulary.ts'

export const optionKinds = ['keep', 'suspend', 'swap', 'close'] as const
export type OptionKind = (typeof optionKinds)[number]
/** An amount to pay, negative where it is paid back. */
export type CostLine = { words: Words; fen: Fen; formula: Words }
export type Option = { option: OptionKind; offered: boolean; fen: Fen; lines: readonly CostLine[] }

export type Question = {
  /** Local days over which the ways are compared: `from` counts, `until` does not. */
  from: string
  until: string
  /** What each terminal went through before `from`. */
  terminals: readonly History[]
  schedule: Schedule
  /** Deposits held on the devices in question. */
  depositFen: Fen
  kindsOffered: readonly ApplicationKind[]
}

type Days = Pick<Question, 'from' | 'until'>
const stateBefore = ({ spans }: History, from: string): DayState | undefined => spans.find((s) => s.from < from && s.to >= from)?.state
/** A history that goes on in one state; the stop it may be in goes on with it. */
function goingOn({ installedOn, spans }: History, { from, until }: Days, state: DayState): History {
  const past = spans.filter((s) => s.from < from).map((s) => (s.to > from ? { ...s, to: from } : s))
  const last = past.at(-1)
  const isSame = last?.to === from && last.state === state
  return { installedOn, events: [], spans: isSame ? [...past.slice(0, -1), { ...last, to: until }] : [...past, { from, to: until, state }] }
}

const events = (schedule: Schedule, ...all: ChargeEvent[]): ChargeLine[] => all.flatMap((event) => eventCharge(event, schedule))
const inService = (history: History, { from, until, schedule }: Question): ChargeLine[] => [
  ...(stateBefore(history, from) === 'stopped' ? events(schedule, { on: from, event: 'reopened' }) : []),
  ...chargesOf(goingOn(history, { from, until }, 'in_service'), schedule, { from, to: until }),
]

/** Which case an option would be, and what it costs one terminal. */
const costs: Readonly<Record<OptionKind, { kind: ApplicationKind | undefined; lines(history: History, q: Question): ChargeLine[] }>> = {
  keep: { kind: undefined, lines: inService },
  suspend: {
    kind: 'suspend',
    lines: (history, { from, until, schedule }) => [
      ...chargesOf(goingOn(history, { from, until }, 'stopped'), schedule, { from, to: until }), ...events(schedule, { on: until, event: 'reopened' }),
    ],
  },
  swap: { kind: 'replace', lines: (history, q) => [...events(q.schedule, { on: q.from, event: 'swapped' }), ...inService(history, q)] },
  close: { kind: 'close', lines: (_, { from, schedule }) => events(schedule, { on: from, event: 'closed' }) },
}

/** Terminals that cost the same are one line. */
function together(all: readonly ChargeLine[]): CostLine[] {
  const same = Map.groupBy(all, (l) => `${l.words[0]}\n${l.formula[0]}`)
  return [...same.values()].map((lines) => {
    const [{ words, fen, formula }] = lines as [ChargeLine, ...ChargeLine[]]
    const n = lines.length
    return n === 1 ? { words, fen, formula } : { words, fen: fen * n, formula: [`${formula[0]}，× ${n} 台`, `${formula[1]}, × ${n} terminals`] }
  })
}

const refunded = (fen: Fen): CostLine[] => fen === 0 ? []
  : [{ words: ['退还押金', 'deposit refunded'], fen: -fen, formula: [`− ¥${formatYuan(fen)}`, `− ¥${formatYuan(fen)}`] }]

/** The four ways, in the order people weigh them; one that the provider does not take yet says so. */
export const optionsOf = (question: Question): Option[] =>
  optionKinds.map((option) => {
    const { kind, lines } = costs[option]
    const all = [...together(question.terminals.flatMap((history) => lines(history, question))), ...(option === 'close' ? refunded(question.depositFen) : [])]
    return { option, offered: kind === undefined || question.kindsOffered.includes(kind), fen: all.reduce((sum, line) => sum + line.fen, 0), lines: all }
  })
