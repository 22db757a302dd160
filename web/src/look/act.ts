// A command sent from a page: once at a time, what it touched asked for anew, its refusal kept for who shows it.
import { useMutation, useQueryClient } from '@tanstack/react-query'

/** `touched`: the beginnings of the query keys that are no longer true afterwards. */
export function useAct(...touched: readonly (readonly unknown[])[]) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (send: () => Promise<unknown>) => send(),
    onSettled: () => Promise.all(touched.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  })
}
