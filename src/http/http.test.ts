// The face as its callers meet it, over a real database: who gets in, what is refused in which words, and that a request sent
// twice does one thing.
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeWorld, mid, startServer, type World } from '../../test/world.ts'
import type { PartyKind, Role } from '../domain/vocabulary.ts'
import { createAccount, createKey, createPerson } from '../store/people.ts'
import { buildHttp } from './serve.ts'
import type { Services } from './services.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let http: FastifyInstance
const keys: Record<string, string> = {}
const lines: object[] = []

/** What reads and files need is somebody else's test; here nothing of it is there. */
const services = { terminals: { one: async () => undefined } } as unknown as Services

beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-23T10:00', policy: { straightThrough: [] } })
  const log = {
    info: (facts: object) => {
      lines.push(facts)
    },
    warn: (facts: object) => {
      lines.push(facts)
    },
    error: (facts: object) => {
      lines.push(facts)
    },
  }
  http = await buildHttp({
    app: { ...world.app, log },
    services,
    config: { port: 0, host: '127.0.0.1', publicUrl: 'http://tingqi.test', isDemo: false, checkReplies: true },
  })
  await world.app.db.transaction('*', async (tx) => {
    const make = async (name: string, role: Role, kind: PartyKind, id: string): Promise<void> => {
      const person = await createPerson(tx, { id: name, name })
      const account = await createAccount(tx, {
        person,
        name,
        role,
        party: { kind, id },
        login: `${name}.login`,
        password: `${name} has a password`,
      })
      keys[name] = (await createKey(tx, account, 'test', world.clock.now())).key
    }
    await make('owner', 'merchant_owner', 'merchant', mid)
    await make('staff', 'merchant_staff', 'merchant', mid)
    await make('stranger', 'merchant_owner', 'merchant', '102290058120002')
    await make('reviewer', 'reviewer', 'provider', 'yunhui')
    await make('finance', 'finance', 'provider', 'yunhui')
    await make('admin', 'provider_admin', 'provider', 'yunhui')
    await make('deputy', 'provider_admin', 'provider', 'yunhui')
    await make('elsewhere', 'provider_admin', 'provider', 'hairun')
    await make('root', 'platform_admin', 'platform', 'platform')
  })
}, 120_000)
afterAll(async () => {
  await http?.close()
  await world?.close()
  await server?.stop()
})

