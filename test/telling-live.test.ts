// The live feed, complaints with their clock, and cases that came another way than by signing in.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lineAt } from '../src/cli/run.fixtures.ts'
import * as acts from './acts.ts'
import { tellingWorld, type Part, type TellingWorld } from './telling-world.ts'
import { at, mid, people, startServer } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const end of ends.splice(0).toReversed()) await end() })
const open = async (now = '2026-11-23T10:00'): Promise<TellingWorld> => {
  const world = await tellingWorld(server.url, { now })
  ends.push(world.close)
  return world
}
const stop = async (world: TellingWorld, tid: string): Promise<string> =>
  (await acts.file(world, people.owner, { kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: at('2026-11-27T15:00'), submit: true })).after!.dossier.case!.case.no

type Event = { id: string; event: string; data: { type: string; data: Record<string, unknown> } }
/** A reader of the feed; `until` waits for so many events, `over` for its end. */
async function listen(world: TellingWorld, who: Part, { last, after }: { last?: string; after?: string } = {}) {
  const gone = new AbortController()
  const answer = await fetch(`${world.httpUrl}/api/v1/events${after === undefined ? '' : `?after=${after}`}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${world.keys[who]}`, ...(last === undefined ? {} : { 'last-event-id': last }) }, signal: gone.signal,
  })
  let text = ''
  const over = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body!) text += decoder.decode(chunk as Uint8Array, { stream: true })
  })().then(() => 'ended', () => 'cut')
  const events = (): Event[] => text.split('\n\n').filter((f) => f.startsWith('id: ')).map((f) => {
    const fields = Object.fromEntries(f.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])) as Record<string, string>
    return { id: fields['id']!, event: fields['event']!, data: JSON.parse(fields['data']!) }
  })
  const close = async (): Promise<void> => { gone.abort(); await over }
  ends.push(close)
  return {
    status: answer.status, type: answer.headers.get('content-type'), over, events, close, text: () => text,
    async until(count: number): Promise<Event[]> {
      for (const begun = performance.now(); events().length < count && performance.now() - begun < 5_000; ) await new Promise((go) => { setTimeout(go, 10) })
      return events()
    },
  }
}

