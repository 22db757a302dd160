// Deliveries as rows: taken under a lease by whoever carries them, and written back with what came of it. A lease that ran out
// – its carrier died – makes a row free again; what it knew of the attempt is lost, and the message goes once more under the
// same id. Leases are measured by the database's own clock, due moments by the program's.
import type { DeliveryChannel, DeliveryFailure, DeliveryState, Language, LetterKind, NoticeKind } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'
import type { EventRow } from './telling-events.ts'

export type Taken = { id: string; channel: DeliveryChannel; attempts: number }

/**
 * Takes what is due, the oldest first. Endpoints stand beside each other: each has so many under way at most, one that is
 * failing a single one, so that none keeps the others waiting. A letter goes once its PDF is there.
 */
export const takeDue = (tx: Tx, now: number, asked: { channels: readonly string[]; count_max: number; perEndpoint_max: number; lease_s: number }): Promise<Taken[]> =>
  tx.many<Taken>(
    `with room as (
       select w.id, greatest(0, case when w.failing_since is null then $3::int else 1 end
         - (select count(*) from delivery l where l.webhook = w.id and l.leased_until > clock_timestamp())::int) as room
       from webhook w where w.disabled_at is null and w.removed_at is null
         and exists (select from delivery d where d.webhook = w.id and d.state = 'waiting' and d.next_at <= $1)
     ), due as (
       (select d.id, d.next_at, d.ordinal from room r cross join lateral (
         select d.id, d.next_at, d.ordinal from delivery d where d.webhook = r.id and d.state = 'waiting' and d.next_at <= $1
           and (d.leased_until is null or d.leased_until < clock_timestamp()) order by d.next_at, d.ordinal limit r.room) d)
       union all
       (select d.id, d.next_at, d.ordinal from delivery d where d.webhook is null and d.state = 'waiting' and d.next_at <= $1 and d.channel = any($2)
          and (d.leased_until is null or d.leased_until < clock_timestamp())
          and (d.letter is null or exists (select from letter_pdf p where p.no = d.letter)) order by d.next_at, d.ordinal limit $4)
       order by next_at, ordinal limit $4
     )
     update delivery d set attempts = d.attempts + 1, leased_until = clock_timestamp() + make_interval(secs => $5)
     from (select id from delivery where id in (select id from due) and state = 'waiting' and (leased_until is null or leased_until < clock_timestamp())
       for update skip locked) t
     where d.id = t.id returning d.id, d.channel, d.attempts`,
    [instantParam(now), asked.channels, asked.perEndpoint_max, asked.count_max, asked.lease_s],
  )

/** Everything a carrier needs of one delivery. */
export type Content = {
  id: string
  channel: DeliveryChannel
  address: Buffer | null
  contact: string | null
  contactRemoved: boolean
  /** Of the contact, or of the merchant whose register gave the telephone. */
  mid: string | null
  wrappedKey: Buffer | null
  language: Language | null
  notice: { kind: NoticeKind; words: [string, string]; caseNo: string | null; tid: string | null; provider: string } | null
  letter: { no: string; kind: LetterKind; provider: string } | null
  pdf: Buffer | null
  event: EventRow | null
  webhook: { id: string; url: string; secret: Buffer; oldSecret: Buffer | null; oldUntil: number | null; disabled: boolean; removed: boolean } | null
}

type Raw = {
  id: string; channel: DeliveryChannel; address: Buffer | null; contact: string | null; contact_removed: boolean; mid: string | null; wrapped_key: Buffer | null
  language: Language | null; notice: Content['notice']; letter: Content['letter']; pdf: Buffer | null
  webhook: string | null; url: string; secret_sealed: Buffer; old_secret_sealed: Buffer | null; old_until: number | null; disabled: boolean; removed: boolean
  e_id: string | null
} & EventRow

