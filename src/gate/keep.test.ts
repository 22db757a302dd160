// What a gate keeps on disk: it comes back whole, and nothing that was cut, changed or forged is believed.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alwaysOpen, type GateEntry, type GateRules } from '../domain/gate.ts'
import { ageOf, openKeep, renewedBefore, type Keep, type Kept, type KeptMark, type Position } from './keep.ts'
import { createSnapshot, type Change, type Snapshot } from './snapshot.ts'

const secret = 's'.repeat(40)
const rules: GateRules = { provider: 'yunhui', responseCodes: { 58: '57' }, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 0, signOnAfterReopening: true }
const hold = { id: 'h', reason: 'R02', owner: 'risk', effectiveFrom: 5, caseNo: 'TQ-1' } as const
const entry = (i: number, version = 1, stopped = false): GateEntry => ({
  tid: String(10_000_000 + i), mid: '104110045110012', provider: 'yunhui', serial: i % 3 === 0 ? `S${i}` : i % 7 === 0 ? `LONG-${'x'.repeat(30)}-${i}` : undefined,
  longitude: i % 2 === 0 ? 120 + (i % 1000) / 1000 : undefined, latitude: i % 2 === 0 ? 30 : undefined, signOnRequired: i % 5 === 0, version,
  intervals: stopped ? [{ from: Number.NEGATIVE_INFINITY, to: 5, mode: 'open', holds: [] }, { from: 5, to: Number.POSITIVE_INFINITY, mode: 'shut', holds: ['h'], stopAt: 5 }] : alwaysOpen,
  holds: stopped ? [hold] : [],
})
const upsert = (seq: number, e: GateEntry): Change => ({ kind: 'upsert', epoch: 1, seq, entry: e })
const filled = (count: number): Snapshot => {
  const snapshot = createSnapshot()
  snapshot.apply({ kind: 'rules', epoch: 1, seq: 1, rules })
  for (let i = 0; i < count; i++) snapshot.apply(upsert(1, entry(i, 1, i % 11 === 0)))
  snapshot.apply({ kind: 'remove', epoch: 1, seq: 1, tid: 'GONE0001', version: 7 })
  snapshot.signedOn('10000005', 99)
  return snapshot
}
const position = (seq: number, isTightened = false): Position => ({ epoch: 1, seq, hash: `hash${seq}`, isTightened })
const mark = (seq: number): KeptMark => ({ position: position(seq), renewed: renewedBefore(0), standinMs: 900_000, hasLeft: false, isFenced: false, hand: undefined })

let folder: string
let open: Keep[]
const keep = (id = 'g', own = secret): Keep => {
  const one = openKeep(folder, id, own)
  open.push(one)
  return one
}
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tingqi-keep-')); open = [] })
afterEach(async () => {
  for (const one of open) await one.close()
  rmSync(folder, { recursive: true, force: true })
})
const file = (name: string): string => join(folder, readdirSync(folder).find((f) => f.startsWith(name))!)
const loaded = async (id?: string, own?: string): Promise<Kept> => {
  const kept = await keep(id, own).load()
  if (kept === 'nothing' || 'fault' in kept) throw new Error(JSON.stringify(kept))
  return kept
}
const fault = async (): Promise<unknown> => keep().load()

describe('comes back', () => {
  test.each([0, 1, 50, 10_000])('whole, with %i terminals', async (count) => {
    const before = filled(count)
    const first = keep()
    await first.whole(before, position(1))
    first.mark(mark(1))
    const { snapshot, mark: read } = await loaded()
    expect([snapshot.size, snapshot.digest(), snapshot.head]).toEqual([before.size, before.digest(), { epoch: 1, seq: 1 }])
    expect(read.position).toEqual(position(1))
    for (let i = 0; i < Math.min(count, 200); i++) expect(snapshot.find(String(10_000_000 + i))).toEqual(before.find(String(10_000_000 + i)))
    expect(snapshot.isRisky('104110045110012')).toBe(count > 0)
    // What was removed keeps its version.
    expect(snapshot.apply(upsert(2, { ...entry(0), tid: 'GONE0001', version: 7 }))).toBe('kept_tighter')
  })

  test('as far as it ever said it was, also where nothing changed on the way', async () => {
    const one = keep()
    await one.whole(filled(10), position(1))
    await one.append([], position(9))
    // A history is lost: what is counted from then on belongs to another.
    await one.append([], { epoch: 0, seq: -1, hash: '', isTightened: true })
    one.mark({ ...mark(0), position: { epoch: 0, seq: -1, hash: '', isTightened: true } })
    expect((await loaded()).snapshot.head).toEqual({ epoch: 1, seq: 9 })
  })

  test('what could not be written is brought along by the next that can', async () => {
    const before = filled(10)
    await keep().whole(before, position(1))
    const one = keep()
    const [first, second] = [upsert(2, entry(1, 2, true)), upsert(3, entry(2, 3, true))]
    // Its folder is not there for a while, as a disk that is full or gone.
    const away = `${folder}-away`
    renameSync(folder, away)
    await expect(one.append([first], position(2))).rejects.toThrow()
    renameSync(away, folder)
    await one.append([second], position(3))
    one.mark(mark(3))
    for (const change of [first, second]) before.apply(change)
    const { snapshot, mark: read } = await loaded()
    expect([snapshot.digest(), snapshot.head.seq, read.position.seq]).toEqual([before.digest(), 3, 3])
  })

  test('with everything that was appended, over several starts', async () => {
    const before = filled(100)
    let one = keep()
    await one.whole(before, position(1))
    for (let seq = 2; seq < 8; seq++) {
      if (seq % 2 === 0) one = keep()
      const change = upsert(seq, entry(seq, seq, true))
      before.apply(change)
      await one.append([change], position(seq))
      one.mark(mark(seq))
    }
    const { snapshot, mark: read } = await loaded()
    expect([snapshot.digest(), snapshot.head.seq, read.position.seq]).toEqual([before.digest(), 7, 7])
  })

  test('what is changed while the base is written is there once', async () => {
    const before = filled(20_000)
    const one = keep()
    const writing = one.whole(before, position(1))
    for (let seq = 2; seq < 40; seq++) {
      const change = upsert(seq, entry(seq * 100, seq, true))
      before.apply(change)
      await one.append([change], position(seq))
    }
    await writing
    one.mark(mark(39))
    expect((await loaded()).snapshot.digest()).toBe(before.digest())
    expect(readdirSync(folder).filter((f) => /^(base|log)/.test(f))).toEqual(['base.2', 'log.2'])
  })

  test('the table may grow while the base is written', async () => {
    const before = filled(5_000)
    const one = keep()
    const writing = one.whole(before, position(1))
    const more = Array.from({ length: 20_000 }, (_, i) => upsert(2, entry(50_000 + i, 2)))
    for (let from = 0; from < more.length; from += 4_000) {
      for (const change of more.slice(from, from + 4_000)) before.apply(change)
      await one.append(more.slice(from, from + 4_000), position(2))
    }
    await writing
    one.mark(mark(2))
    expect((await loaded()).snapshot.digest()).toBe(before.digest())
  })

  test('a batch that was being written when the gate died was told to nobody', async () => {
    const before = filled(10)
    const one = keep()
    await one.whole(before, position(1))
    await one.append([upsert(2, entry(1, 2, true))], position(2))
    one.mark(mark(2))
    await one.append([upsert(3, entry(2, 3, true))], position(3))
    truncateSync(file('log'), readFileSync(file('log')).length - 5)
    expect((await loaded()).mark.position.seq).toBe(2)
  })

  test('keeps small things beside it', async () => {
    keep().put('keys', [1, 2])
    expect(keep().get('keys')).toEqual([1, 2])
    expect(keep('g', 't'.repeat(40)).get('keys')).toBeUndefined()
    writeFileSync(join(folder, 'keys'), readFileSync(join(folder, 'keys'), 'utf8').replace('1,2', '1,3'))
    expect(keep().get('keys')).toBeUndefined()
  })
})

