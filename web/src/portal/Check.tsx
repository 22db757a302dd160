// The last look before it is sent: what is asked for, the papers it wants, and – filed for a merchant – how the merchant agreed.
import { useMemo, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { channels, materialTypes, reasons, words, type MaterialType } from '../../../src/domain/vocabulary.ts'
import { addMaterial, fileApplication, submitApplication } from '../../../src/client/generated/sdk.gen.ts'
import type { FileApplicationBody } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { paperTypes } from '../desk/papers.ts'
import { useAct } from '../look/act.ts'
import { Button, Field, Files, Select } from '../look/controls.tsx'
import { Failed } from '../look/Page.tsx'
import { day, when } from '../look/when.ts'
import { useSay } from '../words.ts'
import type { Consent, Rehearsed } from './Apply.tsx'

export type Papers = Partial<Record<MaterialType, File>>
/** Ways in which a merchant asks somebody else to file. */
const byHand = words(channels).filter((c) => c !== 'online' && c !== 'device')

export function Check({ rehearsed, body, papers, setPapers, consent, setConsent }: {
  rehearsed: Rehearsed; body: FileApplicationBody; papers: Papers; setPapers(papers: Papers): void; consent: Consent | undefined; setConsent(consent: Consent): void
}) {
  const say = useSay()
  const facts: readonly (readonly [string, string])[] = [
    [say('商户', 'Merchant'), rehearsed.merchant.name],
    [say('终端', 'Terminals'), body.terminals.join(say('、', ', '))],
    ...(body.reason === undefined ? [] : [[say('原因', 'Reason'), say(reasons[body.reason])] as const]),
    ...(body.effectiveFrom === undefined ? [] : [[say('停机', 'Stop'), when(body.effectiveFrom)] as const]),
    ...(body.expectedUntil !== undefined ? [[say('恢复', 'Back'), day(body.expectedUntil)] as const] : body.kind === 'suspend' ? [[say('恢复', 'Back'), say('到时再申请', 'asked for later')] as const] : []),
  ]
  return (
    <>
      <h2 className="plain">{say('核对一下', 'Please check')}</h2>
      <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      {rehearsed.missing.length === 0 ? null : (
        <div className="stack tight">
          <b>{say('需要的材料（PDF 或照片）', 'Materials needed (PDF or photo)')}</b>
          {rehearsed.missing.map((type) => (
            <span key={type} className="row">
              <Files accept={paperTypes} take={(file) => setPapers({ ...papers, [type]: file })}>{say(materialTypes[type])}</Files>
              {papers[type] === undefined ? null : <><span className="soft">{papers[type].name}</span><Button bare small onClick={() => setPapers({ ...papers, [type]: undefined })}>{say('去掉', 'Remove')}</Button></>}
            </span>
          ))}
          <span className="soft">{say('也可以提交后再补。', 'They may also follow later, unless the provider wants them at once.')}</span>
        </div>
      )}
      {consent === undefined ? null : (
        <div className="row top">
          <Field label={say('商户怎样提出的', 'How the merchant asked')}><Select value={consent.channel} set={(channel) => setConsent({ ...consent, channel: channel! })} options={byHand.map((value) => ({ value, label: say(channels[value]) }))} /></Field>
          <Field label={say('同意的凭证（录音号、扫描件号…）', 'What proves it (number of the recording, of the scan …)')}><input className="whole" maxLength={500} value={consent.proof} onChange={(e) => setConsent({ ...consent, proof: e.target.value })} /></Field>
        </div>
      )}
    </>
  )
}

/** Files the case, hands in the papers, submits. What is refused half-way is said here; sent again, it goes on where it stopped. */
export function Send({ body, papers, disabled }: { body: FileApplicationBody; papers: Papers; disabled: boolean }) {
  const say = useSay()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [handed] = useState(() => new Set<File>())
  const given = Object.entries(papers).filter(([, file]) => file !== undefined) as [MaterialType, File][]
  // Pressed again, it is the same wish; another wish has another key.
  const key = useMemo(onceKey, [body, given.length > 0])
  const act = useAct()
  const send = (): void => act.mutate(async () => {
    const { no } = await ask(fileApplication({ body: { ...body, submit: given.length === 0 }, headers: { 'Idempotency-Key': key } }))
    for (const [type, file] of given) {
      if (handed.has(file)) continue
      await ask(addMaterial({ path: { no }, body: { type, file }, headers: { 'Idempotency-Key': onceKey() } }))
      handed.add(file)
    }
    if (given.length > 0) await ask(submitApplication({ path: { no }, body: {}, headers: { 'Idempotency-Key': onceKey() } }))
    // First away from here: a rehearsal of what was just sent would be refused.
    await navigate({ to: `/cases/${no}` as never })
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'rehearsal' })
  })
  return <>{act.error === null ? null : <Failed error={act.error} />}<Button primary disabled={disabled} busy={act.isPending} onClick={send}>{say('提交申请', 'Send')}</Button></>
}
