// A closure waits, and for what; what it does to a terminal; how it is undone. By commands on a dossier held in memory.
import { describe, expect, test } from 'vitest'
import {
  actor, approver, at, attempt, attemptReturn, day_ms, following, hold, opened, owner, reviewer, setting, terminal, unsettled, verdictOf, type Told,
} from '../../../test/pure.ts'
import type { LineCommand } from '../device.ts'
import { isRefusal } from '../refusals.ts'
import { systemActor, type Actor } from '../authority.ts'
import type { Policy } from '../policy.ts'
import { modeAt, serviceAt } from '../terminal.ts'
import { nextCaseDue } from './advance.ts'
import { closureWaits } from './close.ts'
import type { NewCase } from './decide.ts'
import type { CaseTerminalFacts, OpenCase, Setting, Sheet } from './unfold.ts'

const [field, finance, finance2] = [actor('field', 'field'), actor('finance', 'finance'), actor('finance2', 'finance')]
const monday = at('2026-11-23T10:00')
const lent = { serial: '00001204000010', ownership: 'lent', depositFen: 30_000 } as const
const owned = { serial: '00001204000020', ownership: 'owned', depositFen: 0 } as const
const day = { from: 'submittedAt', offset: '+30d', at: '18:00' } as const
const step = (id: string, kind: Policy['steps'][number]['step'], assignee: Policy['steps'][number]['assignee']) =>
  ({ id, kinds: ['close' as const], step: kind, requirement: 'required' as const, before: 'completion' as const, due: day, assignee })
const steps: Policy['steps'] = [
  step('clearance', 'clearance', 'merchant_owner'), step('return', 'device_return', 'merchant_owner'), step('inspection', 'inspection', 'field'),
  step('deposit', 'deposit_refund', 'finance'), step('upstream', 'upstream_cleanup', 'operations'),
]
const policy: Partial<Policy> = {
  kindsOffered: ['suspend', 'reactivate', 'extend', 'close'], steps,
  closure: {
    ifOpenAtApproval: 'wait', underHold: { risk: 'refuse' }, refundWithinDays: 15, disputeWithinDays: 5, chargebackTailDays: 180,
    deductions: [{ id: 'cover-new', part: 'printer_cover', condition: 'broken', toMonths: 12, fen: 12_000 }, { id: 'cover', part: 'printer_cover', condition: 'broken', fen: 8_000 }],
  },
}
const by = (who: Actor, now = monday, part: Parameters<typeof setting>[0] = {}): Setting => setting({ actor: who, now, ...part, policy: { ...policy, ...part.policy } })
const closure: Partial<NewCase> = { kind: 'close', reason: 'M21', effectiveFrom: undefined, expectedUntil: undefined }
const device = (part: Partial<CaseTerminalFacts> = {}): CaseTerminalFacts => terminal({ installedAt: at('2025-09-22T14:30'), device: lent, ...part })

const asked = (terminals = [device()], wanted: Partial<NewCase> = {}): Told =>
  following(opened({ ...closure, ...wanted }, by(owner, monday, { terminals })), [{ command: 'submit' }, by(owner)])
/** Approved, and known to every gate. */
const begun = (terminals = [device()]): Told => {
  const told = following(asked(terminals), [{ command: 'approve' }, by(reviewer)])
  return tick({ ...told, terminals: told.terminals.map((t) => ({ ...t, gatesKnowAt: monday })) })
}
const tick = (told: Told, now = monday, part: Parameters<typeof setting>[0] = {}): Told => following(told, [{ command: 'tick' }, by(systemActor, now, part)])
const onLine = (told: Told, command: LineCommand, who: Actor, now = monday): Told => {
  const next = attemptReturn(told, told.case.terminals[0]!.tid, command, by(who, now))
  if (isRefusal(next)) throw new Error(`${command.command}: ${next.refused}`)
  return next
}
const books = (told: Told, open: boolean): Told => ({ ...told, terminals: told.terminals.map((t) => ({ ...t, clear: !open, open: open ? [unsettled] : [] })) })
const waits = (told: Told, now = monday, others: readonly OpenCase[] = []): string[] => {
  const { terminals, steps: left } = closureWaits({ case: told.case, terminals: told.terminals, returns: told.returns ?? [], others, now })
  return [...terminals.map((w) => w.for), ...left.map((s) => s.kind)]
}
const broken = [{ part: 'printer_cover', condition: 'broken', photo: 'IMG_2041' }, { part: 'screen', condition: 'fine' }] as const
const back = (told: Told): Told => onLine(onLine(told, { command: 'receive-device' }, field), { command: 'inspect-device', parts: broken }, field)
const refunded = (told: Told): Told => {
  const accepted = onLine(onLine(told, { command: 'propose-deduction' }, finance), { command: 'accept-deduction' }, owner)
  return onLine(accepted, { command: 'confirm-refund', reference: 'R-1' }, finance2)
}
const upstream = (told: Told): Told => following(told, [{ command: 'complete-step', step: 'upstream', evidence: 'TMS, keys' }, by(actor('operations', 'operations'))])

