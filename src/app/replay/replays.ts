// Replays as people ask for them: begun, watched, stopped, read case by case; carried out one at a time, the oldest first. An
// advisory lock says which program does, where several share a database.
import { createHash, randomUUID } from 'node:crypto'
import { mayNot, type Actor } from '../../domain/authority.ts'
import { refuse, type Refusal, isRefusal, refuseField } from '../../domain/refusals.ts'
import { replayDifferences, say, type Language, type ReplayDifference } from '../../domain/vocabulary.ts'
import { alone } from '../../store/alone.ts'
import { cursorAt, listOf, placeOf } from '../../store/cursor.ts'
import { countPast, insertReplay, listReplays, readReplay, replayedCases, requestReplayStop, unfinishedReplays, type StoredReplay } from '../../store/replay.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'
import type { Asker } from '../imports/imports.ts'
import { isUuid, type Paging } from '../settlement/runs.ts'
import { carryOutReplay, type Wish } from './run.ts'

const text = (at: number): string => new Date(at).toISOString()
const orNull = (at: number | null): string | null => (at === null ? null : text(at))
const count = (n: number): string => n.toLocaleString('en-US')
const replays_shown_max = 50

/** The exact document: what a replay was made of is known by it. */
export const documentDigest = (document: unknown): string => createHash('sha256').update(JSON.stringify(document)).digest('hex')

export function replayView(r: StoredReplay, language: Language) {
  const [looked, otherwise] = [count(r.looked - r.unknown), count(r.otherwise)]
  const rest = r.unknown === 0 ? '' : language === 'zh' ? `另有 ${count(r.unknown)} 件当时没有留下规则所需的事实，未计入。` : ` ${count(r.unknown)} more were submitted before their facts were kept and are left out.`
  return {
    id: r.id, policy: `${r.provider}-${r.version}`, document: r.document, state: r.state, since: orNull(r.since), until: orNull(r.until),
    progress: r.endedAt !== null && r.state === 'done' ? 1 : r.total === 0 ? 0 : Math.min(1, r.looked / r.total),
    cases: { total: r.total, looked: r.looked, unknown: r.unknown, differing: r.differing, otherwise: r.otherwise },
    groups: r.groups.map((g) => ({ ...g, words: say(replayDifferences[g.what], language) })),
    sentence: (language === 'zh' ? `${looked} 件中有 ${otherwise} 件会有不同的决定。` : `${otherwise} of ${looked} would have been decided otherwise.`) + rest,
    stopRequested: r.stopRequested, requestedBy: r.requestedBy, createdAt: text(r.createdAt), beganAt: orNull(r.begunAt), endedAt: orNull(r.endedAt),
  }
}
export type ReplayView = ReturnType<typeof replayView>
export type ReplayTelling = { view: (view: ReplayView) => Reply; refusal: (refusal: Refusal) => Reply }
export type ReplayAsked = { provider: string; version: number; since?: number | undefined; until?: number | undefined }

/** The newest replay that was carried through, of this version and to the byte this document; `undefined` where there is none. */
export const replayOf = async (tx: Tx, provider: string, version: number, document: unknown): Promise<StoredReplay | undefined> =>
  (await listReplays(tx, provider, version, replays_shown_max)).find((r) => r.state === 'done' && r.document === documentDigest(document))

const outcome = (r: StoredReplay, fact: string, reply: Reply): Outcome => ({
  changes: undefined, before: undefined, facts: [{ fact, replay: r.id, provider: r.provider, version: r.version }], tids: [], provider: r.provider, mid: undefined, reply,
})
/** Rules of another provider are not there. */
const isOwn = (actor: Actor, provider: string): boolean => actor.party.kind === 'platform' || (actor.party.kind === 'provider' && actor.party.id === provider)

