// An installation: no number before its approval, nothing on it before its device, nothing sold before its test and sign-on.
import { describe, expect, test } from 'vitest'
import { actor, at, attempt, following, material, opened, owner, passed, reviewer, setting, terminal, verdictOf, type Told } from '../../../test/pure.ts'
import { systemActor, type Actor } from '../authority.ts'
import type { StockDevice } from '../custody.ts'
import type { Policy } from '../policy.ts'
import { evolveTerminal, modeAt, schedule, serviceAt } from '../terminal.ts'
import { openCase, type CaseCommand, type NewCase } from './decide.ts'
import type { Setting } from './unfold.ts'
import { suspension } from '../../../test/pure.ts'

const [field, operations] = [actor('field', 'field'), actor('operations', 'operations')]
const monday = at('2026-11-23T10:00')
const due = { from: 'approvedAt', offset: '+5d', at: '18:00' } as const
const policy: Partial<Policy> = {
  kindsOffered: ['suspend', 'install'],
  straightThrough: [{ id: 'all', kinds: ['install'], when: {} }],
  materials: [{ id: 'papers', kinds: ['install'], types: ['business_licence'] }],
  steps: [
    { id: 'device', kinds: ['install'], step: 'installation', requirement: 'required', before: 'reopening', due, assignee: 'field' },
    { id: 'filing', kinds: ['install'], step: 'filing', requirement: 'required', before: 'reopening', due, assignee: 'operations' },
    { id: 'test', kinds: ['install'], step: 'device_test', requirement: 'required', before: 'reopening', due, assignee: 'field' },
  ],
}
const device: StockDevice = {
  serial: '00001204000099', provider: 'yunhui', model: 'A920', type: 'smart', ownership: 'lent', depositFen: 20_000, state: 'in_stock', custodian: { kind: 'field', id: 'field' }, tid: undefined, isReturning: false,
}
const wanted: Partial<NewCase> = { kind: 'install', reason: 'X04', effectiveFrom: undefined, expectedUntil: undefined, wish: { store: '7', storeName: '二店', count: 1 } }
const by = (who: Actor, now = monday, part: Parameters<typeof setting>[0] = {}): Setting => setting({ actor: who, now, terminals: [], ...part, policy: { ...policy, ...part.policy } })
const asked = (more: Partial<NewCase> = {}): Told =>
  following(opened({ ...wanted, ...more }, by(owner)), [{ command: 'add-material', material: material('business_licence') }, by(owner)], [{ command: 'submit' }, by(owner)])
const approved = (numbers = ['10000099']): Told => following(asked({ wish: { store: '7', storeName: '二店', count: numbers.length } }), [{ command: 'approve' }, by(reviewer, monday, { numbers })])
const bind = (more: object = {}): CaseCommand => ({ command: 'bind-device', serial: device.serial, position: { longitude: 121.48, latitude: 31.23 }, photo: 'IMG_1', ...more })

