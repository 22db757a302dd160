// The preview before deciding: what keeping, stopping, swapping or closing terminals would cost over some days, from the
// contract, the terminals' own histories, the deposits held and what is owed already. For a case as for a bare question.
import type { Actor } from '../../domain/authority.ts'
import { addDays, dateOf } from '../../domain/calendar.ts'
import { historyOf, type History } from '../../domain/charges.ts'
import type { Fen } from '../../domain/money.ts'
import { optionsOf, type Option } from '../../domain/options.ts'
import { refuseField, type Refusal } from '../../domain/refusals.ts'
import { scopeOf } from '../execute.ts'
import { options_days_max } from '../../limits.ts'
import type { Tx } from '../../store/db.ts'
import type { StoredTerminal } from '../../store/dossier.ts'
import { balanceOf, depositsOn } from '../../store/ledger.ts'
import { readCase, readTerminal } from '../../store/reads.ts'
import type { App } from '../app.ts'
import { schedulesOf } from './contracts.ts'

/** An open-ended stop is compared over this long. */
const open_ended_days = 90

export type Preview = { from: string; until: string; days: number; options: Option[]; owedFen: Fen; depositFen: Fen; contract: number | undefined }

const historyTo = (t: StoredTerminal, until: string, zone: string): History => historyOf({
  installedAt: t.installedAt ?? Number.MAX_SAFE_INTEGER, closedAt: t.closedAt,
  stops: t.holds.filter((h) => h.effect === 'stop' && h.startedAt !== undefined).map((h) => ({ from: h.effectiveFrom, to: h.liftedAt })),
}, until, (at) => dateOf(at, zone))

/** The first day that begins after an instant. */
const dayAfter = (at: number, zone: string): string => addDays(dateOf(at - 1, zone), 1)
const daysBetween = (from: string, until: string): number => (Date.parse(until) - Date.parse(from)) / 86_400_000

async function preview(app: App, tx: Tx, terminals: readonly StoredTerminal[], from: string, until: string): Promise<Preview> {
  const { provider, mid } = terminals[0]!
  const schedule = (await schedulesOf(app, tx, provider, [mid], dateOf(app.clock.now(), app.zone), addDays(until, 1)))(mid)
  const depositFen = await depositsOn(tx, terminals.map((t) => t.tid))
  const owedFen = Math.max(0, await balanceOf(tx, mid, provider))
  const known = terminals.filter((t) => t.installedAt !== undefined)
  return {
    from, until, days: daysBetween(from, until), owedFen, depositFen,
    contract: schedule.findLast((t) => t.from <= from)?.contract,
    options: optionsOf({
      from, until, schedule, depositFen, kindsOffered: app.policyAt(provider, app.clock.now()).policy.kindsOffered,
      terminals: known.map((t) => historyTo(t, from, app.zone)),
    }),
  }
}

/** Over the days of a case: from its stop to its return, or some months where it names none. */
export const previewOfCase = (app: App, actor: Actor, no: string): Promise<Preview | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const read = await readCase(tx, no)
    if (!read) return undefined
    const { case: c } = read.dossier.case
    const from = dayAfter(c.effectiveFrom ?? c.begunAt ?? app.clock.now(), app.zone)
    const until = c.expectedUntil === undefined ? addDays(from, open_ended_days) : dayAfter(c.expectedUntil, app.zone)
    return preview(app, tx, read.dossier.terminals, from, until < from ? from : until)
  }, { readOnly: true })

/** Before there is a case at all: days as asked, from tomorrow on where nothing is said. */
export const previewOfTerminal = (app: App, actor: Actor, tid: string, asked: { from?: string | undefined; until?: string | undefined }): Promise<Preview | Refusal | undefined> =>
  app.db.transaction(scopeOf(actor), async (tx) => {
    const read = await readTerminal(tx, tid)
    if (!read) return undefined
    const tomorrow = addDays(dateOf(app.clock.now(), app.zone), 1)
    const from = asked.from ?? tomorrow
    const until = asked.until ?? addDays(from, open_ended_days)
    // What has passed is on the ledger; a preview is about what comes.
    if (from < addDays(tomorrow, -1)) return refuseField('/query/from', 'effect_in_past', { at: from })
    if (until <= from) return refuseField('/query/until', 'until_before_from')
    if (daysBetween(from, until) > options_days_max) return refuseField('/query/until', 'stop_too_long', { days: options_days_max })
    return preview(app, tx, read.dossier.terminals, from, until)
  }, { readOnly: true })
