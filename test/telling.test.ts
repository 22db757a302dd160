// Telling people and machines, over real sockets: what happened is told once to everybody who wants to hear of it, by whichever
// way, with its proof or its failure; a receiver that misbehaves harms nobody but itself.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Carriers } from '../src/app/telling/carry.ts'
import { takeDue } from '../src/store/telling.ts'
import { openAdapter } from '../src/telling/adapter.ts'
import type { Parcel } from '../src/telling/carrier.ts'
import { openMail } from '../src/telling/mail.ts'
import { startReceiver, type Behaviour, type Receiver } from '../src/telling/receiver.fixtures.ts'
import { newSecret } from '../src/telling/signing.ts'
import * as acts from './acts.ts'
import { tellingWorld, type Part, type TellingWorld, type Told } from './telling-world.ts'
import { at, mid, people, startServer } from './world.ts'

let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => { server = await startServer() }, 120_000)
afterAll(() => server.stop())
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const end of ends.splice(0).toReversed()) await end() })

const monday = '2026-11-23T10:00'
const open = async (more: Omit<Parameters<typeof tellingWorld>[1], 'now'> = {}): Promise<TellingWorld> => {
  const world = await tellingWorld(server.url, { now: monday, ...more })
  ends.push(world.close)
  return world
}
const receiver = async (behave?: Behaviour): Promise<Receiver> => {
  const made = await startReceiver(behave)
  ends.push(made.close)
  return made
}
const friday = at('2026-11-27T15:00')
/** A stop of one terminal, asked for and approved. */
async function stop(world: TellingWorld, tid = '10000001'): Promise<string> {
  const filed = await acts.file(world, people.owner, { kind: 'suspend', terminals: [tid], reason: 'M02', effectiveFrom: friday, submit: true })
  const { no } = filed.after!.dossier.case!.case
  await acts.command(world, people.reviewer, no, { command: 'approve' })
  return no
}
const endpoint = async (world: TellingWorld, url: string, who: Part = 'till', events?: string[]): Promise<{ id: string; secret: string }> => {
  const made = await world.ask('POST', '/webhooks', who, { url, ...(events ? { events } : {}) })
  expect([made.status, made.text]).toEqual([201, expect.any(String)])
  return made.body
}
const deliveries = async (world: TellingWorld, who: Part = 'till', query = ''): Promise<Told['body'][]> => (await world.ask('GET', `/deliveries?limit=200${query}`, who)).body.items
const kindsOf = (got: Receiver['got']): string[] => got.map((g) => JSON.parse(g.body).type)

