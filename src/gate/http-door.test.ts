// A gate's own HTTP door: the same questions, answers and refusals as on the main port, whatever is sent to it.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { alwaysOpen, type GateEntry, type GateRules } from '../domain/gate.ts'
import { manners } from '../gate-program.ts'
import { gateAnswer, gateTerminal } from '../http/shapes.ts'
import { gateService } from '../services.ts'
import type { Door } from './door.ts'
import { openHttpDoor, type HttpDoor } from './http-door.ts'
import { createJudge, type Known } from './judge.ts'
import { createKeys } from './keys.ts'
import { openObserved } from './observed.ts'
import { createSnapshot } from './snapshot.ts'
import type { Gate } from './start.ts'
import { gateTime } from './time.ts'

const mid = '104110045110012'
const rules = (provider: string): GateRules =>
  ({ provider, responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true, hotline: '95516' })
const entry = (tid: string, part: Partial<GateEntry> = {}): GateEntry =>
  ({ tid, mid, provider: 'yunhui', signOnRequired: false, intervals: alwaysOpen, holds: [], version: 1, ...part })
const hold = { id: 'h1', reason: 'M02', owner: 'merchant', effectiveFrom: 0, expectedUntil: Date.parse('2030-01-01'), caseNo: 'TQ-1' } as const
const keyOf = (name: string): string => `tq_${name.padEnd(43, '0')}`
const gateKey = (name: string, role: 'platform_admin' | 'agent' | 'merchant_owner' | 'provider_admin' | 'finance', kind: 'platform' | 'provider' | 'merchant', id: string) =>
  ({ hash: createHash('sha256').update(keyOf(name)).digest('base64'), role, party: { kind, id } })

