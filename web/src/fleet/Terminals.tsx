// The fleet: one search box for terminal, serial, merchant and case, filters kept in the address, rows that carry their time
// strip. Typing waits a moment, so that each search is asked once.
import { useEffect, useState } from 'react'
import { keepPreviousData, useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { holdOwners, ownerOf, reasons, services, words, type Reason, type Service } from '../../../src/domain/vocabulary.ts'
import { listTerminals } from '../../../src/client/generated/sdk.gen.ts'
import type { ListTerminalsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Places } from '../bulk/places.tsx'
import { Button, Dialog, Field, Select } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Page } from '../look/Page.tsx'
import { StatusTag } from '../look/StatusTag.tsx'
import { returnsOf, TimeStrip } from '../look/TimeStrip.tsx'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { dropView, keepView, name_length_max, savedViews } from './saved.ts'

type Row = ListTerminalsResponses[200]['items'][number]
type Filters = { q?: string | undefined; service?: Service | undefined; reason?: Reason | undefined }

const typing_ms = 180
const rows_per_page = 50
/** A pasted list comes whole, so that what is missing from it can be said. */
const rows_of_pasted = 200
const tally_fresh_ms = 60_000
const separators = /[\s,，、;；]+/
const valuesIn = (text: string): string[] => [...new Set(text.split(separators).filter((v) => v !== ''))]

