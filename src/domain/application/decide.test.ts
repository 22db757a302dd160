import { describe, expect, test } from 'vitest'
import {
  actor, following, approver, at, attempt, day_ms, hold, hour_ms, material, opened, owner, passed, plainPolicy, reviewer, setting, suspension, terminal, unsettled, verdictOf, type Told,
} from '../../../test/pure.ts'
import type { Policy } from '../policy.ts'
import { openCase, type CaseCommand, type NewCase } from './decide.ts'
import type { Setting } from './unfold.ts'

const monday = at('2026-11-23T10:00')
const friday = at('2026-11-27T15:00')
const finance = actor('finance', 'finance')
const field = actor('field', 'field')
const by = (who = owner, part: Parameters<typeof setting>[0] = {}): Setting => setting({ now: monday, actor: who, ...part })
const submitted = (wanted: Partial<NewCase> = {}, part: Parameters<typeof setting>[0] = {}): Told =>
  following(opened(wanted, by(owner, part)), [{ command: 'submit' }, by(owner, part)])
const verdict = (told: Told, command: CaseCommand, s: Setting): string => {
  const result = attempt(told, command, s)
  return 'refused' in result ? result.refused : result.case.state
}
const always: Partial<Policy> = { secondApproval: [{ id: 'always', kinds: ['suspend', 'reactivate', 'extend'], when: {} }] }
const ownStop = hold({ effectiveFrom: at('2026-11-20T15:00'), startedAt: at('2026-11-20T15:00'), shutAt: at('2026-11-20T15:00') })
const stopped = terminal({ holds: [ownStop], hostBlockedAt: ownStop.effectiveFrom })

describe('filing', () => {
  const agent = actor('agent', 'agent')
  test.each<[string, Partial<NewCase>, Parameters<typeof setting>[0], string]>([
    ['as it should be', {}, {}, 'accepted'],
    ['a kind not offered', { kind: 'close' }, {}, 'kind_not_offered'],
    ['for a reason of risk', { reason: 'R01' }, {}, 'reason_not_yours'],
    ['for good, with a return', { reason: 'M21' }, {}, 'reason_not_yours'],
    ['for good, without', { reason: 'M21', expectedUntil: undefined }, {}, 'accepted'],
    ['for another reason, without words', { reason: 'X99' }, {}, 'words_required'],
    ['for another reason, in words', { reason: 'X99', words: 'the street is closed' }, {}, 'accepted'],
    ['on behalf, without consent', { onBehalf: true }, { actor: agent }, 'consent_required'],
    ['on behalf, with consent', { onBehalf: true, proof: 'recording 17' }, { actor: agent }, 'accepted'],
    ['by a reviewer', {}, { actor: reviewer }, 'role_missing'],
    ['a closed terminal', {}, { terminals: [terminal({ closedAt: 1 })] }, 'terminal_closed'],
    ['one that is not installed', {}, { terminals: [terminal({ installedAt: undefined })] }, 'terminal_not_installed'],
    ['one of two that is stopped already', {}, { terminals: [terminal(), { ...stopped, id: '10000002', tid: '10000002' }] }, 'already_stopped'],
    ['one with another case, the same way', {}, { others: [{ terminal: '10000001', no: 'TQ-1', direction: 'down' }] }, 'case_open_already'],
    ['one with another case, another way', {}, { others: [{ terminal: '10000001', no: 'TQ-1', direction: 'aside' }] }, 'accepted'],
    ['back, though nothing stopped it', { kind: 'reactivate', expectedUntil: undefined }, {}, 'nothing_to_lift'],
    ['a stop in the past', { effectiveFrom: monday - 1 }, {}, 'effect_in_past'],
    ['a stop now', { effectiveFrom: monday }, {}, 'accepted'],
    ['a return at the stop', { expectedUntil: friday }, {}, 'until_before_from'],
    ['a return after 180 days', { expectedUntil: friday + 180 * day_ms }, {}, 'accepted'],
    ['a return after 180 days and a moment', { expectedUntil: friday + 180 * day_ms + 1 }, {}, 'stop_too_long'],
    ['an extension without its day', { kind: 'extend', expectedUntil: undefined }, { terminals: [stopped] }, 'until_required'],
    ['an extension to yesterday', { kind: 'extend', expectedUntil: monday - day_ms }, { terminals: [stopped] }, 'until_before_from'],
    ['an extension that ends before one of its stops begins', { kind: 'extend', expectedUntil: friday }, {
      terminals: [stopped, terminal({ id: '10000002', tid: '10000002', holds: [hold({ id: 'h2', effectiveFrom: friday + day_ms })] })],
    }, 'until_before_from'],
  ])('%s', (_, wanted, part, expected) => expect(verdictOf(openCase({ ...suspension, ...wanted }, by(owner, part)))).toBe(expected))
})

