// Lists over a million rows: one page after a key, in an order an index has. What a party may see is asked for in words as
// well as enforced by row level security – the words are what the index is found by. A search is read as several things it
// may be (search.ts); each is a branch with an index of its own, and the page is the first of them all together.
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import type { ApplicationKind, ApplicationState, Reason, Service } from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, rounded, totalOf, type Key, type Total } from './cursor.ts'
import { instantParam, type Scope, type Tx } from './db.ts'
import { merchantsNamed, readSearch, type Search } from './search.ts'

export type Keys = { keys: string[]; next: string | undefined; total: Total }
type Paging = { cursor?: string | undefined; limit: number }

// ── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** Conditions and their values; each value becomes the next parameter. */
export type Where = { sql: string; values: readonly unknown[] }
/** `$` marks a value; each is used once. */
export const where = (sql: string, ...values: unknown[]): Where => ({ sql, values })

/** Numbers the marks of a statement made of parts. */
export function numbered(sql: string, values: readonly unknown[]): [text: string, values: readonly unknown[]] {
  let n = 0
  return [sql.replaceAll('$', () => `$${++n}`), values]
}
const all = (parts: readonly (Where | undefined)[]): Where => {
  const said = parts.filter((p) => p !== undefined)
  return { sql: said.length === 0 ? 'true' : said.map((p) => p.sql).join(' and '), values: said.flatMap((p) => p.values) }
}
const ask = <T extends object>(tx: Tx, { sql, values }: Where): Promise<T[]> => tx.many<T>(...numbered(sql, values))

/** The rows a party may see, said so that an index by party is found. */
const ofScope = (scope: Scope, alias: string): Where | undefined =>
  scope === '*' ? undefined : where(`${alias}.${scope.startsWith('p:') ? 'provider' : 'mid'} = $`, scope.slice(2))

const nothing: Keys = { keys: [], next: undefined, total: 0 }

/** A page of limit + 1 keys, cut: the row too many says that there is more. */
function page<T>(rows: readonly T[], limit: number, keyOf: (row: T) => Key, nameOf: (row: T) => string, list: string, total: Total): Keys {
  const shown = rows.slice(0, limit)
  return { keys: shown.map(nameOf), next: rows.length > limit ? cursorAt(list, { key: keyOf(shown.at(-1)!), total }) : undefined, total }
}

// ── Terminals ───────────────────────────────────────────────────────────────────────────────────────────────────────
export type TerminalsAsked = Paging & {
  q?: string | undefined
  service?: Service | undefined
  provider?: string | undefined
  merchant?: string | undefined
  reason?: Reason | undefined
}

const filtersOf = (tx: Tx, asked: Omit<TerminalsAsked, keyof Paging>): (Where | undefined)[] => [
  ofScope(tx.scope, 't'),
  asked.provider === undefined ? undefined : where('t.provider = $', asked.provider),
  asked.merchant === undefined ? undefined : where('t.mid = $', asked.merchant),
  // Said twice so that the index of those few that are not active is found whatever the value.
  asked.service === undefined ? undefined : where(asked.service === 'active' ? 't.service = $' : "t.service = $ and t.service <> 'active'", asked.service),
  asked.reason === undefined ? undefined : where('t.reason = $', asked.reason),
]

/** Numbers of the terminals of one page, in order. */
export async function listTerminals(tx: Tx, asked: TerminalsAsked): Promise<Keys | Refusal> {
  const { cursor, limit, ...filters } = asked
  const list = listOf('terminals', filters)
  const place = placeOf(list, cursor, ['string'])
  if (isRefusal(place)) return place
  const search = readSearch(asked.q)
  if (isRefusal(search)) return search
  const branches = search === undefined ? [undefined] : await terminalBranches(tx, search)
  if (branches.length === 0) return nothing
  const filter = all(filtersOf(tx, asked))
  const shown = (rows: readonly { tid: string }[], total: Total): Keys => page(rows, limit, (r) => [r.tid], (r) => r.tid, list, total)
  if (place === undefined && branches[0] !== undefined && sumAbout(branches) === undefined) return firstFound(tx, branches, filter, limit, shown)
  const after = all([filter, place && where('t.tid > $', place.key[0])])
  return shown(...await Promise.all([
    ask<{ tid: string }>(tx, united(branches, after, limit + 1)), place?.total ?? countTerminals(tx, asked, branches, filter),
  ]))
}

