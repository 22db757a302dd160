// A program made to be killed: app, gate and due work on the real clock over a database it is told of, with hands that
// keep it busy. It loads first, waits for its orders, and then says a line for everything it is asked and everything it
// answered – the answer after the reply, so that what was said was committed.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Log } from '../../src/app/app.ts'
import { startDue } from '../../src/app/due.ts'
import { headKeeper } from '../../src/app/journal.ts'
import { startApp } from '../../src/app/start.ts'
import { gateBeside } from '../../src/gate/beside.ts'
import { makeRandom } from '../model/random.ts'
import { send, work, type Line, type Request } from './hands.ts'

export type Orders = { url: string; home: string; seed: number; tids: readonly string[]; hands: number; again: readonly Request[] }

const say = (line: Line): void => { writeSync(1, `${JSON.stringify(line)}\n`) }
const log: Log = { info() {}, warn() {}, error(facts, message) { say({ broken: `${message}: ${JSON.stringify(facts)}` }) } }

async function run({ url, home, seed, tids, hands, again }: Orders): Promise<void> {
  const began = performance.now()
  const app = await startApp({ url, secret: 'x'.repeat(40), home, publicUrl: 'http://localhost', isDemo: true, log, connections_max: 5 })
  const gate = await gateBeside(app, { id: 'crash' })
  app.setGates((seq) => gate.knownAt(seq))
  const due = startDue(app, gate)
  await due.run()
  say({ ready: performance.now() - began })
  const keeper = headKeeper(app)
  const r = makeRandom(seed)
  let sent = 0
  const newKey = (): string => `${seed}-${++sent}`
  for (const request of again) await send(app, request, say)
  setInterval(() => { keeper.keep().catch(() => {}) }, 50)
  const shares = Array.from({ length: hands }, (_, i) => tids.filter((_, k) => k % hands === i))
  await Promise.all(shares.map((share) => work(app, share, r, newKey, say)))
}

createInterface({ input: process.stdin }).once('line', (line) => {
  run(JSON.parse(line) as Orders).catch((error: Error) => {
    say({ broken: error.stack ?? error.message })
    process.exit(1)
  })
})
