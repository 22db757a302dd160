// The sheet of paper on the shop's door: from when cards are not taken, when they are again, and how to pay meanwhile. What it
// says of the stop comes from the case; the rest the shopkeeper types and sees at once. Printed, nothing else is on the page.
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { getApplication, getTerminal } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { Button, Tick } from '../look/controls.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { useSay, type Words } from '../words.ts'

const otherWays: Readonly<Record<string, Words>> = {
  cash: ['现金', 'cash'], wechat: ['微信支付', 'WeChat Pay'], alipay: ['支付宝', 'Alipay'], unionpay: ['云闪付', 'UnionPay app'], transfer: ['转账', 'bank transfer'],
}
const longDay = (instant: string): Words => {
  const date = new Date(instant)
  return [
    new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric', weekday: 'short' }).format(date),
    new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', weekday: 'short', day: 'numeric', month: 'long' }).format(date),
  ]
}

export default function Poster() {
  const { no } = useParams({ strict: false }) as { no: string }
  const query = useQuery({
    queryKey: ['poster', no],
    queryFn: async () => {
      const c = await ask(getApplication({ path: { no } }))
      return { c, terminal: await ask(getTerminal({ path: { tid: c.terminals[0]!.tid } })) }
    },
  })
  return <Shown query={query}>{({ c, terminal }) => <Sheet shop={terminal.store?.name ?? terminal.merchant.name} from={c.effectiveFrom} until={c.expectedUntil} />}</Shown>
}

function Sheet({ shop, from, until }: { shop: string; from: string | null; until: string | null }) {
  const say = useSay()
  const [ways, setWays] = useState<readonly string[]>(['cash', 'wechat', 'alipay'])
  const [words, setWords] = useState('')
  const both = (of: (entry: Words) => string) => ways.map((way) => of(otherWays[way]!))
  const back = until === null ? undefined : longDay(until)
  const stop = from === null ? undefined : longDay(from)
  return (
    <Page title={say('店门告示', 'Notice for the door')} actions={<Button primary onClick={() => print()}>{say('打印', 'Print')}</Button>}>
      <div className="sheet stack no-print gap">
        <fieldset className="plain choices across">{Object.entries(otherWays).map(([way, entry]) => <Tick key={way} checked={ways.includes(way)} set={(is) => setWays(Object.keys(otherWays).filter((w) => (w === way ? is : ways.includes(w))))}>{say(entry)}</Tick>)}</fieldset>
        <textarea rows={2} maxLength={120} value={words} onChange={(e) => setWords(e.target.value)} aria-label={say('补充一句', 'a line of your own')} placeholder={say('补充一句（可不填）', 'a line of your own (optional)')} />
      </div>
      <article className="poster">
        <p className="shop">{shop}</p>
        <p className="big">{back === undefined ? '暂停刷卡收款' : `${back[0]}恢复刷卡`}</p>
        <p className="big en" lang="en">{back === undefined ? 'No card payments for now' : `Cards again from ${back[1]}`}</p>
        {stop === undefined ? null : <p>{stop[0]}起暂停刷卡 <span lang="en">· no card payments from {stop[1]}</span></p>}
        {ways.length === 0 ? null : <p>您仍可使用：<b>{both((e) => e[0]).join('、')}</b><br /><span lang="en">You can still pay by {both((e) => e[1]).join(', ')}.</span></p>}
        {words.trim() === '' ? null : <p className="own">{words}</p>}
        <p>给您带来不便，敬请谅解。 <span lang="en">Thank you for your patience.</span></p>
      </article>
    </Page>
  )
}