export async function contentOf(tx: Tx, id: string): Promise<Content | undefined> {
  const r = await tx.one<Raw>(
    `select d.id, d.channel, d.address_sealed as address, d.contact, c.removed_at is not null as contact_removed,
       case when c.id is null then d.mid else c.mid end as mid, m.wrapped_key, d.language,
       case when n.id is not null then json_build_object('kind', n.kind, 'words', json_build_array(n.words_zh, n.words_en), 'caseNo', n.case_no, 'tid', n.tid, 'provider', n.provider) end as notice,
       case when l.no is not null then json_build_object('no', l.no, 'kind', l.kind, 'provider', l.provider) end as letter, p.pdf,
       d.webhook, w.url, w.secret_sealed, w.old_secret_sealed, w.old_until, w.disabled_at is not null as disabled, w.removed_at is not null as removed,
       e.id as e_id, e.journal_seq, e.ordinal, e.kind, e.provider, e.mid as e_mid, e.tid, e.seq, e.case_no, e.at, e.body
     from delivery d left join contact c on c.id = d.contact left join merchant m on m.mid = case when c.id is null then d.mid else c.mid end
     left join notice n on n.id = d.notice left join letter l on l.no = d.letter left join letter_pdf p on p.no = d.letter
     left join webhook w on w.id = d.webhook left join event e on (e.journal_seq, e.ordinal) = (d.event_seq, d.event_ordinal)
     where d.id = $1`, [id],
  )
  return r && {
    id: r.id, channel: r.channel, address: r.address, contact: r.contact, contactRemoved: r.contact_removed, mid: r.mid, wrappedKey: r.wrapped_key,
    language: r.language, notice: r.notice, letter: r.letter, pdf: r.pdf,
    event: r.e_id === null ? null : { ...r, id: r.e_id, mid: (r as unknown as { e_mid: string }).e_mid },
    webhook: r.webhook === null ? null : {
      id: r.webhook, url: r.url, secret: r.secret_sealed, oldSecret: r.old_secret_sealed, oldUntil: r.old_until, disabled: r.disabled, removed: r.removed,
    },
  }
}

export type Settled = { state: DeliveryState; failure: DeliveryFailure | undefined; proof: object | undefined; nextAt: number | undefined }

/** Writes down what came of one attempt; nothing where the lease was lost and another attempt has begun. */
export const settleDelivery = (tx: Tx, { id, attempts }: Taken, { state, failure, proof, nextAt }: Settled, now: number): Promise<number> =>
  tx.run(
    `update delivery set state = $3, failure = $4, proof = $5, next_at = coalesce($6, next_at), leased_until = null, done_at = case when $3 = 'waiting' then null else $7::timestamptz end
     where id = $1 and attempts = $2 and state = 'waiting'`,
    [id, attempts, state, failure ?? null, proof === undefined ? null : JSON.stringify(proof), instantParam(nextAt), instantParam(now)],
  )

export const endpointSucceeded = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run('update webhook set succeeded_at = $2, failing_since = null where id = $1', [id, instantParam(now)])
/** Since when it has been failing. */
export const endpointFailed = async (tx: Tx, id: string, now: number): Promise<number> =>
  (await tx.one<{ failing_since: number }>('update webhook set failing_since = coalesce(failing_since, $2) where id = $1 returning failing_since', [id, instantParam(now)]))!.failing_since

/** What waits and will not go any more is given up; with `channels`, only what has waited for a carrier since before `before`. */
export const giveUp = (tx: Tx, of: { webhook: string } | { contact: string } | { channels: readonly string[]; before: number }, failure: DeliveryFailure, now: number): Promise<number> => {
  const [where, value] = 'webhook' in of ? ['webhook = $3', of.webhook] : 'contact' in of ? ['contact = $3', of.contact] : ['channel = any($3) and created_at < $4', of.channels]
  return tx.run(
    `update delivery set state = 'given_up', failure = $1, done_at = $2, leased_until = null where state = 'waiting' and ${where}`,
    [failure, instantParam(now), value, ...('before' in of ? [instantParam(of.before)] : [])],
  )
}

