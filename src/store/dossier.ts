// A dossier is what a command decides about: a case with its steps and materials, and terminals with all their holds. It is
// locked first and read second, in two statements, because one statement would read beside the row it waited for. Everything
// a decision changed goes back in one statement together with its journal row, so the journal's lock is held for that long only.
import type { Case, CaseTerminal, Finding, Material, Step } from '../domain/application/case.ts'
import type { CaseTerminalFacts } from '../domain/application/unfold.ts'
import type { ClearanceItem, Records } from '../domain/clearance.ts'
import type { Entry as LedgerEntry } from '../domain/ledger.ts'
import { nextDue, serviceAt, leadingHold, inEffect, type BoundDevice, type Hold, type Place } from '../domain/terminal.ts'
import type { Return } from '../domain/device.ts'
import type { ApplicationKind, ApplicationState, Direction, LetterKind, Reason } from '../domain/vocabulary.ts'
import { instantParam, parseInstant, type Tx } from './db.ts'
import { devicesSql, returnOf, returnRow, returnsPart, returnsSql } from './devices.ts'
import { eventParts, eventRows, type NewEvents } from './telling-events.ts'
import { accountOf, accountSql, ledgerParts, ledgerRows, type AccountKnown, type AccountRow } from './ledger.ts'

export type StoredTerminal = CaseTerminalFacts & {
  mid: string
  provider: string
  serial: string | undefined
  version: number
  gateSeq: number
  deviceConfirmedAt: number | undefined
  dormancy: { askedAt: number | undefined; answerBy: number | undefined; answer: string | undefined }
}
export type StoredCase = { case: Case; version: number }
export type OtherCase = { terminal: string; no: string; direction: Direction; provider: string; kind: ApplicationKind; state: ApplicationState; hold?: string | undefined }

export type Dossier = {
  case: StoredCase | undefined
  terminals: StoredTerminal[]
  others: OtherCase[]
  merchant: { mid: string; name: string; wrappedKey: Buffer | undefined; goodStanding: boolean } | undefined
  letters: { no: string; kind: LetterKind; code: string }[]
  /** Devices of these terminals on their way back, of this case and of others. */
  returns?: readonly Return[]
  /** The merchant's account with this provider. */
  account?: AccountKnown | undefined
  /** Names of the persons a case speaks of, for its view. */
  people?: Readonly<Record<string, string>>
}

const at = (value: unknown): number | undefined => (typeof value === 'string' ? parseInstant(value) : undefined)
const maybe = <T>(value: T | null | undefined): T | undefined => value ?? undefined

/** Locks a case and its terminals, in that order. Undefined when the case is not there or not the looker's. */
export async function lockCase(tx: Tx, no: string): Promise<string[] | undefined> {
  // An installation has no terminals before its approval.
  const row = await tx.one<{ tids: string[] }>(
    `with c as materialized (select no from application where no = $1 for update),
       l as materialized (select t.tid from c join application_terminal a using (no) join terminal t on t.tid = a.tid order by t.tid for update of t)
     select array(select tid from l order by tid) as tids from c`,
    [no],
  )
  return row?.tids
}

/** Locks terminals in order of their number; returns those that are there and the looker's. */
export async function lockTerminals(tx: Tx, tids: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{ tid: string }>('select tid from terminal where tid = any($1) order by tid for update', [tids])
  return rows.map((r) => r.tid)
}

