// The thread in which files are read and matched, one task after the other. It may ask its caller for the bytes of a source
// (a function cannot cross into a thread, its bytes can), tells progress, and answers. `call.ts` is its other side.
import { parentPort } from 'node:worker_threads'
import type { Source } from '../files/text.ts'
import { progress_every_ms } from './bounds.ts'
import type { Watch } from './engine.ts'
import { type MatchTask, reconcile } from './reconcile.ts'
import { take, type TakeOptions } from './take.ts'

/** `source: null`: ask the caller for its bytes. */
export type Task =
  | { kind: 'take'; options: Omit<TakeOptions, 'source'> & { source: string | Uint8Array | null } }
  | { kind: 'match'; options: MatchTask }
export type FromThread =
  | { progress: number }
  | { open: number }
  | { more: number }
  | { close: number }
  | { done: unknown }
  | { failed: { message: string; stack: string | undefined; isStopped: boolean } }
export type ToThread =
  | { task: Task }
  | { stop: true }
  | { of: number; chunk: Uint8Array | null }
  | { of: number; error: string }

const port = parentPort!
const say = (message: FromThread): void => port.postMessage(message)
let stopping = new AbortController()
const waiting = new Map<number, (answer: { chunk: Uint8Array | null } | { error: string }) => void>()

port.on('message', (message: ToThread) => {
  if ('task' in message) void answer(message.task)
  else if ('stop' in message) stopping.abort()
  else waiting.get(message.of)?.(message)
})

let opened = 0
/** The caller's source, piece by piece as it is read. */
async function* bytesOfCaller(): AsyncGenerator<Uint8Array> {
  const of = opened++
  say({ open: of })
  try {
    for (;;) {
      const answer = new Promise<{ chunk: Uint8Array | null } | { error: string }>((resolve) =>
        waiting.set(of, resolve),
      )
      say({ more: of })
      const next = await answer
      if ('error' in next) throw new Error(next.error)
      if (next.chunk === null) return
      yield next.chunk
    }
  } finally {
    waiting.delete(of)
    say({ close: of })
  }
}

let told_at = 0
const progress = (share: number): void => {
  const now = performance.now()
  if (now - told_at < progress_every_ms) return
  told_at = now
  say({ progress: share })
}

const perform = (task: Task, watch: Watch): Promise<unknown> => {
  if (task.kind === 'match') return reconcile(task.options, watch)
  const source: Source = task.options.source ?? bytesOfCaller
  return take({ ...task.options, source }, watch)
}

const answer = async (task: Task): Promise<void> => {
  stopping = new AbortController()
  const { signal } = stopping
  try {
    say({ done: await perform(task, { signal, progress }) })
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    say({ failed: { message, stack, isStopped: signal.aborted } })
  }
}
