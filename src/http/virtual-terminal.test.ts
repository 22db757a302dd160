// The virtual terminal's line over a real WebSocket: who may open one, whose frames may pass, and the whole way of a terminal
// that comes back from a stop – 77, sign-on with keys, a sale with its MAC.
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { alone, key } from '../../test/http-alone.ts'
import { handDoor, mid, type HandDoor } from '../gate/front/door.fixtures.ts'
import { openLines } from '../gate/front/lines.ts'
import {
  heard,
  isAnswerMacRight,
  keysIn,
  requestFrame,
  type Ask,
  type Heard,
  type Said,
} from '../gate/front/terminal.ts'

const secret = 'x'.repeat(40)
const theirs = '10000007'
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function serve(door: HandDoor = handDoor(), upstream?: { host: string; port: number }) {
  const lines = openLines(door, { secret, upstream })
  const one = async (_: unknown, tid: string) => (tid !== theirs && door.entry(tid) ? ({ tid } as never) : undefined)
  const http = await alone({ terminals: { one }, lines })
  await http.listen({ port: 0, host: '127.0.0.1' })
  ends.push(lines.close, () => http.close())
  return { door, http, port: (http.server.address() as AddressInfo).port }
}

type Open = {
  ask(ask: Ask, said?: Partial<Said>): Promise<Heard>
  socket: WebSocket
  frames: Buffer[]
  closed: Promise<number>
}
/** What a browser cannot do: say headers of its own. */
const dial = (port: number, tid: string, headers: Record<string, string>): WebSocket =>
  new (WebSocket as unknown as new (url: string, options: object) => WebSocket)(
    `ws://127.0.0.1:${port}/api/v1/terminals/${tid}/line`,
    { headers },
  )

async function open(
  port: number,
  tid = '10000001',
  headers: Record<string, string> = { authorization: `Bearer ${key}` },
): Promise<Open> {
  const socket = dial(port, tid, headers)
  socket.binaryType = 'arraybuffer'
  const frames: Buffer[] = []
  let next: ((frame: Buffer) => void) | undefined
  socket.onmessage = ({ data }) => {
    frames.push(Buffer.from(data as ArrayBuffer))
    next?.(frames.at(-1)!)
  }
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code)
  })
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new Error('not opened'))
  })
  let trace = 0
  return {
    socket,
    frames,
    closed,
    async ask(ask, said = {}) {
      const answer = new Promise<Buffer>((resolve) => {
        next = resolve
      })
      socket.send(new Uint8Array(requestFrame(ask, { tid, mid, batch: 1, trace: ++trace, amountFen: 100, ...said })))
      return heard(await answer)!
    },
  }
}
const get = (
  port: number,
  path: string,
  headers: Record<string, string> = { authorization: `Bearer ${key}` },
): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { headers })

test('back from a stop: 77, sign-on with keys, a sale with its MAC', async () => {
  const { port, door } = await serve()
  const tid = '10000005'
  const line = await open(port, tid)
  expect((await line.ask('sale')).code).toBe('77')
  const signedOn = await line.ask('sign-on')
  expect(signedOn.code).toBe('00')
  const told = (await (await get(port, `/api/v1/terminals/${tid}/line-key`)).json()) as { key: string }
  const keys = keysIn(signedOn, Buffer.from(told.key, 'hex'))!
  const sold = await line.ask('sale', { mac: keys.macKey, batch: signedOn.batch })
  expect(sold.code).toBe('00')
  expect(isAnswerMacRight(keys.macKey, line.frames.at(-1)!)).toBe(true)
  expect((await line.ask('sale', { mac: keys.macKey, batch: signedOn.batch + 1 })).code).toBe('A0')
  expect(door.seen.map((o) => o.kind)).toEqual(['signed_on', 'transaction'])
})

test('a stopped terminal reads why, and its own word that it stopped is the word of a person', async () => {
  const { port, door } = await serve()
  const line = await open(port, '10000002')
  const declined = await line.ask('sale')
  expect([declined.code, declined.sentence]).toEqual([
    '58',
    expect.stringMatching(/已停机.*装修.*12月27日.*400-800-0000/),
  ])
  expect((await line.ask('status', { word: 'stopped' })).code).toBe('00')
  expect(door.seen).toContainEqual(
    expect.objectContaining({ kind: 'device_said', said: 'stopped', by: 'confirmation' }),
  )
})

test('on the line of one terminal there are no others', async () => {
  const { port, door } = await serve()
  const line = await open(port, '10000001')
  expect((await line.ask('sale', { tid: '10000003' })).code).toBe('97')
  expect(door.seen).toEqual([])
})

test('nobody opens a line without a key, and what is not theirs is not there', async () => {
  const { port } = await serve()
  await expect(open(port, '10000001', {})).rejects.toThrow()
  await expect(open(port, theirs)).rejects.toThrow()
  const path = (tid: string): string => `/api/v1/terminals/${tid}/line`
  const upgrade = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const ask = (tid: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      request(
        { port, host: '127.0.0.1', path: path(tid), agent: false, headers: { ...upgrade, ...headers } },
        (told) => {
          told.resume()
          resolve(told.statusCode!)
        },
      )
        .on('upgrade', (_, socket) => {
          socket.destroy()
          resolve(101)
        })
        .on('error', reject)
        .end()
    })
  const authorization = `Bearer ${key}`
  expect(await ask('10000001', { authorization })).toBe(101)
  expect(await ask('10000001', {})).toBe(401)
  expect(await ask(theirs, { authorization })).toBe(404)
  expect(await ask('19999999', { authorization })).toBe(404)
  // A page of another site, for which the browser sends our cookie along.
  expect(await ask('10000001', { cookie: 'tingqi.session_token=x', origin: 'https://elsewhere.example' })).toBe(401)
  expect((await get(port, `/api/v1/terminals/${theirs}/line-key`)).status).toBe(404)
  expect((await get(port, path('10000001'))).status).toBe(404)
})

test("in front of a host the keys are the host's", async () => {
  const { port } = await serve(handDoor(), { host: '127.0.0.1', port: 1 })
  const told = await get(port, '/api/v1/terminals/10000001/line-key')
  expect([told.status, ((await told.json()) as { code: string }).code]).toEqual([409, 'key_of_host'])
})

test('nonsense ends the line, and only that one', async () => {
  const { port } = await serve()
  const [hostile, other] = [await open(port), await open(port)]
  hostile.socket.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
  expect(await hostile.closed).toBe(1007)
  const words = await open(port)
  words.socket.send('words')
  expect(await words.closed).toBe(1003)
  const long = await open(port)
  long.socket.send(Buffer.alloc(70_000))
  expect([1006, 1009]).toContain(await long.closed)
  expect((await other.ask('sale')).code).toBe('00')
})
