import { describe, expect, test } from 'vitest'
import { at, day_ms, hold, hour_ms, passed, terminal, unsettled } from '../../test/pure.ts'
import { isRefusal } from './refusals.ts'
import {
  clearHold, deviceSays, evolveAll, inEffect, leadingHold, modeAt, nextDue, placeHold, recordTest, remindersOf, schedule, serviceAt, tickTerminal, upcoming,
  type Hold, type NewHold, type Terminal, type TerminalFact,
} from './terminal.ts'

const friday = at('2026-11-27T15:00')
const wanted = (part: Partial<NewHold> = {}): NewHold => ({
  id: 'h1', reason: 'M02', owner: 'merchant', effect: 'stop', effectiveFrom: friday, drainUntil: undefined, drainHours: 24, expectedUntil: undefined,
  caseNo: undefined, placedBy: 'somebody', reminderDaysBeforeReturn: [7, 1], ...part,
})
const facts = (result: ReturnType<typeof placeHold>): TerminalFact[] => {
  if (isRefusal(result)) throw new Error(result.refused)
  return result
}
const names = (result: ReturnType<typeof placeHold>): string => (isRefusal(result) ? result.refused : result.map((f) => f.fact).join(' '))
const placed = (t: Terminal, part: Partial<NewHold>, now: number): Terminal => evolveAll(t, facts(placeHold(t, wanted(part), now)))
const risk = hold({ id: 'h2', reason: 'R09', owner: 'risk', effectiveFrom: friday - day_ms, drainUntil: friday - day_ms, startedAt: friday - day_ms, shutAt: friday - day_ms })
const begun = hold({ startedAt: friday, shutAt: friday })

describe('placing a hold', () => {
  const now = friday - 7 * day_ms
  const only = (part: Partial<NewHold>, when = now): Hold => placed(terminal(), part, when).holds[0]!
  test.each<[string, Partial<NewHold>, number, Partial<Hold>]>([
    ['as asked, with the policy’s window', {}, now, { effectiveFrom: friday, drainUntil: friday + day_ms }],
    ['without a moment: now', { effectiveFrom: undefined }, now, { effectiveFrom: now, startedAt: now, shutAt: now }],
    ['a moment that has passed: now', { effectiveFrom: now - 1 }, now, { effectiveFrom: now, startedAt: now }],
    ['with a window of its own', { drainUntil: friday + hour_ms }, now, { drainUntil: friday + hour_ms }],
    ['a window that ends before it begins is none', { drainUntil: friday - 1 }, now, { drainUntil: friday }],
    ['for risk: shut at once', { reason: 'R09', owner: 'risk' }, now, { drainUntil: friday }],
    ['for security: shut at once, whatever is asked', { reason: 'S01', owner: 'risk', drainUntil: friday + day_ms }, now, { drainUntil: friday }],
    ['with a return: reminded before it and at it', { expectedUntil: friday + 3 * day_ms }, now, { reminders: [friday + 2 * day_ms, friday + 3 * day_ms] }],
  ])('%s', (_, part, when, expected) => expect(only(part, when)).toMatchObject(expected))

  test.each<[string, Terminal, string]>([
    ['closed', terminal({ closedAt: now - 1 }), 'terminal_closed'],
    ['not installed', terminal({ installedAt: undefined }), 'terminal_not_installed'],
    ['held for the same reason by the same owner', terminal({ holds: [begun] }), 'hold_exists'],
    ['to be held so later', terminal({ holds: [hold()] }), 'hold_exists'],
    ['held so once, lifted since', terminal({ holds: [{ ...begun, clearedAt: friday, liftedAt: friday }] }), 'hold_placed'],
    ['held so never, withdrawn', terminal({ holds: [hold({ withdrawnAt: now })] }), 'hold_placed'],
    ['held by somebody else', terminal({ holds: [risk] }), 'hold_placed'],
  ])('a terminal that is %s', (_, t, expected) => expect(names(placeHold(t, wanted(), now))).toBe(expected))

  test('the gates must learn of it before it may be called effective', () => {
    expect(placed(terminal({ gatesKnowAt: 1 }), {}, now).gatesKnowAt).toBeUndefined()
  })
})

