// Every page in one table: where it is, who sees it in the bar, its words, and the file it comes from. A page is fetched when
// somebody goes there, or is about to. What a person may do on it is the server's to say (`allowed`); this table only keeps the bar short.
import { lazy, Suspense, type ComponentType } from 'react'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate, Outlet } from '@tanstack/react-router'
import type { PartyKind } from '../../src/domain/vocabulary.ts'
import { Frame } from './look/Frame.tsx'
import { Failed, Loading } from './look/Page.tsx'
import { homeOf, useMe, useMustSetUp, type Me } from './session.ts'
import type { Words } from './words.ts'

type Entry = {
  path: string
  page: () => Promise<{ default: ComponentType }>
  /** In the bar of these parties, under this name, for whoever has the right (all, where none is named). */
  bar?: { of: readonly PartyKind[]; words: Words; right?: Me['rights'][number] }
}

export const pages: readonly Entry[] = [
  { path: '/portal', page: () => import('./portal/Home.tsx'), bar: { of: ['merchant'], words: ['我的终端', 'My terminals'] } },
  { path: '/apply', page: () => import('./portal/Apply.tsx') },
  { path: '/desk', page: () => import('./desk/Desk.tsx'), bar: { of: ['provider'], words: ['审核台', 'Desk'] } },
  { path: '/cases', page: () => import('./desk/Cases.tsx'), bar: { of: ['merchant', 'provider', 'platform'], words: ['办件', 'Cases'] } },
  { path: '/fleet', page: () => import('./fleet/Terminals.tsx'), bar: { of: ['provider', 'platform'], words: ['终端', 'Terminals'] } },
  { path: '/fleet/bulks', page: () => import('./bulk/Bulks.tsx') },
  { path: '/fleet/bulks/new', page: () => import('./bulk/New.tsx') },
  { path: '/fleet/bulks/$id', page: () => import('./bulk/One.tsx') },
  { path: '/fleet/plans', page: () => import('./bulk/Plans.tsx') },
  { path: '/fleet/plans/new', page: () => import('./bulk/NewPlan.tsx') },
  { path: '/fleet/plans/$id', page: () => import('./bulk/Plan.tsx') },
  { path: '/fleet/statistics', page: () => import('./fleet/Statistics.tsx') },
  { path: '/settlement', page: () => import('./settlement/Settlement.tsx'), bar: { of: ['provider', 'platform'], words: ['三单核对', 'Settlement'], right: 'read-settlement' } },
  { path: '/settlement/breaks/$id', page: () => import('./settlement/Break.tsx') },
  { path: '/money', page: () => import('./money/Money.tsx'), bar: { of: ['merchant', 'provider', 'platform'], words: ['账务', 'Money'], right: 'read-money' } },
  { path: '/returns', page: () => import('./money/Returns.tsx'), bar: { of: ['provider'], words: ['退机押金', 'Returns'] } },
  { path: '/returns/$rma', page: () => import('./money/Return.tsx') },
  { path: '/instead', page: () => import('./portal/Instead.tsx') },
  { path: '/notices', page: () => import('./portal/Notices.tsx'), bar: { of: ['merchant', 'provider'], words: ['通知', 'Notices'] } },
  { path: '/gates', page: () => import('./fleet/Gates.tsx'), bar: { of: ['provider', 'platform'], words: ['闸口', 'Gates'], right: 'read-gates' } },
  { path: '/attempts', page: () => import('./fleet/Attempts.tsx') },
  { path: '/imports', page: () => import('./fleet/Imports.tsx'), bar: { of: ['provider', 'platform'], words: ['导入', 'Imports'], right: 'import' } },
  { path: '/imports/$id', page: () => import('./fleet/Imports.tsx') },
  { path: '/admin', page: () => import('./admin/Tabs.tsx'), bar: { of: ['provider', 'platform'], words: ['管理', 'Admin'], right: 'read-policy' } },
  { path: '/admin/people', page: () => import('./admin/People.tsx') },
  { path: '/admin/policies', page: () => import('./admin/Policies.tsx') },
  { path: '/admin/policies/$id', page: () => import('./admin/Policies.tsx') },
  { path: '/admin/journal', page: () => import('./admin/Journal.tsx') },
  { path: '/admin/keys', page: () => import('./admin/Keys.tsx') },
  { path: '/admin/security', page: () => import('./admin/Security.tsx') },
  { path: '/terminals/$tid/traffic', page: () => import('./portal/Traffic.tsx') },
  { path: '/terminals/$tid', page: () => import('./fleet/Terminal.tsx') },
  { path: '/cases/$no/poster', page: () => import('./portal/Poster.tsx') },
  { path: '/cases/$no', page: () => import('./desk/Case.tsx') },
]

// Whoever is signed in already never fetches the form.
const SignIn = lazy(async () => ({ default: (await import('./SignIn.tsx')).SignIn }))

const SetUpFirst = lazy(async () => ({ default: (await import('./admin/Security.tsx')).SetUpFirst }))

const root = createRootRoute({ component: () => <Outlet /> })

/** Pages behind the sign-in: who is nobody is asked, and comes out where they wanted to go. */
function Inside() {
  const me = useMe()
  const mustSetUp = useMustSetUp()
  if (mustSetUp) return <Suspense fallback={<Loading />}><SetUpFirst /></Suspense>
  if (me === undefined) return <Loading />
  if (me === null) return <Suspense fallback={<Loading />}><SignIn /></Suspense>
  return <Frame me={me} pages={pages}><Outlet /></Frame>
}
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Inside })

function Home() {
  const me = useMe()
  return me ? <Navigate to={homeOf(me) as never} replace /> : null
}

const tree = root.addChildren([
  inside.addChildren([
    createRoute({ getParentRoute: () => inside, path: '/home', component: Home }),
    ...pages.map(({ path, page }) => createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(page) })),
  ]),
])

/** A page that broke, or whose file is gone because newer screens were put in place: said in our words, and begun anew. */
function Broken({ error }: { error: unknown }) {
  return <main id="main" className="page"><Failed error={error} retry={() => location.reload()} /></main>
}

const Pending = () => <main id="main" className="page"><Loading /></main>

export const makeRouter = () => createRouter({ routeTree: tree, defaultErrorComponent: Broken, defaultPendingComponent: Pending, defaultPreload: 'intent', scrollRestoration: true })
