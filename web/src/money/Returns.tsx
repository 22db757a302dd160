// Devices on their way back, and the deposits on them: the newest first. Filters are kept in the address.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { depositStates, returnStates, words, type DepositState, type ReturnState } from '../../../src/domain/vocabulary.ts'
import { listReturns } from '../../../src/client/generated/sdk.gen.ts'
import type { ListReturnsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Select } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Page } from '../look/Page.tsx'
import { day, money } from '../look/when.ts'
import { useSay } from '../words.ts'
import { DepositLamp, ReturnLamp } from './lamps.tsx'

type Row = ListReturnsResponses[200]['items'][number]
type Filters = { state?: ReturnState; deposit?: DepositState }

export default function Returns() {
  const say = useSay()
  const navigate = useNavigate()
  const filters = useSearch({ strict: false }) as Filters
  const asked: Filters = { ...(filters.state && { state: filters.state }), ...(filters.deposit && { deposit: filters.deposit }) }
  const go = (part: { [K in keyof Filters]: Filters[K] | undefined }): void =>
    void navigate({ to: '/returns' as never, search: Object.fromEntries(Object.entries({ ...asked, ...part }).filter(([, v]) => v !== undefined)) as never, replace: true })
  const query = useInfiniteQuery({
    queryKey: ['returns', asked],
    queryFn: ({ pageParam }) => ask(listReturns({ query: { ...asked, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next, placeholderData: keepPreviousData,
  })
  const columns: readonly Column<Row>[] = [
    { id: 'device', title: say('机具', 'Device'), width: '180px', cell: (r) => <><b className="num">{r.serial}</b><br /><span className="soft num">{say('终端', 'terminal')} {r.tid}</span></> },
    { id: 'state', title: say('退机', 'Return'), width: '130px', cell: (r) => <ReturnLamp state={r.state} /> },
    { id: 'deposit', title: say('押金', 'Deposit'), width: '110px', isEnd: true, cell: (r) => <span className="num">{r.deposit === null ? '—' : money(r.deposit.amount)}</span> },
    { id: 'stands', title: say('押金状态', 'Deposit is'), width: '170px', cell: (r) => (r.deposit === null ? <span className="soft">—</span> : <DepositLamp state={r.deposit.state} overdue={r.deposit.overdue} />) },
    { id: 'sentence', title: say('一句话', 'In a sentence'), width: 'minmax(280px, 1fr)', cell: (r) => <span className="clip" title={r.sentence}>{r.sentence}</span> },
    { id: 'since', title: say('开始', 'Since'), width: '110px', cell: (r) => <span className="num">{day(r.openedAt)}</span> },
    { id: 'due', title: say('应退还', 'Refund due'), width: '110px', cell: (r) => <span className={r.deposit?.overdue ? 'num late' : 'num'}>{r.deposit?.dueAt ? day(r.deposit.dueAt) : '—'}</span> },
  ]
  return (
    <Page wide title={say('退机与押金', 'Returns and deposits')} above={say('注销后要退回的机具，和机具上的押金。', 'Devices that come back after a closure, and the deposits on them.')}>
      <div className="row gap">
        <Select<ReturnState> value={asked.state} set={(state) => go({ state })} none={say('退机：全部', 'any return')} aria-label={say('退机状态', 'state of the return')} options={words(returnStates).map((value) => ({ value, label: say(returnStates[value]) }))} />
        <Select<DepositState> value={asked.deposit} set={(deposit) => go({ deposit })} none={say('押金：全部', 'any deposit')} aria-label={say('押金状态', 'state of the deposit')} options={words(depositStates).map((value) => ({ value, label: say(depositStates[value]) }))} />
      </div>
      <DataTable query={query} columns={columns} keyOf={(r) => r.rma} label={say('退机', 'returns')} open={(r) => void navigate({ to: `/returns/${r.rma}` as never })}
        empty={Object.keys(asked).length > 0 ? say('没有符合条件的。', 'Nothing matches.') : say('没有要退回的机具。', 'No device is on its way back.')} />
    </Page>
  )
}
