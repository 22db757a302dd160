/** @jsxImportSource preact */
// The card machine: a screen, keys, and the slips that come out of it. Its home is the menu, or – where the terminal is stopped –
// what the cashier must know about that. Every act goes through the till and comes back as what was told; nothing here decides.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { meaningOf } from '../../../src/gate/iso8583/f39.ts'
import type { Mode } from '../../../src/domain/vocabulary.ts'
import { money, time, when } from '../look/when.ts'
import { DeviceTest } from './DeviceTest.tsx'
import { Keypad, KeysContext, useKeys, useMachineKeys } from './keys.tsx'
import type { Known } from './known.ts'
import type { LinkState } from './line.ts'
import type { Deal } from './memory.ts'
import { Busy, Entry, List, Picture, Sentence, type Soft } from './parts.tsx'
import { dealWords, Slip, six } from './Slip.tsx'
import { StopFlow } from './StopFlow.tsx'
import { isYes, totalsOf, type Outcome, type Till } from './till.ts'
import { useLanguage, useSay, type Say, type Words } from './words.ts'

type Amounts = 'sale' | 'preauth' | 'complete' | 'refund'
type View =
  | { at: 'home' | 'menu' | 'preauth' | 'undo' | 'complete' | 'stop' | 'test' }
  | { at: 'amount'; ask: Amounts; of?: Deal }
  | { at: 'busy'; words: Words }
  | { at: 'told'; outcome: Outcome }
  | { at: 'status'; outcome: Outcome; ms: number }

const amount_digits_max = 10
const slips_shown_max = 5
const amountWords: Readonly<Record<Amounts, Words>> = {
  sale: ['消费金额', 'Amount of the sale'], preauth: ['预授权金额', 'Amount to hold'], complete: ['完成金额', 'Amount to complete'], refund: ['退货金额', 'Amount to refund'],
}
const lamps: Readonly<Record<Mode, readonly [mark: string, tone: string]>> = {
  open: ['●', 'open'], restrict: ['▲', 'drain'], drain: ['▲', 'drain'], shut: ['■', 'shut'], test: ['○', 'test'], closed: ['✕', 'closed'], unknown: ['○', 'soft'],
}
const lampOf = ({ mode, isByProvider }: Known): readonly [string, string] => (mode === 'shut' && isByProvider ? ['◆', 'provider'] : lamps[mode])
const isStopped = ({ mode }: Known): boolean => mode === 'shut' || mode === 'closed'

/** What is printed stays as it was, whatever the terminal becomes. */
type Printed = { deal: Deal; as: 'real' | 'test' | 'practice' }

export type MachineProps = {
  known: Known; till: Till; link: LinkState
  kind: 'real' | 'practice'
  /** Looks again how the terminal stands. */
  look(): Promise<void>
  heard?(outcome: Outcome): void
  practise(): void
}

export function Machine(props: MachineProps) {
  const { known, link, till, kind } = props
  const say = useSay()
  const { listening, press } = useMachineKeys()
  const [slips, setSlips] = useState<readonly Printed[]>([])
  const [mark, tone] = lampOf(known)
  const standing = till.standing()
  const print = (deal: Deal): void => {
    const printed: Printed = { deal, as: kind === 'real' && known.mode === 'test' ? 'test' : kind }
    setSlips([printed, ...slips].slice(0, slips_shown_max))
  }
  return (
    <KeysContext.Provider value={listening}>
      <div class="counter">
        <div class={`machine ${kind}`}>
          <section class="screen" aria-label={say('屏幕', 'Screen')}>
            <header>
              <span class="provider">{known.provider}</span>
              <span class={`lamp ${tone}`}><span aria-hidden="true">{mark}</span>{say(known.state)}</span>
              <span class="num">{time(known.now)}</span>
            </header>
            {link === 'open' ? null : <p class="link-lost" role="status">{link === 'lost' ? say('网络断开，正在重连…', 'The line is lost; dialling again…') : say('正在连接…', 'Connecting…')}</p>}
            <Views {...props} print={print} />
            <footer>
              <span class="num">{known.tid}</span>
              <span>{!standing.isSignedOn ? say('未签到', 'not signed on') : standing.hasMac ? say('已签到 · MAC', 'signed on · MAC') : say('已签到 · 无 MAC', 'signed on · no MAC')}</span>
            </footer>
          </section>
          <Keypad press={press} />
        </div>
        <div class="paper" role="log" aria-label={say('小票', 'Slips')}>
          {slips.map(({ deal, as }) => <Slip key={`${deal.batch} ${deal.trace}`} deal={deal} known={known} kind={as} />)}
        </div>
      </div>
    </KeysContext.Provider>
  )
}

