// What is to be done about a case: whose it is, by when, and that it is done – or, where the rules allow it, that it need not be.
import { useState } from 'react'
import { requirements, roles, stepKinds, stepMoments, stepStates } from '../../../src/domain/vocabulary.ts'
import { completeStep, waiveStep } from '../../../src/client/generated/sdk.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Dialog, Field, Tag } from '../look/controls.tsx'
import { Failed } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useSay } from '../words.ts'
import type { Case } from './Case.tsx'

type Step = Case['steps'][number]

export function Steps({ c }: { c: Case }) {
  const say = useSay()
  const act = useAct(['case', c.no], ['cases'])
  const [asking, setAsking] = useState<{ step: Step; what: 'complete' | 'waive' }>()
  const [words, setWords] = useState('')
  const begin = (step: Step, what: 'complete' | 'waive'): void => { act.reset(); setWords(''); setAsking({ step, what }) }
  const send = ({ step, what }: NonNullable<typeof asking>): void => {
    const sent = { path: { no: c.no }, headers: { 'Idempotency-Key': onceKey() } }
    act.mutate(() => (what === 'waive' ? ask(waiveStep({ ...sent, body: { step: step.id, words } })) : ask(completeStep({ ...sent, body: { step: step.id, ...(words.trim() === '' ? {} : { evidence: words }) } }))), { onSuccess: () => setAsking(undefined) })
  }
  return (
    <>
      <ul className="plain stack">{c.steps.map((s) => (
        <li key={s.id} className="row apart">
          <span><b>{say(stepKinds[s.kind])}</b> <span className="soft">{say(requirements[s.requirement])} · {say(stepMoments[s.before][0], `before ${stepMoments[s.before][1]}`)} · {say(roles[s.assignee])}</span>
            {s.dueAt === null || s.state !== 'open' ? null : <span className={s.overdue ? 'late' : 'soft'}> · <span className="num">{when(s.dueAt)}</span>{s.overdue ? say(' 已逾期', ' overdue') : say(' 前', '')}</span>}
            {s.evidence === null ? null : <span className="soft"> · {s.evidence}</span>}</span>
          <span className="row">
            <Tag tone={s.state === 'done' ? 'good' : s.state === 'failed' ? 'near' : 'plain'}>{say(stepStates[s.state])}</Tag>
            {s.allowed.complete === true ? <Button small onClick={() => begin(s, 'complete')}>{say('办好了', 'Done')}…</Button> : null}
            {s.allowed.waive === true ? <Button small bare onClick={() => begin(s, 'waive')}>{s.waiverProposedBy === null ? say('豁免', 'Waive') : say('同意豁免', 'Confirm the waiver')}…</Button> : null}
          </span>
        </li>
      ))}</ul>
      {act.error !== null && asking === undefined ? <Failed error={act.error} /> : null}
      {asking === undefined ? null : (
        <Dialog title={say(stepKinds[asking.step.kind])} shut={() => setAsking(undefined)} fault={act.error} busy={act.isPending} ready={asking.what === 'complete' || words.trim() !== ''} send={() => send(asking)}
          ok={asking.what === 'complete' ? say('办好了', 'It is done') : say('豁免', 'Waive it')}>
          <Field label={asking.what === 'complete' ? say('凭证或说明（可不填）', 'What proves it (may be empty)') : say('为什么不用办', 'Why it need not be done')}>
            <textarea rows={3} maxLength={2_000} value={words} onChange={(e) => setWords(e.target.value)} />
          </Field>
        </Dialog>
      )}
    </>
  )
}
