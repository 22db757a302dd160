// A gate's own figures for Prometheus: what it answered, how sure it is, how far it is behind – never for whom.
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { Front } from './front/start.ts'
import type { Gate } from './start.ts'

export type FrontFigures = ReturnType<Front['figures']> & { linksUp: number }

/** `front`: of the ISO 8583 front, where there is one. */
export function gateMetrics(gate: Gate, front: () => FrontFigures | undefined = () => undefined): () => Promise<{ type: string; body: string }> {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  registry.setDefaultLabels({ gate: gate.id })
  const approved = new Counter({ name: 'tingqi_gate_approved_total', help: 'Answers that approve', registers })
  const declined = new Counter({ name: 'tingqi_gate_declined_total', help: 'Answers that decline, by code', labelNames: ['code'] as const, registers })
  const terminals = new Gauge({ name: 'tingqi_gate_terminals', help: 'Terminals known', registers })
  const heard = new Gauge({ name: 'tingqi_gate_heard_seconds', help: 'Since the primary was last heard of', registers })
  const condition = new Gauge({ name: 'tingqi_gate_condition', help: '1 for how sure it is of what it knows', labelNames: ['basis'] as const, registers })
  const seq = new Gauge({ name: 'tingqi_gate_acknowledged_seq', help: 'Everything up to here is obeyed', registers })
  const waiting = new Gauge({ name: 'tingqi_gate_reports_waiting', help: 'Reports not sent yet', registers })
  const lost = new Gauge({ name: 'tingqi_gate_reports_lost', help: 'Reports that could not be kept, since the start', registers })
  const skew = new Gauge({ name: 'tingqi_gate_skew_seconds', help: "This machine's clock minus the database's", registers })
  const alarm = new Gauge({ name: 'tingqi_gate_alarm', help: '1 for the alarm it raises', labelNames: ['alarm'] as const, registers })
  const lines = new Gauge({ name: 'tingqi_iso8583_connections', help: 'ISO 8583 connections now', registers })
  const links = new Gauge({ name: 'tingqi_iso8583_host_links', help: 'Links to the host behind the gate that are up', registers })
  const frames = new Counter({ name: 'tingqi_iso8583_frames_total', help: 'ISO 8583 frames taken', registers })
  const cutOff = new Counter({ name: 'tingqi_iso8583_cut_off_total', help: 'ISO 8583 connections cut off, by why', labelNames: ['why'] as const, registers })
  let told = { approved: 0, codes: new Map<string, number>() }
  let toldOfFront = { frames: 0, cutOff: {} as Readonly<Record<string, number>> }
  const tellFront = (now: FrontFigures): void => {
    lines.set(now.connections)
    links.set(now.linksUp)
    frames.inc(now.frames - toldOfFront.frames)
    for (const [why, count] of Object.entries(now.cutOff)) cutOff.inc({ why }, count - (toldOfFront.cutOff[why] ?? 0))
    toldOfFront = { frames: now.frames, cutOff: { ...now.cutOff } }
  }
  return async () => {
    const figures = gate.figures()
    approved.inc(figures.approved - told.approved)
    for (const [code, count] of figures.codes) declined.inc({ code }, count - (told.codes.get(code) ?? 0))
    told = { approved: figures.approved, codes: new Map(figures.codes) }
    terminals.set(figures.size)
    if (Number.isFinite(gate.ageMs())) heard.set(gate.ageMs() / 1_000)
    condition.reset()
    condition.set({ basis: gate.condition() }, 1)
    seq.set(figures.position.seq)
    waiting.set(figures.waiting)
    lost.set(figures.lost)
    skew.set(figures.skew_ms / 1_000)
    alarm.reset()
    if (figures.alarm !== undefined) alarm.set({ alarm: figures.alarm }, 1)
    const ofFront = front()
    if (ofFront !== undefined) tellFront(ofFront)
    return { type: registry.contentType, body: await registry.metrics() }
  }
}
