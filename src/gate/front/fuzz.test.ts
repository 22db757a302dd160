// Bytes nobody meant, at the desk where frames are decided: whatever comes from a terminal that is shut – or seems to – no money is
// approved, nothing is thrown, and no piece of input takes longer than 10 ms. TINGQI_TORTURE=1 tries a million frames.
import { expect, test } from 'vitest'
import { isTorture, makeRandom, seedOfRun } from '../../../test/model/random.ts'
import { createSplitter, length_bytes, messageStart } from '../iso8583/frame.ts'
import { locate, newLocated } from '../iso8583/located.ts'
import { broken, frames, requests, seenIn } from '../iso8583/messages.fixtures.ts'
import { textIn } from '../iso8583/peek.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import { openDesk } from './desk.ts'
import { doorOver, entryOf, noon } from './door.fixtures.ts'
import { openLine, type Nonsense } from './line.ts'

const runs = isTorture ? 1_000_000 : 50_000
const hang_ms = 10
/** Answers to what even a terminal that is shut may send: reversal, settlement, batch upload, sign-off, echo, status. */
const always = [410, 510, 330, 830]
const desk = openDesk({ secret: 's'.repeat(40), bounds: { ledger_entries_max: 10_000 } })
const [, { 41: tid = '', 42: mid = '' }] = Object.values(requests)[0]!
const door = doorOver([{ ...entryOf(tid, 'shut'), mid, serial: undefined }])
const located = newLocated()

/** What is wrong with what was answered to a piece of input. */
function fed(bytes: Buffer): string[] {
  const wrong: string[] = []
  const splitter = createSplitter(8_192)
  let cut: Nonsense | undefined
  const line = openLine(door, { desk, cut: (why) => { cut = why } }, (answers) => {
    splitter.feed(Buffer.from(answers), (from, start, end) => {
      const at = messageStart(from, start, end, 'recognised')
      if (at < 0 || locate(unionpay, from, at, end, located) !== undefined) return void wrong.push('a broken answer')
      const code = textIn(from, located, F.response)
      if (code === '00' && !always.includes(located.mti)) wrong.push(`approved by ${located.mti}`)
    })
  })
  line.receive(bytes)
  line.close()
  if (cut === 'failed') wrong.push('it threw')
  for (const o of door.seen.splice(0)) {
    if (o.kind === 'transaction' && o.class !== 'reversal') wrong.push(`a ${o.class} was observed`)
    const seen = seenIn(JSON.stringify(o))
    if (seen) wrong.push(`observed ${seen}`)
  }
  return wrong
}

const cpu_ms = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
/** What seems slow is tried again, and then only processor time counts: others use this machine, and memory is cleared away. */
function isSlow(bytes: Buffer): boolean {
  return [1, 2, 3, 4].every(() => {
    const before = cpu_ms()
    fed(bytes)
    return cpu_ms() - before > hang_ms
  })
}

test(`${runs} frames from a terminal that is shut`, { timeout: isTorture ? 3_600_000 : 120_000 }, () => {
  const seed = seedOfRun()
  const random = makeRandom(seed)
  const all = Object.values(frames)
  let [slowest, isWithout] = [0, 0]
  door.at = noon
  for (let run = 0; run < runs; run++) {
    const bytes = broken(random.pick(all), random)
    const began = performance.now()
    const wrong = fed(bytes)
    const took = performance.now() - began
    if (took > slowest) slowest = took
    if (took > hang_ms && isSlow(bytes)) wrong.push(`slower than ${hang_ms} ms`)
    if (bytes.length <= length_bytes) isWithout += 1
    if (wrong.length > 0) throw new Error(`TINGQI_SEED=${seed}, run ${run}: ${wrong.join(', ')}: ${bytes.toString('hex')}`)
  }
  console.log(`front fuzz: TINGQI_SEED=${seed}, slowest ${slowest.toFixed(2)} ms on the clock`)
  expect(isWithout).toBeLessThan(runs / 10)
})

test('what is not broken is decided: the same frames are answered', () => {
  const answered = Object.entries(requests).map(([name]) => {
    const codes: string[] = []
    const line = openLine(door, { desk, cut: () => codes.push('cut') }, (bytes) => {
      const from = Buffer.from(bytes)
      locate(unionpay, from, messageStart(from, 2, from.length, 'recognised'), from.length, located)
      codes.push(textIn(from, located, F.response))
    })
    line.receive(frames[name]!)
    return codes[0]
  })
  expect(new Set(answered)).toEqual(new Set(['58', '00']))
})
