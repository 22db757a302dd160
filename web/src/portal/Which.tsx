// Which terminals, and why: the first two questions of an application.
import { isForGood, reasons, words as wordsIn, type Reason, type Words } from '../../../src/domain/vocabulary.ts'
import { Choices, Field, Notice, Tick } from '../look/controls.tsx'
import { StatusTag } from '../look/StatusTag.tsx'
import { useSay } from '../words.ts'
import type { Asked, Terminal } from './Apply.tsx'

const question: Readonly<Record<Asked, Words>> = {
  suspend: ['要停哪些终端？', 'Which terminals should stop?'], reactivate: ['要恢复哪些终端？', 'Which terminals should come back?'],
  extend: ['哪些终端要改恢复日期？', 'Which terminals should come back on another day?'], close: ['要注销哪些终端？', 'Which terminals should be closed for good?'],
}
/** The usual ones first. */
const forAWhile: readonly Reason[] = ['M01', 'M02', 'M03', 'M04', 'M05', 'M07', 'M08', 'M06']
const forGood = wordsIn(reasons).filter(isForGood)

export function Which({ kind, eligible, chosen, choose, finder }: {
  kind: Asked; eligible: readonly Terminal[]; chosen: readonly string[]; choose(tids: readonly string[]): void; finder: React.ReactNode
}) {
  const say = useSay()
  // One application is one merchant's.
  const mid = eligible.find((t) => chosen.includes(t.tid))?.mid
  const offered = mid === undefined ? eligible : eligible.filter((t) => t.mid === mid)
  const isOfMany = new Set(eligible.map((t) => t.mid)).size > 1
  return (
    <>
      {finder}
      <h2 className="plain">{say(question[kind])}</h2>
      {eligible.length === 0 ? <Notice title={say('现在没有可以办理的终端。', 'There is no terminal this can be asked for now.')} /> : null}
      {offered.length > 1 && (!isOfMany || mid !== undefined) ? <Tick checked={chosen.length === offered.length} set={(all) => choose(all ? offered.map((t) => t.tid) : [])}>{say(`全选（${offered.length} 台）`, `all ${offered.length}`)}</Tick> : null}
      {offered.map((t) => (
        <Tick key={t.tid} checked={chosen.includes(t.tid)} set={(is) => choose(is ? [...chosen, t.tid] : chosen.filter((tid) => tid !== t.tid))}>
          <span className="row"><b>{t.store?.name ?? t.merchant.name}</b> <span className="num">{t.tid}</span> <StatusTag service={t.service} holds={t.holds} />{isOfMany ? <span className="soft">{t.merchant.name}</span> : null}</span>
        </Tick>
      ))}
    </>
  )
}

export function Why({ kind, reason, setReason, words, setWords }: { kind: Asked; reason: Reason | undefined; setReason(r: Reason): void; words: string; setWords(w: string): void }) {
  const say = useSay()
  return (
    <>
      <h2 className="plain">{kind === 'close' ? say('为什么注销？', 'Why close it?') : say('为什么停机？', 'Why?')}</h2>
      <Choices label={say('原因', 'reason')} value={reason} set={setReason} options={(kind === 'close' ? forGood : forAWhile).map((code) => [code, say(reasons[code])] as const)} />
      <Field label={say('要补充说明吗？（可不填）', 'Anything to add? (optional)')}><textarea rows={2} maxLength={500} value={words} onChange={(e) => setWords(e.target.value)} /></Field>
    </>
  )
}
