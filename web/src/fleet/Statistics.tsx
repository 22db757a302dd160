// Figures of a provider's fleet over some days, as pictures with their numbers beneath: how long cases take, what needs nobody's
// hand, what came back for papers, which models fail again and again, and how long stops last.
import type { ReactNode } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { getStatistics } from '../../../src/client/generated/sdk.gen.ts'
import type { GetStatisticsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Places } from '../bulk/places.tsx'
import { Button, Field, filled } from '../look/controls.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'

type Figures = GetStatisticsResponses[200]
type Asked = { from?: string; to?: string; provider?: string }
const provider_length_max = 31

export default function Statistics() {
  const say = useSay()
  const me = useMe()!
  const navigate = useNavigate()
  const asked = useSearch({ strict: false }) as Asked
  const needs = me.party.kind !== 'provider' && asked.provider === undefined
  const query = useQuery({ queryKey: ['statistics', asked], placeholderData: keepPreviousData, enabled: !needs, queryFn: () => ask(getStatistics({ query: { ...(asked.from ? { from: asked.from } : {}), ...(asked.to ? { to: asked.to } : {}), ...(asked.provider ? { provider: String(asked.provider) } : {}) } })) })
  const show = (form: Record<string, string>): void => void navigate({ to: '/fleet/statistics' as never, search: Object.fromEntries(Object.entries(form).filter(([, v]) => v !== '')) as never })
  const { from, to } = query.data ?? { from: asked.from ?? '', to: asked.to ?? '' }
  return (
    <Page title={say('统计', 'Figures')} above={query.data === undefined ? undefined : say(`${from} 至 ${to}`, `${from} to ${to}`)}>
      <Places />
      <form key={`${from} ${to}`} className="row end gap no-print" onSubmit={(e) => show(filled(e))}>
        {me.party.kind === 'provider' ? null : <Field label={say('服务机构', 'Provider')}><input name="provider" defaultValue={asked.provider ?? ''} maxLength={provider_length_max} placeholder="yunhui" /></Field>}
        <Field label={say('从', 'From')}><input type="date" name="from" defaultValue={from} /></Field>
        <Field label={say('至', 'To')}><input type="date" name="to" defaultValue={to} /></Field>
        <Button submit>{say('查看', 'Show')}</Button>
      </form>
      {needs ? <p className="sheet soft">{say('请填写要看哪家服务机构。', 'Please say which provider.')}</p> : <Shown query={query}>{(f) => <Pictures f={f} />}</Shown>}
    </Page>
  )
}

type Row = { name: string; bars: readonly { value: number; tone?: 'lead' | 'bad'; label?: string }[]; words: string }
/** A picture and its twin: bars on one scale, and beneath them a table of all there is. */
function Picture({ title, lead, rows, heads, cells, none, most }: { title: string; lead: string; rows: readonly Row[]; heads: readonly string[]; cells: readonly (readonly string[])[]; none: string; most?: number }) {
  const say = useSay()
  const top = most ?? Math.max(1e-9, ...rows.flatMap((r) => r.bars.map((b) => b.value)))
  return (
    <section className="sheet stack">
      <div><h2 className="plain flush">{title}</h2><p className="sentence soft">{lead}</p></div>
      {rows.length === 0 ? <p className="sentence soft">{none}</p> : (
        <figure className="picture stack">
          <ul className="barred">{rows.map((r) => (
            <li key={r.name} className="stack tight"><div className="line"><span>{r.name}</span>{r.words === '' ? null : <b className="num">{r.words}</b>}</div>
              {r.bars.map((b) => (
                <div key={b.label ?? r.name}>{b.label === undefined ? null : <span className="soft small-words">{b.label}</span>}<svg aria-hidden="true"><rect className={b.tone} height="12" width={`${Math.min(100, (b.value / top) * 100)}%`} /></svg></div>
              ))}
            </li>
          ))}</ul>
          <Twin label={title} heads={heads} cells={cells} summary={say('看数字', 'The numbers')} />
        </figure>
      )}
    </section>
  )
}
const Twin = ({ label, heads, cells, summary }: { label: string; heads: readonly string[]; cells: readonly (readonly string[])[]; summary: ReactNode }) => (
  <details><summary>{summary}</summary>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard */}
    <div className="sideways" role="region" aria-label={label} tabIndex={0}><table className="lines">
      <thead><tr>{heads.map((h, i) => <th key={h} scope="col" className={i === 0 ? undefined : 'end'}>{h}</th>)}</tr></thead>
      <tbody>{cells.map(([name, ...rest]) => <tr key={name}><th scope="row">{name}</th>{rest.map((cell, i) => <td key={heads[i + 1]} className="num end">{cell}</td>)}</tr>)}</tbody>
    </table></div>
  </details>
)

