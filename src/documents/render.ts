// Letters are set in a thread of their own, so that a letter of forty pages never holds up a request. The thread starts
// with the first letter (loading the fonts takes a moment) and is replaced if it dies; letters it had then are refused
// to their callers, who run as jobs and try again.

import { Worker } from 'node:worker_threads'
import type { LetterFacts } from './letter.ts'
import { letterFactsSchema } from './letter.ts'
import type { RenderReply, RenderRequest } from './render-worker.ts'

export type LetterRenderer = {
  /** The unsigned PDF of these facts; the same facts give the same bytes. Throws on facts that break the schema. */
  render: (facts: LetterFacts) => Promise<Uint8Array<ArrayBuffer>>
  close: () => Promise<void>
}
type Waiting = PromiseWithResolvers<Uint8Array<ArrayBuffer>>

export const openLetterRenderer = (): LetterRenderer => {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let nextId = 1
  let isClosed = false

  const start = (): Worker => {
    const started = new Worker(new URL('./render-worker.ts', import.meta.url))
    const lose = (why: unknown): void => {
      if (worker !== started) return
      worker = undefined
      for (const { reject } of waiting.values()) reject(new Error('the letter thread ended', { cause: why }))
      waiting.clear()
    }
    started.on('message', (reply: RenderReply) => {
      const letter = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (waiting.size === 0) started.unref()
      if ('pdf' in reply) letter?.resolve(reply.pdf)
      else letter?.reject(new Error(`letter not set: ${reply.error}`))
    })
    started.on('error', lose)
    started.on('exit', lose)
    return started
  }

  return {
    render: async facts => {
      if (isClosed) throw new Error('the letter renderer is closed')
      const request: RenderRequest = { id: nextId++, facts: letterFactsSchema.parse(facts) }
      const letter: Waiting = Promise.withResolvers()
      waiting.set(request.id, letter)
      worker ??= start()
      worker.ref()
      worker.postMessage(request)
      return letter.promise
    },
    close: async () => {
      isClosed = true
      await worker?.terminate()
    },
  }
}
