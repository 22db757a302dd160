// What a terminal sees on a real socket, from sign-on to settlement: the gate's own word on stopped, unknown and reopened
// terminals, the answering host's on the rest, and every way bytes can arrive.
import { afterEach, expect, test } from 'vitest'
import { clientOf, type Client } from '../src/gate/front/client.fixtures.ts'
import { entryOf, handDoor, mid, type HandDoor } from '../src/gate/front/door.fixtures.ts'
import type { FrontOptions } from '../src/gate/front/start.ts'
import { startFront } from '../src/gate/front/start.ts'
import { balancedIn, heard, isAnswerMacRight, keysIn, requestFrame, test_card } from '../src/gate/front/terminal.ts'
import type { Observation } from '../src/gate/observation.ts'

const open = '10000001'
const shut = '10000002'
const testing = '10000003'
const closed = '10000004'
const reopened = '10000005'
const unknown = '99999999'

const ends: (() => unknown)[] = []
afterEach(async () => { for (const end of ends.splice(0).toReversed()) await end() })

async function start(options: Partial<FrontOptions> = {}): Promise<{ door: HandDoor; port: number; client: Client; another(): Promise<Client>; master(tid: string): Buffer }> {
  const door = handDoor()
  const front = await startFront(door, { port: 0, secret: 's'.repeat(40), ...options })
  ends.push(front.close)
  const another = async (): Promise<Client> => {
    const client = await clientOf(front.port)
    ends.push(client.close)
    return client
  }
  return { door, port: front.port, client: await another(), another, master: (tid) => front.desk.keys!.master(tid) }
}
const seenOf = <K extends Observation['kind']>(door: HandDoor, kind: K): Extract<Observation, { kind: K }>[] =>
  door.seen.filter((o): o is Extract<Observation, { kind: K }> => o.kind === kind)

test('the gate says no in field 39, why in field 63, and asks for a sign-on in the header', async () => {
  const { client } = await start()
  const stopped = await client.ask('sale', { tid: shut })
  expect([stopped.mti, stopped.code]).toEqual(['0210', '58'])
  expect(stopped.sentence).toBe('已停机，不能收款（58）。店主申请停机：装修。预计 12月27日 12:00 测试后恢复。可以办理冲正、批结算。办件 TQ-261127-00042-7。客服 400-800-0000。')
  expect((await client.ask('sale', { tid: unknown })).code).toBe('97')
  expect((await client.ask('sale', { tid: closed })).code).toBe('97')
  expect((await client.ask('sale', { tid: open, mid: '102290058120002' })).code).toBe('97')
  const back = await client.ask('sale', { tid: reopened })
  expect([back.code, back.command, back.sentence]).toEqual(['77', 3, '请先签到（77）。客服 400-800-0000。'])
})

test('reversal and settlement are taken from a stopped terminal', async () => {
  const { client, door } = await start()
  expect(await client.ask('reversal', { tid: shut })).toMatchObject({ mti: '0410', code: '00' })
  const settled = await client.ask('settle', { tid: shut, totals: { debitFen: 30_000, debits: 2, creditFen: 10_000, credits: 1 } })
  expect([settled.mti, settled.code, balancedIn(settled)]).toEqual(['0510', '00', false])
  expect(seenOf(door, 'settled')).toEqual([])
  expect((await client.ask('upload-end', { tid: shut })).code).toBe('00')
  expect(seenOf(door, 'settled')).toMatchObject([{ tid: shut, batch: '000001', balanced: false }])
})

test('after a reopening: 77, sign-on, then sales again', async () => {
  const { client, door, master } = await start()
  expect((await client.ask('sale', { tid: reopened })).code).toBe('77')
  const hello = await client.ask('echo', { tid: reopened })
  expect([hello.code, hello.command]).toEqual(['00', 3])
  const signedOn = await client.ask('sign-on', { tid: reopened, batch: 7 })
  expect([signedOn.mti, signedOn.code, signedOn.batch]).toEqual(['0810', '00', 7])
  expect((await client.ask('echo', { tid: reopened })).command).toBe(0)
  const keys = keysIn(signedOn, master(reopened))!
  const sold = await client.ask('sale', { tid: reopened, batch: 7, mac: keys.macKey, card: test_card })
  expect(sold.code).toBe('00')
  expect(isAnswerMacRight(keys.macKey, client.frames.at(-1)!)).toBe(true)
  expect(seenOf(door, 'signed_on')).toMatchObject([{ tid: reopened }])
  expect(seenOf(door, 'transaction')).toMatchObject([
    { tid: reopened, class: 'sale', amountFen: 58_800, batch: '000007', cardMasked: '621234******0001', status: 'approved', reference: sold.fields[37] },
  ])
})

