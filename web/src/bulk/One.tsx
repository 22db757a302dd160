// One bulk: what the rehearsal found, then how far it is, live while it runs. Who cannot stands grouped by the reason, by name;
// every terminal with its result stands beneath, and in a file.
import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { bulkItemStates, bulkStates, effects, reasons, words as wordsIn, type BulkItemState, type Effect, type Reason } from '../../../src/domain/vocabulary.ts'
import { cancelBulk, confirmBulk, getBulk, listBulkItems, pauseBulk, resumeBulk, retryBulk, startBulk } from '../../../src/client/generated/sdk.gen.ts'
import type { GetBulkResponses, ListBulkItemsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onSeen } from '../api.ts'
import { act, Acts } from '../look/Acts.tsx'
import { Notice, Segments, Tag } from '../look/controls.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useSay } from '../words.ts'
import { allowedNow, Far, Rows, type Part } from './parts.tsx'
import { Places } from './places.tsx'
import { useSelectionWords } from './which.tsx'

type Bulk = GetBulkResponses[200]
type Item = ListBulkItemsResponses[200]['items'][number]

const running_ms = 1_000
const still_ms = 10_000
const names_shown = 20
const isUnderWay = ({ state }: Bulk): boolean => state === 'running' || state === 'checking'
/** Rehearsed, and nothing carried out yet. */
const isBefore = ({ state, startedAt }: Bulk): boolean => startedAt === null && state !== 'checking'

export default function BulkPage() {
  const say = useSay()
  const { id } = useParams({ strict: false }) as { id: string }
  const query = useQuery({ queryKey: ['bulk', id], queryFn: () => ask(getBulk({ path: { bulk: id } })), refetchInterval: (q) => (q.state.data && isUnderWay(q.state.data) ? running_ms : still_ms) })
  return <Shown query={query}>{(b) => <Page title={b.name} above={<Link to={'/fleet/bulks' as never}>{say('全部批量操作', 'all of them')}</Link>}><Places /><Told b={b} /></Page>}</Shown>
}

function Told({ b }: { b: Bulk }) {
  const say = useSay()
  return (
    <div className="stack">
      <section className="sheet stack">
        <div className="row apart"><p className="sentence lead" role="status">{b.sentence}</p><Tag tone={b.state === 'confirming' || b.state === 'failed' ? 'near' : b.state === 'done' ? 'good' : 'plain'}>{say(bulkStates[b.state])}</Tag></div>
        <Progress b={b} />
        {b.needsSecond && b.confirmedBy === null && !['done', 'cancelled'].includes(b.state) ? <Notice title={say('这批操作须由另一人复核', 'A second person must confirm it')}>{say(`${b.createdBy} 提交，不能由本人确认。`, `${b.createdBy} made it, and cannot confirm it.`)}</Notice> : null}
        {b.unknown.length === 0 ? null : <Notice tone="warning" title={say(`${b.unknown.length} 个编号不在您名下，没有列入`, `${b.unknown.length} number(s) are not yours and were left out`)}><span className="hash">{b.unknown.slice(0, names_shown).join(' ')}{b.unknown.length > names_shown ? ' …' : ''}</span></Notice>}
        <div className="row apart"><Commands b={b} /><a className="no-print" href={`/api/v1/bulks/${b.id}/items.csv`}>{say('下载逐台结果（CSV）', 'Download every result (CSV)')}</a></div>
      </section>
      {b.refusals.length === 0 ? null : <Why b={b} />}
      <section className="sheet"><h2 className="plain">{say('办什么', 'What is done')}</h2><Facts b={b} /></section>
      <section className="sheet stack"><h2 className="plain flush">{say('逐台结果', 'Terminal by terminal')}</h2><Items b={b} /></section>
    </div>
  )
}

function Progress({ b: { state, progress: { total, done, failed }, rehearsal, startedAt } }: { b: Bulk }) {
  const say = useSay()
  const parts: readonly Part[] = startedAt === null ? [
    { tone: 'good', words: say('可办', 'can'), n: rehearsal.able }, { tone: 'bad', words: say('不可办', 'cannot'), n: rehearsal.unable }, { tone: 'rest', words: say('待预演', 'not looked at yet'), n: total - rehearsal.checked },
  ] : [
    { tone: 'good', words: say('已办', 'done'), n: done }, { tone: 'bad', words: say('未办成', 'refused'), n: failed },
    { tone: 'rest', words: state === 'cancelled' ? say('未办（已取消）', 'left undone') : say('待办', 'to come'), n: total - done - failed },
  ]
  return (
    <>
      <Far parts={parts} total={total} label={startedAt === null ? say('预演', 'rehearsal') : say('进度', 'progress')} />
      {state === 'running' || state === 'checking' ? <progress className="unseen" max={total} value={startedAt === null ? rehearsal.checked : done + failed} aria-label={say('进度', 'progress')} /> : null}
    </>
  )
}

function Commands({ b }: { b: Bulk }) {
  const queries = useQueryClient()
  const of = { path: { bulk: b.id }, body: {} }
  const headers = () => onSeen(b)
  return (
    <Acts allowed={allowedNow(b.allowed)} done={() => Promise.all([queries.invalidateQueries({ queryKey: ['bulk', b.id] }), queries.invalidateQueries({ queryKey: ['bulks'] })])} acts={{
      start: act({ words: ['执行', 'Carry it out'], primary: true, send: () => ask(startBulk({ ...of, headers: headers() })) }),
      confirm: act({ words: ['复核确认，执行', 'Confirm, and carry it out'], primary: true, send: () => ask(confirmBulk({ ...of, headers: headers() })) }),
      pause: act({ words: ['暂停', 'Pause'], send: () => ask(pauseBulk(of)) }),
      resume: act({ words: ['继续', 'Go on'], primary: true, send: () => ask(resumeBulk(of)) }),
      retry: act({ words: ['重试未办成的', 'Try the failed again'], send: () => ask(retryBulk({ ...of, headers: headers() })) }),
      cancel: act({ words: ['取消', 'Cancel'], danger: true, send: () => ask(cancelBulk(of)) }),
    }} />
  )
}

