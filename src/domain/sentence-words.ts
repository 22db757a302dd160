// The small words of the plain sentences: moments as people say them, counts, lists, what is still open. Everything is made
// in both languages side by side, so that they cannot drift apart. A weekday stands for a day within the week to come,
// today and tomorrow for themselves, a date for the rest; the year is said only where the date alone would be unclear.
import { dateOf } from './calendar.ts'
import type { ClearanceItem } from './clearance.ts'
import { when } from './effects.ts'
import { formatYuan, sumFen } from './money.ts'
import { clearanceKinds, words, type ClearanceKind, type Words } from './vocabulary.ts'

const day_ms = 86_400_000
/** From here on a weekday's name could mean two days. */
const weekday_days_max = 6
/** A date so far away could be last year's or next year's. */
const yearless_days_max = 300

const weekdays: readonly Words[] = [
  ['周日', 'Sunday'], ['周一', 'Monday'], ['周二', 'Tuesday'], ['周三', 'Wednesday'], ['周四', 'Thursday'], ['周五', 'Friday'],
  ['周六', 'Saturday'],
]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec']
const near: Readonly<Record<number, Words>> = { [-1]: ['昨天', 'yesterday'], 0: ['今天', 'today'], 1: ['明天', 'tomorrow'] }

/** Moments as they are said at `now` in a zone. */
export type Moments = {
  /** '周五 15:00', 'Friday at 15:00'; '2月24日 09:00', 'on 24 Feb at 09:00'. */
  at(instant: number): Words
  /** '今天 09:00', '09:00 today': after a since, a from or a by. */
  hour(instant: number): Words
  /** '今天 09:00 前', 'by 09:00 today'. */
  by(instant: number): Words
  /** A day, and the hour only where it is near and not midnight: '2月24日', 'on 24 Feb'. */
  day(instant: number): Words
}

export function momentsAt(now: number, zone: string): Moments {
  const today = Date.parse(`${dateOf(now, zone)}T00:00Z`)
  const parts = (instant: number): { name: Words; isDate: boolean; isNear: boolean; clock: string } => {
    const [date, clock] = when(instant, zone).split(' ') as [string, string]
    const day = Date.parse(`${date}T00:00Z`)
    const days = Math.round((day - today) / day_ms)
    const isNear = days >= -1 && days <= weekday_days_max
    if (!isNear) return { name: dateWords(day, Math.abs(days) > yearless_days_max), isDate: true, isNear, clock }
    return { name: near[days] ?? weekdays[new Date(day).getUTCDay()]!, isDate: false, isNear, clock }
  }
  return {
    at(instant) {
      const { name, isDate, clock } = parts(instant)
      return [`${name[0]} ${clock}`, `${isDate ? 'on ' : ''}${name[1]} at ${clock}`]
    },
    hour(instant) {
      const { name, clock } = parts(instant)
      return [`${name[0]} ${clock}`, `${clock} ${isOnDay(name[1]) ? 'on ' : ''}${name[1]}`]
    },
    by(instant) {
      const [zh, en] = this.hour(instant)
      return [`${zh} 前`, `by ${en}`]
    },
    day(instant) {
      const { name, isDate, isNear, clock } = parts(instant)
      if (isNear && clock !== '00:00') return this.at(instant)
      return [name[0], `${isDate ? 'on ' : ''}${name[1]}`]
    },
  }
}

/** Friday and 24 Feb take an "on" after the hour; today does not. */
const isOnDay = (name: string): boolean => !Object.values(near).some(([, en]) => en === name)

function dateWords(utcMidnight: number, withYear: boolean): Words {
  const date = new Date(utcMidnight)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  return [`${withYear ? `${year}年` : ''}${month + 1}月${day}日`, `${day} ${months[month]}${withYear ? ` ${year}` : ''}`]
}

/** '装修证明、营业执照'; 'a, b and c'. */
export const listed = (all: readonly Words[]): Words => {
  const en = all.map((w) => w[1])
  return [all.map((w) => w[0]).join('、'), en.length < 2 ? en.join('') : `${en.slice(0, -1).join(', ')} and ${en.at(-1)}`]
}

/** Sentences one after the other; empty ones fall out. */
export const joined = (...parts: readonly (Words | undefined)[]): Words => {
  const said = parts.filter((p): p is Words => p !== undefined && p[0] !== '')
  return [said.map((p) => p[0]).join(''), said.map((p) => p[1]).join(' ')]
}

/** What of each kind is said to be open, after its number: Chinese, one, many. */
const openPhrases: Readonly<Record<ClearanceKind, readonly [zh: string, one: string, many: string]>> = {
  unsettled: ['笔交易未结清', 'transaction is still unsettled', 'transactions are still unsettled'],
  preauth_open: ['笔预授权未完成', 'pre-authorisation is still open', 'pre-authorisations are still open'],
  refund_pending: ['笔退款未到账', 'refund is still pending', 'refunds are still pending'],
  reversal_pending: ['笔冲正未答复', 'reversal is still unanswered', 'reversals are still unanswered'],
  dispute_open: ['笔争议未了结', 'dispute is still open', 'disputes are still open'],
  offline_pending: ['笔离线交易未上送', 'offline transaction is still to be uploaded', 'offline transactions are still to be uploaded'],
  unmatched: ['笔三单不符', 'record does not match', 'records do not match'],
}

export type OpenWords = { words: Words; count: number; amount: string; dueBy: number | undefined }

/** What is open on some terminals for one owner to act on, kinds added up; undefined where there is nothing. */
export function openOf(items: readonly ClearanceItem[], owner: ClearanceItem['owner']): OpenWords | undefined {
  const own = items.filter((i) => i.owner === owner && i.count > 0)
  if (own.length === 0) return undefined
  const phrases = words(clearanceKinds).flatMap((kind): Words[] => {
    const count = own.filter((i) => i.kind === kind).reduce((n, i) => n + i.count, 0)
    const [zh, one, many] = openPhrases[kind]
    return count === 0 ? [] : [[`${count} ${zh}`, `${count} ${count === 1 ? one : many}`]]
  })
  const due = own.flatMap((i) => i.dueBy ?? [])
  return {
    words: listed(phrases), count: own.reduce((n, i) => n + i.count, 0), amount: `¥${formatYuan(sumFen(own.map((i) => i.amountFen)))}`,
    dueBy: due.length > 0 ? Math.min(...due) : undefined,
  }
}