export default function Terminals() {
  const say = useSay()
  const me = useMe()!
  const navigate = useNavigate()
  const found = useSearch({ strict: false }) as Filters
  // A number in the address is read as a number; what is searched for is text.
  const filters: Filters = found.q === undefined ? found : { ...found, q: String(found.q) }
  const pasted = valuesIn(filters.q ?? '')
  const [typed, setTyped] = useState(filters.q ?? '')
  const go = (part: Filters): void => {
    const next = Object.fromEntries(Object.entries({ ...filters, ...part }).filter(([, v]) => v !== undefined && v !== ''))
    void navigate({ to: '/fleet' as never, search: next as never, replace: true })
  }
  useEffect(() => {
    if (typed === (filters.q ?? '')) return
    const timer = setTimeout(() => go({ q: typed }), typing_ms)
    return () => clearTimeout(timer)
  })
  const query = useInfiniteQuery({
    queryKey: ['terminals', 'fleet', filters],
    queryFn: ({ pageParam }) => ask(listTerminals({ query: { limit: pasted.length > 1 ? rows_of_pasted : rows_per_page, ...filters, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  })
  const now = Date.parse(me.now)
  const total = query.data?.pages[0]?.total
  const columns: readonly Column<Row>[] = [
    { id: 'tid', title: say('终端', 'Terminal'), width: '190px', cell: (t) => <><b className="num">{t.tid}</b><br /><span className="soft num">{t.device === null ? '—' : `${t.device.model} · ${t.device.serial}`}</span></> },
    { id: 'merchant', title: say('商户 / 门店', 'Merchant / store'), width: 'minmax(180px, 1fr)', cell: (t) => <>{t.merchant.name}<br /><span className="soft">{t.store?.name ?? '—'}</span></> },
    { id: 'service', title: say('状态', 'Status'), width: '150px', cell: (t) => <StatusTag service={t.service} holds={t.holds} /> },
    { id: 'strip', title: say('前后变化', 'Before and after'), width: '220px', cell: (t) => <TimeStrip small schedule={t.schedule} now={now} marks={returnsOf(t.holds, say)} /> },
    { id: 'next', title: say('一句话', 'In a sentence'), width: 'minmax(240px, 1.4fr)', cell: (t) => <span className="clip" title={t.sentence}>{t.sentence}</span> },
  ]
  return (
    <Page wide title={say('终端', 'Terminals')} above={total === undefined ? undefined : typeof total === 'number' ? say(`${total.toLocaleString()} 台`, `${total.toLocaleString()} in all`) : say(`约 ${total.about.toLocaleString()} 台`, `about ${total.about.toLocaleString()}`)}>
      <Places />
      <Tallies current={filters.service} />
      <div className="row gap">
        <input type="search" className="finder wide" autoComplete="off" spellCheck={false} onPaste={(e) => {
          const values = valuesIn(e.clipboardData.getData('text'))
          if (values.length < 2) return
          e.preventDefault()
          setTyped(values.join(' '))
        }} value={typed} onChange={(e) => setTyped(e.target.value)} aria-label={say('查找终端', 'find terminals')} placeholder={say('终端号、序列号、商户、办件；可粘贴 200 个', 'terminal, serial, merchant, case; paste up to 200')} />
        <Select<Service> value={filters.service} set={(service) => go({ service })} none={say('全部状态', 'any status')} aria-label={say('状态', 'status')} options={words(services).map((value) => ({ value, label: say(services[value]) }))} />
        <Select<Reason> value={filters.reason} set={(reason) => go({ reason })} none={say('全部原因', 'any reason')} aria-label={say('原因', 'reason')} options={words(reasons).map((value) => ({ value, label: `${value} ${say(reasons[value])}`, group: say(holdOwners[ownerOf(value)]) }))} />
        {filters.q || filters.service || filters.reason ? <Button onClick={() => { setTyped(''); void navigate({ to: '/fleet' as never, search: {} as never, replace: true }) }}>{say('清除', 'Clear')}</Button> : null}
        {me.rights.includes('run-bulk') && total !== undefined && total !== 0 ? <Link className="button" to={'/fleet/bulks/new' as never} search={filters as never}>{typeof total === 'number' ? say(`对全部 ${total.toLocaleString()} 台批量办理`, `Act on all ${total.toLocaleString()}`) : say('对全部符合条件的批量办理', 'Act on all that match')}</Link> : null}
      </div>
      <Saved filters={filters} show={(search) => { setTyped(search['q'] ?? ''); void navigate({ to: '/fleet' as never, search: search as never }) }} />
      {pasted.length > 1 && query.data !== undefined && !query.isPlaceholderData && !query.hasNextPage ? <Missing values={pasted} rows={query.data.pages.flatMap((p) => p.items)} /> : null}
      <DataTable query={query} columns={columns} keyOf={(t) => t.tid} label={say('终端', 'terminals')} empty={say('没有符合条件的终端。', 'No terminal matches.')} open={(t) => void navigate({ to: `/terminals/${t.tid}` as never })} />
    </Page>
  )
}

/** What was pasted and is on none of the rows found. */
function Missing({ values, rows }: { values: readonly string[]; rows: readonly Row[] }) {
  const say = useSay()
  const known = rows.map((t) => [t.tid, t.mid, t.device?.serial, t.merchant.name, ...t.cases.map((c) => c.no)].join(' ').toUpperCase())
  const missing = values.filter((v) => !known.some((text) => text.includes(v.toUpperCase())))
  if (missing.length === 0) return <p className="soft sentence gap" role="status">{say(`${values.length} 个都找到了。`, `All ${values.length} were found.`)}</p>
  return <p className="near sentence gap" role="status">{say(`${values.length} 个中有 ${missing.length} 个没找到：`, `${missing.length} of ${values.length} were not found: `)}<span className="hash">{missing.join(' ')}</span></p>
}

const total = (n: number | { about: number }): number => (typeof n === 'number' ? n : n.about)

/** How many are in each state, of all one may see; each a link to them. */
function Tallies({ current }: { current: Service | undefined }) {
  const say = useSay()
  const all = words(services)
  const counts = useQueries({ queries: all.map((service) => ({
    queryKey: ['terminals', 'tally', service], queryFn: () => ask(listTerminals({ query: { limit: 1, service } })).then((page) => page.total), staleTime: tally_fresh_ms,
  })) })
  return (
    <nav className="tallies" aria-label={say('按状态', 'by status')}>
      {all.map((service, i) => {
        const n = counts[i]!.data
        if (n === undefined || total(n) === 0) return null
        return <Link key={service} to={'/fleet' as never} search={{ service } as never} aria-current={current === service}>{say(services[service])} <b className="num">{typeof n === 'number' ? '' : say('约 ', 'about ')}{total(n).toLocaleString()}</b></Link>
      })}
    </nav>
  )
}

/** Views kept by name in this browser. */
function Saved({ filters, show }: { filters: Filters; show: (search: Readonly<Record<string, string>>) => void }) {
  const say = useSay()
  const { account } = useMe()!
  const [views, setViews] = useState(() => savedViews(account))
  const [name, setName] = useState<string>()
  const search = Object.fromEntries(Object.entries(filters).filter((e): e is [string, string] => typeof e[1] === 'string' && e[1] !== ''))
  const keep = (): void => { setViews(keepView(account, { name: name!.trim(), search })); setName(undefined) }
  if (views.length === 0 && Object.keys(search).length === 0) return null
  return (
    <div className="row gap">
      {views.length === 0 ? null : <span className="soft">{say('我的视图', 'My views')}</span>}
      {views.map((v) => (
        <span key={v.name} className="row tight">
          <Button small onClick={() => show(v.search)}>{v.name}</Button>
          <Button small bare aria-label={say(`删除视图「${v.name}」`, `delete the view "${v.name}"`)} onClick={() => setViews(dropView(account, v.name))}>×</Button>
        </span>
      ))}
      {Object.keys(search).length === 0 ? null : <Button small bare onClick={() => setName('')}>{say('保存当前筛选', 'Keep this view')}</Button>}
      {name === undefined ? null : (
        <Dialog title={say('保存当前筛选', 'Keep this view')} shut={() => setName(undefined)} ok={say('保存', 'Keep')} ready={name.trim() !== ''} send={keep}>
          <Field label={say('视图名称', 'Name of the view')}><input maxLength={name_length_max} value={name} onChange={(e) => setName(e.target.value)} placeholder={say('例如：华东停机', 'such as: stopped, east')} /></Field>
        </Dialog>
      )}
    </div>
  )
}
