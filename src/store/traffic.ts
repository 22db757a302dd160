// Sales by weekday and hour, and how much of what happened between two instants.
import type { Cell } from '../domain/traffic.ts'
import { instantParam, type Tx } from './db.ts'

/** Money coming in. What follows from it – completions of a pre-authorisation apart – is not a customer at the till. */
const sold = `class in ('sale', 'preauth_completion')`

/** Sales that went through of these terminals from one instant to before another, on the clock of a zone. */
export const readCells = (tx: Tx, tids: readonly string[], from: number, until: number, zone: string): Promise<Cell[]> =>
  tx.many<Cell>(
    `select extract(isodow from at at time zone $4)::int as weekday, extract(hour from at at time zone $4)::int as hour, count(*)::int as count, sum(amount_fen)::float8 as fen
     from transaction where tid = any($1) and at >= $2 and at < $3 and ${sold} and status = 'approved' group by 1, 2 order by 1, 2`,
    [tids, instantParam(from), instantParam(until), zone],
  )

export type Happened = { count: number; fen: number; declined: number }
export const readHappened = async (tx: Tx, tids: readonly string[], from: number, until: number): Promise<Happened> =>
  (await tx.one<Happened>(
    `select count(*) filter (where status = 'approved')::int as count, coalesce(sum(amount_fen) filter (where status = 'approved'), 0)::float8 as fen,
       count(*) filter (where status = 'declined')::int as declined
     from transaction where tid = any($1) and at >= $2 and at < $3 and ${sold}`,
    [tids, instantParam(from), instantParam(until)],
  ))!

/** Attempts refused on these terminals on days from one to another ('yyyy-mm-dd', both counted). */
export const readRefused = async (tx: Tx, tids: readonly string[], from: string, to: string): Promise<number> =>
  (await tx.one<{ count: number }>('select coalesce(sum(count), 0)::int as count from gate_attempt where tid = any($1) and day between $2 and $3', [tids, from, to]))!.count
