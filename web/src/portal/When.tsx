// From when and until when: two days and an hour. With its calendar it is a quarter of the application page, so it is fetched
// while people still choose why.
import { DatePicker, Segmented, TimePicker } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { day } from '../look/when.ts'
import { useSay } from '../words.ts'

export default function When({ now, date, setDate, time, setTime, returns, setReturns, until, setUntil }: {
  now: number; date: Dayjs | null; setDate(d: Dayjs | null): void; time: Dayjs; setTime(t: Dayjs): void
  returns: 'on' | 'open'; setReturns(r: 'on' | 'open'): void; until: Dayjs | null; setUntil(d: Dayjs | null): void
}) {
  const say = useSay()
  const today = dayjs(day(now))
  const days = date !== null && until !== null && returns === 'on' ? until.diff(date, 'day') : undefined
  return (
    <>
      <h2 className="plain">{say('什么时候停、什么时候回来？', 'From when, and until when?')}</h2>
      <div className="row">
        <label className="stack tight">{say('停机日期', 'Stop on')}<DatePicker size="large" inputReadOnly value={date} onChange={setDate} disabledDate={(d) => d.isBefore(today, 'day')} /></label>
        <label className="stack tight">{say('几点起不再收款', 'No payments from')}<TimePicker size="large" inputReadOnly format="HH:mm" minuteStep={5} allowClear={false} value={time} onChange={(t) => { if (t) setTime(t) }} /></label>
      </div>
      <Segmented value={returns} onChange={setReturns} options={[{ value: 'on', label: say('知道哪天回来', 'I know when it returns') }, { value: 'open', label: say('还不确定', 'Not yet') }]} />
      {returns === 'on' ? (
        <div className="row">
          <label className="stack tight">{say('恢复日期', 'Back on')}<DatePicker size="large" inputReadOnly value={until} onChange={setUntil} disabledDate={(d) => d.isBefore((date ?? today).add(1, 'day'), 'day')} /></label>
          {days === undefined ? null : <span className="soft">{say(`共 ${days} 天`, `${days} day(s)`)}</span>}
        </div>
      ) : <p className="sentence soft">{say('没有恢复日期的停机叫“停用”，回来时再申请即可。', 'A stop without a return date goes on until you ask for it back.')}</p>}
    </>
  )
}
