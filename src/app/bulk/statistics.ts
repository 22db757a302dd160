// Figures of a provider's fleet over a range of days, for the people who run it.
import { addDays, dateOf, instantOf } from '../../domain/calendar.ts'
import { refuseField, type Refusal } from '../../domain/refusals.ts'
import { applicationKinds, reasons, say, type Language } from '../../domain/vocabulary.ts'
import { faultsByModel, stageTimes, stopsByReason, type StageTimes } from '../../store/bulk-statistics.ts'
import type { App } from '../app.ts'
import { scopeOf } from '../execute.ts'
import type { Asker } from './views.ts'

export type StatisticsAsked = { provider?: string | undefined; from?: string | undefined; to?: string | undefined }
const days_default = 30
export const statistics_days_max = 366

type Reasoned = { reason: string; words: string; count: number }
export type StatisticsView = {
  provider: string; from: string; to: string
  cases: {
    kind: string; words: string; submitted: number; decided: number; straightThrough: number; straightShare: number | null; returned: number; returnShare: number | null
    rejected: number; withdrawn: number; late: number
    hours: { toDecision: Spread; toBegin: number | null; toEnd: Spread }
  }[]
  faults: { model: string; terminals: number; faults: number; repeated: number; repeatShare: number | null; reasons: Reasoned[] }[]
  stops: { reason: string; words: string; stops: number; returned: number; returnShare: number | null; daysToReturn: number | null }[]
}
type Spread = { median: number | null; ninety: number | null }

const seconds_per_hour = 3_600
const rounded = (n: number | null, per = 1): number | null => (n === null ? null : Math.round((n / per) * 100) / 100)
const share = (part: number, of: number): number | null => (of === 0 ? null : Math.round((part / of) * 10_000) / 10_000)

export const statisticsOf = (app: App) => async ({ actor, language }: Asker, asked: StatisticsAsked): Promise<StatisticsView | Refusal> => {
  // Somebody else's figures are none: row level security leaves nothing to count.
  const provider = asked.provider ?? (actor.party.kind === 'provider' ? actor.party.id : undefined)
  if (provider === undefined) return refuseField('/query/provider', 'provider_needed')
  const to = asked.to ?? dateOf(app.clock.now(), app.zone)
  const from = asked.from ?? addDays(to, -days_default)
  if (to < from) return refuseField('/query/from', 'days_reversed')
  if (from < addDays(to, -statistics_days_max)) return refuseField('/query/from', 'range_too_long', { days: statistics_days_max })
  const range = { provider, from: instantOf(from, '00:00', app.zone), to: instantOf(addDays(to, 1), '00:00', app.zone) }
  const [cases, faults, stops] = await app.db.transaction(scopeOf(actor), async (tx) => [await stageTimes(tx, range), await faultsByModel(tx, range), await stopsByReason(tx, range)] as const, { readOnly: true })
  return {
    provider, from, to,
    cases: cases.map((c) => viewCases(c, language)),
    faults: faults.map((f) => ({
      model: f.model, terminals: f.terminals, faults: f.faults, repeated: f.repeated, repeatShare: share(f.repeated, f.terminals),
      reasons: f.reasons.map((r) => ({ ...r, words: say(reasons[r.reason], language) })),
    })),
    stops: stops.map((s) => ({
      reason: s.reason, words: say(reasons[s.reason], language), stops: s.stops, returned: s.returned, returnShare: share(s.returned, s.stops), daysToReturn: rounded(s.days_p50),
    })),
  }
}

const viewCases = (c: StageTimes, language: Language): StatisticsView['cases'][number] => ({
  kind: c.kind, words: say(applicationKinds[c.kind], language), submitted: c.submitted, decided: c.decided, straightThrough: c.straight,
  straightShare: share(c.straight, c.decided), returned: c.returned, returnShare: share(c.returned, c.submitted), rejected: c.rejected, withdrawn: c.withdrawn, late: c.late,
  hours: {
    toDecision: { median: rounded(c.to_decision_p50, seconds_per_hour), ninety: rounded(c.to_decision_p90, seconds_per_hour) },
    toBegin: rounded(c.to_begin_p50, seconds_per_hour),
    toEnd: { median: rounded(c.to_end_p50, seconds_per_hour), ninety: rounded(c.to_end_p90, seconds_per_hour) },
  },
})
