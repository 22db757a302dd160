// Reading for people: one case or terminal, or the page of a list, each with everything its view says, in one statement. What
// a decision looks at comes as a dossier (dossier.ts), so that a view asks the same questions of it as a command would; what
// only people want to know – store, device, names, files – stands beside it. Row level security is what hides the rest.
import { boundOf, caseOf, terminalOf, type Dossier, type OtherCase, type StoredCase, type StoredTerminal } from './dossier.ts'
import { instantParam, parseInstant, type Tx } from './db.ts'
import { returnOf, returnsSql } from './devices.ts'
import { accountOf, accountSql, type AccountRow } from './ledger.ts'
import {
  materialTypes, words, type DeviceState, type DeviceType, type LetterKind, type MaterialType, type Ownership, type TestItem, type Words,
} from '../domain/vocabulary.ts'

/** What the register knows of a terminal beyond what decides. */
export type Registered = {
  store: { name: string; address: string } | undefined
  device: { serial: string; model: string; type: DeviceType; ownership: Ownership; state: DeviceState } | undefined
  /** The checkpoint before the stop that comes, not yet taken. */
  settleBy: number | undefined
  /** The last device test, where it failed. */
  failedTest: { at: number; items: readonly TestItem[] } | undefined
  /** Work behind its holds that is not over. */
  tickets: readonly { no: string; hold: string; dueAt: number | undefined }[]
  /** Tried since the stop in effect began, and refused. */
  attempts: { count: number; lastAt: number } | undefined
}

/** What stands beside a dossier for its reader. */
export type Beside = {
  terminals: ReadonlyMap<string, Registered>
  /** Sealed with the merchant's key. */
  contact: { name: Buffer | undefined; phone: Buffer | undefined } | undefined
  /** Who the persons of the case are. */
  people: ReadonlyMap<string, string>
  files: ReadonlyMap<string, { name: Buffer; mediaType: string; sizeBytes: number }>
  said: Said | undefined
}
/** What the reviewer wrote when returning or rejecting, and of which materials. */
export type Said = { words: Words; materials: readonly { type: MaterialType; words: string }[] }
export const nothingBeside: Beside = { terminals: new Map(), contact: undefined, people: new Map(), files: new Map(), said: undefined }
export type Read = { dossier: Dossier; beside: Beside }

// biome-ignore lint/suspicious/noExplicitAny: rows come as the JSON PostgreSQL made of them; the mappers below give them types.
type Raw = Record<string, any>

const bytes = (hex: unknown): Buffer | undefined => (typeof hex === 'string' ? Buffer.from(hex.replace(/^\\x/, ''), 'hex') : undefined)

// ── Pieces of SQL ───────────────────────────────────────────────────────────────────────────────────────────────────
// json, not jsonb: nothing is looked up in it here, and as text it is made in half the time.
const holdsSql = `(select coalesce(json_agg(x), '[]') from (select h.id, h.reason, h.owner, h.effect, h.effective_from, h.drain_until, h.expected_until, h.case_no,
  h.placed_by, h.started_at, h.shut_at, h.cleared_at, h.lifted_at, h.withdrawn_at, h.reminders from hold h where h.tid = t.tid order by h.effective_from, h.id) x)`
const settleBySql = `case when t.due_at is not null then (select min(a.checkpoint_at) from hold h join application a on a.no = h.case_no
  where h.tid = t.tid and h.started_at is null and h.withdrawn_at is null and a.state = 'approved' and a.checkpoint_taken_at is null) end`
const failedTestSql = `case when t.service = 'testing' then (select case when not x.passed then json_build_object('at', x.at, 'items', x.items) end
  from (select dt.at, dt.passed, dt.items from device_test dt where dt.tid = t.tid order by dt.at desc limit 1) x) end`
const attemptsSql = `case when t.service in ('draining', 'suspended', 'testing', 'closed') then (select json_build_object('count', sum(a.count), 'last', max(a.last_at)) from gate_attempt a
  where a.tid = t.tid and a.last_at >= coalesce((select min(h.effective_from) from hold h where h.tid = t.tid and h.effect = 'stop' and h.started_at is not null
    and h.lifted_at is null), t.closed_at) having count(*) > 0) end`
const ticketsSql = `case when t.reason is not null then (select json_agg(json_build_object('no', k.no, 'hold', k.hold, 'due_at', k.due_at)) from ticket k
  where k.tid = t.tid and k.closed_at is null and k.hold is not null) end`