describe('a closure', () => {
  test('stops at once, calls the device back and waits – for each thing by its name, until the last is done', () => {
    let told = begun([device({ clear: false, open: [unsettled] })])
    expect([told.case.state, told.case.terminals[0]!.result]).toEqual(['in_progress', 'draining'])
    expect(told.terminals[0]!.holds).toMatchObject([{ reason: 'M21', owner: 'merchant', expectedUntil: undefined }])
    expect(modeAt(told.terminals[0]!, monday)).toBe('drain')
    expect(told.returns).toMatchObject([{ rma: 'TQ-261123-00001-0-R1', state: 'requested', serial: lent.serial, deposit: { state: 'held', fen: 30_000 } }])
    expect(waits(told)).toEqual(['clearance', 'return', 'drain', 'upstream_cleanup'])
    told = tick(books(told, false))
    expect(waits(told)).toEqual(['return', 'upstream_cleanup'])
    told = onLine(told, { command: 'receive-device' }, field)
    expect(waits(told)).toEqual(['inspection', 'upstream_cleanup'])
    expect(told.returns![0]!.deposit).toMatchObject({ state: 'release_due', dueAt: at('2026-12-08T18:00') })
    told = onLine(told, { command: 'inspect-device', parts: broken }, field)
    expect(waits(told)).toEqual(['deposit', 'upstream_cleanup'])
    told = refunded(told)
    expect(waits(told)).toEqual(['upstream_cleanup'])
    expect(told.case.state).toBe('in_progress')
    told = upstream(told)
    expect([told.case.state, told.case.terminals[0]!.result, serviceAt(told.terminals[0]!, monday)]).toEqual(['completed', 'closed', 'closed'])
    expect(told.terminals[0]).toMatchObject({ closedAt: monday, chargebackUntil: at('2027-05-22T00:00') })
    expect(told.terminals[0]!.holds.every((h) => h.liftedAt === monday)).toBe(true)
    expect(told.facts.at(-1)).toMatchObject({ fact: 'completed', letter: 'closure_certificate' })
    expect(told.returns![0]!.deposit).toMatchObject({ state: 'refunded', refundFen: 22_000, deduction: { fen: 8_000 } })
  })

  test('never ends because a date has come', () => {
    const told = tick(begun([device({ clear: false, open: [unsettled] })]), monday + 400 * day_ms)
    expect([told.case.state, told.terminals[0]!.closedAt]).toEqual(['in_progress', undefined])
    expect(waits(told, monday + 400 * day_ms)).toContain('clearance')
  })

  test('begins at its moment, and may be withdrawn until then', () => {
    const friday = at('2026-11-27T15:00')
    const approved = following(asked([device()], { effectiveFrom: friday }), [{ command: 'approve' }, by(reviewer)])
    expect([approved.case.state, approved.returns, serviceAt(approved.terminals[0]!, friday - 1)]).toEqual(['approved', [], 'active'])
    expect(following(approved, [{ command: 'withdraw' }, by(owner, friday - 1)]).terminals[0]!.holds[0]!.withdrawnAt).toBe(friday - 1)
    expect(verdictOf(attempt(approved, { command: 'withdraw' }, by(owner, friday)))).toBe('closure_begun')
    const later = tick(approved, friday)
    expect([later.case.state, later.case.begunAt, later.returns!.length]).toEqual(['in_progress', friday, 1])
    expect(verdictOf(attempt(later, { command: 'withdraw' }, by(owner, friday)))).toBe('closure_begun')
  })

  test('takes over the stop a terminal is under: it goes on, its return is off', () => {
    const from = at('2026-11-02T10:00')
    const own = hold({ effectiveFrom: from, startedAt: from, shutAt: from, expectedUntil: at('2026-12-24T09:00'), reminders: [at('2026-12-23T09:00')] })
    const told = begun([device({ holds: [own], hostBlockedAt: from, device: owned })])
    expect(told.terminals[0]!.holds).toMatchObject([{ id: 'h1', expectedUntil: undefined, reminders: [] }])
    expect(told.case.terminals[0]!.hold).toBe('h1')
    expect(told.returns).toMatchObject([{ state: 'kept', deposit: undefined }])
    const done = upstream(told)
    expect([done.case.state, done.terminals[0]!.holds[0]!.liftedAt]).toEqual(['completed', monday])
    // Chargebacks are counted from the last moment at which something could be sold.
    expect(done.terminals[0]!.chargebackUntil).toBe(at('2027-05-01T00:00'))
  })

  test('waits for the hold of another desk; one released ends with it, one that has not begun falls away', () => {
    const risk = hold({ id: 'r', reason: 'A03', owner: 'finance', effectiveFrom: monday - day_ms, startedAt: monday - day_ms, shutAt: monday - day_ms })
    const ahead = hold({ id: 'p', reason: 'P01', owner: 'operations', effectiveFrom: monday + 30 * day_ms })
    const held = upstream(begun([device({ holds: [risk, ahead], device: undefined, hostBlockedAt: monday - day_ms })]))
    expect(waits(held)).toEqual(['hold'])
    expect(held.case.state).toBe('in_progress')
    const free = tick({ ...held, terminals: held.terminals.map((t) => ({ ...t, holds: t.holds.map((h) => (h.id === 'r' ? { ...h, clearedAt: monday } : h)) })) })
    expect(free.case.state).toBe('completed')
    expect(free.terminals[0]!.holds.map((h) => [h.id, h.liftedAt, h.withdrawnAt]).slice(0, 2)).toEqual([['r', monday, undefined], ['p', undefined, monday]])
  })

  test('is not approved under a hold of a desk the policy names, nor – where it says so – while something is open', () => {
    const risk = hold({ id: 'r', reason: 'R09', owner: 'risk', effectiveFrom: monday - day_ms, startedAt: monday - day_ms, shutAt: monday - day_ms })
    expect(verdictOf(attempt(asked([device({ holds: [risk] })]), { command: 'approve' }, by(reviewer)))).toBe('held_by_another')
    const open = asked([device({ clear: false, open: [unsettled] })])
    const strict = { policy: { ...policy, closure: { ...policy.closure!, ifOpenAtApproval: 'refuse' as const } } }
    expect(verdictOf(attempt(open, { command: 'approve' }, by(reviewer, monday, strict)))).toBe('clearance_open')
    expect(verdictOf(attempt(open, { command: 'approve' }, by(reviewer)))).toBe('accepted')
  })

  test('is never approved straight through', () => {
    const eager = { straightThrough: [{ id: 'all', kinds: ['close' as const], when: {} }] }
    expect(following(opened(closure, by(owner, monday, { policy: eager })), [{ command: 'submit' }, by(owner, monday, { policy: eager })]).case.state).toBe('submitted')
  })

  test('of several terminals closes each as soon as it is done; the case is completed with the last', () => {
    const two = [device({ device: undefined }), device({ id: '10000002', tid: '10000002', device: undefined, clear: false, open: [unsettled] })]
    const told = upstream(begun(two))
    expect(told.case.terminals.map((t) => t.result)).toEqual(['closed', 'draining'])
    expect(told.case.state).toBe('in_progress')
    const done = tick(books(told, false))
    expect([done.case.state, ...done.case.terminals.map((t) => t.result)]).toEqual(['completed', 'closed', 'closed'])
  })

  test.each<[string, Partial<NewCase>, string]>([
    ['a reason for a time', { reason: 'M02' }, 'reason_not_yours'], ['a reason of risk', { reason: 'R09' }, 'reason_not_yours'],
    ['other without words', { reason: 'X99' }, 'words_required'], ['a return date', { expectedUntil: monday + day_ms }, 'closing_has_no_return'],
    ['a moment that has passed', { effectiveFrom: monday - 1 }, 'effect_in_past'],
  ])('is refused for %s', (_, wanted, code) => {
    expect(() => asked([device()], wanted)).toThrow(code)
  })
  test('is asked for because the device is back already, or should never have been', () => {
    for (const reason of ['M21', 'M26', 'X02', 'X03'] as const) expect(asked([device()], { reason }).case.state).toBe('submitted')
  })

  test.each(['clearance', 'return', 'inspection', 'deposit'])('nobody waives %s', (id) => {
    expect(verdictOf(attempt(books(begun([device({ clear: false, open: [unsettled] })]), true), { command: 'waive-step', step: id, words: 'known' }, by(finance)))).toBe('step_machine_checked')
  })
  test('what the provider has to do is not ticked by the merchant', () => {
    expect(verdictOf(attempt(begun(), { command: 'complete-step', step: 'upstream' }, by(owner)))).toBe('role_missing')
  })
})

