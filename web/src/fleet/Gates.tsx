// Gates, live: each stays where it is while its figures change, ordered by its name. What it is doing is a word with a shape,
// its rate of the last hour a small picture with the same numbers as a table beneath.
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { gateStates, type GateState } from '../../../src/domain/vocabulary.ts'
import { fenceGate, listGateMinutes, listGates, readmitGate } from '../../../src/client/generated/sdk.gen.ts'
import type { ListGateMinutesResponses, ListGatesResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Dialog, Field, Notice } from '../look/controls.tsx'
import { Empty, Page, Shown } from '../look/Page.tsx'
import { whyNot } from '../look/why-not.ts'
import { time, when } from '../look/when.ts'
import { useLanguage, useSay, type Words } from '../words.ts'

type Gate = ListGatesResponses[200]['items'][number]
type Minute = ListGateMinutesResponses[200]['items'][number]

const watch_ms = 3_000
const watch_minutes_ms = 15_000
const minute_ms = 60_000
const minutes_shown = 60

const lamps: Readonly<Record<GateState, readonly [mark: string, tone: string]>> = {
  live: ['●', 'open'], standin: ['▲', 'drain'], expired: ['■', 'provider'], fenced: ['◆', 'shut'], left: ['○', 'soft'],
}
type Act = 'fence' | 'readmit'
const acts: Readonly<Record<Act, { words: Words; why: Words; send: typeof fenceGate | typeof readmitGate }>> = {
  fence: { words: ['隔离', 'Fence'], why: ['您确认这个闸口已经关闭、不会再应答。写明如何确认的。', 'You vouch that this gate is off and will not answer. Say how you made sure.'], send: fenceGate },
  readmit: { words: ['重新接纳', 'Readmit'], why: ['闸口将重新得到租约并参与判定。写明原因。', 'The gate gets a lease again and decides again. Say why.'], send: readmitGate },
}

export default function Gates() {
  const say = useSay()
  const query = useQuery({ queryKey: ['gates'], queryFn: () => ask(listGates()), refetchInterval: watch_ms })
  return (
    <Page
      title={say('闸口', 'Gates')}
      above={query.data && say(`${query.data.items.filter((g) => g.state === 'live').length} 个在线，共 ${query.data.items.length} 个`, `${query.data.items.filter((g) => g.state === 'live').length} of ${query.data.items.length} live`)}
      actions={<Link to={'/attempts' as never}>{say('停机终端上的尝试', 'Attempts on stopped terminals')}</Link>}
    >
      <Shown query={query}>{({ items }) => (
        items.length === 0 ? <Empty>{say('还没有登记的闸口。', 'No gate has registered yet.')}</Empty>
          : <ul className="plain cards">{items.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((g) => <li key={g.id}><One gate={g} /></li>)}</ul>
      )}</Shown>
    </Page>
  )
}

function One({ gate: g }: { gate: Gate }) {
  const say = useSay()
  const [mark, tone] = lamps[g.state]
  const facts: readonly (readonly [string, string])[] = [
    [say('租约至', 'Lease until'), `${when(g.leaseUntil)}:${seconds(g.leaseUntil)}`],
    [say('未确认', 'Outstanding'), g.behind === 0 ? say('无', 'nothing') : say(`${g.behind} 项变更，自 ${when(g.acknowledgedAt)}`, `${g.behind} changes, since ${when(g.acknowledgedAt)}`)],
    [say('滞后', 'Lag'), `${g.lagMs.toLocaleString()} ms`],
    [say('时钟偏差', 'Clock off by'), `${g.skewMs.toLocaleString()} ms`],
    [say('每秒判定', 'Decisions a second'), g.decisionsPerSecond.toFixed(1)],
    [say('所知终端', 'Terminals known'), g.size.toLocaleString()],
  ]
  return (
    <article className="sheet stack" aria-labelledby={`gate-${g.id}`}>
      <div className="row apart"><h2 id={`gate-${g.id}`} className="plain flush">{g.id}</h2><span className={`lamp ${tone}`}><span aria-hidden="true">{mark}</span>{say(gateStates[g.state])}</span></div>
      <p className="sentence">{g.sentence}</p>
      {g.alarm === null ? null : <Notice tone="error" title={g.alarm.words}>{g.alarm.at === null ? null : when(g.alarm.at)}</Notice>}
      {g.fenced === null ? null : <Notice tone="warning" title={say(`${when(g.fenced.at)} 隔离`, `Fenced ${when(g.fenced.at)}`)}>{g.fenced.words}</Notice>}
      <Rate gate={g} />
      <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <Acts gate={g} />
    </article>
  )
}
const seconds = (instant: string): string => instant.slice(17, 19)

