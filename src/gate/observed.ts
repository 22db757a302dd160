// What a gate saw, on its way to the database. Noting costs a few field writes. Reports are numbered by the gate, so that
// what is sent twice is kept once; while the database is away they go to a spool on disk, bounded: what finds no room is
// counted, and the count is reported. An approval in stand-in is written down before it is given, or it is not given.
// Answers are counted by minute and code. A terminal that tries and tries is one report a second, which says how often.
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer } from '../domain/gate.ts'
import type { ReportKind } from '../domain/vocabulary.ts'
import { sendMinutes, sendReports, type Minute, type Report } from '../store/gate.ts'
import { sqlState } from '../store/db.ts'
import type { Single } from '../store/single.ts'
import type { Observation } from './observation.ts'

export type Observed = {
  note(o: Observation): void
  /** Written down when it returns true. */
  standin(o: Observation & { kind: 'standin' }): boolean
  count(answer: Pick<Answer, 'decision' | 'code'>, now: number): void
  /** Sends what waits, some of it, and the minutes that are over by `now`; false when nothing is left. */
  flush(db: Single, now: number): Promise<boolean>
  /** To the disk with what waits in memory: the database is away, or we end. */
  spill(): Promise<void>
  /** How many could not be kept since this was last asked. */
  takeLost(): number
  /** Stand-in approvals that are still to be sent. */
  standins(): { tid: string; at: number; amountFen: number }[]
  figures(): { decisions: number; approved: number; codes: ReadonlyMap<string, number>; waiting: number; lost: number }
}

const waiting_max = 20_000
const batch_max = 500
const spool_bytes_max = 64 * 1_048_576
const ordinals_per_block = 10_000
const minute_ms = 60_000
/** Attempts alike, as long as they have not been sent. */
const attempts_together_ms = 1_000

