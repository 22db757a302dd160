// The pages of administration side by side, as far as the reader may open them.
import { Link, Navigate, useRouterState } from '@tanstack/react-router'
import { useMe, type Me } from '../session.ts'
import { useSay, type Words } from '../words.ts'

const tabs: readonly { path: string; words: Words; right?: Me['rights'][number] }[] = [
  { path: '/admin/people', words: ['人员', 'People'], right: 'read-people' },
  { path: '/admin/policies', words: ['规则', 'Rules'], right: 'read-policy' },
  { path: '/admin/journal', words: ['日志', 'Journal'], right: 'read-journal' },
  { path: '/admin/keys', words: ['密钥', 'Keys'] },
  { path: '/admin/security', words: ['登录与安全', 'Sign-in'] },
]
const tabsOf = (me: Me): typeof tabs => tabs.filter(({ right }) => right === undefined || me.rights.includes(right))

export function AdminTabs() {
  const say = useSay()
  const me = useMe()!
  const here = useRouterState({ select: (s) => s.location.pathname })
  return (
    <nav className="subnav no-print" aria-label={say('管理', 'administration')}>
      {tabsOf(me).map(({ path, words }) => <Link key={path} to={path as never} aria-current={here === path || here.startsWith(`${path}/`) ? 'page' : undefined}>{say(words)}</Link>)}
    </nav>
  )
}

/** `/admin`: the first page one may open. */
export default function Admin() {
  return <Navigate to={tabsOf(useMe()!)[0]!.path as never} replace />
}
