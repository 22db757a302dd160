// Puts the program's parts behind the functions the HTTP face asks for. Nothing is decided here: words are put to facts and
// parts to names.
import type { App } from './app/app.ts'
import { scopeOf } from './app/execute.ts'
import { readHead, readRows } from './app/journal.ts'
import type { Letters, Verification } from './app/letters.ts'
import type { ManualClock } from './app/clock.ts'
import { mayNot } from './domain/authority.ts'
import { isRefusal, refuse } from './domain/refusals.ts'
import { letterKinds, say, type Language } from './domain/vocabulary.ts'
import { track } from './app/track.ts'
import type { Imports } from './app/imports/imports.ts'
import type { Bulks } from './app/bulk/bulk.ts'
import type { Disposal } from './app/disposal/disposal.ts'
import type { Replays } from './app/replay/replays.ts'
import type { Settlement } from './app/settlement/settlement.ts'
import type { Lines } from './gate/front/lines.ts'
import type { Gate } from './gate/start.ts'
import { answerView, terminalView } from './gate/view.ts'
import { readerOf } from './http/reader.ts'
import type { Asker, Services } from './http/services.ts'
import type { GateTerminalView, LetterShown, OptionsView, VerifyView } from './http/shapes.ts'
import { previewOfCase } from './app/ledger/options.ts'
import { viewOptions } from './http/view-money.ts'
import { gate_queries_per_request_max } from './limits.ts'

const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | undefined): string | null => (at === undefined || !Number.isFinite(at) ? null : iso(at))

/** A terminal number nobody has. */
const nobody = '--------'

export function gateService(gate: Gate): Services['gate'] {
  const { door } = gate
  return {
    decide(queries, scope, language) {
      if (queries.length > gate_queries_per_request_max) return refuse('too_large', { max: gate_queries_per_request_max })
      // Somebody else's terminal is answered like one that does not exist: nothing can be learnt by asking.
      const asked = queries.map((query) => (gate.isWithin(query.tid, scope) ? query : { ...query, tid: nobody }))
      return door.decideAll(asked).map((reply, i) => {
        const { tid, class: kind } = asked[i]!
        if (tid !== nobody && kind === 'sign_on' && reply.decision === 'approve') door.observe({ kind: 'signed_on', at: reply.asOf, tid })
        return answerView(door, reply, tid === nobody ? undefined : tid, language)
      })
    },
    terminal(tid, scope, language): GateTerminalView | undefined {
      const entry = gate.isWithin(tid, scope) ? door.entry(tid) : undefined
      return entry && terminalView(door, gate.look(tid, entry.mid), entry, language)
    },
  }
}

const fileWords: Readonly<Record<string, readonly [string, string]>> = {
  not_pdf: ['这不是 PDF 文件。', 'This is not a PDF file.'],
  not_signed: ['这份文件没有签章，不是我们出具的函件。', 'This file carries no signature; it is not a letter of ours.'],
  altered: ['这份文件被改动过，不能作为凭证。', 'This file was altered; it proves nothing.'],
  appended: ['这份文件被追加过内容，不能作为凭证。', 'Something was appended to this file; it proves nothing.'],
  foreign: ['签章不是我们的，这不是我们出具的函件。', 'The signature is not ours; this is not a letter of ours.'],
  not_issued: ['签章是我们的，但没有出具过这份文件。', 'The signature is ours, but no such file was issued.'],
  code_unknown: ['没有这个核验码或编号的函件，请核对后再试。', 'There is no letter with this code or number; please check it.'],
}

const shown = (v: Extract<Verification, { facts: unknown }>, language: Language): LetterShown => ({
  no: v.no, kind: v.kind, issuedAt: iso(v.issuedAt), provider: v.facts.provider.name, merchant: v.facts.merchant.name, caseNo: v.facts.caseNo ?? null,
  reason: { code: v.facts.reason.code, words: language === 'zh' ? v.facts.reason.zh : v.facts.reason.en },
  terminals: v.facts.terminals.map((t) => ({
    tid: t.tid, storeName: t.storeName, effectiveFrom: iso(t.effectiveFrom), hostBlockedAt: isoOrNull(t.hostBlockedAt),
    deviceConfirmedAt: isoOrNull(t.deviceConfirmedAt), expectedUntil: isoOrNull(t.expectedUntil), reopenedAt: isoOrNull(t.reopenedAt),
    closedAt: isoOrNull(t.closedAt), chargebackUntil: isoOrNull(t.chargebackUntil),
  })),
})

function verifyView(v: Verification, language: Language, ofFile: boolean): VerifyView {
  if ('no' in v && !('facts' in v)) {
    const kind = say(letterKinds[v.kind], language)
    if (v.result === 'disposed')
      return { state: v.result, sentence: language === 'zh' ? `出具过${kind} ${v.no}，内容已按规定销毁。` : `The ${kind} ${v.no} was issued; its content has been disposed of by rule.` }
    const sentence = language === 'zh' ? `有这份${kind}（${v.no}）。要看内容，请输入函件上的核验码或放入 PDF。` : `There is such a ${kind} (${v.no}). To see what it says, type its verification code or drop the PDF.`
    return { state: v.result, sentence }
  }
  if (!('facts' in v)) {
    const file = ofFile ? { file: (v.reason in fileWords && v.reason !== 'not_issued' ? v.reason : 'altered') as NonNullable<VerifyView['file']> } : {}
    return { state: 'unknown', ...file, sentence: say(fileWords[v.reason] ?? fileWords['altered']!, language) }
  }
  const kind = say(letterKinds[v.kind], language)
  const sentence = v.result === 'superseded'
    ? (language === 'zh' ? `${kind} ${v.no} 已被后来的函件取代。` : `The ${kind} ${v.no} has been superseded by a later letter.`)
    : (language === 'zh' ? `${kind} ${v.no} 真实有效，由${v.facts.provider.name}出具。` : `The ${kind} ${v.no} is genuine and valid, issued by ${v.facts.provider.name}.`)
  return { state: v.result, ...(ofFile ? { file: 'genuine' as const } : {}), letter: shown(v, language), sentence }
}

