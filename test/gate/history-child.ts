// A gate with its HTTP door in a process of its own, for histories. What it is told: to set its machine's clock. And for the
// test of the test it may be started with one rule broken: a piece of its own source is replaced as it is loaded.
import { registerHooks } from 'node:module'

export type Break = { readonly file: string; readonly find: string; readonly put: string }
export type Orders = {
  id: string; url: string; folder: string; secret: string; lease_ms: number; patience_ms: number; port: number; breaks: readonly Break[]
}
export type Word = { port: number } | { over: string }
export type Told = { step_ms: number } | 'end'

const orders = JSON.parse(process.argv[2]!) as Orders
const say = (word: Word): void => { process.send!(word) }

const applied = new Set<Break>()
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const own = orders.breaks.filter(({ file }) => url.endsWith(`/src/${file}`))
    if (own.length === 0) return loaded
    let source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString()
    for (const each of own) {
      if (source.split(each.find).length === 2) applied.add(each)
      source = source.replace(each.find, () => each.put)
    }
    return { ...loaded, source }
  },
})

let ahead_ms = 0
const real = Date.now
Date.now = () => real() + ahead_ms

const log = { info() {}, warn() {}, error() {} }
try {
  const { openHttpDoor } = await import('../../src/gate/http-door.ts')
  const { startGate } = await import('../../src/gate/start.ts')
  const { manners } = await import('../../src/gate-program.ts')
  const missed = orders.breaks.filter((each) => !applied.has(each))
  if (missed.length > 0) throw new Error(`not in the source, or more than once: ${missed.map((each) => `${each.file}: ${each.find}`).join('; ')}`)
  const gate = await startGate({ ...orders, log, poll_ms: 100, onOver: (error) => say({ over: error.message }) })
  const door = await openHttpDoor(gate, { port: orders.port, host: '127.0.0.1', manners, drain_ms_max: 1_500 })
  process.on('message', (told: Told) => {
    if (told !== 'end') ahead_ms += told.step_ms
    else {
      gate.drain()
      void door.close().then(gate.close).then(() => process.exit(0))
    }
  })
  process.on('disconnect', () => process.exit(0))
  say({ port: door.port })
} catch (error) {
  say({ over: (error as Error).message })
  process.exit(1)
}
