// A case (办件): someone asks, someone decides, steps follow, a letter proves it. This file holds what a case is and how
// facts change it; decide.ts says which facts a command brings about, advance.ts what time and other facts bring about.
import type {
  ApplicationKind, ApplicationState, Channel, DeviceType, LetterKind, MaterialState, MaterialType, ProofKind, Reason, Requirement, Role, Severity,
  StepKind, StepMoment, StepState, Term, TerminalResult, Words,
} from '../vocabulary.ts'
import type { ReturnFact } from '../device.ts'
import type { Subject } from '../policy.ts'
import type { TerminalFact } from '../terminal.ts'

export type Step = {
  id: string
  /** The policy rule that demanded it. */
  rule: string
  kind: StepKind
  requirement: Requirement
  before: StepMoment
  dueAt: number | undefined
  assignee: Role
  state: StepState
  evidence: string | undefined
  settledAt: number | undefined
  settledBy: string | undefined
  /** A waiver about money waits here for a second person. */
  waiverBy: string | undefined
}

export type Material = {
  id: string
  type: MaterialType
  state: MaterialState
  sha256: string
  addedAt: number
  words: string | undefined
}

/** A case as rules saw it at its first submission: numbers, days and words of closed sets. */
export type SubmittedFacts = {
  subject: Subject
  /** Handed in by then. */
  materials: readonly MaterialType[]
  effectiveFrom?: number | undefined
  expectedUntil?: number | undefined
  /** When the stop in question begins, or began. */
  begins: number
}

export type Finding = { code: string; severity: Severity; detail: Words }

/** `from` and `to`: serial of the device a case took off the terminal, and of the one it put on; the same where it was put back. */
export type CaseTerminal = { id: string; tid: string; result: TerminalResult; hold: string | undefined; from?: string | undefined; to?: string | undefined }

/** What a new installation is to be. */
/** `store` is the register's number of it. */
export type Wish = { store: string; storeName: string; count: number; deviceType?: DeviceType | undefined }

export type Case = {
  no: string
  kind: ApplicationKind
  state: ApplicationState
  provider: string
  merchant: string
  reason: Reason
  words: string | undefined
  channel: Channel
  /** Proof of the merchant's consent where somebody files for it: recording number, scan, signature. */
  proof: string | undefined
  proofKind?: ProofKind | undefined
  onBehalf: boolean
  effectiveFrom: number | undefined
  expectedUntil: number | undefined
  wish?: Wish | undefined
  policyVersion: number | undefined
  createdAt: number
  createdBy: string
  submittedAt: number | undefined
  submittedBy: string | undefined
  /** What rules looked at when it was first submitted; written once, never read by a decision. */
  submittedWith?: SubmittedFacts | undefined
  /** Everybody who made it what it is: opened it, or submitted it, the first time or again. None of them approves it. */
  makers: readonly string[]
  assignee: string | undefined
  /** Person and dossier digest of the first review; cleared when the dossier changes. */
  reviewedBy: string | undefined
  reviewedDigest: string | undefined
  decidedAt: number | undefined
  decidedBy: string | undefined
  /** Rule of the policy that approved it straight through, or that demanded a second approval. */
  rule: string | undefined
  deadline: { earliestAt: number; at: number } | undefined
  /** While returned: working days left on the clock, and by when an answer must come. */
  daysLeft: number | undefined
  answerBy: number | undefined
  escalatedAt: number | undefined
  checkpointAt: number | undefined
  checkpointTakenAt: number | undefined
  begunAt: number | undefined
  endedAt: number | undefined
  terminals: readonly CaseTerminal[]
  steps: readonly Step[]
  materials: readonly Material[]
  findings: readonly Finding[]
}

export type CaseFact =
  | { fact: 'opened'; case: Case }
  | { fact: 'submitted'; at: number; by: string; policyVersion: number; deadline: { earliestAt: number; at: number }; checkpointAt: number | undefined; with?: SubmittedFacts | undefined }
  | { fact: 'found'; findings: readonly Finding[] }
  | { fact: 'steps_planned'; steps: readonly Step[] }
  | { fact: 'claimed'; by: string }
  | { fact: 'assigned'; to: string }
  | { fact: 'returned'; by: string; at: number; words: string; materials: readonly { type: MaterialType; words: string }[]; daysLeft: number; answerBy: number }
  | { fact: 'reviewed'; by: string; at: number; digest: string; rule: string }
  | { fact: 'review_voided' }
  | { fact: 'approved'; by: string; at: number; rule: string | undefined; policyVersion: number }
  | { fact: 'rejected'; by: string; at: number; words: string }
  | { fact: 'withdrawn'; by: string; at: number }
  | { fact: 'expired'; at: number }
  | { fact: 'escalated'; at: number }
  | { fact: 'material_added'; material: Material }
  | { fact: 'material_accepted'; material: string; by: string }
  | { fact: 'material_returned'; material: string; by: string; words: string }
  | { fact: 'step_settled'; step: string; state: StepState; at: number; by: string; evidence: string | undefined }
  | { fact: 'step_reopened'; step: string }
  | { fact: 'waiver_proposed'; step: string; by: string; words: string }
  | { fact: 'step_due'; step: string; dueAt: number }
  | { fact: 'checkpoint_taken'; at: number; openCount: number; openFen: number; outcome: 'proceed' | 'postpone' }
  | { fact: 'postponed'; effectiveFrom: number; checkpointAt: number | undefined }
  | { fact: 'begun'; at: number }
  | { fact: 'result'; terminal: string; result: TerminalResult; hold: string | undefined }
  | { fact: 'reserved'; terminal: string; tid: string; at: number }
  | { fact: 'completed'; at: number; letter: LetterKind | undefined }

