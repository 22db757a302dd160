// What pages of many at once share: a bar of how far, acts that are left out where they make no sense now, rows fetched on.
import type { ReactNode } from 'react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from '../look/controls.tsx'
import { Shown } from '../look/Page.tsx'
import { useSay } from '../words.ts'

export type Part = { tone: 'good' | 'bad' | 'told' | 'shut' | 'test' | 'rest'; words: string; n: number }

/** Parts of a whole side by side; beneath them the same in words and numbers. */
export function Far({ parts, label, total, children }: { parts: readonly Part[]; label: string; total: number; children?: ReactNode }) {
  const shown = parts.filter((p) => p.n > 0)
  return (
    <div className="stack tight whole">
      <div className="far" role="img" aria-label={`${label}: ${shown.map((p) => `${p.words} ${p.n}`).join(', ')}`}>{shown.map((p) => <i key={p.words} className={p.tone} style={{ width: `${(p.n / Math.max(1, total)) * 100}%` }} />)}</div>
      {children ?? <ul className="legend">{shown.map((p) => <li key={p.words}><i className={p.tone} />{p.words} <b className="num">{p.n.toLocaleString()}</b></li>)}</ul>}
    </div>
  )
}

/** Not now, rather than not for this reader: such a button is left out instead of standing there grey. */
const not_now = new Set(['bulk_not_in_this_state', 'bulk_nothing_failed', 'bulk_of_plan', 'bulk_none', 'plan_ended', 'plan_kind', 'plan_task_unknown'])
export const allowedNow = <K extends string>(allowed: Readonly<Record<K, true | string>>): Partial<Record<K, true | string>> =>
  Object.fromEntries(Object.entries(allowed).filter(([, verdict]) => !not_now.has(verdict as string))) as Partial<Record<K, true | string>>

type Paged<T> = { items: T[]; next: string | null }
/** A list that shows its beginning, and more of it where one asks. */
export function Rows<T>({ id, fetch, row, keyOf, every }: { id: readonly unknown[]; fetch: (cursor: string | null) => Promise<Paged<T>>; row: (item: T) => ReactNode; keyOf: (item: T) => string; /** Asked again so often. */ every?: number | false }) {
  const say = useSay()
  const list = useInfiniteQuery({ queryKey: id, queryFn: ({ pageParam }) => fetch(pageParam), initialPageParam: null as string | null, getNextPageParam: (last) => last.next, refetchInterval: every ?? false })
  return (
    <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => (
      <>
        <ul className="plain">{data.pages.flatMap((page) => page.items).map((item) => <li key={keyOf(item)}>{row(item)}</li>)}</ul>
        {list.hasNextPage ? <Button small busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{say('再看一些', 'Show more')}</Button> : null}
      </>
    )}</Shown>
  )
}
