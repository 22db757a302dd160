// Every state machine as an allow-table: command → the states it is legal in. A missing cell is the refusal, so a new state
// is closed everywhere until somebody opens it. docs/machines.md is generated from here.
import type { ApplicationState, BreakState, DepositState, DutyState, MaterialState, ReturnState, StepState, TicketState, Words } from './vocabulary.ts'

export type ApplicationCommand =
  | 'submit' | 'withdraw' | 'claim' | 'assign' | 'return' | 'approve' | 'reject'
  | 'complete-step' | 'waive-step' | 'bind-device' | 'unbind-device' | 'record-test' | 'add-material' | 'accept-material' | 'return-material' | 'tick'

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
  // An installation begins with its device; a replacement's comes off once it has begun.
  'bind-device': ['approved', 'in_progress'],
  'unbind-device': ['in_progress'],
  'record-test': ['in_progress'],
  'add-material': ['draft', 'submitted', 'in_review', 'returned', 'second_review', 'approved', 'in_progress'],
  'accept-material': ['submitted', 'in_review', 'second_review'],
  'return-material': ['submitted', 'in_review', 'second_review'],
  tick: ['draft', 'submitted', 'in_review', 'returned', 'second_review', 'approved', 'in_progress'],
}

/** How people name each of them. */
export const commandWords: Readonly<Record<ApplicationCommand, Words>> = {
  submit: ['提交', 'submit'], withdraw: ['撤回', 'withdraw'], claim: ['领取', 'claim'], assign: ['转办', 'assign'],
  return: ['退回补件', 'return'], approve: ['批准', 'approve'], reject: ['驳回', 'reject'],
  'complete-step': ['完成事项', 'complete a step'], 'waive-step': ['豁免事项', 'waive a step'],
  'bind-device': ['装上机具', 'put a device on'], 'unbind-device': ['拆下机具', 'take the device off'],
  'record-test': ['登记测试', 'record a test'], 'add-material': ['补交材料', 'add a material'],
  'accept-material': ['采信材料', 'accept a material'], 'return-material': ['退回材料', 'return a material'], tick: ['推进', 'tick'],
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
  // A closure that has begun is undone by a reactivation.
  in_progress: ['completed', 'withdrawn', 'failed'],
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

/** A break is worked by people until it is accepted, or resolved by a later file; `resolve` and `find` are the matcher's. */
export const breakMachine: Readonly<Record<BreakCommandName | 'resolve' | 'find', readonly BreakState[]>> = {
  assign: ['open', 'proposed'],
  explain: ['open', 'proposed'],
  accept: ['open'],
  confirm: ['proposed'],
  reopen: ['proposed', 'accepted'],
  resolve: ['open', 'proposed', 'accepted'],
  find: ['resolved'],
}
export type BreakCommandName = 'assign' | 'explain' | 'accept' | 'confirm' | 'reopen'

/** A device on its way back. A device of the merchant's own is kept; `cancel` is a closure undone, while the device is still there. */
export type ReturnCommand = 'ship-device' | 'receive-device' | 'inspect-device' | 'restock-device' | 'retire-device' | 'lose-device'
export const returnMachine: Readonly<Record<ReturnCommand | 'cancel', readonly ReturnState[]>> = {
  'ship-device': ['requested'],
  'receive-device': ['requested', 'shipped'],
  'inspect-device': ['received'],
  'restock-device': ['inspected'],
  'retire-device': ['inspected'],
  'lose-device': ['requested', 'shipped'],
  cancel: ['requested', 'kept'],
}
export const returnMoves: Readonly<Record<ReturnState, readonly ReturnState[]>> = {
  requested: ['shipped', 'received', 'lost', 'cancelled'],
  shipped: ['received', 'lost'],
  received: ['inspected'],
  inspected: ['restocked', 'retired'],
  restocked: [],
  retired: [],
  kept: ['cancelled'],
  lost: [],
  cancelled: [],
}

/** The deposit on it. `release` and `hold` follow the books: due once the device is back and nothing is open, else not. */
export type DepositCommand = 'propose-deduction' | 'accept-deduction' | 'dispute-deduction' | 'confirm-refund'
export const depositMachine: Readonly<Record<DepositCommand | 'release' | 'hold', readonly DepositState[]>> = {
  release: ['held'],
  hold: ['release_due'],
  'propose-deduction': ['release_due', 'deduction_proposed', 'disputed'],
  'accept-deduction': ['deduction_proposed'],
  'dispute-deduction': ['deduction_proposed'],
  'confirm-refund': ['deduction_proposed'],
}
export const depositMoves: Readonly<Record<DepositState, readonly DepositState[]>> = {
  held: ['release_due'],
  release_due: ['held', 'deduction_proposed'],
  deduction_proposed: ['disputed', 'refunded', 'forfeited'],
  disputed: ['deduction_proposed'],
  refunded: [],
  forfeited: [],
}

/** A device being put right: only a passed test closes it; `ready` gives its hold free for the test, `fail` brings it back. */
export type FaultCommand = 'diagnose' | 'repair' | 'reinstall' | 'swap' | 'ready' | 'pass' | 'fail' | 'dismiss'
export const faultMachine: Readonly<Record<FaultCommand, readonly TicketState[]>> = {
  diagnose: ['reported', 'diagnosed', 'working'],
  repair: ['diagnosed', 'working'],
  reinstall: ['diagnosed', 'working'],
  swap: ['diagnosed', 'working'],
  ready: ['reported', 'diagnosed', 'working'],
  pass: ['reported', 'diagnosed', 'working', 'testing'],
  fail: ['testing'],
  dismiss: ['reported', 'diagnosed'],
}
/** A breach being put right: what gives its hold free is a rectification that was accepted, or an appeal that was granted. */
export type ViolationCommand = 'demand' | 'hand-in' | 'accept' | 'refuse' | 'appeal' | 'end' | 'dismiss'
export const violationMachine: Readonly<Record<ViolationCommand, readonly TicketState[]>> = {
  demand: ['opened', 'demanded', 'handed_in'],
  'hand-in': ['demanded'],
  accept: ['opened', 'handed_in'],
  refuse: ['handed_in'],
  appeal: ['opened', 'demanded', 'handed_in'],
  end: ['accepted'],
  dismiss: ['opened', 'demanded', 'handed_in'],
}
export const ticketMoves: Readonly<Record<TicketState, readonly TicketState[]>> = {
  reported: ['diagnosed', 'testing', 'closed', 'dismissed'],
  diagnosed: ['working', 'testing', 'closed', 'dismissed'],
  working: ['diagnosed', 'testing', 'closed'],
  testing: ['diagnosed', 'closed'],
  opened: ['demanded', 'accepted', 'dismissed'],
  demanded: ['handed_in', 'accepted', 'dismissed'],
  handed_in: ['demanded', 'accepted', 'dismissed'],
  accepted: ['closed'],
  closed: [],
  dismissed: [],
}

/** Something due while a terminal is stopped: done, answered and then confirmed, or no longer needed. */
export const dutyMachine: Readonly<Record<'check' | 'complete' | 'answer' | 'settle' | 'call' | 'cancel', readonly DutyState[]>> = {
  check: ['open'],
  complete: ['open'],
  answer: ['open', 'answered'],
  settle: ['open', 'answered'],
  call: ['open', 'answered'],
  cancel: ['open', 'answered'],
}

/** The life of one hold; every arrow is a fact of terminal.ts. */
export const holdMachine = {
  scheduled: ['started', 'withdrawn'],
  started: ['shut', 'cleared'],
  shut: ['cleared'],
  // A replacement takes its consent back when the device that was to be tested comes off again.
  cleared: ['lifted', 'shut'],
  lifted: [],
  withdrawn: [],
} as const
export type HoldState = keyof typeof holdMachine
