// The one way to PostgreSQL. A transaction carries who is looking (row level security reads it), fixed statements are
// prepared once per connection under their own text's digest, and instants are epoch milliseconds on this side of the wire.
import { createHash } from 'node:crypto'
import pg from 'pg'
import { lock_wait_ms, statement_ms_max } from '../limits.ts'

/** Who is looking: the system sees all rows, a party its own. */
export type Scope = '*' | `p:${string}` | `m:${string}`

const timestamptz_oid = 1184
const date_oid = 1082
const bigint_oid = 20
/** How values come in: instants and big numbers as numbers, dates as text. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: unknown) => {
    if (oid === timestamptz_oid) return parseInstant
    if (oid === date_oid) return (text: string) => text
    if (oid === bigint_oid) return Number
    return pg.types.getTypeParser(oid, format as 'text')
  },
}

/** '2026-11-27 07:00:00.123+00' or ISO → epoch ms. */
export const parseInstant = (text: string): number => Date.parse(text.includes('T') ? text : `${text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')}`)
export const instantParam = (at: number | undefined | null): string | null =>
  at === undefined || at === null ? null : new Date(at).toISOString()

export type Row = Record<string, unknown>
export type Tx = {
  readonly scope: Scope
  /** All rows of a fixed statement. */
  many<T extends object = Row>(text: string, params?: readonly unknown[]): Promise<T[]>
  /** Its first row, if any. */
  one<T extends object = Row>(text: string, params?: readonly unknown[]): Promise<T | undefined>
  /** How many rows it touched. */
  run(text: string, params?: readonly unknown[]): Promise<number>
  /** The transaction's last statement: sent together with its COMMIT, so its outcome is known when the transaction's is. */
  last(text: string, params: readonly unknown[]): void
  /** Waits for what was sent: for those who roll back, but want to know that it would have worked. */
  settled(): Promise<void>
  readonly client: pg.PoolClient
}

export type Db = {
  /** Where it is, for connections of another kind. */
  readonly url: string
  readonly pool: pg.Pool
  /** One transaction; commits when `work` returns, rolls back when it throws or says `rollback`. */
  transaction<T>(scope: Scope, work: (tx: Tx) => Promise<T>, options?: { readOnly?: boolean }): Promise<T>
  close(): Promise<void>
}

/** Thrown inside a transaction to leave it without effect and with a value. */
export class Rollback<T> extends Error {
  readonly value: T
  constructor(value: T) {
    super('rolled back on purpose')
    this.value = value
  }
}

const names = new Map<string, string>()
const nameOf = (text: string): string => {
  let name = names.get(text)
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('hex').slice(0, 32)
    names.set(text, name)
  }
  return name
}

const txOf = (client: pg.PoolClient, scope: Scope, sent: Promise<unknown>[]): Tx => {
  const ask = (text: string, params: readonly unknown[] = []): Promise<pg.QueryResult> =>
    client.query({ name: nameOf(text), text, values: params as unknown[], types })
  return {
    scope,
    client,
    many: async <T extends object>(text: string, params?: readonly unknown[]) => (await ask(text, params)).rows as T[],
    one: async <T extends object>(text: string, params?: readonly unknown[]) => (await ask(text, params)).rows[0] as T | undefined,
    run: async (text, params) => (await ask(text, params)).rowCount ?? 0,
    last(text, params) {
      const promise = ask(text, params)
      promise.catch(() => {})
      sent.push(promise)
    },
    settled: async () => { await Promise.all(sent) },
  }
}

const scopeShape = /^(\*|[pm]:[0-9A-Za-z_]{1,40})$/

/** Opens a pool under the role that row level security binds (`role`), never as a superuser. */
export function openDb(url: string, { role, connections_max }: { role: string | undefined; connections_max: number }): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections_max,
    // Declares the session before its first statement: role, zone and bounds travel in the start-up packet.
    options: [
      role ? `-c role=${role}` : '', '-c TimeZone=UTC', `-c lock_timeout=${lock_wait_ms}`, `-c statement_timeout=${statement_ms_max}`,
      '-c idle_in_transaction_session_timeout=60000', '-c jit=off', '-c plan_cache_mode=force_generic_plan',
    ].join(' '),
    application_name: 'tingqi',
    // Statements that need not wait for each other travel together: BEGIN with the first lock, the last write with COMMIT.
    // Each has its own sync, so after an error PostgreSQL refuses the rest of the transaction and answers COMMIT with ROLLBACK.
    pipeline: true,
  } as pg.PoolConfig)
  // A connection that dies while idle is the pool's to replace; without a listener Node would end the process.
  pool.on('error', () => {})
  // Nor may one that dies inside a transaction: the statement under way fails, and with it that transaction alone.
  pool.on('connect', (client) => { client.on('error', () => {}) })
  return {
    url,
    pool,
    async transaction(scope, work, { readOnly = false } = {}) {
      if (!scopeShape.test(scope)) throw new Error(`not a scope: ${scope}`)
      const client = await pool.connect()
      let broken: Error | undefined
      const sent: Promise<unknown>[] = [client.query(`begin${readOnly ? ' read only' : ''}; set local tingqi.scope = '${scope}'`)]
      // Looked at where they are awaited below; this only keeps an early failure from counting as unhandled.
      sent[0]!.catch(() => {})
      try {
        const value = await work(txOf(client, scope, sent))
        const done = client.query('commit')
        done.catch(() => {})
        await Promise.all(sent)
        // An aborted transaction answers COMMIT with ROLLBACK: that is not success.
        if ((await done).command !== 'COMMIT') throw new Error('transaction was aborted')
        return value
      } catch (error) {
        await client.query('rollback').catch((e: Error) => { broken = e })
        if (error instanceof Rollback) return error.value as never
        throw error
      } finally {
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

/** SQLSTATE of a database error, if it is one. */
export const sqlState = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined
export const constraintOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'constraint' in error ? String(error.constraint) : undefined