function Views({ known, till, link, kind, look, heard, practise, print }: MachineProps & { print(deal: Deal): void }) {
  const say = useSay()
  const [view, go] = useState<View>({ at: 'home' })
  const home = (): void => go({ at: 'home' })
  const run = async (words: Words, act: () => Promise<Outcome>): Promise<void> => {
    go({ at: 'busy', words })
    const outcome = await act()
    if (outcome.deal) print(outcome.deal)
    // How the terminal stands now belongs to what was told.
    await look()
    heard?.(outcome)
    go({ at: 'told', outcome })
  }
  const signOn = (): void => void run(['正在签到…', 'Signing on…'], till.signOn)
  const confirmStop = (): void => void run(['正在确认停机…', 'Confirming the stop…'], async () => {
    const outcome = await till.confirmStop()
    if (isYes(outcome)) await kept(look)
    return outcome
  })
  const pay = (ask: Deal['ask'], amountFen: number, of?: Deal): void =>
    void run(['请稍候…', 'One moment…'], () => till.deal(ask, amountFen, of))
  const status = async (): Promise<void> => {
    go({ at: 'busy', words: ['正在查询…', 'Asking…'] })
    const from = performance.now()
    const outcome = await till.echo()
    const ms = Math.round(performance.now() - from)
    await look()
    go({ at: 'status', outcome, ms })
  }

  switch (view.at) {
    case 'busy': return <Busy words={say(view.words)} />
    case 'amount': return (
      <Entry
        title={say(amountWords[view.ask])} digits_max={amount_digits_max} show={(fen) => money({ fen })} isFitting={(fen) => fen > 0}
        done={(fen) => pay(view.ask, fen, view.of)} cancel={home}
      />
    )
    case 'preauth': return (
      <List
        title={say('预授权', 'Pre-authorisation')} cancel={{ words: say('返回', 'Back'), go: home }}
        items={[{ words: say('预授权', 'Pre-authorise'), is: 'new' as const }, { words: say('预授权完成', 'Complete one'), is: 'complete' as const }]}
        choose={(is) => go(is === 'new' ? { at: 'amount', ask: 'preauth' } : { at: 'complete' })}
      />
    )
    case 'undo': return <Deals key="undo" till={till} title={say('撤销哪一笔？', 'Undo which?')} asks={['sale', 'preauth']} cancel={home} choose={(deal) => pay(deal.ask === 'sale' ? 'void' : 'preauth-cancel', deal.amountFen, deal)} />
    case 'complete': return <Deals key="complete" till={till} title={say('完成哪一笔？', 'Complete which?')} asks={['preauth']} cancel={home} choose={(of) => go({ at: 'amount', ask: 'complete', of })} />
    case 'told': return <Told {...{ known, till, signOn, confirmStop, home }} outcome={view.outcome} />
    case 'status': return <Status {...{ known, till, home, link }} outcome={view.outcome} ms={view.ms} />
    case 'stop': return <StopFlow known={known} leave={() => { void look(); home() }} />
    case 'test': return <DeviceTest known={known} till={till} sold={print} leave={() => { void look(); home() }} />
    case 'home': if (isStopped(known)) return <Stopped known={known} confirmStop={confirmStop} menu={() => go({ at: 'menu' })} />
  }
  const items: readonly { words: string; is: () => void }[] = [
    { words: say('签到', 'Sign on'), is: signOn },
    { words: say('消费', 'Sale'), is: () => go({ at: 'amount', ask: 'sale' }) },
    { words: say('预授权', 'Pre-auth'), is: () => go({ at: 'preauth' }) },
    { words: say('撤销', 'Void'), is: () => go({ at: 'undo' }) },
    { words: say('退货', 'Refund'), is: () => go({ at: 'amount', ask: 'refund' }) },
    { words: say('结算', 'Settle'), is: () => void run(['正在结算…', 'Settling…'], till.settle) },
    { words: say('签退', 'Sign off'), is: () => void run(['正在签退…', 'Signing off…'], till.signOff) },
    { words: say('状态', 'Status'), is: () => void status() },
    ...(kind === 'practice' ? []
      : [known.mode === 'test' ? { words: say('开机测试', 'Device test'), is: () => go({ at: 'test' }) } : { words: say('停机申请', 'Ask to stop'), is: () => go({ at: 'stop' }) },
        { words: say('练习', 'Practice'), is: practise }]),
  ]
  return (
    <List key="menu" items={items} isWide choose={(is) => is()} cancel={view.at === 'menu' ? { words: say('返回', 'Back'), go: home } : undefined}>
      {known.mode === 'open' || isStopped(known) ? null : <Sentence words={known.sentence} />}
    </List>
  )
}