describe('events', () => {
  test('a stop and a return as machines hear of it: in order, numbered per terminal without gaps', async () => {
    const world = await open()
    const no = await stop(world)
    await world.moveTo('2026-11-27T15:00')
    const back = await acts.file(world, people.owner, { kind: 'reactivate', terminals: ['10000001'], submit: true })
    const backNo = back.after!.dossier.case!.case.no
    await acts.command(world, people.reviewer, backNo, { command: 'approve' })
    await acts.command(world, people.field, backNo, { command: 'record-test', items: acts.items() })
    const rows = await world.sql<{ kind: string; seq: string | null; case_no: string | null; journal_seq: string }>('select kind, seq, case_no, journal_seq from event order by journal_seq, ordinal')
    expect(rows.filter((r) => r.case_no === no).map((r) => [r.kind, r.seq])).toEqual([
      ['application.draft', null], ['application.submitted', null], ['application.approved', null], ['hold.placed', '1'], ['terminal.stop_scheduled', '2'],
      ['application.in_progress', null], ['terminal.stopped', '3'], ['application.completed', null], ['letter.issued', null],
    ].toSorted((a, b) => rows.findIndex((r) => r.kind === a[0]) - rows.findIndex((r) => r.kind === b[0])))
    expect(rows.filter((r) => r.seq !== null).map((r) => [r.kind, r.seq])).toEqual([
      ['hold.placed', '1'], ['terminal.stop_scheduled', '2'], ['terminal.stopped', '3'], ['hold.lifted', '4'], ['terminal.reopened', '5'],
    ])
    expect(rows.at(-1)!.kind).toBe('letter.issued')
    // Each stands under the journal row of its own facts.
    const [{ n }] = await world.sql<{ n: number }>('select count(*)::int as n from event e where not exists (select from journal j where j.seq = e.journal_seq)') as [{ n: number }]
    expect(n).toBe(0)
  })

  test('many at once on one terminal: no number twice, none left out', async () => {
    const world = await open()
    const reasons = ['D01', 'D02', 'D05', 'D06', 'D07', 'D08', 'D09', 'D10', 'D11', 'D12'] as const
    await Promise.all(reasons.map((reason) => acts.place(world, people.agent, '10000001', { reason, words: 'x', effectiveFrom: friday })))
    const seqs = (await world.sql<{ seq: string }>(`select seq from event where tid = '10000001' order by journal_seq, ordinal`)).map((r) => Number(r.seq))
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  test('a refusal and a trial tell nobody', async () => {
    const world = await open()
    await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'M02', effectiveFrom: friday, submit: true }, { dryRun: true })
    await acts.file(world, people.owner, { kind: 'suspend', terminals: ['10000001'], reason: 'R01' })
    expect(await world.sql('select 1 from event')).toEqual([])
  })
})

