// What the HTTP face needs from the rest of the program, as plain functions handed to it at start (`serve`). Reads answer
// finished views in the reader's language; `undefined` means not there or not theirs (404). Writes are given what
// app/execute needs – who asks, the idempotency key, dry run – and a telling that makes the reply's final bytes, so that the
// reply is stored with the effect. Nothing here throws for what a person can cause: it answers a Refusal.
import type { z } from 'zod'
import type { CaseAsking, Telling } from '../app/cases.ts'
import type { CareFiles } from '../app/care/evidence.ts'
import type { Asking, Reply } from '../app/execute.ts'
import type { Bulks } from '../app/bulk/bulk.ts'
import type { Disposal } from '../app/disposal/disposal.ts'
import type { Replays } from '../app/replay/replays.ts'
import type { Settlement } from '../app/settlement/settlement.ts'
import type { Live } from '../app/telling/live.ts'
import type { Allowance } from '../telling/address.ts'
import type { Actor } from '../domain/authority.ts'
import type { GateQuery } from '../domain/gate.ts'
import type { Lines } from '../gate/front/lines.ts'
import type { Refusal } from '../domain/refusals.ts'
import type {
  ApplicationKind,
  ApplicationState,
  DeliveryChannel,
  ImportKind,
  Language,
  MaterialType,
  Reason,
  Service,
} from '../domain/vocabulary.ts'
import type { Scope } from '../store/db.ts'
import type { Queue } from '../store/lists.ts'
import type {
  BackupView,
  OptionsView,
  GateAnswerView,
  GateTerminalView,
  ImportRow,
  ImportView,
  JournalPage,
  Page,
  TimelineRow,
  TrackView,
  VerifyView,
} from './shapes.ts'
import type { applicationRow, applicationView, noticeView, terminalRow, terminalView } from './views.ts'

/** Who reads, and in which language. */
export type Asker = { actor: Actor; language: Language }
/** `cursor` is what the page before called `next`; `limit` is 1 to 200. */
export type Paging = { cursor?: string | undefined; limit: number }

export type TerminalsQuery = Paging & {
  /** Terminal number, serial, merchant number or part of its name, case number. */
  q?: string | undefined
  service?: Service | undefined
  provider?: string | undefined
  merchant?: string | undefined
  reason?: Reason | undefined
}
export type ApplicationsQuery = Paging & {
  /** A queue of the desk, by deadline (store/lists.ts says what is in which). */
  queue?: Queue | undefined
  state?: ApplicationState | undefined
  kind?: ApplicationKind | undefined
  /** Case number, terminal number, merchant number or part of its name. */
  q?: string | undefined
}

export type ImportFile = {
  kind: ImportKind
  fileName: string
  /** The whole file; it may carry card numbers and has touched no disk. */
  bytes: Buffer
  /** Judge every row and apply none (an import of its own; not the same as asking.dryRun). */
  dryRun: boolean
  /** Apply the good rows although others are bad. */
  partial: boolean
}
/** Like `Telling` of a case, for an import. */
export type ImportTelling = { view: (view: ImportView) => Reply; refusal: (refusal: Refusal) => Reply }

