// The machines as tables, made by really deciding: what each command does in each state, which state may follow which, the
// life of a hold, and what a terminal is and may do under its holds as the clock moves.
import { describe, expect, test } from 'vitest'
import type { CaseCommand } from '../src/domain/application/decide.ts'
import type { Case } from '../src/domain/application/case.ts'
import type { Setting } from '../src/domain/application/unfold.ts'
import { systemActor, type Actor } from '../src/domain/authority.ts'
import {
  applicationMachine, applicationMoves, depositMachine, depositMoves, holdMachine, materialMachine, returnMachine, returnMoves, stepMachine, type ApplicationCommand, type HoldState,
} from '../src/domain/lifecycle.ts'
import type { Deposit } from '../src/domain/deposit.ts'
import { decideReturn, evolveReturn, type LineCommand, type Return } from '../src/domain/device.ts'
import { isRefusal } from '../src/domain/refusals.ts'
import {
  clearHold, evolveAll, modeAt, placeHold, reclaimHold, recordTest, serviceAt, tickTerminal, type Hold, type Terminal, type TerminalFact,
} from '../src/domain/terminal.ts'
import {
  applicationKinds, applicationStates, depositStates, materialStates, returnStates, services, stepStates, words, type ApplicationKind, type DepositState, type ReturnState, type ApplicationState, type MaterialState, type Service, type StepState,
} from '../src/domain/vocabulary.ts'
import { permitted } from '../src/domain/gate.ts'
import { golden, grid } from './golden.ts'
import { actor, following, approver, at, attempt, day_ms, hold, hour_ms, material, opened, owner, passed, reviewer, setting, terminal, unsettled, type Told } from './pure.ts'

const field = actor('field', 'field')
const states = words(applicationStates)
const monday = at('2026-11-23T10:00')
const friday = at('2026-11-27T15:00')

/** What the engineer brings. */
const shelved = { serial: '00001204000099', provider: 'yunhui', model: 'A920', type: 'smart', ownership: 'lent', depositFen: 0, state: 'in_stock', custodian: { kind: 'warehouse', id: '' }, tid: undefined, isReturning: false } as const

const noticeStep = {
  id: 'notify', kinds: [...words(applicationKinds)], step: 'notify_parties', requirement: 'advised', before: 'completion',
  due: { from: 'submittedAt', offset: '+3d', at: '18:00' }, assignee: 'merchant_owner',
} as const
const by = (who: Actor, now = monday, more: Parameters<typeof setting>[0] = {}): Setting => {
  const { policy, ...rest } = more
  return setting({ actor: who, now, ...rest, device: shelved, numbers: ['10000099'], policy: { kindsOffered: words(applicationKinds), ...policy, steps: [{ ...noticeStep, kinds: [...noticeStep.kinds] }] } })
}

type Kind = ApplicationKind
const riskStop = hold({ id: 'r', reason: 'R09', owner: 'risk', effectiveFrom: at('2026-11-20T15:00'), drainUntil: at('2026-11-20T15:00'), startedAt: at('2026-11-20T15:00'), shutAt: at('2026-11-20T15:00') })
const ownStop = hold({ effectiveFrom: at('2026-11-20T15:00'), startedAt: at('2026-11-20T15:00'), shutAt: at('2026-11-20T15:00') })
const terminalsOf: Record<Kind, Terminal[]> = {
  suspend: [terminal()],
  reactivate: [terminal({ holds: [ownStop], hostBlockedAt: ownStop.effectiveFrom })],
  extend: [terminal({ holds: [ownStop], hostBlockedAt: ownStop.effectiveFrom })],
  close: [terminal()],
  replace: [terminal({ device: { serial: '00001204000010', ownership: 'owned', depositFen: 0 } })],
  install: [],
  appeal: [terminal({ holds: [riskStop], hostBlockedAt: riskStop.effectiveFrom })],
}
/** Kinds that stop a terminal at their moment. */
const stops = (kind: Kind): boolean => kind === 'suspend' || kind === 'close' || kind === 'replace'

