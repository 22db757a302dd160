// From the commit of an immediate stop until every gate declines: four gates, each a process of its own with its own connection,
// asked again and again by this process over HTTP. The reference is one round trip to the database. The commit is where this
// process hears of it, which is right after the database answered.
import { Agent, request } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { placeHoldOn } from '../src/app/terminals.ts'
import type { Actor } from '../src/domain/authority.ts'
import { addKey, at, key, startGate, type Measured } from './gate-process.ts'
import type { Options, Result } from './result.ts'
import { makeBenchWorld, midOf, tidOf } from './world.ts'

const rows_default = 10_000
const gates_count = 4
const stops_per_second = 5
const late_ms = 10_000
const finance: Actor = { person: 'finance', account: 'finance', name: 'finance', role: 'finance', party: { kind: 'provider', id: 'yunhui' }, via: 'key' }

const ask = (agent: Agent, port: number, body: string): Promise<string> => new Promise((resolve, reject) => {
  const req = request({
    host: '127.0.0.1', port, path: '/gate/decisions', method: 'POST', agent, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length },
  }, (res) => {
    let text = ''
    res.setEncoding('latin1').on('data', (chunk: string) => { text += chunk }).on('end', () => resolve(text)).on('error', reject)
  })
  req.on('error', reject)
  req.end(body)
})

/** When a gate was first heard to decline. */
async function declines(gate: Measured, agent: Agent, n: number): Promise<number> {
  const body = JSON.stringify({ tid: tidOf(n), mid: midOf(n), class: 'sale' })
  for (const began = performance.now(); performance.now() - began < late_ms;) {
    if ((await ask(agent, gate.port, body)).includes('"decision":"decline"')) return performance.now()
    await turn()
  }
  throw new Error('a gate never declined')
}

export async function run({ rows = rows_default, seconds = 25 }: Options): Promise<Result> {
  const world = await makeBenchWorld(rows)
  const gates: Measured[] = []
  try {
    await addKey(world.client)
    for (let i = 0; i < gates_count; i++) gates.push(await startGate({ url: world.url, home: world.home, id: `g${i}` }))
    const agents = gates.map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
    let committedAt = 0
    world.app.onStir(() => { committedAt = performance.now() })
    const [all, each, trips]: [number[], number[], number[]] = [[], [], []]
    const stops = Math.min(rows, Math.max(20, Math.round(seconds * stops_per_second)))
    // The words of a stop are sealed for its merchant.
    for (const mid of new Set(Array.from({ length: stops }, (_, n) => midOf(n))))
      await world.client.query('update merchant set wrapped_key = $2 where mid = $1', [mid, world.app.vault.newKey(mid)])
    for (let n = 0; n < stops; n++) {
      for (let i = 0; i < 3; i++) {
        const began = performance.now()
        await world.client.query('select 1')
        trips.push(performance.now() - began)
      }
      const asking = Promise.all(gates.map((gate, i) => declines(gate, agents[i]!, n)))
      asking.catch(() => {})
      let refused: unknown
      const reply = { status: 200, body: '', headers: {} }
      await placeHoldOn(world.app, { actor: finance }, tidOf(n), { reason: 'A01', words: 'account' }, { view: () => reply, refusal: (r) => { refused = r; return reply } })
      if (refused) throw new Error(JSON.stringify(refused))
      const at_ms = committedAt
      const heard = (await asking).map((when) => Math.max(0, when - at_ms))
      each.push(...heard)
      all.push(Math.max(...heard))
    }
    for (const agent of agents) agent.destroy()
    const trip = at(trips, 0.5)
    const [p50, p99] = [at(all, 0.5), at(all, 0.99)]
    return {
      name: 'gate-flip p99', value: p99, unit: 'ms', reference: trip, ratio: p99 / trip, reach: 'p99 ≤ 300 ms, median ≤ 50 ms until the last of four gates declines',
      detail: {
        p50_ms: p50, max_ms: Math.max(...all), oneGate_p50_ms: at(each, 0.5), oneGate_p99_ms: at(each, 0.99), stops, gates: gates_count, terminals: rows,
        referenceIs: 'select 1, median ms', reached: p99 <= 300 && p50 <= 50,
      },
    }
  } finally {
    for (const gate of gates) await gate.end()
    await world.close()
  }
}
