import { describe, expect, test } from 'vitest'
import { actor, following, at, day_ms, hold, hour_ms, opened, owner, passed, reviewer, setting, terminal, unsettled, type Told } from '../../../test/pure.ts'
import { systemActor } from '../authority.ts'
import type { Policy } from '../policy.ts'
import { nextCaseDue } from './advance.ts'
import type { NewCase } from './decide.ts'
import type { CaseTerminalFacts, Setting } from './unfold.ts'

const monday = at('2026-11-23T10:00')
const wednesday = at('2026-11-25T09:00')
const friday = at('2026-11-27T15:00')
const field = actor('field', 'field')
const by = (who = owner, now = monday, part: Parameters<typeof setting>[0] = {}): Setting => setting({ ...part, now, actor: who })
const tick = (told: Told, now: number, part: Parameters<typeof setting>[0] = {}): Told => following(told, [{ command: 'tick' }, by(systemActor, now, part)])
const withBooks = (told: Told, open: boolean): Told => ({ ...told, terminals: told.terminals.map((t) => ({ ...t, clear: !open, open: open ? [unsettled] : [] })) })
const known = (told: Told, at_ = monday): Told => ({ ...told, terminals: told.terminals.map((t) => ({ ...t, gatesKnowAt: at_ })) })
const approved = (wanted: Partial<NewCase> = {}, part: Parameters<typeof setting>[0] = {}): Told =>
  known(following(opened(wanted, by(owner, monday, part)), [{ command: 'submit' }, by(owner, monday, part)], [{ command: 'approve' }, by(reviewer, monday, part)]))
const facts = (told: Told, before: Told): string[] => told.facts.slice(before.facts.length).map((f) => f.fact)
const dueOf = (told: Told, now: number, part: Parameters<typeof setting>[0] = {}): number | undefined =>
  nextCaseDue({ case: told.case, terminals: new Map(told.terminals.map((t) => [t.id, t])), setting: by(systemActor, now, part), returns: new Map(), facts: [], add() {} })
const pair = (first: Partial<CaseTerminalFacts> = {}, second: Partial<CaseTerminalFacts> = {}): CaseTerminalFacts[] =>
  [terminal(first), terminal({ id: '10000002', tid: '10000002', ...second })]
const ownStop = (id: string, from = at('2026-11-20T15:00')) => hold({ id, effectiveFrom: from, startedAt: from, shutAt: from })

describe('the checkpoint', () => {
  const putsOff: { policy: Partial<Policy> } = { policy: { checkpoint: { due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, ifOpen: 'postpone', postponeWorkingDays: 2 } } }
  test.each<[string, boolean, Parameters<typeof setting>[0], string, number]>([
    ['nothing open', false, putsOff, 'proceed', friday],
    ['something open, and the policy goes on', true, {}, 'proceed', friday],
    ['something open, and the policy puts off', true, putsOff, 'postpone', at('2026-12-01T15:00')],
  ])('%s', (_, open, part, outcome, from) => {
    const told = tick(withBooks(approved({}, part), open), wednesday, part)
    expect(told.facts.find((f) => f.fact === 'checkpoint_taken')).toMatchObject({ at: wednesday, openCount: open ? 1 : 0, openFen: open ? 58_800 : 0, outcome })
    expect(told.case.effectiveFrom).toBe(from)
    expect(told.terminals[0]!.holds[0]).toMatchObject({ effectiveFrom: from, drainUntil: from + day_ms })
  })
  test('put off, it is looked at again before the new moment, and once each time', () => {
    const told = tick(withBooks(approved({}, putsOff), true), wednesday, putsOff)
    expect(told.case).toMatchObject({ checkpointAt: at('2026-11-27T09:00'), checkpointTakenAt: undefined })
    expect(facts(tick(told, wednesday + 1, putsOff), told)).toEqual([])
    expect(facts(tick(told, at('2026-11-27T09:00'), putsOff), told)).toEqual(['checkpoint_taken', 'postponed', 'hold_moved'])
  })
  test.each<[string, Partial<NewCase>, number]>([
    ['never past its own return', { expectedUntil: friday + day_ms }, wednesday],
    ['not across a year nobody knows', { effectiveFrom: at('2026-12-31T15:00'), expectedUntil: undefined }, at('2026-12-29T09:00')],
    ['not once the stop is due', {}, friday],
  ])('put off %s', (_, wanted, now) => {
    const told = tick(withBooks(approved(wanted, putsOff), true), now, putsOff)
    expect(told.facts.find((f) => f.fact === 'checkpoint_taken')).toMatchObject({ outcome: 'proceed' })
    expect(told.facts.some((f) => f.fact === 'postponed')).toBe(false)
  })
  test('a hold that was taken back is not moved', () => {
    const told = withBooks(approved({}, { ...putsOff, terminals: pair() }), true)
    const one = { ...told, terminals: told.terminals.map((t, i) => (i ? t : { ...t, holds: t.holds.map((h) => ({ ...h, withdrawnAt: monday })) })) }
    expect(tick(one, wednesday, putsOff).facts.filter((f) => f.fact === 'hold_moved')).toHaveLength(1)
  })
})

