// Bulks, the newest first, each with its sentence and how far it is.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { bulkStates } from '../../../src/domain/vocabulary.ts'
import { listBulks } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { Button, Tag } from '../look/controls.tsx'
import { Empty, Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'
import { Places } from './places.tsx'

const watch_ms = 5_000

export default function Bulks() {
  const say = useSay()
  const me = useMe()!
  const list = useInfiniteQuery({
    queryKey: ['bulks'], queryFn: ({ pageParam }) => ask(listBulks({ query: pageParam === null ? {} : { cursor: pageParam } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next, refetchInterval: watch_ms,
  })
  return (
    <Page title={say('批量操作', 'Many at once')} actions={me.rights.includes('run-bulk') ? <Link className="button primary" to={'/fleet/bulks/new' as never}>{say('批量办理', 'Do one')}</Link> : undefined}>
      <Places />
      <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => {
        const bulks = data.pages.flatMap((page) => page.items)
        if (bulks.length === 0) return <Empty>{say('还没有批量操作。可在终端列表筛选后对全部办理。', 'Nothing yet. Filter the list of terminals, then act on all that match.')}</Empty>
        return (
          <div className="stack">
            <ul className="sheet plain-rows">{bulks.map((b) => (
              <li key={b.id} className="stack tight">
                <div className="row apart"><b><Link to={`/fleet/bulks/${b.id}` as never}>{b.name}</Link></b><Tag tone={b.state === 'confirming' || b.state === 'failed' ? 'near' : b.state === 'done' ? 'good' : 'plain'}>{say(bulkStates[b.state])}</Tag></div>
                <p className="sentence">{b.sentence}</p>
                <span className="soft">{b.createdBy} <span className="num">{when(b.createdAt)}</span></span>
              </li>
            ))}</ul>
            {list.hasNextPage ? <div><Button onClick={() => void list.fetchNextPage()}>{say('更早的', 'Earlier')}</Button></div> : null}
          </div>
        )
      }}</Shown>
    </Page>
  )
}
