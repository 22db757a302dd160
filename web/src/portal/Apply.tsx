// Asking for a stop, or for the return from one: which terminals → why → when → what it means → check and send. Nothing is
// asked twice, and nothing is checked here: every answer comes from a rehearsal of the very request (`dryRun`), so that what
// this page promises is what the server will do.
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { Alert, App, Button, Checkbox, Input, Radio, Steps, Upload } from 'antd'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import dayjs, { type Dayjs } from 'dayjs'
import { materialTypes, reasons, type ApplicationKind, type MaterialType, type Reason } from '../../../src/domain/vocabulary.ts'
import { addMaterial, fileApplication, listTerminals, submitApplication } from '../../../src/client/generated/sdk.gen.ts'
import type { FileApplicationBody, FileApplicationResponses, ListTerminalsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey, Refused } from '../api.ts'
import { Failed, Loading, Page, Shown } from '../look/Page.tsx'
import { StatusTag } from '../look/StatusTag.tsx'
import { TimeStrip } from '../look/TimeStrip.tsx'
import { day, when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Costs } from './Costs.tsx'

const loadWhen = () => import('./When.tsx')
const When = lazy(loadWhen)

type Terminal = ListTerminalsResponses[200]['items'][number]
type Rehearsed = FileApplicationResponses[201]
type Asked = 'suspend' | 'reactivate'

const terminals_shown_max = 100
const forAWhile: readonly Reason[] = ['M01', 'M02', 'M03', 'M04', 'M05', 'M07', 'M08', 'M06']
/** The shop closes at this hour unless said otherwise. */
const usual_hour = 22

/** Wall time in Shanghai as RFC 3339, whatever zone the browser is in. */
const instant = (date: Dayjs, time: Dayjs): string => `${date.format('YYYY-MM-DD')}T${time.format('HH:mm')}:00+08:00`

export default function Apply() {
  const search = useSearch({ strict: false }) as { tid?: string; kind?: Asked }
  const kind: Asked = search.kind ?? 'suspend'
  const query = useQuery({ queryKey: ['terminals', 'apply'], queryFn: () => ask(listTerminals({ query: { limit: terminals_shown_max } })) })
  return <Shown query={query}>{({ items }) => <Wizard key={kind} kind={kind} first={search.tid === undefined ? [] : [search.tid]} terminals={items} />}</Shown>
}

/** The very request that will be sent; where only papers are missing still, what it is as a draft. */
async function rehearse(body: FileApplicationBody): Promise<Rehearsed> {
  const as = (submit: boolean) => ask(fileApplication({ body: { ...body, submit }, query: { dryRun: 'true' } })) as Promise<Rehearsed>
  return as(true).catch((error: unknown) => {
    if (error instanceof Refused && error.problem.code === 'materials_incomplete') return as(false)
    throw error
  })
}

