// Breaks that nobody settled in time: their desk is told once, one notice for a merchant and day of reckoning.
import { dateOf } from '../../domain/calendar.ts'
import { formatYuan } from '../../domain/money.ts'
import { overdueBreaks } from '../../store/settlement-breaks.ts'
import type { App } from '../app.ts'
import { notify } from '../notices.ts'

export const remindOverdueBreaks = (app: App, provider: string): Promise<void> =>
  app.db.transaction('*', async (tx) => {
    const now = app.clock.now()
    for (const { mid, merchant, due_at, count, fen } of await overdueBreaks(tx, provider, now, app.zone)) {
      const [day, sum] = [dateOf(due_at, app.zone), `¥${formatYuan(fen)}`]
      await notify(tx, {
        kind: 'deadline_near', provider, mid, audience: 'provider', at: now,
        words: [
          `${merchant}有 ${count} 条对账不符（涉及 ${sum}）应在 ${day} 前处理，尚未处理；未处理前终端不能结清。`,
          `${count} settlement break(s) of ${merchant} (${sum} at stake) were due on ${day} and are still open; until then its terminals are not clear.`,
        ],
      }, `breaks ${provider} ${mid} ${day}`)
    }
  })
