// Bytes nobody meant: whatever comes, reading ends at once, throws nothing, says what is wrong, and shows no card. A
// failing case prints its seed and its bytes; TINGQI_TORTURE=1 breaks a million messages instead of a hundred thousand.
// Every case that ever failed is kept below.
import { describe as suite, test } from 'vitest'
import { isTorture, makeRandom, seedOfRun } from '../../../test/model/random.ts'
import { createAnswers } from './answer.ts'
import { classify } from './classify.ts'
import { describe, shownFields } from './describe.ts'
import { readSettlement } from './f48.ts'
import { readDevice } from './f59.ts'
import { createSplitter, frame_bytes_max, messageStart } from './frame.ts'
import { locate, newLocated } from './located.ts'
import { blockKey, isMacRight } from './mac.ts'
import { decode, encode } from './message.ts'
import { broken, frames, hostMessages, seenIn, seenInPieces } from './messages.fixtures.ts'
import { newPeek, peek, textIn } from './peek.ts'
import { reversalOf } from './reversal.ts'
import type { Spec } from './spec.ts'
import { F, unionpay } from './spec-unionpay.ts'
import { international, internationalHex } from './spec-international.ts'

const runs = isTorture ? 1_000_000 : 100_000
const test_ms = isTorture ? 3_600_000 : 300_000
const hang_ms = 10

const look = newPeek()
const again = newLocated()
const write = createAnswers()
const out = Buffer.alloc(2 * frame_bytes_max)
const key = blockKey(Buffer.from('0723C80DB5F4CD3D', 'hex'))!

/** What the test library offers takes longer than all it would check here. */
function must(is: boolean, what: string): void {
  if (!is) throw new Error(what)
}

/** What the gate does with a frame, answering 30 to what is broken. */
function answered(bytes: Buffer, start: number, end: number): void {
  const message = messageStart(bytes, start, end, 'recognised')
  if (message < 0) return
  const fault = peek(unionpay, bytes, message, end, look)
  const { located } = look
  must(fault === undefined || (fault.offset >= message && fault.offset <= end), 'a fault outside the message')
  classify(look)
  readDevice(textIn(bytes, located, F.device))
  readSettlement(textIn(bytes, located, F.totals))
  if (end - message > 8) isMacRight(key, bytes, message, end - 8)
  const to = write(out, 0, bytes, start, located, { code: fault ? '30' : '58', at: 1_800_000_000_000, reference: 3, mac: key })
  if (to < 0) return
  // Whatever the request was, the answer is a message, says no, and is signed.
  const answerAt = messageStart(out, 2, to, located.start - start > 5 ? 'present' : 'absent')
  must(out.readUInt16BE(0) === to - 2, 'an answer that is not as long as it says')
  must(locate(unionpay, out, answerAt, to, again) === undefined, 'a broken answer')
  must(textIn(out, again, F.response) === (fault ? '30' : '58'), 'an answer with another code')
  must(isMacRight(key, out, answerAt, to - 8), 'an answer with a wrong MAC')
  const reversal = reversalOf(bytes, start, located, { reason: 'late', mac: key })
  if (reversal) must(locate(unionpay, reversal, answerAt, reversal.length, again) === undefined, 'a broken reversal')
}

/** In pieces of any size, as a stream brings them. */
function streamed(bytes: Buffer, cut: number): void {
  const splitter = createSplitter()
  for (let at = 0; at < bytes.length; at += cut)
    splitter.feed(bytes.subarray(at, at + cut), (part, start, end) => {
      must(end - start <= frame_bytes_max, 'a frame longer than allowed')
      answered(part, start, end)
    })
  must(splitter.waiting <= frame_bytes_max + 2, 'more held than a frame')
}

/** What people are shown of it. */
function shown(bytes: Buffer): void {
  for (const dialect of ['unionpay', 'international'] as const) {
    const description = describe(bytes, dialect)
    const values = Object.values(shownFields(description))
    const seen = seenIn(JSON.stringify(description)) ?? seenInPieces(values)
    must(seen === undefined, `${dialect} shows ${seen}`)
  }
}

/** What was understood is packed and understood again. */
function packedAgain(bytes: Buffer, specs: readonly Spec[]): void {
  for (const spec of specs) {
    const { fault, mti, fields } = decode(spec, bytes)
    const made = encode(spec, { mti, fields })
    if (fault !== undefined || 'fault' in made) continue
    const back = decode(spec, made.bytes)
    const isSame = back.fault === undefined && back.mti === mti && JSON.stringify(back.fields) === JSON.stringify(fields)
    must(isSame, 'packed again it is another message')
  }
}

