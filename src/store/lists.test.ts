// Lists over a real database under the program's own role: every page once and in order, whatever is asked and whoever asks;
// searches of every kind; cursors that are believed only where they belong.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, startServer } from '../../test/world.ts'
import { isRefusal } from '../domain/refusals.ts'
import { openDb, type Db, type Scope } from './db.ts'
import { listApplications, listTerminals, type ApplicationsAsked, type Keys, type TerminalsAsked } from './lists.ts'
import { appRole } from './migrate.ts'
import { gramsOf, merchants_gathered_max, readSearch } from './search.ts'

let server: Awaited<ReturnType<typeof startServer>>
let client: pg.Client
let db: Db
let url: string

const small = 300
const many = merchants_gathered_max + 200
const midOf = (i: number): string => `8983${String(i).padStart(11, '0')}`
const tidOf = (i: number): string => String(10_000_000 + ((i * 7919) % 89_999_999))
const serviceOf = (i: number): string => (i % 10 === 7 ? 'suspended' : i % 50 === 3 ? 'closed' : 'active')
const providerOf = (i: number): string => (i % 3 === 0 ? 'tongda' : 'yunhui')
const caseNo = 'TQ-261123-00042-0'

type Told = { tid: string; mid: string; provider: string; service: string; reason: string | null; name: string; serial: string }
let estate: Told[] = []

beforeAll(async () => {
  server = await startServer()
  url = await freshDatabase(server.url)
  client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const [id, prefix] of [['yunhui', 'TQ'], ['tongda', 'TD']]) await client.query('insert into provider (id, name, name_en, prefix, hotline) values ($1, $1, $1, $2, $3)', [id, prefix, '1'])
  estate = Array.from({ length: small + many }, (_, i): Told => {
    const name = i < small ? ['老盛昌汤包', '星河超市', 'Blue Bird Café', '７１１便利'][i % 4]! + (i >> 2) : `万家便民店${i}`
    return { tid: tidOf(i), mid: midOf(i), provider: providerOf(i), service: serviceOf(i), reason: serviceOf(i) === 'suspended' ? (i % 20 === 7 ? 'M02' : 'R09') : null, name, serial: `SN-${100_000 + i}` }
  })
  const json = JSON.stringify(estate)
  const from = `from jsonb_to_recordset($1) r(tid text, mid text, provider text, service text, reason text, name text, serial text)`
  await client.query(`insert into merchant (mid, name, uscc, mcc) select r.mid, r.name, '91350100M000100Y43', '5411' ${from}`, [json])
  await client.query(`insert into merchant_provider select r.mid, r.provider ${from}`, [json])
  await client.query(`insert into device (serial, provider, model, type, ownership) select r.serial, r.provider, 'A920', 'smart', 'lent' ${from}`, [json])
  await client.query(
    `insert into terminal (tid, mid, provider, serial, installed_at, closed_at, service, reason)
     select r.tid, r.mid, r.provider, case when r.service <> 'closed' then r.serial end, '2024-01-01', case when r.service = 'closed' then timestamptz '2026-01-01' end, r.service, r.reason ${from}`, [json],
  )
  await client.query(
    `insert into application (no, kind, state, provider, mid, reason, channel, created_at, created_by, deadline_at, answer_by, assignee)
     select 'TQ-261123-' || lpad(i::text, 5, '0') || '-0', case when i % 9 = 0 then 'extend' else 'suspend' end,
       (array['submitted', 'in_review', 'second_review', 'returned', 'completed', 'draft'])[1 + i % 6], t.provider, t.mid, 'M02', 'online',
       timestamptz '2026-11-23' + i % 40 * interval '1 minute', 'someone', timestamptz '2026-12-01' + i % 7 * interval '1 day', timestamptz '2026-12-09' - i % 5 * interval '1 hour',
       case when i % 4 = 0 then 'rita' end
     from generate_series(0, 149) i join (select *, row_number() over (order by mid) - 1 as n from terminal) t on t.n = i`,
  )
  await client.query(
    `insert into application_terminal (no, tid, provider, mid, direction, result, open) select a.no, t.tid, a.provider, a.mid, 'down', 'pending', false from application a join terminal t using (mid)`,
  )
  await client.query('vacuum (analyze)')
  db = openDb(url, { role: appRole, connections_max: 2 })
}, 120_000)
afterAll(async () => {
  await db?.close()
  await client?.end()
  await server?.stop()
})

