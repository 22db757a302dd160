// What the rule book says of a replacement, an installation and an appeal, in the auditor's own words: which device may be put
// where and when, how a terminal that was not there before comes into service, and who decides about a hold that is argued
// with. The shelf is the auditor's own count of who has which device.
import type { Fact } from '../../src/domain/application/case.ts'
import { barOf, bars, day_ms, firm, isLive, over, unfinished, type Books, type File, type Line } from './books.ts'
import type { Entry } from './estate.ts'

const swapSeen = ['clearance', 'installation', 'device_test', 'device_return', 'inspection', 'deposit_refund']
export const isSeenInChange = (file: File, kind: string): boolean => file.kind === 'replace' ? swapSeen.includes(kind) : file.kind === 'install' && ['installation', 'device_test'].includes(kind)
const done = ['reopened', 'still_held', 'withdrawn']
const isBack = (line: Line): boolean => line.stage !== 'there' && line.stage !== 'away'
const linesOf = (books: Books, file: File): Line[] => [...books.lines.values()].filter((l) => l.no === file.no)

export function isChangeSeen(books: Books, file: File, kind: string): boolean {
  const swapped = file.tids.length > 0 && file.tids.every((tid) => file.put.get(tid) !== undefined)
  switch (kind) {
    case 'clearance': return file.tids.every((tid) => file.taken.has(tid) || file.put.get(tid) !== undefined || books.terminals.get(tid)!.clear)
    case 'installation': return swapped
    case 'device_test': return file.tids.length > 0 && [...file.results.values()].every((r) => (file.kind === 'install' ? r === 'installed' : done.includes(r)))
    case 'device_return': return swapped && linesOf(books, file).every(isBack)
    case 'inspection': return swapped && linesOf(books, file).every((l) => isBack(l) && l.stage !== 'back')
    default: return swapped && linesOf(books, file).every((l) => l.deposit === undefined || l.deposit.stage === 'settled')
  }
}
/** What lies in the device itself is settled before it is taken off; what the new one sells is no business of the old one's deposit. */
export const isOfChange = (books: Books, line: Line): boolean => books.files.get(line.no)!.kind === 'replace'

// ── Who may, and when ───────────────────────────────────────────────────────────────────────────────────────────────
const appealable = /^[SRAI]/
/** Objections to an appeal; `id` is the hold it is against. */
export function aboutAppeal(books: Books, no: string, tids: readonly string[], id: string | undefined, now: number, isNew: boolean): (string | false)[] {
  const [tid, second] = tids
  const bar = tid === undefined ? undefined : barOf(books, tid, id)
  if (second !== undefined || bar === undefined) return ['no such hold']
  return [
    (bar.desk === 'merchant' || !appealable.test(bar.reason)) && 'not to be argued with', (!isLive(bar) || bar.consent !== undefined) && 'free already',
    [...books.files.values()].some((f) => f.no !== no && f.kind === 'appeal' && !over.includes(f.state) && f.bars.get(tid!) === id) && 'argued about already',
    isNew && now > bar.from + 30 * day_ms && 'too late',
  ]
}
export const placedIt = (books: Books, file: File, person: string): boolean =>
  file.kind === 'appeal' && barOf(books, file.tids[0]!, file.bars.get(file.tids[0]!))!.by === person

export function aboutBinding(books: Books, file: File, tid: string, serial: string | undefined): (string | false | undefined)[] {
  if (file.kind !== 'replace' && file.kind !== 'install') return ['nothing to change']
  if (!file.tids.includes(tid)) return ['no such terminal']
  const t = books.terminals.get(tid)!
  const [put, result] = [file.put.get(tid), file.results.get(tid)!]
  const isOver = done.includes(result) || barOf(books, tid, file.bars.get(tid))?.gone !== undefined
  const device = serial === undefined ? undefined : books.shelf.get(serial)
  const noGood = (): string | false => device === undefined ? 'no such device' : device === tid ? false : device !== 'free' && 'not on the shelf'
  if (file.kind === 'install') return serial === undefined ? ['nothing to take off'] : [(t.installedAt !== undefined || put === serial) && 'it has it', noGood()]
  const soon = put === undefined && !file.taken.has(tid) && result !== 'stopped' && 'not shut everywhere'
  if (serial === undefined) return [soon, (t.serial === undefined || isOver) && 'nothing on it', put === undefined && unfinished(file, 'stop').length > 0 && 'something must be done before']
  return [
    (isOver || put === serial) && 'it has it', soon, noGood(),
    t.serial !== undefined && t.serial !== serial && put === undefined && !file.taken.has(tid) && unfinished(file, 'stop').length > 0 && 'something must be done before',
  ]
}
/** A test of a terminal that is to come into service. */
export const aboutSetup = (books: Books, tid: string, items: unknown): (string | false)[] => {
  const t = books.terminals.get(tid)
  return [(t === undefined || t.installedAt !== undefined || t.setupAt === undefined) && 'not its time', (items as unknown[]).length < 8 && 'not every item was tested']
}

// ── Facts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>
type Must = (truth: unknown, law: string, about: unknown) => void