/** A case of each kind brought into each state by commands; states that are only passed through are set by hand. */
function casesOf(kind: Kind): Record<ApplicationState, { told: Told; now: number }> {
  const terminals = terminalsOf[kind] as never[]
  const wanted = { suspend: {}, reactivate: { effectiveFrom: undefined, expectedUntil: undefined }, extend: { effectiveFrom: undefined }, close: { reason: 'M21' as const, expectedUntil: undefined },
    replace: { reason: 'D11' as const, expectedUntil: undefined },
    install: { reason: 'X04' as const, effectiveFrom: undefined, expectedUntil: undefined, wish: { store: '1', storeName: 'S', count: 1 } },
    appeal: { reason: 'R09' as const, hold: 'r', words: 'not so', effectiveFrom: undefined, expectedUntil: undefined },
  }[kind]
  const draft = following(opened({ kind, ...wanted }, by(owner, monday, { terminals })),
    [{ command: 'add-material', material: material('other') }, by(owner, monday, { terminals })])
  const submitted = following(draft, [{ command: 'submit' }, by(owner)])
  const returned = following(submitted, [{ command: 'return', words: 'the address is missing' }, by(reviewer)])
  const always = { policy: { secondApproval: [{ id: 'always', kinds: [kind], when: {} }] } }
  const approved = following(submitted, [{ command: 'approve' }, by(reviewer)])
  const draining = !stops(kind) ? approved : following(
    { ...approved, terminals: approved.terminals.map((t) => ({ ...t, clear: false, open: [unsettled] })) }, [{ command: 'tick' }, by(systemActor, friday)],
  )
  const known = (told: Told): Told => ({ ...told, terminals: told.terminals.map((t) => ({ ...t, gatesKnowAt: monday })) })
  const bind = { command: 'bind-device', serial: shelved.serial, position: { longitude: 121, latitude: 31 }, photo: 'IMG_1' } as const
  const bound = (): Told => following(approved, [bind, by(field)])
  const swappable = (): Told => following({ ...known(draining), terminals: known(draining).terminals.map((t) => ({ ...t, clear: true, open: [] })) }, [{ command: 'tick' }, by(systemActor, friday + day_ms)])
  const signedOn = (told: Told): Told => ({ ...told, terminals: told.terminals.map((t) => ({ ...t, signOnRequired: false })) })
  const done = {
    suspend: () => following(known(draining), [{ command: 'tick' }, by(systemActor, friday + day_ms)]),
    reactivate: () => following(approved, [{ command: 'record-test', items: passed }, by(field)]),
    extend: () => approved,
    appeal: () => approved,
    install: () => { const tested = following(bound(), [{ command: 'record-test', items: passed }, by(field)]); return following(signedOn(tested), [{ command: 'tick' }, by(systemActor)]) },
    replace: () => following(following(swappable(), [bind, by(field, friday + day_ms)]), [{ command: 'record-test', items: passed }, by(field, friday + day_ms)]),
    close: () => following({ ...known(draining), terminals: known(draining).terminals.map((t) => ({ ...t, clear: true, open: [] })) }, [{ command: 'tick' }, by(systemActor, friday + day_ms)]),
  }[kind]()
  const as = (told: Told, state: ApplicationState): Told => ({ ...told, case: { ...told.case, state } as Case })
  const inProgress = { suspend: draining, reactivate: approved, extend: as(approved, 'in_progress'), close: draining, replace: draining, install: kind === 'install' ? bound() : approved, appeal: as(approved, 'in_progress') }[kind]
  return {
    draft: { told: draft, now: monday },
    submitted: { told: submitted, now: monday },
    in_review: { told: following(submitted, [{ command: 'claim' }, by(reviewer)]), now: monday },
    returned: { told: returned, now: monday },
    second_review: { told: following(submitted, [{ command: 'approve' }, by(reviewer, monday, always)]), now: monday },
    approved: { told: stops(kind) || kind === 'install' ? approved : as(approved, 'approved'), now: monday },
    in_progress: { told: inProgress, now: stops(kind) ? friday + hour_ms : monday },
    completed: { told: done, now: friday + 2 * day_ms },
    rejected: { told: following(submitted, [{ command: 'reject', words: 'no' }, by(reviewer)]), now: monday },
    withdrawn: { told: following(submitted, [{ command: 'withdraw' }, by(owner)]), now: monday },
    expired: { told: following(returned, [{ command: 'tick' }, by(systemActor, returned.case.answerBy!)]), now: returned.case.answerBy! },
    failed: { told: as(inProgress, 'failed'), now: friday },
  }
}

