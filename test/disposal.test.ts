// A merchant disposed of: what was written about it everywhere – words, names, papers, notices, evidence, records, backups,
// accounts – is looked for in every column of every table, every file of the home folder and the log. Another merchant's stays
// readable, a legal hold refuses it, two persons stand behind it, and a program killed anywhere in between finishes it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as age from 'age-encryption'
import { csv, terminal } from '../src/app/imports/imports.fixtures.ts'
import { slipsCsv } from '../src/settlement/settlement.fixtures.ts'
import { drawPaper } from '../src/demo/paper.ts'
import { journalChecker } from '../src/journal/chain.ts'
import { holdings } from '../src/store/disposal-holdings.ts'
import { createAccount } from '../src/store/people.ts'
import { formOf, tested } from './api/estate.ts'
import { startBare, type Bare, type Told } from './bare-program.ts'
import { freshDatabase, startServer } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
let bare: Bare
const kanari = (what: string): string => `卡纳里${what}`
const marks = /卡纳里|13966660001|KANARI/i
const a = { mid: '898000000000001', tid: '50000001', name: kanari('包子铺') }
const b = { mid: '898000000000002', tid: '50000002', name: '永和豆浆' }
const password = 'correct horse battery'
const api = '/api/v1'

beforeAll(async () => {
  server = await startServer()
  bare = await startBare(server.url, {
    now: '2026-09-20T10:00:00+08:00',
    policy: { straightThrough: [], secondApproval: [], materials: [], leadTimeHours: 0, fees: { monthlyInServiceFen: 0, monthlyWhileSuspendedFen: 0, freeSuspendedDays: 90, reopeningFen: 0, earlyTerminationFen: 0, restockingFen: 0 } },
    people: [
      { name: 'a.owner', role: 'merchant_owner', party: { kind: 'merchant', id: a.mid } },
      { name: 'b.owner', role: 'merchant_owner', party: { kind: 'merchant', id: b.mid } },
      { name: 'yunhui.risk', role: 'risk', party: { kind: 'provider', id: 'yunhui' } },
      { name: 'yunhui.field', role: 'field', party: { kind: 'provider', id: 'yunhui' } },
      { name: 'auditor', role: 'auditor', party: { kind: 'platform', id: 'platform' } },
    ],
  })
  const store = { storeName: kanari('总店'), storeAddress: kanari('路 1 号'), contactName: kanari('王'), contactPhone: '13966660001', provider: '云汇支付' }
  const fleet = csv([terminal(1, { ...store, mid: a.mid, tid: a.tid, merchantName: a.name }), terminal(4, { mid: b.mid, tid: b.tid, merchantName: b.name, provider: '云汇支付' })])
  expect(await bare.import('admin', 'fleet', fleet)).toMatchObject({ state: 'done', errors: [] })
}, 240_000)
afterAll(async () => {
  await bare?.close()
  await server?.stop()
})

const post = (path: string, who: string, body: object = {}): Promise<Told> => bare.post(api + path, who, body)
const done = async (told: Promise<Told>): Promise<Told['body']> => {
  const { status, text, body } = await told
  if (status >= 500) await sleep(300)
  expect(status, status >= 500 ? readFileSync(join(bare.home, 'tingqi.log'), 'utf8').split('\n').filter((line) => /"level":50/.test(line)).join('\n') : text).toBeLessThan(300)
  return body
}

