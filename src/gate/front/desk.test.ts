// Frames that were damaged, in every way bytes can be: whatever arrives, nothing throws, nothing takes long, a stopped
// terminal is never told that its money moved, and no card number leaves in what is observed or logged.
import { expect, test } from 'vitest'
import { openDesk } from './desk.ts'
import { doorOver, entryOf, mid, noon } from './door.fixtures.ts'
import { fitted } from './display.ts'
import { openLine, type Nonsense } from './line.ts'
import { asks, heard, requestFrame, test_card, type Ask } from './terminal.ts'
import { textBytes } from '../iso8583/text.ts'

const tid = '10000002'
const isTorture = process.env['TINGQI_TORTURE'] === '1'
const rounds = isTorture ? 1_000_000 : 100_000
const slow_ms = 10
/** What took long may only have waited for the machine: it is tried again. */
const tries = 8
const seed_default = 20_261_127

/** Park and Miller's generator; the seed is in the name of whatever fails. */
const dice = (seed: number) => (sides: number): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % sides
}
type Roll = ReturnType<typeof dice>

const damages: readonly ((frame: Buffer, roll: Roll) => Buffer)[] = [
  (frame, roll) => frame.subarray(0, roll(frame.length)),
  (frame, roll) => { frame[roll(frame.length)] = roll(256); return frame },
  (frame, roll) => { frame[roll(frame.length)]! ^= 1 << roll(8); return frame },
  (frame, roll) => { for (let i = 0; i < 8; i++) frame[15 + i] = roll(256); return frame },
  (frame, roll) => {
    const at = roll(frame.length)
    const more = Buffer.from(Array.from({ length: roll(40) }, () => roll(256)))
    return Buffer.concat([frame.subarray(0, at), more, frame.subarray(at)])
  },
  (frame, roll) => {
    const at = roll(frame.length)
    return Buffer.concat([frame.subarray(0, at), frame.subarray(at + roll(20))])
  },
]
const withLength = (frame: Buffer): Buffer => {
  const whole = Buffer.from(frame)
  if (whole.length >= 2) whole.writeUInt16BE(whole.length - 2)
  return whole
}

const timed = (work: () => void): number => {
  const began = performance.now()
  work()
  return performance.now() - began
}

test(`${rounds} damaged frames`, () => {
  const seed = Number(process.env['TINGQI_SEED'] ?? seed_default)
  const roll = dice(seed)
  const door = doorOver([entryOf(tid, 'shut')])
  const lines: unknown[] = []
  const note = (facts: object): void => { lines.push(facts) }
  const desk = openDesk({ secret: 's'.repeat(40), log: { info: note, warn: note, error: note } })
  const clean = (Object.keys(asks) as Ask[]).map((ask, i) => requestFrame(ask, {
    tid, mid, batch: 1, trace: i + 1, amountFen: 100, card: test_card, original: { batch: 1, trace: 1 }, device: { serial: `00001204${tid}` },
  }))
  /** Made only where something is wrong: most of the time would go into it. */
  const where = (round: number, sent: Buffer): string => `seed ${seed}, round ${round}: ${sent.toString('hex')}`
  let slowest = 0
  let answered = 0
  for (let i = 0; i < rounds; i++) {
    let frame = Buffer.from(clean[roll(clean.length)]!)
    for (let n = roll(3); n >= 0; n--) frame = Buffer.from(damages[roll(damages.length)]!(frame, roll))
    // Half of them at least say their true length, so that what is inside is looked at.
    const sent = roll(2) === 0 ? frame : withLength(frame)
    const told: Buffer[] = []
    let cut: Nonsense | undefined
    const line = openLine(door, { desk, cut: (why) => { cut = why } }, (bytes) => { told.push(Buffer.from(bytes)) })
    let took_ms: number
    try {
      took_ms = timed(() => line.receive(sent))
    } catch (error) {
      throw new Error(where(i, sent), { cause: error })
    }
    for (let n = 0; n < tries && took_ms > slow_ms; n++)
      took_ms = Math.min(took_ms, timed(() => openLine(door, { desk, cut: () => {} }, () => {}).receive(sent)))
    slowest = Math.max(slowest, took_ms)
    for (const one of told) {
      answered += 1
      const said = heard(one)
      const isMoney = said !== undefined && (said.mti === '0110' || said.mti === '0210' || said.mti === '0230')
      if (isMoney && said.code === '00') throw new Error(`approved: ${where(i, sent)}`)
    }
    line.close()
    if (cut !== undefined && line.taken > 2) throw new Error(`went on after nonsense: ${where(i, sent)}`)
    door.at = noon + i
  }
  expect(answered).toBeGreaterThan(rounds / 20)
  expect(slowest).toBeLessThanOrEqual(slow_ms)
  expect(JSON.stringify([lines, door.seen])).not.toContain(test_card)
})

test('a sentence that is too long for its field loses what can be looked up, never whom to call', () => {
  const long = '已停机，不能收款（58）。支付机构停用：核查中（R09）。店主申请停机：店主申请停机的原因很长很长很长很长。恢复时间未定，需整改或申诉，由风控解除；提交复机申请并通过测试。可以办理冲正、批结算。办件 TQ-261127-00042-7。办件 TQ-261127-00043-5。客服 400-800-0000。'
  const text = fitted(long)
  expect(textBytes(text)!.length).toBeLessThanOrEqual(160)
  expect(text).toMatch(/^已停机，不能收款（58）。.*恢复时间未定.*客服 400-800-0000。$/)
  expect(fitted('短句。')).toBe('短句。')
  expect(fitted('店名☃。')).toBe('店名。')
  expect(textBytes(fitted('长'.repeat(300)))!.length).toBe(160)
})
