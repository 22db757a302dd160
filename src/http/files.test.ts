// Files in and out over the wire, and whatever a service may do wrong. No database: one key, one account, services that note
// what they were given.
import { afterEach, describe, expect, test } from 'vitest'
import { alone, key, type Some } from '../../test/http-alone.ts'
import type { Role } from '../domain/vocabulary.ts'
import { replyOf } from './reply.ts'
import type { Services } from './services.ts'
import type { GateAnswerView, ImportView } from './shapes.ts'

const id = '0199ad3c-7a51-7c3e-9b1e-2f6f0a4c1d22'
const view: ImportView = {
  id,
  kind: 'fleet',
  state: 'queued',
  fileName: 'x.csv',
  sizeBytes: 3,
  dryRun: false,
  partial: false,
  rows: { total: 0, accepted: 0, rejected: 0, changed: 0 },
  progress: 0,
  stopRequested: false,
  createdAt: '2026-11-23T02:00:00.000Z',
  endedAt: null,
  errors: [],
}

let http: Awaited<ReturnType<typeof alone>>
afterEach(() => http.close())
const open = async (services: Some, role?: Role): Promise<void> => {
  http = await alone(services, role)
}
const get = (url: string) => http.inject({ url, headers: { authorization: `Bearer ${key}` } })
const form = (fields: Record<string, string>, file?: { name: string; bytes: Buffer; field?: string }): Buffer =>
  Buffer.concat([
    ...Object.entries(fields).map(([name, value]) =>
      Buffer.from(`--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    ),
    ...(file
      ? [
          Buffer.from(
            `--x\r\ncontent-disposition: form-data; name="${file.field ?? 'file'}"; filename="${file.name}"\r\ncontent-type: text/csv\r\n\r\n`,
          ),
          file.bytes,
          Buffer.from('\r\n'),
        ]
      : []),
    Buffer.from('--x--\r\n'),
  ])
const upload = (url: string, payload: Buffer, headers: Record<string, string> = {}) =>
  http.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'multipart/form-data; boundary=x', ...headers },
  })

describe('an import', () => {
  test('hands over the file as it is, and its digest with the fields', async () => {
    const given: Parameters<Services['imports']['start']>[] = []
    await open({
      imports: {
        start: async (...all: Parameters<Services['imports']['start']>) => {
          given.push(all)
          return all[2].view(view)
        },
      },
    })
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x2d, 0x2d, 0x0d, 0x0a, 0x00, 0xff])
    const first = await upload(
      '/api/v1/imports',
      form({ kind: 'fleet', partial: 'true' }, { name: '../../终端 台账.csv', bytes }),
      { 'idempotency-key': 'a' },
    )
    expect(first.statusCode).toBe(202)
    expect(first.headers['location']).toBe(`/api/v1/imports/${id}`)
    await upload('/api/v1/imports', form({ kind: 'fleet', partial: 'true' }, { name: '../../终端 台账.csv', bytes }), {
      'idempotency-key': 'a',
    })
    await upload('/api/v1/imports?dryRun=true', form({ kind: 'fleet' }, { name: 'x.csv', bytes: Buffer.from('y') }), {
      'idempotency-key': 'a',
    })
    expect(given[0]![1]).toEqual({ kind: 'fleet', fileName: '终端 台账.csv', bytes, dryRun: false, partial: true })
    expect(given[1]![0].idempotency).toEqual(given[0]![0].idempotency)
    expect(given[2]![0].idempotency!.bodyHash).not.toEqual(given[0]![0].idempotency!.bodyHash)
    // A dry run of an import is an import one can look at.
    expect(given[2]![1].dryRun).toBe(true)
    expect(given[2]![0].dryRun).toBe(false)
  })

  test.each([
    [{}, true, '/kind'],
    [{ kind: 'money' }, true, '/kind'],
    [{ kind: 'fleet', partial: 'yes' }, true, '/partial'],
    [{ kind: 'fleet', other: '1' }, true, '/other'],
    [{ kind: 'fleet' }, false, '/file'],
  ])('%j with a file: %s is refused at %s', async (fields, hasFile, pointer) => {
    await open({ imports: {} })
    const told = await upload(
      '/api/v1/imports',
      form(fields as Record<string, string>, hasFile ? { name: 'x.csv', bytes: Buffer.from('x') } : undefined),
    )
    expect(told.json()).toMatchObject({ status: 422, code: 'fields_invalid', errors: [{ pointer }] })
  })

  test('is refused to roles that may not, before the file is read, and a calendar to all but the platform', async () => {
    await open({ imports: {} })
    expect(
      (await upload('/api/v1/imports', form({ kind: 'calendar' }, { name: 'x', bytes: Buffer.from('x') }))).json(),
    ).toMatchObject({ code: 'role_missing' })
    await http.close()
    await open({ imports: {} }, 'reviewer')
    expect(
      (await upload('/api/v1/imports', form({ kind: 'fleet' }, { name: 'x', bytes: Buffer.from('x') }))).json(),
    ).toMatchObject({ code: 'role_missing' })
  })

  test('a body that is torn off is malformed, not ours to explain', async () => {
    await open({ imports: {} })
    const whole = form({ kind: 'fleet' }, { name: 'x.csv', bytes: Buffer.from('x'.repeat(100)) })
    expect((await upload('/api/v1/imports', whole.subarray(0, whole.length - 60))).statusCode).toBe(400)
  })

  test('gives its rejected rows as a file', async () => {
    await open({
      imports: {
        rejected: async () =>
          (async function* () {
            yield '行,原因\n'
            yield '1,x\n'
          })(),
      },
    })
    const told = await get(`/api/v1/imports/${id}/rejected.csv`)
    expect(told.body).toBe('行,原因\n1,x\n')
    expect(told.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="rejected-${id}.csv"; filename*=UTF-8''rejected-${id}.csv`,
    })
  })
})

