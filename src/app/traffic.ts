// What a merchant's own trade says before a stop, and after one: when it is quietest, what it is likely to cost, what it did.
import type { Actor } from '../domain/authority.ts'
import { addDays, dateOf, instantOf } from '../domain/calendar.ts'
import { refuseField, type Refusal } from '../domain/refusals.ts'
import { bestStop, expectedIn, traffic_days, usualDays, type BestStop, type Sum, type Traffic } from '../domain/traffic.ts'
import { options_days_max } from '../limits.ts'
import type { Tx } from '../store/db.ts'
import { readCase, readTerminal } from '../store/reads.ts'
import { readCells, readHappened, readRefused, type Happened } from '../store/traffic.ts'
import type { App } from './app.ts'
import { scopeOf } from './execute.ts'

const day_ms = 86_400_000
/** Nothing is compared over less than this. */
const compared_days_min = 7

/** The weeks that end with a day ('yyyy-mm-dd'). */
async function trafficTo(app: App, tx: Tx, tids: readonly string[], to: string): Promise<Traffic> {
  const until = instantOf(addDays(to, 1), '00:00', app.zone)
  const from = instantOf(addDays(to, 1 - traffic_days), '00:00', app.zone)
  return { to, days: traffic_days, cells: await readCells(tx, tids, from, until, app.zone) }
}

export type TrafficOf = { traffic: Traffic; usual: ReturnType<typeof usualDays>; best: BestStop | undefined; away: (Sum & { from: number; until: number }) | undefined; zone: string }

/** The last weeks of a terminal, up to yesterday: today is not over. */
export const trafficOf = (app: App, actor: Actor, tid: string, asked: { from?: number | undefined; until?: number | undefined }): Promise<TrafficOf | Refusal | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const read = await readTerminal(tx, tid)
    if (!read) return undefined
    const now = app.clock.now()
    const { from = now, until } = asked
    if (until !== undefined && until <= from) return refuseField('/query/until', 'until_before_from')
    if (until !== undefined && until - from > options_days_max * day_ms) return refuseField('/query/until', 'stop_too_long', { days: options_days_max })
    const traffic = await trafficTo(app, tx, [tid], addDays(dateOf(now, app.zone), -1))
    return {
      traffic, usual: usualDays(traffic), best: bestStop(traffic, now, app.zone), zone: app.zone,
      away: until === undefined ? undefined : { from, until, ...expectedIn(traffic, from, until, app.zone) },
    }
  }, { readOnly: true })

type Span = { from: number; until: number }
export type EffectOf = {
  stop: Span & { isOver: boolean }
  before: Span & Happened
  during: Happened & { refused: number; expected: Sum }
  after: (Span & Happened) | undefined
  zone: string
}

/**
 * Before, during and after the stop of a case, over spans of the same length (a week at least before it; after it as long as it
 * has been). 'not_yet' while it has not begun, or the case stops nothing.
 */
export const effectOf = (app: App, actor: Actor, no: string): Promise<EffectOf | 'not_yet' | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const read = await readCase(tx, no)
    if (!read) return undefined
    const now = app.clock.now()
    const { case: c } = read.dossier.case
    const holds = read.dossier.terminals.flatMap((t) => t.holds.filter((h) => h.id === c.terminals.find((x) => x.id === t.id)?.hold && h.startedAt !== undefined))
    if (holds.length === 0 || (c.kind !== 'suspend' && c.kind !== 'close')) return 'not_yet'
    const tids = read.dossier.terminals.map((t) => t.tid)
    const from = Math.min(...holds.map((h) => h.effectiveFrom))
    const isOver = holds.every((h) => h.liftedAt !== undefined)
    const until = isOver ? Math.max(...holds.map((h) => h.liftedAt!)) : now
    const length = Math.max(until - from, compared_days_min * day_ms)
    const before = { from: from - length, until: from }
    const after = isOver && c.kind === 'suspend' ? { from: until, until: Math.min(now, until + length) } : undefined
    const usual = await trafficTo(app, tx, tids, addDays(dateOf(from, app.zone), -1))
    return {
      stop: { from, until, isOver },
      before: { ...before, ...(await readHappened(tx, tids, before.from, before.until)) },
      during: {
        ...(await readHappened(tx, tids, from, until)), expected: expectedIn(usual, from, until, app.zone),
        refused: await readRefused(tx, tids, dateOf(from, app.zone), dateOf(until, app.zone)),
      },
      after: after && { ...after, ...(await readHappened(tx, tids, after.from, after.until)) },
      zone: app.zone,
    }
  }, { readOnly: true })