export function openReplays(app: App) {
  const runner = startRunner(app)
  return {
    async start(asking: Asking & Pick<Asker, 'language'>, asked: ReplayAsked, telling: ReplayTelling): Promise<Reply> {
      const { actor } = asking
      let document: unknown
      let isQueued = false
      const reply = await execute(app, asking, {
        command: 'replay-policy',
        input: asked,
        refusal: telling.refusal,
        async lock(tx) {
          const role = mayNot(actor, 'write-policy')
          if (role) return role
          const found = isOwn(actor, asked.provider)
            ? await tx.one<{ document: unknown }>('select document from policy where provider = $1 and version = $2 for update', [asked.provider, asked.version]) : undefined
          if (found === undefined) return refuse('not_found')
          document = found.document
          if (asked.since !== undefined && asked.until !== undefined && asked.until <= asked.since) return refuseField('/until', 'days_reversed')
          return undefined
        },
        async decide(tx, now) {
          if ((await listReplays(tx, asked.provider, asked.version, replays_shown_max)).some((r) => r.endedAt === null)) return refuse('replay_running')
          const period = { provider: asked.provider, since: asked.since ?? null, until: asked.until ?? null }
          const replay: StoredReplay = {
            id: randomUUID(), ...period, version: asked.version, document: documentDigest(document), state: 'queued', stopRequested: false, reached: '',
            total: await countPast(tx, period), looked: 0, unknown: 0, differing: 0, otherwise: 0, groups: [], requestedBy: actor.person, createdAt: now, begunAt: null, endedAt: null,
          }
          await insertReplay(tx, replay)
          isQueued = !asking.dryRun
          return outcome(replay, 'replay_asked', telling.view(replayView(replay, asking.language)))
        },
      })
      if (isQueued) runner.look()
      return reply
    },
    stop(asking: Asking & Pick<Asker, 'language'>, id: string, telling: ReplayTelling): Promise<Reply> {
      let found: StoredReplay | undefined
      return execute(app, asking, {
        command: 'stop-replay',
        input: { id },
        refusal: telling.refusal,
        async lock(tx) {
          found = isUuid(id) ? await readReplay(tx, id, true) : undefined
          return found === undefined ? refuse('not_found') : mayNot(asking.actor, 'write-policy')
        },
        async decide(tx, now) {
          if (found!.endedAt !== null) return refuse('replay_not_stoppable')
          await requestReplayStop(tx, id, now)
          return outcome(found!, 'replay_stop_asked', telling.view(replayView((await readReplay(tx, id))!, asking.language)))
        },
      })
    },
    one: ({ actor, language }: Asker, id: string): Promise<ReplayView | undefined> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const found = isUuid(id) ? await readReplay(tx, id) : undefined
        return found && replayView(found, language)
      }, { readOnly: true }),
    list: ({ actor, language }: Asker, provider: string, version: number): Promise<{ items: ReplayView[] } | undefined> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        if (!isOwn(actor, provider) || !(await tx.one('select 1 from policy where provider = $1 and version = $2', [provider, version]))) return undefined
        return { items: (await listReplays(tx, provider, version, replays_shown_max)).map((r) => replayView(r, language)) }
      }, { readOnly: true }),
    /** The cases that differ, in order of their number. */
    cases: ({ actor, language }: Asker, id: string, { cursor, limit, ...asked }: Paging & { what?: ReplayDifference | undefined; otherwise?: boolean | undefined }) =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const replay = isUuid(id) ? await readReplay(tx, id) : undefined
        if (replay === undefined) return undefined
        const list = listOf('replayed cases', { id, ...asked })
        const place = placeOf(list, cursor, ['string'])
        if (isRefusal(place)) return place
        const found = await replayedCases(tx, id, { ...asked, after: (place?.key[0] as string | undefined) ?? '', limit: limit + 1 })
        const total = asked.what === undefined ? (asked.otherwise ? replay.otherwise : replay.differing) : { about: replay.differing }
        const last = found.length > limit ? found[limit - 1] : undefined
        return {
          items: found.slice(0, limit).map((f) => ({ ...f, differences: f.differences.map((d) => ({ ...d, words: say(replayDifferences[d.what], language) })) })),
          next: last ? cursorAt(list, { key: [last.no], total }) : null, total,
        }
      }, { readOnly: true }),
    /** Looks for what others asked for; once at start takes up what a former run of the program left. */
    async look() { runner.look() },
    idle: runner.idle,
    close: runner.close,
  }
}
export type Replays = ReturnType<typeof openReplays>

function startRunner(app: App) {
  const wish: Wish = { isClosing: false }
  let working: Promise<void> | undefined
  let again = false
  const work = async (): Promise<void> => {
    do {
      again = false
      for (;;) {
        const [next] = await app.db.transaction('*', unfinishedReplays, { readOnly: true })
        if (next === undefined || wish.isClosing || !(await alone(app.db, 'policy replay', async () => {
          // Somebody else may have ended it before we had the lock.
          const mine = await app.db.transaction('*', (tx) => readReplay(tx, next.id), { readOnly: true })
          if (mine?.endedAt === null) await carryOutReplay(app, mine, wish)
        }))) break
      }
    } while (again && !wish.isClosing)
  }
  const look = (): void => {
    if (wish.isClosing) return
    if (working) { again = true; return }
    working = work().catch((error: Error) => app.log.error({ error: error.message }, 'replays could not be run')).finally(() => { working = undefined })
  }
  return {
    look,
    async idle() { while (working) await working },
    async close() { wish.isClosing = true; await working },
  }
}
