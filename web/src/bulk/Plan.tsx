// One plan: its sentence and what may be done, its moments on the strip, how many are how far, who needs somebody – by name –,
// waves, tasks, and every terminal. Live while it is under way.
import { useState } from 'react'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { bulkActs, bulkStates, planStages, reasons, roles, testItems, words as wordsIn, type Mode, type PlanStage } from '../../../src/domain/vocabulary.ts'
import { addToPlan, confirmPlan, endPlan, finishPlanTask, getPlan, listPlanTerminals, lookPlan, meetPlan, openPlan, startPlan, testPlan } from '../../../src/client/generated/sdk.gen.ts'
import type { GetPlanResponses, ListPlanTerminalsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey, onSeen } from '../api.ts'
import { useAct } from '../look/act.ts'
import { act, Acts, wordsForm } from '../look/Acts.tsx'
import { Button, Dialog, Field, Notice, Select, Tag } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { TimeStrip } from '../look/TimeStrip.tsx'
import { when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { allowedNow, Rows } from './parts.tsx'
import { Places } from './places.tsx'
import { resultsIn, ResultsField } from './results.tsx'
import { StagesBar } from './stages.tsx'
import { useSelectionWords } from './which.tsx'

type Plan = GetPlanResponses[200]
type Member = ListPlanTerminalsResponses[200]['items'][number]

const busy_ms = 1_000
const still_ms = 10_000
const day_ms = 86_400_000
const days_after = 30
const rows_per_page = 50
/** Of its own length, so much is shown before and after a window. */
const around_share = 0.35
const names_shown = 20
const isBusy = (p: Plan): boolean => p.bulks.some((b) => b.state === 'running' || b.state === 'checking')
const every = (p: Plan | undefined): number | false => (p === undefined || isBusy(p) ? busy_ms : p.endedAt === null ? still_ms : false)
/** Somebody must see to these; after its end also to those that are merely not back. */
const needy = (p: Plan): PlanStage[] => [...(['failed', 'refused', 'held'] as const), ...(p.missedAt === null && p.endedAt === null ? [] : ['stopped', 'testing'] as const)].filter((s) => (p.stages[s] ?? 0) > 0)

export default function PlanPage() {
  const say = useSay()
  const { id } = useParams({ strict: false }) as { id: string }
  const query = useQuery({ queryKey: ['plan', id], queryFn: () => ask(getPlan({ path: { plan: id } })), refetchInterval: (q) => every(q.state.data) })
  return <Shown query={query}>{(p) => <Page title={p.name} above={<>{p.kindWords} · <Link to={'/fleet/plans' as never}>{say('全部计划', 'all plans')}</Link></>}><Places /><Told p={p} /></Page>}</Shown>
}

function Told({ p }: { p: Plan }) {
  const say = useSay()
  const now = Date.parse(useMe()!.now)
  const attention = needy(p)
  return (
    <div className="stack">
      <section className="sheet stack">
        <div className="row apart"><p className="sentence lead" role="status">{p.sentence}</p>{p.endedAt === null ? null : <Tag>{say('已结束', 'ended')}</Tag>}</div>
        <Moments p={p} now={now} />
        <StagesBar stages={p.stages} total={p.progress.total} />
        {p.needsSecond && p.begunAt === null ? <Notice title={say('这个计划须由另一人复核', 'A second person must confirm it')}>{say(`${p.createdBy} 制定，不能由本人确认。`, `${p.createdBy} made it, and cannot confirm it.`)}</Notice> : null}
        <Commands p={p} />
      </section>
      {attention.length === 0 ? null : (
        <section className="sheet stack">
          <h2 className="plain flush">{say('要有人处理的终端', 'Terminals that need somebody')}</h2>
          {attention.map((stage) => <Needy key={stage} p={p} stage={stage} />)}
        </section>
      )}
      {p.kind === 'campaign' ? <section className="sheet"><h2 className="plain">{say('批次', 'Waves')}</h2><Waves p={p} /></section> : null}
      {p.tasks.length === 0 ? null : <section className="sheet stack"><h2 className="plain flush">{say('事项', 'Tasks')}</h2><Tasks p={p} now={now} /></section>}
      <div className="cards halves">
        <section className="sheet"><h2 className="plain">{say('计划内容', 'The plan')}</h2><Facts p={p} /></section>
        <section className="sheet"><h2 className="plain">{say('执行记录', 'Carried out by')}</h2>
          <ul className="plain stack tight">{p.bulks.map((b) => <li key={b.id} className="row apart"><Link to={`/fleet/bulks/${b.id}` as never}>{say(bulkActs[b.act])} · {b.name}</Link><span className="soft num">{say(`${b.done} / ${b.total} 台 · ${bulkStates[b.state][0]}`, `${b.done} of ${b.total} · ${bulkStates[b.state][1]}`)}</span></li>)}</ul>
        </section>
      </div>
      <Members p={p} />
    </div>
  )
}

/** A window has a stop, its tests and an end; a campaign has its waves. */
function Moments({ p, now }: { p: Plan; now: number }) {
  const say = useSay()
  if (p.kind === 'campaign') return null
  const tests = p.testFrom ?? p.expectedUntil!
  const ends = p.expectedUntil!
  const stretches: readonly (readonly [from: string, to: string, mode: Mode])[] = [
    [p.createdAt, p.effectiveFrom, 'open'], [p.effectiveFrom, tests, 'shut'], [tests, ends, 'test'], [ends, new Date(Date.parse(ends) + days_after * day_ms).toISOString(), 'open'],
  ]
  const schedule = stretches.filter(([from, to]) => Date.parse(to) > Date.parse(from)).map(([from, to, mode]) => ({ from, to, mode, hold: null }))
  const [begins, over] = [Date.parse(p.effectiveFrom), Date.parse(ends)]
  const around = (over - begins) * around_share
  return <><TimeStrip schedule={schedule} now={now} within={{ from: begins - around, to: over + around }} /><p className="sentence soft">{say(`${when(p.effectiveFrom)} 停机，${when(tests)} 起测试，${when(ends)} 前恢复`, `Stopped ${when(p.effectiveFrom)}, tested from ${when(tests)}, open by ${when(ends)}`)}</p></>
}

function Commands({ p }: { p: Plan }) {
  const say = useSay()
  const queries = useQueryClient()
  const { 'finish-task': _, ...allowed } = p.allowed
  const path = { plan: p.id }
  const headers = () => onSeen(p)
  const once = () => ({ 'Idempotency-Key': onceKey() })
  const done = () => Promise.all(['plan', 'plans', 'plan-terminals'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  const tidsIn = (text: string): string[] => [...new Set(text.split(/[\s,，、;；]+/).filter((v) => v !== ''))]
  return (
    <Acts allowed={allowedNow(allowed)} done={done} acts={{
      start: act({ words: ['下达计划', 'Start it'], primary: true, send: () => ask(startPlan({ path, body: {}, headers: headers() })) }),
      confirm: act({ words: ['复核确认', 'Confirm it'], primary: true, send: () => ask(confirmPlan({ path, body: {}, headers: headers() })) }),
      test: act<{ text: string }>({
        words: ['登记测试结果', 'Record test results'], primary: (p.stages.testing ?? 0) > 0,
        form: { empty: { text: '' }, isReady: ({ text }) => { const { results, unread } = resultsIn(text); return results.length > 0 && unread.length === 0 }, fields: ({ values, set }) => <ResultsField text={values.text} set={(text) => set({ text })} /> },
        send: ({ text }) => ask(testPlan({ path, body: { results: resultsIn(text).results }, headers: once() })),
      }),
      open: act({ words: ['现在开始测试', 'Free them for their tests now'], send: () => ask(openPlan({ path, body: {}, headers: once() })) }),
      met: act<{ tids: string; words: string }>({
        words: ['登记已达要求', 'These meet it'],
        form: {
          empty: { tids: '', words: '' }, isReady: ({ tids, words }) => tidsIn(tids).length > 0 && words.trim() !== '',
          fields: ({ values, set }) => (
            <>
              <Field label={say('终端号', 'Terminals')}><textarea className="listed" rows={5} spellCheck={false} value={values.tids} onChange={(e) => set({ tids: e.target.value })} /></Field>
              <Field label={say('怎么达到的', 'How they met it')}><input maxLength={2_000} value={values.words} onChange={(e) => set({ words: e.target.value })} /></Field>
            </>
          ),
        },
        send: ({ tids, words }) => ask(meetPlan({ path, body: { tids: tidsIn(tids), words }, headers: once() })),
      }),
      look: act({ words: ['核对机具', 'Look at the devices now'], send: () => ask(lookPlan({ path, body: {}, headers: once() })) }),
      add: act<{ wave: string }>({
        words: [`列入新增的 ${p.newcomers} 台`, `Take in ${p.newcomers} newcomer(s)`],
        form: { empty: { wave: '0' }, isReady: () => true, fields: ({ values, set }) => <Field label={say('列入哪一批', 'Into which wave')}><Select value={values.wave} set={(wave) => set({ wave: wave! })} options={p.waves.map((w, i) => ({ value: String(i), label: `${w.name} ${when(w.at)}` }))} /></Field> },
        send: ({ wave }) => ask(addToPlan({ path, body: { wave: Number(wave) }, headers: once() })),
      }),
      end: act<{ words: string }>({ words: ['结束计划', 'End it'], danger: true, form: wordsForm(say('为什么结束；仍停机的终端保持停机', 'Why; what is stopped stays stopped')), send: ({ words }) => ask(endPlan({ path, body: { words }, headers: once() })) }),
    }} />
  )
}

const fetchMembers = (p: Plan, query: { stage?: PlanStage; wave?: number }, limit: number) => (cursor: string | null) =>
  ask(listPlanTerminals({ path: { plan: p.id }, query: { limit, ...query, ...(cursor === null ? {} : { cursor }) } }))

/** What is wrong with it, in words. */
function useTrouble(): (m: Member) => string {
  const say = useSay()
  return (m) => [
    ...(m.tested !== null && !m.tested.passed ? [say(`未通过：${m.tested.failed.map((i) => testItems[i][0]).join('、')}${m.tested.note ? `（${m.tested.note}）` : ''}`, `failed: ${m.tested.failed.map((i) => testItems[i][1]).join(', ')}${m.tested.note ? ` (${m.tested.note})` : ''}`)] : []),
    ...(m.sentence === null || (m.tested !== null && !m.tested.passed) ? [] : [m.sentence]),
    ...(m.overdueAt === null ? [] : [say(`${when(m.overdueAt)} 逾期`, `overdue since ${when(m.overdueAt)}`)]),
  ].join(say('；', '; '))
}

function Needy({ p, stage }: { p: Plan; stage: PlanStage }) {
  const say = useSay()
  const trouble = useTrouble()
  return (
    <div className="stack tight why-group">
      <h3>{say(planStages[stage])} <span className="num">{p.stages[stage]}</span></h3>
      <Rows<Member> id={['plan-terminals', p.id, 'needy', stage, p.stages[stage]]} fetch={fetchMembers(p, { stage }, names_shown)} keyOf={(m) => m.tid} row={(m) => <><Link className="num" to={`/terminals/${m.tid}` as never}>{m.tid}</Link> {m.merchant} <span className="soft">{trouble(m)}</span></>} />
    </div>
  )
}

function Waves({ p }: { p: Plan }) {
  const say = useSay()
  return (
    <ol className="plain-rows">{p.waves.map((w) => (
      <li key={`${w.name} ${w.at}`} className="stack tight">
        <div className="row apart"><b>{w.name}</b><span className="soft num">{when(w.at)}{w.region === null ? '' : ` · ${w.region}`}</span></div>
        <StagesBar stages={w.stages} total={w.total} />
        <span className="soft">{say(`${w.total} 台，已达要求 ${w.met} 台`, `${w.total} terminal(s), ${w.met} meet the requirement`)}{w.overdue === 0 ? null : <span className="late">{say(`，逾期 ${w.overdue} 台`, `, ${w.overdue} overdue`)}</span>}</span>
      </li>
    ))}</ol>
  )
}

function Tasks({ p, now }: { p: Plan; now: number }) {
  const say = useSay()
  const finish = useAct(['plan', p.id])
  const [asking, setAsking] = useState<Plan['tasks'][number]>()
  const [note, setNote] = useState('')
  const send = (): void => finish.mutate(() => ask(finishPlanTask({ path: { plan: p.id }, body: { task: asking!.id, ...(note.trim() === '' ? {} : { note: note.trim() }) }, headers: { 'Idempotency-Key': onceKey() } })), { onSuccess: () => setAsking(undefined) })
  return (
    <>
      <ul className="plain-rows">{p.tasks.map((t) => (
        <li key={t.id} className="row apart">
          <span><b>{t.title}</b> · {say(roles[t.assignee])}<br />
            <span className={t.overdue ? 'late' : 'soft'}>{t.doneAt !== null ? `${say('已办', 'done')} ${when(t.doneAt)}${t.note === null ? '' : ` · ${t.note}`}` : `${say(`${when(t.dueAt)} 前`, `by ${when(t.dueAt)}`)}${t.overdue || Date.parse(t.dueAt) < now ? say(' 已逾期', ' overdue') : ''}`}</span></span>
          {t.doneAt === null && p.allowed['finish-task'] === true ? <Button small onClick={() => { finish.reset(); setNote(''); setAsking(t) }}>{say('办好了', 'It is done')}</Button> : null}
        </li>
      ))}</ul>
      {asking === undefined ? null : (
        <Dialog title={asking.title} shut={() => setAsking(undefined)} fault={finish.error} ok={say('办好了', 'It is done')} busy={finish.isPending} send={send}>
          <Field label={say('说明（可空）', 'In words (may be empty)')}><input maxLength={2_000} value={note} onChange={(e) => setNote(e.target.value)} /></Field>
        </Dialog>
      )}
    </>
  )
}

function Facts({ p }: { p: Plan }) {
  const say = useSay()
  const meant = useSelectionWords()
  const facts: readonly (readonly [string, string])[] = [
    [say('原因', 'Reason'), `${p.reason} ${say(reasons[p.reason])}`], [say('说明', 'In words'), p.words], [say('名单', 'Which'), meant(p.selection)],
    ...(p.kind === 'campaign' ? [[say('要求', 'Requirement'), p.requirement === 'device' ? say('换机或升级后自动认定', 'another device or software version, seen by itself') : say('由人登记', 'said by somebody')] as const] : []),
    ...(p.expectedUntil === null ? [] : [[say('结束', 'End'), when(p.expectedUntil)] as const]),
    [say('制定', 'Made by'), `${p.createdBy} ${when(p.createdAt)}`], ...(p.begunAt === null ? [] : [[say('下达', 'Started'), when(p.begunAt)] as const]),
  ]
  return <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

function Members({ p }: { p: Plan }) {
  const say = useSay()
  const navigate = useNavigate()
  const trouble = useTrouble()
  const [stage, setStage] = useState<PlanStage>()
  const [wave, setWave] = useState<string>()
  const query = useInfiniteQuery({
    queryKey: ['plan-terminals', p.id, stage, wave],
    queryFn: ({ pageParam }) => fetchMembers(p, { ...(stage === undefined ? {} : { stage }), ...(wave === undefined ? {} : { wave: Number(wave) }) }, rows_per_page)(pageParam),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next, refetchInterval: every(p),
  })
  const columns: readonly Column<Member>[] = [
    { id: 'tid', title: say('终端', 'Terminal'), width: '110px', cell: (m) => <b className="num">{m.tid}</b> },
    { id: 'merchant', title: say('商户', 'Merchant'), width: 'minmax(160px, 1fr)', cell: (m) => m.merchant },
    ...(p.kind === 'campaign' ? [{ id: 'wave', title: say('批次', 'Wave'), width: '120px', cell: (m: Member) => p.waves[m.wave]?.name ?? '' }] : []),
    { id: 'stage', title: say('到哪一步', 'How far'), width: '140px', cell: (m) => m.stageWords },
    { id: 'why', title: say('情况', 'What about it'), width: 'minmax(200px, 1.4fr)', cell: (m) => trouble(m) || (m.tested?.passed ? say(`${when(m.tested.at)} 测试通过`, `passed its test ${when(m.tested.at)}`) : m.metAt === null ? '' : say(`${when(m.metAt)} 达到要求`, `met it ${when(m.metAt)}`)) },
  ]
  const present = wordsIn(planStages).filter((s) => (p.stages[s] ?? 0) > 0 || s === stage)
  return (
    <section className="stack">
      <div className="row apart">
        <h2 className="flush">{say('计划内终端', 'Its terminals')}</h2>
        <div className="row">
          {p.kind === 'campaign' && p.waves.length > 1 ? <Select value={wave} set={setWave} none={say('全部批次', 'every wave')} aria-label={say('批次', 'wave')} options={p.waves.map((w, i) => ({ value: String(i), label: w.name }))} /> : null}
          <Select<PlanStage> value={stage} set={setStage} none={say('全部', 'however far')} aria-label={say('到哪一步', 'how far')} options={present.map((s) => ({ value: s, label: `${say(planStages[s])} ${p.stages[s] ?? 0}` }))} />
        </div>
      </div>
      <DataTable query={query} columns={columns} keyOf={(m) => m.tid} label={say('计划内终端', 'its terminals')} empty={say('没有这样的终端。', 'None.')} open={(m) => void navigate({ to: `/terminals/${m.tid}` as never })} />
    </section>
  )
}
