// Lists over a million terminals of some 330,000 merchants and three providers: the first page, filters, searches and page
// 1,000, for the whole estate and for one provider, with row level security on; through the store's functions alone (keys and
// rows), and over HTTP as a client gets them. The reference is the cheapest page there is, fifty rows by primary key.
import type pg from 'pg'
import { scopeOf } from '../src/app/execute.ts'
import type { Role } from '../src/domain/vocabulary.ts'
import { isRefusal } from '../src/domain/refusals.ts'
import { readerOf } from '../src/http/reader.ts'
import { buildHttp } from '../src/http/serve.ts'
import type { Services } from '../src/http/services.ts'
import type { Scope, Tx } from '../src/store/db.ts'
import { listApplications, listTerminals, type TerminalsAsked } from '../src/store/lists.ts'
import { createAccount, createKey, createPerson } from '../src/store/people.ts'
import { readCases, readTerminals } from '../src/store/reads.ts'
import type { Bench, Result } from './result.ts'
import { makeBenchWorld, type BenchWorld } from './world.ts'

const rows_default = 1_000_000
const rounds = 60
const warm_up_rounds = 10
const page_rows = 50
const deep_page = 1_000
const reach_ms = 25
const providers = ['yunhui', 'chengfutong', 'hairun'] as const

/** Terminals are made in an order that is not that of their numbers, as years of installing leave them. */
const tidSql = (i: string): string => `lpad((10000000 + (${i}::bigint * 7919) % 89999999)::text, 8, '0')`
const midSql = (i: string): string => `'8983' || lpad((${i})::text, 11, '0')`
/** Six in ten with the first provider, three with the second, one with the third. */
const providerSql = (i: string): string => `(array['${providers[0]}','${providers[1]}','${providers[2]}'])[case when (${i}) % 10 < 6 then 1 when (${i}) % 10 < 9 then 2 else 3 end]`
const names = {
  cities: '北京上海广州深圳成都杭州武汉西安苏州南京天津长沙郑州东莞青岛昆明宁波合肥佛山沈阳遵义徐州厦门大理',
  words: '老盛昌新月瑞丰星河云上金福永和长青海棠宏图百味春晓明珠蓝天东方华联四季如意吉祥顺达天成恒通美佳',
  trades: ['便利店', '汤包店', '美容院', '珠宝行', '药房', '超市', '咖啡馆', '火锅店', '五金行', '书店', '眼镜店', '服装店', '面馆', '酒店', '文具店', '水果店', '烘焙坊', '修车行'],
  forms: ['', '', '有限公司', '有限责任公司', '（个体）'],
}
const pairAt = (text: string, i: string): string => `substr('${text}', 1 + 2 * ((${i}) % ${text.length / 2})::int, 2)`
const oneOf = (list: readonly string[], i: string): string => `(array[${list.map((w) => `'${w}'`).join(',')}])[1 + ((${i}) % ${list.length})::int]`
const nameSql = (i: string): string =>
  [pairAt(names.cities, i), pairAt(names.words, `${i} / 24`), pairAt(names.words, `${i} / 7 + ${i} % 5`), oneOf(names.trades, `${i} / 3`), oneOf(names.forms, `${i} / 11`)].join(' || ')

/** Of 200 merchant terminals 4 are stopped, the odd one drains, is tested, closed or not yet installed. */
const serviceSql = (i: string): string =>
  `case when ${i} % 50 = 7 then 'suspended' when ${i} % 25000 = 11 then 'draining' when ${i} % 80000 = 13 then 'testing' when ${i} % 400 = 17 then 'closed' when ${i} % 1000 = 19 then 'pending_setup' else 'active' end`
const reasonSql = (i: string): string => `case when ${serviceSql(i)} in ('suspended', 'draining') then (array['M02','M01','A03','R09','P01'])[1 + (${i} / 50 % 5)::int] end`