describe('is not believed', () => {
  const prepare = async (): Promise<void> => {
    const one = keep()
    await one.whole(filled(300), position(1))
    await one.append([upsert(2, entry(1, 2, true))], position(2))
    await one.append([upsert(3, entry(2, 3, true))], position(3))
    one.mark(mark(3))
  }
  test('where nothing was ever kept', async () => { expect(await fault()).toBe('nothing') })
  test('with any bit of the base turned', async () => {
    await prepare()
    const whole = readFileSync(file('base'))
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1 << (at % 8)
      writeFileSync(file('base'), bytes)
      expect(await fault(), `byte ${at}`).toHaveProperty('fault')
    }
  })
  test('with any bit of the log turned', async () => {
    await prepare()
    const whole = readFileSync(file('log'))
    for (let at = 0; at < whole.length - 1; at += Math.ceil(whole.length / 40)) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1 << (at % 8)
      writeFileSync(file('log'), bytes)
      expect(await fault(), `byte ${at}`).toHaveProperty('fault')
    }
  })
  test('cut short, or without its end', async () => {
    await prepare()
    truncateSync(file('base'), readFileSync(file('base')).length - 100)
    expect(await fault()).toHaveProperty('fault')
  })
  test('where the log ends before what was acknowledged', async () => {
    await prepare()
    const lines = readFileSync(file('log'), 'utf8').split('\n')
    writeFileSync(file('log'), `${lines[0]}\n`)
    expect(await fault()).toEqual({ fault: 'the log ends before what was acknowledged' })
  })
  test('with a batch taken out, repeated or added', async () => {
    await prepare()
    const [a, b] = readFileSync(file('log'), 'utf8').split('\n')
    for (const text of [`${b}\n`, `${b}\n${a}\n`]) {
      writeFileSync(file('log'), text)
      expect(await fault()).toHaveProperty('fault')
    }
    writeFileSync(file('log'), `${a}\n${b}\n`)
    appendFileSync(file('log'), `${a}\n`)
    expect(await fault()).toHaveProperty('fault')
  })
  test('under another secret, or of another gate', async () => {
    await prepare()
    for (const other of [keep('g', 't'.repeat(40)), keep('h')]) expect(await other.load()).toHaveProperty('fault')
  })
  test('without its mark', async () => {
    await prepare()
    rmSync(join(folder, 'mark'))
    expect(await fault()).toHaveProperty('fault')
  })
})

describe('how long ago', () => {
  test('by whichever clock says more', () => {
    expect(ageOf(renewedBefore(2_000))).toBeGreaterThanOrEqual(2_000)
    expect(ageOf(renewedBefore(2_000))).toBeLessThan(3_000)
    // The wall clock went back by an hour, the machine ran on.
    expect(ageOf({ ...renewedBefore(2_000), wall: Date.now() - 10 })).toBeGreaterThan(1_900)
    // It went back to before the renewal: nothing is known.
    expect(ageOf({ ...renewedBefore(0), wall: Date.now() + 60_000 })).toBe(Number.POSITIVE_INFINITY)
    // Another boot: its own clock says nothing.
    expect(ageOf({ ...renewedBefore(0), uptime_s: 0, boot: 'another' })).toBeLessThan(1_000)
    expect(ageOf(undefined)).toBe(Number.POSITIVE_INFINITY)
  })
})