// json, not jsonb: rows go out as text once, and nothing is looked up in them on the way. Sets are put in order on our side.
const dossierSql = `
  select
    (select row_to_json(a) from application a where a.no = $1) as "case",
    (select json_agg(json_build_object('id', x.tid, 'tid', x.tid, 'result', x.result, 'hold', x.hold, 'from', x.old_serial, 'to', x.new_serial)) from application_terminal x where x.no = $1) as case_terminals,
    (select json_agg(s) from step s where s.no = $1) as steps,
    (select json_agg(m) from material m where m.no = $1) as materials,
    (select json_object_agg(p.id, p.name) from application a join person p on p.id in (a.created_by, a.submitted_by, a.assignee, a.reviewed_by, a.decided_by)
     where a.no = $1) as people,
    (select json_agg(t) from terminal t where t.tid = any($2)) as terminals,
    (select json_agg(h) from hold h where h.tid = any($2)) as holds,
    (select json_agg(json_build_object('terminal', o.tid, 'no', o.no, 'direction', o.direction, 'provider', o.provider, 'kind', a.kind, 'state', a.state, 'hold', o.hold))
     from application_terminal o join application a on a.no = o.no where o.tid = any($2) and o.open and o.no is distinct from $1) as others,
    case when $1::text is null or exists (select from application a where a.no = $1 and a.kind in ('close', 'replace', 'install')) then ${devicesSql('$2')} end as devices,
    ${returnsSql('$2')} as returns,
    (select json_agg(json_build_object('no', l.no, 'kind', l.kind, 'code', l.code) order by l.issued_at) from letter l where l.case_no = $1) as letters,
    (select json_build_object('mid', m.mid, 'name', m.name, 'key', encode(m.wrapped_key, 'base64'), 'good', not exists (
        select from hold h where h.mid = m.mid and h.lifted_at is null and h.withdrawn_at is null and h.owner in ('risk', 'finance', 'compliance')))
     from merchant m where m.mid = coalesce((select mid from terminal where tid = $2[1]), (select a.mid from application a where a.no = $1))) as merchant`
const withAccountSql = `${dossierSql},
    (select ${accountSql('t.mid', 't.provider', '$2', '$1')} from terminal t where t.tid = $2[1]) as account`

type Parts = {
  case: Raw | null; case_terminals: Raw[] | null; steps: Raw[] | null; materials: Raw[] | null; terminals: Raw[] | null; holds: Raw[] | null
  others: OtherCase[] | null; letters: Dossier['letters'] | null; merchant: Raw | null; people: Record<string, string> | null
  account?: AccountRow | null
  devices: Record<string, DeviceRow> | null; returns: Raw[] | null
}
/** By these columns, in this order; empty values last. */
const sorted = (rows: Raw[] | null, ...by: string[]): Raw[] =>
  (rows ?? []).toSorted((a, b) => {
    for (const column of by) if (a[column] !== b[column]) return (a[column] ?? '~') < (b[column] ?? '~') ? -1 : 1
    return 0
  })

/** Reads a dossier after its rows were locked; with the merchant's account for cases, and where asked for it. */
export async function readDossier(tx: Tx, no: string | undefined, tids: readonly string[], { account = no !== undefined } = {}): Promise<Dossier> {
  const row = (await tx.one<Parts>(account ? withAccountSql : dossierSql, [no ?? null, tids]))!
  const { merchant } = row
  const holds = Map.groupBy(sorted(row.holds, 'effective_from', 'id'), (h) => h['tid'] as string)
  return {
    case: row.case ? {
      version: row.case['version'] as number,
      case: caseOf({
        ...row.case, terminals: sorted(row.case_terminals, 'tid'), steps: sorted(row.steps, 'due_at', 'id'), materials: sorted(row.materials, 'added_at', 'id'),
      }),
    } : undefined,
    terminals: sorted(row.terminals, 'tid').map((t) => ({
      ...terminalOf({ ...t, holds: holds.get(t['tid'] as string) }), device: boundOf(row.devices?.[t['tid'] as string]),
    })),
    others: row.others ?? [],
    returns: (row.returns ?? []).map(returnOf),
    letters: row.letters ?? [],
    people: row.people ?? {},
    account: accountOf(row.account),
    merchant: merchant ? {
      mid: merchant['mid'] as string, name: merchant['name'] as string, goodStanding: merchant['good'] as boolean,
      wrappedKey: merchant['key'] ? Buffer.from(merchant['key'] as string, 'base64') : undefined,
    } : undefined,
  }
}

/** A device as it stands beside its terminal. */
export type DeviceRow = Omit<BoundDevice, 'since'> & { since?: string | null }
export const boundOf = (d: DeviceRow | undefined): BoundDevice | undefined => d && {
  serial: d.serial, ownership: d.ownership, depositFen: d.depositFen, since: d.since ? parseInstant(d.since) : undefined,
}

// biome-ignore lint/suspicious/noExplicitAny: rows come as the JSON PostgreSQL made of them; the mappers below give them types.
type Raw = Record<string, any>

