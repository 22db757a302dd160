// A hostile receiver over real sockets: whatever it does, one POST ends within its deadline and tells what happened.
import { createServer as createTlsServer } from 'node:https'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answer_bytes_max, post, type PostOptions, type Posted } from './post.ts'
import { startReceiver, type Behaviour } from './receiver.fixtures.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const end of ends.splice(0)) await end() })

const receiver = async (behave?: Behaviour) => {
  const made = await startReceiver(behave)
  ends.push(made.close)
  return made
}
const send = (url: string, options: Partial<PostOptions> = {}): Promise<Posted> =>
  post(url, { headers: { 'x-test': '1' }, body: '{"a":1}', allowed: { loopback: true, http: true }, timeout_ms: 400, ...options })

test('one that takes it', async () => {
  const { url, got } = await receiver((answer) => answer.writeHead(200).end('{"receipt":"17"}'))
  expect(await send(`${url}/hook?x=1`)).toMatchObject({ answered: true, status: 200, body: '{"receipt":"17"}' })
  expect(got).toMatchObject([{ path: '/hook?x=1', body: '{"a":1}', headers: { 'x-test': '1', 'content-type': 'application/json; charset=utf-8' } }])
})

test('one that fails, and says when to come again', async () => {
  const { url } = await receiver((answer) => answer.writeHead(503, { 'retry-after': '120' }).end())
  expect(await send(url)).toMatchObject({ answered: true, status: 503, retryAfter_s: 120 })
})

test('one that redirects to this machine is not followed', async () => {
  const inner = await receiver()
  const outer = await receiver((answer) => answer.writeHead(302, { location: `${inner.url}/admin` }).end())
  expect(await send(outer.url)).toMatchObject({ answered: true, status: 302 })
  expect(inner.got).toEqual([])
})

test('one that never answers', async () => {
  const { url, got } = await receiver(() => {})
  const told = await send(url)
  expect(told).toMatchObject({ answered: false, failure: 'timed_out' })
  expect(told.took_ms).toBeLessThan(2_000)
  expect(got).toHaveLength(1)
})

test('one that takes the line and says nothing at all', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(async () => { server.close() })
  expect(await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).toMatchObject({ answered: false, failure: 'timed_out' })
})

test('one that trickles its answer for ever runs out of time like one that says nothing', async () => {
  const { url } = await receiver((answer) => {
    answer.writeHead(200)
    const timer = setInterval(() => answer.write('x'), 20)
    answer.on('close', () => clearInterval(timer))
  })
  const told = await send(url)
  expect(told.took_ms).toBeLessThan(2_000)
  expect(told).toMatchObject({ answered: false, failure: 'timed_out' })
})

test('one with an endless body is read only so far', async () => {
  let sent = 0
  const { url } = await receiver((answer) => {
    answer.writeHead(200)
    const more = (): void => { while (!answer.destroyed && answer.write(Buffer.alloc(65_536))) sent += 65_536 }
    answer.on('drain', more)
    more()
  })
  const told = await send(url, { timeout_ms: 3_000 })
  expect(told).toMatchObject({ answered: true, status: 200 })
  expect(told.answered && told.body.length).toBe(answer_bytes_max)
  expect(sent).toBeLessThan(64 * 1_048_576)
})

test('one with endless headers', async () => {
  const server = createServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const timer = setInterval(() => socket.write(`x-${Math.random()}: ${'y'.repeat(4_000)}\r\n`), 5)
    socket.on('close', () => clearInterval(timer)).on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(async () => { server.close() })
  const told = await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { timeout_ms: 3_000 })
  expect(told).toMatchObject({ answered: false, failure: 'unreachable', detail: 'HPE_HEADER_OVERFLOW' })
})

test('one that hangs up', async () => {
  const { url } = await receiver((answer) => answer.destroy())
  expect(await send(url)).toMatchObject({ answered: false, failure: 'unreachable' })
})

test('nobody there', async () => {
  const { url, close } = await startReceiver()
  await close()
  expect(await send(url)).toMatchObject({ answered: false, failure: 'unreachable', detail: 'ECONNREFUSED' })
})

test('an address of this machine is not connected to without the allowance', async () => {
  const { url, port, got } = await receiver()
  const closed = { allowed: { http: true } }
  for (const forbidden of [url, `http://[::1]:${port}`, `http://[::ffff:127.0.0.1]:${port}`, `http://0x7f000001:${port}`, `http://localhost:${port}`])
    expect([forbidden, await send(forbidden, closed)]).toMatchObject([forbidden, { answered: false, failure: 'address_forbidden' }])
  expect(got).toEqual([])
})

test('a name that changes its mind (DNS rebinding) is judged by the address the socket gets', async () => {
  const { port, got } = await receiver()
  const answers = [['93.184.216.34'], ['127.0.0.1']]
  const asked: string[] = []
  // Judged once at creation as public; when the socket connects it says this machine.
  const resolve = async (host: string): Promise<string[]> => { asked.push(host); return answers[Math.min(asked.length, answers.length - 1)]! }
  expect(await send(`http://rebind.example:${port}/`, { allowed: { http: true }, resolve })).toMatchObject({ answered: false, failure: 'address_forbidden', detail: 'ADDRESS_FORBIDDEN' })
  expect([asked, got]).toEqual([['rebind.example'], []])
  // Looked up once and only once for a connection: there is no second look-up that could say something else.
  expect(await send(`http://honest.example:${port}/`, { allowed: { http: true, loopback: true }, resolve: async (h) => { asked.push(h); return ['127.0.0.1'] } })).toMatchObject({ answered: true, status: 204 })
  expect(asked).toEqual(['rebind.example', 'honest.example'])
  expect(got[0]!.headers.host).toBe(`honest.example:${port}`)
})

test('a name nobody has', async () => {
  const resolve = async (): Promise<string[]> => { throw Object.assign(new Error('no'), { code: 'ENOTFOUND' }) }
  expect(await send('http://nowhere.example:8080/', { resolve })).toMatchObject({ answered: false, failure: 'name_unknown' })
})

test('TLS with a certificate nobody trusts', async () => {
  const { createSigningIdentity } = await import('../documents/sign.ts')
  const made = await createSigningIdentity('receiver', new Date(Date.now() - 86_400_000))
  const server = createTlsServer({ key: made.privateKeyPem, cert: made.certificatePem }, (_, answer) => answer.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(async () => { server.closeAllConnections(); server.close() })
  expect(await send(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, { timeout_ms: 3_000 })).toMatchObject({ answered: false, failure: 'tls_failed' })
})
