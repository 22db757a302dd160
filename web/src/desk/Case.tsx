// A case on one page: the sentence, where it stands, what is checked, what is handed in, what is to be done, and the one bar
// of decisions – each button as the server allows it now, and where it does not, saying why.
import { useState, type ReactNode } from 'react'
import { Alert, App, Button, Input, Modal, Steps, Tag, Tooltip, Upload } from 'antd'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { applicationKinds, applicationStates, channels, letterKinds, materialStates, materialTypes, requirements, roles, stepKinds, stepMoments, stepStates, terminalResults, type MaterialType } from '../../../src/domain/vocabulary.ts'
import { addMaterial, approveApplication, claimApplication, completeStep, getApplication, rejectApplication, returnApplication, submitApplication, withdrawApplication } from '../../../src/client/generated/sdk.gen.ts'
import type { GetApplicationResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { Page, Shown } from '../look/Page.tsx'
import { useKeys } from '../look/keys.ts'
import { whyNot } from '../look/why-not.ts'
import { when } from '../look/when.ts'
import { CaseReturns } from '../money/CaseReturns.tsx'
import { useLanguage, useSay, type Words } from '../words.ts'

export type Case = GetApplicationResponses[200]
type Act = 'claim' | 'approve' | 'return' | 'reject' | 'submit' | 'withdraw'

/** The decisions in the order they stand in the bar; `asks` = words are required, `primary` = the one usual next thing. */
const acts: Readonly<Record<Act, { words: Words; key?: string; asks?: boolean; primary?: boolean; danger?: boolean; decides?: boolean; send: (no: string, words: string, version: number) => Promise<unknown> }>> = (() => {
  const head = (version: number) => ({ 'Idempotency-Key': onceKey(), 'If-Match': `"${version}"` })
  return {
    approve: { words: ['批准', 'Approve'], key: 'a', primary: true, decides: true, send: (no, words, v) => ask(approveApplication({ path: { no }, body: words === '' ? {} : { words }, headers: head(v) })) },
    return: { words: ['退回补件', 'Return'], key: 'r', asks: true, decides: true, send: (no, words, v) => ask(returnApplication({ path: { no }, body: { words }, headers: head(v) })) },
    reject: { words: ['驳回', 'Reject'], key: 'x', asks: true, decides: true, danger: true, send: (no, words, v) => ask(rejectApplication({ path: { no }, body: { words }, headers: head(v) })) },
    claim: { words: ['领取', 'Claim'], key: 'c', send: (no, _, v) => ask(claimApplication({ path: { no }, body: {}, headers: head(v) })) },
    submit: { words: ['提交', 'Submit'], primary: true, send: (no, _, v) => ask(submitApplication({ path: { no }, body: {}, headers: head(v) })) },
    withdraw: { words: ['撤回', 'Withdraw'], send: (no, _, v) => ask(withdrawApplication({ path: { no }, body: {}, headers: head(v) })) },
  }
})()
/** Never the reader's to do: the button is left out instead of being shown grey for good. */
const hidden = new Set<unknown>(['role_missing', 'not_in_this_state', 'not_found'])

export default function CasePage() {
  const { no } = useParams({ strict: false }) as { no: string }
  const query = useQuery({ queryKey: ['case', no], queryFn: () => ask(getApplication({ path: { no } })), refetchInterval: 15_000 })
  return <Shown query={query}>{(c) => <CaseView c={c} />}</Shown>
}

/** `keys`: the letters of the decisions work, for whoever does this all day. `decided` is told when one was made. */
export function CaseView({ c, keys = false, decided }: { c: Case; keys?: boolean; decided?: () => void }) {
  const say = useSay()
  return (
    <Page title={<>{say(applicationKinds[c.kind])} · {c.merchant.name}</>} above={<><span className="num">{c.no}</span> · {say(`${c.reasonWords}（${c.reason}）`, `${c.reasonWords} (${c.reason})`)} · {say(channels[c.channel])}</>}>
      <div className="stack">
        <section className="sheet stack">
          <div className="row apart"><p className="sentence lead">{c.sentence}</p><Tag>{say(applicationStates[c.state])}</Tag></div>
          {c.said === null ? null : <Alert type="warning" showIcon title={say('审核意见', 'The reviewer says')} description={c.said} />}
          <Bar c={c} keys={keys} decided={decided} />
          {c.kind === 'suspend' && ['approved', 'in_progress', 'completed'].includes(c.state) && c.allowed.withdraw !== 'role_missing' ? <Link className="no-print" to={`/cases/${c.no}/poster` as never}>{say('打印店门告示', 'Print a notice for the door')}</Link> : null}
        </section>
        <section className="sheet"><h2 className="plain">{say('申请内容', 'What is asked')}</h2><Asked c={c} /></section>
        <section className="sheet"><h2 className="plain">{say('办件进度', 'Progress')}</h2><Track c={c} /></section>
        <div className="cards halves">
          <section className="sheet"><h2 className="plain">{say('检查', 'Checks')}</h2><Findings c={c} /></section>
          <section className="sheet"><h2 className="plain">{say('材料', 'Materials')}</h2><Materials c={c} /></section>
        </div>
        {c.steps.length === 0 ? null : <section className="sheet"><h2 className="plain">{say('事项', 'Steps')}</h2><StepList c={c} /></section>}
        {c.returns.length === 0 ? null : <CaseReturns returns={c.returns} />}
        {c.letters.length === 0 ? null : (
          <section className="sheet"><h2 className="plain">{say('函件', 'Letters')}</h2>
            <ul className="plain stack">{c.letters.map((l) => <li key={l.no} className="row"><a href={l.href}>{say(letterKinds[l.kind])} <span className="num">{l.no}</span> (PDF)</a><a href={l.verifyHref}>{say('核验', 'verify')}</a></li>)}</ul>
          </section>
        )}
      </div>
    </Page>
  )
}

function useAct(no: string) {
  const queries = useQueryClient()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: (send: () => Promise<unknown>) => send(),
    onError: (error) => void message.error(error instanceof Error ? error.message : String(error)),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['case', no] }), queries.invalidateQueries({ queryKey: ['cases'] })]),
  })
}

