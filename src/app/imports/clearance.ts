// A terminal's clearance, computed by the domain over what may be open on it, and stored beside it. It is computed
// again when its transactions change and when time closes or opens one: money settles on its date, a pre-authorisation
// expires.
import {
  clearanceOf,
  defaultClearancePolicy,
  openOfReference,
  type ClearanceItem,
  type Transaction,
} from '../../domain/clearance.ts'
import { dateOf } from '../../domain/calendar.ts'
import { clearanceDue, lockClearance, maybeOpen, writeClearance, type NewClearance } from '../../store/transactions.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { cleared_terminals_max } from './bounds.ts'

const day_ms = 86_400_000

/**
 * Computes and stores the clearance of terminals as of now, under their locks. Returns those whose clearance changed.
 */
export async function recomputeClearance(app: App, tx: Tx, tids: readonly string[]): Promise<string[]> {
  const now = app.clock.now()
  const policy = defaultClearancePolicy
  const before = await lockClearance(tx, tids)
  const transactions = await maybeOpen(
    tx,
    before.map((t) => t.tid),
    dateOf(now, app.zone),
    now - policy.preauthDays * day_ms,
  )
  const rows = before.map((t): NewClearance => {
    const of = transactions.get(t.tid)!
    const { clear, items } = clearanceOf(
      of,
      now,
      policy,
      t.clearance.find((item) => item.kind === 'unmatched'),
    )
    return {
      tid: t.tid,
      clear,
      items,
      dueAt: nextChange(of, now),
      isChanged: clear !== t.clear || said(items) !== said(t.clearance),
    }
  })
  const dueBefore = new Map(before.map((t) => [t.tid, t.dueAt]))
  const moved = rows.filter((r) => r.isChanged || r.dueAt !== dueBefore.get(r.tid))
  if (moved.length > 0) await writeClearance(tx, moved, now)
  return rows.filter((r) => r.isChanged).map((r) => r.tid)
}

/** Items in words that compare, whatever order a store keeps their fields in. */
const said = (items: readonly ClearanceItem[]): string =>
  JSON.stringify(items.map((i) => [i.kind, i.amountFen, i.count, i.dueBy ?? null, i.owner]))

/** The next instant at which clearance changes though no transaction does. */
export function nextChange(transactions: readonly Transaction[], now: number): number | undefined {
  const made = transactions.filter((t) => t.at <= now).sort((a, b) => a.at - b.at)
  const ends = [...Map.groupBy(made, (t) => t.reference).values()].flatMap((inOrder) =>
    openOfReference(inOrder).map((open) => open.until),
  )
  const turns = [...ends, ...transactions.map((t) => t.at)].filter((at) => at !== undefined && at > now) as number[]
  return turns.length === 0 ? undefined : turns.reduce((a, b) => Math.min(a, b))
}

/** Recomputes what time has changed. Returns how many terminals were looked at; call again until it is 0. */
export async function clearByTime(app: App): Promise<number> {
  const looked = await app.db.transaction('*', async (tx) => {
    const tids = await clearanceDue(tx, app.clock.now(), cleared_terminals_max)
    if (tids.length > 0) await recomputeClearance(app, tx, tids)
    return tids.length
  })
  if (looked > 0) app.stirred(app.clock.now())
  return looked
}
