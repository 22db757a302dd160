// Many at once from the command line: a list frozen and rehearsed, carried out while a bar shows how far it is, its results one
// by one; plans over many terminals, with the names of those that are not back; figures of the fleet.
import { readFile } from 'node:fs/promises'
import {
  addToPlan, cancelBulk, confirmBulk, confirmPlan, endPlan, finishPlanTask, getBulk, getBulkCsv, getPlan, getStatistics, listBulkItems, listBulks, listPlans, listPlanTerminals,
  lookPlan, makeBulk, makePlan, meetPlan, openPlan, pauseBulk, resumeBulk, retryBulk, startBulk, startPlan, testPlan,
} from '../../client/generated/sdk.gen.ts'
import type { Bulk, BulkItem, MakeBulkBody, MakePlanBody, Plan, PlanTerminal } from '../../client/generated/types.gen.ts'
import { bulkItemStates, bulkStates, planKinds, planStages, reasons, services, testItems, type TestItem } from '../../domain/vocabulary.ts'
import { limit, many, wordsOption, type Command, type Group, type Option } from '../command.ts'
import { saveTo } from '../files.ts'
import { halves, present, wordFrom, type Given } from '../given.ts'
import { list } from '../pages.ts'
import { progress } from '../progress.ts'
import { wrong } from '../refused.ts'
import type { Session, Told } from '../session.ts'
import { instant, instantOr, readInstant, wordIn } from '../show.ts'
import type { Column } from '../table.ts'

const poll_ms = 250
const listed_rows = 50

// ── Which terminals, and their results ──────────────────────────────────────────────────────────────────────────────
const selecting: readonly Option[] = [
  { flags: '--q <text>', says: ['像终端列表一样查找', 'as the list of terminals is searched'] },
  { flags: '--service <service>', says: ['状态', 'status'] },
  { flags: '--merchant <mid>', says: ['商户号', 'merchant number'] },
  { flags: '--model <model>', says: ['机型', 'model'] },
  { flags: '--firmware-below <version>', says: ['软件版本低于（须指明机型）', 'firmware before this version; needs a model'] },
  { flags: '--region <text>', says: ['门店地址包含', 'a part of the store’s address'] },
  { flags: '--tids <file>', says: ['文件里的终端号，一行一个', 'terminal numbers in a file, one a line'] },
]
const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => { throw wrong(`读不到文件 ${path}。`, `The file ${path} cannot be read.`) })).split(/[\r\n]+/).map((l) => l.trim()).filter((l) => l !== '')

const selectionOf = async (given: Given): Promise<NonNullable<MakeBulkBody['select']>> => present({
  q: given.text('q'), service: given.wordOf('service', services), merchant: given.text('merchant'), model: given.text('model'),
  firmwareBelow: given.text('firmwareBelow'), region: given.text('region'), tids: given.text('tids') === undefined ? undefined : await linesOf(given.text('tids')!),
})

type Result = { tid: string; failed?: TestItem[]; note?: string }
/** `10000001` passed; `10000002,print battery,paper sensor` did not, and why. */
const resultsIn = async (path: string): Promise<Result[]> => (await linesOf(path)).filter((line) => !/^(tid|终端号)/i.test(line)).map((line) => {
  const [tid = '', failed = '', note = ''] = line.split(',').map((cell) => cell.trim())
  return { tid, failed: failed === '' ? [] : failed.split(/[\s;、]+/).map((item) => wordFrom(item, testItems, '')), ...(note === '' ? {} : { note }) }
})
const resultsOption: Option = { flags: '--results <file>', says: ['测试结果文件：终端号,未通过项,备注', 'file of test results: terminal,what failed,note'] }

// ── Bulks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
function bulkLines(session: Session, b: Bulk): string[] {
  const style = b.state === 'done' ? 'good' : ['failed', 'cancelled'].includes(b.state) ? 'bad' : 'waiting'
  return [
    `${session.screen.paint(style, wordIn(bulkStates, b.state, session.language))}  ${b.id}`,
    b.sentence,
    ...b.refusals.map((r) => `  ${String(r.count).padStart(7)}  ${r.sentence}`),
    ...(b.unknown.length === 0 ? [] : [session.say(`查无此号：${b.unknown.join('、')}`, `Not yours or not there: ${b.unknown.join(', ')}`)]),
  ]
}
const isUnderWay = (b: Bulk): boolean => b.state === 'checking' || b.state === 'running'

