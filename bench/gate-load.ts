// How long a gate takes from its start until it listens, over a database of a million terminals (--rows): read for the first
// time, and come back over what it kept on disk. Against one `COPY` of the same table to this process. Its memory is what Linux
// says it has, less that of a gate over an empty database, per million terminals.
import type pg from 'pg'
import { memoryBytes, startGate, three } from './gate-process.ts'
import type { Options, Result } from './result.ts'
import { makeBenchWorld } from './world.ts'

const rows_default = 1_000_000
const few_rows = 10
const reach_times = 3
const reach_bytes_per_million = 250e6
const settle_ms = 4_000

/** The whole table, as it comes over the wire; its time in ms, and bytes. */
function copyOut(client: pg.Client): Promise<{ ms: number; bytes: number }> {
  const began = performance.now()
  let bytes = 0
  return new Promise((resolve, reject) => {
    const nothing = (): void => {}
    client.query({
      submit: (connection: { query(text: string): void }) => connection.query('copy terminal to stdout'),
      handleCopyData: ({ chunk }: { chunk: Buffer }) => { bytes += chunk.length },
      handleReadyForQuery: () => resolve({ ms: performance.now() - began, bytes }),
      handleError: reject,
      handleRowDescription: nothing, handleDataRow: nothing, handleCommandComplete: nothing, handleEmptyQuery: nothing, handlePortalSuspended: nothing,
    } as unknown as pg.Submittable)
  })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

type Loaded = { first_ms: number; again_ms: number; bytes: number; peak_bytes: number }
/** Starts a gate twice over the same folder. */
async function load(world: { url: string; home: string }, id: string): Promise<Loaded> {
  const first = await startGate({ ...world, id })
  await first.end()
  const again = await startGate({ ...world, id })
  await again.end()
  const fresh = await startGate({ ...world, id: `${id}-fresh` })
  await pause(settle_ms)
  const { now, peak } = memoryBytes(fresh.pid)
  await fresh.end()
  return { first_ms: Math.min(first.ready_ms, fresh.ready_ms), again_ms: again.ready_ms, bytes: now, peak_bytes: peak }
}

export async function run({ rows = rows_default }: Options): Promise<Result> {
  const few = await makeBenchWorld(few_rows)
  const base = await load(few, 'few').finally(() => few.close())
  const world = await makeBenchWorld(rows)
  try {
    const copies = [await copyOut(world.client), await copyOut(world.client), await copyOut(world.client)]
    const copy = copies.reduce((best, each) => (each.ms < best.ms ? each : best))
    const loaded = await load(world, 'many')
    const ratio = three(loaded.first_ms / copy.ms)
    const bytes = ((loaded.bytes - base.bytes) / rows) * 1e6
    return {
      name: 'gate-load', value: Math.round(loaded.first_ms), unit: 'ms', reference: Math.round(copy.ms), ratio,
      reach: `≤ ${reach_times} × a COPY of the same table; ≤ 250 MB per million`,
      detail: {
        terminals: rows, copiedMB: Math.round(copy.bytes / 1e6), memoryPerMillionMB: Math.round(bytes / 1e6), peakMB: Math.round(loaded.peak_bytes / 1e6),
        againOverItsDisk_ms: Math.round(loaded.again_ms), overAnEmptyDatabase_ms: Math.round(base.first_ms), overAnEmptyDatabaseMB: Math.round(base.bytes / 1e6),
        reached: ratio <= reach_times && bytes <= reach_bytes_per_million,
      },
    }
  } finally {
    await world.close()
  }
}
