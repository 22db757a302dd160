// One break: what is wrong in a sentence, the three records side by side with the fields that differ marked, what was done
// about it, and what may be done now.
import type { ReactNode } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { breakEvents, roles, transactionClasses } from '../../../src/domain/vocabulary.ts'
import { acceptBreak, assignBreak, confirmBreak, explainBreak, getBreak, reopenBreak } from '../../../src/client/generated/sdk.gen.ts'
import type { GetBreakResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onSeen } from '../api.ts'
import { act, Acts, wordsForm } from '../look/Acts.tsx'
import { Field } from '../look/controls.tsx'
import { Lamp } from '../look/Lamp.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { money, when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { BreakState } from './BreakState.tsx'
import './settlement.css'

type Break = GetBreakResponses[200]

export default function BreakPage() {
  const { id } = useParams({ strict: false }) as { id: string }
  const query = useQuery({ queryKey: ['break', id], queryFn: () => ask(getBreak({ path: { break: id } })) })
  return <Shown query={query}>{(b) => <View b={b} />}</Shown>
}

function View({ b }: { b: Break }) {
  const say = useSay()
  const me = useMe()!
  return (
    <Page title={b.kindWords} above={<><Link to={'/settlement' as never}>{say('三单核对', 'Three records')}</Link> · {b.merchant.name} · <span className="num">{b.settledOn}</span></>}>
      <div className="stack">
        <section className="sheet stack">
          <div className="row apart"><p className="sentence lead">{b.sentence}</p><BreakState state={b.state} words={b.stateWords} /></div>
          <dl className="facts">
            <dt>{say('涉及金额', 'At stake')}</dt><dd className="num">{money(b.amount)}</dd>
            {b.state === 'open' || b.state === 'proposed' ? <><dt>{say('应处理', 'Due')}</dt><dd className={Date.parse(b.dueBy) < Date.parse(me.now) ? 'late' : undefined}><span className="num">{when(b.dueBy)}</span>{Date.parse(b.dueBy) < Date.parse(me.now) ? say(' 已逾期', ' overdue') : ''}</dd></> : null}
            {me.party.kind === 'merchant' ? null : <><dt>{say('经办', 'Handled by')}</dt><dd>{b.assignee ?? say('还没有人', 'nobody yet')}</dd></>}
            <dt>{say('终端', 'Terminal')}</dt><dd>{b.tid === null ? say('按商户入账，不分终端', 'paid per merchant, not per terminal') : <Link className="num" to={`/terminals/${b.tid}` as never}>{b.tid}</Link>}</dd>
            {b.resolvedBy === null ? null : <><dt>{say('消除于', 'Resolved by')}</dt><dd>{b.resolvedBy.fileName}</dd></>}
          </dl>
          <Work b={b} />
        </section>
        <section className="sheet"><h2 className="plain">{say('三单并列', 'Side by side')}</h2><Sides b={b} /></section>
        <section className="sheet"><h2 className="plain">{say('经过', 'History')}</h2>
          <ol className="history">{b.events.map((e) => (
            <li key={`${e.at}${e.event}`}><span className="soft num">{when(e.at)}</span>
              <div><b>{say(breakEvents[e.event])}</b> <span className="soft">{e.by === me.person.id ? me.person.name : say(roles[e.role])}{e.file === null ? '' : ` · ${e.file.fileName}`}</span>
                {e.words === null ? null : <p>{e.words}</p>}</div></li>
          ))}</ol>
        </section>
      </div>
    </Page>
  )
}

function Work({ b }: { b: Break }) {
  const say = useSay()
  const me = useMe()!
  const queries = useQueryClient()
  const sent = { path: { break: b.id } }
  const head = () => onSeen(b)
  const acts = {
    confirm: act({ words: ['复核同意', 'Confirm'], primary: true, form: wordsForm(say('说明（可不填）', 'a word about it, if you like'), false), send: ({ words }: { words: string }) => ask(confirmBreak({ ...sent, body: words.trim() === '' ? {} : { words }, headers: head() })) }),
    explain: act({ words: ['说明原因', 'Explain'], primary: true, form: wordsForm(say('为什么不一致', 'why they differ')), send: ({ words }: { words: string }) => ask(explainBreak({ ...sent, body: { words }, headers: head() })) }),
    accept: act({ words: ['认可', 'Accept'], form: wordsForm(say('为什么可以认可', 'why it can be accepted')), send: ({ words }: { words: string }) => ask(acceptBreak({ ...sent, body: { words }, headers: head() })) }),
    assign: act({
      words: ['转办', 'Assign'], send: ({ to }: { to: string }) => ask(assignBreak({ ...sent, body: { to }, headers: head() })),
      form: { empty: { to: me.person.name }, isReady: ({ to }) => to.trim() !== '', fields: ({ values, set }) => <Field label={say('由谁经办', 'who handles it')}><input maxLength={100} value={values.to} onChange={(e) => set({ to: e.target.value })} /></Field> },
    }),
    reopen: act({ words: ['重新打开', 'Reopen'], form: wordsForm(say('为什么重新打开', 'why it is opened again')), send: ({ words }: { words: string }) => ask(reopenBreak({ ...sent, body: { words }, headers: head() })) }),
  }
  return <Acts acts={acts} allowed={b.allowed} done={() => Promise.all([queries.invalidateQueries({ queryKey: ['break', b.id] }), queries.invalidateQueries({ queryKey: ['breaks'] })]).then(() => undefined)} />
}

