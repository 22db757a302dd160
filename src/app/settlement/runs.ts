// Runs as people ask for them: started, stopped, looked at.
import { randomUUID } from 'node:crypto'
import { mayNot } from '../../domain/authority.ts'
import { refuse, refuseField, type Refusal } from '../../domain/refusals.ts'
import { list_total_exact_max } from '../../limits.ts'
import {
  absorbWaiting,
  countRuns,
  insertRun,
  listRuns,
  lockRun,
  readRun,
  requestRunStop,
  type StoredRun,
} from '../../store/settlement-runs.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Asking, type Outcome, type Reply } from '../execute.ts'
import type { Asker } from '../imports/imports.ts'
import { cursorOf, readCursor } from '../imports/views.ts'
import type { Runner } from './runner.ts'
import { runView, type RunView } from './views.ts'

export type RunAsked = { provider?: string | undefined; from?: string | undefined; to?: string | undefined }
export type RunTelling = { view: (view: RunView) => Reply; refusal: (refusal: Refusal) => Reply }
export type Paging = { cursor?: string | undefined; limit: number }
export type Page<T> = { items: T[]; next: string | null; total: number | { about: number } }

export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

const outcome = (provider: string | undefined, reply: Reply): Outcome => ({ changes: undefined, before: undefined, facts: [], tids: [], provider, mid: undefined, reply })

export function runsOf(app: App, runner: Runner) {
  return {
    /** Queued at once, run as soon as those before it are done. */
    async start(asking: Asking, asked: RunAsked, telling: RunTelling): Promise<Reply> {
      const { actor } = asking
      const own = actor.party.kind === 'provider' ? actor.party.id : undefined
      const run: StoredRun = {
        id: randomUUID(), provider: own ?? asked.provider, from: asked.from, to: asked.to, cause: 'asked', state: 'queued', progress: 0, stopRequested: false,
        actor, createdAt: app.clock.now(), begunAt: undefined, appliedAt: undefined, endedAt: undefined, result: undefined,
      }
      let isQueued = false
      const reply = await execute(app, asking, {
        command: 'start-settlement',
        input: { run: run.id, provider: run.provider, from: run.from, to: run.to },
        refusal: telling.refusal,
        lock: async () => mayNot(actor, 'reconcile') ?? notAsked(app, own, asked),
        async decide(tx, now) {
          await absorbWaiting(tx, run, now)
          await insertRun(tx, run)
          isQueued = !asking.dryRun
          return outcome(run.provider, telling.view(runView(run)))
        },
      })
      if (isQueued) runner.look()
      return reply
    },
    async stop(asking: Asking, id: string, telling: RunTelling): Promise<Reply> {
      let isStopped = false
      const reply = await execute(app, asking, {
        command: 'stop-settlement',
        input: { run: id },
        refusal: telling.refusal,
        async lock(tx) {
          const found = isUuid(id) ? await lockRun(tx, id) : undefined
          if (found === undefined) return refuse('not_found')
          return mayNot(asking.actor, 'reconcile') ?? (found.endedAt === undefined && found.appliedAt === undefined ? undefined : refuse('run_not_stoppable'))
        },
        async decide(tx, now) {
          await requestRunStop(tx, id, now)
          isStopped = !asking.dryRun
          const after = (await readRun(tx, id))!
          return outcome(after.provider, telling.view(runView(after)))
        },
      })
      if (isStopped) runner.stop(id)
      return reply
    },
    get: ({ actor }: Asker, id: string): Promise<RunView | undefined> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const found = isUuid(id) ? await readRun(tx, id) : undefined
        return found && runView(found)
      }, { readOnly: true }),
    list: ({ actor }: Asker, { cursor, limit }: Paging): Promise<Page<RunView>> =>
      app.db.transaction(scopeOf(actor), async (tx) => {
        const found = await listRuns(tx, readCursor(cursor), limit + 1)
        const count = await countRuns(tx, list_total_exact_max)
        return {
          items: found.slice(0, limit).map(runView),
          next: found.length > limit ? cursorOf(found[limit - 1]!) : null,
          total: count > list_total_exact_max ? { about: list_total_exact_max } : count,
        }
      }, { readOnly: true }),
  }
}

function notAsked(app: App, own: string | undefined, { provider, from, to }: RunAsked): Refusal | undefined {
  if (provider !== undefined && (own === undefined ? !app.providers().some((p) => p.id === provider) : provider !== own)) return refuse('not_found')
  return from !== undefined && to !== undefined && to < from ? refuseField('/to', 'days_reversed') : undefined
}
