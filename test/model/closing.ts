// What the rule book says of a closure, of a device that comes back and of its deposit, in the auditor's own words: what stands
// in the way of a closing, when each command on a device must be refused, and what each fact of them may claim.
import type { Fact } from '../../src/domain/application/case.ts'
import { addDays, dateOf, instantOf } from '../../src/domain/calendar.ts'
import { zone } from '../pure.ts'
import { barOf, bars, isLive, over, type Books, type File, type Line } from './books.ts'
import { isOfChange } from './changing.ts'
import type { Entry } from './estate.ts'

const isBack = (line: Line): boolean => line.stage !== 'there' && line.stage !== 'away'
const isLooked = (line: Line): boolean => isBack(line) && line.stage !== 'back'
export const lineOf = (books: Books, no: string, tid: string): Line | undefined => [...books.lines.values()].find((l) => l.no === no && l.tid === tid)
/** Seen by the machine, on each terminal by itself. */
export const seenInClosing = ['clearance', 'device_return', 'inspection', 'deposit_refund']
const active = (file: File): string[] => file.tids.filter((tid) => !['closed', 'withdrawn'].includes(file.results.get(tid)!))
export const begins = (file: File): number => Math.max(file.from ?? file.decidedAt!, file.decidedAt!)

/** Somebody was granted to open it again, or has its hold free already. */
const isUndone = (books: Books, file: File, tid: string): boolean => {
  const own = barOf(books, tid, file.bars.get(tid))
  return own === undefined || own.consent !== undefined || own.dropped !== undefined
    || [...books.files.values()].some((f) => f.kind === 'reactivate' && f.tids.includes(tid) && ['approved', 'in_progress'].includes(f.state))
}
export const mayBeUndone = (books: Books, file: File, tid: string): boolean => {
  const line = lineOf(books, file.no, tid)
  return line === undefined || ((line.stage === 'there' || line.stage === 'kept') && (line.deposit === undefined || ['held', 'due'].includes(line.deposit.stage)))
}

/** The first thing a closing of this terminal has to wait for. */
export function inTheWay(books: Books, file: File, tid: string, at: number): string | undefined {
  const t = books.terminals.get(tid)!
  const own = barOf(books, tid, file.bars.get(tid))
  const line = lineOf(books, file.no, tid)
  const others = [...books.files.values()].filter((f) => f.no !== file.no && f.tids.includes(tid) && !over.includes(f.state) && f.state !== 'draft')
  if (!t.clear) return 'something is open'
  if (bars(books, tid, at).some((b) => b.id !== own?.id && b.consent === undefined)) return 'somebody else holds it'
  if (others.length > 0) return 'another case is to be decided'
  if (line && !isBack(line)) return 'its device is not back'
  if (line && !isLooked(line)) return 'its device was not looked at'
  if (line?.deposit && line.deposit.stage !== 'settled') return 'its deposit is not settled'
  if (own?.shut === undefined || t.blockedAt === undefined) return 'it is not shut everywhere'
  if (file.duties.some((d) => d.required && d.before === 'completion' && !seenInClosing.includes(d.kind) && d.state !== 'done' && d.state !== 'waived')) return 'a duty is not done'
  return undefined
}

/** What the machine must see of a duty of a closure. */
export function isSeenDone(books: Books, file: File, kind: string): boolean {
  const lines = active(file).map((tid) => lineOf(books, file.no, tid))
  const begun = ['in_progress', 'completed'].includes(file.state)
  if (kind === 'clearance') return active(file).every((tid) => books.terminals.get(tid)!.clear)
  if (kind === 'device_return') return begun && lines.every((l) => l === undefined || isBack(l))
  if (kind === 'inspection') return begun && lines.every((l) => l === undefined || isLooked(l))
  return begun && lines.every((l) => l?.deposit === undefined || l.deposit.stage === 'settled')
}

// ── Commands on a device ────────────────────────────────────────────────────────────────────────────────────────────
const hands: Record<string, string[]> = {
  'ship-device': ['merchant_owner', 'merchant_staff', 'agent', 'field'], 'receive-device': ['agent', 'field', 'operations'], 'inspect-device': ['field'],
  'restock-device': ['field', 'operations'], 'retire-device': ['field', 'operations'], 'lose-device': ['agent', 'field', 'operations'], 'propose-deduction': ['finance'],
  'accept-deduction': ['merchant_owner'], 'dispute-deduction': ['merchant_owner'], 'confirm-refund': ['finance', 'approver'],
}
const stages: Record<string, Line['stage'][]> = {
  'ship-device': ['there'], 'receive-device': ['there', 'away'], 'inspect-device': ['back'], 'restock-device': ['looked'], 'retire-device': ['looked'], 'lose-device': ['there', 'away'],
}
export const isOfDevice = (command: string): boolean => command in hands

