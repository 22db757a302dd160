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
  'bind-device': ['agent', 'field', 'operations'],
  'unbind-device': ['agent', 'field', 'operations'],
  'read-risk': [...desk, ...overseers],
  'hand-over': ['merchant_owner', 'merchant_staff', 'agent', 'field', 'operations'],
  'place-hold': ['agent', 'finance', 'risk', 'operations', 'provider_admin', 'platform_admin'],
  'lift-hold': ['agent', 'finance', 'risk', 'operations', 'provider_admin', 'platform_admin'],
  'answer-dormancy': ['merchant_owner', 'agent'],
  'report-fault': [...merchantSide, 'agent', 'field'],
  'report-loss': ['merchant_owner', 'merchant_staff', 'agent', 'field'],
  'repair-device': ['agent', 'field', 'operations'],
  'demand-rectification': ['risk', 'provider_admin'],
  'hand-in-rectification': applicants,
  'add-evidence': ['merchant_owner', 'merchant_staff', 'agent', 'field', 'operations', 'risk', 'provider_admin'],
  'keep-custody': ['merchant_owner', 'merchant_staff', 'agent', 'field', 'operations'],
  'answer-care': applicants,
  'settle-care': ['agent', 'risk', 'operations', 'provider_admin'],
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
  'manage-webhooks': ['integrator', 'merchant_owner', 'provider_admin', 'platform_admin'],
  'manage-contacts': ['merchant_owner', 'provider_admin'],
  'read-deliveries': ['integrator', 'merchant_owner', 'agent', 'operations', 'provider_admin', ...overseers],
  redeliver: ['integrator', 'merchant_owner', 'agent', 'operations', 'provider_admin', 'platform_admin'],
  'confirm-print': ['agent', 'operations', 'provider_admin'],
  'file-complaint': [...merchantSide, 'agent'],
  'read-complaints': [...merchantSide, ...desk, ...overseers],
  'assign-complaint': ['agent', 'reviewer', 'approver', 'provider_admin'],
  'answer-complaint': ['agent', 'reviewer', 'approver', 'finance', 'risk', 'operations', 'provider_admin'],
  'close-complaint': [...merchantSide, 'agent'],
  'reopen-complaint': merchantSide,
  'run-bulk': ['agent', 'finance', 'field', 'risk', 'operations', 'provider_admin'],
  'confirm-bulk': ['approver', 'finance', 'risk', 'operations', 'provider_admin'],
  'read-bulk': [...desk, ...overseers],
  'read-statistics': [...desk, ...overseers],
  'read-journal': ['platform_admin', 'auditor', 'provider_admin', 'risk'],
  'read-disposal': ['finance', 'risk', 'provider_admin', ...overseers],
  'place-legal-hold': ['risk', 'provider_admin', ...overseers],
  dispose: ['risk', 'provider_admin', 'platform_admin'],
  'read-policy': [...desk, ...overseers],
  'write-policy': ['provider_admin'],
  'read-people': ['platform_admin', 'auditor', 'provider_admin', 'reviewer', 'approver'],
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

/** Who answers for a side, and so for every step of it that is not about money. An agent speaks for the merchant on the telephone. */
const answersFor: Readonly<Record<'merchant' | 'provider', readonly Role[]>> = {
  merchant: ['merchant_owner', 'integrator', 'agent'], provider: ['reviewer', 'approver', 'provider_admin'],
}

/** Who ticks a step checked by hand: whom it is assigned to, or who answers for that side; money only the desk that receives it. */
export function mayTick(actor: Actor, step: { assignee: Role; isMoney: boolean }): Refusal | undefined {
  if (actor.role === 'system') return undefined
  const side = (merchantSide as readonly Role[]).includes(step.assignee) ? 'merchant' : 'provider'
  const who = step.isMoney ? (['finance'] as const) : [...new Set([step.assignee, ...answersFor[side]])]
  // A provider's own system stands for nobody's side.
  const isSomebody = actor.role !== 'integrator' || actor.party.kind === side
  if (isSomebody && (who as readonly Role[]).includes(actor.role)) return undefined
  const named = (i: 0 | 1): string => who.map((r) => roleWords[r][i]).join(i === 0 ? '、' : ', ')
  return refuse('role_missing', { role: roleWords[actor.role], needed: [named(0), named(1)] })
}

/** Roles that can work a case while it is looked at; afterwards any desk that carries it out. */
export const mayBeAssigned = (roles: readonly Role[], isReviewed: boolean): boolean =>
  roles.some((role) => ((isReviewed ? authority.claim : desk) as readonly Role[]).includes(role))

/** Which rights a role has at all – what `GET /me` tells. */
export const rightsOf = (role: Role): Right[] =>
  (Object.keys(authority) as Right[]).filter((right) => (authority[right] as readonly Role[]).includes(role))

/** Whether this role may place and lift holds of that desk, by the provider's policy. The merchant's go through cases only. */
export const mayHold = (actor: Actor, owner: HoldOwner, policy: Policy): boolean =>
  actor.role === 'system' || (actor.party.kind === 'provider' && (policy.mayPlaceHold[owner] ?? []).includes(actor.role))

/** Kinds of case a party may start itself; an appeal or installation is the merchant's, too. */
export const mayStart = (_actor: Actor, kind: ApplicationKind, policy: Policy): boolean => policy.kindsOffered.includes(kind)
