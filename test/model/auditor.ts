// Reads every entry as it comes and objects where the rules were broken. It shares no rule with the program: what must be
// refused stands in permission.ts, what each fact may claim stands here, one law per fact; after everything due was done it
// asks what time owed (`atRest`), and at any instant what a terminal and its gate may say (`atInstant`).
import type { Fact } from '../../src/domain/application/case.ts'
import { addWorkdays, dateOf, instantOf } from '../../src/domain/calendar.ts'
import { calendar, zone } from '../pure.ts'
import {
  agreed, barOf, bars, day_ms, dossier, firm, hour_ms, isLive, over, standing, unfinished, type Bar, type Books, type Card, type File,
} from './books.ts'
import { begins, closingAtRest, closingLaws, deviceObjection, isOfDevice, isSeenDone, seenInClosing } from './closing.ts'
import { changingAtRest, changingLaws, isChangeSeen, isSeenInChange } from './changing.ts'
import { devices, shelf, type Entry } from './estate.ts'
import { deskOfReason, isStraight, objection, wantsSecond } from './permission.ts'

export class Objection extends Error {}

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>
type Law<F extends Fact['fact']> = (fact: FactOf<F>, entry: Entry, file: File) => void
/** Which command alone may bring a fact about; what is not listed may come with any command on a case or terminal. */
const causes: Partial<Record<Fact['fact'], readonly string[]>> = {
  opened: ['file'], submitted: ['file', 'submit'], claimed: ['claim'], assigned: ['assign'], returned: ['return'], reviewed: ['approve'],
  approved: ['approve', 'submit', 'file'], rejected: ['reject'], material_added: ['add-material'],
  material_accepted: ['accept-material'], material_returned: ['return-material'], review_voided: ['add-material', 'return-material', 'accept-material'],
  waiver_proposed: ['waive-step'], tested: ['record-test', 'test-terminal'], reopened: ['record-test', 'test-terminal'], signed_on: ['signed-on'],
  hold_placed: ['approve', 'submit', 'file', 'place-hold'], steps_planned: ['submit', 'file'], reserved: ['approve'], installed: ['record-test'],
  hold_reclaimed: ['bind-device', 'unbind-device'], device_bound: ['bind-device'], device_unbound: ['bind-device', 'unbind-device'], unreserved: ['withdraw'],
}
/** What an accepted command must at least have done. */
const demanded: Record<string, readonly Fact['fact'][]> = {
  file: ['opened'], submit: ['submitted'], withdraw: ['withdrawn'], claim: ['claimed'], assign: ['assigned'], return: ['returned'],
  approve: ['approved', 'reviewed'], reject: ['rejected'], 'add-material': ['material_added'], 'accept-material': ['material_accepted'],
  'return-material': ['material_returned'], 'complete-step': ['step_settled'], 'waive-step': ['step_settled', 'waiver_proposed'],
  'record-test': ['tested'], 'test-terminal': ['tested'], 'place-hold': ['hold_placed'], 'lift-hold': ['hold_cleared', 'hold_withdrawn'],
  'signed-on': ['signed_on'], 'bind-device': ['device_bound'], 'unbind-device': ['device_unbound'],
}

