// The row of what may be done to one thing, and the small form an act asks for first. Each button is as the server allows it
// now: enabled, grey with the reason, or not there at all because it is never this reader's to do.
import { useState, type ReactNode } from 'react'
import { useMutation } from '@tanstack/react-query'
import { useLanguage, useSay, type Words } from '../words.ts'
import { Button, Dialog, Field } from './controls.tsx'
import { Failed } from './Page.tsx'
import { whyNot } from './why-not.ts'

export type Form<V> = { values: V; set: (part: Partial<V>) => void }
export type Act<V extends object = Record<string, string>> = {
  words: Words
  /** The usual next thing. */
  primary?: boolean
  danger?: boolean
  /** What is asked before it is sent; without one, the button sends at once. */
  form?: { empty: V; fields: (form: Form<V>) => ReactNode; isReady: (values: V) => boolean; ok?: Words }
  send: (values: V) => Promise<unknown>
}
/** Keeps the type of one act's form to itself. */
export const act = <V extends object>(one: Act<V>): Act<never> => one as unknown as Act<never>

/** Not the reader's, or not now: left out instead of being shown grey for good. */
const hidden = new Set<unknown>([undefined, 'role_missing', 'not_in_this_state', 'return_not_in_this_state', 'deposit_not_in_this_state', 'break_not_in_this_state', 'not_found'])

export function Acts<K extends string>({ acts, allowed, done }: {
  acts: Readonly<Record<K, Act<never>>>; allowed: Readonly<Partial<Record<K, true | string>>>; done: () => Promise<unknown>
}) {
  const { language } = useLanguage()
  const say = useSay()
  const [asking, setAsking] = useState<K>()
  const run = useMutation({
    mutationFn: ({ k, values }: { k: K; values: object }) => (acts[k] as unknown as Act<object>).send(values),
    onSuccess: async () => { setAsking(undefined); await done() },
  })
  const shown = (Object.keys(acts) as K[]).filter((k) => !hidden.has(allowed[k]))
  if (shown.length === 0) return null
  const begin = (k: K): void => {
    run.reset()
    if (acts[k].form) setAsking(k)
    else run.mutate({ k, values: {} })
  }
  return (
    <div className="stack no-print">
      <div className="row">{shown.map((k) => {
        const verdict = allowed[k]!
        const { primary, danger, words } = acts[k]
        return (
          <Button key={k} primary={primary && verdict === true} danger={danger} busy={run.isPending && run.variables.k === k} whyNot={verdict === true ? undefined : whyNot(verdict, language)} onClick={() => begin(k)}>{say(words)}</Button>
        )
      })}</div>
      {run.error !== null && asking === undefined ? <Failed error={run.error} /> : null}
      {asking === undefined ? null : (
        <Asking key={asking} act={acts[asking] as unknown as Act<object>} fault={run.error} busy={run.isPending} cancel={() => setAsking(undefined)} send={(values) => run.mutate({ k: asking, values })} />
      )}
    </div>
  )
}

function Asking({ act: { words, form, danger }, fault, busy, cancel, send }: { act: Act<object>; fault: unknown; busy: boolean; cancel: () => void; send: (values: object) => void }) {
  const say = useSay()
  const [values, setValues] = useState(form!.empty)
  const set = (part: object): void => setValues((before) => ({ ...before, ...part }))
  return (
    <Dialog title={say(words)} shut={cancel} fault={fault} ok={say(form!.ok ?? words)} danger={danger} busy={busy} ready={form!.isReady(values)} send={() => send(values)}>
      {form!.fields({ values, set })}
    </Dialog>
  )
}

/** An act that wants words, one or two sentences. */
export function wordsForm(label: string, isRequired = true): NonNullable<Act<{ words: string }>['form']> {
  return {
    empty: { words: '' }, isReady: ({ words }) => !isRequired || words.trim() !== '',
    fields: ({ values, set }) => <Field label={label}><textarea rows={3} maxLength={2_000} value={values.words} onChange={(e) => set({ words: e.target.value })} /></Field>,
  }
}
