// A command upon a terminal from its page.
import type { GetTerminalResponses } from '../../../src/client/generated/types.gen.ts'
import { useAct } from '../look/act.ts'

export type Terminal = GetTerminalResponses[200]
export const words_length_max = 2_000

export const useTerminalAct = (tid: string) => useAct(['terminal', tid], ['timeline', tid], ['case'], ['cases'])
