// Who may do what. One table: command → roles. Ownership (whose object it is) is the store's business – what a party may not
// see does not exist for it – and "another person" is looked at by the commands that need it.
import { roles as roleWords, type ApplicationKind, type HoldOwner, type PartyKind, type Role } from './vocabulary.ts'
import { refuse, type Refusal } from './refusals.ts'
import type { Policy } from './policy.ts'

export type Actor = {
  /** The human (or machine) behind however many accounts and keys. */
  person: string
  account: string
  name: string
  role: Role
  party: { kind: PartyKind; id: string }
  via: 'session' | 'key' | 'system'
}

export const systemActor: Actor = {
  person: 'system', account: 'system', name: 'Tingqi', role: 'system', party: { kind: 'platform', id: 'platform' }, via: 'system',
}

const merchantSide = ['merchant_owner', 'merchant_staff', 'integrator'] as const satisfies Role[]
const applicants = ['merchant_owner', 'integrator', 'agent'] as const satisfies Role[]
const desk = ['agent', 'reviewer', 'approver', 'finance', 'field', 'risk', 'operations', 'provider_admin'] as const satisfies Role[]
const overseers = ['platform_admin', 'auditor'] as const satisfies Role[]

export const authority = {
  read: [...merchantSide, ...desk, ...overseers],
  create: ['merchant_owner', 'merchant_staff', 'integrator', 'agent'],
  submit: applicants,
  withdraw: applicants,
  'add-material': ['merchant_owner', 'merchant_staff', 'integrator', 'agent'],
  claim: ['agent', 'reviewer', 'approver', 'risk'],
  assign: ['reviewer', 'approver', 'provider_admin'],
  return: ['reviewer', 'approver'],
  approve: ['reviewer', 'approver'],
  reject: ['reviewer', 'approver'],
  'accept-material': ['agent', 'reviewer', 'approver'],
  'return-material': ['agent', 'reviewer', 'approver'],
  'complete-step': [...applicants, 'merchant_staff', ...desk],
  'waive-step': ['reviewer', 'approver', 'finance', 'provider_admin'],
  'record-test': ['field', 'operations', 'agent'],
  'place-hold': ['agent', 'finance', 'risk', 'operations', 'provider_admin', 'platform_admin'],
  'lift-hold': ['agent', 'finance', 'risk', 'operations', 'provider_admin', 'platform_admin'],
  'answer-dormancy': ['merchant_owner', 'agent'],
  'ship-device': [...merchantSide, 'agent', 'field'],
  'receive-device': ['agent', 'field', 'operations'],
  'inspect-device': ['field'],
  'restock-device': ['field', 'operations'],
  'retire-device': ['field', 'operations'],
  'lose-device': ['agent', 'field', 'operations'],
  'propose-deduction': ['finance'],
  'accept-deduction': ['merchant_owner', 'integrator'],
  'dispute-deduction': ['merchant_owner', 'integrator'],
  'confirm-refund': ['finance', 'approver', 'provider_admin'],
  import: ['platform_admin', 'provider_admin', 'operations', 'finance'],
  'import-calendar': ['platform_admin'],
  reconcile: ['finance', 'operations', 'provider_admin', 'platform_admin'],
  'read-settlement': [...merchantSide, ...desk, ...overseers],
  'assign-break': ['finance', 'operations', 'provider_admin'],
  'explain-break': [...merchantSide, 'agent', 'finance', 'operations', 'provider_admin'],
  'accept-break': ['finance', 'approver', 'provider_admin'],
  'read-money': ['merchant_owner', 'integrator', 'agent', 'reviewer', 'approver', 'finance', 'provider_admin', ...overseers],
  'record-payment': ['finance'],
  'issue-invoice': ['finance'],
  'waive-fee': ['finance', 'provider_admin'],
  'write-contract': ['finance', 'provider_admin'],
  'write-channel': ['provider_admin'],
  'read-journal': ['platform_admin', 'auditor', 'provider_admin', 'risk'],
  'read-policy': [...desk, ...overseers],
  'write-policy': ['provider_admin'],
  'read-people': ['platform_admin', 'auditor', 'provider_admin'],
  'read-gates': ['operations', 'provider_admin', ...overseers],
  'run-gates': ['operations', 'platform_admin'],
  'ask-gate': ['integrator', ...desk, ...overseers, 'merchant_owner', 'merchant_staff'],
  'move-clock': ['platform_admin'],
} as const satisfies Record<string, readonly Role[]>
export type Right = keyof typeof authority

/** Undefined when the actor's role has the right; else the refusal that names the roles which do. */
export function mayNot(actor: Actor, right: Right): Refusal | undefined {
  if (actor.role === 'system' || (authority[right] as readonly Role[]).includes(actor.role)) return undefined
  const named = (i: 0 | 1): string => authority[right].map((r) => roleWords[r][i]).join(i === 0 ? '、' : ', ')
  return refuse('role_missing', { role: roleWords[actor.role], needed: [named(0), named(1)] })
}

/** Which rights a role has at all – what `GET /me` tells. */
export const rightsOf = (role: Role): Right[] =>
  (Object.keys(authority) as Right[]).filter((right) => (authority[right] as readonly Role[]).includes(role))

/** Whether this role may place and lift holds of that desk, by the provider's policy. The merchant's go through cases only. */
export const mayHold = (actor: Actor, owner: HoldOwner, policy: Policy): boolean =>
  actor.role === 'system' || (actor.party.kind === 'provider' && (policy.mayPlaceHold[owner] ?? []).includes(actor.role))

/** Kinds of case a party may start itself; an appeal or installation is the merchant's, too. */
export const mayStart = (_actor: Actor, kind: ApplicationKind, policy: Policy): boolean => policy.kindsOffered.includes(kind)