/** What a search found is gathered to be counted; its first page comes out of the same gathering. */
async function firstFound(
  tx: Tx, branches: readonly Branch[], filter: Where, limit: number, shown: (rows: readonly { tid: string }[], total: Total) => Keys,
): Promise<Keys> {
  const max = list_total_exact_max + 1
  const { sql, values } = united(branches, filter, max)
  const rows = await ask<{ tid: string; n: number }>(tx, {
    sql: `select tid, count(*) over () as n from (${sql}) f order by tid limit $`, values: [...values, limit + 1],
  })
  return shown(rows, await totalOf(rows[0]?.n ?? 0, () => max))
}

/** One way a search may be meant. `share` of all rows is what a part of very many names finds, about. */
type Branch = { where: Where; join?: string; about?: number } | undefined
/** Every terminal a query means, as a statement that gives their numbers: for those who take them all, not a page. */
export async function terminalsMeant(
  tx: Tx, asked: Omit<TerminalsAsked, keyof Paging>, more: readonly Where[],
): Promise<Where | Refusal> {
  const search = readSearch(asked.q)
  if (isRefusal(search)) return search
  const branches = search === undefined ? [undefined] : await terminalBranches(tx, search)
  const filter = all([...filtersOf(tx, asked), ...more])
  const parts = branches.map((branch): Where => {
    const both = all([branch?.where, filter])
    return { sql: `select t.tid from terminal t ${branch?.join ?? ''} where ${both.sql}`, values: both.values }
  })
  return parts.length === 0 ? where('select t.tid from terminal t where false')
    : { sql: parts.map((p) => p.sql).join(' union '), values: parts.flatMap((p) => p.values) }
}

/** The first `max` numbers under any of the branches. */
function united(branches: readonly Branch[], filter: Where, max: number): Where {
  const parts = branches.map((branch): Where => {
    const both = all([branch?.where, filter])
    return { sql: `(select t.tid from terminal t ${branch?.join ?? ''} where ${both.sql} order by t.tid limit $)`, values: [...both.values, max] }
  })
  if (parts.length === 1) return parts[0]!
  return { sql: `select tid from (${parts.map((p) => p.sql).join(' union ')}) u order by tid limit $`, values: [...parts.flatMap((p) => p.values), max] }
}

async function terminalBranches(tx: Tx, search: Search): Promise<Branch[]> {
  const { mids, common } = await merchantsNamed(tx, search.names)
  const branches: Branch[] = []
  const any = (column: string, values: readonly string[]): void => {
    if (values.length > 0) branches.push({ where: where(`${column} = any($)`, values) })
  }
  // Terminal numbers have eight digits or capitals, Z being the last of them.
  if (search.prefix !== undefined) branches.push({ where: where('t.tid >= $ and t.tid <= $', search.prefix, search.prefix.padEnd(8, 'Z')) })
  any('t.tid', search.tids)
  if (search.serials.length > 0) branches.push({ where: where('t.serial = any($) and t.closed_at is null', search.serials) })
  any('t.mid', [...new Set([...search.mids, ...mids])])
  if (search.cases.length > 0) branches.push({ where: where('t.tid in (select a.tid from application_terminal a where a.no = any($))', search.cases) })
  for (const { part, about } of common)
    branches.push({ join: 'join merchant_provider n on n.mid = t.mid and n.provider = t.provider', where: where('strpos(n.name_folded, $) > 0', part), about })
  return branches
}

