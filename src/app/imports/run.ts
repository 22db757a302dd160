// One import from its sealed file to its end: reading → checking → applying → telling others → done. Everything it
// changes is one transaction, through the same door as every command; before it nothing is true, after it only telling
// remains. A run that was cut short therefore begins again, or where its changes are committed, only finishes.
import { refuse } from '../../domain/refusals.ts'
import type { ImportKind, ImportState } from '../../domain/vocabulary.ts'
import { sqlState, type Tx } from '../../store/db.ts'
import {
  dropStaging,
  endImport,
  markApplied,
  noteProgress,
  saveFaults,
  stagingTable,
  type StoredImport,
} from '../../store/imports.ts'
import type { App } from '../app.ts'
import { execute, type Reply, type Work } from '../execute.ts'
import { settlementImporter } from '../settlement/importer.ts'
import { apply_attempts_max, import_lock_wait_ms, import_statement_ms_max, progress_every_ms } from './bounds.ts'
import { calendarImporter } from './calendar.ts'
import { fleetImporter } from './fleet.ts'
import { Overtaken, type Importer, type MakeImporter, type Pace } from './importer.ts'
import { tellOthers } from './outbox.ts'
import { countsOf, newReport, storedFaults, type Report } from './report.ts'
import { unsealFile } from './sealed-file.ts'
import { transactionImporter } from './transactions.ts'

export const importers = {
  fleet: fleetImporter,
  transactions: transactionImporter,
  calendar: calendarImporter,
  slips: settlementImporter,
  unionpay: settlementImporter,
  bank: settlementImporter,
  settlement: settlementImporter,
} as const satisfies Record<ImportKind, MakeImporter>

/** Somebody asked for a stop; nothing was changed. */
class Stopped extends Error {}
/** The program ends; the import is taken up again at its next start. */
export class Interrupted extends Error {}

/** Where the stages lie on the way from 0 to 1. */
const stages = { reading: [0, 0.5], checking: [0.5, 0.6], applying: [0.6, 0.8], telling: [0.8, 1] } as const

type Stage = keyof typeof stages
type Watch = { at: (stage: Stage) => Pace }

export type Wish = { isStopping: boolean; isClosing: boolean }

export async function runImport(app: App, running: StoredImport, wish: Wish): Promise<void> {
  const report = newReport()
  const watch = watchOf(app, running, report, wish)
  try {
    if (running.appliedAt === undefined) {
      const ended = await work(app, running, report, watch)
      if (ended !== undefined) return await end(app, running.id, ended, report)
    }
    await tellOthers(app, watch.at('telling'))
    await end(app, running.id, 'done')
  } catch (error) {
    if (error instanceof Interrupted) throw error
    if (error instanceof Stopped) return await end(app, running.id, 'stopped', report)
    app.log.error({ import: running.id, error: (error as Error).message }, 'the import failed')
    await end(app, running.id, 'failed')
  } finally {
    if (!wish.isClosing)
      await app.db.transaction('*', (tx) => dropStaging(tx, stagingTable(running.id))).catch(() => {})
  }
}

const end = async (app: App, id: string, state: ImportState, report?: Report): Promise<void> => {
  await app.db.transaction('*', (tx) => endImport(tx, id, state, app.clock.now(), report && countsOf(report)))
}

/** Progress on a connection of its own, so that others see it while the changes are still uncommitted. */
function watchOf(app: App, running: StoredImport, report: Report, wish: Wish): Watch {
  let written = { stage: '', at: 0 }
  return {
    at: (stage) => async (done) => {
      if (wish.isClosing) throw new Interrupted()
      if (wish.isStopping && stage !== 'telling') throw new Stopped()
      if (stage === written.stage && performance.now() - written.at < progress_every_ms) return
      const [from, to] = stages[stage]
      written = { stage, at: performance.now() }
      const state = stage === 'telling' ? 'applying' : stage
      const progress = from + (to - from) * Math.min(1, done)
      const rows = running.appliedAt === undefined && stage !== 'telling' ? countsOf(report) : undefined
      if (await app.db.transaction('*', (tx) => noteProgress(tx, running.id, state, progress, rows)))
        throw new Stopped()
    },
  }
}

