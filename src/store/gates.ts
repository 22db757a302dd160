// The register of gates as the primary reads it, an operator's word on one of them, and what they counted.
import type { GateTerms } from '../domain/gates.ts'
import type { GateAlarm } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

/** The journal as it stood, and the gates as they stood after it: no gate that is missing here can know less than this head. */
export type Register = { epoch: number; seq: number; gates: RegisteredGate[] }
export type RegisteredGate = GateTerms & {
  id: string
  /** One run of a gate: another registration or another start is another run, which knows nothing of what an earlier one knew. */
  life: string
  epoch: number
  acknowledgedSeq: number
  acknowledgedAt: number
  heardAt: number
  /** The database's clock, no later than this reading. */
  asOf: number
}

type Row = {
  id: string; run: string; registered_at: number; epoch: number; acknowledged_seq: number; acknowledged_at: number; heard_at: number
  lease_until: number; standin_ms: number; fenced_at: number | null; left_at: number | null; now: number
}

/** Two statements in this order: the gates are read after the head. */
export async function readRegister(tx: Tx): Promise<Register> {
  const [head, rows] = await Promise.all([
    tx.one<{ epoch: number; seq: number }>('select epoch, seq from head_now()'),
    tx.many<Row>(
      `select id, run::text, registered_at, epoch, acknowledged_seq, acknowledged_at, heard_at, lease_until, standin_ms, fenced_at, left_at, now() as now
       from gate order by id`,
    ),
  ])
  return {
    ...head!,
    gates: rows.map((r) => ({
      id: r.id, life: `${r.run} ${r.registered_at}`, epoch: r.epoch, acknowledgedSeq: r.acknowledged_seq, acknowledgedAt: r.acknowledged_at,
      heardAt: r.heard_at, leaseUntil: r.lease_until, standin_ms: r.standin_ms, fencedAt: r.fenced_at ?? undefined, leftAt: r.left_at ?? undefined, asOf: r.now,
    })),
  }
}

// ── For people ──────────────────────────────────────────────────────────────────────────────────────────────────────
export type GateRow = GateTerms & {
  id: string
  startedAt: number
  registeredAt: number
  heardAt: number
  doors: Record<string, unknown>
  epoch: number
  acknowledgedSeq: number
  acknowledgedAt: number
  /** Where the primary's journal stands. */
  headSeq: number
  digest: string
  size: number
  skew_ms: number
  lag_ms: number
  decisionsPerSecond: number
  alarm: GateAlarm | undefined
  alarmAt: number | undefined
  tightenedAt: number | undefined
  readmittedAt: number | undefined
  readmittedBy: string | undefined
  fencedBy: string | undefined
  fencedWords: string | undefined
  asOf: number
}

const rowsSql = `select g.id, g.started_at as "startedAt", g.registered_at as "registeredAt", g.heard_at as "heardAt", g.doors, g.epoch,
  g.acknowledged_seq as "acknowledgedSeq", g.acknowledged_at as "acknowledgedAt", h.seq as "headSeq", g.digest, g.size, g.skew_ms, g.lag_ms,
  g.decisions_per_second as "decisionsPerSecond", g.alarm, g.alarm_at as "alarmAt", g.tightened_at as "tightenedAt",
  g.readmitted_at as "readmittedAt", g.readmitted_by as "readmittedBy", g.fenced_by as "fencedBy", g.fenced_words as "fencedWords",
  g.lease_until as "leaseUntil", g.standin_ms, g.fenced_at as "fencedAt", g.left_at as "leftAt", now() as "asOf"
  from gate g, journal_head h`

/** What is empty is absent. */
const present = <T extends object>(row: T): T => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, v ?? undefined])) as T

/** Gates that are there or were not long ago, by name. */
export const listGates = async (tx: Tx, count_max: number): Promise<GateRow[]> =>
  (await tx.many<GateRow>(`${rowsSql} order by g.left_at is not null, g.id limit $1`, [count_max])).map(present)
export const readGate = async (tx: Tx, id: string): Promise<GateRow | undefined> => {
  const row = await tx.one<GateRow>(`${rowsSql} where g.id = $1`, [id])
  return row && present(row)
}

