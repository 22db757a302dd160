// Which terminals a list means: the query of the list of terminals, and what they stand on – model, firmware, region – or
// numbers and serials that were pasted. The same selection is frozen into a list, counted beside a plan, and asked again of
// terminals that came later.
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import type { Reason, Service } from '../domain/vocabulary.ts'
import type { Tx } from './db.ts'
import { numbered, terminalsMeant, where, type Where } from './lists.ts'

export type Selection = {
  q?: string | undefined
  service?: Service | undefined
  merchant?: string | undefined
  reason?: Reason | undefined
  model?: string | undefined
  /** Versions before this one, counted as people count them: 3.9 < 3.10. */
  firmwareBelow?: string | undefined
  /** A part of the store's address. */
  region?: string | undefined
  tids?: readonly string[] | undefined
  serials?: readonly string[] | undefined
}

/** The device matches what is looked for; `t` is the terminal. */
export const deviceWhere = ({ model, firmwareBelow }: Pick<Selection, 'model' | 'firmwareBelow'>): Where | undefined => {
  if (model === undefined) return undefined
  const of = firmwareBelow === undefined ? where('d.model = $', model) : where('d.model = $ and version_parts(d.firmware) < version_parts($)', model, firmwareBelow)
  return where(`t.serial in (select d.serial from device d where ${of.sql})`, ...of.values)
}

/** The statement that gives the numbers of every terminal meant. Those closed for good are never meant. */
export async function selectionSql(tx: Tx, s: Selection): Promise<Where | Refusal> {
  const { q, service, merchant, reason } = s
  return terminalsMeant(tx, { q, service, merchant, reason }, [
    where('t.closed_at is null'),
    deviceWhere(s),
    s.region === undefined ? undefined : where('t.store_id in (select r.id from store r where strpos(r.address, $) > 0)', s.region),
    s.tids === undefined && s.serials === undefined ? undefined : where('(t.tid = any($) or t.serial = any($))', s.tids ?? [], s.serials ?? []),
  ].filter((w) => w !== undefined))
}

/** How many there are, counted up to one more than `max`. */
export async function countSelected(tx: Tx, s: Selection, max: number): Promise<number | Refusal> {
  const meant = await selectionSql(tx, s)
  if (isRefusal(meant)) return meant
  const row = await tx.one<{ n: number }>(...numbered(`select count(*)::int as n from (select from (${meant.sql}) m limit $) c`, [...meant.values, max + 1]))
  return row!.n
}

/** Numbers and serials that were given and are nobody's of ours. */
export const unknownAmong = async (tx: Tx, { tids = [], serials = [] }: Selection): Promise<string[]> =>
  (await tx.many<{ given: string }>(
    `select x.given from unnest($1::text[]) x(given) where not exists (select from terminal t where t.tid = x.given)
     union all select x.given from unnest($2::text[]) x(given) where not exists (select from terminal t where t.serial = x.given and t.closed_at is null)`, [tids, serials],
  )).map((r) => r.given)
