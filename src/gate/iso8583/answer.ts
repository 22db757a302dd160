// The answer to a request, written straight from the request's bytes: length, TPDU with its addresses swapped, header
// (with the host's command, if any), MTI, bitmap, the fields an answer repeats, local time and date, reference, F39,
// whatever the host adds, and the MAC where there is a key. Which fields are repeated is a table by message type.
import { setCommand, swapTpdu, tpdu_bytes, length_bytes, type HostCommand } from './frame.ts'
import type { Located } from './located.ts'
import type { BlockKey } from './mac.ts'
import {
  addOwn, foundOf, hasRoom, maskOf, writeAround, writeBcd, writeDigits, writeLength, writeMessage, type OwnFields,
} from './rewrite.ts'
import { unionpay } from './spec-unionpay.ts'

export type Answer = {
  /** F39: two characters. */
  readonly code: string
  /** F12 and F13, on Shanghai's clock; epoch ms. */
  readonly at: number
  /** F37, where the kind of message has one. */
  readonly reference: number
  /** What the terminal should do next; only where there is a header. */
  readonly command?: HostCommand | undefined
  /** Fields the host adds, or puts in place of the request's. */
  readonly own?: OwnFields | undefined
  readonly mac?: BlockKey | undefined
}

type Plan = { readonly repeated: readonly number[]; readonly added: readonly number[] }
const money: Plan = { repeated: [2, 3, 4, 11, 23, 25, 41, 42, 49, 60], added: [12, 13, 37, 39] }
const terminal: Plan = { repeated: [11, 41, 42, 60], added: [12, 13, 39] }
/** By request; the answer's type is ten more. */
export const answerPlans: Readonly<Record<number, Plan>> = {
  100: money,
  200: money,
  220: money,
  400: money,
  320: terminal,
  500: { repeated: [11, 41, 42, 48, 49, 60], added: [12, 13, 39] },
  800: terminal,
  820: terminal,
}
/** A request of a kind we do not know is still told so. */
const unknownPlan: Plan = { repeated: [3, 4, 11, 25, 41, 42, 49, 60], added: [12, 13, 39] }

type Masks = { readonly repeated: Int32Array; readonly added: Int32Array }
const masksOf = ({ repeated, added }: Plan): Masks => ({ repeated: maskOf(repeated), added: maskOf(added) })
const masks = new Map(Object.entries(answerPlans).map(([mti, plan]) => [Number(mti), masksOf(plan)]))
const unknownMasks = masksOf(unknownPlan)

/** Requests, advices and notices have an even third digit; what answers them, an odd one. */
export const isRequest = (mti: number): boolean => mti >= 0 && mti < 1000 && Math.floor(mti / 10) % 2 === 0 && mti % 10 < 2

const shanghai_ms = 8 * 3_600_000

/** One writer per line or gate: it keeps the clock's digits of the second it last wrote. */
export function createAnswers(): (
  out: Buffer, outAt: number, bytes: Buffer, frameStart: number, located: Located, answer: Answer,
) => number {
  const words = new Int32Array(2)
  const clock = Buffer.alloc(5)
  let clockSecond = Number.NaN
  let code = ''
  let reference = 0

  const setClock = (at: number): void => {
    const second = Math.floor(at / 1_000)
    if (second === clockSecond) return
    clockSecond = second
    const there = new Date(at + shanghai_ms)
    writeBcd(clock, 0, 1, there.getUTCHours())
    writeBcd(clock, 1, 1, there.getUTCMinutes())
    writeBcd(clock, 2, 1, there.getUTCSeconds())
    writeBcd(clock, 3, 1, there.getUTCMonth() + 1)
    writeBcd(clock, 4, 1, there.getUTCDate())
  }
  const writeField = (field: number, out: Buffer, at: number): number => {
    switch (field) {
      case 12:
        out[at] = clock[0]!
        out[at + 1] = clock[1]!
        out[at + 2] = clock[2]!
        return at + 3
      case 13:
        out[at] = clock[3]!
        out[at + 1] = clock[4]!
        return at + 2
      case 37:
        writeDigits(out, at, 12, reference)
        return at + 12
      default:
        out[at] = code.charCodeAt(0)
        out[at + 1] = code.charCodeAt(1)
        return at + 2
    }
  }

  /**
   * Writes the answer to the frame of `located` (its TPDU at `frameStart`) into `out` at `outAt`, and answers where it
   * ends; -1 where there is no room, or the message is no request. Fields that could not be read are not repeated.
   */
  return (out, outAt, bytes, frameStart, located, answer) => {
    const { mti } = located
    if (!isRequest(mti) || !hasRoom(out, outAt, frameStart, located, answer.own)) return -1
    const { repeated, added } = masks.get(mti) ?? unknownMasks
    setClock(answer.at)
    code = answer.code
    reference = answer.reference
    foundOf(located, words)
    words[0] = (words[0]! & repeated[0]!) | added[0]!
    words[1] = (words[1]! & repeated[1]!) | added[1]!
    addOwn(words, answer.own)
    const messageAt = writeAround(out, outAt, bytes, frameStart, located.start)
    const around = outAt + length_bytes
    swapTpdu(out, around)
    if (answer.command !== undefined && messageAt > around + tpdu_bytes) setCommand(out, around + tpdu_bytes, answer.command)
    const { own, mac } = answer
    const end = writeMessage(unionpay, out, messageAt, bytes, located, mti + 10, words, added, writeField, own, mac)
    writeLength(out, outAt, end)
    return end
  }
}