const page = async (scope: Scope, asked: Partial<TerminalsAsked>): Promise<Keys> => {
  const keys = await db.transaction(scope, (tx) => listTerminals(tx, { limit: 50, ...asked }), { readOnly: true })
  if (isRefusal(keys)) throw new Error(keys.refused)
  return keys
}
async function everyPage<A extends { cursor?: string | undefined }>(ask: (asked: A) => Promise<Keys>, asked: A): Promise<{ keys: string[]; totals: unknown[] }> {
  const keys: string[] = []
  const totals: unknown[] = []
  for (let cursor: string | undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
    const found = await ask({ ...asked, cursor })
    keys.push(...found.keys)
    totals.push(found.total)
    cursor = found.next
  }
  return { keys, totals }
}
const sees = (scope: Scope) => (t: Told): boolean => scope === '*' || scope === `p:${t.provider}` || scope === `m:${t.mid}`
const tids = (all: readonly Told[]): string[] => all.map((t) => t.tid).toSorted()

describe('terminals', () => {
  const filters: [asked: Partial<TerminalsAsked>, fits: (t: Told) => boolean][] = [
    [{ service: 'suspended' }, (t) => t.service === 'suspended'],
    [{ reason: 'M02' }, (t) => t.reason === 'M02'],
    [{ service: 'suspended', reason: 'R09' }, (t) => t.reason === 'R09'],
    [{ service: 'testing' }, () => false],
    [{ provider: 'tongda', service: 'closed' }, (t) => t.provider === 'tongda' && t.service === 'closed'],
    [{ merchant: midOf(4) }, (t) => t.mid === midOf(4)],
    [{ q: '老盛' }, (t) => t.name.includes('老盛')],
    [{ q: '盛', service: 'active' }, (t) => t.name.includes('盛') && t.service === 'active'],
    [{ q: 'blue bird' }, (t) => t.name.startsWith('Blue Bird')],
    [{ q: '711' }, (t) => t.name.normalize('NFKC').includes('711') || t.tid.startsWith('711')],
    [{ q: '1001' }, (t) => t.tid.startsWith('1001') || t.name.includes('1001')],
    [{ q: tidOf(9) }, (t) => t.tid === tidOf(9)],
    [{ q: midOf(11) }, (t) => t.mid === midOf(11)],
    [{ q: 'sn-100012' }, (t) => t.serial === 'SN-100012' && t.service !== 'closed'],
    [{ q: `${tidOf(1)}, ${tidOf(2)}\nSN-100004　${midOf(5)}，nothing-9` }, (t) => [1, 2, 4, 5].some((i) => t.tid === tidOf(i))],
    [{ q: `${tidOf(1)} 星河超市7` }, (t) => t.tid === tidOf(1) || t.name.includes('星河超市7')],
    [{ q: '龘' }, () => false],
    [{ q: "'; drop table terminal; --" }, () => false],
  ]
  for (const scope of ['*', 'p:tongda', `m:${midOf(4)}`] as Scope[])
    it.each(filters)(`${scope} asks for %o`, async (asked, fits) => {
      const expected = tids(estate.filter((t) => fits(t) && sees(scope)(t)))
      const { keys, totals } = await everyPage((a: Partial<TerminalsAsked>) => page(scope, a), { ...asked, limit: 23 })
      expect(keys).toEqual(expected)
      expect([...new Set(totals)]).toEqual([expected.length])
    })

  it('gives every terminal once, page by page', async () => {
    const { keys } = await everyPage((a: Partial<TerminalsAsked>) => page('*', a), { limit: 200 })
    expect(keys).toEqual(tids(estate))
  })

  it('goes through in order where a part of very many names is looked for', async () => {
    const asked = { q: '便民', service: 'active' as const }
    const expected = tids(estate.filter((t) => t.name.includes('便民') && t.service === 'active'))
    const { keys, totals } = await everyPage((a: Partial<TerminalsAsked>) => page('*', a), { ...asked, limit: 200 })
    expect(keys).toEqual(expected)
    const { about } = totals[0] as { about: number }
    expect(about / expected.length).toBeGreaterThan(0.5)
    expect(about / expected.length).toBeLessThan(2)
    // Within the smaller provider the same part is gathered and counted.
    const within = tids(estate.filter((t) => t.name.includes('便民') && t.provider === 'tongda'))
    expect(await page('p:tongda', { q: '便民', limit: 10 })).toMatchObject({ keys: within.slice(0, 10), total: within.length })
  })

  it('finds a merchant by its new name, no longer by its old one', async () => {
    await client.query('begin')
    await client.query('update merchant set name = $2 where mid = $1', [midOf(0), '鹤鸣书屋'])
    await client.query('commit')
    expect((await page('p:tongda', { q: '鹤鸣' })).keys).toEqual([tidOf(0)])
    expect((await page('p:tongda', { q: '老盛昌汤包0' })).keys).not.toContain(tidOf(0))
    await client.query('update merchant set name = $2 where mid = $1', [midOf(0), estate[0]!.name])
  })

  it('finds the terminals of a case by its number', async () => {
    const { rows } = await client.query<{ no: string }>('select no from application order by no limit 1')
    const { keys } = await db.transaction('*', async (tx) => await listTerminals(tx, { q: caseNo, limit: 5 }) as Keys)
    expect(keys).toEqual([])
    const { parseCaseNumber, caseNumber } = await import('../domain/number.ts')
    const no = caseNumber('TQ', '2026-11-23', 1)
    expect(parseCaseNumber(no)).toBeDefined()
    await client.query('insert into application select (jsonb_populate_record(a, jsonb_build_object($2::text, $1::text))).* from application a where no = $3', [no, 'no', rows[0]!.no])
    await client.query(`insert into application_terminal (no, tid, provider, mid, direction, result, open) select $1, tid, provider, mid, 'down', 'pending', false from terminal where tid = $2`, [no, tidOf(77)])
    expect((await page('*', { q: no.toLowerCase().replaceAll('-', ' ').trim().replaceAll(' ', '') })).keys).toEqual([tidOf(77)])
    await client.query('delete from application_terminal where no = $1', [no])
    await client.query('delete from application where no = $1', [no])
  })

  it('shows nothing to whoever has no scope, and none of another party’s by any search', async () => {
    for (const t of estate.filter((e) => e.provider === 'yunhui').slice(0, 4))
      for (const q of [t.tid, t.mid, t.serial, t.name]) expect((await page('p:tongda', { q })).keys).not.toContain(t.tid)
    const blind = new pg.Client({ connectionString: url })
    await blind.connect()
    await blind.query(`set role ${appRole}`)
    for (const sql of ['select count(*)::int as n from terminal', `select cardinality(mids) as n from merchants_named('老盛', '{老盛}', 100)`, `select about_rows('terminal', '{}')::int as n`, `select count(*)::int as n from journal_of_terminal('${tidOf(1)}', 9, 9)`])
      expect((await blind.query(sql)).rows).toEqual([{ n: 0 }])
    await blind.end()
  })
})

