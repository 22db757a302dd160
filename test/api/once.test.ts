// Sent twice, sent at once, sent in part, sent bent out of shape: one effect and one reply per key, none from a trial, none
// over a version its sender has not seen – and a plain refusal in the asker's language for whatever makes no sense.
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusals } from '../../src/domain/refusals.ts'
import { openapiOf } from '../../src/http/openapi.ts'
import { routes } from '../../src/http/routes/index.ts'
import { createAccount, createKey, createPerson } from '../../src/store/people.ts'
import { startEstate, tested, type Estate, type Told } from './estate.ts'
import { throwRequest, type Thrown } from './fuzz.ts'

let estate: Estate
let free: { tid: string; mid: string }[]
beforeAll(async () => {
  estate = await startEstate('2026-11-23T10:00:00+08:00')
  const own = await estate.freeTerminals('apo.owner', 'yunhui')
  free = [own[0]!, ...(await estate.freeTerminals('yunhui.agent', 'yunhui')).filter((t) => t.mid !== own[0]!.mid)]
}, 120_000)
afterAll(() => estate?.close())

const at_once = 50
const times = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: at_once }, work))
/** One status and one text among all replies. */
const one = (replies: readonly Told[]): [number, string] => {
  expect(new Set(replies.map((r) => `${r.status} ${r.text}`)).size).toBe(1)
  return [replies[0]!.status, replies[0]!.text]
}
const journalled = async (command: string): Promise<number> => {
  const seen: { body: { command: string; outcome: string } }[] = []
  for (let after = 0; ; ) {
    const { rows } = (await estate.get(`/api/v1/journal?limit=1000&after=${after}`, 'platform.admin')).body
    seen.push(...rows)
    if (rows.length < 1_000)
      return seen.filter((r) => r.body.command === command && r.body.outcome === 'accepted').length
    after = rows.at(-1).seq
  }
}
const filing = (tid: string) => ({ kind: 'suspend', terminals: [tid], reason: 'M04', words: '停一台。', submit: true })
const casesOf = async (tid: string): Promise<{ no: string }[]> =>
  (await estate.get(`/api/v1/applications?q=${tid}&limit=200`, 'platform.admin')).body.items

describe('one key, one effect', () => {
  let no: string
  test('fifty of one filing are one case and fifty of one reply', async () => {
    const { tid } = free[0]!
    const before = (await casesOf(tid)).length
    const replies = await times(() =>
      estate.post('/api/v1/applications', 'apo.owner', filing(tid), { 'idempotency-key': 'file-at-once' }),
    )
    const [status, text] = one(replies)
    expect(status).toBe(201)
    no = JSON.parse(text).no
    expect(new Set(replies.map((r) => `${r.headers.get('etag')} ${r.headers.get('location')}`))).toEqual(
      new Set([`"v1" /api/v1/applications/${no}`]),
    )
    expect((await casesOf(tid)).length).toBe(before + 1)
    // And a while later, when the case has moved on.
    expect((await estate.post(`/api/v1/applications/${no}/claim`, 'yunhui.reviewer')).body.state).toBe('in_review')
    expect(
      (await estate.post('/api/v1/applications', 'apo.owner', filing(tid), { 'idempotency-key': 'file-at-once' })).text,
    ).toBe(text)
  })

  test('fifty without a key are one case, too, and forty-nine refusals that name it', async () => {
    const { tid } = free[1]!
    const asked = { ...filing(tid), channel: 'phone', proof: '来电录音 1' }
    const replies = await times(() => estate.post('/api/v1/applications', 'yunhui.agent', asked))
    const [made, ...more] = replies.filter((r) => r.status === 201)
    expect(more).toEqual([])
    for (const refused of replies.filter((r) => r !== made))
      expect(refused).toMatchObject({ status: 409, body: { code: 'case_open_already' } })
    expect(replies.find((r) => r !== made)!.body.detail).toContain(made!.body.no)
  })

  test('fifty approvals at once, each with a key of its own, approve once', async () => {
    const before = await journalled('approve')
    const replies = await Promise.all(
      Array.from({ length: at_once }, (_, i) =>
        estate.post(`/api/v1/applications/${no}/approve`, 'yunhui.approver', {}, { 'idempotency-key': `approve-${i}` }),
      ),
    )
    expect(replies.filter((r) => r.status === 200)).toHaveLength(1)
    expect(new Set(replies.filter((r) => r.status !== 200).map((r) => r.body.code))).toEqual(
      new Set(['not_in_this_state']),
    )
    expect(await journalled('approve')).toBe(before + 1)
  })

  test('fifty of one hold, fifty of its lift, fifty of its test', async () => {
    const { tid } = free[2]!
    const hold = { reason: 'R09', words: '复核。' }
    const [status, text] = one(
      await times(() =>
        estate.post(`/api/v1/terminals/${tid}/holds`, 'yunhui.risk', hold, { 'idempotency-key': 'hold-at-once' }),
      ),
    )
    expect(status).toBe(201)
    const placed = JSON.parse(text).holds.filter((h: { reason: string }) => h.reason === 'R09')
    expect(placed).toHaveLength(1)
    const [lifted] = one(
      await times(() =>
        estate.post(
          `/api/v1/holds/${placed[0].id}/lift`,
          'yunhui.risk',
          { words: '已核。' },
          { 'idempotency-key': 'lift-at-once' },
        ),
      ),
    )
    expect(lifted).toBe(200)
    const before = await journalled('record-test')
    const [done, view] = one(
      await times(() =>
        estate.post(
          `/api/v1/terminals/${tid}/tests`,
          'yunhui.field',
          { items: tested() },
          { 'idempotency-key': 'test-at-once' },
        ),
      ),
    )
    expect([done, JSON.parse(view).service]).toEqual([201, 'active'])
    expect(await journalled('record-test')).toBe(before + 1)
  })

  test('fifty of one new key are one key', async () => {
    const [status, text] = one(
      await times(() =>
        estate.post('/api/v1/keys', 'apo.staff', { name: 'till' }, { 'idempotency-key': 'key-at-once' }),
      ),
    )
    expect(status).toBe(201)
    expect((await estate.get('/api/v1/me', JSON.parse(text).key)).status).toBe(200)
    expect(
      (await estate.get('/api/v1/keys', 'apo.staff')).body.items.filter((k: { name: string }) => k.name === 'till'),
    ).toHaveLength(1)
  })
})

