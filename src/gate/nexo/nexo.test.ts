// Terminal management by ISO 20022 messages: what is read of a report, what a terminal is told to do, and the door over HTTP.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alwaysOpen, type GateEntry } from '../../domain/gate.ts'
import { manners } from '../../gate-program.ts'
import { openHttpDoor, type HttpDoor } from '../http-door.ts'
import { createJudge, type Known } from '../judge.ts'
import { createKeys } from '../keys.ts'
import { openObserved } from '../observed.ts'
import { createSnapshot } from '../snapshot.ts'
import type { Gate } from '../start.ts'
import { gateTime } from '../time.ts'
import { catm001 } from './nexo.fixtures.ts'
import { changeFor, planText, rejectionText } from './plan.ts'
import { readStatusReport, report_bytes_max, type StatusReport } from './status-report.ts'

const read = (xml: string) => readStatusReport(Buffer.from(xml))
const at = Date.parse

describe('a status report', () => {
  test('is read: who, whether it works, what it did', () => {
    expect(read(catm001())).toEqual({
      exchange: '1001', formatVersion: '12.0', initiator: { id: '66000001', type: 'OPOI', issuer: 'TMGT' }, poi: { id: '66000001', type: 'OPOI', issuer: 'TMGT' },
      manager: { id: 'MTM001', type: 'MTMG', issuer: undefined }, at: at('2026-09-01T09:59:58+08:00'), state: 'OPER', serial: '0000290210015708', events: [],
    })
    expect(read(catm001({ state: 'DACT', events: [['2026-09-01T10:00:05+08:00', 'SUCC', 'DCTV']] }))).toMatchObject({
      state: 'DACT', events: [{ at: at('2026-09-01T10:00:05+08:00'), result: 'SUCC', action: 'DCTV' }],
    })
  })

  test.each([
    ['another message', catm001().replace('catm.001.001.13', 'catm.002.001.12'), 'MSGT'],
    ['an older version', catm001().replace('catm.001.001.13', 'catm.001.001.07'), 'VERS'],
    ['another standard', catm001().replace('iso:20022', 'iso:8583'), 'PARS'],
    ['a document type', catm001().replace('<Document', '<!DOCTYPE x [<!ENTITY a "b">]><Document'), 'PARS'],
    ['an element that is missing', catm001().replace(/<POIDtTm>.*<\/POIDtTm>/, ''), 'PARS'],
    ['a time without a zone', catm001().replaceAll('+08:00', ''), 'PARS'],
    ['a state nobody knows', catm001({ state: 'BROKEN' }), 'PARS'],
    ['elements that do not close', catm001().slice(0, -20), 'PARS'],
    ['nesting without end', `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:catm.001.001.13">${'<a>'.repeat(1_000)}`, 'PARS'],
    ['events without end', catm001({ events: Array.from({ length: 200 }, () => ['2026-09-01T10:00:05+08:00', 'SUCC', 'DCTV'] as const) }), 'PARS'],
    ['nothing', '', 'PARS'],
  ])('%s is refused', (_, xml, reason) => { expect(read(xml)).toMatchObject({ reason }) })

  test('one that is too large, or no UTF-8, is refused', () => {
    expect(readStatusReport(Buffer.alloc(report_bytes_max + 1, ' '))).toMatchObject({ reason: 'PARS' })
    expect(readStatusReport(Buffer.from([0x3c, 0xff, 0xfe]))).toMatchObject({ reason: 'PARS' })
  })

  test('damaged anywhere, it is read or refused, and nothing breaks', () => {
    const whole = Buffer.from(catm001({ state: 'DACT', events: [['2026-09-01T10:00:05+08:00', 'SUCC', 'DCTV']] }))
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 6 }), fc.nat(8), (place, bytes, cut) => {
      const made = Buffer.concat([whole.subarray(0, place), bytes, whole.subarray(Math.min(whole.length, place + cut))])
      const got = readStatusReport(made)
      expect('reason' in got || (typeof got.poi.id === 'string' && Number.isFinite(got.at))).toBe(true)
    }), { numRuns: 2_000 })
  })
})