/** Draws how far it is until it waits for somebody or is over. */
async function watched(session: Session, first: Told<Bulk>): Promise<Told<Bulk>> {
  const bar = progress(session.screen)
  const path = { bulk: first.value.id }
  try {
    for (let told = first; ; told = await session.ask(getBulk({ client: session.client, path }))) {
      const { progress: p, rehearsal } = told.value
      const at = told.value.state === 'checking' ? rehearsal.checked : p.done + p.failed
      bar.draw(p.total === 0 ? 0 : at / p.total, `${wordIn(bulkStates, told.value.state, session.language)} ${at} / ${p.total}`)
      if (!isUnderWay(told.value)) return told
      await new Promise((resolve) => setTimeout(resolve, poll_ms))
    }
  } finally {
    bar.clear()
  }
}
async function shown(session: Session, given: Given, told: Told<Bulk>): Promise<0 | 1> {
  const last = given.flag('wait') === false || session.isDry ? told : await watched(session, told)
  session.show(last, (b) => bulkLines(session, b))
  return last.value.state === 'failed' || (last.value.state === 'done' && last.value.progress.failed > 0) ? 1 : 0
}
const noWait: Option = { flags: '--no-wait', says: ['不等结果', 'do not wait for it'] }

const making = (usage: string, says: Command['says'], options: readonly Option[], act: (given: Given) => MakeBulkBody['act']): Command => ({
  usage, says, dryRun: 'rehearsed', options: [{ flags: '--name <name>', says: ['名称', 'name'], isRequired: true }, ...options, noWait],
  async run(session, given) {
    const results = given.text('results') === undefined ? undefined : await resultsIn(given.text('results')!)
    const body = present<MakeBulkBody>({ name: given.text('name') ?? '', act: act(given), words: given.text('words'), results, select: results ? undefined : await selectionOf(given) })
    return shown(session, given, await session.ask(makeBulk({ client: session.client, query: session.rehearsal, body })))
  },
})
const reasonOption: Option = { flags: '--reason <code>', says: ['原因代码，见 tingqi words reasons', 'reason code, see tingqi words reasons'], isRequired: true }
const reasonOf = (given: Given) => wordFrom(given.text('reason') ?? '', reasons, '--reason ')

type Working = typeof startBulk
const working = (name: string, says: Command['says'], call: Working): Command => ({
  usage: `bulk ${name} <id>`, says, dryRun: 'rehearsed', options: [noWait],
  run: async (session, given) => shown(session, given, await session.ask(call({ client: session.client, path: { bulk: given.arg(0) }, query: session.rehearsal, body: {} }))),
})

const bulkColumns = (session: Session): Column<Bulk>[] => [
  { title: session.say('编号', 'id'), cell: (b) => b.id },
  { title: session.say('状态', 'state'), cell: (b) => b.stateWords },
  { title: session.say('操作', 'act'), cell: (b) => b.actWords },
  { title: session.say('台数', 'terminals'), cell: (b) => String(b.progress.total), align: 'right' },
  { title: session.say('已办', 'done'), cell: (b) => String(b.progress.done), align: 'right' },
  { title: session.say('未办', 'refused'), cell: (b) => String(b.progress.failed), align: 'right' },
  { title: session.say('提交', 'made'), cell: (b) => instant(b.createdAt) },
  { title: session.say('名称', 'name'), cell: (b) => b.name, width_min: 12 },
]
const itemColumns = (session: Session): Column<BulkItem>[] => [
  { title: session.say('序号', 'no.'), cell: (i) => String(i.ordinal), align: 'right' },
  { title: session.say('终端', 'terminal'), cell: (i) => i.tid },
  { title: session.say('商户号', 'merchant'), cell: (i) => i.mid },
  { title: session.say('结果', 'result'), cell: (i) => i.stateWords },
  { title: session.say('说明', 'why'), cell: (i) => i.sentence ?? '', width_min: 20 },
]

