// Asking for something to become of terminals: a stop, the return from one, a later return, an end for good. Which → why → when →
// what it means → check and send, as far as each kind has these. Nothing is asked twice, and nothing is checked here: every answer
// comes from a rehearsal of the very request (`dryRun`), so that what this page promises is what the server will do. Whoever files
// for a merchant says by which way it asked, and what proves it.
import { useMemo, useState } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { MaterialType, Reason, Words } from '../../../src/domain/vocabulary.ts'
import { fileApplication, listTerminals } from '../../../src/client/generated/sdk.gen.ts'
import type { FileApplicationBody, FileApplicationResponses, ListTerminalsResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, Refused } from '../api.ts'
import { Button, Search } from '../look/controls.tsx'
import { Failed, Loading, Page, Shown } from '../look/Page.tsx'
import { day, time } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { BestMoment } from './Traffic.tsx'
import { Check, Send, type Papers } from './Check.tsx'
import { Meaning } from './Meaning.tsx'
import { Which, Why } from './Which.tsx'
import { usual_time, Until, When, type Times } from './When.tsx'

export type Terminal = ListTerminalsResponses[200]['items'][number]
export type Rehearsed = FileApplicationResponses[201]
export type Asked = 'suspend' | 'reactivate' | 'extend' | 'close'
/** By which way a merchant asked somebody else to file, and what proves that it did. */
export type Consent = { channel: NonNullable<FileApplicationBody['channel']>; proof: string }

type Step = 'which' | 'why' | 'when' | 'until' | 'cost' | 'send'
const kinds: Readonly<Record<Asked, { title: Words; steps: readonly Step[] }>> = {
  suspend: { title: ['申请停机', 'Ask for a stop'], steps: ['which', 'why', 'when', 'cost', 'send'] },
  reactivate: { title: ['申请复机', 'Ask for the return'], steps: ['which', 'send'] },
  extend: { title: ['申请改期恢复', 'Ask for another return date'], steps: ['which', 'until', 'send'] },
  close: { title: ['申请注销', 'Ask to close for good'], steps: ['which', 'why', 'cost', 'send'] },
}
const titles: Readonly<Record<Step, Words>> = {
  which: ['哪些终端', 'Which'], why: ['为什么', 'Why'], when: ['何时', 'When'], until: ['改到何时', 'Until when'], cost: ['费用', 'Cost'], send: ['核对提交', 'Send'],
}

const terminals_shown_max = 100
/** When a shop is there again, on the day it comes back. */
const opening_time = '09:00'

/** Wall time in Shanghai as RFC 3339, whatever zone the browser is in. */
const instant = (date: string, time: string): string => `${date}T${time}:00+08:00`

const isInstant = (text: string | undefined): text is string => text !== undefined && !Number.isNaN(Date.parse(text))
/** The days somebody would be away, as far as they make sense. */
const spanOf = ({ date, time: at, returns, until }: Times): { from: string; until: string } | undefined =>
  date !== '' && at !== '' && returns === 'on' && until > date ? { from: instant(date, at), until: instant(until, opening_time) } : undefined

export default function Apply() {
  const say = useSay()
  const me = useMe()!
  const search = useSearch({ strict: false }) as { tid?: string | number; kind?: Asked; at?: string }
  const kind: Asked = search.kind !== undefined && search.kind in kinds ? search.kind : 'suspend'
  const tid = search.tid === undefined ? undefined : String(search.tid)
  const isFor = me.party.kind !== 'merchant'
  const [q, setQ] = useState(tid ?? '')
  const query = useQuery({
    queryKey: ['terminals', 'apply', isFor ? q : ''], enabled: !isFor || q !== '', placeholderData: keepPreviousData,
    queryFn: () => ask(listTerminals({ query: { limit: terminals_shown_max, ...(isFor ? { q } : {}) } })),
  })
  const finder = isFor ? <Search label={say('查找商户的终端', 'find the merchant’s terminals')} hint={say('商户名称、商户号、终端号', 'merchant’s name or number, terminal')} value={q} send={setQ} /> : null
  if (isFor && q === '') return <Page title={say(kinds[kind].title)} above={say('代商户办理：先找到它的终端。', 'For a merchant: find its terminals first.')}>{finder}</Page>
  return <Shown query={query}>{({ items }) => <Wizard key={`${kind} ${isFor ? q : ''}`} kind={kind} first={tid} best={search.at} terminals={items} finder={finder} />}</Shown>
}

/** The very request that will be sent; where only papers are missing still, what it is as a draft. */
async function rehearse(body: FileApplicationBody): Promise<Rehearsed> {
  const as = (submit: boolean) => ask(fileApplication({ body: { ...body, submit }, query: { dryRun: 'true' } })) as Promise<Rehearsed>
  return as(true).catch((error: unknown) => {
    if (error instanceof Refused && error.problem.code === 'materials_incomplete') return as(false)
    throw error
  })
}

