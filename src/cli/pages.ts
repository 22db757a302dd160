// Lists: one page, or with --all one after another as they come. Programs get each page as it came, one a line.
import type { Column } from './table.ts'
import type { Given } from './given.ts'
import type { Session, Told } from './session.ts'
import { total, type Total } from './show.ts'

type Page<T> = { items: T[]; next?: string | null; total?: Total }

const page_rows_max = 200
const page_rows_default = 50

/** Shows a list; `fetch` asks for one page. */
export async function list<T>(
  session: Session,
  given: Given,
  fetch: (paging: { limit: number; cursor?: string }) => Promise<Told<Page<T>>>,
  columns: readonly Column<T>[],
): Promise<0> {
  const isAll = given.flag('all')
  const wanted = isAll ? Number.POSITIVE_INFINITY : (given.count('limit') ?? page_rows_default)
  let shown = 0
  let last: Page<T> | undefined
  for (let cursor: string | undefined; shown < wanted; ) {
    const told = await fetch({
      limit: Math.max(1, Math.min(wanted - shown, isAll || wanted > page_rows_max ? page_rows_max : wanted)),
      ...(cursor === undefined ? {} : { cursor }),
    })
    last = told.value
    session.show(told, ({ items }) => {
      if (items.length === 0) return [session.say('没有。', 'None.')]
      const lines = session.table(columns, items)
      return shown === 0 ? lines : lines.slice(1)
    })
    shown += last.items.length
    cursor = last.next ?? undefined
    if (cursor === undefined || last.items.length === 0) break
  }
  if (last?.total !== undefined) {
    const [zh, en] = [total(last.total, 'zh'), total(last.total, 'en')]
    if (last.next != null)
      session.note(`显示 ${shown} 项，${zh}；--all 显示全部。`, `${shown} shown, ${en}; --all shows all.`)
    else if (shown > 0) session.note(`${zh}。`, `${en}.`)
  }
  return 0
}