export const holdOf = (r: Raw): Hold => ({
  id: r['id'], reason: r['reason'], owner: r['owner'], effect: r['effect'], effectiveFrom: at(r['effective_from'])!,
  drainUntil: at(r['drain_until'])!, expectedUntil: at(r['expected_until']), caseNo: maybe(r['case_no']), placedBy: r['placed_by'],
  startedAt: at(r['started_at']), shutAt: at(r['shut_at']), clearedAt: at(r['cleared_at']), liftedAt: at(r['lifted_at']),
  withdrawnAt: at(r['withdrawn_at']), reminders: ((r['reminders'] ?? []) as string[]).map(parseInstant), deviceDueAt: at(r['device_due_at']),
})

export const terminalOf = (r: Raw): StoredTerminal => ({
  id: r['tid'], tid: r['tid'], mid: r['mid'], provider: r['provider'], serial: maybe(r['serial']),
  installedAt: at(r['installed_at']), setupAt: at(r['setup_at']), closedAt: at(r['closed_at']), chargebackUntil: at(r['chargeback_until']), signOnRequired: r['sign_on_required'], clear: r['clear'],
  open: r['clearance'] as ClearanceItem[], records: maybe(r['records'] as Records | null), holds: ((r['holds'] ?? []) as Raw[]).map(holdOf), version: r['version'],
  gateSeq: Number(r['gate_seq']), hostBlockedAt: at(r['host_blocked_at']), deviceConfirmedAt: at(r['device_confirmed_at']), deviceSilentAt: at(r['device_silent_at']),
  dormancy: { askedAt: at(r['dormancy_asked_at']), answerBy: at(r['dormancy_answer_by']), answer: maybe(r['dormancy_answer']) },
})

const stepOf = (r: Raw): Step => ({
  id: r['id'], rule: r['rule'], kind: r['kind'], requirement: r['requirement'], before: r['before'], dueAt: at(r['due_at']),
  assignee: r['assignee'], state: r['state'], evidence: maybe(r['evidence']), settledAt: at(r['settled_at']),
  settledBy: maybe(r['settled_by']), waiverBy: maybe(r['waiver_by']),
})
const materialOf = (r: Raw): Material => ({
  id: r['id'], type: r['type'], state: r['state'], sha256: r['sha256'], addedAt: at(r['added_at'])!, words: maybe(r['words']),
})

/** `words` and `proof` stay sealed: a decision needs to know that they are there, not what they say. */
export const caseOf = (r: Raw): Case => ({
  no: r['no'], kind: r['kind'], state: r['state'], provider: r['provider'], merchant: r['mid'], reason: r['reason'] as Reason,
  words: maybe(r['words_sealed']), proof: maybe(r['proof_sealed']), proofKind: maybe(r['proof_kind']), channel: r['channel'], onBehalf: r['on_behalf'],
  effectiveFrom: at(r['effective_from']), expectedUntil: at(r['expected_until']), wish: maybe(r['wish'] as Case['wish'] | null), policyVersion: maybe(r['policy_version']),
  createdAt: at(r['created_at'])!, createdBy: r['created_by'], submittedAt: at(r['submitted_at']), submittedBy: maybe(r['submitted_by']), makers: r['makers'] as string[],
  assignee: maybe(r['assignee']), reviewedBy: maybe(r['reviewed_by']), reviewedDigest: maybe(r['reviewed_digest']),
  decidedAt: at(r['decided_at']), decidedBy: maybe(r['decided_by']), rule: maybe(r['rule']),
  deadline: r['deadline_at'] ? { earliestAt: at(r['earliest_at'])!, at: at(r['deadline_at'])! } : undefined,
  daysLeft: maybe(r['days_left']), answerBy: at(r['answer_by']), escalatedAt: at(r['escalated_at']),
  checkpointAt: at(r['checkpoint_at']), checkpointTakenAt: at(r['checkpoint_taken_at']), begunAt: at(r['begun_at']), endedAt: at(r['ended_at']),
  terminals: ((r['terminals'] ?? []) as Raw[]).map((t): CaseTerminal => ({
    id: t['id'], tid: t['tid'], result: t['result'], hold: t['hold'], ...(t['from'] && { from: t['from'] as string }), ...(t['to'] && { to: t['to'] as string }),
  })), steps: ((r['steps'] ?? []) as Raw[]).map(stepOf),
  materials: ((r['materials'] ?? []) as Raw[]).map(materialOf), findings: r['findings'] as Finding[],
})

// ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type Registration = { tid: string; serial: string; model: string; position: Place; photo: string | undefined; caseNo: string; at: number; by: string }
export type NewMaterial = Material & { no: string; mediaType: string; sizeBytes: number; nameSealed: Buffer; addedBy: string }
export type NewLetter = { no: string; kind: string; code: string; caseNo: string; facts: unknown; issuedAt: number }
export type NewNotice = {
  id: string; kind: string; audience: 'merchant' | 'provider'; caseNo: string | undefined; tid: string | undefined
  words: readonly [string, string]; at: number
}
export type NewTest = { id: string; tid: string; at: number; by: string; passed: boolean; items: unknown; caseNo: string | undefined }

/** What one command changed; parts that are absent are not touched. */
export type Changes = {
  provider: string
  mid: string
  case?: { case: Case; version: number; dueAt: number | undefined; wordsSealed?: Buffer | undefined; proofSealed?: Buffer | undefined; isNew: boolean; direction: Direction }
  /** Terminals whose holds or state changed, and the holds that changed with the words sealed beside a new one. */
  terminals?: readonly {
    terminal: StoredTerminal; holds: readonly (Hold & { wordsSealed?: Buffer | undefined })[]; now: number; gate: boolean
    /** Its device was changed. */
    isRebound?: boolean | undefined
  }[]
  /** Terminals whose numbers were reserved just now, and the store they are for. */
  reserved?: readonly { terminal: StoredTerminal; store: string }[]
  /** Devices put on terminals, with the five elements that are registered. */
  registrations?: readonly Registration[]
  /** A provider the merchant had nothing to do with so far. */
  joins?: boolean
  materials?: readonly NewMaterial[]
  letters?: readonly NewLetter[]
  notices?: readonly NewNotice[]
  tests?: readonly NewTest[]
  backups?: readonly { id: string; tid: string; dueAt: number }[]
  /** Lines of return that are new or changed. */
  returns?: readonly Return[]
  /** Money this brought about: posted in the same statement. */
  entries?: readonly LedgerEntry[]
  /** Cases, other than this one, that must look at themselves because their terminal changed. */
  poke?: readonly string[]
}
export type Entry = { body: string; caseNo: string | undefined; tids: readonly string[] }
export type StoredReply = { party: string; key: string; route: string; bodyHash: Buffer; status: number; reply: string }

const hex = (bytes: Buffer | undefined): string | null => (bytes ? `\\x${bytes.toString('hex')}` : null)

const caseJson = (c: NonNullable<Changes['case']>): Raw => ({
  no: c.case.no, kind: c.case.kind, state: c.case.state, provider: c.case.provider, mid: c.case.merchant, reason: c.case.reason,
  words_sealed: hex(c.wordsSealed), proof_sealed: hex(c.proofSealed), proof_kind: c.case.proofKind ?? null, channel: c.case.channel, on_behalf: c.case.onBehalf,
  effective_from: instantParam(c.case.effectiveFrom), expected_until: instantParam(c.case.expectedUntil), wish: c.case.wish ?? null,
  policy_version: c.case.policyVersion ?? null, created_at: instantParam(c.case.createdAt), created_by: c.case.createdBy,
  submitted_with: c.case.submittedWith ?? null, submitted_at: instantParam(c.case.submittedAt), submitted_by: c.case.submittedBy ?? null, makers: c.case.makers, assignee: c.case.assignee ?? null,
  reviewed_by: c.case.reviewedBy ?? null, reviewed_digest: c.case.reviewedDigest ?? null, decided_at: instantParam(c.case.decidedAt),
  decided_by: c.case.decidedBy ?? null, rule: c.case.rule ?? null, earliest_at: instantParam(c.case.deadline?.earliestAt),
  deadline_at: instantParam(c.case.deadline?.at), days_left: c.case.daysLeft ?? null, answer_by: instantParam(c.case.answerBy),
  escalated_at: instantParam(c.case.escalatedAt), checkpoint_at: instantParam(c.case.checkpointAt),
  checkpoint_taken_at: instantParam(c.case.checkpointTakenAt), begun_at: instantParam(c.case.begunAt),
  ended_at: instantParam(c.case.endedAt), findings: c.case.findings, due_at: instantParam(c.dueAt), version: c.version,
})

