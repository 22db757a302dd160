// Files in: taken, queued, worked off one at a time, shown, stopped. The file is sealed on disk before anybody is told
// that it was taken; the row says so in the transaction of the reply.
import { createHash, randomUUID } from 'node:crypto'
import { mayNot, type Actor } from '../../domain/authority.ts'
import { scrubPans } from '../../domain/identity.ts'
import { refuse, type Refusal } from '../../domain/refusals.ts'
import { say, type ImportKind, type Language } from '../../domain/vocabulary.ts'
import { csvFile } from '../../files/export.ts'
import { import_file_bytes_max, list_total_exact_max } from '../../limits.ts'
import {
  countImports,
  insertImport,
  listImports,
  lockImport,
  readFaults,
  readImport,
  rejectedAfter,
  requestStop,
  type RejectedRow,
  type StoredImport,
} from '../../store/imports.ts'
import { removeFile } from '../../store/sealed-files.ts'
import { fileOfImport } from '../../store/settlement-files.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'
import { import_errors_shown_max } from './bounds.ts'
import { importers } from './run.ts'
import { startRunner } from './runner.ts'
import { importPath, sealFile } from './sealed-file.ts'
import { cursorOf, importRow, importView, readCursor, type ImportPage, type ImportView } from './views.ts'

export type Asker = { actor: Actor; language: Language }
export type ImportFile = {
  kind: ImportKind
  fileName: string
  bytes: Uint8Array
  /** Judge every row and apply none. */
  dryRun: boolean
  /** Apply the good rows although others are bad. */
  partial: boolean
}
export type ImportTelling = { view: (view: ImportView) => Reply; refusal: (refusal: Refusal) => Reply }

