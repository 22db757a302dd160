// Replays as rows: what was asked, how far it is, what it found; and the cases that differ, one row each.
import type { Group, Difference, PastCase } from '../domain/replay.ts'
import type { SubmittedFacts } from '../domain/application/case.ts'
import type { ReplayDifference, ReplayState } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

export type StoredReplay = {
  id: string
  provider: string
  version: number
  document: string
  since: number | null
  until: number | null
  state: ReplayState
  stopRequested: boolean
  reached: string
  total: number
  looked: number
  unknown: number
  differing: number
  otherwise: number
  groups: Group[]
  requestedBy: string
  createdAt: number
  begunAt: number | null
  endedAt: number | null
}
const columns = `id, provider, version, document_sha256 as document, since, until, state, stop_requested as "stopRequested", reached, total, looked, unknown, differing,
  otherwise, groups, requested_by as "requestedBy", created_at as "createdAt", begun_at as "begunAt", ended_at as "endedAt"`

type Period = Pick<StoredReplay, 'provider' | 'since' | 'until'>
const inPeriod = `a.provider = $1 and a.submitted_at is not null and ($2::timestamptz is null or a.submitted_at >= $2) and ($3::timestamptz is null or a.submitted_at < $3)`

export const countPast = async (tx: Tx, { provider, since, until }: Period): Promise<number> =>
  (await tx.one<{ n: number }>(`select count(*) as n from application a where ${inPeriod}`, [provider, instantParam(since), instantParam(until)]))!.n

export const insertReplay = (tx: Tx, r: StoredReplay): Promise<number> =>
  tx.run(
    `insert into policy_replay (id, provider, version, document_sha256, since, until, state, total, requested_by, created_at) values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9)`,
    [r.id, r.provider, r.version, r.document, instantParam(r.since), instantParam(r.until), r.total, r.requestedBy, instantParam(r.createdAt)],
  )
export const readReplay = (tx: Tx, id: string, lock = false): Promise<StoredReplay | undefined> =>
  tx.one<StoredReplay>(`select ${columns} from policy_replay where id = $1 ${lock ? 'for update' : ''}`, [id])
/** Of one version, newest first. */
export const listReplays = (tx: Tx, provider: string, version: number, limit: number): Promise<StoredReplay[]> =>
  tx.many<StoredReplay>(`select ${columns} from policy_replay where provider = $1 and version = $2 order by created_at desc, id limit $3`, [provider, version, limit])
export const unfinishedReplays = (tx: Tx): Promise<StoredReplay[]> => tx.many<StoredReplay>(`select ${columns} from policy_replay where ended_at is null order by created_at, id`)
export const requestReplayStop = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run(
    `update policy_replay set stop_requested = true, state = case when state = 'queued' then 'stopped' else state end,
       ended_at = case when state = 'queued' then $2::timestamptz end where id = $1`, [id, instantParam(now)],
  )
export const endReplay = (tx: Tx, id: string, state: ReplayState, now: number): Promise<number> =>
  tx.run('update policy_replay set state = $2, ended_at = $3 where id = $1 and ended_at is null', [id, state, instantParam(now)])

/** The next cases behind `after`, in order of their number; facts are absent of those submitted before they were kept. */
export async function pastCases(tx: Tx, { provider, since, until }: Period, after: string, limit: number): Promise<(Omit<PastCase, 'with' | 'version'> & { version: number | null; with: SubmittedFacts | null })[]> {
  return tx.many(
    `select a.no, a.submitted_at as "submittedAt", a.policy_version as version, a.submitted_with as "with" from application a where ${inPeriod} and a.no > $4 order by a.no limit $5`,
    [provider, instantParam(since), instantParam(until), after, limit],
  )
}

export type Found = { no: string; otherwise: boolean; differences: readonly Difference[] }
/** Writes down a stretch with what it found, in one; answers whether somebody asked for a stop. */
export async function noteStretch(tx: Tx, r: StoredReplay, found: readonly Found[], now: number): Promise<boolean> {
  await tx.run(
    `insert into policy_replay_case (replay, no, provider, otherwise, differences)
     select $1, x.no, $2, x.otherwise, x.differences from jsonb_to_recordset($3) x(no text, otherwise boolean, differences jsonb) on conflict do nothing`,
    [r.id, r.provider, JSON.stringify(found)],
  )
  const row = await tx.one<{ stop: boolean }>(
    `update policy_replay set state = 'running', begun_at = coalesce(begun_at, $2), reached = $3, looked = $4, unknown = $5, differing = $6, otherwise = $7, groups = $8
     where id = $1 and ended_at is null returning stop_requested as stop`,
    [r.id, instantParam(now), r.reached, r.looked, r.unknown, r.differing, r.otherwise, JSON.stringify(r.groups)],
  )
  return row?.stop ?? true
}

/** Cases that differ, in order of their number. */
export const replayedCases = (
  tx: Tx, replay: string, { what, otherwise, after, limit }: { what?: ReplayDifference | undefined; otherwise?: boolean | undefined; after: string; limit: number },
): Promise<Found[]> =>
  tx.many<Found>(
    `select no, otherwise, differences from policy_replay_case where replay = $1 and no > $2 and (not $3 or otherwise)
       and ($4::text is null or exists (select from jsonb_array_elements(differences) d where d ->> 'what' = $4)) order by no limit $5`,
    [replay, after, otherwise ?? false, what ?? null, limit],
  )