async function countTerminals(tx: Tx, asked: TerminalsAsked, branches: readonly Branch[], filter: Where): Promise<Total> {
  const about = (): Promise<number> => aboutRows(tx, 'terminal', { provider: asked.provider, mid: asked.merchant, service: asked.service, reason: asked.reason })
  const merchants = sumAbout(branches)
  // Names are not looked at one by one only to be counted.
  if (merchants !== undefined) return aboutNamed(tx, merchants, await about())
  const known = await about()
  // The planner's number is trusted where it is far beyond what is counted.
  if (known > trusted_factor * list_total_exact_max) return await totalOf(known, () => known)
  const { sql, values } = united(branches, filter, list_total_exact_max + 1)
  const rows = await ask<{ n: number }>(tx, { sql: `select count(*) as n from (${sql}) c`, values })
  return await totalOf(rows[0]!.n, about)
}
const trusted_factor = 5

const aboutRows = async (tx: Tx, table: string, equal: Readonly<Record<string, string | undefined>>): Promise<number> => {
  const said = Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined))
  return (await tx.one<{ n: number }>('select about_rows($1, $2) as n', [table, JSON.stringify(said)]))!.n
}
const sumAbout = (branches: readonly Branch[]): number | undefined => {
  const common = branches.flatMap((b) => b?.about ?? [])
  return common.length === 0 ? undefined : common.reduce((a, b) => a + b, 0)
}
/** So many merchants of all, so many rows of all. */
async function aboutNamed(tx: Tx, merchants: number, rows: number): Promise<Total> {
  const all = Math.max(await aboutRows(tx, 'merchant_provider', {}), 1)
  return { about: rounded(Math.min(merchants / all, 1) * rows) }
}

// ── Applications ────────────────────────────────────────────────────────────────────────────────────────────────────
export const queues = ['open', 'review', 'second', 'returned', 'mine', 'due'] as const
export type Queue = (typeof queues)[number]
export type ApplicationsAsked = Paging & {
  queue?: Queue | undefined
  state?: ApplicationState | undefined
  kind?: ApplicationKind | undefined
  q?: string | undefined
}
/** Who `mine` is, and until when something counts as due (epoch ms). */
export type Desk = { person: string; dueBefore: number }

/** Cases that wait for an answer of the desk; their deadline runs. Literal, so that the index of the queues is found. */
const waiting = "a.state in ('submitted', 'in_review', 'second_review')"
type Order = { column: 'deadline_at' | 'answer_by' | 'created_at'; descending: boolean }
type QueueRule = { order: Order; where: (desk: Desk) => Where }
const byDeadline: Order = { column: 'deadline_at', descending: false }
const queueRules: Readonly<Record<Queue, QueueRule>> = {
  open: { order: byDeadline, where: () => where(waiting) },
  review: { order: byDeadline, where: () => where(`${waiting} and a.state <> 'second_review'`) },
  second: { order: byDeadline, where: () => where(`${waiting} and a.state = 'second_review'`) },
  returned: { order: { column: 'answer_by', descending: false }, where: () => where("a.state = 'returned'") },
  mine: { order: byDeadline, where: ({ person }) => where(`${waiting} and a.assignee = $`, person) },
  due: { order: byDeadline, where: ({ dueBefore }) => where(`${waiting} and a.deadline_at < $`, instantParam(dueBefore)) },
}
const newestFirst: Order = { column: 'created_at', descending: true }

