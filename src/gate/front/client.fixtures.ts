// A peer on a real socket: sends bytes as they are, hears whole frames.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createSplitter } from '../iso8583/frame.ts'
import { heard, requestFrame, type Ask, type Heard, type Said } from './terminal.ts'
import { mid } from './door.fixtures.ts'

export type Client = {
  readonly socket: Socket
  readonly frames: Buffer[]
  send(bytes: Uint8Array): void
  ask(ask: Ask, said?: Partial<Said>): Promise<Heard>
  /** Waits until so many frames were heard in all. */
  hear(count: number, within_ms?: number): Promise<Buffer[]>
  ended(within_ms?: number): Promise<boolean>
  close(): void
}

let lastTrace = 0

export async function clientOf(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1')
  const frames: Buffer[] = []
  const splitter = createSplitter()
  let isEnded = false
  socket.on('data', (chunk: Buffer) => splitter.feed(chunk, (bytes, start, end) => {
    frames.push(Buffer.from(bytes.subarray(start - 2, end)))
  }))
  socket.on('error', () => {})
  socket.on('close', () => { isEnded = true })
  await once(socket, 'connect')
  const until = async (met: () => boolean, within_ms: number): Promise<boolean> => {
    const due = performance.now() + within_ms
    while (!met() && performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 2))
    return met()
  }
  const client: Client = {
    socket, frames,
    send: (bytes) => { socket.write(bytes) },
    async ask(ask, said = {}) {
      const before = frames.length
      socket.write(requestFrame(ask, { tid: '10000001', mid, batch: 1, trace: ++lastTrace, amountFen: 58_800, ...said }))
      await client.hear(before + 1)
      return heard(frames[before]!)!
    },
    async hear(count, within_ms = 5_000) {
      if (!await until(() => frames.length >= count || isEnded, within_ms) || frames.length < count)
        throw new Error(`heard ${frames.length} of ${count} frames${isEnded ? ', then the line was cut' : ''}`)
      return frames
    },
    ended: (within_ms = 5_000) => until(() => isEnded, within_ms),
    close: () => { socket.destroy() },
  }
  return client
}