const terminalJson = ({ terminal: t, now, gate, isRebound = false }: NonNullable<Changes['terminals']>[number]): Raw => ({
  tid: t.tid, service: serviceAt(t, now), reason: leadingHold(inEffect(t, now), now)?.reason ?? null,
  sign_on_required: t.signOnRequired, host_blocked_at: instantParam(t.hostBlockedAt), device_confirmed_at: instantParam(t.deviceConfirmedAt),
  device_silent_at: instantParam(t.deviceSilentAt), dormancy_asked_at: instantParam(t.dormancy.askedAt), dormancy_answer_by: instantParam(t.dormancy.answerBy),
  dormancy_answer: t.dormancy.answer ?? null, due_at: instantParam(nextDue(t)), version: t.version, gate, closed_at: instantParam(t.closedAt),
  chargeback_until: instantParam(t.chargebackUntil), installed_at: instantParam(t.installedAt), setup_at: instantParam(t.setupAt), rebound: isRebound, serial: t.serial ?? null,
})

const holdJson = (tid: string, h: Hold & { wordsSealed?: Buffer | undefined }): Raw => ({
  id: h.id, tid, reason: h.reason, owner: h.owner, effect: h.effect, effective_from: instantParam(h.effectiveFrom),
  drain_until: instantParam(h.drainUntil), expected_until: instantParam(h.expectedUntil), case_no: h.caseNo ?? null,
  placed_by: h.placedBy, words_sealed: hex(h.wordsSealed), reminders: h.reminders.map(instantParam), device_due_at: instantParam(h.deviceDueAt), started_at: instantParam(h.startedAt),
  shut_at: instantParam(h.shutAt), cleared_at: instantParam(h.clearedAt), lifted_at: instantParam(h.liftedAt), withdrawn_at: instantParam(h.withdrawnAt),
})