const terminalSql = `json_build_object('row', row_to_json(t), 'holds', ${holdsSql},
  'store', (select json_build_object('name', s.name, 'address', s.address) from store s where s.id = t.store_id),
  'device', (select json_build_object('serial', d.serial, 'model', d.model, 'type', d.type, 'ownership', d.ownership, 'state', d.state, 'deposit_fen', d.deposit_fen) from device d where d.serial = t.serial),
  'settle_by', ${settleBySql}, 'failed_test', ${failedTestSql}, 'attempts', ${attemptsSql}, 'tickets', ${ticketsSql})`
const merchantSql = (mid: string): string => `(select json_build_object('mid', m.mid, 'name', m.name, 'key', m.wrapped_key, 'contact', m.contact_sealed, 'phone', m.phone_sealed,
  'good', not exists (select from hold h where h.mid = m.mid and h.lifted_at is null and h.withdrawn_at is null and h.owner in ('risk', 'finance', 'compliance')))
  from merchant m where m.mid = ${mid})`
const othersSql = (tids: string, but: string): string => `(select coalesce(json_agg(json_build_object('terminal', o.tid, 'no', o.no, 'direction', o.direction, 'provider', o.provider, 'kind', oa.kind, 'state', oa.state, 'hold', o.hold)), '[]')
  from application_terminal o join application oa on oa.no = o.no where o.tid = any(${tids}) and o.open and ${but})`

const terminalsSql = `
  select ${terminalSql} as terminal, ${merchantSql('t.mid')} as merchant, ${othersSql('array[t.tid]', 'true')} as others, ${returnsSql('array[t.tid]')} as returns
  from terminal t where t.tid = any($1) order by t.tid`

const casesSql = `
  select row_to_json(a) as "case",
    (select json_agg(json_build_object('id', c.tid, 'tid', c.tid, 'result', c.result, 'hold', c.hold, 'from', c.old_serial, 'to', c.new_serial) order by c.tid) from application_terminal c where c.no = a.no) as results,
    (select coalesce(json_agg(s order by s.due_at nulls last, s.id), '[]') from step s where s.no = a.no) as steps,
    (select coalesce(json_agg(m order by m.added_at, m.id), '[]') from material m where m.no = a.no) as materials,
    (select coalesce(json_agg(${terminalSql} order by t.tid), '[]') from application_terminal c join terminal t on t.tid = c.tid where c.no = a.no) as terminals,
    ${merchantSql('a.mid')} as merchant,
    case when cardinality($1::text[]) = 1 then ${accountSql('a.mid', 'a.provider', 'array(select c.tid from application_terminal c where c.no = a.no)', 'a.no')} end as account,
    ${othersSql('array(select c.tid from application_terminal c where c.no = a.no)', 'o.no <> a.no')} as others,
    ${returnsSql('array(select c.tid from application_terminal c where c.no = a.no)')} as returns,
    (select coalesce(json_agg(json_build_object('no', l.no, 'kind', l.kind, 'code', l.code) order by l.issued_at), '[]') from letter l where l.case_no = a.no) as letters,
    (select coalesce(json_object_agg(p.id, p.name), '{}') from person p where p.id in (a.created_by, a.submitted_by, a.assignee, a.reviewed_by, a.decided_by)
       or p.id in (select s.settled_by from step s where s.no = a.no)
       or p.id in (select unnest(array[r.inspected_by, r.proposed_by, r.settled_by]) from device_return r where r.case_no = a.no)) as people,
    case when a.state in ('returned', 'rejected') then (select json_build_array(n.words_zh, n.words_en) from notice n
       where n.case_no = a.no and n.audience = 'merchant' and n.mid = a.mid and n.kind = case a.state when 'returned' then 'application_returned' else 'application_decided' end
       order by n.at desc limit 1) end as told
  from application a where a.no = any($1)`

// ── Mapping ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const registeredOf = (r: Raw): Registered => ({
  store: r['store'] ?? undefined,
  device: r['device'] ? { serial: r['device'].serial, model: r['device'].model, type: r['device'].type, ownership: r['device'].ownership, state: r['device'].state } : undefined,
  settleBy: r['settle_by'] ? parseInstant(r['settle_by']) : undefined,
  tickets: ((r['tickets'] ?? []) as Raw[]).map((k) => ({ no: k['no'], hold: k['hold'], dueAt: k['due_at'] ? parseInstant(k['due_at']) : undefined })),
  attempts: r['attempts'] ? { count: Number(r['attempts'].count), lastAt: parseInstant(r['attempts'].last) } : undefined,
  failedTest: r['failed_test'] ? {
    at: parseInstant(r['failed_test'].at), items: (r['failed_test'].items as { item: TestItem; passed: boolean }[]).filter((i) => !i.passed).map((i) => i.item),
  } : undefined,
})

function merchantOf(r: Raw | null): Pick<Read['dossier'], 'merchant'> & { contact: Beside['contact'] } {
  if (!r) return { merchant: undefined, contact: undefined }
  return {
    merchant: { mid: r['mid'], name: r['name'], wrappedKey: bytes(r['key']), goodStanding: r['good'] },
    contact: { name: bytes(r['contact']), phone: bytes(r['phone']) },
  }
}

