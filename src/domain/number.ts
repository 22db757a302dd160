// Numbers people read to one another over the telephone: TQ-261127-00042-7 for a case, TQ-S2026-00042-7 for a letter.
// Provider's prefix, date or year, serial, check digit; capital letters and digits only, hyphens for the eye.
// The check digit is ISO 7064 MOD 11,10 over everything before it, in order, hyphens left out; a letter counts as the
// three octal digits of its ASCII code (A = 101, Z = 132). It finds every wrong digit, and every two neighbouring
// digits that changed places unless they differ by one (45 for 54, 90 for 09), of which it finds nine in ten; of wrong
// letters nine in ten.
import { isDate } from './calendar.ts'

/** ISO 7064 MOD 11,10: the digit that follows a string of digits. */
export function mod11_10(digits: string): number {
  let product = 10
  for (const digit of digits) product = (((product + Number(digit)) % 10 || 10) * 2) % 11
  return (11 - product) % 10
}

const toDigits = (body: string): string =>
  body.replaceAll('-', '').replace(/[A-Z]/g, (letter) => letter.charCodeAt(0).toString(8))
const withCheck = (body: string): string => `${body}-${mod11_10(toDigits(body))}`

const SERIAL_DIGITS_min = 5
const SERIAL_max = 9_999_999_999
function serialText(serial: number): string {
  if (!Number.isSafeInteger(serial) || serial < 0 || serial > SERIAL_max)
    throw new RangeError(`not a serial: ${serial}`)
  return String(serial).padStart(SERIAL_DIGITS_min, '0')
}
/** A serial as `serialText` writes it: no zero in front of a sixth digit, so that a number has one spelling. */
const serialPattern = '(\\d{5}|[1-9]\\d{5,9})'
const casePattern = new RegExp(`^([A-Z]{2})(\\d{6})${serialPattern}(\\d)$`)
const letterPattern = new RegExp(`^([A-Z]{2})([A-Z])(\\d{4})${serialPattern}(\\d)$`)

/** As typed: any case, full width or half, hyphens and spaces anywhere or nowhere. */
const typed = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\s\-‐‑–—−]/g, '')
    .toUpperCase()

const prefixPattern = /^[A-Z]{2}$/
function assertPrefix(prefix: string): void {
  if (!prefixPattern.test(prefix)) throw new RangeError(`not a prefix of two capital letters: ${prefix}`)
}

/**
 * 'TQ', '2026-11-27', 42 → 'TQ-261127-00042-7'. The date is one of the years 2000 to 2099, the serial counts from 0.
 */
export function caseNumber(prefix: string, date: string, serial: number): string {
  assertPrefix(prefix)
  if (!isDate(date) || !date.startsWith('20')) throw new RangeError(`not a date of this century: ${date}`)
  return withCheck(`${prefix}-${date.slice(2).replaceAll('-', '')}-${serialText(serial)}`)
}

export type CaseNumber = { no: string; prefix: string; date: string; serial: number }

/** The number as `caseNumber` writes it and its parts, or undefined where shape, date or check digit is wrong. */
export function parseCaseNumber(text: string): CaseNumber | undefined {
  const [, prefix, day, serial] = casePattern.exec(typed(text)) ?? []
  if (!prefix || !day || !serial) return undefined
  const date = `20${day.slice(0, 2)}-${day.slice(2, 4)}-${day.slice(4)}`
  if (!isDate(date)) return undefined
  const no = caseNumber(prefix, date, Number(serial))
  return typed(no) === typed(text) ? { no, prefix, date, serial: Number(serial) } : undefined
}
export const isCaseNumber = (text: string): boolean => parseCaseNumber(text) !== undefined

/** 'TQ', 'S', 2026, 42 → 'TQ-S2026-00042-' and its check digit. One capital letter names the kind of letter. */
export function letterNumber(prefix: string, kindLetter: string, year: number, serial: number): string {
  assertPrefix(prefix)
  if (!/^[A-Z]$/.test(kindLetter)) throw new RangeError(`not one capital letter: ${kindLetter}`)
  if (!Number.isInteger(year) || year < 1000 || year > 9999) throw new RangeError(`not a year: ${year}`)
  return withCheck(`${prefix}-${kindLetter}${year}-${serialText(serial)}`)
}

export type LetterNumber = { no: string; prefix: string; kindLetter: string; year: number; serial: number }

/** The number as `letterNumber` writes it and its parts, or undefined where shape or check digit is wrong. */
export function parseLetterNumber(text: string): LetterNumber | undefined {
  const [, prefix, kindLetter, year, serial] = letterPattern.exec(typed(text)) ?? []
  if (!prefix || !kindLetter || !year || !serial || Number(year) < 1000) return undefined
  const no = letterNumber(prefix, kindLetter, Number(year), Number(serial))
  return typed(no) === typed(text) ? { no, prefix, kindLetter, year: Number(year), serial: Number(serial) } : undefined
}
export const isLetterNumber = (text: string): boolean => parseLetterNumber(text) !== undefined