// Each part is a set of rows; a statement is put together from the parts that have any, and prepared once per combination.
// Updates name the case ($4) or terminals ($5) once more beside the join: that keeps their plan on the index however small
// the table was when the plan was made.
const part = (name: string, table: string): string => `jsonb_populate_recordset(null::${table}, $1::jsonb->'${name}')`
const insert = (name: string, table: string, conflict = ''): string => `insert into ${table} select r.* from ${part(name, table)} r ${conflict} returning 1`
const parts: Readonly<Record<string, string>> = {
  cases_new: insert('cases_new', 'application'),
  cases_old: `update application a set
      (state, submitted_at, submitted_by, makers, policy_version, assignee, reviewed_by, reviewed_digest, decided_at, decided_by, rule,
       earliest_at, deadline_at, days_left, answer_by, escalated_at, checkpoint_at, checkpoint_taken_at, begun_at, ended_at,
       effective_from, findings, due_at, version, submitted_with)
      = (r.state, r.submitted_at, r.submitted_by, r.makers, r.policy_version, r.assignee, r.reviewed_by, r.reviewed_digest, r.decided_at, r.decided_by, r.rule,
       r.earliest_at, r.deadline_at, r.days_left, r.answer_by, r.escalated_at, r.checkpoint_at, r.checkpoint_taken_at, r.begun_at, r.ended_at,
       r.effective_from, r.findings, r.due_at, r.version, coalesce(a.submitted_with, r.submitted_with))
    from ${part('cases_old', 'application')} r where a.no = r.no and a.no = $4 returning 1`,
  case_terminals_new: insert('case_terminals_new', 'application_terminal'),
  case_terminals_old: `update application_terminal x set result = r.result, hold = r.hold, open = r.open, old_serial = r.old_serial, new_serial = r.new_serial
    from ${part('case_terminals_old', 'application_terminal')} r where x.no = r.no and x.no = $4 and x.tid = r.tid returning 1`,
  steps: insert('steps', 'step', `on conflict (no, id) do update set state = excluded.state, evidence = excluded.evidence,
      settled_at = excluded.settled_at, settled_by = excluded.settled_by, waiver_by = excluded.waiver_by, due_at = excluded.due_at`),
  terminals: `update terminal t set service = r.service, reason = r.reason, sign_on_required = r.sign_on_required,
      host_blocked_at = r.host_blocked_at, device_confirmed_at = r.device_confirmed_at, device_silent_at = r.device_silent_at, dormancy_asked_at = r.dormancy_asked_at,
      dormancy_answer_by = r.dormancy_answer_by, dormancy_answer = r.dormancy_answer, due_at = r.due_at, version = t.version + 1,
      closed_at = r.closed_at, chargeback_until = r.chargeback_until, installed_at = coalesce(t.installed_at, r.installed_at), setup_at = r.setup_at,
      serial = case when r.closed_at is not null then null when r.rebound then r.serial else t.serial end,
      gate_seq = case when r.gate then (select seq from j) else t.gate_seq end
    from jsonb_to_recordset($1::jsonb->'terminals') r(tid text, service text, reason text, sign_on_required boolean, host_blocked_at timestamptz,
      device_confirmed_at timestamptz, device_silent_at timestamptz, dormancy_asked_at timestamptz, dormancy_answer_by timestamptz, dormancy_answer text,
      due_at timestamptz, gate boolean, closed_at timestamptz, chargeback_until timestamptz, installed_at timestamptz, setup_at timestamptz, rebound boolean, serial text) where t.tid = r.tid and t.tid = any($5) returning 1`,
  // Known to the gates at once, as a terminal on which nothing can be done.
  reserved: `insert into terminal (tid, mid, provider, store_id, service, gate_seq) select r.tid, r.mid, r.provider, r.store_id, 'pending_setup', (select seq from j)
    from ${part('reserved', 'terminal')} r returning 1`,
  registrations: `insert into terminal_registration (tid, mid, provider, serial, model, longitude, latitude, photo, case_no, at, by)
    select r.tid, r.mid, r.provider, r.serial, r.model, r.longitude, r.latitude, r.photo, r.case_no, r.at, r.by from ${part('registrations', 'terminal_registration')} r returning 1`,
  joins: 'insert into merchant_provider (mid, provider) select r.mid, r.provider from jsonb_to_recordset($1::jsonb->\'joins\') r(mid text, provider text) on conflict do nothing returning 1',
  holds_new: insert('holds_new', 'hold'),
  holds_old: `update hold h set (effective_from, drain_until, expected_until, reminders, device_due_at, started_at, shut_at, cleared_at, lifted_at, withdrawn_at)
      = (r.effective_from, r.drain_until, r.expected_until, r.reminders, r.device_due_at, r.started_at, r.shut_at, r.cleared_at, r.lifted_at, r.withdrawn_at)
    from ${part('holds_old', 'hold')} r where h.id = r.id and h.tid = any($5) returning 1`,
  materials: insert('materials', 'material'),
  materials_old: `update material m set state = r.state, words = r.words
    from jsonb_to_recordset($1::jsonb->'materials_old') r(id uuid, state text, words text) where m.id = r.id returning 1`,
  letters: insert('letters', 'letter'),
  notices: insert('notices', 'notice'),
  tests: insert('tests', 'device_test'),
  backups: insert('backups', 'backup', 'on conflict (tid, due_at) do nothing'),
  ...eventParts,
  returns: returnsPart,
  ...ledgerParts,
  // Terminals are locked before this, cases elsewhere before terminals: a case that is locked now waits for our terminal and
  // will see it changed, so it is skipped rather than waited for.
  poke: `update application a set due_at = least(a.due_at, $7::timestamptz)
    from (select no from application where no in (select jsonb_array_elements_text($1::jsonb->'poke')) and ended_at is null for update skip locked) l
    where a.no = l.no returning 1`,
}
const reply_part = `insert into idempotency (party, key, route, body_hash, status, reply, at)
    values ($8::text, $9::text, $10::text, $11::bytea, $12::integer, $13::text, $7::timestamptz) returning 1`

const writeStatements = new Map<string, string>()
/** One statement, one snapshot, for the parts that have rows. */
function writeStatement(names: readonly string[], withReply: boolean): string {
  const id = `${names.join()}${withReply}`
  let sql = writeStatements.get(id)
  if (sql === undefined) {
    const ctes = ['j as materialized (select journal_append($2, $3, $4, $5, $6) as seq)', ...names.map((name) => `p_${name} as (${parts[name]})`)]
    if (withReply) ctes.push(`i as (${reply_part})`)
    // Parameters keep their numbers whether a part uses them or not.

    sql = `with ${ctes.join(',\n  ')}\n  select seq from j where $1::jsonb is not null and $7::timestamptz is not null`
    writeStatements.set(id, sql)
  }
  return sql
}

