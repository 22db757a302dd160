// The reversal of a request that was never answered, or too late: the request without card tracks, PIN and security
// data, with the reason in F39 and, where it is known, the original in F61 (batch, trace, date).
import type { Located } from './located.ts'
import type { BlockKey } from './mac.ts'
import { encodeField } from './message.ts'
import { addOwn, foundOf, hasRoom, maskOf, writeAround, writeLength, writeMessage, type OwnFields } from './rewrite.ts'
import { F, unionpay } from './spec-unionpay.ts'

/** F39 of a reversal: no answer in time · the answer's MAC was wrong · anything else. */
export const reversalReasons = { late: '98', mac_wrong: 'A0', other: '06' } as const
export type ReversalReason = keyof typeof reversalReasons

/** What a reversal does not repeat. */
export const leftOut = [F.pinCapture, F.track2, F.track3, F.reference, F.pin, F.security, F.mac] as const
const leftOutMask = maskOf(leftOut)
const nothing = new Int32Array(2)

/** A whole frame, to the same address as the request. Undefined where the request is not one that moves money. */
export function reversalOf(
  bytes: Buffer, frameStart: number, located: Located,
  { reason, original, mac }: { reason: ReversalReason; original?: string | undefined; mac?: BlockKey | undefined },
): Buffer | undefined {
  if (located.mti !== 100 && located.mti !== 200) return undefined
  const own = new Map<number, Buffer>()
  for (const [field, value] of [[F.response, reversalReasons[reason]], [F.original, original]] as const) {
    if (value === undefined) continue
    const part = encodeField(unionpay, field, value)
    if (!Buffer.isBuffer(part)) return undefined
    own.set(field, part)
  }
  const fields: OwnFields = own
  const out = Buffer.alloc(located.end - frameStart + 512)
  if (!hasRoom(out, 0, frameStart, located, fields)) return undefined
  const words = new Int32Array(2)
  foundOf(located, words)
  words[0]! &= ~leftOutMask[0]!
  words[1]! &= ~leftOutMask[1]!
  addOwn(words, fields)
  const at = writeAround(out, 0, bytes, frameStart, located.start)
  const end = writeMessage(unionpay, out, at, bytes, located, 400, words, nothing, (_, __, to) => to, fields, mac)
  writeLength(out, 0, end)
  return out.subarray(0, end)
}
