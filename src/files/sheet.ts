// Reads an XLSX file in a thread of its own: parsing 100,000 rows takes seconds in which nothing else would run, and a
// thread has an end - a heap of its own and a deadline - where a hostile file would have none.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { batch_rows, sheet_file_bytes_max, sheet_heap_mb, sheet_read_ms } from './bounds.ts'
import { readBytes, type Source } from './text.ts'
import { type Refused, tooLong } from './unzip.ts'

export type Sheet = { total: number; batches: AsyncGenerator<string[][]> }

/** The first sheet's rows, row 1 first, in batches. Take all batches or return early: either ends the thread. */
export const readSheet = async (source: Source, within_ms = sheet_read_ms): Promise<Sheet | Refused> => {
  const bytes = await wholeFile(source)
  if (!bytes) return tooLong(`超过 ${sheet_file_bytes_max} 字节`, `more than ${sheet_file_bytes_max} bytes`)
  const thread = new Worker(new URL('./sheet-thread.ts', import.meta.url), {
    workerData: bytes,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: sheet_heap_mb },
  })
  // Between two questions nobody listens; a thread that dies then is found out at the next.
  thread.on('error', () => {})
  const first = await answer<{ total: number } | Refused>(thread, within_ms)
  if ('refused' in first) {
    await thread.terminate()
    return first
  }
  return { total: first.total, batches: batchesOf(thread, first.total, within_ms) }
}

async function* batchesOf(thread: Worker, total: number, within_ms: number): AsyncGenerator<string[][]> {
  try {
    for (let at = 0; at < total; at += batch_rows) {
      const next = answer<{ rows: string[][] } | Refused>(thread, within_ms)
      thread.postMessage('next')
      const batch = await next
      if ('refused' in batch) throw new Error(`sheet thread: ${batch.why[1]}`)
      yield batch.rows
    }
  } finally {
    await thread.terminate()
  }
}

/** What the thread says next; a thread that dies or stays silent has refused. */
const answer = async <T>(thread: Worker, within_ms: number): Promise<T | Refused> => {
  try {
    const [message] = await once(thread, 'message', { signal: AbortSignal.timeout(within_ms) })
    return message as T
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ABORT_ERR') return tooLong(`${within_ms} 毫秒内未读完`, `not read within ${within_ms} ms`)
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') return tooLong('占用内存过多', 'needs too much memory')
    throw error
  }
}

const wholeFile = async (source: Source): Promise<Uint8Array | undefined> => {
  if (source instanceof Uint8Array) return source.length > sheet_file_bytes_max ? undefined : source
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of readBytes(source)) {
    length += chunk.length
    if (length > sheet_file_bytes_max) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
