// Rows without end: pages fetched by key as one scrolls, only the rows in sight in the document, so that a million terminals
// cost no more than fifty. On a phone a row becomes a block and its height is measured. Rows stay where they are while their contents change. Arrow keys walk, Enter opens.
import { useEffect, useRef, type ReactNode } from 'react'
import { useVirtualizer } from '@tanstack/react-virtual'
import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query'
import { useSay } from '../words.ts'
import { Failed, Loading } from './Page.tsx'

export type Column<T> = { id: string; title: string; /** CSS grid track. */ width: string; cell: (row: T) => ReactNode; isEnd?: boolean }
type Paged<T> = { items: T[]; next: string | null; total: number | { about: number } }

const row_height_px = 60
const rows_beyond = 12

export function DataTable<T>({ query, columns, keyOf, open, label, empty }: {
  query: UseInfiniteQueryResult<InfiniteData<Paged<T>>>
  columns: readonly Column<T>[]
  keyOf: (row: T) => string
  open: (row: T) => void
  label: string
  empty: string
}) {
  const say = useSay()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => row_height_px, overscan: rows_beyond })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? -1
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (last >= rows.length - rows_beyond && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage])
  if (query.error && rows.length === 0) return <Failed error={query.error} retry={() => void query.refetch()} />
  if (query.data === undefined) return <Loading />

  const walk = (event: React.KeyboardEvent, index: number): void => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to === undefined || to < 0 || to >= rows.length) return
    event.preventDefault()
    virtual.scrollToIndex(to)
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus())
  }
  const tracks = columns.map((c) => c.width).join(' ')
  const total = query.data.pages[0]!.total
  return (
    <div ref={scroller} className="data" tabIndex={-1}>
      <div role="table" aria-label={label} aria-rowcount={typeof total === 'number' ? total + 1 : -1} style={{ minWidth: 'max-content' }}>
        <div role="row" className="head" style={{ gridTemplateColumns: tracks }}>
          {columns.map((c) => <span key={c.id} role="columnheader" className={c.isEnd ? 'end' : undefined}>{c.title}</span>)}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {shown.map(({ index, start }) => {
            const row = rows[index]!
            return (
              <div
                key={keyOf(row)} ref={virtual.measureElement} role="row" aria-rowindex={index + 2} data-index={index} tabIndex={0} className="line"
                style={{ gridTemplateColumns: tracks, transform: `translateY(${start}px)`, minHeight: row_height_px }}
                onClick={() => open(row)} onKeyDown={(e) => (e.key === 'Enter' && e.target === e.currentTarget ? open(row) : walk(e, index))}
              >
                {columns.map((c) => <span key={c.id} role="cell" className={c.isEnd ? 'end' : undefined}>{c.cell(row)}</span>)}
              </div>
            )
          })}
        </div>
      </div>
      {rows.length === 0 ? <p className="soft none">{empty}</p> : null}
      {isFetchingNextPage ? <p role="status" className="soft none">{say('继续读取…', 'reading on …')}</p> : null}
    </div>
  )
}