const rowsOf = (changes: Changes, before: Dossier | undefined): Raw => {
  const party = { provider: changes.provider, mid: changes.mid }
  const rows: Raw = {}
  if (changes.case) {
    const c = changes.case
    rows[c.isNew ? 'cases_new' : 'cases_old'] = [caseJson(c)]
    const open = c.case.endedAt === undefined
    const was = new Map(before?.case?.case.terminals.map((t) => [t.id, t]))
    const row = (t: CaseTerminal): Raw => ({
      no: c.case.no, tid: t.tid, ...party, direction: c.direction, result: t.result, hold: t.hold ?? null, open, old_serial: t.from ?? null, new_serial: t.to ?? null,
    })
    const changed = (t: CaseTerminal): boolean => {
      const old = was.get(t.id)!
      return !open || old.result !== t.result || old.hold !== t.hold || old.from !== t.from || old.to !== t.to
    }
    rows['case_terminals_new'] = c.case.terminals.filter((t) => !was.has(t.id)).map(row)
    rows['case_terminals_old'] = c.case.terminals.filter((t) => was.has(t.id) && changed(t)).map(row)
    const old = new Map(before?.case?.case.steps.map((s) => [s.id, s]))
    rows['steps'] = c.case.steps.filter((s) => !sameStep(old.get(s.id), s)).map((s) => ({
      no: c.case.no, id: s.id, ...party, rule: s.rule, kind: s.kind, requirement: s.requirement, before: s.before, due_at: instantParam(s.dueAt),
      assignee: s.assignee, state: s.state, evidence: s.evidence ?? null, settled_at: instantParam(s.settledAt), settled_by: s.settledBy ?? null,
      waiver_by: s.waiverBy ?? null,
    }))
  }
  if (changes.case) {
    const old = new Map(before?.case?.case.materials.map((m) => [m.id, m]))
    rows['materials_old'] = changes.case.case.materials
      .filter((m) => old.has(m.id) && (old.get(m.id)!.state !== m.state || old.get(m.id)!.words !== m.words))
      .map((m) => ({ id: m.id, state: m.state, words: m.words ?? null }))
  }
  if (changes.terminals) {
    const known = new Set(before?.terminals.flatMap((t) => t.holds.map((h) => h.id)))
    rows['terminals'] = changes.terminals.map(terminalJson)
    const holds: Raw[] = changes.terminals.flatMap((t) => t.holds.map((h) => ({ ...holdJson(t.terminal.tid, h), ...party })))
    rows['holds_new'] = holds.filter((h) => !known.has(h['id'] as string))
    rows['holds_old'] = holds.filter((h) => known.has(h['id'] as string))
  }
  if (changes.materials) rows['materials'] = changes.materials.map((m) => ({
    id: m.id, no: m.no, ...party, type: m.type, state: m.state, sha256: m.sha256, media_type: m.mediaType, size_bytes: m.sizeBytes,
    name_sealed: hex(m.nameSealed), added_at: instantParam(m.addedAt), added_by: m.addedBy, words: m.words ?? null,
  }))
  if (changes.letters) rows['letters'] = changes.letters.map((l) => ({
    no: l.no, kind: l.kind, code: l.code, case_no: l.caseNo, ...party, state: 'valid', facts: l.facts, issued_at: instantParam(l.issuedAt),
  }))
  if (changes.notices) rows['notices'] = changes.notices.map((n) => ({
    id: n.id, kind: n.kind, ...party, audience: n.audience, case_no: n.caseNo ?? null, tid: n.tid ?? null, words_zh: n.words[0],
    words_en: n.words[1], at: instantParam(n.at),
  }))
  if (changes.tests) rows['tests'] = changes.tests.map((t) => ({
    id: t.id, tid: t.tid, ...party, at: instantParam(t.at), tested_by: t.by, passed: t.passed, items: t.items, case_no: t.caseNo ?? null,
  }))
  if (changes.backups) rows['backups'] = changes.backups.map((b) => ({ id: b.id, tid: b.tid, ...party, due_at: instantParam(b.dueAt) }))
  if (changes.reserved) rows['reserved'] = changes.reserved.map(({ terminal: { tid }, store }) => ({ tid, ...party, store_id: store }))
  if (changes.registrations) rows['registrations'] = changes.registrations.map(({ position, caseNo, at: when, ...r }) => ({ ...r, ...party, ...position, photo: r.photo ?? null, case_no: caseNo, at: instantParam(when) }))
  if (changes.joins) rows['joins'] = [party]
  if (changes.returns) rows['returns'] = changes.returns.map((line) => returnRow(line, party))
  if (changes.entries?.length) Object.assign(rows, ledgerRows(changes.entries))
  if (changes.poke) rows['poke'] = changes.poke
  return rows
}