export function makeAuditor(card: Card, tids: readonly string[]) {
  const books: Books = {
    card, files: new Map(), lines: new Map(), shelf: new Map<string, string>([...shelf.map((d): [string, string] => [d.serial, 'free']), ...tids.flatMap((tid, i): [string, string][] => (devices[i] ? [[`S${i}`, tid]] : []))]),
    terminals: new Map(tids.map((tid, i) => [tid, { clear: true, owesSignOn: false, blockedAt: undefined, bars: [], device: devices[i], serial: devices[i] && `S${i}` }])),
  }
  const object = (law: string, about: unknown): never => { throw new Objection(`${law}: ${JSON.stringify(about)}`) }
  const must = (truth: unknown, law: string, about: unknown): void => { if (!truth) object(law, about) }
  const bar = (fact: { terminal: string; hold: string }): Bar => barOf(books, fact.terminal, fact.hold) ?? object('a hold nobody placed', fact)
  const clear = (file: File): boolean => file.tids.every((tid) => books.terminals.get(tid)!.clear)
  const isTest = (entry: Entry): boolean => entry.command === 'record-test' || entry.command === 'test-terminal'

  const laws: { [F in Fact['fact']]?: Law<F> } = {
    opened({ case: c }) {
      books.files.set(c.no, {
        no: c.no, kind: c.kind, reason: c.reason, tids: c.terminals.map((t) => t.tid), state: 'draft', from: c.effectiveFrom, until: c.expectedUntil,
        openedAt: c.createdAt, sent: false, creator: c.createdBy, makers: new Set([c.createdBy]), papers: [], duties: [], escalated: false, checkpointAt: undefined,
        checked: false, results: new Map(c.terminals.map((t) => [t.tid, 'pending'])), bars: new Map(c.terminals.map((t) => [t.tid, t.hold])), taken: new Map(), put: new Map(), wished: c.wish?.count,
      })
    },
    submitted(fact, { actor, at, facts }, file) {
      must(fact.by === actor.person && fact.at === at, 'who submits is written down', fact)
      must(facts.some((f) => f.fact === 'approved') === (!file.sent && isStraight(books, file, at)), 'straight through exactly when the policy’s rule holds', fact)
      Object.assign(file, { state: 'submitted', sent: true, deadline: fact.deadline.at, escalated: false, checkpointAt: fact.checkpointAt })
      // The register keeps who created a case and who submitted it last.
      file.makers.add(actor.person)
      const day = file.from === undefined || file.kind !== 'suspend' ? undefined : addWorkdays(calendar, dateOf(file.from, zone), -2)
      must(fact.checkpointAt === (day === undefined ? undefined : instantOf(day as string, '09:00', zone)), 'the checkpoint is two working days before at nine', fact)
      must(fact.deadline.at > at, 'a deadline lies ahead', fact)
    },
    steps_planned({ steps }, _, file) {
      file.duties = steps.map((s) => ({ id: s.id, kind: s.kind, required: s.requirement === 'required', before: s.before, whose: s.assignee, state: s.state }))
    },
    claimed(fact, { actor }, file) {
      must(fact.by === actor.person, 'one claims for oneself', fact)
      file.handler = fact.by
      if (file.state === 'submitted') file.state = 'in_review'
    },
    assigned(fact, _, file) {
      file.handler = fact.to
      if (file.state === 'submitted') file.state = 'in_review'
    },
    returned(fact, { at }, file) {
      must(fact.answerBy > at, 'an answer has time', fact)
      Object.assign(file, { state: 'returned', answerBy: fact.answerBy, looker: undefined, looked: undefined })
    },
    reviewed(fact, { actor }, file) {
      must(wantsSecond(books, file) && file.state !== 'second_review', 'a second look only where the policy wants one', fact)
      Object.assign(file, { state: 'second_review', looker: actor.person, looked: dossier(file), handler: undefined })
    },
    review_voided(fact, _, file) {
      must(file.state === 'second_review' && file.looked !== dossier(file), 'a look is void only when the dossier changed', fact)
      Object.assign(file, { state: 'in_review', looker: undefined, looked: undefined })
    },
    approved(fact, { actor, command, at }, file) {
      if (command !== 'approve') must(fact.by === 'policy' && isStraight(books, file, at), 'straight through only by the policy’s rule', fact)
      else must(fact.by === actor.person && (file.state === 'second_review' || !wantsSecond(books, file)), 'two look where the policy wants two', fact)
      must(!file.makers.has(fact.by), 'maker is not checker', fact)
      must(unfinished(file, 'approval').length === 0, 'nothing open before an approval', file.duties)
      must(file.kind !== 'close' || command === 'approve', 'a closure is never approved straight through', fact)
      Object.assign(file, { state: 'approved', decidedAt: at })
      for (const p of file.papers) if (p.standing === 'uploaded') p.standing = 'accepted'
    },
    rejected(_, __, file) { file.state = 'rejected' },
    withdrawn(fact, { command, actor }, file) {
      must(command === 'withdraw' ? fact.by === actor.person : (file.kind === 'appeal' && isFreed(file)) || allDropped(file) || (file.kind === 'close' && [...file.results.values()].every((r) => r === 'withdrawn')), 'withdrawn by the applicant, or with its last hold', fact)
      file.state = 'withdrawn'
    },
    expired(_, { at }, file) {
      must(file.state === 'draft' ? at >= file.openedAt + 30 * day_ms : file.state === 'returned' && at >= file.answerBy!, 'expired in its time', file)
      file.state = 'expired'
    },
    escalated(_, { at }, file) {
      must(['submitted', 'in_review', 'second_review'].includes(file.state) && at >= file.deadline! && !file.escalated, 'escalated once, when late', file)
      file.escalated = true
    },
    material_added({ material }, _, file) { file.papers.push({ id: material.id, type: material.type, standing: 'uploaded' }) },
    material_accepted(fact, _, file) { file.papers.find((p) => p.id === fact.material)!.standing = 'accepted' },
    material_returned(fact, _, file) { file.papers.find((p) => p.id === fact.material)!.standing = 'returned' },
    waiver_proposed(fact, { actor }, file) { file.duties.find((d) => d.id === fact.step)!.waiver = actor.person },
    step_settled(fact, { actor, command, input }, file) {
      const duty = file.duties.find((d) => d.id === fact.step)!
      const byHand = ['complete-step', 'waive-step'].includes(command) && input['step'] === fact.step
      if (isSeenInChange(file, duty.kind) && !byHand && fact.state !== 'failed') must(fact.state === 'done' && isChangeSeen(books, file, duty.kind), 'what changes is seen, not ticked', { fact, duty })
      else if (file.kind === 'close' && seenInClosing.includes(duty.kind)) must(fact.state === 'done' && isSeenDone(books, file, duty.kind), 'a closure’s duty is seen, not ticked', { fact, duty })
      else if (duty.kind === 'settlement_agreement' && fact.state === 'done') must(agreed(file), 'an agreement is a paper that was accepted', fact)
      else if (duty.kind === 'clearance' && fact.state === 'done') must(clear(file) || agreed(file), 'clearance is seen in the books', fact)
      else if (duty.kind === 'device_test') must(fact.state === 'failed' ? isTestCommand(command) : tested(file), 'a test is seen, not ticked', fact)
      else must(byHand, 'nobody else’s duty is ticked', fact)
      if (fact.state === 'waived' && !['notify_parties', 'upstream_cleanup', 'site_cleanup', 'filing'].includes(duty.kind)) must(duty.waiver !== undefined && duty.waiver !== actor.person, 'money takes two', fact)
      Object.assign(duty, { state: fact.state, waiver: undefined })
    },
    step_reopened(fact, { command }, file) {
      const duty = file.duties.find((d) => d.id === fact.step)!
      must(duty.kind === 'filing' ? ['bind-device', 'unbind-device'].includes(command) : isSeenInChange(file, duty.kind) ? !isChangeSeen(books, file, duty.kind) : file.kind === 'close' && seenInClosing.includes(duty.kind) ? !isSeenDone(books, file, duty.kind) : duty.kind === 'settlement_agreement' ? !agreed(file) : duty.kind === 'clearance' ? !clear(file) && !agreed(file) : duty.kind === 'device_test' && !tested(file), 'reopened only when the facts changed', fact)
      duty.state = 'open'
    },
    checkpoint_taken(fact, { at }, file) {
      const open = file.tids.filter((tid) => !books.terminals.get(tid)!.clear).length
      must(file.state === 'approved' && !file.checked && at >= file.checkpointAt!, 'a checkpoint once, in its time', fact)
      must(fact.openCount === open, 'the checkpoint counts what is open', fact)
      must(fact.outcome === 'proceed' || (card.postpone && open > 0 && at < file.from!), 'put off only where the policy says so', fact)
      file.checked = true
    },
    postponed(fact, _, file) {
      const day = addWorkdays(calendar, dateOf(file.from!, zone), 2) as string
      const wall = file.from! - instantOf(dateOf(file.from!, zone), '00:00', zone)
      must(card.postpone && fact.effectiveFrom === instantOf(day, '00:00', zone) + wall, 'put off by two working days to the same hour', fact)
      must(barsOf(file).every((b) => !isLive(b) || b.until === undefined || b.until > fact.effectiveFrom), 'never put off past its own return', fact)
      Object.assign(file, { from: fact.effectiveFrom, checkpointAt: fact.checkpointAt, checked: false })
    },
    begun(fact, { at }, file) {
      must(file.state === 'approved', 'begun after its approval', fact)
      const begun = barsOf(file).filter((b) => b.begun).map((b) => b.from)
      must(file.kind === 'reactivate' || file.kind === 'install' ? fact.at === at : file.kind === 'close' ? fact.at === begins(file) && fact.at <= at : fact.at === Math.min(...begun) && fact.at <= at, 'begun at its moment', fact)
      file.state = 'in_progress'
    },
    result(fact, { at }, file) {
      const b = barOf(books, fact.terminal, fact.hold)
      const others = bars(books, fact.terminal, at).filter((x) => !x.light)
      const truth: Record<string, unknown> = {
        pending: true, failed: b === undefined, extended: file.kind === 'extend', closed: books.terminals.get(fact.terminal)!.closedAt === at,
        withdrawn: b?.dropped !== undefined || (file.kind === 'close' && (b?.consent !== undefined || reopening(fact.terminal))),
        draining: b?.begun, stopped: b && (b.consent !== undefined || (b.shut !== undefined && books.terminals.get(fact.terminal)!.blockedAt !== undefined)),
        testing: standing(books, fact.terminal, at) === 'test', reopened: b?.gone !== undefined && others.length === 0,
        still_held: b?.gone !== undefined && others.length > 0,
        installed: books.terminals.get(fact.terminal)!.installedAt !== undefined, released: b?.consent !== undefined || b?.dropped !== undefined,
      }
      must(truth[fact.result], 'a result says what is', { fact, b, others })
      file.results.set(fact.terminal, fact.result)
      file.bars.set(fact.terminal, fact.hold)
    },
    completed(fact, _, file) {
      const last = { suspend: ['stopped', 'withdrawn'], reactivate: ['reopened', 'still_held', 'withdrawn'], extend: ['extended'], close: ['closed', 'withdrawn'], replace: ['reopened', 'still_held', 'withdrawn'], install: ['installed'], appeal: ['released'] }[file.kind]!
      const [stopped, reopened, closed] = ['stopped', 'reopened', 'closed'].map((r) => [...file.results.values()].includes(r))
      must([...file.results.values()].every((r) => last.includes(r)), 'completed when every terminal is done', file)
      must(unfinished(file, 'completion').length === 0, 'completed when every duty is', file.duties)
      if (file.kind === 'install') must(file.tids.every((tid) => !books.terminals.get(tid)!.owesSignOn), 'completed by the first sign-on', file)
      must(fact.letter === (file.kind === 'replace' || file.kind === 'install' ? 'handover_list' : stopped ? 'stop_confirmation' : reopened ? 'reopening_confirmation' : closed ? 'closure_certificate' : undefined), 'a letter proves it', fact)
      file.state = 'completed'
    },
    hold_placed({ terminal, hold: h }, { at, command, input }, file) {
      const asked = (file ? file.from : (input['effectiveFrom'] as number | undefined)) ?? at
      const risky = /^[RS]/.test(h.reason)
      const window = (file ? undefined : (input['drainUntil'] as number | undefined)) ?? Math.max(asked, at) + card.drainHours * hour_ms
      must(h.owner === (file?.kind === 'close' ? 'merchant' : deskOfReason(h.reason)) && (command !== 'place-hold') === (h.owner === 'merchant' || (file?.kind === 'replace' && h.reason === 'X01')), 'a hold belongs to its desk', h)
      must(h.effectiveFrom === Math.max(asked, at), 'effective exactly when asked, never before now', h)
      must(h.drainUntil === (risky ? h.effectiveFrom : Math.max(window, h.effectiveFrom)), 'no drain window for risk, else the policy’s', h)
      must(h.expectedUntil === undefined || h.expectedUntil > h.effectiveFrom, 'a return comes after the stop', h)
      must(!books.terminals.get(terminal)!.bars.some((b) => isLive(b) && b.desk === h.owner && b.reason === h.reason), 'one hold of a kind', h)
      books.terminals.get(terminal)!.bars.push({
        id: h.id, tid: terminal, desk: h.owner, reason: h.reason, light: h.effect === 'restrict', from: h.effectiveFrom, drainTo: h.drainUntil,
        until: h.expectedUntil, begun: false, no: h.caseNo, by: h.placedBy,
      })
    },
    hold_withdrawn(fact, { at, command, no, input, facts }, file) {
      const b = bar(fact)
      const falls = isClosing(facts, fact.terminal) && b.from > at
      must(isLive(b) && at < b.from && !b.begun, 'withdrawn before it takes effect, never after', { fact, b })
      const argued = file?.kind === 'appeal' && command === 'approve' && file.bars.get(fact.terminal) === b.id
      const swap = file?.kind === 'replace' && command === 'withdraw' && b.no === no
      must(argued || swap || falls || command === 'lift-hold' ? argued || swap || falls || input['hold'] === b.id : b.desk === 'merchant' && (command === 'withdraw' ? b.no === no : file?.kind === 'reactivate'), 'withdrawn by its owner', fact)
      b.dropped = fact.at
    },
    hold_started(fact, { at }) {
      const b = bar(fact)
      must(!b.begun && isLive(b) && fact.at === b.from && b.from <= at, 'begun once, at its moment', { fact, b })
      b.begun = true
    },
    hold_shut(fact, { at }) {
      const b = bar(fact)
      const t = books.terminals.get(fact.terminal)!
      const moment = b.drainTo <= at ? b.drainTo : t.clear ? Math.max(b.from, at) : undefined
      must(b.begun && b.shut === undefined && fact.at === moment, 'shut when clear or when the window ends', { fact, b })
      must(fact.stillOpen === !t.clear, 'said aloud when something is still open', fact)
      b.shut = fact.at
    },
    host_blocked(fact, { at }) {
      const t = books.terminals.get(fact.terminal)!
      const first = Math.min(...bars(books, fact.terminal, at).filter((b) => !b.light).map((b) => b.from))
      must(t.blockedAt === undefined && fact.at >= first && fact.at <= at, 'every gate refuses since then', { fact, first })
      t.blockedAt = fact.at
    },
    hold_cleared(fact, { at, command, input, facts, actor }, file) {
      const b = bar(fact)
      must(isLive(b) && b.consent === undefined && b.from <= at, 'given free once, while it holds', { fact, b })
      if (isClosing(facts, fact.terminal)) must(b.desk === 'merchant' && file.bars.get(fact.terminal) === b.id, 'a closing ends its merchant’s own stop only', { fact, b })
      else if (b.desk === 'merchant')
        must(file?.kind === 'reactivate' && ['approved', 'in_progress'].includes(file.state) && unfinished(file, 'reopening', 'device_test').length === 0, 'the merchant’s through an approved reactivation', fact)
      else if (file?.kind === 'replace' && b.no === file.no)
        must(file.state === 'in_progress' && file.put.get(fact.terminal) !== undefined && unfinished(file, 'reopening', 'device_test').length === 0, 'a replacement’s through its new device, in place and filed', fact)
      else if (file?.kind === 'appeal') must(command === 'approve' && file.state === 'approved' && file.bars.get(fact.terminal) === b.id && b.by !== actor.person, 'by an appeal that somebody else upheld', { fact, b })
      else must(command === 'lift-hold' && input['hold'] === b.id, 'the desk’s through the desk', fact)
      b.consent = fact.at
    },
    hold_lifted(fact, entry) {
      const b = bar(fact)
      const passed = isTest(entry) && entry.facts.some((f) => f.fact === 'tested' && f.terminal === fact.terminal && f.passed)
      must(isLive(b) && b.consent !== undefined && b.from <= entry.at, 'lifted with its owner’s consent', { fact, b })
      if (!isClosing(entry.facts, fact.terminal)) must(passed ? firm(books, fact.terminal, entry.at).length === 0 : b.light || firm(books, fact.terminal, entry.at).some((x) => x.id !== b.id),
        'nothing opens without a passed test', fact)
      b.gone = fact.at
    },
    hold_moved(fact, { at }, file) {
      const b = bar(fact)
      must(isLive(b) && !b.begun && b.from > at && b.no === file.no && fact.effectiveFrom === file.from, 'moved with its case, before it began', { fact, b })
      must(fact.drainUntil - fact.effectiveFrom === b.drainTo - b.from, 'its window moves along', fact)
      Object.assign(b, { from: fact.effectiveFrom, drainTo: fact.drainUntil })
    },
    expected_until_set(fact, _, file) {
      must(file.kind === 'extend' && file.state === 'approved' && fact.expectedUntil === file.until && fact.expectedUntil > bar(fact).from, 'extended as asked', fact)
      bar(fact).until = fact.expectedUntil
    },
    tested(fact, { input }) {
      must(fact.passed === (input['items'] as { passed: boolean }[]).every((i) => i.passed), 'passed means all of it', fact)
    },
    reopened(fact, entry) {
      must(entry.facts.some((f) => f.fact === 'tested' && f.terminal === fact.terminal && f.passed), 'nothing opens without a passed test', fact)
      must(fact.signOnRequired === card.signOn, 'sign-on after reopening, where the policy says so', fact)
      Object.assign(books.terminals.get(fact.terminal)!, { owesSignOn: fact.signOnRequired, blockedAt: undefined })
    },
    signed_on(fact) { books.terminals.get(fact.terminal)!.owesSignOn = false },
  }
  const isClosing = (facts: readonly Fact[], tid: string): boolean => facts.some((f) => f.fact === 'closed' && f.terminal === tid)
  const reopening = (tid: string): boolean => [...books.files.values()].some((f) => f.kind === 'reactivate' && f.tids.includes(tid) && ['approved', 'in_progress'].includes(f.state))
  Object.assign(laws, closingLaws(books, must), changingLaws(books, must))
  const isFreed = (file: File): boolean => barsOf(file).every((b) => !isLive(b) || b.consent !== undefined)
  const barsOf = (file: File): Bar[] => file.tids.map((tid) => barOf(books, tid, file.bars.get(tid))).filter((b) => b !== undefined)
  const allDropped = (file: File): boolean => file.kind === 'suspend' && barsOf(file).length > 0 && barsOf(file).every((b) => b.dropped !== undefined)
  const tested = (file: File): boolean => [...file.results.values()].every((r) => ['reopened', 'still_held', 'withdrawn'].includes(r))
  const isTestCommand = (command: string): boolean => command === 'record-test'

  function read(entry: Entry): void {
    if (entry.command === 'books') { books.terminals.get(entry.tids[0]!)!.clear = entry.input['clear'] as boolean; return }
    const why = isOfDevice(entry.command) ? deviceObjection(books, entry) : objection(books, entry)
    if (why === undefined && entry.code !== undefined) object('refused without a reason', { code: entry.code, input: entry.input, file: entry.no && books.files.get(entry.no) })
    if (why !== undefined && entry.code === undefined) object(`accepted although ${why}`, { command: entry.command, input: entry.input, by: entry.actor.person })
    if (entry.code !== undefined) return
    const needs = demanded[entry.command]
    must(!needs || entry.facts.some((f) => needs.includes(f.fact)), 'accepted and nothing done', entry)
    for (const fact of entry.facts) {
      must(causes[fact.fact]?.includes(entry.command) ?? true, 'a fact out of nowhere', { fact, command: entry.command })
      ;(laws[fact.fact] as Law<Fact['fact']> | undefined)?.(fact as never, entry, books.files.get(entry.no ?? '')!)
    }
    for (const [tid] of books.terminals) oneCaseAWay(tid)
  }

  function oneCaseAWay(tid: string): void {
    const open = [...books.files.values()].filter((f) => f.tids.includes(tid) && !over.includes(f.state))
    for (const kinds of [['suspend', 'close'], ['reactivate', 'install'], ['extend', 'replace']])
      must(open.filter((f) => kinds.includes(f.kind)).length <= 1, 'one open case per terminal and direction', { tid, open: open.map((f) => f.no) })
  }

  /** What time owed by now, once everything due was done. `known` says since when every gate knows a terminal as it is. */
  function atRest(now: number, known: (tid: string) => number | undefined): void {
    for (const [tid, t] of books.terminals) {
      for (const b of t.bars.filter(isLive)) {
        must(b.begun === b.from <= now, 'a stop begins when its moment has come', { now, b })
        if (b.begun && !b.light && b.consent === undefined && b.shut === undefined) must(!t.clear && b.drainTo > now, 'a stop never waits', { now, b })
      }
      const stops = bars(books, tid, now).filter((b) => !b.light)
      if (stops.length > 0 && known(tid) !== undefined) must(t.blockedAt !== undefined, 'acknowledged stops are called effective', { tid, now })
    }
    for (const file of books.files.values()) {
      if (over.includes(file.state)) continue
      const own = barsOf(file)
      closingAtRest(books, file, now, must)
      changingAtRest(books, file, now, must)
      for (const d of file.duties) if (isSeenInChange(file, d.kind) && d.state !== 'waived' && file.sent && file.state !== 'returned') must((d.state === 'done') === isChangeSeen(books, file, d.kind), 'what changes is followed by its duties', { d, file })
      for (const d of file.duties) if (file.kind === 'close' && seenInClosing.includes(d.kind) && ['submitted', 'in_review', 'second_review', 'approved', 'in_progress'].includes(file.state)) must((d.state === 'done') === isSeenDone(books, file, d.kind), 'a closure’s duties follow the facts', d)
      must(file.state !== 'draft' || now < file.openedAt + 30 * day_ms, 'an old draft expires', file)
      must(file.state !== 'returned' || now < file.answerBy!, 'an unanswered return expires', file)
      must(!['submitted', 'in_review', 'second_review'].includes(file.state) || now < file.deadline! || file.escalated, 'what is late is escalated', file)
      for (const d of file.duties) if (d.kind === 'clearance' && file.kind === 'suspend' && d.state !== 'waived' && file.sent && file.state !== 'returned') must((d.state === 'done') === (clear(file) || agreed(file)), 'clearance follows the books', d)
      if (file.kind === 'extend') must(!['approved', 'in_progress'].includes(file.state), 'an extension is done at once', file)
      if (file.kind === 'suspend' && file.state === 'approved') {
        must(own.every((b) => !b.begun) && own.some(isLive), 'an approved stop waits for its moment only', { file, own })
        must(file.checked || file.checkpointAt === undefined || file.checkpointAt > now, 'the checkpoint is taken', file)
      }
      const quiet = (b: Bar): boolean => b.dropped !== undefined || b.consent !== undefined || (b.shut !== undefined && books.terminals.get(b.tid)!.blockedAt !== undefined)
      if (file.kind === 'suspend' && file.state === 'in_progress')
        must(!own.every(quiet) || unfinished(file, 'completion').length > 0, 'a stop that is done is completed', { file, own })
      if (file.kind === 'reactivate' && ['approved', 'in_progress'].includes(file.state)) {
        const ready = unfinished(file, 'reopening', 'device_test').length === 0
        must(!ready || own.every((b) => b.consent !== undefined || b.dropped !== undefined), 'an approved reopening gives its hold free', { file, own })
        must(!ready || own.some(isLive) || unfinished(file, 'completion').length > 0, 'a reopening that is done is completed', { file, own })
      }
    }
  }

  return {
    books, read, atRest,
    /** Must everything but a sign-on wait for one? */
    owesSignOn: (tid: string): boolean => books.terminals.get(tid)!.owesSignOn,
    standing: (tid: string, at: number): string => standing(books, tid, at),
    must,
  }
}