describe('a key is bound to what it was sent with', () => {
  const key = { 'idempotency-key': 'bound' }
  test('another body, another address, another query: mismatch', async () => {
    const hold = { reason: 'D11', words: '打印卡纸。' }
    const path = `/api/v1/terminals/${free[3]!.tid}/holds`
    expect((await estate.post(path, 'yunhui.agent', hold, key)).status).toBe(201)
    for (const [where, body] of [
      [path, { ...hold, words: '打印卡纸！' }],
      [`/api/v1/terminals/${free[4]!.tid}/holds`, hold],
      ['/api/v1/applications', filing(free[4]!.tid)],
    ] as const)
      expect(await estate.post(where, 'yunhui.agent', body, key)).toMatchObject({
        status: 422,
        body: { code: 'idempotency_mismatch', retry: false },
      })
    // The language is no other request.
    expect((await estate.post(`${path}?lang=en`, 'yunhui.agent', hold, key)).status).toBe(201)
  })
  test('another party has keys of its own', async () => {
    const asked = {
      kind: 'suspend',
      terminals: [(await estate.freeTerminals('wanghu.owner', 'yunhui'))[0]!.tid],
      reason: 'M04',
      words: '停。',
      submit: true,
    }
    expect(
      (await estate.post('/api/v1/applications', 'wanghu.owner', asked, { 'idempotency-key': 'file-at-once' })).status,
    ).toBe(201)
  })
  test("a colleague's new key is not told to whoever uses the same idempotency key", async () => {
    const { party, key } = await estate.app.db.transaction('*', async (tx) => {
      const { id } = estate.actor('apo.owner').party
      const account = await createAccount(tx, {
        person: await createPerson(tx, { name: '店员' }),
        name: '店员',
        role: 'merchant_staff',
        party: { kind: 'merchant', id },
      })
      return { party: id, key: (await createKey(tx, account, 'x', 0)).key }
    })
    const told = await estate.post('/api/v1/keys', key, { name: 'till' }, { 'idempotency-key': 'key-at-once' })
    expect([party, told.status, told.body.code]).toEqual([
      estate.actor('apo.staff').party.id,
      422,
      'idempotency_mismatch',
    ])
  })
})

