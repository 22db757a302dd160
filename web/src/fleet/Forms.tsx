// The forms behind two buttons of the terminal page: a hold of the provider, seen beforehand by a dry run of the very command;
// and a device test.
import { useState } from 'react'
import { effects, holdOwners, ownerOf, reasons, testItems, words as wordsIn, type Effect, type Reason } from '../../../src/domain/vocabulary.ts'
import { placeHold } from '../../../src/client/generated/sdk.gen.ts'
import { ask, onSeen } from '../api.ts'
import { Button, Choices, Dialog, Field, Notice, Select, Tick } from '../look/controls.tsx'
import { handInTest } from '../record-test.ts'
import { returnsOf, TimeStrip } from '../look/TimeStrip.tsx'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { useTerminalAct, words_length_max, type Terminal } from './act.ts'

type Shown = { terminal: Terminal; shut: () => void }

// ── A hold ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Wall time as it was picked, in the zone the whole product speaks in. */
const instant = (picked: string): string | undefined => (picked === '' ? undefined : `${picked}:00+08:00`)
type Wanted = { reason: Reason | undefined; effect: Effect; from: string; until: string; words: string }

const providerReasons = wordsIn(reasons).filter((r) => ownerOf(r) !== 'merchant')

export function Hold({ terminal: t, shut }: Shown) {
  const say = useSay()
  const act = useTerminalAct(t.tid)
  const now = Date.parse(useMe()!.now)
  const [wanted, setWanted] = useState<Wanted>({ reason: undefined, effect: 'stop', from: '', until: '', words: '' })
  const [seen, setSeen] = useState<Terminal>()
  // What was seen was seen of something else.
  const set = (part: Partial<Wanted>): void => { setSeen(undefined); setWanted((before) => ({ ...before, ...part })) }
  const command = (query: { dryRun?: 'true' }) => {
    const [effectiveFrom, expectedUntil] = [instant(wanted.from), instant(wanted.until)]
    return ask(placeHold({ path: { tid: t.tid }, query, headers: onSeen(t), body: {
      reason: wanted.reason!, effect: wanted.effect, words: wanted.words.trim(), ...(effectiveFrom === undefined ? {} : { effectiveFrom }), ...(expectedUntil === undefined ? {} : { expectedUntil }),
    } }))
  }
  const send = (): void => seen === undefined ? act.mutate(async () => setSeen(await command({ dryRun: 'true' }))) : act.mutate(() => command({}), { onSuccess: shut })
  return (
    <Dialog title={say(`停用终端 ${t.tid}`, `Stop terminal ${t.tid}`)} shut={shut} fault={act.error} busy={act.isPending} danger={seen !== undefined} ready={wanted.reason !== undefined && wanted.words.trim() !== ''} send={send}
      ok={seen === undefined ? say('预览影响', 'See what would happen') : say('确认停用', 'Place the hold')}>
      <Field label={say('原因', 'Reason')}><Select<Reason> className="whole" value={wanted.reason} set={(reason) => set({ reason })} none={say('请选择', 'choose one')} options={providerReasons.map((value) => ({ value, label: `${value} ${say(reasons[value])}`, group: say(holdOwners[ownerOf(value)]) }))} /></Field>
      <Choices label={say('效果', 'Effect')} value={wanted.effect} set={(effect) => set({ effect })} options={wordsIn(effects).map((value) => [value, say(effects[value])] as const)} />
      <div className="row top">
        <Field label={say('自（空 = 立即）', 'From (empty = at once)')} hint={wanted.from.replace('T', ' ') || undefined}><input type="datetime-local" value={wanted.from} onChange={(e) => set({ from: e.target.value })} /></Field>
        <Field label={say('预计至（可空）', 'Expected until (may be empty)')} hint={wanted.until.replace('T', ' ') || undefined}><input type="datetime-local" value={wanted.until} onChange={(e) => set({ until: e.target.value })} /></Field>
      </div>
      <Field label={say('写给商户的说明', 'What the merchant will read')}><textarea rows={3} maxLength={words_length_max} value={wanted.words} onChange={(e) => set({ words: e.target.value })} /></Field>
      {seen === undefined ? null : (
        <Notice role="status" title={say('确认后', 'Afterwards')}>
          <div className="stack"><p className="sentence">{seen.sentence}</p><TimeStrip schedule={seen.schedule} now={now} marks={returnsOf(seen.holds, say)} /></div>
        </Notice>
      )}
    </Dialog>
  )
}

// ── A test ──────────────────────────────────────────────────────────────────────────────────────────────────────────
type Item = keyof typeof testItems

export function Test({ terminal: t, shut }: Shown) {
  const say = useSay()
  const act = useTerminalAct(t.tid)
  const [passed, setPassed] = useState<readonly Item[]>([])
  const [notes, setNotes] = useState<Readonly<Partial<Record<Item, string>>>>({})
  const all = wordsIn(testItems)
  const items = all.map((item) => ({ item, passed: passed.includes(item), ...(!passed.includes(item) && notes[item] ? { note: notes[item] } : {}) }))
  const failed = items.filter((i) => !i.passed).length
  const send = (): void => act.mutate(() => handInTest(t, items), { onSuccess: shut })
  return (
    <Dialog title={say(`开机测试 ${t.tid}`, `Device test of ${t.tid}`)} shut={shut} fault={act.error} busy={act.isPending} danger={failed > 0} send={send}
      ok={failed === 0 ? say('登记：全部通过', 'Record: all passed') : say(`登记：${failed} 项未通过`, `Record: ${failed} failed`)}>
      <p className="soft sentence">{say('勾选通过的项目；没有勾选的即为未通过。', 'Tick what passed; what is not ticked has failed.')}</p>
      <ul className="plain stack tight">{all.map((item) => (
        <li key={item} className="test-item">
          <Tick checked={passed.includes(item)} set={(is) => setPassed(is ? [...passed, item] : passed.filter((i) => i !== item))}>{say(testItems[item])}</Tick>
          {passed.includes(item) ? null : <input maxLength={500} value={notes[item] ?? ''} onChange={(e) => setNotes({ ...notes, [item]: e.target.value })} aria-label={say(`${testItems[item][0]}：哪里不行`, `${testItems[item][1]}: what is wrong`)} placeholder={say('未通过，哪里不行', 'failed: what is wrong')} />}
        </li>
      ))}</ul>
      <div><Button bare onClick={() => setPassed(passed.length === all.length ? [] : all)}>{passed.length === all.length ? say('全部取消', 'Untick all') : say('全部通过', 'All passed')}</Button></div>
    </Dialog>
  )
}