describe('a material', () => {
  test('is saved, never shown in place, whatever its name', async () => {
    await open({
      materials: {
        read: async () => ({
          bytes: Buffer.from('<script>'),
          mediaType: 'image/png',
          fileName: '营业执照"\r\nx: y(1).png',
        }),
      },
    })
    const told = await get(`/api/v1/materials/${id}`)
    expect(told.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'no-store',
    })
    expect(told.headers['content-disposition']).toBe(
      `attachment; filename="_______x__y_1_.png"; filename*=UTF-8''%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7%22%0D%0Ax%3A%20y%281%29.png`,
    )
  })
  test('that is too large is refused with the limit', async () => {
    await open({ materials: {} }, 'agent')
    const told = await upload(
      '/api/v1/applications/TQ-261127-00042-7/materials',
      form({ type: 'other' }, { name: 'x.pdf', bytes: Buffer.alloc(20 * 1_048_576 + 1) }),
    )
    expect(told.json()).toMatchObject({ status: 413, code: 'too_large', detail: '内容过大，上限 20 MB。' })
  })
})

describe('a letter', () => {
  test('comes by its number', async () => {
    const asked: string[] = []
    await open({
      letters: {
        pdf: async (_: unknown, no: string) => {
          asked.push(no)
          return { bytes: Buffer.from('%PDF'), fileName: `${no}.pdf` }
        },
      },
    })
    const told = await get('/api/v1/letters/TQ-T2026-00042-1.pdf')
    expect(asked).toEqual(['TQ-T2026-00042-1'])
    expect(told).toMatchObject({ statusCode: 200, body: '%PDF' })
    expect(told.headers['content-type']).toBe('application/pdf')
  })
  test('that is still being made says so', async () => {
    await open({ letters: { pdf: async () => ({ refused: 'letter_not_ready', with: {} }) } })
    const told = await get('/api/v1/letters/TQ-T2026-00042-1.pdf')
    expect(told.json()).toMatchObject({ status: 503, code: 'letter_not_ready', retry: true })
    expect(told.headers['retry-after']).toBe('1')
  })
})

describe('what goes wrong', () => {
  test('with us is told without its words, and logged without them, too', async () => {
    await open({
      terminals: {
        one: async () => {
          throw new Error('card 6222021234567890123 of 13800001234')
        },
      },
    })
    const told = await get('/api/v1/terminals/10000001')
    expect(told.json()).toMatchObject({ status: 500, code: 'internal', retry: false })
    const text = JSON.stringify(http.logged)
    expect(told.body + text).not.toMatch(/6222|1380000/)
    expect(http.logged).toContainEqual(
      expect.objectContaining({ requestId: told.json().requestId, route: '/api/v1/terminals/:tid', error: 'Error' }),
    )
    expect(text).toContain('files.test.ts')
  })
  test('with the database for a while is worth another try', async () => {
    for (const code of ['ECONNREFUSED', '57P01', '53300', '08006', '57014', '55P03']) {
      await open({
        terminals: {
          one: async () => {
            throw Object.assign(new Error('x'), { code })
          },
        },
      })
      const told = await get('/api/v1/terminals/10000001')
      expect(told.json(), code).toMatchObject({ status: 503, code: 'unavailable', retry: true })
      await http.close()
    }
  })
  test('between a reply and its schema is found', async () => {
    await open({ imports: { get: async () => ({ ...view, state: 'lost' as 'done' }) } })
    expect((await get(`/api/v1/imports/${id}`)).statusCode).toBe(500)
    await http.close()
    await open({ imports: { get: async () => view } })
    expect((await get(`/api/v1/imports/${id}`)).json()).toEqual(view)
  })
})

test('the gate is asked once or many times at once, each within its scope', async () => {
  const asked: unknown[] = []
  await open(
    {
      gate: {
        decide: (...all) => {
          asked.push(all)
          return all[0].map(() => answer)
        },
      },
    },
    'operations',
  )
  const answer: GateAnswerView = {
    decision: 'decline',
    code: '58',
    reason: 'stopped',
    sentence: '已停机',
    mode: 'shut',
    holds: [],
    basis: 'fresh',
    asOf: '2026-11-27T07:00:00.000Z',
    until: null,
    epoch: 1,
    seq: 2,
    ageMs: 3,
  }
  const post = (payload: object) =>
    http.inject({
      method: 'POST',
      url: '/gate/decisions?lang=en',
      payload,
      headers: { authorization: `Bearer ${key}` },
    })
  const query = {
    tid: '10000001',
    mid: '102290058120001',
    class: 'sale',
    amount: { fen: 100, currency: 'CNY' },
    madeAt: '2026-11-27T15:00:00+08:00',
  }
  expect((await post(query)).json()).toEqual(answer)
  expect((await post([query, query])).json()).toEqual([answer, answer])
  expect(asked[0]).toEqual([[{ ...query, amount: 100, madeAt: Date.parse(query.madeAt) }], 'p:yunhui', 'en'])
  expect((await post([{ ...query, class: 'buy' }])).json()).toMatchObject({
    status: 422,
    errors: [{ pointer: '/0/class', code: 'not_offered' }],
  })
  expect((await post([])).statusCode).toBe(422)
})

test('a reply keeps its bytes', () => {
  expect(replyOf(200, { 停: '机' }, { etagVersion: 7 })).toEqual({
    status: 200,
    body: '{"停":"机"}',
    headers: { 'content-type': 'application/json; charset=utf-8', etag: '"v7"' },
  })
})
