// What a walk reads of the program's answers: the part of the contract its stories speak of.
import type { ApplicationState, HoldOwner, Mode, Reason, Service, StepKind, StepState, TerminalResult } from '../../domain/vocabulary.ts'

type Instant = string
export type Money = { fen: number; currency: string }
export type HoldSeen = {
  id: string; reason: Reason; owner: HoldOwner; effect: string; effectiveFrom: Instant; drainUntil: Instant; expectedUntil: Instant | null
  liftedAt: Instant | null; application: string | null
}
export type TerminalSeen = {
  tid: string; mid: string; provider: string; service: Service; mode: Mode; sentence: string; holds: HoldSeen[]
  upcoming: { at: Instant; mode: Mode; hold: string | null }[]; hostBlockedAt: Instant | null
  clearance: { clear: boolean; items: { kind: string; amount: Money; count: number; dueBy: Instant | null; owner: string }[] }
  allowed: Record<string, boolean | string>
}
export type StepSeen = { id: string; kind: StepKind; dueAt: Instant | null; state: StepState; evidence: string | null }
export type CaseSeen = {
  no: string; kind: string; state: ApplicationState; terminals: { tid: string; result: TerminalResult }[]; effectiveFrom: Instant | null; checkpointAt: Instant | null
  expectedUntil: Instant | null; deadline: { at: Instant; earliestAt: Instant; workingDays: number | null; overdue: boolean } | null; steps: StepSeen[]
  decision: { by: string | null; rule: string | null }; letters: { no: string; kind: string; href: string; verifyHref: string }[]; sentence: string
}
export type FactSeen = { at: Instant; fact: string; sentence: string; application: string | null }
export type NoticeSeen = { id: string; kind: string; at: Instant; sentence: string; terminal: string | null; application: string | null }
export type BackupSeen = { dueAt: Instant; madeAt: Instant | null; verifiedAt: Instant | null; rows: number | null }
export type GateSeen = { decision: 'approve' | 'decline'; code: string; reason: string; sentence: string; mode: Mode; holds: string[]; seq: number }
export type MeSeen = { now: Instant; clock: 'real' | 'manual' }
export type ImportSeen = { id: string; state: string; rows: { total: number; accepted: number; rejected: number }; errors: { line: number; column: string; code: string; detail: string }[] }
