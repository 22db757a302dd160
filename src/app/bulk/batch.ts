// One batch of a bulk: its items taken, their terminals locked in order, read together, decided one by one in memory, and
// everything – holds, terminals, notices, journal, items, counts – written in one statement. Killed in the middle it has done
// nothing; committed, each of its items is done once. Terminals somebody else has in hand are left for the next round.
import { randomUUID } from 'node:crypto'
import { decideItem, type ItemDecision } from '../../domain/bulk.ts'
import { refuse } from '../../domain/refusals.ts'
import { ticketKindOf } from '../../domain/ticket.ts'
import type { Tx } from '../../store/db.ts'
import { writeMany, type Dossier, type OtherPart, type StoredTerminal } from '../../store/dossier.ts'
import { changeBulk, counts_part, items_part, itemsParams, lockBulk, lockMany, nextItems, noteRehearsed, planned_part, plannedParams, readByIndex, readMany, shareBulk, type OpenItem, type StoredBulk } from '../../store/bulk.ts'
import type { App } from '../app.ts'
import { isByTheBooks, mayLift } from '../care/lift.ts'
import { pokeAgain, scopeOf } from '../execute.ts'
import { settingOf } from '../settle.ts'
import { batch_terminals_max, rehearsed_items_max } from './bounds.ts'
import { dueOf, followMany, outcomeOf, type Batch, type Decided, type Written } from './outcome.ts'

type Each = { item: OpenItem; decision: ItemDecision }

/** Rehearses the next items: says who cannot, and changes no terminal. True when none is left. */
export const rehearse = (app: App, bulk: StoredBulk): Promise<boolean> => app.db.transaction(scopeOf(bulk.actor), async (tx) => {
  const current = await lockBulk(tx, bulk.id)
  if (current?.state !== 'checking') return true
  await readByIndex(tx, true)
  const items = await nextItems(tx, current, current.checked, rehearsed_items_max, false)
  const { terminals } = await readMany(tx, items.map((i) => i.tid), false)
  await readByIndex(tx, false)
  const known = new Map(terminals.map((t) => [t.tid, t]))
  const unable = items.flatMap((item) => {
    const terminal = known.get(item.tid)
    const { refusal } = terminal === undefined ? { refusal: undefined } : decide(app, current, item, terminal, app.clock.now())
    return refusal === undefined ? [] : [{ ordinal: item.ordinal, refusal }]
  })
  const isLast = items.length < rehearsed_items_max
  await noteRehearsed(tx, bulk.id, unable, isLast ? current.total : items.at(-1)!.ordinal, isLast)
  return isLast
})

const decide = (app: App, bulk: StoredBulk, item: OpenItem, terminal: Decided['before'], now: number): ItemDecision =>
  decideItem(bulk.act, { ...terminal, gatesKnowAt: app.gatesKnowAt(terminal.gateSeq) }, item.given ?? {}, {
    now, actor: bulk.actor, policy: app.policyAt(bulk.provider, now).policy, isPlanned: bulk.plan !== undefined, mint: randomUUID,
  })

export type Went = 'more' | 'round_over' | 'stopped'

/** How batches of one bulk that run side by side share its items out: each takes what comes after the one before. */
export type Round = {
  /** Waits for terminals that others have in hand, where a round passed them by. */
  patient: boolean
  reached: number
  taking: Promise<unknown>
}
export const roundOf = (bulk: StoredBulk, patient: boolean): Round => ({ patient, reached: bulk.reached, taking: Promise.resolve() })

/** The next items of a round, none of which another batch takes. */
function take(tx: Tx, bulk: StoredBulk, round: Round): Promise<readonly OpenItem[]> {
  const taken = round.taking.then(async () => {
    const items = wholeMerchants(await nextItems(tx, bulk, round.reached, batch_terminals_max, true))
    round.reached = items.at(-1)?.ordinal ?? round.reached
    return items
  })
  round.taking = taken.catch(() => {})
  return taken
}

