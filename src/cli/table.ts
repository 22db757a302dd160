// Tables for people: columns as wide as what stands in them, counted in terminal columns. Where a screen is too narrow, the
// columns that say so give way, the longest first; the others are never cut, for numbers and codes must be whole.
import { clean, cut, padEnd, padStart, widthOf } from './width.ts'

export type Column<T> = {
  title: string
  cell(row: T): string
  align?: 'left' | 'right'
  /** May be cut to this width where the screen is narrow. */
  width_min?: number
  /** Put on after the text has its width, so that colours do not count. */
  finish?(text: string, row: T): string
}

const gap = '  '

/** `width_max` undefined: as wide as it likes (a file, a pipe). The first line is the titles. */
export function table<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  width_max?: number,
  finishTitle = (text: string): string => text,
): string[] {
  const cells = rows.map((row) => columns.map((column) => clean(column.cell(row))))
  const widths = columns.map((column, i) => Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[i]!))))
  narrow(columns, widths, width_max)
  const isLast = (i: number): boolean => i === columns.length - 1
  const fitted = (text: string, i: number): string => {
    const shown = cut(text, widths[i]!)
    if (columns[i]!.align === 'right') return padStart(shown, widths[i]!)
    return isLast(i) ? shown : padEnd(shown, widths[i]!)
  }
  return [
    finishTitle(columns.map((column, i) => fitted(column.title, i)).join(gap)),
    ...rows.map((row, n) =>
      columns
        .map((column, i) => {
          const text = fitted(cells[n]![i]!, i)
          return column.finish ? column.finish(text, row) : text
        })
        .join(gap),
    ),
  ]
}

/** Takes from the widest column that may give way until all fit, or none may. */
function narrow<T>(columns: readonly Column<T>[], widths: number[], width_max: number | undefined): void {
  const room = (width_max ?? Number.POSITIVE_INFINITY) - gap.length * (columns.length - 1)
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
    const widest = columns.reduce<number | undefined>((best, column, i) => {
      const may = column.width_min !== undefined && widths[i]! > Math.max(column.width_min, 1)
      return may && (best === undefined || widths[i]! > widths[best]!) ? i : best
    }, undefined)
    if (widest === undefined) return
    widths[widest]!--
  }
}

/** Names and what they are, the names in one column. Pairs without a value are left out. */
export function pairs(
  entries: readonly (readonly [name: string, value: string | undefined])[],
  finishName = (text: string): string => text,
): string[] {
  const shown = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined && entry[1] !== '')
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)))
  return shown.map(([name, value]) => `${finishName(padEnd(name, width))}  ${value}`)
}
