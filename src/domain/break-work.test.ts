// A break worked, as a table: what each command brings about in each state, who may, and what is at stake.
import { describe, expect, test } from 'vitest'
import { actor } from '../../test/pure.ts'
import { allowedOnBreak, decideBreak, differsIn, evolveBreak, stakeOf, type BreakCommand, type BreakSetting, type WorkedBreak } from './break-work.ts'
import type { Break } from './breaks.ts'
import { breakMachine } from './lifecycle.ts'
import { isRefusal } from './refusals.ts'
import { breakStates, words, type BreakState } from './vocabulary.ts'

const finance = actor('wang', 'finance')
const approver = actor('li', 'approver')
const now = Date.parse('2026-09-03T10:00:00+08:00')
const setting = (who = finance): BreakSetting => ({ now, actor: who, acceptAloneFenMax: 10_000 })
const broken = (part: Partial<WorkedBreak> = {}): WorkedBreak =>
  ({ id: 'b', state: 'open', amountFen: 10_000, assignee: undefined, proposedBy: undefined, acceptedBy: undefined, version: 1, ...part })
const commands: readonly BreakCommand[] = [
  { command: 'assign', to: 'li' }, { command: 'explain', words: 'w' }, { command: 'accept', words: 'w' }, { command: 'confirm' }, { command: 'reopen', words: 'w' },
]

describe('what is legal', () => {
  test.each(words(breakStates).flatMap((state) => commands.map((command) => [state, command] as const)))('%s: %o', (state, command) => {
    const answer = decideBreak(broken({ state, proposedBy: 'somebody else' }), command, setting())
    const legal = (breakMachine[command.command] as readonly BreakState[]).includes(state)
    expect(isRefusal(answer) ? answer.refused : 'done').toBe(legal ? 'done' : 'break_not_in_this_state')
  })
  test('what is allowed is what would be done', () => {
    expect(allowedOnBreak(broken(), setting())).toEqual({ assign: true, explain: true, accept: true, confirm: 'break_not_in_this_state', reopen: 'break_not_in_this_state' })
    expect(allowedOnBreak(broken(), setting(actor('owner', 'merchant_owner')))).toMatchObject({ assign: 'role_missing', explain: true, accept: 'role_missing' })
  })
})

describe('accepted', () => {
  const accept = (b: WorkedBreak, who = finance): WorkedBreak => {
    const fact = decideBreak(b, { command: 'accept', words: 'w' }, setting(who))
    if (isRefusal(fact)) throw new Error(fact.refused)
    return evolveBreak(b, fact)
  }
  test('up to the limit by one, a fen above it by two', () => {
    expect(accept(broken({ amountFen: 10_000 }))).toMatchObject({ state: 'accepted', acceptedBy: 'wang', proposedBy: undefined, version: 2 })
    expect(accept(broken({ amountFen: 10_001 }))).toMatchObject({ state: 'proposed', acceptedBy: undefined, proposedBy: 'wang' })
  })
  test('the second person is another person, whatever the role', () => {
    const proposed = accept(broken({ amountFen: 58_800 }))
    expect(decideBreak(proposed, { command: 'confirm' }, setting(actor('wang', 'approver')))).toMatchObject({ refused: 'acceptance_second_person' })
    const fact = decideBreak(proposed, { command: 'confirm' }, setting(approver))
    expect(fact).toMatchObject({ fact: 'break_accepted', by: 'li', proposedBy: 'wang' })
    if (isRefusal(fact)) throw new Error(fact.refused)
    expect(evolveBreak(proposed, fact)).toMatchObject({ state: 'accepted', acceptedBy: 'li', proposedBy: 'wang' })
  })
  test('taken back, nothing of it stays', () => {
    const fact = decideBreak(broken({ state: 'accepted', acceptedBy: 'li', proposedBy: 'wang' }), { command: 'reopen', words: 'w' }, setting())
    if (isRefusal(fact)) throw new Error(fact.refused)
    expect(evolveBreak(broken({ state: 'accepted', acceptedBy: 'li', proposedBy: 'wang' }), fact)).toMatchObject({ state: 'open', acceptedBy: undefined, proposedBy: undefined })
  })
  test.each(['explain', 'accept', 'reopen'] as const)('%s wants words', (command) => {
    const state = command === 'reopen' ? 'accepted' : 'open'
    expect(decideBreak(broken({ state }), { command, words: '' }, setting())).toMatchObject({ refused: 'words_required', fields: [{ pointer: '/words' }] })
  })
})

describe('side by side', () => {
  const side = (part: object = {}) => ({ amountFen: 58_800, class: 'sale' as const, name: '金银首饰', mcc: '5944', at: now, file: 0, line: 1, ...part })
  const b = (kind: Break['kind'], part: Partial<Break> = {}): Break => ({ id: 'b', kind, mid: 'm', slip: side(), unionpay: side(), ...part })
  test.each<[Break, number, string[]]>([
    [b('merchant_name_differs', { unionpay: side({ name: '超市', mcc: '5411' }) }), 58_800, ['name', 'mcc']],
    [b('amount_differs', { unionpay: side({ amountFen: 58_900 }) }), 100, ['amount']],
    [b('fee_differs', { expectedFen: 353, actualFen: 453 }), 100, ['fee']],
    [b('mcc_differs', { unionpay: side({ name: null, mcc: '5411' }) }), 58_800, ['mcc']],
    [{ id: 'b', kind: 'slip_only', mid: 'm', slip: side() }, 58_800, []],
    [{ id: 'b', kind: 'bank_missing', mid: 'm', expectedFen: 3_400, actualFen: 0 }, 3_400, ['net']],
    [{ id: 'b', kind: 'bank_amount_differs', mid: 'm', expectedFen: 3_400, actualFen: 3_300 }, 100, ['net']],
  ])('%#', (one, stake, differs) => {
    expect([stakeOf(one), differsIn(one)]).toEqual([stake, differs])
  })
})
