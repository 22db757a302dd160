// "Do you really need to?" – keep, suspend, swap, close side by side, each to the day with its formula.
import { useQuery } from '@tanstack/react-query'
import { getTerminalOptions } from '../../../src/client/generated/sdk.gen.ts'
import type { GetTerminalOptionsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Shown } from '../look/Page.tsx'
import { day, money } from '../look/when.ts'
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
      return (
        <div className="cards four">{options.map((o) => (
          <section key={o.option} className={o.option === best?.option ? 'sheet best' : o.offered ? 'sheet' : 'sheet faint'}>
            <h3>{say(names[o.option])}{o.option === best?.option ? say('（最省）', ' (cheapest)') : o.offered ? '' : say('（暂不办理）', ' (not offered)')}</h3>
            <p className="figure num">{money(o.cost)}</p>
            <ul className="plain soft">{o.lines.length === 0 ? <li>{say(`${days} 天内没有费用`, `nothing over ${days} days`)}</li> : o.lines.map((l) => <li key={l.words}>{l.words}<br />{l.formula} = <span className="num">{money(l.amount)}</span></li>)}</ul>
          </section>
        ))}</div>
      )
    }}</Shown>
  )
}
