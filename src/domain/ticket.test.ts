import { describe, expect, test } from 'vitest'
import { golden, grid } from '../../test/golden.ts'
import { actor, at, hold, owner, terminal } from '../../test/pure.ts'
import { systemActor } from './authority.ts'
import { faultMachine, ticketMoves, violationMachine } from './lifecycle.ts'
import { isRefusal } from './refusals.ts'
import type { Hold } from './terminal.ts'
import { decideTicket, evolveTicket, followed, mayGiveFree, openTicket, ticketKindOf, type Ticket, type TicketCommand, type TicketFact } from './ticket.ts'
import { reasons, ticketStates, words, type TicketKind, type TicketState } from './vocabulary.ts'

const now = at('2026-11-23T10:00')
const [risk, field] = [actor('risk', 'risk'), actor('field', 'field')]
const heldFor = (reason: 'D12' | 'R09'): Hold => hold({
  id: 'h', reason, owner: reason === 'D12' ? 'service_desk' : 'risk', effectiveFrom: now - 1, drainUntil: now - 1, startedAt: now - 1, shutAt: now - 1,
})
const ticketIn = (kind: TicketKind, state: TicketState): Ticket => ({
  ...openTicket({ no: 'T-1', terminal: '10000001', serial: 'S', reason: kind === 'fault' ? 'D12' : 'R09', hold: 'h' }, { actor: owner, now: now - 1 }), state,
})
const commands: Record<TicketKind, Record<string, [TicketCommand, typeof owner]>> = {
  fault: {
    diagnose: [{ command: 'diagnose', words: 'x' }, field], repair: [{ command: 'repair', words: 'x' }, field], reinstall: [{ command: 'reinstall', words: 'x' }, field],
    swap: [{ command: 'swap', words: 'x', caseNo: 'C' }, field], ready: [{ command: 'ready' }, field], dismiss: [{ command: 'dismiss', words: 'x' }, field],
  },
  violation: {
    demand: [{ command: 'demand', words: 'x' }, risk], 'hand-in': [{ command: 'hand-in', words: 'x' }, owner],
    accept: [{ command: 'judge', accepted: true, words: 'x' }, risk], refuse: [{ command: 'judge', accepted: false, words: 'x' }, risk],
  },
}
const follows = (ticket: Ticket) => ({
  'hold cleared': { fact: 'hold_cleared', terminal: ticket.terminal, hold: 'h', at: now, by: 'x' }, 'hold lifted': { fact: 'hold_lifted', terminal: ticket.terminal, hold: 'h', at: now, by: 'x' },
  'hold withdrawn': { fact: 'hold_withdrawn', terminal: ticket.terminal, hold: 'h', at: now },
  'test failed': { fact: 'tested', terminal: ticket.terminal, at: now, by: 'x', passed: false, items: [] }, 'test passed': { fact: 'tested', terminal: ticket.terminal, at: now, by: 'x', passed: true, items: [] },
} as const)

describe.each(['fault', 'violation'] as const)('%s', (kind) => {
  const machine: Readonly<Record<string, readonly TicketState[]>> = kind === 'fault' ? faultMachine : violationMachine
  const states = words(ticketStates).filter((s) => Object.values(machine).flat().includes(s) || s === 'closed' || s === 'dismissed')
  const settingOf = (who: typeof owner) => ({ now, actor: who, terminal: terminal({ holds: [heldFor(kind === 'fault' ? 'D12' : 'R09')] }), rectifyBy: now + 1, isReplacement: () => true })

  test('what each command does in each state, what follows from the terminal', () => {
    const names = [...Object.keys(commands[kind]), ...Object.keys(follows(ticketIn(kind, 'closed')))]
    const rows = states.map((state) => [state, names.map((name) => {
      const ticket = ticketIn(kind, state)
      const asked = commands[kind][name]
      const decided = asked ? decideTicket(ticket, asked[0], settingOf(asked[1])) : undefined
      if (asked && isRefusal(decided)) {
        // Nothing but the table refuses, and a fault that holds its terminal is never dismissed.
        expect([name, state, decided.refused]).toEqual([name, state, machine[name]!.includes(state) ? 'test_needed' : 'ticket_not_in_this_state'])
        return decided.refused === 'test_needed' ? 'test_needed' : '·'
      }
      const moved: readonly (TicketFact | undefined)[] = asked ? (decided as { facts: readonly TicketFact[] }).facts
        : [followed(ticket, follows(ticket)[name as keyof ReturnType<typeof follows>], { actor: systemActor, now })]
      const fact = moved[0]
      if (fact?.fact !== 'ticket_moved') return '·'
      if (asked) expect(machine[name]).toContain(state)
      const next = evolveTicket(ticket, fact).state
      if (next !== state) expect(ticketMoves[state], `${state} → ${next}`).toContain(next)
      return next === state ? 'yes' : next
    })] as const)
    golden(`ticket-${kind}`, grid(`a ${kind}: state × command or fact → its next state, "yes" where it stays, "·" nothing`, 'state', names, rows))
  })
})

test('the hold of a fault goes to its test with it; a breach gives its hold free only when it was accepted', () => {
  const setting = (who: typeof owner, reason: 'D12' | 'R09') => ({ now, actor: who, terminal: terminal({ holds: [heldFor(reason)] }), rectifyBy: now + 1, isReplacement: () => false })
  expect(decideTicket(ticketIn('fault', 'working'), { command: 'ready' }, setting(field, 'D12'))).toMatchObject({ terminalFacts: [{ fact: 'hold_cleared', hold: 'h' }] })
  expect(decideTicket(ticketIn('violation', 'handed_in'), { command: 'judge', accepted: true, words: 'x' }, setting(risk, 'R09'))).toMatchObject({ terminalFacts: [{ fact: 'hold_cleared', hold: 'h' }] })
  expect(decideTicket(ticketIn('violation', 'handed_in'), { command: 'judge', accepted: false, words: 'x' }, setting(risk, 'R09'))).toMatchObject({ terminalFacts: [] })
  expect(decideTicket(ticketIn('fault', 'working'), { command: 'swap', words: 'x', caseNo: 'C' }, setting(field, 'D12'))).toMatchObject({ refused: 'device_replaced_unknown' })
  for (const [state, first, expected] of [['opened', [], undefined], ['opened', ['R09'], 'demand_first'], ['demanded', [], 'rectification_open'], ['handed_in', [], 'rectification_open'], ['accepted', ['R09'], undefined]] as const)
    expect(mayGiveFree(ticketIn('violation', state), first)?.refused).toBe(expected)
  expect(mayGiveFree(undefined, ['R09'])).toBeUndefined()
  expect(followed(ticketIn('violation', 'demanded'), follows(ticketIn('violation', 'demanded'))['hold cleared'], { actor: risk, now, appeal: 'TQ-1' })).toMatchObject({ state: 'accepted', entry: { act: 'appeal', caseNo: 'TQ-1' } })
})

test('which reasons have a ticket behind them', () => {
  const of = (kind: TicketKind): string => words(reasons).filter((r) => ticketKindOf(r) === kind).join(' ')
  expect(of('fault')).toBe('D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13')
  expect(of('violation')).toBe('S01 S02 S03 S04 S05 S06 R01 R02 R03 R04 R05 R06 R07 R08 R09')
})
