// The gate that lives beside the calls, in the program's own process: it answers on the main port and for the virtual terminal.
// It starts with the database at hand and keeps nothing on disk; commits of this process wake it at once.
import { join } from 'node:path'
import type { App } from '../app/app.ts'
import { GateFolderTaken, startGate, type Gate, type GateOptions } from './start.ts'

type Beside = Pick<App, 'db' | 'clock' | 'log' | 'home' | 'onStir'>
type Options = Pick<GateOptions, 'lease_ms' | 'poll_ms' | 'onSignedOn' | 'onOver' | 'doors'> & { id: string }

/** Programs that share a folder number their gates. */
const gates_per_folder_max = 20

export async function gateBeside(app: Beside, { id, ...options }: Options): Promise<Gate> {
  for (let n = 1; ; n++) {
    try {
      const gate = await startGate({
        ...options, id: n === 1 ? id : `${id}-${n}`, url: app.db.url, folder: join(app.home, 'gate'), log: app.log,
        clock: app.clock.kind === 'manual' ? app.clock : undefined,
      })
      const unstir = app.onStir(gate.wake)
      return { ...gate, async close() { unstir(); await gate.close() } }
    } catch (error) {
      if (!(error instanceof GateFolderTaken) || n === gates_per_folder_max) throw error
    }
  }
}
