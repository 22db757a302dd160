// The one bar of decisions: each button as the server allows it now, grey with its reason where it does not, and left out where
// it never is this reader's. At the desk each has its letter; what wants words or a person asks for them first.
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { authority } from '../../../src/domain/authority.ts'
import { materialTypes, roles, words as wordsIn, type MaterialType } from '../../../src/domain/vocabulary.ts'
import {
  approveApplication, assignApplication, claimApplication, listPeople, rejectApplication, returnApplication, submitApplication, withdrawApplication,
} from '../../../src/client/generated/sdk.gen.ts'
import { ask, onSeen } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Choices, Dialog, Field, focusFirst, Tick } from '../look/controls.tsx'
import { useKeys } from '../look/keys.ts'
import { Failed, Shown } from '../look/Page.tsx'
import { whyNot } from '../look/why-not.ts'
import { useMe } from '../session.ts'
import { useLanguage, useSay, type Words } from '../words.ts'
import type { Case } from './Case.tsx'

type Act = 'approve' | 'return' | 'reject' | 'claim' | 'assign' | 'submit' | 'withdraw'
/** What a dialog was filled in with. */
type Given = { words: string; to: string | undefined; materials: readonly MaterialType[] }
type Row = {
  words: Words; key?: string; primary?: boolean; danger?: boolean
  /** What is asked first: words for the applicant, or who shall do it. */
  asks?: 'words' | 'person'
  /** Afterwards the next case is shown. */
  decides?: boolean
  send: (no: string, given: Given, head: ReturnType<typeof onSeen>) => Promise<unknown>
}

/** In the order they stand in the bar. */
const acts: Readonly<Record<Act, Row>> = {
  approve: { words: ['批准', 'Approve'], key: 'a', primary: true, decides: true, send: (no, _, headers) => ask(approveApplication({ path: { no }, body: {}, headers })) },
  return: {
    words: ['退回补件', 'Return'], key: 'r', asks: 'words', decides: true,
    send: (no, { words, materials }, headers) => ask(returnApplication({ path: { no }, body: { words, ...(materials.length === 0 ? {} : { materials: materials.map((type) => ({ type, words })) }) }, headers })),
  },
  reject: { words: ['驳回', 'Reject'], key: 'x', asks: 'words', decides: true, danger: true, send: (no, { words }, headers) => ask(rejectApplication({ path: { no }, body: { words }, headers })) },
  claim: { words: ['领取', 'Claim'], key: 'c', send: (no, _, headers) => ask(claimApplication({ path: { no }, body: {}, headers })) },
  assign: { words: ['转办', 'Assign'], key: 'e', asks: 'person', send: (no, { to }, headers) => ask(assignApplication({ path: { no }, body: { to: to! }, headers })) },
  submit: { words: ['提交', 'Submit'], primary: true, send: (no, _, headers) => ask(submitApplication({ path: { no }, body: {}, headers })) },
  withdraw: { words: ['撤回', 'Withdraw'], send: (no, _, headers) => ask(withdrawApplication({ path: { no }, body: {}, headers })) },
}
const hidden = new Set<unknown>(['role_missing', 'not_in_this_state', 'not_found'])
const nothing: Given = { words: '', to: undefined, materials: [] }

export function Decisions({ c, keys, decided }: { c: Case; keys: boolean; decided: (() => void) | undefined }) {
  const say = useSay()
  const { language } = useLanguage()
  const act = useAct(['case', c.no], ['cases'])
  const [asking, setAsking] = useState<Act>()
  const shown = (Object.keys(acts) as Act[]).filter((a) => !hidden.has(c.allowed[a]))
  const run = (a: Act, given: Given): void => act.mutate(() => acts[a].send(c.no, given, onSeen(c)), {
    onSuccess: () => { setAsking(undefined); if (acts[a].decides) decided?.() },
  })
  const begin = (a: Act): void => {
    if (c.allowed[a] !== true) return
    act.reset()
    if (acts[a].asks) setAsking(a)
    else run(a, nothing)
  }
  useKeys(keys ? Object.fromEntries(shown.flatMap((a) => (acts[a].key === undefined ? [] : [[acts[a].key, () => begin(a)]]))) : {})
  if (shown.length === 0) return null
  return (
    <>
      <div className="row no-print">{shown.map((a) => {
        const verdict = c.allowed[a]
        const { primary, danger, words, key } = acts[a]
        return (
          <Button key={a} primary={primary && verdict === true} danger={danger} busy={act.isPending && asking === undefined} whyNot={verdict === true ? undefined : whyNot(verdict, language)} onClick={() => begin(a)}>
            {say(words)}{keys && key !== undefined ? <kbd>{key.toUpperCase()}</kbd> : null}
          </Button>
        )
      })}</div>
      {act.error !== null && asking === undefined ? <Failed error={act.error} /> : null}
      {asking === undefined ? null : <Asking key={asking} c={c} act={acts[asking]} isReturn={asking === 'return'} busy={act.isPending} fault={act.error} shut={() => setAsking(undefined)} send={(given) => run(asking, given)} />}
    </>
  )
}

function Asking({ c, act, isReturn, busy, fault, shut, send }: { c: Case; act: Row; isReturn: boolean; busy: boolean; fault: unknown; shut: () => void; send: (given: Given) => void }) {
  const say = useSay()
  const [given, setGiven] = useState<Given>({ ...nothing, materials: isReturn ? c.missing : [] })
  const set = (part: Partial<Given>): void => setGiven((before) => ({ ...before, ...part }))
  return (
    <Dialog title={say(act.words)} shut={shut} fault={fault} ok={say(act.words)} danger={act.danger} busy={busy} ready={act.asks === 'person' ? given.to !== undefined : given.words.trim() !== ''} send={() => send(given)}>
      {act.asks === 'person' ? <Colleagues c={c} to={given.to} set={(to) => set({ to })} /> : (
        <>
          <Field label={say('写给申请人的话，一两句即可', 'One or two sentences for the applicant')}><textarea rows={4} maxLength={2_000} value={given.words} onChange={(e) => set({ words: e.target.value })} /></Field>
          {isReturn ? (
            <details open={given.materials.length > 0}><summary>{say('要补哪些材料', 'Which materials are to be handed in')}</summary>
              <div className="choices">{wordsIn(materialTypes).map((type) => <Tick key={type} checked={given.materials.includes(type)} set={(is) => set({ materials: is ? [...given.materials, type] : given.materials.filter((m) => m !== type) })}>{say(materialTypes[type])}</Tick>)}</div>
            </details>
          ) : null}
        </>
      )}
    </Dialog>
  )
}

/** Who else may take it. */
function Colleagues({ c, to, set }: { c: Case; to: string | undefined; set: (person: string) => void }) {
  const say = useSay()
  const me = useMe()!
  const query = useQuery({ queryKey: ['people', 'colleagues'], queryFn: () => ask(listPeople({ query: { limit: 100 } })) })
  return (
    <Shown query={query}>{({ items }) => {
      const able = items.filter((p) => !p.disabled && (authority.claim as readonly string[]).includes(p.role) && p.person !== c.assignee?.id)
      return <div ref={focusFirst}><Choices label={say('转给谁', 'to whom')} value={to} set={set} options={able.map((p) => [p.person, `${p.name} · ${say(roles[p.role])}${p.person === me.person.id ? say('（我）', ' (me)') : ''}`] as const)} /></div>
    }}</Shown>
  )
}
