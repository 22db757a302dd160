// Which terminals are meant: what the list of terminals was filtered by, what they stand on besides, and how many that are now.
// Filters come in the address, so that a list looked at becomes a list worked on.
import { useQuery } from '@tanstack/react-query'
import { holdOwners, ownerOf, reasons, services, words as wordsIn, type Reason, type Service } from '../../../src/domain/vocabulary.ts'
import { listTerminals } from '../../../src/client/generated/sdk.gen.ts'
import type { MakeBulkBody } from '../../../src/client/generated/types.gen.ts'
import { ask } from '../api.ts'
import { Field, Select } from '../look/controls.tsx'
import { Failed } from '../look/Page.tsx'
import { useSay } from '../words.ts'

export type Selection = NonNullable<MakeBulkBody['select']>
const names_shown = 5

export const providerReasons = wordsIn(reasons).filter((r) => ownerOf(r) !== 'merchant')

/** From the address of the fleet, where a number is read as a number. */
export function selectionOf(search: Readonly<Record<string, unknown>>): Selection {
  const text = (key: string): string | undefined => (search[key] === undefined || search[key] === '' ? undefined : String(search[key]))
  const [q, service, reason, model, firmwareBelow, region] = ['q', 'service', 'reason', 'model', 'firmwareBelow', 'region'].map(text)
  return {
    ...(q === undefined ? {} : { q }), ...(service !== undefined && service in services ? { service: service as Service } : {}), ...(reason !== undefined && reason in reasons ? { reason: reason as Reason } : {}),
    ...(model === undefined ? {} : { model }), ...(firmwareBelow === undefined ? {} : { firmwareBelow }), ...(region === undefined ? {} : { region }),
  }
}

/** The same in words, for who looks at it afterwards. */
export function useSelectionWords(): (s: Selection) => string {
  const say = useSay()
  return (s) => {
    const parts = [
      ...(s.q ? [say(`查找「${s.q}」`, `found by "${s.q}"`)] : []), ...(s.service ? [say(services[s.service])] : []), ...(s.reason ? [`${s.reason} ${say(reasons[s.reason])}`] : []),
      ...(s.model ? [say(`机型 ${s.model}`, `model ${s.model}`)] : []), ...(s.firmwareBelow ? [say(`软件低于 ${s.firmwareBelow}`, `software before ${s.firmwareBelow}`)] : []),
      ...(s.region ? [say(`门店地址含「${s.region}」`, `store’s address with "${s.region}"`)] : []), ...(s.merchant ? [say(`商户 ${s.merchant}`, `merchant ${s.merchant}`)] : []),
      ...(s.tids?.length || s.serials?.length ? [say(`列出的 ${(s.tids?.length ?? 0) + (s.serials?.length ?? 0)} 个`, `${(s.tids?.length ?? 0) + (s.serials?.length ?? 0)} listed`)] : []),
    ]
    return parts.length === 0 ? say('全部终端', 'every terminal') : parts.join(say('，', ', '))
  }
}

export function Which({ select, set }: { select: Selection; set: (select: Selection) => void }) {
  const say = useSay()
  const put = (part: { [K in keyof Selection]?: Selection[K] | undefined }): void =>
    set(Object.fromEntries(Object.entries({ ...select, ...part }).filter(([, v]) => v !== undefined && v !== '')) as Selection)
  const text = (key: 'q' | 'model' | 'firmwareBelow' | 'region', label: string, hint: string, length_max: number) => (
    <Field label={label}><input value={select[key] ?? ''} maxLength={length_max} placeholder={hint} autoComplete="off" spellCheck={false} onChange={(e) => put({ [key]: e.target.value })} /></Field>
  )
  const narrower = select.model !== undefined || select.region !== undefined
  return (
    <>
      {text('q', say('查找或粘贴', 'Found by, or pasted'), say('终端号、序列号、商户、办件', 'terminal, serial, merchant, case'), 8_000)}
      <div className="cards two">
        <Field label={say('状态', 'Status')}><Select<Service> className="whole" value={select.service} set={(service) => put({ service })} none={say('全部状态', 'any status')} options={wordsIn(services).filter((s) => s !== 'closed').map((value) => ({ value, label: say(services[value]) }))} /></Field>
        <Field label={say('现有停用原因', 'Stopped for')}><Select<Reason> className="whole" value={select.reason} set={(reason) => put({ reason })} none={say('不限', 'any or none')} options={wordsIn(reasons).map((value) => ({ value, label: `${value} ${say(reasons[value])}`, group: say(holdOwners[ownerOf(value)]) }))} /></Field>
        {text('model', say('机型', 'Model'), 'A920', 100)}
        {select.model === undefined ? null : text('firmwareBelow', say('软件版本低于', 'Software before'), '3.10', 50)}
        {text('region', say('门店地址包含', 'Store’s address has'), say('上海', 'Shanghai'), 100)}
      </div>
      <Count select={select} narrower={narrower} />
    </>
  )
}

/** How many the list of terminals shows for it, and the first of them by name. */
function Count({ select: { q, service, reason }, narrower }: { select: Selection; narrower: boolean }) {
  const say = useSay()
  const asked = { ...(q ? { q } : {}), ...(service ? { service } : {}), ...(reason ? { reason } : {}) }
  const query = useQuery({ queryKey: ['terminals', 'meant', asked], queryFn: () => ask(listTerminals({ query: { limit: names_shown, ...asked } })) })
  if (query.error) return <Failed error={query.error} />
  if (query.data === undefined) return null
  const { total, items } = query.data
  const n = typeof total === 'number' ? total.toLocaleString() : say(`约 ${total.about.toLocaleString()}`, `about ${total.about.toLocaleString()}`)
  if (items.length === 0) return <p className="near sentence" role="status">{say('没有符合条件的终端。', 'No terminal matches.')}</p>
  return (
    <p className="sentence" role="status">
      <b>{narrower ? say(`${n} 台之中，再按机型、地址筛选`, `Of ${n}, those of that model and address`) : say(`符合条件的 ${n} 台`, `${n} terminal(s) match`)}</b>
      {say('（已注销的不在内）：', ' (closed ones are left out): ')}<span className="soft">{items.map((t) => `${t.tid} ${t.merchant.name}`).join(say('、', ', '))}{typeof total !== 'number' || total > items.length ? ' …' : ''}</span>
    </p>
  )
}
