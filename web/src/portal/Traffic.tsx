// A terminal's own trade: what is sold on which day and at which hour, the quietest time to stop it, one press away, and what the
// days somebody would be away usually bring. The picture of the week has its numbers beneath.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { getTraffic } from '../../../src/client/generated/sdk.gen.ts'
import type { GetTrafficResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, Refused } from '../api.ts'
import '../bulk/bulk.css'
import { Button, Notice } from '../look/controls.tsx'
import { Empty, Page, Shown } from '../look/Page.tsx'
import { day, money, time, when } from '../look/when.ts'
import { useSay } from '../words.ts'

type Traffic = GetTrafficResponses[200]
type Span = { from: string; until: string }

const useTraffic = (tid: string, span?: Span) => useQuery({
  queryKey: ['traffic', tid, span], placeholderData: keepPreviousData, retry: false,
  queryFn: () => ask(getTraffic({ path: { tid }, query: span ?? {} })),
})

export default function TrafficPage() {
  const say = useSay()
  const { tid } = useParams({ strict: false }) as { tid: string }
  const query = useTraffic(tid)
  return (
    <Page title={say('什么时候停影响最小', 'When a stop costs least')} above={<Link className="num" to={`/terminals/${tid}` as never}>{tid}</Link>}>
      <Shown query={query}>{(t) => isSilent(t) ? <Empty>{say('近八周没有流水，什么时候停都一样。', 'Nothing was sold in the last eight weeks; any time is as good.')}</Empty> : (
        <div className="stack">
          <section className="sheet stack">
            {t.best === null ? <p className="sentence lead">{say('每天差不多，没有明显更清淡的一天。', 'The days are much alike; none is clearly quieter.')}</p> : (
              <><p className="sentence lead">{t.best.sentence}</p><div><Link className="button primary" to={'/apply' as never} search={{ tid, at: t.best.at } as never}>{say(`就在 ${when(t.best.at)} 停机`, `Stop at ${when(t.best.at)}`)}</Link></div></>
            )}
          </section>
          <section className="sheet stack"><h2 className="plain flush">{say('通常的一周', 'The usual week')}</h2><Week traffic={t} /></section>
          <section className="sheet stack"><h2 className="plain flush">{say('一天里的什么时候', 'Which hours')}</h2><Hours traffic={t} /></section>
        </div>
      )}</Shown>
    </Page>
  )
}
const isSilent = (t: Traffic): boolean => t.weekdays.every((d) => d.amount.fen === 0)

/** Beside the two days asked for in an application: the best moment, to be taken with one press. */
export function BestMoment({ tid, isOneOf, span, take, taken }: { tid: string; /** Several are to be stopped together. */ isOneOf: boolean; span: Span | undefined; take: (date: string, at: string) => void; taken: string | undefined }) {
  const say = useSay()
  // Dates that make no sense yet are said by the form; the week is shown all the same.
  const { data: whole } = useTraffic(tid)
  const { data: asked, error } = useTraffic(tid, span)
  if (whole === undefined || isSilent(whole)) return null
  const { best } = whole
  const away = span === undefined || error instanceof Refused ? null : (asked?.away ?? null)
  const isTaken = best !== null && taken === best.at
  return (
    <Notice title={<>{isOneOf ? <span className="num">{tid} </span> : null}{best === null ? say('近八周的流水', 'The last eight weeks of trade') : best.sentence}</>}
      act={best === null || isTaken ? undefined : <Button onClick={() => take(day(best.at), time(best.at))}>{say('就选这个时间', 'Take it')}</Button>}>
      <div className="stack">
        {away === null ? null : <span role="status">{away.sentence}</span>}
        <details><summary>{say('看近八周的流水', 'The last eight weeks')}</summary><Week traffic={whole} /></details>
      </div>
    </Notice>
  )
}

/** A bar a weekday, the quietest in its own colour. */
function Week({ traffic: { weekdays, days } }: { traffic: Traffic }) {
  const say = useSay()
  const most = Math.max(1, ...weekdays.map((d) => d.amount.fen))
  const least = Math.min(...weekdays.map((d) => d.amount.fen))
  const isQuiet = (fen: number): boolean => fen === least && least < most
  const short = (label: string): string => say(label.replace('周', ''), label.slice(0, 3))
  return (
    <figure className="picture stack">
      <ol className="week" aria-hidden="true">{weekdays.map((d) => (
        <li key={d.weekday} className={isQuiet(d.amount.fen) ? 'quiet' : undefined}>
          <svg aria-hidden="true" viewBox="0 0 10 84" preserveAspectRatio="none"><rect x="0" width="10" y={84 - (d.amount.fen / most) * 82} height={(d.amount.fen / most) * 82} /></svg>{short(d.label)}
        </li>
      ))}</ol>
      <details><summary>{say(`看数字（近 ${days} 天的通常一天）`, `The numbers (the usual day of the last ${days} days)`)}</summary>
        <table className="numbers"><thead><tr><th scope="col">{say('星期', 'Weekday')}</th><th scope="col" className="end">{say('笔数', 'Sales')}</th><th scope="col" className="end">{say('金额', 'Amount')}</th></tr></thead>
          <tbody>{weekdays.map((d) => <tr key={d.weekday}><th scope="row">{d.label}</th><td className="num end">{d.count}</td><td className="num end">{money(d.amount)}</td></tr>)}</tbody></table>
      </details>
    </figure>
  )
}

const hours_of_day = Array.from({ length: 24 }, (_, hour) => hour)

/** A row a weekday, a cell an hour, the darker the more is sold. */
function Hours({ traffic: { weekdays, hours } }: { traffic: Traffic }) {
  const say = useSay()
  const of = new Map(hours.map((h) => [`${h.weekday} ${h.hour}`, h]))
  const most = Math.max(1, ...hours.map((h) => h.count))
  const busy = weekdays.map((d) => ({ ...d, busiest: hours.filter((h) => h.weekday === d.weekday).toSorted((a, b) => b.count - a.count)[0] }))
  return (
    <figure className="picture stack">
      <div className="hours" aria-hidden="true">
        {weekdays.map((d) => (
          <div key={d.weekday} className="pair"><span>{d.label}</span>
            <svg aria-hidden="true" viewBox="0 0 24 1" preserveAspectRatio="none">{hours_of_day.map((hour) => {
              const count = of.get(`${d.weekday} ${hour}`)?.count ?? 0
              return count === 0 ? null : <rect key={hour} x={hour + 0.04} width="0.92" height="1" opacity={0.15 + 0.85 * (count / most)} />
            })}</svg>
          </div>
        ))}
        <span /><div className="scale"><span>0</span><span>6</span><span>12</span><span>18</span><span>24</span></div>
      </div>
      <details><summary>{say('看数字', 'The numbers')}</summary>
        <table className="numbers"><thead><tr><th scope="col">{say('星期', 'Weekday')}</th><th scope="col">{say('有流水的钟点', 'Hours with sales')}</th><th scope="col">{say('最忙', 'Busiest')}</th></tr></thead>
          <tbody>{busy.map((d) => {
            const own = hours.filter((h) => h.weekday === d.weekday && h.count > 0).map((h) => h.hour)
            return <tr key={d.weekday}><th scope="row">{d.label}</th><td className="num">{own.length === 0 ? '—' : `${Math.min(...own)}:00–${Math.max(...own) + 1}:00`}</td><td className="num">{d.busiest === undefined ? '—' : say(`${d.busiest.hour} 点（${d.busiest.count} 笔）`, `${d.busiest.hour}:00 (${d.busiest.count})`)}</td></tr>
          })}</tbody></table>
      </details>
    </figure>
  )
}
