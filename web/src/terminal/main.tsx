/** @jsxImportSource preact */
// The virtual terminal, an entry of its own and a light one: /terminal to choose, /terminal/{tid} the machine with its real
// line, /terminal/practice the lesson.
import './browser/buffer.ts'
import { render } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { openClient } from '../api.ts'
import { firstLanguage, keepLanguage } from '../language.ts'
import '../look/base.css'
import './terminal.css'
import { Choose } from './Choose.tsx'
import { Live } from './Live.tsx'
import { Practice } from './Practice.tsx'
import type { Go } from './Page.tsx'
import { LanguageContext, sayIn, type Language } from './words.ts'

function Entry() {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  const [path, setPath] = useState(location.pathname)
  const [back, setBack] = useState('/terminal')
  // Before anything asks: every call says in which language its sentences are wanted.
  useMemo(() => openClient(language), [language])
  useEffect(() => {
    keepLanguage(language)
    document.title = sayIn(language)('虚拟终端 · 停启', 'Virtual terminal · Tingqi')
  }, [language])
  useEffect(() => {
    const moved = (): void => setPath(location.pathname)
    addEventListener('popstate', moved)
    return () => removeEventListener('popstate', moved)
  }, [])
  const go: Go = (to) => {
    if (to instanceof MouseEvent) {
      if (to.button !== 0 || to.ctrlKey || to.metaKey || to.shiftKey) return
      to.preventDefault()
    }
    const address = typeof to === 'string' ? to : new URL((to.currentTarget as HTMLAnchorElement).href).pathname
    history.pushState(null, '', address)
    if (address === '/terminal/practice') setBack(path)
    setPath(address)
    scrollTo({ top: 0 })
  }
  const speaking = useMemo(() => ({ language, setLanguage, say: sayIn(language) }), [language])
  const tid = /^\/terminal\/([^/]+)$/.exec(path)?.[1]
  return (
    <LanguageContext.Provider value={speaking}>
      {tid === undefined ? <Choose go={go} /> : tid === 'practice' ? <Practice go={go} back={back} /> : <Live key={tid} tid={decodeURIComponent(tid)} go={go} />}
    </LanguageContext.Provider>
  )
}

render(<Entry />, document.getElementById('root')!)