const asks: Record<ApplicationCommand, (c: Case) => [CaseCommand, Actor]> = {
  submit: () => [{ command: 'submit' }, owner],
  withdraw: () => [{ command: 'withdraw' }, owner],
  claim: () => [{ command: 'claim' }, reviewer],
  assign: () => [{ command: 'assign', to: 'approver' }, reviewer],
  return: () => [{ command: 'return', words: 'a photo is missing' }, reviewer],
  approve: () => [{ command: 'approve' }, approver],
  reject: () => [{ command: 'reject', words: 'no' }, reviewer],
  'complete-step': () => [{ command: 'complete-step', step: 'notify' }, owner],
  'waive-step': () => [{ command: 'waive-step', step: 'notify', words: 'told by telephone' }, reviewer],
  'bind-device': () => [{ command: 'bind-device', serial: shelved.serial, position: { longitude: 121, latitude: 31 }, photo: 'IMG_1' }, field],
  'unbind-device': () => [{ command: 'unbind-device' }, field],
  'record-test': () => [{ command: 'record-test', items: passed }, field],
  'add-material': () => [{ command: 'add-material', material: material('other') }, owner],
  'accept-material': (c) => [{ command: 'accept-material', material: c.materials[0]!.id }, reviewer],
  'return-material': (c) => [{ command: 'return-material', material: c.materials[0]!.id, words: 'not readable' }, reviewer],
  tick: () => [{ command: 'tick' }, systemActor],
}

/** Commands of the machine that a kind has no use for. */
const isOfOthers = (command: ApplicationCommand, kind: Kind): boolean =>
  (command === 'record-test' && !['reactivate', 'replace', 'install'].includes(kind)) || (command === 'bind-device' && !['replace', 'install'].includes(kind)) || (command === 'unbind-device' && kind !== 'replace')

/** '·' says not_in_this_state; any other refusal is named. A state named alone is where the case then stands. */
function cellOf(command: ApplicationCommand, { told, now }: { told: Told; now: number }): string {
  const [what, who] = asks[command](told.case)
  const result = attempt(told, what, by(who, now))
  if (isRefusal(result)) return result.refused === 'not_in_this_state' ? '·' : result.refused
  return result.case.state === told.case.state ? 'yes' : result.case.state
}

describe('a case', () => {
  test.each(words(applicationKinds))('%s: what each command does in each state', (kind) => {
    const cases = casesOf(kind)
    for (const state of states) expect(cases[state].told.case.state).toBe(state)
    const commands = Object.keys(applicationMachine) as ApplicationCommand[]
    const rows = states.map((state) => [state, commands.map((command) => cellOf(command, cases[state]))] as const)
    golden(`application-${kind}`, grid(
      `${kind}: command × state → the state it leads to, "yes" where it stays, "·" not in this state, or the refusal`, 'state', commands, rows,
    ))
    // What the table of the machine does not allow is refused, and the other way round but for refusals that are about more than the state.
    for (const [state, cells] of rows)
      for (const [i, cell] of cells.entries()) {
        const legal = (applicationMachine[commands[i]!] as readonly string[]).includes(state)
        if (!legal) expect(cell, `${commands[i]} in ${state}`).toMatch(/^(·|stop_begun|closure_begun|replacement_begun)$/)
        else if (!isOfOthers(commands[i]!, kind)) expect(cell, `${commands[i]} in ${state}`).not.toBe('·')
      }
  })

  test('which state may follow which', () => {
    golden('application-moves', grid(
      'state × next state', 'state', states, states.map((from) => [from, states.map((to) => (applicationMoves[from].includes(to) ? 'yes' : '·'))]),
    ))
  })
})

describe('steps and materials', () => {
  const submittedWith = (state: StepState): Told => {
    const told = casesOf('suspend').submitted.told
    return { ...told, case: { ...told.case, steps: told.case.steps.map((s) => ({ ...s, state })) } }
  }
  test('a step', () => {
    const acts = { complete: asks['complete-step'], waive: asks['waive-step'] }
    const rows = words(stepStates).map((state) => [state, Object.values(acts).map((ask) => {
      const told = submittedWith(state)
      const [what, who] = ask(told.case)
      const result = attempt(told, what, by(who))
      return isRefusal(result) ? result.refused : result.case.steps[0]!.state
    })] as const)
    golden('step', grid('a step checked by hand: state × act → its next state or the refusal', 'state', Object.keys(acts), rows))
    for (const [i, act] of (['complete', 'waive'] as const).entries())
      for (const [state, cells] of rows) expect(cells[i] !== 'step_settled').toBe((stepMachine[act] as readonly string[]).includes(state))
  })
  test('a material', () => {
    const rows = words(materialStates).map((state: MaterialState) => [state, (['accept-material', 'return-material'] as const).map((act) => {
      const told = casesOf('suspend').submitted.told
      const withState: Told = { ...told, case: { ...told.case, materials: told.case.materials.map((m) => ({ ...m, state })) } }
      const [what, who] = asks[act](withState.case)
      const result = attempt(withState, what, by(who))
      return isRefusal(result) ? result.refused : result.case.materials[0]!.state
    })] as const)
    golden('material', grid('a material: state × act → its next state or the refusal', 'state', ['accept', 'return'], rows))
    for (const [i, act] of (['accept', 'return'] as const).entries())
      for (const [state, cells] of rows) expect(cells[i] !== 'material_settled').toBe((materialMachine[act] as readonly string[]).includes(state))
  })
})

