// A gate with its HTTP door in a process of its own, made to be paused, killed and cut off: with a lease as short as the test
// wants it. It says its port once it listens, and ends as the real one does.
import { writeSync } from 'node:fs'
import { openHttpDoor } from '../../src/gate/http-door.ts'
import { startGate } from '../../src/gate/start.ts'
import { manners } from '../../src/gate-program.ts'

export type GateOrders = { id: string; url: string; folder: string; secret: string; lease_ms: number; patience_ms: number; port: number }
export type GateLine = { port: number } | { log: string; facts: object } | { over: string }

const say = (line: GateLine): void => { writeSync(1, `${JSON.stringify(line)}\n`) }
const log = {
  info() {},
  warn: (facts: object, message: string) => say({ log: message, facts }),
  error: (facts: object, message: string) => say({ log: message, facts }),
}

const orders = JSON.parse(process.argv[2]!) as GateOrders
const starting = new AbortController()
process.on('SIGTERM', () => starting.abort())
try {
  const gate = await startGate({ ...orders, log, poll_ms: 100, signal: starting.signal, onOver: (error) => say({ over: error.message }) })
  const door = await openHttpDoor(gate, { port: orders.port, host: '127.0.0.1', manners, drain_ms_max: 3_000 })
  process.on('SIGTERM', () => {
    gate.drain()
    void door.close().then(gate.close).then(() => process.exit(0))
  })
  say({ port: door.port })
} catch (error) {
  say({ over: (error as Error).message })
  process.exit(1)
}