function Bar({ c, keys, decided }: { c: Case; keys: boolean; decided: (() => void) | undefined }) {
  const say = useSay()
  const { language } = useLanguage()
  const act = useAct(c.no)
  const [asking, setAsking] = useState<Act>()
  const [words, setWords] = useState('')
  const shown = (Object.keys(acts) as Act[]).filter((a) => !hidden.has(c.allowed[a]))
  const run = (a: Act): void => act.mutate(() => acts[a].send(c.no, words, c.version), {
    onSuccess: () => { setAsking(undefined); setWords(''); if (acts[a].decides) decided?.() },
  })
  const begin = (a: Act): void => { if (c.allowed[a] === true) acts[a].asks ? setAsking(a) : run(a) }
  useKeys(keys && asking === undefined ? Object.fromEntries(shown.flatMap((a) => (acts[a].key === undefined ? [] : [[acts[a].key, () => begin(a)]]))) : {})
  if (shown.length === 0) return null
  return (
    <div className="row no-print">
      {shown.map((a) => {
        const verdict = c.allowed[a]
        const { primary, danger } = acts[a]
        return (
          <Tooltip key={a} title={verdict === true ? undefined : whyNot(verdict, language)}>
            <Button type={primary && verdict === true ? 'primary' : 'default'} danger={danger} disabled={verdict !== true} loading={act.isPending} onClick={() => begin(a)}>
              {say(acts[a].words)}{keys && acts[a].key !== undefined ? <kbd>{acts[a].key.toUpperCase()}</kbd> : null}
            </Button>
          </Tooltip>
        )
      })}
      <Modal open={asking !== undefined} title={asking && say(acts[asking].words)} onCancel={() => setAsking(undefined)} onOk={() => run(asking!)} okButtonProps={{ disabled: words.trim() === '', loading: act.isPending }} okText={asking && say(acts[asking].words)} destroyOnHidden>
        <Input.TextArea autoFocus rows={4} maxLength={2_000} value={words} onChange={(e) => setWords(e.target.value)} aria-label={say('写给申请人的话', 'what the applicant will read')} placeholder={say('写给申请人的话，一两句即可', 'one or two sentences for the applicant')} />
      </Modal>
    </div>
  )
}

