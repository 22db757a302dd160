// What may be done, by whom, in which situation. One golden matrix for cases, read row by row; and the proof that nothing
// is decided twice: whatever is allowed succeeds when it is really done, whatever is not is refused with the code foretold.
import { describe, expect, it } from 'vitest'
import { allowedOnCase, allowedOnHold, allowedOnStep, allowedOnTerminal, type CaseAct, type Verdict } from './allowed.ts'
import { decide, type CaseCommand } from './application/decide.ts'
import type { Case } from './application/case.ts'
import type { Setting } from './application/unfold.ts'
import { isRefusal } from './refusals.ts'
import type { Hold } from './terminal.ts'
import { actor, at, caseOf, hold, material, now, policy, setting, step, submitted, terminal } from './view.fixtures.ts'
import type { Role } from './vocabulary.ts'

const monday = at('2026-11-23 15:00')
const papers = { materials: [material({ type: 'business_licence' })] }
const acts = (c: Case, s: Setting): string[] =>
  (Object.entries(allowedOnCase(c, s)) as [CaseAct, Verdict][]).filter(([, v]) => v === true).map(([act]) => act)

describe('on a case', () => {
  const rows: [what: string, part: Partial<Case>, role: Role, person: string, may: string][] = [
    ['a complete draft', papers, 'merchant_owner', 'owner', 'submit withdraw add-material'],
    ['a complete draft', papers, 'merchant_staff', 'staff', 'add-material'],
    ['a complete draft', papers, 'reviewer', 'rita', ''],
    ['submitted', submitted, 'merchant_owner', 'owner', 'withdraw add-material'],
    ['submitted', submitted, 'reviewer', 'rita', 'claim assign return approve reject accept-material return-material'],
    ['submitted', submitted, 'auditor', 'audra', ''],
    ['submitted by the reviewer herself', { ...submitted, submittedBy: 'rita' }, 'reviewer', 'rita', 'claim assign return reject accept-material return-material'],
    ['claimed by another', { ...submitted, state: 'in_review', assignee: 'rob' }, 'reviewer', 'rita', 'assign return approve reject accept-material return-material'],
    ['second review', { ...submitted, state: 'second_review', reviewedBy: 'rita', reviewedDigest: 'digest of 0' }, 'reviewer', 'rita', 'claim assign return reject accept-material return-material'],
    ['returned', { ...submitted, state: 'returned', materials: [] }, 'merchant_owner', 'owner', 'withdraw add-material'],
    ['returned and answered', { ...submitted, state: 'returned' }, 'merchant_owner', 'owner', 'submit withdraw add-material'],
    ['approved', { ...submitted, state: 'approved' }, 'merchant_owner', 'owner', 'withdraw add-material'],
    ['in progress', { ...submitted, state: 'in_progress' }, 'merchant_owner', 'owner', 'add-material'],
    ['completed', { ...submitted, state: 'completed' }, 'provider_admin', 'ada', ''],
    ['a step for the warehouse', { ...submitted, state: 'in_progress', steps: [step({ kind: 'device_guide', before: 'completion', assignee: 'field' })] }, 'field', 'fred', 'complete-step'],
    ['a fee for finance', { ...submitted, state: 'in_progress', steps: [step({ kind: 'pay_fee' })] }, 'finance', 'fay', 'complete-step waive-step'],
    ['a fee for finance', { ...submitted, state: 'in_progress', steps: [step({ kind: 'pay_fee' })] }, 'field', 'fred', ''],
  ]
  it.each(rows)('%s: %s may %s', (_, part, role, person, may) => {
    expect(acts(caseOf(part), setting(actor(role, person))).join(' ')).toBe(may)
  })

  const refused: [what: string, part: Partial<Case>, role: Role, person: string, act: CaseAct, code: string][] = [
    ['a draft without its papers', {}, 'merchant_owner', 'owner', 'submit', 'materials_incomplete'],
    ['a draft whose stop has passed', { ...papers, effectiveFrom: now - 1 }, 'merchant_owner', 'owner', 'submit', 'effect_in_past'],
    ['a draft too close to its stop', { ...papers, effectiveFrom: now + 3_600_000 }, 'merchant_owner', 'owner', 'submit', 'lead_time_short'],
    ['maker', submitted, 'reviewer', 'owner', 'approve', 'maker_is_checker'],
    ['claimed', { ...submitted, assignee: 'rob' }, 'reviewer', 'rita', 'claim', 'claimed_by_another'],
    ['running', { ...submitted, state: 'in_progress' }, 'merchant_owner', 'owner', 'withdraw', 'stop_begun'],
    ['no material', { ...submitted, materials: [] }, 'reviewer', 'rita', 'accept-material', 'material_unknown'],
    ['no step', submitted, 'finance', 'fay', 'complete-step', 'step_unknown'],
    ['all steps done', { ...submitted, steps: [step({ kind: 'device_guide', state: 'done' })] }, 'field', 'fred', 'complete-step', 'step_settled'],
    ['only machine-checked steps', { ...submitted, steps: [step({ kind: 'clearance' })] }, 'field', 'fred', 'complete-step', 'step_machine_checked'],
    ['not in test', { ...submitted, kind: 'reactivate', state: 'in_progress' }, 'field', 'fred', 'record-test', 'test_not_due'],
    ['a closure with money open', { ...submitted, kind: 'close', reason: 'M21' }, 'reviewer', 'rita', 'approve', 'clearance_open'],
  ]
  it.each(refused)('%s: %s refused %s', (_, part, role, person, act, code) => {
    const open = [{ kind: 'unsettled', count: 1, amountFen: 100, owner: 'merchant' }] as const
    expect(allowedOnCase(caseOf(part), setting(actor(role, person), { terminals: [terminal({ open })] }))[act]).toBe(code)
  })

  it('records a test on the terminal that is in test', () => {
    const cleared: Hold = hold({ reason: 'M02', effectiveFrom: monday, startedAt: monday, shutAt: monday, clearedAt: now - 1 })
    const other = { ...terminal(), id: '66585403', tid: '66585403' }
    const c = caseOf({
      ...submitted, kind: 'reactivate', state: 'in_progress',
      terminals: [{ id: '66585403', tid: '66585403', result: 'reopened', hold: undefined }, { id: '66585402', tid: '66585402', result: 'testing', hold: cleared.id }],
    })
    expect(allowedOnCase(c, setting(actor('field'), { terminals: [terminal({ holds: [cleared] }), other] }))['record-test']).toBe(true)
  })

  it('says of each step what may be done with it', () => {
    const steps = [step({ kind: 'clearance' }), step({ kind: 'device_guide' }), step({ kind: 'pay_fee', waiverBy: 'rita' })]
    const c = caseOf({ ...submitted, steps })
    expect(steps.map((s) => allowedOnStep(c, s, setting(actor('reviewer', 'rita'))))).toEqual([
      { complete: 'step_machine_checked', waive: true }, { complete: true, waive: true }, { complete: 'role_missing', waive: 'second_person' },
    ])
  })

  it('foretells what decide then says', () => {
    const real: Partial<Record<CaseAct, CaseCommand>> = {
      submit: { command: 'submit' }, withdraw: { command: 'withdraw' }, claim: { command: 'claim' }, assign: { command: 'assign', to: 'rob' },
      return: { command: 'return', words: 'expired' }, approve: { command: 'approve' }, reject: { command: 'reject', words: 'no' },
    }
    let compared = 0
    for (const part of [papers, submitted, { ...submitted, state: 'second_review' }, { ...submitted, state: 'approved' }] as Partial<Case>[])
      for (const role of ['merchant_owner', 'merchant_staff', 'agent', 'reviewer', 'approver', 'finance', 'auditor', 'provider_admin'] as Role[]) {
        const s = setting(actor(role))
        const foretold = allowedOnCase(caseOf(part), s)
        for (const [act, command] of Object.entries(real)) {
          const answer = decide(caseOf(part), command, s)
          expect([part.state, role, act, foretold[act as CaseAct]]).toEqual([part.state, role, act, isRefusal(answer) ? answer.refused : true])
          compared++
        }
      }
    expect(compared).toBe(4 * 8 * 7)
  })

  it('changes nothing', () => {
    const c = caseOf(submitted)
    const s = setting(actor('reviewer'))
    const before = structuredClone([c, s.terminals])
    allowedOnCase(c, s)
    expect([c, s.terminals]).toEqual(before)
  })
})