test('a wrong MAC is A0; without one nothing moves where one is demanded', async () => {
  const { client, master } = await start({ mac: 'demanded' })
  expect((await client.ask('sale')).code).toBe('A0')
  const keys = keysIn(await client.ask('sign-on'), master(open))!
  expect((await client.ask('sale', { mac: keys.macKey })).code).toBe('00')
  const frame = requestFrame('sale', { tid: open, mid, batch: 1, trace: 900_001, amountFen: 100, mac: keys.macKey })
  frame[30]! ^= 1
  client.send(frame)
  expect(heard((await client.hear(4))[3]!)!.code).toBe('A0')
  expect(keysIn(await client.ask('sign-on'), master(shut))).toBeUndefined()
})

test('under test a sale is the test sale, and only that is taken', async () => {
  const { client, door } = await start()
  expect((await client.ask('sale', { tid: testing })).code).toBe('00')
  expect((await client.ask('refund', { tid: testing })).code).toBe('58')
  expect(seenOf(door, 'transaction')).toMatchObject([{ class: 'test_sale', tid: testing }])
})

test('serial number and position are compared with the register', async () => {
  const { client } = await start()
  const here = { latitude: 30.621, longitude: 114.362, from: 'BD' }
  expect((await client.ask('sale', { device: { serial: `00001204${open}`, position: here } })).code).toBe('00')
  const other = await client.ask('sale', { device: { serial: '0000120499999999', position: here } })
  expect([other.code, other.sentence]).toEqual(['58', '机具序列号与登记不符（58）。客服 400-800-0000。'])
  expect((await client.ask('sale', { device: { position: { ...here, latitude: 31 } } })).code).toBe('58')
})

test('a stop comes between two sales and is obeyed at once', async () => {
  const { client, door } = await start()
  expect((await client.ask('sale')).code).toBe('00')
  door.snapshot.apply({ kind: 'upsert', epoch: 1, seq: 2, entry: entryOf(open, 'shut', 2) })
  expect((await client.ask('sale')).code).toBe('58')
})