describe('cursors', () => {
  const cursorOf = async (asked: Partial<TerminalsAsked>): Promise<string> => (await page('*', { ...asked, limit: 5 })).next!
  it.each<[what: string, make: () => Promise<string>]>([
    ['not base64url', async () => 'what?'],
    ['not JSON', async () => Buffer.from('{').toString('base64url')],
    ['too long', async () => 'a'.repeat(1_000)],
    ['of another filter', () => cursorOf({ service: 'active' })],
    ['with another key', async () => Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(await cursorOf({}), 'base64url').toString()), key: [1] })).toString('base64url')],
    ['with a field too many', async () => Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(await cursorOf({}), 'base64url').toString()), scope: '*' })).toString('base64url')],
  ])('%s is refused', async (_, make) => {
    const cursor = await make()
    const told = await db.transaction('*', (tx) => listTerminals(tx, { limit: 5, cursor }))
    expect(told).toMatchObject({ refused: 'fields_invalid', fields: [{ pointer: '/query/cursor', code: 'cursor_invalid' }] })
  })

  it('of one party show another party nothing more', async () => {
    const cursor = await cursorOf({})
    const seen = await page('p:tongda', { cursor, limit: 5 })
    expect(seen.keys.every((tid) => estate.find((t) => t.tid === tid)!.provider === 'tongda')).toBe(true)
  })

  it('pasting too much is refused', async () => {
    expect(readSearch(Array.from({ length: 201 }, (_, i) => tidOf(i)).join(' '))).toMatchObject({ refused: 'fields_invalid' })
  })
})

