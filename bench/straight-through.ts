// From POSTing an application to the gate declining, approved by policy: what takes people three to seven working days.
// The real program in this process, asked over HTTP with keys; every sample is another terminal.
import { startProgram } from '../src/program.ts'
import { createAccount, createKey, createPerson } from '../src/store/people.ts'
import type { Bench } from './result.ts'
import { makeBenchWorld, midOf, secret, terminals_per_merchant, tidOf } from './world.ts'

const samples = 200
const merchants = Math.ceil(samples / terminals_per_merchant) + 1

const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!

export const run: Bench = async ({ rows = 10_000 }) => {
  const world = await makeBenchWorld(rows)
  const keys = await world.app.db.transaction('*', async (tx) => {
    const made: string[] = []
    for (let m = 0; m < merchants; m++) {
      const person = await createPerson(tx, { name: `owner ${m}` })
      const account = await createAccount(tx, { person, name: `owner ${m}`, role: 'merchant_owner', party: { kind: 'merchant', id: midOf(m * terminals_per_merchant) } })
      made.push((await createKey(tx, account, 'bench', Date.now())).key)
    }
    return made
  })
  const program = await startProgram({
    home: world.home, databaseUrl: world.url, host: '127.0.0.1', port: 0, publicUrl: 'http://localhost', roles: ['http', 'due', 'gate', 'jobs'],
    isDemo: false, manualClockFrom: undefined, secret, connections_max: 12,
  })
  try {
    const ask = async (key: string, path: string, body: object): Promise<{ status: number; body: { decision?: string; state?: string; code?: string }[] & { state?: string; code?: string } }> => {
      const reply = await fetch(`${program.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
      return { status: reply.status, body: await reply.json() as never }
    }
    const took: number[] = []
    for (let i = 0; i < samples; i++) {
      const key = keys[Math.floor(i / terminals_per_merchant)]!
      const began = performance.now()
      const filed = await ask(key, '/api/v1/applications', {
        kind: 'suspend', terminals: [tidOf(i)], reason: 'M05', expectedUntil: new Date(Date.now() + 20 * 86_400_000).toISOString(), submit: true,
      })
      if (filed.status !== 201) throw new Error(`not filed: ${JSON.stringify(filed.body)}`)
      for (;;) {
        const answer = await ask(key, '/gate/decisions', { tid: tidOf(i), mid: midOf(i), class: 'sale' })
        const decision = Array.isArray(answer.body) ? answer.body[0]!.decision : (answer.body as { decision?: string }).decision
        if (decision === 'decline') break
        if (performance.now() - began > 10_000) throw new Error('the gate never declined')
      }
      took.push(performance.now() - began)
    }
    const sorted = took.toSorted((a, b) => a - b)
    // The reference is one empty round trip through the same door.
    const pings: number[] = []
    for (let i = 0; i < samples; i++) {
      const began = performance.now()
      await fetch(`${program.url}/healthz`)
      pings.push(performance.now() - began)
    }
    const ping = at(pings.toSorted((a, b) => a - b), 0.5)
    return {
      name: 'straight-through p99', value: at(sorted, 0.99), unit: 'ms', reference: ping, ratio: at(sorted, 0.99) / ping, reach: 'p99 ≤ 1,000 ms',
      detail: { p50_ms: at(sorted, 0.5), max_ms: sorted.at(-1), samples, referenceIs: 'GET /healthz, median ms' },
    }
  } finally {
    await program.close()
    await world.close()
  }
}
