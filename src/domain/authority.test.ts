import { expect, test } from 'vitest'
import { golden, grid } from '../../test/golden.ts'
import { actor, plainPolicy } from '../../test/pure.ts'
import { authority, mayHold, mayNot, mayStart, rightsOf, systemActor, type Right } from './authority.ts'
import { sentenceOf } from './refusals.ts'
import { holdOwners, roles, words } from './vocabulary.ts'

const rights = Object.keys(authority) as Right[]
const people = words(roles).filter((role) => role !== 'system')

test('who may do what', () => {
  golden('authority', grid('right × role', 'right', people, rights.map((right) => [right, people.map((role) => (mayNot(actor('somebody', role), right) ? '·' : 'yes'))])))
})

test('the system may do everything, and nobody is given its role by the table', () => {
  for (const right of rights) {
    expect(mayNot(systemActor, right)).toBeUndefined()
    expect(authority[right] as readonly string[]).not.toContain('system')
  }
})

test('a role’s rights are those it is not refused', () => {
  for (const role of people) expect(rightsOf(role)).toEqual(rights.filter((right) => mayNot(actor('somebody', role), right) === undefined))
})

test('a refusal names the role and those that may', () => {
  const refusal = mayNot(actor('owner', 'merchant_owner'), 'approve')!
  expect(refusal.refused).toBe('role_missing')
  expect(sentenceOf(refusal, 'en')).toBe(`Your role (${roles.merchant_owner[1]}) may not do this; needed: reviewer, approver.`)
  expect(sentenceOf(refusal, 'zh')).toContain('审核、复核')
})

test('who may place and lift holds of which desk, by the policy', () => {
  const owners = words(holdOwners)
  golden('hold-owners', grid('role × owner of the hold', 'role', owners, people.map((role) => [role, owners.map((owner) => (mayHold(actor('somebody', role), owner, plainPolicy) ? 'yes' : '·'))])))
  for (const owner of owners) {
    expect(mayHold(systemActor, owner, plainPolicy)).toBe(true)
    // Whoever is not of a provider holds nothing, even with a role the policy names.
    expect(mayHold({ ...actor('somebody', 'risk'), party: { kind: 'merchant', id: 'm' } }, owner, plainPolicy)).toBe(false)
    expect(mayHold(actor('somebody', 'risk'), owner, { ...plainPolicy, mayPlaceHold: {} })).toBe(false)
  }
  expect(mayHold(actor('somebody', 'provider_admin'), 'merchant', plainPolicy)).toBe(false)
})

test('only kinds the provider offers are started', () => {
  expect(mayStart(systemActor, 'suspend', plainPolicy)).toBe(true)
  expect(mayStart(systemActor, 'close', plainPolicy)).toBe(false)
})
