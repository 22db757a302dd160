// Keeps a gate's memory in step with the primary: pulls what changed, in commit order, soon after every commit of this
// process and at the latest after a heartbeat, and remembers since when it has known what – that is its acknowledgement.
// A stop is published with its moment and happens by the clock; no message is needed when its minute comes.
import type { App } from '../app/app.ts'
import { entryOf } from '../domain/gate-entry.ts'
import type { GateRules } from '../domain/gate.ts'
import { gate_feed_batch_max, gate_poll_ms, gate_pull_apart_ms } from '../limits.ts'
import { changedAfter, readHead } from '../store/gate.ts'
import { createSnapshot, type Snapshot } from './snapshot.ts'

export type Feed = {
  readonly snapshot: Snapshot
  /** Pulls until level with the primary; returns the head it then knows. */
  pull(): Promise<number>
  /** Since when everything up to a sequence number has been known here; undefined when it is not yet. */
  knownAt(seq: number): number | undefined
  onPulled(listener: () => void): () => void
  /** Milliseconds since the primary was last heard of, by a clock that only goes forward. */
  ageMs(): number
  close(): Promise<void>
}

/** How many acknowledgements are remembered; what is older counts as known since the oldest of them. */
const acknowledgements_max = 10_000

type Source = Pick<App, 'db' | 'clock' | 'log' | 'providers' | 'policyAt' | 'onStir'>

export async function startFeed(app: Source): Promise<Feed> {
  const snapshot = createSnapshot({ terminals: 1_024 })
  const known: { seq: number; at: number }[] = []
  const rulesInForce = new Map<string, number>()
  const listeners = new Set<() => void>()
  let pulling: Promise<number> | undefined
  let heard = performance.now()
  let again = false
  let closed = false

  const pullRules = (epoch: number, seq: number): void => {
    for (const p of app.providers()) {
      const { policy, version } = app.policyAt(p.id, app.clock.now())
      if (rulesInForce.get(p.id) === version) continue
      const rules: GateRules = {
        provider: p.id, ...policy.gate, responseCodes: policy.gate.responseCodes as GateRules['responseCodes'], hotline: p.hotline,
      }
      snapshot.apply({ epoch, seq, kind: 'rules', rules })
      rulesInForce.set(p.id, version)
    }
  }

  const once = (): Promise<number> => app.db.transaction('*', async (tx) => {
    const head = await readHead(tx)
    pullRules(head.epoch, Math.max(snapshot.head.seq, 0))
    for (;;) {
      const rows = await changedAfter(tx, snapshot.head.seq, gate_feed_batch_max)
      let taken = true
      // Known from when we asked, not from when we were done: the stops among them must not be back-dated.
      for (const { seq, terminal, registered } of rows) {
        const applied = snapshot.apply({ epoch: head.epoch, seq, kind: 'upsert', entry: entryOf(terminal, registered, app.clock.now()) })
        if (applied === 'applied' || applied === 'unchanged') continue
        app.log.error({ tid: terminal.tid, applied, seq }, 'gate could not take a change as it is')
        // What was not taken must not be acknowledged: the head stays before it, and the next pull tries again.
        if (applied !== 'kept_tighter') taken = false
      }
      if (!taken) return snapshot.head.seq
      if (rows.length < gate_feed_batch_max) break
    }
    snapshot.advance(head)
    return Math.max(head.seq, snapshot.head.seq)
  }, { readOnly: true })

  const pull = (): Promise<number> => {
    if (pulling) {
      // A commit may have come after the running pull read its head: one more follows it.
      again = true
      return pulling.then(() => pulling ?? snapshot.head.seq)
    }
    pulling = (async () => {
      let seq: number
      do {
        again = false
        // Measured from when we asked: an answer that took long is no younger for it.
        const asked = performance.now()
        seq = await once()
        heard = asked
        if (known.length === 0 || known.at(-1)!.seq < seq) known.push({ seq, at: app.clock.now() })
        if (known.length > acknowledgements_max) known.shift()
      } while (again && !closed)
      return seq
    })().finally(() => { pulling = undefined })
    return pulling.then((seq) => {
      for (const listener of listeners) listener()
      return seq
    })
  }

  await pull()
  const quietly = (): void => { if (!closed) pull().catch((error: Error) => app.log.warn({ error: error.message }, 'gate feed could not be read')) }
  // Commits come in bursts: the first is pulled at once, those after it together a moment later.
  let stirred: NodeJS.Timeout | undefined
  let pulledAt = 0
  const unstir = app.onStir(() => {
    if (stirred) return
    const wait = Math.max(0, pulledAt + gate_pull_apart_ms - performance.now())
    stirred = setTimeout(() => { stirred = undefined; pulledAt = performance.now(); quietly() }, wait)
  })
  const heartbeat = setInterval(quietly, gate_poll_ms)

  return {
    snapshot, pull,
    knownAt(seq) {
      if (seq > (known.at(-1)?.seq ?? -1)) return undefined
      let low = 0
      let high = known.length - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if (known[middle]!.seq >= seq) high = middle
        else low = middle + 1
      }
      return known[low]!.at
    },
    ageMs: () => Math.round(performance.now() - heard),
    onPulled(listener) { listeners.add(listener); return () => listeners.delete(listener) },
    async close() {
      closed = true
      clearInterval(heartbeat)
      clearTimeout(stirred)
      unstir()
      await pulling?.catch(() => {})
    },
  }
}