type Cells = readonly [name: string, slip: ReactNode, unionpay: ReactNode, bank: ReactNode, differs: readonly ('slip' | 'unionpay' | 'bank')[]]

/** A row a field: those in which the sides do not agree carry a mark and a word, whatever their colour. */
function Sides({ b }: { b: Break }) {
  const say = useSay()
  const { slip, unionpay, bank } = b.sides
  const isOfDay = b.tid === null
  const has = (field: string): boolean => b.differs.includes(field)
  const both = (field: string) => (has(field) ? (['slip', 'unionpay'] as const) : [])
  const file = (side: { file: { fileName: string } | null; line: number } | null) => side === null ? null : side.file === null ? null : <span className="soft">{side.file.fileName}{say(`，第 ${side.line} 行`, `, line ${side.line}`)}</span>
  const fee = has('fee')
  const rows: readonly Cells[] = [
    [say('金额', 'Amount'), slip && money(slip.amount), unionpay && money(unionpay.amount), null, both('amount')],
    [say('手续费', 'Fee'), fee && b.expected ? <>{money(b.expected)} <span className="soft">{say('按合同', 'as agreed')}</span></> : null, unionpay?.fee && money(unionpay.fee), null, fee ? ['slip', 'unionpay'] : []],
    [say('入账净额', 'Net credit'), null, has('net') && b.expected ? <>{money(b.expected)} <span className="soft">{say('应入账', 'to be credited')}</span></> : null, bank && <>{money(bank.net)}{bank.lines > 1 ? <span className="soft"> {say(`${bank.lines} 笔合计`, `${bank.lines} lines together`)}</span> : null}</>, has('net') ? ['unionpay', 'bank'] : []],
    [say('交易', 'Transaction'), slip && say(transactionClasses[slip.class]), unionpay && say(transactionClasses[unionpay.class]), null, both('class')],
    [say('商户名称', 'Merchant'), slip?.name, unionpay?.name, null, both('name')],
    [say('商户类别码', 'MCC'), slip?.mcc, unionpay?.mcc, null, both('mcc')],
    [say('时间', 'At'), slip && when(slip.at), unionpay && when(unionpay.at), bank?.bookedOn, []],
    [say('批次', 'Batch'), slip?.batch, unionpay?.batch, null, []],
    [say('凭证号', 'Trace'), slip?.trace, unionpay?.trace, null, []],
    [say('参考号', 'Reference'), slip && b.reference, unionpay && b.reference, bank?.reference, []],
    [say('出处', 'Found in'), file(slip), file(unionpay), file(bank), []],
  ]
  const sides = ['slip', 'unionpay', 'bank'] as const
  const titles = { slip: say('签购单', 'Sales slip'), unionpay: say('银联', 'UnionPay'), bank: say('银行', 'Bank') }
  /** No record where one belongs, or none of this kind because the question is about the other. */
  const absent = { slip: slip === null && !isOfDay, unionpay: unionpay === null && !isOfDay, bank: bank === null && isOfDay }
  return (
    <div className="sides" role="table" aria-label={say('三单并列', 'side by side')}>
      <div role="row">
        <span role="columnheader" className="blank"><span className="unseen">{say('项目', 'field')}</span></span>
        {sides.map((s) => <span key={s} role="columnheader">{titles[s]}{absent[s] ? <Lamp shape="cross" tone="provider">{say('没有记录', 'no record')}</Lamp> : null}</span>)}
      </div>
      {rows.filter(([, ...cells]) => cells.slice(0, 3).some((c) => c !== null && c !== undefined)).map(([name, s, u, k, differs]) => (
        <div key={name} role="row">
          <span role="rowheader">{name}</span>
          {([['slip', s], ['unionpay', u], ['bank', k]] as const).map(([side, value]) => (
            <span key={side} role="cell" className={differs.includes(side) ? 'differs' : undefined}>
              {differs.includes(side) ? <Lamp shape="unequal" tone="provider">{say('不符', 'differs')}</Lamp> : null}
              {value ?? (differs.includes(side) ? say('没有', 'none') : <span className="soft">—</span>)}
            </span>
          ))}
        </div>
      ))}
    </div>
  )
}
