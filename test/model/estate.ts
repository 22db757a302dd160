// The program without its database: cases, terminals, one gate, what falls due. It does with the domain's functions what the
// pipeline does with them – facts folded, other cases poked, due dates kept, the gate pulling behind – so that thousands of
// sequences run in seconds. Every act becomes an entry, as in the journal; the auditor reads nothing else.
import { nextCaseDue } from '../../src/domain/application/advance.ts'
import type { Case, Fact } from '../../src/domain/application/case.ts'
import { decide, openCase, type CaseCommand, type NewCase } from '../../src/domain/application/decide.ts'
import { decideOnReturn } from '../../src/domain/application/returns.ts'
import type { StockDevice } from '../../src/domain/custody.ts'
import type { LineCommand, Return } from '../../src/domain/device.ts'
import { isTerminalFact, type CaseTerminalFacts, type Setting, type Sheet } from '../../src/domain/application/unfold.ts'
import { mayHold, mayNot, systemActor, type Actor } from '../../src/domain/authority.ts'
import { decide as gateDecide, type GateEntry } from '../../src/domain/gate.ts'
import { entryOf } from '../../src/domain/gate-entry.ts'
import type { Policy } from '../../src/domain/policy.ts'
import { isRefusal, refuse, type Refusal } from '../../src/domain/refusals.ts'
import {
  clearHold, evolveTerminal, isOfReplacement, modeAt, nextDue, placeHold, recordTest, schedule, tickTerminal, type TerminalFact, type TestedItem,
} from '../../src/domain/terminal.ts'
import { directionOf, isEnded, ownerOf, type Effect, type Reason } from '../../src/domain/vocabulary.ts'
import { calendar, terminal, unsettled, zone } from '../pure.ts'

/** The rules under test, each of which a test may replace by a broken one. */
export const asBuilt = {
  openCase, decide, decideOnReturn, nextCaseDue, placeHold, clearHold, recordTest, tickTerminal, nextDue, modeAt, schedule, entryOf, gateDecide,
}
export type System = typeof asBuilt

export type Entry = {
  at: number
  actor: Actor
  command: string
  input: Readonly<Record<string, unknown>>
  no: string | undefined
  tids: readonly string[]
  code: string | undefined
  facts: readonly Fact[]
}

export type Filing = Pick<NewCase, 'kind' | 'reason' | 'effectiveFrom' | 'expectedUntil' | 'proof' | 'hold' | 'wish' | 'words'> & { tids: readonly string[]; submit: boolean }
export type HoldRequest = { reason: Reason; effect: Effect; effectiveFrom: number | undefined; drainUntil: number | undefined }

/** What the register says of every terminal here. */
export const registered = { mid: '102290058120001', provider: 'yunhui', version: 1 }
const changesGate = new Set<Fact['fact']>([
  'hold_placed', 'hold_withdrawn', 'hold_shut', 'hold_cleared', 'hold_lifted', 'hold_reclaimed', 'hold_moved', 'expected_until_set', 'reopened', 'signed_on', 'made_final', 'closed', 'device_bound', 'device_unbound',
  'installed', 'unreserved',
])
/** What is on each terminal, by its place: a lent device with a deposit, one of the merchant's own, none, a lent one without a deposit. */
export const devices = [{ lent: true, fen: 30_000 }, { lent: false, fen: 0 }, undefined, { lent: true, fen: 0 }] as const

/** What is on the shelf: each may be put on a terminal once. */
export const shelf: readonly StockDevice[] = Array.from({ length: 6 }, (_, i) => ({
  serial: `N${i}`, provider: registered.provider, model: 'A920', type: 'smart', ownership: 'lent', depositFen: i % 2 === 0 ? 20_000 : 0, state: 'in_stock', custodian: { kind: 'warehouse', id: '' },
  tid: undefined, isReturning: false,
}))

const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
  return value
}

