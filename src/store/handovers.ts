// Hand-overs of devices as rows: drawn up, answered, and – once both sides have signed – a link of every device's chain.
import type { Custodian, HandedDevice, Handover } from '../domain/custody.ts'
import type { InspectedPart } from '../domain/device.ts'
import type { Accessory, CustodianKind, HandoverState } from '../domain/vocabulary.ts'
import { instantParam, type Tx } from './db.ts'

/** The drawing of a signature, sealed with its merchant's key. */
export type StoredHandover = Handover & { words: string | undefined; drawing: Buffer | undefined }

type Row = {
  id: string; provider: string; mid: string | null; case_no: string | null; from_kind: CustodianKind; from_id: string; to_kind: CustodianKind; to_id: string; items: HandedDevice[]
  words: string | null; state: HandoverState; proposed_at: number; ended_at: number | null; given_by: string | null; given_drawing: Buffer | null; taken_by: string | null; taken_drawing: Buffer | null
}
const handoverOf = (r: Row): StoredHandover => ({
  id: r.id, provider: r.provider, mid: r.mid ?? undefined, caseNo: r.case_no ?? undefined, from: { kind: r.from_kind, id: r.from_id }, to: { kind: r.to_kind, id: r.to_id },
  items: r.items, words: r.words ?? undefined, state: r.state, proposedAt: r.proposed_at, endedAt: r.ended_at ?? undefined, givenBy: r.given_by ?? undefined,
  isGivenDrawn: r.given_drawing !== null, takenBy: r.taken_by ?? undefined, isTakenDrawn: r.taken_drawing !== null, drawing: r.given_drawing ?? r.taken_drawing ?? undefined,
})

export async function insertHandover(tx: Tx, h: StoredHandover): Promise<void> {
  await tx.run(
    `insert into handover (id, provider, mid, case_no, from_kind, from_id, to_kind, to_id, items, words, state, proposed_at, ended_at, given_by, given_drawing, taken_by, taken_drawing)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [h.id, h.provider, h.mid ?? null, h.caseNo ?? null, h.from.kind, h.from.id, h.to.kind, h.to.id, JSON.stringify(h.items), h.words ?? null, h.state, instantParam(h.proposedAt),
      instantParam(h.endedAt), h.givenBy ?? null, h.isGivenDrawn ? h.drawing : null, h.takenBy ?? null, h.isTakenDrawn ? h.drawing : null],
  )
  await tx.run(
    'insert into handover_device (handover, serial, provider, mid, open) select $1, s, $2, $3, $4 from unnest($5::text[]) s',
    [h.id, h.provider, h.mid ?? null, h.endedAt === undefined, h.items.map((i) => i.serial)],
  )
  if (h.state === 'done') await grow(tx, h)
}

export async function endHandover(tx: Tx, h: Handover): Promise<void> {
  await tx.run('update handover set state = $2, ended_at = $3, given_by = $4, taken_by = $5 where id = $1', [h.id, h.state, instantParam(h.endedAt), h.givenBy ?? null, h.takenBy ?? null])
  await tx.run('update handover_device set open = false where handover = $1', [h.id])
  if (h.state === 'done') await grow(tx, h)
}

const grow = (tx: Tx, h: Handover): Promise<number> => tx.run(
  `insert into custody (serial, handover, provider, mid, from_kind, from_id, to_kind, to_id, at, condition, accessories)
   select i.serial, $1, $2, $3, $4, $5, $6, $7, $8, i.condition, i.accessories from jsonb_to_recordset($9::jsonb) i(serial text, condition jsonb, accessories jsonb) order by i.serial`,
  [h.id, h.provider, h.mid ?? null, h.from.kind, h.from.id, h.to.kind, h.to.id, instantParam(h.endedAt), JSON.stringify(h.items)],
)

/** Undefined where it is not there or not the looker's; locked for who answers it. */
export const readHandover = async (tx: Tx, id: string, { lock = false } = {}): Promise<StoredHandover | undefined> => {
  const row = await tx.one<Row>(`select * from handover where id = $1${lock ? ' for update' : ''}`, [id])
  return row && handoverOf(row)
}

export type HandoversAsked = { state?: HandoverState | undefined; serial?: string | undefined; before?: { at: number; id: string } | undefined; limit: number }
const whereSql = `($1::text is null or h.state = $1) and ($2::text is null or exists (select from handover_device d where d.handover = h.id and d.serial = $2))`
/** Newest first. */
export const listHandovers = async (tx: Tx, { state, serial, before, limit }: HandoversAsked): Promise<StoredHandover[]> => (await tx.many<Row>(
  `select h.* from handover h where ${whereSql} and ($3::timestamptz is null or (h.proposed_at, h.id) < ($3, $4::uuid)) order by h.proposed_at desc, h.id desc limit $5`,
  [state ?? null, serial ?? null, instantParam(before?.at), before?.id ?? '00000000-0000-0000-0000-000000000000', limit],
)).map(handoverOf)
export const countHandovers = async (tx: Tx, { state, serial }: Pick<HandoversAsked, 'state' | 'serial'>, max: number): Promise<number> =>
  (await tx.one<{ n: number }>(`select count(*)::int as n from (select from handover h where ${whereSql} limit $3) x`, [state ?? null, serial ?? null, max]))!.n

export type Link = { handover: string; at: number; from: Custodian; to: Custodian; condition: InspectedPart[]; accessories: Accessory[]; givenBy: string | null; takenBy: string | null; isDrawn: boolean }
/** The chain of custody of a device, the latest link first. */
export const chainOf = async (tx: Tx, serial: string): Promise<Link[]> => (await tx.many<{
  handover: string; at: number; from_kind: CustodianKind; from_id: string; to_kind: CustodianKind; to_id: string; condition: InspectedPart[]; accessories: Accessory[]
  given_by: string | null; taken_by: string | null; drawn: boolean
}>(
  `select c.handover, c.at, c.from_kind, c.from_id, c.to_kind, c.to_id, c.condition, c.accessories, h.given_by, h.taken_by, (h.given_drawing is not null or h.taken_drawing is not null) as drawn
   from custody c join handover h on h.id = c.handover where c.serial = $1 order by c.id desc limit 200`, [serial],
)).map((r) => ({
  handover: r.handover, at: r.at, from: { kind: r.from_kind, id: r.from_id }, to: { kind: r.to_kind, id: r.to_id }, condition: r.condition, accessories: r.accessories,
  givenBy: r.given_by, takenBy: r.taken_by, isDrawn: r.drawn,
}))

export const namesOf = async (tx: Tx, persons: readonly string[]): Promise<Map<string, string>> =>
  new Map((await tx.many<{ id: string; name: string }>('select id, name from person where id = any($1)', [persons])).map((p) => [p.id, p.name]))