export type Fact = CaseFact | TerminalFact | ReturnFact

export const termOfCase = (c: Pick<Case, 'expectedUntil'>): Term => (c.expectedUntil === undefined ? 'open_ended' : 'temporary')

export function evolveCase(c: Case, fact: CaseFact): Case {
  const step = (id: string, part: Partial<Step>): Case => ({
    ...c, steps: c.steps.map((s) => (s.id === id ? { ...s, ...part } : s)),
  })
  const material = (id: string, part: Partial<Material>): Case => ({
    ...c, materials: c.materials.map((m) => (m.id === id ? { ...m, ...part } : m)),
  })
  switch (fact.fact) {
    case 'opened': return fact.case
    case 'submitted': return {
      ...c, state: 'submitted', submittedWith: c.submittedWith ?? fact.with, submittedAt: c.submittedAt ?? fact.at, submittedBy: fact.by, makers: [...new Set([...c.makers, fact.by])], policyVersion: fact.policyVersion,
      deadline: fact.deadline, checkpointAt: fact.checkpointAt, daysLeft: undefined, answerBy: undefined, escalatedAt: undefined,
    }
    case 'found': return { ...c, findings: fact.findings }
    case 'steps_planned': return { ...c, steps: fact.steps }
    case 'claimed': return { ...c, assignee: fact.by, state: c.state === 'submitted' ? 'in_review' : c.state }
    case 'assigned': return { ...c, assignee: fact.to, state: c.state === 'submitted' ? 'in_review' : c.state }
    case 'returned': return {
      ...c, state: 'returned', daysLeft: fact.daysLeft, answerBy: fact.answerBy, reviewedBy: undefined, reviewedDigest: undefined,
      materials: c.materials.map((m) => {
        const wrong = fact.materials.find((r) => r.type === m.type)
        return wrong ? { ...m, state: 'returned', words: wrong.words } : m
      }),
    }
    case 'reviewed': return {
      ...c, state: 'second_review', reviewedBy: fact.by, reviewedDigest: fact.digest, rule: fact.rule, assignee: undefined,
    }
    case 'review_voided': return { ...c, state: 'in_review', reviewedBy: undefined, reviewedDigest: undefined }
    case 'approved': return {
      ...c, state: 'approved', decidedAt: fact.at, decidedBy: fact.by, rule: fact.rule ?? c.rule,
      materials: c.materials.map((m) => (m.state === 'uploaded' ? { ...m, state: 'accepted' } : m)),
    }
    case 'rejected': return { ...c, state: 'rejected', decidedAt: fact.at, decidedBy: fact.by, endedAt: fact.at }
    case 'withdrawn': return { ...c, state: 'withdrawn', endedAt: fact.at }
    case 'expired': return { ...c, state: 'expired', endedAt: fact.at }
    case 'escalated': return { ...c, escalatedAt: fact.at }
    case 'material_added': return { ...c, materials: [...c.materials, fact.material] }
    case 'material_accepted': return material(fact.material, { state: 'accepted', words: undefined })
    case 'material_returned': return material(fact.material, { state: 'returned', words: fact.words })
    case 'step_settled': return step(fact.step, { state: fact.state, settledAt: fact.at, settledBy: fact.by, evidence: fact.evidence, waiverBy: undefined })
    case 'step_reopened': return step(fact.step, { state: 'open', settledAt: undefined, settledBy: undefined, evidence: undefined })
    case 'waiver_proposed': return step(fact.step, { waiverBy: fact.by, evidence: fact.words })
    case 'step_due': return step(fact.step, { dueAt: fact.dueAt })
    case 'checkpoint_taken': return { ...c, checkpointTakenAt: fact.at }
    case 'postponed': return { ...c, effectiveFrom: fact.effectiveFrom, checkpointAt: fact.checkpointAt, checkpointTakenAt: undefined }
    case 'begun': return { ...c, state: 'in_progress', begunAt: fact.at }
    case 'result': return {
      ...c, terminals: c.terminals.map((t) => (t.id === fact.terminal ? { ...t, result: fact.result, hold: fact.hold } : t)),
    }
    case 'reserved': return { ...c, terminals: [...c.terminals, { id: fact.terminal, tid: fact.tid, result: 'pending', hold: undefined }] }
    case 'completed': return { ...c, state: 'completed', endedAt: fact.at }
  }
}

/** Which device is on its terminal is the case's business too: it links the old one with the new. */
export const evolveDevices = (c: Case, fact: Extract<TerminalFact, { fact: 'device_bound' | 'device_unbound' }>): Case => ({
  ...c, terminals: c.terminals.map((t) => (t.id !== fact.terminal ? t : fact.fact === 'device_bound' ? { ...t, to: fact.device.serial } : c.kind === 'replace' && t.to === undefined ? { ...t, from: t.from ?? fact.serial } : { ...t, to: undefined })),
})
