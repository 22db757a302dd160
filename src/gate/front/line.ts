// One line to one peer, whatever carries it: bytes come in as they were cut on the way, whole frames go to the desk, answers
// go out in the order in which they are complete – those to one piece of input together. When a line has enough under way
// (`isFull`) its carrier stops reading until `ready` is called. Nonsense ends the line; nothing here knows of any other.
import type { Door } from '../door.ts'
import { createSplitter } from '../iso8583/frame.ts'
import type { Desk } from './desk.ts'

/** Why a line is ended: the peer talks nonsense, or – a bug – we could not go on. */
export type Nonsense = 'too_long' | 'not_iso8583' | 'malformed_too_often' | 'failed'

export type LineOptions = {
  readonly desk: Desk
  /** Only this terminal may speak here. */
  readonly tid?: string | undefined
  /** What the terminal says of its state is the word of the person in front of it. */
  readonly confirms?: boolean | undefined
  /** The peer talks nonsense and is to be cut off; nothing more is sent. */
  readonly cut: (why: Nonsense) => void
  /** There is room again. */
  readonly ready?: (() => void) | undefined
}

export type Line = {
  receive(bytes: Uint8Array): void
  close(): void
  readonly isFull: boolean
  /** Requests that wait for somebody else. */
  readonly inFlight: number
  /** Bytes of a frame that has begun and is not whole. */
  readonly waiting: number
  /** Whole frames taken. */
  readonly taken: number
}

/** The line as the desk sees it. */
export type Asker = {
  readonly tid: string | undefined
  readonly confirms: boolean
  /** Messages that could not be read, one after another. */
  malformed: number
  /** An answer that is not there at once will come. */
  awaits(): void
  /** It came: a whole frame. */
  answered(frame: Uint8Array): void
}

/** Answers to one piece of input, one behind the other; shared by all lines, as a stack is, for they take turns. */
let scratch = Buffer.allocUnsafeSlow(131_072)
let written = 0

export function openLine(door: Door, options: LineOptions, send: (bytes: Uint8Array) => void): Line {
  const { desk, cut, ready } = options
  const in_flight_max = desk.bounds.in_flight_per_line_max
  const splitter = createSplitter()
  let inFlight = 0
  let taken = 0
  let isClosed = false
  let nonsense: Nonsense | undefined

  const asker: Asker = {
    tid: options.tid,
    confirms: options.confirms === true,
    malformed: 0,
    awaits() { inFlight += 1 },
    answered(frame) {
      inFlight -= 1
      if (isClosed) return
      send(frame)
      if (inFlight === in_flight_max - 1) ready?.()
    },
  }
  const take = (bytes: Buffer, start: number, end: number): boolean => {
    if (scratch.length - written < desk.answer_bytes_max) {
      const larger = Buffer.allocUnsafeSlow(scratch.length * 2)
      scratch.copy(larger, 0, 0, written)
      scratch = larger
    }
    taken += 1
    const wrote = desk.take(door, bytes, start, end, asker, scratch, written)
    if (typeof wrote === 'number') written += wrote
    else nonsense = wrote
    return nonsense === undefined
  }

  return {
    receive(bytes) {
      if (isClosed) return
      const from = written
      const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      try {
        if (splitter.feed(chunk, take) !== undefined) nonsense = 'too_long'
      } catch (error) {
        // One frame must not bring the gate down; where it happened is told, never what was sent.
        desk.failed(error as Error)
        nonsense = 'failed'
      }
      if (written > from) {
        const answers = Buffer.allocUnsafe(written - from)
        scratch.copy(answers, 0, from, written)
        written = from
        send(answers)
      }
      if (nonsense === undefined) return
      isClosed = true
      cut(nonsense)
    },
    close() { isClosed = true },
    get isFull() { return inFlight >= in_flight_max },
    get inFlight() { return inFlight },
    get waiting() { return splitter.waiting },
    get taken() { return taken },
  }
}
