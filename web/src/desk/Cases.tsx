// The cases of this party: for a merchant what it asked for, newest first; for a provider the queue, the nearest deadline first.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { applicationKinds, applicationStates } from '../../../src/domain/vocabulary.ts'
import { listApplications } from '../../../src/client/generated/sdk.gen.ts'
import type { ListApplicationsData, ListApplicationsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Search, Segments, Tag } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Page } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { Deadline } from './Deadline.tsx'
import { useMe } from '../session.ts'
import { useSay, type Words } from '../words.ts'

type Queue = NonNullable<NonNullable<ListApplicationsData['query']>['queue']>
type Row = ListApplicationsResponses[200]['items'][number]

const queues: Readonly<Record<'merchant' | 'provider' | 'platform', readonly (readonly [Queue | 'all', Words])[]>> = {
  merchant: [['all', ['全部', 'all']], ['open', ['办理中', 'under way']], ['returned', ['待补件', 'returned']]],
  provider: [['review', ['待审核', 'to review']], ['second', ['待复核', 'second review']], ['mine', ['我的', 'mine']], ['returned', ['待补件', 'returned']], ['due', ['快到期', 'due soon']], ['all', ['全部', 'all']]],
  platform: [['all', ['全部', 'all']], ['open', ['办理中', 'under way']]],
}

export default function Cases() {
  const say = useSay()
  const me = useMe()!
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { queue?: Queue | 'all'; q?: string }
  const shown = queues[me.party.kind]
  const queue = search.queue ?? shown[0]![0]
  const q = search.q ?? ''
  const list = useInfiniteQuery({
    queryKey: ['cases', queue, q],
    queryFn: ({ pageParam }) => ask(listApplications({ query: { ...(queue === 'all' ? {} : { queue }), ...(q === '' ? {} : { q }), ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  })
  const go = (part: { queue?: string; q?: string }): void => void navigate({ to: '/cases' as never, search: { ...search, ...part } as never, replace: true })
  const columns: readonly Column<Row>[] = [
    { id: 'no', title: say('编号', 'Case'), width: '160px', cell: (c) => <b className="num">{c.no}</b> },
    { id: 'about', title: say('事项', 'About'), width: 'minmax(220px, 1fr)', cell: (c) => <>{say(applicationKinds[c.kind])} · {c.reasonWords}<br /><span className="soft">{c.merchant.name} · {say(`${c.terminals.length} 台`, `${c.terminals.length} terminal(s)`)}</span></> },
    { id: 'state', title: say('状态', 'State'), width: '110px', cell: (c) => <Tag>{say(applicationStates[c.state])}</Tag> },
    { id: 'stop', title: say('停机', 'Stop'), width: '150px', cell: (c) => <span className="num">{c.effectiveFrom === null ? null : when(c.effectiveFrom)}</span> },
    { id: 'deadline', title: say('时限', 'Deadline'), width: '130px', cell: (c) => <Deadline row={c} /> },
  ]
  return (
    <Page title={say('办件', 'Cases')} wide={me.party.kind !== 'merchant'}>
      <div className="row gap">
        <Segments label={say('哪些办件', 'which cases')} value={queue} set={(value) => go({ queue: value })} options={shown.map(([value, words]) => [value, say(words)] as const)} />
        <Search label={say('查找办件', 'find a case')} hint={say('编号、终端号、商户', 'case, terminal, merchant')} value={q} send={(value) => go({ q: value })} />
      </div>
      <DataTable query={list} columns={columns} keyOf={(c) => c.no} label={say('办件', 'cases')} empty={say('这里没有办件。', 'No cases here.')} open={(c) => void navigate({ to: `/cases/${c.no}` as never })} />
    </Page>
  )
}