describe('submitting', () => {
  const lead = { leadTimeHours: 72 }
  const straight: Partial<Policy> = { ...lead, straightThrough: [{ id: 'short', kinds: ['suspend'], when: { term: 'temporary', daysMax: 90 } }] }
  const agreement: Policy['steps'] = [{
    id: 'agreement', kinds: ['suspend'], step: 'settlement_agreement', requirement: 'required', before: 'approval', due: { from: 'submittedAt', offset: '+1d' }, assignee: 'finance',
  }]
  const tomorrow = monday + day_ms
  test.each<[string, Partial<NewCase>, Partial<Policy>, string]>([
    ['too soon', { effectiveFrom: tomorrow }, lead, 'lead_time_short'],
    ['just in time', { effectiveFrom: monday + 72 * hour_ms }, lead, 'submitted'],
    ['straight through, sooner', { effectiveFrom: tomorrow }, straight, 'approved'],
    ['straight through but for a step that must come before: not sooner', { effectiveFrom: tomorrow }, { ...straight, steps: agreement }, 'lead_time_short'],
    ['straight through but for that step, in time', { effectiveFrom: monday + 72 * hour_ms }, { ...straight, steps: agreement }, 'submitted'],
    ['straight through but for a paper that follows', { effectiveFrom: monday + 72 * hour_ms }, { ...straight, materials: [{ id: 'm', kinds: ['suspend'], types: ['id_card'] }] }, 'submitted'],
    ['straight through, now', { effectiveFrom: undefined, expectedUntil: friday }, straight, 'in_progress'],
    ['a paper demanded', {}, { materials: [{ id: 'm', kinds: ['suspend'], types: ['id_card'] }], materialsAtSubmission: 'demand' }, 'materials_incomplete'],
    ['across a year nobody knows', { effectiveFrom: at('2031-03-03T10:00'), expectedUntil: undefined }, {}, 'calendar_unknown'],
  ])('%s', (_, wanted, policy, expected) => {
    expect(verdict(opened(wanted, by(owner, { policy })), { command: 'submit' }, by(owner, { policy }))).toBe(expected)
  })

  test('a straight-through approval is the policy’s, by its rule', () => {
    const told = submitted({ effectiveFrom: tomorrow }, { policy: straight })
    expect(told.case).toMatchObject({ decidedBy: 'policy', rule: 'short', decidedAt: monday, policyVersion: 1 })
  })
})

