/** @jsxImportSource preact */
// The lesson for shop staff: seven things done once with their own hands, on a machine that is connected to nothing.
import { useRef, useState } from 'preact/hooks'
import { Machine } from './Machine.tsx'
import { passingMemory } from './memory.ts'
import { Page, type Go } from './Page.tsx'
import { isLearnt, lessons, practiceKnown, practiceLine } from './practice.ts'
import { openTill, type Outcome } from './till.ts'
import { useLanguage } from './words.ts'

export function Practice({ go, back }: { go: Go; back: string }) {
  const { say, language } = useLanguage()
  const [learnt, setLearnt] = useState(0)
  const lesson = lessons[Math.min(learnt, lessons.length - 1)]!
  const before = lessons[learnt - 1]
  const at = useRef(lesson)
  at.current = lesson
  const [now] = useState(Date.now)
  const known = practiceKnown(lesson, lesson.mode === 'shut' && before?.asks === 'status', now, language)
  const [till] = useState(() => openTill({ tid: known.tid, mid: known.mid, serial: undefined, line: practiceLine(() => at.current, Date.now), memory: passingMemory(), masterKey: undefined }))
  const heard = (outcome: Outcome): void => { if (learnt < lessons.length && isLearnt(lesson, outcome)) setLearnt(learnt + 1) }
  return (
    <Page go={go} title={say('练习', 'Practice')} about={say('什么都不会发出去', 'nothing is sent')}>
      <section class="lesson" aria-label={say('课程', 'Lesson')}>
        <p class="step"><b>{say('练习', 'Practice')} {Math.min(learnt + 1, lessons.length)}/{lessons.length}</b></p>
        <div aria-live="polite">
          {before === undefined ? null : <p class="learnt">✓ {say(before.learnt)}</p>}
          {learnt < lessons.length ? <p class="todo">{say(lesson.todo)}</p> : (
            <p class="row"><button type="button" class="plain-button" onClick={() => setLearnt(0)}>{say('再练一遍', 'Once more')}</button> <a href={back} onClick={go}>{say('回到终端', 'Back to the terminal')}</a></p>
          )}
        </div>
      </section>
      <Machine known={known} till={till} link="open" kind="practice" look={() => Promise.resolve()} heard={heard} practise={() => {}} />
    </Page>
  )
}
