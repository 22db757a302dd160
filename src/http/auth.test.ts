// Signing in as people do it: a password, a cookie, a one-time password where it is demanded; and what does not let one in.
import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeWorld, mid, startServer, type World } from '../../test/world.ts'
import { createAccount, createPerson, setPassword } from '../store/people.ts'
import { buildHttp } from './serve.ts'
import type { Services } from './services.ts'

let server: Awaited<ReturnType<typeof startServer>>
let world: World
let http: FastifyInstance
const password = 'correct horse battery'
const origin = 'https://tingqi.test'
/** Nothing of it is reached by these calls; if it were, the request would fail. */
const services = {} as Services

beforeAll(async () => {
  server = await startServer()
  world = await makeWorld(server.url, { now: '2026-11-23T10:00' })
  http = await buildHttp({
    app: world.app,
    services,
    config: { port: 0, host: '127.0.0.1', publicUrl: origin, isDemo: false, checkReplies: true },
  })
  await world.app.db.transaction('*', async (tx) => {
    for (const [name, role, party] of [
      ['owner', 'merchant_owner', { kind: 'merchant', id: mid }],
      ['other', 'merchant_owner', { kind: 'merchant', id: mid }],
      ['locked', 'merchant_owner', { kind: 'merchant', id: mid }],
      ['leaving', 'merchant_owner', { kind: 'merchant', id: mid }],
      ['reviewer', 'reviewer', { kind: 'provider', id: 'yunhui' }],
    ] as const)
      await createAccount(tx, {
        id: name,
        person: await createPerson(tx, { name }),
        name,
        role,
        party,
        login: `${name}.login`,
        password,
      })
  })
}, 120_000)
afterAll(async () => {
  await http?.close()
  await world?.close()
  await server?.stop()
})

type Jar = Map<string, string>
const post = async (path: string, body: object, jar: Jar = new Map(), headers: Record<string, string> = { origin }) => {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const reply = await http.inject({
    method: 'POST',
    url: path,
    payload: body,
    headers: { host: 'tingqi.test', ...headers, ...(cookie ? { cookie } : {}) },
  })
  for (const one of [reply.headers['set-cookie'] ?? []].flat()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!
    if (/max-age=0/i.test(one)) jar.delete(name!)
    else jar.set(name!, value!)
  }
  return {
    status: reply.statusCode,
    body: reply.json(),
    cookies: [reply.headers['set-cookie'] ?? []].flat(),
    headers: reply.headers,
  }
}
const me = async (jar: Jar) =>
  (await http.inject({ url: '/api/v1/me', headers: { cookie: [...jar].map(([n, v]) => `${n}=${v}`).join('; ') } }))
    .statusCode
const signIn = async (name: string, jar: Jar = new Map(), secret = password) => ({
  jar,
  told: await post('/api/auth/sign-in/username', { username: `${name}.login`, password: secret }, jar),
})