type TerminalJson = Raw & { row: Raw; holds: Raw[]; device: Raw | null }
const storedOf = ({ row, holds, device: d }: TerminalJson): StoredTerminal => ({
  ...terminalOf({ ...row, holds }), device: d === null ? undefined : boundOf({ serial: d['serial'], ownership: d['ownership'], depositFen: d['deposit_fen'], since: row['bound_at'] }),
})

/** Terminals with all their holds, in order of their number: those that are there and the looker's. */
export async function readTerminals(tx: Tx, tids: readonly string[]): Promise<Read[]> {
  const rows = await tx.many<{ terminal: TerminalJson; merchant: Raw | null; others: OtherCase[]; returns: Raw[] | null }>(terminalsSql, [tids])
  return rows.map(({ terminal: raw, merchant: m, others, returns }) => {
    const terminal = storedOf(raw)
    const { merchant, contact } = merchantOf(m)
    return {
      dossier: { case: undefined, terminals: [terminal], others, merchant, letters: [], returns: (returns ?? []).map(returnOf) },
      beside: { ...nothingBeside, contact, terminals: new Map([[terminal.tid, registeredOf(raw)]]) },
    }
  })
}

export const readTerminal = async (tx: Tx, tid: string): Promise<Read | undefined> => (await readTerminals(tx, [tid]))[0]

type CaseRow = {
  case: Raw; results: Raw[]; steps: Raw[]; materials: Raw[]; terminals: TerminalJson[]; merchant: Raw | null; others: OtherCase[]; returns: Raw[] | null
  letters: { no: string; kind: LetterKind; code: string }[]; people: Record<string, string>; told: [string, string] | null
  /** Of a case read by itself. */
  account: AccountRow | null
}
export type ReadCase = Read & { dossier: { case: StoredCase } }

/** Cases with everything about them, in the order asked for: those that are there and the looker's. */
export async function readCases(tx: Tx, nos: readonly string[]): Promise<ReadCase[]> {
  const rows = new Map((await tx.many<CaseRow>(casesSql, [nos])).map((r) => [r.case['no'] as string, r]))
  return nos.flatMap((no) => rows.get(no) ?? []).map((row): ReadCase => {
    const { merchant, contact } = merchantOf(row.merchant)
    const { steps, materials, letters, others } = row
    return {
      dossier: {
        case: { case: caseOf({ ...row.case, terminals: row.results, steps, materials }), version: row.case['version'] as number },
        terminals: row.terminals.map(storedOf), others, merchant, letters, account: accountOf(row.account), returns: (row.returns ?? []).map(returnOf),
      },
      beside: {
        terminals: new Map(row.terminals.map((t) => [t.row['tid'] as string, registeredOf(t)])), contact, people: new Map(Object.entries(row.people)),
        files: new Map(materials.map((m) => [m['id'] as string, { name: bytes(m['name_sealed'])!, mediaType: m['media_type'], sizeBytes: m['size_bytes'] }])),
        said: row.told === null ? undefined : saidIn(row.told, row.case['state'] === 'rejected' ? 'rejected' : 'returned'),
      },
    }
  })
}

export const readCase = async (tx: Tx, no: string): Promise<ReadCase | undefined> => (await readCases(tx, [no]))[0]

/**
 * A reviewer's own words, out of the notice that carried them to the merchant: the journal keeps only their digest. Follows
 * the sentences of effects.ts; where they do not fit, nothing is said rather than something wrong.
 */
export function saidIn(told: readonly [string, string], what: 'returned' | 'rejected'): Said | undefined {
  if (what === 'rejected') {
    const [zh, en] = [/ 被驳回：(.+)$/s.exec(told[0])?.[1], / was rejected: (.+)$/s.exec(told[1])?.[1]]
    return zh === undefined || en === undefined ? undefined : { words: [zh, en], materials: [] }
  }
  const zh = / 需要补件：(.+)。请在 [^。]* 前补交。$/s.exec(told[0])?.[1]?.split(namedAfter('；', '：', 0))
  const en = / needs more: (.+)\. Please answer by [^.]*\.$/s.exec(told[1])?.[1]?.split(namedAfter('; ', ': ', 1))
  if (zh === undefined || en === undefined) return undefined
  const materials = zh.slice(1).flatMap((part) => {
    const type = words(materialTypes).find((t) => part.startsWith(`${materialTypes[t][0]}：`))
    return type === undefined ? [] : [{ type, words: part.slice(materialTypes[type][0].length + 1) }]
  })
  return { words: [zh[0]!, en[0]!], materials }
}
/** Before each material of the list that follows the reviewer's words. */
const namedAfter = (before: string, after: string, i: 0 | 1): RegExp =>
  new RegExp(`${before}(?=(?:${words(materialTypes).map((t) => materialTypes[t][i]).join('|')})${after})`)

