// "Being paid another way": what each way would cost a month on the merchant's own sales of the last ninety days, or on
// figures typed in; what is not normal about an offer is said beside it. The table is the picture's twin, with every formula.
import { useState } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { cardKinds, channelKinds, words, type CardKind } from '../../../src/domain/vocabulary.ts'
import { compareAlternatives } from '../../../src/client/generated/sdk.gen.ts'
import type { CompareAlternativesResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, Refused } from '../api.ts'
import { Amount, Button, Field, Notice, Segments } from '../look/controls.tsx'
import { Lamp } from '../look/Lamp.tsx'
import { Failed, Loading, Page } from '../look/Page.tsx'
import { money } from '../look/when.ts'
import { useSay } from '../words.ts'
import '../money/money.css'

type Comparison = CompareAlternativesResponses[200]
type Way = Comparison['ways'][number]
type Figures = Partial<Record<CardKind, number>>

const lookOf = { blocking: ['diamond', 'provider'], warning: ['triangle', 'drain'], fine: ['dot', 'open'] } as const
const isDoubtful = (w: Way): boolean => w.flags.some((f) => f.severity !== 'fine')
const takesAll = (w: Way): boolean => w.notTaken.length === 0

export default function Instead() {
  const say = useSay()
  const [basis, setBasis] = useState<'own' | 'typed'>('own')
  const [figures, setFigures] = useState<Figures>({})
  const [offer, setOffer] = useState<Figures>({})
  const [asked, setAsked] = useState<{ basis: 'own' | 'typed'; figures: Figures; offer: Figures }>({ basis: 'own', figures: {}, offer: {} })
  const query = useQuery({
    queryKey: ['alternatives', asked],
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: () => {
      const mix = words(cardKinds).flatMap((card) => (asked.figures[card] ? [{ card, amountFen: Math.round(asked.figures[card] * 100) }] : []))
      const rates = words(cardKinds).flatMap((card) => (asked.offer[card] === undefined ? [] : [{ card, ppm: Math.round(asked.offer[card] * 10_000) }]))
      return ask(compareAlternatives({ body: {
        ...(asked.basis === 'typed' && mix.length > 0 ? { mix } : {}), ...(rates.length > 0 ? { offers: [{ kind: 'other' as const, name: say('别人给我的报价', 'the offer I was made'), rates }] } : {}),
      } }))
    },
  })
  const hasFigures = words(cardKinds).some((card) => (figures[card] ?? 0) > 0)
  const isUnknown = query.error instanceof Refused && query.error.problem.code === 'mix_unknown'
  return (
    <Page title={say('换个方式收款', 'Being paid another way')} above={say('按您的收款算一算，各种方式一个月要多少钱。', 'What each way would cost you a month.')}>
      <div className="stack">
        <section className="sheet stack no-print">
          <Segments label={say('按什么算', 'reckoned on')} value={basis} set={(value) => { setBasis(value); if (value === 'own') setAsked((a) => ({ ...a, basis: 'own' })) }} options={[['own', say('按我最近 90 天的收款', 'my last 90 days')], ['typed', say('我自己填', 'my own figures')]]} />
          {basis === 'typed' ? <Row label={say('每月收款（元）', 'Sales a month, in yuan')} values={figures} set={setFigures} /> : null}
          <details className="quiet"><summary>{say('有人给我报了价，一起比', 'I was made an offer; compare it, too')}</summary>
            <Row label={say('对方报的费率（%）', 'The rates offered, in %')} values={offer} set={setOffer} max={10} step="0.001" />
          </details>
          <Button primary className="own-width" disabled={basis === 'typed' && !hasFigures} busy={query.isFetching} onClick={() => setAsked({ basis, figures, offer })}>{say('比一比', 'Compare')}</Button>
        </section>
        {isUnknown ? <Notice title={query.error!.message} /> : query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : query.data === undefined ? <Loading /> : <Compared c={query.data} />}
      </div>
    </Page>
  )
}

function Row({ label, values, set, ...rest }: { label: string; values: Figures; set: (values: Figures) => void; max?: number; step?: string }) {
  const say = useSay()
  return (
    <fieldset className="plain"><legend>{label}</legend>
      <div className="cards four">{words(cardKinds).map((card) => (
        <Field key={card} label={say(cardKinds[card])}>
          <Amount className="whole" {...rest} value={values[card] ?? null} set={(value) => { const { [card]: _, ...others } = values; set(value === null ? others : { ...others, [card]: value }) }} />
        </Field>
      ))}</div>
    </fieldset>
  )
}

