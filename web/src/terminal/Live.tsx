/** @jsxImportSource preact */
// A terminal of somebody's, with its real line: looked at every few seconds, its line kept open as long as the page is.
import { useCallback, useEffect, useState } from 'preact/hooks'
import { getLineKey } from '../../../src/client/generated/sdk.gen.ts'
import { ask, Refused } from '../api.ts'
import { look, type Known } from './known.ts'
import { openLine, type LinkState } from './line.ts'
import { Machine } from './Machine.tsx'
import { machineMemory } from './memory.ts'
import { Page, SignInFirst, type Go } from './Page.tsx'
import { openTill, type Till } from './till.ts'
import { useLanguage } from './words.ts'

const look_again_ms = 10_000

/** Undefined where the keys are those of the host behind the gate. */
const masterKeyOf = (tid: string): Promise<string | undefined> =>
  ask(getLineKey({ path: { tid } })).then(({ key }) => key, (error: unknown) => {
    if (error instanceof Refused && error.problem.code === 'key_of_host') return undefined
    throw error
  })

export function Live({ tid, go }: { tid: string; go: Go }) {
  const { say, language } = useLanguage()
  const [known, setKnown] = useState<Known | null | undefined | 'asking'>('asking')
  const [link, setLink] = useState<LinkState>('connecting')
  const [till, setTill] = useState<Till>()
  const [fault, setFault] = useState<string>()
  // Asked for beside all else, since the machine does not start without; once more where that failed.
  const [firstKey] = useState(() => masterKeyOf(tid).catch(() => 'failed' as const))
  // In another language it is asked anew.
  const again = useCallback(async () => {
    try {
      setKnown(await look(tid))
      setFault(undefined)
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
    }
  }, [tid, language])

  useEffect(() => {
    void again()
    const timer = setInterval(() => { if (!document.hidden) void again() }, look_again_ms)
    return () => clearInterval(timer)
  }, [again])

  const seen = known !== null && typeof known === 'object' ? known : undefined
  const name = seen && `${seen.tid} ${seen.mid} ${seen.serial}`
  // One line for a terminal, whatever else becomes known of it.
  useEffect(() => {
    if (seen === undefined) return
    const { mid, serial } = seen
    let isGone = false
    const line = openLine(tid, setLink)
    firstKey.then((key) => (key === 'failed' ? masterKeyOf(tid) : key)).then((masterKey) => { if (!isGone) setTill(openTill({ tid, mid, serial, line, memory: machineMemory(tid), masterKey })) }, (error: Error) => setFault(error.message))
    return () => {
      isGone = true
      setTill(undefined)
      line.close()
    }
  }, [name])

  if (known === null) return <SignInFirst go={go} />
  if (known === undefined) return <Page go={go} title={say('没有这台终端', 'No such terminal')}><p class="note">{say(`找不到 ${tid}，或者它不是您的。`, `${tid} is not there, or not yours.`)} <a href="/terminal" onClick={go}>{say('选一台', 'Choose one')}</a></p></Page>
  if (seen === undefined || till === undefined) return <Page go={go} title={say('虚拟终端', 'Virtual terminal')}><p class="note" role="status">{fault ?? say('正在开机…', 'Starting…')}</p></Page>
  return (
    <Page go={go} title={say('虚拟终端', 'Virtual terminal')} about={`${seen.store ?? seen.merchant} · ${seen.tid}`} tid={seen.tid}>
      <Machine known={seen} till={till} link={link} kind="real" look={again} practise={() => go('/terminal/practice')} />
      {fault === undefined ? null : <p class="note" role="status">{fault}</p>}
    </Page>
  )
}
