// The forms behind two buttons of the terminal page, fetched when one is pressed: a hold of the provider, seen beforehand by a
// dry run of the very command; and a device test.
import { useState } from 'react'
import { Alert, Button, Checkbox, DatePicker, Form, Input, Modal, Radio, Select } from 'antd'
import type { Dayjs } from 'dayjs'
import { effects, holdOwners, ownerOf, reasons, testItems, words as wordsIn, type Effect, type Reason } from '../../../src/domain/vocabulary.ts'
import { placeHold, testTerminal } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { returnsOf, TimeStrip } from '../look/TimeStrip.tsx'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { head, useAct, words_length_max, type Terminal } from './act.ts'

// ── A hold ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Wall time as it was picked, in the zone the whole product speaks in. */
const instant = (picked: Dayjs | null | undefined): string | undefined => (picked ? `${picked.format('YYYY-MM-DDTHH:mm')}:00+08:00` : undefined)
type HoldForm = { reason: Reason; effect: Effect; from?: Dayjs | null; until?: Dayjs | null; words?: string }

const providerReasons = Map.groupBy(wordsIn(reasons).filter((r) => ownerOf(r) !== 'merchant'), ownerOf)

export function Hold({ terminal: t, shut }: { terminal: Terminal; shut: () => void }) {
  const say = useSay()
  const act = useAct(t.tid)
  const now = Date.parse(useMe()!.now)
  const [form] = Form.useForm<HoldForm>()
  const [seen, setSeen] = useState<Terminal>()
  const bodyOf = ({ reason, effect, from, until, words }: HoldForm) => {
    const [effectiveFrom, expectedUntil] = [instant(from), instant(until)]
    return { reason, effect, words: words ?? '', ...(effectiveFrom === undefined ? {} : { effectiveFrom }), ...(expectedUntil === undefined ? {} : { expectedUntil }) }
  }
  const preview = (values: HoldForm): void => act.mutate(async () => setSeen(await ask(placeHold({ path: { tid: t.tid }, query: { dryRun: 'true' }, body: bodyOf(values), headers: head(t) }))))
  const place = (): void => act.mutate(() => ask(placeHold({ path: { tid: t.tid }, body: bodyOf(form.getFieldsValue()), headers: head(t) })), { onSuccess: shut })
  return (
    <Modal open onCancel={shut} title={say(`停用终端 ${t.tid}`, `Stop terminal ${t.tid}`)} footer={[
      <Button key="no" onClick={shut}>{say('取消', 'Cancel')}</Button>,
      seen === undefined
        ? <Button key="see" type="primary" loading={act.isPending} onClick={() => form.submit()}>{say('预览影响', 'See what would happen')}</Button>
        : <Button key="do" type="primary" danger loading={act.isPending} onClick={place}>{say('确认停用', 'Place the hold')}</Button>,
    ]}>
      <Form<HoldForm> form={form} layout="vertical" requiredMark={false} initialValues={{ effect: 'stop' }} onFinish={preview} onValuesChange={() => setSeen(undefined)}>
        <Form.Item name="reason" label={say('原因', 'Reason')} rules={[{ required: true, message: say('请选择原因', 'Choose a reason') }]}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={[...providerReasons].map(([owner, list]) => ({ label: say(holdOwners[owner]), options: list.map((value) => ({ value, label: `${value} ${say(reasons[value])}` })) }))} />
        </Form.Item>
        <Form.Item name="effect" label={say('效果', 'Effect')}><Radio.Group options={wordsIn(effects).map((value) => ({ value, label: say(effects[value]) }))} /></Form.Item>
        <div className="cards two">
          <Form.Item name="from" label={say('自（空 = 立即）', 'From (empty = at once)')}><DatePicker className="whole" showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" /></Form.Item>
          <Form.Item name="until" label={say('预计至（可空）', 'Expected until (may be empty)')}><DatePicker className="whole" showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" /></Form.Item>
        </div>
        <Form.Item name="words" label={say('写给商户的说明', 'What the merchant will read')} rules={[{ required: true, whitespace: true, message: say('请写明原因与办法', 'Say why, and what to do about it') }]}>
          <Input.TextArea rows={3} maxLength={words_length_max} />
        </Form.Item>
      </Form>
      {seen === undefined ? null : (
        <Alert type="info" title={say('确认后', 'Afterwards')} description={
          <div className="stack"><p className="sentence">{seen.sentence}</p><TimeStrip schedule={seen.schedule} now={now} marks={returnsOf(seen.holds, say)} /></div>
        } />
      )}
    </Modal>
  )
}

// ── A test ──────────────────────────────────────────────────────────────────────────────────────────────────────────
type Item = keyof typeof testItems

export function Test({ terminal: t, shut }: { terminal: Terminal; shut: () => void }) {
  const say = useSay()
  const act = useAct(t.tid)
  const [passed, setPassed] = useState<readonly Item[]>([])
  const [notes, setNotes] = useState<Readonly<Partial<Record<Item, string>>>>({})
  const all = wordsIn(testItems)
  const items = all.map((item) => ({ item, passed: passed.includes(item), ...(!passed.includes(item) && notes[item] ? { note: notes[item] } : {}) }))
  const failed = items.filter((i) => !i.passed).length
  const send = (): void => act.mutate(() => ask(testTerminal({ path: { tid: t.tid }, body: { items }, headers: head(t) })), { onSuccess: shut })
  return (
    <Modal open onCancel={shut} onOk={send} okButtonProps={{ loading: act.isPending, danger: failed > 0 }} title={say(`开机测试 ${t.tid}`, `Device test of ${t.tid}`)}
      okText={failed === 0 ? say('登记：全部通过', 'Record: all passed') : say(`登记：${failed} 项未通过`, `Record: ${failed} failed`)}>
      <p className="soft">{say('勾选通过的项目；没有勾选的即为未通过。', 'Tick what passed; what is not ticked has failed.')}</p>
      <ul className="plain stack tight">{all.map((item) => (
        <li key={item} className="row">
          <Checkbox className="test-item" checked={passed.includes(item)} onChange={(e) => setPassed(e.target.checked ? [...passed, item] : passed.filter((i) => i !== item))}>{say(testItems[item])}</Checkbox>
          {passed.includes(item) ? null : <Input className="finder" size="small" maxLength={500} value={notes[item] ?? ''} onChange={(e) => setNotes({ ...notes, [item]: e.target.value })} aria-label={say(`${testItems[item][0]}：哪里不行`, `${testItems[item][1]}: what is wrong`)} placeholder={say('未通过，哪里不行', 'failed: what is wrong')} />}
        </li>
      ))}</ul>
      <Button type="link" onClick={() => setPassed(passed.length === all.length ? [] : all)}>{passed.length === all.length ? say('全部取消', 'Untick all') : say('全部通过', 'All passed')}</Button>
    </Modal>
  )
}
