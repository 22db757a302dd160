// A world that tells: the program's own HTTP face over real sockets, keys for everybody, a receiver, and the loop that carries –
// run by hand, so that a test says when.
import { openTelling, type Carriers, type Telling, type TellingOptions } from '../src/app/telling/carry.ts'
import { channelsOf } from '../src/app/telling/carriers.ts'
import { openLive } from '../src/app/telling/live.ts'
import type { Actor } from '../src/domain/authority.ts'
import type { Policy } from '../src/domain/policy.ts'
import { serve } from '../src/http/serve.ts'
import type { Services } from '../src/http/services.ts'
import { createAccount, createKey, createPerson } from '../src/store/people.ts'
import { makeWorld, mid, people, person, type World } from './world.ts'

const midB = '102290058120002'
const provider = { kind: 'provider', id: 'yunhui' } as const
const cast = {
  owner: people.owner,
  staff: person('staff', 'merchant_staff', { kind: 'merchant', id: mid }),
  till: person('till', 'integrator', { kind: 'merchant', id: mid }),
  agent: people.agent,
  reviewer: people.reviewer,
  admin: person('admin', 'provider_admin', provider),
  stranger: person('stranger', 'merchant_owner', { kind: 'merchant', id: midB }),
  rival: person('rival', 'provider_admin', { kind: 'provider', id: 'chengfutong' }),
  platform: person('platform', 'platform_admin', { kind: 'platform', id: 'platform' }),
} satisfies Record<string, Actor>
export type Part = keyof typeof cast

// biome-ignore lint/suspicious/noExplicitAny: whatever was answered; the expectations say what it should be.
export type Told = { status: number; body: any; text: string; headers: Headers }
export type TellingWorld = Omit<World, 'ask'> & {
  httpUrl: string
  keys: Record<Part, string>
  ask(method: string, path: string, who?: Part, body?: unknown, headers?: Record<string, string>): Promise<Told>
  /** A loop of its own; closed with the world. */
  telling(options?: Partial<TellingOptions>): Telling
}

const test_timeout_ms = 300
const loopback = { loopback: true, http: true }

export async function tellingWorld(serverUrl: string, { now, policy = {}, carriers = {} }: { now: string; policy?: Partial<Policy>; carriers?: Carriers }): Promise<TellingWorld> {
  const world = await makeWorld(serverUrl, { now, policy: { straightThrough: [], ...policy } })
  const { app } = world
  await world.sql('insert into merchant (mid, name, uscc, mcc, wrapped_key) values ($1, $2, $3, $4, $5)', [midB, '永和豆浆', '91350100M000100Y51', '5812', app.vault.newKey(midB)])
  await world.sql('insert into merchant_provider (mid, provider) values ($1, $2)', [midB, 'chengfutong'])
  const keys = {} as Record<Part, string>
  await app.db.transaction('*', async (tx) => {
    for (const [part, { person: id, account, name, role, party }] of Object.entries(cast)) {
      await createPerson(tx, { id, name })
      await createAccount(tx, { id: account, person: id, name, role, party })
      keys[part as Part] = (await createKey(tx, account, 'test', world.clock.now())).key
    }
  })
  const live = openLive(app, { heartbeat: 100 })
  const http = await serve({
    app, services: { telling: { carriers: channelsOf(carriers), allowed: loopback, live } } as unknown as Services,
    config: { port: 0, host: '127.0.0.1', publicUrl: 'http://localhost', isDemo: true, checkReplies: true, requestsPerMinute_max: 100_000 },
  })
  const loops: Telling[] = []
  return {
    ...world, httpUrl: http.url, keys,
    telling(options = {}) {
      const loop = openTelling(app, { carriers, allowed: loopback, timeout_ms: test_timeout_ms, random: () => 0.5, polls: false, ...options })
      loops.push(loop)
      return loop
    },
    async ask(method, path, who, body, headers = {}) {
      const answer = await fetch(`${http.url}/api/v1${path}`, {
        method,
        headers: { ...(who ? { authorization: `Bearer ${keys[who]}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, text, body: text ? JSON.parse(text) : undefined, headers: answer.headers }
    },
    async close() {
      for (const loop of loops) await loop.close()
      await http.close()
      await world.close()
    },
  }
}
