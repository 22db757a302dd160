// The frame of every page, and the states a page may be in besides showing something: loading (seen only after a moment),
// empty, refused. A refusal is shown in the server's own words, with what can be done.
import { useEffect, useState, type ReactNode } from 'react'
import { Refused } from '../api.ts'
import { useSay } from '../words.ts'
import { Button, Notice } from './controls.tsx'

/** `part`: it stands beside something else, which is the page together with it. */
export function Page({ title, above, actions, wide = false, part = false, children }: {
  title: ReactNode; above?: ReactNode; actions?: ReactNode; wide?: boolean; part?: boolean; children: ReactNode
}) {
  const Whole = part ? 'div' : 'main'
  return (
    <Whole id={part ? undefined : 'main'} className={wide ? 'page wide' : 'page'} tabIndex={-1}>
      <header className="row apart">
        <div><h1>{title}</h1>{above === undefined ? null : <div className="soft">{above}</div>}</div>
        {actions === undefined ? null : <div className="row no-print">{actions}</div>}
      </header>
      {children}
    </Whole>
  )
}

const skeleton_after_ms = 300

/** Nothing at first: what comes at once must not flicker. */
export function Loading() {
  const say = useSay()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), skeleton_after_ms)
    return () => clearTimeout(timer)
  }, [])
  return late ? <div role="status" aria-label={say('正在读取', 'loading')}><div className="skeleton" aria-hidden="true"><i /><i /><i /><i /></div></div> : null
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const say = useSay()
  const problem = error instanceof Refused ? error.problem : undefined
  return (
    <Notice
      role="alert" tone={problem && problem.status < 500 && problem.status !== 0 ? 'info' : 'error'}
      title={error instanceof Refused ? error.message : say('出了意外，请重试。', 'Something unexpected happened; please try again.')}
      act={retry === undefined ? undefined : <Button onClick={retry}>{say('重试', 'Try again')}</Button>}
    >{problem?.requestId ? <span className="soft">{say('编号', 'reference')} {problem.requestId}</span> : null}</Notice>
  )
}

export const Empty = ({ children }: { children: ReactNode }) => <div className="sheet soft">{children}</div>

/** What a query is at: its data shown, or the state it is in instead. */
export function Shown<T>({ query, children }: { query: { data: T | undefined; error: unknown; refetch: () => unknown }; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />
  return <Loading />
}