describe('a merchant', () => {
  test('signs in, is known by the cookie alone, and signs out', async () => {
    const { jar, told } = await signIn('owner')
    expect(told.status).toBe(200)
    expect(told.body).not.toHaveProperty('token')
    expect(told.cookies[0]).toMatch(/^__Secure-tingqi\.session_token=.*HttpOnly.*SameSite=Lax/i)
    expect(told.cookies[0]).toMatch(/; Secure/i)
    expect(await me(jar)).toBe(200)
    expect(await me(new Map())).toBe(401)
    expect((await post('/api/auth/sign-out', {}, jar)).status).toBe(200)
    expect(await me(jar)).toBe(401)
  })

  test('is not let in with anything else', async () => {
    expect((await signIn('owner', new Map(), 'wrong horse battery')).told).toMatchObject({
      status: 401,
      body: {
        code: 'unauthenticated',
        errors: [{ code: 'invalid_username_or_password', detail: '用户名或密码不正确。' }],
      },
    })
    expect((await signIn('nobody')).told).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'invalid_username_or_password' }] },
    })
    expect(
      await post('/api/auth/sign-in/username', {
        username: 'owner.login',
        password,
        callbackURL: 'https://elsewhere.test',
      }),
    ).toMatchObject({ status: 422 })
    for (const path of [
      '/sign-up/email',
      '/sign-in/email',
      '/sign-in/social',
      '/is-username-available',
      '/update-user',
      '/two-factor/send-otp',
      '/delete-user',
    ])
      expect(
        await post(`/api/auth${path}`, { email: 'a@b.c', password, name: 'x', username: 'owner.login' }),
        path,
      ).toMatchObject({ status: 404 })
    const forged = new Map([['__Secure-tingqi.session_token', 'abc.def']])
    expect(await me(forged)).toBe(401)
  })

  test("writes nothing from another site's page", async () => {
    const { jar } = await signIn('owner')
    const write = (headers: Record<string, string>) =>
      post('/api/v1/keys?dryRun=true', {}, jar, headers).then((r) => r.status)
    expect(await write({ origin })).toBe(201)
    expect(await write({ 'sec-fetch-site': 'same-origin' })).toBe(201)
    expect(await write({})).toBe(401)
    expect(await write({ origin: 'https://elsewhere.test' })).toBe(401)
    expect(await write({ origin: 'null' })).toBe(401)
    for (const site of ['cross-site', 'same-site', 'none'])
      expect(await write({ origin, 'sec-fetch-site': site })).toBe(401)
    expect(await post('/api/auth/sign-out', {}, jar, { origin: 'https://elsewhere.test' })).toMatchObject({
      status: 401,
    })
    expect(await me(jar)).toBe(200)
  })

  test('is locked out after ten wrong passwords, however they come, and so is a login that does not exist', async () => {
    for (const name of ['locked', 'phantom']) {
      // From many addresses: what is counted is the login.
      const tries = await Promise.all(
        Array.from({ length: 14 }, (_, i) =>
          http.inject({
            method: 'POST',
            url: '/api/auth/sign-in/username',
            remoteAddress: `10.0.0.${i}`,
            headers: { host: 'tingqi.test', origin },
            payload: { username: `${name}.login`, password: `wrong password ${i}` },
          }),
        ),
      )
      expect(tries.map((t) => t.statusCode).toSorted()).toEqual([...Array(10).fill(401), ...Array(4).fill(429)])
      const told = await http.inject({
        method: 'POST',
        url: '/api/auth/sign-in/username',
        remoteAddress: '10.0.1.1',
        headers: { host: 'tingqi.test', origin },
        payload: { username: `${name}.login`, password },
      })
      expect(told.json()).toMatchObject({ status: 429, code: 'rate_limited', retry: true })
      expect(Number(told.headers['retry-after'])).toBeGreaterThan(29 * 60)
    }
    await world.sql(`update auth.failure set locked_until = clock_timestamp() - interval '1 second'`)
    expect((await signIn('locked')).told.status).toBe(200)
    expect(JSON.stringify(await world.sql(`select encode(login, 'hex') as login from auth.failure`))).not.toContain(
      'locked',
    )
  })

  test('changes the password, and every session ends with a new one set by an administrator', async () => {
    const { jar } = await signIn('leaving')
    expect(
      await post('/api/auth/change-password', { currentPassword: password, newPassword: 'short' }, jar),
    ).toMatchObject({ status: 422, body: { errors: [{ pointer: '/newPassword', code: 'too_short' }] } })
    expect(
      await post(
        '/api/auth/change-password',
        { currentPassword: 'not the password', newPassword: 'another long password' },
        jar,
      ),
    ).toMatchObject({ status: 422, body: { errors: [{ code: 'invalid_password' }] } })
    expect(
      await post('/api/auth/change-password', { currentPassword: password, newPassword: 'another long password' }, jar),
    ).toMatchObject({ status: 200 })
    expect((await signIn('leaving')).told.status).toBe(401)
    expect(await me(jar)).toBe(200)
    expect(await world.app.db.transaction('*', (tx) => setPassword(tx, 'leaving', 'set by the administrator'))).toBe(
      true,
    )
    expect(await me(jar)).toBe(401)
    const again = await signIn('leaving', new Map(), 'set by the administrator')
    await world.sql(`update account set disabled_at = now() where id = 'leaving'`)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    expect(await me(again.jar)).toBe(401)
  })
})

/** RFC 6238 over a base32 secret: what an authenticator shows. */
function totp(uri: string, at = Date.now()): string {
  const secret = new URL(uri).searchParams.get('secret')!
  const bits = [...secret]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => Number.parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  return String((hash.readUInt32BE(hash.at(-1)! & 15) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0')
}

describe("a provider's person", () => {
  test('may do nothing but set up a one-time password, and then signs in with it', async () => {
    const { jar } = await signIn('reviewer')
    expect(await me(jar)).toBe(200)
    expect(await post('/api/v1/keys', {}, jar)).toMatchObject({ status: 403, body: { code: 'totp_required' } })
    expect(await post('/api/auth/two-factor/enable', { password, method: 'otp' }, jar)).toMatchObject({ status: 422 })
    const enabled = await post('/api/auth/two-factor/enable', { password }, jar)
    expect(enabled).toMatchObject({ status: 200, body: { totpURI: expect.stringContaining('otpauth://totp/') } })
    expect(await post('/api/v1/keys', {}, jar), 'set up is not yet proven').toMatchObject({ status: 403 })
    const { totpURI } = enabled.body as { totpURI: string }
    expect(await post('/api/auth/two-factor/verify-totp', { code: '000000' }, jar)).toMatchObject({
      status: 401,
      body: { errors: [{ code: 'invalid_code' }] },
    })
    expect(await post('/api/auth/two-factor/verify-totp', { code: totp(totpURI) }, jar)).toMatchObject({ status: 200 })
    expect(await post('/api/v1/keys?dryRun=true', {}, jar)).toMatchObject({ status: 201 })

    const again = await signIn('reviewer')
    expect(again.told).toMatchObject({ status: 200, body: { twoFactorRedirect: true } })
    expect(await me(again.jar), 'the password alone is not enough').toBe(401)
    expect(
      await post('/api/auth/two-factor/verify-totp', { code: totp(totpURI), trustDevice: true }, again.jar),
    ).toMatchObject({ status: 422 })
    expect(
      await post('/api/auth/two-factor/verify-totp', { code: totp(totpURI, Date.now() + 30_000) }, again.jar),
    ).toMatchObject({ status: 200 })
    expect(await post('/api/v1/keys?dryRun=true', {}, again.jar)).toMatchObject({ status: 201 })
    const held = JSON.stringify(await world.sql('select secret, "backupCodes" from auth."twoFactor"'))
    expect(held).not.toContain(new URL(totpURI).searchParams.get('secret')!)
  })
})
