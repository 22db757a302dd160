// Plans, the newest first: maintenance windows and campaigns, each with its sentence and how many of it are back.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listPlans } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { Button, Tag } from '../look/controls.tsx'
import { Empty, Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Places } from './places.tsx'
import { StagesBar } from './stages.tsx'

export default function Plans() {
  const say = useSay()
  const me = useMe()!
  const list = useInfiniteQuery({
    queryKey: ['plans'], queryFn: ({ pageParam }) => ask(listPlans({ query: pageParam === null ? {} : { cursor: pageParam } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next,
  })
  return (
    <Page title={say('停机计划', 'Plans')} actions={me.rights.includes('run-bulk') ? <Link className="button primary" to={'/fleet/plans/new' as never}>{say('新建计划', 'Make a plan')}</Link> : undefined}>
      <Places />
      <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => {
        const plans = data.pages.flatMap((page) => page.items)
        if (plans.length === 0) return <Empty>{say('还没有计划。维护窗口、批量升级或换机，都可以先定计划再执行。', 'No plan yet. Maintenance windows, upgrades and swaps are planned here and then carried out.')}</Empty>
        return (
          <div className="stack">
            <ul className="sheet plain-rows">{plans.map((p) => (
              <li key={p.id} className="stack tight">
                <div className="row apart"><b><Link to={`/fleet/plans/${p.id}` as never}>{p.name}</Link></b><span className="row"><Tag>{p.kindWords}</Tag><span className="soft num">{when(p.effectiveFrom)}</span></span></div>
                <p className="sentence">{p.sentence}</p>
                <StagesBar stages={p.stages} total={p.progress.total} />
              </li>
            ))}</ul>
            {list.hasNextPage ? <div><Button onClick={() => void list.fetchNextPage()}>{say('更早的', 'Earlier')}</Button></div> : null}
          </div>
        )
      }}</Shown>
    </Page>
  )
}
