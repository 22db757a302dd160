// The bar over every page: where one can go, in which language, and out.
import type { ReactNode } from 'react'
import { Button, Popover } from 'antd'
import { Link, useRouterState } from '@tanstack/react-router'
import { roles, type PartyKind } from '../../../src/domain/vocabulary.ts'
import { useSignOut, type Me } from '../session.ts'
import { useLanguage, useSay, type Words } from '../words.ts'

type BarEntry = { path: string; bar?: { of: readonly PartyKind[]; words: Words; right?: Me['rights'][number] } }

export function LanguageSwitch() {
  const { language, setLanguage } = useLanguage()
  const [other, lang, words] = language === 'zh' ? (['en', 'en', 'English'] as const) : (['zh', 'zh-CN', '中文'] as const)
  return <Button type="text" lang={lang} onClick={() => setLanguage(other)}>{words}</Button>
}

export function Frame({ me, pages, children }: { me: Me; pages: readonly BarEntry[]; children: ReactNode }) {
  const say = useSay()
  const signOut = useSignOut()
  const here = useRouterState({ select: (s) => s.location.pathname })
  const shown = pages.filter(({ bar }) => bar?.of.includes(me.party.kind) && (bar.right === undefined || me.rights.includes(bar.right)))
  return (
    <>
      <a className="skip" href="#main">{say('跳到正文', 'Skip to the page')}</a>
      <header className="bar">
        <Link to={'/home' as never} className="mark" aria-label={say('停启，首页', '停启 Tingqi, home')}>停<b>启</b></Link>
        <nav aria-label={say('主导航', 'main')}>
          {shown.map(({ path, bar }) => (
            <Link key={path} to={path as never} aria-current={here === path || here.startsWith(`${path}/`) ? 'page' : undefined}>{say(bar!.words)}</Link>
          ))}
        </nav>
        <div className="row who">
          <LanguageSwitch />
          <Popover trigger="click" placement="bottomRight" content={(
            <div className="stack tight">
              <b>{me.person.name} · {say(roles[me.role])}</b>
              <span className="soft">{me.party.name}</span>
              <Link to={'/admin/security' as never}>{say('登录与安全', 'Sign-in and security')}</Link>
              <Link to={'/admin/keys' as never}>{say('密钥', 'Keys')}</Link>
              <Button onClick={() => void signOut()}>{say('退出登录', 'Sign out')}</Button>
            </div>
          )}>
            <Button type="text">{me.person.name} <span aria-hidden="true">▾</span></Button>
          </Popover>
        </div>
      </header>
      {children}
    </>
  )
}
