// What is wrong with a field, in plain words: zod's findings become JSON pointers and sentences. A finding never quotes what
// was sent. Pointers into the body are bare (/reason), those into the query string begin with /query.
import type { z } from 'zod'
import { refuse, type FieldError, type Refusal } from '../domain/refusals.ts'
import { scrubPans } from '../domain/identity.ts'
import type { Words } from '../domain/vocabulary.ts'

type Issue = z.core.$ZodIssue
/** Longer lists of choices are not read out. */
const choices_named_max = 16

/** The names of fields nobody knows are the sender's own text. */
const step = (key: PropertyKey): string => `/${scrubPans(String(key)).replaceAll('~', '~0').replaceAll('/', '~1')}`
export const pointerOf = (base: string, path: readonly PropertyKey[]): string => base + path.map(step).join('')

const typeWords: Readonly<Record<string, Words>> = {
  string: ['文字', 'text'],
  number: ['数字', 'a number'],
  int: ['整数', 'a whole number'],
  boolean: ['true 或 false', 'true or false'],
  array: ['列表', 'a list'],
  object: ['对象', 'an object'],
  record: ['对象', 'an object'],
}
const formatWords: Readonly<Record<string, Words>> = {
  datetime: ['带时区的时间，如 2026-11-27T15:00:00+08:00', 'a time with its offset, such as 2026-11-27T15:00:00+08:00'],
  date: ['日期，如 2026-11-27', 'a date such as 2026-11-27'],
  uuid: ['UUID', 'a UUID'],
  url: ['网址', 'a web address'],
}

function sized(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): [string, Words] {
  const small = issue.code === 'too_small'
  const bound = Number(small ? issue.minimum : issue.maximum)
  switch (issue.origin) {
    case 'string':
      return bound === 1 && small
        ? ['required', ['必填。', 'Required.']]
        : [
            small ? 'too_short' : 'too_long',
            small
              ? [`至少 ${bound} 个字符。`, `At least ${bound} characters.`]
              : [`最多 ${bound} 个字符。`, `At most ${bound} characters.`],
          ]
    case 'array':
      return [
        small ? 'too_few' : 'too_many',
        small
          ? [`至少 ${bound} 项。`, `At least ${bound} item(s).`]
          : [`最多 ${bound} 项。`, `At most ${bound} items.`],
      ]
    default:
      return [
        small ? 'too_small' : 'too_large',
        small ? [`不小于 ${bound}。`, `Not less than ${bound}.`] : [`不大于 ${bound}。`, `Not more than ${bound}.`],
      ]
  }
}

function explain(issue: Issue): [code: string, words: Words] {
  if ('input' in issue && issue.input === undefined) return ['required', ['必填。', 'Required.']]
  switch (issue.code) {
    case 'invalid_type': {
      const [zh, en] = typeWords[issue.expected] ?? [issue.expected, issue.expected]
      return ['type', [`应为${zh}。`, `Should be ${en}.`]]
    }
    case 'too_small':
    case 'too_big':
      return sized(issue)
    case 'invalid_value': {
      const named = issue.values.length <= choices_named_max ? issue.values.map(String).join(', ') : undefined
      return [
        'not_offered',
        named === undefined
          ? ['不在可选范围内。', 'Not one of the choices.']
          : [`可选：${named}。`, `Choose one of: ${named}.`],
      ]
    }
    case 'invalid_format': {
      const [zh, en] = formatWords[issue.format] ?? ['规定的格式', 'in the right form']
      return ['format', [`应为${zh}。`, `Should be ${en}.`]]
    }
    case 'not_multiple_of':
      return ['type', ['应为整数。', 'Should be a whole number.']]
    default:
      return ['invalid', ['填写有误。', 'Not valid.']]
  }
}

function faultsOf(issue: Issue, base: string, path: readonly PropertyKey[]): FieldError[] {
  const here = [...path, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: pointerOf(base, [...here, key]),
      code: 'unknown_field',
      words: ['没有这个字段。', 'There is no such field.'],
    }))
  // Of several shapes, the one that came nearest says what is missing.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nearest = issue.errors.toSorted((a, b) => distance(a) - distance(b))[0]!
    return nearest.flatMap((inner) => faultsOf(inner, base, here))
  }
  const [code, words] = explain(issue)
  return [{ pointer: pointerOf(base, here), code, words }]
}
const distance = (issues: readonly Issue[]): number =>
  issues.some((i) => i.code === 'invalid_type' && i.path.length === 0) ? Number.POSITIVE_INFINITY : issues.length

/** What was sent, as the schema wants it, or a refusal that names every field; `base` goes before the pointers. */
export function checked<T extends z.ZodType>(schema: T, sent: unknown, base = ''): { value: z.output<T> } | Refusal {
  // The input is reported only so that a missing field can be told from a wrong one.
  const parsed = schema.safeParse(sent, { reportInput: true })
  if (parsed.success) return { value: parsed.data }
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, base, []))
  // One word per field: of what is no list, it need not be said that it is too long for one.
  const fields = faults.filter((fault, i) => faults.findIndex((f) => f.pointer === fault.pointer) === i)
  return refuse('fields_invalid', { count: fields.length }, fields)
}

export const fieldInvalid = (pointer: string, code: string, words: Words): Refusal =>
  refuse('fields_invalid', { count: 1 }, [{ pointer, code, words }])