describe('a trial', () => {
  test('answers as the real thing would, leaves nothing, and does not use up its key', async () => {
    const { tid } = free[5]!
    const all = async (): Promise<string> => {
      const { head } = (await estate.get('/api/v1/journal?limit=1', 'platform.admin')).body
      return JSON.stringify([
        head,
        await casesOf(tid),
        (await estate.get(`/api/v1/terminals/${tid}`, 'platform.admin')).body,
        (await estate.get('/api/v1/notices?limit=200', 'yunhui.agent')).body,
      ])
    }
    const before = await all()
    const hold = { reason: 'D11', words: '打印卡纸。' }
    const path = `/api/v1/terminals/${tid}/holds`
    expect(
      await estate.post(`${path}?dryRun=true`, 'yunhui.agent', hold, { 'idempotency-key': 'trial' }),
    ).toMatchObject({ status: 201, body: { tid, holds: [{ reason: 'D11' }] } })
    const proven = { ...filing(tid), channel: 'phone', proof: '来电录音 2' }
    expect(await estate.post('/api/v1/applications?dryRun=true', 'yunhui.agent', proven)).toMatchObject({
      status: 201,
      body: { state: 'submitted' },
    })
    expect(await estate.post(`${path}?dryRun=true`, 'yunhui.agent', { ...hold, reason: 'R09' })).toMatchObject({
      status: 403,
      body: { code: 'hold_place_not_yours' },
    })
    expect(await all()).toBe(before)
    expect((await estate.post(path, 'yunhui.agent', hold, { 'idempotency-key': 'trial' })).status).toBe(201)
    expect(await all()).not.toBe(before)
  })
})

