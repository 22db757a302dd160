// A line between a gate and the primary that can be cut without a word, held back, torn down, or made to lose notifications.
// From the server come messages of a type and a length; a notification is one of type A.
import { connect, createServer, type Socket } from 'node:net'

export type Line = {
  readonly url: string
  /** Carries nothing; new connections hang as well. */
  cut(): void
  /** Holds back what it carries. */
  stall(): void
  /** As it should be again: what was held back arrives, what was cut is lost and its connections with it. */
  mend(): void
  reset(): void
  deaf(is: boolean): void
  close(): void
}

const notification = 'A'.charCodeAt(0)
const head_bytes = 5

/** Takes the notifications out of what a server sends, while `isDeaf`. */
function hearing(isDeaf: () => boolean): (bytes: Buffer) => Buffer {
  let held = Buffer.alloc(0)
  return (bytes) => {
    held = Buffer.concat([held, bytes])
    const kept: Buffer[] = []
    let at = 0
    while (held.length - at >= head_bytes) {
      const end = at + 1 + held.readUInt32BE(at + 1)
      if (end > held.length) break
      if (!(isDeaf() && held[at] === notification)) kept.push(held.subarray(at, end))
      at = end
    }
    held = Buffer.from(held.subarray(at))
    return Buffer.concat(kept)
  }
}

export async function startLine(url: string): Promise<Line> {
  const to = new URL(url)
  const pairs = new Set<readonly [Socket, Socket]>()
  let held: (() => void)[] = []
  let state: 'open' | 'cut' | 'stalled' = 'open'
  let isDeaf = false
  const carry = (act: () => void): void => {
    if (state === 'open') act()
    else if (state === 'stalled') held.push(act)
  }
  const tearDown = (): void => {
    held = []
    for (const pair of pairs) for (const end of pair) end.destroy()
    pairs.clear()
  }
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    const heard = hearing(() => isDeaf)
    near.on('data', (bytes) => carry(() => far.write(bytes)))
    far.on('data', (bytes) => {
      const kept = heard(bytes)
      if (kept.length > 0) carry(() => near.write(kept))
    })
    for (const [one, other] of [[near, far], [far, near]] as const)
      one.on('error', () => {}).on('close', () => carry(() => { pairs.delete(pair); other.destroy() }))
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const through = new URL(url)
  through.port = String((server.address() as { port: number }).port)
  return {
    url: through.href,
    cut() { state = 'cut' },
    stall() { state = 'stalled' },
    mend() {
      const wasCut = state === 'cut'
      state = 'open'
      if (wasCut) return tearDown()
      for (const act of held.splice(0)) act()
    },
    reset: tearDown,
    deaf(is) { isDeaf = is },
    close() { server.close(); tearDown() },
  }
}
