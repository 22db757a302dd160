// The way in. What was wrong is said in the server's words.
import { useState } from 'react'
import { Refused } from './api.ts'
import { Button, Field, filled, focusFirst, must, Notice, Password } from './look/controls.tsx'
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
  const send = async (given: Readonly<Record<string, string>>): Promise<void> => {
    setBusy(true)
    setRefused(undefined)
    const asked = given['code'] === undefined
      ? signIn(given['login']!.trim(), given['password']!).then((next) => { if (next === 'code') setStep('code') })
      : giveCode(given['code'].trim())
    await asked.catch((error: unknown) => {
      setRefused(error instanceof Refused ? error.message : say('登录失败，请重试。', 'Signing in failed; please try again.'))
    })
    setBusy(false)
  }
  return (
    <main id="main" className="page sign-in">
      <div className="row apart"><h1>停<b>启</b></h1><LanguageSwitch /></div>
      <p className="soft">{say('让终端安全地停、安全地启。', 'Takes terminals out of service and back into it, safely.')}</p>
      <form key={step} ref={focusFirst} className="sheet stack" onSubmit={(event) => void send(filled(event))}>
        {refused === undefined ? null : <Notice role="alert" tone="error" title={refused} />}
        {step === 'code' ? (
          <Field label={say('动态口令（六位数字），或一个备用码', 'One-time password (six digits), or a backup code')}>
            <input name="code" autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} {...must(say('请填写动态口令', 'Enter the one-time password'))} />
          </Field>
        ) : (
          <>
            <Field label={say('登录名', 'Login')}><input name="login" autoComplete="username" autoCapitalize="none" spellCheck={false} {...must(say('请填写登录名', 'Enter your login'))} /></Field>
            <Password label={say('密码', 'Password')} name="password" autoComplete="current-password" {...must(say('请填写密码', 'Enter your password'))} />
          </>
        )}
        <Button primary wide submit busy={busy}>{say('登录', 'Sign in')}</Button>
        {step === 'code' ? <Button bare wide onClick={() => { setRefused(undefined); setStep('password') }}>{say('换个登录名', 'Use another login')}</Button> : null}
      </form>
      <p className="soft">
        {say('不用登录：', 'Without signing in: ')}<a href="/track">{say('查询办件进度', 'track a case')}</a> · <a href="/verify">{say('核验函件', 'verify a letter')}</a>
      </p>
    </main>
  )
}
