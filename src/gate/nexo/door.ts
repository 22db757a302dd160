// The management door: a terminal reports (catm.001) and is answered with a plan (catm.002), or told why not (catm.004). The
// answer is made from what this gate knows, as every decision is; what the device says it did becomes its own word on the
// stop. A terminal is known by its TID; somebody else's is answered like one that does not exist.
import { sayReason } from '../../domain/gate.ts'
import type { Gate } from '../start.ts'
import { changeFor, planText, rejectionText } from './plan.ts'
import { readStatusReport, type StatusReport } from './status-report.ts'

/** Terminals of which is remembered what they last said; more are told twice, which does no harm. */
const remembered_max = 100_000
/** Done, or done with a warning. */
const done: readonly string[] = ['SUCC', 'WARN']

export type NexoDoor = (body: Buffer, isSeen: (tid: string) => boolean) => string

const unknown = (tid: string): string => `POI ${tid} is not registered with this terminal manager`

export function openNexoDoor({ door }: Pick<Gate, 'door'>): NexoDoor {
  /** tid → the last word it gave, with its moment. */
  const said = new Map<string, string>()

  const observe = (tid: string, word: 'stopped' | 'operating', at: number): void => {
    const key = `${word} ${at}`
    if (said.get(tid) === key) return
    if (said.size >= remembered_max) said.clear()
    said.set(tid, key)
    door.observe({ kind: 'device_said', at, tid, said: word, by: 'status' })
  }

  /** Deactivated is believed where the terminal did it and says that it is; that it works, as soon as it says so. */
  const hear = (tid: string, { state, events, at }: StatusReport, isOff: boolean): void => {
    const now = door.now()
    const last = events.filter((e) => (e.action === 'DCTV' || e.action === 'ACTV') && done.includes(e.result) && e.at <= now).toSorted((a, b) => a.at - b.at).at(-1)
    if (state === 'DACT' && last?.action === 'DCTV') observe(tid, 'stopped', last.at)
    else if (state === 'OPER' && last?.action === 'ACTV') observe(tid, 'operating', last.at)
    // It goes on working although it was told to stop: its last poll says so, once.
    else if (state === 'OPER' && isOff && said.get(tid)?.startsWith('stopped')) observe(tid, 'operating', Math.min(at, now))
  }

  return (body, isSeen) => {
    const now = door.now()
    const report = readStatusReport(body)
    if ('reason' in report) return rejectionText(report.exchange === undefined || !/^\d{1,18}$/.test(report.exchange) ? {} : { exchange: report.exchange }, report, now)
    const tid = report.poi.id
    const entry = isSeen(tid) ? door.entry(tid) : undefined
    if (entry === undefined) return rejectionText(report, { reason: 'INTP', why: unknown(tid) }, now)
    // Asked as every door asks, so that it is counted, and that another device than the registered one is noted.
    const { mode, basis, securityEvent } = door.decide({ tid, mid: entry.mid, class: 'status', serial: report.serial, position: undefined, madeAt: undefined, amount: undefined })
    if (securityEvent !== undefined) return rejectionText(report, { reason: 'SECU', why: `POI ${tid}: ${sayReason(securityEvent, 'en')}` }, now)
    if (mode === 'closed' && report.state === 'DACT') return rejectionText(report, { reason: 'INTP', why: unknown(tid) }, now)
    const change = changeFor(report, entry, mode, basis, now)
    hear(tid, report, mode === 'shut' || mode === 'closed')
    return planText(report, change, now)
  }
}