/** Carries out the next batch of a round. */
export async function carryOut(app: App, bulk: StoredBulk, round: Round): Promise<Went> {
  let written: Written[] = []
  const went = await app.db.transaction(scopeOf(bulk.actor), async (tx): Promise<Went> => {
    await readByIndex(tx, true)
    const current = await shareBulk(tx, bulk.id)
    if (current?.state !== 'running') return 'stopped'
    const taken = await take(tx, current, round)
    if (taken.length === 0) return 'round_over'
    const now = app.clock.now()
    const locked = await lockMany(tx, taken.map((i) => i.tid), !round.patient)
    const known = await readMany(tx, locked, current.wordsSealed !== undefined)
    const terminals = new Map(known.terminals.map((t) => [t.tid, t]))
    const each = taken.flatMap((item): Each[] => {
      const terminal = terminals.get(item.tid)
      if (terminal !== undefined) return [{ item, decision: decide(app, current, item, terminal, now) }]
      // Waited for and still not there: it went to another provider.
      return round.patient ? [{ item, decision: { facts: [], refusal: refuse('terminal_unknown', { tid: item.tid }) } }] : []
    })
    await readByIndex(tx, false)
    await heedDesks(app, tx, current, each, terminals, now)
    const decided = each.flatMap(({ item, decision }): Decided[] => decision.facts.length === 0 ? [] : [{ before: terminals.get(item.tid)!, facts: decision.facts }])
    const batch: Batch = {
      provider: current.provider, actor: current.actor, command: `bulk-${current.act.act.replace('_', '-')}`,
      input: { bulk: current.id, ...(current.plan ? { plan: current.plan } : {}) }, policy: app.policyAt(current.provider, now).policy, now,
      words: current.wordsSealed && app.vault.open(current.wordsSealed, `bulk.words:${current.id}`).toString(),
    }
    written = outcomeOf(app, decided, known, batch)
    await followMany(app, tx, written, decided, batch)
    const own = ownParts(current, each, taken.at(-1)!.ordinal)
    writeMany(tx, current.provider, written, own.parts, now, own.params)
    return 'more'
  })
  if (went === 'more') told(app, written)
  return went
}

/** What the books or a ticket must allow before a hold is given free is asked of each, as in the single command. */
async function heedDesks(app: App, tx: Tx, { act, actor, provider }: StoredBulk, each: Each[], terminals: ReadonlyMap<string, StoredTerminal>, now: number): Promise<void> {
  if (act.act !== 'lift_hold' || !(isByTheBooks(act.reason) || ticketKindOf(act.reason) === 'violation')) return
  for (const one of each) {
    const hold = one.decision.facts.find((f) => f.fact === 'hold_cleared')?.hold
    const terminal = terminals.get(one.item.tid)
    if (hold === undefined || terminal === undefined) continue
    const setting = settingOf(app, { ...emptyDossier, terminals: [terminal] }, actor, now, provider)
    const refusal = await mayLift(tx, setting, hold)
    if (refusal) one.decision = { facts: [], refusal }
  }
}
const emptyDossier: Dossier = { case: undefined, terminals: [], others: [], merchant: undefined, letters: [] }

/** What others must do about a batch that is committed: cases look at themselves, the clock at its next moment, gates pull. */
export function told(app: App, written: readonly Written[]): void {
  const poked = written.flatMap((w) => w.changes.poke ?? [])
  if (poked.length > 0) void pokeAgain(app, poked)
  app.stirred(poked.length > 0 ? app.clock.now() : dueOf(written))
}

/** A batch ends where a merchant's terminals do, unless one merchant has more than a batch takes. */
function wholeMerchants(items: readonly OpenItem[]): readonly OpenItem[] {
  if (items.length < batch_terminals_max) return items
  const last = items.at(-1)!.mid
  const whole = items.filter((i) => i.mid !== last)
  return whole.length === 0 ? items : whole
}

/** After a round: everything is done, or what was passed by is waited for in another. */
export const roundOver = (app: App, id: string): Promise<'again' | 'done' | 'stopped'> => app.db.transaction('*', async (tx) => {
  const bulk = await lockBulk(tx, id)
  if (bulk?.state !== 'running') return 'stopped'
  if (bulk.done + bulk.refused < bulk.total) {
    await tx.run('update bulk set reached = 0 where id = $1', [id])
    return 'again'
  }
  await changeBulk(tx, bulk, { state: 'done', endedAt: app.clock.now() })
  return 'done'
})

/** The bulk's own part of the batch's statement, and its parameters. */
function ownParts({ id, plan, act }: StoredBulk, each: readonly Each[], reached: number): { parts: OtherPart[]; params: readonly unknown[] } {
  const refused = each.filter((e) => e.decision.refusal !== undefined).length
  const counts: OtherPart = { name: 'counts', sql: counts_part, rows: [{ bulk: id, done: each.length - refused, refused, reached }] }
  if (each.length === 0) return { parts: [counts], params: [] }
  const holds = plan === undefined || act.act !== 'place_hold' ? [] : each.flatMap(({ item, decision }) => {
    const placed = decision.facts.find((f) => f.fact === 'hold_placed')
    return placed === undefined ? [] : [{ tid: item.tid, hold: placed.hold.id }]
  })
  const items = itemsParams(id, each.map(({ item, decision }) => ({ ordinal: item.ordinal, refusal: decision.refusal })))
  // A row says only that the part is wanted; what is in it comes as parameters.
  return {
    parts: [counts, { name: 'items', sql: items_part, rows: [{}] }, { name: 'planned', sql: planned_part, rows: holds.length === 0 ? [] : [{}] }],
    params: holds.length === 0 ? items : [...items, ...plannedParams(plan!, holds)],
  }
}