const bulks: readonly Command[] = [
  making('bulk stop', ['批量停机：冻结名单并预演', 'freeze a list to be stopped, and rehearse it'], [
    ...selecting, reasonOption, wordsOption(true), { flags: '--from <time>', says: ['何时起（默认立即）', 'from when (now unless told)'] },
    { flags: '--until <time>', says: ['预计何时止', 'expected until'] }, { flags: '--drain-until <time>', says: ['清算最迟到何时', 'what was begun may be finished until'] },
  ], (given) => present<Extract<MakeBulkBody['act'], { act: 'place_hold' }>>({
    act: 'place_hold', reason: reasonOf(given), effectiveFrom: given.instant('from'), expectedUntil: given.instant('until'), drainUntil: given.instant('drainUntil'), effect: undefined,
  })),
  making('bulk lift', ['批量解除停用项', 'freeze a list whose hold is to be lifted'], [...selecting, reasonOption, wordsOption(true)], (given) => ({ act: 'lift_hold', reason: reasonOf(given) })),
  making('bulk test', ['批量登记测试', 'freeze a list of test results'], [...selecting, resultsOption], () => ({ act: 'record_test' })),
  working('start', ['执行', 'carry a list out'], startBulk),
  working('confirm', ['作为另一人复核', 'confirm it as the second person'], confirmBulk),
  working('pause', ['暂停', 'pause it'], pauseBulk),
  working('resume', ['继续', 'go on'], resumeBulk),
  working('cancel', ['取消余下的', 'leave the rest undone'], cancelBulk),
  working('retry', ['重试未办成的', 'try the failed again'], retryBulk),
  {
    usage: 'bulk list', says: ['批量操作列表', 'bulks, the newest first'], dryRun: 'reads', options: [limit, many],
    run: (session, given) => list(session, given, (query) => session.ask(listBulks({ client: session.client, query })), bulkColumns(session)),
  },
  {
    usage: 'bulk show <id>', says: ['进度与原因', 'how far it is, and why terminals could not'], dryRun: 'reads', options: [noWait],
    run: async (session, given) => shown(session, given, await session.ask(getBulk({ client: session.client, path: { bulk: given.arg(0) } }))),
  },
  {
    usage: 'bulk items <id>', says: ['逐台结果', 'every terminal and how it ended'], dryRun: 'reads',
    options: [{ flags: '--state <state>', says: ['waiting、unable、done、refused', 'waiting, unable, done, refused'] }, { flags: '--csv <file>', says: ['存成文件', 'save as a file'] }, limit, many],
    async run(session, given) {
      const { client } = session
      const path = { bulk: given.arg(0) }
      const file = given.text('csv')
      if (file === undefined) return list(session, given, (query) => session.ask(listBulkItems({ client, path, query: present({ ...query, state: given.wordOf('state', bulkItemStates) }) })), itemColumns(session))
      const { value } = await session.ask(getBulkCsv({ client, path, parseAs: 'stream' }))
      await saveTo(session, file, value as unknown as ReadableStream<Uint8Array>)
      return 0
    },
  },
]