describe('webhooks', () => {
  test('an event arrives once, signed, thin, with its number; its proof is the status', async () => {
    const world = await open()
    const { url, got } = await receiver()
    const { secret } = await endpoint(world, `${url}/pos`, 'till', ['terminal.stop_scheduled', 'letter.issued'])
    await stop(world)
    const loop = world.telling()
    await loop.run()
    await loop.run()
    expect(got).toHaveLength(1)
    const [one] = got
    expect(new Webhook(secret).verify(one!.body, one!.headers as Record<string, string>)).toEqual({
      type: 'terminal.stop_scheduled', timestamp: '2026-11-23T02:00:00.000Z',
      data: { id: expect.any(String), provider: 'yunhui', mid, tid: '10000001', seq: 2, application: expect.stringMatching(/^[A-Z]{2}-/), hold: expect.any(String), reason: 'M02', effectiveFrom: '2026-11-27T07:00:00.000Z' },
    })
    const [sent] = await deliveries(world)
    expect(sent).toMatchObject({ state: 'sent', attempts: 1, proof: { status: 204 }, failure: null, about: { kind: 'event', name: 'terminal.stop_scheduled' }, tid: '10000001' })
    expect(one!.headers['webhook-id']).toBe(`msg_${sent.id}`)
    // Once more by hand: the same id, so that the receiver can tell.
    expect((await world.ask('POST', `/deliveries/${sent.id}/redeliver`, 'till', {})).status).toBe(200)
    await loop.run()
    expect(got.map((g) => g.headers['webhook-id'])).toEqual([`msg_${sent.id}`, `msg_${sent.id}`])
  })

  test('everybody hears of their own, the platform of everything, a stranger of nothing', async () => {
    const world = await open()
    const parts = ['till', 'admin', 'platform', 'stranger', 'rival'] as const
    const receivers = await Promise.all(parts.map(() => receiver()))
    for (const [i, part] of parts.entries()) await endpoint(world, receivers[i]!.url, part)
    await stop(world)
    await world.telling().run()
    const all = ['application.approved', 'application.draft', 'application.submitted', 'hold.placed', 'terminal.stop_scheduled']
    expect(receivers.map(({ got }) => kindsOf(got).toSorted())).toEqual([all, all, all, [], []])
  })

  test('a secret is shown once, told again to who repeats the request, and kept nowhere in the open; rotated, both sign for a day', async () => {
    const world = await open()
    const { url, got } = await receiver()
    const wanted = { url, name: 'till' }
    const made = await world.ask('POST', '/webhooks', 'till', wanted, { 'idempotency-key': 'once' })
    expect((await world.ask('POST', '/webhooks', 'till', wanted, { 'idempotency-key': 'once' })).text).toBe(made.text)
    const { id, secret } = made.body as { id: string; secret: string }
    const listed = await world.ask('GET', '/webhooks', 'till')
    expect(listed.body.items).toHaveLength(1)
    expect(listed.text).not.toContain(secret)
    const { secret: next } = (await world.ask('POST', `/webhooks/${id}/rotate`, 'till', {})).body
    expect(next).not.toBe(secret)
    const kept = await world.sql<{ all: string }>(`select (select json_agg(w)::text from webhook w) || (select json_agg(j)::text from journal j) || (select json_agg(i)::text from idempotency i) as all`)
    for (const one of [secret, next]) expect(kept[0]!.all).not.toContain(one.slice(6))
    const loop = world.telling()
    const verifiedBy = (g: Receiver['got'][number]): string[] => [secret, next].filter((s) => {
      try { new Webhook(s).verify(g.body, g.headers as Record<string, string>); return true } catch { return false }
    })
    await world.ask('POST', `/webhooks/${id}/test`, 'till', {})
    await loop.run()
    await world.moveTo('2026-11-24T10:01')
    await world.ask('POST', `/webhooks/${id}/test`, 'till', {})
    await loop.run()
    expect(got.map(verifiedBy)).toEqual([[secret, next], [next]])
    expect(kindsOf(got)).toEqual(['webhook.test', 'webhook.test'])
  })

  test('who may, and whose: others’ endpoints and deliveries are not there', async () => {
    const world = await open()
    const { url } = await receiver()
    const { id } = await endpoint(world, url)
    await stop(world)
    const [mine] = await deliveries(world)
    for (const who of ['stranger', 'rival', 'admin', 'platform'] as const)
      for (const [method, path] of [['GET', ''], ['POST', '/rotate'], ['POST', '/disable'], ['POST', '/test'], ['DELETE', '']] as const)
        expect([who, path, (await world.ask(method, `/webhooks/${id}${path}`, who, method === 'POST' ? {} : undefined)).status]).toEqual([who, path, 404])
    expect((await world.ask('GET', `/webhooks/${id}`, 'owner')).status).toBe(200)
    for (const who of ['staff', 'agent', 'reviewer'] as const) expect((await world.ask('GET', '/webhooks', who)).body.code).toBe('role_missing')
    for (const who of ['stranger', 'rival', 'admin'] as const) {
      expect((await world.ask('GET', `/deliveries/${mine.id}`, who)).status).toBe(404)
      expect((await world.ask('POST', `/deliveries/${mine.id}/redeliver`, who, {})).status).toBe(404)
      expect(await deliveries(world, who)).toEqual([])
    }
    for (const bad of ['http://10.0.0.1/x', 'https://[fe80::1]/', 'ftp://x.example', 'https://x.example:22/', 'nonsense'])
      expect([bad, (await world.ask('POST', '/webhooks', 'till', { url: bad })).body.code]).toEqual([bad, 'webhook_url_refused'])
  })

  test('one that fails is tried again ever more slowly, given up after three days, and disabled for all to see', async () => {
    const world = await open()
    const { url, got } = await receiver((answer) => answer.writeHead(500).end())
    const { id } = await endpoint(world, url, 'till', ['hold.placed'])
    await stop(world)
    const loop = world.telling()
    const gaps: number[] = []
    for (let last = world.clock.now(); ; ) {
      await loop.run()
      const [row] = await world.sql<{ state: string; next_at: Date }>('select state, next_at from delivery')
      if (row!.state !== 'waiting') break
      gaps.push((row!.next_at.getTime() - last) / 1_000)
      last = row!.next_at.getTime()
      world.clock.set(last - 1)
      await loop.run()
      world.clock.set(last)
    }
    expect(gaps).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
    expect(got).toHaveLength(10)
    expect(new Set(got.map((g) => g.headers['webhook-id'])).size).toBe(1)
    expect((await deliveries(world))[0]).toMatchObject({ state: 'given_up', attempts: 10, failure: { code: 'status' }, proof: { status: 500 }, sentence: expect.stringContaining('10 次') })
    const { body } = await world.ask('GET', `/webhooks/${id}`, 'till')
    expect(body).toMatchObject({ state: 'disabled', disabled: { why: 'failing' } })
    expect(await world.sql(`select 1 from journal where body like '%webhook_disabled%' and mid = $1`, [mid])).toHaveLength(1)
    // Nothing more is written down for it until somebody enables it.
    await stop(world, '10000002')
    expect(await deliveries(world)).toHaveLength(1)
    expect((await world.ask('POST', `/webhooks/${id}/test`, 'till', {})).body.code).toBe('webhook_disabled')
    expect((await world.ask('POST', `/webhooks/${id}/enable`, 'till', {})).body).toMatchObject({ state: 'active', disabled: null })
    await stop(world, '10000003')
    expect(await deliveries(world)).toHaveLength(2)
  })

  test.each<[string, Behaviour, object]>([
    ['never answers', () => {}, { state: 'waiting', failure: { code: 'timed_out' } }],
    ['hangs up', (answer) => answer.destroy(), { state: 'waiting', failure: { code: 'unreachable' } }],
    ['redirects to this machine', (answer) => answer.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), { state: 'waiting', failure: { code: 'redirect_refused' }, proof: { status: 307 } }],
    ['asks for patience', (answer) => answer.writeHead(429, { 'retry-after': '900' }).end(), { state: 'waiting', nextAt: '2026-11-23T02:15:00.000Z' }],
    ['is gone', (answer) => answer.writeHead(410).end(), { state: 'failed', failure: { code: 'endpoint_gone' } }],
    ['answers without end', (answer) => { answer.writeHead(200); const more = (): void => { while (!answer.destroyed && answer.write(Buffer.alloc(65_536))); }; answer.on('drain', more); more() }, { state: 'sent', proof: { status: 200 } }],
  ])('a receiver that %s', async (_, behave, expected) => {
    const world = await open()
    const { url } = await receiver(behave)
    const { id } = await endpoint(world, url, 'till', ['hold.placed'])
    await stop(world)
    await world.telling({ timeout_ms: 1_000 }).run()
    expect((await deliveries(world))[0]).toMatchObject(expected)
    expect((await world.ask('GET', `/webhooks/${id}`, 'till')).body.state).toBe('state' in expected && expected.state === 'failed' ? 'disabled' : 'failure' in expected || 'nextAt' in expected ? 'failing' : 'active')
  })

  test('a name that leads into this network when the socket connects is not connected to', async () => {
    const world = await open()
    const { port, got } = await receiver()
    // At creation a name is only a name; the resolver answers with this machine when the time has come.
    await endpoint(world, `http://rebind.example:${port}/`, 'till', ['hold.placed'])
    await stop(world)
    await world.telling({ allowed: { http: true }, resolve: async () => ['127.0.0.1'] }).run()
    expect(got).toEqual([])
    expect((await deliveries(world))[0]).toMatchObject({ state: 'failed', failure: { code: 'address_forbidden' } })
  })

  test('one that hangs keeps nobody else waiting', async () => {
    const world = await open()
    const [good, bad] = [await receiver(), await receiver(() => {})]
    await endpoint(world, bad.url, 'owner')
    await endpoint(world, good.url, 'till')
    await Promise.all(['10000001', '10000002', '10000003'].map((tid) => stop(world, tid)))
    const running = world.telling({ timeout_ms: 3_000 }).run()
    const begun = performance.now()
    while (good.got.length < 15 && performance.now() - begun < 2_500) await new Promise((go) => { setTimeout(go, 10) })
    expect([good.got.length, performance.now() - begun < 2_500]).toEqual([15, true])
    // At most eight are under way to one endpoint.
    expect(bad.got.length).toBeLessThanOrEqual(8)
    bad.behave((answer) => answer.writeHead(204).end())
    await running
  })

  test('two programs carry beside each other: each delivery goes once', async () => {
    const world = await open()
    const { url, got } = await receiver((answer) => { setTimeout(() => answer.writeHead(204).end(), 5) })
    await endpoint(world, url)
    for (const tid of ['10000001', '10000002', '10000003']) await stop(world, tid)
    await Promise.all([world.telling().run(), world.telling().run(), world.telling().run()])
    expect(got).toHaveLength(15)
    expect(new Set(got.map((g) => g.headers['webhook-id'])).size).toBe(15)
  })

  test('a carrier that dies holding a lease loses nothing: it goes once the lease is over, under the same id', async () => {
    const world = await open()
    const { url, got } = await receiver()
    await endpoint(world, url, 'till', ['hold.placed'])
    await stop(world)
    const take = () => world.app.db.transaction('*', (tx) => takeDue(tx, world.clock.now(), { channels: [], count_max: 10, perEndpoint_max: 8, lease_s: 60 }))
    const [dead] = await take()
    expect(dead).toMatchObject({ attempts: 1 })
    // Sent, and killed before it could be written down.
    await fetch(url, { method: 'POST', headers: { 'webhook-id': `msg_${dead!.id}` } })
    const loop = world.telling()
    await loop.run()
    expect([got.length, await take()]).toEqual([1, []])
    await world.sql(`update delivery set leased_until = clock_timestamp() - interval '1 s'`)
    await loop.run()
    expect(got.map((g) => g.headers['webhook-id'])).toEqual([`msg_${dead!.id}`, `msg_${dead!.id}`])
    expect((await deliveries(world))[0]).toMatchObject({ state: 'sent', attempts: 2 })
  })
})

