// A provider's rules, version by version: which is in force, which is a draft; one version read as sentences, its document
// beneath. A version is drafted by one person and approved by another.
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import type { Policy } from '../../../src/domain/policy.ts'
import { approvePolicy, draftPolicy, getPolicy, listPolicies } from '../../../src/client/generated/sdk.gen.ts'
import type { DraftPolicyData, GetPolicyResponses, ListPoliciesResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey, Refused } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Dialog, Field, Notice, Tag } from '../look/controls.tsx'
import { Page, Shown } from '../look/Page.tsx'
import { whyNot } from '../look/why-not.ts'
import { when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useLanguage, useSay } from '../words.ts'
import { changedParts, policySections } from './policy-words.ts'
import { AdminTabs } from './Tabs.tsx'

type Row = ListPoliciesResponses[200]['items'][number]
type View = GetPolicyResponses[200]
const idOf = (row: Row): string => `${row.provider}-${row.version}`

export default function Policies() {
  const { id } = useParams({ strict: false }) as { id?: string }
  return id === undefined ? <Versions /> : <One id={id} />
}

/** In force now: the approved version whose day came last. */
const inForce = (rows: readonly Row[], provider: string, now: number): Row | undefined =>
  rows.filter((r) => r.provider === provider && r.effectiveFrom !== null && Date.parse(r.effectiveFrom) <= now).toSorted((a, b) => Date.parse(b.effectiveFrom!) - Date.parse(a.effectiveFrom!) || b.version - a.version)[0]

const useVersions = () => useQuery({ queryKey: ['policies'], queryFn: () => ask(listPolicies()) })

function Standing({ row, current }: { row: Row; current: boolean }) {
  const say = useSay()
  if (row.state === 'draft') return <Tag tone="near">{say('草稿，待另一人批准', 'draft; another person approves')}</Tag>
  return current ? <Tag tone="good">{say('现行', 'in force')}</Tag> : <Tag>{say('已批准', 'approved')}</Tag>
}

function Versions() {
  const say = useSay()
  const { now: asOf, party } = useMe()!
  const now = Date.parse(asOf)
  const query = useVersions()
  return (
    <Page title={say('规则', 'Rules')} above={say('每个办件按提交时的版本办理，之后不再改变。', 'A case keeps the version it was submitted under.')}>
      <AdminTabs />
      <Shown query={query}>{({ items }) => (
        <div className="stack">{[...Map.groupBy(items, (r) => r.provider)].map(([provider, rows]) => (
          <section key={provider} className="sheet"><h2 className="plain">{provider === party.id ? party.name : provider}</h2>
            <ul className="plain stack">{rows.map((row) => (
              <li key={idOf(row)} className="row apart">
                <span><Link to={`/admin/policies/${idOf(row)}` as never}>{say(`第 ${row.version} 版`, `Version ${row.version}`)}</Link> <Standing row={row} current={inForce(items, provider, now) === row} /></span>
                <span className="soft num">{row.effectiveFrom === null ? say(`${when(row.createdAt)} 起草`, `drafted ${when(row.createdAt)}`) : say(`自 ${when(row.effectiveFrom)}`, `from ${when(row.effectiveFrom)}`)}</span>
              </li>
            ))}</ul>
          </section>
        ))}</div>
      )}</Shown>
    </Page>
  )
}

function One({ id }: { id: string }) {
  const say = useSay()
  const query = useQuery({ queryKey: ['policy', id], queryFn: () => ask(getPolicy({ path: { id } })) })
  const { party } = useMe()!
  const named = (provider: string): string => (party.id === provider ? party.name : provider)
  return <Shown query={query}>{(p) => (
    <Page title={say(`${named(p.provider)} 规则第 ${p.version} 版`, `Rules of ${named(p.provider)}, version ${p.version}`)} above={<Link to={'/admin/policies' as never}>{say('全部版本', 'all versions')}</Link>} actions={<Acts p={p} />}>
      <AdminTabs />
      <Told p={p} />
    </Page>
  )}</Shown>
}