describe('the clock of a review stands still while a case is returned', () => {
  const back = (resubmittedAt: number): Told => following(
    submitted(),
    [{ command: 'return', words: 'a photo' }, by(reviewer, { now: at('2026-11-25T10:00') })],
    [{ command: 'submit' }, by(owner, { now: resubmittedAt })],
  )
  test('what was left is left: 5 of 7 working days', () => {
    expect(submitted().case.deadline?.at).toBe(at('2026-12-02T18:00'))
    expect(back(at('2026-11-26T10:00')).case.deadline?.at).toBe(at('2026-12-03T18:00'))
    expect(back(at('2026-11-27T10:00')).case.deadline?.at).toBe(at('2026-12-04T18:00'))
  })
  test('ten working days to answer', () => {
    expect(following(submitted(), [{ command: 'return', words: 'a photo' }, by(reviewer)]).case.answerBy).toBe(at('2026-12-07T18:00'))
  })
  test('a stop whose moment passed meanwhile is not submitted again', () => {
    const returned = following(submitted(), [{ command: 'return', words: 'a photo' }, by(reviewer)])
    expect(verdict(returned, { command: 'submit' }, by(owner, { now: friday + 1 }))).toBe('effect_in_past')
  })
})

describe('maker is not checker, by the person', () => {
  const approves = (told: Told, person: string, role: 'reviewer' | 'approver', policy: Partial<Policy> = {}): string =>
    verdict(told, { command: 'approve' }, by(actor(person, role), { policy }))
  const byAgent = following(opened({ onBehalf: true, proof: 'recording 17' }, by(actor('li', 'agent'))), [{ command: 'submit' }, by(owner)])

  test.each<[string, Told, string, 'reviewer' | 'approver', Partial<Policy>, string]>([
    ['who created it', byAgent, 'li', 'reviewer', {}, 'maker_is_checker'],
    ['who submitted it', byAgent, 'owner', 'reviewer', {}, 'maker_is_checker'],
    ['anybody else', byAgent, 'wang', 'reviewer', {}, 'approved'],
    ['who created it, as the first of two', byAgent, 'li', 'reviewer', always, 'maker_is_checker'],
  ])('%s', (_, told, person, role, policy, expected) => expect(approves(told, person, role, policy)).toBe(expected))

  test('the second look is another person’s, and an approver’s', () => {
    const first = following(submitted({}, { policy: always }), [{ command: 'approve' }, by(actor('wang', 'approver'), { policy: always })])
    expect(first.case).toMatchObject({ state: 'second_review', reviewedBy: 'wang', rule: 'always', assignee: undefined })
    expect(approves(first, 'wang', 'approver', always)).toBe('maker_is_checker')
    expect(approves(first, 'zhao', 'reviewer', always)).toBe('role_missing')
    expect(approves(first, 'owner', 'approver', always)).toBe('maker_is_checker')
    expect(approves(first, 'zhao', 'approver', always)).toBe('approved')
  })

  test('who submitted it before it was returned', () => {
    const again = following(opened({}, by(actor('staff', 'merchant_staff'))), [{ command: 'submit' }, by(actor('li', 'agent'))],
      [{ command: 'return', words: 'a photo' }, by(reviewer)], [{ command: 'submit' }, by(owner)])
    expect(approves(again, 'li', 'approver')).toBe('maker_is_checker')
  })
})

describe('an approval binds the dossier that was looked at', () => {
  const first = (): Told => following(
    opened({}, by(owner, { policy: always })), [{ command: 'add-material', material: material('other', { id: 'photo' }) }, by()], [{ command: 'submit' }, by(owner, { policy: always })],
    [{ command: 'approve' }, by(reviewer, { policy: always })],
  )
  const s = (who = reviewer): Setting => by(who, { policy: always })
  test.each<[string, [CaseCommand, Setting][], string]>([
    ['nothing changed', [], 'approved'],
    ['a paper accepted', [[{ command: 'accept-material', material: 'photo' }, s()]], 'approved'],
    ['a paper added', [[{ command: 'add-material', material: material('other') }, s(owner)]], 'second_review'],
    ['a paper returned', [[{ command: 'return-material', material: 'photo', words: 'blurred' }, s()]], 'second_review'],
  ])('%s', (_, commands, expected) => expect(verdict(following(first(), ...commands), { command: 'approve' }, s(approver))).toBe(expected))

  test('a returned paper that is accepted after all voids the look too', () => {
    const returned = following(
      opened({}, by(owner, { policy: always })), [{ command: 'add-material', material: material('other', { id: 'photo' }) }, by()], [{ command: 'submit' }, s(owner)],
      [{ command: 'return-material', material: 'photo', words: 'blurred' }, s()], [{ command: 'approve' }, s()],
    )
    const accepted = following(returned, [{ command: 'accept-material', material: 'photo' }, s()])
    expect(accepted.case).toMatchObject({ state: 'in_review', reviewedBy: undefined, reviewedDigest: undefined })
  })
  test('whatever else differs from what was looked at', () => {
    const told = first()
    expect(verdict({ ...told, case: { ...told.case, effectiveFrom: friday + 1 } }, { command: 'approve' }, s(approver))).toBe('dossier_changed')
  })
})

