// One server of the ISO 8583 bench, in a process of its own: a bare echo, or the gate's front over a snapshot. It says its
// port when it listens, and when asked how much processor time it has used and what it observed.
import { createServer } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Door } from '../src/gate/door.ts'
import { startFront } from '../src/gate/front/start.ts'
import type { Observation } from '../src/gate/observation.ts'
import { createSnapshot } from '../src/gate/snapshot.ts'
import { entryOf, now, rules, secret } from './gate-8583-estate.ts'

export type Kind = 'echo' | 'gate' | 'gate-mac'
export type Listening = { port: number }
export type Usage = { cpu_ms: number; observed: number }

/** Observations are held for a moment, as the gate's spool holds them until it writes. */
const observations_held = 20_000

const echo = (): Promise<number> => new Promise((resolve) => {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', (chunk: Buffer) => socket.write(chunk))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
})

let observed = 0
async function gate(terminals: number, mac: 'checked' | 'demanded'): Promise<number> {
  const snapshot = createSnapshot({ terminals })
  snapshot.apply({ kind: 'rules', epoch: 1, seq: 1, rules })
  for (let n = 0; n < terminals; n++) snapshot.apply({ kind: 'upsert', epoch: 1, seq: 1, entry: entryOf(n) })
  // What loading left behind is not to be cleared away while sales are measured.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const held = new Array<Observation | undefined>(observations_held).fill(undefined)
  const door: Door = {
    now: () => now,
    decide: (query) => {
      const { decision, code, reason, holds, mode, asOf, until, securityEvent } = snapshot.decide(query, now)
      return { decision, code, reason, holds, mode, asOf, until, securityEvent, basis: 'fresh', epoch: 1, seq: 1, ageMs: 0 }
    },
    decideAll: () => [],
    entry: (tid) => snapshot.find(tid),
    rulesOf: (provider) => snapshot.rulesOf(provider),
    observe(o) { held[observed++ % observations_held] = o },
    accepting: () => true,
  }
  return (await startFront(door, { port: 0, secret, mac })).port
}

const [kind, terminals] = process.argv.slice(2) as [Kind | undefined, string | undefined]
// Also imported for its types: it serves only where it was started as a process.
if (process.send && kind !== undefined) {
  const port = kind === 'echo' ? await echo() : await gate(Number(terminals), kind === 'gate-mac' ? 'demanded' : 'checked')
  process.send({ port } satisfies Listening)
  process.on('disconnect', () => process.exit(0))
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send!({ cpu_ms: (user + system) / 1_000, observed } satisfies Usage)
  })
}
