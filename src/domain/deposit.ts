// The deposit on a device. It is held until the device is back and nothing is open on the terminal; from then on a clock runs.
// What is deducted follows the provider's table – by the condition of each part and by how long the device was lent –, is
// proposed by one person, accepted or disputed by the merchant, and confirmed with the refund by another person. Deducted and
// refunded always add up to what was held, to the fen; on the ledger it leaves the deposits held for good.
import { addDays, addMonths, dateOf, instantOf } from './calendar.ts'
import type { LineCommand, LineSetting, Return, ReturnFact } from './device.ts'
import { entryOf, type Entry } from './ledger.ts'
import type { DepositCommand } from './lifecycle.ts'
import { formatYuan, rateOf, sumFen, type Fen } from './money.ts'
import type { Policy } from './policy.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import { deviceParts, partConditions, type DepositState, type DevicePart, type PartCondition, type Words } from './vocabulary.ts'

export type DeductionLine = { rule: string; part: DevicePart | undefined; condition: PartCondition | undefined; fen: Fen }
export type Deduction = {
  lines: readonly DeductionLine[]
  /** Of the lines together, never more than the deposit. */
  fen: Fen
  by: string
  at: number
  /** Until when the merchant may object; the refund is not confirmed before, unless it agreed. */
  disputeUntil: number
  words: string | undefined
}
export type Deposit = {
  fen: Fen
  state: DepositState
  releasedAt: number | undefined
  /** By when it is to be refunded. */
  dueAt: number | undefined
  lateAt: number | undefined
  deduction: Deduction | undefined
  acceptedAt: number | undefined
  disputedAt: number | undefined
  /** Sealed, as people wrote it. */
  disputeWords: string | undefined
  settledAt: number | undefined
  settledBy: string | undefined
  refundFen: Fen | undefined
  reference: string | undefined
}

export const openingDeposit = (fen: Fen): Deposit | undefined => fen === 0 ? undefined : {
  fen, state: 'held', releasedAt: undefined, dueAt: undefined, lateAt: undefined, deduction: undefined, acceptedAt: undefined, disputedAt: undefined,
  disputeWords: undefined, settledAt: undefined, settledBy: undefined, refundFen: undefined, reference: undefined,
}

export const isSettled = (deposit: Deposit | undefined): boolean => deposit === undefined || deposit.settledAt !== undefined

/** Whole months from one day to another: 2025-09-22 to 2026-11-27 are 14. */
export function wholeMonths(from: number, to: number, zone: string): number {
  const [first, last] = [dateOf(from, zone), dateOf(to, zone)]
  const [years, months] = [Number(last.slice(0, 4)) - Number(first.slice(0, 4)), Number(last.slice(5, 7)) - Number(first.slice(5, 7))]
  const whole = years * 12 + months
  return Math.max(0, addMonths(first, whole) > last ? whole - 1 : whole)
}

type Rule = Policy['closure']['deductions'][number]

/** What the table takes for a device in this condition, lent so many months; `lost` is one that never came back. */
export function deductionLines(
  table: readonly Rule[], { parts, months, depositFen, lost }: { parts: Return['parts']; months: number; depositFen: Fen; lost: boolean },
): DeductionLine[] {
  const inTime = (rule: Rule): boolean => months >= (rule.fromMonths ?? 0) && months < (rule.toMonths ?? Number.POSITIVE_INFINITY)
  const rules = table.filter((rule) => (rule.notReturned === true) === lost && inTime(rule))
  const ofParts = lost ? [] : parts.flatMap((p) => rules.find((r) => r.part === p.part && r.condition === p.condition) ?? [])
  const ofTime = rules.find((r) => r.part === undefined)
  return [...ofParts, ...(ofTime ? [ofTime] : [])].map((r) => ({
    rule: r.id, part: r.part, condition: r.condition, fen: r.fen ?? rateOf(depositFen, r.ppm!),
  }))
}

/** How long the device was lent: until it was handed over, or until now. */
export const monthsLent = (line: Return, now: number, zone: string): number =>
  line.lentSince === undefined ? 0 : wholeMonths(line.lentSince, line.receivedAt ?? line.shippedAt ?? now, zone)

