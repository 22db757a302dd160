// The books of the demo as time goes by. Terminals that no story is about are booked at once, as they stand now. For those of
// the stories the books are kept up day by day, as a settlement desk does: sales are there when they were made – and only
// while the terminal might make them –, settlement files come in the morning, and clearance follows.
import type { App } from '../app/app.ts'
import { recomputeClearance } from '../app/imports/clearance.ts'
import { addDays, addMonths, dateOf } from '../domain/calendar.ts'
import { modeAt, type Terminal } from '../domain/terminal.ts'
import type { Mode, TransactionClass } from '../domain/vocabulary.ts'
import { readDossier } from '../store/dossier.ts'
import { bookSettlements, bookTransactions, type Booked } from './register.ts'
import { seenAt, settledUpTo, tradeOfTerminal, type DemoTransaction, type Habits } from './trade.ts'
import { diceOf } from './dice.ts'
import type { DemoTerminal, Estate } from './estate.ts'

export const trade_days = 60
const dormant_trade_days = 5

export type Told = {
  /** Terminals of the stories. */
  watched: ReadonlySet<string>
  /** Terminals whose last sale was so long ago: tid → that day. */
  silentSince: ReadonlyMap<string, string>
  /** Terminals with a disputed sale of that day or before. */
  disputed: ReadonlyMap<string, string>
  /** Batches that nobody closed since yesterday. */
  leftOpen: ReadonlySet<string>
}

export type Books = {
  /** Brings the books of these watched terminals up to the clock; of all of them where none is named. */
  keepUp(tids?: Iterable<string>): Promise<void>
  /** Transactions booked so far. */
  count(): number
}

/** What each terminal took in up to `now`, thrown at once: tid → rows in order of time. */
export type Takings = ReadonlyMap<string, DemoTransaction[]>
export const throwTakings = (estate: Estate, told: Told, now: number): Takings =>
  new Map(estate.terminals.filter((t) => t.service === 'active').map((t) => [t.tid, thrown(t, told, now)]))

/** What may still be done on a terminal in a mode; everything else that the dice threw did not happen. */
const happens: Readonly<Partial<Record<Mode, readonly TransactionClass[]>>> = {
  restrict: ['refund', 'preauth_completion', 'preauth_cancel', 'void', 'reversal'],
  drain: ['refund', 'preauth_completion', 'preauth_cancel', 'void', 'reversal'],
}

/** Opens the books: of watched terminals as they stand at the past's clock, of the others as they stand at `now`. */
export async function openBooks(
  past: App,
  estate: Estate,
  takings: Takings,
  watched: ReadonlySet<string>,
  now: number,
): Promise<Books> {
  const begin = past.clock.now()
  const terminals = new Map(estate.terminals.map((t) => [t.tid, t]))
  const [beginTo, nowTo] = [settledUpTo(begin), settledUpTo(now)]
  const booked = [...takings].flatMap(([tid, rows]): Booked[] => {
    const terminal = terminals.get(tid)!
    return watched.has(tid)
      ? rows.filter((row) => row.at <= begin).map((row) => ({ terminal, row: seenAt(row, beginTo) }))
      : rows.map((row) => ({ terminal, row: seenAt(row, nowTo) }))
  })
  await past.db.transaction('*', async (tx) => {
    await bookTransactions(tx, booked)
    await recomputeClearance(
      { ...past, clock: { kind: 'manual', now: () => now } },
      tx,
      [...takings.keys()].filter((tid) => !watched.has(tid)),
    )
  })
  const last = new Map([...watched].map((tid) => [tid, begin]))
  const refused = new Set<string>()
  let count = booked.length

  const newsOf = (tid: string, at: number): { made: Booked[]; settled: Booked[] } => {
    const [terminal, from] = [terminals.get(tid)!, last.get(tid)!]
    const [settledFrom, settledTo] = [settledUpTo(from), settledUpTo(at)]
    const rows = takings.get(tid)!
    return {
      made: rows
        .filter((row) => row.at > from && row.at <= at)
        .map((row) => ({ terminal, row: seenAt(row, settledTo) })),
      settled:
        settledFrom === settledTo
          ? []
          : rows
              .filter(
                (row) =>
                  row.at <= from &&
                  row.settledOn !== undefined &&
                  row.settledOn > settledFrom &&
                  row.settledOn <= settledTo,
              )
              .map((row) => ({ terminal, row })),
    }
  }
  return {
    count: () => count,
    async keepUp(named = watched) {
      const at = past.clock.now()
      const behind = [...new Set(named)].filter((tid) => (last.get(tid) ?? at) < at).toSorted()
      const news = behind.map((tid) => newsOf(tid, at))
      for (const tid of behind) last.set(tid, at)
      const [made, settled] = [news.flatMap((n) => n.made), news.flatMap((n) => n.settled)]
      if (made.length + settled.length === 0) return
      await past.db.transaction('*', async (tx) => {
        const tids = [...new Set([...made, ...settled].map((b) => b.terminal.tid))]
        const known = new Map((await readDossier(tx, undefined, tids)).terminals.map((t) => [t.tid, t]))
        const happened = made.filter(({ terminal, row }) => mayHappen(known.get(terminal.tid)!, row, refused))
        await bookTransactions(tx, happened)
        await bookSettlements(tx, settled)
        await recomputeClearance(past, tx, tids)
        count += happened.length
      })
    },
  }
}

/** Did it happen, given what the terminal might do then? What refers to something that did not, did not either. */
function mayHappen(terminal: Terminal, row: DemoTransaction, refused: Set<string>): boolean {
  const mode = modeAt(terminal, row.at)
  const id = `${terminal.tid} ${row.reference}`
  if (!refused.has(id) && (mode === 'open' || happens[mode]?.includes(row.class))) return true
  refused.add(id)
  return false
}

function thrown(terminal: DemoTerminal, told: Told, now: number): DemoTransaction[] {
  const today = dateOf(now)
  const silent = told.silentSince.get(terminal.tid)
  const habits: Habits = {
    leftOpen: told.leftOpen.has(terminal.tid),
    plain: told.watched.has(terminal.tid),
    ...(told.disputed.has(terminal.tid) ? { disputedOn: told.disputed.get(terminal.tid)! } : {}),
  }
  if (silent === undefined) return tradeOfTerminal(terminal, addDays(today, -trade_days), today, now, habits)
  // Its last days of trade, whose very last day had a sale: thrown busier than usual, so that it certainly had.
  return tradeOfTerminal({ ...terminal, pace: 4 }, addDays(silent, -dormant_trade_days), silent, now).filter(
    (r) => r.class === 'sale' && r.settledOn !== undefined,
  )
}

/** The day whose third calendar month ends on `asked` ('yyyy-mm-dd'): a terminal silent since then is asked that morning. */
export const silentSince = (asked: string, months: number): string => addMonths(asked, -months)

/** A handful of terminals with something open for colour: disputes, and batches nobody closed. */
export function colour(estate: Estate, told: Told, today: string): Told {
  const others = estate.terminals.filter(
    (t) => t.service === 'active' && !told.watched.has(t.tid) && !told.silentSince.has(t.tid),
  )
  const dice = diceOf('colour')
  return {
    ...told,
    disputed: new Map([
      ...told.disputed,
      ...dice
        .some(
          others.filter((t) => !t.qrOnly),
          7,
        )
        .map((t) => [t.tid, addDays(today, -dice.int(8, 40))] as const),
    ]),
    leftOpen: new Set([...told.leftOpen, ...dice.some(others, 30).map((t) => t.tid)]),
  }
}
