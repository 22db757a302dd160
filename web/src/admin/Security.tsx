// One's own sign-in: the password, the one-time password with its QR code, the backup codes, other devices. Secrets are shown
// once and are kept nowhere in the page.
import { useState, type FormEvent } from 'react'
import { useQuery } from '@tanstack/react-query'
import { create } from 'qrcode'
import { authChangePassword, authGetSession, authRevokeOtherSessions, authTwoFactorDisable, authTwoFactorEnable, authTwoFactorGenerateBackupCodes, authTwoFactorVerifyTotp } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Field, filled, must, Notice, Password as PasswordInput } from '../look/controls.tsx'
import { Failed, Page, Shown } from '../look/Page.tsx'
import { meKey } from '../session.ts'
import { useSay } from '../words.ts'
import { AdminTabs } from './Tabs.tsx'

const password_length_min = 12
const sessionKey = ['session'] as const

export default function Security() {
  const say = useSay()
  return <Page title={say('登录与安全', 'Sign-in and security')}><AdminTabs /><SecuritySheets /></Page>
}

/** Also what is shown to who may do nothing else before the one-time password is set up. */
export function SecuritySheets() {
  const say = useSay()
  const session = useQuery({ queryKey: sessionKey, queryFn: () => ask(authGetSession()) })
  return (
    <div className="cards">
      <section className="sheet stack"><h2 className="plain flush">{say('动态口令', 'One-time password')}</h2>
        <Shown query={session}>{(told) => <Totp isOn={(told as { user?: { twoFactorEnabled?: boolean } } | null)?.user?.twoFactorEnabled === true} />}</Shown>
      </section>
      <section className="sheet stack"><h2 className="plain flush">{say('密码', 'Password')}</h2><Password /></section>
      <section className="sheet stack"><h2 className="plain flush">{say('其他设备', 'Other devices')}</h2><Others /></section>
    </div>
  )
}

/** Asked again before anything about the sign-in changes. */
function WithPassword({ label, busy, danger = false, run }: { label: string; busy: boolean; danger?: boolean; run: (password: string) => void }) {
  const say = useSay()
  return (
    <form className="narrow stack" onSubmit={(event) => { run(filled(event)['password']!); event.currentTarget.reset() }}>
      <PasswordInput label={say('您的密码', 'Your password')} name="password" autoComplete="current-password" {...must(say('请填写密码', 'Enter your password'))} />
      <div><Button submit primary={!danger} danger={danger} busy={busy}>{label}</Button></div>
    </form>
  )
}

function Totp({ isOn }: { isOn: boolean }) {
  const say = useSay()
  // Nothing is asked anew while codes are on the page that are shown this once.
  const act = useAct()
  const changed = useAct(sessionKey, meKey, ['people'])
  const [secret, setSecret] = useState<{ totpURI: string; backupCodes: string[] }>()
  const [codes, setCodes] = useState<string[]>()
  const [doing, setDoing] = useState<'codes' | 'off'>()
  const fault = act.error ?? changed.error
  if (codes !== undefined) return <Codes codes={codes} done={() => { setCodes(undefined); changed.mutate(() => Promise.resolve()) }} />
  if (secret !== undefined) return (
    <div className="stack">
      <p className="sentence">{say('1. 用身份验证器应用（如微信小程序「腾讯身份验证器」、Microsoft Authenticator）扫描：', '1. Scan with an authenticator app:')}</p>
      <Qr text={secret.totpURI} />
      <details><summary>{say('不能扫描？手工输入', 'Cannot scan? Type it in')}</summary><p className="secret">{new URL(secret.totpURI).searchParams.get('secret')}</p></details>
      <form className="narrow stack" onSubmit={(event) => {
        const { code } = filled(event)
        act.mutate(async () => {
          await ask(authTwoFactorVerifyTotp({ body: { code: code! } }))
          setCodes(secret.backupCodes)
          setSecret(undefined)
        })
      }}>
        <Field label={say('2. 填写应用显示的六位数字', '2. Enter the six digits it shows')}><input name="code" inputMode="numeric" maxLength={6} pattern="[0-9]{6}" autoComplete="one-time-code" {...must(say('六位数字', 'Six digits'))} /></Field>
        {fault === null ? null : <Failed error={fault} />}
        <span className="row"><Button primary submit busy={act.isPending}>{say('启用', 'Turn on')}</Button><Button onClick={() => setSecret(undefined)}>{say('取消', 'Cancel')}</Button></span>
      </form>
    </div>
  )
  if (!isOn) return (
    <>
      <p className="sentence">{say('未启用。启用后，登录时除密码外还要填手机上的六位数字。', 'Not set up. Once it is, signing in also asks for six digits from your phone.')}</p>
      <WithPassword label={say('开始设置', 'Set it up')} busy={act.isPending} run={(password) => act.mutate(async () => setSecret(await ask(authTwoFactorEnable({ body: { password } })) as { totpURI: string; backupCodes: string[] }))} />
      {fault === null ? null : <Failed error={fault} />}
    </>
  )
  return (
    <>
      <p className="sentence"><span className="lamp open"><span aria-hidden="true">●</span>{say('已启用', 'Set up')}</span></p>
      {doing === undefined ? <div className="row"><Button onClick={() => setDoing('codes')}>{say('重新生成备用码', 'New backup codes')}</Button><Button danger onClick={() => setDoing('off')}>{say('停用', 'Turn off')}</Button></div> : null}
      {doing === 'codes' ? <WithPassword label={say('重新生成备用码', 'New backup codes')} busy={act.isPending} run={(password) => act.mutate(async () => {
        const told = await ask(authTwoFactorGenerateBackupCodes({ body: { password } })) as { backupCodes: string[] }
        setDoing(undefined)
        setCodes(told.backupCodes)
      })} /> : null}
      {doing === 'off' ? <WithPassword danger label={say('停用动态口令', 'Turn it off')} busy={act.isPending} run={(password) => changed.mutate(async () => { await ask(authTwoFactorDisable({ body: { password } })); setDoing(undefined) })} /> : null}
      {fault === null ? null : <Failed error={fault} />}
    </>
  )
}

