// "Do you really need to?" – keep, suspend, swap, close beneath each other as bars, each to the day; the table behind each bar has
// its lines and formulas.
import { useQuery } from '@tanstack/react-query'
import { getTerminalOptions } from '../../../src/client/generated/sdk.gen.ts'
import type { GetTerminalOptionsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Shown } from '../look/Page.tsx'
import { day, money } from '../look/when.ts'
import '../money/money.css'
import { useSay, type Words } from '../words.ts'

type Option = GetTerminalOptionsResponses[200]['options'][number]
const names: Readonly<Record<Option['option'], Words>> = { keep: ['照常保留', 'Keep it'], suspend: ['停机', 'Suspend'], swap: ['换机', 'Swap'], close: ['注销退机', 'Close'] }

export function Costs({ tid, from, until }: { tid: string; from: string; until: string | undefined }) {
  const say = useSay()
  const query = useQuery({
    queryKey: ['options', tid, from, until],
    queryFn: () => ask(getTerminalOptions({ path: { tid }, query: { from: day(from), ...(until === undefined ? {} : { until: day(until) }) } })),
  })
  return (
    <Shown query={query}>{({ options, days }) => {
      const best = options.filter((o) => o.offered && o.option !== 'close').toSorted((a, b) => a.cost.fen - b.cost.fen)[0]
      const most = Math.max(1, ...options.map((o) => o.cost.fen))
      return (
        <ul className="bars" aria-label={say(`${days} 天的费用`, `what ${days} days cost`)}>{options.map((o) => (
          <li key={o.option}>
            <div className="row apart"><span><b>{say(names[o.option])}</b>{o.option === best?.option ? <span className="soft">{say('（最省）', ' (cheapest)')}</span> : o.offered ? null : <span className="soft">{say('（暂不办理）', ' (not offered)')}</span>}</span><b className="num">{money(o.cost)}</b></div>
            <span className="bar-line" aria-hidden="true"><i className={o.option === best?.option ? 'least' : undefined} style={{ width: `${(Math.max(0, o.cost.fen) / most * 100).toFixed(1)}%` }} /></span>
            {o.lines.length === 0 ? <span className="soft">{say(`${days} 天内没有费用`, `nothing over ${days} days`)}</span> : (
              <details className="quiet"><summary>{say('怎么算的', 'how it is reckoned')}</summary>
                <table className="ledger"><tbody>{o.lines.map((l) => <tr key={l.words}><td>{l.words}<br /><span className="soft">{l.formula}</span></td><td className="end num">{money(l.amount)}</td></tr>)}</tbody></table>
              </details>
            )}
          </li>
        ))}</ul>
      )
    }}</Shown>
  )
}