describe('a stop', () => {
  test('a moment before, at its moment, and when the window ends', () => {
    const told = withBooks(tick(approved(), wednesday), true)
    expect(facts(tick(told, friday - 1), told)).toEqual([])
    const begun = tick(told, friday)
    expect(facts(begun, told)).toEqual(['host_blocked', 'hold_started', 'begun', 'result'])
    expect(begun.case).toMatchObject({ state: 'in_progress', begunAt: friday, terminals: [{ result: 'draining' }] })
    const done = tick(begun, friday + day_ms)
    expect(facts(done, begun)).toEqual(['hold_shut', 'result', 'completed'])
    expect(done.facts.at(-1)).toMatchObject({ letter: 'stop_confirmation' })
  })
  test('seen late, it has the moments at which it was due', () => {
    const late = tick(withBooks(approved(), true), friday + 9 * day_ms)
    expect(late.case).toMatchObject({ state: 'completed', begunAt: friday })
    expect(late.terminals[0]!.holds[0]).toMatchObject({ startedAt: friday, shutAt: friday + day_ms })
    expect(late.facts.filter((f) => f.fact === 'checkpoint_taken')).toMatchObject([{ outcome: 'proceed' }])
  })
  test('stopped is said when every gate refuses, not before', () => {
    const outstanding = (t: Told): Told => ({ ...t, terminals: t.terminals.map((x) => ({ ...x, gatesKnowAt: undefined })) })
    const begun = tick(outstanding(approved()), friday)
    expect(begun.case).toMatchObject({ state: 'in_progress', terminals: [{ result: 'draining' }] })
    expect(tick(known(begun, friday + 7), friday + 8).terminals[0]!.hostBlockedAt).toBe(friday + 7)
    expect(tick(known(begun, friday + 7), friday + 8).case.state).toBe('completed')
  })
  test('asked for without a moment: at once, its steps dated from when it began', () => {
    const policy: Partial<Policy> = {
      steps: [{ id: 'bank', kinds: ['suspend'], step: 'notify_parties', requirement: 'advised', before: 'reopening', due: { from: 'effectiveFrom', rule: 'firstWorkingDayOfNextMonth', at: '18:00' }, assignee: 'finance' }],
    }
    const told = approved({ effectiveFrom: undefined, expectedUntil: undefined }, { policy })
    expect(told.case).toMatchObject({ state: 'in_progress', begunAt: monday, steps: [{ dueAt: at('2026-12-01T18:00') }] })
    expect(told.terminals[0]!.holds[0]).toMatchObject({ effectiveFrom: monday, startedAt: monday })
  })
  test('many terminals, each its own result', () => {
    const told = tick(approved({}, { terminals: pair({}, { clear: false, open: [unsettled] }) }), friday)
    expect(told.case.terminals.map((t) => t.result)).toEqual(['stopped', 'draining'])
    expect(told.case.state).toBe('in_progress')
    expect(tick(told, friday + day_ms).case.state).toBe('completed')
  })
  test('a step that must come before completion keeps it open', () => {
    const policy: Partial<Policy> = { steps: [{ id: 'filing', kinds: ['suspend'], step: 'filing', requirement: 'required', before: 'completion', due: { from: 'submittedAt', offset: '+1d' }, assignee: 'agent' }] }
    const told = tick(approved({}, { policy }), friday + 2 * day_ms, { policy })
    expect(told.case).toMatchObject({ state: 'in_progress', terminals: [{ result: 'stopped' }] })
    expect(following(told, [{ command: 'complete-step', step: 'filing' }, by(actor('agent', 'agent'), friday + 3 * day_ms, { policy })]).case.state).toBe('completed')
  })
})