describe('approving too late', () => {
  const short = { effectiveFrom: friday, expectedUntil: friday + day_ms }
  test.each<[string, Partial<NewCase>, number, string]>([
    ['before the stop', short, friday - 1, 'approved'],
    ['after the moment asked for: from now on', short, friday + hour_ms, 'in_progress'],
    ['after the return itself', short, friday + day_ms, 'until_before_from'],
  ])('%s', (_, wanted, now, expected) => expect(verdict(submitted(wanted), { command: 'approve' }, by(reviewer, { now }))).toBe(expected))
  test('an extension whose day has come', () => {
    const extension = submitted({ kind: 'extend', expectedUntil: monday + day_ms }, { terminals: [stopped] })
    expect(verdict(extension, { command: 'approve' }, by(reviewer, { now: monday + day_ms }))).toBe('until_before_from')
    expect(verdict(extension, { command: 'approve' }, by(reviewer))).toBe('completed')
  })
  test('the stop then begins at once, exactly', () => {
    const told = following(submitted(short), [{ command: 'approve' }, by(reviewer, { now: friday + hour_ms })])
    expect(told.terminals[0]!.holds[0]).toMatchObject({ effectiveFrom: friday + hour_ms, startedAt: friday + hour_ms })
  })
})

describe('steps', () => {
  const rule = (id: string, step: Policy['steps'][number]['step'], before: Policy['steps'][number]['before'], kinds: ['suspend'] | ['reactivate'] = ['suspend']): Policy['steps'][number] =>
    ({ id, kinds, step, requirement: 'required', before, due: { from: 'submittedAt', offset: '+1d' }, assignee: 'finance' })
  const policy: Partial<Policy> = {
    steps: [rule('clearance', 'clearance', 'stop'), rule('agreement', 'settlement_agreement', 'approval'), rule('filing', 'filing', 'approval')],
  }
  const told = submitted({}, { policy, terminals: [terminal({ clear: false, open: [unsettled] })] })
  test.each<[string, CaseCommand, Setting, string]>([
    ['ticked by hand', { command: 'complete-step', step: 'filing' }, by(finance, { policy }), 'submitted'],
    ['ticked by the other side', { command: 'complete-step', step: 'filing' }, by(owner, { policy }), 'role_missing'],
    ['one that is not there', { command: 'complete-step', step: 'tea' }, by(owner, { policy }), 'step_unknown'],
    ['one the machine sees', { command: 'complete-step', step: 'clearance' }, by(finance, { policy }), 'step_machine_checked'],
    ['money the machine sees', { command: 'complete-step', step: 'agreement' }, by(finance, { policy }), 'step_machine_checked'],
    ['waived without words', { command: 'waive-step', step: 'filing', words: '' }, by(reviewer, { policy }), 'words_required'],
    ['waived by the merchant', { command: 'waive-step', step: 'filing', words: 'no need' }, by(owner, { policy }), 'role_missing'],
    ['approved with steps open', { command: 'approve' }, by(reviewer, { policy }), 'steps_open'],
  ])('%s', (_, command, s, expected) => expect(verdict(told, command, s)).toBe(expected))

  test('a waiver about money takes two people; any other one', () => {
    const waive = (step: string): CaseCommand => ({ command: 'waive-step', step, words: 'known to us' })
    const proposed = following(told, [waive('agreement'), by(reviewer, { policy })])
    const step = (t: Told, id: string) => t.case.steps.find((s) => s.id === id)!
    expect(step(proposed, 'agreement')).toMatchObject({ state: 'open', waiverBy: 'reviewer' })
    expect(verdict(proposed, waive('agreement'), by(reviewer, { policy }))).toBe('second_person')
    expect(step(following(proposed, [waive('agreement'), by(approver, { policy })]), 'agreement')).toMatchObject({ state: 'waived', settledBy: 'approver', waiverBy: undefined })
    expect(step(following(told, [waive('filing'), by(reviewer, { policy })]), 'filing').state).toBe('waived')
  })

  test('a fee before reopening: neither tested nor opened before it is paid', () => {
    const fee: Partial<Policy> = { steps: [rule('fee', 'pay_fee', 'reopening', ['reactivate']), rule('test', 'device_test', 'reopening', ['reactivate'])], fees: { ...plainPolicy.fees, reopeningFen: 5_000 } }
    const s = (who = owner): Setting => by(who, { policy: fee, terminals: [stopped] })
    const approved = following(opened({ kind: 'reactivate', effectiveFrom: undefined, expectedUntil: undefined }, s()), [{ command: 'submit' }, s()], [{ command: 'approve' }, s(reviewer)])
    expect(approved.terminals[0]!.holds[0]!.clearedAt).toBeUndefined()
    expect(verdict(approved, { command: 'record-test', items: passed }, s(field))).toBe('steps_open')
    const paid = following(approved, [{ command: 'complete-step', step: 'fee' }, s(finance)])
    expect(paid.case.terminals[0]!.result).toBe('testing')
    expect(verdict(paid, { command: 'record-test', items: passed }, s(field))).toBe('completed')
    expect(verdict(paid, { command: 'waive-step', step: 'test', words: 'it worked last year' }, s(reviewer))).toBe('step_machine_checked')
  })

  test('where there is no fee, no step asks for one', () => {
    const none: Partial<Policy> = { steps: [rule('fee', 'pay_fee', 'reopening', ['reactivate'])] }
    expect(submitted({ kind: 'reactivate', effectiveFrom: undefined, expectedUntil: undefined }, { policy: none, terminals: [stopped] }).case.steps).toEqual([])
  })
})

