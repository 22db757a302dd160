/** @jsxImportSource preact */
// The test before a return: each part looked at and said to be well or not, the last of them a real test sale through the gate.
// What was found is handed in by whoever may: for the case that waits for it, else for the terminal itself.
import { useState } from 'preact/hooks'
import { testItems, words, type TestItem } from '../../../src/domain/vocabulary.ts'
import { handInTest } from '../record-test.ts'
import type { Known } from './known.ts'
import { useKeys } from './keys.tsx'
import type { Deal } from './memory.ts'
import { Busy, List, Picture } from './parts.tsx'
import { isYes, type Till } from './till.ts'
import { useSay, type Words } from './words.ts'

type Tested = { item: TestItem; passed: boolean; note?: string }

const order = words(testItems).filter((item) => item !== 'test_sale')
const test_sale_fen = 1
const how: Readonly<Record<TestItem, Words>> = {
  software: ['版本是最新的吗？', 'Is the version the latest?'], battery: ['电量够、能充电吗？', 'Is it charged, and does it charge?'],
  network: ['有信号吗？', 'Is there a signal?'], screen: ['屏幕清楚、没有坏点吗？', 'Is the screen clear?'],
  scan: ['能扫码吗？', 'Does it scan a code?'], print: ['能打印、字迹清楚吗？', 'Does it print clearly?'],
  card_reader: ['能读卡吗？', 'Does it read a card?'], test_sale: ['过闸口做一笔测试消费', 'A test sale through the gate'],
}

export function DeviceTest({ known, till, sold, leave }: { known: Known; till: Till; sold(deal: Deal): void; leave(): void }) {
  const say = useSay()
  const [tested, setTested] = useState<readonly Tested[]>([])
  const [busy, setBusy] = useState(false)
  const [told, setTold] = useState<{ isDone: boolean; sentence: string }>()
  const item = order[tested.length]
  const isSaleDue = item === undefined && tested.length === order.length
  const sell = async (): Promise<void> => {
    setBusy(true)
    const outcome = await till.deal('sale', test_sale_fen)
    if (outcome.deal) sold(outcome.deal)
    setTested([...tested, isYes(outcome) ? { item: 'test_sale', passed: true } : { item: 'test_sale', passed: false, note: `F39 ${outcome.code || '-'} ${outcome.sentence}`.trim() }])
    setBusy(false)
  }
  const handIn = async (): Promise<void> => {
    setBusy(true)
    try {
      const { sentence } = await handInTest(known, [...tested])
      setTold({ isDone: true, sentence })
    } catch (error) {
      setTold({ isDone: false, sentence: error instanceof Error ? error.message : String(error) })
    }
    setBusy(false)
  }
  if (busy) return <Busy words={say('请稍候…', 'One moment…')} />
  if (told) return <Told {...told} leave={leave} />
  if (item !== undefined) return (
    <List
      key={item} title={`${tested.length + 1}/${order.length + 1} ${say(testItems[item])}`} cancel={{ words: say('不测了', 'Stop testing'), go: leave }}
      items={[{ words: say('正常', 'Fine'), is: true }, { words: say('不正常', 'Not fine'), is: false }]}
      choose={(passed) => setTested([...tested, { item, passed }])}
    ><p>{say(how[item])}</p></List>
  )
  return isSaleDue ? <Sale sell={() => void sell()} leave={leave} /> : <Summary tested={tested} handIn={() => void handIn()} leave={leave} />
}

function Sale({ sell, leave }: { sell(): void; leave(): void }) {
  const say = useSay()
  useKeys((key) => {
    if (key === 'ok') sell()
    if (key === 'cancel') leave()
  })
  return (
    <Picture title={`${order.length + 1}/${order.length + 1} ${say(testItems.test_sale)}`} soft={[['cancel', say('不测了', 'Stop testing')], ['ok', say('做一笔 ¥0.01', 'Sell ¥0.01')]]}>
      <p>{say(how.test_sale)}</p>
    </Picture>
  )
}

function Summary({ tested, handIn, leave }: { tested: readonly Tested[]; handIn(): void; leave(): void }) {
  const say = useSay()
  useKeys((key) => {
    if (key === 'ok') handIn()
    if (key === 'cancel') leave()
  })
  return (
    <Picture title={say('测试结果', 'What was found')} soft={[['cancel', say('不登记', 'Leave it')], ['ok', say('登记结果', 'Hand it in')]]}>
      <dl class="pairs tight">{tested.map(({ item, passed, note }) => (
        <div key={item}><dt>{say(testItems[item])}</dt><dd>{passed ? say('● 正常', '● fine') : say('▲ 不正常', '▲ not fine')}{note === undefined ? null : <small> {note}</small>}</dd></div>
      ))}</dl>
    </Picture>
  )
}

function Told({ isDone, sentence, leave }: { isDone: boolean; sentence: string; leave(): void }) {
  const say = useSay()
  useKeys((key) => { if (key === 'ok' || key === 'cancel') leave() })
  return (
    <Picture tone={isDone ? 'yes' : 'no'} title={isDone ? say('已登记', 'Handed in') : say('没有登记', 'Not handed in')} soft={[['ok', say('好', 'OK')]]}>
      <p role="status">{sentence}</p>
    </Picture>
  )
}
