// How a walk is told: the time as a heading, what people do as sentences, and every claim with a tick in front – or a cross,
// what was expected and what came instead, and the walk is over.
import { isDeepStrictEqual } from 'node:util'
import type { Words } from '../../domain/vocabulary.ts'
import type { Paint } from '../paint.ts'

export type Tongue = 'zh' | 'en' | 'both'
/** A claim that was not true, or a program that could not be asked; the story has already said which. */
export class WalkEnded extends Error {}

export type Story = {
  title(words: Words): void
  heading(now: number): void
  tell(zh: string, en: string): void
  /** Words of the program itself, as somebody reads them. */
  quote(who: Words, text: string): void
  /** Ends the walk where `actual` is not `expected`. */
  claim(words: Words, actual: unknown, expected: unknown): void
  claims: number
}

const weekdays: readonly Words[] = [
  ['周日', 'Sun'],
  ['周一', 'Mon'],
  ['周二', 'Tue'],
  ['周三', 'Wed'],
  ['周四', 'Thu'],
  ['周五', 'Fri'],
  ['周六', 'Sat'],
]
const shanghai_ahead_ms = 8 * 3_600_000

/** '2026-11-27 14:59:59.999' on the wall in Shanghai, seconds only where there are any. */
export function wallText(now: number): string {
  const wall = new Date(now + shanghai_ahead_ms).toISOString().replace('T', ' ')
  return wall.endsWith(':00.000Z') ? wall.slice(0, 16) : wall.endsWith('.000Z') ? wall.slice(0, 19) : wall.slice(0, 23)
}
export const weekdayOf = (now: number): Words => weekdays[new Date(now + shanghai_ahead_ms).getUTCDay()]!

export function openStory(write: (line: string) => void, paint: Paint, tongue: Tongue): Story {
  const both = (mark: string, [zh, en]: Words, style: 'strong' | 'faint' | undefined = undefined): void => {
    if (tongue !== 'en') write(`${mark}${style ? paint(style, zh) : zh}`)
    if (tongue === 'en') write(`${mark}${style ? paint(style, en) : en}`)
    else if (tongue === 'both' && en !== zh) write(`    ${paint('faint', en)}`)
  }
  const story: Story = {
    claims: 0,
    title(words) {
      write('')
      both('', words, 'strong')
    },
    heading(now) {
      const [zh, en] = weekdayOf(now)
      write('')
      write(paint('strong', `▸ ${wallText(now)}  ${tongue === 'en' ? en : tongue === 'zh' ? zh : `${zh} ${en}`}`))
    },
    tell: (zh, en) => both('  ', [zh, en]),
    quote([zh, en], text) {
      write(`  ${paint('trying', tongue === 'en' ? en : zh)} “${text}”`)
    },
    claim(words, actual, expected) {
      story.claims++
      if (isDeepStrictEqual(actual, expected)) return both(`  ${paint('good', '✓')} `, words)
      both(`  ${paint('bad', '✗')} `, words)
      write(`      ${tongue === 'en' ? 'expected' : '应为 expected'}: ${JSON.stringify(expected)}`)
      write(`      ${tongue === 'en' ? 'but it is' : '实为 but it is'}: ${JSON.stringify(actual)}`)
      throw new WalkEnded()
    },
  }
  return story
}