/** Numbers of the cases of one page: a queue by deadline, else newest first. */
export async function listApplications(tx: Tx, asked: ApplicationsAsked, desk: Desk): Promise<Keys | Refusal> {
  const { cursor, limit, ...filters } = asked
  const rule = asked.queue === undefined ? undefined : queueRules[asked.queue]
  const order = rule?.order ?? newestFirst
  const list = listOf('applications', filters)
  const place = placeOf(list, cursor, ['number', 'string'])
  if (isRefusal(place)) return place
  const search = readSearch(asked.q)
  if (isRefusal(search)) return search
  const found = search === undefined ? undefined : await caseBranch(tx, search)
  if (search !== undefined && found === undefined) return nothing
  const filter = all([
    rule?.where(desk), ofScope(tx.scope, 'a'), found?.where,
    asked.state === undefined ? undefined : where(asked.state === 'completed' ? 'a.state = $' : "a.state = $ and a.state <> 'completed'", asked.state),
    asked.kind === undefined ? undefined
      : where(asked.kind === 'suspend' || asked.kind === 'reactivate' ? 'a.kind = $' : "a.kind = $ and a.kind not in ('suspend', 'reactivate')", asked.kind),
  ])
  const { sql, values } = all([filter, place && afterPlace(order, place.key)])
  const [rows, total] = await Promise.all([
    ask<{ no: string; at: number }>(tx, {
      sql: `select a.no, a.${order.column} as at from application a ${found?.join ?? ''} where ${sql}
        order by a.${order.column} ${order.descending ? 'desc' : ''}, a.no limit $`,
      values: [...values, limit + 1],
    }),
    place?.total ?? countApplications(tx, asked, filter, found),
  ])
  return page(rows, limit, (r) => [r.at, r.no], (r) => r.no, list, total)
}

function afterPlace({ column, descending }: Order, [at, no]: Key): Where {
  const instant = instantParam(at as number)
  const op = descending ? '<' : '>'
  return where(`a.${column} ${op}= $ and (a.${column} ${op} $ or a.no > $)`, instant, instant, no)
}

/** Cases of the terminals a search names are looked up first, as far as this. */
const cases_gathered_max = 5_000
async function caseBranch(tx: Tx, search: Search): Promise<Branch> {
  const { mids, common } = await merchantsNamed(tx, search.names)
  if (common.length > 0)
    return {
      join: 'join merchant_provider n on n.mid = a.mid and n.provider = a.provider', about: common.reduce((n, c) => n + c.about, 0),
      where: where(`(${common.map(() => 'strpos(n.name_folded, $) > 0').join(' or ')})`, ...common.map((c) => c.part)),
    }
  const terminals: Where[] = []
  if (search.prefix !== undefined) terminals.push(where('t.tid >= $ and t.tid <= $', search.prefix, search.prefix.padEnd(8, 'Z')))
  if (search.tids.length > 0) terminals.push(where('t.tid = any($)', search.tids))
  const byTerminal = terminals.map((w) => ({ sql: `select t.no from application_terminal t where ${w.sql}`, values: w.values }))
  if (search.serials.length > 0)
    byTerminal.push(where('select x.no from application_terminal x join terminal t on t.tid = x.tid where t.serial = any($) and t.closed_at is null', search.serials))
  const nos = byTerminal.length === 0 ? [] : (await ask<{ no: string }>(tx, {
    sql: `select no from (${byTerminal.map((w) => w.sql).join(' union ')}) u limit $`, values: [...byTerminal.flatMap((w) => w.values), cases_gathered_max],
  })).map((r) => r.no)
  const known = [...search.cases, ...nos]
  const owners = [...new Set([...search.mids, ...mids])]
  if (known.length === 0 && owners.length === 0) return undefined
  return { where: where('(a.no = any($) or a.mid = any($))', known, owners) }
}

async function countApplications(tx: Tx, asked: ApplicationsAsked, filter: Where, found: Branch): Promise<Total> {
  const about = (): Promise<number> => aboutRows(tx, 'application', { state: asked.state, kind: asked.kind })
  if (found?.about !== undefined) return aboutNamed(tx, found.about, await about())
  const max = list_total_exact_max + 1
  const rows = await ask<{ n: number }>(tx, { sql: `select count(*) as n from (select from application a where ${filter.sql} limit $) c`, values: [...filter.values, max] })
  return await totalOf(rows[0]!.n, () => (asked.queue !== undefined || asked.q !== undefined ? max : about()))
}