describe('what was typed', () => {
  it.each<[q: string, expected: object]>([
    ['66585402', { prefix: '66585402', serials: ['66585402'], mids: [], names: ['66585402'] }],
    ['6658', { prefix: '6658', serials: [], names: ['6658'] }],
    ['me31 66585402', { prefix: undefined, tids: ['66585402'], names: [] }],
    ['老盛昌 汤包', { prefix: undefined, tids: [], names: ['老盛昌 汤包'] }],
    ['ＭＥ３１', { prefix: 'ME31' }],
    ['  ', {}],
  ])('%s', (q, expected) => {
    const read = readSearch(q)
    if (q.trim() === '') expect(read).toBeUndefined()
    else expect(read).toMatchObject(expected)
  })
  it.each([['汤', ['汤']], ['汤包', ['汤包']], ['𠮷野家', ['𠮷野', '野家']], ['aaa', ['aa']]])('pairs of %s', (part, pairs) => {
    expect(gramsOf(part)).toEqual(pairs)
  })
})

describe('applications', () => {
  type Row = { no: string; state: string; kind: string; provider: string; created_at: Date; deadline_at: Date; answer_by: Date; assignee: string | null }
  const desk = { person: 'rita', dueBefore: Date.parse('2026-12-03T00:00Z') }
  const ask = (scope: Scope) => async (asked: Partial<ApplicationsAsked>): Promise<Keys> => {
    const keys = await db.transaction(scope, (tx) => listApplications(tx, { limit: 50, ...asked }, desk), { readOnly: true })
    if (isRefusal(keys)) throw new Error(keys.refused)
    return keys
  }
  const waits = (r: Row): boolean => ['submitted', 'in_review', 'second_review'].includes(r.state)
  const by = (order: (r: Row) => Date, descending = false) => (a: Row, b: Row): number =>
    (descending ? -1 : 1) * (order(a).getTime() - order(b).getTime()) || (a.no < b.no ? -1 : 1)
  const deadline = by((r) => r.deadline_at)
  const newest = by((r) => r.created_at, true)
  const rows: [asked: Partial<ApplicationsAsked>, fits: (r: Row) => boolean, order: (a: Row, b: Row) => number][] = [
    [{}, () => true, newest],
    [{ queue: 'open' }, waits, deadline],
    [{ queue: 'review' }, (r) => waits(r) && r.state !== 'second_review', deadline],
    [{ queue: 'second' }, (r) => r.state === 'second_review', deadline],
    [{ queue: 'returned' }, (r) => r.state === 'returned', by((r) => r.answer_by)],
    [{ queue: 'mine' }, (r) => waits(r) && r.assignee === 'rita', deadline],
    [{ queue: 'due' }, (r) => waits(r) && r.deadline_at.getTime() < desk.dueBefore, deadline],
    [{ state: 'draft' }, (r) => r.state === 'draft', newest],
    [{ state: 'completed', kind: 'suspend' }, (r) => r.state === 'completed' && r.kind === 'suspend', newest],
    [{ kind: 'extend' }, (r) => r.kind === 'extend', newest],
    [{ kind: 'close' }, () => false, newest],
  ]
  for (const scope of ['*', 'p:tongda'] as Scope[])
    it.each(rows)(`${scope} asks for %o`, async (asked, fits, order) => {
      const all = (await client.query<Row>('select * from application')).rows
      const expected = all.filter((r) => fits(r) && (scope === '*' || scope === `p:${r.provider}`)).toSorted(order).map((r) => r.no)
      const { keys, totals } = await everyPage(ask(scope), { ...asked, limit: 7 })
      expect(keys).toEqual(expected)
      expect([...new Set(totals)]).toEqual([expected.length])
    })

  it('finds cases by terminal, serial, merchant number and name', async () => {
    const [found] = (await client.query<{ no: string; tid: string; mid: string; serial: string; name: string }>(
      'select a.no, t.tid, t.mid, t.serial, m.name from application_terminal a join terminal t using (tid) join merchant m on m.mid = t.mid where t.closed_at is null order by 1 limit 1')).rows
    for (const q of [found!.tid, found!.serial, found!.mid, found!.name]) expect((await ask('*')({ q })).keys, q).toContain(found!.no)
    expect((await ask('*')({ q: '龘' })).keys).toEqual([])
    expect((await ask(`m:${midOf(250)}`)({ q: found!.tid })).keys).toEqual([])
  })
})
