// What a decision looks at, made by hand: no database, no clock. Everything has a plain default, and a test names only what
// it is about.
import { decide, openCase, type CaseCommand, type NewCase } from '../src/domain/application/decide.ts'
import type { Case, Material } from '../src/domain/application/case.ts'
import type { CaseTerminalFacts, Setting, Sheet } from '../src/domain/application/unfold.ts'
import { decideOnReturn } from '../src/domain/application/returns.ts'
import type { LineCommand, Return } from '../src/domain/device.ts'
import type { Actor } from '../src/domain/authority.ts'
import { makeCalendar } from '../src/domain/calendar.ts'
import { careSchema } from '../src/domain/care-policy.ts'
import type { Policy } from '../src/domain/policy.ts'
import { isRefusal, type Refusal } from '../src/domain/refusals.ts'
import type { Hold } from '../src/domain/terminal.ts'
import { testItems, words, type MaterialType, type Role } from '../src/domain/vocabulary.ts'

export const zone = 'Asia/Shanghai'
export const calendar = makeCalendar()
/** '2026-11-27T15:00' on the wall in Shanghai → epoch ms. */
export const at = (local: string): number => Date.parse(`${local}${local.length <= 16 ? ':00' : ''}+08:00`)
export const hour_ms = 3_600_000
export const day_ms = 24 * hour_ms

export const actor = (person: string, role: Role): Actor => ({
  person, account: `${person}-${role}`, name: person, role, via: 'session',
  party: role.startsWith('merchant') || role === 'integrator' ? { kind: 'merchant', id: '102290058120001' }
    : role === 'platform_admin' || role === 'auditor' ? { kind: 'platform', id: 'platform' } : { kind: 'provider', id: 'yunhui' },
})
export const owner = actor('owner', 'merchant_owner')
export const reviewer = actor('reviewer', 'reviewer')
export const approver = actor('approver', 'approver')

/** Everything by hand: no straight-through, no second approval, no materials, no steps, no fees. */
export const plainPolicy: Policy = {
  kindsOffered: ['suspend', 'reactivate', 'extend'],
  leadTimeHours: 0,
  checkpoint: { due: { from: 'effectiveFrom', offset: '-2wd', at: '09:00' }, ifOpen: 'proceed', postponeWorkingDays: 2 },
  drainHours: 24,
  longestTemporaryDays: 180,
  review: {
    suspend: { fromWorkingDays: 3, toWorkingDays: 7 }, reactivate: { fromWorkingDays: 1, toWorkingDays: 3 }, extend: { fromWorkingDays: 1, toWorkingDays: 3 },
    close: { fromWorkingDays: 3, toWorkingDays: 7 }, replace: { fromWorkingDays: 1, toWorkingDays: 5 }, install: { fromWorkingDays: 3, toWorkingDays: 7 },
    appeal: { fromWorkingDays: 3, toWorkingDays: 7 },
  },
  returnedAnswerWorkingDays: 10,
  draftKeptDays: 30,
  straightThrough: [],
  secondApproval: [],
  materials: [],
  materialsAtSubmission: 'may_follow',
  steps: [],
  fees: { monthlyInServiceFen: 0, monthlyWhileSuspendedFen: 0, freeSuspendedDays: 90, reopeningFen: 0, earlyTerminationFen: 0, restockingFen: 0 },
  settlement: { acceptAloneFenMax: 10_000, breakDueWorkingDays: 3, recordsDays: 90 },
  deviceTests: [...words(testItems)],
  reminderDaysBeforeReturn: [7, 1],
  closure: { ifOpenAtApproval: 'wait', underHold: {}, refundWithinDays: 15, disputeWithinDays: 5, chargebackTailDays: 180, deductions: [] },
  bulk: { aloneTerminalsMax: 500, windowOpensByItself: true },
  care: careSchema.parse({}),
  installation: { tidLead: '' },
  appeal: { withinDays: 30 },
  complaints: { answerWorkingDays: 5, closeWorkingDays: 10 },
  telling: { registeredPhone: [] },
  channelMaterials: {},
  backup: { every: 'month_end', at: '20:00' },
  dormancy: { askAfterMonths: 3, answerWithinWorkingDays: 10, stopAfterMonths: 12 },
  gate: { responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true },
  mayPlaceHold: {
    service_desk: ['agent', 'operations'], risk: ['risk'], finance: ['finance'], operations: ['operations'], compliance: ['risk', 'provider_admin'],
  },
}