const sameStep = (a: Step | undefined, b: Step): boolean =>
  a !== undefined && a.state === b.state && a.dueAt === b.dueAt && a.evidence === b.evidence && a.waiverBy === b.waiverBy && a.settledAt === b.settledAt

/** Stores what a command changed, its journal row and its reply: one statement, the last of its transaction. */
export function writeOutcome(
  tx: Tx, changes: Changes | undefined, before: Dossier | undefined, entry: Entry & { provider: string | undefined; mid: string | undefined },
  reply: StoredReply | undefined, now: number, events?: NewEvents,
): void {
  const rows = { ...(changes ? rowsOf(changes, before) : {}), ...(events ? eventRows(events) : {}) }
  const names = Object.keys(parts).filter((name) => (rows[name] as unknown[] | undefined)?.length)
  const params: unknown[] = [
    JSON.stringify(rows), entry.provider ?? null, entry.mid ?? null, entry.caseNo ?? null, entry.tids, entry.body, instantParam(now),
  ]
  if (reply) params.push(reply.party, reply.key, reply.route, reply.bodyHash, reply.status, reply.reply)
  tx.last(writeStatement(names, reply !== undefined), params)
}

/** A part of a statement that is somebody else's: `sql` reads its rows from $1 under its name; $7 is now, $8 on are its own. */
export type OtherPart = { name: string; sql: string; rows: readonly object[] }

/**
 * What many merchants' terminals became at once, with one journal row for each merchant: one statement, the last of its
 * transaction. Every terminal takes its place in the gates' order with the last of these rows.
 */
export function writeMany(
  tx: Tx, provider: string,
  all: readonly { changes: Changes; before: Pick<Dossier, 'terminals'>; mid: string; tids: readonly string[]; body: string; events: NewEvents['happenings'] }[],
  others: readonly OtherPart[], now: number, more: readonly unknown[] = [],
): void {
  const rows: Raw = {}
  let ordinal = 0
  for (const { changes, before, mid, events } of all) {
    // All of them stand under the last journal row: their ordinals go on from merchant to merchant.
    const told = eventRows({ provider, mid, caseNo: undefined, happenings: events })
    const numbered = told['terminal_events']!.map((r) => ({ ...(r as Raw), ordinal: ++ordinal }))
    for (const [name, of] of Object.entries({ ...rowsOf(changes, before as Dossier), ...told, terminal_events: numbered })) (rows[name] ??= []).push(...(of as unknown[]))
  }
  for (const { name, rows: of } of others) rows[name] = of
  const names = Object.keys(parts).filter((name) => (rows[name] as unknown[] | undefined)?.length)
  const ctes = [
    'j as materialized (select journal_append_all($2, $3, $4, $6) as seq)', ...names.map((name) => `p_${name} as (${parts[name]})`),
    ...others.filter((o) => o.rows.length > 0).map((o) => `p_${o.name} as (${o.sql})`),
  ]
  tx.last(`with ${ctes.join(',\n  ')}\n  select seq from j where $1::jsonb is not null and $5::text[] is not null and $7::timestamptz is not null`, [
    JSON.stringify(rows), provider, all.map((a) => a.mid), all.map((a) => JSON.stringify(a.tids)), all.flatMap((a) => a.tids), all.map((a) => a.body), instantParam(now), ...more,
  ])
}

/** The reply stored under a key, if the same party used it before. */
export const storedReply = (tx: Tx, party: string, key: string): Promise<{ route: string; body_hash: Buffer; status: number; reply: string } | undefined> =>
  tx.one('select route, body_hash, status, reply from idempotency where party = $1 and key = $2', [party, key])
