// The money side of a case: what it costs, whether that is paid, and which entries its facts post. A fee is owed from the
// approval on, of a closure from the day on which it begins: with that day the running fees end. Finance ticking the step by
// hand means that it received the money; a waiver writes off what is unpaid; an undone closure takes its charge back.
import { addDays, addMonths, dateOf } from '../calendar.ts'
import { chargeEntry, chargesOf, eventCharge, historyOf, type ChargeEvent, type ChargeLine } from '../charges.ts'
import { scheduleOf, type Schedule } from '../contract.ts'
import { effectOn, entryOf, reversalOf, type Entry } from '../ledger.ts'
import type { Fen } from '../money.ts'
import type { ApplicationKind } from '../vocabulary.ts'
import type { Case, Fact } from './case.ts'
import type { CaseTerminalFacts, Setting, Sheet } from './unfold.ts'

/** What a decision knows of the merchant's account with this provider. */
export type Money = {
  schedule: Schedule
  /** What the merchant owes; below 0 where it has credit. */
  balanceFen: Fen
  /** What is unpaid of this case's own charges. */
  caseFen: Fen
  /** Charges of this case that stand. */
  charged: readonly Entry[]
  /** By terminal number, the month through which running fees are posted; none where nothing was looked at yet. */
  through: Readonly<Record<string, string>>
}

export const moneyOf = ({ money, policy }: Pick<Setting, 'money' | 'policy'>): Money =>
  money ?? { schedule: scheduleOf([{ from: '', fees: policy.fees }], []), balanceFen: 0, caseFen: 0, charged: [], through: {} }

/** What happens to each terminal when such a case is granted, as far as it costs something. */
const eventOf: Readonly<Partial<Record<ApplicationKind, ChargeEvent['event']>>> = { reactivate: 'reopened', replace: 'swapped', close: 'closed' }

/** What a case of that kind costs per terminal, decided on that day. */
export function feeLines(kind: ApplicationKind, schedule: Schedule, on: string): ChargeLine[] {
  const event = eventOf[kind]
  return event === undefined ? [] : eventCharge({ on, event }, schedule)
}

export const feeFen = (c: Pick<Case, 'kind' | 'terminals'>, setting: Pick<Setting, 'money' | 'policy' | 'now' | 'zone'>): Fen =>
  feeLines(c.kind, moneyOf(setting).schedule, dateOf(setting.now, setting.zone)).reduce((sum, l) => sum + l.fen, 0) * c.terminals.length

const isWaived = (c: Case): boolean => c.steps.some((s) => s.kind === 'pay_fee' && s.state === 'waived')

/** The running fees of the month in which a closure begins, up to that day; afterwards none are counted. */
export function closingLines(terminal: CaseTerminalFacts, schedule: Schedule, through: string | undefined, on: string, zone: string): ChargeLine[] {
  if (terminal.installedAt === undefined) return []
  const to = addDays(on, 1)
  const history = historyOf({
    installedAt: terminal.installedAt, closedAt: undefined,
    stops: terminal.holds.filter((h) => h.effect === 'stop' && h.startedAt !== undefined).map((h) => ({ from: h.effectiveFrom, to: h.liftedAt })),
  }, to, (instant) => dateOf(instant, zone))
  const from = through === undefined ? `${on.slice(0, 7)}-01` : addMonths(`${through}-01`, 1)
  return chargesOf(history, schedule, { from, to })
}

type Books = Pick<Sheet, 'facts' | 'terminals' | 'setting'> & { case: Case | undefined }

/** What the facts of a case post on the ledger. */
export function entriesOf({ case: c, facts, setting, terminals }: Books): Entry[] {
  if (c === undefined) return []
  const { schedule, caseFen, charged, through } = moneyOf(setting)
  const { now, zone } = setting
  const debtor = { provider: c.provider, mid: c.merchant, caseNo: c.no }
  return facts.flatMap((fact): Entry[] => {
    const fees = (tid: string, on: string): Entry[] =>
      feeLines(c.kind, schedule, on).flatMap((line) => chargeEntry(line, { ...debtor, tid }, `${line.kind}/${c.no}/${tid}`, now))
    if (fact.fact === 'approved' && c.kind !== 'close' && !isWaived(c)) return c.terminals.flatMap(({ tid }) => fees(tid, dateOf(now, zone)))
    if (fact.fact === 'begun' && c.kind === 'close') {
      const on = dateOf(fact.at, zone)
      return c.terminals.flatMap(({ id, tid }) => [
        ...closingLines(terminals.get(id)!, schedule, through[tid], on, zone).flatMap((line) => chargeEntry(line, { ...debtor, caseNo: undefined, tid }, accrualId(line, tid, c.no), now)),
        ...fees(tid, on),
      ])
    }
    if (fact.fact === 'result' && fact.result === 'withdrawn' && c.kind === 'close')
      return charged.filter((e) => e.tid === c.terminals.find((t) => t.id === fact.terminal)?.tid).map((e) => reversalOf(e, now))
    return fact.fact === 'step_settled' && fact.by !== 'system' ? settledByHand(c, fact, c.decidedAt === undefined ? feeFen(c, setting) : caseFen) : []
  })
}

function settledByHand(c: Case, { step: id, state, at }: Extract<Fact, { fact: 'step_settled' }>, owedFen: Fen): Entry[] {
  if (owedFen <= 0 || c.steps.find((s) => s.id === id)?.kind !== 'pay_fee') return []
  const head = { provider: c.provider, mid: c.merchant, caseNo: c.no, at }
  // Ticked again after it was opened again is another payment: the moment tells them apart.
  if (state === 'done') return [entryOf(
    { ...head, id: `payment/${c.no}/${id}/${at}`, kind: 'payment', words: ['财务确认收到费用', 'received, as finance confirms'] },
    [{ debit: 'cash', credit: 'receivable', fen: owedFen }],
  )]
  // Before the approval nothing was charged that could be written off.
  return state === 'waived' && c.decidedAt !== undefined ? [entryOf(
    { ...head, id: `waiver/${c.no}/${id}/${at}`, kind: 'waiver', words: ['费用豁免（两人确认）', 'the fee is waived, by two persons'] },
    [{ debit: 'written_off', credit: 'receivable', fen: owedFen }],
  )] : []
}

/** The account as it stands after the facts so far: undefined where nothing is known of it. */
export function accountAfter(books: Books): { balanceFen: Fen; caseFen: Fen } | undefined {
  const { money } = books.setting
  if (money === undefined) return undefined
  const posted = entriesOf(books)
  const owed = (entries: readonly Entry[]): Fen => entries.reduce((sum, e) => sum + effectOn(e, 'receivable'), 0)
  const balanceFen = money.balanceFen + owed(posted)
  return { balanceFen, caseFen: Math.max(0, Math.min(money.caseFen + owed(posted.filter((e) => e.caseNo !== undefined)), balanceFen)) }
}

/** Says what a running fee is for: its kind, terminal, first day; and how often it was counted, or by which closure. */
export const accrualId = (line: Pick<ChargeLine, 'kind' | 'from'>, tid: string, revision: number | string): string => `${line.kind}/${tid}/${line.from}/${revision}`
