/** @jsxImportSource preact */
// What pictures on the machine's screen are made of: a title and what stands below it, keys with a meaning of their own, a list
// to choose from by number or arrows, a number to type, and the gate's sentence as a cashier reads it.
import type { ComponentChildren } from 'preact'
import { useContext, useState } from 'preact/hooks'
import { KeysContext, useKeys, type Key } from './keys.tsx'
import { useSay } from './words.ts'

export type Soft = readonly [key: Key, words: string]

/** `title` may be left out where what stands below speaks for itself. */
export function Picture({ title, soft, tone, children }: {
  title?: string | undefined; soft: readonly Soft[]; tone?: 'yes' | 'no' | undefined; children?: ComponentChildren
}) {
  const listening = useContext(KeysContext)
  return (
    <>
      <div class={`picture ${tone ?? ''}`}>
        {title === undefined ? null : <h2>{title}</h2>}
        {children}
      </div>
      <div class="softs">{soft.map(([key, words]) => (
        <button key={key} type="button" class={`soft-key ${key}`} onMouseDown={(event) => event.preventDefault()} onClick={() => listening.current(key)}>{words}</button>
      ))}</div>
    </>
  )
}

/** The digit that chooses the nth. */
const digitOf = (i: number): string => String((i + 1) % 10)

export function List<T>({ title, items, choose, cancel, isWide = false, softs = [], children }: {
  title?: string | undefined; items: readonly { words: string; note?: string; is: T }[]; choose(is: T): void
  cancel?: { words: string; go(): void } | undefined; isWide?: boolean; softs?: readonly Soft[]; children?: ComponentChildren
}) {
  const say = useSay()
  const [on, setOn] = useState(0)
  const columns = isWide ? 2 : 1
  useKeys((key) => {
    if (key === 'cancel') return cancel?.go()
    if (key === 'ok') return items[on] && choose(items[on].is)
    if (key === 'up') return setOn((on + items.length - 1) % items.length)
    if (key === 'down') return setOn((on + 1) % items.length)
    const chosen = items.find((_, i) => digitOf(i) === key)
    if (chosen) choose(chosen.is)
  })
  return (
    <Picture title={title} soft={[...(cancel ? [['cancel', cancel.words] as const] : []), ...softs, ['ok', say('选这项', 'Choose')]]}>
      {children}
      <ol class={`choices columns-${columns}`}>{items.map(({ words, note, is }, i) => (
        <li key={words}>
          <button type="button" class={i === on ? 'on' : ''} onMouseDown={(event) => event.preventDefault()} onClick={() => choose(is)}>
            <b aria-hidden="true">{digitOf(i)}</b> <span>{words}{note === undefined ? null : <small>{note}</small>}</span>
          </button>
        </li>
      ))}</ol>
    </Picture>
  )
}

/** A number typed from the right, as card machines take amounts. */
export function Entry({ title, show, hint, digits_max, isFitting, done, cancel }: {
  title: string; show(typed: number): string; hint?(typed: number): string; digits_max: number; isFitting(typed: number): boolean
  done(typed: number): void; cancel(): void
}) {
  const say = useSay()
  const [typed, setTyped] = useState('')
  const number = Number(typed)
  useKeys((key) => {
    if (key === 'cancel') cancel()
    else if (key === 'ok') { if (isFitting(number)) done(number) }
    else if (key === 'clear') setTyped(typed.slice(0, -1))
    else if (/^\d$/.test(key) && typed.length < digits_max) setTyped(`${typed}${key}`.replace(/^0+/, ''))
  })
  return (
    <Picture title={title} soft={[['cancel', say('返回', 'Back')], ['clear', say('清除', 'Clear')], ['ok', say('确认', 'OK')]]}>
      <output class="typed num" aria-live="polite">{show(number)}</output>
      {hint === undefined ? null : <p class="soft">{hint(number)}</p>}
    </Picture>
  )
}

export function Busy({ words }: { words: string }) {
  useKeys(() => {})
  return <Picture soft={[]}><p class="busy" role="status">{words}</p></Picture>
}

/** What it says last: whom to call, which case, what still works. */
const small = /^(可以办理|办件|客服|Still possible|Case |Call )/

/** 已停机，不能收款（58）。店主申请停机：装修。… in lines, what matters most on top. */
export function Sentence({ words, mark }: { words: string; mark?: string | undefined }) {
  const [first = '', ...rest] = words.split(/(?<=。)|(?<=\.) (?=[A-Z])/).map((part) => part.replace(/[。.]$/, ''))
  const [head = '', ...more] = first.split(/，|: /)
  return (
    <div class="sentence-on-screen" role="status">
      <p class="headline">{mark === undefined ? null : <span class="mark" aria-hidden="true">{mark}</span>}{head}</p>
      {more.length === 0 ? null : <p class="second">{more.join('，')}</p>}
      {rest.map((part) => <p key={part} class={small.test(part) ? 'small' : ''}>{part}</p>)}
    </div>
  )
}
