// Wake-ups between processes: LISTEN and NOTIFY, each on a connection of its own. They only make things sooner – a
// notification can be lost, a connection can die silently – so whoever listens looks again by itself, too.
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

/** Something was committed: gates pull. */
export const commit_channel = 'tingqi_commit'
/** A gate acknowledged something new. */
export const gate_channel = 'tingqi_gate'

/** Bursts of commits are told together. */
const call_apart_ms = 5
const listen_again_ms = 1_000

export type Caller = { call(): void; close(): Promise<void> }

/**
 * Calls a channel soon after being asked to, however often it is asked meanwhile. Never inside the transaction it tells of:
 * NOTIFY lets commits through one at a time. What is lost with the server is no loss, so it does not wait for the disk.
 */
export function openCaller(url: string, channel: string): Caller {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'tingqi-call', options: '-c synchronous_commit=off' })
  pool.on('error', () => {})
  let wanted = false
  let isClosed = false
  let calling: Promise<void> | undefined
  const run = async (): Promise<void> => {
    while (wanted && !isClosed) {
      wanted = false
      await pool.query('select pg_notify($1, $2)', [channel, '']).catch(() => {})
      if (wanted) await pause(call_apart_ms)
    }
    calling = undefined
  }
  return {
    call() {
      wanted = true
      if (!isClosed) calling ??= run()
    },
    async close() {
      isClosed = true
      await calling
      await pool.end()
    },
  }
}

/** Hears a channel until closed; a connection that ends is opened again. `heard` also when it could have missed something. */
export function openListener(url: string, channel: string, heard: () => void): { close(): Promise<void> } {
  let isClosed = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  const open = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, application_name: 'tingqi-listen', keepAlive: true })
    client = fresh
    let isOver = false
    const over = (): void => {
      if (isOver) return
      isOver = true
      void fresh.end().catch(() => {})
      if (!isClosed) timer = setTimeout(() => void open(), listen_again_ms)
    }
    fresh.on('error', over)
    fresh.on('end', over)
    fresh.on('notification', heard)
    try {
      await fresh.connect()
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`)
      heard()
    } catch {
      over()
    }
  }
  void open()
  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