/** Every minute of the last hour, the silent ones too, so that the picture's width is time. */
function hourOf(minutes: readonly Minute[], until: number): { at: number; approved: number; refused: number }[] {
  const known = new Map(minutes.map((m) => [Date.parse(m.at), m]))
  const end = Math.max(Math.floor(until / minute_ms) * minute_ms, ...known.keys())
  return Array.from({ length: minutes_shown }, (_, i) => {
    const at = end - (minutes_shown - 1 - i) * minute_ms
    const m = known.get(at)
    return { at, approved: m?.approved ?? 0, refused: (m?.decisions ?? 0) - (m?.approved ?? 0) }
  })
}

function Rate({ gate }: { gate: Gate }) {
  const say = useSay()
  const query = useQuery({ queryKey: ['gates', gate.id, 'minutes'], queryFn: () => ask(listGateMinutes({ path: { id: gate.id }, query: { limit: minutes_shown } })), refetchInterval: watch_minutes_ms })
  const hour = hourOf(query.data?.items ?? [], Date.parse(gate.heardAt))
  const most = Math.max(1, ...hour.map((m) => m.approved + m.refused))
  const [approved, refused] = hour.reduce(([a, r], m) => [a + m.approved, r + m.refused], [0, 0] as [number, number])
  const words = say(`近一小时：通过 ${approved} 笔，拒绝 ${refused} 笔，每分钟最多 ${most} 笔`, `Last hour: ${approved} approved, ${refused} refused, at most ${most} a minute`)
  const busy = hour.filter((m) => m.approved + m.refused > 0).toReversed()
  if (approved + refused === 0) return <p className="soft sentence">{say('近一小时没有交易。', 'No transaction in the last hour.')}</p>
  return (
    <figure className="spark">
      <svg viewBox={`0 0 ${minutes_shown * 4} 40`} preserveAspectRatio="none" role="img" aria-label={words}>
        {hour.map(({ at, approved: a, refused: r }, i) => {
          const up = (a / most) * 38
          const over = (r / most) * 38
          return <g key={at}><rect className="approved" x={i * 4} width="3" y={40 - up} height={up} /><rect className="refused" x={i * 4} width="3" y={40 - up - over} height={over} /></g>
        })}
      </svg>
      <figcaption className="soft">{words}</figcaption>
      <details><summary>{say('每分钟数字', 'The numbers, minute by minute')}</summary>
        <table className="numbers"><thead><tr><th scope="col">{say('时间', 'Minute')}</th><th scope="col" className="end">{say('通过', 'Approved')}</th><th scope="col" className="end">{say('拒绝', 'Refused')}</th></tr></thead>
          <tbody>{busy.map((m) => <tr key={m.at}><td className="num">{time(m.at)}</td><td className="num end">{m.approved}</td><td className="num end">{m.refused}</td></tr>)}</tbody></table>
      </details>
    </figure>
  )
}

function Acts({ gate }: { gate: Gate }) {
  const say = useSay()
  const { language } = useLanguage()
  const act = useAct(['gates'])
  const [asking, setAsking] = useState<Act>()
  const [words, setWords] = useState('')
  const shown = (Object.keys(acts) as Act[]).filter((a) => !['role_missing', 'not_in_this_state'].includes(String(gate.allowed[a])))
  if (shown.length === 0) return null
  return (
    <div className="row no-print">
      {shown.map((a) => (
        <Button key={a} danger={a === 'fence'} whyNot={gate.allowed[a] === true ? undefined : whyNot(String(gate.allowed[a]), language)} onClick={() => { act.reset(); setWords(''); setAsking(a) }}>{say(acts[a].words)}…</Button>
      ))}
      {asking === undefined ? null : (
        <Dialog title={`${say(acts[asking].words)} ${gate.id}`} shut={() => setAsking(undefined)} fault={act.error} ok={say(acts[asking].words)} danger={asking === 'fence'} busy={act.isPending} ready={words.trim() !== ''}
          send={() => act.mutate(() => ask(acts[asking].send({ path: { id: gate.id }, body: { words }, headers: { 'Idempotency-Key': onceKey() } })), { onSuccess: () => setAsking(undefined) })}>
          <p className="sentence">{say(acts[asking].why)}</p>
          <Field label={say('说明', 'in words')}><textarea rows={3} maxLength={2_000} value={words} onChange={(e) => setWords(e.target.value)} /></Field>
        </Dialog>
      )}
    </div>
  )
}
