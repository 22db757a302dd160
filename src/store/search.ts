// What somebody typed or pasted into the search box, read as what it may be: terminal numbers, serials, merchant numbers, case
// numbers – any of them at once – or a part of a merchant's name. Several values separated by space, comma or newline mean any
// of them; where none of them looks like a number, the whole is a name (names have spaces, too).
import { parseCaseNumber } from '../domain/number.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import type { Tx } from './db.ts'

export const search_values_max = 200
export const search_length_max = 8_000
/** More merchants than this are not gathered one by one: a list then goes through in order and looks at each name. */
export const merchants_gathered_max = 4_000

export type Search = {
  /** The beginning of a terminal number, where one value was typed. */
  prefix: string | undefined
  tids: readonly string[]
  serials: readonly string[]
  mids: readonly string[]
  cases: readonly string[]
  names: readonly string[]
}

const separators = /[\s,，、;；]+/
const looksLikeNumber = /^(?=.*\d)[0-9A-Z][0-9A-Z-]{2,49}$/
const tidPart = /^[0-9A-Z]{1,8}$/
const mid = /^[0-9A-Z]{15}$/
const serial = /^[0-9A-Za-z-]{6,50}$/

export const foldedName = (text: string): string => text.normalize('NFKC').toLowerCase()

/** Undefined where there is nothing to look for. */
export function readSearch(q: string | undefined): Search | undefined | Refusal {
  const text = (q ?? '').normalize('NFKC').trim()
  if (text === '') return undefined
  const typed = [...new Set(text.split(separators).filter((v) => v !== ''))]
  if (text.length > search_length_max || typed.length > search_values_max) return refuse('fields_invalid', { count: 1 }, [{
    pointer: '/query/q', code: 'too_many', words: [`最多同时查找 ${search_values_max} 个。`, `At most ${search_values_max} values at once.`],
  }])
  const upper = typed.map((v) => v.toUpperCase())
  const numbers = upper.filter((v) => looksLikeNumber.test(v))
  const one = upper.length === 1 ? upper[0]! : undefined
  const names = one !== undefined || numbers.length === 0 ? [foldedName(text)] : typed.filter((v) => !looksLikeNumber.test(v.toUpperCase())).map(foldedName)
  return {
    prefix: one !== undefined && tidPart.test(one) ? one : undefined,
    tids: one === undefined ? upper.filter((v) => tidPart.test(v) && v.length === 8) : [],
    serials: [...new Set([...typed, ...upper].filter((v) => serial.test(v)))],
    mids: upper.filter((v) => mid.test(v)),
    cases: typed.flatMap((v) => parseCaseNumber(v)?.no ?? []),
    names,
  }
}

/** What the index of names is asked for: the pairs of the part, or its one character. */
export function gramsOf(part: string): string[] {
  const characters = [...part]
  return characters.length === 1 ? characters : [...new Set(characters.slice(1).map((c, i) => `${characters[i]}${c}`))]
}

export type Named = { mids: string[]; common: { part: string; about: number }[] }

/** The merchants a search names; `common` are parts that so many names have that they are not gathered. */
export async function merchantsNamed(tx: Tx, names: readonly string[]): Promise<Named> {
  const mids = new Set<string>()
  const common: Named['common'] = []
  for (const part of names) {
    const row = await tx.one<{ mids: string[] | null; about: number }>('select mids, about from merchants_named($1, $2, $3)', [part, gramsOf(part), merchants_gathered_max])
    if (row!.mids === null) common.push({ part, about: row!.about })
    else for (const mid of row!.mids) mids.add(mid)
  }
  return { mids: [...mids], common }
}
