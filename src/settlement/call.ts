// The caller's side of `thread.ts`: starts it, feeds it, passes on what it tells, stops it. A scratch folder is made for
// the task and removed after it, however it ended; what the task leaves behind is therefore what it moved out of there.
import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { readBytes, type Source } from '../files/text.ts'
import { at_once_max, idle_ms, idle_threads_max, stop_within_ms } from './bounds.ts'
import type { FromThread, Task, ToThread } from './thread.ts'

export type Call = {
  kind: Task['kind']
  /** An existing folder in which the scratch folder is made. */
  folder: string
  source?: Source | undefined
  progress?: ((share: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Runs one task in a thread of its own; throws the signal's reason where it was stopped. */
export const inThread = async <T>(call: Call, taskOf: (scratch: string) => Task): Promise<T> => {
  const leave = await turn(call)
  try {
    call.signal?.throwIfAborted()
    const scratch = join(call.folder, `.scratch-${randomUUID()}`)
    await mkdir(scratch, { mode: 0o700 })
    try {
      return await converse<T>(call, taskOf(scratch))
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  } finally {
    leave()
  }
}

const lanes = { take: { busy: 0, waiting: [] as (() => void)[] }, match: { busy: 0, waiting: [] as (() => void)[] } }
/** Waits until there is room; the answer makes room again. */
const turn = async ({ kind }: Call): Promise<() => void> => {
  const lane = lanes[kind]
  if (lane.busy >= at_once_max[kind]) await new Promise<void>((resolve) => lane.waiting.push(resolve))
  else lane.busy += 1
  return () => {
    const next = lane.waiting.shift()
    // Whoever waited takes the place over; nobody else can slip in between.
    if (next) next()
    else lane.busy -= 1
  }
}

const idle: Worker[] = []

const borrow = (): Worker => {
  const known = idle.pop()
  if (known) return known
  const thread = new Worker(new URL('./thread.ts', import.meta.url))
  // One that dies while nobody uses it is no matter; one that dies at work is heard by its caller.
  thread.on('error', () => {})
  thread.on('exit', () => {
    const place = idle.indexOf(thread)
    if (place >= 0) idle.splice(place, 1)
  })
  return thread
}

/** A thread that did its task is kept a while for the next one; it never keeps the program running. */
const giveBack = (thread: Worker): void => {
  if (idle.length >= idle_threads_max) {
    void thread.terminate()
    return
  }
  thread.unref()
  idle.push(thread)
  setTimeout(() => {
    const place = idle.indexOf(thread)
    if (place >= 0) void idle.splice(place, 1)[0]!.terminate()
  }, idle_ms).unref()
}

const converse = async <T>({ source, progress, signal }: Call, task: Task): Promise<T> => {
  const thread = borrow()
  thread.ref()
  const tell = (message: ToThread): void => thread.postMessage(message)
  const readings = new Map<number, AsyncIterator<Uint8Array>>()
  const outcome = Promise.withResolvers<T>()
  let hasAnswered = false
  let ending: NodeJS.Timeout | undefined

  const stop = (): void => {
    tell({ stop: true })
    // A thread that does not end by itself is ended; its scratch folder goes with it.
    ending = setTimeout(() => void thread.terminate(), stop_within_ms)
  }
  const feed = async (of: number): Promise<void> => {
    try {
      const next = await readings.get(of)!.next()
      // Copied, not handed over: the bytes may be part of a buffer that is somebody's.
      tell({ of, chunk: next.done ? null : Uint8Array.from(next.value) })
    } catch (error) {
      tell({ of, error: error instanceof Error ? error.message : String(error) })
    }
  }
  const hear = (message: FromThread): void => {
    if ('progress' in message) progress?.(message.progress)
    else if ('open' in message) readings.set(message.open, readBytes(source!))
    else if ('more' in message) void feed(message.more)
    else if ('close' in message) {
      void readings.get(message.close)?.return?.()
      readings.delete(message.close)
    } else {
      hasAnswered = true
      if ('done' in message) outcome.resolve(message.done as T)
      else outcome.reject(failure(message.failed, signal))
    }
  }
  const lose = (error?: unknown): void =>
    outcome.reject(signal?.aborted ? signal.reason : new Error('the settlement thread ended', { cause: error }))
  thread.on('message', hear).on('error', lose).on('exit', lose)
  signal?.addEventListener('abort', stop, { once: true })
  tell({ task })
  try {
    return await outcome.promise
  } finally {
    signal?.removeEventListener('abort', stop)
    clearTimeout(ending)
    thread.off('message', hear).off('error', lose).off('exit', lose)
    for (const reading of readings.values()) void reading.return?.()
    if (hasAnswered) giveBack(thread)
    else await thread.terminate()
  }
}

const failure = (
  { message, stack, isStopped }: { message: string; stack: string | undefined; isStopped: boolean },
  signal: AbortSignal | undefined,
): unknown => {
  if (isStopped && signal?.aborted) return signal.reason
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
