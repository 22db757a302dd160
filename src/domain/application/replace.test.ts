// A replacement: what it waits for, what it does to the terminal, how the old device and the new one are linked.
import { describe, expect, test } from 'vitest'
import { actor, at, attempt, attemptReturn, day_ms, following, hold, opened, owner, passed, reviewer, setting, terminal, unsettled, verdictOf, type Told } from '../../../test/pure.ts'
import { systemActor, type Actor } from '../authority.ts'
import type { StockDevice } from '../custody.ts'
import type { LineCommand } from '../device.ts'
import type { Policy } from '../policy.ts'
import { isRefusal } from '../refusals.ts'
import { modeAt, type Hold } from '../terminal.ts'
import { nextCaseDue } from './advance.ts'
import type { CaseCommand, NewCase } from './decide.ts'
import type { CaseTerminalFacts, Setting, Sheet } from './unfold.ts'

const [field, operations, finance, finance2] = [actor('field', 'field'), actor('operations', 'operations'), actor('finance', 'finance'), actor('finance2', 'finance')]
const monday = at('2026-11-23T10:00')
const old = { serial: '00001204000010', ownership: 'lent', depositFen: 30_000 } as const
const due = { from: 'approvedAt', offset: '+3d', at: '18:00' } as const
const step = (id: string, kind: Policy['steps'][number]['step'], before: Policy['steps'][number]['before'], assignee: Policy['steps'][number]['assignee']): Policy['steps'][number] =>
  ({ id, kinds: ['replace'], step: kind, requirement: 'required', before, due, assignee })
const policy: Partial<Policy> = {
  kindsOffered: ['suspend', 'reactivate', 'extend', 'close', 'replace'],
  installation: { tidLead: '', certifiedModels: ['A920', 'X990'] },
  steps: [
    step('clearance', 'clearance', 'stop', 'merchant_owner'), step('device', 'installation', 'reopening', 'field'), step('filing', 'filing', 'reopening', 'operations'),
    step('test', 'device_test', 'reopening', 'field'), step('return', 'device_return', 'completion', 'merchant_owner'), step('inspection', 'inspection', 'completion', 'field'),
    step('deposit', 'deposit_refund', 'completion', 'finance'),
  ],
}
const fresh = (part: Partial<StockDevice> = {}): StockDevice => ({
  serial: '00001204000099', provider: 'yunhui', model: 'A920', type: 'smart', ownership: 'lent', depositFen: 20_000, state: 'in_stock', custodian: { kind: 'warehouse', id: '' }, tid: undefined,
  isReturning: false, ...part,
})
const by = (who: Actor, now = monday, part: Parameters<typeof setting>[0] = {}): Setting => setting({ actor: who, now, ...part, policy: { ...policy, ...part.policy } })
const wanted: Partial<NewCase> = { kind: 'replace', reason: 'D11', effectiveFrom: undefined, expectedUntil: undefined }
const machine = (part: Partial<CaseTerminalFacts> = {}): CaseTerminalFacts => terminal({ installedAt: at('2025-09-22T14:30'), device: old, ...part })
const position = { longitude: 121.48, latitude: 31.23 }
const bind = (serial = fresh().serial): CaseCommand => ({ command: 'bind-device', serial, position })
const known = (told: Told): Told => ({ ...told, terminals: told.terminals.map((t) => ({ ...t, gatesKnowAt: monday })) })
const tick = (told: Told, now = monday): Told => following(told, [{ command: 'tick' }, by(systemActor, now)])
const begun = (terminals = [machine()], more: Partial<NewCase> = {}): Told => {
  const submitted = following(opened({ ...wanted, ...more }, by(owner, monday, { terminals })), [{ command: 'submit' }, by(owner)])
  return tick(known(following(submitted, [{ command: 'approve' }, by(reviewer)])))
}
const filed: [CaseCommand, Setting] = [{ command: 'complete-step', step: 'filing', evidence: 'UP-2026-0042' }, by(operations)]
const onLine = (told: Told, command: LineCommand, who: Actor): Told => {
  const next = attemptReturn(told, told.case.terminals[0]!.tid, command, by(who))
  if (isRefusal(next)) throw new Error(`${command.command}: ${next.refused}`)
  return next
}
const back = (told: Told): Told => onLine(onLine(told, { command: 'receive-device' }, field), { command: 'inspect-device', parts: [{ part: 'body', condition: 'fine' }] }, field)

