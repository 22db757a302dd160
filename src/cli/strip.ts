// The time strip drawn in text: what a terminal may do, past to future, a needle for now, and each change with its moment.
// Short stretches are widened until they can be seen, so that the bar is an order of events and not a ruler; the moments
// under it are exact. Of very many changes the oldest find no room under the bar.
import { modes, say, type Language, type Mode } from '../domain/vocabulary.ts'
import { modeLamps, type Paint } from './paint.ts'
import { instant } from './show.ts'
import { padEnd, widthOf } from './width.ts'

export type Stretch = { from: string; to: string; mode: Mode }
export type StripLook = { language: Language; paint: Paint; columns: number }

const label_rows_max = 4

/** Neighbours of one mode are one stretch: two holds side by side look the same to the cashier. */
function merged(schedule: readonly Stretch[]): Stretch[] {
  const stretches: Stretch[] = []
  for (const { from, to, mode } of schedule) {
    const last = stretches.at(-1)
    if (last?.mode === mode) stretches[stretches.length - 1] = { ...last, to }
    else stretches.push({ from, to, mode })
  }
  return stretches
}

/** Columns of each stretch: at least one, all of them together exactly `columns` (or one each, where they are more). */
function columnsOf(stretches: readonly Stretch[], columns: number): number[] {
  const lengths = stretches.map((s) => Math.max(0, Date.parse(s.to) - Date.parse(s.from)))
  const whole = lengths.reduce((sum, length) => sum + length, 0) || 1
  const spare = Math.max(0, columns - stretches.length)
  // Each stretch ends where its share of the time ends, rounded once, so that roundings do not add up.
  let time = 0
  let used = 0
  return lengths.map((length) => {
    time += length
    const end = Math.round((spare * time) / whole)
    const own = 1 + end - used
    used = end
    return own
  })
}

/** `11-27 15:00` of an instant as people see it. */
const short = (at: string): string => instant(at).slice(5, 16)

/** Undefined where there is nothing to draw. */
export function strip(
  schedule: readonly Stretch[],
  now: string,
  { language, paint, columns }: StripLook,
): string[] | undefined {
  if (schedule.length === 0) return undefined
  const stretches = merged(schedule)
  const widths = columnsOf(stretches, columns)
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0))
  const bar = stretches
    .map((s, i) => paint(modeLamps[s.mode].style, modeLamps[s.mode].shape.repeat(widths[i]!)))
    .join('')
  const seen = [...new Set(stretches.map((s) => s.mode))]
  const legend = seen
    .map((mode) => `${paint(modeLamps[mode].style, modeLamps[mode].shape)} ${say(modes[mode], language)}`)
    .join('  ')
  const here = needleAt(stretches, widths, starts, now)
  const labels = stretches.slice(1).map(
    (s, i): Label => ({
      at: starts[i + 1]!,
      text: `${short(s.from)} ${say(modes[s.mode], language)}`,
      isComing: Date.parse(s.from) > Date.parse(now),
    }),
  )
  return [
    ...(here === undefined ? [] : [needle(here, columns, say(['现在', 'now'], language))]),
    bar,
    ...placed(labels, columns),
    legend,
  ]
}

function needleAt(
  stretches: readonly Stretch[],
  widths: readonly number[],
  starts: readonly number[],
  now: string,
): number | undefined {
  const at = Date.parse(now)
  const i = stretches.findIndex((s) => Date.parse(s.from) <= at && at < Date.parse(s.to))
  if (i === -1) return undefined
  const { from, to } = stretches[i]!
  const share = (at - Date.parse(from)) / (Date.parse(to) - Date.parse(from))
  return starts[i]! + Math.min(widths[i]! - 1, Math.floor(widths[i]! * share))
}

/** The word stands to the right of the needle, or to its left where there is no room. */
function needle(at: number, columns: number, word: string): string {
  const room = columns - at - 1
  return room > widthOf(word)
    ? `${' '.repeat(at)}▼ ${word}`
    : `${' '.repeat(Math.max(0, at - widthOf(word) - 1))}${word} ▼`
}

type Label = { at: number; text: string; isComing: boolean }
type Placed = { start: number; end: number; text: string }

/**
 * Words under their tick, to its right or, where there is no room, to its left; where both would touch other words, a row
 * lower. What comes is placed before what is past, the newest of that first.
 */
function placed(labels: readonly Label[], columns: number): string[] {
  const rows: Placed[][] = Array.from({ length: label_rows_max }, () => [])
  const ordered = [...labels.filter((l) => l.isComing), ...labels.filter((l) => !l.isComing).toReversed()]
  for (const { at, text } of ordered) {
    const width = widthOf(text) + 1
    const sides = [
      { start: at, end: at + width, text: `╵${text}` },
      { start: at - width + 1, end: at + 1, text: `${text}╵` },
    ]
    const isFree = (row: readonly Placed[], one: Placed): boolean =>
      one.start >= 0 && one.end <= columns && row.every((other) => one.end < other.start || other.end < one.start)
    for (const row of rows) {
      const side = sides.find((one) => isFree(row, one))
      if (!side) continue
      row.push(side)
      break
    }
  }
  return rows
    .filter((row) => row.length > 0)
    .map((row) =>
      row.toSorted((a, b) => a.start - b.start).reduce((line, { start, text }) => `${padEnd(line, start)}${text}`, ''),
    )
}