describe('the live feed', () => {
  test('tells a party its own events as they happen, in order, and goes on where a reader left off', async () => {
    const world = await open()
    const [mine, strange] = [await listen(world, 'owner'), await listen(world, 'stranger')]
    expect([mine.status, mine.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const no = await stop(world, '10000001')
    const heard = await mine.until(2)
    expect(heard.map((e) => [e.event, e.data.type, e.data.data['application']])).toEqual([['application.draft', 'application.draft', no], ['application.submitted', 'application.submitted', no]])
    await mine.close()
    await stop(world, '10000002')
    for (const resumed of [await listen(world, 'owner', { last: heard[0]!.id }), await listen(world, 'owner', { after: heard[0]!.id })]) {
      const rest = await resumed.until(3)
      expect(rest.map((e) => e.event)).toEqual(['application.submitted', 'application.draft', 'application.submitted'])
      expect(rest[0]!.id).toBe(heard[1]!.id)
    }
    expect(await (await listen(world, 'agent', { last: '0.0' })).until(4)).toHaveLength(4)
    // Without asking for a stream: what has happened by now, and the answer ends.
    const polled = await fetch(`${world.httpUrl}/api/v1/events?after=${heard[0]!.id}`, { headers: { authorization: `Bearer ${world.keys.owner}` } })
    expect((await polled.text()).match(/^event: .*$/gm)).toEqual(['event: application.submitted', 'event: application.draft', 'event: application.submitted'])
    // A heartbeat, and nothing of others.
    await new Promise((go) => { setTimeout(go, 250) })
    expect(strange.text()).toMatch(/^retry: 3000\n\n(: \n\n)+$/)
  })

  test('ends when the reader is no longer let in, and is bounded for each', async () => {
    const world = await open()
    const streams = await Promise.all(Array.from({ length: 5 }, () => listen(world, 'owner')))
    expect(streams.map((s) => s.status)).toEqual([200, 200, 200, 200, 200])
    expect((await world.ask('GET', '/events', 'owner')).body).toMatchObject({ status: 409, code: 'too_many' })
    // A line that is gone makes room, whether it was told anything or not.
    await streams[0]!.close()
    await new Promise((go) => { setTimeout(go, 100) })
    const sixth = await listen(world, 'owner')
    expect(sixth.status).toBe(200)
    await world.sql('update api_key set revoked_at = now() where account = $1', [people.owner.account])
    expect(await Promise.race([sixth.over, new Promise((go) => { setTimeout(() => go('still there'), 8_000) })])).toBe('ended')
    expect((await world.ask('GET', '/events')).status).toBe(401)
  })
})

describe('complaints', () => {
  const clock = async (world: TellingWorld, who: Part): Promise<string[]> =>
    (await world.sql<{ kind: string; audience: string }>(`select kind, audience from notice where kind like 'complaint%' and audience = $1 order by at, id`, [who === 'owner' ? 'merchant' : 'provider'])).map((n) => n.kind)

  test('filed, answered, rated: both sides are told, only they may read it, and words lie sealed', async () => {
    const world = await open()
    const filed = await world.ask('POST', '/complaints', 'owner', { kind: 'complaint', topic: 'fee', words: '停机期间还收月费', terminal: '10000001' })
    expect(filed).toMatchObject({ status: 201, body: { state: 'filed', words: '停机期间还收月费', provider: 'yunhui', mid, deadline: { at: '2026-11-30T10:00:00.000Z', overdue: false } } })
    const { no } = filed.body
    expect(no).toMatch(/^[A-Z]{2}-K2026-\d{5}-\d$/)
    expect((await world.ask('GET', `/complaints/${no}`, 'agent')).body.words).toBe('停机期间还收月费')
    expect((await world.ask('GET', `/complaints/${no}`, 'platform')).body.words).toBeNull()
    for (const who of ['stranger', 'rival'] as const) {
      expect((await world.ask('GET', `/complaints/${no}`, who)).status).toBe(404)
      expect((await world.ask('POST', `/complaints/${no}/${who === 'stranger' ? 'close' : 'answer'}`, who, { words: 'x' })).status).toBe(404)
      expect((await world.ask('GET', '/complaints', who)).body.items).toEqual([])
    }
    expect((await world.ask('POST', `/complaints/${no}/answer`, 'owner', { words: 'x' })).body.code).toBe('role_missing')
    expect((await world.ask('POST', `/complaints/${no}/assign`, 'agent', { to: 'reviewer' })).body).toMatchObject({ state: 'assigned', assignee: 'reviewer' })
    expect((await world.ask('GET', `/complaints/${no}`, 'owner')).body.assignee).toBeNull()
    const seen = await world.ask('GET', `/complaints/${no}`, 'reviewer')
    expect((await world.ask('POST', `/complaints/${no}/answer`, 'reviewer', { words: '已冲回 30 元' }, { 'if-match': '"v1"' })).body.code).toBe('version_stale')
    expect((await world.ask('POST', `/complaints/${no}/answer`, 'reviewer', { words: '已冲回 30 元' }, { 'if-match': seen.headers.get('etag')! })).body.state).toBe('answered')
    expect((await world.ask('GET', `/complaints/${no}`, 'owner')).body).toMatchObject({ answer: '已冲回 30 元', allowed: { close: true, reopen: true, answer: 'role_missing' } })
    expect((await world.ask('POST', `/complaints/${no}/close`, 'owner', { satisfaction: 4, words: '谢谢' })).body).toMatchObject({ state: 'closed', satisfaction: 4, remark: '谢谢' })
    expect([(await clock(world, 'owner')).toSorted(), (await clock(world, 'agent')).toSorted()]).toEqual([
      ['complaint_answered', 'complaint_assigned', 'complaint_closed', 'complaint_filed'], ['complaint_closed', 'complaint_filed'],
    ])
    const [{ all }] = await world.sql<{ all: string }>(`select (select json_agg(c)::text from complaint c) || (select json_agg(j)::text from journal j) || (select json_agg(n)::text from notice n) as all`) as [{ all: string }]
    expect(all).not.toMatch(/停机期间还收月费|已冲回|谢谢/)
  })

  test('unanswered it is raised on the evening of the fifth working day, to both; an answer nobody objects to closes it', async () => {
    const world = await open()
    const { no } = (await world.ask('POST', '/complaints', 'owner', { kind: 'complaint', topic: 'service', words: '没有人接电话', provider: 'yunhui' })).body
    await world.moveTo('2026-11-30T17:59')
    expect(await clock(world, 'agent')).toEqual(['complaint_filed'])
    await world.moveTo('2026-11-30T18:00')
    expect(await clock(world, 'agent')).toEqual(['complaint_filed', 'complaint_late'])
    expect((await world.ask('GET', '/complaints?late=true', 'agent')).body.items).toMatchObject([{ no, lateAt: '2026-11-30T10:00:00.000Z', deadline: { overdue: false } }])
    await world.moveTo('2026-12-01T09:00')
    expect(await clock(world, 'agent')).toEqual(['complaint_filed', 'complaint_late'])
    await world.ask('POST', `/complaints/${no}/answer`, 'agent', { words: '已增加人手' })
    await world.moveTo('2026-12-15T18:00')
    expect((await world.ask('GET', `/complaints/${no}`, 'owner')).body).toMatchObject({ state: 'closed', satisfaction: null })
    expect((await world.ask('POST', `/complaints/${no}/reopen`, 'owner', { words: '还是没人接' })).body.state).toBe('assigned')
    expect((await world.ask('POST', `/complaints/${no}/reopen`, 'owner', { words: 'x' })).body.code).toBe('complaint_not_in_this_state')
  })

  test('taken on the telephone it says where its recording is; who took it does not answer it', async () => {
    const world = await open()
    const asked = { kind: 'feedback', topic: 'device', words: '打印太淡', onBehalfOf: mid, channel: 'phone' }
    expect((await world.ask('POST', '/complaints', 'agent', asked)).body.code).toBe('consent_required')
    expect((await world.ask('POST', '/complaints', 'agent', { ...asked, onBehalfOf: undefined, proof: 'R-1' })).body.code).toBe('merchant_needed')
    expect((await world.ask('POST', '/complaints', 'owner', { ...asked, onBehalfOf: undefined, proof: 'R-1' })).body.code).toBe('channel_not_yours')
    const { status, body } = await world.ask('POST', '/complaints', 'agent', { ...asked, proof: '录音 20261123-17' })
    expect([status, body.proof]).toEqual([201, '录音 20261123-17'])
    expect((await world.ask('POST', `/complaints/${body.no}/answer`, 'agent', { words: 'x' })).body.code).toBe('maker_is_checker')
    expect((await world.ask('POST', '/complaints', 'agent', { ...asked, proof: 'R-1', onBehalfOf: '102290058120002' })).status).toBe(404)
  })
})

describe('channels', () => {
  const filing = (tid: string) => ({ kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: at('2026-11-27T15:00'), submit: true }) as const

  test('a case that came another way carries its proof, and a scan where the policy asks for one', async () => {
    const world = await tellingWorld(server.url, { now: '2026-11-23T10:00', policy: { channelMaterials: { fax: ['application_letter'] }, materials: [], materialsAtSubmission: 'may_follow' } })
    ends.push(world.close)
    const file = async (tid: string, more: object, actor = people.agent) => acts.file(world, actor, { ...filing(tid), ...more })
    expect((await file('10000001', { channel: 'phone' }, people.owner)).refusal?.refused).toBe('channel_not_yours')
    expect((await file('10000001', { channel: 'phone' })).refusal?.refused).toBe('consent_required')
    expect((await file('10000001', { channel: 'phone', proof: '17', proofKind: 'parcel' })).refusal?.refused).toBe('proof_kind_wrong')
    expect((await file('10000001', { channel: 'phone', proof: '录音 17' })).after?.dossier.case?.case).toMatchObject({ channel: 'phone', proofKind: 'recording', state: 'submitted' })
    const faxed = await file('10000002', { channel: 'fax', proof: '传真 8' })
    const { no } = faxed.after!.dossier.case!.case
    expect((await acts.command(world, people.reviewer, no, { command: 'approve' })).refusal).toMatchObject({ refused: 'materials_incomplete', fields: [{ pointer: '/materials/application_letter' }] })
    expect((await world.sql('select channel, proof_kind from application order by no'))).toEqual([{ channel: 'phone', proof_kind: 'recording' }, { channel: 'fax', proof_kind: 'fax' }])
  })
})

test('the same from the command line', async () => {
  const world = await open()
  const line = lineAt(world.httpUrl, '/nowhere')
  const as = (who: Part, ...words: string[]) => line(...words, '--key', world.keys[who], '--lang', 'en')
  const made = await as('till', 'webhooks', 'add', 'https://pos.invalid/hook', '--event', 'terminal.stopped')
  expect([made.code, made.out]).toEqual([0, expect.stringMatching(/active.*https:\/\/pos\.invalid\/hook.*terminal\.stopped[^]*whsec_/)])
  const id = /[0-9a-f-]{36}/.exec(made.out)![0]
  expect((await as('till', 'webhooks', 'test', id)).out).toMatch(/Waits to be sent \(webhook\)\./)
  await world.telling({ resolve: async () => { throw Object.assign(new Error('no'), { code: 'ENOTFOUND' }) } }).run()
  expect((await as('till', 'deliveries', 'list', '--channel', 'webhook')).out).toMatch(/a test.*waiting.*the name could not be looked up/)
  expect((await as('till', 'webhooks', 'disable', id)).out).toContain('disabled')
  expect((await as('till', 'webhooks', 'add', 'http://10.0.0.1/')).err).toContain('it leads into a private network')
  expect((await as('owner', 'contacts', 'add', 'mail', 'shop@example.com', '--about', 'letter')).out).toContain('s***@example.com')
  expect((await as('owner', 'contacts', 'list')).out).toContain('Not configured: e-mail, SMS, group robot.')
  const filed = await as('owner', 'complaints', 'file', 'complaint', 'fee', '--words', '多收一个月', '--terminal', '10000001')
  expect([filed.code, filed.out]).toEqual([0, expect.stringContaining('To be answered by 2026-11-30.')])
  const no = /[A-Z]{2}-K2026-\d{5}-\d/.exec(filed.out)![0]
  expect((await as('agent', 'complaints', 'answer', no, '--words', '已退')).out).toContain('Answered')
  expect((await as('owner', 'complaints', 'close', no, '--satisfaction', '6')).code).toBe(1)
  expect((await as('owner', 'complaints', 'close', no, '--satisfaction', '5')).out).toContain('rated 5 of 5')
  expect((await as('agent', 'complaints', 'list')).out).toMatch(/fees or deposit.*closed/)
})
