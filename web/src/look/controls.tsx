// What people press and fill in: the platform's own controls in our colours. A browser's select, calendar and dialog are known to
// whoever uses it, speak to its screen reader and open as its phone opens them; nothing here does over again what they do.
import { useEffect, useId, useRef, useState, type ComponentProps, type FormEvent, type ReactNode } from 'react'
import { useSay } from '../words.ts'
import { Lamp, type Shape, type Tone } from './Lamp.tsx'

const classes = (...names: readonly (string | false | undefined)[]): string => names.filter(Boolean).join(' ')

type ButtonProps = Omit<ComponentProps<'button'>, 'type'> & {
  primary?: boolean | undefined; danger?: boolean | undefined; small?: boolean; wide?: boolean; submit?: boolean
  /** Looks like a link: the lesser of two ways. */
  bare?: boolean
  /** Sent and not answered yet: a second press does nothing. */
  busy?: boolean | undefined
  /** Grey, and why: read by whoever points at it, reaches it by keyboard or hears it. */
  whyNot?: string | undefined
}

export function Button({ primary, danger, small, wide, submit, bare, busy = false, whyNot, className, onClick, children, ...rest }: ButtonProps) {
  const id = useId()
  const isOff = busy || whyNot !== undefined
  const button = (
    <button
      {...rest} type={submit ? 'submit' : 'button'} className={classes('button', primary && 'primary', danger && 'danger', small && 'small', wide && 'wide', bare && 'bare', className)}
      aria-disabled={isOff || undefined} aria-busy={busy || undefined} aria-describedby={whyNot === undefined ? undefined : id}
      onClick={isOff ? (event) => event.preventDefault() : onClick}
    >{children}</button>
  )
  return whyNot === undefined ? button : <span className="why">{button}<span id={id} role="tooltip" className="tip">{whyNot}</span></span>
}

/** One labelled line of a form. */
export const Field = ({ label, hint, children }: { label: string; hint?: string | undefined; children: ReactNode }) => (
  <div className="field"><label><span>{label}</span>{children}</label>{hint === undefined ? null : <span className="soft">{hint}</span>}</div>
)

/** For a field that must be filled in: what the browser says where it is not, in the reader's language. */
export const must = (words: string) => ({
  required: true,
  onInvalid: (event: FormEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => event.currentTarget.setCustomValidity(words),
  onInput: (event: FormEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => event.currentTarget.setCustomValidity(''),
})

/** As a ref: whoever comes here comes to fill this in. */
export const focusFirst = (around: HTMLElement | null): void => around?.querySelector('input')?.focus()

/** What stands in a form, by the names of its fields. */
export const filled = (event: FormEvent<HTMLFormElement>): Record<string, string> => {
  event.preventDefault()
  return Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]))
}

export function Password({ label, ...rest }: ComponentProps<'input'> & { label: string }) {
  const say = useSay()
  const id = useId()
  const [shown, setShown] = useState(false)
  return (
    <div className="field">
      <label htmlFor={id}><span>{label}</span></label>
      <span className="joined">
        <input {...rest} id={id} type={shown ? 'text' : 'password'} autoCapitalize="none" spellCheck={false} />
        <Button aria-pressed={shown} aria-label={say(`显示${label}`, `show: ${label}`)} onClick={() => setShown(!shown)}>{shown ? say('隐藏', 'Hide') : say('显示', 'Show')}</Button>
      </span>
    </div>
  )
}

/** Asked for when sent, and when it is cleared. */
export function Search({ label, hint, value = '', send }: { label: string; hint: string; value?: string | undefined; send: (text: string) => void }) {
  const say = useSay()
  return (
    <form role="search" className="joined finder" onSubmit={(event) => send(filled(event)['q']!.trim())}>
      <input key={value} type="search" name="q" defaultValue={value} aria-label={label} placeholder={hint} autoComplete="off" spellCheck={false} onInput={(e) => { if (e.currentTarget.value === '' && value !== '') send('') }} />
      <Button submit>{say('查找', 'Find')}</Button>
    </form>
  )
}

type Option<V extends string> = { value: V; label: string; group?: string }

/** One of a list. With `none`, no choice is a choice, too, under that name. */
export function Select<V extends string>({ value, set, options, none, ...rest }: Omit<ComponentProps<'select'>, 'value' | 'onChange'> & {
  value: V | undefined; set: (value: V | undefined) => void; options: readonly Option<V>[]; none?: string
}) {
  const groups = [...Map.groupBy(options, (o) => o.group)]
  return (
    <select {...rest} value={value ?? ''} onChange={(event) => set(event.target.value === '' ? undefined : event.target.value as V)}>
      {none === undefined ? null : <option value="">{none}</option>}
      {groups.map(([group, list]) => {
        const rows = list.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)
        return group === undefined ? rows : <optgroup key={group} label={group}>{rows}</optgroup>
      })}
    </select>
  )
}

