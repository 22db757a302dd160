// The ISO 8583 front on TCP. One sweep a second looks at every connection instead of a timer for each: who has been idle,
// whose frame does not get finished, who does not take its answers. A connection that breaks a bound is destroyed and said
// so once, by address and bound and never by content; all others go on.
import { createServer, type Socket } from 'node:net'
import type { Door } from '../door.ts'
import { openDesk, type Desk, type DeskOptions } from './desk.ts'
import { openLine, type Line, type Nonsense } from './line.ts'

export type FrontOptions = DeskOptions & {
  readonly host?: string | undefined
  /** 0 takes a free one. */
  readonly port: number
}

export type CutOff = Nonsense | 'idle' | 'slow_frame' | 'unread_answers' | 'too_many_connections' | 'not_accepting'

export type Front = {
  readonly port: number
  readonly desk: Desk
  /** For figures: connections now, and since the start frames taken and connections cut off, by why. */
  figures(): { connections: number; frames: number; cutOff: Readonly<Partial<Record<CutOff, number>>> }
  /** Takes nothing new, finishes what is under way, then ends. */
  close(): Promise<void>
}

type Connection = {
  readonly socket: Socket
  readonly line: Line
  readonly address: string
  /** Monotonic, milliseconds; as sweeps found them. */
  heardAt: number
  frameSince: number | undefined
  unreadSince: number | undefined
  taken: number
  bytesRead: number
  /** The peer will send nothing more, and may still wait for answers. */
  hasSaidAll: boolean
}

const sweep_ms_max = 1_000
const told_per_second_max = 10
/** A line is quiet enough to be ended when nothing came for so long. */
const quiet_ms = 200
const drain_look_ms = 20

export async function startFront(door: Door, options: FrontOptions): Promise<Front> {
  const desk = openDesk(options)
  const { bounds } = desk
  const connections = new Set<Connection>()
  const perAddress = new Map<string, number>()
  const cutOff: Partial<Record<CutOff, number>> = {}
  let framesOfEnded = 0
  let isClosing = false
  let isReadingOver = false

  let toldSince = 0
  let told = 0
  const note = (why: CutOff, address: string): void => {
    cutOff[why] = (cutOff[why] ?? 0) + 1
    const now = performance.now()
    if (now - toldSince > 1_000) {
      toldSince = now
      told = 0
    }
    // All are counted; a log is not for whoever wants to fill a disk.
    if (++told <= told_per_second_max) options.log?.info({ why, address }, 'iso8583 connection cut off')
  }
  const end = (connection: Connection, why?: CutOff): void => {
    if (!connections.delete(connection)) return
    framesOfEnded += connection.line.taken
    const others = (perAddress.get(connection.address) ?? 1) - 1
    if (others > 0) perAddress.set(connection.address, others)
    else perAddress.delete(connection.address)
    connection.line.close()
    if (why !== undefined) note(why, connection.address)
    connection.socket.destroy()
  }
  /** Reads on where there is room for answers and for what they wait for. */
  const mayRead = (connection: Connection): void => {
    const { socket, line } = connection
    const hasRoom = !line.isFull && socket.writableLength <= bounds.unread_bytes_max
    if (hasRoom && socket.isPaused() && !isReadingOver) socket.resume()
    else if (!hasRoom && !socket.isPaused()) socket.pause()
  }

  const accept = (socket: Socket): void => {
    const address = socket.remoteAddress ?? ''
    const ofAddress = perAddress.get(address) ?? 0
    const why: CutOff | undefined = isClosing || !door.accepting() ? 'not_accepting'
      : connections.size >= bounds.connections_max || ofAddress >= bounds.connections_per_address_max ? 'too_many_connections'
        : undefined
    socket.on('error', () => {})
    if (why !== undefined) {
      note(why, address)
      socket.destroy()
      return
    }
    perAddress.set(address, ofAddress + 1)
    const send = (bytes: Uint8Array): void => {
      if (!socket.write(bytes)) connection.unreadSince ??= performance.now()
      if (connection.hasSaidAll && line.inFlight === 0) socket.end()
    }
    const line = openLine(door, { desk, cut: (cause) => end(connection, cause), ready: () => mayRead(connection) }, send)
    const connection: Connection = {
      socket, line, address, heardAt: performance.now(), frameSince: undefined, unreadSince: undefined, taken: 0,
      bytesRead: 0, hasSaidAll: false,
    }
    connections.add(connection)
    socket.on('data', (chunk: Buffer) => {
      line.receive(chunk)
      if (line.isFull || socket.writableLength > bounds.unread_bytes_max) mayRead(connection)
    })
    socket.on('drain', () => {
      connection.unreadSince = undefined
      mayRead(connection)
    })
    socket.on('end', () => {
      connection.hasSaidAll = true
      if (line.inFlight === 0) socket.end()
    })
    socket.on('close', () => end(connection))
  }

  /** What has come since the last look. */
  const look = (connection: Connection, now: number): void => {
    const { socket, line } = connection
    if (socket.bytesRead !== connection.bytesRead) connection.heardAt = now
    connection.bytesRead = socket.bytesRead
    if (line.waiting === 0) connection.frameSince = undefined
    else if (connection.frameSince === undefined || line.taken > connection.taken) connection.frameSince = now
    connection.taken = line.taken
  }
  const sweep = (): void => {
    const now = performance.now()
    for (const connection of connections) {
      look(connection, now)
      const { heardAt, frameSince, unreadSince, line } = connection
      if (unreadSince !== undefined && now - unreadSince > bounds.unread_ms_max) end(connection, 'unread_answers')
      else if (frameSince !== undefined && now - frameSince > bounds.frame_ms_max) end(connection, 'slow_frame')
      else if (line.inFlight === 0 && now - heardAt > bounds.idle_ms) end(connection, 'idle')
    }
  }
  const patience = Math.min(bounds.idle_ms, bounds.frame_ms_max, bounds.unread_ms_max)
  const sweeping = setInterval(sweep, Math.min(sweep_ms_max, Math.max(10, patience / 4))).unref()

  const server = createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '127.0.0.1', resolve)
  })
  // Such as no file handles left for another connection: those that are there go on.
  server.on('error', (error) => options.log?.error({ error: error.message }, 'the ISO 8583 front could not accept a connection'))

  /**
   * Ends every line once it is quiet: nothing under way, nothing unsent, nothing heard for a moment. Lines that never are
   * quiet are not read any more after half the time; what was read is answered all the same.
   */
  const drain = async (): Promise<void> => {
    const began = performance.now()
    for (let now = began; connections.size > 0 && now - began < bounds.drain_ms_max; now = performance.now()) {
      isReadingOver = now - began >= bounds.drain_ms_max / 2
      for (const connection of connections) {
        look(connection, now)
        const { socket, line, heardAt } = connection
        if (isReadingOver) socket.pause()
        const isDone = line.inFlight === 0 && socket.writableLength === 0
        if (isDone && (isReadingOver || now - heardAt > quiet_ms)) socket.end(() => end(connection))
      }
      await new Promise((resolve) => setTimeout(resolve, drain_look_ms))
    }
    for (const connection of connections) end(connection)
  }

  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    desk,
    figures() {
      let frames = framesOfEnded
      for (const { line } of connections) frames += line.taken
      return { connections: connections.size, frames, cutOff }
    },
    async close() {
      isClosing = true
      const ended = new Promise<void>((resolve) => server.close(() => resolve()))
      await drain()
      clearInterval(sweeping)
      await desk.close()
      await ended
    },
  }
}
