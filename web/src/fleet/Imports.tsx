// Files in: choose what it is, drop the file, see what would happen before anything does, then carry it out. Faults come
// grouped by what is wrong, with the first places; all of them are in the file of rejected rows.
import { useState } from 'react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { importErrors, importKinds, importStates, words, type ImportKind } from '../../../src/domain/vocabulary.ts'
import { getImport, listImports, startImport, stopImport } from '../../../src/client/generated/sdk.gen.ts'
import type { GetImportResponses } from '../../../src/client/generated/types.gen.ts'
import { ask, onceKey } from '../api.ts'
import { useAct } from '../look/act.ts'
import { Button, Choices, Notice, Tag } from '../look/controls.tsx'
import { Failed, Page, Shown } from '../look/Page.tsx'
import { when } from '../look/when.ts'
import { useMe } from '../session.ts'
import { useSay } from '../words.ts'

type Import = GetImportResponses[200]
const hasEnded = (state: Import['state']): boolean => ['done', 'refused', 'stopped', 'failed'].includes(state)
const watch_ms = 700
/** Places shown of one kind of fault. */
const places_max = 5

/** The header row people may start from, as the contract names it. */
const templates: Readonly<Partial<Record<ImportKind, string>>> = {
  fleet: 'mid,merchantName,uscc,mcc,contactName,contactPhone,storeName,storeAddress,longitude,latitude,provider,tid,serial,model,deviceType,ownership,depositYuan,installedOn,firmware',
  transactions: 'tid,mid,batch,trace,reference,class,amountYuan,at,settledOn,cardKind,cardMasked,authCode,status',
}

export default function Imports() {
  const { id } = useParams({ strict: false }) as { id?: string }
  return id === undefined ? <Start /> : <One id={id} />
}

function Start() {
  const say = useSay()
  const me = useMe()!
  const navigate = useNavigate()
  const act = useAct(['imports'])
  const { kind: asked = '' } = useSearch({ strict: false }) as { kind?: string }
  const [kind, setKind] = useState<ImportKind>(asked in importKinds ? asked as ImportKind : 'fleet')
  const [isOver, setIsOver] = useState(false)
  const kinds = words(importKinds).filter((k) => k !== 'calendar' || me.rights.includes('import-calendar'))
  const list = useInfiniteQuery({
    queryKey: ['imports'], queryFn: ({ pageParam }) => ask(listImports({ query: pageParam === null ? {} : { cursor: pageParam } })),
    initialPageParam: null as string | null, getNextPageParam: (last) => last.next,
  })
  const send = (file: File | undefined): void => {
    if (file === undefined) return
    act.mutate(async () => {
      const { id } = await ask(startImport({ body: { kind, dryRun: 'true', file }, headers: { 'Idempotency-Key': onceKey() } }))
      rehearsed.set(id, file)
      await navigate({ to: `/imports/${id}` as never })
    })
  }
  const template = templates[kind]
  return (
    <Page title={say('文件导入', 'Files in')}>
      <div className="stack">
        <section className="sheet stack">
          <h2 className="plain">{say('1. 是什么文件', '1. What it is')}</h2>
          <Choices label={say('是什么文件', 'what it is')} value={kind} set={setKind} options={kinds.map((value) => [value, say(importKinds[value])] as const)} />
          {template === undefined ? null : <a download={`${kind}.csv`} href={URL.createObjectURL(new Blob([`\uFEFF${template}\r\n`], { type: 'text/csv' }))}>{say('下载空白模板（CSV）', 'Download an empty template (CSV)')}</a>}
          <h2 className="plain">{say('2. 选择文件', '2. Choose the file')}</h2>
          <label className={isOver ? 'drop over' : 'drop'} onDragOver={(e) => { e.preventDefault(); setIsOver(true) }} onDragLeave={() => setIsOver(false)} onDrop={(e) => { e.preventDefault(); setIsOver(false); send(e.dataTransfer.files[0]) }}>
            <input type="file" className="unseen" accept=".csv,.xlsx,.txt,.zip,.gz,.xml,.json" disabled={act.isPending} onChange={(e) => { send(e.target.files?.[0]); e.target.value = '' }} />
            <b>{act.isPending ? say('正在上传…', 'sending it …') : say('把文件拖到这里，或点击选择', 'Drop the file here, or click to choose it')}</b>
            <span className="soft">{say('先只校验，不会改动任何数据', 'It is only checked at first; nothing is changed')}</span>
          </label>
          {act.error === null ? null : <Failed error={act.error} />}
        </section>
        <section className="sheet"><h2 className="plain">{say('最近导入', 'Lately')}</h2>
          <Shown query={{ data: list.data, error: list.error, refetch: list.refetch }}>{(data) => (
            data.pages[0]!.items.length === 0 ? <span className="soft">{say('还没有导入过。', 'Nothing has been taken in yet.')}</span> : <ul className="plain stack">{data.pages.flatMap((page) => page.items).map((row) => (
              <li key={row.id} className="row apart">
                <Link to={`/imports/${row.id}` as never}>{say(importKinds[row.kind])} · {row.fileName}</Link>
                <span className="row"><span className="soft num">{when(row.createdAt)}</span>{row.dryRun ? <Tag>{say('试算', 'rehearsal')}</Tag> : null}<Tag>{say(importStates[row.state])}</Tag></span>
              </li>
            ))}</ul>
          )}</Shown>
          {list.hasNextPage ? <Button onClick={() => void list.fetchNextPage()}>{say('更早的', 'Earlier')}</Button> : null}
        </section>
      </div>
    </Page>
  )
}

