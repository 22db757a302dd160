// What holds for every text that people send, wherever it stands in a body, a path or a query – looked after here, once, and
// not field by field. It must be one a database can keep; and card numbers in it, where none belongs, are masked before
// anything decides upon it, keeps it or repeats it.
import { scrubPans } from '../domain/identity.ts'
import { parseCaseNumber, parseLetterNumber } from '../domain/number.ts'
import type { Words } from '../domain/vocabulary.ts'

export const unkeepable_words: Words = ['含有无法保存的字符。', 'Contains a character that cannot be kept.']

/** Where a text stands with half a character in it, or the character of value 0: its path, or undefined. */
export function unkeepableIn(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0') ? undefined : []
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, one] of Object.entries(value)) {
    const within = unkeepableIn(one)
    if (within) return [name, ...within]
  }
  return undefined
}

/** Long serials make numbers of ours look like cards; they have a check digit of their own. */
const isOurs = (text: string): boolean => parseCaseNumber(text) !== undefined || parseLetterNumber(text) !== undefined

/** The value with every card number in its texts masked, names of what people name themselves included, at any depth. */
export function withoutPans<T>(value: T): T {
  if (typeof value === 'string') return (isOurs(value) ? value : scrubPans(value)) as T
  if (Array.isArray(value)) return value.map(withoutPans) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [withoutPans(name), withoutPans(one)])) as T
}
