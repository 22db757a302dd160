// The auditor's own books: what it has read so far about cases and bars. A bar is one reason why a terminal may not sell; a
// file is what it knows of a case. Kept in its own words and shapes, so that a mistake in the program is not made here again.
export type Bar = {
  id: string
  tid: string
  desk: string
  reason: string
  /** Only restricts: refunds and completions pass. */
  light: boolean
  from: number
  drainTo: number
  until: number | undefined
  begun: boolean
  shut?: number
  consent?: number
  gone?: number
  dropped?: number
  no: string | undefined
  /** Who placed it. */
  by: string
}
export type Paper = { id: string; type: string; standing: 'uploaded' | 'accepted' | 'returned' }
export type Duty = { id: string; kind: string; required: boolean; before: string; whose: string; state: 'open' | 'done' | 'waived' | 'failed'; waiver?: string | undefined }
export type File = {
  no: string
  kind: string
  reason: string
  tids: readonly string[]
  state: string
  from: number | undefined
  until: number | undefined
  openedAt: number
  sent: boolean
  creator: string
  makers: Set<string>
  handler?: string | undefined
  /** Who looked first, and what lay before them. */
  looker?: string | undefined
  looked?: string | undefined
  papers: Paper[]
  duties: Duty[]
  answerBy?: number
  deadline?: number
  escalated: boolean
  checkpointAt: number | undefined
  checked: boolean
  results: Map<string, string>
  bars: Map<string, string | undefined>
  decidedAt?: number
  /** Terminals whose device this case took off, and the serial it put on. */
  taken: Map<string, string>
  /** How many terminals an installation asks for. */
  wished?: number | undefined
  put: Map<string, string>
}
/** A device of a closure: still there, on its way, back, looked at, away for good, its merchant's own, or called off. */
export type Line = {
  rma: string
  no: string
  tid: string
  stage: 'there' | 'away' | 'back' | 'looked' | 'shelved' | 'gone' | 'kept' | 'off'
  broken: boolean
  deposit?: {
    fen: number
    stage: 'held' | 'due' | 'proposed' | 'disputed' | 'settled'
    dueAt?: number | undefined
    late: boolean
    off: number
    by?: string
    until: number
    agreed: boolean
    objected: boolean
  }
}
export type TerminalBooks = { clear: boolean; owesSignOn: boolean; blockedAt: number | undefined; bars: Bar[]; closedAt?: number; device: { lent: boolean; fen: number } | undefined
  /** Reserved by an installation; the others were there from the beginning. */
  isNew?: boolean
  setupAt?: number
  installedAt?: number
  serial?: string | undefined
}

/** The provider's rules in short; the policy under test is made from the same card. */
export type Card = {
  drainHours: 0 | 24
  leadHours: 0 | 24
  second: 'never' | 'many' | 'always'
  straight: boolean
  /** A fee before reopening, an agreement before approval, a notice before completion. */
  fee: boolean
  agreement: boolean
  notice: boolean
  postpone: boolean
  papers: 'none' | 'demand' | 'may_follow'
  signOn: boolean
  /** What stops the approval of a closure already: money open, a hold of risk. */
  closeOpen: 'wait' | 'refuse'
  closeUnderRisk: 'wait' | 'refuse'
}

export const hour_ms = 3_600_000
export const day_ms = 24 * hour_ms

export type Books = {
  card: Card
  terminals: Map<string, TerminalBooks>
  files: Map<string, File>
  lines: Map<string, Line>
  /** Every device there is: on the shelf, on a terminal, or taken off one. */
  shelf: Map<string, 'free' | 'off' | string>
}

export const over = ['completed', 'rejected', 'withdrawn', 'expired', 'failed']
export const isLive = (bar: Bar): boolean => bar.gone === undefined && bar.dropped === undefined
export const bars = (books: Books, tid: string, at: number): Bar[] =>
  books.terminals.get(tid)!.bars.filter((b) => b.dropped === undefined && b.from <= at && !(b.gone !== undefined && b.gone <= at))
/** Stops nobody has consented to end. */
export const firm = (books: Books, tid: string, at: number): Bar[] =>
  bars(books, tid, at).filter((b) => !b.light && !(b.consent !== undefined && b.consent <= at))
export const ownBar = (books: Books, tid: string): Bar | undefined => books.terminals.get(tid)!.bars.find((b) => b.desk === 'merchant' && isLive(b))
export const barOf = (books: Books, tid: string, id: string | undefined): Bar | undefined => books.terminals.get(tid)!.bars.find((b) => b.id === id)

/** What a terminal is at an instant, counted from its bars. */
export function standing(books: Books, tid: string, at: number): string {
  const { closedAt } = books.terminals.get(tid)!
  if (closedAt !== undefined && closedAt <= at) return 'closed'
  const t = books.terminals.get(tid)!
  if (t.isNew && !(t.installedAt !== undefined && t.installedAt <= at)) return t.setupAt !== undefined && t.setupAt <= at ? 'test' : 'shut'
  const all = bars(books, tid, at)
  const stops = firm(books, tid, at)
  if (all.length === 0) return 'open'
  if (stops.some((b) => b.drainTo <= at || (b.shut !== undefined && b.shut <= at))) return 'shut'
  if (stops.length > 0) return 'drain'
  return all.some((b) => !b.light) ? 'test' : 'restrict'
}

export const missingPaper = (books: Books, file: File): boolean =>
  books.card.papers !== 'none' && file.kind === 'suspend' && file.reason === 'M03'
  && !file.papers.some((p) => p.type === 'relocation_proof' && p.standing !== 'returned')
/** Consent in writing to settle later: lets a stop go on with money open. */
export const agreed = (file: File): boolean => file.kind === 'suspend' && file.duties.some((d) => d.kind === 'settlement_agreement')
  && file.papers.some((p) => p.type === 'settlement_agreement' && p.standing === 'accepted')
export const unfinished = (file: File, before: string, but = ''): Duty[] =>
  file.duties.filter((d) => d.required && d.before === before && d.kind !== but && d.state !== 'done' && d.state !== 'waived')
export const dossier = (file: File): string => JSON.stringify(file.papers.map((p) => [p.id, p.standing === 'returned']))
export const goodStanding = (books: Books): boolean =>
  ![...books.terminals.values()].some((t) => t.bars.some((b) => isLive(b) && ['risk', 'finance', 'compliance'].includes(b.desk)))
