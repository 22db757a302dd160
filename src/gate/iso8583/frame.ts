// What stands around a message on the wire: length (2, of what follows) | TPDU (5) | header (6, some acquirers omit it).
// A stream is cut into frames without copying where a frame arrived whole. The answer goes back with the two addresses
// of the TPDU swapped; the header carries the host's command to the terminal in one nibble (处理要求).
import { faultAt, type Fault } from './fault.ts'

export const length_bytes = 2
export const tpdu_bytes = 5
export const header_bytes = 6
/** Longer ones are cut off unread: the longest real messages stay below three thousand. */
export const frame_bytes_max = 4_096

/** Whether frames carry the header: told by the configuration, or by each frame's own bytes. */
export type HeaderMode = 'recognised' | 'present' | 'absent'

/** What the host asks of the terminal, in the header of an answer. */
export const commands = { none: 0, card_parameters: 1, status: 2, sign_on: 3, public_key: 4, chip_parameters: 5, tms: 6 } as const
export type HostCommand = keyof typeof commands

/** Called with the bytes between `start` and `end`, which are lent for the call only. `false`: no more is wanted. */
export type TakeFrame = (bytes: Buffer, start: number, end: number) => unknown

export type Splitter = {
  /** Hands on every frame that is whole now. After a fault, or `false` from its taker, it hands on nothing more. */
  feed(chunk: Buffer, take: TakeFrame): Fault | undefined
  /** Bytes of a frame that has begun and is not whole: with time, the sign of a peer that is too slow. */
  readonly waiting: number
}

export function createSplitter(bytes_max = frame_bytes_max): Splitter {
  let held: Buffer | undefined
  let waiting = 0
  let isOver = false
  let fault: Fault | undefined

  const tooLong = (at: number): Fault => {
    isOver = true
    fault = faultAt('frame_too_large', at)
    return fault
  }
  /** Completes the frame that had begun; answers where the rest of the chunk begins, or -1 where there is none. */
  const complete = (chunk: Buffer, take: TakeFrame): number => {
    const hold = held!
    let at = 0
    while (waiting < length_bytes && at < chunk.length) hold[waiting++] = chunk[at++]!
    if (waiting < length_bytes) return -1
    const size = (hold[0]! << 8) | hold[1]!
    if (size > bytes_max) return tooLong(0), -1
    const count = Math.min(length_bytes + size - waiting, chunk.length - at)
    chunk.copy(hold, waiting, at, at + count)
    waiting += count
    if (waiting < length_bytes + size) return -1
    waiting = 0
    // The rest of the chunk is read before the held bytes are used again.
    if (size > 0 && take(hold, length_bytes, length_bytes + size) === false) isOver = true
    return isOver ? -1 : at + count
  }

  return {
    get waiting() {
      return waiting
    },
    feed(chunk, take) {
      if (isOver) return fault
      let at = waiting > 0 ? complete(chunk, take) : 0
      if (at < 0) return fault
      while (chunk.length - at >= length_bytes) {
        const size = (chunk[at]! << 8) | chunk[at + 1]!
        if (size > bytes_max) return tooLong(at)
        const end = at + length_bytes + size
        if (end > chunk.length) break
        // A length of zero is a line kept alive.
        if (size > 0 && take(chunk, at + length_bytes, end) === false) {
          isOver = true
          return undefined
        }
        at = end
      }
      if (at < chunk.length) {
        held ??= Buffer.allocUnsafeSlow(length_bytes + bytes_max)
        waiting = chunk.copy(held, 0, at)
      }
      return undefined
    },
  }
}

/** An MTI begins with a version below 10 in BCD, a header with the kind of application, 60 and up. */
const mti_byte_max = 0x0f

/** Where the message of a frame begins (`start` is its TPDU), or -1 where it is too short to have one. */
export function messageStart(bytes: Buffer, start: number, end: number, header: HeaderMode): number {
  const at = start + tpdu_bytes
  const has = header === 'present' || (header === 'recognised' && at < end && bytes[at]! > mti_byte_max)
  const message = has ? at + header_bytes : at
  return message < end ? message : -1
}

/** Swaps destination and source of the TPDU at `at`, in place. */
export function swapTpdu(bytes: Buffer, at: number): void {
  const high = bytes[at + 1]!
  const low = bytes[at + 2]!
  bytes[at + 1] = bytes[at + 3]!
  bytes[at + 2] = bytes[at + 4]!
  bytes[at + 3] = high
  bytes[at + 4] = low
}

/** Writes the host's command into the header at `at`. */
export function setCommand(bytes: Buffer, at: number, command: HostCommand): void {
  bytes[at + 2] = (bytes[at + 2]! & 0xf0) | commands[command]
}

export type Around = { readonly tpdu: Buffer; readonly header?: Buffer | undefined }

/** A message with what stands around it. */
export function frameOf({ tpdu, header }: Around, message: Buffer): Buffer {
  const parts = header ? [tpdu, header, message] : [tpdu, message]
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([size >> 8, size & 255]), ...parts])
}
