// A plan over many terminals: a maintenance window (one stop, its tests, an end) or a campaign (waves, each until its requirement
// is met), with what people do beside it. Nothing is stopped from here; the plan is read and started on its own page.
import { useState } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ownerOf, planKinds, reasons, roles, words as wordsIn, type PlanKind, type Reason, type Role } from '../../../src/domain/vocabulary.ts'
import { makePlan } from '../../../src/client/generated/sdk.gen.ts'
import type { MakePlanBody } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Choices, Field, Segments, Select } from '../look/controls.tsx'
import { Failed, Page } from '../look/Page.tsx'
import { useSay } from '../words.ts'
import { instant } from './New.tsx'
import { Places } from './places.tsx'
import { providerReasons, selectionOf, Which, type Selection } from './which.tsx'

type Wave = { key: string; name: string; at: string; region: string; max: string }
type Task = { key: string; title: string; assignee: Role; days: string; at: string }
type Wanted = {
  kind: PlanKind; name: string; reason: Reason | undefined; words: string; from: string; drain: string; test: string; until: string
  waves: readonly Wave[]; requirement: 'device' | 'confirmed'; tasks: readonly Task[]
}
const tasks_max = 50
const waves_max = 52
const emptyTask = (): Task => ({ key: onceKey(), title: '', assignee: 'agent', days: '1', at: '18:00' })
const emptyWave = (name: string): Wave => ({ key: onceKey(), name, at: '', region: '', max: '' })
const reasonsOf: Readonly<Record<PlanKind, readonly Reason[]>> = {
  maintenance: ['P01', 'P02'], campaign: providerReasons.filter((r) => ownerOf(r) === 'operations' || ownerOf(r) === 'compliance'),
}
/** Who does what beside a plan: the provider's own people. */
const assignees = ['agent', 'field', 'operations', 'finance', 'provider_admin'] as const satisfies readonly Role[]

const bodyOf = (w: Wanted, select: Selection): MakePlanBody => ({
  kind: w.kind, name: w.name.trim(), reason: w.reason!, words: w.words.trim(), select,
  ...(w.until === '' ? {} : { expectedUntil: instant(w.until) }),
  ...(w.kind === 'maintenance' ? {
    ...(w.from === '' ? {} : { effectiveFrom: instant(w.from) }), ...(w.drain === '' ? {} : { drainUntil: instant(w.drain) }), ...(w.test === '' ? {} : { testFrom: instant(w.test) }),
  } : {
    requirement: w.requirement,
    waves: w.waves.map(({ name, at, region, max }) => ({ name: name.trim(), at: instant(at), ...(region.trim() === '' ? {} : { region: region.trim() }), ...(max === '' ? {} : { max: Number(max) }) })),
  }),
  tasks: w.tasks.filter((t) => t.title.trim() !== '').map((t, i) => ({ id: `task-${i + 1}`, title: t.title.trim(), assignee: t.assignee, due: { from: 'effectiveFrom' as const, offset: Number(t.days) > 0 ? `-${Number(t.days)}d` : '+0d', at: t.at } })),
})

