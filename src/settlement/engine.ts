// DuckDB, in memory, within bounds: it spills into a folder of the caller's, fetches nothing from anywhere, and its
// queries can be stopped. Types are always declared; what it would guess from a file it guesses as floating point.
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { engine_threads_max, progress_every_ms } from './bounds.ts'

export type Engine = {
  run: (sql: string, values?: DuckDBValue[]) => Promise<void>
  /** All rows, values as JSON has them where `JsonRow` says so; for results that are small. */
  rows: <T>(sql: string) => Promise<T[]>
  /** The one text a query gives. */
  text: (sql: string) => Promise<string>
  /** Rows as they come, so many at a time, each as an array in the order of the columns. */
  stream: (sql: string) => AsyncGenerator<DuckDBValue[][]>
  close: () => void
}
export type Watch = { progress?: (share: number) => void; signal?: AbortSignal }

/** A text as SQL writes it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
export const parquetOf = (files: readonly string[], options = ''): string =>
  `read_parquet([${files.map(quoted).join(', ')}]${options})`

export const openEngine = async (folder: string, memory_mb: number, watch: Watch = {}): Promise<Engine> => {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memory_mb}MiB`,
    threads: String(engine_threads_max),
    temp_directory: folder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  // How far a query is, is only known where it would be drawn on a screen; it is not drawn.
  for (const setting of ['enable_progress_bar = true', 'enable_progress_bar_print = false', 'progress_bar_time = 0'])
    await connection.run(`set ${setting}`)
  const { signal, progress } = watch
  const stop = (): void => connection.interrupt()
  signal?.addEventListener('abort', stop)
  const ticking =
    progress && setInterval(() => progress(Math.max(0, connection.progress.percentage) / 100), progress_every_ms)
  ticking?.unref()

  /** A query that was stopped fails for the reason it was stopped for. */
  const watched = async <T>(query: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted()
    try {
      return await query()
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }
  return {
    run: (sql, values) => watched(async () => void (await connection.run(sql, values))),
    rows: <T>(sql: string) => watched(async () => (await connection.runAndReadAll(sql)).getRowObjectsJS() as T[]),
    text: (sql) => watched(async () => String((await connection.runAndReadAll(sql)).getRows()[0]![0])),
    async *stream(sql) {
      const result = await watched(() => connection.stream(sql))
      for (;;) {
        const chunk = await watched(() => result.fetchChunk())
        if (!chunk || chunk.rowCount === 0) return
        yield chunk.getRows()
      }
    },
    close: () => {
      clearInterval(ticking)
      signal?.removeEventListener('abort', stop)
      connection.closeSync()
      instance.closeSync()
    },
  }
}