const looks_max = 8
const look_again_ms = 400
/** The gate hands the device's word on in batches: the register has it a moment later. */
async function kept(look: () => Promise<void>): Promise<void> {
  for (let i = 0; i < looks_max; i++) {
    await new Promise((resolve) => { setTimeout(resolve, look_again_ms) })
    await look()
  }
}

function Stopped({ known, confirmStop, menu }: { known: Known; confirmStop(): void; menu(): void }) {
  const say = useSay()
  const isToConfirm = known.mode === 'shut' && known.deviceConfirmedAt === null
  useKeys((key) => {
    if (key === 'cancel') menu()
    if (key === 'ok') (isToConfirm ? confirmStop : menu)()
  })
  const soft: readonly Soft[] = isToConfirm ? [['cancel', say('菜单', 'Menu')], ['ok', say('确认停机', 'Confirm the stop')]] : [['ok', say('菜单', 'Menu')]]
  return (
    <Picture soft={soft}>
      <Sentence words={known.sentence} mark={lampOf(known)[0]} />
      {known.deviceConfirmedAt === null ? null : <p class="small confirmed">{say(`机具已确认 ${when(known.deviceConfirmedAt)}`, `Confirmed by the device ${when(known.deviceConfirmedAt)}`)}</p>}
    </Picture>
  )
}

function Deals({ till, title, asks, choose, cancel }: { till: Till; title: string; asks: readonly Deal['ask'][]; choose(deal: Deal): void; cancel(): void }) {
  const say = useSay()
  const open = till.kept().deals.filter((deal) => asks.includes(deal.ask) && !deal.isOver).toReversed().slice(0, 9)
  return (
    <List
      title={title} cancel={{ words: say('返回', 'Back'), go: cancel }} choose={choose}
      items={open.map((deal) => ({ words: `${say(dealWords[deal.ask])} ${money({ fen: deal.amountFen })}`, note: say(`凭证 ${six(deal.trace)}`, `voucher ${six(deal.trace)}`), is: deal }))}
    >{open.length === 0 ? <p class="soft">{say('本批没有这样的交易。', 'There is none in this batch.')}</p> : null}</List>
  )
}

type Next = 'sign-on' | 'confirm' | 'home'
const nextWords: Readonly<Record<Next, Words>> = { 'sign-on': ['签到', 'Sign on'], confirm: ['确认停机', 'Confirm the stop'], home: ['好', 'OK'] }
const done: Readonly<Partial<Record<Outcome['ask'], Words>>> = {
  'sign-on': ['签到成功', 'Signed on'], 'sign-off': ['签退成功', 'Signed off'], settle: ['结算完成', 'Settled'], status: ['已确认停机', 'Stop confirmed'],
}
const yesWords = ({ ask, deal }: Outcome, say: Say): string => (deal ? say(`${dealWords[deal.ask][0]}成功`, `${dealWords[deal.ask][1]} approved`) : say(done[ask] ?? ['成功', 'Done']))

