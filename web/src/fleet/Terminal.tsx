// One terminal on one page: the sentence, the time strip, the status lines side by side and never mixed, what is open, every
// hold with its way out, and what happened, newest first.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { clearanceKinds, deviceStates, deviceTypes, holdOwners, modes, ownerships, waysOut } from '../../../src/domain/vocabulary.ts'
import { getTerminal, getTimeline } from '../../../src/client/generated/sdk.gen.ts'
import type { GetTerminalResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { hasBegun, isOpen } from '../hold.ts'
import { Button, Notice } from '../look/controls.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { StatusTag } from '../look/StatusTag.tsx'
import { returnsOf, TimeStrip } from '../look/TimeStrip.tsx'
import { day, money, when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Dormancy, Lift, TerminalActs } from './Acts.tsx'

type Terminal = GetTerminalResponses[200]

export default function TerminalPage() {
  const { tid } = useParams({ strict: false }) as { tid: string }
  const query = useQuery({ queryKey: ['terminal', tid], queryFn: () => ask(getTerminal({ path: { tid } })), refetchInterval: 15_000 })
  return <Shown query={query}>{(t) => <Known terminal={t} />}</Shown>
}

function Known({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const now = Date.parse(useMe()!.now)
  const open = t.holds.filter(isOpen)
  return (
    <Page
      title={<>{t.store?.name ?? t.merchant.name} · <span className="num">{t.tid}</span></>}
      above={<>{t.merchant.name} <span className="num">{t.mid}</span> · {t.provider.name} <span className="num">{t.provider.hotline}</span></>}
      actions={<>
        <TerminalActs terminal={t} />
        {t.allowed.suspend === true ? <Link className="button primary" to={'/apply' as never} search={{ tid: t.tid } as never}>{say('申请停机', 'Ask for a stop')}</Link> : null}
        {t.allowed.reactivate === true && t.holds.some(hasBegun) ? <Link className="button primary" to={'/apply' as never} search={{ tid: t.tid, kind: 'reactivate' } as never}>{say('申请复机', 'Ask for it back')}</Link> : null}
        {t.allowed.extend === true && t.holds.some((h) => h.owner === 'merchant' && isOpen(h)) ? <Link className="button" to={'/apply' as never} search={{ tid: t.tid, kind: 'extend' } as never}>{say('改恢复日期', 'Another return date')}</Link> : null}
        {t.allowed.close === true ? <Link className="button" to={'/apply' as never} search={{ tid: t.tid, kind: 'close' } as never}>{say('注销', 'Close for good')}</Link> : null}
        <a className="button" href={`/terminal/${t.tid}`}>{say('虚拟终端', 'Virtual terminal')}</a>
      </>}
    >
      <div className="stack">
        <section className="sheet stack">
          <div className="row apart"><p className="sentence lead">{t.sentence}</p><StatusTag service={t.service} holds={t.holds} /></div>
          <TimeStrip schedule={t.schedule} now={now} marks={returnsOf(t.holds, say)} />
        </section>
        {open.filter((h) => h.owner !== 'merchant').map((h) => (
          <Notice key={h.id} tone="warning" title={`${h.reasonWords} ${h.reason}`}>{say(`由${holdOwners[h.owner][0]}停用，自 ${when(h.effectiveFrom)}。办法：${waysOut[h.owner][0]}。请致电 ${t.provider.hotline}。`, `Stopped by ${holdOwners[h.owner][1]} since ${when(h.effectiveFrom)}. Way out: ${waysOut[h.owner][1]}. Call ${t.provider.hotline}.`)}</Notice>
        ))}
        <Dormancy terminal={t} />
        <Waiting terminal={t} />
        <div className="cards halves">
          <section className="sheet" aria-labelledby="facts"><h2 id="facts" className="plain">{say('状态', 'Status')}</h2><Facts terminal={t} /></section>
          <section className="sheet" aria-labelledby="open"><h2 id="open" className="plain">{say('未结清', 'Still open')}</h2><Clearance terminal={t} /></section>
        </div>
        {t.holds.length === 0 ? null : <section className="sheet"><h2 className="plain">{say('停用项', 'Holds')}</h2><Holds terminal={t} /></section>}
        <section className="sheet"><h2 className="plain">{say('经过', 'What happened')}</h2><History tid={t.tid} /></section>
      </div>
    </Page>
  )
}

/** A stop that not every gate is known to refuse yet: which, since when and why. */
function Waiting({ terminal: { gates, hostBlockedAt } }: { terminal: Terminal }) {
  const say = useSay()
  if (gates === null || hostBlockedAt !== null || gates.outstanding.length === 0) return null
  return (
    <Notice tone="warning" title={say(`${gates.required} 个闸口中 ${gates.acknowledged} 个已拒绝其交易`, `${gates.acknowledged} of ${gates.required} gates refuse it`)}>
      <ul className="plain">{gates.outstanding.map((g) => <li key={g.id}><b>{g.id}</b> · {g.reasonWords}{say(`，自 ${when(g.since)}`, `, since ${when(g.since)}`)}</li>)}</ul>
    </Notice>
  )
}

function Facts({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const isMerchant = useMe()!.party.kind === 'merchant'
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ...(isMerchant ? [] : [[say('闸口', 'Gate'), say(modes[t.mode])] as const]),
    [say('主机已拒绝', 'Host refuses'), t.hostBlockedAt === null ? '—' : when(t.hostBlockedAt)],
    [say('机具已确认', 'Device confirmed'), t.deviceConfirmedAt === null ? '—' : when(t.deviceConfirmedAt)],
    ...(t.deviceSilentSince === null ? [] : [[say('机具未回音', 'Device silent'), <span key="silent" className="late">{say(`自 ${when(t.deviceSilentSince)}`, `since ${when(t.deviceSilentSince)}`)}</span>] as const]),
    ...(t.attempts === null ? [] : [[say('停机后的尝试', 'Attempts since the stop'), <Attempts key="attempts" terminal={t} />] as const]),
    [say('机具', 'Device'), t.device === null ? '—' : `${t.device.model} · ${t.device.serial} · ${say(deviceTypes[t.device.type])} · ${say(ownerships[t.device.ownership])} · ${say(deviceStates[t.device.state])}`],
    [say('门店', 'Store'), t.store === null ? '—' : `${t.store.name}，${t.store.address}`],
    [say('装机', 'Installed'), t.installedAt === null ? '—' : day(t.installedAt)],
    [say('办件', 'Cases'), t.cases.length === 0 ? '—' : t.cases.map((c) => <Link key={c.no} className="num" to={`/cases/${c.no}` as never}>{c.no} </Link>)],
  ]
  return <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
}

function Attempts({ terminal: { tid, attempts } }: { terminal: Terminal }) {
  const say = useSay()
  const isMerchant = useMe()!.party.kind === 'merchant'
  const words = say(`${attempts!.count} 次，末次 ${when(attempts!.lastAt)}，均已拒绝`, `${attempts!.count}, the last ${when(attempts!.lastAt)}; all refused`)
  return isMerchant ? words : <Link to={'/attempts' as never} search={{ terminal: tid } as never}>{words}</Link>
}

function Clearance({ terminal: { clearance } }: { terminal: Terminal }) {
  const say = useSay()
  if (clearance.clear) return <p className="sentence">{say('交易全部结清。', 'Every transaction is settled.')}</p>
  return (
    <ul className="plain stack">{clearance.items.map((item) => (
      <li key={item.kind} className="row apart">
        <span>{say(clearanceKinds[item.kind])} · {say(`${item.count} 笔`, `${item.count}`)}<br />
          <span className="soft">{item.owner === 'merchant' ? say('由商户处理', 'the merchant acts') : say('由机构处理', 'the provider acts')}{item.dueBy === null ? '' : say(`，${when(item.dueBy)} 前`, `, by ${when(item.dueBy)}`)}</span>
        </span>
        <b className="num">{money(item.amount)}</b>
      </li>
    ))}</ul>
  )
}

function Holds({ terminal: t }: { terminal: Terminal }) {
  const say = useSay()
  const mayLift = t.holds.some((h) => h.allowed.lift === true)
  const heads = [say('原因', 'Reason'), say('归属', 'Owner'), say('自', 'From'), say('预计恢复', 'Expected until'), say('解除', 'Lifted'), say('办件', 'Case')]
  return (
    <div className="sideways"><table className="lines">
      <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}{mayLift ? <td /> : null}</tr></thead>
      <tbody>{t.holds.toSorted((a, b) => Date.parse(b.effectiveFrom) - Date.parse(a.effectiveFrom)).map((h) => (
        <tr key={h.id}>
          <td>{h.reasonWords} <span className="soft num">{h.reason}</span></td>
          <td>{say(holdOwners[h.owner])}</td>
          <td className="num">{when(h.effectiveFrom)}</td>
          <td className="num">{h.expectedUntil === null ? '—' : when(h.expectedUntil)}</td>
          <td>{h.withdrawnAt !== null ? say('已撤回', 'withdrawn') : h.liftedAt !== null ? <span className="num">{when(h.liftedAt)}</span> : h.clearedAt !== null ? say('待测试', 'test to come') : '—'}</td>
          <td>{h.application === null ? '—' : <Link className="num" to={`/cases/${h.application}` as never}>{h.application}</Link>}</td>
          {mayLift ? <td className="end"><Lift terminal={t} hold={h} /></td> : null}
        </tr>
      ))}</tbody>
    </table></div>
  )
}

function History({ tid }: { tid: string }) {
  const say = useSay()
  const list = useInfiniteQuery({
    queryKey: ['timeline', tid],
    queryFn: ({ pageParam }) => ask(getTimeline({ path: { tid }, query: { limit: 20, ...(pageParam === null ? {} : { cursor: pageParam }) } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  })
  return (
    <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => (
      <>
        {data.pages[0]!.items.length === 0 ? <span className="soft">{say('还没有发生过什么。', 'Nothing has happened yet.')}</span> : null}
        <ol className="timeline">{data.pages.flatMap((page) => page.items).map((row) => <li key={`${row.seq} ${row.sentence}`}><span className="soft num">{when(row.at)}</span> {row.sentence}</li>)}</ol>
        {list.hasNextPage ? <Button onClick={() => void list.fetchNextPage()} busy={list.isFetchingNextPage}>{say('更早的', 'Earlier')}</Button> : null}
      </>
    )}</Shown>
  )
}