let folder: string
let http: HttpDoor
let gate: Gate
const looks: string[] = []
const observed: string[] = []
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tingqi-door-'))
  const snapshot = createSnapshot()
  let seq = 0
  for (const p of ['yunhui', 'hairun']) snapshot.apply({ kind: 'rules', epoch: 3, seq: ++seq, rules: rules(p) })
  const stop = { from: Date.parse('2020-01-01'), mode: 'shut', holds: ['h1'], stopAt: Date.parse('2020-01-01') } as const
  for (const e of [
    entry('10000001'), entry('10000002', { holds: [hold], intervals: [{ from: -Infinity, to: stop.from, mode: 'open', holds: [] }, stop] }),
    entry('10000003', { provider: 'hairun', mid: '104110045110099' }), entry('10000004', { signOnRequired: true, serial: 'S4', longitude: 120, latitude: 30 }),
    entry('10000005', { holds: [hold], intervals: [{ from: -Infinity, to: Date.parse('2099-01-01'), mode: 'open', holds: [] }, { ...stop, from: Date.parse('2099-01-01') }] }),
  ]) snapshot.apply({ kind: 'upsert', epoch: 3, seq: ++seq, entry: e })
  const time = gateTime()
  const known: Known = { snapshot, told: snapshot.head, get renewed() { return time.mark() }, get heard() { return time.mark() }, sureUntil: Infinity, standinMs: 0, isFenced: false, isOut: false, isDraining: false }
  const judge = createJudge(known, time, openObserved(folder, 'g'), 3_600_000)
  const keys = createKeys()
  const kept = [
    gateKey('admin', 'platform_admin', 'platform', 'platform'), gateKey('agent', 'agent', 'provider', 'yunhui'), gateKey('owner', 'merchant_owner', 'merchant', mid),
    gateKey('other', 'agent', 'provider', 'hairun'),
  ]
  keys.take(kept)
  const door: Door = {
    now: time.now, decide: judge.decide, decideAll: judge.decideAll, entry: snapshot.find, rulesOf: snapshot.rulesOf,
    observe(o) { observed.push(`${o.kind} ${'tid' in o ? o.tid : ''}`) }, accepting: () => true,
  }
  gate = {
    id: 'g', door, keys, isWithin: snapshot.isWithin, look: judge.look, condition: judge.condition, ageMs: () => 1,
    async lookForKeys() { looks.push('look'); keys.take([...kept, gateKey('late', 'agent', 'provider', 'yunhui')]) },
    figures: () => ({ decisions: 1, approved: 1, codes: new Map([['58', 2]]), waiting: 0, lost: 0, position: { epoch: 3, seq, hash: '', isTightened: false }, alarm: undefined, isTightened: false, lag_ms: 1, size: 5, digest: '', head: { epoch: 3, seq }, skew_ms: 0 }),
  } as unknown as Gate
  http = await openHttpDoor(gate, { port: 0, host: '127.0.0.1', manners })
})
afterAll(async () => {
  await http.close()
  rmSync(folder, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: whatever was answered; the expectations say what it should be.
type Told = { status: number; type: string; body: any }
const send = async (method: string, path: string, who: string | undefined, raw?: string | Buffer, headers: Record<string, string> = {}): Promise<Told> => {
  const answer = await fetch(`http://127.0.0.1:${http.port}${path}`, {
    method, ...(raw === undefined ? {} : { body: raw as string }),
    headers: { ...(who === undefined ? {} : { authorization: `Bearer ${keyOf(who)}` }), ...(raw === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  })
  const text = await answer.text()
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text }
}
const ask = (who: string | undefined, body: unknown, headers: Record<string, string> = {}): Promise<Told> => send('POST', '/gate/decisions', who, JSON.stringify(body), headers)
const sale = { tid: '10000001', mid, class: 'sale' }

describe('answers', () => {
  const queries: [string, object][] = [
    ['a sale', sale], ['with everything beside it', { ...sale, serial: 'S', position: { longitude: 1, latitude: 2 }, amount: { fen: 1, currency: 'CNY' } }],
    ['a stopped terminal', { ...sale, tid: '10000002' }], ['a reversal on it', { ...sale, tid: '10000002', class: 'reversal' }],
    ['an upload made before the stop', { ...sale, tid: '10000002', class: 'offline_upload', madeAt: '2019-12-31T00:00:00+08:00' }],
    ['a terminal nobody has', { ...sale, tid: 'nobody' }], ['one that must sign on', { ...sale, tid: '10000004' }], ['another serial', { ...sale, tid: '10000004', serial: 'X' }],
    ['a stop ahead', { ...sale, tid: '10000005' }], ['another merchant', { ...sale, mid: 'x' }],
  ]
  for (const language of ['zh', 'en'] as const)
    test.each(queries)(`%s, as on the main port, in ${language}`, async (_, query) => {
      const { status, type, body } = await ask('admin', query, { 'accept-language': language })
      const main = gateService(gate)
      const read = manners.read(query)
      if ('refused' in read) throw new Error('refused')
      const [same] = main.decide(read.queries, '*', language) as z.infer<typeof gateAnswer>[]
      expect([status, type]).toEqual([200, 'application/json; charset=utf-8'])
      expect(gateAnswer.parse(body)).toEqual(body)
      expect({ ...body, asOf: '', ageMs: 0 }).toEqual({ ...same, asOf: '', ageMs: 0 })
    })
  test('a list, in its order', async () => {
    const { body } = await ask('admin', queries.map(([, query]) => query))
    expect((body as { code: string }[]).map((a) => a.code)).toEqual(['00', '00', '58', '00', '58', '97', '77', '58', '00', '97'])
  })
  test('a terminal, for people', async () => {
    const { body } = await send('GET', '/gate/terminals/10000002', 'agent')
    expect(gateTerminal.parse(body)).toEqual(body)
    expect(body).toEqual({ ...gateService(gate).terminal('10000002', 'p:yunhui', 'zh'), ageMs: body.ageMs })
    expect((await send('GET', '/gate/terminals/10000009', 'agent')).status).toBe(404)
  })
  test('a sign-on that went through is told', async () => {
    observed.length = 0
    await ask('admin', { ...sale, tid: '10000004', class: 'sign_on' })
    await ask('admin', { ...sale, tid: '10000002', class: 'sign_on' })
    expect(observed).toEqual(['signed_on 10000004'])
  })
  test('alive, ready, figures', async () => {
    expect((await send('GET', '/healthz', undefined)).body).toEqual({ alive: true })
    expect((await send('GET', '/readyz', undefined)).body).toEqual({ ready: true, missing: [] })
    expect((await send('GET', '/metrics', undefined)).body).toContain('tingqi_gate_declined_total{code="58",gate="g"} 2')
  })
})

describe('who may ask about what', () => {
  test.each([
    ['agent', '10000001', '00'], ['agent', '10000003', '97'], ['owner', '10000001', '00'], ['owner', '10000003', '97'], ['other', '10000001', '97'], ['admin', '10000003', '97'],
  ] as const)('%s asks about %s: %s', async (who, tid, code) => {
    expect((await ask(who, { ...sale, tid })).body.code).toBe(code)
    expect((await ask(who, [{ ...sale, tid }])).body[0].code).toBe(code)
    // Somebody else's is answered as one that does not exist.
    if (code === '97' && who !== 'admin') expect({ ...(await ask(who, { ...sale, tid })).body, asOf: '', ageMs: 0 }).toEqual({ ...(await ask(who, { ...sale, tid: 'nobody' })).body, asOf: '', ageMs: 0 })
  })
  test('nobody, and a key nobody has', async () => {
    for (const who of [undefined, 'nobody'])
      expect(await ask(who, sale)).toMatchObject({ status: 401, type: 'application/problem+json; charset=utf-8', body: { code: 'unauthenticated' } })
    expect((await send('GET', '/gate/terminals/10000001', 'nobody')).status).toBe(401)
  })
  test('a key made a moment ago is looked for, but not for everybody who guesses', async () => {
    await new Promise((resolve) => { setTimeout(resolve, 600) })
    looks.length = 0
    expect((await ask('late', sale)).status).toBe(200)
    for (let i = 0; i < 5; i++) await ask(`guess${i}`, sale)
    expect(looks.length).toBe(1)
  })
})

describe('what is no question is refused as on the main port', () => {
  const bad: [string, unknown][] = [
    ['nothing in it', {}], ['no class', { tid: '1', mid }], ['a class nobody knows', { ...sale, class: 'x' }], ['a field nobody knows', { ...sale, x: 1 }],
    ['a number for a text', { ...sale, tid: 10000001 }], ['a long number', { ...sale, tid: '1'.repeat(21) }], ['half a position', { ...sale, position: { longitude: 1 } }],
    ['a position off the earth', { ...sale, position: { longitude: 181, latitude: 0 } }], ['more in a position', { ...sale, position: { longitude: 1, latitude: 1, x: 1 } }],
    ['dollars', { ...sale, amount: { fen: 1, currency: 'USD' } }], ['a bit of a fen', { ...sale, amount: { fen: 1.5, currency: 'CNY' } }], ['less than nothing', { ...sale, amount: { fen: -1, currency: 'CNY' } }],
    ['a time without its zone', { ...sale, madeAt: '2026-01-01T00:00:00' }], ['no list', []], ['a list with one bad', [sale, { ...sale, class: 1 }]], ['too many', Array.from({ length: 1_001 }, () => sale)],
    ['a text', 'x'], ['a number', 1], ['null', null], ['a list in a list', [[sale]]],
  ]
  test.each(bad)('%s', async (_, body) => {
    const told = await ask('admin', body)
    const refusal = manners.read(body)
    if (!('refused' in refusal)) throw new Error('the schema takes it')
    const same = JSON.parse(manners.problem(refusal, 'zh', '').body)
    expect(told.status).toBe(422)
    expect({ ...told.body, requestId: '' }).toEqual({ ...same, requestId: '' })
  })
  test.each([['{"tid":'], ['']])('broken JSON %s', async (raw) => { expect(await send('POST', '/gate/decisions', 'admin', raw)).toMatchObject({ status: 400, body: { code: 'request_malformed' } }) })
  test('bytes that are no UTF-8', async () => { expect((await send('POST', '/gate/decisions', 'admin', Buffer.from([0x22, 0xff, 0xfe, 0x22]))).status).toBe(400) })
  test('another type, another path, another method', async () => {
    expect((await send('POST', '/gate/decisions', 'admin', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await send('POST', '/gate/nothing', 'admin', '{}')).status).toBe(404)
    expect((await send('GET', '/gate/decisions', 'admin')).status).toBe(404)
  })
  test('too large, with and without saying so', async () => {
    expect((await send('POST', '/gate/decisions', 'admin', 'x'.repeat(1_048_577))).status).toBe(413)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(http.port, '127.0.0.1')
      socket.write('POST /gate/decisions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
      for (let i = 0; i < 17; i++) socket.write(chunk)
      socket.once('data', (bytes) => { resolve(bytes.toString()); socket.destroy() }).on('error', () => {})
    })
    expect(answer).toContain('HTTP/1.1 413')
  })
  test('no HTTP at all', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(http.port, '127.0.0.1', () => socket.write('hello\r\n\r\n'))
      socket.once('data', (bytes) => { resolve(bytes.toString()); socket.destroy() }).on('error', () => {})
    })
    expect(answer).toContain('HTTP/1.1 400')
    expect((await ask('admin', sale)).status).toBe(200)
  })
})