describe('time', () => {
  const open = (holds: Hold[], part: Partial<Terminal> = {}): Terminal => terminal({ holds, clear: false, open: [unsettled], hostBlockedAt: 1, ...part })
  test.each<[string, Terminal, number, TerminalFact[]]>([
    ['a moment before: nothing', terminal({ holds: [hold()] }), friday - 1, []],
    ['at its moment', open([hold()]), friday, [{ fact: 'hold_started', terminal: '10000001', hold: 'h1', at: friday }]],
    ['long after, by a program that slept: with the moments at which it was due', open([hold()]), friday + 9 * day_ms, [
      { fact: 'hold_started', terminal: '10000001', hold: 'h1', at: friday },
      { fact: 'hold_shut', terminal: '10000001', hold: 'h1', at: friday + day_ms, stillOpen: true },
    ]],
    ['clear: shut when it is seen', open([hold({ startedAt: friday })], { clear: true }), friday + hour_ms, [{ fact: 'hold_shut', terminal: '10000001', hold: 'h1', at: friday + hour_ms, stillOpen: false }]],
    ['begun, shut: nothing more', open([begun]), friday + 9 * day_ms, []],
    ['a restriction begins and is never shut', open([hold({ effect: 'restrict' })]), friday + 9 * day_ms, [{ fact: 'hold_started', terminal: '10000001', hold: 'h1', at: friday }]],
    ['withdrawn: nothing', open([hold({ withdrawnAt: friday - 1 })]), friday + day_ms, []],
  ])('%s', (_, t, now, expected) => expect(tickTerminal(t, now)).toEqual(expected))

  test.each<[string, Partial<Terminal>, number | undefined]>([
    ['the gates knew before: from its moment', { gatesKnowAt: friday - 1 }, friday],
    ['the gates learned later: from then', { gatesKnowAt: friday + 5 }, friday + 5],
    ['a gate is outstanding: not yet', { gatesKnowAt: undefined }, undefined],
    ['a gate’s clock is ahead: not before it', { gatesKnowAt: friday + hour_ms + 1 }, undefined],
    ['known already: not again', { gatesKnowAt: friday - 1, hostBlockedAt: friday }, undefined],
  ])('blocked by every gate – %s', (_, part, expected) => {
    const fact = tickTerminal(terminal({ holds: [begun], hostBlockedAt: undefined, ...part }), friday + hour_ms).find((f) => f.fact === 'host_blocked')
    expect(fact?.at).toBe(expected)
  })

  test('twice is once', () => {
    const t = open([hold(), risk], { gatesKnowAt: friday, hostBlockedAt: undefined })
    for (const now of [friday - 1, friday, friday + hour_ms, friday + 2 * day_ms]) {
      const first = tickTerminal(t, now)
      expect(tickTerminal(evolveAll(t, first), now)).toEqual([])
    }
  })

  test('reminders come before the return and at it, once each, never in the past', () => {
    expect(remindersOf(friday, [7, 1], friday - 3 * day_ms)).toEqual([friday - day_ms, friday])
    expect(remindersOf(undefined, [7, 1], friday)).toEqual([])
    let t: Terminal = terminal({ holds: [{ ...begun, expectedUntil: friday + 7 * day_ms, reminders: [friday + 6 * day_ms, friday + 7 * day_ms] }], hostBlockedAt: 1 })
    const told: number[] = []
    for (let now = friday; now < friday + 9 * day_ms; now += hour_ms) {
      const due = tickTerminal(t, now)
      told.push(...due.filter((f) => f.fact === 'reminded').map((f) => f.at))
      t = evolveAll(t, due)
    }
    expect(told).toEqual([friday + 6 * day_ms, friday + 7 * day_ms])
    expect(modeAt(t, friday + 30 * day_ms)).toBe('shut')
  })

  test.each<[string, Terminal, number | undefined]>([
    ['nothing to come', terminal(), undefined],
    ['a stop to come', terminal({ holds: [hold()] }), friday],
    ['draining', terminal({ holds: [hold({ startedAt: friday })], hostBlockedAt: friday }), friday + day_ms],
    ['begun, a gate outstanding', terminal({ holds: [begun] }), friday],
    ['shut', terminal({ holds: [begun], hostBlockedAt: friday }), undefined],
    ['shut, a reminder to come', terminal({ holds: [{ ...begun, reminders: [friday + day_ms] }], hostBlockedAt: friday }), friday + day_ms],
    ['lifted', terminal({ holds: [{ ...begun, liftedAt: friday + 1 }] }), undefined],
    ['shut, the device to confirm', terminal({ holds: [{ ...begun, deviceDueAt: friday + 2 * day_ms }], hostBlockedAt: friday }), friday + 2 * day_ms],
    ['shut, the device confirmed', terminal({ holds: [{ ...begun, deviceDueAt: friday + 2 * day_ms }], hostBlockedAt: friday, deviceConfirmedAt: friday }), undefined],
    ['shut, its silence raised already', terminal({ holds: [{ ...begun, deviceDueAt: friday + 2 * day_ms }], hostBlockedAt: friday, deviceSilentAt: friday + 2 * day_ms }), undefined],
    ['given free: nobody asks the device any more', terminal({ holds: [{ ...begun, deviceDueAt: friday + 2 * day_ms, clearedAt: friday + 1 }], hostBlockedAt: friday }), undefined],
  ])('the clock looks again – %s', (_, t, expected) => expect(nextDue(t)).toBe(expected))
})