export function makeEstate(system: System, policy: Policy, tids: readonly string[], start: number, told: (entry: Entry) => void) {
  let now = start
  let seq = 1
  let minted = 0
  const cases = new Map<string, Case>()
  // Frozen: a decision that changed what it looks at would throw, so that a refusal leaves everything as it was.
  const terminals = new Map<string, CaseTerminalFacts>(tids.map((tid, i) => [tid, freeze(terminal({
    id: tid, tid, gatesKnowAt: undefined, installedAt: 1_735_689_600_000,
    device: devices[i] && { serial: `S${i}`, ownership: devices[i].lent ? 'lent' : 'owned', depositFen: devices[i].fen },
  }))]))
  const lines = new Map<string, Return>()
  const stock = new Map<string, StockDevice>([...shelf.map((d): [string, StockDevice] => [d.serial, d]), ...tids.flatMap((tid, i): [string, StockDevice][] => (devices[i] ? [[`S${i}`, {
    ...shelf[0]!, serial: `S${i}`, ownership: devices[i].lent ? 'lent' : 'owned', depositFen: devices[i].fen, state: 'deployed', tid, custodian: { kind: 'merchant', id: registered.mid },
  }]] : []))])
  let numbered = 0
  const gateSeq = new Map<string, number>(tids.map((tid) => [tid, seq]))
  const caseDue = new Map<string, number | undefined>()
  const terminalDue = new Map<string, number | undefined>()
  const pulls: { seq: number; at: number }[] = []
  const published = new Map<string, GateEntry>()

  const openCasesOn = (tid: string): Case[] => [...cases.values()].filter((c) => !isEnded(c.state) && c.terminals.some((t) => t.tid === tid))
  const knownAt = (wanted: number): number | undefined => pulls.find((p) => p.seq >= wanted)?.at
  const look = (tid: string): CaseTerminalFacts => ({ ...terminals.get(tid)!, gatesKnowAt: knownAt(gateSeq.get(tid)!) })

  const settingFor = (actor: Actor, of: readonly string[], no?: string): Setting => ({
    now, zone, actor, policy, policyVersion: 1, calendar, providerName: ['云汇支付', 'Yunhui Pay'],
    goodStanding: ![...terminals.values()].some((t) => t.holds.some(
      (h) => ['risk', 'finance', 'compliance'].includes(h.owner) && h.liftedAt === undefined && h.withdrawnAt === undefined,
    )),
    terminals: of.map(look),
    others: of.flatMap((tid) => openCasesOn(tid).filter((c) => c.no !== no).map((c) => ({ terminal: tid, no: c.no, direction: directionOf[c.kind], kind: c.kind, state: c.state, hold: c.terminals.find((t) => t.tid === tid)?.hold }))),
    returns: [...lines.values()].filter((line) => of.includes(line.terminal)),
    mint: () => `hold-${++minted}`, digest: (text) => text,
  })

  const storeTerminals = (facts: readonly Fact[], after: ReadonlyMap<string, CaseTerminalFacts>, no: string | undefined): void => {
    const touched = new Set(facts.filter(isTerminalFact).map((f) => f.terminal))
    for (const tid of touched) {
      const { gatesKnowAt: _, ...stored } = after.get(tid)!
      terminals.set(tid, freeze(stored))
      if (facts.some((f) => isTerminalFact(f) && f.terminal === tid && changesGate.has(f.fact))) gateSeq.set(tid, seq)
      terminalDue.set(tid, system.nextDue(stored))
      for (const other of openCasesOn(tid)) if (other.no !== no) caseDue.set(other.no, Math.min(caseDue.get(other.no) ?? now, now))
    }
  }
  const tell = (actor: Actor, command: string, input: Entry['input'], about: { no?: string; tids: readonly string[] }, outcome: Refusal | readonly Fact[]): Entry => {
    const entry: Entry = {
      at: now, actor, command, input, no: about.no, tids: about.tids,
      code: isRefusal(outcome) ? outcome.refused : undefined, facts: isRefusal(outcome) ? [] : outcome as readonly Fact[],
    }
    told(entry)
    return entry
  }
  const storeSheet = (sheet: Sheet, facts: readonly Fact[]): void => {
    seq += 1
    for (const f of facts) {
      if (f.fact === 'reserved') {
        terminals.set(f.tid, freeze(sheet.terminals.get(f.tid)!))
        gateSeq.set(f.tid, seq)
      }
      if (f.fact === 'device_unbound') stock.set(f.serial, { ...stock.get(f.serial)!, tid: undefined, state: 'swapped_out' })
      if (f.fact === 'device_bound') stock.set(f.device.serial, { ...stock.get(f.device.serial)!, tid: f.terminal, state: 'deployed' })
      if (f.fact === 'closed' && f.serial !== undefined) stock.set(f.serial, { ...stock.get(f.serial)!, tid: undefined, state: 'in_custody' })
    }
    cases.set(sheet.case.no, freeze(sheet.case))
    for (const line of sheet.returns.values()) lines.set(line.rma, freeze(line))
    // A case that comes to a decision or its end concerns the others on its terminals.
    if (facts.some((f) => ['approved', 'completed', 'rejected', 'withdrawn', 'expired'].includes(f.fact)))
      for (const { tid } of sheet.case.terminals) for (const c of openCasesOn(tid)) if (c.no !== sheet.case.no) caseDue.set(c.no, Math.min(caseDue.get(c.no) ?? now, now))
    storeTerminals(facts, sheet.terminals, sheet.case.no)
    caseDue.set(sheet.case.no, system.nextCaseDue(sheet))
  }

  function file(actor: Actor, no: string, filing: Filing): Entry {
    const about = { no, tids: filing.tids }
    const setting = settingFor(actor, filing.tids)
    const opened = system.openCase({
      ...filing, no, provider: registered.provider, merchant: registered.mid, channel: 'online', onBehalf: actor.party.kind === 'provider',
    }, setting)
    if (isRefusal(opened)) return tell(actor, 'file', filing, about, opened)
    const submitted = filing.submit ? system.decide(opened.sheet.case, { command: 'submit' }, setting) : { sheet: opened.sheet, facts: [] }
    if (isRefusal(submitted)) return tell(actor, 'file', filing, about, submitted)
    const facts = [...opened.facts, ...submitted.facts]
    storeSheet(submitted.sheet, facts)
    return tell(actor, 'file', filing, about, facts)
  }

  function command(actor: Actor, no: string, what: CaseCommand): Entry {
    const c = cases.get(no)!
    const tids = c.terminals.map((t) => t.tid)
    const about: Setting = {
      ...settingFor(actor, tids, no), ...(what.command === 'bind-device' && { device: stock.get(what.serial) }),
      ...(c.kind === 'install' && { numbers: Array.from({ length: c.wish!.count }, () => `2000000${++numbered}`) }),
    }
    const decision = system.decide(c, what, about)
    if (isRefusal(decision)) return tell(actor, what.command, what, { no, tids }, decision)
    if (what.command !== 'tick' || decision.facts.length > 0) storeSheet(decision.sheet, decision.facts)
    else caseDue.set(no, system.nextCaseDue(decision.sheet))
    return tell(actor, what.command, what, { no, tids }, decision.facts)
  }

  function onDevice(actor: Actor, rma: string, what: LineCommand): Entry {
    const { caseNo: no } = lines.get(rma)!
    const c = cases.get(no)!
    const about = { no, tids: c.terminals.map((t) => t.tid) }
    const decision = system.decideOnReturn(c, rma, what, settingFor(actor, about.tids, no))
    if (isRefusal(decision)) return tell(actor, what.command, { rma, ...what }, about, decision)
    storeSheet(decision.sheet, decision.facts)
    return tell(actor, what.command, { rma, ...what }, about, decision.facts)
  }

  function onTerminal(actor: Actor, tid: string, name: string, input: Entry['input'], decider: (t: CaseTerminalFacts) => TerminalFact[] | Refusal): Entry {
    const before = look(tid)
    const facts = decider(before)
    if (!isRefusal(facts) && facts.length > 0) {
      seq += 1
      storeTerminals(facts, new Map([[tid, facts.reduce<CaseTerminalFacts>((t, f) => ({ ...evolveTerminal(t, f), open: t.open }), before)]]), undefined)
    }
    return tell(actor, name, input, { tids: [tid] }, facts)
  }

  /** Everything due by now, case before terminal, until nothing moves. */
  function settle(): void {
    for (let rounds = 0; ; rounds++) {
      if (rounds > 20) throw new Error('what is due does not come to rest')
      const due = [
        ...[...caseDue].filter(([, at]) => at !== undefined && at <= now).map(([id, at]) => ({ id, at: at!, isCase: true })),
        ...[...terminalDue].filter(([, at]) => at !== undefined && at <= now).map(([id, at]) => ({ id, at: at!, isCase: false })),
      ].toSorted((a, b) => a.at - b.at || Number(b.isCase) - Number(a.isCase))
      let progress = false
      for (const { id, isCase } of due) {
        if (isCase && isEnded(cases.get(id)!.state)) { caseDue.delete(id); continue }
        const entry = isCase ? command(systemActor, id, { command: 'tick' })
          : onTerminal(systemActor, id, 'tick', { tid: id }, (t) => system.tickTerminal(t, now))
        progress ||= entry.facts.length > 0
      }
      if (!progress) return
    }
  }

  /** The gate asks what changed since it last asked. */
  function pull(): void {
    for (const [tid, t] of terminals) published.set(tid, system.entryOf(t, { ...registered, version: gateSeq.get(tid)! }, now))
    if ((pulls.at(-1)?.seq ?? -1) < seq) pulls.push({ seq, at: now })
  }
  pull()

  return {
    cases, terminals, published, lines,
    now: () => now,
    look, file, command, onDevice, settle, pull,
    nextDue: (): number | undefined => {
      const known = [...caseDue.values(), ...terminalDue.values()].filter((at) => at !== undefined && at > now) as number[]
      return known.length === 0 ? undefined : Math.min(...known)
    },
    setNow(to: number): void { now = to },
    placeHold: (actor: Actor, tid: string, wanted: HoldRequest): Entry => onTerminal(actor, tid, 'place-hold', { tid, ...wanted }, (t) => {
      const desk = ownerOf(wanted.reason)
      return mayNot(actor, 'place-hold') ?? (desk === 'merchant' || !mayHold(actor, desk, policy) ? refuse('hold_place_not_yours') : undefined)
        ?? system.placeHold(t, {
          ...wanted, id: `hold-${++minted}`, owner: desk, expectedUntil: undefined, caseNo: undefined, placedBy: actor.person, drainHours: policy.drainHours,
          reminderDaysBeforeReturn: policy.reminderDaysBeforeReturn,
        }, now)
    }),
    liftHold: (actor: Actor, tid: string, id: string): Entry => onTerminal(actor, tid, 'lift-hold', { tid, hold: id }, (t) => {
      const hold = t.holds.find((h) => h.id === id)!
      const { owner } = hold
      return mayNot(actor, 'lift-hold') ?? (owner === 'merchant' ? refuse('hold_by_case') : isOfReplacement(hold) ? refuse('hold_by_replacement') : mayHold(actor, owner, policy) ? undefined : refuse('hold_not_yours'))
        ?? system.clearHold(t, id, actor.person, now)
    }),
    test: (actor: Actor, tid: string, items: readonly TestedItem[]): Entry => onTerminal(actor, tid, 'test-terminal', { tid, items }, (t) =>
      mayNot(actor, 'record-test') ?? system.recordTest(t, items, policy.deviceTests, policy.gate.signOnAfterReopening, actor.person, now)),
    signOn: (tid: string): Entry => onTerminal(systemActor, tid, 'signed-on', { tid }, (t) =>
      t.signOnRequired ? [{ fact: 'signed_on', terminal: tid, at: now }] : refuse('not_found')),
    /** Transactions come in or are settled: the books changed, so whoever waits for them looks again. */
    books(tid: string, clear: boolean): Entry {
      terminals.set(tid, freeze({ ...terminals.get(tid)!, clear, open: clear ? [] : [unsettled] }))
      terminalDue.set(tid, now)
      for (const c of openCasesOn(tid)) caseDue.set(c.no, Math.min(caseDue.get(c.no) ?? now, now))
      return tell(systemActor, 'books', { tid, clear }, { tids: [tid] }, [])
    },
  }
}
