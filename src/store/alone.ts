// Work that only one program does at a time, where several share a database: an advisory lock, held by a connection of its own
// for as long as the work takes. A connection that could not give it back is thrown away, and the lock with it.
import type { Db } from './db.ts'

/** False where another program is at it: nothing was done. */
export async function alone(db: Db, name: string, work: () => Promise<void>): Promise<boolean> {
  const lock = await db.pool.connect()
  let broken: Error | undefined
  try {
    const { rows } = await lock.query<{ ok: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as ok', [name])
    if (!rows[0]!.ok) return false
    await work()
    return true
  } finally {
    await lock.query('select pg_advisory_unlock_all()').catch((error: Error) => { broken = error })
    lock.release(broken)
  }
}