describe('what the device says itself', () => {
  const stopped = (part: Partial<Terminal> = {}): Terminal => terminal({ holds: [begun], hostBlockedAt: friday, ...part })
  const now = friday + day_ms
  test.each<[string, Terminal, Parameters<typeof deviceSays>[1], string]>([
    ['signed off after the stop', stopped(), { said: 'signed_off', by: 'sign_off', at: friday + 1 }, 'device_confirmed'],
    ['at its very moment', stopped(), { said: 'stopped', by: 'confirmation', at: friday }, 'device_confirmed'],
    ['signed off before the stop', stopped(), { said: 'signed_off', by: 'sign_off', at: friday - 1 }, ''],
    ['again', stopped({ deviceConfirmedAt: friday + 1 }), { said: 'stopped', by: 'status', at: friday + 2 }, ''],
    ['works again', stopped({ deviceConfirmedAt: friday + 1 }), { said: 'operating', by: 'status', at: friday + 2 }, 'device_operating'],
    ['worked before it confirmed', stopped({ deviceConfirmedAt: friday + 2 }), { said: 'operating', by: 'status', at: friday + 1 }, ''],
    ['works, and never said otherwise', stopped(), { said: 'operating', by: 'status', at: friday + 2 }, ''],
    ['no stop in effect', terminal(), { said: 'stopped', by: 'status', at: friday + 2 }, ''],
    ['a restriction only', terminal({ holds: [hold({ effect: 'restrict' })] }), { said: 'stopped', by: 'status', at: friday + 2 }, ''],
    ['a stop still to come', terminal({ holds: [hold({ effectiveFrom: now + 1 })] }), { said: 'stopped', by: 'status', at: now }, ''],
    ['works while it is tested', stopped({ holds: [{ ...begun, clearedAt: friday + 1 }], deviceConfirmedAt: friday + 1 }), { said: 'operating', by: 'status', at: friday + 2 }, ''],
  ])('%s', (_, t, said, expected) => expect(names(deviceSays(t, said, now))).toBe(expected))

  test('its silence is raised once, at its moment however late it is looked at; a word ends it, and a word taken back raises it anew', () => {
    let t = placed(terminal(), { deviceConfirmHours: 48 }, friday - day_ms)
    expect(t.holds[0]!.deviceDueAt).toBe(friday + 2 * day_ms)
    t = evolveAll(t, [...tickTerminal(t, friday + day_ms), { fact: 'host_blocked', terminal: t.id, at: friday }])
    expect(tickTerminal(t, friday + 2 * day_ms - 1).map((f) => f.fact)).not.toContain('device_silent')
    const late = tickTerminal(t, friday + 3 * day_ms)
    expect(late).toContainEqual({ fact: 'device_silent', terminal: t.id, hold: 'h1', at: friday + 2 * day_ms })
    t = evolveAll(t, late)
    expect(tickTerminal(t, friday + 9 * day_ms)).toEqual([])
    t = evolveAll(t, deviceSays(t, { said: 'stopped', by: 'status', at: friday + 4 * day_ms }, friday + 4 * day_ms))
    expect(t).toMatchObject({ deviceConfirmedAt: friday + 4 * day_ms, deviceSilentAt: undefined })
    t = evolveAll(t, deviceSays(t, { said: 'operating', by: 'status', at: friday + 5 * day_ms }, friday + 5 * day_ms))
    expect(tickTerminal(t, friday + 5 * day_ms).map((f) => f.fact)).toEqual(['device_silent'])
  })

  test('a stop moved moves what is asked of the device; what is not asked is not raised', () => {
    const t = placed(terminal(), { deviceConfirmHours: 48 }, friday - day_ms)
    const moved = evolveAll(t, [{ fact: 'hold_moved', terminal: t.id, hold: 'h1', effectiveFrom: friday + day_ms, drainUntil: friday + 2 * day_ms }])
    expect(moved.holds[0]!.deviceDueAt).toBe(friday + 3 * day_ms)
    for (const part of [{}, { deviceConfirmHours: 0 }, { deviceConfirmHours: 48, effect: 'restrict' as const }])
      expect(placed(terminal(), part, friday - day_ms).holds[0]!.deviceDueAt).toBeUndefined()
  })

  test('what it said belongs to the stop in effect: reopening clears it', () => {
    const t = evolveAll(stopped({ deviceConfirmedAt: friday, deviceSilentAt: friday }), [{ fact: 'reopened', terminal: '10000001', at: now, signOnRequired: false }])
    expect(t).toMatchObject({ deviceConfirmedAt: undefined, deviceSilentAt: undefined })
  })
})