describe('withdrawing', () => {
  const approved = following(submitted(), [{ command: 'approve' }, by(reviewer)])
  test.each<[string, number, string]>([
    ['a moment before the stop', friday - 1, 'withdrawn'],
    ['at the stop, before the clock has looked', friday, 'stop_begun'],
  ])('%s', (_, now, expected) => expect(verdict(approved, { command: 'withdraw' }, by(owner, { now }))).toBe(expected))
  test('takes its hold along, and nobody else’s', () => {
    const other = hold({ id: 'h9', reason: 'R09', owner: 'risk', effectiveFrom: friday + day_ms })
    const told = following({ ...approved, terminals: approved.terminals.map((t) => ({ ...t, holds: [...t.holds, other] })) }, [{ command: 'withdraw' }, by(owner, { now: friday - 1 })])
    expect(told.terminals[0]!.holds.map((h) => h.withdrawnAt)).toEqual([friday - 1, undefined])
  })
})

test('a case somebody claimed is not claimed away; the second reviewer claims anew', () => {
  const claimed = following(submitted({}, { policy: always }), [{ command: 'claim' }, by(reviewer)])
  expect(verdict(claimed, { command: 'claim' }, by(approver))).toBe('claimed_by_another')
  expect(verdict(claimed, { command: 'claim' }, by(reviewer))).toBe('in_review')
  const looked = following(claimed, [{ command: 'approve' }, by(reviewer, { policy: always })])
  expect(verdict(looked, { command: 'claim' }, by(approver))).toBe('second_review')
})
