// What a gate asks of the database, under its own role: where the primary's journal stands, every terminal changed after a
// sequence number in commit order, all of them, the providers' rules, the keys – and what it says: that it is alive and how
// far it has come, what it saw, what it answered. A terminal row carries the sequence of its last change only, so the feed
// is always compact; that number is also the entry's version.
import { z } from 'zod'
import { settledAt, type Registered } from '../domain/gate-entry.ts'
import { standinDefaults, type GateRules } from '../domain/gate.ts'
import { policySchema } from '../domain/policy.ts'
import type { Terminal } from '../domain/terminal.ts'
import type { PartyKind, Role } from '../domain/vocabulary.ts'
import { instantParam } from './db.ts'
import { holdOf } from './dossier.ts'
import type { Single } from './single.ts'

export const gateRole = 'tingqi_gate'

type Asking = Pick<Single, 'many' | 'one' | 'run'>

/** Where the primary stands. */
/** Where the primary stands. */
export const readHead = async (db: Asking): Promise<Head> => (await db.one<Head>('select epoch, seq, hash from head_now()'))!
/** Where the primary stands; `hash` says which history that is, `hand` where its manual clock is, if it has one. */
export type Head = { epoch: number; seq: number; hash: string }
/** `asOf`: the instant the entry is made for, the same wherever and whenever it is made. */
export type GateRow = { seq: number; terminal: Terminal; registered: Registered; asOf: number }

// ── The register ────────────────────────────────────────────────────────────────────────────────────────────────────
export type Said = {
  id: string
  run: string
  epoch: number
  acknowledgedSeq: number
  /** Since when, by this gate's clock; absent where a manual clock rules. */
  acknowledgedAt: number | undefined
  digest: string
  size: number
  clockAt: number | undefined
  lease_ms: number
  standin_ms: number
  skew_ms: number
  lag_ms: number
  decisionsPerSecond: number
  alarm: string | undefined
  isTightened: boolean
  /** The primary has not been told of this acknowledgement yet: it is woken to read it. */
  isNews: boolean
}
export type Heard = Head & {
  hand: number | null
  clock: 'real' | 'manual'
  /** The database's clock, epoch ms. */
  at: number
  /** Null where there is no such gate any more, or another run has taken its name. */
  fenced: boolean | null
  readmitted: boolean | null
  isDisplaced: boolean
  /** Differs when providers' rules, or keys, may have changed. */
  rules: string
  keys: string
}

const lease = (parameter: string): string => `clock_timestamp() + ${parameter} * interval '1 ms'`
const stamps = `
  (select coalesce(md5(string_agg(concat_ws(' ', p.provider, p.version, p.effective_from), ',' order by p.provider, p.version)), '') from policy p where p.effective_from is not null)
    || (select coalesce(md5(string_agg(concat_ws(' ', id, hotline), ',' order by id)), '') from provider) as rules,
  (select concat_ws(' ', count(*), max(created_at), count(revoked_at), max(revoked_at)) from api_key) as keys`

/** Renews the lease and says how far we are, in one statement; `null` where the database was never set up. */
export const beat = async (db: Asking, said: Said): Promise<Heard | undefined> => db.one<Heard>(
  `with head as materialized (select * from head_now()),
   said as (
     update gate g set heard_at = clock_timestamp(), left_at = null,
       lease_until = case when g.fenced_at is null then ${lease('$3')} else g.lease_until end,
       acknowledged_at = case when (g.epoch, g.acknowledged_seq) is distinct from ($4::int, $5::bigint) then greatest(clock_timestamp(), $6::timestamptz) else g.acknowledged_at end,
       epoch = $4, acknowledged_seq = $5, digest = $7, size = $8, clock_at = $9, standin_ms = $10, skew_ms = $11, lag_ms = $12,
       decisions_per_second = $13, alarm = $14, alarm_at = case when $14::text is null then null when g.alarm is distinct from $14 then clock_timestamp() else g.alarm_at end,
       tightened_at = case when $15 then coalesce(g.tightened_at, clock_timestamp()) end
     where g.id = $1 and g.run = $2
     returning g.fenced_at is not null as fenced, coalesce(g.readmitted_at >= g.tightened_at, false) as readmitted)
   select h.epoch, h.seq, h.hash, h.now as hand, i.clock, clock_timestamp() as at, s.fenced, s.readmitted,
     s.fenced is null and exists (select from gate where id = $1) as "isDisplaced", case when $16 then pg_notify('tingqi_gate', $1)::text end, ${stamps}
   from installation i cross join head h left join said s on true`,
  [said.id, said.run, said.lease_ms, said.epoch, said.acknowledgedSeq, instantParam(said.acknowledgedAt), said.digest, said.size,
    instantParam(said.clockAt), said.standin_ms, said.skew_ms, said.lag_ms, said.decisionsPerSecond, said.alarm ?? null, said.isTightened, said.isNews],
)

