// A break that is worked: assigned, explained, accepted with a reason – above the policy's limit by two persons –, opened
// again. What resolves it by itself, or finds it again, is the matcher's business (app/settlement); nobody ticks that.
import { mayNot, type Actor, type Right } from './authority.ts'
import { inQuestionFen, type Break } from './breaks.ts'
import { breakMachine, type BreakCommandName } from './lifecycle.ts'
import type { Fen } from './money.ts'
import { refuse, refuseField, type Refusal } from './refusals.ts'
import { breakStates, type BreakState, type Words } from './vocabulary.ts'

/** What a decision about a break looks at. */
export type WorkedBreak = {
  id: string
  state: BreakState
  /** What is at stake. */
  amountFen: number
  assignee: string | undefined
  /** Who proposed its acceptance. */
  proposedBy: string | undefined
  acceptedBy: string | undefined
  version: number
}

export type BreakCommand =
  | { command: 'assign'; to: string }
  | { command: 'explain'; words: string }
  | { command: 'accept'; words: string }
  | { command: 'confirm'; words?: string | undefined }
  | { command: 'reopen'; words: string }

export type BreakFact =
  | { fact: 'break_assigned'; break: string; to: string; by: string; at: number }
  | { fact: 'break_explained'; break: string; by: string; at: number }
  | { fact: 'break_proposed'; break: string; by: string; at: number; limitFen: number }
  | { fact: 'break_accepted'; break: string; by: string; at: number; proposedBy: string | undefined }
  | { fact: 'break_reopened'; break: string; by: string; at: number }

export type BreakSetting = { now: number; actor: Actor; acceptAloneFenMax: number }

const rightOf: Readonly<Record<BreakCommandName, Right>> = {
  assign: 'assign-break', explain: 'explain-break', accept: 'accept-break', confirm: 'accept-break', reopen: 'accept-break',
}
const commandWords: Readonly<Record<BreakCommandName, Words>> = {
  assign: ['转办', 'assign'], explain: ['说明', 'explain'], accept: ['认可', 'accept'], confirm: ['复核', 'confirm'], reopen: ['重新打开', 'reopen'],
}

export function decideBreak(b: WorkedBreak, command: BreakCommand, { now, actor, acceptAloneFenMax }: BreakSetting): BreakFact | Refusal {
  const role = mayNot(actor, rightOf[command.command])
  if (role) return role
  if (!breakMachine[command.command].includes(b.state))
    return refuse('break_not_in_this_state', { state: breakStates[b.state], command: commandWords[command.command] })
  const by = actor.person
  switch (command.command) {
    case 'assign': return { fact: 'break_assigned', break: b.id, to: command.to, by, at: now }
    case 'explain': return command.words === '' ? refuseField('/words', 'words_required') : { fact: 'break_explained', break: b.id, by, at: now }
    case 'accept':
      if (command.words === '') return refuseField('/words', 'words_required')
      return b.amountFen > acceptAloneFenMax
        ? { fact: 'break_proposed', break: b.id, by, at: now, limitFen: acceptAloneFenMax }
        : { fact: 'break_accepted', break: b.id, by, at: now, proposedBy: undefined }
    case 'confirm':
      // The person counts, not the account or key.
      return b.proposedBy === by ? refuse('acceptance_second_person') : { fact: 'break_accepted', break: b.id, by, at: now, proposedBy: b.proposedBy }
    case 'reopen': return command.words === '' ? refuseField('/words', 'words_required') : { fact: 'break_reopened', break: b.id, by, at: now }
  }
}

export function evolveBreak<B extends WorkedBreak>(b: B, fact: BreakFact): B {
  const after = { ...b, version: b.version + 1 }
  switch (fact.fact) {
    case 'break_assigned': return { ...after, assignee: fact.to }
    case 'break_explained': return after
    case 'break_proposed': return { ...after, state: 'proposed', proposedBy: fact.by }
    case 'break_accepted': return { ...after, state: 'accepted', acceptedBy: fact.by }
    case 'break_reopened': return { ...after, state: 'open', proposedBy: undefined, acceptedBy: undefined }
  }
}

/**
 * What is at stake in a break: where its records name two sums, how far they are apart – a fee, a credit, a slip against
 * UnionPay's record –, else the transaction itself.
 */
export const stakeOf = (b: Break): Fen =>
  b.kind === 'fee_differs' ? Math.abs((b.expectedFen ?? 0) - (b.actualFen ?? 0))
    : b.kind === 'amount_differs' ? Math.abs(Math.abs(b.slip?.amountFen ?? 0) - Math.abs(b.unionpay?.amountFen ?? 0))
      : inQuestionFen(b)

/** Which fields of the records side by side do not agree. */
export function differsIn(b: Pick<Break, 'kind' | 'slip' | 'unionpay'>): string[] {
  switch (b.kind) {
    case 'fee_differs': return ['fee']
    case 'bank_missing':
    case 'bank_amount_differs':
    case 'bank_extra': return ['net']
    default: return b.slip === undefined || b.unionpay === undefined ? [] : (['amount', 'class', 'name', 'mcc'] as const).filter((field) => {
      const of = { amount: 'amountFen', class: 'class', name: 'name', mcc: 'mcc' } as const
      const [slip, unionpay] = [b.slip![of[field]], b.unionpay![of[field]]]
      return slip !== null && unionpay !== null && slip !== unionpay
    })
  }
}

/** Stands in for what a person would have written. */
const some = '…'
const attempts: readonly BreakCommand[] = [
  { command: 'assign', to: some }, { command: 'explain', words: some }, { command: 'accept', words: some }, { command: 'confirm' },
  { command: 'reopen', words: some },
]
/** For every act `true`, or the refusal in the way: by asking the very function that would carry it out. */
export const allowedOnBreak = (b: WorkedBreak, setting: BreakSetting): Readonly<Record<BreakCommandName, true | Refusal['refused']>> =>
  Object.fromEntries(attempts.map((command) => {
    const answer = decideBreak(b, command, setting)
    return [command.command, 'refused' in answer ? answer.refused : true]
  })) as Record<BreakCommandName, true | Refusal['refused']>