function Told({ p }: { p: View }) {
  const say = useSay()
  const { language } = useLanguage()
  const now = Date.parse(useMe()!.now)
  const versions = useVersions().data?.items ?? []
  const current = inForce(versions, p.provider, now)
  const isOther = current !== undefined && current.version !== p.version
  const compared = useQuery({ queryKey: ['policy', current && idOf(current)], queryFn: () => ask(getPolicy({ path: { id: idOf(current!) } })), enabled: isOther })
  const changed = isOther && compared.data ? changedParts(compared.data.document as Policy, p.document as Policy, language) : undefined
  return (
    <div className="stack">
      <section className="sheet stack">
        <div className="row"><Standing row={p} current={current?.version === p.version} /><span className="soft">{p.effectiveFrom === null ? say(`${when(p.createdAt)} 起草`, `drafted ${when(p.createdAt)}`) : say(`自 ${when(p.effectiveFrom)} 生效`, `in force from ${when(p.effectiveFrom)}`)}</span></div>
        {changed === undefined ? null : <p className="sentence">{changed.length === 0 ? say(`与现行第 ${current!.version} 版的内容相同。`, `Says the same as version ${current!.version}, now in force.`) : say(`与现行第 ${current!.version} 版不同的部分：${changed.join('、')}。`, `Differs from version ${current!.version}, now in force, in: ${changed.join(', ')}.`)}</p>}
      </section>
      {policySections(p.document as Policy, language).map(({ title, note, rules }) => (
        <section key={title[1]} className="sheet"><h2 className="plain">{say(title)}</h2>
          {rules.length === 0 ? <span className="soft">{say('没有规则。', 'No rules.')}</span> : (
            <>{note === undefined || rules.length < 2 ? null : <p className="soft sentence">{say(note)}</p>}
              <ul className="rules">{rules.map((rule) => <li key={rule.id ?? rule.words}>{rule.words}{rule.id === undefined ? null : <> <code className="soft">{rule.id}</code></>}</li>)}</ul></>
          )}
        </section>
      ))}
      <section className="sheet no-print"><details><summary>{say('原始文件（JSON）', 'The document itself (JSON)')}</summary><pre className="raw">{JSON.stringify(p.document, null, 2)}</pre></details></section>
    </div>
  )
}

/** Approved where the server allows it; the next version is drafted from this one by who may write rules. */
function Acts({ p }: { p: View }) {
  const say = useSay()
  const { language } = useLanguage()
  const mayDraft = useMe()!.rights.includes('write-policy')
  const navigate = useNavigate()
  const act = useAct(['policies'], ['policy'])
  const [open, setOpen] = useState<'draft' | 'approve'>()
  const [text, setText] = useState('')
  const begin = (what: 'draft' | 'approve'): void => { act.reset(); setText(JSON.stringify(p.document, null, 2)); setOpen(what) }
  const shut = (): void => setOpen(undefined)
  const headers = () => ({ 'Idempotency-Key': onceKey() })
  const draft = (): void => act.mutate(async () => {
    const made = await ask(draftPolicy({ body: { document: documentIn(text) }, headers: headers() }))
    shut()
    await navigate({ to: `/admin/policies/${idOf(made)}` as never })
  })
  const wrong = act.error instanceof Refused ? (act.error.problem.errors ?? []).map((e) => `${e.pointer} ${e.detail}`) : []
  const verdict = p.allowed.approve
  return (
    <>
      {mayDraft ? <Button onClick={() => begin('draft')}>{say('据此起草新版本', 'Draft the next from this')}…</Button> : null}
      {p.state === 'draft' && verdict !== 'role_missing' ? <Button primary={verdict === true} whyNot={verdict === true ? undefined : whyNot(verdict, language)} onClick={() => begin('approve')}>{say('批准', 'Approve')}…</Button> : null}
      {open === 'draft' ? (
        <Dialog wide title={say('起草新版本', 'Draft the next version')} shut={shut} fault={wrong.length === 0 ? act.error : undefined} ok={say('保存草稿', 'Keep the draft')} busy={act.isPending} send={draft}>
          {wrong.length === 0 ? null : <Notice role="alert" tone="error" title={say('还不能保存', 'It cannot be kept yet')}><ul className="plain">{wrong.map((w) => <li key={w}>{w}</li>)}</ul></Notice>}
          <Field label={say('规则文件（JSON）', 'The document (JSON)')}><textarea className="hash" rows={22} spellCheck={false} value={text} onChange={(e) => setText(e.target.value)} /></Field>
        </Dialog>
      ) : null}
      {open === 'approve' ? (
        <Dialog title={say(`批准第 ${p.version} 版并立即生效？`, `Approve version ${p.version}, in force at once?`)} shut={shut} fault={act.error} ok={say('批准', 'Approve')} busy={act.isPending}
          send={() => act.mutate(() => ask(approvePolicy({ path: { id: idOf(p) }, body: {}, headers: headers() })), { onSuccess: shut })}>
          <p className="sentence">{say('之后提交的办件按这一版办理；已提交的不变。', 'Cases submitted from then on are handled by it; those already submitted are not.')}</p>
        </Dialog>
      ) : null}
    </>
  )
}

/** What is not JSON is said before anything is sent. */
function documentIn(text: string): DraftPolicyData['body']['document'] {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
