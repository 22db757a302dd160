// Who ticks a step checked by hand, and who may be handed a case: every role against every role.
import { describe, expect, test } from 'vitest'
import { mayBeAssigned, mayTick, type Actor } from './authority.ts'
import { roles, words, type PartyKind, type Role } from './vocabulary.ts'

const party = (role: Role): PartyKind =>
  role.startsWith('merchant') || role === 'integrator' ? 'merchant' : ['platform_admin', 'auditor', 'system'].includes(role) ? 'platform' : 'provider'
const actor = (role: Role, kind = party(role)): Actor => ({ person: role, account: role, name: role, role, party: { kind, id: 'x' }, via: 'key' })
const all = words(roles)
const ticks = (assignee: Role, isMoney = false): string => all.filter((role) => role !== 'system' && mayTick(actor(role), { assignee, isMoney }) === undefined).join(' ')

describe('who ticks a step', () => {
  test.each<[Role, string]>([
    ['merchant_owner', 'agent merchant_owner integrator'],
    ['merchant_staff', 'agent merchant_owner merchant_staff integrator'],
    ['field', 'reviewer approver field provider_admin'],
    ['operations', 'reviewer approver operations provider_admin'],
    ['finance', 'reviewer approver finance provider_admin'],
    ['agent', 'agent reviewer approver provider_admin'],
    ['risk', 'reviewer approver risk provider_admin'],
  ])('assigned to %s: %s', (assignee, who) => {
    expect(ticks(assignee)).toBe(who)
  })
  test('money: finance alone, whoever it is assigned to', () => {
    for (const assignee of all) expect(ticks(assignee, true)).toBe('finance')
  })
  test('a provider’s own system does not speak for a merchant, and the machine always may', () => {
    expect(mayTick(actor('integrator', 'provider'), { assignee: 'merchant_owner', isMoney: false })).toMatchObject({ refused: 'role_missing' })
    expect(mayTick(actor('system'), { assignee: 'merchant_owner', isMoney: true })).toBeUndefined()
  })
})

test('whoever may be handed a case: while it is reviewed only who may review it, afterwards any desk', () => {
  const who = (isReviewed: boolean): string => all.filter((role) => mayBeAssigned([role], isReviewed)).join(' ')
  expect(who(true)).toBe('agent reviewer approver risk')
  expect(who(false)).toBe('agent reviewer approver finance field risk operations provider_admin')
  expect(mayBeAssigned([], true)).toBe(false)
  expect(mayBeAssigned(['finance', 'reviewer'], true)).toBe(true)
})
