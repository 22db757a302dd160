// The whole program over a database of its own, without the demo: three providers, people with keys, and nothing else until a
// test brings it in through the API.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { programRoles } from '../src/config.ts'
import { demoProviders } from '../src/demo/policies.ts'
import type { Policy } from '../src/domain/policy.ts'
import type { PartyKind, Role } from '../src/domain/vocabulary.ts'
import { startProgram, type Program } from '../src/program.ts'
import { keyHash } from '../src/store/people.ts'
import { freshDatabase } from './world.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever was answered; the expectations say what it should be.
export type Told = { status: number; body: any; text: string }
export type Somebody = { name: string; role: Role; party: { kind: PartyKind; id: string } }
export type Bare = Awaited<ReturnType<typeof startBare>>

const provider = (id: string): Somebody['party'] => ({ kind: 'provider', id })
export const staff: readonly Somebody[] = [
  { name: 'admin', role: 'platform_admin', party: { kind: 'platform', id: 'platform' } },
  ...(['yunhui', 'chengfutong', 'hairun'] as const).flatMap((id) =>
    (['finance', 'approver', 'reviewer', 'agent', 'provider_admin'] as const).map((role) => ({ name: `${id}.${role}`, role, party: provider(id) })),
  ),
  { name: 'yunhui.finance2', role: 'finance', party: provider('yunhui') },
]
const keyOf = (name: string): string => `tq_${Buffer.from(name.padEnd(32, '_')).toString('base64url').slice(0, 43)}`
const poll_ms = 20

export async function startBare(
  serverUrl: string, { now, policy = {}, people = [], url: given, home: kept }: { now: string; policy?: Partial<Policy>; people?: readonly Somebody[]; url?: string; home?: string },
) {
  const url = given ?? (await freshDatabase(serverUrl))
  const home = kept ?? mkdtempSync(join(tmpdir(), 'tingqi-bare-'))
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const sql = async <T extends object>(text: string, params: unknown[] = []): Promise<T[]> => (await client.query(text, params)).rows as T[]
  if (given === undefined) {
    for (const p of demoProviders) {
      await sql('insert into provider (id, name, name_en, prefix, hotline) values ($1, $2, $3, $4, $5)', [p.id, p.name, p.nameEn, p.prefix, p.hotline])
      await sql(`insert into policy values ($1, 1, $2, '2020-01-01', 'maker', '2020-01-01', 'checker')`, [p.id, JSON.stringify({ ...p.policy, ...policy })])
    }
    for (const { name, role, party } of [...staff, ...people]) {
      await sql('insert into person (id, name) values ($1, $1)', [name])
      await sql('insert into account (id, person, name, role, party_kind, party_id) values ($1, $1, $1, $2, $3, $4)', [name, role, party.kind, party.id])
      await sql(`insert into api_key (hash, account, hint, created_at) values ($1, $2, 'tq', now())`, [keyHash(keyOf(name)), name])
    }
  }
  const program: Program = await startProgram({
    home, databaseUrl: url, host: '127.0.0.1', port: 0, publicUrl: 'http://tingqi.test', roles: programRoles, isDemo: false,
    manualClockFrom: Date.parse(now), secret: 's'.repeat(40), connections_max: 12, checkReplies: true,
  } as Parameters<typeof startProgram>[0])

  const ask = async (method: string, path: string, who: string, { body, form, headers }: { body?: unknown; form?: FormData; headers?: Record<string, string> } = {}): Promise<Told> => {
    const answer = await fetch(program.url + path, {
      method,
      headers: { authorization: `Bearer ${keyOf(who)}`, 'accept-language': 'zh-CN', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(form ? { body: form } : body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, text, body: /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined }
  }
  const untilEnded = async (path: string, who: string): Promise<Told['body']> => {
    for (;;) {
      const { body } = await ask('GET', path, who)
      if (body.endedAt !== null) return body
      await sleep(poll_ms)
    }
  }
  return {
    program, url, home, sql, ask,
    keyOf,
    get: (path: string, who: string) => ask('GET', path, who),
    post: (path: string, who: string, body: unknown = {}, headers: Record<string, string> = {}) => ask('POST', path, who, { body, headers }),
    async import(who: string, kind: string, bytes: string | Uint8Array, name = `${kind}.csv`, more: Record<string, string> = {}): Promise<Told['body']> {
      const form = new FormData()
      for (const [key, value] of Object.entries({ kind, ...more })) form.set(key, value)
      form.set('file', new Blob([typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)]), name)
      const begun = await ask('POST', '/api/v1/imports', who, { form })
      return begun.status === 202 ? untilEnded(`/api/v1/imports/${begun.body.id}`, who) : begun.body
    },
    /** A run asked for and waited for. */
    async settle(who: string, asked: object = {}): Promise<Told['body']> {
      const begun = await ask('POST', '/api/v1/settlement/runs', who, { body: asked })
      if (begun.status !== 202) return begun.body
      return untilEnded(`/api/v1/settlement/runs/${begun.body.id}`, who)
    },
    /** Runs that began by themselves have ended. */
    async settled(): Promise<void> {
      for (;;) {
        const [left] = await sql<{ n: number }>('select count(*)::int as n from settlement_run where ended_at is null')
        if (left!.n === 0) return
        await sleep(poll_ms)
      }
    },
    async breaks(who: string, query = ''): Promise<Told['body'][]> {
      const all: Told['body'][] = []
      for (let cursor = ''; ; ) {
        const { body } = await ask('GET', `/api/v1/settlement/breaks?limit=200${query}${cursor && `&cursor=${cursor}`}`, who)
        all.push(...body.items)
        if (body.next === null) return all
        cursor = body.next
      }
    },
    /** Lets go of the database, the program having ended. */
    hangUp: () => client.end(),
    async close({ keep = false } = {}): Promise<void> {
      await program.close()
      await client.end()
      if (!keep) rmSync(home, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