describe('a reopening', () => {
  const back = (terminals: CaseTerminalFacts[], now = monday): Told => following(
    opened({ kind: 'reactivate', effectiveFrom: undefined, expectedUntil: undefined }, by(owner, now, { terminals })),
    [{ command: 'submit' }, by(owner, now)], [{ command: 'approve' }, by(reviewer, now)],
  )
  const risk = hold({ id: 'risk', reason: 'R09', owner: 'risk', effectiveFrom: at('2026-11-21T10:00'), drainUntil: at('2026-11-21T10:00'), startedAt: 1, shutAt: 1 })

  test('one opens with its test, the other stays held by risk: each its own result, one letter', () => {
    const told = back(pair({ holds: [ownStop('a')] }, { holds: [ownStop('b'), risk] }))
    expect(told.case).toMatchObject({ state: 'in_progress', terminals: [{ result: 'testing' }, { result: 'still_held' }] })
    const done = following(told, [{ command: 'record-test', terminal: '10000001', items: passed }, by(field)])
    expect(done.case).toMatchObject({ state: 'completed', terminals: [{ result: 'reopened' }, { result: 'still_held' }] })
    expect(done.facts.at(-1)).toMatchObject({ fact: 'completed', letter: 'reopening_confirmation' })
  })
  test('nothing opened: no letter', () => {
    expect(back([terminal({ holds: [ownStop('a'), risk] })]).facts.at(-1)).toMatchObject({ fact: 'completed', letter: undefined })
  })
  test('of a stop that has not begun takes it back; the case that asked for it ends with it', () => {
    const stop = approved()
    const up = back(stop.terminals)
    expect(up.case).toMatchObject({ state: 'completed', terminals: [{ result: 'withdrawn' }] })
    const down = tick({ ...stop, terminals: up.terminals }, monday)
    expect(down.case).toMatchObject({ state: 'withdrawn', terminals: [{ result: 'withdrawn' }] })
  })
  test('of a stop that began a moment ago, unseen: the case that asked for it still sees it begin', () => {
    const stop = approved({}, { terminals: [terminal({ holds: [risk] })] })
    const up = back(stop.terminals, friday)
    expect(up.case.terminals[0]!.result).toBe('still_held')
    const down = tick({ ...stop, terminals: known({ ...stop, terminals: up.terminals }).terminals }, friday + 1)
    expect(down.case).toMatchObject({ state: 'completed', begunAt: friday })
  })
  test('a new stop while it is tested: it waits, and goes on when that is free', () => {
    const testing = back([terminal({ holds: [ownStop('a')] })])
    const held = tick({ ...testing, terminals: testing.terminals.map((t) => ({ ...t, holds: [...t.holds, risk] })) }, monday + 1)
    expect(held.case).toMatchObject({ state: 'in_progress', terminals: [{ result: 'pending' }] })
    const free = tick({ ...held, terminals: held.terminals.map((t) => ({ ...t, holds: t.holds.map((h) => (h.id === 'risk' ? { ...h, clearedAt: monday + 2 } : h)) })) }, monday + 3)
    expect(free.case.terminals[0]!.result).toBe('testing')
    const done = following(free, [{ command: 'record-test', items: passed }, by(field, monday + 4)])
    expect(done.terminals[0]!.holds.map((h) => h.liftedAt)).toEqual([monday + 4, monday + 4])
  })
  test('a failed test marks its step, a passed one settles it', () => {
    const policy: Partial<Policy> = { steps: [{ id: 'test', kinds: ['reactivate'], step: 'device_test', requirement: 'required', before: 'reopening', due: { from: 'submittedAt', offset: '+1d' }, assignee: 'field' }] }
    const s = (who = owner): Setting => by(who, monday, { policy, terminals: [terminal({ holds: [ownStop('a')] })] })
    const told = following(opened({ kind: 'reactivate', effectiveFrom: undefined, expectedUntil: undefined }, s()), [{ command: 'submit' }, s()], [{ command: 'approve' }, s(reviewer)])
    const failed = following(told, [{ command: 'record-test', items: passed.map((i) => (i.item === 'print' ? { ...i, passed: false, note: 'no paper' } : i)) }, s(field)])
    expect(failed.case.steps[0]).toMatchObject({ state: 'failed', evidence: 'print: no paper' })
    expect(following(failed, [{ command: 'record-test', items: passed }, s(field)]).case.steps[0]).toMatchObject({ state: 'done', settledBy: 'system' })
  })
})