function Pictures({ f }: { f: Figures }) {
  const say = useSay()
  const hours = (n: number | null): string => (n === null ? '—' : n < 1 ? say(`${Math.round(n * 60)} 分钟`, `${Math.round(n * 60)} min`) : n < 72 ? say(`${round(n)} 小时`, `${round(n)} h`) : say(`${round(n / 24)} 天`, `${round(n / 24)} days`))
  const share = (n: number | null): string => (n === null ? '—' : `${round(n * 100)}%`)
  const kind = say('办件', 'Case')
  const stages: readonly (readonly [string, (c: Figures['cases'][number]) => number | null])[] = [
    [say('提交到决定', 'to the decision'), (c) => c.hours.toDecision.median], [say('决定到生效', 'from it until it took effect'), (c) => c.hours.toBegin], [say('提交到办结', 'in all'), (c) => c.hours.toEnd.median],
  ]
  const timed = f.cases.filter((c) => c.hours.toDecision.median !== null || c.hours.toEnd.median !== null)
  const decided = f.cases.filter((c) => c.straightShare !== null)
  const stopped = f.stops.filter((s) => s.daysToReturn !== null)
  const faulty = f.faults.filter((m) => m.repeatShare !== null)
  const none = say('这段时间没有。', 'Nothing in these days.')
  return (
    <div className="stack">
      <Totals f={f} />
      <div className="cards halves">
        <Picture title={say('各环节用时', 'Time per stage')} lead={say('一半的办件不超过这么久', 'Half of the cases took no longer')} none={none}
          rows={timed.map((c) => ({ name: c.words, words: '', bars: stages.flatMap(([words, of]) => { const n = of(c); return n === null ? [] : [{ value: n, tone: 'lead' as const, label: `${words} ${hours(n)}` }] }) }))}
          heads={[kind, say('提交', 'Submitted'), say('到决定', 'To decision'), say('九成', 'Nine of ten'), say('决定到生效', 'To its effect'), say('到办结', 'To its end'), say('其九成', 'nine of ten'), say('逾期', 'Late')]}
          cells={f.cases.map((c) => [c.words, String(c.submitted), hours(c.hours.toDecision.median), hours(c.hours.toDecision.ninety), hours(c.hours.toBegin), hours(c.hours.toEnd.median), hours(c.hours.toEnd.ninety), String(c.late)])} />
        <Picture title={say('自动批准的占比', 'Straight through')} lead={say('决定了的办件里，按规则即批、没有人经手的', 'Of those decided, approved by rule with nobody’s hand')} none={none} most={1}
          rows={decided.map((c) => ({ name: c.words, words: `${share(c.straightShare)} · ${c.straightThrough}/${c.decided}`, bars: [{ value: c.straightShare ?? 0, tone: 'lead' as const }] }))}
          heads={[kind, say('已决定', 'Decided'), say('自动批准', 'Straight through'), say('占比', 'Share'), say('驳回', 'Rejected'), say('撤回', 'Withdrawn')]}
          cells={f.cases.map((c) => [c.words, String(c.decided), String(c.straightThrough), share(c.straightShare), String(c.rejected), String(c.withdrawn)])} />
        <Picture title={say('退回补件', 'Sent back for papers')} lead={say('提交了的办件里，退回过的', 'Of those handed in, sent back at least once')} none={none} most={1}
          rows={f.cases.filter((c) => c.returnShare !== null).map((c) => ({ name: c.words, words: `${share(c.returnShare)} · ${c.returned}/${c.submitted}`, bars: [{ value: c.returnShare ?? 0, tone: 'bad' as const }] }))}
          heads={[kind, say('提交', 'Submitted'), say('退回', 'Sent back'), say('占比', 'Share')]} cells={f.cases.map((c) => [c.words, String(c.submitted), String(c.returned), share(c.returnShare)])} />
        <Picture title={say('反复故障的机型', 'Models that fail again')} lead={say('这段时间报过故障的终端里，报过不止一次的', 'Of the terminals with a fault, those with more than one')} none={none} most={1}
          rows={faulty.map((m) => ({ name: m.model || say('机型未登记', 'model unknown'), words: `${share(m.repeatShare)} · ${m.repeated}/${m.terminals}`, bars: [{ value: m.repeatShare ?? 0, tone: 'bad' as const }] }))}
          heads={[say('机型', 'Model'), say('终端', 'Terminals'), say('故障', 'Faults'), say('反复', 'Again'), say('占比', 'Share'), say('原因', 'Reasons')]}
          cells={f.faults.map((m) => [m.model || say('机型未登记', 'model unknown'), String(m.terminals), String(m.faults), String(m.repeated), share(m.repeatShare), m.reasons.map((r) => `${r.words} ${r.count}`).join(say('、', ', '))])} />
        <Picture title={say('停机多久回来', 'How long stops last')} lead={say('按原因，恢复了的停机的中位天数', 'By reason, the median days until they were back')} none={none}
          rows={stopped.map((s) => ({ name: `${s.reason} ${s.words}`, words: say(`${round(s.daysToReturn!)} 天`, `${round(s.daysToReturn!)} days`), bars: [{ value: s.daysToReturn!, tone: 'lead' as const }] }))}
          heads={[say('原因', 'Reason'), say('停机', 'Stops'), say('已恢复', 'Back'), say('占比', 'Share'), say('天数', 'Days')]}
          cells={f.stops.map((s) => [`${s.reason} ${s.words}`, String(s.stops), String(s.returned), share(s.returnShare), s.daysToReturn === null ? '—' : String(round(s.daysToReturn))])} />
      </div>
    </div>
  )
}
const round = (n: number): number => Math.round(n * 10) / 10

/** What all of them come to. */
function Totals({ f }: { f: Figures }) {
  const say = useSay()
  const sum = (of: (c: Figures['cases'][number]) => number): number => f.cases.reduce((n, c) => n + of(c), 0)
  const [submitted, decided, straight, returned, late] = [sum((c) => c.submitted), sum((c) => c.decided), sum((c) => c.straightThrough), sum((c) => c.returned), sum((c) => c.late)]
  const percent = (part: number, of: number): string => (of === 0 ? '—' : `${round((part / of) * 100)}%`)
  const totals: readonly (readonly [string, string])[] = [
    [say('提交', 'Handed in'), submitted.toLocaleString()], [say('决定', 'Decided'), decided.toLocaleString()], [say('自动批准', 'Straight through'), percent(straight, decided)],
    [say('退回补件', 'Sent back'), percent(returned, submitted)], [say('逾期', 'Late'), late.toLocaleString()],
  ]
  return <dl className="many sheet">{totals.map(([name, n]) => <div key={name}><dt>{name}</dt><dd>{n}</dd></div>)}</dl>
}
