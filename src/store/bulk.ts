// Bulks and their items. A bulk's row says what is done, how far it is and how it went; items are frozen in the order of their
// merchants, so that a batch has a merchant's terminals together.
import type { BulkAct, ItemGiven } from '../domain/bulk.ts'
import type { Actor } from '../domain/authority.ts'
import { isRefusal, type Refusal, type RefusalCode } from '../domain/refusals.ts'
import type { BulkItemState, BulkState } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'
import { terminalOf, type StoredTerminal } from './dossier.ts'
import { numbered } from './lists.ts'
import { selectionSql, type Selection } from './bulk-selection.ts'

export type StoredBulk = {
  id: string
  provider: string
  plan: string | undefined
  name: string
  act: BulkAct
  wordsSealed: Buffer | undefined
  selection: Selection
  unknownTids: readonly string[]
  state: BulkState
  total: number
  checked: number
  unable: number
  done: number
  refused: number
  reached: number
  round: number
  actor: Actor
  createdBy: string
  createdAt: number
  confirmedBy: string | undefined
  confirmedAt: number | undefined
  startedAt: number | undefined
  endedAt: number | undefined
  fault: string | undefined
  version: number
}
export type NewBulk = Pick<StoredBulk, 'id' | 'provider' | 'plan' | 'name' | 'act' | 'wordsSealed' | 'selection' | 'unknownTids' | 'state' | 'actor' | 'createdAt'>

type BulkRow = {
  id: string; provider: string; plan: string | null; name: string; act: BulkAct['act']; particulars: object; words_sealed: Buffer | null; selection: Selection
  unknown_tids: string[]; state: BulkState; total: number; checked: number; unable: number; done: number; refused: number; reached: number; round: number
  actor: Actor; created_by: string; created_at: number; confirmed_by: string | null; confirmed_at: number | null; started_at: number | null
  ended_at: number | null; fault: string | null; version: number
}
const bulkOf = (r: BulkRow): StoredBulk => ({
  id: r.id, provider: r.provider, plan: r.plan ?? undefined, name: r.name, act: { ...r.particulars, act: r.act } as BulkAct, wordsSealed: r.words_sealed ?? undefined,
  selection: r.selection, unknownTids: r.unknown_tids, state: r.state, total: r.total, checked: r.checked, unable: r.unable, done: r.done, refused: r.refused,
  reached: r.reached, round: r.round, actor: r.actor, createdBy: r.created_by, createdAt: r.created_at, confirmedBy: r.confirmed_by ?? undefined,
  confirmedAt: r.confirmed_at ?? undefined, startedAt: r.started_at ?? undefined, endedAt: r.ended_at ?? undefined, fault: r.fault ?? undefined, version: r.version,
})

/** Freezes the selection: every terminal meant now becomes an item. Returns how many. */
export async function insertBulk(tx: Tx, bulk: NewBulk, from: Members): Promise<number | Refusal> {
  const { act, ...particulars } = bulk.act
  await tx.run(
    `insert into bulk (id, provider, plan, name, act, particulars, words_sealed, selection, unknown_tids, state, total, actor, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13)`,
    [bulk.id, bulk.provider, bulk.plan ?? null, bulk.name, act, JSON.stringify(particulars), bulk.wordsSealed ?? null, JSON.stringify(bulk.selection), bulk.unknownTids,
      bulk.state, JSON.stringify(bulk.actor), bulk.actor.person, instantParam(bulk.createdAt)],
  )
  const members = await membersSql(tx, bulk, from)
  if (isRefusal(members)) return members
  const total = await tx.run(...members)
  await tx.run('update bulk set total = $2 where id = $1', [bulk.id, total])
  return total
}

/** Whom a bulk is about: a selection, results that name their terminals, or the members of a plan. */
export type Members =
  | { from: 'selection' }
  | { from: 'given'; items: readonly { tid: string; given: ItemGiven }[] }
  /** Members of one wave, or those of a plan that `tids` names; all of them without. */
  | { from: 'plan'; wave?: number | undefined; tids?: readonly string[] | undefined }

