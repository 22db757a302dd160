// A program made to be killed: it disposes of a merchant and kills itself at the n-th step of it – a transaction begun or
// committed, a file about to be removed –, as the power would. A later one goes on from what it finds.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { clearing } from '../../src/app/disposal/clear.ts'
import { disposalsOf } from '../../src/app/disposal/disposals.ts'
import { startApp } from '../../src/app/start.ts'
import { fillEstate, mid, people } from '../world.ts'

const [url, home, at] = process.argv.slice(2) as [string, string, string]
const log = { info() {}, warn() {}, error(facts: object, message: string) { console.error(message, facts) } }
const app = await startApp({ url, secret: 'x'.repeat(40), home, publicUrl: 'http://localhost', isDemo: true, log, manualClockFrom: Date.parse('2026-09-20T10:00:00+08:00'), connections_max: 3 })
const client = new pg.Client({ connectionString: url })
await client.connect()
const files = join(home, 'materials')

if (app.providers().length === 0) {
  await fillEstate(client, app, { policy: {}, terminals: ['10000001'] })
  await app.reload()
  await client.query(`set session_replication_role = replica`)
  await client.query(`update terminal set closed_at = '2015-01-01', serial = null, service = 'closed'`)
  await client.query(
    `insert into application (no, kind, state, provider, mid, reason, channel, created_at, created_by, ended_at, words_sealed)
     values ('TQ-1', 'close', 'completed', 'yunhui', $1, 'M21', 'online', now(), 'owner', now(), '\\x01')`, [mid],
  )
  await client.query(
    `insert into material (id, no, provider, mid, type, state, sha256, media_type, size_bytes, name_sealed, added_at, added_by)
     values ('00000000-0000-4000-8000-000000000001', 'TQ-1', 'yunhui', $1, 'other', 'accepted', 'ab', 'application/pdf', 1, '\\x00', now(), 'owner')`, [mid],
  )
  await client.query(
    `insert into notice (id, kind, provider, mid, audience, words_zh, words_en, at) values (gen_random_uuid(), 'closed', 'yunhui', $1, 'merchant', '卡纳里', 'KANARI', now())`, [mid],
  )
  await client.query(`set session_replication_role = default`)
  mkdirSync(files, { recursive: true })
  writeFileSync(join(files, '00000000-0000-4000-8000-000000000001'), 'KANARI')
}

const refusal = (r: object): never => { throw new Error(JSON.stringify(r)) }
const view = (v: { id: string }) => ({ status: 200, body: v.id, headers: {} })
const [known] = (await client.query<{ id: string; state: string }>('select id, state from disposal')).rows
const id = known?.id ?? (await disposalsOf(app).propose({ actor: people.risk, language: 'zh' }, { mid }, { view, refusal })).body
const admin = { ...people.risk, person: 'admin', account: 'admin', role: 'provider_admin' as const }

let steps = 0
const step = (): void => { if (++steps === Number(at)) process.kill(process.pid, 'SIGKILL') }
const transaction = app.db.transaction.bind(app.db)
app.db.transaction = async (scope, work, options) => {
  step()
  const value = await transaction(scope, async (tx) => { const got = await work(tx); step(); return got }, options)
  step()
  return value
}
if ((known?.state ?? 'proposed') === 'proposed') await disposalsOf(app).command('confirm', { actor: admin, language: 'zh', isFresh: true }, id, { view, refusal })
await clearing(app).run()

const count = async (sql: string): Promise<number> => Number((await client.query<{ n: string }>(sql)).rows[0]!.n)
console.log('done', await count(`select count(*) as n from disposal where state = 'done'`), await count(`select count(*) as n from letter where kind = 'disposal_certificate'`),
  await count(`select count(*) as n from notice where words_zh ~ '卡纳里'`), existsSync(files) ? readdirSync(files).length : 0)
await client.end()
await app.close()