// ── Plans ───────────────────────────────────────────────────────────────────────────────────────────────────────────
function planLines(session: Session, p: Plan): string[] {
  const stages = Object.entries(p.stages).map(([stage, n]) => `${wordIn(planStages, stage, session.language)} ${n}`)
  return [
    `${wordIn(planKinds, p.kind, session.language)}  ${p.id}`, p.sentence, `  ${stages.join(session.say('，', ', '))}`,
    ...(p.kind === 'campaign' ? p.waves.map((w) => `  ${w.name}  ${instant(w.at)}  ${session.say(`${w.total} 台，达标 ${w.met}，逾期 ${w.overdue}`, `${w.total}, met ${w.met}, overdue ${w.overdue}`)}`) : []),
    ...p.tasks.map((t) => `  ${t.doneAt ? '✓' : t.overdue ? '!' : '·'} ${t.id}  ${t.title}  ${instant(t.dueAt)}`),
  ]
}
const memberColumns = (session: Session): Column<PlanTerminal>[] => [
  { title: session.say('终端', 'terminal'), cell: (m) => m.tid },
  { title: session.say('商户', 'merchant'), cell: (m) => m.merchant },
  { title: session.say('进度', 'how far'), cell: (m) => m.stageWords },
  { title: session.say('达标', 'met'), cell: (m) => instantOr(m.metAt) },
  { title: session.say('说明', 'why'), cell: (m) => m.sentence ?? '', width_min: 20 },
]
/** Shows a plan, and by name those that are not back. */
async function shownPlan(session: Session, told: Told<Plan>): Promise<0> {
  session.show(told, (p) => planLines(session, p))
  if (session.isJson || told.value.begunAt === null) return 0
  for (const stage of ['failed', 'testing', 'held', 'refused'] as const) {
    if ((told.value.stages[stage] ?? 0) === 0) continue
    const { value } = await session.ask(listPlanTerminals({ client: session.client, path: { plan: told.value.id }, query: { stage, limit: listed_rows } }))
    session.lines(session.table(memberColumns(session), value.items))
  }
  return 0
}
type Planning = typeof startPlan
const planning = (name: string, says: Command['says'], call: Planning): Command => ({
  usage: `plan ${name} <id>`, says, dryRun: 'rehearsed',
  run: async (session, given) => shownPlan(session, await session.ask(call({ client: session.client, path: { plan: given.arg(0) }, query: session.rehearsal, body: {} }))),
})
const planColumns = (session: Session): Column<Plan>[] => [
  { title: session.say('编号', 'id'), cell: (p) => p.id },
  { title: session.say('类别', 'kind'), cell: (p) => p.kindWords },
  { title: session.say('停机', 'stop'), cell: (p) => instant(p.effectiveFrom) },
  { title: session.say('结束', 'until'), cell: (p) => instantOr(p.expectedUntil) },
  { title: session.say('台数', 'terminals'), cell: (p) => String(p.progress.total), align: 'right' },
  { title: session.say('恢复', 'open'), cell: (p) => String(p.progress.done), align: 'right' },
  { title: session.say('名称', 'name'), cell: (p) => p.name, width_min: 12 },
]
const planOptions: readonly Option[] = [{ flags: '--name <name>', says: ['名称', 'name'], isRequired: true }, ...selecting, reasonOption, wordsOption(true), { flags: '--until <time>', says: ['何时结束', 'until when'] }]
const planBody = async (given: Given, kind: MakePlanBody['kind']): Promise<MakePlanBody> => present<MakePlanBody>({
  kind, name: given.text('name') ?? '', reason: reasonOf(given), words: given.text('words') ?? '', select: await selectionOf(given), expectedUntil: given.instant('until'),
  effectiveFrom: given.instant('from'), drainUntil: given.instant('drainUntil'), testFrom: given.instant('testFrom'), waves: given.list('wave').length === 0 ? undefined : given.list('wave').map(waveOf), requirement: undefined, tasks: undefined,
})
/** `first=2026-11-25 02:00`, and so many at most: `first=2026-11-25 02:00/500`. */
function waveOf(text: string): { name: string; at: string; max?: number } {
  const [name, rest = ''] = halves(text)
  const [, time = rest, max] = /^(.*)\/(\d+)$/.exec(rest) ?? []
  const at = readInstant(time)
  if (at === undefined) throw wrong(`--wave 应为 名称=时间[/台数]，不是「${text}」。`, `--wave should be name=time[/terminals], not "${text}".`)
  return { name, at, ...(max === undefined ? {} : { max: Number(max) }) }
}

