/** @jsxImportSource preact */
// What stands around the machine: where one is, the way back, the language.
import type { ComponentChildren } from 'preact'
import { useLanguage } from './words.ts'

/** To another page of this entry: by its address, or as the click on a link to it. */
export type Go = (to: string | MouseEvent) => void

export function Page({ title, about, tid, go, children }: { title: string; about?: string; tid?: string; go: Go; children: ComponentChildren }) {
  const { say, language, setLanguage } = useLanguage()
  return (
    <>
      <header class="bar">
        <a class="mark" href="/home">停<b>启</b></a>
        <div class="where"><h1>{title}</h1>{about === undefined ? null : <span class="soft num">{about}</span>}</div>
        <nav class="row" aria-label={say('去处', 'Places')}>
          {tid === undefined ? null : <a href={`/terminals/${tid}`}>{say('终端页', 'Its page')}</a>}
          <a href="/terminal" onClick={go}>{say('换一台', 'Another')}</a>
          <button type="button" class="plain-button" lang={language === 'zh' ? 'en' : 'zh-CN'} onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}>{language === 'zh' ? 'English' : '中文'}</button>
        </nav>
      </header>
      <main>{children}</main>
    </>
  )
}

export function SignInFirst({ go }: { go: Go }) {
  const { say } = useLanguage()
  return (
    <Page go={go} title={say('虚拟终端', 'Virtual terminal')}>
      <p class="note">{say('请先登录，再回到这里。', 'Please sign in first, then come back here.')} <a href="/home">{say('去登录', 'Sign in')}</a></p>
      <p class="note soft">{say('只想练习？', 'Only to practise?')} <a href="/terminal/practice" onClick={go}>{say('练习不用登录', 'Practice needs no account')}</a></p>
    </Page>
  )
}