const item = 'insert into bulk_item (bulk, ordinal, tid, provider, mid, given) select'
async function membersSql(tx: Tx, { id, provider, plan, selection }: NewBulk, members: Members): Promise<[string, readonly unknown[]] | Refusal> {
  if (members.from === 'given') return [
    `${item} $1, row_number() over (order by t.mid, t.tid), t.tid, t.provider, t.mid, g.given
     from jsonb_to_recordset($2::jsonb) g(tid text, given jsonb) join terminal t on t.tid = g.tid where t.provider = $3`,
    [id, JSON.stringify(members.items), provider],
  ]
  if (members.from === 'plan') return [
    `${item} $1, row_number() over (order by m.mid, m.tid), m.tid, m.provider, m.mid, null from plan_terminal m
     where m.plan = $2 and ($3::int is null or m.wave = $3) and ($4::text[] is null or m.tid = any($4))`,
    [id, plan, members.wave ?? null, members.tids ?? null],
  ]
  const meant = await selectionSql(tx, selection)
  if (isRefusal(meant)) return meant
  return numbered(
    `${item} $::uuid, row_number() over (order by t.mid, t.tid), t.tid, t.provider, t.mid, null::jsonb from terminal t where t.tid in (${meant.sql}) and t.provider = $`,
    [id, ...meant.values, provider],
  )
}

// ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
export const isUuid = (text: string): boolean => uuidShape.test(text)

export const readBulk = async (tx: Tx, id: string): Promise<StoredBulk | undefined> => {
  const row = isUuid(id) ? await tx.one<BulkRow>('select * from bulk where id = $1', [id]) : undefined
  return row && bulkOf(row)
}
/**
 * Batches of one bulk run side by side and each adds to its counts, after the journal's head is theirs; whoever changes its
 * state must wait for them before the row, not behind it. So the bulk has a lock of its own: shared by batches, alone for others.
 */
const bulkLock = (kind: '' | '_shared'): string => `select pg_advisory_xact_lock${kind}(hashtextextended('bulk ' || $1, 0))`
export async function lockBulk(tx: Tx, id: string): Promise<StoredBulk | undefined> {
  if (!isUuid(id)) return undefined
  await tx.one(bulkLock(''), [id])
  const row = await tx.one<BulkRow>('select * from bulk where id = $1 for update', [id])
  return row && bulkOf(row)
}
/** For a batch: it stays as it is until the batch is committed, but for its counts. */
export async function shareBulk(tx: Tx, id: string): Promise<StoredBulk | undefined> {
  await tx.one(bulkLock('_shared'), [id])
  return readBulk(tx, id)
}
export const bulksOfPlan = async (tx: Tx, plan: string): Promise<StoredBulk[]> =>
  (await tx.many<BulkRow>('select * from bulk where plan = $1 order by created_at, id', [plan])).map(bulkOf)
/** Those that wait for the runner, the oldest first. */
export const bulksUnderWay = async (tx: Tx): Promise<StoredBulk[]> =>
  (await tx.many<BulkRow>(`select * from bulk where state in ('checking', 'running') order by created_at, id limit 100`)).map(bulkOf)