describe('undone', () => {
  const reactivation = (state: OpenCase['state']): OpenCase => ({ terminal: '10000001', no: 'TQ-X', direction: 'up', kind: 'reactivate', state })
  const beside = (told: Told, part: Partial<OpenCase> = {}): OpenCase[] => [{ terminal: '10000001', no: told.case.no, direction: 'down', kind: 'close', state: told.case.state, ...part }]
  const back_up = (told: Told, others: readonly OpenCase[]): string =>
    verdictOf((() => { try { return opened({ kind: 'reactivate', reason: 'M21', effectiveFrom: undefined, expectedUntil: undefined }, by(owner, monday, { terminals: told.terminals, returns: told.returns, others })) } catch (e) { return { refused: (e as Error).message.split(': ')[1], with: {} } } })())

  test('by a reactivation that is granted while the device is still there', () => {
    const told = begun()
    expect(back_up(told, beside(told))).toBe('accepted')
    // Asked for, it only holds the closure up; granted, it undoes it.
    expect(tick(told, monday, { others: [reactivation('submitted')] }).case.state).toBe('in_progress')
    expect(waits(told, monday, [reactivation('submitted')])).toContain('case')
    const undone = tick(told, monday, { others: [reactivation('approved')] })
    expect([undone.case.state, undone.case.terminals[0]!.result, undone.returns![0]!.state]).toEqual(['withdrawn', 'withdrawn', 'cancelled'])
    expect(undone.terminals[0]!.closedAt).toBeUndefined()
  })
  test('not before it has begun, and not once the device is handed over or its deposit on the way', () => {
    const told = begun()
    expect(back_up(told, beside(told, { state: 'approved' }))).toBe('case_open_already')
    const shipped = onLine(told, { command: 'ship-device', carrier: '顺丰', tracking: 'SF1' }, owner)
    expect(back_up(shipped, beside(shipped))).toBe('closure_past_return')
    expect(back_up(refunded(back(told)), beside(told))).toBe('closure_past_return')
  })
  test('an extension, another stop or another closure does not stand beside a closure', () => {
    const told = begun()
    for (const kind of ['suspend', 'extend', 'close'] as const)
      expect(() => opened({ ...closure, kind, reason: kind === 'close' ? 'M21' : 'M02', expectedUntil: kind === 'extend' ? monday + day_ms : undefined }, by(owner, monday, { terminals: told.terminals, others: beside(told) })), kind).toThrow('case_open_already')
  })
  test('a draft of somebody does not hold it up', () => {
    expect(waits(begun(), monday, [reactivation('draft')])).not.toContain('case')
  })
})