export const lettersService = (letters: Letters): Services['letters'] => ({
  async pdf({ actor }, no) {
    const found = await letters.pdf(actor, no)
    return isRefusal(found) ? found : { bytes: found.pdf, fileName: `${found.no}.pdf` }
  },
  verifyCode: async (typed, language) => verifyView(await letters.byCode(typed), language, false),
  verifyPdf: async (bytes, language) => verifyView(await letters.byPdf(Buffer.from(bytes)), language, true),
})

/** Rows about one terminal that are gone through, the newest first; no terminal's life is longer. */
const terminal_rows_max = 100_000

export const journalService = (app: App): Services['journal'] => ({
  list: ({ actor }, { after, terminal, application, limit }) => app.db.transaction(scopeOf(actor), async (tx) => {
    const rows = terminal === undefined && application === undefined ? await readRows(tx, after, limit)
      : await tx.many<{ seq: number; body: string; previous: string; hash: string }>(
        `select seq, body, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from journal
         where seq > $1 and ($3::text is null or case_no = $3)
           and ($4::text is null or seq = any(array(select f.seq from journal_of_terminal($4, $5, $6) f))) order by seq limit $2`,
        [after, limit, application ?? null, terminal ?? null, Number.MAX_SAFE_INTEGER, terminal_rows_max],
      )
    return { rows: rows.map((r) => ({ ...r, body: JSON.parse(r.body) as Record<string, unknown>, text: r.body })), head: await readHead(tx) }
  }, { readOnly: true }),
})

/** Moves a manual clock: everything due on the way falls due in order, each at its own moment. */
export const clockService = (app: App, settle: (target: number) => Promise<void>): Services['clock'] => {
  let queue: Promise<unknown> = Promise.resolve()
  return {
    set({ actor }, now) {
      const move = async (): Promise<{ now: number } | ReturnType<typeof refuse>> => {
        if (app.clock.kind !== 'manual') return refuse('clock_not_manual')
        const refusal = mayNot(actor, 'move-clock')
        if (refusal) return refusal
        if (now < app.clock.now()) return refuse('clock_backwards', { now: iso(app.clock.now()) })
        await settle(now)
        return { now: (app.clock as ManualClock).now() }
      }
      const turn = queue.then(move, move)
      queue = turn.catch(() => {})
      return turn
    },
  }
}


export type Parts = {
  gate: Gate
  lines: Lines | undefined
  letters: Letters
  imports: Imports
  settlement: Settlement
  disposal: Disposal
  replays: Replays
  bulk: Bulks
  materials: Services['materials']
  careFiles: Services['careFiles']
  telling: Services['telling']
  settle: (target: number) => Promise<void>
}

/** Everything the HTTP face asks for. */
export function services(app: App, { gate, lines, letters, imports, settlement, disposal, replays, bulk, materials, careFiles, telling, settle }: Parts): Services {
  const reader = readerOf(app)
  return {
    ...reader,
    applications: { ...reader.applications, options: (asker, no) => optionsFor(app, asker, no) },
    imports, settlement, disposal, replays, bulk, materials, careFiles, telling,
    letters: lettersService(letters),
    gate: gateService(gate), lines,
    journal: journalService(app),
    clock: clockService(app, settle),
    backups: backupsService(app),
    async track(no, phoneLast4, language) {
      const t = await track(app, no, phoneLast4, language)
      return t && {
        ...t, submittedAt: isoOrNull(t.submittedAt), deadline: t.deadline ? { ...t.deadline, at: iso(t.deadline.at) } : null,
      }
    },
    missing: async () => {
      const missing: string[] = []
      await app.db.transaction('*', (tx) => tx.one('select 1'), { readOnly: true }).catch(() => missing.push('database'))
      // A gate whose lease is over must not be asked for permission.
      if (!['fresh', 'leased'].includes(gate.condition())) missing.push('gate lease')
      return missing
    },
  }
}

const optionsFor = async (app: App, { actor, language }: Asker, no: string): Promise<OptionsView | undefined> => {
  const found = await previewOfCase(app, actor, no)
  return found && viewOptions(found, language)
}

const backupsService = (app: App): Services['backups'] => ({
  list: ({ actor }, tid) => app.db.transaction(scopeOf(actor), async (tx) => {
    if (!(await tx.one('select 1 from terminal where tid = $1', [tid]))) return undefined
    const rows = await tx.many<{ due_at: number; made_at: number | null; verified_at: number | null; rows_count: number | null; sha256: string | null; failure: string | null }>(
      'select due_at, made_at, verified_at, rows_count, sha256, failure from backup where tid = $1 order by due_at desc limit 200', [tid],
    )
    return rows.map((r) => ({
      dueAt: iso(r.due_at), madeAt: isoOrNull(r.made_at ?? undefined), verifiedAt: isoOrNull(r.verified_at ?? undefined), rows: r.rows_count, sha256: r.sha256, failure: r.failure,
    }))
  }, { readOnly: true }),
})
