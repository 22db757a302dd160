import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { entryOf, faultOf, intervals_per_entry_max, tighterOf, type Registered } from './gate-entry.ts'
import { alwaysOpen, decide, intervalAt, type GateEntry, type GateInterval, type GateRules } from './gate.ts'
import { inEffect, modeAt, type Hold, type Terminal } from './terminal.ts'
import { modes, words, type Mode } from './vocabulary.ts'

const registered: Registered = {
  mid: '848059372301022', provider: 'yunhui', serial: 'S1', longitude: 121.5, latitude: 31.2, merchantStopped: false, version: 7,
}
const hold = (part: Partial<Hold>): Hold => ({
  id: 'a', reason: 'M02', owner: 'merchant', effect: 'stop', effectiveFrom: 100, drainUntil: 150, expectedUntil: undefined,
  caseNo: undefined, placedBy: 'p', startedAt: undefined, shutAt: undefined, clearedAt: undefined, liftedAt: undefined,
  withdrawnAt: undefined, reminders: [], ...part,
})
const terminal = (holds: Hold[], part: Partial<Terminal> = {}): Terminal =>
  ({ id: 't', tid: '10000001', installedAt: 0, closedAt: undefined, signOnRequired: false, clear: false, holds, ...part })
const entry = (intervals: readonly GateInterval[], part: Partial<GateEntry> = {}): GateEntry => ({
  tid: '10000001', ...registered, signOnRequired: false, intervals,
  holds: [...new Set(intervals.flatMap((i) => i.holds))].map((id) => ({ id, reason: 'M02', owner: 'merchant', effectiveFrom: 0 })), ...part,
})
/** One line per interval: `from mode holds stopAt`. */
const lines = (e: GateEntry): string[] => e.intervals.map((i) => [i.from, i.mode, i.holds.join('+'), i.stopAt].join(' ').trim())

