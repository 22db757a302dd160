// A bar on the error stream, where a person watches; silent everywhere else.
import type { Screen } from './session.ts'
import { cut } from './width.ts'

const bar_columns = 24
const line_columns = 78

export function progress({ isLive, note, columns = line_columns, paint }: Screen): {
  draw(share: number, words: string): void
  clear(): void
} {
  let isDrawn = false
  return {
    draw(share, words) {
      if (!isLive) return
      const full = Math.round(bar_columns * Math.min(1, Math.max(0, share)))
      const percent = `${String(Math.floor(share * 100)).padStart(3)}%`
      note(
        `\r\u001b[K${paint('good', '█'.repeat(full))}${paint('faint', '░'.repeat(bar_columns - full))} ${percent}  ${cut(words, Math.max(0, columns - bar_columns - 9))}`,
      )
      isDrawn = true
    },
    clear() {
      if (isDrawn) note('\r\u001b[K')
      isDrawn = false
    },
  }
}
