// A provider's rules: drafted by one person, approved by another, in force from an instant. Nothing here changes a version
// that was approved; a case keeps the version it was submitted under.
import type { App } from '../app/app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../app/execute.ts'
import { mayNot, type Actor } from '../domain/authority.ts'
import { dateOf } from '../domain/calendar.ts'
import type { Policy } from '../domain/policy.ts'
import { refuse, refuseField, type Refusal } from '../domain/refusals.ts'
import { replayOf, replayView } from '../app/replay/replays.ts'
import type { Language } from '../domain/vocabulary.ts'
import type { Tx } from '../store/db.ts'
import type { Asker } from './services.ts'
import { replyOf } from './reply.ts'
import type { PolicyRow, PolicyView } from './shapes.ts'

type Stored = {
  provider: string
  version: number
  document: Policy
  effective_from: number | null
  created_by: string
  created_at: number
  approved_by: string | null
}
const columns = 'provider, version, document, effective_from, created_by, created_at, approved_by'
const text = (at: number): string => new Date(at).toISOString()

const rowOf = (r: Omit<Stored, 'document'>): PolicyRow => ({
  provider: r.provider,
  version: r.version,
  state: r.approved_by === null && r.effective_from === null ? 'draft' : 'approved',
  effectiveFrom: r.effective_from === null ? null : text(r.effective_from),
  createdBy: r.created_by,
  createdAt: text(r.created_at),
  approvedBy: r.approved_by,
})
const viewOf = async (tx: Tx, r: Stored, actor: Actor, now: number, language: Language): Promise<PolicyView> => ({
  ...rowOf(r),
  document: r.document,
  replayed: await replayedOf(tx, r, language),
  allowed: { approve: (mayNot(actor, 'write-policy') ?? refusedApproval(r, actor, undefined, now))?.refused ?? true },
})

/** Whether this exact document was tried on past cases, and what that found. */
async function replayedOf(tx: Tx, { provider, version, document }: Stored, language: Language): Promise<PolicyView['replayed']> {
  const found = await replayOf(tx, provider, version, document)
  return found === undefined ? null : replayView(found, language)
}

/** The provider whose rules the actor sees: its own, or every one (null) from the platform; a merchant sees none. */
const whose = (actor: Actor): string | null =>
  actor.party.kind === 'platform' ? null : actor.party.kind === 'provider' ? actor.party.id : ''

export const listPolicies = (app: App, actor: Actor): Promise<PolicyRow[]> =>
  app.db.transaction(
    scopeOf(actor),
    async (tx) =>
      (
        await tx.many<Stored>(
          `select ${columns.replace('document, ', '')} from policy where $1::text is null or provider = $1 order by provider, version desc`,
          [whose(actor)],
        )
      ).map(rowOf),
    { readOnly: true },
  )

/** 'yunhui-3' → provider and version. */
export function parsedPolicyId(id: string): { provider: string; version: number } | undefined {
  const [, provider, version] = /^([a-z][a-z0-9_]*)-([1-9]\d{0,8})$/.exec(id) ?? []
  return provider && version ? { provider, version: Number(version) } : undefined
}

async function read(tx: Tx, actor: Actor, id: string, lock = false): Promise<Stored | undefined> {
  const named = parsedPolicyId(id)
  return (
    named &&
    tx.one<Stored>(
      `select ${columns} from policy where provider = $1 and version = $2 and ($3::text is null or provider = $3) ${lock ? 'for update' : ''}`,
      [named.provider, named.version, whose(actor)],
    )
  )
}
export const onePolicy = (app: App, { actor, language }: Asker, id: string): Promise<PolicyView | undefined> =>
  app.db.transaction(
    scopeOf(actor),
    async (tx) => {
      const row = await read(tx, actor, id)
      return row && viewOf(tx, row, actor, app.clock.now(), language)
    },
    { readOnly: true },
  )

const outcome = (row: Stored, facts: readonly object[], reply: Reply): Outcome => ({
  changes: undefined,
  before: undefined,
  facts,
  tids: [],
  provider: row.provider,
  mid: undefined,
  reply,
})

/** The next version of the actor's provider, as a draft. */
export function draftPolicy(
  app: App,
  asking: Asking & Pick<Asker, 'language'>,
  document: Policy,
  refusal: (r: Refusal) => Reply,
): Promise<Reply> {
  const { actor } = asking
  return execute(app, asking, {
    command: 'draft-policy',
    input: { document },
    refusal,
    async lock(tx) {
      // The provider's row stands for its list of versions: two drafts at once get two numbers.
      await tx.run('select id from provider where id = $1 for update', [whose(actor)])
      return undefined
    },
    async decide(tx, now) {
      const no = mayNot(actor, 'write-policy')
      if (no) return no
      const row = await tx.one<Stored>(
        `insert into policy (provider, version, document, created_by, created_at)
         select $1, coalesce(max(version), 0) + 1, $2::jsonb, $3, $4 from policy where provider = $1 returning ${columns}`,
        [whose(actor), JSON.stringify(document), actor.person, text(now)],
      )
      const location = `/api/v1/policies/${row!.provider}-${row!.version}`
      return outcome(
        row!,
        [{ fact: 'policy_drafted', provider: row!.provider, version: row!.version }],
        replyOf(201, await viewOf(tx, row!, actor, now, asking.language), { location }),
      )
    },
  })
}

/** Puts a draft in force from an instant (now, where none is given). Its author cannot. */
export async function approvePolicy(
  app: App,
  asking: Asking & Pick<Asker, 'language'>,
  id: string,
  from: number | undefined,
  refusal: (r: Refusal) => Reply,
): Promise<Reply> {
  const { actor } = asking
  let draft: Stored | undefined
  const reply = await execute(app, asking, {
    command: 'approve-policy',
    input: { policy: id, effectiveFrom: from },
    refusal,
    async lock(tx) {
      // Who may not write rules does not learn which there are.
      const role = mayNot(actor, 'write-policy')
      draft = role ? undefined : await read(tx, actor, id, true)
      return role ?? (draft ? undefined : refuse('not_found'))
    },
    async decide(tx, now) {
      const no = refusedApproval(draft!, actor, from, now)
      if (no) return no
      const row = await tx.one<Stored>(
        `update policy set approved_by = $3, effective_from = $4 where provider = $1 and version = $2 returning ${columns}`,
        [draft!.provider, draft!.version, actor.person, text(from ?? now)],
      )
      return outcome(
        row!,
        [{ fact: 'policy_approved', provider: row!.provider, version: row!.version, effectiveFrom: from ?? now }],
        replyOf(200, await viewOf(tx, row!, actor, now, asking.language)),
      )
    },
  })
  if (reply.status === 200) await app.reload()
  return reply
}

function refusedApproval(draft: Stored, actor: Actor, from: number | undefined, now: number): Refusal | undefined {
  if (draft.approved_by !== null || draft.effective_from !== null)
    return refuse('not_in_this_state', { state: ['已批准', 'approved'], command: ['批准', 'approve'] })
  if (draft.created_by === actor.person) return refuse('maker_is_checker')
  return from !== undefined && from < now
    ? refuseField('/effectiveFrom', 'effect_in_past', { at: dateOf(from) })
    : undefined
}
