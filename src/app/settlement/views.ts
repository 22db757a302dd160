// Files, runs and breaks as people and programs see them.
import { allowedOnBreak, differsIn, type BreakSetting } from '../../domain/break-work.ts'
import { explain, type Break } from '../../domain/breaks.ts'
import type { Actor } from '../../domain/authority.ts'
import { breakKinds, breakStates, say, type Language } from '../../domain/vocabulary.ts'
import type { StoredBreak, StoredEvent, StoredSide } from '../../store/settlement-breaks.ts'
import type { SettlementFileRow } from '../../store/settlement-files.ts'
import type { StoredRun } from '../../store/settlement-runs.ts'
import type { App } from '../app.ts'

const instant = (at: number): string => new Date(at).toISOString()
const instantOrNull = (at: number | undefined): string | null => (at === undefined ? null : instant(at))
const money = (fen: number) => ({ fen, currency: 'CNY' as const })

export const runView = (r: StoredRun) => ({
  id: r.id,
  provider: r.provider ?? null,
  from: r.from ?? null,
  to: r.to ?? null,
  cause: r.cause,
  state: r.state,
  progress: r.progress,
  stopRequested: r.stopRequested,
  createdAt: instant(r.createdAt),
  beganAt: instantOrNull(r.begunAt),
  endedAt: instantOrNull(r.endedAt),
  /** What changed against the run before; 0 says that nothing did. */
  changed: r.result ? r.result.found + r.result.changed + r.result.resolved : null,
  result: r.result
    ? {
        rows: r.result.rows, matched: r.result.matched, matchedAmount: money(r.result.matchedFen), pending: r.result.pending, breaks: r.result.breaks,
        breaksLeftOut: r.result.breaksLeftOut, found: r.result.found, changed: r.result.changed, resolved: r.result.resolved, files: r.result.files,
      }
    : null,
})
export type RunView = ReturnType<typeof runView>

export const fileView = ({ ordinal: _, ...f }: SettlementFileRow) => ({ ...f, takenAt: instant(f.takenAt) })
export type FileView = ReturnType<typeof fileView>

/** The break as the matcher knew it. */
const asMatched = (b: StoredBreak): Break => ({
  id: b.id, kind: b.kind, mid: b.mid, settledOn: b.settledOn,
  ...(b.tid === undefined ? {} : { tid: b.tid }), ...(b.reference === undefined ? {} : { reference: b.reference }), ...(b.content as object),
})

export type BreakReader = { app: App; actor: Actor; language: Language; now: number }
export const settingFor = ({ app, actor, now }: Omit<BreakReader, 'language'>, provider: string): BreakSetting => ({
  now, actor, acceptAloneFenMax: app.policyAt(provider, now).policy.settlement.acceptAloneFenMax,
})

export const breakRow = (b: StoredBreak, reader: BreakReader) => ({
  id: b.id,
  kind: b.kind,
  kindWords: say(breakKinds[b.kind], reader.language),
  state: b.state,
  stateWords: say(breakStates[b.state], reader.language),
  provider: b.provider,
  mid: b.mid,
  merchant: { mid: b.mid, name: b.merchantName },
  tid: b.tid ?? null,
  reference: b.reference ?? null,
  settledOn: b.settledOn,
  amount: money(b.amountFen),
  sentence: explain(asMatched(b), reader.language),
  assignee: b.assignee ?? null,
  explained: b.explainedAt !== undefined,
  dueBy: instant(b.dueAt),
  foundAt: instant(b.foundAt),
  resolvedAt: instantOrNull(b.resolvedAt),
  resolvedBy: b.resolvedBy ?? null,
  allowed: allowedOnBreak(b, settingFor(reader, b.provider)),
  version: b.version,
})
export type BreakRow = ReturnType<typeof breakRow>

type Named = { id: string; fileName: string }
const placeOf = (at: { file: string | null; line: number }, names: ReadonlyMap<string, string>): { file: Named | null; line: number } => ({
  file: at.file === null ? null : { id: at.file, fileName: names.get(at.file) ?? '' }, line: at.line,
})
const side = (s: StoredSide | undefined, names: ReadonlyMap<string, string>) => s === undefined ? null : {
  amount: money(s.amountFen), class: s.class, name: s.name, mcc: s.mcc, fee: s.feeFen === undefined ? null : money(s.feeFen), at: instant(s.at),
  batch: s.batch ?? null, trace: s.trace ?? null, ...placeOf(s, names),
}

/** Side by side, with what was done about it; `open` unseals what people wrote. */
export function breakView(b: StoredBreak, events: readonly StoredEvent[], names: ReadonlyMap<string, string>, reader: BreakReader) {
  const { slip, unionpay, bank, expectedFen, actualFen } = b.content
  const key = reader.app.vault.openKey(b.wrappedKey, b.mid)
  return {
    ...breakRow(b, reader),
    sides: {
      slip: side(slip, names),
      unionpay: side(unionpay, names),
      bank: bank === undefined ? null : { net: money(bank.netFen), bookedOn: bank.bookedOn, reference: bank.reference, lines: bank.lines, ...placeOf(bank, names) },
    },
    differs: differsIn(asMatched(b)),
    expected: expectedFen === undefined ? null : money(expectedFen),
    actual: actualFen === undefined ? null : money(actualFen),
    events: events.map((e) => ({
      event: e.event, at: instant(e.at), by: e.by, role: e.role, words: e.words === null ? null : (key?.open(e.words, wordsPlace(b.id, e.at)).toString() ?? null),
      run: e.run, file: e.file,
    })),
  }
}
export type BreakView = ReturnType<typeof breakView>
/** What sealed words are bound to: the break, and when it was said. */
export const wordsPlace = (id: string, at: number): string => `settlement_break_event.words:${id}:${at}`