export type Registering = {
  id: string; token: string; run: string; startedAt: number; doors: object; epoch: number; acknowledgedSeq: number; lease_ms: number; standin_ms: number
}
/** False where another gate bears the name and its word may still count. */
export const register = async (db: Asking, g: Registering): Promise<boolean> => (await db.run(
  `insert into gate as g (id, token, run, started_at, doors, epoch, acknowledged_seq, acknowledged_at, heard_at, lease_until, standin_ms)
   values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), clock_timestamp(), ${lease('$8')}, $9)
   on conflict (id) do update set token = excluded.token, run = excluded.run, started_at = excluded.started_at, registered_at = clock_timestamp(),
     doors = excluded.doors, epoch = excluded.epoch, acknowledged_seq = excluded.acknowledged_seq, acknowledged_at = excluded.acknowledged_at,
     heard_at = excluded.heard_at, standin_ms = excluded.standin_ms, left_at = null,
     lease_until = case when g.fenced_at is null then excluded.lease_until else g.lease_until end
   where g.token = excluded.token or g.left_at is not null or g.lease_until + g.standin_ms * interval '1 ms' < clock_timestamp()`,
  [g.id, g.token, g.run, instantParam(g.startedAt), JSON.stringify(g.doors), g.epoch, g.acknowledgedSeq, g.lease_ms, g.standin_ms],
)) > 0

/** It answers nothing any more. */
export const signOff = (db: Asking, id: string, run: string): Promise<number> =>
  db.run('update gate set left_at = clock_timestamp(), lease_until = least(lease_until, clock_timestamp()) where id = $1 and run = $2', [id, run])
export const sayDoors = (db: Asking, id: string, run: string, doors: object): Promise<number> =>
  db.run('update gate set doors = $3 where id = $1 and run = $2', [id, run, JSON.stringify(doors)])

/** Gates on a lease that have not yet taken over where the manual clock stands. */
export const gatesBehindClock = async (db: Asking, now: number): Promise<string[]> => (await db.many<{ id: string }>(
  `select id from gate where left_at is null and fenced_at is null and lease_until > clock_timestamp() and clock_at is distinct from $1::timestamptz order by id`,
  [instantParam(now)],
)).map((g) => g.id)

// ── Which history ───────────────────────────────────────────────────────────────────────────────────────────────────
/** Whether the database's journal has this row: whether what was known is part of what it knows. */
export const hasHistory = async (db: Asking, { seq, hash }: Pick<Head, 'seq' | 'hash'>): Promise<boolean> =>
  seq <= 0 || (await db.one<{ hash: string }>(`select encode(hash, 'hex') as hash from journal where seq = $1`, [seq]))?.hash === hash
/** Makes the primary count its epochs on from one that was seen in another history. */
export const countOnFrom = async (db: Asking, epoch: number): Promise<void> => { await db.one('select epoch from head_now($1)', [epoch]) }

// ── Terminals ───────────────────────────────────────────────────────────────────────────────────────────────────────
// biome-ignore lint/suspicious/noExplicitAny: a row as PostgreSQL's JSON.
type Raw = Record<string, any>