describe('on a terminal', () => {
  const own = hold({ reason: 'M02', effectiveFrom: monday, startedAt: monday, shutAt: monday, caseNo: 'TQ-261123-00042-7' })
  const rows: [what: string, t: Parameters<typeof terminal>[0], role: Role, expected: Partial<Record<string, Verdict>>, part?: Partial<Setting>][] = [
    ['open', {}, 'merchant_owner', { suspend: true, reactivate: 'nothing_to_lift', extend: 'nothing_to_lift', close: 'kind_not_offered', hold: 'role_missing', test: 'role_missing', answerDormancy: 'dormancy_not_asked' }],
    ['open', {}, 'merchant_staff', { suspend: true, answerDormancy: 'role_missing' }],
    ['open', {}, 'reviewer', { suspend: 'role_missing', hold: 'role_missing', test: 'role_missing' }],
    ['open', {}, 'agent', { suspend: true, hold: true, test: 'test_not_due' }],
    ['open', {}, 'provider_admin', { hold: 'hold_place_not_yours' }],
    ['stopped by its merchant', { holds: [own] }, 'merchant_owner', { suspend: 'already_stopped', reactivate: true, extend: true }],
    ['stopped as long as may be', { holds: [{ ...own, effectiveFrom: now - 181 * 86_400_000 }] }, 'merchant_owner', { extend: 'stop_too_long', reactivate: true }],
    ['with a case under way', {}, 'merchant_owner', { suspend: 'case_open_already' }, { others: [{ terminal: '66585402', no: 'TQ-1', direction: 'down' }] }],
    ['not installed', { installedAt: undefined }, 'merchant_owner', { suspend: 'terminal_not_installed' }],
    ['not installed', { installedAt: undefined }, 'risk', { hold: 'terminal_not_installed' }],
    ['closed', { closedAt: monday }, 'agent', { suspend: 'terminal_closed', hold: 'terminal_closed' }],
    ['in test by its merchant’s case', { holds: [{ ...own, clearedAt: now - 1 }] }, 'field', { test: 'test_in_case' }],
    ['in test', { holds: [hold({ reason: 'A03', effectiveFrom: monday, startedAt: monday, shutAt: monday, clearedAt: now - 1 })] }, 'field', { test: true }],
    ['held by another', { holds: [own] }, 'field', { test: 'held_by_another' }],
    ['a year without a calendar', {}, 'merchant_owner', { suspend: 'calendar_unknown' }, { now: at('2029-12-30 10:00') }],
  ]
  it.each(rows)('%s, to %s with %s', (_, t, role, expected, part = {}) => {
    const facts = terminal(t)
    expect(allowedOnTerminal(facts, setting(actor(role), { ...part, terminals: [facts] }))).toMatchObject(expected)
  })

  it('says of a closure that money is open, where closures are offered', () => {
    const open = [{ kind: 'unsettled', count: 2, amountFen: 17_600, owner: 'merchant' }] as const
    const offering = { policy: { ...policy, kindsOffered: [...policy.kindsOffered, 'close' as const] } }
    expect(allowedOnTerminal(terminal({ open }), setting(actor('merchant_owner'), offering)).close).toBe('clearance_open')
    expect(allowedOnTerminal(terminal(), setting(actor('merchant_owner'), offering)).close).toBe(true)
  })

  it('asks for a dormancy answer once', () => {
    const asked = { ...terminal(), dormancy: { askedAt: monday, answer: undefined } }
    expect(allowedOnTerminal(asked, setting(actor('merchant_owner'))).answerDormancy).toBe(true)
    expect(allowedOnTerminal({ ...asked, dormancy: { askedAt: monday, answer: 'keep' } }, setting(actor('merchant_owner'))).answerDormancy).toBe('dormancy_not_asked')
  })

  it('finds a reason a desk has not used yet', () => {
    const taken = hold({ reason: 'A01', effectiveFrom: monday, startedAt: monday })
    expect(allowedOnTerminal(terminal({ holds: [taken] }), setting(actor('finance'))).hold).toBe(true)
  })

  it.each<[what: string, h: Hold, role: Role, verdict: Verdict]>([
    ['its own', hold({ reason: 'A03', effectiveFrom: monday }), 'finance', true],
    ['another desk’s', hold({ reason: 'R09', effectiveFrom: monday }), 'finance', 'hold_not_yours'],
    ['the merchant’s', own, 'agent', 'hold_by_case'],
    ['the merchant’s', own, 'merchant_owner', 'role_missing'],
    ['a lifted one', hold({ reason: 'A03', effectiveFrom: monday, clearedAt: now, liftedAt: now }), 'finance', 'hold_lifted'],
  ])('lifts %s', (_, h, role, verdict) => {
    expect(allowedOnHold(terminal({ holds: [h] }), h, setting(actor(role)))).toMatchObject({ lift: verdict })
  })
})
