// Questions a settlement file's Parquet answers by itself: which merchants and days it speaks of, on which line a terminal
// stands, and a copy without what a later file has taken the place of.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import type { Taken } from '../../settlement/types.ts'
import type { Part } from '../../store/settlement-files.ts'

async function asking<T>(work: (db: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' })
  try {
    const db = await instance.connect()
    try {
      return await work(db)
    } finally {
      db.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}
/** A path inside a statement. */
const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`

/** The day in Shanghai (always UTC+8) of an instant in milliseconds. */
const dayOf = (column: string): string => `cast(to_timestamp(${column} / 1000 + 8 * 3600) at time zone 'UTC' as date)`

const rowsOf = async <T>(db: DuckDBConnection, sql: string): Promise<T[]> =>
  (await db.runAndReadAll(sql)).getRowObjectsJson() as unknown as T[]

/** One part per merchant and day; of a file without rows, what its name says. */
export function partsOf({ parquet, kind, rows, mids, settledFrom }: Taken): Promise<Part[]> {
  if (rows === 0)
    return Promise.resolve(settledFrom === null ? [] : mids.map((mid) => ({ mid, madeOn: settledFrom, settledOn: settledFrom, tids: [], rows: 0 })))
  const made = kind === 'bank' ? 'settled_on' : dayOf('made_at')
  const tids = kind === 'bank' ? '[]' : `coalesce(list(distinct tid order by tid) filter (tid <> ''), [])`
  return asking(async (db) =>
    (await rowsOf<{ mid: string; made: string; settled: string; tids: string[]; rows: string }>(db,
      `select mid, cast(${made} as varchar) as made, cast(settled_on as varchar) as settled, ${tids} as tids, count(*) as rows
       from read_parquet(${quoted(parquet)}) group by all order by mid, settled, made`,
    )).map((r) => ({ mid: r.mid, madeOn: r.made, settledOn: r.settled, tids: r.tids, rows: Number(r.rows) })))
}

/** The first line on which each terminal stands. */
export const linesOfTerminals = ({ parquet }: Taken, terminals: readonly { mid: string; tid: string }[]): Promise<number[]> =>
  asking(async (db) => {
    const found = await rowsOf<{ mid: string; tid: string; line: string }>(db, `select mid, tid, min(line) as line from read_parquet(${quoted(parquet)}) group by all`)
    const lines = new Map(found.map((f) => [`${f.mid} ${f.tid}`, Number(f.line)]))
    return terminals.map(({ mid, tid }) => lines.get(`${mid} ${tid}`) ?? 0)
  })

/** The file without the merchants and days a later one speaks of, as a copy in `folder`. */
export function keepOnly(
  taken: Taken, kept: readonly { mid: string; madeOn: string; settledOn: string }[], folder: string, id: string,
): Promise<Taken> {
  const parquet = join(folder, `${id}.parquet`)
  const list = join(folder, `${id}.json`)
  const made = taken.kind === 'bank' ? 'f.settled_on' : dayOf('f.made_at')
  return asking(async (db) => {
    await writeFile(list, JSON.stringify(kept))
    await db.run(
      `create temp table kept as select mid, "madeOn" as made, "settledOn" as settled
       from read_json(${quoted(list)}, columns = {mid: 'VARCHAR', madeOn: 'DATE', settledOn: 'DATE'})`,
    )
    await db.run(
      `copy (select f.* from read_parquet(${quoted(taken.parquet)}) f semi join kept k on k.mid = f.mid and k.made = ${made} and k.settled = f.settled_on order by f.line)
       to ${quoted(parquet)} (format parquet)`,
    )
    const [row] = await rowsOf<{ rows: string }>(db, `select count(*) as rows from read_parquet(${quoted(parquet)})`)
    // It still speaks for whom it spoke: what is left out is another's to say, not missing.
    return { ...taken, parquet, rows: Number(row!.rows) }
  })
}