const now = at('2026-11-27T14:00:00+08:00')
const three = at('2026-11-27T15:00:00+08:00')
const stops = [{ from: -Infinity, to: three, mode: 'open', holds: [] }, { from: three, to: undefined, mode: 'shut', holds: ['h'], stopAt: three }] as const

describe('the plan', () => {
  test.each([
    ['works and is open: nothing', 'OPER', alwaysOpen, 'open', 'fresh', undefined],
    ['works, and a stop is due: it stops at that minute by itself', 'OPER', stops, 'open', 'fresh', { to: 'DCTV', at: three }],
    ['the same while the primary is away: a stop is passed on', 'OPER', stops, 'open', 'standin', { to: 'DCTV', at: three }],
    ['is stopped and works on: now', 'OPER', stops, 'shut', 'expired', { to: 'DCTV', at: now }],
    ['is stopped and says so: nothing', 'DACT', stops, 'shut', 'fresh', undefined],
    ['drains: it may finish, and is told when it is shut', 'OPER', alwaysOpen, 'drain', 'fresh', undefined],
    ['is under test: it is woken for it', 'DACT', alwaysOpen, 'test', 'leased', { to: 'ACTV', at: now }],
    ['is open again: it is woken', 'DACT', alwaysOpen, 'open', 'fresh', { to: 'ACTV', at: now }],
    ['is open by what is stale: it is not woken', 'DACT', alwaysOpen, 'open', 'standin', undefined],
  ] as const)('a terminal that %s', (_, state, intervals, mode, basis, expected) => {
    expect(changeFor({ state }, { intervals }, mode, basis, now)).toEqual(expected)
  })

  test('always brings the terminal back, and escapes what it repeats', () => {
    const report = { ...(read(catm001()) as StatusReport), poi: { id: 'A&B<"\'>' } }
    const text = planText(report, undefined, now)
    expect(text).toContain('<Actn><Tp>DWNL</Tp><DataSetId><Tp>MGTP</Tp></DataSetId>')
    expect(text).toContain('<POIId><Id>A&#38;B&#60;&#34;&#39;&#62;</Id></POIId>')
    expect(rejectionText({}, { reason: 'PARS', why: '<x>' }, now)).toContain('<AddtlInf>&#60;x&#62;</AddtlInf>')
  })
})

// ── Over HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────────
const mid = '104110045110012'
const keyOf = (name: string): string => `tq_${name.padEnd(43, '0')}`
const gateKey = (name: string, provider: string) => ({ hash: createHash('sha256').update(keyOf(name)).digest('base64'), role: 'agent' as const, party: { kind: 'provider' as const, id: provider } })
const serial = '0000290210015708'

let folder: string
let http: HttpDoor
const observed: object[] = []
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tingqi-nexo-'))
  const snapshot = createSnapshot()
  const hold = { id: 'h', reason: 'M02', owner: 'merchant', effectiveFrom: 0, expectedUntil: undefined, caseNo: 'TQ-1' } as const
  const entry = (tid: string, part: Partial<GateEntry> = {}): GateEntry =>
    ({ tid, mid, provider: 'yunhui', serial, signOnRequired: false, intervals: alwaysOpen, holds: [], version: 1, ...part })
  const since = (mode: 'shut' | 'closed'): Partial<GateEntry> =>
    ({ holds: [hold], intervals: [{ from: -Infinity, to: 1, mode: 'open', holds: [] }, { from: 1, to: undefined, mode, holds: ['h'], stopAt: 1 }] })
  let seq = 0
  snapshot.apply({ kind: 'rules', epoch: 1, seq: ++seq, rules: { provider: 'yunhui', responseCodes: {}, refundWhileShut: false, completionWhileShut: false, offlineUploadHours: 24, signOnAfterReopening: true, hotline: '95516' } })
  for (const e of [entry('66000001'), entry('66000002', { ...since('shut'), serial: undefined }), entry('66000003', since('closed')), entry('66000004', { provider: 'hairun' })])
    snapshot.apply({ kind: 'upsert', epoch: 1, seq: ++seq, entry: e })
  const time = gateTime()
  const known: Known = { snapshot, told: snapshot.head, get renewed() { return time.mark() }, get heard() { return time.mark() }, sureUntil: Infinity, standinMs: 0, isFenced: false, isOut: false, isDraining: false }
  const judge = createJudge(known, time, openObserved(folder, 'g'), 3_600_000)
  const keys = createKeys()
  keys.take([gateKey('agent', 'yunhui')])
  const gate = {
    id: 'g', keys, isWithin: snapshot.isWithin, look: judge.look, condition: judge.condition, ageMs: () => 1, async lookForKeys() {},
    door: { now: time.now, decide: judge.decide, decideAll: judge.decideAll, entry: snapshot.find, rulesOf: snapshot.rulesOf, observe(o: object) { observed.push(o) }, accepting: () => true },
  } as unknown as Gate
  http = await openHttpDoor(gate, { port: 0, host: '127.0.0.1', manners, nexo: true })
})
afterAll(async () => {
  await http.close()
  rmSync(folder, { recursive: true, force: true })
})
const post = (body: string, headers: Record<string, string> = { authorization: `Bearer ${keyOf('agent')}` }): Promise<Response> =>
  fetch(`http://127.0.0.1:${http.port}/gate/nexo`, { method: 'POST', body, headers: { 'content-type': 'application/xml', ...headers } })
