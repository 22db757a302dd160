// The account of one merchant: how it stands in a sentence, what may be done, every entry with how it came about, invoices,
// and what was agreed. With several providers there are several accounts; one is shown at a time.
import { useState } from 'react'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { entryKinds, invoiceStates, paymentMethods, words, type InvoiceState, type PaymentMethod } from '../../../src/domain/vocabulary.ts'
import { confirmWaiver, getBalance, issueInvoice, listInvoices, listStatement, recordPayment, waiveFee } from '../../../src/client/generated/sdk.gen.ts'
import type { GetBalanceResponses, ListInvoicesResponses, ListStatementResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { act, Acts } from '../look/Acts.tsx'
import { Amount, Field, Segments, Select } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Lamp, type Shape, type Tone } from '../look/Lamp.tsx'
import { Empty, Shown } from '../look/Page.tsx'
import { day, money, when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Agreed } from './Agreed.tsx'
import './money.css'

type Balance = GetBalanceResponses[200]['items'][number]
type Entry = ListStatementResponses[200]['items'][number]
type Invoice = ListInvoicesResponses[200]['items'][number]

export function Account({ mid }: { mid: string }) {
  const say = useSay()
  const [chosen, setChosen] = useState<string>()
  const query = useQuery({ queryKey: ['money', mid, 'balance'], queryFn: () => ask(getBalance({ path: { mid } })) })
  return (
    <Shown query={query}>{({ items }) => {
      const balance = items.find((b) => b.provider === chosen) ?? items[0]
      if (balance === undefined) return <Empty>{say('还没有往来账。', 'There is no account yet.')}</Empty>
      return (
        <div className="stack">
          {items.length > 1 ? <Segments label={say('机构', 'provider')} value={balance.provider} set={setChosen} options={items.map((b) => [b.provider, b.provider] as const)} /> : null}
          <Standing b={balance} />
          <Invoices b={balance} />
          <Statement b={balance} />
          <Agreed mid={mid} provider={balance.provider} />
        </div>
      )
    }}</Shown>
  )
}

function Standing({ b }: { b: Balance }) {
  const say = useSay()
  const figures = [[say('应付', 'Owed'), b.owed], [say('其中逾期', 'Of it overdue'), b.overdue], [say('余额', 'Credit'), b.credit], [say('押金', 'Deposits held'), b.deposits]] as const
  return (
    <section className="sheet stack">
      <p className="sentence lead">{b.sentence}</p>
      <dl className="figures">{figures.map(([name, amount]) => <div key={name}><dt>{name}</dt><dd className={name === figures[1][0] && amount.fen > 0 ? 'num late' : 'num'}>{money(amount)}</dd></div>)}</dl>
      {b.waiversWaiting.map((w) => <Waiting key={w.id} b={b} w={w} />)}
      <Work b={b} />
    </section>
  )
}

const useDone = (mid: string): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['money', mid] })
}

function Waiting({ b, w }: { b: Balance; w: Balance['waiversWaiting'][number] }) {
  const say = useSay()
  const me = useMe()!
  const done = useDone(b.merchant)
  return (
    <div className="stack tight">
      <p className="sentence"><Lamp shape="triangle" tone="drain">{say('减免待复核', 'A waiver waits for a second person')}</Lamp> <span className="num">{money(w.amount)}</span> · {w.words} · <span className="soft num">{when(w.proposedAt)}</span></p>
      {me.rights.includes('waive-fee') ? <Acts acts={{ confirm: act({ words: ['复核同意', 'Confirm'], send: () => ask(confirmWaiver({ path: { waiver: w.id }, body: {}, headers: { 'Idempotency-Key': onceKey() } })) }) }} allowed={{ confirm: true }} done={done} /> : null}
    </div>
  )
}

type Payment = { yuan: number | null; method: PaymentMethod; reference: string; on: string }
const fenOf = (yuan: number): number => Math.round(yuan * 100)

