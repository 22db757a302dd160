// How a return and its deposit stand, as lamps.
import { depositStates, returnStates, type DepositState, type ReturnState } from '../../../src/domain/vocabulary.ts'
import { Lamp, type Shape, type Tone } from '../look/Lamp.tsx'
import { useSay } from '../words.ts'

const ofReturn: Readonly<Record<ReturnState, readonly [Shape, Tone]>> = {
  requested: ['ring', 'drain'], shipped: ['triangle', 'test'], received: ['triangle', 'test'], inspected: ['dot', 'test'],
  restocked: ['dot', 'open'], retired: ['cross', 'closed'], kept: ['dot', 'open'], lost: ['diamond', 'provider'], cancelled: ['cross', 'soft'],
}
const ofDeposit: Readonly<Record<DepositState, readonly [Shape, Tone]>> = {
  held: ['square', 'shut'], release_due: ['triangle', 'drain'], deduction_proposed: ['ring', 'drain'], disputed: ['unequal', 'provider'],
  refunded: ['dot', 'open'], forfeited: ['cross', 'closed'],
}

export function ReturnLamp({ state }: { state: ReturnState }) {
  const say = useSay()
  const [shape, tone] = ofReturn[state]
  return <Lamp shape={shape} tone={tone}>{say(returnStates[state])}</Lamp>
}

export function DepositLamp({ state, overdue }: { state: DepositState; overdue: boolean }) {
  const say = useSay()
  const [shape, tone] = overdue ? (['diamond', 'provider'] as const) : ofDeposit[state]
  return <Lamp shape={shape} tone={tone}>{say(depositStates[state])}{overdue ? say('，已逾期', ', overdue') : ''}</Lamp>
}