type ChoiceProps<V extends string> = { label: string; value: V | undefined; set: (value: V) => void; options: readonly (readonly [V, ReactNode])[] }

/** One of a few, side by side. */
export const Segments = <V extends string>(props: ChoiceProps<V>) => <Radios {...props} className="segments" />
/** One of several, one beneath the other. */
export const Choices = <V extends string>(props: ChoiceProps<V>) => <Radios {...props} className="choices" />

function Radios<V extends string>({ label, value, set, options, className }: ChoiceProps<V> & { className: string }) {
  const name = useId()
  return (
    <div role="radiogroup" aria-label={label} className={className}>{options.map(([one, words]) => (
      <label key={one}><input type="radio" name={name} checked={one === value} onChange={() => set(one)} /><span>{words}</span></label>
    ))}</div>
  )
}

export const Tick = ({ children, set, ...rest }: Omit<ComponentProps<'input'>, 'type' | 'onChange'> & { set: (checked: boolean) => void }) => (
  <label className="tick"><input {...rest} type="checkbox" onChange={(event) => set(event.target.checked)} /><span>{children}</span></label>
)

/** Yuan and fen, typed as people write them; null while it is not an amount. */
export const Amount = ({ value, set, ...rest }: Omit<ComponentProps<'input'>, 'value' | 'onChange'> & { value: number | null; set: (value: number | null) => void }) => (
  <input type="number" inputMode="decimal" min={0} step="0.01" {...rest} value={value ?? ''} onChange={(event) => set(event.target.value === '' ? null : event.target.valueAsNumber)} />
)

export const Files = ({ children, accept, busy, take }: { children: ReactNode; accept: string; busy?: boolean; take: (file: File) => void }) => (
  <label className="button" aria-busy={busy || undefined}>
    <input type="file" className="unseen" accept={accept} disabled={busy} onChange={(event) => {
      const [file] = event.target.files ?? []
      event.target.value = ''
      if (file) take(file)
    }} />{children}
  </label>
)

export const Tag = ({ children, tone = 'plain' }: { children: ReactNode; tone?: 'plain' | 'good' | 'near' }) => <span className={`tag ${tone}`}>{children}</span>

const marks: Readonly<Record<'info' | 'good' | 'warning' | 'error', readonly [Shape, Tone]>> = {
  info: ['ring', 'test'], good: ['dot', 'open'], warning: ['triangle', 'drain'], error: ['diamond', 'provider'],
}
export const Notice = ({ tone = 'info', title, children, role, act }: { tone?: keyof typeof marks; title: ReactNode; children?: ReactNode; role?: 'alert' | 'status'; act?: ReactNode }) => (
  <div className={`notice ${tone}`} role={role}>
    <Lamp shape={marks[tone][0]} tone={marks[tone][1]}>{null}</Lamp>
    <div className="told"><b>{title}</b>{children === undefined || children === null ? null : <div>{children}</div>}</div>
    {act}
  </div>
)

type DialogProps = { title: ReactNode; shut: () => void; children?: ReactNode; wide?: boolean; /** What was refused when it was sent. */ fault?: unknown } & (
  { ok?: undefined } | { ok: string; send: () => void; busy?: boolean; danger?: boolean | undefined; ready?: boolean }
)

/** Over the page until it is answered or shut. Mounted only while it is open. */
export function Dialog(props: DialogProps) {
  const { title, shut, children, wide, fault } = props
  const say = useSay()
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current!
    dialog.showModal()
    dialog.querySelector<HTMLElement>('.body :is(input, select, textarea), .button.primary')?.focus()
    // Gives the place where one was back.
    return () => dialog.close()
  }, [])
  return (
    <dialog ref={ref} closedby="any" className={wide ? 'wide' : undefined} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); shut() }}>
      <form onSubmit={(event) => { event.preventDefault(); if (props.ok !== undefined && !props.busy && props.ready !== false) props.send() }}>
        <header className="row apart"><h2 id={id} className="plain flush">{title}</h2><Button bare aria-label={say('关闭', 'close')} onClick={shut}>×</Button></header>
        <div className="body stack">
          {children}
          {fault ? <Notice role="alert" tone="warning" title={fault instanceof Error ? fault.message : String(fault)} /> : null}
        </div>
        {props.ok === undefined ? null : (
          <footer className="row"><Button onClick={shut}>{say('取消', 'Cancel')}</Button><Button submit primary danger={props.danger} busy={props.busy} disabled={props.ready === false}>{props.ok}</Button></footer>
        )}
      </form>
    </dialog>
  )
}