describe('the entry of a terminal', () => {
  it.each<[string, Terminal, number, string[]]>([
    ['no hold', terminal([]), 50, ['-Infinity open']],
    ['a stop to come', terminal([hold({})]), 50, ['-Infinity open', '100 drain a 100', '150 shut a 100']],
    ['draining: the past is left out', terminal([hold({})]), 120, ['-Infinity drain a 100', '150 shut a 100']],
    ['shut early because clear', terminal([hold({ shutAt: 110 })]), 110, ['-Infinity shut a 100']],
    ['shut at once', terminal([hold({ drainUntil: 100 })]), 50, ['-Infinity open', '100 shut a 100']],
    ['withdrawn', terminal([hold({ withdrawnAt: 60 })]), 70, ['-Infinity open']],
    ['restricted', terminal([hold({ effect: 'restrict' })]), 50, ['-Infinity open', '100 restrict a']],
    ['under test', terminal([hold({ clearedAt: 300 })]), 310, ['-Infinity test a 100']],
    ['reopened', terminal([hold({ clearedAt: 300, liftedAt: 310 })], { signOnRequired: true }), 310, ['-Infinity open']],
    ['a second stop joins while the first holds', terminal([hold({}), hold({ id: 'b', owner: 'risk', effectiveFrom: 200, drainUntil: 200 })]),
      160, ['-Infinity shut a 100', '200 shut a+b 100']],
    ['the first is lifted, the stop goes on since it began',
      terminal([hold({ clearedAt: 300, liftedAt: 300 }), hold({ id: 'b', owner: 'risk', effectiveFrom: 200, drainUntil: 200 })]),
      300, ['-Infinity shut b 100']],
    ['not installed', terminal([], { installedAt: undefined }), 50, ['-Infinity shut  -Infinity']],
    ['closed', terminal([], { closedAt: 90 }), 95, ['-Infinity closed']],
  ])('%s', (_, t, now, expected) => {
    const e = entryOf(t, registered, now)
    expect(lines(e)).toEqual(expected)
    expect(faultOf(e)).toBeUndefined()
    expect(e.signOnRequired).toBe(t.signOnRequired)
  })

  it('carries the register, and of the holds what the cashier may read', () => {
    const e = entryOf(terminal([hold({ expectedUntil: 900, caseNo: 'TQ-1' }), hold({ id: 'old', liftedAt: 10 })]), registered, 120)
    expect(e).toMatchObject({ ...registered, tid: '10000001', openWork: false })
    expect(e.holds).toEqual([
      { id: 'a', reason: 'M02', owner: 'merchant', effectiveFrom: 100, expectedUntil: 900, caseNo: 'TQ-1' },
    ])
  })

  it('says of a closed terminal whether something is still open', () => {
    expect(entryOf(terminal([], { closedAt: 90, clear: false }), registered, 95).openWork).toBe(true)
    expect(entryOf(terminal([], { closedAt: 90, clear: true }), registered, 95).openWork).toBe(false)
  })

  it('says at every later instant what the terminal itself says', () => {
    const instant = fc.integer({ min: 0, max: 60 })
    const maybe = fc.option(instant, { nil: undefined })
    const anyHold = fc.tuple(instant, instant, maybe, maybe, maybe, fc.constantFrom('stop', 'restrict'))
    fc.assert(fc.property(fc.array(anyHold, { maxLength: 4 }), instant, (drawn, now) => {
      const t = terminal(drawn.map(([from, drain, cleared, lifted, withdrawn, effect], i) => hold({
        id: `h${i}`, effect: effect as Hold['effect'], effectiveFrom: from, drainUntil: from + drain, clearedAt: cleared,
        liftedAt: cleared === undefined || lifted === undefined ? undefined : cleared + lifted,
        withdrawnAt: withdrawn !== undefined && withdrawn < from ? withdrawn : undefined,
      })), { installedAt: -1 })
      const e = entryOf(t, registered, now)
      expect(faultOf(e)).toBeUndefined()
      for (let at = now; at <= 200; at += 1) {
        const interval = e.intervals[intervalAt(e.intervals, at)]!
        expect(interval.mode).toBe(modeAt(t, at))
        expect(interval.holds).toEqual(inEffect(t, at).map((h) => h.id))
      }
    }), { numRuns: 200 })
  })
})

test('an entry that must not be believed', () => {
  const open = entry(alwaysOpen)
  const cut = (...pieces: [number, number | undefined][]): GateEntry =>
    entry(pieces.map(([from, to]) => ({ from, to, mode: 'open', holds: [] })))
  const faults: [GateEntry, string | undefined][] = [
    [open, undefined],
    [{ ...open, serial: undefined, longitude: undefined, latitude: undefined }, undefined],
    [{ ...open, tid: '1000000a' }, 'tid_format'],
    [{ ...open, tid: '1000001' }, 'tid_format'],
    [{ ...open, mid: '84805937230102' }, 'mid_format'],
    [{ ...open, serial: '' }, 'serial_format'],
    [{ ...open, serial: '终端' }, 'serial_format'],
    [{ ...open, serial: 'S'.repeat(51) }, 'serial_format'],
    [{ ...open, longitude: 180.1 }, 'position_range'],
    [{ ...open, latitude: undefined }, 'position_range'],
    [{ ...open, latitude: Number.NaN }, 'position_range'],
    [{ ...open, version: 1.5 }, 'version_invalid'],
    [{ ...open, version: -1 }, 'version_invalid'],
    [cut(), 'intervals_gap'],
    [cut([0, undefined]), 'intervals_gap'],
    [cut([-Infinity, 5]), 'intervals_gap'],
    [cut([-Infinity, 5], [5, undefined]), undefined],
    [cut([-Infinity, 5], [5, Infinity]), undefined],
    [cut([-Infinity, 5], [6, undefined]), 'intervals_gap'],
    [cut([-Infinity, 5], [4, undefined]), 'intervals_gap'],
    [cut([-Infinity, 5], [5, 5], [5, undefined]), 'intervals_gap'],
    [cut([-Infinity, undefined], [5, undefined]), 'intervals_gap'],
    [cut([-Infinity, Number.NaN], [5, undefined]), 'intervals_gap'],
    [{ ...entry([{ from: -Infinity, mode: 'shut', holds: ['x'] }]), holds: [] }, 'hold_unknown'],
    [cut([-Infinity, 0], ...Array.from({ length: intervals_per_entry_max }, (_, i): [number, number] => [i, i + 1])), 'too_many'],
  ]
  expect(faults.map(([e]) => faultOf(e))).toEqual(faults.map(([, expected]) => expected))
})

