// How single things are shown to people: instants on the clock of Shanghai, money in yuan, words by their language.
import { say, type Language, type Words } from '../domain/vocabulary.ts'

/** China has had one time all year round since 1991; what terminals do is not older. */
const shanghai_ms = 8 * 3_600_000

/** '2026-11-27T07:00:00.000Z' → '2026-11-27 15:00:00'. What is no instant is shown as it is. */
export function instant(text: string): string {
  const at = Date.parse(text)
  return Number.isNaN(at) ? text : new Date(at + shanghai_ms).toISOString().slice(0, 19).replace('T', ' ')
}
export const instantOr = (text: string | null | undefined, otherwise = '–'): string =>
  text == null ? otherwise : instant(text)

export type Money = { fen: number; currency?: string }
/** { fen: 123450 } → '¥1,234.50' */
export function money({ fen }: Money): string {
  const size = Math.abs(fen)
  const yuan = String(Math.floor(size / 100)).replace(/\B(?=(\d{3})+$)/g, ',')
  return `${fen < 0 ? '-' : ''}¥${yuan}.${String(size % 100).padStart(2, '0')}`
}

/** A word of one of the tables; one we do not know (a newer program) is shown as it is. */
export const wordIn = (table: Readonly<Record<string, Words>>, word: string, language: Language): string => {
  const known = Object.hasOwn(table, word) ? table[word] : undefined
  return known ? say(known, language) : word
}

export type Total = number | { about: number }
/** '共 300 项', or where nobody counted to the end, '约 20000 项'. */
export const total = (count: Total, language: Language): string =>
  typeof count === 'number'
    ? say([`共 ${count} 项`, `${count} in all`], language)
    : say([`约 ${count.about} 项`, `about ${count.about}`], language)

// ── What people type ────────────────────────────────────────────────────────────────────────────────────────────────
const typed = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/i

/**
 * An instant as people type it, with its offset; without one it is Shanghai's clock, without an hour the day's beginning.
 * Undefined for what is none, 30 February included.
 */
export function readInstant(text: string): string | undefined {
  const match = typed.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', part = '', offset = '+08:00'] = match
  const date = `${year}-${month}-${day}`
  const at = `${date}T${hour}:${minute}:${second}${part}${offset.toUpperCase()}`
  const isDay =
    !Number.isNaN(Date.parse(`${date}T00:00:00Z`)) && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
  return isDay && Number(hour) < 24 && !Number.isNaN(Date.parse(at)) ? at : undefined
}

/** Yuan as people type them, in fen: '12', '12.34', '1,234.50'. */
export function readYuan(text: string): number | undefined {
  const [, yuan, decimals = ''] = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? []
  const fen = yuan === undefined ? Number.NaN : Number(yuan.replaceAll(',', '') + decimals.padEnd(2, '0'))
  return Number.isSafeInteger(fen) ? fen : undefined
}
