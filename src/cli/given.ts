// What somebody gave a command on its line, read as what it means; a value that means nothing is refused with what would.
import { words, type Word, type Words } from '../domain/vocabulary.ts'
import { wrong } from './refused.ts'
import { readInstant } from './show.ts'

type Table = Readonly<Record<string, Words>>

export type Given = {
  /** The argument at that place; empty where it is optional and was left out. */
  arg(place: number): string
  /** The arguments of a place that takes many. */
  args(place: number): string[]
  argOf<T extends Table>(place: number, table: T): Word<T>
  text(name: string): string | undefined
  flag(name: string): boolean
  /** Of a pair such as --header and --no-header; undefined where neither was given. */
  either(name: string): boolean | undefined
  /** Of an option that may be repeated. */
  list(name: string): string[]
  wordOf<T extends Table>(name: string, table: T): Word<T> | undefined
  instant(name: string): string | undefined
  count(name: string): number | undefined
}

export function given(args: readonly unknown[], options: Readonly<Record<string, unknown>>): Given {
  const text = (name: string): string | undefined => {
    const value = options[name]
    return typeof value === 'string' ? value : undefined
  }
  const read = <T>(name: string, how: (text: string) => T | undefined, zh: string, en: string): T | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const meant = how(value)
    if (meant === undefined)
      throw wrong(
        `--${dashed(name)} 应为${zh}，不是「${value}」。`,
        `--${dashed(name)} should be ${en}, not "${value}".`,
      )
    return meant
  }
  return {
    arg: (place) => String(args[place] ?? ''),
    args: (place) => (Array.isArray(args[place]) ? args[place].map(String) : []),
    argOf: (place, table) => wordFrom(String(args[place]), table, ''),
    text,
    flag: (name) => options[name] === true,
    either: (name) => (typeof options[name] === 'boolean' ? options[name] : undefined),
    list: (name) => (Array.isArray(options[name]) ? options[name].map(String) : []),
    wordOf(name, table) {
      const value = text(name)
      return value === undefined ? undefined : wordFrom(value, table, `--${dashed(name)} `)
    },
    instant: (name) =>
      read(name, readInstant, '时间，如 2026-11-27 15:00（上海时间）', 'a time such as 2026-11-27 15:00 (Shanghai)'),
    count: (name) =>
      read(name, (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined), '整数', 'a whole number'),
  }
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** A word of a table, typed in any case. */
export function wordFrom<T extends Table>(typed: string, table: T, name: string): Word<T> {
  const all = words(table)
  const found = all.find((word) => word.toLowerCase() === typed.toLowerCase())
  if (found !== undefined) return found
  const choices = (index: 0 | 1): string =>
    all.map((word) => `${word} ${table[word]![index]}`).join(index === 0 ? '、' : ', ')
  throw wrong(
    `${name}没有「${typed}」；可选：${choices(0)}。`,
    `${name}There is no "${typed}"; choose one of: ${choices(1)}.`,
  )
}

/** `a=b c` → ['a', 'b c']; without '=' the second part is undefined. */
export function halves(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** An object without what is undefined, as the contract wants optional fields. */
export const present = <T extends object>(object: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
