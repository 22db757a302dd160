// How wide text stands in a terminal: Chinese, full-width forms and pictures take two columns, marks that sit on the letter
// before take none. What comes from elsewhere is cleaned first, so that a name cannot move the cursor or turn text around.

/** First and last code point of each block drawn two columns wide (Unicode East Asian Width W and F). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]
const isWide = (code: number): boolean => code >= 0x1100 && wide.some(([first, last]) => first <= code && code <= last)
const sitsOnAnother = /^[\p{Mn}\p{Me}\p{Cf}]$/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const escapes = /\u001b\[[0-9;]*m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const unfit = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g

/** Text from elsewhere, fit to be shown: on one line, without control characters or changes of direction. */
export const clean = (text: string): string => text.replace(unfit, ' ')

const widthOfCharacter = (character: string): number =>
  isWide(character.codePointAt(0)!) ? 2 : sitsOnAnother.test(character) ? 0 : 1

/** Columns a text takes; colours take none. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text.replace(escapes, '')) width += widthOfCharacter(character)
  return width
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text

/** At most `width` columns of an uncoloured text; where something is left out, it ends in '…'. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const character of text) {
    const next = widthOfCharacter(character)
    if (used + next > width - 1) break
    kept += character
    used += next
  }
  return width > 0 ? `${kept}…` : ''
}
