// The journal as it is kept: what was commanded, by whom, what came of it, and the hash by which each row holds on to the one
// before it. Of all of it the newest first; of one terminal or case from its beginning.
import { useState } from 'react'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { roles } from '../../../src/domain/vocabulary.ts'
import { factSentence } from '../../../src/domain/fact-words.ts'
import { readJournal } from '../../../src/client/generated/sdk.gen.ts'
import type { ReadJournalResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Button, Search } from '../look/controls.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useLanguage, useSay } from '../words.ts'
import { AdminTabs } from './Tabs.tsx'

type Journal = ReadJournalResponses[200]
type Row = Journal['rows'][number]
type Filters = { terminal?: string; application?: string }

const rows_per_page = 50

/** Rows before `until` (the head where none is named), or, of one thing, after `after`. */
async function read(filters: Filters, place: number | null): Promise<Journal & { next: number | null }> {
  if (filters.terminal !== undefined || filters.application !== undefined) {
    const page = await ask(readJournal({ query: { ...filters, limit: rows_per_page, ...(place === null ? {} : { after: place }) } }))
    return { ...page, next: page.rows.length < rows_per_page ? null : page.rows.at(-1)!.seq }
  }
  const until = place ?? (await ask(readJournal({ query: { limit: 1 } }))).head.seq
  const after = Math.max(0, until - rows_per_page)
  const page = await ask(readJournal({ query: { limit: rows_per_page, after } }))
  return { ...page, rows: page.rows.filter((r) => r.seq <= until).toReversed(), next: after === 0 ? null : after }
}

export default function JournalPage() {
  const say = useSay()
  const navigate = useNavigate()
  const found = useSearch({ strict: false }) as { of?: string | number }
  const of = found.of === undefined ? '' : String(found.of)
  const filters: Filters = of === '' ? {} : of.includes('-') ? { application: of } : { terminal: of }
  const query = useInfiniteQuery({
    queryKey: ['journal', filters], queryFn: ({ pageParam }) => read(filters, pageParam), initialPageParam: null as number | null, getNextPageParam: (last) => last.next,
  })
  return (
    <Page title={say('日志', 'Journal')} above={say('每一条命令与结果，只增不改。', 'Every command and what came of it; only ever added to.')}>
      <AdminTabs />
      <div className="row gap">
        <Search label={say('终端号或办件编号', 'terminal or case number')} hint={say('终端号或办件编号', 'terminal or case number')} value={of} send={(text) => void navigate({ to: '/admin/journal' as never, search: (text === '' ? {} : { of: text }) as never })} />
      </div>
      <Shown query={{ data: query.data, error: query.error, refetch: query.refetch }}>{(data) => {
        const rows = data.pages.flatMap((p) => p.rows)
        return (
          <div className="stack">
            <Head head={data.pages[0]!.head} rows={rows} />
            <section className="sheet" aria-label={say('日志行', 'rows of the journal')}>
              {rows.length === 0 ? <p className="soft">{say('没有这样的记录。', 'Nothing of that kind.')}</p> : null}
              <ol className="plain stack journal">{rows.map((row) => <li key={row.seq}><One row={row} /></li>)}</ol>
              {query.hasNextPage ? <p><Button onClick={() => void query.fetchNextPage()} busy={query.isFetchingNextPage}>{filters.terminal ?? filters.application ? say('之后的', 'Later') : say('更早的', 'Earlier')}</Button></p> : null}
            </section>
          </div>
        )
      }}</Shown>
    </Page>
  )
}

type Body = { at: string; command: string; outcome: string; actor?: { role: keyof typeof roles; party: string }; facts?: { fact: string }[]; about?: { case?: string; tids?: string[] } }

function One({ row }: { row: Row }) {
  const say = useSay()
  const { language } = useLanguage()
  const { now, zone } = useMe()!
  const body = row.body as Body
  const reader = { now: Date.parse(now), zone, language, holds: new Map() }
  const facts = body.facts ?? []
  return (
    <article>
      <div className="row apart"><span><b className="num">{row.seq}</b> <span className="num soft">{when(body.at)}</span> · {body.actor ? say(roles[body.actor.role]) : ''} · <code>{body.command}</code></span>
        {body.outcome === 'accepted' ? null : <span className="near">{say('被拒绝：', 'refused: ')}<code>{body.outcome}</code></span>}</div>
      {[body.about?.case, ...(body.about?.tids ?? [])].filter(Boolean).length === 0 ? null : <div className="soft hash">{[body.about?.case, ...(body.about?.tids ?? [])].filter(Boolean).join(' · ')}</div>}
      {facts.length === 0 ? null : <ul className="rules">{[...new Set(facts.map((fact) => factSentence(fact as never, reader)))].map((words) => <li key={words}>{words}</li>)}</ul>}
      <details><summary>{say('原文与哈希', 'The text and its hash')}</summary><p className="hash">{row.hash}</p><pre className="raw">{JSON.stringify(body, null, 2)}</pre></details>
    </article>
  )
}

/** The head, and what anybody can do to check that nothing was altered – here and now for the rows in sight. */
function Head({ head, rows }: { head: Journal['head']; rows: readonly Row[] }) {
  const say = useSay()
  const check = useMutation({ mutationFn: () => faultsIn(rows) })
  const [seen, setSeen] = useState(0)
  return (
    <section className="sheet stack">
      <h2 className="plain flush">{say(`最新一条：第 ${head.seq} 号`, `Head: row ${head.seq}`)}</h2>
      <p className="hash sentence">{head.hash}</p>
      <div className="row">
        <Button busy={check.isPending} onClick={() => { setSeen(rows.length); check.mutate() }}>{say('核对显示的各行', 'Check the rows shown')}</Button>
        <span role="status">{check.data === undefined ? '' : check.data.length === 0 ? <span className="lamp open"><span aria-hidden="true">●</span>{say(`${seen} 行无误`, `${seen} rows are intact`)}</span> : <span className="late">{say(`第 ${check.data.join('、')} 号被改动过`, `altered: ${check.data.join(', ')}`)}</span>}</span>
      </div>
      <details><summary>{say('如何自行核对', 'How to check it yourself')}</summary>
        <p>{say('每行的哈希 = SHA-256(上一行的哈希 ‖ 序号 ‖ 换行 ‖ 原文)。改动、删除、插入或调换任何一行，其后的哈希都不再相符。头部哈希定期签名并存放在数据库之外。', 'Each row’s hash is SHA-256(hash before ‖ number ‖ newline ‖ text). A row altered, removed, inserted or moved breaks every hash after it. Heads are signed at intervals and kept outside the database.')}</p>
        <p className="secret">npm run cli -- journal verify</p>
      </details>
    </section>
  )
}

/** Numbers of rows whose hash does not follow from their text and the row before. */
async function faultsIn(rows: readonly Row[]): Promise<number[]> {
  const hashes = new Map(rows.map((r) => [r.seq, r.hash]))
  const bad = await Promise.all(rows.map(async (r) => {
    const text = new TextEncoder().encode(`${r.seq}\n${r.text}`)
    const whole = new Uint8Array([...Uint8Array.from(r.previous.match(/../g)!, (hex) => Number.parseInt(hex, 16)), ...text])
    const hash = [...new Uint8Array(await crypto.subtle.digest('SHA-256', whole))].map((b) => b.toString(16).padStart(2, '0')).join('')
    const before = hashes.get(r.seq - 1)
    return hash === r.hash && (before === undefined || before === r.previous) ? undefined : r.seq
  }))
  return bad.filter((seq) => seq !== undefined).toSorted((a, b) => a - b)
}
