// A merchant's trade as its reader sees it: what is usual, what a stop is likely to cost, what one did.
import { z } from 'zod'
import type { EffectOf, TrafficOf } from '../app/traffic.ts'
import { when } from '../domain/effects.ts'
import { formatYuan, type Fen } from '../domain/money.ts'
import type { Language, Words } from '../domain/vocabulary.ts'
import { instantText } from './shapes.ts'
import { cost, moneyShape } from './view-money.ts'

const iso = (at: number): string => new Date(at).toISOString()
const yuan = (fen: Fen): string => `¥${formatYuan(fen)}`
const weekdays: readonly Words[] = [
  ['周一', 'Monday'], ['周二', 'Tuesday'], ['周三', 'Wednesday'], ['周四', 'Thursday'], ['周五', 'Friday'], ['周六', 'Saturday'], ['周日', 'Sunday'],
]
const whole = z.int().min(0)

export const trafficView = z.object({
  to: z.string().meta({ format: 'date' }),
  days: whole,
  weekdays: z.array(z.object({ weekday: z.int().min(1).max(7).describe('Monday is 1'), label: z.string(), count: z.number().min(0), amount: moneyShape })).describe('the usual day'),
  hours: z.array(z.object({ weekday: z.int().min(1).max(7), hour: z.int().min(0).max(23), count: whole, amount: moneyShape })).describe('all that was sold in those days'),
  best: z.object({ at: instantText, sentence: z.string() }).nullable().describe('the best moment to stop in the next fortnight; null where no day is quieter'),
  away: z.object({ from: instantText, until: instantText, count: whole, amount: moneyShape, sentence: z.string() }).nullable().describe('what the days asked about usually bring'),
})
export function viewTraffic({ traffic, usual, best, away, zone }: TrafficOf, language: Language): z.infer<typeof trafficView> {
  const i = language === 'zh' ? 0 : 1
  return {
    to: traffic.to, days: traffic.days,
    weekdays: usual.map((d) => ({ weekday: d.weekday, label: weekdays[d.weekday - 1]![i], count: Math.round(d.count * 10) / 10, amount: cost(d.fen) })),
    hours: traffic.cells.map((c) => ({ weekday: c.weekday, hour: c.hour, count: c.count, amount: cost(c.fen) })),
    best: best === undefined ? null : { at: iso(best.at), sentence: bestWords(best, zone)[i] },
    away: away === undefined ? null : { from: iso(away.from), until: iso(away.until), count: away.count, amount: cost(away.fen), sentence: awayWords(away)[i] },
  }
}

const bestWords = ({ at, quiet }: NonNullable<TrafficOf['best']>, zone: string): Words => {
  const [zh, en] = weekdays[quiet.weekday - 1]!
  const count = Math.round(quiet.count)
  return [
    `${zh}通常最清淡（约 ${count} 笔、${yuan(quiet.fen)}），前一晚 ${when(at, zone)} 打烊后停机影响最小。`,
    `${en} is usually the quietest day (about ${count} sales, ${yuan(quiet.fen)}); stopping after business the evening before, at ${when(at, zone)}, costs least.`,
  ]
}
const awayWords = ({ count, fen }: NonNullable<TrafficOf['away']>): Words => count === 0
  ? ['按近八周的流水，这段时间通常没有刷卡收入。', 'By the last eight weeks there is usually no card income in this time.']
  : [`按近八周的流水，这段时间通常收 ${count} 笔、约 ${yuan(fen)}，停机期间请备好别的收款方式。`, `By the last eight weeks this time usually brings ${count} sales, about ${yuan(fen)}; have another way to be paid ready.`]

const happened = { count: whole, amount: moneyShape, declined: whole.describe('sales declined for any reason') }
const span = { from: instantText, until: instantText }
export const effectView = z.object({
  stop: z.object({ ...span, isOver: z.boolean(), days: z.number().min(0) }),
  before: z.object({ ...span, ...happened }),
  during: z.object({ ...happened, refused: whole.describe('attempts on the stopped terminals'), expected: z.object({ count: whole, amount: moneyShape }).describe('what the time usually brings') }),
  after: z.object({ ...span, ...happened }).nullable(),
  sentence: z.string(),
})
export function viewEffect({ stop, before, during, after, zone }: EffectOf, language: Language): z.infer<typeof effectView> {
  const told = <T extends { count: number; fen: Fen; declined: number }>({ count, fen, declined }: T) => ({ count, amount: cost(fen), declined })
  const days = Math.round(((stop.until - stop.from) / 86_400_000) * 10) / 10
  return {
    stop: { from: iso(stop.from), until: iso(stop.until), isOver: stop.isOver, days },
    before: { from: iso(before.from), until: iso(before.until), ...told(before) },
    during: { ...told(during), refused: during.refused, expected: { count: during.expected.count, amount: cost(during.expected.fen) } },
    after: after === undefined ? null : { from: iso(after.from), until: iso(after.until), ...told(after) },
    sentence: effectWords({ stop, during, zone }, days)[language === 'zh' ? 0 : 1],
  }
}

const effectWords = ({ stop, during: { expected, refused }, zone }: Pick<EffectOf, 'stop' | 'during' | 'zone'>, days: number): Words => {
  const [since, sinceEn] = stop.isOver ? [`停机 ${days} 天`, `It was stopped for ${days} days`] : [`自 ${when(stop.from, zone)} 停机至今 ${days} 天`, `It has been stopped for ${days} days, since ${when(stop.from, zone)}`]
  const [tried, triedEn] = refused === 0 ? ['', ''] : [`；其间有 ${refused} 次尝试被拒绝`, `; ${refused} attempts were refused`]
  return [
    `${since}，按平常约少收 ${expected.count} 笔、${yuan(expected.fen)}${tried}。`,
    `${sinceEn}; usually about ${expected.count} sales and ${yuan(expected.fen)} would have come in${triedEn}.`,
  ]
}
