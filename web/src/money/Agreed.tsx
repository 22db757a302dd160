// What was agreed: the terms that hold today, as a merchant would ask for them.
import { useQuery } from '@tanstack/react-query'
import { cardKinds } from '../../../src/domain/vocabulary.ts'
import { getContract } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { Shown } from '../look/Page.tsx'
import { money } from '../look/when.ts'
import { useSay } from '../words.ts'

const percent = (ppm: number): string => `${Number((ppm / 10_000).toFixed(4))}%`

export function Agreed({ mid, provider }: { mid: string; provider: string }) {
  const say = useSay()
  const query = useQuery({ queryKey: ['money', mid, 'contract', provider], queryFn: () => ask(getContract({ path: { mid }, query: { provider } })) })
  return (
    <section className="sheet stack"><h2 className="plain">{say('合同与费率', 'What was agreed')}</h2>
      <Shown query={query}>{({ items }) => {
        const found = items[0]
        if (found === undefined) return <span className="soft">{say('没有登记合同。', 'No contract is on record.')}</span>
        const { terms, contract } = found
        const yuan = (fen: number): string => money({ fen })
        const { earlyTermination: end } = terms
        const rows: readonly (readonly [string, string])[] = [
          [say('合同', 'Contract'), contract === null ? say('没有单独约定，按机构规则', 'none of its own; the rules of the provider hold') : say(`第 ${contract.version} 版，${contract.document.from} 起${contract.document.until ? `，至 ${contract.document.until}` : ''}`, `version ${contract.version}, from ${contract.document.from}${contract.document.until ? ` to ${contract.document.until}` : ''}`)],
          [say('在用月费', 'Monthly, in service'), yuan(terms.monthlyInServiceFen)],
          [say('停机月费', 'Monthly, while stopped'), say(`${yuan(terms.monthlyWhileSuspendedFen)}，每次停机前 ${terms.freeSuspendedDays} 天免费`, `${yuan(terms.monthlyWhileSuspendedFen)}; the first ${terms.freeSuspendedDays} days of each stop are free`)],
          [say('流量费', 'Data traffic'), say(`${yuan(terms.dataMonthlyFen)} / 月`, `${yuan(terms.dataMonthlyFen)} a month`)],
          ...(terms.annualFen > 0 ? [[say('年费', 'Annual fee'), yuan(terms.annualFen)] as const] : []),
          [say('复机费', 'Reopening'), yuan(terms.reopeningFen)],
          [say('提前终止', 'Ending early'), say(
            `${yuan(end.flatFen)}${end.perMonthLeftFen > 0 ? `，另每剩一个月 ${yuan(end.perMonthLeftFen)}` : ''}${end.capFen === null ? '' : `，最多 ${yuan(end.capFen)}`}`,
            `${yuan(end.flatFen)}${end.perMonthLeftFen > 0 ? ` and ${yuan(end.perMonthLeftFen)} for every month left` : ''}${end.capFen === null ? '' : `, ${yuan(end.capFen)} at most`}`)],
          ...terms.rates.map((r) => [say(`${cardKinds[r.card][0]}费率`, `Rate, ${cardKinds[r.card][1]}`), r.capFen === null ? percent(r.ppm) : say(`${percent(r.ppm)}，每笔最多 ${yuan(r.capFen)}`, `${percent(r.ppm)}, ${yuan(r.capFen)} at most a sale`)] as const),
          ...(contract?.document.accessories?.length ? [[say('随机借出', 'Lent with it'), contract.document.accessories.join(say('、', ', '))] as const] : []),
          ...(contract?.document.exitTerms ? [[say('退出约定', 'How it ends'), contract.document.exitTerms] as const] : []),
        ]
        return <dl className="facts">{rows.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      }}</Shown>
    </section>
  )
}
