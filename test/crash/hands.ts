// What the killed programs were doing: a few pairs of hands, each with terminals of its own, taking every terminal from open to
// stopped and back as fast as they can. They look where a terminal stands and do what comes next, so that a program started
// after a crash goes on where the one before was cut off.
import { createHash } from 'node:crypto'
import { commandCase, fileCase, type Filing, type Telling } from '../../src/app/cases.ts'
import type { App } from '../../src/app/app.ts'
import { signedOn } from '../../src/app/terminals.ts'
import type { CaseCommand } from '../../src/domain/application/decide.ts'
import type { Actor } from '../../src/domain/authority.ts'
import type { ApplicationKind, ApplicationState } from '../../src/domain/vocabulary.ts'
import { items } from '../acts.ts'
import type { Random } from '../model/random.ts'
import { people } from '../world.ts'

/** One request as it could be sent again: who asks, under which key, for what. */
export type Request = { key: string; who: 'owner' | 'reviewer' | 'field'; no?: string; filing?: Filing; command?: CaseCommand }
export type Answer = { of?: Request; no?: string | undefined; state?: ApplicationState | undefined; version?: number | undefined; refused?: string | undefined }
/** What a program says, a line each: before a request, after its reply, and when it is ready. */
export type Line = { ready: number } | { ask: Request } | { ack: Request; answer: Answer } | { broken: string }

const telling: Telling = {
  view: ({ dossier }) => ({ status: 201, headers: {}, body: JSON.stringify({ no: dossier.case?.case.no, state: dossier.case?.case.state, version: dossier.case?.version }) }),
  refusal: ({ refused }) => ({ status: 409, headers: {}, body: JSON.stringify({ refused }) }),
}

export async function send(app: App, request: Request, say: (line: Line) => void): Promise<Answer> {
  say({ ask: request })
  const { key, who, no, filing, command } = request
  const actor: Actor = people[who]
  const asking = { actor, idempotency: { key, route: filing ? 'file' : command!.command, bodyHash: createHash('sha256').update(JSON.stringify([no, filing, command])).digest() } }
  const reply = filing ? await fileCase(app, asking, filing, telling) : await commandCase(app, asking, no!, command!, telling)
  const answer = JSON.parse(reply.body) as Answer
  say({ ack: request, answer })
  return answer
}

type Standing = { no: string | null; kind: ApplicationKind; state: ApplicationState; result: string; held: boolean; owes: boolean }
const standing = (app: App, tid: string): Promise<Standing | undefined> => app.db.transaction('*', (tx) => tx.one<Standing>(
  `select a.no, a.kind, a.state, x.result, t.sign_on_required as owes,
     exists (select from hold h where h.tid = t.tid and h.lifted_at is null and h.withdrawn_at is null) as held
   from terminal t left join application_terminal x on x.tid = t.tid and x.open left join application a on a.no = x.no
   where t.tid = $1 order by a.created_at desc nulls last limit 1`, [tid]), { readOnly: true })

/** Near enough that many stops fall due while programs are killed. */
const stop_ahead_ms_max = 400
const pause = (ms: number): Promise<void> => new Promise((done) => { setTimeout(done, ms) })

export async function work(app: App, tids: readonly string[], r: Random, newKey: () => string, say: (line: Line) => void): Promise<never> {
  for (;;) {
    const tid = r.pick(tids)
    const now = await standing(app, tid)
    const next = now && nextRequest(now, tid, r, newKey)
    if (now?.owes && r.chance(0.5)) await signedOn(app, tid)
    if (next) await send(app, next, say)
    else await pause(5)
  }
}

function nextRequest({ no, kind, state, result, held }: Standing, tid: string, r: Random, newKey: () => string): Request | undefined {
  const file = (filing: Partial<Filing> & { kind: ApplicationKind }): Request => ({ key: newKey(), who: 'owner', filing: { terminals: [tid], submit: r.chance(0.9), ...filing } })
  const command = (who: Request['who'], what: CaseCommand): Request => ({ key: newKey(), who, no: no!, command: what })
  if (no === null) return held ? file({ kind: 'reactivate' })
    : file({ kind: 'suspend', reason: 'M02', effectiveFrom: r.chance(0.8) ? Date.now() + 20 + r.below(stop_ahead_ms_max) : undefined })
  switch (state) {
    case 'draft': return command('owner', { command: 'submit' })
    case 'submitted':
    case 'in_review': return r.chance(0.1) ? command('reviewer', { command: 'claim' }) : r.chance(0.06) ? command('reviewer', { command: 'reject', words: 'no' }) : command('reviewer', { command: 'approve' })
    case 'approved': return r.chance(0.05) ? command('owner', { command: 'withdraw' }) : undefined
    case 'in_progress': return kind === 'reactivate' && result === 'testing'
      ? command('field', { command: 'record-test', terminal: tid, items: items(r.chance(0.2) ? ['print'] : []) }) : undefined
    default: return undefined
  }
}