describe('over another version', () => {
  test.each(['"v1"', 'W/"v2"', '"v99"', '"v1", "v3"', 'nonsense', '"2"'])('If-Match: %s is stale', async (tag) => {
    const { tid } = free[6]!
    const now = (await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')
    expect(now).toMatch(/^"v\d+"$/)
    // Whatever its version is, none of these is it.
    const stale = now === '"v1"' && tag === '"v1"' ? '"v7"' : tag
    expect(
      await estate.post(
        `/api/v1/terminals/${tid}/holds`,
        'yunhui.agent',
        { reason: 'D12', words: '屏裂。' },
        { 'if-match': stale },
      ),
    ).toMatchObject({ status: 412, body: { code: 'version_stale', retry: false } })
    expect((await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')).toBe(now)
  })
  test('of two who saw the same version one is first', async () => {
    const { tid } = free[6]!
    const seen = (await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')!
    const both = await Promise.all(
      ['D12', 'D11'].map((reason) =>
        estate.post(
          `/api/v1/terminals/${tid}/holds`,
          'yunhui.agent',
          { reason, words: '坏了。' },
          { 'if-match': seen },
        ),
      ),
    )
    expect(both.map((r) => r.status).toSorted()).toEqual([201, 412])
    const next = both.find((r) => r.status === 201)!.headers.get('etag')!
    expect((await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')).toBe(next)
  })
})

describe('what makes no sense', () => {
  const seed = process.env['TINGQI_SEED'] ?? 'bent 1'
  const count = process.env['TINGQI_TORTURE'] === '1' ? 100_000 : 2_000
  const sent_at_once = 20
  const contract = openapiOf(routes, '0')

  /** As bytes on the wire: what `fetch` would put right first is sent as it is. */
  const send = ({
    method,
    path,
    headers,
    body,
    who,
  }: Thrown): Promise<{ status: number; type: string; text: string }> =>
    new Promise((resolve, reject) => {
      const auth =
        who === undefined || 'authorization' in headers ? {} : { authorization: `Bearer ${estate.actor(who).apiKey}` }
      const request = httpRequest(
        estate.url,
        { method, path, headers: { ...auth, ...headers, ...(body ? { 'content-length': String(body.length) } : {}) } },
        (reply) => {
          const chunks: Buffer[] = []
          reply.on('data', (chunk: Buffer) => chunks.push(chunk))
          reply.on('end', () =>
            resolve({
              status: reply.statusCode!,
              type: reply.headers['content-type'] ?? '',
              text: Buffer.concat(chunks).toString(),
            }),
          )
        },
      )
      request.on('error', reject)
      request.end(body)
    })
  const isHan = (text: string): boolean => /\p{Script=Han}/u.test(text)
  /** What is wrong with an answer, or nothing. */
  const faultOf = (
    thrown: Thrown,
    { status, type, text }: { status: number; type: string; text: string },
  ): string | undefined => {
    if (status < 400) return undefined
    if (status >= 500) return 'it failed'
    if (type.includes('text/html')) return undefined
    if (type !== 'application/problem+json; charset=utf-8') return `it is no problem document but ${type}`
    const problem = JSON.parse(text) as {
      type: string
      title: string
      status: number
      code: string
      detail: string
      errors: { detail: string }[]
    }
    if (problem.status !== status || problem.type !== `/problems/${problem.code}` || !(problem.code in refusals))
      return 'it contradicts itself'
    // Whoever overrode the language that was thrown is not judged by it, nor a reply that was given before.
    const isOverridden =
      thrown.headers['accept-language'] !== (thrown.language === 'zh' ? 'zh-CN' : 'en') || /[?&]lang=/.test(thrown.path)
    if (isOverridden || thrown.headers['idempotency-key'] !== undefined) return undefined
    spoken[thrown.language].add(problem.code)
    const said = [problem.title, problem.detail, ...problem.errors.map((e) => e.detail)]
    const isRight =
      thrown.language === 'zh'
        ? said.every(isHan)
        : !isHan(problem.title) && said.every((text) => /^[A-Z0-9"]/.test(text))
    return isRight ? undefined : `it does not speak ${thrown.language}`
  }
  const spoken = { zh: new Set<string>(), en: new Set<string>() }

  test(`of ${count} requests none fails, and each refusal says why in the asker's language`, async () => {
    const cast = [...estate.cast.keys()]
    const faults: string[] = []
    const check = async (number: number): Promise<void> => {
      const thrown = throwRequest(seed, number, routes, contract, cast)
      // A clock that was moved by a thousand years would have a thousand years of work to do.
      if (thrown.row.id === 'moveClock' && thrown.who === 'platform.admin') thrown.who = 'platform.auditor'
      const told = await send(thrown).catch((error: Error) => ({ status: 599, type: '', text: error.message }))
      const fault = faultOf(thrown, told)
      if (fault)
        faults.push(
          `seed ‘${seed}’, request ${number}: ${fault}: ${thrown.method} ${thrown.path.slice(0, 200)} as ${thrown.who} ${JSON.stringify(thrown.headers).slice(0, 300)} ${thrown.body?.toString('latin1').slice(0, 300)} → ${told.text.slice(0, 500)}`,
        )
    }
    for (let from = 0; from < count; from += sent_at_once)
      await Promise.all(Array.from({ length: sent_at_once }, (_, i) => check(from + i)))
    expect(faults).toEqual([])
    // Refusals of many kinds were met, in both languages; else the dice have become too kind.
    for (const codes of Object.values(spoken))
      expect([...codes]).toEqual(
        expect.arrayContaining([
          'fields_invalid',
          'request_malformed',
          'not_found',
          'role_missing',
          'unauthenticated',
          'media_unsupported',
        ]),
      )
  })

  test.each([
    ['no HTTP at all', 'what is this?\r\n\r\n', 'request_malformed'],
    ['a header too long', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 'too_large'],
    [
      'two lengths',
      'POST /api/v1/applications HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      'request_malformed',
    ],
    [
      'a chunk that is none',
      'POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      'request_malformed',
    ],
  ])('%s is refused in the same form, and the line is closed', async (_, sent, code) => {
    const { hostname, port } = new URL(estate.url)
    const told = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), hostname, () => socket.write(sent))
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    const [head, body] = told.split('\r\n\r\n')
    expect(head).toContain('content-type: application/problem+json')
    expect(JSON.parse(body!)).toMatchObject({ code, status: refusals[code as keyof typeof refusals].status })
  })

  test.each([
    ['/track', { no: 1, phone: { a: 1 } }],
    ['/track', []],
    ['/track', 'x'],
    [`/verify?code=${'a'.repeat(63)}💥`, undefined],
    ['/verify/%00', undefined],
    ['/problems/constructor', undefined],
    ['/verify/%E0%A4%A', undefined],
  ])('the page %s is shown, however it is asked', async (path, body) => {
    const told = await estate.ask(body === undefined ? 'GET' : 'POST', path, undefined, {
      headers: { accept: 'text/html' },
      ...(body === undefined ? {} : { body }),
    })
    expect([told.status, told.status < 500, told.headers.get('content-type')]).toEqual([
      told.status,
      true,
      'text/html; charset=utf-8',
    ])
  })

  test('and the program is as well as before', async () => {
    expect((await estate.get('/readyz')).body).toEqual({ ready: true, missing: [] })
    expect(await estate.faults()).toEqual([])
  })
})
