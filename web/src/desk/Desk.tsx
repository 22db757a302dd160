// The review desk: the queue by deadline on the left, the whole case on the right, a letter for every decision. After one
// is made the next case stands there.
import { useState } from 'react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { applicationKinds } from '../../../src/domain/vocabulary.ts'
import { getApplication, listApplications } from '../../../src/client/generated/sdk.gen.ts'
import type { ListApplicationsData, ListApplicationsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Button, Dialog, Segments } from '../look/controls.tsx'
import { useKeys } from '../look/keys.ts'
import { Shown } from '../look/Page.tsx'
import { useMe } from '../session.ts'
import { useSay, type Words } from '../words.ts'
import { CaseView } from './Case.tsx'
import { Deadline } from './Deadline.tsx'

type Queue = NonNullable<NonNullable<ListApplicationsData['query']>['queue']>
type Row = ListApplicationsResponses[200]['items'][number]

const queues: readonly (readonly [Queue, Words])[] = [['review', ['待审核', 'to review']], ['second', ['待复核', 'second look']], ['mine', ['我的', 'mine']], ['due', ['快到期', 'due soon']]]
const help: readonly (readonly [string, Words])[] = [
  ['J / K', ['下一件 / 上一件', 'next / previous case']], ['1 – 4', ['换队列', 'another queue']], ['A', ['批准', 'approve']], ['R', ['退回补件', 'return']], ['X', ['驳回', 'reject']], ['C', ['领取', 'claim']], ['E', ['转办', 'assign']], ['?', ['这张表', 'this list']],
]

export default function Desk() {
  const say = useSay()
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { queue?: Queue; no?: string }
  const me = useMe()!
  // An approver is here for the second look.
  const queue = search.queue ?? (me.role === 'approver' ? 'second' : 'review')
  const [helping, setHelping] = useState(false)
  const list = useInfiniteQuery({
    queryKey: ['cases', 'desk', queue],
    queryFn: ({ pageParam }) => ask(listApplications({ query: { queue, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const at = rows.findIndex((row) => row.no === search.no)
  const no = search.no ?? rows[0]?.no
  const open = (next: string | undefined): void => void navigate({ to: '/desk' as never, search: { queue, ...(next === undefined ? {} : { no: next }) } as never })
  const step = (by: 1 | -1): void => { const next = rows[(at < 0 ? 0 : at) + by]; if (next) open(next.no) }
  const turnTo = (value: Queue): void => void navigate({ to: '/desk' as never, search: { queue: value } as never })
  useKeys({ j: () => step(1), k: () => step(-1), '?': () => setHelping(true), ...Object.fromEntries(queues.map(([value], i) => [String(i + 1), () => turnTo(value)])) })
  const shown = useQuery({ queryKey: ['case', no], queryFn: () => ask(getApplication({ path: { no: no! } })), enabled: no !== undefined, placeholderData: keepPreviousData })
  // While the next case is on its way the one before still stands there: letters decide nothing then.
  return (
    <main id="main" tabIndex={-1} className={search.no === undefined ? 'desk' : 'desk reading'}>
      <h1 className="unseen">{say('审核台', 'Review desk')}</h1>
      <nav className="queue" aria-label={say('待办队列', 'queue')}>
        <div className="top">
          <Segments label={say('队列', 'queue')} value={queue} set={turnTo} options={queues.map(([value, words]) => [value, say(words)] as const)} />
          {me.rights.includes('create') ? <Link to={'/apply' as never}>{say('代商户申请', 'File for a merchant')}</Link> : null}
          <span className="soft keys-hint"><kbd>J</kbd> <kbd>K</kbd> {say('上下', 'move')} · <kbd>?</kbd> {say('快捷键', 'keys')}</span>
        </div>
        {list.data !== undefined && rows.length === 0 ? <p className="soft page">{say('队列是空的，没有等您的办件。', 'The queue is empty; nothing waits for you.')}</p> : null}
        <ol>{rows.map((row) => <li key={row.no}><Item row={row} current={row.no === no} open={() => open(row.no)} /></li>)}</ol>
        {list.hasNextPage ? <p className="page"><Button wide onClick={() => void list.fetchNextPage()} busy={list.isFetchingNextPage}>{say('再看一些', 'Show more')}</Button></p> : null}
      </nav>
      <div className="read">
        {search.no === undefined ? null : <p className="only-narrow"><Button bare onClick={() => open(undefined)}>{say('← 回到队列', '← back to the queue')}</Button></p>}
        {no === undefined ? null : (
        <Shown query={shown}>{(c) => <CaseView key={c.no} c={c} keys={c.no === no} decided={() => { const next = rows[at + 1] ?? rows[at - 1]; open(next?.no) }} />}</Shown>
      )}</div>
      {helping ? (
        <Dialog title={say('快捷键', 'Keys')} shut={() => setHelping(false)}>
          <dl className="facts keys">{help.map(([key, words]) => <div key={key} className="pair"><dt><kbd>{key}</kbd></dt><dd>{say(words)}</dd></div>)}</dl>
        </Dialog>
      ) : null}
    </main>
  )
}

function Item({ row, current, open }: { row: Row; current: boolean; open: () => void }) {
  const say = useSay()
  return (
    <button type="button" className="item" aria-current={current} onClick={open}>
      <b className="num">{row.no}</b><Deadline row={row} />
      <span className="soft">{row.merchant.name} · {say(applicationKinds[row.kind])} <span className="num">{say(`${row.terminals.length} 台`, `× ${row.terminals.length}`)}</span></span>
    </button>
  )
}
