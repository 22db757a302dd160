// A command upon a terminal from its page: over the version seen, once, its refusal told in the server's words.
import { App } from 'antd'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { GetTerminalResponses } from '../../../src/client/generated/types.gen.ts'
import { onceKey } from '../api.ts'

export type Terminal = GetTerminalResponses[200]
export const words_length_max = 2_000

export const head = (t: Terminal) => ({ 'Idempotency-Key': onceKey(), 'If-Match': `"${t.version}"` })

export function useAct(tid: string) {
  const queries = useQueryClient()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (send: () => Promise<unknown>) => send(),
    onError: (error) => void message.error(error instanceof Error ? error.message : String(error)),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['terminal', tid] }), queries.invalidateQueries({ queryKey: ['timeline', tid] })]),
  })
}