const actions = (xml: string): string[] => [...xml.matchAll(/<Actn><Tp>(\w+)<\/Tp>/g)].map((m) => m[1]!)
const rejected = (xml: string): string | undefined => /<RjctRsn>(\w+)/.exec(xml)?.[1]

describe('the door', () => {
  test('an open terminal is told to come again; a stopped one to reconcile and stop', async () => {
    const open = await post(catm001())
    expect([open.status, open.headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8'])
    expect(actions(await open.text())).toEqual(['DWNL'])
    const stopped = await (await post(catm001({ tid: '66000002' }))).text()
    expect(actions(stopped)).toEqual(['DCTV', 'UPLD', 'DWNL'])
    expect(stopped).toContain('<AddtlPrc>RCNC</AddtlPrc>')
  })

  test('what the device did is its own word, said once however often it reports it', async () => {
    observed.length = 0
    const done = '2026-09-01T10:00:05+08:00'
    const report = catm001({ tid: '66000002', state: 'DACT', events: [[done, 'SUCC', 'DCTV']] })
    for (let i = 0; i < 3; i++) expect(actions(await (await post(report)).text())).toEqual(['DWNL'])
    expect(observed).toEqual([{ kind: 'device_said', at: at(done), tid: '66000002', said: 'stopped', by: 'status' }])
    // It could not: nothing is believed, and it is told again.
    observed.length = 0
    expect(actions(await (await post(catm001({ tid: '66000002', events: [[done, 'NSUP', 'DCTV']] }))).text())[0]).toBe('DCTV')
    expect(observed).toMatchObject([{ said: 'operating' }])
    // Deactivated by itself, with no word of the plan: not what was asked for.
    observed.length = 0
    await post(catm001({ tid: '66000002', state: 'DACT' }))
    expect(observed).toEqual([])
  })

  test('another device than the registered one, one that is closed, and one nobody knows are rejected', async () => {
    expect(rejected(await (await post(catm001({ serial: '0000290210019999' }))).text())).toBe('SECU')
    expect(rejected(await (await post(catm001({ tid: '66000003', state: 'DACT' }))).text())).toBe('INTP')
    expect(actions(await (await post(catm001({ tid: '66000003' }))).text())[0]).toBe('DCTV')
    const [unknown, others] = await Promise.all([post(catm001({ tid: '66009999' })), post(catm001({ tid: '66000004' }))])
    const strip = (xml: string): string => xml.replace(/<CreDtTm>.*?<\/CreDtTm>/g, '').replaceAll(/6600\d{4}/g, 'TID')
    expect(strip(await others.text())).toBe(strip(await unknown.text()))
    expect(rejected(await (await post('<x/>')).text())).toBe('PARS')
  })

  test('nobody is answered without a key, or in another language', async () => {
    expect((await post(catm001(), {})).status).toBe(401)
    expect((await fetch(`http://127.0.0.1:${http.port}/gate/nexo`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', authorization: `Bearer ${keyOf('agent')}` } })).status).toBe(415)
  })
})