const plans: readonly Command[] = [
  {
    usage: 'plan window', says: ['制定维护窗口并预演', 'plan a maintenance window, and rehearse it'], dryRun: 'rehearsed',
    options: [...planOptions, { flags: '--from <time>', says: ['何时停机（默认立即）', 'stop when (now unless told)'] }, { flags: '--drain-until <time>', says: ['清算最迟到何时', 'drain until'] },
      { flags: '--test-from <time>', says: ['何时开始测试（默认结束时）', 'tests begin when (at the end unless told)'] }],
    run: async (session, given) => shownPlan(session, await session.ask(makePlan({ client: session.client, query: session.rehearsal, body: await planBody(given, 'maintenance') }))),
  },
  {
    usage: 'plan campaign', says: ['制定专项行动并预演', 'plan a campaign, and rehearse it'], dryRun: 'rehearsed',
    options: [...planOptions, { flags: '--wave <wave>', says: ['批次：名称=时间[/台数]，可多次', 'a wave: name=time[/terminals]; may be repeated'], isMany: true, isRequired: true }],
    run: async (session, given) => shownPlan(session, await session.ask(makePlan({ client: session.client, query: session.rehearsal, body: await planBody(given, 'campaign') }))),
  },
  planning('start', ['执行计划', 'start a plan'], startPlan),
  planning('confirm', ['作为另一人复核计划', 'confirm a plan as the second person'], confirmPlan),
  planning('open', ['开始测试', 'give its terminals free for their test'], openPlan),
  planning('look', ['核对达标情况', 'look at the devices of a campaign now'], lookPlan),
  {
    usage: 'plan test <id> [tids...]', says: ['登记测试结果', 'record test results'], dryRun: 'rehearsed', options: [resultsOption],
    async run(session, given) {
      const file = given.text('results')
      const results: Result[] = [...given.args(1).map((tid) => ({ tid })), ...(file === undefined ? [] : await resultsIn(file))]
      return shownPlan(session, await session.ask(testPlan({ client: session.client, path: { plan: given.arg(0) }, query: session.rehearsal, body: { results } })))
    },
  },
  {
    usage: 'plan met <id> <tids...>', says: ['登记已达要求', 'say which terminals meet what a campaign asks for'], dryRun: 'rehearsed', options: [wordsOption(true)],
    run: async (session, given) => shownPlan(session, await session.ask(meetPlan({ client: session.client, path: { plan: given.arg(0) }, query: session.rehearsal, body: { tids: given.args(1), words: given.text('words') ?? '' } }))),
  },
  {
    usage: 'plan add <id> <wave>', says: ['列入后来的终端', 'take in terminals that came later'], dryRun: 'rehearsed',
    run: async (session, given) => shownPlan(session, await session.ask(addToPlan({ client: session.client, path: { plan: given.arg(0) }, query: session.rehearsal, body: { wave: Number(given.arg(1)) } }))),
  },
  {
    usage: 'plan done <id> <task>', says: ['办好一件事项', 'a task of a plan is done'], dryRun: 'rehearsed', options: [{ flags: '--note <words>', says: ['说明', 'note'] }],
    run: async (session, given) => shownPlan(session, await session.ask(finishPlanTask({ client: session.client, path: { plan: given.arg(0) }, query: session.rehearsal, body: present({ task: given.arg(1), note: given.text('note') }) }))),
  },
  {
    usage: 'plan end <id>', says: ['结束计划', 'end a plan'], dryRun: 'rehearsed', options: [wordsOption(true)],
    run: async (session, given) => shownPlan(session, await session.ask(endPlan({ client: session.client, path: { plan: given.arg(0) }, query: session.rehearsal, body: { words: given.text('words') ?? '' } }))),
  },
  {
    usage: 'plan list', says: ['计划列表', 'plans, the newest first'], dryRun: 'reads', options: [limit, many],
    run: (session, given) => list(session, given, (query) => session.ask(listPlans({ client: session.client, query })), planColumns(session)),
  },
  {
    usage: 'plan show <id>', says: ['计划进度与未恢复的终端', 'how far a plan is, and who is not back'], dryRun: 'reads',
    run: async (session, given) => shownPlan(session, await session.ask(getPlan({ client: session.client, path: { plan: given.arg(0) } }))),
  },
  {
    usage: 'plan terminals <id>', says: ['计划内终端', 'the terminals of a plan'], dryRun: 'reads', options: [{ flags: '--stage <stage>', says: ['进度', 'how far'] }, limit, many],
    run: (session, given) => list(session, given, (query) => session.ask(listPlanTerminals({ client: session.client, path: { plan: given.arg(0) }, query: present({ ...query, stage: given.wordOf('stage', planStages) }) })), memberColumns(session)),
  },
]

const statistics: Command = {
  usage: 'statistics', says: ['运营统计', 'figures of the fleet'], dryRun: 'reads',
  options: [{ flags: '--provider <id>', says: ['机构', 'provider'] }, { flags: '--since <date>', says: ['自何日', 'from which day'] }, { flags: '--to <date>', says: ['至何日', 'to which day'] }],
  async run(session, given) {
    const told = await session.ask(getStatistics({ client: session.client, query: present({ provider: given.text('provider'), from: given.text('since'), to: given.text('to') }) }))
    const share = (n: number | null): string => (n === null ? '–' : `${(n * 100).toFixed(1)}%`)
    const hours = (n: number | null): string => (n === null ? '–' : n.toFixed(1))
    session.show(told, (s) => [
      `${s.from} – ${s.to}`,
      ...session.table([
        { title: session.say('办件', 'cases'), cell: (c) => c.words }, { title: session.say('提交', 'submitted'), cell: (c) => String(c.submitted), align: 'right' },
        { title: session.say('直通', 'straight'), cell: (c) => share(c.straightShare), align: 'right' }, { title: session.say('退回补件', 'sent back'), cell: (c) => share(c.returnShare), align: 'right' },
        { title: session.say('审核时长(时)', 'hours to decide'), cell: (c) => hours(c.hours.toDecision.median), align: 'right' }, { title: session.say('超时', 'late'), cell: (c) => String(c.late), align: 'right' },
      ], s.cases),
      ...session.table([
        { title: session.say('机型', 'model'), cell: (f) => f.model }, { title: session.say('故障', 'faults'), cell: (f) => String(f.faults), align: 'right' },
        { title: session.say('重复故障', 'again'), cell: (f) => `${f.repeated} / ${f.terminals}`, align: 'right' },
      ], s.faults),
    ])
    return 0
  },
}

export const bulk: Group = { says: ['批量与计划', 'Many at once'], commands: [...bulks, ...plans, statistics] }
