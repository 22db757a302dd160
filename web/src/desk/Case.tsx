// A case on one page: the sentence, where it stands, what is checked, what is handed in, what is to be done, and the one bar
// of decisions – each button as the server allows it now, and where it does not, saying why.
import type { ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { applicationKinds, applicationStates, channels, letterKinds, terminalResults } from '../../../src/domain/vocabulary.ts'
import { getApplication } from '../../../src/client/generated/sdk.gen.ts'
import type { GetApplicationResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Notice, Tag } from '../look/controls.tsx'
import { Lamp } from '../look/Lamp.tsx'
import { findingLook } from '../look/lamps.ts'
import { Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { CaseReturns } from '../money/CaseReturns.tsx'
import { StopEffect } from '../portal/Effect.tsx'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Decisions } from './Decisions.tsx'
import { Materials } from './Materials.tsx'
import { Steps } from './Steps.tsx'

export type Case = GetApplicationResponses[200]

export default function CasePage() {
  const { no } = useParams({ strict: false }) as { no: string }
  const query = useQuery({ queryKey: ['case', no], queryFn: () => ask(getApplication({ path: { no } })), refetchInterval: 15_000 })
  return <Shown query={query}>{(c) => <CaseView c={c} />}</Shown>
}

/** Whether it has begun is the server's to say. */
const mayHaveStopped = ({ kind, state }: Case): boolean => (kind === 'suspend' || kind === 'close') && (state === 'in_progress' || state === 'completed')

/** `keys`: at the desk, and whether the letters of the decisions work now. `decided` is told when one was made. */
export function CaseView({ c, keys, decided }: { c: Case; keys?: boolean; decided?: () => void }) {
  const say = useSay()
  const me = useMe()!
  return (
    <Page part={keys !== undefined} title={<>{say(applicationKinds[c.kind])} · {c.merchant.name}</>} above={<><span className="num">{c.no}</span> · {say(`${c.reasonWords}（${c.reason}）`, `${c.reasonWords} (${c.reason})`)} · {say(channels[c.channel])}</>}>
      <div className="stack">
        <section className="sheet stack">
          <div className="row apart"><p className="sentence lead">{c.sentence}</p><Tag>{say(applicationStates[c.state])}</Tag></div>
          {c.said === null ? null : <Notice tone="warning" title={say('审核意见', 'The reviewer says')}>{c.said}</Notice>}
          <Decisions c={c} keys={keys === true} decided={decided} />
          {c.kind === 'suspend' && ['approved', 'in_progress', 'completed'].includes(c.state) && c.allowed.withdraw !== 'role_missing' ? <Link className="no-print" to={`/cases/${c.no}/poster` as never}>{say('打印店门告示', 'Print a notice for the door')}</Link> : null}
        </section>
        <section className="sheet"><h2 className="plain">{say('申请内容', 'What is asked')}</h2><Asked c={c} /></section>
        <section className="sheet"><h2 className="plain">{say('办件进度', 'Progress')}</h2><Track c={c} /></section>
        <div className="cards halves">
          <section className="sheet"><h2 className="plain">{say('检查', 'Checks')}</h2><Findings c={c} /></section>
          <section className="sheet"><h2 className="plain">{say('材料', 'Materials')}</h2><Materials c={c} /></section>
        </div>
        {c.steps.length === 0 ? null : <section className="sheet"><h2 className="plain">{say('事项', 'Steps')}</h2><Steps c={c} /></section>}
        {mayHaveStopped(c) && me.rights.includes('read-money') ? <StopEffect no={c.no} /> : null}
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

/** The facts somebody decides by, and the applicant recognises: which terminals, from when until when, who asked. */
function Asked({ c }: { c: Case }) {
  const say = useSay()
  const facts: readonly (readonly [string, ReactNode])[] = [
    [say('终端', 'Terminals'), <ul className="plain" key="tids">{c.terminals.map((t) => <li key={t.tid} className="row"><Link className="num" to={`/terminals/${t.tid}` as never}>{t.tid}</Link>{t.result === 'pending' ? null : <Tag>{say(terminalResults[t.result])}</Tag>}</li>)}</ul>],
    ...(c.kind === 'suspend' ? [
      [say('停机', 'Stop'), c.effectiveFrom === null ? say('批准后即停', 'as soon as it is approved') : when(c.effectiveFrom)] as const,
      [say('恢复', 'Back'), c.expectedUntil === null ? say('未定，到时再申请', 'not known yet; asked for later') : when(c.expectedUntil)] as const,
    ] : []),
    ...(c.words === null ? [] : [[say('说明', 'In their words'), <q key="words">{c.words}</q>] as const]),
    [say('申请人', 'Asked by'), c.applicant.onBehalf ? say(`${c.applicant.name}（代商户）`, `${c.applicant.name} (for the merchant)`) : c.applicant.name],
    ...(c.merchant.contact === null ? [] : [[say('联系人', 'Contact'), [c.merchant.contact.name, c.merchant.contact.phone].filter(Boolean).join(' ')] as const]),
    [say('受理机构', 'Provider'), `${c.provider.name} ${c.provider.hotline}`],
    ...(c.assignee === null ? [] : [[say('经办', 'Handled by'), c.assignee.name] as const]),
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
  const isOff = ['rejected', 'expired', 'failed', 'withdrawn'].includes(c.state)
  const told = (i: (typeof items)[number]): string =>
    i.at !== null ? `${when(i.at)} ${i.by}` : i === items[1] && c.deadline !== null && c.endedAt === null ? say(`${when(c.deadline.at)} 前`, `by ${when(c.deadline.at)}`) : i.by
  return (
    <ol className="steps tall">{items.map((i, n) => (
      <li key={i.title} className={i.at !== null ? 'done' : isOff && n === current ? 'wrong' : undefined} aria-current={n === current ? 'step' : undefined}><b>{i.title}</b><span>{told(i)}</span></li>
    ))}</ol>
  )
}

const Findings = ({ c }: { c: Case }) => (
  <ul className="plain stack">{c.findings.map((f) => <li key={f.code + f.detail}><Lamp shape={findingLook[f.severity][0]} tone={findingLook[f.severity][1]}>{null}</Lamp> {f.detail}</li>)}</ul>
)
