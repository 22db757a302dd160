// What a kind of file must know to be imported. The run calls these in order; everything it waits for goes through
// `pace`, which writes down progress and throws where the import is to stop.
import type { Source } from '../../files/text.ts'
import type { Tx } from '../../store/db.ts'
import type { StoredImport } from '../../store/imports.ts'
import type { App } from '../app.ts'
import type { Report } from './report.ts'

/** How much of the present stage lies behind, 0 to 1. */
export type Pace = (done: number) => Promise<void>

export type Importer = {
  /** Columns of the file of rejected rows. */
  columns: readonly string[]
  /** Reads the file; every row ends up staged or in the report. */
  read(source: Source, report: Report, pace: Pace): Promise<void>
  /**
   * Holds the staged rows against the registers; what they refuse leaves the stage for the report. Returns how many.
   */
  check(report: Report): Promise<number>
  /**
   * Counts what the staged rows change, and changes it unless it is a dry run. May find that others were faster:
   * `Overtaken`.
   */
  apply(tx: Tx, dryRun: boolean): Promise<number>
  /** After the changes are committed. */
  applied(): Promise<void>
  /** However it went: what was only needed on the way goes. */
  ended?(): Promise<void>
}
export type MakeImporter = (app: App, running: StoredImport) => Importer

/** The registers changed between the check and the change: both are done again. */
export class Overtaken extends Error {}