function Wizard({ kind, first, terminals }: { kind: Asked; first: readonly string[]; terminals: readonly Terminal[] }) {
  const say = useSay()
  const me = useMe()!
  const now = Date.parse(me.now)
  const eligible = terminals.filter((t) => t.allowed[kind] === true)
  const [tids, setTids] = useState<readonly string[]>(first.length > 0 ? first.filter((tid) => eligible.some((t) => t.tid === tid)) : eligible.length === 1 ? [eligible[0]!.tid] : [])
  const [reason, setReason] = useState<Reason>()
  const [words, setWords] = useState('')
  const [date, setDate] = useState<Dayjs | null>(null)
  const [time, setTime] = useState<Dayjs>(dayjs().hour(usual_hour).minute(0))
  const [returns, setReturns] = useState<'on' | 'open'>('on')
  const [until, setUntil] = useState<Dayjs | null>(null)
  const [files, setFiles] = useState<Partial<Record<MaterialType, File>>>({})
  const [step, setStep] = useState(tids.length > 0 ? 1 : 0)

  const body = useMemo<FileApplicationBody>(() => ({
    kind: kind as ApplicationKind, terminals: [...tids], channel: 'online',
    ...(reason === undefined ? {} : { reason }), ...(words.trim() === '' ? {} : { words: words.trim() }),
    ...(kind === 'suspend' && date !== null ? { effectiveFrom: instant(date, time) } : {}),
    ...(kind === 'suspend' && returns === 'on' && until !== null ? { expectedUntil: instant(until, dayjs().hour(9).minute(0)) } : {}),
  }), [kind, tids, reason, words, date, time, returns, until])
  const titles = kind === 'suspend'
    ? [say('哪些终端', 'Which'), say('为什么', 'Why'), say('何时', 'When'), say('费用', 'Cost'), say('提交', 'Send')]
    : [say('哪些终端', 'Which'), say('核对并提交', 'Check and send')]
  const last = step === titles.length - 1
  const ready = [tids.length > 0, kind === 'reactivate' || (reason !== undefined), date !== null && (returns === 'open' || until !== null), true, true]
  const rehearsal = useQuery({
    queryKey: ['rehearsal', body], retry: false, placeholderData: keepPreviousData, staleTime: 0,
    queryFn: () => rehearse(body),
    enabled: kind === 'suspend' ? step >= 2 && ready[0]! && ready[1]! && ready[2]! : ready[0]!,
  })
  const refused = rehearsal.error instanceof Refused ? rehearsal.error : undefined
  useEffect(() => { if (kind === 'suspend' && step === 1) void loadWhen() }, [kind, step])
  const go = (to: number): void => { setStep(to); scrollTo({ top: 0 }) }

  return (
    <Page title={kind === 'suspend' ? say('申请停机', 'Ask for a stop') : say('申请复机', 'Ask for the return')}>
      <Steps className="gap" size="small" responsive={false} current={step} titlePlacement="vertical" onChange={(to) => { if (to < step) go(to) }} items={titles.map((title) => ({ title }))} />
      <section className="sheet stack">
        {step === 0 ? <Which kind={kind} terminals={terminals} chosen={tids} choose={setTids} /> : null}
        {step === 1 && kind === 'suspend' ? <Why reason={reason} setReason={setReason} words={words} setWords={setWords} /> : null}
        {step === 2 ? <Suspense fallback={<Loading />}><When {...{ now, date, setDate, time, setTime, returns, setReturns, until, setUntil }} /></Suspense> : null}
        {step === 3 && rehearsal.data ? <Meaning rehearsed={rehearsal.data} terminals={terminals.filter((t) => tids.includes(t.tid))} body={body} now={now} /> : null}
        {last && rehearsal.data ? <Check rehearsed={rehearsal.data} body={body} files={files} setFiles={setFiles} /> : null}
        {(step === 3 || last) && !rehearsal.data && !rehearsal.error ? <Loading /> : null}
        {refused && (step >= 2 || kind === 'reactivate') ? <Failed error={refused} /> : null}
        <div className="row">
          {step > 0 ? <Button size="large" onClick={() => go(step - 1)}>{say('上一步', 'Back')}</Button> : null}
          {last ? <Send body={body} files={files} disabled={refused !== undefined || !rehearsal.data} />
            : <Button size="large" type="primary" disabled={!ready[step] || (step >= 2 && refused !== undefined)} onClick={() => go(step + 1)}>{say('下一步', 'Next')}</Button>}
        </div>
      </section>
    </Page>
  )
}

function Which({ kind, terminals, chosen, choose }: { kind: Asked; terminals: readonly Terminal[]; chosen: readonly string[]; choose(tids: readonly string[]): void }) {
  const say = useSay()
  const eligible = terminals.filter((t) => t.allowed[kind] === true)
  return (
    <>
      <h2 className="plain">{kind === 'suspend' ? say('要停哪些终端？', 'Which terminals should stop?') : say('要恢复哪些终端？', 'Which terminals should come back?')}</h2>
      {eligible.length === 0 ? <Alert type="info" showIcon title={say('现在没有可以办理的终端。', 'There is no terminal this can be asked for now.')} /> : null}
      {eligible.length > 1 ? <Checkbox checked={chosen.length === eligible.length} indeterminate={chosen.length > 0 && chosen.length < eligible.length} onChange={(e) => choose(e.target.checked ? eligible.map((t) => t.tid) : [])}>{say(`全选（${eligible.length} 台）`, `all ${eligible.length}`)}</Checkbox> : null}
      <Checkbox.Group value={[...chosen]} onChange={(values) => choose(values as string[])}>
        <div className="stack">{eligible.map((t) => (
          <Checkbox key={t.tid} value={t.tid}>
            <span className="row"><b>{t.store?.name ?? t.merchant.name}</b> <span className="num">{t.tid}</span> <StatusTag service={t.service} holds={t.holds} /></span>
          </Checkbox>
        ))}</div>
      </Checkbox.Group>
    </>
  )
}

function Why({ reason, setReason, words, setWords }: { reason: Reason | undefined; setReason(r: Reason): void; words: string; setWords(w: string): void }) {
  const say = useSay()
  return (
    <>
      <h2 className="plain">{say('为什么停机？', 'Why?')}</h2>
      <Radio.Group value={reason} onChange={(e) => setReason(e.target.value as Reason)}>
        <div className="stack">{forAWhile.map((code) => <Radio key={code} value={code}>{say(reasons[code])}</Radio>)}</div>
      </Radio.Group>
      <label className="stack tight">{say('要补充说明吗？（可不填）', 'Anything to add? (optional)')}
        <Input.TextArea rows={2} maxLength={500} value={words} onChange={(e) => setWords(e.target.value)} />
      </label>
    </>
  )
}

