// Instants as a letter writes them, on the wall clock of Asia/Shanghai. The zone has been UTC+8 without change since
// 1991 and letters begin in 2000 (letter.ts), so the arithmetic is one addition.

const shanghai_ms = 8 * 3_600_000
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (n: number): string => String(n).padStart(2, '0')

const wall = (at_ms: number) => {
  const date = new Date(at_ms + shanghai_ms)
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()]
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return { year: date.getUTCFullYear(), month, day, clock }
}

/** `2026年11月27日` */
export const dayZh = (at_ms: number): string => {
  const { year, month, day } = wall(at_ms)
  return `${year}年${month}月${day}日`
}
/** `15:00:00` */
export const clockOf = (at_ms: number): string => wall(at_ms).clock
/** `2026年11月27日 15:00:00` */
export const momentZh = (at_ms: number): string => `${dayZh(at_ms)} ${clockOf(at_ms)}`

/** `27 Nov 2026` */
export const dayEn = (at_ms: number): string => {
  const { year, month, day } = wall(at_ms)
  return `${day} ${months[month - 1]} ${year}`
}
/** `27 Nov 2026, 15:00:00` */
export const momentEn = (at_ms: number): string => `${dayEn(at_ms)}, ${clockOf(at_ms)}`

/** `11-27 15:00`, for a mark on the strip. */
export const momentShort = (at_ms: number): string => {
  const { month, day, clock } = wall(at_ms)
  return `${two(month)}-${two(day)} ${clock.slice(0, 5)}`
}

/** A PDF date: `D:20261127150000+08'00'`. */
export const pdfDate = (at_ms: number): string => {
  const { year, month, day, clock } = wall(at_ms)
  return `D:${year}${two(month)}${two(day)}${clock.replaceAll(':', '')}+08'00'`
}
/** The instant of such a date, to the second; undefined when it is not one of ours. */
export const fromPdfDate = (text: string): number | undefined => {
  const parts = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\+08'00'$/.exec(text)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number)
  return Date.UTC(year!, month! - 1, day, hour, minute, second) - shanghai_ms
}
