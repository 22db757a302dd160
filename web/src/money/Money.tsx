// Money: a merchant sees its own account; a provider looks one up by merchant number.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { listTerminals } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { Search } from '../look/controls.tsx'
import { Empty, Failed, Page } from '../look/Page.tsx'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Account } from './Account.tsx'
import './money.css'

export default function Money() {
  const me = useMe()!
  return me.party.kind === 'merchant' ? <Mine mid={me.party.id} /> : <Sought />
}

function Mine({ mid }: { mid: string }) {
  const say = useSay()
  return (
    <Page title={say('我的账', 'My account')} above={<span className="row"><Link to={'/returns' as never}>{say('机具退回与押金', 'Devices and deposits')}</Link><Link to={'/instead' as never}>{say('换个方式收款要多少钱', 'What another way would cost')}</Link></span>}>
      <Account mid={mid} />
    </Page>
  )
}

/** A merchant number as it is written: 15 digits or capital letters. */
const isMid = (text: string): boolean => /^[0-9A-Z]{15}$/.test(text)
const found_max = 50

function Sought() {
  const say = useSay()
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { q?: string | number }
  const q = String(search.q ?? '')
  // Terminals are searched by whatever people know; their merchants are the accounts.
  const query = useQuery({
    queryKey: ['merchants', q], enabled: q !== '',
    queryFn: async () => {
      const { items } = await ask(listTerminals({ query: { q, limit: found_max } }))
      return [...new Map(items.map((t) => [t.merchant.mid, t.merchant.name]))]
    },
  })
  const go = (value: string): void => void navigate({ to: '/money' as never, search: (value === '' ? {} : { q: value }) as never })
  const found = query.data ?? []
  const mid = found.length === 1 ? found[0]![0] : found.find(([m]) => m === q)?.[0] ?? (query.data && isMid(q) ? q : undefined)
  const name = found.find(([m]) => m === mid)?.[1]
  return (
    <Page title={name ?? say('商户往来账', 'Merchant accounts')} above={mid === undefined ? say('费用、收款、账单与押金', 'charges, payments, invoices and deposits') : <span className="num">{mid}</span>}>
      <div className="gap"><Search label={say('查找商户', 'find a merchant')} hint={say('商户号、商户名称、终端号', 'merchant number or name, terminal number')} value={q} send={go} /></div>
      {query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : null}
      {q === '' ? <Empty>{say('输入商户号或名称，看它的往来账。', 'Type the number or name of a merchant to see its account.')}</Empty> : null}
      {mid === undefined && query.data !== undefined ? (found.length === 0 ? <Empty>{say('没有这个商户。', 'There is no such merchant.')}</Empty> : (
        <section className="sheet"><h2 className="plain">{say('是哪一家', 'Which one')}</h2>
          <ul className="plain stack">{found.map(([m, n]) => <li key={m}><Link to={'/money' as never} search={{ q: m } as never}>{n} <span className="num">{m}</span></Link></li>)}</ul>
        </section>
      )) : null}
      {mid === undefined ? null : <Account key={mid} mid={mid} />}
    </Page>
  )
}