/** The facts somebody decides by, and the applicant recognises: which terminals, from when until when, who asked. */
function Asked({ c }: { c: Case }) {
  const say = useSay()
  const facts: readonly (readonly [string, ReactNode])[] = [
    [say('终端', 'Terminals'), <ul className="plain" key="tids">{c.terminals.map((t) => <li key={t.tid} className="row"><Link className="num" to={`/terminals/${t.tid}` as never}>{t.tid}</Link><Tag>{say(terminalResults[t.result])}</Tag></li>)}</ul>],
    ...(c.kind === 'suspend' ? [
      [say('停机', 'Stop'), c.effectiveFrom === null ? say('批准后即停', 'as soon as it is approved') : when(c.effectiveFrom)] as const,
      [say('恢复', 'Back'), c.expectedUntil === null ? say('未定，到时再申请', 'not known yet; asked for later') : when(c.expectedUntil)] as const,
    ] : []),
    [say('申请人', 'Asked by'), c.applicant.onBehalf ? say(`${c.applicant.name}（代商户）`, `${c.applicant.name} (for the merchant)`) : c.applicant.name],
    ...(c.merchant.contact === null ? [] : [[say('联系人', 'Contact'), [c.merchant.contact.name, c.merchant.contact.phone].filter(Boolean).join(' ')] as const]),
    [say('受理机构', 'Provider'), `${c.provider.name} ${c.provider.hotline}`],
  ]
  return <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

function Track({ c }: { c: Case }) {
  const say = useSay()
  const decided = c.decision.at
  const items = [
    { title: say('提交', 'Submitted'), at: c.submittedAt, by: c.applicant.name },
    { title: say('审核', 'Reviewed'), at: decided, by: c.decision.by === 'policy' ? say('按规则自动批准', 'approved by rule') : (c.decision.by ?? c.provider.name) },
    ...(c.kind === 'suspend' ? [{ title: say('停机', 'Stop'), at: c.state === 'in_progress' || c.state === 'completed' ? c.effectiveFrom : null, by: c.effectiveFrom === null ? '' : when(c.effectiveFrom) }] : []),
    { title: say('办结', 'Completed'), at: c.state === 'completed' ? c.endedAt : null, by: '' },
  ]
  const current = items.findIndex((i) => i.at === null)
  return (
    <Steps
      size="small" responsive current={current < 0 ? items.length : current} status={['rejected', 'expired', 'failed', 'withdrawn'].includes(c.state) ? 'error' : 'process'}
      items={items.map((i) => ({ title: i.title, content: <span className="soft">{i.at === null ? (i.title === items[1]!.title && c.deadline ? say(`${when(c.deadline.at)} 前`, `by ${when(c.deadline.at)}`) : i.by) : `${when(i.at)} ${i.by}`}</span> }))}
    />
  )
}

const tones = { blocking: 'provider', warning: 'drain', fine: 'open' } as const
const marks = { blocking: '■', warning: '▲', fine: '●' } as const
const Findings = ({ c }: { c: Case }) => (
  <ul className="plain stack">{c.findings.map((f) => <li key={f.code + f.detail}><span className={`lamp ${tones[f.severity]}`} aria-hidden="true">{marks[f.severity]}</span> {f.detail}</li>)}</ul>
)

function Materials({ c }: { c: Case }) {
  const say = useSay()
  const act = useAct(c.no)
  const mayAdd = c.allowed['add-material'] === true
  const add = (type: MaterialType) => (
    <Upload key={type} accept="application/pdf,image/jpeg,image/png" showUploadList={false} customRequest={({ file, onSuccess, onError }) => {
      act.mutate(() => ask(addMaterial({ path: { no: c.no }, body: { type, file: file as File }, headers: { 'Idempotency-Key': onceKey() } })), { onSuccess: (d) => onSuccess?.(d), onError: (e) => onError?.(e) })
    }}>
      <Button loading={act.isPending}>{say(`上传${materialTypes[type][0]}`, `Hand in: ${materialTypes[type][1]}`)}</Button>
    </Upload>
  )
  return (
    <div className="stack">
      {c.materials.length === 0 && c.missing.length === 0 ? <span className="soft">{say('不需要材料。', 'No materials are needed.')}</span> : null}
      <ul className="plain stack">{c.materials.map((m) => (
        <li key={m.id} className="row"><a href={m.href}>{say(materialTypes[m.type])}{m.name === null ? '' : ` · ${m.name}`}</a><Tag>{say(materialStates[m.state])}</Tag>{m.words === null ? null : <span className="late">{m.words}</span>}</li>
      ))}</ul>
      {c.missing.length === 0 ? null : <p className="sentence near">{say('还缺：', 'Missing: ')}{c.missing.map((m) => say(materialTypes[m])).join(say('、', ', '))}</p>}
      {mayAdd ? <div className="row no-print">{(c.missing.length > 0 ? c.missing : (['other'] as const)).map(add)}</div> : null}
    </div>
  )
}

function StepList({ c }: { c: Case }) {
  const say = useSay()
  const act = useAct(c.no)
  return (
    <ul className="plain stack">{c.steps.map((s) => (
      <li key={s.id} className="row apart">
        <span><b>{say(stepKinds[s.kind])}</b> <span className="soft">{say(requirements[s.requirement])} · {say(stepMoments[s.before][0], `before ${stepMoments[s.before][1]}`)} · {say(roles[s.assignee])}</span>
          {s.dueAt === null ? null : <span className={s.overdue ? 'late' : 'soft'}> · <span className="num">{when(s.dueAt)}</span>{s.overdue ? say(' 已逾期', ' overdue') : say(' 前', '')}</span>}</span>
        <span className="row"><Tag>{say(stepStates[s.state])}</Tag>
          {s.allowed.complete === true ? <Button size="small" onClick={() => act.mutate(() => ask(completeStep({ path: { no: c.no }, body: { step: s.id }, headers: { 'Idempotency-Key': onceKey() } })))}>{say('办好了', 'Done')}</Button> : null}</span>
      </li>
    ))}</ul>
  )
}
