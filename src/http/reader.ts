// Reading over HTTP: terminals, cases, timelines and notices. One read-only transaction each, under
// the row level security of whoever asks; what is read becomes a view outside it.
import type { App } from '../app/app.ts'
import { scopeOf } from '../app/execute.ts'
import { settingOf } from '../app/settle.ts'
import { addDays, dateOf, instantOf } from '../domain/calendar.ts'
import { factSentence } from '../domain/fact-words.ts'
import { isRefusal, type Refusal } from '../domain/refusals.ts'
import type { NoticeKind, PartyKind, Role, StepKind } from '../domain/vocabulary.ts'
import { list_total_exact_max } from '../limits.ts'
import { cursorAt, listOf, placeOf, totalOf, type Place } from '../store/cursor.ts'
import type { Tx } from '../store/db.ts'
import { listApplications, listTerminals, type ApplicationsAsked } from '../store/lists.ts'
import { countNotices, countTimeline, readCase, readCases, readNotices, readTerminal, readTerminals, readTimeline, type Read } from '../store/reads.ts'
import type { Asker, Paging, TerminalsQuery } from './services.ts'
import type { Page, TimelineRow } from './shapes.ts'
import { audienceOf, iso, isoOrNull, type Seen } from './view-terminal.ts'
import { viewCase, viewCaseRow, viewTerminal, viewTerminalRow, type ApplicationRow, type ApplicationView, type NoticeView, type TerminalRow, type TerminalView } from './views.ts'

type Cursor = Pick<Paging, 'cursor' | 'limit'>
export type Reader = {
  terminals: {
    list(asker: Asker, query: TerminalsQuery): Promise<Page<TerminalRow> | Refusal>
    one(asker: Asker, tid: string): Promise<TerminalView | undefined>
    timeline(asker: Asker, tid: string, paging: Cursor): Promise<Page<TimelineRow> | undefined | Refusal>
  }
  applications: {
    list(asker: Asker, query: ApplicationsAsked): Promise<Page<ApplicationRow> | Refusal>
    one(asker: Asker, no: string): Promise<ApplicationView | undefined>
  }
  notices: { list(asker: Asker, paging: Cursor): Promise<Page<NoticeView> | Refusal> }
}

const seenOf = (app: App, read: Read, { actor }: Pick<Asker, 'actor'>): Seen =>
  ({ dossier: read.dossier, beside: read.beside, setting: settingOf(app, read.dossier, actor, app.clock.now()), app })

export function readerOf(app: App): Reader {
  const asking = <T>(asker: Asker, work: (tx: Tx) => Promise<T>): Promise<T> => app.db.transaction(scopeOf(asker.actor), work, { readOnly: true })
  return {
    terminals: {
      async list(asker, query) {
        const found = await asking(asker, async (tx) => {
          const keys = await listTerminals(tx, query)
          return isRefusal(keys) ? keys : { ...keys, reads: await readTerminals(tx, keys.keys) }
        })
        if (isRefusal(found)) return found
        return { items: found.reads.map((read) => viewTerminalRow(seenOf(app, read, asker), asker)), next: found.next ?? null, total: found.total }
      },
      async one(asker, tid) {
        const read = await asking(asker, (tx) => readTerminal(tx, tid))
        return read && viewTerminal(seenOf(app, read, asker), asker)
      },
      timeline: (asker, tid, paging) => asking(asker, (tx) => timelineOf(app, tx, asker, tid, paging)),
    },
    applications: {
      async list(asker, query) {
        const today = dateOf(app.clock.now(), app.zone)
        const desk = { person: asker.actor.person, dueBefore: instantOf(addDays(today, 1), '00:00', app.zone) }
        const found = await asking(asker, async (tx) => {
          const keys = await listApplications(tx, query, desk)
          return isRefusal(keys) ? keys : { ...keys, reads: await readCases(tx, keys.keys) }
        })
        if (isRefusal(found)) return found
        return { items: found.reads.map((read) => viewCaseRow(seenOf(app, read, asker), asker)), next: found.next ?? null, total: found.total }
      },
      async one(asker, no) {
        const read = await asking(asker, (tx) => readCase(tx, no))
        return read && viewCase(seenOf(app, read, asker), asker)
      },
    },
    notices: { list: (asker, paging) => asking(asker, (tx) => noticesOf(tx, asker, paging)) },
  }
}

const pageBelow = <T>(items: T[], next: string | undefined, total: Place['total']): Page<T> => ({ items, next: next ?? null, total })

async function timelineOf(app: App, tx: Tx, asker: Asker, tid: string, { cursor, limit }: Cursor): Promise<Page<TimelineRow> | undefined | Refusal> {
  const list = listOf('timeline', { tid })
  const place = placeOf(list, cursor, ['number', 'number'])
  if (isRefusal(place)) return place
  const read = await readTerminal(tx, tid)
  if (read === undefined) return undefined
  const [seq, index] = (place?.key ?? []) as number[]
  const facts = await readTimeline(tx, tid, place === undefined ? undefined : { seq: seq!, index: index! }, limit + 1)
  const total = place?.total ?? await countTimeline(tx, tid)
  const shown = facts.slice(0, limit)
  const reader = {
    now: app.clock.now(), zone: app.zone, language: asker.language, steps: await stepsOf(tx, tid),
    holds: new Map(read.dossier.terminals[0]!.holds.map((h) => [h.id, h.reason])),
  }
  const last = shown.at(-1)
  return pageBelow(shown.map((f): TimelineRow => {
    const [kind, id] = (f.by?.party ?? '').split(':') as [PartyKind, string]
    const hold = f.fact['hold'] as string | { id: string } | undefined
    return {
      seq: f.seq, at: iso(f.at), fact: f.fact.fact, sentence: factSentence(f.fact, reader),
      by: f.by === undefined ? null : { role: f.by.role as Role, party: { kind, id } },
      application: f.application ?? null, hold: (typeof hold === 'object' ? hold.id : hold) ?? null,
    }
  }), facts.length > limit && last ? cursorAt(list, { key: [last.seq, last.index], total }) : undefined, total)
}

/** What the steps of the terminal's cases are about: a fact names them by their id only. */
const stepsOf = async (tx: Tx, tid: string): Promise<Map<string, StepKind>> =>
  new Map((await tx.many<{ id: string; kind: StepKind }>(
    'select distinct s.id, s.kind from step s join application_terminal a on a.no = s.no where a.tid = $1', [tid],
  )).map((s) => [s.id, s.kind]))

async function noticesOf(tx: Tx, asker: Asker, { cursor, limit }: Cursor): Promise<Page<NoticeView> | Refusal> {
  const list = listOf('notices', {})
  const place = placeOf(list, cursor, ['number', 'string'])
  if (isRefusal(place)) return place
  const audience = audienceOf(asker)
  const [at, id] = (place?.key ?? []) as [number, string]
  const rows = await readNotices(tx, audience, place && { at, id }, limit + 1)
  const total = place?.total ?? await totalOf(await countNotices(tx, audience, list_total_exact_max + 1), () => list_total_exact_max)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return pageBelow(shown.map((n): NoticeView => ({
    id: n.id, kind: n.kind as NoticeKind, at: iso(n.at), readAt: isoOrNull(n.read_at ?? undefined), sentence: asker.language === 'zh' ? n.words_zh : n.words_en,
    application: n.case_no, terminal: n.tid, merchant: n.mid,
  })), rows.length > limit && last ? cursorAt(list, { key: [last.at, last.id], total }) : undefined, total)
}