describe('the deposit', () => {
  const received = back(begun())
  test('14 months lent, the printer cover broken: 80.00 by the table, 220.00 back; two persons, and the merchant heard', () => {
    const proposed = onLine(received, { command: 'propose-deduction' }, finance)
    expect(proposed.returns![0]!.deposit!.deduction).toMatchObject({ fen: 8_000, lines: [{ rule: 'cover', fen: 8_000 }], disputeUntil: at('2026-11-28T18:00') })
    const tried = (command: LineCommand, who: Actor, now = monday): string => verdictOf(attemptReturn(proposed, '10000001', command, by(who, now)))
    const confirm: LineCommand = { command: 'confirm-refund', reference: 'R-1' }
    expect(tried(confirm, finance, monday + 9 * day_ms)).toBe('refund_second_person')
    expect(tried(confirm, finance2)).toBe('deduction_waits')
    expect(tried(confirm, finance2, at('2026-11-28T18:00'))).toBe('accepted')
    expect(tried(confirm, approver, at('2026-11-28T18:00'))).toBe('accepted')
    expect(tried({ command: 'confirm-refund', reference: ' ' }, finance2, monday + 9 * day_ms)).toBe('words_required')
    expect(tried({ command: 'dispute-deduction', words: '' }, owner)).toBe('words_required')
    expect(tried({ command: 'propose-deduction', without: ['tea'], words: 'x' }, finance)).toBe('deduction_rule_unknown')
    expect(tried({ command: 'propose-deduction', without: ['cover'] }, finance)).toBe('words_required')
  })
  test('a dispute is answered once, and not waited for twice', () => {
    const disputed = onLine(onLine(received, { command: 'propose-deduction' }, finance), { command: 'dispute-deduction', words: 'it was broken before' }, owner)
    expect(verdictOf(attemptReturn(disputed, '10000001', { command: 'confirm-refund', reference: 'R-1' }, by(finance2)))).toBe('deposit_not_in_this_state')
    const answered = onLine(disputed, { command: 'propose-deduction', without: ['cover'], words: 'goodwill' }, finance)
    expect(answered.returns![0]!.deposit!.deduction).toMatchObject({ fen: 0, words: 'goodwill' })
    expect(verdictOf(attemptReturn(answered, '10000001', { command: 'dispute-deduction', words: 'still' }, by(owner)))).toBe('dispute_answered')
    expect(onLine(answered, { command: 'confirm-refund', reference: 'R-1' }, finance2).returns![0]!.deposit).toMatchObject({ state: 'refunded', refundFen: 30_000 })
  })
  test('stands still while something is open, and is late once', () => {
    const open = tick(books(received, true))
    expect(open.returns![0]!.deposit).toMatchObject({ state: 'held', dueAt: undefined })
    const due = received.returns![0]!.deposit!.dueAt!
    const sheet = { case: received.case, terminals: new Map(received.terminals.map((t) => [t.id, t])), returns: new Map(received.returns!.map((r) => [r.terminal, r])), setting: by(systemActor) } as unknown as Sheet
    expect(nextCaseDue(sheet)).toBe(due)
    const late = tick(received, due)
    expect(late.facts.filter((f) => f.fact === 'deposit_late')).toHaveLength(1)
    expect(tick(late, due + 1).facts.filter((f) => f.fact === 'deposit_late')).toHaveLength(1)
    const proposed = onLine(received, { command: 'propose-deduction' }, finance)
    expect(verdictOf(attemptReturn(books(proposed, true), '10000001', { command: 'confirm-refund', reference: 'R-1' }, by(finance2, monday + 9 * day_ms)))).toBe('clearance_open')
  })
  test('what is not back is not reckoned; what never comes back is', () => {
    expect(verdictOf(attemptReturn(begun(), '10000001', { command: 'propose-deduction' }, by(finance)))).toBe('deposit_not_in_this_state')
    const arrived = onLine(begun(), { command: 'receive-device' }, field)
    expect(verdictOf(attemptReturn(arrived, '10000001', { command: 'propose-deduction' }, by(finance)))).toBe('return_not_in_this_state')
    expect(verdictOf(attemptReturn(begun(), '10000001', { command: 'inspect-device', parts: broken }, by(field)))).toBe('return_not_in_this_state')
    expect(verdictOf(attemptReturn(arrived, '10000001', { command: 'inspect-device', parts: [{ part: 'seal', condition: 'broken' }] }, by(field)))).toBe('photo_required')
    const lost = onLine(begun(), { command: 'lose-device', words: 'stolen from the shop' }, field)
    expect(waits(lost)).toEqual(['deposit', 'upstream_cleanup'])
    expect(onLine(lost, { command: 'propose-deduction' }, finance).returns![0]!.deposit!.deduction!.fen).toBe(0)
  })
})
