// A maintenance window over several terminals: told beforehand, drained, shut at the minute, free for the test at another, open
// where the test passed. Two fail theirs: they stay shut, are named to everybody, and open the next day after a passed test.
import { setTimeout as sleep } from 'node:timers/promises'
import { getBulk, getPlan, listPlanTerminals, listTerminals, makePlan, startPlan, testPlan } from '../../../client/generated/sdk.gen.ts'
import type { Plan, PlanTerminal } from '../../../client/generated/types.gen.ts'
import type { Actor } from '../running.ts'
import { rfc, wall, type Scene, type Stage } from '../scene.ts'
import { WalkEnded } from '../story.ts'

const window_terminals = 6
const bulk_within_ms = 30_000
const poll_ms = 50

/** Terminals that work and owe nothing, of as many merchants as there are. */
async function chosen(stage: Stage, who: Actor): Promise<{ tid: string; mid: string }[]> {
  const { items } = await stage.heard(listTerminals({ ...stage.by(who), query: { service: 'active', limit: 200 } }))
  const free = items.filter((t) => t.clearance.clear && t.upcoming.length === 0 && t.cases.length === 0)
  const merchants = [...Map.groupBy(free, (t) => t.merchant.mid).values()]
  const turns = free.flatMap((_, i) => merchants.flatMap((of) => of[i] ?? []))
  if (turns.length < window_terminals) throw new WalkEnded('空闲的终端不够 too few free terminals')
  return turns.slice(0, window_terminals).map((t) => ({ tid: t.tid, mid: t.merchant.mid }))
}

/** The plan once its lists are carried out as far as they can be now. */
async function quiet(stage: Stage, who: Actor, id: string): Promise<Plan> {
  for (const until = Date.now() + bulk_within_ms; ; await sleep(poll_ms)) {
    const plan = await stage.heard(getPlan({ ...stage.by(who), path: { plan: id } }))
    if (plan.bulks.every((b) => b.state !== 'checking' && b.state !== 'running') || Date.now() > until) return plan
  }
}
const named = async (stage: Stage, who: Actor, plan: string, stage_: PlanTerminal['stage']): Promise<string[]> =>
  (await stage.heard(listPlanTerminals({ ...stage.by(who), path: { plan }, query: { stage: stage_, limit: 50 } }))).items.map((m) => m.tid)

export const maintenance: Scene = {
  name: 'maintenance',
  number: 16,
  title: ['维护窗口：测过才开', 'Maintenance window: open after the test'],
  startsAt: '2026-11-16T10:00:00+08:00',
  async play(stage) {
    const { story, by, heard } = stage
    const [operations, field] = [stage.cast('yunhui.operations'), stage.cast('yunhui.field')]
    const terminals = await chosen(stage, operations)
    const tids = terminals.map((t) => t.tid).toSorted()
    const [jammed, silent] = [tids[1]!, tids[4]!]
    const of = (tid: string): { tid: string; mid: string } => terminals.find((t) => t.tid === tid)!
    story.heading(Date.parse(maintenance.startsAt))
    story.tell(
      `${stage.named(operations)[0]}安排周二 01:00 至 05:00 升级，${tids.length} 台终端：01:30 前清算，04:00 起测试。`,
      `${stage.named(operations)[1]} plans an upgrade on Tuesday from 01:00 to 05:00 over ${tids.length} terminals: drained by 01:30, tested from 04:00.`,
    )
    const made = await heard(makePlan({ ...by(operations), body: {
      kind: 'maintenance', name: '核心系统升级', reason: 'P01', words: '周二凌晨升级，期间不能收款。', select: { tids },
      effectiveFrom: rfc('2026-11-17T01:00'), drainUntil: rfc('2026-11-17T01:30'), testFrom: rfc('2026-11-17T04:00'), expectedUntil: rfc('2026-11-17T05:00'),
      tasks: [{ id: 'call', title: '电话通知商户', assignee: 'agent', due: { from: 'effectiveFrom', offset: '-1d', at: '18:00' } }],
    } }))
    const rehearsed = await quiet(stage, operations, made.id)
    const list = await heard(getBulk({ ...by(operations), path: { bulk: rehearsed.bulks[0]!.id } }))
    story.claim(['预演：都可办，一台也没停', 'rehearsed: all can, none is stopped'], [list.rehearsal.able, list.rehearsal.unable, rehearsed.stages], [6, 0, { waiting: 6 }])
    story.claim(['通知商户的事项有日期', 'the task of telling merchants has its date'], wall(rehearsed.tasks[0]?.dueAt), '2026-11-16 18:00')
    await heard(startPlan({ ...by(operations), path: { plan: made.id }, body: {} }))
    const told = await quiet(stage, operations, made.id)
    story.quote(['运维看到', 'operations reads'], told.sentence)
    story.claim(['已通知，还没停', 'told, and still working'], told.stages, { told: 6 })

    await stage.moveTo('2026-11-17T00:59:59.999')
    await stage.gate(of(jammed), 'sale', '00')
    await stage.moveTo('2026-11-17T01:00')
    await stage.gate(of(jammed), 'sale', '58')
    await stage.gate(of(jammed), 'reversal', '00')
    await stage.moveTo('2026-11-17T04:00')
    story.tell('升级做完，转为测试：只能测试消费。', 'The upgrade is done and tests begin: test sales only.')
    await stage.gate(of(jammed), 'test_sale', '00')
    await stage.gate(of(jammed), 'sale', '58')

    await stage.moveTo('2026-11-17T04:30')
    story.tell(
      `${stage.named(field)[0]}交来测试结果：四台通过；${jammed} 打印卡纸，${silent} 测试消费超时。`,
      `${stage.named(field)[1]} hands in the results: four passed; the printer of ${jammed} jams, the test sale of ${silent} times out.`,
    )
    await heard(testPlan({ ...by(field), path: { plan: made.id }, body: { results: tids.map((tid) => ({
      tid, ...(tid === jammed ? { failed: ['print' as const], note: '卡纸' } : tid === silent ? { failed: ['test_sale' as const], note: '超时' } : {}),
    })) } }))
    const tested = await quiet(stage, operations, made.id)
    story.claim(['四台已恢复，两台仍停', 'four are open, two stay shut'], tested.stages, { open: 4, failed: 2 })
    const opened = of(tids[0]!)
    await stage.gate(opened, 'sale', '77')
    await stage.gate(opened, 'sign_on', '00')
    await stage.gate(opened, 'sale', '00')

    await stage.moveTo('2026-11-17T05:00')
    const over = await quiet(stage, operations, made.id)
    story.quote(['窗口结束，运维看到', 'at its end, operations reads'], over.sentence)
    story.claim(['没有恢复的，点得出名字', 'those not back have names'], await named(stage, operations, made.id, 'failed'), [jammed, silent])
    const missed = (await stage.notices(operations)).filter((n) => n.kind === 'plan_missed').map((n) => n.sentence).join(' ')
    story.claim(['通知里也写着', 'and the notices say them'], [missed.includes(jammed), missed.includes(silent)], [true, true])
    await stage.gate(of(jammed), 'sale', '58')
    await stage.gate(of(silent), 'sale', '58')

    await stage.moveTo('2026-11-17T10:00')
    story.tell('当天修好，再测通过。', 'They are put right the same day and pass.')
    await heard(testPlan({ ...by(field), path: { plan: made.id }, body: { results: [{ tid: jammed }, { tid: silent }] } }))
    const done = await quiet(stage, operations, made.id)
    story.claim(['六台全部恢复', 'all six are open'], done.stages, { open: 6 })
    await stage.gate(of(jammed), 'sale', '77')
  },
}
