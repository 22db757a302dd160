// Lines that come in by another way than TCP – the virtual terminal's WebSocket – over the gate beside the calls.
import type { Door } from '../door.ts'
import { openDesk, type DeskOptions } from './desk.ts'
import { openLine, type Line, type LineOptions } from './line.ts'

export type Lines = {
  readonly unread_bytes_max: number
  /** A line on which only this terminal may speak. */
  open(tid: string, ends: Pick<LineOptions, 'cut' | 'ready'>, send: (bytes: Uint8Array) => void): Line
  /** The terminal's master key where we are the host; undefined where a host behind us has it. */
  masterKey(tid: string): Buffer | undefined
  accepting(): boolean
  close(): Promise<void>
}

export function openLines(door: Door, options: DeskOptions): Lines {
  const desk = openDesk(options)
  return {
    unread_bytes_max: desk.bounds.unread_bytes_max,
    open: (tid, ends, send) => openLine(door, { desk, tid, confirms: true, ...ends }, send),
    masterKey: (tid) => desk.keys?.master(tid),
    accepting: door.accepting,
    close: desk.close,
  }
}