function Work({ b }: { b: Balance }) {
  const say = useSay()
  const me = useMe()!
  const done = useDone(b.merchant)
  const path = { mid: b.merchant }
  const { provider } = b
  const head = () => ({ 'Idempotency-Key': onceKey() })
  const may = (right: (typeof me.rights)[number]): true | string => (me.rights.includes(right) ? true : 'role_missing')
  const empty: Payment = { yuan: b.owed.fen > 0 ? b.owed.fen / 100 : null, method: 'transfer', reference: '', on: day(me.now) }
  const acts = {
    pay: act<Payment>({
      words: ['登记收款', 'Record a payment'], primary: true,
      send: (v) => ask(recordPayment({ path, body: { provider, amount: { fen: fenOf(v.yuan!) }, method: v.method, reference: v.reference.trim(), receivedOn: v.on }, headers: head() })),
      form: {
        empty, isReady: (v) => v.yuan !== null && v.reference.trim() !== '' && v.on !== '',
        fields: ({ values, set }) => (
          <>
            <Field label={say('金额（元）', 'amount in yuan')} hint={b.owed.fen > 0 ? say(`应付 ${money(b.owed)}；先冲最早的费用`, `${money(b.owed)} is owed; the oldest charge is paid first`) : undefined}><Amount min={0.01} value={values.yuan} set={(yuan) => set({ yuan })} /></Field>
            <Field label={say('方式', 'paid by')}><Select<PaymentMethod> value={values.method} set={(method) => set({ method: method! })} options={words(paymentMethods).map((value) => ({ value, label: say(paymentMethods[value]) }))} /></Field>
            <Field label={say('回单号', 'reference of the transfer')}><input maxLength={100} autoComplete="off" value={values.reference} onChange={(e) => set({ reference: e.target.value })} /></Field>
            <Field label={say('到账日', 'received on')}><input type="date" required value={values.on} onChange={(e) => set({ on: e.target.value })} /></Field>
          </>
        ),
      },
    }),
    invoice: act({ words: ['出账', 'Issue an invoice'], send: () => ask(issueInvoice({ path, body: { provider }, headers: head() })) }),
    waive: act<{ yuan: number | null; words: string }>({
      words: ['减免', 'Waive a fee'], send: (v) => ask(waiveFee({ path, body: { provider, amount: { fen: fenOf(v.yuan!) }, words: v.words.trim() }, headers: head() })),
      form: {
        empty: { yuan: null, words: '' }, isReady: (v) => v.yuan !== null && v.words.trim() !== '',
        fields: ({ values, set }) => (
          <>
            <Field label={say('金额（元）', 'amount in yuan')}><Amount min={0.01} value={values.yuan} set={(yuan) => set({ yuan })} /></Field>
            <Field label={say('为什么减免', 'why it is waived')}><textarea rows={3} maxLength={2_000} value={values.words} onChange={(e) => set({ words: e.target.value })} /></Field>
          </>
        ),
      },
    }),
  }
  return <Acts acts={acts} allowed={{ pay: may('record-payment'), invoice: may('issue-invoice'), waive: may('waive-fee') }} done={done} />
}