function Compared({ c }: { c: Comparison }) {
  const say = useSay()
  const most = Math.max(1, ...c.ways.map((w) => w.perMonth.fen))
  const fair = c.ways.filter((w) => takesAll(w) && !isDoubtful(w)).toSorted((a, b) => a.perMonth.fen - b.perMonth.fen)[0]
  return (
    <>
      <section className="sheet stack">
        <p className="sentence lead">{c.sentence}</p>
        <ul className="bars" aria-label={say('每月费用', 'cost a month')}>{c.ways.map((w) => (
          <li key={w.source + (w.id ?? w.name)}>
            <div className="row apart"><span><b>{w.name}</b> <span className="soft">{w.source === 'today' ? say('现在用的', 'used today') : say(channelKinds[w.kind])}</span></span><span className="num">{money(w.perMonth)}</span></div>
            <span className="bar-line" aria-hidden="true"><i className={w === fair ? 'least' : w.source === 'today' ? 'now' : undefined} style={{ width: `${(w.perMonth.fen / most * 100).toFixed(1)}%` }} /></span>
            {w === fair ? <Lamp shape="dot" tone="test">{say('没有疑点里最省的', 'the cheapest without doubts')}</Lamp> : null}
            {w.flags.some((f) => f.code === 'rate_too_low') ? <Lamp shape="triangle" tone="drain">{say('费率低得不正常，看下面的原因', 'abnormally low; see why below')}</Lamp> : isDoubtful(w) ? <Lamp shape="triangle" tone="drain">{say('有疑点，见下', 'doubts; see below')}</Lamp> : null}
            {takesAll(w) ? null : <p className="sentence"><Lamp shape="triangle" tone="drain">{say('不全', 'not all of it')}</Lamp> {say(`不收${w.notTaken.map((k) => cardKinds[k][0]).join('、')}，上面的费用不含这些。`, `It does not take ${w.notTaken.map((k) => cardKinds[k][1]).join(', ')}; the cost leaves them out.`)}</p>}
          </li>
        ))}</ul>
        <p className="sentence soft">{say('按每月收款：', 'On sales a month of: ')}{c.mix.items.map((i) => `${say(cardKinds[i.card])} ${money({ fen: Math.round(i.amount.fen / c.mix.months) })}`).join(say('，', ', '))}{c.mix.from === null ? '' : say(`（${c.mix.from} 至 ${c.mix.until} 的平均）`, ` (the average of ${c.mix.from} to ${c.mix.until})`)}</p>
      </section>
      <section className="sheet"><h2 className="plain">{say('怎么算的', 'How it is reckoned')}</h2>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
        <div className="sideways" role="region" tabIndex={0} aria-label={say('费用明细表', 'the table of costs')}>
          <table className="ledger">
            <thead><tr><th scope="col">{say('方式', 'Way')}</th><th scope="col">{say('每月费用与算法', 'A month, and how')}</th><th scope="col" className="end">{say('每月', 'A month')}</th><th scope="col" className="end">{say('比现在', 'Against today')}</th><th scope="col" className="end">{say('一次性', 'Once')}</th><th scope="col" className="end">{say('头一年', 'First year')}</th></tr></thead>
            <tbody>{c.ways.map((w) => (
              <tr key={w.source + (w.id ?? w.name)}>
                <th scope="row">{w.name}{w.settlesAfterDays === null ? null : <><br /><span className="soft">{say(`T+${w.settlesAfterDays} 到账`, `paid out after ${w.settlesAfterDays} working day(s)`)}</span></>}</th>
                <td>{w.lines.map((l) => <div key={l.words}>{l.words} <span className="soft num">{l.formula}</span></div>)}</td>
                <td className="end num">{money(w.perMonth)}</td><td className="end num">{w.difference === null || w.source === 'today' ? '—' : money(w.difference)}</td><td className="end num">{money(w.once)}</td><td className="end num">{money(w.firstYear)}</td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      </section>
      <section className="sheet stack"><h2 className="plain">{say('可信不可信', 'Whether it can be true')}</h2>
        {c.ways.filter((w) => w.flags.length > 0).map((w) => (
          <div key={w.source + (w.id ?? w.name)}><h3>{w.name}</h3>
            <ul className="plain">{w.flags.map((f) => <li key={f.code + (f.card ?? '')}><Lamp shape={lookOf[f.severity][0]} tone={lookOf[f.severity][1]}><span className="unseen">{f.severity === 'fine' ? say('正常', 'fine') : say('有疑点', 'in doubt')}</span></Lamp> {f.words}</li>)}</ul>
          </div>
        ))}
      </section>
    </>
  )
}
