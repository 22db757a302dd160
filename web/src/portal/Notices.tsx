// What was told to this party, newest first.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { noticeKinds } from '../../../src/domain/vocabulary.ts'
import { listNotices } from '../../../src/client/generated/sdk.gen.ts'
import { ask } from '../api.ts'
import { Button } from '../look/controls.tsx'
import { Empty, Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useSay } from '../words.ts'

export default function Notices() {
  const say = useSay()
  const list = useInfiniteQuery({
    queryKey: ['notices'],
    queryFn: ({ pageParam }) => ask(listNotices({ query: pageParam === null ? {} : { cursor: pageParam } })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  })
  return (
    <Page title={say('通知', 'Notices')}>
      <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => {
        const notices = data.pages.flatMap((page) => page.items)
        if (notices.length === 0) return <Empty>{say('还没有通知。', 'No notices yet.')}</Empty>
        return (
          <>
            <ol className="sheet stack list">{notices.map((n) => (
              <li key={n.id}>
                <div className="row"><b>{say(noticeKinds[n.kind])}</b><span className="soft num">{when(n.at)}</span></div>
                <p className="sentence">{n.sentence}</p>
                <div className="row">
                  {n.application === null ? null : <Link to={`/cases/${n.application}` as never} className="num">{n.application}</Link>}
                  {n.terminal === null ? null : <Link to={`/terminals/${n.terminal}` as never} className="num">{say('终端', 'terminal')} {n.terminal}</Link>}
                </div>
              </li>
            ))}</ol>
            {list.hasNextPage ? <p><Button onClick={() => void list.fetchNextPage()} busy={list.isFetchingNextPage}>{say('更早的', 'Earlier')}</Button></p> : null}
          </>
        )
      }}</Shown>
    </Page>
  )
}