/** Why terminals cannot, or could not: the reasons with how many, and who they are. */
function Why({ b }: { b: Bulk }) {
  const say = useSay()
  const total = b.refusals.reduce((n, r) => n + r.count, 0)
  return (
    <section className="sheet stack">
      <h2 className="plain flush">{isBefore(b) || b.state === 'checking' ? say(`${total} 台不可办，为什么`, `${total} cannot, and why`) : say(`${total} 台未办成，为什么`, `${total} were refused, and why`)}</h2>
      {b.refusals.map((r) => (
        <details key={r.code} className="why-group" open={b.refusals.length === 1 || undefined}>
          <summary><b className="num">{say(`${r.count} 台`, String(r.count))}</b>{r.count === 1 ? r.sentence : say(`例如：${r.sentence}`, `such as: ${r.sentence}`)}</summary>
          <Rows<Item> id={['bulk', b.id, 'refused', r.code, r.count]} keyOf={(i) => i.tid} fetch={(cursor) => ask(listBulkItems({ path: { bulk: b.id }, query: { limit: names_shown, code: r.code, ...(cursor === null ? {} : { cursor }) } }))}
            row={(i) => <><Link className="num" to={`/terminals/${i.tid}` as never}>{i.tid}</Link> {i.merchant}</>} />
        </details>
      ))}
    </section>
  )
}

function Facts({ b }: { b: Bulk }) {
  const say = useSay()
  const meant = useSelectionWords()
  const { reason, effect, effectiveFrom, drainUntil, expectedUntil } = b.particulars
  const facts: readonly (readonly [string, string])[] = [
    [say('操作', 'Act'), b.actWords],
    ...(reason === null ? [] : [[say('原因', 'Reason'), `${reason} ${say(reasons[reason as Reason])}`] as const]),
    ...(effect === null ? [] : [[say('效果', 'Effect'), say(effects[effect as Effect])] as const]),
    ...(b.act === 'place_hold' ? [[say('自', 'From'), effectiveFrom === null ? say('执行时', 'when it is carried out') : when(effectiveFrom)] as const] : []),
    ...(drainUntil === null ? [] : [[say('清算截止', 'Drained by'), when(drainUntil)] as const]),
    ...(expectedUntil === null ? [] : [[say('预计至', 'Expected until'), when(expectedUntil)] as const]),
    ...(b.words === null ? [] : [[say('说明', 'In words'), b.words] as const]),
    [say('名单', 'Which'), meant(b.selection)],
    [say('提交', 'Made by'), `${b.createdBy} ${when(b.createdAt)}`],
    ...(b.confirmedBy === null ? [] : [[say('复核', 'Confirmed by'), `${b.confirmedBy} ${b.confirmedAt === null ? '' : when(b.confirmedAt)}`] as const]),
    ...(b.startedAt === null ? [] : [[say('开始', 'Begun'), when(b.startedAt)] as const]),
    ...(b.endedAt === null ? [] : [[say('结束', 'Ended'), when(b.endedAt)] as const]),
  ]
  return (
    <>
      <dl className="facts">{facts.map(([name, value]) => <div key={name} className="pair"><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      {b.plan === null ? null : <p className="sentence"><Link to={`/fleet/plans/${b.plan}` as never}>{say('属于一个计划，在计划里办理', 'It belongs to a plan and is worked there')}</Link></p>}
    </>
  )
}

function Items({ b }: { b: Bulk }) {
  const say = useSay()
  const [state, setState] = useState<BulkItemState | 'all'>('all')
  // A rehearsal says who cannot; once it is carried out they have failed or not.
  const states = wordsIn(bulkItemStates).filter((s) => (b.startedAt === null ? s === 'waiting' || s === 'unable' : s !== 'unable'))
  const shown = state === 'all' || states.includes(state) ? state : 'all'
  return (
    <>
      <Segments<BulkItemState | 'all'> label={say('哪些', 'which')} value={shown} set={setState} options={[['all', say('全部', 'All')], ...states.map((s) => [s, b.startedAt === null && s === 'waiting' ? say('可办', 'can') : b.startedAt === null && s === 'unable' ? say('不可办', 'cannot') : say(bulkItemStates[s])] as const)]} />
      <Rows<Item> key={shown} id={['bulk', b.id, 'items', shown]} keyOf={(i) => i.tid} every={isUnderWay(b) ? running_ms : still_ms} fetch={(cursor) => ask(listBulkItems({ path: { bulk: b.id }, query: { limit: 50, ...(shown === 'all' ? {} : { state: shown }), ...(cursor === null ? {} : { cursor }) } }))}
        row={(i) => (
          <div className="row apart why-row">
            <span><Link className="num" to={`/terminals/${i.tid}` as never}>{i.tid}</Link> {i.merchant}{i.sentence === null ? null : <><br /><span className="soft">{i.sentence}</span></>}</span>
            <Tag tone={i.state === 'done' ? 'good' : i.state === 'refused' || i.state === 'unable' ? 'near' : 'plain'}>{b.startedAt === null && i.state === 'waiting' && i.code === null && b.state !== 'checking' ? say('可办', 'can') : i.stateWords}</Tag>
          </div>
        )} />
    </>
  )
}