function Statement({ b }: { b: Balance }) {
  const say = useSay()
  const navigate = useNavigate()
  const query = useInfiniteQuery({
    queryKey: ['money', b.merchant, 'statement', b.provider],
    queryFn: ({ pageParam }) => ask(listStatement({ path: { mid: b.merchant }, query: { provider: b.provider, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next,
  })
  const columns: readonly Column<Entry>[] = [
    { id: 'at', title: say('时间', 'At'), width: '140px', cell: (e) => <span className="num">{when(e.at)}</span> },
    { id: 'kind', title: say('类别', 'Kind'), width: '120px', cell: (e) => say(entryKinds[e.kind]) },
    { id: 'words', title: say('摘要与算法', 'What for, and how it came about'), width: 'minmax(300px, 1fr)', cell: (e) => <>{e.words}{e.reverses === null ? '' : say('（冲回）', ' (taken back)')}{e.formula === null ? null : <><br /><span className="soft num">{e.formula}</span></>}</> },
    { id: 'for', title: say('终端 / 办件', 'Terminal / case'), width: '170px', cell: (e) => <span className="num">{e.application ?? e.terminal ?? '—'}</span> },
    { id: 'amount', title: say('应付增减', 'Owed'), width: '120px', isEnd: true, cell: (e) => <span className="num">{e.amount.fen === 0 ? '—' : money(e.amount)}</span> },
    { id: 'deposit', title: say('押金增减', 'Deposit'), width: '110px', isEnd: true, cell: (e) => <span className="num">{e.deposit.fen === 0 ? '—' : money(e.deposit)}</span> },
  ]
  const open = (e: Entry): void => {
    if (e.application !== null) void navigate({ to: `/cases/${e.application}` as never })
    else if (e.terminal !== null) void navigate({ to: `/terminals/${e.terminal}` as never })
  }
  return (
    <section>
      <div className="row apart gap"><h2 className="plain flush">{say('账务明细', 'Statement')}</h2><a href={`/api/v1/merchants/${b.merchant}/statement.csv?provider=${b.provider}`} download>{say('导出 CSV', 'Export as CSV')}</a></div>
      <DataTable query={query} columns={columns} keyOf={(e) => e.id} label={say('账务明细', 'statement')} empty={say('还没有记账。', 'Nothing has been booked yet.')} open={open} />
    </section>
  )
}

const invoiceLamp: Readonly<Record<InvoiceState, readonly [Shape, Tone]>> = { open: ['ring', 'test'], part_paid: ['triangle', 'drain'], paid: ['dot', 'open'], overdue: ['diamond', 'provider'] }

function Invoices({ b }: { b: Balance }) {
  const say = useSay()
  const query = useQuery({ queryKey: ['money', b.merchant, 'invoices', b.provider], queryFn: () => ask(listInvoices({ path: { mid: b.merchant }, query: { provider: b.provider } })) })
  return (
    <section className="sheet"><h2 className="plain">{say('账单', 'Invoices')}</h2>
      <Shown query={query}>{({ items }) => items.length === 0 ? <span className="soft">{say('还没有账单。', 'There is no invoice yet.')}</span>
        : <ul className="plain stack">{items.map((i) => <li key={i.no}><One i={i} /></li>)}</ul>}</Shown>
    </section>
  )
}

function One({ i }: { i: Invoice }) {
  const say = useSay()
  const [shape, tone] = invoiceLamp[i.state]
  return (
    <details className="quiet">
      <summary><b className="num">{i.no}</b> · <span className="num">{money(i.total)}</span> · <Lamp shape={shape} tone={tone}>{say(invoiceStates[i.state])}</Lamp> <span className="soft">{i.open.fen > 0 ? say(`还欠 ${money(i.open)}，${i.dueOn} 前付`, `${money(i.open)} open, due by ${i.dueOn}`) : ''}</span></summary>
      <div className="sideways">
        <table className="ledger">
          <thead><tr><th scope="col">{say('项目', 'What for')}</th><th scope="col">{say('算法', 'How it came about')}</th><th scope="col">{say('终端 / 办件', 'Terminal / case')}</th><th scope="col" className="end">{say('金额', 'Amount')}</th><th scope="col" className="end">{say('未付', 'Open')}</th></tr></thead>
          <tbody>{i.lines.map((l) => (
            <tr key={[l.words, l.terminal, l.application, l.month, l.formula, l.amount.fen].join()}><td>{l.words}</td><td className="soft">{l.formula ?? '—'}</td>
              <td>{l.application !== null ? <Link className="num" to={`/cases/${l.application}` as never}>{l.application}</Link> : l.terminal !== null ? <Link className="num" to={`/terminals/${l.terminal}` as never}>{l.terminal}</Link> : '—'}</td>
              <td className="end num">{money(l.amount)}</td><td className="end num">{l.open.fen === 0 ? '—' : money(l.open)}</td></tr>
          ))}</tbody>
          <tfoot><tr><th scope="row" colSpan={3}>{say('合计', 'Total')}</th><td className="end num">{money(i.total)}</td><td className="end num">{money(i.open)}</td></tr></tfoot>
        </table>
      </div>
    </details>
  )
}
