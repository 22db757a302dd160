// The live feed: events of the reader's party as server-sent events, from the same rows webhooks are sent from. Every stream
// reads for itself, under its reader's scope, from the place it last told; one watcher wakes them all when something was
// committed, here or elsewhere. Nothing is kept for anybody: whoever comes back says where they were (Last-Event-ID).
import type { Actor } from '../../domain/authority.ts'
import { refuse, type Refusal } from '../../domain/refusals.ts'
import { eventsAfter, payloadOf, type EventPlace, type EventRow } from '../../store/telling-events.ts'
import type { App } from '../app.ts'
import { scopeOf } from '../execute.ts'

export type Reader = {
  actor: Actor
  /** Told already; undefined begins with what comes next. */
  after: EventPlace | undefined
  /** Only what has happened by now: told, and done. */
  once: boolean
  /** Whether the reader is still signed in, and who they were. */
  stillThere(): Promise<boolean>
  /** Aborted once the line is gone. */
  gone: AbortSignal
}
export type Live = {
  open(reader: Reader): Promise<AsyncIterable<string> | Refusal>
  /** Ends every stream: the program is stopping. */
  close(): void
}

export const streams_per_account_max = 5
const streams_max = 1_000
const events_read_max = 200
const watch_ms = 1_000
/** Commits come in bursts: readers are woken once for all of them. */
const stirred_ms = 20
const ordinal_max = 32_767
export const heartbeat_ms = 10_000
/** What a reader that lost its line waits before it comes back. */
const come_back_ms = 3_000

const placePattern = /^(\d{1,15})\.(\d{1,5})$/
export function placeIn(text: string | undefined): EventPlace | undefined {
  const [, seq, ordinal] = placePattern.exec(text ?? '') ?? []
  return seq === undefined || ordinal === undefined ? undefined : { seq: Number(seq), ordinal: Number(ordinal) }
}
const frame = (e: EventRow): string => `id: ${e.journal_seq}.${e.ordinal}\nevent: ${e.kind}\ndata: ${JSON.stringify(payloadOf(e))}\n\n`

export function openLive(app: App, { heartbeat = heartbeat_ms }: { heartbeat?: number } = {}): Live {
  const counts = new Map<string, number>()
  const sleepers = new Set<() => void>()
  let size = 0
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let head = -1

  const headNow = async (): Promise<number> =>
    (await app.db.transaction('*', (tx) => tx.one<{ seq: number }>('select seq from journal_head'), { readOnly: true }))!.seq
  const wake = (): void => { for (const go of sleepers) go() }
  const watch = async (): Promise<void> => {
    try {
      const seen = await headNow()
      if (seen !== head) wake()
      head = seen
    } catch {
      // The database is away: the next look finds it.
    }
    timer = size > 0 && !isClosed ? setTimeout(watch, watch_ms) : undefined
  }
  // What this process committed is told nearly at once; what others did, within a second.
  let soon: NodeJS.Timeout | undefined
  const off = app.onStir(() => { if (size > 0) soon ??= setTimeout(() => { soon = undefined; wake() }, stirred_ms) })

  /** Until something may have happened, the line is gone, or so much time has passed. */
  const sleep = (ms: number, gone: AbortSignal): Promise<void> => new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(until)
      sleepers.delete(go)
      gone.removeEventListener('abort', go)
      resolve()
    }
    const until = setTimeout(go, ms)
    sleepers.add(go)
    gone.addEventListener('abort', go)
  })

  async function* tell({ actor, once, stillThere, gone }: Reader, from: EventPlace, leave: () => void): AsyncGenerator<string> {
    let place = from
    let beatAt = performance.now()
    try {
      // Said at once, so that the reader knows that the line stands.
      yield `retry: ${come_back_ms}\n\n`
      while (!isClosed && !gone.aborted) {
        const events = await app.db.transaction(scopeOf(actor), (tx) => eventsAfter(tx, place, events_read_max), { readOnly: true })
        for (const event of events) {
          yield frame(event)
          place = { seq: event.journal_seq, ordinal: event.ordinal }
        }
        if (once && events.length < events_read_max) return
        if (events.length === 0) await sleep(Math.max(1, heartbeat - (performance.now() - beatAt)), gone)
        if (performance.now() - beatAt < heartbeat) continue
        if (!(await stillThere())) return
        yield ': \n\n'
        beatAt = performance.now()
      }
    } finally {
      leave()
    }
  }

  /** Counts a stream until it ends, in whichever way: its line may be gone before its first word. */
  const enter = ({ actor: { account }, gone }: Reader): (() => void) => {
    let isIn = true
    size++
    counts.set(account, (counts.get(account) ?? 0) + 1)
    const leave = (): void => {
      if (!isIn) return
      isIn = false
      size--
      const left = counts.get(account)! - 1
      if (left === 0) counts.delete(account)
      else counts.set(account, left)
    }
    gone.addEventListener('abort', leave)
    return leave
  }

  return {
    async open(reader) {
      const { account } = reader.actor
      if (isClosed || size >= streams_max) return refuse('unavailable')
      if ((counts.get(account) ?? 0) >= streams_per_account_max) return refuse('too_many', { max: streams_per_account_max })
      const from = reader.after ?? { seq: await headNow(), ordinal: ordinal_max }
      const leave = enter(reader)
      if (timer === undefined) void watch()
      return tell(reader, from, leave)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      clearTimeout(soon)
      off()
      wake()
    },
  }
}
