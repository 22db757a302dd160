// From when and until when: two days and an hour, by the calendar people's own device has. Beneath a day it stands once more as
// everything else here writes it, with its weekday: a device set to American dates shows May as easily as February.
import { isOpen } from '../hold.ts'
import { Field, Segments } from '../look/controls.tsx'
import { day } from '../look/when.ts'
import { useLanguage, useSay } from '../words.ts'

export type Times = { date: string; time: string; returns: 'on' | 'open'; until: string }

const day_ms = 86_400_000
/** The shop closes at this hour unless said otherwise. */
export const usual_time = '22:00'
const shift = (date: string, days: number): string => new Date(Date.parse(date) + days * day_ms).toISOString().slice(0, 10)

export function When({ now, times, set }: { now: number; times: Times; set: (part: Partial<Times>) => void }) {
  const say = useSay()
  const { language } = useLanguage()
  const { date, time, returns, until } = times
  const today = day(now)
  const told = (date: string): string | undefined => (date === '' ? undefined : `${date} ${new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'long', timeZone: 'UTC' }).format(new Date(date))}`)
  const days = date !== '' && until !== '' ? (Date.parse(until) - Date.parse(date)) / day_ms : undefined
  return (
    <>
      <h2 className="plain">{say('什么时候停、什么时候回来？', 'From when, and until when?')}</h2>
      <div className="row top">
        <Field label={say('停机日期', 'Stop on')} hint={told(date)}><input type="date" min={today} value={date} onChange={(e) => set({ date: e.target.value })} /></Field>
        <Field label={say('几点起不再收款', 'No payments from')}><input type="time" step={300} value={time} onChange={(e) => set({ time: e.target.value })} /></Field>
      </div>
      <Segments label={say('恢复', 'Back')} value={returns} set={(value) => set({ returns: value })} options={[['on', say('知道哪天回来', 'I know when it returns')], ['open', say('还不确定', 'Not yet')]]} />
      {returns === 'on'
        ? <Field label={say('恢复日期', 'Back on')} hint={days === undefined || days <= 0 ? told(until) : say(`${told(until)}，共 ${days} 天`, `${told(until)}, ${days} day(s) in all`)}><input type="date" min={shift(date === '' ? today : date, 1)} value={until} onChange={(e) => set({ until: e.target.value })} /></Field>
        : <p className="sentence soft">{say('没有恢复日期的停机叫“停用”，回来时再申请即可。', 'A stop without a return date goes on until you ask for it back.')}</p>}
    </>
  )
}

/** Another day to come back on than the one that stands. */
export function Until({ now, holds, until, set }: { now: number; holds: readonly { expectedUntil: string | null; owner: string; liftedAt: string | null; withdrawnAt: string | null }[]; until: string; set: (until: string) => void }) {
  const say = useSay()
  const before = holds.filter((h) => h.owner === 'merchant' && isOpen(h) && h.expectedUntil !== null).map((h) => day(h.expectedUntil!))
  return (
    <>
      <h2 className="plain">{say('改到哪天恢复？', 'Back on which day instead?')}</h2>
      {before.length === 0 ? null : <p className="sentence soft">{say(`现在定的是 ${[...new Set(before)].join('、')}。提前或推后都可以。`, `It is ${[...new Set(before)].join(', ')} now. Sooner or later is both possible.`)}</p>}
      <Field label={say('恢复日期', 'Back on')} hint={until || undefined}><input type="date" min={shift(day(now), 1)} value={until} onChange={(e) => set(e.target.value)} /></Field>
    </>
  )
}
