// The bell of the runner: whoever commits that there is something to match rings it. Where nobody listens – another program
// runs the matching – nothing happens; rows say what is to be done.
import type { App } from '../app.ts'

const listeners = new WeakMap<App, () => void>()
export const onWake = (app: App, listener: () => void): void => void listeners.set(app, listener)
export const wakeSettlement = (app: App): void => listeners.get(app)?.()
