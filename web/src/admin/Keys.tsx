// Keys by which one's own programs call the API: made with a name, shown once, revoked for good.
import { useState } from 'react'
import { Alert, App, Button, Form, Input, Popconfirm, Typography } from 'antd'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { listKeys, makeKey, revokeKey } from '../../../src/client/generated/sdk.gen.ts'
import { ask, onceKey } from '../api.ts'
import { Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useSay } from '../words.ts'
import { AdminTabs } from './Tabs.tsx'

const name_length_max = 100

export default function Keys() {
  const say = useSay()
  const queries = useQueryClient()
  const { message } = App.useApp()
  const [form] = Form.useForm<{ name: string }>()
  const [made, setMade] = useState<{ name: string; key: string }>()
  const query = useQuery({ queryKey: ['keys'], queryFn: () => ask(listKeys()) })
  const act = useMutation({
    mutationFn: (send: () => Promise<unknown>) => send(),
    onError: (error) => void message.error(error instanceof Error ? error.message : String(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['keys'] }),
  })
  const make = ({ name }: { name: string }): void => act.mutate(async () => {
    setMade(await ask(makeKey({ body: { name }, headers: { 'Idempotency-Key': onceKey() } })))
    form.resetFields()
  })
  return (
    <Page title={say('密钥', 'Keys')} above={say('让您自己的程序以您的身份调用接口。', 'For programs of your own, which then act as you.')}>
      <AdminTabs />
      <div className="stack">
        <section className="sheet stack">
          <Form form={form} layout="inline" onFinish={make}>
            <Form.Item name="name" label={say('用途', 'What for')} rules={[{ required: true, whitespace: true, message: say('写明用途，日后好辨认', 'Say what it is for') }]}><Input maxLength={name_length_max} autoComplete="off" /></Form.Item>
            <Button type="primary" htmlType="submit" loading={act.isPending}>{say('新建密钥', 'Make a key')}</Button>
          </Form>
          {made === undefined ? null : (
            <Alert type="success" showIcon closable={{ onClose: () => setMade(undefined), 'aria-label': say('已记下，关闭', 'noted; close') }} title={say(`「${made.name}」的密钥，只显示这一次，请立即保存`, `The key for "${made.name}"; it is shown this once, keep it now`)}
              description={<Typography.Paragraph className="secret" copyable={{ text: made.key, tooltips: [say('复制', 'Copy'), say('已复制', 'Copied')] }}>{made.key}</Typography.Paragraph>} />
          )}
        </section>
        <section className="sheet"><Shown query={query}>{({ items }) => (
          items.length === 0 ? <span className="soft">{say('还没有密钥。', 'There are no keys yet.')}</span> : (
            <ul className="plain stack">{items.map((k) => (
              <li key={k.id} className="row apart">
                <span><b>{k.name || say('（未命名）', '(unnamed)')}</b> <span className="hash soft">{k.hint}…</span><br /><span className="soft num">{when(k.createdAt)}</span></span>
                {k.revokedAt === null ? (
                  <Popconfirm title={say('吊销后立即失效，不能恢复。', 'It stops working at once, for good.')} okText={say('吊销', 'Revoke')} cancelText={say('取消', 'Cancel')} onConfirm={() => act.mutate(() => ask(revokeKey({ path: { key: k.id }, headers: { 'Idempotency-Key': onceKey() } })))}>
                    <Button danger>{say('吊销', 'Revoke')}</Button>
                  </Popconfirm>
                ) : <span className="soft">{say(`${when(k.revokedAt)} 吊销`, `revoked ${when(k.revokedAt)}`)}</span>}
              </li>
            ))}</ul>
          )
        )}</Shown></section>
      </div>
    </Page>
  )
}
