// One act on many terminals: which, what, why and when, in words the merchants will read. Nothing is carried out from here – the
// list is frozen and rehearsed, and what would become of each terminal is read on the next page.
import { useState } from 'react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { bulkActs, effects, holdOwners, ownerOf, reasons, words as wordsIn, type Effect, type Reason } from '../../../src/domain/vocabulary.ts'
import { makeBulk } from '../../../src/client/generated/sdk.gen.ts'
import type { MakeBulkBody } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Choices, Field, Segments, Select } from '../look/controls.tsx'
import { Failed, Page } from '../look/Page.tsx'
import { day } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Places } from './places.tsx'
import { resultsIn, ResultsField } from './results.tsx'
import { providerReasons, selectionOf, Which, type Selection } from './which.tsx'

type Kind = MakeBulkBody['act']['act']
type Wanted = { act: Kind; reason: Reason | undefined; effect: Effect; from: string; until: string; words: string; name: string | undefined; results: string; by: 'list' | 'selection' }
/** Wall time as it was picked, in the zone the whole product speaks in. */
export const instant = (picked: string): string => `${picked}:00+08:00`

const actOf = ({ act, reason, effect, from, until }: Wanted): MakeBulkBody['act'] =>
  act === 'record_test' ? { act } : act === 'lift_hold' ? { act, reason: reason! }
    : { act, reason: reason!, effect, ...(from === '' ? {} : { effectiveFrom: instant(from) }), ...(until === '' ? {} : { expectedUntil: instant(until) }) }

export default function NewBulk() {
  const say = useSay()
  const me = useMe()!
  const navigate = useNavigate()
  const send = useAct(['bulks'])
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const [select, setSelect] = useState<Selection>(() => selectionOf(search))
  const [wanted, setWanted] = useState<Wanted>({ act: 'place_hold', reason: undefined, effect: 'stop', from: '', until: '', words: '', name: undefined, results: '', by: 'list' })
  const set = (part: Partial<Wanted>): void => setWanted((before) => ({ ...before, ...part }))
  const isTest = wanted.act === 'record_test'
  const byList = isTest && wanted.by === 'list'
  const { results, unread } = resultsIn(wanted.results)
  const name = wanted.name ?? [say(bulkActs[wanted.act]), !isTest && wanted.reason ? say(reasons[wanted.reason]) : '', day(me.now)].filter(Boolean).join(' ')
  const isReady = name.trim() !== '' && (isTest ? !byList || (results.length > 0 && unread.length === 0) : wanted.reason !== undefined && wanted.words.trim() !== '')
  const make = (): void => send.mutate(async () => {
    const body: MakeBulkBody = { name: name.trim(), act: actOf(wanted), ...(wanted.words.trim() === '' ? {} : { words: wanted.words.trim() }), ...(byList ? { results } : { select }) }
    const { id } = await ask(makeBulk({ body, headers: { 'Idempotency-Key': onceKey() } }))
    await navigate({ to: `/fleet/bulks/${id}` as never })
  })
  return (
    <Page title={say('批量办理', 'Many at once')}>
      <Places />
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (isReady) make() }}>
        <section className="sheet stack">
          <h2 className="plain flush">{say('做什么', 'What is done')}</h2>
          <Segments<Kind> label={say('做什么', 'what is done')} value={wanted.act} set={(act) => set({ act })} options={(['place_hold', 'lift_hold', 'record_test'] as const).map((act) => [act, say(bulkActs[act])] as const)} />
          {isTest ? <Choices<'list' | 'selection'> label={say('结果', 'results')} value={wanted.by} set={(by) => set({ by })} options={[['list', say('按清单登记，各有各的结果', 'By a list, each with its own result')], ['selection', say('选出的终端全部通过', 'Every terminal meant has passed')]]} /> : (
            <>
              <Field label={say('原因', 'Reason')}><Select<Reason> value={wanted.reason} set={(reason) => set({ reason })} none={say('请选择', 'choose one')} options={providerReasons.map((value) => ({ value, label: `${value} ${say(reasons[value])}`, group: say(holdOwners[ownerOf(value)]) }))} /></Field>
              {wanted.act === 'place_hold' ? (
                <>
                  <Choices<Effect> label={say('效果', 'effect')} value={wanted.effect} set={(effect) => set({ effect })} options={wordsIn(effects).map((value) => [value, say(effects[value])] as const)} />
                  <div className="row top">
                    <Field label={say('自（空 = 立即）', 'From (empty = at once)')}><input type="datetime-local" value={wanted.from} onChange={(e) => set({ from: e.target.value })} /></Field>
                    <Field label={say('预计至（可空）', 'Expected until (may be empty)')}><input type="datetime-local" value={wanted.until} onChange={(e) => set({ until: e.target.value })} /></Field>
                  </div>
                </>
              ) : null}
              <Field label={wanted.act === 'place_hold' ? say('写给商户的说明', 'What the merchants will read') : say('为何可以解除', 'Why they may be given free')}><textarea rows={3} maxLength={2_000} value={wanted.words} onChange={(e) => set({ words: e.target.value })} /></Field>
            </>
          )}
        </section>
        <section className="sheet stack">
          <h2 className="plain flush">{say('哪些终端', 'Which terminals')}</h2>
          {byList ? <ResultsField text={wanted.results} set={(text) => set({ results: text })} /> : <Which select={select} set={setSelect} />}
        </section>
        <section className="sheet stack">
          <Field label={say('给这批操作起个名字', 'A name for it')}><input maxLength={100} value={name} onChange={(e) => set({ name: e.target.value })} /></Field>
          <p className="sentence soft">{say('先冻结名单并逐台预演，不改动任何终端。', 'The list is frozen and every terminal is rehearsed; nothing is changed yet.')}</p>
          <div><Button submit primary busy={send.isPending} disabled={!isReady}>{say('预演', 'Rehearse it')}</Button></div>
          {send.error === null ? null : <Failed error={send.error} />}
        </section>
      </form>
    </Page>
  )
}