// ── Read ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export type DeliveryRow = {
  id: string; ordinal: number; provider: string | null; mid: string | null; channel: DeliveryChannel; state: DeliveryState; attempts: number
  next_at: number; created_at: number; done_at: number | null; failure: DeliveryFailure | null; proof: Record<string, unknown> | null
  notice: string | null; notice_kind: NoticeKind | null; letter: string | null; event_kind: string | null; tid: string | null; case_no: string | null
  webhook: string | null; contact: string | null
}
const rowsSql = `select d.id, d.ordinal, d.provider, d.mid, d.channel, d.state, d.attempts, d.next_at, d.created_at, d.done_at, d.failure, d.proof,
    d.notice, n.kind as notice_kind, d.letter, e.kind as event_kind, coalesce(n.tid, e.tid) as tid, coalesce(n.case_no, e.case_no, l.case_no) as case_no, d.webhook, d.contact
  from delivery d left join notice n on n.id = d.notice left join letter l on l.no = d.letter
  left join event e on (e.journal_seq, e.ordinal) = (d.event_seq, d.event_ordinal)`

export type DeliveriesAsked = { state?: DeliveryState | undefined; channel?: DeliveryChannel | undefined; webhook?: string | undefined }
const asked = `($1::text is null or d.state = $1) and ($2::text is null or d.channel = $2) and ($3::uuid is null or d.webhook = $3)`
const ofLooker = (tx: Tx, mark: string): string => tx.scope === '*' ? `${mark}::text is null` : `d.${tx.scope.startsWith('p:') ? 'provider' : 'mid'} = ${mark}`
const own = (tx: Tx): string | null => (tx.scope === '*' ? null : tx.scope.slice(2))

/** Newest first. */
export const listDeliveries = (tx: Tx, { state, channel, webhook }: DeliveriesAsked, before: number | undefined, count_max: number): Promise<DeliveryRow[]> =>
  tx.many<DeliveryRow>(
    `${rowsSql} where ${asked} and ${ofLooker(tx, '$4')} and ($5::bigint is null or d.ordinal < $5) order by d.ordinal desc limit $6`,
    [state ?? null, channel ?? null, webhook ?? null, own(tx), before ?? null, count_max],
  )
export const countDeliveries = async (tx: Tx, { state, channel, webhook }: DeliveriesAsked, count_max: number): Promise<number> =>
  (await tx.one<{ n: number }>(
    `select count(*) as n from (select from delivery d where ${asked} and ${ofLooker(tx, '$4')} limit $5) x`, [state ?? null, channel ?? null, webhook ?? null, own(tx), count_max],
  ))!.n
export const readDelivery = (tx: Tx, id: string): Promise<DeliveryRow | undefined> => tx.one<DeliveryRow>(`${rowsSql} where d.id = $1`, [id])

export const lockDelivery = (tx: Tx, id: string): Promise<object | undefined> => tx.one('select id from delivery where id = $1 for update', [id])

/** Goes again from the beginning, under the same id; 0 while an attempt is under way. */
export const sendAgain = (tx: Tx, id: string, now: number): Promise<number> =>
  tx.run(
    `update delivery set state = 'waiting', attempts = 0, next_at = $2, leased_until = null, done_at = null, failure = null, proof = null
     where id = $1 and (leased_until is null or leased_until < clock_timestamp())`, [id, instantParam(now)],
  )
export const confirmPrinted = (tx: Tx, id: string, proof: object, now: number): Promise<number> =>
  tx.run(`update delivery set state = 'sent', proof = $2, done_at = $3, failure = null where id = $1 and state = 'waiting'`, [id, JSON.stringify(proof), instantParam(now)])

/** How many of each channel stand how, for the figures; what was delivered is not counted. */
export const deliveryCounts = (tx: Tx): Promise<{ channel: DeliveryChannel; state: DeliveryState; count: number }[]> =>
  tx.many(`select channel, state, count(*) as count from delivery where state <> 'sent' group by channel, state`)
export const endpointCounts = async (tx: Tx): Promise<{ active: number; failing: number; disabled: number }> =>
  (await tx.one<{ active: number; failing: number; disabled: number }>(
    `select count(*) filter (where disabled_at is null and failing_since is null) as active, count(*) filter (where disabled_at is null and failing_since is not null) as failing,
       count(*) filter (where disabled_at is not null) as disabled from webhook where removed_at is null`,
  ))!