describe('giving a hold free', () => {
  const now = friday + 2 * day_ms
  test.each<[string, Hold[], string]>([
    ['not begun: withdrawn', [hold({ effectiveFrom: now + 1 })], 'hold_withdrawn'],
    ['the only one: cleared, the test decides', [begun], 'hold_cleared'],
    ['another stop in effect: lifted now', [begun, risk], 'hold_cleared hold_lifted'],
    ['another stop, cleared already: the test decides for both', [begun, { ...risk, clearedAt: friday }], 'hold_cleared'],
    ['another stop, still to come: the test decides', [begun, { ...risk, effectiveFrom: now + 1 }], 'hold_cleared'],
    ['a restriction beside it: the test decides', [begun, { ...risk, effect: 'restrict' }], 'hold_cleared'],
    ['a restriction: lifted at once', [{ ...begun, effect: 'restrict' }], 'hold_cleared hold_lifted'],
    ['begun unseen: its beginning is not left out', [hold()], 'hold_started hold_cleared'],
    ['begun unseen beside another', [hold(), risk], 'hold_started hold_cleared hold_lifted'],
    ['free already', [{ ...begun, clearedAt: friday }], 'hold_lifted'],
    ['over', [{ ...begun, clearedAt: friday, liftedAt: friday }], 'hold_lifted'],
  ])('%s', (name, holds, expected) => {
    const result = clearHold(terminal({ holds }), 'h1', 'somebody', now)
    expect(names(result)).toBe(expected)
    expect(isRefusal(result)).toBe(['free already', 'over'].includes(name))
  })
  test('one that is not there', () => expect(names(clearHold(terminal(), 'h9', 'somebody', now))).toBe('not_found'))
})