describe('the tighter of two', () => {
  const rules: GateRules = {
    provider: 'yunhui', responseCodes: {}, refundWhileShut: true, completionWhileShut: true, offlineUploadHours: 24,
    signOnAfterReopening: true,
  }
  const from = (...pieces: [number, Mode, number?][]): GateEntry => entry(pieces.map(([at, mode, stopAt], i) =>
    ({ from: at, to: pieces[i + 1]?.[0], mode, holds: mode === 'open' ? [] : [mode], stopAt })))

  it('obeys both, piece by piece', () => {
    const held = from([-Infinity, 'open'], [100, 'drain', 100], [200, 'shut', 100])
    const other = from([-Infinity, 'open'], [50, 'restrict'], [120, 'open'], [300, 'closed'])
    const both = tighterOf(held, { ...other, version: 3, signOnRequired: true, merchantStopped: true })
    expect(lines(both)).toEqual([
      '-Infinity open', '50 restrict restrict', '100 drain drain 100', '120 drain drain 100', '200 shut shut 100', '300 closed closed',
    ])
    expect(both).toMatchObject({ version: 7, signOnRequired: true, merchantStopped: true, openWork: false })
    expect(faultOf(both)).toBeUndefined()
  })

  it('of two stops takes the earlier beginning, and none where one is not known', () => {
    expect(lines(tighterOf(from([-Infinity, 'shut', 100]), from([-Infinity, 'shut', 80])))).toEqual(['-Infinity shut shut 80'])
    expect(lines(tighterOf(from([-Infinity, 'shut', 100]), from([-Infinity, 'drain'])))).toEqual(['-Infinity shut shut'])
  })

  it('does not lose the sign-on after a stop that the other covers with a closure', () => {
    const both = tighterOf(from([-Infinity, 'open'], [0, 'closed'], [1, 'open']), from([-Infinity, 'open'], [0, 'shut'], [1, 'open']))
    expect(decide(both, { tid: both.tid, mid: both.mid, class: 'sale' }, 1, rules).reason).toBe('sign_on_required')
  })

  it('lets no new money pass that either forbids', () => {
    const anyEntry = fc.tuple(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(...words(modes))), { maxLength: 5 }),
      fc.constantFrom(...words(modes)), fc.boolean(), fc.boolean()).map(([pieces, first, signOnRequired, merchantStopped]) => {
      const turns = [...new Map(pieces)].toSorted(([a], [b]) => a - b)
      return { ...from([-Infinity, first], ...turns), signOnRequired, merchantStopped }
    })
    fc.assert(fc.property(anyEntry, anyEntry, (held, other) => {
      const both = tighterOf(held, other)
      expect(faultOf(both)).toBeUndefined()
      for (const transaction of ['sale', 'preauth', 'balance'] as const)
        for (let at = -1; at <= 31; at += 1) {
          const say = (e: GateEntry): string =>
            decide(e, { tid: e.tid, mid: e.mid, class: transaction }, at, rules).decision
          if (say(both) === 'approve') expect([say(held), say(other)]).toEqual(['approve', 'approve'])
        }
    }), { numRuns: 1000 })
  })
})