/** Reads, checks and applies. Returns how the import ended, or nothing where its changes are committed. */
async function work(app: App, running: StoredImport, report: Report, watch: Watch): Promise<ImportState | undefined> {
  const importer = importers[running.kind](app, running)
  try {
    return await workWith(importer, app, running, report, watch)
  } finally {
    await importer.ended?.()
  }
}

async function workWith(
  importer: Importer,
  app: App,
  running: StoredImport,
  report: Report,
  watch: Watch,
): Promise<ImportState | undefined> {
  const reading = watch.at('reading')
  await reading(0)
  await importer.read(unsealFile(app, running.id), report, reading)
  for (let n = 1; ; n++) {
    await check(importer, running, report, watch.at('checking'))
    if (report.isBroken || (report.rejected > 0 && (!running.partial || report.rejected === report.total)))
      return refused(app, running, report)
    await watch.at('applying')(0)
    try {
      return await apply(app, running, importer, report)
    } catch (error) {
      // 23505: a terminal, device or merchant of the file came into being between the check and the change.
      const again = error instanceof Overtaken || sqlState(error) === '23505'
      if (!again || n === apply_attempts_max) throw error
    }
  }
}

/** Rows that are refused may be what others leaned on (a serial given up): looked at until nothing more falls. */
async function check(importer: Importer, running: StoredImport, report: Report, pace: Pace): Promise<void> {
  for (;;) {
    await pace(0)
    const rejected = await importer.check(report)
    if (rejected === 0 || !running.partial) return
  }
}

const silent: Reply = { status: 204, body: '', headers: {} }

const journalled = (running: StoredImport, report: Report): Pick<Work, 'command' | 'input'> => {
  const { id, kind, fileName, sha256, partial } = running
  const { changed: _, ...rows } = countsOf(report)
  return { command: 'import', input: { import: id, kind, fileName, sha256, partial, rows } }
}

/** All of it sees both providers and merchants: who may import what was checked row by row. */
async function openWide(tx: Tx): Promise<void> {
  await tx.client.query(`set local tingqi.scope = '*'; set local statement_timeout = ${import_statement_ms_max};
    set local lock_timeout = ${import_lock_wait_ms}; set local idle_in_transaction_session_timeout = ${import_statement_ms_max}`)
}

const save = (app: App, tx: Tx, running: StoredImport, report: Report): Promise<void> =>
  saveFaults(
    tx,
    running.id,
    running.provider,
    storedFaults(report),
    [...report.rows].map(([line, cells]) => ({
      line,
      sealed: app.vault.seal(JSON.stringify(cells), `import.rejected:${running.id}:${line}`),
    })),
  )

async function refused(app: App, running: StoredImport, report: Report): Promise<'refused'> {
  await execute(
    app,
    { actor: running.actor },
    {
      ...journalled(running, report),
      async lock(tx) {
        await openWide(tx)
        await save(app, tx, running, report)
        return refuse('fields_invalid', { count: report.rejected })
      },
      decide: () => Promise.reject(new Error('a refused import decides nothing')),
      refusal: () => silent,
    },
  )
  return 'refused'
}

async function apply(app: App, running: StoredImport, importer: Importer, report: Report): Promise<'done' | undefined> {
  if (running.dryRun) {
    await app.db.transaction('*', async (tx) => {
      await openWide(tx)
      report.changed = await importer.apply(tx, true)
      await save(app, tx, running, report)
    })
    return 'done'
  }
  let isApplied = false
  await execute(
    app,
    { actor: running.actor },
    {
      ...journalled(running, report),
      async lock(tx) {
        isApplied = false
        await openWide(tx)
        return undefined
      },
      async decide(tx) {
        report.changed = await importer.apply(tx, false)
        await save(app, tx, running, report)
        if (!(await markApplied(tx, running.id, countsOf(report), app.clock.now()))) throw new Stopped()
        isApplied = true
        return {
          changes: undefined,
          before: undefined,
          facts: [{ fact: 'imported', import: running.id, kind: running.kind, ...countsOf(report) }],
          tids: [],
          provider: running.provider,
          mid: undefined,
          reply: silent,
        }
      },
      refusal: () => silent,
    },
  )
  // The only refusal on this way is a lock not had in time.
  if (!isApplied) throw new Overtaken()
  await importer.applied()
  return undefined
}
