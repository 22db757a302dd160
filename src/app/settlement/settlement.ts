// Settlement as the rest of the program uses it: files, runs and breaks, and the runner behind them.
import type { App } from '../app.ts'
import { breaksOf } from './breaks.ts'
import { filesOf } from './files.ts'
import { startRunner } from './runner.ts'
import { runsOf } from './runs.ts'

/** `matches`: whether runs are carried out here, or only asked for. */
export function openSettlement(app: App, { matches = true }: { matches?: boolean } = {}) {
  const runner = startRunner(app, matches)
  return {
    files: filesOf(app),
    runs: runsOf(app, runner),
    breaks: breaksOf(app),
    /** Looks for runs that others asked for. */
    async look() {
      runner.look()
    },
    /** Once at start: takes up what a former run of the program left unfinished. */
    resume: () => runner.resume(),
    /** Resolves when nothing is left to run. */
    idle: () => runner.idle(),
    close: () => runner.close(),
  }
}
export type Settlement = ReturnType<typeof openSettlement>