export function deviceObjection(books: Books, { command, actor, at, input }: Entry): string | undefined {
  const line = books.lines.get(input['rma'] as string)!
  const file = books.files.get(line.no)!
  if (!hands[command]!.includes(actor.role)) return 'not their role'
  // What has happened meanwhile comes first: called off, or due because the books cleared.
  const off = line.stage === 'off' || (file.kind === 'close' && file.state === 'in_progress' && active(file).includes(line.tid) && (line.stage === 'there' || line.stage === 'kept') && isUndone(books, file, line.tid))
  if (off) return 'called off'
  if (stages[command]) return stages[command].includes(line.stage) ? undefined : 'the device is not there'
  const d = line.deposit
  if (d === undefined) return 'no deposit'
  const runs = file.state === 'in_progress' && (file.kind === 'replace' || (active(file).includes(line.tid) && !isUndone(books, file, line.tid)))
  const settled = isOfChange(books, line) || books.terminals.get(line.tid)!.clear
  const isDue = settled && isBack(line)
  const stage = runs && d.stage === 'held' && isDue ? 'due' : runs && d.stage === 'due' && !isDue ? 'held' : d.stage
  switch (command) {
    case 'propose-deduction': return !['due', 'proposed', 'disputed'].includes(stage) ? 'not its time' : !isLooked(line) ? 'not looked at' : undefined
    case 'accept-deduction': return stage === 'proposed' ? undefined : 'nothing proposed'
    case 'dispute-deduction': return stage !== 'proposed' ? 'nothing proposed' : d.objected ? 'answered already' : undefined
    default: return stage !== 'proposed' ? 'nothing proposed' : d.by === actor.person ? 'money takes two' : !settled ? 'something is open'
      : d.off > 0 && !d.agreed && at < d.until ? 'the merchant was not heard' : undefined
  }
}

// ── Facts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>
type Must = (truth: unknown, law: string, about: unknown) => void
const later = (at: number, days: number): number => instantOf(addDays(dateOf(at, zone), days), '18:00', zone)

