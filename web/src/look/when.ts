// Instants, days and money as people read them here: Asia/Shanghai, 2026-11-25 15:00, ¥1,234.50.
const zone = 'Asia/Shanghai'
const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** `2026-11-25 15:00` */
export const when = (instant: string | number): string => parts.format(new Date(instant)).replace(',', '')
/** `2026-11-25` */
export const day = (instant: string | number): string => when(instant).slice(0, 10)
/** `11-25`, and the year where it is not this one. */
export const shortDay = (instant: string | number, now: number): string =>
  day(instant).slice(0, 4) === day(now).slice(0, 4) ? day(instant).slice(5) : day(instant)
export const time = (instant: string | number): string => when(instant).slice(11)

const yuan = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
/** Fen as `¥1,234.50`; what is paid back as `−¥300.00`. */
export const money = ({ fen }: { fen: number }): string => `${fen < 0 ? '−' : ''}¥${yuan.format(Math.abs(fen) / 100)}`
