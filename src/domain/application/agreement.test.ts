// C10: a settlement agreement in writing lets a stop go on with items open; a closure waits all the same. And the step that
// holds the three records against each other, which nobody ticks.
import { describe, expect, test } from 'vitest'
import { at, attempt, following, material, opened, reviewer, setting, terminal, unsettled, type Told } from '../../../test/pure.ts'
import { systemActor } from '../authority.ts'
import type { Records } from '../clearance.ts'
import { isRefusal } from '../refusals.ts'
import type { Policy } from '../policy.ts'
import type { ApplicationKind } from '../vocabulary.ts'
import { agreementOf } from './findings.ts'

const due = { from: 'submittedAt', offset: '+3d', at: '18:00' } as const
const step = (id: string, kind: Policy['steps'][number]['step'], requirement: 'required' | 'advised'): Policy['steps'][number] =>
  ({ id, kinds: ['suspend', 'close'], step: kind, requirement, before: 'approval', due, assignee: 'finance' })
const policy: Partial<Policy> = {
  kindsOffered: ['suspend', 'close'],
  steps: [step('agree', 'settlement_agreement', 'advised'), step('clear', 'clearance', 'required'), step('records', 'three_record_match', 'required')],
  checkpoint: { due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, ifOpen: 'postpone', postponeWorkingDays: 2 },
}
const records = (part: Partial<Records> = {}): Records => ({ days: 3, uncovered: 0, openBreaks: 0, run: 'r1', files: ['slips.csv', 'bank.csv'], ...part })
const open = [terminal({ clear: false, open: [unsettled], records: records({ openBreaks: 1 }) })]
const by = (more: Parameters<typeof setting>[0] = {}) => setting({ terminals: open, ...more, policy: { ...policy, ...more.policy } })
const paper = material('settlement_agreement')

const submitted = (kind: ApplicationKind, more: Parameters<typeof setting>[0] = {}): Told =>
  following(opened(kind === 'close' ? { kind, reason: 'M21', effectiveFrom: undefined, expectedUntil: undefined } : { kind }, by(more)),
    [{ command: 'add-material', material: paper }, by(more)], [{ command: 'submit' }, by(more)])
const agreed = (kind: ApplicationKind): Told => following(submitted(kind), [{ command: 'accept-material', material: paper.id }, by({ actor: reviewer })])
const states = (told: Told) => Object.fromEntries(told.case.steps.map((s) => [s.id, s.state]))

describe('a stop', () => {
  test('before the agreement is accepted its steps are open, and it is not approved', () => {
    const told = submitted('suspend')
    expect(states(told)).toEqual({ agree: 'open', clear: 'open', records: 'open' })
    expect(attempt(told, { command: 'approve' }, by({ actor: reviewer }))).toMatchObject({ refused: 'steps_open' })
    expect(told.case.findings.map((f) => f.code)).toContain('clearance_open')
  })
  test('once accepted the stop goes on, and the finding says why', () => {
    const told = agreed('suspend')
    expect(told.case.steps.map((s) => [s.id, s.state, s.evidence])).toEqual([
      ['agree', 'done', `material ${paper.id}`], ['clear', 'done', `settlement_agreement ${paper.id}`], ['records', 'done', `settlement_agreement ${paper.id}`],
    ])
    expect(told.case.findings).toContainEqual({
      code: 'settlement_agreed', severity: 'fine', detail: [expect.stringContaining('已有书面延期结算协议'), expect.stringContaining('lets the stop go on')],
    })
    expect(isRefusal(attempt(told, { command: 'approve' }, by({ actor: reviewer })))).toBe(false)
  })
  test('at the checkpoint it is not put off', () => {
    const checkpoint = (told: Told) => {
      const later = following(told, [{ command: 'tick' }, by({ actor: systemActor, now: at('2026-11-25T09:00') })])
      return later.facts.find((f) => f.fact === 'checkpoint_taken')
    }
    const approvedWith = following(agreed('suspend'), [{ command: 'approve' }, by({ actor: reviewer })])
    expect(checkpoint(approvedWith)).toMatchObject({ openCount: 1, outcome: 'proceed' })
    const without = following(submitted('suspend', { policy: { steps: [] } }), [{ command: 'approve' }, by({ actor: reviewer, policy: { steps: [] } })])
    expect(checkpoint(without)).toMatchObject({ openCount: 1, outcome: 'postpone' })
  })
  test('taken back, the steps are open again', () => {
    const told = following(agreed('suspend'), [{ command: 'return-material', material: paper.id, words: '没有盖章' }, by({ actor: reviewer })])
    expect(states(told)).toEqual({ agree: 'open', clear: 'open', records: 'open' })
    expect(agreementOf(told.case)).toBeUndefined()
  })
})

test('a closure waits however much was agreed', () => {
  const told = agreed('close')
  expect(states(told)).toMatchObject({ clear: 'open', records: 'open' })
  expect(told.case.findings.map((f) => f.code)).not.toContain('settlement_agreed')
  expect(attempt(told, { command: 'approve' }, by({ actor: reviewer }))).toMatchObject({ refused: 'steps_open' })
})

describe('three records', () => {
  const one = (of: Records | undefined): [string, string | undefined] => {
    const terminals = [terminal({ records: of })]
    const told = following(opened({}, by({ terminals })), [{ command: 'submit' }, by({ terminals })])
    const found = told.case.steps.find((s) => s.id === 'records')!
    return [found.state, found.evidence]
  }
  test.each<[string, Records | undefined, string, string | undefined]>([
    ['covered and agreeing', records(), 'done', 'run r1: slips.csv, bank.csv'],
    ['a break open', records({ openBreaks: 1 }), 'open', undefined],
    ['a day without the bank', records({ uncovered: 1, missing: { on: '2026-09-04', what: 'bank' } }), 'open', undefined],
    ['nothing ever happened', records({ days: 0, run: undefined, files: [] }), 'done', 'nothing to match'],
    ['never looked at', undefined, 'done', 'nothing to match'],
  ])('%s', (_, of, state, evidence) => expect(one(of)).toEqual([state, evidence]))

  test('a break that comes later opens the step again, one that goes closes it', () => {
    const clear = [terminal({ records: records() })]
    const told = following(opened({}, by({ terminals: clear })), [{ command: 'submit' }, by({ terminals: clear })])
    const now = (of: Records) => following({ ...told, terminals: told.terminals.map((t) => ({ ...t, records: of })) }, [{ command: 'tick' }, by({ actor: systemActor })])
    expect(states(now(records({ openBreaks: 2 })))).toMatchObject({ records: 'open' })
    expect(states(now(records()))).toMatchObject({ records: 'done' })
  })
  test('nobody ticks it, and a waiver takes two', () => {
    const told = submitted('suspend')
    expect(attempt(told, { command: 'complete-step', step: 'records', evidence: 'x' }, by({ actor: reviewer }))).toMatchObject({ refused: 'step_machine_checked' })
    const proposed = following(told, [{ command: 'waive-step', step: 'records', words: 'w' }, by({ actor: reviewer })])
    expect(attempt(proposed, { command: 'waive-step', step: 'records', words: 'w' }, by({ actor: reviewer }))).toMatchObject({ refused: 'second_person' })
  })
})
