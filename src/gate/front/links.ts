// The pooled link to the host behind us: requests go out as they came in, answers are told apart by whom they answer (TPDU,
// terminal, trace), in whatever order they come. Every request ends exactly once – answered, late, lost with its link, or
// never sent – and where it was sent and not answered in time, a second word follows: the late answer, or that none came.
// A link that talks nonsense or goes silent with requests under way is torn down and opened anew.
import { connect, type Socket } from 'node:net'
import type { FrontBounds } from './bounds.ts'

export type Outcome =
  | { readonly how: 'answered'; readonly frame: Buffer }
  /** down, busy: never sent. duplicate: the same request is under way. late, lost: sent, and nobody knows what became of it. */
  | { readonly how: 'down' | 'busy' | 'duplicate' | 'late' | 'lost' }

export type Links = {
  /** `frame` with its length in front. `afterwards` is called after `late` and `lost` only, at most once. */
  ask(key: string, frame: Uint8Array, done: (outcome: Outcome) => void, afterwards: (answer: Buffer | undefined) => void): void
  /** Links that are up. */
  readonly up: number
  readonly underWay: number
  close(): void
}

export type LinksOptions = {
  readonly host: string
  readonly port: number
  readonly bounds: FrontBounds
  /** Whom an answer is for; undefined where it makes no sense. Called right before its asker is. */
  readonly keyOf: (frame: Buffer) => string | undefined
  readonly frame_bytes_max: number
  readonly say: (facts: object, message: string) => void
}

type Pending = {
  readonly key: string
  readonly link: Link
  readonly due: number
  readonly done: (outcome: Outcome) => void
  readonly afterwards: (answer: Buffer | undefined) => void
}
type Link = {
  socket: Socket | undefined
  isUp: boolean
  underWay: number
  /** Since when something was asked and nothing at all heard. */
  waitingSince: number | undefined
  rest: Buffer
  retry: NodeJS.Timeout | undefined
}

const nothing = Buffer.alloc(0)
const sweep_ms = 50
/** The sum of what has not yet been taken by the host; beyond it a link counts as busy. */
const unsent_bytes_max = 1_048_576

export function openLinks({ host, port, bounds, keyOf, frame_bytes_max, say }: LinksOptions): Links {
  const pending = new Map<string, Pending>()
  const late = new Map<string, Pending>()
  const links: Link[] = []
  let isClosed = false

  const lose = (link: Link, why: string): void => {
    const { socket } = link
    if (socket === undefined) return
    link.socket = undefined
    link.rest = nothing
    socket.destroy()
    if (link.isUp) say({ why, underWay: link.underWay }, 'link to the host lost')
    link.isUp = false
    link.underWay = 0
    link.waitingSince = undefined
    for (const [key, one] of pending) {
      if (one.link !== link) continue
      pending.delete(key)
      one.done({ how: 'lost' })
      one.afterwards(undefined)
    }
    for (const [key, one] of late) {
      if (one.link !== link) continue
      late.delete(key)
      one.afterwards(undefined)
    }
    if (!isClosed) link.retry = setTimeout(() => open(link), bounds.host_retry_ms).unref()
  }

  const take = (link: Link, frame: Buffer): boolean => {
    const key = keyOf(frame)
    if (key === undefined) return false
    link.waitingSince = undefined
    const asked = pending.get(key)
    if (asked) {
      pending.delete(key)
      asked.link.underWay -= 1
      if (link.underWay > 0) link.waitingSince = performance.now()
      asked.done({ how: 'answered', frame })
      return true
    }
    const missed = late.get(key)
    if (missed) {
      late.delete(key)
      missed.afterwards(frame)
    } else say({}, 'the host answered what nobody asked')
    return true
  }

  const receive = (link: Link, chunk: Buffer): void => {
    const bytes = link.rest.length === 0 ? chunk : Buffer.concat([link.rest, chunk])
    let at = 0
    while (bytes.length - at >= 2) {
      const length = bytes.readUInt16BE(at)
      if (length === 0 || length > frame_bytes_max) return lose(link, 'frame length')
      if (bytes.length - at < 2 + length) break
      // A copy: the answer may be kept waiting while the chunk it came in should not.
      if (!take(link, Buffer.from(bytes.subarray(at, at + 2 + length)))) return lose(link, 'answer makes no sense')
      if (link.socket === undefined) return
      at += 2 + length
    }
    link.rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at))
  }

  const open = (link: Link): void => {
    if (isClosed) return
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    link.socket = socket
    const mine = (work: () => void) => (): void => { if (link.socket === socket) work() }
    const slow = setTimeout(mine(() => lose(link, 'connecting took too long')), bounds.host_connect_ms_max).unref()
    socket.on('connect', mine(() => {
      clearTimeout(slow)
      link.isUp = true
    }))
    socket.on('data', (chunk: Buffer) => { if (link.socket === socket) receive(link, chunk) })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(slow)
      if (link.socket === socket) lose(link, 'closed')
    })
  }
  for (let i = 0; i < bounds.links; i++) {
    const link: Link = { socket: undefined, isUp: false, underWay: 0, waitingSince: undefined, rest: nothing, retry: undefined }
    links.push(link)
    open(link)
  }

  const sweep = (): void => {
    const now = performance.now()
    for (const [key, one] of pending) {
      // In the order they were asked, all with the same patience.
      if (one.due > now) break
      pending.delete(key)
      one.link.underWay -= 1
      late.set(key, { ...one, due: now + bounds.late_ms_max })
      one.done({ how: 'late' })
    }
    for (const [key, one] of late) {
      if (one.due > now) break
      late.delete(key)
      one.afterwards(undefined)
    }
    // The other side may be gone without having said so.
    for (const link of links)
      if (link.waitingSince !== undefined && now - link.waitingSince > bounds.host_silence_ms_max) lose(link, 'silent')
  }
  const sweeping = setInterval(sweep, Math.min(sweep_ms, bounds.host_answer_ms_max)).unref()

  return {
    ask(key, frame, done, afterwards) {
      if (pending.has(key)) return done({ how: 'duplicate' })
      if (pending.size >= bounds.to_host_max) return done({ how: 'busy' })
      let chosen: Link | undefined
      for (const link of links) if (link.isUp && (chosen === undefined || link.underWay < chosen.underWay)) chosen = link
      if (chosen?.socket === undefined) return done({ how: 'down' })
      if (chosen.socket.writableLength > unsent_bytes_max) return done({ how: 'busy' })
      // Asked again after it was given up: the earlier one is not waited for under the same name.
      const earlier = late.get(key)
      if (earlier) {
        late.delete(key)
        earlier.afterwards(undefined)
      }
      chosen.underWay += 1
      chosen.waitingSince ??= performance.now()
      pending.set(key, { key, link: chosen, due: performance.now() + bounds.host_answer_ms_max, done, afterwards })
      chosen.socket.write(frame)
    },
    get up() { return links.filter((link) => link.isUp).length },
    get underWay() { return pending.size },
    close() {
      isClosed = true
      clearInterval(sweeping)
      for (const link of links) {
        clearTimeout(link.retry)
        lose(link, 'closing')
      }
    },
  }
}
