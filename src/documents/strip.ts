// The time strip on paper: where each stretch of time lies on a bar of width 1, and where the words of each change go.
// Short stretches (a drain of two hours in half a year) are widened until the eye can see them, the rest gives way; the
// bar is therefore an order of events, not a ruler, and every change carries its moment in words. The text twin says
// the same without a picture.

import type { LetterFacts } from './letter.ts'
import { modes } from '../domain/vocabulary.ts'
import type { Mode } from '../domain/vocabulary.ts'
import { momentEn, momentShort, momentZh } from './instants.ts'

export type Segment = LetterFacts['schedule'][number]
type StripMark = { x: number; anchor: 'start' | 'center' | 'end'; row: number; when: string; word: string }
export type Strip = {
  bars: { x: number; width: number; mode: Mode }[]
  marks: StripMark[]
  rows: number
  needleX: number | undefined
  legend: { mode: Mode; zh: string; en: string }[]
  twinZh: string
  twinEn: string
}

/** The narrowest stretch the eye can still see on a 170 mm bar. */
const bar_share_min = 0.024
/** Room one mark's words need, as a share of the bar. */
const label_share = 0.145
const label_rows_max = 3

/** What begins where a mode begins, when the terminal comes from being open or from being stopped. */
const changeWords: Record<Mode, string> = {
  open: '恢复收款', restrict: '受限', drain: '停止收款', shut: '停机', test: '开机测试', closed: '注销', unknown: '未登记',
}

/** Neighbours of one mode are one stretch: two holds side by side look the same to the cashier. */
const merged = (schedule: readonly Segment[]): Segment[] => {
  const stretches: Segment[] = []
  for (const segment of schedule) {
    const last = stretches.at(-1)
    if (last?.mode === segment.mode) stretches[stretches.length - 1] = { ...last, to: segment.to }
    else stretches.push(segment)
  }
  return stretches
}

/** Widths that add up to 1 and are never below the visible minimum (or an equal share, if there are very many). */
const widthsOf = (stretches: readonly Segment[]): number[] => {
  const whole_ms = stretches.at(-1)!.to - stretches[0]!.from
  const floor = Math.min(bar_share_min, 0.5 / stretches.length)
  const shares = stretches.map(s => (s.to - s.from) / whole_ms)
  const spare = 1 - floor * stretches.length
  return shares.map(share => floor + share * spare)
}

const leftEdge = { start: 0, center: label_share / 2, end: label_share }

/**
 * Words go under their tick; of two close ticks, the first's words end at it and the second's begin at it; where words
 * would still touch, one row lower. Undefined when there are more changes than paper: the text twin then says them all.
 */
const placeMarks = (marks: { x: number; when: string; word: string }[]): StripMark[] | undefined => {
  const rowEnds: number[] = []
  const placed: StripMark[] = []
  for (const [i, mark] of marks.entries()) {
    const room = { before: mark.x - (marks[i - 1]?.x ?? -1), after: (marks[i + 1]?.x ?? 2) - mark.x }
    const near = { before: room.before < label_share, after: room.after < label_share }
    const wanted = mark.x < label_share / 2 ? 'start' : mark.x > 1 - label_share / 2 ? 'end'
      : near.before === near.after ? 'center' : near.before ? 'start' : 'end'
    const anchor = wanted === 'end' && mark.x < label_share ? 'start'
      : wanted === 'start' && mark.x > 1 - label_share ? 'end' : wanted
    const from = mark.x - leftEdge[anchor]
    const free = rowEnds.findIndex(end => end <= from + 1e-9)
    const row = free === -1 ? rowEnds.length : free
    if (row >= label_rows_max) return undefined
    rowEnds[row] = from + label_share
    placed.push({ ...mark, anchor, row })
  }
  return placed
}

const positionOf = (at: number, stretches: readonly Segment[], bars: Strip['bars']): number | undefined => {
  const i = stretches.findIndex(s => s.from <= at && at <= s.to)
  if (i === -1) return undefined
  const { from, to } = stretches[i]!
  return bars[i]!.x + (bars[i]!.width * (at - from)) / (to - from)
}

/** The strip of a schedule seen at `now_ms`; undefined when there is nothing to show. */
export const stripOf = (schedule: readonly Segment[], now_ms: number): Strip | undefined => {
  if (schedule.length === 0) return undefined
  const stretches = merged(schedule)
  let x = 0
  const bars = widthsOf(stretches).map((width, i) => {
    const bar = { x, width, mode: stretches[i]!.mode }
    x += width
    return bar
  })
  const changes = stretches.slice(1).map((s, i) => ({
    x: bars[i + 1]!.x, when: momentShort(s.from), word: changeWords[s.mode],
  }))
  const marks = placeMarks(changes) ?? []
  const seen = [...new Set(stretches.map(s => s.mode))]
  const twin = stretches.map(({ from, mode }, i) => {
    const [zh, en] = modes[mode]
    return i === 0 ? [zh, en] : [`${momentZh(from)} 起${zh}`, `${en} from ${momentEn(from)}`]
  })
  return {
    bars,
    marks,
    rows: Math.max(0, ...marks.map(mark => mark.row + 1)),
    needleX: positionOf(now_ms, stretches, bars),
    legend: seen.map(mode => ({ mode, zh: modes[mode][0], en: modes[mode][1] })),
    twinZh: `${twin.map(([zh]) => zh).join('；')}。`,
    twinEn: `${twin.map(([, en]) => en).join('; ')}.`,
  }
}