export const listBulks = async (tx: Tx, after: { at: number; id: string } | undefined, state: BulkState | undefined, max: number): Promise<StoredBulk[]> =>
  (await tx.many<BulkRow>(
    `select * from bulk where ($4::text is null or state = $4) and (created_at, id) < ($1::timestamptz, $2::uuid) order by created_at desc, id desc limit $3`,
    [after ? instantParam(after.at) : 'infinity', after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', max, state ?? null],
  )).map(bulkOf)
export const countBulks = async (tx: Tx, state: BulkState | undefined, max: number): Promise<number> =>
  (await tx.one<{ n: number }>('select count(*)::int as n from (select from bulk where ($1::text is null or state = $1) limit $2) c', [state ?? null, max + 1]))!.n

export type BulkItem = {
  ordinal: number; tid: string; mid: string; merchant: string; state: BulkItemState
  code: RefusalCode | null; particulars: Refusal['with'] | null; at: number | null
}
/** Items in their order, after one; of one result or one reason where asked for. */
export const readItems = (
  tx: Tx, bulk: string, { after, state, code }: { after: number; state?: BulkItemState | undefined; code?: string | undefined }, max: number,
): Promise<BulkItem[]> => tx.many<BulkItem>(
  `select i.ordinal, i.tid, i.mid, m.name as merchant, i.state, i.code, i.particulars, i.at from bulk_item i join merchant m using (mid)
   where i.bulk = $1 and i.ordinal > $2 ${code === undefined ? 'and $4::text is null' : 'and i.code = $4'} and ($5::text is null or i.state = $5) order by i.ordinal limit $3`,
  [bulk, after, max, code ?? null, state ?? null],
)
export type RefusedGroup = { code: RefusalCode; count: number; particulars: Refusal['with'] }
/** Why items cannot or could not, the most frequent first; the particulars are those of one of them. */
export const refusedGroups = (tx: Tx, bulk: string): Promise<RefusedGroup[]> => tx.many<RefusedGroup>(
  `select code, count(*)::int as count, (array_agg(particulars order by ordinal))[1] as particulars from bulk_item
   where bulk = $1 and code is not null group by code order by count(*) desc, code`, [bulk],
)

// ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type BulkChange = Partial<Pick<StoredBulk, 'confirmedBy' | 'confirmedAt' | 'startedAt' | 'endedAt' | 'fault'>> & { state: BulkState }
export const changeBulk = (tx: Tx, bulk: StoredBulk, change: BulkChange): Promise<number> => {
  const after = { ...bulk, ...change }
  return tx.run(
    `update bulk set state = $2, confirmed_by = $3, confirmed_at = $4, started_at = $5, ended_at = $6, fault = $7, version = version + 1 where id = $1`,
    [bulk.id, after.state, after.confirmedBy ?? null, instantParam(after.confirmedAt), instantParam(after.startedAt), instantParam(after.endedAt), after.fault ?? null],
  )
}
/** Another round over those that were refused. */
export const beginAgain = async (tx: Tx, id: string): Promise<void> => {
  await tx.run(`update bulk_item set state = 'waiting', code = null, particulars = null where bulk = $1 and state = 'refused'`, [id])
  await tx.run('update bulk set refused = 0, reached = 0, round = round + 1 where id = $1', [id])
}

/** An item that waits for the act, with what its plan knows of it. */
export type OpenItem = { ordinal: number; tid: string; mid: string; given: ItemGiven | null }
const planKnows = `left join plan_terminal m on m.plan = $4 and m.tid = i.tid`
const itemGiven = `case when m.tid is null then i.given else jsonb_strip_nulls(jsonb_build_object('hold', m.hold, 'test', m.tested, 'testedBy', m.tested_by)) end as given`
/** The next items to be rehearsed or carried out, in order; `lock` passes by what another program has in hand. */
export const nextItems = (tx: Tx, { id, plan }: StoredBulk, after: number, max: number, lock: boolean): Promise<OpenItem[]> => tx.many<OpenItem>(
  `select i.ordinal, i.tid, i.mid, ${itemGiven} from bulk_item i ${planKnows}
   where i.bulk = $1 and i.ordinal > $2 and i.state in ('waiting', 'unable') order by i.ordinal limit $3 ${lock ? 'for update of i skip locked' : ''}`,
  [id, after, max, plan ?? null],
)

/** What the rehearsal found: those that cannot, and how far it is. */
export async function noteRehearsed(tx: Tx, bulk: string, unable: readonly { ordinal: number; refusal: Refusal }[], reached: number, isLast: boolean): Promise<void> {
  if (unable.length > 0) await tx.run(
    `update bulk_item i set state = 'unable', code = r.code, particulars = r.particulars
     from jsonb_to_recordset($2::jsonb) r(ordinal integer, code text, particulars jsonb) where i.bulk = $1 and i.ordinal = r.ordinal`,
    [bulk, JSON.stringify(unable.map((u) => ({ ordinal: u.ordinal, code: u.refusal.refused, particulars: u.refusal.with })))],
  )
  await tx.run(
    `update bulk set checked = $2, unable = unable + $3, state = case when $4 and state = 'checking' then 'ready' else state end, version = version + 1 where id = $1`,
    [bulk, reached, unable.length, isLast],
  )
}

/**
 * The parts of a batch's statement that are the bulk's own: items, counts, and the holds its plan now knows. Items are found by
 * their numbers ($9) and what was refused looked up beside them ($10): joined to a thousand rows the planner takes for one, it
 * would compare each with each.
 */
export const items_part = `update bulk_item i set state = case when $10::jsonb ? i.ordinal::text then 'refused' else 'done' end,
    code = $10::jsonb -> i.ordinal::text ->> 'code', particulars = $10::jsonb -> i.ordinal::text -> 'with', at = $7
  where i.bulk = $8::uuid and i.ordinal = any($9::int[]) returning 1`
export const itemsParams = (bulk: string, each: readonly { ordinal: number; refusal: Refusal | undefined }[]): readonly unknown[] => [
  bulk, each.map((e) => e.ordinal), JSON.stringify(Object.fromEntries(each.flatMap(({ ordinal, refusal }) => (refusal === undefined ? [] : [[ordinal, { code: refusal.refused, with: refusal.with }]])))),
]
export const counts_part = `update bulk b set done = b.done + r.done, refused = b.refused + r.refused, reached = greatest(b.reached, r.reached)
  from jsonb_to_recordset($1::jsonb->'counts') r(bulk uuid, done integer, refused integer, reached integer) where b.id = r.bulk returning 1`
export const planned_part = `update plan_terminal m set hold = ($11::jsonb ->> m.tid)::uuid
  where m.plan = $12::uuid and m.tid = any($5) and $11::jsonb ? m.tid returning 1`
export const plannedParams = (plan: string, holds: readonly { tid: string; hold: string }[]): readonly unknown[] =>
  [JSON.stringify(Object.fromEntries(holds.map((h) => [h.tid, h.hold]))), plan]

// ── Terminals, many at once ─────────────────────────────────────────────────────────────────────────────────────────
export type ManyTerminals = {
  terminals: StoredTerminal[]
  /** Wrapped keys, by merchant. */
  keys: ReadonlyMap<string, Buffer>
  /** Open cases, by terminal. */
  cases: ReadonlyMap<string, string[]>
}
type Raw = Record<string, unknown>

/**
 * What a batch reads is found by index, however small a table was when its plan was made: a plan kept from when there were no
 * holds would read all of them for every batch of a bulk that makes a hundred thousand. Off again before anything is written,
 * whose plans – triggers', too – are others' as well.
 */
export const readByIndex = async (tx: Tx, isOn: boolean): Promise<void> => { await tx.client.query(`set local enable_seqscan = ${isOn ? 'off' : 'on'}`) }

/** Terminals with the holds that still count, in order of their number. `withKeys` where words are sealed beside new holds. */
export async function readMany(tx: Tx, tids: readonly string[], withKeys: boolean): Promise<ManyTerminals> {
  const row = (await tx.one<{ terminals: Raw[] | null; holds: Raw[] | null; cases: { tid: string; no: string }[] | null; keys: { mid: string; key: string }[] | null }>(
    `select (select json_agg(t) from terminal t where t.tid = any($1)) as terminals,
       (select json_agg(h) from hold h where h.tid = any($1) and h.lifted_at is null and h.withdrawn_at is null) as holds,
       (select json_agg(json_build_object('tid', a.tid, 'no', a.no)) from application_terminal a where a.tid = any($1) and a.open) as cases,
       case when $2 then (select json_agg(json_build_object('mid', m.mid, 'key', encode(m.wrapped_key, 'base64'))) from merchant m
         where m.mid in (select x.mid from terminal x where x.tid = any($1))) end as keys`, [tids, withKeys],
  ))!
  const holds = Map.groupBy(row.holds ?? [], (h) => h['tid'] as string)
  const byTime = (a: Raw, b: Raw): number => (`${a['effective_from']} ${a['id']}` < `${b['effective_from']} ${b['id']}` ? -1 : 1)
  return {
    terminals: (row.terminals ?? []).map((t) => terminalOf({ ...t, holds: holds.get(t['tid'] as string)?.toSorted(byTime) })).sort((a, b) => (a.tid < b.tid ? -1 : 1)),
    keys: new Map((row.keys ?? []).filter((k) => k.key !== null).map((k) => [k.mid, Buffer.from(k.key, 'base64')])),
    cases: new Map([...Map.groupBy(row.cases ?? [], (c) => c.tid)].map(([tid, of]) => [tid, of.map((c) => c.no)])),
  }
}

/** Locks terminals in order of their number; `skip` passes by those somebody else has in hand. */
export const lockMany = async (tx: Tx, tids: readonly string[], skip: boolean): Promise<string[]> =>
  (await tx.many<{ tid: string }>(`select tid from terminal where tid = any($1) order by tid for update ${skip ? 'skip locked' : ''}`, [tids])).map((r) => r.tid)
/** Terminals on which time has something to bring about, in order, after one; nobody else's. */
export const lockDue = async (tx: Tx, now: number, after: string, max: number): Promise<string[]> =>
  (await tx.many<{ tid: string }>('select tid from terminal where due_at <= $1 and tid > $2 order by tid limit $3 for update skip locked', [instantParam(now), after, max])).map((r) => r.tid)
/** How many terminals are due, counted up to a bound. */
export const countDue = async (tx: Tx, now: number, max: number): Promise<number> =>
  (await tx.one<{ n: number }>('select count(*)::int as n from (select from terminal where due_at <= $1 limit $2) d', [instantParam(now), max]))!.n