// Lifted holds tell when an unbroken stop began. Every column is named: what is sealed is none of a gate's business. In an
// order of their own: rows move when they are written, and the same entry must come of the same holds.
const holds = `(select jsonb_agg(jsonb_build_object('id', h.id, 'reason', h.reason, 'owner', h.owner, 'effect', h.effect, 'effective_from', h.effective_from,
    'drain_until', h.drain_until, 'expected_until', h.expected_until, 'case_no', h.case_no, 'started_at', h.started_at, 'shut_at', h.shut_at,
    'cleared_at', h.cleared_at, 'lifted_at', h.lifted_at) order by h.effective_from, h.id) from hold h
  where h.tid = t.tid and h.withdrawn_at is null and (h.lifted_at is null or h.lifted_at >= t.installed_at))`
/** Of a terminal that is in service and has no device on it. */
const no_serial = '-'
/** A day before the program's clock: what was installed before that is not yet to come. */
const long_installed = `(select coalesce(i.now, clock_timestamp()) - interval '1 day' from installation i)`
const rowSql = `select x.*, case when x.holds is not null or x.installed_at > ${long_installed} then committed_at(x.gate_seq) end as committed_at from (
  select t.tid, t.mid, t.provider, t.serial, t.gate_seq, t.installed_at, t.setup_at, t.closed_at, t.sign_on_required, t.clear, s.longitude, s.latitude, ${holds} as holds
  from terminal t left join store s on s.id = t.store_id`

const maybe = <T>(value: T | null): T | undefined => value ?? undefined

const rowOf = (r: Raw): GateRow => {
  const terminal: Terminal = {
    id: r['tid'], tid: r['tid'], installedAt: maybe(r['installed_at']), closedAt: maybe(r['closed_at']), signOnRequired: r['sign_on_required'],
    setupAt: maybe(r['setup_at']), clear: r['clear'], holds: ((r['holds'] ?? []) as Raw[]).map(holdOf),
  }
  return {
    seq: r['gate_seq'], terminal, asOf: settledAt(terminal, maybe(r['committed_at'])),
    registered: {
      // With its device taken off, no serial is its own: any that is sent differs.
      mid: r['mid'], provider: r['provider'], serial: maybe(r['serial']) ?? (r['closed_at'] === null && r['installed_at'] !== null ? no_serial : undefined), longitude: maybe(r['longitude']), latitude: maybe(r['latitude']),
      merchantStopped: false, version: r['gate_seq'],
    },
  }
}

/** Terminals changed after `after`, whole commits at a time: the last sequence number is never split. */
export const changedAfter = async (db: Asking, after: number, count_max: number): Promise<GateRow[]> =>
  (await db.many<Raw>(
    `${rowSql} where t.gate_seq > $1 order by t.gate_seq fetch first ${Math.trunc(count_max)} rows with ties) x order by x.gate_seq`, [after],
  )).map(rowOf)

/** The next terminals by number, to be compared with what a gate holds. */
export const terminalsAfter = async (db: Asking, tid: string, count_max: number): Promise<GateRow[]> =>
  (await db.many<Raw>(`${rowSql} where t.tid > $1 and t.gate_seq > 0 order by t.tid limit $2) x order by x.tid`, [tid, count_max])).map(rowOf)

export const terminalsNamed = async (db: Asking, tids: readonly string[]): Promise<GateRow[]> =>
  (await db.many<Raw>(`${rowSql} where t.tid = any($1)) x`, [tids])).map(rowOf)

/** Terminals with a hold that is not over, or a life that is not simply "installed": each a story of its own. */
export const storiedTerminals = async (db: Asking, after: string, count_max: number): Promise<GateRow[]> => (await db.many<Raw>(
  `${rowSql} where t.tid > $1 and t.gate_seq > 0 and (t.closed_at is not null or t.installed_at is null or t.installed_at > ${long_installed}
     or exists (select from hold h where h.tid = t.tid and h.lifted_at is null and h.withdrawn_at is null))
   order by t.tid limit $2) x order by x.tid`, [after, count_max],
)).map(rowOf)