test('a frame cut at every byte is one frame', async () => {
  const { client, another } = await start()
  const frame = requestFrame('sale', { tid: shut, mid, batch: 1, trace: 1, amountFen: 100 })
  for (let at = 1; at < frame.length; at++) {
    client.send(frame.subarray(0, at))
    // A later turn of the loop: segments of their own.
    await new Promise((resolve) => setTimeout(resolve, 1))
    client.send(frame.subarray(at))
  }
  const answers = await client.hear(frame.length - 1)
  expect(new Set(answers.map((answer) => heard(answer)!.code))).toEqual(new Set(['58']))
  const dripping = await another()
  for (const byte of frame) {
    dripping.send(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(heard((await dripping.hear(1))[0]!)!.code).toBe('58')
})

test('a thousand frames in one write get a thousand answers, each its own', async () => {
  const { client, door } = await start()
  const frames = Array.from({ length: 1_000 }, (_, i) => requestFrame('sale', { tid: i % 3 === 0 ? shut : open, mid, batch: 1, trace: i + 1, amountFen: 100 + i }))
  client.send(Buffer.concat(frames))
  const answers = (await client.hear(1_000)).map((frame) => heard(frame)!)
  expect(answers.map((a) => Number(a.fields[11]))).toEqual(frames.map((_, i) => i + 1))
  expect(answers.every((a, i) => a.code === (i % 3 === 0 ? '58' : '00') && Number(a.fields[4]) === 100 + i)).toBe(true)
  expect(seenOf(door, 'transaction')).toHaveLength(666)
})

test('one peer is hostile, the other never notices', async () => {
  const { another, port } = await start({ bounds: { frame_ms_max: 80, idle_ms: 5_000, unread_ms_max: 150 } })
  const good = await another()
  const works = async (): Promise<void> => { expect((await good.ask('sale')).code).toBe('00') }
  await works()
  const attacks: Record<string, Buffer> = {
    http: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    oversized: Buffer.from([0xff, 0xff, 0x60]),
    noise: Buffer.from(Array.from({ length: 4_000 }, (_, i) => (i * 7_919) % 251)),
    'an answer': requestFrame('sale', { tid: open, mid, batch: 1, trace: 1 }).map((byte, i) => (i === 14 ? 0x10 : byte)) as Buffer,
    'half a frame': Buffer.from([0, 80, 0x60, 0, 3]),
  }
  for (const [name, bytes] of Object.entries(attacks)) {
    const hostile = await another()
    hostile.send(bytes)
    expect(await hostile.ended(), name).toBe(true)
    await works()
  }
  // One that asks and asks and never reads.
  const deaf = await another()
  deaf.socket.pause()
  const flood = Buffer.concat(Array.from({ length: 400 }, (_, i) => requestFrame('sale', { tid: shut, mid, batch: 1, trace: i + 1 })))
  const due = performance.now() + 10_000
  while (!deaf.socket.destroyed && performance.now() < due) {
    deaf.socket.write(flood)
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (deaf.socket.writableLength > 50e6) break
    await works()
  }
  await works()
  deaf.socket.resume()
  expect(await deaf.ended()).toBe(true)
  expect((await (await clientOf(port)).ask('sale')).code).toBe('00')
})

test('malformed messages are answered 30 as long as they are few', async () => {
  const { client, another } = await start()
  const frame = requestFrame('sale', { tid: open, mid, batch: 1, trace: 1, amountFen: 100 })
  const broken = Buffer.from(frame)
  // Field 60, the last, says that it is longer than the message.
  broken[broken.length - 8] = 0x99
  client.send(broken)
  expect(heard((await client.hear(1))[0]!)!.code).toBe('30')
  expect((await client.ask('sale')).code).toBe('00')
  const stubborn = await another()
  stubborn.send(Buffer.concat(Array.from({ length: 40 }, () => broken)))
  expect(await stubborn.ended()).toBe(true)
  expect(stubborn.frames.length).toBeLessThan(20)
})

test('what no terminal may ask is answered 40', async () => {
  const { client } = await start()
  const frame = requestFrame('sale', { tid: open, mid, batch: 1, trace: 1, amountFen: 100 })
  // A sale that calls itself a pre-authorisation.
  frame[frame.length - 7] = 0x10
  client.send(frame)
  expect(heard((await client.hear(1))[0]!)!.code).toBe('40')
})

test('so many connections from one address and no more', async () => {
  const { another, port } = await start({ bounds: { connections_per_address_max: 3 } })
  await another()
  const last = await another()
  const refused = await clientOf(port)
  expect(await refused.ended()).toBe(true)
  last.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await (await another()).ask('sale')).code).toBe('00')
})

test('a front that closes answers what it was asked, and nobody new', async () => {
  const door = handDoor()
  const front = await startFront(door, { port: 0, secret: 's'.repeat(40) })
  const client = await clientOf(front.port)
  client.send(Buffer.concat(Array.from({ length: 200 }, (_, i) => requestFrame('sale', { tid: open, mid, batch: 1, trace: i + 1, amountFen: 100 }))))
  const over = front.close()
  await client.hear(200)
  await over
  expect(await client.ended()).toBe(true)
  await expect(clientOf(front.port)).rejects.toThrow()
})

test('a peer that never pauses is not waited for, and every sale that was booked was answered', async () => {
  const door = handDoor()
  const front = await startFront(door, { port: 0, secret: 's'.repeat(40), bounds: { drain_ms_max: 600 } })
  const client = await clientOf(front.port)
  let trace = 0
  const sending = setInterval(() => client.send(requestFrame('sale', { tid: open, mid, batch: 1, trace: ++trace, amountFen: 100 })), 1)
  await client.hear(20)
  await front.close()
  clearInterval(sending)
  expect(await client.ended()).toBe(true)
  expect(client.frames.length).toBe(seenOf(door, 'transaction').length)
})

test('a door that takes nothing new takes no connection', async () => {
  const { door, another, client } = await start()
  door.isOpen = false
  expect(await (await another()).ended()).toBe(true)
  expect((await client.ask('sale')).code).toBe('00')
})