export type Services = {
  /** Names of what is still missing before requests can be served (database, gate snapshot, …); empty when ready. */
  missing(): Promise<string[]>

  terminals: {
    list(asker: Asker, query: TerminalsQuery): Promise<Page<z.infer<typeof terminalRow>> | Refusal>
    one(asker: Asker, tid: string): Promise<z.infer<typeof terminalView> | undefined>
    timeline(asker: Asker, tid: string, paging: Paging): Promise<Page<TimelineRow> | undefined | Refusal>
  }
  applications: {
    list(asker: Asker, query: ApplicationsQuery): Promise<Page<z.infer<typeof applicationRow>> | Refusal>
    one(asker: Asker, no: string): Promise<z.infer<typeof applicationView> | undefined>
    /** Keep, suspend, swap, close: what each costs over the days of the case. */
    options(asker: Asker, no: string): Promise<OptionsView | undefined>
  }
  notices: {
    /** Newest first. */
    list(asker: Asker, paging: Paging): Promise<Page<z.infer<typeof noticeView>> | Refusal>
  }

  imports: {
    /** Takes the file in (202); it is worked off afterwards. `view` gets it as queued. */
    start(asking: Asking, file: ImportFile, telling: ImportTelling): Promise<Reply>
    /** Asks for a stop; refuses `import_not_stoppable` when it has ended, `not_found` when it is not theirs. */
    stop(asking: Asking, id: string, telling: ImportTelling): Promise<Reply>
    get(asker: Asker, id: string): Promise<ImportView | undefined>
    list(asker: Asker, paging: Paging): Promise<Page<ImportRow>>
    /** Rejected rows as CSV, in order, already safe for spreadsheets. */
    rejected(asker: Asker, id: string): Promise<AsyncIterable<string | Uint8Array> | undefined>
  }

  /** Three records matched: files, runs and breaks. */
  settlement: Pick<Settlement, 'files' | 'runs' | 'breaks'>

  /** What an authority wants kept, and what is disposed of when its time is over. */
  disposal: Pick<Disposal, 'legalHolds' | 'disposals'>

  /** Policies tried on past cases. */
  replays: Pick<Replays, 'start' | 'stop' | 'one' | 'list' | 'cases'>

  /** Many terminals at once: bulks, plans, figures of the fleet. */
  bulk: Pick<Bulks, 'bulks' | 'plans' | 'statistics'>

  backups: {
    /** Backups of a stopped terminal, newest first; undefined when it is not theirs. */
    list(asker: Asker, tid: string): Promise<BackupView[] | undefined>
  }

  materials: {
    /** Checks by content, seals, adds to the case; `telling.view` gets the case afterwards. */
    add(
      asking: CaseAsking,
      no: string,
      file: { type: MaterialType; fileName: string; bytes: Buffer },
      telling: Telling,
    ): Promise<Reply>
    read(asker: Asker, id: string): Promise<{ bytes: Uint8Array; mediaType: string; fileName: string } | Refusal>
  }

  /** Evidence of tickets, and photos of custody checks. */
  careFiles: CareFiles

  letters: {
    /** Refuses `not_found`, or `letter_not_ready` while it is being made. */
    pdf(asker: Asker, no: string): Promise<{ bytes: Uint8Array; fileName: string } | Refusal>
    /** `typed` as a person typed or scanned it: a verification code or a letter's number. Unknown is an answer. */
    verifyCode(typed: string, language: Language): Promise<VerifyView>
    verifyPdf(bytes: Uint8Array, language: Language): Promise<VerifyView>
  }

  /** Answers from memory, in the order of the questions. Terminals outside the scope are unknown to the asker. */
  gate: {
    decide(queries: readonly GateQuery[], scope: Scope, language: Language): GateAnswerView[] | Refusal
    terminal(tid: string, scope: Scope, language: Language): GateTerminalView | undefined
  }

  /** Telling people and machines: what can be carried at all, what endpoints may be, and the live feed. */
  telling: { carriers: ReadonlySet<DeliveryChannel>; allowed: Allowance; live: Live }

  /** Lines of virtual terminals; absent where no gate runs beside the calls. */
  lines?: Lines | undefined

  journal: {
    /** Rows after `after`, oldest first, that the asker's party may see. */
    list(
      asker: Asker,
      query: { after: number; terminal?: string | undefined; application?: string | undefined; limit: number },
    ): Promise<JournalPage>
  }

  clock: {
    /** Moves a manual clock forward and returns when everything due has fallen due. Refuses clock_not_manual, clock_backwards. */
    set(asker: Asker, now: number): Promise<{ now: number } | Refusal>
  }

  /** Public progress of a case; undefined when number and telephone do not belong together. */
  track(no: string, phoneLast4: string, language: Language): Promise<TrackView | undefined>
}
