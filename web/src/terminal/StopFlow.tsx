/** @jsxImportSource preact */
// 停机申请 on the machine itself: the reason by its number, the days by number, what the server says will come of it – asked as
// a rehearsal, so that nothing is promised here – and then the case's number.
import { useEffect, useState } from 'preact/hooks'
import { fileApplication } from '../../../src/client/generated/sdk.gen.ts'
import type { FileApplicationBody, FileApplicationResponses } from '../../../src/client/generated/types.gen.ts'
import { materialTypes, reasons, type Reason } from '../../../src/domain/vocabulary.ts'
import { ask, onceKey, Refused } from '../api.ts'
import { day, when } from '../look/when.ts'
import type { Known } from './known.ts'
import { Busy, Entry, List, Picture } from './parts.tsx'
import { useKeys } from './keys.tsx'
import { useSay } from './words.ts'

type Rehearsed = FileApplicationResponses[201]
type Step =
  | { at: 'reason' }
  | { at: 'days'; reason: Reason }
  | { at: 'busy' }
  | { at: 'check'; body: FileApplicationBody; rehearsed: Rehearsed }
  | { at: 'filed'; no: string; sentence: string }
  | { at: 'refused'; sentence: string }

const forAWhile: readonly Reason[] = ['M01', 'M02', 'M03', 'M04', 'M05', 'M06', 'M07', 'M08']
const day_ms = 86_400_000
/** The shop opens again. */
const opens_at = '09:00'
const days_digits_max = 3

const returnAfter = (now: number, days: number): string => `${day(now + days * day_ms)}T${opens_at}:00+08:00`
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export function StopFlow({ known, leave }: { known: Known; leave(): void }) {
  const say = useSay()
  const may = known.allowed.suspend === true
  const [step, setStep] = useState<Step>(may ? { at: 'reason' } : { at: 'busy' })
  const [key] = useState(onceKey)
  const bodyOf = (reason: Reason, days: number): FileApplicationBody => ({
    kind: 'suspend', terminals: [known.tid], channel: 'device', reason, submit: true, ...(days === 0 ? {} : { expectedUntil: returnAfter(known.now, days) }),
  })
  const rehearse = async (body: FileApplicationBody): Promise<void> => {
    setStep({ at: 'busy' })
    try {
      setStep({ at: 'check', body, rehearsed: await ask(fileApplication({ body, query: { dryRun: 'true' } })) })
    } catch (error) {
      // Whoever may write a request but not send it leaves a draft for the owner.
      if (error instanceof Refused && error.problem.code === 'role_missing' && body.submit) return rehearse({ ...body, submit: false })
      setStep({ at: 'refused', sentence: sentenceOf(error) })
    }
  }
  const send = async (body: FileApplicationBody): Promise<void> => {
    setStep({ at: 'busy' })
    try {
      const { no, sentence } = await ask(fileApplication({ body, headers: { 'Idempotency-Key': key } }))
      setStep({ at: 'filed', no, sentence })
    } catch (error) {
      setStep({ at: 'refused', sentence: sentenceOf(error) })
    }
  }
  // Why it may not be asked for now, before anybody types anything; asked once.
  useEffect(() => { if (!may) void rehearse(bodyOf('M02', 1)) }, [])

  switch (step.at) {
    case 'reason': return (
      <List
        title={say('停机申请：为什么停？', 'Ask for a stop: why?')} isWide cancel={{ words: say('返回', 'Back'), go: leave }}
        items={forAWhile.map((reason) => ({ words: say(reasons[reason]), is: reason }))} choose={(reason) => setStep({ at: 'days', reason })}
      />
    )
    case 'days': return (
      <Entry
        key="days" title={say('停几天？', 'For how many days?')} digits_max={days_digits_max} show={(days) => say(`${days} 天`, `${days} day(s)`)}
        hint={(days) => (days === 0 ? say('不确定就输 0，回来时再申请。', 'Not sure? Type 0, and ask for the return later.') : say(`${day(known.now + days * day_ms)} 测试后恢复`, `back on ${day(known.now + days * day_ms)}, after a test`))}
        isFitting={() => true} done={(days) => void rehearse(bodyOf(step.reason, days))} cancel={() => setStep({ at: 'reason' })}
      />
    )
    case 'check': return <Check {...step} send={() => void send(step.body)} back={() => setStep({ at: 'reason' })} />
    case 'filed': return <Filed {...step} leave={leave} />
    case 'refused': return <RefusedHere sentence={step.sentence} leave={leave} />
    default: return <Busy words={say('请稍候…', 'One moment…')} />
  }
}

function Check({ body, rehearsed, send, back }: { body: FileApplicationBody; rehearsed: Rehearsed; send(): void; back(): void }) {
  const say = useSay()
  useKeys((key) => {
    if (key === 'ok') send()
    if (key === 'cancel') back()
  })
  const facts: readonly (readonly [string, string])[] = [
    [say('原因', 'Reason'), rehearsed.reasonWords],
    [say('停机', 'Stop'), rehearsed.effectiveFrom === null ? say('批准后', 'once approved') : when(rehearsed.effectiveFrom)],
    [say('恢复', 'Back'), rehearsed.expectedUntil === null ? say('到时再申请', 'asked for later') : day(rehearsed.expectedUntil)],
    ...(rehearsed.missing.length === 0 ? [] : [[say('还要材料', 'Papers'), rehearsed.missing.map((type) => say(materialTypes[type])).join(say('、', ', '))] as const]),
  ]
  return (
    <Picture title={say('核对', 'Please check')} soft={[['cancel', say('返回', 'Back')], ['ok', body.submit ? say('提交申请', 'Send it') : say('存为草稿', 'Keep as a draft')]]}>
      <dl class="pairs">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd class="num">{value}</dd></div>)}</dl>
      {rehearsed.findings.filter((f) => f.severity !== 'fine').map((f) => <p key={f.detail} class="small">▲ {f.detail}</p>)}
      {body.submit ? null : <p class="small">{say('您可以写申请，由店主提交。', 'You may write it; the owner sends it.')}</p>}
    </Picture>
  )
}

function Filed({ no, sentence, leave }: { no: string; sentence: string; leave(): void }) {
  const say = useSay()
  useKeys((key) => { if (key === 'ok' || key === 'cancel') leave() })
  return (
    <Picture tone="yes" soft={[['ok', say('好', 'OK')]]}>
      <p class="small">{say('办件编号', 'Case number')}</p>
      <p class="headline case-no num" role="status"><a href={`/cases/${no}`}>{no}</a></p>
      <p>{sentence}</p>
    </Picture>
  )
}

export function RefusedHere({ sentence, leave }: { sentence: string; leave(): void }) {
  const say = useSay()
  useKeys((key) => { if (key === 'ok' || key === 'cancel') leave() })
  return <Picture tone="no" title={say('办不了', 'Not possible')} soft={[['ok', say('好', 'OK')]]}><p role="status">{sentence}</p></Picture>
}
