// Which fact machines are told of, and under which name – one table; webhooks and the live feed read from it. Events are thin:
// they say what happened to what, and whoever wants to know more asks. And what a message to a person says around its words.
import { evolveCase, type Case, type CaseFact, type Fact } from './application/case.ts'
import type { TerminalFact } from './terminal.ts'
import { letterKinds, noticeKinds, say, type ApplicationState, type EventKind, type Language, type LetterKind, type NoticeKind, type Words } from './vocabulary.ts'

export type Happening = {
  kind: EventKind
  /** Absent where it is about a case or a letter, not about one terminal. */
  tid?: string | undefined
  at: number
  /** Instants in it are RFC 3339. */
  body: Readonly<Record<string, unknown>>
}

/** Facts gates bring; they come by no case and no hold. */
type SeenFact = { fact: 'attempted'; terminal: string; at: number; class: string; count: number }
type OfTerminal = TerminalFact | SeenFact
type Said = { kind: EventKind; at: number; body?: Readonly<Record<string, unknown>> }

const iso = (at: number): string => new Date(at).toISOString()

const ofTerminal: { [F in OfTerminal['fact']]?: (fact: Extract<OfTerminal, { fact: F }>, now: number) => Said[] } = {
  hold_placed({ hold }, now) {
    const body = { hold: hold.id, reason: hold.reason, effectiveFrom: iso(hold.effectiveFrom), ...(hold.expectedUntil === undefined ? {} : { expectedUntil: iso(hold.expectedUntil) }) }
    const placed: Said = { kind: 'hold.placed', at: now, body }
    return hold.effect === 'stop' && hold.effectiveFrom > now ? [placed, { kind: 'terminal.stop_scheduled', at: now, body }] : [placed]
  },
  hold_moved: (f, now) => [{ kind: 'terminal.stop_scheduled', at: now, body: { hold: f.hold, effectiveFrom: iso(f.effectiveFrom) } }],
  hold_shut: (f) => [{ kind: 'terminal.stopped', at: f.at, body: { hold: f.hold } }],
  hold_lifted: (f) => [{ kind: 'hold.lifted', at: f.at, body: { hold: f.hold } }],
  // A hold that never began is gone as well: whoever heard that it was placed hears this.
  hold_withdrawn: (f) => [{ kind: 'hold.lifted', at: f.at, body: { hold: f.hold, withdrawn: true } }],
  reopened: (f) => [{ kind: 'terminal.reopened', at: f.at, body: { signOnRequired: f.signOnRequired } }],
  closed: (f) => [{ kind: 'terminal.closed', at: f.at }],
  attempted: (f) => [{ kind: 'terminal.attempt_refused', at: f.at, body: { class: f.class, count: f.count } }],
}

export type AroundFacts = {
  now: number
  /** The case as it was before these facts. */
  case: Case | undefined
  letters: readonly { no: string; kind: string }[]
}

/** What machines are told of these facts, in their order; a case is told of by every state it passed through. */
export function happeningsOf(facts: readonly object[], { now, case: before, letters }: AroundFacts): Happening[] {
  let c = before
  const told: Happening[] = []
  for (const fact of facts as readonly Fact[]) {
    const said = (ofTerminal[fact.fact as OfTerminal['fact']] as ((f: Fact, now: number) => Said[]) | undefined)?.(fact, now)
    if (said) told.push(...said.map((s) => ({ kind: s.kind, tid: (fact as TerminalFact).terminal, at: s.at, body: s.body ?? {} })))
    if (fact.fact !== 'opened' && c === undefined) continue
    const was = fact.fact === 'opened' ? undefined : c?.state
    // A fact that is not the case's own leaves it as it is.
    c = evolveCase((c ?? {}) as Case, fact as CaseFact) ?? c
    if (c !== undefined && c.state !== was) told.push(ofCase(c, c.state, now))
  }
  for (const { no, kind } of letters) told.push({ kind: 'letter.issued', at: now, body: { letter: no, kind } })
  return told
}

const ofCase = (c: Case, state: ApplicationState, now: number): Happening =>
  ({ kind: `application.${state}`, at: now, body: { kind: c.kind, terminals: c.terminals.map((t) => t.tid) } })

// ── Messages to people ──────────────────────────────────────────────────────────────────────────────────────────────
export type Message = { subject: string; text: string }
type Sender = { name: Words; hotline: string; publicUrl: string }

/** A notice as a message: its kind as the subject, its words, whom to call. */
export function noticeMessage(kind: NoticeKind, words: Words, about: { caseNo?: string | undefined; tid?: string | undefined }, sender: Sender, language: Language): Message {
  const no = about.caseNo ?? about.tid
  const subject = `${say(noticeKinds[kind], language)}${no === undefined ? '' : language === 'zh' ? `（${no}）` : ` (${no})`}`
  return { subject, text: signed(say(words, language), sender, language) }
}

/** A letter as a message; the letter itself is attached. */
export function letterMessage(no: string, kind: LetterKind, sender: Sender, language: Language): Message {
  const what = say(letterKinds[kind], language)
  return {
    subject: `${what} ${no}`,
    text: signed(language === 'zh' ? `${what} ${no} 已出具，见附件。` : `The ${what} ${no} has been issued and is attached.`, sender, language),
  }
}

const signed = (text: string, { name, hotline, publicUrl }: Sender, language: Language): string => language === 'zh'
  ? `${text}\n\n${name[0]}\n电话 ${hotline}\n${publicUrl}\n\n这是系统自动发出的通知，请勿回复。\n`
  : `${text}\n\n${name[1]}\nTelephone ${hotline}\n${publicUrl}\n\nThis notice was sent automatically; please do not reply.\n`

/** What is shown of an address: enough to recognise one's own. */
export function maskedAddress(channel: string, address: string): string {
  if (channel === 'mail') return address.replace(/^(.).*(@.*)$/u, '$1***$2')
  if (channel === 'sms') return address.replace(/^(\d{3})\d+(\d{4})$/, '$1****$2')
  return channel === 'robot' ? `${address.slice(0, 4)}…` : `${[...address].slice(0, 6).join('')}…`
}
