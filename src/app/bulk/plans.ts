// Plans: made over a frozen list, rehearsed, started – by two where they are many –, tested, opened, ended. Their stops and
// openings are bulks, carried out by the same runner; time's part of it is plan-time.ts.
import { randomUUID } from 'node:crypto'
import { mayHold, mayNot, type Right } from '../../domain/authority.ts'
import { assignWaves, tasksOf, timesOf, type PlanAsked, type TaskAsked } from '../../domain/bulk-plan.ts'
import { secondNeeded, type TestGiven } from '../../domain/bulk.ts'
import { isRefusal, refuse, type Refusal } from '../../domain/refusals.ts'
import { bulkStates, holdOwners, ownerOf, planKinds, type PlanStage, type Words } from '../../domain/vocabulary.ts'
import { bulk_terminals_max, list_total_exact_max, step_up_minutes } from '../../limits.ts'
import { bulksOfPlan, insertBulk, isUuid, type StoredBulk } from '../../store/bulk.ts'
import {
  addMembers, countMembers, countPlans, doneTask, foundFor, insertPlan, insertTasks, listPlans, lockPlan, noteMet, noteTests, readMembers, readPlan,
  savePlan, type StoredPlan,
} from '../../store/bulk-plans.ts'
import type { Selection } from '../../store/bulk-selection.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { execute, scopeOf, type Reply } from '../execute.ts'
import { cursorOf, readCursor } from '../imports/views.ts'
import { isStale, moveBulk, noChange, notSelected, sealedWords, sizeOf, type BulkAsking, type Telling } from './commands.ts'
import { dueAgain, lookAtDevices, openBulk } from './plan-time.ts'
import { isPlaced, viewMember, viewPlan, type MemberView, type PlanView } from './plan-views.ts'
import type { Asker, Page } from './views.ts'

export type PlanMade = PlanAsked & {
  name: string; words: string; select: Selection; requirement?: StoredPlan['requirement'] | undefined; tasks?: readonly TaskAsked[] | undefined
}
export type MembersAsked = { cursor?: string | undefined; limit: number; stage?: PlanStage | undefined; wave?: number | undefined }
type Change = (tx: Tx, plan: StoredPlan, now: number) => Promise<{ plan?: StoredPlan; facts: readonly object[] } | Refusal>

