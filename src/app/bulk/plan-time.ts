// What time brings about in plans: tests begin, a window is over, a wave is over, a device is not what it was. Each plan is taken
// by the row it stands in, does what is due and says when to look again.
import { randomUUID } from 'node:crypto'
import { notBack, planDue } from '../../domain/bulk-plan.ts'
import { terminalsNamed } from '../../domain/bulk-words.ts'
import { systemActor } from '../../domain/authority.ts'
import { isRefusal } from '../../domain/refusals.ts'
import { planStages, type NoticeKind, type Words } from '../../domain/vocabulary.ts'
import { bulksOfPlan, changeBulk, insertBulk, lockBulk } from '../../store/bulk.ts'
import { insertNotices, lockDuePlan, lockPlan, noteMetByDevice, noteOverdue, readMembers, releasable, savePlan, type MemberRow, type StoredPlan } from '../../store/bulk-plans.ts'
import type { Tx } from '../../store/db.ts'
import type { App } from '../app.ts'
import { bulk_terminals_max } from '../../limits.ts'

/** How often the devices of a campaign are looked at; somebody may ask sooner. */
const devices_every_ms = 6 * 3_600_000
/** A plan whose own lists are still being carried out is looked at again after this. */
const under_way_again_ms = 1_000

export const dueAgain = (plan: StoredPlan, now: number): number | undefined => planDue(plan, now, devices_every_ms)

/** The list that gives terminals of a plan free and opens those whose test passed; none where nothing can be given free. */
export async function openBulk(tx: Tx, plan: StoredPlan, tids: readonly string[] | undefined, now: number): Promise<void> {
  const asked = tids && new Set(tids)
  const wanted = (await releasable(tx, plan)).filter((tid) => asked === undefined || asked.has(tid))
  if (wanted.length === 0) return
  const id = randomUUID()
  const total = await insertBulk(tx, {
    id, provider: plan.provider, plan: plan.id, name: plan.name, act: { act: 'open' }, wordsSealed: undefined, selection: plan.selection, unknownTids: [],
    state: 'running', actor: plan.actor, createdAt: now,
  }, { from: 'plan', tids: wanted })
  if (isRefusal(total)) throw new Error(`a plan's own list was refused: ${total.refused}`)
  await changeBulk(tx, (await lockBulk(tx, id))!, { state: 'running', startedAt: now })
}

/** Members whose device is what the campaign asked for are done, and free for their test. */
export async function lookAtDevices(tx: Tx, plan: StoredPlan, now: number): Promise<string[]> {
  const met = plan.requirement === 'device' ? await noteMetByDevice(tx, plan, now) : []
  if (met.length > 0) await openBulk(tx, plan, met, now)
  return met
}

/** Does what is due in plans. True when some of it made work for the runner. */
export async function tickPlans(app: App): Promise<boolean> {
  const passed: string[] = []
  for (;;) {
    const plan = await app.db.transaction('*', async (tx) => {
      const found = await lockDuePlan(tx, app.clock.now(), passed)
      if (found) await tick(app, tx, found, app.clock.now())
      return found
    })
    if (plan === undefined) return passed.length > 0
    passed.push(plan.id)
    app.stirred(app.clock.now())
  }
}

async function tick(app: App, tx: Tx, before: StoredPlan, now: number): Promise<void> {
  let plan = before
  if (plan.kind === 'campaign') {
    await lookAtDevices(tx, plan, now)
    const over = [...plan.waves.keys()].filter((i) => plan.waves[i]!.at <= now)
    const late = over.length === 0 ? [] : await noteOverdue(tx, plan.id, over, now)
    await tell(tx, plan, 'plan_overdue', late, ['provider'], (tids) => overdueWords(plan, tids), now)
  } else {
    if (plan.releasedAt === undefined && plan.testFrom! <= now) {
      const { policy } = app.policyAt(plan.provider, now)
      if (policy.bulk.windowOpensByItself) await openBulk(tx, plan, undefined, now)
      plan = { ...plan, releasedAt: now }
    }
    if (plan.missedAt === undefined && plan.expectedUntil! <= now) {
      const isBusy = (await bulksOfPlan(tx, plan.id)).some((b) => b.state === 'running')
      // Its last list is still opening terminals: who is left is known when it is done.
      if (isBusy) return void (await savePlan(tx, { ...plan, dueAt: now + under_way_again_ms }))
      plan = await over(tx, plan, now)
    }
  }
  await savePlan(tx, { ...plan, dueAt: dueAgain(plan, now) })
}

/** The window is over: those not open are named to their merchants and to the provider; where there are none the plan ends. */
async function over(tx: Tx, plan: StoredPlan, now: number): Promise<StoredPlan> {
  const left: MemberRow[] = []
  for (const stage of notBack) left.push(...(await readMembers(tx, plan.id, { after: '', stage }, now, true, bulk_terminals_max)))
  for (const [stage, of] of Map.groupBy(left, (m) => m.stage))
    await tell(tx, plan, 'plan_missed', of, ['merchant', 'provider'], (tids) => missedWords(plan, planStages[stage], tids), now)
  return left.length === 0 ? { ...plan, missedAt: now, endedAt: now, endedBy: systemActor.person } : { ...plan, missedAt: now }
}

const missedWords = ({ name }: StoredPlan, stage: Words, tids: readonly string[]): Words => {
  const [zh, en] = terminalsNamed(tids)
  return [`「${name}」已到预定结束时间，${zh}仍停机（${stage[0]}），通过测试后恢复。`, `"${name}" has reached its end; still stopped (${stage[1]}): ${en}. It opens after a passed test.`]
}
const overdueWords = ({ name }: StoredPlan, tids: readonly string[]): Words => {
  const [zh, en] = terminalsNamed(tids)
  return [`「${name}」到期未达要求：${zh}，已停机。`, `"${name}": requirement not met in time, stopped: ${en}.`]
}

/** One notice for each merchant and audience, naming its terminals. */
async function tell(
  tx: Tx, plan: StoredPlan, kind: NoticeKind, of: readonly { tid: string; mid: string }[], audiences: readonly ('merchant' | 'provider')[],
  wordsOf: (tids: readonly string[]) => Words, now: number,
): Promise<void> {
  const rows = [...Map.groupBy(of, (m) => m.mid)].flatMap(([mid, members]) => {
    const tids = members.map((m) => m.tid)
    const [zh, en] = wordsOf(tids)
    return audiences.map((audience) => ({ id: randomUUID(), kind, provider: plan.provider, mid, audience, tid: tids.length === 1 ? tids[0]! : null, zh, en }))
  })
  if (rows.length > 0) await insertNotices(tx, rows, now)
}

/** A plan's list is done: a window whose end has passed is looked at again. */
export async function planGoesOn(app: App, id: string): Promise<void> {
  const now = app.clock.now()
  await app.db.transaction('*', async (tx) => {
    const plan = await lockPlan(tx, id)
    if (plan !== undefined && plan.kind === 'maintenance' && plan.endedAt === undefined && plan.begunAt !== undefined && plan.expectedUntil! <= now && plan.missedAt === undefined)
      await savePlan(tx, { ...plan, dueAt: now })
  })
}
