// A device test handed in: for the case that waits for it – with all else that case waits for – or, where none does, for the
// terminal itself.
import { recordTest, testTerminal } from '../../src/client/generated/sdk.gen.ts'
import type { GetTerminalResponses, TestTerminalData } from '../../src/client/generated/types.gen.ts'
import { ask, onceKey, Refused } from './api.ts'

type Terminal = Pick<GetTerminalResponses[200], 'tid' | 'cases'>

export async function handInTest({ tid, cases }: Terminal, items: TestTerminalData['body']['items']): Promise<{ sentence: string }> {
  const headers = () => ({ 'Idempotency-Key': onceKey() })
  const ofItself = () => ask(testTerminal({ path: { tid }, body: { items }, headers: headers() }))
  const up = cases.find((c) => c.direction === 'up')
  if (up === undefined) return ofItself()
  return ask(recordTest({ path: { no: up.no }, body: { terminal: tid, items }, headers: headers() })).catch((error: unknown) => {
    // A case still being written or looked at waits for no test.
    if (error instanceof Refused && error.problem.code === 'not_in_this_state') return ofItself()
    throw error
  })
}