function Codes({ codes, done }: { codes: readonly string[]; done: () => void }) {
  const say = useSay()
  return (
    <div className="stack">
      <Notice tone="good" role="status" title={say('备用码只显示这一次', 'Backup codes, shown this once')}>{say('手机不在身边时，每个可代替一次动态口令。请抄下或打印，放在安全的地方。', 'Each replaces the one-time password once when your phone is not at hand. Write them down or print them, and keep them safe.')}</Notice>
      <ul className="plain codes">{codes.map((code) => <li key={code}>{code}</li>)}</ul>
      <div className="row no-print"><Button primary onClick={done}>{say('我已保存', 'I have kept them')}</Button><Button onClick={() => print()}>{say('打印', 'Print')}</Button></div>
    </div>
  )
}

/** Four modules of white around, as the standard asks. */
const quiet_modules = 4

function Qr({ text }: { text: string }) {
  const say = useSay()
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules
  const path = Array.from(data, (dark, i) => (dark ? `M${(i % size) + quiet_modules} ${Math.floor(i / size) + quiet_modules}h1v1h-1z` : '')).join('')
  const side = size + 2 * quiet_modules
  return <svg className="qr" viewBox={`0 0 ${side} ${side}`} shapeRendering="crispEdges" role="img" aria-label={say('动态口令二维码', 'QR code of the one-time password')}><path d={path} /></svg>
}

function Password() {
  const say = useSay()
  const act = useAct()
  const differ = say('两次不一致', 'The two differ')
  const change = (event: FormEvent<HTMLFormElement>): void => {
    const form = event.currentTarget
    const { old, fresh, again } = filled(event)
    act.mutate(async () => {
      if (fresh !== again) throw new Error(differ)
      await ask(authChangePassword({ body: { currentPassword: old!, newPassword: fresh!, revokeOtherSessions: true } }))
      form.reset()
    })
  }
  return (
    <form className="narrow stack" onSubmit={change}>
      <PasswordInput label={say('现在的密码', 'Present password')} name="old" autoComplete="current-password" {...must(say('请填写现在的密码', 'Enter the present password'))} />
      <PasswordInput label={say(`新密码（至少 ${password_length_min} 位）`, `New password (at least ${password_length_min} characters)`)} name="fresh" minLength={password_length_min} autoComplete="new-password" {...must(say(`至少 ${password_length_min} 位`, `At least ${password_length_min} characters`))} />
      <PasswordInput label={say('再填一次', 'Once more')} name="again" autoComplete="new-password" {...must(say('请再填一次', 'Enter it once more'))} />
      {act.isSuccess ? <Notice tone="good" role="status" title={say('密码已修改，其他设备已退出。', 'The password is changed; other devices are signed out.')} /> : act.error === null ? null : <Notice tone="warning" role="alert" title={act.error.message} />}
      <div><Button submit busy={act.isPending}>{say('修改密码', 'Change the password')}</Button></div>
    </form>
  )
}

function Others() {
  const say = useSay()
  const act = useAct()
  return (
    <>
      <p className="sentence">{say('如果在别处登录过、或怀疑密码外泄，可让其他设备全部退出。', 'If you signed in elsewhere, or fear that somebody else did, sign every other device out.')}</p>
      {act.isSuccess ? <Notice tone="good" role="status" title={say('其他设备已退出。', 'Every other device is signed out.')} /> : act.error === null ? null : <Failed error={act.error} />}
      <div><Button busy={act.isPending} onClick={() => act.mutate(() => ask(authRevokeOtherSessions({ body: {} })))}>{say('退出其他设备', 'Sign out everywhere else')}</Button></div>
    </>
  )
}

/** Before anything else, for who must have a one-time password and has none. */
export function SetUpFirst() {
  const say = useSay()
  return <Page title={say('请先启用动态口令', 'Please set up a one-time password first')} above={say('机构人员登录须有动态口令；设置好即可继续。', 'Provider staff sign in with one; you go on as soon as it is set up.')}><SecuritySheets /></Page>
}
