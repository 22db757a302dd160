// What a run found in its file: how many rows, which were rejected and why. It holds at most as many faults as are
// stored; the counts go on. Faults of the file as a whole mean that the rest of it was not read, and then nothing of it
// is taken.
import { detail, type Fault } from '../../files/fault.ts'
import type { CheckedBatch, Rejected } from '../../files/rows.ts'
import type { ImportError, Words } from '../../domain/vocabulary.ts'
import { import_errors_max } from '../../limits.ts'
import type { Counts, StoredFault } from '../../store/imports.ts'

export type AnyCells = Readonly<Record<string, string>>

export type Report = {
  total: number
  rejected: number
  changed: number
  isBroken: boolean
  faults: Fault[]
  rows: Map<number, AnyCells>
}

export const newReport = (): Report => ({
  total: 0,
  rejected: 0,
  changed: 0,
  isBroken: false,
  faults: [],
  rows: new Map(),
})

export const countsOf = (report: Report): Counts => ({
  total: report.total,
  accepted: report.total - report.rejected,
  rejected: report.rejected,
  changed: report.changed,
})

const note = (report: Report, faults: readonly Fault[]): void => {
  for (const fault of faults) {
    if (report.faults.length >= import_errors_max) return
    report.faults.push(fault)
  }
}

export function rejectRow(report: Report, { line, cells, faults }: Rejected<string>): void {
  report.rejected += 1
  if (report.faults.length < import_errors_max) report.rows.set(line, cells)
  note(report, faults)
}

export function breakFile(report: Report, faults: readonly Fault[]): void {
  report.isBroken = true
  note(report, faults)
}

/** A batch as the readers give it. What they warn of is told too, and rejects nothing. */
export function takeBatch<R, C extends string>(report: Report, batch: CheckedBatch<R, C>): void {
  report.total += batch.rows.length + batch.rejected.length + batch.repeated
  note(report, batch.warnings)
  for (const row of batch.rejected) rejectRow(report, row)
  if (batch.faults.length > 0) breakFile(report, batch.faults)
}

export const faultAt = (line: number, column: string, code: ImportError, value: string, hint?: Words): Fault => ({
  line,
  column,
  code,
  detail: detail(code, value, hint),
})

/** In the order of the file. */
export const storedFaults = (report: Report): StoredFault[] =>
  report.faults
    .toSorted((a, b) => a.line - b.line)
    .map((fault) => ({ line: fault.line, column: fault.column ?? '', code: fault.code, words: fault.detail }))
