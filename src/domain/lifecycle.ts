// Every state machine as an allow-table: command → the states it is legal in. A missing cell is the refusal, so a new state
// is closed everywhere until somebody opens it. docs/machines.md is generated from here.
import type { ApplicationState, MaterialState, StepState } from './vocabulary.ts'

export type ApplicationCommand =
  | 'submit' | 'withdraw' | 'claim' | 'assign' | 'return' | 'approve' | 'reject'
  | 'complete-step' | 'waive-step' | 'record-test' | 'add-material' | 'accept-material' | 'return-material' | 'tick'

/** What a case may be asked to do, and when. `tick` is the clock's own command: whatever fell due is done. */
export const applicationMachine: Readonly<Record<ApplicationCommand, readonly ApplicationState[]>> = {
  submit: ['draft', 'returned'],
  withdraw: ['draft', 'submitted', 'in_review', 'returned', 'second_review', 'approved'],
  claim: ['submitted', 'in_review', 'second_review'],
  assign: ['submitted', 'in_review', 'second_review', 'approved', 'in_progress'],
  return: ['submitted', 'in_review', 'second_review'],
  approve: ['submitted', 'in_review', 'second_review'],
  reject: ['submitted', 'in_review', 'second_review'],
  // Some steps fall due when the stop is long done: a notice by the first working day of next month, a test before the return.
  'complete-step': ['submitted', 'in_review', 'second_review', 'approved', 'in_progress', 'completed'],
  'waive-step': ['submitted', 'in_review', 'second_review', 'approved', 'in_progress'],
  'record-test': ['in_progress'],
  'add-material': ['draft', 'submitted', 'in_review', 'returned', 'second_review', 'approved', 'in_progress'],
  'accept-material': ['submitted', 'in_review', 'second_review'],
  'return-material': ['submitted', 'in_review', 'second_review'],
  tick: ['draft', 'submitted', 'in_review', 'returned', 'second_review', 'approved', 'in_progress'],
}

/**
 * Which state may follow which, fact by fact; one command may take several of these steps. Nothing fails yet: that is for
 * kinds whose effect can be tried and miss.
 */
export const applicationMoves: Readonly<Record<ApplicationState, readonly ApplicationState[]>> = {
  draft: ['submitted', 'withdrawn', 'expired'],
  submitted: ['in_review', 'returned', 'second_review', 'approved', 'rejected', 'withdrawn'],
  in_review: ['returned', 'second_review', 'approved', 'rejected', 'withdrawn'],
  returned: ['submitted', 'withdrawn', 'expired'],
  second_review: ['in_review', 'returned', 'approved', 'rejected', 'withdrawn'],
  approved: ['in_progress', 'completed', 'withdrawn', 'failed'],
  in_progress: ['completed', 'failed'],
  completed: [],
  rejected: [],
  withdrawn: [],
  expired: [],
  failed: [],
}

export const stepMachine: Readonly<Record<'complete' | 'waive' | 'fail' | 'reopen', readonly StepState[]>> = {
  complete: ['open', 'failed'],
  waive: ['open', 'failed'],
  fail: ['open', 'failed'],
  reopen: ['done', 'failed'],
}

export const materialMachine: Readonly<Record<'accept' | 'return', readonly MaterialState[]>> = {
  accept: ['uploaded', 'returned'],
  return: ['uploaded', 'accepted'],
}

/** The life of one hold; every arrow is a fact of terminal.ts. */
export const holdMachine = {
  scheduled: ['started', 'withdrawn'],
  started: ['shut', 'cleared'],
  shut: ['cleared'],
  cleared: ['lifted'],
  lifted: [],
  withdrawn: [],
} as const
export type HoldState = keyof typeof holdMachine