describe('what the clock must look at next', () => {
  const draft = opened({}, by())
  const submitted = following(draft, [{ command: 'submit' }, by()])
  const returned = following(submitted, [{ command: 'return', words: 'a photo' }, by(reviewer)])
  const late = tick(submitted, submitted.case.deadline!.at)
  const taken = tick(approved(), wednesday)
  const draining = tick(withBooks(taken, true), friday)
  test.each<[string, Told, number | undefined]>([
    ['a draft: when it is too old', draft, monday + 30 * day_ms],
    ['submitted: its deadline', submitted, at('2026-12-02T18:00')],
    ['late and escalated: nothing', late, undefined],
    ['returned: when the answer is due', returned, at('2026-12-07T18:00')],
    ['approved: the checkpoint', approved(), wednesday],
    ['approved, checkpoint taken: the stop', taken, friday],
    ['draining: the end of its window', draining, friday + day_ms],
    ['ended: nothing', tick(draining, friday + day_ms), undefined],
  ])('%s', (_, told, expected) => expect(dueOf(told, monday)).toBe(expected))

  test('and then something happens, and not a moment before', () => {
    for (const told of [draft, submitted, returned, approved(), taken, draining]) {
      const due = dueOf(told, monday)!
      expect(facts(tick(told, due - 1), told)).toEqual([])
      expect(facts(tick(told, due), told)).not.toEqual([])
    }
  })
})

describe('time alone', () => {
  test('an old draft and an unanswered return expire; what is late is escalated, once', () => {
    expect(tick(opened({}, by()), monday + 30 * day_ms).case.state).toBe('expired')
    const submitted = following(opened({}, by()), [{ command: 'submit' }, by()])
    const returned = following(submitted, [{ command: 'return', words: 'a photo' }, by(reviewer)])
    expect(tick(returned, returned.case.answerBy! - 1).case.state).toBe('returned')
    expect(tick(returned, returned.case.answerBy!).case.state).toBe('expired')
    const late = tick(submitted, submitted.case.deadline!.at)
    expect(late.facts.at(-1)).toMatchObject({ fact: 'escalated' })
    expect(facts(tick(late, late.case.deadline!.at + day_ms), late)).toEqual([])
  })
  test('clearance follows the books both ways; a tick by hand is left alone', () => {
    const policy: Partial<Policy> = {
      steps: [{ id: 'clearance', kinds: ['suspend'], step: 'clearance', requirement: 'advised', before: 'stop', due: { from: 'submittedAt', offset: '+1d' }, assignee: 'merchant_owner' },
        { id: 'filing', kinds: ['suspend'], step: 'filing', requirement: 'advised', before: 'stop', due: { from: 'submittedAt', offset: '+1d' }, assignee: 'agent' }],
    }
    const states = (t: Told): string => t.case.steps.map((s) => s.state).join(' ')
    let told = following(opened({}, by(owner, monday, { policy })), [{ command: 'submit' }, by(owner, monday, { policy })], [{ command: 'complete-step', step: 'filing' }, by(actor('agent', 'agent'), monday, { policy })])
    expect(states(told)).toBe('done done')
    told = tick(withBooks(told, true), monday + hour_ms, { policy })
    expect(states(told)).toBe('open done')
    told = tick(withBooks(told, false), monday + 2 * hour_ms, { policy })
    expect(states(told)).toBe('done done')
  })
})
