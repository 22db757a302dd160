// Machine keys of one's own account. A key stands in its reply only: the reply is stored, for whoever sends the same request
// again, sealed with the program's own secret, so that the database never holds a key that could be used.
import type { App } from '../app/app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../app/execute.ts'
import type { Actor } from '../domain/authority.ts'
import { refuse, type Refusal } from '../domain/refusals.ts'
import { createKey, listKeys, revokeKey, type Key } from '../store/people.ts'
import { replyOf } from './reply.ts'

const text = (at: number): string => new Date(at).toISOString()
const rowOf = ({ id, hint, name, createdAt, revokedAt }: Key) => ({
  id,
  hint,
  name,
  createdAt: text(createdAt),
  revokedAt: revokedAt === null ? null : text(revokedAt),
})

export const listOwnKeys = (app: App, actor: Actor): Promise<ReturnType<typeof rowOf>[]> =>
  app.db.transaction(scopeOf(actor), async (tx) => (await listKeys(tx, actor.account)).map(rowOf), { readOnly: true })

const outcome = ({ party }: Actor, facts: readonly object[], reply: Reply): Outcome => ({
  changes: undefined,
  before: undefined,
  facts,
  tids: [],
  reply,
  provider: party.kind === 'provider' ? party.id : undefined,
  mid: party.kind === 'merchant' ? party.id : undefined,
})

export async function makeKey(app: App, asking: Asking, name: string, refusal: (r: Refusal) => Reply): Promise<Reply> {
  const { actor, idempotency } = asking
  const what = `key-reply:${actor.account}`
  // Other replies are a whole party's; a key is told to its own account again, and to no colleague.
  const own = {
    ...asking,
    idempotency: idempotency && { ...idempotency, route: `${idempotency.route} ${actor.account}` },
  }
  const reply = await execute(app, own, {
    command: 'make-key',
    input: { words: name },
    refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const { key, ...made } = await createKey(tx, actor.account, name, now)
      const open = replyOf(201, { ...rowOf(made), key }, { location: `/api/v1/keys/${made.id}` })
      return outcome(actor, [{ fact: 'key_made', key: made.id, hint: made.hint }], {
        ...open,
        body: app.vault.seal(open.body, what).toString('base64'),
      })
    },
  })
  return reply.status === 201
    ? { ...reply, body: app.vault.open(Buffer.from(reply.body, 'base64'), what).toString() }
    : reply
}

export const revokeOwnKey = (app: App, asking: Asking, key: string, refusal: (r: Refusal) => Reply): Promise<Reply> =>
  execute(app, asking, {
    command: 'revoke-key',
    input: { key },
    refusal,
    lock: async () => undefined,
    async decide(tx, now) {
      const revoked = await revokeKey(tx, asking.actor.account, key, now)
      if (!revoked) return refuse('not_found')
      return outcome(
        asking.actor,
        [{ fact: 'key_revoked', key: revoked.id, hint: revoked.hint }],
        replyOf(200, rowOf(revoked)),
      )
    },
  })
