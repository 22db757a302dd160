// In front of a host, over real sockets on both sides: a host that answers, one that is slow, dead, half-open, late, answers
// out of order, talks garbage or hangs up.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Observation } from '../observation.ts'
import { createAnswers } from '../iso8583/answer.ts'
import { createSplitter, messageStart } from '../iso8583/frame.ts'
import { locate, newLocated } from '../iso8583/located.ts'
import { encodeField } from '../iso8583/message.ts'
import { F, unionpay } from '../iso8583/spec-unionpay.ts'
import type { FrontBounds } from './bounds.ts'
import { clientOf, type Client } from './client.fixtures.ts'
import { handDoor, mid, type HandDoor } from './door.fixtures.ts'
import { startFront, type Front } from './start.ts'
import { heard, requestFrame, test_card, type Heard } from './terminal.ts'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).toReversed()) await end() })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (met: () => boolean, within_ms = 15_000): Promise<void> => {
  const due = performance.now() + within_ms
  while (!met()) {
    if (performance.now() > due) throw new Error('did not come about')
    await pause(2)
  }
}

type Host = { port: number; asked: { frame: Buffer; said: Heard; socket: Socket }[]; server: Server; sockets: Set<Socket>; close(): Promise<void> }
/** A host that hears everything and does with each request what it is told. */
async function hostThat(does: (host: Host, request: Host['asked'][number]) => void, port = 0): Promise<Host> {
  const server = createServer((socket) => {
    host.sockets.add(socket)
    socket.on('close', () => host.sockets.delete(socket))
    socket.on('error', () => {})
    const splitter = createSplitter()
    socket.on('data', (chunk: Buffer) => splitter.feed(chunk, (bytes, start, end) => {
      const frame = Buffer.from(bytes.subarray(start - 2, end))
      const request = { frame, said: heard(frame)!, socket }
      host.asked.push(request)
      does(host, request)
    }))
  })
  const host: Host = {
    port: 0, asked: [], server, sockets: new Set(),
    async close() {
      for (const socket of host.sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  host.port = (server.address() as { port: number }).port
  ends.push(host.close)
  return host
}
const answers = createAnswers()
const located = newLocated()
/** What a host would answer: `reference` tells the answers of this one. */
function answerTo(frame: Buffer, code = '00', reference = 700_000_000_000): Buffer {
  locate(unionpay, frame, messageStart(frame, 2, frame.length, 'recognised'), frame.length, located)
  const out = Buffer.alloc(2_048)
  const own = code === '00' ? new Map([[F.authorisation, encodeField(unionpay, F.authorisation, 'ABC123') as Buffer]]) : undefined
  return Buffer.from(out.subarray(0, answers(out, 0, frame, 2, located, { code, at: Date.UTC(2026, 10, 27), reference, own })))
}
const answering = (code = '00') => (_: Host, { frame, socket }: Host['asked'][number]): void => { socket.write(answerTo(frame, code)) }

const quick: Partial<FrontBounds> = {
  links: 2, host_answer_ms_max: 5_000, late_ms_max: 5_000, host_retry_ms: 30, host_connect_ms_max: 2_000, host_silence_ms_max: 10_000, reversal_retry_ms: 40,
  drain_ms_max: 3_000,
}
const lines: object[] = []
const note = (facts: object, message: string): void => { lines.push({ ...facts, message }) }
type Started = { door: HandDoor; front: Front; client: Client }
async function inFrontOf(port: number, bounds: Partial<FrontBounds> = {}, isUp = true): Promise<Started> {
  const door = handDoor()
  const front = await startFront(door, {
    port: 0, secret: 's'.repeat(40), upstream: { host: '127.0.0.1', port }, bounds: { ...quick, ...bounds }, log: { info: note, warn: note, error: note },
  })
  ends.push(front.close)
  const client = await clientOf(front.port)
  ends.push(client.close)
  const due = performance.now() + 2_000
  while (isUp && front.desk.linksUp() < (bounds.links ?? quick.links!) && performance.now() < due) await pause(2)
  return { door, front, client }
}
const transactions = (door: HandDoor): Extract<Observation, { kind: 'transaction' }>[] => door.seen.filter((o) => o.kind === 'transaction')
const open = '10000001'

test('what is permitted goes on to the byte and comes back to the byte; what is not never leaves', async () => {
  const host = await hostThat(answering())
  const { client, door } = await inFrontOf(host.port)
  const request = requestFrame('sale', { tid: open, mid, batch: 1, trace: 5, amountFen: 58_800, card: test_card })
  client.send(request)
  const [answer] = await client.hear(1)
  expect(host.asked[0]!.frame).toEqual(request)
  expect(answer).toEqual(answerTo(request))
  expect((await client.ask('sale', { tid: '10000002' })).code).toBe('58')
  expect((await client.ask('sale', { tid: '10000005' })).code).toBe('77')
  expect(host.asked).toHaveLength(1)
  expect(transactions(door)).toMatchObject([
    { class: 'sale', amountFen: 58_800, batch: '000001', trace: '000005', reference: '700000000000', authCode: 'ABC123', cardMasked: '621234******0001', status: 'approved' },
  ])
})

test('a host that declines is believed, and nothing is observed', async () => {
  const host = await hostThat(answering('51'))
  const { client, door } = await inFrontOf(host.port)
  expect((await client.ask('sale')).code).toBe('51')
  expect(transactions(door)).toEqual([])
})

test('sign-on, sign-off, settlement and reversals are observed when the host agreed', async () => {
  const host = await hostThat((_, { frame, said, socket }) => {
    const own = said.mti === '0500' ? said.fields[F.totals]!.replace(/^(.{30}).(.{30})./, '$11$21') : undefined
    if (own === undefined) return void socket.write(answerTo(frame))
    const totals = frame.indexOf(Buffer.from(said.fields[F.totals]!, 'hex'))
    const balanced = Buffer.from(frame)
    Buffer.from(own, 'hex').copy(balanced, totals)
    socket.write(answerTo(balanced))
  })
  const { client, door } = await inFrontOf(host.port)
  await client.ask('sign-on', { tid: '10000005' })
  expect((await client.ask('sale', { tid: '10000005', trace: 71, batch: 3 })).code).toBe('00')
  expect((await client.ask('reversal', { tid: '10000005', trace: 71, batch: 3 })).code).toBe('00')
  await client.ask('settle', { tid: '10000005', batch: 3 })
  await client.ask('sign-off', { tid: '10000005' })
  expect(door.seen).toMatchObject([
    { kind: 'signed_on', tid: '10000005' },
    { kind: 'transaction', class: 'sale', trace: '000071' },
    { kind: 'transaction', class: 'reversal', trace: '000071', reference: '700000000000', status: 'approved' },
    { kind: 'settled', batch: '000003', balanced: true },
    { kind: 'device_said', said: 'signed_off', by: 'sign_off' },
  ])
})

test('answers out of order find their askers', async () => {
  const held: Host['asked'] = []
  const host = await hostThat((_, request) => {
    held.push(request)
    if (held.length === 40) for (const [i, { frame, socket }] of held.toReversed().entries()) socket.write(answerTo(frame, '00', 1_000 + i))
  })
  const { front, client } = await inFrontOf(host.port)
  const other = await clientOf(front.port)
  for (let i = 0; i < 40; i++)
    (i % 2 === 0 ? client : other).send(requestFrame('sale', { tid: i % 2 === 0 ? open : '10000007', mid, batch: 1, trace: i + 1, amountFen: 1_000 + i }))
  const told = [...await client.hear(20), ...await other.hear(20)].map((frame) => heard(frame)!)
  for (const one of told) expect([one.code, Number(one.fields[4])]).toEqual(['00', 999 + Number(one.fields[11])])
  expect(new Set(client.frames.map((frame) => heard(frame)!.fields[41]))).toEqual(new Set([open]))
  other.close()
})

test('two terminals with one trace are two requests; the same request twice is one', async () => {
  const host = await hostThat((_, { frame, socket }) => { setTimeout(() => socket.write(answerTo(frame)), 30) })
  const { client } = await inFrontOf(host.port)
  const one = requestFrame('sale', { tid: open, mid, batch: 1, trace: 9, amountFen: 100 })
  client.send(Buffer.concat([one, requestFrame('sale', { tid: '10000007', mid, batch: 1, trace: 9, amountFen: 200 }), one]))
  const told = (await client.hear(3)).map((frame) => heard(frame)!)
  expect(told.map((one) => one.code).toSorted()).toEqual(['00', '00', '94'])
  expect(host.asked).toHaveLength(2)
})

test('no host: 91, at once, and again when it comes up', async () => {
  const host = await hostThat(answering())
  await host.close()
  const { client, front } = await inFrontOf(host.port, {}, false)
  const began = performance.now()
  expect((await client.ask('sale')).code).toBe('91')
  expect(performance.now() - began).toBeLessThan(2_000)
  const again = await hostThat(answering(), host.port)
  await until(() => again.sockets.size > 0)
  await until(() => front.desk.linksUp() > 0)
  expect((await client.ask('sale')).code).toBe('00')
})

test('a host that never answers: 98, and what it may have done is taken back', async () => {
  const host = await hostThat((_, { frame, said, socket }) => { if (said.mti === '0400') socket.write(answerTo(frame)) })
  const { client, door } = await inFrontOf(host.port, { host_answer_ms_max: 100, late_ms_max: 100 })
  expect((await client.ask('sale', { trace: 31, card: test_card })).code).toBe('98')
  await until(() => transactions(door).some((t) => t.status === 'approved'))
  const [, reversal] = host.asked
  expect(reversal!.said).toMatchObject({ mti: '0400', fields: { 11: '000031', 39: '98', 61: '0000010000311127' } })
  expect(transactions(door)).toMatchObject([{ class: 'reversal', status: 'pending' }, { class: 'reversal', status: 'approved' }])
})

test('an approval that comes too late is reversed; a refusal that comes too late is not', async () => {
  const host = await hostThat((_, { frame, said, socket }) => {
    if (said.mti === '0400') socket.write(answerTo(frame))
    else setTimeout(() => socket.write(answerTo(frame, said.fields[11] === '000041' ? '00' : '51', 888)), 200)
  })
  const { client, door } = await inFrontOf(host.port, { host_answer_ms_max: 100 })
  expect((await client.ask('sale', { trace: 41 })).code).toBe('98')
  expect((await client.ask('sale', { trace: 42 })).code).toBe('98')
  await until(() => transactions(door).some((t) => t.status === 'approved'))
  await pause(250)
  expect(host.asked.filter(({ said }) => said.mti === '0400').map(({ said }) => said.fields[11])).toEqual(['000041'])
  expect(transactions(door).at(-1)).toMatchObject({ class: 'reversal', trace: '000041', reference: '000000000888', status: 'approved' })
})

test('a reversal that the host does not answer is tried again, and then somebody is told', async () => {
  lines.length = 0
  const host = await hostThat(() => {})
  const { client, door } = await inFrontOf(host.port, { late_ms_max: 50, host_answer_ms_max: 40 })
  expect((await client.ask('sale', { trace: 51, card: test_card })).code).toBe('98')
  await until(() => lines.some((line) => 'message' in line && line.message === 'the host did not take a reversal'))
  expect(host.asked.filter(({ said }) => said.mti === '0400')).toHaveLength(3)
  expect(transactions(door)).toMatchObject([{ class: 'reversal', status: 'pending' }])
  expect(JSON.stringify([lines, door.seen])).not.toContain(test_card)
})

test('a host that hangs up: 98, the link comes back, and the reversal goes out', async () => {
  let first = true
  const host = await hostThat((_, { frame, said, socket }) => {
    if (first && said.mti === '0200') socket.destroy()
    else socket.write(answerTo(frame))
    first = false
  })
  const { client, door, front } = await inFrontOf(host.port)
  expect((await client.ask('sale', { trace: 61 })).code).toBe('98')
  await until(() => transactions(door).some((t) => t.status === 'approved' && t.class === 'reversal'))
  await until(() => front.desk.linksUp() === 2)
  expect((await client.ask('sale', { trace: 62 })).code).toBe('00')
})

test('garbage from the host tears its link down and harms nobody else', async () => {
  const host = await hostThat((_, { frame, said, socket }) => {
    if (said.fields[11] === '000001') socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
    else if (said.fields[11] === '000002') socket.write(Buffer.from([0, 20, ...new Uint8Array(20).fill(0xee)]))
    else socket.write(answerTo(frame))
  })
  const { client, front } = await inFrontOf(host.port)
  for (const trace of [1, 2]) {
    expect((await client.ask('sale', { trace })).code).toBe('98')
    await until(() => front.desk.linksUp() === 2)
    expect((await client.ask('sale', { trace: 10 + trace })).code).toBe('00')
  }
})

test('a half-open link is noticed and replaced', async () => {
  const deaf = new WeakSet<Socket>()
  const host = await hostThat((_, { frame, socket }) => { if (!deaf.has(socket)) socket.write(answerTo(frame)) })
  const { client, front } = await inFrontOf(host.port, { links: 1, host_answer_ms_max: 100, host_silence_ms_max: 150 })
  for (const socket of host.sockets) deaf.add(socket)
  expect((await client.ask('balance', { trace: 81 })).code).toBe('98')
  await until(() => [...host.sockets].some((socket) => !deaf.has(socket)))
  await until(() => front.desk.linksUp() === 1)
  expect((await client.ask('sale', { trace: 82 })).code).toBe('00')
})

test('a slow host holds up those who ask it, and a line that asks too much is not read on', async () => {
  const host = await hostThat((_, { frame, socket }) => { setTimeout(() => socket.write(answerTo(frame)), 60) })
  const { client, front } = await inFrontOf(host.port, { in_flight_per_line_max: 10 })
  const frames = Array.from({ length: 60 }, (_, i) => requestFrame('sale', { tid: open, mid, batch: 1, trace: i + 1, amountFen: 100 }))
  for (const frame of frames) {
    client.send(frame)
    await pause(1)
  }
  expect(host.asked.length).toBeLessThan(60)
  const other = await clientOf(front.port)
  expect((await other.ask('sale', { tid: '10000002' })).code).toBe('58')
  expect((await client.hear(60)).every((frame) => heard(frame)!.code === '00')).toBe(true)
  other.close()
})

test('a terminal that says no more still gets its answer', async () => {
  const host = await hostThat((_, { frame, socket }) => { setTimeout(() => socket.write(answerTo(frame)), 40) })
  const { client } = await inFrontOf(host.port)
  client.socket.end(requestFrame('sale', { tid: open, mid, batch: 1, trace: 1, amountFen: 100 }))
  expect(heard((await client.hear(1))[0]!)!.code).toBe('00')
  expect(await client.ended()).toBe(true)
})

test('a front that closes waits for the host', async () => {
  const host = await hostThat((_, { frame, socket }) => { setTimeout(() => socket.write(answerTo(frame)), 80) })
  const { client, front } = await inFrontOf(host.port)
  client.send(requestFrame('sale', { tid: open, mid, batch: 1, trace: 1, amountFen: 100 }))
  await until(() => host.asked.length === 1)
  const over = front.close()
  expect(heard((await client.hear(1))[0]!)!.code).toBe('00')
  await over
})