function tried(bytes: Buffer, cut: number): void {
  streamed(bytes, cut)
  answered(bytes, Math.min(2, bytes.length), bytes.length)
  shown(bytes)
  packedAgain(bytes, [international, internationalHex])
  if (bytes.length > 13) packedAgain(bytes.subarray(13), [unionpay])
}

const cpu_ms = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
/** The machine may be busy: what seems slow is tried again, and then only the time it worked counts. */
function inTime(bytes: Buffer, cut: number): void {
  const start = performance.now()
  tried(bytes, cut)
  if (performance.now() - start <= hang_ms) return
  const times_ms = [1, 2, 3, 4].map(() => {
    const begun_ms = cpu_ms()
    tried(bytes, cut)
    return cpu_ms() - begun_ms
  })
  if (Math.min(...times_ms) > hang_ms) throw new Error(`took ${Math.min(...times_ms)} ms`)
}

const all = [...Object.values(frames), ...hostMessages]

suite('broken messages', () => {
  test(
    'every message, cut at every byte',
    () => {
      for (const bytes of all)
        for (let end = 0; end <= bytes.length; end++) {
          const part = Buffer.from(bytes.subarray(0, end))
          inTime(part, 7)
          if (end > 2) {
            part.writeUInt16BE(end - 2)
            inTime(part, 64)
          }
        }
    },
    test_ms,
  )

  test(
    'every byte of every message, as it never should be',
    () => {
      for (const bytes of all)
        for (let at = 0; at < bytes.length; at++)
          for (const value of [0x00, 0xff, 0x9a, bytes[at]! ^ 0x10, bytes[at]! ^ 0x01]) {
            const made = Buffer.from(bytes)
            made[at] = value
            inTime(made, 1_000)
          }
    },
    test_ms,
  )

  test(
    `${runs} of them, at random`,
    () => {
      const seed = seedOfRun()
      const random = makeRandom(seed)
      for (let run = 0; run < runs; run++) {
        const bytes = broken(random.pick(all), random)
        const cut = 1 + random.below(64)
        try {
          inTime(bytes, cut)
        } catch (error) {
          throw new Error(`TINGQI_SEED=${seed}, run ${run}, cut ${cut}: ${bytes.toString('hex')}`, { cause: error })
        }
      }
    },
    test_ms,
  )
})

suite('kept cases', () => {
  test.each<[what: string, hex: string]>([
    [
      'a card of no digits, its digits in the fields behind it',
      '00ea600003000060310031000001007020048000c08a10006217850283714692030000000000012345000003051006313030303031363138393831313032343839393030303131353600339f2608c20428a3ff53f0ad9f2701809f101307020103ab8060109f37040b7fbd48001410000001000500',
    ],
    [
      'a card the bitmap has lost, and bytes cut out so that all the rest fits again',
      '006a600003000060310031000003201020040000c002141662178502837146120510313030303031363138393831313032343839393030303100339f2608c20428a3ff53f0ad9f2701809f101307020103ab8060109f37040b7fbd4800110000000120300006303030303031',
    ],
    [
      'between hosts: a length changed, and the track slips into the terminal and the PIN into the MAC',
      '30323030f220000020c010000000000010000001313636323137383530323833373134363932303030303030303030303030303435303930313130313530303030303030333334363231373835303238333731343639323d333031323230313538333932373431363031303030303136313839383131303234383939303030317cb9e3a15d42f80634',
    ],
    [
      'between hosts: bytes of a track in the place of the bitmap, which could be one',
      '3032303046323030323230313538333932373431361631303030303136313839383131303234383939303030317cb9e3a15d42f806303830333035303030313044363132303134',
    ],
    [
      'the beginning of a card twice, and as many bytes less behind it: the rest of the card slips into code and amount',
      '005d600003000004007020008002c08019166217850216621785028371469200000000000001234539383130303030313631383938313130323438393930303031313536001422000001000500001600000100000309013841394539314238',
    ],
    [
      'bytes of a card in the place of the bitmap',
      '005c600003000004007020178502837146920000000000000123450000030039383130303030313631383938313130323438393930303031313536001422000001000500001600000100000309013841394539314238',
    ],
  ])('%s', (_, hex) => inTime(Buffer.from(hex, 'hex'), 5))
})
