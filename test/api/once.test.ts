// Sent twice, sent at once, sent in part, sent bent out of shape: one effect and one reply per key, none from a trial, none
// over a version its sender has not seen – and a plain refusal in the asker's language for whatever makes no sense.
import { request as httpRequest } from 'node:http'
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
  for (let after = 0; ;) {
    const { rows } = (await estate.get(`/api/v1/journal?limit=1000&after=${after}`, 'platform.admin')).body
    seen.push(...rows)
    if (rows.length < 1_000) return seen.filter((r) => r.body.command === command && r.body.outcome === 'accepted').length
    after = rows.at(-1).seq
  }
}
const filing = (tid: string) => ({ kind: 'suspend', terminals: [tid], reason: 'M04', words: '停一台。', submit: true })
const casesOf = async (tid: string): Promise<{ no: string }[]> => (await estate.get(`/api/v1/applications?q=${tid}&limit=200`, 'platform.admin')).body.items

describe('one key, one effect', () => {
  let no: string
  test('fifty of one filing are one case and fifty of one reply', async () => {
    const { tid } = free[0]!
    const before = (await casesOf(tid)).length
    const replies = await times(() => estate.post('/api/v1/applications', 'apo.owner', filing(tid), { 'idempotency-key': 'file-at-once' }))
    const [status, text] = one(replies)
    expect(status).toBe(201)
    no = JSON.parse(text).no
    expect(new Set(replies.map((r) => `${r.headers.get('etag')} ${r.headers.get('location')}`))).toEqual(new Set([`"v1" /api/v1/applications/${no}`]))
    expect((await casesOf(tid)).length).toBe(before + 1)
    // And a while later, when the case has moved on.
    expect((await estate.post(`/api/v1/applications/${no}/claim`, 'yunhui.reviewer')).body.state).toBe('in_review')
    expect((await estate.post('/api/v1/applications', 'apo.owner', filing(tid), { 'idempotency-key': 'file-at-once' })).text).toBe(text)
  })

  test('fifty without a key are one case, too, and forty-nine refusals that name it', async () => {
    const { tid } = free[1]!
    const asked = { ...filing(tid), channel: 'phone', proof: '来电录音 1' }
    const replies = await times(() => estate.post('/api/v1/applications', 'yunhui.agent', asked))
    const [made, ...more] = replies.filter((r) => r.status === 201)
    expect(more).toEqual([])
    for (const refused of replies.filter((r) => r !== made)) expect(refused).toMatchObject({ status: 409, body: { code: 'case_open_already' } })
    expect(replies.find((r) => r !== made)!.body.detail).toContain(made!.body.no)
  })

  test('fifty approvals at once, each with a key of its own, approve once', async () => {
    const before = await journalled('approve')
    const replies = await Promise.all(Array.from({ length: at_once }, (_, i) => estate.post(`/api/v1/applications/${no}/approve`, 'yunhui.approver', {}, { 'idempotency-key': `approve-${i}` })))
    expect(replies.filter((r) => r.status === 200)).toHaveLength(1)
    expect(new Set(replies.filter((r) => r.status !== 200).map((r) => r.body.code))).toEqual(new Set(['not_in_this_state']))
    expect(await journalled('approve')).toBe(before + 1)
  })

  test('fifty of one hold, fifty of its lift, fifty of its test', async () => {
    const { tid } = free[2]!
    const hold = { reason: 'R09', words: '复核。' }
    const [status, text] = one(await times(() => estate.post(`/api/v1/terminals/${tid}/holds`, 'yunhui.risk', hold, { 'idempotency-key': 'hold-at-once' })))
    expect(status).toBe(201)
    const placed = JSON.parse(text).holds.filter((h: { reason: string }) => h.reason === 'R09')
    expect(placed).toHaveLength(1)
    const [lifted] = one(await times(() => estate.post(`/api/v1/holds/${placed[0].id}/lift`, 'yunhui.risk', { words: '已核。' }, { 'idempotency-key': 'lift-at-once' })))
    expect(lifted).toBe(200)
    const before = await journalled('record-test')
    const [done, view] = one(await times(() => estate.post(`/api/v1/terminals/${tid}/tests`, 'yunhui.field', { items: tested() }, { 'idempotency-key': 'test-at-once' })))
    expect([done, JSON.parse(view).service]).toEqual([201, 'active'])
    expect(await journalled('record-test')).toBe(before + 1)
  })

  test('fifty of one new key are one key', async () => {
    const [status, text] = one(await times(() => estate.post('/api/v1/keys', 'apo.staff', { name: 'till' }, { 'idempotency-key': 'key-at-once' })))
    expect(status).toBe(201)
    expect((await estate.get('/api/v1/me', JSON.parse(text).key)).status).toBe(200)
    expect((await estate.get('/api/v1/keys', 'apo.staff')).body.items.filter((k: { name: string }) => k.name === 'till')).toHaveLength(1)
  })
})