export function plansOf(app: App, look: () => void) {
  const seen = async (tx: Tx, id: string, asker: Asker): Promise<PlanView> => viewPlan(app, tx, (await readPlan(tx, id))!, asker)

  /** One command on a plan, under its lock. */
  const onPlan = async (asking: BulkAsking, id: string, name: string, right: Right, input: object, telling: Telling<PlanView>, change: Change): Promise<Reply> => {
    let plan: StoredPlan | undefined
    const reply = await execute(app, asking, {
      command: name,
      input: { plan: id, ...input },
      refusal: telling.refusal,
      async lock(tx) {
        plan = await lockPlan(tx, id)
        if (plan === undefined) return refuse('not_found')
        if (asking.ifVersion !== undefined && asking.ifVersion !== plan.version) return refuse('version_stale')
        return mayNot(asking.actor, right) ?? (plan.endedAt === undefined ? undefined : refuse('plan_ended'))
      },
      async decide(tx, now) {
        const done = await change(tx, plan!, now)
        if (isRefusal(done)) return done
        const after = done.plan ?? plan!
        await savePlan(tx, { ...after, dueAt: dueAgain(after, now) })
        return noChange(plan!.provider, done.facts, telling.view(await seen(tx, id, asking)))
      },
    })
    look()
    return reply
  }

  return {
    async make(asking: BulkAsking, asked: PlanMade, telling: Telling<PlanView>): Promise<Reply> {
      const { actor } = asking
      const id = randomUUID()
      const reply = await execute(app, asking, {
        command: 'make-plan', input: { plan: id, ...asked }, refusal: telling.refusal,
        lock: async () => notAsked(app, asking, asked),
        async decide(tx, now) {
          const times = timesOf(asked, now)
          if (isRefusal(times)) return times
          const tasks = tasksOf(asked.tasks ?? [], times, now, app.calendar(), app.zone)
          if (isRefusal(tasks)) return tasks
          const plan: StoredPlan = {
            id, provider: actor.party.id, kind: asked.kind, name: asked.name, reason: asked.reason, wordsSealed: app.vault.seal(asked.words, `plan.words:${id}`),
            selection: asked.select, waves: times.waves, requirement: asked.requirement ?? (asked.select.model === undefined ? 'confirmed' : 'device'),
            effectiveFrom: times.effectiveFrom, testFrom: times.testFrom, expectedUntil: times.expectedUntil, actor, createdBy: actor.person, createdAt: now,
            begunAt: undefined, releasedAt: undefined, missedAt: undefined, endedAt: undefined, endedBy: undefined, dueAt: undefined, version: 1,
          }
          const size = await sizeOf(tx, asked.select)
          if (isRefusal(size)) return size
          await insertPlan(tx, plan)
          await insertTasks(tx, plan, tasks)
          const total = await enlist(tx, plan)
          if (isRefusal(total)) return total
          for (const wave of plan.waves.keys()) {
            const refusal = await stopBulk(app, tx, plan, asked.words, wave, times.drainUntil, undefined, now)
            if (refusal) return refusal
          }
          return noChange(plan.provider, [{ fact: 'plan_made', plan: id, kind: plan.kind, total }], telling.view(await seen(tx, id, asking)))
        },
      })
      look()
      return reply
    },

    start: (asking: BulkAsking, id: string, telling: Telling<PlanView>) => onPlan(asking, id, 'start-plan', 'run-bulk', {}, telling, async (tx, plan, now) => {
      const { policy } = app.policyAt(plan.provider, now)
      const isMany = secondNeeded({ total: await countMembers(tx, plan.id) }, policy)
      const bulks = await movable(tx, plan, 'ready')
      if (isRefusal(bulks)) return bulks
      for (const bulk of bulks) await moveBulk(tx, bulk, 'start', isMany ? 'confirming' : 'running', asking.actor.person, now)
      return { plan: isMany ? plan : { ...plan, begunAt: plan.begunAt ?? now }, facts: [{ fact: isMany ? 'plan_submitted' : 'plan_started', plan: plan.id }] }
    }),
    confirm: (asking: BulkAsking, id: string, telling: Telling<PlanView>) => onPlan(asking, id, 'confirm-plan', 'confirm-bulk', {}, telling, async (tx, plan, now) => {
      const { policy } = app.policyAt(plan.provider, now)
      if (isStale(asking)) return refuse('step_up_required', { minutes: step_up_minutes })
      const bulks = await movable(tx, plan, 'confirming')
      if (isRefusal(bulks)) return bulks
      if (bulks.some((b) => b.createdBy === asking.actor.person)) return refuse('bulk_second_person', { limit: policy.bulk.aloneTerminalsMax })
      for (const bulk of bulks) await moveBulk(tx, bulk, 'confirm', 'running', asking.actor.person, now)
      return { plan: { ...plan, begunAt: plan.begunAt ?? now }, facts: [{ fact: 'plan_started', plan: plan.id }] }
    }),
    /** Test results, applied at once where the terminals are given free, else when they are. */
    test: (asking: BulkAsking, id: string, results: readonly ({ tid: string } & TestGiven)[], telling: Telling<PlanView>) =>
      onPlan(asking, id, 'test-plan', 'record-test', { results }, telling, async (tx, plan, now) => {
        const known = await noteTests(tx, plan.id, results, asking.actor.person, now)
        const unknown = results.find((r) => !known.includes(r.tid))
        if (unknown) return refuse('terminal_unknown', { tid: unknown.tid })
        if (plan.kind === 'campaign' || plan.releasedAt !== undefined) await openBulk(tx, plan, known, now)
        return { facts: [{ fact: 'plan_tested', plan: plan.id, results: known.length, failed: results.filter((r) => r.failed.length > 0).map((r) => r.tid) }] }
      }),
    /** The owner's word that the terminals may be tested now: before the plan says so, or where it does not say so by itself. */
    open: (asking: BulkAsking, id: string, telling: Telling<PlanView>) => onPlan(asking, id, 'open-plan', 'lift-hold', {}, telling, async (tx, plan, now) => {
      if (plan.kind !== 'maintenance') return refuse('plan_kind', { kind: planKinds[plan.kind] })
      const { policy } = app.policyAt(plan.provider, now)
      if (!mayHold(asking.actor, ownerOf(plan.reason), policy)) return ownedBy(plan.reason)
      await openBulk(tx, plan, undefined, now)
      return { plan: { ...plan, releasedAt: plan.releasedAt ?? now }, facts: [{ fact: 'plan_released', plan: plan.id }] }
    }),
    /** Terminals of a campaign meet what it asks for, as somebody saw. */
    met: (asking: BulkAsking, id: string, tids: readonly string[], words: string, telling: Telling<PlanView>) =>
      onPlan(asking, id, 'meet-plan', 'run-bulk', { tids, words }, telling, async (tx, plan, now) => {
        if (plan.kind !== 'campaign') return refuse('plan_kind', { kind: planKinds[plan.kind] })
        const known = await noteMet(tx, plan.id, tids, asking.actor.person, now)
        const unknown = tids.find((tid) => !known.includes(tid))
        if (unknown) return refuse('terminal_unknown', { tid: unknown })
        await openBulk(tx, plan, known, now)
        return { facts: [{ fact: 'plan_met', plan: plan.id, tids: known }] }
      }),
    /** Looks at the devices of a campaign now instead of when the clock does. */
    look: (asking: BulkAsking, id: string, telling: Telling<PlanView>) => onPlan(asking, id, 'look-plan', 'run-bulk', {}, telling, async (tx, plan, now) => {
      if (plan.kind !== 'campaign') return refuse('plan_kind', { kind: planKinds[plan.kind] })
      const met = await lookAtDevices(tx, plan, now)
      return { facts: [{ fact: 'plan_met', plan: plan.id, tids: met }] }
    }),
    /** Takes in terminals that match and came later: into one wave, whose stop they join. */
    add: (asking: BulkAsking, id: string, wave: number, telling: Telling<PlanView>) => onPlan(asking, id, 'add-to-plan', 'run-bulk', { wave }, telling, async (tx, plan, now) => {
      if (plan.kind !== 'campaign') return refuse('plan_kind', { kind: planKinds[plan.kind] })
      if (plan.waves[wave] === undefined) return refuse('plan_times')
      const found = await foundFor(tx, plan, bulk_terminals_max)
      if (isRefusal(found)) return found
      if (found.length === 0) return refuse('bulk_none')
      await addMembers(tx, plan, found, found.map(() => wave))
      const words = app.vault.open(plan.wordsSealed, `plan.words:${plan.id}`).toString()
      const refusal = await stopBulk(app, tx, plan, words, wave, undefined, found.map((f) => f.tid), now)
      return refusal ?? { facts: [{ fact: 'plan_added', plan: plan.id, total: found.length }] }
    }),
    finishTask: (asking: BulkAsking, id: string, task: string, note: string | undefined, telling: Telling<PlanView>) =>
      onPlan(asking, id, 'finish-plan-task', 'run-bulk', { task, note }, telling, async (tx, plan, now) => {
        if ((await doneTask(tx, plan.id, task, asking.actor.person, note, now)) > 0) return { facts: [{ fact: 'plan_task_done', plan: plan.id, task }] }
        return (await tx.one('select 1 from plan_task where plan = $1 and id = $2', [plan.id, task])) ? refuse('plan_task_done') : refuse('plan_task_unknown')
      }),
    /** Nothing more happens by this plan; what is stopped stays stopped until somebody opens it. */
    end: (asking: BulkAsking, id: string, words: string, telling: Telling<PlanView>) => onPlan(asking, id, 'end-plan', 'run-bulk', { words }, telling, async (tx, plan, now) => {
      for (const bulk of await bulksOfPlan(tx, plan.id))
        if (!['done', 'cancelled'].includes(bulk.state)) await moveBulk(tx, bulk, 'cancel', 'cancelled', asking.actor.person, now)
      return { plan: { ...plan, endedAt: now, endedBy: asking.actor.person }, facts: [{ fact: 'plan_ended', plan: plan.id }] }
    }),

    get: (asker: Asker, id: string): Promise<PlanView | undefined> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
      const found = isUuid(id) ? await readPlan(tx, id) : undefined
      return found && viewPlan(app, tx, found, asker)
    }, { readOnly: true }),
    list: (asker: Asker, { cursor, limit }: { cursor?: string | undefined; limit: number }): Promise<Page<PlanView>> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
      const found = await listPlans(tx, readCursor(cursor), limit + 1)
      const count = await countPlans(tx, list_total_exact_max)
      const items: PlanView[] = []
      for (const plan of found.slice(0, limit)) items.push(await viewPlan(app, tx, plan, asker))
      return { items, next: found.length > limit ? cursorOf(found[limit - 1]!) : null, total: count > list_total_exact_max ? { about: list_total_exact_max } : count }
    }, { readOnly: true }),
    members: (asker: Asker, id: string, asked: MembersAsked): Promise<Page<MemberView> | undefined> => app.db.transaction(scopeOf(asker.actor), async (tx) => {
      const plan = await readPlan(tx, id)
      if (plan === undefined) return undefined
      const view = await viewPlan(app, tx, plan, asker)
      const after = /^[0-9A-Z]{8}$/.test(asked.cursor ?? '') ? asked.cursor! : ''
      const rows = await readMembers(tx, id, { after, stage: asked.stage, wave: asked.wave }, app.clock.now(), await isPlaced(tx, id), asked.limit + 1)
      const waves = asked.wave === undefined ? view.waves : view.waves.filter((_, i) => i === asked.wave)
      const total = waves.reduce((n, w) => n + (asked.stage === undefined ? w.total : (w.stages[asked.stage] ?? 0)), 0)
      return { items: rows.slice(0, asked.limit).map((r) => viewMember(r, asker.language)), next: rows.length > asked.limit ? rows[asked.limit - 1]!.tid : null, total }
    }, { readOnly: true }),
  }

  async function enlist(tx: Tx, plan: StoredPlan): Promise<number | Refusal> {
    const found = await foundFor(tx, plan, bulk_terminals_max)
    return isRefusal(found) ? found : addMembers(tx, plan, found, assignWaves(plan.waves, found.map((f) => f.address)))
  }
}