const whenWords = (at: number, zone: string): string => {
  const date = dateOf(at, zone)
  const minutes = Math.floor((at - instantOf(date, '00:00', zone)) / 60_000)
  return `${date} ${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
const end_of_day = '18:00'
/** So many days later, at close of business; none are at once. */
const daysLater = (now: number, days: number, zone: string): number => days === 0 ? now : instantOf(addDays(dateOf(now, zone), days), end_of_day, zone)

/** By when a deposit that falls due now is to be refunded. */
export const refundDue = (now: number, policy: Policy, zone: string): number => daysLater(now, policy.closure.refundWithinDays, zone)

export function decideDeposit(
  line: Return, deposit: Deposit, command: Extract<LineCommand, { command: DepositCommand }>, setting: LineSetting,
): ReturnFact[] | Refusal {
  const { now: at, actor, zone } = setting
  const { terminal, rma } = line
  switch (command.command) {
    case 'propose-deduction': return propose(line, deposit, command, setting)
    case 'accept-deduction': return [{ fact: 'deduction_accepted', terminal, rma, at, by: actor.person }]
    case 'dispute-deduction':
      if (deposit.disputedAt !== undefined) return refuse('dispute_answered')
      if (!command.words.trim()) return refuseField('/words', 'words_required')
      return [{ fact: 'deduction_disputed', terminal, rma, at, by: actor.person, words: command.words }]
    case 'confirm-refund': {
      const { fen, by, disputeUntil } = deposit.deduction!
      if (by === actor.person) return refuse('refund_second_person')
      if (setting.open.length > 0)
        return refuse('clearance_open', { count: setting.open.reduce((n, i) => n + i.count, 0), amount: `¥${formatYuan(sumFen(setting.open.map((i) => i.amountFen)))}` })
      if (fen > 0 && deposit.acceptedAt === undefined && at < disputeUntil) return refuse('deduction_waits', { until: whenWords(disputeUntil, zone) })
      if (!command.reference.trim()) return refuseField('/reference', 'words_required')
      return [{ fact: 'deposit_settled', terminal, rma, at, by: actor.person, refundFen: deposit.fen - fen, deductionFen: fen, reference: command.reference }]
    }
  }
}

function propose(
  line: Return, deposit: Deposit, { without = [], words }: Extract<LineCommand, { command: 'propose-deduction' }>, { now, zone, actor, policy }: LineSetting,
): ReturnFact[] | Refusal {
  const all = deductionLines(policy.closure.deductions, {
    parts: line.parts, months: monthsLent(line, now, zone), depositFen: deposit.fen, lost: line.state === 'lost',
  })
  const unknown = without.find((rule) => !all.some((l) => l.rule === rule))
  if (unknown !== undefined) return refuseField('/without', 'deduction_rule_unknown', { rule: unknown })
  // What the table asks for is left out only for a reason.
  if (without.length > 0 && !words?.trim()) return refuseField('/words', 'words_required')
  const lines = all.filter((l) => !without.includes(l.rule))
  const fen = Math.min(sumFen(lines.map((l) => l.fen)), deposit.fen)
  // A dispute that was answered is not waited for once more.
  const disputeUntil = fen === 0 || deposit.disputedAt !== undefined ? now : daysLater(now, policy.closure.disputeWithinDays, zone)
  return [{ fact: 'deduction_proposed', terminal: line.terminal, rma: line.rma, deduction: { lines, fen, by: actor.person, at: now, disputeUntil, words } }]
}

/** What is deducted, in words: '打印机盖损坏 ¥80.00'. */
export const lineWords = ({ part, condition, rule, fen }: DeductionLine): Words => {
  const amount = `¥${formatYuan(fen)}`
  return part === undefined || condition === undefined ? [`${rule} ${amount}`, `${rule} ${amount}`]
    : [`${deviceParts[part][0]}${partConditions[condition][0]} ${amount}`, `${deviceParts[part][1]} ${partConditions[condition][1]} ${amount}`]
}

// ── On the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────
type Head = Pick<Entry, 'provider' | 'mid'>
const headOf = (head: Head, line: Return) => ({ ...head, tid: line.terminal, serial: line.serial, caseNo: line.caseNo })

/** The deposit taken when the device was lent; posted when it is first spoken of, and once however often that is. */
export function depositTaken(head: Head, line: Return): Entry[] {
  if (line.deposit === undefined) return []
  return [entryOf({
    ...head, tid: line.terminal, serial: line.serial, id: `deposit/${line.terminal}/${line.serial}/${line.deposit.fen}`, kind: 'deposit_held', at: line.lentSince ?? line.openedAt,
    words: ['收取押金', 'deposit taken'],
  }, [{ debit: 'cash', credit: 'deposit_liability', fen: line.deposit.fen }])]
}

/** Deducted and refunded, each an entry of its own; together they are the deposit. */
export function depositGiven(head: Head, line: Return, { at, refundFen, deductionFen }: { at: number; refundFen: Fen; deductionFen: Fen }): Entry[] {
  const about = headOf(head, line)
  const held = formatYuan(refundFen + deductionFen)
  const formula: Words = [`¥${held} − ¥${formatYuan(deductionFen)}`, `¥${held} − ¥${formatYuan(deductionFen)}`]
  const named = (i: 0 | 1): string => (line.deposit?.deduction?.lines ?? []).map((l) => lineWords(l)[i]).join(i === 0 ? '、' : ', ')
  return [
    ...(deductionFen === 0 ? [] : [entryOf({
      ...about, id: `deposit/${line.rma}/deducted`, kind: refundFen === 0 ? 'deposit_forfeited' : 'deposit_deducted', at,
      words: [`押金抵扣：${named(0)}`, `deducted from the deposit: ${named(1)}`],
    }, [{ debit: 'deposit_liability', credit: 'revenue_damage', fen: deductionFen }])]),
    ...(refundFen === 0 ? [] : [entryOf({
      ...about, id: `deposit/${line.rma}/refunded`, kind: 'deposit_refunded', at, words: ['退还押金', 'deposit refunded'], formula,
    }, [{ debit: 'deposit_liability', credit: 'cash', fen: refundFen }])]),
  ]
}
