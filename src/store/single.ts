// One connection of one's own, outside every pool: what a gate hears and says must not queue behind anybody else's work.
// A statement that is not answered in time, or a connection that breaks, ends the whole: the owner opens another.
import { createHash } from 'node:crypto'
import pg from 'pg'
import { types, type Row } from './db.ts'

export type SingleOptions = {
  role: string
  /** Sees all rows of what the role may read. */
  scope: '*'
  application_name: string
  connect_ms_max: number
  /** For the server, and for us when the server is not heard of any more. */
  statement_ms_max: number
}

export type Single = {
  many<T extends object = Row>(text: string, params?: readonly unknown[]): Promise<T[]>
  one<T extends object = Row>(text: string, params?: readonly unknown[]): Promise<T | undefined>
  run(text: string, params?: readonly unknown[]): Promise<number>
  /** Rows as arrays, for many of them. */
  rows(text: string, params?: readonly unknown[]): Promise<unknown[][]>
  /** A statement that is not prepared and has no parameters. */
  say(text: string): Promise<void>
  onNotification(heard: (channel: string) => void): void
  isOver(): boolean
  close(): Promise<void>
}

const nameOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
const names = new Map<string, string>()
const named = (text: string): string => {
  const known = names.get(text) ?? nameOf(text)
  names.set(text, known)
  return known
}

/** How long the goodbye of a connection that is not needed any more may take. */
const end_ms_max = 1_000

export async function openSingle(url: string, { role, scope, application_name, connect_ms_max, statement_ms_max }: SingleOptions): Promise<Single> {
  const client = new pg.Client({
    connectionString: url,
    application_name,
    keepAlive: true,
    connectionTimeoutMillis: connect_ms_max,
    // A little later than the server itself gives up, so that its word comes first where it is still heard.
    query_timeout: statement_ms_max + 500,
    options: [
      `-c role=${role}`, `-c tingqi.scope=${scope}`, '-c TimeZone=UTC', `-c statement_timeout=${statement_ms_max}`, '-c lock_timeout=2000',
      '-c idle_in_transaction_session_timeout=60000', '-c jit=off', '-c plan_cache_mode=force_generic_plan', '-c cursor_tuple_fraction=1',
    ].join(' '),
  } as pg.ClientConfig)
  let over = false
  client.on('error', () => { over = true })
  client.on('end', () => { over = true })
  await client.connect()
  const ask = async (query: pg.QueryConfig | pg.QueryArrayConfig): Promise<pg.QueryResult> => {
    try {
      return await client.query(query as pg.QueryConfig)
    } catch (error) {
      // Without the server's own code the connection is in an unknown state: nothing more is asked over it.
      if (!('code' in (error as object))) {
        over = true
        void client.end().catch(() => {})
      }
      throw error
    }
  }
  const query = (text: string, params: readonly unknown[] = []): pg.QueryConfig => ({ name: named(text), text, values: params as unknown[], types })
  return {
    many: async <T extends object>(text: string, params?: readonly unknown[]) => (await ask(query(text, params))).rows as T[],
    one: async <T extends object>(text: string, params?: readonly unknown[]) => (await ask(query(text, params))).rows[0] as T | undefined,
    run: async (text, params) => (await ask(query(text, params))).rowCount ?? 0,
    rows: async (text, params = []) => (await ask({ text, values: params as unknown[], types, rowMode: 'array' })).rows as unknown[][],
    say: async (text) => { await ask({ text }) },
    onNotification(heard) { client.on('notification', ({ channel }) => heard(channel)) },
    isOver: () => over,
    async close() {
      over = true
      const late = new Promise<void>((resolve) => { setTimeout(resolve, end_ms_max).unref() })
      await Promise.race([client.end().catch(() => {}), late])
    },
  }
}
