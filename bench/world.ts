// A database with any number of terminals for benches: made by SQL in seconds, shaped like the real thing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startApp } from '../src/app/start.ts'
import { demoProviders } from '../src/demo/policies.ts'
import type { Policy } from '../src/domain/policy.ts'
import { startPostgres } from '../src/postgres/start.ts'
import { migrate } from '../src/store/migrate.ts'

export type BenchWorld = {
  url: string
  home: string
  app: Awaited<ReturnType<typeof startApp>>
  client: pg.Client
  close(): Promise<void>
}

export const secret = 'bench-only-secret-bench-only-secret-0000'
/** Terminals of one merchant in a bench world. */
export const terminals_per_merchant = 3

export const tidOf = (i: number): string => String(10_000_000 + i)
export const midOf = (i: number): string => `8984403${String(10_000_000 + Math.floor(i / terminals_per_merchant))}`

export async function makeBenchWorld(terminals: number, { policy = {}, connections_max = 20 }: { policy?: Partial<Policy>; connections_max?: number } = {}): Promise<BenchWorld> {
  const home = mkdtempSync(join(tmpdir(), 'tingqi-bench-'))
  const server = await startPostgres({ dataDir: join(home, 'postgres'), log: () => {} })
  const url = server.superuserUrl
  await migrate(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const log = { info() {}, warn() {}, error: (facts: object, message: string) => console.error(message, facts) }
  const app = await startApp({ url, secret, home, publicUrl: 'http://localhost', isDemo: true, log, connections_max })
  for (const p of demoProviders) {
    await client.query('insert into provider (id, name, name_en, prefix, hotline) values ($1, $2, $3, $4, $5)', [p.id, p.name, p.nameEn, p.prefix, p.hotline])
    await client.query(`insert into policy values ($1, 1, $2, '2020-01-01', 'maker', '2020-01-01', 'checker')`, [p.id, JSON.stringify({ ...p.policy, ...policy })])
  }
  await client.query(
    `insert into merchant (mid, name, uscc, mcc, wrapped_key)
     select '8984403' || (10000000 + i), '商户' || i || '号便利店', '91350100M000100Y43', '5411', $2 from generate_series(0, $1::int) i`,
    [Math.ceil(terminals / terminals_per_merchant), app.vault.newKey('bench')],
  )
  await client.query(`insert into merchant_provider select mid, 'yunhui' from merchant`)
  await client.query(
    `insert into device (serial, provider, model, type, ownership)
     select '00001204' || (10000000 + i), 'yunhui', 'A920', 'smart', 'lent' from generate_series(0, $1::int - 1) i`, [terminals],
  )
  await client.query(
    `insert into terminal (tid, mid, provider, serial, installed_at, service, gate_seq)
     select (10000000 + i)::text, '8984403' || (10000000 + i / $2), 'yunhui', '00001204' || (10000000 + i), '2024-01-01', 'active', 1
     from generate_series(0, $1::int - 1) i`, [terminals, terminals_per_merchant],
  )
  await client.query(`select journal_append(null, null, null, '{}', '{"bench":true}')`)
  await client.query('vacuum analyze')
  await app.reload()
  return {
    url, home, app, client,
    async close() {
      await client.end()
      await app.close()
      await server.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
