// Keys by which one's own programs call the API: made with a name, shown once, revoked for good.
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { listKeys, makeKey, revokeKey } from '../../../src/client/generated/sdk.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Dialog, Field, Notice } from '../look/controls.tsx'
import { Failed, Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useSay } from '../words.ts'
import { AdminTabs } from './Tabs.tsx'

const name_length_max = 100

export default function Keys() {
  const say = useSay()
  const [name, setName] = useState('')
  const [made, setMade] = useState<{ name: string; key: string }>()
  const [copied, setCopied] = useState(false)
  const [revoking, setRevoking] = useState<{ id: string; name: string }>()
  const query = useQuery({ queryKey: ['keys'], queryFn: () => ask(listKeys()) })
  const act = useAct(['keys'])
  const headers = () => ({ 'Idempotency-Key': onceKey() })
  const make = (): void => act.mutate(async () => {
    setMade(await ask(makeKey({ body: { name: name.trim() }, headers: headers() })))
    setName('')
    setCopied(false)
  })
  const copy = (key: string): void => void navigator.clipboard.writeText(key).then(() => setCopied(true))
  return (
    <Page title={say('密钥', 'Keys')} above={say('让您自己的程序以您的身份调用接口。', 'For programs of your own, which then act as you.')}>
      <AdminTabs />
      <div className="stack">
        <section className="sheet stack">
          <form className="row end" onSubmit={(event) => { event.preventDefault(); make() }}>
            <Field label={say('用途', 'What for')}><input maxLength={name_length_max} autoComplete="off" value={name} onChange={(e) => setName(e.target.value)} placeholder={say('例如：收银系统', 'such as: the till')} /></Field>
            <Button primary submit busy={act.isPending} disabled={name.trim() === ''}>{say('新建密钥', 'Make a key')}</Button>
          </form>
          {act.error !== null && revoking === undefined ? <Failed error={act.error} /> : null}
          {made === undefined ? null : (
            <Notice tone="good" role="status" title={say(`「${made.name}」的密钥，只显示这一次，请立即保存`, `The key for "${made.name}"; it is shown this once, keep it now`)} act={<Button bare aria-label={say('已记下，关闭', 'noted; close')} onClick={() => setMade(undefined)}>×</Button>}>
              <p className="secret">{made.key}</p>
              <Button small onClick={() => copy(made.key)}>{copied ? say('已复制', 'Copied') : say('复制', 'Copy')}</Button>
            </Notice>
          )}
        </section>
        <section className="sheet"><Shown query={query}>{({ items }) => (
          items.length === 0 ? <span className="soft">{say('还没有密钥。', 'There are no keys yet.')}</span> : (
            <ul className="plain stack">{items.map((k) => (
              <li key={k.id} className="row apart">
                <span><b>{k.name || say('（未命名）', '(unnamed)')}</b> <span className="hash soft">{k.hint}…</span><br /><span className="soft num">{when(k.createdAt)}</span></span>
                {k.revokedAt === null ? <Button danger onClick={() => { act.reset(); setRevoking(k) }}>{say('吊销', 'Revoke')}…</Button> : <span className="soft">{say(`${when(k.revokedAt)} 吊销`, `revoked ${when(k.revokedAt)}`)}</span>}
              </li>
            ))}</ul>
          )
        )}</Shown></section>
      </div>
      {revoking === undefined ? null : (
        <Dialog title={say(`吊销「${revoking.name}」`, `Revoke "${revoking.name}"`)} shut={() => setRevoking(undefined)} fault={act.error} ok={say('吊销', 'Revoke')} danger busy={act.isPending}
          send={() => act.mutate(() => ask(revokeKey({ path: { key: revoking.id }, headers: headers() })), { onSuccess: () => setRevoking(undefined) })}>
          <p className="sentence">{say('吊销后数秒内失效，不能恢复。', 'It stops working within seconds, for good.')}</p>
        </Dialog>
      )}
    </Page>
  )
}