/** The file of a rehearsal, kept in the page so that carrying it out does not ask for it again. */
const rehearsed = new Map<string, File>()

function One({ id }: { id: string }) {
  const say = useSay()
  const query = useQuery({ queryKey: ['import', id], queryFn: () => ask(getImport({ path: { id } })), refetchInterval: (q) => (q.state.data && hasEnded(q.state.data.state) ? false : watch_ms) })
  return <Page title={say('文件导入', 'Files in')} above={<Link to={'/imports' as never}>{say('全部导入', 'all of them')}</Link>}><Shown query={query}>{(i) => <Told i={i} />}</Shown></Page>
}

function Told({ i }: { i: Import }) {
  const say = useSay()
  const navigate = useNavigate()
  const act = useAct(['import', i.id], ['imports'])
  const file = rehearsed.get(i.id)
  const over = hasEnded(i.state)
  const carryOut = (partial: boolean): void => act.mutate(async () => {
    const { id } = await ask(startImport({ body: { kind: i.kind, file: file!, ...(partial ? { partial: 'true' as const } : {}) }, headers: { 'Idempotency-Key': onceKey() } }))
    await navigate({ to: `/imports/${id}` as never })
  })
  const bad = i.errors.length > 0
  return (
    <div className="stack">
      <section className="sheet stack">
        <div className="row apart"><h2 className="plain">{say(importKinds[i.kind])} · {i.fileName}</h2><span className="row">{i.dryRun ? <Tag>{say('试算，不改数据', 'a rehearsal: nothing is changed')}</Tag> : null}<Tag>{say(importStates[i.state])}</Tag></span></div>
        <progress value={i.progress} aria-label={say('进度', 'progress')} />
        <dl className="facts">
          {([[say('数据行', 'rows'), i.rows.total], [say('可导入', 'good'), i.rows.accepted], [say('有误', 'wrong'), i.rows.rejected], [i.dryRun ? say('将改动', 'would change') : say('已改动', 'changed'), i.rows.changed]] as const).map(([name, n]) => (
            <div key={name} className="pair"><dt>{name}</dt><dd className="num">{n.toLocaleString()}</dd></div>
          ))}
        </dl>
        {over && bad && !i.partial ? <p className="sentence">{i.rows.accepted > 0 ? say(`有错误的文件整份都不导入：请改好再来，或只导入无误的 ${i.rows.accepted} 行。`, `A file with faults is not taken at all: mend it and come again, or take only the ${i.rows.accepted} good rows.`) : say('没有可以导入的行，请改好再来。', 'No row can be taken; please mend the file.')}</p> : null}
        <div className="row">
          {over ? null : <Button danger busy={act.isPending} disabled={i.stopRequested} onClick={() => act.mutate(() => ask(stopImport({ path: { id: i.id }, body: {} })))}>{say('停止', 'Stop')}</Button>}
          {over && i.dryRun && !bad && file ? <Button primary busy={act.isPending} onClick={() => carryOut(false)}>{say('正式导入', 'Carry it out')}</Button> : null}
          {over && i.dryRun && bad && i.rows.accepted > 0 && file ? <Button busy={act.isPending} onClick={() => carryOut(true)}>{say(`只导入无误的 ${i.rows.accepted} 行`, `Take only the ${i.rows.accepted} good rows`)}</Button> : null}
          {over && i.dryRun && !file ? <span className="soft">{say('要正式导入，请重新选择文件。', 'To carry it out, choose the file again.')} <Link to={'/imports' as never}>{say('去选择', 'choose')}</Link></span> : null}
          {bad ? <a href={`/api/v1/imports/${i.id}/rejected.csv`}>{say('下载有误的行', 'Download the wrong rows')}</a> : null}
        </div>
        {act.error === null ? null : <Failed error={act.error} />}
      </section>
      {bad ? <Faults i={i} /> : null}
    </div>
  )
}

function Faults({ i }: { i: Import }) {
  const say = useSay()
  const groups = Map.groupBy(i.errors, (e) => e.code)
  return (
    <section className="sheet stack">
      <h2 className="plain">{say(`有 ${i.errors.length} 处错误，分 ${groups.size} 类`, `${i.errors.length} faults of ${groups.size} kinds`)}</h2>
      {[...groups].map(([code, faults]) => (
        <Notice key={code} tone="warning" title={`${say(importErrors[code])} · ${faults.length}`}>
          <ul className="plain">{faults.slice(0, places_max).map((f) => <li key={`${f.line}-${f.column}`}><span className="num">{say(`第 ${f.line} 行`, `line ${f.line}`)}</span> · {f.column} · {f.detail}</li>)}
            {faults.length > places_max ? <li className="soft">{say(`另有 ${faults.length - places_max} 处`, `and ${faults.length - places_max} more`)}</li> : null}</ul>
        </Notice>
      ))}
    </section>
  )
}