/** Fills an empty database, as its owner. */
export async function fillEstate(client: pg.Client, rows: number): Promise<void> {
  const merchants = Math.ceil(rows / 3)
  const statements = [
    `set tingqi.scope = '*'`,
    `insert into merchant (mid, name, uscc, mcc) select ${midSql('i')}, ${nameSql('i')} || case when i % 3 = 0 then i::text || '店' else '' end, '91350100M000100Y43', '5411' from generate_series(0, ${merchants - 1}) i`,
    `insert into merchant_provider select ${midSql('i')}, ${providerSql('i')} from generate_series(0, ${merchants - 1}) i`,
    `insert into store (mid, name, address) select mid, '总店', '人民路 1 号' from merchant`,
    `insert into device (serial, provider, model, type, ownership) select '00001204' || lpad(i::text, 12, '0'), ${providerSql(`i % ${merchants}`)}, 'A920', 'smart', 'lent' from generate_series(0, ${rows - 1}) i`,
    `insert into terminal (tid, mid, provider, store_id, serial, installed_at, closed_at, service, reason, gate_seq)
     select ${tidSql('i')}, m.mid, mp.provider, s.id, case when ${serviceSql('i')} <> 'closed' then '00001204' || lpad(i::text, 12, '0') end,
       case when ${serviceSql('i')} = 'pending_setup' then null else timestamptz '2024-01-01' end, case when ${serviceSql('i')} = 'closed' then timestamptz '2026-01-01' end,
       ${serviceSql('i')}, ${reasonSql('i')}, 1
     from generate_series(0, ${rows - 1}) i join merchant m on m.mid = ${midSql(`i % ${merchants}`)} join merchant_provider mp using (mid) join store s using (mid)`,
    `insert into hold (id, tid, provider, mid, reason, owner, effect, effective_from, drain_until, expected_until, placed_by, started_at, shut_at)
     select gen_random_uuid(), tid, provider, mid, reason, case left(reason, 1) when 'M' then 'merchant' when 'A' then 'finance' when 'R' then 'risk' else 'operations' end, 'stop',
       timestamptz '2026-11-01', case service when 'draining' then timestamptz '2026-12-01' else timestamptz '2026-11-02' end, timestamptz '2027-02-24', 'bench', timestamptz '2026-11-01',
       case service when 'draining' then null else timestamptz '2026-11-02' end
     from terminal where reason is not null`,
    `insert into application (no, kind, state, provider, mid, reason, channel, created_at, created_by, submitted_at, earliest_at, deadline_at, ended_at, policy_version)
     select 'TQ-261101-' || lpad(row_number() over (order by tid)::text, 7, '0') || '-0', 'suspend', case when i % 40 = 0 then 'submitted' when i % 40 = 1 then 'in_review' else 'completed' end,
       provider, mid, 'M02', 'online', timestamptz '2026-11-01' + i * interval '7 seconds', 'someone', timestamptz '2026-11-01' + i * interval '7 seconds', timestamptz '2026-11-26',
       timestamptz '2026-11-27 10:00+00' + (i % 9) * interval '1 day', case when i % 40 < 2 then null else timestamptz '2026-11-20' end, 1
     from (select *, row_number() over (order by mid) as i from terminal where tid < '19') t`,
    `insert into application_terminal (no, tid, provider, mid, direction, result, open)
     select a.no, t.tid, a.provider, a.mid, 'down', 'stopped', false
     from (select no, provider, mid, row_number() over (partition by mid order by no) as n from application) a
     join (select tid, mid, row_number() over (partition by mid order by tid) as n from terminal where tid < '19') t using (mid, n)`,
    'vacuum (analyze) terminal, merchant, merchant_provider, store, device, hold, application, application_terminal',
  ]
  for (const sql of statements) await client.query(sql)
}

// ── Measuring ───────────────────────────────────────────────────────────────────────────────────────────────────────
type Sample = { p50: number; p95: number }
async function timed(work: (i: number) => Promise<unknown>): Promise<Sample> {
  const took: number[] = []
  for (let i = -warm_up_rounds; i < rounds; i++) {
    const started = performance.now()
    await work(i + warm_up_rounds)
    if (i >= 0) took.push(performance.now() - started)
  }
  took.sort((a, b) => a - b)
  const at = (share: number): number => Math.round(took[Math.min(Math.floor(rounds * share), rounds - 1)]! * 100) / 100
  return { p50: at(0.5), p95: at(0.95) }
}

/** A different question each round, so that no answer is warm because it was just given. */
type Question = { name: string; asked: (i: number, rows: number) => TerminalsAsked }
const page = (more: Partial<TerminalsAsked> = {}): TerminalsAsked => ({ limit: page_rows, ...more })
const tidAt = (i: number): string => String(10_000_000 + ((i * 7_919) % 89_999_999))
const pairOf = (text: string, i: number): string => text.slice(2 * (i % (text.length / 2)), 2 * (i % (text.length / 2)) + 2)
const questions: readonly Question[] = [
  { name: 'first page', asked: () => page() },
  { name: 'filter: stopped', asked: () => page({ service: 'suspended' }) },
  { name: 'filter: reason', asked: (i) => page({ reason: i % 2 === 0 ? 'R09' : 'M02' }) },
  { name: 'filter: provider and status', asked: () => page({ provider: 'hairun', service: 'suspended' }) },
  { name: 'search: terminal', asked: (i, rows) => page({ q: tidAt((i * 15_485_863) % rows) }) },
  { name: 'search: terminal, three digits', asked: (i) => page({ q: String(100 + ((i * 37) % 900)) }) },
  { name: 'search: serial', asked: (i, rows) => page({ q: `00001204${String((i * 15_485_863) % rows).padStart(12, '0')}` }) },
  { name: 'search: part of a name', asked: (i) => page({ q: `${pairOf(names.cities, i)}${pairOf(names.words, i * 5)}` }) },
  { name: 'search: a common part of a name', asked: (i) => page({ q: pairOf(names.cities, i) }) },
  { name: 'search: 20 pasted', asked: (i, rows) => page({ q: Array.from({ length: 20 }, (_, k) => tidAt((i * 20 + k) % rows)).join('\n') }) },
]

