// What a provider does to a terminal directly: places its own stop (seen beforehand, by a dry run of the very command), gives
// it free again, records a device test, answers the dormancy question. Each as the server allows it.
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { Alert, Button, Input, Modal, Tooltip } from 'antd'
import { dormancyAnswers, words as wordsIn, type DormancyAnswer } from '../../../src/domain/vocabulary.ts'
import { answerDormancy, liftHold } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { whyNot } from '../look/why-not.ts'
import { when } from '../look/when.ts'
import { useLanguage, useSay, type Words } from '../words.ts'
import { head, useAct, words_length_max, type Terminal } from './act.ts'

/** Never the reader's, or nothing to do: left out instead of being grey for good. */
const hidden = new Set<unknown>(['role_missing', 'not_found', 'hold_lifted', 'hold_by_case', 'hold_not_yours', 'dormancy_not_asked', 'test_not_due', 'hold_place_not_yours', 'terminal_closed'])

function Act({ verdict, children, onClick }: { verdict: true | string; children: ReactNode; onClick: () => void }) {
  const { language } = useLanguage()
  if (hidden.has(verdict)) return null
  return <Tooltip title={verdict === true ? undefined : whyNot(verdict, language)}><Button disabled={verdict !== true} onClick={onClick}>{children}</Button></Tooltip>
}

const Hold = lazy(async () => ({ default: (await import('./Forms.tsx')).Hold }))
const Test = lazy(async () => ({ default: (await import('./Forms.tsx')).Test }))

/** The buttons of the page's head. */
export function TerminalActs({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const [open, setOpen] = useState<'hold' | 'test'>()
  const shut = (): void => setOpen(undefined)
  return (
    <>
      <Act verdict={t.allowed.test} onClick={() => setOpen('test')}>{say('登记开机测试', 'Record a test')}…</Act>
      <Act verdict={t.allowed.hold} onClick={() => setOpen('hold')}>{say('机构停用', 'Place a hold')}…</Act>
      <Suspense fallback={null}>
        {open === 'hold' ? <Hold terminal={t} shut={shut} /> : null}
        {open === 'test' ? <Test terminal={t} shut={shut} /> : null}
      </Suspense>
    </>
  )
}

/** Asked where the hold stands in the list. */
export function Lift({ terminal: t, hold }: { terminal: Terminal; hold: Terminal['holds'][number] }) {
  const say = useSay()
  const act = useAct(t.tid)
  const [open, setOpen] = useState(false)
  const [words, setWords] = useState('')
  const lift = (): void => act.mutate(() => ask(liftHold({ path: { id: hold.id }, body: { words }, headers: head(t) })), { onSuccess: () => setOpen(false) })
  return (
    <>
      <Act verdict={hold.allowed.lift} onClick={() => setOpen(true)}>{say('解除', 'Lift')}…</Act>
      <Modal open={open} onCancel={() => setOpen(false)} onOk={lift} okText={say('解除停用', 'Lift the hold')} okButtonProps={{ disabled: words.trim() === '', loading: act.isPending }} title={say(`解除「${hold.reasonWords}」`, `Lift "${hold.reasonWords}"`)} destroyOnHidden>
        <Input.TextArea autoFocus rows={3} maxLength={words_length_max} value={words} onChange={(e) => setWords(e.target.value)} aria-label={say('为何可以解除', 'why it may be lifted')} placeholder={say('为何可以解除，凭什么', 'why it may be lifted, and on what evidence')} />
      </Modal>
    </>
  )
}

// ── Dormancy ────────────────────────────────────────────────────────────────────────────────────────────────────────
const answers: Readonly<Record<DormancyAnswer, Words>> = dormancyAnswers

export function Dormancy({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const act = useAct(t.tid)
  if (t.dormancy === null || t.dormancy.answer !== null) return null
  const by = t.dormancy.answerBy
  return (
    <Alert type="warning" showIcon title={say('很久没有交易了，请答复是否还用。', 'It has sold nothing for long. Is it still wanted?')} description={
      <div className="stack tight">
        <span>{say(`${when(t.dormancy.askedAt)} 询问`, `Asked ${when(t.dormancy.askedAt)}`)}{by === null ? '' : say(`，${when(by)} 前答复`, `, to be answered by ${when(by)}`)}</span>
        {t.allowed.answerDormancy === true ? (
          <span className="row">{wordsIn(answers).map((answer) => <Button key={answer} loading={act.isPending} onClick={() => act.mutate(() => ask(answerDormancy({ path: { tid: t.tid }, body: { answer }, headers: head(t) })))}>{say(answers[answer])}</Button>)}</span>
        ) : null}
      </div>
    } />
  )
}