export const terminal = (part: Partial<CaseTerminalFacts> = {}): CaseTerminalFacts => ({
  id: '10000001', tid: '10000001', installedAt: at('2024-01-01T00:00'), closedAt: undefined, signOnRequired: false, clear: true,
  hostBlockedAt: undefined, gatesKnowAt: at('2024-01-01T00:00'), holds: [], open: [], ...part,
})

export const hold = (part: Partial<Hold> = {}): Hold => {
  const effectiveFrom = part.effectiveFrom ?? at('2026-11-27T15:00')
  return {
    id: 'h1', reason: 'M02', owner: 'merchant', effect: 'stop', effectiveFrom, drainUntil: effectiveFrom + day_ms, expectedUntil: undefined,
    caseNo: undefined, placedBy: 'somebody', startedAt: undefined, shutAt: undefined, clearedAt: undefined, liftedAt: undefined,
    withdrawnAt: undefined, reminders: [], ...part,
  }
}

export const unsettled = { kind: 'unsettled', amountFen: 58_800, count: 1, owner: 'merchant' } as const

let minted = 0
export const setting = (part: Partial<Omit<Setting, 'policy'>> & { policy?: Partial<Policy> } = {}): Setting => ({
  now: at('2026-11-23T10:00'), zone, actor: owner, policyVersion: 1, calendar, providerName: ['云汇支付', 'Yunhui Pay'], goodStanding: true,
  terminals: [terminal()], others: [], mint: () => `minted-${++minted}`, digest: (text) => text, ...part, policy: { ...plainPolicy, ...part.policy },
})

export const material = (type: MaterialType, part: Partial<Material> = {}): Material =>
  ({ id: `material-${++minted}`, type, state: 'uploaded', sha256: 'ab', addedAt: at('2026-11-23T10:00'), words: undefined, ...part })

export const suspension: NewCase = {
  no: 'TQ-261123-00001-0', kind: 'suspend', provider: 'yunhui', merchant: '102290058120001', reason: 'M02', channel: 'online', onBehalf: false,
  effectiveFrom: at('2026-11-27T15:00'), expectedUntil: at('2026-12-24T09:00'),
}

export const passed = words(testItems).map((item) => ({ item, passed: true }))

/** A case as it came about: its dossier after every step, and the facts of all of them. */
export type Told = { case: Case; terminals: CaseTerminalFacts[]; returns?: Return[]; facts: Sheet['facts'] }

export function opened(wanted: Partial<NewCase>, by: Setting): Told {
  const decision = openCase({ ...suspension, ...wanted }, by)
  if (isRefusal(decision)) throw new Error(`refused: ${decision.refused}`)
  return { case: decision.sheet.case, terminals: [...decision.sheet.terminals.values()], facts: [...decision.facts] }
}

/** Carries a command to a case, on the terminals as they stand; `by` may change who asks and when. */
export function attempt(told: Told, command: CaseCommand, by: Setting): Told | Refusal {
  return went(told, decide(told.case, command, { ...by, terminals: told.terminals, returns: told.returns }))
}
/** Carries a command to the device of a terminal that is on its way back. */
export function attemptReturn(told: Told, tid: string, command: LineCommand, by: Setting): Told | Refusal {
  const rma = told.returns?.find((r) => r.terminal === tid)?.rma ?? ''
  return went(told, decideOnReturn(told.case, rma, command, { ...by, terminals: told.terminals, returns: told.returns }))
}
const went = (told: Told, decision: ReturnType<typeof decide>): Told | Refusal => isRefusal(decision) ? decision : {
  case: decision.sheet.case, terminals: [...decision.sheet.terminals.values()], returns: [...decision.sheet.returns.values()],
  facts: [...told.facts, ...decision.facts],
}

export function following(told: Told, ...commands: readonly [CaseCommand, Setting][]): Told {
  let now = told
  for (const [command, by] of commands) {
    const next = attempt(now, command, by)
    if (isRefusal(next)) throw new Error(`${command.command} was refused: ${next.refused}`)
    now = next
  }
  return now
}

/** The code of a refusal, or 'accepted'. */
export const verdictOf = (value: unknown): string => (isRefusal(value) ? value.refused : 'accepted')