export const lockGate = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.one('select id from gate where id = $1 for update', [id])) !== undefined

/** From the next renewal on it gets no lease. */
export const fence = (tx: Tx, id: string, by: string, words: string): Promise<number> =>
  tx.run('update gate set fenced_at = clock_timestamp(), fenced_by = $2, fenced_words = $3 where id = $1', [id, by, words])

/** It is given a lease again, and may open what a lost history made it keep shut. */
export const readmit = (tx: Tx, id: string, by: string): Promise<number> =>
  tx.run(
    'update gate set fenced_at = null, fenced_by = null, fenced_words = null, readmitted_at = clock_timestamp(), readmitted_by = $2 where id = $1', [id, by],
  )

export type MinuteRow = { at: number; decisions: number; approved: number; codes: Record<string, number> }
/** What a gate answered, minute by minute, newest first. */
export const readMinutes = (tx: Tx, id: string, before: number | undefined, count_max: number): Promise<MinuteRow[]> =>
  tx.many<MinuteRow>(
    `select at, decisions, approved, codes from gate_minute where gate = $1 and at < coalesce($2::timestamptz, 'infinity') order by at desc limit $3`,
    [id, instantParam(before), count_max],
  )

// ── Stops that are near ─────────────────────────────────────────────────────────────────────────────────────────────
export type NearStop = { tid: string; provider: string; mid: string; seq: number; at: number }
/** Stops that begin after `now` and by `until`, and the journal number by which gates know of them. */
export const nearStops = (tx: Tx, now: number, until: number, count_max: number): Promise<NearStop[]> =>
  tx.many<NearStop>(
    `select t.tid, t.provider, t.mid, t.gate_seq as seq, min(h.effective_from) as at from terminal t join hold h on h.tid = t.tid
     where t.due_at <= $2 and h.effect = 'stop' and h.started_at is null and h.withdrawn_at is null and h.effective_from > $1 and h.effective_from <= $2
     group by t.tid order by at, t.tid limit $3`, [instantParam(now), instantParam(until), count_max],
  )
/** The first instant after `now` at which a stop begins or something else falls due on a terminal. */
export const firstDueAfter = async (tx: Tx, now: number): Promise<number | undefined> =>
  (await tx.one<{ at: number | null }>('select min(due_at) as at from terminal where due_at > $1', [instantParam(now)]))?.at ?? undefined

// ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type GateCounts = { outstanding: number; silent: number; attempts: number; standins: number; waiting: number }
/** Each from an index of its own: stops are few among terminals, and what a day brings is little. */
export const gateCounts = async (tx: Tx, now: number, today: string, midnight: number): Promise<GateCounts> =>
  (await tx.one<GateCounts>(
    `select
      (select count(*)::int from terminal t where t.service in ('draining', 'suspended') and t.host_blocked_at is null and t.due_at <= $1) as outstanding,
      (select count(*)::int from terminal t where t.service in ('draining', 'suspended') and t.device_silent_at is not null) as silent,
      (select coalesce(sum(count), 0)::int from gate_attempt where day = $2::date) as attempts,
      (select count(*)::int from gate_report where kind = 'standin' and at >= $3) as standins,
      (select count(*)::int from gate_report where taken_at is null) as waiting`,
    [instantParam(now), today, instantParam(midnight)],
  ))!

/** What each gate answered in the last whole minute it told of, by code; what was approved counts under 00. */
export const lastMinutes = (tx: Tx): Promise<{ gate: string; code: string; count: number }[]> =>
  tx.many(
    `select m.gate, c.code, c.count from gate g cross join lateral (
       select gate, approved, codes from gate_minute m where m.gate = g.id and m.at >= now() - interval '10 min' and m.at <= date_trunc('minute', now()) - interval '1 min'
       order by m.at desc limit 1) m
     cross join lateral (select '00' as code, m.approved::int as count union all select key, value::int from jsonb_each_text(m.codes) where key <> '00') c
     where g.left_at is null order by 1, 2`,
  )
