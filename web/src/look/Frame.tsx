// The bar over every page: where one can go, in which language, and out.
import { useEffect, useRef, type ReactNode } from 'react'
import { Link, useRouterState } from '@tanstack/react-router'
import { roles, type PartyKind } from '../../../src/domain/vocabulary.ts'
import { useSignOut, type Me } from '../session.ts'
import { useLanguage, useSay, type Words } from '../words.ts'
import { Button } from './controls.tsx'

type BarEntry = { path: string; bar?: { of: readonly PartyKind[]; words: Words; right?: Me['rights'][number] } }

export function LanguageSwitch() {
  const { language, setLanguage } = useLanguage()
  const [other, lang, words] = language === 'zh' ? (['en', 'en', 'English'] as const) : (['zh', 'zh-CN', '中文'] as const)
  return <Button bare lang={lang} onClick={() => setLanguage(other)}>{words}</Button>
}

/** So many stand side by side on the narrowest phone. */
const in_a_line_max = 4

/** A menu shuts when one has gone where it led. */
function useShutOn(place: string) {
  const menu = useRef<HTMLDivElement & HTMLElement>(null)
  useEffect(() => { if (menu.current?.popover) menu.current.hidePopover() }, [place])
  return menu
}

export function Frame({ me, pages, children }: { me: Me; pages: readonly BarEntry[]; children: ReactNode }) {
  const say = useSay()
  const signOut = useSignOut()
  const here = useRouterState({ select: (s) => s.location.pathname })
  const shown = pages.filter(({ bar }) => bar?.of.includes(me.party.kind) && (bar.right === undefined || me.rights.includes(bar.right)))
  const isHere = ({ path }: BarEntry): boolean => here === path || here.startsWith(`${path}/`)
  // What has no room on a phone is a menu there, and a bar everywhere else.
  const isLong = shown.length > in_a_line_max
  return (
    <>
      <a className="skip" href="#main">{say('跳到正文', 'Skip to the page')}</a>
      <header className="bar">
        <Link to={'/home' as never} className="mark" aria-label={say('停启，首页', '停启 Tingqi, home')}>停<b>启</b></Link>
        {isLong ? <Button bare className="places" popoverTarget="places">{say(shown.find(isHere)?.bar?.words ?? ['去处', 'Go to'])} <span aria-hidden="true">▾</span></Button> : null}
        <nav id="places" ref={useShutOn(here)} {...(isLong && { popover: 'auto' as const, className: 'menu' })} aria-label={say('主导航', 'main')}>
          {shown.map((page) => <Link key={page.path} to={page.path as never} aria-current={isHere(page) ? 'page' : undefined}>{say(page.bar!.words)}</Link>)}
        </nav>
        <div className="row who">
          <LanguageSwitch />
          <Button bare popoverTarget="who">{me.person.name} <span aria-hidden="true">▾</span></Button>
          <div id="who" popover="auto" className="menu" ref={useShutOn(here)}>
            <b>{me.person.name} · {say(roles[me.role])}</b>
            <span className="soft">{me.party.name}</span>
            <Link to={'/admin/security' as never}>{say('登录与安全', 'Sign-in and security')}</Link>
            <Link to={'/admin/keys' as never}>{say('密钥', 'Keys')}</Link>
            <Button onClick={() => void signOut()}>{say('退出登录', 'Sign out')}</Button>
          </div>
        </div>
      </header>
      {children}
    </>
  )
}
