// What matching found, as it is found: breaks with their numbers, tallies of terminals and days. Bounded: of more breaks or
// days than anybody reads the first in order are kept and the others counted.
import { createHash } from 'node:crypto'
import type { Fen } from '../domain/money.ts'
import { type BreakKind, breakKinds, words } from '../domain/vocabulary.ts'
import { breaks_max, days_max } from './bounds.ts'
import type { Day, judgeDay } from './days.ts'
import type { Found, Group, Judgement, Tally } from './pair.ts'
import type { Break, DayTally, Matched, Taken, TerminalTally } from './types.ts'

export type Book = ReturnType<typeof openBook>

const kindOrder = new Map(words(breakKinds).map((kind, place) => [kind, place]))
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const inOrder = (a: Break, b: Break): number =>
  compare(a.mid, b.mid) ||
  compare(a.tid ?? '', b.tid ?? '') ||
  compare(a.reference ?? '', b.reference ?? '') ||
  compare(a.settledOn ?? '', b.settledOn ?? '') ||
  kindOrder.get(a.kind)! - kindOrder.get(b.kind)!

/** The same break has the same number in every run; of several that are alike, each its ordinal. */
const idOf = ({ kind, mid, tid = '', reference = '', settledOn = '' }: Found, ordinal: number): string =>
  createHash('sha256').update([kind, mid, tid, reference, settledOn, ordinal].join('\n')).digest('hex')

export const openBook = (files: readonly Taken[]) => {
  const places = new Map(files.map((file, place) => [file.parquet, place]))
  const breaks: Break[] = []
  const counts: Partial<Record<BreakKind, number>> = {}
  const terminals = new Map<string, TerminalTally>()
  const judgedRecords = new Map<string, Tally>()
  const duplicates = new Map<string, Fen>()
  const perDay: DayTally[] = []
  const total = { matched: 0, matchedFen: 0, pending: 0, pendingFen: 0 }
  let left_out = 0
  let days_left_out = 0

  const cut = (): void => {
    breaks.sort(inOrder)
    left_out += breaks.splice(breaks_max).length
  }
  const note = (found: readonly Found[]): void => {
    const alike = new Map<string, number>()
    for (const one of found) {
      counts[one.kind] = (counts[one.kind] ?? 0) + 1
      const key = `${one.kind} ${one.settledOn}`
      const ordinal = alike.get(key) ?? 0
      alike.set(key, ordinal + 1)
      breaks.push({ id: idOf(one, ordinal), ...one })
    }
    if (breaks.length > 2 * breaks_max) cut()
  }
  const tallyOf = (mid: string, tid: string): TerminalTally => {
    const key = `${mid} ${tid}`
    const known = terminals.get(key)
    if (known) return known
    const none = { mid, tid, matched: 0, matchedFen: 0, unmatched: 0, unmatchedFen: 0, pending: 0, pendingFen: 0 }
    terminals.set(key, none)
    return none
  }
  /** Records that are not plainly matched: they are judged one by one. */
  const accountFor = (mid: string, tid: string, count: number, fen: Fen): void => {
    const all = judgedRecords.get(`${mid} ${tid}`) ?? { count: 0, fen: 0 }
    judgedRecords.set(`${mid} ${tid}`, { count: all.count + count, fen: all.fen + fen })
  }
  const match = (tally: TerminalTally, count: number, fen: Fen): void => {
    tally.matched += count
    tally.matchedFen += fen
    total.matched += count
    total.matchedFen += fen
  }
  return {
    placeOf: (parquet: string): number => places.get(parquet)!,
    duplicateFen: ({ mid, settledOn }: { mid: string; settledOn: string }): Fen =>
      duplicates.get(`${mid} ${settledOn}`) ?? 0,
    /** All records of a terminal: those that were not judged are plainly matched. */
    terminal: (mid: string, tid: string, count: number, fen: Fen): void => {
      const key = `${mid} ${tid}`
      const judged = judgedRecords.get(key) ?? { count: 0, fen: 0 }
      if (count > judged.count) match(tallyOf(mid, tid), count - judged.count, fen - judged.fen)
    },
    /** A line that repeats so many others that it is only counted. */
    repeated: (
      kind: 'duplicate_slip' | 'duplicate_unionpay',
      line: { mid: string; tid: string; amountFen: Fen },
    ): void => {
      const { mid, tid, amountFen } = line
      counts[kind] = (counts[kind] ?? 0) + 1
      left_out += 1
      const tally = tallyOf(mid, tid)
      tally.unmatched += 1
      tally.unmatchedFen += Math.abs(amountFen)
      if (kind === 'duplicate_unionpay') accountFor(mid, tid, 1, amountFen)
    },
    judged: ({ mid, tid, records }: Group, judgement: Judgement): void => {
      const tally = tallyOf(mid, tid)
      const fen = records.reduce((sum, { amountFen }) => sum + amountFen, 0)
      accountFor(mid, tid, records.length, fen)
      match(tally, judgement.matched.count, judgement.matched.fen)
      tally.unmatched += judgement.unmatched.count
      tally.unmatchedFen += judgement.unmatched.fen
      tally.pending += judgement.pending.count
      tally.pendingFen += judgement.pending.fen
      total.pending += judgement.pending.count
      total.pendingFen += judgement.pending.fen
      for (const { settledOn, netFen } of judgement.duplicates)
        duplicates.set(`${mid} ${settledOn}`, (duplicates.get(`${mid} ${settledOn}`) ?? 0) + netFen)
      note(judgement.breaks)
    },
    day: ({ mid, settledOn, unionpayFen, bank }: Day, { state, found }: ReturnType<typeof judgeDay>): void => {
      if (perDay.length < days_max) perDay.push({ mid, settledOn, unionpayFen, bankFen: bank?.netFen ?? null, state })
      else days_left_out += 1
      if (found) note([found])
    },
    /** Days on which UnionPay and the bank say the same, after those that were judged: as many as there is room for. */
    agreeing: (count: number, days: readonly (readonly string[])[]): void => {
      const listed = days.slice(0, Math.max(0, days_max - perDay.length))
      for (const [mid, settledOn, said] of listed)
        perDay.push({
          mid: mid!,
          settledOn: settledOn!,
          unionpayFen: Number(said),
          bankFen: Number(said),
          state: 'matched',
        })
      days_left_out += count - listed.length
    },
    close: (rows: Matched['rows']): Matched => {
      cut()
      perDay.sort((a, b) => compare(a.mid, b.mid) || compare(a.settledOn, b.settledOn))
      const perTerminal = [...terminals.values()].sort((a, b) => compare(a.mid, b.mid) || compare(a.tid, b.tid))
      return {
        rows,
        ...total,
        breaks,
        counts,
        breaksLeftOut: left_out,
        perTerminal,
        perDay,
        daysLeftOut: days_left_out,
      }
    },
  }
}
