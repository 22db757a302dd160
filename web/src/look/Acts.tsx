// The row of what may be done to one thing, and the small form an act asks for first. Each button is as the server allows it
// now: enabled, grey with the reason, or not there at all because it is never this reader's to do.
import { useState, type ReactNode } from 'react'
import { Alert, Button, Input, Modal, Tooltip } from 'antd'
import { useMutation } from '@tanstack/react-query'
import { useLanguage, useSay, type Words } from '../words.ts'
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
  const [fault, setFault] = useState<string>()
  const run = useMutation({
    mutationFn: ({ k, values }: { k: K; values: object }) => (acts[k] as unknown as Act<object>).send(values),
    onSuccess: async () => { setAsking(undefined); await done() },
    onError: (error) => setFault(error instanceof Error ? error.message : String(error)),
  })
  const shown = (Object.keys(acts) as K[]).filter((k) => !hidden.has(allowed[k]))
  if (shown.length === 0) return null
  const begin = (k: K): void => {
    setFault(undefined)
    if (acts[k].form) setAsking(k)
    else run.mutate({ k, values: {} })
  }
  return (
    <div className="stack no-print">
      <div className="row">{shown.map((k) => {
        const verdict = allowed[k]!
        const { primary, danger, words } = acts[k]
        return (
          <Tooltip key={k} title={verdict === true ? undefined : whyNot(verdict, language)}>
            <Button type={primary && verdict === true ? 'primary' : 'default'} danger={danger ?? false} disabled={verdict !== true} loading={run.isPending && run.variables.k === k} onClick={() => begin(k)}>{say(words)}</Button>
          </Tooltip>
        )
      })}</div>
      {fault !== undefined && asking === undefined ? <Alert type="info" showIcon role="alert" title={fault} /> : null}
      {asking === undefined ? null : (
        <Asking key={asking} act={acts[asking] as unknown as Act<object>} fault={fault} busy={run.isPending} cancel={() => setAsking(undefined)} send={(values) => { setFault(undefined); run.mutate({ k: asking, values }) }} />
      )}
    </div>
  )
}

function Asking({ act: { words, form, danger }, fault, busy, cancel, send }: { act: Act<object>; fault: string | undefined; busy: boolean; cancel: () => void; send: (values: object) => void }) {
  const say = useSay()
  const [values, setValues] = useState(form!.empty)
  const set = (part: object): void => setValues((before) => ({ ...before, ...part }))
  return (
    <Modal open getContainer={false} title={say(words)} onCancel={cancel} onOk={() => send(values)} okText={say(form!.ok ?? words)} okButtonProps={{ disabled: !form!.isReady(values), loading: busy, danger: danger ?? false }}>
      <div className="stack">
        {form!.fields({ values, set })}
        {fault === undefined ? null : <Alert type="info" showIcon role="alert" title={fault} />}
      </div>
    </Modal>
  )
}

/** One labelled line of a form. */
export function Field({ label, hint, children }: { label: string; hint?: string | undefined; children: ReactNode }) {
  return <label className="field"><span>{label}</span>{children}{hint === undefined ? null : <span className="soft">{hint}</span>}</label>
}

/** An act that wants words, one or two sentences. */
export function wordsForm(label: string, isRequired = true): NonNullable<Act<{ words: string }>['form']> {
  return {
    empty: { words: '' }, isReady: ({ words }) => !isRequired || words.trim() !== '',
    fields: ({ values, set }) => <Field label={label}><Input.TextArea autoFocus rows={3} maxLength={2_000} value={values.words} onChange={(e) => set({ words: e.target.value })} /></Field>,
  }
}
