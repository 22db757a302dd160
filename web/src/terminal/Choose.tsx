/** @jsxImportSource preact */
// Which terminal this machine should be: those the reader may see, found by number, merchant or case.
import { useEffect, useState } from 'preact/hooks'
import { listTerminals } from '../../../src/client/generated/sdk.gen.ts'
import type { ListTerminalsResponses } from '../../../src/client/generated/types.gen.ts'
import { services } from '../../../src/domain/vocabulary.ts'
import { ask, Refused } from '../api.ts'
import { Page, SignInFirst, type Go } from './Page.tsx'
import { useLanguage } from './words.ts'

type Row = ListTerminalsResponses[200]['items'][number]
const rows_max = 50
const typing_ms = 250

export function Choose({ go }: { go: Go }) {
  const { say, language } = useLanguage()
  const [typed, setTyped] = useState('')
  const [rows, setRows] = useState<readonly Row[] | null>()
  const [fault, setFault] = useState<string>()
  // In another language it is asked anew.
  useEffect(() => {
    let isOld = false
    const timer = setTimeout(() => {
      const q = typed.trim()
      ask(listTerminals({ query: { limit: rows_max, ...(q === '' ? {} : { q }) } })).then(
        ({ items }) => { if (!isOld) { setRows(items); setFault(undefined) } },
        (error: unknown) => {
          if (isOld) return
          if (error instanceof Refused && error.problem.status === 401) setRows(null)
          else setFault(error instanceof Error ? error.message : String(error))
        },
      )
    }, typed === '' ? 0 : typing_ms)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [typed, language])
  if (rows === null) return <SignInFirst go={go} />
  return (
    <Page go={go} title={say('虚拟终端', 'Virtual terminal')} about={say('选一台', 'choose one')}>
      <section class="choose">
        <label>{say('终端号、商户或办件', 'Terminal, merchant or case')}
          <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
        {fault === undefined ? null : <p role="alert">{fault}</p>}
        {rows === undefined ? null : rows.length === 0 ? <p class="soft">{say('没有找到。', 'Nothing found.')}</p> : (
          <ul>{rows.map((row) => (
            <li key={row.tid}><a href={`/terminal/${row.tid}`} onClick={go}><b class="num">{row.tid}</b><span>{row.store?.name ?? row.merchant.name}</span><span class="soft">{say(services[row.service])}</span></a></li>
          ))}</ul>
        )}
        <p><a href="/terminal/practice" onClick={go}>{say('先练习一遍（不发送任何东西）', 'Practise first (nothing is sent)')}</a></p>
      </section>
    </Page>
  )
}
