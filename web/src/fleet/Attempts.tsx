// What was tried on terminals that are stopped, and refused: a row per terminal, day and kind, newest first.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { transactionClasses } from '../../../src/domain/vocabulary.ts'
import { listAttempts } from '../../../src/client/generated/sdk.gen.ts'
import type { ListAttemptsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Search } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Page } from '../look/Page.tsx'
import { time, when } from '../look/when.ts'
import { useSay } from '../words.ts'

type Row = ListAttemptsResponses[200]['items'][number]
type Filters = { terminal?: string; since?: string }

export default function Attempts() {
  const say = useSay()
  const navigate = useNavigate()
  const found = useSearch({ strict: false }) as { terminal?: string | number; since?: string }
  // A number in the address is read as a number; a terminal's is a text of eight.
  const filters: Filters = { ...(found.terminal === undefined ? {} : { terminal: String(found.terminal) }), ...(found.since === undefined ? {} : { since: found.since }) }
  const go = (part: { terminal?: string | undefined; since?: string | undefined }): void => {
    const next = Object.fromEntries(Object.entries({ ...filters, ...part }).filter(([, v]) => v !== undefined && v !== ''))
    void navigate({ to: '/attempts' as never, search: next as never, replace: true })
  }
  const query = useInfiniteQuery({
    queryKey: ['attempts', filters], queryFn: ({ pageParam }) => ask(listAttempts({ query: { limit: 50, ...filters, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next,
  })
  const columns: readonly Column<Row>[] = [
    { id: 'tid', title: say('终端', 'Terminal'), width: '110px', cell: (a) => <b className="num">{a.tid}</b> },
    { id: 'day', title: say('日期', 'Day'), width: '110px', cell: (a) => <span className="num">{a.day}</span> },
    { id: 'class', title: say('尝试', 'Tried'), width: 'minmax(130px, 1fr)', cell: (a) => say(transactionClasses[a.class]) },
    { id: 'count', title: say('次数', 'Times'), width: '70px', isEnd: true, cell: (a) => <span className="num">{a.count.toLocaleString()}</span> },
    { id: 'time', title: say('首次 – 末次', 'First – last'), width: '130px', cell: (a) => <span className="num">{time(a.firstAt)}{a.firstAt === a.lastAt ? '' : ` – ${time(a.lastAt)}`}</span> },
    { id: 'mid', title: say('商户号', 'Merchant'), width: '170px', cell: (a) => <span className="num">{a.mid}</span> },
    { id: 'told', title: say('已告知', 'Told'), width: '150px', cell: (a) => (a.toldAt === null ? '—' : <span className="num">{when(a.toldAt)}</span>) },
  ]
  return (
    <Page wide title={say('停机终端上的尝试', 'Attempts on stopped terminals')} above={say('每一笔都已被闸口拒绝。', 'Every one of them was refused at the gate.')}>
      <div className="row gap">
        <Search label={say('终端号', 'terminal number')} hint={say('终端号', 'terminal number')} value={filters.terminal} send={(terminal) => go({ terminal })} />
        <label className="row"><span className="soft">{say('自哪天起', 'Since')}</span><input type="date" value={filters.since ?? ''} onChange={(e) => go({ since: e.target.value })} /></label>
      </div>
      <DataTable query={query} columns={columns} keyOf={(a) => `${a.day} ${a.tid} ${a.class}`} label={say('尝试', 'attempts')} empty={say('停机的终端上没有人尝试过交易。', 'Nobody tried anything on a stopped terminal.')} open={(a) => void navigate({ to: `/terminals/${a.tid}` as never })} />
    </Page>
  )
}