export default function NewPlan() {
  const say = useSay()
  const navigate = useNavigate()
  const send = useAct(['plans'])
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const [select, setSelect] = useState<Selection>(() => selectionOf(search))
  const [w, setWanted] = useState<Wanted>({
    kind: 'maintenance', name: '', reason: 'P01', words: '', from: '', drain: '', test: '', until: '', waves: [emptyWave(say('第一批', 'First wave'))], requirement: 'device', tasks: [],
  })
  const set = (part: Partial<Wanted>): void => setWanted((before) => ({ ...before, ...part }))
  const changed = <T,>(list: readonly T[], i: number, part: Partial<T>): T[] => list.map((one, at) => (at === i ? { ...one, ...part } : one))
  const isReady = w.name.trim() !== '' && w.reason !== undefined && w.words.trim() !== '' && (w.kind === 'maintenance' ? w.until !== '' : w.waves.length > 0 && w.waves.every((wave) => wave.name.trim() !== '' && wave.at !== ''))
  const make = (): void => send.mutate(async () => {
    const { id } = await ask(makePlan({ body: bodyOf(w, select), headers: { 'Idempotency-Key': onceKey() } }))
    await navigate({ to: `/fleet/plans/${id}` as never })
  })
  const moment = (key: 'from' | 'drain' | 'test' | 'until', label: string) => <Field label={label}><input type="datetime-local" value={w[key]} onChange={(e) => set({ [key]: e.target.value })} /></Field>
  return (
    <Page title={say('新建计划', 'Make a plan')}>
      <Places />
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (isReady) make() }}>
        <section className="sheet stack">
          <h2 className="plain flush">{say('什么计划', 'What kind')}</h2>
          <Segments<PlanKind> label={say('什么计划', 'what kind')} value={w.kind} set={(kind) => set({ kind, reason: reasonsOf[kind][0] })} options={wordsIn(planKinds).map((kind) => [kind, say(planKinds[kind])] as const)} />
          <p className="sentence soft">{w.kind === 'maintenance' ? say('同一时间停机，测试通过后恢复，到点还没恢复的逐台点名。', 'All stop at one moment and open after their tests; whoever is not open at the end is named.') : say('分批停机，每台达到要求（换机、升级或登记）为止。', 'Stopped wave by wave, each until it meets the requirement: another device, a new version, or somebody’s word.')}</p>
          <Field label={say('名称', 'Name')}><input maxLength={100} value={w.name} onChange={(e) => set({ name: e.target.value })} placeholder={say('例如：核心系统升级', 'such as: core system upgrade')} /></Field>
          <Field label={say('原因', 'Reason')}><Select<Reason> value={w.reason} set={(reason) => set({ reason })} options={reasonsOf[w.kind].map((value) => ({ value, label: `${value} ${say(reasons[value])}` }))} /></Field>
          <Field label={say('写给商户的说明', 'What the merchants will read')}><textarea rows={3} maxLength={2_000} value={w.words} onChange={(e) => set({ words: e.target.value })} /></Field>
        </section>
        <section className="sheet stack"><h2 className="plain flush">{say('哪些终端', 'Which terminals')}</h2><Which select={select} set={setSelect} /></section>
        <section className="sheet stack">
          <h2 className="plain flush">{say('时间', 'When')}</h2>
          {w.kind === 'maintenance' ? (
            <div className="row top">
              {moment('from', say('停机（空 = 下达即停）', 'Stopped (empty = at once)'))}{moment('drain', say('清算截止（可空）', 'Drained by (may be empty)'))}
              {moment('test', say('开始测试（可空）', 'Tests begin (may be empty)'))}{moment('until', say('全部恢复', 'All open by'))}
            </div>
          ) : (
            <>
              {w.waves.map((wave, i) => (
                <fieldset key={wave.key} className="wave row top">
                  <legend className="unseen">{say(`第 ${i + 1} 批`, `wave ${i + 1}`)}</legend>
                  <Field label={say('批次名称', 'Wave')}><input maxLength={100} value={wave.name} onChange={(e) => set({ waves: changed(w.waves, i, { name: e.target.value }) })} /></Field>
                  <Field label={say('停机时间', 'Stopped')}><input type="datetime-local" value={wave.at} onChange={(e) => set({ waves: changed(w.waves, i, { at: e.target.value }) })} /></Field>
                  <Field label={say('只含地址（可空）', 'Only addresses with')}><input maxLength={100} value={wave.region} onChange={(e) => set({ waves: changed(w.waves, i, { region: e.target.value }) })} /></Field>
                  <Field label={say('最多几台（可空）', 'At most')}><input type="number" min={1} value={wave.max} onChange={(e) => set({ waves: changed(w.waves, i, { max: e.target.value }) })} /></Field>
                  {w.waves.length > 1 ? <Button small bare onClick={() => set({ waves: w.waves.filter((_, at) => at !== i) })}>{say('删除', 'Remove')}</Button> : null}
                </fieldset>
              ))}
              <p className="sentence soft">{say('终端归入第一个容得下它的批次，最后一批收下其余的。', 'A terminal goes into the first wave that takes it; the last takes the rest.')}</p>
              <div><Button small disabled={w.waves.length >= waves_max} onClick={() => set({ waves: [...w.waves, emptyWave(say(`第 ${w.waves.length + 1} 批`, `Wave ${w.waves.length + 1}`))] })}>{say('再加一批', 'Another wave')}</Button></div>
              <Choices<'device' | 'confirmed'> label={say('要求', 'requirement')} value={w.requirement} set={(requirement) => set({ requirement })} options={[['device', say('换了机具或升级了软件，系统自动认定', 'Another device or software version, seen by itself')], ['confirmed', say('由人登记已达要求', 'Somebody says that it is met')]]} />
              {moment('until', say('专项截止（可空）', 'The campaign ends (may be empty)'))}
            </>
          )}
        </section>
        <section className="sheet stack">
          <h2 className="plain flush">{say('还要办的事（可空）', 'What people do beside it (may be empty)')}</h2>
          {w.tasks.map((t, i) => (
            <fieldset key={t.key} className="wave row top">
              <legend className="unseen">{say(`事项 ${i + 1}`, `task ${i + 1}`)}</legend>
              <Field label={say('事项', 'Task')}><input maxLength={200} value={t.title} onChange={(e) => set({ tasks: changed(w.tasks, i, { title: e.target.value }) })} placeholder={say('例如：电话通知重点商户', 'such as: call the largest merchants')} /></Field>
              <Field label={say('谁办', 'By whom')}><Select<Role> value={t.assignee} set={(assignee) => set({ tasks: changed(w.tasks, i, { assignee: assignee! }) })} options={assignees.map((role) => ({ value: role, label: say(roles[role]) }))} /></Field>
              <Field label={say('停机前几天', 'Days before the stop')}><input type="number" min={0} max={90} value={t.days} onChange={(e) => set({ tasks: changed(w.tasks, i, { days: e.target.value }) })} /></Field>
              <Field label={say('几点前', 'By')}><input type="time" value={t.at} onChange={(e) => set({ tasks: changed(w.tasks, i, { at: e.target.value }) })} /></Field>
              <Button small bare onClick={() => set({ tasks: w.tasks.filter((_, at) => at !== i) })}>{say('删除', 'Remove')}</Button>
            </fieldset>
          ))}
          <div><Button small disabled={w.tasks.length >= tasks_max} onClick={() => set({ tasks: [...w.tasks, emptyTask()] })}>{say('加一件事项', 'Add a task')}</Button></div>
        </section>
        <div className="stack">
          <div className="row"><Button submit primary busy={send.isPending} disabled={!isReady}>{say('保存计划', 'Keep the plan')}</Button><span className="soft">{say('保存后先预演，再下达。', 'It is rehearsed first, and started afterwards.')}</span></div>
          {send.error === null ? null : <Failed error={send.error} />}
        </div>
      </form>
    </Page>
  )
}
