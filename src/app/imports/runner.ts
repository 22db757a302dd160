// Runs imports one at a time, in the order they came. What a former run of the program left unfinished is found at
// start and done again from its sealed file. An advisory lock says which program has an import, where several share a
// database.
import { alone } from '../../store/alone.ts'
import { sweepFolder, removeFile } from '../../store/sealed-files.ts'
import {
  dropStaging,
  endImport,
  readImport,
  stagingTable,
  stagingTables,
  unfinishedAmong,
  unfinishedImports,
} from '../../store/imports.ts'
import type { App } from '../app.ts'
import { tellOthers } from './outbox.ts'
import { Interrupted, runImport, type Wish } from './run.ts'
import { importFolder, importPath, isSealedHere } from './sealed-file.ts'

export type Runner = {
  add(id: string): void
  /** Stops one that is running; nothing where it is not. */
  stop(id: string): void
  /** Takes up what was left unfinished. */
  resume(): Promise<void>
  /** Resolves when nothing is left to run. */
  idle(): Promise<void>
  /** Ends at the next row boundary; what is unfinished is taken up at the next start. */
  close(): Promise<void>
}

export function startRunner(app: App): Runner {
  const openedAt = Date.now()
  const waiting: string[] = []
  let current: { id: string; wish: Wish } | undefined
  let running: Promise<void> | undefined
  let isClosed = false

  const next = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined && !isClosed; id = waiting.shift()) {
      current = { id, wish: { isStopping: false, isClosing: false } }
      await one(app, current.id, current.wish).catch((error: Error) =>
        app.log.error({ import: id, error: error.message }, 'the import could not be ended'),
      )
      current = undefined
    }
  }
  const pump = (): void => {
    if (isClosed) return
    running ??= next().finally(() => {
      running = undefined
      if (waiting.length > 0) pump()
    })
  }

  return {
    add(id) {
      waiting.push(id)
      pump()
    },
    stop(id) {
      if (current?.id === id) current.wish.isStopping = true
    },
    async resume() {
      await sweepFolder(importFolder(app), openedAt, (names) =>
        app.db.transaction('*', (tx) => unfinishedAmong(tx, names), { readOnly: true }),
      )
      const unfinished = await app.db.transaction('*', unfinishedImports, { readOnly: true })
      await dropLeftTables(app)
      for (const { id, state } of unfinished) {
        if (await isSealedHere(app, id)) this.add(id)
        // Begun here or on another machine, and its file is gone: nothing of it will ever be true. One still queued may
        // be another's.
        else if (state !== 'queued') this.add(id)
      }
      await tellOthers(app, async () => {
        if (isClosed) throw new Interrupted()
      }).catch(ifInterrupted)
    },
    async idle() {
      while (running) await running
    },
    async close() {
      isClosed = true
      if (current) current.wish.isClosing = true
      await running
    },
  }
}

const ifInterrupted = (error: unknown): void => {
  if (!(error instanceof Interrupted)) throw error
}

/** Tables are listed before imports are read: one that begins meanwhile has its row before its table. */
async function dropLeftTables(app: App): Promise<void> {
  await app.db.transaction('*', async (tx) => {
    const tables = await stagingTables(tx)
    const needed = new Set((await unfinishedImports(tx)).map((i) => stagingTable(i.id)))
    for (const table of tables) if (!needed.has(table)) await dropStaging(tx, table)
  })
}

async function one(app: App, id: string, wish: Wish): Promise<void> {
  await alone(app.db, `import ${id}`, async () => {
    const running = await app.db.transaction('*', (tx) => readImport(tx, id), { readOnly: true })
    if (running === undefined || running.endedAt !== undefined) return removeFile(importPath(app, id))
    if (running.appliedAt === undefined && !(await isSealedHere(app, id))) {
      app.log.error({ import: id }, 'the file of the import is gone')
      await app.db.transaction('*', (tx) => endImport(tx, id, 'failed', app.clock.now()))
      return
    }
    await runImport(app, running, wish)
    await removeFile(importPath(app, id))
  }).catch(ifInterrupted)
}
