// Figures about gates for Prometheus, read from the register when they are asked for: how gates stand, what waits for them,
// what they refused. Names of gates are labels; terminals and merchants never are.
import { Gauge, type Registry } from 'prom-client'
import type { App } from '../app/app.ts'
import { known_before_ms } from '../app/gate-operations.ts'
import { dateOf, instantOf } from '../domain/calendar.ts'
import { gateState } from '../domain/gates.ts'
import { gateStates, words } from '../domain/vocabulary.ts'
import { gateCounts, lastMinutes, listGates, nearStops } from '../store/gates.ts'

const gates_counted_max = 1_000
const stops_counted_max = 10_000

/** Makes the figures; what it answers brings them up to date. */
export function gateFigures(registry: Registry, app: App): () => Promise<void> {
  const registers = [registry]
  const gates = new Gauge({ name: 'tingqi_gates', help: 'Gates by state', labelNames: ['state'] as const, registers })
  const lag = new Gauge({ name: 'tingqi_gates_lag_seconds', help: 'From a commit to the gate knowing it, as the gate measured it', labelNames: ['gate'] as const, registers })
  const behind = new Gauge({ name: 'tingqi_gates_behind_commits', help: 'Commits a gate that counts has not acknowledged', labelNames: ['gate'] as const, registers })
  const skew = new Gauge({ name: 'tingqi_gates_skew_seconds', help: "The gate's clock minus the database's", labelNames: ['gate'] as const, registers })
  const alarms = new Gauge({ name: 'tingqi_gates_alarm', help: '1 for the alarm a gate raises', labelNames: ['gate', 'alarm'] as const, registers })
  const decisions = new Gauge({ name: 'tingqi_gates_decisions_minute', help: 'Answers in the last whole minute', labelNames: ['gate', 'code'] as const, registers })
  const unknown = new Gauge({ name: 'tingqi_gates_stops_unknown', help: 'Stops that begin within a minute and that the gate does not know', labelNames: ['gate'] as const, registers })
  const outstanding = new Gauge({ name: 'tingqi_stops_outstanding', help: 'Stops that have begun and are not known to be refused by every gate', registers })
  const unconfirmed = new Gauge({ name: 'tingqi_devices_silent', help: 'Stopped terminals whose device is overdue to say so', registers })
  const attempts = new Gauge({ name: 'tingqi_attempts_today', help: 'Attempts on stopped terminals today', registers })
  const standins = new Gauge({ name: 'tingqi_standin_approvals_today', help: 'Approvals given in stand-in today', registers })
  const waiting = new Gauge({ name: 'tingqi_gates_reports_waiting', help: 'Reports of gates not taken yet', registers })
  return async () => {
    for (const gauge of [gates, lag, behind, skew, alarms, decisions, unknown]) gauge.reset()
    // While the database is away, what is not known is not told; the other figures are.
    const read = await readFigures(app).catch((error: Error) => { app.log.warn({ error: error.message }, 'figures about gates could not be read') })
    for (const gauge of [outstanding, unconfirmed, attempts, standins, waiting]) gauge.remove()
    if (!read) return
    for (const state of words(gateStates)) gates.set({ state }, read.rows.filter((row) => gateState(row, row.asOf) === state).length)
    for (const row of read.rows.filter((r) => ['live', 'standin'].includes(gateState(r, r.asOf)))) {
      lag.set({ gate: row.id }, row.lag_ms / 1_000)
      behind.set({ gate: row.id }, Math.max(0, row.headSeq - row.acknowledgedSeq))
      skew.set({ gate: row.id }, row.skew_ms / 1_000)
      if (row.alarm !== undefined) alarms.set({ gate: row.id, alarm: row.alarm }, 1)
    }
    for (const { seq } of read.near) for (const { id } of app.gatesStanding(seq)?.outstanding ?? []) unknown.inc({ gate: id })
    for (const { gate, code, count } of read.minutes) decisions.set({ gate, code }, count)
    outstanding.set(read.counts.outstanding)
    unconfirmed.set(read.counts.silent)
    attempts.set(read.counts.attempts)
    standins.set(read.counts.standins)
    waiting.set(read.counts.waiting)
  }
}

async function readFigures(app: App) {
  const now = app.clock.now()
  const today = dateOf(now, app.zone)
  return app.db.transaction('*', async (tx) => ({
    rows: await listGates(tx, gates_counted_max), counts: await gateCounts(tx, now, today, instantOf(today, '00:00', app.zone)), minutes: await lastMinutes(tx),
    near: await nearStops(tx, now, now + known_before_ms, stops_counted_max),
  }), { readOnly: true })
}
