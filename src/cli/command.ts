// What a command is: one row of a table, made into commander's by program.ts.
import type { Words } from '../domain/vocabulary.ts'
import type { Given } from './given.ts'
import type { Session } from './session.ts'

export type Option = {
  /** As commander reads it: '--reason <code>'. */
  flags: string
  says: Words
  isRequired?: boolean
  /** May be repeated; each adds one value. */
  isMany?: boolean
}

export type Command = {
  /** Its words and places, as commander reads them: 'hold place <tid>'. Of two words the first is a group. */
  usage: string
  says: Words
  options?: readonly Option[]
  /** What --dry-run does: the program rehearses it, there is nothing to rehearse, or it cannot be. */
  dryRun: 'rehearsed' | 'reads' | 'cannot'
  /** Answers the exit code: 0, or 1 where the answer itself is a no. */
  run(session: Session, given: Given): Promise<0 | 1>
}
export type Group = { says: Words; commands: readonly Command[] }

export const many = {
  flags: '--all',
  says: ['全部，一页接一页', 'all of them, page after page'],
} as const satisfies Option
export const limit = {
  flags: '--limit <n>',
  says: ['最多几行（默认 50）', 'how many at most (50 unless told)'],
} as const satisfies Option
export const wordsOption = (isRequired = false): Option => ({
  flags: '--words <words>',
  says: ['说明', 'why, in words'],
  isRequired,
})
