// Many at once, as the rest of the program uses it: bulks, plans, figures of the fleet, and the runner behind them.
import type { App } from '../app.ts'
import { bulkCommandsOf } from './commands.ts'
import { planGoesOn, tickPlans } from './plan-time.ts'
import { plansOf } from './plans.ts'
import { startRunner } from './runner.ts'
import { statisticsOf } from './statistics.ts'

/** `carries`: whether lists are carried out here, or only asked for. */
export function openBulks(app: App, { carries = true }: { carries?: boolean } = {}) {
  const runner = startRunner(app, async ({ plan }) => {
    if (plan !== undefined) await planGoesOn(app, plan)
    app.stirred(app.clock.now())
  })
  // On a manual clock the work is done where the clock is moved: its times are the clock's.
  const look = (): void => { if (carries) runner.look() }
  return {
    bulks: bulkCommandsOf(app, look),
    plans: plansOf(app, look),
    statistics: statisticsOf(app),
    /** Does what plans and lists have to do by now; resolves when nothing is left. */
    async run(): Promise<void> {
      if (!carries) return
      do await runner.run()
      while (await tickPlans(app))
    },
    close: () => runner.close(),
  }
}
export type Bulks = ReturnType<typeof openBulks>