describe('a device on its way back', () => {
  const line = (part: Partial<Return>): Return => ({
    rma: 'R-1', caseNo: 'TQ-1', terminal: '10000001', serial: 'S', ownership: 'lent', lentSince: monday - 400 * day_ms, state: 'requested', openedAt: monday,
    carrier: undefined, tracking: undefined, shippedAt: undefined, receivedAt: undefined, inspectedAt: undefined, inspectedBy: undefined, parts: [], endedAt: undefined,
    deposit: undefined, ...part,
  })
  const deposit = (state: DepositState): Deposit => ({
    fen: 30_000, state, releasedAt: monday, dueAt: friday, lateAt: undefined, acceptedAt: monday, disputedAt: undefined, disputeWords: undefined, settledAt: undefined,
    settledBy: undefined, refundFen: undefined, reference: undefined, deduction: { lines: [], fen: 8_000, by: 'finance', at: monday, disputeUntil: friday, words: undefined },
  })
  const asked: Record<LineCommand['command'], LineCommand> = {
    'ship-device': { command: 'ship-device', carrier: 'SF', tracking: '1' }, 'receive-device': { command: 'receive-device' },
    'inspect-device': { command: 'inspect-device', parts: [{ part: 'body', condition: 'fine' }] }, 'restock-device': { command: 'restock-device' },
    'retire-device': { command: 'retire-device', words: 'worn' }, 'lose-device': { command: 'lose-device', words: 'stolen' }, 'propose-deduction': { command: 'propose-deduction' },
    'accept-deduction': { command: 'accept-deduction' }, 'dispute-deduction': { command: 'dispute-deduction', words: 'no' }, 'confirm-refund': { command: 'confirm-refund', reference: '1' },
  }
  const about = { now: monday, zone: 'Asia/Shanghai', actor: approver, policy: setting().policy, open: [] }
  /** Every cell by really deciding, held against the allow-table. */
  const matrix = <S extends string>(names: readonly S[], commands: readonly LineCommand['command'][], lineIn: (state: S) => Return, stateOf: (line: Return) => S | undefined,
    machine: Readonly<Record<string, readonly S[]>>, moves: Readonly<Record<S, readonly S[]>>) => names.map((state) => [state, commands.map((command) => {
    const facts = decideReturn(lineIn(state), asked[command], about)
    expect(isRefusal(facts), `${command} in ${state}`).toBe(!machine[command]!.includes(state))
    if (isRefusal(facts)) return '·'
    const next = stateOf(facts.reduce(evolveReturn, lineIn(state)))!
    if (next !== state) expect(moves[state], `${state} → ${next}`).toContain(next)
    return next === state ? 'yes' : next
  })] as const)

  test('the device', () => {
    const commands = Object.keys(returnMachine).filter((c) => c !== 'cancel') as LineCommand['command'][]
    golden('device-return', grid('a device called back: state × command → its next state, "·" not in this state', 'state', commands,
      matrix<ReturnState>(words(returnStates), commands, (state) => line({ state }), (r) => r.state, returnMachine, returnMoves)))
  })
  test('the deposit', () => {
    const commands = Object.keys(depositMachine).filter((c) => c !== 'release' && c !== 'hold') as LineCommand['command'][]
    golden('deposit', grid('the deposit on a device that was inspected: state × command → its next state, "yes" where it stays, "·" not in this state', 'state', commands,
      matrix<DepositState>(words(depositStates), commands, (state) => line({ state: 'inspected', deposit: deposit(state) }), (r) => r.deposit?.state, depositMachine, depositMoves)))
  })
})