/** For a gate that makes room before it reads them. */
export const countTerminals = async (db: Asking): Promise<number> => (await db.one<{ count: number }>('select count(*)::int as count from terminal'))!.count

/** All that most terminals are: registered, installed, never held now. One text per terminal, fields apart by tabs. */
export const plainCursor = `declare plain no scroll cursor for select concat_ws(E'\\t', t.tid, t.mid, t.provider, coalesce(t.serial, '${no_serial}'), t.gate_seq,
    case when t.sign_on_required then 1 else 0 end, coalesce(s.longitude::text, ''), coalesce(s.latitude::text, ''))
  from terminal t left join store s on s.id = t.store_id where t.gate_seq > 0`
export const plainFetch = (count: number): string => `fetch ${Math.trunc(count)} from plain`

// ── Rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────
/** A provider's rules from an instant on; the first also before it. */
export type RulesFrom = { from: number; rules: GateRules }

const gateSection = policySchema.shape.gate
const rulesRow = z.object({ provider: z.string(), hotline: z.string(), gate: gateSection, effective_from: z.number() })

/** Policies in force now and to come, by provider and in order of time. */
export async function readRules(db: Asking): Promise<RulesFrom[]> {
  const rows = await db.many<Raw>(
    `select p.id as provider, p.hotline, y.document -> 'gate' as gate, y.effective_from from provider p join policy y on y.provider = p.id
     where y.effective_from is not null order by p.id, y.effective_from, y.version`,
  )
  return rows.map((row) => {
    const { provider, hotline, gate, effective_from } = rulesRow.parse(row)
    return { from: effective_from, rules: { standin: standinDefaults, ...gate, provider, hotline, responseCodes: gate.responseCodes as GateRules['responseCodes'] } }
  })
}

// ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Whose key this is, by its SHA-256 in base64. */
export type GateKey = { hash: string; role: Role; party: { kind: PartyKind; id: string } }
export const readKeys = async (db: Asking): Promise<GateKey[]> => (await db.many<{ hash: string; role: Role; party_kind: PartyKind; party_id: string }>(
  `select encode(k.hash, 'base64') as hash, a.role, a.party_kind, a.party_id from api_key k join account a on a.id = k.account
   where k.revoked_at is null and a.disabled_at is null`,
)).map(({ hash, role, party_kind, party_id }) => ({ hash, role, party: { kind: party_kind, id: party_id } }))

// ── What it saw ─────────────────────────────────────────────────────────────────────────────────────────────────────
/** A report as it travels: its number, and its body as JSON. */
export type Report = { ordinal: number; kind: string; at: number; tid?: string | undefined; provider?: string | undefined; mid?: string | undefined; body: object }
export const sendReports = (db: Asking, gate: string, reports: readonly Report[]): Promise<number> => db.run(
  `insert into gate_report (gate, ordinal, kind, at, tid, provider, mid, body)
   select $1, r.ordinal, r.kind, to_timestamp(r.at / 1000.0), r.tid, r.provider, r.mid, r.body
   from jsonb_to_recordset($2) r(ordinal bigint, kind text, at bigint, tid text, provider text, mid text, body jsonb) on conflict do nothing`,
  [gate, JSON.stringify(reports)],
)

export type Minute = { at: number; decisions: number; approved: number; codes: Record<string, number> }
export const sendMinutes = (db: Asking, gate: string, minutes: readonly Minute[]): Promise<number> => db.run(
  `insert into gate_minute (gate, at, decisions, approved, codes)
   select $1, to_timestamp(r.at / 1000), r.decisions, r.approved, r.codes from jsonb_to_recordset($2) r(at bigint, decisions bigint, approved bigint, codes jsonb)
   on conflict (gate, at) do update set decisions = gate_minute.decisions + excluded.decisions, approved = gate_minute.approved + excluded.approved,
     codes = (select jsonb_object_agg(x.key, x.count) from (
       select key, sum(value::bigint) as count from (select * from jsonb_each_text(gate_minute.codes) union all select * from jsonb_each_text(excluded.codes)) each
       group by key) x)`,
  [gate, JSON.stringify(minutes)],
)

