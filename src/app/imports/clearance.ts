// A terminal's clearance, computed by the domain over what may be open on it, and stored beside it. It is computed
// again when its transactions change and when time closes or opens one: money settles on its date, a pre-authorisation
// expires.
import {
  clearanceOf,
  defaultClearancePolicy,
  openOfReference,
  recordsAgree,
  type ClearanceItem,
  type Records,
  type Transaction,
} from '../../domain/clearance.ts'
import { dateOf } from '../../domain/calendar.ts'
import { coverageOf, openBreaksOf } from '../../store/settlement-records.ts'
import {
  clearanceDue,
  lockClearance,
  maybeOpen,
  writeClearance,
  type ClearanceState,
  type NewClearance,
} from '../../store/transactions.ts'
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
  const breaks = await openBreaksOf(
    tx,
    before.map((t) => t.tid),
  )
  const covered = await coverage(app, tx, before, now)
  const rows = before.map((t): NewClearance => {
    const of = transactions.get(t.tid)!
    const unmatched = breaks.get(t.tid)
    const { clear, items } = clearanceOf(of, now, policy, unmatched)
    const records: Records = { ...covered.get(t.tid)!, openBreaks: unmatched?.count ?? 0 }
    const isChanged = clear !== t.clear || said(items) !== said(t.clearance)
    return {
      tid: t.tid,
      clear,
      items,
      records,
      dueAt: nextChange(of, now),
      isChanged,
      isNews: isChanged || saidOf(records) !== saidOf(t.records),
    }
  })
  const dueBefore = new Map(before.map((t) => [t.tid, t.dueAt]))
  const moved = rows.filter((r) => r.isNews || r.dueAt !== dueBefore.get(r.tid))
  if (moved.length > 0) await writeClearance(tx, moved, now)
  return rows.filter((r) => r.isChanged).map((r) => r.tid)
}

/** Items in words that compare, whatever order a store keeps their fields in. */
const said = (items: readonly ClearanceItem[]): string =>
  JSON.stringify(items.map((i) => [i.kind, i.amountFen, i.count, i.dueBy ?? null, i.owner]))

/** What of the records a case looks at. */
const saidOf = (r: Records | undefined): string =>
  JSON.stringify(r && [recordsAgree(r), r.missing?.on, r.missing?.what, r.openBreaks, r.run, r.files])

/** How far files cover what the terminals did, each as far back as its provider's policy asks. */
async function coverage(
  app: App,
  tx: Tx,
  terminals: readonly ClearanceState[],
  now: number,
): Promise<Map<string, Omit<Records, 'openBreaks'>>> {
  const all = new Map<string, Omit<Records, 'openBreaks'>>()
  for (const [provider, of] of Map.groupBy(terminals, (t) => t.provider)) {
    const { recordsDays } = app.policyAt(provider, now).policy.settlement
    const tids = of.map((t) => t.tid)
    for (const [tid, records] of await coverageOf(tx, tids, now - recordsDays * day_ms)) all.set(tid, records)
  }
  return all
}

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