describe('a device test', () => {
  const now = friday + 2 * day_ms
  const cleared = { ...begun, clearedAt: friday + day_ms }
  const on = (holds: Hold[], items = passed): ReturnType<typeof recordTest> => recordTest(terminal({ holds }), items, ['print', 'test_sale'], true, 'field', now)
  test.each<[string, ReturnType<typeof recordTest>, string]>([
    ['passed: open', on([cleared]), 'tested hold_lifted reopened'],
    ['passed by two at once: open', on([cleared, { ...risk, clearedAt: friday }]), 'tested hold_lifted hold_lifted reopened'],
    ['one item failed: stays shut', on([cleared], passed.map((i) => ({ ...i, passed: i.item !== 'scan' }))), 'tested'],
    ['an item said to have passed and failed: failed', on([cleared], [...passed, { item: 'print', passed: false }]), 'tested'],
    ['an item missing', on([cleared], passed.filter((i) => i.item !== 'print')), 'test_items_missing'],
    ['no items', on([cleared], []), 'test_items_missing'],
    ['not free', on([begun]), 'held_by_another'],
    ['another not free', on([cleared, risk]), 'held_by_another'],
    ['nothing holds it', on([]), 'test_not_due'],
  ])('%s', (_, result, expected) => expect(names(result)).toBe(expected))

  test('the refusal names the hold, its owner and the way out', () => {
    expect(on([cleared, risk])).toMatchObject({ with: { reason: 'R09', owner: ['风控', 'risk'], wayOut: [expect.stringContaining('申诉'), expect.stringContaining('appeal')] } })
  })
  test('a restriction stays when the stop beside it is lifted', () => {
    const t = terminal({ holds: [cleared, { ...risk, effect: 'restrict' }], hostBlockedAt: friday })
    const after = evolveAll(t, facts(recordTest(t, passed, [], true, 'field', now)))
    expect(serviceAt(after, now)).toBe('restricted')
    expect(after).toMatchObject({ signOnRequired: true, hostBlockedAt: undefined })
  })
  test.each([true, false])('sign-on afterwards, where the policy says so: %s', (wants) => {
    expect(facts(recordTest(terminal({ holds: [cleared] }), passed, [], wants, 'field', now)).at(-1)).toMatchObject({ signOnRequired: wants })
  })
})

describe('the schedule', () => {
  const t = terminal({ holds: [hold(), { ...risk, effectiveFrom: friday + 2 * day_ms, drainUntil: friday + 2 * day_ms, startedAt: undefined, shutAt: undefined }] })
  test('stretches from minus infinity on, told by the hold that stops hardest', () => {
    expect(schedule(t, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual([
      { from: Number.NEGATIVE_INFINITY, to: t.installedAt, mode: 'shut', hold: undefined },
      { from: t.installedAt, to: friday, mode: 'open', hold: undefined },
      { from: friday, to: friday + day_ms, mode: 'drain', hold: 'h1' },
      { from: friday + day_ms, to: friday + 2 * day_ms, mode: 'shut', hold: 'h1' },
      { from: friday + 2 * day_ms, to: undefined, mode: 'shut', hold: 'h2' },
    ])
  })
  test('what is to come', () => {
    expect(upcoming(t, friday).map((u) => [u.at - friday, u.mode])).toEqual([[day_ms, 'shut'], [2 * day_ms, 'shut']])
    expect(upcoming(terminal(), friday)).toEqual([])
  })
  test('an empty stretch of time has one stretch', () => expect(schedule(terminal(), friday, friday)).toHaveLength(1))

  test('people are told first of a stop before a restriction, of the provider’s before the merchant’s, of the free one last', () => {
    const own = begun
    const stop = { ...risk, effectiveFrom: friday + 1 }
    const light = { ...risk, id: 'h3', effect: 'restrict' as const }
    expect([own, stop, light].map((h) => h.id)).toEqual(['h1', 'h2', 'h3'])
    expect(leadingHold([own, light, stop], friday + day_ms)?.id).toBe('h2')
    expect(leadingHold([light, own], friday + day_ms)?.id).toBe('h1')
    expect(leadingHold([own, { ...stop, clearedAt: friday }], friday + day_ms)?.id).toBe('h1')
    expect(leadingHold([], friday)).toBeUndefined()
  })
})

test('a hold is in effect from its moment until it is lifted, and never when withdrawn', () => {
  const lifted = { ...begun, liftedAt: friday + hour_ms }
  const seen = (h: Hold): boolean[] => [friday - 1, friday, friday + hour_ms - 1, friday + hour_ms].map((now) => inEffect(terminal({ holds: [h] }), now).length === 1)
  expect(seen(lifted)).toEqual([false, true, true, false])
  expect(seen(begun)).toEqual([false, true, true, true])
  expect(seen(hold({ withdrawnAt: friday - 1 }))).toEqual([false, false, false, false])
})