// ── Timeline ────────────────────────────────────────────────────────────────────────────────────────────────────────
/** One fact of the journal, with the row it stands in and its place among the row's facts. */
export type TimelineFact = {
  seq: number
  index: number
  at: number
  by: { person: string; role: string; party: string } | undefined
  application: string | undefined
  fact: Raw & { fact: string }
}
type JournalBody = { at: string; actor?: TimelineFact['by']; facts?: (Raw & { fact: string })[] }

/** Rows of the journal read at once for a page; a row has at least one fact, mostly several. */
const journal_rows_max = 200
const counted_rows_max = 10_000

/** Facts about a terminal, newest first, before a place in the journal (its row and the fact's index in it). */
export async function readTimeline(tx: Tx, tid: string, before: { seq: number; index: number } | undefined, max: number): Promise<TimelineFact[]> {
  const facts: TimelineFact[] = []
  let seq = before === undefined ? Number.MAX_SAFE_INTEGER : before.seq + 1
  for (;;) {
    const rows = await tx.many<{ seq: number; case_no: string | null; body: string }>(
      `select j.seq, j.case_no, j.body from journal j where j.seq = any(array(select f.seq from journal_of_terminal($1, $2, $3) f)) order by j.seq desc`,
      [tid, seq, journal_rows_max],
    )
    for (const row of rows) {
      const own = factsOf(row, tid).filter((f) => before === undefined || f.seq < before.seq || f.index < before.index)
      facts.push(...own.toReversed())
    }
    if (facts.length >= max || rows.length < journal_rows_max) return facts.slice(0, max)
    seq = rows.at(-1)!.seq
  }
}

export async function countTimeline(tx: Tx, tid: string): Promise<number> {
  const row = await tx.one<{ n: number }>(
    `select coalesce(sum(jsonb_array_length(jsonb_path_query_array(j.body::jsonb, '$.facts[*] ? (@.terminal == $tid || !exists(@.terminal))', jsonb_build_object('tid', $1::text)))), 0)::int as n
     from journal j where j.seq = any(array(select f.seq from journal_of_terminal($1, $2, $3) f))`, [tid, Number.MAX_SAFE_INTEGER, counted_rows_max],
  )
  return row!.n
}

/** Facts of a case that covers many terminals are about all of them, unless they name another one. */
function factsOf(row: { seq: number; case_no: string | null; body: string }, tid: string): TimelineFact[] {
  const body = JSON.parse(row.body) as JournalBody
  return (body.facts ?? []).flatMap((fact, index): TimelineFact[] => {
    if (fact['terminal'] !== undefined && fact['terminal'] !== tid) return []
    const at = typeof fact['at'] === 'number' ? fact['at'] : Date.parse(body.at)
    return [{ seq: row.seq, index, at, by: body.actor, application: row.case_no ?? undefined, fact }]
  })
}

// ── Notices ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export type StoredNotice = {
  id: string; kind: string; mid: string; case_no: string | null; tid: string | null; words_zh: string; words_en: string; at: number; read_at: number | null
}

/** Notices to a party, newest first, after (at, id); the platform sees what providers are told. */
export function readNotices(tx: Tx, audience: 'merchant' | 'provider', after: { at: number; id: string } | undefined, max: number): Promise<StoredNotice[]> {
  const [column, party] = tx.scope === '*' ? [undefined, undefined] : [tx.scope.startsWith('p:') ? 'provider' : 'mid', tx.scope.slice(2)]
  const values: unknown[] = [audience, after ? instantParam(after.at) : 'infinity', after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', max]
  return tx.many<StoredNotice>(
    `select id, kind, mid, case_no, tid, words_zh, words_en, at, read_at from notice
     where audience = $1 and at <= $2 and (at < $2 or id < $3)${column === undefined ? '' : ` and ${column} = $5`} order by at desc, id desc limit $4`,
    column === undefined ? values : [...values, party],
  )
}

export async function countNotices(tx: Tx, audience: 'merchant' | 'provider', max: number): Promise<number> {
  const [column, party] = tx.scope === '*' ? [undefined, undefined] : [tx.scope.startsWith('p:') ? 'provider' : 'mid', tx.scope.slice(2)]
  const row = await tx.one<{ n: number }>(
    `select count(*)::int as n from (select from notice where audience = $1${column === undefined ? '' : ` and ${column} = $3`} limit $2) c`,
    column === undefined ? [audience, max] : [audience, max, party],
  )
  return row!.n
}
