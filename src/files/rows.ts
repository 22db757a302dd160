// From a file to rows that may be taken and rows that may not. Every row of a file ends up in exactly one place:
// accepted, rejected with all its faults, or repeated (it says again what an earlier row said). A fault that concerns
// no single row - the encoding, a missing column, a quote that swallows the rest - stops the reading.
import { scrubPans } from '../domain/identity.ts'
import type { Column } from './cells.ts'
import type { Fault, Finding } from './fault.ts'
import { type Cells, openTable } from './table.ts'
import type { Source } from './text.ts'

/** What the rows before say of this one. Called for every row, `errors` being what is wrong with the row by itself. */
export type Across<R, C extends string> = (
  line: number,
  cells: Cells<C>,
  errors: readonly Finding<C>[],
  row: R | undefined,
) => 'new' | 'repeated' | { errors: Finding<C>[] }

/** Cells as they came, but for card numbers, which are masked: they may be kept and shown. */
export type Rejected<C extends string> = { line: number; cells: Cells<C>; faults: Fault[] }
export type CheckedBatch<R, C extends string> = {
  rows: { line: number; row: R }[]
  rejected: Rejected<C>[]
  repeated: number
  /** Of the file as a whole; what follows them in the file was not read. */
  faults: Fault[]
  /** Columns nobody knows; with the first batch. */
  warnings: Fault[]
  /** How much of the file lies behind, 0 to 1. */
  read: number
}

export async function* checkFile<R, C extends string>(
  source: Source,
  columns: Readonly<Record<C, Column<unknown>>>,
  check: (cells: Cells<C>) => { row: R } | { errors: Finding<C>[] },
  across: Across<R, C>,
): AsyncGenerator<CheckedBatch<R, C>> {
  const opened = await openTable<C>(source, columns)
  if ('faults' in opened) {
    yield { rows: [], rejected: [], repeated: 0, faults: opened.faults, warnings: [], read: 0 }
    return
  }
  let { warnings } = opened.table
  for await (const batch of opened.table.batches) {
    const out: CheckedBatch<R, C> = {
      rows: [],
      rejected: [],
      repeated: 0,
      faults: batch.stop ? [batch.stop] : [],
      warnings,
      read: batch.read,
    }
    warnings = []
    for (const { line, cells, fault } of batch.rows) {
      const answer = fault ? { errors: [] } : check(cells)
      const own = 'errors' in answer ? answer.errors : []
      const row = 'row' in answer ? answer.row : undefined
      const among = fault ? 'new' : across(line, cells, own, row)
      const errors = typeof among === 'object' ? [...own, ...among.errors] : own
      if (fault) out.rejected.push({ line, cells: scrubbed(cells, Object.keys(cells) as C[]), faults: [fault] })
      else if (errors.length > 0) {
        const faulty = errors.flatMap(({ column }) => column ?? [])
        const faults = errors.map((error) => ({ line, ...error }))
        out.rejected.push({ line, cells: scrubbed(cells, faulty), faults })
      } else if (among === 'repeated') out.repeated += 1
      else if (row !== undefined) out.rows.push({ line, row })
    }
    yield out
  }
}

/** A cell that was found sound holds no card number, and is left alone: a number that resembles one stays readable. */
const scrubbed = <C extends string>(cells: Cells<C>, names: readonly C[]): Cells<C> => {
  const clean = { ...cells }
  for (const name of names) clean[name] = scrubPans(clean[name]) as Cells<C>[C]
  return clean
}
