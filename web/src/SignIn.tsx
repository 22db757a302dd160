// The way in. What was wrong is said in the server's words.
import { useState } from 'react'
import { Alert, Button, Form, Input } from 'antd'
import { Refused } from './api.ts'
import { LanguageSwitch } from './look/Frame.tsx'
import { useSecondFactor, useSignIn } from './session.ts'
import { useSay } from './words.ts'

export function SignIn() {
  const say = useSay()
  const signIn = useSignIn()
  const giveCode = useSecondFactor()
  const [step, setStep] = useState<'password' | 'code'>('password')
  const [refused, setRefused] = useState<string>()
  const [busy, setBusy] = useState(false)
  const send = async (given: { login: string; password: string } | { code: string }): Promise<void> => {
    setBusy(true)
    setRefused(undefined)
    const asked = 'code' in given
      ? giveCode(given.code.trim())
      : signIn(given.login.trim(), given.password).then((next) => { if (next === 'code') setStep('code') })
    await asked.catch((error: unknown) => {
      setRefused(error instanceof Refused ? error.message : say('登录失败，请重试。', 'Signing in failed; please try again.'))
    })
    setBusy(false)
  }
  return (
    <main id="main" className="page sign-in">
      <div className="row apart"><h1>停<b>启</b></h1><LanguageSwitch /></div>
      <p className="soft">{say('让终端安全地停、安全地启。', 'Takes terminals out of service and back into it, safely.')}</p>
      {step === 'code' ? (
        <Form className="sheet" layout="vertical" requiredMark={false} onFinish={send} size="large">
          {refused === undefined ? null : <Alert className="gap" type="error" showIcon role="alert" title={refused} />}
          <Form.Item name="code" label={say('动态口令（六位数字），或一个备用码', 'One-time password (six digits), or a backup code')} rules={[{ required: true, message: say('请填写动态口令', 'Enter the one-time password') }]}>
            <Input autoComplete="one-time-code" autoFocus autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={busy}>{say('登录', 'Sign in')}</Button>
          <Button type="link" block onClick={() => { setRefused(undefined); setStep('password') }}>{say('换个登录名', 'Use another login')}</Button>
        </Form>
      ) : (
        <Form className="sheet" layout="vertical" requiredMark={false} onFinish={send} size="large">
          {refused === undefined ? null : <Alert className="gap" type="error" showIcon role="alert" title={refused} />}
          <Form.Item name="login" label={say('登录名', 'Login')} rules={[{ required: true, message: say('请填写登录名', 'Enter your login') }]}>
            <Input autoComplete="username" autoFocus autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item name="password" label={say('密码', 'Password')} rules={[{ required: true, message: say('请填写密码', 'Enter your password') }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={busy}>{say('登录', 'Sign in')}</Button>
        </Form>
      )}
      <p className="soft">
        {say('不用登录：', 'Without signing in: ')}<a href="/track">{say('查询办件进度', 'track a case')}</a> · <a href="/verify">{say('核验函件', 'verify a letter')}</a>
      </p>
    </main>
  )
}
