// The rows of one merchant taken out of a settlement file's Parquet: a copy without them takes the file's place, whole or not
// at all. Rows of other merchants stay as they were, in their order.
import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** How many rows of the merchant were in it; 0 where the file is gone already. */
export async function takeOutMerchant(path: string, mid: string, isAlone: boolean): Promise<number> {
  if (!(await stat(path).catch(() => undefined))) return 0
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' })
  let rows = 0
  try {
    const db = await instance.connect()
    const [found] = (await db.runAndReadAll(`select count(*) as rows from read_parquet(${quoted(path)}) where mid = ${quoted(mid)}`)).getRowObjectsJson()
    rows = Number(found!['rows'])
    if (rows > 0 && !isAlone)
      await db.run(`copy (select * from read_parquet(${quoted(path)}) where mid <> ${quoted(mid)} order by line) to ${quoted(part)} (format parquet)`)
    db.closeSync()
  } finally {
    instance.closeSync()
  }
  if (isAlone) await rm(path, { force: true })
  else if (rows > 0) {
    await synced(part)
    await rename(part, path)
  }
  await synced(dirname(path))
  return rows
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