describe('people', () => {
  /** A mail server that keeps what it takes. */
  async function mailServer() {
    const taken: { to: string; raw: string }[] = []
    const smtp = new SMTPServer({
      disabledCommands: ['STARTTLS'], authOptional: true,
      onRcptTo: ({ address }, _, done) => (address.startsWith('nobody') ? done(Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 })) : done()),
      onData(stream, session, done) {
        let raw = ''
        stream.on('data', (chunk: Buffer) => { raw += chunk.toString() })
        stream.on('end', () => { taken.push({ to: session.envelope.rcptTo[0]!.address, raw }); done(null, 'queued as 17') })
      },
    })
    await new Promise<void>((go) => smtp.listen(0, '127.0.0.1', go))
    ends.push(() => new Promise<void>((go) => smtp.close(go)))
    return { taken, mail: openMail({ url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`, from: 'notice@tingqi.example' }) }
  }
  const subjectOf = (raw: string): string => {
    const lines = /^Subject: ((?:.*\r\n(?:[ \t].*\r\n)*))/m.exec(raw)![1]!.replace(/\r\n[ \t]+/g, ' ').trim()
    return lines.replace(/=\?UTF-8\?([BQ])\?(.*?)\?=\s*/gi, (_, way: string, text: string) => way.toUpperCase() === 'B' ? Buffer.from(text, 'base64').toString()
      : Buffer.from(text.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/g, (__, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString())
  }

  test('mail in their language, only what they asked for, with the letter attached; the address is kept sealed', async () => {
    const { taken, mail } = await mailServer()
    const world = await open({ carriers: { mail } })
    const contact = (who: Part, body: object) => world.ask('POST', '/contacts', who, body)
    expect((await contact('owner', { channel: 'mail', address: 'no address' })).body.code).toBe('contact_address')
    expect((await contact('staff', { channel: 'mail', address: 'a@b.example' })).body.code).toBe('role_missing')
    const made = await contact('owner', { channel: 'mail', address: 'liu.yan@shop.example', language: 'en', about: ['application_decided', 'letter'] })
    expect(made).toMatchObject({ status: 201, body: { address: 'l***@shop.example', about: ['application_decided', 'letter'] } })
    await contact('admin', { channel: 'mail', address: 'desk@yunhui.example', about: ['application_submitted'] })
    const no = await stop(world)
    const loop = world.telling()
    await loop.run()
    expect(taken.map((t) => [t.to, subjectOf(t.raw)])).toEqual(expect.arrayContaining([['liu.yan@shop.example', `decision (${no})`], ['desk@yunhui.example', `申请已提交（${no}）`]]))
    expect(taken).toHaveLength(2)
    await world.moveTo('2026-11-27T15:00')
    await loop.run()
    // The letter waits for its PDF.
    expect(taken).toHaveLength(2)
    await world.sql(`insert into letter_pdf (no, provider, mid, pdf, sha256, signed_at) select no, provider, mid, '%PDF-1.7', 'ab', now() from letter`)
    await loop.run()
    expect(taken).toHaveLength(3)
    const letterNo = (await world.sql<{ no: string }>('select no from letter'))[0]!.no
    expect(taken[2]!.raw).toContain(`${letterNo}.pdf`)
    expect(taken[2]!.raw).toContain(Buffer.from('%PDF-1.7').toString('base64'))
    // Both the merchant and its provider see the proof; what went to the provider's own people the merchant does not.
    const proof = { state: 'sent', channel: 'mail', proof: { response: '250 queued as 17', messageId: expect.stringContaining('@tingqi.example>') } }
    expect(await deliveries(world, 'owner')).toMatchObject([proof, proof])
    expect(await deliveries(world, 'agent')).toHaveLength(3)
    expect(await deliveries(world, 'rival')).toEqual([])
    const [{ all }] = await world.sql<{ all: string }>(`select (select json_agg(c)::text from contact c) || (select json_agg(d)::text from delivery d) || (select json_agg(j)::text from journal j) as all`) as [{ all: string }]
    expect(all).not.toMatch(/liu\.yan|shop\.example|desk@/)
    // Its key destroyed, nobody can read the address any more, not even to send to it.
    await world.sql('update merchant set wrapped_key = null where mid = $1', [mid])
    await world.ask('POST', `/deliveries/${(await deliveries(world, 'owner'))[0].id}/redeliver`, 'owner', {})
    await loop.run()
    expect((await deliveries(world, 'owner'))[0]).toMatchObject({ state: 'failed', failure: { code: 'address_disposed' } })
    expect((await world.ask('GET', '/contacts', 'owner')).body.items[0].address).toBeNull()
  })

  test('a refused recipient stands there with the server’s words; a removed one is told no more', async () => {
    const { taken, mail } = await mailServer()
    const world = await open({ carriers: { mail } })
    const { body } = await world.ask('POST', '/contacts', 'owner', { channel: 'mail', address: 'nobody@shop.example', about: ['application_submitted'] })
    await stop(world)
    await world.telling().run()
    expect(taken).toEqual([])
    expect((await deliveries(world, 'owner'))[0]).toMatchObject({ state: 'failed', failure: { code: 'recipient_refused' }, proof: { status: 550, response: expect.stringContaining('no such user') } })
    expect((await world.ask('DELETE', `/contacts/${body.id}`, 'stranger')).status).toBe(404)
    expect((await world.ask('DELETE', `/contacts/${body.id}`, 'owner')).status).toBe(200)
    await stop(world, '10000002')
    expect(await deliveries(world, 'owner')).toHaveLength(1)
  })

  test('where nothing is configured nothing is sent, which is said; after three days it is given up', async () => {
    const world = await open()
    expect((await world.ask('GET', '/contacts', 'owner')).body).toEqual({ items: [], carriers: { mail: false, sms: false, robot: false, print: true } })
    await world.ask('POST', '/contacts', 'owner', { channel: 'sms', address: '13812341234', about: ['application_submitted'] })
    await stop(world)
    await world.telling().run()
    expect(await deliveries(world, 'owner')).toMatchObject([{ state: 'waiting', attempts: 0, failure: { code: 'not_configured' }, nextAt: null }])
    await world.moveTo('2026-11-26T10:01')
    await world.telling().run()
    const [given] = await deliveries(world, 'owner')
    expect(given).toMatchObject({ state: 'given_up', failure: { code: 'not_configured' }, allowed: { redeliver: 'carrier_missing' } })
    expect((await world.ask('POST', `/deliveries/${given.id}/redeliver`, 'owner', {})).body.code).toBe('carrier_missing')
  })

  test('SMS to the telephone in the register, where the policy says so and nobody else was named, by the signed adapter', async () => {
    const gateway = await receiver((answer) => answer.writeHead(200).end('{"receipt":"SMS-8817"}'))
    const secret = newSecret()
    const carriers: Carriers = { sms: openAdapter('sms', { url: gateway.url, secret }) }
    const world = await open({ carriers, policy: { telling: { registeredPhone: ['application_submitted'] } } })
    const key = world.app.vault.openKey((await world.sql<{ k: Buffer }>('select wrapped_key as k from merchant where mid = $1', [mid]))[0]!.k, mid)!
    await world.sql('update merchant set phone_sealed = $2 where mid = $1', [mid, key.seal('13812341234', `merchant.phone:${mid}`)])
    const no = await stop(world)
    await world.telling().run()
    expect(gateway.got).toHaveLength(1)
    const [asked] = gateway.got
    expect(new Webhook(secret).verify(asked!.body, asked!.headers as Record<string, string>)).toEqual({
      id: expect.any(String), channel: 'sms', to: '13812341234', language: 'zh', about: 'application_submitted', text: expect.stringContaining(`申请 ${no} 已提交。`),
    })
    expect((await deliveries(world, 'owner'))[0]).toMatchObject({ state: 'sent', contact: null, proof: { status: 200, receipt: 'SMS-8817' } })
    await world.ask('POST', '/contacts', 'owner', { channel: 'print', address: '上海市南京西路 1 号' })
    await stop(world, '10000002')
    await world.telling().run()
    expect(gateway.got).toHaveLength(1)
    // What is printed waits for a person, and the number of the parcel is its proof.
    const [paper] = await deliveries(world, 'agent', '&channel=print')
    expect(paper).toMatchObject({ state: 'waiting', allowed: { 'confirm-print': true } })
    expect((await world.ask('POST', `/deliveries/${paper.id}/confirm-print`, 'owner', { reference: 'EMS 1' })).body.code).toBe('role_missing')
    expect((await world.ask('POST', `/deliveries/${paper.id}/confirm-print`, 'agent', { reference: 'EMS 1098' })).body).toMatchObject({ state: 'sent', proof: { reference: 'EMS 1098' } })
    expect((await world.ask('POST', `/deliveries/${paper.id}/confirm-print`, 'agent', { reference: 'EMS 1098' })).body.code).toBe('delivery_not_printed')
  })

  test('a gateway that refuses for good is not asked again, one that is busy is', async () => {
    const gateway = await receiver((answer) => answer.writeHead(422).end())
    const robot = openAdapter('robot', { url: gateway.url, secret: newSecret() })
    const parcel: Parcel = { id: 'x', to: '值班群', subject: '', text: 'x', language: 'zh', about: 'stopped' }
    expect(await robot.carry(parcel)).toMatchObject({ sent: false, failure: 'status', isFinal: true, proof: { status: 422 } })
    gateway.behave((answer) => answer.writeHead(503, { 'retry-after': '30' }).end())
    expect(await robot.carry(parcel)).toMatchObject({ sent: false, isFinal: false, retryAfter_s: 30 })
  })
})
