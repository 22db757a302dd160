import { describe, expect, test } from 'vitest'
import { demoProviders } from '../demo/policies.ts'
import { plainPolicy } from '../../test/pure.ts'
import { materialsFor, policySchema, secondApprovalRule, stepsFor, straightThroughRule, type Policy, type Subject } from './policy.ts'

const subject = (part: Partial<Subject> = {}): Subject => ({
  kind: 'suspend', reason: 'M02', term: 'temporary', days: 30, terminals: 1, open: { kinds: [], fen: 0 }, goodStanding: true, ...part,
})

describe('the document', () => {
  test.each(demoProviders.map((p) => [p.id, p.policy] as const))('%s’s is one', (_, policy) => {
    expect(policySchema.parse(JSON.parse(JSON.stringify(policy)))).toEqual(policy)
  })

  test.each<[string, (p: Policy) => unknown]>([
    ['a word it does not know', (p) => ({ ...p, leadTime: 3 })],
    ['something left out', ({ drainHours: _, ...p }) => p],
    ['a kind there is not', (p) => ({ ...p, kindsOffered: ['pause'] })],
    ['nothing offered', (p) => ({ ...p, kindsOffered: [] })],
    ['a lead time below nothing', (p) => ({ ...p, leadTimeHours: -1 })],
    ['half an hour of lead time', (p) => ({ ...p, leadTimeHours: 0.5 })],
    ['a drain window of three weeks', (p) => ({ ...p, drainHours: 24 * 21 })],
    ['a temporary stop of two years', (p) => ({ ...p, longestTemporaryDays: 730 })],
    ['an offset nobody can read', (p) => ({ ...p, checkpoint: { ...p.checkpoint, due: { from: 'effectiveFrom', offset: 'two days' } } })],
    ['a rule counted from the moon', (p) => ({ ...p, checkpoint: { ...p.checkpoint, due: { from: 'moon', offset: '-2wd' } } })],
    ['a rule for nothing', (p) => ({ ...p, straightThrough: [{ id: 'x', kinds: [], when: {} }] })],
    ['a condition there is not', (p) => ({ ...p, straightThrough: [{ id: 'x', kinds: ['suspend'], when: { always: true } }] })],
    ['money with a fraction', (p) => ({ ...p, fees: { ...p.fees, reopeningFen: 0.1 } })],
    ['money beyond the bound', (p) => ({ ...p, fees: { ...p.fees, reopeningFen: 10_000_000_01 } })],
    ['no device test', (p) => ({ ...p, deviceTests: [] })],
    ['a response code of three', (p) => ({ ...p, gate: { ...p.gate, responseCodes: { 58: '058' } } })],
    ['a response code for a code there is not', (p) => ({ ...p, gate: { ...p.gate, responseCodes: { 59: '57' } } })],
    ['a step of a kind there is not', (p) => ({ ...p, steps: [{ ...demoProviders[0]!.policy.steps[0]!, step: 'tea' }] })],
    ['a backup at any time', (p) => ({ ...p, backup: { every: 'month_end', at: 'evening' } })],
  ])('is refused with %s', (_, change) => expect(policySchema.safeParse(change(plainPolicy)).success).toBe(false))
})

describe('a rule holds', () => {
  type When = Policy['straightThrough'][number]['when']
  test.each<[When, Partial<Subject>, boolean]>([
    [{}, {}, true],
    [{ term: 'temporary' }, {}, true],
    [{ term: 'temporary' }, { term: 'open_ended', days: undefined }, false],
    [{ daysMax: 30 }, {}, true],
    [{ daysMax: 29 }, {}, false],
    [{ daysMax: 30 }, { days: undefined }, false],
    [{ terminalsMax: 1 }, {}, true],
    [{ terminalsMax: 1 }, { terminals: 2 }, false],
    [{ terminalsMin: 2 }, { terminals: 2 }, true],
    [{ terminalsMin: 2 }, {}, false],
    [{ clearance: 'clear' }, {}, true],
    [{ clearance: 'clear' }, { open: { kinds: ['unsettled'], fen: 1 } }, false],
    [{ clearance: 'drainable' }, { open: { kinds: ['unsettled', 'preauth_open'], fen: 1 } }, true],
    [{ clearance: 'drainable' }, { open: { kinds: ['unsettled', 'dispute_open'], fen: 1 } }, false],
    [{ goodStanding: true }, { goodStanding: false }, false],
    [{ goodStanding: false }, { goodStanding: false }, true],
    [{ openFenMin: 100 }, { open: { kinds: ['unsettled'], fen: 100 } }, true],
    [{ openFenMin: 100 }, { open: { kinds: ['unsettled'], fen: 99 } }, false],
    [{ term: 'temporary', daysMax: 90, goodStanding: true }, { goodStanding: false }, false],
  ])('%j of %j: %s', (when, part, expected) => {
    const policy = { ...plainPolicy, straightThrough: [{ id: 'rule', kinds: ['suspend' as const], when }] }
    expect(straightThroughRule(policy, subject(part))).toBe(expected ? 'rule' : undefined)
  })

  test('for its kinds and, where it names some, its reasons; the first that matches explains', () => {
    const policy: Policy = {
      ...plainPolicy,
      secondApproval: [
        { id: 'moving', kinds: ['suspend'], reasons: ['M03'], when: {} }, { id: 'many', kinds: ['suspend', 'reactivate'], when: { terminalsMin: 3 } },
        { id: 'else', kinds: ['suspend'], when: {} },
      ],
    }
    const rule = (part: Partial<Subject>): string | undefined => secondApprovalRule(policy, subject(part))
    expect([rule({ reason: 'M03', terminals: 9 }), rule({ terminals: 9 }), rule({}), rule({ kind: 'reactivate', terminals: 9 }), rule({ kind: 'extend' })])
      .toEqual(['moving', 'many', 'else', 'many', undefined])
  })
})

describe('every match counts', () => {
  const policy: Policy = {
    ...plainPolicy,
    materials: [
      { id: 'a', kinds: ['suspend'], types: ['application_letter', 'id_card'] }, { id: 'b', kinds: ['suspend', 'close'], reasons: ['M03'], types: ['relocation_proof', 'id_card'] },
      { id: 'c', kinds: ['close'], types: ['other'] },
    ],
    steps: demoProviders[0]!.policy.steps,
  }
  test('materials, each once', () => {
    expect(materialsFor(policy, subject({ reason: 'M03' }))).toEqual(['application_letter', 'id_card', 'relocation_proof'])
    expect(materialsFor(policy, subject())).toEqual(['application_letter', 'id_card'])
    expect(materialsFor(policy, subject({ kind: 'extend' }))).toEqual([])
  })
  test('steps', () => {
    expect(stepsFor(policy, subject({ reason: 'M01' })).map((s) => s.id)).toContain('customer-notice')
    expect(stepsFor(policy, subject({ reason: 'M05' })).map((s) => s.id)).not.toContain('customer-notice')
    expect(stepsFor(policy, subject({ kind: 'reactivate' })).map((s) => s.id)).toEqual(['reopening-fee', 'device-test'])
  })
})