describe('a replacement', () => {
  test('stops at its moment, changes the device, and opens only when the new one is filed and tested; then it waits for the old one', () => {
    let told = begun()
    expect([told.case.state, told.case.terminals[0]!.result, told.terminals[0]!.holds]).toMatchObject(['in_progress', 'stopped', [{ reason: 'X01', owner: 'service_desk', caseNo: told.case.no }]])
    told = following(told, [bind(), by(field, monday, { device: fresh() })])
    expect(told.case.terminals[0]).toMatchObject({ from: old.serial, to: fresh().serial, result: 'stopped' })
    expect(told.terminals[0]!.device).toMatchObject({ serial: fresh().serial, since: monday, depositFen: 20_000 })
    expect(told.returns).toMatchObject([{ serial: old.serial, state: 'requested', deposit: { fen: 30_000 } }])
    expect(told.facts.find((f) => f.fact === 'device_bound')).toMatchObject({ model: 'A920', position, device: { serial: fresh().serial } })
    // In place, and still nothing is sold and nothing tested before it is filed.
    expect(modeAt(told.terminals[0]!, monday)).toBe('shut')
    expect(verdictOf(attempt(told, { command: 'record-test', items: passed }, by(field)))).toBe('steps_open')
    told = following(told, filed)
    expect([modeAt(told.terminals[0]!, monday), told.case.terminals[0]!.result]).toEqual(['test', 'testing'])
    told = following(told, [{ command: 'record-test', items: passed }, by(field)])
    expect(told.terminals[0]).toMatchObject({ signOnRequired: true, tid: '10000001' })
    expect([modeAt(told.terminals[0]!, monday), told.case.terminals[0]!.result, told.case.state]).toEqual(['open', 'reopened', 'in_progress'])
    told = back(told)
    expect(told.returns![0]!.deposit!.state).toBe('release_due')
    told = onLine(onLine(told, { command: 'propose-deduction' }, finance), { command: 'confirm-refund', reference: 'R-1' }, finance2)
    expect(told.case.state).toBe('completed')
    expect(told.facts.at(-1)).toMatchObject({ fact: 'completed', letter: 'handover_list' })
  })

  test('the deposit of the old device does not wait for what the new one sells', () => {
    let told = following(begun(), [bind(), by(field, monday, { device: fresh() })], filed, [{ command: 'record-test', items: passed }, by(field)])
    told = back({ ...told, terminals: told.terminals.map((t) => ({ ...t, clear: false, open: [unsettled] })) })
    expect(told.returns![0]!.deposit!.state).toBe('release_due')
    told = onLine(onLine(told, { command: 'propose-deduction' }, finance), { command: 'confirm-refund', reference: 'R-1' }, finance2)
    expect(told.case.state).toBe('completed')
  })

  test('what lies in the old device is waited for; what is the terminal’s goes on', () => {
    const open = begun([machine({ clear: false, open: [unsettled] })])
    expect(open.case.terminals[0]!.result).toBe('draining')
    expect(verdictOf(attempt(open, bind(), by(field, monday, { device: fresh() })))).toBe('swap_not_due')
    const shut = tick(open, monday + day_ms)
    expect(verdictOf(attempt(shut, bind(), by(field, monday + day_ms, { device: fresh() })))).toBe('steps_open')
    // Dead, it will never settle: then two persons say so.
    const waived = following(shut, [{ command: 'waive-step', step: 'clearance', words: 'the device is dead' }, by(finance, monday + day_ms)],
      [{ command: 'waive-step', step: 'clearance', words: 'seen' }, by(finance2, monday + day_ms)])
    expect(verdictOf(attempt(waived, bind(), by(field, monday + day_ms, { device: fresh() })))).toBe('accepted')
    const disputed = begun([machine({ clear: false, open: [{ ...unsettled, kind: 'dispute_open' }] })])
    const later = tick(disputed, monday + day_ms)
    expect(verdictOf(attempt(later, bind(), by(field, monday + day_ms, { device: fresh() })))).toBe('accepted')
  })

  test('begins at its moment, and may be withdrawn until then', () => {
    const friday = at('2026-11-27T15:00')
    const approved = begun([machine()], { effectiveFrom: friday })
    expect([approved.case.state, modeAt(approved.terminals[0]!, friday - 1)]).toEqual(['approved', 'open'])
    expect(nextCaseDue({ case: approved.case, terminals: new Map(approved.terminals.map((t) => [t.id, t])), returns: new Map(), setting: by(systemActor) } as unknown as Sheet)).toBe(friday)
    expect(verdictOf(attempt(approved, bind(), by(field, friday - 1, { device: fresh() })))).toBe('swap_not_due')
    expect(following(approved, [{ command: 'withdraw' }, by(owner, friday - 1)]).terminals[0]!.holds[0]!.withdrawnAt).toBe(friday - 1)
    expect(verdictOf(attempt(approved, { command: 'withdraw' }, by(owner, friday)))).toBe('replacement_begun')
    expect(verdictOf(attempt(tick(approved, friday), { command: 'withdraw' }, by(owner, friday)))).toBe('replacement_begun')
  })

  test('every other hold survives it, now and to come; nothing opens under one', () => {
    const from = monday - day_ms
    const own = hold({ effectiveFrom: from, startedAt: from, shutAt: from, expectedUntil: at('2026-12-24T09:00') })
    const ahead: Hold = hold({ id: 'p', reason: 'P01', owner: 'operations', effectiveFrom: monday + 30 * day_ms })
    const told = following(begun([machine({ holds: [own, ahead], hostBlockedAt: from, device: { ...old, ownership: 'owned', depositFen: 0 } })]), [bind(), by(field, monday, { device: fresh() })], filed)
    expect(told.terminals[0]!.holds.map((h) => [h.id === 'h1' || h.id === 'p' ? h.id : 'swap', h.liftedAt, h.withdrawnAt]))
      .toEqual([['h1', undefined, undefined], ['p', undefined, undefined], ['swap', monday, undefined]])
    expect([modeAt(told.terminals[0]!, monday), told.case.terminals[0]!.result]).toEqual(['shut', 'still_held'])
    expect([told.case.state, told.returns]).toMatchObject(['completed', [{ state: 'kept' }]])
  })

  test('a device taken off and not yet replaced leaves the terminal without one; one that is no good makes way for a third', () => {
    let told = following(begun(), [{ command: 'unbind-device' }, by(field)])
    expect([told.terminals[0]!.device, told.case.terminals[0]!.from, told.case.terminals[0]!.to]).toEqual([undefined, old.serial, undefined])
    expect(verdictOf(attempt(told, { command: 'unbind-device' }, by(field)))).toBe('device_not_on_it')
    told = following(told, [bind(), by(field, monday, { device: fresh() })], filed)
    const failed = following(told, [{ command: 'record-test', items: passed.map((i) => ({ ...i, passed: i.item !== 'print' })) }, by(field)])
    expect([modeAt(failed.terminals[0]!, monday), failed.case.steps.find((s) => s.kind === 'device_test')!.state]).toEqual(['test', 'failed'])
    const third = fresh({ serial: '00001204000100' })
    // Taken off, it is no longer to be tested: nothing opens a terminal that has no device, or one nobody filed.
    const bare = following(failed, [{ command: 'unbind-device' }, by(field)])
    expect([modeAt(bare.terminals[0]!, monday), bare.case.steps.find((s) => s.kind === 'filing')!.state]).toEqual(['shut', 'open'])
    told = following(failed, [bind(third.serial), by(field, monday, { device: third })])
    expect([modeAt(told.terminals[0]!, monday), verdictOf(attempt(told, { command: 'record-test', items: passed }, by(field)))]).toEqual(['shut', 'steps_open'])
    told = following(told, filed, [{ command: 'record-test', items: passed }, by(field)])
    expect(told.case.terminals[0]).toMatchObject({ from: old.serial, to: third.serial, result: 'reopened' })
    expect(told.returns).toHaveLength(1)
    expect(verdictOf(attempt(told, bind(), by(field, monday, { device: fresh() })))).toBe('device_on_it')
  })

  test('repaired on the spot, the old device goes on and nothing comes back', () => {
    const mine = fresh({ serial: old.serial, state: 'deployed', tid: '10000001', custodian: { kind: 'merchant', id: '102290058120001' } })
    const told = following(begun(), [bind(old.serial), by(field, monday, { device: mine })], filed, [{ command: 'record-test', items: passed }, by(field)])
    expect([told.case.state, told.returns]).toEqual(['completed', []])
    // Put back and then no good after all, it is called back like any other.
    const off = following(begun(), [bind(old.serial), by(field, monday, { device: mine })], [bind(), by(field, monday, { device: fresh() })])
    expect([off.case.terminals[0], off.returns]).toMatchObject([{ from: old.serial, to: fresh().serial }, [{ serial: old.serial, state: 'requested' }]])
  })

  test.each([
    ['nobody’s', undefined, 'device_unknown'],
    ['another provider’s', fresh({ provider: 'hairun' }), 'device_unknown'],
    ['on another terminal', fresh({ tid: '10000002', state: 'deployed' }), 'device_bound_already'],
    ['in repair', fresh({ state: 'in_repair' }), 'device_not_in_stock'],
    ['on its way back', fresh({ isReturning: true }), 'device_not_in_stock'],
    ['with somebody else', fresh({ custodian: { kind: 'merchant', id: '999' } }), 'device_not_in_stock'],
    ['of a model nobody certified', fresh({ model: 'Z1' }), 'model_not_certified'],
    ['with the engineer', fresh({ custodian: { kind: 'field', id: 'field' } }), 'accepted'],
    ['the merchant’s own', fresh({ ownership: 'owned', state: 'stored_by_merchant', custodian: { kind: 'merchant', id: '102290058120001' } }), 'accepted'],
  ])('a device that is %s: %s', (_, device, verdict) => {
    expect(verdictOf(attempt(begun(), bind(), by(field, monday, { device })))).toBe(verdict)
  })

  test('the filing is ticked by the desk, once the device is there', () => {
    expect(verdictOf(attempt(begun(), filed[0], by(operations)))).toBe('device_not_on_it')
    const told = following(begun(), [bind(), by(field, monday, { device: fresh() })])
    expect(verdictOf(attempt(told, filed[0], by(owner)))).toBe('role_missing')
    expect(verdictOf(attempt(begun(), { command: 'waive-step', step: 'device', words: 'x' }, by(reviewer)))).toBe('step_machine_checked')
  })

  test.each([['M02', 'reason_not_yours'], ['D01', 'accepted'], ['X01', 'accepted'], ['M08', 'accepted'], ['S06', 'reason_not_yours']] as const)('for %s: %s', (reason, verdict) => {
    const asked = (): Told | string => { try { return opened({ ...wanted, reason }, by(owner, monday, { terminals: [machine()] })) } catch (error) { return (error as Error).message.replace('refused: ', '') } }
    expect(typeof asked() === 'string' ? asked() : 'accepted').toBe(verdict)
  })
})