describe('a hold', () => {
  const lives: Record<HoldState, { part: Partial<Hold>; now: number }> = {
    scheduled: { part: {}, now: friday - 1 },
    started: { part: { startedAt: friday }, now: friday + hour_ms },
    shut: { part: { startedAt: friday, shutAt: friday + hour_ms }, now: friday + 2 * hour_ms },
    cleared: { part: { startedAt: friday, shutAt: friday + hour_ms, clearedAt: friday + 2 * hour_ms }, now: friday + 3 * hour_ms },
    lifted: { part: { startedAt: friday, shutAt: friday, clearedAt: friday + 1, liftedAt: friday + 2 }, now: friday + hour_ms },
    withdrawn: { part: { withdrawnAt: friday - 1 }, now: friday - 1 },
  }
  const others = hold({ id: 'h2', reason: 'R09', owner: 'risk', effectiveFrom: friday - day_ms, drainUntil: friday - day_ms, startedAt: friday - day_ms, shutAt: friday - day_ms })
  const acts: Record<string, (t: Terminal, now: number) => TerminalFact[] | { refused: string; with: object }> = {
    'the clock': (t, now) => tickTerminal(t, now),
    'the clock, when clear': (t, now) => tickTerminal({ ...t, clear: true }, now),
    'the clock, window over': (t) => tickTerminal(t, friday + day_ms),
    'its owner gives it free': (t, now) => clearHold(t, 'h1', 'somebody', now),
    'the same beside another': (t, now) => clearHold({ ...t, holds: [...t.holds, others] }, 'h1', 'somebody', now),
    'the device comes off again': (t, now) => reclaimHold(t, t.holds[0]!, now),
    'a passed test': (t, now) => recordTest(t, passed, ['print'], true, 'field', now),
    'a failed test': (t, now) => recordTest(t, passed.map((i) => ({ ...i, passed: i.item !== 'print' })), ['print'], true, 'field', now),
    'placed again': (t, now) => placeHold(t, {
      id: 'h3', reason: 'M02', owner: 'merchant', effect: 'stop', effectiveFrom: undefined, drainUntil: undefined, drainHours: 24,
      expectedUntil: undefined, caseNo: undefined, placedBy: 'somebody', reminderDaysBeforeReturn: [],
    }, now),
  }
  const stateOf = (h: Hold): HoldState => h.withdrawnAt !== undefined ? 'withdrawn' : h.liftedAt !== undefined ? 'lifted'
    : h.clearedAt !== undefined ? 'cleared' : h.shutAt !== undefined ? 'shut' : h.startedAt !== undefined ? 'started' : 'scheduled'

  test('its life', () => {
    const seen = new Set<string>()
    const lifeOf = (state: HoldState, act: keyof typeof acts): string => {
      const { part, now } = lives[state]
      const before = terminal({ holds: [hold(part)], clear: false, open: [unsettled] })
      const facts = acts[act]!(before, now)
      if (isRefusal(facts)) return facts.refused
      // Fact by fact, so that an arrow is one step of its life.
      let last = state
      for (let n = 1; n <= (facts as TerminalFact[]).length; n++) {
        const next = stateOf(evolveAll(before, (facts as TerminalFact[]).slice(0, n)).holds[0]!)
        if (next !== last) seen.add(`${last} → ${next}`)
        last = next
      }
      const names = (facts as TerminalFact[]).map((f) => f.fact)
      return names.length === 0 ? '·' : names.join(' ')
    }
    const names = Object.keys(lives) as HoldState[]
    golden('hold', grid(
      'a stop with something open: its state × what happens → facts, "·" nothing, or the refusal', 'state', Object.keys(acts),
      names.map((state) => [state, Object.keys(acts).map((act) => lifeOf(state, act))]),
    ))
    expect([...seen].toSorted()).toEqual(names.flatMap((from) => holdMachine[from].map((to) => `${from} → ${to}`)).toSorted())
  })
})