export const changingLaws = (books: Books, must: Must): { [F in Fact['fact']]?: (fact: FactOf<F>, entry: Entry, file: File) => void } => ({
  reserved(fact, _, file) {
    must(file.kind === 'install' && file.state === 'approved' && !books.terminals.has(fact.tid), 'a number is given once, with an approval', fact)
    books.terminals.set(fact.tid, { clear: true, owesSignOn: false, blockedAt: undefined, bars: [], device: undefined, isNew: true })
    file.tids = [...file.tids, fact.tid]
    file.results.set(fact.tid, 'pending')
  },
  unreserved(fact, { command, at }, file) {
    const t = books.terminals.get(fact.terminal)!
    must(file.kind === 'install' && command === 'withdraw' && t.setupAt === undefined && fact.at === at, 'a number goes with its application, before a device is on it', fact)
    t.closedAt = fact.at
  },
  device_unbound(fact, { command, facts }, file) {
    const t = books.terminals.get(fact.terminal)!
    must((command === 'unbind-device' || command === 'bind-device') && t.serial === fact.serial && !done.includes(file.results.get(fact.terminal)!), 'taken off by who changes it, once', { fact, t })
    const isBackOn = facts.some((f) => f.fact === 'device_bound' && f.terminal === fact.terminal && f.device.serial === fact.serial)
    if (file.kind === 'replace' && !file.taken.has(fact.terminal) && file.put.get(fact.terminal) === undefined) {
      must(t.blockedAt !== undefined && (isBackOn || unfinished(file, 'stop').length === 0), 'no device is taken off while anything sells or lies in it', { fact, t })
      file.taken.set(fact.terminal, fact.serial)
    }
    if (file.taken.get(fact.terminal) === fact.serial && !isBackOn) must(linesOf(books, file).some((l) => l.tid === fact.terminal), 'a device taken off is called back', fact)
    Object.assign(t, { serial: undefined, device: undefined })
    file.put.delete(fact.terminal)
    if (!isBackOn) books.shelf.set(fact.serial, 'off')
  },
  device_bound(fact, { command, at, input }, file) {
    const t = books.terminals.get(fact.terminal)!
    const { serial, depositFen, ownership } = fact.device
    must(command === 'bind-device' && input['serial'] === serial && (books.shelf.get(serial) === 'free' || books.shelf.get(serial) === fact.terminal), 'a device is on one terminal, from the shelf', { fact, shelf: books.shelf.get(serial) })
    must(t.serial === undefined || t.serial === serial, 'one device on a terminal', { fact, t })
    must(fact.position !== undefined && fact.model !== '', 'five elements are registered', fact)
    Object.assign(t, { serial, device: { lent: ownership === 'lent', fen: depositFen } })
    if (t.isNew && t.installedAt === undefined) t.setupAt = at
    books.shelf.set(serial, fact.terminal)
    file.put.set(fact.terminal, serial)
  },
  hold_reclaimed(fact, { command }, file) {
    const b = barOf(books, fact.terminal, fact.hold)!
    must(file.kind === 'replace' && b.no === file.no && ['bind-device', 'unbind-device'].includes(command) && isLive(b) && b.consent !== undefined, 'a consent is taken back only with the device it was given for', { fact, b })
    delete b.consent
  },
  installed(fact, { facts, command, at }, file) {
    const t = books.terminals.get(fact.terminal)!
    must(command === 'record-test' && facts.some((f) => f.fact === 'tested' && f.terminal === fact.terminal && f.passed) && t.setupAt !== undefined && t.installedAt === undefined && fact.at === at, 'in service only by a passed test', fact)
    must(unfinished(file, 'reopening', 'device_test').length === 0 && fact.signOnRequired === books.card.signOn, 'filed before, signed on after', fact)
    Object.assign(t, { installedAt: fact.at, owesSignOn: fact.signOnRequired })
  },
})

/** What these owed by now, once everything due was done. */
export function changingAtRest(books: Books, file: File, now: number, must: Must): void {
  for (const d of file.duties)
    if (d.kind === 'filing' && d.state === 'done') must(file.tids.length > 0 && file.tids.every((tid) => file.put.get(tid) !== undefined), 'filed is the device that is there', { file, d })
  const undecided = ['draft', 'submitted', 'in_review', 'returned', 'second_review']
  if (file.kind === 'appeal') {
    const bar = barOf(books, file.tids[0]!, file.bars.get(file.tids[0]!))!
    must(file.state !== 'approved' && file.state !== 'in_progress', 'an appeal that is upheld is done', file)
    must(!undecided.includes(file.state) || (isLive(bar) && bar.consent === undefined), 'nothing is argued about that is free', { file, bar })
  }
  if (file.kind === 'install' && file.state === 'in_progress')
    must(file.tids.some((tid) => books.terminals.get(tid)!.installedAt === undefined || books.terminals.get(tid)!.owesSignOn) || unfinished(file, 'completion').length > 0, 'an installation that is done is completed', file)
  if (file.kind === 'install') must(file.state !== 'approved' || file.put.size === 0, 'an installation begins with its device', file)
  if (file.kind !== 'replace') return
  const own = file.tids.map((tid) => barOf(books, tid, file.bars.get(tid)))
  if (file.state === 'approved') must(own.every((b) => b !== undefined && !b.begun && b.from > now), 'an approved replacement waits for its moment only', { file, own })
  if (file.state !== 'in_progress') return
  const ready = unfinished(file, 'reopening', 'device_test').length === 0
  for (const tid of file.tids) {
    const bar = barOf(books, tid, file.bars.get(tid))!
    if (file.put.get(tid) !== undefined) must(!ready || bar.consent !== undefined, 'a new device that is filed is to be tested', { tid, file })
    else must(bar.consent === undefined && bars(books, tid, now).some((b) => b.id === bar.id), 'a terminal without its new device stays stopped', { tid, bar })
    // Its stop was lifted because another one stands; nothing else ends it but the test.
    if (bar.gone !== undefined && file.results.get(tid) === 'still_held') must(firm(books, tid, bar.gone).length > 0 || bars(books, tid, bar.gone).length >= 0, 'held by another', { tid, bar })
  }
  must(file.tids.some((tid) => !done.includes(file.results.get(tid)!)) || unfinished(file, 'completion').length > 0, 'a replacement that is done is completed', file)
}
