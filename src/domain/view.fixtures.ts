// One provider's rules, one merchant's terminal and case, for the tests of what people are shown. Wednesday 2026-11-25 08:30
// in Shanghai is now unless a test says otherwise; the stop is on Friday at three, the return on 24 February.
import type { Case, Material, Step } from './application/case.ts'
import type { CaseTerminalFacts, Setting } from './application/unfold.ts'
import type { Actor } from './authority.ts'
import { makeCalendar } from './calendar.ts'
import { policySchema, type Policy } from './policy.ts'
import type { Hold } from './terminal.ts'
import { ownerOf, type PartyKind, type Role } from './vocabulary.ts'

export const at = (local: string): number => Date.parse(`${local.replace(' ', 'T')}:00+08:00`)
export const now = at('2026-11-25 08:30')
export const friday = at('2026-11-27 15:00')
export const february = at('2027-02-24 00:00')
export const checkpoint = at('2026-11-25 09:00')

export const policy: Policy = policySchema.parse({
  kindsOffered: ['suspend', 'reactivate', 'extend'],
  leadTimeHours: 24,
  checkpoint: { due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, ifOpen: 'proceed', postponeWorkingDays: 2 },
  drainHours: 24,
  longestTemporaryDays: 180,
  review: Object.fromEntries(['suspend', 'reactivate', 'extend', 'close', 'replace', 'install', 'appeal']
    .map((kind) => [kind, { fromWorkingDays: 3, toWorkingDays: 7 }])),
  returnedAnswerWorkingDays: 5,
  draftKeptDays: 30,
  straightThrough: [],
  secondApproval: [{ id: 'second.many', kinds: ['suspend'], when: { terminalsMin: 3 } }],
  materials: [{ id: 'licence', kinds: ['suspend', 'close'], types: ['business_licence'] }],
  materialsAtSubmission: 'demand',
  steps: [],
  fees: { monthlyInServiceFen: 0, monthlyWhileSuspendedFen: 0, freeSuspendedDays: 90, reopeningFen: 0, earlyTerminationFen: 0, restockingFen: 0 },
  deviceTests: ['print', 'test_sale'],
  reminderDaysBeforeReturn: [7],
  // A provider that does not even approve a closure while money is open.
  closure: { ifOpenAtApproval: 'refuse', underHold: {}, refundWithinDays: 15, disputeWithinDays: 5, chargebackTailDays: 180, deductions: [] },
  installation: { tidLead: '' },
  appeal: { withinDays: 30 },
  complaints: { answerWorkingDays: 5, closeWorkingDays: 10 },
  telling: { registeredPhone: [] },
  channelMaterials: {},
  backup: { every: 'none', at: '02:00' },
  dormancy: { askAfterMonths: 3, answerWithinWorkingDays: 5, stopAfterMonths: 12 },
  gate: { responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true },
  mayPlaceHold: { finance: ['finance'], risk: ['risk'], service_desk: ['agent'], operations: ['operations'] },
})

export const provider = { name: ['云汇支付', 'Yunhui Pay'] as const, hotline: '400-800-0000' }

export function hold(part: Partial<Hold> & Pick<Hold, 'reason'>): Hold {
  const effectiveFrom = part.effectiveFrom ?? friday
  return {
    id: `hold-${part.reason}`, owner: ownerOf(part.reason), effect: 'stop', effectiveFrom, drainUntil: effectiveFrom + 86_400_000,
    expectedUntil: undefined, caseNo: undefined, placedBy: 'someone', startedAt: undefined, shutAt: undefined, clearedAt: undefined,
    liftedAt: undefined, withdrawnAt: undefined, reminders: [], ...part,
  }
}

export function terminal(part: Partial<CaseTerminalFacts> = {}): CaseTerminalFacts {
  return {
    id: '66585402', tid: '66585402', installedAt: at('2025-01-01 10:00'), closedAt: undefined, signOnRequired: false,
    clear: (part.open ?? []).length === 0, hostBlockedAt: undefined, holds: [], open: [], ...part,
  }
}

export const step = (part: Partial<Step> & Pick<Step, 'kind'>): Step => ({
  id: part.kind, rule: part.kind, requirement: 'required', before: 'reopening', dueAt: undefined, assignee: 'finance', state: 'open',
  evidence: undefined, settledAt: undefined, settledBy: undefined, waiverBy: undefined, ...part,
})

export const material = (part: Partial<Material> & Pick<Material, 'type'>): Material =>
  ({ id: `m-${part.type}`, state: 'uploaded', sha256: '0'.repeat(64), addedAt: now, words: undefined, ...part })

export function caseOf(part: Partial<Case> = {}): Case {
  return {
    no: 'TQ-261123-00042-7', kind: 'suspend', state: 'draft', provider: 'yunhui', merchant: '898310058120027', reason: 'M02', words: undefined,
    channel: 'online', proof: undefined, onBehalf: false, effectiveFrom: friday, expectedUntil: february, policyVersion: 1,
    createdAt: at('2026-11-23 09:12'), createdBy: 'owner', submittedAt: undefined, submittedBy: undefined, makers: ['owner'], assignee: undefined,
    reviewedBy: undefined, reviewedDigest: undefined, decidedAt: undefined, decidedBy: undefined, rule: undefined, deadline: undefined,
    daysLeft: undefined, answerBy: undefined, escalatedAt: undefined, checkpointAt: undefined, checkpointTakenAt: undefined,
    begunAt: undefined, endedAt: undefined, terminals: [{ id: '66585402', tid: '66585402', result: 'pending', hold: undefined }],
    steps: [], materials: [], findings: [], ...part,
  }
}

export const submitted: Partial<Case> = {
  state: 'submitted', submittedAt: at('2026-11-23 09:12'), submittedBy: 'owner',
  deadline: { earliestAt: at('2026-11-26 00:00'), at: at('2026-12-02 18:00') }, materials: [material({ type: 'business_licence' })],
}

const partyOf: Readonly<Partial<Record<Role, PartyKind>>> = { merchant_owner: 'merchant', merchant_staff: 'merchant', platform_admin: 'platform', auditor: 'platform' }
export const actor = (role: Role, person: string = role): Actor => {
  const kind = partyOf[role] ?? 'provider'
  return { person, account: person, name: person, role, party: { kind, id: kind === 'merchant' ? '898310058120027' : kind === 'provider' ? 'yunhui' : 'platform' }, via: 'session' }
}

export const setting = (by: Actor, part: Partial<Setting> = {}): Setting => ({
  now, zone: 'Asia/Shanghai', actor: by, policy, policyVersion: 1,
  // 2027's notice is not out; the tests need a working year, so they take 2026's for it.
  calendar: makeCalendar([{ year: 2027, off: ['2027-01-01', '2027-02-06', '2027-02-07', '2027-05-01', '2027-10-01'], work: [] }]),
  providerName: provider.name, goodStanding: true, terminals: [terminal()], others: [], mint: () => 'minted', digest: (text) => `digest of ${text.length}`,
  ...part,
})
