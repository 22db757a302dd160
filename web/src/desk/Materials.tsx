// What was handed in and what is missing still. A reviewer takes each as good or returns it with a word; the applicant hands in
// what is asked for, here, in place.
import { useState } from 'react'
import { materialStates, materialTypes, type MaterialType } from '../../../src/domain/vocabulary.ts'
import { acceptMaterial, addMaterial, returnMaterial } from '../../../src/client/generated/sdk.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Dialog, Field, Files, Tag } from '../look/controls.tsx'
import { Failed } from '../look/Page.tsx'
import { useSay } from '../words.ts'
import type { Case } from './Case.tsx'
import { paperTypes } from './papers.ts'

export function Materials({ c }: { c: Case }) {
  const say = useSay()
  const act = useAct(['case', c.no], ['cases'])
  const [returning, setReturning] = useState<string>()
  const [words, setWords] = useState('')
  const sent = { path: { no: c.no } }
  const head = () => ({ 'Idempotency-Key': onceKey() })
  const hand = (type: MaterialType, file: File): void => act.mutate(() => ask(addMaterial({ ...sent, body: { type, file }, headers: head() })))
  const toHand: readonly MaterialType[] = c.missing.length > 0 ? c.missing : ['other']
  return (
    <div className="stack">
      {c.materials.length === 0 && c.missing.length === 0 ? <span className="soft">{say('不需要材料。', 'No materials are needed.')}</span> : null}
      <ul className="plain stack">{c.materials.map((m) => (
        <li key={m.id} className="row">
          <a href={m.href}>{say(materialTypes[m.type])}{m.name === null ? '' : ` · ${m.name}`}</a><Tag tone={m.state === 'accepted' ? 'good' : m.state === 'returned' ? 'near' : 'plain'}>{say(materialStates[m.state])}</Tag>{m.words === null ? null : <span className="late">{m.words}</span>}
          {m.state === 'uploaded' && c.allowed['accept-material'] === true ? <Button small onClick={() => act.mutate(() => ask(acceptMaterial({ ...sent, body: { material: m.id }, headers: head() })))}>{say('采信', 'Accept')}</Button> : null}
          {m.state === 'uploaded' && c.allowed['return-material'] === true ? <Button small onClick={() => { setWords(''); setReturning(m.id) }}>{say('退回', 'Return')}…</Button> : null}
        </li>
      ))}</ul>
      {c.missing.length === 0 ? null : <p className="sentence near">{say('还缺：', 'Missing: ')}{c.missing.map((m) => say(materialTypes[m])).join(say('、', ', '))}</p>}
      {c.asked.length === 0 ? null : <ul className="rules">{c.asked.map((a) => <li key={a.type}>{say(materialTypes[a.type])}{a.words === c.said ? '' : `：${a.words}`}</li>)}</ul>}
      {c.allowed['add-material'] === true ? (
        <div className="row no-print">{toHand.map((type) => <Files key={type} accept={paperTypes} busy={act.isPending} take={(file) => hand(type, file)}>{say(`上传${materialTypes[type][0]}`, `Hand in: ${materialTypes[type][1]}`)}</Files>)}</div>
      ) : null}
      {act.error !== null && returning === undefined ? <Failed error={act.error} /> : null}
      {returning === undefined ? null : (
        <Dialog title={say('退回材料', 'Return a material')} shut={() => setReturning(undefined)} fault={act.error} ok={say('退回', 'Return')} busy={act.isPending} ready={words.trim() !== ''}
          send={() => act.mutate(() => ask(returnMaterial({ ...sent, body: { material: returning, words }, headers: head() })), { onSuccess: () => setReturning(undefined) })}>
          <Field label={say('哪里不行，怎样才行', 'What is wrong with it, and what would do')}><textarea rows={3} maxLength={2_000} value={words} onChange={(e) => setWords(e.target.value)} /></Field>
        </Dialog>
      )}
    </div>
  )
}
