// Papers of a terminal, each with the rule under which it is kept and until when: the table of retention read against the rows
// themselves. What ends later – a case, a ticket, the terminal – has no date yet.
import type { Actor } from '../../domain/authority.ts'
import { keptUntil, retention, yearsKept, type KeptFrom } from '../../domain/retention.ts'
import type { PaperKind } from '../../domain/vocabulary.ts'
import type { App } from '../app.ts'
import { scopeOf } from '../execute.ts'

export type Paper = { kind: PaperKind; what: string; madeAt: number; from: KeptFrom; years: number; keptUntil: number | undefined }

const papers_max = 500
type Row = { kind: PaperKind; what: string; made_at: number; ended_at: number | null }
const papersSql = `
  select * from (
    select case when m.type = 'recording' then 'recording' else 'case_material' end as kind, m.type || ' ' || a.no as what, m.added_at as made_at, a.ended_at
      from application_terminal x join application a using (no) join material m on m.no = a.no where x.tid = $1
    union all select 'letter', l.no, l.issued_at, l.issued_at from application_terminal x join letter l on l.case_no = x.no where x.tid = $1
    union all select 'backup', coalesce(b.sha256, b.id::text), b.made_at, b.made_at from backup b where b.tid = $1 and b.made_at is not null
    union all select case when e.ticket is null then 'custody_photo' when t.kind = 'fault' then 'fault' else 'evidence' end, e.type || coalesce(' ' || e.ticket, ''), e.added_at, coalesce(t.closed_at, case when e.ticket is null then e.added_at end)
      from evidence e left join ticket t on t.no = e.ticket where e.tid = $1
    union all select case t.kind when 'fault' then 'fault' else 'evidence' end, t.no, t.opened_at, t.closed_at from ticket t where t.tid = $1
  ) x order by made_at desc limit $2`

/** Undefined where the terminal is not theirs. */
export const papersOf = (app: App, actor: Actor, tid: string): Promise<Paper[] | undefined> => app.db.transaction(scopeOf(actor), async (tx) => {
  const terminal = await tx.one<{ provider: string; closed_at: number | null }>('select provider, closed_at from terminal where tid = $1', [tid])
  if (terminal === undefined) return undefined
  const { care } = app.policyAt(terminal.provider, app.clock.now()).policy
  const rows = await tx.many<Row>(papersSql, [tid, papers_max])
  const from = { made: (r: Row) => r.made_at, case_ended: (r: Row) => r.ended_at, ticket_closed: (r: Row) => r.ended_at, terminal_closed: () => terminal.closed_at }
  return rows.map((r) => {
    const rule = retention[r.kind]
    return { kind: r.kind, what: r.what, madeAt: r.made_at, from: rule.from, years: yearsKept(r.kind, care), keptUntil: keptUntil(r.kind, from[rule.from](r) ?? undefined, app.zone, care) }
  })
}, { readOnly: true })
