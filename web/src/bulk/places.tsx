// Where work on many terminals at once is found: beside the list of them.
import { Link, useRouterState } from '@tanstack/react-router'
import type { Me } from '../session.ts'
import { useMe } from '../session.ts'
import { useSay, type Words } from '../words.ts'
import './bulk.css'

const places: readonly { path: string; words: Words; right?: Me['rights'][number] }[] = [
  { path: '/fleet', words: ['终端', 'Terminals'] },
  { path: '/fleet/bulks', words: ['批量操作', 'Many at once'], right: 'read-bulk' },
  { path: '/fleet/plans', words: ['停机计划', 'Plans'], right: 'read-bulk' },
  { path: '/fleet/statistics', words: ['统计', 'Figures'], right: 'read-statistics' },
]

export function Places() {
  const say = useSay()
  const me = useMe()!
  const here = useRouterState({ select: (s) => s.location.pathname })
  const shown = places.filter(({ right }) => right === undefined || me.rights.includes(right))
  if (shown.length < 2) return null
  return (
    <nav className="subnav places-of-many no-print" aria-label={say('终端与批量', 'terminals and many at once')}>
      {shown.map(({ path, words }) => <Link key={path} to={path as never} activeOptions={{ exact: path === '/fleet', includeSearch: false }} aria-current={here === path || (path !== '/fleet' && here.startsWith(`${path}/`)) ? 'page' : undefined}>{say(words)}</Link>)}
    </nav>
  )
}
