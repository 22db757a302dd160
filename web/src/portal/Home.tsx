// "My terminals": one card each, the ones that ask something of the reader first, each with one plain sentence and the bar
// of what it may do. A merchant with many terminals searches instead of scrolling.
import { useState } from 'react'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listTerminals } from '../../../src/client/generated/sdk.gen.ts'
import type { ListTerminalsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { hasBegun, isOpen } from '../hold.ts'
import { Button, Search } from '../look/controls.tsx'
import { Empty, Page, Shown } from '../look/Page.tsx'
import { StatusTag } from '../look/StatusTag.tsx'
import { returnsOf, TimeStrip } from '../look/TimeStrip.tsx'
import { day, money } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'

type Terminal = ListTerminalsResponses[200]['items'][number]

const cards_per_page = 24
/** From so many on people search. */
const search_from = 7

/**
 * Something is asked of the reader: a stop is coming or begun and money is still open, a test is waited for, or somebody else
 * stopped it. Today's takings of a terminal that simply works are nobody's worry.
 */
const asks = (t: Terminal): boolean =>
  (!t.clearance.clear && t.holds.some(isOpen)) || t.service === 'testing' || t.holds.some((h) => h.owner !== 'merchant' && isOpen(h))

export default function Home() {
  const say = useSay()
  const me = useMe()
  const [q, setQ] = useState('')
  const list = useInfiniteQuery({
    queryKey: ['terminals', 'mine', q],
    queryFn: ({ pageParam }) => ask(listTerminals({ query: { limit: cards_per_page, ...(q === '' ? {} : { q }), ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  })
  const now = Date.parse(me!.now)
  return (
    <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => {
      const terminals = data.pages.flatMap((page) => page.items)
      const waiting = terminals.filter(asks).length
      const { total } = data.pages[0]!
      const count = typeof total === 'number' ? String(total) : `${total.about}+`
      const sorted = [...terminals.filter(asks), ...terminals.filter((t) => !asks(t))]
      return (
        <Page
          title={waiting === 0 ? say(`${count} 台终端，都不用您操心`, `${count} terminals, nothing asked of you`) : say(`${count} 台终端，${waiting} 台等您处理`, `${count} terminals, ${waiting} waiting for you`)}
          above={`${say('今天', 'Today')} ${day(now)}`}
          actions={<Link className="button primary" to={'/apply' as never}>{say('申请停机', 'Ask for a stop')}</Link>}
        >
          {q === '' && terminals.length < search_from ? null : (
            <div className="gap"><Search label={say('查找终端', 'find a terminal')} hint={say('终端号、序列号、办件编号', 'terminal, serial or case number')} value={q} send={setQ} /></div>
          )}
          {terminals.length === 0 ? <Empty>{say('没有找到终端。', 'No terminal found.')}</Empty> : null}
          <div className="cards">{sorted.map((t) => <TerminalCard key={t.tid} terminal={t} now={now} />)}</div>
          {list.hasNextPage ? <p><Button onClick={() => void list.fetchNextPage()} busy={list.isFetchingNextPage}>{say('再看一些', 'Show more')}</Button></p> : null}
        </Page>
      )
    }}</Shown>
  )
}

function TerminalCard({ terminal: t, now }: { terminal: Terminal; now: number }) {
  const say = useSay()
  const mayReadMoney = useMe()!.rights.includes('read-money')
  const returns = returnsOf(t.holds, say)
  const open = t.clearance.items.reduce((sum, item) => sum + item.amount.fen, 0)
  return (
    <article className={asks(t) ? 'sheet card asks' : 'sheet card'}>
      <div className="row apart">
        <h2 className="plain"><Link to={`/terminals/${t.tid}` as never}>{t.store?.name ?? t.merchant.name} · <span className="num">{t.tid}</span></Link></h2>
        <StatusTag service={t.service} holds={t.holds} />
      </div>
      <p className="sentence">{t.sentence}</p>
      <TimeStrip schedule={t.schedule} now={now} small={t.upcoming.length === 0 && returns.length === 0} marks={returns} />
      <div className="row">
        {t.cases[0] === undefined ? null : <Link className="button" to={`/cases/${t.cases[0].no}` as never}>{say('看办件', 'See the case')}</Link>}
        {open > 0 && asks(t) ? <Link className="button" to={`/terminals/${t.tid}` as never}>{say(`未结清 ${money({ fen: open })}`, `${money({ fen: open })} open`)}</Link> : null}
        {t.allowed.suspend === true && t.cases.length === 0 ? <Link className="button" to={'/apply' as never} search={{ tid: t.tid } as never}>{say('停机', 'Stop')}</Link> : null}
        {t.allowed.suspend === true && t.cases.length === 0 && mayReadMoney && !t.holds.some(isOpen) ? <Link to={`/terminals/${t.tid}/traffic` as never}>{say('何时停影响最小', 'Best time to stop')}</Link> : null}
        {t.allowed.reactivate === true && t.holds.some(hasBegun) ? <Link className="button" to={'/apply' as never} search={{ tid: t.tid, kind: 'reactivate' } as never}>{say('申请复机', 'Ask for it back')}</Link> : null}
      </div>
    </article>
  )
}
