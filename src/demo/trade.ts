// What the tills of the demo took in: for each terminal and day its own throw of the dice, so that a date has the same
// sales whenever one looks back at it. A row is the whole life of a transaction; `seenAt` is how far the books had got at
// an instant – a batch closes in the evening, its settlement file comes early next morning.
import { addDays, dateOf, instantOf } from '../domain/calendar.ts'
import type { CardKind, TransactionClass, TransactionStatus } from '../domain/vocabulary.ts'
import { diceOf, type Dice } from './dice.ts'
import type { DemoTerminal } from './estate.ts'

export type DemoTransaction = {
  batch: string
  trace: string
  reference: string
  class: TransactionClass
  amountFen: number
  at: number
  /** Day on which its money moves; absent where that has not been arranged yet, or never will be. */
  settledOn: string | undefined
  cardKind: CardKind
  cardMasked: string | undefined
  authCode: string | undefined
  status: TransactionStatus
}

const settlement_file_at = '06:00'
const weekday_of_epoch = 4
const isWeekend = (date: string): boolean => [0, 6].includes((Date.parse(date) / 86_400_000 + weekday_of_epoch) % 7)

type Till = Pick<DemoTerminal, 'tid' | 'trade' | 'pace' | 'qrOnly'>
/** What is peculiar to a till, for the stories and for colour. */
export type Habits = {
  /** Yesterday's batch was never closed: it waits for settlement. */
  leftOpen?: boolean
  /** Nobody brings anything back: nothing is open but what the next morning settles. */
  plain?: boolean
  /** A sale of this day (or the last one before it) is disputed by its cardholder. */
  disputedOn?: string
}

/** Transactions of one terminal from `from` to `to` ('yyyy-mm-dd', both counted), none after `now`, in order of time. */
export function tradeOfTerminal(
  till: Till,
  from: string,
  to: string,
  now: number,
  habits: Habits = {},
): DemoTransaction[] {
  const rows: DemoTransaction[] = []
  const yesterday = addDays(dateOf(now), -1)
  let serial = diceOf(`serial ${till.tid}`).int(1, 900_000)
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const dice = diceOf(`trade ${till.tid} ${date}`)
    const batch = String((Date.parse(date) / 86_400_000) % 1_000_000).padStart(6, '0')
    const number = (): Pick<DemoTransaction, 'batch' | 'trace'> => ({
      batch,
      trace: String(serial++ % 1_000_000).padStart(6, '0'),
    })
    const leftOpen = habits.leftOpen === true && date >= yesterday
    const tomorrow = leftOpen ? undefined : addDays(date, 1)
    for (const at of timesOf(till, date, dice)) rows.push(...purchase(till, at, number, tomorrow, dice))
  }
  const made = rows.filter((r) => r.at <= now && !(habits.plain && r.class === 'refund')).sort((a, b) => a.at - b.at)
  const disputed =
    habits.disputedOn === undefined
      ? undefined
      : made.findLast(
          (r) =>
            r.class === 'sale' && r.status === 'approved' && r.cardKind !== 'qr' && dateOf(r.at) <= habits.disputedOn!,
        )
  return made.map((r) => (r === disputed ? { ...r, status: 'disputed' } : r))
}

function timesOf({ trade, pace }: Till, date: string, dice: Dice): number[] {
  const mean = trade.daily * pace * (isWeekend(date) ? trade.weekend : 1)
  const [first, last] = trade.hours
  const hours = Array.from(
    { length: last - first },
    (_, i) => [first + i, trade.peaks.includes(first + i) ? 4 : 1] as const,
  )
  const midnight = instantOf(date, '00:00')
  return Array.from(
    { length: dice.poisson(mean) },
    () => midnight + (dice.weighted(hours) * 3_600 + dice.int(0, 3_599)) * 1_000,
  )
}

/** A sale or pre-authorisation and whatever follows from it: completion, void, refund, reversal. */
function purchase(
  till: Till,
  at: number,
  number: () => Pick<DemoTransaction, 'batch' | 'trace'>,
  settledOn: string | undefined,
  dice: Dice,
): DemoTransaction[] {
  const { trade } = till
  const cardKind: CardKind = till.qrOnly || dice.chance(trade.qr) ? 'qr' : dice.chance(0.66) ? 'credit' : 'debit'
  const fen = Math.max(100, Math.round((trade.ticketYuan * Math.exp(dice.normal() * trade.spread) * 100) / 50) * 50)
  const card = cardKind === 'qr' ? undefined : `${dice.pick(['621234', '625094', '621799'])}******${dice.digits(4)}`
  const one = (part: Pick<DemoTransaction, 'class' | 'at'> & Partial<DemoTransaction>): DemoTransaction => ({
    ...number(),
    reference,
    amountFen: fen,
    settledOn,
    cardKind,
    cardMasked: card,
    authCode,
    status: 'approved',
    ...part,
  })
  const reference = dice.digits(12)
  const authCode = cardKind === 'qr' ? undefined : dice.digits(6)
  if (dice.chance(0.015))
    return [one({ class: 'sale', at, settledOn: undefined, status: 'declined', authCode: undefined })]
  if (trade.preauth && cardKind !== 'qr' && dice.chance(0.25)) {
    const done = at + dice.int(20, 90) * 3_600_000
    const held = one({ class: 'preauth', at, settledOn: undefined, amountFen: fen * 2 })
    return dice.chance(0.1)
      ? [held, one({ class: 'preauth_cancel', at: done, settledOn: undefined })]
      : [held, one({ class: 'preauth_completion', at: done, settledOn: addDays(dateOf(done), 1) })]
  }
  if (dice.chance(0.004))
    return [
      one({ class: 'sale', at, settledOn: undefined, status: 'reversed' }),
      one({ class: 'reversal', at: at + 40_000, settledOn: undefined }),
    ]
  if (dice.chance(0.006))
    return [
      one({ class: 'sale', at, settledOn: undefined }),
      one({ class: 'void', at: at + dice.int(3, 25) * 60_000, settledOn: undefined }),
    ]
  const sale = one({ class: 'sale', at })
  if (!dice.chance(0.008)) return [sale]
  const back = at + dice.int(20, 150) * 3_600_000
  return [sale, one({ class: 'refund', at: back, reference: dice.digits(12), settledOn: addDays(dateOf(back), 2) })]
}

/** The latest settlement date whose file has come by an instant. */
export const settledUpTo = (now: number): string => {
  const today = dateOf(now)
  return now >= instantOf(today, settlement_file_at) ? today : addDays(today, -1)
}

/** The row as the books showed it when settlement files had come up to a date: until then a refund is pending. */
export function seenAt(row: DemoTransaction, settledTo: string): DemoTransaction {
  if (row.settledOn !== undefined && row.settledOn <= settledTo) return row
  return {
    ...row,
    settledOn: undefined,
    status: row.class === 'refund' && row.status === 'approved' ? 'pending' : row.status,
  }
}