export function closingLaws(books: Books, must: Must): { [F in Fact['fact']]?: (fact: FactOf<F>, entry: Entry, file: File) => void } {
  const line = (fact: { rma: string }): Line => books.lines.get(fact.rma)!
  const step = (from: Line['stage'][], to: Line['stage'], command?: string) => (fact: { rma: string }, entry: Entry): void => {
    const l = line(fact)
    must(from.includes(l.stage) && (command === undefined || entry.command === command), 'a device goes its way, one step at a time', { fact, l, command: entry.command })
    l.stage = to
  }
  const deposit = (fact: { rma: string }): NonNullable<Line['deposit']> => line(fact).deposit!
  return {
    made_final(fact, _, file) {
      const b = barOf(books, fact.terminal, fact.hold)!
      must(file.kind === 'close' && file.state === 'in_progress' && file.bars.get(fact.terminal) === fact.hold && b.until !== undefined && isLive(b), 'a return is off only when a closure begins', fact)
      b.until = undefined
    },
    return_opened({ return: r }, _, file) {
      const { device } = books.terminals.get(r.terminal)!
      must(['close', 'replace'].includes(file.kind) && file.state === 'in_progress' && lineOf(books, file.no, r.terminal) === undefined, 'a device is called back once, when its closure begins or it is replaced', r)
      must(device && r.ownership === (device.lent ? 'lent' : 'owned') && (r.deposit?.fen ?? 0) === device.fen && r.state === (device.lent ? 'requested' : 'kept'), 'the device that is there, with its deposit', { r, device })
      books.lines.set(r.rma, {
        rma: r.rma, no: file.no, tid: r.terminal, stage: device!.lent ? 'there' : 'kept', broken: false,
        ...(r.deposit ? { deposit: { fen: r.deposit.fen, stage: 'held', late: false, off: 0, until: 0, agreed: false, objected: false } } : {}),
      })
    },
    device_shipped: step(['there'], 'away', 'ship-device'),
    device_received: step(['there', 'away'], 'back', 'receive-device'),
    device_inspected(fact, entry) {
      step(['back'], 'looked', 'inspect-device')(fact, entry)
      line(fact).broken = fact.parts.some((p) => p.part === 'printer_cover' && p.condition === 'broken')
    },
    device_restocked: step(['looked'], 'shelved', 'restock-device'),
    device_retired: step(['looked'], 'shelved', 'retire-device'),
    device_lost: step(['there', 'away'], 'gone', 'lose-device'),
    return_cancelled(fact, entry, file) {
      must(isUndone(books, file, fact.terminal), 'called off only with its closure', fact)
      step(['there', 'kept'], 'off')(fact, entry)
    },
    deposit_due(fact, { at }) {
      const d = deposit(fact)
      must(d.stage === 'held' && isBack(line(fact)) && (isOfChange(books, line(fact)) || books.terminals.get(fact.terminal)!.clear) && fact.dueAt === later(at, 15), 'a deposit is due once the device is back and nothing open', { fact, d })
      Object.assign(d, { stage: 'due', dueAt: fact.dueAt })
    },
    deposit_held(fact) {
      const d = deposit(fact)
      must(d.stage === 'due' && !(isBack(line(fact)) && books.terminals.get(fact.terminal)!.clear), 'held again only when something opened', { fact, d })
      Object.assign(d, { stage: 'held', dueAt: undefined, late: false })
    },
    deposit_late(fact, { at }) {
      const d = deposit(fact)
      must(!d.late && d.stage !== 'settled' && d.dueAt !== undefined && at >= d.dueAt, 'late once, when it is', { fact, d })
      d.late = true
    },
    deduction_proposed({ rma, deduction }, { at, actor, command }) {
      const d = deposit({ rma })
      const l = line({ rma })
      const off = l.stage === 'gone' ? d.fen : l.broken ? 8_000 : 0
      must(command === 'propose-deduction' && deduction.by === actor.person && ['due', 'proposed', 'disputed'].includes(d.stage), 'proposed by who proposes', deduction)
      must(deduction.fen === off && off <= d.fen, 'deducted by the table', { deduction, off })
      must(deduction.disputeUntil === (off === 0 || d.objected ? at : later(at, 5)), 'the merchant is heard once', { deduction, d })
      Object.assign(d, { stage: 'proposed', off, by: actor.person, until: deduction.disputeUntil, agreed: false })
    },
    deduction_accepted(fact) { deposit(fact).agreed = true },
    deduction_disputed(fact) { Object.assign(deposit(fact), { stage: 'disputed', objected: true }) },
    deposit_settled(fact, { actor }) {
      const d = deposit(fact)
      must(d.stage === 'proposed' && d.by !== actor.person && fact.by === actor.person, 'a deposit takes two', { fact, d })
      must(fact.refundFen + fact.deductionFen === d.fen && fact.deductionFen === d.off && fact.refundFen >= 0, 'a deposit is conserved to the fen', { fact, d })
      d.stage = 'settled'
    },
    closed(fact, { at }, file) {
      const t = books.terminals.get(fact.terminal)!
      must(file.kind === 'close' && file.state === 'in_progress' && t.closedAt === undefined && fact.at === at, 'closed once, by its closure', { fact, file: file.state })
      must(inTheWay(books, file, fact.terminal, at) === undefined, 'never closed while something is open', { fact, why: inTheWay(books, file, fact.terminal, at) })
      must(t.bars.every((b) => !isLive(b)), 'nothing holds a closed terminal', t.bars)
      Object.assign(t, { closedAt: at, owesSignOn: false })
    },
  }
}

/** What a closure owed by now, once everything due was done. */
export function closingAtRest(books: Books, file: File, now: number, must: Must): void {
  if (file.kind !== 'close') return
  must(file.state !== 'approved' || begins(file) > now, 'an approved closure waits for its moment only', file)
  if (file.state !== 'in_progress') return
  for (const tid of active(file)) {
    must(!isUndone(books, file, tid), 'a closure is undone by what opens its terminal', { tid, file })
    must(inTheWay(books, file, tid, now) !== undefined, 'a terminal with nothing in the way is closed', { tid, file })
    const line = lineOf(books, file.no, tid)
    const d = line?.deposit
    if (!d) continue
    const isDue = isBack(line) && books.terminals.get(tid)!.clear
    must(d.stage !== 'held' || !isDue, 'the clock of a deposit runs', d)
    must(d.stage !== 'due' || isDue, 'the clock of a deposit stands still', d)
    must(d.stage === 'settled' || d.dueAt === undefined || now < d.dueAt || d.late, 'a late refund is said', d)
  }
}
