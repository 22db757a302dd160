// Runs matching one run at a time, oldest first. A run that was asked for begins at once; one that files brought about waits
// until those under way are in, so that a morning's files are matched together. What a former run of the program left
// unfinished begins again. An advisory lock says which program matches, where several share a database.
import { alone } from '../../store/alone.ts'
import { unfinishedRuns, filesUnderWay, readRun, type StoredRun } from '../../store/settlement-runs.ts'
import type { App } from '../app.ts'
import { Interrupted } from '../imports/run.ts'
import { files_waited_for_ms_max, settle_debounce_ms } from './bounds.ts'
import { sweepSettlement } from './folder.ts'
import { carryOutRun, type Wish } from './run.ts'
import { onWake } from './wake.ts'

export type Runner = {
  /** Looks for something to do. */
  look(): void
  /** Stops one that is running; nothing where it is not. */
  stop(id: string): void
  resume(): Promise<void>
  /** Resolves when nothing is left to run. */
  idle(): Promise<void>
  close(): Promise<void>
}

export function startRunner(app: App, matches: boolean): Runner {
  const openedAt = Date.now()
  /** When a run that waits for files was first seen (performance.now). */
  const seenAt = new Map<string, number>()
  let current: { id: string; wish: Wish } | undefined
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let again = false

  const next = async (): Promise<StoredRun | undefined> => {
    const { runs, isBusy } = await app.db.transaction('*', async (tx) => ({ runs: await unfinishedRuns(tx), isBusy: await filesUnderWay(tx) }), { readOnly: true })
    for (const id of seenAt.keys()) if (!runs.some((r) => r.id === id)) seenAt.delete(id)
    for (const run of runs) {
      if (run.cause === 'asked' || run.state !== 'queued') return run
      const since = performance.now() - (seenAt.get(run.id) ?? seenAt.set(run.id, performance.now()).get(run.id)!)
      if (since >= settle_debounce_ms && (!isBusy || since >= files_waited_for_ms_max)) return run
      later()
    }
    return undefined
  }
  const later = (): void => {
    if (timer !== undefined || isClosed) return
    timer = setTimeout(() => {
      timer = undefined
      look()
    }, settle_debounce_ms)
    timer.unref()
  }
  const work = async (): Promise<void> => {
    do {
      again = false
      for (let run = await next(); run !== undefined && !isClosed; run = await next()) {
        current = { id: run.id, wish: { isStopping: false, isClosing: false } }
        const isMine = await alone(app.db, 'settlement run', () => one(app, current!.id, current!.wish))
        current = undefined
        if (!isMine) return later()
      }
    } while (again && !isClosed)
  }
  const look = (): void => {
    if (isClosed || !matches) return
    if (working) {
      again = true
      return
    }
    working = work()
      .catch((error: Error) => {
        if (!(error instanceof Interrupted)) app.log.error({ error: error.message }, 'settlement could not be run')
      })
      .finally(() => {
        working = undefined
      })
  }
  onWake(app, look)

  return {
    look,
    stop(id) {
      if (current?.id === id) current.wish.isStopping = true
    },
    async resume() {
      if (matches) await sweepSettlement(app, openedAt)
      look()
    },
    async idle() {
      for (;;) {
        while (working) await working
        const left = await app.db.transaction('*', unfinishedRuns, { readOnly: true })
        if (left.length === 0 || isClosed) return
        await new Promise((resolve) => setTimeout(resolve, settle_debounce_ms))
        look()
      }
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      if (current) current.wish.isClosing = true
      await working
    },
  }
}

async function one(app: App, id: string, wish: Wish): Promise<void> {
  const run = await app.db.transaction('*', (tx) => readRun(tx, id), { readOnly: true })
  if (run !== undefined && run.endedAt === undefined) await carryOutRun(app, run, wish)
}
