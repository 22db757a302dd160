// Programs with one rule broken, and the law by which the auditor finds each. They show that the auditor would object.
import { isRefusal } from '../../src/domain/refusals.ts'
import type { Terminal, TerminalFact } from '../../src/domain/terminal.ts'
import { asBuilt, type System } from './estate.ts'

const isMaker = (c: { makers: readonly string[] }, person: string): boolean => c.makers.includes(person)
type Mutant = { breaks: Partial<System>; law: RegExp }
const facts = <T>(result: T, change: (facts: TerminalFact[]) => TerminalFact[]): T => (Array.isArray(result) ? (change(result) as T) : result)
const only = (terminal: Terminal, keep: (hold: Terminal['holds'][number]) => boolean): Terminal => ({ ...terminal, holds: terminal.holds.filter(keep) })

export const mutants: Record<string, Mutant> = {
  'a maker approves': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c, command, command.command === 'approve' ? { ...s, actor: { ...s.actor, person: 'ghost' } } : s) },
    law: /a maker|looked first|two look/,
  },
  'one look is enough': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c, command, { ...s, policy: { ...s.policy, secondApproval: [] } }) },
    law: /two look where the policy wants two/,
  },
  'the dossier may change after it was looked at': {
    breaks: {
      decide(c, command, s) {
        const isPaper = c.state === 'second_review' && /material/.test(command.command)
        const decision = asBuilt.decide(isPaper ? { ...c, state: 'in_review' } : c, command, { ...s, digest: () => '' })
        if (isPaper && !isRefusal(decision)) decision.sheet.case = { ...decision.sheet.case, state: 'second_review' }
        return decision
      },
    },
    law: /not what was looked at/,
  },
  'closed while money is open': {
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c, command, c.kind !== 'close' ? s : { ...s, terminals: s.terminals.map((t) => ({ ...t, clear: true, open: [] })) }),
      decideOnReturn: (c, rma, command, s) => asBuilt.decideOnReturn(c, rma, command, { ...s, terminals: s.terminals.map((t) => ({ ...t, clear: true, open: [] })) }),
    },
    law: /closed while something is open|duty is seen|something is open|due once|shut when clear|duties follow/,
  },
  'closed over the hold of another desk': {
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c, command, c.kind !== 'close' || command.command !== 'tick' ? s : {
        ...s, terminals: s.terminals.map((t) => ({ ...t, holds: t.holds.map((h) => (h.owner === 'merchant' ? h : { ...h, clearedAt: h.clearedAt ?? s.now })) })),
      }),
    },
    law: /closed while something is open|with its owner’s consent|holds are as told/,
  },
  'closed while the device is away': {
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c, command, c.kind !== 'close' ? s : {
        ...s, returns: s.returns?.map((r) => (r.state === 'requested' || r.state === 'shipped' ? { ...r, state: 'restocked', deposit: undefined } : r)),
      }),
    },
    law: /closed while something is open|duty is seen/,
  },
  'a deposit given back by one person': {
    breaks: { decideOnReturn: (c, rma, command, s) => asBuilt.decideOnReturn(c, rma, command, command.command === 'confirm-refund' ? { ...s, actor: { ...s.actor, person: 'ghost' } } : s) },
    law: /money takes two|a deposit takes two/,
  },
  'the table of deductions is forgotten': {
    breaks: { decideOnReturn: (c, rma, command, s) => asBuilt.decideOnReturn(c, rma, command, { ...s, policy: { ...s.policy, closure: { ...s.policy.closure, deductions: [] } } }) },
    law: /deducted by the table/,
  },
  'a deduction the merchant was not asked about': {
    breaks: { decideOnReturn: (c, rma, command, s) => asBuilt.decideOnReturn(c, rma, command, { ...s, policy: { ...s.policy, closure: { ...s.policy.closure, disputeWithinDays: 0 } } }) },
    law: /the merchant is heard once|the merchant was not heard/,
  },
  'undone after the device was handed over': {
    breaks: { openCase: (wanted, s) => asBuilt.openCase(wanted, { ...s, returns: [] }), decide: (c, command, s) => asBuilt.decide(c, command, c.kind === 'reactivate' ? { ...s, returns: [] } : s) },
    law: /it is being closed/,
  },
  'a closure nobody looks at again': {
    breaks: { nextCaseDue: (sheet) => (sheet.case.kind === 'close' && ['approved', 'in_progress'].includes(sheet.case.state) ? undefined : asBuilt.nextCaseDue(sheet)) },
    law: /waits for its moment only|late refund|nothing in the way/,
  },
  'a device is changed while the terminal still sells': {
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c.kind === 'replace' && /bind-device/.test(command.command) && c.state === 'in_progress'
        ? { ...c, terminals: c.terminals.map((t) => (t.result === 'draining' ? { ...t, result: 'stopped' as const } : t)) } : c, command, s),
    },
    law: /not shut everywhere|no device is taken off/,
  },
  'what lies in the old device is forgotten': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c.kind === 'replace' ? { ...c, steps: c.steps.map((x) => (x.kind === 'clearance' ? { ...x, requirement: 'advised' as const } : x)) } : c, command, s) },
    law: /something must be done before|no device is taken off/,
  },
  'one device on two terminals': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c, command, s.device ? { ...s, device: { ...s.device, tid: undefined, state: 'in_stock', custodian: { kind: 'warehouse', id: '' } } } : s) },
    law: /not on the shelf|a device is on one terminal/,
  },
  'a device taken off leaves what is to be tested': {
    breaks: {
      decide(c, command, s) {
        const decision = asBuilt.decide(c, command, s)
        if (isRefusal(decision) || !decision.facts.some((f) => f.fact === 'hold_reclaimed')) return decision
        decision.sheet.terminals = new Map([...decision.sheet.terminals].map(([id, t]) => [id, { ...t, holds: t.holds.map((h) => ({ ...h, clearedAt: s.terminals.find((x) => x.id === id)!.holds.find((x) => x.id === h.id)?.clearedAt ?? h.clearedAt })) }]))
        return { sheet: decision.sheet, facts: decision.facts.filter((f) => f.fact !== 'hold_reclaimed') }
      },
    },
    law: /without its new device stays stopped|given free once|results are as told|a result says/,
  },
  'a new device is tested before it is filed': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c.kind === 'replace' || c.kind === 'install' ? { ...c, steps: c.steps.map((x) => (x.kind === 'filing' ? { ...x, requirement: 'advised' as const } : x)) } : c, command, s) },
    law: /through its new device, in place and filed|filed before|something must be done before/,
  },
  'an installation passes straight through': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c.kind === 'install' && command.command === 'approve' ? { ...c, makers: [], createdBy: 'nobody', submittedBy: 'nobody' } : c, command, s) },
    law: /a maker|looked first|maker is not checker/,
  },
  'a number is given twice': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c, command, s.numbers ? { ...s, numbers: s.numbers.map(() => '20000001') } : s) },
    law: /a number is given once/,
  },
  'a new terminal needs no test': {
    breaks: {
      decide(c, command, s) {
        return asBuilt.decide(c, command.command === 'record-test' && c.kind === 'install' ? { ...command, items: command.items.map((i) => ({ ...i, passed: true })) } : command, s)
      },
    },
    law: /passed means all of it/,
  },
  'who placed a hold decides the appeal against it': {
    // The person is swapped for another only where that person placed the hold: everything else stays refused as it was.
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c, command, c.kind !== 'appeal' ? s : {
        ...s, terminals: s.terminals.map((t) => ({ ...t, holds: t.holds.map((h) => (h.placedBy === s.actor.person && !isMaker(c, s.actor.person) ? { ...h, placedBy: 'ghost' } : h)) })),
      }),
    },
    law: /placed it|by an appeal that somebody else upheld/,
  },
  'an appeal opens without a test': {
    breaks: {
      decide(c, command, s) {
        const decision = asBuilt.decide(c, command, s)
        if (isRefusal(decision) || c.kind !== 'appeal' || !decision.facts.some((f) => f.fact === 'hold_cleared') || decision.facts.some((f) => f.fact === 'hold_lifted')) return decision
        const { hold, terminal } = decision.facts.find((f) => f.fact === 'hold_cleared')!
        decision.sheet.add({ fact: 'hold_lifted', terminal, hold, at: s.now, by: s.actor.person })
        return { sheet: decision.sheet, facts: decision.sheet.facts }
      },
    },
    law: /nothing opens without a passed test/,
  },
  'two appeals against one hold': {
    breaks: { openCase: (wanted, s) => asBuilt.openCase(wanted, wanted.kind === 'appeal' ? { ...s, others: [] } : s), decide: (c, command, s) => asBuilt.decide(c, command, c.kind === 'appeal' ? { ...s, others: [] } : s) },
    law: /argued about already/,
  },
  'a replacement’s stop is lifted by hand': {
    breaks: { clearHold: (t, id, by, now) => asBuilt.clearHold(t, id, by, now), placeHold: (t, wanted, now) => asBuilt.placeHold(t, wanted, now), decide: (c, command, s) => asBuilt.decide(c.kind === 'replace' && c.state === 'in_progress' ? { ...c, terminals: c.terminals.map((t) => ({ ...t, to: t.to ?? 'N0' })) } : c, command, s) },
    law: /through its new device|seen, not ticked|a result says|results are as told|it has it|not shut|accepted although|refused without|follow/,
  },
  'a second case on one terminal': {
    breaks: { openCase: (wanted, s) => asBuilt.openCase(wanted, { ...s, others: [] }), decide: (c, command, s) => asBuilt.decide(c, command, { ...s, others: [] }) },
    law: /a case that way is open|another case is open|it is being closed/,
  },
  'withdrawn after the stop began': {
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c, command, command.command === 'withdraw' && c.state === 'approved' ? { ...s, now: c.effectiveFrom! - 1 } : s),
    },
    law: /the stop has begun|withdrawn before it takes effect/,
  },
  'a stop begins a millisecond late': {
    breaks: { decide: (c, command, s) => asBuilt.decide(c.effectiveFrom === undefined ? c : { ...c, effectiveFrom: c.effectiveFrom + 1 }, command, s) },
    law: /effective exactly when asked|refused without a reason|accepted although|begun at its moment/,
  },
  'a stop for risk drains': {
    breaks: {
      placeHold: (t, wanted, now) => facts(asBuilt.placeHold(t, wanted, now), (all) => all.map((f) => f.fact === 'hold_placed'
        ? { ...f, hold: { ...f.hold, drainUntil: f.hold.drainUntil + 3_600_000 } } : f).filter((f) => f.fact !== 'hold_shut')),
    },
    law: /no drain window for risk/,
  },
  'a stop waits for what is open': {
    breaks: {
      tickTerminal: (t, now) => (t.clear ? asBuilt.tickTerminal(t, now) : asBuilt.tickTerminal(t, now).filter((f) => f.fact !== 'hold_shut')),
      decide(c, command, s) {
        return asBuilt.decide(c, command, { ...s, terminals: s.terminals.map((t) => (t.clear ? t : { ...t, holds: t.holds.map((h) => ({ ...h, drainUntil: h.drainUntil + 1e9 })) })) })
      },
    },
    law: /a stop never waits|holds are as told|shut when clear/,
  },
  'nobody looks at the clock': {
    breaks: { nextDue: () => undefined, nextCaseDue: () => undefined },
    law: /a stop begins when|expires|escalated|checkpoint is taken|clearance follows|acknowledged stops/,
  },
  'a stop begins twice': {
    breaks: {
      tickTerminal: (t, now) => [
        ...t.holds.filter((h) => h.startedAt !== undefined && h.liftedAt === undefined).map((h) => ({ fact: 'hold_started' as const, terminal: t.id, hold: h.id, at: h.effectiveFrom })),
        ...asBuilt.tickTerminal(t, now),
      ],
    },
    law: /begun once, at its moment/,
  },
  'called effective before the gates know': {
    breaks: { tickTerminal: (t, now) => asBuilt.tickTerminal({ ...t, gatesKnowAt: t.gatesKnowAt ?? 0 }, now) },
    law: /no sale after a stop was called effective/,
  },
  'lifting one lifts another': {
    breaks: {
      clearHold: (t, id, by, now) => facts(asBuilt.clearHold(t, id, by, now), (all) => all.flatMap((f) => (f.fact === 'hold_cleared'
        ? t.holds.filter((h) => h.startedAt !== undefined && h.clearedAt === undefined).map((h): TerminalFact => ({ ...f, hold: h.id })) : [f]))),
    },
    law: /through the desk|through an approved reactivation|accepted and nothing done|through its new device/,
  },
  'it opens without a test': {
    breaks: {
      clearHold: (t, id, by, now) => facts(asBuilt.clearHold(t, id, by, now), (all) => (all.at(-1)?.fact === 'hold_cleared'
        ? [...all, { fact: 'hold_lifted', terminal: t.id, hold: id, at: now, by }] : all)),
    },
    law: /nothing opens without a passed test/,
  },
  'a failed test opens': {
    breaks: { recordTest: (t, items, ...rest) => asBuilt.recordTest(t, items.map((i) => ({ ...i, passed: true })), ...rest) },
    law: /passed means all of it/,
  },
  'an item may be left out of a test': {
    breaks: { recordTest: (t, items, _, ...rest) => asBuilt.recordTest(t, items, [], ...rest) },
    law: /not every item was tested/,
  },
  'a test passes by other stops': {
    breaks: { recordTest: (t, ...rest) => asBuilt.recordTest(only(t, (h) => h.clearedAt !== undefined), ...rest) },
    law: /another stop stands in the way/,
  },
  'sign-on is not demanded': {
    breaks: { recordTest: (t, items, demanded, _, ...rest) => asBuilt.recordTest(t, items, demanded, false, ...rest) },
    law: /sign-on after reopening/,
  },
  'the fee is forgotten': {
    breaks: {
      decide: (c, command, s) => asBuilt.decide(c.kind === 'reactivate' ? { ...c, steps: c.steps.map((x) => (x.kind === 'pay_fee' ? { ...x, state: 'waived' as const } : x)) } : c, command, s),
    },
    law: /through an approved reactivation|something must be done before|settled/,
  },
  'the gate is not told of what is to come': {
    breaks: { entryOf: (t, registered, now) => asBuilt.entryOf(only(t, (h) => h.effectiveFrom <= now), registered, now) },
    law: /the gate says the same/,
  },
  'the gate forgets a restriction': {
    breaks: { entryOf: (t, registered, now) => asBuilt.entryOf(only(t, (h) => h.effect === 'stop'), registered, now) },
    law: /the gate says the same/,
  },
  'a schedule with a gap': {
    breaks: { schedule: (t, from, to) => { const all = asBuilt.schedule(t, from, to); return all.length > 2 ? all.filter((_, i) => i !== 1) : all } },
    law: /a schedule without gaps/,
  },
  'an approval changes nothing else': {
    breaks: {
      decide(c, command, s) {
        const decision = asBuilt.decide(c, command, s)
        if (command.command !== 'approve' || isRefusal(decision) || c.kind !== 'suspend') return decision
        const kept = decision.facts.filter((f) => f.fact === 'approved' || f.fact === 'reviewed')
        decision.sheet.terminals = new Map(s.terminals.map((t) => [t.id, t]))
        decision.sheet.case = { ...decision.sheet.case, state: kept[0]?.fact === 'approved' ? 'approved' : decision.sheet.case.state, terminals: c.terminals }
        return { sheet: decision.sheet, facts: kept }
      },
    },
    law: /an approved stop waits|checkpoint is taken|holds are as told/,
  },
}