describe('an installation', () => {
  test('is weighed by a person whatever the policy lets through, names no terminal, and gets its number with the approval', () => {
    expect([asked().case.state, asked().case.terminals]).toEqual(['submitted', []])
    expect(verdictOf(openCase({ ...suspension, ...wanted }, by(owner, monday, { terminals: [terminal()] })))).toBe('install_names_none')
    expect(verdictOf(openCase({ ...suspension, ...wanted, reason: 'M02' }, by(owner)))).toBe('reason_not_yours')
    const told = approved()
    expect([told.case.state, told.case.terminals]).toMatchObject(['approved', [{ tid: '10000099', result: 'pending' }]])
    expect([serviceAt(told.terminals[0]!, monday), modeAt(told.terminals[0]!, monday)]).toEqual(['pending_setup', 'shut'])
  })

  test('device, filing, test, sign-on: each opens the way to the next, and the last completes it', () => {
    let told = approved()
    expect(verdictOf(attempt(told, { command: 'record-test', items: passed }, by(field)))).toBe('not_in_this_state')
    expect(verdictOf(attempt(told, bind({ photo: undefined }), by(field, monday, { device })))).toBe('photo_required')
    expect(verdictOf(attempt(told, { command: 'complete-step', step: 'filing' }, by(operations)))).toBe('device_not_on_it')
    told = following(told, [bind(), by(field, monday, { device })])
    expect([told.case.state, told.case.terminals[0]!.result, serviceAt(told.terminals[0]!, monday), modeAt(told.terminals[0]!, monday)]).toEqual(['in_progress', 'testing', 'pending_setup', 'test'])
    expect(verdictOf(attempt(told, { command: 'record-test', items: passed }, by(field)))).toBe('steps_open')
    told = following(told, [{ command: 'complete-step', step: 'filing', evidence: 'UP-1' }, by(operations)])
    const failed = following(told, [{ command: 'record-test', items: passed.map((i) => ({ ...i, passed: i.item !== 'network' })) }, by(field)])
    expect([failed.terminals[0]!.installedAt, modeAt(failed.terminals[0]!, monday)]).toEqual([undefined, 'test'])
    told = following(failed, [{ command: 'record-test', items: passed }, by(field, monday + 1)])
    expect(told.terminals[0]).toMatchObject({ installedAt: monday + 1, signOnRequired: true })
    expect([told.case.state, told.case.terminals[0]!.result, serviceAt(told.terminals[0]!, monday + 1)]).toEqual(['in_progress', 'installed', 'active'])
    expect(schedule(told.terminals[0]!, monday - 10, monday + 10).map((s) => [s.from, s.mode])).toEqual([[monday - 10, 'shut'], [monday, 'test'], [monday + 1, 'open']])
    const signedOn = { ...told, terminals: told.terminals.map((t) => ({ ...evolveTerminal(t, { fact: 'signed_on', terminal: t.id, at: monday + 2 }), open: t.open, device: t.device })) }
    const done = following(signedOn, [{ command: 'tick' }, by(systemActor, monday + 2)])
    expect([done.case.state, done.facts.at(-1)]).toMatchObject(['completed', { fact: 'completed', letter: 'handover_list' }])
  })

  test('a device that fails makes way for another; one in service is not put on twice', () => {
    const other = { ...device, serial: '00001204000100' }
    let told = following(approved(), [bind(), by(field, monday, { device })])
    expect(verdictOf(attempt(told, bind(), by(field, monday, { device: { ...device, tid: '10000099', state: 'deployed' } })))).toBe('device_on_it')
    told = following(told, [bind({ serial: other.serial }), by(field, monday, { device: other })])
    expect([told.terminals[0]!.device!.serial, told.case.terminals[0]!.to]).toEqual([other.serial, other.serial])
  })

  test('taken back before a device is on it, its number is gone for good; afterwards it cannot be', () => {
    const told = following(approved(), [{ command: 'withdraw' }, by(owner)])
    expect([told.case.state, serviceAt(told.terminals[0]!, monday)]).toEqual(['withdrawn', 'closed'])
    expect(verdictOf(attempt(following(approved(), [bind(), by(field, monday, { device })]), { command: 'withdraw' }, by(owner)))).toBe('not_in_this_state')
  })

  test('several at once, each by its name', () => {
    const told = approved(['10000098', '10000099'])
    expect(verdictOf(attempt(told, bind(), by(field, monday, { device })))).toBe('terminal_unknown')
    const one = following(told, [bind({ terminal: '10000099' }), by(field, monday, { device })])
    expect(one.case.terminals.map((t) => [t.tid, t.result])).toEqual([['10000098', 'pending'], ['10000099', 'testing']])
    expect(verdictOf(attempt(one, { command: 'complete-step', step: 'filing' }, by(operations)))).toBe('device_not_on_it')
  })
})