describe('a terminal', () => {
  const noon = at('2026-11-27T12:00')
  const stop = (id: string, part: Partial<Hold> = {}): Hold => hold({ id, ...part })
  const risk = (part: Partial<Hold> = {}): Hold => hold({ id: 'h2', reason: 'R09', owner: 'risk', drainUntil: friday, ...part })
  const only = (part: Partial<Hold> = {}): Hold => hold({ id: 'h3', reason: 'A03', owner: 'finance', effect: 'restrict', ...part })
  /** Facts are recorded as time passes: given here as they would stand for the instant that is looked at. */
  const under: Record<string, Terminal> = {
    'never installed': terminal({ installedAt: undefined }),
    'its device put on at noon': terminal({ installedAt: undefined, setupAt: noon }),
    'installed on Friday at three': terminal({ installedAt: friday }),
    'closed on Friday at three': terminal({ closedAt: friday }),
    'no hold': terminal(),
    'a stop': terminal({ holds: [stop('h1')] }),
    'a stop, clear at four': terminal({ holds: [stop('h1', { startedAt: friday, shutAt: friday + hour_ms })] }),
    'a stop for risk': terminal({ holds: [risk()] }),
    'a restriction': terminal({ holds: [only()] }),
    'a restriction and a stop': terminal({ holds: [only(), stop('h1')] }),
    'a stop withdrawn at noon': terminal({ holds: [stop('h1', { withdrawnAt: noon })] }),
    'a stop, free on Sunday': terminal({ holds: [stop('h1', { clearedAt: friday + 2 * day_ms })] }),
    'a stop, free and tested on Sunday': terminal({ holds: [stop('h1', { clearedAt: friday + 2 * day_ms, liftedAt: friday + 2 * day_ms })] }),
    'two stops, one free on Sunday': terminal({ holds: [stop('h1', { clearedAt: friday + 2 * day_ms, liftedAt: friday + 2 * day_ms }), risk()] }),
    'two stops, both free on Sunday': terminal({ holds: [stop('h1', { clearedAt: friday + 2 * day_ms }), risk({ clearedAt: friday + 2 * day_ms })] }),
    'stop free on Sunday, restriction stays': terminal({ holds: [stop('h1', { clearedAt: friday + 2 * day_ms }), only()] }),
    'stop tested on Sunday, restriction stays': terminal({ holds: [stop('h1', { clearedAt: friday + 2 * day_ms, liftedAt: friday + 2 * day_ms }), only()] }),
    'restriction free on Sunday, stop stays': terminal({ holds: [only({ clearedAt: friday + 2 * day_ms, liftedAt: friday + 2 * day_ms }), stop('h1')] }),
  }
  const instants: Record<string, number> = {
    'Fri 14:59:59.999': friday - 1, 'Fri 15:00': friday, 'Fri 15:59:59.999': friday + hour_ms - 1, 'Fri 16:00': friday + hour_ms,
    'Sat 14:59:59.999': friday + day_ms - 1, 'Sat 15:00': friday + day_ms, 'Sun 14:59:59.999': friday + 2 * day_ms - 1, 'Sun 15:00': friday + 2 * day_ms,
  }

  test('its service, from its holds and the clock', () => {
    golden('terminal-service', grid(
      'holds from Friday 2026-11-27 15:00, drain window 24 hours × the clock → service', 'holds', Object.keys(instants),
      Object.entries(under).map(([name, t]) => [name, Object.values(instants).map((now) => serviceAt(t, now))]),
    ))
  })

  test('the mode of each service, and what the gate then lets through', () => {
    const seen = new Map<Service, Set<string>>()
    for (const t of Object.values(under))
      for (const now of Object.values(instants)) {
        const service = serviceAt(t, now)
        seen.set(service, (seen.get(service) ?? new Set()).add(modeAt(t, now)))
      }
    // Nothing is left out: every service occurs above.
    expect([...seen.keys()].toSorted()).toEqual(words(services).toSorted())
    const asked = ['sale', 'preauth_completion', 'refund', 'reversal', 'offline_upload', 'sign_on', 'test_sale'] as const
    golden('gate-mode', grid('service → the mode its gates are told, and what they let through', 'service', ['mode', ...asked], words(services).map((service) => {
      const modes = [...seen.get(service)!]
      // Of one mode each, but for a terminal to be set up: nothing, until its device is on it and can be tested.
      expect(modes.toSorted()).toEqual(service === 'pending_setup' ? ['shut', 'test'] : modes.slice(0, 1))
      const said = (of: (mode: 'open') => string): string => [...new Set(modes.toSorted().map((m) => of(m as 'open')))].join(' / ')
      return [service, [said((m) => m), ...asked.map((transaction) => said((m) => permitted[m][transaction]))]]
    })))
  })
})
