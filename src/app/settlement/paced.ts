// Long work in another thread, watched from here: every so often it is asked how far it is, and whoever is told may throw to
// stop it. What was thrown is what the caller gets.
import { setTimeout as sleep } from 'node:timers/promises'
import { run_progress_every_ms } from './bounds.ts'

export async function paced<T>(
  pace: (share: number) => Promise<void>,
  work: (progress: (share: number) => void, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController()
  const ended = new AbortController()
  let share = 0
  let why: { error: unknown } | undefined
  const watch = (async () => {
    while (!ended.signal.aborted) {
      try {
        await pace(share)
      } catch (error) {
        why = { error }
        stopping.abort(error)
        return
      }
      await sleep(run_progress_every_ms, undefined, { signal: ended.signal }).catch(() => {})
    }
  })()
  try {
    return await work((now) => {
      share = now
    }, stopping.signal)
  } catch (error) {
    throw why === undefined ? error : why.error
  } finally {
    ended.abort()
    await watch
  }
}