const readOnly = <T>({ app }: BenchWorld, scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> => app.db.transaction(scope, work, { readOnly: true })
async function rowsOf(tx: Tx, asked: TerminalsAsked): Promise<{ count: number; next: string | undefined }> {
  const keys = await listTerminals(tx, asked)
  if (isRefusal(keys)) throw new Error(keys.refused)
  return { count: (await readTerminals(tx, keys.keys)).length, next: keys.next }
}

/** The cursor of a page far down, reached as a client would: page by page. */
async function deepCursor(world: BenchWorld, scope: Scope, rows: number): Promise<string | undefined> {
  const limit = 200
  let cursor: string | undefined
  for (let read = 0; read < Math.min(deep_page * page_rows, rows / 4); read += limit) {
    const keys = await readOnly(world, scope, (tx) => listTerminals(tx, { limit, cursor }))
    if (isRefusal(keys)) throw new Error(keys.refused)
    cursor = keys.next
  }
  return cursor
}

type Viewer = { name: string; scope: Scope; key: string }
async function viewer(world: BenchWorld, name: string, role: Role, party: { kind: 'platform' | 'provider'; id: string }): Promise<Viewer> {
  const actor = { person: name, account: name, name, role, party, via: 'key' as const }
  const { key } = await world.app.db.transaction('*', async (tx) =>
    createKey(tx, await createAccount(tx, { person: await createPerson(tx, { id: name, name }), name, role, party }), 'bench', world.app.clock.now()))
  return { name, scope: scopeOf(actor), key }
}

async function overHttp(url: string, { key }: Viewer, asked: TerminalsAsked): Promise<void> {
  const query = new URLSearchParams(Object.entries(asked).filter(([, v]) => v !== undefined).map(([k, v]) => [k, String(v)]))
  const reply = await fetch(`${url}/api/v1/terminals?${query}`, { headers: { authorization: `Bearer ${key}` } })
  const body = await reply.text()
  if (!reply.ok) throw new Error(`${reply.status} ${body.slice(0, 300)}`)
}

const result = (name: string, { p50, p95 }: Sample, reference: Sample): Result => ({
  name: `list ${name}`, value: p95, unit: 'ms p95', reference: reference.p95, ratio: p95 / reference.p95, reach: `≤ ${reach_ms} ms at the API`,
  detail: { p50, referenceP50: reference.p50, reached: p95 <= reach_ms },
})

export const run: Bench = async ({ rows = rows_default }) => {
  const world = await makeBenchWorld(0, { connections_max: 4 })
  const http = await buildHttp({
    app: world.app, services: readerOf(world.app) as unknown as Services, config: { port: 0, host: '127.0.0.1', publicUrl: 'http://127.0.0.1', isDemo: true },
  })
  const results: Result[] = []
  try {
    await fillEstate(world.client, rows)
    const url = await http.listen({ port: 0, host: '127.0.0.1' })
    const viewers = [
      await viewer(world, 'auditor', 'auditor', { kind: 'platform', id: 'platform' }),
      await viewer(world, 'desk', 'operations', { kind: 'provider', id: 'yunhui' }),
    ]
    for (const who of viewers) {
      const reference = await timed((i) => readOnly(world, who.scope, (tx) => tx.many('select * from terminal where tid > $1 order by tid limit $2', [tidAt(i * 131), page_rows])))
      const cursor = await deepCursor(world, who.scope, rows)
      for (const { name, asked } of [...questions, { name: `page ${deep_page}`, asked: () => page({ cursor }) }]) {
        results.push(result(`${who.name} · store · ${name}`, await timed((i) => readOnly(world, who.scope, (tx) => rowsOf(tx, asked(i, rows)))), reference))
        results.push(result(`${who.name} · API · ${name}`, await timed((i) => overHttp(url, who, asked(i, rows))), reference))
      }
      const cases = await timed(() => readOnly(world, who.scope, async (tx) => {
        const keys = await listApplications(tx, { queue: 'open', limit: page_rows }, { person: who.name, dueBefore: 0 })
        return isRefusal(keys) ? keys : readCases(tx, keys.keys)
      }))
      results.push(result(`${who.name} · store · queue of cases`, cases, reference))
    }
  } finally {
    await http.close()
    await world.close()
  }
  return results
}
