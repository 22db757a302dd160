// What a terminal may do, past to future, on one bar: stretches by mode, a needle for now, a mark for every change still to
// come. The same bar everywhere, small in rows, large on pages; for screen readers and for print it is a list of sentences.
import { useLayoutEffect, useRef, useState, type RefObject } from 'react'
import { modes, type Mode } from '../../../src/domain/vocabulary.ts'
import { isUncleared } from '../hold.ts'
import { useSay } from '../words.ts'
import { shortDay, time, when } from './when.ts'

type Stretch = { from: string; to: string; mode: Mode; hold: string | null }
export type Mark = { at: string; words: string }

/** When a stop is expected to end: a mark, no change of colour, since it does not end by itself. */
export const returnsOf = (holds: readonly { expectedUntil: string | null; clearedAt: string | null; liftedAt: string | null; withdrawnAt: string | null }[], say: (zh: string, en: string) => string): Mark[] =>
  holds.filter((h) => h.expectedUntil !== null && isUncleared(h))
    .map((h) => ({ at: h.expectedUntil!, words: say('测试后恢复', 'back after its test') }))

const day_ms = 86_400_000
/** Before now at least, so that what just changed is seen; after the last change so much that its mode can be read. */
const before_days = 7
const after_share = 0.25
/** Words of marks nearer than this would lie on one another; the later is left to the list. */
const mark_width_px = 92

/** In lists every strip covers the same days, so that now stands at one place and rows can be compared. */
const row_before_days = 30
const row_after_days = 60

/** From a little before now to a little after the last change: a stop next Friday is not a hair in half a year. */
function windowOf(schedule: readonly Stretch[], marks: readonly Mark[], now: number): { from: number; to: number } {
  const changes = [...schedule.slice(1).map((s) => s.from), ...marks.map((m) => m.at)].map((at) => Date.parse(at))
  const last = Math.max(now + 14 * day_ms, ...changes)
  const first = Math.min(now - before_days * day_ms, ...changes.filter((at) => at > now - 30 * day_ms))
  return { from: first, to: last + (last - first) * after_share }
}

/** How wide the bar stands now, and a reference to put on it. */
function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const bar = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(320)
  useLayoutEffect(() => {
    const watching = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width))
    watching.observe(bar.current!)
    return () => watching.disconnect()
  }, [])
  return [bar, width]
}

export function TimeStrip({ schedule, now, small = false, marks = [], within }: {
  schedule: readonly Stretch[]; now: number; small?: boolean; marks?: readonly Mark[]
  /** Of a few hours only, which would be a hair among days; now is shown where it lies within. */
  within?: { from: number; to: number }
}) {
  const say = useSay()
  const [bar, width] = useWidth()
  const { from, to } = within ?? (small ? { from: now - row_before_days * day_ms, to: now + row_after_days * day_ms } : windowOf(schedule, marks, now))
  const share = (at: number): number => Math.min(1, Math.max(0, (at - from) / (to - from)))
  const percent = (part: number): string => `${(part * 100).toFixed(3)}%`
  const shown = schedule.map((s) => ({ ...s, start: share(Date.parse(s.from)), end: share(Date.parse(s.to)) })).filter((s) => s.end > s.start)
  const changes: Mark[] = [...marks, ...schedule.slice(1).filter((s) => Date.parse(s.from) > now).map((s) => ({ at: s.from, words: say(modes[s.mode]) }))]
  const placed: (Mark & { left: number })[] = []
  for (const mark of changes.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const left = share(Date.parse(mark.at))
    if ((left - (placed.at(-1)?.left ?? -1)) * width >= mark_width_px) placed.push({ ...mark, left })
  }
  return (
    <div ref={bar} className={small ? 'strip small' : 'strip'}>
      <div aria-hidden="true">
        <div className="track">{shown.map((s) => <i key={s.from} className={s.mode} style={{ width: percent(s.end - s.start) }} />)}</div>
        {now < from || now > to ? null : <div className="needle" style={{ left: percent(share(now)) }}>{small ? null : <span>{say('现在', 'now')}</span>}</div>}
        {marks.map((m) => <div key={m.at} className="flag" style={{ left: percent(share(Date.parse(m.at))) }} />)}
        {small || placed.length === 0 ? null : (
          <div className="marks">{placed.map((m) => (
            <span key={m.at + m.words} className={m.left < 0.1 ? 'first' : m.left > 0.88 ? 'last' : undefined} style={{ left: percent(m.left) }}>
              <b className="num">{shortDay(m.at, now)} {time(m.at)}</b>{m.words}
            </span>
          ))}</div>
        )}
      </div>
      <ul className="unseen">{schedule.map((s, i) => (
        <li key={s.from}>{i === 0 ? say('现已', 'so far') : say(`${when(s.from)} 起`, `from ${when(s.from)}`)}：{say(modes[s.mode])}</li>
      ))}{marks.map((m) => <li key={m.at + m.words}>{when(m.at)}：{m.words}</li>)}</ul>
    </div>
  )
}