/** One life of a terminal with something of the merchant's in every place there is. */
async function live(shop: typeof a, owner: string, word: (what: string) => string): Promise<void> {
  const filed = await done(post('/applications', owner, { kind: 'suspend', terminals: [shop.tid], reason: 'M02', words: word('装修'), expectedUntil: '2026-11-01T09:00:00+08:00', submit: true }))
  const paper = formOf({ type: 'renovation_proof' }, new Uint8Array(await drawPaper('x')), `${word('合同')}.png`)
  await done(bare.ask('POST', `${api}/applications/${filed.no}/materials`, owner, { form: paper }))
  await done(post(`/applications/${filed.no}/return`, 'yunhui.reviewer', { words: word('请补件'), materials: [{ type: 'renovation_proof', words: word('缺') }] }))
  await done(post(`/applications/${filed.no}/submit`, owner))
  const [step] = (await done(bare.get(`${api}/applications/${filed.no}`, owner))).steps.filter((s: { kind: string }) => s.kind === 'fallback_payment')
  await done(post(`/applications/${filed.no}/complete-step`, owner, { step: step.id, evidence: word('收款码') }))
  await done(post(`/applications/${filed.no}/approve`, 'yunhui.reviewer'))
  const held = await done(post(`/terminals/${shop.tid}/holds`, 'yunhui.finance', { reason: 'A03', words: word('违规') }))
  const { id } = held.holds.find((h: { reason: string }) => h.reason === 'A03')
  await done(post(`/holds/${id}/lift`, 'yunhui.finance', { words: word('整改') }))
  await bare.sql(`insert into device_test (id, tid, provider, mid, at, tested_by, passed, items) values (gen_random_uuid(), $1, 'yunhui', $2, now(), 'yunhui.field', false, $3)`, [shop.tid, shop.mid, JSON.stringify(tested('print', word('卡纸')))])
}