function Told({ known, till, outcome, signOn, confirmStop, home }: { known: Known; till: Till; outcome: Outcome; signOn(): void; confirmStop(): void; home(): void }) {
  const { say, language } = useLanguage()
  const [now, hasWayBack] = nextOf(known, till, outcome)
  useKeys((key) => {
    if (key === 'ok') ({ 'sign-on': signOn, confirm: confirmStop, home })[now]()
    if (key === 'cancel') home()
  })
  const soft: readonly Soft[] = [...(hasWayBack ? [['cancel', say('返回', 'Back')] as const] : []), ['ok', say(nextWords[now])]]
  if (isYes(outcome)) return <Picture tone="yes" soft={soft}><Approved outcome={outcome} known={known} /></Picture>
  if (outcome.code === '') return (
    <Picture tone="no" soft={soft}>
      <div role="status">
        <p class="headline">{say('没有收到应答', 'No answer')}</p>
        <p>{till.kept().owed ? say('这笔不算数：下一笔之前会先冲正。', 'It does not count: it is reversed before the next.') : say('请稍后再试。', 'Try again later.')}</p>
      </div>
    </Picture>
  )
  // The field on the wire is Chinese; in English the gate says the same where it is asked again.
  const inEnglish = known.sentence.includes(`(${outcome.code})`) ? known.sentence : ''
  const words = (language === 'zh' ? outcome.sentence : inEnglish) || say(`${meaningOf(outcome.code).display[0]}（${outcome.code}）。`, `${meaningOf(outcome.code).display[1]} (${outcome.code}).`)
  return <Picture tone="no" soft={soft}><Sentence words={words} mark={isStopped(known) ? lampOf(known)[0] : undefined} /></Picture>
}

/** What the green key does after this, and whether the red one leads back. */
function nextOf(known: Known, till: Till, outcome: Outcome): readonly [now: Next, hasWayBack: boolean] {
  if (!isYes(outcome) && outcome.code !== '' && till.standing().owesSignOn) return ['sign-on', true]
  if (!isYes(outcome) && known.mode === 'shut' && known.deviceConfirmedAt === null) return ['confirm', true]
  return ['home', false]
}

function Approved({ outcome, known }: { outcome: Outcome; known: Known }) {
  const say = useSay()
  const { deal, totals, isBalanced, ask } = outcome
  return (
    <div role="status">
      <p class="headline"><span class="mark" aria-hidden="true">✓</span>{yesWords(outcome, say)}</p>
      {deal === undefined ? null : <p class="second num">{money({ fen: deal.amountFen })}</p>}
      {totals === undefined ? null : (
        <>
          <p class="second">{isBalanced ? say('对账平', 'The totals agree') : say('对账不平，已上送明细', 'The totals differ; the batch was uploaded')}</p>
          <p>{say(`收 ${totals.debits} 笔`, `${totals.debits} in`)} {money({ fen: totals.debitFen })}<br />{say(`退 ${totals.credits} 笔`, `${totals.credits} back`)} {money({ fen: totals.creditFen })}</p>
        </>
      )}
      {ask === 'status' ? <p>{known.deviceConfirmedAt === null ? say('主机已收到，登记稍后可见。', 'The host has it; the register follows.') : say(`登记时间 ${when(known.deviceConfirmedAt)}`, `Recorded ${when(known.deviceConfirmedAt)}`)}</p> : null}
    </div>
  )
}

function Status({ known, till, outcome, ms, home, link }: { known: Known; till: Till; outcome: Outcome; ms: number; home(): void; link: LinkState }) {
  const say = useSay()
  useKeys((key) => { if (key === 'ok' || key === 'cancel') home() })
  const { batch, trace } = till.kept()
  const totals = totalsOf(till.kept())
  const standing = till.standing()
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    [say('线路', 'Line'), link === 'open' && isYes(outcome) ? say(`通，${ms} 毫秒`, `up, ${ms} ms`) : say('不通', 'down')],
    [say('密钥', 'Keys'), standing.hasMac ? say('报文带 MAC', 'messages carry a MAC') : say('报文不带 MAC', 'no MAC')],
    [say('批次 / 凭证', 'Batch / voucher'), `${six(batch)} / ${six(trace)}`],
    [say('本批', 'This batch'), say(`收 ${totals.debits} 笔 ${money({ fen: totals.debitFen })}`, `${totals.debits} in, ${money({ fen: totals.debitFen })}`)],
    [say('主机已拒绝', 'Host refuses'), known.hostBlockedAt === null ? '—' : when(known.hostBlockedAt)],
    [say('机具已确认', 'Device confirmed'), known.deviceConfirmedAt === null ? '—' : when(known.deviceConfirmedAt)],
    [say('客服', 'Call'), known.hotline],
  ]
  return (
    <Picture title={say('状态', 'Status')} soft={[['ok', say('好', 'OK')]]}>
      <dl class="pairs tight">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd class="num">{value}</dd></div>)}</dl>
    </Picture>
  )
}
