// An appeal against a hold: which may be argued with, who decides, what comes of it.
import { describe, expect, test } from 'vitest'
import { actor, approver, at, attempt, day_ms, following, hold, material, opened, owner, reviewer, setting, suspension, terminal, verdictOf, type Told } from '../../../test/pure.ts'
import { systemActor, type Actor } from '../authority.ts'
import type { Policy } from '../policy.ts'
import { modeAt, type Hold } from '../terminal.ts'
import { openCase, type NewCase } from './decide.ts'
import type { CaseTerminalFacts, OpenCase, Setting } from './unfold.ts'

const monday = at('2026-11-23T10:00')
const risk = (part: Partial<Hold> = {}): Hold => hold({
  id: 'r', reason: 'R09', owner: 'risk', effectiveFrom: monday - day_ms, drainUntil: monday - day_ms, startedAt: monday - day_ms, shutAt: monday - day_ms, placedBy: 'inspector', ...part,
})
const held = (holds: Hold[] = [risk()], part: Partial<CaseTerminalFacts> = {}): CaseTerminalFacts => terminal({ holds, hostBlockedAt: monday - day_ms, ...part })
const policy: Partial<Policy> = { kindsOffered: ['suspend', 'close', 'appeal'], straightThrough: [{ id: 'all', kinds: ['appeal'], when: {} }], appeal: { withinDays: 30 } }
const by = (who: Actor, now = monday, part: Parameters<typeof setting>[0] = {}): Setting => setting({ actor: who, now, ...part, policy: { ...policy, ...part.policy } })
const wanted: Partial<NewCase> = { kind: 'appeal', reason: 'R09', hold: 'r', words: 'the sales were real', effectiveFrom: undefined, expectedUntil: undefined }
const asked = (terminals = [held()]): Told => following(opened(wanted, by(owner, monday, { terminals })),
  [{ command: 'add-material', material: material('other') }, by(owner)], [{ command: 'submit' }, by(owner)])
const openAs = (part: Partial<NewCase> = {}, terminals = [held()], now = monday, others: OpenCase[] = []): string =>
  verdictOf(openCase({ ...suspension, ...wanted, ...part }, by(owner, now, { terminals, others })))

describe('an appeal', () => {
  test('granted, gives the hold free – and what must be tested is still tested', () => {
    const told = following(asked(), [{ command: 'approve' }, by(reviewer)])
    expect([told.case.state, told.case.terminals[0]]).toMatchObject(['completed', { result: 'released', hold: 'r' }])
    expect(told.terminals[0]!.holds[0]).toMatchObject({ clearedAt: monday, liftedAt: undefined })
    expect(modeAt(told.terminals[0]!, monday)).toBe('test')
  })
  test('refused, stays on record with its reason and leaves the hold as it is', () => {
    const told = following(asked(), [{ command: 'reject', words: 'the vouchers do not fit' }, by(reviewer)])
    expect([told.case.state, told.terminals[0]!.holds[0]!.clearedAt, told.case.materials.length]).toEqual(['rejected', undefined, 1])
  })
  test('is decided by a person who did not place the hold, either way, whatever the account; nor by who filed it', () => {
    const mine = [held([risk({ placedBy: 'reviewer' })])]
    expect(verdictOf(attempt(asked(mine), { command: 'approve' }, by(reviewer)))).toBe('appeal_own_hold')
    expect(verdictOf(attempt(asked(mine), { command: 'approve' }, by(actor('reviewer', 'approver'))))).toBe('appeal_own_hold')
    expect(verdictOf(attempt(asked(mine), { command: 'reject', words: 'no' }, by(reviewer)))).toBe('appeal_own_hold')
    expect(verdictOf(attempt(asked(mine), { command: 'approve' }, by(approver)))).toBe('accepted')
    expect(verdictOf(attempt(asked(), { command: 'approve' }, by(actor('owner', 'reviewer'))))).toBe('maker_is_checker')
  })
  test('never passes straight through', () => expect(asked().case.state).toBe('submitted'))
  test('has nothing left to decide when the hold is given free meanwhile; its papers stay', () => {
    const told = asked()
    const free = { ...told, terminals: told.terminals.map((t) => ({ ...t, holds: [risk({ clearedAt: monday + 1 })] })) }
    const ended = following(free, [{ command: 'tick' }, by(systemActor, monday + 1)])
    expect([ended.case.state, ended.case.materials.length]).toEqual(['withdrawn', 1])
    expect(ended.facts.at(-1)).toMatchObject({ fact: 'withdrawn', by: 'system' })
  })
  test.each([
    ['without words', {}, [held()], { words: undefined }, 'words_required'],
    ['of a hold that is not there', {}, [held()], { hold: 'x' }, 'not_found'],
    ['naming none', {}, [held()], { hold: undefined }, 'not_found'],
    ['of a broken printer', {}, [held([risk({ reason: 'D11', owner: 'service_desk' })])], {}, 'appeal_not_possible'],
    ['of the merchant’s own stop', {}, [held([risk({ reason: 'M02', owner: 'merchant' })])], {}, 'appeal_not_possible'],
    ['of a hold that is free', {}, [held([risk({ clearedAt: monday - 1 })])], {}, 'hold_lifted'],
    ['of account trouble', {}, [held([risk({ reason: 'A03', owner: 'finance' })])], { reason: 'A03' as const }, 'accepted'],
    ['in time', { now: monday + 29 * day_ms }, [held()], {}, 'accepted'],
    ['too late', { now: monday + 29 * day_ms + 1 }, [held()], {}, 'appeal_too_late'],
    ['of two terminals', {}, [held(), terminal({ id: '10000002', tid: '10000002' })], {}, 'not_found'],
  ])('%s', (_, { now = monday }: { now?: number }, terminals, part, verdict) => { expect(openAs(part, terminals, now)).toBe(verdict) })
  test('one per hold at a time; beside anything else', () => {
    const other = (part: Partial<OpenCase>): OpenCase => ({ terminal: '10000001', no: 'TQ-1', direction: 'plea', kind: 'appeal', state: 'submitted', hold: 'r', ...part })
    expect(openAs({}, [held()], monday, [other({})])).toBe('case_open_already')
    expect(openAs({}, [held()], monday, [other({ hold: 'r2' })])).toBe('accepted')
    expect(openAs({}, [held()], monday, [other({ direction: 'down', kind: 'close', state: 'in_progress', hold: undefined })])).toBe('accepted')
    expect(verdictOf(openCase({ ...suspension, kind: 'close', reason: 'M21', effectiveFrom: undefined, expectedUntil: undefined }, by(owner, monday, { terminals: [held()], others: [other({})] })))).toBe('accepted')
  })
})
