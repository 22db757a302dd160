// Three records matched: what they disagree on, and how the last matching went. Filters are kept in the address.
import { useEffect, useRef, useState } from 'react'
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { breakKinds, breakStates, settlementRunStates, words, type BreakKind, type BreakState } from '../../../src/domain/vocabulary.ts'
import { listBreaks, listSettlementRuns, startSettlementRun, stopSettlementRun } from '../../../src/client/generated/sdk.gen.ts'
import type { ListBreaksResponses, ListSettlementRunsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Dialog, Field, Search, Select } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Failed, Page, Shown } from '../look/Page.tsx'
import { money, when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { BreakState as StateLamp } from './BreakState.tsx'
import './settlement.css'

type Row = ListBreaksResponses[200]['items'][number]
type Run = ListSettlementRunsResponses[200]['items'][number]
type Filters = { kind?: BreakKind | undefined; state?: BreakState | undefined; q?: string | undefined }

const watch_ms = 1_000
const runs_shown = 8
const isOver = ({ state }: Run): boolean => ['done', 'stopped', 'failed'].includes(state)
/** Eight characters are a terminal, else it is a merchant number. */
const asked = ({ q, ...rest }: Filters) => ({ ...rest, ...(q === undefined ? {} : /^[0-9A-Z]{8}$/.test(q) ? { terminal: q } : { merchant: q }) })

export default function Settlement() {
  const say = useSay()
  const me = useMe()!
  const navigate = useNavigate()
  const filters = useSearch({ strict: false }) as Filters
  const clean = (part: Filters): Filters => Object.fromEntries(Object.entries({ ...filters, ...part }).filter(([, v]) => v !== undefined && v !== '').map(([k, v]) => [k, String(v)])) as Filters
  const shown = clean({})
  const go = (part: Filters): void => void navigate({ to: '/settlement' as never, search: clean(part) as never, replace: true })
  const query = useInfiniteQuery({
    queryKey: ['breaks', shown],
    queryFn: ({ pageParam }) => ask(listBreaks({ query: { ...asked(shown), ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next, placeholderData: keepPreviousData,
  })
  const total = query.data?.pages[0]?.total
  const now = Date.parse(me.now)
  const columns: readonly Column<Row>[] = [
    { id: 'day', title: say('清算日期', 'Settled on'), width: '108px', cell: (b) => <b className="num">{b.settledOn}</b> },
    { id: 'kind', title: say('哪里不符', 'What differs'), width: '170px', cell: (b) => <span className="clip">{b.kindWords}</span> },
    { id: 'amount', title: say('涉及金额', 'At stake'), width: '110px', isEnd: true, cell: (b) => <span className="num">{money(b.amount)}</span> },
    { id: 'state', title: say('状态', 'State'), width: '150px', cell: (b) => <StateLamp state={b.state} words={b.stateWords} /> },
    { id: 'about', title: say('一句话', 'In a sentence'), width: 'minmax(280px, 1.6fr)', cell: (b) => <span className="clip" title={b.sentence}>{b.sentence}</span> },
    { id: 'whose', title: say('商户 / 终端', 'Merchant / terminal'), width: 'minmax(160px, 1fr)', cell: (b) => <>{b.merchant.name}<br /><span className="soft num">{b.tid ?? say('按商户入账', 'paid per merchant')}</span></> },
    { id: 'due', title: say('应处理', 'Due'), width: '110px', cell: (b) => (b.state === 'open' || b.state === 'proposed' ? <span className={Date.parse(b.dueBy) < now ? 'late num' : 'num'}>{when(b.dueBy).slice(0, 10)}<br />{Date.parse(b.dueBy) < now ? say('已逾期', 'overdue') : ''}</span> : <span className="soft">—</span>) },
  ]
  const csv = new URLSearchParams(asked(shown) as Record<string, string>).toString()
  return (
    <Page wide title={say('三单核对', 'Three records')} above={say('签购单、银联记录、银行入账，对不上的都在这里。', 'Sales slips, UnionPay records and bank credits: whatever does not agree is here.')}>
      {me.rights.includes('reconcile') ? <Runs canImport={me.rights.includes('import')} /> : null}
      <div className="row gap">
        <Select<BreakState> value={shown.state} set={(state) => go({ state })} none={say('全部状态', 'any state')} aria-label={say('状态', 'state')} options={words(breakStates).map((value) => ({ value, label: say(breakStates[value]) }))} />
        <Select<BreakKind> value={shown.kind} set={(kind) => go({ kind })} none={say('哪里不符：全部', 'whatever differs')} aria-label={say('哪里不符', 'what differs')} options={words(breakKinds).map((value) => ({ value, label: say(breakKinds[value]) }))} />
        <Search label={say('按商户号或终端号查找', 'find by merchant or terminal number')} hint={say('商户号或终端号', 'merchant or terminal number')} value={shown.q} send={(q) => go({ q: q.toUpperCase() })} />
        <span className="soft">{total === undefined ? '' : typeof total === 'number' ? say(`${total} 条`, `${total} found`) : say(`约 ${total.about} 条`, `about ${total.about}`)}</span>
        <a href={`/api/v1/settlement/breaks.csv${csv === '' ? '' : `?${csv}`}`} download>{say('导出 CSV', 'Export as CSV')}</a>
      </div>
      <DataTable query={query} columns={columns} keyOf={(b) => b.id} label={say('三单不符', 'breaks')} open={(b) => void navigate({ to: `/settlement/breaks/${b.id}` as never })}
        empty={Object.keys(shown).length > 0 ? say('没有符合条件的。', 'Nothing matches.') : say('三单一致，没有不符。', 'All three records agree.')} />
    </Page>
  )
}

function useRuns() {
  return useQuery({
    queryKey: ['runs'], queryFn: () => ask(listSettlementRuns({ query: { limit: runs_shown } })),
    refetchInterval: (q) => (q.state.data?.items.some((r) => !isOver(r)) ? watch_ms : false),
  })
}

function Runs({ canImport }: { canImport: boolean }) {
  const say = useSay()
  const queries = useQueryClient()
  const stop = useAct(['runs'])
  const query = useRuns()
  const [asking, setAsking] = useState(false)
  const open = query.data?.items.filter((r) => !isOver(r)).length ?? 0
  const before = useRef(0)
  useEffect(() => {
    // A run that has just ended may have found or resolved something.
    if (open < before.current) void queries.invalidateQueries({ queryKey: ['breaks'] })
    before.current = open
  }, [open, queries])
  return (
    <section className="sheet stack gap" aria-label={say('核对', 'matching')}>
      <Shown query={query}>{({ items: [last, ...earlier] }) => (
        <>
          <div className="row apart">
            {last === undefined ? <span>{say('还没有核对过。导入对账文件后会自动核对。', 'Nothing has been matched yet; it happens by itself once files are taken in.')}</span> : <Told run={last} />}
            <span className="row">
              {last !== undefined && !isOver(last) ? <Button busy={stop.isPending} disabled={last.stopRequested} onClick={() => stop.mutate(() => ask(stopSettlementRun({ path: { run: last.id }, body: {}, headers: { 'Idempotency-Key': onceKey() } })))}>{say('停止', 'Stop')}</Button> : null}
              <Button primary onClick={() => setAsking(true)}>{say('核对', 'Match now')}</Button>
              {canImport ? <Link to={'/imports' as never} search={{ kind: 'settlement' } as never}>{say('导入对账文件', 'Take in files')}</Link> : null}
            </span>
          </div>
          {last !== undefined && !isOver(last) ? <progress value={last.progress} aria-label={say('核对进度', 'how far it is')} /> : null}
          {stop.error === null ? null : <Failed error={stop.error} />}
          {earlier.length === 0 ? null : (
            <details className="quiet"><summary>{say('之前的核对', 'Earlier ones')}</summary>
              <ul className="plain stack tight">{earlier.map((run) => <li key={run.id}><Told run={run} /></li>)}</ul>
            </details>
          )}
        </>
      )}</Shown>
      {asking ? <Begin close={() => setAsking(false)} /> : null}
    </section>
  )
}

function Told({ run }: { run: Run }) {
  const say = useSay()
  const { result } = run
  const days = run.from === null && run.to === null ? say('全部日期', 'all days') : run.from === run.to ? run.from! : `${run.from ?? '…'} ～ ${run.to ?? '…'}`
  return (
    <span>
      <b className="num">{when(run.createdAt)}</b> · <span className="num">{days}</span> · {say(settlementRunStates[run.state])}{' '}
      {result === null ? null : <span className="soft">{say(
        `一致 ${result.matched} 笔（${money(result.matchedAmount)}），等对方文件 ${result.pending} 笔，不符 ${result.breaks} 条；本次新增 ${result.found}，消除 ${result.resolved}`,
        `${result.matched} agree (${money(result.matchedAmount)}), ${result.pending} wait for the other file, ${result.breaks} do not agree; ${result.found} new, ${result.resolved} resolved by this one`)}</span>}
    </span>
  )
}

function Begin({ close }: { close: () => void }) {
  const say = useSay()
  const act = useAct(['runs'])
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const send = (): void => act.mutate(() => ask(startSettlementRun({ body: { ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) }, headers: { 'Idempotency-Key': onceKey() } })), { onSuccess: close })
  return (
    <Dialog title={say('核对三单', 'Match the three records')} shut={close} fault={act.error} ok={say('开始核对', 'Begin')} busy={act.isPending} send={send}>
      <p className="sentence soft">{say('不填日期就核对全部。已认可的结果不会丢。', 'Without dates everything is matched. What was accepted is kept.')}</p>
      <div className="row top">
        <Field label={say('从哪天', 'from')}><input type="date" max={to || undefined} value={from} onChange={(e) => setFrom(e.target.value)} /></Field>
        <Field label={say('到哪天', 'until')}><input type="date" min={from || undefined} value={to} onChange={(e) => setTo(e.target.value)} /></Field>
      </div>
    </Dialog>
  )
}
