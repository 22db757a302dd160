// A cursor says where a page of a list ended: the list it belongs to, the key of the last row, and the total found with the
// first page, so that later pages need not count again. It is opaque to whoever carries it, and believed only where it fits:
// it never says what may be seen, only where to go on.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { list_total_exact_max } from '../limits.ts'

export type Total = number | { about: number }
export type Key = readonly (string | number)[]
export type Place = { key: Key; total: Total }

const cursor_length_max = 400
const shape = z.strictObject({
  v: z.literal(1),
  of: z.string().max(32),
  key: z.array(z.union([z.string().max(64), z.int()])).min(1).max(3),
  total: z.union([z.int().min(0), z.strictObject({ about: z.int().min(0) })]),
})

/** What a list was asked for, in short: a cursor of one list is not taken by another. */
export const listOf = (name: string, asked: object): string =>
  createHash('sha256').update(JSON.stringify([name, asked])).digest('base64url').slice(0, 16)

export const cursorAt = (list: string, { key, total }: Place): string =>
  Buffer.from(JSON.stringify({ v: 1, of: list, key, total })).toString('base64url')

/** Where to go on; undefined on the first page. `kinds` are the types the list's key has. */
export function placeOf(list: string, cursor: string | undefined, kinds: readonly ('string' | 'number')[]): Place | undefined | Refusal {
  if (cursor === undefined) return undefined
  const read = cursor.length <= cursor_length_max && /^[\w-]+$/.test(cursor) ? shape.safeParse(jsonOf(cursor)).data : undefined
  const fits = read !== undefined && read.of === list && read.key.length === kinds.length && read.key.every((k, i) => typeof k === kinds[i])
  if (!fits)
    return refuse('fields_invalid', { count: 1 }, [{
      pointer: '/query/cursor', code: 'cursor_invalid',
      words: ['游标无效或属于另一次查询，请从第一页开始。', 'This cursor is not valid here; please start again from the first page.'],
    }])
  return { key: read.key, total: read.total }
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** A count that was stopped one above the bound, said as people are told: exact, or about how many. */
export const totalOf = (counted: number, about: () => number | Promise<number>): Total | Promise<Total> => {
  if (counted <= list_total_exact_max) return counted
  const estimate = about()
  const said = (n: number): Total => ({ about: Math.max(rounded(n), list_total_exact_max) })
  return typeof estimate === 'number' ? said(estimate) : estimate.then(said)
}
/** Two digits are as much as an estimate knows: 982,114 → 980,000. */
export const rounded = (n: number): number => {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(n, 1))) - 1)
  return Math.round(n / unit) * unit
}
