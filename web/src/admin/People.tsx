// Who works here, in which role, and whether their second factor is set up.
import { useInfiniteQuery } from '@tanstack/react-query'
import { roles } from '../../../src/domain/vocabulary.ts'
import { listPeople } from '../../../src/client/generated/sdk.gen.ts'
import type { ListPeopleResponses } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Tag } from '../look/controls.tsx'
import { DataTable, type Column } from '../look/DataTable.tsx'
import { Page } from '../look/Page.tsx'
import { useSay } from '../words.ts'
import { AdminTabs } from './Tabs.tsx'

type Row = ListPeopleResponses[200]['items'][number]

export default function People() {
  const say = useSay()
  const query = useInfiniteQuery({
    queryKey: ['people'], queryFn: ({ pageParam }) => ask(listPeople({ query: pageParam === null ? {} : { cursor: pageParam } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next,
  })
  const columns: readonly Column<Row>[] = [
    { id: 'name', title: say('姓名', 'Name'), width: 'minmax(140px, 1fr)', cell: (p) => <b>{p.name}</b> },
    { id: 'login', title: say('登录名', 'Login'), width: 'minmax(160px, 1fr)', cell: (p) => p.login ?? say('（密钥）', '(key only)') },
    { id: 'role', title: say('角色', 'Role'), width: '170px', cell: (p) => say(roles[p.role]) },
    { id: 'of', title: say('所属', 'Of'), width: 'minmax(140px, 1fr)', cell: (p) => p.party.id },
    { id: 'totp', title: say('动态口令', 'One-time password'), width: '150px', cell: (p) => (p.totp ? <Tag tone="good">{say('已启用', 'set up')}</Tag> : <Tag>{say('未启用', 'not set up')}</Tag>) },
    { id: 'state', title: say('状态', 'State'), width: '100px', cell: (p) => (p.disabled ? <span className="late">{say('已停用', 'disabled')}</span> : say('正常', 'fine')) },
  ]
  return <Page wide title={say('人员', 'People')}><AdminTabs /><DataTable query={query} columns={columns} keyOf={(p) => p.account} open={() => {}} label={say('人员', 'people')} empty={say('没有人员。', 'Nobody.')} /></Page>
}
