// What a stop did: the time before it, its own, and the time after, side by side, and what would usually have come in meanwhile.
import { useQuery } from '@tanstack/react-query'
import { getEffect } from '../../../src/client/generated/sdk.gen.ts'
import type { GetEffectResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, Refused } from '../api.ts'
import '../bulk/bulk.css'
import { Failed } from '../look/Page.tsx'
import { day, money } from '../look/when.ts'
import { useSay } from '../words.ts'

type Effect = GetEffectResponses[200]
type Part = { key: string; name: string; when: string; count: number; amount: { fen: number }; declined: number }

/** Nothing at all while the stop has not begun, or where it is not this reader's to see. */
export function StopEffect({ no }: { no: string }) {
  const say = useSay()
  const query = useQuery({
    queryKey: ['effect', no], retry: false,
    queryFn: () => ask(getEffect({ path: { no } })).catch((error: unknown) => {
      if (error instanceof Refused && ['stop_not_begun', 'not_found', 'role_missing'].includes(error.problem.code)) return null
      throw error
    }),
  })
  if (query.data === null || (query.data === undefined && query.error === null)) return null
  return <section className="sheet stack"><h2 className="plain flush">{say('停机的影响', 'What the stop did')}</h2>{query.data === undefined ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Told e={query.data} />}</section>
}

function Told({ e }: { e: Effect }) {
  const say = useSay()
  const span = ({ from, until }: { from: string; until: string }): string => say(`${day(from)} 至 ${day(until)}`, `${day(from)} to ${day(until)}`)
  const parts: readonly Part[] = [
    { key: 'before', name: say('之前', 'Before'), when: span(e.before), ...e.before },
    { key: 'during', name: e.stop.isOver ? say('期间', 'During') : say('期间（至今）', 'During (so far)'), when: span(e.stop), ...e.during },
    ...(e.after === null ? [] : [{ key: 'after', name: say('之后', 'After'), when: span(e.after), ...e.after }]),
  ]
  const most = Math.max(1, e.during.expected.amount.fen, ...parts.map((p) => p.amount.fen))
  const sales = (n: number): string => say(`${n.toLocaleString()} 笔`, `${n.toLocaleString()} sale(s)`)
  return (
    <>
      <p className="sentence">{e.sentence}</p>
      <div className="three">{parts.map((p) => (
        <div key={p.key} className={p.key}>
          <span>{p.name} <span className="soft num">{p.when}</span></span>
          <b className="num">{money(p.amount)}</b>
          <svg aria-hidden="true"><rect height="12" width={`${(p.amount.fen / most) * 100}%`} /></svg>
          <span className="soft">{sales(p.count)}{p.declined > 0 ? say(`，被拒 ${p.declined} 笔`, `, ${p.declined} declined`) : ''}</span>
          {p.key === 'during' ? <span className="soft">{say(`平常约 ${sales(e.during.expected.count)}、${money(e.during.expected.amount)}`, `usually about ${sales(e.during.expected.count)}, ${money(e.during.expected.amount)}`)}</span> : null}
        </div>
      ))}</div>
    </>
  )
}