function Meaning({ rehearsed, terminals, body, now }: { rehearsed: Rehearsed; terminals: readonly Terminal[]; body: FileApplicationBody; now: number }) {
  const say = useSay()
  const from = Date.parse(body.effectiveFrom!)
  const end = now + 180 * 86_400_000
  const schedule = [
    { from: new Date(now - 7 * 86_400_000).toISOString(), to: body.effectiveFrom!, mode: 'open' as const, hold: null },
    { from: body.effectiveFrom!, to: new Date(Math.max(end, from + 30 * 86_400_000)).toISOString(), mode: 'shut' as const, hold: null },
  ]
  const marks = [
    ...(rehearsed.checkpointAt === null ? [] : [{ at: rehearsed.checkpointAt, words: say('结清检查', 'settled by') }]),
    ...(body.expectedUntil === undefined ? [] : [{ at: body.expectedUntil, words: say('测试后恢复', 'back after its test') }]),
  ]
  return (
    <>
      <h2 className="plain">{say('将会发生什么', 'What will happen')}</h2>
      <TimeStrip schedule={schedule} now={now} marks={marks} />
      <ul className="plain stack">{rehearsed.findings.map((f) => <li key={f.detail}>{f.severity === 'fine' ? '●' : '▲'} {f.detail}</li>)}</ul>
      <h2 className="plain">{say('怎样最划算', 'What it costs')}</h2>
      <Costs tid={terminals[0]!.tid} from={body.effectiveFrom!} until={body.expectedUntil} />
    </>
  )
}

function Check({ rehearsed, body, files, setFiles }: {
  rehearsed: Rehearsed; body: FileApplicationBody; files: Partial<Record<MaterialType, File>>; setFiles(files: Partial<Record<MaterialType, File>>): void
}) {
  const say = useSay()
  const facts: readonly (readonly [string, string])[] = [
    [say('终端', 'Terminals'), body.terminals.join(say('、', ', '))],
    ...(body.reason === undefined ? [] : [[say('原因', 'Reason'), say(reasons[body.reason])] as const]),
    ...(body.effectiveFrom === undefined ? [] : [[say('停机', 'Stop'), when(body.effectiveFrom)] as const]),
    ...(body.kind === 'suspend' ? [[say('恢复', 'Back'), body.expectedUntil === undefined ? say('到时再申请', 'asked for later') : day(body.expectedUntil)] as const] : []),
  ]
  return (
    <>
      <h2 className="plain">{say('核对一下', 'Please check')}</h2>
      <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      {rehearsed.missing.length === 0 ? null : (
        <div className="stack tight">
          <b>{say('需要的材料（PDF 或照片）', 'Materials needed (PDF or photo)')}</b>
          {rehearsed.missing.map((type) => (
            <Upload key={type} accept="application/pdf,image/jpeg,image/png" maxCount={1} beforeUpload={(file) => { setFiles({ ...files, [type]: file }); return false }} onRemove={() => setFiles({ ...files, [type]: undefined })}>
              <Button>{say(materialTypes[type])}</Button>
            </Upload>
          ))}
        </div>
      )}
    </>
  )
}

/** Files the case, hands in the papers, submits. What stops half-way is a draft that the case page goes on with. */
function Send({ body, files, disabled }: { body: FileApplicationBody; files: Partial<Record<MaterialType, File>>; disabled: boolean }) {
  const say = useSay()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const [key] = useState(onceKey)
  const papers = Object.entries(files).filter(([, file]) => file !== undefined) as [MaterialType, File][]
  const send = async (): Promise<void> => {
    setBusy(true)
    let no: string | undefined
    try {
      const made = await ask(fileApplication({ body: { ...body, submit: papers.length === 0 }, headers: { 'Idempotency-Key': key } }))
      no = made.no
      for (const [type, file] of papers) await ask(addMaterial({ path: { no }, body: { type, file }, headers: { 'Idempotency-Key': onceKey() } }))
      if (papers.length > 0) await ask(submitApplication({ path: { no }, body: {}, headers: { 'Idempotency-Key': onceKey() } }))
    } catch (error) {
      void message.error(error instanceof Error ? error.message : String(error))
    }
    setBusy(false)
    // First away from here: a rehearsal of what was just sent would be refused.
    if (no !== undefined) await navigate({ to: `/cases/${no}` as never })
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'rehearsal' })
  }
  return <Button size="large" type="primary" disabled={disabled} loading={busy} onClick={() => void send()}>{say('提交申请', 'Send')}</Button>
}