function Wizard({ kind, first, best, terminals, finder }: { kind: Asked; first: string | undefined; /** The moment somebody chose by their own trade. */ best: string | undefined; terminals: readonly Terminal[]; finder: React.ReactNode }) {
  const say = useSay()
  const me = useMe()!
  const now = Date.parse(me.now)
  const isFor = me.party.kind !== 'merchant'
  const eligible = terminals.filter((t) => t.allowed[kind] === true)
  const named = eligible.filter((t) => t.tid === first).map((t) => t.tid)
  const [tids, setTids] = useState<readonly string[]>(named.length > 0 ? named : eligible.length === 1 ? [eligible[0]!.tid] : [])
  const [reason, setReason] = useState<Reason>()
  const [words, setWords] = useState('')
  const [times, setTimes] = useState<Times>(() => ({ ...(isInstant(best) ? { date: day(best), time: time(best) } : { date: '', time: usual_time }), returns: 'on', until: '' }))
  const [consent, setConsent] = useState<Consent>({ channel: 'phone', proof: '' })
  const [papers, setPapers] = useState<Papers>({})
  const { title, steps } = kinds[kind]
  const [at, setAt] = useState(tids.length > 0 ? 1 : 0)
  const step = steps[at]!
  const chosen = eligible.filter((t) => tids.includes(t.tid))

  const body = useMemo<FileApplicationBody>(() => ({
    kind, terminals: [...tids], ...(isFor ? { channel: consent.channel, proof: consent.proof.trim() || '…' } : { channel: 'online' }),
    ...(reason === undefined ? {} : { reason }), ...(words.trim() === '' ? {} : { words: words.trim() }),
    ...(kind === 'suspend' && times.date !== '' && times.time !== '' ? { effectiveFrom: instant(times.date, times.time) } : {}),
    ...((kind === 'extend' || (kind === 'suspend' && times.returns === 'on')) && times.until !== '' ? { expectedUntil: instant(times.until, opening_time) } : {}),
  }), [kind, tids, reason, words, times, consent, isFor])
  const isDone: Readonly<Record<Step, boolean>> = {
    which: tids.length > 0, why: reason !== undefined, when: body.effectiveFrom !== undefined && (times.returns === 'open' || times.until !== ''), until: times.until !== '',
    cost: true, send: !isFor || consent.proof.trim() !== '',
  }
  const isWhole = steps.every((s) => s === 'send' || isDone[s])
  const rehearsal = useQuery({ queryKey: ['rehearsal', body], retry: false, placeholderData: keepPreviousData, staleTime: 0, queryFn: () => rehearse(body), enabled: isWhole })
  const refused = isWhole && rehearsal.error instanceof Refused ? rehearsal.error : undefined
  const told = isWhole ? rehearsal.data : undefined
  const go = (to: number): void => { setAt(to); scrollTo({ top: 0 }) }

  return (
    <Page title={say(title)}>
      <ol className="steps gap" aria-label={say('步骤', 'steps')}>{steps.map((s, i) => (
        <li key={s} className={i < at ? 'done' : undefined} aria-current={i === at ? 'step' : undefined}>{i < at ? <button type="button" onClick={() => go(i)}>{say(titles[s])}</button> : <b>{say(titles[s])}</b>}</li>
      ))}</ol>
      <section className="sheet stack">
        {step === 'which' ? <Which kind={kind} eligible={eligible} chosen={tids} choose={setTids} finder={finder} /> : null}
        {step === 'why' ? <Why kind={kind} reason={reason} setReason={setReason} words={words} setWords={setWords} /> : null}
        {step === 'when' ? <When now={now} times={times} set={(part) => setTimes((before) => ({ ...before, ...part }))} /> : null}
        {step === 'when' && tids[0] !== undefined && me.rights.includes('read-money') ? <BestMoment tid={tids[0]} isOneOf={tids.length > 1} span={spanOf(times)} taken={body.effectiveFrom === undefined ? undefined : new Date(body.effectiveFrom).toISOString()} take={(date, at) => setTimes((before) => ({ ...before, date, time: at }))} /> : null}
        {step === 'until' ? <Until now={now} holds={chosen.flatMap((t) => t.holds)} until={times.until} set={(until) => setTimes((before) => ({ ...before, until }))} /> : null}
        {step === 'cost' && told ? <Meaning kind={kind} rehearsed={told} terminals={chosen} body={body} now={now} /> : null}
        {step === 'send' && told ? <Check rehearsed={told} body={body} papers={papers} setPapers={setPapers} consent={isFor ? consent : undefined} setConsent={setConsent} /> : null}
        {(step === 'cost' || step === 'send') && !told && !refused ? <Loading /> : null}
        {refused ? <Failed error={refused} /> : null}
        <div className="row">
          {at > 0 ? <Button onClick={() => go(at - 1)}>{say('上一步', 'Back')}</Button> : null}
          {step === 'send' ? <Send body={body} papers={papers as Partial<Record<MaterialType, File>>} disabled={!told || refused !== undefined || !isDone.send} />
            : <Button primary disabled={!isDone[step] || refused !== undefined} onClick={() => go(at + 1)}>{say('下一步', 'Next')}</Button>}
        </div>
      </section>
    </Page>
  )
}