describe('a key is bound to what it was sent with', () => {
  const key = { 'idempotency-key': 'bound' }
  test('another body, another address, another query: mismatch', async () => {
    const hold = { reason: 'D11', words: '打印卡纸。' }
    const path = `/api/v1/terminals/${free[3]!.tid}/holds`
    expect((await estate.post(path, 'yunhui.agent', hold, key)).status).toBe(201)
    for (const [where, body] of [[path, { ...hold, words: '打印卡纸！' }], [`/api/v1/terminals/${free[4]!.tid}/holds`, hold], ['/api/v1/applications', filing(free[4]!.tid)]] as const)
      expect(await estate.post(where, 'yunhui.agent', body, key)).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch', retry: false } })
    // The language is no other request.
    expect((await estate.post(`${path}?lang=en`, 'yunhui.agent', hold, key)).status).toBe(201)
  })
  test('another party has keys of its own', async () => {
    const asked = { kind: 'suspend', terminals: [(await estate.freeTerminals('wanghu.owner', 'yunhui'))[0]!.tid], reason: 'M04', words: '停。', submit: true }
    expect((await estate.post('/api/v1/applications', 'wanghu.owner', asked, { 'idempotency-key': 'file-at-once' })).status).toBe(201)
  })
  test("a colleague's new key is not told to whoever uses the same idempotency key", async () => {
    const { party, key } = await estate.app.db.transaction('*', async (tx) => {
      const { id } = estate.actor('apo.owner').party
      const account = await createAccount(tx, { person: await createPerson(tx, { name: '店员' }), name: '店员', role: 'merchant_staff', party: { kind: 'merchant', id } })
      return { party: id, key: (await createKey(tx, account, 'x', 0)).key }
    })
    const told = await estate.post('/api/v1/keys', key, { name: 'till' }, { 'idempotency-key': 'key-at-once' })
    expect([party, told.status, told.body.code]).toEqual([estate.actor('apo.staff').party.id, 422, 'idempotency_mismatch'])
  })
})

