// What is wrong with a file, one finding at a time: the line (1 = header row; 0 = the file as a whole), the column by
// its English name, a code of vocabulary.importErrors, and a sentence in both languages that shows the value.
import { scrubPans } from '../domain/identity.ts'
import { type ImportError, importErrors, type Words } from '../domain/vocabulary.ts'

export type Finding<Column extends string = string> = { column: Column | null; code: ImportError; detail: Words }
export type Fault = { line: number; column: string | null; code: ImportError; detail: Words }

const shown_chars_max = 40
const not_printable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu

/** A value as it may be shown: no card number, no control characters, not too long. */
export const shown = (value: string): string => {
  // Cut before scrubbing would leave the first digits of a card number standing.
  const clean = scrubPans(value.slice(0, 1_000)).replace(not_printable, '·')
  const characters = [...clean]
  return characters.length > shown_chars_max ? `${characters.slice(0, shown_chars_max).join('')}…` : clean
}

/** The words of a code, a hint in brackets where there is one, then the value at fault: 过长（至多 50 字）：长长长… */
export const detail = (code: ImportError, value = '', hint?: Words): Words => {
  const [zh, en] = importErrors[code]
  const told = value === '' ? '' : shown(value)
  return [
    `${zh}${hint ? `（${hint[0]}）` : ''}${told && `：${told}`}`,
    `${en}${hint ? ` (${hint[1]})` : ''}${told && `: ${told}`}`,
  ]
}

export const finding = <Column extends string>(
  column: Column | null,
  code: ImportError,
  value = '',
  hint?: Words,
): Finding<Column> => ({ column, code, detail: detail(code, value, hint) })

/** A hint to an earlier line of the same file. */
export const atLine = (line: number): Words => [`见第 ${line} 行`, `see line ${line}`]