const ownedBy = (reason: StoredPlan['reason']): Refusal => refuse('plan_owner', { reason, owner: holdOwners[ownerOf(reason)] as Words })

function notAsked(app: App, { actor }: BulkAsking, asked: PlanMade): Refusal | undefined {
  const role = mayNot(actor, 'run-bulk')
  if (role) return role
  const { policy } = app.policyAt(actor.party.id, app.clock.now())
  return mayNot(actor, 'place-hold') || !mayHold(actor, ownerOf(asked.reason), policy) ? ownedBy(asked.reason) : notSelected(asked.select)
}

/** The list that stops one wave. A wave nobody falls into has none. */
async function stopBulk(
  app: App, tx: Tx, plan: StoredPlan, words: string, wave: number, drainUntil: number | undefined, tids: readonly string[] | undefined, now: number,
): Promise<Refusal | undefined> {
  const id = randomUUID()
  const { name, at } = plan.waves[wave]!
  const total = await insertBulk(tx, {
    id, provider: plan.provider, plan: plan.id, name: name === '' ? plan.name : `${plan.name} ${name}`, selection: plan.selection, unknownTids: [], state: 'checking',
    act: { act: 'place_hold', reason: plan.reason, effect: 'stop', effectiveFrom: at, drainUntil, expectedUntil: plan.expectedUntil },
    wordsSealed: sealedWords(app, id, words), actor: plan.actor, createdAt: now,
  }, { from: 'plan', wave, tids })
  if (isRefusal(total)) return total
  if (total === 0) await tx.run('delete from bulk where id = $1', [id])
  return undefined
}

/** The plan's stops, all of them in that state; a plan is started as a whole. */
async function movable(tx: Tx, plan: StoredPlan, state: StoredBulk['state']): Promise<StoredBulk[] | Refusal> {
  const stops = (await bulksOfPlan(tx, plan.id)).filter((b) => b.act.act === 'place_hold' && b.startedAt === undefined && b.state !== 'cancelled')
  const other = stops.find((b) => b.state !== state)
  if (stops.length > 0 && other === undefined) return stops
  return refuse('bulk_not_in_this_state', { state: bulkStates[other?.state ?? 'done'], command: state === 'ready' ? ['执行', 'start'] : ['复核确认', 'confirm'] })
}