describe('a trial', () => {
  test('answers as the real thing would, leaves nothing, and does not use up its key', async () => {
    const { tid } = free[5]!
    const all = async (): Promise<string> => {
      const { head } = (await estate.get('/api/v1/journal?limit=1', 'platform.admin')).body
      return JSON.stringify([head, await casesOf(tid), (await estate.get(`/api/v1/terminals/${tid}`, 'platform.admin')).body, (await estate.get('/api/v1/notices?limit=200', 'yunhui.agent')).body])
    }
    const before = await all()
    const hold = { reason: 'D11', words: '打印卡纸。' }
    const path = `/api/v1/terminals/${tid}/holds`
    expect(await estate.post(`${path}?dryRun=true`, 'yunhui.agent', hold, { 'idempotency-key': 'trial' })).toMatchObject({ status: 201, body: { tid, holds: [{ reason: 'D11' }] } })
    const proven = { ...filing(tid), channel: 'phone', proof: '来电录音 2' }
    expect(await estate.post('/api/v1/applications?dryRun=true', 'yunhui.agent', proven)).toMatchObject({ status: 201, body: { state: 'submitted' } })
    expect(await estate.post(`${path}?dryRun=true`, 'yunhui.agent', { ...hold, reason: 'R09' })).toMatchObject({ status: 403, body: { code: 'hold_place_not_yours' } })
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
    expect(await estate.post(`/api/v1/terminals/${tid}/holds`, 'yunhui.agent', { reason: 'D12', words: '屏裂。' }, { 'if-match': stale })).toMatchObject({ status: 412, body: { code: 'version_stale', retry: false } })
    expect((await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')).toBe(now)
  })
  test('of two who saw the same version one is first', async () => {
    const { tid } = free[6]!
    const seen = (await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')!
    const both = await Promise.all(['D12', 'D11'].map((reason) => estate.post(`/api/v1/terminals/${tid}/holds`, 'yunhui.agent', { reason, words: '坏了。' }, { 'if-match': seen })))
    expect(both.map((r) => r.status).toSorted()).toEqual([201, 412])
    const next = both.find((r) => r.status === 201)!.headers.get('etag')!
    expect((await estate.get(`/api/v1/terminals/${tid}`, 'yunhui.agent')).headers.get('etag')).toBe(next)
  })
})

describe('what makes no sense', () => {
  const seed = process.env['TINGQI_SEED'] ?? 'bent 1'
  const count = 2_000
  const contract = openapiOf(routes, '0')

  /** As bytes on the wire: what `fetch` would put right first is sent as it is. */
  const send = ({ method, path, headers, body, who }: Thrown): Promise<{ status: number; type: string; text: string }> => new Promise((resolve, reject) => {
    const auth = who === undefined || 'authorization' in headers ? {} : { authorization: `Bearer ${estate.actor(who).apiKey}` }
    const request = httpRequest(estate.url, { method, path, headers: { ...auth, ...headers, ...(body ? { 'content-length': String(body.length) } : {}) } }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => resolve({ status: reply.statusCode!, type: reply.headers['content-type'] ?? '', text: Buffer.concat(chunks).toString() }))
    })
    request.on('error', reject)
    request.end(body)
  })
  /** Headers that say otherwise win over the language that was thrown. */
  const languageOf = ({ language, headers }: Thrown): 'zh' | 'en' | undefined => (/^(zh-CN|en)$/.test(headers['accept-language']!) ? language : undefined)
  const isTimeTravel = ({ row, who }: Thrown): boolean => row.id === 'moveClock' && who === 'platform.admin'

  test(`of ${count} requests none fails, and each refusal says why in the asker's language`, async () => {
    const spoken: Record<string, Set<string>> = { zh: new Set(), en: new Set() }
    const cast = [...estate.cast.keys()]
    const check = async (number: number): Promise<void> => {
      const thrown = throwRequest(seed, number, routes, contract, cast)
      // A clock that was moved by a thousand years would have a thousand years of work to do.
      if (isTimeTravel(thrown)) thrown.who = 'platform.auditor'
      const where = `seed ‘${seed}’, request ${number}: ${thrown.method} ${thrown.path.slice(0, 200)} as ${thrown.who} ${JSON.stringify(thrown.headers).slice(0, 300)} ${thrown.body?.toString('latin1').slice(0, 300)}`
      const told = await send(thrown).catch((error: unknown) => { throw new Error(where, { cause: error }) })
      if (told.status < 400) return
      expect(told.status, where + told.text).toBeLessThan(500)
      if (told.type.includes('text/html')) return
      expect(told.type, where + told.text).toBe('application/problem+json; charset=utf-8')
      const problem = JSON.parse(told.text)
      expect(problem.status, where).toBe(told.status)
      expect(refusals, where).toHaveProperty(problem.code)
      expect(problem.type, where).toBe(`/problems/${problem.code}`)
      const { lang } = Object.fromEntries(new URL(thrown.path.split('?')[1] ? `?${thrown.path.split('?')[1]!}` : '', 'http://x').searchParams)
      const language = lang === undefined ? languageOf(thrown) : undefined
      if (language === undefined) return
      spoken[language]!.add(problem.code)
      const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text)
      for (const said of [problem.title, problem.detail, ...problem.errors.map((e: { detail: string }) => e.detail)] as string[]) {
        if (language === 'zh') expect(isChinese(said), `${where} ${told.text}`).toBe(true)
        else expect(/^[A-Z"]/.test(said) && (said !== problem.title || !isChinese(said)), `${where} ${told.text}`).toBe(true)
      }
    }
    for (let from = 0; from < count; from += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => check(from + i)))
    for (const language of ['zh', 'en']) for (const code of ['fields_invalid', 'request_malformed', 'not_found', 'role_missing', 'unauthenticated', 'media_unsupported']) expect([...spoken[language]!]).toContain(code)
  }, 120_000)

  test('and the program is as well as before', async () => {
    expect((await estate.get('/readyz')).body).toEqual({ ready: true, missing: [] })
    expect(await estate.faults()).toEqual([])
  })
})
