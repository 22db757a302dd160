// What a provider does to a terminal directly: places its own stop (seen beforehand, by a dry run of the very command), gives
// it free again, records a device test, answers the dormancy question. Each as the server allows it.
import { useState, type ReactNode } from 'react'
import { dormancyAnswers, words as wordsIn, type DormancyAnswer } from '../../../src/domain/vocabulary.ts'
import { answerDormancy, liftHold } from '../../../src/client/generated/sdk.gen.ts'
import { ask, onSeen } from '../api.ts'
import { Button, Dialog, Field, Notice } from '../look/controls.tsx'
import { whyNot } from '../look/why-not.ts'
import { when } from '../look/when.ts'
import { useLanguage, useSay, type Words } from '../words.ts'
import { useTerminalAct, words_length_max, type Terminal } from './act.ts'
import { Hold, Test } from './Forms.tsx'

/** Never the reader's, or nothing to do: left out instead of being grey for good. */
const hidden = new Set<unknown>(['role_missing', 'not_found', 'hold_lifted', 'hold_by_case', 'hold_not_yours', 'dormancy_not_asked', 'test_not_due', 'hold_place_not_yours', 'terminal_closed'])

function Act({ verdict, children, onClick }: { verdict: true | string; children: ReactNode; onClick: () => void }) {
  const { language } = useLanguage()
  if (hidden.has(verdict)) return null
  return <Button whyNot={verdict === true ? undefined : whyNot(verdict, language)} onClick={onClick}>{children}</Button>
}

/** What is tested in its case is handed in there by the same button. */
const testVerdict = (verdict: true | string): true | string => (verdict === 'test_in_case' ? true : verdict)

/** The buttons of the page's head. */
export function TerminalActs({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const [open, setOpen] = useState<'hold' | 'test'>()
  const shut = (): void => setOpen(undefined)
  return (
    <>
      <Act verdict={testVerdict(t.allowed.test)} onClick={() => setOpen('test')}>{say('登记开机测试', 'Record a test')}…</Act>
      <Act verdict={t.allowed.hold} onClick={() => setOpen('hold')}>{say('机构停用', 'Place a hold')}…</Act>
      {open === 'hold' ? <Hold terminal={t} shut={shut} /> : null}
      {open === 'test' ? <Test terminal={t} shut={shut} /> : null}
    </>
  )
}

/** Asked where the hold stands in the list. */
export function Lift({ terminal: t, hold }: { terminal: Terminal; hold: Terminal['holds'][number] }) {
  const say = useSay()
  const act = useTerminalAct(t.tid)
  const [open, setOpen] = useState(false)
  const [words, setWords] = useState('')
  const lift = (): void => act.mutate(() => ask(liftHold({ path: { id: hold.id }, body: { words }, headers: onSeen(t) })), { onSuccess: () => setOpen(false) })
  return (
    <>
      <Act verdict={hold.allowed.lift} onClick={() => setOpen(true)}>{say('解除', 'Lift')}…</Act>
      {open ? (
        <Dialog title={say(`解除「${hold.reasonWords}」`, `Lift "${hold.reasonWords}"`)} shut={() => setOpen(false)} fault={act.error} ok={say('解除停用', 'Lift the hold')} busy={act.isPending} ready={words.trim() !== ''} send={lift}>
          <Field label={say('为何可以解除，凭什么', 'Why it may be lifted, and on what evidence')}><textarea rows={3} maxLength={words_length_max} value={words} onChange={(e) => setWords(e.target.value)} /></Field>
        </Dialog>
      ) : null}
    </>
  )
}

// ── Dormancy ────────────────────────────────────────────────────────────────────────────────────────────────────────
const answers: Readonly<Record<DormancyAnswer, Words>> = dormancyAnswers

export function Dormancy({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const act = useTerminalAct(t.tid)
  if (t.dormancy === null || t.dormancy.answer !== null) return null
  const by = t.dormancy.answerBy
  return (
    <Notice tone="warning" title={say('很久没有交易了，请答复是否还用。', 'It has sold nothing for long. Is it still wanted?')}>
      <div className="stack tight">
        <span>{say(`${when(t.dormancy.askedAt)} 询问`, `Asked ${when(t.dormancy.askedAt)}`)}{by === null ? '' : say(`，${when(by)} 前答复`, `, to be answered by ${when(by)}`)}</span>
        {t.allowed.answerDormancy === true ? (
          <span className="row">{wordsIn(answers).map((answer) => <Button key={answer} busy={act.isPending} onClick={() => act.mutate(() => ask(answerDormancy({ path: { tid: t.tid }, body: { answer }, headers: onSeen(t) })))}>{say(answers[answer])}</Button>)}</span>
        ) : null}
      </div>
    </Notice>
  )
}