type Named = { pointer: string; hint: string; party: { id: string }; provider: string; version: number }
// biome-ignore lint/suspicious/noExplicitAny: whatever was answered; the expectations say what it should be.
type Told = { status: number; body: any; text: string; headers: Record<string, unknown> }
const ask = async (
  method: InjectOptions['method'],
  url: string,
  who?: string,
  payload?: object | string | Buffer,
  headers: Record<string, string> = {},
): Promise<Told> => {
  const reply = await http.inject({
    method: method!,
    url,
    headers: { ...(who ? { authorization: `Bearer ${keys[who] ?? who}` } : {}), ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  const json = String(reply.headers['content-type']).includes('json')
  return {
    status: reply.statusCode,
    text: reply.body,
    body: json && reply.body ? JSON.parse(reply.body) : undefined,
    headers: reply.headers,
  }
}
const filing = {
  kind: 'suspend',
  terminals: ['10000001'],
  reason: 'M02',
  effectiveFrom: '2026-11-27T15:00:00+08:00',
  expectedUntil: '2026-12-24T09:00:00+08:00',
}

describe('who is asking', () => {
  test.each([undefined, 'nonsense', `tq_${'x'.repeat(43)}`])(
    '%s gets a 401 that says how to do better',
    async (key) => {
      const told = await ask('GET', '/api/v1/me', key)
      expect(told).toMatchObject({
        status: 401,
        body: {
          code: 'unauthenticated',
          status: 401,
          title: '未登录',
          type: '/problems/unauthenticated',
          retry: false,
        },
      })
      expect(told.headers['www-authenticate']).toContain('Bearer')
      expect(told.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      expect(told.body.requestId).toBe(told.headers['x-request-id'])
    },
  )

  test('a key is its account, without a one-time password', async () => {
    expect(await ask('GET', '/api/v1/me', 'reviewer')).toMatchObject({ status: 200 })
  })

  test('a role without the right is told which roles have it, in its language', async () => {
    expect(await ask('GET', '/api/v1/people', 'owner')).toMatchObject({ status: 403, body: { code: 'role_missing' } })
    expect((await ask('GET', '/api/v1/people?lang=en', 'owner')).body.detail).toBe(
      'Your role (merchant owner) may not do this; needed: platform administrator, auditor, provider administrator, reviewer, approver.',
    )
  })

  test('a party sees its own people, the platform everybody', async () => {
    const own = await ask('GET', '/api/v1/people', 'admin')
    expect(new Set(own.body.items.map((p: Named) => p.party.id))).toEqual(new Set(['yunhui']))
    const all = await ask('GET', '/api/v1/people?limit=4', 'root')
    expect(all.body).toMatchObject({ total: 9 })
    const rest = await ask('GET', `/api/v1/people?limit=200&cursor=${all.body.next}`, 'root')
    expect(rest.body.items.length + all.body.items.length).toBe(9)
    expect(rest.body.next).toBeNull()
  })
})

describe('keys', () => {
  test('one is shown once, works, and stops working when it is revoked', async () => {
    const made = await ask('POST', '/api/v1/keys', 'finance', { name: 'till' }, { 'idempotency-key': 'k1' })
    expect(made).toMatchObject({ status: 201, body: { name: 'till', revokedAt: null } })
    expect(made.body.key).toMatch(/^tq_[\w-]{43}$/)
    // The same request again is the same key, to the byte; the database never holds it.
    expect((await ask('POST', '/api/v1/keys', 'finance', { name: 'till' }, { 'idempotency-key': 'k1' })).text).toBe(
      made.text,
    )
    const held = await world.sql(
      'select (select jsonb_agg(i) from idempotency i)::text || (select jsonb_agg(j.body) from journal j)::text || (select jsonb_agg(k) from api_key k)::text as all',
    )
    expect(JSON.stringify(held)).not.toContain(made.body.key)
    expect((await ask('GET', '/api/v1/keys', 'finance')).body.items.map((k: Named) => k.hint)).toContain(made.body.hint)
    expect((await ask('GET', '/api/v1/keys', 'finance')).text).not.toContain(made.body.key)
    expect(await ask('GET', '/api/v1/me', made.body.key)).toMatchObject({ status: 200 })
    expect(await ask('DELETE', `/api/v1/keys/${made.body.id}`, 'admin')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect(await ask('DELETE', `/api/v1/keys/${made.body.hint}`, 'finance')).toMatchObject({
      status: 200,
      body: { id: made.body.id },
    })
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    expect(await ask('GET', '/api/v1/me', made.body.key)).toMatchObject({ status: 401 })
  })
})

describe('how it is asked', () => {
  test('what is no JSON is malformed, in either shape', async () => {
    for (const body of ['{"kind":', '[1,', '"\\u{}"', '{"__proto__":{"a":1},"kind":"suspend"}'])
      expect(
        await ask('POST', '/api/v1/applications', 'owner', body, { 'content-type': 'application/json' }),
      ).toMatchObject({ status: 400, body: { code: 'request_malformed' } })
    const latin = Buffer.concat([Buffer.from('{"kind":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
    expect(
      await ask('POST', '/api/v1/applications', 'owner', latin, { 'content-type': 'application/json' }),
    ).toMatchObject({ status: 400 })
  })
  test('every wrong field is named at once', async () => {
    const told = await ask('POST', '/api/v1/applications', 'owner', { kind: 'stop', terminals: 'all', when: 1 })
    expect(told).toMatchObject({
      status: 422,
      body: { code: 'fields_invalid', detail: '有 3 处填写有误，请看各项说明。' },
    })
    expect(told.body.errors.map((e: Named) => e.pointer)).toEqual(['/kind', '/terminals', '/when'])
    expect(
      (await ask('GET', '/api/v1/terminals?limit=201&color=red', 'owner')).body.errors.map((e: Named) => e.pointer),
    ).toEqual(['/query/limit', '/query/color'])
  })
  test('other types, other sizes, other places', async () => {
    expect(
      await ask('POST', '/api/v1/applications', 'owner', 'kind=suspend', { 'content-type': 'text/plain' }),
    ).toMatchObject({ status: 415, body: { code: 'media_unsupported' } })
    expect(
      await ask('POST', '/api/v1/applications', 'owner', '%PDF', { 'content-type': 'application/pdf' }),
    ).toMatchObject({ status: 415 })
    expect(await ask('POST', '/api/v1/imports', 'admin', {})).toMatchObject({ status: 415 })
    expect(await ask('POST', '/api/v1/applications', 'owner', { words: 'x'.repeat(1_100_000) })).toMatchObject({
      status: 413,
      body: { detail: '内容过大，上限 1 MB。' },
    })
    expect(await ask('GET', '/api/v1/nothing', 'owner')).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(await ask('GET', '/api/v1/terminals/10000001', 'owner')).toMatchObject({ status: 404 })
    expect(await ask('POST', '/api/v1/holds/not-a-hold/lift', 'finance', { words: 'x' })).toMatchObject({ status: 404 })
    expect(await ask('PATCH', '/api/v1/me', 'owner')).toMatchObject({ status: 404 })
  })
  test('whoever may not is not asked for a body', async () => {
    expect(
      await ask('POST', '/api/v1/applications', undefined, 'x'.repeat(2_000_000), {
        'content-type': 'application/json',
      }),
    ).toMatchObject({ status: 401 })
  })
})

describe('a case', () => {
  let no: string
  test('is filed once, however often it is sent', async () => {
    const first = await ask('POST', '/api/v1/applications', 'owner', filing, { 'idempotency-key': 'file-1' })
    expect(first).toMatchObject({ status: 201, body: { state: 'draft', version: 1 }, headers: { etag: '"v1"' } })
    no = first.body.no
    expect(first.headers['location']).toBe(`/api/v1/applications/${no}`)
    const again = await Promise.all(
      Array.from({ length: 20 }, () =>
        ask('POST', '/api/v1/applications', 'owner', filing, { 'idempotency-key': 'file-1' }),
      ),
    )
    expect(new Set(again.map((r) => r.text))).toEqual(new Set([first.text]))
    expect(again[0]!.headers).toMatchObject({ etag: '"v1"', location: first.headers['location'] })
    expect(await world.sql('select no from application')).toHaveLength(1)
    expect(
      await ask('POST', '/api/v1/applications', 'owner', { ...filing, reason: 'M01' }, { 'idempotency-key': 'file-1' }),
    ).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
    expect(
      await ask('POST', `/api/v1/applications/${no}/submit`, 'owner', {}, { 'idempotency-key': 'file-1' }),
    ).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
    expect(await ask('POST', '/api/v1/applications', 'owner', filing, { 'idempotency-key': 'ü' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/header/Idempotency-Key' }] },
    })
  })
  test('a refusal is stored under its key, too, with the request id it had', async () => {
    const first = await ask('POST', '/api/v1/applications', 'owner', filing, { 'idempotency-key': 'file-2' })
    expect(first).toMatchObject({ status: 409, body: { code: 'case_open_already' } })
    expect((await ask('POST', '/api/v1/applications', 'owner', filing, { 'idempotency-key': 'file-2' })).text).toBe(
      first.text,
    )
  })
  test('a dry run answers as the real thing would and leaves nothing', async () => {
    const rows = () =>
      world.sql<{ n: string }>(
        'select (select count(*) from application) + (select count(*) from journal) + (select count(*) from idempotency) as n',
      )
    const before = await rows()
    expect(
      await ask(
        'POST',
        '/api/v1/applications?dryRun=true',
        'owner',
        { ...filing, terminals: ['10000002'], submit: true },
        { 'idempotency-key': 'dry' },
      ),
    ).toMatchObject({ status: 201, body: { state: 'submitted' } })
    expect(await ask('POST', '/api/v1/applications?dryRun=true', 'owner', filing)).toMatchObject({ status: 409 })
    expect(await rows()).toEqual(before)
    expect(await ask('POST', '/api/v1/applications?dryRun=yes', 'owner', filing)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/query/dryRun' }] },
    })
  })
  test("is nobody else's", async () => {
    expect(await ask('POST', `/api/v1/applications/${no}/submit`, 'stranger')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect(await ask('POST', `/api/v1/applications/${no}/reject`, 'elsewhere', { words: 'no' })).toMatchObject({
      status: 404,
    })
    expect(await ask('POST', '/api/v1/applications', 'stranger', { ...filing, terminals: ['10000002'] })).toMatchObject(
      { status: 404, body: { code: 'terminal_unknown' } },
    )
  })
  test('moves only over the version its asker saw', async () => {
    expect(
      await ask('POST', `/api/v1/applications/${no}/submit`, 'owner', undefined, { 'if-match': '"v9"' }),
    ).toMatchObject({ status: 412, body: { code: 'version_stale' } })
    expect(
      await ask('POST', `/api/v1/applications/${no}/submit`, 'owner', undefined, { 'if-match': 'W/"v1"' }),
    ).toMatchObject({ status: 412 })
    // Lower case and without its hyphens: numbers are read out on the telephone.
    const submitted = await ask(
      'POST',
      `/api/v1/applications/${no.toLowerCase().replaceAll('-', '')}/submit`,
      'owner',
      undefined,
      { 'if-match': '"v1"' },
    )
    expect(submitted).toMatchObject({
      status: 200,
      body: { state: 'submitted', version: 2 },
      headers: { etag: '"v2"' },
    })
  })
  test('is decided by another person, with reasons', async () => {
    expect(await ask('POST', `/api/v1/applications/${no}/approve`, 'owner', {})).toMatchObject({
      status: 403,
      body: { code: 'role_missing' },
    })
    expect(await ask('POST', `/api/v1/applications/${no}/reject`, 'reviewer', {})).toMatchObject({
      status: 422,
      body: { code: 'words_required', errors: [{ pointer: '/words' }] },
    })
    expect(
      await ask('POST', `/api/v1/applications/${no}/record-test`, 'reviewer', {
        items: [{ item: 'print', passed: true }],
      }),
    ).toMatchObject({ status: 403, body: { code: 'role_missing' } })
    expect(await ask('POST', `/api/v1/applications/${no}/approve`, 'reviewer')).toMatchObject({
      status: 200,
      body: { state: 'approved' },
    })
    const refused = await world.sql<{ body: string }>(`select body from journal where body like '%role_missing%'`)
    expect(refused.length).toBeGreaterThanOrEqual(2)
  })
})

describe("the provider's own stop", () => {
  test('is placed and lifted by its owner only', async () => {
    const hold = { reason: 'A03', words: '结算账户户名不符' }
    expect(await ask('POST', '/api/v1/terminals/10000003/holds', 'owner', hold)).toMatchObject({
      status: 403,
      body: { code: 'role_missing' },
    })
    expect(await ask('POST', '/api/v1/terminals/10000003/holds', 'finance', { ...hold, reason: 'R01' })).toMatchObject({
      status: 403,
      body: { code: 'hold_place_not_yours' },
    })
    const placed = await ask('POST', '/api/v1/terminals/10000003/holds', 'finance', hold)
    expect(placed.status).toBe(201)
    const [row] = await world.sql<{ id: string }>(`select id from hold where tid = '10000003'`)
    expect(await ask('POST', `/api/v1/holds/${row!.id}/lift`, 'admin', { words: 'x' })).toMatchObject({
      status: 403,
      body: { code: 'hold_not_yours' },
    })
    const lifted = await ask('POST', `/api/v1/holds/${row!.id}/lift`, 'finance', { words: '已更正' })
    expect(lifted.status).toBe(200)
    expect(await ask('POST', '/api/v1/terminals/10000003/dormancy', 'owner', { answer: 'keep' })).toMatchObject({
      status: 409,
      body: { code: 'dormancy_not_asked' },
    })
  })
  test('answers with the version the terminal now has', async () => {
    const hold = { reason: 'A01', words: '欠费' }
    const placed = await ask('POST', '/api/v1/terminals/10000002/holds', 'finance', hold)
    const [row] = await world.sql<{ version: number }>(`select version from terminal where tid = '10000002'`)
    expect(placed).toMatchObject({
      status: 201,
      body: { version: row!.version },
      headers: { etag: `"v${row!.version}"` },
    })
  })
})

describe('rules', () => {
  test('one person drafts, another approves', async () => {
    const { document } = (await ask('GET', '/api/v1/policies/yunhui-1', 'admin')).body
    const draft = await ask('POST', '/api/v1/policies', 'admin', { document: { ...document, drainHours: 48 } })
    expect(draft).toMatchObject({
      status: 201,
      body: { provider: 'yunhui', version: 2, state: 'draft', createdBy: 'admin' },
      headers: { location: '/api/v1/policies/yunhui-2' },
    })
    expect(await ask('POST', '/api/v1/policies/yunhui-2/approve', 'admin', {})).toMatchObject({
      status: 403,
      body: { code: 'maker_is_checker' },
    })
    expect(await ask('POST', '/api/v1/policies/yunhui-2/approve', 'elsewhere', {})).toMatchObject({ status: 404 })
    expect(
      await ask('POST', '/api/v1/policies/yunhui-2/approve', 'deputy', { effectiveFrom: '2026-11-22T00:00:00+08:00' }),
    ).toMatchObject({ status: 422, body: { code: 'effect_in_past' } })
    expect(await ask('POST', '/api/v1/policies/yunhui-2/approve', 'deputy', {})).toMatchObject({
      status: 200,
      body: { state: 'approved', approvedBy: 'deputy' },
    })
    expect(await ask('POST', '/api/v1/policies/yunhui-2/approve', 'deputy', {})).toMatchObject({
      status: 409,
      body: { code: 'not_in_this_state' },
    })
    expect(world.app.policyAt('yunhui', world.clock.now())).toMatchObject({ version: 2, policy: { drainHours: 48 } })
    expect(
      (await ask('GET', '/api/v1/policies', 'admin')).body.items.map((p: Named) => `${p.provider}-${p.version}`),
    ).toEqual(['yunhui-2', 'yunhui-1'])
    expect((await ask('GET', '/api/v1/policies', 'root')).body.items.length).toBe(4)
    expect(await ask('POST', '/api/v1/policies', 'reviewer', { document })).toMatchObject({ status: 403 })
    expect(await ask('POST', '/api/v1/policies', 'admin', { document: { ...document, drainHours: -1 } })).toMatchObject(
      { status: 422, body: { errors: [{ pointer: '/document/drainHours' }] } },
    )
  })
})

test('the log has no bodies, no addresses, no numbers of cases, no keys', () => {
  const text = JSON.stringify(lines)
  expect(lines.length).toBeGreaterThan(80)
  for (const secret of ['TQ-26', 'Bearer', 'tq_', 'password', '结算账户', '10000001'])
    expect(text, secret).not.toContain(secret)
  expect(lines).toContainEqual(
    expect.objectContaining({ route: '/api/v1/applications/:no/approve', status: 200, account: expect.any(String) }),
  )
})