export function openObserved(folder: string, gate: string): Observed {
  const spool = join(folder, 'spool')
  const ordinals = ordinalsOf(join(folder, 'ordinal'))
  let waiting: Report[] = []
  let spooled: Report[] = readSpool(spool)
  let spoolBytes = existsSync(spool) ? statSync(spool).size : 0
  const lost = new Map<string, number>()
  let lostEver = 0
  let lostNow = 0
  const totals = { decisions: 0, approved: 0, codes: new Map<string, number>() }
  let minute = newMinute(Number.NEGATIVE_INFINITY)
  let minutes: Minute[] = []
  /** Attempts that wait in memory, by what they have in common. */
  const attempts = new Map<string, Attempts>()

  const lose = (kind: string, count = 1): void => {
    lost.set(kind, (lost.get(kind) ?? 0) + count)
    lostEver += count
    lostNow += count
  }
  const put = (report: Report): boolean => {
    if (waiting.length < waiting_max) return waiting.push(report) > 0
    lose(report.kind)
    return false
  }
  const lostReport = (at: number): void => {
    if (lost.size === 0 || waiting.length >= waiting_max) return
    put({ ordinal: ordinals.next(), kind: 'lost' satisfies ReportKind, at, body: Object.fromEntries(lost) })
    lost.clear()
  }
  const close = (): void => {
    if (minute.decisions > 0) minutes.push({ at: minute.at, decisions: minute.decisions, approved: minute.approved, codes: Object.fromEntries(minute.codes) })
    minute = newMinute(Number.NEGATIVE_INFINITY)
  }

  /** One that the database refuses must not keep the others waiting, nor the gate from its lease: it is counted as lost. */
  const send = async (db: Single, batch: readonly Report[]): Promise<void> => {
    try {
      await sendReports(db, gate, batch)
    } catch (error) {
      if (!isRefused(error)) throw error
      if (batch.length === 1) return lose(batch[0]!.kind)
      const half = batch.length >> 1
      await send(db, batch.slice(0, half))
      await send(db, batch.slice(half))
    }
  }

  return {
    note(o) {
      if (o.kind !== 'attempt') return put(reportOf(o, ordinals.next()))
      const key = `${o.tid} ${o.class} ${o.code} ${o.reason}`
      const known = attempts.get(key)
      if (known !== undefined && o.at - known.at < attempts_together_ms) {
        known.body.count = (known.body.count ?? 1) + 1
        known.body.last_ms = o.at - known.at
        return
      }
      const report = reportOf(o, ordinals.next()) as Attempts
      if (put(report)) attempts.set(key, report)
    },
    standin(o) {
      const line = `${JSON.stringify(reportOf(o, ordinals.next()))}\n`
      if (spoolBytes + line.length > spool_bytes_max) return false
      try {
        appendFileSync(spool, line, { mode: 0o600 })
      } catch {
        return false
      }
      spoolBytes += line.length
      spooled.push(JSON.parse(line) as Report)
      return true
    },
    count({ decision, code }, now) {
      if (now >= minute.end) {
        close()
        minute = newMinute(Math.floor(now / minute_ms) * minute_ms)
      }
      minute.decisions += 1
      totals.decisions += 1
      if (decision === 'approve') {
        minute.approved += 1
        totals.approved += 1
      } else {
        minute.codes.set(code, (minute.codes.get(code) ?? 0) + 1)
        totals.codes.set(code, (totals.codes.get(code) ?? 0) + 1)
      }
    },
    async flush(db, now) {
      attempts.clear()
      lostReport(Date.now())
      if (now >= minute.end) close()
      const from = spooled.length > 0 ? 'spool' : 'memory'
      const batch = (from === 'spool' ? spooled : waiting).slice(0, batch_max)
      if (batch.length > 0) {
        await send(db, batch)
        if (from === 'memory') waiting = waiting.slice(batch.length)
        else {
          spooled = spooled.slice(batch.length)
          if (spooled.length === 0) {
            truncateSync(spool, 0)
            spoolBytes = 0
          }
        }
      }
      if (minutes.length > 0) {
        const sent = minutes
        minutes = []
        await sendMinutes(db, gate, sent).catch((error) => { minutes = [...sent, ...minutes]; throw error })
      }
      return spooled.length > 0 || waiting.length > 0
    },
    async spill() {
      const going = waiting
      waiting = []
      attempts.clear()
      const lines = going.map((report) => `${JSON.stringify(report)}\n`)
      const room = spool_bytes_max - spoolBytes
      let bytes = 0
      const fits = lines.filter((line) => (bytes += line.length) <= room).length
      for (const report of going.slice(fits)) lose(report.kind)
      if (fits === 0) return
      const text = lines.slice(0, fits).join('')
      spoolBytes += text.length
      spooled.push(...going.slice(0, fits))
      await appendFile(spool, text, { mode: 0o600 })
    },
    takeLost() {
      const count = lostNow
      lostNow = 0
      return count
    },
    standins: () => spooled.flatMap(({ kind, tid, at, body }) =>
      kind === 'standin' && tid !== undefined ? [{ tid, at, amountFen: (body as { amountFen: number }).amountFen }] : []),
    figures: () => ({ ...totals, waiting: waiting.length + spooled.length, lost: lostEver }),
  }
}

/** What is said, not how: the value itself is not taken (SQL state classes 22 and 23). */
const isRefused = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '')

/** `last_ms`: after the first. */
type Attempts = Report & { body: { count?: number; last_ms?: number } }

const newMinute = (at: number): { at: number; end: number; decisions: number; approved: number; codes: Map<string, number> } =>
  ({ at, end: at + minute_ms, decisions: 0, approved: 0, codes: new Map() })

function reportOf(o: Observation, ordinal: number): Report {
  const { kind, at, tid, ...rest } = o
  const { provider, mid, ...body } = rest as typeof rest & { provider?: string; mid?: string }
  return { ordinal, kind, at, tid, provider, mid, body }
}

/** Whole lines only: what was being written when the gate died was not answered either. */
function readSpool(path: string): Report[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).flatMap((line) => {
    try {
      return [JSON.parse(line) as Report]
    } catch {
      return []
    }
  })
}

/** Numbers that are never given twice: a block of them is written down before the first is used. */
function ordinalsOf(path: string): { next(): number } {
  let next = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 1
  let end = next
  return {
    next() {
      if (next >= end) {
        end = next + ordinals_per_block
        writeFileSync(`${path}.new`, String(end), { mode: 0o600 })
        renameSync(`${path}.new`, path)
      }
      return next++
    },
  }
}