export type Imports = {
  /** Takes the file in; it is worked off afterwards. `view` gets it as queued. */
  start(asking: Asking, file: ImportFile, telling: ImportTelling): Promise<Reply>
  stop(asking: Asking, id: string, telling: ImportTelling): Promise<Reply>
  get(asker: Asker, id: string): Promise<ImportView | undefined>
  list(asker: Asker, paging: { cursor?: string | undefined; limit: number }): Promise<ImportPage>
  /**
   * Everything at fault as CSV, in the order of the file: the rows as they came, then line, columns, codes and words.
   */
  rejected(asker: Asker, id: string): Promise<AsyncIterable<string> | undefined>
  /** Once at start: takes up what a former run of the program left unfinished. */
  resume(): Promise<void>
  /** Resolves when nothing is left to run. */
  idle(): Promise<void>
  close(): Promise<void>
}

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Who it is about is the actor's own provider; the platform's imports belong to nobody. */
const providerOf = (actor: Actor): string | undefined => (actor.party.kind === 'provider' ? actor.party.id : undefined)
const rightTo = (kind: ImportKind): 'import' | 'import-calendar' => (kind === 'calendar' ? 'import-calendar' : 'import')
const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MB`

const notTaken = (actor: Actor, { kind, bytes }: ImportFile): Refusal | undefined =>
  mayNot(actor, rightTo(kind)) ??
  (bytes.length > import_file_bytes_max ? refuse('too_large', { max: mebibytes(import_file_bytes_max) }) : undefined)

export function openImports(app: App): Imports {
  const runner = startRunner(app)

  const start: Imports['start'] = async (asking, given, telling) => {
    const { actor } = asking
    const file = { ...given, fileName: scrubPans(given.fileName) }
    const queued: StoredImport = {
      id: randomUUID(),
      kind: file.kind,
      provider: providerOf(actor),
      state: 'queued',
      dryRun: file.dryRun,
      partial: file.partial,
      fileName: file.fileName,
      sizeBytes: file.bytes.length,
      sha256: createHash('sha256').update(file.bytes).digest('hex'),
      total: 0,
      accepted: 0,
      rejected: 0,
      changed: 0,
      progress: 0,
      actor,
      createdAt: app.clock.now(),
      endedAt: undefined,
      appliedAt: undefined,
      stopRequested: false,
    }
    const refusal = notTaken(actor, file)
    if (refusal === undefined) await sealFile(app, queued.id, file.bytes)
    let mine: Reply | undefined
    let reply: Reply | undefined
    try {
      reply = await execute(app, asking, {
        command: 'start-import',
        input: {
          import: queued.id,
          kind: file.kind,
          fileName: file.fileName,
          sha256: queued.sha256,
          dryRun: file.dryRun,
          partial: file.partial,
        },
        refusal: telling.refusal,
        lock: async () => refusal,
        async decide(tx) {
          await insertImport(tx, queued)
          mine = telling.view(importView(queued, [], 'zh'))
          return outcome(queued, mine)
        },
      })
    } finally {
      // A lost connection leaves it open whether the row is there: the file stays, and the next start knows.
      const isTaken = reply !== undefined && reply === mine && !asking.dryRun
      if (isTaken) runner.add(queued.id)
      else if (reply !== undefined && refusal === undefined) await removeFile(importPath(app, queued.id))
    }
    return reply
  }

  const stop: Imports['stop'] = async (asking, id, telling) => {
    let stopped = false
    const reply = await execute(app, asking, {
      command: 'stop-import',
      input: { import: id },
      refusal: telling.refusal,
      async lock(tx) {
        const found = uuidShape.test(id) ? await lockImport(tx, id) : undefined
        if (found === undefined) return refuse('not_found')
        return (
          mayNot(asking.actor, rightTo(found.kind)) ??
          (found.endedAt !== undefined || found.appliedAt !== undefined ? refuse('import_not_stoppable') : undefined)
        )
      },
      async decide(tx, now) {
        await requestStop(tx, id, now)
        stopped = true
        const after = (await readImport(tx, id))!
        return outcome(after, telling.view(importView(after, [], 'zh')))
      },
    })
    if (stopped && !asking.dryRun) runner.stop(id)
    return reply
  }

  return {
    start,
    stop,
    get: ({ actor, language }, id) =>
      app.db.transaction(
        scopeOf(actor),
        async (tx) => {
          const found = uuidShape.test(id) ? await readImport(tx, id) : undefined
          if (found === undefined) return undefined
          const faults = await readFaults(tx, id, import_errors_shown_max)
          return importView(found, faults, language, await fileOfImport(tx, id))
        },
        { readOnly: true },
      ),
    list: ({ actor }, { cursor, limit }) =>
      app.db.transaction(
        scopeOf(actor),
        async (tx) => {
          const found = await listImports(tx, readCursor(cursor), limit + 1)
          const count = await countImports(tx, list_total_exact_max)
          return {
            items: found.slice(0, limit).map(importRow),
            next: found.length > limit ? cursorOf(found[limit - 1]!) : null,
            total: count > list_total_exact_max ? { about: list_total_exact_max } : count,
          }
        },
        { readOnly: true },
      ),
    async rejected({ actor, language }, id) {
      if (!uuidShape.test(id)) return undefined
      const found = await app.db.transaction(scopeOf(actor), (tx) => readImport(tx, id), { readOnly: true })
      if (found === undefined || mayNot(actor, rightTo(found.kind)) !== undefined) return undefined
      return rejectedCsv(app, actor, found, language)
    },
    resume: () => runner.resume(),
    idle: () => runner.idle(),
    close: () => runner.close(),
  }
}

const outcome = (about: StoredImport, reply: Reply): Outcome => ({
  changes: undefined,
  before: undefined,
  facts: [],
  tids: [],
  provider: about.provider,
  mid: undefined,
  reply,
})

const lines_per_page = 500
const faultColumns: Readonly<Record<Language, readonly string[]>> = {
  zh: ['行号', '列', '代码', '说明'],
  en: ['line', 'column', 'code', 'words'],
}

/** The last columns say what is wrong; sent in again, they are columns nobody knows. */
async function* rejectedCsv(app: App, actor: Actor, found: StoredImport, language: Language): AsyncGenerator<string> {
  const columns = importers[found.kind](app, found).columns
  const rowOf = ({ line, sealed, faults }: RejectedRow): string[] => {
    const cells =
      sealed &&
      (JSON.parse(app.vault.open(sealed, `import.rejected:${found.id}:${line}`).toString()) as Record<string, string>)
    const all = (said: readonly string[]): string => said.join('; ')
    return [
      ...columns.map((column) => cells?.[column] ?? ''),
      String(line),
      all(faults.map((f) => f.column)),
      all(faults.map((f) => f.code)),
      all(faults.map((f) => say(f.words, language))),
    ]
  }
  let header: readonly string[] | undefined = [...columns, ...faultColumns[language]]
  for (let after = -1; ; ) {
    const page = await app.db.transaction(scopeOf(actor), (tx) => rejectedAfter(tx, found.id, after, lines_per_page), {
      readOnly: true,
    })
    // The generator of a file begins with its header: later pages leave it out.
    const pieces = csvFile(header ?? [], page.map(rowOf))
    const first = pieces.next()
    if (header !== undefined && !first.done) yield first.value
    header = undefined
    yield* pieces
    if (page.length < lines_per_page) return
    after = page.at(-1)!.line
  }
}
