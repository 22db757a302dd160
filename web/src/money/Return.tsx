// One device on its way back: where it is, what it was found to be like, and its deposit as a small ledger – what was taken,
// what is deducted line by line, what goes back.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { deviceParts, ownerships, partConditions, words, type DevicePart, type PartCondition } from '../../../src/domain/vocabulary.ts'
import {
  acceptDeduction, confirmRefund, disputeDeduction, getReturn, inspectDevice, loseDevice, proposeDeduction, receiveDevice, restockDevice, retireDevice, shipDevice,
} from '../../../src/client/generated/sdk.gen.ts'
import type { GetReturnResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { act, Acts, wordsForm } from '../look/Acts.tsx'
import { Field, Select, Tick } from '../look/controls.tsx'
import { Lamp } from '../look/Lamp.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { day, money, when } from '../look/when.ts'
import { useSay } from '../words.ts'
import { DepositLamp, ReturnLamp } from './lamps.tsx'
import './money.css'

type Line = GetReturnResponses[200]

export default function ReturnPage() {
  const { rma } = useParams({ strict: false }) as { rma: string }
  const query = useQuery({ queryKey: ['return', rma], queryFn: () => ask(getReturn({ path: { rma } })) })
  return <Shown query={query}>{(r) => <View r={r} />}</Shown>
}

function View({ r }: { r: Line }) {
  const say = useSay()
  const steps = [
    [say('申请注销', 'Asked to close'), r.openedAt, null],
    [say('寄出', 'Shipped'), r.shipped?.at, r.shipped && `${r.shipped.carrier} ${r.shipped.tracking}`],
    [say('收到', 'Received'), r.receivedAt, null],
    [say('验机', 'Inspected'), r.inspected?.at, r.inspected?.by ?? null],
    [say('完成', 'Done'), r.endedAt, null],
  ] as const
  return (
    <Page title={<>{say('退机', 'Return')} <span className="num">{r.serial}</span></>} above={<><Link to={'/returns' as never}>{say('退机与押金', 'Returns and deposits')}</Link> · <span className="num">{r.rma}</span></>}>
      <div className="stack">
        <section className="sheet stack">
          <div className="row apart"><p className="sentence lead">{r.sentence}</p><ReturnLamp state={r.state} /></div>
          <Work r={r} />
        </section>
        {r.deposit === null ? null : <section className="sheet stack"><div className="row apart"><h2 className="plain">{say('押金', 'Deposit')}</h2><DepositLamp state={r.deposit.state} overdue={r.deposit.overdue} /></div><Deposit d={r.deposit} /></section>}
        <div className="halves">
          <section className="sheet"><h2 className="plain">{say('机具', 'The device')}</h2>
            <dl className="facts">
              <dt>{say('终端', 'Terminal')}</dt><dd><Link className="num" to={`/terminals/${r.tid}` as never}>{r.tid}</Link></dd>
              <dt>{say('办件', 'Case')}</dt><dd><Link className="num" to={`/cases/${r.application}` as never}>{r.application}</Link></dd>
              <dt>{say('归属', 'Owned')}</dt><dd>{say(ownerships[r.ownership])}{r.lentSince === null ? '' : say(`，${day(r.lentSince)} 起，满 ${r.monthsLent} 个月`, `, since ${day(r.lentSince)}, ${r.monthsLent} whole months`)}</dd>
              {steps.map(([name, at, more]) => at ? <div key={name} className="pair"><dt>{name}</dt><dd><span className="num">{when(at)}</span>{more === null ? '' : ` · ${more}`}</dd></div> : null)}
            </dl>
          </section>
          {r.inspected === null ? null : (
            <section className="sheet"><h2 className="plain">{say('验机结果', 'What it is like')}</h2>
              <dl className="facts">{r.inspected.parts.map((p) => (
                <div key={p.part} className="pair"><dt>{say(deviceParts[p.part])}</dt>
                  <dd>{p.condition === 'fine' ? <Lamp shape="dot" tone="open">{say(partConditions.fine)}</Lamp> : <Lamp shape={p.condition === 'missing' ? 'cross' : 'diamond'} tone="provider">{say(partConditions[p.condition])}</Lamp>}
                    {p.note === null ? '' : ` ${p.note}`}{p.photo === null ? null : <span className="soft">{say('，照片 ', ', photo ')}{p.photo}</span>}</dd></div>
              ))}</dl>
            </section>
          )}
        </div>
      </div>
    </Page>
  )
}

function Deposit({ d }: { d: NonNullable<Line['deposit']> }) {
  const say = useSay()
  const taken = d.deduction ?? d.byTable
  const isOnlyTable = d.deduction === null && d.settled === null
  const deducted = d.settled?.deducted ?? taken?.amount ?? { fen: 0 }
  const back = d.settled?.refund ?? { fen: d.amount.fen - deducted.fen }
  return (
    <>
      <table className="ledger">
        <thead><tr><th scope="col">{say('项目', 'Entry')}</th><th scope="col" className="end">{say('金额', 'Amount')}</th></tr></thead>
        <tbody>
          <tr><td>{say('收取押金', 'Deposit taken')}</td><td className="end num">{money(d.amount)}</td></tr>
          {taken?.lines.map((l) => <tr key={l.rule}><td>{isOnlyTable ? <span className="soft">{say('按扣款表：', 'by the table: ')}</span> : null}{l.words}</td><td className="end num">{money({ fen: -l.amount.fen })}</td></tr>)}
        </tbody>
        <tfoot><tr><th scope="row">{d.settled !== null ? say('已退', 'Refunded') : isOnlyTable ? say('预计退还', 'Likely refund') : say('应退', 'To be refunded')}</th><td className="end num">{money(back)}</td></tr></tfoot>
      </table>
      {d.deduction?.words ? <p className="sentence">{say('机构说明：', 'The provider says: ')}{d.deduction.words}</p> : null}
      {d.deduction && d.acceptedAt === null && d.disputedAt === null && d.settled === null ? <p className="sentence soft">{say(`${when(d.deduction.disputeUntil)} 前可以提出异议。`, `May be disputed until ${when(d.deduction.disputeUntil)}.`)}</p> : null}
      {d.acceptedAt === null ? null : <p className="sentence soft">{say('商户已同意', 'The merchant accepted it')} · <span className="num">{when(d.acceptedAt)}</span></p>}
      {d.disputedAt === null ? null : <p className="sentence">{say('商户提出异议', 'The merchant disputes it')} · <span className="num">{when(d.disputedAt)}</span>{d.dispute === null ? '' : `：${d.dispute}`}</p>}
      {d.dueAt === null || d.settled !== null ? null : <p className={d.overdue ? 'sentence late' : 'sentence'}>{say(`最迟 ${when(d.dueAt)} 退还`, `To be refunded by ${when(d.dueAt)}`)}{d.overdue ? say('，已逾期', ', overdue') : ''}</p>}
      {d.settled === null ? null : <p className="sentence soft">{say('退款凭证', 'Payment')} {d.settled.reference} · <span className="num">{when(d.settled.at)}</span>{d.settled.by === null ? '' : ` · ${d.settled.by}`}</p>}
    </>
  )
}

type Parts = Partial<Record<DevicePart, { condition: PartCondition; photo: string; note: string }>>

function Work({ r }: { r: Line }) {
  const say = useSay()
  const queries = useQueryClient()
  const path = { rma: r.rma }
  const head = () => ({ 'Idempotency-Key': onceKey() })
  const lines = r.deposit?.byTable?.lines ?? []
  const acts = {
    'ship-device': act<{ carrier: string; tracking: string }>({
      words: ['登记寄出', 'Shipped'], primary: true, send: (v) => ask(shipDevice({ path, body: { carrier: v.carrier.trim(), tracking: v.tracking.trim() }, headers: head() })),
      form: {
        empty: { carrier: '', tracking: '' }, isReady: (v) => v.carrier.trim() !== '' && v.tracking.trim() !== '',
        fields: ({ values, set }) => (
          <>
            <Field label={say('快递公司', 'carrier')}><input maxLength={60} value={values.carrier} onChange={(e) => set({ carrier: e.target.value })} /></Field>
            <Field label={say('运单号', 'tracking number')}><input maxLength={60} value={values.tracking} onChange={(e) => set({ tracking: e.target.value })} /></Field>
          </>
        ),
      },
    }),
    'receive-device': act({ words: ['登记收到', 'Received'], primary: true, send: () => ask(receiveDevice({ path, body: {}, headers: head() })) }),
    'inspect-device': act<{ parts: Parts }>({
      words: ['验机', 'Inspect'], primary: true,
      send: ({ parts }) => ask(inspectDevice({ path, headers: head(), body: { parts: words(deviceParts).flatMap((part) => {
        const seen = parts[part]
        return seen === undefined ? [] : [{ part, condition: seen.condition, ...(seen.photo.trim() === '' ? {} : { photo: seen.photo.trim() }), ...(seen.note.trim() === '' ? {} : { note: seen.note.trim() }) }]
      }) } })),
      form: { empty: { parts: {} }, isReady: ({ parts }) => Object.keys(parts).length > 0, fields: ({ values, set }) => <Inspection parts={values.parts} set={(parts) => set({ parts })} /> },
    }),
    'propose-deduction': act<{ out: string[]; words: string }>({
      words: ['提出退还', 'Propose the refund'], primary: true,
      send: ({ out, words: said }) => ask(proposeDeduction({ path, headers: head(), body: { ...(out.length === 0 ? {} : { without: out }), ...(said.trim() === '' ? {} : { words: said.trim() }) } })),
      form: {
        empty: { out: [], words: '' }, isReady: () => true,
        fields: ({ values, set }) => (
          <>
            {lines.length === 0 ? <p className="sentence">{say('验机没有要扣的，押金全额退还。', 'Nothing is to be deducted; the whole deposit goes back.')}</p> : (
              <fieldset className="plain"><legend>{say('按扣款表扣除（去掉不扣的）', 'deducted by the table; leave out what is not')}</legend>
                <div className="choices">{lines.map((l) => <Tick key={l.rule} checked={!values.out.includes(l.rule)} set={(is) => set({ out: is ? values.out.filter((rule) => rule !== l.rule) : [...values.out, l.rule] })}>{l.words}</Tick>)}</div>
              </fieldset>
            )}
            <Field label={say('说明（可不填）', 'a word about it, if you like')}><textarea rows={2} maxLength={2_000} value={values.words} onChange={(e) => set({ words: e.target.value })} /></Field>
          </>
        ),
      },
    }),
    'accept-deduction': act({ words: ['同意扣款', 'Accept the deduction'], primary: true, send: () => ask(acceptDeduction({ path, body: {}, headers: head() })) }),
    'dispute-deduction': act({ words: ['有异议', 'Dispute it'], form: wordsForm(say('哪里不对', 'what is wrong with it')), send: ({ words: said }: { words: string }) => ask(disputeDeduction({ path, body: { words: said }, headers: head() })) }),
    'confirm-refund': act<{ reference: string }>({
      words: ['确认退还', 'Confirm the refund'], primary: true, send: ({ reference }) => ask(confirmRefund({ path, body: { reference: reference.trim() }, headers: head() })),
      form: { empty: { reference: '' }, isReady: ({ reference }) => reference.trim() !== '', fields: ({ values, set }) => <Field label={say('付款凭证号', 'reference of the payment')}><input maxLength={100} value={values.reference} onChange={(e) => set({ reference: e.target.value })} /></Field> },
    }),
    'restock-device': act({ words: ['入库', 'Back on the shelf'], send: () => ask(restockDevice({ path, body: {}, headers: head() })) }),
    'retire-device': act({ words: ['报废', 'Write off'], form: wordsForm(say('为什么报废', 'why it is written off')), send: ({ words: said }: { words: string }) => ask(retireDevice({ path, body: { words: said }, headers: head() })) }),
    'lose-device': act({ words: ['登记无法退还', 'It will not come back'], danger: true, form: wordsForm(say('为什么退不回来', 'why it does not come back')), send: ({ words: said }: { words: string }) => ask(loseDevice({ path, body: { words: said }, headers: head() })) }),
  }
  return <Acts acts={acts} allowed={r.allowed} done={() => Promise.all([['return', r.rma], ['returns'], ['case', r.application]].map((queryKey) => queries.invalidateQueries({ queryKey }))).then(() => undefined)} />
}

/** Only what was looked at is said; what is not fine needs its photo. */
function Inspection({ parts, set }: { parts: Parts; set: (parts: Parts) => void }) {
  const say = useSay()
  const of = (part: DevicePart) => parts[part] ?? { condition: 'fine' as const, photo: '', note: '' }
  return (
    <div className="parts">
      {words(deviceParts).map((part) => {
        const seen = parts[part]
        return (
          <div key={part}>
            <span>{say(deviceParts[part])}</span>
            <Select<PartCondition> aria-label={say(deviceParts[part])} none={say('未查看', 'not looked at')} value={seen?.condition} options={words(partConditions).map((value) => ({ value, label: say(partConditions[value]) }))}
              set={(condition) => {
                const { [part]: _, ...rest } = parts
                set(condition === undefined ? rest : { ...parts, [part]: { ...of(part), condition } })
              }} />
            {seen === undefined || seen.condition === 'fine' ? null : (
              <span className="more">
                <input maxLength={200} placeholder={say('照片编号', 'photo reference')} aria-label={say(`${deviceParts[part][0]}照片编号`, `photo of the ${deviceParts[part][1]}`)} value={seen.photo} onChange={(e) => set({ ...parts, [part]: { ...seen, photo: e.target.value } })} />
                <input maxLength={500} placeholder={say('说明', 'note')} aria-label={say(`${deviceParts[part][0]}说明`, `note on the ${deviceParts[part][1]}`)} value={seen.note} onChange={(e) => set({ ...parts, [part]: { ...seen, note: e.target.value } })} />
              </span>
            )}
          </div>
        )
      })}
    </div>
  )
}