describe('a merchant with something of it everywhere', () => {
  test('files, papers, notices, evidence, records, backups, accounts', async () => {
    await live(a, 'a.owner', kanari)
    await live(b, 'b.owner', (what) => `豆浆${what}`)
    const { app } = bare.program
    await app.db.transaction('*', async (tx) => {
      for (const shop of [a, b]) {
        const { wrapped_key: wrapped } = (await tx.one<{ wrapped_key: Buffer }>('select wrapped_key from merchant where mid = $1', [shop.mid]))!
        const key = app.vault.openKey(wrapped, shop.mid)!
        await tx.run('update merchant set legal_person_sealed = $2, account_sealed = $3 where mid = $1', [
          shop.mid, key.seal(kanari('法人'), 'merchant.legal_person'), key.seal('6222020000000000', 'merchant.account'),
        ])
      }
      await createAccount(tx, { person: 'a.owner', name: kanari('老板'), role: 'merchant_owner', party: { kind: 'merchant', id: a.mid }, login: 'kanari.owner', password })
      await tx.run(`insert into waiver (id, provider, mid, amount_fen, words, proposed_by, proposed_at) values (gen_random_uuid(), 'yunhui', $1, 1, $2, 'x', now())`, [a.mid, kanari('减免')])
    })
    await done(bare.post(`${api}/keys`, 'a.owner', { name: kanari('收银机') }))
    // Two merchants in one file of records, and one of a's own.
    const slips = slipsCsv({ mid: a.mid, tid: a.tid, merchantName: a.name, at: '2026-09-01T09:16:11+08:00' }, { mid: b.mid, tid: b.tid, merchantName: b.name, reference: '600000000001', at: '2026-09-01T09:16:11+08:00' })
    expect(await bare.import('yunhui.finance', 'slips', slips, 'slips.csv')).toMatchObject({ state: 'done' })
    const own = slipsCsv({ mid: a.mid, tid: a.tid, merchantName: a.name, reference: '600000000009', at: '2026-09-02T09:16:11+08:00' })
    expect(await bare.import('yunhui.finance', 'slips', own, `${kanari('流水')}.csv`)).toMatchObject({ state: 'done' })
    // A row that was refused keeps its cells.
    const bad = csv([terminal(7, { mid: a.mid, tid: '5000', contactName: kanari('李'), provider: '云汇支付' })])
    expect(await bare.import('admin', 'fleet', bad)).toMatchObject({ state: 'refused' })
    await bare.settled()
    await bare.ask('PUT', `${api}/demo/clock`, 'admin', { body: { now: '2026-09-30T21:00:00+08:00' } })
    const backups = await bare.sql<{ mid: string; verified_at: Date | null; sealed_for: string }>('select mid, verified_at, sealed_for from backup where made_at is not null order by mid')
    expect(backups.map((x) => [x.mid, x.verified_at !== null, x.sealed_for])).toEqual([[a.mid, true, 'merchant'], [b.mid, true, 'merchant']])
    expect(await seen()).toEqual(expect.arrayContaining([
      'merchant.name', 'merchant_provider.name_folded', 'store.name', 'store.address', 'step.evidence', 'notice.words_zh', 'material.words',
      'device_test.items', 'account.name', 'account.login', 'auth.user.name', 'api_key.name', 'waiver.words', 'import.file_name', 'settlement_file.file_name',
    ]))
  }, 60_000)

  test('every column there is says what becomes of it', async () => {
    const columns = await bare.sql<{ table: string; column: string }>(
      `select c.table_name as table, c.column_name as column from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'double precision')
         and exists (select from information_schema.columns m where m.table_schema = 'public' and m.table_name = c.table_name and m.column_name = 'mid')
         -- Words of a closed set, numbers of other rows, and whoever did it.
         and not exists (select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
           where k.conrelid = c.table_name::regclass and a.attname = c.column_name
             and (k.contype in ('f', 'p') or (k.contype = 'c' and cardinality(k.conkey) = 1 and pg_get_constraintdef(k.oid) like '%ANY (ARRAY[%')))
         and c.column_name !~ '(_by|_code|^by|^mid|^tid|^tids|^provider|^case_no|^no|^gate|^assignee|^serial|^role|^service|^reason)$'
       order by 1, 2`,
    )
    const silent = columns.filter(({ table, column }) => {
      const h = holdings[table]
      return !(h?.removed || h?.sealed?.includes(column) || (h?.erased && column in h.erased) || (h?.kept && column in h.kept))
    }).map(({ table, column }) => `${table}.${column}`)
    expect(silent).toEqual([])
    // And nothing is listed that is not there.
    const tables = new Set((await bare.sql<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public'`)).map((t) => t.name))
    expect(Object.keys(holdings).filter((t) => !tables.has(t))).toEqual([])
  })
})

/** Columns in which a mark stands, in clear. */
async function seen(): Promise<string[]> {
  const columns = await bare.sql<{ schema: string; table: string; column: string; type: string }>(
    `select table_schema as schema, table_name as table, column_name as column, data_type as type from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
       and data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'name')`,
  )
  expect(columns.length).toBeGreaterThan(200)
  const found: string[] = []
  for (const { schema, table, column, type } of columns) {
    // Bytes as they are: UTF-8 has its Chinese in three of them each.
    const held = type === 'bytea'
      ? await bare.sql(`select 1 from "${schema}"."${table}" where position('卡纳里'::bytea in "${column}") > 0 or position('13966660001'::bytea in "${column}") > 0 limit 1`)
      : await bare.sql(`select 1 from "${schema}"."${table}" where "${column}"::text ~* '卡纳里|13966660001|KANARI' limit 1`)
    if (held.length > 0) found.push(`${schema === 'public' ? '' : `${schema}.`}${table}.${column}`)
  }
  return found
}

describe('not yet', () => {
  const propose = (who: string): Promise<Told> => post(`/merchants/${a.mid}/disposals`, who, { words: '到期' })
  const code = async (told: Promise<Told>): Promise<string> => (await told).body.code

  test('while a terminal is open', async () => {
    expect(await code(propose('yunhui.risk'))).toBe('disposal_open')
    const view = (await bare.get(`${api}/merchants/${a.mid}/disposal`, 'yunhui.risk')).body
    expect(view).toMatchObject({ allowed: 'disposal_open' })
    expect(view.sentence).toContain('1 台终端未注销')
  })

  test('nor by whom it is not for, nor for whom it is another’s merchant', async () => {
    expect(await code(propose('yunhui.agent'))).toBe('role_missing')
    expect(await code(propose('a.owner'))).toBe('role_missing')
    expect(await code(propose('chengfutong.provider_admin'))).toBe('not_found')
    expect((await bare.get(`${api}/merchants/${a.mid}/disposal`, 'chengfutong.provider_admin')).status).toBe(404)
  })

  test('before its time, counted from the last closing', async () => {
    await closeAll('2019-03-01T10:00:00+08:00')
    expect(await code(propose('yunhui.risk'))).toBe('disposal_too_early')
    expect((await bare.get(`${api}/merchants/${a.mid}/disposal`, 'yunhui.risk')).body.dueOn).toBe('2029-03-01')
    expect((await bare.get(`${api}/disposals/due`, 'yunhui.risk')).body.items).toEqual([])
    await closeAll('2015-03-01T10:00:00+08:00')
    expect((await bare.get(`${api}/merchants/${a.mid}/disposal`, 'yunhui.risk')).body).toMatchObject({ allowed: true, dueOn: '2025-03-01' })
    expect((await bare.get(`${api}/disposals/due`, 'yunhui.risk')).body.items).toMatchObject([{ mid: a.mid, dueOn: '2025-03-01' }])
    expect((await bare.get(`${api}/disposals/due`, 'chengfutong.provider_admin')).body.items).toEqual([])
  })

  test('while a deposit is held, a chargeback may come, an account is open', async () => {
    const [no] = await bare.sql<{ no: string }>('select no from application where mid = $1 limit 1', [a.mid])
    const attempt = async (sql: string, undo: string): Promise<string> => {
      await bare.sql(sql)
      const said = (await bare.get(`${api}/merchants/${a.mid}/disposal`, 'yunhui.risk')).body.sentence as string
      await bare.sql(undo)
      return said
    }
    expect(await attempt(
      `insert into device_return (rma, case_no, tid, provider, mid, serial, ownership, state, opened_at, ended_at, deposit_fen, deposit_state)
       select 'RMA-1', '${no!.no}', '${a.tid}', 'yunhui', '${a.mid}', serial, 'lent', 'inspected', now(), now(), 100, 'held' from device limit 1`, `delete from device_return where rma = 'RMA-1'`,
    )).toContain('押金')
    expect(await attempt(`update terminal set chargeback_until = '2027-01-01' where tid = '${a.tid}'`, `update terminal set chargeback_until = null where tid = '${a.tid}'`)).toContain('拒付')
    expect(await attempt(`update application set ended_at = null, state = 'approved' where no = '${no!.no}'`, `update application set ended_at = now(), state = 'completed' where no = '${no!.no}'`)).toContain('未办结')
  })

  test('while an authority wants it kept; only another person lifts that', async () => {
    const held = await done(post(`/merchants/${a.mid}/legal-holds`, 'yunhui.risk', { reference: '公经侦〔2026〕118 号', words: kanari('涉案') }))
    expect(held).toMatchObject({ mid: a.mid, provider: 'yunhui', liftedAt: null })
    expect(await code(propose('yunhui.risk'))).toBe('disposal_held')
    // Also one that only the platform knows of.
    const secret = await done(post(`/merchants/${a.mid}/legal-holds`, 'auditor', { reference: '〔2026〕1', words: '保密' }))
    expect((await bare.get(`${api}/legal-holds?open=true`, 'yunhui.risk')).body.items.map((h: { id: string }) => h.id)).toEqual([held.id])
    expect((await bare.get(`${api}/legal-holds`, 'a.owner')).status).toBe(403)
    expect(await code(post(`/legal-holds/${held.id}/lift`, 'yunhui.risk', { words: '结案' }))).toBe('legal_hold_by_two')
    expect(await code(post(`/legal-holds/${held.id}/lift`, 'chengfutong.provider_admin', { words: '结案' }))).toBe('not_found')
    expect((await done(post(`/legal-holds/${held.id}/lift`, 'yunhui.provider_admin', { words: kanari('结案') }))).liftedBy).toBe('yunhui.provider_admin')
    expect(await code(post(`/legal-holds/${held.id}/lift`, 'yunhui.provider_admin', { words: '结案' }))).toBe('legal_hold_lifted')
    expect(await code(propose('yunhui.risk'))).toBe('disposal_held')
    expect(await code(post(`/legal-holds/${secret.id}/lift`, 'yunhui.risk', { words: '结案' }))).toBe('not_found')
    await done(post(`/legal-holds/${secret.id}/lift`, 'admin', { words: '结案' }))
  })

  test('the database refuses it too', async () => {
    await expect(bare.sql(`update merchant set wrapped_key = null, backup_key_sealed = null, disposed_at = now() where mid = '${a.mid}'`)).rejects.toMatchObject({ constraint: 'disposed_by_rule' })
    await expect(bare.sql(`update merchant set disposed_at = now() where mid = '${b.mid}'`)).rejects.toMatchObject({ code: '23514' })
  })
})

/** The terminal of a is closed long ago, with all that goes with it. */
async function closeAll(when: string): Promise<void> {
  await bare.sql(`set session_replication_role = replica`)
  await bare.sql(`update application set state = 'completed', ended_at = $2, due_at = null where mid = $1`, [a.mid, when])
  await bare.sql(`update application_terminal set open = false where mid = $1`, [a.mid])
  await bare.sql(`update hold set effective_from = $2, drain_until = $2, expected_until = null, started_at = $2, shut_at = $2, cleared_at = $2, lifted_at = $2 where mid = $1`, [a.mid, when])
  await bare.sql(`update terminal set closed_at = $2, serial = null, service = 'closed', reason = null, clear = true, due_at = null, clearance_due_at = null, last_transaction_at = $2 where mid = $1`, [a.mid, when])
  await bare.sql(`set session_replication_role = default`)
}

describe('disposed of', () => {
  let disposal: Told['body']
  let cookie = ''
  const browser = async (path: string): Promise<Told> => {
    const answer = await fetch(bare.program.url + api + path, { method: 'POST', headers: { cookie, origin: 'http://tingqi.test', 'content-type': 'application/json' }, body: '{}' })
    const text = await answer.text()
    return { status: answer.status, text, body: text ? JSON.parse(text) : undefined }
  }
  const confirm = (): Promise<Told> => browser(`/disposals/${disposal.id}/confirm`)
  let paper: string
  let backup: { id: string; file: string }
  let sealed: Buffer

  test('proposed by one, who does not confirm it; a key does not confirm it either', async () => {
    const { app } = bare.program
    ;[backup] = (await bare.sql<{ id: string; file: string }>('select id, file from backup where mid = $1', [a.mid])) as [{ id: string; file: string }]
    sealed = readFileSync(backup.file)
    paper = (await bare.sql<{ id: string }>('select m.id from material m where m.mid = $1', [a.mid]))[0]!.id
    expect((await bare.get(`${api}/materials/${paper}`, 'yunhui.reviewer')).status).toBe(200)
    disposal = await done(post(`/merchants/${a.mid}/disposals`, 'yunhui.risk', { words: kanari('到期') }))
    expect(disposal).toMatchObject({ state: 'proposed', dueOn: '2025-03-01', allowed: { confirm: 'disposal_second_person', withdraw: true } })
    expect((await post(`/merchants/${a.mid}/disposals`, 'yunhui.provider_admin')).body.code).toBe('disposal_exists')
    expect((await post(`/disposals/${disposal.id}/confirm`, 'yunhui.risk')).body.code).toBe('disposal_second_person')
    expect((await post(`/disposals/${disposal.id}/confirm`, 'yunhui.provider_admin')).body.code).toBe('step_up_required')
    await app.db.transaction('*', (tx) => createAccount(tx, { person: 'yunhui.provider_admin', name: 'admin', role: 'provider_admin', party: { kind: 'provider', id: 'yunhui' }, login: 'yunhui.boss', password }))
    const answer = await fetch(`${bare.program.url}/api/auth/sign-in/username`, {
      method: 'POST', headers: { 'content-type': 'application/json', origin: 'http://tingqi.test' }, body: JSON.stringify({ username: 'yunhui.boss', password }),
    })
    expect(answer.status).toBe(200)
    cookie = answer.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
    // As if it had set up a one-time password.
    await bare.sql(`update auth."user" set "twoFactorEnabled" = true where username = 'yunhui.boss'`)
  })

  test('nor somebody who signed in a while ago', async () => {
    await bare.sql(`update auth.session set "createdAt" = now() - interval '11 minutes' where "userId" = (select id from auth."user" where username = 'yunhui.boss')`)
    expect((await confirm()).body.code).toBe('step_up_required')
    await bare.sql(`update auth.session set "createdAt" = now()`)
  })

  test('nor while a hold that came meanwhile stands', async () => {
    const held = await done(post(`/merchants/${a.mid}/legal-holds`, 'yunhui.risk', { reference: '〔2026〕2', words: '协查' }))
    expect((await confirm()).body.code).toBe('disposal_held')
    await done(post(`/legal-holds/${held.id}/lift`, 'yunhui.provider_admin', { words: '协查结束' }))
  })

  test('confirmed by a second person: the key is gone at once, the rest follows, and there is a certificate', async () => {
    const told = await done(confirm())
    expect(told).toMatchObject({ state: 'confirmed', confirmedBy: 'yunhui.provider_admin' })
    expect((await bare.get(`${api}/materials/${paper}`, 'yunhui.reviewer')).body.code).toBe('material_disposed')
    for (const end = Date.now() + 20_000; ; await sleep(100)) {
      disposal = (await bare.get(`${api}/disposals/${disposal.id}`, 'auditor')).body
      if (disposal.state === 'done') break
      if (Date.now() > end) throw new Error(`still ${disposal.state}`)
    }
    const counts = Object.fromEntries(disposal.destroyed.map((d: { part: string; count: number }) => [d.part, d.count]))
    expect(counts).toMatchObject({ personal: 1, people: 2, stores: 1, papers: 1, imports: 1 })
    expect(counts.words).toBeGreaterThan(1)
    expect(counts.notices).toBeGreaterThan(2)
    expect(counts.records).toBeGreaterThan(1)
    expect((await post(`/disposals/${disposal.id}/withdraw`, 'yunhui.risk')).body.code).toBe('disposal_not_in_this_state')
    expect((await post(`/merchants/${a.mid}/legal-holds`, 'yunhui.risk', { reference: 'x', words: 'x' })).body.code).toBe('disposed_already')
  }, 30_000)

  test('nothing of it is left in any table', async () => {
    expect(await seen()).toEqual([])
  })

  test('nor in any file, nor in the log', async () => {
    await sleep(300)
    const files = readdirSync(bare.home, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name))
    expect(files.some((f) => f.endsWith('tingqi.log'))).toBe(true)
    expect(files.filter((f) => marks.test(readFileSync(f).toString()) || marks.test(f))).toEqual([])
    expect(files.some((f) => f.includes(paper) || f.includes(backup.id))).toBe(false)
    expect(readdirSync(join(bare.home, 'settlement'))).toHaveLength(1)
  })

  test('a copy of its backup that somebody took away cannot be opened any more', async () => {
    const [merchant] = await bare.sql<{ wrapped_key: Buffer | null; backup_key_sealed: Buffer | null; legal_person_sealed: Buffer }>('select * from merchant where mid = $1', [a.mid])
    expect([merchant!.wrapped_key, merchant!.backup_key_sealed]).toEqual([null, null])
    expect(bare.program.app.vault.openKey(merchant!.wrapped_key ?? undefined, a.mid)).toBeUndefined()
    const decrypter = new age.Decrypter()
    decrypter.addIdentity(await age.generateIdentity())
    await expect(decrypter.decrypt(new Uint8Array(sealed))).rejects.toThrow()
  })

  test('the other merchant’s stays readable: its words, papers, backup and records', async () => {
    const [case_] = (await bare.get(`${api}/applications?limit=10`, 'b.owner')).body.items
    expect((await bare.get(`${api}/applications/${case_.no}`, 'b.owner')).body.words).toBe('豆浆装修')
    const [its] = await bare.sql<{ id: string; file: string }>('select m.id, b.file from material m join backup b on b.mid = m.mid where m.mid = $1', [b.mid])
    expect((await bare.get(`${api}/materials/${its!.id}`, 'b.owner')).status).toBe(200)
    const { wrapped_key: wrapped, backup_key_sealed: mine } = (await bare.sql<{ wrapped_key: Buffer; backup_key_sealed: Buffer }>('select * from merchant where mid = $1', [b.mid]))[0]!
    const decrypter = new age.Decrypter()
    decrypter.addIdentity(bare.program.app.vault.openKey(wrapped, b.mid)!.open(mine, 'backup-identity').toString())
    expect((await decrypter.decrypt(new Uint8Array(readFileSync(its!.file)))).length).toBeGreaterThan(0)
    const settled = await bare.settle('yunhui.finance')
    expect(settled).toMatchObject({ state: 'done', result: { rows: { slips: 1 } } })
  })

  test('the certificate says what, how many, when and by which rule, and names nobody', async () => {
    const pdf = await bare.ask('GET', `${api}/letters/${disposal.letter}.pdf`, 'yunhui.risk')
    expect(pdf.status).toBe(200)
    const [letter] = await bare.sql<{ code: string; facts: { merchant: object; disposal: { rows: object[]; dueOn: string } } }>('select code, facts from letter where no = $1', [disposal.letter])
    expect(letter!.facts).toMatchObject({ merchant: { mid: a.mid }, disposal: { dueOn: '2025-03-01', confirmedBy: 'yunhui.provider_admin', proposedBy: 'yunhui.risk' } })
    const verified = (await bare.get(`${api}/verify/${letter!.code}`, 'yunhui.risk')).body
    expect(verified).toMatchObject({ state: 'valid', letter: { kind: 'disposal_certificate' } })
  })

  test('what remains by law is there, and the chain of the journal holds', async () => {
    const { rows, head } = (await bare.get(`${api}/journal?limit=1000`, 'auditor')).body
    const checker = journalChecker()
    checker.take(rows.map((r: { text: string }) => ({ ...r, body: r.text })))
    expect(checker.close([], head).faults).toEqual([])
    expect(rows.some((r: { body: { facts?: { fact: string }[] } }) => r.body.facts?.some((f) => f.fact === 'disposed'))).toBe(true)
    const [left] = await bare.sql<Record<string, number>>(`select (select count(*)::int from application where mid = $1) as cases, (select count(*)::int from terminal where mid = $1) as terminals`, [a.mid])
    expect(left).toMatchObject({ cases: 1, terminals: 1 })
  })

  test('it does not come back: not by the database, not by a file', async () => {
    await expect(bare.sql(`update merchant set disposed_at = null where mid = '${a.mid}'`)).rejects.toMatchObject({ constraint: 'disposed_for_good' })
    await expect(bare.sql(`update merchant set wrapped_key = '\\x00' where mid = '${a.mid}'`)).rejects.toMatchObject({ constraint: 'disposed_is_unreadable' })
    expect(await bare.import('admin', 'fleet', csv([terminal(10, { mid: a.mid, merchantName: a.name, provider: '云汇支付' })]))).toMatchObject({ state: 'refused', errors: [{ code: 'merchant_differs' }] })
  })

  test('its cases still open for those who answer for them', async () => {
    const [{ no }] = (await bare.sql<{ no: string }>('select no from application where mid = $1', [a.mid])) as [{ no: string }]
    const seenCase = await bare.get(`${api}/applications/${no}`, 'yunhui.reviewer')
    expect([seenCase.status, seenCase.body.words]).toEqual([200, null])
    for (const path of [`/terminals/${a.tid}`, `/terminals/${a.tid}/timeline`, '/notices?limit=200', '/settlement/breaks?limit=200', '/settlement/files', '/disposals'])
      expect([path, (await bare.get(api + path, 'yunhui.risk')).status]).toEqual([path, 200])
  })
})

describe('killed in between', () => {
  test('at every step it takes, and finished at the next start', async () => {
    const url = await freshDatabase(server.url)
    const home = mkdtempSync(join(tmpdir(), 'tingqi-disposal-'))
    try {
      const killed: number[] = []
      for (let at = 1; ; at++) {
        const child = spawn(process.execPath, [new URL('./disposal/child.ts', import.meta.url).pathname, url, home, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] })
        let said = ''
        child.stdout.on('data', (bytes: Buffer) => { said += bytes })
        const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
        if (signal === 'SIGKILL') { killed.push(at); continue }
        expect([code, said.trim()]).toEqual([0, 'done 1 1 0 0'])
        break
      }
      expect(killed.length).toBeGreaterThanOrEqual(3)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  }, 120_000)
})
